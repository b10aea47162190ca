// SPDX-License-Identifier: GPL-2.0
/*
 * One OST as the MDT sees it (chapter 05, B13): its connection, orphan cleanup at connect,
 * the pool of precreated objects, its free space. The pool holds ids of the sequence of
 * MDT0 in each OST; what happens to objects later is in osp_log.c.
 */
#include <linux/slab.h>
#include "mdt.h"

#define OSP_ID_BITS	48	/* that ids of objects have (A4) */

static const u64 osp_connect_flags =
	OBD_CONNECT_INDEX | OBD_CONNECT_MDS | OBD_CONNECT_VERSION | OBD_CONNECT_REQPORTAL |
	OBD_CONNECT_AT | OBD_CONNECT_LRU_RESIZE | OBD_CONNECT_FID | OBD_CONNECT_SKIP_ORPHAN |
	OBD_CONNECT_FULL20 | OBD_CONNECT_LVB_TYPE | OBD_CONNECT_PINGLESS | OBD_CONNECT_LFSCK |
	OBD_CONNECT_BULK_MBITS;

bool osp_usable(struct osp *osp)
{
	return osp->synced && !osp->full && !osp->inactive;
}

void osp_note_committed(struct osp *osp, const struct rpc_request *req)
{
	const struct ptlrpc_body *b;
	u64 committed;

	if (!req->rp.msg)
		return;
	b = rpc_body(&req->rp);
	if (!b)
		return;
	committed = le64_to_cpu(b->pb_last_committed);
	spin_lock(&osp->lock);
	if (committed > osp->committed)
		osp->committed = committed;
	spin_unlock(&osp->lock);
}

/* --- the pool --- */

/* OST_CREATE. Return: 0 with *@id = what the OST answered */
static int osp_create_rpc(struct osp *osp, u64 *id, bool orphans)
{
	struct rpc_request *req = rpc_request_alloc(osp->imp, &RQF_OST_CREATE);
	struct obdo *oa;
	int rc;

	if (!req)
		return -ENOMEM;
	req->flags |= RPC_REQ_NO_RESEND | RPC_REQ_NO_DELAY | RPC_REQ_UNINTERRUPTIBLE;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	oa = rpc_field(&req->rq, RF_OST_BODY);
	oa->o_valid = cpu_to_le64(OBD_MD_FLGROUP | (orphans ? OBD_MD_FLFLAGS : 0));
	oa->o_flags = cpu_to_le32(orphans ? OBD_FL_DELORPHAN : 0);
	oa->o_oi.id = cpu_to_le64(*id);
	rc = rpc_call(req);
	osp_note_committed(osp, req);
	if (rc)
		goto out;
	oa = rpc_field(&req->rp, RF_OST_BODY);
	if (!oa) {
		rc = -EPROTO;
	} else if (!(le64_to_cpu(oa->o_valid) & OBD_MD_FLID)) {
		rc = -EAGAIN;	/* an answer to an older connection */
	} else {
		struct lu_fid fid = {
			.f_seq = le64_to_cpu(oa->o_oi.id),
			.f_oid = (u32)le64_to_cpu(oa->o_oi.seq),
		};

		/* legacy form or the IDIF of it: both are legal in replies (A4) */
		if (!oa->o_oi.seq)
			*id = le64_to_cpu(oa->o_oi.id);
		else if (fid_is_idif(&fid))
			*id = (fid.f_seq & 0xffff) << 32 | fid.f_oid;
		else
			rc = -EPROTO;
		if (!rc && *id >> OSP_ID_BITS)
			rc = -EPROTO;
	}
out:
	rpc_request_put(req);
	return rc;
}

