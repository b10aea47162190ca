// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that read the file system or one object without a lock (chapter 04, 4):
 * GET_ROOT, STATFS, SYNC, GETATTR, GETATTR_NAME.
 */
#include <linux/statfs.h>
#include "mdt.h"

const struct lu_fid mdt_root_fid = { .f_seq = FID_SEQ_ROOT, .f_oid = FID_OID_ROOT };

int mdt_get_root(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_object *obj = ldiskfs_object_get(mdt->root), *next;
	const char *path = rpc_string(&req->rq, RF_NAME);
	struct mdt_body *body;
	int rc = 0;

	if (!path && rpc_field_size(&req->rq, RF_NAME))
		rc = -EPROTO;
	/* a fileset: the directory that the client mounts instead of the root */
	while (!rc && path && *path) {
		struct qstr q = { .name = (const unsigned char *)path, .len = strchrnul(path, '/') - path };

		path += q.len;
		while (*path == '/')
			path++;
		if (!q.len)
			continue;
		if (q.len > MDS_NAME_MAX || (q.len == 2 && !memcmp(q.name, "..", 2))) {
			rc = -EINVAL;
			break;
		}
		next = ldiskfs_lookup(obj, &q);
		ldiskfs_object_put(obj);
		obj = next;
		if (IS_ERR(obj))
			return PTR_ERR(obj);
		if (!S_ISDIR(ldiskfs_inode(obj)->i_mode))
			rc = -ENOTDIR;
	}
	rc = rc ?: rpc_reply_pack(req);
	if (!rc) {
		body = rpc_field(&req->rp, RF_MDT_BODY);
		mdt_fid_pack(&body->mbo_fid1, ldiskfs_fid(obj));
		body->mbo_valid = cpu_to_le64(OBD_MD_FLID);
	}
	ldiskfs_object_put(obj);
	return rc;
}

int mdt_statfs(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct mdt_body *body = NULL;
	struct obd_statfs *st;
	struct kstatfs ks;
	int rc;

	/* the sum form has a body (chapter 04, 4) */
	if (le32_to_cpu(req->rq.msg->lm_bufcount) > 1) {
		rpc_svc_set_format(req, &RQF_MDS_STATFS_SUM);
		body = rpc_field(&req->rq, RF_MDT_BODY);
	}
	rc = ldiskfs_statfs(mdt->dev, &ks);
	if (!rc)
		rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	target_stat_op(req, MDT_STAT_STATFS);
	st = rpc_field(&req->rp, RF_STATFS);
	st->os_type = cpu_to_le64(ks.f_type);
	st->os_blocks = cpu_to_le64(ks.f_blocks);
	st->os_bfree = cpu_to_le64(ks.f_bfree);
	st->os_bavail = cpu_to_le64(ks.f_bavail);
	st->os_files = cpu_to_le64(ks.f_files);
	st->os_ffree = cpu_to_le64(ks.f_ffree);
	st->os_bsize = cpu_to_le32(ks.f_bsize);
	st->os_namelen = cpu_to_le32(MDS_NAME_MAX);
	st->os_maxbytes = cpu_to_le64(ldiskfs_sb(mdt->dev)->s_maxbytes);
	if (body && (le64_to_cpu(body->mbo_valid) & OBD_MD_FLAGSTATFS) && lod_statfs(mdt, st))
		st->os_state = cpu_to_le32(OS_STATE_SUM);
	return 0;
}

int mdt_sync(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct mdt_body *body = rpc_field(&req->rq, RF_MDT_BODY);
	struct ldiskfs_object *obj = NULL;
	struct lu_fid fid;
	int rc;

	if (!body)
		return -EPROTO;
	mdt_fid(&fid, &body->mbo_fid1);
	if (fid.f_seq) {
		obj = mdt_find(mdt, &fid);
		if (IS_ERR(obj))
			return PTR_ERR(obj);
	}
	target_stat_op(req, MDT_STAT_SYNC);
	/* every change is in the journal: one commit covers the object too */
	rc = target_sync(mdt->tgt);
	if (!rc)
		rc = rpc_reply_pack(req);
	if (!rc && obj)
		mdt_reint_attr(mdt, rpc_field(&req->rp, RF_MDT_BODY), obj);
	if (obj)
		ldiskfs_object_put(obj);
	return rc;
}

/* readlink: the target with its NUL, if the client has the room that it asked for */
static int reply_symlink(struct rpc_svcreq *req, struct ldiskfs_object *obj, u32 room)
{
	struct mdt_body *body;
	struct mdt_ea target;
	int rc, n;

	mdt_ea_init(&target);
	rc = mdt_ea_room(&target, min_t(u32, room, MDT_SYMLINK_MAX + 1));
	if (rc)
		return rc;
	n = ldiskfs_readlink(obj, target.buf, min_t(u32, room, MDT_SYMLINK_MAX + 1));
	if (n <= 0) {
		rc = n ?: -EFAULT;
		goto out;
	}
	/* n bytes, and a NUL */
	rpc_set_size(&req->rp, RF_MDT_MD, n + 1);
	rc = rpc_reply_pack(req);
	if (rc)
		goto out;
	body = rpc_field(&req->rp, RF_MDT_BODY);
	mdt_body_attr(mdt_of(req), body, obj);
	body->mbo_valid |= cpu_to_le64(OBD_MD_LINKNAME);
	body->mbo_eadatasize = cpu_to_le32(n + 1);
	memcpy(rpc_field(&req->rp, RF_MDT_MD), target.buf, n);
out:
	mdt_ea_free(&target);
	return rc;
}

