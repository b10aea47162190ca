// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk RPCs of the data side: OST_READ and OST_WRITE (chapter 05, B3 to B8), with short I/O,
 * checksums and retries. Copies: none but for short I/O.
 */
#include <linux/highmem.h>
#include <linux/slab.h>
#include "inode_time.h"
#include "kernel/client/data.h"
#include "kernel/rpc/cksum.h"

/* Retries: write-back waits for them, and memory for write-back */
static struct workqueue_struct *brw_wq;

int cl_brw_init(void)
{
	brw_wq = alloc_workqueue("lustre_brw", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return brw_wq ? 0 : -ENOMEM;
}

void cl_brw_fini(void)
{
	destroy_workqueue(brw_wq);
}

u32 cl_osc_pages(const struct cl_osc *osc)
{
	u32 pages = max_t(u32, READ_ONCE(osc->brw_size), LNET_MTU) >> PAGE_SHIFT;

	return min_not_zero(pages, READ_ONCE(osc->pages_max));
}

struct cl_brw *cl_brw_alloc(struct cl_obj *obj, bool write, unsigned int max)
{
	struct cl_brw *brw = kzalloc(sizeof(*brw), GFP_NOFS);

	if (!brw)
		return NULL;
	brw->bv = kvmalloc_array(max, sizeof(*brw->bv), GFP_NOFS);
	brw->nb = kvmalloc_array(max, sizeof(*brw->nb), GFP_NOFS);
	if (!brw->bv || !brw->nb) {
		kvfree(brw->bv);
		kvfree(brw->nb);
		kfree(brw);
		return NULL;
	}
	kref_get(&obj->ref);
	brw->obj = obj;
	brw->write = write;
	brw->max = max;
	brw->evictions = rpc_import_evictions(obj->osc->imp);
	return brw;
}

void cl_brw_free(struct cl_brw *brw)
{
	if (brw->held.lock)
		ldlm_lock_release(brw->held.lock, brw->held.mode);
	cl_obj_put(brw->obj);
	kvfree(brw->bv);
	kvfree(brw->nb);
	kfree(brw);
}

bool cl_brw_fits(const struct cl_brw *brw, u64 pos, u32 len)
{
	u64 rpc = (u64)brw->max << PAGE_SHIFT;

	if (!brw->nr)
		return true;
	/* writes keep to their own stretch of the object, so that extents are cut the same way everywhere */
	if (brw->write && div64_u64(pos, rpc) != div64_u64(brw->start, rpc))
		return false;
	return brw->nr < brw->max && pos >= brw->end &&
	       (pos == brw->end || (!(brw->end & ~PAGE_MASK) && !(pos & ~PAGE_MASK)));
}

void cl_brw_add(struct cl_brw *brw, u64 pos, struct page *page, u32 off, u32 len, u32 flags)
{
	struct niobuf_remote *last = brw->nr_nb ? &brw->nb[brw->nr_nb - 1] : NULL;

	if (!brw->nr)
		brw->start = pos;
	if (last && pos == brw->end && le32_to_cpu(last->rnb_flags) == flags) {
		le32_add_cpu(&last->rnb_len, len);
	} else {
		brw->nb[brw->nr_nb++] = (struct niobuf_remote){
			.rnb_offset = cpu_to_le64(pos),
			.rnb_len = cpu_to_le32(len),
			.rnb_flags = cpu_to_le32(flags),
		};
	}
	bvec_set_page(&brw->bv[brw->nr++], page, len, off);
	brw->end = pos + len;
	brw->len += len;
}

void cl_fill_parent(struct cl_obj *obj, struct inode *inode, struct obdo *oa)
{
	u64 valid = OBD_MD_FLID | OBD_MD_FLGROUP;

	oa->o_oi.id = cpu_to_le64(obj->oi_id);
	oa->o_oi.seq = cpu_to_le64(obj->oi_seq);
	if (inode) {
		const struct lu_fid *fid = &CL_I(inode)->fid;

		oa->o_parent_seq = cpu_to_le64(fid->f_seq);
		oa->o_parent_oid = cpu_to_le32(fid->f_oid);
		valid |= OBD_MD_FLPARENT | OBD_MD_FLFID | OBD_MD_FLOSTLAYOUT;
	}
	oa->o_stripe_idx = cpu_to_le32(obj->stripe);
	oa->o_layout = obj->ol;
	oa->o_valid |= cpu_to_le64(valid);
}

static void brw_cksum(struct cl_brw *brw, struct bulk_cksum *c, u32 o_flags, u32 len)
{
	const struct bio_vec *bv = brw->bv;
	unsigned int i;

	bulk_cksum_init(c, o_flags);
	for (i = 0; i < brw->nr_nb && len; i++) {
		u32 n = min(len, le32_to_cpu(brw->nb[i].rnb_len)), left = n;

		bulk_cksum_add(c, le64_to_cpu(brw->nb[i].rnb_offset), bv, n);
		len -= n;
		for (; left && len; bv++)
			left -= bv->bv_len;
	}
}

/* Direct writes have no lock under which the inode would have their time */
static time64_t brw_time(const struct cl_brw *brw, struct inode *inode, time64_t t)
{
	return brw->write && brw->direct ? max(t, current_time(inode).tv_sec) : t;
}

static void brw_fill(struct cl_brw *brw, struct obdo *oa, bool short_io)
{
	struct cl_osc *osc = brw->obj->osc;
	/*
	 * Its folios, which are locked or under write-back, or the user of direct I/O keep it. A reference might
	 * be the last one, and dropping that in write-back would wait for the write-back.
	 */
	struct inode *inode = READ_ONCE(brw->obj->inode);
	u64 valid = OBD_MD_FLTYPE | OBD_MD_FLMTIME | OBD_MD_FLCTIME | OBD_MD_FLUID | OBD_MD_FLGID;
	u32 flags = 0;

	memset(oa, 0, sizeof(*oa));
	cl_fill_parent(brw->obj, inode, oa);
	if (inode) {
		oa->o_mtime = cpu_to_le64(brw_time(brw, inode, inode_get_mtime_sec(inode)));
		oa->o_ctime = cpu_to_le64(brw_time(brw, inode, inode_get_ctime_sec(inode)));
		oa->o_uid = cpu_to_le32(i_uid_read(inode));
		oa->o_gid = cpu_to_le32(i_gid_read(inode));
		if (!brw->write) {
			oa->o_atime = cpu_to_le64(inode_get_atime_sec(inode));
			valid |= OBD_MD_FLATIME;
		} else {
			oa->o_projid = cpu_to_le32(CL_I(inode)->projid);
			valid |= OBD_MD_FLPROJID;
		}
	} else {
		valid = OBD_MD_FLTYPE;
	}
	if (!brw->direct && READ_ONCE(brw->obj->lock_handle)) {
		oa->o_handle = brw->obj->lock_handle;
		valid |= OBD_MD_FLHANDLE;
	}
	if (osc->checksums) {
		brw->cksum_flags = bulk_cksum_choose(cl_osc_cksum_types(osc));
		flags |= brw->cksum_flags;
		valid |= OBD_MD_FLCKSUM | OBD_MD_FLFLAGS;
		if (brw->write) {
			struct bulk_cksum c;

			brw_cksum(brw, &c, flags, brw->len);
			brw->cksum = bulk_cksum_final(&c);
			oa->o_cksum = cpu_to_le32(brw->cksum);
		}
	}
	if (short_io)
		flags |= OBD_FL_SHORT_IO;
	if (brw->tries)
		flags |= OBD_FL_RECOV_RESEND;
	if (flags)
		valid |= OBD_MD_FLFLAGS;
	oa->o_flags = cpu_to_le32(flags);
	oa->o_valid |= cpu_to_le64(valid);
	if (rpc_import_flags(osc->imp) & OBD_CONNECT_GRANT)
		cl_grant_fill(osc, brw, oa);
}

static void short_fill(struct cl_brw *brw, void *to)
{
	unsigned int i;

	for (i = 0; i < brw->nr; i++) {
		memcpy_from_page(to, brw->bv[i].bv_page, brw->bv[i].bv_offset, brw->bv[i].bv_len);
		to += brw->bv[i].bv_len;
	}
}

static void short_take(struct cl_brw *brw, const void *from, u32 len)
{
	unsigned int i;

	for (i = 0; i < brw->nr && len; i++) {
		u32 n = min(len, brw->bv[i].bv_len);

		memcpy_to_page(brw->bv[i].bv_page, brw->bv[i].bv_offset, from, n);
		from += n;
		len -= n;
	}
}

static void brw_send(struct cl_brw *brw);

static void brw_retry(struct work_struct *work)
{
	brw_send(container_of(to_delayed_work(work), struct cl_brw, retry));
}

static void brw_finish(struct cl_brw *brw, int rc)
{
	cl_rpc_end(brw, rc);
	cl_limit_put(&brw->obj->osc->rpcs);
	brw->done(brw, rc);
	cl_brw_free(brw);
}

static bool brw_again(struct cl_brw *brw, int rc)
{
	/* without the lock it would overwrite what others wrote since, or read what they are writing */
	if (!brw->direct && brw->evictions != rpc_import_evictions(brw->obj->osc->imp))
		return false;
	switch (rc) {
	case -EINPROGRESS:
		return true;
	case -EROFS:
	case -ENOMEM:
	case -EAGAIN:
		return brw->tries < READ_ONCE(brw->obj->osc->resend_count);
	case -EIO:
		/* from the server; our own means that the import was given up */
		return brw->tries < READ_ONCE(brw->obj->osc->resend_count) && rpc_import_state(brw->obj->osc->imp) == RPC_IMP_FULL;
	default:
		return false;
	}
}

/* The bytes of a read are in the pages: check their sum. Return: 0 or -EAGAIN to read them again. */
static int brw_verify(struct cl_brw *brw, const struct obdo *oa, u32 len)
{
	struct bulk_cksum c;

	if (!brw->cksum_flags || !(le64_to_cpu(oa->o_valid) & OBD_MD_FLCKSUM))
		return 0;
	brw_cksum(brw, &c, le32_to_cpu(oa->o_flags), len);
	if (bulk_cksum_final(&c) == le32_to_cpu(oa->o_cksum))
		return 0;
	pr_warn_ratelimited("%s: checksum of [%llu-%llu] of object 0x%llx:0x%llx is %x, should be %x: reading again\n",
			    brw->obj->osc->name, brw->start, brw->end - 1, brw->obj->oi_id, brw->obj->oi_seq,
			    bulk_cksum_final(&c), le32_to_cpu(oa->o_cksum));
	return -EAGAIN;
}

static int brw_read_reply(struct cl_brw *brw, struct rpc_request *req)
{
	const struct obdo *oa = rpc_field(&req->rp, RF_OST_BODY);
	u32 len = req->status;
	int rc;

	if (!oa || len > brw->len)
		return -EPROTO;
	if (req->bulk) {
		if (req->bulk->moved != len)
			return -EPROTO;
	} else {
		const void *data = rpc_field(&req->rp, RF_SHORT_IO);

		if (len && (!data || rpc_field_size(&req->rp, RF_SHORT_IO) != len))
			return -EPROTO;
		short_take(brw, data, len);
	}
	rc = brw_verify(brw, oa, len);
	return rc ?: len;
}

static int brw_write_reply(struct cl_brw *brw, struct rpc_request *req)
{
	const struct obdo *oa = rpc_field(&req->rp, RF_OST_BODY);
	const __le32 *rcs = rpc_field(&req->rp, RF_RCS);
	struct cl_obj *obj = brw->obj;
	unsigned int i;

	if (!oa || !rcs || rpc_field_size(&req->rp, RF_RCS) < brw->nr_nb * sizeof(*rcs))
		return -EPROTO;
	cl_grant_reply(obj->osc, oa);
	for (i = 0; i < brw->nr_nb; i++) {
		int rc = rpc_status_from_wire(le32_to_cpu(rcs[i]));

		if (rc)
			return rc < 0 ? rc : -EPROTO;
	}
	if (brw->cksum_flags && (le64_to_cpu(oa->o_valid) & OBD_MD_FLCKSUM) &&
	    (le32_to_cpu(oa->o_flags) & OBD_FL_CKSUM_MASK) == brw->cksum_flags &&
	    le32_to_cpu(oa->o_cksum) != brw->cksum) {
		pr_warn_ratelimited("%s: checksum of written [%llu-%llu] was %x, server has %x: writing again\n",
				    obj->osc->name, brw->start, brw->end - 1, brw->cksum, le32_to_cpu(oa->o_cksum));
		return -EAGAIN;
	}
	spin_lock(&obj->lock);
	if (le64_to_cpu(oa->o_valid) & OBD_MD_FLBLOCKS)
		obj->blocks = le64_to_cpu(oa->o_blocks);
	spin_unlock(&obj->lock);
	return 0;
}

static void brw_done(struct rpc_request *req)
{
	struct cl_brw *brw = req->data;
	int rc = req->status;

	if (rc >= 0)
		rc = brw->write ? brw_write_reply(brw, req) : brw_read_reply(brw, req);
	cl_grant_answered(brw->obj->osc, brw);
	if (brw_again(brw, rc)) {
		brw->tries++;
		queue_delayed_work(brw_wq, &brw->retry, min(brw->tries, 10U) * HZ);
		return;
	}
	brw_finish(brw, rc);
}

static struct rpc_request *brw_request(struct cl_brw *brw)
{
	struct cl_osc *osc = brw->obj->osc;
	bool short_io = osc->short_io && brw->nr_nb == 1 && brw->len <= osc->short_io;
	struct rpc_request *req;
	struct obd_ioobj *ioo;
	int rc;

	req = rpc_request_alloc(osc->imp, brw->write ? &RQF_OST_WRITE : &RQF_OST_READ);
	if (!req)
		return ERR_PTR(-ENOMEM);
	req->req_portal = osc->mdt ? MDS_IO_PORTAL : OST_IO_PORTAL;
	req->flags |= RPC_REQ_UNINTERRUPTIBLE;
	if (!brw->direct) {
		req->flags |= RPC_REQ_UNDER_LOCK;
		req->evictions = brw->evictions;
	}
	rpc_set_size(&req->rq, RF_IOOBJ, sizeof(*ioo));
	rpc_set_size(&req->rq, RF_NIOBUF, brw->nr_nb * sizeof(*brw->nb));
	rpc_set_size(&req->rq, RF_SHORT_IO, short_io && brw->write ? brw->len : 0);
	if (brw->write)
		rpc_set_size(&req->rp, RF_RCS, brw->nr_nb * sizeof(__le32));
	else
		rpc_set_size(&req->rp, RF_SHORT_IO, short_io ? brw->len : 0);
	rc = rpc_request_pack(req);
	if (rc) {
		rpc_request_put(req);
		return ERR_PTR(rc);
	}
	if (brw->write && !brw->tries)
		cl_grant_sent(osc, brw);
	brw_fill(brw, rpc_field(&req->rq, RF_OST_BODY), short_io);
	ioo = rpc_field(&req->rq, RF_IOOBJ);
	ioo->ioo_oid.id = cpu_to_le64(brw->obj->oi_id);
	ioo->ioo_oid.seq = cpu_to_le64(brw->obj->oi_seq);
	ioo->ioo_bufcnt = cpu_to_le32(brw->nr_nb);
	ioo->ioo_max_brw = cpu_to_le32(short_io ? 0xffff0000U :
		(max_t(u32, osc->brw_size, LNET_MTU) / LNET_MTU - 1) << IOOBJ_MAX_BRW_BITS);
	memcpy(rpc_field(&req->rq, RF_NIOBUF), brw->nb, brw->nr_nb * sizeof(*brw->nb));
	if (!short_io) {
		brw->bulk = (struct rpc_bulk){
			.bvec = brw->bv,
			.nr = brw->nr,
			.len = brw->len,
			.portal = OST_BULK_PORTAL,
			.write = brw->write,
		};
		req->bulk = &brw->bulk;
	} else if (brw->write) {
		short_fill(brw, rpc_field(&req->rq, RF_SHORT_IO));
	}
	req->data = brw;
	req->done = brw_done;
	return req;
}

static void brw_send(struct cl_brw *brw)
{
	struct rpc_request *req;

	if (brw->obj->osc->inactive) {
		brw_finish(brw, -EIO);
		return;
	}
	req = brw_request(brw);
	if (IS_ERR(req)) {
		brw_finish(brw, PTR_ERR(req));
		return;
	}
	rpc_send(req);
	rpc_request_put(req);
}

void cl_brw_send(struct cl_brw *brw)
{
	struct cl_limit *l = &brw->obj->osc->rpcs;

	INIT_DELAYED_WORK(&brw->retry, brw_retry);
	/* dirty pages and locked folios wait on this: no signal ends it; an OST may be away for hours */
	cl_rpc_wait(brw);
	wait_event_idle(l->waitq, !cl_limit_get(l, true));
	cl_rpc_begin(brw);
	brw_send(brw);
}
