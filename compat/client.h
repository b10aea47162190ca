/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file system implements and calls as Linux 7.2 has it, on older kernels: tables of
 * operations whose members changed, inode state and times.
 */
#ifndef SHEEN_COMPAT_CLIENT_H
#define SHEEN_COMPAT_CLIENT_H

#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/exportfs.h>
#include <linux/xattr.h>
#include "compat/filelock.h"
#include "compat/inode_time.h"
#include "compat/pagecache.h"
#include "compat/vfs.h"

/* ilookup5_nowait() tells whether the inode is being set up. */
#ifndef HAVE_ILOOKUP5_NOWAIT_NEW
#define ilookup5_nowait(sb, hash, test, data, is_new) \
	(*(is_new) = false, ilookup5_nowait(sb, hash, test, data))
#endif

/* sb->s_xattr points to constants since 6.6. */
#define compat_xattr_handlers(handlers) ((void *)(handlers))

/* Mounts map ids by struct mnt_idmap; before 6.3 by a user namespace. */
#ifndef HAVE_NOP_MNT_IDMAP
#define mnt_idmap user_namespace
#endif

/* cap_effective as one word */
static inline u32 compat_cap_low(kernel_cap_t cap)
{
#ifdef HAVE_KERNEL_CAP_VAL
	return cap.val;
#else
	return cap.cap[0];
#endif
}

static inline bool compat_in_32bit(void)
{
#ifdef CONFIG_COMPAT
	return in_compat_syscall();
#else
	return false;
#endif
}

#ifndef HAVE_INODE_STATE_READ
#define inode_state_read_once(inode) READ_ONCE((inode)->i_state)
#endif

#ifndef HAVE_SET_DEFAULT_D_OP
#define set_default_d_op(sb, ops) ((sb)->s_d_op = (ops))
#endif

#ifndef HAVE_GENERIC_FILLATTR_MASK
#define generic_fillattr(idmap, mask, inode, stat) generic_fillattr(idmap, inode, stat)
#endif

/*
 * dentry_operations.d_revalidate() is told the directory and the name. Before, they are taken from
 * the dentry: by reference in a ref walk, as they are in an RCU walk, which is checked afterwards.
 */
#ifdef HAVE_D_REVALIDATE_NAME
#define COMPAT_D_REVALIDATE(fn)
#define COMPAT_D_REVALIDATE_OP(fn) fn
#else
#define COMPAT_D_REVALIDATE_OP(fn) fn##_compat
#define COMPAT_D_REVALIDATE(fn)							\
static int fn##_compat(struct dentry *dentry, unsigned int flags)		\
{										\
	struct name_snapshot name;						\
	struct dentry *parent;							\
	struct inode *dir;							\
	int rc;									\
										\
	if (flags & LOOKUP_RCU) {						\
		parent = READ_ONCE(dentry->d_parent);				\
		dir = d_inode_rcu(parent);					\
		return dir ? fn(dir, &dentry->d_name, dentry, flags) : -ECHILD;	\
	}									\
	parent = dget_parent(dentry);						\
	take_dentry_name_snapshot(&name, dentry);				\
	rc = fn(d_inode(parent), &name.name, dentry, flags);			\
	release_dentry_name_snapshot(&name);					\
	dput(parent);								\
	return rc;								\
}
#endif

/* inode_operations.mkdir() returns a dentry or an error. */
#ifdef HAVE_MKDIR_DENTRY
#define COMPAT_MKDIR(fn)
#define COMPAT_MKDIR_OP(fn) fn
#else
#define COMPAT_MKDIR_OP(fn) fn##_compat
#define COMPAT_MKDIR(fn)							\
static int fn##_compat(struct mnt_idmap *idmap, struct inode *dir,		\
		       struct dentry *dentry, umode_t mode)			\
{										\
	return PTR_ERR_OR_ZERO(fn(idmap, dir, dentry, mode));			\
}
#endif

/*
 * ACLs: get_inode_acl(inode, type, rcu) and set_acl(idmap, dentry, acl, type). Before 6.2 the
 * former is called get_acl, the latter is given the inode, and the xattrs need handlers.
 */
#ifdef HAVE_GET_INODE_ACL
#define COMPAT_ACL_IOPS(get, set)	.get_inode_acl = get, .set_acl = set,
#define COMPAT_ACL_XATTR_HANDLERS
#define COMPAT_SET_ACL(fn, inode_fn)						\
int fn(struct mnt_idmap *idmap, struct dentry *dentry, struct posix_acl *acl, int type) \
{										\
	return inode_fn(d_inode(dentry), acl, type);				\
}
#define COMPAT_SET_ACL_DECLARE(fn) \
int fn(struct mnt_idmap *idmap, struct dentry *dentry, struct posix_acl *acl, int type)
#else
#define COMPAT_ACL_IOPS(get, set)	.get_acl = get, .set_acl = set,
#define COMPAT_ACL_XATTR_HANDLERS	&posix_acl_access_xattr_handler, &posix_acl_default_xattr_handler,
#define COMPAT_SET_ACL(fn, inode_fn)						\
int fn(struct mnt_idmap *idmap, struct inode *inode, struct posix_acl *acl, int type) \
{										\
	return inode_fn(inode, acl, type);					\
}
#define COMPAT_SET_ACL_DECLARE(fn) \
int fn(struct mnt_idmap *idmap, struct inode *inode, struct posix_acl *acl, int type)
#endif

#endif
