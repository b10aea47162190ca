/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lustre.ko: the file system that users mount.
 *
 * Metadata side: super.c options.c config.c | mdc.c enqueue.c reint.c seq.c | namei.c inode.c dir.c
 * statahead.c open.c layout_lock.c symlink.c xattr.c acl.c export.c ioctl.c params.c
 * Data side: file.c aops.c extent_lock.c osc_io.c grant.c direct.c stats.c
 * Pure: layout.c dirpage.c
 *
 * Lock order, outermost first:
 *	inode->i_rwsem
 *	mapping->invalidate_lock
 *	cl_inode.layout_mutex		fetching and installing a layout
 *	cl_inode.xattr_sem
 *	DLM locks in use: MDT before OST, objects of one I/O in ascending stripe order of the component
 *	folio lock, writeback
 *	cl_inode.lock, cl_obj.lock	(spinlocks; size and validity fields)
 *
 * DLM blocking callbacks run in ldlm's context, hold nothing, and may take everything from
 * layout_mutex downwards, but never i_rwsem or invalidate_lock.
 */
#ifndef SHEEN_CLIENT_H
#define SHEEN_CLIENT_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include "wire/fid.h"
#include "wire/md.h"
#include "wire/ost.h"
#include "kernel/rpc/rpc.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/config/config.h"
#include "kernel/client/layout.h"

#define CL_SUPER_MAGIC		0x0BD00BD0
#define CL_FSNAME_MAX		8
#define CL_BLKSIZE_BITS		22	/* st_blksize of regular files: 4 MiB */

struct cl_fs;
struct cl_statahead;
struct cfg_device;

/* --- limits on RPCs in flight --- */

/** struct cl_limit - at most @max users at a time (max_rpcs_in_flight) */
struct cl_limit {
	spinlock_t		lock;
	unsigned int		max;
	unsigned int		used;
	wait_queue_head_t	waitq;
};

void cl_limit_init(struct cl_limit *l, unsigned int max);
/** cl_limit_get() - wait for a slot; killable: -EINTR. With @try only: -EAGAIN if none is free */
int cl_limit_get(struct cl_limit *l, bool try);
void cl_limit_put(struct cl_limit *l);
void cl_limit_set(struct cl_limit *l, unsigned int max);

/* --- targets --- */

enum { CL_RPC_PAGES, CL_RPC_FLIGHT, CL_RPC_OFFSET, CL_RPC_HISTS };

/**
 * struct cl_rpc_stats - bulk RPCs of a target, [is it a write]; under @lock, a leaf
 * @waiting: pages of RPCs that wait for a slot
 * @dirty_sent: pages of the cache that are being written
 * @lockless: bytes of direct I/O
 */
struct cl_rpc_stats {
	spinlock_t		lock;
	ktime_t			start, lockless_start;
	unsigned int		in_flight[2];
	unsigned long		waiting[2];
	u64			dirty_sent;
	u64			lockless[2];
	struct stats_hist	hist[CL_RPC_HISTS];
};

/**
 * struct cl_osc - our connection to one OST; or the data side of that to the MDT (Data-on-MDT)
 * @mdt: an object is the first part of a file, its lock the DOM bit of the file's
 * @inactive: excluded or set inactive: new I/O fails with -EIO, statfs skips it
 * @rpcs: max_rpcs_in_flight of bulk RPCs
 * @brw_size: negotiated bulk bytes (ocd_brw_size), set at CL_OSC_CONNECTED
 * @grant_lock and below: the data side's, set up by cl_osc_io_init()
 */
struct cl_osc {
	struct cl_fs		*fs;
	struct rpc_import	*imp;
	struct ldlm_namespace	*ns;
	char			name[64];	/* testfs-OST0000-osc-ffff... */
	char			uuid[RPC_UUID_SIZE];
	u32			index;
	bool			mdt;
	bool			inactive;
	struct cl_limit		rpcs;
	u32			brw_size;
	struct param_dir	*params[3];
	struct cfg_device	*device;

