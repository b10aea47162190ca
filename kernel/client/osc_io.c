// SPDX-License-Identifier: GPL-2.0
/*
 * Everything an OST is asked but bulk data: truncate, times, sync, fallocate, seek, statfs; and the
 * data side of a connection (chapter 05, B9, B15, B17).
 */
#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "inode_time.h"
#include "kernel/client/data.h"
#include "kernel/rpc/cksum.h"

#define OSC_BRW_SIZE	(64U << 20)	/* what we ask for; the OST answers with less */
#define MDC_BRW_SIZE	(1U << 20)
#define OSC_MAX_BULK	(4U << 20)	/* what we use of it */
#define OSC_GRANT_WANT	(128U << 20)
#define OSC_SHORT_IO	16384
#define OSC_DIRTY_MAX	(64ULL << 20)
#define OSC_RESEND_COUNT 10
#define OSC_MAXBYTES	((1ULL << 44) - 4096)	/* of an object of an OST that does not tell (B17) */

/* --- connection --- */

int cl_osc_io_init(struct cl_osc *osc)
{
	spin_lock_init(&osc->grant_lock);
	init_waitqueue_head(&osc->grant_waitq);
	osc->dirty_max = OSC_DIRTY_MAX;
	osc->brw_size = LNET_MTU;
	osc->checksums = osc->fs->opt.flags & CL_OPT_CHECKSUM;
	osc->cksum_type = BULK_CKSUM_TYPES;
	osc->resend_count = OSC_RESEND_COUNT;
	cl_rpc_stats_init(&osc->rpc_stats);
	return 0;
}

void cl_osc_io_fini(struct cl_osc *osc)
{
}

void cl_osc_ocd(struct cl_osc *osc, struct obd_connect_data *ocd)
{
	ocd->ocd_connect_flags |= cpu_to_le64(OBD_CONNECT_GRANT | OBD_CONNECT_GRANT_PARAM |
		OBD_CONNECT_BRW_SIZE | OBD_CONNECT_CKSUM | OBD_CONNECT_SHORTIO |
		OBD_CONNECT_SRVLOCK | OBD_CONNECT_GRANT_SHRINK);
	ocd->ocd_connect_flags2 |= cpu_to_le64(OBD_CONNECT2_LSEEK);
	if (!osc->mdt)
		ocd->ocd_connect_flags |= cpu_to_le64(OBD_CONNECT_MAXBYTES);
	ocd->ocd_brw_size = cpu_to_le32(osc->mdt ? MDC_BRW_SIZE : OSC_BRW_SIZE);
	ocd->ocd_grant = cpu_to_le32(OSC_GRANT_WANT);
	ocd->ocd_grant_blkbits = PAGE_SHIFT;
	ocd->ocd_cksum_types = cpu_to_le32(BULK_CKSUM_TYPES);
}

void cl_osc_reconnect(struct cl_osc *osc, struct obd_connect_data *ocd)
{
	u64 grant;

	spin_lock(&osc->grant_lock);
	osc->grant_avail = 0;
	osc->grant_lost = 0;
	grant = osc->grant_dirty + osc->grant_reserved + osc->grant_sent;
	spin_unlock(&osc->grant_lock);
	ocd->ocd_grant = cpu_to_le32(min_t(u64, grant ?: 2ULL * osc->brw_size, U32_MAX));
}

