/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the buffers of each message are (chapter 02, 8), as data: fields, and per RPC
 * the ordered lists of the request's and the reply's fields. The tables are in
 * kernel/rpc/formats.c, which userspace decoders compile as well.
 */
#ifndef SHEEN_WIRE_FORMATS_H
#define SHEEN_WIRE_FORMATS_H

#include <linux/types.h>
#include "wire/rpc.h"

enum rpc_field {
	RF_BODY,
	/* connect */
	RF_TGTUUID,
	RF_CLUUID,
	RF_CONN,
	RF_CONNECT_DATA,
	RF_SELINUX,
	/* metadata */
	RF_MDT_BODY,
	RF_REC_REINT,
	RF_IOEPOCH,
	RF_CLOSE_DATA,
	RF_CAPA1,
	RF_CAPA2,
	RF_MDT_MD,
	RF_DEFAULT_MDT_MD,
	RF_ACL,
	RF_EADATA,
	RF_EAVALS,
	RF_EAVALS_LENS,
	RF_SECCTX_NAME,
	RF_SECCTX,
	RF_ENCCTX,
	RF_NAME,
	RF_SYMTGT,
	RF_LOGCOOKIES,
	RF_SWAP_LAYOUTS,
	RF_FIDS,		/* of MDS_RMFID */
	RF_U32,			/* mirror ids of a close */
	/* locks */
	RF_DLM_REQ,
	RF_DLM_REP,
	RF_INTENT,
	RF_LAYOUT_INTENT,
	RF_GL_DESC,
	RF_LVB,
	/* data */
	RF_OST_BODY,
	RF_IOOBJ,
	RF_NIOBUF,
	RF_NIOBUF_INLINE,
	RF_SHORT_IO,
	RF_RCS,
	RF_STATFS,
	RF_QUOTACTL,
	RF_FID,
	RF_OBD_ID,
	RF_FIEMAP_KEY,
	RF_FIEMAP,
	RF_LADVISE_HDR,
	RF_LADVISE,
	/* set_info, get_info */
	RF_KEY,
	RF_VALLEN,
	RF_VAL,
	/* configuration and logs */
	RF_MTI,
	RF_NIDLIST,
	RF_MGS_CONFIG_BODY,
	RF_MGS_CONFIG_RES,
	RF_MGS_SEND_PARAM,
	RF_LLOGD_BODY,
	RF_LLOG_HDR,
	/* sequences, locations */
	RF_SEQ_OPC,
	RF_SEQ_RANGE,
	RF_FLD_OPC,
	RF_FLD_RANGE,
	RF_FLD_DATA,
	/* quota, indices */
	RF_QUOTA_BODY,
	RF_IDX_INFO,
	/* HSM */
	RF_HSM_PROGRESS,
	RF_HSM_ARCHIVE_IDS,
	RF_HSM_USER_STATE,
	RF_HSM_STATE_SET,
	RF_HSM_ACTION,
	RF_HSM_REQUEST,
	RF_HSM_ITEMS,
	RF_HSM_DATA,
	/* server to server */
	RF_OUT_HEADER,
	RF_OUT_UPDATE,
	RF_OUT_REPLY,
	RF_LFSCK_REQUEST,
	RF_LFSCK_REPLY,
	RPC_NR_FIELDS,
};

#define RFF_VAR		0x1	/* any length, 0 unless set */
#define RFF_STRING	0x2	/* NUL-terminated; with RFF_VAR exactly strlen + 1, else padded with NULs */
#define RFF_ARRAY	0x4	/* length is a multiple of @size; implies RFF_VAR */

/**
 * struct rpc_field_desc - one kind of buffer
 * @name: for messages and decoders
 * @size: bytes, longer ones are accepted; of an element with RFF_ARRAY; 0 with RFF_VAR
 * @flags: RFF_*
 */
struct rpc_field_desc {
	const char	*name;
	__u16		size;
	__u16		flags;
};

extern const struct rpc_field_desc rpc_fields[RPC_NR_FIELDS];

/* In a list: a fixed field that has length 0, or at the end is left out, unless its size is set */
#define RF_OPTIONAL	0x80
#define RF_ID(entry)	((enum rpc_field)((entry) & 0x7f))
_Static_assert(RPC_NR_FIELDS < RF_OPTIONAL, "fields and flag share a byte");

/**
 * struct rpc_format - one RPC
 * @name: for messages
 * @opc: opcode
 * @req, @nr_req: fields of the request; index = buffer number
 * @rep, @nr_rep: fields of the reply
 * @nr_min: leading buffers of the request that must be there and, where fixed, long enough;
 *	a server checks that before it calls a handler
 */
