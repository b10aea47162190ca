// SPDX-License-Identifier: GPL-2.0
/*
 * The server's side of LDLM_ENQUEUE (sections 7.1, 11), local locks of the server's own
 * operations, and the index of clients' locks. Cancels are in cancel_server.c, data
 * objects' glimpses in glimpse.c.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include "kernel/ldlm/internal.h"

/* --- index of the locks of clients: by export and client's cookie --- */

struct ldlm_cookie_key {
	const struct rpc_export	*exp;
	u64			cookie;
};

static u32 ldlm_cookie_hash(const struct rpc_export *exp, u64 cookie, u32 seed)
{
	return jhash_2words(lower_32_bits(cookie), upper_32_bits(cookie),
			    seed ^ (u32)((unsigned long)exp >> 6));
}

static u32 ldlm_cookie_key_hash(const void *data, u32 len, u32 seed)
{
	const struct ldlm_cookie_key *key = data;

	return ldlm_cookie_hash(key->exp, key->cookie, seed);
}

static u32 ldlm_cookie_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ldlm_lock *lock = data;

	return ldlm_cookie_hash(lock->exp, lock->remote, seed);
}

static int ldlm_cookie_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct ldlm_cookie_key *key = arg->key;
	const struct ldlm_lock *lock = obj;

	return lock->exp != key->exp || lock->remote != key->cookie;
}

static const struct rhashtable_params ldlm_cookie_params = {
	.key_len		= sizeof(struct ldlm_cookie_key),
	.head_offset		= offsetof(struct ldlm_lock, s.cookie_node),
	.hashfn			= ldlm_cookie_key_hash,
	.obj_hashfn		= ldlm_cookie_obj_hash,
	.obj_cmpfn		= ldlm_cookie_cmp,
	.automatic_shrinking	= true,
};

int ldlm_srv_index_init(struct ldlm_namespace *ns)
{
	return rhashtable_init(&ns->by_cookie, &ldlm_cookie_params);
}

void ldlm_srv_index_exit(struct ldlm_namespace *ns)
{
	rhashtable_destroy(&ns->by_cookie);
}

struct ldlm_lock *ldlm_srv_find_cookie(struct ldlm_namespace *ns, struct rpc_export *exp, u64 cookie)
{
	struct ldlm_cookie_key key = { .exp = exp, .cookie = cookie };
	struct ldlm_lock *lock;

	rcu_read_lock();
	lock = rhashtable_lookup(&ns->by_cookie, &key, ldlm_cookie_params);
	if (lock && !kref_get_unless_zero(&lock->ref))
		lock = NULL;
	rcu_read_unlock();
	return lock;
}

/* The lock becomes one of a client, with a reference of its own: the end of the export ends it, at any time. */
int ldlm_srv_register(struct ldlm_lock *lock, struct rpc_export *exp, u64 cookie)
{
	int rc;

	rc = ldlm_lock_add_handle(lock);
	if (rc)
		return rc;
	ldlm_lock_get(lock);
	spin_lock(&lock->res->lock);
	lock->exp = rpc_export_get(exp);
	lock->remote = cookie;
	spin_lock_bh(&exp->lock);
	rc = exp->failed || !exp->connected ? -ENOTCONN : 0;
	if (!rc)
		list_add_tail(&lock->s.exp_link, &exp->locks);
	spin_unlock_bh(&exp->lock);
	if (!rc) {
		rc = rhashtable_insert_fast(&lock->ns->by_cookie, &lock->s.cookie_node,
					    ldlm_cookie_params);
		if (rc) {
			spin_lock_bh(&exp->lock);
			list_del_init(&lock->s.exp_link);
			spin_unlock_bh(&exp->lock);
		}
	}
	if (rc)
		lock->exp = NULL;
	spin_unlock(&lock->res->lock);
	if (rc) {
		rpc_handle_del(&lock->handle);
		lock->handle.cookie = 0;
		rpc_export_put(exp);
		ldlm_lock_put(lock);
	}
	return rc;
}

