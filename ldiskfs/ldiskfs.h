/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ldiskfs: transactional objects by FID on an ordinary ext4, for the servers.
 * Nothing here knows of the network.
 *
 * Life of a change: ldiskfs_tx_alloc(), one ldiskfs_declare_*() for every
 * operation that will follow (it adds credits and remembers which inodes must be
 * locked: at most six; NULL as object of a declare_setattr or declare_setxattr is
 * the object that this transaction creates), ldiskfs_tx_start() (dqget, i_rwsem of directories, then of victims
 * and targets, then the jbd2 handle), the operations, ldiskfs_tx_stop() (tid
 * check, unlock, deferred iput). After start, an operation may fail only for
 * reasons that cannot be checked before: see ldiskfs_tx_stop().
 *
 * Lock order: the caller's own locks (ldlm, target) > sb_start_write > directory
 * i_rwsem (parent, parent2) > victim/target i_rwsem > jbd2 handle. Never inside
 * a handle: data I/O, truncate down, fsync, network, user memory.
 */
#ifndef SHEEN_LDISKFS_H
#define SHEEN_LDISKFS_H

#include <linux/bvec.h>
#include <linux/fs.h>
#include <linux/types.h>
#include "wire/fid.h"

struct ldiskfs_dev;
struct ldiskfs_object;
struct ldiskfs_tx;
struct ldiskfs_rec;	/* file of fixed-size records: last_rcvd, reply_data */

/* --- device (dev.c) --- */

/**
 * ldiskfs_mount() - mount an ext4 block device privately
 * @path: block device
 * @opts: ext4 options from mountdata, may be NULL
 * @rdonly: read-only
 *
 * Refuses (with a message) what would break the rules: no journal, data=journal,
 * fast_commit, inline_data, block size other than 4096, unclean e2fsck state.
 * Creates the internal files (FID index, O/, ...) if they are missing.
 * Context: may sleep, any task. Return: device or ERR_PTR.
 */
struct ldiskfs_dev *ldiskfs_mount(const char *path, const char *opts, bool rdonly);

/** ldiskfs_umount() - commit everything and unmount; no object may be held */
void ldiskfs_umount(struct ldiskfs_dev *dev);

/** ldiskfs_sb() - super block, for statfs and limits */
struct super_block *ldiskfs_sb(struct ldiskfs_dev *dev);

/** ldiskfs_sync() - commit the running transaction, flush the disk, wait */
int ldiskfs_sync(struct ldiskfs_dev *dev);

/** ldiskfs_commit_async() - ask for a commit soon, do not wait */
void ldiskfs_commit_async(struct ldiskfs_dev *dev);

/** ldiskfs_statfs() - space and inodes, for root's eyes */
int ldiskfs_statfs(struct ldiskfs_dev *dev, struct kstatfs *st);

/** ldiskfs_ioctl() - ioctl(2) of ext4 on the root directory, for a user task (FS_IOC_SETFSLABEL) */
long ldiskfs_ioctl(struct ldiskfs_dev *dev, unsigned int cmd, unsigned long arg);

/** ldiskfs_error() - 0, or -EROFS/-EIO after the journal aborted */
int ldiskfs_error(struct ldiskfs_dev *dev);

/* --- objects (object.c) --- */

/**
 * ldiskfs_find() - object of a FID
 *
 * Return: object with a reference (ldiskfs_object_put()), ERR_PTR(-ENOENT), other errors.
 */
struct ldiskfs_object *ldiskfs_find(struct ldiskfs_dev *dev, const struct lu_fid *fid);

/** ldiskfs_path() - object of an absolute path inside the device ("/CONFIGS/mountdata") */
struct ldiskfs_object *ldiskfs_path(struct ldiskfs_dev *dev, const char *path);

struct ldiskfs_object *ldiskfs_object_get(struct ldiskfs_object *obj);
void ldiskfs_object_put(struct ldiskfs_object *obj);

