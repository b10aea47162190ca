/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metadata messages (chapter 04): bodies, reint records, close data, directory
 * pages, stored attributes of metadata objects. Layouts are in wire/layout.h,
 * intents and lock bits in wire/ldlm.h. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_MD_H
#define SHEEN_WIRE_MD_H

#include <linux/types.h>
#include "wire/fid.h"

/* Reint sub-opcodes (1.2) */
enum mds_reint_op {
	REINT_SETATTR	= 1,
	REINT_CREATE	= 2,
	REINT_LINK	= 3,
	REINT_UNLINK	= 4,
	REINT_RENAME	= 5,
	REINT_OPEN	= 6,	/* only inside an open intent */
	REINT_SETXATTR	= 7,
	REINT_RMENTRY	= 8,
	REINT_MIGRATE	= 9,
	REINT_RESYNC	= 10,
};

/* Valid bits of mdt_body and obdo (2.1) */
#define OBD_MD_FLID		0x00000001ULL
#define OBD_MD_FLATIME		0x00000002ULL
#define OBD_MD_FLMTIME		0x00000004ULL
#define OBD_MD_FLCTIME		0x00000008ULL
#define OBD_MD_FLSIZE		0x00000010ULL
#define OBD_MD_FLBLOCKS		0x00000020ULL
#define OBD_MD_FLBLKSZ		0x00000040ULL
#define OBD_MD_FLMODE		0x00000080ULL
#define OBD_MD_FLTYPE		0x00000100ULL
#define OBD_MD_FLUID		0x00000200ULL
#define OBD_MD_FLGID		0x00000400ULL
#define OBD_MD_FLFLAGS		0x00000800ULL
#define OBD_MD_DOM_SIZE		0x00001000ULL
#define OBD_MD_FLNLINK		0x00002000ULL
#define OBD_MD_FLPARENT		0x00004000ULL
#define OBD_MD_LAYOUT_VERSION	0x00008000ULL
#define OBD_MD_FLRDEV		0x00010000ULL
#define OBD_MD_FLEASIZE		0x00020000ULL
#define OBD_MD_LINKNAME		0x00040000ULL
#define OBD_MD_FLHANDLE		0x00080000ULL
#define OBD_MD_FLCKSUM		0x00100000ULL
#define OBD_MD_FLPRJQUOTA	0x00400000ULL
#define OBD_MD_FLGROUP		0x01000000ULL
#define OBD_MD_FLFID		0x02000000ULL
#define OBD_MD_FLGRANT		0x08000000ULL
#define OBD_MD_FLDIREA		0x10000000ULL
#define OBD_MD_FLUSRQUOTA	0x20000000ULL
#define OBD_MD_FLGRPQUOTA	0x40000000ULL
#define OBD_MD_FLMODEASIZE	0x80000000ULL
#define OBD_MD_MDS		(1ULL << 32)	/* the object is on another MDT */
#define OBD_MD_MEA		(1ULL << 34)
#define OBD_MD_TSTATE		(1ULL << 35)
#define OBD_MD_FLXATTR		(1ULL << 36)
#define OBD_MD_FLXATTRLS	(1ULL << 37)
#define OBD_MD_FLXATTRRM	(1ULL << 38)
#define OBD_MD_FLACL		(1ULL << 39)
#define OBD_MD_FLAGSTATFS	(1ULL << 40)
#define OBD_MD_FLCROSSREF	(1ULL << 44)
#define OBD_MD_FLGETATTRLOCK	(1ULL << 45)
#define OBD_MD_FLOBJCOUNT	(1ULL << 46)
#define OBD_MD_FLDATAVERSION		0x0010000000000000ULL
#define OBD_MD_CLOSE_INTENT_EXECED	0x0020000000000000ULL
#define OBD_MD_DEFAULT_MEA		0x0040000000000000ULL
#define OBD_MD_FLOSTLAYOUT		0x0080000000000000ULL
#define OBD_MD_FLPROJID			0x0100000000000000ULL
#define OBD_MD_SECCTX			0x0200000000000000ULL
#define OBD_MD_FLLAZYSIZE		0x0400000000000000ULL
#define OBD_MD_FLLAZYBLOCKS		0x0800000000000000ULL
#define OBD_MD_FLBTIME			0x1000000000000000ULL
#define OBD_MD_ENCCTX			0x2000000000000000ULL
#define OBD_MD_NAMEHASH			0x4000000000000000ULL

