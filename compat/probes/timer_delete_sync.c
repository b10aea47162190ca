// SPDX-License-Identifier: GPL-2.0
/* timer_delete_sync() and timer_shutdown_sync(): since 6.2; del_timer_sync() before. */
#include <linux/timer.h>

void probe(struct timer_list *t);
void probe(struct timer_list *t)
{
	timer_delete_sync(t);
	timer_shutdown_sync(t);
}
