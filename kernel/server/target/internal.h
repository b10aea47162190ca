/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kernel/server/target share: the stored side of a target.
 */
#ifndef SHEEN_TARGET_INTERNAL_H
#define SHEEN_TARGET_INTERNAL_H

#include <linux/bitmap.h>
#include <linux/mutex.h>
#include "kernel/server/target/target.h"

#define TARGET_MAX_CLIENTS	(128 * 1024)	/* slots of last_rcvd */
#define TARGET_MAX_TAGS		8		/* modify slots granted to a client (ocd_maxmodrpcs) */

/* struct target_times - the newest request of a client that set times of an object (chapter 05, B12) */
struct target_times {
	u64		exp_cookie;
	struct lu_fid	fid;
	u64		xid;
};
#define TARGET_TIMES	1024	/* a power of two */

/**
 * struct target_store - what a target keeps on disk besides objects
 * @last_rcvd, @reply_data: record files; NULL for an MGS, which keeps no clients
 * @slots: used client records, under @lock
 * @replies: used reply slots, under @lock
 * @lock: protects the bitmaps and the transaction numbers; a leaf
 * @last_transno: last number given
 * @last_committed: highest number known to be on disk
 * @times: see target_times_newer(); under @times_lock, a leaf
 * @pending: commit callbacks under way; @stopping: keep client records on disconnect
 */
struct target_store {
	struct ldiskfs_rec	*last_rcvd;
	struct ldiskfs_rec	*reply_data;
	unsigned long		*slots;
	unsigned long		*replies;
	struct mutex		grow;
	spinlock_t		lock;
	u64			last_transno;
	u64			last_committed;
	atomic_t		pending;
	wait_queue_head_t	idle;
	const struct rpc_target_ops *ops;	/* the type's */
	struct rpc_target_ops	wrapped;
	bool			stopping;
	bool			drop_clients;
	/* sequences */
	struct mutex		seq_lock;
	struct ldiskfs_rec	*seq_file;
	u64			seq_next, seq_end;	/* rest of our super range */
	u64			seq_reserved;		/* marked as used on disk up to here */
	struct rpc_import	*controller;	/* LWP to MDT0; NULL on MDT0 */
	spinlock_t		times_lock;
	struct target_times	times[TARGET_TIMES];
};

/* lastrcvd.c */
int lastrcvd_open(struct target *tgt);
void lastrcvd_close(struct target *tgt);
int lastrcvd_add_client(struct target *tgt, struct target_export *te);
void lastrcvd_del_client(struct target *tgt, struct target_export *te);
int lastrcvd_declare(struct target *tgt, struct target_export *te, struct ldiskfs_tx *tx);
int lastrcvd_update(struct target *tgt, struct target_export *te, struct ldiskfs_tx *tx,
		    u64 transno, u64 xid, int result, u64 data);

/* replydata.c */
struct target_reply;
int replydata_open(struct target *tgt);
void replydata_close(struct target *tgt);
int replydata_declare(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx);
int replydata_update(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx,
		     u64 transno, int result, u64 data);
bool replydata_find(struct rpc_svcreq *req);
void replydata_free(struct target *tgt, struct target_export *te);

/* seq.c */
int seqs_open(struct target *tgt);
void seqs_close(struct target *tgt);

/* module.c */
struct target_type *target_type_get(const char *name);
void target_type_put(struct target_type *type);

/* mount.c */
extern struct file_system_type lustre_tgt_fs_type;

/* lwp.c */
struct target_lwp;
struct target_lwp *target_lwp_start(struct target *tgt);
void target_lwp_stop(struct target_lwp *lwp);

/* stats.c */
void target_client_join(struct target *tgt, struct target_export *te);
void target_client_leave(struct target *tgt, struct target_export *te);
/** target_count_lock() - a request was served: of the lock manager? */
void target_count_lock(struct rpc_svcreq *req);

#endif
