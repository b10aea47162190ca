// SPDX-License-Identifier: GPL-2.0
/*
 * Value blocks of the server, and glimpses: what the size of a data object is, while a
 * client may know better than the disk (sections 7.6, 15.2).
 */
#include "kernel/ldlm/internal.h"

/* --- value blocks --- */

static int ldlm_lvb_read(struct ldlm_lock *lock, struct ost_lvb *lvb)
{
	const struct ldlm_ns_ops *ops = lock->ns->ops;

	memset(lvb, 0, sizeof(*lvb));
	return ops->lvb_fill ? ops->lvb_fill(lock, lvb, sizeof(*lvb), true) : 0;
}

static void ldlm_grow(__le64 *a, __le64 b)
{
	if (le64_to_cpu(b) > le64_to_cpu(*a))
		*a = b;
}

static void ldlm_grow_time(__le64 *s, __le32 *ns, __le64 s2, __le32 ns2)
{
	s64 old = le64_to_cpu(*s), new = le64_to_cpu(s2);

	if (new > old || (new == old && le32_to_cpu(ns2) > le32_to_cpu(*ns))) {
		*s = s2;
		*ns = ns2;
	}
}

/* Each field only grows. */
static void ldlm_lvb_merge(struct ost_lvb *l, const struct ost_lvb *lvb)
{
	ldlm_grow(&l->lvb_size, lvb->lvb_size);
	ldlm_grow(&l->lvb_blocks, lvb->lvb_blocks);
	ldlm_grow_time(&l->lvb_mtime, &l->lvb_mtime_ns, lvb->lvb_mtime, lvb->lvb_mtime_ns);
	ldlm_grow_time(&l->lvb_atime, &l->lvb_atime_ns, lvb->lvb_atime, lvb->lvb_atime_ns);
	ldlm_grow_time(&l->lvb_ctime, &l->lvb_ctime_ns, lvb->lvb_ctime, lvb->lvb_ctime_ns);
}

/* ldlm_lvb_wire_size() - bytes of the LVB that the holder of a lock is sent */
u32 ldlm_lvb_wire_size(struct ldlm_lock *lock)
{
	const struct ldlm_ns_ops *ops = lock->ns->ops;

	if (ops->glimpse_aware)
		return lock->exp && rpc_export_flags(lock->exp) & OBD_CONNECT_LVB_TYPE ?
		       OST_LVB_SIZE : OST_LVB_V1_SIZE;
	return ops->lvb_size ? ops->lvb_size(lock) : 0;
}

/* ldlm_lvb_to_wire() - write @size bytes of LVB; -ENOENT: there is no such object */
int ldlm_lvb_to_wire(struct ldlm_lock *lock, void *buf, u32 size)
{
	const struct ldlm_ns_ops *ops = lock->ns->ops;
	struct ost_lvb lvb;
	int rc;

	if (!buf)
		return -EPROTO;
	if (!ops->glimpse_aware)
		return ops->lvb_fill ? ops->lvb_fill(lock, buf, size, false) : 0;
	rc = ldlm_lvb_read(lock, &lvb);
	if (!rc)
		memcpy(buf, &lvb, min_t(u32, size, sizeof(lvb)));
	return rc;
}

/* ldlm_lvb_error() - an error in place of the LVB (4) */
void ldlm_lvb_error(void *buf, u32 size, int rc)
{
	struct ost_lvb *lvb = buf;

	memset(buf, 0, size);
	if (size >= OST_LVB_V1_SIZE)
		lvb->lvb_blocks = cpu_to_le64(OST_LVB_ERR_INIT + (s64)rc);
}

/* --- glimpses --- */

/* Who may have extended the object: of those in the way of a reader, the one furthest on. */
static struct ldlm_lock *ldlm_glimpse_whom(struct ldlm_resource *res, u64 size)
{
	struct ldlm_lock *l, *best = NULL;

	lockdep_assert_held(&res->lock);
	list_for_each_entry(l, &res->granted, res_link) {
		if (!l->exp || ldlm_modes_compatible(l->granted_mode, LDLM_PR))
			continue;
		if (res->type == LDLM_IBITS) {	/* one writer of all the data */
			if (l->policy.ibits.bits & MDS_INODELOCK_DOM)
				return ldlm_lock_get(l);
			continue;
		}
		if (l->policy.extent.end <= size)
			continue;
		if (!best || l->policy.extent.start > best->policy.extent.start)
			best = l;
	}
	return best ? ldlm_lock_get(best) : NULL;
}

static int ldlm_glimpse_pack(struct ldlm_lock *lock, struct rpc_request *req)
{
	struct ldlm_request *dlm;
	int rc;

	rpc_set_size(&req->rp, RF_LVB, ldlm_lvb_wire_size(lock));
	rc = rpc_request_pack(req);
	if (rc)
		return rc;
	dlm = rpc_field(&req->rq, RF_DLM_REQ);
	spin_lock(&lock->res->lock);
	ldlm_lock_to_desc(lock, &dlm->lock_desc);
	spin_unlock(&lock->res->lock);
	dlm->lock_handle[0].cookie = cpu_to_le64(lock->remote);
	return 0;
}

