/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PtlRPC as its users see it (chapter 02): messages and their formats, imports and
 * requests (client side), targets, exports and services (server side), bulk.
 * Files: message.c formats.c | request.c reply.c pinger.c import.c recover.c |
 * service.c export.c target.c | bulk.c | handle.c | timeout.c
 */
#ifndef SHEEN_RPC_H
#define SHEEN_RPC_H

#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "lnet/lnet.h"
#include "wire/rpc.h"
#include "wire/formats.h"

struct rpc_import;
struct rpc_export;
struct rpc_target;
struct rpc_service;
struct rpc_request;
struct rpc_svcreq;
struct rpc_handle;
struct ldlm_namespace;

#define RPC_UUID_SIZE	40

/* --- handles (handle.c): 64-bit cookies that peers know our objects by --- */

/**
 * struct rpc_handle_type - one kind of object that has a cookie
 * @name: for messages
 * @get: take a reference, false if the object is dying; called under RCU
 */
struct rpc_handle_type {
	const char *name;
	bool (*get)(struct rpc_handle *h);
};

/** struct rpc_handle - embedded in the object; the object must be freed after an RCU grace period */
struct rpc_handle {
	u64				cookie;
	const struct rpc_handle_type	*type;
	struct rhash_head		node;
};

/** rpc_handle_add() - give @h a random, never reused, nonzero cookie and make it findable */
int rpc_handle_add(struct rpc_handle *h, const struct rpc_handle_type *type);
void rpc_handle_del(struct rpc_handle *h);
/** rpc_handle_find() - NULL if unknown, of another type, or dying; else with a reference */
struct rpc_handle *rpc_handle_find(u64 cookie, const struct rpc_handle_type *type);

/* --- messages (message.c) --- */

/**
 * struct rpc_msg - one message and the format that names its buffers
 * @fields: the list of buffers (wire/formats.h), index = buffer number
 * @nr: number of entries of @fields
 * @msg: the message; NULL before it is packed or received
 * @len: bytes of @msg
 * @local: built by us: strings are not checked, they may not be filled in yet
 * @size: bytes per buffer, for a message that is being built or a reply that is expected
 *
 * Accessors never hand out a buffer that is missing, shorter than its field or,
 * for arrays, not a multiple of the element; strings are NUL-terminated and
 * exactly as long as their buffer. Little-endian peers only: others are refused.
 */
struct rpc_msg {
	const u8		*fields;
	unsigned int		nr;
	struct lustre_msg_v2	*msg;
	u32			len;
	bool			local;
	u32			size[RPC_MAX_BUFS];
};

/** rpc_field() - buffer of a field, checked as above; NULL if absent or malformed */
void *rpc_field(const struct rpc_msg *m, enum rpc_field f);
/** rpc_field_size() - its length in bytes, 0 if absent */
u32 rpc_field_size(const struct rpc_msg *m, enum rpc_field f);
/** rpc_has_field() - does this format have the field at all? */
bool rpc_has_field(const struct rpc_msg *m, enum rpc_field f);
/** rpc_string() - text of a string field without checks left to do; NULL if absent or malformed */
const char *rpc_string(const struct rpc_msg *m, enum rpc_field f);
/** rpc_set_size() - before packing: length of a variable field (request, or expected reply) */
void rpc_set_size(struct rpc_msg *m, enum rpc_field f, u32 size);
/** rpc_shrink() - after packing: cut a reply buffer; later buffers move up */
void rpc_shrink(struct rpc_msg *m, enum rpc_field f, u32 size);
struct ptlrpc_body *rpc_body(const struct rpc_msg *m);

/* --- imports: the client's side of a connection (import.c, recover.c) --- */

enum rpc_import_state {		/* values as stock prints them in *.import and *.state */
	RPC_IMP_CLOSED = 1,
	RPC_IMP_NEW,
	RPC_IMP_DISCON,
	RPC_IMP_CONNECTING,
	RPC_IMP_REPLAY,
	RPC_IMP_REPLAY_LOCKS,
	RPC_IMP_REPLAY_WAIT,
	RPC_IMP_RECOVER,
	RPC_IMP_FULL,
	RPC_IMP_EVICTED,
	RPC_IMP_IDLE,
};

