// SPDX-License-Identifier: GPL-2.0
/*
 * Names: create, link, unlink, rename, inside transactions; lookup. All checks that
 * can fail come before the first change. Readdir is in dir.c, paths in path.c.
 */
#include <linux/cred.h>
#include <linux/exportfs.h>
#include <linux/init_task.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/acl.h"
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* The directory must have been declared, so that it is locked, and still exist. */
static int check_dir(struct ldiskfs_tx *tx, struct ldiskfs_object *dir)
{
	if (WARN_ON_ONCE(!tx->started || !ldiskfs_tx_holds(tx, dir)))
		return -EINVAL;
	lockdep_assert_held_write(&obj_inode(dir)->i_rwsem);
	if (!S_ISDIR(obj_inode(dir)->i_mode))
		return -ENOTDIR;
	return IS_DEADDIR(obj_inode(dir)) ? -ENOENT : 0;
}

static struct dentry *find_name(struct ldiskfs_object *dir, const struct qstr *name)
{
	struct qstr copy = QSTR_INIT(name->name, name->len);

	if (name->len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	return lookup_noperm(&copy, dir->dentry);
}

/* --- create --- */

static int declare_new(struct ldiskfs_tx *tx, const struct ldiskfs_attr *attr)
{
	int err;

	/* The inode, its lma, records of FID and inode, and taking it all back. */
	tx->credits += LDISKFS_CREDITS_CREATE + ldiskfs_xattr_credits(sizeof(struct ldiskfs_lma), true) +
		       2 * LDISKFS_CREDITS_INDEX + LDISKFS_CREDITS_UNLINK;
	tx->chunks += 2;
	tx->grows = true;
	err = ldiskfs_tx_quota(tx, make_kqid_uid(attr->uid));
	if (!err)
		err = ldiskfs_tx_quota(tx, make_kqid_gid(attr->gid));
	if (!err && attr->projid) {
		tx->credits += LDISKFS_CREDITS_PROJID;
		err = ldiskfs_tx_quota(tx, make_kqid_projid(make_kprojid(&init_user_ns,
									 attr->projid)));
	}
	return err;
}

/**
 * ldiskfs_declare_create() - announce ldiskfs_create()
 * @tx: transaction, not started
 * @dir: parent, will be locked
 * @attr: owner and project of the new object
 *
 * Covers its FID index entry, its version and, with setgid directories, its group.
 * Further changes of the new object in the same transaction (xattrs) are declared
 * with a NULL object. Return: 0, -E2BIG, -ENOMEM, -EIO.
 */
int ldiskfs_declare_create(struct ldiskfs_tx *tx, struct ldiskfs_object *dir,
			   const struct ldiskfs_attr *attr)
{
	int err = ldiskfs_tx_lock(tx, dir);

	return err ? err : declare_new(tx, attr);
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_create);

/* More than ext4 can take away by mistake: a stop for the first attempt and for each of three more */
#define SPARE_REFS	8

static struct dentry *call_make(struct inode *dir, struct dentry *dentry, const struct ldiskfs_attr *attr)
{
	int err;

	switch (attr->mode & S_IFMT) {
	case S_IFDIR:
		return vfs_call_mkdir(dir, dentry, attr->mode & ~S_IFMT);
	case S_IFREG:
		err = dir->i_op->create(&nop_mnt_idmap, dir, dentry, attr->mode, true);
		break;
	case S_IFLNK:
		err = dir->i_op->symlink(&nop_mnt_idmap, dir, dentry, attr->symlink);
		break;
	default:
		err = dir->i_op->mknod(&nop_mnt_idmap, dir, dentry, attr->mode, attr->rdev);
		break;
	}
	return err ? ERR_PTR(err) : dentry;
}

/*
 * When no inode can be had (none is free, no memory, a bitmap that cannot be read) ext4 has not started
 * its own handle yet, and stops the one that it finds: ours. Then references must be left.
 */
static struct dentry *make_inode(struct inode *dir, struct dentry *dentry, const struct ldiskfs_attr *attr)
{
	handle_t *handle = journal_current_handle();
	int refs = handle->h_ref;

