// SPDX-License-Identifier: GPL-2.0
/*
 * What still has to happen to data objects after a change of the MDT has committed: destroys of
 * removed files, new owners. Each is a record of the file "osp_log", written in the transaction of
 * the change and cleared when the OST has it on its disk; what a crash left is sent again
 * (chapter 05, B13: destroys are idempotent).
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include "mdt.h"

#define LOG_SLOTS_MIN	16384U
#define LOG_SLOTS_MAX	(16U << 20)
#define LOG_BATCH_IDS	64	/* consecutive objects in one OST_DESTROY */
#define LOG_CLEAR_MAX	128	/* records cleared in one transaction */
#define LOG_READ	128

/* A record; all zero: free */
struct osp_log_rec {
	__le64	id;
	__le64	seq;
	__le32	ost;
	__le16	type;		/* enum osp_op_type */
	__le16	pad;
	__le32	uid;
	__le32	gid;
};
_Static_assert(sizeof(struct osp_log_rec) == 32, "osp_log_rec");

/*
 * struct osp_log - the file
 * @map: slots in use, under @lock
 * @left: records of an earlier run whose OST has not been configured yet
 */
struct osp_log {
	struct ldiskfs_rec	*rec;
	struct mutex		lock;
	unsigned long		*map;
	u32			slots;
	u32			next;
	struct list_head	left;
};

#define SLOT_NONE	U32_MAX

/* @single: the OST did not find all of a group: ask one by one */
struct osp_op {
	struct list_head	link;
	struct osp_log_rec	rec;
	u32			slot;
	u64			transno;
	bool			single;
};

/* struct osp_batch - operations of one change, @nr consecutive slots from @slot on */
struct osp_batch {
	struct ldiskfs_commit_cb cb;
	struct mdt		*mdt;
	u32			slot;
	u32			nr;
	struct list_head	ops;
};

/* Operations in one RPC */
struct osp_send {
	struct osp		*osp;
	struct list_head	ops;
	unsigned int		nr;
};

/* --- slots --- */

static int log_grow(struct osp_log *log, u32 slots)
{
	unsigned long *map;
	int rc;

	if (slots > LOG_SLOTS_MAX)
		return -ENOSPC;
	map = kvzalloc(BITS_TO_LONGS(slots) * sizeof(long), GFP_KERNEL);
	if (!map)
		return -ENOMEM;
	rc = ldiskfs_rec_grow(log->rec, (u64)slots * sizeof(struct osp_log_rec));
	if (rc) {
		kvfree(map);
		return rc;
	}
	bitmap_copy(map, log->map, log->slots);
	kvfree(log->map);
	log->map = map;
	log->slots = slots;
	return 0;
}

static int log_slots_get(struct osp_log *log, u32 nr, u32 *slot)
{
	unsigned long at;
	int rc = 0;

	mutex_lock(&log->lock);
	at = bitmap_find_next_zero_area(log->map, log->slots, log->next, nr, 0);
	if (at >= log->slots)
		at = bitmap_find_next_zero_area(log->map, log->slots, 0, nr, 0);
	if (at >= log->slots) {
		at = log->slots;
		rc = log_grow(log, max(log->slots * 2, log->slots + nr));
	}
	if (!rc) {
		bitmap_set(log->map, at, nr);
		log->next = at + nr;
		*slot = at;
	}
	mutex_unlock(&log->lock);
	return rc;
}

static void log_slots_put(struct osp_log *log, u32 slot, u32 nr)
{
	mutex_lock(&log->lock);
	bitmap_clear(log->map, slot, nr);
	mutex_unlock(&log->lock);
}

/* --- batches --- */

static void ops_free(struct list_head *ops)
{
	struct osp_op *op, *tmp;

	list_for_each_entry_safe(op, tmp, ops, link)
		kfree(op);
	INIT_LIST_HEAD(ops);
}

