// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration logs: what the MGS writes, byte for byte (chapter 06, section 14), and
 * what a reader makes of it (section 9).
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "unaligned.h"
#include "kernel/config/config.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/llog/llog.h"
#include "kernel/server/mgs/gen.c"

#define MAX_LOGS	32
#define LOG_BYTES	(64 * 1024)
#define NID(last)	LNET_MKNID(LNET_MKNET(LNET_NET_TYPE_TCP, 0), 0xc0a80100U + (last))

/* Logs in memory, as the storage would have them */
struct mem_log {
	char			name[64];
	struct llog_log_hdr	hdr;
	u64			end;
	u8			data[LOG_BYTES];
};

struct mem_mgs {
	struct mem_log	*logs[MAX_LOGS];
	unsigned int	nr;
	u32		step;
	struct mgs_gen	gen;
	struct list_head targets;
	bool		has_client;
};

static struct mem_log *log_of(struct mem_mgs *m, const char *name)
{
	struct mem_log *l;
	unsigned int i;

	for (i = 0; i < m->nr; i++)
		if (!strcmp(m->logs[i]->name, name))
			return m->logs[i];
	if (m->nr == MAX_LOGS)
		return NULL;
	l = kvzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return NULL;
	strscpy(l->name, name, sizeof(l->name));
	llog_header_init(&l->hdr, LLOG_F_IS_PLAIN, 0);
	l->end = LLOG_CHUNK_SIZE;
	m->logs[m->nr++] = l;
	return l;
}

static int mem_append(void *ctx, const char *name, const struct llog_rec_hdr *const *recs, unsigned int nr)
{
	struct mem_log *l = log_of(ctx, name);
	unsigned int i;
	int rc;

	if (!l)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		u64 at = l->end;

		rc = llog_append(&l->hdr, &l->end, recs[i], l->data + at, sizeof(l->data) - at);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static u32 log_crc(const struct mem_log *l)
{
	return ~crc32_le(~0, l->data + LLOG_CHUNK_SIZE, l->end - LLOG_CHUNK_SIZE);
}

static void mgs_add(struct kunit *test, struct mem_mgs *m, bool mdt, u32 index, unsigned int last)
{
	struct mgs_target *t = kunit_kzalloc(test, struct_size(t, nodes, 1), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->mdt = mdt;
	t->index = index;
	t->nr_nodes = 1;
	t->nodes[0].nr = 1;
	t->nodes[0].nid[0] = NID(last);
	snprintf(t->svname, sizeof(t->svname), "testfs-%s%04x", mdt ? "MDT" : "OST", index);
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_own_log(&m->gen, t, &m->targets));
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_add_target(&m->gen, t, &m->targets, m->has_client));
	m->has_client = true;
	list_add_tail(&t->link, &m->targets);
}

/* MDT0000 and @osts OSTs on the nodes behind it */
static void mgs_fill(struct kunit *test, struct mem_mgs *m, unsigned int osts)
{
	unsigned int i;

	mgs_add(test, m, true, 0, 10);
	for (i = 0; i < osts; i++)
		mgs_add(test, m, false, i, 11 + i);
}

static int logs_init(struct kunit *test)
{
	struct mem_mgs *m = kvzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	INIT_LIST_HEAD(&m->targets);
	m->step = 1;
	m->gen.fsname = "testfs";
	m->gen.step = &m->step;
	m->gen.version = 0x020f0800;
	m->gen.now = 1700000000;
	m->gen.append = mem_append;
	m->gen.ctx = m;
	test->priv = m;
	return 0;
}

static void logs_exit(struct kunit *test)
{
	struct mem_mgs *m = test->priv;

	while (m && m->nr)
		kvfree(m->logs[--m->nr]);
	kvfree(m);
}

/* --- what is written --- */

static void expect_log(struct kunit *test, struct mem_mgs *m, const char *name, u64 end, u32 last, u32 crc)
{
	struct mem_log *l = log_of(m, name);

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_EXPECT_EQ_MSG(test, l->end, end, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, llog_last_index(&l->hdr), last, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, log_crc(l), crc, "%s", name);
	KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(l->hdr.llh_count), last + 1, "%s", name);
}

