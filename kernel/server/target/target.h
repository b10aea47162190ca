/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What MGS, MDT and OST share (lustre_tgt.ko): the lustre_tgt file system type that mounts
 * a target, its storage device, client records and reply data (last_rcvd, reply_data), transaction
 * numbers, FID sequences, llogs on disk; and the data of files (data.h).
 * Files: module.c mount.c | stats.c | target.c lastrcvd.c replydata.c transno.c | seq.c | llog_store.c
 *
 * Lock order: target transno lock is taken inside a jbd2 handle and is a leaf.
 */
#ifndef SHEEN_TARGET_H
#define SHEEN_TARGET_H

#include "kernel/config/config.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/llog/llog.h"
#include "kernel/rpc/rpc.h"
#include "ldiskfs/ldiskfs.h"

struct target;
struct data_target;

#define TARGET_MAX_SERVICES	8

/**
 * struct target_type - mgs.ko, mdt.ko and ost.ko register one each
 * @name: "mgs", "mdt", "ost": also the module that is asked for
 * @services, @nr_services: run while a target of the type does, from before @start on
 * @cfg_ops: what the records of its own log do, with tgt->private; NULL: it has none
 * @start: device is mounted, tgt->svname... are set, the MGS may not know the target yet; sets up the
 *	namespace and calls target_online(). tgt->mgc may be NULL (a pure MGS).
 * @stop: target_offline() first, then undo start
 * @export_size: bytes of the type's per-export struct, which begins with struct target_export
 * @show_opens: FIDs of what a client has open, one per line; NULL: nothing ever is
 */
struct target_type {
	const char	*name;
	struct module	*owner;
	const struct rpc_service_args *services;
	unsigned int	nr_services;
	const struct cfg_ops *cfg_ops;
	int		(*start)(struct target *tgt);
	void		(*stop)(struct target *tgt);
	size_t		export_size;
	void		(*show_opens)(struct seq_file *m, struct rpc_export *exp);
};
int target_type_register(struct target_type *type);
void target_type_unregister(struct target_type *type);

/**
 * struct target - one MGS, MDT or OST of this node
 * @svname: testfs-OST0001; @fsname; @uuid; @index
 * @dev: storage (an MGS+MDT disk is shared by two targets)
 * @rpc: registered by target_online(); its private is this target
 * @mgc: connection to the MGS
 * @cfg, @svc: kernel/server/target only
 * @copy: for cfg_follow_start(): where copies of logs are, NULL on the MGS's own disk
 * @params: key=value list of mountdata
 * @instance: mount count from last_rcvd
 * @private: the type's
 * @data: of targets that hold file data (data.h)
 */
struct target {
	struct target_type	*type;
	struct rpc_target	rpc;
	struct ldiskfs_dev	*dev;
	struct mgc		*mgc;
	const struct cfg_copy	*copy;
	struct cfg_follow	*cfg;		/* of its own log */
	struct rpc_service	*svc[TARGET_MAX_SERVICES];
	char			svname[64];
	char			uuid[64];
	char			fsname[16];
	u32			index;
	u32			flags;		/* LDD_F_* */
	u32			instance;
	const char		*params;
	void			*private;
	struct data_target	*data;
	bool			drop_clients;	/* umount -f: forget the clients */
	struct target_counters	*counters;	/* kernel/server/target only; NULL: nothing is counted */
	struct target_store	*store;		/* kernel/server/target only */
};

/**
 * struct target_export - what every target keeps per client; rpc_export.private points to it
 * @slot: client record in last_rcvd, -1 without (MGS, LWP)
 * @last_committed: highest transno of this client on disk
 */
struct target_export {
	struct rpc_export	*exp;
	int			slot;
	u64			last_committed;
	struct list_head	replies;	/* reply data per tag, under @lock */
	spinlock_t		lock;
	struct mutex		record;		/* orders transnos and record writes; inside a handle */
	u64			last_transno;	/* in the client record, under @record */
	bool			durable;	/* the client record is on disk */
	struct target_client	*client;	/* of its NID, for statistics; NULL: not counted */
};
static inline struct target_export *target_export(const struct rpc_export *exp)
{
	return exp->private;
}

/** target_of() - target of a request */
static inline struct target *target_of(const struct rpc_svcreq *req)
{
	return req->exp->tgt->private;
}

/**
 * target_online() - open last_rcvd and reply_data, restore exports, register with kernel/rpc
 * @ops: the type's; connect/disconnect/free/last_committed/resent are wrapped: the type's connect is
 *	called after the common checks, its others may be NULL
 * @ns: namespace for the locks of this target
 */
int target_online(struct target *tgt, u32 connect_op, const struct rpc_target_ops *ops, struct ldlm_namespace *ns);
/** target_ready() - answer connects from now on */
void target_ready(struct target *tgt);
/** target_offline() - disconnect everybody, keep their records for recovery, commit */
void target_offline(struct target *tgt);

/* --- transactions of requests (transno.c) --- */

/**
 * target_tx_start() - declare the client's reply record, start
 * @req: NULL for the target's own changes
 */
