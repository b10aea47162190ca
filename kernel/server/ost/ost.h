/* SPDX-License-Identifier: GPL-2.0 */
/*
 * OST (ost.ko): data objects for clients, precreated for MDTs (chapter 05).
 * Files: module.c start and stop | connect.c negotiation | create.c LAST_ID, precreation, destroy |
 * attr.c attributes, punch, sync, fallocate, seek, statfs | io.c reads and writes, brw_stats.c | grant.c | lvb.c
 *
 * Lock order: sequence mutex > ldlm locks > storage. ost->grant_lock is a leaf.
 */
#ifndef SHEEN_OST_H
#define SHEEN_OST_H

#include <linux/mutex.h>
#include "kernel/server/target/target.h"
#include "wire/layout.h"
#include "wire/ost.h"

#define OST_BRW_SIZE		(4U << 20)	/* largest bulk */
#define OST_MAX_SEQS		1024		/* sequences that MDTs create objects in */
#define OST_NEW_OBJECT_MODE	(S_IFREG | S_ISUID | S_ISGID | S_ISVTX | 0666)

/* grants (B11): what a stock ldiskfs target says of itself */
#define OST_BLOCK_BITS		12
#define OST_INODE_BITS		5
#define OST_TAX_KB		24
#define OST_MAX_EXTENT_BLOCKS	16384
#define OST_GRANT_CHUNK		(2ULL * (OST_BRW_SIZE + (OST_TAX_KB << 10)))
#define OST_SOFT_SYNCS		16	/* so many wishes for a commit bring one (B8) */

enum ost_stat {
	OST_STAT_READ_BYTES,
	OST_STAT_WRITE_BYTES,
	OST_STAT_READ,
	OST_STAT_WRITE,
	OST_STAT_GETATTR,
	OST_STAT_SETATTR,
	OST_STAT_PUNCH,
	OST_STAT_SYNC,
	OST_STAT_DESTROY,
	OST_STAT_CREATE,
	OST_STAT_STATFS,
	OST_STAT_GET_INFO,
	OST_STAT_SET_INFO,
	OST_STAT_PREALLOC,
	OST_NR_STATS,
};

enum ost_brw_section {
	OST_BRW_PAGES, OST_BRW_GAPS, OST_BRW_BLOCKS, OST_BRW_FRAGMENTS, OST_BRW_IN_FLIGHT,
	OST_BRW_TIME, OST_BRW_BYTES, OST_BRW_MAPS, OST_BRW_SECTIONS
};

#define OST_BRW_BUCKETS	32

/* struct ost_brw_stats - reads and writes as histograms [section][is it a write][bucket] */
struct ost_brw_stats {
	spinlock_t	lock;
	ktime_t		start;		/* wall clock */
	atomic_t	in_flight;
	u64		hist[OST_BRW_SECTIONS][2][OST_BRW_BUCKETS];
};

/*
 * struct ost_seq - objects of one sequence
 * @fid_seq: sequence, an IDIF one for legacy objects
 * @last_id: highest object id ever created; on disk in slot @slot
 * @lock: one creation or orphan cleanup at a time
 */
struct ost_seq {
	u64		fid_seq;
	u64		last_id;
	unsigned int	slot;
	struct mutex	lock;
};

struct ost {
	struct target		*tgt;
	struct ldlm_namespace	*ns;
	struct rpc_service	*svc[4];
	struct cfg_follow	*follow;
	struct ldiskfs_rec	*last_ids;
	struct mutex		seqs_lock;
	struct ost_seq		*seqs[OST_MAX_SEQS];
	unsigned int		nr_seqs;

	spinlock_t		grant_lock;	/* the totals and those of exports */
	u64			tot_granted, tot_dirty, tot_pending;
	unsigned long		space_sync;	/* jiffies of the last commit for want of space, 0: none */
	atomic_t		soft_syncs;	/* writes whose client would like a commit */

	struct ost_brw_stats	brw;
	struct param_dir	*params;
	struct param_dir	*osd_params;
	struct cfg_device	*device;
};

/* struct ost_export - one client: @granted, @dirty, @pending under ost->grant_lock */
struct ost_export {
	struct target_export	te;
	u64			granted, dirty, pending;
	bool			mds;
};

static inline struct ost_export *ost_export(const struct rpc_export *exp)
{
	return container_of(target_export(exp), struct ost_export, te);
}

static inline struct ost *ost_of(const struct rpc_svcreq *req)
{
	return target_of(req)->private;
}

/* connect.c */
int ost_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect);
void ost_disconnect(struct rpc_export *exp);

/* create.c */
int ost_seqs_open(struct ost *ost);
void ost_seqs_close(struct ost *ost);
int ost_create(struct rpc_svcreq *req);
int ost_destroy(struct rpc_svcreq *req);
int ost_get_info(struct rpc_svcreq *req);

/* attr.c */
int ost_request_fid(struct rpc_svcreq *req, const struct obdo *oa, struct lu_fid *fid);
void ost_fill_attrs(struct obdo *oa, struct inode *inode, u64 valid);
int ost_store_attrs(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct obdo *oa,
		    bool set_times, bool set_owner);
int ost_getattr(struct rpc_svcreq *req);
int ost_setattr(struct rpc_svcreq *req);
int ost_punch(struct rpc_svcreq *req);
int ost_sync(struct rpc_svcreq *req);
int ost_fallocate(struct rpc_svcreq *req);
int ost_seek(struct rpc_svcreq *req);
int ost_statfs(struct rpc_svcreq *req);
int ost_set_info(struct rpc_svcreq *req);
int ost_quotactl(struct rpc_svcreq *req);

/* io.c */
int ost_read(struct rpc_svcreq *req);
int ost_write(struct rpc_svcreq *req);

/* grant.c */
u64 ost_grant_connect(struct ost *ost, struct ost_export *oe, u64 want, bool conservative);
void ost_grant_discard(struct ost *ost, struct ost_export *oe);
bool ost_grant_incoming(struct rpc_svcreq *req, const struct obdo *oa);
int ost_grant_write(struct rpc_svcreq *req, const struct obdo *oa, const struct niobuf_remote *nb,
		    unsigned int nr, u64 *used);
u64 ost_grant_more(struct rpc_svcreq *req, const struct obdo *oa);
void ost_grant_done(struct rpc_svcreq *req, u64 used);
bool ost_grant_fits(struct ost *ost, u64 bytes);

/* lvb.c */
extern const struct ldlm_ns_ops ost_ns_ops;
void ost_fid_to_res(const struct lu_fid *fid, struct ldlm_res_id *res);
int ost_lock(struct rpc_svcreq *req, const struct lu_fid *fid, u32 mode, u64 start, u64 end,
	     u64 flags, struct ldlm_lock **lock);

/* --- brw_stats.c --- */

void ost_brw_init(struct ost_brw_stats *brw);
void ost_brw_add(struct ost_brw_stats *brw, enum ost_brw_section section, bool write, u64 value);
int ost_brw_show(struct seq_file *m, struct ost_brw_stats *brw);
void ost_brw_clear(struct ost_brw_stats *brw);

#endif
