// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters and statistics of a mount and of its metadata connection, with the stock names
 * (chapter 08, 12.2 and 12.3). Those of data connections are the data side's cl_osc_params.
 */
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include "kernel/client/mdc.h"
#include "wire/ost.h"

/* --- llite.FS-INST --- */

static const struct stat_desc fs_stats[CL_NR_STATS] = {
	[CL_ST_READ_BYTES]	= { "read_bytes", "bytes", true },
	[CL_ST_WRITE_BYTES]	= { "write_bytes", "bytes", true },
	[CL_ST_READ]		= { "read", "usecs", true },
	[CL_ST_WRITE]		= { "write", "usecs", true },
	[CL_ST_IOCTL]		= { "ioctl", "reqs" },
	[CL_ST_OPEN]		= { "open", "reqs" },
	[CL_ST_CLOSE]		= { "close", "reqs" },
	[CL_ST_MMAP]		= { "mmap", "reqs" },
	[CL_ST_PAGE_FAULT]	= { "page_fault", "reqs" },
	[CL_ST_PAGE_MKWRITE]	= { "page_mkwrite", "reqs" },
	[CL_ST_SEEK]		= { "seek", "reqs" },
	[CL_ST_FSYNC]		= { "fsync", "reqs" },
	[CL_ST_READDIR]		= { "readdir", "reqs" },
	[CL_ST_SETATTR]		= { "setattr", "reqs" },
	[CL_ST_TRUNC]		= { "truncate", "reqs" },
	[CL_ST_FLOCK]		= { "flock", "reqs" },
	[CL_ST_GETATTR]		= { "getattr", "reqs" },
	[CL_ST_FALLOCATE]	= { "fallocate", "reqs" },
	[CL_ST_CREATE]		= { "create", "reqs" },
	[CL_ST_LINK]		= { "link", "reqs" },
	[CL_ST_UNLINK]		= { "unlink", "reqs" },
	[CL_ST_SYMLINK]		= { "symlink", "reqs" },
	[CL_ST_MKDIR]		= { "mkdir", "reqs" },
	[CL_ST_RMDIR]		= { "rmdir", "reqs" },
	[CL_ST_MKNOD]		= { "mknod", "reqs" },
	[CL_ST_RENAME]		= { "rename", "reqs" },
	[CL_ST_STATFS]		= { "statfs", "reqs" },
	[CL_ST_SETXATTR]	= { "setxattr", "reqs" },
	[CL_ST_GETXATTR]	= { "getxattr", "reqs" },
	[CL_ST_LISTXATTR]	= { "listxattr", "reqs" },
	[CL_ST_REMOVEXATTR]	= { "removexattr", "reqs" },
	[CL_ST_PERMISSION]	= { "inode_permission", "reqs" },
};

struct stats *cl_stats_alloc(void)
{
	return stats_alloc(fs_stats, CL_NR_STATS);
}

static int show_stats(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	return stats_show(m, fs->stats);
}

static int clear_stats(void *data, const char *val)
{
	struct cl_fs *fs = data;

	stats_clear(fs->stats);
	return 0;
}

static int fs_statfs(struct cl_fs *fs, struct kstatfs *st)
{
	if (!fs->sb->s_root)
		return -ENODEV;
	return fs->sb->s_op->statfs(fs->sb->s_root, st);
}

#define STATFS_PARAM(name, value)					\
static int show_##name(struct seq_file *m, void *data)			\
{									\
	struct kstatfs st;						\
	int rc = fs_statfs(data, &st);					\
									\
	if (!rc)							\
		seq_printf(m, "%llu\n", (unsigned long long)(value));	\
	return rc;							\
}
STATFS_PARAM(blocksize, st.f_bsize)
STATFS_PARAM(kbytestotal, st.f_blocks * (st.f_bsize >> 10))
STATFS_PARAM(kbytesfree, st.f_bfree * (st.f_bsize >> 10))
STATFS_PARAM(kbytesavail, st.f_bavail * (st.f_bsize >> 10))
STATFS_PARAM(filestotal, st.f_files)
STATFS_PARAM(filesfree, st.f_ffree)

