/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LDLM as its users see it (chapter 03): namespaces, locks, enqueue, match, cancel,
 * callbacks; one implementation for both sides. Part of ptlrpc.ko.
 * Files: namespace.c lock.c queue.c | plain.c extent.c inodebits.c flock.c (types) |
 * client.c cancel.c lru.c elc.c replay.c callback.c (portal 15) flock_client.c |
 * server.c cancel_server.c glimpse.c ast.c waiting.c (portal 17, timers)
 *
 * Lock order: resource lock > export lock, lru lock, waiting lock, flock waiters lock (leaves);
 * no lock is held over an RPC or a callback.
 */
#ifndef SHEEN_LDLM_H
#define SHEEN_LDLM_H

#include "kernel/rpc/rpc.h"
#include "wire/fid.h"
#include "wire/ldlm.h"

struct ldlm_lock;
struct ldlm_resource;

/** struct ldlm_res_id - resource name in host order (chapter 03, 3) */
struct ldlm_res_id {
	u64 name[4];
};

static inline bool ldlm_res_eq(const struct ldlm_res_id *a, const struct ldlm_res_id *b)
{
	return a->name[0] == b->name[0] && a->name[1] == b->name[1] &&
	       a->name[2] == b->name[2] && a->name[3] == b->name[3];
}

/** ldlm_res_fid() - name of a metadata object */
static inline struct ldlm_res_id ldlm_res_fid(const struct lu_fid *f)
{
	return (struct ldlm_res_id){ .name = { f->f_seq, f->f_oid | (u64)f->f_ver << 32 } };
}

/** union ldlm_policy - policy data in host order */
union ldlm_policy {
	struct { u64 start, end, gid; }			extent;	/* inclusive bytes */
	struct { u64 start, end, owner; u32 pid; }	flock;
	struct { u64 bits, try_bits, cancel_bits, gid; } ibits;
};

#define LDLM_EOF	(~0ULL)

/**
 * struct ldlm_ns_ops - what the owner of a namespace supplies
 * @lvb_size: server: LVB bytes for a lock of this resource (by export's LVB_TYPE, bits)
 * @lvb_fill: server: write the LVB (from memory or, @refresh, from disk) into @buf of @size bytes.
 *	@glimpse_aware, or a lock with the DOM bit: @buf is a struct ost_lvb, asked for (@refresh) at each
 *	enqueue, CP AST and glimpse; ldlm merges what clients answer. Others: at each reply, if lvb_size() is not 0.
 *	Return: 0, -ENOENT (no such object), negative errno
 * @lvb_update: server: a glimpse answer arrived (ldlm merges it into the reply); may be NULL
 * @intent: server: LDLM_ENQUEUE with HAS_INTENT: do the operation. It may replace *@lock by another
 *	granted lock (ldlm_srv_to_client(); its reference is ldlm's then), or return
 *	ELDLM_LOCK_ABORTED (301: no lock). Packs the reply itself with res1 and res2 in RF_DLM_REP,
 *	whose other fields ldlm fills. If it leaves *@lock alone and returns 0, ldlm enqueues what
 *	was asked (layout access) and, unless the reply is packed, packs it: res1 DISP_IT_EXECD, LVB by
 *	lvb_size() and lvb_fill(). Called only with an RF_INTENT buffer, or DOM bits without one.
 *	NULL: no intents. For OST namespaces: the glimpse policy is ldlm's own, leave NULL
 * @glimpse_aware: server: OST semantics of HAS_INTENT
 * @cancel_weight: client LRU: true if an unused lock may be cancelled without I/O (ELC)
 */
struct ldlm_ns_ops {
	u32	(*lvb_size)(struct ldlm_lock *lock);
	int	(*lvb_fill)(struct ldlm_lock *lock, void *buf, u32 size, bool refresh);
	int	(*lvb_update)(struct ldlm_lock *lock, const void *lvb, u32 size);
	int	(*intent)(struct rpc_svcreq *req, struct ldlm_lock **lock, u64 flags);
	bool	(*cancel_weight)(struct ldlm_lock *lock);
	bool	glimpse_aware;
};

