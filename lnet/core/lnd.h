/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a network driver (LND) gives to LNet and gets from it: interfaces and
 * messages. Users of LNet include lnet/lnet.h instead.
 */
#ifndef SHEEN_LNET_LND_H
#define SHEEN_LNET_LND_H

#include <linux/completion.h>
#include <linux/if.h>
#include <linux/refcount.h>
#include <linux/uio.h>
#include <net/net_namespace.h>
#include "lnet/lnet.h"

struct lnet_ni;
struct lnet_msg;
struct lnet_peer_ni;

/* Numbers a user may choose per interface; 0 or -1: the driver's default */
struct lnet_tunables {
	int peer_timeout;
	int peer_credits;
	int peer_buffer_credits;
	int credits;
	int conns_per_peer;
};

/**
 * struct lnet_lnd - a network driver
 * @type: enum lnet_net_type
 * @name: of the module, for messages
 * @owner: module that must stay while interfaces of it live
 * @startup: make an interface usable. Set are netns, ifname (may be empty: choose), and net;
 *	fills nid, ifname, ifindex, tunables. May sleep.
 * @shutdown: close everything, complete every message of the interface. May sleep.
 * @send: send a message to msg->next_hop and call lnet_send_done() once, possibly
 *	before it returns. May sleep for memory, not for a peer.
 */
struct lnet_lnd {
	u32		type;
	const char	*name;
	struct module	*owner;
	int  (*startup)(struct lnet_ni *ni);
	void (*shutdown)(struct lnet_ni *ni);
	void (*send)(struct lnet_ni *ni, struct lnet_msg *msg);
};

#define LNET_STAT_TYPES 5	/* by enum lnet_msg_type; HELLO stays 0 */

struct lnet_stats {
	atomic64_t sent[LNET_STAT_TYPES];
	atomic64_t received[LNET_STAT_TYPES];
	atomic64_t dropped[LNET_STAT_TYPES];
};

/**
 * struct lnet_ni - one interface of this node
 * @link: in the list of interfaces; readers use RCU
 * @net: type << 16 | number
 * @nid: address
 * @lnd: driver, with its @lnd_data
 * @netns: network namespace of the device
 * @ifname: device
 * @ifindex: device; only meaningful together with @netns
 * @down: the device or its address went away
 * @refs: one of the list, one per message in the driver
 * @tunables: after startup: what is used
 * @stats: messages
 * @tx_credits: tunables.credits less unfinished sends
 */
struct lnet_ni {
	struct list_head	link;
	u32			net;
	lnet_nid_t		nid;
	const struct lnet_lnd	*lnd;
	void			*lnd_data;
	struct net		*netns;
	char			ifname[IFNAMSIZ];
	int			ifindex;
	bool			down;
	refcount_t		refs;
	struct completion	unused;
	struct lnet_tunables	tunables;
	struct lnet_stats	stats;
	atomic_t		tx_credits;
	atomic_t		min_tx_credits;
	unsigned long		last_alive;
};

/**
 * struct lnet_msg - one message, on its way out or in
 * @list: pending at a peer, delayed at a portal, or done at a descriptor
 * @ev: what its descriptor's user will hear
 * @md: descriptor with the payload, or NULL
 * @ni: interface; referenced while a sent message is in the driver
 * @lp: peer interface for statistics, referenced, or NULL
 * @next_hop: NID to connect to
 * @hdr: complete LNet header of a sent message
 * @type: enum lnet_msg_type
 * @offset: of the payload in @md
 * @len: payload bytes to send, or bytes wanted of those received
 * @buf: payload in plain memory instead of @md
 * @vec: describes @buf to iterators
 * @iter: receiving: where the payload goes
 * @ack: receiving a PUT: its sender wants an ACK
 * @wmd: handle for that ACK
 */
struct lnet_msg {
	struct list_head	list;
	struct lnet_event	ev;
	struct lnet_md		*md;
	struct lnet_ni		*ni;
	struct lnet_peer_ni	*lp;
	lnet_nid_t		next_hop;
	struct lnet_wire_hdr	hdr;
	enum lnet_msg_type	type;
	u32			offset;
	u32			len;
	void			*buf;
	struct kvec		vec;
	struct iov_iter		iter;
	bool			ack;
	struct lnet_wire_handle	wmd;
};

/** lnet_register_lnd() - make a driver known. Return: 0 or -EEXIST. */
int lnet_register_lnd(const struct lnet_lnd *lnd);
void lnet_unregister_lnd(const struct lnet_lnd *lnd);

/**
 * lnet_parse() - what to do with a message whose header was read
 * @ni: interface it came in by
 * @hdr: header as read
 * @from: NID of the other end of the connection
 * @msgp: set to the message whose payload is wanted, or NULL
 *
 * With a message: the driver moves iov_iter_count(&msg->iter) bytes into msg->iter,
 * skips the rest of the payload, and calls lnet_recv_done(). Without one it skips
 * the whole payload. Context: process. Return: 0, or -EPROTO: close the connection.
 */
int lnet_parse(struct lnet_ni *ni, const struct lnet_wire_hdr *hdr, lnet_nid_t from,
	       struct lnet_msg **msgp);

/** lnet_recv_done() - the payload is in place, or @status says why not. Process context. */
void lnet_recv_done(struct lnet_msg *msg, int status);

/** lnet_send_done() - the driver is through with a message. Process context. */
void lnet_send_done(struct lnet_msg *msg, int status);

/** lnet_msg_source() - iterator over the payload of a message to send */
void lnet_msg_source(struct lnet_msg *msg, struct iov_iter *iter);

/** lnet_ni_set_down() - tell LNet that the device is gone or back */
void lnet_ni_set_down(struct lnet_ni *ni, bool down);

/** lnet_transaction_timeout() - seconds a PUT with ACK or a GET may take */
unsigned int lnet_transaction_timeout(void);

/** lnet_lnd_timeout() - seconds a driver waits for progress (chapter 01, section 8) */
unsigned int lnet_lnd_timeout(void);

/* acceptor parameters, chapter 01, section 11.1 */
enum lnet_accept { LNET_ACCEPT_SECURE, LNET_ACCEPT_ALL, LNET_ACCEPT_NONE };
enum lnet_accept lnet_accept_mode(void);
unsigned int lnet_accept_port(void);
unsigned int lnet_accept_backlog(void);
unsigned int lnet_accept_timeout(void);

#endif
