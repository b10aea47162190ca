// SPDX-License-Identifier: GPL-2.0
/*
 * Files and directories by path, for what a target keeps beside its objects
 * (configuration, data directories), each change with a transaction of its own.
 */
#include <linux/namei.h>
#include <linux/slab.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* Directories of the data objects of one sequence, found or made on first use. */
struct ldiskfs_seq {
	struct ldiskfs_object *dirs[32];
};

/* A file or directory without FID; files are journaled. */
struct ldiskfs_object *ldiskfs_make(struct ldiskfs_object *dir, const char *name, umode_t mode)
{
	struct qstr qname = QSTR_INIT(name, strlen(name));
	struct ldiskfs_attr attr = {
		.mode = mode, .uid = GLOBAL_ROOT_UID, .gid = GLOBAL_ROOT_GID,
	};
	struct ldiskfs_object *obj;
	struct ldiskfs_tx *tx;
	int err;

	tx = ldiskfs_tx_alloc(dir->dev);
	if (!tx)
		return ERR_PTR(-ENOMEM);
	/* No FID, no index: or the index could not make its own file. */
	err = ldiskfs_declare_create(tx, dir, &attr);
	tx->chunks = 0;
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return ERR_PTR(err);
	}
	obj = ldiskfs_create(tx, dir, &qname, NULL, &attr);
	err = ldiskfs_tx_stop(tx, false);
	if (!err || IS_ERR(obj))
		return obj;
	ldiskfs_object_put(obj);
	return ERR_PTR(err);
}

static struct ldiskfs_object *root_object(struct ldiskfs_dev *dev)
{
	return ldiskfs_object_of(dev, dget(dev->sb->s_root));
}

/* Next component of a path; 0 if there is none. */
static size_t component(const char **path)
{
	while (**path == '/')
		(*path)++;
	return strcspn(*path, "/");
}

static struct ldiskfs_object *walk(struct ldiskfs_dev *dev, const char *path, umode_t make)
{
	struct ldiskfs_object *obj = root_object(dev), *next;
	char name[NAME_MAX + 1];
	size_t len;

	while (!IS_ERR(obj) && (len = component(&path))) {
		struct qstr qname = QSTR_INIT(name, len);
		bool last;

		if (len > NAME_MAX) {
			ldiskfs_object_put(obj);
			return ERR_PTR(-ENAMETOOLONG);
		}
		memcpy(name, path, len);
		name[len] = 0;
		path += len;
		last = !component(&path);
		next = ldiskfs_lookup(obj, &qname);
		if (next == ERR_PTR(-ENOENT) && make)
			next = ldiskfs_make(obj, name, last ? make : S_IFDIR | 0755);
		ldiskfs_object_put(obj);
		obj = next;
	}
	return obj;
}

/**
 * ldiskfs_path() - object of a path
 * @dev: device
 * @path: from the device's root, "/" being the root
 *
 * Context: may sleep; not inside a transaction.
 * Return: object with a reference, -ENOENT, -ENOTDIR, other errors.
 */
struct ldiskfs_object *ldiskfs_path(struct ldiskfs_dev *dev, const char *path)
{
	return walk(dev, path, 0);
}
EXPORT_SYMBOL_GPL(ldiskfs_path);

/**
 * ldiskfs_mkpath() - directory or file by path, made if missing
 * @dev: device
 * @path: from the device's root; missing parents are made too
 * @mode: S_IFDIR or S_IFREG and permissions; an existing one keeps its own
 *
 * Context: may sleep; not inside a transaction. Durable with the next commit.
 * Return: object with a reference, -ENOTDIR, -EISDIR, -ENOSPC, other errors.
 */
struct ldiskfs_object *ldiskfs_mkpath(struct ldiskfs_dev *dev, const char *path, umode_t mode)
{
	struct ldiskfs_object *obj;
	int err = 0;

