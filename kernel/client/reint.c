// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of the namespace and of attributes: MDS_REINT (chapter 04, 7). Each is one RPC that
 * brings along, as early cancels, the locks of ours that the change conflicts with.
 */
#include <linux/cred.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

/* Locks of @inode that cover any of @bits go with the request (chapter 03, 10) */
static void collect(struct cl_mdc *mdc, struct inode *inode, u64 bits, struct list_head *elc)
{
	struct ldlm_res_id res;

	if (!inode || !(rpc_import_flags(mdc->imp) & OBD_CONNECT_CANCELSET))
		return;
	res = ldlm_res_fid(&CL_I(inode)->fid);
	ldlm_elc_collect(mdc->ns, &res, LDLM_EX, bits, elc);
}

/* Allocate and pack; the sizes of names and values are set by @size() first */
static struct rpc_request *reint_alloc(struct cl_mdc *mdc, const struct rpc_format *fmt)
{
	struct rpc_request *req = rpc_request_alloc(mdc->imp, fmt);

	if (req)
		req->flags |= RPC_REQ_MODIFY;
	return req;
}

static int reint_pack(struct rpc_request *req, struct list_head *elc)
{
	int rc;

	rpc_set_size(&req->rq, RF_DLM_REQ, ldlm_elc_size(elc, false));
	if (rpc_has_field(&req->rq, RF_SELINUX))
		rpc_set_size(&req->rq, RF_SELINUX, 0);
	rc = rpc_request_pack(req);
	if (rc)
		ldlm_elc_drop(elc);
	else
		ldlm_elc_pack(req, elc);
	return rc;
}

static void put_name(struct rpc_request *req, enum rpc_field f, const struct qstr *name)
{
	memcpy(rpc_field(&req->rq, f), name->name, name->len);
}

static __le64 now(void)
{
	return cpu_to_le64(ktime_get_real_seconds());
}

/* REINT_CREATE of everything but regular files that are opened: 1 RPC. The caller puts *@reqp */
int cl_reint_create(struct inode *dir, const struct qstr *name, const struct cl_new *n,
		    struct rpc_request **reqp, struct cl_reply *r)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct mdt_rec_create *rec;
	struct rpc_request *req;
	struct lu_fid fid;
	LIST_HEAD(elc);
	int rc;

	rc = cl_fid_alloc(fs, &fid);
	if (rc)
		return rc;
	req = reint_alloc(fs->mdc, n->target ? &RQF_MDS_REINT_SYMLINK : &RQF_MDS_REINT_CREATE);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_NAME, name->len + 1);
	if (n->target)
		rpc_set_size(&req->rq, RF_SYMTGT, strlen(n->target) + 1);
	rpc_set_size(&req->rq, RF_ENCCTX, 0);
	collect(fs->mdc, dir, MDS_INODELOCK_UPDATE, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto fail;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_CREATE, dir, NULL);
	fid_to_wire(&rec->fid1, &CL_I(dir)->fid);
	fid_to_wire(&rec->fid2, &fid);
	rec->time = now();
	rec->mode = cpu_to_le32(n->mode);
	rec->rdev = cpu_to_le64(old_encode_dev(n->rdev));
	rec->umask = cpu_to_le32(current_umask());
	put_name(req, RF_NAME, name);
	if (n->target)
		memcpy(rpc_field(&req->rq, RF_SYMTGT), n->target, strlen(n->target));

	rc = cl_mdc_call(fs->mdc, req);
	if (!rc)
		rc = cl_reply_parse(fs->mdc, req, r);
	if (!rc && !fid_eq(&r->fid, &fid))
		rc = -EPROTO;
	if (rc)
		goto fail;
	*reqp = req;
	return 0;
fail:
	rpc_request_put(req);
	return rc;
}

/* nlink and times of an inode that lost a name */
static void victim_update(struct cl_mdc *mdc, struct rpc_request *req, struct inode *victim)
{
	struct cl_reply r;

	if (!victim || cl_reply_parse(mdc, req, &r))
		return;
	if (r.valid & OBD_MD_FLID && fid_eq(&r.fid, &CL_I(victim)->fid))
		cl_inode_update(victim, &r, 0);
}