/** ldiskfs_inode() - inode for reading attributes; use the functions below to change anything */
struct inode *ldiskfs_inode(struct ldiskfs_object *obj);

/** ldiskfs_fid() - the FID an object was created with (zero for files made by path) */
const struct lu_fid *ldiskfs_fid(struct ldiskfs_object *obj);

/** ldiskfs_version() - transno of the last change (VBR), 0 if never set */
u64 ldiskfs_version(struct ldiskfs_object *obj);

/** ldiskfs_set_version() - inside a transaction that declared an xattr or attribute change of @obj */
int ldiskfs_set_version(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 version);

/* --- transactions (tx.c) --- */

struct ldiskfs_tx *ldiskfs_tx_alloc(struct ldiskfs_dev *dev);

/** ldiskfs_tx_free() - drop a transaction that was not started */
void ldiskfs_tx_free(struct ldiskfs_tx *tx);

/**
 * ldiskfs_tx_start() - take the declared locks, start the handle
 * Return: 0, -EROFS after an abort, -ENOSPC, -EDQUOT, -ENOMEM (then tx is still to be freed).
 */
int ldiskfs_tx_start(struct ldiskfs_tx *tx);

/**
 * ldiskfs_tx_stop() - end the transaction and free @tx
 * @sync: wait until it is on disk
 *
 * A failure after the first change that could not be undone aborts the journal
 * (jbd2 cannot roll back); the caller gets the error from the operation.
 * Return: 0, or the error of a synchronous commit.
 */
int ldiskfs_tx_stop(struct ldiskfs_tx *tx, bool sync);

/**
 * struct ldiskfs_commit_cb - told when a transaction is on disk
 * @func: called in process context, may sleep shortly; @error is 0 or -EIO after an abort.
 *	Callbacks of one device run in transaction order, one at a time.
 */
struct ldiskfs_commit_cb {
	struct list_head link;
	void (*func)(struct ldiskfs_commit_cb *cb, int error);
	u32 tid;	/* private */
};

/** ldiskfs_tx_on_commit() - between start and stop */
void ldiskfs_tx_on_commit(struct ldiskfs_tx *tx, struct ldiskfs_commit_cb *cb);

/* --- names (namei.c); all fail cleanly with -EEXIST, -ENOENT, -ENOTEMPTY, -ENAMETOOLONG,
 *     -EMLINK before anything was changed --- */

/**
 * struct ldiskfs_attr - attributes of a new object
 * @mode: type and permissions, exactly as given (no umask, no setgid inheritance);
 *	narrowed only by a default ACL of the directory, which is inherited
 * @rdev: device number for device nodes
 * @symlink: target of a symlink, NUL-terminated
 */
struct ldiskfs_attr {
	umode_t		mode;
	kuid_t		uid;
	kgid_t		gid;
	u32		projid;
	dev_t		rdev;
	struct timespec64 atime, mtime, ctime;
	const char	*symlink;
};

/** ldiskfs_declare_create() - also covers the FID index and lma of the new object; @dir is locked as parent */
int ldiskfs_declare_create(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, const struct ldiskfs_attr *attr);

/**
 * ldiskfs_create() - new object with a name
 * Return: object with a reference, or ERR_PTR.
 */
struct ldiskfs_object *ldiskfs_create(struct ldiskfs_tx *tx, struct ldiskfs_object *dir,
				      const struct qstr *name, const struct lu_fid *fid,
				      const struct ldiskfs_attr *attr);

/** ldiskfs_create_undo() - take it back in the same transaction, when a later step of it failed */
void ldiskfs_create_undo(struct ldiskfs_tx *tx, struct ldiskfs_object *dir,
			 const struct qstr *name, struct ldiskfs_object *obj);

/** ldiskfs_declare_create_data()/_create_data() - nameless data object of an OST, stored as O/<seq>/d<oid%32>/<oid> */
int ldiskfs_declare_create_data(struct ldiskfs_tx *tx, const struct lu_fid *fid);
struct ldiskfs_object *ldiskfs_create_data(struct ldiskfs_tx *tx, const struct lu_fid *fid,
					   const struct ldiskfs_attr *attr);

