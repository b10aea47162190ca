// SPDX-License-Identifier: GPL-2.0
/*
 * A server that restarted knows no locks: a client that survived tells it which ones it
 * has (section 16, recovery).
 */
#include <linux/semaphore.h>
#include "kernel/ldlm/internal.h"

/** struct ldlm_replay - replay of a namespace */
struct ldlm_replay {
	struct ldlm_namespace	*ns;
	struct semaphore	slots;
	int			rc;
};

/** struct ldlm_replay_one - a lock on its way */
struct ldlm_replay_one {
	struct ldlm_replay	*replay;
	struct ldlm_lock	*lock;
};

static int ldlm_replay_answer(struct rpc_request *req, struct ldlm_lock *lock)
{
	const struct ldlm_reply *rep;
	struct ldlm_resource *res;

	if (req->status)
		return req->status;
	rep = rpc_field(&req->rp, RF_DLM_REP);
	if (!rep)
		return -EPROTO;
	res = ldlm_lock_res_lock(lock);
	lock->remote = le64_to_cpu(rep->lock_handle.cookie);
	spin_unlock(&res->lock);
	return 0;
}

static void ldlm_replay_done(struct rpc_request *req)
{
	struct ldlm_replay_one *one = req->data;
	int rc;

	rc = ldlm_replay_answer(req, one->lock);
	if (rc) {
		pr_warn_ratelimited("ldlm: %s: lock %#llx was not taken back: %d\n",
				    one->replay->ns->name, one->lock->handle.cookie, rc);
		WRITE_ONCE(one->replay->rc, rc);
	}
	ldlm_lock_put(one->lock);
	up(&one->replay->slots);
	kfree(one);
}

/* Takes over a reference of @lock. */
static int ldlm_replay_lock(struct ldlm_replay *replay, struct ldlm_lock *lock)
{
	struct ldlm_replay_one *one = NULL;
	struct ldlm_resource *res;
	struct ldlm_request *dlm;
	struct rpc_request *req;
	u64 flags = LDLM_FL_REPLAY;
	int rc = -ENOMEM;

	req = rpc_request_alloc(replay->ns->imp, &RQF_LDLM_ENQUEUE_LVB);
	one = kzalloc(sizeof(*one), GFP_NOFS);
	if (!req || !one)
		goto out;
	rc = rpc_request_pack(req);
	if (!rc && !lock->handle.cookie)	/* part of a flock that was split */
		rc = ldlm_lock_add_handle(lock);
	if (rc)
		goto out;
	dlm = rpc_field(&req->rq, RF_DLM_REQ);
	res = ldlm_lock_res_lock(lock);
	ldlm_lock_to_desc(lock, &dlm->lock_desc);
	flags |= ldlm_is_granted(lock) ? LDLM_FL_BLOCK_GRANTED : LDLM_FL_BLOCK_WAIT;
	spin_unlock(&res->lock);
	dlm->lock_flags = cpu_to_le32(flags);
	dlm->lock_handle[0].cookie = cpu_to_le64(lock->handle.cookie);
	one->replay = replay;
	one->lock = lock;
	req->flags |= RPC_REQ_CONNECTING;
	req->data = one;
	req->done = ldlm_replay_done;
	down(&replay->slots);
	rpc_send(req);
	rpc_request_put(req);
	return 0;
out:
	kfree(one);
	if (req)
		rpc_request_put(req);
	ldlm_lock_put(lock);
	return rc;
}

/* Unused locks that protect nothing worth keeping are forgotten instead. */
static bool ldlm_replay_forget(struct ldlm_lock *lock)
{
	bool (*cheap)(struct ldlm_lock *lock) = lock->ns->ops->cancel_weight;
	struct ldlm_resource *res;

	if (!cheap || !cheap(lock) || ldlm_lock_type(lock) == LDLM_FLOCK ||
	    (ldlm_lock_type(lock) == LDLM_IBITS && lock->policy.ibits.bits & MDS_INODELOCK_OPEN) ||
	    !ldlm_cancel_claim(lock))
		return false;
	res = ldlm_lock_res_lock(lock);
	lock->flags |= LDLM_L_FAILED;
	spin_unlock(&res->lock);
	ldlm_cancel_run(lock);
	ldlm_cancel_queue(lock);
	return true;
}

static int ldlm_replay_one(struct ldlm_replay *replay, struct ldlm_lock *lock)
{
	if (READ_ONCE(lock->flags) & (LDLM_L_CANCELING | LDLM_L_CANCELED | LDLM_L_FAILED |
				      LDLM_FL_CANCEL_ON_BLOCK) || ldlm_replay_forget(lock)) {
		ldlm_lock_put(lock);
		return 0;
	}
	return ldlm_replay_lock(replay, lock);
}

int ldlm_ns_replay_locks(struct ldlm_namespace *ns)
{
	struct ldlm_replay replay = { .ns = ns };
	struct ldlm_resource *res = NULL;
	struct ldlm_lock **locks;
	unsigned int i, nr;
	int rc = 0, err;

	sema_init(&replay.slots, LDLM_REPLAYS_IN_FLIGHT);
	while ((res = ldlm_res_next(ns, res))) {
		locks = ldlm_res_snapshot(res, true, &nr);
		for (i = 0; i < nr; i++) {
			err = ldlm_replay_one(&replay, locks[i]);
			rc = rc ? rc : err;
		}
		kvfree(locks);
	}
	for (i = 0; i < LDLM_REPLAYS_IN_FLIGHT; i++)
		down(&replay.slots);
	return rc ? rc : READ_ONCE(replay.rc);
}
EXPORT_SYMBOL_GPL(ldlm_ns_replay_locks);
