// SPDX-License-Identifier: GPL-2.0
/*
 * ost.ko: starting and stopping an OST, its opcodes, portals, statistics and parameters.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "ost.h"

static const struct rpc_op ost_ops[] = {
	{ OST_GETATTR,	&RQF_OST_GETATTR,	LUSTRE_OST_VERSION, 0, ost_getattr },
	{ OST_SETATTR,	&RQF_OST_SETATTR,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, ost_setattr },
	{ OST_READ,	&RQF_OST_READ,		LUSTRE_OST_VERSION, 0, data_read },
	{ OST_WRITE,	&RQF_OST_WRITE,		LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, data_write },
	{ OST_CREATE,	&RQF_OST_CREATE,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, ost_create },
	{ OST_DESTROY,	&RQF_OST_DESTROY,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, ost_destroy },
	{ OST_GET_INFO,	&RQF_OST_GET_INFO,	LUSTRE_OST_VERSION, 0, ost_get_info },
	{ OST_SET_INFO,	&RQF_OST_SET_INFO,	LUSTRE_OST_VERSION, 0, data_set_info },
	{ OST_PUNCH,	&RQF_OST_PUNCH,		LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, data_punch },
	{ OST_STATFS,	&RQF_OST_STATFS,	LUSTRE_OST_VERSION, 0, ost_statfs },
	{ OST_SYNC,	&RQF_OST_SYNC,		LUSTRE_OST_VERSION, RPC_OP_IN_RECOVERY, data_sync },
	{ OST_QUOTACTL,	&RQF_OST_QUOTACTL,	LUSTRE_OST_VERSION, 0, ost_quotactl },
	{ OST_FALLOCATE, &RQF_OST_FALLOCATE,	LUSTRE_OST_VERSION, RPC_OP_MODIFIES | RPC_OP_IN_RECOVERY, data_fallocate },
	{ OST_SEEK,	&RQF_OST_SEEK,		LUSTRE_OST_VERSION, 0, data_seek },
	{ SEQ_QUERY,	&RQF_SEQ_QUERY,		LUSTRE_MDS_VERSION, RPC_OP_IN_RECOVERY, target_seq_query },
	{ FLD_QUERY,	&RQF_FLD_QUERY,		LUSTRE_MDS_VERSION, RPC_OP_IN_RECOVERY, target_fld_query },
};

static const struct rpc_target_ops ost_target_ops = {
	.ops		= ost_ops,
	.nr_ops		= ARRAY_SIZE(ost_ops),
	.connect	= ost_connect,
	.disconnect	= ost_disconnect,
};

static const struct rpc_service_args ost_services[] = {
	{ .name = "ost", .params = "ost/OSS/ost", .req_portal = OST_REQUEST_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
	  .max_size = OST_REQUEST_MAX, .min_threads = 3, .max_threads = 64 },
	{ .name = "ost_io", .params = "ost/OSS/ost_io", .req_portal = OST_IO_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
	  .max_size = IO_REQUEST_MAX, .min_threads = 3, .max_threads = 64 },
	{ .name = "ost_create", .params = "ost/OSS/ost_create", .req_portal = OST_CREATE_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
	  .max_size = OST_REQUEST_MAX, .min_threads = 2, .max_threads = 8 },
	{ .name = "ost_out", .params = "ost/OSS/ost_out", .req_portal = OUT_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
	  .max_size = OST_REQUEST_MAX, .min_threads = 1, .max_threads = 2 },
	{ .name = "ost_seq", .params = "ost/OSS/ost_seq", .req_portal = SEQ_DATA_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
	  .max_size = OST_REQUEST_MAX, .min_threads = 2, .max_threads = 2 },
};

static const struct stat_desc ost_stat_desc[OST_NR_STATS] = {
	[OST_STAT_READ_BYTES]	= { "read_bytes", "bytes", true, true },
	[OST_STAT_WRITE_BYTES]	= { "write_bytes", "bytes", true, true },
	[OST_STAT_READ]		= { "read", "usecs", true, true },
	[OST_STAT_WRITE]	= { "write", "usecs", true, true },
	[OST_STAT_GETATTR]	= { "getattr", "usecs", true, true },
	[OST_STAT_SETATTR]	= { "setattr", "usecs", true, true },
	[OST_STAT_PUNCH]	= { "punch", "usecs", true, true },
	[OST_STAT_SYNC]		= { "sync", "usecs", true, true },
	[OST_STAT_DESTROY]	= { "destroy", "usecs", true, true },
	[OST_STAT_CREATE]	= { "create", "usecs", true, true },
	[OST_STAT_STATFS]	= { "statfs", "usecs", true, true },
	[OST_STAT_GET_INFO]	= { "get_info", "usecs", true, true },
	[OST_STAT_SET_INFO]	= { "set_info", "usecs", true, true },
	[OST_STAT_PREALLOC]	= { "prealloc", "usecs", true, true },
};

static const u8 ost_data_stats[DATA_NR_STATS] = {
	[DATA_STAT_READ_BYTES]	= OST_STAT_READ_BYTES,
	[DATA_STAT_WRITE_BYTES]	= OST_STAT_WRITE_BYTES,
	[DATA_STAT_READ]	= OST_STAT_READ,
	[DATA_STAT_WRITE]	= OST_STAT_WRITE,
	[DATA_STAT_PUNCH]	= OST_STAT_PUNCH,
	[DATA_STAT_SYNC]	= OST_STAT_SYNC,
	[DATA_STAT_PREALLOC]	= OST_STAT_PREALLOC,
	[DATA_STAT_SET_INFO]	= OST_STAT_SET_INFO,
};

/* --- parameters: obdfilter.FSNAME-OSTxxxx.* --- */

