// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the MDT that are neither intents (enqueue.c) nor changes of the namespace
 * (reint.c): attributes, directory pages, extended attributes, close, statfs (chapter 04, 4).
 */
#include <linux/cred.h>
#include <linux/pagemap.h>
#include <linux/posix_acl.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"
#include "wire/ost.h"

/* --- limits --- */

void cl_limit_init(struct cl_limit *l, unsigned int max)
{
	spin_lock_init(&l->lock);
	init_waitqueue_head(&l->waitq);
	l->max = max;
	l->used = 0;
}

static bool limit_take(struct cl_limit *l)
{
	bool taken;

	spin_lock(&l->lock);
	taken = l->used < l->max;
	if (taken)
		l->used++;
	spin_unlock(&l->lock);
	return taken;
}

int cl_limit_get(struct cl_limit *l, bool try)
{
	if (limit_take(l))
		return 0;
	if (try)
		return -EAGAIN;
	if (wait_event_killable(l->waitq, limit_take(l)))
		return -EINTR;
	return 0;
}

void cl_limit_put(struct cl_limit *l)
{
	spin_lock(&l->lock);
	l->used--;
	spin_unlock(&l->lock);
	wake_up(&l->waitq);
}

void cl_limit_set(struct cl_limit *l, unsigned int max)
{
	spin_lock(&l->lock);
	l->max = max;
	spin_unlock(&l->lock);
	wake_up_all(&l->waitq);
}

int cl_mdc_call(struct cl_mdc *mdc, struct rpc_request *req)
{
	int rc = cl_limit_get(&mdc->rpcs, false);

	if (rc)
		return rc;
	rc = rpc_call(req);
	cl_limit_put(&mdc->rpcs);
	return rc > 0 ? -EPROTO : rc;
}

/* --- credentials (chapter 04, 1.6) --- */

/*
 * The group of an inode if the caller is in it: the server takes our word for that one. Where an ACL
 * gives more to another of the caller's groups, it is that.
 */
static __le32 suppgid(const struct inode *inode)
{
	const struct posix_acl_entry *e, *end;
	struct posix_acl *acl;
	kgid_t gid = INVALID_GID;
	int perm = -1;

	if (!inode)
		return cpu_to_le32(MDS_NO_GID);
	if (in_group_p(inode->i_gid))
		gid = inode->i_gid;
	acl = IS_POSIXACL(inode) && !S_ISLNK(inode->i_mode) ?
	      get_cached_acl((struct inode *)inode, ACL_TYPE_ACCESS) : NULL;
	if (!IS_ERR_OR_NULL(acl)) {
		FOREACH_ACL_ENTRY(e, acl, end) {
			kgid_t g = e->e_tag == ACL_GROUP ? e->e_gid : inode->i_gid;

			if ((e->e_tag != ACL_GROUP && e->e_tag != ACL_GROUP_OBJ) || e->e_perm <= perm || !in_group_p(g))
				continue;
			gid = g;
			perm = e->e_perm;
		}
		posix_acl_release(acl);
	}
	return cpu_to_le32(gid_valid(gid) ? from_kgid(&init_user_ns, gid) : MDS_NO_GID);
}

void cl_body_cred(struct mdt_body *b, const struct inode *group)
{
	b->mbo_fsuid = cpu_to_le32(from_kuid(&init_user_ns, current_fsuid()));
	b->mbo_fsgid = cpu_to_le32(from_kgid(&init_user_ns, current_fsgid()));
	b->mbo_uid = b->mbo_fsuid;
	b->mbo_gid = b->mbo_fsgid;
	b->mbo_capability = cpu_to_le32(compat_cap_low(current_cap()));
	b->mbo_suppgid = suppgid(group);
}

void cl_rec_cred(struct mdt_rec_head *h, u32 op, const struct inode *g1, const struct inode *g2)
{
	h->opcode = cpu_to_le32(op);
	h->cap = cpu_to_le32(compat_cap_low(current_cap()));
	h->fsuid = cpu_to_le32(from_kuid(&init_user_ns, current_fsuid()));
	h->fsgid = cpu_to_le32(from_kgid(&init_user_ns, current_fsgid()));
	h->suppgid1 = suppgid(g1);
	/* the record of attributes has no second one (chapter 04, 4.2) */
	if (op != REINT_SETATTR)
		h->suppgid2 = suppgid(g2);
}

