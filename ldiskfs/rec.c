// SPDX-License-Identifier: GPL-2.0
/*
 * Files of fixed-size records, changed inside transactions by way of the block
 * device's buffers: one credit a block, no i_rwsem, no page cache.
 *
 * A file has segments NAME, NAME.1, NAME.2... A segment is allocated, zeroed and
 * on disk before it gets its name, and never changes its blocks after. All have
 * the journal-data flag, so that ext4 revokes their blocks if somebody deletes
 * them.
 */
#include <linux/buffer_head.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

struct ldiskfs_rec {
	struct ldiskfs_dev	*dev;
	struct mutex		grow_lock;	/* segments, size upwards */
	unsigned int		segments;
	u64			size;		/* bytes, multiple of the block size */
	struct xarray		map;		/* block of the file -> block of the disk */
	char			name[];
};

static void segment_name(const struct ldiskfs_rec *rec, unsigned int nr, char *buf, size_t size)
{
	if (nr)
		snprintf(buf, size, "/%s.%u", rec->name, nr);
	else
		snprintf(buf, size, "/%s", rec->name);
}

/* Remember where the blocks of the next segment are. */
static int map_segment(struct ldiskfs_rec *rec, struct inode *inode)
{
	u64 blocks = i_size_read(inode) >> LDISKFS_BLOCK_BITS, i;
	u64 first = rec->size >> LDISKFS_BLOCK_BITS;
	sector_t block;
	int err = 0;

	for (i = 0; i < blocks && !err; i++) {
		block = i;
		err = bmap(inode, &block);
		if (!err && !block)
			err = -EUCLEAN;
		if (!err)
			err = xa_err(xa_store(&rec->map, first + i, xa_mk_value(block), GFP_KERNEL));
	}
	/* Its pages must not shadow the buffers. */
	invalidate_mapping_pages(inode->i_mapping, 0, -1);
	if (err) {
		pr_err("ldiskfs: %s: %s, segment %u: cannot map its blocks: %d\n",
		       rec->dev->name, rec->name, rec->segments, err);
		return err;
	}
	rec->segments++;
	smp_store_release(&rec->size, rec->size + (blocks << LDISKFS_BLOCK_BITS));
	return 0;
}

/* Written, not just allocated: an unwritten extent would read as zeros whatever its buffer says. */
static int write_zeros(struct file *file, u64 size)
{
	loff_t pos = 0;
	void *zeros;
	ssize_t n;
	int err;

	err = vfs_fallocate(file, 0, 0, size);
	if (err)
		return err;
	zeros = kvzalloc(SZ_64K, GFP_KERNEL);
	if (!zeros)
		return -ENOMEM;
	while (pos < size) {
		n = kernel_write(file, zeros, min_t(u64, SZ_64K, size - pos), &pos);
		if (n <= 0) {
			err = n ? n : -EIO;
			break;
		}
	}
	kvfree(zeros);
	return err ? err : vfs_fsync(file, 0);
}

static int fill_segment(struct ldiskfs_object *obj, u64 size)
{
	struct file *file = ldiskfs_object_file(obj);
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = write_zeros(file, size);
	if (err)
		return err;
	invalidate_mapping_pages(file->f_mapping, 0, -1);
	return ldiskfs_set_journaled(obj);
}

static int rename_path(struct ldiskfs_object *obj, const char *from, const char *to)
{
	struct ldiskfs_dev *dev = obj->dev;
	struct ldiskfs_object *root = ldiskfs_path(dev, "/");
	struct qstr sname = QSTR_INIT(from + 1, strlen(from + 1));
	struct qstr tname = QSTR_INIT(to + 1, strlen(to + 1));
	struct ldiskfs_tx *tx;
	int err;

	if (IS_ERR(root))
		return PTR_ERR(root);
	tx = ldiskfs_tx_alloc(dev);
	err = tx ? ldiskfs_declare_rename(tx, root, root, obj, NULL) : -ENOMEM;
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
	} else {
		err = ldiskfs_rename(tx, root, &sname, root, &tname, obj, NULL);
		ldiskfs_tx_stop(tx, false);
	}
	ldiskfs_object_put(root);
	return err;
}

static int add_segment(struct ldiskfs_rec *rec, u64 size)
{
	char tmp[NAME_MAX], name[NAME_MAX];
	struct ldiskfs_object *root, *obj;
	int err;

	snprintf(tmp, sizeof(tmp), "/%s.new", rec->name);
	segment_name(rec, rec->segments, name, sizeof(name));
	err = ldiskfs_rmpath(rec->dev, tmp);	/* of an attempt that a crash cut short */
	if (err && err != -ENOENT)
		return err;
	root = ldiskfs_path(rec->dev, "/");
	if (IS_ERR(root))
		return PTR_ERR(root);
	obj = ldiskfs_make(root, tmp + 1, S_IFREG | 0600);
	ldiskfs_object_put(root);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	err = fill_segment(obj, size);
	if (!err)
		err = rename_path(obj, tmp, name);
	if (!err)
		err = map_segment(rec, obj_inode(obj));
	else
		ldiskfs_rmpath(rec->dev, tmp);
	ldiskfs_object_put(obj);
	return err;
}

/**
 * ldiskfs_rec_size() - bytes that can be addressed
 * @rec: record file
 */
u64 ldiskfs_rec_size(struct ldiskfs_rec *rec)
{
	return smp_load_acquire(&rec->size);
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_size);

/**
 * ldiskfs_rec_grow() - make room for more records
 * @rec: record file
 * @size: bytes wanted; less than there is does nothing
 *
 * Context: may sleep long (writes and flushes zeros); never inside a transaction.
 * Return: 0, -ENOSPC, other errors of the disk.
 */
