/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the data side share: extent locks of an I/O, bulk RPCs, grants.
 *
 * A page of the cache is only read or changed by someone who holds a user of an extent lock that
 * covers it, so that a lock that is being cancelled (no users) finds pages that nobody touches.
 * Dirty folios carry their cl_obj in folio->private; bit 0 of it says that no grant pays for them.
 */
#ifndef SHEEN_CLIENT_DATA_H
#define SHEEN_CLIENT_DATA_H

#include "kernel/client/client.h"
#include "wire/ost.h"

/* --- extent_lock.c --- */

struct cl_held {
	struct ldlm_lock	*lock;
	u32			mode;
};

#define CL_LOCKS_INLINE	4

/**
 * struct cl_locks - extent locks that an I/O uses
 * @nr: locks held; @held: them, @few unless there are more than CL_LOCKS_INLINE
 */
struct cl_locks {
	unsigned int	nr;
	struct cl_held	*held;
	struct cl_held	few[CL_LOCKS_INLINE];
};

/**
 * cl_lock_range() - lock file bytes [@start, @end] in all objects they touch
 * @mode: LDLM_PR or LDLM_PW
 *
 * 0 RPCs for cached locks, else one each, in ascending stripe order. Context: sleeps, killable; no
 * folio lock held. Return: 0 (cl_unlock_range()), or an error with nothing held.
 */
int cl_lock_range(struct layout *lo, u64 start, u64 end, u32 mode, u64 flags, struct cl_locks *locks);
void cl_unlock_range(struct cl_locks *locks);
/** cl_obj_lock() - the same for bytes of one object */
int cl_obj_lock(struct cl_obj *obj, u64 start, u64 end, u32 mode, u64 flags, struct cl_held *held);
/** cl_obj_match() - only a lock that we have already */
bool cl_obj_match(struct cl_obj *obj, u64 start, u64 end, u32 modes, struct cl_held *held);
/** cl_obj_lock_end() - last byte of the object that a lock of it covers; the part on the MDT is locked as a whole */
static inline u64 cl_obj_lock_end(const struct cl_obj *obj, const struct ldlm_lock *lock)
{
	return obj->osc->mdt ? LDLM_EOF : lock->policy.extent.end;
}
/** cl_obj_inode() - its inode with a reference, NULL if that is gone */
struct inode *cl_obj_inode(struct cl_obj *obj);
void cl_obj_put(struct cl_obj *obj);
/** cl_obj_drop_locks() - cancel all its locks, without waiting */
void cl_obj_drop_locks(struct cl_obj *obj);
/** cl_obj_grew() - own data up to @end of the object exists now, under a PW lock in use */
void cl_obj_grew(struct cl_obj *obj, u64 end);
/** cl_file_grew() - the same, and the file has @size bytes at least. Takes ci->lock */
void cl_file_grew(struct inode *inode, struct cl_obj *obj, u64 end, loff_t size);
/** cl_obj_set_size() - the object has @size bytes: under a PW lock on the rest (@locked), or written without */
void cl_obj_set_size(struct cl_obj *obj, u64 size, bool locked);
/** cl_obj_size() - as far as we know */
u64 cl_obj_size(struct cl_obj *obj);
/**
 * cl_size_reaches() - i_size is good for I/O that ends before byte @end: our locks assure that the
 * file has that byte, else a glimpse tells. Locks for the I/O are in use
 */
int cl_size_reaches(struct inode *inode, struct layout *lo, u64 end);

/* --- brw.c --- */

/**
 * struct cl_brw - one OST_READ or OST_WRITE
 * @bv, @nr: page pieces in ascending object order; @max: room
 * @nb, @nr_nb: niobufs made of them
 * @start, @end: object bytes [start, end)
 * @done: called once in process context with the final result: bytes read, 0 for a write, or an error
 * @held: lock that covers a read, released after @done
 */
struct cl_brw {
	struct cl_obj		*obj;
	bool			write;
	bool			direct;		/* no DLM lock: the server takes one */
	struct bio_vec		*bv;
	unsigned int		nr, max;
	struct niobuf_remote	*nb;
	unsigned int		nr_nb;
	u64			start, end;
	u32			len;
	u32			pages;		/* dirty pages that grant was taken for */
	u64			granted;	/* grant that goes with it */
	u32			cksum;
	u32			cksum_flags;
	unsigned int		tries;
	u32			evictions;	/* of the import, when the lock was used */
	struct rpc_bulk		bulk;
	struct delayed_work	retry;
	struct cl_held		held;
	void			(*done)(struct cl_brw *brw, int rc);
	void			*data;
};

