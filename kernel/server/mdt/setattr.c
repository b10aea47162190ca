// SPDX-License-Identifier: GPL-2.0
/*
 * REINT_SETATTR (chapter 04, 7 and 7.1): mode, owner, times, size hints; default layouts of
 * directories. Objects of a file whose owner changes are told by osp_log.c.
 */
#include <linux/capability.h>
#include "inode_time.h"
#include "mdt.h"

/*
 * struct setattr - one change
 * @ia: what the storage is to set; @som: new size hints, when @set_som
 */
struct setattr {
	struct mdt		*mdt;
	struct rpc_svcreq	*req;
	const struct mdt_rec_setattr *rec;
	struct mdt_cred		cred;
	u64			valid;
	struct ldiskfs_object	*obj;
	struct iattr		ia;
	bool			set_som;
	struct lustre_som_attrs	som;
	struct osp_batch	*batch;
};

/* Times are in one clock, the clients': an older request does not turn them back. */
static void drop_stale_times(struct setattr *s)
{
	struct inode *inode = ldiskfs_inode(s->obj);

	if ((s->valid & MDS_ATTR_CTIME) &&
	    (s64)le64_to_cpu(s->rec->ctime) < inode_get_ctime(inode).tv_sec)
		s->valid &= ~(MDS_ATTR_ATIME | MDS_ATTR_MTIME | MDS_ATTR_CTIME | MDS_ATTR_ATIME_SET |
			      MDS_ATTR_MTIME_SET | MDS_ATTR_CTIME_SET);
}

static int may_chown(struct setattr *s, struct inode *inode)
{
	bool owner = i_uid_read(inode) == s->cred.fsuid;
	u32 uid = le32_to_cpu(s->rec->uid), gid = le32_to_cpu(s->rec->gid);

	if (mdt_capable(&s->cred, CAP_CHOWN))
		return 0;
	if ((s->valid & MDS_ATTR_UID) && !(owner && uid == i_uid_read(inode)))
		return -EPERM;
	if ((s->valid & MDS_ATTR_GID) &&
	    !(owner && (gid == i_gid_read(inode) || mdt_cred_in_group(&s->cred, gid))))
		return -EPERM;
	return 0;
}

#define GUARDED_FLAGS	(LUSTRE_IMMUTABLE_FL | LUSTRE_APPEND_FL)
#define SETTABLE_FLAGS	(GUARDED_FLAGS | LUSTRE_SYNC_FL | LUSTRE_NOATIME_FL | LUSTRE_DIRSYNC_FL)

static int may_change_flags(struct setattr *s, struct inode *inode)
{
	u32 flags = le32_to_cpu(s->rec->attr_flags), old = mdt_body_flags(inode);

	/* alone, or with the time of the change */
	if (s->valid & ~(MDS_ATTR_ATTR_FLAG | MDS_ATTR_CTIME | MDS_ATTR_CTIME_SET))
		return -EOPNOTSUPP;
	if (flags & ~(SETTABLE_FLAGS | LUSTRE_EXTENT_FL | LUSTRE_INDEX_FL))
		return -EOPNOTSUPP;
	if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
		return -EOPNOTSUPP;
	if (!mdt_cred_owner(&s->cred, inode))
		return -EPERM;
	if (((flags ^ old) & GUARDED_FLAGS) && !mdt_capable(&s->cred, CAP_LINUX_IMMUTABLE))
		return -EPERM;
	return 0;
}

