// SPDX-License-Identifier: GPL-2.0
/*
 * Other nodes: which NIDs belong together, which of them is the primary one, and
 * their counters. How NIDs are learnt is in discovery.c.
 */
#include <linux/export.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "core.h"

DEFINE_SPINLOCK(lnet_peer_lock);
LIST_HEAD(lnet_peers);
static struct rhashtable peer_nis;

static const struct rhashtable_params peer_ni_params = {
	.key_len	= sizeof(lnet_nid_t),
	.key_offset	= offsetof(struct lnet_peer_ni, nid),
	.head_offset	= offsetof(struct lnet_peer_ni, hash),
	.automatic_shrinking = true,
};

int lnet_peers_init(void)
{
	return rhashtable_init(&peer_nis, &peer_ni_params);
}

void lnet_peers_exit(void)
{
	rhashtable_destroy(&peer_nis);
}

void lnet_peer_put(struct lnet_peer *peer)
{
	if (refcount_dec_and_test(&peer->refs))
		kfree_rcu(peer, rcu);
}

void lnet_peer_ni_put(struct lnet_peer_ni *lp)
{
	if (refcount_dec_and_test(&lp->refs))
		kfree_rcu(lp, rcu);
}

static struct lnet_peer_ni *peer_ni_lookup(lnet_nid_t nid)
{
	struct lnet_peer_ni *lp;

	rcu_read_lock();
	lp = rhashtable_lookup(&peer_nis, &nid, peer_ni_params);
	if (lp && !refcount_inc_not_zero(&lp->refs))
		lp = NULL;
	rcu_read_unlock();
	return lp;
}

static struct lnet_peer *peer_alloc(lnet_nid_t primary, gfp_t gfp)
{
	struct lnet_peer *peer = kzalloc(sizeof(*peer), gfp);

	if (!peer)
		return NULL;
	INIT_LIST_HEAD(&peer->link);
	INIT_LIST_HEAD(&peer->nis);
	INIT_LIST_HEAD(&peer->pending);
	INIT_WORK(&peer->work, lnet_discover_work);
	peer->primary = primary;
	refcount_set(&peer->refs, 1);
	return peer;
}

static struct lnet_peer_ni *peer_ni_alloc(lnet_nid_t nid, gfp_t gfp)
{
	struct lnet_peer_ni *lp = kzalloc(sizeof(*lp), gfp);

	if (!lp)
		return NULL;
	INIT_LIST_HEAD(&lp->link);
	lp->nid = nid;
	refcount_set(&lp->refs, 1);
	atomic_set(&lp->health, 1000);
	return lp;
}

/* Put a NID into a peer: behind the others, or first if it is the primary one */
static void peer_join(struct lnet_peer *peer, struct lnet_peer_ni *lp)
{
	lockdep_assert_held(&lnet_peer_lock);
	lp->peer = peer;
	WRITE_ONCE(lp->primary, peer->primary);
	refcount_inc(&peer->refs);
	if (lp->nid == peer->primary)
		list_add(&lp->link, &peer->nis);
	else
		list_add_tail(&lp->link, &peer->nis);
}

/* Take a NID out of its peer; the peer goes with its last NID */
static void peer_leave(struct lnet_peer_ni *lp)
{
	struct lnet_peer *peer = lp->peer;

	lockdep_assert_held(&lnet_peer_lock);
	list_del_init(&lp->link);
	lp->peer = NULL;
	if (list_empty(&peer->nis) && !list_empty(&peer->link)) {
		list_del_init(&peer->link);
		lnet_peer_put(peer);
	}
	lnet_peer_put(peer);
}

static void peer_ni_remove(struct lnet_peer_ni *lp)
{
	lockdep_assert_held(&lnet_peer_lock);
	peer_leave(lp);
	rhashtable_remove_fast(&peer_nis, &lp->hash, peer_ni_params);
	lnet_peer_ni_put(lp);
}

/* A peer with one NID; returns it with a reference, or what another thread made */
static struct lnet_peer_ni *peer_create(lnet_nid_t nid)
{
	struct lnet_peer *peer = peer_alloc(nid, GFP_NOFS);
	struct lnet_peer_ni *lp = peer_ni_alloc(nid, GFP_NOFS), *old;