bool ldlm_srv_detach_locked(struct ldlm_lock *lock)
{
	struct rpc_export *exp = lock->exp;

	lockdep_assert_held(&lock->res->lock);
	if (lock->flags & LDLM_L_CANCELED)
		return false;
	lock->flags |= LDLM_L_CANCELED;
	ldlm_unlink(lock);
	if (exp) {
		spin_lock_bh(&exp->lock);
		list_del_init(&lock->s.exp_link);
		spin_unlock_bh(&exp->lock);
		if (lock->handle.cookie)
			rhashtable_remove_fast(&lock->ns->by_cookie, &lock->s.cookie_node,
					       ldlm_cookie_params);
	}
	if (lock->res->type == LDLM_FLOCK)
		ldlm_flock_unwait(lock);
	if (lock->handle.cookie)
		rpc_handle_del(&lock->handle);
	return true;
}

bool ldlm_srv_detach(struct ldlm_lock *lock)
{
	bool mine;

	spin_lock(&lock->res->lock);
	mine = ldlm_srv_detach_locked(lock);
	spin_unlock(&lock->res->lock);
	if (!mine)
		return false;
	ldlm_timer_stop(lock);
	wake_up_all(&lock->waitq);
	return true;
}

/* --- local locks --- */

static bool ldlm_local_ready(struct ldlm_lock *lock)
{
	return ldlm_is_granted(lock) || READ_ONCE(lock->ns->stopping);
}

/* Bounded by the time that the clients in the way have; who is slow shows up in the log. */
static int ldlm_local_wait(struct ldlm_lock *lock)
{
	const struct ldlm_res_id *id = &lock->res->id;

	while (!wait_event_idle_timeout(lock->waitq, ldlm_local_ready(lock),
					ldlm_timer_limit(lock->ns) * HZ))
		pr_warn("ldlm: %s: still waiting for a lock on %#llx:%#llx\n",
			lock->ns->name, id->name[0], id->name[1]);
	return ldlm_is_granted(lock) ? 0 : -ESHUTDOWN;
}

int ldlm_srv_lock(struct ldlm_namespace *ns, const struct ldlm_res_id *res, u32 type, u32 mode,
		  const union ldlm_policy *policy, u64 flags, struct ldlm_lock **lockp)
{
	struct ldlm_lock *lock;
	int rc;

	lock = ldlm_lock_new(ns, res, type, mode, policy, NULL, NULL);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	lock->flags = flags & (LDLM_FL_AST_DISCARD_DATA | LDLM_FL_BLOCK_NOWAIT);
	rc = ldlm_enqueue_server(lock);
	if (rc == LDLM_QUEUED)
		rc = ldlm_local_wait(lock);
	if (rc) {
		ldlm_srv_unlock(lock);
		return rc;
	}
	*lockp = lock;
	return 0;
}
EXPORT_SYMBOL_GPL(ldlm_srv_lock);

void ldlm_srv_downgrade(struct ldlm_lock *lock, u32 mode)
{
	struct ldlm_resource *res = lock->res;

	spin_lock(&res->lock);
	lock->req_mode = mode;
	lock->granted_mode = mode;
	/* those who wait may not mind any more; who does says so again */
	lock->flags &= ~LDLM_FL_AST_SENT;
	spin_unlock(&res->lock);
	ldlm_rescan(res);
}
EXPORT_SYMBOL_GPL(ldlm_srv_downgrade);

void ldlm_srv_unlock(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = lock->res;
	bool waiters, mine;

	spin_lock(&res->lock);
	mine = ldlm_srv_detach_locked(lock);
	waiters = !list_empty(&res->waiting);
	spin_unlock(&res->lock);
	if (!mine)
		return;
	if (waiters)
		ldlm_rescan(res);
	ldlm_lock_put(lock);
}
EXPORT_SYMBOL_GPL(ldlm_srv_unlock);

int ldlm_srv_to_client(struct rpc_svcreq *req, struct ldlm_lock *lock)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);

	if (!dlm)
		return -EPROTO;
	return ldlm_srv_register(lock, req->exp, le64_to_cpu(dlm->lock_handle[0].cookie));
}
EXPORT_SYMBOL_GPL(ldlm_srv_to_client);

