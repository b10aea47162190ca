// SPDX-License-Identifier: GPL-2.0
/*
 * Connections after their handshake: socket callbacks and the end. Handshakes are in
 * accept.c and dial.c, traffic in rx.c and tx.c.
 */
#include <linux/slab.h>
#include <linux/tcp.h>
#include "net_socket.h"
#include "socklnd.h"

/* Options of every connection, set before its handshake (chapter 01, 6.2) */
void ksock_sock_setup(struct socket *sock)
{
	struct sock *sk = sock->sk;

	sk->sk_allocation = GFP_NOFS;
	sock_no_task_frag(sk);
	if (!ksock_nagle)
		tcp_sock_set_nodelay(sk);
	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, ksock_keepalive_idle);
	tcp_sock_set_keepintvl(sk, ksock_keepalive_intvl);
	tcp_sock_set_keepcnt(sk, ksock_keepalive_count);
	tcp_sock_set_user_timeout(sk, ksock_timeout() * 1000);
	if (ksock_rx_buffer_size)
		sock_set_rcvbuf(sk, ksock_rx_buffer_size);
	if (ksock_tx_buffer_size) {
		lock_sock(sk);
		sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
		WRITE_ONCE(sk->sk_sndbuf, max_t(int, ksock_tx_buffer_size * 2, SOCK_MIN_SNDBUF));
		release_sock(sk);
	}
}

static void kick(struct sock *sk, bool rx)
{
	struct ksock_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn)
		queue_work(ksock_wq, rx ? &conn->rx_work : &conn->tx_work);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void data_ready(struct sock *sk)
{
	kick(sk, true);
}

static void error_report(struct sock *sk)
{
	kick(sk, true);
}

/* Reading finds out what happened */
static void state_change(struct sock *sk)
{
	if (sk->sk_state != TCP_ESTABLISHED)
		kick(sk, true);
}

static void write_space(struct sock *sk)
{
	if (!sk_stream_is_writeable(sk))
		return;
	if (sk->sk_socket)
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	kick(sk, false);
}

static void hook(struct ksock_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->old_data_ready = sk->sk_data_ready;
	conn->old_write_space = sk->sk_write_space;
	conn->old_state_change = sk->sk_state_change;
	conn->old_error_report = sk->sk_error_report;
	sk->sk_user_data = conn;
	sk->sk_data_ready = data_ready;
	sk->sk_write_space = write_space;
	sk->sk_state_change = state_change;
	sk->sk_error_report = error_report;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void unhook(struct ksock_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = conn->old_data_ready;
	sk->sk_write_space = conn->old_write_space;
	sk->sk_state_change = conn->old_state_change;
	sk->sk_error_report = conn->old_error_report;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void conn_free(struct kref *ref)
{
	struct ksock_conn *conn = container_of(ref, struct ksock_conn, ref);
	struct ksock_ni *kn = conn->peer->kn;

	sock_release(conn->sock);
	ksock_peer_put(conn->peer);
	kfree(conn);
	ksock_ni_put(kn);
}

void ksock_conn_put(struct ksock_conn *conn)
{
	kref_put(&conn->ref, conn_free);
}

/* Nobody sends or receives any more: give up what was under way */
static void close_work(struct work_struct *work)
{
	struct ksock_conn *conn = container_of(work, struct ksock_conn, close_work);
	struct ksock_tx *tx, *n;
	LIST_HEAD(unsent);

	unhook(conn);
	wait_var_event(&conn->tx_active, !READ_ONCE(conn->tx_active));
	cancel_work_sync(&conn->rx_work);
	wait_var_event(&conn->tx_active, !READ_ONCE(conn->tx_active));
	cancel_work_sync(&conn->tx_work);

	if (conn->rx_msg)
		lnet_recv_done(conn->rx_msg, conn->error);
	spin_lock_bh(&conn->tx_lock);
	list_splice_init(&conn->tx_queue, &unsent);
	spin_unlock_bh(&conn->tx_lock);
	list_for_each_entry_safe(tx, n, &unsent, link) {
		list_del_init(&tx->link);
		ksock_tx_put(tx, conn->error);
	}
	ksock_zc_fail(conn->peer, conn, conn->error);
	ksock_conn_put(conn);
}

/*
 * Make a connection of a socket whose handshake is done; takes the socket and a
 * reference to the peer. Nothing happens on it before ksock_conn_start().
 */
struct ksock_conn *ksock_conn_create(struct ksock_peer *peer, struct socket *sock, int type)
{
	struct ksock_conn *conn = kzalloc(sizeof(*conn), GFP_KERNEL);

	if (!conn)
		return NULL;
	INIT_LIST_HEAD(&conn->link);
	kref_init(&conn->ref);
	kref_get(&peer->ref);
	ksock_ni_get(peer->kn);
	conn->peer = peer;
	conn->sock = sock;
	conn->type = type;
	conn->tx_progress = jiffies;
	conn->rx_progress = jiffies;
	spin_lock_init(&conn->tx_lock);
	INIT_LIST_HEAD(&conn->tx_queue);
	INIT_WORK(&conn->tx_work, ksock_tx_work);
	INIT_WORK(&conn->rx_work, ksock_rx_work);
	INIT_WORK(&conn->close_work, close_work);
	return conn;
}

/* Open it for traffic, with what came or waited already */
void ksock_conn_start(struct ksock_conn *conn)
{
	struct ksock_peer *peer = conn->peer;
	struct ksock_ni *kn = peer->kn;
	bool stopping;

	kref_get(&conn->ref);
	hook(conn);
	spin_lock_bh(&kn->lock);
	stopping = kn->stopping;
	spin_lock_bh(&peer->lock);
	list_add_tail(&conn->link, &peer->conns);
	spin_unlock_bh(&peer->lock);
	spin_unlock_bh(&kn->lock);
	if (stopping) {
		ksock_conn_close(conn, -ESHUTDOWN);
	} else {
		ksock_peer_flush(peer);
		queue_work(ksock_wq, &conn->rx_work);
	}
	ksock_conn_put(conn);
}

/* Begin the end; the rest is done by close_work. May be called by anyone, any number of times. */
void ksock_conn_close(struct ksock_conn *conn, int err)
{
	struct ksock_peer *peer = conn->peer;
	bool first;

	spin_lock_bh(&conn->tx_lock);
	first = !test_and_set_bit(KSOCK_CONN_CLOSING, &conn->flags);
	if (first)
		conn->error = err;
	spin_unlock_bh(&conn->tx_lock);
	if (!first)
		return;
	spin_lock_bh(&peer->lock);
	list_del_init(&conn->link);
	spin_unlock_bh(&peer->lock);
	kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	queue_work(ksock_handshake_wq, &conn->close_work);
}
