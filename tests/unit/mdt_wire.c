// SPDX-License-Identifier: GPL-2.0
/*
 * The pure parts of the MDT against the checklist of chapter 04, section 15, and the layouts of
 * chapter 05: records, directory pages, link EAs, layout encoding.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "../../kernel/server/mdt/linkea.c"
#include "../../kernel/server/mdt/dirpage.c"
#include "../../kernel/server/mdt/layout.c"
#include <kunit/test.h>

/* --- records (1-3) --- */

static void records(struct kunit *test)
{
	struct mdt_body b;
	union mdt_rec r;

	KUNIT_EXPECT_EQ(test, sizeof(b), 216);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_valid), 40);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_mtime), 56);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_atime), 64);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_ctime), 72);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_mode), 116);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_eadatasize), 148);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_aclsize), 152);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_max_mdsize), 156);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_projid), 172);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_body, mbo_btime), 192);
	KUNIT_EXPECT_EQ(test, sizeof(r), 136);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_setattr, valid), 56);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_setattr, attr_flags), 112);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_setattr, projid), 124);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_create, mode), 112);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_create, flags_l), 120);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_create, umask), 128);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_rename, time), 72);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_unlink, time), 72);
	KUNIT_EXPECT_EQ(test, offsetof(struct mdt_rec_link, time), 72);
	KUNIT_EXPECT_EQ(test, sizeof(struct mdt_ioepoch), 24);
	KUNIT_EXPECT_EQ(test, sizeof(struct close_data), 96);
	KUNIT_EXPECT_EQ(test, sizeof(struct lmv_user_md), 48);
	/* all of it is in what stock clients ask for */
	KUNIT_EXPECT_EQ(test, OBD_MD_FLGETATTR & ~0x1140008491036fdfULL, 0);
	KUNIT_EXPECT_EQ(test, LUSTRE_VOLATILE_HDR_LEN, strlen(LUSTRE_VOLATILE_HDR));
	KUNIT_EXPECT_EQ(test, MDS_ACL_SIZE(5), 44);
	KUNIT_EXPECT_EQ(test, MDS_ACL_SIZE(33), 268);
}

/* --- directory pages (15-17) --- */

static void dirent_sizes(struct kunit *test)
{
	static const unsigned int v[][3] = {	/* length, record, place of the type */
		{ 1, 40, 34 }, { 2, 40, 34 }, { 3, 40, 36 }, { 5, 40, 38 }, { 6, 48, 38 }, { 8, 48, 40 },
		{ 13, 48, 46 }, { 14, 56, 46 }, { 16, 56, 48 }, { 255, 296, 288 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		KUNIT_EXPECT_EQ(test, lu_dirent_size(v[i][0], LUDA_TYPE), v[i][1]);
		KUNIT_EXPECT_EQ(test, lu_dirent_type_off(v[i][0]), v[i][2]);
	}
	KUNIT_EXPECT_EQ(test, lu_dirent_size(6, 0), 40);
	KUNIT_EXPECT_EQ(test, lu_dirent_size(8, 0), 48);
}

#define PAGES 4

struct pack {
	struct dirpack	dp;
	u8		mem[PAGES][LU_PAGE_SIZE];
	unsigned int	max;
};

static void *pack_page(struct dirpack *dp, unsigned int idx)
{
	struct pack *p = container_of(dp, struct pack, dp);

	return idx < p->max ? p->mem[idx] : NULL;
}

static struct pack *pack_new(struct kunit *test, unsigned int max)
{
	struct pack *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->max = max;
	p->dp.next_page = pack_page;
	p->dp.attrs = LUDA_FID | LUDA_TYPE | LUDA_64BITHASH;
	return p;
}

/* Header, "." and ".." as in the capture of chapter 04, 16.6. */
static void dir_head(struct kunit *test)
{
	static const u8 want[24 + 40 + 40] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
		0x03, 0x04, 0, 0, 0x02, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0x28, 0, 0x01, 0, 0x07, 0, 0, 0, 0x2e, 0, 0, 0x40, 0, 0, 0, 0,
		0x07, 0, 0, 0, 0x02, 0, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x01, 0, 0, 0, 0x00, 0, 0x02, 0, 0x07, 0, 0, 0, 0x2e, 0x2e, 0, 0x40, 0, 0, 0, 0,
	};
	struct lu_fid dir = { .f_seq = 0x200000403, .f_oid = 8 };
	struct lu_fid root = { .f_seq = FID_SEQ_ROOT, .f_oid = FID_OID_ROOT };
	struct pack *p = pack_new(test, 1);

	KUNIT_ASSERT_EQ(test, dirpack_start(&p->dp, 0), 0);
	KUNIT_EXPECT_TRUE(test, dirpack_add(&p->dp, ".", 1, 0, &dir, S_IFDIR));
	KUNIT_EXPECT_TRUE(test, dirpack_add(&p->dp, "..", 2, 1ULL << 32, &root, S_IFDIR));
	dirpack_finish(&p->dp, true);
	KUNIT_EXPECT_EQ(test, p->dp.nr, 1);
	KUNIT_EXPECT_MEMEQ(test, p->mem[0], want, sizeof(want));
}

