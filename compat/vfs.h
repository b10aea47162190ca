/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VFS as Linux 7.2 has it, on older kernels: name lookup, ACL
 * and page cache operations of inodes that a module calls directly.
 */
#ifndef SHEEN_COMPAT_VFS_H
#define SHEEN_COMPAT_VFS_H

#include <linux/fs.h>
#include <linux/fileattr.h>
#include <linux/highmem.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "inode_time.h"

#ifndef HAVE_NOP_MNT_IDMAP
#define nop_mnt_idmap init_user_ns
#endif

#ifndef HAVE_LOOKUP_NOPERM
static inline struct dentry *lookup_noperm(struct qstr *name, struct dentry *base)
{
	return lookup_one_len((const char *)name->name, base, name->len);
}

static inline struct dentry *lookup_noperm_unlocked(struct qstr *name, struct dentry *base)
{
	return lookup_one_len_unlocked((const char *)name->name, base, name->len);
}
#endif

#ifndef HAVE_FILE_KATTR
#define file_kattr fileattr
#endif

/* i_op->mkdir() of a parent locked by the caller; the result may be another dentry than @dentry. */
static inline struct dentry *vfs_call_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
#ifdef HAVE_MKDIR_DENTRY
	struct dentry *made = dir->i_op->mkdir(&nop_mnt_idmap, dir, dentry, mode);

	if (!made)
		return dentry;
	if (!IS_ERR(made))
		dput(dentry);
	return made;
#else
	int err = dir->i_op->mkdir(&nop_mnt_idmap, dir, dentry, mode);

	return err ? ERR_PTR(err) : dentry;
#endif
}

static inline struct posix_acl *vfs_call_get_acl(struct inode *inode, int type)
{
#ifdef HAVE_GET_INODE_ACL
	return inode->i_op->get_inode_acl(inode, type, false);
#else
	return inode->i_op->get_acl(inode, type, false);
#endif
}

static inline int vfs_call_set_acl(struct dentry *dentry, struct posix_acl *acl, int type)
{
#ifdef HAVE_GET_INODE_ACL
	return d_inode(dentry)->i_op->set_acl(&nop_mnt_idmap, dentry, acl, type);
#else
	return d_inode(dentry)->i_op->set_acl(&nop_mnt_idmap, d_inode(dentry), acl, type);
#endif
}

#ifndef HAVE_POSIX_ACL_TO_XATTR_ALLOC
static inline void *compat_posix_acl_to_xattr(struct user_namespace *ns,
					      const struct posix_acl *acl, size_t *size, gfp_t gfp)
{
	void *value;

	*size = posix_acl_xattr_size(acl->a_count);
	value = kmalloc(*size, gfp);
	if (value)
		posix_acl_to_xattr(ns, acl, value, *size);
	return value;
}
#define posix_acl_to_xattr compat_posix_acl_to_xattr
#endif

/* a_ops->write_begin(), a memcpy() and write_end(); the range lies within one page. */
static inline int vfs_call_write(struct file *file, loff_t pos, const void *buf, unsigned int len)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	void *fsdata = NULL;
	int err;
#ifdef HAVE_WRITE_BEGIN_KIOCB
	struct kiocb iocb;
#define vfs_write_file (&iocb)
#else
#define vfs_write_file file
#endif
#ifdef HAVE_WRITE_BEGIN_PAGE
	struct page *folio;
#else
	struct folio *folio;
#endif

#ifdef HAVE_WRITE_BEGIN_KIOCB
	init_sync_kiocb(&iocb, file);
#endif
	err = ops->write_begin(vfs_write_file, mapping, pos, len, &folio, &fsdata);
	if (err)
		return err;
#ifdef HAVE_WRITE_BEGIN_PAGE
	memcpy_to_page(folio, offset_in_page(pos), buf, len);
	flush_dcache_page(folio);
#else
	memcpy_to_folio(folio, offset_in_folio(folio, pos), buf, len);
#endif
	err = ops->write_end(vfs_write_file, mapping, pos, len, len, folio, fsdata);
#undef vfs_write_file
	if (err < 0)
		return err;
	return err == len ? 0 : -EIO;
}

/*
 * a_ops->write_begin() and write_end() of nothing at position 0, with a call
 * of @func between them.
 */
static inline int vfs_call_write_probe(struct file *file, void (*func)(void *), void *arg)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	void *fsdata = NULL;
	int err;
#ifdef HAVE_WRITE_BEGIN_KIOCB
	struct kiocb iocb;
#define vfs_write_file (&iocb)
#else
#define vfs_write_file file
#endif
#ifdef HAVE_WRITE_BEGIN_PAGE
	struct page *folio;
#else
	struct folio *folio;
#endif

#ifdef HAVE_WRITE_BEGIN_KIOCB
	init_sync_kiocb(&iocb, file);
#endif
	err = ops->write_begin(vfs_write_file, mapping, 0, 1, &folio, &fsdata);
	if (err)
		return err;
	func(arg);
	err = ops->write_end(vfs_write_file, mapping, 0, 1, 0, folio, fsdata);
#undef vfs_write_file
	return err < 0 ? err : 0;
}

#endif
