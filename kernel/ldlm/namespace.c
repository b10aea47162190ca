// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces and resources of the lock manager: names, lookup, lifetime.
 * Locks are in lock.c, who gets which in queue.c.
 */
#include <linux/cpumask.h>
#include <linux/jhash.h>
#include "kernel/ldlm/internal.h"

static struct kmem_cache *ldlm_res_cache;

static const struct rhashtable_params ldlm_res_params = {
	.key_len		= sizeof(struct ldlm_res_id),
	.key_offset		= offsetof(struct ldlm_resource, id),
	.head_offset		= offsetof(struct ldlm_resource, node),
	.automatic_shrinking	= true,
};

void ldlm_res_id_to_wire(const struct ldlm_res_id *id, struct ldlm_wire_res_id *w)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(id->name); i++)
		w->name[i] = cpu_to_le64(id->name[i]);
}

void ldlm_res_id_from_wire(struct ldlm_res_id *id, const struct ldlm_wire_res_id *w)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(id->name); i++)
		id->name[i] = le64_to_cpu(w->name[i]);
}

struct ldlm_resource *ldlm_res_find(struct ldlm_namespace *ns, const struct ldlm_res_id *id)
{
	struct ldlm_resource *res;

	rcu_read_lock();
	res = rhashtable_lookup(&ns->resources, id, ldlm_res_params);
	if (res && !refcount_inc_not_zero(&res->ref))
		res = NULL;
	rcu_read_unlock();
	return res;
}

static struct ldlm_resource *ldlm_res_new(struct ldlm_namespace *ns,
					  const struct ldlm_res_id *id, u32 type)
{
	struct ldlm_resource *res = kmem_cache_zalloc(ldlm_res_cache, GFP_NOFS);

	if (!res)
		return NULL;
	res->id = *id;
	res->type = type;
	res->ns = ns;
	refcount_set(&res->ref, 1);
	spin_lock_init(&res->lock);
	INIT_LIST_HEAD(&res->link);
	INIT_LIST_HEAD(&res->granted);
	INIT_LIST_HEAD(&res->waiting);
	return res;
}

struct ldlm_resource *ldlm_res_get(struct ldlm_namespace *ns, const struct ldlm_res_id *id, u32 type)
{
	struct ldlm_resource *res, *old;

	res = ldlm_res_find(ns, id);
	if (res)
		goto found;
	res = ldlm_res_new(ns, id, type);
	if (!res)
		return ERR_PTR(-ENOMEM);
	for (;;) {
		rcu_read_lock();
		old = rhashtable_lookup_get_insert_fast(&ns->resources, &res->node, ldlm_res_params);
		if (!old || IS_ERR(old) || refcount_inc_not_zero(&old->ref))
			break;
		rcu_read_unlock();
		cond_resched();		/* its last user is about to take it out of the table */
	}
	rcu_read_unlock();
	if (!old) {
		ldlm_ns_get(ns);
		atomic_inc(&ns->nr_resources);
		spin_lock(&ns->lock);
		list_add_tail(&res->link, &ns->res_list);
		spin_unlock(&ns->lock);
		return res;
	}
	kmem_cache_free(ldlm_res_cache, res);
	if (IS_ERR(old))
		return old;
	res = old;
found:
	if (res->type != type) {
		ldlm_res_put(res);
		return ERR_PTR(-EINVAL);
	}
	return res;
}

static void ldlm_res_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(ldlm_res_cache, container_of(rcu, struct ldlm_resource, rcu));
}

void ldlm_res_put(struct ldlm_resource *res)
{
	struct ldlm_namespace *ns = res->ns;

	if (!refcount_dec_and_test(&res->ref))
		return;
	WARN_ON_ONCE(!list_empty(&res->granted) || !list_empty(&res->waiting));
	rhashtable_remove_fast(&ns->resources, &res->node, ldlm_res_params);
	spin_lock(&ns->lock);
	list_del(&res->link);
	spin_unlock(&ns->lock);
	call_rcu(&res->rcu, ldlm_res_free_rcu);
	if (atomic_dec_and_test(&ns->nr_resources))
		wake_up_all(&ns->idle);
	ldlm_ns_put(ns);
}

struct ldlm_resource *ldlm_res_next(struct ldlm_namespace *ns, struct ldlm_resource *prev)
{
	struct ldlm_resource *res;

