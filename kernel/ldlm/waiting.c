// SPDX-License-Identifier: GPL-2.0
/*
 * Deadlines: a client that was asked for a lock gives it up in time, or is evicted
 * (section 9). I/O under the lock gains it time.
 */
#include <linux/moduleparam.h>
#include "kernel/ldlm/internal.h"

#define LDLM_ESTIMATE_MAX	600	/* s */

static unsigned int ldlm_enqueue_min = 100;
module_param(ldlm_enqueue_min, uint, 0644);
MODULE_PARM_DESC(ldlm_enqueue_min, "least time that a client has to give up a lock (s)");

/* s that a client has, from the callback to the cancel */
unsigned int ldlm_timer_limit(const struct ldlm_namespace *ns)
{
	unsigned int estimate = READ_ONCE(ns->cancel_estimate);

	return max3(estimate + estimate / 2, READ_ONCE(ldlm_enqueue_min), 1U);
}

/* Does the server never wait for the end of this lock? */
static bool ldlm_timer_exempt(const struct ldlm_lock *lock)
{
	return !lock->exp || lock->granted_mode == LDLM_GROUP ||
	       rpc_export_flags(lock->exp) & OBD_CONNECT_MDS_MDS;
}

/* ldlm_timer_start() - the holder was told; again: it has its whole time again */
void ldlm_timer_start(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;
	bool first;

	if (ldlm_timer_exempt(lock))
		return;
	spin_lock(&ns->timer_lock);
	if (!(READ_ONCE(lock->flags) & LDLM_L_CANCELED)) {
		first = list_empty(&ns->timers);
		lock->s.deadline = jiffies + ldlm_timer_limit(ns) * HZ;
		if (list_empty(&lock->s.timer)) {
			lock->s.bl_sent = jiffies;
			ldlm_lock_get(lock);
			list_add_tail(&lock->s.timer, &ns->timers);
		}
		if (first)
			schedule_delayed_work(&ns->timer_work, HZ);
	}
	spin_unlock(&ns->timer_lock);
}

/* Follow how long cancels take: up at once, down slowly. */
static void ldlm_timer_measure(struct ldlm_namespace *ns, unsigned long bl_sent)
{
	unsigned int took = (jiffies - bl_sent) / HZ;

	lockdep_assert_held(&ns->timer_lock);
	if (took >= ns->cancel_estimate)
		ns->cancel_estimate = min(took, (unsigned int)LDLM_ESTIMATE_MAX);
	else
		ns->cancel_estimate -= (ns->cancel_estimate - took) / 8;
}

void ldlm_timer_stop(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;
	bool was = false;

	spin_lock(&ns->timer_lock);
	if (!list_empty(&lock->s.timer)) {
		/* a client that was evicted or left tells nothing of how long the others take */
		if (lock->exp->connected && !lock->exp->failed)
			ldlm_timer_measure(ns, lock->s.bl_sent);
		list_del_init(&lock->s.timer);
		was = true;
	}
	spin_unlock(&ns->timer_lock);
	if (was)
		ldlm_lock_put(lock);
}

void ldlm_srv_refresh_timer(struct rpc_export *exp, u64 cookie)
{
	struct ldlm_lock *lock = ldlm_handle_to_lock(cookie);
	struct ldlm_namespace *ns;
	unsigned long deadline;

	if (!lock)
		return;
	ns = lock->ns;
	if (lock->exp == exp && ns->side == LDLM_SERVER) {
		deadline = jiffies + (rpc_timeout + ldlm_timer_limit(ns) / 2) * HZ;
		spin_lock(&ns->timer_lock);
		if (!list_empty(&lock->s.timer) && time_after(deadline, lock->s.deadline))
			lock->s.deadline = deadline;
		spin_unlock(&ns->timer_lock);
	}
	ldlm_lock_put(lock);
}
EXPORT_SYMBOL_GPL(ldlm_srv_refresh_timer);

/* A lock that is overdue, off the list, or NULL */
static struct ldlm_lock *ldlm_timer_expired(struct ldlm_namespace *ns)
{
	struct ldlm_lock *lock;

	spin_lock(&ns->timer_lock);
	list_for_each_entry(lock, &ns->timers, s.timer) {
		if (time_before(jiffies, lock->s.deadline))
			continue;
		list_del_init(&lock->s.timer);
		spin_unlock(&ns->timer_lock);
		return lock;
	}
	if (!list_empty(&ns->timers))
		schedule_delayed_work(&ns->timer_work, HZ);
	spin_unlock(&ns->timer_lock);
	return NULL;
}

static void ldlm_timer_work(struct work_struct *work)
{
	struct ldlm_namespace *ns = container_of(to_delayed_work(work), struct ldlm_namespace,
						 timer_work);
	struct ldlm_lock *lock;

	while ((lock = ldlm_timer_expired(ns))) {
		atomic_inc(&ns->nr_timeouts);
		ldlm_ast_evict(lock, "cancel after a callback", -ETIMEDOUT);
		ldlm_lock_put(lock);
	}
}

void ldlm_timer_init(struct ldlm_namespace *ns)
{
	spin_lock_init(&ns->timer_lock);
	INIT_LIST_HEAD(&ns->timers);
	INIT_DELAYED_WORK(&ns->timer_work, ldlm_timer_work);
	ns->cancel_estimate = rpc_timeout;
}