	if (!peer || !lp || atomic_read(&peer_nis.nelems) >= LNET_MAX_PEERS) {
		kfree(peer);
		kfree(lp);
		return NULL;
	}
	refcount_inc(&lp->refs);
	spin_lock_bh(&lnet_peer_lock);
	rcu_read_lock();
	old = rhashtable_lookup_get_insert_fast(&peer_nis, &lp->hash, peer_ni_params);
	if (old) {
		if (IS_ERR(old) || !refcount_inc_not_zero(&old->refs))
			old = NULL;
		rcu_read_unlock();
		spin_unlock_bh(&lnet_peer_lock);
		kfree(peer);
		kfree(lp);
		return old;
	}
	rcu_read_unlock();
	list_add_tail(&peer->link, &lnet_peers);
	peer_join(peer, lp);
	spin_unlock_bh(&lnet_peer_lock);
	return lp;
}

/* The record of a NID, with a reference; made if @create. NULL: none, or no memory. */
struct lnet_peer_ni *lnet_peer_ni_get(lnet_nid_t nid, bool create)
{
	struct lnet_peer_ni *lp = peer_ni_lookup(nid);

	if (!lp && create)
		lp = peer_create(nid);
	return lp;
}

lnet_nid_t lnet_primary_nid(lnet_nid_t nid)
{
	struct lnet_peer_ni *lp;

	rcu_read_lock();
	lp = rhashtable_lookup(&peer_nis, &nid, peer_ni_params);
	if (lp)
		nid = READ_ONCE(lp->primary);
	rcu_read_unlock();
	return nid;
}
EXPORT_SYMBOL_GPL(lnet_primary_nid);

/* @nid if an interface of ours on its net works, else another NID of its node with one */
lnet_nid_t lnet_peer_reachable(lnet_nid_t nid)
{
	struct lnet_peer_ni *lp, *other;
	lnet_nid_t res = LNET_NID_ANY;

	if (lnet_net_is_up(LNET_NID_NET(nid)))
		return nid;
	lp = peer_ni_lookup(nid);
	if (!lp)
		return LNET_NID_ANY;
	spin_lock_bh(&lnet_peer_lock);
	if (lp->peer) {
		list_for_each_entry(other, &lp->peer->nis, link) {
			if (lnet_net_is_up(LNET_NID_NET(other->nid))) {
				res = other->nid;
				break;
			}
		}
	}
	spin_unlock_bh(&lnet_peer_lock);
	lnet_peer_ni_put(lp);
	return res;
}

/*
 * Make @nid one of the NIDs of @peer. One that is the chosen primary NID of another
 * node stays there: no peer can talk us out of what our own user configured.
 */
static int peer_adopt(struct lnet_peer *peer, lnet_nid_t nid)
{
	struct lnet_peer_ni *lp;
	int err;

	lockdep_assert_held(&lnet_peer_lock);
	rcu_read_lock();
	lp = rhashtable_lookup(&peer_nis, &nid, peer_ni_params);
	rcu_read_unlock();
	if (lp) {
		if (lp->peer == peer)
			return 0;
		if (lp->peer->locked && lp->peer->primary == nid)
			return -EEXIST;
		if (!list_empty(&lp->peer->pending))
			return -EBUSY;
		peer_leave(lp);
		peer_join(peer, lp);
		return 0;
	}
	if (atomic_read(&peer_nis.nelems) >= LNET_MAX_PEERS)
		return -ENOSPC;
	lp = peer_ni_alloc(nid, GFP_ATOMIC);
	if (!lp)
		return -ENOMEM;
	err = rhashtable_insert_fast(&peer_nis, &lp->hash, peer_ni_params);
	if (err) {
		kfree(lp);
		return err;
	}
	peer_join(peer, lp);
	return 0;
}

static void peer_set_primary(struct lnet_peer *peer, lnet_nid_t primary)
{
	struct lnet_peer_ni *lp;

	peer->primary = primary;
	list_for_each_entry(lp, &peer->nis, link)
		WRITE_ONCE(lp->primary, primary);
	list_for_each_entry(lp, &peer->nis, link) {
		if (lp->nid == primary) {
			list_move(&lp->link, &peer->nis);
			break;
		}
	}
}

static bool listed(const struct lnet_wire_ping_info *pi, unsigned int nnis, lnet_nid_t nid)
{
	unsigned int i;

	for (i = 1; i < nnis; i++)
		if (le64_to_cpu(pi->pi_ni[i].ns_nid) == nid)
			return true;
	return false;
}

