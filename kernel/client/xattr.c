// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes (chapter 08, 8): all of an inode's are cached under one XATTR lock that a
 * single intent brings; lustre.lov, the layout in user form, comes from the layout itself.
 */
#include <linux/fs.h>
#include <linux/posix_acl_xattr.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

struct cl_xattr {
	struct list_head	link;
	const char		*name;
	u32			len;
	char			value[];	/* then the name */
};

/* --- the cache, under ci->xattr_sem --- */

static void forget_locked(struct cl_inode *ci)
{
	struct cl_xattr *x, *tmp;

	list_for_each_entry_safe(x, tmp, &ci->xattrs, link) {
		list_del(&x->link);
		kvfree(x);
	}
	clear_bit(CI_XATTR_VALID, &ci->flags);
}

void cl_xattr_forget(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);

	down_write(&ci->xattr_sem);
	forget_locked(ci);
	up_write(&ci->xattr_sem);
}

static int add(struct cl_inode *ci, const char *name, size_t namelen, const void *value, u32 len)
{
	struct cl_xattr *x = kvmalloc(struct_size(x, value, len + namelen + 1), GFP_NOFS);

	if (!x)
		return -ENOMEM;
	x->len = len;
	x->name = x->value + len;
	memcpy(x->value, value, len);
	memcpy(x->value + len, name, namelen + 1);
	list_add_tail(&x->link, &ci->xattrs);
	return 0;
}

/* Names, values and lengths of a GETXATTR intent into the cache */
static int cache_fill(struct cl_inode *ci, struct rpc_request *req)
{
	const struct mdt_body *b = rpc_field(&req->rp, RF_MDT_BODY);
	const char *names = rpc_field(&req->rp, RF_EADATA);
	const char *values = rpc_field(&req->rp, RF_EAVALS);
	const __le32 *lens = rpc_field(&req->rp, RF_EAVALS_LENS);
	u32 names_left, values_left, nr, i;
	int rc;

	if (!b)
		return -EPROTO;
	nr = le32_to_cpu(b->mbo_max_mdsize);
	names_left = le32_to_cpu(b->mbo_eadatasize);
	values_left = le32_to_cpu(b->mbo_aclsize);
	if (names_left > rpc_field_size(&req->rp, RF_EADATA) ||
	    values_left > rpc_field_size(&req->rp, RF_EAVALS) ||
	    nr > rpc_field_size(&req->rp, RF_EAVALS_LENS) / sizeof(*lens))
		return -EPROTO;
	for (i = 0; i < nr; i++) {
		size_t n = strnlen(names, names_left);
		u32 len = le32_to_cpu(lens[i]);

		if (n == names_left || len > values_left)
			return -EPROTO;
		rc = add(ci, names, n, values, len);
		if (rc)
			return rc;
		names += n + 1;
		names_left -= n + 1;
		values += len;
		values_left -= len;
	}
	return 0;
}

static bool cache_allowed(struct cl_fs *fs)
{
	return rpc_import_flags(fs->mdc->imp) & OBD_CONNECT_MAX_EASIZE &&
	       le64_to_cpu(fs->mdc->imp->ocd.ocd_ibits_known) & MDS_INODELOCK_XATTR;
}

/*
 * The cache is valid after it, and ci->xattr_sem is held for reading: 0 RPCs under a XATTR lock,
 * else 1 intent. Return: 0; -ERANGE: too much for a cache, -EOPNOTSUPP: the server has none
 */
