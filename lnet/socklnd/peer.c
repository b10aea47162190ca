// SPDX-License-Identifier: GPL-2.0
/*
 * Other nodes on one net: which connection a message takes, what waits for one, and
 * who has been silent for too long (chapter 01, 6.3 and 6.5).
 */
#include <linux/slab.h>
#include "socklnd.h"

static void peer_free(struct kref *ref)
{
	struct ksock_peer *peer = container_of(ref, struct ksock_peer, ref);
	struct ksock_ni *kn = peer->kn;

	kfree(peer);
	ksock_ni_put(kn);
}

void ksock_peer_put(struct ksock_peer *peer)
{
	kref_put(&peer->ref, peer_free);
}

static struct ksock_peer *peer_find(struct ksock_ni *kn, lnet_nid_t nid)
{
	struct ksock_peer *peer;

	hash_for_each_possible(kn->peers, peer, hash, nid) {
		if (peer->nid == nid) {
			kref_get(&peer->ref);
			return peer;
		}
	}
	return NULL;
}

static struct ksock_peer *peer_alloc(struct ksock_ni *kn, lnet_nid_t nid)
{
	struct ksock_peer *peer = kzalloc(sizeof(*peer), GFP_NOFS);

	if (!peer)
		return NULL;
	kref_init(&peer->ref);
	spin_lock_init(&peer->lock);
	mutex_init(&peer->dial_mutex);
	INIT_LIST_HEAD(&peer->conns);
	INIT_LIST_HEAD(&peer->pending);
	INIT_LIST_HEAD(&peer->zc);
	INIT_DELAYED_WORK(&peer->dial, ksock_dial_work);
	peer->kn = kn;
	peer->nid = nid;
	peer->cookie = KSOCK_COOKIE_KEEPALIVE;
	ksock_ni_get(kn);
	return peer;
}

/* Find a peer, or make it. Return: it with a reference, -ENETDOWN, -ENOMEM, -ENOENT. */
struct ksock_peer *ksock_peer_get(struct ksock_ni *kn, lnet_nid_t nid, bool create)
{
	struct ksock_peer *peer, *new = NULL;

	spin_lock_bh(&kn->lock);
	peer = peer_find(kn, nid);
	spin_unlock_bh(&kn->lock);
	if (peer)
		return peer;
	if (!create)
		return ERR_PTR(-ENOENT);
	new = peer_alloc(kn, nid);
	if (!new)
		return ERR_PTR(-ENOMEM);
	spin_lock_bh(&kn->lock);
	peer = kn->stopping ? ERR_PTR(-ENETDOWN) : peer_find(kn, nid);
	if (!peer) {
		hash_add(kn->peers, &new->hash, nid);
		kref_get(&new->ref);
		spin_unlock_bh(&kn->lock);
		return new;
	}
	spin_unlock_bh(&kn->lock);
	ksock_peer_put(new);
	return peer;
}

unsigned int ksock_peer_count(struct ksock_peer *peer, int type)
{
	struct ksock_conn *conn;
	unsigned int n = 0;

	lockdep_assert_held(&peer->lock);
	list_for_each_entry(conn, &peer->conns, link)
		n += conn->type == type;
	return n;
}

/* Least queued connection of a type */
static struct ksock_conn *pick_type(struct ksock_peer *peer, int type)
{
	struct ksock_conn *conn, *best = NULL;

	list_for_each_entry(conn, &peer->conns, link)
		if (conn->type == type &&
		    (!best || READ_ONCE(conn->tx_queued) < READ_ONCE(best->tx_queued)))
			best = conn;
	return best;
}

/* Large messages go by BULK_OUT, small ones by CONTROL, each by the other if need be */
static struct ksock_conn *pick(struct ksock_peer *peer, u32 size)
{
	bool bulk = size >= ksock_min_bulk;
	struct ksock_conn *conn;

	lockdep_assert_held(&peer->lock);
	conn = pick_type(peer, bulk ? KSOCK_CONN_BULK_OUT : KSOCK_CONN_CONTROL);
	return conn ?: pick_type(peer, bulk ? KSOCK_CONN_CONTROL : KSOCK_CONN_BULK_OUT);
}

/*
 * Type of the next connection to dial. Only who dialed first replaces what is missing;
 * the other side uses what it has. KSOCK_CONN_NONE: nothing to do.
 */
