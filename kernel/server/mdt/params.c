// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters and statistics mdt.FSNAME-MDTxxxx.* with the stock names (chapter 07), and defaults
 * of new files, lod.FSNAME-MDTxxxx-mdtlov.*.
 */
#include "mdt.h"

static const struct stat_desc mdt_stat_desc[MDT_NR_STATS] = {
	[MDT_STAT_OPEN]		= { "open", "usecs", true, true },
	[MDT_STAT_CLOSE]	= { "close", "usecs", true, true },
	[MDT_STAT_MKNOD]	= { "mknod", "usecs", true, true },
	[MDT_STAT_LINK]		= { "link", "usecs", true, true },
	[MDT_STAT_UNLINK]	= { "unlink", "usecs", true, true },
	[MDT_STAT_MKDIR]	= { "mkdir", "usecs", true, true },
	[MDT_STAT_RMDIR]	= { "rmdir", "usecs", true, true },
	[MDT_STAT_RENAME]	= { "rename", "usecs", true, true },
	[MDT_STAT_GETATTR]	= { "getattr", "usecs", true, true },
	[MDT_STAT_SETATTR]	= { "setattr", "usecs", true, true },
	[MDT_STAT_GETXATTR]	= { "getxattr", "usecs", true, true },
	[MDT_STAT_SETXATTR]	= { "setxattr", "usecs", true, true },
	[MDT_STAT_STATFS]	= { "statfs", "usecs", true, true },
	[MDT_STAT_SYNC]		= { "sync", "usecs", true, true },
	[MDT_STAT_SAMEDIR_RENAME]  = { "samedir_rename", "usecs", true, true },
	[MDT_STAT_CROSSDIR_RENAME] = { "crossdir_rename", "usecs", true, true },
	[MDT_STAT_READ_BYTES]	= { "read_bytes", "bytes", true, true },
	[MDT_STAT_WRITE_BYTES]	= { "write_bytes", "bytes", true, true },
	[MDT_STAT_PUNCH]	= { "punch", "usecs", true, true },
};

/* No changelogs are kept: nobody reads them (mdd.FSNAME-MDTxxxx.changelog_users) */
static int changelog_users_show(struct seq_file *m, void *data)
{
	seq_printf(m, "current_index: 0\n%-30s%s\n", "ID", "index (idle) mask");
	return 0;
}

static const struct param mdt_params[] = {
	{ .name = "root_squash", .show = mdt_squash_show, .store = mdt_squash_store, .value = true },
	{ .name = "nosquash_nids", .show = mdt_nosquash_show, .store = mdt_nosquash_store, .value = true },
	{ }
};

static const struct param mdd_params[] = {
	{ .name = "changelog_users", .show = changelog_users_show },
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
	int rc = target_counters_start(mdt->tgt, mdt_stat_desc, MDT_NR_STATS);

	if (rc)
		return rc;
	mdt->params = param_dir_add("mdt", mdt->tgt->svname, mdt_params, mdt);
	mdt->mdd_params = param_dir_add("mdd", mdt->tgt->svname, mdd_params, mdt);
	return PTR_ERR_OR_ZERO(mdt->params) ?: PTR_ERR_OR_ZERO(mdt->mdd_params);
}

void mdt_params_stop(struct mdt *mdt)
{
	param_dir_del(mdt->mdd_params);
	param_dir_del(mdt->params);
	target_counters_stop(mdt->tgt);
}