void cl_osc_connected(struct cl_osc *osc)
{
	const struct obd_connect_data *ocd = &osc->imp->ocd;
	u64 flags = le64_to_cpu(ocd->ocd_connect_flags);
	u64 grant = flags & OBD_CONNECT_GRANT ? le32_to_cpu(ocd->ocd_grant) : 0;
	u32 size = flags & OBD_CONNECT_BRW_SIZE ? le32_to_cpu(ocd->ocd_brw_size) : LNET_MTU;

	osc->brw_size = clamp_t(u32, rounddown_pow_of_two(max(size, LNET_MTU)), LNET_MTU, OSC_MAX_BULK);
	osc->short_io = flags & OBD_CONNECT_SHORTIO ? OSC_SHORT_IO : 0;
	osc->cksum_type = flags & OBD_CONNECT_CKSUM ? le32_to_cpu(ocd->ocd_cksum_types) : OBD_CKSUM_ADLER;
	spin_lock(&osc->grant_lock);
	osc->grant_tax = 0;
	osc->grant_extent = OSC_MAX_BULK;
	if (flags & OBD_CONNECT_GRANT_PARAM) {
		osc->grant_tax = le16_to_cpu(ocd->ocd_grant_tax_kb) << 10;
		osc->grant_extent = min_t(u64, (u64)le32_to_cpu(ocd->ocd_grant_max_blks) <<
					  min_t(u8, ocd->ocd_grant_blkbits, 20), OSC_BRW_SIZE);
	}
	/* the reply says all that we have; part of it pays for what is dirty or on its way already */
	grant -= min(grant, osc->grant_dirty + osc->grant_reserved + osc->grant_sent);
	osc->grant_avail = grant;
	osc->grant_lost = 0;
	spin_unlock(&osc->grant_lock);
	wake_up_all(&osc->grant_waitq);
}

void cl_osc_invalidate(struct cl_osc *osc)
{
	spin_lock(&osc->grant_lock);
	osc->grant_avail = 0;
	osc->grant_lost = 0;
	spin_unlock(&osc->grant_lock);
	/* the locks go, and with them the pages: cl_extent_blocking() sees LDLM_L_FAILED */
	ldlm_ns_invalidate(osc->ns);
}

/* --- requests about one object --- */

/* Where an MDT takes what an OST takes at @portal (A9) */
static u32 mdt_portal(u32 portal)
{
	return portal == OST_IO_PORTAL ? MDS_IO_PORTAL : MDS_REQUEST_PORTAL;
}

struct rpc_request *cl_obj_request(struct cl_obj *obj, const struct rpc_format *fmt, u32 portal)
{
	struct rpc_request *req;
	struct inode *inode;
	int rc;

	if (obj->osc->inactive)
		return ERR_PTR(-EIO);
	req = rpc_request_alloc(obj->osc->imp, fmt);
	if (!req)
		return ERR_PTR(-ENOMEM);
	req->req_portal = obj->osc->mdt ? mdt_portal(portal) : portal;
	rc = rpc_request_pack(req);
	if (rc) {
		rpc_request_put(req);
		return ERR_PTR(rc);
	}
	inode = cl_obj_inode(obj);
	cl_fill_parent(obj, inode, rpc_field(&req->rq, RF_OST_BODY));
	iput(inode);
	return req;
}

/* --- several of them at once --- */

#define GROUP_MAX	16

/* Requests under way; waits when there are many. */
struct group {
	struct rpc_request	*req[GROUP_MAX];
	struct cl_obj		*obj[GROUP_MAX];
	unsigned int		nr;
	int			rc;
};

/* What the object occupies after the change */
static void take_blocks(struct cl_obj *obj, struct rpc_request *req)
{
	const struct obdo *oa = rpc_field(&req->rp, RF_OST_BODY);

	if (!oa || !(le64_to_cpu(oa->o_valid) & OBD_MD_FLBLOCKS))
		return;
	spin_lock(&obj->lock);
	obj->blocks = le64_to_cpu(oa->o_blocks);
	spin_unlock(&obj->lock);
}

static void group_wait(struct group *g)
{
	while (g->nr) {
		struct rpc_request *req = g->req[--g->nr];
		int rc = rpc_wait(req);

		if (!rc)
			take_blocks(g->obj[g->nr], req);
		else if (rc < 0 && rc != -ENOENT)
			g->rc = g->rc ?: rc;
		rpc_request_put(req);
	}
}

