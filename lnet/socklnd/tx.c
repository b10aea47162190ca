// SPDX-License-Identifier: GPL-2.0
/*
 * Messages into sockets, and the pages that stay untouched until the peer says that
 * it has them (chapter 01, 6.3 and 6.4). Which connection takes what is in peer.c.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include "net_socket.h"
#include "socklnd.h"

#define TX_BUDGET 16	/* messages a sender writes before it leaves the rest to tx_work */

static struct kmem_cache *tx_cache;

int ksock_tx_cache_init(void)
{
	tx_cache = KMEM_CACHE(ksock_tx, 0);
	return tx_cache ? 0 : -ENOMEM;
}

void ksock_tx_cache_exit(void)
{
	kmem_cache_destroy(tx_cache);
}

static struct ksock_tx *tx_alloc(void)
{
	struct ksock_tx *tx = kmem_cache_zalloc(tx_cache, GFP_NOFS);

	if (!tx)
		return NULL;
	INIT_LIST_HEAD(&tx->link);
	INIT_LIST_HEAD(&tx->zc_link);
	refcount_set(&tx->refs, 1);
	return tx;
}

/* Sending, or waiting for the peer's acknowledgement, is over; the first error counts */
void ksock_tx_put(struct ksock_tx *tx, int err)
{
	if (err)
		cmpxchg(&tx->status, 0, err);
	if (!refcount_dec_and_test(&tx->refs))
		return;
	if (tx->answer && tx->peer)
		atomic_dec(&tx->peer->answers);
	if (tx->msg)
		lnet_send_done(tx->msg, tx->status);
	if (tx->peer)
		ksock_peer_put(tx->peer);
	kmem_cache_free(tx_cache, tx);
}

/* May every page of this payload be referenced by the network stack? */
static bool pages_ok(const struct iov_iter *iter)
{
	struct bvec_iter bi = { .bi_size = iov_iter_count(iter), .bi_bvec_done = iter->iov_offset };
	struct bio_vec bv;

	if (!iov_iter_is_bvec(iter))
		return false;
	for_each_bvec(bv, iter->bvec, bi, bi)
		if (!sendpage_ok(bv.bv_page))
			return false;
	return true;
}

void ksock_send(struct lnet_ni *ni, struct lnet_msg *msg)
{
	struct ksock_ni *kn = ni->lnd_data;
	struct ksock_peer *peer = ksock_peer_get(kn, msg->next_hop, true);
	struct ksock_tx *tx;

	if (IS_ERR(peer)) {
		lnet_send_done(msg, PTR_ERR(peer));
		return;
	}
	tx = tx_alloc();
	if (!tx) {
		ksock_peer_put(peer);
		lnet_send_done(msg, -ENOMEM);
		return;
	}
	tx->msg = msg;
	tx->peer = peer;
	tx->wire.ksm.ksm_type = cpu_to_le32(KSOCK_MSG_LNET);
	tx->wire.hdr = msg->hdr;
	tx->hdr_len = sizeof(tx->wire);
	tx->size = tx->hdr_len + msg->len;
	lnet_msg_source(msg, &tx->iter);
	tx->splice = msg->len >= ksock_zc_min_payload && pages_ok(&tx->iter);
	tx->answer = msg->type == LNET_MSG_ACK || msg->type == LNET_MSG_REPLY;
	if (tx->answer && atomic_inc_return(&peer->answers) > KSOCK_MAX_ANSWERS) {
		ksock_peer_close(peer, -ENOBUFS);
		ksock_tx_put(tx, -ENOBUFS);
		return;
	}
	ksock_peer_send(peer, tx);
}

/* Acknowledge a cookie on the connection that brought it. Return: 0 or -ENOMEM. */
int ksock_send_noop(struct ksock_conn *conn, u64 cookie)
{
	struct ksock_tx *tx = tx_alloc();

	if (!tx)
		return -ENOMEM;
	kref_get(&conn->peer->ref);
	tx->peer = conn->peer;
	tx->answer = true;
	tx->wire.ksm.ksm_type = cpu_to_le32(KSOCK_MSG_NOOP);
	tx->wire.ksm.ksm_zc_cookies[1] = cpu_to_le64(cookie);
	tx->hdr_len = sizeof(tx->wire.ksm);
	tx->size = tx->hdr_len;
	if (atomic_inc_return(&tx->peer->answers) > KSOCK_MAX_ANSWERS) {
		ksock_tx_put(tx, -ENOBUFS);
		return -ENOBUFS;
	}
	ksock_conn_queue(conn, tx);
	return 0;
}