static void test_vectors(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct mem_log *l;

	mgs_fill(test, m, 2);
	expect_log(test, m, "testfs-client", 13072, 29, 0x57de9d93);
	expect_log(test, m, "testfs-MDT0000", 8192 + 3536, 21, 0xfe230dbd);
	expect_log(test, m, "testfs-OST0000", 8880, 4, 0x2b362f53);
	expect_log(test, m, "testfs-OST0001", 8880, 4, 0x6d7e4229);
	l = log_of(m, "testfs-client");
	KUNIT_EXPECT_EQ(test, le32_to_cpu(l->hdr.llh_size), 88U);
	KUNIT_EXPECT_EQ(test, get_unaligned_le32(l->hdr.llh_bitmap), 0x3fffffffU);
	KUNIT_EXPECT_EQ(test, m->step, 13U);
}

static void test_params_vector(struct kunit *test)
{
	struct mem_mgs *m = test->priv;

	mgs_gen_begin(&m->gen, "general", "llite.*.max_read_ahead_mb");
	mgs_gen_rec(&m->gen, LCFG_SET_PARAM, 0, 3, "general", "llite.*.max_read_ahead_mb=64", "lctl");
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_end(&m->gen, "params"));
	expect_log(test, m, "params", 8192 + 568, 3, 0xd7931c2d);
}

/* Records do not cross chunks: a pad takes an index but no bit and is not counted */
static void test_pad(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	const struct llog_rec_hdr *pad;
	struct mem_log *l;

	mgs_fill(test, m, 8);
	l = log_of(m, "testfs-client");
	KUNIT_EXPECT_EQ(test, l->end, 18752ULL);
	KUNIT_EXPECT_EQ(test, llog_last_index(&l->hdr), 66U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(l->hdr.llh_count), 66U);
	KUNIT_EXPECT_EQ(test, l->hdr.llh_bitmap[51 / 8] & 1 << 51 % 8, 0);
	pad = (const void *)(l->data + 16320);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pad->lrh_index), 51U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pad->lrh_len), 64U);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pad->lrh_type), (u32)LLOG_PAD_MAGIC);
	pad = (const void *)(l->data + 16384);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pad->lrh_index), 52U);
}

/* A second MDT: its own log names the first one and the OSTs, the first one's log names it */
static void test_second_mdt(struct kunit *test)
{
	struct mem_mgs *m = test->priv;

	mgs_fill(test, m, 1);
	mgs_add(test, m, true, 1, 20);
	/* lov setup 4, add mdt 5, add osp 6, add osc 6 */
	KUNIT_EXPECT_EQ(test, llog_last_index(&log_of(m, "testfs-MDT0001")->hdr), 21U);
	/* lov setup 4, add mdt 5, add osc 6, add osp 6 */
	KUNIT_EXPECT_EQ(test, llog_last_index(&log_of(m, "testfs-MDT0000")->hdr), 21U);
}

static void test_add_uuid(struct kunit *test)
{
	static const u8 expect[88] = {
		0x58, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x62, 0x10, 0, 0, 0, 0,
		0x01, 0x00, 0xf6, 0x1c, 0x05, 0xf0, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x0a, 0x01, 0xa8, 0xc0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0x02, 0, 0, 0,
		0, 0, 0, 0, 0x11, 0, 0, 0, 0x31, 0x39, 0x32, 0x2e, 0x31, 0x36, 0x38, 0x2e,
		0x31, 0x2e, 0x31, 0x30, 0x40, 0x74, 0x63, 0x70, 0, 0, 0, 0, 0, 0, 0, 0,
		0x58, 0, 0, 0, 0, 0, 0, 0,
	};
	struct cfg_rec rec = { .command = LCFG_ADD_UUID, .nid = NID(10) }, out;
	u8 buf[88] __aligned(8);

	cfg_rec_set(&rec, 0, NULL);
	cfg_rec_set(&rec, 1, "192.168.1.10@tcp");
	KUNIT_ASSERT_EQ(test, 88, cfg_rec_encode(&rec, buf, sizeof(buf)));
	KUNIT_EXPECT_MEMEQ(test, buf, expect, sizeof(expect));
	KUNIT_EXPECT_EQ(test, -ENOSPC, cfg_rec_encode(&rec, buf, sizeof(buf) - 1));
	KUNIT_ASSERT_EQ(test, 0, cfg_rec_decode((void *)buf, &out));
	KUNIT_EXPECT_EQ(test, out.nid, rec.nid);
	KUNIT_EXPECT_STREQ(test, cfg_rec_string(&out, 1), "192.168.1.10@tcp");
	KUNIT_EXPECT_NULL(test, cfg_rec_string(&out, 0));
}