static int show_fstype(struct seq_file *m, void *data)
{
	seq_puts(m, "lustre\n");
	return 0;
}

static int show_client_type(struct seq_file *m, void *data)
{
	seq_puts(m, "local client\n");
	return 0;
}

static int show_uuid(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%s\n", fs->uuid);
	return 0;
}

static int show_maxbytes(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%lld\n", fs->sb->s_maxbytes);
	return 0;
}

static int show_statahead_max(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%u\n", fs->statahead_max);
	return 0;
}

static int store_uint(const char *val, unsigned int min, unsigned int max, unsigned int *result)
{
	unsigned int n;
	int rc = kstrtouint(val, 0, &n);

	if (rc)
		return rc;
	if (n < min || n > max)
		return -ERANGE;
	*result = n;
	return 0;
}

static int store_statahead_max(void *data, const char *val)
{
	struct cl_fs *fs = data;

	return store_uint(val, 0, 1024, &fs->statahead_max);
}

static int show_lazystatfs(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%d\n", !!(fs->opt.flags & CL_OPT_LAZYSTATFS));
	return 0;
}

static int store_lazystatfs(void *data, const char *val)
{
	struct cl_fs *fs = data;
	bool on;
	int rc = kstrtobool(val, &on);

	if (!rc)
		fs->opt.flags = (fs->opt.flags & ~CL_OPT_LAZYSTATFS) | (on ? CL_OPT_LAZYSTATFS : 0);
	return rc;
}

static const struct param fs_params[] = {
	{ "blocksize",		show_blocksize,		NULL, true },
	{ "kbytestotal",	show_kbytestotal,	NULL, true },
	{ "kbytesfree",		show_kbytesfree,	NULL, true },
	{ "kbytesavail",	show_kbytesavail,	NULL, true },
	{ "filestotal",		show_filestotal,	NULL, true },
	{ "filesfree",		show_filesfree,		NULL, true },
	{ "fstype",		show_fstype,		NULL, true },
	{ "client_type",	show_client_type,	NULL, true },
	{ "uuid",		show_uuid,		NULL, true },
	{ "maxbytes",		show_maxbytes,		NULL, true },
	{ "statahead_max",	show_statahead_max,	store_statahead_max, true },
	{ "lazystatfs",		show_lazystatfs,	store_lazystatfs, true },
	{ "stats",		show_stats,		clear_stats },
	{ }
};

/* --- lov.FS-clilov-INST --- */

static int show_stripesize(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%u\n", fs->stripe_size);
	return 0;
}

static int show_stripecount(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%d\n", (int)fs->stripe_count);
	return 0;
}

static int show_stripeoffset(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%d\n", (int)fs->stripe_offset);
	return 0;
}

static int show_numobd(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;

	seq_printf(m, "%u\n", fs->nr_osts);
	return 0;
}

static int show_activeobd(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;
	unsigned long index;
	struct cl_osc *osc;
	unsigned int n = 0;

	xa_for_each(&fs->oscs, index, osc)
		n += !osc->inactive;
	seq_printf(m, "%u\n", n);
	return 0;
}

static int show_target_obd(struct seq_file *m, void *data)
{
	struct cl_fs *fs = data;
	unsigned long index;
	struct cl_osc *osc;

	xa_for_each(&fs->oscs, index, osc)
		seq_printf(m, "%lu: %s %s\n", index, osc->uuid, osc->inactive ? "INACTIVE" : "ACTIVE");
	return 0;
}

static const struct param lov_params[] = {
	{ "stripesize",		show_stripesize,	NULL, true },
	{ "stripecount",	show_stripecount,	NULL, true },
	{ "stripeoffset",	show_stripeoffset,	NULL, true },
	{ "numobd",		show_numobd,		NULL, true },
	{ "activeobd",		show_activeobd,		NULL, true },
	{ "target_obd",		show_target_obd },
	{ }
};

