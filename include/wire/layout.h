/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File layouts (chapter 05, part A): the LOV EA, plain and composite, and what
 * users ask for; trusted.fid of data objects. Little-endian on disk and on the
 * wire. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_LAYOUT_H
#define SHEEN_WIRE_LAYOUT_H

#include <linux/types.h>
#include "wire/fid.h"

/* Magics (A1) */
#define LOV_MAGIC_V1		0x0BD10BD0U
#define LOV_MAGIC_V3		0x0BD30BD0U
#define LOV_MAGIC_SPECIFIC	0x0BD50BD0U	/* requests only */
#define LOV_MAGIC_COMP_V1	0x0BD60BD0U
#define LOV_MAGIC_FOREIGN	0x0BD70BD0U
#define LOV_MAGIC_SEL		0x0BD80BD0U	/* on disk only */
#define LOV_MAGIC_DEFINED	0x10000000U	/* tolerated in replays */

/* Patterns */
#define LOV_PATTERN_NONE		0x000U
#define LOV_PATTERN_RAID0		1U	/* also in wire/config.h */
#define LOV_PATTERN_MDT			0x100U
#define LOV_PATTERN_OVERSTRIPING	0x200U
#define LOV_PATTERN_FOREIGN		0x400U
#define LOV_PATTERN_F_MASK		0xffff0000U
#define LOV_PATTERN_F_HOLE		0x40000000U
#define LOV_PATTERN_F_RELEASED		0x80000000U

/* Limits */
#define LOV_MIN_STRIPE_SIZE	65536U
#define LOV_MAX_STRIPE_COUNT	2000U
#define LOV_ALL_STRIPES		0xffffU		/* "all OSTs" in requests and defaults */
#define LOV_ANY_OST		0xffffU		/* stripe offset: the server chooses */
#define LOV_MAXPOOLNAME		15
#define LOV_MAX_EASIZE		65536U

/** struct lov_ost_data_v1 - one stripe */
struct lov_ost_data_v1 {
	struct wire_ost_id	l_ost_oi;
	__le32			l_ost_gen;
	__le32			l_ost_idx;
};

/**
 * struct lov_mds_md_v1 - plain layout; also lov_user_md_v1
 * @lmm_oi: id = oid of the file's FID, seq = its sequence; ignored in requests
 * @lmm_layout_gen: files: generation; requests, directory defaults and components without
 *	objects: index of the first OST, LOV_ANY_OST for any
 */
struct lov_mds_md_v1 {
	__le32			lmm_magic;
	__le32			lmm_pattern;
	struct wire_ost_id	lmm_oi;
	__le32			lmm_stripe_size;
	__le16			lmm_stripe_count;
	__le16			lmm_layout_gen;
	struct lov_ost_data_v1	lmm_objects[];
};

/** struct lov_mds_md_v3 - plain layout in a pool; also lov_user_md_v3 and SPECIFIC */
struct lov_mds_md_v3 {
	__le32			lmm_magic;
	__le32			lmm_pattern;
	struct wire_ost_id	lmm_oi;
	__le32			lmm_stripe_size;
	__le16			lmm_stripe_count;
	__le16			lmm_layout_gen;
	char			lmm_pool_name[LOV_MAXPOOLNAME + 1];
	struct lov_ost_data_v1	lmm_objects[];
};

/** struct lov_comp_entry - one component; @e_start and @e_end are half open */
struct lov_comp_entry {
	__le32			lcme_id;
	__le32			lcme_flags;
	__le64			e_start;
	__le64			e_end;
	__le32			lcme_offset;	/* of its blob, from the start of the header */
	__le32			lcme_size;
	__le32			lcme_layout_gen;
	__le64			lcme_timestamp;
	__le32			lcme_padding;
} __attribute__((packed, aligned(4)));

