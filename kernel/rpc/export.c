// SPDX-License-Identifier: GPL-2.0
/*
 * Exports: the server's view of one client of one target: life, finding, eviction,
 * replies that wait for an ACK. How a client becomes
 * connected is in target.c.
 */
#include <linux/slab.h>
#include "kernel/rpc/internal.h"

static struct workqueue_struct *export_wq;

static bool export_handle_get(struct rpc_handle *h)
{
	return kref_get_unless_zero(&container_of(h, struct rpc_export, handle)->ref);
}

static const struct rpc_handle_type export_handle_type = {
	.name	= "export",
	.get	= export_handle_get,
};

/* rpc_export_find() - export of a request's pb_handle, with a reference */
struct rpc_export *rpc_export_find(u64 cookie)
{
	struct rpc_handle *h = rpc_handle_find(cookie, &export_handle_type);

	return h ? container_of(h, struct rpc_export, handle) : NULL;
}

static void export_free(struct work_struct *work)
{
	struct rpc_export *exp = container_of(work, struct rpc_export, free);
	struct rpc_target *tgt = exp->tgt;

	if (tgt->ops->free)
		tgt->ops->free(exp);
	rpc_import_put(exp->rev);
	kfree_rcu(exp, rcu);
	spin_lock(&tgt->lock);
	tgt->nr_exports--;
	wake_up_all(&tgt->idle);
	spin_unlock(&tgt->lock);
}

static void export_release(struct kref *ref)
{
	struct rpc_export *exp = container_of(ref, struct rpc_export, ref);

	/* the last reference may go in the thread that reads the socket */
	queue_work(export_wq, &exp->free);
}

struct rpc_export *rpc_export_get(struct rpc_export *exp)
{
	kref_get(&exp->ref);
	return exp;
}
EXPORT_SYMBOL_GPL(rpc_export_get);

void rpc_export_put(struct rpc_export *exp)
{
	if (exp)
		kref_put(&exp->ref, export_release);
}
EXPORT_SYMBOL_GPL(rpc_export_put);

/*
 * rpc_export_create() - a new, unconnected export on the target's list
 * Return: with a reference of the caller's (the list has one of its own), or ERR_PTR.
 */
struct rpc_export *rpc_export_create(struct rpc_target *tgt, const char *uuid)
{
	struct rpc_export *exp = kzalloc(sizeof(*exp), GFP_KERNEL);
	int rc;

	if (!exp)
		return ERR_PTR(-ENOMEM);
	kref_init(&exp->ref);
	exp->tgt = tgt;
	strscpy(exp->uuid, uuid, sizeof(exp->uuid));
	spin_lock_init(&exp->lock);
	INIT_LIST_HEAD(&exp->locks);
	INIT_LIST_HEAD(&exp->requests);
	INIT_LIST_HEAD(&exp->acks);
	INIT_WORK(&exp->free, export_free);
	exp->last_request = ktime_get_seconds();
	rc = rpc_handle_add(&exp->handle, &export_handle_type);
	if (rc) {
		kfree(exp);
		return ERR_PTR(rc);
	}
	spin_lock(&tgt->lock);
	list_add_tail(&exp->link, &tgt->exports);
	tgt->nr_exports++;
	spin_unlock(&tgt->lock);
	return rpc_export_get(exp);
}

struct rpc_export *rpc_export_restore(struct rpc_target *tgt, const char *uuid)
{
	return rpc_export_create(tgt, uuid);
}
EXPORT_SYMBOL_GPL(rpc_export_restore);

/* rpc_export_by_uuid() - a client of the target that has not been closed, referenced */
struct rpc_export *rpc_export_by_uuid(struct rpc_target *tgt, const char *uuid)
{
	struct rpc_export *exp;

	spin_lock(&tgt->lock);
	list_for_each_entry(exp, &tgt->exports, link) {
		if (!strcmp(exp->uuid, uuid) && kref_get_unless_zero(&exp->ref)) {
			spin_unlock(&tgt->lock);
			return exp;
		}
	}
	spin_unlock(&tgt->lock);
	return NULL;
}