enum ldlm_side { LDLM_SERVER, LDLM_CLIENT };

struct ldlm_namespace *ldlm_ns_create(const char *name, enum ldlm_side side,
				      const struct ldlm_ns_ops *ops, void *private,
				      struct rpc_import *imp);
/** ldlm_ns_destroy() - all locks are cancelled (client: without RPCs when the import is down) */
void ldlm_ns_destroy(struct ldlm_namespace *ns);
void *ldlm_ns_private(struct ldlm_namespace *ns);

/* --- locks --- */

/**
 * struct ldlm_lock_ops - how a lock reaches its user
 * @blocking: somebody wants it (client: BL AST arrived or LRU/ELC cancels; server-local locks:
 *	another request conflicts). @canceling false: conflict seen, lock may still be in use;
 *	@canceling true: last user left, it is being cancelled: write back, drop caches now.
 *	Process context, may sleep and send RPCs (never from the portal 15 thread).
 * @convert: client, inode bits: nobody uses the lock, whose bits @lost were asked for and go, as with
 *	blocking(canceling), while the others stay. NULL: all go. May sleep and send RPCs
 * @glimpse: client: fill @lvb (struct ost_lvb); Return: 0 or -ELDLM_NO_LOCK_DATA. Must not wait for RPCs.
 */
struct ldlm_lock_ops {
	int	(*blocking)(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling);
	void	(*convert)(struct ldlm_lock *lock, u64 lost);
	int	(*glimpse)(struct ldlm_lock *lock, struct ost_lvb *lvb);
};

/* Local bits of ldlm_lock.flags */
#define LDLM_L_CBPENDING	BIT_ULL(32)	/* matches no more, goes when the last user leaves */
#define LDLM_L_BL_AST		BIT_ULL(33)	/* client: the server asked for it */
#define LDLM_L_CANCELING	BIT_ULL(34)	/* client: blocking(canceling) was called */
#define LDLM_L_CANCELED		BIT_ULL(35)	/* off all lists, handle gone */
#define LDLM_L_FAILED		BIT_ULL(36)	/* client: evicted, or the enqueue failed: no RPC for it */
#define LDLM_L_REPLIED		BIT_ULL(37)	/* client: the reply of the enqueue was seen */
#define LDLM_L_ON_LRU		BIT_ULL(38)
#define LDLM_L_CANCEL_DONE	BIT_ULL(39)	/* client: the server answered the cancel */
#define LDLM_L_LVB_UNSEEN	BIT_ULL(40)	/* client: matches not yet, see ldlm_lock_lvb_seen() */

/**
 * struct ldlm_lock - one lock, on either side
 * @handle: our cookie (0 for server-local locks); @remote: the other side's
 * @req_mode, @granted_mode: enum ldlm_mode; granted when equal
 * @policy: what is granted (or asked, while waiting)
 * @req_extent: extent asked, before expansion
 * @flags: LDLM_FL_* (wire bits and LDLM_L_*), under the resource lock
 * @data: the user's (inode of a client, ...); changed by ldlm_lock_set_data()
 * @users: those who may use what it protects; it is not cancelled while there are any
 * @lvb, @lvb_len: client: last value block
 */
struct ldlm_lock {
	struct rpc_handle		handle;
	struct kref			ref;
	struct ldlm_resource		*res;
	struct ldlm_namespace		*ns;
	const struct ldlm_lock_ops	*ops;
	void				*data;
	u64				remote;
	u32				req_mode;
	u32				granted_mode;
	u64				flags;
	union ldlm_policy		policy;
	struct { u64 start, end; }	req_extent;
	unsigned int			users;
	struct rpc_export		*exp;	/* server: whose; NULL for local locks */
	void				*lvb;
	u32				lvb_len;

