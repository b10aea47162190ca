/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PtlRPC on the wire (chapter 02): message header, body, opcodes, portals, message
 * flags, connect data and flags, sequence ranges, errno numbers. What the buffers of
 * each message are is in wire/formats.h. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_RPC_H
#define SHEEN_WIRE_RPC_H

#include <linux/types.h>

#define RPC_STATIC_OFFSET(type, field, off) \
	_Static_assert(__builtin_offsetof(struct type, field) == (off), #type "." #field)

/* --- message header (1.1) --- */

#define RPC_MAX_BUFS		32
#define RPC_MAX_MSG		1024000U	/* one buffer, and all of them */
#define RPC_REPLY_OFFSET	224U		/* of a final reply in an AT reply buffer (4.3) */

#define LUSTRE_MSG_MAGIC_V1	0x0BD00BD0U
#define LUSTRE_MSG_MAGIC_V2	0x0BD00BD3U
#define LUSTRE_MSG_MAGIC_V2_SWABBED 0xD30BD00BU

#define MSGHDR_AT_SUPPORT	0x1U
#define MSGHDR_CKSUM_INCOMPAT18	0x2U

/**
 * struct lustre_msg_v2 - header of every message
 *
 * Buffers follow at round_up(32 + 4 * lm_bufcount, 8), each padded to 8 bytes.
 */
struct lustre_msg_v2 {
	__le32 lm_bufcount;
	__le32 lm_secflvr;
	__le32 lm_magic;
	__le32 lm_repsize;
	__le32 lm_cksum;
	__le32 lm_flags;
	__le32 lm_padding_2;
	__le32 lm_padding_3;
	__le32 lm_buflens[];
};

_Static_assert(sizeof(struct lustre_msg_v2) == 32, "lustre_msg_v2");

/* lm_secflvr (14): flavour in the low 20 bits, sender part in the high 8 */
#define RPC_FLVR_MASK		0x000fffffU
#define RPC_FLVR_NULL		0x0U
#define RPC_SEC_PART_SHIFT	24

enum rpc_sec_part {
	RPC_SEC_CLI	= 0,
	RPC_SEC_MDT	= 1,
	RPC_SEC_OST	= 2,
	RPC_SEC_MGC	= 3,
	RPC_SEC_MGS	= 4,
	RPC_SEC_ANY	= 0xff,
};

/* --- body (1.3) --- */

/** struct lustre_handle - cookie of an object of the node that made it */
struct lustre_handle {
	__le64 cookie;
};

#define RPC_BODY_V2_SIZE	152U
#define RPC_JOBID_SIZE		32

struct ptlrpc_body {
	struct lustre_handle pb_handle;
	__le32 pb_type;
	__le32 pb_version;
	__le32 pb_opc;
	__le32 pb_status;
	__le64 pb_last_xid;
	__le16 pb_tag;
	__le16 pb_padding0;
	__le32 pb_padding1;
	__le64 pb_last_committed;
	__le64 pb_transno;
	__le32 pb_flags;
	__le32 pb_op_flags;
	__le32 pb_conn_cnt;
	__le32 pb_timeout;
	__le32 pb_service_time;
	__le32 pb_limit;
	__le64 pb_slv;
	__le64 pb_pre_versions[4];
	__le64 pb_mbits;
	__le64 pb_padding64_0;
	__le64 pb_padding64_1;
	__le64 pb_padding64_2;
	char   pb_jobid[RPC_JOBID_SIZE];
};

_Static_assert(sizeof(struct ptlrpc_body) == 184, "ptlrpc_body");
RPC_STATIC_OFFSET(ptlrpc_body, pb_type, 8);
RPC_STATIC_OFFSET(ptlrpc_body, pb_status, 20);
RPC_STATIC_OFFSET(ptlrpc_body, pb_last_xid, 24);
RPC_STATIC_OFFSET(ptlrpc_body, pb_tag, 32);
RPC_STATIC_OFFSET(ptlrpc_body, pb_last_committed, 40);
RPC_STATIC_OFFSET(ptlrpc_body, pb_transno, 48);
RPC_STATIC_OFFSET(ptlrpc_body, pb_flags, 56);
RPC_STATIC_OFFSET(ptlrpc_body, pb_conn_cnt, 64);
RPC_STATIC_OFFSET(ptlrpc_body, pb_limit, 76);
RPC_STATIC_OFFSET(ptlrpc_body, pb_slv, 80);
RPC_STATIC_OFFSET(ptlrpc_body, pb_pre_versions, 88);
RPC_STATIC_OFFSET(ptlrpc_body, pb_mbits, 120);
RPC_STATIC_OFFSET(ptlrpc_body, pb_jobid, 152);

#define PTL_RPC_MSG_REQUEST	4711U
#define PTL_RPC_MSG_ERR		4712U
#define PTL_RPC_MSG_REPLY	4713U

/* pb_version (1.4): low half always 3 */
#define PTLRPC_MSG_VERSION	0x00000003U
/* what Sheen says it is: the protocol level of 2.15.8 */
#define LUSTRE_VERSION_CODE	0x020f0800U

#define LUSTRE_VERSION_MASK	0xffff0000U
#define LUSTRE_OBD_VERSION	0x00010000U
#define LUSTRE_MDS_VERSION	0x00020000U
#define LUSTRE_OST_VERSION	0x00030000U
#define LUSTRE_DLM_VERSION	0x00040000U
#define LUSTRE_LOG_VERSION	0x00050000U
#define LUSTRE_MGS_VERSION	0x00060000U

/* pb_flags (1.5) */
#define MSG_RESENT		0x0002U
#define MSG_REPLAY		0x0004U
#define MSG_REQ_REPLAY_DONE	0x0040U
#define MSG_LOCK_REPLAY_DONE	0x0080U

/* pb_op_flags, connects only (1.5) */
#define MSG_CONNECT_RECOVERING	0x0001U
#define MSG_CONNECT_RECONNECT	0x0002U
#define MSG_CONNECT_REPLAYABLE	0x0004U
#define MSG_CONNECT_LIBCLIENT	0x0010U
#define MSG_CONNECT_INITIAL	0x0020U
#define MSG_CONNECT_TRANSNO	0x0100U

/* --- opcodes (2) --- */

enum rpc_opcode {
	OST_REPLY			= 0,
	OST_GETATTR			= 1,
	OST_SETATTR			= 2,
	OST_READ			= 3,
	OST_WRITE			= 4,
	OST_CREATE			= 5,
	OST_DESTROY			= 6,
	OST_GET_INFO			= 7,
	OST_CONNECT			= 8,
	OST_DISCONNECT			= 9,
	OST_PUNCH			= 10,
	OST_STATFS			= 13,
	OST_SYNC			= 16,
	OST_SET_INFO			= 17,
	OST_QUOTACTL			= 19,
	OST_LADVISE			= 21,
	OST_FALLOCATE			= 22,
	OST_SEEK			= 23,
	MDS_GETATTR			= 33,
	MDS_GETATTR_NAME		= 34,
	MDS_CLOSE			= 35,
	MDS_REINT			= 36,
	MDS_READPAGE			= 37,
	MDS_CONNECT			= 38,
	MDS_DISCONNECT			= 39,
	MDS_GET_ROOT			= 40,
	MDS_STATFS			= 41,
	MDS_SYNC			= 44,
	MDS_SET_INFO			= 46,
	MDS_QUOTACTL			= 48,
	MDS_GETXATTR			= 49,
	MDS_WRITEPAGE			= 51,
	MDS_GET_INFO			= 53,
	MDS_HSM_STATE_GET		= 54,
	MDS_HSM_STATE_SET		= 55,
	MDS_HSM_ACTION			= 56,
	MDS_HSM_PROGRESS		= 57,
	MDS_HSM_REQUEST			= 58,
	MDS_HSM_CT_REGISTER		= 59,
	MDS_HSM_CT_UNREGISTER		= 60,
	MDS_SWAP_LAYOUTS		= 61,
	MDS_RMFID			= 62,
	MDS_BATCH			= 63,
	MDS_HSM_DATA_VERSION		= 64,
	LDLM_ENQUEUE			= 101,
	LDLM_CONVERT			= 102,
	LDLM_CANCEL			= 103,
	LDLM_BL_CALLBACK		= 104,
	LDLM_CP_CALLBACK		= 105,
	LDLM_GL_CALLBACK		= 106,
	LDLM_SET_INFO			= 107,
	MGS_CONNECT			= 250,
	MGS_DISCONNECT			= 251,
	MGS_EXCEPTION			= 252,
	MGS_TARGET_REG			= 253,
	MGS_TARGET_DEL			= 254,
	MGS_SET_INFO			= 255,
	MGS_CONFIG_READ			= 256,
	OBD_PING			= 400,
	OBD_IDX_READ			= 403,
	LLOG_ORIGIN_HANDLE_CREATE	= 501,
	LLOG_ORIGIN_HANDLE_NEXT_BLOCK	= 502,
	LLOG_ORIGIN_HANDLE_READ_HEADER	= 503,
	LLOG_ORIGIN_HANDLE_PREV_BLOCK	= 508,
	LLOG_ORIGIN_HANDLE_DESTROY	= 509,
	QUOTA_DQACQ			= 601,
	QUOTA_DQREL			= 602,
	SEQ_QUERY			= 700,
	SEC_CTX_INIT			= 801,
	SEC_CTX_INIT_CONT		= 802,
	SEC_CTX_FINI			= 803,
	FLD_QUERY			= 900,
	FLD_READ			= 901,
	OUT_UPDATE			= 1000,
	LFSCK_NOTIFY			= 1101,
	LFSCK_QUERY			= 1102,
};

/* --- portals (3) --- */

enum rpc_portal {
	OSC_REPLY_PORTAL		= 4,
	OST_IO_PORTAL			= 6,
	OST_CREATE_PORTAL		= 7,
	OST_BULK_PORTAL			= 8,
	MDC_REPLY_PORTAL		= 10,
	MDS_REQUEST_PORTAL		= 12,
	MDS_IO_PORTAL			= 13,
	MDS_BULK_PORTAL			= 14,
	LDLM_CB_REQUEST_PORTAL		= 15,
	LDLM_CB_REPLY_PORTAL		= 16,
	LDLM_CANCEL_REQUEST_PORTAL	= 17,
	LDLM_CANCEL_REPLY_PORTAL	= 18,
	MDS_READPAGE_PORTAL		= 23,
	OUT_PORTAL			= 24,
	MGC_REPLY_PORTAL		= 25,
	MGS_REQUEST_PORTAL		= 26,
	MGS_REPLY_PORTAL		= 27,
	OST_REQUEST_PORTAL		= 28,
	FLD_REQUEST_PORTAL		= 29,
	SEQ_METADATA_PORTAL		= 30,
	SEQ_DATA_PORTAL			= 31,
	SEQ_CONTROLLER_PORTAL		= 32,
	MGS_BULK_PORTAL			= 33,
};

/* Largest request that the services of a portal receive (3) */
#define MDS_REQUEST_MAX		(66560U + 1024)
#define MDS_READPAGE_MAX	(5120U + 1024)
#define IO_REQUEST_MAX		(263168U + 1024)
#define OST_REQUEST_MAX		(16384U + 1024)
#define OUT_REQUEST_MAX		(1024000U + 1024)
#define MGS_REQUEST_MAX		(7168U + 1024)
#define LDLM_REQUEST_MAX	(5120U + 1024)
#define SEQ_FLD_REQUEST_MAX	(160U + 1024)

/* --- connect (9, 10) --- */

#define RPC_UUID_WIRE_SIZE	39	/* buffers of UUIDs; at most 38 characters */

/** struct obd_connect_data - what a client asks for and a target grants */
struct obd_connect_data {
	__le64 ocd_connect_flags;
	__le32 ocd_version;
	__le32 ocd_grant;
	__le32 ocd_index;
	__le32 ocd_brw_size;
	__le64 ocd_ibits_known;
	__u8   ocd_grant_blkbits;
	__u8   ocd_grant_inobits;
	__le16 ocd_grant_tax_kb;
	__le32 ocd_grant_max_blks;
	__le64 ocd_transno;
	__le32 ocd_group;
	__le32 ocd_cksum_types;
	__le32 ocd_max_easize;
	__le32 ocd_instance;
	__le64 ocd_maxbytes;
	__le16 ocd_maxmodrpcs;
	__u8   ocd_padding0[6];
	__le64 ocd_connect_flags2;
	__le64 ocd_padding1[13];
};

_Static_assert(sizeof(struct obd_connect_data) == 192, "obd_connect_data");
RPC_STATIC_OFFSET(obd_connect_data, ocd_version, 8);
RPC_STATIC_OFFSET(obd_connect_data, ocd_brw_size, 20);
RPC_STATIC_OFFSET(obd_connect_data, ocd_ibits_known, 24);
RPC_STATIC_OFFSET(obd_connect_data, ocd_grant_blkbits, 32);
RPC_STATIC_OFFSET(obd_connect_data, ocd_grant_max_blks, 36);
RPC_STATIC_OFFSET(obd_connect_data, ocd_transno, 40);
RPC_STATIC_OFFSET(obd_connect_data, ocd_group, 48);
RPC_STATIC_OFFSET(obd_connect_data, ocd_cksum_types, 52);
RPC_STATIC_OFFSET(obd_connect_data, ocd_instance, 60);
RPC_STATIC_OFFSET(obd_connect_data, ocd_maxbytes, 64);
RPC_STATIC_OFFSET(obd_connect_data, ocd_maxmodrpcs, 72);
RPC_STATIC_OFFSET(obd_connect_data, ocd_connect_flags2, 80);

#define OBD_OCD_VERSION(major, minor, patch, fix) \
	(((major) << 24) | ((minor) << 16) | ((patch) << 8) | (fix))
/* The protocol level we speak */
#define SHEEN_OCD_VERSION		OBD_OCD_VERSION(2, 15, 8, 0)

/* ocd_connect_flags */
#define OBD_CONNECT_RDONLY		(1ULL << 0)
#define OBD_CONNECT_INDEX		(1ULL << 1)
#define OBD_CONNECT_MDS			(1ULL << 2)
#define OBD_CONNECT_GRANT		(1ULL << 3)
#define OBD_CONNECT_SRVLOCK		(1ULL << 4)
#define OBD_CONNECT_VERSION		(1ULL << 5)
#define OBD_CONNECT_REQPORTAL		(1ULL << 6)
#define OBD_CONNECT_ACL			(1ULL << 7)
#define OBD_CONNECT_XATTR		(1ULL << 8)
#define OBD_CONNECT_LARGE_ACL		(1ULL << 9)
#define OBD_CONNECT_IBITS		(1ULL << 12)
#define OBD_CONNECT_BARRIER		(1ULL << 13)
#define OBD_CONNECT_ATTRFID		(1ULL << 14)
#define OBD_CONNECT_NODEVOH		(1ULL << 15)
#define OBD_CONNECT_BRW_SIZE		(1ULL << 18)
#define OBD_CONNECT_CANCELSET		(1ULL << 22)
#define OBD_CONNECT_AT			(1ULL << 24)
#define OBD_CONNECT_LRU_RESIZE		(1ULL << 25)
#define OBD_CONNECT_MDS_MDS		(1ULL << 26)
#define OBD_CONNECT_CKSUM		(1ULL << 29)
#define OBD_CONNECT_FID			(1ULL << 30)
#define OBD_CONNECT_VBR			(1ULL << 31)
#define OBD_CONNECT_LOV_V3		(1ULL << 32)
#define OBD_CONNECT_GRANT_SHRINK	(1ULL << 33)
#define OBD_CONNECT_SKIP_ORPHAN		(1ULL << 34)
#define OBD_CONNECT_MAX_EASIZE		(1ULL << 35)
#define OBD_CONNECT_FULL20		(1ULL << 36)
#define OBD_CONNECT_LAYOUTLOCK		(1ULL << 37)
#define OBD_CONNECT_64BITHASH		(1ULL << 38)
#define OBD_CONNECT_MAXBYTES		(1ULL << 39)
#define OBD_CONNECT_IMP_RECOV		(1ULL << 40)
#define OBD_CONNECT_JOBSTATS		(1ULL << 41)
#define OBD_CONNECT_UMASK		(1ULL << 42)
#define OBD_CONNECT_EINPROGRESS		(1ULL << 43)
#define OBD_CONNECT_GRANT_PARAM		(1ULL << 44)
#define OBD_CONNECT_LVB_TYPE		(1ULL << 46)
#define OBD_CONNECT_LIGHTWEIGHT		(1ULL << 48)
#define OBD_CONNECT_SHORTIO		(1ULL << 49)
#define OBD_CONNECT_PINGLESS		(1ULL << 50)
#define OBD_CONNECT_FLOCK_DEAD		(1ULL << 51)
#define OBD_CONNECT_DISP_STRIPE		(1ULL << 52)
#define OBD_CONNECT_OPEN_BY_FID		(1ULL << 53)
#define OBD_CONNECT_LFSCK		(1ULL << 54)
#define OBD_CONNECT_MULTIMODRPCS	(1ULL << 57)
#define OBD_CONNECT_DIR_STRIPE		(1ULL << 58)
#define OBD_CONNECT_SUBTREE		(1ULL << 59)
#define OBD_CONNECT_BULK_MBITS		(1ULL << 61)
#define OBD_CONNECT_FLAGS2		(1ULL << 63)

/* ocd_connect_flags2 */
#define OBD_CONNECT2_FILE_SECCTX	(1ULL << 0)
#define OBD_CONNECT2_LOCKAHEAD		(1ULL << 1)
#define OBD_CONNECT2_DIR_MIGRATE	(1ULL << 2)
#define OBD_CONNECT2_SUM_STATFS		(1ULL << 3)
#define OBD_CONNECT2_OVERSTRIPING	(1ULL << 4)
#define OBD_CONNECT2_FLR		(1ULL << 5)
#define OBD_CONNECT2_LOCK_CONVERT	(1ULL << 7)
#define OBD_CONNECT2_ARCHIVE_ID_ARRAY	(1ULL << 8)
#define OBD_CONNECT2_INC_XID		(1ULL << 9)
#define OBD_CONNECT2_SELINUX_POLICY	(1ULL << 10)
#define OBD_CONNECT2_LSOM		(1ULL << 11)
#define OBD_CONNECT2_PCC		(1ULL << 12)
#define OBD_CONNECT2_CRUSH		(1ULL << 13)
#define OBD_CONNECT2_ASYNC_DISCARD	(1ULL << 14)
#define OBD_CONNECT2_ENCRYPT		(1ULL << 15)
#define OBD_CONNECT2_GETATTR_PFID	(1ULL << 17)
#define OBD_CONNECT2_LSEEK		(1ULL << 18)
#define OBD_CONNECT2_DOM_LVB		(1ULL << 19)
#define OBD_CONNECT2_REP_MBITS		(1ULL << 20)
#define OBD_CONNECT2_BATCH_RPC		(1ULL << 22)
#define OBD_CONNECT2_PCCRO		(1ULL << 23)
#define OBD_CONNECT2_ATOMIC_OPEN_LOCK	(1ULL << 26)
#define OBD_CONNECT2_ENCRYPT_NAME	(1ULL << 27)

/* ocd_cksum_types */
#define OBD_CKSUM_CRC32		0x01U
#define OBD_CKSUM_ADLER		0x02U
#define OBD_CKSUM_CRC32C	0x04U
#define OBD_CKSUM_T10IP512	0x10U
#define OBD_CKSUM_T10IP4K	0x20U
#define OBD_CKSUM_T10CRC512	0x40U
#define OBD_CKSUM_T10CRC4K	0x80U

/* --- sequences (13.3, 13.4) --- */

/** struct lu_seq_range - sequences [start, end) */
struct lu_seq_range {
	__le64 lsr_start;
	__le64 lsr_end;
	__le32 lsr_index;
	__le32 lsr_flags;
};

_Static_assert(sizeof(struct lu_seq_range) == 24, "lu_seq_range");

#define LU_SEQ_RANGE_MDT	0U
#define LU_SEQ_RANGE_OST	1U
#define LU_SEQ_RANGE_ANY	3U

#define SEQ_ALLOC_SUPER		0U
#define SEQ_ALLOC_META		1U
#define FLD_LOOKUP		2U

#define SEQ_META_WIDTH		1ULL
#define SEQ_SUPER_WIDTH		(1ULL << 30)
#define SEQ_CLIENT_OIDS		0x20000U	/* oids a client uses of one sequence */

/* --- errors (7): Linux asm-generic numbers, whatever the host --- */

/** rpc_errno_known() - is this positive number an error on the wire? Others count as EIO (5) */
static inline int rpc_errno_known(unsigned int e)
{
	return (e >= 1 && e <= 131 && e != 41 && e != 58) || (e >= 512 && e <= 529 && e != 517 &&
	       e != 518 && e != 519 && e != 520) || e == 303 /* of glimpses: chapter 03, 7.6 */;
}

#endif
