/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File locks: the header of their own, and FLC(fl, field) for the fields that
 * moved into struct file_lock_core.
 */
#ifndef SHEEN_COMPAT_FILELOCK_H
#define SHEEN_COMPAT_FILELOCK_H

#include <linux/fs.h>
#ifdef HAVE_LINUX_FILELOCK
#include <linux/filelock.h>
#endif

#ifdef HAVE_FILE_LOCK_CORE
#define FLC(fl, field)	((fl)->c.flc_##field)
#else
#define FLC(fl, field)	((fl)->fl_##field)
#endif

#endif
