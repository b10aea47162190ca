// SPDX-License-Identifier: GPL-2.0
/*
 * Commands: echo COMMAND > /sys/kernel/debug/sheen_stress. See stress.h.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "stress.h"

struct ldiskfs_dev *stress_dev;
struct ldiskfs_rec *stress_slots;
struct stress_thread stress_threads[STRESS_THREADS];
static struct dentry *control;
static DEFINE_MUTEX(control_lock);

static int mount_device(const char *path, const char *opts)
{
	struct ldiskfs_dev *dev = ldiskfs_mount(path, opts, false);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	stress_dev = dev;
	err = stress_attach();
	if (err) {
		stress_detach();
		ldiskfs_umount(dev);
		stress_dev = NULL;
	}
	return err;
}

static int umount_device(void)
{
	stress_detach();
	ldiskfs_umount(stress_dev);
	stress_dev = NULL;
	return 0;
}

static int command(char *line)
{
	char *verb = strsep(&line, " ");
	char *arg = line ? strsep(&line, " ") : NULL;

	if (!strcmp(verb, "mount"))
		return stress_dev || !arg ? -EBUSY : mount_device(arg, line);
	if (!stress_dev)
		return -ENODEV;
	if (!strcmp(verb, "umount"))
		return umount_device();
	if (!strcmp(verb, "start"))
		return stress_start(arg && !strcmp(arg, "split") ? STRESS_SPLIT : 0);
	if (!strcmp(verb, "stop"))
		return stress_stop();
	if (!strcmp(verb, "check"))
		return stress_check();
	if (!strcmp(verb, "api"))
		return stress_api();
	if (!strcmp(verb, "stale-before"))
		return stress_stale_before();
	if (!strcmp(verb, "stale-after"))
		return stress_stale_after();
	if (!strcmp(verb, "sync"))
		return ldiskfs_sync(stress_dev);
	return -EINVAL;
}

static ssize_t control_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	char line[200];
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, ubuf, len))
		return -EFAULT;
	line[len] = 0;
	mutex_lock(&control_lock);
	err = command(strim(line));
	mutex_unlock(&control_lock);
	return err ? err : len;
}

static const struct file_operations control_ops = {
	.owner	= THIS_MODULE,
	.write	= control_write,
};

static int __init stress_init(void)
{
	control = debugfs_create_file("sheen_stress", 0200, NULL, NULL, &control_ops);
	return PTR_ERR_OR_ZERO(control);
}

static void __exit stress_exit(void)
{
	debugfs_remove(control);
	if (stress_dev) {
		stress_stop();
		umount_device();
	}
}

module_init(stress_init);
module_exit(stress_exit);

MODULE_DESCRIPTION("Load and checks for ldiskfs");
MODULE_LICENSE("GPL");
