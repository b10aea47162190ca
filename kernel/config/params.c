// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of parameters: single values in /sys/fs/lustre, texts in
 * /sys/kernel/debug/lustre, both with the stock names (chapter 08, 12). What the
 * parameters are is their owners'; those of the top are in top.c.
 *
 * Lock order: tree_sem is taken first of all, and shared while param_set() calls a store.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include "wire/layout.h"
#include "kernel/config/config.h"
#include "kernel/config/internal.h"

#define PARAM_NAME_MAX		128	/* one directory: longest device names and NIDs */
#define PARAM_VALUE_MAX		PAGE_SIZE	/* of one write */

/* A directory, in both trees; lives while it has files or directories */
struct param_node {
	struct kobject		kobj;
	struct dentry		*dentry;
	struct param_node	*parent;
	struct list_head	link;		/* in parent->children */
	struct list_head	children;
	struct list_head	dirs;
	unsigned int		users;		/* children and dirs */
};

/* One file */
struct param_file {
	struct attribute	attr;
	const struct param	*param;
	void			*data;
	struct dentry		*dentry;	/* debugfs; NULL: sysfs */
};

/* What one owner has put into a directory */
struct param_dir {
	struct list_head	link;		/* in node->dirs */
	struct param_node	*node;
	unsigned int		nr;
	struct param_file	files[];
};

static DECLARE_RWSEM(tree_sem);
static struct param_node *root;

static int store_text(const struct param_file *f, const char *text, size_t len)
{
	char *val;
	int rc;

	if (len && text[len - 1] == '\n')
		len--;
	val = kmemdup_nul(text, len, GFP_KERNEL);
	if (!val)
		return -ENOMEM;
	rc = f->param->store(f->data, val);
	kfree(val);
	return rc;
}

/* --- sysfs --- */

static ssize_t value_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct param_file *f = container_of(attr, struct param_file, attr);
	struct seq_file m = { .buf = buf, .size = PAGE_SIZE };
	int rc;

	if (!f->param->show)
		return -EPERM;
	rc = f->param->show(&m, f->data);
	if (rc < 0)
		return rc;
	return seq_has_overflowed(&m) ? -EFBIG : m.count;
}

static ssize_t value_store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t len)
{
	struct param_file *f = container_of(attr, struct param_file, attr);
	int rc;

	if (!f->param->store)
		return -EPERM;
	rc = store_text(f, buf, len);
	return rc ? rc : len;
}

static const struct sysfs_ops value_ops = {
	.show = value_show,
	.store = value_store,
};

static void node_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct param_node, kobj));
}

static const struct kobj_type node_type = {
	.release = node_release,
	.sysfs_ops = &value_ops,
};

/* --- debugfs --- */

static int text_show(struct seq_file *m, void *v)
{
	struct param_file *f = m->private;

	return f->param->show ? f->param->show(m, f->data) : -EPERM;
}

static int text_open(struct inode *inode, struct file *file)
{
	return single_open(file, text_show, inode->i_private);
}

static ssize_t text_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	struct param_file *f = ((struct seq_file *)file->private_data)->private;
	char *text;
	int rc;

	if (!f->param->store)
		return -EPERM;
	if (len > PARAM_VALUE_MAX)
		return -E2BIG;
	text = memdup_user_nul(ubuf, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	rc = store_text(f, text, len);
	kfree(text);
	return rc ? rc : len;
}

static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.open = text_open,
	.read = seq_read,
	.write = text_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* --- directories; tree_sem is held for writing --- */

static struct param_node *node_new(struct param_node *parent, const char *name)
{
	struct param_node *n = kzalloc(sizeof(*n), GFP_KERNEL);
	int rc;

	if (!n)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&n->children);
	INIT_LIST_HEAD(&n->dirs);
	n->parent = parent;
	rc = kobject_init_and_add(&n->kobj, &node_type, parent ? &parent->kobj : fs_kobj, "%s", name);
	if (rc) {
		kobject_put(&n->kobj);
		return ERR_PTR(rc);
	}
	n->dentry = debugfs_create_dir(name, parent ? parent->dentry : NULL);
	if (parent) {
		list_add_tail(&n->link, &parent->children);
		parent->users++;
	}
	return n;
}

/* Remove a directory that nobody uses, and its parents that nobody uses then */
static void node_prune(struct param_node *n)
{
	while (n && !n->users) {
		struct param_node *parent = n->parent;

		if (parent) {
			list_del(&n->link);
			parent->users--;
		}
		debugfs_remove(n->dentry);
		kobject_del(&n->kobj);
		kobject_put(&n->kobj);
		n = parent;
	}
}

static struct param_node *child(struct param_node *n, const char *name)
{
	struct param_node *c;

	list_for_each_entry(c, &n->children, link)
		if (!strcmp(kobject_name(&c->kobj), name))
			return c;
	return NULL;
}

/* Go down @path from @n; make what is missing if @create. NULL path: @n itself */
static struct param_node *node_walk(struct param_node *n, const char *path, bool create)
{
	char name[PARAM_NAME_MAX];
	struct param_node *next;
	size_t len;