enum rpc_import_event {
	RPC_IMP_EV_CONNECTED,	/* connect data is negotiated (imp->ocd), first or again */
	RPC_IMP_EV_ACTIVE,	/* FULL: requests flow */
	RPC_IMP_EV_DISCON,	/* connection lost; requests wait */
	RPC_IMP_EV_INVALIDATE,	/* evicted or given up: drop locks, pages, open handles */
	RPC_IMP_EV_REPLAY_LOCKS,/* the ldlm namespace must replay its locks now */
};

/**
 * struct rpc_import_ops - how an import reaches its owner
 * @event: process context, may sleep; not from inside rpc_import_*() calls of the same thread
 * @reconnect: may be NULL: before a reconnect, correct what is asked for (an OSC puts the grant
 *	it holds into ocd_grant); @ocd holds what was granted last
 */
struct rpc_import_ops {
	void (*event)(struct rpc_import *imp, enum rpc_import_event ev);
	void (*reconnect)(struct rpc_import *imp, struct obd_connect_data *ocd);
};

/**
 * struct rpc_import_args - what a new import is
 * @name: device name for messages, e.g. testfs-OST0000-osc-ffff...
 * @target_uuid: e.g. testfs-OST0000_UUID, MGS
 * @client_uuid: ours
 * @connect_op: MGS_CONNECT, MDS_CONNECT or OST_CONNECT; disconnect is the next opcode
 * @req_portal, @rep_portal: defaults for requests of this import
 * @sec_part: sender part for lm_secflvr (chapter 02, 14)
 * @ocd: what to ask for; kept, so that a reconnect asks the same again
 * @replayable: keep requests with a transno for replay
 */
struct rpc_import_args {
	const char			*name;
	const char			*target_uuid;
	const char			*client_uuid;
	u32				connect_op;
	u32				req_portal;
	u32				rep_portal;
	u32				sec_part;
	struct obd_connect_data		ocd;
	bool				replayable;
	const struct rpc_import_ops	*ops;
	void				*private;
};

/**
 * struct rpc_import - connection to one target
 * @handle: its cookie goes into connect requests; ASTs name us by it
 * @private: the owner's
 * @ns: lock namespace for ASTs, set by ldlm; NULL without locks
 * @ocd: granted connect data (host code reads it with le*_to_cpu)
 * @state: changed under @lock; readers use rpc_import_state()
 *
 * The other fields are private to kernel/rpc.
 */
struct rpc_import {
	struct rpc_handle		handle;
	struct kref			ref;
	char				name[64];
	char				target_uuid[RPC_UUID_SIZE];
	char				client_uuid[RPC_UUID_SIZE];
	const struct rpc_import_ops	*ops;
	void				*private;
	struct ldlm_namespace		*ns;
	struct obd_connect_data		ocd;
	enum rpc_import_state		state;
	spinlock_t			lock;
	wait_queue_head_t		waitq;
	struct rpc_import_impl		*impl;	/* kernel/rpc only */
};