static void dir_empty(struct kunit *test)
{
	struct pack *p = pack_new(test, 1);
	struct lu_dirpage *pg = (void *)p->mem[0];

	KUNIT_ASSERT_EQ(test, dirpack_start(&p->dp, 77), 0);
	dirpack_finish(&p->dp, true);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(pg->ldp_hash_start), 77);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(pg->ldp_hash_end), MDS_DIR_END_OFF);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pg->ldp_flags), LDF_EMPTY);
}

static unsigned int count_entries(const struct lu_dirpage *pg)
{
	const struct lu_dirent *de = (void *)pg->ldp_entries;
	unsigned int n = 1;

	for (; de->lde_reclen; de = (void *)de + le16_to_cpu(de->lde_reclen))
		n++;
	return n;
}

/* Pages chain, records fill them, room ends cleanly. */
static void dir_chain(struct kunit *test)
{
	struct lu_fid fid = { .f_seq = FID_SEQ_NORMAL, .f_oid = 1 };
	struct pack *p = pack_new(test, PAGES);
	struct lu_dirpage *pg;
	unsigned int i, n = 0, total = 0;
	char name[16];
	u64 hash;

	KUNIT_ASSERT_EQ(test, dirpack_start(&p->dp, 0), 0);
	for (i = 0; ; i++) {
		snprintf(name, sizeof(name), "entry%08u", i);
		hash = i + 100;
		if (!dirpack_add(&p->dp, name, 13, hash, &fid, S_IFREG))
			break;
		n++;
	}
	KUNIT_EXPECT_EQ(test, p->dp.nr, PAGES);
	for (i = 0; i < PAGES; i++) {
		pg = (void *)p->mem[i];
		total += count_entries(pg);
		KUNIT_EXPECT_EQ(test, count_entries(pg), (LU_PAGE_SIZE - 24) / 48);
		if (i)
			KUNIT_EXPECT_EQ(test, le64_to_cpu(pg->ldp_hash_start),
					le64_to_cpu(((struct lu_dirpage *)p->mem[i - 1])->ldp_hash_end));
	}
	KUNIT_EXPECT_EQ(test, total, n);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(((struct lu_dirpage *)p->mem[PAGES - 1])->ldp_hash_end), hash);
	/* nothing of this is an end */
	KUNIT_EXPECT_NULL(test, p->dp.page);
}

static void dir_collide(struct kunit *test)
{
	struct lu_fid fid = { .f_seq = FID_SEQ_NORMAL, .f_oid = 1 };
	struct pack *p = pack_new(test, 2);
	struct lu_dirpage *pg = (void *)p->mem[0];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, dirpack_start(&p->dp, 0), 0);
	for (i = 0; i < (LU_PAGE_SIZE - 24) / 40 + 1; i++)
		KUNIT_ASSERT_TRUE(test, dirpack_add(&p->dp, "same", 4, 5, &fid, S_IFREG));
	dirpack_finish(&p->dp, true);
	KUNIT_EXPECT_EQ(test, p->dp.nr, 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pg->ldp_flags), LDF_COLLIDE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(pg->ldp_hash_end), 5);
}

/* --- link EA (21) --- */

