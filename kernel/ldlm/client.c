// SPDX-License-Identifier: GPL-2.0
/*
 * The client's side of getting locks: matching, enqueue (plain and with an intent),
 * waiting until granted, users (sections 7.1, 10). How locks end is in cancel.c.
 */
#include "kernel/ldlm/internal.h"

#define LDLM_CP_TIMEOUT	(300 * HZ)	/* 3 times the first estimate (9) */

/* --- locks that we have --- */

static bool ldlm_matches(const struct ldlm_lock *lock, const struct ldlm_type_ops *ops,
			 const union ldlm_policy *policy, u32 modes)
{
	return lock->granted_mode & modes &&
	       !(lock->flags & (LDLM_L_CBPENDING | LDLM_L_FAILED | LDLM_L_CANCELED | LDLM_L_LVB_UNSEEN)) &&
	       (!policy || ops->covers(&lock->policy, policy));
}

/* Cost: one lookup without lock, one spinlock. */
struct ldlm_lock *ldlm_cli_match_data(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 type,
				      const union ldlm_policy *policy, u32 modes, const void *data, u32 *mode)
{
	const struct ldlm_type_ops *ops = ldlm_type_ops(type);
	struct ldlm_lock *lock, *found = NULL;
	struct ldlm_resource *res;

	res = ldlm_res_find(ns, id);
	if (!res)
		return NULL;
	if (res->type != type)
		goto out;
	spin_lock(&res->lock);
	list_for_each_entry(lock, &res->granted, res_link) {
		if (!ldlm_matches(lock, ops, policy, modes) || (data && lock->data != data))
			continue;
		lock->users++;
		if (mode)
			*mode = lock->granted_mode;
		found = lock;
		break;
	}
	spin_unlock(&res->lock);
out:
	ldlm_res_put(res);
	return found;
}
EXPORT_SYMBOL_GPL(ldlm_cli_match_data);

struct ldlm_lock *ldlm_cli_match(struct ldlm_namespace *ns, const struct ldlm_res_id *id,
				 u32 type, const union ldlm_policy *policy, u32 modes, u32 *mode)
{
	return ldlm_cli_match_data(ns, id, type, policy, modes, NULL, mode);
}
EXPORT_SYMBOL_GPL(ldlm_cli_match);

void ldlm_lock_addref(struct ldlm_lock *lock, u32 mode)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->users++;
	spin_unlock(&res->lock);
}
EXPORT_SYMBOL_GPL(ldlm_lock_addref);

void ldlm_lock_lvb_seen(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->flags &= ~LDLM_L_LVB_UNSEEN;
	spin_unlock(&res->lock);
}
EXPORT_SYMBOL_GPL(ldlm_lock_lvb_seen);

void ldlm_lock_release(struct ldlm_lock *lock, u32 mode)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	if (!WARN_ON_ONCE(!lock->users) && !--lock->users) {
		lock->c.last_used = jiffies;
		if (lock->flags & (LDLM_L_CBPENDING | LDLM_L_FAILED) ||
		    lock->granted_mode == LDLM_GROUP)
			ldlm_cancel_later(lock);
		else
			ldlm_lru_add(lock);
	}
	spin_unlock(&res->lock);
}
EXPORT_SYMBOL_GPL(ldlm_lock_release);

void ldlm_ns_clear_data(struct ldlm_namespace *ns, const struct ldlm_res_id *id, void *data)
{
	struct ldlm_resource *res = ldlm_res_find(ns, id);
	struct ldlm_lock *lock;

	if (!res)
		return;
	spin_lock(&res->lock);
	list_for_each_entry(lock, &res->granted, res_link)
		if (lock->data == data)
			lock->data = NULL;
	list_for_each_entry(lock, &res->waiting, res_link)
		if (lock->data == data)
			lock->data = NULL;
	spin_unlock(&res->lock);
	ldlm_res_put(res);
}
EXPORT_SYMBOL_GPL(ldlm_ns_clear_data);