static int cache_get(struct inode *inode)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct cl_inode *ci = CL_I(inode);
	struct cl_intent it = { .op = IT_GETXATTR, .fid = ci->fid, .inode = inode };
	int rc;

	down_read(&ci->xattr_sem);
	if (test_bit(CI_XATTR_VALID, &ci->flags))
		return 0;
	up_read(&ci->xattr_sem);
	if (!cache_allowed(fs))
		return -EOPNOTSUPP;
	rc = cl_intent_run(fs, &it);
	if (!rc && !it.lock)
		rc = -EOPNOTSUPP;
	if (!rc) {
		down_write(&ci->xattr_sem);
		forget_locked(ci);
		rc = cache_fill(ci, it.req);
		if (rc)
			forget_locked(ci);
		else
			set_bit(CI_XATTR_VALID, &ci->flags);
		downgrade_write(&ci->xattr_sem);
		if (rc)
			up_read(&ci->xattr_sem);
	}
	cl_intent_done(&it);
	return rc;
}

static ssize_t get_cached(struct inode *inode, const char *name, void *buf, size_t size)
{
	struct cl_inode *ci = CL_I(inode);
	ssize_t rc = -ENODATA;
	struct cl_xattr *x;

	rc = cache_get(inode);
	if (rc)
		return rc;
	rc = -ENODATA;
	list_for_each_entry(x, &ci->xattrs, link) {
		if (strcmp(x->name, name))
			continue;
		rc = x->len;
		if (size && size < x->len)
			rc = -ERANGE;
		else if (size)
			memcpy(buf, x->value, x->len);
		break;
	}
	up_read(&ci->xattr_sem);
	return rc;
}

/* 0 RPCs under a XATTR lock, else 1, 2 if the cache cannot hold them */
static ssize_t get_any(struct inode *inode, const char *name, void *buf, size_t size)
{
	ssize_t rc = get_cached(inode, name, buf, size);

	/* -ERANGE of the cache as a whole, or of the value: the server knows which */
	if (rc == -EOPNOTSUPP || rc == -ERANGE || rc == -EPROTO)
		rc = cl_mds_getxattr(inode, name, buf, size);
	return rc;
}

/* --- lustre.lov, trusted.lov --- */

/* The EA as users see it: the generation of plain layouts is not shown */
static ssize_t get_lov(struct inode *inode, void *buf, size_t size)
{
	struct layout *lo;
	ssize_t rc;

	if (S_ISDIR(inode->i_mode))
		return cl_dir_default_layout(cl_fs(inode->i_sb), &CL_I(inode)->fid, buf, size);
	if (!S_ISREG(inode->i_mode))
		return -ENODATA;
	lo = cl_layout_get(inode);
	if (IS_ERR(lo))
		return PTR_ERR(lo);
	if (!lo)
		return -ENODATA;
	rc = lo->ea_size;
	if (size && size < lo->ea_size)
		rc = -ERANGE;
	else if (size) {
		memcpy(buf, lo->ea, lo->ea_size);
		if (!lo->composite)
			((struct lov_mds_md_v1 *)buf)->lmm_layout_gen = 0;
	}
	layout_put(lo);
	return rc;
}

static int set_lov(struct inode *inode, const void *value, size_t size)
{
	struct lov_mds_md_v1 *lum;
	int rc;

	if (!value || !size)
		return S_ISDIR(inode->i_mode) ? cl_dir_set_default(inode, NULL, 0) : -EOPNOTSUPP;
	if (size < sizeof(*lum))
		return -ERANGE;
	if (size > LOV_MAX_EASIZE)
		return -E2BIG;
	if (!S_ISDIR(inode->i_mode) && !S_ISREG(inode->i_mode))
		return -EOPNOTSUPP;
	lum = kvmalloc(size, GFP_KERNEL);
	if (!lum)
		return -ENOMEM;
	memcpy(lum, value, size);
	if (lum->lmm_magic != cpu_to_le32(LOV_MAGIC_COMP_V1) && !lum->lmm_layout_gen)
		lum->lmm_layout_gen = cpu_to_le16(LOV_ANY_OST);
	if (S_ISDIR(inode->i_mode)) {
		rc = cl_dir_set_default(inode, lum, size);
	} else {
		rc = cl_open_ea(inode, lum, size);
		/* copying tools set it on files that have one */
		if (rc == -EEXIST)
			rc = 0;
	}
	kvfree(lum);
	return rc;
}