int ksock_peer_missing(struct ksock_peer *peer)
{
	unsigned int per_type = peer->kn->ni->tunables.conns_per_peer, in, out;

	lockdep_assert_held(&peer->lock);
	if (!list_empty(&peer->pending) && !pick(peer, 0))
		return KSOCK_CONN_CONTROL;
	if (!peer->dialer || list_empty(&peer->conns))
		return KSOCK_CONN_NONE;
	if (!ksock_peer_count(peer, KSOCK_CONN_CONTROL))
		return KSOCK_CONN_CONTROL;
	in = ksock_peer_count(peer, KSOCK_CONN_BULK_IN);
	out = ksock_peer_count(peer, KSOCK_CONN_BULK_OUT);
	if (in < per_type && in <= out)
		return KSOCK_CONN_BULK_IN;
	return out < per_type ? KSOCK_CONN_BULK_OUT : KSOCK_CONN_NONE;
}

/* A message gets its connection, and its cookie if pages must stay untouched */
static void assign(struct ksock_peer *peer, struct ksock_tx *tx, struct ksock_conn *conn)
{
	lockdep_assert_held(&peer->lock);
	kref_get(&conn->ref);
	tx->conn = conn;
	tx->deadline = jiffies + ksock_timeout() * HZ;
	if (tx->splice) {
		tx->wire.ksm.ksm_zc_cookies[0] = cpu_to_le64(++peer->cookie);
		refcount_inc(&tx->refs);
		list_add_tail(&tx->zc_link, &peer->zc);
	}
}

/* Start dialing unless that is under way or a pause is on; the work holds a reference */
static void dial(struct ksock_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	if (peer->dialing || (peer->backoff_ms && time_before(jiffies, peer->retry_at)))
		return;
	peer->dialing = true;
	kref_get(&peer->ref);
	queue_delayed_work(ksock_handshake_wq, &peer->dial, 0);
}

void ksock_peer_send(struct ksock_peer *peer, struct ksock_tx *tx)
{
	struct ksock_conn *conn;

	spin_lock_bh(&peer->lock);
	conn = pick(peer, tx->size);
	if (conn)
		assign(peer, tx, conn);
	if (!conn || (peer->dialer && ksock_peer_missing(peer) != KSOCK_CONN_NONE))
		dial(peer);
	if (!conn && peer->dialing) {
		tx->deadline = jiffies + ksock_timeout() * HZ;
		list_add_tail(&tx->link, &peer->pending);
		tx = NULL;
	}
	spin_unlock_bh(&peer->lock);
	if (conn) {
		ksock_conn_queue(conn, tx);
		ksock_conn_put(conn);
	} else if (tx) {
		ksock_tx_put(tx, -EHOSTUNREACH);
	}
}

/* A connection has come: send what waited for one */
void ksock_peer_flush(struct ksock_peer *peer)
{
	for (;;) {
		struct ksock_conn *conn = NULL;
		struct ksock_tx *tx;

		spin_lock_bh(&peer->lock);
		tx = list_first_entry_or_null(&peer->pending, struct ksock_tx, link);
		if (tx)
			conn = pick(peer, tx->size);
		if (conn) {
			list_del_init(&tx->link);
			assign(peer, tx, conn);
		}
		spin_unlock_bh(&peer->lock);
		if (!conn)
			return;
		ksock_conn_queue(conn, tx);
		ksock_conn_put(conn);
	}
}

void ksock_peer_fail_pending(struct ksock_peer *peer, int err)
{
	struct ksock_tx *tx, *n;
	LIST_HEAD(failed);

	spin_lock_bh(&peer->lock);
	list_splice_init(&peer->pending, &failed);
	spin_unlock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &failed, link) {
		list_del_init(&tx->link);
		ksock_tx_put(tx, err);
	}
}

/* Close every connection of a peer */
void ksock_peer_close(struct ksock_peer *peer, int err)
{
	struct ksock_conn *conn;

	for (;;) {
		spin_lock_bh(&peer->lock);
		conn = list_first_entry_or_null(&peer->conns, struct ksock_conn, link);
		if (conn)
			kref_get(&conn->ref);
		spin_unlock_bh(&peer->lock);
		if (!conn)
			return;
		ksock_conn_close(conn, err);
		ksock_conn_put(conn);
	}
}

static bool late(unsigned long since)
{
	return time_after(jiffies, since + ksock_timeout() * HZ);
}