/* --- replies --- */

/* The MDT tells how large a layout may be: ask for that much next time (chapter 04, 1.7) */
static void learn_easize(struct cl_mdc *mdc, const struct mdt_body *b)
{
	u32 max = min_t(u32, le32_to_cpu(b->mbo_max_mdsize), LOV_MAX_EASIZE);

	if (max <= READ_ONCE(mdc->md_max))
		return;
	WRITE_ONCE(mdc->md_max, max);
	WRITE_ONCE(mdc->md_default, min(max, 4096U));
}

/* A niobuf, and what it says the length of */
static int parse_data(struct rpc_request *req, struct cl_reply *r)
{
	u32 size = rpc_has_field(&req->rp, RF_NIOBUF_INLINE) ? rpc_field_size(&req->rp, RF_NIOBUF_INLINE) : 0;
	const struct niobuf_remote *nb = size ? rpc_field(&req->rp, RF_NIOBUF_INLINE) : NULL;

	if (!nb || size < sizeof(*nb) || nb->rnb_offset)
		return 0;
	r->data_len = le32_to_cpu(nb->rnb_len);
	if (r->data_len > size - sizeof(*nb))
		return -EPROTO;
	r->data = nb + 1;
	return 0;
}

int cl_reply_parse(struct cl_mdc *mdc, struct rpc_request *req, struct cl_reply *r)
{
	const struct mdt_body *b = rpc_field(&req->rp, RF_MDT_BODY);

	memset(r, 0, sizeof(*r));
	if (!b)
		return -EPROTO;
	r->valid = le64_to_cpu(b->mbo_valid);
	fid_from_wire(&r->fid, &b->mbo_fid1);
	if (r->valid & OBD_MD_FLMODEASIZE)
		learn_easize(mdc, b);
	if (r->valid & (OBD_MD_FLEASIZE | OBD_MD_FLDIREA | OBD_MD_LINKNAME)) {
		r->md_size = le32_to_cpu(b->mbo_eadatasize);
		/* a getattr of a directory may have its size in DEFAULT_MDT_MD, with MDT_MD empty */
		if (rpc_field_size(&req->rp, RF_MDT_MD) < r->md_size)
			r->md_size = 0;
		else if (r->md_size)
			r->md = rpc_field(&req->rp, RF_MDT_MD);
	}
	if (r->valid & OBD_MD_FLACL) {
		r->acl_size = le32_to_cpu(b->mbo_aclsize);
		if (r->acl_size) {
			if (!rpc_has_field(&req->rp, RF_ACL) ||
			    rpc_field_size(&req->rp, RF_ACL) < r->acl_size)
				return -EPROTO;
			r->acl = rpc_field(&req->rp, RF_ACL);
		}
	}
	r->body = b;
	return parse_data(req, r);
}

/* --- mount --- */

/* MDS_GET_ROOT: 1 RPC */
int cl_mds_get_root(struct cl_fs *fs, struct lu_fid *root)
{
	const char *sub = fs->opt.subdir;
	struct rpc_request *req;
	struct mdt_body *b;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_GET_ROOT);
	if (!req)
		return -ENOMEM;
	if (sub)
		rpc_set_size(&req->rq, RF_NAME, strlen(sub) + 1);
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	b = rpc_field(&req->rq, RF_MDT_BODY);
	b->mbo_capability = cpu_to_le32(~0U);
	b->mbo_suppgid = cpu_to_le32(MDS_NO_GID);
	if (sub)
		memcpy(rpc_field(&req->rq, RF_NAME), sub, strlen(sub));
	rc = cl_mdc_call(fs->mdc, req);
	if (rc)
		goto out;
	b = rpc_field(&req->rp, RF_MDT_BODY);
	if (!b || !(le64_to_cpu(b->mbo_valid) & OBD_MD_FLID)) {
		rc = -EPROTO;
		goto out;
	}
	fid_from_wire(root, &b->mbo_fid1);
	if (!fid_is_sane(root))
		rc = -EPROTO;
out:
	rpc_request_put(req);
	return rc;
}

