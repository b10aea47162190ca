/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Record logs on the wire and on disk (chapter 06, section 6): headers, record
 * frames and the bodies of LLOG_* requests. What configuration records hold is in
 * config.h. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_LLOG_H
#define SHEEN_WIRE_LLOG_H

#include <linux/types.h>

/* A log is a header of one chunk and records that never cross a chunk boundary */
#define LLOG_CHUNK_SIZE		8192
#define LLOG_BITMAP_OFFSET	88
#define LLOG_BITMAP_BYTES	8096
#define LLOG_BITMAP_BITS	(8 * LLOG_BITMAP_BYTES)
#define LLOG_MIN_REC_SIZE	24

/* Types of records; the top 12 bits tell the byte order */
#define LLOG_OP_MAGIC		0x10600000U
#define LLOG_OP_MASK		0xfff00000U
enum llog_rec_type {
	LLOG_PAD_MAGIC		= 0x10600000,
	OBD_CFG_REC		= 0x10620000,
	LLOG_GEN_REC		= 0x10640000,
	CHANGELOG_REC		= 0x10660000,
	CHANGELOG_USER_REC	= 0x10670000,
	CHANGELOG_USER_REC2	= 0x10670002,
	HSM_AGENT_REC		= 0x10680000,
	UPDATE_REC		= 0x106a0000,
	MDS_SETATTR64_REC	= 0x10692401,
	MDS_UNLINK64_REC	= 0x10692404,
	LLOG_HDR_MAGIC		= 0x10645539,
	LLOG_LOGID_MAGIC	= 0x1064553b,
};

/* llh_flags */
#define LLOG_F_ZAP_WHEN_EMPTY	0x0001
#define LLOG_F_IS_CAT		0x0002
#define LLOG_F_IS_PLAIN		0x0004
#define LLOG_F_EXT_JOBID	0x0008
#define LLOG_F_IS_FIXSIZE	0x0010
#define LLOG_F_EXT_EXTRA_FLAGS	0x0020
#define LLOG_F_EXT_X_UIDGID	0x0040
#define LLOG_F_EXT_X_NID	0x0080
#define LLOG_F_EXT_X_OMODE	0x0100
#define LLOG_F_EXT_X_XATTR	0x0200
#define LLOG_F_RM_ON_ERR	0x0400

/* lgd_ctxt_idx */
#define LLOG_CTXT_CONFIG	0
#define LLOG_CTXT_CHANGELOG	12
#define LLOG_CTXT_MAX		18

/**
 * struct llog_logid - which log; opaque to readers
 */
struct llog_logid {
	__le64	lgl_id;
	__le64	lgl_seq;
	__le32	lgl_ogen;
} __attribute__((packed));

/**
 * struct llog_rec_hdr - begins every record
 * @lrh_len: header, body rounded up to 8 bytes, and tail
 * @lrh_index: never used again
 */
struct llog_rec_hdr {
	__le32	lrh_len;
	__le32	lrh_index;
	__le32	lrh_type;
	__le32	lrh_id;
};

/** struct llog_rec_tail - ends every record, repeats the header */
struct llog_rec_tail {
	__le32	lrt_len;
	__le32	lrt_index;
};

/**
 * struct llog_log_hdr - the first chunk of a log
 * @llh_count: live records, and one for this header
 * @llh_size: smallest record so far, 0 without any
 * @llh_tgtuuid: config_uuid once a configuration log has had a record
 * @llh_bitmap: bit n is byte n / 8, bit n % 8: record n is live; bit 0 is always set
 * @llh_tail: its index is the last one ever given
 */
struct llog_log_hdr {
	struct llog_rec_hdr	llh_hdr;
	__le64			llh_timestamp;
	__le32			llh_count;
	__le32			llh_bitmap_offset;
	__le32			llh_size;
	__le32			llh_flags;
	__le32			llh_cat_idx;
	__u8			llh_tgtuuid[40];
	__le32			llh_reserved;
	__u8			llh_bitmap[LLOG_BITMAP_BYTES];
	struct llog_rec_tail	llh_tail;
};

/** struct llog_logid_rec - record of a catalog: names a plain log */
struct llog_logid_rec {
	struct llog_rec_hdr	lid_hdr;
	struct llog_logid	lid_id;
	__le32			lid_padding[5];
	struct llog_rec_tail	lid_tail;
} __attribute__((packed));

/**
 * struct llogd_body - of LLOG_ORIGIN_HANDLE_CREATE, READ_HEADER, NEXT_BLOCK, PREV_BLOCK
 * @lgd_ctxt_idx: LLOG_CTXT_*
 * @lgd_llh_flags: the reader's idea of the log's flags
 * @lgd_index: record wanted
 * @lgd_saved_index: in: last index read; out: last index of the block
 * @lgd_cur_offset: in: where the reader is; out: end of the valid bytes
 */
struct llogd_body {
	struct llog_logid	lgd_logid;
	__le32			lgd_ctxt_idx;
	__le32			lgd_llh_flags;
	__le32			lgd_index;
	__le32			lgd_saved_index;
	__le32			lgd_len;
	__le64			lgd_cur_offset;
} __attribute__((packed));

#define LLOG_ASSERT_AT(type, member, at) \
	_Static_assert(__builtin_offsetof(struct type, member) == (at), #type "." #member)

_Static_assert(sizeof(struct llog_logid) == 20, "llog_logid");
_Static_assert(sizeof(struct llog_rec_hdr) == 16, "llog_rec_hdr");
_Static_assert(sizeof(struct llog_rec_tail) == 8, "llog_rec_tail");
_Static_assert(sizeof(struct llog_log_hdr) == LLOG_CHUNK_SIZE, "llog_log_hdr");
LLOG_ASSERT_AT(llog_log_hdr, llh_timestamp, 16);
LLOG_ASSERT_AT(llog_log_hdr, llh_count, 24);
LLOG_ASSERT_AT(llog_log_hdr, llh_size, 32);
LLOG_ASSERT_AT(llog_log_hdr, llh_tgtuuid, 44);
LLOG_ASSERT_AT(llog_log_hdr, llh_bitmap, LLOG_BITMAP_OFFSET);
LLOG_ASSERT_AT(llog_log_hdr, llh_tail, 8184);
_Static_assert(sizeof(struct llog_logid_rec) == 64, "llog_logid_rec");
_Static_assert(sizeof(struct llogd_body) == 48, "llogd_body");
LLOG_ASSERT_AT(llogd_body, lgd_ctxt_idx, 20);
LLOG_ASSERT_AT(llogd_body, lgd_index, 28);
LLOG_ASSERT_AT(llogd_body, lgd_len, 36);
LLOG_ASSERT_AT(llogd_body, lgd_cur_offset, 40);

#endif
