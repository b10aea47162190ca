/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data objects on the wire (chapter 05, part B): obdo, I/O descriptors, statfs.
 * Valid bits (OBD_MD_*) are in wire/md.h, layouts in wire/layout.h.
 */
#ifndef SHEEN_WIRE_OST_H
#define SHEEN_WIRE_OST_H

#include <linux/types.h>
#include <asm/byteorder.h>
#include "wire/fid.h"
#include "wire/md.h"

#define OST_STATIC_OFFSET(type, member, at) \
	_Static_assert(__builtin_offsetof(struct type, member) == (at), #type "." #member)

/** struct ost_layout - what an object is told about its file (28 bytes, unaligned 64-bit fields) */
struct ost_layout {
	__le32 ol_stripe_size;
	__le32 ol_stripe_count;
	__le64 ol_comp_start;
	__le64 ol_comp_end;
	__le32 ol_comp_id;
} __attribute__((packed));
_Static_assert(sizeof(struct ost_layout) == 28, "ost_layout");

/**
 * struct obdo - object attributes; ost_body is exactly one
 *
 * READ and WRITE give five fields other meanings: o_blocks o_dirty, o_mode o_undirty, o_nlink
 * o_cksum, o_misc o_dropped, o_data_version o_grant_used (B2).
 */
struct obdo {
	__le64		o_valid;
	struct wire_ost_id o_oi;
	__le64		o_parent_seq;
	__le64		o_size;
	__le64		o_mtime;
	__le64		o_atime;
	__le64		o_ctime;
	__le64		o_blocks;
	__le64		o_grant;
	__le32		o_blksize;
	__le32		o_mode;
	__le32		o_uid;
	__le32		o_gid;
	__le32		o_flags;
	__le32		o_nlink;
	__le32		o_parent_oid;
	__le32		o_misc;
	__le64		o_ioepoch;
	__le32		o_stripe_idx;
	__le32		o_parent_ver;
	__u64		o_handle;	/* lock cookie, opaque */
	struct ost_layout o_layout;
	__le32		o_layout_version;
	__le32		o_uid_h;
	__le32		o_gid_h;
	__le64		o_data_version;
	__le32		o_projid;
	__le32		o_padding[5];
};
_Static_assert(sizeof(struct obdo) == 208, "obdo");
OST_STATIC_OFFSET(obdo, o_size, 32);
OST_STATIC_OFFSET(obdo, o_blocks, 64);
OST_STATIC_OFFSET(obdo, o_grant, 72);
OST_STATIC_OFFSET(obdo, o_mode, 84);
OST_STATIC_OFFSET(obdo, o_flags, 96);
OST_STATIC_OFFSET(obdo, o_nlink, 100);
OST_STATIC_OFFSET(obdo, o_misc, 108);
OST_STATIC_OFFSET(obdo, o_stripe_idx, 120);
OST_STATIC_OFFSET(obdo, o_handle, 128);
OST_STATIC_OFFSET(obdo, o_layout, 136);
OST_STATIC_OFFSET(obdo, o_layout_version, 164);
OST_STATIC_OFFSET(obdo, o_data_version, 176);
OST_STATIC_OFFSET(obdo, o_projid, 184);

#define o_dirty		o_blocks
#define o_undirty	o_mode
#define o_cksum		o_nlink
#define o_dropped	o_misc
#define o_grant_used	o_data_version

/* o_valid bits that only objects use */
#define OBD_MD_LAYOUT_VERSION	0x00008000ULL

/* o_flags */
#define OBD_FL_DELORPHAN	0x00000004U
#define OBD_FL_NORPC		0x00000008U
#define OBD_FL_RECREATE_OBJS	0x00000020U
#define OBD_FL_NO_PRJQUOTA	0x00000080U
#define OBD_FL_NO_USRQUOTA	0x00000100U
#define OBD_FL_NO_GRPQUOTA	0x00000200U
#define OBD_FL_SRVLOCK		0x00000800U
#define OBD_FL_CKSUM_MASK	0x0000f000U
#define OBD_FL_CKSUM_CRC32	0x00001000U
#define OBD_FL_CKSUM_ADLER	0x00002000U
#define OBD_FL_CKSUM_CRC32C	0x00004000U
#define OBD_FL_CKSUM_T10IP512	0x00005000U
#define OBD_FL_CKSUM_T10IP4K	0x00006000U
#define OBD_FL_CKSUM_T10CRC512	0x00007000U
#define OBD_FL_CKSUM_T10CRC4K	0x00008000U
#define OBD_FL_SHRINK_GRANT	0x00020000U
#define OBD_FL_RECOV_RESEND	0x00080000U
#define OBD_FL_FLUSH		0x00200000U
#define OBD_FL_SHORT_IO		0x00400000U
#define OBD_FL_ROOT_SQUASH	0x00800000U

/** struct obd_ioobj - which object the niobufs are of */
struct obd_ioobj {
	struct wire_ost_id ioo_oid;
	__le32		ioo_max_brw;	/* (segments of the client's largest RPC - 1) << 16 */
	__le32		ioo_bufcnt;
};
_Static_assert(sizeof(struct obd_ioobj) == 24, "obd_ioobj");
#define IOOBJ_MAX_BRW_BITS	16
#define OST_OBJECT_EOF		0xffffffffffffffffULL	/* o_size, o_blocks: up to the end */
#define OST_MAX_NIOBUFS		16384

/** struct niobuf_remote - one byte range of an object */
struct niobuf_remote {
	__le64 rnb_offset;
	__le32 rnb_len;
	__le32 rnb_flags;
};
_Static_assert(sizeof(struct niobuf_remote) == 16, "niobuf_remote");

#define OBD_BRW_READ		0x00001U
#define OBD_BRW_WRITE		0x00002U
#define OBD_BRW_NDELAY		0x00004U
#define OBD_BRW_SYNC		0x00008U
#define OBD_BRW_FROM_GRANT	0x00020U
#define OBD_BRW_NOCACHE		0x00080U
#define OBD_BRW_NOQUOTA		0x00100U
#define OBD_BRW_SRVLOCK		0x00200U
#define OBD_BRW_ASYNC		0x00400U
#define OBD_BRW_MEMALLOC	0x00800U
#define OBD_BRW_SOFT_SYNC	0x04000U
#define OBD_BRW_RDMA_ONLY	0x20000U
#define OBD_BRW_SYS_RESOURCE	0x40000U

/** struct obd_statfs - reply of OST_STATFS and MDS_STATFS (B15) */
struct obd_statfs {
	__le64 os_type;
	__le64 os_blocks;
	__le64 os_bfree;
	__le64 os_bavail;
	__le64 os_files;
	__le64 os_ffree;
	__u8   os_fsid[40];
	__le32 os_bsize;
	__le32 os_namelen;
	__le64 os_maxbytes;
	__le32 os_state;
	__le32 os_fprecreated;
	__le32 os_granted;
	__le32 os_spare[7];
};
_Static_assert(sizeof(struct obd_statfs) == 144, "obd_statfs");
OST_STATIC_OFFSET(obd_statfs, os_bsize, 88);
OST_STATIC_OFFSET(obd_statfs, os_state, 104);

#define OS_STATE_DEGRADED	0x001U
#define OS_STATE_READONLY	0x002U
#define OS_STATE_NOPRECREATE	0x004U
#define OS_STATE_ENOSPC		0x020U
#define OS_STATE_ENOINO		0x040U
#define OS_STATE_SUM		0x100U

/* keys of OST_GET_INFO and OST_SET_INFO (B14) */
#define KEY_LAST_FID		"last_fid"
#define KEY_LAST_ID		"last_id"
#define KEY_FIEMAP		"fiemap"
#define KEY_GRANT_SHRINK	"grant_shrink"
#define KEY_EVICT_BY_NID	"evict_by_nid"

/* precreation (B13) */
#define OST_MAX_PRECREATE	20000
#define OST_MAX_GAP		100000

/* identifiers of objects (A4) */

/** ost_id_to_fid() - @idx: index of the OST, for the legacy form */
static inline void ost_id_to_fid(const struct wire_ost_id *oi, __u32 idx, struct lu_fid *fid)
{
	__u64 a = __le64_to_cpu(oi->id), b = __le64_to_cpu(oi->seq);

	if (b) {
		fid->f_seq = a;
		fid->f_oid = (__u32)b;
		fid->f_ver = (__u32)(b >> 32);
	} else {
		fid->f_seq = FID_SEQ_IDIF_MIN | (__u64)idx << 16 | (a >> 32 & 0xffff);
		fid->f_oid = (__u32)a;
		fid->f_ver = 0;
	}
}

/** fid_to_ost_id() - FID form as it is; IDIF stays IDIF, as servers answer, but for id 0, which has none */
static inline void fid_to_ost_id(const struct lu_fid *fid, struct wire_ost_id *oi)
{
	if (fid_is_idif(fid) && !fid->f_oid) {
		oi->id = __cpu_to_le64((fid->f_seq & 0xffff) << 32);
		oi->seq = 0;
		return;
	}
	oi->id = __cpu_to_le64(fid->f_seq);
	oi->seq = __cpu_to_le64(fid->f_oid | (__u64)fid->f_ver << 32);
}

/** fid_idif_id() - legacy object id of an IDIF */
static inline __u64 fid_idif_id(const struct lu_fid *fid)
{
	return (fid->f_seq & 0xffff) << 32 | fid->f_oid;
}

#endif