/* MDS_STATFS: 1 RPC; @sum: of all targets, if the server can */
int cl_mds_statfs(struct cl_fs *fs, struct obd_statfs *st, bool sum)
{
	struct rpc_request *req;
	struct obd_statfs *reply;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, sum ? &RQF_MDS_STATFS_SUM : &RQF_MDS_STATFS);
	if (!req)
		return -ENOMEM;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	if (sum) {
		struct mdt_body *b = rpc_field(&req->rq, RF_MDT_BODY);

		b->mbo_valid = cpu_to_le64(OBD_MD_FLAGSTATFS);
	}
	rc = cl_mdc_call(fs->mdc, req);
	if (rc)
		goto out;
	reply = rpc_field(&req->rp, RF_STATFS);
	if (!reply)
		rc = -EPROTO;
	else
		*st = *reply;
out:
	rpc_request_put(req);
	return rc;
}

/* --- one object --- */

/* MDS_GETATTR: 1 RPC, no lock */
int cl_mds_getattr(struct cl_fs *fs, const struct lu_fid *fid, u64 valid, u32 ea_room,
		   struct rpc_request **reqp, struct cl_reply *r)
{
	struct rpc_request *req;
	struct mdt_body *b;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_GETATTR);
	if (!req)
		return -ENOMEM;
	req->req_portal = MDS_READPAGE_PORTAL;
	rpc_set_size(&req->rp, RF_MDT_MD, ea_room);
	rpc_set_size(&req->rp, RF_ACL, CL_ACL_SMALL);
	rc = rpc_request_pack(req);
	if (rc)
		goto fail;
	b = rpc_field(&req->rq, RF_MDT_BODY);
	cl_body_cred(b, NULL);
	fid_to_wire(&b->mbo_fid1, fid);
	b->mbo_valid = cpu_to_le64(valid);
	b->mbo_eadatasize = cpu_to_le32(ea_room);
	rc = cl_mdc_call(fs->mdc, req);
	if (!rc)
		rc = cl_reply_parse(fs->mdc, req, r);
	if (rc)
		goto fail;
	*reqp = req;
	return 0;
fail:
	rpc_request_put(req);
	return rc;
}

/* MDS_SYNC: 1 RPC; @fid NULL: the whole device */
static int mds_sync(struct cl_fs *fs, const struct lu_fid *fid)
{
	struct rpc_request *req;
	struct mdt_body *b;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_SYNC);
	if (!req)
		return -ENOMEM;
	rc = rpc_request_pack(req);
	if (!rc) {
		b = rpc_field(&req->rq, RF_MDT_BODY);
		cl_body_cred(b, NULL);
		if (fid) {
			fid_to_wire(&b->mbo_fid1, fid);
			b->mbo_valid = cpu_to_le64(OBD_MD_FLID);
		}
		rc = cl_mdc_call(fs->mdc, req);
	}
	rpc_request_put(req);
	return rc;
}

int cl_mds_sync(struct inode *inode)
{
	return mds_sync(cl_fs(inode->i_sb), &CL_I(inode)->fid);
}

int cl_mds_sync_all(struct cl_fs *fs)
{
	return mds_sync(fs, NULL);
}

/* MDS_READPAGE: 1 RPC for up to @nr directory pages of 4096 bytes */
int cl_mds_readpage(struct inode *dir, u64 cookie, struct page **pages, unsigned int nr)
{
	struct cl_mdc *mdc = cl_fs(dir->i_sb)->mdc;
	struct rpc_bulk bulk = { .portal = MDS_BULK_PORTAL, .nr = nr, .len = nr * LU_PAGE_SIZE };
	struct rpc_request *req;
	struct mdt_body *b;
	unsigned int i;
	int rc = -ENOMEM;

	bulk.bvec = kvcalloc(nr, sizeof(*bulk.bvec), GFP_NOFS);
	req = rpc_request_alloc(mdc->imp, &RQF_MDS_READPAGE);
	if (!bulk.bvec || !req)
		goto out;
	for (i = 0; i < nr; i++)
		bvec_set_page(&bulk.bvec[i], pages[i], LU_PAGE_SIZE, 0);
	req->req_portal = MDS_READPAGE_PORTAL;
	req->bulk = &bulk;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	b = rpc_field(&req->rq, RF_MDT_BODY);
	cl_body_cred(b, NULL);
	fid_to_wire(&b->mbo_fid1, &CL_I(dir)->fid);
	b->mbo_valid = cpu_to_le64(OBD_MD_FLID);
	b->mbo_size = cpu_to_le64(cookie);
	b->mbo_nlink = cpu_to_le32(bulk.len);
	b->mbo_mode = cpu_to_le32(LUDA_FID | LUDA_TYPE);
	rc = cl_mdc_call(mdc, req);
	if (!rc) {
		if (!bulk.moved || bulk.moved > bulk.len || bulk.moved % LU_PAGE_SIZE)
			rc = -EIO;
		else
			rc = bulk.moved / LU_PAGE_SIZE;
	}
out:
	if (req)
		rpc_request_put(req);
	kvfree(bulk.bvec);
	return rc;
}

