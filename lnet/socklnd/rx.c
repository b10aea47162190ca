// SPDX-License-Identifier: GPL-2.0
/*
 * Messages out of sockets: header into the connection's buffer, payload straight to
 * where LNet wants it, cookies answered (chapter 01, 6.4). One thread of ksock_wq at
 * a time reads a connection, and calls the receiver's event.
 */
#include <linux/tcp.h>
#include "socklnd.h"

#define RX_BUDGET 64	/* messages before other connections get their turn */

/* Read without waiting. Return: bytes, 0 at the end of the stream, -EAGAIN, ... */
static int rx_read(struct ksock_conn *conn, struct msghdr *mh)
{
	int n = sock_recvmsg(conn->sock, mh, mh->msg_flags);

	if (n > 0)
		conn->rx_progress = jiffies;
	return n;
}

/* Cookies of a NOOP: one, two, a range, or a keepalive */
static int rx_noop(struct ksock_conn *conn, u64 first, u64 second)
{
	struct ksock_peer *peer = conn->peer;

	if (second == KSOCK_COOKIE_KEEPALIVE)
		return first <= KSOCK_COOKIE_KEEPALIVE ? 0 : -EPROTO;
	if (!first)
		return second ? ksock_zc_acked(peer, second, second) : 0;
	if (first > second)
		return (second ? ksock_zc_acked(peer, second, second) : 0) ?:
		       ksock_zc_acked(peer, first, first);
	return ksock_zc_acked(peer, first, second);
}

/* The whole message is read */
static int rx_finish(struct ksock_conn *conn)
{
	struct lnet_msg *msg = conn->rx_msg;
	u64 cookie = conn->rx_cookie;

	conn->rx_state = KSOCK_RX_HEADER;
	conn->rx_have = 0;
	conn->rx_msg = NULL;
	conn->rx_cookie = 0;
	if (msg)
		lnet_recv_done(msg, 0);
	return cookie ? ksock_send_noop(conn, cookie) : 0;
}

/* An LNet header is complete: LNet says where the payload goes */
static int rx_lnet(struct ksock_conn *conn)
{
	struct ksock_wire_msg *ksm = (void *)conn->rx_buf;
	struct lnet_wire_hdr *hdr = (void *)(ksm + 1);
	u64 ack = le64_to_cpu(ksm->ksm_zc_cookies[1]);
	u32 payload;
	int err;

	if (ack) {
		err = ksock_zc_acked(conn->peer, ack, ack);
		if (err)
			return err;
	}
	err = lnet_parse(conn->peer->kn->ni, hdr, conn->peer->nid, &conn->rx_msg);
	if (err)
		return err;
	payload = le32_to_cpu(hdr->payload_length);
	conn->rx_cookie = le64_to_cpu(ksm->ksm_zc_cookies[0]);
	conn->rx_skip = payload;
	conn->rx_state = KSOCK_RX_SKIP;
	if (conn->rx_msg) {
		conn->rx_skip -= iov_iter_count(&conn->rx_msg->iter);
		conn->rx_state = KSOCK_RX_PAYLOAD;
	}
	return 0;
}

/* Work off what the buffer holds: NOOPs, then at most one LNet header */
static int rx_parse(struct ksock_conn *conn)
{
	struct ksock_wire_msg *ksm = (void *)conn->rx_buf;
	int err;

	while (conn->rx_have >= sizeof(*ksm)) {
		if (ksm->ksm_csum)
			return -EPROTO;		/* there are none in V3 */
		switch (le32_to_cpu(ksm->ksm_type)) {
		case KSOCK_MSG_NOOP:
			err = rx_noop(conn, le64_to_cpu(ksm->ksm_zc_cookies[0]),
				      le64_to_cpu(ksm->ksm_zc_cookies[1]));
			if (err)
				return err;
			conn->rx_have -= sizeof(*ksm);
			memmove(conn->rx_buf, conn->rx_buf + sizeof(*ksm), conn->rx_have);
			break;
		case KSOCK_MSG_LNET:
			return conn->rx_have == KSOCK_HDR_SIZE ? rx_lnet(conn) : 0;
		default:
			return -EPROTO;
		}
	}
	return 0;
}

/* Surely nothing to read? What arrives from now on queues rx_work again */
static bool rx_idle(const struct sock *sk)
{
	return skb_queue_empty_lockless(&sk->sk_receive_queue) && !READ_ONCE(sk->sk_err) &&
	       !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN);
}

/* The buffer never holds more than a header with its envelope, so no payload is in it */
static int rx_header(struct ksock_conn *conn)
{
	struct kvec vec = {
		.iov_base = conn->rx_buf + conn->rx_have,
		.iov_len = KSOCK_HDR_SIZE - conn->rx_have,
	};
	struct msghdr mh = { .msg_flags = MSG_DONTWAIT };
	int n;

	if (rx_idle(conn->sock->sk))
		return -EAGAIN;
	iov_iter_kvec(&mh.msg_iter, ITER_DEST, &vec, 1, vec.iov_len);
	n = rx_read(conn, &mh);
	if (n <= 0)
		return n ?: conn->rx_have ? -ECONNRESET : -ESHUTDOWN;
	conn->rx_have += n;
	return rx_parse(conn);
}

static int rx_payload(struct ksock_conn *conn)
{
	struct lnet_msg *msg = conn->rx_msg;
	struct msghdr mh = { .msg_flags = MSG_DONTWAIT };
	int n;

	while (iov_iter_count(&msg->iter)) {
		mh.msg_iter = msg->iter;
		n = rx_read(conn, &mh);
		if (n <= 0)
			return n ?: -ECONNRESET;
		iov_iter_advance(&msg->iter, n);
	}
	conn->rx_state = KSOCK_RX_SKIP;
	return 0;
}

static int rx_skip(struct ksock_conn *conn)
{
	while (conn->rx_skip) {
		struct msghdr mh = { .msg_flags = MSG_DONTWAIT | MSG_TRUNC };
		int n;

		iov_iter_discard(&mh.msg_iter, ITER_DEST, conn->rx_skip);
		n = rx_read(conn, &mh);
		if (n <= 0)
			return n ?: -ECONNRESET;
		conn->rx_skip -= n;
	}
	return rx_finish(conn);
}

static int rx_step(struct ksock_conn *conn)
{
	switch (conn->rx_state) {
	case KSOCK_RX_HEADER:
		return rx_header(conn);
	case KSOCK_RX_PAYLOAD:
		return rx_payload(conn);
	default:
		return rx_skip(conn);
	}
}

void ksock_rx_work(struct work_struct *work)
{
	struct ksock_conn *conn = container_of(work, struct ksock_conn, rx_work);
	unsigned int steps = 3 * RX_BUDGET;
	char nid[LNET_NIDSTR_SIZE];
	int err;

	do {
		if (test_bit(KSOCK_CONN_CLOSING, &conn->flags))
			return;
		err = rx_step(conn);
	} while (!err && --steps);

	if (!err)
		queue_work(ksock_wq, &conn->rx_work);
	else if (err == -ESHUTDOWN)
		ksock_conn_close(conn, -ECONNRESET);	/* the peer closed between messages */
	else if (err != -EAGAIN) {
		pr_info_ratelimited("ksocklnd: %s: closing connections: error %d\n",
				    lnet_nid_str(conn->peer->nid, nid), err);
		ksock_peer_close(conn->peer, err);
	}
}
