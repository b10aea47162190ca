// SPDX-License-Identifier: GPL-2.0
/*
 * Mending the FID index from the files: every inode says in trusted.lma which FID it is. An entry
 * that is missing or wrong is mended when its file is met by name. An index that belongs to other
 * files (they were restored from a backup file by file) or was removed is made anew at mount.
 */
#include <linux/exportfs.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "ldiskfs/internal.h"

#define NAMES_SIZE	SZ_64K

/**
 * ldiskfs_read_lma() - the FID that an inode says it is
 * @dentry: of the inode
 * @fid: filled in, zero if it has none
 *
 * Return: 0, -EUCLEAN for what is no such attribute, -EIO.
 */
int ldiskfs_read_lma(struct dentry *dentry, struct lu_fid *fid)
{
	struct ldiskfs_lma lma;
	struct wire_fid *wire = &lma.fid;
	int len = __vfs_getxattr(dentry, d_inode(dentry), LDISKFS_XATTR_LMA, &lma, sizeof(lma));

	*fid = (struct lu_fid){ 0 };
	if (len == -ENODATA || len == -EOPNOTSUPP)
		return 0;
	if (len != sizeof(lma))
		return len < 0 && len != -ERANGE ? len : -EUCLEAN;
	fid->f_seq = le64_to_cpu(wire->f_seq);
	fid->f_oid = le32_to_cpu(wire->f_oid);
	fid->f_ver = le32_to_cpu(wire->f_ver);
	return 0;
}

/* Is there another inode that says it is @fid, and does the index lead to that one? */
static bool owned_by_other(struct ldiskfs_dev *dev, struct inode *inode, const struct lu_fid *fid)
{
	struct dentry *dentry;
	struct lu_fid other;
	u32 key[2];
	bool owned;

	if (ldiskfs_index_find(dev, fid, &key[0], &key[1]) || key[0] == inode->i_ino)
		return false;
	dentry = dev->sb->s_export_op->fh_to_dentry(dev->sb, (struct fid *)key, 2, FILEID_INO32_GEN);
	if (IS_ERR_OR_NULL(dentry))
		return false;
	owned = !ldiskfs_read_lma(dentry, &other) && fid_eq(&other, fid);
	dput(dentry);
	return owned;
}

/**
 * ldiskfs_index_mend() - make the index say of an inode what the inode says
 * @dev: device
 * @dentry: of the inode
 *
 * Context: may sleep; not inside a transaction, no i_rwsem held.
 * Return: 0, -EUCLEAN if the inode has no FID or another one has the same, -EROFS, -ENOSPC, -EIO.
 */
int ldiskfs_index_mend(struct ldiskfs_dev *dev, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct ldiskfs_tx *tx;
	struct lu_fid fid;
	int err, err2;

	err = ldiskfs_read_lma(dentry, &fid);
	if (err)
		return err;
	if (fid_is_zero(&fid) || !inode->i_nlink || owned_by_other(dev, inode, &fid))
		return -EUCLEAN;
	tx = ldiskfs_tx_alloc(dev);
	if (!tx)
		return -ENOMEM;
	tx->credits += 2 * LDISKFS_CREDITS_INDEX;
	tx->chunks += 2;
	err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_index_set(tx, &fid, inode->i_ino, inode->i_generation);
	if (!err)
		err = ldiskfs_inode_set(tx, inode->i_ino, inode->i_generation, &fid, 0);
	err2 = ldiskfs_tx_stop(tx, false);
	err = err ? err : err2;
	if (!err && !dev->scrubbing)
		pr_warn_ratelimited("ldiskfs: %s: the FID index had lost " DFID ", inode %llu\n",
				    dev->name, PFID(&fid), (u64)inode->i_ino);
	return err;
}

/* --- all files --- */

/* A directory that is being read */
struct level {
	struct list_head	link;
	struct ldiskfs_object	*dir;
	u64			pos;
};