	spin_lock(&ns->lock);
	res = prev ? prev : list_entry(&ns->res_list, struct ldlm_resource, link);
	list_for_each_entry_continue(res, &ns->res_list, link)
		if (refcount_inc_not_zero(&res->ref))
			goto out;
	res = NULL;
out:
	spin_unlock(&ns->lock);
	if (prev)
		ldlm_res_put(prev);
	return res;
}

struct ldlm_namespace *ldlm_ns_get(struct ldlm_namespace *ns)
{
	kref_get(&ns->ref);
	return ns;
}

static void ldlm_ns_free(struct kref *ref)
{
	struct ldlm_namespace *ns = container_of(ref, struct ldlm_namespace, ref);

	if (ns->side == LDLM_SERVER)
		ldlm_srv_index_exit(ns);
	rhashtable_destroy(&ns->resources);
	if (ns->imp)
		rpc_import_put(ns->imp);
	kfree(ns->name);
	kfree(ns);
}

void ldlm_ns_put(struct ldlm_namespace *ns)
{
	kref_put(&ns->ref, ldlm_ns_free);
}

/* Portal 15 must be open before a client's first enqueue, 17 before a server's first grant. */
static struct rpc_service *ldlm_service(enum ldlm_side side)
{
	static const struct rpc_service_args callback = {
		.name		= "ldlm_cbd",
		.params		= "ldlm/services/ldlm_cbd",
		.req_portal	= LDLM_CB_REQUEST_PORTAL,
		.rep_portal	= LDLM_CB_REPLY_PORTAL,
		.max_size	= LDLM_REQUEST_MAX,
		.min_threads	= 2,
		.max_threads	= 16,
	};
	static const struct rpc_service_args cancel = {
		.name		= "ldlm_canceld",
		.params		= "ldlm/services/ldlm_canceld",
		.req_portal	= LDLM_CANCEL_REQUEST_PORTAL,
		.rep_portal	= LDLM_CANCEL_REPLY_PORTAL,
		.max_size	= LDLM_REQUEST_MAX,
		.min_threads	= 2,
		.max_threads	= 32,
	};
	struct rpc_service_args args = side == LDLM_CLIENT ? callback : cancel;

	if (side == LDLM_CLIENT) {
		args.ops = ldlm_callback_ops;
		args.nr_ops = ldlm_nr_callback_ops;
	}
	return rpc_service_get(&args);
}

static void ldlm_ns_setup(struct ldlm_namespace *ns)
{
	kref_init(&ns->ref);
	spin_lock_init(&ns->lock);
	INIT_LIST_HEAD(&ns->res_list);
	init_waitqueue_head(&ns->idle);
	spin_lock_init(&ns->lru_lock);
	INIT_LIST_HEAD(&ns->lru);
	INIT_LIST_HEAD(&ns->cancels);
	INIT_DELAYED_WORK(&ns->lru_work, ldlm_lru_work);
	INIT_DELAYED_WORK(&ns->forget_work, ldlm_forget_work);
	ldlm_ns_set_lru(ns, 0, 0);
	ldlm_timer_init(ns);
	spin_lock_init(&ns->flock_lock);
	INIT_LIST_HEAD(&ns->flock_waiters);
}

/**
 * ldlm_ns_create() - lock namespace of a target
 * @name: for messages, and of its directory below ldlm.namespaces
 * @side: does this node grant the locks, or hold them?
 * @ops: the owner's, may be NULL for a client; must stay until ldlm_ns_destroy() is back
 * @private: the owner's, see ldlm_ns_private()
 * @imp: client: connection to the target; its namespace is set
 *
 * Starts the node's service for the other side's messages (portal 15 or 17).
 * Context: sleeps. Return: namespace or ERR_PTR.
 */