/* Header and a payload in one piece that is copied anyway: one call. Return: bytes, 0, -errno */
static int tx_write_both(struct ksock_conn *conn, struct ksock_tx *tx, bool more)
{
	struct msghdr mh = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0) };
	size_t len = iov_iter_count(&tx->iter);
	struct bio_vec bv[2];

	bvec_set_page(&bv[0], virt_to_page(&tx->wire), tx->hdr_len, offset_in_page(&tx->wire));
	bvec_set_page(&bv[1], tx->iter.bvec->bv_page, len, tx->iter.bvec->bv_offset + tx->iter.iov_offset);
	iov_iter_bvec(&mh.msg_iter, ITER_SOURCE, bv, 2, tx->hdr_len + len);
	return sock_sendmsg(conn->sock, &mh);
}

static bool tx_in_one_piece(const struct ksock_tx *tx)
{
	size_t len = iov_iter_count(&tx->iter);

	return !tx->sent && len && !tx->splice && iov_iter_is_bvec(&tx->iter) &&
	       tx->iter.bvec->bv_len - tx->iter.iov_offset >= len;
}

/* Write what the socket takes of one message. Return: 0 when all is written, -EAGAIN, ... */
static int tx_write(struct ksock_conn *conn, struct ksock_tx *tx, bool more)
{
	if (tx_in_one_piece(tx)) {
		int n = tx_write_both(conn, tx, more);

		if (n <= 0)
			return n ?: -EAGAIN;
		tx->sent = min_t(int, n, tx->hdr_len);
		iov_iter_advance(&tx->iter, n - tx->sent);
		conn->tx_progress = jiffies;
	}
	while (tx->sent < tx->hdr_len) {
		struct kvec vec = {
			.iov_base = (u8 *)&tx->wire + tx->sent,
			.iov_len = tx->hdr_len - tx->sent,
		};
		struct msghdr mh = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		int n;

		if (more || iov_iter_count(&tx->iter))
			mh.msg_flags |= MSG_MORE;
		n = kernel_sendmsg(conn->sock, &mh, &vec, 1, vec.iov_len);
		if (n <= 0)
			return n ?: -EAGAIN;
		tx->sent += n;
		conn->tx_progress = jiffies;
	}
	while (iov_iter_count(&tx->iter)) {
		struct msghdr mh = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		int n;

		if (more)
			mh.msg_flags |= MSG_MORE;
		mh.msg_iter = tx->iter;
		n = tx->splice ? sock_sendmsg_pages(conn->sock, &mh) :
				 sock_sendmsg(conn->sock, &mh);
		if (n <= 0)
			return n ?: -EAGAIN;
		iov_iter_advance(&tx->iter, n);
		conn->tx_progress = jiffies;
	}
	return 0;
}

/* Become the one thread that writes the socket, if there is something to write */
static bool tx_acquire(struct ksock_conn *conn)
{
	bool got = false;

	spin_lock_bh(&conn->tx_lock);
	if (!conn->tx_active && !list_empty(&conn->tx_queue) &&
	    !test_bit(KSOCK_CONN_CLOSING, &conn->flags)) {
		conn->tx_active = true;
		got = true;
	}
	spin_unlock_bh(&conn->tx_lock);
	return got;
}

static void tx_release(struct ksock_conn *conn)
{
	spin_lock_bh(&conn->tx_lock);
	conn->tx_active = false;
	spin_unlock_bh(&conn->tx_lock);
	wake_up_var(&conn->tx_active);
}

/* First message of the queue, or NULL: then this thread is no longer the writer */
static struct ksock_tx *tx_first(struct ksock_conn *conn, bool *more)
{
	struct ksock_tx *tx = NULL;

	spin_lock_bh(&conn->tx_lock);
	if (!test_bit(KSOCK_CONN_CLOSING, &conn->flags))
		tx = list_first_entry_or_null(&conn->tx_queue, struct ksock_tx, link);
	if (tx)
		*more = !list_is_last(&tx->link, &conn->tx_queue);
	else
		conn->tx_active = false;
	spin_unlock_bh(&conn->tx_lock);
	if (!tx)
		wake_up_var(&conn->tx_active);
	return tx;
}

