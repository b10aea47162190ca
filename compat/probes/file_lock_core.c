// SPDX-License-Identifier: GPL-2.0
/* struct file_lock_core within struct file_lock: since 6.9. */
#include <linux/filelock.h>

unsigned int probe(struct file_lock *fl);
unsigned int probe(struct file_lock *fl)
{
	return fl->c.flc_flags;
}
