// SPDX-License-Identifier: GPL-2.0
/*
 * The jbd2 journal of the mounted ext4: how it is found, and who is told when
 * one of its transactions is on disk. Handles are in tx.c.
 */
#include <linux/buffer_head.h>
#include <linux/mount.h>
#include <linux/uaccess.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* --- finding it --- */

static bool plausible(struct super_block *sb, journal_t *journal)
{
	struct block_device *bdev;
	unsigned long flags;
	void *private;

	if (!journal || !IS_ALIGNED((unsigned long)journal, sizeof(void *)) ||
	    (unsigned long)journal < PAGE_OFFSET)
		return false;
	return !copy_from_kernel_nofault(&private, &journal->j_private, sizeof(private)) &&
	       private == sb &&
	       !copy_from_kernel_nofault(&bdev, &journal->j_fs_dev, sizeof(bdev)) &&
	       bdev == sb->s_bdev &&
	       !copy_from_kernel_nofault(&flags, &journal->j_flags, sizeof(flags)) &&
	       (flags & JBD2_LOADED);
}

/* One pointer in ext4's private data leads to a journal that knows this super block. */
static journal_t *scan_for_journal(struct super_block *sb)
{
	journal_t *found = NULL, *candidate;
	unsigned long pos;

	for (pos = 0; pos < PAGE_SIZE; pos += sizeof(void *)) {
		if (copy_from_kernel_nofault(&candidate, sb->s_fs_info + pos, sizeof(candidate)))
			break;
		if (!plausible(sb, candidate) || candidate == found)
			continue;
		if (found)
			return NULL;
		found = candidate;
	}
	return found;
}

static void current_journal(void *arg)
{
	journal_t **journal = arg;
	handle_t *handle = journal_current_handle();

	if (handle && handle->h_transaction)
		*journal = handle->h_transaction->t_journal;
}

/* A file with one block, so that writing to it needs no space. */
static struct file *open_probe_file(struct ldiskfs_dev *dev)
{
	struct dentry *root = dev->mnt->mnt_root, *dentry;
	struct inode *dir = d_inode(root);
	struct qstr name = QSTR_INIT(".ldiskfs", 8);
	struct file *file;
	loff_t pos = 0;
	ssize_t n = 1;
	int err = 0;

	sb_start_write(dev->sb);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	dentry = lookup_noperm(&name, root);
	if (!IS_ERR(dentry) && d_is_negative(dentry))
		err = dir->i_op->create(&nop_mnt_idmap, dir, dentry, S_IFREG | 0600, true);
	inode_unlock(dir);
	sb_end_write(dev->sb);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	file = err ? ERR_PTR(err) : ldiskfs_open_dentry(dev, dentry, O_RDWR);
	dput(dentry);
	if (IS_ERR(file))
		return file;
	if (!i_size_read(file_inode(file)))
		n = kernel_write(file, "\n", 1, &pos);
	if (n == 1)
		return file;
	ldiskfs_close_file(file);
	return ERR_PTR(n < 0 ? n : -EIO);
}

/* Without delayed allocation ext4 keeps a handle open between write_begin and write_end. */
static int probe_journal(struct ldiskfs_dev *dev, journal_t **journal)
{
	struct file *file = open_probe_file(dev);
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	sb_start_write(dev->sb);
	inode_lock(file_inode(file));
	err = vfs_call_write_probe(file, current_journal, journal);
	inode_unlock(file_inode(file));
	sb_end_write(dev->sb);
	ldiskfs_close_file(file);
	return err;
}

/* --- telling of commits --- */

static void commit_work(struct work_struct *work)
{
	struct ldiskfs_dev *dev = container_of(work, struct ldiskfs_dev, commit_work);
	journal_t *journal = dev->journal;
	tid_t done = smp_load_acquire(&journal->j_commit_sequence);
	/* The sequence advances for a failed commit too: look at the abort after it. */
	int err = is_journal_aborted(journal) ? -EIO : 0;

	spin_lock(&dev->commit_lock);
	while (!list_empty(&dev->commit_list)) {
		struct ldiskfs_commit_cb *cb;

		cb = list_first_entry(&dev->commit_list, struct ldiskfs_commit_cb, link);
		if (!err && tid_gt(cb->tid, done))
			break;
		list_del_init(&cb->link);
		spin_unlock(&dev->commit_lock);
		cb->func(cb, err);
		spin_lock(&dev->commit_lock);
	}
	spin_unlock(&dev->commit_lock);
}

