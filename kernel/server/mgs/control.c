// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/lustre-mgs: what lctl asks of the MGS on its node (include/uapi/mgs.h).
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "kernel/server/mgs/internal.h"
#include "uapi/mgs.h"

/* The one MGS of this node. A command in progress keeps it from stopping. */
static DECLARE_RWSEM(control_sem);
static struct mgs *the_mgs;

static int run(char *text)
{
	int rc = -ENODEV;

	down_read(&control_sem);
	if (the_mgs)
		rc = mgs_command(the_mgs, strim(text));
	up_read(&control_sem);
	return rc;
}

static ssize_t control_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	char *text;
	int rc;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (len > MGS_COMMAND_MAX)
		return -E2BIG;
	text = memdup_user_nul(buf, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	rc = run(text);
	kfree(text);
	return rc ? rc : len;
}

static long read_log(struct mgs *mgs, const struct mgs_ioc_read *arg)
{
	char __user *to = u64_to_user_ptr(arg->buf);
	u32 len = min_t(u32, arg->len, LLOG_CHUNK_SIZE);
	struct llog_store *log;
	u32 saved = 0;
	u64 end = arg->offset;
	void *chunk;
	long rc;

	log = llog_store_open(mgs->tgt, arg->name, false);
	if (IS_ERR(log))
		return PTR_ERR(log);
	chunk = kvzalloc(LLOG_CHUNK_SIZE, GFP_KERNEL);
	if (!chunk) {
		rc = -ENOMEM;
		goto close;
	}
	if (!arg->offset) {
		rc = llog_store_header(log, chunk);
		end = LLOG_CHUNK_SIZE;
	} else {
		rc = llog_store_next_block(log, 0, &saved, &end, chunk);
	}
	if (rc == -EIO || (!rc && end <= arg->offset)) {	/* behind the last chunk */
		rc = 0;
	} else if (!rc) {
		rc = end - ALIGN_DOWN(end - 1, LLOG_CHUNK_SIZE);
		rc = min_t(long, rc, len);
		if (copy_to_user(to, chunk, rc))
			rc = -EFAULT;
	}
	kvfree(chunk);
close:
	llog_store_close(log);
	return rc;
}

static long read_names(struct mgs *mgs, const struct mgs_ioc_read *arg)
{
	char __user *to = u64_to_user_ptr(arg->buf);
	struct llog_name *n;
	LIST_HEAD(names);
	u32 used = 0, len;
	long rc;

	if (arg->offset)
		return 0;
	rc = llog_store_names(mgs->tgt, "", &names);
	list_for_each_entry(n, &names, link) {
		len = strlen(n->name);
		if (rc || !strcmp(n->name, "mountdata"))
			continue;
		n->name[len] = '\n';	/* names are shorter than their buffer */
		if (used + len + 1 > arg->len)
			rc = -ENOSPC;
		else if (copy_to_user(to + used, n->name, len + 1))
			rc = -EFAULT;
		used += len + 1;
	}
	llog_store_names_free(&names);
	return rc ? rc : used;
}

static long control_ioctl(struct file *file, unsigned int cmd, unsigned long data)
{
	struct mgs_ioc_read arg;
	long rc = -ENODEV;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (cmd != MGS_IOC_READ)
		return -ENOTTY;
	if (copy_from_user(&arg, (void __user *)data, sizeof(arg)))
		return -EFAULT;
	if (strnlen(arg.name, sizeof(arg.name)) == sizeof(arg.name) || arg.offset > LLONG_MAX)
		return -EINVAL;
	down_read(&control_sem);
	if (the_mgs)
		rc = arg.name[0] ? read_log(the_mgs, &arg) : read_names(the_mgs, &arg);
	up_read(&control_sem);
	return rc;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.write = control_write,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = MGS_DEVICE,
	.fops = &control_fops,
	.mode = 0600,
};

int mgs_control_init(struct mgs *mgs)
{
	int rc = -EALREADY;

	down_write(&control_sem);
	if (!the_mgs) {
		rc = misc_register(&control_device);
		if (!rc)
			the_mgs = mgs;
	}
	up_write(&control_sem);
	return rc;
}

void mgs_control_exit(void)
{
	down_write(&control_sem);
	the_mgs = NULL;
	up_write(&control_sem);
	misc_deregister(&control_device);
}