/** ldiskfs_declare_destroy_data()/_destroy_data() - its blocks are freed after the stop; crash safe */
int ldiskfs_declare_destroy_data(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);
int ldiskfs_destroy_data(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);

int ldiskfs_declare_link(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, struct ldiskfs_object *obj);
int ldiskfs_link(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, const struct qstr *name,
		 struct ldiskfs_object *obj);

/** ldiskfs_declare_unlink()/_unlink() - files and empty directories; the FID index entry goes with the last link */
int ldiskfs_declare_unlink(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, struct ldiskfs_object *obj);
int ldiskfs_unlink(struct ldiskfs_tx *tx, struct ldiskfs_object *dir, const struct qstr *name,
		   struct ldiskfs_object *obj);

/**
 * ldiskfs_declare_rename()/_rename() - @victim (may be NULL) is what @tname names now
 * Locks both directories as lock_rename() does, then victim and source.
 */
int ldiskfs_declare_rename(struct ldiskfs_tx *tx, struct ldiskfs_object *sdir, struct ldiskfs_object *tdir,
			   struct ldiskfs_object *obj, struct ldiskfs_object *victim);
int ldiskfs_rename(struct ldiskfs_tx *tx, struct ldiskfs_object *sdir, const struct qstr *sname,
		   struct ldiskfs_object *tdir, const struct qstr *tname,
		   struct ldiskfs_object *obj, struct ldiskfs_object *victim);

/** ldiskfs_lookup() - object with a reference; ERR_PTR(-ENOENT). Locks @dir shared; not inside a transaction that locked it */
struct ldiskfs_object *ldiskfs_lookup(struct ldiskfs_object *dir, const struct qstr *name);

/** ldiskfs_parent() - ".." of a directory, with a reference */
struct ldiskfs_object *ldiskfs_parent(struct ldiskfs_object *dir);

/**
 * typedef ldiskfs_filldir_t - one directory entry
 * @hash: 64-bit position *of this entry*: reading from it returns this entry again
 * Return: false to stop; the next call goes on with this entry.
 */
typedef bool (*ldiskfs_filldir_t)(void *ctx, const char *name, int len, u64 hash,
				  const struct lu_fid *fid, unsigned int d_type);

/** ldiskfs_readdir() - entries from @hash on, "." and ".." included */
int ldiskfs_readdir(struct ldiskfs_object *dir, u64 hash, ldiskfs_filldir_t fill, void *ctx);

/* --- attributes (attr.c) --- */

/** ldiskfs_readlink() - Return: bytes of a symlink's target without NUL, -ERANGE if @size is less */
ssize_t ldiskfs_readlink(struct ldiskfs_object *obj, char *buf, size_t size);

/** ldiskfs_declare_setattr() - @attr->ia_valid says whether quota ids change */
int ldiskfs_declare_setattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const struct iattr *attr);

/**
 * ldiskfs_setattr() - mode, owner, times (given ctime is kept: ATTR_CTIME is taken from ia_ctime),
 * not the size: that is ldiskfs_truncate(), outside of transactions
 */
int ldiskfs_setattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const struct iattr *attr);

/** ldiskfs_btime() - creation time in seconds; false if the storage has none */
bool ldiskfs_btime(struct ldiskfs_object *obj, s64 *btime);

/** ldiskfs_projid() - project id, 0 for none; set it inside a transaction (ctime becomes now) */
u32 ldiskfs_projid(struct ldiskfs_object *obj);
int ldiskfs_declare_set_projid(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 projid);
int ldiskfs_set_projid(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 projid);
#define LDISKFS_SETTABLE_FLAGS (FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NOATIME_FL | FS_DIRSYNC_FL)
/** ldiskfs_set_flags() - inode flags, within what ldiskfs_declare_setattr() announced */
int ldiskfs_set_flags(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u32 flags);