/* In the journal's thread, interrupts off: note and leave. Runs twice a commit. */
static int commit_wake(wait_queue_entry_t *wait, unsigned int mode, int flags, void *key)
{
	struct ldiskfs_dev *dev = container_of(wait, struct ldiskfs_dev, commit_wait);
	tid_t done = READ_ONCE(dev->journal->j_commit_sequence);

	if (done != dev->commit_seen || is_journal_aborted(dev->journal)) {
		dev->commit_seen = done;
		queue_work(dev->wq, &dev->commit_work);
	}
	return 0;
}

/**
 * ldiskfs_tx_on_commit() - ask to be told when a transaction is on disk
 * @tx: started transaction
 * @cb: the caller's; kept until its function is called
 */
void ldiskfs_tx_on_commit(struct ldiskfs_tx *tx, struct ldiskfs_commit_cb *cb)
{
	struct ldiskfs_dev *dev = tx->dev;
	struct list_head *pos = &dev->commit_list;
	struct ldiskfs_commit_cb *other;

	cb->tid = tx->tid;
	spin_lock(&dev->commit_lock);
	list_for_each_entry_reverse(other, &dev->commit_list, link) {
		if (!tid_gt(other->tid, cb->tid)) {
			pos = &other->link;
			break;
		}
	}
	list_add(&cb->link, pos);
	spin_unlock(&dev->commit_lock);
}
EXPORT_SYMBOL_GPL(ldiskfs_tx_on_commit);

int ldiskfs_journal_attach(struct ldiskfs_dev *dev)
{
	journal_t *probed = NULL, *scanned;
	int err;

	INIT_LIST_HEAD(&dev->commit_list);
	spin_lock_init(&dev->commit_lock);
	INIT_WORK(&dev->commit_work, commit_work);
	if (dev->rdonly)
		return 0;
	err = probe_journal(dev, &probed);
	if (err)
		return err;
	scanned = scan_for_journal(dev->sb);
	if (!probed || probed != scanned || !plausible(dev->sb, probed)) {
		pr_err("ldiskfs: %s: the journal was not found for sure (%d %d): is this an external journal, or ext4 a kind we do not know?\n",
		       dev->name, !!probed, !!scanned);
		return -EOPNOTSUPP;
	}
	if (probed->j_dev != dev->sb->s_bdev) {
		pr_err("ldiskfs: %s: its journal is on another device\n", dev->name);
		return -EOPNOTSUPP;
	}
	dev->journal = probed;
	dev->commit_seen = probed->j_commit_sequence;
	init_waitqueue_func_entry(&dev->commit_wait, commit_wake);
	add_wait_queue(&probed->j_wait_done_commit, &dev->commit_wait);
	return 0;
}

/* After the last transaction; everything that waits is told. */
void ldiskfs_journal_detach(struct ldiskfs_dev *dev)
{
	if (!dev->journal)
		return;
	ldiskfs_sync(dev);
	remove_wait_queue(&dev->journal->j_wait_done_commit, &dev->commit_wait);
	queue_work(dev->wq, &dev->commit_work);
	flush_work(&dev->commit_work);
	WARN_ON_ONCE(!list_empty(&dev->commit_list));
}

/**
 * ldiskfs_sync() - make all that was done so far durable
 * @dev: device
 *
 * Commits the running transaction; where there is none, flushes the disk's cache
 * for data written outside of transactions. Waits, not killable: the disk decides.
 * Return: 0, -EIO.
 */
int ldiskfs_sync(struct ldiskfs_dev *dev)
{
	tid_t tid;
	int err;

	if (!dev->journal)
		return 0;
	if (jbd2_journal_start_commit(dev->journal, &tid)) {
		err = jbd2_log_wait_commit(dev->journal, tid);
		if (err)
			return err;
	}
	if (is_journal_aborted(dev->journal))
		return -EIO;
	return blkdev_issue_flush(dev->sb->s_bdev);
}
EXPORT_SYMBOL_GPL(ldiskfs_sync);

/**
 * ldiskfs_commit_async() - ask for a commit soon
 * @dev: device
 */
void ldiskfs_commit_async(struct ldiskfs_dev *dev)
{
	if (dev->journal)
		jbd2_journal_start_commit(dev->journal, NULL);
}
EXPORT_SYMBOL_GPL(ldiskfs_commit_async);

/**
 * ldiskfs_error() - is the device still good
 * @dev: device
 * Return: 0; -EROFS once the journal was aborted.
 */
int ldiskfs_error(struct ldiskfs_dev *dev)
{
	return dev->journal && is_journal_aborted(dev->journal) ? -EROFS : 0;
}
EXPORT_SYMBOL_GPL(ldiskfs_error);