static int brw_stats_show(struct seq_file *m, void *data)
{
	return data_brw_show(m, &((struct ost *)data)->data.brw);
}

static int brw_stats_store(void *data, const char *val)
{
	data_brw_clear(&((struct ost *)data)->data.brw);
	return 0;
}

static int grant(struct seq_file *m, struct ost *ost, const u64 *what)
{
	spin_lock(&ost->data.grant_lock);
	seq_printf(m, "%llu\n", *what);
	spin_unlock(&ost->data.grant_lock);
	return 0;
}

static int tot_granted_show(struct seq_file *m, void *data)
{
	return grant(m, data, &((struct ost *)data)->data.tot_granted);
}

static int tot_dirty_show(struct seq_file *m, void *data)
{
	return grant(m, data, &((struct ost *)data)->data.tot_dirty);
}

static int tot_pending_show(struct seq_file *m, void *data)
{
	return grant(m, data, &((struct ost *)data)->data.tot_pending);
}

static const struct param ost_params[] = {
	{ .name = "brw_stats", .show = brw_stats_show, .store = brw_stats_store },
	{ .name = "tot_granted", .show = tot_granted_show, .value = true },
	{ .name = "tot_dirty", .show = tot_dirty_show, .value = true },
	{ .name = "tot_pending", .show = tot_pending_show, .value = true },
	{ }
};

static const struct param osd_params[] = {
	{ .name = "brw_stats", .show = brw_stats_show, .store = brw_stats_store },
	{ }
};

/* --- life --- */

static int ost_cfg_param(void *data, const char *device, const char *key, const char *value)
{
	struct ost *ost = data;
	const char *dot = strchr(key, '.');

	/* keys come as "ost.stats=": the word before the dot only routes them here */
	return param_set("obdfilter", ost->tgt->svname, dot ? dot + 1 : key, value);
}

static const struct cfg_ops ost_cfg_ops = {
	.param = ost_cfg_param,
};

static void ost_stop(struct target *tgt)
{
	struct ost *ost = tgt->private;

	if (!IS_ERR_OR_NULL(ost->device))
		cfg_device_del(ost->device);
	target_offline(tgt);
	if (!IS_ERR_OR_NULL(ost->ns))
		ldlm_ns_destroy(ost->ns);
	ost_seqs_close(ost);
	param_dir_del(ost->osd_params);
	param_dir_del(ost->params);
	target_counters_stop(tgt);
	tgt->private = NULL;
	kvfree(ost);
}

static int ost_setup(struct ost *ost)
{
	struct target *tgt = ost->tgt;
	char name[sizeof(tgt->uuid) + 8];
	int rc;

	ost->data.ops = &ost_data_ops;
	ost->data.brw_size = OST_BRW_SIZE;
	ost->data.stat_ids = ost_data_stats;
	data_target_init(tgt, &ost->data);
	rc = target_counters_start(tgt, ost_stat_desc, OST_NR_STATS);
	if (!rc)
		rc = ost_seqs_open(ost);
	if (rc)
		return rc;
	snprintf(name, sizeof(name), "filter-%s", tgt->uuid);
	ost->ns = ldlm_ns_create(name, LDLM_SERVER, &ost_ns_ops, ost, NULL);
	if (IS_ERR(ost->ns))
		return PTR_ERR(ost->ns);
	rc = target_online(tgt, OST_CONNECT, &ost_target_ops, ost->ns);
	if (rc)
		return rc;
	ost->params = param_dir_add("obdfilter", tgt->svname, ost_params, ost);
	ost->osd_params = param_dir_add("osd-ldiskfs", tgt->svname, osd_params, ost);
	if (IS_ERR(ost->params) || IS_ERR(ost->osd_params))
		return PTR_ERR_OR_ZERO(ost->params) ?: PTR_ERR(ost->osd_params);
	ost->device = cfg_device_add("obdfilter", tgt->svname, tgt->uuid, NULL);
	return PTR_ERR_OR_ZERO(ost->device);
}

static int ost_start(struct target *tgt)
{
	struct ost *ost = kvzalloc(sizeof(*ost), GFP_KERNEL);
	int rc;

	if (!ost)
		return -ENOMEM;
	ost->tgt = tgt;
	mutex_init(&ost->seqs_lock);
	tgt->private = ost;
	rc = ost_setup(ost);
	if (rc)
		ost_stop(tgt);
	return rc;
}

static struct target_type ost_type = {
	.name		= "ost",
	.owner		= THIS_MODULE,
	.services	= ost_services,
	.nr_services	= ARRAY_SIZE(ost_services),
	.cfg_ops	= &ost_cfg_ops,
	.start		= ost_start,
	.stop		= ost_stop,
	.export_size	= sizeof(struct ost_export),
};

static int __init ost_init(void)
{
	return target_type_register(&ost_type);
}

static void __exit ost_exit(void)
{
	target_type_unregister(&ost_type);
}

module_init(ost_init);
module_exit(ost_exit);

MODULE_DESCRIPTION("Lustre object storage target");
MODULE_LICENSE("GPL");
MODULE_ALIAS("ofd");
