/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of ksocklnd.ko: LNet over TCP (chapter 01, sections 5 and 6).
 *
 * A message is written to the socket by the thread that sends it while the socket
 * has room, else by tx_work when it has room again. rx_work of a connection reads
 * the socket into the memory of the receiver and calls its event.
 *
 * Lock order: ksock_ni.lock > ksock_peer.lock > ksock_conn.tx_lock; and
 * sk_callback_lock > nothing of ours. All are spinlocks, taken with bottom halves off.
 */
#ifndef SHEEN_SOCKLND_H
#define SHEEN_SOCKLND_H

#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include "lnet/core/lnd.h"

#define KSOCK_MAX_CONNS_PER_TYPE	127
#define KSOCK_MAX_INCOMING		256	/* handshakes at a time on one listener */
#define KSOCK_MAX_ANSWERS		4096	/* answers queued for a peer that does not read */
#define KSOCK_PEER_HASH_BITS		8

/* One LNet interface. @objects counts its peers, connections and handshakes. */
struct ksock_ni {
	struct list_head	link;		/* ksock_nis */
	struct lnet_ni		*ni;
	u64			incarnation;
	struct ksock_listener	*listener;	/* of its address, shared by nets */
	spinlock_t		lock;		/* peers, stopping */
	DECLARE_HASHTABLE(peers, KSOCK_PEER_HASH_BITS);
	bool			stopping;
	atomic_t		objects;
	struct delayed_work	tick;
};

/**
 * struct ksock_peer - another node on one net
 * @hash: in ksock_ni.peers until it is forgotten
 * @lock: all that follows
 * @conns: connections that work
 * @pending: messages that wait for a connection
 * @zc: messages whose pages the peer has not yet acknowledged
 * @incarnation: of its interface, as its HELLOs say
 * @cookie: last zero-copy cookie given
 * @dialer: we dialed it, so we replace what is missing
 * @dialing: @dial is queued or running
 * @connecting: a dial is under way right now
 * @backoff_ms: pause after the last failed dial, 0 after a good one
 * @retry_at: end of that pause
 * @dial_sock: socket in connect or handshake, for shutdown to interrupt; by @dial_mutex
 */
struct ksock_peer {
	struct hlist_node	hash;
	struct kref		ref;
	struct ksock_ni		*kn;
	lnet_nid_t		nid;
	spinlock_t		lock;
	struct list_head	conns;
	struct list_head	pending;
	struct list_head	zc;
	u64			incarnation;
	u64			cookie;
	bool			dialer;
	bool			dialing;
	bool			connecting;
	unsigned int		backoff_ms;
	unsigned long		retry_at;
	struct mutex		dial_mutex;
	struct socket		*dial_sock;
	struct delayed_work	dial;
	atomic_t		answers;
};

enum ksock_rx_state {
	KSOCK_RX_HEADER,	/* 24 bytes, or 96 with an LNet header */
	KSOCK_RX_PAYLOAD,	/* wanted payload */
	KSOCK_RX_SKIP,		/* unwanted payload */
};

#define KSOCK_HDR_SIZE	(sizeof(struct ksock_wire_msg) + sizeof(struct lnet_wire_hdr))

struct ksock_conn {
	struct list_head	link;		/* ksock_peer.conns */
	struct kref		ref;
	struct ksock_peer	*peer;
	struct socket		*sock;
	enum ksock_conn_type	type;		/* as we see it */
	unsigned long		flags;
#define KSOCK_CONN_CLOSING	0
	int			error;
	struct work_struct	close_work;
	void			(*old_data_ready)(struct sock *sk);
	void			(*old_write_space)(struct sock *sk);
	void			(*old_state_change)(struct sock *sk);
	void			(*old_error_report)(struct sock *sk);

	spinlock_t		tx_lock;	/* the next five */
	struct list_head	tx_queue;
	unsigned int		tx_queued;
	bool			tx_active;	/* a thread writes the socket */
	bool			tx_handed_over;	/* to tx_work, by the one that did */
	unsigned long		tx_progress;	/* jiffies */
	struct work_struct	tx_work;

	struct work_struct	rx_work;	/* owner of the rest */
	enum ksock_rx_state	rx_state;
	u8			rx_buf[KSOCK_HDR_SIZE];
	unsigned int		rx_have;
	struct lnet_msg		*rx_msg;
	u32			rx_skip;
	u64			rx_cookie;
	unsigned long		rx_progress;	/* jiffies */
};

/**
 * struct ksock_tx - one message on its way into a socket
 * @link: in a connection's queue or pending at the peer
 * @zc_link: in ksock_peer.zc
 * @refs: one for sending, one for the peer's acknowledgement of @cookie
 * @msg: what LNet sent; NULL for a NOOP
 * @conn: that took it; only compared
 * @wire: envelope and LNet header, @hdr_len bytes of them
 * @sent: bytes of @wire that are sent
 * @iter: payload that is not sent
 * @splice: hand pages to the socket, do not copy
 * @answer: NOOP, ACK or REPLY: made at the wish of the peer
 */
