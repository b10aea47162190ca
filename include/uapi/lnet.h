/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink family "lnet": what lnetctl and lctl ask of lnet.ko. NIDs and
 * nets travel as text, in the spelling of the command line.
 */
#ifndef SHEEN_UAPI_LNET_H
#define SHEEN_UAPI_LNET_H

#include <linux/types.h>

#define LNET_GENL_NAME		"lnet"
#define LNET_GENL_VERSION	1

enum lnet_cmd {
	LNET_CMD_UNSPEC,
	LNET_CMD_CONFIGURE,	/* LOAD */
	LNET_CMD_UNCONFIGURE,
	LNET_CMD_NET_ADD,	/* NET, IFNAME, TUNABLES */
	LNET_CMD_NET_DEL,	/* NET, IFNAME */
	LNET_CMD_NET_GET,	/* dump: one message an interface */
	LNET_CMD_PEER_ADD,	/* PRIMARY, NID */
	LNET_CMD_PEER_DEL,	/* PRIMARY, NID */
	LNET_CMD_PEER_GET,	/* dump: one message a NID, those of a node together */
	LNET_CMD_PING,		/* NID, SOURCE, TIMEOUT; answer PRIMARY, FEATURES, NIDS */
	LNET_CMD_DISCOVER,	/* NID; answer as PING */
	LNET_CMD_STATS_GET,	/* answer STATS */
	LNET_CMD_STATS_RESET,
	LNET_CMD_PARAM_GET,	/* dump: NAME, VALUE */
	LNET_CMD_PARAM_SET,	/* NAME, VALUE */
	LNET_CMD_DISTANCE,	/* NID; answer VALUE */
	__LNET_CMD_MAX,
};

enum lnet_attr {
	LNET_ATTR_UNSPEC,
	LNET_ATTR_PAD,
	LNET_ATTR_LOAD,		/* flag: interfaces of the module parameters too */
	LNET_ATTR_NET,		/* string */
	LNET_ATTR_IFNAME,	/* string */
	LNET_ATTR_NID,		/* string */
	LNET_ATTR_PRIMARY,	/* string: primary NID */
	LNET_ATTR_SOURCE,	/* string: NID of ours */
	LNET_ATTR_TIMEOUT,	/* u32: milliseconds */
	LNET_ATTR_FEATURES,	/* u32: of ping data */
	LNET_ATTR_NIDS,		/* nest of NID */
	LNET_ATTR_UP,		/* u8 */
	LNET_ATTR_TUNABLES,	/* struct lnet_uapi_tunables */
	LNET_ATTR_COUNTERS,	/* struct lnet_uapi_counters */
	LNET_ATTR_CREDITS,	/* struct lnet_uapi_credits */
	LNET_ATTR_STATS,	/* struct lnet_uapi_stats */
	LNET_ATTR_NAME,		/* string */
	LNET_ATTR_VALUE,	/* u32 */
	__LNET_ATTR_MAX,
};

#define LNET_ATTR_MAX	(__LNET_ATTR_MAX - 1)

/* Numbers of an interface; when asked for, -1 means the driver's default */
struct lnet_uapi_tunables {
	__s32 peer_timeout;
	__s32 peer_credits;
	__s32 peer_buffer_credits;
	__s32 credits;
	__s32 conns_per_peer;
};

/* Messages by type: ack, put, get, reply, hello */
struct lnet_uapi_counters {
	__u64 sent[5];
	__u64 received[5];
	__u64 dropped[5];
};

struct lnet_uapi_credits {
	__s32 max;
	__s32 available;
	__s32 min;
	__s32 refcount;
	__s32 health;
	__s32 multi_rail;
};

struct lnet_uapi_stats {
	__u64 msgs_alloc;
	__u64 msgs_max;
	__u64 errors;
	__u64 send_count;
	__u64 recv_count;
	__u64 drop_count;
	__u64 send_length;
	__u64 recv_length;
	__u64 drop_length;
	__u64 response_timeout_count;
};

#endif
