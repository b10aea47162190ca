// SPDX-License-Identifier: GPL-2.0
/*
 * Interfaces of this node and the drivers behind them, 0@lo included. Text of
 * module parameters is read in config.c.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "core.h"

LIST_HEAD(lnet_nis);
static const struct lnet_lnd *lnds[32];
static DEFINE_MUTEX(lnd_mutex);
static atomic_t ni_seq = ATOMIC_INIT(1);

/* Version of our list of NIDs, part of ping data (chapter 01, 7.1) */
u32 lnet_ni_seq(void)
{
	return atomic_read(&ni_seq);
}

int lnet_register_lnd(const struct lnet_lnd *lnd)
{
	int err = 0;

	mutex_lock(&lnd_mutex);
	if (lnd->type >= ARRAY_SIZE(lnds))
		err = -EINVAL;
	else if (lnds[lnd->type])
		err = -EEXIST;
	else
		lnds[lnd->type] = lnd;
	mutex_unlock(&lnd_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(lnet_register_lnd);

void lnet_unregister_lnd(const struct lnet_lnd *lnd)
{
	mutex_lock(&lnd_mutex);
	lnds[lnd->type] = NULL;
	mutex_unlock(&lnd_mutex);
}
EXPORT_SYMBOL_GPL(lnet_unregister_lnd);

static const struct lnet_lnd *lnd_get(u32 type)
{
	const struct lnet_lnd *lnd = NULL;

	mutex_lock(&lnd_mutex);
	if (type < ARRAY_SIZE(lnds) && lnds[type] && try_module_get(lnds[type]->owner))
		lnd = lnds[type];
	mutex_unlock(&lnd_mutex);
	return lnd;
}

/* The driver of a kind of net, loaded if need be, with a reference to its module */
static const struct lnet_lnd *lnd_load(u32 type)
{
	const struct lnet_lnd *lnd = lnd_get(type);

	if (lnd)
		return lnd;
	if (type == LNET_NET_TYPE_TCP)
		request_module("ksocklnd");
	else if (type == LNET_NET_TYPE_O2IB)
		request_module("ko2iblnd");
	return lnd_get(type);
}

/* Take a reference to the interface with this NID, or NULL */
struct lnet_ni *lnet_ni_find(lnet_nid_t nid)
{
	struct lnet_ni *ni, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link) {
		if (ni->nid == nid && refcount_inc_not_zero(&ni->refs)) {
			found = ni;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

struct lnet_ni *lnet_ni_lo(void)
{
	return lnet_ni_find(LNET_NID_LO);
}

/*
 * Interface of ours to send from on @net: @self if that is set, else the usable one
 * with the most credits left. With a reference, or NULL.
 */
struct lnet_ni *lnet_ni_select(u32 net, lnet_nid_t self)
{
	struct lnet_ni *ni, *best = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link) {
		if (ni->net != net || (self != LNET_NID_ANY && ni->nid != self))
			continue;
		if (READ_ONCE(ni->down) && self == LNET_NID_ANY)
			continue;
		if (best && atomic_read(&ni->tx_credits) <= atomic_read(&best->tx_credits))
			continue;
		best = ni;
	}
	if (best && !refcount_inc_not_zero(&best->refs))
		best = NULL;
	rcu_read_unlock();
	return best;
}

/* Is there an interface on @net that works? */
bool lnet_net_is_up(u32 net)
{
	struct lnet_ni *ni;
	bool up = false;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		up |= ni->net == net && !READ_ONCE(ni->down);
	rcu_read_unlock();
	return up;
}

void lnet_ni_put(struct lnet_ni *ni)
{
	if (refcount_dec_and_test(&ni->refs))
		complete(&ni->unused);
}

bool lnet_nid_is_local(lnet_nid_t nid)
{
	struct lnet_ni *ni;
	bool found = false;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		found |= ni->nid == nid;
	rcu_read_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(lnet_nid_is_local);

int lnet_local_nids(lnet_nid_t *nids, int max)
{
	struct lnet_ni *ni;
	int n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		if (ni->net != LNET_NET_LO && n < max)
			nids[n++] = ni->nid;
	rcu_read_unlock();
	return n;
}
EXPORT_SYMBOL_GPL(lnet_local_nids);

int lnet_distance(lnet_nid_t nid)
{
	int dist = -EHOSTUNREACH;
	struct lnet_ni *ni;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link) {
		if (ni->nid == nid)
			dist = 0;
		else if (dist && ni->net == LNET_NID_NET(nid) && ni->net != LNET_NET_LO)
			dist = 1;
	}
	rcu_read_unlock();
	return dist;
}
EXPORT_SYMBOL_GPL(lnet_distance);

void lnet_ni_set_down(struct lnet_ni *ni, bool down)
{
	char nid[LNET_NIDSTR_SIZE];

	if (READ_ONCE(ni->down) == down)
		return;
	WRITE_ONCE(ni->down, down);
	pr_info("lnet: %s on %s is %s\n", lnet_nid_str(ni->nid, nid), ni->ifname,
		down ? "down" : "up");
}
EXPORT_SYMBOL_GPL(lnet_ni_set_down);

/* Behind the last interface of the same net, or at the end */
static void ni_insert(struct lnet_ni *new)
{
	struct lnet_ni *ni;
	struct list_head *after = lnet_nis.prev;

	list_for_each_entry(ni, &lnet_nis, link)
		if (ni->net == new->net)
			after = &ni->link;
	list_add_rcu(&new->link, after);
}

static int ni_check_new(const struct lnet_ni *new)
{
	struct lnet_ni *ni;
	int n = 0;

	list_for_each_entry(ni, &lnet_nis, link) {
		if (ni->nid == new->nid)
			return -EEXIST;
		n++;
	}
	return n < LNET_MAX_NIS ? 0 : -ENOSPC;
}

static void ni_free(struct lnet_ni *ni)
{
	module_put(ni->lnd->owner);
	if (ni->netns)
		put_net(ni->netns);
	kfree(ni);
}

/**
 * lnet_ni_add() - bring up an interface
 * @net: type << 16 | number
 * @ifname: device; NULL or "": the first usable one
 * @tun: what its user chose, or NULL
 * @netns: where the device is
 *
 * Context: lnet_config_mutex held; sleeps. Return: 0 or a negative errno:
 * -EEXIST, -ENODEV, -EADDRINUSE, -EPROTONOSUPPORT (no such driver).
 */
int lnet_ni_add(u32 net, const char *ifname, const struct lnet_tunables *tun,
		struct net *netns)
{
	char nid[LNET_NIDSTR_SIZE];
	struct lnet_ni *ni;
	int err;

	lockdep_assert_held(&lnet_config_mutex);
	ni = kzalloc(sizeof(*ni), GFP_KERNEL);
	if (!ni)
		return -ENOMEM;
	ni->lnd = net == LNET_NET_LO ? &lnet_lo_lnd : lnd_load(LNET_NET_TYPE(net));
	if (!ni->lnd) {
		kfree(ni);
		return -EPROTONOSUPPORT;
	}
	ni->net = net;
	ni->netns = get_net(netns);
	if (ifname)
		strscpy(ni->ifname, ifname, sizeof(ni->ifname));
	ni->tunables = tun ? *tun : (struct lnet_tunables) { -1, -1, -1, -1, -1 };
	refcount_set(&ni->refs, 1);
	init_completion(&ni->unused);
	ni->last_alive = jiffies;

	err = ni->lnd->startup(ni);
	if (err)
		goto free;
	err = ni_check_new(ni);
	if (err) {
		ni->lnd->shutdown(ni);
		goto free;
	}
	atomic_set(&ni->tx_credits, ni->tunables.credits);
	atomic_set(&ni->min_tx_credits, ni->tunables.credits);
	ni_insert(ni);
	if (net != LNET_NET_LO) {
		atomic_inc(&ni_seq);
		lnet_push_all();
		pr_info("lnet: added %s on %s\n", lnet_nid_str(ni->nid, nid), ni->ifname);
	}
	return 0;
free:
	ni_free(ni);
	return err;
}

static void ni_remove(struct lnet_ni *ni)
{
	char nid[LNET_NIDSTR_SIZE];

	list_del_rcu(&ni->link);
	synchronize_rcu();
	ni->lnd->shutdown(ni);
	lnet_ni_put(ni);
	wait_for_completion(&ni->unused);
	if (ni->net != LNET_NET_LO) {
		atomic_inc(&ni_seq);
		pr_info("lnet: removed %s\n", lnet_nid_str(ni->nid, nid));
	}
	ni_free(ni);
}

/* Take down a net, or only what it has on @ifname. lnet_config_mutex held. */
int lnet_ni_del(u32 net, const char *ifname)
{
	struct lnet_ni *ni, *n;
	int err = -ENOENT;

	lockdep_assert_held(&lnet_config_mutex);
	if (net == LNET_NET_LO)
		return -EINVAL;
	list_for_each_entry_safe(ni, n, &lnet_nis, link) {
		if (ni->net != net || (ifname && *ifname && strcmp(ni->ifname, ifname)))
			continue;
		ni_remove(ni);
		err = 0;
	}
	if (!err)
		lnet_push_all();
	return err;
}

void lnet_ni_del_all(void)
{
	struct lnet_ni *ni, *n;

	lockdep_assert_held(&lnet_config_mutex);
	list_for_each_entry_safe_reverse(ni, n, &lnet_nis, link)
		ni_remove(ni);
}

static void reset(struct lnet_stats *s)
{
	int i;

	for (i = 0; i < LNET_STAT_TYPES; i++) {
		atomic64_set(&s->sent[i], 0);
		atomic64_set(&s->received[i], 0);
		atomic64_set(&s->dropped[i], 0);
	}
}

void lnet_stats_reset(void)
{
	struct lnet_ni *ni;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		reset(&ni->stats);
	rcu_read_unlock();
	atomic64_set(&lnet_drop_count, 0);
	atomic64_set(&lnet_drop_bytes, 0);
	atomic64_set(&lnet_sent_bytes, 0);
	atomic64_set(&lnet_recv_bytes, 0);
	atomic64_set(&lnet_error_count, 0);
	atomic64_set(&lnet_response_timeouts, 0);
	atomic_set(&lnet_msgs_max, atomic_read(&lnet_msgs));
}