static int check_perm(struct setattr *s)
{
	struct inode *inode = ldiskfs_inode(s->obj);
	int rc;

	if (s->valid & MDS_ATTR_ATTR_FLAG)
		return may_change_flags(s, inode);
	if (IS_IMMUTABLE(inode) || IS_APPEND(inode))
		return -EPERM;
	if (s->valid & (MDS_ATTR_UID | MDS_ATTR_GID)) {
		rc = may_chown(s, inode);
		if (rc)
			return rc;
	}
	if ((s->valid & MDS_ATTR_MODE) && !mdt_cred_owner(&s->cred, inode))
		return -EPERM;
	/* by the owner even without write permission: of a file that is open (OWNEROVERRIDE) */
	if ((s->valid & MDS_ATTR_SIZE) && i_uid_read(inode) != s->cred.fsuid &&
	    !(s->valid & MDS_ATTR_FROM_OPEN)) {
		rc = mdt_permission(&s->cred, inode, MAY_WRITE);
		if (rc)
			return rc;
	}
	if ((s->valid & (MDS_ATTR_ATIME_SET | MDS_ATTR_MTIME_SET)) && !(s->valid & MDS_ATTR_SIZE) &&
	    !mdt_cred_owner(&s->cred, inode)) {
		rc = mdt_permission(&s->cred, inode, MAY_WRITE);
		if (rc)
			return rc == -EACCES ? -EPERM : rc;
	}
	return 0;
}

/* The mode after chmod, chown and the clearing of setuid bits. */
static void new_mode(struct setattr *s)
{
	struct inode *inode = ldiskfs_inode(s->obj);
	umode_t mode = inode->i_mode;
	u32 gid = s->valid & MDS_ATTR_GID ? le32_to_cpu(s->rec->gid) : i_gid_read(inode);

	if (s->valid & MDS_ATTR_MODE) {
		mode = (mode & S_IFMT) | (le32_to_cpu(s->rec->mode) & S_IALLUGO);
		if (!S_ISDIR(mode) || s->cred.fsuid) {
			if (!mdt_cred_in_group(&s->cred, gid) && !mdt_capable(&s->cred, CAP_FSETID))
				mode &= ~S_ISGID;
		}
	} else if (!S_ISDIR(mode)) {
		if (s->valid & (MDS_ATTR_UID | MDS_ATTR_GID | MDS_ATTR_KILL_SUID))
			mode &= ~S_ISUID;
		if ((s->valid & (MDS_ATTR_UID | MDS_ATTR_GID | MDS_ATTR_KILL_SGID)) && (mode & S_IXGRP))
			mode &= ~S_ISGID;
	}
	if (mode != inode->i_mode) {
		s->ia.ia_valid |= ATTR_MODE;
		s->ia.ia_mode = mode;
	}
}

static int fill_iattr(struct setattr *s)
{
	const struct mdt_rec_setattr *rec = s->rec;

	new_mode(s);
	if (s->valid & MDS_ATTR_UID) {
		s->ia.ia_valid |= ATTR_UID;
		s->ia.ia_uid = make_kuid(&init_user_ns, le32_to_cpu(rec->uid));
		if (!uid_valid(s->ia.ia_uid))
			return -EINVAL;
	}
	if (s->valid & MDS_ATTR_GID) {
		s->ia.ia_valid |= ATTR_GID;
		s->ia.ia_gid = make_kgid(&init_user_ns, le32_to_cpu(rec->gid));
		if (!gid_valid(s->ia.ia_gid))
			return -EINVAL;
	}
	/* only the _SET bits act; ctime comes with everything */
	if (s->valid & MDS_ATTR_ATIME_SET) {
		s->ia.ia_valid |= ATTR_ATIME;
		s->ia.ia_atime = mdt_time(s->mdt, le64_to_cpu(rec->atime));
	}
	if (s->valid & MDS_ATTR_MTIME_SET) {
		s->ia.ia_valid |= ATTR_MTIME;
		s->ia.ia_mtime = mdt_time(s->mdt, le64_to_cpu(rec->mtime));
	}
	if (s->valid & (MDS_ATTR_CTIME | MDS_ATTR_CTIME_SET)) {
		s->ia.ia_valid |= ATTR_CTIME;
		s->ia.ia_ctime = mdt_time(s->mdt, le64_to_cpu(rec->ctime));
	} else if ((s->ia.ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) || (s->valid & MDS_ATTR_ATTR_FLAG)) {
		/* a request with stale times: the storage must not take its own clock instead */
		s->ia.ia_valid |= ATTR_CTIME;
		s->ia.ia_ctime = inode_get_ctime(ldiskfs_inode(s->obj));
	}
	return 0;
}