struct rpc_import *rpc_import_create(const struct rpc_import_args *args);
/** rpc_import_add_conn() - one more node (all NIDs of it) to try; the first one added is preferred */
int rpc_import_add_conn(struct rpc_import *imp, const lnet_nid_t *nids, unsigned int nr);
/** rpc_import_connect() - start connecting; @wait: until FULL, an error that is final, or @timeout_s; killable */
int rpc_import_connect(struct rpc_import *imp, bool wait, unsigned int timeout_s);
/** rpc_import_disconnect() - polite DISCONNECT (at most 5 s), fail what is pending, no further events after return */
void rpc_import_disconnect(struct rpc_import *imp, bool force);
/** rpc_import_invalidate() - fail all requests with -EIO now and refuse new ones until reconnected (umount -f, deactivate) */
void rpc_import_invalidate(struct rpc_import *imp);
struct rpc_import *rpc_import_get(struct rpc_import *imp);
void rpc_import_put(struct rpc_import *imp);
enum rpc_import_state rpc_import_state(const struct rpc_import *imp);
const char *rpc_import_state_name(enum rpc_import_state s);
/** rpc_import_reconnect() - drop the connection and connect again (imperative recovery, lock timeout) */
void rpc_import_reconnect(struct rpc_import *imp);
/** rpc_import_find() - import of an AST's pb_handle, with a reference */
struct rpc_import *rpc_import_find(u64 cookie);
/** rpc_import_show() - the text of the stock *.import parameter (YAML) */
struct seq_file;
int rpc_import_show(struct rpc_import *imp, struct seq_file *m);
/** rpc_import_show_stats() - requests by opcode: count, time in microseconds */
void rpc_import_show_stats(struct rpc_import *imp, struct seq_file *m);
void rpc_import_clear_stats(struct rpc_import *imp);
/** rpc_import_show_state() - the text of the stock *.state parameter */
int rpc_import_show_state(struct rpc_import *imp, struct seq_file *m);
/** rpc_import_show_timeouts() - the text of the stock *.timeouts parameter */
int rpc_import_show_timeouts(struct rpc_import *imp, struct seq_file *m);
/** rpc_connect_data_show() - the part of *.import and exports.*.export that says what was agreed */
void rpc_connect_data_show(struct seq_file *m, const struct obd_connect_data *ocd);
/** rpc_import_evictions() - how often the server threw us out, and all locks and what they covered were lost */
u32 rpc_import_evictions(struct rpc_import *imp);
/** rpc_import_nid() - NID of the server that is in use or tried */
lnet_nid_t rpc_import_nid(const struct rpc_import *imp);
/** rpc_opc_name() - an opcode as stock's statistics call it */
const char *rpc_opc_name(u32 opc);
/** rpc_import_ask_rdonly() - a reconnect asks for RDONLY or not: for a remount. Context: any */
void rpc_import_ask_rdonly(struct rpc_import *imp, bool rdonly);
static inline u64 rpc_import_flags(const struct rpc_import *imp)
{
	return le64_to_cpu(imp->ocd.ocd_connect_flags);
}

/* --- requests: client side (request.c) --- */

#define RPC_REQ_NO_RESEND	BIT(0)	/* fail rather than resend (connect, disconnect) */
#define RPC_REQ_NO_DELAY	BIT(1)	/* fail with -EAGAIN/-ENOTCONN unless FULL now (statfs of a down OST) */
#define RPC_REQ_MODIFY		BIT(2)	/* takes a modify slot: pb_tag */
#define RPC_REQ_CONNECTING	BIT(3)	/* may be sent before FULL (kernel/rpc) */
#define RPC_REQ_AST		BIT(4)	/* server to client: reverse import, never delayed or replayed */
#define RPC_REQ_KEEP_OPEN	BIT(5)	/* after commit too, kept for replay until rpc_request_release_open() */
#define RPC_REQ_UNINTERRUPTIBLE	BIT(6)	/* rpc_wait() ignores signals (close, writeback) */
#define RPC_REQ_UNDER_LOCK	BIT(7)	/* of data under a lock: fails with -EIO after an eviction, see @evictions */

/**
 * struct rpc_bulk - pages that travel beside a request
 * @bvec: fragments, page aligned but for the first's start and the last's end
 * @nr: number of fragments, @len: bytes
 * @portal: bulk portal
 * @write: the server fetches (GET); else it stores (PUT)
 * @moved: bytes moved, valid when the request is done
 */
struct rpc_bulk {
	struct bio_vec	*bvec;
	unsigned int	nr;
	u32		len;
	u32		portal;
	bool		write;
	u32		moved;
};

/**
 * struct rpc_request - one RPC of ours
 * @rq: the request, @rp: the reply (valid when done and @status says so)
 * @done: for rpc_send(): called once in process context (workqueue, may sleep), then the
 *	reference that rpc_send() took is dropped. Not called by rpc_call().
 * @orphan: for rpc_call(): as @done, in place of a caller that was killed while it waited. Undoes what the
 *	server did for nobody. Must not wait for the import to be disconnected
 * @replay_fixup: called when the reply with a transno arrived and the request is kept for replay
 * @data: the caller's
 * @bulk: set before sending, NULL without
 * @status: result: 0 or positive pb_status, negative errno
 * @transno: of the reply
 * @req_portal, @rep_portal: from the import, the caller may change them before sending
 * @evictions: with RPC_REQ_UNDER_LOCK: rpc_import_evictions() when the lock was used. Also fails while
 *	locks are being dropped, for dropping them waits for the pages of such requests
 */
