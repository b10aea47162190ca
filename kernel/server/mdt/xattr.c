// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes (chapter 04, 5.5, 7 and 9.1): GETXATTR, the GETXATTR intent that
 * returns all of them, SETXATTR.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "mdt.h"

#define XATTR_LIST_ROOM	65536U

/* --- reading --- */

static int acl_name_refused(struct rpc_svcreq *req, const char *name)
{
	if ((!strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) || !strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT)) &&
	    !(rpc_export_flags(req->exp) & OBD_CONNECT_ACL))
		return -EOPNOTSUPP;
	if (!strncmp(name, XATTR_USER_PREFIX, XATTR_USER_PREFIX_LEN) &&
	    !(rpc_export_flags(req->exp) & OBD_CONNECT_XATTR))
		return -EOPNOTSUPP;
	return 0;
}

static int get_one(struct rpc_svcreq *req, struct ldiskfs_object *obj, struct mdt_ea *ea, u32 room)
{
	const char *name = rpc_string(&req->rq, RF_NAME);
	ssize_t n;
	int rc;

	if (!name || !*name)
		return -EPROTO;
	if (strlen(name) > XATTR_NAME_MAX)
		return -ERANGE;
	rc = acl_name_refused(req, name);
	if (rc)
		return rc;
	n = ldiskfs_getxattr(obj, name, NULL, 0);
	if (n == -ENODATA && !strcmp(name, XATTR_NAME_LOV))
		return 0;
	if (n <= 0 || !room)
		return n;
	if (n > room)
		return -ERANGE;
	rc = mdt_ea_read(obj, name, ea);
	return rc ?: ea->size;
}

static int get_list(struct ldiskfs_object *obj, struct mdt_ea *ea, u32 room)
{
	ssize_t n = ldiskfs_listxattr(obj, NULL, 0);
	int rc;

	if (n <= 0 || !room)
		return n;
	if (n > room)
		return -ERANGE;
	rc = mdt_ea_room(ea, n);
	if (rc)
		return rc;
	n = ldiskfs_listxattr(obj, ea->buf, ea->room);
	if (n > 0)
		ea->size = n;
	return n;
}