	/* kernel/ldlm only */
	u32				lvb_max;	/* bytes at @lvb */
	u32				bl_mode;	/* who wants it, for blocking() */
	struct list_head		res_link;	/* granted or waiting */
	struct list_head		todo;		/* BL ASTs to send; client: cancels to send */
	struct list_head		todo_cp;	/* CP ASTs to send */
	wait_queue_head_t		waitq;
	struct ldlm_lock		*spare;		/* flock: for a split */
	union {
		struct {
			struct list_head	lru;
			struct work_struct	work;
			unsigned long		last_used;	/* jiffies */
			unsigned long		lru_seen;	/* last_used when the LRU looked */
			struct ldlm_enqueue_state *enq;
		} c;
		struct {
			struct list_head	exp_link;	/* rpc_export.locks */
			struct rhash_head	cookie_node;	/* by exp and remote */
			struct list_head	timer;
			unsigned long		deadline;	/* jiffies */
			unsigned long		bl_sent;
			struct ldlm_lock	*blocker;	/* for the BL AST */
			struct list_head	flock_wait;
			struct rpc_export	*flock_exp;	/* who blocks it: only compared */
			u64			flock_owner;
		} s;
	};
	struct rcu_head			rcu;
};

struct ldlm_lock *ldlm_lock_get(struct ldlm_lock *lock);
void ldlm_lock_put(struct ldlm_lock *lock);
const struct ldlm_res_id *ldlm_lock_res(const struct ldlm_lock *lock);
u32 ldlm_lock_type(const struct ldlm_lock *lock);
/** ldlm_lock_set_data() - attach an inode; ldlm_ns_clear_data() forgets one everywhere before it is freed */
void ldlm_lock_set_data(struct ldlm_lock *lock, void *data);
/**
 * ldlm_lock_adopt_data() - the same for a lock in use that an intent brought, with what it assures still to be
 *	told to @data: not matched until ldlm_lock_lvb_seen()
 */
void ldlm_lock_adopt_data(struct ldlm_lock *lock, void *data);
/** ldlm_handle_to_lock() - lock of a cookie of ours, with a reference */
struct ldlm_lock *ldlm_handle_to_lock(u64 cookie);

/* --- client (client.c) --- */

/**
 * struct ldlm_enqueue - what to lock
 * @mode: on return that of the lock, which is what to release
 * @flags: LDLM_FL_* for the request; on return what the reply said
 * @lvb_size: room for the LVB in the reply (56 for OST locks)
 * @lvb: NULL, or where to put the LVB of the reply (@lvb_size bytes), also when there is no lock;
 *	asynchronous: until @done. The lock can be matched after ldlm_lock_lvb_seen()
 * @ops, @data: for the new lock
 */
struct ldlm_enqueue {
	struct ldlm_res_id		res;
	u32				type;
	u32				mode;
	union ldlm_policy		policy;
	u64				flags;
	u32				lvb_size;
	void				*lvb;
	const struct ldlm_lock_ops	*ops;
	void				*data;
};

/**
 * ldlm_cli_enqueue() - get a lock from the server and wait until it is granted
 * @req: an intent request, packed, with RF_DLM_REQ still to be filled by this function (early
 *	cancels by ldlm_elc_pack_enqueue() before), or NULL for a plain enqueue; stays the caller's
 * @lockp: granted lock with a user of @e->mode (ldlm_lock_release()); NULL when the
 *	server gave none (301)
 *
 * With an intent the mode, bits and resource may differ from what was asked: read them from the lock.
 * Round trips: one, and the wait for a CP AST if somebody else has a conflicting lock.
 * Context: sleeps, killable. Return: 0, ELDLM_LOCK_ABORTED, negative errno.
 */
int ldlm_cli_enqueue(struct rpc_import *imp, struct rpc_request *req,
		     struct ldlm_enqueue *e, struct ldlm_lock **lockp);

/**
 * ldlm_cli_enqueue_async() - the same without waiting
 * @req: its data and done are ldlm's
 * @e: copied
 * @done: called once in process context, with a user of the lock's own mode (lock->granted_mode) or NULL
 * Return: 0: @done will be called, also with errors; negative: it will not.
 */
int ldlm_cli_enqueue_async(struct rpc_import *imp, struct rpc_request *req, struct ldlm_enqueue *e,
			   void (*done)(void *arg, struct ldlm_lock *lock, int rc), void *arg);