void osp_log_cancel(struct osp_batch *batch)
{
	if (IS_ERR_OR_NULL(batch))
		return;
	log_slots_put(batch->mdt->log, batch->slot, batch->nr);
	ops_free(&batch->ops);
	kfree(batch);
}

static int batch_fill(struct osp_batch *batch, const struct lov_object *objs, enum osp_op_type type,
		      u32 uid, u32 gid)
{
	u32 i;

	for (i = 0; i < batch->nr; i++) {
		struct osp_op *op = kzalloc(sizeof(*op), GFP_NOFS);

		if (!op)
			return -ENOMEM;
		op->slot = batch->slot + i;
		op->rec.id = cpu_to_le64(objs[i].id);
		op->rec.seq = cpu_to_le64(objs[i].seq);
		op->rec.ost = cpu_to_le32(objs[i].ost);
		op->rec.type = cpu_to_le16(type);
		op->rec.uid = cpu_to_le32(uid);
		op->rec.gid = cpu_to_le32(gid);
		list_add_tail(&op->link, &batch->ops);
	}
	return 0;
}

struct osp_batch *osp_log_prepare(struct mdt *mdt, struct ldiskfs_tx *tx, const void *ea, u32 size,
				  enum osp_op_type type, u32 uid, u32 gid)
{
	struct lov_object small[LOD_INLINE], *objs = small;
	struct osp_batch *batch;
	u32 nr;
	int rc;

	if (!size || lov_ea_check(ea, size) < 0)
		return NULL;
	nr = lov_ea_objects(ea, size, NULL, 0);
	if (!nr)
		return NULL;
	if (nr > LOD_INLINE) {
		objs = kvmalloc_array(nr, sizeof(*objs), GFP_NOFS);
		if (!objs)
			return ERR_PTR(-ENOMEM);
	}
	lov_ea_objects(ea, size, objs, nr);
	batch = kzalloc(sizeof(*batch), GFP_NOFS);
	rc = batch ? log_slots_get(mdt->log, nr, &batch->slot) : -ENOMEM;
	if (rc) {
		kfree(batch);
		goto out;
	}
	batch->mdt = mdt;
	batch->nr = nr;
	INIT_LIST_HEAD(&batch->ops);
	rc = batch_fill(batch, objs, type, uid, gid);
	if (!rc)
		rc = ldiskfs_declare_rec_write(tx, mdt->log->rec, (u64)batch->slot * sizeof(struct osp_log_rec),
					       nr * sizeof(struct osp_log_rec));
	if (rc)
		osp_log_cancel(batch);
out:
	if (objs != small)
		kvfree(objs);
	return rc ? ERR_PTR(rc) : batch;
}

static void ops_queue(struct mdt *mdt, struct list_head *ops)
{
	struct osp_op *op, *tmp;

	list_for_each_entry_safe(op, tmp, ops, link) {
		struct osp *osp = xa_load(&mdt->lod.osts, le32_to_cpu(op->rec.ost));

		if (!osp) {
			/* not configured: its record waits for the OST to come back */
			mutex_lock(&mdt->log->lock);
			list_move_tail(&op->link, &mdt->log->left);
			mutex_unlock(&mdt->log->lock);
			continue;
		}
		spin_lock(&osp->lock);
		list_move_tail(&op->link, &osp->todo);
		spin_unlock(&osp->lock);
		if (!osp->stopping)
			queue_work(mdt->lod.wq, &osp->log_work);
	}
}

static void batch_committed(struct ldiskfs_commit_cb *cb, int error)
{
	struct osp_batch *batch = container_of(cb, struct osp_batch, cb);

	if (error)
		ops_free(&batch->ops);
	else
		ops_queue(batch->mdt, &batch->ops);
	kfree(batch);
}

int osp_log_write(struct ldiskfs_tx *tx, struct osp_batch *batch)
{
	struct osp_op *op;
	int rc = 0;

	if (!batch)
		return 0;
	list_for_each_entry(op, &batch->ops, link) {
		rc = ldiskfs_rec_write(tx, batch->mdt->log->rec, (u64)op->slot * sizeof(op->rec),
				       &op->rec, sizeof(op->rec));
		if (rc)
			break;
	}
	batch->cb.func = batch_committed;
	ldiskfs_tx_on_commit(tx, &batch->cb);
	return rc;
}

