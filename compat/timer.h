/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers: timer_delete_sync() and timer_shutdown_sync() on kernels that only
 * have del_timer_sync().
 */
#ifndef SHEEN_COMPAT_TIMER_H
#define SHEEN_COMPAT_TIMER_H

#include <linux/timer.h>

#ifndef HAVE_TIMER_DELETE_SYNC
#define timer_delete_sync(t) del_timer_sync(t)
/* The caller of our code never re-arms a timer that it shuts down. */
#define timer_shutdown_sync(t) del_timer_sync(t)
#endif

#endif
