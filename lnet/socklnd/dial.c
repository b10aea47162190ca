// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that we make: one after the other, from ports that only root can use
 * (chapter 01, 5 and 6.2). What arrives from peers is in accept.c.
 */
#include <linux/in.h>
#include <linux/tcp.h>
#include "net_socket.h"
#include "socklnd.h"

/* Let shutdown interrupt what happens on a socket. Return: -ESHUTDOWN if it has begun. */
static int set_dial_sock(struct ksock_peer *peer, struct socket *sock)
{
	int err = 0;

	mutex_lock(&peer->dial_mutex);
	if (sock && READ_ONCE(peer->kn->stopping))
		err = -ESHUTDOWN;
	else
		peer->dial_sock = sock;
	mutex_unlock(&peer->dial_mutex);
	return err;
}

static void ip_address(struct sockaddr_in *sin, lnet_nid_t nid, u16 port)
{
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	sin->sin_addr.s_addr = htonl(LNET_NID_ADDR(nid));
}

/* Connect from one local port */
static int connect_from(struct ksock_peer *peer, struct socket *sock, u16 port)
{
	struct sockaddr_in sin;
	int err;

	sock_set_reuseaddr(sock->sk);
	ip_address(&sin, peer->kn->ni->nid, port);
	err = kernel_bind(sock, (struct sockaddr_unsized *)&sin, sizeof(sin));
	if (err)
		return err;
	err = set_dial_sock(peer, sock);
	if (err)
		return err;
	sock->sk->sk_sndtimeo = ksock_timeout() * HZ;
	ip_address(&sin, peer->nid, lnet_accept_port());
	err = kernel_connect(sock, (struct sockaddr_unsized *)&sin, sizeof(sin), 0);
	if (err == -EINPROGRESS || err == -EAGAIN)
		err = -ETIMEDOUT;
	if (err)
		set_dial_sock(peer, NULL);
	return err;
}

static int dial_socket(struct ksock_peer *peer, struct socket **sockp)
{
	int err = -EADDRINUSE;
	unsigned int port;

	for (port = LNET_ACCEPTOR_PORT_MAX; port >= LNET_ACCEPTOR_PORT_MIN; port--) {
		struct socket *sock;

		err = sock_create_kern(peer->kn->ni->netns, AF_INET, SOCK_STREAM, IPPROTO_TCP,
				       &sock);
		if (err)
			return err;
		ksock_sock_setup(sock);
		err = connect_from(peer, sock, port);
		if (!err) {
			*sockp = sock;
			return 0;
		}
		sock_release(sock);
		if (err != -EADDRINUSE && err != -EADDRNOTAVAIL)
			return err;
	}
	return err;
}

/*
 * Say who we are and whom we want, and check who answers. Return: 0, -EALREADY: the
 * peer prefers its own attempt, -EPROTO, -EPROTONOSUPPORT, errors of the socket.
 */
static int handshake(struct ksock_peer *peer, struct socket *sock, int type,
		     struct ksock_hello *hello)
{
	const struct lnet_wire_acceptor acr = {
		.acr_magic = cpu_to_le32(LNET_ACCEPTOR_MAGIC),
		.acr_version = cpu_to_le32(LNET_ACCEPTOR_VERSION),
		.acr_nid = cpu_to_le64(peer->nid),
	};
	int err = ksock_write(sock, (void *)&acr, sizeof(acr));

	if (!err)
		err = ksock_hello_send(sock, peer->kn, peer->nid, type);
	if (!err)
		err = ksock_hello_recv(sock, ksock_timeout(), hello);
	if (err)
		return err;
	if (hello->src_nid != peer->nid || hello->src_pid != LNET_PID_LUSTRE)
		return -EPROTO;
	if (hello->ctype == KSOCK_CONN_NONE)
		return -EALREADY;
	return ksock_inverse(hello->ctype) == type ? 0 : -EPROTO;
}

/* Old connections of another life of the peer go before the new one comes */
static void note_incarnation(struct ksock_peer *peer, u64 incarnation)
{
	bool changed;

	spin_lock_bh(&peer->lock);
	changed = peer->incarnation && peer->incarnation != incarnation;
	peer->incarnation = incarnation;
	spin_unlock_bh(&peer->lock);
	if (changed)
		ksock_peer_close(peer, -ECONNRESET);
}

static int dial_one(struct ksock_peer *peer, int type)
{
	struct ksock_hello hello = {};
	struct ksock_conn *conn;
	struct socket *sock;
	int err = dial_socket(peer, &sock);

	if (err)
		return err;
	err = handshake(peer, sock, type, &hello);
	set_dial_sock(peer, NULL);
	if (!err) {
		note_incarnation(peer, hello.incarnation);
		conn = ksock_conn_create(peer, sock, type);
		if (conn) {
			ksock_conn_start(conn);
			return 0;
		}
		err = -ENOMEM;
	}
	sock_release(sock);
	return err;
}

/* A dial has failed: pause before the next one, twice as long each time */
static void back_off(struct ksock_peer *peer)
{
	lockdep_assert_held(&peer->lock);
	peer->backoff_ms = clamp(peer->backoff_ms * 2, ksock_min_reconnect_ms,
				 ksock_max_reconnect_ms);
	peer->retry_at = jiffies + msecs_to_jiffies(peer->backoff_ms);
	peer->dialing = false;
}

static void complain(struct ksock_peer *peer, int err)
{
	char nid[LNET_NIDSTR_SIZE];

	if (err == -ESHUTDOWN)
		return;
	pr_info_ratelimited("ksocklnd: cannot connect to %s: error %d%s\n",
			    lnet_nid_str(peer->nid, nid), err, err == -ECONNRESET ?
			    " (is that one of its NIDs?)" : "");
}

/* Dial what is missing. The work owns a reference to the peer as long as it is dialing. */
void ksock_dial_work(struct work_struct *work)
{
	struct ksock_peer *peer = container_of(work, struct ksock_peer, dial.work);
	int type, err;

	for (;;) {
		spin_lock_bh(&peer->lock);
		type = ksock_peer_missing(peer);
		peer->connecting = type != KSOCK_CONN_NONE;
		peer->dialing = peer->connecting;
		spin_unlock_bh(&peer->lock);
		if (type == KSOCK_CONN_NONE)
			break;
		err = dial_one(peer, type);

		spin_lock_bh(&peer->lock);
		peer->connecting = false;
		if (err == -EALREADY) {
			/* messages wait on; the peer's own connections may come meanwhile */
			spin_unlock_bh(&peer->lock);
			/* false: it is being cancelled, and finds nothing that was queued */
			if (!queue_delayed_work(ksock_handshake_wq, &peer->dial,
						msecs_to_jiffies(ksock_min_reconnect_ms)))
				ksock_peer_put(peer);
			return;
		}
		if (!err) {
			peer->dialer = true;
			peer->backoff_ms = 0;
		} else {
			back_off(peer);
		}
		spin_unlock_bh(&peer->lock);
		if (err) {
			complain(peer, err);
			ksock_peer_fail_pending(peer, err);
			break;
		}
	}
	ksock_peer_put(peer);
}