/* Unlink, or rmdir of a directory: 1 RPC */
int cl_reint_unlink(struct inode *dir, const struct qstr *name, struct inode *victim)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct mdt_rec_unlink *rec;
	struct rpc_request *req;
	LIST_HEAD(elc);
	int rc;

	req = reint_alloc(fs->mdc, &RQF_MDS_REINT_UNLINK);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_NAME, name->len + 1);
	rpc_set_size(&req->rp, RF_MDT_MD, 0);
	/* data that nobody has written is not worth it now: the MDT has it thrown away, if the file goes */
	collect(fs->mdc, victim, victim && cl_dom_dirty(victim) ? MDS_INODELOCK_ELC : MDS_INODELOCK_FULL, &elc);
	collect(fs->mdc, dir, MDS_INODELOCK_UPDATE, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto out;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_UNLINK, dir, NULL);
	fid_to_wire(&rec->fid1, &CL_I(dir)->fid);
	fid_to_wire(&rec->fid2, &CL_I(victim)->fid);
	rec->time = now();
	rec->mode = cpu_to_le32(S_ISDIR(victim->i_mode) ? S_IFDIR : 0);
	put_name(req, RF_NAME, name);
	rc = cl_mdc_call(fs->mdc, req);
	if (!rc)
		victim_update(fs->mdc, req, victim);
out:
	rpc_request_put(req);
	return rc;
}

/* Hard link: 1 RPC */
int cl_reint_link(struct inode *inode, struct inode *dir, const struct qstr *name)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct mdt_rec_link *rec;
	struct rpc_request *req;
	LIST_HEAD(elc);
	int rc;

	req = reint_alloc(fs->mdc, &RQF_MDS_REINT_LINK);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_NAME, name->len + 1);
	collect(fs->mdc, dir, MDS_INODELOCK_UPDATE, &elc);
	collect(fs->mdc, inode, MDS_INODELOCK_UPDATE, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto out;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_LINK, inode, dir);
	fid_to_wire(&rec->fid1, &CL_I(inode)->fid);
	fid_to_wire(&rec->fid2, &CL_I(dir)->fid);
	rec->time = now();
	put_name(req, RF_NAME, name);
	rc = cl_mdc_call(fs->mdc, req);
out:
	rpc_request_put(req);
	return rc;
}

/* Rename, with or without a victim: 1 RPC */
int cl_reint_rename(struct inode *src_dir, const struct qstr *src_name, struct inode *src,
		    struct inode *dir, const struct qstr *name, struct inode *victim)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct mdt_rec_rename *rec;
	struct rpc_request *req;
	LIST_HEAD(elc);
	int rc;

	req = reint_alloc(fs->mdc, &RQF_MDS_REINT_RENAME);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_NAME, src_name->len + 1);
	rpc_set_size(&req->rq, RF_SYMTGT, name->len + 1);
	rpc_set_size(&req->rp, RF_MDT_MD, 0);
	collect(fs->mdc, src_dir, MDS_INODELOCK_UPDATE, &elc);
	if (dir != src_dir)
		collect(fs->mdc, dir, MDS_INODELOCK_UPDATE, &elc);
	collect(fs->mdc, src, MDS_INODELOCK_LOOKUP, &elc);
	collect(fs->mdc, victim, MDS_INODELOCK_ELC, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto out;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_RENAME, src_dir, dir);
	/* a directory that moves is changed itself: its group too, where there is place for it */
	if (rec->head.suppgid2 == rec->head.suppgid1 || rec->head.suppgid2 == cpu_to_le32(MDS_NO_GID))
		cl_rec_cred(&rec->head, REINT_RENAME, src_dir, src);
	fid_to_wire(&rec->fid1, &CL_I(src_dir)->fid);
	fid_to_wire(&rec->fid2, &CL_I(dir)->fid);
	rec->time = now();
	rec->mode = cpu_to_le32(victim ? victim->i_mode : src->i_mode);
	put_name(req, RF_NAME, src_name);
	put_name(req, RF_SYMTGT, name);
	rc = cl_mdc_call(fs->mdc, req);
	if (!rc)
		victim_update(fs->mdc, req, victim);
out:
	rpc_request_put(req);
	return rc;
}

