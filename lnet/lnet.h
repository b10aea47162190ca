/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LNet as its users (kernel/rpc) see it: memory descriptors, PUT, GET, NIDs.
 * Nothing here knows of RPCs; network drivers see lnet/core/lnd.h instead.
 */
#ifndef SHEEN_LNET_H
#define SHEEN_LNET_H

#include <linux/bvec.h>
#include <linux/list.h>
#include <linux/types.h>
#include "wire/lnet.h"

/**
 * typedef lnet_nid_t - address of one interface of one node
 *
 * Host order: type << 48 | net number << 32 | address (chapter 01, 2.1).
 */
typedef u64 lnet_nid_t;

#define LNET_NID_ANY	(~0ULL)
#define LNET_NIDSTR_SIZE 64	/* longest text of a NID, with its NUL */
#define LNET_MTU	(1U << 20)	/* most bytes one message carries */
#define LNET_MAX_BVEC	256		/* most fragments of one descriptor */

enum lnet_event_type {
	LNET_EVENT_PUT,		/* a peer's data arrived in the descriptor */
	LNET_EVENT_GET,		/* a peer read the descriptor; data is on its way */
	LNET_EVENT_ACK,		/* the peer has our PUT in memory */
	LNET_EVENT_REPLY,	/* the data of our GET arrived */
	LNET_EVENT_SEND,	/* our PUT or GET left, or failed to (status) */
	LNET_EVENT_UNLINK,	/* nothing happened but the end of the descriptor */
};

struct lnet_md;

/**
 * struct lnet_event - what happened to a memory descriptor
 * @type:	what happened
 * @status:	0 or a negative errno
 * @md:		the descriptor
 * @peer:	primary NID of the other node
 * @peer_ni:	NID the message really came from; answers go there
 * @self:	NID of ours that the message named
 * @match_bits:	of the message
 * @hdr_data:	of a PUT, as sent
 * @portal:	of the message
 * @offset:	where in the descriptor the data begins
 * @rlength:	bytes asked for or offered
 * @mlength:	bytes moved; less than @rlength when truncated
 * @unlinked:	last event of @md: LNet has let go of it and its memory
 */
struct lnet_event {
	enum lnet_event_type	type;
	int			status;
	struct lnet_md		*md;
	lnet_nid_t		peer;
	lnet_nid_t		peer_ni;
	lnet_nid_t		self;
	u64			match_bits;
	u64			hdr_data;
	u32			portal;
	u32			offset;
	u32			rlength;
	u32			mlength;
	bool			unlinked;
};

/*
 * Called in process context without LNet locks, one at a time for one
 * descriptor. It must not sleep: it runs in the thread that reads the socket.
 * It may call every function below.
 */
typedef void (*lnet_event_fn)(const struct lnet_event *ev);

#define LNET_MD_OP_PUT		BIT(0)	/* peers may PUT */
#define LNET_MD_OP_GET		BIT(1)	/* peers may GET */
#define LNET_MD_REMOTE_OFFSET	BIT(2)	/* the peer chooses the offset */
#define LNET_MD_TRUNCATE	BIT(3)	/* cut longer data, else drop it */
#define LNET_MD_NO_ACK		BIT(4)	/* never acknowledge a PUT */

#define LNET_MD_UNLIMITED	(-1)

/**
 * struct lnet_md - memory descriptor, embedded in its user's object
 * @bvec:	the memory: fragments in order; stays valid until unlinked
 * @nr_bvec:	number of fragments, up to LNET_MAX_BVEC; request buffers may
 *		use one multi-page fragment
 * @length:	bytes in total
 * @max_size:	if not 0: one operation takes at most this many bytes, and the
 *		descriptor is exhausted when that many no longer fit
 * @threshold:	operations left, LNET_MD_UNLIMITED for no limit
 * @options:	LNET_MD_*
 * @event:	called for every event
 *
 * Everything up to @event is set by the user before the descriptor is attached
 * or bound and not touched until an event with @unlinked; the rest is LNet's.
 * An exhausted descriptor unlinks by itself after its last operation.
 */
struct lnet_md {
	const struct bio_vec	*bvec;
	unsigned int		nr_bvec;
	u32			length;
	u32			max_size;
	int			threshold;
	unsigned int		options;
	lnet_event_fn		event;

	/* private to lnet/core */
	u64			cookie;
	struct list_head	link;
	struct list_head	done;
	lnet_nid_t		from;
	u64			match_bits;
	u64			ignore_bits;
	u64			serial;
	unsigned long		deadline;
	enum lnet_event_type	answer;
	u32			portal;
	u32			offset;
	unsigned int		busy;
	unsigned int		state;
	spinlock_t		*lock;
};