/** struct lov_comp_md_v1 - composite layout: components, then their blobs (plain layouts) */
struct lov_comp_md_v1 {
	__le32			lcm_magic;
	__le32			lcm_size;
	__le32			lcm_layout_gen;
	__le16			lcm_flags;
	__le16			lcm_entry_count;
	__le16			lcm_mirror_count;	/* minus 1 */
	__u8			lcm_padding[6];
	__le64			lcm_padding2;
	struct lov_comp_entry	lcm_entries[];
};

/* Component flags (A3) */
#define LCME_FL_STALE		0x01U
#define LCME_FL_PREF_RD		0x02U
#define LCME_FL_PREF_WR		0x04U
#define LCME_FL_OFFLINE		0x08U
#define LCME_FL_INIT		0x10U
#define LCME_FL_NOSYNC		0x20U
#define LCME_FL_EXTENSION	0x40U
#define LCME_FL_NEG		0x80000000U

/* FLR states in lcm_flags */
#define LCM_FL_NONE		0
#define LCM_FL_RDONLY		1
#define LCM_FL_WRITE_PENDING	2
#define LCM_FL_SYNC_PENDING	3
#define LCM_FL_FLR_MASK		0xB

#define LCME_EOF		0xffffffffffffffffULL

/** struct lov_foreign_md - opaque layout */
struct lov_foreign_md {
	__le32			lfm_magic;
	__le32			lfm_length;
	__le32			lfm_type;
	__le32			lfm_flags;
	char			lfm_value[];
};

/** struct filter_fid - trusted.fid of a data object (A11) */
struct filter_fid {
	struct wire_fid		ff_parent;	/* f_ver: index of the stripe */
	__le32			ff_stripe_size;
	__le32			ff_stripe_count;
	__le64			ff_pfl_start;
	__le64			ff_pfl_end;
	__le32			ff_pfl_id;
	__le32			ff_layout_version;
	__le32			ff_range;
} __attribute__((packed, aligned(4)));

/* Bytes of a plain layout of @magic with @n objects */
static inline __u32 lov_mds_md_size(__u32 n, __u32 magic)
{
	return (magic == LOV_MAGIC_V3 ? sizeof(struct lov_mds_md_v3) :
		sizeof(struct lov_mds_md_v1)) + n * sizeof(struct lov_ost_data_v1);
}

_Static_assert(sizeof(struct lov_ost_data_v1) == 24, "lov_ost_data_v1");
_Static_assert(__builtin_offsetof(struct lov_ost_data_v1, l_ost_idx) == 20, "l_ost_idx");
_Static_assert(sizeof(struct lov_mds_md_v1) == 32, "lov_mds_md_v1");
_Static_assert(__builtin_offsetof(struct lov_mds_md_v1, lmm_oi) == 8, "lmm_oi");
_Static_assert(__builtin_offsetof(struct lov_mds_md_v1, lmm_stripe_size) == 24, "lmm_stripe_size");
_Static_assert(__builtin_offsetof(struct lov_mds_md_v1, lmm_layout_gen) == 30, "lmm_layout_gen");
_Static_assert(sizeof(struct lov_mds_md_v3) == 48, "lov_mds_md_v3");
_Static_assert(__builtin_offsetof(struct lov_mds_md_v3, lmm_pool_name) == 32, "lmm_pool_name");
_Static_assert(sizeof(struct lov_comp_entry) == 48, "lov_comp_entry");
_Static_assert(__builtin_offsetof(struct lov_comp_entry, lcme_offset) == 24, "lcme_offset");
_Static_assert(__builtin_offsetof(struct lov_comp_entry, lcme_timestamp) == 36, "lcme_timestamp");
_Static_assert(sizeof(struct lov_comp_md_v1) == 32, "lov_comp_md_v1");
_Static_assert(__builtin_offsetof(struct lov_comp_md_v1, lcm_mirror_count) == 16, "lcm_mirror_count");
_Static_assert(sizeof(struct lov_foreign_md) == 16, "lov_foreign_md");
_Static_assert(sizeof(struct filter_fid) == 52, "filter_fid");
_Static_assert(__builtin_offsetof(struct filter_fid, ff_pfl_start) == 24, "ff_pfl_start");

#endif