static void linkea(struct kunit *test)
{
	struct lu_fid p1 = { .f_seq = 0x200000403, .f_oid = 8 }, p2 = { .f_seq = 0x200000403, .f_oid = 9 }, got;
	u8 buf[256];
	const char *name;
	u32 len;
	int n;

	n = linkea_add(buf, 0, sizeof(buf), &p1, "foo", 3, 1);
	KUNIT_ASSERT_EQ(test, n, 45);
	KUNIT_EXPECT_EQ(test, buf[24], 0);
	KUNIT_EXPECT_EQ(test, buf[25], 0x15);
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), 45);
	n = linkea_add(buf, n, sizeof(buf), &p2, "longer", 6, 1);
	KUNIT_ASSERT_EQ(test, n, 45 + 24);
	KUNIT_ASSERT_TRUE(test, linkea_get(buf, n, 1, &got, &name, &len));
	KUNIT_EXPECT_TRUE(test, fid_eq(&got, &p2));
	KUNIT_EXPECT_EQ(test, len, 6);
	KUNIT_EXPECT_MEMEQ(test, name, "longer", 6);
	KUNIT_EXPECT_FALSE(test, linkea_get(buf, n, 2, &got, &name, &len));
	KUNIT_EXPECT_EQ(test, linkea_del(buf, n, &p2, "foo", 3), -ENOENT);
	n = linkea_del(buf, n, &p1, "foo", 3);
	KUNIT_ASSERT_EQ(test, n, 24 + 24);
	KUNIT_ASSERT_TRUE(test, linkea_get(buf, n, 0, &got, &name, &len));
	KUNIT_EXPECT_TRUE(test, fid_eq(&got, &p2));
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), n);
}

static void linkea_bad(struct kunit *test)
{
	struct lu_fid p = { .f_seq = 0x200000403, .f_oid = 8 };
	struct link_ea_header *h;
	u8 *buf = kunit_kzalloc(test, LINK_EA_MAX, GFP_KERNEL);
	int n, i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	h = (void *)buf;
	n = linkea_add(buf, 0, LINK_EA_MAX, &p, "foo", 3, 1);
	KUNIT_EXPECT_EQ(test, linkea_check(buf, 0), 0);
	for (i = 1; i < n; i++)
		KUNIT_EXPECT_EQ(test, linkea_check(buf, i), -EINVAL);
	buf[25] = 0x14;
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), -EINVAL);
	buf[25] = 0xff;
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), -EINVAL);
	buf[25] = 0x15;
	h->leh_reccount = cpu_to_le32(2);
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), -EINVAL);
	h->leh_reccount = cpu_to_le32(1);
	/* full: the name is left out, and the time noted */
	for (i = 0; i < 300; i++)
		n = linkea_add(buf, n, LINK_EA_MAX, &p, "0123456789", 10, 99);
	KUNIT_EXPECT_LE(test, n, LINK_EA_MAX);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(h->leh_overflow_time), 99);
	KUNIT_EXPECT_EQ(test, linkea_check(buf, n), n);
}

/* --- layouts (chapter 05, A2-A4) --- */

static void layout_encode(struct kunit *test)
{
	static const u8 want1[80] = {
		0xd0, 0x0b, 0xd1, 0x0b, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 2, 0, 0, 0,
		0, 0, 0x10, 0, 2, 0, 0, 0,
		0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 4, 0, 0x80, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	};
	static const u8 want3[72] = {
		0xd0, 0x0b, 0xd3, 0x0b, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 2, 0, 0, 0,
		0, 0, 0x40, 0, 1, 0, 0, 0, 'f', 'l', 'a', 's', 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct lov_object objs[2] = { { .id = 0x22 }, { .id = 0x280000401, .seq = 5, .ost = 1 } }, got[2];
	struct lov_want w = { .stripe_size = 1 << 20 };
	struct lu_fid fid = { .f_seq = 0x200000401, .f_oid = 2 };
	u8 buf[80];

	KUNIT_ASSERT_EQ(test, lov_ea_size(&w, 2), 80);
	lov_ea_pack(buf, &w, &fid, objs, 2);
	/* the vector of the chapter has a FID with a high sequence word for stripe 1 */
	buf[56 + 3] = 0x80;
	KUNIT_EXPECT_MEMEQ(test, buf, want1, sizeof(want1));
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 80), 80);
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 79), -EINVAL);
	KUNIT_EXPECT_EQ(test, lov_ea_objects(buf, 80, got, 2), 2);
	KUNIT_EXPECT_EQ(test, got[0].id, 0x22);
	KUNIT_EXPECT_EQ(test, got[1].seq, 5);
	KUNIT_EXPECT_EQ(test, got[1].ost, 1);

	w.stripe_size = 4 << 20;
	strscpy(w.pool, "flash", sizeof(w.pool));
	KUNIT_ASSERT_EQ(test, lov_ea_size(&w, 1), 72);
	lov_ea_pack(buf, &w, &fid, objs, 1);
	KUNIT_EXPECT_MEMEQ(test, buf, want3, sizeof(want3));
}