bool ldlm_cli_extent_reach(struct ldlm_namespace *ns, const struct ldlm_res_id *id, const void *data,
			   const struct ldlm_lock *but, u64 *end)
{
	struct ldlm_resource *res = ldlm_res_find(ns, id);
	struct ldlm_lock *lock;
	bool any = false;

	*end = 0;
	if (!res)
		return false;
	spin_lock(&res->lock);
	list_for_each_entry(lock, &res->granted, res_link) {
		if (lock->data != data || lock == but)
			continue;
		*end = res->type == LDLM_EXTENT ? max(*end, lock->policy.extent.end) : LDLM_EOF;
		any = true;
	}
	spin_unlock(&res->lock);
	ldlm_res_put(res);
	return any;
}
EXPORT_SYMBOL_GPL(ldlm_cli_extent_reach);

/* --- enqueue --- */

static void ldlm_enqueue_fill(struct ldlm_lock *lock, struct rpc_request *req,
			      const struct ldlm_enqueue *e)
{
	struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);

	ldlm_lock_to_desc(lock, &dlm->lock_desc);
	if (e->type == LDLM_IBITS)
		dlm->lock_desc.l_policy_data.l_inodebits.other = cpu_to_le64(e->policy.ibits.try_bits);
	dlm->lock_flags = cpu_to_le32(e->flags & LDLM_FL_ENQUEUE_LEGAL);
	dlm->lock_handle[0].cookie = cpu_to_le64(lock->handle.cookie);
	if (!dlm->lock_count && rpc_import_flags(req->imp) & OBD_CONNECT_CANCELSET)
		dlm->lock_count = cpu_to_le32(1);
}

/*
 * ldlm_enqueue_prepare() - the lock, findable for callbacks, and the request that asks for it
 * @reqp: packed intent request; or NULL: is set to a request of our own
 *
 * Return: lock with one user, or ERR_PTR.
 */
struct ldlm_lock *ldlm_enqueue_prepare(struct rpc_import *imp, struct rpc_request **reqp,
				       const struct ldlm_enqueue *e)
{
	struct rpc_request *req = *reqp;
	struct ldlm_lock *lock;
	int rc = -ENOMEM;

	if (WARN_ON_ONCE(!imp->ns))
		return ERR_PTR(-EINVAL);
	lock = ldlm_lock_new(imp->ns, &e->res, e->type, e->mode, &e->policy, e->ops, e->data);
	if (IS_ERR(lock))
		return lock;
	lock->users = 1;
	lock->flags = e->flags & LDLM_FL_INHERIT_MASK;
	if (e->lvb)
		lock->flags |= LDLM_L_LVB_UNSEEN;
	if (e->lvb_size) {
		lock->lvb = kvzalloc(e->lvb_size, GFP_NOFS);
		if (!lock->lvb)
			goto put;
		lock->lvb_max = e->lvb_size;
	}
	if (!req) {
		req = rpc_request_alloc(imp, &RQF_LDLM_ENQUEUE_LVB);
		if (!req)
			goto put;
		rc = rpc_request_pack(req);
		if (rc)
			goto put_req;
	}
	if (rpc_has_field(&req->rp, RF_LVB))
		rpc_set_size(&req->rp, RF_LVB, e->lvb_size);
	rc = ldlm_lock_add_handle(lock);
	if (rc)
		goto put_req;
	ldlm_enqueue_fill(lock, req, e);
	*reqp = req;
	return lock;
put_req:
	if (!*reqp)
		rpc_request_put(req);
put:
	ldlm_lock_put(lock);
	return ERR_PTR(rc);
}

/* The server may lock something else than was named: follow it. */
int ldlm_lock_move(struct ldlm_lock *lock, const struct ldlm_res_id *id)
{
	struct ldlm_resource *old, *new;

	if (ldlm_res_eq(&READ_ONCE(lock->res)->id, id))
		return 0;
	new = ldlm_res_get(lock->ns, id, lock->res->type);
	if (IS_ERR(new))
		return PTR_ERR(new);
	old = ldlm_lock_res_lock(lock);
	if (ldlm_is_granted(lock) || ldlm_res_eq(&old->id, id)) {
		spin_unlock(&old->lock);
		ldlm_res_put(new);
		return 0;
	}
	ldlm_unlink(lock);
	WRITE_ONCE(lock->res, new);
	spin_unlock(&old->lock);
	ldlm_res_put(old);
	return 0;
}

/*
 * ldlm_grant_ok() - may a server give us this for @lock?
 * @id: resource that it names, @mode: that it grants
 *
 * Only the lock of an intent is about something that the server finds: whoever else asks keeps track of
 * the lock by its resource. Ranges hold what was asked for, and a file lock is what was asked for, or
 * of F_GETLK any.
 */
