// SPDX-License-Identifier: GPL-2.0
/*
 * Connections that peers make: one listener for each address and namespace, the
 * acceptor request, and the passive side of HELLO (chapter 01, 5 and 6.2).
 */
#include <linux/in.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include "net_socket.h"
#include "socklnd.h"

/* @refs: interfaces with this address; under listener_mutex */
struct ksock_listener {
	struct list_head	link;
	struct net		*netns;
	u32			addr;
	unsigned int		refs;
	struct socket		*sock;
	void			(*old_data_ready)(struct sock *sk);
	struct work_struct	work;
	struct mutex		lock;		/* the next three */
	struct list_head	incoming;
	unsigned int		nr_incoming;
	bool			closing;
	wait_queue_head_t	idle;
};

/* A connection whose peer has not yet said who it is */
struct incoming {
	struct list_head	link;
	struct ksock_listener	*l;
	struct socket		*sock;
	struct work_struct	work;
};

static DEFINE_MUTEX(listener_mutex);
static LIST_HEAD(listeners);

/*
 * Read and check the acceptor request. Return: the interface that is wanted, with a
 * reference, or an error: close.
 */
static struct ksock_ni *read_request(struct ksock_listener *l, struct socket *sock)
{
	struct lnet_wire_acceptor acr = {};
	struct ksock_ni *kn;
	u32 magic;
	int err;

	err = ksock_read(sock, &acr, 8, lnet_accept_timeout());
	if (err)
		return ERR_PTR(err);
	magic = le32_to_cpu(acr.acr_magic);
	if (magic == swab32(LNET_ACCEPTOR_MAGIC)) {
		pr_warn_ratelimited("ksocklnd: refusing a peer of the other byte order\n");
		return ERR_PTR(-EPROTO);
	}
	if (magic == LNET_PROTO_MAGIC || magic == swab32(LNET_PROTO_MAGIC) ||
	    (magic == LNET_ACCEPTOR_MAGIC &&
	     le32_to_cpu(acr.acr_version) != LNET_ACCEPTOR_VERSION)) {
		acr.acr_magic = cpu_to_le32(LNET_ACCEPTOR_MAGIC);
		acr.acr_version = cpu_to_le32(LNET_ACCEPTOR_VERSION);
		acr.acr_nid = 0;
		ksock_write(sock, &acr, sizeof(acr));
		return ERR_PTR(-EPROTONOSUPPORT);
	}
	if (magic != LNET_ACCEPTOR_MAGIC)
		return ERR_PTR(-EPROTO);
	err = ksock_read(sock, &acr.acr_nid, sizeof(acr.acr_nid), lnet_accept_timeout());
	if (err)
		return ERR_PTR(err);
	kn = ksock_ni_by_nid(l->netns, le64_to_cpu(acr.acr_nid));
	return kn ?: ERR_PTR(-EADDRNOTAVAIL);
}

/* May this HELLO come from a peer of this interface? */
static bool hello_sane(struct ksock_ni *kn, const struct ksock_hello *hello)
{
	return hello->ctype >= KSOCK_CONN_ANY && hello->ctype <= KSOCK_CONN_BULK_OUT &&
	       hello->src_pid == LNET_PID_LUSTRE &&
	       LNET_NID_NET(hello->src_nid) == LNET_NID_NET(kn->ni->nid) &&
	       hello->src_nid != kn->ni->nid;
}

/*
 * What to answer: our type of the connection, or KSOCK_CONN_NONE: not this one. When
 * both dial at once the attempt of the higher NID counts.
 */
static int decide(struct ksock_ni *kn, struct ksock_peer *peer, const struct ksock_hello *hello,
		  bool *rebooted)
{
	int type = ksock_inverse(hello->ctype);

	spin_lock_bh(&peer->lock);
	*rebooted = peer->incarnation && peer->incarnation != hello->incarnation;
	if (hello->src_nid < kn->ni->nid && peer->connecting && !*rebooted)
		type = KSOCK_CONN_NONE;
	else if (!*rebooted && ksock_peer_count(peer, type) >= KSOCK_MAX_CONNS_PER_TYPE)
		type = KSOCK_CONN_NONE;
	else
		peer->incarnation = hello->incarnation;
	spin_unlock_bh(&peer->lock);
	return type;
}

