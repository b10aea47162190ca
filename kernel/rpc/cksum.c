// SPDX-License-Identifier: GPL-2.0
/*
 * Checksums of bulk data (chapter 05, B6): adler, crc32, crc32c, and the T10 kinds, which are
 * adler over the guard of each sector.
 */
#include <linux/crc-t10dif.h>
#include <linux/crc32.h>
#include <linux/crc32c.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/zutil.h>
#include <net/checksum.h>
#include "kernel/rpc/cksum.h"
#include "wire/ost.h"
#include "wire/rpc.h"

void bulk_cksum_init(struct bulk_cksum *c, u32 o_flags)
{
	c->type = o_flags & OBD_FL_CKSUM_MASK;
	c->sector = 0;
	switch (c->type) {
	case OBD_FL_CKSUM_CRC32:
	case OBD_FL_CKSUM_CRC32C:
		c->sum = ~0U;
		return;
	case OBD_FL_CKSUM_T10IP512:
	case OBD_FL_CKSUM_T10CRC512:
		c->sector = 512;
		break;
	case OBD_FL_CKSUM_T10IP4K:
	case OBD_FL_CKSUM_T10CRC4K:
		c->sector = 4096;
		break;
	default:
		c->type = OBD_FL_CKSUM_ADLER;
	}
	c->sum = 1;
}
EXPORT_SYMBOL_GPL(bulk_cksum_init);

static void add_bytes(struct bulk_cksum *c, const void *p, u32 len)
{
	if (c->type == OBD_FL_CKSUM_CRC32)
		c->sum = crc32_le(c->sum, p, len);
	else if (c->type == OBD_FL_CKSUM_CRC32C)
		c->sum = crc32c(c->sum, p, len);
	else
		c->sum = zlib_adler32(c->sum, p, len);
}

/* A sector under way: bytes so far and its CRC or one's complement sum. */
struct guard {
	u32	len;
	u16	crc;
	__wsum	ip;
};

static void guard_add(const struct bulk_cksum *c, struct guard *g, const void *p, u32 len)
{
	if (c->type == OBD_FL_CKSUM_T10CRC512 || c->type == OBD_FL_CKSUM_T10CRC4K)
		g->crc = crc_t10dif_update(g->crc, p, len);
	else
		g->ip = csum_block_add(g->ip, csum_partial(p, len, 0), g->len);
	g->len += len;
}

static void guard_end(struct bulk_cksum *c, struct guard *g)
{
	__be16 crc = cpu_to_be16(g->crc);
	__sum16 ip = csum_fold(g->ip);

	if (!g->len)
		return;
	if (c->type == OBD_FL_CKSUM_T10CRC512 || c->type == OBD_FL_CKSUM_T10CRC4K)
		c->sum = zlib_adler32(c->sum, (const void *)&crc, sizeof(crc));
	else
		c->sum = zlib_adler32(c->sum, (const void *)&ip, sizeof(ip));
	memset(g, 0, sizeof(*g));
}

static void add_sectors(struct bulk_cksum *c, struct guard *g, u64 pos, const void *p, u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, c->sector - (pos & (c->sector - 1)));

		guard_add(c, g, p, n);
		p += n;
		pos += n;
		len -= n;
		if (!(pos & (c->sector - 1)))
			guard_end(c, g);
	}
}

void bulk_cksum_add(struct bulk_cksum *c, u64 pos, const struct bio_vec *bv, u32 len)
{
	struct guard g = {};

	for (; len; bv++) {
		u32 n = min(len, bv->bv_len);
		void *p = kmap_local_page(bv->bv_page);

		if (c->sector)
			add_sectors(c, &g, pos, p + bv->bv_offset, n);
		else
			add_bytes(c, p + bv->bv_offset, n);
		kunmap_local(p);
		pos += n;
		len -= n;
	}
	guard_end(c, &g);
}
EXPORT_SYMBOL_GPL(bulk_cksum_add);

u32 bulk_cksum_final(const struct bulk_cksum *c)
{
	/* crc32 goes without the usual final inversion, crc32c with it */
	return c->type == OBD_FL_CKSUM_CRC32C ? ~c->sum : c->sum;
}
EXPORT_SYMBOL_GPL(bulk_cksum_final);

u32 bulk_cksum_choose(u32 types)
{
	/* cheapest first: sums of words, then CRC instructions, then tables */
	static const struct { u32 type, flag; } order[] = {
		{ OBD_CKSUM_T10IP4K,	OBD_FL_CKSUM_T10IP4K },
		{ OBD_CKSUM_T10IP512,	OBD_FL_CKSUM_T10IP512 },
		{ OBD_CKSUM_CRC32C,	OBD_FL_CKSUM_CRC32C },
		{ OBD_CKSUM_CRC32,	OBD_FL_CKSUM_CRC32 },
		{ OBD_CKSUM_T10CRC4K,	OBD_FL_CKSUM_T10CRC4K },
		{ OBD_CKSUM_T10CRC512,	OBD_FL_CKSUM_T10CRC512 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		if (types & order[i].type)
			return order[i].flag;
	return OBD_FL_CKSUM_ADLER;
}
EXPORT_SYMBOL_GPL(bulk_cksum_choose);
