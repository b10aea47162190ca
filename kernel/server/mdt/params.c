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

/* --- lod.FSNAME-MDTxxxx-mdtlov: what new files get --- */

static const char *lod_name(const struct mdt *mdt, char name[48])
{
	snprintf(name, 48, "%.32s-mdtlov", mdt->tgt->svname);
	return name;
}

static int stripesize_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct mdt *)data)->lod.dflt.stripe_size);
	return 0;
}

static int stripesize_store(void *data, const char *val)
{
	u32 size;
	int rc = param_stripesize(val, &size);

	if (!rc)
		WRITE_ONCE(((struct mdt *)data)->lod.dflt.stripe_size, size);
	return rc;
}

static int stripecount_show(struct seq_file *m, void *data)
{
	u32 count = ((struct mdt *)data)->lod.dflt.stripe_count;

	seq_printf(m, "%d\n", count == LOV_ALL_STRIPES ? -1 : (int)count);
	return 0;
}

static int stripecount_store(void *data, const char *val)
{
	int n, rc = kstrtoint(val, 0, &n);

	if (rc)
		return rc;
	if (n < -1 || n > (int)LOV_MAX_STRIPE_COUNT)
		return -ERANGE;
	/* 0: one, as without a setting */
	WRITE_ONCE(((struct mdt *)data)->lod.dflt.stripe_count, n < 0 ? LOV_ALL_STRIPES : max(n, 1));
	return 0;
}

static int stripeoffset_show(struct seq_file *m, void *data)
{
	u32 offset = ((struct mdt *)data)->lod.dflt.offset;

	seq_printf(m, "%d\n", offset == LOV_ANY_OST ? -1 : (int)offset);
	return 0;
}

static int stripeoffset_store(void *data, const char *val)
{
	int n, rc = kstrtoint(val, 0, &n);

	if (rc)
		return rc;
	if (n < -1 || n >= (int)LOV_ANY_OST)
		return -ERANGE;
	WRITE_ONCE(((struct mdt *)data)->lod.dflt.offset, n < 0 ? LOV_ANY_OST : n);
	return 0;
}

static const struct param lod_params[] = {
	{ .name = "stripesize", .show = stripesize_show, .store = stripesize_store, .value = true },
	{ .name = "stripecount", .show = stripecount_show, .store = stripecount_store, .value = true },
	{ .name = "stripeoffset", .show = stripeoffset_show, .store = stripeoffset_store, .value = true },
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

/* Keys are type.parameter; settings that are about something else than this MDT are for other readers. */
int mdt_cfg_param(void *data, const char *device, const char *key, const char *value)
{
	struct mdt *mdt = data;
	const char *name = strchr(key, '.');
	char lod[48];

	if (!name)
		return 0;
	if (!strcmp(key, "osc.active"))
		return set_active(mdt, device, value);
	name++;
	if (str_has_prefix(key, "lov.") || str_has_prefix(key, "lod."))
		return param_set("lod", lod_name(mdt, lod), name, value);
	if (str_has_prefix(key, "mdd."))
		return param_set("mdd", mdt->tgt->svname, name, value);
	if (str_has_prefix(key, "mdt."))
		return param_set("mdt", mdt->tgt->svname, name, value);
	return 0;
}

int mdt_params_start(struct mdt *mdt)
{
	int rc = target_counters_start(mdt->tgt, mdt_stat_desc, MDT_NR_STATS);
	char lod[48];

	if (rc)
		return rc;
	mdt->params = param_dir_add("mdt", mdt->tgt->svname, mdt_params, mdt);
	mdt->mdd_params = param_dir_add("mdd", mdt->tgt->svname, mdd_params, mdt);
	mdt->lod_params = param_dir_add("lod", lod_name(mdt, lod), lod_params, mdt);
	return PTR_ERR_OR_ZERO(mdt->params) ?: PTR_ERR_OR_ZERO(mdt->mdd_params) ?: PTR_ERR_OR_ZERO(mdt->lod_params);
}

void mdt_params_stop(struct mdt *mdt)
{
	param_dir_del(mdt->lod_params);
	param_dir_del(mdt->mdd_params);
	param_dir_del(mdt->params);
	target_counters_stop(mdt->tgt);
}