/* What the OST has created of our sequence, for an MDT that does not know what it used. */
static int osp_last_id(struct osp *osp, u64 *id)
{
	struct rpc_request *req = rpc_request_alloc(osp->imp, &RQF_OST_GET_INFO_LAST_FID);
	struct wire_fid *fid;
	void *key;
	int rc;

	if (!req)
		return -ENOMEM;
	req->flags |= RPC_REQ_NO_RESEND | RPC_REQ_NO_DELAY | RPC_REQ_UNINTERRUPTIBLE;
	rpc_set_size(&req->rq, RF_KEY, sizeof("last_fid"));
	rpc_set_size(&req->rq, RF_FID, sizeof(*fid));
	rpc_set_size(&req->rp, RF_FID, sizeof(*fid));
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	key = rpc_field(&req->rq, RF_KEY);
	fid = rpc_field(&req->rq, RF_FID);
	memcpy(key, "last_fid", sizeof("last_fid"));
	fid->f_seq = cpu_to_le64(FID_SEQ_IDIF_MIN | (u64)osp->index << 16);
	rc = rpc_call(req);
	if (rc)
		goto out;
	fid = rpc_field(&req->rp, RF_FID);
	if (fid)
		*id = (le64_to_cpu(fid->f_seq) & 0xffff) << 32 | le32_to_cpu(fid->f_oid);
	else
		rc = -EPROTO;
out:
	rpc_request_put(req);
	return rc;
}

static int osp_sync_orphans(struct osp *osp)
{
	u64 id = 0, used;
	int rc;

	spin_lock(&osp->lock);
	used = osp->used;
	spin_unlock(&osp->lock);
	if (!used) {
		rc = osp_last_id(osp, &used);
		if (rc)
			return rc;
	}
	id = used;
	rc = osp_create_rpc(osp, &id, true);
	if (rc)
		return rc;
	spin_lock(&osp->lock);
	/* with SKIP_ORPHAN destroyed ids are not made again: the pool begins behind them */
	osp->created = max(id, used);
	osp->used = osp->created;
	osp->count = OSP_MIN_PRECREATE;
	osp->grow = false;
	osp->full = false;
	osp->synced = true;
	spin_unlock(&osp->lock);
	return 0;
}

static int osp_precreate(struct osp *osp)
{
	u64 want, id;
	int rc;

	spin_lock(&osp->lock);
	if (osp->grow) {
		osp->count = min_t(u32, osp->count * 2, OSP_MAX_PRECREATE);
		osp->grow = false;
	}
	want = osp->created + osp->count;
	spin_unlock(&osp->lock);
	id = want;
	rc = osp_create_rpc(osp, &id, false);
	spin_lock(&osp->lock);
	if (!rc && id <= osp->used)
		rc = -ESTALE;
	if (!rc && osp->synced) {
		if (id < want)
			osp->count = max_t(u32, OSP_MIN_PRECREATE,
					   id > osp->created ? id - osp->created : 0);
		if (id <= osp->created)
			rc = -ENOSPC;
		osp->created = max(osp->created, id);
	}
	osp->full = rc == -ENOSPC;
	if (rc == -ESTALE)
		osp->synced = false;
	spin_unlock(&osp->lock);
	return rc;
}

static bool osp_low(struct osp *osp)
{
	bool low;

	spin_lock(&osp->lock);
	low = osp->synced && osp->created - osp->used < osp->count / 2;
	spin_unlock(&osp->lock);
	return low;
}

static void osp_create_work(struct work_struct *work)
{
	struct osp *osp = container_of(work, struct osp, create_work);
	int rc = 0;

	if (!osp->synced && rpc_import_state(osp->imp) == RPC_IMP_FULL)
		rc = osp_sync_orphans(osp);
	while (!rc && !READ_ONCE(osp->stopping) && osp_low(osp)) {
		rc = osp_precreate(osp);
		wake_up_all(&osp->waitq);
	}
	if (rc)
		pr_warn_ratelimited("%s: no objects from %s: %d\n", osp->mdt->tgt->svname, osp->name, rc);
	wake_up_all(&osp->waitq);
}

/* Return: 0 and an id, or 1: wait; or error */
static int osp_take(struct osp *osp, u64 *id)
{
	bool more = false;
	u64 left;
	int rc = 0;

	spin_lock(&osp->lock);
	left = osp->created - osp->used;
	if (osp->inactive || osp->stopping) {
		rc = -ENODEV;
	} else if (!osp->synced) {
		rc = 1;
	} else if (!left) {
		rc = osp->full ? -ENOSPC : 1;
		osp->grow = true;
		more = true;
	} else {
		*id = ++osp->used;
		if (left <= osp->count / 4 + 1)
			osp->grow = true;
		more = left - 1 < osp->count / 2;
	}
	spin_unlock(&osp->lock);
	if (more && !osp->full)
		queue_work(osp->mdt->lod.wq, &osp->create_work);
	return rc;
}

