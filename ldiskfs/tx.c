// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions: what was declared, the locks, the jbd2 handle. Every ext4 operation
 * of this thread between start and stop joins the handle.
 */
#include <linux/exportfs.h>
#include <linux/quotaops.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/statfs.h>
#include <linux/xattr.h>
#include "ldiskfs/internal.h"

/* Transactions that need space fail early below this: jbd2 cannot roll back. */
#define SPACE_RESERVE	1024	/* blocks */

/**
 * ldiskfs_tx_alloc() - new transaction, nothing declared
 * @dev: device
 * Return: transaction, or NULL.
 */
struct ldiskfs_tx *ldiskfs_tx_alloc(struct ldiskfs_dev *dev)
{
	struct ldiskfs_tx *tx = kzalloc(sizeof(*tx), GFP_NOFS);

	if (tx)
		tx->dev = dev;
	return tx;
}
EXPORT_SYMBOL_GPL(ldiskfs_tx_alloc);

static void tx_release(struct ldiskfs_tx *tx)
{
	unsigned int i;

	for (i = 0; i < tx->nr_locks; i++)
		ldiskfs_object_put(tx->locks[i]);
	for (i = 0; i < tx->nr_quotas; i++)
		dqput(tx->quotas[i]);
	kfree(tx);
}

/**
 * ldiskfs_tx_free() - drop a transaction that was not started
 * @tx: transaction, or NULL
 */
void ldiskfs_tx_free(struct ldiskfs_tx *tx)
{
	if (!tx)
		return;
	WARN_ON_ONCE(tx->started);
	tx_release(tx);
}
EXPORT_SYMBOL_GPL(ldiskfs_tx_free);

bool ldiskfs_tx_holds(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	unsigned int i;

	for (i = 0; i < tx->nr_locks; i++) {
		if (tx->locks[i] == obj)
			return true;
	}
	return false;
}

/* Have @obj locked, and kept, from start to stop. A credit for its version is included. */
int ldiskfs_tx_lock(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	int err;

	if (ldiskfs_tx_holds(tx, obj))
		return 0;
	if (WARN_ON_ONCE(tx->nr_locks == LDISKFS_TX_LOCKS)) {
		tx->overflow = -E2BIG;
		return -E2BIG;
	}
	/* Now, since it reads and may write quota files. */
	err = dquot_initialize(obj_inode(obj));
	if (err)
		return err;
	tx->locks[tx->nr_locks++] = ldiskfs_object_get(obj);
	if (!fid_is_zero(&obj->fid))
		tx->credits++;
	return 0;
}

/* Keep a quota id in memory so that charging it needs no I/O and no credits. */
int ldiskfs_tx_quota(struct ldiskfs_tx *tx, struct kqid qid)
{
	struct dquot *dquot;

	if (tx->nr_quotas == LDISKFS_TX_QUOTAS)
		return -E2BIG;
	dquot = dqget(tx->dev->sb, qid);
	if (IS_ERR(dquot))
		return PTR_ERR(dquot) == -ESRCH ? 0 : PTR_ERR(dquot);	/* no quota files */
	tx->quotas[tx->nr_quotas++] = dquot;
	return 0;
}

/*
 * What ext4_xattr_set_handle() insists on finding reserved: inode, blocks and
 * quota of the attribute block; with the ea_inode feature, the inode that holds a
 * large value, and the one it replaces.
 */
unsigned int ldiskfs_xattr_credits(size_t size, bool create)
{
	unsigned int blocks = DIV_ROUND_UP(size, LDISKFS_BLOCK) + 1;
	unsigned int credits = 7 + 3 + 4 + 3 * blocks;

	if (!create)
		credits += 4 + 2 * ((XATTR_SIZE_MAX >> LDISKFS_BLOCK_BITS) + 1);
	return credits;
}

/* Looked up only now and then: it sums counters of all CPUs. */
static int check_space(struct ldiskfs_dev *dev)
{
	struct kstatfs st;

	if (!dev->space_time || time_after(jiffies, dev->space_time + HZ / 4)) {
		if (!ldiskfs_statfs(dev, &st))
			WRITE_ONCE(dev->space_left, st.f_bfree);
		dev->space_time = jiffies | 1;
	}
	return READ_ONCE(dev->space_left) < SPACE_RESERVE ? -ENOSPC : 0;
}

static int by_ino(const void *a, const void *b)
{
	u64 x = obj_inode(*(struct ldiskfs_object **)a)->i_ino;
	u64 y = obj_inode(*(struct ldiskfs_object **)b)->i_ino;

	return x < y ? -1 : x > y;
}

/*
 * By rising inode number, whatever the kind: nothing else locks two inodes of this
 * private mount. For lockdep each has a subclass of its own; ext4 takes 1 and 3 for
 * the inodes of large attributes.
 */