/* The bulks of a client that is gone, or has a new connection, end now. */
void rpc_export_wake_bulks(struct rpc_export *exp)
{
	struct rpc_svcreq_impl *impl;

	spin_lock_bh(&exp->lock);
	list_for_each_entry(impl, &exp->requests, exp_link)
		wake_up(&impl->waitq);
	spin_unlock_bh(&exp->lock);
}

/*
 * rpc_export_close() - the client is gone: forget its handle, and let the target drop what
 * it holds. Once; later calls do nothing. Context: may sleep.
 */
void rpc_export_close(struct rpc_export *exp)
{
	struct rpc_target *tgt = exp->tgt;
	struct rpc_import *rev;
	bool mine;

	spin_lock_bh(&exp->lock);
	mine = !exp->failed;
	exp->failed = true;
	exp->connected = false;
	rev = exp->rev ? rpc_import_get(exp->rev) : NULL;
	spin_unlock_bh(&exp->lock);
	if (!mine) {
		rpc_import_put(rev);
		return;
	}
	rpc_handle_del(&exp->handle);
	spin_lock(&tgt->lock);
	list_del_init(&exp->link);
	spin_unlock(&tgt->lock);
	rpc_export_wake_bulks(exp);
	if (rev) {
		rpc_import_disconnect(rev, true);
		rpc_import_put(rev);
	}
	rpc_export_committed(exp, ~0ULL);
	if (tgt->ops->disconnect)
		tgt->ops->disconnect(exp);
	rpc_export_put(exp);
}

void rpc_export_evict(struct rpc_export *exp, const char *why)
{
	char nid[LNET_NIDSTR_SIZE];

	if (READ_ONCE(exp->failed))
		return;
	pr_warn("%s: evicting client %s at %s: %s\n", exp->tgt->name, exp->uuid,
		lnet_nid_str(exp->peer, nid), why);
	rpc_export_close(exp);
}
EXPORT_SYMBOL_GPL(rpc_export_evict);

/* --- replies that wait for an ACK, or for the commit when none came (chapter 02, 4.6) --- */

static struct rpc_svcreq_impl *ack_claim(struct rpc_export *exp, u64 last_committed)
{
	struct rpc_svcreq_impl *impl;
	bool all = last_committed == ~0ULL;

	spin_lock_bh(&exp->lock);
	list_for_each_entry(impl, &exp->acks, ack_link) {
		if (all || (impl->ack_failed && impl->req.transno <= last_committed)) {
			list_del_init(&impl->ack_link);
			spin_unlock_bh(&exp->lock);
			return impl;
		}
	}
	spin_unlock_bh(&exp->lock);
	return NULL;
}

/*
 * rpc_export_committed() - run what waits for an ACK that did not come and for this commit
 * @last_committed: ~0: everything, the client is gone. Context: may sleep
 */
void rpc_export_committed(struct rpc_export *exp, u64 last_committed)
{
	struct rpc_svcreq_impl *impl;

	if (list_empty_careful(&exp->acks))
		return;
	while ((impl = ack_claim(exp, last_committed)))
		rpc_ack_run(impl);
}

/* --- all exports of a target --- */

int rpc_target_for_each_export(struct rpc_target *tgt,
			       int (*fn)(struct rpc_export *exp, void *data), void *data)
{
	struct rpc_export *exp, **all;
	unsigned int nr = READ_ONCE(tgt->nr_exports) + 16, n = 0, i;
	int rc = 0;

	all = kvmalloc_array(nr, sizeof(*all), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	spin_lock(&tgt->lock);
	list_for_each_entry(exp, &tgt->exports, link)
		if (n < nr && kref_get_unless_zero(&exp->ref))
			all[n++] = exp;
	spin_unlock(&tgt->lock);
	for (i = 0; i < n; i++) {
		if (!rc)
			rc = fn(all[i], data);
		rpc_export_put(all[i]);
	}
	kvfree(all);
	return rc;
}
EXPORT_SYMBOL_GPL(rpc_target_for_each_export);

int rpc_exports_init(void)
{
	export_wq = alloc_workqueue("rpc_export", WQ_UNBOUND, 0);
	return export_wq ? 0 : -ENOMEM;
}

void rpc_exports_exit(void)
{
	destroy_workqueue(export_wq);
	rcu_barrier();
}
