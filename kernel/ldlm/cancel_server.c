// SPDX-License-Identifier: GPL-2.0
/*
 * How locks of clients end on the server: LDLM_CANCEL, LDLM_CONVERT, early cancels in
 * other requests, and the end of an export (sections 7.4, 7.5, 10).
 */
#include "kernel/ldlm/internal.h"

void ldlm_srv_cancel(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = lock->res;

	if (!ldlm_srv_detach(lock))
		return;
	ldlm_rescan(res);
	ldlm_lock_put(lock);
}

/* Locks of this client named by handles, off their queues and onto @list. */
static unsigned int ldlm_detach_handles(struct rpc_svcreq *req, const struct lustre_handle *handles,
					unsigned int nr, struct list_head *list)
{
	struct ldlm_lock *lock;
	unsigned int i, found = 0;

	for (i = 0; i < nr; i++) {
		lock = ldlm_handle_to_lock(le64_to_cpu(handles[i].cookie));
		if (!lock)
			continue;
		if (lock->ns->side == LDLM_SERVER && lock->exp == req->exp && ldlm_srv_detach(lock)) {
			list_add_tail(&lock->res_link, list);	/* off its queue for good */
			found++;
		}
		ldlm_lock_put(lock);
	}
	return found;
}

/* Grant what waited for them, each resource once if its locks came together. */
static void ldlm_rescan_detached(struct list_head *list)
{
	struct ldlm_lock *lock, *next;

	list_for_each_entry_safe(lock, next, list, res_link) {
		list_del_init(&lock->res_link);
		if (&next->res_link == list || next->res != lock->res)
			ldlm_rescan(lock->res);
		ldlm_lock_put(lock);
	}
}

/* Handles of RF_DLM_REQ, as many as it says and has */
static const struct lustre_handle *ldlm_req_handles(struct rpc_svcreq *req, unsigned int *count)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	u32 size = rpc_field_size(&req->rq, RF_DLM_REQ);

	*count = 0;
	if (!dlm || size < sizeof(*dlm))
		return NULL;
	*count = le32_to_cpu(dlm->lock_count);
	if (*count > (size - sizeof(*dlm)) / sizeof(dlm->lock_handle[0]))
		*count = 0;
	return dlm->lock_handle;
}

void ldlm_srv_cancel_elc(struct rpc_svcreq *req, unsigned int first)
{
	const struct lustre_handle *handles;
	unsigned int count;
	LIST_HEAD(list);

	if (req->replay || !rpc_has_field(&req->rq, RF_DLM_REQ))
		return;
	handles = ldlm_req_handles(req, &count);
	if (count <= first)
		return;
	ldlm_detach_handles(req, handles + first, count - first, &list);
	ldlm_rescan_detached(&list);
}
EXPORT_SYMBOL_GPL(ldlm_srv_cancel_elc);

int ldlm_handle_cancel(struct rpc_svcreq *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	const struct lustre_handle *handles;
	unsigned int count, found;
	LIST_HEAD(list);
	int rc;

	if (!dlm)
		return -EPROTO;
	handles = ldlm_req_handles(req, &count);
	if (!count) {
		if (dlm->lock_count)
			return -EPROTO;
		count = 1;	/* as old clients say it */
	}
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	found = ldlm_detach_handles(req, handles, count, &list);
	ldlm_rescan_detached(&list);
	return found ? 0 : ELDLM_ESTALE;
}

/* Give up bits of a lock. Return: those that are left, or an error. */
static int ldlm_convert(struct ldlm_lock *lock, u32 mode, u64 keep)
{
	struct ldlm_resource *res = lock->res;
	bool dropped = false;
	int rc = 0;

	spin_lock(&res->lock);
	if (lock->flags & LDLM_L_CANCELED || !ldlm_is_granted(lock)) {
		rc = ELDLM_NO_LOCK_DATA;
	} else if (res->type != LDLM_IBITS || mode != lock->granted_mode || !keep ||
		   keep & ~lock->policy.ibits.bits) {
		rc = -EPROTO;
	} else if (keep != lock->policy.ibits.bits) {
		lock->policy.ibits.bits = keep;
		lock->flags &= ~(LDLM_FL_AST_SENT | LDLM_FL_DISCARD_DATA);
		/* before the next conflict starts it again; the caller has a reference */
		ldlm_timer_stop(lock);
		dropped = true;
	}
	spin_unlock(&res->lock);
	if (dropped)
		ldlm_rescan(res);
	return rc;
}

int ldlm_handle_convert(struct rpc_svcreq *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct ldlm_lock *lock;
	struct ldlm_reply *rep;
	u64 keep;
	int rc;

	if (!dlm)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	rep = rpc_field(&req->rp, RF_DLM_REP);
	rep->lock_flags = dlm->lock_flags;
	lock = ldlm_handle_to_lock(le64_to_cpu(dlm->lock_handle[0].cookie));
	if (!lock)
		return ELDLM_NO_LOCK_DATA;
	rc = ELDLM_NO_LOCK_DATA;
	if (lock->ns->side == LDLM_SERVER && lock->exp == req->exp) {
		keep = le64_to_cpu(dlm->lock_desc.l_policy_data.l_inodebits.bits);
		rc = ldlm_convert(lock, le32_to_cpu(dlm->lock_desc.l_req_mode), keep);
		rep->lock_handle.cookie = cpu_to_le64(lock->remote);
		rep->lock_desc.l_policy_data.l_inodebits.bits = cpu_to_le64(keep);
	}
	ldlm_lock_put(lock);
	return rc;
}

static struct ldlm_lock *ldlm_export_first(struct rpc_export *exp)
{
	struct ldlm_lock *lock;

	spin_lock_bh(&exp->lock);
	lock = list_first_entry_or_null(&exp->locks, struct ldlm_lock, s.exp_link);
	if (lock) {
		ldlm_lock_get(lock);
		list_del_init(&lock->s.exp_link);
	}
	spin_unlock_bh(&exp->lock);
	return lock;
}

void ldlm_export_cleanup(struct rpc_export *exp)
{
	struct ldlm_lock *lock;

	while ((lock = ldlm_export_first(exp))) {
		ldlm_srv_cancel(lock);
		ldlm_lock_put(lock);
	}
}
EXPORT_SYMBOL_GPL(ldlm_export_cleanup);