/* Send a request about @obj, which the caller keeps until group_wait() */
static void group_add(struct group *g, struct cl_obj *obj, struct rpc_request *req)
{
	if (IS_ERR(req)) {
		g->rc = g->rc ?: PTR_ERR(req);
		return;
	}
	if (g->nr == GROUP_MAX)
		group_wait(g);
	req->flags |= RPC_REQ_UNINTERRUPTIBLE;
	rpc_send(req);
	g->obj[g->nr] = obj;
	g->req[g->nr++] = req;
}

static void fill_times(struct obdo *oa, struct inode *inode)
{
	oa->o_mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	oa->o_atime = cpu_to_le64(inode_get_atime_sec(inode));
	oa->o_ctime = cpu_to_le64(inode_get_ctime_sec(inode));
}

/* --- truncate and times --- */

static struct rpc_request *punch_request(struct cl_obj *obj, struct inode *inode, u64 size, u64 handle)
{
	struct rpc_request *req = cl_obj_request(obj, &RQF_OST_PUNCH, OST_IO_PORTAL);
	struct obdo *oa;

	if (IS_ERR(req))
		return req;
	oa = rpc_field(&req->rq, RF_OST_BODY);
	oa->o_size = cpu_to_le64(size);
	oa->o_blocks = cpu_to_le64(OST_OBJECT_EOF);
	oa->o_handle = handle;
	fill_times(oa, inode);
	oa->o_valid |= cpu_to_le64(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS | OBD_MD_FLATIME | OBD_MD_FLMTIME |
				   OBD_MD_FLCTIME | OBD_MD_FLHANDLE);
	return req;
}

u64 cl_max_bytes(const struct layout *lo)
{
	const struct layout_comp *c = &lo->comp[lo->nr - 1];
	u64 max = 0;
	u32 i;

	for (i = 0; c->init && i < c->stripe_count; i++) {
		const struct cl_obj *obj = c->stripe[i].obj;
		const struct obd_connect_data *ocd;
		u64 own = OSC_MAXBYTES;

		if (!obj)
			continue;
		ocd = &obj->osc->imp->ocd;
		if (le64_to_cpu(ocd->ocd_connect_flags) & OBD_CONNECT_MAXBYTES)
			own = le64_to_cpu(ocd->ocd_maxbytes);
		max = max ? min(max, own) : own;
	}
	return layout_max_bytes(lo, max ?: OSC_MAXBYTES);
}

int cl_setattr_size_prepare(struct inode *inode, loff_t size)
{
	struct layout *lo = cl_layout_write(inode, 0, (u64)size + 1, true);
	int rc = 0;

	/* only objects can tell the size of a file */
	if (!lo && size) {
		rc = cl_open_layout(inode);
		if (rc)
			return rc;
		lo = cl_layout_write(inode, 0, (u64)size + 1, true);
	}
	if (IS_ERR(lo))
		return PTR_ERR(lo);
	if (lo && size > cl_max_bytes(lo))
		rc = -EFBIG;
	layout_put(lo);
	return rc;
}

int cl_setattr_size(struct inode *inode, loff_t size, const struct iattr *attr)
{
	u64 flags = size ? 0 : LDLM_FL_AST_DISCARD_DATA;
	struct cl_inode *ci = CL_I(inode);
	struct group g = {};
	struct cl_locks locks;
	struct layout_comp *c;
	struct layout *lo;
	u32 i, held = 0;
	loff_t old;
	int rc;

	lo = cl_layout_write(inode, 0, (u64)size + 1, true);
	if (IS_ERR(lo))
		return PTR_ERR(lo);
	if (!lo) {
		i_size_write(inode, size);
		return 0;
	}
	mutex_lock(&ci->size_mutex);
	rc = cl_lock_range(lo, size, LAYOUT_EOF, LDLM_PW, flags, &locks);
	if (rc)
		goto out;
	/*
	 * Inside the DLM locks: readers and faults bring pages in under the invalidate lock with a
	 * DLM lock in use, which ours would wait for.
	 */
	filemap_invalidate_lock(inode->i_mapping);
	/* partial pages at the old and the new end are zeroed here, whole ones dropped */
	old = i_size_read(inode);
	if (old < size && offset_in_page(old))
		truncate_pagecache_range(inode, old, round_up(old, PAGE_SIZE) - 1);
	truncate_setsize(inode, size);
	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;
		u64 osize, from, to;

		if (!obj || !layout_obj_range(c, i, size, LAYOUT_EOF, &from, &to))
			continue;
		osize = layout_obj_size(c, i, size);
		group_add(&g, obj, punch_request(obj, inode, osize, locks.held[held++].lock->remote));
		cl_obj_set_size(obj, osize, true);
	}
	group_wait(&g);
	rc = g.rc;
	filemap_invalidate_unlock(inode->i_mapping);
	cl_unlock_range(&locks);
	/* growing may have left the last object short: ask nobody, it is what was said */
	if (!rc)
		i_size_write(inode, size);
