// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a target between its storage and kernel/rpc: going online and offline, and the
 * part of connects and disconnects that all kinds of targets share.
 */
#include <linux/slab.h>
#include "internal.h"

static struct target *target_of_export(const struct rpc_export *exp)
{
	return exp->tgt->private;
}

static bool target_keeps_clients(const struct target *tgt)
{
	return tgt->store->last_rcvd;
}

static struct target_export *target_export_alloc(struct target *tgt, struct rpc_export *exp)
{
	struct target_export *te = kzalloc(tgt->type->export_size, GFP_KERNEL);

	if (!te)
		return NULL;
	te->exp = exp;
	te->slot = -1;
	INIT_LIST_HEAD(&te->replies);
	spin_lock_init(&te->lock);
	mutex_init(&te->record);
	return te;
}

/* rpc_target_ops.connect: the type negotiates, then a new client gets its record. */
static int target_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	struct target *tgt = target_of_export(exp);
	struct target_export *te = target_export(exp);
	int rc;

	if (!te) {
		te = target_export_alloc(tgt, exp);
		if (!te)
			return -ENOMEM;
		exp->private = te;
	}
	rc = tgt->store->ops->connect(exp, ocd, reconnect);
	if (rc)
		return rc;
	target_client_join(tgt, te);
	if (target_keeps_clients(tgt) && te->slot < 0 &&
	    !(le64_to_cpu(ocd->ocd_connect_flags) & OBD_CONNECT_LIGHTWEIGHT))
		rc = lastrcvd_add_client(tgt, te);
	return rc;
}

static void target_disconnect(struct rpc_export *exp)
{
	struct target *tgt = target_of_export(exp);
	struct target_export *te = target_export(exp);
	struct target_store *st = tgt->store;

	ldlm_export_cleanup(exp);
	if (!te)
		return;
	if (st->ops->disconnect)
		st->ops->disconnect(exp);
	/* a target that stops keeps its clients for recovery, umount -f does not */
	if (!st->stopping || st->drop_clients)
		lastrcvd_del_client(tgt, te);
}

static void target_export_free(struct rpc_export *exp)
{
	struct target *tgt = target_of_export(exp);
	struct target_export *te = target_export(exp);

	if (!te)
		return;
	if (tgt->store->ops->free)
		tgt->store->ops->free(exp);
	replydata_free(tgt, te);
	target_client_leave(tgt, te);
	exp->private = NULL;
	kfree(te);
}

static u64 target_export_committed(struct rpc_export *exp)
{
	struct target_export *te = target_export(exp);
	u64 transno = 0;

	if (te) {
		spin_lock(&te->lock);
		transno = te->last_committed;
		spin_unlock(&te->lock);
	}
	return transno;
}

static void target_served(struct rpc_svcreq *req)
{
	target_count_lock(req);
	if (req->stat)
		target_stat(req, req->stat - 1, ktime_us_delta(ktime_get(), req->arrival));
}

static int store_open(struct target *tgt)
{
	int rc;

	if (tgt->rpc.connect_op == MGS_CONNECT)
		return 0;
	rc = lastrcvd_open(tgt);
	if (rc)
		return rc;
	if (tgt->rpc.connect_op == MDS_CONNECT)
		rc = replydata_open(tgt);
	if (!rc)
		rc = seqs_open(tgt);
	return rc;
}

static void store_close(struct target *tgt)
{
	struct target_store *st = tgt->store;

	ldiskfs_sync(tgt->dev);
	/* the callbacks of the last commit hold exports and this store */
	wait_event(st->idle, !atomic_read(&st->pending));
	seqs_close(tgt);
	replydata_close(tgt);
	lastrcvd_close(tgt);
	tgt->store = NULL;
	kvfree(st);
}

int target_online(struct target *tgt, u32 connect_op, const struct rpc_target_ops *ops,
		  struct ldlm_namespace *ns)
{
	struct target_store *st;
	int rc;

	st = kvzalloc(sizeof(*st), GFP_KERNEL);
	if (!st)
		return -ENOMEM;
	mutex_init(&st->grow);
	mutex_init(&st->seq_lock);
	spin_lock_init(&st->lock);
	spin_lock_init(&st->times_lock);
	atomic_set(&st->pending, 0);
	init_waitqueue_head(&st->idle);
	st->ops = ops;
	st->wrapped = *ops;
	st->wrapped.connect = target_connect;
	st->wrapped.disconnect = target_disconnect;
	st->wrapped.free = target_export_free;
	st->wrapped.last_committed = target_export_committed;
	st->wrapped.served = target_served;
	if (!ops->resent && connect_op == MDS_CONNECT)
		st->wrapped.resent = replydata_find;
	tgt->store = st;
	tgt->rpc.name = tgt->svname;
	tgt->rpc.uuid = tgt->uuid;
	tgt->rpc.connect_op = connect_op;
	tgt->rpc.ops = &st->wrapped;
	tgt->rpc.ns = ns;
	tgt->rpc.replayable = connect_op != MGS_CONNECT;
	tgt->rpc.ready = false;
	tgt->rpc.private = tgt;
	rc = store_open(tgt);
	if (!rc)
		rc = rpc_target_register(&tgt->rpc);
	if (rc)
		store_close(tgt);
	return rc;
}
EXPORT_SYMBOL_GPL(target_online);

void target_ready(struct target *tgt)
{
	rpc_target_ready(&tgt->rpc);
}
EXPORT_SYMBOL_GPL(target_ready);

void target_offline(struct target *tgt)
{
	struct target_store *st = tgt->store;

	if (!st)
		return;
	WRITE_ONCE(tgt->rpc.ready, false);
	st->stopping = true;
	st->drop_clients = tgt->drop_clients;
	rpc_target_unregister(&tgt->rpc);
	store_close(tgt);
}
EXPORT_SYMBOL_GPL(target_offline);
