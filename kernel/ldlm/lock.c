// SPDX-License-Identifier: GPL-2.0
/*
 * Locks themselves: modes, types, lifetime, handles, and their form on the wire.
 * Who gets one is decided in queue.c and flock.c, how a client gets one is in client.c.
 */
#include "kernel/ldlm/internal.h"

static struct kmem_cache *ldlm_lock_cache;
struct workqueue_struct *ldlm_wq;

/* Row: a mode; bits: the modes that may be granted beside it (section 2). */
const u8 ldlm_compat[8] = {
	[0] = LDLM_NL,							/* EX */
	[1] = LDLM_NL | LDLM_CR,					/* PW */
	[2] = LDLM_NL | LDLM_CR | LDLM_PR,				/* PR */
	[3] = LDLM_NL | LDLM_CR | LDLM_CW,				/* CW */
	[4] = LDLM_NL | LDLM_CR | LDLM_CW | LDLM_PR | LDLM_PW,		/* CR */
	[5] = LDLM_NL | LDLM_CR | LDLM_CW | LDLM_PR | LDLM_PW |
	      LDLM_EX | LDLM_GROUP,					/* NL */
	[6] = LDLM_NL | LDLM_GROUP,					/* GROUP: of one gid */
	[7] = LDLM_COS,							/* COS */
};

const struct ldlm_type_ops *ldlm_type_ops(u32 type)
{
	switch (type) {
	case LDLM_EXTENT:
		return &ldlm_extent_ops;
	case LDLM_FLOCK:
		return &ldlm_flock_ops;
	case LDLM_IBITS:
		return &ldlm_ibits_ops;
	default:
		return &ldlm_plain_ops;
	}
}

static bool ldlm_handle_get(struct rpc_handle *h)
{
	return kref_get_unless_zero(&container_of(h, struct ldlm_lock, handle)->ref);
}

static const struct rpc_handle_type ldlm_handle_type = {
	.name	= "lock",
	.get	= ldlm_handle_get,
};

int ldlm_lock_add_handle(struct ldlm_lock *lock)
{
	return rpc_handle_add(&lock->handle, &ldlm_handle_type);
}

struct ldlm_lock *ldlm_handle_to_lock(u64 cookie)
{
	struct rpc_handle *h = cookie ? rpc_handle_find(cookie, &ldlm_handle_type) : NULL;

	return h ? container_of(h, struct ldlm_lock, handle) : NULL;
}
EXPORT_SYMBOL_GPL(ldlm_handle_to_lock);

static void ldlm_lock_setup(struct ldlm_lock *lock, struct ldlm_namespace *ns)
{
	kref_init(&lock->ref);
	lock->ns = ns;
	INIT_LIST_HEAD(&lock->res_link);
	INIT_LIST_HEAD(&lock->todo);
	INIT_LIST_HEAD(&lock->todo_cp);
	init_waitqueue_head(&lock->waitq);
	if (ns->side == LDLM_CLIENT) {
		INIT_LIST_HEAD(&lock->c.lru);
		INIT_WORK(&lock->c.work, ldlm_cancel_work);
	} else {
		INIT_LIST_HEAD(&lock->s.exp_link);
		INIT_LIST_HEAD(&lock->s.timer);
		INIT_LIST_HEAD(&lock->s.flock_wait);
	}
}

/*
 * ldlm_lock_new() - a lock that is on no list
 *
 * With one reference, that of being alive. A flock gets a spare for the case that it
 * splits another one.
 * Return: lock, ERR_PTR(-ENOMEM) or ERR_PTR(-EINVAL) (the resource has another type).
 */
struct ldlm_lock *ldlm_lock_new(struct ldlm_namespace *ns, const struct ldlm_res_id *id,
				u32 type, u32 mode, const union ldlm_policy *policy,
				const struct ldlm_lock_ops *ops, void *data)
{
	struct ldlm_resource *res;
	struct ldlm_lock *lock;

	res = ldlm_res_get(ns, id, type);
	if (IS_ERR(res))
		return ERR_CAST(res);
	lock = kmem_cache_zalloc(ldlm_lock_cache, GFP_NOFS);
	if (lock && type == LDLM_FLOCK) {
		lock->spare = kmem_cache_zalloc(ldlm_lock_cache, GFP_NOFS);
		if (!lock->spare) {
			kmem_cache_free(ldlm_lock_cache, lock);
			lock = NULL;
		}
	}
	if (!lock) {
		ldlm_res_put(res);
		return ERR_PTR(-ENOMEM);
	}
	ldlm_lock_setup(lock, ns);
	lock->res = res;
	lock->req_mode = mode;
	if (policy)
		lock->policy = *policy;
	if (type == LDLM_EXTENT || type == LDLM_FLOCK) {
		lock->req_extent.start = lock->policy.extent.start;
		lock->req_extent.end = lock->policy.extent.end;
	}
	lock->ops = ops;
	lock->data = data;
	atomic_inc(&ns->nr_locks);
	return lock;
}

/*
 * ldlm_lock_split() - make @spare another lock like @lock, alive and on no list
 *
 * Context: resource lock. It has no handle.
 */
