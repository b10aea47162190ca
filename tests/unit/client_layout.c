// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts of the client: decoding of untrusted EAs and the tables of chapter 05, A6;
 * inode numbers of chapter 08, 9.
 */
#include <kunit/test.h>
#include "kernel/client/layout.c"

#define K64	65536U
#define MIB	(1U << 20)

static struct layout_comp comp(u32 size, u32 count)
{
	return (struct layout_comp) { .end = LAYOUT_EOF, .stripe_size = size, .stripe_count = count };
}

static void offsets(struct kunit *test)
{
	static const struct { u32 size, count; u64 pos; u32 stripe; u64 off; } t[] = {
		{ MIB, 1, 3145733, 0, 3145733 },
		{ MIB, 2, 1048575, 0, 1048575 },
		{ MIB, 2, 1048576, 1, 0 },
		{ MIB, 2, 2097152, 0, 1048576 },
		{ MIB, 2, 3145733, 1, 1048581 },
		{ MIB, 2, 10485883, 0, 5243003 },
		{ MIB, 2, 104857599, 1, 52428799 },
		{ 4 * MIB, 3, 4194304, 1, 0 },
		{ 4 * MIB, 3, 10485883, 2, 2097275 },
		{ 4 * MIB, 3, 12582912, 0, 4194304 },
		{ 4 * MIB, 3, 104857599, 0, 37748735 },
		{ K64, 4, 65535, 0, 65535 },
		{ K64, 4, 65536, 1, 0 },
		{ K64, 4, 1048575, 3, 262143 },
		{ K64, 4, 10485883, 0, 2621563 },
	};
	unsigned int i;
	u64 off;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct layout_comp c = comp(t[i].size, t[i].count);

		KUNIT_EXPECT_EQ(test, layout_offset(&c, t[i].pos, &off), t[i].stripe);
		KUNIT_EXPECT_EQ(test, off, t[i].off);
		KUNIT_EXPECT_EQ(test, layout_file_offset(&c, t[i].stripe, off), t[i].pos);
	}
}

static void sizes(struct kunit *test)
{
	static const struct { u32 size, count; u64 obj[4]; u64 file; } t[] = {
		{ MIB, 2, { 10240, 0 }, 10240 },
		{ MIB, 2, { 1048576, 0 }, 1048576 },
		{ MIB, 2, { 1048576, 1 }, 1048577 },
		{ MIB, 2, { 0, 1 }, 1048577 },
		{ MIB, 2, { 2097152, 1048576 }, 3145728 },
		{ 4 * MIB, 3, { 4194304, 4194304, 100 }, 8388708 },
		{ 4 * MIB, 3, { 0, 0, 4194304 }, 12582912 },
		{ K64, 4, { 65536, 65536, 1, 0 }, 131073 },
		{ K64, 4, { 131072, 65536, 65536, 65536 }, 327680 },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct layout_comp c = comp(t[i].size, t[i].count);
		u64 size = 0;

		for (k = 0; k < t[i].count; k++)
			size = max(size, layout_size(&c, k, t[i].obj[k]));
		KUNIT_EXPECT_EQ(test, size, t[i].file);
	}
}

static void truncation(struct kunit *test)
{
	static const struct { u32 size, count; u64 file; u64 obj[4]; } t[] = {
		{ MIB, 2, 1048576, { 1048576, 0 } },
		{ MIB, 2, 1048577, { 1048576, 1 } },
		{ MIB, 2, 3145727, { 2097151, 1048576 } },
		{ MIB, 2, 5242887, { 3145728, 2097159 } },
		{ 4 * MIB, 3, 10485760, { 4194304, 4194304, 2097152 } },
		{ K64, 4, 200000, { 65536, 65536, 65536, 3392 } },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct layout_comp c = comp(t[i].size, t[i].count);

		for (k = 0; k < t[i].count; k++)
			KUNIT_EXPECT_EQ(test, layout_obj_size(&c, k, t[i].file), t[i].obj[k]);
	}
}

