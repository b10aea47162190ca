// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of inodes: mode, owner, times, project, the journal flag.
 */
#include <linux/fs.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

#define TIMES (ATTR_ATIME | ATTR_MTIME | ATTR_CTIME)

/**
 * ldiskfs_declare_setattr() - announce ldiskfs_setattr()
 * @tx: transaction, not started
 * @obj: object, will be locked; NULL for the one that @tx creates
 * @attr: what will change; new owners are looked up in the quota files now
 *
 * Return: 0, -E2BIG, -ENOMEM, -EIO.
 */
int ldiskfs_declare_setattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const struct iattr *attr)
{
	int err = obj ? ldiskfs_tx_lock(tx, obj) : 0;

	tx->credits += LDISKFS_CREDITS_SETATTR;
	if (!err && (attr->ia_valid & ATTR_UID))
		err = ldiskfs_tx_quota(tx, make_kqid_uid(attr->ia_uid));
	if (!err && (attr->ia_valid & ATTR_GID))
		err = ldiskfs_tx_quota(tx, make_kqid_gid(attr->ia_gid));
	if (!err && (attr->ia_valid & ATTR_MODE) && obj && ldiskfs_has_acl(obj))
		tx->credits += ldiskfs_xattr_credits(SZ_1K, false);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_setattr);

static int change_owner_mode(struct ldiskfs_object *obj, const struct iattr *attr)
{
	struct iattr ia = {
		.ia_valid = (attr->ia_valid & (ATTR_MODE | ATTR_UID | ATTR_GID)) | ATTR_FORCE,
	};
	struct inode *inode = obj_inode(obj);

	if (ia.ia_valid == ATTR_FORCE)
		return 0;
	ia.ia_mode = (inode->i_mode & S_IFMT) | (attr->ia_mode & ~S_IFMT);
	ia.ia_vfsuid = VFSUIDT_INIT(attr->ia_uid);
	ia.ia_vfsgid = VFSGIDT_INIT(attr->ia_gid);
	return inode->i_op->setattr(&nop_mnt_idmap, obj->dentry, &ia);
}

/**
 * ldiskfs_setattr() - change attributes
 * @tx: started transaction that declared it
 * @obj: object
 * @attr: mode (an access ACL follows it), owner, and times exactly as given, ctime too;
 *	no permission is checked; the size is ldiskfs_truncate()'s
 *
 * Context: may sleep. Return: 0, -EINVAL for a size, -EDQUOT, -EPERM for immutable
 * files, -EIO.
 */
int ldiskfs_setattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const struct iattr *attr)
{
	struct inode *inode = obj_inode(obj);
	int err;

	/* ext4 takes locks above the handle to change a size. */
	if (WARN_ON_ONCE(attr->ia_valid & ATTR_SIZE))
		return -EINVAL;
	err = change_owner_mode(obj, attr);
	if (err)
		return err;
	if (attr->ia_valid & ATTR_ATIME)
		inode_set_atime_to_ts(inode, timestamp_truncate(attr->ia_atime, inode));
	if (attr->ia_valid & ATTR_MTIME)
		inode_set_mtime_to_ts(inode, timestamp_truncate(attr->ia_mtime, inode));
	if (attr->ia_valid & ATTR_CTIME)
		inode_set_ctime_to_ts(inode, timestamp_truncate(attr->ia_ctime, inode));
	if (attr->ia_valid & TIMES)
		mark_inode_dirty(inode);
	return 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_setattr);

/**
 * ldiskfs_readlink() - target of a symlink
 * @obj: symlink
 * @buf: where to; no NUL is added
 * @size: its bytes
 *
 * Context: may sleep. Return: bytes, -ERANGE if they are more than @size, -EINVAL for
 * other types, -EIO.
 */
ssize_t ldiskfs_readlink(struct ldiskfs_object *obj, char *buf, size_t size)
{
	DEFINE_DELAYED_CALL(done);
	const char *link;
	ssize_t len;

	if (!S_ISLNK(obj_inode(obj)->i_mode))
		return -EINVAL;
	link = vfs_get_link(obj->dentry, &done);
	if (IS_ERR(link))
		return PTR_ERR(link);
	len = strlen(link);
	if (len > size)
		len = -ERANGE;
	else
		memcpy(buf, link, len);
	do_delayed_call(&done);
	return len;
}
EXPORT_SYMBOL_GPL(ldiskfs_readlink);

/**
 * ldiskfs_btime() - when an object was created
 * @obj: object
 * @btime: seconds since 1970
 *
 * Return: whether the storage knows (it needs inodes of at least 256 bytes).
 */