/* Size changes: the client tells the objects, here is the hint for others. */
static int prepare_size(struct setattr *s)
{
	u64 size = le64_to_cpu(s->rec->size);

	if (!(s->valid & MDS_ATTR_SIZE) || !S_ISREG(ldiskfs_inode(s->obj)->i_mode))
		return 0;
	if ((s64)size < 0)
		return -EFBIG;
	/* a truncated file has its times changed, whether asked by *_SET or not */
	if ((s->valid & MDS_ATTR_MTIME) && !(s->valid & MDS_ATTR_MTIME_SET))
		s->valid |= MDS_ATTR_MTIME_SET;
	s->set_som = true;
	s->som.lsa_valid = cpu_to_le16(SOM_FL_LAZY);
	s->som.lsa_size = cpu_to_le64(size);
	s->som.lsa_blocks = s->valid & MDS_ATTR_BLOCKS ? s->rec->blocks : cpu_to_le64((size + 511) >> 9);
	return 0;
}

static int declare(struct setattr *s, struct ldiskfs_tx *tx)
{
	struct inode *inode = ldiskfs_inode(s->obj);
	struct mdt_ea lov;
	int rc;

	rc = ldiskfs_declare_setattr(tx, s->obj, &s->ia);
	if (!rc && s->set_som)
		rc = ldiskfs_declare_setxattr(tx, s->obj, XATTR_NAME_SOM, sizeof(s->som));
	if (rc || !(s->ia.ia_valid & (ATTR_UID | ATTR_GID)) || !S_ISREG(inode->i_mode))
		return rc;
	mdt_ea_init(&lov);
	rc = mdt_ea_read(s->obj, XATTR_NAME_LOV, &lov);
	if (!rc && lov.size)
		s->batch = osp_log_prepare(s->mdt, tx, lov.buf, lov.size, OSP_OP_SETATTR,
					   s->ia.ia_valid & ATTR_UID ? le32_to_cpu(s->rec->uid) : i_uid_read(inode),
					   s->ia.ia_valid & ATTR_GID ? le32_to_cpu(s->rec->gid) : i_gid_read(inode));
	mdt_ea_free(&lov);
	if (IS_ERR(s->batch)) {
		rc = PTR_ERR(s->batch);
		s->batch = NULL;
	}
	return rc;
}

static int commit(struct setattr *s)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(s->mdt->dev);
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = declare(s, tx);
	if (!rc)
		rc = target_tx_start(s->mdt->tgt, s->req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		osp_log_cancel(s->batch);
		return rc;
	}
	if (s->set_som)
		rc = ldiskfs_setxattr(tx, s->obj, XATTR_NAME_SOM, &s->som, sizeof(s->som), 0);
	if (!rc && (s->valid & MDS_ATTR_ATTR_FLAG))
		rc = ldiskfs_set_flags(tx, s->obj, le32_to_cpu(s->rec->attr_flags));
	if (!rc)
		rc = ldiskfs_setattr(tx, s->obj, &s->ia);
	if (!rc)
		rc = osp_log_write(tx, s->batch);
	else
		osp_log_cancel(s->batch);
	return mdt_tx_stop(s->mdt, s->req, tx, rc, 0, s->obj, NULL, NULL);
}

static int setattr_object(struct setattr *s, const struct lu_fid *fid)
{
	u64 bits = MDS_INODELOCK_UPDATE;
	struct ldlm_lock *lock;
	int rc;

	if (s->valid & MDS_ATTR_PROJID)
		return -EOPNOTSUPP;
	if (s->valid & (MDS_ATTR_MODE | MDS_ATTR_UID | MDS_ATTR_GID | MDS_ATTR_KILL_SUID | MDS_ATTR_KILL_SGID))
		bits |= MDS_INODELOCK_PERM;
	/* 0xffffffff stands for an id that does not change */
	if (le32_to_cpu(s->rec->uid) == U32_MAX)
		s->valid &= ~MDS_ATTR_UID;
	if (le32_to_cpu(s->rec->gid) == U32_MAX)
		s->valid &= ~MDS_ATTR_GID;
	rc = mdt_lock(s->mdt, fid, LDLM_PW, bits, 0, &lock);
	if (rc)
		return rc;
	if (s->valid & (MDS_ATTR_MODE | MDS_ATTR_UID | MDS_ATTR_GID | MDS_ATTR_ATTR_FLAG))
		mdt_version(s->req, 0, s->obj);
	rc = check_perm(s);
	if (!rc) {
		drop_stale_times(s);
		/* a close that was sent before and comes late must not turn them back */
		if (s->valid & (MDS_ATTR_ATIME_SET | MDS_ATTR_MTIME_SET))
			target_times_newer(s->req, fid, true);
		rc = prepare_size(s);
	}
	if (!rc)
		rc = fill_iattr(s);
	if (!rc)
		rc = commit(s);
	mdt_unlock(lock);
	return rc;
}