int ldlm_srv_revoke(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 type, u32 mode)
{
	struct ldlm_lock *lock, *held;
	struct ldlm_resource *res;
	LIST_HEAD(bl);

	lock = ldlm_lock_new(ns, id, type, mode, NULL, NULL, NULL);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	res = lock->res;
	spin_lock(&res->lock);
	list_for_each_entry(held, &res->granted, res_link)
		if (ldlm_type_ops(type)->conflict(held, lock))
			ldlm_mark_blocking(held, lock, &bl);
	spin_unlock(&res->lock);
	ldlm_send_bl(&bl, true);
	ldlm_lock_put(lock);
	return 0;
}
EXPORT_SYMBOL_GPL(ldlm_srv_revoke);

void ldlm_srv_recovery(struct ldlm_namespace *ns, bool on)
{
	struct ldlm_resource *res = NULL;

	WRITE_ONCE(ns->recovering, on);
	if (on)
		return;
	while ((res = ldlm_res_next(ns, res)))
		ldlm_rescan(res);
}
EXPORT_SYMBOL_GPL(ldlm_srv_recovery);

/* --- LDLM_ENQUEUE --- */

/** struct ldlm_enq_srv - one request being handled */
struct ldlm_enq_srv {
	struct rpc_svcreq		*req;
	struct ldlm_namespace		*ns;
	struct ldlm_res_id		id;
	union ldlm_policy		policy;
	u64				cookie;
	u64				flags;		/* asked */
	u64				result;		/* LDLM_FL_* of the reply */
	u32				type;
	u32				mode;
	bool				intent;		/* an MDT operation, not just a lock */
};

/* More than 30 % of memory in locks: clients come back later (7.1, step 3). */
static bool ldlm_too_many(const struct ldlm_namespace *ns)
{
	unsigned long bytes = (unsigned long)atomic_read(&ns->nr_locks) *
			      (sizeof(struct ldlm_lock) + sizeof(struct ldlm_resource));

	return bytes >> PAGE_SHIFT > totalram_pages() / 10 * 3;
}

static int ldlm_enq_check_ibits(const struct ldlm_enq_srv *enq)
{
	if (!(enq->policy.ibits.bits | enq->policy.ibits.try_bits))
		return -EPROTO;
	if (enq->mode == LDLM_GROUP && enq->policy.ibits.bits != MDS_INODELOCK_DOM)
		return -EPROTO;
	return 0;
}

static int ldlm_enq_check(const struct ldlm_enq_srv *enq)
{
	if (!ldlm_mode_valid(enq->mode) || !ldlm_type_valid(enq->type))
		return -EFAULT;
	if (enq->type == LDLM_IBITS)
		return ldlm_enq_check_ibits(enq);
	if (enq->mode == LDLM_GROUP && enq->type != LDLM_EXTENT)
		return -EFAULT;
	if (enq->type != LDLM_PLAIN && enq->policy.extent.start > enq->policy.extent.end)
		return -EINVAL;
	if (enq->type == LDLM_FLOCK && !(enq->mode & (LDLM_PR | LDLM_PW | LDLM_NL)))
		return -EINVAL;
	if (enq->mode == LDLM_GROUP && !enq->policy.extent.gid)
		return -EINVAL;
	return 0;
}

static int ldlm_enq_parse(struct ldlm_enq_srv *enq)
{
	const struct ldlm_request *dlm = rpc_field(&enq->req->rq, RF_DLM_REQ);
	const struct ldlm_lock_desc *desc;
	int rc;

	if (!dlm)
		return -EPROTO;
	desc = &dlm->lock_desc;
	enq->flags = le32_to_cpu(dlm->lock_flags) & LDLM_FL_ENQUEUE_LEGAL;
	if (!(enq->flags & LDLM_FL_REPLAY))
		enq->flags &= ~LDLM_FL_BLOCKED_MASK;
	enq->type = le32_to_cpu(desc->l_resource.lr_type);
	enq->mode = le32_to_cpu(desc->l_req_mode);
	enq->cookie = le64_to_cpu(dlm->lock_handle[0].cookie);
	ldlm_res_id_from_wire(&enq->id, &desc->l_resource.lr_name);
	if (!ldlm_type_valid(enq->type))
		return -EFAULT;
	ldlm_type_ops(enq->type)->from_wire(&enq->policy, &desc->l_policy_data);
	if (enq->type == LDLM_IBITS)
		enq->policy.ibits.try_bits = le64_to_cpu(desc->l_policy_data.l_inodebits.other);
	rc = ldlm_enq_check(enq);
	if (rc)
		return rc;
	/* who says that a lock was granted must be believed only in recovery */
	if (enq->flags & LDLM_FL_REPLAY && !READ_ONCE(enq->ns->recovering))
		return -EPROTO;
	return 0;
}

