/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LDLM as its users see it (chapter 03): namespaces, locks, enqueue, match, cancel,
 * callbacks; one implementation for both sides. Part of ptlrpc.ko.
 * Files: lock.c resource.c lvb | plain.c extent.c inodebits.c flock.c (ops tables) |
 * client.c lru.c elc.c callback.c (portal 15) | server.c ast.c waiting.c (portal 17, timers)
 *
 * Lock order: resource lock > export lock > lru lock; no lock is held over an RPC or a callback.
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
 * @lvb_fill: server: write the LVB (from memory or, @refresh, from disk) into @buf
 * @lvb_update: server: a glimpse answer arrived
 * @intent: server: LDLM_ENQUEUE with HAS_INTENT: do the operation. It may replace *@lock by another
 *	granted lock, or return ELDLM_LOCK_ABORTED (301: no lock). Packs the reply itself.
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
 * @glimpse: client: fill @lvb (struct ost_lvb); Return: 0 or -ELDLM_NO_LOCK_DATA. Must not wait for RPCs.
 * @granted: a lock that had to wait was granted (asynchronous users); may be NULL
 */
struct ldlm_lock_ops {
	int	(*blocking)(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling);
	int	(*glimpse)(struct ldlm_lock *lock, struct ost_lvb *lvb);
	void	(*granted)(struct ldlm_lock *lock, int rc);
};

/**
 * struct ldlm_lock - one lock, on either side
 * @handle: our cookie; @remote: the other side's
 * @req_mode, @granted_mode: enum ldlm_mode; granted when equal
 * @policy: what is granted (or asked, while waiting)
 * @req_extent: extent asked, before expansion
 * @flags: LDLM_FL_* (wire bits and, above 32, local ones), under the resource lock
 * @data: the user's (inode of a client, ...); cleared by ldlm_lock_set_data()
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
	unsigned int			readers, writers;
	struct rpc_export		*exp;	/* server: whose; NULL for local locks */
	void				*lvb;
	u32				lvb_len;
	struct ldlm_lock_impl		*impl;	/* kernel/ldlm only */
};

struct ldlm_lock *ldlm_lock_get(struct ldlm_lock *lock);
void ldlm_lock_put(struct ldlm_lock *lock);
const struct ldlm_res_id *ldlm_lock_res(const struct ldlm_lock *lock);
u32 ldlm_lock_type(const struct ldlm_lock *lock);
/** ldlm_lock_set_data() - attach an inode; ldlm_ns_clear_data() forgets one everywhere before it is freed */
void ldlm_lock_set_data(struct ldlm_lock *lock, void *data);
/** ldlm_handle_to_lock() - lock of a cookie of ours, with a reference */
struct ldlm_lock *ldlm_handle_to_lock(u64 cookie);

/* --- client (client.c) --- */

/**
 * struct ldlm_enqueue - what to lock
 * @flags: LDLM_FL_* for the request; on return what the reply said
 * @lvb_size: room for the LVB in the reply (56 for OST locks)
 * @ops, @data: for the new lock
 */
struct ldlm_enqueue {
	struct ldlm_res_id		res;
	u32				type;
	u32				mode;
	union ldlm_policy		policy;
	u64				flags;
	u32				lvb_size;
	const struct ldlm_lock_ops	*ops;
	void				*data;
};

/**
 * ldlm_cli_enqueue() - get a lock from the server and wait until it is granted
 * @req: an intent request, packed, with RF_DLM_REQ still to be filled by this function (early
 *	cancels are added by ldlm_elc_*() before packing), or NULL for a plain enqueue
 * @lockp: granted lock with a user of @e->mode (ldlm_lock_release()); NULL when the
 *	server gave none (301)
 *
 * With an intent the mode, bits and resource may differ from what was asked: read them from the lock.
 * Context: sleeps, killable. Return: 0, ELDLM_LOCK_ABORTED, negative errno.
 */
int ldlm_cli_enqueue(struct rpc_import *imp, struct rpc_request *req,
		     struct ldlm_enqueue *e, struct ldlm_lock **lockp);

/** ldlm_cli_enqueue_async() - the same without waiting; @done in process context with the lock (user held) or NULL */
int ldlm_cli_enqueue_async(struct rpc_import *imp, struct rpc_request *req, struct ldlm_enqueue *e,
			   void (*done)(void *arg, struct ldlm_lock *lock, int rc), void *arg);

