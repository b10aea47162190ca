// SPDX-License-Identifier: GPL-2.0
/*
 * lnet.ko: loading, and the network as a whole going up and down. Interfaces are
 * in ni.c, text of parameters in config.c.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include "core.h"

DEFINE_MUTEX(lnet_config_mutex);
struct workqueue_struct *lnet_wq;
struct workqueue_struct *lnet_discovery_wq;

atomic64_t lnet_drop_count;
atomic64_t lnet_drop_bytes;
atomic64_t lnet_sent_bytes;
atomic64_t lnet_recv_bytes;
atomic64_t lnet_error_count;
atomic64_t lnet_response_timeouts;
atomic_t lnet_msgs;
atomic_t lnet_msgs_max;

/* Under lnet_config_mutex; running is also read without it */
static bool running;
static bool configured;		/* by a user: stays without users */
static unsigned int users;

bool lnet_is_up(void)
{
	return READ_ONCE(running);
}

static void network_down(void)
{
	WRITE_ONCE(running, false);
	lnet_ni_del_all();
	flush_workqueue(lnet_discovery_wq);
	lnet_md_timeouts(false);
	lnet_peers_clear();
}

static int network_up(bool load)
{
	int err;

	lnet_params_warn();
	err = lnet_ni_add(LNET_NET_LO, NULL, NULL, current->nsproxy->net_ns);
	if (err)
		return err;
	WRITE_ONCE(running, true);
	lnet_md_timeouts(true);
	if (load)
		err = lnet_config_networks(lnet_param_networks, lnet_param_ip2nets);
	if (err)
		network_down();
	return err;
}

/*
 * Bring the network up because a user says so, with the interfaces of the module
 * parameters if @load. Return: 0, also if it is up, or a negative errno.
 */
int lnet_configure(bool load)
{
	int err = 0;

	mutex_lock(&lnet_config_mutex);
	if (!running)
		err = network_up(load);
	if (!err)
		configured = true;
	mutex_unlock(&lnet_config_mutex);
	return err;
}

/* Take it down because a user says so. Return: 0, also if it is down, or -EBUSY. */
int lnet_unconfigure(void)
{
	int err = 0;

	mutex_lock(&lnet_config_mutex);
	if (users) {
		err = -EBUSY;
	} else {
		if (running)
			network_down();
		configured = false;
	}
	mutex_unlock(&lnet_config_mutex);
	return err;
}

int lnet_get(void)
{
	int err = 0;

	mutex_lock(&lnet_config_mutex);
	if (!running)
		err = network_up(true);
	if (!err)
		users++;
	mutex_unlock(&lnet_config_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(lnet_get);

void lnet_put(void)
{
	mutex_lock(&lnet_config_mutex);
	if (!WARN_ON_ONCE(!users) && !--users && !configured)
		network_down();
	mutex_unlock(&lnet_config_mutex);
}
EXPORT_SYMBOL_GPL(lnet_put);

static int __init lnet_init(void)
{
	int err = -ENOMEM;

	lnet_md_init();
	lnet_wq = alloc_workqueue("lnet", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!lnet_wq)
		return -ENOMEM;
	lnet_discovery_wq = alloc_workqueue("lnet_discovery", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!lnet_discovery_wq)
		goto free_wq;
	err = lnet_msg_cache_init();
	if (err)
		goto free_discovery;
	err = lnet_portals_init();
	if (err)
		goto free_cache;
	err = lnet_peers_init();
	if (err)
		goto free_portals;
	err = lnet_netlink_init();
	if (err)
		goto free_peers;
	lnet_debugfs_init();
	return 0;

free_peers:
	lnet_peers_exit();
free_portals:
	lnet_portals_exit();
free_cache:
	lnet_msg_cache_exit();
free_discovery:
	destroy_workqueue(lnet_discovery_wq);
free_wq:
	destroy_workqueue(lnet_wq);
	return err;
}

static void __exit lnet_exit(void)
{
	lnet_debugfs_exit();
	lnet_netlink_exit();
	lnet_unconfigure();
	lnet_portals_exit();
	destroy_workqueue(lnet_discovery_wq);
	destroy_workqueue(lnet_wq);
	rcu_barrier();
	lnet_peers_exit();
	lnet_msg_cache_exit();
}

module_init(lnet_init);
module_exit(lnet_exit);
MODULE_DESCRIPTION("LNet: messages between the nodes of a Lustre file system");
MODULE_LICENSE("GPL");
