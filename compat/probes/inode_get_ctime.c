// SPDX-License-Identifier: GPL-2.0
/* Accessors of an inode's ctime: since 6.6, and in late 6.1. */
static_assert(__same_type(inode_get_ctime((struct inode *)0), inode_set_ctime_current((struct inode *)0)));