	mutex_lock(&dev->make_lock);
	obj = walk(dev, path, mode);
	mutex_unlock(&dev->make_lock);
	if (IS_ERR(obj))
		return obj;
	if (S_ISDIR(obj_inode(obj)->i_mode) != S_ISDIR(mode))
		err = S_ISDIR(mode) ? -ENOTDIR : -EISDIR;
	else if (S_ISREG(mode) && !dev->rdonly)
		err = ldiskfs_set_journaled(obj);
	if (!err)
		return obj;
	ldiskfs_object_put(obj);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(ldiskfs_mkpath);

static int remove_object(struct ldiskfs_object *dir, const char *name, struct ldiskfs_object *obj)
{
	struct qstr qname = QSTR_INIT(name, strlen(name));
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(dir->dev);
	int err, err2;

	err = tx ? ldiskfs_declare_unlink(tx, dir, obj) : -ENOMEM;
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_unlink(tx, dir, &qname, obj);
	err2 = ldiskfs_tx_stop(tx, true);
	return err ? err : err2;
}

/**
 * ldiskfs_rmpath() - remove a file or an empty directory by path
 * @dev: device
 * @path: from the device's root
 *
 * On disk when it returns. Context: may sleep; not inside a transaction.
 * Return: 0, -ENOENT, -ENOTEMPTY, other errors.
 */
int ldiskfs_rmpath(struct ldiskfs_dev *dev, const char *path)
{
	const char *name = strrchr(path, '/');
	struct ldiskfs_object *dir, *obj;
	char *parent;
	int err;

	if (!name || !name[1])
		return -EINVAL;
	parent = kstrndup(path, name - path, GFP_KERNEL);
	if (!parent)
		return -ENOMEM;
	dir = ldiskfs_path(dev, parent);
	kfree(parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	obj = ldiskfs_path(dev, path);
	err = IS_ERR(obj) ? PTR_ERR(obj) : remove_object(dir, name + 1, obj);
	ldiskfs_object_put(obj);
	ldiskfs_object_put(dir);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_rmpath);

/* --- directories of data objects --- */

static void seq_free(struct ldiskfs_seq *seq)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(seq->dirs); i++)
		ldiskfs_object_put(seq->dirs[i]);
	kfree(seq);
}

static struct ldiskfs_seq *seq_make(struct ldiskfs_dev *dev, u64 nr)
{
	struct ldiskfs_seq *seq = kzalloc(sizeof(*seq), GFP_KERNEL);
	unsigned int i;
	char path[40];
	int err = 0;

	if (!seq)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < ARRAY_SIZE(seq->dirs) && !err; i++) {
		snprintf(path, sizeof(path), "/O/%llx/d%u", nr, i);
		seq->dirs[i] = walk(dev, path, dev->rdonly ? 0 : S_IFDIR | 0700);
		err = PTR_ERR_OR_ZERO(seq->dirs[i]);
	}
	if (!err)
		err = xa_err(xa_store(&dev->seqs, nr, seq, GFP_KERNEL));
	if (!err)
		return seq;
	seq_free(seq);
	return ERR_PTR(err);
}

/* O/<seq>/d<oid % 32> of a FID, with a reference. Inside a transaction it must exist already. */
struct ldiskfs_object *ldiskfs_data_dir(struct ldiskfs_dev *dev, const struct lu_fid *fid)
{
	struct ldiskfs_seq *seq = xa_load(&dev->seqs, fid->f_seq);

	if (!seq && journal_current_handle())
		return ERR_PTR(-ENOENT);
	if (!seq) {
		mutex_lock(&dev->make_lock);
		seq = xa_load(&dev->seqs, fid->f_seq);
		if (!seq)
			seq = seq_make(dev, fid->f_seq);
		mutex_unlock(&dev->make_lock);
		if (IS_ERR(seq))
			return ERR_CAST(seq);
	}
	return ldiskfs_object_get(seq->dirs[fid->f_oid % ARRAY_SIZE(seq->dirs)]);
}

/*
 * A data object by its name: mends the index on the way. Return: object with a reference,
 * -ENOENT, other errors.
 */
struct ldiskfs_object *ldiskfs_data_by_name(struct ldiskfs_dev *dev, const struct lu_fid *fid)
{
	struct ldiskfs_object *dir, *obj;
	struct dentry *dentry;
	struct qstr qname;
	char name[40];

	snprintf(name, sizeof(name), "/O/%llx/d%u", fid->f_seq, fid->f_oid % 32);
	dir = ldiskfs_path(dev, name);
	if (IS_ERR(dir))
		return PTR_ERR(dir) == -ENOTDIR ? ERR_PTR(-ENOENT) : dir;
	qname = (struct qstr)QSTR_INIT(name, snprintf(name, sizeof(name), "%u", fid->f_oid));
	dentry = lookup_noperm_unlocked(&qname, dir->dentry);
	ldiskfs_object_put(dir);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	/* data objects are made and removed without this dentry: it must not be found again */
	d_drop(dentry);
	if (d_is_negative(dentry)) {
		dput(dentry);
		return ERR_PTR(-ENOENT);
	}
	obj = ldiskfs_object_of(dev, dentry);
	if (IS_ERR(obj))
		return obj;
	if (!obj->dead && obj_inode(obj)->i_nlink && fid_eq(&obj->fid, fid))
		return obj;
	ldiskfs_object_put(obj);
	return ERR_PTR(-ENOENT);
}

void ldiskfs_data_dirs_drop(struct ldiskfs_dev *dev)
{
	struct ldiskfs_seq *seq;
	unsigned long nr;

	xa_for_each(&dev->seqs, nr, seq)
		seq_free(seq);
	xa_destroy(&dev->seqs);
}
