// SPDX-License-Identifier: GPL-2.0
/* Addresses in kernel_bind() and kernel_connect() have a type of their own: 6.19 */
#include <linux/net.h>

int probe(struct socket *sock, struct sockaddr_unsized *addr);
int probe(struct socket *sock, struct sockaddr_unsized *addr)
{
	return kernel_bind(sock, addr, 16);
}
