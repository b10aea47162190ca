// SPDX-License-Identifier: GPL-2.0
/*
 * Unused locks of a client: kept in the order of their last use, cancelled when there
 * are too many or when they are old (section 10).
 *
 * A lock that is used again stays where it is in the list: whoever comes by later
 * puts it right. So a match costs no second lock.
 */
#include "kernel/ldlm/internal.h"

#define LDLM_LRU_PERIOD	(60 * HZ)

static bool ldlm_lru_wants(const struct ldlm_lock *lock)
{
	u32 type = lock->res->type;

	return (type == LDLM_EXTENT || type == LDLM_IBITS) && ldlm_is_granted(lock);
}

/* Under the resource lock */
void ldlm_lru_add(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;
	bool many;

	if (lock->flags & LDLM_L_ON_LRU || !ldlm_lru_wants(lock))
		return;
	lock->flags |= LDLM_L_ON_LRU;
	lock->c.lru_seen = lock->c.last_used;
	spin_lock(&ns->lru_lock);
	list_add_tail(&lock->c.lru, &ns->lru);
	many = ++ns->lru_nr > READ_ONCE(ns->lru_max);
	spin_unlock(&ns->lru_lock);
	if (many)
		mod_delayed_work(ldlm_wq, &ns->lru_work, 0);
}

/* Under the resource lock */
void ldlm_lru_del(struct ldlm_lock *lock)
{
	struct ldlm_namespace *ns = lock->ns;

	if (!(lock->flags & LDLM_L_ON_LRU))
		return;
	lock->flags &= ~LDLM_L_ON_LRU;
	spin_lock(&ns->lru_lock);
	list_del_init(&lock->c.lru);
	ns->lru_nr--;
	spin_unlock(&ns->lru_lock);
}

/* The first of the list, with a reference, if it may have to go */
static struct ldlm_lock *ldlm_lru_first(struct ldlm_namespace *ns)
{
	unsigned long age = READ_ONCE(ns->lru_age) * HZ;
	struct ldlm_lock *lock;

	spin_lock(&ns->lru_lock);
	lock = list_first_entry_or_null(&ns->lru, struct ldlm_lock, c.lru);
	if (lock && ns->lru_nr <= READ_ONCE(ns->lru_max) &&
	    time_before(jiffies, READ_ONCE(lock->c.last_used) + age))
		lock = NULL;
	if (lock)
		list_move_tail(&lock->c.lru, &ns->lru);
	if (lock && !kref_get_unless_zero(&lock->ref))
		lock = NULL;
	spin_unlock(&ns->lru_lock);
	return lock;
}

/*
 * In use: it comes back when it is released. Used since somebody looked: it stays, at the
 * end, where it is by now.
 */
static bool ldlm_lru_should_go(struct ldlm_lock *lock)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	bool go = false;

	if (lock->users) {
		ldlm_lru_del(lock);
	} else {
		go = lock->c.last_used == lock->c.lru_seen;
		lock->c.lru_seen = lock->c.last_used;
	}
	spin_unlock(&res->lock);
	return go;
}

void ldlm_lru_work(struct work_struct *work)
{
	struct ldlm_namespace *ns = container_of(to_delayed_work(work), struct ldlm_namespace, lru_work);
	bool (*cheap)(struct ldlm_lock *lock) = ns->ops->cancel_weight;
	unsigned int left = READ_ONCE(ns->lru_nr);
	struct ldlm_lock *lock;

	while (left-- && (lock = ldlm_lru_first(ns))) {
		if (ldlm_lru_should_go(lock)) {
			if (cheap && cheap(lock) && ldlm_cancel_claim(lock)) {
				ldlm_cancel_run(lock);
				ldlm_cancel_queue(lock);
			} else {
				ldlm_cancel_later(lock);
			}
		}
		ldlm_lock_put(lock);
	}
	ldlm_cancel_flush(ns);
	if (!READ_ONCE(ns->stopping))
		queue_delayed_work(ldlm_wq, &ns->lru_work, LDLM_LRU_PERIOD);
}