/* --- lifetime of the network (module.c) --- */

/**
 * lnet_get() - use the network; configures it from module parameters the first time
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lnet_get(void);

/**
 * lnet_put() - undo one lnet_get(); the last one takes the network down unless
 * it was configured explicitly (lnetctl lnet configure, lctl network up).
 */
void lnet_put(void);

/* --- descriptors (md.c) --- */

/**
 * lnet_md_attach() - let peers reach a descriptor
 * @md:		the descriptor
 * @portal:	1..63
 * @from:	only messages of this node (any of its NIDs), or LNET_NID_ANY
 * @match_bits:	wanted match bits
 * @ignore_bits: bits that need not match
 *
 * Descriptors of a portal are searched in the order they were attached.
 * Context: any but hard interrupt. Return: 0, -EINVAL, -ENETDOWN.
 */
int lnet_md_attach(struct lnet_md *md, u32 portal, lnet_nid_t from,
		   u64 match_bits, u64 ignore_bits);

/**
 * lnet_md_unlink() - take a descriptor away from peers
 * @md: attached descriptor, or one used with lnet_put_md()/lnet_get_md()
 *
 * The event with @unlinked comes before this returns when the descriptor is
 * idle, otherwise when the running operation ends. No-op if already unlinked.
 */
void lnet_md_unlink(struct lnet_md *md);

/**
 * lnet_set_lazy_portal() - keep unmatched PUTs of a portal until a buffer is posted
 * @portal: 1..63
 * @lazy: on or off; off drops what waits
 */
void lnet_set_lazy_portal(u32 portal, bool lazy);

/* --- messages (send.c) --- */

/**
 * lnet_put_md() - send the bytes of a descriptor
 * @md:		source; not attached. threshold 1, or 2 with @ack
 * @self:	NID to send from, or LNET_NID_ANY for LNet's choice
 * @peer:	NID of the receiver; own NIDs loop back inside the node
 * @portal:	the receiver's portal
 * @match_bits:	for the receiver
 * @offset:	for a receiver whose descriptor has LNET_MD_REMOTE_OFFSET
 * @hdr_data:	for the receiver's event
 * @ack:	want LNET_EVENT_ACK
 *
 * The whole outcome, errors included, comes by events: LNET_EVENT_SEND, and
 * with @ack then LNET_EVENT_ACK (-ETIMEDOUT if it never came). Events may come
 * before this returns. Context: may sleep (small messages are written to the
 * socket by the caller when it has room).
 * Return: 0, or -EINVAL, -ENETDOWN, -ENOMEM: then no event comes.
 */
int lnet_put_md(struct lnet_md *md, lnet_nid_t self, lnet_nid_t peer, u32 portal,
		u64 match_bits, u32 offset, u64 hdr_data, bool ack);

/**
 * lnet_get_md() - fetch bytes from a peer's descriptor into ours
 * @md:		sink; not attached, threshold 2 (SEND and REPLY)
 *
 * As lnet_put_md(); the data comes with LNET_EVENT_REPLY.
 */
int lnet_get_md(struct lnet_md *md, lnet_nid_t self, lnet_nid_t peer, u32 portal,
		u64 match_bits, u32 offset);

/* --- addresses (nid.c) --- */

/**
 * lnet_nid_parse() - read a NID such as 10.0.0.1@tcp1 (chapter 01, 2.2)
 * Return: 0 or -EINVAL.
 */
int lnet_nid_parse(const char *str, lnet_nid_t *nid);

/**
 * lnet_nid_str() - text of a NID
 * @buf: LNET_NIDSTR_SIZE bytes
 * Return: @buf.
 */
char *lnet_nid_str(lnet_nid_t nid, char *buf);

/** lnet_nid_is_local() - is this one of this node's NIDs (0@lo included)? */
bool lnet_nid_is_local(lnet_nid_t nid);

/**
 * lnet_local_nids() - this node's NIDs without 0@lo, in configuration order
 * Return: number of NIDs stored.
 */
int lnet_local_nids(lnet_nid_t *nids, int max);

/**
 * lnet_distance() - how far a NID is: 0 local, 1 same net, 2 routed
 * Return: distance or -EHOSTUNREACH.
 */
int lnet_distance(lnet_nid_t nid);

/**
 * lnet_primary_nid() - the NID a peer is known by; @nid itself if unknown
 */
lnet_nid_t lnet_primary_nid(lnet_nid_t nid);

#endif
