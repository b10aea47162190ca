// SPDX-License-Identifier: GPL-2.0
/*
 * POSIX ACLs: access ACLs come with attributes under a PERM lock, default ACLs by getxattr.
 */
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

static const char *acl_name(int type)
{
	return type == ACL_TYPE_ACCESS ? XATTR_NAME_POSIX_ACL_ACCESS : XATTR_NAME_POSIX_ACL_DEFAULT;
}

void cl_acl_set_cached(struct inode *inode, const struct cl_reply *r)
{
	struct posix_acl *acl = NULL;

	if (!IS_POSIXACL(inode) || S_ISLNK(inode->i_mode))
		return;
	if (r->acl_size) {
		acl = posix_acl_from_xattr(&init_user_ns, r->acl, r->acl_size);
		if (IS_ERR(acl)) {
			forget_cached_acl(inode, ACL_TYPE_ACCESS);
			return;
		}
	} else if (!(r->valid & OBD_MD_FLACL) && !(r->valid & OBD_MD_FLMODEASIZE)) {
		return;		/* not a reply that would have brought one */
	}
	set_cached_acl(inode, ACL_TYPE_ACCESS, acl);
	posix_acl_release(acl);
}

/* Called by the VFS when nothing is cached: 1 RPC, which the VFS then remembers */
struct posix_acl *cl_get_inode_acl(struct inode *inode, int type, bool rcu)
{
	const char *name = acl_name(type);
	struct posix_acl *acl = NULL;
	ssize_t size;
	char *buf;

	if (rcu)
		return ERR_PTR(-ECHILD);
	if (type == ACL_TYPE_DEFAULT && !S_ISDIR(inode->i_mode))
		return NULL;
	size = 4096;
	buf = kvmalloc(size, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	size = cl_mds_getxattr(inode, name, buf, size);
	if (size == -ERANGE) {
		kvfree(buf);
		buf = kvmalloc(LOV_MAX_EASIZE, GFP_KERNEL);
		if (!buf)
			return ERR_PTR(-ENOMEM);
		size = cl_mds_getxattr(inode, name, buf, LOV_MAX_EASIZE);
	}
	if (size > 0)
		acl = posix_acl_from_xattr(&init_user_ns, buf, size);
	else if (size < 0 && size != -ENODATA && size != -EOPNOTSUPP)
		acl = ERR_PTR(size);
	kvfree(buf);
	return acl;
}

/* 1 RPC. The MDT changes the mode as well; we see that at the next getattr */
static int cl_set_inode_acl(struct inode *inode, struct posix_acl *acl, int type)
{
	const char *name = acl_name(type);
	u64 bits = MDS_INODELOCK_UPDATE | MDS_INODELOCK_XATTR;
	void *value = NULL;
	size_t size = 0;
	int rc;

	if (type == ACL_TYPE_DEFAULT && !S_ISDIR(inode->i_mode))
		return acl ? -EACCES : 0;
	if (type == ACL_TYPE_ACCESS)
		bits |= MDS_INODELOCK_LOOKUP | MDS_INODELOCK_PERM;
	if (acl) {
		value = posix_acl_to_xattr(&init_user_ns, acl, &size, GFP_KERNEL);
		if (IS_ERR_OR_NULL(value))
			return value ? PTR_ERR(value) : -ENOMEM;
	}
	rc = cl_reint_setxattr(inode, name, value, size, 0, !acl, bits);
	if (!acl && rc == -ENODATA)
		rc = 0;
	forget_cached_acl(inode, type);
	kfree(value);
	return rc;
}

COMPAT_SET_ACL(cl_set_acl, cl_set_inode_acl)