void osp_log_destroy(struct osp *osp, u64 id)
{
	struct osp_op *op = kzalloc(sizeof(*op), GFP_NOFS);

	if (!op)
		return;		/* an unused object stays on the OST */
	op->slot = SLOT_NONE;
	op->rec.id = cpu_to_le64(id);
	op->rec.ost = cpu_to_le32(osp->index);
	op->rec.type = cpu_to_le16(OSP_OP_DESTROY);
	spin_lock(&osp->lock);
	list_add_tail(&op->link, &osp->todo);
	spin_unlock(&osp->lock);
	queue_work(osp->mdt->lod.wq, &osp->log_work);
}

/* --- sending --- */

static void send_done(struct rpc_request *req)
{
	struct osp_send *s = req->data;
	struct osp *osp = s->osp;
	int rc = req->status;
	struct osp_op *op;
	bool again = false;

	osp_note_committed(osp, req);
	spin_lock(&osp->lock);
	if (!rc && req->transno) {
		list_for_each_entry(op, &s->ops, link)
			op->transno = req->transno;
		list_splice_tail_init(&s->ops, &osp->uncommitted);
	} else if (!rc || (rc == -ENOENT && s->nr == 1)) {
		list_splice_tail_init(&s->ops, &osp->finished);
	} else {
		/* lost, or some of a group are missing: again, the former when connected or by the tick */
		list_for_each_entry(op, &s->ops, link)
			op->single = rc == -ENOENT;
		list_splice_init(&s->ops, &osp->todo);
	}
	again = !osp->stopping && (!rc || rc == -ENOENT) &&
		(!list_empty(&osp->todo) || !list_empty(&osp->finished));
	if (again)
		queue_work(osp->mdt->lod.wq, &osp->log_work);
	osp->in_flight--;
	wake_up_all(&osp->waitq);
	spin_unlock(&osp->lock);
	kfree(s);
}

static bool op_follows(const struct osp_op *a, const struct osp_op *b, unsigned int n)
{
	return a->rec.type == b->rec.type && le16_to_cpu(a->rec.type) == OSP_OP_DESTROY &&
	       !a->single && !b->single && !a->rec.seq && !b->rec.seq &&
	       le64_to_cpu(a->rec.id) + n == le64_to_cpu(b->rec.id);
}

/* The next operation, and those that can go with it. NULL: nothing to do now */
static struct osp_send *send_next(struct osp *osp)
{
	struct osp_send *s = kzalloc(sizeof(*s), GFP_NOFS);
	struct osp_op *first, *op, *tmp;

	if (!s)
		return NULL;
	s->osp = osp;
	INIT_LIST_HEAD(&s->ops);
	spin_lock(&osp->lock);
	first = list_first_entry_or_null(&osp->todo, struct osp_op, link);
	if (first && osp->in_flight < OSP_MAX_OPS && !osp->stopping) {
		list_for_each_entry_safe(op, tmp, &osp->todo, link) {
			if (s->nr == LOG_BATCH_IDS || (s->nr && !op_follows(first, op, s->nr)))
				break;
			list_move_tail(&op->link, &s->ops);
			s->nr++;
		}
		osp->in_flight++;
	}
	spin_unlock(&osp->lock);
	if (s->nr)
		return s;
	kfree(s);
	return NULL;
}

static void oi_fill(struct obdo *oa, const struct osp_log_rec *rec)
{
	oa->o_oi.id = rec->id;
	oa->o_oi.seq = rec->seq;
}