ssize_t cl_dir_default_layout(struct cl_fs *fs, const struct lu_fid *dir, void *buf, size_t size)
{
	struct rpc_request *req;
	struct cl_reply r;
	ssize_t rc;

	rc = cl_mds_getattr(fs, dir, OBD_MD_FLID | OBD_MD_FLEASIZE | OBD_MD_FLDIREA,
			    max(READ_ONCE(fs->mdc->md_max), 4096U), &req, &r);
	if (rc)
		return rc;
	rc = r.valid & OBD_MD_FLDIREA && r.md_size ? (ssize_t)r.md_size : -ENODATA;
	if (rc > 0 && size) {
		if (size < rc)
			rc = -ERANGE;
		else
			memcpy(buf, r.md, rc);
	}
	rpc_request_put(req);
	return rc;
}

/* @lum NULL: back to the file system's default */
int cl_dir_set_default(struct inode *dir, const void *lum, size_t size)
{
	static const struct lov_mds_md_v1 none = {
		.lmm_magic = cpu_to_le32(LOV_MAGIC_V1),
		.lmm_layout_gen = cpu_to_le16(LOV_ANY_OST),
	};

	if (!lum) {
		lum = &none;
		size = sizeof(none);
	}
	return cl_reint_setattr(dir, 0, NULL, 0, 0, lum, size);
}

/* --- handlers --- */

static bool is_lov(const struct xattr_handler *h, const char *name)
{
	return (!strcmp(h->prefix, "lustre.") || !strcmp(h->prefix, XATTR_TRUSTED_PREFIX)) &&
	       !strcmp(name, "lov");
}

/*
 * Labels are not supported, which is to be said without asking: ls -l wants to know of every file,
 * but after -EOPNOTSUPP of the first one no more
 */
static bool is_label(const char *full)
{
	return !strcmp(full, XATTR_NAME_SELINUX) || !strcmp(full, XATTR_NAME_SMACK);
}

static int cl_xattr_get(const struct xattr_handler *h, struct dentry *dentry, struct inode *inode,
			const char *name, void *buf, size_t size)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);

	stats_inc(fs->stats, CL_ST_GETXATTR);
	if (is_lov(h, name))
		return get_lov(inode, buf, size);
	if (is_label(xattr_full_name(h, name)) ||
	    (!strcmp(h->prefix, XATTR_USER_PREFIX) && !(fs->opt.flags & CL_OPT_USER_XATTR)))
		return -EOPNOTSUPP;
	return get_any(inode, xattr_full_name(h, name), buf, size);
}

static int cl_xattr_set(const struct xattr_handler *h, struct mnt_idmap *idmap,
			struct dentry *dentry, struct inode *inode, const char *name,
			const void *value, size_t size, int flags)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	const char *full = xattr_full_name(h, name);
	int rc;

	stats_inc(fs->stats, value ? CL_ST_SETXATTR : CL_ST_REMOVEXATTR);
	if (is_lov(h, name))
		return set_lov(inode, value, size);
	if (!strcmp(h->prefix, "lustre."))
		return -EOPNOTSUPP;
	if (!strcmp(h->prefix, XATTR_USER_PREFIX)) {
		if (!(fs->opt.flags & CL_OPT_USER_XATTR))
			return -EOPNOTSUPP;
		if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
			return -EPERM;
	}
	/* what tools copy along but belongs to the servers */
	if (!strcmp(full, XATTR_NAME_LMA) || !strcmp(full, XATTR_NAME_LINK) ||
	    !strcmp(full, XATTR_NAME_HSM) || !strcmp(full, XATTR_NAME_SOM))
		return 0;
	if (is_label(full) || !strcmp(full, XATTR_NAME_IMA) || !strcmp(full, XATTR_NAME_EVM))
		return -EOPNOTSUPP;
	rc = cl_reint_setxattr(inode, full, value, size, flags, !value,
			       MDS_INODELOCK_XATTR | MDS_INODELOCK_UPDATE);
	if (!rc)
		inode_set_flags(inode, 0, S_NOSEC);
	return rc;
}

