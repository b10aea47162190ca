// SPDX-License-Identifier: GPL-2.0
/* dentry_operations.d_revalidate() is told the directory and the name: since 6.14. */
#include <linux/dcache.h>
#include <linux/fs.h>

static_assert(__same_type(((struct dentry_operations *)0)->d_revalidate,
			  (int (*)(struct inode *, const struct qstr *, struct dentry *,
				   unsigned int))0));