/* Lengths that do not fit the record are refused, whatever they are */
static void test_bad_records(struct kunit *test)
{
	struct cfg_rec rec = { .command = LCFG_ATTACH }, out;
	u8 buf[256] __aligned(8), bad[256] __aligned(8);
	struct lustre_cfg *cfg = (void *)(bad + sizeof(struct llog_rec_hdr));
	int len;

	cfg_rec_set(&rec, 0, "device");
	cfg_rec_set(&rec, 1, "type");
	len = cfg_rec_encode(&rec, buf, sizeof(buf));
	KUNIT_ASSERT_GT(test, len, 0);

	memcpy(bad, buf, len);
	cfg->lcfg_buflens[1] = cpu_to_le32(~0U);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_rec_decode((void *)bad, &out));
	cfg->lcfg_buflens[1] = cpu_to_le32(64);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_rec_decode((void *)bad, &out));
	memcpy(bad, buf, len);
	cfg->lcfg_bufcount = cpu_to_le32(8);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_rec_decode((void *)bad, &out));
	cfg->lcfg_bufcount = cpu_to_le32(1);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_rec_decode((void *)bad, &out));
	memcpy(bad, buf, len);
	cfg->lcfg_version = cpu_to_be32(LUSTRE_CFG_VERSION);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_rec_decode((void *)bad, &out));
	/* not ended by a NUL: no string */
	memcpy(bad, buf, len);
	cfg->lcfg_buflens[1] = cpu_to_le32(4);
	KUNIT_ASSERT_EQ(test, 0, cfg_rec_decode((void *)bad, &out));
	KUNIT_EXPECT_NULL(test, cfg_rec_string(&out, 1));
}

/* --- what is read --- */

#define SEEN_MAX 16

struct seen {
	unsigned int	mdts, osts, profiles, setups, params;
	struct { u32 index; bool inactive; unsigned int nr_nodes; lnet_nid_t first, second; } ost[SEEN_MAX];
	u64		stripe_size;
};

static int see_mdt(void *data, const struct cfg_target *t)
{
	((struct seen *)data)->mdts++;
	return 0;
}

static int see_ost(void *data, const struct cfg_target *t)
{
	struct seen *s = data;

	if (s->osts == SEEN_MAX)
		return -ENOSPC;
	s->ost[s->osts].index = t->index;
	s->ost[s->osts].inactive = t->inactive;
	s->ost[s->osts].nr_nodes = t->nr_nodes;
	s->ost[s->osts].first = t->nodes[0].nid[0];
	s->ost[s->osts].second = t->nr_nodes > 1 ? t->nodes[1].nid[0] : 0;
	s->osts++;
	return 0;
}

static int see_profile(void *data, const char *profile, const char *dt, const char *md)
{
	((struct seen *)data)->profiles += !strcmp(profile, "testfs-client") && !strcmp(dt, "testfs-clilov") &&
					   !strcmp(md, "testfs-clilmv");
	return 0;
}

static int see_setup(void *data, const char *svname, u32 index)
{
	((struct seen *)data)->setups += !strcmp(svname, "testfs-OST0001") && index == 1;
	return 0;
}

static int see_lov(void *data, const struct lov_desc *desc)
{
	((struct seen *)data)->stripe_size = le64_to_cpu(desc->ld_default_stripe_size);
	return 0;
}

static int see_param(void *data, const char *device, const char *key, const char *value)
{
	((struct seen *)data)->params += !strcmp(device, "testfs-OST0001-osc") && !strcmp(key, "osc.max_dirty_mb") &&
					 !strcmp(value, "64");
	return 0;
}

static const struct cfg_ops see_ops = {
	.profile = see_profile, .add_mdt = see_mdt, .add_ost = see_ost, .setup_target = see_setup,
	.lov_desc = see_lov, .param = see_param,
};