/* The socket is a connection's from now on */
static void give_away(struct incoming *in)
{
	mutex_lock(&in->l->lock);
	in->sock = NULL;
	mutex_unlock(&in->l->lock);
}

/* Answer a peer and make a connection of the socket */
static void welcome(struct ksock_ni *kn, struct incoming *in, const struct ksock_hello *hello)
{
	struct socket *sock = in->sock;
	struct ksock_peer *peer = ksock_peer_get(kn, hello->src_nid, true);
	struct ksock_conn *conn = NULL;
	bool rebooted;
	int type, err;

	if (IS_ERR(peer))
		return;
	type = decide(kn, peer, hello, &rebooted);
	if (rebooted)
		ksock_peer_close(peer, -ECONNRESET);
	if (type != KSOCK_CONN_NONE)
		conn = ksock_conn_create(peer, sock, type);
	err = ksock_hello_send(sock, kn, hello->src_nid, conn ? type : KSOCK_CONN_NONE);
	if (conn) {
		give_away(in);
		kref_get(&conn->ref);
		ksock_conn_start(conn);
		if (err)
			ksock_conn_close(conn, err);
		ksock_conn_put(conn);
	}
	ksock_peer_put(peer);
}

static void greet(struct incoming *in)
{
	struct ksock_hello hello = {};
	struct ksock_ni *kn;
	int err;

	kn = read_request(in->l, in->sock);
	if (IS_ERR(kn))
		return;
	err = ksock_hello_recv(in->sock, lnet_accept_timeout(), &hello);
	if (err == -EPROTONOSUPPORT)
		ksock_hello_send(in->sock, kn, kn->ni->nid, KSOCK_CONN_NONE);
	else if (!err && hello_sane(kn, &hello))
		welcome(kn, in, &hello);
	ksock_ni_put(kn);
}

static void incoming_work(struct work_struct *work)
{
	struct incoming *in = container_of(work, struct incoming, work);
	struct ksock_listener *l = in->l;

	greet(in);
	mutex_lock(&l->lock);
	list_del(&in->link);
	if (in->sock)
		sock_release(in->sock);
	if (!--l->nr_incoming)
		wake_up(&l->idle);
	mutex_unlock(&l->lock);
	kfree(in);
}

/* The same handlers as before the listener's were copied into the new socket */
static void reset_callbacks(struct ksock_listener *l, struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = l->old_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
}

static bool from_privileged_port(struct socket *sock)
{
	struct sockaddr_in sin = {};

	return kernel_getpeername(sock, (struct sockaddr *)&sin) >= 0 &&
	       ntohs(sin.sin_port) <= LNET_ACCEPTOR_PORT_MAX;
}

static void take(struct ksock_listener *l, struct socket *sock)
{
	struct incoming *in;

	reset_callbacks(l, sock->sk);
	if (lnet_accept_mode() == LNET_ACCEPT_SECURE && !from_privileged_port(sock))
		goto refuse;
	in = kzalloc(sizeof(*in), GFP_KERNEL);
	if (!in)
		goto refuse;
	ksock_sock_setup(sock);
	in->l = l;
	in->sock = sock;
	INIT_WORK(&in->work, incoming_work);
	mutex_lock(&l->lock);
	if (l->closing || l->nr_incoming >= KSOCK_MAX_INCOMING) {
		mutex_unlock(&l->lock);
		kfree(in);
		goto refuse;
	}
	l->nr_incoming++;
	list_add_tail(&in->link, &l->incoming);
	mutex_unlock(&l->lock);
	queue_work(ksock_handshake_wq, &in->work);
	return;
refuse:
	sock_release(sock);
}

