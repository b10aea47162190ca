/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ioctls of files and directories of a client and their structures, with the numbers and layouts
 * that programs for Lustre were compiled against (chapter 08, 7). Layouts (lov_user_md) are those
 * of wire/layout.h, little-endian.
 */
#ifndef SHEEN_UAPI_LUSTRE_H
#define SHEEN_UAPI_LUSTRE_H

#include <linux/types.h>
#include "wire/fid.h"

#define LL_SUPER_MAGIC		0x0BD00BD0

/* on any file or directory (7.1) */
#define LL_IOC_GETFLAGS		0x80086697U
#define LL_IOC_SETFLAGS		0x40086698U
#define LL_IOC_CLRFLAGS		0x40086699U
#define LL_IOC_LOV_SETSTRIPE	0x4008669aU
#define LL_IOC_LOV_SETSTRIPE_NEW 0xc020669aU
#define LL_IOC_LOV_GETSTRIPE	0x4008669bU
#define LL_IOC_LOV_GETSTRIPE_NEW 0x8020669bU
#define IOC_OBD_STATFS		0xc00866a4U
#define LL_IOC_FLUSHCTX		0x400866a6U
#define LL_IOC_PATH2FID		0x800866adU
#define LL_IOC_GET_MDTIDX	0x800466afU
#define OBD_IOC_GETDTNAME	0x8080667fU
#define OBD_IOC_GETNAME_OLD	0xc0086683U
#define OBD_IOC_GETMDNAME	0x80806683U
#define OBD_IOC_FID2PATH	0xc0086696U

/* on directories (7.2) */
#define LL_IOC_MDC_GETINFO_V1	0xc0086917U
#define LL_IOC_MDC_GETINFO_V2	0xc1406917U
#define IOC_MDC_GETFILEINFO_V1	0xc0086916U
#define IOC_MDC_GETFILEINFO_V2	0xc1406916U
#define IOC_MDC_GETFILESTRIPE	0xc0086915U
#define IOC_MDC_LOOKUP		0xc0086914U
#define LL_IOC_FID2MDTIDX	0xc01066f8U
#define LL_IOC_GETOBDCOUNT	0x800866a8U
#define LL_IOC_GET_CONNECT_FLAGS 0xc00866aeU

#define O_LOV_DELAY_CREATE	0x1002100	/* FASYNC and O_NOCTTY are enough */

/* types of IOC_OBD_STATFS */
#define LL_STATFS_LMV		0x1U
#define LL_STATFS_LOV		0x2U
#define LL_STATFS_NODELAY	0x4U

#define OBD_UUID_SIZE		40

/** struct obd_ioctl_data - of ioctls that take several buffers */
struct obd_ioctl_data {
	__u32	ioc_len;
	__u32	ioc_version;
	__u64	ioc_cookie;
	__u32	ioc_conn1;
	__u32	ioc_conn2;
	__u8	ioc_obdo1[208];
	__u8	ioc_obdo2[208];
	__u64	ioc_count;
	__u64	ioc_offset;
	__u32	ioc_dev;
	__u32	ioc_command;
	__u64	ioc_nid;
	__u32	ioc_nal;
	__u32	ioc_type;
	__u32	ioc_plen1;
	__u32	ioc_pad1;
	__u64	ioc_pbuf1;
	__u32	ioc_plen2;
	__u32	ioc_pad2;
	__u64	ioc_pbuf2;
	__u32	ioc_inllen1;
	__u32	ioc_pad3;
	__u64	ioc_inlbuf1;
	__u32	ioc_inllen2;
	__u32	ioc_pad4;
	__u64	ioc_inlbuf2;
	__u32	ioc_inllen3;
	__u32	ioc_pad5;
	__u64	ioc_inlbuf3;
	__u32	ioc_inllen4;
	__u32	ioc_pad6;
	__u64	ioc_inlbuf4;
	char	ioc_bulk[];
};

/** struct ll_fid2path - OBD_IOC_FID2PATH; the path follows (getinfo_fid2path in host order) */
struct ll_fid2path {
	struct lu_fid	gf_fid;
	__u64		gf_recno;
	__u32		gf_linkno;
	__u32		gf_pathlen;
	char		gf_path[];
};

/** struct ll_mds_data_v2 - GETINFO_V2, GETFILEINFO_V2; the layout follows at 288 */
struct ll_mds_data_v2 {
	struct lu_fid	lmd_fid;
	__u8		lmd_statx[256];
	__u64		lmd_flags;	/* OBD_MD_FL* */
	__u32		lmd_lmmsize;
	__u32		lmd_padding;
	char		lmd_lmm[];
};

_Static_assert(sizeof(struct obd_ioctl_data) == 576, "obd_ioctl_data");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_obdo1) == 24, "ioc_obdo1");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_count) == 440, "ioc_count");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_type) == 476, "ioc_type");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_pbuf1) == 488, "ioc_pbuf1");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_inllen1) == 512, "ioc_inllen1");
_Static_assert(__builtin_offsetof(struct obd_ioctl_data, ioc_inlbuf4) == 568, "ioc_inlbuf4");
_Static_assert(sizeof(struct ll_fid2path) == 32, "ll_fid2path");
_Static_assert(__builtin_offsetof(struct ll_mds_data_v2, lmd_flags) == 272, "lmd_flags");
_Static_assert(sizeof(struct ll_mds_data_v2) == 288, "ll_mds_data_v2");

#endif