int osp_alloc(struct osp *osp, unsigned long timeout, u64 *id)
{
	int rc = osp_take(osp, id);

	if (rc == 1 && timeout) {
		wait_event_idle_timeout(osp->waitq, (rc = osp_take(osp, id)) != 1, timeout);
	}
	return rc == 1 ? -EAGAIN : rc;
}

/* --- space --- */

static void osp_statfs_done(struct rpc_request *req)
{
	struct osp *osp = req->data;
	struct obd_statfs *st = NULL;

	if (!req->status) {
		osp_note_committed(osp, req);
		st = rpc_field(&req->rp, RF_STATFS);
	}
	spin_lock(&osp->lock);
	/* type 0 and odd block sizes: not an answer (B15) */
	if (st && st->os_type && is_power_of_2(le32_to_cpu(st->os_bsize))) {
		osp->statfs = *st;
		osp->statfs_valid = true;
		if (osp->full && le64_to_cpu(st->os_bavail) > le64_to_cpu(st->os_blocks) / 1000)
			osp->full = false;
	}
	/* the last touch: osp_stop() waits for it */
	osp->statfs_busy = false;
	wake_up_all(&osp->waitq);
	spin_unlock(&osp->lock);
}

static void osp_statfs(struct osp *osp)
{
	struct rpc_request *req;
	bool busy;

	spin_lock(&osp->lock);
	busy = osp->statfs_busy;
	osp->statfs_busy = true;
	spin_unlock(&osp->lock);
	if (busy)
		return;
	req = rpc_request_alloc(osp->imp, &RQF_OST_STATFS);
	if (req && !rpc_request_pack(req)) {
		req->flags |= RPC_REQ_NO_RESEND | RPC_REQ_NO_DELAY;
		req->req_portal = OST_CREATE_PORTAL;
		req->done = osp_statfs_done;
		req->data = osp;
		rpc_send(req);
	} else {
		spin_lock(&osp->lock);
		osp->statfs_busy = false;
		spin_unlock(&osp->lock);
	}
	if (req)
		rpc_request_put(req);
}

void osp_tick(struct osp *osp)
{
	if (osp->inactive || osp->stopping || rpc_import_state(osp->imp) != RPC_IMP_FULL)
		return;
	osp_statfs(osp);
	if (!osp->synced || osp_low(osp))
		queue_work(osp->mdt->lod.wq, &osp->create_work);
	queue_work(osp->mdt->lod.wq, &osp->log_work);
}

/* --- connection --- */

static void osp_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	struct osp *osp = imp->private;

	switch (ev) {
	case RPC_IMP_EV_ACTIVE:
		osp_log_connected(osp);
		if (!osp->stopping) {
			osp_statfs(osp);
			queue_work(osp->mdt->lod.wq, &osp->create_work);
			queue_work(osp->mdt->lod.wq, &osp->log_work);
		}
		break;
	case RPC_IMP_EV_DISCON:
	case RPC_IMP_EV_INVALIDATE:
		spin_lock(&osp->lock);
		osp->synced = false;
		osp->committed = 0;
		spin_unlock(&osp->lock);
		wake_up_all(&osp->waitq);
		break;
	default:
		break;
	}
}

static const struct rpc_import_ops osp_import_ops = { .event = osp_event };

int osp_add_nodes(struct osp *osp, const struct cfg_target *t)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < t->nr_nodes && !rc; i++)
		rc = rpc_import_add_conn(osp->imp, t->nodes[i].nid, t->nodes[i].nr);
	return rc;
}