static int read_log(struct mem_log *l, struct cfg_reader *r)
{
	u32 last = 0;
	u64 at;
	int rc = 0;

	for (at = LLOG_CHUNK_SIZE; at < l->end && !rc; at += LLOG_CHUNK_SIZE)
		rc = llog_walk_chunk(l->data + at, min_t(u64, LLOG_CHUNK_SIZE, l->end - at), &l->hdr, 1, &last,
				     cfg_reader_record, r);
	return rc;
}

static int see_log(struct kunit *test, const char *name, const char *exclude, struct seen *s)
{
	struct mem_mgs *m = test->priv;
	struct cfg_reader *r = cfg_reader_create(exclude, &see_ops, s);
	int rc;

	KUNIT_ASSERT_NOT_NULL(test, r);
	memset(s, 0, sizeof(*s));
	rc = read_log(log_of(m, name), r);
	cfg_reader_free(r);
	return rc;
}

static void test_read_client(struct kunit *test)
{
	struct seen s;

	mgs_fill(test, test->priv, 8);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	KUNIT_EXPECT_EQ(test, s.mdts, 1U);
	KUNIT_EXPECT_EQ(test, s.profiles, 1U);
	KUNIT_ASSERT_EQ(test, s.osts, 8U);
	KUNIT_EXPECT_EQ(test, s.ost[5].index, 5U);
	KUNIT_EXPECT_FALSE(test, s.ost[5].inactive);
	KUNIT_EXPECT_EQ(test, s.ost[5].nr_nodes, 1U);
	KUNIT_EXPECT_EQ(test, s.ost[5].first, NID(16));
	KUNIT_EXPECT_EQ(test, s.stripe_size, 1048576ULL);
}

static void test_read_targets(struct kunit *test)
{
	struct seen s;

	mgs_fill(test, test->priv, 2);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-OST0001", NULL, &s));
	KUNIT_EXPECT_EQ(test, s.setups, 1U);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-MDT0000", NULL, &s));
	KUNIT_EXPECT_EQ(test, s.osts, 2U);
}

static void test_exclude(struct kunit *test)
{
	struct seen s;

	mgs_fill(test, test->priv, 3);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", "testfs-OST0001", &s));
	KUNIT_ASSERT_EQ(test, s.osts, 3U);
	KUNIT_EXPECT_FALSE(test, s.ost[0].inactive);
	KUNIT_EXPECT_TRUE(test, s.ost[1].inactive);
	KUNIT_EXPECT_EQ(test, s.ost[1].index, 1U);
	KUNIT_EXPECT_FALSE(test, s.ost[2].inactive);
}

/* Set flags in both markers of the last section (target, comment) of a log */
static void mark(struct kunit *test, struct mem_log *l, const char *target, const char *comment, u32 flags)
{
	struct llog_rec_hdr *rec;
	unsigned int nr = 0;
	u64 at;

	for (at = LLOG_CHUNK_SIZE; at < l->end; at += le32_to_cpu(rec->lrh_len)) {
		struct cfg_marker *m;
		struct cfg_rec r;

		rec = (void *)(l->data + at);
		if (rec->lrh_type != cpu_to_le32(OBD_CFG_REC) || cfg_rec_decode(rec, &r) || r.command != LCFG_MARKER)
			continue;
		m = (void *)r.buf[1];
		if (strcmp(m->cm_tgtname, target) || strcmp(m->cm_comment, comment))
			continue;
		m->cm_flags |= cpu_to_le32(flags);
		nr++;
	}
	KUNIT_ASSERT_EQ(test, nr, 2U);
}

static void test_exclude_marker(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct seen s;

	mgs_fill(test, m, 2);
	mark(test, log_of(m, "testfs-client"), "testfs-OST0000", "add osc", CM_EXCLUDE);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	KUNIT_ASSERT_EQ(test, s.osts, 2U);
	KUNIT_EXPECT_TRUE(test, s.ost[0].inactive);
	KUNIT_EXPECT_FALSE(test, s.ost[1].inactive);
}

static void unknown_section(struct kunit *test, struct mem_mgs *m, u32 command)
{
	mgs_gen_begin(&m->gen, "testfs-client", "strange");
	mgs_gen_rec(&m->gen, command, 0, 1, "testfs-client");
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_end(&m->gen, "testfs-client"));
}