/**
 * ldlm_cli_match() - use a lock that we already have
 * @modes: mask of acceptable modes; @policy: must be covered by the lock
 * Return: lock with a user of its own mode (*@mode says which), or NULL.
 */
struct ldlm_lock *ldlm_cli_match(struct ldlm_namespace *ns, const struct ldlm_res_id *res,
				 u32 type, const union ldlm_policy *policy, u32 modes, u32 *mode);
/** ldlm_lock_addref()/ldlm_lock_release() - one more / one fewer user of @mode; the last one of a blocked lock cancels it */
void ldlm_lock_addref(struct ldlm_lock *lock, u32 mode);
void ldlm_lock_release(struct ldlm_lock *lock, u32 mode);
/** ldlm_cli_cancel() - cancel now (no users); @async: do not wait for the RPC */
int ldlm_cli_cancel(struct ldlm_lock *lock, bool async);
/** ldlm_cli_cancel_unused() - all unused locks of a resource (@res NULL: of the namespace); @local: without RPCs */
int ldlm_cli_cancel_unused(struct ldlm_namespace *ns, const struct ldlm_res_id *res, bool local);
/** ldlm_ns_clear_data() - no lock of @res keeps @data any more */
void ldlm_ns_clear_data(struct ldlm_namespace *ns, const struct ldlm_res_id *res, void *data);
/** ldlm_cli_for_each_lock() - locks of a resource, under no lock, each referenced */
void ldlm_cli_for_each_lock(struct ldlm_namespace *ns, const struct ldlm_res_id *res,
			    bool (*fn)(struct ldlm_lock *lock, void *arg), void *arg);

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

/* --- flock (flock.c): client side of chapter 03, 16 --- */
struct file_lock;
int ldlm_cli_flock(struct rpc_import *imp, const struct lu_fid *fid, struct file *file, int cmd, struct file_lock *fl);

/* --- server (server.c) --- */

/**
 * ldlm_srv_lock() - take a server-local lock, waiting for clients to give theirs up
 * @try_bits in @policy are dropped where they conflict, never waited for
 * @flags: LDLM_FL_AST_DISCARD_DATA, LDLM_FL_BLOCK_NOWAIT
 * Context: service thread, sleeps. Return: 0, -EAGAIN, -ENOTCONN...
 */
int ldlm_srv_lock(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, u32 mode,
		  const union ldlm_policy *policy, u64 flags, struct ldlm_lock **lockp);
/** ldlm_srv_unlock() - drop it and grant what waits */
void ldlm_srv_unlock(struct ldlm_lock *lock);
/**
 * ldlm_srv_to_client() - inside an intent: turn a granted server-local lock into the client's lock:
 * it takes the export and the client's cookie of the request and goes into the reply.
 */
int ldlm_srv_to_client(struct rpc_svcreq *req, struct ldlm_lock *lock);
/** ldlm_srv_cancel_elc() - cancel the handles a request carries in RF_DLM_REQ (@first: slot to begin with) */
void ldlm_srv_cancel_elc(struct rpc_svcreq *req, unsigned int first);
/** ldlm_srv_refresh_timer() - I/O arrived under this lock (cookie of ours): postpone its deadline */
void ldlm_srv_refresh_timer(struct rpc_export *exp, u64 cookie);
/** ldlm_srv_revoke() - blocking callbacks to all holders of @res that conflict with @mode, no lock kept after (MGS) */
int ldlm_srv_revoke(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, u32 mode);
/** ldlm_srv_glimpse() - current LVB of an OST object, asking the writer if there is one */
int ldlm_srv_glimpse(struct ldlm_namespace *ns, const struct ldlm_res_id *res, struct ost_lvb *lvb);
/** ldlm_export_cleanup() - all locks of an export go (disconnect, eviction); called by kernel/rpc through rpc_target_ops.disconnect users */
void ldlm_export_cleanup(struct rpc_export *exp);
/** the opcodes that every target serves: LDLM_ENQUEUE, CONVERT, CANCEL; kernel/rpc dispatches them here */
extern const struct rpc_op ldlm_target_ops[];
extern const unsigned int ldlm_nr_target_ops;

int ldlm_init(void);
void ldlm_exit(void);

#endif