static void lock_inodes(struct ldiskfs_tx *tx)
{
	static const u8 subclass[LDISKFS_TX_LOCKS] = { 0, 2, 4, 5, 6, 7 };
	unsigned int i;

	sort(tx->locks, tx->nr_locks, sizeof(tx->locks[0]), by_ino, NULL);
	for (i = 0; i < tx->nr_locks; i++)
		inode_lock_nested(obj_inode(tx->locks[i]), subclass[i]);
}

static void unlock_inodes(struct ldiskfs_tx *tx)
{
	unsigned int i = tx->nr_locks;

	while (i--)
		inode_unlock(obj_inode(tx->locks[i]));
}

/* Would a directory move below itself? rename_lock held, so the answer stays true. */
static int check_loop(struct ldiskfs_object *obj, struct ldiskfs_object *to)
{
	struct dentry *dentry = dget(to->dentry), *parent;
	int err = 0;

	while (d_inode(dentry) != d_inode(obj->dev->sb->s_root)) {
		if (d_inode(dentry) == obj_inode(obj)) {
			err = -EINVAL;
			break;
		}
		parent = IS_ROOT(dentry) ? dentry->d_sb->s_export_op->get_parent(dentry) :
					   dget_parent(dentry);
		if (IS_ERR(parent)) {
			err = PTR_ERR(parent);
			break;
		}
		dput(dentry);
		dentry = parent;
	}
	dput(dentry);
	return err;
}

/**
 * ldiskfs_tx_start() - take the declared locks, start the handle
 * @tx: transaction
 *
 * Context: may sleep, for a commit to make room in the journal; the caller holds
 * no i_rwsem and no other transaction.
 * Return: 0; -EROFS after an abort or if mounted read-only, -ENOSPC, -E2BIG if more
 * was declared than fits, -ENOMEM; then @tx is still to be freed.
 */
int ldiskfs_tx_start(struct ldiskfs_tx *tx)
{
	struct ldiskfs_dev *dev = tx->dev;
	unsigned int chunks = tx->chunks;
	handle_t *handle;
	int err;

	if (WARN_ON_ONCE(journal_current_handle()))
		return -EDEADLK;
	if (dev->rdonly)
		return -EROFS;
	err = ldiskfs_error(dev) ? : tx->overflow;
	if (err)
		return err;
	if (tx->credits > dev->journal->j_max_transaction_buffers / 4 * 3) {
		pr_err_ratelimited("ldiskfs: %s: a transaction of %u blocks does not fit the journal\n",
				   dev->name, tx->credits);
		return -E2BIG;
	}
	if (tx->grows && check_space(dev))
		return -ENOSPC;
	err = ldiskfs_index_reserve(dev, chunks);
	if (err)
		return err;
	if (tx->move) {
		mutex_lock(&dev->rename_lock);
		tx->move_err = check_loop(tx->move, tx->move_to);
	}
	sb_start_write(dev->sb);
	lock_inodes(tx);
	handle = jbd2__journal_start(dev->journal, tx->credits + 8, 0, tx->revokes + LDISKFS_REVOKES,
				     GFP_NOFS, 0, __LINE__);
	if (!IS_ERR(handle)) {
		tx->handle = handle;
		tx->tid = handle->h_transaction->t_tid;
		tx->started = true;
		return 0;
	}
	unlock_inodes(tx);
	sb_end_write(dev->sb);
	if (tx->move)
		mutex_unlock(&dev->rename_lock);
	ldiskfs_index_unreserve(dev, chunks);
	return PTR_ERR(handle);
}
EXPORT_SYMBOL_GPL(ldiskfs_tx_start);

/* A change is half done and cannot be undone: nothing of this transaction may reach the disk. */
void ldiskfs_tx_abort(struct ldiskfs_tx *tx, int err, const char *what)
{
	pr_err("ldiskfs: %s: %s failed half way: %d; the device goes read-only\n",
	       tx->dev->name, what, err);
	jbd2_journal_abort(tx->dev->journal, err);
}

/**
 * ldiskfs_tx_stop() - end the transaction and free @tx
 * @tx: started transaction
 * @sync: wait until it is on disk
 *
 * Context: may sleep. Objects without names that nobody else uses are evicted here.
 * Return: 0, or the error of a synchronous commit or an aborted journal.
 */
int ldiskfs_tx_stop(struct ldiskfs_tx *tx, bool sync)
{
	struct ldiskfs_dev *dev = tx->dev;
	tid_t tid = tx->tid;
	int err;

	if (!is_handle_aborted(tx->handle) &&
	    (!tx->handle->h_transaction || tx->handle->h_transaction->t_tid != tid))
		ldiskfs_tx_abort(tx, -EIO, "keeping a transaction in one piece");
	err = jbd2_journal_stop(tx->handle);
	unlock_inodes(tx);
	sb_end_write(dev->sb);
	if (tx->move)
		mutex_unlock(&dev->rename_lock);
	ldiskfs_index_unreserve(dev, tx->chunks);
	tx_release(tx);
	if (!err && sync)
		err = jbd2_complete_transaction(dev->journal, tid);
	return err ? err : ldiskfs_error(dev);
}
EXPORT_SYMBOL_GPL(ldiskfs_tx_stop);
