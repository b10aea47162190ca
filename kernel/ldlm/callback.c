// SPDX-License-Identifier: GPL-2.0
/*
 * What a server tells a client of its locks: portal 15 (sections 7.2, 7.3, 7.6). The
 * answer goes out first, the work is done by others: nothing here waits for an RPC.
 */
#include "kernel/ldlm/internal.h"

/* The lock that a callback is about, referenced, or NULL */
static struct ldlm_lock *ldlm_callback_lock(struct rpc_svcreq *req, const struct ldlm_request *dlm)
{
	struct ldlm_lock *lock = ldlm_handle_to_lock(le64_to_cpu(dlm->lock_handle[0].cookie));

	if (!lock)
		return NULL;
	if (lock->ns->side == LDLM_CLIENT && lock->ns->imp == req->imp)
		return lock;
	ldlm_lock_put(lock);
	return NULL;
}

/* Return: 0: somebody will see to it; -EINVAL: it is gone already */
static int ldlm_blocking(struct ldlm_lock *lock, const struct ldlm_request *dlm)
{
	const struct ldlm_lock_desc *d = &dlm->lock_desc;
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	int rc = 0;

	if (lock->flags & LDLM_L_CANCELED) {
		rc = -EINVAL;
	} else {
		lock->flags |= LDLM_L_CBPENDING | LDLM_L_BL_AST |
			       (le32_to_cpu(dlm->lock_flags) & LDLM_FL_DISCARD_DATA);
		lock->bl_mode = le32_to_cpu(d->l_req_mode);
		if (res->type == LDLM_IBITS)
			lock->policy.ibits.cancel_bits |= le64_to_cpu(d->l_policy_data.l_inodebits.other);
		ldlm_lru_del(lock);
	}
	spin_unlock(&res->lock);
	return rc;
}

static int ldlm_handle_blocking(struct rpc_svcreq *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct ldlm_lock *lock;
	int rc;

	if (!dlm)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	lock = ldlm_callback_lock(req, dlm);
	if (!lock)
		return -EINVAL;
	rc = ldlm_blocking(lock, dlm);
	rpc_svc_reply_now(req, rc);
	if (!rc)
		ldlm_cancel_later(lock);
	ldlm_lock_put(lock);
	return rc;
}

/* Under the resource lock, which is that of the lock's final resource */
static int ldlm_complete_locked(struct ldlm_lock *lock, const struct ldlm_request *dlm,
				const void *lvb, u32 len)
{
	const struct ldlm_lock_desc *d = &dlm->lock_desc;
	u64 flags = le32_to_cpu(dlm->lock_flags);

	if (lock->flags & (LDLM_L_CANCELED | LDLM_L_FAILED))
		return -EINVAL;
	if (ldlm_is_granted(lock))
		return 0;	/* it was told twice */
	if (!lock->remote)
		lock->remote = le64_to_cpu(dlm->lock_handle[1].cookie);
	lock->flags |= flags & LDLM_FL_AST_MASK;
	if (flags & LDLM_FL_FLOCK_DEADLOCK) {
		wake_up_all(&lock->waitq);
		return 0;
	}
	ldlm_adopt(lock, d, le32_to_cpu(d->l_granted_mode));
	if (flags & LDLM_FL_AST_SENT)
		ldlm_adopt_blocked(lock, d);
	ldlm_adopt_lvb(lock, lvb, len);
	ldlm_grant_client(lock);
	return 0;
}

static int ldlm_complete(struct rpc_svcreq *req, const struct ldlm_request *dlm, struct ldlm_lock *lock)
{
	const struct ldlm_lock_desc *d = &dlm->lock_desc;
	u32 type = le32_to_cpu(d->l_resource.lr_type);
	u32 len = rpc_field_size(&req->rq, RF_LVB);
	const void *lvb = len ? rpc_field(&req->rq, RF_LVB) : NULL;
	struct ldlm_resource *res;
	struct ldlm_res_id id;
	int rc;

	if (type != ldlm_lock_type(lock))
		return -EINVAL;
	if (le32_to_cpu(dlm->lock_flags) & LDLM_FL_FLOCK_DEADLOCK) {
		if (type != LDLM_FLOCK)
			return -EINVAL;
	} else {
		if (!ldlm_grant_ok(lock, d, le32_to_cpu(d->l_granted_mode)))
			return -EINVAL;
		if (type == LDLM_EXTENT && !ldlm_lvb_len_ok(type, len, lock->lvb_max))
			return -EINVAL;
		ldlm_res_id_from_wire(&id, &d->l_resource.lr_name);
		rc = ldlm_lock_move(lock, &id);
		if (rc)
			return rc;
	}
	res = ldlm_lock_res_lock(lock);
	rc = ldlm_complete_locked(lock, dlm, lvb, len);
	spin_unlock(&res->lock);
	return rc;
}

static int ldlm_handle_completion(struct rpc_svcreq *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct ldlm_lock *lock;
	int rc;

	if (!dlm)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	lock = ldlm_callback_lock(req, dlm);
	if (!lock)
		return -EINVAL;
	rc = ldlm_complete(req, dlm, lock);
	ldlm_lock_put(lock);
	return rc;
}

/* A write lock that nobody used for 10 s is not worth being asked about (7.6). */
static void ldlm_glimpse_idle(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	bool data = res->type == LDLM_EXTENT ||
		    (res->type == LDLM_IBITS && lock->policy.ibits.bits == MDS_INODELOCK_DOM);

	if (lock->granted_mode == LDLM_PW && !lock->users && data &&
	    time_after(jiffies, lock->c.last_used + 10 * HZ))
		ldlm_cancel_later(lock);
	spin_unlock(&res->lock);
}

static int ldlm_handle_glimpse(struct rpc_svcreq *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	u32 size = rpc_import_flags(req->imp) & OBD_CONNECT_LVB_TYPE ? OST_LVB_SIZE : OST_LVB_V1_SIZE;
	struct ost_lvb lvb = { };
	struct ldlm_lock *lock;
	int rc;

	if (!dlm)
		return -EPROTO;
	lock = ldlm_callback_lock(req, dlm);
	if (!lock)
		rc = -EINVAL;
	else if (!lock->ops || !lock->ops->glimpse)
		rc = -ENOSYS;
	else
		rc = lock->ops->glimpse(lock, &lvb);
	if (!rc) {
		rpc_set_size(&req->rp, RF_LVB, size);
		rc = rpc_reply_pack(req);
		if (!rc)
			memcpy(rpc_field(&req->rp, RF_LVB), &lvb, size);
	} else if (rpc_reply_pack(req)) {
		rc = -ENOMEM;
	}
	if (lock) {
		if (!rc) {
			rpc_svc_reply_now(req, 0);
			ldlm_glimpse_idle(lock);
		}
		ldlm_lock_put(lock);
	}
	return rc;
}

const struct rpc_op ldlm_callback_ops[] = {
	{ LDLM_BL_CALLBACK, &RQF_LDLM_BL_CALLBACK, LUSTRE_DLM_VERSION, 0, ldlm_handle_blocking },
	{ LDLM_CP_CALLBACK, &RQF_LDLM_CP_CALLBACK, LUSTRE_DLM_VERSION, 0, ldlm_handle_completion },
	{ LDLM_GL_CALLBACK, &RQF_LDLM_GL_CALLBACK, LUSTRE_DLM_VERSION, 0, ldlm_handle_glimpse },
};
const unsigned int ldlm_nr_callback_ops = ARRAY_SIZE(ldlm_callback_ops);