struct rpc_request {
	struct kref			ref;
	struct rpc_import		*imp;
	const struct rpc_format		*fmt;
	struct rpc_msg			rq, rp;
	void				(*done)(struct rpc_request *req);
	void				(*orphan)(struct rpc_request *req);
	void				(*replay_fixup)(struct rpc_request *req);
	void				*data;
	struct rpc_bulk			*bulk;
	int				status;
	u64				xid;
	u64				transno;
	u32				req_portal, rep_portal;
	u32				flags;
	u32				evictions;
	struct rpc_request_impl		*impl;	/* kernel/rpc only */
};

/** rpc_request_alloc() - Context: GFP_NOFS. Return: request with one reference or NULL */
struct rpc_request *rpc_request_alloc(struct rpc_import *imp, const struct rpc_format *fmt);
/**
 * rpc_request_pack() - lay out the request: fixed sizes from the format, variable ones from
 * rpc_set_size(&req->rq, ...); trailing fields never set are left out. Then fill it with rpc_field().
 * Expected reply sizes: rpc_set_size(&req->rp, ...), before or after, until it is sent.
 */
int rpc_request_pack(struct rpc_request *req);
struct rpc_request *rpc_request_get(struct rpc_request *req);
void rpc_request_put(struct rpc_request *req);
int rpc_status_from_wire(u32 status);
/** rpc_call() - send, wait, return status; killable unless UNINTERRUPTIBLE. The reply is in req->rp */
int rpc_call(struct rpc_request *req);
/** rpc_send() - send without waiting; req->done tells. Takes its own reference. Return: nothing: errors come by done */
void rpc_send(struct rpc_request *req);
/** rpc_wait() - wait for a request sent by rpc_send() */
int rpc_wait(struct rpc_request *req);
/** rpc_request_release_open() - the close of an open kept by RPC_REQ_KEEP_OPEN got transno @close_transno */
void rpc_request_release_open(struct rpc_request *req, u64 close_transno);
/** rpc_next_xid() - for match bits */
u64 rpc_next_xid(void);

/* --- targets and exports: server side (target.c, export.c) --- */

/**
 * struct rpc_op - what a kind of target does with one opcode
 * @opc: opcode; @fmt: its format (handlers of intents may switch with rpc_svc_set_format())
 * @version: LUSTRE_*_VERSION that pb_version must carry
 * @flags: RPC_OP_*
 * @handler: fills req->rp after rpc_reply_pack(); Return: pb_status (negative errno, 0, positive).
 *	Context: a service thread. The fields of @fmt up to the last mandatory one are checked before.
 */
struct rpc_op {
	u32			opc;
	const struct rpc_format	*fmt;
	u32			version;
	u32			flags;
	int			(*handler)(struct rpc_svcreq *req);
};
#define RPC_OP_MODIFIES		BIT(0)	/* refused with -EROFS on RDONLY connections */
#define RPC_OP_IN_RECOVERY	BIT(1)	/* accepted while the target recovers */

/**
 * struct rpc_target_ops - what kinds of targets differ in
 * @ops, @nr_ops: opcodes besides connect, disconnect, ping, ldlm, which kernel/rpc and ldlm serve
 * @connect: negotiate: @ocd is the request's on entry and the reply's on return; only granted
 *	bits of what was asked; called before the export is usable; also on reconnect
 * @disconnect: export goes away (disconnect, eviction, umount): drop opens, grants, its record
 * @free: last reference of the export is gone
 * @last_committed: highest committed transno of this export
 * @served: a handler is back; may be NULL. For statistics: see rpc_svcreq.stat
 * @resent: a request with MSG_RESENT that is not in progress: true if it had been executed and
 *	req->reconstruct (result, transno, data) is filled from the stored reply data
 */
struct rpc_target_ops {
	const struct rpc_op	*ops;
	unsigned int		nr_ops;
	int			(*connect)(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect);
	void			(*disconnect)(struct rpc_export *exp);
	void			(*free)(struct rpc_export *exp);
	u64			(*last_committed)(struct rpc_export *exp);
	void (*served)(struct rpc_svcreq *req);
	bool			(*resent)(struct rpc_svcreq *req);
};

/**
 * struct rpc_target - MGS, MDT or OST that clients connect to
 * @name: testfs-MDT0000; @uuid: testfs-MDT0000_UUID
 * @connect_op: opcode of its connect request
 * @ready: set by rpc_target_ready(); before, connects wait a moment and get -EAGAIN
 * @replayable: sets MSG_CONNECT_REPLAYABLE
 */
