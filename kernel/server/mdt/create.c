// SPDX-License-Identifier: GPL-2.0
/*
 * New objects (chapter 04, 7): what a record, the umask, and the directory's setgid bit, ACL and
 * default layout make of them; REINT_CREATE. Open with O_CREAT (open.c) uses the same.
 * Cost of a create: one transaction, one lookup that misses, two EAs written.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/posix_acl.h>
#include <linux/xattr.h>
#include "compat/acl.h"
#include "mdt.h"

/* Permissions of the new object: the directory's default ACL takes the place of the umask. */
static int new_perm(struct inode *dir, u32 umask, umode_t *mode)
{
	struct posix_acl *acl = NULL;
	int rc;

	if (S_ISLNK(*mode))
		return 0;
	if (IS_POSIXACL(dir))
		acl = get_inode_acl(dir, ACL_TYPE_DEFAULT);
	if (IS_ERR(acl))
		return PTR_ERR(acl);
	if (!acl) {
		*mode &= ~(umask & S_IRWXUGO);
		return 0;
	}
	/* the storage makes the ACL of the new inode, of the same mode */
	rc = __posix_acl_create(&acl, GFP_NOFS, mode);
	if (rc < 0)
		return rc;	/* it has released the ACL */
	posix_acl_release(acl);
	return 0;
}

static void new_group(const struct mdt_cred *cred, struct inode *dir, struct ldiskfs_attr *attr)
{
	u32 gid = cred->fsgid;

	if (dir->i_mode & S_ISGID) {
		gid = i_gid_read(dir);
		if (S_ISDIR(attr->mode))
			attr->mode |= S_ISGID;
	}
	if (!S_ISDIR(attr->mode) && (attr->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    !mdt_cred_in_group(cred, gid) && !mdt_capable(cred, CAP_FSETID))
		attr->mode &= ~S_ISGID;
	attr->gid = make_kgid(&init_user_ns, gid);
}

int mdt_new_init(struct mdt *mdt, struct rpc_svcreq *req, struct mdt_new *n, const struct mdt_cred *cred,
		 const struct mdt_rec_create *rec, struct ldiskfs_object *dir, const struct qstr *name)
{
	u64 rdev = le64_to_cpu(rec->rdev);
	int rc;

	memset(n, 0, sizeof(*n));
	n->dir = dir;
	n->name = *name;
	mdt_fid(&n->fid, &rec->fid2);
	/* from a sequence that the client got from us */
	if (n->fid.f_seq < FID_SEQ_NORMAL || !n->fid.f_oid || n->fid.f_ver)
		return -EPROTO;
	n->attr.mode = le32_to_cpu(rec->mode) & (S_IFMT | S_IALLUGO);
	switch (n->attr.mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	case S_IFCHR:
	case S_IFBLK:
		if (!mdt_capable(cred, CAP_MKNOD))
			return -EPERM;
		n->attr.rdev = MKDEV((rdev >> 8) & 0xfff, rdev & 0xff);
		break;
	case S_IFLNK:
		n->attr.mode = S_IFLNK | S_IRWXUGO;
		break;
	default:
		return -EINVAL;
	}
	rc = new_perm(ldiskfs_inode(dir), le32_to_cpu(rec->umask), &n->attr.mode);
	if (rc)
		return rc;
	new_group(cred, ldiskfs_inode(dir), &n->attr);
	n->attr.uid = make_kuid(&init_user_ns, cred->fsuid);
	if (!uid_valid(n->attr.uid) || !gid_valid(n->attr.gid))
		return -EINVAL;
	n->attr.ctime = mdt_time(mdt, le64_to_cpu(rec->time));
	n->time = n->attr.ctime.tv_sec;
	n->attr.atime = n->attr.ctime;
	n->attr.mtime = n->attr.ctime;
	return 0;
}

int mdt_new_declare(struct mdt *mdt, struct ldiskfs_tx *tx, struct mdt_new *n)
{
	int rc;

	rc = ldiskfs_declare_create(tx, n->dir, &n->attr);
	if (!rc)
		rc = ldiskfs_declare_setxattr(tx, NULL, XATTR_NAME_LINK, LINKEA_ONE(n->name.len));
	if (!rc && n->lov_size)
		rc = ldiskfs_declare_setxattr(tx, NULL, XATTR_NAME_LOV, n->lov_size);
	if (!rc)
		rc = mdt_declare_touch(tx, NULL);
	if (!rc)
		rc = mdt_declare_touch(tx, n->dir);
	return rc;
}

/* The EAs of a new object. EA sets move its ctime: put right what the client said. */
static int new_eas(struct mdt *mdt, struct ldiskfs_tx *tx, struct mdt_new *n, struct ldiskfs_object *obj)
{
	u8 link[LINKEA_ONE(MDS_NAME_MAX)];
	struct mdt_times when = { .mtime = n->time, .ctime = n->time };
	int rc;

	rc = linkea_add(link, 0, sizeof(link), ldiskfs_fid(n->dir), n->name.name, n->name.len, 0);
	if (rc > 0)
		rc = ldiskfs_setxattr(tx, obj, XATTR_NAME_LINK, link, rc, XATTR_CREATE);
	if (!rc && n->lov_size)
		rc = ldiskfs_setxattr(tx, obj, XATTR_NAME_LOV, n->lov, n->lov_size, XATTR_CREATE);
	if (!rc)
		rc = mdt_touch(tx, obj, n->time, &when, true);
	return rc;
}

struct ldiskfs_object *mdt_new_create(struct mdt *mdt, struct ldiskfs_tx *tx, struct mdt_new *n)
{
	struct ldiskfs_object *obj;
	struct mdt_times old;
	int rc;

	mdt_times_get(&old, n->dir);
	obj = ldiskfs_create(tx, n->dir, &n->name, &n->fid, &n->attr);
	if (IS_ERR(obj))
		return obj;
	rc = new_eas(mdt, tx, n, obj);
	if (!rc)
		rc = mdt_touch(tx, n->dir, n->time, &old, true);
	if (!rc)
		return obj;
	/* room for this was declared with the create */
	ldiskfs_create_undo(tx, n->dir, &n->name, obj);
	ldiskfs_object_put(obj);
	return ERR_PTR(rc);
}

/* --- REINT_CREATE --- */

/* A new directory has the default layout of its parent, unless that is the root (chapter 05, A5). */
static int inherit_layout(struct mdt *mdt, struct mdt_new *n, struct mdt_ea *ea)
{
	int rc;

	if (!S_ISDIR(n->attr.mode) || n->dir == mdt->root)
		return 0;
	rc = mdt_ea_read(n->dir, XATTR_NAME_LOV, ea);
	n->lov = ea->buf;
	n->lov_size = ea->size;
	return rc;
}

static int symlink_target(struct rpc_svcreq *req, struct mdt_new *n)
{
	u32 size = rpc_field_size(&req->rq, RF_SYMTGT);

	n->attr.symlink = rpc_string(&req->rq, RF_SYMTGT);
	if (!n->attr.symlink || size < 2)
		return -EPROTO;
	return size - 1 > MDT_SYMLINK_MAX ? -ENAMETOOLONG : 0;
}

static int create_tx(struct rpc_svcreq *req, struct mdt_new *n)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct ldiskfs_object *obj;
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = mdt_new_declare(mdt, tx, n);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	obj = mdt_new_create(mdt, tx, n);
	if (IS_ERR(obj))
		return mdt_tx_stop(mdt, req, tx, PTR_ERR(obj), 0, NULL, NULL, NULL);
	rc = mdt_tx_stop(mdt, req, tx, 0, 0, n->dir, obj, NULL);
	if (!rc && !rpc_reply_pack(req))
		mdt_reint_attr(mdt, rpc_field(&req->rp, RF_MDT_BODY), obj);
	ldiskfs_object_put(obj);
	return rc;
}

