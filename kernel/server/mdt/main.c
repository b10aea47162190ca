// SPDX-License-Identifier: GPL-2.0
/*
 * mdt.ko: starting and stopping an MDT, its opcodes and portals, its directories on the storage,
 * the lock namespace's callbacks.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "mdt.h"

int mdt_not_supported(struct rpc_svcreq *req)
{
	return -EOPNOTSUPP;
}

#define MDS_OP(opc, flags, func) { opc, &RQF_##opc, LUSTRE_MDS_VERSION, flags, func }

static const struct rpc_op mdt_ops[] = {
	MDS_OP(MDS_GETATTR,		0, mdt_getattr),
	MDS_OP(MDS_GETATTR_NAME,	0, mdt_getattr_name),
	MDS_OP(MDS_CLOSE,		RPC_OP_IN_RECOVERY, mdt_close),
	MDS_OP(MDS_REINT,		RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, mdt_reint),
	MDS_OP(MDS_READPAGE,		0, mdt_readpage),
	MDS_OP(MDS_GET_ROOT,		0, mdt_get_root),
	MDS_OP(MDS_STATFS,		0, mdt_statfs),
	MDS_OP(MDS_SYNC,		RPC_OP_IN_RECOVERY, mdt_sync),
	MDS_OP(MDS_SET_INFO,		0, mdt_set_info),
	MDS_OP(MDS_GET_INFO,		0, mdt_get_info),
	MDS_OP(MDS_GETXATTR,		0, mdt_getxattr),
	MDS_OP(MDS_QUOTACTL,		0, mdt_not_supported),
	MDS_OP(MDS_SWAP_LAYOUTS,	RPC_OP_MODIFIES, mdt_not_supported),
	MDS_OP(MDS_RMFID,		RPC_OP_MODIFIES, mdt_not_supported),
	MDS_OP(MDS_HSM_STATE_GET,	0, mdt_not_supported),
	MDS_OP(MDS_HSM_STATE_SET,	RPC_OP_MODIFIES, mdt_not_supported),
	MDS_OP(MDS_HSM_ACTION,		0, mdt_not_supported),
	MDS_OP(MDS_HSM_PROGRESS,	RPC_OP_MODIFIES, mdt_not_supported),
	MDS_OP(MDS_HSM_REQUEST,		0, mdt_not_supported),
	MDS_OP(MDS_HSM_CT_REGISTER,	RPC_OP_MODIFIES, mdt_not_supported),
	MDS_OP(MDS_HSM_CT_UNREGISTER,	RPC_OP_MODIFIES, mdt_not_supported),
	{ OST_READ,	&RQF_OST_READ,	LUSTRE_OST_VERSION, 0, data_read },
	{ OST_WRITE,	&RQF_OST_WRITE,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, data_write },
	{ OST_PUNCH,	&RQF_OST_PUNCH,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, data_punch },
	{ OST_SYNC,	&RQF_OST_SYNC,	LUSTRE_OST_VERSION, RPC_OP_IN_RECOVERY, data_sync },
	{ OST_SEEK,	&RQF_OST_SEEK,	LUSTRE_OST_VERSION, 0, data_seek },
	{ OST_FALLOCATE, &RQF_OST_FALLOCATE, LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY,
	  data_fallocate },
	{ OST_SET_INFO,	&RQF_OST_SET_INFO, LUSTRE_OST_VERSION, 0, data_set_info },
	MDS_OP(SEQ_QUERY,		RPC_OP_IN_RECOVERY, target_seq_query),
	MDS_OP(FLD_QUERY,		RPC_OP_IN_RECOVERY, target_fld_query),
	MDS_OP(FLD_READ,		RPC_OP_IN_RECOVERY, target_fld_read),
};

static const struct rpc_target_ops mdt_target_ops = {
	.ops		= mdt_ops,
	.nr_ops		= ARRAY_SIZE(mdt_ops),
	.connect	= mdt_connect,
	.disconnect	= mdt_disconnect,
};

/*
 * Threads of the request portal wait for clients' locks, those of the others never do (1.2): but for
 * I/O that asks for a lock of ours. Its portal has enough of them for what has to be written then.
 */