/* Names of it: length and bytes; looking them up waits until the directory is no longer locked */
struct names {
	u8	*buf;
	size_t	used;
	u64	next;
	bool	more;
};

static bool collect(void *arg, const char *name, int len, u64 hash, const struct lu_fid *fid, unsigned int d_type)
{
	struct names *n = arg;

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	if (n->used + len + 1 > NAMES_SIZE) {
		n->next = hash;
		n->more = true;
		return false;
	}
	n->buf[n->used] = len;
	memcpy(n->buf + n->used + 1, name, len);
	n->used += len + 1;
	return true;
}

static int push(struct list_head *levels, struct ldiskfs_object *dir)
{
	struct level *level = kzalloc(sizeof(*level), GFP_KERNEL);

	if (!level) {
		ldiskfs_object_put(dir);
		return -ENOMEM;
	}
	level->dir = dir;
	list_add(&level->link, levels);
	return 0;
}

static void pop(struct level *level)
{
	list_del(&level->link);
	ldiskfs_object_put(level->dir);
	kfree(level);
}

/* Looking a file up by name mends its entry. */
static int visit(struct list_head *levels, struct ldiskfs_object *dir, const struct qstr *name, u64 *files)
{
	struct ldiskfs_object *obj = ldiskfs_lookup(dir, name);

	if (IS_ERR(obj)) {
		pr_err("ldiskfs: %s: scrub: %.*s: %ld\n", dir->dev->name, (int)name->len, name->name, PTR_ERR(obj));
		/* files that contradict each other are left alone */
		return PTR_ERR(obj) == -EUCLEAN ? 0 : PTR_ERR(obj);
	}
	++*files;
	if (S_ISDIR(obj_inode(obj)->i_mode))
		return push(levels, obj);
	/* data objects are removed without their dentry: it must not keep them */
	d_drop(obj->dentry);
	ldiskfs_object_put(obj);
	return 0;
}

static int read_level(struct list_head *levels, struct level *level, struct names *n, u64 *files)
{
	struct ldiskfs_object *dir = ldiskfs_object_get(level->dir);
	struct qstr name;
	size_t at;
	int err;

	n->used = 0;
	n->more = false;
	err = ldiskfs_readdir(dir, level->pos, collect, n);
	if (err || !n->more)
		pop(level);
	else
		level->pos = n->next;
	for (at = 0; at < n->used && !err; at += name.len + 1) {
		name = (struct qstr)QSTR_INIT(n->buf + at + 1, n->buf[at]);
		err = visit(levels, dir, &name, files);
		cond_resched();
	}
	ldiskfs_object_put(dir);
	return err;
}

/**
 * ldiskfs_scrub() - make the index agree with all files
 * @dev: device, in use by nobody else
 *
 * Context: may sleep long: about a second for 100000 files. Return: 0 or an error of the disk.
 */
int ldiskfs_scrub(struct ldiskfs_dev *dev)
{
	struct names n = { .buf = kvmalloc(NAMES_SIZE, GFP_KERNEL) };
	struct ldiskfs_object *root = ldiskfs_path(dev, "/");
	LIST_HEAD(levels);
	u64 files = 0;
	int err;

	dev->scrubbing = true;
	if (IS_ERR(root))
		err = PTR_ERR(root);
	else
		err = push(&levels, root);
	if (!n.buf)
		err = -ENOMEM;
	while (!err && !list_empty(&levels))
		err = read_level(&levels, list_first_entry(&levels, struct level, link), &n, &files);
	while (!list_empty(&levels))
		pop(list_first_entry(&levels, struct level, link));
	kvfree(n.buf);
	dev->scrubbing = false;
	if (err)
		pr_err("ldiskfs: %s: the FID index cannot be made: %d\n", dev->name, err);
	else
		pr_info("ldiskfs: %s: the FID index was made from %llu files\n", dev->name, files);
	return err;
}