struct ldlm_namespace *ldlm_ns_create(const char *name, enum ldlm_side side,
				      const struct ldlm_ns_ops *ops, void *private,
				      struct rpc_import *imp)
{
	static const struct ldlm_ns_ops no_ops;
	struct ldlm_namespace *ns;
	int rc = -ENOMEM;

	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return ERR_PTR(-ENOMEM);
	ldlm_ns_setup(ns);
	ns->side = side;
	ns->ops = ops ? ops : &no_ops;
	ns->private = private;
	ns->name = kstrdup(name, GFP_KERNEL);
	if (!ns->name)
		goto free;
	rc = rhashtable_init(&ns->resources, &ldlm_res_params);
	if (rc)
		goto free;
	if (side == LDLM_SERVER) {
		rc = ldlm_srv_index_init(ns);
		if (rc)
			goto free_hash;
	}
	ns->svc = ldlm_service(side);
	if (IS_ERR_OR_NULL(ns->svc)) {
		rc = ns->svc ? PTR_ERR(ns->svc) : -ENOMEM;
		goto free_index;
	}
	if (imp) {
		ns->imp = rpc_import_get(imp);
		imp->ns = ns;
	}
	if (side == LDLM_CLIENT)
		queue_delayed_work(ldlm_wq, &ns->lru_work, 60 * HZ);
	ldlm_ns_params_add(ns);
	return ns;

free_index:
	if (side == LDLM_SERVER)
		ldlm_srv_index_exit(ns);
free_hash:
	rhashtable_destroy(&ns->resources);
free:
	kfree(ns->name);
	kfree(ns);
	return ERR_PTR(rc);
}
EXPORT_SYMBOL_GPL(ldlm_ns_create);

/* The last locks go by themselves: users of a client's, waiters of a server's. */
static void ldlm_ns_wait_idle(struct ldlm_namespace *ns)
{
	unsigned int tries = 6;

	while (tries-- && !wait_event_timeout(ns->idle, !atomic_read(&ns->nr_resources), 5 * HZ))
		pr_warn("ldlm: %s: still %d locks in use\n", ns->name, atomic_read(&ns->nr_locks));
}

/* Every lock, whoever has it, ends: no client is connected any more. */
static void ldlm_ns_cancel_server(struct ldlm_namespace *ns)
{
	struct ldlm_resource *res = NULL;
	struct ldlm_lock **locks;
	unsigned int i, nr;

	while ((res = ldlm_res_next(ns, res))) {
		locks = ldlm_res_snapshot(res, true, &nr);
		for (i = 0; i < nr; i++) {
			wake_up_all(&locks[i]->waitq);
			if (locks[i]->exp)
				ldlm_srv_cancel(locks[i]);
			ldlm_lock_put(locks[i]);
		}
		kvfree(locks);
	}
}

void ldlm_ns_destroy(struct ldlm_namespace *ns)
{
	ldlm_ns_params_del(ns);
	WRITE_ONCE(ns->stopping, true);
	if (ns->side == LDLM_CLIENT)
		ldlm_cli_cancel_unused(ns, NULL, rpc_import_state(ns->imp) != RPC_IMP_FULL);
	else
		ldlm_ns_cancel_server(ns);
	ldlm_ns_wait_idle(ns);
	cancel_delayed_work_sync(&ns->lru_work);
	cancel_delayed_work_sync(&ns->forget_work);
	cancel_delayed_work_sync(&ns->timer_work);
	if (ns->imp)
		ns->imp->ns = NULL;
	rpc_service_put(ns->svc);
	ldlm_ns_put(ns);
}
EXPORT_SYMBOL_GPL(ldlm_ns_destroy);

void *ldlm_ns_private(struct ldlm_namespace *ns)
{
	return ns->private;
}
EXPORT_SYMBOL_GPL(ldlm_ns_private);

unsigned int ldlm_ns_lock_count(struct ldlm_namespace *ns)
{
	return atomic_read(&ns->nr_locks);
}
EXPORT_SYMBOL_GPL(ldlm_ns_lock_count);

void ldlm_ns_set_lru(struct ldlm_namespace *ns, unsigned int max, unsigned int age_s)
{
	WRITE_ONCE(ns->lru_max, max ? max : LDLM_LRU_PER_CPU * num_online_cpus());
	WRITE_ONCE(ns->lru_age, age_s ? age_s : LDLM_LRU_AGE);
}
EXPORT_SYMBOL_GPL(ldlm_ns_set_lru);

unsigned int ldlm_ns_lru_count(struct ldlm_namespace *ns)
{
	return READ_ONCE(ns->lru_nr);
}
EXPORT_SYMBOL_GPL(ldlm_ns_lru_count);

int ldlm_namespace_init(void)
{
	ldlm_res_cache = KMEM_CACHE(ldlm_resource, SLAB_HWCACHE_ALIGN);
	return ldlm_res_cache ? 0 : -ENOMEM;
}

void ldlm_namespace_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(ldlm_res_cache);
}