/* MDS_GETXATTR: 1 RPC */
ssize_t cl_mds_getxattr(struct inode *inode, const char *name, void *buf, size_t size)
{
	struct cl_mdc *mdc = cl_fs(inode->i_sb)->mdc;
	struct rpc_request *req;
	struct mdt_body *b;
	ssize_t rc;

	size = min_t(size_t, size, LOV_MAX_EASIZE);
	req = rpc_request_alloc(mdc->imp, &RQF_MDS_GETXATTR);
	if (!req)
		return -ENOMEM;
	req->req_portal = MDS_READPAGE_PORTAL;
	if (name)
		rpc_set_size(&req->rq, RF_NAME, strlen(name) + 1);
	rpc_set_size(&req->rq, RF_SELINUX, 0);
	rpc_set_size(&req->rp, RF_EADATA, size);
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	b = rpc_field(&req->rq, RF_MDT_BODY);
	cl_body_cred(b, inode);
	fid_to_wire(&b->mbo_fid1, &CL_I(inode)->fid);
	b->mbo_valid = cpu_to_le64(OBD_MD_FLID | (name ? OBD_MD_FLXATTR : OBD_MD_FLXATTRLS));
	b->mbo_eadatasize = cpu_to_le32(size);
	if (name)
		memcpy(rpc_field(&req->rq, RF_NAME), name, strlen(name));
	rc = cl_mdc_call(mdc, req);
	if (rc)
		goto out;
	b = rpc_field(&req->rp, RF_MDT_BODY);
	if (!b) {
		rc = -EPROTO;
		goto out;
	}
	rc = le32_to_cpu(b->mbo_eadatasize);
	if (rc > LOV_MAX_EASIZE)
		rc = -EPROTO;
	if (!size || rc < 0)
		goto out;
	if (rc > size)
		rc = -ERANGE;
	else if (rc && rpc_field_size(&req->rp, RF_EADATA) < rc)
		rc = -EPROTO;
	else if (rc)
		memcpy(buf, rpc_field(&req->rp, RF_EADATA), rc);
out:
	rpc_request_put(req);
	return rc;
}

/* MDS_GET_INFO fid2path: 1 RPC; @gf has room for @pathlen bytes of path */
int cl_mds_fid2path(struct cl_fs *fs, struct getinfo_fid2path *gf, u32 pathlen)
{
	static const char name[16] = "fid2path";
	struct rpc_request *req;
	struct wire_fid root;
	const void *val;
	__le32 *vallen;
	char *key;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_GET_INFO);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_KEY, sizeof(name) + sizeof(*gf) + sizeof(root));
	rpc_set_size(&req->rp, RF_VAL, sizeof(*gf) + pathlen);
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	key = rpc_field(&req->rq, RF_KEY);
	memcpy(key, name, sizeof(name));
	memcpy(key + sizeof(name), gf, sizeof(*gf));
	fid_to_wire(&root, &fs->root);
	memcpy(key + sizeof(name) + sizeof(*gf), &root, sizeof(root));
	vallen = rpc_field(&req->rq, RF_VALLEN);
	*vallen = cpu_to_le32(sizeof(*gf) + pathlen);
	rc = cl_mdc_call(fs->mdc, req);
	if (rc)
		goto out;
	val = rpc_field(&req->rp, RF_VAL);
	if (!val || rpc_field_size(&req->rp, RF_VAL) != sizeof(*gf) + pathlen)
		rc = -EPROTO;
	else
		memcpy(gf, val, sizeof(*gf) + pathlen);
out:
	rpc_request_put(req);
	return rc;
}

