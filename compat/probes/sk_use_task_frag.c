// SPDX-License-Identifier: GPL-2.0
/* Sockets say whether sendmsg() may use the page fragment of the task: 6.2 */
#include <net/sock.h>

void probe(struct sock *sk);
void probe(struct sock *sk)
{
	sk->sk_use_task_frag = false;
}