static void ranges(struct kunit *test)
{
	struct layout_comp two = comp(MIB, 2), three = comp(4 * MIB, 3);
	u64 s, e;

	KUNIT_EXPECT_TRUE(test, layout_obj_range(&two, 0, 524288, 3145827, &s, &e));
	KUNIT_EXPECT_EQ(test, s, 524288);
	KUNIT_EXPECT_EQ(test, e, 2097151);
	KUNIT_EXPECT_TRUE(test, layout_obj_range(&two, 1, 524288, 3145827, &s, &e));
	KUNIT_EXPECT_EQ(test, s, 0);
	KUNIT_EXPECT_EQ(test, e, 1048675);
	KUNIT_EXPECT_TRUE(test, layout_obj_range(&three, 0, 5242880, 14680063, &s, &e));
	KUNIT_EXPECT_EQ(test, s, 4194304);
	KUNIT_EXPECT_EQ(test, e, 6291455);
	KUNIT_EXPECT_TRUE(test, layout_obj_range(&three, 1, 5242880, 14680063, &s, &e));
	KUNIT_EXPECT_EQ(test, s, 1048576);
	KUNIT_EXPECT_EQ(test, e, 4194303);
	KUNIT_EXPECT_TRUE(test, layout_obj_range(&three, 2, 5242880, 14680063, &s, &e));
	KUNIT_EXPECT_EQ(test, s, 0);
	KUNIT_EXPECT_EQ(test, e, 4194303);
	/* within the first stripe: nothing of the second */
	KUNIT_EXPECT_FALSE(test, layout_obj_range(&two, 1, 10, 20, &s, &e));
	KUNIT_EXPECT_TRUE(test, layout_obj_range(&two, 1, 0, LAYOUT_EOF, &s, &e));
	KUNIT_EXPECT_EQ(test, e, LAYOUT_EOF);
}

/* The EA dumped in chapter 05, A3 */
static const u8 composite[240] = {
	0xd0, 0x0b, 0xd6, 0x0b, 0xf0, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xb8, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x04, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x00, 0x00,
	0x23, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0x00, 0x00, 0x00,
	0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x04, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x10, 0x00, 0x04, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
};

static void decode_composite_ea(struct kunit *test)
{
	struct layout *lo = layout_decode(composite, sizeof(composite));

	KUNIT_ASSERT_FALSE(test, IS_ERR(lo));
	KUNIT_EXPECT_TRUE(test, lo->composite);
	KUNIT_EXPECT_EQ(test, lo->gen, 2);
	KUNIT_EXPECT_EQ(test, lo->nr, 2);
	KUNIT_EXPECT_TRUE(test, lo->comp[0].init);
	KUNIT_EXPECT_EQ(test, lo->comp[0].end, 4ULL << 20);
	KUNIT_EXPECT_EQ(test, lo->comp[0].stripe[0].oi_id, 0x23);
	KUNIT_EXPECT_FALSE(test, lo->comp[1].init);
	KUNIT_EXPECT_EQ(test, lo->comp[1].stripe_count, 4);
	KUNIT_EXPECT_FALSE(test, layout_needs_init(lo, 0, 4ULL << 20));
	KUNIT_EXPECT_TRUE(test, layout_needs_init(lo, 0, (4ULL << 20) + 1));
	KUNIT_EXPECT_PTR_EQ(test, layout_comp_at(lo, 4ULL << 20), &lo->comp[1]);
	layout_put(lo);
}

/* The same with its first 64 KiB on the MDT */
static void decode_dom_ea(struct kunit *test)
{
	u8 *ea = kunit_kmalloc(test, sizeof(composite), GFP_KERNEL);
	struct lov_comp_md_v1 *md = (void *)ea;
	struct lov_mds_md_v1 *v1 = (void *)ea + 128;
	struct layout *lo;

	KUNIT_ASSERT_NOT_NULL(test, ea);
	memcpy(ea, composite, sizeof(composite));
	md->lcm_entries[0].e_end = cpu_to_le64(K64);
	md->lcm_entries[0].lcme_size = cpu_to_le32(32);
	md->lcm_entries[1].e_start = cpu_to_le64(K64);
	v1->lmm_pattern = cpu_to_le32(LOV_PATTERN_MDT);
	v1->lmm_stripe_size = cpu_to_le32(K64);
	v1->lmm_stripe_count = 0;
	lo = layout_decode(ea, sizeof(composite));
	KUNIT_ASSERT_FALSE(test, IS_ERR(lo));
	KUNIT_EXPECT_TRUE(test, lo->comp[0].mdt);
	KUNIT_EXPECT_TRUE(test, lo->comp[0].init);
	KUNIT_EXPECT_EQ(test, lo->comp[0].stripe_count, 1);
	KUNIT_EXPECT_FALSE(test, layout_needs_init(lo, 0, K64));
	KUNIT_EXPECT_EQ(test, layout_size(&lo->comp[0], 0, 6), 6);
	KUNIT_EXPECT_EQ(test, layout_size(&lo->comp[0], 0, K64 + 1), K64);
	KUNIT_EXPECT_EQ(test, layout_chunk(&lo->comp[0], 6), K64 - 6);
	layout_put(lo);

	/* nowhere but at the beginning, and never to the end of the file */
	v1 = (void *)ea + 184;
	v1->lmm_pattern = cpu_to_le32(LOV_PATTERN_MDT);
	md->lcm_entries[1].lcme_flags = cpu_to_le32(LCME_FL_INIT);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(layout_decode(ea, sizeof(composite))), -EINVAL);
	v1 = (void *)ea + 128;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(layout_decode(v1, 32)), -EINVAL);
}