int mdt_getxattr(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	struct mdt_body *body = rpc_field(&req->rq, RF_MDT_BODY);
	struct ldiskfs_object *obj;
	struct lu_fid fid;
	struct mdt_ea ea;
	u64 valid;
	u32 room;
	int n, rc;

	if (!body)
		return -EPROTO;
	valid = le64_to_cpu(body->mbo_valid);
	room = min_t(u32, le32_to_cpu(body->mbo_eadatasize), MDT_MAX_EASIZE);
	mdt_fid(&fid, &body->mbo_fid1);
	obj = mdt_find(mdt, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	target_stat_op(req, MDT_STAT_GETXATTR);
	mdt_ea_init(&ea);
	if (valid & OBD_MD_FLXATTR)
		n = get_one(req, obj, &ea, room);
	else if (valid & OBD_MD_FLXATTRLS)
		n = get_list(obj, &ea, room);
	else
		n = -EINVAL;
	rpc_set_size(&req->rp, RF_EADATA, n > 0 ? ea.size : 0);
	rc = rpc_reply_pack(req);
	if (!rc && n >= 0) {
		body = rpc_field(&req->rp, RF_MDT_BODY);
		body->mbo_valid = cpu_to_le64(OBD_MD_FLXATTR);
		body->mbo_eadatasize = cpu_to_le32(n);
		if (ea.size)
			memcpy(rpc_field(&req->rp, RF_EADATA), ea.buf, ea.size);
	}
	mdt_ea_free(&ea);
	ldiskfs_object_put(obj);
	return rc ?: min(n, 0);
}

/*
 * struct all_xattrs - what the intent returns: names with their NULs, the values, a length for each
 */
struct all_xattrs {
	struct mdt_ea	names, vals, one;
	u32		*lens;
	unsigned int	nr;
};

static int vals_add(struct all_xattrs *x, const char *name, struct ldiskfs_object *obj, u32 room)
{
	int rc = mdt_ea_read(obj, name, &x->one);

	if (rc)
		return rc;
	if (x->vals.size + x->one.size > room)
		return -ERANGE;
	rc = mdt_ea_room(&x->vals, min(room, max(2 * x->vals.room, x->vals.size + x->one.size)));
	if (rc)
		return rc;
	memcpy(x->vals.buf + x->vals.size, x->one.buf, x->one.size);
	x->vals.size += x->one.size;
	x->lens[x->nr++] = x->one.size;
	return 0;
}

static int all_read(struct all_xattrs *x, struct ldiskfs_object *obj, u32 room)
{
	const char *name, *end;
	unsigned int nr = 0;
	int rc;

	rc = get_list(obj, &x->names, room);
	if (rc < 0)
		return rc;
	end = x->names.buf + x->names.size;
	for (name = x->names.buf; name < end; name += strlen(name) + 1)
		nr++;
	x->lens = kmalloc_array(max(nr, 1U), sizeof(*x->lens), GFP_NOFS);
	if (!x->lens)
		return -ENOMEM;
	for (name = x->names.buf; name < end; name += strlen(name) + 1) {
		rc = vals_add(x, name, obj, room);
		if (rc)
			return rc;
	}
	return 0;
}

static void all_fill(struct rpc_svcreq *req, const struct all_xattrs *x)
{
	struct mdt_body *body = rpc_field(&req->rp, RF_MDT_BODY);
	__le32 *lens = rpc_field(&req->rp, RF_EAVALS_LENS);
	unsigned int i;

	body->mbo_valid = cpu_to_le64(OBD_MD_FLXATTR);
	body->mbo_eadatasize = cpu_to_le32(x->names.size);
	body->mbo_aclsize = cpu_to_le32(x->vals.size);
	body->mbo_max_mdsize = cpu_to_le32(x->nr);
	if (x->names.size)
		memcpy(rpc_field(&req->rp, RF_EADATA), x->names.buf, x->names.size);
	if (x->vals.size)
		memcpy(rpc_field(&req->rp, RF_EAVALS), x->vals.buf, x->vals.size);
	for (i = 0; i < x->nr; i++)
		lens[i] = cpu_to_le32(x->lens[i]);
}

int mdt_intent_getxattr(struct rpc_svcreq *req, struct ldlm_lock **lockp)
{
	struct mdt *mdt = mdt_of(req);
	const struct mdt_body *body;
	struct ldlm_lock *lock = NULL;
	struct ldiskfs_object *obj = NULL;
	struct all_xattrs *x;
	struct lu_fid fid;
	int rc, rc2;
	u32 room;

	rpc_svc_set_format(req, &RQF_INTENT_GETXATTR);
	body = rpc_field(&req->rq, RF_MDT_BODY);
	if (!body)
		return -EPROTO;
	room = min_t(u32, le32_to_cpu(body->mbo_eadatasize), XATTR_LIST_ROOM);
	x = kzalloc(sizeof(*x), GFP_NOFS);
	if (!x)
		return -ENOMEM;
	mdt_ea_init(&x->names);
	mdt_ea_init(&x->vals);
	mdt_ea_init(&x->one);
	target_stat_op(req, MDT_STAT_GETXATTR);
	mdt_fid(&fid, &body->mbo_fid1);
	rc = mdt_lock(mdt, &fid, LDLM_PR, MDS_INODELOCK_XATTR, 0, &lock);
	if (!rc) {
		obj = mdt_find(mdt, &fid);
		rc = IS_ERR(obj) ? PTR_ERR(obj) : all_read(x, obj, room);
	}
	if (rc) {
		x->names.size = 0;
		x->vals.size = 0;
		x->nr = 0;
	}
	/* as stock: room that stays zero */
	rpc_set_size(&req->rp, RF_MDT_MD, lov_mds_md_size(1, LOV_MAGIC_V1));
	rpc_set_size(&req->rp, RF_ACL, MDS_ACL_SIZE(MDS_ACL_SMALL_ENTRIES));
	rpc_set_size(&req->rp, RF_EADATA, x->names.size);
	rpc_set_size(&req->rp, RF_EAVALS, x->vals.size);
	rpc_set_size(&req->rp, RF_EAVALS_LENS, x->nr * sizeof(__le32));
	rc2 = rpc_reply_pack(req);
	if (rc2) {
		mdt_unlock(lock);
	} else {
		if (!rc)
			all_fill(req, x);
		rc2 = mdt_intent_reply(req, lockp, lock, 0, rc);
	}
	if (!IS_ERR_OR_NULL(obj))
		ldiskfs_object_put(obj);
	mdt_ea_free(&x->names);
	mdt_ea_free(&x->vals);
	mdt_ea_free(&x->one);
	kfree(x->lens);
	kfree(x);
	return rc2;
}

/* --- changing --- */

static bool is_internal(const char *name)
{
	static const char * const words[] = {
		"lov", "lma", "lmv", "dmv", "link", "fid", "version", "som", "hsm", "dummy", "projid",
		"lfsck_ns", "lfsck_bitmap",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(name, words[i]))
			return true;
	return false;
}

/*
 * May this user change this attribute? Return: 0, error, 1: nothing is done and that is success.
 */
static int check_perm(struct rpc_svcreq *req, const struct mdt_cred *c, struct inode *inode, const char *name)
{
	int rc = acl_name_refused(req, name);

	if (rc)
		return rc;
	if (IS_IMMUTABLE(inode) || IS_APPEND(inode))
		return -EPERM;
	if (!strncmp(name, XATTR_TRUSTED_PREFIX, XATTR_TRUSTED_PREFIX_LEN)) {
		if (!mdt_capable(c, CAP_SYS_ADMIN))
			return -EPERM;
		return is_internal(name + XATTR_TRUSTED_PREFIX_LEN);
	}
	if (!strncmp(name, XATTR_USER_PREFIX, XATTR_USER_PREFIX_LEN)) {
		if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
			return -EPERM;
		if (S_ISDIR(inode->i_mode) && (inode->i_mode & S_ISVTX) && !mdt_cred_owner(c, inode))
			return -EPERM;
		return mdt_permission(c, inode, MAY_WRITE);
	}
	if (!strncmp(name, XATTR_SECURITY_PREFIX, XATTR_SECURITY_PREFIX_LEN)) {
		if (!strcmp(name, XATTR_NAME_CAPS))
			return mdt_capable(c, CAP_SETFCAP) ? 0 : -EPERM;
		return mdt_capable(c, CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	if (!strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) || !strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT)) {
		if (S_ISLNK(inode->i_mode))
			return -EOPNOTSUPP;
		if (!strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT) && !S_ISDIR(inode->i_mode))
			return -EACCES;
		return mdt_cred_owner(c, inode) ? 0 : -EPERM;
	}
	return -EOPNOTSUPP;
}