static const struct rpc_service_args mdt_services[] = {
	{ .name = "mdt", .params = "mds/MDS/mdt",
		.req_portal = MDS_REQUEST_PORTAL, .rep_portal = MDC_REPLY_PORTAL,
		.max_size = MDS_REQUEST_MAX, .min_threads = 3, .max_threads = 128 },
	{ .name = "mdt_readpage", .params = "mds/MDS/mdt_readpage",
		.req_portal = MDS_READPAGE_PORTAL,
		.rep_portal = MDC_REPLY_PORTAL, .max_size = MDS_READPAGE_MAX, .min_threads = 2, .max_threads = 32 },
	{ .name = "mdt_io", .params = "mds/MDS/mdt_io",
		.req_portal = MDS_IO_PORTAL, .rep_portal = MDC_REPLY_PORTAL,
		.max_size = IO_REQUEST_MAX, .min_threads = 3, .max_threads = 64 },
	{ .name = "mdt_seqm", .params = "mds/MDS/mdt_seqm",
		.req_portal = SEQ_METADATA_PORTAL, .rep_portal = MDC_REPLY_PORTAL,
		.max_size = SEQ_FLD_REQUEST_MAX, .min_threads = 1, .max_threads = 2 },
	{ .name = "mdt_seqs", .params = "mds/MDS/mdt_seqs",
		.req_portal = SEQ_CONTROLLER_PORTAL, .rep_portal = MDC_REPLY_PORTAL,
		.max_size = SEQ_FLD_REQUEST_MAX, .min_threads = 1, .max_threads = 2 },
	/* between MDTs: what another MDT would ask is answered with an error, and not by silence */
	{ .name = "mdt_out", .params = "mds/MDS/mdt_out",
		.req_portal = OUT_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
		.max_size = MDS_REQUEST_MAX, .min_threads = 1, .max_threads = 2 },
	{ .name = "mdt_fld", .params = "mds/MDS/mdt_fld",
		.req_portal = FLD_REQUEST_PORTAL, .rep_portal = MDC_REPLY_PORTAL,
		.max_size = SEQ_FLD_REQUEST_MAX, .min_threads = 1, .max_threads = 2 },
};

/* --- layouts in replies of the lock manager --- */

static struct ldiskfs_object *lock_object(struct ldlm_lock *lock)
{
	const struct ldlm_res_id *res = ldlm_lock_res(lock);
	struct lu_fid fid = {
		.f_seq = res->name[0], .f_oid = (u32)res->name[1], .f_ver = res->name[1] >> 32,
	};

	return mdt_find(ldlm_ns_private(lock->ns), &fid);
}

static bool is_dom(const struct ldlm_lock *lock)
{
	return ldlm_lock_type(lock) == LDLM_IBITS && lock->policy.ibits.bits & MDS_INODELOCK_DOM;
}

static u32 mdt_lvb_size(struct ldlm_lock *lock)
{
	struct ldiskfs_object *obj;
	ssize_t n;

	if (is_dom(lock))
		return OST_LVB_SIZE;
	if (ldlm_lock_type(lock) != LDLM_IBITS || !(lock->policy.ibits.bits & MDS_INODELOCK_LAYOUT) ||
	    !lock->exp || !(rpc_export_flags(lock->exp) & OBD_CONNECT_LVB_TYPE))
		return 0;
	obj = lock_object(lock);
	if (IS_ERR(obj))
		return 0;
	n = ldiskfs_getxattr(obj, XATTR_NAME_LOV, NULL, 0);
	ldiskfs_object_put(obj);
	return n > 0 && n <= MDT_MAX_EASIZE ? n : 0;
}

