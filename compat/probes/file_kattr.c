// SPDX-License-Identifier: GPL-2.0
/* struct file_kattr: since 6.17; struct fileattr before. */
#include <linux/fileattr.h>

unsigned int probe(struct file_kattr *fa);
unsigned int probe(struct file_kattr *fa)
{
	return fa->fsx_projid;
}
