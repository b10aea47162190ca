// SPDX-License-Identifier: GPL-2.0
/*
 * ksocklnd.ko: LNet over TCP. Module, parameters (chapter 01, 11.1), and interfaces
 * coming and going.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "socklnd.h"

static int sock_timeout;
module_param(sock_timeout, int, 0644);
MODULE_PARM_DESC(sock_timeout, "seconds without progress; 0: follows from LNet's timeouts");

static int credits = 256;
module_param(credits, int, 0444);
static int peer_credits = 8;
module_param(peer_credits, int, 0444);
static int peer_buffer_credits;
module_param(peer_buffer_credits, int, 0444);
static int peer_timeout = 180;
module_param(peer_timeout, int, 0444);
static int conns_per_peer;
module_param(conns_per_peer, int, 0444);
MODULE_PARM_DESC(conns_per_peer, "connections of each bulk type; 0: by the link's speed");

unsigned int ksock_min_reconnect_ms = 1000;
module_param_named(min_reconnectms, ksock_min_reconnect_ms, uint, 0644);
unsigned int ksock_max_reconnect_ms = 60000;
module_param_named(max_reconnectms, ksock_max_reconnect_ms, uint, 0644);
unsigned int ksock_min_bulk = 1024;
module_param_named(min_bulk, ksock_min_bulk, uint, 0644);
MODULE_PARM_DESC(min_bulk, "size in bytes from which a message uses a bulk connection");
unsigned int ksock_zc_min_payload = 16384;
module_param_named(zc_min_payload, ksock_zc_min_payload, uint, 0644);
MODULE_PARM_DESC(zc_min_payload, "payload from which pages are sent without a copy");
int ksock_tx_buffer_size;
module_param_named(tx_buffer_size, ksock_tx_buffer_size, int, 0644);
int ksock_rx_buffer_size;
module_param_named(rx_buffer_size, ksock_rx_buffer_size, int, 0644);
int ksock_nagle;
module_param_named(nagle, ksock_nagle, int, 0644);
int ksock_keepalive_idle = 30;
module_param_named(keepalive_idle, ksock_keepalive_idle, int, 0644);
int ksock_keepalive_count = 5;
module_param_named(keepalive_count, ksock_keepalive_count, int, 0644);
int ksock_keepalive_intvl = 5;
module_param_named(keepalive_intvl, ksock_keepalive_intvl, int, 0644);

/* Sockets in traffic; and what may wait for a peer, so that it never stands in traffic's way */
struct workqueue_struct *ksock_wq;
struct workqueue_struct *ksock_handshake_wq;

LIST_HEAD(ksock_nis);
DEFINE_SPINLOCK(ksock_nis_lock);

unsigned int ksock_timeout(void)
{
	int t = READ_ONCE(sock_timeout);

	return t > 0 ? t : lnet_lnd_timeout();
}

void ksock_ni_get(struct ksock_ni *kn)
{
	atomic_inc(&kn->objects);
}

void ksock_ni_put(struct ksock_ni *kn)
{
	if (atomic_dec_and_test(&kn->objects))
		wake_up_var(&kn->objects);
}

/* Interface with this NID in a namespace, with a reference, or NULL */
struct ksock_ni *ksock_ni_by_nid(struct net *net, lnet_nid_t nid)
{
	struct ksock_ni *kn, *found = NULL;

	spin_lock_bh(&ksock_nis_lock);
	list_for_each_entry(kn, &ksock_nis, link) {
		if (kn->ni->nid == nid && net_eq(kn->ni->netns, net)) {
			ksock_ni_get(kn);
			found = kn;
			break;
		}
	}
	spin_unlock_bh(&ksock_nis_lock);
	return found;
}

static void default_tunables(struct lnet_tunables *t)
{
	if (t->credits <= 0)
		t->credits = max(credits, 1);
	if (t->peer_credits <= 0)
		t->peer_credits = max(peer_credits, 1);
	t->peer_credits = min(t->peer_credits, t->credits);
	if (t->peer_buffer_credits < 0)
		t->peer_buffer_credits = peer_buffer_credits;
	if (t->peer_timeout < 0)
		t->peer_timeout = peer_timeout;
	if (t->conns_per_peer <= 0)
		t->conns_per_peer = conns_per_peer;
	t->conns_per_peer = min(t->conns_per_peer, KSOCK_MAX_CONNS_PER_TYPE);
}

static int ksock_startup(struct lnet_ni *ni)
{
	struct ksock_ni *kn = kzalloc(sizeof(*kn), GFP_KERNEL);
	int err;

	if (!kn)
		return -ENOMEM;
	kn->ni = ni;
	kn->incarnation = ktime_get_real_ns();
	spin_lock_init(&kn->lock);
	hash_init(kn->peers);
	atomic_set(&kn->objects, 1);
	INIT_DELAYED_WORK(&kn->tick, ksock_peer_tick);
	ni->lnd_data = kn;
	default_tunables(&ni->tunables);
	err = ksock_find_device(kn);
	if (!err)
		err = ksock_listen(kn);
	if (err) {
		kfree(kn);
		return err;
	}
	spin_lock_bh(&ksock_nis_lock);
	list_add_tail(&kn->link, &ksock_nis);
	spin_unlock_bh(&ksock_nis_lock);
	queue_delayed_work(ksock_wq, &kn->tick, HZ);
	return 0;
}

static void ksock_shutdown(struct lnet_ni *ni)
{
	struct ksock_ni *kn = ni->lnd_data;

	spin_lock_bh(&ksock_nis_lock);
	list_del(&kn->link);
	spin_unlock_bh(&ksock_nis_lock);
	spin_lock_bh(&kn->lock);
	kn->stopping = true;
	spin_unlock_bh(&kn->lock);
	ksock_unlisten(kn);
	cancel_delayed_work_sync(&kn->tick);
	ksock_peers_stop(kn);
	ksock_ni_put(kn);
	wait_var_event(&kn->objects, !atomic_read(&kn->objects));
	kfree(kn);
}

static const struct lnet_lnd ksock_lnd = {
	.type		= LNET_NET_TYPE_TCP,
	.name		= "ksocklnd",
	.owner		= THIS_MODULE,
	.startup	= ksock_startup,
	.shutdown	= ksock_shutdown,
	.send		= ksock_send,
};

static int __init ksock_init(void)
{
	int err = -ENOMEM;

	ksock_wq = alloc_workqueue("ksocklnd", WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_HIGHPRI, 0);
	if (!ksock_wq)
		return -ENOMEM;
	ksock_handshake_wq = alloc_workqueue("ksocklnd_handshake", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!ksock_handshake_wq)
		goto free_wq;
	err = ksock_tx_cache_init();
	if (err)
		goto free_handshake;
	err = ksock_netdev_init();
	if (err)
		goto free_cache;
	err = lnet_register_lnd(&ksock_lnd);
	if (!err)
		return 0;
	ksock_netdev_exit();
free_cache:
	ksock_tx_cache_exit();
free_handshake:
	destroy_workqueue(ksock_handshake_wq);
free_wq:
	destroy_workqueue(ksock_wq);
	return err;
}

static void __exit ksock_exit(void)
{
	lnet_unregister_lnd(&ksock_lnd);
	ksock_netdev_exit();
	destroy_workqueue(ksock_handshake_wq);
	destroy_workqueue(ksock_wq);
	ksock_tx_cache_exit();
}

module_init(ksock_init);
module_exit(ksock_exit);
MODULE_DESCRIPTION("LNet over TCP");
MODULE_LICENSE("GPL");