static void fill_setattr(struct mdt_rec_setattr *rec, struct inode *inode, u64 valid,
			 const struct iattr *attr)
{
	fid_to_wire(&rec->fid, &CL_I(inode)->fid);
	rec->valid = cpu_to_le64(valid);
	if (!attr)
		return;
	rec->mode = cpu_to_le32(valid & MDS_ATTR_MODE ? attr->ia_mode : 0);
	rec->uid = cpu_to_le32(valid & MDS_ATTR_UID ? from_kuid(&init_user_ns, attr->ia_uid) : 0);
	rec->gid = cpu_to_le32(valid & MDS_ATTR_GID ? from_kgid(&init_user_ns, attr->ia_gid) : 0);
	rec->size = cpu_to_le64(valid & MDS_ATTR_SIZE ? attr->ia_size : 0);
	rec->atime = cpu_to_le64(attr->ia_atime.tv_sec);
	rec->mtime = cpu_to_le64(attr->ia_mtime.tv_sec);
	rec->ctime = cpu_to_le64(attr->ia_ctime.tv_sec);
}

/* Attributes, or a directory's default layout: 1 RPC; the inode has the new attributes afterwards */
int cl_reint_setattr(struct inode *inode, u64 valid, const struct iattr *attr, u32 bias,
		     u32 attr_flags, const void *ea, u32 ea_size)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	u64 bits = MDS_INODELOCK_UPDATE;
	struct mdt_rec_setattr *rec;
	struct rpc_request *req;
	struct cl_reply r;
	LIST_HEAD(elc);
	int rc;

	req = reint_alloc(fs->mdc, &RQF_MDS_REINT_SETATTR);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_EADATA, ea_size);
	rpc_set_size(&req->rp, RF_MDT_MD, 0);
	if (valid & (MDS_ATTR_MODE | MDS_ATTR_UID | MDS_ATTR_GID | MDS_ATTR_KILL_SUID | MDS_ATTR_KILL_SGID))
		bits |= MDS_INODELOCK_LOOKUP | MDS_INODELOCK_PERM;
	collect(fs->mdc, inode, bits, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto out;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_SETATTR, inode, NULL);
	if (valid & MDS_ATTR_GID && in_group_p(attr->ia_gid))
		rec->head.suppgid1 = cpu_to_le32(from_kgid(&init_user_ns, attr->ia_gid));
	fill_setattr(rec, inode, valid, attr);
	rec->bias = cpu_to_le32(bias);
	rec->attr_flags = cpu_to_le32(attr_flags);
	if (ea_size)
		memcpy(rpc_field(&req->rq, RF_EADATA), ea, ea_size);
	rc = cl_mdc_call(fs->mdc, req);
	if (!rc)
		rc = cl_reply_parse(fs->mdc, req, &r);
	if (!rc && r.valid & OBD_MD_FLID && fid_eq(&r.fid, &CL_I(inode)->fid))
		rc = cl_inode_update(inode, &r, 0);
out:
	rpc_request_put(req);
	return rc;
}

/* One extended attribute: 1 RPC. @bits: what of our locks conflicts (chapter 03, 12) */
int cl_reint_setxattr(struct inode *inode, const char *name, const void *value, size_t size,
		      int flags, bool remove, u64 bits)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct mdt_rec_setxattr *rec;
	struct rpc_request *req;
	LIST_HEAD(elc);
	int rc;

	req = reint_alloc(fs->mdc, &RQF_MDS_REINT_SETXATTR);
	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_NAME, strlen(name) + 1);
	rpc_set_size(&req->rq, RF_EADATA, remove ? 0 : size);
	collect(fs->mdc, inode, bits, &elc);
	rc = reint_pack(req, &elc);
	if (rc)
		goto out;

	rec = rpc_field(&req->rq, RF_REC_REINT);
	cl_rec_cred(&rec->head, REINT_SETXATTR, inode, NULL);
	fid_to_wire(&rec->fid, &CL_I(inode)->fid);
	rec->valid = cpu_to_le64((remove ? OBD_MD_FLXATTRRM : OBD_MD_FLXATTR) | OBD_MD_FLCTIME);
	rec->time = now();
	rec->flags = cpu_to_le32(remove ? XATTR_REPLACE : flags);
	memcpy(rpc_field(&req->rq, RF_NAME), name, strlen(name));
	if (!remove && size)
		memcpy(rpc_field(&req->rq, RF_EADATA), value, size);
	rc = cl_mdc_call(fs->mdc, req);
out:
	rpc_request_put(req);
	return rc;
}
