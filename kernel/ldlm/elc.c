// SPDX-License-Identifier: GPL-2.0
/*
 * Early lock cancel (section 10): unused locks that a request is going to conflict with
 * are dropped first, and their handles travel inside the request.
 */
#include "kernel/ldlm/internal.h"

#define LDLM_ELC_MAX	64	/* of one resource */

static bool ldlm_elc_wants(const struct ldlm_lock *lock, u32 mode, u64 bits)
{
	u64 held = lock->policy.ibits.bits;

	if (lock->users || lock->flags & (LDLM_L_BL_AST | LDLM_L_CANCELING | LDLM_L_FAILED) ||
	    !lock->remote || ldlm_modes_compatible(lock->granted_mode, mode))
		return false;
	if (lock->res->type != LDLM_IBITS)
		return true;
	/* cached data is not given up for something else */
	return held & bits && (!(held & MDS_INODELOCK_DOM) || bits & MDS_INODELOCK_DOM);
}

void ldlm_elc_collect(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 mode, u64 bits,
		      struct list_head *list)
{
	struct ldlm_resource *res;
	struct ldlm_lock **locks;
	unsigned int i, nr, n = 0;

	if (!(rpc_import_flags(ns->imp) & OBD_CONNECT_CANCELSET))
		return;
	res = ldlm_res_find(ns, id);
	if (!res)
		return;
	locks = ldlm_res_snapshot(res, false, &nr);
	for (i = 0; i < nr; i++) {
		if (n < LDLM_ELC_MAX && ldlm_elc_wants(locks[i], mode, bits) &&
		    ldlm_cancel_claim(locks[i])) {
			ldlm_cancel_run(locks[i]);
			list_add_tail(&locks[i]->todo, list);
			n++;
		}
		ldlm_lock_put(locks[i]);
	}
	kvfree(locks);
	ldlm_res_put(res);
}
EXPORT_SYMBOL_GPL(ldlm_elc_collect);

u32 ldlm_elc_size(const struct list_head *list, bool enqueue)
{
	const struct list_head *pos;
	size_t n = enqueue;

	list_for_each(pos, list)
		n++;
	return sizeof(struct ldlm_request) + max_t(size_t, n, 2) * sizeof(struct lustre_handle);
}
EXPORT_SYMBOL_GPL(ldlm_elc_size);

static void ldlm_elc_end(struct ldlm_lock *lock)
{
	list_del_init(&lock->todo);
	lock->flags |= LDLM_L_CANCEL_DONE;	/* nobody else has it any more */
	wake_up_all(&lock->waitq);
	ldlm_lock_put(lock);
}

static void ldlm_elc_fill(struct rpc_request *req, struct list_head *list, unsigned int first)
{
	struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct ldlm_lock *lock, *next;
	unsigned int n = first, max;

	max = dlm ? (rpc_field_size(&req->rq, RF_DLM_REQ) - sizeof(*dlm)) / sizeof(dlm->lock_handle[0]) : 0;
	list_for_each_entry_safe(lock, next, list, todo) {
		if (n < max)
			dlm->lock_handle[n++].cookie = cpu_to_le64(lock->remote);
		ldlm_elc_end(lock);
	}
	if (dlm && n > first)
		dlm->lock_count = cpu_to_le32(n);
}

void ldlm_elc_pack(struct rpc_request *req, struct list_head *list)
{
	ldlm_elc_fill(req, list, 0);
}
EXPORT_SYMBOL_GPL(ldlm_elc_pack);

void ldlm_elc_pack_enqueue(struct rpc_request *req, struct list_head *list)
{
	ldlm_elc_fill(req, list, 1);
}
EXPORT_SYMBOL_GPL(ldlm_elc_pack_enqueue);

void ldlm_elc_drop(struct list_head *list)
{
	struct ldlm_namespace *ns = NULL;
	struct ldlm_lock *lock, *next;

	list_for_each_entry_safe(lock, next, list, todo) {
		list_del_init(&lock->todo);
		if (ns && ns != lock->ns) {
			ldlm_cancel_flush(ns);
			ldlm_ns_put(ns);
			ns = NULL;
		}
		if (!ns)
			ns = ldlm_ns_get(lock->ns);
		ldlm_cancel_queue(lock);
	}
	if (ns) {
		ldlm_cancel_flush(ns);
		ldlm_ns_put(ns);
	}
}
EXPORT_SYMBOL_GPL(ldlm_elc_drop);