/* The attributes that a getattr asks for */
#define OBD_MD_FLGETATTR \
	(OBD_MD_FLID | OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME | OBD_MD_FLSIZE | \
	 OBD_MD_FLBLKSZ | OBD_MD_FLMODE | OBD_MD_FLTYPE | OBD_MD_FLUID | OBD_MD_FLGID | \
	 OBD_MD_FLFLAGS | OBD_MD_FLNLINK | OBD_MD_FLPARENT | OBD_MD_FLRDEV | OBD_MD_FLGROUP | \
	 OBD_MD_FLPROJID | OBD_MD_FLBTIME)

/* Inode flags in mbo_flags and attr_flags: the values of FS_*_FL (2.1) */
#define LUSTRE_SYNC_FL		0x00000008U
#define LUSTRE_IMMUTABLE_FL	0x00000010U
#define LUSTRE_APPEND_FL	0x00000020U
#define LUSTRE_NODUMP_FL	0x00000040U
#define LUSTRE_NOATIME_FL	0x00000080U
#define LUSTRE_INDEX_FL		0x00001000U
#define LUSTRE_ORPHAN_FL	0x00002000U
#define LUSTRE_DIRSYNC_FL	0x00010000U
#define LUSTRE_TOPDIR_FL	0x00020000U
#define LUSTRE_SET_SYNC_FL	0x00040000U
#define LUSTRE_EXTENT_FL	0x00080000U
#define LUSTRE_ENCRYPT_FL	0x00800000U
#define LUSTRE_INLINE_DATA_FL	0x10000000U
#define LUSTRE_PROJINHERIT_FL	0x20000000U

#define MDS_NO_GID		0xffffffffU	/* suppgid: none */

/**
 * struct mdt_body - RF_MDT_BODY: object, credentials, attributes
 * @mbo_size: READPAGE request: cookie to start from
 * @mbo_blocks: of 512 bytes
 * @mbo_mode: READPAGE request: LUDA_*
 * @mbo_flags: LUSTRE_*_FL
 * @mbo_rdev: major << 8 | minor
 * @mbo_nlink: READPAGE request: bytes wanted
 * @mbo_eadatasize: request: room for an EA; reply: its size
 */
struct mdt_body {
	struct wire_fid	mbo_fid1;
	struct wire_fid	mbo_fid2;
	__le64		mbo_handle;
	__le64		mbo_valid;
	__le64		mbo_size;
	__le64		mbo_mtime;
	__le64		mbo_atime;
	__le64		mbo_ctime;
	__le64		mbo_blocks;
	__le64		mbo_version;
	__le64		mbo_t_state;
	__le32		mbo_fsuid;
	__le32		mbo_fsgid;
	__le32		mbo_capability;
	__le32		mbo_mode;
	__le32		mbo_uid;
	__le32		mbo_gid;
	__le32		mbo_flags;
	__le32		mbo_rdev;
	__le32		mbo_nlink;
	__le32		mbo_layout_gen;
	__le32		mbo_suppgid;
	__le32		mbo_eadatasize;
	__le32		mbo_aclsize;
	__le32		mbo_max_mdsize;
	__le32		mbo_unused3;
	__le32		mbo_uid_h;
	__le32		mbo_gid_h;
	__le32		mbo_projid;
	__le64		mbo_dom_size;
	__le64		mbo_dom_blocks;
	__le64		mbo_btime;
	__le64		mbo_padding_9;
	__le64		mbo_padding_10;
};

/* --- reint records: all 136 bytes, one head (2.2) --- */

struct mdt_rec_head {
	__le32		opcode;
	__le32		cap;
	__le32		fsuid;
	__le32		fsuid_h;
	__le32		fsgid;
	__le32		fsgid_h;
	__le32		suppgid1;
	__le32		suppgid1_h;
	__le32		suppgid2;
	__le32		suppgid2_h;
};

