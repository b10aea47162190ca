// SPDX-License-Identifier: GPL-2.0
/*
 * What a server tells the holders of locks: blocking and completion callbacks
 * (sections 7.2, 7.3), what follows from their answers, and from their silence.
 * Glimpses are in glimpse.c, the timers of cancels in waiting.c.
 */
#include "kernel/ldlm/internal.h"

/** struct ldlm_ast_set - callbacks that somebody waits for */
struct ldlm_ast_set {
	atomic_t		pending;
	struct completion	done;
};

/**
 * struct ldlm_ast - one callback until it is answered
 * @lock: whose holder is told
 * @fmt: BL or CP
 * @limit: jiffies; unanswered until then, the client is evicted
 * @set: who waits, or NULL
 * @again: to send it once more
 * @desc: of the blocking request (BL)
 */
struct ldlm_ast {
	struct ldlm_lock		*lock;
	const struct rpc_format		*fmt;
	unsigned long			limit;
	struct ldlm_ast_set		*set;
	struct delayed_work		again;
	struct ldlm_lock_desc		desc;
};

static void ldlm_ast_send(struct ldlm_ast *ast);

static void ldlm_ast_set_put(struct ldlm_ast_set *set)
{
	if (set && atomic_dec_and_test(&set->pending))
		complete(&set->done);
}

bool ldlm_lock_gone(struct ldlm_lock *lock)
{
	return READ_ONCE(lock->flags) & LDLM_L_CANCELED;
}

/* Request to the holder of @lock, or ERR_PTR */
struct rpc_request *ldlm_ast_request(struct ldlm_lock *lock, const struct rpc_format *fmt)
{
	struct rpc_export *exp = lock->exp;
	struct rpc_request *req;
	struct rpc_import *rev;

	spin_lock_bh(&exp->lock);
	rev = exp->rev && !exp->failed ? rpc_import_get(exp->rev) : NULL;
	spin_unlock_bh(&exp->lock);
	if (!rev)
		return ERR_PTR(-ENOTCONN);
	req = rpc_request_alloc(rev, fmt);
	rpc_import_put(rev);
	if (!req)
		return ERR_PTR(-ENOMEM);
	req->flags |= RPC_REQ_AST;
	req->req_portal = LDLM_CB_REQUEST_PORTAL;
	req->rep_portal = LDLM_CB_REPLY_PORTAL;
	return req;
}

void ldlm_ast_evict(struct ldlm_lock *lock, const char *what, int rc)
{
	if (ldlm_lock_gone(lock) || lock->exp->failed || READ_ONCE(lock->ns->stopping))
		return;
	pr_warn_ratelimited("ldlm: %s: client %.40s: %s of lock %#llx failed: %d\n",
			    lock->ns->name, lock->exp->uuid, what, lock->handle.cookie, rc);
	rpc_export_evict(lock->exp, what);
}

static void ldlm_ast_result(struct ldlm_ast *ast, int rc)
{
	if (!rc)
		return;
	if (rc == -EINVAL)	/* the client has no such lock (any more) */
		ldlm_srv_cancel(ast->lock);
	else
		ldlm_ast_evict(ast->lock, ast->fmt == &RQF_LDLM_BL_CALLBACK ?
			       "blocking callback" : "completion callback", rc);
}

/* The network's errors; what a client answers is 0, -EINVAL or -ENOTCONN. */
bool ldlm_ast_retriable(int rc)
{
	switch (rc) {
	case -ETIMEDOUT:
	case -EIO:
	case -EAGAIN:
	case -ENOMEM:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
	case -ECONNREFUSED:
	case -ECONNRESET:
		return true;
	default:
		return false;
	}
}

static void ldlm_ast_finish(struct ldlm_ast *ast, int rc)
{
	if (ldlm_ast_retriable(rc) && time_before(jiffies, ast->limit) &&
	    !ldlm_lock_gone(ast->lock) && !ast->lock->exp->failed) {
		queue_delayed_work(ldlm_wq, &ast->again, HZ);
		return;
	}
	ldlm_ast_result(ast, rc);
	ldlm_ast_set_put(ast->set);
	ldlm_lock_put(ast->lock);
	kfree(ast);
}