static void test_unknown_commands(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct seen s;

	mgs_fill(test, m, 1);
	unknown_section(test, m, 0xce07f);
	KUNIT_EXPECT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	unknown_section(test, m, 0xcf07f);
	KUNIT_EXPECT_LT(test, see_log(test, "testfs-client", NULL, &s), 0);
}

static void test_skip(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct seen s;

	mgs_fill(test, m, 2);
	unknown_section(test, m, 0xcf07f);
	mark(test, log_of(m, "testfs-client"), "testfs-client", "strange", CM_SKIP);
	mark(test, log_of(m, "testfs-client"), "testfs-OST0000", "add osc", CM_SKIP);
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	KUNIT_ASSERT_EQ(test, s.osts, 1U);
	KUNIT_EXPECT_EQ(test, s.ost[0].index, 1U);
}

/* A failover node that comes later is told with the target again */
static void test_failnid(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct cfg_node node = { .nr = 1, .nid = { NID(99) } };
	struct seen s;

	mgs_fill(test, m, 1);
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_add_failnid(&m->gen, "testfs-client", "testfs-OST0000-osc",
						     list_last_entry(&m->targets, struct mgs_target, link), &node));
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	KUNIT_ASSERT_EQ(test, s.osts, 2U);
	KUNIT_EXPECT_EQ(test, s.ost[1].index, 0U);
	KUNIT_EXPECT_EQ(test, s.ost[1].nr_nodes, 2U);
	KUNIT_EXPECT_EQ(test, s.ost[1].second, NID(99));
}

static void test_param_record(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct seen s;

	mgs_gen_begin(&m->gen, "testfs-OST0001-osc", "osc.max_dirty_mb");
	mgs_gen_rec(&m->gen, LCFG_PARAM, 0, 2, "testfs-OST0001-osc", "osc.max_dirty_mb=64");
	KUNIT_ASSERT_EQ(test, 0, mgs_gen_end(&m->gen, "testfs-client"));
	KUNIT_ASSERT_EQ(test, 0, see_log(test, "testfs-client", NULL, &s));
	KUNIT_EXPECT_EQ(test, s.params, 1U);
}

/* Damaged chunks end the walk; nothing behind the end is read (KASAN would tell) */
static void test_damaged_chunk(struct kunit *test)
{
	struct mem_mgs *m = test->priv;
	struct llog_rec_hdr *rec;
	struct mem_log *l;
	struct seen s;
	u8 *copy;

	mgs_fill(test, m, 1);
	l = log_of(m, "testfs-OST0000");
	rec = (void *)(l->data + LLOG_CHUNK_SIZE);
	rec->lrh_len = cpu_to_le32(8);
	KUNIT_EXPECT_EQ(test, -EINVAL, see_log(test, "testfs-OST0000", NULL, &s));
	rec->lrh_len = cpu_to_le32(LLOG_CHUNK_SIZE);
	KUNIT_EXPECT_EQ(test, -EINVAL, see_log(test, "testfs-OST0000", NULL, &s));
	rec->lrh_len = cpu_to_le32(224);
	rec->lrh_index = cpu_to_le32(LLOG_BITMAP_BITS);
	KUNIT_EXPECT_EQ(test, -EINVAL, see_log(test, "testfs-OST0000", NULL, &s));
	rec->lrh_index = cpu_to_le32(1);

	/* a chunk that ends within a record, in a buffer of just its size */
	copy = kunit_kmalloc(test, 230, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, rec, 230);
	m->step = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, llog_walk_chunk(copy, 230, &l->hdr, 5, &m->step, cfg_reader_record, NULL));
}

/* --- names --- */

static void expect_res(struct kunit *test, const char *log, u64 name0, u64 name1)
{
	struct ldlm_res_id res = {};

	KUNIT_EXPECT_EQ_MSG(test, 0, cfg_lock_res(log, &res), "%s", log);
	KUNIT_EXPECT_EQ_MSG(test, res.name[0], name0, "%s", log);
	KUNIT_EXPECT_EQ_MSG(test, res.name[1], name1, "%s", log);
	KUNIT_EXPECT_EQ_MSG(test, res.name[2], 0ULL, "%s", log);
}

