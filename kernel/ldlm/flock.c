// SPDX-License-Identifier: GPL-2.0
/*
 * Flock locks: POSIX and BSD file locks, by owner (section 16). Granting, merging and
 * splitting of ranges, deadlocks. A client keeps its granted ones by the same rules;
 * its system calls are in flock_client.c.
 */
#include "kernel/ldlm/internal.h"

#define LDLM_FLOCK_CHAIN	1000	/* owners looked at for a deadlock */

static bool ldlm_flock_same_owner(const struct ldlm_lock *a, const struct ldlm_lock *b)
{
	return a->exp == b->exp && a->policy.flock.owner == b->policy.flock.owner;
}

static bool ldlm_flock_conflict(const struct ldlm_lock *held, const struct ldlm_lock *want)
{
	return !ldlm_flock_same_owner(held, want) &&
	       (held->req_mode == LDLM_PW || want->req_mode == LDLM_PW) &&
	       held->policy.flock.start <= want->policy.flock.end &&
	       want->policy.flock.start <= held->policy.flock.end;
}

static struct ldlm_lock *ldlm_flock_blocker(const struct ldlm_lock *want)
{
	struct ldlm_lock *held;

	if (want->req_mode == LDLM_NL)
		return NULL;
	list_for_each_entry(held, &want->res->granted, res_link)
		if (ldlm_flock_conflict(held, want))
			return held;
	return NULL;
}

/* --- deadlocks: owner -> owner that blocks it, over all files of the target --- */

static struct ldlm_lock *ldlm_flock_waiter(struct ldlm_namespace *ns,
					   const struct rpc_export *exp, u64 owner)
{
	struct ldlm_lock *w;

	list_for_each_entry(w, &ns->flock_waiters, s.flock_wait)
		if (w->exp == exp && w->policy.flock.owner == owner)
			return w;
	return NULL;
}

static bool ldlm_flock_deadlock(struct ldlm_lock *want, const struct ldlm_lock *blocker)
{
	struct ldlm_namespace *ns = want->ns;
	const struct rpc_export *exp = blocker->exp;
	u64 owner = blocker->policy.flock.owner;
	unsigned int left = LDLM_FLOCK_CHAIN;
	const struct ldlm_lock *w;
	bool found = false;

	spin_lock(&ns->flock_lock);
	while (left-- && !found) {
		w = ldlm_flock_waiter(ns, exp, owner);
		if (!w)
			break;
		exp = w->s.flock_exp;
		owner = w->s.flock_owner;
		found = exp == want->exp && owner == want->policy.flock.owner;
	}
	spin_unlock(&ns->flock_lock);
	return found;
}

static void ldlm_flock_wait_for(struct ldlm_lock *want, const struct ldlm_lock *blocker)
{
	struct ldlm_namespace *ns = want->ns;

	spin_lock(&ns->flock_lock);
	want->s.flock_exp = blocker->exp;
	want->s.flock_owner = blocker->policy.flock.owner;
	if (list_empty(&want->s.flock_wait))
		list_add_tail(&want->s.flock_wait, &ns->flock_waiters);
	spin_unlock(&ns->flock_lock);
}

void ldlm_flock_unwait(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;

	spin_lock(&ns->flock_lock);
	list_del_init(&lock->s.flock_wait);
	spin_unlock(&ns->flock_lock);
}

/* --- ranges of one owner --- */

static bool ldlm_flock_touches(const struct ldlm_lock *a, const struct ldlm_lock *b)
{
	u64 a_end = a->policy.flock.end, b_end = b->policy.flock.end;

	return (b_end == LDLM_EOF || a->policy.flock.start <= b_end + 1) &&
	       (a_end == LDLM_EOF || b->policy.flock.start <= a_end + 1);
}

static bool ldlm_flock_overlaps(const struct ldlm_lock *a, const struct ldlm_lock *b)
{
	return a->policy.flock.start <= b->policy.flock.end &&
	       b->policy.flock.start <= a->policy.flock.end;
}

static void ldlm_flock_end(struct ldlm_lock *lock)
{
	if (lock->ns->side == LDLM_SERVER) {
		ldlm_srv_detach_locked(lock);
	} else {
		lock->flags |= LDLM_L_CANCELED;
		ldlm_unlink(lock);
		if (lock->handle.cookie)
			rpc_handle_del(&lock->handle);
	}
	ldlm_lock_put(lock);
}

/* @old reaches over both ends of @new: its right part becomes a lock of its own. */
static void ldlm_flock_split(struct ldlm_lock *old, struct ldlm_lock *new)
{
	struct ldlm_lock *right = new->spare;

	new->spare = NULL;
	ldlm_lock_split(old, right);
	right->policy.flock.start = new->policy.flock.end + 1;
	old->policy.flock.end = new->policy.flock.start - 1;
	right->granted_mode = old->granted_mode;
	list_add(&right->res_link, &old->res_link);
	if (old->exp) {
		right->exp = rpc_export_get(old->exp);
		spin_lock_bh(&old->exp->lock);
		list_add(&right->s.exp_link, &old->s.exp_link);
		spin_unlock_bh(&old->exp->lock);
	}
}