struct rpc_format {
	const char	*name;
	const __u8	*req;
	const __u8	*rep;
	__u16		opc;
	__u8		nr_req;
	__u8		nr_rep;
	__u8		nr_min;
};

/* Every format; X(name) for RQF_<name> */
#define RPC_FORMATS(X)			\
	X(OBD_PING)			\
	X(MGS_CONNECT)			\
	X(MGS_DISCONNECT)		\
	X(MDS_CONNECT)			\
	X(MDS_DISCONNECT)		\
	X(OST_CONNECT)			\
	X(OST_DISCONNECT)		\
	X(OBD_IDX_READ)			\
	X(SEC_CTX)			\
	X(OST_SET_INFO)			\
	X(OST_SET_INFO_GRANT_SHRINK)	\
	X(OST_GET_INFO)			\
	X(OST_GET_INFO_LAST_ID)		\
	X(OST_GET_INFO_LAST_FID)	\
	X(OST_GET_INFO_FIEMAP)		\
	X(OST_GETATTR)			\
	X(OST_SETATTR)			\
	X(OST_PUNCH)			\
	X(OST_FALLOCATE)		\
	X(OST_SYNC)			\
	X(OST_CREATE)			\
	X(OST_SEEK)			\
	X(OST_DESTROY)			\
	X(OST_READ)			\
	X(OST_WRITE)			\
	X(OST_STATFS)			\
	X(OST_LADVISE)			\
	X(OST_QUOTACTL)			\
	X(MDS_SET_INFO)			\
	X(MDS_GET_INFO)			\
	X(MDS_GET_ROOT)			\
	X(MDS_STATFS)			\
	X(MDS_STATFS_SUM)		\
	X(MDS_SYNC)			\
	X(MDS_READPAGE)			\
	X(MDS_GETATTR)			\
	X(MDS_GETATTR_NAME)		\
	X(MDS_GETXATTR)			\
	X(MDS_CLOSE)			\
	X(MDS_CLOSE_INTENT)		\
	X(MDS_REINT)			\
	X(MDS_REINT_CREATE)		\
	X(MDS_REINT_SYMLINK)		\
	X(MDS_REINT_UNLINK)		\
	X(MDS_REINT_LINK)		\
	X(MDS_REINT_RENAME)		\
	X(MDS_REINT_MIGRATE)		\
	X(MDS_REINT_SETATTR)		\
	X(MDS_REINT_SETXATTR)		\
	X(MDS_REINT_RESYNC)		\
	X(MDS_REINT_OPEN)		\
	X(MDS_QUOTACTL)			\
	X(MDS_SWAP_LAYOUTS)		\
	X(MDS_RMFID)			\
	X(MDS_HSM_PROGRESS)		\
	X(MDS_HSM_CT_REGISTER)		\
	X(MDS_HSM_CT_UNREGISTER)	\
	X(MDS_HSM_STATE_GET)		\
	X(MDS_HSM_STATE_SET)		\
	X(MDS_HSM_ACTION)		\
	X(MDS_HSM_REQUEST)		\
	X(LDLM_ENQUEUE)			\
	X(LDLM_ENQUEUE_LVB)		\
	X(LDLM_CONVERT)			\
	X(LDLM_CANCEL)			\
	X(LDLM_BL_CALLBACK)		\
	X(LDLM_CP_CALLBACK)		\
	X(LDLM_GL_CALLBACK)		\
	X(LDLM_SET_INFO)		\
	X(INTENT_BASIC)			\
	X(INTENT_QUOTA)			\
	X(INTENT_LAYOUT)		\
	X(INTENT_GETATTR)		\
	X(INTENT_OPEN)			\
	X(INTENT_CREATE)		\
	X(INTENT_GETXATTR)		\
	X(MGS_TARGET_REG)		\
	X(MGS_SET_INFO)			\
	X(MGS_CONFIG_READ)		\
	X(LLOG_CREATE)			\
	X(LLOG_NEXT_BLOCK)		\
	X(LLOG_PREV_BLOCK)		\
	X(LLOG_READ_HEADER)		\
	X(QUOTA_DQACQ)			\
	X(SEQ_QUERY)			\
	X(FLD_QUERY)			\
	X(FLD_READ)			\
	X(OUT_UPDATE)			\
	X(LFSCK_NOTIFY)			\
	X(LFSCK_QUERY)

#define RPC_FORMAT_DECLARE(n)	extern const struct rpc_format RQF_##n;
RPC_FORMATS(RPC_FORMAT_DECLARE)
#undef RPC_FORMAT_DECLARE

/* All of them, for decoders and tests */
extern const struct rpc_format *const rpc_formats[];
extern const unsigned int rpc_nr_formats;

#endif