out:
	mutex_unlock(&ci->size_mutex);
	layout_put(lo);
	return rc;
}

/* The objects of a file: those of a plain layout stay, whether its lock is held or not */
static struct layout *objects_of(struct inode *inode)
{
	struct layout *lo = cl_layout_current(inode);

	if (lo && !lo->composite)
		return lo;
	layout_put(lo);
	return cl_layout_get(inode);
}

int cl_dom_flush(struct inode *inode)
{
	struct layout *lo = objects_of(inode);
	struct cl_held held;
	struct cl_obj *obj;
	int rc = 0;

	if (IS_ERR_OR_NULL(lo))
		return PTR_ERR_OR_ZERO(lo);
	obj = lo->comp[0].mdt && lo->comp[0].init ? lo->comp[0].stripe[0].obj : NULL;
	if (obj)
		rc = cl_obj_lock(obj, 0, LAYOUT_EOF, LDLM_PW, 0, &held);
	if (obj && !rc) {
		rc = filemap_write_and_wait_range(inode->i_mapping, 0, lo->comp[0].end - 1);
		ldlm_lock_release(held.lock, held.mode);
	}
	layout_put(lo);
	return rc;
}

int cl_setattr_times(struct inode *inode, const struct iattr *attr)
{
	struct layout *lo = objects_of(inode);
	struct group g = {};
	struct cl_locks locks;
	struct layout_comp *c;
	u32 i;
	int rc;

	if (IS_ERR_OR_NULL(lo))
		return PTR_ERR_OR_ZERO(lo);
	/* nobody's cached writes may bring an older time back later */
	rc = cl_lock_range(lo, 0, LAYOUT_EOF, LDLM_PW, 0, &locks);
	if (rc)
		goto out;
	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;
		struct rpc_request *req;
		struct obdo *oa;
		u64 valid = OBD_MD_FLCTIME;

		if (!obj)
			continue;
		spin_lock(&obj->lock);
		if (attr->ia_valid & ATTR_MTIME) {
			obj->mtime = attr->ia_mtime.tv_sec;
			valid |= OBD_MD_FLMTIME;
		}
		if (attr->ia_valid & ATTR_ATIME) {
			obj->atime = attr->ia_atime.tv_sec;
			valid |= OBD_MD_FLATIME;
		}
		obj->ctime = inode_get_ctime_sec(inode);
		spin_unlock(&obj->lock);
		if (obj->osc->mdt)
			continue;	/* the MDT has them */
		req = cl_obj_request(obj, &RQF_OST_SETATTR, OST_REQUEST_PORTAL);
		if (!IS_ERR(req)) {
			oa = rpc_field(&req->rq, RF_OST_BODY);
			oa->o_mtime = cpu_to_le64(obj->mtime);
			oa->o_atime = cpu_to_le64(obj->atime);
			oa->o_ctime = cpu_to_le64(obj->ctime);
			oa->o_valid |= cpu_to_le64(valid);
		}
		group_add(&g, obj, req);
	}
	group_wait(&g);
	rc = g.rc;
	cl_unlock_range(&locks);
out:
	layout_put(lo);
	return rc;
}

/* --- sync --- */

