// SPDX-License-Identifier: GPL-2.0
/*
 * Directory pages of the client: what a stock server sends is walked, what nobody should send is
 * refused (chapter 04, 8).
 */
#include <kunit/test.h>
#include "kernel/client/dirpage.c"

/* Append an entry; Return: where the next one goes */
static void *put(void *at, const char *name, u16 type, u64 hash)
{
	struct lu_dirent *ent = at;
	unsigned int len = strlen(name), size = lu_dirent_size(len, LUDA_FID | LUDA_TYPE);

	memset(ent, 0xee, size);
	ent->lde_fid.f_seq = cpu_to_le64(0x200000403ULL);
	ent->lde_fid.f_oid = cpu_to_le32(len);
	ent->lde_fid.f_ver = 0;
	ent->lde_hash = cpu_to_le64(hash);
	ent->lde_reclen = cpu_to_le16(size);
	ent->lde_namelen = cpu_to_le16(len);
	ent->lde_attrs = cpu_to_le32(LUDA_FID | LUDA_TYPE | LUDA_64BITHASH);
	memcpy(ent->lde_name, name, len);
	*(__le16 *)(at + lu_dirent_type_off(len)) = cpu_to_le16(type);
	return at + size;
}

static struct lu_dirpage *page(struct kunit *test)
{
	struct lu_dirpage *dp = kunit_kzalloc(test, LU_PAGE_SIZE, GFP_KERNEL);
	struct lu_dirent *last;
	void *at;

	KUNIT_ASSERT_NOT_NULL(test, dp);
	dp->ldp_hash_end = cpu_to_le64(MDS_DIR_END_OFF);
	dp->ldp_flags = cpu_to_le32(LDF_COLLIDE);	/* as stock marks every last page */
	at = put(dp->ldp_entries, ".", S_IFDIR, 0);
	at = put(at, "..", S_IFDIR, 1);
	last = at;
	put(at, "file_with_a_name_55", S_IFIFO, 0x21082f32033e5808ULL);
	last->lde_reclen = 0;
	return dp;
}

static void walk(struct kunit *test)
{
	static const struct { const char *name; u16 type; } want[] = {
		{ ".", S_IFDIR }, { "..", S_IFDIR }, { "file_with_a_name_55", S_IFIFO },
	};
	struct lu_dirpage *dp = page(test);
	const struct lu_dirent *pos;
	struct cl_dirent de;
	unsigned int n = 0;
	bool more;

	KUNIT_ASSERT_EQ(test, cl_dirpage_check(dp, 0), 0);
	for (more = cl_dirpage_first(dp, &pos, &de); more; more = cl_dirpage_next(&pos, &de), n++) {
		KUNIT_ASSERT_LT(test, n, 3U);
		KUNIT_EXPECT_EQ(test, (size_t)de.namelen, strlen(want[n].name));
		KUNIT_EXPECT_EQ(test, memcmp(de.name, want[n].name, de.namelen), 0);
		KUNIT_EXPECT_EQ(test, de.type, want[n].type);
	}
	KUNIT_EXPECT_EQ(test, n, 3U);
}

static void empty(struct kunit *test)
{
	struct lu_dirpage *dp = page(test);
	const struct lu_dirent *pos;
	struct cl_dirent de;

	dp->ldp_flags = cpu_to_le32(LDF_EMPTY);
	KUNIT_EXPECT_EQ(test, cl_dirpage_check(dp, 0), 0);
	KUNIT_EXPECT_FALSE(test, cl_dirpage_first(dp, &pos, &de));
}

static void refused(struct kunit *test)
{
	struct lu_dirpage *dp = page(test);
	struct lu_dirent *ent = (void *)dp->ldp_entries;

	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 5), 0);	/* another cookie than asked */
	dp->ldp_hash_end = dp->ldp_hash_start;			/* does not go on */
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	dp = page(test);
	ent = (void *)dp->ldp_entries;
	ent->lde_reclen = cpu_to_le16(8);			/* into itself */
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	ent->lde_reclen = cpu_to_le16(LU_PAGE_SIZE);		/* beyond the page */
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	dp = page(test);
	ent = (void *)dp->ldp_entries;
	ent->lde_namelen = cpu_to_le16(256);
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	dp = page(test);
	ent = (void *)dp->ldp_entries;
	ent->lde_name[0] = '/';
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	dp = page(test);
	ent = (void *)dp->ldp_entries;
	ent->lde_hash = cpu_to_le64(2);				/* the next one goes back */
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
	dp = page(test);
	ent = (void *)dp->ldp_entries;
	ent->lde_hash = cpu_to_le64(~0ULL);
	KUNIT_EXPECT_NE(test, cl_dirpage_check(dp, 0), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(walk),
	KUNIT_CASE(empty),
	KUNIT_CASE(refused),
	{}
};

static struct kunit_suite suite = {
	.name = "client_dirpage",
	.test_cases = cases,
};
kunit_test_suite(suite);
MODULE_DESCRIPTION("Unit tests of the client's directory pages");
MODULE_LICENSE("GPL");