	handle->h_ref = refs + SPARE_REFS;
	dentry = call_make(dir, dentry, attr);
	handle->h_ref = refs;
	return dentry;
}

/* Owned from the start by whom it will belong to: no second round of quota. */
static struct dentry *make_owned(struct inode *dir, struct dentry *dentry,
				 const struct ldiskfs_attr *attr)
{
	const struct cred *saved;
	struct cred *cred;

	if (uid_eq(attr->uid, current_fsuid()) && gid_eq(attr->gid, current_fsgid()))
		return make_inode(dir, dentry, attr);
	cred = prepare_kernel_cred(&init_task);
	if (!cred)
		return ERR_PTR(-ENOMEM);
	cred->fsuid = attr->uid;
	cred->fsgid = attr->gid;
	saved = override_creds(cred);
	dentry = make_inode(dir, dentry, attr);
	revert_creds(saved);
	put_cred(cred);
	return dentry;
}

static bool time_given(struct timespec64 ts)
{
	return ts.tv_sec || ts.tv_nsec;
}

/* With a default ACL in the directory ext4 narrows permissions; without, it applies a umask. */
static umode_t new_mode(struct inode *dir, struct inode *inode, umode_t mode)
{
	struct posix_acl *acl = get_inode_acl(dir, ACL_TYPE_DEFAULT);

	if (IS_ERR_OR_NULL(acl))
		return mode;
	posix_acl_release(acl);
	return (mode & ~0777) | (inode->i_mode & 0777);
}

/* What ext4 decided itself, or took from the directory, is put right. */
static int set_new_attr(struct inode *dir, struct dentry *dentry, const struct ldiskfs_attr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	if (!gid_eq(inode->i_gid, attr->gid)) {
		struct iattr ia = { .ia_valid = ATTR_GID | ATTR_FORCE };

		ia.ia_vfsgid = VFSGIDT_INIT(attr->gid);
		err = inode->i_op->setattr(&nop_mnt_idmap, dentry, &ia);
		if (err)
			return err;
	}
	if (attr->projid) {
		err = ldiskfs_set_projid_inode(dentry, attr->projid);
		if (err)
			return err;
	}
	if (!S_ISLNK(inode->i_mode))
		inode->i_mode = new_mode(dir, inode, attr->mode);
	if (time_given(attr->atime))
		inode_set_atime_to_ts(inode, attr->atime);
	if (time_given(attr->mtime))
		inode_set_mtime_to_ts(inode, attr->mtime);
	if (time_given(attr->ctime))
		inode_set_ctime_to_ts(inode, attr->ctime);
	mark_inode_dirty(inode);
	return 0;
}

static int set_lma(struct dentry *dentry, const struct lu_fid *fid)
{
	struct ldiskfs_lma lma = {
		.fid.f_seq = cpu_to_le64(fid->f_seq),
		.fid.f_oid = cpu_to_le32(fid->f_oid),
		.fid.f_ver = cpu_to_le32(fid->f_ver),
	};

	return __vfs_setxattr(&nop_mnt_idmap, dentry, d_inode(dentry), LDISKFS_XATTR_LMA,
			      &lma, sizeof(lma), XATTR_CREATE);
}

/* The index last: who finds the FID there finds everything. */
static int set_new_fid(struct ldiskfs_tx *tx, struct dentry *dentry, const struct lu_fid *fid)
{
	struct inode *inode = d_inode(dentry);
	int err;

	err = set_lma(dentry, fid);
	if (!err)
		err = ldiskfs_inode_set(tx, inode->i_ino, inode->i_generation, fid, 0);
	if (!err)
		err = ldiskfs_index_set(tx, fid, inode->i_ino, inode->i_generation);
	return err;
}

/* Take back a creation of this transaction; it has the credits, declare_new() saw to that. */
static void undo_create(struct ldiskfs_tx *tx, struct inode *dir, struct dentry *dentry,
			const struct lu_fid *fid)
{
	struct inode *inode = d_inode(dentry);
	struct lu_fid none = { 0 };
	int err;

	inode_lock_nested(inode, I_MUTEX_PARENT);	/* subclass 1: free, see lock_inodes() */
	err = S_ISDIR(inode->i_mode) ? dir->i_op->rmdir(dir, dentry) : dir->i_op->unlink(dir, dentry);
	inode_unlock(inode);
	if (!err && fid)
		err = ldiskfs_index_set(tx, fid, 0, 0);
	if (!err && fid)
		err = ldiskfs_inode_set(tx, inode->i_ino, 0, &none, 0);
	if (err)
		ldiskfs_tx_abort(tx, err, "taking back a new object");
	d_drop(dentry);
}

/*
 * The object of a new dentry under the locked @dir. Consumes @dentry.
 */
static struct ldiskfs_object *create_at(struct ldiskfs_tx *tx, struct inode *dir,
					struct dentry *dentry, const struct lu_fid *fid,
					const struct ldiskfs_attr *attr)
{
	struct ldiskfs_object *obj = ldiskfs_object_alloc(tx->dev), *found;
	struct dentry *made;
	int err;

	made = obj ? make_owned(dir, dentry, attr) : ERR_PTR(-ENOMEM);
	if (IS_ERR(made)) {
		dput(dentry);
		if (obj)
			ldiskfs_object_free(obj);
		return ERR_CAST(made);
	}
	dentry = made;
	err = set_new_attr(dir, dentry, attr);
	if (!err && fid)
		err = set_new_fid(tx, dentry, fid);
	if (err) {
		undo_create(tx, dir, dentry, fid);
		obj->dead = true;
	} else if (fid) {
		obj->fid = *fid;
	}
	found = ldiskfs_object_insert(obj, dentry);
	if (err) {
		found->dead = true;
		ldiskfs_object_put(found);
		return ERR_PTR(err);
	}
	if (fid)
		found->fid = *fid;	/* perhaps it was found by name before it had one */
	return found;
}

static int check_new(struct ldiskfs_tx *tx, const struct lu_fid *fid, const struct ldiskfs_attr *attr)
{
	u32 ino, gen;
	int err;

	if (S_ISLNK(attr->mode)) {
		size_t len = attr->symlink ? strlen(attr->symlink) : 0;

		if (!len)
			return -ENOENT;
		if (len >= LDISKFS_BLOCK)
			return -ENAMETOOLONG;
	}
	if (!fid)
		return 0;
	err = ldiskfs_index_find(tx->dev, fid, &ino, &gen);
	if (err == -ENOENT)
		return 0;
	return err ? err : -EEXIST;
}

/**
 * ldiskfs_create() - new object with a name
 * @tx: started transaction that declared it
 * @dir: parent
 * @name: its name
 * @fid: its FID; NULL for internal files without one
 * @attr: its attributes
 *
 * A default ACL of @dir is inherited, and narrows the mode. Context: may sleep.
 * Return: object with a reference, or ERR_PTR: -EEXIST (name or FID), -ENOENT if @dir was removed, -ENAMETOOLONG, -ENOSPC, -EDQUOT, -EMLINK, -EIO.
 */
struct ldiskfs_object *ldiskfs_create(struct ldiskfs_tx *tx, struct ldiskfs_object *dir,
				      const struct qstr *name, const struct lu_fid *fid,
				      const struct ldiskfs_attr *attr)
{
	struct dentry *dentry;
	int err;

	err = check_dir(tx, dir);
	if (!err)
		err = check_new(tx, fid, attr);
	if (err)
		return ERR_PTR(err);
	dentry = find_name(dir, name);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (d_is_positive(dentry)) {
		dput(dentry);
		return ERR_PTR(-EEXIST);
	}
	return create_at(tx, obj_inode(dir), dentry, fid, attr);
}
EXPORT_SYMBOL_GPL(ldiskfs_create);

/**
 * ldiskfs_create_undo() - take back what ldiskfs_create() made in this transaction
 * @tx: started transaction
 * @dir: parent
 * @name: name it was created with
 * @obj: new object; the caller's reference stays, the object is gone with the last one
 *
 * For a later step that failed (an attribute without space). A failure here aborts
 * the journal. Context: may sleep.
 */
void ldiskfs_create_undo(struct ldiskfs_tx *tx, struct ldiskfs_object *dir,
			 const struct qstr *name, struct ldiskfs_object *obj)
{
	struct dentry *dentry = find_name(dir, name);

	if (IS_ERR(dentry) || d_inode(dentry) != obj_inode(obj)) {
		ldiskfs_tx_abort(tx, -EIO, "taking back a new object");
	} else {
		undo_create(tx, obj_inode(dir), dentry, fid_is_zero(&obj->fid) ? NULL : &obj->fid);
		obj->dead = true;
	}
	if (!IS_ERR(dentry))
		dput(dentry);
}
EXPORT_SYMBOL_GPL(ldiskfs_create_undo);

/* --- data objects of an OST: O/<seq>/d<oid % 32>/<oid> --- */

/**
 * ldiskfs_declare_create_data() - announce ldiskfs_create_data()
 * @tx: transaction, not started
 * @fid: FID of the new object; makes the directories of its sequence if missing
 *
 * Return: 0, -ENOSPC, -ENOMEM, -EIO.
 */
int ldiskfs_declare_create_data(struct ldiskfs_tx *tx, const struct lu_fid *fid)
{
	struct ldiskfs_object *dir = ldiskfs_data_dir(tx->dev, fid);
	struct ldiskfs_attr attr = { .uid = GLOBAL_ROOT_UID, .gid = GLOBAL_ROOT_GID };
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	err = ldiskfs_declare_create(tx, dir, &attr);
	ldiskfs_object_put(dir);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_create_data);

/* A dentry that no lookup finds: the index says what exists. */
static struct dentry *data_dentry(struct ldiskfs_object *dir, const struct lu_fid *fid)
{
	char name[16];
	struct dentry *dentry;