static void accept_work(struct work_struct *work)
{
	struct ksock_listener *l = container_of(work, struct ksock_listener, work);
	struct socket *sock;

	while (!READ_ONCE(l->closing) && !kernel_accept(l->sock, &sock, O_NONBLOCK))
		take(l, sock);
}

static void listen_data_ready(struct sock *sk)
{
	void (*next)(struct sock *sk) = NULL;
	struct ksock_listener *l;

	read_lock_bh(&sk->sk_callback_lock);
	l = sk->sk_user_data;
	if (l) {
		next = l->old_data_ready;
		/* a socket that is being accepted inherits this function */
		if (sk->sk_state == TCP_LISTEN)
			queue_work(ksock_handshake_wq, &l->work);
	}
	read_unlock_bh(&sk->sk_callback_lock);
	if (next)
		next(sk);
}

static int start_listening(struct ksock_listener *l)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(lnet_accept_port()),
		.sin_addr.s_addr = htonl(l->addr),
	};
	struct sock *sk;
	int err = sock_create_kern(l->netns, AF_INET, SOCK_STREAM, IPPROTO_TCP, &l->sock);

	if (err)
		return err;
	sk = l->sock->sk;
	sock_set_reuseaddr(sk);
	err = kernel_bind(l->sock, (struct sockaddr_unsized *)&sin, sizeof(sin));
	if (err)
		goto release;
	write_lock_bh(&sk->sk_callback_lock);
	l->old_data_ready = sk->sk_data_ready;
	sk->sk_user_data = l;
	sk->sk_data_ready = listen_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	err = kernel_listen(l->sock, lnet_accept_backlog());
	if (!err)
		return 0;
release:
	sock_release(l->sock);
	return err;
}

/* Let peers reach an interface. Return: 0, -EADDRINUSE, ... */
int ksock_listen(struct ksock_ni *kn)
{
	u32 addr = LNET_NID_ADDR(kn->ni->nid);
	struct ksock_listener *l;
	int err = 0;

	if (lnet_accept_mode() == LNET_ACCEPT_NONE)
		return 0;
	mutex_lock(&listener_mutex);
	list_for_each_entry(l, &listeners, link) {
		if (l->addr == addr && net_eq(l->netns, kn->ni->netns)) {
			l->refs++;
			goto found;
		}
	}
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l) {
		mutex_unlock(&listener_mutex);
		return -ENOMEM;
	}
	l->addr = addr;
	l->netns = kn->ni->netns;
	l->refs = 1;
	INIT_WORK(&l->work, accept_work);
	mutex_init(&l->lock);
	INIT_LIST_HEAD(&l->incoming);
	init_waitqueue_head(&l->idle);
	err = start_listening(l);
	if (err) {
		kfree(l);
		goto out;
	}
	list_add(&l->link, &listeners);
found:
	kn->listener = l;
out:
	mutex_unlock(&listener_mutex);
	return err;
}

/* Interrupt the handshakes and wait for their end */
static void stop_listening(struct ksock_listener *l)
{
	struct sock *sk = l->sock->sk;
	struct incoming *in;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = l->old_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	mutex_lock(&l->lock);
	l->closing = true;
	list_for_each_entry(in, &l->incoming, link)
		if (in->sock)
			kernel_sock_shutdown(in->sock, SHUT_RDWR);
	mutex_unlock(&l->lock);
	cancel_work_sync(&l->work);
	wait_event(l->idle, !READ_ONCE(l->nr_incoming));
	mutex_lock(&l->lock);		/* until whoever woke us has left */
	mutex_unlock(&l->lock);
	sock_release(l->sock);
	kfree(l);
}

void ksock_unlisten(struct ksock_ni *kn)
{
	struct ksock_listener *l = kn->listener;

	if (!l)
		return;
	kn->listener = NULL;
	mutex_lock(&listener_mutex);
	if (!--l->refs) {
		list_del(&l->link);
		stop_listening(l);
	}
	mutex_unlock(&listener_mutex);
}
