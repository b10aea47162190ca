// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters and statistics mdt.FSNAME-MDTxxxx.* with the stock names (chapter 07), and defaults
 * of new files, lod.FSNAME-MDTxxxx-mdtlov.*.
 */
#include <linux/statfs.h>
#include "mdt.h"

static const struct stat_desc mdt_stat_desc[MDT_NR_STATS] = {
	[MDT_STAT_OPEN]		= { "open", "reqs" },
	[MDT_STAT_CLOSE]	= { "close", "reqs" },
	[MDT_STAT_MKNOD]	= { "mknod", "reqs" },
	[MDT_STAT_LINK]		= { "link", "reqs" },
	[MDT_STAT_UNLINK]	= { "unlink", "reqs" },
	[MDT_STAT_MKDIR]	= { "mkdir", "reqs" },
	[MDT_STAT_RMDIR]	= { "rmdir", "reqs" },
	[MDT_STAT_RENAME]	= { "rename", "reqs" },
	[MDT_STAT_GETATTR]	= { "getattr", "reqs" },
	[MDT_STAT_SETATTR]	= { "setattr", "reqs" },
	[MDT_STAT_GETXATTR]	= { "getxattr", "reqs" },
	[MDT_STAT_SETXATTR]	= { "setxattr", "reqs" },
	[MDT_STAT_STATFS]	= { "statfs", "reqs" },
	[MDT_STAT_SYNC]		= { "sync", "reqs" },
};

static int md_stats_show(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct mdt *)data)->stats);
}

static int md_stats_store(void *data, const char *val)
{
	stats_clear(((struct mdt *)data)->stats);
	return 0;
}

static int show_space(struct seq_file *m, struct mdt *mdt, unsigned int what)
{
	struct kstatfs st;
	int rc = ldiskfs_statfs(mdt->dev, &st);
	u64 n;

	if (rc)
		return rc;
	switch (what) {
	case 0:
		n = (st.f_blocks * st.f_bsize) >> 10;
		break;
	case 1:
		n = (st.f_bfree * st.f_bsize) >> 10;
		break;
	case 2:
		n = (st.f_bavail * st.f_bsize) >> 10;
		break;
	case 3:
		n = st.f_files;
		break;
	default:
		n = st.f_ffree;
		break;
	}
	seq_printf(m, "%llu\n", n);
	return 0;
}

static int kbytestotal_show(struct seq_file *m, void *data)
{
	return show_space(m, data, 0);
}

static int kbytesfree_show(struct seq_file *m, void *data)
{
	return show_space(m, data, 1);
}

static int kbytesavail_show(struct seq_file *m, void *data)
{
	return show_space(m, data, 2);
}

static int filestotal_show(struct seq_file *m, void *data)
{
	return show_space(m, data, 3);
}

static int filesfree_show(struct seq_file *m, void *data)
{
	return show_space(m, data, 4);
}

static int instance_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct mdt *)data)->tgt->instance);
	return 0;
}

static int count_export(struct rpc_export *exp, void *data)
{
	if (exp->connected)
		++*(unsigned int *)data;
	return 0;
}

static int num_exports_show(struct seq_file *m, void *data)
{
	struct mdt *mdt = data;
	unsigned int nr = 0;

	rpc_target_for_each_export(&mdt->tgt->rpc, count_export, &nr);
	seq_printf(m, "%u\n", nr);
	return 0;
}

static const struct param mdt_params[] = {
	{ .name = "md_stats", .show = md_stats_show, .store = md_stats_store },
	{ .name = "kbytestotal", .show = kbytestotal_show, .value = true },
	{ .name = "kbytesfree", .show = kbytesfree_show, .value = true },
	{ .name = "kbytesavail", .show = kbytesavail_show, .value = true },
	{ .name = "filestotal", .show = filestotal_show, .value = true },
	{ .name = "filesfree", .show = filesfree_show, .value = true },
	{ .name = "instance", .show = instance_show, .value = true },
	{ .name = "num_exports", .show = num_exports_show, .value = true },
	{ .name = "root_squash", .show = mdt_squash_show, .store = mdt_squash_store, .value = true },
	{ .name = "nosquash_nids", .show = mdt_nosquash_show, .store = mdt_nosquash_store, .value = true },
	{ }
};

/* --- from the configuration --- */

static int set_active(struct mdt *mdt, const char *device, const char *value)
{
	struct osp *osp;
	unsigned long i;
	bool active;
	int rc = kstrtobool(value, &active);

	xa_for_each(&mdt->lod.osts, i, osp)
		if (!rc && !strcmp(osp->name, device))
			osp_set_active(osp, active);
	return rc;
}

int mdt_cfg_param(void *data, const char *device, const char *key, const char *value)
{
	struct mdt *mdt = data;
	const char *dot = strrchr(key, '.');
	unsigned long long n;

	if (!strcmp(key, "osc.active"))
		return set_active(mdt, device, value);
	key = dot ? dot + 1 : key;
	/* defaults of new files */
	if (!strcmp(key, "stripesize") || !strcmp(key, "stripecount")) {
		if (!strcmp(value, "-1"))
			n = U32_MAX;
		else if (kstrtoull(value, 0, &n))
			return -EINVAL;
		if (!strcmp(key, "stripesize"))
			lod_set_desc(mdt, n, 0);
		else
			lod_set_desc(mdt, 0, min_t(u64, n, U32_MAX));
		return 0;
	}
	return param_set("mdt", mdt->tgt->svname, key, value);
}

int mdt_params_start(struct mdt *mdt)
{
	struct param_dir *dir;

	mdt->stats = stats_alloc(mdt_stat_desc, MDT_NR_STATS);
	if (!mdt->stats)
		return -ENOMEM;
	dir = param_dir_add("mdt", mdt->tgt->svname, mdt_params, mdt);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	mdt->params = dir;
	return 0;
}

void mdt_params_stop(struct mdt *mdt)
{
	if (mdt->params)
		param_dir_del(mdt->params);
	mdt->params = NULL;
}
