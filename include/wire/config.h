/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration on the wire and on disk (chapter 06): registration, configuration
 * records and what they hold, the description of a target on its own disk.
 * No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_CONFIG_H
#define SHEEN_WIRE_CONFIG_H

#include <linux/types.h>

#define MTI_NAME_MAXLEN		64
#define MTI_PARAM_MAXLEN	4096
#define MTI_NIDS_MAX		32
#define CFG_FSNAME_MAX		8	/* characters */
#define CFG_INDEX_MAX		0xfffeU
#define CFG_INDEX_NONE		0xffffU

/* --- registration (3) --- */

/* mti_flags and ldd_flags */
#define LDD_F_SV_TYPE_MDT	0x00000001U
#define LDD_F_SV_TYPE_OST	0x00000002U
#define LDD_F_SV_TYPE_MGS	0x00000004U
#define LDD_F_SV_TYPE_MASK	0x00000007U
#define LDD_F_SV_ALL		0x00000008U
#define LDD_F_NEED_INDEX	0x00000010U	/* the MGS chooses the index */
#define LDD_F_VIRGIN		0x00000020U	/* never registered */
#define LDD_F_UPDATE		0x00000040U	/* the MGS writes the logs */
#define LDD_F_REWRITE_LDD	0x00000080U	/* reply: keep what was returned */
#define LDD_F_WRITECONF		0x00000100U	/* erase and write anew */
#define LDD_F_PARAM		0x00000400U
#define LDD_F_NO_PRIMNODE	0x00001000U	/* all nodes are service nodes */
#define LDD_F_IR_CAPABLE	0x00002000U	/* reply: imperative recovery runs */
#define LDD_F_ERROR		0x00004000U	/* reply: failed, see pb_status */
#define LDD_F_PARAM2		0x00008000U
#define LDD_F_ONDISK_MASK	0x0000ffffU	/* disk flags that a registration carries */
#define LDD_F_NO_LOCAL_LOGS	0x00010000U	/* on disk: copies of logs are invalid */
#define LDD_F_LARGE_NID		0x00020000U	/* 2.16+: NIDs as text, not in mti_nids */
#define LDD_F_OPC_REG		0x10000000U
#define LDD_F_OPC_UNREG		0x20000000U
#define LDD_F_OPC_READY		0x40000000U
#define LDD_F_OPC_MASK		0xf0000000U

/**
 * struct mgs_target_info - MGS_TARGET_REG, request and reply
 * @mti_lustre_ver: version code of the sender
 * @mti_flags: LDD_F_* with one LDD_F_OPC_*
 * @mti_instance: mount count of the target; 0 before it runs
 * @mti_params: key=value list, separated by blanks
 */
struct mgs_target_info {
	__le32	mti_lustre_ver;
	__le32	mti_stripe_index;
	__le32	mti_config_ver;
	__le32	mti_flags;
	__le32	mti_nid_count;
	__le32	mti_instance;
	char	mti_fsname[MTI_NAME_MAXLEN];
	char	mti_svname[MTI_NAME_MAXLEN];
	char	mti_uuid[40];
	__le64	mti_nids[MTI_NIDS_MAX];
	char	mti_params[MTI_PARAM_MAXLEN];
};

/** struct mgs_target_nidlist - third buffer of MGS_TARGET_REG of 2.16+ senders */
#define MTN_NIDSTR_SIZE		64
#define MTN_FLAG_BULK		2U
struct mgs_target_nidlist {
	__le32	mtn_flags;
	__le32	mtn_nids;
	char	mtn_inline_list[][MTN_NIDSTR_SIZE];
};

/** struct mgs_send_param - MGS_SET_INFO */
struct mgs_send_param {
	char	mgs_param[1024];
};

/* --- MGS_CONFIG_READ (5) --- */

enum mgs_cfg_type {		/* name[1] of the lock's resource too, but for SPTLRPC */
	MGS_CFG_T_CONFIG	= 0,
	MGS_CFG_T_SPTLRPC	= 1,
	MGS_CFG_T_RECOVER	= 2,
	MGS_CFG_T_PARAMS	= 3,
	MGS_CFG_T_NODEMAP	= 4,
	MGS_CFG_T_BARRIER	= 5,
};

struct mgs_config_body {
	char	mcb_name[MTI_NAME_MAXLEN];
	__le64	mcb_offset;
	__le16	mcb_type;
	__u8	mcb_nm_cur_pass;
	__u8	mcb_bits;
	__le32	mcb_units;
};

struct mgs_config_res {
	__le64	mcr_offset;
	union {
		__le64	mcr_size;
		__u8	mcr_nm_cur_pass;
	};
};

