/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the lock manager share: namespaces, resources, types of locks,
 * queues, ASTs. Nothing here is for other rooms.
 *
 * Lifetime. A lock holds its resource, a resource its namespace. A lock has one reference
 * for being alive (until LDLM_L_CANCELED is set by whoever takes it off the lists); everything
 * that works on it outside the resource lock has a reference of its own.
 *
 * lock->res of a client's lock may change once, while the enqueue is being answered, under the
 * old resource's lock: ldlm_lock_res_lock() takes the lock of the right one.
 */
#ifndef SHEEN_LDLM_INTERNAL_H
#define SHEEN_LDLM_INTERNAL_H

#include <linux/slab.h>
#include "kernel/ldlm/ldlm.h"

#define LDLM_LRU_PER_CPU	100
#define LDLM_LRU_AGE		3900		/* s */
#define LDLM_CANCEL_HANDLES	409		/* in one LDLM_CANCEL (7.4) */
#define LDLM_CANCELS_IN_FLIGHT	8
#define LDLM_FORGET_DELAY	(HZ / 10)
#define LDLM_REPLAYS_IN_FLIGHT	8
#define LDLM_ASTS_IN_FLIGHT	1024

/**
 * struct ldlm_namespace - locks of one target
 * @res_list: all resources, under @lock; a resource with references stays on it
 * @cancels: client: locks that are gone here and not yet on the server, under @lru_lock
 * @forgotten: client: how many of them wait for @forget_work at most
 * @by_cookie: server: locks of clients by export and client's cookie
 * @timers: server: locks whose holders must cancel in time, under @timer_lock
 * @cancel_estimate: server: s that cancels take
 */
struct ldlm_namespace {
	struct kref			ref;
	char				*name;
	enum ldlm_side			side;
	const struct ldlm_ns_ops	*ops;
	void				*private;
	struct rpc_import		*imp;
	struct rpc_service		*svc;
	struct rhashtable		resources;
	spinlock_t			lock;
	struct list_head		res_list;
	atomic_t			nr_resources;
	atomic_t			nr_locks;
	wait_queue_head_t		idle;
	struct param_dir		*params;
	bool				stopping;
	bool				recovering;

	/* client */
	spinlock_t			lru_lock;
	struct list_head		lru;
	unsigned int			lru_nr;
	unsigned int			lru_max;
	unsigned int			lru_age;
	struct delayed_work		lru_work;
	struct list_head		cancels;
	unsigned int			cancels_in_flight;
	unsigned int			forgotten;
	struct delayed_work		forget_work;

	/* server */
	struct rhashtable		by_cookie;
	spinlock_t			timer_lock;
	struct list_head		timers;
	struct delayed_work		timer_work;
	unsigned int			cancel_estimate;
	atomic_t			nr_timeouts;
	spinlock_t			flock_lock;
	struct list_head		flock_waiters;
};

/**
 * struct ldlm_resource - what can be locked
 * @granted, @waiting: locks, under @lock; @waiting is in the order of arrival
 */
struct ldlm_resource {
	struct ldlm_res_id		id;
	u32				type;
	refcount_t			ref;
	struct ldlm_namespace		*ns;
	struct rhash_head		node;
	struct list_head		link;
	spinlock_t			lock;
	struct list_head		granted;
	struct list_head		waiting;
	struct rcu_head			rcu;
};

/**
 * struct ldlm_type_ops - what kinds of locks differ in; all called under the resource lock
 * @conflict: does @held (granted, or waiting in front) stand in the way of @want?
 * @adjust: before that, drop what is only tried; ELDLM_LOCK_ABORTED if nothing is left
 * @expand: no conflict: grant more than asked
 * @covers: is @want within what @held was granted?
 */
struct ldlm_type_ops {
	bool	(*conflict)(const struct ldlm_lock *held, const struct ldlm_lock *want);
	int	(*adjust)(struct ldlm_lock *want);
	void	(*expand)(struct ldlm_lock *want);
	bool	(*covers)(const union ldlm_policy *held, const union ldlm_policy *want);
	void	(*to_wire)(const union ldlm_policy *p, union ldlm_policy_desc *d);
	void	(*from_wire)(union ldlm_policy *p, const union ldlm_policy_desc *d);
};

extern const struct ldlm_type_ops ldlm_plain_ops;
extern const struct ldlm_type_ops ldlm_extent_ops;
extern const struct ldlm_type_ops ldlm_flock_ops;
extern const struct ldlm_type_ops ldlm_ibits_ops;

/* --- params.c --- */

void ldlm_ns_params_add(struct ldlm_namespace *ns);
void ldlm_ns_params_del(struct ldlm_namespace *ns);

/* --- modes and types (lock.c) --- */

extern const u8 ldlm_compat[8];

/** ldlm_modes_compatible() - may both be granted (section 2)? Each is one mode */
static inline bool ldlm_modes_compatible(u32 a, u32 b)
{
	return ldlm_compat[__ffs(a)] & b;
}