struct rpc_target {
	const char			*name;
	const char			*uuid;
	u32				connect_op;
	const struct rpc_target_ops	*ops;
	struct ldlm_namespace		*ns;
	bool				replayable;
	bool				ready;
	void				*private;
	/* kernel/rpc only */
	struct list_head		link;
	spinlock_t			lock;
	struct list_head		exports;
	unsigned int			nr_exports;	/* alive, also those off the list */
	unsigned int			nr_users;	/* connects in progress */
	atomic_t			nr_waiting;	/* of them for @ready */
	wait_queue_head_t		idle;
};

/** rpc_target_register() - connects find it, but it does not accept them yet. Return: 0, -EEXIST */
int rpc_target_register(struct rpc_target *tgt);
/** rpc_target_ready() - accept connects, also those that wait */
void rpc_target_ready(struct rpc_target *tgt);
/** rpc_target_exists() - is there one of this UUID? */
bool rpc_target_exists(const char *uuid);
/** rpc_target_unregister() - refuse connects, disconnect all exports, wait until no request runs */
void rpc_target_unregister(struct rpc_target *tgt);

/**
 * struct rpc_export - one client of one target
 * @handle: cookie that clients put into pb_handle
 * @ocd: granted connect data
 * @peer: NID the connect came from
 * @rev: reverse import for ASTs; NULL before the first connect
 * @locks: ldlm's: all locks of this client
 * @private: the target's own (open files, grants, reply slots)
 */
struct rpc_export {
	struct rpc_handle	handle;
	struct kref		ref;
	struct rpc_target	*tgt;
	char			uuid[RPC_UUID_SIZE];
	struct obd_connect_data	ocd;
	lnet_nid_t		peer;
	u32			conn_cnt;
	struct rpc_import	*rev;
	spinlock_t		lock;		/* protects the ldlm fields and flags */
	bool			connected;
	bool			failed;
	struct list_head	locks;
	time64_t		last_request;
	void			*private;
	/* kernel/rpc only */
	struct list_head	link;
	struct list_head	requests;
	struct list_head	acks;
	struct work_struct	free;
	struct rcu_head		rcu;
	bool			connecting;
	u64			remote_cookie;
	u64			last_xid;	/* highest pb_last_xid: all up to it were answered */
};

struct rpc_export *rpc_export_get(struct rpc_export *exp);
void rpc_export_put(struct rpc_export *exp);
/**
 * rpc_export_restore() - make an unconnected export from a client record found on disk at start,
 * between rpc_target_register() and ready. Return: export with a reference, or ERR_PTR
 */
struct rpc_export *rpc_export_restore(struct rpc_target *tgt, const char *uuid);
/** rpc_export_evict() - the client failed us: message, disconnect, next request gets -ENOTCONN */
void rpc_export_evict(struct rpc_export *exp, const char *why);
/** rpc_target_for_each_export() - @fn under no lock, export referenced; stops at a nonzero result */
int rpc_target_for_each_export(struct rpc_target *tgt, int (*fn)(struct rpc_export *exp, void *data), void *data);
static inline u64 rpc_export_flags(const struct rpc_export *exp)
{
	return le64_to_cpu(exp->ocd.ocd_connect_flags);
}
static inline u64 rpc_export_flags2(const struct rpc_export *exp)
{
	return le64_to_cpu(exp->ocd.ocd_connect_flags2);
}

/* --- services: server side (service.c) --- */

/**
 * struct rpc_service_args - a request portal of this node with its threads
 * @name: e.g. mdt, ost_io: names of its threads
 * @params: directory of its parameters and statistics, e.g. "ost/OSS/ost_io"; NULL: none
 * @max_size: largest request (chapter 02, 3)
 * @ops: opcodes served without an export's target (ASTs on portal 15), else NULL: the target's table
 */
struct rpc_service_args {
	const char		*name;
	const char		*params;
	u32			req_portal;
	u32			rep_portal;
	u32			max_size;
	unsigned int		min_threads;
	unsigned int		max_threads;
	const struct rpc_op	*ops;
	unsigned int		nr_ops;
};

/** rpc_service_get() - start or share the service of a portal (several targets of one node) */
struct rpc_service *rpc_service_get(const struct rpc_service_args *args);
void rpc_service_put(struct rpc_service *svc);

