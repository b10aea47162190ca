// SPDX-License-Identifier: GPL-2.0
/*
 * Journaled files that grow inside transactions (llogs, configuration): data goes
 * through the page cache into the journal, one write_begin/write_end a page.
 * write_iter must never run inside a handle: it waits for writeback, which waits
 * for the handle.
 */
#include <linux/fs.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/**
 * ldiskfs_log_read() - read from a file
 * @obj: file
 * @pos: byte position
 * @buf: where to
 * @len: bytes
 *
 * Context: may sleep. Return: bytes, fewer at the end of the file, or -EIO.
 */
ssize_t ldiskfs_log_read(struct ldiskfs_object *obj, u64 pos, void *buf, size_t len)
{
	struct file *file = ldiskfs_object_file(obj);
	loff_t at = pos;
	size_t done = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	while (done < len) {
		n = kernel_read(file, buf + done, len - done, &at);
		if (n <= 0)
			return n < 0 ? n : done;
		done += n;
	}
	return done;
}
EXPORT_SYMBOL_GPL(ldiskfs_log_read);

/**
 * ldiskfs_declare_log_write() - announce ldiskfs_log_write() of the same range
 * @tx: transaction, not started
 * @obj: file, will be locked; becomes a journaled one if it is not
 * @pos: byte position
 * @len: bytes
 *
 * Return: 0, -EROFS, -ENOMEM, -EIO.
 */
int ldiskfs_declare_log_write(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 pos, size_t len)
{
	struct file *file;
	int err;

	if (!len)
		return 0;
	if (tx->dev->rdonly)
		return -EROFS;
	err = ldiskfs_set_journaled(obj);
	if (err)
		return err;
	file = ldiskfs_object_file(obj);
	if (IS_ERR(file))
		return PTR_ERR(file);
	tx->credits += LDISKFS_CREDITS_APPEND *
		       (((pos + len - 1) >> PAGE_SHIFT) - (pos >> PAGE_SHIFT) + 1);
	tx->grows = true;
	return ldiskfs_tx_lock(tx, obj);
}
EXPORT_SYMBOL_GPL(ldiskfs_declare_log_write);

/**
 * ldiskfs_log_write() - write to a journaled file; the size grows with it
 * @tx: started transaction that declared it
 * @obj: file
 * @pos: byte position
 * @buf: what
 * @len: bytes
 *
 * Context: may sleep. Return: 0, -ENOSPC, -EDQUOT, -EIO.
 */
int ldiskfs_log_write(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 pos,
		      const void *buf, size_t len)
{
	struct file *file = obj->file;
	size_t done = 0;
	int err;

	if (WARN_ON_ONCE(!file || !obj->journaled || !ldiskfs_tx_holds(tx, obj)))
		return -EINVAL;
	while (done < len) {
		size_t n = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(pos + done));

		err = vfs_call_write(file, pos + done, buf + done, n);
		if (err) {
			if (done)
				ldiskfs_tx_abort(tx, err, "writing a log");
			return err;
		}
		done += n;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_log_write);