	snprintf(name, sizeof(name), "%u", fid->f_oid);
	dentry = d_alloc_name(dir->dentry, name);
	return dentry ? dentry : ERR_PTR(-ENOMEM);
}

/**
 * ldiskfs_create_data() - new data object
 * @tx: started transaction that declared it
 * @fid: its FID
 * @attr: its attributes; times exactly as given: an object that nobody wrote has none (0), so that
 *	those of its file count
 *
 * Return: object with a reference, or ERR_PTR: -EEXIST, -ENOSPC, -EIO.
 */
struct ldiskfs_object *ldiskfs_create_data(struct ldiskfs_tx *tx, const struct lu_fid *fid,
					   const struct ldiskfs_attr *attr)
{
	struct ldiskfs_object *dir, *obj;
	struct dentry *dentry;
	int err;

	dir = ldiskfs_data_dir(tx->dev, fid);	/* found at once: it was made before */
	if (IS_ERR(dir))
		return dir;
	err = check_dir(tx, dir);
	if (!err)
		err = check_new(tx, fid, attr);
	dentry = err ? ERR_PTR(err) : data_dentry(dir, fid);
	obj = IS_ERR(dentry) ? ERR_CAST(dentry) : create_at(tx, obj_inode(dir), dentry, fid, attr);
	if (!IS_ERR(obj)) {
		inode_set_atime_to_ts(obj_inode(obj), attr->atime);
		inode_set_mtime_to_ts(obj_inode(obj), attr->mtime);
		inode_set_ctime_to_ts(obj_inode(obj), attr->ctime);
		mark_inode_dirty(obj_inode(obj));
	}
	ldiskfs_object_put(dir);
	return obj;
}
EXPORT_SYMBOL_GPL(ldiskfs_create_data);

/* --- removal --- */

/* The last name went: so does the FID, in the same transaction. */
int ldiskfs_remove_index(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	struct inode *inode = obj_inode(obj);
	struct lu_fid none = { 0 };
	int err;

	obj->dead = true;
	if (fid_is_zero(&obj->fid))
		return 0;
	err = ldiskfs_index_set(tx, &obj->fid, 0, 0);
	if (!err)
		err = ldiskfs_inode_set(tx, inode->i_ino, 0, &none, 0);
	if (err)
		ldiskfs_tx_abort(tx, err, "removing a FID");
	return err;
}

static int declare_removal(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	int err = ldiskfs_tx_lock(tx, obj);

	tx->credits += LDISKFS_CREDITS_UNLINK + 2 * LDISKFS_CREDITS_INDEX;
	tx->revokes += 8;
	return err;
}

/**
 * ldiskfs_declare_destroy_data() - announce ldiskfs_destroy_data()
 * @tx: transaction, not started
 * @obj: data object
 */
int ldiskfs_declare_destroy_data(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	struct ldiskfs_object *dir = ldiskfs_data_dir(tx->dev, &obj->fid);
	int err;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	err = ldiskfs_tx_lock(tx, dir);
	ldiskfs_object_put(dir);
	return err ? err : declare_removal(tx, obj);
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_destroy_data);

/**
 * ldiskfs_destroy_data() - remove a data object
 * @tx: started transaction that declared it
 * @obj: data object; may be used, though not found, until its last reference goes
 *
 * Its blocks are freed after that, or by recovery. Return: 0, -ENOENT if it is
 * destroyed already, -EIO.
 */
int ldiskfs_destroy_data(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	struct inode *inode = obj_inode(obj);
	struct ldiskfs_object *dir;
	struct dentry *dentry;
	int err;

	if (obj->dead)
		return -ENOENT;
	dir = ldiskfs_data_dir(tx->dev, &obj->fid);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	err = check_dir(tx, dir);
	dentry = err ? ERR_PTR(err) : data_dentry(dir, &obj->fid);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
		goto out;
	}
	ihold(inode);
	d_instantiate(dentry, inode);
	err = obj_inode(dir)->i_op->unlink(obj_inode(dir), dentry);
	if (!err)
		err = ldiskfs_remove_index(tx, obj);
	d_drop(dentry);
	dput(dentry);
out:
	ldiskfs_object_put(dir);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_destroy_data);