	for (; path && *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		if (!len || len >= sizeof(name))
			return ERR_PTR(-EINVAL);
		memcpy(name, path, len);
		name[len] = '\0';
		next = child(n, name);
		if (!next) {
			if (!create)
				return ERR_PTR(-ENOENT);
			next = node_new(n, name);
			if (IS_ERR(next)) {
				node_prune(n);
				return next;
			}
		}
		n = next;
	}
	return n;
}

static struct param_node *node_find(const char *type, const char *device, bool create)
{
	struct param_node *n = node_walk(root, type, create);

	return IS_ERR(n) ? n : node_walk(n, device, create);
}

static umode_t param_mode(const struct param *p, bool sysfs)
{
	return (p->show ? (sysfs ? 0444 : 0400) : 0) | (p->store ? 0200 : 0);
}

static int file_add(struct param_node *node, struct param_file *f, const struct param *p, void *data)
{
	f->param = p;
	f->data = data;
	if (p->value) {
		sysfs_attr_init(&f->attr);
		f->attr.name = p->name;
		f->attr.mode = param_mode(p, true);
		return sysfs_create_file(&node->kobj, &f->attr);
	}
	f->dentry = debugfs_create_file(p->name, param_mode(p, false), node->dentry, f, &text_fops);
	/* Without debugfs there are no texts: not a reason to fail. */
	return 0;
}

static void file_del(struct param_node *node, struct param_file *f)
{
	if (f->param->value)
		sysfs_remove_file(&node->kobj, &f->attr);
	else
		debugfs_remove(f->dentry);
}

static struct param_dir *dir_add(struct param_node *node, const struct param *params, void *data)
{
	struct param_dir *dir;
	unsigned int nr = 0;
	int rc;

	while (params[nr].name)
		nr++;
	dir = kzalloc(struct_size(dir, files, nr), GFP_KERNEL);
	if (!dir)
		return ERR_PTR(-ENOMEM);
	dir->node = node;
	for (; dir->nr < nr; dir->nr++) {
		rc = file_add(node, &dir->files[dir->nr], &params[dir->nr], data);
		if (rc)
			goto undo;
	}
	list_add_tail(&dir->link, &node->dirs);
	node->users++;
	return dir;
undo:
	pr_err("config: cannot add parameter %s/%s: %d\n", kobject_name(&node->kobj), params[dir->nr].name, rc);
	while (dir->nr--)
		file_del(node, &dir->files[dir->nr]);
	kfree(dir);
	return ERR_PTR(rc);
}

struct param_dir *param_dir_add(const char *type, const char *device, const struct param *params, void *data)
{
	struct param_node *node;
	struct param_dir *dir;

	down_write(&tree_sem);
	node = node_find(type, device, true);
	if (IS_ERR(node)) {
		dir = ERR_CAST(node);
	} else {
		dir = dir_add(node, params, data);
		if (IS_ERR(dir))
			node_prune(node);
	}
	up_write(&tree_sem);
	return dir;
}
EXPORT_SYMBOL_GPL(param_dir_add);

void param_dir_del(struct param_dir *dir)
{
	struct param_node *node;

	if (IS_ERR_OR_NULL(dir))
		return;
	node = dir->node;
	down_write(&tree_sem);
	list_del(&dir->link);
	while (dir->nr--)
		file_del(node, &dir->files[dir->nr]);
	node->users--;
	node_prune(node);
	up_write(&tree_sem);
	kfree(dir);
}
EXPORT_SYMBOL_GPL(param_dir_del);

static struct param_file *file_find(struct param_node *node, const char *key)
{
	struct param_dir *dir;
	unsigned int i;

	list_for_each_entry(dir, &node->dirs, link)
		for (i = 0; i < dir->nr; i++)
			if (dir->files[i].param->store && !strcmp(dir->files[i].param->name, key))
				return &dir->files[i];
	return NULL;
}

int param_set(const char *type, const char *device, const char *key, const char *value)
{
	struct param_node *node;
	struct param_file *f;
	int rc = -ENOENT;

	down_read(&tree_sem);
	node = node_find(type, device, false);
	f = IS_ERR(node) ? NULL : file_find(node, key);
	if (f)
		rc = f->param->store(f->data, value);
	up_read(&tree_sem);
	return rc;
}
EXPORT_SYMBOL_GPL(param_set);

int param_stripesize(const char *text, u32 *size)
{
	char *end;
	u64 n = memparse(text, &end);

	if (*end || end == text)
		return -EINVAL;
	if (!n || n > U32_MAX || n % LOV_MIN_STRIPE_SIZE)
		return -ERANGE;
	*size = n;
	return 0;
}
EXPORT_SYMBOL_GPL(param_stripesize);

int params_init(void)
{
	struct param_node *n = node_new(NULL, "lustre");

	if (IS_ERR(n))
		return PTR_ERR(n);
	n->users = 1;
	root = n;
	return 0;
}

void params_exit(void)
{
	root->users--;
	node_prune(root);
	root = NULL;
}