void osp_set_active(struct osp *osp, bool active)
{
	spin_lock(&osp->lock);
	osp->inactive = !active;
	spin_unlock(&osp->lock);
	if (active) {
		rpc_import_connect(osp->imp, false, 0);
	} else {
		rpc_import_invalidate(osp->imp);
		wake_up_all(&osp->waitq);
	}
}

struct osp *osp_start(struct mdt *mdt, const struct cfg_target *t, u64 used)
{
	struct osp *osp = kzalloc(sizeof(*osp), GFP_KERNEL);
	char uuid[RPC_UUID_SIZE];
	struct rpc_import_args args = {
		.target_uuid = t->uuid,
		.client_uuid = uuid,
		.connect_op = OST_CONNECT,
		.req_portal = OST_REQUEST_PORTAL,
		.rep_portal = OSC_REPLY_PORTAL,
		.sec_part = RPC_SEC_MDT,
		.ops = &osp_import_ops,
		.private = osp,
	};
	int rc;

	if (!osp)
		return ERR_PTR(-ENOMEM);
	snprintf(uuid, sizeof(uuid), "%.25s-mdtlov_UUID", mdt->tgt->svname);
	snprintf(osp->name, sizeof(osp->name), "%.16s-OST%04x-osc-MDT%04x", mdt->tgt->fsname,
		 t->index, mdt->tgt->index);
	args.name = osp->name;
	args.ocd.ocd_connect_flags = cpu_to_le64(osp_connect_flags);
	args.ocd.ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	args.ocd.ocd_index = cpu_to_le32(t->index);
	args.ocd.ocd_group = cpu_to_le32(mdt->tgt->index);
	osp->mdt = mdt;
	osp->index = t->index;
	osp->inactive = t->inactive;
	osp->used = used;
	osp->created = used;
	osp->count = OSP_MIN_PRECREATE;
	spin_lock_init(&osp->lock);
	init_waitqueue_head(&osp->waitq);
	INIT_LIST_HEAD(&osp->todo);
	INIT_LIST_HEAD(&osp->uncommitted);
	INIT_LIST_HEAD(&osp->finished);
	INIT_WORK(&osp->create_work, osp_create_work);
	INIT_WORK(&osp->log_work, osp_log_work);
	osp->imp = rpc_import_create(&args);
	if (IS_ERR_OR_NULL(osp->imp)) {
		rc = osp->imp ? PTR_ERR(osp->imp) : -ENOMEM;
		goto fail;
	}
	osp->device = cfg_device_add("osp", osp->name, uuid, osp->imp);
	rc = PTR_ERR_OR_ZERO(osp->device);
	if (!rc)
		rc = osp_add_nodes(osp, t);
	if (!rc) {
		osp->params = param_dir_add("osp", osp->name, osp_params, osp);
		rc = PTR_ERR_OR_ZERO(osp->params);
	}
	if (!rc && !osp->inactive)
		rc = rpc_import_connect(osp->imp, false, 0);
	if (!rc)
		return osp;
	param_dir_del(osp->params);
	if (!IS_ERR_OR_NULL(osp->device))
		cfg_device_del(osp->device);
	rpc_import_disconnect(osp->imp, true);
	rpc_import_put(osp->imp);
fail:
	kfree(osp);
	return ERR_PTR(rc);
}

static bool osp_idle(struct osp *osp)
{
	bool idle;

	spin_lock(&osp->lock);
	idle = !osp->in_flight && !osp->statfs_busy;
	spin_unlock(&osp->lock);
	return idle;
}

void osp_stop(struct osp *osp)
{
	spin_lock(&osp->lock);
	osp->stopping = true;
	spin_unlock(&osp->lock);
	wake_up_all(&osp->waitq);
	param_dir_del(osp->params);
	cfg_device_del(osp->device);
	rpc_import_disconnect(osp->imp, false);
	cancel_work_sync(&osp->create_work);
	cancel_work_sync(&osp->log_work);
	/* requests that the disconnect failed end by their callbacks, which use us */
	wait_event(osp->waitq, osp_idle(osp));
	cancel_work_sync(&osp->log_work);
	osp_log_drop(osp);
}

void osp_free(struct osp *osp)
{
	rpc_import_put(osp->imp);
	kfree(osp);
}