/**
 * ldiskfs_declare_unlink() - announce ldiskfs_unlink()
 * @tx: transaction, not started
 * @dir: parent, will be locked
 * @obj: what will be unlinked, will be locked
 */
int ldiskfs_declare_unlink(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, struct ldiskfs_object *obj)
{
	int err = ldiskfs_tx_lock(tx, dir);

	return err ? err : declare_removal(tx, obj);
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_unlink);

/**
 * ldiskfs_unlink() - remove a name
 * @tx: started transaction that declared it
 * @dir: parent
 * @name: name
 * @obj: what it names
 *
 * With the last name of a file, or a directory, the FID index entry goes. The object
 * itself lives while somebody holds it.
 * Return: 0; -ENOENT if there is no such name or it names something else,
 * -ENOTEMPTY, -EIO.
 */
int ldiskfs_unlink(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, const struct qstr *name,
		   struct ldiskfs_object *obj)
{
	struct inode *inode = obj_inode(obj), *di = obj_inode(dir);
	struct dentry *dentry;
	int err;

	err = check_dir(tx, dir);
	if (err)
		return err;
	if (WARN_ON_ONCE(!ldiskfs_tx_holds(tx, obj)))
		return -EINVAL;
	dentry = find_name(dir, name);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (d_inode(dentry) != inode) {
		err = -ENOENT;
		goto out;
	}
	if (S_ISDIR(inode->i_mode)) {
		/* Negative children would keep the directory in memory, and its blocks. */
		shrink_dcache_parent(dentry);
		err = di->i_op->rmdir(di, dentry);
		if (!err)
			inode->i_flags |= S_DEAD;
	} else {
		err = di->i_op->unlink(di, dentry);
	}
	if (!err && (S_ISDIR(inode->i_mode) || !inode->i_nlink))
		err = ldiskfs_remove_index(tx, obj);
	if (!err)
		d_delete(dentry);	/* not the last reference of the inode: obj has one */
out:
	dput(dentry);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_unlink);