/**
 * struct rpc_svcreq - one request a service thread works on
 * @exp: NULL for ASTs and for requests before an export is found
 * @imp: for ASTs: our import that pb_handle names
 * @transno: set by the handler when something was changed: goes into the reply, else 0
 * @versions: pre-versions for the reply
 * @resent: MSG_RESENT was set; @replay: MSG_REPLAY was set
 * @stat: the target's: which of its counters the request is for, + 1
 * @private: the handler's
 */
struct rpc_svcreq {
	struct rpc_export	*exp;
	struct rpc_import	*imp;
	struct rpc_service	*svc;
	const struct rpc_op	*op;
	struct rpc_msg		rq, rp;
	u64			xid;
	u32			opc;
	lnet_nid_t		peer, self;
	ktime_t			arrival;
	ktime_t			deadline;
	u64			transno;
	u64			versions[4];
	bool			resent, replay;
	/* stored reply of a resent request, see rpc_target_ops.resent */
	bool			reconstruct;
	int			saved_result;
	u64			saved_data;
	unsigned int		stat;
	void			*private;
	struct rpc_svcreq_impl	*impl;	/* kernel/rpc only */
};

/** rpc_svc_set_format() - the handler knows better what the message holds (intents, reints) */
void rpc_svc_set_format(struct rpc_svcreq *req, const struct rpc_format *fmt);
/** rpc_reply_pack() - allocate the reply: fixed sizes by format, variable ones by rpc_set_size(&req->rp, ...) */
int rpc_reply_pack(struct rpc_svcreq *req);
/** rpc_reply_room() - before packing: bytes that the peer has room for beyond the sizes that are set */
u32 rpc_reply_room(const struct rpc_svcreq *req);
/** rpc_svc_target() - what the request is for */
static inline struct rpc_target *rpc_svc_target(const struct rpc_svcreq *req)
{
	return req->exp->tgt;
}
/**
 * rpc_svc_on_ack() - ask for an LNet ACK of the reply (difficult reply, chapter 02, 4.6)
 * @fn: called once, in process context that may sleep, when the ACK came, or the export failed
 */
int rpc_svc_on_ack(struct rpc_svcreq *req, void (*fn)(void *data), void *data);
/** rpc_svc_reply_now() - send the reply before the handler returns (ASTs: answer first, work then) */
void rpc_svc_reply_now(struct rpc_svcreq *req, int status);

/**
 * rpc_bulk_fetch() - get the client's pages of a write into @bvec
 * rpc_bulk_store() - put @len bytes of @bvec into the client's pages, zero-length PUTs for the surplus
 * @max_md: MDs announced (ioo_max_brw >> 16) + 1, else 1
 *
 * Context: service thread, sleeps until all is moved, at most min(100 s, the deadline).
 * Return: 0, -ETIMEDOUT, -ENOTCONN (evicted meanwhile), ...: after a failure send no reply: return -RPC_NO_REPLY
 */
int rpc_bulk_fetch(struct rpc_svcreq *req, u32 portal, struct bio_vec *bvec, unsigned int nr, u32 len, unsigned int max_md);
int rpc_bulk_store(struct rpc_svcreq *req, u32 portal, struct bio_vec *bvec, unsigned int nr, u32 len, unsigned int max_md);
#define RPC_NO_REPLY	4095	/* a handler returns -RPC_NO_REPLY: drop the request silently */

/**
 * rpc_set_common_ops() - what every target serves besides its own table (the lock manager's)
 * Context: before the first service starts.
 */
void rpc_set_common_ops(const struct rpc_op *ops, unsigned int nr);

/* --- time (timeout.c) --- */
extern unsigned int rpc_timeout;	/* obd_timeout, 100 s */
/* adaptive timeouts, seconds: bounds of estimates (maximum 0: fixed timeouts), how long samples count,
 * and when and by how much early replies extend a deadline
 */
extern unsigned int rpc_at_min, rpc_at_max, rpc_at_history, rpc_at_early_margin, rpc_at_extra;

/** rpc_memory() - bytes that messages have in memory now, @max: had at most */
u64 rpc_memory(bool max);

/* --- module (module.c of ptlrpc.ko): start and stop of this room, called by kernel/rpc/module.c --- */
int rpc_init(void);
void rpc_exit(void);

#endif
