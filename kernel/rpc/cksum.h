/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checksums of bulk data, the same on client and server (chapter 05, B6).
 */
#ifndef SHEEN_RPC_CKSUM_H
#define SHEEN_RPC_CKSUM_H

#include <linux/bvec.h>
#include <linux/types.h>

/* All types we compute, as ocd_cksum_types */
#define BULK_CKSUM_TYPES	(OBD_CKSUM_CRC32 | OBD_CKSUM_ADLER | OBD_CKSUM_CRC32C | \
				 OBD_CKSUM_T10IP512 | OBD_CKSUM_T10IP4K | \
				 OBD_CKSUM_T10CRC512 | OBD_CKSUM_T10CRC4K)

/**
 * struct bulk_cksum - a checksum under way
 * @type: OBD_FL_CKSUM_* code
 * @sum: of the bytes so far, or of the guards so far
 * @sector: 0, or 512 or 4096: T10 types cut the data there
 */
struct bulk_cksum {
	u32	type;
	u32	sum;
	u32	sector;
};

/**
 * bulk_cksum_init() - begin
 * @o_flags: of the obdo; an unknown type in it, or none, means adler
 */
void bulk_cksum_init(struct bulk_cksum *c, u32 o_flags);
/**
 * bulk_cksum_add() - one niobuf
 * @pos: its object offset, where T10 sectors are counted from
 * @bv: the data, @len bytes of it; fragments need not be aligned to @pos
 */
void bulk_cksum_add(struct bulk_cksum *c, u64 pos, const struct bio_vec *bv, u32 len);
u32 bulk_cksum_final(const struct bulk_cksum *c);
/** bulk_cksum_choose() - o_flags code of the type we like best of a mask of ocd_cksum_types */
u32 bulk_cksum_choose(u32 types);

#endif