/** struct mdt_rec_setattr - also the record of a CLOSE; @valid: MDS_ATTR_* */
struct mdt_rec_setattr {
	struct mdt_rec_head head;
	struct wire_fid	fid;
	__le64		valid;
	__le32		uid;
	__le32		gid;
	__le64		size;
	__le64		blocks;
	__le64		mtime;
	__le64		atime;
	__le64		ctime;
	__le32		attr_flags;
	__le32		mode;
	__le32		bias;
	__le32		projid;
	__le32		padding[2];
};

/** struct mdt_rec_create - CREATE and, inside an intent, OPEN */
struct mdt_rec_create {
	struct mdt_rec_head head;
	struct wire_fid	fid1;		/* parent */
	struct wire_fid	fid2;		/* the new object's; open by FID: the object */
	__le64		old_handle;	/* replayed open, lease */
	__le64		time;
	__le64		rdev;
	__le64		ioepoch;
	__le64		padding;
	__le32		mode;
	__le32		bias;
	__le32		flags_l;	/* MDS_OPEN_* */
	__le32		flags_h;
	__le32		umask;
	__le32		padding4;
};

struct mdt_rec_link {
	struct mdt_rec_head head;
	struct wire_fid	fid1;		/* the object */
	struct wire_fid	fid2;		/* directory of the new name */
	__le64		time;
	__le64		padding[4];
	__le32		bias;
	__le32		padding2[5];
};

/** struct mdt_rec_unlink - UNLINK, also rmdir (@mode), and RMENTRY */
struct mdt_rec_unlink {
	struct mdt_rec_head head;
	struct wire_fid	fid1;		/* parent */
	struct wire_fid	fid2;		/* child as the client knows it */
	__le64		time;
	__le64		padding[4];
	__le32		bias;
	__le32		mode;
	__le32		padding2[4];
};

struct mdt_rec_rename {
	struct mdt_rec_head head;
	struct wire_fid	fid1;		/* source directory */
	struct wire_fid	fid2;		/* target directory */
	__le64		time;
	__le64		padding[4];
	__le32		bias;
	__le32		mode;
	__le32		padding2[4];
};

/** struct mdt_rec_setxattr - @size is 0 from stock clients: the value is as long as its buffer */
struct mdt_rec_setxattr {
	struct mdt_rec_head head;
	struct wire_fid	fid;
	struct wire_fid	padding;
	__le64		valid;		/* OBD_MD_FLXATTR, FLXATTRRM, FLCTIME */
	__le64		time;
	__le64		padding2[3];
	__le32		size;
	__le32		flags;		/* XATTR_CREATE, XATTR_REPLACE */
	__le32		padding3[4];
};

struct mdt_rec_resync {
	struct mdt_rec_head head;
	struct wire_fid	fid;
	struct wire_fid	padding;
	__le64		lease_handle;
	__le64		padding2[4];
	__le32		bias;
	__le32		padding3[4];
	__le16		mirror_id;
	__le16		padding4;
};

/** union mdt_rec - RF_REC_REINT before its opcode is looked at */
union mdt_rec {
	struct mdt_rec_head	head;
	struct mdt_rec_setattr	setattr;
	struct mdt_rec_create	create;
	struct mdt_rec_link	link;
	struct mdt_rec_unlink	unlink;
	struct mdt_rec_rename	rename;
	struct mdt_rec_setxattr	setxattr;
	struct mdt_rec_resync	resync;
};

/* valid of a setattr record */
#define MDS_ATTR_MODE		0x1ULL
#define MDS_ATTR_UID		0x2ULL
#define MDS_ATTR_GID		0x4ULL
#define MDS_ATTR_SIZE		0x8ULL
#define MDS_ATTR_ATIME		0x10ULL
#define MDS_ATTR_MTIME		0x20ULL
#define MDS_ATTR_CTIME		0x40ULL
#define MDS_ATTR_ATIME_SET	0x80ULL
#define MDS_ATTR_MTIME_SET	0x100ULL
#define MDS_ATTR_FORCE		0x200ULL
#define MDS_ATTR_ATTR_FLAG	0x400ULL
#define MDS_ATTR_KILL_SUID	0x800ULL
#define MDS_ATTR_KILL_SGID	0x1000ULL
#define MDS_ATTR_CTIME_SET	0x2000ULL
#define MDS_ATTR_FROM_OPEN	0x4000ULL
#define MDS_ATTR_BLOCKS		0x8000ULL
#define MDS_ATTR_PROJID		0x10000ULL
#define MDS_ATTR_LSIZE		0x20000ULL
#define MDS_ATTR_LBLOCKS	0x40000ULL
#define MDS_ATTR_OVERRIDE	0x2000000ULL