int cl_params_add(struct cl_fs *fs)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%s", fs->opt.fsname, fs->instance);
	fs->params = param_dir_add("llite", name, fs_params, fs);
	if (IS_ERR(fs->params))
		return PTR_ERR(fs->params);
	snprintf(name, sizeof(name), "%s-clilov-%s", fs->opt.fsname, fs->instance);
	fs->lov_params = param_dir_add("lov", name, lov_params, fs);
	if (IS_ERR(fs->lov_params))
		return PTR_ERR(fs->lov_params);
	fs->devices[0] = cfg_device_add("lov", name, fs->uuid, NULL);
	snprintf(name, sizeof(name), "%s-clilmv-%s", fs->opt.fsname, fs->instance);
	fs->devices[1] = cfg_device_add("lmv", name, fs->uuid, NULL);
	return 0;
}

void cl_params_del(struct cl_fs *fs)
{
	cfg_device_del(fs->devices[1]);
	cfg_device_del(fs->devices[0]);
	if (!IS_ERR_OR_NULL(fs->lov_params))
		param_dir_del(fs->lov_params);
	if (!IS_ERR_OR_NULL(fs->params))
		param_dir_del(fs->params);
}

/* --- mdc.*, and what osc.* has in common with it --- */

static int show_import(struct rpc_import *imp, struct seq_file *m)
{
	return rpc_import_show(imp, m);
}

static int mdc_show_import(struct seq_file *m, void *data)
{
	struct cl_mdc *mdc = data;

	return show_import(mdc->imp, m);
}

static int osc_show_import(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;

	return show_import(osc->imp, m);
}

/* OBD_PING: 1 RPC, which says whether the target is there */
static int ping(struct rpc_import *imp)
{
	struct rpc_request *req = rpc_request_alloc(imp, &RQF_OBD_PING);
	int rc;

	if (!req)
		return -ENOMEM;
	req->flags |= RPC_REQ_NO_DELAY | RPC_REQ_NO_RESEND;
	rc = rpc_request_pack(req);
	if (!rc)
		rc = rpc_call(req);
	rpc_request_put(req);
	return rc > 0 ? -EPROTO : rc;
}

#define TARGET_PARAMS(kind)							\
static int kind##_show_uuid(struct seq_file *m, void *data)			\
{										\
	struct cl_##kind *t = data;						\
										\
	seq_printf(m, "%s\n", t->imp->target_uuid);				\
	return 0;								\
}										\
										\
static int kind##_show_ping(struct seq_file *m, void *data)			\
{										\
	struct cl_##kind *t = data;						\
										\
	return ping(t->imp);							\
}										\
										\
static int kind##_store_ping(void *data, const char *val)			\
{										\
	struct cl_##kind *t = data;						\
										\
	return ping(t->imp);							\
}
TARGET_PARAMS(mdc)
TARGET_PARAMS(osc)

static int mdc_show_stats(struct seq_file *m, void *data)
{
	struct cl_mdc *mdc = data;

	rpc_import_show_stats(mdc->imp, m);
	return 0;
}

static int osc_show_stats(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;

	rpc_import_show_stats(osc->imp, m);
	return 0;
}

static void show_server(struct seq_file *m, struct rpc_import *imp, bool inactive)
{
	seq_printf(m, "%s\t%s%s\n", imp->target_uuid, rpc_import_state_name(rpc_import_state(imp)),
		   inactive ? "\tDEACTIVATED" : "");
}

static int mdc_show_server(struct seq_file *m, void *data)
{
	struct cl_mdc *mdc = data;

	show_server(m, mdc->imp, false);
	return 0;
}

static int osc_show_server(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;

	show_server(m, osc->imp, osc->inactive);
	return 0;
}

static int mdc_show_rpcs(struct seq_file *m, void *data)
{
	struct cl_mdc *mdc = data;

	seq_printf(m, "%u\n", mdc->rpcs.max);
	return 0;
}