void ldlm_srv_desc(const struct ldlm_lock *lock, struct ldlm_lock_desc *d)
{
	ldlm_lock_to_desc(lock, d);
	/* the client merges its flocks itself */
	if (lock->res->type == LDLM_FLOCK && !(lock->flags & LDLM_FL_TEST_LOCK)) {
		d->l_policy_data.l_flock.lfw_start = cpu_to_le64(lock->req_extent.start);
		d->l_policy_data.l_flock.lfw_end = cpu_to_le64(lock->req_extent.end);
	}
}

/* Does the client get something else than it asked for? */
static bool ldlm_enq_changed(const struct ldlm_enq_srv *enq, const struct ldlm_lock *lock)
{
	if (lock->req_mode != enq->mode || !ldlm_res_eq(&lock->res->id, &enq->id) ||
	    lock->flags & LDLM_FL_TEST_LOCK)
		return true;
	switch (enq->type) {
	case LDLM_EXTENT:
		return ldlm_is_granted(lock) &&
		       (lock->policy.extent.start != enq->policy.extent.start ||
			lock->policy.extent.end != enq->policy.extent.end);
	case LDLM_IBITS:
		return lock->policy.ibits.bits != enq->policy.ibits.bits;
	default:
		return false;
	}
}

/* The lock's part of the reply, which is packed. res1 and res2 are an intent's own. */
static void ldlm_enq_fill(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	struct ldlm_reply *rep = rpc_field(&enq->req->rp, RF_DLM_REP);
	u64 flags = enq->flags | enq->result;
	bool told;

	if (!rep)
		return;
	spin_lock(&lock->res->lock);
	ldlm_srv_desc(lock, &rep->lock_desc);
	if (!(enq->flags & LDLM_FL_REPLAY) && !(enq->result & LDLM_FL_BLOCKED_MASK) &&
	    ldlm_enq_changed(enq, lock))
		flags |= LDLM_FL_LOCK_CHANGED;
	told = ldlm_is_granted(lock) && lock->flags & LDLM_FL_AST_SENT && lock->res->type != LDLM_FLOCK;
	if (told && lock->res->type == LDLM_IBITS)
		rep->lock_desc.l_policy_data.l_inodebits.other =
			rep->lock_desc.l_policy_data.l_inodebits.bits;
	flags |= lock->flags & LDLM_FL_NO_TIMEOUT;
	spin_unlock(&lock->res->lock);
	if (told) {
		flags |= LDLM_FL_AST_SENT;
		ldlm_timer_start(lock);
	}
	rep->lock_flags = cpu_to_le32(flags);
	rep->lock_handle.cookie = cpu_to_le64(lock->handle.cookie);
}

static bool ldlm_enq_sends_lvb(const struct ldlm_enq_srv *enq, const struct ldlm_lock *lock)
{
	return !(enq->flags & LDLM_FL_REPLAY) && ldlm_lock_type(lock) != LDLM_FLOCK &&
	       (ldlm_is_granted(lock) || enq->ns->ops->glimpse_aware);
}

/* Reply of a lock without an operation: room for the LVB, then all of it. */
static int ldlm_enq_reply(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	struct rpc_svcreq *req = enq->req;
	struct ldlm_reply *rep;
	u32 size = 0;
	int rc;

	if (!req->rp.msg) {
		if (rpc_has_field(&req->rp, RF_LVB) && ldlm_enq_sends_lvb(enq, lock))
			size = ldlm_lvb_wire_size(lock);
		if (size)
			rpc_set_size(&req->rp, RF_LVB, size);
		rc = rpc_reply_pack(req);
		if (rc)
			return rc;
		if (size) {
			rc = ldlm_lvb_to_wire(lock, rpc_field(&req->rp, RF_LVB), size);
			if (rc)
				return rc;
		}
		rep = rpc_field(&req->rp, RF_DLM_REP);
		if (enq->intent)
			rep->lock_policy_res1 = cpu_to_le64(DISP_IT_EXECD);
	}
	ldlm_enq_fill(enq, lock);
	return 0;
}