static int create_locked(struct rpc_svcreq *req, const struct mdt_rec_create *rec,
			 struct ldiskfs_object *dir, const struct qstr *name)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_object *old;
	struct mdt_cred cred;
	struct mdt_new n;
	struct mdt_ea ea;
	int rc;

	mdt_version(req, 0, dir);
	/* existence is told before a lack of permission */
	old = ldiskfs_lookup(dir, name);
	if (!IS_ERR(old)) {
		mdt_version(req, 1, old);
		ldiskfs_object_put(old);
		return -EEXIST;
	}
	if (PTR_ERR(old) != -ENOENT)
		return PTR_ERR(old);
	mdt_version(req, 1, NULL);
	mdt_version(req, 2, NULL);
	mdt_cred_rec(req, &cred, &rec->head);
	rc = mdt_may_create(mdt, &cred, dir);
	if (!rc)
		rc = mdt_new_init(mdt, req, &n, &cred, rec, dir, name);
	if (!rc && S_ISLNK(n.attr.mode))
		rc = symlink_target(req, &n);
	if (rc)
		return rc;
	mdt_ea_init(&ea);
	rc = inherit_layout(mdt, &n, &ea);
	if (!rc)
		rc = create_tx(req, &n);
	mdt_ea_free(&ea);
	return rc;
}

int mdt_reint_create(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	const union mdt_rec *r = rpc_field(&req->rq, RF_REC_REINT);
	const struct mdt_rec_create *rec = &r->create;
	struct ldiskfs_object *dir;
	struct ldlm_lock *lock;
	struct lu_fid parent;
	struct qstr name;
	int rc;

	rc = mdt_name(&req->rq, RF_NAME, &name);
	if (rc)
		return rc == -ENOENT ? -EPROTO : rc;
	if (mdt_name_is_dot(&name))
		return -EEXIST;
	/* a layout of the directory over several MDTs: there is one */
	if (S_ISDIR(le32_to_cpu(rec->mode)) && rpc_field_size(&req->rq, RF_EADATA)) {
		const struct lmv_user_md *lum = rpc_field(&req->rq, RF_EADATA);

		if (rpc_field_size(&req->rq, RF_EADATA) < sizeof(*lum))
			return -EPROTO;
		if (le32_to_cpu(lum->lum_magic) == LMV_USER_MAGIC && le32_to_cpu(lum->lum_stripe_count) > 1)
			return -EOPNOTSUPP;
	}
	mdt_fid(&parent, &rec->fid1);
	dir = mdt_find(mdt, &parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	target_stat_op(req, S_ISDIR(le32_to_cpu(rec->mode)) ? MDT_STAT_MKDIR : MDT_STAT_MKNOD);
	if (!S_ISDIR(ldiskfs_inode(dir)->i_mode)) {
		rc = -ENOTDIR;
		goto put;
	}
	rc = mdt_lock(mdt, &parent, LDLM_PW, MDS_INODELOCK_UPDATE, 0, &lock);
	if (!rc) {
		rc = create_locked(req, rec, dir, &name);
		mdt_unlock(lock);
	}
put:
	ldiskfs_object_put(dir);
	return rc;
}