int target_tx_start(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx);
/**
 * target_tx_transno() - the number that target_tx_stop() will give, for object versions
 *
 * Context: between target_tx_start() and target_tx_stop() of a request.
 */
u64 target_tx_transno(struct target *tgt, struct rpc_svcreq *req);
/**
 * target_tx_stop() - number the change, store the reply data, stop
 * @rc: result of the operation: negative: nothing was changed, no transno
 * @data: what a resend needs to rebuild the reply (intent disposition)
 *
 * Sets req->transno. Synchronous for new clients' first change and LIGHTWEIGHT ones. Return: @rc or the stop's error.
 */
int target_tx_stop(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx, int rc, u64 data);
/** target_empty_tx() - a transno for something that changes no storage (open of an existing file) */
int target_empty_tx(struct target *tgt, struct rpc_svcreq *req, int rc, u64 data);
/**
 * target_times_newer() - may this request set times of object @fid? Not if a later one of the same client did
 * @set: remember this request as the one that did
 */
bool target_times_newer(struct rpc_svcreq *req, const struct lu_fid *fid, bool set);
u64 target_last_committed(struct target *tgt);
/** target_sync() - everything so far on disk */
int target_sync(struct target *tgt);

/* --- statistics (stats.c; chapter 07, 6) --- */

/**
 * target_counters_start() - count operations in all, per client and per job, and offer the
 * parameters that all targets have: mdt.NAME.* or obdfilter.NAME.*, osd-ldiskfs.NAME.*
 * @desc: the counters; stays
 * @nr: how many
 *
 * Context: before target_online(). Return: 0 or a negative errno; after an error too
 * target_counters_stop() is called.
 */
int target_counters_start(struct target *tgt, const struct stat_desc *desc, unsigned int nr);
/** target_counters_stop() - after target_offline(); no-op if they never started */
void target_counters_stop(struct target *tgt);
/** target_stat() - add @value to a counter for a request's client and job. Context: may sleep */
void target_stat(struct rpc_svcreq *req, unsigned int idx, u64 value);
/** target_stat_op() - the request is an operation @idx: its time is counted when it is served */
static inline void target_stat_op(struct rpc_svcreq *req, unsigned int idx)
{
	req->stat = idx + 1;
}

/* osd-ldiskfs.NAME.stats */
enum target_osd_stat { TARGET_OSD_GET_PAGE, TARGET_NR_OSD_STATS };
/** target_osd_stat() - after target_counters_start() */
void target_osd_stat(struct target *tgt, enum target_osd_stat idx, u64 value);

/* --- sequences (seq.c; chapter 02, 13.3) --- */

/** target_seq_query() - handler of SEQ_QUERY for MDTs (meta and super) and OSTs (meta); persistent before the reply */
int target_seq_query(struct rpc_svcreq *req);
/** target_fld_query() - handler of FLD_QUERY and FLD_READ */
int target_fld_query(struct rpc_svcreq *req);
int target_fld_read(struct rpc_svcreq *req);
/** target_seq_alloc() - a sequence for the target's own objects */
int target_seq_alloc(struct target *tgt, u64 *seq);

/* --- llogs on disk (llog_store.c), used by the MGS --- */

struct llog_store;
/** llog_store_open() - CONFIGS/<name>; created when missing and @create */
struct llog_store *llog_store_open(struct target *tgt, const char *name, bool create);
void llog_store_close(struct llog_store *log);
/** llog_store_append() - records one after the other in one transaction, pads as needed; @recs are complete but for index and tail */
int llog_store_append(struct llog_store *log, const struct llog_rec_hdr *const *recs, unsigned int nr);
/** llog_store_rewrite() - replace the body of record @index by one of the same length */
int llog_store_rewrite(struct llog_store *log, u32 index, const struct llog_rec_hdr *rec);
int llog_store_header(struct llog_store *log, struct llog_log_hdr *hdr);
/** llog_store_next_block() - NEXT_BLOCK semantics of chapter 06, 6.2; @buf 8192 bytes */
int llog_store_next_block(struct llog_store *log, u32 want, u32 *saved, u64 *offset, void *buf);
/** llog_store_process() - @fn must not change logs */
int llog_store_process(struct llog_store *log, llog_rec_fn fn, void *data);
/** struct llog_name - of llog_store_names() */
struct llog_name {
	struct list_head link;
	char		 name[64];
};
/** llog_store_names() - files of CONFIGS that begin with @prefix; logs or not */
int llog_store_names(struct target *tgt, const char *prefix, struct list_head *names);
void llog_store_names_free(struct list_head *names);
/** llog_store_erase() - remove CONFIGS/<name>; @prefix: all that begin with it */
int llog_store_erase(struct target *tgt, const char *name, bool prefix);
/** llog_copy_ops - copies of the MGS's logs in CONFIGS; cfg_copy.data is the target */
extern const struct cfg_copy_ops llog_copy_ops;
/** the LLOG_* opcodes, served from CONFIGS of the request's target */
int llog_store_handle_create(struct rpc_svcreq *req);
int llog_store_handle_read_header(struct rpc_svcreq *req);
int llog_store_handle_next_block(struct rpc_svcreq *req);

#endif
