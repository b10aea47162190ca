// SPDX-License-Identifier: GPL-2.0
/*
 * A mounted device: how it comes up and goes down, and what is asked of it as a
 * whole. The mount itself is in mount.c, the journal in journal.c.
 */
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include "ldiskfs/internal.h"

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);

/* Mounts and unmounts run in a kernel thread: namespaces of init, capabilities, no deferred fput. */
struct mount_work {
	struct work_struct	work;
	struct ldiskfs_dev	*dev;
	const char		*path;
	const char		*opts;
	int			err;
};

/* A second mount of the device would get the same super block. */
static int claim(struct ldiskfs_dev *dev)
{
	struct ldiskfs_dev *other;
	int err = 0;

	mutex_lock(&devices_lock);
	list_for_each_entry(other, &devices, link) {
		if (other->sb == dev->sb)
			err = -EBUSY;
	}
	if (!err)
		list_add(&dev->link, &devices);
	mutex_unlock(&devices_lock);
	return err;
}

static void disclaim(struct ldiskfs_dev *dev)
{
	mutex_lock(&devices_lock);
	list_del_init(&dev->link);
	mutex_unlock(&devices_lock);
}

/* Undoes bring_up() from wherever it got to. */
static void bring_down(struct ldiskfs_dev *dev)
{
	if (dev->pool)
		ldiskfs_index_close(dev);
	ldiskfs_data_dirs_drop(dev);
	ldiskfs_journal_detach(dev);
	ldiskfs_object_drop_all(dev);
	disclaim(dev);
	ldiskfs_kern_unmount(dev->mnt);
}

static int bring_up(struct ldiskfs_dev *dev, const char *path, const char *opts)
{
	int err;

	dev->mnt = ldiskfs_kern_mount(path, opts, dev->rdonly);
	if (IS_ERR(dev->mnt)) {
		err = PTR_ERR(dev->mnt);
		pr_err("ldiskfs: %s: cannot mount %s as ext4: %d\n", dev->name, path, err);
		return err;
	}
	dev->sb = dev->mnt->mnt_sb;
	err = claim(dev);
	if (err) {
		pr_err("ldiskfs: %s: is mounted already\n", dev->name);
		ldiskfs_kern_unmount(dev->mnt);
		return err;
	}
	err = ldiskfs_check_super(dev);
	if (!err)
		err = ldiskfs_journal_attach(dev);
	if (!err)
		err = ldiskfs_index_open(dev);
	if (!err)
		err = ldiskfs_index_settle(dev);
	if (err)
		bring_down(dev);
	return err;
}

static void mount_work(struct work_struct *work)
{
	struct mount_work *mw = container_of(work, struct mount_work, work);

	mw->err = bring_up(mw->dev, mw->path, mw->opts);
}

static void umount_work(struct work_struct *work)
{
	bring_down(container_of(work, struct mount_work, work)->dev);
}

/* Not on the device's own workqueue: what brings it down waits for work there. */
static int run(struct mount_work *mw, work_func_t func)
{
	INIT_WORK_ONSTACK(&mw->work, func);
	queue_work(system_unbound_wq, &mw->work);
	flush_work(&mw->work);
	destroy_work_on_stack(&mw->work);
	return mw->err;
}

static void dev_free(struct ldiskfs_dev *dev)
{
	destroy_workqueue(dev->wq);
	kfree(dev);
}

static struct ldiskfs_dev *dev_alloc(const char *path, bool rdonly)
{
	struct ldiskfs_dev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	strscpy(dev->name, kbasename(path), sizeof(dev->name));
	dev->rdonly = rdonly;
	INIT_LIST_HEAD(&dev->link);
	mutex_init(&dev->rename_lock);
	mutex_init(&dev->make_lock);
	xa_init(&dev->seqs);
	ldiskfs_object_dev_init(dev);
	dev->wq = alloc_workqueue("ldiskfs-%s", WQ_UNBOUND | WQ_MEM_RECLAIM, 0, dev->name);
	if (dev->wq)
		return dev;
	kfree(dev);
	return NULL;
}

/**
 * ldiskfs_mount() - mount an ext4 block device privately
 * @path: block device, in the mount namespace of init
 * @opts: options for ext4, may be NULL
 * @rdonly: read-only; then nothing is made that is missing
 *
 * Refuses, with a message, what would break the rules: no journal or one elsewhere,
 * fast_commit, inline_data, encrypt, casefold, no dir_index, blocks other than 4096
 * bytes, recorded errors. Recovers the journal and makes the FID index if missing.
 * Context: may sleep, any task. Return: device, or ERR_PTR: -EBUSY if it is mounted.
 */
struct ldiskfs_dev *ldiskfs_mount(const char *path, const char *opts, bool rdonly)
{
	struct mount_work mw = { .path = path, .opts = opts };
	int err;

	mw.dev = dev_alloc(path, rdonly);
	if (!mw.dev)
		return ERR_PTR(-ENOMEM);
	err = run(&mw, mount_work);
	if (!err)
		return mw.dev;
	dev_free(mw.dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(ldiskfs_mount);

/**
 * ldiskfs_umount() - commit everything and unmount
 * @dev: device; no object, record file or transaction of it may be in use
 *
 * Context: may sleep, any task.
 */
void ldiskfs_umount(struct ldiskfs_dev *dev)
{
	struct mount_work mw = { .dev = dev };

	run(&mw, umount_work);
	dev_free(dev);
}
EXPORT_SYMBOL_GPL(ldiskfs_umount);

/**
 * ldiskfs_sb() - super block, for limits
 * @dev: device
 */
struct super_block *ldiskfs_sb(struct ldiskfs_dev *dev)
{
	return dev->sb;
}
EXPORT_SYMBOL_GPL(ldiskfs_sb);

/**
 * ldiskfs_statfs() - space and inodes
 * @dev: device
 * @st: filled in
 *
 * Return: 0 or an error of ext4.
 */
int ldiskfs_statfs(struct ldiskfs_dev *dev, struct kstatfs *st)
{
	struct path path = { .mnt = dev->mnt, .dentry = dev->mnt->mnt_root };

	return vfs_statfs(&path, st);
}
EXPORT_SYMBOL_GPL(ldiskfs_statfs);

/**
 * ldiskfs_ioctl() - ioctl(2) of ext4 on the device's root directory
 * @dev: device
 * @cmd: command
 * @arg: its argument, in the memory of the calling task
 *
 * For what ext4 offers only so: FS_IOC_SETFSLABEL of a mounted target. The caller decides
 * which commands it lets through. Context: user task; not inside a transaction.
 * Return: what ext4 says, -EPERM without CAP_SYS_ADMIN.
 */
long ldiskfs_ioctl(struct ldiskfs_dev *dev, unsigned int cmd, unsigned long arg)
{
	struct file *file;
	long ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file = ldiskfs_open_dentry(dev, dev->mnt->mnt_root, O_RDONLY | O_DIRECTORY);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = file->f_op->unlocked_ioctl(file, cmd, arg);
	ldiskfs_close_file(file);
	return ret;
}
EXPORT_SYMBOL_GPL(ldiskfs_ioctl);
