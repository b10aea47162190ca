/* SPDX-License-Identifier: GPL-2.0 */
/* The cached POSIX ACL of an inode, by its name of Linux 6.2 and later. */
#ifndef SHEEN_COMPAT_ACL_H
#define SHEEN_COMPAT_ACL_H

#include <linux/fs.h>
#include <linux/posix_acl.h>

#ifndef HAVE_GET_INODE_ACL
#define get_inode_acl get_acl
#endif

#endif