/* bias bits */
#define MDS_CROSS_REF		(1U << 1)
#define MDS_PERM_BYPASS		(1U << 3)
#define MDS_QUOTA_IGNORE	(1U << 5)
#define MDS_KEEP_ORPHAN		(1U << 7)
#define MDS_RECOV_OPEN		(1U << 8)
#define MDS_DATA_MODIFIED	(1U << 9)
#define MDS_CREATE_VOLATILE	(1U << 10)
#define MDS_OWNEROVERRIDE	(1U << 11)
#define MDS_HSM_RELEASE		(1U << 12)
#define MDS_CLOSE_MIGRATE	(1U << 13)
#define MDS_CLOSE_LAYOUT_SWAP	(1U << 14)
#define MDS_CLOSE_LAYOUT_MERGE	(1U << 15)
#define MDS_CLOSE_RESYNC_DONE	(1U << 16)
#define MDS_CLOSE_LAYOUT_SPLIT	(1U << 17)
#define MDS_TRUNC_KEEP_LEASE	(1U << 18)
#define MDS_PCC_ATTACH		(1U << 19)
#define MDS_SETSTRIPE_CREATE	(1U << 21)
#define MDS_FID_OP		(1U << 22)
#define MDS_MIGRATE_NSONLY	(1U << 23)
#define MDS_CLOSE_INTENT	(MDS_HSM_RELEASE | MDS_CLOSE_MIGRATE | MDS_CLOSE_LAYOUT_SWAP | \
				 MDS_CLOSE_LAYOUT_MERGE | MDS_CLOSE_RESYNC_DONE | \
				 MDS_CLOSE_LAYOUT_SPLIT | MDS_PCC_ATTACH)

/* Open flags: flags_l | flags_h << 32 (2.3); unknown bits are ignored */
#define MDS_FMODE_READ		0x1ULL
#define MDS_FMODE_WRITE		0x2ULL
#define MDS_FMODE_EXEC		0x4ULL
#define MDS_FMODE_MASK		0x7ULL
#define MDS_OPEN_CREAT		0x40ULL
#define MDS_OPEN_EXCL		0x80ULL
#define MDS_OPEN_TRUNC		0x200ULL
#define MDS_OPEN_APPEND		0x400ULL
#define MDS_OPEN_SYNC		0x1000ULL
#define MDS_OPEN_DIRECTORY	0x10000ULL
#define MDS_OPEN_BY_FID		(1ULL << 23)
#define MDS_OPEN_DELAY_CREATE	(1ULL << 24)
#define MDS_OPEN_OWNEROVERRIDE	(1ULL << 25)
#define MDS_OPEN_JOIN_FILE	(1ULL << 26)
#define MDS_OPEN_LOCK		(1ULL << 29)
#define MDS_OPEN_HAS_EA		(1ULL << 30)
#define MDS_OPEN_HAS_OBJS	(1ULL << 31)
#define MDS_OPEN_NORESTORE	(1ULL << 33)
#define MDS_OPEN_NEWSTRIPE	(1ULL << 34)
#define MDS_OPEN_VOLATILE	(1ULL << 35)
#define MDS_OPEN_LEASE		(1ULL << 36)
#define MDS_OPEN_RELEASE	(1ULL << 37)
#define MDS_OPEN_RESYNC		(1ULL << 38)
#define MDS_OPEN_PCC		(1ULL << 39)
#define MDS_OP_WITH_FID		(1ULL << 40)

/* Name of a volatile file, then ":" index ":" random text (6.3) */
#define LUSTRE_VOLATILE_HDR	".\x0c\x13\x14\x12:VOLATILE"
#define LUSTRE_VOLATILE_HDR_LEN	14

#define MDS_NAME_MAX		255