bool ldlm_grant_ok(struct ldlm_lock *lock, const struct ldlm_lock_desc *d, u32 mode)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	union ldlm_policy policy = {};
	struct ldlm_res_id id;
	bool ok;

	ldlm_res_id_from_wire(&id, &d->l_resource.lr_name);
	ldlm_type_ops(res->type)->from_wire(&policy, &d->l_policy_data);
	ok = le32_to_cpu(d->l_resource.lr_type) == res->type && ldlm_mode_valid(mode) &&
	     (ldlm_res_eq(&res->id, &id) || (res->type == LDLM_IBITS && !lock->data));
	if (res->type == LDLM_EXTENT)
		ok = ok && policy.extent.start <= lock->req_extent.start &&
		     policy.extent.end >= lock->req_extent.end;
	else if (res->type == LDLM_FLOCK)
		ok = ok && policy.flock.start <= policy.flock.end &&
		     (mode == lock->req_mode || lock->flags & LDLM_FL_TEST_LOCK);
	spin_unlock(&res->lock);
	return ok;
}

/* ldlm_adopt() - take mode and policy from a descriptor of the server. Under the resource lock */
void ldlm_adopt(struct ldlm_lock *lock, const struct ldlm_lock_desc *d, u32 mode)
{
	lock->req_mode = mode;
	ldlm_type_ops(lock->res->type)->from_wire(&lock->policy, &d->l_policy_data);
}

/* ldlm_adopt_blocked() - AST_SENT: somebody already wants it. Under the resource lock */
void ldlm_adopt_blocked(struct ldlm_lock *lock, const struct ldlm_lock_desc *d)
{
	lock->flags |= LDLM_L_CBPENDING | LDLM_L_BL_AST;
	lock->bl_mode = LDLM_EX;
	if (lock->res->type == LDLM_IBITS)
		lock->policy.ibits.cancel_bits |= le64_to_cpu(d->l_policy_data.l_inodebits.other);
}

/* ldlm_adopt_lvb() - under the resource lock; the length was checked */
void ldlm_adopt_lvb(struct ldlm_lock *lock, const void *lvb, u32 len)
{
	if (!lvb || len > lock->lvb_max)
		return;
	memset(lock->lvb, 0, lock->lvb_max);
	memcpy(lock->lvb, lvb, len);
	lock->lvb_len = len;
}

/* ldlm_lvb_len_ok() - data objects: exactly one of two; a layout may be longer than what was asked for */
bool ldlm_lvb_len_ok(u32 type, u32 len, u32 max)
{
	if (type == LDLM_IBITS)
		return true;
	if (len > max)
		return false;
	return type != LDLM_EXTENT || !max || len == OST_LVB_SIZE || len == OST_LVB_V1_SIZE;
}

void ldlm_grant_client(struct ldlm_lock *lock)
{
	struct ldlm_enqueue_state *st = lock->c.enq;

	if (lock->res->type == LDLM_FLOCK)
		ldlm_flock_apply(lock);
	else
		ldlm_grant(lock);
	wake_up_all(&lock->waitq);
	if (st) {
		lock->c.enq = NULL;
		queue_work(ldlm_wq, &st->work);
	}
}

/* Reply of status 0: the lock is granted, or queued. @lvb was checked. */
static int ldlm_enqueue_accept(struct ldlm_lock *lock, struct ldlm_enqueue *e,
			       const struct ldlm_reply *rep, const void *lvb, u32 len)
{
	const struct ldlm_lock_desc *d = &rep->lock_desc;
	u64 flags = le32_to_cpu(rep->lock_flags);
	u32 mode = le32_to_cpu(d->l_req_mode);
	struct ldlm_resource *res;
	struct ldlm_res_id id;
	int rc = 0;

	if (flags & LDLM_FL_LOCK_CHANGED) {
		if (!ldlm_grant_ok(lock, d, mode ?: lock->req_mode))
			return -EPROTO;
		ldlm_res_id_from_wire(&id, &d->l_resource.lr_name);
		rc = ldlm_lock_move(lock, &id);
		if (rc)
			return rc;
	}
	res = ldlm_lock_res_lock(lock);
	lock->remote = le64_to_cpu(rep->lock_handle.cookie);
	lock->flags |= LDLM_L_REPLIED | (flags & LDLM_FL_INHERIT_MASK & ~LDLM_FL_TEST_LOCK);
	if (!ldlm_is_granted(lock)) {	/* else a CP AST was faster, and knows better */
		if (flags & LDLM_FL_LOCK_CHANGED)
			ldlm_adopt(lock, d, mode ? mode : lock->req_mode);
		ldlm_adopt_lvb(lock, lvb, len);
		if (lock->flags & LDLM_FL_TEST_LOCK)
			lock->granted_mode = lock->req_mode;
		else if (flags & LDLM_FL_BLOCKED_MASK)
			list_move_tail(&lock->res_link, &res->waiting);
		else
			ldlm_grant_client(lock);
	}
	if (flags & LDLM_FL_AST_SENT)
		ldlm_adopt_blocked(lock, d);
	if (lock->flags & LDLM_L_FAILED)
		rc = -EIO;
	e->mode = lock->req_mode;
	spin_unlock(&res->lock);
	e->flags = flags;
	return rc;
}

