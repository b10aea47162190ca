/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock manager on the wire (chapter 03): lock records, value blocks, modes,
 * types, flags, intents. What the intents carry is in the headers of their rooms.
 * No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_LDLM_H
#define SHEEN_WIRE_LDLM_H

#include <linux/types.h>
#include "wire/rpc.h"

/* Positive statuses of a reply (1) */
#define ELDLM_OK		0
#define ELDLM_LOCK_ABORTED	301	/* no lock is given, the reply buffers are valid */
#define ELDLM_NO_LOCK_DATA	303	/* unknown lock of a CONVERT; negative in a glimpse reply */
#define ELDLM_ESTALE		116	/* CANCEL found none of its handles */

/* Modes (2): bits, so that a set of modes is a mask */
enum ldlm_mode {
	LDLM_EX		= 0x01,
	LDLM_PW		= 0x02,
	LDLM_PR		= 0x04,
	LDLM_CW		= 0x08,
	LDLM_CR		= 0x10,
	LDLM_NL		= 0x20,
	LDLM_GROUP	= 0x40,
	LDLM_COS	= 0x80,		/* of servers only */
};

/* Lock types (3) */
enum ldlm_type {
	LDLM_PLAIN	= 10,
	LDLM_EXTENT	= 11,
	LDLM_FLOCK	= 12,
	LDLM_IBITS	= 13,
};

/* name[1] of the resource of an MGS log, name[3] of a flock resource (3) */
#define LDLM_RES_MGS_CONFIG	0
#define LDLM_RES_MGS_RECOVER	2
#define LDLM_RES_MGS_PARAMS	3
#define LDLM_RES_MGS_NODEMAP	4
#define LDLM_RES_MGS_BARRIER	5
#define LDLM_RES_FLOCK		12

/* What an inode-bits lock protects (4) */
#define MDS_INODELOCK_LOOKUP	0x01ULL
#define MDS_INODELOCK_UPDATE	0x02ULL
#define MDS_INODELOCK_OPEN	0x04ULL
#define MDS_INODELOCK_LAYOUT	0x08ULL
#define MDS_INODELOCK_PERM	0x10ULL
#define MDS_INODELOCK_XATTR	0x20ULL
#define MDS_INODELOCK_DOM	0x40ULL
#define MDS_INODELOCK_FULL	0x7fULL
#define MDS_INODELOCK_ELC	0x3fULL
#define MDS_INODELOCK_NUMBITS	7

/* Lock flags that travel (5); what they mean depends on the direction */
#define LDLM_FL_LOCK_CHANGED		0x00000001ULL
#define LDLM_FL_BLOCK_GRANTED		0x00000002ULL	/* reply: blocked; replay: granted */
#define LDLM_FL_BLOCK_WAIT		0x00000008ULL
#define LDLM_FL_SPECULATIVE		0x00000010ULL
#define LDLM_FL_AST_SENT		0x00000020ULL
#define LDLM_FL_CONTENTION		0x00000040ULL
#define LDLM_FL_REPLAY			0x00000100ULL
#define LDLM_FL_INTENT_ONLY		0x00000200ULL
#define LDLM_FL_HAS_INTENT		0x00001000ULL
#define LDLM_FL_FLOCK_DEADLOCK		0x00008000ULL
#define LDLM_FL_DISCARD_DATA		0x00010000ULL
#define LDLM_FL_NO_TIMEOUT		0x00020000ULL
#define LDLM_FL_BLOCK_NOWAIT		0x00040000ULL
#define LDLM_FL_TEST_LOCK		0x00080000ULL
#define LDLM_FL_CANCEL_ON_BLOCK		0x00800000ULL
#define LDLM_FL_COS_INCOMPAT		0x01000000ULL
#define LDLM_FL_NO_EXPANSION		0x20000000ULL
#define LDLM_FL_DENY_ON_CONTENTION	0x40000000ULL
#define LDLM_FL_AST_DISCARD_DATA	0x80000000ULL

/* Reply: the lock is not granted yet */
#define LDLM_FL_BLOCKED_MASK	(LDLM_FL_BLOCK_GRANTED | LDLM_FL_BLOCK_WAIT)
/* Taken over from the request by the server's lock, from the reply by the client's */
#define LDLM_FL_INHERIT_MASK	(LDLM_FL_CANCEL_ON_BLOCK | LDLM_FL_NO_TIMEOUT | \
				 LDLM_FL_TEST_LOCK | LDLM_FL_NO_EXPANSION)