/** ldlm_mode_valid() - one mode, and one that may travel */
static inline bool ldlm_mode_valid(u32 mode)
{
	return mode && mode <= LDLM_GROUP && !(mode & (mode - 1));
}

static inline bool ldlm_type_valid(u32 type)
{
	return type >= LDLM_PLAIN && type <= LDLM_IBITS;
}

const struct ldlm_type_ops *ldlm_type_ops(u32 type);

static inline bool ldlm_is_granted(const struct ldlm_lock *lock)
{
	return lock->granted_mode == lock->req_mode;
}

/* --- namespaces, resources (namespace.c) --- */

struct ldlm_namespace *ldlm_ns_get(struct ldlm_namespace *ns);
void ldlm_ns_put(struct ldlm_namespace *ns);
/** ldlm_res_find() - existing resource with a reference, or NULL */
struct ldlm_resource *ldlm_res_find(struct ldlm_namespace *ns, const struct ldlm_res_id *id);
/** ldlm_res_get() - found or made; ERR_PTR(-ENOMEM), ERR_PTR(-EINVAL) if it has another type */
struct ldlm_resource *ldlm_res_get(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 type);
void ldlm_res_put(struct ldlm_resource *res);
/** ldlm_res_next() - walk all resources: drops @prev, returns the next with a reference, NULL at the end */
struct ldlm_resource *ldlm_res_next(struct ldlm_namespace *ns, struct ldlm_resource *prev);
void ldlm_res_id_to_wire(const struct ldlm_res_id *id, struct ldlm_wire_res_id *w);
void ldlm_res_id_from_wire(struct ldlm_res_id *id, const struct ldlm_wire_res_id *w);
int ldlm_namespace_init(void);
void ldlm_namespace_exit(void);

/* --- locks (lock.c) --- */

struct ldlm_lock *ldlm_lock_new(struct ldlm_namespace *ns, const struct ldlm_res_id *id,
				u32 type, u32 mode, const union ldlm_policy *policy,
				const struct ldlm_lock_ops *ops, void *data);
int ldlm_lock_add_handle(struct ldlm_lock *lock);
struct ldlm_resource *ldlm_lock_res_lock(struct ldlm_lock *lock) __acquires(&lock->res->lock);
/** ldlm_lock_to_desc() - under the resource lock */
void ldlm_lock_to_desc(const struct ldlm_lock *lock, struct ldlm_lock_desc *d);
/** ldlm_res_snapshot() - referenced locks of a resource, *@nr of them; kvfree() it after putting them */
struct ldlm_lock **ldlm_res_snapshot(struct ldlm_resource *res, bool waiting, unsigned int *nr);
void ldlm_lock_split(const struct ldlm_lock *lock, struct ldlm_lock *spare);
int ldlm_lock_cache_init(void);
void ldlm_lock_cache_exit(void);

/* --- granting (queue.c, flock.c); server, and flock on clients --- */

#define LDLM_QUEUED	1

/**
 * ldlm_process() - grant, queue, or refuse
 * @first: enqueue; else it is on the waiting list and stays there unless granted
 * @bl: locks that get a BL AST
 *
 * Context: resource lock. Return: 0 granted, LDLM_QUEUED, ELDLM_LOCK_ABORTED (nothing of what
 * was tried is free), negative errno.
 */
int ldlm_process(struct ldlm_lock *lock, bool first, struct list_head *bl);
/** ldlm_enqueue_server() - ldlm_process() of a new lock, and the BL ASTs it needs; waits for their answers */
int ldlm_enqueue_server(struct ldlm_lock *lock);
/** ldlm_rescan() - grant what can be granted now, send CP ASTs (not waited for) */
void ldlm_rescan(struct ldlm_resource *res);
/** ldlm_mark_blocking() - @held stands in the way of @want: put it on @bl unless it was told */
void ldlm_mark_blocking(struct ldlm_lock *held, struct ldlm_lock *want, struct list_head *bl);
void ldlm_grant(struct ldlm_lock *lock);
/** ldlm_unlink() - off the queues of its resource, under the resource lock */
void ldlm_unlink(struct ldlm_lock *lock);

int ldlm_flock_process(struct ldlm_lock *lock, bool first);
/** ldlm_flock_apply() - merge a granted flock (or unlock) with those of the same owner */
void ldlm_flock_apply(struct ldlm_lock *lock);
void ldlm_flock_unwait(struct ldlm_lock *lock);

/* --- server --- */