/*
 * MDS_SET_INFO read-only: 1 RPC; says of a mount that it will change nothing any more, or that it
 * may from now on
 */
int cl_mds_set_rdonly(struct cl_fs *fs, bool rdonly)
{
	static const char name[] = "read-only";
	struct rpc_request *req;
	__le32 *val;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_SET_INFO);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_KEY, sizeof(name));
	rpc_set_size(&req->rq, RF_VAL, sizeof(*val));
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	memcpy(rpc_field(&req->rq, RF_KEY), name, sizeof(name));
	val = rpc_field(&req->rq, RF_VAL);
	*val = cpu_to_le32(rdonly);
	/* first of all, that no reconnect meanwhile says the opposite */
	rpc_import_ask_rdonly(fs->mdc->imp, rdonly);
	rc = cl_mdc_call(fs->mdc, req);
	if (rc)
		rpc_import_ask_rdonly(fs->mdc->imp, !rdonly);
out:
	rpc_request_put(req);
	return rc;
}

/* --- close --- */

static void close_done(struct rpc_request *req)
{
	struct cl_open *open = req->data;
	struct cl_fs *fs = open->fs;

	if (req->status && req->status != -ENODEV && req->status != -EIO)
		pr_warn_ratelimited("lustre: %s: close of " DFID " failed: %d\n", fs->mdc->name,
				    PFID(&open->fid), req->status);
	cl_open_free(open, req->status ? 0 : req->transno);
	if (atomic_dec_and_test(&fs->closes))
		wake_up_all(&fs->closes_waitq);
}

static void fill_close(struct rpc_request *req, struct cl_open *open, struct inode *inode)
{
	struct mdt_ioepoch *epoch = rpc_field(&req->rq, RF_IOEPOCH);
	struct mdt_rec_setattr *rec = rpc_field(&req->rq, RF_REC_REINT);
	u64 valid = MDS_ATTR_MODE | MDS_ATTR_MTIME | MDS_ATTR_MTIME_SET | MDS_ATTR_CTIME |
		    MDS_ATTR_CTIME_SET | MDS_ATTR_LSIZE | MDS_ATTR_LBLOCKS;
	time64_t atime;

	epoch->mio_handle = READ_ONCE(open->cookie);
	cl_rec_cred(&rec->head, REINT_SETATTR, inode, NULL);
	fid_to_wire(&rec->fid, &open->fid);
	if (!inode)
		return;
	atime = READ_ONCE(CL_I(inode)->read_time);
	rec->mode = cpu_to_le32(inode->i_mode);
	rec->mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	rec->ctime = cpu_to_le64(inode_get_ctime_sec(inode));
	if (atime > CL_I(inode)->mds_atime) {
		valid |= MDS_ATTR_ATIME | MDS_ATTR_ATIME_SET;
		rec->atime = cpu_to_le64(atime);
	}
	rec->size = cpu_to_le64(i_size_read(inode));
	rec->blocks = cpu_to_le64(CL_I(inode)->blocks);
	if (test_and_clear_bit(CI_DATA_MODIFIED, &CL_I(inode)->flags))
		rec->bias = cpu_to_le32(MDS_DATA_MODIFIED);
	rec->valid = cpu_to_le64(valid);
}

/*
 * MDS_CLOSE: 1 RPC that nobody waits for; takes over @open.
 * A close that cannot be sent leaves the handle to the end of the connection.
 * @inode: whose times and size it tells; NULL: nothing was done with it
 */
void cl_mds_close(struct cl_open *open, struct inode *inode)
{
	struct cl_fs *fs = open->fs;
	struct rpc_request *req;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_MDS_CLOSE);
	if (!req || rpc_request_pack(req)) {
		pr_warn_ratelimited("lustre: %s: no memory to close " DFID "\n", fs->mdc->name,
				    PFID(&open->fid));
		if (req)
			rpc_request_put(req);
		cl_open_free(open, 0);
		return;
	}
	req->req_portal = MDS_READPAGE_PORTAL;
	req->flags |= RPC_REQ_MODIFY | RPC_REQ_UNINTERRUPTIBLE;
	fill_close(req, open, inode);
	req->data = open;
	req->done = close_done;
	atomic_inc(&fs->closes);
	rpc_send(req);
	rpc_request_put(req);
}