/* --- link --- */

/**
 * ldiskfs_declare_link() - announce ldiskfs_link()
 * @tx: transaction, not started
 * @dir: parent of the new name, will be locked
 * @obj: object, not a directory, will be locked
 */
int ldiskfs_declare_link(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, struct ldiskfs_object *obj)
{
	int err = ldiskfs_tx_lock(tx, dir);

	if (!err)
		err = ldiskfs_tx_lock(tx, obj);
	tx->credits += LDISKFS_CREDITS_LINK;
	tx->grows = true;
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_link);

/**
 * ldiskfs_link() - one more name
 * @tx: started transaction that declared it
 * @dir: parent of the new name
 * @name: new name
 * @obj: object
 *
 * Return: 0, -EEXIST, -EPERM for a directory, -ENOENT if @obj has no name left or
 * @dir was removed, -EMLINK, -ENOSPC, -EIO.
 */
int ldiskfs_link(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, const struct qstr *name,
		 struct ldiskfs_object *obj)
{
	struct inode *inode = obj_inode(obj);
	struct dentry *dentry;
	int err;

	err = check_dir(tx, dir);
	if (err)
		return err;
	if (WARN_ON_ONCE(!ldiskfs_tx_holds(tx, obj)))
		return -EINVAL;
	if (S_ISDIR(inode->i_mode))
		return -EPERM;
	if (obj->dead || !inode->i_nlink)
		return -ENOENT;
	dentry = find_name(dir, name);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = -EEXIST;
	if (d_is_negative(dentry))
		err = obj_inode(dir)->i_op->link(obj->dentry, obj_inode(dir), dentry);
	dput(dentry);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_link);