/** struct mgs_nidtbl_entry - a target of the recovery table; mne_nid_count NIDs follow */
struct mgs_nidtbl_entry {
	__le64	mne_version;
	__le32	mne_instance;
	__le32	mne_index;
	__le32	mne_length;
	__u8	mne_type;
	__u8	mne_nid_type;
	__u8	mne_nid_size;
	__u8	mne_nid_count;
	__le64	mne_nids[];
};

/* --- configuration records (7) --- */

#define LUSTRE_CFG_VERSION	0x1cf60001U
#define LUSTRE_CFG_MAX_BUFS	8
#define LCFG_REQUIRED		0x00001000U	/* 0xcf...: failing or unknown is fatal */

enum lcfg_command {
	LCFG_ATTACH		= 0xcf001,
	LCFG_DETACH		= 0xcf002,
	LCFG_SETUP		= 0xcf003,
	LCFG_CLEANUP		= 0xcf004,
	LCFG_ADD_UUID		= 0xcf005,
	LCFG_DEL_UUID		= 0xcf006,
	LCFG_MOUNTOPT		= 0xcf007,
	LCFG_DEL_MOUNTOPT	= 0xcf008,
	LCFG_SET_TIMEOUT	= 0xcf009,
	LCFG_SET_UPCALL		= 0xcf00a,
	LCFG_ADD_CONN		= 0xcf00b,
	LCFG_DEL_CONN		= 0xcf00c,
	LCFG_LOV_ADD_OBD	= 0xcf00d,
	LCFG_LOV_DEL_OBD	= 0xcf00e,
	LCFG_PARAM		= 0xcf00f,
	LCFG_MARKER		= 0xcf010,
	LCFG_LOG_START		= 0xce011,
	LCFG_LOG_END		= 0xce012,
	LCFG_LOV_ADD_INA	= 0xce013,
	LCFG_ADD_MDC		= 0xcf014,
	LCFG_DEL_MDC		= 0xcf015,
	LCFG_SPTLRPC_CONF	= 0xce016,
	LCFG_POOL_NEW		= 0xce020,
	LCFG_POOL_ADD		= 0xce021,
	LCFG_POOL_REM		= 0xce022,
	LCFG_POOL_DEL		= 0xce023,
	LCFG_SET_LDLM_TIMEOUT	= 0xce030,
	LCFG_PRE_CLEANUP	= 0xcf031,
	LCFG_SET_PARAM		= 0xce032,
};

/**
 * struct lustre_cfg - body of an OBD_CFG_REC record
 * @lcfg_version: tells the byte order too
 * @lcfg_nid: of ADD_UUID
 * @lcfg_buflens: true lengths; buffers follow, each padded to 8 bytes, the first at a multiple of 8
 */
struct lustre_cfg {
	__le32	lcfg_version;
	__le32	lcfg_command;
	__le32	lcfg_num;
	__le32	lcfg_flags;
	__le64	lcfg_nid;
	__le32	lcfg_nal;
	__le32	lcfg_bufcount;
	__le32	lcfg_buflens[];
};

/* cm_flags */
#define CM_START	0x01U
#define CM_END		0x02U
#define CM_SKIP		0x04U
#define CM_UPGRADE146	0x08U
#define CM_EXCLUDE	0x10U

/**
 * struct cfg_marker - begins and ends a section
 * @cm_step: counts the sections of a file system
 * @cm_tgtname, @cm_comment: compare as strings: bytes after the NUL may be stale
 */
struct cfg_marker {
	__le32	cm_step;
	__le32	cm_flags;
	__le32	cm_vers;
	__le32	cm_padding;
	__le64	cm_createtime;
	__le64	cm_canceltime;
	char	cm_tgtname[MTI_NAME_MAXLEN];
	char	cm_comment[MTI_NAME_MAXLEN];
};

#define LOV_DESC_MAGIC	0xb0ccde5cU
#define LOV_PATTERN_RAID0	1U

/** struct lov_desc - defaults for striping, in SETUP of a lov */
struct lov_desc {
	__le32	ld_tgt_count;
	__le32	ld_magic;
	__le32	ld_default_stripe_count;
	__le32	ld_pattern;
	__le64	ld_default_stripe_size;
	__le64	ld_default_stripe_offset;
	__le32	ld_padding_0;
	__le32	ld_qos_maxage;
	__le32	ld_padding_1;
	__le32	ld_padding_2;
	char	ld_uuid[40];
};

/** struct lmv_desc - in SETUP of an lmv */
struct lmv_desc {
	__le32	ld_tgt_count;
	__le32	ld_active_tgt_count;
	__le32	ld_default_stripe_count;
	__le32	ld_pattern;
	__le64	ld_default_hash_size;
	__le64	ld_padding_1;
	__le32	ld_padding_2;
	__le32	ld_qos_maxage;
	__le32	ld_padding_3;
	__le32	ld_padding_4;
	char	ld_uuid[40];
};

