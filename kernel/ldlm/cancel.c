// SPDX-License-Identifier: GPL-2.0
/*
 * How locks end on a client: the owner is told, then the server, many handles in one
 * request (sections 7.4, 10). Why they end: a BL AST (callback.c), age and number
 * (lru.c), another request (elc.c), or here: their users, umount, eviction. A lock on
 * data and attributes may give up one and keep the other (section 7.5).
 */
#include "kernel/ldlm/internal.h"

bool ldlm_cancel_claim(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	bool ours;

	ours = !lock->users && !(lock->flags & (LDLM_L_CANCELING | LDLM_L_CANCELED));
	if (ours) {
		lock->flags |= LDLM_L_CANCELING | LDLM_L_CBPENDING;
		ldlm_lru_del(lock);
	}
	spin_unlock(&res->lock);
	return ours;
}

void ldlm_cancel_run(struct ldlm_lock *lock)
{
	struct ldlm_resource *res;

	if (lock->granted_mode && lock->ops && lock->ops->blocking)
		lock->ops->blocking(lock, NULL, true);
	res = ldlm_lock_res_lock(lock);
	lock->flags |= LDLM_L_CANCELED;
	ldlm_unlink(lock);
	spin_unlock(&res->lock);
	if (lock->handle.cookie)
		rpc_handle_del(&lock->handle);
}

/* The server knows, or need not know. */
static void ldlm_cancel_end(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->flags |= LDLM_L_CANCEL_DONE;
	spin_unlock(&res->lock);
	wake_up_all(&lock->waitq);
	ldlm_lock_put(lock);
}

void ldlm_cancel_queue(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;

	if (READ_ONCE(lock->flags) & LDLM_L_FAILED || !lock->remote) {
		ldlm_cancel_end(lock);
		return;
	}
	spin_lock(&ns->lru_lock);
	list_add_tail(&lock->todo, &ns->cancels);
	spin_unlock(&ns->lru_lock);
}

/** struct ldlm_cancel_batch - locks named in one LDLM_CANCEL */
struct ldlm_cancel_batch {
	struct ldlm_namespace	*ns;
	struct list_head	locks;
	unsigned int		nr;
};

static void ldlm_batch_end(struct ldlm_cancel_batch *batch)
{
	struct ldlm_namespace *ns = batch->ns;
	struct ldlm_lock *lock, *next;

	list_for_each_entry_safe(lock, next, &batch->locks, todo) {
		list_del_init(&lock->todo);
		ldlm_cancel_end(lock);
	}
	spin_lock(&ns->lru_lock);
	ns->cancels_in_flight--;
	spin_unlock(&ns->lru_lock);
	kfree(batch);
}

/* Whatever the answer: the lock is gone here, and a server that asks again is told so. */
static void ldlm_cancel_done(struct rpc_request *req)
{
	struct ldlm_cancel_batch *batch = req->data;
	struct ldlm_namespace *ns = ldlm_ns_get(batch->ns);

	ldlm_batch_end(batch);
	ldlm_cancel_flush(ns);
	ldlm_ns_put(ns);
}

static int ldlm_cancel_send(struct ldlm_cancel_batch *batch)
{
	struct ldlm_request *dlm;
	struct rpc_request *req;
	struct ldlm_lock *lock;
	unsigned int i = 0;
	int rc;

	req = rpc_request_alloc(batch->ns->imp, &RQF_LDLM_CANCEL);
	if (!req)
		return -ENOMEM;
	req->req_portal = LDLM_CANCEL_REQUEST_PORTAL;
	req->rep_portal = LDLM_CANCEL_REPLY_PORTAL;
	rpc_set_size(&req->rq, RF_DLM_REQ, struct_size(dlm, lock_handle, max(batch->nr, 2U)));
	rc = rpc_request_pack(req);
	if (!rc) {
		dlm = rpc_field(&req->rq, RF_DLM_REQ);
		dlm->lock_count = cpu_to_le32(batch->nr);
		list_for_each_entry(lock, &batch->locks, todo)
			dlm->lock_handle[i++].cookie = cpu_to_le64(lock->remote);
		req->data = batch;
		req->done = ldlm_cancel_done;
		rpc_send(req);
	}
	rpc_request_put(req);
	return rc;
}

static unsigned int ldlm_batch_max(const struct ldlm_namespace *ns)
{
	return rpc_import_flags(ns->imp) & OBD_CONNECT_CANCELSET ? LDLM_CANCEL_HANDLES : 1;
}

