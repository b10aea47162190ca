/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LNet on the wire (chapter 01): message header, acceptor request, socklnd HELLO
 * and message envelope, ping data. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_LNET_H
#define SHEEN_WIRE_LNET_H

#include <linux/types.h>

/* --- addresses (2.1) --- */

enum lnet_net_type {
	LNET_NET_TYPE_TCP	= 2,
	LNET_NET_TYPE_O2IB	= 5,
	LNET_NET_TYPE_LO	= 9,
	LNET_NET_TYPE_GNI	= 13,
	LNET_NET_TYPE_GIP	= 14,
	LNET_NET_TYPE_PTLF	= 15,
	LNET_NET_TYPE_KFI	= 16,
};

/* A net is type << 16 | number, a NID is net << 32 | address */
#define LNET_NET_ANY		0xffffffffU
#define LNET_MKNET(type, num)	(((__u32)(type) << 16) | ((num) & 0xffff))
#define LNET_NET_TYPE(net)	(((net) >> 16) & 0xff)
#define LNET_NET_NUM(net)	((net) & 0xffff)
#define LNET_MKNID(net, addr)	(((__u64)(net) << 32) | (__u32)(addr))
#define LNET_NID_NET(nid)	((__u32)((nid) >> 32))
#define LNET_NID_ADDR(nid)	((__u32)(nid))

#define LNET_NET_LO		LNET_MKNET(LNET_NET_TYPE_LO, 0)
#define LNET_NID_LO		LNET_MKNID(LNET_NET_LO, 0)

#define LNET_PID_LUSTRE		12345U

/* --- message header (3) --- */

enum lnet_msg_type {
	LNET_MSG_ACK	= 0,
	LNET_MSG_PUT	= 1,
	LNET_MSG_GET	= 2,
	LNET_MSG_REPLY	= 3,
	LNET_MSG_HELLO	= 4,
};

#define LNET_MAX_PAYLOAD	(1U << 20)
#define LNET_PORTALS		64U
#define LNET_PORTAL_RESERVED	0U
#define LNET_PING_MATCHBITS	0x8000000000000000ULL
#define LNET_WIRE_COOKIE_NONE	(~0ULL)

/**
 * struct lnet_wire_handle - who gets the ACK or REPLY; opaque to the other node
 * @wh_interface: one value per node and boot
 * @wh_object: one value per descriptor
 */
struct lnet_wire_handle {
	__le64 wh_interface;
	__le64 wh_object;
} __attribute__((packed));

struct lnet_wire_ack {
	struct lnet_wire_handle dst_wmd;
	__le64 match_bits;
	__le32 mlength;
} __attribute__((packed));

struct lnet_wire_put {
	struct lnet_wire_handle ack_wmd;
	__le64 match_bits;
	__u64  hdr_data;		/* as its sender has it, never swapped */
	__le32 ptl_index;
	__le32 offset;
} __attribute__((packed));

struct lnet_wire_get {
	struct lnet_wire_handle return_wmd;
	__le64 match_bits;
	__le32 ptl_index;
	__le32 src_offset;
	__le32 sink_length;
} __attribute__((packed));

struct lnet_wire_reply {
	struct lnet_wire_handle dst_wmd;
} __attribute__((packed));

/**
 * struct lnet_wire_hdr - LNet message header
 * @dest_nid: final destination
 * @src_nid: originator
 * @dest_pid: LNET_PID_LUSTRE
 * @src_pid: LNET_PID_LUSTRE
 * @type: enum lnet_msg_type
 * @payload_length: bytes that follow
 * @msg: by type; bytes not used are zero
 */
struct lnet_wire_hdr {
	__le64 dest_nid;
	__le64 src_nid;
	__le32 dest_pid;
	__le32 src_pid;
	__le32 type;
	__le32 payload_length;
	union {
		struct lnet_wire_ack ack;
		struct lnet_wire_put put;
		struct lnet_wire_get get;
		struct lnet_wire_reply reply;
		__u8 pad[40];
	} __attribute__((packed)) msg;
} __attribute__((packed));

_Static_assert(sizeof(struct lnet_wire_handle) == 16, "lnet_wire_handle");
_Static_assert(sizeof(struct lnet_wire_ack) == 28, "lnet_wire_ack");
_Static_assert(sizeof(struct lnet_wire_put) == 40, "lnet_wire_put");
_Static_assert(sizeof(struct lnet_wire_get) == 36, "lnet_wire_get");
_Static_assert(sizeof(struct lnet_wire_reply) == 16, "lnet_wire_reply");
_Static_assert(sizeof(struct lnet_wire_hdr) == 72, "lnet_wire_hdr");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, src_nid) == 8, "src_nid");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, dest_pid) == 16, "dest_pid");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, src_pid) == 20, "src_pid");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, type) == 24, "type");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, payload_length) == 28,
	       "payload_length");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg) == 32, "msg");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.ack.match_bits) == 48,
	       "ack.match_bits");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.ack.mlength) == 56,
	       "ack.mlength");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.put.hdr_data) == 56,
	       "put.hdr_data");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.put.ptl_index) == 64,
	       "put.ptl_index");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.put.offset) == 68,
	       "put.offset");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.get.ptl_index) == 56,
	       "get.ptl_index");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.get.src_offset) == 60,
	       "get.src_offset");
_Static_assert(__builtin_offsetof(struct lnet_wire_hdr, msg.get.sink_length) == 64,
	       "get.sink_length");

/* --- ping data (7.1) --- */

#define LNET_PING_MAGIC		0x70696e67U
#define LNET_PROTO_MAGIC	0x45726963U