/* --- on the target's disk (12) --- */

#define MOUNT_CONFIGS_DIR	"CONFIGS"
#define MOUNT_DATA_FILE		"CONFIGS/mountdata"
#define LDD_MAGIC		0x1dd00001U
#define LDD_CONFIG_VER		1U
#define LDD_MT_EXT3		0U
#define LDD_MT_LDISKFS		1U
#define LDD_MT_ZFS		5U

/** struct lustre_disk_data - CONFIGS/mountdata */
struct lustre_disk_data {
	__le32	ldd_magic;
	__le32	ldd_feature_compat;
	__le32	ldd_feature_rocompat;
	__le32	ldd_feature_incompat;
	__le32	ldd_config_ver;
	__le32	ldd_flags;
	__le32	ldd_svindex;
	__le32	ldd_mount_type;
	char	ldd_fsname[64];
	char	ldd_svname[64];
	char	ldd_uuid[40];
	char	ldd_userdata[824];
	__u8	ldd_padding[3072];
	char	ldd_mount_opts[4096];
	char	ldd_params[4096];
};

#define CFG_ASSERT_AT(type, member, at) \
	_Static_assert(__builtin_offsetof(struct type, member) == (at), #type "." #member)

_Static_assert(sizeof(struct mgs_target_info) == 4544, "mgs_target_info");
CFG_ASSERT_AT(mgs_target_info, mti_stripe_index, 4);
CFG_ASSERT_AT(mgs_target_info, mti_config_ver, 8);
CFG_ASSERT_AT(mgs_target_info, mti_flags, 12);
CFG_ASSERT_AT(mgs_target_info, mti_nid_count, 16);
CFG_ASSERT_AT(mgs_target_info, mti_instance, 20);
CFG_ASSERT_AT(mgs_target_info, mti_fsname, 24);
CFG_ASSERT_AT(mgs_target_info, mti_svname, 88);
CFG_ASSERT_AT(mgs_target_info, mti_uuid, 152);
CFG_ASSERT_AT(mgs_target_info, mti_nids, 192);
CFG_ASSERT_AT(mgs_target_info, mti_params, 448);
_Static_assert(sizeof(struct mgs_target_nidlist) == 8, "mgs_target_nidlist");
_Static_assert(sizeof(struct mgs_send_param) == 1024, "mgs_send_param");
_Static_assert(sizeof(struct mgs_config_body) == 80, "mgs_config_body");
CFG_ASSERT_AT(mgs_config_body, mcb_type, 72);
CFG_ASSERT_AT(mgs_config_body, mcb_units, 76);
_Static_assert(sizeof(struct mgs_config_res) == 16, "mgs_config_res");
_Static_assert(sizeof(struct mgs_nidtbl_entry) == 24, "mgs_nidtbl_entry");
_Static_assert(sizeof(struct lustre_cfg) == 32, "lustre_cfg");
CFG_ASSERT_AT(lustre_cfg, lcfg_nid, 16);
CFG_ASSERT_AT(lustre_cfg, lcfg_bufcount, 28);
_Static_assert(sizeof(struct cfg_marker) == 160, "cfg_marker");
CFG_ASSERT_AT(cfg_marker, cm_createtime, 16);
CFG_ASSERT_AT(cfg_marker, cm_tgtname, 32);
CFG_ASSERT_AT(cfg_marker, cm_comment, 96);
_Static_assert(sizeof(struct lov_desc) == 88, "lov_desc");
CFG_ASSERT_AT(lov_desc, ld_default_stripe_size, 16);
CFG_ASSERT_AT(lov_desc, ld_qos_maxage, 36);
CFG_ASSERT_AT(lov_desc, ld_uuid, 48);
_Static_assert(sizeof(struct lmv_desc) == 88, "lmv_desc");
CFG_ASSERT_AT(lmv_desc, ld_qos_maxage, 36);
CFG_ASSERT_AT(lmv_desc, ld_uuid, 48);
_Static_assert(sizeof(struct lustre_disk_data) == 12288, "lustre_disk_data");
CFG_ASSERT_AT(lustre_disk_data, ldd_fsname, 32);
CFG_ASSERT_AT(lustre_disk_data, ldd_svname, 96);
CFG_ASSERT_AT(lustre_disk_data, ldd_uuid, 160);
CFG_ASSERT_AT(lustre_disk_data, ldd_userdata, 200);
CFG_ASSERT_AT(lustre_disk_data, ldd_mount_opts, 4096);
CFG_ASSERT_AT(lustre_disk_data, ldd_params, 8192);

#endif