int cl_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct inode *inode = file_inode(file);
	struct layout *lo;
	struct group g = {};
	struct layout_comp *c;
	u64 from, to;
	u32 i;
	int rc, rc2;

	rc = file_write_and_wait_range(file, start, end);
	rc2 = cl_mds_sync(inode);
	rc = rc ?: rc2;
	lo = objects_of(inode);
	if (IS_ERR_OR_NULL(lo))
		return rc ?: PTR_ERR_OR_ZERO(lo);
	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;
		struct rpc_request *req;
		struct obdo *oa;

		if (!obj || !layout_obj_range(c, i, start, end, &from, &to))
			continue;
		req = cl_obj_request(obj, &RQF_OST_SYNC, OST_REQUEST_PORTAL);
		if (!IS_ERR(req)) {
			oa = rpc_field(&req->rq, RF_OST_BODY);
			oa->o_size = cpu_to_le64(from);
			oa->o_blocks = cpu_to_le64(to);
			oa->o_valid |= cpu_to_le64(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS);
			/* says whose object it is, not where in the file (chapter 05, B9) */
			oa->o_valid &= ~cpu_to_le64(OBD_MD_FLOSTLAYOUT);
			oa->o_stripe_idx = 0;
			memset(&oa->o_layout, 0, sizeof(oa->o_layout));
		}
		group_add(&g, obj, req);
	}
	group_wait(&g);
	layout_put(lo);
	return rc ?: g.rc;
}

/* --- fallocate, seek --- */

int cl_fallocate_objs(struct inode *inode, struct layout *lo, int mode, u64 start, u64 end)
{
	struct layout_comp *c;
	struct group g = {};
	u64 from, to;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;
		struct rpc_request *req;
		struct obdo *oa;

		if (!obj || !layout_obj_range(c, i, start, end, &from, &to))
			continue;
		req = cl_obj_request(obj, &RQF_OST_FALLOCATE, OST_REQUEST_PORTAL);
		if (!IS_ERR(req)) {
			oa = rpc_field(&req->rq, RF_OST_BODY);
			oa->o_size = cpu_to_le64(from);
			oa->o_blocks = cpu_to_le64(to + 1);
			oa->o_nlink = cpu_to_le32(mode);
			oa->o_uid = cpu_to_le32(i_uid_read(inode));
			oa->o_gid = cpu_to_le32(i_gid_read(inode));
			oa->o_projid = cpu_to_le32(CL_I(inode)->projid);
			oa->o_valid |= cpu_to_le64(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS | OBD_MD_FLUID |
						   OBD_MD_FLGID | OBD_MD_FLPROJID);
		}
		group_add(&g, obj, req);
	}
	group_wait(&g);
	if (g.rc || mode & FALLOC_FL_KEEP_SIZE)
		return g.rc;
	layout_for_each_stripe(lo, c, i)
		if (c->stripe[i].obj && layout_obj_range(c, i, start, end, &from, &to))
			cl_obj_grew(c->stripe[i].obj, to + 1);
	return 0;
}

/* One object's SEEK_DATA or SEEK_HOLE. Return: offset, -ENXIO, other errors. */
static s64 obj_seek(struct cl_obj *obj, u64 pos, int whence)
{
	struct rpc_request *req = cl_obj_request(obj, &RQF_OST_SEEK, OST_REQUEST_PORTAL);
	const struct obdo *out;
	struct obdo *oa;
	s64 rc;

	if (IS_ERR(req))
		return PTR_ERR(req);
	oa = rpc_field(&req->rq, RF_OST_BODY);
	oa->o_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLGROUP);
	oa->o_size = cpu_to_le64(pos);
	oa->o_mode = cpu_to_le32(whence);
	rc = rpc_call(req);
	if (!rc) {
		out = rpc_field(&req->rp, RF_OST_BODY);
		rc = out ? (s64)le64_to_cpu(out->o_size) : -EPROTO;
	}
	rpc_request_put(req);
	return rc;
}