void ldlm_lock_split(const struct ldlm_lock *lock, struct ldlm_lock *spare)
{
	ldlm_lock_setup(spare, lock->ns);
	refcount_inc(&lock->res->ref);
	spare->res = lock->res;
	spare->req_mode = lock->req_mode;
	spare->policy = lock->policy;
	spare->ops = lock->ops;
	spare->data = lock->data;
	atomic_inc(&lock->ns->nr_locks);
}

static void ldlm_lock_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(ldlm_lock_cache, container_of(rcu, struct ldlm_lock, rcu));
}

static void ldlm_lock_release_ref(struct kref *ref)
{
	struct ldlm_lock *lock = container_of(ref, struct ldlm_lock, ref);

	WARN_ON_ONCE(!list_empty(&lock->res_link));
	if (lock->spare)
		kmem_cache_free(ldlm_lock_cache, lock->spare);
	if (lock->exp)
		rpc_export_put(lock->exp);
	kvfree(lock->lvb);
	atomic_dec(&lock->ns->nr_locks);
	ldlm_res_put(lock->res);
	call_rcu(&lock->rcu, ldlm_lock_free_rcu);
}

struct ldlm_lock *ldlm_lock_get(struct ldlm_lock *lock)
{
	kref_get(&lock->ref);
	return lock;
}
EXPORT_SYMBOL_GPL(ldlm_lock_get);

void ldlm_lock_put(struct ldlm_lock *lock)
{
	kref_put(&lock->ref, ldlm_lock_release_ref);
}
EXPORT_SYMBOL_GPL(ldlm_lock_put);

const struct ldlm_res_id *ldlm_lock_res(const struct ldlm_lock *lock)
{
	return &lock->res->id;
}
EXPORT_SYMBOL_GPL(ldlm_lock_res);

u32 ldlm_lock_type(const struct ldlm_lock *lock)
{
	return lock->res->type;
}
EXPORT_SYMBOL_GPL(ldlm_lock_type);

/* Lock the resource of a lock; see internal.h */
struct ldlm_resource *ldlm_lock_res_lock(struct ldlm_lock *lock)
	__acquires(&lock->res->lock)
{
	struct ldlm_resource *res;

	rcu_read_lock();
	for (;;) {
		res = READ_ONCE(lock->res);
		spin_lock(&res->lock);
		if (likely(res == lock->res))
			break;
		spin_unlock(&res->lock);
	}
	rcu_read_unlock();
	return res;
}

void ldlm_lock_set_data(struct ldlm_lock *lock, void *data)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->data = data;
	spin_unlock(&res->lock);
}
EXPORT_SYMBOL_GPL(ldlm_lock_set_data);

void ldlm_lock_adopt_data(struct ldlm_lock *lock, void *data)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);

	lock->data = data;
	lock->flags |= LDLM_L_LVB_UNSEEN;
	spin_unlock(&res->lock);
}
EXPORT_SYMBOL_GPL(ldlm_lock_adopt_data);

void ldlm_lock_to_desc(const struct ldlm_lock *lock, struct ldlm_lock_desc *d)
{
	memset(d, 0, sizeof(*d));
	d->l_resource.lr_type = cpu_to_le32(lock->res->type);
	ldlm_res_id_to_wire(&lock->res->id, &d->l_resource.lr_name);
	d->l_req_mode = cpu_to_le32(lock->req_mode);
	d->l_granted_mode = cpu_to_le32(lock->granted_mode);
	ldlm_type_ops(lock->res->type)->to_wire(&lock->policy, &d->l_policy_data);
}

struct ldlm_lock **ldlm_res_snapshot(struct ldlm_resource *res, bool waiting, unsigned int *nr)
{
	struct ldlm_lock **locks = NULL, *lock;
	unsigned int max = 0, n;

	for (;;) {
		n = 0;
		spin_lock(&res->lock);
		list_for_each_entry(lock, &res->granted, res_link)
			if (n++ < max)
				locks[n - 1] = ldlm_lock_get(lock);
		if (waiting)
			list_for_each_entry(lock, &res->waiting, res_link)
				if (n++ < max)
					locks[n - 1] = ldlm_lock_get(lock);
		spin_unlock(&res->lock);
		if (n <= max)
			break;
		while (max)
			ldlm_lock_put(locks[--max]);
		kvfree(locks);
		max = n + 8;
		locks = kvmalloc_array(max, sizeof(*locks), GFP_NOFS | __GFP_NOFAIL);
	}
	*nr = n;
	return locks;
}

int ldlm_lock_cache_init(void)
{
	ldlm_lock_cache = KMEM_CACHE(ldlm_lock, SLAB_HWCACHE_ALIGN);
	return ldlm_lock_cache ? 0 : -ENOMEM;
}

void ldlm_lock_cache_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(ldlm_lock_cache);
}

/* ldlm_init() - start of the lock manager, called when ptlrpc.ko is loaded */
int ldlm_init(void)
{
	int rc;

	rc = ldlm_namespace_init();
	if (rc)
		return rc;
	rc = ldlm_lock_cache_init();
	if (rc)
		goto out_ns;
	ldlm_wq = alloc_workqueue("ldlm", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (ldlm_wq)
		return 0;
	rc = -ENOMEM;
	ldlm_lock_cache_exit();
out_ns:
	ldlm_namespace_exit();
	return rc;
}

void ldlm_exit(void)
{
	destroy_workqueue(ldlm_wq);
	ldlm_lock_cache_exit();
	ldlm_namespace_exit();
}