/* Every truncation is an error or a layout within the bytes given; nothing reads beyond (KASAN) */
static void decode_cut(struct kunit *test)
{
	size_t len;

	for (len = 0; len < sizeof(composite); len++) {
		u8 *ea = kunit_kmalloc(test, len ?: 1, GFP_KERNEL);
		struct layout *lo;

		KUNIT_ASSERT_NOT_NULL(test, ea);
		memcpy(ea, composite, len);
		lo = layout_decode(ea, len);
		KUNIT_EXPECT_TRUE(test, IS_ERR(lo));
		if (!IS_ERR(lo))
			layout_put(lo);
		kunit_kfree(test, ea);
	}
}

/* A page in two components, an EA whose bytes serve two; objects larger than any file */
static void decode_impossible(struct kunit *test)
{
	u8 *ea = kunit_kmalloc(test, sizeof(composite), GFP_KERNEL);
	struct lov_comp_md_v1 *md = (void *)ea;
	struct layout_comp wide = comp(MIB, 2000);

	KUNIT_ASSERT_NOT_NULL(test, ea);
	memcpy(ea, composite, sizeof(composite));
	md->lcm_entries[0].e_end = cpu_to_le64(MIB + 5);
	md->lcm_entries[1].e_start = cpu_to_le64(MIB + 5);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(layout_decode(ea, sizeof(composite))), -EINVAL);
	memcpy(ea, composite, sizeof(composite));
	md->lcm_entries[1].lcme_offset = md->lcm_entries[0].lcme_offset;
	md->lcm_entries[1].lcme_size = cpu_to_le32(112);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(layout_decode(ea, sizeof(composite))), -EINVAL);
	KUNIT_EXPECT_EQ(test, layout_size(&wide, 1999, U64_MAX), MAX_LFS_FILESIZE);
	KUNIT_EXPECT_EQ(test, layout_size(&wide, 0, 1ULL << 62), MAX_LFS_FILESIZE);
}

static void inode_numbers(struct kunit *test)
{
	static const struct { struct lu_fid fid; u64 ino; } t[] = {
		{ { 0x200000007, 1, 0 }, 144115188193296385ULL },
		{ { 0x200000401, 5, 0 }, 144115205272502277ULL },
		{ { 0x200000402, 0x1f4a3, 0 }, 144115205289407651ULL },
		{ { 0x240000400, 2, 0 }, 162129603765207042ULL },
		{ { 0x2c0000bd0, 1, 0 }, 198158434338603009ULL },
		{ { 0x200000400, 0xfffff, 0 }, 144115205256773631ULL },
		{ { 0x1234, 0xabcd, 0 }, 4660 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		KUNIT_EXPECT_EQ(test, fid_to_ino(&t[i].fid), t[i].ino);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(offsets),
	KUNIT_CASE(sizes),
	KUNIT_CASE(truncation),
	KUNIT_CASE(ranges),
	KUNIT_CASE(decode_composite_ea),
	KUNIT_CASE(decode_dom_ea),
	KUNIT_CASE(decode_cut),
	KUNIT_CASE(decode_impossible),
	KUNIT_CASE(inode_numbers),
	{}
};

static struct kunit_suite suite = {
	.name = "client_layout",
	.test_cases = cases,
};
kunit_test_suite(suite);
MODULE_DESCRIPTION("Unit tests of the client's layouts");
MODULE_LICENSE("GPL");