loff_t cl_seek_objs(struct layout *lo, loff_t pos, int whence, loff_t size)
{
	struct layout_comp *c;
	loff_t best = whence == SEEK_DATA ? -ENXIO : size;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;
		u64 from, to, file, osize;
		s64 at;

		if (!obj || !layout_obj_range(c, i, pos, size - 1, &from, &to))
			continue;
		osize = cl_obj_size(obj);
		if (from >= osize) {
			/* nothing of this object from here on */
			if (whence == SEEK_HOLE)
				best = min_t(u64, best, max_t(u64, pos, layout_file_offset(c, i, from)));
			continue;
		}
		if (le64_to_cpu(obj->osc->imp->ocd.ocd_connect_flags2) & OBD_CONNECT2_LSEEK)
			at = obj_seek(obj, from, whence);
		else	/* all of the object is data then (chapter 05) */
			at = whence == SEEK_DATA ? from : osize;
		if (at == -ENXIO)
			continue;
		if (at < 0)
			return at;
		file = max_t(u64, pos, layout_file_offset(c, i, at));
		/* an object's end is a hole of the file only where no later byte of it exists */
		if (whence == SEEK_HOLE && at >= osize)
			file = max_t(u64, file, layout_size(c, i, osize));
		if (file < size && (best < 0 || file < best))
			best = file;
	}
	return best;
}

/* --- statfs --- */

int cl_osc_statfs(struct cl_osc *osc, struct obd_statfs *st, bool nodelay)
{
	struct rpc_request *req = rpc_request_alloc(osc->imp, &RQF_OST_STATFS);
	const struct obd_statfs *out;
	int rc;

	if (!req)
		return -ENOMEM;
	req->req_portal = OST_CREATE_PORTAL;
	if (nodelay)
		req->flags |= RPC_REQ_NO_DELAY | RPC_REQ_NO_RESEND;
	rc = rpc_request_pack(req);
	if (!rc)
		rc = rpc_call(req);
	if (!rc) {
		out = rpc_field(&req->rp, RF_STATFS);
		if (out)
			*st = *out;
		else
			rc = -EPROTO;
	}
	rpc_request_put(req);
	return rc;
}

/* --- parameters: osc.<name>.*, mdc.<name>.* --- */

static int grant_show(struct seq_file *m, void *data, size_t field)
{
	struct cl_osc *osc = data;

	spin_lock(&osc->grant_lock);
	seq_printf(m, "%llu\n", *(u64 *)((char *)osc + field));
	spin_unlock(&osc->grant_lock);
	return 0;
}

static int cur_grant_bytes_show(struct seq_file *m, void *data)
{
	return grant_show(m, data, offsetof(struct cl_osc, grant_avail));
}

static int cur_dirty_bytes_show(struct seq_file *m, void *data)
{
	return grant_show(m, data, offsetof(struct cl_osc, dirty_bytes));
}

static int cur_dirty_grant_bytes_show(struct seq_file *m, void *data)
{
	return grant_show(m, data, offsetof(struct cl_osc, grant_dirty));
}

static int cur_lost_grant_bytes_show(struct seq_file *m, void *data)
{
	return grant_show(m, data, offsetof(struct cl_osc, grant_lost));
}

static int max_dirty_mb_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", ((struct cl_osc *)data)->dirty_max >> 20);
	return 0;
}

static int max_dirty_mb_store(void *data, const char *val)
{
	struct cl_osc *osc = data;
	unsigned int mb;
	int rc = kstrtouint(val, 0, &mb);

	if (rc)
		return rc;
	if (!mb || mb > 2048)
		return -ERANGE;
	WRITE_ONCE(osc->dirty_max, (u64)mb << 20);
	wake_up_all(&osc->grant_waitq);
	return 0;
}

static int max_pages_per_rpc_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", cl_osc_pages(data));
	return 0;
}

