/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Targets that hold file data: an OST, and an MDT for Data-on-MDT (chapter 05, A9, B3 to B12, B15).
 * READ, WRITE, PUNCH, SYNC, FALLOCATE and SEEK, and the grants that pay for writes, are the same for
 * both; which object a request means, what locks it and what else is stored with a change is not.
 * Files: data_io.c brw_stats.c | data_attr.c | grant.c
 *
 * Lock order: grant_lock is a leaf.
 */
#ifndef SHEEN_TARGET_DATA_H
#define SHEEN_TARGET_DATA_H

#include "kernel/server/target/target.h"
#include "wire/layout.h"
#include "wire/ost.h"

/* grants (B11): what a stock ldiskfs target says of itself */
#define DATA_BLOCK_BITS		12
#define DATA_INODE_BITS		5
#define DATA_TAX_KB		24
#define DATA_MAX_EXTENT_BLOCKS	16384

/* what is counted; each type of target has its own places for them, or DATA_STAT_NONE */
#define DATA_STAT_NONE	0xff

enum data_stat {
	DATA_STAT_READ_BYTES, DATA_STAT_WRITE_BYTES, DATA_STAT_READ, DATA_STAT_WRITE, DATA_STAT_PUNCH,
	DATA_STAT_SYNC, DATA_STAT_PREALLOC, DATA_STAT_SET_INFO, DATA_NR_STATS
};

enum data_brw_section {
	DATA_BRW_PAGES, DATA_BRW_GAPS, DATA_BRW_BLOCKS, DATA_BRW_FRAGMENTS, DATA_BRW_IN_FLIGHT,
	DATA_BRW_TIME, DATA_BRW_BYTES, DATA_BRW_MAPS, DATA_BRW_SECTIONS
};

/** struct data_brw_stats - reads and writes as histograms */
struct data_brw_stats {
	spinlock_t	lock;
	ktime_t		start;		/* wall clock */
	atomic_t	in_flight;
	struct stats_hist hist[DATA_BRW_SECTIONS];
};

/** struct data_times - mtime and ctime of an object, seconds */
struct data_times {
	s64	mtime, ctime;
};

/**
 * struct data_ops - what differs between the types of targets
 * @fid: object that a request names; Return: 0 or -EPROTO
 * @find: the object of a checked FID, with a reference; or ERR_PTR
 * @lock: server-local lock on bytes [@start, @end] for a client that has none; sleeps until the
 *	holders of conflicting locks have flushed
 * @store: the transaction of a change whose data is on disk: its number, the times of @oa if the request
 *	is @newer than what set them last (data_times_later()), and what else comes with the first change of
 *	an object. @old: times before the storage set its own clock's, NULL if it did not
 */
struct data_ops {
	int			(*fid)(struct rpc_svcreq *req, const struct obdo *oa, struct lu_fid *fid);
	struct ldiskfs_object	*(*find)(struct rpc_svcreq *req, const struct lu_fid *fid);
	int			(*lock)(struct rpc_svcreq *req, const struct lu_fid *fid, u32 mode, u64 start,
					u64 end, u64 flags, struct ldlm_lock **lock);
	int			(*store)(struct rpc_svcreq *req, struct ldiskfs_object *obj,
					 const struct obdo *oa, const struct data_times *old, bool newer);
};

/**
 * struct data_target - the data side of a target; target.data
 * @brw_size: largest bulk, bytes
 * @brw: what reads and writes looked like
 * @stat_ids: which of the target's counters an enum data_stat is
 * @tot_granted, @tot_dirty, @tot_pending: sums of all exports, under @grant_lock
 * @space_sync: jiffies of the last commit for want of space, 0: none
 * @soft_syncs: writes whose client would like a commit
 */
struct data_target {
	struct target		*tgt;
	const struct data_ops	*ops;
	u32			brw_size;
	const u8		*stat_ids;
	struct data_brw_stats	brw;
	spinlock_t		grant_lock;
	u64			tot_granted, tot_dirty, tot_pending;
	unsigned long		space_sync;
	atomic_t		soft_syncs;
};