	/* data side: grants (chapter 05, B11), in bytes */
	spinlock_t		grant_lock;
	u64			grant_avail;
	u64			grant_reserved;
	u64			grant_dirty;
	u64			grant_sent;	/* with writes that were not answered yet */
	u64			grant_lost;	/* to give back in the next RPC (o_dropped) */
	u64			dirty_bytes;
	u64			dirty_max;
	atomic_t		writing;	/* bulks of dirty pages that are on their way */
	u32			grant_tax;
	u32			grant_extent;	/* bytes of one extent */
	wait_queue_head_t	grant_waitq;
	bool			checksums;
	u32			cksum_type;	/* OBD_CKSUM_* that the OST knows */
	u32			cksum_wanted;	/* the one of them that was set, 0: the best */
	u32			pages_max;	/* of an RPC, 0: brw_size */
	unsigned int		resend_count;
	struct cl_rpc_stats	rpc_stats;
	u32			short_io;	/* bytes; 0: off */
};

/**
 * struct cl_mdc - our connection to the MDT
 * @rpcs: max_rpcs_in_flight; every synchronous metadata RPC holds one slot, closes and cancels none
 * @md_max, @md_default: reply room for a LOV EA (chapter 04, 1.7), grow by replies
 * @data: for files whose first part is on the MDT; uses @imp and @ns
 */
struct cl_mdc {
	struct cl_fs		*fs;
	struct rpc_import	*imp;
	struct ldlm_namespace	*ns;
	char			name[64];	/* testfs-MDT0000-mdc-ffff... */
	u32			index;
	struct cl_limit		rpcs;
	u32			md_max;
	u32			md_default;
	struct cl_osc		data;
};

/* --- the mount --- */

#define CL_PROCESSES	10

/** struct cl_process - extents_stats_per_process */
struct cl_process {
	pid_t			pid;
	struct stats_hist	hist;
};

/** struct cl_extents - sizes of reads and writes: all, and of the latest processes; under @lock, a leaf */
struct cl_extents {
	spinlock_t		lock;
	bool			on;
	ktime_t			start;
	struct stats_hist	all;
	unsigned int		next;
	struct cl_process	process[CL_PROCESSES];
};

#define CL_OPT_FLOCK		BIT(0)	/* cluster-wide; neither bit: -ENOSYS */
#define CL_OPT_LOCALFLOCK	BIT(1)
#define CL_OPT_USER_XATTR	BIT(2)
#define CL_OPT_LRURESIZE	BIT(3)
#define CL_OPT_LAZYSTATFS	BIT(4)
#define CL_OPT_32BITAPI		BIT(5)
#define CL_OPT_USER_FID2PATH	BIT(6)
#define CL_OPT_VERBOSE		BIT(7)
#define CL_OPT_ALWAYS_PING	BIT(8)
#define CL_OPT_CHECKSUM		BIT(9)
#define CL_OPT_NOLOCK		BIT(10)

/** struct cl_options - mount options (chapters 06, 13 and 08, 3.4) */
struct cl_options {
	u32			flags;		/* CL_OPT_* */
	char			*device;	/* nids:/fsname[/sub], as given */
	char			*exclude;
	unsigned int		nr_nodes;
	struct cfg_node		*nodes;		/* of the MGS */
	char			fsname[CL_FSNAME_MAX + 1];
	char			*subdir;	/* "/a/b" or NULL */
};

/**
 * struct cl_fs - one mount: sb->s_fs_info
 * @instance: how device names of this mount end, ffff... of the super block
 * @oscs: OST index -> struct cl_osc; entries are only added while mounted, so a pointer that was
 *	found stays valid until the last inode is gone
 * @seq_lock: protects next_fid, fids_left
 * @closes: MDS_CLOSE and other RPCs under way that nobody waits for; umount waits for 0
 * @ra_stats: llite.*.read_ahead_stats, enum cl_ra_stat
 * @extents: sizes of reads and writes; NULL until somebody asks for it
 */
struct cl_fs {
	struct super_block	*sb;
	struct cl_options	opt;
	char			instance[20];
	char			uuid[RPC_UUID_SIZE];
	struct mgc		*mgc;
	struct cfg_follow	*follow;
	struct cl_mdc		*mdc;
	struct xarray		oscs;
	u32			nr_osts;	/* highest index + 1 */
	struct lu_fid		root;
	bool			stopping;	/* umount has begun */
	bool			force;		/* umount -f: do not wait for servers */
	bool			connected;	/* mounted: new OSTs are connected at once */
	struct mutex		seq_lock;
	struct lu_fid		next_fid;
	u32			fids_left;
	atomic_t		closes;
	wait_queue_head_t	closes_waitq;
	u32			stripe_size;	/* filesystem defaults from the log */
	u32			stripe_count;
	u32			stripe_offset;
	u32			statahead_max;
	u32			namelen;
	u64			maxbytes;
	struct stats		*stats;		/* llite.*.stats, enum cl_stat */
	struct param_dir	*params;
	struct param_dir	*lov_params;
	struct cfg_device	*devices[2];	/* the lines of lov and lmv in 'lctl dl' */

