// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters and statistics of a mount, with the stock names
 * (chapter 08, 12.2 and 12.3), and those of connections but for the data side's cl_osc_params.
 */
#include <linux/backing-dev.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include "kernel/client/mdc.h"
#include "wire/ost.h"

/* --- llite.FS-INST --- */

static const struct stat_desc fs_stats[CL_NR_STATS] = {
	[CL_ST_READ_BYTES]	= { "read_bytes", "bytes", true, true },
	[CL_ST_WRITE_BYTES]	= { "write_bytes", "bytes", true, true },
	[CL_ST_READ]		= { "read", "usecs", true, true },
	[CL_ST_WRITE]		= { "write", "usecs", true, true },
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

static const struct stat_desc ra_stats[CL_NR_RA_STATS] = {
	[CL_RA_HITS]		= { "hits", "pages" },
	[CL_RA_MISSES]		= { "misses", "pages" },
	[CL_RA_NO_LOCK]		= { "failed_lock_match", "pages" },
};

bool cl_stats_alloc(struct cl_fs *fs)
{
	fs->stats = stats_alloc(fs_stats, CL_NR_STATS);
	fs->ra_stats = stats_alloc(ra_stats, CL_NR_RA_STATS);
	return fs->stats && fs->ra_stats;
}

void cl_stats_free(struct cl_fs *fs)
{
	stats_free(fs->stats);
	stats_free(fs->ra_stats);
	kfree(fs->extents);
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

static int show_ra_stats(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct cl_fs *)data)->ra_stats);
}

static int clear_ra_stats(void *data, const char *val)
{
	stats_clear(((struct cl_fs *)data)->ra_stats);
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

/* Of files that are opened from now on */
static int show_ra_mb(struct seq_file *m, void *data)
{
	struct backing_dev_info *bdi = ((struct cl_fs *)data)->sb->s_bdi;

	seq_printf(m, "%lu\n", bdi->ra_pages >> (20 - PAGE_SHIFT));
	return 0;
}

static int store_ra_mb(void *data, const char *val)
{
	struct backing_dev_info *bdi = ((struct cl_fs *)data)->sb->s_bdi;
	unsigned int mb;
	int rc = store_uint(val, 0, 256, &mb);

	if (!rc)
		bdi->ra_pages = (unsigned long)mb << (20 - PAGE_SHIFT);
	return rc;
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
	{ "max_read_ahead_per_file_mb", show_ra_mb,	store_ra_mb, true },
	{ "stats",		show_stats,		clear_stats },
	{ "read_ahead_stats",	show_ra_stats,		clear_ra_stats },
	{ "extents_stats",	cl_extents_show,	cl_extents_store },
	{ "extents_stats_per_process", cl_extents_process_show, cl_extents_store },
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

/* New files get what the MDT says; these tell tools, and come with the same settings. */
static int store_stripesize(void *data, const char *val)
{
	u32 size;
	int rc = param_stripesize(val, &size);

	if (!rc)
		((struct cl_fs *)data)->stripe_size = size;
	return rc;
}

static int store_int(const char *val, int max, u32 *result)
{
	int n, rc = kstrtoint(val, 0, &n);

	if (rc)
		return rc;
	if (n < -1 || n > max)
		return -ERANGE;
	*result = n;
	return 0;
}

static int store_stripecount(void *data, const char *val)
{
	return store_int(val, LOV_MAX_STRIPE_COUNT, &((struct cl_fs *)data)->stripe_count);
}

static int store_stripeoffset(void *data, const char *val)
{
	return store_int(val, LOV_ANY_OST - 1, &((struct cl_fs *)data)->stripe_offset);
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
	{ "stripesize",		show_stripesize,	store_stripesize, true },
	{ "stripecount",	show_stripecount,	store_stripecount, true },
	{ "stripeoffset",	show_stripeoffset,	store_stripeoffset, true },
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

/* --- osc.* and mdc.*: @data is the struct cl_osc, of an MDC its data side --- */

static struct cl_mdc *mdc_of(struct cl_osc *osc)
{
	return container_of(osc, struct cl_mdc, data);
}

static int target_uuid_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", ((struct cl_osc *)data)->imp->target_uuid);
	return 0;
}

/* OBD_PING: 1 RPC, which says whether the target is there */
static int ping_show(struct seq_file *m, void *data)
{
	struct rpc_request *req = rpc_request_alloc(((struct cl_osc *)data)->imp, &RQF_OBD_PING);
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

static int ping_store(void *data, const char *val)
{
	return ping_show(NULL, data);
}

static int rpcs_stats_show(struct seq_file *m, void *data)
{
	rpc_import_show_stats(((struct cl_osc *)data)->imp, m);
	return 0;
}

static int rpcs_stats_store(void *data, const char *val)
{
	rpc_import_clear_stats(((struct cl_osc *)data)->imp);
	return 0;
}

static int import_show(struct seq_file *m, void *data)
{
	return rpc_import_show(((struct cl_osc *)data)->imp, m);
}

static int state_show(struct seq_file *m, void *data)
{
	return rpc_import_show_state(((struct cl_osc *)data)->imp, m);
}

static int timeouts_show(struct seq_file *m, void *data)
{
	return rpc_import_show_timeouts(((struct cl_osc *)data)->imp, m);
}

static int server_show(struct seq_file *m, void *data)
{
	struct cl_osc *osc = data;

	seq_printf(m, "%s\t%s%s\n", osc->imp->target_uuid, rpc_import_state_name(rpc_import_state(osc->imp)),
		   osc->inactive ? "\tDEACTIVATED" : "");
	return 0;
}

static int conn_show(struct seq_file *m, void *data)
{
	char nid[LNET_NIDSTR_SIZE];

	seq_printf(m, "%s\n", lnet_nid_str(rpc_import_nid(((struct cl_osc *)data)->imp), nid));
	return 0;
}

static int active_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", !((struct cl_osc *)data)->inactive);
	return 0;
}

static int active_store(void *data, const char *val)
{
	bool active;
	int rc = kstrtobool(val, &active);

	if (!rc)
		cl_osc_set_active(data, active);
	return rc;
}

static int rpcs_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct cl_osc *)data)->rpcs.max);
	return 0;
}