/* Up to a request's worth of what is to be cancelled; false if there is nothing to send now */
static bool ldlm_batch_fill(struct ldlm_namespace *ns, struct ldlm_cancel_batch *batch)
{
	unsigned int max = ldlm_batch_max(ns);

	spin_lock(&ns->lru_lock);
	if (ns->cancels_in_flight < LDLM_CANCELS_IN_FLIGHT) {
		while (batch->nr < max && !list_empty(&ns->cancels)) {
			list_move_tail(ns->cancels.next, &batch->locks);
			batch->nr++;
		}
		if (batch->nr)
			ns->cancels_in_flight++;
	}
	spin_unlock(&ns->lru_lock);
	return batch->nr;
}

/*
 * ldlm_cancel_flush() - send what is to be cancelled
 *
 * While many requests are in flight handles gather, and go together when one is answered.
 */
void ldlm_cancel_flush(struct ldlm_namespace *ns)
{
	struct ldlm_cancel_batch *batch;

	while (!list_empty_careful(&ns->cancels)) {
		batch = kzalloc(sizeof(*batch), GFP_NOFS | __GFP_NOFAIL);
		batch->ns = ns;
		INIT_LIST_HEAD(&batch->locks);
		if (!ldlm_batch_fill(ns, batch)) {
			kfree(batch);
			return;
		}
		if (ldlm_cancel_send(batch))
			ldlm_batch_end(batch);
	}
}

/*
 * Data is not given up with the attributes that somebody asks for. The bits that go match no more from
 * here on; the others do, while this user keeps the lock from being cancelled before the server knows.
 */
static bool ldlm_convert_claim(struct ldlm_lock *lock, u64 *lost)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	u64 bits = lock->policy.ibits.bits;
	bool ours;

	*lost = bits & lock->policy.ibits.cancel_bits;
	ours = res->type == LDLM_IBITS && lock->ops && lock->ops->convert && bits & MDS_INODELOCK_DOM &&
	       *lost && *lost != bits && lock->flags & LDLM_L_BL_AST && lock->remote && ldlm_is_granted(lock) &&
	       !lock->users && !(lock->flags & (LDLM_L_CANCELING | LDLM_L_CANCELED | LDLM_L_FAILED)) &&
	       le64_to_cpu(lock->ns->imp->ocd.ocd_connect_flags2) & OBD_CONNECT2_LOCK_CONVERT;
	if (ours) {
		lock->users++;
		lock->policy.ibits.bits &= ~*lost;
		lock->policy.ibits.cancel_bits = 0;
		lock->flags &= ~(LDLM_L_CBPENDING | LDLM_L_BL_AST);
	}
	spin_unlock(&res->lock);
	return ours;
}

/* The server did not hear of it, or does not have that lock: all of it goes */
static void ldlm_convert_failed(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->flags |= LDLM_L_CBPENDING;
	if (!lock->users)
		ldlm_cancel_later(lock);
	spin_unlock(&res->lock);
}

static void ldlm_convert_done(struct rpc_request *req)
{
	struct ldlm_lock *lock = req->data;

	if (req->status)
		ldlm_convert_failed(lock);
	ldlm_lock_put(lock);
}

static int ldlm_convert_send(struct ldlm_lock *lock)
{
	struct ldlm_request *dlm;
	struct rpc_request *req;
	int rc;

	req = rpc_request_alloc(lock->ns->imp, &RQF_LDLM_CONVERT);
	if (!req)
		return -ENOMEM;
	req->req_portal = LDLM_CANCEL_REQUEST_PORTAL;
	req->rep_portal = LDLM_CANCEL_REPLY_PORTAL;
	rc = rpc_request_pack(req);
	if (!rc) {
		dlm = rpc_field(&req->rq, RF_DLM_REQ);
		dlm->lock_count = cpu_to_le32(1);
		dlm->lock_handle[0].cookie = cpu_to_le64(lock->remote);
		dlm->lock_desc.l_req_mode = cpu_to_le32(lock->granted_mode);
		dlm->lock_desc.l_granted_mode = cpu_to_le32(lock->granted_mode);
		dlm->lock_desc.l_policy_data.l_inodebits.bits = cpu_to_le64(lock->policy.ibits.bits);
		req->data = ldlm_lock_get(lock);
		req->done = ldlm_convert_done;
		rpc_send(req);
	}
	rpc_request_put(req);
	return rc;
}