/* A reply without lock: an error that carries its buffers (1), or 301. */
static int ldlm_enq_reply_none(struct ldlm_enq_srv *enq, int status)
{
	if (!enq->req->rp.msg)
		rpc_reply_pack(enq->req);
	return status;
}

static int ldlm_enq_place_replayed(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	struct ldlm_resource *res = lock->res;
	int rc = 0;

	spin_lock(&res->lock);
	if (lock->flags & LDLM_L_CANCELED)
		rc = -ENOTCONN;
	else if (enq->flags & LDLM_FL_BLOCK_GRANTED)
		ldlm_grant(lock);
	else
		list_add_tail(&lock->res_link, &res->waiting);
	spin_unlock(&res->lock);
	return rc;
}

static int ldlm_enq_process(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	int rc;

	if (enq->flags & LDLM_FL_REPLAY && enq->flags & LDLM_FL_BLOCKED_MASK)
		return ldlm_enq_place_replayed(enq, lock);
	rc = ldlm_enqueue_server(lock);
	if (rc == LDLM_QUEUED) {
		enq->result |= LDLM_FL_BLOCK_GRANTED;
		rc = 0;
	}
	/* an unlock, and any change of one's own ranges, may free others */
	if (!rc && ldlm_lock_type(lock) == LDLM_FLOCK)
		ldlm_rescan(lock->res);
	return rc;
}

/* The lock takes its place among the client's and in the queue; then the reply. */
static int ldlm_enq_lock(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	int rc;

	rc = ldlm_srv_register(lock, enq->req->exp, enq->cookie);
	if (rc) {
		ldlm_lock_put(lock);
		return ldlm_enq_reply_none(enq, rc);
	}
	rc = ldlm_enq_process(enq, lock);
	if (!rc)
		rc = ldlm_enq_reply(enq, lock);
	/* nothing is left of failures, tests and unlocks */
	if (rc || lock->flags & LDLM_FL_TEST_LOCK || lock->req_mode == LDLM_NL)
		ldlm_srv_cancel(lock);
	ldlm_lock_put(lock);
	return rc ? ldlm_enq_reply_none(enq, rc) : 0;
}

/* The target does an operation and says which lock it gives for it. */
static int ldlm_enq_intent(struct ldlm_enq_srv *enq, struct ldlm_lock *asked)
{
	struct ldlm_lock *lock = asked;
	int rc;

	rc = enq->ns->ops->intent(enq->req, &lock, enq->flags);
	if (!rc && lock == asked)
		return ldlm_enq_lock(enq, asked);
	ldlm_lock_put(asked);
	if (lock == asked)
		return rc;
	if (!rc && enq->flags & LDLM_FL_INTENT_ONLY)
		rc = ELDLM_LOCK_ABORTED;
	if (rc)
		ldlm_srv_cancel(lock);
	else
		ldlm_enq_fill(enq, lock);
	ldlm_lock_put(lock);
	return rc;
}

/* Status 301: the value block, and no lock. */
static int ldlm_enq_reply_glimpse(struct ldlm_enq_srv *enq, u32 size, const struct ost_lvb *lvb)
{
	int rc;

	rpc_set_size(&enq->req->rp, RF_LVB, size);
	rc = rpc_reply_pack(enq->req);
	if (rc)
		return rc;
	memcpy(rpc_field(&enq->req->rp, RF_LVB), lvb, size);
	return ELDLM_LOCK_ABORTED;
}

static int ldlm_enq_glimpse(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	struct ost_lvb lvb;
	int rc;

	rc = ldlm_srv_register(lock, enq->req->exp, enq->cookie);
	if (rc) {
		ldlm_lock_put(lock);
		return ldlm_enq_reply_none(enq, rc);
	}
	rc = ldlm_glimpse_enqueue(lock, enq->flags, &lvb);
	if (!rc)
		rc = ldlm_enq_reply(enq, lock);
	else if (rc == ELDLM_LOCK_ABORTED)
		rc = ldlm_enq_reply_glimpse(enq, ldlm_lvb_wire_size(lock), &lvb);
	if (rc)
		ldlm_srv_cancel(lock);
	ldlm_lock_put(lock);
	return rc;
}

