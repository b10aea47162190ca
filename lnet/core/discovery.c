// SPDX-License-Identifier: GPL-2.0
/*
 * Discovery: before the first message to an unknown node it is asked for its NIDs,
 * and nodes that want it are told of ours (chapter 01, 7.4).
 */
#include <linux/slab.h>
#include "core.h"

static struct lnet_peer *peer_of(struct lnet_peer_ni *lp)
{
	struct lnet_peer *peer;

	spin_lock_bh(&lnet_peer_lock);
	peer = lp->peer;
	if (peer)
		refcount_inc(&peer->refs);
	spin_unlock_bh(&lnet_peer_lock);
	return peer;
}

/* Start the work of a peer; it holds a reference */
static void start(struct lnet_peer *peer)
{
	lockdep_assert_held(&lnet_peer_lock);
	refcount_inc(&peer->refs);
	if (!queue_work(lnet_discovery_wq, &peer->work))
		lnet_peer_put(peer);
}

/*
 * Keep a message back until its peer's NIDs are known. Portal 0 is what discovery
 * itself talks on. Return: true if the message is taken.
 */
bool lnet_discovery_hold(struct lnet_msg *msg, struct lnet_peer_ni *lp)
{
	bool held = false;

	if (msg->ev.portal == LNET_PORTAL_RESERVED)
		return false;
	spin_lock_bh(&lnet_peer_lock);
	if (lp->peer && lp->peer->state != LNET_PEER_KNOWN) {
		held = true;
		lp->peer->locked = true;
		list_add_tail(&msg->list, &lp->peer->pending);
		if (lp->peer->state == LNET_PEER_NEW) {
			lp->peer->state = LNET_PEER_DISCOVERING;
			start(lp->peer);
		}
	}
	spin_unlock_bh(&lnet_peer_lock);
	return held;
}

/* End a discovery and send or fail what waited for it */
static void release(struct lnet_peer *peer, int err)
{
	struct lnet_msg *msg, *n;
	LIST_HEAD(pending);

	spin_lock_bh(&lnet_peer_lock);
	if (peer->state == LNET_PEER_DISCOVERING)
		peer->state = err ? LNET_PEER_NEW : LNET_PEER_KNOWN;
	list_splice_init(&peer->pending, &pending);
	spin_unlock_bh(&lnet_peer_lock);
	list_for_each_entry_safe(msg, n, &pending, list) {
		list_del_init(&msg->list);
		if (err)
			lnet_send_done(msg, err);
		else
			lnet_post(msg);
	}
}

/* Few nodes have more NIDs than the first answer has room for */
static int ping_and_learn(lnet_nid_t nid)
{
	unsigned int timeout_ms = lnet_transaction_timeout() * 1000;
	struct lnet_wire_ping_info *pi;
	size_t size;
	int err;

	pi = kzalloc(LNET_PING_INFO_SIZE(LNET_PING_MAX_NIS), GFP_KERNEL);
	if (!pi)
		return -ENOMEM;
	err = lnet_ping(nid, LNET_NID_ANY, timeout_ms, LNET_MAX_NIS, pi, &size);
	if (!err && le32_to_cpu(pi->pi_nnis) > LNET_MAX_NIS)
		err = lnet_ping(nid, LNET_NID_ANY, timeout_ms, LNET_PING_MAX_NIS, pi, &size);
	if (!err)
		err = lnet_peer_update(nid, pi, size);
	kfree(pi);
	return err;
}

/* Does this peer want our ping data, and has it not seen the newest? */
static bool wants_push(struct lnet_peer *peer)
{
	const u32 both = LNET_PING_FEAT_MULTI_RAIL | LNET_PING_FEAT_DISCOVERY;

	lockdep_assert_held(&lnet_peer_lock);
	return !lnet_param_discovery_disabled && (peer->features & both) == both &&
	       peer->seen_seq != lnet_ni_seq();
}

static void push_if_wanted(struct lnet_peer *peer, unsigned int timeout_ms)
{
	u32 seq = lnet_ni_seq();
	lnet_nid_t nid;
	bool wanted;
	int err;

	spin_lock_bh(&lnet_peer_lock);
	wanted = wants_push(peer);
	nid = peer->primary;
	if (wanted)
		peer->seen_seq = seq;
	spin_unlock_bh(&lnet_peer_lock);
	if (!wanted)
		return;
	err = lnet_push(nid, timeout_ms);
	if (!err)
		return;
	spin_lock_bh(&lnet_peer_lock);
	if (peer->seen_seq == seq)
		peer->seen_seq = 0;
	spin_unlock_bh(&lnet_peer_lock);
}

/*
 * One peer: ask it if it is unknown, then push. The push leaves before the messages
 * that waited, so that a server need not ask back before it answers them.
 */
void lnet_discover_work(struct work_struct *work)
{
	struct lnet_peer *peer = container_of(work, struct lnet_peer, work);
	bool asking;
	int err = 0;

	spin_lock_bh(&lnet_peer_lock);
	asking = peer->state == LNET_PEER_DISCOVERING;
	spin_unlock_bh(&lnet_peer_lock);
	if (asking)
		err = ping_and_learn(peer->primary);
	if (!err)
		push_if_wanted(peer, asking ? 0 : lnet_transaction_timeout() * 1000);
	if (asking)
		release(peer, err);
	lnet_peer_put(peer);
}

/* lnetctl discover: ask and learn now, whatever is known */
int lnet_discover(lnet_nid_t nid)
{
	struct lnet_peer_ni *lp = lnet_peer_ni_get(nid, true);
	struct lnet_peer *peer;
	int err;

	if (!lp)
		return -ENOMEM;
	err = ping_and_learn(nid);
	peer = peer_of(lp);
	lnet_peer_ni_put(lp);
	if (!peer)
		return err;
	if (!err) {
		spin_lock_bh(&lnet_peer_lock);
		if (peer->state == LNET_PEER_NEW)
			peer->state = LNET_PEER_KNOWN;
		spin_unlock_bh(&lnet_peer_lock);
		push_if_wanted(peer, lnet_transaction_timeout() * 1000);
	}
	lnet_peer_put(peer);
	return err;
}

/* Our list of NIDs has changed: tell whoever has seen the old one */
void lnet_push_all(void)
{
	struct lnet_peer *peer;

	spin_lock_bh(&lnet_peer_lock);
	list_for_each_entry(peer, &lnet_peers, link)
		if (peer->seen_seq && wants_push(peer))
			start(peer);
	spin_unlock_bh(&lnet_peer_lock);
}
