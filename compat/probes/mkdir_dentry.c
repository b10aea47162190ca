// SPDX-License-Identifier: GPL-2.0
/* inode_operations.mkdir() returns a dentry: since 6.15; an int before. */
#include <linux/fs.h>

static_assert(__same_type(((struct inode_operations *)0)->mkdir(NULL, NULL, NULL, 0),
			  (struct dentry *)0));
