// SPDX-License-Identifier: GPL-2.0
/* inode_operations.get_inode_acl(), set_acl() of a dentry: since 6.2. */
#include <linux/fs.h>

static_assert(__same_type(((struct inode_operations *)0)->get_inode_acl,
			  (struct posix_acl *(*)(struct inode *, int, bool))0));