/* Taken over from an AST by the client's lock */
#define LDLM_FL_AST_MASK	(LDLM_FL_FLOCK_DEADLOCK | LDLM_FL_DISCARD_DATA)
/* All that strict (2.16 and later) peers accept in an enqueue, and in an AST */
#define LDLM_FL_ENQUEUE_LEGAL	0xe08c131aULL
#define LDLM_FL_AST_LEGAL	0x00018020ULL
/* Flags above these bits, and some within, are local and never sent */
#define LDLM_FL_WIRE_MASK	0xfffffffbULL

/* Intents (11) */
#define IT_OPEN		0x00000001ULL
#define IT_CREAT	0x00000002ULL
#define IT_READDIR	0x00000004ULL
#define IT_GETATTR	0x00000008ULL
#define IT_LOOKUP	0x00000010ULL
#define IT_GETXATTR	0x00000080ULL
#define IT_LAYOUT	0x00000400ULL
#define IT_QUOTA_DQACQ	0x00000800ULL
#define IT_QUOTA_CONN	0x00001000ULL
#define IT_GLIMPSE	0x00004000ULL
#define IT_BRW		0x00008000ULL

/* Disposition: lock_policy_res1 of an intent reply (11) */
#define DISP_IT_EXECD		0x00000001U
#define DISP_LOOKUP_EXECD	0x00000002U
#define DISP_LOOKUP_NEG		0x00000004U
#define DISP_LOOKUP_POS		0x00000008U
#define DISP_OPEN_CREATE	0x00000010U
#define DISP_OPEN_OPEN		0x00000020U
#define DISP_OPEN_LOCK		0x02000000U
#define DISP_OPEN_LEASE		0x04000000U
#define DISP_OPEN_STRIPE	0x08000000U
#define DISP_OPEN_DENY		0x10000000U

/* --- records (4) --- */

/** struct ldlm_wire_res_id - resource name */
struct ldlm_wire_res_id {
	__le64 name[4];
};

struct ldlm_resource_desc {
	__le32 lr_type;
	__le32 lr_pad;
	struct ldlm_wire_res_id lr_name;
};

struct ldlm_extent_desc {
	__le64 start;		/* inclusive */
	__le64 end;		/* inclusive, EOF = 2^64 - 1 */
	__le64 gid;
	__le64 pad;
};

struct ldlm_flock_desc {
	__le64 lfw_start;
	__le64 lfw_end;		/* inclusive */
	__le64 lfw_owner;
	__le32 lfw_padding;
	__le32 lfw_pid;
};

/**
 * struct ldlm_ibits_desc - policy of an inode-bits lock
 * @other: enqueue request: try bits; from a server with AST_SENT, and in a BL AST: cancel bits
 * @li_initiator_id: 2.16 and later: index of the MDT; to be ignored
 */
struct ldlm_ibits_desc {
	__le64 bits;
	__le64 other;
	__le64 li_gid;
	__le32 pad;
	__le32 li_initiator_id;
};

union ldlm_policy_desc {
	struct ldlm_extent_desc	l_extent;
	struct ldlm_flock_desc	l_flock;
	struct ldlm_ibits_desc	l_inodebits;
};

struct ldlm_lock_desc {
	struct ldlm_resource_desc l_resource;
	__le32 l_req_mode;
	__le32 l_granted_mode;
	union ldlm_policy_desc l_policy_data;
};

/**
 * struct ldlm_request - RF_DLM_REQ
 * @lock_count: entries of @lock_handle in use
 * @lock_handle: the buffer always has room for two (LDLM_REQUEST_MIN)
 */
struct ldlm_request {
	__le32 lock_flags;
	__le32 lock_count;
	struct ldlm_lock_desc lock_desc;
	struct lustre_handle lock_handle[];
};
#define LDLM_REQUEST_MIN	104

struct ldlm_reply {
	__le32 lock_flags;
	__le32 lock_padding;
	struct ldlm_lock_desc lock_desc;
	struct lustre_handle lock_handle;
	__le64 lock_policy_res1;
	__le64 lock_policy_res2;
};

struct ldlm_intent {
	__le64 opc;
};

/** struct layout_intent - what an IT_LAYOUT intent wants (11) */
struct layout_intent {
	__le32 li_opc;
	__le32 li_flags;
	__le64 li_start;
	__le64 li_end;
};

enum layout_intent_opc {
	LAYOUT_INTENT_ACCESS	= 0,
	LAYOUT_INTENT_READ	= 1,
	LAYOUT_INTENT_WRITE	= 2,
	LAYOUT_INTENT_GLIMPSE	= 3,
	LAYOUT_INTENT_TRUNC	= 4,
	LAYOUT_INTENT_RELEASE	= 5,
	LAYOUT_INTENT_RESTORE	= 6,
};

