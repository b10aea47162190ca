// SPDX-License-Identifier: GPL-2.0
/* Accessors of inode times: since 6.7; plain members before. */
#include <linux/fs.h>

static_assert(__same_type(&inode_set_mtime_to_ts, &inode_set_ctime_to_ts));