/** struct mdt_ioepoch - RF_MDT_EPOCH of a CLOSE: only the open handle is in use */
struct mdt_ioepoch {
	__le64		mio_handle;
	__le64		mio_unused1;
	__le32		mio_unused2;
	__le32		mio_padding;
};

#define CLOSE_RESYNC_INLINE	15

/** struct close_data - RF_CLOSE_DATA of a close with intent */
struct close_data {
	__le64		cd_handle;	/* lease: the server's lock cookie */
	struct wire_fid	cd_fid;
	__le64		cd_data_version;
	union {
		__u8	cd_reserved[64];
		struct {
			__le32	resync_count;
			__le32	resync_ids_inline[CLOSE_RESYNC_INLINE];
		};
		__le16	cd_mirror_id;
		__le32	cd_archive_id;
	};
};

/** struct getinfo_fid2path - value of GET_INFO "fid2path"; the path follows */
struct getinfo_fid2path {
	struct wire_fid	gf_fid;
	__le64		gf_recno;
	__le32		gf_linkno;
	__le32		gf_pathlen;
	char		gf_path[];
};

/* --- directory pages (8); always 4096 bytes, little-endian --- */

#define LU_PAGE_SIZE		4096
#define LU_PAGE_SHIFT		12

/** struct lu_dirpage - head of a directory page */
struct lu_dirpage {
	__le64		ldp_hash_start;
	__le64		ldp_hash_end;	/* cookie of the next page, or MDS_DIR_END_OFF */
	__le32		ldp_flags;	/* LDF_* */
	__le32		ldp_pad0;
	__u8		ldp_entries[];
};
#define LDF_EMPTY		1U
#define LDF_COLLIDE		2U

#define MDS_DIR_END_OFF		0xfffffffffffffffeULL
#define MDS_DIR_HASH_MAX	0x7ffffffffffffffeULL

/** struct lu_dirent - entry; with LUDA_TYPE a __le16 S_IFMT type follows the name */
struct lu_dirent {
	struct wire_fid	lde_fid;
	__le64		lde_hash;
	__le16		lde_reclen;	/* 0: last entry of its page */
	__le16		lde_namelen;
	__le32		lde_attrs;	/* LUDA_* */
	char		lde_name[];
};
#define LUDA_FID		0x1U
#define LUDA_TYPE		0x2U
#define LUDA_64BITHASH		0x4U

/* Where the type of an entry is: 32 + name and NUL, rounded to 2 from below (for an even length it covers the NUL) */
static inline unsigned int lu_dirent_type_off(unsigned int namelen)
{
	return sizeof(struct lu_dirent) + ((namelen + 1) & ~1U);
}

static inline unsigned int lu_dirent_size(unsigned int namelen, unsigned int attrs)
{
	unsigned int n;

	if (attrs & LUDA_TYPE)
		n = ((sizeof(struct lu_dirent) + namelen + 2) & ~1U) + sizeof(__le16);
	else
		n = sizeof(struct lu_dirent) + namelen + 1;
	return (n + 7) & ~7U;
}

/* --- stored attributes (9) --- */

#define XATTR_NAME_LOV		"trusted.lov"
#define XATTR_NAME_LMA		"trusted.lma"
#define XATTR_NAME_LMV		"trusted.lmv"
#define XATTR_NAME_DEFAULT_LMV	"trusted.dmv"
#define XATTR_NAME_LINK		"trusted.link"
#define XATTR_NAME_FID		"trusted.fid"
#define XATTR_NAME_VERSION	"trusted.version"
#define XATTR_NAME_SOM		"trusted.som"
#define XATTR_NAME_HSM		"trusted.hsm"
#define XATTR_NAME_DUMMY	"trusted.dummy"
#define XATTR_LUSTRE_LOV	"lustre.lov"

/** struct lustre_mdt_attrs - trusted.lma */
struct lustre_mdt_attrs {
	__le32		lma_compat;
	__le32		lma_incompat;
	struct wire_fid	lma_self_fid;
};
#define LMAC_FID_ON_OST		0x8U
#define LMAI_RELEASED		0x1U
#define LMAI_ORPHAN		0x10U

