// SPDX-License-Identifier: GPL-2.0
/*
 * Super blocks: mount, umount, statfs, sync; the module. Options are options.c, targets config.c.
 */
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/statfs.h>
#include <linux/uuid.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"
#include "wire/ost.h"

/* --- statfs --- */

/* Blocks of @st added to @sum, in units of @bsize */
static void add_blocks(struct kstatfs *sum, const struct obd_statfs *st)
{
	u32 bsize = le32_to_cpu(st->os_bsize);
	u64 factor_num = bsize, factor_den = sum->f_bsize;

	if (!is_power_of_2(bsize))
		return;
	sum->f_blocks += div64_u64(le64_to_cpu(st->os_blocks) * factor_num, factor_den);
	sum->f_bfree += div64_u64(le64_to_cpu(st->os_bfree) * factor_num, factor_den);
	sum->f_bavail += div64_u64(le64_to_cpu(st->os_bavail) * factor_num, factor_den);
}

static void set_mdt(struct kstatfs *buf, const struct obd_statfs *st)
{
	buf->f_files = le64_to_cpu(st->os_files);
	buf->f_ffree = le64_to_cpu(st->os_ffree);
	if (st->os_namelen)
		buf->f_namelen = min_t(u32, le32_to_cpu(st->os_namelen), NAME_MAX);
}

/* 1 RPC if the MDT can speak for all, else one more per OST */
static int cl_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct cl_fs *fs = cl_fs(dentry->d_sb);
	bool lazy = fs->opt.flags & CL_OPT_LAZYSTATFS;
	bool sum = le64_to_cpu(fs->mdc->imp->ocd.ocd_connect_flags2) & OBD_CONNECT2_SUM_STATFS;
	struct obd_statfs st, mdt;
	u64 objs_free = 0, dev;
	unsigned long index;
	struct cl_osc *osc;
	unsigned int nr = 0;
	int rc;

	stats_inc(fs->stats, CL_ST_STATFS);
	rc = cl_mds_statfs(fs, &mdt, sum);
	if (rc)
		return rc;
	dev = huge_encode_dev(dentry->d_sb->s_dev);
	buf->f_type = CL_SUPER_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	buf->f_fsid = u64_to_fsid(dev);
	set_mdt(buf, &mdt);
	if (le32_to_cpu(mdt.os_state) & OS_STATE_SUM) {
		add_blocks(buf, &mdt);
		return 0;
	}
	xa_for_each(&fs->oscs, index, osc) {
		if (osc->inactive)
			continue;
		rc = cl_osc_statfs(osc, &st, lazy);
		if (rc && lazy)
			continue;
		if (rc)
			return rc;
		add_blocks(buf, &st);
		objs_free += le64_to_cpu(st.os_ffree);
		nr++;
	}
	if (!nr)
		add_blocks(buf, &mdt);
	else if (objs_free < buf->f_ffree) {
		buf->f_files = buf->f_files - buf->f_ffree + objs_free;
		buf->f_ffree = objs_free;
	}
	return 0;
}

/* --- sync, umount --- */

/* 1 RPC to every target: what was written by then is on disk afterwards */
static int cl_sync_fs(struct super_block *sb, int wait)
{
	struct cl_fs *fs = cl_fs(sb);
	unsigned long index;
	struct cl_osc *osc;
	int rc, err = 0;

	if (!wait || !fs->mdc || !sb->s_root)
		return 0;
	xa_for_each(&fs->oscs, index, osc) {
		if (osc->inactive)
			continue;
		rc = cl_osc_sync(osc);
		err = err ?: rc;
	}
	rc = cl_mds_sync_all(fs);
	return err ?: rc;
}

/* umount -f: nobody waits for servers any more */
static void cl_umount_begin(struct super_block *sb)
{
	struct cl_fs *fs = cl_fs(sb);
	unsigned long index;
	struct cl_osc *osc;

	fs->force = true;
	xa_for_each(&fs->oscs, index, osc)
		rpc_import_invalidate(osc->imp);
	if (fs->mdc)
		rpc_import_invalidate(fs->mdc->imp);
}

static const struct super_operations cl_super_ops = {
	.alloc_inode	= cl_alloc_inode,
	.free_inode	= cl_free_inode,
	.drop_inode	= cl_drop_inode,
	.evict_inode	= cl_evict_inode,
	.statfs		= cl_statfs,
	.sync_fs	= cl_sync_fs,
	.umount_begin	= cl_umount_begin,
	.show_options	= cl_show_options,
};

/* --- mount --- */

static void fs_free(struct cl_fs *fs)
{
	if (!fs)
		return;
	cl_stats_free(fs);
	cl_options_free(&fs->opt);
	xa_destroy(&fs->oscs);
	kfree(fs);
}

static struct cl_fs *fs_alloc(struct super_block *sb, struct cl_options *opt)
{
	struct cl_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
	uuid_t uuid;

	if (!fs)
		return NULL;
	if (!cl_stats_alloc(fs)) {
		cl_stats_free(fs);
		kfree(fs);
		return NULL;
	}
	fs->sb = sb;
	fs->opt = *opt;
	memset(opt, 0, sizeof(*opt));
	snprintf(fs->instance, sizeof(fs->instance), "%016lx", (unsigned long)sb);
	uuid_gen(&uuid);
	snprintf(fs->uuid, sizeof(fs->uuid), "%pUl", &uuid);
	xa_init(&fs->oscs);
	mutex_init(&fs->seq_lock);
	init_waitqueue_head(&fs->closes_waitq);
	fs->stripe_size = 1 << 20;
	fs->stripe_count = 1;
	fs->stripe_offset = ~0U;
	fs->statahead_max = 32;
	fs->namelen = NAME_MAX;
	fs->maxbytes = MAX_LFS_FILESIZE;
	return fs;
}