/* We cannot use what the server granted: it must not wait for us. */
static void ldlm_enqueue_refuse(struct ldlm_lock *lock, u64 remote)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->remote = remote;
	lock->users = 0;
	lock->flags |= LDLM_L_CBPENDING | LDLM_L_CANCELING;
	spin_unlock(&res->lock);
	ldlm_cancel_run(lock);
	ldlm_cancel_queue(lock);
	ldlm_cancel_flush(lock->ns);
}

/*
 * ldlm_enqueue_reply() - what the answer to an enqueue means
 *
 * Return: 0: granted, or queued if !ldlm_is_granted(); else the lock is gone:
 * ELDLM_LOCK_ABORTED (the LVB is in @e->lvb), negative errno.
 */
int ldlm_enqueue_reply(struct ldlm_lock *lock, struct rpc_request *req,
		       struct ldlm_enqueue *e, int status)
{
	const struct ldlm_reply *rep;
	const void *lvb = NULL;
	u32 len = 0;
	int rc = status;

	if (status && status != ELDLM_LOCK_ABORTED)
		goto drop;
	rep = rpc_field(&req->rp, RF_DLM_REP);
	if (!rep) {
		rc = -EPROTO;
		goto drop;
	}
	if (rpc_has_field(&req->rp, RF_LVB)) {
		len = rpc_field_size(&req->rp, RF_LVB);
		lvb = len ? rpc_field(&req->rp, RF_LVB) : NULL;
	}
	if (!ldlm_lvb_len_ok(e->type, len, e->lvb_size))
		rc = -EINVAL;
	else if (lvb && e->lvb)
		memcpy(e->lvb, lvb, min(len, e->lvb_size));
	if (rc == ELDLM_LOCK_ABORTED) {
		e->flags = le32_to_cpu(rep->lock_flags);
		goto drop;
	}
	if (!rc)
		rc = ldlm_enqueue_accept(lock, e, rep, lvb, len);
	if (!rc)
		return 0;
	if (!status) {
		ldlm_enqueue_refuse(lock, le64_to_cpu(rep->lock_handle.cookie));
		return rc;
	}
drop:
	ldlm_cli_drop(lock, LDLM_L_FAILED);
	return rc > 0 && rc != ELDLM_LOCK_ABORTED ? -EPROTO : rc;
}

static bool ldlm_wait_over(struct ldlm_lock *lock)
{
	return ldlm_is_granted(lock) ||
	       READ_ONCE(lock->flags) & (LDLM_L_FAILED | LDLM_FL_FLOCK_DEADLOCK);
}

/*
 * ldlm_wait_granted() - until the CP AST comes
 *
 * Killable; flocks: interruptible. A server that is silent for too long is connected to
 * anew. Return: 0, -EINTR, -EIO (evicted), -EDEADLK.
 */