/**
 * ldlm_cli_match() - use a lock that we already have
 * @modes: mask of acceptable modes; @policy: must be covered by the lock
 * Return: lock with a user of its own mode (*@mode says which), or NULL.
 */
struct ldlm_lock *ldlm_cli_match(struct ldlm_namespace *ns, const struct ldlm_res_id *res,
				 u32 type, const union ldlm_policy *policy, u32 modes, u32 *mode);
/** ldlm_cli_match_data() - the same, but only one with this @data */
struct ldlm_lock *ldlm_cli_match_data(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type,
				      const union ldlm_policy *policy, u32 modes, const void *data, u32 *mode);
/**
 * ldlm_lock_lvb_seen() - the owner knows what the LVB says
 *
 * Until then a lock that was asked for with @lvb is not matched: whoever found it would take what it
 * assures for known. Spinlocks only.
 */
void ldlm_lock_lvb_seen(struct ldlm_lock *lock);
/** ldlm_lock_addref()/ldlm_lock_release() - one more / one more, one fewer user (@mode: the lock's); the last one of a blocked lock cancels it, in a worker. Spinlocks only */
void ldlm_lock_addref(struct ldlm_lock *lock, u32 mode);
void ldlm_lock_release(struct ldlm_lock *lock, u32 mode);
/** ldlm_cli_cancel() - cancel now (no users); @async: do not wait for the RPC */
int ldlm_cli_cancel(struct ldlm_lock *lock, bool async);
/** ldlm_ns_invalidate() - client, on RPC_IMP_EV_INVALIDATE: the server knows none of our locks any more; blocking() sees LDLM_L_FAILED and DISCARD_DATA */
void ldlm_ns_invalidate(struct ldlm_namespace *ns);
/** ldlm_ns_replay_locks() - client, on RPC_IMP_EV_REPLAY_LOCKS: tell the server again; returns when all are answered */
int ldlm_ns_replay_locks(struct ldlm_namespace *ns);
/** ldlm_ns_set_lru() - client: limit of unused locks (0: the default, 100 per CPU) and their age in s (0: 3900) */
void ldlm_ns_set_lru(struct ldlm_namespace *ns, unsigned int max, unsigned int age_s);
/** ldlm_ns_lru_count() - client: unused locks */
unsigned int ldlm_ns_lru_count(struct ldlm_namespace *ns);
/** ldlm_ns_lock_count() - locks of this namespace that exist */
unsigned int ldlm_ns_lock_count(struct ldlm_namespace *ns);
/** ldlm_cli_cancel_unused() - all unused locks of a resource (@res NULL: of the namespace); @local: without RPCs */
int ldlm_cli_cancel_unused(struct ldlm_namespace *ns, const struct ldlm_res_id *res, bool local);
/**
 * ldlm_cli_extent_reach() - last byte that granted extent (or DOM) locks of @res with this @data cover
 * @but: leave this one out, or NULL
 *
 * Return: are there any?
 */
bool ldlm_cli_extent_reach(struct ldlm_namespace *ns, const struct ldlm_res_id *res, const void *data,
			   const struct ldlm_lock *but, u64 *end);
/** ldlm_ns_clear_data() - no lock of @res keeps @data any more */
void ldlm_ns_clear_data(struct ldlm_namespace *ns, const struct ldlm_res_id *res, void *data);
/**
 * ldlm_cli_forget() - cancel the unused locks of a resource with this @data, which nobody here will use again
 *
 * They are gone at once; the server hears of many with one request, a moment later. Until then it
 * may ask for them back, and is told that there are none. Context: may sleep.
 */
void ldlm_cli_forget(struct ldlm_namespace *ns, const struct ldlm_res_id *res, const void *data);

/**
 * Early lock cancel: collect unused locks that conflict, then pack them.
 * ldlm_elc_collect() before rpc_request_pack(): adds unused locks of @res that cover any of @bits
 * (EXTENT: all that conflict with @mode) to @list, running their blocking callback.
 * ldlm_elc_size(): bytes that RF_DLM_REQ needs (pass to rpc_set_size()).
 * ldlm_elc_pack(): after packing of a non-enqueue request: fills RF_DLM_REQ and frees the locks.
 * Enqueues take the list by ldlm_cli_enqueue_elc().
 */