static int acl_value_check(const void *val, u32 size)
{
	struct posix_acl *acl = posix_acl_from_xattr(&init_user_ns, val, size);
	int rc;

	if (IS_ERR_OR_NULL(acl))
		return acl ? PTR_ERR(acl) : 0;
	rc = posix_acl_valid(&init_user_ns, acl);
	posix_acl_release(acl);
	return rc;
}

static bool is_acl(const char *name)
{
	return !strncmp(name, XATTR_SYSTEM_PREFIX, XATTR_SYSTEM_PREFIX_LEN);
}

/* -EEXIST, -ENODATA must be known before the transaction changes anything. */
static int check_flags(struct ldiskfs_object *obj, const char *name, u32 flags, bool remove)
{
	ssize_t n;

	if (!remove && !(flags & (XATTR_CREATE | XATTR_REPLACE)))
		return 0;
	n = ldiskfs_getxattr(obj, name, NULL, 0);
	if (n < 0 && n != -ENODATA)
		return n;
	if (remove && is_acl(name) && n == -ENODATA)
		return 0;
	if (!remove && (flags & XATTR_CREATE))
		return n >= 0 ? -EEXIST : 0;
	return n < 0 ? -ENODATA : 0;
}

/* Who changes a mode, by an ACL too, gives nobody a group of which he is not. */
static bool drops_sgid(const struct mdt_cred *cred, struct inode *inode, const char *name, const void *val)
{
	return val && !strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) && (inode->i_mode & S_ISGID) &&
	       !mdt_cred_in_group(cred, i_gid_read(inode)) && !mdt_capable(cred, CAP_FSETID);
}

