/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of ldiskfs share, and the formats of its own files on disk.
 * Other rooms include ldiskfs/ldiskfs.h only.
 *
 * Lock order, outermost first:
 *	callers' locks
 *	ldiskfs_dev.rename_lock	(directories that move to another parent)
 *	ldiskfs_dev.make_lock	(files and directories made on demand)
 *	ldiskfs_rec.grow_lock
 *	sb_start_write
 *	i_rwsem of all inodes of a transaction, by rising inode number
 *	jbd2 handle
 *	ldiskfs_dev.pool_lock
 *	buffer and page locks, xa_lock of the object cache, commit_lock
 */
#ifndef SHEEN_LDISKFS_INTERNAL_H
#define SHEEN_LDISKFS_INTERNAL_H

#include <linux/jbd2.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/quota.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "ldiskfs/ldiskfs.h"

#define LDISKFS_BLOCK_BITS	12
#define LDISKFS_BLOCK		(1U << LDISKFS_BLOCK_BITS)
#define LDISKFS_TX_LOCKS	6	/* lockdep has 8 subclasses, ext4 uses two */
#define LDISKFS_TX_QUOTAS	9
#define LDISKFS_CACHE		4096	/* objects kept though nobody uses them */

/* What ext4 wants to see reserved for an operation; unused credits come back. */
#define LDISKFS_CREDITS_CREATE	42
#define LDISKFS_CREDITS_LINK	40
#define LDISKFS_CREDITS_UNLINK	27
#define LDISKFS_CREDITS_RENAME	68
#define LDISKFS_CREDITS_SETATTR	10
#define LDISKFS_CREDITS_APPEND	30	/* one block of a journaled file */
#define LDISKFS_CREDITS_PROJID	24
#define LDISKFS_CREDITS_INDEX	2	/* one record and perhaps the table of chunks */
#define LDISKFS_REVOKES		16

#define LDISKFS_XATTR_LMA	"trusted.lma"

/**
 * struct ldiskfs_lma - extended attribute trusted.lma: the FID of an inode
 * @compat: flags, 0
 * @incompat: flags, 0
 * @fid: its FID; the index can be rebuilt from it
 */
struct ldiskfs_lma {
	__le32		compat;
	__le32		incompat;
	struct wire_fid	fid;
};

static_assert(sizeof(struct ldiskfs_lma) == 24);

/**
 * struct ldiskfs_chunk - what one block of the index holds, in the table of its group
 * @seq: sequence of FIDs, or LDISKFS_SEQ_INODES: records by inode number
 * @nr: number of the first record divided by records per block
 * @used: 1, or 0 if the block is free
 */
struct ldiskfs_chunk {
	__le64 seq;
	__le32 nr;
	__le32 used;
};

static_assert(sizeof(struct ldiskfs_chunk) == 16);

#define LDISKFS_SEQ_INODES	0xfffffffffffffffeULL
#define LDISKFS_SEQ_OWNER	0xfffffffffffffffdULL	/* first entry of the first table: nr, used are those of the index */

/**
 * struct ldiskfs_fidrec - index record of a FID
 * @ino: inode number, 0 if there is no such object
 * @gen: its generation
 */
struct ldiskfs_fidrec {
	__le32 ino;
	__le32 gen;
};

static_assert(sizeof(struct ldiskfs_fidrec) == 8);

/**
 * struct ldiskfs_inorec - index record of an inode
 * @fid: its FID, zero if it has none
 * @version: transno of its last change
 * @gen: generation of the inode this was written for
 * @reserved: 0
 */
struct ldiskfs_inorec {
	struct wire_fid	fid;
	__le64		version;
	__le32		gen;
	__le32		reserved;
};

static_assert(sizeof(struct ldiskfs_inorec) == 32);

struct ldiskfs_dev {
	struct list_head	link;		/* in the list of all devices */
	struct vfsmount		*mnt;
	struct super_block	*sb;
	journal_t		*journal;	/* NULL if mounted read-only */
	bool			rdonly;
	char			name[64];	/* for messages */

	struct mutex		rename_lock;
	struct mutex		make_lock;
	unsigned long		space_time;	/* when space_left was looked up, jiffies */
	u64			space_left;	/* blocks */

	/* object.c */
	struct xarray		objects;	/* by inode number; its lock covers the next two */
	struct list_head	lru;
	unsigned int		lru_nr;
	struct workqueue_struct	*wq;
	struct llist_head	doomed;
	struct work_struct	doomed_work;
	struct xarray		seqs;		/* sequence -> struct ldiskfs_seq, data objects */

	/* journal.c */
	wait_queue_entry_t	commit_wait;
	struct work_struct	commit_work;
	spinlock_t		commit_lock;
	struct list_head	commit_list;	/* of ldiskfs_commit_cb, by tid */
	tid_t			commit_seen;

	/* fidindex.c */
	struct ldiskfs_rec	*pool;
	struct mutex		pool_lock;
	struct xarray		index;		/* sequence -> its blocks in the pool */
	u32			pool_next;	/* first block that was never used */
	u32			pool_reserved;	/* blocks promised to transactions */
	bool			scrubbing;	/* the index is made anew */
	struct work_struct	pool_work;
};