static int ldlm_glimpse_once(struct ldlm_lock *lock, struct ost_lvb *lvb)
{
	struct rpc_request *req;
	const void *buf;
	u32 size;
	int rc;

	req = ldlm_ast_request(lock, &RQF_LDLM_GL_CALLBACK);
	if (IS_ERR(req))
		return PTR_ERR(req);
	rc = ldlm_glimpse_pack(lock, req);
	if (!rc)
		rc = rpc_call(req);
	if (!rc) {
		buf = rpc_field(&req->rp, RF_LVB);
		size = rpc_field_size(&req->rp, RF_LVB);
		memset(lvb, 0, sizeof(*lvb));
		if (buf && (size == OST_LVB_SIZE || size == OST_LVB_V1_SIZE))
			memcpy(lvb, buf, size);
		else
			rc = -EPROTO;
	}
	rpc_request_put(req);
	return rc;
}

/* Ask the holder, like other callbacks again and again until its time is over (9). */
static int ldlm_glimpse_rpc(struct ldlm_lock *lock, struct ost_lvb *lvb)
{
	unsigned long limit = jiffies + ldlm_timer_limit(lock->ns) * HZ;
	int rc;

	for (;;) {
		rc = ldlm_glimpse_once(lock, lvb);
		if (!ldlm_ast_retriable(rc) || time_after(jiffies, limit) || ldlm_lock_gone(lock) ||
		    READ_ONCE(lock->exp->failed) || READ_ONCE(lock->ns->stopping))
			return rc;
		schedule_timeout_idle(HZ);
	}
}

/*
 * The LVB of @lock's object: what the disk says, and who may know of more.
 * One RPC to one client at most, unless that is lost.
 */
static int ldlm_glimpse(struct ldlm_lock *lock, bool ask, struct ost_lvb *lvb)
{
	const struct ldlm_ns_ops *ops = lock->ns->ops;
	struct ldlm_lock *holder;
	struct ost_lvb known;
	int rc, answer;

	rc = ldlm_lvb_read(lock, lvb);
	if (rc || !ask)
		return rc;
	spin_lock(&lock->res->lock);
	holder = ldlm_glimpse_whom(lock->res, le64_to_cpu(lvb->lvb_size));
	spin_unlock(&lock->res->lock);
	if (!holder)
		return 0;
	answer = ldlm_glimpse_rpc(holder, &known);
	if (answer == -EINVAL)
		ldlm_srv_cancel(holder);
	else if (answer && answer != -ELDLM_NO_LOCK_DATA && answer != -ENOMEM)
		ldlm_ast_evict(holder, "glimpse", answer);
	/* it may have written, and gone, since */
	rc = ldlm_lvb_read(lock, lvb);
	if (!rc && !answer) {
		ldlm_lvb_merge(lvb, &known);
		if (ops->lvb_update)
			ops->lvb_update(holder, &known, sizeof(known));
	}
	ldlm_lock_put(holder);
	return rc;
}

/*
 * ldlm_glimpse_enqueue() - a client wants to know the size, and gets the lock if it is free
 *
 * Return: 0: granted; ELDLM_LOCK_ABORTED: no lock, @lvb is what there is to know;
 * -ENOENT: no such object; other negative errno.
 */
int ldlm_glimpse_enqueue(struct ldlm_lock *lock, u64 flags, struct ost_lvb *lvb)
{
	struct ldlm_resource *res = lock->res;
	int rc;

	spin_lock(&res->lock);
	lock->flags |= LDLM_FL_SPECULATIVE;	/* never waits, recalls nothing */
	rc = ldlm_process(lock, true, NULL);
	spin_unlock(&res->lock);
	if (rc != -EAGAIN)
		return rc;
	rc = ldlm_glimpse(lock, !(flags & LDLM_FL_BLOCK_NOWAIT), lvb);
	return rc ? rc : ELDLM_LOCK_ABORTED;
}

int ldlm_srv_glimpse(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 type, struct ost_lvb *lvb)
{
	const union ldlm_policy all = { .extent = { .end = LDLM_EOF } };
	const union ldlm_policy dom = { .ibits = { .bits = MDS_INODELOCK_DOM } };
	struct ldlm_lock *lock;
	int rc;

	lock = ldlm_lock_new(ns, id, type, LDLM_PR, type == LDLM_IBITS ? &dom : &all, NULL, NULL);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	rc = ldlm_glimpse(lock, true, lvb);
	ldlm_lock_put(lock);
	return rc;
}
EXPORT_SYMBOL_GPL(ldlm_srv_glimpse);