static void ldlm_convert_run(struct ldlm_lock *lock, u64 lost)
{
	struct ldlm_resource *res;

	lock->ops->convert(lock, lost);
	res = ldlm_lock_res_lock(lock);
	lock->flags &= ~LDLM_FL_DISCARD_DATA;
	spin_unlock(&res->lock);
	if (ldlm_convert_send(lock))
		ldlm_convert_failed(lock);
	ldlm_lock_release(lock, lock->granted_mode);
}

static void ldlm_blocker_desc(struct ldlm_lock *lock, struct ldlm_lock_desc *d)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	ldlm_lock_to_desc(lock, d);
	d->l_req_mode = cpu_to_le32(lock->bl_mode);
	d->l_granted_mode = 0;
	if (res->type == LDLM_IBITS) {
		d->l_policy_data.l_inodebits.bits = cpu_to_le64(lock->policy.ibits.cancel_bits);
		d->l_policy_data.l_inodebits.other = d->l_policy_data.l_inodebits.bits;
	}
	spin_unlock(&res->lock);
}

/* Somebody wants it, or nobody uses it any more. */
void ldlm_cancel_work(struct work_struct *work)
{
	struct ldlm_lock *lock = container_of(work, struct ldlm_lock, c.work);
	struct ldlm_namespace *ns = ldlm_ns_get(lock->ns);
	struct ldlm_lock_desc desc;
	u64 lost;

	if (ldlm_convert_claim(lock, &lost)) {
		ldlm_convert_run(lock, lost);
	} else if (ldlm_cancel_claim(lock)) {
		ldlm_cancel_run(lock);
		ldlm_cancel_queue(lock);
		ldlm_cancel_flush(ns);
	} else if (!(READ_ONCE(lock->flags) & LDLM_L_CANCELING) && lock->granted_mode &&
		   lock->ops && lock->ops->blocking) {
		ldlm_blocker_desc(lock, &desc);
		lock->ops->blocking(lock, &desc, false);
	}
	ldlm_lock_put(lock);
	ldlm_ns_put(ns);
}

void ldlm_cancel_later(struct ldlm_lock *lock)
{
	ldlm_lock_get(lock);
	if (!queue_work(ldlm_wq, &lock->c.work))
		ldlm_lock_put(lock);
}

void ldlm_cli_drop(struct ldlm_lock *lock, u64 flags)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	bool mine = !(lock->flags & LDLM_L_CANCELED);

	lock->flags |= LDLM_L_CANCELED | LDLM_L_CANCELING | LDLM_L_CANCEL_DONE | flags;
	lock->users = 0;
	ldlm_lru_del(lock);
	ldlm_unlink(lock);
	spin_unlock(&res->lock);
	if (!mine)
		return;
	if (lock->handle.cookie)
		rpc_handle_del(&lock->handle);
	wake_up_all(&lock->waitq);
	ldlm_lock_put(lock);
}

int ldlm_cli_cancel(struct ldlm_lock *lock, bool async)
{
	struct ldlm_namespace *ns = lock->ns;
	struct ldlm_resource *res;
	int rc = 0;

	ldlm_lock_get(lock);
	if (ldlm_cancel_claim(lock)) {
		ldlm_cancel_run(lock);
		ldlm_cancel_queue(lock);
		ldlm_cancel_flush(ns);
	} else {
		res = ldlm_lock_res_lock(lock);
		lock->flags |= LDLM_L_CBPENDING;
		rc = lock->users ? -EBUSY : 0;
		spin_unlock(&res->lock);
	}
	if (!rc && !async)
		rc = wait_event_killable(lock->waitq, READ_ONCE(lock->flags) & LDLM_L_CANCEL_DONE);
	ldlm_lock_put(lock);
	return rc;
}
EXPORT_SYMBOL_GPL(ldlm_cli_cancel);