/*
 * Is there an operation beside the lock? Readers of directories say so, but have none.
 * Return: 0, or -EPROTO for a piece of an intent.
 */
static int ldlm_enq_find_intent(struct ldlm_enq_srv *enq)
{
	struct rpc_svcreq *req = enq->req;

	if (!(enq->flags & LDLM_FL_HAS_INTENT))
		return 0;
	rpc_svc_set_format(req, &RQF_INTENT_BASIC);
	enq->intent = rpc_field(&req->rq, RF_INTENT);
	if (!enq->intent && rpc_field_size(&req->rq, RF_INTENT))
		return -EPROTO;
	if (enq->intent && enq->ns->ops->intent)
		return 0;
	rpc_svc_set_format(req, &RQF_LDLM_ENQUEUE_LVB);
	enq->intent = enq->ns->ops->intent && enq->type == LDLM_IBITS &&
		      enq->policy.ibits.bits == MDS_INODELOCK_DOM;
	return 0;
}

/* A resent plain enqueue, or a lock replayed twice: the same answer again. */
static int ldlm_enq_again(struct ldlm_enq_srv *enq, struct ldlm_lock *lock)
{
	int rc;

	enq->result = LDLM_FL_LOCK_CHANGED;
	if (!ldlm_is_granted(lock))
		enq->result |= LDLM_FL_BLOCK_GRANTED;
	rc = ldlm_enq_reply(enq, lock);
	ldlm_lock_put(lock);
	return rc;
}

static int ldlm_handle_enqueue(struct rpc_svcreq *req)
{
	struct ldlm_enq_srv enq = { .req = req, .ns = rpc_svc_target(req)->ns };
	struct ldlm_lock *lock;
	int rc;

	if (!enq.ns)
		return -EOPNOTSUPP;
	ldlm_srv_cancel_elc(req, 1);
	rc = ldlm_enq_parse(&enq);
	if (rc)
		return rc;
	rpc_svc_set_format(req, &RQF_LDLM_ENQUEUE_LVB);
	rc = ldlm_enq_find_intent(&enq);
	if (rc)
		return rc;
	if (enq.flags & LDLM_FL_REPLAY || req->resent) {
		lock = ldlm_srv_find_cookie(enq.ns, req->exp, enq.cookie);
		if (lock && !enq.intent)
			return ldlm_enq_again(&enq, lock);
		if (lock) {	/* the operation is done again, or rebuilt, and gives its lock again */
			ldlm_srv_cancel(lock);
			ldlm_lock_put(lock);
		}
	}
	if (ldlm_too_many(enq.ns))
		return -EINPROGRESS;
	lock = ldlm_lock_new(enq.ns, &enq.id, enq.type, enq.mode, &enq.policy, NULL, NULL);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	lock->flags = enq.flags & (LDLM_FL_INHERIT_MASK | LDLM_FL_SPECULATIVE |
				   LDLM_FL_BLOCK_NOWAIT | LDLM_FL_AST_DISCARD_DATA);
	if (enq.intent)
		return ldlm_enq_intent(&enq, lock);
	if (enq.flags & LDLM_FL_HAS_INTENT && enq.ns->ops->glimpse_aware &&
	    !(enq.flags & LDLM_FL_REPLAY))
		return ldlm_enq_glimpse(&enq, lock);
	return ldlm_enq_lock(&enq, lock);
}

const struct rpc_op ldlm_target_ops[] = {
	{ LDLM_ENQUEUE, &RQF_LDLM_ENQUEUE, LUSTRE_DLM_VERSION, RPC_OP_IN_RECOVERY, ldlm_handle_enqueue },
	{ LDLM_CONVERT, &RQF_LDLM_CONVERT, LUSTRE_DLM_VERSION, 0, ldlm_handle_convert },
	{ LDLM_CANCEL, &RQF_LDLM_CANCEL, LUSTRE_DLM_VERSION, 0, ldlm_handle_cancel },
};
const unsigned int ldlm_nr_target_ops = ARRAY_SIZE(ldlm_target_ops);