/* --- rename --- */

/**
 * ldiskfs_declare_rename() - announce ldiskfs_rename()
 * @tx: transaction, not started
 * @sdir: parent now
 * @tdir: parent after, may be the same
 * @obj: what is renamed
 * @victim: what @tname names now, or NULL
 *
 * All of them will be locked. Moves of directories to another parent exclude each other.
 */
int ldiskfs_declare_rename(struct ldiskfs_tx *tx, struct ldiskfs_object *sdir,
			   struct ldiskfs_object *tdir, struct ldiskfs_object *obj,
			   struct ldiskfs_object *victim)
{
	int err = ldiskfs_tx_lock(tx, sdir);

	if (!err)
		err = ldiskfs_tx_lock(tx, tdir);
	if (!err)
		err = ldiskfs_tx_lock(tx, obj);
	if (!err && victim)
		err = declare_removal(tx, victim);
	tx->credits += LDISKFS_CREDITS_RENAME;
	tx->grows = true;
	if (sdir != tdir && S_ISDIR(obj_inode(obj)->i_mode)) {
		tx->move = obj;
		tx->move_to = tdir;
	}
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_rename);

static int check_rename(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, struct dentry *from,
			struct ldiskfs_object *victim, struct dentry *to)
{
	struct inode *inode = obj_inode(obj);

	if (d_inode(from) != inode)
		return -ENOENT;
	if (!victim)
		return d_is_positive(to) ? -EEXIST : tx->move_err;
	if (d_inode(to) != obj_inode(victim))
		return -ENOENT;
	if (S_ISDIR(inode->i_mode) && !d_is_dir(to))
		return -ENOTDIR;
	if (!S_ISDIR(inode->i_mode) && d_is_dir(to))
		return -EISDIR;
	return tx->move_err;
}