	/* data side */
	struct stats		*ra_stats;
	struct cl_extents	*extents;
	void			*data_private;
};

static inline struct cl_fs *cl_fs(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/** cl_osc_get_index() - OST of an index; NULL if the configuration does not have it */
struct cl_osc *cl_osc_get_index(struct cl_fs *fs, u32 index);
/** cl_osc_set_active() - I/O to an inactive OST fails at once, statfs leaves it out */
void cl_osc_set_active(struct cl_osc *osc, bool active);

/* llite.*.stats */
enum cl_stat {
	CL_ST_READ_BYTES, CL_ST_WRITE_BYTES, CL_ST_READ, CL_ST_WRITE, CL_ST_IOCTL, CL_ST_OPEN,
	CL_ST_CLOSE, CL_ST_MMAP, CL_ST_PAGE_FAULT, CL_ST_PAGE_MKWRITE, CL_ST_SEEK, CL_ST_FSYNC,
	CL_ST_READDIR, CL_ST_SETATTR, CL_ST_TRUNC, CL_ST_FLOCK, CL_ST_GETATTR, CL_ST_FALLOCATE,
	CL_ST_CREATE, CL_ST_LINK, CL_ST_UNLINK, CL_ST_SYMLINK, CL_ST_MKDIR, CL_ST_RMDIR,
	CL_ST_MKNOD, CL_ST_RENAME, CL_ST_STATFS, CL_ST_SETXATTR, CL_ST_GETXATTR, CL_ST_LISTXATTR,
	CL_ST_REMOVEXATTR, CL_ST_PERMISSION,
	CL_NR_STATS
};

/* llite.*.read_ahead_stats, in pages */
enum cl_ra_stat { CL_RA_HITS, CL_RA_MISSES, CL_RA_NO_LOCK, CL_NR_RA_STATS };

/* --- inodes --- */

/* cl_inode.flags */
#define CI_LAYOUT_VALID		0	/* layout is current: we hold a LAYOUT lock */
#define CI_LOOKUP_VALID		1	/* hint for RCU walks: a LOOKUP lock is held; cleared by its callback */
#define CI_DATA_MODIFIED	2	/* written since the last close told the MDT */
#define CI_SIZE_MDT		3	/* size and blocks came from the MDT and are exact (no objects) */
#define CI_XATTR_VALID		4	/* the xattr cache is complete, under a XATTR lock */
#define CI_DIR_READ		5	/* directory was listed: lookups in it may start statahead */
#define CI_UPDATE_VALID		7	/* attributes came under an UPDATE lock that is held; and a PERM lock */
#define CI_PERM_VALID		8

/**
 * struct cl_inode - inode of a mount
 * @layout: what the file's data is in; NULL: no objects (yet). Replaced under @layout_mutex and
 *	@lock; readers take a reference under @lock. Valid while CI_LAYOUT_VALID is set
 * @mds_size, @mds_blocks: what the MDT said; lazy unless CI_SIZE_MDT
 * @mds_mtime...: times of the MDT in seconds; the inode shows the newest of these and the objects'
 * @read_time: atime of reads here, which the MDT hears of by a close; 0 once it was set to something
 * @objs: all cl_obj of the inode
 * @blocks: st_blocks as last merged
 * @write_opens: open files with FMODE_WRITE
 */
struct cl_inode {
	struct inode		vfs_inode;
	struct lu_fid		fid;
	struct lu_fid		parent;		/* of the last lookup, for by-FID requests */
	unsigned long		flags;
	spinlock_t		lock;

	struct mutex		layout_mutex;
	struct layout		*layout;

	u64			mds_size;
	u64			mds_blocks;
	time64_t		mds_mtime;
	time64_t		mds_atime;
	time64_t		mds_ctime;
	time64_t		btime;
	time64_t		read_time;
	u32			attr_flags;	/* LUSTRE_*_FL */
	u32			projid;
	u64			dir_gen;	/* of a directory: +1 whenever its UPDATE lock goes */
	unsigned long		name_gen;	/* +1 whenever the LOOKUP lock goes */

	struct rw_semaphore	xattr_sem;
	struct list_head	xattrs;

	struct cl_statahead	*statahead;	/* of a directory, under @lock */
	pid_t			reader;		/* tgid that lists the directory now, 0 nobody */

	/* data side */
	struct list_head	objs;		/* cl_obj.link, under @lock */
	blkcnt_t		blocks;
	atomic_t		write_opens;
	struct mutex		size_mutex;	/* truncate against append and size merging */
};

static inline struct cl_inode *CL_I(const struct inode *inode)
{
	return container_of(inode, struct cl_inode, vfs_inode);
}

/**
 * struct cl_open - an open handle on the MDT
 * @req: the open request, kept for replay; NULL for a handle that cannot be replayed
 * @cookie: open handle, changes with a replay
 */
struct cl_open {
	__le64			cookie;
	struct rpc_request	*req;
	struct cl_fs		*fs;
	struct lu_fid		fid;
	fmode_t			mode;
};

/**
 * struct cl_file - file->private_data of regular files and directories
 * @open: NULL for directories, which are never opened on the MDT
 * @group_gid: group lock held (LL_IOC_GROUP_LOCK), 0 none
 */
struct cl_file {
	struct cl_open		*open;
	u64			group_gid;
	struct ldlm_lock	**group_locks;	/* data side */
};

/**
 * struct cl_obj - one data object of an inode; outlives layouts, so that a layout that grows keeps
 * pages and locks of the objects it already had
 * @inode: NULL after the inode was evicted; callbacks get it with cl_obj_inode()
 * @res: its lock resource
 * @oi_id, @oi_seq: as in the layout
 * @stripe: index within its component; @ol: what an OST is told of the layout
 * @kms: known minimum size: what the locks that we hold assure, from LVBs they came with and own
 *	writes under them; falls when they go
 * @size, @blocks, times: as somebody said last; @size is no less than @kms was then
 * @gen: changes with every lock or change of ours, so that a glimpse that was sent before is too old
 * @lock_handle: server's cookie of the lock used last, for o_handle
 * @ahead: glimpses under way that were sent before anybody asked
 * @nr_dirty: pages dirty or being written; @last_dirty: index of the one made dirty last
 * DLM locks of the object have ->data = the cl_obj, without a reference: see lock_obj().
 */
struct cl_obj {
	struct kref		ref;
	struct list_head	link;		/* cl_inode.objs */
	struct cl_osc		*osc;
	u64			oi_id;
	u64			oi_seq;
	struct ldlm_res_id	res;
	u32			stripe;
	struct ost_layout	ol;
	spinlock_t		lock;
	struct inode		*inode;
	u64			kms;
	u64			size;
	u64			blocks;
	time64_t		mtime, atime, ctime;
	u32			gen;
	u64			lock_handle;
	atomic_t		ahead;
	atomic_t		nr_dirty;
	unsigned long		last_dirty;
	struct rcu_head		rcu;
};

/* =====================  metadata side, used by the data side  ===================== */

/* --- layout_lock.c --- */

/**
 * cl_layout_get() - the file's current layout, fetched if we have no valid one
 * 0 RPCs while a LAYOUT lock is held, else one layout intent.
 * Context: may sleep, killable; no folio lock or DLM lock in use by the caller. Takes layout_mutex.
 * Return: referenced layout; NULL: the file has none (size 0, a write needs cl_layout_write());
 * ERR_PTR
 */
struct layout *cl_layout_get(struct inode *inode);
/**
 * cl_layout_write() - a layout with objects for file bytes [@start, @end)
 * As cl_layout_get(); sends a layout intent WRITE (or TRUNC) if a component there has no objects.
 * NULL only for a truncate of a file without objects: its size is the MDT's; -EBADF for writes to one.
 * Call it before a write, page_mkwrite, fallocate or truncate takes extent locks.
 */
struct layout *cl_layout_write(struct inode *inode, u64 start, u64 end, bool trunc);
/**
 * cl_layout_current() - the layout that cached pages belong to, valid or not; NULL none
 * For writeback and blocking callbacks: any context, takes only ci->lock.
 */
struct layout *cl_layout_current(struct inode *inode);

/* --- mdc.c --- */

/** cl_mds_sync() - MDS_SYNC of one object: 1 RPC. Called by cl_fsync() after the data is written */
int cl_mds_sync(struct inode *inode);
/** cl_open_layout() - have the MDT give the file objects: open by FID for write, and close: 2 RPCs */
int cl_open_layout(struct inode *inode);

/* --- open.c: entries for the file_operations of file.c --- */
int cl_file_open(struct inode *inode, struct file *file);
/** cl_file_release() - sends MDS_CLOSE without waiting, after the file's pages were written by cl_file_flush() */
int cl_file_release(struct inode *inode, struct file *file);
int cl_file_lock(struct file *file, int cmd, struct file_lock *fl);
int cl_file_flock(struct file *file, int cmd, struct file_lock *fl);

/* --- ioctl.c --- */
long cl_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* --- inode.c --- */
extern const struct inode_operations cl_file_iops;
/** cl_attr_revalidate() - MDT attributes are valid after it: 0 RPCs under an UPDATE|PERM lock, else 1 */
int cl_attr_revalidate(struct inode *inode);

/* =====================  data side, used by the metadata side  ===================== */

/* --- file.c --- */

/*
 * regular files: read_iter, write_iter, mmap, fsync, llseek, fallocate, splice; open, release,
 * flock, lock, unlocked_ioctl are the functions of open.c and ioctl.c above. .flush = cl_file_flush
 */
extern const struct file_operations cl_file_fops;
/** cl_fsync() - write back, wait, cl_mds_sync(), then OST_SYNC of every object in parallel */
int cl_fsync(struct file *file, loff_t start, loff_t end, int datasync);

/* --- aops.c --- */
extern const struct address_space_operations cl_aops;
/** cl_data_flush() - write and wait for all dirty pages of the inode; Return: 0 or the first error */
int cl_data_flush(struct inode *inode);
/** cl_data_init_inode(), cl_data_evict_inode() - set up at iget; at eviction pages are already truncated */
void cl_data_init_inode(struct cl_inode *ci);
/**
 * cl_data_evict_inode() - unlink all cl_obj from the inode (->inode = NULL), give back grant.
 * DLM locks stay cached: their callbacks then find no inode and have nothing to do.
 */
void cl_data_evict_inode(struct inode *inode);
/** cl_data_init(), cl_data_fini() - caches of the data side, at module load and unload */
int cl_data_init(void);
void cl_data_fini(void);

/* --- extent_lock.c --- */

/**
 * cl_obj_bind() - give every stripe of a layout its object: found on ci->objs or made
 * Called by layout_lock.c with layout_mutex held, before the layout is visible; sets lo->unbind.
 * Return: 0, -ENOMEM, -EINVAL (OST that the configuration does not have)
 */
int cl_obj_bind(struct inode *inode, struct layout *lo);
/**
 * cl_glimpse() - make i_size, blocks and times of a regular file current
 * All objects in parallel, 1 RPC each, none for objects with a cached covering lock (the MDT's
 * attributes must be valid: cl_attr_revalidate() first). Merges by cl_size_merge().
 * Context: sleeps, killable; called without i_rwsem by getattr, with it by append and SEEK_END.
 */
int cl_glimpse(struct inode *inode);
/** cl_glimpse_ahead() - start that and do not wait; results stay as locks. From statahead, process context */
void cl_glimpse_ahead(struct inode *inode);
/** cl_size_merge() - i_size, i_blocks, times from MDT values and all objects' LVBs (B10). Takes ci->lock */
void cl_size_merge(struct inode *inode);
/** cl_osc_lock_ops: blocking (flush or discard, drop pages), glimpse (fill LVB) of extent locks */
extern const struct ldlm_lock_ops cl_osc_lock_ops;
/** for ldlm_ns_create() of an OSC */
extern const struct ldlm_ns_ops cl_osc_ns_ops;

/* --- osc_io.c --- */

/** cl_max_bytes() - how large a file of this layout may get. Context: any */
u64 cl_max_bytes(const struct layout *lo);
/**
 * cl_setattr_size_prepare() - before the MDT is told a new size: objects that can have it
 * Return: 0, -EFBIG if they cannot, or an error of making them. 0 RPCs if there are all that it needs.
 */
int cl_setattr_size_prepare(struct inode *inode, loff_t size);
/**
 * cl_setattr_size() - the data side of truncate, after the MDT accepted the new size
 * PW lock on what is cut off (with DISCARD when @size is 0), pages dropped, OST_PUNCH to every
 * object touched, in parallel; updates i_size and KMS. Called with i_rwsem and invalidate_lock held.
 */
int cl_setattr_size(struct inode *inode, loff_t size, const struct iattr *attr);
/** cl_obj_lost() - a lock gives up data: write back, drop pages. Return: false: its inode is being evicted */
bool cl_obj_lost(struct ldlm_lock *lock);
/** cl_obj_glimpse() - ldlm_lock_ops.glimpse */
int cl_obj_glimpse(struct ldlm_lock *lock, struct ost_lvb *lvb);
/** cl_dom_dirty() - is anything unwritten of what the file has on the MDT? */
bool cl_dom_dirty(struct inode *inode);
/**
 * cl_dom_adopt() - @lock came with an open or getattr, is in use and covers the part on the MDT: it does for I/O
 * @b: the reply's; @data, @len: what was read of that part
 */
void cl_dom_adopt(struct inode *inode, struct ldlm_lock *lock, const struct mdt_body *b, const void *data, u32 len);
/** cl_dom_flush() - nobody holds unwritten data of the file's part on the MDT: before its times are set there */
int cl_dom_flush(struct inode *inode);
/** cl_setattr_times() - OST_SETATTR of times to every object, under PW [0, EOF], in parallel. i_rwsem held */
int cl_setattr_times(struct inode *inode, const struct iattr *attr);
/** cl_osc_io_init(), cl_osc_io_fini() - the data side of an OSC, before its import is made and after it is gone */
int cl_osc_io_init(struct cl_osc *osc);
void cl_osc_io_fini(struct cl_osc *osc);
/** cl_osc_ocd() - fill grant, checksum, short I/O and bulk fields of the connect data before connecting */
void cl_osc_ocd(struct cl_osc *osc, struct obd_connect_data *ocd);
/**
 * cl_osc_reconnect() - rpc_import_ops.reconnect: ask for the grant that is spoken for
 * What is available goes with the connection (chapter 05, B11).
 */
void cl_osc_reconnect(struct cl_osc *osc, struct obd_connect_data *ocd);
/** cl_osc_connected() - import event CONNECTED: take grant, brw_size, checksum type from imp->ocd */
void cl_osc_connected(struct cl_osc *osc);
/** cl_osc_invalidate() - import event INVALIDATE: dirty pages of this OST are lost (mapping error -EIO), grant is 0 */
void cl_osc_invalidate(struct cl_osc *osc);
/** cl_osc_statfs() - OST_STATFS, 1 RPC; RPC_REQ_NO_DELAY with @nodelay. @st: struct obd_statfs in wire order */
struct obd_statfs;
int cl_osc_statfs(struct cl_osc *osc, struct obd_statfs *st, bool nodelay);
/** cl_osc_sync() - OST_SYNC of the whole target, 1 RPC: for sync(2), after pages are written */
int cl_osc_sync(struct cl_osc *osc);
/** cl_osc_params - files of osc.<name>/ and mdc.<name>/ that belong to the data side (ends with a NULL name) */
extern const struct param cl_osc_params[];

/* --- stats.c --- */

int cl_rpc_stats_show(struct seq_file *m, struct cl_osc *osc);
void cl_rpc_stats_clear(struct cl_osc *osc);
/** cl_lockless_show() - osc_stats, mdc_stats */
int cl_lockless_show(struct seq_file *m, struct cl_osc *osc);
void cl_lockless_clear(struct cl_osc *osc);
/** cl_cached_show() - osc_cached_mb, mdc_cached_mb */
int cl_cached_show(struct seq_file *m, struct cl_osc *osc);
int cl_extents_show(struct seq_file *m, void *data);
int cl_extents_process_show(struct seq_file *m, void *data);
int cl_extents_store(void *data, const char *val);

#endif