static void peer_take_list(struct lnet_peer *peer, const struct lnet_wire_ping_info *pi,
			   unsigned int nnis)
{
	struct lnet_peer_ni *lp, *n;
	unsigned int i;

	for (i = 1; i < nnis; i++) {
		lnet_nid_t nid = le64_to_cpu(pi->pi_ni[i].ns_nid);

		if (nid != LNET_NID_ANY && LNET_NID_NET(nid) != LNET_NET_LO &&
		    !lnet_nid_is_local(nid))
			peer_adopt(peer, nid);
	}
	if (nnis > 1 && !peer->locked) {
		lnet_nid_t first = le64_to_cpu(pi->pi_ni[1].ns_nid);

		list_for_each_entry(lp, &peer->nis, link) {
			if (lp->nid == first) {
				peer_set_primary(peer, first);
				break;
			}
		}
	}
	list_for_each_entry_safe(lp, n, &peer->nis, link)
		if (nnis > 1 && lp->nid != peer->primary && !listed(pi, nnis, lp->nid))
			peer_ni_remove(lp);
}

/*
 * Learn from ping data that came from @from, checked by lnet_ping_check()
 * (chapter 01, 7.4: NIDs that are not listed are removed).
 */
int lnet_peer_update(lnet_nid_t from, const struct lnet_wire_ping_info *pi, size_t size)
{
	unsigned int nnis = min_t(size_t, le32_to_cpu(pi->pi_nnis),
				  (size - sizeof(*pi)) / sizeof(pi->pi_ni[0]));
	struct lnet_peer_ni *lp = lnet_peer_ni_get(from, true);

	if (!lp)
		return -ENOMEM;
	spin_lock_bh(&lnet_peer_lock);
	if (lp->peer) {
		lp->peer->features = le32_to_cpu(pi->pi_features);
		lp->peer->seq = le32_to_cpu(pi->pi_ni[0].ns_status);
		peer_take_list(lp->peer, pi, nnis);
	}
	spin_unlock_bh(&lnet_peer_lock);
	lnet_peer_ni_put(lp);
	return 0;
}

/* lnetctl peer add: @nid belongs to the node known as @primary */
int lnet_peer_add(lnet_nid_t primary, lnet_nid_t nid)
{
	struct lnet_peer_ni *lp = lnet_peer_ni_get(primary, true);
	int err = -ENOENT;

	if (!lp)
		return -ENOMEM;
	spin_lock_bh(&lnet_peer_lock);
	if (lp->peer) {
		lp->peer->locked = true;
		err = peer_adopt(lp->peer, nid);
	}
	spin_unlock_bh(&lnet_peer_lock);
	lnet_peer_ni_put(lp);
	return err;
}

/* lnetctl peer del: forget one NID of a node, or the node if @nid is its primary */
int lnet_peer_del(lnet_nid_t primary, lnet_nid_t nid)
{
	struct lnet_peer_ni *lp = lnet_peer_ni_get(nid, false), *n, *one;
	int err = 0;

	if (!lp)
		return -ENOENT;
	spin_lock_bh(&lnet_peer_lock);
	if (!lp->peer || lp->peer->primary != primary) {
		err = -ENOENT;
	} else if (!list_empty(&lp->peer->pending) ||
		   lp->peer->state == LNET_PEER_DISCOVERING) {
		err = -EBUSY;
	} else if (nid != primary) {
		peer_ni_remove(lp);
	} else {
		struct lnet_peer *peer = lp->peer;

		refcount_inc(&peer->refs);
		list_for_each_entry_safe(one, n, &peer->nis, link)
			peer_ni_remove(one);
		lnet_peer_put(peer);
	}
	spin_unlock_bh(&lnet_peer_lock);
	lnet_peer_ni_put(lp);
	return err;
}

/* Forget everybody: the network is down, nobody discovers and nothing is pending */
void lnet_peers_clear(void)
{
	struct lnet_peer *peer;

	spin_lock_bh(&lnet_peer_lock);
	while ((peer = list_first_entry_or_null(&lnet_peers, struct lnet_peer, link))) {
		struct lnet_peer_ni *lp, *n;

		refcount_inc(&peer->refs);
		list_for_each_entry_safe(lp, n, &peer->nis, link)
			peer_ni_remove(lp);
		lnet_peer_put(peer);
	}
	spin_unlock_bh(&lnet_peer_lock);
}