static void ldlm_flock_cut(struct ldlm_lock *old, struct ldlm_lock *new)
{
	u64 start = new->policy.flock.start, end = new->policy.flock.end;

	if (old->policy.flock.start >= start && old->policy.flock.end <= end)
		ldlm_flock_end(old);
	else if (old->policy.flock.start < start && old->policy.flock.end > end)
		ldlm_flock_split(old, new);
	else if (old->policy.flock.start < start)
		old->policy.flock.end = start - 1;
	else
		old->policy.flock.start = end + 1;
}

void ldlm_flock_apply(struct ldlm_lock *new)
{
	struct ldlm_lock *old, *next;

	lockdep_assert_held(&new->res->lock);
	list_for_each_entry_safe(old, next, &new->res->granted, res_link) {
		if (old == new || !ldlm_flock_same_owner(old, new))
			continue;
		if (old->req_mode == new->req_mode) {
			if (!ldlm_flock_touches(old, new))
				continue;
			new->policy.flock.start = min(old->policy.flock.start, new->policy.flock.start);
			new->policy.flock.end = max(old->policy.flock.end, new->policy.flock.end);
			ldlm_flock_end(old);
		} else if (ldlm_flock_overlaps(old, new)) {
			ldlm_flock_cut(old, new);
		}
	}
	if (new->req_mode == LDLM_NL) {
		ldlm_unlink(new);
		new->granted_mode = LDLM_NL;
	} else {
		ldlm_grant(new);
	}
}

/* F_GETLK: the lock becomes the answer. */
static void ldlm_flock_test(struct ldlm_lock *lock, const struct ldlm_lock *blocker)
{
	lock->req_mode = blocker ? blocker->granted_mode : LDLM_NL;
	lock->granted_mode = lock->req_mode;
	if (!blocker)
		return;
	lock->policy.flock.start = blocker->policy.flock.start;
	lock->policy.flock.end = blocker->policy.flock.end;
	lock->policy.flock.pid = blocker->policy.flock.pid;
}

static bool ldlm_flock_can_refuse_late(const struct ldlm_lock *lock)
{
	return !lock->exp || rpc_export_flags(lock->exp) & OBD_CONNECT_FLOCK_DEAD;
}

/* As ldlm_process(); a deadlock found late (not @first) takes the lock off the queue. */
int ldlm_flock_process(struct ldlm_lock *lock, bool first)
{
	struct ldlm_lock *blocker = ldlm_flock_blocker(lock);

	if (lock->flags & LDLM_FL_TEST_LOCK) {
		ldlm_flock_test(lock, blocker);
		return 0;
	}
	if (!blocker) {
		ldlm_flock_unwait(lock);
		ldlm_flock_apply(lock);
		return 0;
	}
	if (first && lock->flags & LDLM_FL_BLOCK_NOWAIT)
		return -EAGAIN;
	if (ldlm_flock_deadlock(lock, blocker)) {
		if (first)
			return -EDEADLK;
		if (ldlm_flock_can_refuse_late(lock)) {
			lock->flags |= LDLM_FL_FLOCK_DEADLOCK;
			ldlm_flock_unwait(lock);
			ldlm_unlink(lock);
			return -EDEADLK;
		}
	}
	ldlm_flock_wait_for(lock, blocker);
	if (first)
		list_add_tail(&lock->res_link, &lock->res->waiting);
	return LDLM_QUEUED;
}

static bool ldlm_flock_covers(const union ldlm_policy *held, const union ldlm_policy *want)
{
	return false;	/* never shared */
}

static void ldlm_flock_to_wire(const union ldlm_policy *p, union ldlm_policy_desc *d)
{
	d->l_flock.lfw_start = cpu_to_le64(p->flock.start);
	d->l_flock.lfw_end = cpu_to_le64(p->flock.end);
	d->l_flock.lfw_owner = cpu_to_le64(p->flock.owner);
	d->l_flock.lfw_pid = cpu_to_le32(p->flock.pid);
}

static void ldlm_flock_from_wire(union ldlm_policy *p, const union ldlm_policy_desc *d)
{
	p->flock.start = le64_to_cpu(d->l_flock.lfw_start);
	p->flock.end = le64_to_cpu(d->l_flock.lfw_end);
	p->flock.owner = le64_to_cpu(d->l_flock.lfw_owner);
	p->flock.pid = le32_to_cpu(d->l_flock.lfw_pid);
}

const struct ldlm_type_ops ldlm_flock_ops = {
	.conflict	= ldlm_flock_conflict,
	.covers		= ldlm_flock_covers,
	.to_wire	= ldlm_flock_to_wire,
	.from_wire	= ldlm_flock_from_wire,
};