/* Pages, or bytes with a unit: 4M; no more than what was agreed on */
static int max_pages_per_rpc_store(void *data, const char *val)
{
	struct cl_osc *osc = data;
	char *end;
	u64 n = memparse(val, &end);

	if (end == val || *end)
		return -EINVAL;
	if (!isdigit(end[-1]))
		n >>= PAGE_SHIFT;
	if (!n || n > osc->brw_size >> PAGE_SHIFT)
		return -ERANGE;
	WRITE_ONCE(osc->pages_max, n);
	return 0;
}

static int checksums_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct cl_osc *)data)->checksums);
	return 0;
}

static int checksums_store(void *data, const char *val)
{
	return kstrtobool(val, &((struct cl_osc *)data)->checksums);
}

static const struct {
	u32		type;
	const char	*name;
} cksum_names[] = {
	{ OBD_CKSUM_CRC32, "crc32" }, { OBD_CKSUM_ADLER, "adler" }, { OBD_CKSUM_CRC32C, "crc32c" },
	{ OBD_CKSUM_T10IP512, "t10ip512" }, { OBD_CKSUM_T10IP4K, "t10ip4K" },
	{ OBD_CKSUM_T10CRC512, "t10crc512" }, { OBD_CKSUM_T10CRC4K, "t10crc4K" },
};

static int checksum_type_show(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;
	u32 used = bulk_cksum_choose(cl_osc_cksum_types(osc));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cksum_names); i++)
		if (osc->cksum_type & cksum_names[i].type)
			seq_printf(m, bulk_cksum_choose(cksum_names[i].type) == used ? "[%s] " : "%s ",
				   cksum_names[i].name);
	seq_putc(m, '\n');
	return 0;
}

static int checksum_type_store(void *data, const char *val)
{
	struct cl_osc *osc = data;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cksum_names); i++)
		if (!strcmp(val, cksum_names[i].name)) {
			if (!(osc->cksum_type & cksum_names[i].type))
				return -EOPNOTSUPP;
			WRITE_ONCE(osc->cksum_wanted, cksum_names[i].type);
			return 0;
		}
	return -EINVAL;
}

static int resend_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct cl_osc *)data)->resend_count);
	return 0;
}

static int resend_count_store(void *data, const char *val)
{
	return kstrtouint(val, 0, &((struct cl_osc *)data)->resend_count);
}

static int short_io_bytes_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct cl_osc *)data)->short_io);
	return 0;
}

const struct param cl_osc_params[] = {
	{ .name = "cur_grant_bytes", .show = cur_grant_bytes_show, .value = true },
	{ .name = "cur_dirty_bytes", .show = cur_dirty_bytes_show, .value = true },
	{ .name = "cur_dirty_grant_bytes", .show = cur_dirty_grant_bytes_show, .value = true },
	{ .name = "cur_lost_grant_bytes", .show = cur_lost_grant_bytes_show, .value = true },
	{ .name = "max_dirty_mb", .show = max_dirty_mb_show, .store = max_dirty_mb_store, .value = true },
	{ .name = "max_pages_per_rpc", .show = max_pages_per_rpc_show, .store = max_pages_per_rpc_store, .value = true },
	{ .name = "checksums", .show = checksums_show, .store = checksums_store, .value = true },
	{ .name = "checksum_type", .show = checksum_type_show, .store = checksum_type_store },
	{ .name = "resend_count", .show = resend_count_show, .store = resend_count_store, .value = true },
	{ .name = "short_io_bytes", .show = short_io_bytes_show, .value = true },
	{ }
};

/* --- sync(2) --- */

int cl_osc_sync(struct cl_osc *osc)
{
	struct rpc_request *req = rpc_request_alloc(osc->imp, &RQF_OST_SYNC);
	struct obdo *oa;
	int rc;

	if (!req)
		return -ENOMEM;
	rc = rpc_request_pack(req);
	if (!rc) {
		/* no object: all of them */
		oa = rpc_field(&req->rq, RF_OST_BODY);
		oa->o_blocks = cpu_to_le64(OST_OBJECT_EOF);
		rc = rpc_call(req);
	}
	rpc_request_put(req);
	return rc > 0 ? -EPROTO : rc;
}