int cl_brw_init(void);
void cl_brw_fini(void);
struct cl_brw *cl_brw_alloc(struct cl_obj *obj, bool write, unsigned int max);
void cl_brw_free(struct cl_brw *brw);
/** cl_brw_fits() - may object bytes at @pos be added: room, order, one RPC's alignment? */
bool cl_brw_fits(const struct cl_brw *brw, u64 pos, u32 len);
/** cl_brw_add() - @flags: OBD_BRW_* of this piece */
void cl_brw_add(struct cl_brw *brw, u64 pos, struct page *page, u32 off, u32 len, u32 flags);
/** cl_brw_send() - waits for a slot (max_rpcs_in_flight), then sends; @brw is gone after its done() */
void cl_brw_send(struct cl_brw *brw);
/** cl_fill_parent() - fields of an obdo that say whose object it is */
void cl_fill_parent(struct cl_obj *obj, struct inode *inode, struct obdo *oa);
/** cl_osc_pages() - of one bulk RPC at most */
u32 cl_osc_pages(const struct cl_osc *osc);
/** cl_osc_cksum_types() - checksums to choose from: what was asked for, or all that the OST knows */
static inline u32 cl_osc_cksum_types(const struct cl_osc *osc)
{
	return (osc->cksum_type & READ_ONCE(osc->cksum_wanted)) ?: osc->cksum_type;
}

/* --- grant.c (chapter 05, B11) --- */

/** cl_grant_reserve() - pay for one more dirty page; @extent: it begins an extent. Return: false: no grant */
bool cl_grant_reserve(struct cl_osc *osc, bool extent, u64 *got);
/**
 * cl_grant_reserve_wait() - the same, and wait while writes are on their way, whose replies bring grant
 * Context: no folio locked. Return: 0, *@got is 0 if no grant came; -ERESTARTSYS: killed.
 */
int cl_grant_reserve_wait(struct cl_osc *osc, bool extent, u64 *got);
/** cl_grant_return() - a reservation that was not used */
void cl_grant_return(struct cl_osc *osc, u64 got);
/** cl_grant_dirty() - @got now belongs to a dirty page; cl_grant_undirty(): page dropped unwritten */
void cl_grant_dirty(struct cl_osc *osc, u64 got);
void cl_grant_undirty(struct cl_osc *osc, u32 pages, bool granted);
/** cl_grant_fill() - grant fields of a READ or WRITE; cl_grant_sent(): @brw takes its part of the dirty grant along */
void cl_grant_fill(struct cl_osc *osc, struct cl_brw *brw, struct obdo *oa);
void cl_grant_sent(struct cl_osc *osc, struct cl_brw *brw);
/** cl_grant_answered() - what @brw took along is used up, or dropped by the server */
void cl_grant_answered(struct cl_osc *osc, struct cl_brw *brw);
/** cl_grant_reply() - what a write reply gives */
void cl_grant_reply(struct cl_osc *osc, const struct obdo *oa);
/** cl_grant_wait() - while writes are on their way and there is no room for more dirty pages; killable */
int cl_grant_wait(struct cl_osc *osc);

/* --- aops.c --- */

#define CL_NO_GRANT	1UL

/** cl_folio_obj() - object of a dirty folio */
static inline struct cl_obj *cl_folio_obj(struct folio *folio)
{
	return (void *)((unsigned long)folio->private & ~CL_NO_GRANT);
}

/**
 * cl_folio_dirty() - make a folio dirty; folio locked, PW lock used by the caller
 * @got: grant that pays for it, 0: none. Return: true if @got was taken, false if it was dirty already.
 */
bool cl_folio_dirty(struct inode *inode, struct folio *folio, struct cl_obj *obj, u64 got);
/** cl_read_folio_sync() - read into a locked folio and wait; it stays locked */
int cl_read_folio_sync(struct inode *inode, struct folio *folio);

/** cl_cached_pages() - pages @first to @last of the file in the cache; with @osc only those that come from there */
u64 cl_cached_pages(struct inode *inode, pgoff_t first, pgoff_t last, const struct cl_osc *osc);

/* --- stats.c --- */

void cl_rpc_stats_init(struct cl_rpc_stats *st);
/** cl_rpc_wait() - for a slot; cl_rpc_begin() - it is sent; cl_rpc_end() - and answered */
void cl_rpc_wait(struct cl_brw *brw);
void cl_rpc_begin(struct cl_brw *brw);
void cl_rpc_end(struct cl_brw *brw, int rc);
/** cl_extents_add() - somebody read or wrote so many bytes at a time */
void cl_extents_add(struct cl_fs *fs, bool write, size_t bytes);

/* --- direct.c --- */
ssize_t cl_direct_rw(struct kiocb *iocb, struct iov_iter *iter, struct layout *lo);

/* --- osc_io.c --- */

/** cl_obj_request() - packed request about an object with its identity in the obdo; or ERR_PTR */
struct rpc_request *cl_obj_request(struct cl_obj *obj, const struct rpc_format *fmt, u32 portal);
/** cl_fallocate_objs() - OST_FALLOCATE of file bytes [@start, @end], all objects at once; PW locks held */
int cl_fallocate_objs(struct inode *inode, struct layout *lo, int mode, u64 start, u64 end);
/** cl_seek_objs() - SEEK_DATA or SEEK_HOLE from @pos in a file of @size bytes */
loff_t cl_seek_objs(struct layout *lo, loff_t pos, int whence, loff_t size);

#endif