/** struct ldlm_gl_lquota_desc - glimpse descriptor of quota locks */
struct ldlm_gl_lquota_desc {
	__le64 gl_id[2];
	__le64 gl_flags;
	__le64 gl_ver;
	__le64 gl_hardlimit;
	__le64 gl_softlimit;
	__le64 gl_time;
	__le64 gl_pad2;
};

/* --- lock value blocks (4) --- */

/** struct ost_lvb - attributes of a data object; without LVB_TYPE only the first 40 bytes travel */
struct ost_lvb {
	__le64 lvb_size;
	__le64 lvb_mtime;
	__le64 lvb_atime;
	__le64 lvb_ctime;
	__le64 lvb_blocks;	/* of 512 bytes */
	__le32 lvb_mtime_ns;
	__le32 lvb_atime_ns;
	__le32 lvb_ctime_ns;
	__le32 lvb_padding;
};
#define OST_LVB_V1_SIZE		40
#define OST_LVB_SIZE		56

/* An error in place of an LVB: lvb_blocks = OST_LVB_ERR_INIT + rc, rc negative */
#define OST_LVB_ERR_INIT	0xffbadbad80000000ULL
#define OST_LVB_ERR_MASK	0xffbadbad00000000ULL

struct lquota_lvb {
	__le64 lvb_flags;
	__le64 lvb_id_may_rel;
	__le64 lvb_id_rel;
	__le64 lvb_id_qunit;
	__le64 lvb_pad1;
};

_Static_assert(sizeof(struct lustre_handle) == 8, "lustre_handle");
_Static_assert(sizeof(struct ldlm_wire_res_id) == 32, "ldlm_wire_res_id");
_Static_assert(sizeof(struct ldlm_resource_desc) == 40, "ldlm_resource_desc");
_Static_assert(__builtin_offsetof(struct ldlm_resource_desc, lr_name) == 8, "lr_name");
_Static_assert(sizeof(union ldlm_policy_desc) == 32, "ldlm_policy_desc");
_Static_assert(sizeof(struct ldlm_extent_desc) == 32, "ldlm_extent_desc");
_Static_assert(sizeof(struct ldlm_flock_desc) == 32, "ldlm_flock_desc");
_Static_assert(__builtin_offsetof(struct ldlm_flock_desc, lfw_owner) == 16, "lfw_owner");
_Static_assert(__builtin_offsetof(struct ldlm_flock_desc, lfw_pid) == 28, "lfw_pid");
_Static_assert(sizeof(struct ldlm_ibits_desc) == 32, "ldlm_ibits_desc");
_Static_assert(__builtin_offsetof(struct ldlm_ibits_desc, other) == 8, "try_bits");
_Static_assert(__builtin_offsetof(struct ldlm_ibits_desc, li_gid) == 16, "li_gid");
_Static_assert(sizeof(struct ldlm_lock_desc) == 80, "ldlm_lock_desc");
_Static_assert(__builtin_offsetof(struct ldlm_lock_desc, l_req_mode) == 40, "l_req_mode");
_Static_assert(__builtin_offsetof(struct ldlm_lock_desc, l_policy_data) == 48, "l_policy_data");
_Static_assert(sizeof(struct ldlm_request) == 88, "ldlm_request");
_Static_assert(__builtin_offsetof(struct ldlm_request, lock_handle) == 88, "lock_handle");
_Static_assert(sizeof(struct ldlm_reply) == 112, "ldlm_reply");
_Static_assert(__builtin_offsetof(struct ldlm_reply, lock_handle) == 88, "reply lock_handle");
_Static_assert(__builtin_offsetof(struct ldlm_reply, lock_policy_res1) == 96, "res1");
_Static_assert(__builtin_offsetof(struct ldlm_reply, lock_policy_res2) == 104, "res2");
_Static_assert(sizeof(struct ldlm_intent) == 8, "ldlm_intent");
_Static_assert(sizeof(struct layout_intent) == 24, "layout_intent");
_Static_assert(sizeof(struct ldlm_gl_lquota_desc) == 64, "ldlm_gl_lquota_desc");
_Static_assert(sizeof(struct ost_lvb) == OST_LVB_SIZE, "ost_lvb");
_Static_assert(__builtin_offsetof(struct ost_lvb, lvb_mtime_ns) == OST_LVB_V1_SIZE, "ost_lvb_v1");
_Static_assert(sizeof(struct lquota_lvb) == 40, "lquota_lvb");

#endif