static int mdt_lvb_fill(struct ldlm_lock *lock, void *buf, u32 size, bool refresh)
{
	struct ldiskfs_object *obj = lock_object(lock);
	struct ost_lvb lvb;
	ssize_t n;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (is_dom(lock)) {
		data_fill_lvb(&lvb, ldiskfs_inode(obj));
		ldiskfs_object_put(obj);
		memcpy(buf, &lvb, min_t(u32, size, sizeof(lvb)));
		return 0;
	}
	n = ldiskfs_getxattr(obj, XATTR_NAME_LOV, buf, size);
	ldiskfs_object_put(obj);
	return n < 0 ? n : 0;
}

static const struct ldlm_ns_ops mdt_ns_ops = {
	.lvb_size	= mdt_lvb_size,
	.lvb_fill	= mdt_lvb_fill,
	.intent		= mdt_intent,
};

/* --- configuration: FSNAME-MDTxxxx --- */

static int cfg_add_ost(void *data, const struct cfg_target *t)
{
	return lod_add_ost(data, t);
}

static int cfg_lov_desc(void *data, const struct lov_desc *desc)
{
	lod_set_desc(data, le64_to_cpu(desc->ld_default_stripe_size),
		     le32_to_cpu(desc->ld_default_stripe_count));
	return 0;
}

static int cfg_pool(void *data, u32 command, const char *pool, const char *ost_uuid)
{
	return lod_pool(data, command, pool, ost_uuid);
}

static const struct cfg_ops mdt_cfg_ops = {
	.pool		= cfg_pool,
	.add_ost	= cfg_add_ost,
	.lov_desc	= cfg_lov_desc,
	.param		= mdt_cfg_param,
};

/* --- directories on the storage --- */

static struct ldiskfs_object *make_root(struct mdt *mdt, struct ldiskfs_object *top, const struct qstr *name)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct ldiskfs_attr attr = {
		.mode = S_IFDIR | 0755, .uid = GLOBAL_ROOT_UID, .gid = GLOBAL_ROOT_GID,
	};
	struct ldiskfs_object *obj;
	int rc;

	if (!tx)
		return ERR_PTR(-ENOMEM);
	ktime_get_real_ts64(&attr.ctime);
	attr.atime = attr.ctime;
	attr.mtime = attr.ctime;
	rc = ldiskfs_declare_create(tx, top, &attr);
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return ERR_PTR(rc);
	}
	obj = ldiskfs_create(tx, top, name, &mdt_root_fid, &attr);
	rc = ldiskfs_tx_stop(tx, true);
	if (rc && !IS_ERR(obj)) {
		ldiskfs_object_put(obj);
		return ERR_PTR(rc);
	}
	return obj;
}

static int open_root(struct mdt *mdt)
{
	struct qstr name = QSTR_INIT("ROOT", 4);
	struct ldiskfs_object *top, *obj;

	obj = ldiskfs_find(mdt->dev, &mdt_root_fid);
	if (PTR_ERR_OR_ZERO(obj) == -ENOENT)
		obj = ldiskfs_path(mdt->dev, "/ROOT");	/* the index may have lost it */
	if (PTR_ERR_OR_ZERO(obj) == -ENOENT) {
		top = ldiskfs_path(mdt->dev, "/");
		if (IS_ERR(top))
			return PTR_ERR(top);
		obj = make_root(mdt, top, &name);
		ldiskfs_object_put(top);
	}
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	mdt->root = obj;
	obj = ldiskfs_mkpath(mdt->dev, "/PENDING", S_IFDIR | 0700);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	mdt->pending = obj;
	return 0;
}

/* --- life --- */

static void mdt_stop(struct target *tgt)
{
	struct mdt *mdt = tgt->private;

	/* what clients have open is kept for them, unless they are to be forgotten */
	mdt->stopping = !tgt->drop_clients;
	if (mdt->device)
		cfg_device_del(mdt->device);
	target_offline(tgt);
	if (mdt->ns)
		ldlm_ns_destroy(mdt->ns);
	mdt_params_stop(mdt);
	lod_stop(mdt);
	osp_log_close(mdt);
	mdt_opens_fini(mdt);
	if (mdt->pending)
		ldiskfs_object_put(mdt->pending);
	if (mdt->root)
		ldiskfs_object_put(mdt->root);
	tgt->private = NULL;
	kfree(mdt->squash.exempt);
	kfree(mdt);
}