/* Room for one name in a list; Return: its length, or -ERANGE */
static ssize_t list_one(char *buf, size_t size, size_t at, const char *name)
{
	size_t len = strlen(name) + 1;

	if (size) {
		if (at + len > size)
			return -ERANGE;
		memcpy(buf + at, name, len);
	}
	return len;
}

/* Which of the server's names a user gets to see */
static bool listed(struct cl_fs *fs, const char *name)
{
	if (!strncmp(name, XATTR_TRUSTED_PREFIX, XATTR_TRUSTED_PREFIX_LEN))
		return strcmp(name, XATTR_NAME_LOV) && capable(CAP_SYS_ADMIN);
	if (!strncmp(name, XATTR_USER_PREFIX, XATTR_USER_PREFIX_LEN))
		return fs->opt.flags & CL_OPT_USER_XATTR;
	return strcmp(name, XATTR_LUSTRE_LOV);
}

static ssize_t list_cached(struct inode *inode, char *buf, size_t size)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct cl_xattr *x;
	ssize_t n, at = 0;
	int rc;

	rc = cache_get(inode);
	if (rc)
		return rc;
	list_for_each_entry(x, &CL_I(inode)->xattrs, link) {
		if (!listed(fs, x->name))
			continue;
		n = list_one(buf, size, at, x->name);
		if (n < 0) {
			at = n;
			break;
		}
		at += n;
	}
	up_read(&CL_I(inode)->xattr_sem);
	return at;
}

static ssize_t list_server(struct inode *inode, char *buf, size_t size)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	char *names = kvmalloc(LOV_MAX_EASIZE, GFP_KERNEL);
	ssize_t len, n, at = 0, i;

	if (!names)
		return -ENOMEM;
	len = cl_mds_getxattr(inode, NULL, names, LOV_MAX_EASIZE - 1);
	if (len > 0)
		names[len] = 0;
	for (i = 0; i < len; i += strlen(names + i) + 1) {
		if (!names[i] || !listed(fs, names + i))
			continue;
		n = list_one(buf, size, at, names + i);
		if (n < 0) {
			at = n;
			break;
		}
		at += n;
	}
	kvfree(names);
	return len < 0 ? len : at;
}

ssize_t cl_listxattr(struct dentry *dentry, char *buf, size_t size)
{
	struct inode *inode = d_inode(dentry);
	ssize_t at, n;

	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_LISTXATTR);
	at = list_cached(inode, buf, size);
	if (at == -EOPNOTSUPP || at == -ERANGE || at == -EPROTO)
		at = list_server(inode, buf, size);
	if (at < 0 || !S_ISREG(inode->i_mode) || get_lov(inode, NULL, 0) <= 0)
		return at;
	n = list_one(buf, size, at, XATTR_LUSTRE_LOV);
	return n < 0 ? n : at + n;
}

#define CL_XATTR_HANDLER(n, p)					\
	static const struct xattr_handler cl_xattr_##n = {	\
		.prefix = p, .get = cl_xattr_get, .set = cl_xattr_set,	\
	}
CL_XATTR_HANDLER(user, XATTR_USER_PREFIX);
CL_XATTR_HANDLER(trusted, XATTR_TRUSTED_PREFIX);
CL_XATTR_HANDLER(security, XATTR_SECURITY_PREFIX);
CL_XATTR_HANDLER(lustre, "lustre.");

const struct xattr_handler * const cl_xattr_handlers[] = {
	&cl_xattr_user,
	&cl_xattr_trusted,
	&cl_xattr_security,
	&cl_xattr_lustre,
	COMPAT_ACL_XATTR_HANDLERS
	NULL
};
