// SPDX-License-Identifier: GPL-2.0
/* Checksums of bulk data against the vectors of chapter 05, B6. */
#include <kunit/test.h>
#include <linux/bvec.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

/* the file under test is compiled into this module, not exported by it */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym)
#include "kernel/rpc/cksum.c"

static const u32 types[] = {
	OBD_FL_CKSUM_ADLER, OBD_FL_CKSUM_CRC32, OBD_FL_CKSUM_CRC32C, OBD_FL_CKSUM_T10IP512,
	OBD_FL_CKSUM_T10IP4K, OBD_FL_CKSUM_T10CRC512, OBD_FL_CKSUM_T10CRC4K,
};

static u8 digits(u32 i)
{
	return '1' + i;
}

static u8 zeros(u32 i)
{
	return 0;
}

static u8 counted(u32 i)
{
	return i;
}

static u8 letters(u32 i)
{
	return 'a';
}

static u8 mixed(u32 i)
{
	return 7 * i + 3;
}

static const struct vector {
	u8	(*byte)(u32 i);
	u32	len;
	u32	sum[ARRAY_SIZE(types)];
} vectors[] = {
	{ zeros, 0, { 0x00000001, 0xffffffff, 0x00000000, 0x00000001, 0x00000001, 0x00000001, 0x00000001 } },
	{ digits, 9, { 0x091e01de, 0x340bc6d9, 0xe3069283, 0x02180121, 0x02180121, 0x027d01ac, 0x027d01ac } },
	{ zeros, 4096, { 0x10000001, 0x38e3ffee, 0x98f94189, 0x87880ff1, 0x02ff01ff, 0x00100001, 0x00020001 } },
	{ counted, 4096, { 0x60aef86a, 0x5d6edf7d, 0x9c71fe32, 0x43c807f9, 0x01fd0100, 0x1a4802f9, 0x018d00fd } },
	{ letters, 10240, { 0x805728e2, 0xa02bbf2c, 0x1b2ec905, 0xfa4f18b1, 0x129c04c5, 0x036e18c5, 0x082f0268 } },
	{ mixed, SZ_1M, { 0xb0fb7789, 0xb5db2705, 0x5274ba12, 0xcca9f86a, 0x13f1ff01, 0xc8748897, 0x4eb31d10 } },
};

/* Sum of the bytes, with @step of them in each fragment */
static u32 sum_of(struct kunit *test, const struct vector *v, u32 type, u32 step)
{
	u32 nr = DIV_ROUND_UP(v->len, step), i;
	struct bio_vec *bv = kunit_kcalloc(test, nr + 1, sizeof(*bv), GFP_KERNEL);
	u8 *data = kunit_kmalloc(test, SZ_1M, GFP_KERNEL);
	struct bulk_cksum c;

	KUNIT_ASSERT_NOT_NULL(test, bv);
	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < v->len; i++)
		data[i] = v->byte(i);
	for (i = 0; i < nr; i++)
		bvec_set_virt(&bv[i], data + i * step, min(step, v->len - i * step));
	bulk_cksum_init(&c, type);
	bulk_cksum_add(&c, 0, bv, v->len);
	kunit_kfree(test, data);
	return bulk_cksum_final(&c);
}

static void all_types_agree_with_the_vectors(struct kunit *test)
{
	u32 i, t;

	for (i = 0; i < ARRAY_SIZE(vectors); i++)
		for (t = 0; t < ARRAY_SIZE(types); t++)
			KUNIT_EXPECT_EQ_MSG(test, sum_of(test, &vectors[i], types[t], PAGE_SIZE), vectors[i].sum[t],
					    "vector %u, type %#x", i, types[t]);
}

static void fragments_change_no_sum(struct kunit *test)
{
	const struct vector *v = &vectors[4];
	u32 t;

	for (t = 0; t < ARRAY_SIZE(types); t++)
		KUNIT_EXPECT_EQ_MSG(test, sum_of(test, v, types[t], 256), v->sum[t], "type %#x", types[t]);
}

static void unknown_types_mean_adler(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sum_of(test, &vectors[1], 0, PAGE_SIZE), vectors[1].sum[0]);
	KUNIT_EXPECT_EQ(test, sum_of(test, &vectors[1], 0xf000, PAGE_SIZE), vectors[1].sum[0]);
}

static struct kunit_case cksum_cases[] = {
	KUNIT_CASE(all_types_agree_with_the_vectors),
	KUNIT_CASE(fragments_change_no_sum),
	KUNIT_CASE(unknown_types_mean_adler),
	{}
};

static struct kunit_suite cksum_suite = {
	.name = "bulk_cksum",
	.test_cases = cksum_cases,
};
kunit_test_suite(cksum_suite);

MODULE_DESCRIPTION("Tests of bulk checksums");
MODULE_LICENSE("GPL");
