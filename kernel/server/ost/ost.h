/* SPDX-License-Identifier: GPL-2.0 */
/*
 * OST (ost.ko): data objects for clients, precreated for MDTs (chapter 05).
 * Files: module.c start and stop | connect.c negotiation | create.c LAST_ID, precreation, destroy |
 * attr.c attributes, statfs | lvb.c. Data and grants are kernel/server/target/data.h's.
 *
 * Lock order: sequence mutex > ldlm locks > storage.
 */
#ifndef SHEEN_OST_H
#define SHEEN_OST_H

#include <linux/mutex.h>
#include "kernel/server/target/data.h"

#define OST_BRW_SIZE		(4U << 20)	/* largest bulk */
#define OST_MAX_SEQS		1024		/* sequences that MDTs create objects in */
#define OST_NEW_OBJECT_MODE	(S_IFREG | S_ISUID | S_ISGID | S_ISVTX | 0666)

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
	struct data_target	data;
	struct ldlm_namespace	*ns;
	struct ldiskfs_rec	*last_ids;
	struct mutex		seqs_lock;
	struct ost_seq		*seqs[OST_MAX_SEQS];
	unsigned int		nr_seqs;

	struct param_dir	*params;
	struct param_dir	*osd_params;
	struct cfg_device	*device;
};

/* struct ost_export - one client */
struct ost_export {
	struct data_export	de;	/* first */
	bool			mds;
};

static inline struct ost_export *ost_export(const struct rpc_export *exp)
{
	return container_of(data_export(exp), struct ost_export, de);
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
extern const struct data_ops ost_data_ops;
int ost_store_attrs(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct obdo *oa,
		    const struct data_times *old, bool newer, bool setattr);
int ost_getattr(struct rpc_svcreq *req);
int ost_setattr(struct rpc_svcreq *req);
int ost_statfs(struct rpc_svcreq *req);
int ost_quotactl(struct rpc_svcreq *req);

/* lvb.c */
extern const struct ldlm_ns_ops ost_ns_ops;
void ost_fid_to_res(const struct lu_fid *fid, struct ldlm_res_id *res);
int ost_lock(struct rpc_svcreq *req, const struct lu_fid *fid, u32 mode, u64 start, u64 end,
	     u64 flags, struct ldlm_lock **lock);

#endif
