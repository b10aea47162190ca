// SPDX-License-Identifier: GPL-2.0
/* <linux/filelock.h>: since 6.3; before, file locks are in <linux/fs.h>. */
#include <linux/filelock.h>

int probe(struct file_lock *fl);
int probe(struct file_lock *fl)
{
	return fl != NULL;
}