static int send_one(struct osp *osp, struct osp_send *s)
{
	const struct osp_op *op = list_first_entry(&s->ops, struct osp_op, link);
	bool destroy = le16_to_cpu(op->rec.type) == OSP_OP_DESTROY;
	struct rpc_request *req;
	struct obdo *oa;
	int rc;

	req = rpc_request_alloc(osp->imp, destroy ? &RQF_OST_DESTROY : &RQF_OST_SETATTR);
	if (!req)
		return -ENOMEM;
	rc = rpc_request_pack(req);
	if (rc) {
		rpc_request_put(req);
		return rc;
	}
	oa = rpc_field(&req->rq, RF_OST_BODY);
	oi_fill(oa, &op->rec);
	if (destroy) {
		oa->o_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLGROUP | OBD_MD_FLOBJCOUNT);
		oa->o_misc = cpu_to_le32(s->nr);
	} else {
		oa->o_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLGROUP | OBD_MD_FLUID | OBD_MD_FLGID);
		oa->o_uid = op->rec.uid;
		oa->o_gid = op->rec.gid;
	}
	req->flags |= RPC_REQ_NO_RESEND | RPC_REQ_NO_DELAY;
	req->done = send_done;
	req->data = s;
	rpc_send(req);
	rpc_request_put(req);
	return 0;
}

/* --- forgetting --- */

