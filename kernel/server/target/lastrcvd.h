/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Formats of last_rcvd and reply_data on disk (chapter 02, 12.2).
 */
#ifndef SHEEN_TARGET_LASTRCVD_H
#define SHEEN_TARGET_LASTRCVD_H

#include <linux/types.h>

#define LR_SERVER_SIZE		512
#define LR_CLIENT_START		8192
#define LR_CLIENT_SIZE		128

#define OBD_INCOMPAT_OST	0x2
#define OBD_INCOMPAT_MDT	0x4
#define OBD_INCOMPAT_COMMON_LR	0x8
#define OBD_INCOMPAT_FID	0x10
#define OBD_INCOMPAT_MULTI_RPCS	0x400

struct lr_server_data {
	__u8	lsd_uuid[40];
	__le64	lsd_last_transno;
	__le64	lsd_compat14;
	__le64	lsd_mount_count;
	__le32	lsd_feature_compat;
	__le32	lsd_feature_rocompat;
	__le32	lsd_feature_incompat;
	__le32	lsd_server_size;
	__le32	lsd_client_start;
	__le16	lsd_client_size;
	__le16	lsd_subdir_count;
	__le64	lsd_catalog_oid;
	__le32	lsd_catalog_ogen;
	__u8	lsd_peeruuid[40];
	__le32	lsd_osd_index;
	__le32	lsd_padding;
	__le32	lsd_start_epoch;
	__le64	lsd_trans_table[16];
	__le32	lsd_trans_table_time;
	__le32	lsd_expire_intervals;
	__u8	lsd_reserved[224];
} __packed;
static_assert(sizeof(struct lr_server_data) == LR_SERVER_SIZE);
static_assert(offsetof(struct lr_server_data, lsd_osd_index) == 140);
static_assert(offsetof(struct lr_server_data, lsd_start_epoch) == 148);

struct lsd_client_data {
	__u8	lcd_uuid[40];
	__le64	lcd_last_transno;
	__le64	lcd_last_xid;
	__le32	lcd_last_result;
	__le32	lcd_last_data;
	__le64	lcd_last_close_transno;
	__le64	lcd_last_close_xid;
	__le32	lcd_last_close_result;
	__le32	lcd_last_close_data;
	__le64	lcd_pre_versions[4];
	__le32	lcd_last_epoch;
	__le32	lcd_generation;
};
static_assert(sizeof(struct lsd_client_data) == LR_CLIENT_SIZE);

#define LRH_MAGIC	0xbdabda01

struct lsd_reply_header {
	__le32	lrh_magic;
	__le32	lrh_header_size;
	__le32	lrh_reply_size;
	__u8	lrh_pad[20];
};
static_assert(sizeof(struct lsd_reply_header) == 32);

struct lsd_reply_data {
	__le64	lrd_transno;
	__le64	lrd_xid;
	__le64	lrd_data;
	__le32	lrd_result;
	__le32	lrd_client_gen;
};
static_assert(sizeof(struct lsd_reply_data) == 32);

#endif