/* The root: 2 RPCs, GET_ROOT and its attributes, no lock */
static int get_root(struct cl_fs *fs, struct dentry **rootp)
{
	const u64 valid = OBD_MD_FLGETATTR | OBD_MD_FLBLOCKS | OBD_MD_FLMODEASIZE | OBD_MD_FLACL;
	struct rpc_request *req;
	struct inode *inode;
	struct cl_reply r;
	int rc;

	rc = cl_mds_get_root(fs, &fs->root);
	if (rc)
		return rc;
	rc = cl_mds_getattr(fs, &fs->root, valid, 0, &req, &r);
	if (rc)
		return rc;
	inode = cl_iget(fs, &r, 0);
	rpc_request_put(req);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (!S_ISDIR(inode->i_mode)) {
		iput(inode);
		return -ENOTDIR;
	}
	*rootp = d_make_root(inode);
	return *rootp ? 0 : -ENOMEM;
}

/* Read the configuration, connect to the MDT, check that it can serve us */
static int connect(struct cl_fs *fs)
{
	struct obd_statfs st;
	int rc;

	fs->mgc = mgc_get(fs->opt.nodes, fs->opt.nr_nodes);
	if (IS_ERR(fs->mgc)) {
		rc = PTR_ERR(fs->mgc);
		fs->mgc = NULL;
		return rc;
	}
	rc = cl_config_start(fs);
	if (rc)
		return rc;
	if (!fs->mdc) {
		pr_err("lustre: %s: the configuration names no MDT0000\n", fs->opt.fsname);
		return -EINVAL;
	}
	rc = cl_mdc_connect(fs);
	if (rc)
		return rc;
	rc = cl_mds_statfs(fs, &st, false);
	if (rc)
		return rc;
	if (!is_power_of_2(le32_to_cpu(st.os_bsize)))
		return -EPROTO;
	cl_osc_connect_all(fs);
	return 0;
}

int cl_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct cl_fs *fs = fs_alloc(sb, fc->fs_private);
	struct dentry *root;
	int rc;

	if (!fs)
		return -ENOMEM;
	sb->s_fs_info = fs;
	sb->s_magic = CL_SUPER_MAGIC;
	sb->s_op = &cl_super_ops;
	sb->s_xattr = compat_xattr_handlers(cl_xattr_handlers);
	sb->s_export_op = &cl_export_ops;
	set_default_d_op(sb, &cl_dentry_ops);
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_time_gran = NSEC_PER_SEC;
	sb->s_flags |= SB_POSIXACL;
	rc = super_setup_bdi(sb);
	if (rc)
		return rc;
	sb->s_bdi->io_pages = sb->s_bdi->ra_pages = SZ_4M >> PAGE_SHIFT;

	rc = cl_params_add(fs);
	if (!rc)
		rc = connect(fs);
	if (rc)
		goto fail;
	if (!(rpc_import_flags(fs->mdc->imp) & OBD_CONNECT_ACL))
		sb->s_flags &= ~SB_POSIXACL;
	rc = get_root(fs, &root);
	if (rc)
		goto fail;
	sb->s_root = root;
	if (fs->opt.flags & CL_OPT_VERBOSE)
		pr_info("lustre: Mounted %s-client\n", fs->opt.fsname);
	return 0;
fail:
	pr_err("lustre: cannot mount %s: %d\n", fs->opt.device, rc);
	return rc;
}

/* Order of a stock client: configuration, OSTs, MDT, MGS (chapter 06, 11.1) */
static void cl_kill_sb(struct super_block *sb)
{
	struct cl_fs *fs = cl_fs(sb);

	if (fs) {
		fs->stopping = true;
		if (fs->follow)
			cfg_follow_stop(fs->follow);
		/* RPCs that nobody waits for may hold inodes */
		wait_event(fs->closes_waitq, !atomic_read(&fs->closes));
	}
	kill_anon_super(sb);
	if (!fs)
		return;
	wait_event(fs->closes_waitq, !atomic_read(&fs->closes));
	cl_targets_free(fs);
	if (fs->mgc)
		mgc_put(fs->mgc);
	cl_params_del(fs);
	if (fs->opt.flags & CL_OPT_VERBOSE)
		pr_info("lustre: Unmounted %s-client\n", fs->opt.fsname);
	fs_free(fs);
}

static struct file_system_type cl_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "lustre",
	.init_fs_context	= cl_init_fs_context,
	.kill_sb		= cl_kill_sb,
};
MODULE_ALIAS_FS("lustre");
MODULE_ALIAS("llite");
MODULE_ALIAS("osc");
MODULE_ALIAS("mdc");
MODULE_ALIAS("lov");
MODULE_ALIAS("lmv");

/* --- module --- */

static int __init cl_module_init(void)
{
	int rc;

	BUILD_BUG_ON(PAGE_SIZE != LU_PAGE_SIZE);	/* directory pages are cached one to one */
	rc = cl_inode_cache_init();
	if (rc)
		return rc;
	rc = cl_data_init();
	if (rc)
		goto no_data;
	rc = register_filesystem(&cl_fs_type);
	if (rc)
		goto no_type;
	return 0;
no_type:
	cl_data_fini();
no_data:
	cl_inode_cache_fini();
	return rc;
}

static void __exit cl_module_exit(void)
{
	unregister_filesystem(&cl_fs_type);
	cl_data_fini();
	cl_inode_cache_fini();
}

module_init(cl_module_init);
module_exit(cl_module_exit);
MODULE_DESCRIPTION("Sheen: Lustre client file system");
MODULE_LICENSE("GPL");
