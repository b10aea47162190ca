// SPDX-License-Identifier: GPL-2.0
/*
 * Reading directories: names in the order of ext4's hash, with the FID of each.
 */
#include <linux/fs.h>
#include <linux/file.h>
#include <linux/slab.h>
#include "ldiskfs/internal.h"

/* "." and ".." come first, whatever their hash: a directory that grows an index must not move them. */
#define POS_DOT		0
#define POS_DOTDOT	1

struct read_context {
	struct dir_context	ctx;
	struct ldiskfs_dev	*dev;
	ldiskfs_filldir_t	fill;
	void			*arg;
	int			err;
	bool			lost;		/* the index has no FID for what follows */
	loff_t			lost_pos;
	int			lost_len;
	char			lost_name[NAME_MAX];
};

/* The FID of an entry is in the index: no inode is read. */
static bool read_actor(struct dir_context *ctx, const char *name, int len, loff_t pos, u64 ino,
		       unsigned int d_type)
{
	struct read_context *rc = container_of(ctx, struct read_context, ctx);
	struct lu_fid fid;
	u64 version;
	u32 gen;

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	rc->err = ldiskfs_inode_find(rc->dev, ino, &fid, &version, &gen);
	if (rc->err)
		return false;
	if (fid_is_zero(&fid) && pos != rc->lost_pos) {
		rc->lost = true;
		rc->lost_pos = pos;
		rc->lost_len = len;
		memcpy(rc->lost_name, name, len);
		return false;
	}
	return rc->fill(rc->arg, name, len, pos, &fid, d_type);
}

/* Looking a file up by name mends the index, if it has a FID at all. */
static void mend(struct ldiskfs_object *dir, struct read_context *rc)
{
	struct qstr name = QSTR_INIT(rc->lost_name, rc->lost_len);
	struct ldiskfs_object *obj = ldiskfs_lookup(dir, &name);

	ldiskfs_object_put(obj);
	rc->ctx.pos = rc->lost_pos;
}

static int read_dots(struct ldiskfs_object *dir, u64 hash, ldiskfs_filldir_t fill, void *arg)
{
	struct ldiskfs_object *parent;
	bool more;

	if (hash == POS_DOT && !fill(arg, ".", 1, POS_DOT, &dir->fid, DT_DIR))
		return 1;
	if (hash > POS_DOTDOT)
		return 0;
	parent = ldiskfs_parent(dir);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	more = fill(arg, "..", 2, POS_DOTDOT, &parent->fid, DT_DIR);
	ldiskfs_object_put(parent);
	return more ? 0 : 1;
}

/**
 * ldiskfs_readdir() - entries of a directory
 * @dir: directory
 * @hash: position to start from: 0, or that of an entry seen before
 * @fill: called for each entry, with @dir locked shared: no operation on names in it
 * @arg: for @fill
 *
 * Positions rise, and are below 2^63. Entries without FID (files made by path) get a
 * zero FID. Context: may sleep; not inside a transaction.
 * Return: 0 when @fill stopped it or at the end, or an error: -ENOTDIR, -EIO,
 * -ESTALE if the directory was removed.
 */
int ldiskfs_readdir(struct ldiskfs_object *dir, u64 hash, ldiskfs_filldir_t fill, void *arg)
{
	struct read_context *rc;
	struct file *file;
	int err;

	if (!S_ISDIR(obj_inode(dir)->i_mode))
		return -ENOTDIR;
	if (hash > LLONG_MAX)
		return 0;
	err = read_dots(dir, hash, fill, arg);
	if (err)
		return err < 0 ? err : 0;
	rc = kzalloc(sizeof(*rc), GFP_KERNEL);
	if (!rc)
		return -ENOMEM;
	*rc = (struct read_context){
		.ctx.actor = read_actor, .dev = dir->dev, .fill = fill, .arg = arg, .lost_pos = -1,
	};
	file = ldiskfs_open_dentry(dir->dev, dir->dentry, O_RDONLY | O_DIRECTORY);
	if (IS_ERR(file)) {
		kfree(rc);
		return PTR_ERR(file);
	}
	file->f_mode &= ~FMODE_32BITHASH;
	file->f_mode |= FMODE_64BITHASH;
	rc->ctx.pos = hash <= POS_DOTDOT ? 0 : hash;
	do {
		rc->lost = false;
		file->f_pos = rc->ctx.pos;
		err = iterate_dir(file, &rc->ctx);
		if (rc->lost)
			mend(dir, rc);
	} while (rc->lost && err >= 0);
	ldiskfs_close_file(file);
	err = err < 0 ? err : rc->err;
	kfree(rc);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_readdir);
