// SPDX-License-Identifier: GPL-2.0
/*
 * File data: bulk reads and writes straight between pages and the disk, truncate,
 * fallocate, seek, fsync. Nothing here runs inside a transaction; a transaction
 * started afterwards commits with the allocations made here.
 */
#include <linux/pagemap.h>
#include <linux/uio.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* Smaller reads go through the page cache: it reads ahead, and keeps small files. */
#define DIRECT_READ_MIN	SZ_32K
/* What any disk accepts as memory and length alignment of direct I/O here */
#define DIRECT_ALIGN_MASK (SECTOR_SIZE - 1)

static bool memory_aligned(const struct iov_iter *iter)
{
	return !(iov_iter_alignment(iter) & DIRECT_ALIGN_MASK);
}

/* Write the next @len bytes of @iter. Return: 0 or error. */
static int write_part(struct file *file, struct iov_iter *iter, u64 pos, size_t len, bool direct)
{
	struct iov_iter part = *iter;
	struct kiocb iocb;
	ssize_t n = 0;

	if (!len)
		return 0;
	iov_iter_truncate(&part, len);
	iov_iter_advance(iter, len);
	init_sync_kiocb(&iocb, file);
	iocb.ki_pos = pos;
	if (direct)
		iocb.ki_flags |= IOCB_DIRECT;
	sb_start_write(file_inode(file)->i_sb);
	while (iov_iter_count(&part)) {
		n = file->f_op->write_iter(&iocb, &part);
		if (n <= 0)
			break;
	}
	sb_end_write(file_inode(file)->i_sb);
	if (iov_iter_count(&part))
		return n < 0 ? n : -EIO;
	return direct ? 0 : filemap_write_and_wait_range(file->f_mapping, pos, pos + len - 1);
}

/**
 * ldiskfs_write() - data from pages to disk
 * @obj: file
 * @pos: byte position
 * @bvec: pages
 * @nr: how many
 * @len: bytes
 *
 * Whole blocks go to the disk without a copy, if memory is aligned to sectors; the
 * page cache takes the rest. On return all is written (ldiskfs_sync() flushes the
 * disk's cache) and blocks are allocated for good. i_size grows as needed.
 *
 * Context: may sleep; not inside a transaction. Calls on one object may run at the
 * same time. Return: @len, or an error, after which any part may be written.
 */
ssize_t ldiskfs_write(struct ldiskfs_object *obj, u64 pos, const struct bio_vec *bvec,
		      unsigned int nr, size_t len)
{
	struct file *file = ldiskfs_object_file(obj);
	size_t head = min_t(size_t, len, -pos & (LDISKFS_BLOCK - 1));
	size_t body = (len - head) & ~(size_t)(LDISKFS_BLOCK - 1);
	struct iov_iter iter, probe;
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (WARN_ON_ONCE(journal_current_handle()))
		return -EDEADLK;
	iov_iter_bvec(&iter, ITER_SOURCE, bvec, nr, len);
	probe = iter;
	iov_iter_advance(&probe, head);
	iov_iter_truncate(&probe, body);
	if (!body || !memory_aligned(&probe)) {
		err = write_part(file, &iter, pos, len, false);
	} else {
		err = write_part(file, &iter, pos, head, false);
		if (!err)
			err = write_part(file, &iter, pos + head, body, true);
		if (!err)
			err = write_part(file, &iter, pos + head + body, len - head - body, false);
	}
	return err ? err : len;
}
EXPORT_SYMBOL_GPL(ldiskfs_write);

/**
 * ldiskfs_read() - data from disk to pages
 * @obj: file
 * @pos: byte position
 * @bvec: pages
 * @nr: how many
 * @len: bytes
 *
 * Context: may sleep; not inside a transaction. Return: bytes, fewer than @len only
 * at the end of the file; or an error.
 */
ssize_t ldiskfs_read(struct ldiskfs_object *obj, u64 pos, const struct bio_vec *bvec,
		     unsigned int nr, size_t len)
{
	struct file *file = ldiskfs_object_file(obj);
	struct iov_iter iter;
	struct kiocb iocb;
	size_t done = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	iov_iter_bvec(&iter, ITER_DEST, bvec, nr, len);
	init_sync_kiocb(&iocb, file);
	iocb.ki_pos = pos;
	if (len >= DIRECT_READ_MIN && !((pos | len) & (LDISKFS_BLOCK - 1)) && memory_aligned(&iter))
		iocb.ki_flags |= IOCB_DIRECT;
	while (done < len && iocb.ki_pos < i_size_read(obj_inode(obj))) {
		n = file->f_op->read_iter(&iocb, &iter);
		if (n < 0)
			return n;
		if (!n)
			break;
		done += n;
	}
	return done;
}
EXPORT_SYMBOL_GPL(ldiskfs_read);

/**
 * ldiskfs_truncate() - set the size of a file, up or down
 * @obj: file
 * @size: bytes
 *
 * ext4 keeps a shrinking file on its orphan list meanwhile: after a crash either the
 * old size stands, or recovery finishes the work. Times change: set them after.
 * Context: may sleep long; not inside a transaction. Return: 0, -EFBIG, -EIO.
 */
int ldiskfs_truncate(struct ldiskfs_object *obj, u64 size)
{
	struct iattr ia = { .ia_valid = ATTR_SIZE | ATTR_FORCE, .ia_size = size };
	struct inode *inode = obj_inode(obj);
	int err;

	if (obj->dev->rdonly)
		return -EROFS;
	if (size > inode->i_sb->s_maxbytes)
		return -EFBIG;
	sb_start_write(inode->i_sb);
	inode_lock(inode);
	err = inode->i_op->setattr(&nop_mnt_idmap, obj->dentry, &ia);
	inode_unlock(inode);
	sb_end_write(inode->i_sb);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_truncate);

/**
 * ldiskfs_fallocate() - preallocate, punch or zero
 * @obj: file
 * @mode: FALLOC_FL_*
 * @pos: byte position
 * @len: bytes
 *
 * Context: may sleep long; not inside a transaction. Return: as fallocate(2).
 */
int ldiskfs_fallocate(struct ldiskfs_object *obj, int mode, u64 pos, u64 len)
{
	struct file *file = ldiskfs_object_file(obj);

	if (IS_ERR(file))
		return PTR_ERR(file);
	return vfs_fallocate(file, mode, pos, len);
}
EXPORT_SYMBOL_GPL(ldiskfs_fallocate);

/**
 * ldiskfs_seek() - next data or hole
 * @obj: file
 * @pos: byte position to start from
 * @whence: SEEK_DATA or SEEK_HOLE
 *
 * Return: position, -ENXIO beyond the end or if there is no more data, -EINVAL.
 */
loff_t ldiskfs_seek(struct ldiskfs_object *obj, loff_t pos, int whence)
{
	struct file *file = ldiskfs_object_file(obj);

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return -EINVAL;
	return vfs_llseek(file, pos, whence);
}
EXPORT_SYMBOL_GPL(ldiskfs_seek);

/**
 * ldiskfs_fsync() - data and metadata of one object on stable storage
 * @obj: file
 *
 * Context: may sleep; not inside a transaction. Return: 0 or -EIO.
 */
int ldiskfs_fsync(struct ldiskfs_object *obj)
{
	struct file *file = ldiskfs_object_file(obj);

	if (IS_ERR(file))
		return PTR_ERR(file);
	return vfs_fsync(file, 0);
}
EXPORT_SYMBOL_GPL(ldiskfs_fsync);