/* The composite dump of chapter 05, A3: one component with an object, one without. */
static void layout_composite(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, 240, GFP_KERNEL);
	struct lov_comp_md_v1 *c = (void *)buf;
	struct lov_mds_md_v1 *md;
	struct lov_object obj;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	c->lcm_magic = cpu_to_le32(LOV_MAGIC_COMP_V1);
	c->lcm_size = cpu_to_le32(240);
	c->lcm_entry_count = cpu_to_le16(2);
	for (i = 0; i < 2; i++) {
		c->lcm_entries[i].lcme_id = cpu_to_le32(i + 1);
		c->lcm_entries[i].lcme_flags = cpu_to_le32(i ? 0 : LCME_FL_INIT);
		c->lcm_entries[i].lcme_offset = cpu_to_le32(0x80 + i * 0x38);
		c->lcm_entries[i].lcme_size = cpu_to_le32(0x38);
		md = (void *)buf + 0x80 + i * 0x38;
		md->lmm_magic = cpu_to_le32(LOV_MAGIC_V1);
		md->lmm_pattern = cpu_to_le32(LOV_PATTERN_RAID0);
		md->lmm_stripe_size = cpu_to_le32(1 << 20);
		md->lmm_stripe_count = cpu_to_le16(i ? 4 : 1);
	}
	md = (void *)buf + 0x80;
	md->lmm_objects[0].l_ost_oi.id = cpu_to_le64(0x23);
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 240), 240);
	KUNIT_ASSERT_EQ(test, lov_ea_objects(buf, 240, &obj, 1), 1);
	KUNIT_EXPECT_EQ(test, obj.id, 0x23);
	for (i = 0; i < 240; i++)
		KUNIT_EXPECT_EQ(test, lov_ea_check(buf, i), -EINVAL);
	c->lcm_entries[0].lcme_offset = cpu_to_le32(0xfffffff8);
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 240), -EINVAL);
	c->lcm_entries[0].lcme_offset = cpu_to_le32(0x80);
	c->lcm_entry_count = cpu_to_le16(0xffff);
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 240), -EINVAL);
	c->lcm_entry_count = cpu_to_le16(2);
	md->lmm_stripe_count = cpu_to_le16(2);
	KUNIT_EXPECT_EQ(test, lov_ea_check(buf, 240), -EINVAL);
}

static void layout_requests(struct kunit *test)
{
	u8 buf[128] = { 0 };
	struct lov_mds_md_v3 *lum = (void *)buf;
	struct lov_want w, d = { .stripe_size = 1 << 20, .stripe_count = 3, .offset = 2 };

	lum->lmm_magic = cpu_to_le32(LOV_MAGIC_V1);
	lum->lmm_stripe_size = cpu_to_le32(1 << 20);
	lum->lmm_stripe_count = cpu_to_le16(2);
	lum->lmm_layout_gen = cpu_to_le16(LOV_ANY_OST);
	lum->lmm_oi.id = cpu_to_le64(0xdeadbeef);	/* rubbish, as tools leave it */
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), 0);
	KUNIT_EXPECT_EQ(test, w.stripe_count, 2);
	KUNIT_EXPECT_EQ(test, w.offset, LOV_ANY_OST);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 31, &w), -EINVAL);
	lum->lmm_stripe_size = cpu_to_le32(65537);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), -EINVAL);
	lum->lmm_stripe_size = 0;
	lum->lmm_stripe_count = 0;
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 32, &w), 0);
	KUNIT_EXPECT_TRUE(test, lov_want_is_delete(&w));
	lov_want_merge(&w, &d);
	KUNIT_EXPECT_EQ(test, w.stripe_size, 1 << 20);
	KUNIT_EXPECT_EQ(test, w.stripe_count, 3);
	KUNIT_EXPECT_EQ(test, w.offset, 2);
	lum->lmm_pattern = cpu_to_le32(LOV_PATTERN_MDT);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), -EINVAL);	/* only the first part of a file */
	lum->lmm_pattern = 0;
	lum->lmm_magic = cpu_to_le32(LOV_MAGIC_V3);
	memset(lum->lmm_pool_name, 'x', 16);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), -EINVAL);
	strscpy(lum->lmm_pool_name, "none", 16);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), 0);
	KUNIT_EXPECT_STREQ(test, w.pool, "");
	lum->lmm_magic = cpu_to_le32(LOV_MAGIC_SPECIFIC);
	lum->lmm_stripe_count = cpu_to_le16(4);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), -EINVAL);	/* 144 bytes are needed */
	lum->lmm_stripe_count = cpu_to_le16(3);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), 0);
	KUNIT_EXPECT_EQ(test, w.nr_list, 3);
	lum->lmm_magic = cpu_to_le32(LOV_MAGIC_COMP_V1);
	KUNIT_EXPECT_EQ(test, lov_want_parse(buf, 128, &w), -EINVAL);	/* a size of 0 */
}