bool ldiskfs_btime(struct ldiskfs_object *obj, s64 *btime)
{
	struct inode *inode = obj_inode(obj);
	struct path path = { .mnt = obj->dev->mnt, .dentry = obj->dentry };
	struct kstat stat = { 0 };

	if (!inode->i_op->getattr ||
	    inode->i_op->getattr(&nop_mnt_idmap, &path, &stat, STATX_BTIME, AT_STATX_DONT_SYNC) ||
	    !(stat.result_mask & STATX_BTIME))
		return false;
	*btime = stat.btime.tv_sec;
	return true;
}
EXPORT_SYMBOL_GPL(ldiskfs_btime);

/* --- project and flags --- */

static int get_fileattr(struct dentry *dentry, struct file_kattr *fa)
{
	memset(fa, 0, sizeof(*fa));
	fa->flags_valid = true;
	fa->fsx_valid = true;
	return d_inode(dentry)->i_op->fileattr_get(dentry, fa);
}

int ldiskfs_set_projid_inode(struct dentry *dentry, u32 projid)
{
	struct file_kattr fa;
	int err = get_fileattr(dentry, &fa);

	if (err || fa.fsx_projid == projid)
		return err;
	fa.fsx_projid = projid;
	return d_inode(dentry)->i_op->fileattr_set(&nop_mnt_idmap, dentry, &fa);
}

static bool has_fileattr(struct inode *inode)
{
	return inode->i_op->fileattr_get && (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode));
}

/**
 * ldiskfs_projid() - project of an object
 * @obj: object
 * Return: project id; 0 for none, and for what is neither file nor directory.
 */
u32 ldiskfs_projid(struct ldiskfs_object *obj)
{
	struct file_kattr fa;

	if (!has_fileattr(obj_inode(obj)) || get_fileattr(obj->dentry, &fa))
		return 0;
	return fa.fsx_projid;
}
EXPORT_SYMBOL_GPL(ldiskfs_projid);

/**
 * ldiskfs_declare_set_projid() - announce ldiskfs_set_projid()
 * @tx: transaction, not started
 * @obj: object, will be locked
 * @projid: project id
 */
int ldiskfs_declare_set_projid(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 projid)
{
	int err = ldiskfs_tx_lock(tx, obj);

	tx->credits += LDISKFS_CREDITS_PROJID;
	return err ? err : ldiskfs_tx_quota(tx, make_kqid_projid(make_kprojid(&init_user_ns,
									     projid)));
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_set_projid);

/**
 * ldiskfs_set_projid() - change the project; ctime becomes now, set it after this
 * @tx: started transaction that declared it
 * @obj: file or directory
 * @projid: project id
 *
 * Return: 0, -EOPNOTSUPP without the project feature or for other types, -EDQUOT, -EIO.
 */
int ldiskfs_set_projid(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 projid)
{
	if (!has_fileattr(obj_inode(obj)))
		return -EOPNOTSUPP;
	return ldiskfs_set_projid_inode(obj->dentry, projid);
}
EXPORT_SYMBOL_GPL(ldiskfs_set_projid);

/**
 * ldiskfs_set_flags() - change inode flags (FS_*_FL); ctime becomes now, set it after this
 * @tx: started transaction in which ldiskfs_setattr() of @obj is declared
 * @obj: file or directory
 * @flags: those of LDISKFS_SETTABLE_FLAGS are set as they are in here, others stay
 *
 * Return: 0, -EOPNOTSUPP for other types, -EIO.
 */
int ldiskfs_set_flags(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 flags)
{
	struct inode *inode = obj_inode(obj);
	struct file_kattr fa;
	u32 projid;
	int err;

	if (!has_fileattr(inode))
		return -EOPNOTSUPP;
	err = get_fileattr(obj->dentry, &fa);
	if (err)
		return err;
	projid = fa.fsx_projid;
	fileattr_fill_flags(&fa, (fa.flags & ~LDISKFS_SETTABLE_FLAGS) | (flags & LDISKFS_SETTABLE_FLAGS));
	fa.fsx_projid = projid;
	return inode->i_op->fileattr_set(&nop_mnt_idmap, obj->dentry, &fa);
}
EXPORT_SYMBOL_GPL(ldiskfs_set_flags);

/*
 * Have the data of a file journaled, and its blocks revoked when they are freed.
 * Waits for all open transactions: not inside one. Done once for a file.
 */
int ldiskfs_set_journaled(struct ldiskfs_object *obj)
{
	struct inode *inode = obj_inode(obj);
	struct file_kattr fa;
	int err;

	if (obj->journaled)
		return 0;
	sb_start_write(inode->i_sb);
	inode_lock(inode);
	err = get_fileattr(obj->dentry, &fa);
	if (!err && !(fa.flags & FS_JOURNAL_DATA_FL)) {
		u32 projid = fa.fsx_projid;

		fileattr_fill_flags(&fa, fa.flags | FS_JOURNAL_DATA_FL);
		fa.fsx_projid = projid;
		err = inode->i_op->fileattr_set(&nop_mnt_idmap, obj->dentry, &fa);
	}
	inode_unlock(inode);
	sb_end_write(inode->i_sb);
	if (!err)
		obj->journaled = true;
	return err;
}