static void ldlm_ast_done(struct rpc_request *req)
{
	ldlm_ast_finish(req->data, req->status);
}

static void ldlm_ast_again(struct work_struct *work)
{
	ldlm_ast_send(container_of(to_delayed_work(work), struct ldlm_ast, again));
}

static int ldlm_ast_pack_bl(struct ldlm_ast *ast, struct rpc_request *req)
{
	struct ldlm_lock *lock = ast->lock;
	struct ldlm_request *dlm;
	int rc;

	rc = rpc_request_pack(req);
	if (rc)
		return rc;
	dlm = rpc_field(&req->rq, RF_DLM_REQ);
	dlm->lock_desc = ast->desc;
	dlm->lock_flags = cpu_to_le32(READ_ONCE(lock->flags) & LDLM_FL_DISCARD_DATA);
	dlm->lock_handle[0].cookie = cpu_to_le64(lock->remote);
	dlm->lock_handle[1].cookie = cpu_to_le64(lock->handle.cookie);
	return 0;
}

/* A layout may be too large for a callback: such locks carry none (6). */
static u32 ldlm_cp_lvb_size(struct ldlm_lock *lock)
{
	if (lock->res->type == LDLM_IBITS && lock->policy.ibits.bits & MDS_INODELOCK_LAYOUT)
		return 0;
	return ldlm_lvb_wire_size(lock);
}

static int ldlm_ast_pack_cp(struct ldlm_ast *ast, struct rpc_request *req)
{
	struct ldlm_lock *lock = ast->lock;
	u32 lvb_size = ldlm_cp_lvb_size(lock);
	struct ldlm_request *dlm;
	u64 flags;
	int rc;

	rpc_set_size(&req->rq, RF_LVB, lvb_size);
	rc = rpc_request_pack(req);
	if (rc)
		return rc;
	if (lvb_size) {
		void *lvb = rpc_field(&req->rq, RF_LVB);

		rc = ldlm_lvb_to_wire(lock, lvb, lvb_size);
		if (rc)		/* the object is gone: the client must know, and has its lock */
			ldlm_lvb_error(lvb, lvb_size, rc);
	}
	dlm = rpc_field(&req->rq, RF_DLM_REQ);
	spin_lock(&lock->res->lock);
	ldlm_srv_desc(lock, &dlm->lock_desc);
	flags = lock->flags;
	spin_unlock(&lock->res->lock);
	dlm->lock_flags = cpu_to_le32(flags & (LDLM_FL_AST_SENT | LDLM_FL_AST_MASK));
	if (flags & LDLM_FL_FLOCK_DEADLOCK)
		dlm->lock_flags |= cpu_to_le32(LDLM_FL_AST_SENT);
	dlm->lock_handle[0].cookie = cpu_to_le64(lock->remote);
	dlm->lock_handle[1].cookie = cpu_to_le64(lock->handle.cookie);
	return 0;
}

static void ldlm_ast_send(struct ldlm_ast *ast)
{
	bool bl = ast->fmt == &RQF_LDLM_BL_CALLBACK;
	struct ldlm_lock *lock = ast->lock;
	struct rpc_request *req;
	int rc;

	req = ldlm_ast_request(lock, ast->fmt);
	if (IS_ERR(req)) {
		ldlm_ast_finish(ast, PTR_ERR(req));
		return;
	}
	rc = bl ? ldlm_ast_pack_bl(ast, req) : ldlm_ast_pack_cp(ast, req);
	if (rc) {
		rpc_request_put(req);
		ldlm_ast_finish(ast, rc);
		return;
	}
	if (READ_ONCE(lock->flags) & LDLM_FL_AST_SENT)
		ldlm_timer_start(lock);
	req->data = ast;
	req->done = ldlm_ast_done;
	rpc_send(req);
	rpc_request_put(req);
}

