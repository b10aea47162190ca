// SPDX-License-Identifier: GPL-2.0
/*
 * Who gets a lock: the queues of a resource (sections 8 and 9), common to plain, extent
 * and inode-bits locks. What conflicts with what is in the files of the types; flocks have
 * rules of their own (flock.c). Messages that follow are sent by ast.c.
 */
#include "kernel/ldlm/internal.h"

void ldlm_mark_blocking(struct ldlm_lock *held, struct ldlm_lock *want, struct list_head *bl)
{
	lockdep_assert_held(&held->res->lock);
	if (want->flags & LDLM_FL_AST_DISCARD_DATA)
		held->flags |= LDLM_FL_DISCARD_DATA;
	/* group locks are never recalled; one message per conflict */
	if (held->granted_mode == LDLM_GROUP || held->flags & LDLM_FL_AST_SENT)
		return;
	held->flags |= LDLM_FL_AST_SENT;
	if (!held->exp && !(held->ops && held->ops->blocking))
		return;
	if (!list_empty(&held->todo))
		return;
	held->s.blocker = ldlm_lock_get(want);
	ldlm_lock_get(held);
	list_add_tail(&held->todo, bl);
}

/* Is anything in the way of @lock? With @bl: the holders are to be told. */
static bool ldlm_blocked(struct ldlm_lock *lock, struct list_head *bl)
{
	const struct ldlm_type_ops *ops = ldlm_type_ops(lock->res->type);
	struct ldlm_lock *held;
	bool blocked = false;

	list_for_each_entry(held, &lock->res->granted, res_link) {
		if (!ops->conflict(held, lock))
			continue;
		if (!bl)
			return true;
		blocked = true;
		ldlm_mark_blocking(held, lock, bl);
	}
	list_for_each_entry(held, &lock->res->waiting, res_link) {
		if (held == lock)
			break;
		if (!ops->conflict(held, lock))
			continue;
		blocked = true;
		if (!bl)
			break;
		/* it learns of this when it is granted */
		held->flags |= LDLM_FL_AST_SENT;
	}
	return blocked;
}

static bool ldlm_group_in_way(const struct ldlm_lock *lock)
{
	const struct ldlm_type_ops *ops = ldlm_type_ops(lock->res->type);
	const struct ldlm_lock *held;

	list_for_each_entry(held, &lock->res->granted, res_link)
		if (held->granted_mode == LDLM_GROUP && ops->conflict(held, lock))
			return true;
	return false;
}

/* Must @lock fail rather than wait? */
static bool ldlm_no_wait(const struct ldlm_lock *lock)
{
	if (lock->flags & LDLM_FL_SPECULATIVE)
		return true;
	return lock->flags & LDLM_FL_BLOCK_NOWAIT && (!lock->exp || ldlm_group_in_way(lock));
}

/* Group locks wait in front of all others, those of one gid together. */
static struct list_head *ldlm_queue_position(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = lock->res;
	struct ldlm_lock *l, *same = NULL, *last = NULL;

	if (lock->req_mode != LDLM_GROUP)
		return res->waiting.prev;
	list_for_each_entry(l, &res->waiting, res_link) {
		if (l->req_mode != LDLM_GROUP)
			break;
		last = l;
		if (l->policy.extent.gid == lock->policy.extent.gid)
			same = l;
	}
	if (!same)
		same = last;
	return same ? &same->res_link : &res->waiting;
}

void ldlm_grant(struct ldlm_lock *lock)
{
	lockdep_assert_held(&lock->res->lock);
	list_move_tail(&lock->res_link, &lock->res->granted);
	lock->granted_mode = lock->req_mode;
}

void ldlm_unlink(struct ldlm_lock *lock)
{
	lockdep_assert_held(&lock->res->lock);
	list_del_init(&lock->res_link);
}

int ldlm_process(struct ldlm_lock *lock, bool first, struct list_head *bl)
{
	struct ldlm_resource *res = lock->res;
	const struct ldlm_type_ops *ops = ldlm_type_ops(res->type);
	bool wait;
	int rc;

	lockdep_assert_held(&res->lock);
	if (lock->flags & LDLM_L_CANCELED)
		return -ENOTCONN;
	if (res->type == LDLM_FLOCK)
		return ldlm_flock_process(lock, first);
	rc = ops->adjust ? ops->adjust(lock) : 0;
	if (rc)
		return rc;
	wait = !(first && ldlm_no_wait(lock));
	if (!ldlm_blocked(lock, wait ? bl : NULL)) {
		if (ops->expand)
			ops->expand(lock);
		ldlm_grant(lock);
		return 0;
	}
	if (!wait)
		return -EAGAIN;
	if (first) {
		list_add(&lock->res_link, ldlm_queue_position(lock));
		if (res->type == LDLM_EXTENT)
			lock->flags |= LDLM_FL_NO_TIMEOUT;
	}
	return LDLM_QUEUED;
}

int ldlm_enqueue_server(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = lock->res;
	LIST_HEAD(bl);
	int rc;

	spin_lock(&res->lock);
	rc = ldlm_process(lock, true, &bl);
	spin_unlock(&res->lock);
	ldlm_send_bl(&bl, true);
	return rc;
}

/* A lock that left the waiting list: its holder is told; @rc negative: it ended. */
static void ldlm_rescanned(struct ldlm_lock *lock, struct list_head *cp)
{
	if (lock->exp) {
		ldlm_lock_get(lock);
		list_add_tail(&lock->todo_cp, cp);
	} else {
		wake_up_all(&lock->waitq);
	}
}

/*
 * Strict order of arrival, but for two types: inode-bits locks wait per bit, flocks
 * only for who is in their way.
 */
void ldlm_rescan(struct ldlm_resource *res)
{
	struct ldlm_lock *lock, *next;
	u64 blocked_bits = 0;
	LIST_HEAD(bl);
	LIST_HEAD(cp);
	int rc;

	if (READ_ONCE(res->ns->recovering))
		return;
	spin_lock(&res->lock);
again:
	list_for_each_entry_safe(lock, next, &res->waiting, res_link) {
		if (res->type == LDLM_IBITS && lock->policy.ibits.bits & blocked_bits) {
			blocked_bits |= lock->policy.ibits.bits;
			continue;
		}
		rc = ldlm_process(lock, false, &bl);
		if (rc <= 0) {
			ldlm_rescanned(lock, &cp);
			/* its owner may have given up something for it */
			if (res->type == LDLM_FLOCK)
				goto again;
		} else if (res->type == LDLM_IBITS) {
			blocked_bits |= lock->policy.ibits.bits;
		} else if (res->type != LDLM_FLOCK) {
			break;
		}
	}
	spin_unlock(&res->lock);
	ldlm_send_bl(&bl, false);
	ldlm_send_cp(&cp);
}