/** ldiskfs_getxattr() - Return: size or error; @size 0 asks for the size */
ssize_t ldiskfs_getxattr(struct ldiskfs_object *obj, const char *name, void *buf, size_t size);

/** ldiskfs_listxattr() - names, each with its NUL, lma and other internal ones left out */
ssize_t ldiskfs_listxattr(struct ldiskfs_object *obj, char *buf, size_t size);

int ldiskfs_declare_setxattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const char *name, size_t size);
/** ldiskfs_setxattr() - @flags XATTR_CREATE, XATTR_REPLACE or 0; @buf NULL removes */
int ldiskfs_setxattr(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, const char *name,
		     const void *buf, size_t size, int flags);

/* --- small files inside a transaction (rec.c, log.c) --- */

/**
 * ldiskfs_rec_open() - file of fixed-size records in the device's root, made and zeroed if missing
 * @size: bytes to preallocate, grown with ldiskfs_rec_grow()
 */
struct ldiskfs_rec *ldiskfs_rec_open(struct ldiskfs_dev *dev, const char *name, u64 size);
int ldiskfs_rec_grow(struct ldiskfs_rec *rec, u64 size);
u64 ldiskfs_rec_size(struct ldiskfs_rec *rec);
void ldiskfs_rec_close(struct ldiskfs_rec *rec);
int ldiskfs_rec_read(struct ldiskfs_rec *rec, u64 pos, void *buf, size_t len);
int ldiskfs_declare_rec_write(struct ldiskfs_tx *tx, struct ldiskfs_rec *rec, u64 pos, size_t len);
int ldiskfs_rec_write(struct ldiskfs_tx *tx, struct ldiskfs_rec *rec, u64 pos, const void *buf, size_t len);

/** ldiskfs_log_read()/_write() - journaled growing file (llogs); writes extend it atomically with the transaction */
ssize_t ldiskfs_log_read(struct ldiskfs_object *obj, u64 pos, void *buf, size_t len);
int ldiskfs_declare_log_write(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 pos, size_t len);
int ldiskfs_log_write(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 pos, const void *buf, size_t len);

/** ldiskfs_mkpath() - directory or (journaled) file by path, made with its own transaction if missing */
struct ldiskfs_object *ldiskfs_mkpath(struct ldiskfs_dev *dev, const char *path, umode_t mode);
/** ldiskfs_rmpath() - remove a file by path, own transaction, synchronous */
int ldiskfs_rmpath(struct ldiskfs_dev *dev, const char *path);

/* --- data (data.c); never inside a transaction --- */

/**
 * ldiskfs_write() - data from pages to disk without a copy where aligned
 * @flags: IOCB_DIRECT is tried for aligned parts; the page cache takes the rest
 *
 * On return the data is on the disk (or in its cache: ldiskfs_sync()) and the
 * extents are converted, so a transaction started after it commits with them.
 * i_size grows as needed. Return: bytes (all of them) or error.
 */
ssize_t ldiskfs_write(struct ldiskfs_object *obj, u64 pos, const struct bio_vec *bvec,
		      unsigned int nr, size_t len);

/** ldiskfs_read() - Return: bytes read, short at end of file */
ssize_t ldiskfs_read(struct ldiskfs_object *obj, u64 pos, const struct bio_vec *bvec,
		     unsigned int nr, size_t len);

/** ldiskfs_truncate() - size up or down, crash safe; own transactions */
int ldiskfs_truncate(struct ldiskfs_object *obj, u64 size);

/** ldiskfs_fallocate() - as fallocate(2): preallocate, punch, zero; own transactions */
int ldiskfs_fallocate(struct ldiskfs_object *obj, int mode, u64 pos, u64 len);

/** ldiskfs_seek() - SEEK_DATA, SEEK_HOLE */
loff_t ldiskfs_seek(struct ldiskfs_object *obj, loff_t pos, int whence);

/** ldiskfs_fsync() - data and metadata of one object on stable storage */
int ldiskfs_fsync(struct ldiskfs_object *obj);

#endif