int ldiskfs_rec_grow(struct ldiskfs_rec *rec, u64 size)
{
	int err = 0;

	size = round_up(size, LDISKFS_BLOCK);
	mutex_lock(&rec->grow_lock);
	if (rec->size < size)
		err = add_segment(rec, size - rec->size);
	mutex_unlock(&rec->grow_lock);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_grow);

/**
 * ldiskfs_rec_open() - file of fixed-size records
 * @dev: device
 * @name: its name in the device's root
 * @size: bytes it has at least; made and zeroed if missing
 *
 * Context: may sleep; not inside a transaction. Open a file once only.
 * Return: handle for the functions below, or ERR_PTR.
 */
struct ldiskfs_rec *ldiskfs_rec_open(struct ldiskfs_dev *dev, const char *name, u64 size)
{
	struct ldiskfs_object *obj;
	struct ldiskfs_rec *rec;
	char path[NAME_MAX];
	int err = 0;

	if (strlen(name) > NAME_MAX - 16)
		return ERR_PTR(-ENAMETOOLONG);
	rec = kzalloc(struct_size(rec, name, strlen(name) + 1), GFP_KERNEL);
	if (!rec)
		return ERR_PTR(-ENOMEM);
	rec->dev = dev;
	mutex_init(&rec->grow_lock);
	xa_init(&rec->map);
	strcpy(rec->name, name);
	while (!err) {
		segment_name(rec, rec->segments, path, sizeof(path));
		obj = ldiskfs_path(dev, path);
		if (IS_ERR(obj)) {
			err = PTR_ERR(obj);
			break;
		}
		/* a file that was restored from a backup has lost the flag */
		err = dev->rdonly ? 0 : ldiskfs_set_journaled(obj);
		if (!err)
			err = map_segment(rec, obj_inode(obj));
		ldiskfs_object_put(obj);
	}
	if (err == -ENOENT)
		err = dev->rdonly && !rec->size ? -ENOENT : ldiskfs_rec_grow(rec, size);
	if (!err)
		return rec;
	ldiskfs_rec_close(rec);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_open);

/**
 * ldiskfs_rec_close() - forget a record file
 * @rec: record file, or NULL
 */
void ldiskfs_rec_close(struct ldiskfs_rec *rec)
{
	if (!rec)
		return;
	xa_destroy(&rec->map);
	kfree(rec);
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_close);

/* The buffer of a block of the file. */
struct buffer_head *ldiskfs_rec_bread(struct ldiskfs_rec *rec, u64 block)
{
	void *entry = xa_load(&rec->map, block);
	struct buffer_head *bh;

	if (!entry)
		return ERR_PTR(-ERANGE);
	bh = sb_bread(rec->dev->sb, xa_to_value(entry));
	return bh ? bh : ERR_PTR(-EIO);
}

/**
 * ldiskfs_rec_read() - read records
 * @rec: record file
 * @pos: byte position
 * @buf: where to
 * @len: bytes
 *
 * Sees what open transactions wrote. Context: may sleep, inside transactions too.
 * Return: 0, -ERANGE beyond the end, -EIO.
 */
int ldiskfs_rec_read(struct ldiskfs_rec *rec, u64 pos, void *buf, size_t len)
{
	while (len) {
		unsigned int offset = pos & (LDISKFS_BLOCK - 1);
		size_t n = min_t(size_t, len, LDISKFS_BLOCK - offset);
		struct buffer_head *bh = ldiskfs_rec_bread(rec, pos >> LDISKFS_BLOCK_BITS);

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		memcpy(buf, bh->b_data + offset, n);
		brelse(bh);
		pos += n;
		buf += n;
		len -= n;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_read);

/**
 * ldiskfs_declare_rec_write() - announce ldiskfs_rec_write() of the same range
 * @tx: transaction, not started
 * @rec: record file
 * @pos: byte position
 * @len: bytes
 *
 * Return: 0.
 */
int ldiskfs_declare_rec_write(struct ldiskfs_tx *tx, struct ldiskfs_rec *rec, u64 pos, size_t len)
{
	if (len)
		tx->credits += ((pos + len - 1) >> LDISKFS_BLOCK_BITS) - (pos >> LDISKFS_BLOCK_BITS) + 1;
	return 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_rec_write);

/**
 * ldiskfs_rec_write() - change records inside a transaction
 * @tx: started transaction that declared it
 * @rec: record file
 * @pos: byte position
 * @buf: what
 * @len: bytes
 *
 * Writers of different records need no lock between them.
 * Context: may sleep. Return: 0, -ERANGE beyond the end (nothing changed), -EIO.
 */
int ldiskfs_rec_write(struct ldiskfs_tx *tx, struct ldiskfs_rec *rec, u64 pos,
		      const void *buf, size_t len)
{
	if (pos + len > ldiskfs_rec_size(rec) || pos + len < pos)
		return -ERANGE;
	while (len) {
		unsigned int offset = pos & (LDISKFS_BLOCK - 1);
		size_t n = min_t(size_t, len, LDISKFS_BLOCK - offset);
		struct buffer_head *bh = ldiskfs_rec_bread(rec, pos >> LDISKFS_BLOCK_BITS);
		int err;

		if (IS_ERR(bh))
			return PTR_ERR(bh);
		err = jbd2_journal_get_write_access(tx->handle, bh);
		if (!err) {
			memcpy(bh->b_data + offset, buf, n);
			err = jbd2_journal_dirty_metadata(tx->handle, bh);
		}
		brelse(bh);
		if (err)
			return err;
		pos += n;
		buf += n;
		len -= n;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_rec_write);