static int do_setxattr(struct rpc_svcreq *req, const struct mdt_cred *cred, struct ldiskfs_object *obj,
		       const char *name, const void *val, u32 size, s64 time)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct inode *inode = ldiskfs_inode(obj);
	bool sgid = drops_sgid(cred, inode, name, val);
	struct iattr ia = { .ia_valid = sgid ? ATTR_MODE : 0 };
	struct mdt_times old;
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setxattr(tx, obj, name, size);
	if (!rc && sgid)
		rc = ldiskfs_declare_setattr(tx, obj, &ia);
	if (!rc)
		rc = mdt_declare_touch(tx, obj);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	mdt_times_get(&old, obj);
	/* first: the credits are for the ACL that is there now */
	ia.ia_mode = inode->i_mode & ~S_ISGID;
	rc = sgid ? ldiskfs_setattr(tx, obj, &ia) : 0;
	if (!rc)
		rc = ldiskfs_setxattr(tx, obj, name, val, size, 0);
	if (!rc)
		rc = mdt_touch(tx, obj, time, &old, false);
	return mdt_tx_stop(mdt, req, tx, rc, 0, obj, NULL, NULL);
}

int mdt_reint_setxattr(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	const union mdt_rec *r = rpc_field(&req->rq, RF_REC_REINT);
	const struct mdt_rec_setxattr *rec = &r->setxattr;
	u64 valid = le64_to_cpu(rec->valid);
	bool remove = valid & OBD_MD_FLXATTRRM;
	u32 size = rpc_field_size(&req->rq, RF_EADATA);
	const char *name = rpc_string(&req->rq, RF_NAME);
	const void *val = size ? rpc_field(&req->rq, RF_EADATA) : "";
	struct ldlm_lock *lock;
	struct ldiskfs_object *obj;
	struct mdt_cred cred;
	struct lu_fid fid;
	s64 time;
	int rc;

	if (!name || !*name || !val)
		return -EPROTO;
	if (strlen(name) > XATTR_NAME_MAX)
		return -ERANGE;
	if (size > MDT_MAX_EASIZE)
		return -E2BIG;
	if (!(valid & (OBD_MD_FLXATTR | OBD_MD_FLXATTRRM)))
		return -EINVAL;
	if (is_acl(name) && !size)
		remove = true;
	if (is_acl(name) && !remove) {
		rc = acl_value_check(val, size);
		if (rc)
			return rc;
	}
	time = valid & OBD_MD_FLCTIME ? (s64)le64_to_cpu(rec->time) : ktime_get_real_seconds();
	mdt_fid(&fid, &rec->fid);
	mdt_cred_rec(req, &cred, &rec->head);
	obj = mdt_find(mdt, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	target_stat_op(req, MDT_STAT_SETXATTR);
	/* the access ACL comes with the permissions, all others with the xattrs (chapter 04, section 7) */
	rc = mdt_lock(mdt, &fid, LDLM_EX, MDS_INODELOCK_UPDATE |
		      (strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS) ? MDS_INODELOCK_XATTR : MDS_INODELOCK_PERM), 0, &lock);
	if (rc)
		goto put;
	mdt_version(req, 0, obj);
	rc = check_perm(req, &cred, ldiskfs_inode(obj), name);
	if (!rc)
		rc = check_flags(obj, name, le32_to_cpu(rec->flags), remove);
	if (!rc)
		rc = do_setxattr(req, &cred, obj, name, remove ? NULL : val, remove ? 0 : size,
				 time);
	else if (rc == 1)
		rc = 0;
	mdt_unlock(lock);
put:
	ldiskfs_object_put(obj);
	return rc;
}
