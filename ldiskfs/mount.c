// SPDX-License-Identifier: GPL-2.0
/*
 * The private mount: an own file system type, never registered, that hands
 * everything to ext4. Nobody else can mount the device meanwhile, and the mount
 * is in no namespace. Also what makes an ext4 unfit for us. The rest of a
 * device's life is in dev.c.
 */
#include <linux/buffer_head.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include "ldiskfs/internal.h"

/* Ours come last and win. */
#define LDISKFS_OPTIONS "data=ordered,nodelalloc,errors=remount-ro"

static struct file_system_type *ext4_type;
static DEFINE_MUTEX(mount_mutex);	/* the next four */
static const char *mount_source;
static const char *mount_options;
static bool mount_rdonly;
static const struct fs_context_operations *ext4_context_ops;
static struct fs_context_operations context_ops;

/* kern_mount() passes the name of the type as the source: ours is set already. */
static int ldiskfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	if (!strcmp(param->key, "source"))
		return 0;
	return ext4_context_ops->parse_param(fc, param);
}

static int parse_options(struct fs_context *fc, const char *options)
{
	char *copy;
	int err;

	if (!options || !*options)
		return 0;
	copy = kstrdup(options, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	err = generic_parse_monolithic(fc, copy);
	kfree(copy);
	return err;
}

static int ldiskfs_init_fs_context(struct fs_context *fc)
{
	int err;

	err = ext4_type->init_fs_context(fc);
	if (err)
		return err;
	ext4_context_ops = fc->ops;
	context_ops = *fc->ops;
	context_ops.parse_param = ldiskfs_parse_param;
	fc->ops = &context_ops;
	fc->sb_flags |= SB_NOATIME;
	if (mount_rdonly)
		fc->sb_flags |= SB_RDONLY;
	fc->source = kstrdup(mount_source, GFP_KERNEL);
	if (!fc->source)
		return -ENOMEM;
	err = parse_options(fc, mount_options);
	if (!err)
		err = parse_options(fc, LDISKFS_OPTIONS);
	return err;
}

static struct file_system_type ldiskfs_type = {
	.owner			= THIS_MODULE,
	.name			= "ldiskfs",
	.init_fs_context	= ldiskfs_init_fs_context,
};

/* Called in a kernel thread, which has the namespaces of init and all capabilities. */
struct vfsmount *ldiskfs_kern_mount(const char *path, const char *opts, bool rdonly)
{
	struct vfsmount *mnt;

	mutex_lock(&mount_mutex);
	mount_source = path;
	mount_options = opts;
	mount_rdonly = rdonly;
	mnt = kern_mount(&ldiskfs_type);
	mutex_unlock(&mount_mutex);
	return mnt;
}

void ldiskfs_kern_unmount(struct vfsmount *mnt)
{
	kern_unmount(mnt);
}

/* The fields of the super block on disk that matter here */
#define EXT4_SB_STATE		0x3a
#define EXT4_SB_COMPAT		0x5c
#define EXT4_SB_INCOMPAT	0x60
#define EXT4_STATE_ERROR	0x0002
#define EXT4_COMPAT_JOURNAL	0x0004
#define EXT4_COMPAT_DIR_INDEX	0x0020
#define EXT4_COMPAT_FAST_COMMIT	0x0400
#define EXT4_INCOMPAT_INLINE	0x8000
#define EXT4_INCOMPAT_ENCRYPT	0x10000
#define EXT4_INCOMPAT_CASEFOLD	0x20000

static const char *unfit(struct super_block *sb, const u8 *raw)
{
	u32 compat = le32_to_cpup((const __le32 *)(raw + EXT4_SB_COMPAT));
	u32 incompat = le32_to_cpup((const __le32 *)(raw + EXT4_SB_INCOMPAT));

	if (sb->s_blocksize != LDISKFS_BLOCK)
		return "its block size is not 4096";
	if (le16_to_cpup((const __le16 *)(raw + EXT4_SB_STATE)) & EXT4_STATE_ERROR)
		return "it has recorded errors, run e2fsck";
	if (!(compat & EXT4_COMPAT_JOURNAL))
		return "it has no journal";
	if (!(compat & EXT4_COMPAT_DIR_INDEX))
		return "it has no directory index (mke2fs -O dir_index)";
	if (compat & EXT4_COMPAT_FAST_COMMIT)
		return "it has fast_commit (tune2fs -O ^fast_commit)";
	if (incompat & EXT4_INCOMPAT_INLINE)
		return "it has inline_data";
	if (incompat & (EXT4_INCOMPAT_ENCRYPT | EXT4_INCOMPAT_CASEFOLD))
		return "it has encrypt or casefold";
	return NULL;
}

int ldiskfs_check_super(struct ldiskfs_dev *dev)
{
	struct buffer_head *bh;
	const char *why;

	bh = sb_bread(dev->sb, 1024 >> dev->sb->s_blocksize_bits);
	if (!bh)
		return -EIO;
	why = unfit(dev->sb, (u8 *)bh->b_data + 1024 % dev->sb->s_blocksize);
	brelse(bh);
	if (!why)
		return 0;
	pr_err("ldiskfs: %s: cannot be used: %s\n", dev->name, why);
	return -EINVAL;
}

int __init ldiskfs_mount_init(void)
{
	ext4_type = get_fs_type("ext4");
	if (!ext4_type) {
		pr_err("ldiskfs: this kernel has no ext4\n");
		return -ENODEV;
	}
	ldiskfs_type.kill_sb = ext4_type->kill_sb;
	ldiskfs_type.fs_flags = ext4_type->fs_flags;
#ifdef FS_MGTIME
	/* Times are those that clients sent, to the letter. */
	ldiskfs_type.fs_flags &= ~FS_MGTIME;
#endif
	return 0;
}

void ldiskfs_mount_exit(void)
{
	module_put(ext4_type->owner);
}