struct ksock_tx {
	struct list_head	link;
	struct list_head	zc_link;
	refcount_t		refs;
	struct lnet_msg		*msg;
	struct ksock_peer	*peer;
	struct ksock_conn	*conn;
	struct {
		struct ksock_wire_msg	ksm;
		struct lnet_wire_hdr	hdr;
	} __packed wire;
	unsigned int		hdr_len;
	unsigned int		sent;
	u32			size;
	struct iov_iter		iter;
	bool			splice;
	bool			answer;
	int			status;
	unsigned long		deadline;
};

/* A HELLO in host order */
struct ksock_hello {
	u32		version;
	lnet_nid_t	src_nid;
	lnet_nid_t	dst_nid;
	u32		src_pid;
	u64		incarnation;
	int		ctype;
};

/* socklnd.c */
extern struct workqueue_struct *ksock_wq;
extern struct workqueue_struct *ksock_handshake_wq;
extern struct list_head ksock_nis;
extern spinlock_t ksock_nis_lock;
extern unsigned int ksock_zc_min_payload, ksock_min_bulk;
extern unsigned int ksock_min_reconnect_ms, ksock_max_reconnect_ms;
extern int ksock_tx_buffer_size, ksock_rx_buffer_size, ksock_nagle;
extern int ksock_keepalive_idle, ksock_keepalive_count, ksock_keepalive_intvl;
unsigned int ksock_timeout(void);
struct ksock_ni *ksock_ni_by_nid(struct net *net, lnet_nid_t nid);
void ksock_ni_get(struct ksock_ni *kn);
void ksock_ni_put(struct ksock_ni *kn);

/* accept.c */
int ksock_listen(struct ksock_ni *kn);
void ksock_unlisten(struct ksock_ni *kn);

/* dial.c */
void ksock_dial_work(struct work_struct *work);

/* hello.c */
int ksock_inverse(int ctype);
void ksock_hello_encode(struct ksock_wire_hello *wire, lnet_nid_t src, lnet_nid_t dst,
			u64 incarnation, int ctype);
int ksock_hello_decode(const struct ksock_wire_hello *wire, struct ksock_hello *hello);
int ksock_hello_send(struct socket *sock, struct ksock_ni *kn, lnet_nid_t peer, int ctype);
int ksock_hello_recv(struct socket *sock, unsigned int seconds, struct ksock_hello *hello);
int ksock_read(struct socket *sock, void *buf, size_t len, unsigned int seconds);
int ksock_write(struct socket *sock, void *buf, size_t len);

/* peer.c */
struct ksock_peer *ksock_peer_get(struct ksock_ni *kn, lnet_nid_t nid, bool create);
void ksock_peer_put(struct ksock_peer *peer);
void ksock_peer_send(struct ksock_peer *peer, struct ksock_tx *tx);
void ksock_peer_close(struct ksock_peer *peer, int err);
void ksock_peer_fail_pending(struct ksock_peer *peer, int err);
void ksock_peer_flush(struct ksock_peer *peer);
int ksock_peer_missing(struct ksock_peer *peer);
unsigned int ksock_peer_count(struct ksock_peer *peer, int type);
void ksock_peer_tick(struct work_struct *work);
void ksock_peers_stop(struct ksock_ni *kn);

/* conn.c */
struct ksock_conn *ksock_conn_create(struct ksock_peer *peer, struct socket *sock, int type);
void ksock_conn_start(struct ksock_conn *conn);
void ksock_conn_close(struct ksock_conn *conn, int err);
void ksock_conn_put(struct ksock_conn *conn);
void ksock_sock_setup(struct socket *sock);

/* tx.c */
int ksock_tx_cache_init(void);
void ksock_tx_cache_exit(void);
void ksock_send(struct lnet_ni *ni, struct lnet_msg *msg);
int ksock_send_noop(struct ksock_conn *conn, u64 cookie);
void ksock_tx_put(struct ksock_tx *tx, int err);
void ksock_conn_queue(struct ksock_conn *conn, struct ksock_tx *tx);
void ksock_tx_work(struct work_struct *work);
int ksock_zc_acked(struct ksock_peer *peer, u64 first, u64 last);
void ksock_zc_fail(struct ksock_peer *peer, struct ksock_conn *conn, int err);

/* rx.c */
void ksock_rx_work(struct work_struct *work);

/* netdev.c */
int ksock_find_device(struct ksock_ni *kn);
unsigned int ksock_conns_of_speed(u32 mbps);
int ksock_netdev_init(void);
void ksock_netdev_exit(void);

#endif