/** struct lustre_som_attrs - trusted.som: size on the MDT; @lsa_valid: SOM_* */
struct lustre_som_attrs {
	__le16		lsa_valid;
	__le16		lsa_reserved[3];
	__le64		lsa_size;
	__le64		lsa_blocks;
};
#define SOM_FL_STRICT		0x1
#define SOM_FL_STALE		0x2
#define SOM_FL_LAZY		0x4

/** struct link_ea_header - trusted.link: the names of an object */
struct link_ea_header {
	__le32		leh_magic;
	__le32		leh_reccount;
	__le64		leh_len;		/* whole attribute */
	__le32		leh_overflow_time;
	__le32		leh_padding;
};
#define LINK_EA_MAGIC		0x11EAF1DFU
#define LINK_EA_MAX		4096

/** struct link_ea_entry - one name: big-endian and unaligned; the name has no NUL */
struct link_ea_entry {
	__u8		lee_reclen[2];		/* 18 + length of the name */
	__u8		lee_parent_fid[16];
	char		lee_name[];
};

/* --- directory layouts (10) --- */

#define LMV_MAGIC_V1		0x0CD20CD0U
#define LMV_USER_MAGIC		0x0CD30CD0U
#define LMV_MAGIC_STRIPE	0x0CD40CD0U
#define LMV_MAGIC_FOREIGN	0x0CD50CD0U
#define LMV_USER_MAGIC_SPECIFIC	0x0CD40CD0U

#define LMV_HASH_TYPE_MASK	0xffffU
#define LMV_HASH_ALL_CHARS	1
#define LMV_HASH_FNV_1A_64	2
#define LMV_HASH_CRUSH		3
#define LMV_HASH_CRUSH2		4

#define LMV_MAXPOOLNAME		16

/** struct lmv_mds_md_v1 - stored layout of a striped directory; FIDs of the stripes follow */
struct lmv_mds_md_v1 {
	__le32		lmv_magic;
	__le32		lmv_stripe_count;
	__le32		lmv_master_mdt_index;
	__le32		lmv_hash_type;
	__le32		lmv_layout_version;
	__le32		lmv_migrate_offset;
	__le32		lmv_migrate_hash;
	__le32		lmv_padding2;
	__le64		lmv_padding3;
	char		lmv_pool_name[LMV_MAXPOOLNAME];
	struct wire_fid	lmv_stripe_fids[];
};

struct lmv_user_mds_data {
	struct wire_fid	lum_fid;
	__le32		lum_padding;
	__le32		lum_mds;
};

/** struct lmv_user_md - wanted layout, and the default layout of a directory's subdirectories */
struct lmv_user_md {
	__le32		lum_magic;
	__le32		lum_stripe_count;
	__le32		lum_stripe_offset;
	__le32		lum_hash_type;
	__le32		lum_type;
	__u8		lum_max_inherit;
	__u8		lum_max_inherit_rr;
	__le16		lum_padding1;
	__le32		lum_padding2;
	__le32		lum_padding3;
	char		lum_pool_name[LMV_MAXPOOLNAME];
	struct lmv_user_mds_data lum_objects[];
};

/* --- POSIX ACLs as xattr values (2.4) have the layout of <linux/posix_acl_xattr.h> --- */
#define MDS_ACL_SIZE(n)		(4 + 8 * (n))
#define MDS_ACL_SMALL_ENTRIES	32	/* more need OBD_CONNECT_LARGE_ACL */

#define MD_OFFSET(s, f, o) _Static_assert(__builtin_offsetof(struct s, f) == (o), #s "." #f)
#define MD_SIZE(s, n) _Static_assert(sizeof(struct s) == (n), #s)