void ldlm_cli_forget(struct ldlm_namespace *ns, const struct ldlm_res_id *id, const void *data)
{
	struct ldlm_resource *res = ldlm_res_find(ns, id);
	struct ldlm_lock **locks;
	unsigned int i, nr;
	bool many;

	if (!res)
		return;
	locks = ldlm_res_snapshot(res, false, &nr);
	for (i = 0; i < nr; i++) {
		if (READ_ONCE(locks[i]->data) == data && ldlm_cancel_claim(locks[i])) {
			ldlm_cancel_run(locks[i]);
			ldlm_cancel_queue(locks[i]);
		}
		ldlm_lock_put(locks[i]);
	}
	kvfree(locks);
	ldlm_res_put(res);
	spin_lock(&ns->lru_lock);
	many = (ns->forgotten += nr) >= LDLM_CANCEL_HANDLES;
	if (many)
		ns->forgotten = 0;
	spin_unlock(&ns->lru_lock);
	if (many || READ_ONCE(ns->stopping))
		ldlm_cancel_flush(ns);
	else if (nr)
		queue_delayed_work(ldlm_wq, &ns->forget_work, LDLM_FORGET_DELAY);
}
EXPORT_SYMBOL_GPL(ldlm_cli_forget);

void ldlm_forget_work(struct work_struct *work)
{
	struct ldlm_namespace *ns = container_of(to_delayed_work(work), struct ldlm_namespace, forget_work);

	spin_lock(&ns->lru_lock);
	ns->forgotten = 0;
	spin_unlock(&ns->lru_lock);
	ldlm_cancel_flush(ns);
}

static void ldlm_cancel_local(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->flags |= LDLM_L_FAILED;
	spin_unlock(&res->lock);
}

/* Locks of one resource; returns how many. */
static unsigned int ldlm_cancel_resource(struct ldlm_resource *res, bool local, bool wait)
{
	struct ldlm_lock **locks;
	unsigned int i, nr, n = 0;

	locks = ldlm_res_snapshot(res, false, &nr);
	for (i = 0; i < nr; i++) {
		if (ldlm_cancel_claim(locks[i])) {
			if (local)
				ldlm_cancel_local(locks[i]);
			ldlm_cancel_run(locks[i]);
			ldlm_cancel_queue(locks[i]);
			swap(locks[n], locks[i]);
			n++;
		}
	}
	if (n && wait) {
		ldlm_cancel_flush(res->ns);
		for (i = 0; i < n; i++)
			if (wait_event_killable(locks[i]->waitq,
						READ_ONCE(locks[i]->flags) & LDLM_L_CANCEL_DONE))
				break;
	}
	for (i = 0; i < nr; i++)
		ldlm_lock_put(locks[i]);
	kvfree(locks);
	return n;
}

int ldlm_cli_cancel_unused(struct ldlm_namespace *ns, const struct ldlm_res_id *id, bool local)
{
	struct ldlm_resource *res = NULL;
	unsigned int n = 0;

	if (id) {
		res = ldlm_res_find(ns, id);
		if (res) {
			ldlm_cancel_resource(res, local, true);
			ldlm_res_put(res);
		}
		return 0;
	}
	while ((res = ldlm_res_next(ns, res))) {
		n += ldlm_cancel_resource(res, local, false);
		if (n >= LDLM_CANCEL_HANDLES) {
			ldlm_cancel_flush(ns);
			n = 0;
		}
	}
	ldlm_cancel_flush(ns);
	return 0;
}
EXPORT_SYMBOL_GPL(ldlm_cli_cancel_unused);

/* Evicted: users find out at their next RPC, waiters at once. */
static void ldlm_invalidate_lock(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	struct ldlm_enqueue_state *st = lock->c.enq;

	lock->flags |= LDLM_L_FAILED | LDLM_L_CBPENDING | LDLM_FL_DISCARD_DATA;
	if (st) {
		lock->c.enq = NULL;
		queue_work(ldlm_wq, &st->work);
	}
	spin_unlock(&res->lock);
	wake_up_all(&lock->waitq);
	if (ldlm_cancel_claim(lock)) {
		ldlm_cancel_run(lock);
		ldlm_cancel_queue(lock);
	}
}

void ldlm_ns_invalidate(struct ldlm_namespace *ns)
{
	struct ldlm_resource *res = NULL;
	struct ldlm_lock **locks;
	unsigned int i, nr;

	while ((res = ldlm_res_next(ns, res))) {
		locks = ldlm_res_snapshot(res, true, &nr);
		for (i = 0; i < nr; i++) {
			ldlm_invalidate_lock(locks[i]);
			ldlm_lock_put(locks[i]);
		}
		kvfree(locks);
	}
}
EXPORT_SYMBOL_GPL(ldlm_ns_invalidate);