static void tx_remove(struct ksock_conn *conn, struct ksock_tx *tx)
{
	spin_lock_bh(&conn->tx_lock);
	list_del_init(&tx->link);
	conn->tx_queued -= tx->size;
	spin_unlock_bh(&conn->tx_lock);
}

/*
 * Write the queue until the socket is full; the caller has become the writer. After
 * the budget, tx_work goes on, so that no sender works for others for long.
 */
static void transmit(struct ksock_conn *conn, unsigned int budget)
{
	struct ksock_tx *tx;
	bool more;
	int err;

	while ((tx = tx_first(conn, &more))) {
		err = tx_write(conn, tx, more && budget);
		if (err == -EAGAIN) {
			tx_release(conn);
			/* room that came before the release has woken nobody */
			if (!sk_stream_is_writeable(conn->sock->sk) || !tx_acquire(conn))
				return;
			continue;
		}
		if (err) {
			tx_release(conn);
			ksock_peer_close(conn->peer, err);
			return;
		}
		tx_remove(conn, tx);
		ksock_tx_put(tx, 0);
		if (!budget--) {
			conn->tx_handed_over = true;
			queue_work(ksock_wq, &conn->tx_work);
			return;
		}
	}
}

void ksock_tx_work(struct work_struct *work)
{
	struct ksock_conn *conn = container_of(work, struct ksock_conn, tx_work);

	if (conn->tx_handed_over)
		conn->tx_handed_over = false;
	else if (!tx_acquire(conn))
		return;
	transmit(conn, 4 * TX_BUDGET);
}

/* A message that was to be acknowledged is not sent */
static void zc_drop(struct ksock_tx *tx, int err)
{
	bool waiting;

	spin_lock_bh(&tx->peer->lock);
	waiting = !list_empty(&tx->zc_link);
	list_del_init(&tx->zc_link);
	spin_unlock_bh(&tx->peer->lock);
	if (waiting)
		ksock_tx_put(tx, err);
}

/* Send on a connection, which the caller holds; on a closing one the message fails */
void ksock_conn_queue(struct ksock_conn *conn, struct ksock_tx *tx)
{
	bool writer = false;

	spin_lock_bh(&conn->tx_lock);
	if (test_bit(KSOCK_CONN_CLOSING, &conn->flags)) {
		spin_unlock_bh(&conn->tx_lock);
		zc_drop(tx, conn->error);
		ksock_tx_put(tx, conn->error);
		return;
	}
	if (list_empty(&conn->tx_queue))
		conn->tx_progress = jiffies;
	list_add_tail(&tx->link, &conn->tx_queue);
	conn->tx_queued += tx->size;
	if (!conn->tx_active) {
		conn->tx_active = true;
		writer = true;
	}
	spin_unlock_bh(&conn->tx_lock);
	if (writer)
		transmit(conn, TX_BUDGET);
}

static struct ksock_tx *zc_find(struct ksock_peer *peer, u64 cookie)
{
	struct ksock_tx *tx;

	list_for_each_entry(tx, &peer->zc, zc_link)
		if (le64_to_cpu(tx->wire.ksm.ksm_zc_cookies[0]) == cookie)
			return tx;
	return NULL;
}

/* The peer is done with the pages of [first, last]. Return: 0, or -EPROTO if one is not due. */
int ksock_zc_acked(struct ksock_peer *peer, u64 first, u64 last)
{
	struct ksock_tx *tx, *n;
	LIST_HEAD(acked);
	int err = 0;

	spin_lock_bh(&peer->lock);
	for (;; first++) {
		tx = zc_find(peer, first);
		if (!tx) {
			err = -EPROTO;
			break;
		}
		list_move_tail(&tx->zc_link, &acked);
		if (first == last)
			break;
	}
	spin_unlock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &acked, zc_link) {
		list_del_init(&tx->zc_link);
		ksock_tx_put(tx, 0);
	}
	return err;
}

/* Nobody will acknowledge what went over @conn */
void ksock_zc_fail(struct ksock_peer *peer, struct ksock_conn *conn, int err)
{
	struct ksock_tx *tx, *n;
	LIST_HEAD(failed);

	spin_lock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &peer->zc, zc_link)
		if (tx->conn == conn)
			list_move_tail(&tx->zc_link, &failed);
	spin_unlock_bh(&peer->lock);
	list_for_each_entry_safe(tx, n, &failed, zc_link) {
		list_del_init(&tx->zc_link);
		ksock_tx_put(tx, err);
	}
}