/*
 * The PFL file of capture e3 (chapter 05, "As captured"): three components asked for, then written
 * into one after the other; the EA after its creation, and when all have objects.
 */
static void layout_grow(struct kunit *test)
{
	static const u8 made[344] = {
		0xd0, 0x0b, 0xd6, 0x0b, 0x58, 0x01, 0, 0, 0x03, 0, 0, 0, 0, 0, 0x03, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x01, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x04, 0, 0, 0, 0, 0, 0xb0, 0, 0, 0, 0x38, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0,
		0, 0, 0x10, 0, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0x38, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x20, 0x01, 0, 0, 0x38, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0, 0x43, 0x01, 0, 0, 0, 0, 0, 0,
		0x03, 0x04, 0, 0, 0x02, 0, 0, 0, 0, 0, 0x01, 0, 0x01, 0, 0, 0,
		0, 0x04, 0, 0x80, 0x02, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0,
		0x43, 0x01, 0, 0, 0, 0, 0, 0, 0x03, 0x04, 0, 0, 0x02, 0, 0, 0,
		0, 0, 0x01, 0, 0x02, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0, 0x43, 0x01, 0, 0, 0, 0, 0, 0,
		0x03, 0x04, 0, 0, 0x02, 0, 0, 0, 0, 0, 0x10, 0, 0xff, 0xff, 0xff, 0xff,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
	};
	static const u8 full[392] = {
		0xd0, 0x0b, 0xd6, 0x0b, 0x88, 0x01, 0, 0, 0x05, 0, 0, 0, 0, 0, 0x03, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x01, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x04, 0, 0, 0, 0, 0, 0xb0, 0, 0, 0, 0x38, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x02, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0,
		0, 0, 0x10, 0, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0x50, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x03, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x38, 0x01, 0, 0, 0x50, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0, 0x43, 0x01, 0, 0, 0, 0, 0, 0,
		0x03, 0x04, 0, 0, 0x02, 0, 0, 0, 0, 0, 0x01, 0, 0x01, 0, 0, 0,
		0, 0x04, 0, 0x80, 0x02, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0,
		0x43, 0x01, 0, 0, 0, 0, 0, 0, 0x03, 0x04, 0, 0, 0x02, 0, 0, 0,
		0, 0, 0x01, 0, 0x02, 0, 0, 0, 0, 0x04, 0, 0x40, 0x02, 0, 0, 0,
		0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0, 0,
		0, 0x04, 0, 0x80, 0x02, 0, 0, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0xd0, 0x0b, 0xd1, 0x0b, 0x01, 0, 0, 0,
		0x43, 0x01, 0, 0, 0, 0, 0, 0, 0x03, 0x04, 0, 0, 0x02, 0, 0, 0,
		0, 0, 0x10, 0, 0x02, 0, 0, 0, 0, 0x04, 0, 0x80, 0x02, 0, 0, 0,
		0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0x04, 0, 0x40, 0x02, 0, 0, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x01, 0, 0, 0,
	};
	static const struct { u64 end; u32 size; u16 count; } ask[] = {
		{ 0x40000, 0x10000, 1 }, { 0x100000, 0x10000, 2 }, { LCME_EOF, 0x100000, LOV_ALL_STRIPES },
	};
	static const struct lov_object objs[] = {
		{ 0x280000400, 0xa, 0 }, { 0x240000400, 0xa, 1 }, { 0x280000400, 0xb, 0 },
		{ 0x280000400, 0xc, 0 }, { 0x240000400, 0xb, 1 },
	};
	struct lov_want dflt = { .stripe_size = 1 << 20, .stripe_count = 1 }, w;
	struct lu_fid fid = { .f_seq = 0x200000403, .f_oid = 0x143 };
	struct lov_comp_md_v1 *c = kunit_kzalloc(test, 272, GFP_KERNEL);
	u8 *ea = kunit_kzalloc(test, sizeof(full), GFP_KERNEL);
	struct lov_object got[5];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_ASSERT_NOT_NULL(test, ea);
	c->lcm_magic = cpu_to_le32(LOV_MAGIC_COMP_V1);
	c->lcm_size = cpu_to_le32(272);
	c->lcm_entry_count = cpu_to_le16(3);
	for (i = 0; i < 3; i++) {
		struct lov_comp_entry *e = &c->lcm_entries[i];
		struct lov_mds_md_v1 *md = (void *)c + 176 + i * 32;

		e->e_start = cpu_to_le64(i ? ask[i - 1].end : 0);
		e->e_end = cpu_to_le64(ask[i].end);
		e->lcme_offset = cpu_to_le32(176 + i * 32);
		e->lcme_size = cpu_to_le32(32);
		md->lmm_magic = cpu_to_le32(LOV_MAGIC_V1);
		md->lmm_pattern = cpu_to_le32(LOV_PATTERN_RAID0);
		md->lmm_oi.id = cpu_to_le64(0x20ae1);	/* rubbish, as tools leave it */
		md->lmm_stripe_size = cpu_to_le32(ask[i].size);
		md->lmm_stripe_count = cpu_to_le16(ask[i].count);
		md->lmm_layout_gen = cpu_to_le16(LOV_ANY_OST);
	}
	KUNIT_ASSERT_EQ(test, lov_want_parse(c, 272, &w), 0);
	KUNIT_ASSERT_PTR_EQ(test, (const void *)w.comp, (const void *)c);
	KUNIT_EXPECT_FALSE(test, lov_want_is_delete(&w));
	KUNIT_ASSERT_EQ(test, lov_comp_pack(NULL, c, &dflt, &fid), sizeof(made));
	KUNIT_ASSERT_EQ(test, lov_comp_pack(ea, c, &dflt, &fid), sizeof(made));
	KUNIT_EXPECT_EQ(test, lov_ea_check(ea, sizeof(made)), sizeof(made));
	KUNIT_EXPECT_EQ(test, lov_ea_objects(ea, sizeof(made), NULL, 0), 0);
	KUNIT_EXPECT_TRUE(test, lov_comp_grows((void *)ea, 0, 1));
	KUNIT_EXPECT_FALSE(test, lov_comp_grows((void *)ea, 1, 1));
	KUNIT_ASSERT_EQ(test, lov_comp_init(ea, 0, objs, 1), sizeof(made));
	KUNIT_EXPECT_MEMEQ(test, ea, made, sizeof(made));

	KUNIT_EXPECT_FALSE(test, lov_comp_grows((void *)ea, 1, 0x40000));
	KUNIT_EXPECT_TRUE(test, lov_comp_grows((void *)ea, 1, 0x40001));
	lov_want_comp((void *)ea, 1, &w);
	KUNIT_EXPECT_EQ(test, w.stripe_count, 2);
	KUNIT_EXPECT_EQ(test, w.nr_list, 0);
	KUNIT_ASSERT_EQ(test, lov_comp_init(ea, 1, objs + 1, 2), 368);
	KUNIT_EXPECT_EQ(test, lov_ea_check(ea, 368), 368);
	lov_want_comp((void *)ea, 2, &w);
	KUNIT_EXPECT_EQ(test, w.stripe_count, LOV_ALL_STRIPES);
	KUNIT_ASSERT_EQ(test, lov_comp_init(ea, 2, objs + 3, 2), sizeof(full));
	/* raised by whoever stores it */
	((struct lov_comp_md_v1 *)ea)->lcm_layout_gen = cpu_to_le32(5);
	KUNIT_EXPECT_MEMEQ(test, ea, full, sizeof(full));
	KUNIT_ASSERT_EQ(test, lov_ea_objects(ea, sizeof(full), got, 5), 5);
	KUNIT_EXPECT_MEMEQ(test, got, objs, sizeof(objs));
}