struct ldiskfs_object {
	struct ldiskfs_dev	*dev;
	struct dentry		*dentry;	/* holds the inode */
	struct file		*file;		/* opened when first needed */
	struct lu_fid		fid;
	u64			version;
	unsigned int		refs;		/* under xa_lock of dev->objects */
	bool			dead;		/* its last name is gone */
	bool			journaled;	/* data goes through the journal */
	struct list_head	lru;
	struct llist_node	doomed;
};

struct ldiskfs_tx {
	struct ldiskfs_dev	*dev;
	handle_t		*handle;
	tid_t			tid;
	unsigned int		credits;
	unsigned int		revokes;
	unsigned int		chunks;		/* blocks of the index that may be needed */
	bool			grows;		/* needs free space */
	bool			started;
	int			overflow;	/* too many locks or quotas declared */
	unsigned int		nr_locks;
	unsigned int		nr_quotas;
	struct ldiskfs_object	*locks[LDISKFS_TX_LOCKS];
	struct dquot		*quotas[LDISKFS_TX_QUOTAS];
	struct ldiskfs_object	*move;		/* directory that gets another parent */
	struct ldiskfs_object	*move_to;
	int			move_err;
};

static inline struct inode *obj_inode(const struct ldiskfs_object *obj)
{
	return d_inode(obj->dentry);
}

/* mount.c */
struct vfsmount *ldiskfs_kern_mount(const char *path, const char *opts, bool rdonly);
void ldiskfs_kern_unmount(struct vfsmount *mnt);
int ldiskfs_check_super(struct ldiskfs_dev *dev);
int __init ldiskfs_mount_init(void);
void ldiskfs_mount_exit(void);

/* journal.c */
int ldiskfs_journal_attach(struct ldiskfs_dev *dev);
void ldiskfs_journal_detach(struct ldiskfs_dev *dev);

/* object.c */
int __init ldiskfs_object_init(void);
void ldiskfs_object_exit(void);
void ldiskfs_object_dev_init(struct ldiskfs_dev *dev);
void ldiskfs_object_drop_all(struct ldiskfs_dev *dev);
struct ldiskfs_object *ldiskfs_object_alloc(struct ldiskfs_dev *dev);
void ldiskfs_object_free(struct ldiskfs_object *obj);
struct ldiskfs_object *ldiskfs_object_insert(struct ldiskfs_object *obj, struct dentry *dentry);
struct ldiskfs_object *ldiskfs_object_of(struct ldiskfs_dev *dev, struct dentry *dentry);
struct file *ldiskfs_object_file(struct ldiskfs_object *obj);
struct file *ldiskfs_open_dentry(struct ldiskfs_dev *dev, struct dentry *dentry, int flags);
void ldiskfs_close_file(struct file *file);

/* path.c */
struct ldiskfs_object *ldiskfs_make(struct ldiskfs_object *dir, const char *name, umode_t mode);
struct ldiskfs_object *ldiskfs_data_dir(struct ldiskfs_dev *dev, const struct lu_fid *fid);
struct ldiskfs_object *ldiskfs_data_by_name(struct ldiskfs_dev *dev, const struct lu_fid *fid);
void ldiskfs_data_dirs_drop(struct ldiskfs_dev *dev);

/* tx.c */
int ldiskfs_tx_lock(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);
int ldiskfs_tx_quota(struct ldiskfs_tx *tx, struct kqid qid);
bool ldiskfs_tx_holds(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);
void ldiskfs_tx_abort(struct ldiskfs_tx *tx, int err, const char *what);
unsigned int ldiskfs_xattr_credits(size_t size, bool create);

/* rec.c */
struct buffer_head *ldiskfs_rec_bread(struct ldiskfs_rec *rec, u64 block);

/* fidindex.c */
int ldiskfs_index_open(struct ldiskfs_dev *dev);
int ldiskfs_index_settle(struct ldiskfs_dev *dev);
void ldiskfs_index_close(struct ldiskfs_dev *dev);
int ldiskfs_index_reserve(struct ldiskfs_dev *dev, unsigned int chunks);
void ldiskfs_index_unreserve(struct ldiskfs_dev *dev, unsigned int chunks);
int ldiskfs_index_find(struct ldiskfs_dev *dev, const struct lu_fid *fid, u32 *ino, u32 *gen);
int ldiskfs_index_set(struct ldiskfs_tx *tx, const struct lu_fid *fid, u32 ino, u32 gen);
int ldiskfs_inode_find(struct ldiskfs_dev *dev, u64 ino, struct lu_fid *fid, u64 *version, u32 *gen);
int ldiskfs_inode_set(struct ldiskfs_tx *tx, u64 ino, u32 gen, const struct lu_fid *fid, u64 version);

/* scrub.c */
int ldiskfs_read_lma(struct dentry *dentry, struct lu_fid *fid);
int ldiskfs_index_mend(struct ldiskfs_dev *dev, struct dentry *dentry);
int ldiskfs_scrub(struct ldiskfs_dev *dev);

/* namei.c */
int ldiskfs_remove_index(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);

/* attr.c */
int ldiskfs_set_projid_inode(struct dentry *dentry, u32 projid);
int ldiskfs_set_journaled(struct ldiskfs_object *obj);

/* xattr.c */
bool ldiskfs_has_acl(struct ldiskfs_object *obj);

#endif