static void test_lock_names(struct kunit *test)
{
	struct ldlm_res_id res;

	expect_res(test, "testfs-client", 0x0000736674736574ULL, 0);
	expect_res(test, "testfs-sptlrpc", 0x0000736674736574ULL, 0);
	expect_res(test, "testfs-cliir", 0x0000736674736574ULL, 2);
	expect_res(test, "params", 0x0000736d61726170ULL, 3);
	expect_res(test, "nodemap", 0x0070616d65646f6eULL, 4);
	expect_res(test, "lustre-OST0000", 0x000065727473756cULL, 0);
	expect_res(test, "scratch1-client", 0x3168637461726373ULL, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_lock_res("ninechars-client", &res));
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_lock_res("-client", &res));
}

static void test_fsname(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cfg_fsname_len("testfs-OST0000"), 6);
	KUNIT_EXPECT_EQ(test, cfg_fsname_len("testfs:MDT0001"), 6);
	KUNIT_EXPECT_EQ(test, cfg_fsname_len("scratch1-client"), 8);
	KUNIT_EXPECT_EQ(test, cfg_fsname_len("a-b-client"), 3);
	KUNIT_EXPECT_EQ(test, cfg_fsname_len("params"), 6);
}

static void test_nodes(struct kunit *test)
{
	struct cfg_node *n = kunit_kcalloc(test, 2, sizeof(*n), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, n);
	KUNIT_EXPECT_EQ(test, 1, cfg_parse_nodes("192.168.1.10@tcp", n, 2));
	KUNIT_EXPECT_EQ(test, n[0].nid[0], NID(10));
	KUNIT_EXPECT_EQ(test, 2, cfg_parse_nodes("192.168.1.10@tcp,192.168.1.11@tcp:192.168.1.12@tcp", n, 2));
	KUNIT_EXPECT_EQ(test, n[0].nr, 2U);
	KUNIT_EXPECT_EQ(test, n[1].nid[0], NID(12));
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_parse_nodes("192.168.1.10@tcp:192.168.1.11@tcp:192.168.1.12@tcp", n, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_parse_nodes("", n, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_parse_nodes("192.168.1.10@tcp,,192.168.1.11@tcp", n, 2));
	KUNIT_EXPECT_EQ(test, -EINVAL, cfg_parse_nodes("nonsense", n, 2));
}

static void test_empty_header(struct kunit *test)
{
	struct mem_log *l = log_of(test->priv, "empty");

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_EXPECT_EQ(test, 0, llog_header_check(&l->hdr));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(l->hdr.llh_count), 1U);
	KUNIT_EXPECT_EQ(test, l->hdr.llh_bitmap[0], 1);
	KUNIT_EXPECT_EQ(test, llog_last_index(&l->hdr), 0U);
	l->hdr.llh_tail.lrt_index = cpu_to_le32(LLOG_BITMAP_BITS);
	KUNIT_EXPECT_EQ(test, -EINVAL, llog_header_check(&l->hdr));
	l->hdr.llh_tail.lrt_index = 0;
	l->hdr.llh_hdr.lrh_len = cpu_to_le32(16384);
	KUNIT_EXPECT_EQ(test, -EINVAL, llog_header_check(&l->hdr));
}

static struct kunit_case logs_cases[] = {
	KUNIT_CASE(test_vectors),
	KUNIT_CASE(test_params_vector),
	KUNIT_CASE(test_pad),
	KUNIT_CASE(test_second_mdt),
	KUNIT_CASE(test_add_uuid),
	KUNIT_CASE(test_bad_records),
	KUNIT_CASE(test_read_client),
	KUNIT_CASE(test_read_targets),
	KUNIT_CASE(test_exclude),
	KUNIT_CASE(test_exclude_marker),
	KUNIT_CASE(test_unknown_commands),
	KUNIT_CASE(test_skip),
	KUNIT_CASE(test_failnid),
	KUNIT_CASE(test_param_record),
	KUNIT_CASE(test_damaged_chunk),
	KUNIT_CASE(test_lock_names),
	KUNIT_CASE(test_fsname),
	KUNIT_CASE(test_nodes),
	KUNIT_CASE(test_empty_header),
	{}
};

static struct kunit_suite logs_suite = {
	.name = "config_logs",
	.init = logs_init,
	.exit = logs_exit,
	.test_cases = logs_cases,
};
kunit_test_suite(logs_suite);

MODULE_DESCRIPTION("Tests of configuration logs");
MODULE_LICENSE("GPL");
