/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MDT's view of its OSTs (chapter 05, A5 and B13): choosing OSTs for a new file (lod.c), a
 * pool of precreated objects per OST (osp.c), the log of changes that objects still wait for
 * (osp_log.c).
 */
#ifndef SHEEN_MDT_LOD_H
#define SHEEN_MDT_LOD_H

#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "kernel/server/target/target.h"
#include "wire/ost.h"
#include "layout.h"

struct mdt;
struct mdt_ea;

#define OSP_MIN_PRECREATE	32
#define OSP_MAX_PRECREATE	10000
#define OSP_MAX_OPS		8	/* log operations in flight per OST */

/**
 * struct osp - one OST
 * @used: last object id given to a file; @created: highest precreated one
 * @count: how many to ask for at a time
 * @grow: the pool ran low: double @count
 * @synced: orphan cleanup was done on this connection: the pool may be used
 * @full: the OST said -ENOSPC
 * @statfs: as the OST last said; @statfs_valid
 * @todo: operations to send, @uncommitted: done, not on its disk, @finished: to be forgotten
 * @committed: last transno that it said is on its disk
 * All under @lock.
 */
struct osp {
	struct mdt		*mdt;
	u32			index;
	char			name[64];
	struct rpc_import	*imp;
	struct cfg_device	*device;
	struct param_dir	*params;
	bool			inactive;	/* by the configuration or an administrator */
	bool			stopping;

	spinlock_t		lock;
	wait_queue_head_t	waitq;
	u64			used, created;
	u32			count;
	bool			grow;
	bool			synced;
	bool			full;
	bool			statfs_valid;
	bool			statfs_busy;
	struct obd_statfs	statfs;
	struct work_struct	create_work;

	struct list_head	todo, uncommitted, finished;
	unsigned int		in_flight;
	u64			committed;
	struct work_struct	log_work;
};

/** struct lod_pool - a named group of OSTs; @osts: by index; changed by the configuration's thread only */
struct lod_pool {
	struct list_head	link;
	char			name[LOV_MAXPOOLNAME + 1];
	struct xarray		osts;
};

/**
 * struct lod - all OSTs of a file system
 * @osts: struct osp by index; entries stay until the target stops
 * @dflt: default layout of the file system
 * @rotor: where the next file begins
 * @objids: last used object id by OST index
 * @pools: struct lod_pool; under @lock
 */
struct lod {
	struct xarray		osts;
	spinlock_t		lock;
	u32			nr;
	u32			rotor;
	struct lov_want		dflt;
	struct ldiskfs_rec	*objids;
	struct list_head	pools;
	struct workqueue_struct	*wq;
	struct delayed_work	tick;
};

#define LOD_INLINE	4

/**
 * struct lod_layout - objects that a file is about to get
 * @want: what the component asks for that is being filled; @first: its first object
 * @nr, @max: objects in @objs, and room
 */
struct lod_layout {
	struct lov_want		want;
	u32			first, nr, max;
	struct lov_object	*objs;
	struct lov_object	objs_small[LOD_INLINE];
};

int lod_start(struct mdt *mdt);
void lod_stop(struct mdt *mdt);
/** lod_add_ost(), lod_set_desc() - from the configuration */
int lod_add_ost(struct mdt *mdt, const struct cfg_target *t);
void lod_set_desc(struct mdt *mdt, u64 stripe_size, u32 stripe_count);

/** lod_pool() - POOL_* commands of the configuration */
int lod_pool(struct mdt *mdt, u32 command, const char *name, const char *ost_uuid);

/** lod_check() - may a file or a directory ask for this? Return: 0, -EINVAL */
int lod_check(struct mdt *mdt, const struct lov_want *w);
/**
 * lod_prepare() - choose OSTs, take objects, build the EA; before the transaction; waits for objects
 * @want: complete but for what the file system's default fills; not inside @ea
 * @ea: gets the EA; components that do not begin at 0 have no objects yet
 * Return: 0, -ENOSPC, -EIO (no OST can be used), -EINVAL; lod_free() in any case
 */
int lod_prepare(struct mdt *mdt, const struct lov_want *want, const struct lu_fid *fid, struct lod_layout *l,
		struct mdt_ea *ea);
/**
 * lod_grow() - objects for all components of the file's own composite @ea that begin before @end
 * Errors as lod_prepare(); @l->nr 0 if there was nothing to do
 */
int lod_grow(struct mdt *mdt, u64 end, struct lod_layout *l, struct mdt_ea *ea);
int lod_declare(struct mdt *mdt, struct ldiskfs_tx *tx, struct lod_layout *l);
/** lod_write() - note the objects as used; in the transaction of the EA */
int lod_write(struct mdt *mdt, struct ldiskfs_tx *tx, struct lod_layout *l);
/** lod_abort() - the file was not made: its objects go */
void lod_abort(struct mdt *mdt, struct lod_layout *l);
void lod_free(struct lod_layout *l);
/** lod_statfs() - sum over all OSTs that answered, in units of @bsize. Return: false: none did */
bool lod_statfs(struct mdt *mdt, struct obd_statfs *sum);

/* --- osp.c --- */

struct osp *osp_start(struct mdt *mdt, const struct cfg_target *t, u64 used);
int osp_add_nodes(struct osp *osp, const struct cfg_target *t);
/** osp_set_active() - an inactive OST gets no new objects and no requests */
void osp_set_active(struct osp *osp, bool active);
void osp_stop(struct osp *osp);
void osp_free(struct osp *osp);
extern const struct param osp_params[];	/* osp_params.c */
bool osp_usable(struct osp *osp);
/** osp_alloc() - an object id; waits at most @timeout jiffies. Return: 0, -EAGAIN (pool is empty), -ENOSPC, -ENODEV */
int osp_alloc(struct osp *osp, unsigned long timeout, u64 *id);
/** osp_tick() - every few seconds */
void osp_tick(struct osp *osp);

/* --- osp_log.c --- */

enum osp_op_type { OSP_OP_DESTROY = 1, OSP_OP_SETATTR = 2 };

struct osp_log;
struct osp_batch;
int osp_log_open(struct mdt *mdt);
void osp_log_close(struct mdt *mdt);
/** osp_log_attach() - operations of this OST that an earlier run left */
void osp_log_attach(struct osp *osp);
/**
 * osp_log_prepare() - what must happen to the objects of a layout after a transaction
 * Return: batch, NULL (no objects), ERR_PTR. Then osp_log_write() inside the transaction, or osp_log_cancel().
 */
struct osp_batch *osp_log_prepare(struct mdt *mdt, struct ldiskfs_tx *tx, const void *ea, u32 size,
				  enum osp_op_type type, u32 uid, u32 gid);
int osp_log_write(struct ldiskfs_tx *tx, struct osp_batch *batch);
void osp_log_cancel(struct osp_batch *batch);
/** osp_log_destroy() - destroy an object that no file has got; not written down */
void osp_log_destroy(struct osp *osp, u64 id);
void osp_log_work(struct work_struct *work);
/** osp_log_connected() - connection is up (again): everything not known to be committed is sent again */
void osp_log_connected(struct osp *osp);
void osp_log_drop(struct osp *osp);
void osp_note_committed(struct osp *osp, const struct rpc_request *req);

#endif
