// SPDX-License-Identifier: GPL-2.0
/*
 * mgs.ko: the management service. Its requests (chapter 06, section 2), start and stop.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "kernel/server/mgs/internal.h"

#define MGS_THREADS_MIN	2
#define MGS_THREADS_MAX	32

/* What is granted of what a peer asks. Recovery tables and long NIDs are not served. */
#define MGS_CONNECT_FLAGS	(OBD_CONNECT_VERSION | OBD_CONNECT_AT | OBD_CONNECT_FULL20 | \
				 OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2)
#define MGS_CONNECT_FLAGS2	OBD_CONNECT2_REP_MBITS

static int mgs_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	u64 flags = le64_to_cpu(ocd->ocd_connect_flags) & MGS_CONNECT_FLAGS;
	u64 flags2 = le64_to_cpu(ocd->ocd_connect_flags2) & MGS_CONNECT_FLAGS2;

	memset(ocd, 0, sizeof(*ocd));
	if (!flags2)
		flags &= ~OBD_CONNECT_FLAGS2;
	if (!(flags & OBD_CONNECT_FLAGS2))
		flags2 = 0;
	ocd->ocd_connect_flags = cpu_to_le64(flags);
	ocd->ocd_connect_flags2 = cpu_to_le64(flags2);
	ocd->ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	return 0;
}