/* Takes over a reference of @lock. */
static struct ldlm_ast *ldlm_ast_new(struct ldlm_lock *lock, const struct rpc_format *fmt,
				     struct ldlm_ast_set *set)
{
	struct ldlm_ast *ast = kzalloc(sizeof(*ast), GFP_NOFS | __GFP_NOFAIL);

	ast->lock = lock;
	ast->fmt = fmt;
	ast->limit = jiffies + ldlm_timer_limit(lock->ns) * HZ;
	INIT_DELAYED_WORK(&ast->again, ldlm_ast_again);
	ast->set = set;
	if (set)
		atomic_inc(&set->pending);
	return ast;
}

/* What the holder is told of who wants it: word 1 of inode bits is what to give up (7.3). */
static void ldlm_bl_desc(struct ldlm_lock *blocker, struct ldlm_lock_desc *d)
{
	spin_lock(&blocker->res->lock);
	ldlm_lock_to_desc(blocker, d);
	spin_unlock(&blocker->res->lock);
	d->l_granted_mode = 0;
	if (blocker->res->type == LDLM_IBITS)
		d->l_policy_data.l_inodebits.other = d->l_policy_data.l_inodebits.bits;
}

/* One lock that stands in the way: tell its holder. Takes over a reference of @held. */
static void ldlm_send_bl_one(struct ldlm_lock *held, struct ldlm_lock *blocker,
			     struct ldlm_ast_set *set)
{
	struct ldlm_ast *ast;

	if (!held->exp) {
		struct ldlm_lock_desc desc;

		ldlm_bl_desc(blocker, &desc);
		held->ops->blocking(held, &desc, false);
		ldlm_lock_put(held);
		return;
	}
	if (held->flags & LDLM_FL_CANCEL_ON_BLOCK)
		set = NULL;
	ast = ldlm_ast_new(held, &RQF_LDLM_BL_CALLBACK, set);
	ldlm_bl_desc(blocker, &ast->desc);
	if (!(held->flags & LDLM_FL_CANCEL_ON_BLOCK)) {
		ldlm_ast_send(ast);
		return;
	}
	ldlm_lock_get(held);
	ldlm_ast_send(ast);
	ldlm_srv_cancel(held);
	ldlm_lock_put(held);
}

/**
 * ldlm_send_bl() - BL ASTs to the holders of the locks of a list, in parallel
 * @bl: from ldlm_mark_blocking()
 * @wait: until they are answered (not until the locks are cancelled)
 */
void ldlm_send_bl(struct list_head *bl, bool wait)
{
	struct ldlm_ast_set set;
	struct ldlm_lock *held, *blocker;
	unsigned int n;

	while (!list_empty(bl)) {
		atomic_set(&set.pending, 1);
		init_completion(&set.done);
		for (n = 0; n < LDLM_ASTS_IN_FLIGHT && !list_empty(bl); n++) {
			held = list_first_entry(bl, struct ldlm_lock, todo);
			spin_lock(&held->res->lock);
			list_del_init(&held->todo);
			blocker = held->s.blocker;
			held->s.blocker = NULL;
			spin_unlock(&held->res->lock);
			ldlm_send_bl_one(held, blocker, wait ? &set : NULL);
			ldlm_lock_put(blocker);
		}
		if (!wait)
			continue;
		ldlm_ast_set_put(&set);
		wait_for_completion(&set.done);
	}
}

/* ldlm_send_cp() - CP ASTs to those who waited, and got it, or are refused */
void ldlm_send_cp(struct list_head *cp)
{
	struct ldlm_lock *lock, *next;
	bool refused;

	list_for_each_entry_safe(lock, next, cp, todo_cp) {
		list_del_init(&lock->todo_cp);
		refused = lock->flags & LDLM_FL_FLOCK_DEADLOCK;
		if (refused)
			ldlm_lock_get(lock);
		ldlm_ast_send(ldlm_ast_new(lock, &RQF_LDLM_CP_CALLBACK, NULL));
		if (refused) {
			ldlm_srv_cancel(lock);
			ldlm_lock_put(lock);
		}
	}
}
