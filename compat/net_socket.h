/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets inside the kernel: handing pages to TCP without a copy, socket addresses
 * in calls, and keeping the task's page fragment out of reclaim.
 */
#ifndef SHEEN_COMPAT_NET_SOCKET_H
#define SHEEN_COMPAT_NET_SOCKET_H

#include <linux/bvec.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/uio.h>
#include <net/sock.h>

/* sock_sendmsg() of a bvec iterator whose pages TCP references instead of copying */
#ifdef HAVE_MSG_SPLICE_PAGES
static inline int sock_sendmsg_pages(struct socket *sock, struct msghdr *mh)
{
	mh->msg_flags |= MSG_SPLICE_PAGES;
	return sock_sendmsg(sock, mh);
}
#else
static inline int sock_sendmsg_pages(struct socket *sock, struct msghdr *mh)
{
	struct bvec_iter bi = {
		.bi_size = iov_iter_count(&mh->msg_iter),
		.bi_bvec_done = mh->msg_iter.iov_offset,
	};
	struct bio_vec bv;
	int sent = 0;

	for_each_bvec(bv, mh->msg_iter.bvec, bi, bi) {
		int flags = mh->msg_flags;
		int n;

		if (bi.bi_size > bv.bv_len)
			flags |= MSG_MORE | MSG_SENDPAGE_NOTLAST;
		n = kernel_sendpage(sock, bv.bv_page, bv.bv_offset, bv.bv_len, flags);
		if (n <= 0)
			return sent ?: n;
		sent += n;
		if (n < bv.bv_len)
			break;
	}
	return sent;
}
#endif

/* kernel_bind() and kernel_connect() take this kind of pointer */
#ifndef HAVE_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

/* Senders under memory reclaim must not use the page fragment of their task */
static inline void sock_no_task_frag(struct sock *sk)
{
#ifdef HAVE_SK_USE_TASK_FRAG
	sk->sk_use_task_frag = false;
#endif
}

#endif
