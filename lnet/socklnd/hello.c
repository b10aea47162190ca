// SPDX-License-Identifier: GPL-2.0
/*
 * HELLO: its bytes, sending and receiving it within a time (chapter 01, 6.1, 6.2).
 * What a node makes of a HELLO is in accept.c and dial.c.
 */
#include <linux/jiffies.h>
#include <linux/tcp.h>
#include "socklnd.h"

/* What the other end calls a connection that we call @ctype; KSOCK_CONN_NONE: nothing */
int ksock_inverse(int ctype)
{
	switch (ctype) {
	case KSOCK_CONN_ANY:
	case KSOCK_CONN_CONTROL:
		return ctype;
	case KSOCK_CONN_BULK_IN:
		return KSOCK_CONN_BULK_OUT;
	case KSOCK_CONN_BULK_OUT:
		return KSOCK_CONN_BULK_IN;
	default:
		return KSOCK_CONN_NONE;
	}
}

void ksock_hello_encode(struct ksock_wire_hello *wire, lnet_nid_t src, lnet_nid_t dst,
			u64 incarnation, int ctype)
{
	memset(wire, 0, sizeof(*wire));
	wire->kshm_magic = cpu_to_le32(LNET_PROTO_MAGIC);
	wire->kshm_version = cpu_to_le32(KSOCK_PROTO_V3);
	wire->kshm_src_nid = cpu_to_le64(src);
	wire->kshm_dst_nid = cpu_to_le64(dst);
	wire->kshm_src_pid = cpu_to_le32(LNET_PID_LUSTRE);
	wire->kshm_src_incarnation = cpu_to_le64(incarnation);
	wire->kshm_ctype = cpu_to_le32(ctype);
}

/*
 * Read a HELLO's fixed part. Return: number of addresses that follow, -EPROTO, or
 * -EPROTONOSUPPORT: only the first 8 bytes mean anything, @hello->version is set.
 */
int ksock_hello_decode(const struct ksock_wire_hello *wire, struct ksock_hello *hello)
{
	u32 nips = le32_to_cpu(wire->kshm_nips);

	if (wire->kshm_magic != cpu_to_le32(LNET_PROTO_MAGIC)) {
		if (wire->kshm_magic == (__force __le32)cpu_to_be32(LNET_PROTO_MAGIC))
			pr_warn_ratelimited("ksocklnd: refusing a peer of the other byte order\n");
		return -EPROTO;
	}
	hello->version = le32_to_cpu(wire->kshm_version);
	if (hello->version != KSOCK_PROTO_V3)
		return -EPROTONOSUPPORT;
	hello->src_nid = le64_to_cpu(wire->kshm_src_nid);
	hello->dst_nid = le64_to_cpu(wire->kshm_dst_nid);
	hello->src_pid = le32_to_cpu(wire->kshm_src_pid);
	hello->incarnation = le64_to_cpu(wire->kshm_src_incarnation);
	hello->ctype = (int)le32_to_cpu(wire->kshm_ctype);
	return nips > KSOCK_HELLO_MAX_IPS ? -EPROTO : nips;
}

/* Read exactly @len bytes within @seconds. Return: 0, -ETIMEDOUT, -ECONNRESET at EOF, ... */
int ksock_read(struct socket *sock, void *buf, size_t len, unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;

	while (len) {
		struct kvec vec = { .iov_base = buf, .iov_len = len };
		struct msghdr mh = {};
		long left = end - jiffies;
		int n;

		if (left <= 0)
			return -ETIMEDOUT;
		sock->sk->sk_rcvtimeo = left;
		n = kernel_recvmsg(sock, &mh, &vec, 1, len, 0);
		if (n == -EAGAIN)
			return -ETIMEDOUT;
		if (n <= 0)
			return n ?: -ECONNRESET;
		buf += n;
		len -= n;
	}
	return 0;
}

/* Write a few bytes to a socket whose buffer is empty */
int ksock_write(struct socket *sock, void *buf, size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr mh = { .msg_flags = MSG_NOSIGNAL };
	int n;

	sock->sk->sk_sndtimeo = 5 * HZ;
	n = kernel_sendmsg(sock, &mh, &vec, 1, len);
	if (n < 0)
		return n;
	return n == len ? 0 : -EPIPE;
}

int ksock_hello_send(struct socket *sock, struct ksock_ni *kn, lnet_nid_t peer, int ctype)
{
	struct ksock_wire_hello wire;

	ksock_hello_encode(&wire, kn->ni->nid, peer, kn->incarnation, ctype);
	return ksock_write(sock, &wire, sizeof(wire));
}

/* Addresses of old peers: read, checked, and not used */
static int skip_ips(struct socket *sock, unsigned int nips, unsigned int seconds)
{
	__le32 ips[KSOCK_HELLO_MAX_IPS];
	unsigned int i;
	int err = ksock_read(sock, ips, nips * sizeof(ips[0]), seconds);

	for (i = 0; !err && i < nips; i++)
		if (!ips[i])
			err = -EPROTO;
	return err;
}

/*
 * Receive a HELLO. Of another version than ours only the first 8 bytes are read.
 * Return: 0, -EPROTONOSUPPORT, -EPROTO, -ETIMEDOUT, ...
 */
int ksock_hello_recv(struct socket *sock, unsigned int seconds, struct ksock_hello *hello)
{
	const size_t first = offsetof(struct ksock_wire_hello, kshm_src_nid);
	struct ksock_wire_hello wire = {};
	int err = ksock_read(sock, &wire, first, seconds);

	if (err)
		return err;
	err = ksock_hello_decode(&wire, hello);
	if (err < 0)
		return err;
	err = ksock_read(sock, (u8 *)&wire + first, sizeof(wire) - first, seconds);
	if (err)
		return err;
	err = ksock_hello_decode(&wire, hello);
	return err > 0 ? skip_ips(sock, err, seconds) : err;
}