static int mdc_store_rpcs(void *data, const char *val)
{
	struct cl_mdc *mdc = data;
	unsigned int n;
	int rc = store_uint(val, 1, 256, &n);

	if (!rc)
		cl_limit_set(&mdc->rpcs, n);
	return rc;
}

static int show_active(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;

	seq_printf(m, "%d\n", !osc->inactive);
	return 0;
}

static int store_active(void *data, const char *val)
{
	bool active;
	int rc = kstrtobool(val, &active);

	if (!rc)
		cl_osc_set_active(data, active);
	return rc;
}

#define IMPORT_PARAMS(kind)							\
static int kind##_clear_stats(void *data, const char *val)			\
{										\
	rpc_import_clear_stats(((struct cl_##kind *)data)->imp);		\
	return 0;								\
}										\
										\
static int kind##_show_state(struct seq_file *m, void *data)			\
{										\
	return rpc_import_show_state(((struct cl_##kind *)data)->imp, m);	\
}										\
										\
static int kind##_show_nid(struct seq_file *m, void *data)			\
{										\
	char nid[LNET_NIDSTR_SIZE];						\
										\
	seq_printf(m, "%s\n", lnet_nid_str(rpc_import_nid(((struct cl_##kind *)data)->imp), nid)); \
	return 0;								\
}
IMPORT_PARAMS(mdc)
IMPORT_PARAMS(osc)

static int mdc_show_active(struct seq_file *m, void *data)
{
	seq_puts(m, "1\n");
	return 0;
}

static const struct param mdc_params[] = {
	{ "active",		mdc_show_active,	NULL, true },
	{ "max_rpcs_in_flight",	mdc_show_rpcs,		mdc_store_rpcs, true },
	{ "uuid",		mdc_show_uuid,		NULL, true },
	{ "ping",		mdc_show_ping,		mdc_store_ping, true },
	{ "mds_server_uuid",	mdc_show_server },
	{ "mds_conn_uuid",	mdc_show_nid,		NULL, true },
	{ "stats",		mdc_show_stats,		mdc_clear_stats },
	{ "import",		mdc_show_import },
	{ "state",		mdc_show_state },
	{ }
};

static const struct param osc_params[] = {
	{ "active",		show_active,		store_active, true },
	{ "uuid",		osc_show_uuid,		NULL, true },
	{ "ping",		osc_show_ping,		osc_store_ping, true },
	{ "ost_server_uuid",	osc_show_server },
	{ "ost_conn_uuid",	osc_show_nid,		NULL, true },
	{ "stats",		osc_show_stats,		osc_clear_stats },
	{ "import",		osc_show_import },
	{ "state",		osc_show_state },
	{ }
};

int cl_mdc_params_add(struct cl_mdc *mdc)
{
	mdc->params = param_dir_add("mdc", mdc->name, mdc_params, mdc);
	mdc->device = cfg_device_add("mdc", mdc->name, mdc->fs->uuid, mdc->imp);
	return PTR_ERR_OR_ZERO(mdc->params);
}

void cl_mdc_params_del(struct cl_mdc *mdc)
{
	cfg_device_del(mdc->device);
	if (!IS_ERR_OR_NULL(mdc->params))
		param_dir_del(mdc->params);
}

int cl_osc_params_add(struct cl_osc *osc)
{
	osc->params = param_dir_add("osc", osc->name, osc_params, osc);
	osc->io_params = param_dir_add("osc", osc->name, cl_osc_params, osc);
	osc->device = cfg_device_add("osc", osc->name, osc->fs->uuid, osc->imp);
	return PTR_ERR_OR_ZERO(osc->params) ?: PTR_ERR_OR_ZERO(osc->io_params);
}

void cl_osc_params_del(struct cl_osc *osc)
{
	cfg_device_del(osc->device);
	if (!IS_ERR_OR_NULL(osc->io_params))
		param_dir_del(osc->io_params);
	if (!IS_ERR_OR_NULL(osc->params))
		param_dir_del(osc->params);
}