/* The default layout of a directory, when the client asks for it and has room. */
static int reply_dir_ea(struct rpc_svcreq *req, struct ldiskfs_object *obj, u64 valid)
{
	struct mdt_body *body;
	struct mdt_reply r;
	struct mdt_ea ea;
	int rc;

	mdt_ea_init(&ea);
	mdt_reply_init(&r);
	rc = mdt_ea_read(obj, XATTR_NAME_LOV, &ea);
	if (!rc)
		rc = mdt_reply_prepare(req, &r, obj, valid, false);
	if (rc)
		goto out;
	rpc_set_size(&req->rp, RF_MDT_MD, ea.size);
	rc = rpc_reply_pack(req);
	if (!rc) {
		mdt_reply_fill(req, &r, obj, valid);
		body = rpc_field(&req->rp, RF_MDT_BODY);
		if (ea.size) {
			body->mbo_valid |= cpu_to_le64(OBD_MD_FLDIREA | OBD_MD_FLEASIZE);
			body->mbo_eadatasize = cpu_to_le32(ea.size);
			memcpy(rpc_field(&req->rp, RF_MDT_MD), ea.buf, ea.size);
		}
	}
	mdt_ea_free(&r.lov);
out:
	mdt_ea_free(&ea);
	return rc;
}

static int reply_getattr(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct mdt_body *b)
{
	u64 valid = le64_to_cpu(b->mbo_valid);
	u32 room = le32_to_cpu(b->mbo_eadatasize);
	umode_t mode = ldiskfs_inode(obj)->i_mode;
	struct mdt_reply r;
	int rc;

	if (room && (valid & OBD_MD_LINKNAME) && S_ISLNK(mode))
		return reply_symlink(req, obj, room);
	if (room && (valid & OBD_MD_FLDIREA) && !(valid & (OBD_MD_MEA | OBD_MD_DEFAULT_MEA)) && S_ISDIR(mode))
		return reply_dir_ea(req, obj, valid);
	mdt_reply_init(&r);
	rc = mdt_reply_prepare(req, &r, obj, valid, room && (valid & OBD_MD_FLEASIZE));
	if (rc)
		return rc;
	rc = rpc_reply_pack(req);
	if (!rc)
		mdt_reply_fill(req, &r, obj, valid);
	mdt_ea_free(&r.lov);
	return rc;
}

int mdt_getattr(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct mdt_body *body = rpc_field(&req->rq, RF_MDT_BODY);
	struct ldiskfs_object *obj;
	struct lu_fid fid;
	int rc;

	if (!body)
		return -EPROTO;
	mdt_fid(&fid, &body->mbo_fid1);
	obj = mdt_find(mdt, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	target_stat_op(req, MDT_STAT_GETATTR);
	rc = reply_getattr(req, obj, body);
	ldiskfs_object_put(obj);
	return rc;
}

int mdt_getattr_name(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct mdt_body *body = rpc_field(&req->rq, RF_MDT_BODY);
	struct ldiskfs_object *dir, *obj;
	struct mdt_cred cred;
	struct lu_fid fid;
	struct qstr name;
	int rc;

	if (!body)
		return -EPROTO;
	rc = mdt_name(&req->rq, RF_NAME, &name);
	if (rc)
		return rc;
	mdt_fid(&fid, &body->mbo_fid1);
	dir = mdt_find(mdt, &fid);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	target_stat_op(req, MDT_STAT_GETATTR);
	mdt_cred_body(req, &cred, body);
	rc = mdt_permission(&cred, ldiskfs_inode(dir), MAY_EXEC);
	if (rc)
		goto out;
	obj = mdt_lookup(dir, &name);
	if (IS_ERR(obj)) {
		rc = PTR_ERR(obj);
		goto out;
	}
	if (le64_to_cpu(body->mbo_valid) == OBD_MD_FLID) {
		rc = rpc_reply_pack(req);
		if (!rc) {
			body = rpc_field(&req->rp, RF_MDT_BODY);
			mdt_fid_pack(&body->mbo_fid1, ldiskfs_fid(obj));
			body->mbo_valid = cpu_to_le64(OBD_MD_FLID);
		}
	} else {
		rc = reply_getattr(req, obj, body);
	}
	ldiskfs_object_put(obj);
out:
	ldiskfs_object_put(dir);
	return rc;
}
