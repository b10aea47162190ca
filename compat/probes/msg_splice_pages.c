// SPDX-License-Identifier: GPL-2.0
/* sendmsg() that references pages instead of copying them: 6.5 */
#include <linux/socket.h>

int probe(void);
int probe(void)
{
	return MSG_SPLICE_PAGES;
}