static int rpcs_store(void *data, const char *val)
{
	struct cl_osc *osc = data;
	unsigned int n;
	int rc = store_uint(val, 1, 256, &n);

	if (rc)
		return rc;
	cl_limit_set(&osc->rpcs, n);
	if (osc->mdt)
		cl_limit_set(&mdc_of(osc)->rpcs, n);
	return 0;
}

#define OBD_STATFS_PARAM(name, value)						\
static int obd_show_##name(struct seq_file *m, void *data)			\
{										\
	struct cl_osc *osc = data;						\
	struct obd_statfs st;							\
	int rc = osc->mdt ? cl_mds_statfs(osc->fs, &st, false) : cl_osc_statfs(osc, &st, true); \
										\
	if (!rc)								\
		seq_printf(m, "%llu\n", (unsigned long long)(value));		\
	return rc;								\
}
OBD_STATFS_PARAM(blocksize, le32_to_cpu(st.os_bsize))
OBD_STATFS_PARAM(kbytestotal, le64_to_cpu(st.os_blocks) * (le32_to_cpu(st.os_bsize) >> 10))
OBD_STATFS_PARAM(kbytesfree, le64_to_cpu(st.os_bfree) * (le32_to_cpu(st.os_bsize) >> 10))
OBD_STATFS_PARAM(kbytesavail, le64_to_cpu(st.os_bavail) * (le32_to_cpu(st.os_bsize) >> 10))
OBD_STATFS_PARAM(filestotal, le64_to_cpu(st.os_files))
OBD_STATFS_PARAM(filesfree, le64_to_cpu(st.os_ffree))

static int rpc_stats_show(struct seq_file *m, void *data)
{
	return cl_rpc_stats_show(m, data);
}

static int rpc_stats_store(void *data, const char *val)
{
	cl_rpc_stats_clear(data);
	return 0;
}

static int lockless_show(struct seq_file *m, void *data)
{
	return cl_lockless_show(m, data);
}

static int lockless_store(void *data, const char *val)
{
	cl_lockless_clear(data);
	return 0;
}

static int cached_show(struct seq_file *m, void *data)
{
	return cl_cached_show(m, data);
}

static const struct param target_params[] = {
	{ "uuid",		target_uuid_show,	NULL, true },
	{ "ping",		ping_show,		ping_store, true },
	{ "max_rpcs_in_flight",	rpcs_show,		rpcs_store, true },
	{ "blocksize",		obd_show_blocksize,	NULL, true },
	{ "kbytestotal",	obd_show_kbytestotal,	NULL, true },
	{ "kbytesfree",		obd_show_kbytesfree,	NULL, true },
	{ "kbytesavail",	obd_show_kbytesavail,	NULL, true },
	{ "filestotal",		obd_show_filestotal,	NULL, true },
	{ "filesfree",		obd_show_filesfree,	NULL, true },
	{ "stats",		rpcs_stats_show,	rpcs_stats_store },
	{ "rpc_stats",		rpc_stats_show,		rpc_stats_store },
	{ "import",		import_show },
	{ "state",		state_show },
	{ "timeouts",		timeouts_show },
	{ }
};

static const struct param mdc_params[] = {
	{ "active",		active_show,		NULL, true },
	{ "mds_server_uuid",	server_show },
	{ "mds_conn_uuid",	conn_show,		NULL, true },
	{ "mdc_stats",		lockless_show,		lockless_store },
	{ "mdc_cached_mb",	cached_show },
	{ }
};

static const struct param osc_params[] = {
	{ "active",		active_show,		active_store, true },
	{ "ost_server_uuid",	server_show },
	{ "ost_conn_uuid",	conn_show,		NULL, true },
	{ "osc_stats",		lockless_show,		lockless_store },
	{ "osc_cached_mb",	cached_show },
	{ }
};

int cl_target_params_add(struct cl_osc *osc)
{
	const char *type = osc->mdt ? "mdc" : "osc";

	osc->params[0] = param_dir_add(type, osc->name, target_params, osc);
	osc->params[1] = param_dir_add(type, osc->name, cl_osc_params, osc);
	osc->params[2] = param_dir_add(type, osc->name, osc->mdt ? mdc_params : osc_params, osc);
	osc->device = cfg_device_add(type, osc->name, osc->fs->uuid, osc->imp);
	return PTR_ERR_OR_ZERO(osc->params[0]) ?: PTR_ERR_OR_ZERO(osc->params[1]) ?:
	       PTR_ERR_OR_ZERO(osc->params[2]);
}

void cl_target_params_del(struct cl_osc *osc)
{
	unsigned int i;

	cfg_device_del(osc->device);
	for (i = 0; i < ARRAY_SIZE(osc->params); i++)
		param_dir_del(osc->params[i]);
}