static int slot_cmp(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static u32 run_length(const u32 *slots, u32 nr, u32 i)
{
	u32 n = 1;

	while (i + n < nr && slots[i + n] == slots[i] + n)
		n++;
	return n;
}

/* Clear the records of sorted slots in one transaction. */
static int log_clear(struct mdt *mdt, const u32 *slots, u32 nr)
{
	static const struct osp_log_rec zero;
	struct ldiskfs_rec *rec = mdt->log->rec;
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	u32 i, n;
	int rc = 0;

	if (!tx)
		return -ENOMEM;
	for (i = 0; i < nr && !rc; i += n) {
		n = run_length(slots, nr, i);
		rc = ldiskfs_declare_rec_write(tx, rec, (u64)slots[i] * sizeof(zero), n * sizeof(zero));
	}
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	for (i = 0; i < nr && !rc; i++)
		rc = ldiskfs_rec_write(tx, rec, (u64)slots[i] * sizeof(zero), &zero, sizeof(zero));
	return ldiskfs_tx_stop(tx, false) ?: rc;
}

static void finish_some(struct osp *osp, struct list_head *ops)
{
	struct mdt *mdt = osp->mdt;
	struct osp_op *op;
	u32 *slots, nr = 0, i;

	slots = kmalloc_array(LOG_CLEAR_MAX, sizeof(*slots), GFP_NOFS);
	list_for_each_entry(op, ops, link)
		if (slots && op->slot != SLOT_NONE)
			slots[nr++] = op->slot;
	if (nr) {
		sort(slots, nr, sizeof(*slots), slot_cmp, NULL);
		/* a record that stays only means another destroy after the next mount */
		if (!log_clear(mdt, slots, nr))
			for (i = 0; i < nr; i++)
				log_slots_put(mdt->log, slots[i], 1);
	}
	kfree(slots);
	ops_free(ops);
}

static void finish_committed(struct osp *osp)
{
	struct osp_op *op, *tmp;
	LIST_HEAD(ops);
	u32 nr;

	do {
		nr = 0;
		spin_lock(&osp->lock);
		list_for_each_entry_safe(op, tmp, &osp->uncommitted, link)
			if (op->transno <= osp->committed)
				list_move_tail(&op->link, &osp->finished);
		list_for_each_entry_safe(op, tmp, &osp->finished, link) {
			if (++nr > LOG_CLEAR_MAX)
				break;
			list_move_tail(&op->link, &ops);
		}
		spin_unlock(&osp->lock);
		if (!list_empty(&ops))
			finish_some(osp, &ops);
	} while (nr > LOG_CLEAR_MAX);
}

void osp_log_work(struct work_struct *work)
{
	struct osp *osp = container_of(work, struct osp, log_work);
	struct osp_send *s;

	finish_committed(osp);
	/* not before the orphan cleanup, which goes by the highest id that a file has */
	if (!READ_ONCE(osp->synced))
		return;
	while ((s = send_next(osp)) != NULL) {
		if (!send_one(osp, s))
			continue;
		spin_lock(&osp->lock);
		list_splice(&s->ops, &osp->todo);
		osp->in_flight--;
		wake_up_all(&osp->waitq);
		spin_unlock(&osp->lock);
		kfree(s);
		break;
	}
}

void osp_log_connected(struct osp *osp)
{
	spin_lock(&osp->lock);
	list_splice_init(&osp->uncommitted, &osp->todo);
	spin_unlock(&osp->lock);
}

void osp_log_drop(struct osp *osp)
{
	LIST_HEAD(ops);

	spin_lock(&osp->lock);
	list_splice_init(&osp->todo, &ops);
	list_splice_init(&osp->uncommitted, &ops);
	list_splice_init(&osp->finished, &ops);
	spin_unlock(&osp->lock);
	ops_free(&ops);
}

/* --- the file --- */

static int log_load_rec(struct osp_log *log, const struct osp_log_rec *rec, u32 slot)
{
	struct osp_op *op;

	if (!rec->type)
		return 0;
	op = kzalloc(sizeof(*op), GFP_KERNEL);
	if (!op)
		return -ENOMEM;
	op->rec = *rec;
	op->slot = slot;
	__set_bit(slot, log->map);
	list_add_tail(&op->link, &log->left);
	return 0;
}

static int log_load(struct osp_log *log)
{
	struct osp_log_rec *recs = kmalloc_array(LOG_READ, sizeof(*recs), GFP_KERNEL);
	u32 slot, i, n;
	int rc = recs ? 0 : -ENOMEM;

	for (slot = 0; slot < log->slots && !rc; slot += n) {
		n = min_t(u32, LOG_READ, log->slots - slot);
		rc = ldiskfs_rec_read(log->rec, (u64)slot * sizeof(*recs), recs, n * sizeof(*recs));
		for (i = 0; i < n && !rc; i++)
			rc = log_load_rec(log, &recs[i], slot + i);
	}
	kfree(recs);
	return rc;
}

int osp_log_open(struct mdt *mdt)
{
	struct osp_log *log = kzalloc(sizeof(*log), GFP_KERNEL);
	int rc;

	if (!log)
		return -ENOMEM;
	mutex_init(&log->lock);
	INIT_LIST_HEAD(&log->left);
	mdt->log = log;
	log->rec = ldiskfs_rec_open(mdt->dev, "osp_log", LOG_SLOTS_MIN * sizeof(struct osp_log_rec));
	if (IS_ERR(log->rec)) {
		rc = PTR_ERR(log->rec);
		log->rec = NULL;
		goto fail;
	}
	log->slots = min_t(u64, LOG_SLOTS_MAX, ldiskfs_rec_size(log->rec) / sizeof(struct osp_log_rec));
	log->map = kvzalloc(BITS_TO_LONGS(log->slots) * sizeof(long), GFP_KERNEL);
	rc = log->map ? log_load(log) : -ENOMEM;
	if (!rc)
		return 0;
fail:
	osp_log_close(mdt);
	return rc;
}

void osp_log_close(struct mdt *mdt)
{
	struct osp_log *log = mdt->log;

	if (!log)
		return;
	ops_free(&log->left);
	if (log->rec)
		ldiskfs_rec_close(log->rec);
	kvfree(log->map);
	kfree(log);
	mdt->log = NULL;
}

void osp_log_attach(struct osp *osp)
{
	struct osp_log *log = osp->mdt->log;
	struct osp_op *op, *tmp;
	LIST_HEAD(ops);

	mutex_lock(&log->lock);
	list_for_each_entry_safe(op, tmp, &log->left, link)
		if (le32_to_cpu(op->rec.ost) == osp->index)
			list_move_tail(&op->link, &ops);
	mutex_unlock(&log->lock);
	spin_lock(&osp->lock);
	list_splice_tail(&ops, &osp->todo);
	spin_unlock(&osp->lock);
}