int ldlm_srv_register(struct ldlm_lock *lock, struct rpc_export *exp, u64 cookie);
/** ldlm_srv_detach() - the lock ends: off all lists; false if it had ended. The caller rescans and puts */
bool ldlm_srv_detach(struct ldlm_lock *lock);
/** ldlm_srv_detach_locked() - what of it is done under the resource lock */
bool ldlm_srv_detach_locked(struct ldlm_lock *lock);
/** ldlm_srv_cancel() - detach, refresh the LVB, rescan, put the life reference */
void ldlm_srv_cancel(struct ldlm_lock *lock);
struct ldlm_lock *ldlm_srv_find_cookie(struct ldlm_namespace *ns, struct rpc_export *exp, u64 cookie);
/** ldlm_srv_desc() - what the client is told of its lock; under the resource lock */
void ldlm_srv_desc(const struct ldlm_lock *lock, struct ldlm_lock_desc *d);
int ldlm_srv_index_init(struct ldlm_namespace *ns);
void ldlm_srv_index_exit(struct ldlm_namespace *ns);
int ldlm_handle_cancel(struct rpc_svcreq *req);
int ldlm_handle_convert(struct rpc_svcreq *req);

/* glimpse.c */
u32 ldlm_lvb_wire_size(struct ldlm_lock *lock);
int ldlm_lvb_to_wire(struct ldlm_lock *lock, void *buf, u32 size);
void ldlm_lvb_error(void *buf, u32 size, int rc);
int ldlm_glimpse_enqueue(struct ldlm_lock *lock, u64 flags, struct ost_lvb *lvb);

/* ast.c */
void ldlm_send_bl(struct list_head *bl, bool wait);
void ldlm_send_cp(struct list_head *cp);
bool ldlm_lock_gone(struct ldlm_lock *lock);
bool ldlm_ast_retriable(int rc);
struct rpc_request *ldlm_ast_request(struct ldlm_lock *lock, const struct rpc_format *fmt);
void ldlm_ast_evict(struct ldlm_lock *lock, const char *what, int rc);

/* waiting.c */
unsigned int ldlm_timer_limit(const struct ldlm_namespace *ns);	/* s */
void ldlm_timer_start(struct ldlm_lock *lock);
void ldlm_timer_stop(struct ldlm_lock *lock);
void ldlm_timer_init(struct ldlm_namespace *ns);

/* --- client --- */

extern struct workqueue_struct *ldlm_wq;

/** ldlm_cancel_claim() - nobody uses it and nobody else cancels it: it is ours to cancel */
bool ldlm_cancel_claim(struct ldlm_lock *lock);
/** ldlm_cancel_run() - claimed: call its owner, take it off the lists */
void ldlm_cancel_run(struct ldlm_lock *lock);
/** ldlm_cancel_queue() - run: have the server told; takes the life reference */
void ldlm_cancel_queue(struct ldlm_lock *lock);
void ldlm_cancel_flush(struct ldlm_namespace *ns);
void ldlm_cancel_work(struct work_struct *work);
/** ldlm_cancel_later() - in a worker, under the resource lock */
void ldlm_cancel_later(struct ldlm_lock *lock);
/** ldlm_cli_drop() - end a lock here without telling anybody */
void ldlm_cli_drop(struct ldlm_lock *lock, u64 flags);
void ldlm_lru_add(struct ldlm_lock *lock);
void ldlm_lru_del(struct ldlm_lock *lock);
void ldlm_lru_work(struct work_struct *work);
void ldlm_forget_work(struct work_struct *work);

/** struct ldlm_enqueue_state - an enqueue of a client in progress */
struct ldlm_enqueue_state {
	struct ldlm_enqueue	e;
	struct ldlm_lock	*lock;
	struct rpc_request	*req;
	struct work_struct	work;
	void			(*done)(void *arg, struct ldlm_lock *lock, int rc);
	void			*arg;
};

struct ldlm_lock *ldlm_enqueue_prepare(struct rpc_import *imp, struct rpc_request **reqp,
				       const struct ldlm_enqueue *e);
int ldlm_enqueue_reply(struct ldlm_lock *lock, struct rpc_request *req,
		       struct ldlm_enqueue *e, int status);
int ldlm_lock_move(struct ldlm_lock *lock, const struct ldlm_res_id *id);
bool ldlm_grant_ok(struct ldlm_lock *lock, const struct ldlm_lock_desc *d, u32 mode);
void ldlm_adopt(struct ldlm_lock *lock, const struct ldlm_lock_desc *d, u32 mode);
void ldlm_adopt_blocked(struct ldlm_lock *lock, const struct ldlm_lock_desc *d);
void ldlm_adopt_lvb(struct ldlm_lock *lock, const void *lvb, u32 len);
bool ldlm_lvb_len_ok(u32 type, u32 len, u32 max);
/** ldlm_grant_client() - the server granted it: wake who waits. Under the resource lock */
void ldlm_grant_client(struct ldlm_lock *lock);
int ldlm_wait_granted(struct ldlm_lock *lock, u64 flags);

extern const struct rpc_op ldlm_callback_ops[];
extern const unsigned int ldlm_nr_callback_ops;

#endif