int ldlm_wait_granted(struct ldlm_lock *lock, u64 flags)
{
	bool flock = ldlm_lock_type(lock) == LDLM_FLOCK;
	long timeout = flock || flags & LDLM_FL_NO_TIMEOUT ? MAX_SCHEDULE_TIMEOUT : LDLM_CP_TIMEOUT;
	long left;

	for (;;) {
		if (flock)
			left = wait_event_interruptible_timeout(lock->waitq, ldlm_wait_over(lock), timeout);
		else
			left = wait_event_killable_timeout(lock->waitq, ldlm_wait_over(lock), timeout);
		if (left)
			break;
		pr_warn_ratelimited("ldlm: %s: no word of lock %#llx for %u s, reconnecting\n",
				    lock->ns->name, lock->handle.cookie, LDLM_CP_TIMEOUT / HZ);
		rpc_import_reconnect(lock->ns->imp);
	}
	if (ldlm_is_granted(lock))
		return READ_ONCE(lock->flags) & LDLM_L_FAILED ? -EIO : 0;
	if (READ_ONCE(lock->flags) & LDLM_FL_FLOCK_DEADLOCK)
		return -EDEADLK;
	return left < 0 ? -EINTR : -EIO;
}

/* Nobody waits for it any more. It may have been granted in the meantime. */
static void ldlm_enqueue_give_up(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->flags |= LDLM_L_CBPENDING;
	spin_unlock(&res->lock);
	ldlm_lock_release(lock, lock->req_mode);
}

int ldlm_cli_enqueue(struct rpc_import *imp, struct rpc_request *req,
		     struct ldlm_enqueue *e, struct ldlm_lock **lockp)
{
	struct rpc_request *mine = req;
	struct ldlm_lock *lock;
	int rc;

	*lockp = NULL;
	lock = ldlm_enqueue_prepare(imp, &mine, e);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	rc = ldlm_enqueue_reply(lock, mine, e, rpc_call(mine));
	if (!req)
		rpc_request_put(mine);
	if (rc)
		return rc;
	if (e->flags & LDLM_FL_BLOCKED_MASK) {
		rc = ldlm_wait_granted(lock, e->flags);
		if (rc) {
			ldlm_enqueue_give_up(lock);
			return rc;
		}
		e->mode = lock->req_mode;
	}
	*lockp = lock;
	return 0;
}
EXPORT_SYMBOL_GPL(ldlm_cli_enqueue);

/* --- asynchronous --- */

static void ldlm_async_finish(struct ldlm_enqueue_state *st, int rc)
{
	st->done(st->arg, rc ? NULL : st->lock, rc);
	rpc_request_put(st->req);
	kfree(st);
}

/* A lock that had to wait was granted, or will not be. */
static void ldlm_async_work(struct work_struct *work)
{
	struct ldlm_enqueue_state *st = container_of(work, struct ldlm_enqueue_state, work);
	bool failed = !ldlm_is_granted(st->lock) || READ_ONCE(st->lock->flags) & LDLM_L_FAILED;

	if (failed)
		ldlm_enqueue_give_up(st->lock);
	ldlm_async_finish(st, failed ? -EIO : 0);
}

static void ldlm_async_done(struct rpc_request *req)
{
	struct ldlm_enqueue_state *st = req->data;
	struct ldlm_lock *lock = st->lock;
	struct ldlm_resource *res;
	bool over;
	int rc;

	rc = ldlm_enqueue_reply(lock, req, &st->e, req->status);
	if (!rc) {
		res = ldlm_lock_res_lock(lock);
		over = ldlm_wait_over(lock);
		if (!over)
			lock->c.enq = st;
		spin_unlock(&res->lock);
		if (!over)
			return;
		if (lock->flags & LDLM_L_FAILED) {
			ldlm_enqueue_give_up(lock);
			rc = -EIO;
		}
	}
	ldlm_async_finish(st, rc);
}

int ldlm_cli_enqueue_async(struct rpc_import *imp, struct rpc_request *req, struct ldlm_enqueue *e,
			   void (*done)(void *arg, struct ldlm_lock *lock, int rc), void *arg)
{
	struct ldlm_enqueue_state *st;
	struct ldlm_lock *lock;

	st = kzalloc(sizeof(*st), GFP_NOFS);
	if (!st)
		return -ENOMEM;
	st->req = req ? rpc_request_get(req) : NULL;
	lock = ldlm_enqueue_prepare(imp, &st->req, e);
	if (IS_ERR(lock)) {
		if (st->req)
			rpc_request_put(st->req);
		kfree(st);
		return PTR_ERR(lock);
	}
	st->e = *e;
	st->lock = lock;
	st->done = done;
	st->arg = arg;
	INIT_WORK(&st->work, ldlm_async_work);
	st->req->data = st;
	st->req->done = ldlm_async_done;
	rpc_send(st->req);
	return 0;
}
EXPORT_SYMBOL_GPL(ldlm_cli_enqueue_async);