enum lnet_ping_feature {
	LNET_PING_FEAT_BASE		= 0x01,
	LNET_PING_FEAT_NI_STATUS	= 0x02,
	LNET_PING_FEAT_RTE_DISABLED	= 0x04,
	LNET_PING_FEAT_MULTI_RAIL	= 0x08,
	LNET_PING_FEAT_DISCOVERY	= 0x10,
	LNET_PING_FEAT_LARGE_ADDR	= 0x20,
	LNET_PING_FEAT_PRIMARY_LARGE	= 0x40,
	LNET_PING_FEAT_METADATA		= 0x80,
};

#define LNET_NI_STATUS_UP	0x15aac0deU
#define LNET_NI_STATUS_DOWN	0xdeadfaceU

#define LNET_PING_MIN_NIS	16U	/* what a first ping asks for */
#define LNET_PING_MAX_NIS	200U

/* One NID and its state; in entry 0 (0@lo) the status is a sequence number */
struct lnet_wire_ni_status {
	__le64 ns_nid;
	__le32 ns_status;
	__le32 ns_unused;
} __attribute__((packed));

struct lnet_wire_ping_info {
	__le32 pi_magic;
	__le32 pi_features;
	__le32 pi_pid;
	__le32 pi_nnis;
	struct lnet_wire_ni_status pi_ni[];
} __attribute__((packed));

#define LNET_PING_INFO_SIZE(n) \
	(sizeof(struct lnet_wire_ping_info) + (n) * sizeof(struct lnet_wire_ni_status))

_Static_assert(sizeof(struct lnet_wire_ni_status) == 16, "lnet_wire_ni_status");
_Static_assert(sizeof(struct lnet_wire_ping_info) == 16, "lnet_wire_ping_info");
_Static_assert(LNET_PING_INFO_SIZE(16) == 272, "ping of 16");
_Static_assert(LNET_PING_INFO_SIZE(200) == 3216, "ping of 200");

/* --- acceptor (5) --- */

#define LNET_ACCEPTOR_PORT	988
#define LNET_ACCEPTOR_PORT_MIN	512	/* dialers use ports 1023 down to this */
#define LNET_ACCEPTOR_PORT_MAX	1023
#define LNET_ACCEPTOR_MAGIC	0xacce7100U
#define LNET_ACCEPTOR_VERSION	1U

/* In the byte order of its sender; ours is little-endian */
struct lnet_wire_acceptor {
	__le32 acr_magic;
	__le32 acr_version;
	__le64 acr_nid;
} __attribute__((packed));

_Static_assert(sizeof(struct lnet_wire_acceptor) == 16, "lnet_wire_acceptor");

/* --- socklnd (6) --- */

#define KSOCK_PROTO_V2		2U
#define KSOCK_PROTO_V3		3U

enum ksock_conn_type {
	KSOCK_CONN_NONE		= -1,
	KSOCK_CONN_ANY		= 0,
	KSOCK_CONN_CONTROL	= 1,
	KSOCK_CONN_BULK_IN	= 2,
	KSOCK_CONN_BULK_OUT	= 3,
};

#define KSOCK_HELLO_MAX_IPS	16U

/**
 * struct ksock_wire_hello - first bytes both ways on a connection (6.1)
 * @kshm_magic: LNET_PROTO_MAGIC
 * @kshm_version: KSOCK_PROTO_V3
 * @kshm_src_nid: sender
 * @kshm_dst_nid: receiver
 * @kshm_src_pid: LNET_PID_LUSTRE
 * @kshm_dst_pid: 0
 * @kshm_src_incarnation: of the sender's NI
 * @kshm_dst_incarnation: 0
 * @kshm_ctype: enum ksock_conn_type as the sender sees it
 * @kshm_nips: number of IPv4 addresses that follow; 0
 */
struct ksock_wire_hello {
	__le32 kshm_magic;
	__le32 kshm_version;
	__le64 kshm_src_nid;
	__le64 kshm_dst_nid;
	__le32 kshm_src_pid;
	__le32 kshm_dst_pid;
	__le64 kshm_src_incarnation;
	__le64 kshm_dst_incarnation;
	__le32 kshm_ctype;
	__le32 kshm_nips;
} __attribute__((packed));

enum ksock_msg_type {
	KSOCK_MSG_NOOP	= 0xc0,
	KSOCK_MSG_LNET	= 0xc1,
};

#define KSOCK_COOKIE_KEEPALIVE	1ULL

/* Envelope of every message; an LNet header follows KSOCK_MSG_LNET (6.4) */
struct ksock_wire_msg {
	__le32 ksm_type;
	__le32 ksm_csum;
	__le64 ksm_zc_cookies[2];
} __attribute__((packed));

_Static_assert(sizeof(struct ksock_wire_hello) == 56, "ksock_wire_hello");
_Static_assert(__builtin_offsetof(struct ksock_wire_hello, kshm_src_pid) == 24,
	       "kshm_src_pid");
_Static_assert(__builtin_offsetof(struct ksock_wire_hello, kshm_src_incarnation) == 32,
	       "kshm_src_incarnation");
_Static_assert(__builtin_offsetof(struct ksock_wire_hello, kshm_ctype) == 48,
	       "kshm_ctype");
_Static_assert(sizeof(struct ksock_wire_msg) == 24, "ksock_wire_msg");
_Static_assert(__builtin_offsetof(struct ksock_wire_msg, ksm_zc_cookies) == 8,
	       "ksm_zc_cookies");

#endif