/* --- default layout of a directory --- */

static int store_default(struct setattr *s, const void *value, u32 size)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(s->mdt->dev);
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setxattr(tx, s->obj, XATTR_NAME_LOV, size);
	if (!rc)
		rc = target_tx_start(s->mdt->tgt, s->req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	rc = ldiskfs_setxattr(tx, s->obj, XATTR_NAME_LOV, size ? value : NULL, size, 0);
	if (rc == -ENODATA)
		rc = 0;
	return mdt_tx_stop(s->mdt, s->req, tx, rc, 0, s->obj, NULL, NULL);
}

static int setattr_default(struct setattr *s, const struct lu_fid *fid, const void *ea, u32 size)
{
	struct inode *inode = ldiskfs_inode(s->obj);
	u8 packed[sizeof(struct lov_mds_md_v3)];
	const void *value = packed;
	struct ldlm_lock *lock;
	struct lov_want want;
	u32 len = 0;
	int rc;

	if (s->valid)
		return -EPROTO;
	if (size >= sizeof(__le32) && le32_to_cpu(*(const __le32 *)ea) == LMV_USER_MAGIC)
		return -EOPNOTSUPP;	/* one MDT: no default for subdirectories */
	if (!S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	rc = lov_want_parse(ea, size, &want);
	if (rc)
		return rc;
	if (want.nr_list)
		return -EOPNOTSUPP;
	if (!lov_want_is_delete(&want)) {
		rc = lod_check(s->mdt, &want);
		if (rc)
			return rc;
		if (want.comp) {
			value = ea;
			len = lov_user_size(ea, size);
		} else {
			len = lov_want_pack(&want, packed);
		}
	}
	if (!mdt_cred_owner(&s->cred, inode))
		return -EPERM;
	rc = mdt_lock(s->mdt, fid, LDLM_EX, MDS_INODELOCK_UPDATE | MDS_INODELOCK_XATTR, 0, &lock);
	if (rc)
		return rc;
	rc = store_default(s, value, len);
	mdt_unlock(lock);
	return rc;
}

int mdt_reint_setattr(struct rpc_svcreq *req)
{
	const union mdt_rec *rec = rpc_field(&req->rq, RF_REC_REINT);
	u32 ea_size = rpc_field_size(&req->rq, RF_EADATA);
	const void *ea = ea_size ? rpc_field(&req->rq, RF_EADATA) : NULL;
	struct setattr s = {
		.mdt = mdt_of(req),
		.req = req,
		.rec = &rec->setattr,
		.valid = le64_to_cpu(rec->setattr.valid),
	};
	struct lu_fid fid;
	int rc, rc2;

	if (ea_size && !ea)
		return -EPROTO;
	mdt_fid(&fid, &s.rec->fid);
	mdt_cred_rec(req, &s.cred, &s.rec->head);
	s.obj = mdt_find(s.mdt, &fid);
	if (IS_ERR(s.obj))
		return PTR_ERR(s.obj);
	target_stat_op(req, MDT_STAT_SETATTR);
	if (ea)
		rc = setattr_default(&s, &fid, ea, ea_size);
	else
		rc = setattr_object(&s, &fid);
	if (!rc) {
		rc2 = rpc_reply_pack(req);
		if (!rc2) {
			struct mdt_body *body = rpc_field(&req->rp, RF_MDT_BODY);

			mdt_reint_attr(s.mdt, body, s.obj);
			if (s.set_som)
				body->mbo_size = s.som.lsa_size;
		}
	}
	ldiskfs_object_put(s.obj);
	return rc;
}