/** struct data_export - a client of one; @granted, @dirty, @pending under grant_lock */
struct data_export {
	struct target_export	te;	/* first */
	u64			granted, dirty, pending;
};

static inline struct data_export *data_export(const struct rpc_export *exp)
{
	return container_of(target_export(exp), struct data_export, te);
}

static inline struct data_target *data_of(const struct rpc_svcreq *req)
{
	return target_of(req)->data;
}

/** data_target_init() - before target_online(); @ops, @brw_size and statistics are set by the caller */
void data_target_init(struct target *tgt, struct data_target *dt);

/* --- handlers --- */

int data_read(struct rpc_svcreq *req);
int data_write(struct rpc_svcreq *req);
int data_punch(struct rpc_svcreq *req);
int data_sync(struct rpc_svcreq *req);
int data_fallocate(struct rpc_svcreq *req);
int data_seek(struct rpc_svcreq *req);
/** data_set_info() - the only key is grant_shrink */
int data_set_info(struct rpc_svcreq *req);

/* --- parts of them --- */

/** data_fill_attrs() - attributes of @inode; times only as far as @valid, which becomes o_valid */
void data_fill_attrs(struct obdo *oa, struct inode *inode, u64 valid);
/** data_fill_lvb() - size, blocks and times as the storage has them */
void data_fill_lvb(struct ost_lvb *lvb, struct inode *inode);
/** data_times_get() - before a change */
void data_times_get(struct data_times *t, struct ldiskfs_object *obj);
/**
 * data_times_later() - times after a change of data; arguments as of data_ops.store
 *
 * Only SETATTR turns times back: data that one client wrote before another may arrive after it, and
 * clocks differ. Context: in the transaction that stores them; before its start, which may wait,
 * another request could set later ones.
 */
void data_times_later(struct data_times *t, struct ldiskfs_object *obj, const struct obdo *oa,
		      const struct data_times *old, bool newer);

/* --- grants (grant.c) --- */

/** data_grant_connect() - the grant fields of a (re)connect; may take GRANT from *@flags */
void data_grant_connect(struct data_target *dt, struct rpc_export *exp, struct obd_connect_data *ocd,
			u64 *flags, bool reconnect);
/** data_grant_discard() - the client has none any more */
void data_grant_discard(struct data_target *dt, struct data_export *de);
/** data_grant_incoming() - what a READ or WRITE says of the client's side. Return: are grants accounted for it? */
bool data_grant_incoming(struct rpc_svcreq *req, const struct obdo *oa);
/**
 * data_grant_write() - pay for a write out of the client's grant or out of free space
 * @used: what was taken, for data_grant_done()
 *
 * Return: 0, or -ENOSPC when there is neither. Free space that others were promised is not for
 * this write then, only blocks that the object has.
 */
int data_grant_write(struct rpc_svcreq *req, const struct obdo *oa, const struct niobuf_remote *nb,
		     unsigned int nr, u64 *used);
/** data_grant_done() - the blocks are allocated: statfs counts them from now on */
void data_grant_done(struct rpc_svcreq *req, u64 used);
/** data_grant_more() - additional grant for the reply of a write */
u64 data_grant_more(struct rpc_svcreq *req, const struct obdo *oa);
/** data_grant_fits() - may somebody without a grant take this much? */
bool data_grant_fits(struct data_target *dt, u64 bytes);

static inline void data_stat(struct rpc_svcreq *req, enum data_stat what, u64 value)
{
	u8 id = data_of(req)->stat_ids[what];

	if (id != DATA_STAT_NONE)
		target_stat(req, id, value);
}

static inline void data_stat_op(struct rpc_svcreq *req, enum data_stat what)
{
	u8 id = data_of(req)->stat_ids[what];

	if (id != DATA_STAT_NONE)
		target_stat_op(req, id);
}

/* --- brw_stats.c --- */

void data_brw_init(struct data_brw_stats *brw);
void data_brw_add(struct data_brw_stats *brw, enum data_brw_section section, bool write, u64 value);
int data_brw_show(struct seq_file *m, struct data_brw_stats *brw);
void data_brw_clear(struct data_brw_stats *brw);

#endif