static int mdt_setup(struct mdt *mdt)
{
	struct target *tgt = mdt->tgt;
	char name[sizeof(tgt->uuid) + 8];
	struct ldlm_namespace *ns;
	struct cfg_device *device;
	int rc;

	rc = mdt_opens_init(mdt);
	if (!rc)
		rc = open_root(mdt);
	if (!rc)
		rc = osp_log_open(mdt);
	if (!rc)
		rc = lod_start(mdt);
	if (!rc)
		rc = mdt_params_start(mdt);
	if (rc)
		return rc;
	snprintf(name, sizeof(name), "mdt-%s", tgt->uuid);
	ns = ldlm_ns_create(name, LDLM_SERVER, &mdt_ns_ops, mdt, NULL);
	if (IS_ERR_OR_NULL(ns))
		return ns ? PTR_ERR(ns) : -ENOMEM;
	mdt->ns = ns;
	rc = target_online(tgt, MDS_CONNECT, &mdt_target_ops, ns);
	if (rc)
		return rc;
	rc = mdt_pending_clean(mdt);
	if (rc)
		return rc;
	device = cfg_device_add("mdt", tgt->svname, tgt->uuid, NULL);
	if (IS_ERR(device))
		return PTR_ERR(device);
	mdt->device = device;
	return 0;
}

static const u8 mdt_data_stats[DATA_NR_STATS] = {
	[DATA_STAT_READ_BYTES]	= MDT_STAT_READ_BYTES,
	[DATA_STAT_WRITE_BYTES]	= MDT_STAT_WRITE_BYTES,
	[DATA_STAT_READ]	= DATA_STAT_NONE,
	[DATA_STAT_WRITE]	= DATA_STAT_NONE,
	[DATA_STAT_PUNCH]	= MDT_STAT_PUNCH,
	[DATA_STAT_SYNC]	= MDT_STAT_SYNC,
	[DATA_STAT_PREALLOC]	= DATA_STAT_NONE,
	[DATA_STAT_SET_INFO]	= DATA_STAT_NONE,
};

static int mdt_start(struct target *tgt)
{
	struct mdt *mdt = kzalloc(sizeof(*mdt), GFP_KERNEL);
	int rc;

	if (!mdt)
		return -ENOMEM;
	mdt->tgt = tgt;
	mdt->dev = tgt->dev;
	spin_lock_init(&mdt->squash.lock);
	/* one plain layout of four stripes, as stock begins (chapter 04, 1.7) */
	atomic_set(&mdt->max_mdsize, 128);
	mdt->data.ops = &mdt_data_ops;
	mdt->data.brw_size = MDT_BRW_SIZE;
	mdt->data.stat_ids = mdt_data_stats;
	data_target_init(tgt, &mdt->data);
	tgt->private = mdt;
	rc = mdt_setup(mdt);
	if (rc)
		mdt_stop(tgt);
	return rc;
}

static struct target_type mdt_type = {
	.name		= "mdt",
	.owner		= THIS_MODULE,
	.services	= mdt_services,
	.nr_services	= ARRAY_SIZE(mdt_services),
	.cfg_ops	= &mdt_cfg_ops,
	.start		= mdt_start,
	.stop		= mdt_stop,
	.export_size	= sizeof(struct mdt_export),
	.show_opens	= mdt_show_opens,
};

static int __init mdt_module_init(void)
{
	return target_type_register(&mdt_type);
}
module_init(mdt_module_init);

static void __exit mdt_module_exit(void)
{
	target_type_unregister(&mdt_type);
	rcu_barrier();
}
module_exit(mdt_module_exit);

MODULE_DESCRIPTION("Sheen metadata target");
MODULE_LICENSE("GPL");
MODULE_ALIAS("mds");
MODULE_ALIAS("mdd");
MODULE_ALIAS("lod");
MODULE_ALIAS("osp");