/* Does anything of this peer not move for the LND timeout? */
static bool peer_stuck(struct ksock_peer *peer)
{
	struct ksock_conn *conn;
	struct ksock_tx *tx;

	lockdep_assert_held(&peer->lock);
	list_for_each_entry(conn, &peer->conns, link) {
		if (READ_ONCE(conn->tx_queued) && late(READ_ONCE(conn->tx_progress)))
			return true;
		if ((READ_ONCE(conn->rx_state) != KSOCK_RX_HEADER || READ_ONCE(conn->rx_have)) &&
		    late(READ_ONCE(conn->rx_progress)))
			return true;
	}
	list_for_each_entry(tx, &peer->zc, zc_link)
		if (time_after(jiffies, tx->deadline) && READ_ONCE(tx->conn->tx_queued) == 0)
			return true;
	return false;
}

static void fail_late_pending(struct ksock_peer *peer)
{
	struct ksock_tx *tx, *n;
	LIST_HEAD(failed);

	spin_lock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &peer->pending, link)
		if (time_after(jiffies, tx->deadline))
			list_move_tail(&tx->link, &failed);
	spin_unlock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &failed, link) {
		list_del_init(&tx->link);
		ksock_tx_put(tx, -ETIMEDOUT);
	}
}

/* Only the table knows it, nothing goes on, and no pause needs to be remembered */
static bool forgettable(struct ksock_peer *peer)
{
	return kref_read(&peer->ref) == 1 && list_empty(&peer->conns) &&
	       (!peer->backoff_ms || time_after(jiffies, peer->retry_at));
}

static void check_peer(struct ksock_peer *peer)
{
	char nid[LNET_NIDSTR_SIZE];
	bool stuck;

	spin_lock_bh(&peer->lock);
	stuck = peer_stuck(peer);
	spin_unlock_bh(&peer->lock);
	if (stuck) {
		pr_warn_ratelimited("ksocklnd: %s: no progress for %u seconds, closing connections\n",
				    lnet_nid_str(peer->nid, nid), ksock_timeout());
		ksock_peer_close(peer, -ETIMEDOUT);
	}
	fail_late_pending(peer);
}

/* Next peer of a bucket after @prev, with a reference; idle ones are forgotten on the way */
static struct ksock_peer *next_peer(struct ksock_ni *kn, unsigned int bucket,
				    struct ksock_peer *prev)
{
	struct ksock_peer *peer, *res = NULL;
	struct hlist_node *n;
	bool seen = !prev || hlist_unhashed(&prev->hash);

	spin_lock_bh(&kn->lock);
	hlist_for_each_entry_safe(peer, n, &kn->peers[bucket], hash) {
		if (peer == prev) {
			seen = true;
		} else if (seen) {
			if (forgettable(peer)) {
				hash_del(&peer->hash);
				ksock_peer_put(peer);
				continue;
			}
			kref_get(&peer->ref);
			res = peer;
			break;
		}
	}
	spin_unlock_bh(&kn->lock);
	if (prev)
		ksock_peer_put(prev);
	return res;
}

void ksock_peer_tick(struct work_struct *work)
{
	struct ksock_ni *kn = container_of(work, struct ksock_ni, tick.work);
	struct ksock_peer *peer;
	unsigned int i;

	for (i = 0; i < HASH_SIZE(kn->peers); i++) {
		peer = NULL;
		while ((peer = next_peer(kn, i, peer)))
			check_peer(peer);
	}
	queue_delayed_work(ksock_wq, &kn->tick, HZ);
}

/* The interface goes: end everything. kn->stopping is set, so that nothing new begins. */
void ksock_peers_stop(struct ksock_ni *kn)
{
	struct ksock_peer *peer;
	unsigned int i;

	for (i = 0; i < HASH_SIZE(kn->peers); i++) {
		for (;;) {
			spin_lock_bh(&kn->lock);
			peer = hlist_entry_safe(kn->peers[i].first, struct ksock_peer, hash);
			if (peer)
				hash_del(&peer->hash);
			spin_unlock_bh(&kn->lock);
			if (!peer)
				break;
			mutex_lock(&peer->dial_mutex);
			if (peer->dial_sock)
				kernel_sock_shutdown(peer->dial_sock, SHUT_RDWR);
			mutex_unlock(&peer->dial_mutex);
			if (cancel_delayed_work_sync(&peer->dial))
				ksock_peer_put(peer);
			ksock_peer_fail_pending(peer, -ESHUTDOWN);
			ksock_peer_close(peer, -ESHUTDOWN);
			ksock_peer_put(peer);
		}
	}
}