/* The file of capture e4: 64 KiB on the MDT, then one stripe; the EA after its creation */
static void layout_dom(struct kunit *test)
{
	struct lov_want dflt = { .stripe_size = 1 << 20, .stripe_count = 1 }, w;
	struct lu_fid fid = { .f_seq = 0x200000403, .f_oid = 0x144 };
	struct lov_comp_md_v1 *c = kunit_kzalloc(test, 192, GFP_KERNEL);
	struct lov_comp_md_v1 *ea = kunit_kzalloc(test, 216, GFP_KERNEL);
	struct lov_mds_md_v1 *md;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_ASSERT_NOT_NULL(test, ea);
	c->lcm_magic = cpu_to_le32(LOV_MAGIC_COMP_V1);
	c->lcm_size = cpu_to_le32(192);
	c->lcm_entry_count = cpu_to_le16(2);
	for (i = 0; i < 2; i++) {
		c->lcm_entries[i].e_start = cpu_to_le64(i ? 0x10000 : 0);
		c->lcm_entries[i].e_end = cpu_to_le64(i ? LCME_EOF : 0x10000);
		c->lcm_entries[i].lcme_offset = cpu_to_le32(128 + i * 32);
		c->lcm_entries[i].lcme_size = cpu_to_le32(32);
		md = (void *)c + 128 + i * 32;
		md->lmm_magic = cpu_to_le32(LOV_MAGIC_V1);
		md->lmm_pattern = cpu_to_le32(i ? LOV_PATTERN_RAID0 : LOV_PATTERN_MDT);
		md->lmm_stripe_size = cpu_to_le32(i ? 1 << 20 : 0x10000);
		md->lmm_stripe_count = cpu_to_le16(i);
		md->lmm_layout_gen = cpu_to_le16(LOV_ANY_OST);
	}
	KUNIT_ASSERT_EQ(test, lov_want_parse(c, 192, &w), 0);
	KUNIT_ASSERT_EQ(test, lov_comp_pack(NULL, c, &dflt, &fid), 216);
	KUNIT_ASSERT_EQ(test, lov_comp_pack(ea, c, &dflt, &fid), 216);
	KUNIT_EXPECT_EQ(test, lov_ea_check(ea, 216), 216);
	KUNIT_EXPECT_TRUE(test, lov_ea_has_dom(ea, 216));
	KUNIT_EXPECT_EQ(test, lov_ea_objects(ea, 216, NULL, 0), 0);
	KUNIT_EXPECT_FALSE(test, lov_comp_grows(ea, 0, 1));
	KUNIT_EXPECT_TRUE(test, lov_comp_grows(ea, 1, 0x10001));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_layout_gen), 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[0].lcme_flags), LCME_FL_INIT);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[0].lcme_offset), 128);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[0].lcme_size), 32);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[1].lcme_flags), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[1].lcme_offset), 160);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(ea->lcm_entries[1].lcme_size), 56);
	md = (void *)ea + 128;
	KUNIT_EXPECT_EQ(test, le32_to_cpu(md->lmm_pattern), LOV_PATTERN_MDT);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(md->lmm_stripe_size), 0x10000);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(md->lmm_stripe_count), 0);

	/* only the first component, and no more than its end says */
	md = (void *)c + 160;
	md->lmm_pattern = cpu_to_le32(LOV_PATTERN_MDT);
	KUNIT_EXPECT_EQ(test, lov_want_parse(c, 192, &w), -EINVAL);
	md->lmm_pattern = cpu_to_le32(LOV_PATTERN_RAID0);
	md = (void *)c + 128;
	md->lmm_stripe_size = cpu_to_le32(0x20000);
	KUNIT_EXPECT_EQ(test, lov_want_parse(c, 192, &w), -EINVAL);
	md->lmm_stripe_size = 0;
	KUNIT_EXPECT_EQ(test, lov_want_parse(c, 192, &w), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(records),
	KUNIT_CASE(dirent_sizes),
	KUNIT_CASE(dir_head),
	KUNIT_CASE(dir_empty),
	KUNIT_CASE(dir_chain),
	KUNIT_CASE(dir_collide),
	KUNIT_CASE(linkea),
	KUNIT_CASE(linkea_bad),
	KUNIT_CASE(layout_encode),
	KUNIT_CASE(layout_composite),
	KUNIT_CASE(layout_requests),
	KUNIT_CASE(layout_grow),
	KUNIT_CASE(layout_dom),
	{}
};

static struct kunit_suite suite = {
	.name = "mdt_wire",
	.test_cases = cases,
};

kunit_test_suites(&suite);
MODULE_DESCRIPTION("Unit tests of what the MDT puts on the wire");
MODULE_LICENSE("GPL");