void ldlm_elc_collect(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 mode, u64 bits, struct list_head *list);
u32 ldlm_elc_size(const struct list_head *list, bool enqueue);
void ldlm_elc_pack(struct rpc_request *req, struct list_head *list);
void ldlm_elc_pack_enqueue(struct rpc_request *req, struct list_head *list);
/** ldlm_elc_drop() - no request to put them in: cancel the locks of @list by LDLM_CANCEL */
void ldlm_elc_drop(struct list_head *list);

/* --- flock (flock.c): client side of chapter 03, 16 --- */
struct file_lock;
int ldlm_cli_flock(struct rpc_import *imp, const struct lu_fid *fid, struct file *file, int cmd, struct file_lock *fl);

/* --- server (server.c) --- */

/**
 * ldlm_srv_lock() - take a server-local lock, waiting for clients to give theirs up
 * @try_bits in @policy are dropped where they conflict, never waited for
 * @flags: LDLM_FL_AST_DISCARD_DATA, LDLM_FL_BLOCK_NOWAIT
 * Context: service thread, sleeps until those in the way have cancelled or are evicted.
 * Return: 0, ELDLM_LOCK_ABORTED (only try bits were asked and none is free), -EAGAIN (NOWAIT),
 * -ESHUTDOWN (namespace is going away), -ENOMEM, -EINVAL (resource has another type)
 */
int ldlm_srv_lock(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, u32 mode,
		  const union ldlm_policy *policy, u64 flags, struct ldlm_lock **lockp);
/** ldlm_srv_downgrade() - a granted server-local lock takes the weaker @mode; grants what waits */
void ldlm_srv_downgrade(struct ldlm_lock *lock, u32 mode);
/** ldlm_srv_unlock() - drop it and grant what waits */
void ldlm_srv_unlock(struct ldlm_lock *lock);
/**
 * ldlm_srv_to_client() - inside an intent: turn a granted server-local lock into the client's lock:
 * it takes the export and the client's cookie of the request and goes into the reply as *lock.
 * Return: 0: the lock is ldlm's, leave it in *lock even if the intent fails after this;
 * negative: the lock is still the caller's and local (-ENOTCONN: export is going away).
 */
int ldlm_srv_to_client(struct rpc_svcreq *req, struct ldlm_lock *lock);
/** ldlm_srv_cancel_elc() - cancel the handles a request carries in RF_DLM_REQ (@first: slot to begin with) */
void ldlm_srv_cancel_elc(struct rpc_svcreq *req, unsigned int first);
/** ldlm_srv_refresh_timer() - I/O arrived under this lock (cookie of ours): postpone its deadline */
void ldlm_srv_refresh_timer(struct rpc_export *exp, u64 cookie);
/** ldlm_srv_revoke() - blocking callbacks to all holders of @res that conflict with @mode, waits for their answers, not for their cancels; no lock is kept (MGS) */
int ldlm_srv_revoke(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, u32 mode);
/**
 * ldlm_srv_glimpse() - current LVB of data, asking the writer if there is one
 * @type: LDLM_EXTENT: of an OST object; LDLM_IBITS: of what the DOM bit protects
 */
int ldlm_srv_glimpse(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, struct ost_lvb *lvb);
/** ldlm_srv_recovery() - while @on conflicts are not looked at; at the end every queue is scanned once */
void ldlm_srv_recovery(struct ldlm_namespace *ns, bool on);
/** ldlm_export_cleanup() - all locks of an export go (disconnect, eviction), after exp->failed is set or exp->connected cleared */
void ldlm_export_cleanup(struct rpc_export *exp);
/** the opcodes that every target serves: LDLM_ENQUEUE, CONVERT, CANCEL; kernel/rpc dispatches them here */
extern const struct rpc_op ldlm_target_ops[];
extern const unsigned int ldlm_nr_target_ops;

int ldlm_init(void);
void ldlm_exit(void);

#endif
