// SPDX-License-Identifier: GPL-2.0
/*
 * The structures of include/wire as data: name, place, width and kind of each field,
 * names of flags and values. No code.
 */
#include "wiretap.h"
#include "wire/config.h"
#include "wire/fid.h"
#include "wire/layout.h"
#include "wire/ldlm.h"
#include "wire/llog.h"
#include "wire/lnet.h"
#include "wire/md.h"
#include "wire/ost.h"
#include "wire/rpc.h"

#define OFF(s, m)	__builtin_offsetof(struct s, m)
#define SIZE(s, m)	sizeof(((struct s *)0)->m)
#define F(s, m, kind)		{ #m, OFF(s, m), SIZE(s, m), K_##kind, 1, NULL }
#define FA(s, m, kind, aux)	{ #m, OFF(s, m), SIZE(s, m), K_##kind, 1, aux }
#define ARR(s, m, w, kind)	{ #m, OFF(s, m), w, K_##kind, SIZE(s, m) / (w), NULL }
#define SUB(s, m, t)		{ #m, OFF(s, m), SIZE(s, m), K_STRUCT, 1, &wt_##t }
#define RAWAT(n, o, w, kind)	{ n, o, w, K_##kind, 1, NULL }
#define TABLE(s, bytes)							\
	const struct wt_struct wt_##s = { #s, s##_fields,		\
		sizeof(s##_fields) / sizeof(s##_fields[0]), bytes }
#define N(prefix, n)		{ prefix##n, #n }
#define END			{ 0, NULL }

/* --- lnet --- */

static const struct wt_name ksm_types[] = { N(KSOCK_MSG_, NOOP), N(KSOCK_MSG_, LNET), END };
static const struct wt_field ksock_wire_msg_fields[] = {
	FA(ksock_wire_msg, ksm_type, ENUM, ksm_types),
	F(ksock_wire_msg, ksm_csum, X),
	ARR(ksock_wire_msg, ksm_zc_cookies, 8, U),
};
TABLE(ksock_wire_msg, 24);

static const struct wt_name conn_types[] = {
	{ 0xffffffff, "NONE" }, N(KSOCK_CONN_, ANY), N(KSOCK_CONN_, CONTROL),
	N(KSOCK_CONN_, BULK_IN), N(KSOCK_CONN_, BULK_OUT), END
};
static const struct wt_field ksock_wire_hello_fields[] = {
	F(ksock_wire_hello, kshm_magic, X),
	F(ksock_wire_hello, kshm_version, U),
	F(ksock_wire_hello, kshm_src_nid, NID),
	F(ksock_wire_hello, kshm_dst_nid, NID),
	F(ksock_wire_hello, kshm_src_pid, U),
	F(ksock_wire_hello, kshm_dst_pid, U),
	F(ksock_wire_hello, kshm_src_incarnation, X),
	F(ksock_wire_hello, kshm_dst_incarnation, X),
	FA(ksock_wire_hello, kshm_ctype, ENUM, conn_types),
	F(ksock_wire_hello, kshm_nips, U),
};
TABLE(ksock_wire_hello, 56);

static const struct wt_field lnet_wire_acceptor_fields[] = {
	F(lnet_wire_acceptor, acr_magic, X),
	F(lnet_wire_acceptor, acr_version, U),
	F(lnet_wire_acceptor, acr_nid, NID),
};
TABLE(lnet_wire_acceptor, 16);

static const struct wt_name msg_types[] = {
	N(LNET_MSG_, ACK), N(LNET_MSG_, PUT), N(LNET_MSG_, GET), N(LNET_MSG_, REPLY), END
};
static const struct wt_field lnet_wire_hdr_fields[] = {
	F(lnet_wire_hdr, dest_nid, NID),
	F(lnet_wire_hdr, src_nid, NID),
	F(lnet_wire_hdr, dest_pid, U),
	F(lnet_wire_hdr, src_pid, U),
	FA(lnet_wire_hdr, type, ENUM, msg_types),
	F(lnet_wire_hdr, payload_length, U),
};
TABLE(lnet_wire_hdr, 32);

static const struct wt_field lnet_wire_ack_fields[] = {
	RAWAT("dst_wmd.wh_interface", 0, 8, X),
	RAWAT("dst_wmd.wh_object", 8, 8, X),
	F(lnet_wire_ack, match_bits, X),
	F(lnet_wire_ack, mlength, U),
};
TABLE(lnet_wire_ack, 28);

const struct wt_name wt_portals[] = {
	{ 0, "LNET" }, N(, OSC_REPLY_PORTAL), N(, OST_IO_PORTAL), N(, OST_CREATE_PORTAL),
	N(, OST_BULK_PORTAL), N(, MDC_REPLY_PORTAL), N(, MDS_REQUEST_PORTAL), N(, MDS_IO_PORTAL),
	N(, MDS_BULK_PORTAL), N(, LDLM_CB_REQUEST_PORTAL), N(, LDLM_CB_REPLY_PORTAL),
	N(, LDLM_CANCEL_REQUEST_PORTAL), N(, LDLM_CANCEL_REPLY_PORTAL), N(, MDS_READPAGE_PORTAL),
	N(, OUT_PORTAL), N(, MGC_REPLY_PORTAL), N(, MGS_REQUEST_PORTAL), N(, MGS_REPLY_PORTAL),
	N(, OST_REQUEST_PORTAL), N(, FLD_REQUEST_PORTAL), N(, SEQ_METADATA_PORTAL),
	N(, SEQ_DATA_PORTAL), N(, SEQ_CONTROLLER_PORTAL), N(, MGS_BULK_PORTAL), END
};
static const struct wt_field lnet_wire_put_fields[] = {
	RAWAT("ack_wmd.wh_interface", 0, 8, X),
	RAWAT("ack_wmd.wh_object", 8, 8, X),
	F(lnet_wire_put, match_bits, X),
	F(lnet_wire_put, hdr_data, X),
	FA(lnet_wire_put, ptl_index, ENUM, wt_portals),
	F(lnet_wire_put, offset, U),
};
TABLE(lnet_wire_put, 40);

static const struct wt_field lnet_wire_get_fields[] = {
	RAWAT("return_wmd.wh_interface", 0, 8, X),
	RAWAT("return_wmd.wh_object", 8, 8, X),
	F(lnet_wire_get, match_bits, X),
	FA(lnet_wire_get, ptl_index, ENUM, wt_portals),
	F(lnet_wire_get, src_offset, U),
	F(lnet_wire_get, sink_length, U),
};
TABLE(lnet_wire_get, 36);

static const struct wt_field lnet_wire_reply_fields[] = {
	RAWAT("dst_wmd.wh_interface", 0, 8, X),
	RAWAT("dst_wmd.wh_object", 8, 8, X),
};
TABLE(lnet_wire_reply, 16);

static const struct wt_name ping_features[] = {
	N(LNET_PING_FEAT_, BASE), N(LNET_PING_FEAT_, NI_STATUS), N(LNET_PING_FEAT_, RTE_DISABLED),
	N(LNET_PING_FEAT_, MULTI_RAIL), N(LNET_PING_FEAT_, DISCOVERY), N(LNET_PING_FEAT_, LARGE_ADDR),
	N(LNET_PING_FEAT_, PRIMARY_LARGE), N(LNET_PING_FEAT_, METADATA), END
};
static const struct wt_field lnet_wire_ping_info_fields[] = {
	F(lnet_wire_ping_info, pi_magic, X),
	FA(lnet_wire_ping_info, pi_features, FLAGS, ping_features),
	F(lnet_wire_ping_info, pi_pid, U),
	F(lnet_wire_ping_info, pi_nnis, U),
};
TABLE(lnet_wire_ping_info, 16);

static const struct wt_field lnet_wire_ni_status_fields[] = {
	F(lnet_wire_ni_status, ns_nid, NID),
	F(lnet_wire_ni_status, ns_status, X),
	F(lnet_wire_ni_status, ns_unused, ZERO),
};
TABLE(lnet_wire_ni_status, 16);

/* --- rpc --- */

static const struct wt_name msghdr_flags[] = {
	{ MSGHDR_AT_SUPPORT, "AT_SUPPORT" }, { MSGHDR_CKSUM_INCOMPAT18, "CKSUM_INCOMPAT18" }, END
};
#define MSG_HEAD							\
	F(lustre_msg_v2, lm_bufcount, U), F(lustre_msg_v2, lm_secflvr, X),	\
	F(lustre_msg_v2, lm_magic, X), F(lustre_msg_v2, lm_repsize, U),	\
	F(lustre_msg_v2, lm_cksum, X), FA(lustre_msg_v2, lm_flags, FLAGS, msghdr_flags)
static const struct wt_field lustre_msg_v2_fields[] = {
	MSG_HEAD, F(lustre_msg_v2, lm_padding_2, ZERO), F(lustre_msg_v2, lm_padding_3, ZERO),
};
TABLE(lustre_msg_v2, 32);
/* of a message in a batch */
static const struct wt_field lustre_msg_sub_fields[] = {
	MSG_HEAD, RAWAT("lm_opc_or_result", OFF(lustre_msg_v2, lm_padding_2), 4, S),
	F(lustre_msg_v2, lm_padding_3, ZERO),
};
TABLE(lustre_msg_sub, 32);

static const struct wt_name msg_kinds[] = {
	{ PTL_RPC_MSG_REQUEST, "REQUEST" }, { PTL_RPC_MSG_ERR, "ERR" },
	{ PTL_RPC_MSG_REPLY, "REPLY" }, END
};
const struct wt_name wt_opcodes[] = {
	N(, OST_GETATTR), N(, OST_SETATTR), N(, OST_READ), N(, OST_WRITE), N(, OST_CREATE),
	N(, OST_DESTROY), N(, OST_GET_INFO), N(, OST_CONNECT), N(, OST_DISCONNECT), N(, OST_PUNCH),
	N(, OST_STATFS), N(, OST_SYNC), N(, OST_SET_INFO), N(, OST_QUOTACTL), N(, OST_LADVISE),
	N(, OST_FALLOCATE), N(, OST_SEEK), N(, MDS_GETATTR), N(, MDS_GETATTR_NAME), N(, MDS_CLOSE),
	N(, MDS_REINT), N(, MDS_READPAGE), N(, MDS_CONNECT), N(, MDS_DISCONNECT), N(, MDS_GET_ROOT),
	N(, MDS_STATFS), N(, MDS_SYNC), N(, MDS_SET_INFO), N(, MDS_QUOTACTL), N(, MDS_GETXATTR),
	N(, MDS_WRITEPAGE), N(, MDS_GET_INFO), N(, MDS_HSM_STATE_GET), N(, MDS_HSM_STATE_SET),
	N(, MDS_HSM_ACTION), N(, MDS_HSM_PROGRESS), N(, MDS_HSM_REQUEST), N(, MDS_HSM_CT_REGISTER),
	N(, MDS_HSM_CT_UNREGISTER), N(, MDS_SWAP_LAYOUTS), N(, MDS_RMFID), N(, MDS_BATCH),
	N(, MDS_HSM_DATA_VERSION), N(, LDLM_ENQUEUE), N(, LDLM_CONVERT), N(, LDLM_CANCEL),
	N(, LDLM_BL_CALLBACK), N(, LDLM_CP_CALLBACK), N(, LDLM_GL_CALLBACK), N(, LDLM_SET_INFO),
	N(, MGS_CONNECT), N(, MGS_DISCONNECT), N(, MGS_EXCEPTION), N(, MGS_TARGET_REG),
	N(, MGS_TARGET_DEL), N(, MGS_SET_INFO), N(, MGS_CONFIG_READ), N(, OBD_PING),
	N(, OBD_IDX_READ), N(, LLOG_ORIGIN_HANDLE_CREATE), N(, LLOG_ORIGIN_HANDLE_NEXT_BLOCK),
	N(, LLOG_ORIGIN_HANDLE_READ_HEADER), N(, LLOG_ORIGIN_HANDLE_PREV_BLOCK),
	N(, LLOG_ORIGIN_HANDLE_DESTROY), N(, QUOTA_DQACQ), N(, QUOTA_DQREL), N(, SEQ_QUERY),
	N(, SEC_CTX_INIT), N(, SEC_CTX_INIT_CONT), N(, SEC_CTX_FINI), N(, FLD_QUERY), N(, FLD_READ),
	N(, OUT_UPDATE), N(, LFSCK_NOTIFY), N(, LFSCK_QUERY), END
};
/* bits of 2.16 and later, and obsolete ones that stock clients still send, by number */
static const struct wt_name pb_flags[] = {
	N(MSG_, RESENT), N(MSG_, REPLAY), N(MSG_, REQ_REPLAY_DONE), N(MSG_, LOCK_REPLAY_DONE),
	{ 0x1, "LAST_REPLAY" }, { 0x8, "obsolete_8" }, { 0x10, "obsolete_10" }, { 0x20, "obsolete_20" },
	{ 0x100, "CLIENT_BANNED" }, { 0x200, "PACK_UID_GID" }, { 0x400, "PACK_PROJID" }, END
};
static const struct wt_name pb_op_flags[] = {
	N(MSG_CONNECT_, RECOVERING), N(MSG_CONNECT_, RECONNECT), N(MSG_CONNECT_, REPLAYABLE),
	N(MSG_CONNECT_, LIBCLIENT), N(MSG_CONNECT_, INITIAL), N(MSG_CONNECT_, TRANSNO), END
};
static const struct wt_field ptlrpc_body_fields[] = {
	F(ptlrpc_body, pb_handle, X),
	FA(ptlrpc_body, pb_type, ENUM, msg_kinds),
	F(ptlrpc_body, pb_version, X),
	FA(ptlrpc_body, pb_opc, ENUM, wt_opcodes),
	F(ptlrpc_body, pb_status, S),
	F(ptlrpc_body, pb_last_xid, X),
	F(ptlrpc_body, pb_tag, U),
	F(ptlrpc_body, pb_padding0, ZERO),
	RAWAT("pb_projid", OFF(ptlrpc_body, pb_padding1), 4, U),
	F(ptlrpc_body, pb_last_committed, X),
	F(ptlrpc_body, pb_transno, X),
	FA(ptlrpc_body, pb_flags, FLAGS, pb_flags),
	FA(ptlrpc_body, pb_op_flags, FLAGS, pb_op_flags),
	F(ptlrpc_body, pb_conn_cnt, U),
	F(ptlrpc_body, pb_timeout, U),
	F(ptlrpc_body, pb_service_time, U),
	F(ptlrpc_body, pb_limit, U),
	F(ptlrpc_body, pb_slv, X),
	ARR(ptlrpc_body, pb_pre_versions, 8, X),
	F(ptlrpc_body, pb_mbits, X),
	F(ptlrpc_body, pb_padding64_0, ZERO),
	F(ptlrpc_body, pb_padding64_1, ZERO),
	RAWAT("pb_uid", OFF(ptlrpc_body, pb_padding64_2), 4, U),
	RAWAT("pb_gid", OFF(ptlrpc_body, pb_padding64_2) + 4, 4, U),
	F(ptlrpc_body, pb_jobid, STR),
};
TABLE(ptlrpc_body, 184);

static const struct wt_name connect_flags[] = {
	N(OBD_CONNECT_, RDONLY), N(OBD_CONNECT_, INDEX), N(OBD_CONNECT_, MDS), N(OBD_CONNECT_, GRANT),
	N(OBD_CONNECT_, SRVLOCK), N(OBD_CONNECT_, VERSION), N(OBD_CONNECT_, REQPORTAL),
	N(OBD_CONNECT_, ACL), N(OBD_CONNECT_, XATTR), N(OBD_CONNECT_, LARGE_ACL),
	N(OBD_CONNECT_, IBITS), N(OBD_CONNECT_, BARRIER), N(OBD_CONNECT_, ATTRFID),
	N(OBD_CONNECT_, NODEVOH), N(OBD_CONNECT_, BRW_SIZE), N(OBD_CONNECT_, CANCELSET),
	N(OBD_CONNECT_, AT), N(OBD_CONNECT_, LRU_RESIZE), N(OBD_CONNECT_, MDS_MDS),
	N(OBD_CONNECT_, CKSUM), N(OBD_CONNECT_, FID), N(OBD_CONNECT_, VBR), N(OBD_CONNECT_, LOV_V3),
	N(OBD_CONNECT_, GRANT_SHRINK), N(OBD_CONNECT_, SKIP_ORPHAN), N(OBD_CONNECT_, MAX_EASIZE),
	N(OBD_CONNECT_, FULL20), N(OBD_CONNECT_, LAYOUTLOCK), N(OBD_CONNECT_, 64BITHASH),
	N(OBD_CONNECT_, MAXBYTES), N(OBD_CONNECT_, IMP_RECOV), N(OBD_CONNECT_, JOBSTATS),
	N(OBD_CONNECT_, UMASK), N(OBD_CONNECT_, EINPROGRESS), N(OBD_CONNECT_, GRANT_PARAM),
	N(OBD_CONNECT_, LVB_TYPE), N(OBD_CONNECT_, LIGHTWEIGHT), N(OBD_CONNECT_, SHORTIO),
	N(OBD_CONNECT_, PINGLESS), N(OBD_CONNECT_, FLOCK_DEAD), N(OBD_CONNECT_, DISP_STRIPE),
	N(OBD_CONNECT_, OPEN_BY_FID), N(OBD_CONNECT_, LFSCK), N(OBD_CONNECT_, MULTIMODRPCS),
	N(OBD_CONNECT_, DIR_STRIPE), N(OBD_CONNECT_, SUBTREE), N(OBD_CONNECT_, BULK_MBITS),
	N(OBD_CONNECT_, FLAGS2),
	/* dead, but some are asked */
	{ 1ULL << 10, "OLD_FALLOC" }, { 1ULL << 11, "TRANSNO" }, { 1ULL << 16, "RMT_CLIENT" },
	{ 1ULL << 17, "RMT_CLIENT_FORCE" }, { 1ULL << 19, "QUOTA64" }, { 1ULL << 20, "MDS_CAPA" },
	{ 1ULL << 21, "OSS_CAPA" }, { 1ULL << 23, "SOM" }, { 1ULL << 27, "REAL" },
	{ 1ULL << 28, "CHANGE_QS" }, { 1ULL << 45, "FLOCK_OWNER" }, { 1ULL << 47, "NANOSEC_TIME" },
	{ 1ULL << 56, "UNLINK_CLOSE" }, { 1ULL << 62, "OBDOPACK" }, END
};
static const struct wt_name connect_flags2[] = {
	N(OBD_CONNECT2_, FILE_SECCTX), N(OBD_CONNECT2_, LOCKAHEAD), N(OBD_CONNECT2_, DIR_MIGRATE),
	N(OBD_CONNECT2_, SUM_STATFS), N(OBD_CONNECT2_, OVERSTRIPING), N(OBD_CONNECT2_, FLR),
	N(OBD_CONNECT2_, LOCK_CONVERT), N(OBD_CONNECT2_, ARCHIVE_ID_ARRAY), N(OBD_CONNECT2_, INC_XID),
	N(OBD_CONNECT2_, SELINUX_POLICY), N(OBD_CONNECT2_, LSOM), N(OBD_CONNECT2_, PCC),
	N(OBD_CONNECT2_, CRUSH), N(OBD_CONNECT2_, ASYNC_DISCARD), N(OBD_CONNECT2_, ENCRYPT),
	N(OBD_CONNECT2_, GETATTR_PFID), N(OBD_CONNECT2_, LSEEK), N(OBD_CONNECT2_, DOM_LVB),
	N(OBD_CONNECT2_, REP_MBITS), N(OBD_CONNECT2_, BATCH_RPC), N(OBD_CONNECT2_, PCCRO),
	N(OBD_CONNECT2_, ATOMIC_OPEN_LOCK), N(OBD_CONNECT2_, ENCRYPT_NAME),
	{ 1ULL << 6, "WBC_INTENTS" }, { 1ULL << 16, "FIDMAP" }, { 1ULL << 21, "MODE_CONVERT" },
	/* 2.17 */
	{ 1ULL << 24, "MNE_TYPE" }, { 1ULL << 25, "LOCK_CONTENTION" }, { 1ULL << 29, "DMV_IMP_INHERIT" },
	{ 1ULL << 30, "ENCRYPT_FID2PATH" }, { 1ULL << 31, "REPLAY_CREATE" }, { 1ULL << 32, "LARGE_NID" },
	{ 1ULL << 33, "COMPRESS" }, { 1ULL << 34, "UNALIGNED_DIO" }, { 1ULL << 35, "CONN_POLICY" },
	{ 1ULL << 36, "SPARSE" }, { 1ULL << 37, "MIRROR_ID_FIX" }, { 1ULL << 38, "UPDATE_LAYOUT" },
	{ 1ULL << 39, "READDIR_OPEN" }, { 1ULL << 40, "FLR_EC" }, { 1ULL << 41, "FLR_IMMED_MIRROR" },
	{ 1ULL << 42, "NO_APPEND" }, { 1ULL << 43, "FLR_EC_WR" }, { 1ULL << 44, "PERFSTATS" }, END
};
static const struct wt_name cksum_types[] = {
	N(OBD_CKSUM_, CRC32), N(OBD_CKSUM_, ADLER), N(OBD_CKSUM_, CRC32C), N(OBD_CKSUM_, T10IP512),
	N(OBD_CKSUM_, T10IP4K), N(OBD_CKSUM_, T10CRC512), N(OBD_CKSUM_, T10CRC4K), END
};
static const struct wt_name ibits[] = {
	N(MDS_INODELOCK_, LOOKUP), N(MDS_INODELOCK_, UPDATE), N(MDS_INODELOCK_, OPEN),
	N(MDS_INODELOCK_, LAYOUT), N(MDS_INODELOCK_, PERM), N(MDS_INODELOCK_, XATTR),
	N(MDS_INODELOCK_, DOM), END
};
static const struct wt_field obd_connect_data_fields[] = {
	FA(obd_connect_data, ocd_connect_flags, FLAGS, connect_flags),
	F(obd_connect_data, ocd_version, X),
	F(obd_connect_data, ocd_grant, U),
	F(obd_connect_data, ocd_index, U),
	F(obd_connect_data, ocd_brw_size, U),
	FA(obd_connect_data, ocd_ibits_known, FLAGS, ibits),
	F(obd_connect_data, ocd_grant_blkbits, U),
	F(obd_connect_data, ocd_grant_inobits, U),
	F(obd_connect_data, ocd_grant_tax_kb, U),
	F(obd_connect_data, ocd_grant_max_blks, U),
	F(obd_connect_data, ocd_transno, X),
	F(obd_connect_data, ocd_group, U),
	FA(obd_connect_data, ocd_cksum_types, FLAGS, cksum_types),
	F(obd_connect_data, ocd_max_easize, U),
	F(obd_connect_data, ocd_instance, U),
	F(obd_connect_data, ocd_maxbytes, X),
	F(obd_connect_data, ocd_maxmodrpcs, U),
	F(obd_connect_data, ocd_padding0, ZERO),
	FA(obd_connect_data, ocd_connect_flags2, FLAGS, connect_flags2),
	F(obd_connect_data, ocd_padding1, ZERO),
};
TABLE(obd_connect_data, 192);

static const struct wt_name range_kinds[] = { N(LU_SEQ_RANGE_, MDT), N(LU_SEQ_RANGE_, OST), N(LU_SEQ_RANGE_, ANY), END };
static const struct wt_field lu_seq_range_fields[] = {
	F(lu_seq_range, lsr_start, X),
	F(lu_seq_range, lsr_end, X),
	F(lu_seq_range, lsr_index, U),
	FA(lu_seq_range, lsr_flags, ENUM, range_kinds),
};
TABLE(lu_seq_range, 24);

/* --- metadata --- */

static const struct wt_name valid_flags[] = {
	N(OBD_MD_, FLID), N(OBD_MD_, FLATIME), N(OBD_MD_, FLMTIME), N(OBD_MD_, FLCTIME),
	N(OBD_MD_, FLSIZE), N(OBD_MD_, FLBLOCKS), N(OBD_MD_, FLBLKSZ), N(OBD_MD_, FLMODE),
	N(OBD_MD_, FLTYPE), N(OBD_MD_, FLUID), N(OBD_MD_, FLGID), N(OBD_MD_, FLFLAGS),
	N(OBD_MD_, DOM_SIZE), N(OBD_MD_, FLNLINK), N(OBD_MD_, FLPARENT), N(OBD_MD_, LAYOUT_VERSION),
	N(OBD_MD_, FLRDEV), N(OBD_MD_, FLEASIZE), N(OBD_MD_, LINKNAME), N(OBD_MD_, FLHANDLE),
	N(OBD_MD_, FLCKSUM), N(OBD_MD_, FLPRJQUOTA), { 0x800000, "FLCOOKIE" }, N(OBD_MD_, FLGROUP),
	N(OBD_MD_, FLFID), N(OBD_MD_, FLGRANT), N(OBD_MD_, FLDIREA), N(OBD_MD_, FLUSRQUOTA),
	N(OBD_MD_, FLGRPQUOTA), N(OBD_MD_, FLMODEASIZE), N(OBD_MD_, MDS), N(OBD_MD_, MEA),
	N(OBD_MD_, TSTATE), N(OBD_MD_, FLXATTR), N(OBD_MD_, FLXATTRLS), N(OBD_MD_, FLXATTRRM),
	N(OBD_MD_, FLACL), N(OBD_MD_, FLAGSTATFS), N(OBD_MD_, FLCROSSREF), N(OBD_MD_, FLGETATTRLOCK),
	N(OBD_MD_, FLOBJCOUNT), N(OBD_MD_, FLDATAVERSION), N(OBD_MD_, CLOSE_INTENT_EXECED),
	N(OBD_MD_, DEFAULT_MEA), N(OBD_MD_, FLOSTLAYOUT), N(OBD_MD_, FLPROJID), N(OBD_MD_, SECCTX),
	N(OBD_MD_, FLLAZYSIZE), N(OBD_MD_, FLLAZYBLOCKS), N(OBD_MD_, FLBTIME), N(OBD_MD_, ENCCTX),
	N(OBD_MD_, NAMEHASH), END
};
static const struct wt_field mdt_body_fields[] = {
	F(mdt_body, mbo_fid1, FID), F(mdt_body, mbo_fid2, FID), F(mdt_body, mbo_handle, X),
	FA(mdt_body, mbo_valid, FLAGS, valid_flags), F(mdt_body, mbo_size, U),
	F(mdt_body, mbo_mtime, TIME), F(mdt_body, mbo_atime, TIME), F(mdt_body, mbo_ctime, TIME),
	F(mdt_body, mbo_blocks, U), F(mdt_body, mbo_version, X), F(mdt_body, mbo_t_state, X),
	F(mdt_body, mbo_fsuid, U), F(mdt_body, mbo_fsgid, U), F(mdt_body, mbo_capability, X),
	F(mdt_body, mbo_mode, OCT), F(mdt_body, mbo_uid, U), F(mdt_body, mbo_gid, U),
	F(mdt_body, mbo_flags, X), F(mdt_body, mbo_rdev, X), F(mdt_body, mbo_nlink, U),
	F(mdt_body, mbo_layout_gen, U), F(mdt_body, mbo_suppgid, X), F(mdt_body, mbo_eadatasize, U),
	F(mdt_body, mbo_aclsize, U), F(mdt_body, mbo_max_mdsize, U), F(mdt_body, mbo_unused3, ZERO),
	F(mdt_body, mbo_uid_h, U), F(mdt_body, mbo_gid_h, U), F(mdt_body, mbo_projid, U),
	F(mdt_body, mbo_dom_size, U), F(mdt_body, mbo_dom_blocks, U), F(mdt_body, mbo_btime, TIME),
	/* 2.17: which security attributes the object lacks */
	RAWAT("mbo_padding_9_low", OFF(mdt_body, mbo_padding_9), 4, X),
	RAWAT("mbo_padding_9_high", OFF(mdt_body, mbo_padding_9) + 4, 4, ZERO),
	F(mdt_body, mbo_padding_10, ZERO),
};
TABLE(mdt_body, 216);

const struct wt_name wt_reint_ops[] = {
	N(REINT_, SETATTR), N(REINT_, CREATE), N(REINT_, LINK), N(REINT_, UNLINK), N(REINT_, RENAME),
	N(REINT_, OPEN), N(REINT_, SETXATTR), N(REINT_, RMENTRY), N(REINT_, MIGRATE),
	N(REINT_, RESYNC), END
};
static const struct wt_name bias_flags[] = {
	N(MDS_, CROSS_REF), N(MDS_, PERM_BYPASS), N(MDS_, QUOTA_IGNORE), N(MDS_, KEEP_ORPHAN),
	N(MDS_, RECOV_OPEN), N(MDS_, DATA_MODIFIED), N(MDS_, CREATE_VOLATILE), N(MDS_, OWNEROVERRIDE),
	N(MDS_, HSM_RELEASE), N(MDS_, CLOSE_MIGRATE), N(MDS_, CLOSE_LAYOUT_SWAP),
	N(MDS_, CLOSE_LAYOUT_MERGE), N(MDS_, CLOSE_RESYNC_DONE), N(MDS_, CLOSE_LAYOUT_SPLIT),
	N(MDS_, TRUNC_KEEP_LEASE), N(MDS_, PCC_ATTACH), { 1 << 20, "CLOSE_UPDATE_TIMES" },
	N(MDS_, SETSTRIPE_CREATE), N(MDS_, FID_OP), N(MDS_, MIGRATE_NSONLY),
	{ 1 << 24, "CREATE_DEFAULT_LMV" }, { 1 << 25, "LAYOUT_SWAP_HSM" }, { 1 << 26, "RENAME_AGAIN" },
	{ 1 << 27, "NAMEHASH" }, END
};
static const struct wt_name attr_valid[] = {
	N(MDS_ATTR_, MODE), N(MDS_ATTR_, UID), N(MDS_ATTR_, GID), N(MDS_ATTR_, SIZE),
	N(MDS_ATTR_, ATIME), N(MDS_ATTR_, MTIME), N(MDS_ATTR_, CTIME), N(MDS_ATTR_, ATIME_SET),
	N(MDS_ATTR_, MTIME_SET), N(MDS_ATTR_, FORCE), N(MDS_ATTR_, ATTR_FLAG),
	N(MDS_ATTR_, KILL_SUID), N(MDS_ATTR_, KILL_SGID), N(MDS_ATTR_, CTIME_SET),
	N(MDS_ATTR_, FROM_OPEN), N(MDS_ATTR_, BLOCKS), N(MDS_ATTR_, PROJID), N(MDS_ATTR_, LSIZE),
	N(MDS_ATTR_, LBLOCKS), N(MDS_ATTR_, OVERRIDE), END
};
#define REC_HEAD(t)								\
	{ "opcode", 0, 4, K_ENUM, 1, wt_reint_ops }, RAWAT("cap", 4, 4, X),	\
	RAWAT("fsuid", 8, 4, U), RAWAT("fsuid_h", 12, 4, U), RAWAT("fsgid", 16, 4, U), \
	RAWAT("fsgid_h", 20, 4, U), RAWAT("suppgid1", 24, 4, X), RAWAT("suppgid1_h", 28, 4, X), \
	RAWAT("suppgid2", 32, 4, X), RAWAT("suppgid2_h", 36, 4, X)

static const struct wt_field mdt_rec_setattr_fields[] = {
	REC_HEAD(),
	F(mdt_rec_setattr, fid, FID), FA(mdt_rec_setattr, valid, FLAGS, attr_valid),
	F(mdt_rec_setattr, uid, U), F(mdt_rec_setattr, gid, U), F(mdt_rec_setattr, size, U),
	F(mdt_rec_setattr, blocks, U), F(mdt_rec_setattr, mtime, TIME),
	F(mdt_rec_setattr, atime, TIME), F(mdt_rec_setattr, ctime, TIME),
	F(mdt_rec_setattr, attr_flags, X), F(mdt_rec_setattr, mode, OCT),
	FA(mdt_rec_setattr, bias, FLAGS, bias_flags), F(mdt_rec_setattr, projid, U),
	F(mdt_rec_setattr, padding, ZERO),
};
TABLE(mdt_rec_setattr, 136);

const struct wt_name wt_open_flags[] = {
	{ 0x1, "FMODE_READ" }, { 0x2, "FMODE_WRITE" }, { 0x4, "FMODE_EXEC" }, N(MDS_OPEN_, CREAT),
	N(MDS_OPEN_, EXCL), N(MDS_OPEN_, TRUNC), N(MDS_OPEN_, APPEND), N(MDS_OPEN_, SYNC),
	N(MDS_OPEN_, DIRECTORY), N(MDS_OPEN_, BY_FID), N(MDS_OPEN_, DELAY_CREATE),
	N(MDS_OPEN_, OWNEROVERRIDE), N(MDS_OPEN_, JOIN_FILE), N(MDS_OPEN_, LOCK),
	N(MDS_OPEN_, HAS_EA), N(MDS_OPEN_, HAS_OBJS),
	/* 2.16 and later */
	{ 0x10, "FMODE_EXECUTE" }, { 0x100, "NOCTTY" }, { 0x800, "NONBLOCK" }, { 0x2000, "FASYNC" },
	{ 0x8000, "LARGEFILE" }, { 0x20000, "NOFOLLOW" }, END
};
static const struct wt_name open_flags_h[] = {
	{ 1 << 1, "NORESTORE" }, { 1 << 2, "NEWSTRIPE" }, { 1 << 3, "VOLATILE" }, { 1 << 4, "LEASE" },
	{ 1 << 5, "RELEASE" }, { 1 << 6, "RESYNC" }, { 1 << 7, "PCC" }, { 1 << 8, "OP_WITH_FID" },
	{ 1 << 9, "DEFAULT_LMV" }, END
};
static const struct wt_field mdt_rec_create_fields[] = {
	REC_HEAD(),
	F(mdt_rec_create, fid1, FID), F(mdt_rec_create, fid2, FID), F(mdt_rec_create, old_handle, X),
	F(mdt_rec_create, time, TIME), F(mdt_rec_create, rdev, X), F(mdt_rec_create, ioepoch, U),
	F(mdt_rec_create, padding, ZERO), F(mdt_rec_create, mode, OCT),
	FA(mdt_rec_create, bias, FLAGS, bias_flags), FA(mdt_rec_create, flags_l, FLAGS, wt_open_flags),
	FA(mdt_rec_create, flags_h, FLAGS, open_flags_h), F(mdt_rec_create, umask, OCT),
	F(mdt_rec_create, padding4, ZERO),
};
TABLE(mdt_rec_create, 136);

static const struct wt_field mdt_rec_link_fields[] = {
	REC_HEAD(),
	F(mdt_rec_link, fid1, FID), F(mdt_rec_link, fid2, FID), F(mdt_rec_link, time, TIME),
	F(mdt_rec_link, padding, ZERO), FA(mdt_rec_link, bias, FLAGS, bias_flags),
	F(mdt_rec_link, padding2, ZERO),
};
TABLE(mdt_rec_link, 136);

static const struct wt_field mdt_rec_unlink_fields[] = {
	REC_HEAD(),
	F(mdt_rec_unlink, fid1, FID), F(mdt_rec_unlink, fid2, FID), F(mdt_rec_unlink, time, TIME),
	F(mdt_rec_unlink, padding, ZERO), FA(mdt_rec_unlink, bias, FLAGS, bias_flags),
	F(mdt_rec_unlink, mode, OCT), F(mdt_rec_unlink, padding2, ZERO),
};
TABLE(mdt_rec_unlink, 136);

static const struct wt_field mdt_rec_rename_fields[] = {
	REC_HEAD(),
	F(mdt_rec_rename, fid1, FID), F(mdt_rec_rename, fid2, FID), F(mdt_rec_rename, time, TIME),
	F(mdt_rec_rename, padding, ZERO), FA(mdt_rec_rename, bias, FLAGS, bias_flags),
	F(mdt_rec_rename, mode, OCT), F(mdt_rec_rename, padding2, ZERO),
};
TABLE(mdt_rec_rename, 136);

static const struct wt_field mdt_rec_setxattr_fields[] = {
	REC_HEAD(),
	F(mdt_rec_setxattr, fid, FID), F(mdt_rec_setxattr, padding, ZERO),
	FA(mdt_rec_setxattr, valid, FLAGS, valid_flags), F(mdt_rec_setxattr, time, TIME),
	F(mdt_rec_setxattr, padding2, ZERO), F(mdt_rec_setxattr, size, U),
	F(mdt_rec_setxattr, flags, X), F(mdt_rec_setxattr, padding3, ZERO),
};
TABLE(mdt_rec_setxattr, 136);

static const struct wt_field mdt_rec_resync_fields[] = {
	REC_HEAD(),
	F(mdt_rec_resync, fid, FID), F(mdt_rec_resync, padding, ZERO),
	F(mdt_rec_resync, lease_handle, X), F(mdt_rec_resync, padding2, ZERO),
	FA(mdt_rec_resync, bias, FLAGS, bias_flags),
	RAWAT("padding3", OFF(mdt_rec_resync, padding3), 12, ZERO),
	/* 2.16 and later */
	RAWAT("mirror_id_new", OFF(mdt_rec_resync, padding3) + 12, 4, U),
	F(mdt_rec_resync, mirror_id, U), F(mdt_rec_resync, padding4, ZERO),
};
TABLE(mdt_rec_resync, 136);

static const struct wt_field mdt_ioepoch_fields[] = {
	F(mdt_ioepoch, mio_handle, X), F(mdt_ioepoch, mio_unused1, ZERO),
	F(mdt_ioepoch, mio_unused2, ZERO), F(mdt_ioepoch, mio_padding, ZERO),
};
TABLE(mdt_ioepoch, 24);

/* what follows depends on the bias of the close */
static const struct wt_field close_data_fields[] = {
	F(close_data, cd_handle, X), F(close_data, cd_fid, FID), F(close_data, cd_data_version, X),
};
TABLE(close_data, 32);

static const struct wt_name dirpage_flags[] = { N(LDF_, EMPTY), N(LDF_, COLLIDE), END };
static const struct wt_field lu_dirpage_fields[] = {
	F(lu_dirpage, ldp_hash_start, X), F(lu_dirpage, ldp_hash_end, X),
	FA(lu_dirpage, ldp_flags, FLAGS, dirpage_flags), F(lu_dirpage, ldp_pad0, ZERO),
};
TABLE(lu_dirpage, 24);

static const struct wt_name luda[] = { N(LUDA_, FID), N(LUDA_, TYPE), N(LUDA_, 64BITHASH), END };
static const struct wt_field lu_dirent_fields[] = {
	F(lu_dirent, lde_fid, FID), F(lu_dirent, lde_hash, X), F(lu_dirent, lde_reclen, U),
	F(lu_dirent, lde_namelen, U), FA(lu_dirent, lde_attrs, FLAGS, luda),
};
TABLE(lu_dirent, 32);

static const struct wt_field lustre_mdt_attrs_fields[] = {
	F(lustre_mdt_attrs, lma_compat, X), F(lustre_mdt_attrs, lma_incompat, X),
	F(lustre_mdt_attrs, lma_self_fid, FID),
};
TABLE(lustre_mdt_attrs, 24);

static const struct wt_name som_flags[] = { N(SOM_FL_, STRICT), N(SOM_FL_, STALE), N(SOM_FL_, LAZY), END };
static const struct wt_field lustre_som_attrs_fields[] = {
	FA(lustre_som_attrs, lsa_valid, FLAGS, som_flags), F(lustre_som_attrs, lsa_reserved, ZERO),
	F(lustre_som_attrs, lsa_size, U), F(lustre_som_attrs, lsa_blocks, U),
};
TABLE(lustre_som_attrs, 24);

static const struct wt_field link_ea_header_fields[] = {
	F(link_ea_header, leh_magic, X), F(link_ea_header, leh_reccount, U),
	F(link_ea_header, leh_len, U), F(link_ea_header, leh_overflow_time, TIME),
	F(link_ea_header, leh_padding, ZERO),
};
TABLE(link_ea_header, 24);

static const struct wt_field lmv_mds_md_v1_fields[] = {
	F(lmv_mds_md_v1, lmv_magic, X), F(lmv_mds_md_v1, lmv_stripe_count, U),
	F(lmv_mds_md_v1, lmv_master_mdt_index, U), F(lmv_mds_md_v1, lmv_hash_type, X),
	F(lmv_mds_md_v1, lmv_layout_version, U), F(lmv_mds_md_v1, lmv_migrate_offset, U),
	F(lmv_mds_md_v1, lmv_migrate_hash, X), F(lmv_mds_md_v1, lmv_padding2, ZERO),
	F(lmv_mds_md_v1, lmv_padding3, ZERO), F(lmv_mds_md_v1, lmv_pool_name, STR),
};
TABLE(lmv_mds_md_v1, 56);

static const struct wt_field lmv_user_md_fields[] = {
	F(lmv_user_md, lum_magic, X), F(lmv_user_md, lum_stripe_count, U),
	F(lmv_user_md, lum_stripe_offset, X), F(lmv_user_md, lum_hash_type, X),
	F(lmv_user_md, lum_type, U), F(lmv_user_md, lum_max_inherit, U),
	F(lmv_user_md, lum_max_inherit_rr, U), F(lmv_user_md, lum_padding1, ZERO),
	F(lmv_user_md, lum_padding2, ZERO), F(lmv_user_md, lum_padding3, ZERO),
	F(lmv_user_md, lum_pool_name, STR),
};
TABLE(lmv_user_md, 48);

static const struct wt_field lmv_user_mds_data_fields[] = {
	F(lmv_user_mds_data, lum_fid, FID), F(lmv_user_mds_data, lum_padding, ZERO),
	F(lmv_user_mds_data, lum_mds, U),
};
TABLE(lmv_user_mds_data, 24);

/* --- locks --- */

static const struct wt_name lock_flags[] = {
	N(LDLM_FL_, LOCK_CHANGED), N(LDLM_FL_, BLOCK_GRANTED), N(LDLM_FL_, BLOCK_WAIT),
	N(LDLM_FL_, SPECULATIVE), N(LDLM_FL_, AST_SENT), N(LDLM_FL_, CONTENTION),
	N(LDLM_FL_, REPLAY), N(LDLM_FL_, INTENT_ONLY), N(LDLM_FL_, HAS_INTENT),
	N(LDLM_FL_, FLOCK_DEADLOCK), N(LDLM_FL_, DISCARD_DATA), N(LDLM_FL_, NO_TIMEOUT),
	N(LDLM_FL_, BLOCK_NOWAIT), N(LDLM_FL_, TEST_LOCK), N(LDLM_FL_, CANCEL_ON_BLOCK),
	N(LDLM_FL_, COS_INCOMPAT), N(LDLM_FL_, NO_EXPANSION), N(LDLM_FL_, DENY_ON_CONTENTION),
	N(LDLM_FL_, AST_DISCARD_DATA), END
};
static const struct wt_name lock_types[] = {
	{ 0, "none" }, N(LDLM_, PLAIN), N(LDLM_, EXTENT), N(LDLM_, FLOCK), N(LDLM_, IBITS), END
};
static const struct wt_name lock_modes[] = {
	{ 0, "none" }, N(LDLM_, EX), N(LDLM_, PW), N(LDLM_, PR), N(LDLM_, CW), N(LDLM_, CR),
	N(LDLM_, NL), N(LDLM_, GROUP), N(LDLM_, COS), END
};
/* the policy is decoded by the type, the handles by the length of the buffer */
#define LOCK_DESC(base)								\
	{ "lr_type", (base), 4, K_ENUM, 1, lock_types }, RAWAT("lr_pad", (base) + 4, 4, ZERO), \
	{ "lr_name", (base) + 8, 8, K_X, 4, NULL },				\
	{ "l_req_mode", (base) + 40, 4, K_ENUM, 1, lock_modes },		\
	{ "l_granted_mode", (base) + 44, 4, K_ENUM, 1, lock_modes }
static const struct wt_field ldlm_request_fields[] = {
	FA(ldlm_request, lock_flags, FLAGS, lock_flags), F(ldlm_request, lock_count, U),
	LOCK_DESC(8),
};
TABLE(ldlm_request, 88);
static const struct wt_field ldlm_reply_fields[] = {
	FA(ldlm_reply, lock_flags, FLAGS, lock_flags), F(ldlm_reply, lock_padding, ZERO),
	LOCK_DESC(8),
	F(ldlm_reply, lock_handle, X), F(ldlm_reply, lock_policy_res1, X),
	F(ldlm_reply, lock_policy_res2, S),
};
TABLE(ldlm_reply, 112);

static const struct wt_field ldlm_extent_desc_fields[] = {
	F(ldlm_extent_desc, start, X), F(ldlm_extent_desc, end, X), F(ldlm_extent_desc, gid, U),
	F(ldlm_extent_desc, pad, ZERO),
};
TABLE(ldlm_extent_desc, 32);
static const struct wt_field ldlm_flock_desc_fields[] = {
	F(ldlm_flock_desc, lfw_start, X), F(ldlm_flock_desc, lfw_end, X),
	F(ldlm_flock_desc, lfw_owner, X), F(ldlm_flock_desc, lfw_padding, ZERO),
	F(ldlm_flock_desc, lfw_pid, U),
};
TABLE(ldlm_flock_desc, 32);
static const struct wt_field ldlm_ibits_desc_fields[] = {
	FA(ldlm_ibits_desc, bits, FLAGS, ibits), FA(ldlm_ibits_desc, other, FLAGS, ibits),
	F(ldlm_ibits_desc, li_gid, U), F(ldlm_ibits_desc, pad, ZERO),
	F(ldlm_ibits_desc, li_initiator_id, U),
};
TABLE(ldlm_ibits_desc, 32);

static const struct wt_name layout_opcs[] = {
	N(LAYOUT_INTENT_, ACCESS), N(LAYOUT_INTENT_, READ), N(LAYOUT_INTENT_, WRITE),
	N(LAYOUT_INTENT_, GLIMPSE), N(LAYOUT_INTENT_, TRUNC), N(LAYOUT_INTENT_, RELEASE),
	N(LAYOUT_INTENT_, RESTORE), END
};
static const struct wt_field layout_intent_fields[] = {
	FA(layout_intent, li_opc, ENUM, layout_opcs), F(layout_intent, li_flags, X),
	F(layout_intent, li_start, X), F(layout_intent, li_end, X),
};
TABLE(layout_intent, 24);

static const struct wt_field ldlm_gl_lquota_desc_fields[] = {
	ARR(ldlm_gl_lquota_desc, gl_id, 8, X), F(ldlm_gl_lquota_desc, gl_flags, X),
	F(ldlm_gl_lquota_desc, gl_ver, U), F(ldlm_gl_lquota_desc, gl_hardlimit, U),
	F(ldlm_gl_lquota_desc, gl_softlimit, U), F(ldlm_gl_lquota_desc, gl_time, U),
	F(ldlm_gl_lquota_desc, gl_pad2, ZERO),
};
TABLE(ldlm_gl_lquota_desc, 64);

#define LVB_V1								\
	F(ost_lvb, lvb_size, U), F(ost_lvb, lvb_mtime, TIME),		\
	F(ost_lvb, lvb_atime, TIME), F(ost_lvb, lvb_ctime, TIME), F(ost_lvb, lvb_blocks, U)
static const struct wt_field ost_lvb_fields[] = {
	LVB_V1, F(ost_lvb, lvb_mtime_ns, U), F(ost_lvb, lvb_atime_ns, U),
	F(ost_lvb, lvb_ctime_ns, U), F(ost_lvb, lvb_padding, ZERO),
};
TABLE(ost_lvb, 56);
static const struct wt_field ost_lvb_v1_fields[] = { LVB_V1 };
TABLE(ost_lvb_v1, 40);
static const struct wt_field lquota_lvb_fields[] = {
	F(lquota_lvb, lvb_flags, X), F(lquota_lvb, lvb_id_may_rel, U), F(lquota_lvb, lvb_id_rel, U),
	F(lquota_lvb, lvb_id_qunit, U), F(lquota_lvb, lvb_pad1, ZERO),
};
TABLE(lquota_lvb, 40);

/* --- data --- */

/* names of several bits first */
static const struct wt_name obdo_flags[] = {
	N(OBD_FL_, CKSUM_T10CRC512), N(OBD_FL_, CKSUM_T10IP4K), N(OBD_FL_, CKSUM_T10IP512),
	N(OBD_FL_, CKSUM_T10CRC4K), N(OBD_FL_, CKSUM_CRC32C), N(OBD_FL_, CKSUM_ADLER),
	N(OBD_FL_, CKSUM_CRC32), N(OBD_FL_, DELORPHAN), N(OBD_FL_, NORPC), N(OBD_FL_, RECREATE_OBJS),
	N(OBD_FL_, NO_PRJQUOTA), N(OBD_FL_, NO_USRQUOTA), N(OBD_FL_, NO_GRPQUOTA),
	N(OBD_FL_, SRVLOCK), N(OBD_FL_, SHRINK_GRANT), N(OBD_FL_, RECOV_RESEND), N(OBD_FL_, FLUSH),
	N(OBD_FL_, SHORT_IO), N(OBD_FL_, ROOT_SQUASH), { 0x1000000, "ROOT_PRJQUOTA" }, END
};
static const struct wt_field obdo_fields[] = {
	FA(obdo, o_valid, FLAGS, valid_flags), F(obdo, o_oi, OST_ID), F(obdo, o_parent_seq, X),
	F(obdo, o_size, U), F(obdo, o_mtime, TIME), F(obdo, o_atime, TIME), F(obdo, o_ctime, TIME),
	RAWAT("o_blocks_or_dirty", OFF(obdo, o_blocks), 8, U), F(obdo, o_grant, U),
	F(obdo, o_blksize, U), RAWAT("o_mode_or_undirty", OFF(obdo, o_mode), 4, X),
	F(obdo, o_uid, U), F(obdo, o_gid, U), FA(obdo, o_flags, FLAGS, obdo_flags),
	RAWAT("o_nlink_or_cksum", OFF(obdo, o_nlink), 4, X), F(obdo, o_parent_oid, X),
	RAWAT("o_misc_or_dropped", OFF(obdo, o_misc), 4, U), F(obdo, o_ioepoch, U),
	F(obdo, o_stripe_idx, U), F(obdo, o_parent_ver, U), F(obdo, o_handle, X),
	RAWAT("ol_stripe_size", 136, 4, U), RAWAT("ol_stripe_count", 140, 4, U),
	RAWAT("ol_comp_start", 144, 8, X), RAWAT("ol_comp_end", 152, 8, X),
	RAWAT("ol_comp_id", 160, 4, X), F(obdo, o_layout_version, X),
	F(obdo, o_uid_h, U), F(obdo, o_gid_h, U),
	RAWAT("o_data_version_or_grant_used", OFF(obdo, o_data_version), 8, U),
	F(obdo, o_projid, U), F(obdo, o_padding, ZERO),
};
TABLE(obdo, 208);

static const struct wt_field obd_ioobj_fields[] = {
	F(obd_ioobj, ioo_oid, OST_ID), F(obd_ioobj, ioo_max_brw, X), F(obd_ioobj, ioo_bufcnt, U),
};
TABLE(obd_ioobj, 24);

static const struct wt_name brw_flags[] = {
	N(OBD_BRW_, READ), N(OBD_BRW_, WRITE), N(OBD_BRW_, NDELAY), N(OBD_BRW_, SYNC),
	N(OBD_BRW_, FROM_GRANT), { 0x40, "GRANTED" }, N(OBD_BRW_, NOCACHE), N(OBD_BRW_, NOQUOTA),
	N(OBD_BRW_, SRVLOCK), N(OBD_BRW_, ASYNC), N(OBD_BRW_, MEMALLOC), { 0x1000, "OVER_USRQUOTA" },
	{ 0x2000, "OVER_GRPQUOTA" }, N(OBD_BRW_, SOFT_SYNC), { 0x8000, "OVER_PRJQUOTA" },
	{ 0x10000, "ROOT_PRJQUOTA" }, N(OBD_BRW_, RDMA_ONLY), N(OBD_BRW_, SYS_RESOURCE),
	{ 0x80000, "COMPRESSED" }, { 0x100000, "SPECULATIVE_COMPR" }, END
};
static const struct wt_field niobuf_remote_fields[] = {
	F(niobuf_remote, rnb_offset, U), F(niobuf_remote, rnb_len, U),
	FA(niobuf_remote, rnb_flags, FLAGS, brw_flags),
};
TABLE(niobuf_remote, 16);

static const struct wt_name statfs_state[] = {
	N(OS_STATE_, DEGRADED), N(OS_STATE_, READONLY), N(OS_STATE_, NOPRECREATE),
	N(OS_STATE_, ENOSPC), N(OS_STATE_, ENOINO), N(OS_STATE_, SUM), { 0x200, "NONROT" }, END
};
static const struct wt_field obd_statfs_fields[] = {
	F(obd_statfs, os_type, X), F(obd_statfs, os_blocks, U), F(obd_statfs, os_bfree, U),
	F(obd_statfs, os_bavail, U), F(obd_statfs, os_files, U), F(obd_statfs, os_ffree, U),
	F(obd_statfs, os_fsid, RAW), F(obd_statfs, os_bsize, U), F(obd_statfs, os_namelen, U),
	F(obd_statfs, os_maxbytes, X), FA(obd_statfs, os_state, FLAGS, statfs_state),
	F(obd_statfs, os_fprecreated, U), F(obd_statfs, os_granted, U), F(obd_statfs, os_spare, ZERO),
};
TABLE(obd_statfs, 144);

/* --- layouts --- */

#define PLAIN_LAYOUT								\
	F(lov_mds_md_v1, lmm_magic, X), F(lov_mds_md_v1, lmm_pattern, X),	\
	F(lov_mds_md_v1, lmm_oi, OST_ID), F(lov_mds_md_v1, lmm_stripe_size, U),	\
	F(lov_mds_md_v1, lmm_stripe_count, U), F(lov_mds_md_v1, lmm_layout_gen, U)
static const struct wt_field lov_mds_md_v1_fields[] = { PLAIN_LAYOUT };
TABLE(lov_mds_md_v1, 32);
static const struct wt_field lov_mds_md_v3_fields[] = {
	PLAIN_LAYOUT, F(lov_mds_md_v3, lmm_pool_name, STR)
};
TABLE(lov_mds_md_v3, 48);
static const struct wt_field lov_ost_data_v1_fields[] = {
	F(lov_ost_data_v1, l_ost_oi, OST_ID), F(lov_ost_data_v1, l_ost_gen, U),
	F(lov_ost_data_v1, l_ost_idx, U),
};
TABLE(lov_ost_data_v1, 24);
static const struct wt_field lov_comp_md_v1_fields[] = {
	F(lov_comp_md_v1, lcm_magic, X), F(lov_comp_md_v1, lcm_size, U),
	F(lov_comp_md_v1, lcm_layout_gen, U), F(lov_comp_md_v1, lcm_flags, X),
	F(lov_comp_md_v1, lcm_entry_count, U), F(lov_comp_md_v1, lcm_mirror_count, U),
	F(lov_comp_md_v1, lcm_padding, ZERO), F(lov_comp_md_v1, lcm_padding2, ZERO),
};
TABLE(lov_comp_md_v1, 32);
static const struct wt_name comp_flags[] = {
	N(LCME_FL_, STALE), N(LCME_FL_, PREF_RD), N(LCME_FL_, PREF_WR), N(LCME_FL_, OFFLINE),
	N(LCME_FL_, INIT), N(LCME_FL_, NOSYNC), N(LCME_FL_, EXTENSION), N(LCME_FL_, NEG), END
};
static const struct wt_field lov_comp_entry_fields[] = {
	F(lov_comp_entry, lcme_id, X), FA(lov_comp_entry, lcme_flags, FLAGS, comp_flags),
	F(lov_comp_entry, e_start, X), F(lov_comp_entry, e_end, X), F(lov_comp_entry, lcme_offset, U),
	F(lov_comp_entry, lcme_size, U), F(lov_comp_entry, lcme_layout_gen, U),
	F(lov_comp_entry, lcme_timestamp, TIME), F(lov_comp_entry, lcme_padding, ZERO),
};
TABLE(lov_comp_entry, 48);
static const struct wt_field lov_foreign_md_fields[] = {
	F(lov_foreign_md, lfm_magic, X), F(lov_foreign_md, lfm_length, U),
	F(lov_foreign_md, lfm_type, X), F(lov_foreign_md, lfm_flags, X),
};
TABLE(lov_foreign_md, 16);

/* --- configuration and logs --- */

static const struct wt_name ldd_flags[] = {
	{ LDD_F_SV_TYPE_MDT, "SV_TYPE_MDT" }, { LDD_F_SV_TYPE_OST, "SV_TYPE_OST" },
	{ LDD_F_SV_TYPE_MGS, "SV_TYPE_MGS" }, { LDD_F_SV_ALL, "SV_ALL" },
	{ LDD_F_NEED_INDEX, "NEED_INDEX" }, { LDD_F_VIRGIN, "VIRGIN" }, { LDD_F_UPDATE, "UPDATE" },
	{ LDD_F_REWRITE_LDD, "REWRITE_LDD" }, { LDD_F_WRITECONF, "WRITECONF" },
	{ LDD_F_PARAM, "PARAM" }, { LDD_F_NO_PRIMNODE, "NO_PRIMNODE" },
	{ LDD_F_IR_CAPABLE, "IR_CAPABLE" }, { LDD_F_ERROR, "ERROR" }, { LDD_F_PARAM2, "PARAM2" },
	{ LDD_F_NO_LOCAL_LOGS, "NO_LOCAL_LOGS" }, { LDD_F_LARGE_NID, "LARGE_NID" },
	{ LDD_F_OPC_REG, "OPC_REG" }, { LDD_F_OPC_UNREG, "OPC_UNREG" },
	{ LDD_F_OPC_READY, "OPC_READY" }, END
};
static const struct wt_field mgs_target_info_fields[] = {
	F(mgs_target_info, mti_lustre_ver, X), F(mgs_target_info, mti_stripe_index, U),
	F(mgs_target_info, mti_config_ver, U), FA(mgs_target_info, mti_flags, FLAGS, ldd_flags),
	F(mgs_target_info, mti_nid_count, U), F(mgs_target_info, mti_instance, U),
	F(mgs_target_info, mti_fsname, STR), F(mgs_target_info, mti_svname, STR),
	F(mgs_target_info, mti_uuid, STR), ARR(mgs_target_info, mti_nids, 8, NID),
	F(mgs_target_info, mti_params, STR),
};
TABLE(mgs_target_info, 4544);

static const struct wt_name cfg_types[] = {
	N(MGS_CFG_T_, CONFIG), N(MGS_CFG_T_, SPTLRPC), N(MGS_CFG_T_, RECOVER), N(MGS_CFG_T_, PARAMS),
	N(MGS_CFG_T_, NODEMAP), N(MGS_CFG_T_, BARRIER), END
};
static const struct wt_field mgs_config_body_fields[] = {
	F(mgs_config_body, mcb_name, STR), F(mgs_config_body, mcb_offset, X),
	FA(mgs_config_body, mcb_type, ENUM, cfg_types),
	/* 2.16 and later, of RECOVER: the size of NIDs that the client takes */
	F(mgs_config_body, mcb_nm_cur_pass, U), F(mgs_config_body, mcb_bits, U),
	F(mgs_config_body, mcb_units, U),
};
TABLE(mgs_config_body, 80);
static const struct wt_field mgs_config_res_fields[] = {
	F(mgs_config_res, mcr_offset, X), F(mgs_config_res, mcr_size, X),
};
TABLE(mgs_config_res, 16);
static const struct wt_name mne_types[] = { { 1, "MDT" }, { 2, "OST" }, END };
static const struct wt_field mgs_nidtbl_entry_fields[] = {
	F(mgs_nidtbl_entry, mne_version, U), F(mgs_nidtbl_entry, mne_instance, U),
	F(mgs_nidtbl_entry, mne_index, U), F(mgs_nidtbl_entry, mne_length, U),
	FA(mgs_nidtbl_entry, mne_type, ENUM, mne_types), F(mgs_nidtbl_entry, mne_nid_type, U),
	F(mgs_nidtbl_entry, mne_nid_size, U), F(mgs_nidtbl_entry, mne_nid_count, U),
};
TABLE(mgs_nidtbl_entry, 24);

static const struct wt_name llog_flags[] = {
	N(LLOG_F_, ZAP_WHEN_EMPTY), N(LLOG_F_, IS_CAT), N(LLOG_F_, IS_PLAIN), N(LLOG_F_, EXT_JOBID),
	N(LLOG_F_, IS_FIXSIZE), N(LLOG_F_, EXT_EXTRA_FLAGS), N(LLOG_F_, EXT_X_UIDGID),
	N(LLOG_F_, EXT_X_NID), N(LLOG_F_, EXT_X_OMODE), N(LLOG_F_, EXT_X_XATTR),
	N(LLOG_F_, RM_ON_ERR), { 0x800, "MAX_AGE" }, { 0x1000, "EXT_X_NID_BE" },
	{ 0x2000, "UNLCK_SEM" }, END
};
static const struct wt_field llogd_body_fields[] = {
	RAWAT("lgd_logid.lgl_oi", 0, 16, OST_ID), RAWAT("lgd_logid.lgl_ogen", 16, 4, U),
	F(llogd_body, lgd_ctxt_idx, U), FA(llogd_body, lgd_llh_flags, FLAGS, llog_flags),
	F(llogd_body, lgd_index, U), F(llogd_body, lgd_saved_index, U), F(llogd_body, lgd_len, U),
	F(llogd_body, lgd_cur_offset, U),
};
TABLE(llogd_body, 48);

static const struct wt_name rec_types[] = {
	N(, LLOG_PAD_MAGIC), N(, OBD_CFG_REC), N(, LLOG_GEN_REC), N(, CHANGELOG_REC),
	N(, CHANGELOG_USER_REC), N(, CHANGELOG_USER_REC2), N(, HSM_AGENT_REC), N(, UPDATE_REC),
	N(, MDS_SETATTR64_REC), N(, MDS_UNLINK64_REC), N(, LLOG_HDR_MAGIC), N(, LLOG_LOGID_MAGIC), END
};
static const struct wt_field llog_rec_hdr_fields[] = {
	F(llog_rec_hdr, lrh_len, U), F(llog_rec_hdr, lrh_index, U),
	FA(llog_rec_hdr, lrh_type, ENUM, rec_types), F(llog_rec_hdr, lrh_id, X),
};
TABLE(llog_rec_hdr, 16);
static const struct wt_field llog_rec_tail_fields[] = {
	F(llog_rec_tail, lrt_len, U), F(llog_rec_tail, lrt_index, U),
};
TABLE(llog_rec_tail, 8);
static const struct wt_field llog_log_hdr_fields[] = {
	SUB(llog_log_hdr, llh_hdr, llog_rec_hdr), F(llog_log_hdr, llh_timestamp, TIME),
	F(llog_log_hdr, llh_count, U), F(llog_log_hdr, llh_bitmap_offset, U),
	F(llog_log_hdr, llh_size, U), FA(llog_log_hdr, llh_flags, FLAGS, llog_flags),
	F(llog_log_hdr, llh_cat_idx, U), F(llog_log_hdr, llh_tgtuuid, STR),
	F(llog_log_hdr, llh_reserved, ZERO), F(llog_log_hdr, llh_bitmap, RAW),
	SUB(llog_log_hdr, llh_tail, llog_rec_tail),
};
TABLE(llog_log_hdr, 8192);
static const struct wt_field llog_logid_rec_fields[] = {
	RAWAT("lid_id.lgl_oi", 16, 16, OST_ID), RAWAT("lid_id.lgl_ogen", 32, 4, U),
	F(llog_logid_rec, lid_padding, ZERO),
};
TABLE(llog_logid_rec, 64);

static const struct wt_name lcfg_commands[] = {
	N(LCFG_, ATTACH), N(LCFG_, DETACH), N(LCFG_, SETUP), N(LCFG_, CLEANUP), N(LCFG_, ADD_UUID),
	N(LCFG_, DEL_UUID), N(LCFG_, MOUNTOPT), N(LCFG_, DEL_MOUNTOPT), N(LCFG_, SET_TIMEOUT),
	N(LCFG_, SET_UPCALL), N(LCFG_, ADD_CONN), N(LCFG_, DEL_CONN), N(LCFG_, LOV_ADD_OBD),
	N(LCFG_, LOV_DEL_OBD), N(LCFG_, PARAM), N(LCFG_, MARKER), N(LCFG_, LOG_START),
	N(LCFG_, LOG_END), N(LCFG_, LOV_ADD_INA), N(LCFG_, ADD_MDC), N(LCFG_, DEL_MDC),
	N(LCFG_, SPTLRPC_CONF), N(LCFG_, POOL_NEW), N(LCFG_, POOL_ADD), N(LCFG_, POOL_REM),
	N(LCFG_, POOL_DEL), N(LCFG_, SET_LDLM_TIMEOUT), N(LCFG_, PRE_CLEANUP),
	N(LCFG_, SET_PARAM), END
};
static const struct wt_field lustre_cfg_fields[] = {
	F(lustre_cfg, lcfg_version, X), FA(lustre_cfg, lcfg_command, ENUM, lcfg_commands),
	F(lustre_cfg, lcfg_num, X), F(lustre_cfg, lcfg_flags, X), F(lustre_cfg, lcfg_nid, NID),
	F(lustre_cfg, lcfg_nal, ZERO), F(lustre_cfg, lcfg_bufcount, U),
};
TABLE(lustre_cfg, 32);
static const struct wt_name marker_flags[] = {
	N(CM_, START), N(CM_, END), N(CM_, SKIP), N(CM_, UPGRADE146), N(CM_, EXCLUDE), END
};
static const struct wt_field cfg_marker_fields[] = {
	F(cfg_marker, cm_step, U), FA(cfg_marker, cm_flags, FLAGS, marker_flags),
	F(cfg_marker, cm_vers, X), F(cfg_marker, cm_padding, ZERO),
	F(cfg_marker, cm_createtime, TIME), F(cfg_marker, cm_canceltime, TIME),
	F(cfg_marker, cm_tgtname, STR_STALE), F(cfg_marker, cm_comment, STR_STALE),
};
TABLE(cfg_marker, 160);
static const struct wt_field lov_desc_fields[] = {
	F(lov_desc, ld_tgt_count, U), F(lov_desc, ld_magic, X), F(lov_desc, ld_default_stripe_count, U),
	F(lov_desc, ld_pattern, U), F(lov_desc, ld_default_stripe_size, U),
	F(lov_desc, ld_default_stripe_offset, X), F(lov_desc, ld_padding_0, ZERO),
	F(lov_desc, ld_qos_maxage, U), F(lov_desc, ld_padding_1, ZERO),
	F(lov_desc, ld_padding_2, ZERO), F(lov_desc, ld_uuid, STR),
};
TABLE(lov_desc, 88);
static const struct wt_field lmv_desc_fields[] = {
	F(lmv_desc, ld_tgt_count, U), F(lmv_desc, ld_active_tgt_count, U),
	F(lmv_desc, ld_default_stripe_count, U), F(lmv_desc, ld_pattern, U),
	F(lmv_desc, ld_default_hash_size, U), F(lmv_desc, ld_padding_1, ZERO),
	F(lmv_desc, ld_padding_2, ZERO), F(lmv_desc, ld_qos_maxage, U),
	F(lmv_desc, ld_padding_3, ZERO), F(lmv_desc, ld_padding_4, ZERO), F(lmv_desc, ld_uuid, STR),
};
TABLE(lmv_desc, 88);
