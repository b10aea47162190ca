// SPDX-License-Identifier: GPL-2.0
/*
 * Extended attributes. The two ACL attributes go through the inode's ACL operations.
 */
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* Return: ACL_TYPE_*, or -1 if @name is no ACL. */
static int acl_type(const char *name)
{
	if (!strcmp(name, XATTR_NAME_POSIX_ACL_ACCESS))
		return ACL_TYPE_ACCESS;
	if (!strcmp(name, XATTR_NAME_POSIX_ACL_DEFAULT))
		return ACL_TYPE_DEFAULT;
	return -1;
}

static bool acl_possible(struct inode *inode, int type)
{
	if (S_ISLNK(inode->i_mode))
		return false;
	return type == ACL_TYPE_ACCESS || S_ISDIR(inode->i_mode);
}

static struct posix_acl *get_acl_of(struct ldiskfs_object *obj, int type)
{
	struct inode *inode = obj_inode(obj);
	struct posix_acl *acl = acl_possible(inode, type) ? vfs_call_get_acl(inode, type) : NULL;

	return acl == ERR_PTR(-EOPNOTSUPP) ? NULL : acl;
}

static ssize_t get_acl_xattr(struct ldiskfs_object *obj, int type, void *buf, size_t size)
{
	struct posix_acl *acl = get_acl_of(obj, type);
	size_t len;
	void *value;

	if (IS_ERR_OR_NULL(acl))
		return acl ? PTR_ERR(acl) : -ENODATA;
	value = posix_acl_to_xattr(&init_user_ns, acl, &len, GFP_NOFS);
	posix_acl_release(acl);
	if (!value)
		return -ENOMEM;
	if (size && size >= len)
		memcpy(buf, value, len);
	kfree(value);
	return size && size < len ? -ERANGE : (ssize_t)len;
}

static int set_acl_xattr(struct ldiskfs_object *obj, int type, const void *buf, size_t size, int flags)
{
	struct posix_acl *acl = NULL, *old;
	int err = 0;

	if (!acl_possible(obj_inode(obj), type))
		return buf ? -EOPNOTSUPP : -ENODATA;
	old = get_acl_of(obj, type);
	if (IS_ERR(old))
		return PTR_ERR(old);
	posix_acl_release(old);
	if (old ? flags & XATTR_CREATE : (flags & XATTR_REPLACE) || !buf)
		return old ? -EEXIST : -ENODATA;
	if (buf) {
		acl = posix_acl_from_xattr(&init_user_ns, buf, size);
		if (IS_ERR(acl))
			return PTR_ERR(acl);
		if (acl)
			err = posix_acl_valid(&init_user_ns, acl);
	}
	if (!err)
		err = vfs_call_set_acl(obj->dentry, acl, type);
	posix_acl_release(acl);
	return err;
}

/* Then a new mode changes the ACL, and a new ACL the mode. */
bool ldiskfs_has_acl(struct ldiskfs_object *obj)
{
	struct posix_acl *acl = get_acl_of(obj, ACL_TYPE_ACCESS);

	if (IS_ERR_OR_NULL(acl))
		return false;
	posix_acl_release(acl);
	return true;
}

/**
 * ldiskfs_getxattr() - value of an extended attribute
 * @obj: object
 * @name: full name ("trusted.lov", "system.posix_acl_access")
 * @buf: where to
 * @size: bytes of @buf; 0 asks for the size
 *
 * Context: may sleep. Return: bytes, -ENODATA, -ERANGE if @buf is too small,
 * -EOPNOTSUPP for an unknown class of names, -EIO.
 */
ssize_t ldiskfs_getxattr(struct ldiskfs_object *obj, const char *name, void *buf, size_t size)
{
	int type = acl_type(name);

	if (type >= 0)
		return get_acl_xattr(obj, type, buf, size);
	return __vfs_getxattr(obj->dentry, obj_inode(obj), name, buf, size);
}
EXPORT_SYMBOL_GPL(ldiskfs_getxattr);

/**
 * ldiskfs_listxattr() - names of the extended attributes
 * @obj: object
 * @buf: where to: names, each with its NUL
 * @size: bytes of @buf; 0 asks for the size
 *
 * All of them, trusted.lma too (chapter 04, 5.5). Context: may sleep. Return: bytes, -ERANGE, -ENOMEM, -EIO.
 */
ssize_t ldiskfs_listxattr(struct ldiskfs_object *obj, char *buf, size_t size)
{
	struct inode *inode = obj_inode(obj);

	return inode->i_op->listxattr ? inode->i_op->listxattr(obj->dentry, size ? buf : NULL, size) : 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_listxattr);

/**
 * ldiskfs_declare_setxattr() - announce ldiskfs_setxattr()
 * @tx: transaction, not started
 * @obj: object, will be locked; NULL for the one that @tx creates
 * @name: full name
 * @size: bytes of the value, 0 if it is removed
 *
 * Return: 0, -E2BIG.
 */
int ldiskfs_declare_setxattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const char *name, size_t size)
{
	int err = obj ? ldiskfs_tx_lock(tx, obj) : 0;

	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	tx->credits += ldiskfs_xattr_credits(size, false);
	if (obj)
		tx->revokes += 16;
	if (size)
		tx->grows = true;
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_setxattr);

/**
 * ldiskfs_setxattr() - set or remove an extended attribute
 * @tx: started transaction that declared it
 * @obj: object
 * @name: full name
 * @buf: value, NULL removes
 * @size: its bytes
 * @flags: XATTR_CREATE, XATTR_REPLACE or 0
 *
 * An access ACL changes the mode with it. Context: may sleep.
 * Return: 0, -EEXIST, -ENODATA, -EOPNOTSUPP, -EINVAL for a bad ACL, -E2BIG and -ENOSPC
 * if it does not fit, -EDQUOT, -EIO.
 */
int ldiskfs_setxattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const char *name,
		     const void *buf, size_t size, int flags)
{
	int type = acl_type(name);

	if (!strcmp(name, LDISKFS_XATTR_LMA))
		return -EPERM;
	if (type >= 0)
		return set_acl_xattr(obj, type, buf, size, flags);
	if (!buf)
		return __vfs_removexattr(&nop_mnt_idmap, obj->dentry, name);
	return __vfs_setxattr(&nop_mnt_idmap, obj->dentry, obj_inode(obj), name, buf, size, flags);
}
EXPORT_SYMBOL_GPL(ldiskfs_setxattr);