MD_SIZE(mdt_body, 216);
MD_OFFSET(mdt_body, mbo_handle, 32);
MD_OFFSET(mdt_body, mbo_valid, 40);
MD_OFFSET(mdt_body, mbo_size, 48);
MD_OFFSET(mdt_body, mbo_mtime, 56);
MD_OFFSET(mdt_body, mbo_atime, 64);
MD_OFFSET(mdt_body, mbo_ctime, 72);
MD_OFFSET(mdt_body, mbo_t_state, 96);
MD_OFFSET(mdt_body, mbo_fsuid, 104);
MD_OFFSET(mdt_body, mbo_capability, 112);
MD_OFFSET(mdt_body, mbo_mode, 116);
MD_OFFSET(mdt_body, mbo_uid, 120);
MD_OFFSET(mdt_body, mbo_flags, 128);
MD_OFFSET(mdt_body, mbo_nlink, 136);
MD_OFFSET(mdt_body, mbo_suppgid, 144);
MD_OFFSET(mdt_body, mbo_eadatasize, 148);
MD_OFFSET(mdt_body, mbo_aclsize, 152);
MD_OFFSET(mdt_body, mbo_max_mdsize, 156);
MD_OFFSET(mdt_body, mbo_projid, 172);
MD_OFFSET(mdt_body, mbo_dom_size, 176);
MD_OFFSET(mdt_body, mbo_btime, 192);

MD_SIZE(mdt_rec_head, 40);
MD_SIZE(mdt_rec_setattr, 136);
MD_OFFSET(mdt_rec_setattr, fid, 40);
MD_OFFSET(mdt_rec_setattr, valid, 56);
MD_OFFSET(mdt_rec_setattr, uid, 64);
MD_OFFSET(mdt_rec_setattr, size, 72);
MD_OFFSET(mdt_rec_setattr, mtime, 88);
MD_OFFSET(mdt_rec_setattr, ctime, 104);
MD_OFFSET(mdt_rec_setattr, attr_flags, 112);
MD_OFFSET(mdt_rec_setattr, bias, 120);
MD_OFFSET(mdt_rec_setattr, projid, 124);
MD_SIZE(mdt_rec_create, 136);
MD_OFFSET(mdt_rec_create, old_handle, 72);
MD_OFFSET(mdt_rec_create, time, 80);
MD_OFFSET(mdt_rec_create, rdev, 88);
MD_OFFSET(mdt_rec_create, mode, 112);
MD_OFFSET(mdt_rec_create, flags_l, 120);
MD_OFFSET(mdt_rec_create, umask, 128);
MD_SIZE(mdt_rec_link, 136);
MD_OFFSET(mdt_rec_link, time, 72);
MD_OFFSET(mdt_rec_link, bias, 112);
MD_SIZE(mdt_rec_unlink, 136);
MD_OFFSET(mdt_rec_unlink, time, 72);
MD_OFFSET(mdt_rec_unlink, mode, 116);
MD_SIZE(mdt_rec_rename, 136);
MD_OFFSET(mdt_rec_rename, time, 72);
MD_OFFSET(mdt_rec_rename, mode, 116);
MD_SIZE(mdt_rec_setxattr, 136);
MD_OFFSET(mdt_rec_setxattr, valid, 72);
MD_OFFSET(mdt_rec_setxattr, time, 80);
MD_OFFSET(mdt_rec_setxattr, size, 112);
MD_SIZE(mdt_rec_resync, 136);
MD_OFFSET(mdt_rec_resync, lease_handle, 72);
MD_OFFSET(mdt_rec_resync, bias, 112);
MD_OFFSET(mdt_rec_resync, mirror_id, 132);
_Static_assert(sizeof(union mdt_rec) == 136, "mdt_rec");

MD_SIZE(mdt_ioepoch, 24);
MD_SIZE(close_data, 96);
MD_OFFSET(close_data, cd_data_version, 24);
MD_SIZE(getinfo_fid2path, 32);
MD_SIZE(lu_dirpage, 24);
MD_SIZE(lu_dirent, 32);
MD_OFFSET(lu_dirent, lde_reclen, 24);
MD_SIZE(lustre_mdt_attrs, 24);
MD_SIZE(lustre_som_attrs, 24);
MD_SIZE(link_ea_header, 24);
MD_SIZE(link_ea_entry, 18);
MD_SIZE(lmv_mds_md_v1, 56);
MD_OFFSET(lmv_mds_md_v1, lmv_pool_name, 40);
MD_SIZE(lmv_user_md, 48);
MD_OFFSET(lmv_user_md, lum_pool_name, 32);
MD_SIZE(lmv_user_mds_data, 24);

#undef MD_OFFSET
#undef MD_SIZE

#endif