static int mgs_config_read(struct rpc_svcreq *req)
{
	const struct mgs_config_body *body = rpc_field(&req->rq, RF_MGS_CONFIG_BODY);

	switch (le16_to_cpu(body->mcb_type)) {
	case MGS_CFG_T_CONFIG:
	case MGS_CFG_T_RECOVER:		/* not granted at connect */
	case MGS_CFG_T_NODEMAP:		/* servers go on without */
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* Old nodes send defaults for striping; a stock MGS checks the key and does nothing. */
static int mgs_set_info(struct rpc_svcreq *req)
{
	static const char * const keys[] = { ".lov.stripesize=", ".lov.stripecount=", ".lov.stripeoffset=" };
	const struct mgs_send_param *param = rpc_field(&req->rq, RF_MGS_SEND_PARAM);
	struct mgs_send_param *reply;
	unsigned int i;
	int rc;

	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	reply = rpc_field(&req->rp, RF_MGS_SEND_PARAM);
	*reply = *param;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strnstr(param->mgs_param, keys[i], sizeof(param->mgs_param)))
			return 0;
	return -EINVAL;
}

static const struct rpc_op mgs_ops[] = {
	{ MGS_TARGET_REG, &RQF_MGS_TARGET_REG, LUSTRE_MGS_VERSION, RPC_OP_MODIFIES, mgs_target_reg },
	{ MGS_SET_INFO, &RQF_MGS_SET_INFO, LUSTRE_MGS_VERSION, 0, mgs_set_info },
	{ MGS_CONFIG_READ, &RQF_MGS_CONFIG_READ, LUSTRE_MGS_VERSION, 0, mgs_config_read },
	{ LLOG_ORIGIN_HANDLE_CREATE, &RQF_LLOG_CREATE, LUSTRE_LOG_VERSION, 0, llog_store_handle_create },
	{ LLOG_ORIGIN_HANDLE_READ_HEADER, &RQF_LLOG_READ_HEADER, LUSTRE_LOG_VERSION, 0,
	  llog_store_handle_read_header },
	{ LLOG_ORIGIN_HANDLE_NEXT_BLOCK, &RQF_LLOG_NEXT_BLOCK, LUSTRE_LOG_VERSION, 0,
	  llog_store_handle_next_block },
};

static const struct rpc_target_ops mgs_target_ops = {
	.ops = mgs_ops,
	.nr_ops = ARRAY_SIZE(mgs_ops),
	.connect = mgs_connect,
};

static const struct rpc_service_args mgs_service = {
	.name = "mgs",
	.params = "mgs/MGS/mgs",
	.req_portal = MGS_REQUEST_PORTAL,
	.rep_portal = MGC_REPLY_PORTAL,
	.max_size = MGS_REQUEST_MAX,
	.min_threads = MGS_THREADS_MIN,
	.max_threads = MGS_THREADS_MAX,
};

static const struct ldlm_ns_ops mgs_ns_ops;

/* --- parameters --- */

static int count_export(struct rpc_export *exp, void *data)
{
	++*(unsigned int *)data;
	return 0;
}

static int num_exports_show(struct seq_file *m, void *data)
{
	struct mgs *mgs = data;
	unsigned int nr = 0;

	rpc_target_for_each_export(&mgs->tgt->rpc, count_export, &nr);
	seq_printf(m, "%u\n", nr);
	return 0;
}

static int fstype_show(struct seq_file *m, void *data)
{
	seq_puts(m, "ldiskfs\n");
	return 0;
}

static int filesystems_show(struct seq_file *m, void *data)
{
	struct mgs *mgs = data;
	struct mgs_fs *fs;

	mutex_lock(&mgs->mutex);
	list_for_each_entry(fs, &mgs->fs, link)
		seq_printf(m, "%s\n", fs->name);
	mutex_unlock(&mgs->mutex);
	return 0;
}

static const struct param mgs_params[] = {
	{ .name = "num_exports", .show = num_exports_show, .value = true },
	{ .name = "fstype", .show = fstype_show, .value = true },
	{ .name = "filesystems", .show = filesystems_show },
	{ }
};

/* --- start and stop --- */

static void mgs_free(struct mgs *mgs)
{
	struct mgs_fs *fs, *next;

	list_for_each_entry_safe(fs, next, &mgs->fs, link)
		mgs_fs_free(fs);
	if (mgs->params)
		mgs_fs_free(mgs->params);
	if (mgs->ns)
		ldlm_ns_destroy(mgs->ns);
	kvfree(mgs->gen);
	mutex_destroy(&mgs->mutex);
	kfree(mgs);
}

static struct mgs *mgs_alloc(struct target *tgt)
{
	struct mgs *mgs = kzalloc(sizeof(*mgs), GFP_KERNEL);

	if (!mgs)
		return NULL;
	mgs->tgt = tgt;
	mutex_init(&mgs->mutex);
	INIT_LIST_HEAD(&mgs->fs);
	mgs->gen = kvzalloc(sizeof(*mgs->gen), GFP_KERNEL);
	if (!mgs->gen) {
		mgs_free(mgs);
		return NULL;
	}
	return mgs;
}

static int mgs_serve(struct mgs *mgs)
{
	struct target *tgt = mgs->tgt;
	int rc;

	mgs->ns = ldlm_ns_create("MGS", LDLM_SERVER, &mgs_ns_ops, mgs, NULL);
	if (IS_ERR_OR_NULL(mgs->ns)) {
		rc = mgs->ns ? PTR_ERR(mgs->ns) : -ENOMEM;
		mgs->ns = NULL;
		return rc;
	}
	rc = mgs_load(mgs);
	if (rc)
		return rc;
	rc = target_online(tgt, MGS_CONNECT, &mgs_target_ops, mgs->ns);
	if (rc)
		return rc;
	rc = mgs_control_init(mgs);
	if (rc)
		target_offline(tgt);
	else
		target_ready(tgt);
	return rc;
}

static int mgs_start(struct target *tgt)
{
	struct ldiskfs_object *dir = ldiskfs_mkpath(tgt->dev, "/" MOUNT_CONFIGS_DIR, S_IFDIR | 0755);
	struct mgs *mgs;
	int rc;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	ldiskfs_object_put(dir);
	mgs = mgs_alloc(tgt);
	if (!mgs)
		return -ENOMEM;
	tgt->private = mgs;
	rc = mgs_serve(mgs);
	if (rc) {
		tgt->private = NULL;
		mgs_free(mgs);
		return rc;
	}
	/* of use, not of need */
	mgs->dir = param_dir_add("mgs", "MGS", mgs_params, mgs);
	mgs->device = cfg_device_add("mgs", "MGS", "MGS", NULL);
	return 0;
}

static void mgs_stop(struct target *tgt)
{
	struct mgs *mgs = tgt->private;

	cfg_device_del(mgs->device);
	param_dir_del(mgs->dir);
	mgs_control_exit();
	target_offline(tgt);
	tgt->private = NULL;
	mgs_free(mgs);
}

static struct target_type mgs_type = {
	.name = "mgs",
	.owner = THIS_MODULE,
	.services = &mgs_service,
	.nr_services = 1,
	.start = mgs_start,
	.stop = mgs_stop,
	.export_size = sizeof(struct target_export),
};

static int __init mgs_init(void)
{
	return target_type_register(&mgs_type);
}

static void __exit mgs_exit(void)
{
	target_type_unregister(&mgs_type);
}

module_init(mgs_init);
module_exit(mgs_exit);
MODULE_DESCRIPTION("Sheen management service");
MODULE_LICENSE("GPL");