/**
 * ldiskfs_rename() - change a name, in one directory or two
 * @tx: started transaction that declared it
 * @sdir: parent now
 * @sname: name now
 * @tdir: parent after
 * @tname: name after
 * @obj: what is renamed
 * @victim: what @tname names now, or NULL; loses this name
 *
 * Return: 0, also if both name the same object (nothing changes then, as POSIX has
 * it); -ENOENT if a name is not what was said, -EEXIST, -ENOTEMPTY, -ENOTDIR,
 * -EISDIR, -EINVAL for a directory below itself, -EMLINK, -ENOSPC, -EIO.
 */
int ldiskfs_rename(struct ldiskfs_tx *tx, struct ldiskfs_object *sdir, const struct qstr *sname,
		   struct ldiskfs_object *tdir, const struct qstr *tname,
		   struct ldiskfs_object *obj, struct ldiskfs_object *victim)
{
	struct inode *sdi = obj_inode(sdir), *tdi = obj_inode(tdir);
	struct dentry *from, *to;
	int err;

	err = check_dir(tx, sdir) ? : check_dir(tx, tdir);
	if (err)
		return err;
	if (WARN_ON_ONCE(!ldiskfs_tx_holds(tx, obj) || (victim && !ldiskfs_tx_holds(tx, victim))))
		return -EINVAL;
	from = find_name(sdir, sname);
	if (IS_ERR(from))
		return PTR_ERR(from);
	to = find_name(tdir, tname);
	if (IS_ERR(to)) {
		dput(from);
		return PTR_ERR(to);
	}
	err = check_rename(tx, obj, from, victim, to);
	if (err || obj == victim)
		goto out;
	if (victim && d_is_dir(to))
		shrink_dcache_parent(to);
	err = sdi->i_op->rename(&nop_mnt_idmap, sdi, from, tdi, to, 0);
	if (err)
		goto out;
	if (victim && d_is_dir(to))
		obj_inode(victim)->i_flags |= S_DEAD;
	if (victim && (d_is_dir(to) || !obj_inode(victim)->i_nlink))
		err = ldiskfs_remove_index(tx, victim);
	d_move(from, to);
out:
	dput(to);
	dput(from);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_rename);

/* --- lookup --- */

/**
 * ldiskfs_lookup() - what a name names
 * @dir: directory
 * @name: name, not "." or ".."
 *
 * Context: may sleep; locks @dir shared if the name is not cached, so not inside a
 * transaction that declared @dir.
 * Return: object with a reference, -ENOENT, -ENOTDIR, -ENAMETOOLONG, -EUCLEAN, -EIO.
 */
struct ldiskfs_object *ldiskfs_lookup(struct ldiskfs_object *dir, const struct qstr *name)
{
	struct qstr copy = QSTR_INIT(name->name, name->len);
	struct dentry *dentry;

	if (!S_ISDIR(obj_inode(dir)->i_mode))
		return ERR_PTR(-ENOTDIR);
	if (name->len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	dentry = lookup_noperm_unlocked(&copy, dir->dentry);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (d_is_negative(dentry)) {
		dput(dentry);
		return ERR_PTR(-ENOENT);
	}
	return ldiskfs_object_of(dir->dev, dentry);
}
EXPORT_SYMBOL_GPL(ldiskfs_lookup);

/**
 * ldiskfs_parent() - ".." of a directory
 * @dir: directory
 *
 * Return: object with a reference (the root is its own parent), -ENOTDIR, -ESTALE if
 * @dir was removed, -EIO.
 */
struct ldiskfs_object *ldiskfs_parent(struct ldiskfs_object *dir)
{
	struct dentry *dentry;

	if (!S_ISDIR(obj_inode(dir)->i_mode))
		return ERR_PTR(-ENOTDIR);
	if (dir->dead)
		return ERR_PTR(-ESTALE);
	if (!IS_ROOT(dir->dentry))
		dentry = dget_parent(dir->dentry);
	else if (dir->dentry == dir->dev->sb->s_root)
		dentry = dget(dir->dentry);
	else
		dentry = dir->dev->sb->s_export_op->get_parent(dir->dentry);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	return ldiskfs_object_of(dir->dev, dentry);
}
EXPORT_SYMBOL_GPL(ldiskfs_parent);
