/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FIDs: identifiers of files and objects (chapter 02, section 13), as they travel
 * and as the kernel code uses them. No kernel header but <linux/types.h>.
 */
#ifndef SHEEN_WIRE_FID_H
#define SHEEN_WIRE_FID_H

#include <linux/types.h>

/**
 * struct lu_fid - file identifier in host order
 * @f_seq: sequence
 * @f_oid: object within the sequence
 * @f_ver: 0
 */
struct lu_fid {
	__u64 f_seq;
	__u32 f_oid;
	__u32 f_ver;
};

/**
 * struct wire_fid - FID in a message or a little-endian extended attribute
 */
struct wire_fid {
	__le64 f_seq;
	__le32 f_oid;
	__le32 f_ver;
};

/**
 * struct wire_fid_be - FID in a directory entry or a link attribute
 */
struct wire_fid_be {
	__be64 f_seq;
	__be32 f_oid;
	__be32 f_ver;
};

/**
 * struct wire_ost_id - identifier of a data object
 * @id: object id of sequence 0 (then @seq is 0), else the sequence of a FID
 * @seq: 0, or oid | ver << 32 of a FID
 */
struct wire_ost_id {
	__le64 id;
	__le64 seq;
};

_Static_assert(sizeof(struct lu_fid) == 16, "lu_fid");
_Static_assert(sizeof(struct wire_fid) == 16, "wire_fid");
_Static_assert(sizeof(struct wire_fid_be) == 16, "wire_fid_be");
_Static_assert(sizeof(struct wire_ost_id) == 16, "wire_ost_id");

/* Sequences with a meaning of their own (chapter 02, 13.1) */
#define FID_SEQ_OST_MDT0	0ULL
#define FID_SEQ_LLOG		1ULL
#define FID_SEQ_LLOG_NAME	10ULL
#define FID_SEQ_IGIF_MIN	12ULL
#define FID_SEQ_IGIF_MAX	0xffffffffULL
#define FID_SEQ_IDIF_MIN	0x100000000ULL
#define FID_SEQ_IDIF_MAX	0x1ffffffffULL
#define FID_SEQ_LOCAL_FILE	0x200000001ULL
#define FID_SEQ_DOT_LUSTRE	0x200000002ULL
#define FID_SEQ_LOCAL_NAME	0x200000003ULL
#define FID_SEQ_SPECIAL		0x200000004ULL
#define FID_SEQ_QUOTA		0x200000005ULL
#define FID_SEQ_QUOTA_GLB	0x200000006ULL
#define FID_SEQ_ROOT		0x200000007ULL
#define FID_SEQ_NORMAL		0x200000400ULL
#define FID_SEQ_LOV_DEFAULT	0xffffffffffffffffULL

#define FID_OID_ROOT		1U
#define FID_OID_DOT_LUSTRE	1U
#define FID_OID_DOT_LUSTRE_FID	2U

/* Text form; use as printk(DFID "\n", PFID(fid)) */
#define DFID	"[0x%llx:0x%x:0x%x]"
#define PFID(fid) (unsigned long long)(fid)->f_seq, (fid)->f_oid, (fid)->f_ver

static inline int fid_eq(const struct lu_fid *a, const struct lu_fid *b)
{
	return a->f_seq == b->f_seq && a->f_oid == b->f_oid && a->f_ver == b->f_ver;
}

static inline int fid_is_zero(const struct lu_fid *f)
{
	return !f->f_seq && !f->f_oid;
}

static inline int fid_is_igif(const struct lu_fid *f)
{
	return f->f_seq >= FID_SEQ_IGIF_MIN && f->f_seq <= FID_SEQ_IGIF_MAX;
}

static inline int fid_is_idif(const struct lu_fid *f)
{
	return f->f_seq >= FID_SEQ_IDIF_MIN && f->f_seq <= FID_SEQ_IDIF_MAX;
}

static inline int fid_is_root(const struct lu_fid *f)
{
	return f->f_seq == FID_SEQ_ROOT && f->f_oid == FID_OID_ROOT;
}

/* May a peer name an object by this? (chapter 02, 13.1 and check 33) */
static inline int fid_is_sane(const struct lu_fid *f)
{
	return (f->f_seq >= FID_SEQ_LOCAL_FILE && f->f_ver == 0) ||
	       fid_is_igif(f) || fid_is_idif(f) ||
	       (f->f_seq >= FID_SEQ_LLOG && f->f_seq < FID_SEQ_IGIF_MIN);
}

/* Inode number a client shows for a FID (chapter 02, 13.1 and check 30) */
static inline __u64 fid_to_ino(const struct lu_fid *f)
{
	if (fid_is_igif(f))
		return f->f_seq;
	return (f->f_seq << 24) + ((f->f_seq >> 24) & 0xffffff0000ULL) + f->f_oid;
}

#endif
