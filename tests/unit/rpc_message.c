// SPDX-License-Identifier: GPL-2.0
/*
 * Messages against the vectors of chapter 02, section 18: sizes, exact bytes, checksums,
 * what is refused; and the arithmetic of timeouts, XIDs and bulk.
 */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/slab.h>

/* the files under test are compiled into this module, not exported by it */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym)
#include "kernel/rpc/formats.c"
#include "kernel/rpc/message.c"
#include "kernel/rpc/timeout.c"
#include "kernel/rpc/bulk.c"
#include "wire/fid.h"

void rpc_stats_add(struct rpc_stats *st, u32 opc, s64 value) { }

static u32 zlib_crc(const void *p, size_t len)
{
	return ~crc32_le(~0U, p, len);
}

static void pack(struct kunit *test, const struct rpc_format *fmt, struct rpc_msg *m,
		 struct rpc_buf *buf)
{
	memset(buf, 0, sizeof(*buf));
	KUNIT_ASSERT_EQ(test, 0, rpc_msg_pack(m, buf, false, GFP_KERNEL));
	rpc_body(m)->pb_type = cpu_to_le32(PTL_RPC_MSG_REQUEST);
	rpc_body(m)->pb_opc = cpu_to_le32(fmt->opc);
	rpc_body(m)->pb_version = cpu_to_le32(rpc_opc_version(fmt->opc) | PTLRPC_MSG_VERSION);
}

static void sizes(struct kunit *test)
{
	static const u32 header[] = { 40, 40, 48, 48, 56, 56, 64, 64, 72, 72, 80, 80 };
	static const struct {
		u32 n, len[6], size;
	} v[] = {
		{ 1, { 184 }, 224 },
		{ 2, { 184, 216 }, 440 },
		{ 3, { 184, 4, 24 }, 264 },
		{ 2, { 184, 24 }, 248 },
		{ 2, { 184, 192 }, 416 },
		{ 2, { 184, 320 }, 544 },
		{ 6, { 184, 39, 39, 8, 192, 0 }, 520 },
		{ 1, { 152 }, 192 },
		{ 2, { 184, 4096 }, 4320 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(header); i++)
		KUNIT_EXPECT_EQ(test, header[i], msg_header_size(i + 1));
	for (i = 0; i < ARRAY_SIZE(v); i++)
		KUNIT_EXPECT_EQ(test, v[i].size, rpc_msg_size(v[i].n, v[i].len));
}

/* A ping of check 3, in @buf. */
static void make_ping(struct kunit *test, struct rpc_msg *m, struct rpc_buf *buf)
{
	struct ptlrpc_body *body;

	rpc_msg_init(m, RQF_OBD_PING.req, RQF_OBD_PING.nr_req);
	pack(test, &RQF_OBD_PING, m, buf);
	m->msg->lm_repsize = cpu_to_le32(224);
	m->msg->lm_flags = cpu_to_le32(3);
	body = rpc_body(m);
	body->pb_handle.cookie = cpu_to_le64(0x1122334455667788ULL);
	body->pb_conn_cnt = cpu_to_le32(2);
	body->pb_timeout = cpu_to_le32(17);
	body->pb_status = cpu_to_le32(1234);
}

static void ping(struct kunit *test)
{
	static const u8 begin[] = {
		0x01, 0, 0, 0, 0, 0, 0, 0, 0xd3, 0x0b, 0xd0, 0x0b, 0xe0, 0, 0, 0,
		0, 0, 0, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0, 0, 0,
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x67, 0x12, 0, 0, 0x03, 0, 0x01, 0,
		0x90, 0x01, 0, 0, 0xd2, 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct rpc_buf buf;
	struct rpc_msg m;

	make_ping(test, &m, &buf);
	KUNIT_EXPECT_EQ(test, 224, m.len);
	KUNIT_EXPECT_EQ(test, 0, memcmp(begin, buf.data, sizeof(begin)));
	KUNIT_EXPECT_EQ(test, 0x7e28d192, zlib_crc(buf.data, m.len));
	rpc_buf_free(&buf);
}

static void connect(struct kunit *test)
{
	static const u8 begin[] = {
		0x06, 0, 0, 0, 0, 0, 0, 0, 0xd3, 0x0b, 0xd0, 0x0b, 0x20, 0x02, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xb8, 0, 0, 0, 0x27, 0, 0, 0, 0x27, 0, 0, 0, 0x08, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0,
	};
	struct obd_connect_data *ocd;
	struct lustre_handle *conn;
	struct ptlrpc_body *body;
	struct rpc_buf buf;
	struct rpc_msg m;

	rpc_msg_init(&m, RQF_MDS_CONNECT.req, RQF_MDS_CONNECT.nr_req);
	rpc_set_size(&m, RF_CONNECT_DATA, sizeof(*ocd));
	rpc_set_size(&m, RF_SELINUX, 0);
	pack(test, &RQF_MDS_CONNECT, &m, &buf);
	m.msg->lm_repsize = cpu_to_le32(544);
	body = rpc_body(&m);
	body->pb_op_flags = cpu_to_le32(MSG_CONNECT_INITIAL);
	body->pb_conn_cnt = cpu_to_le32(1);
	body->pb_timeout = cpu_to_le32(5);
	body->pb_service_time = cpu_to_le32(4);
	strscpy(rpc_field(&m, RF_TGTUUID), "lustre-MDT0000_UUID", 39);
	strscpy(rpc_field(&m, RF_CLUUID), "01234567-89ab-cdef-0123-456789abcdef", 39);
	conn = rpc_field(&m, RF_CONN);
	conn->cookie = cpu_to_le64(0x0123456789abcdefULL);
	ocd = rpc_field(&m, RF_CONNECT_DATA);
	ocd->ocd_connect_flags = cpu_to_le64(0xae7e5e7be374d2b8ULL);
	ocd->ocd_connect_flags2 = cpu_to_le64(0x0c1effbd);
	ocd->ocd_version = cpu_to_le32(0x020F0800);
	ocd->ocd_grant = cpu_to_le32(0x08000000);
	ocd->ocd_brw_size = cpu_to_le32(0x100000);
	ocd->ocd_ibits_known = cpu_to_le64(0x7f);
	ocd->ocd_grant_blkbits = 12;
	ocd->ocd_cksum_types = cpu_to_le32(0xf7);

	KUNIT_EXPECT_EQ(test, 520, m.len);
	KUNIT_EXPECT_EQ(test, 56, (void *)body - buf.data);
	KUNIT_EXPECT_EQ(test, 240, rpc_field(&m, RF_TGTUUID) - buf.data);
	KUNIT_EXPECT_EQ(test, 280, rpc_field(&m, RF_CLUUID) - buf.data);
	KUNIT_EXPECT_EQ(test, 320, (void *)conn - buf.data);
	KUNIT_EXPECT_EQ(test, 328, (void *)ocd - buf.data);
	KUNIT_EXPECT_EQ(test, 0, memcmp(begin, buf.data, sizeof(begin)));
	KUNIT_EXPECT_EQ(test, 0xc0ea8417, zlib_crc(ocd, sizeof(*ocd)));
	KUNIT_EXPECT_EQ(test, 0x675ef384, zlib_crc(buf.data, m.len));
	KUNIT_EXPECT_STREQ(test, "lustre-MDT0000_UUID", rpc_string(&m, RF_TGTUUID));
	rpc_buf_free(&buf);
}

static void seq_query(struct kunit *test)
{
	struct ptlrpc_body *body;
	struct rpc_buf buf;
	struct rpc_msg m;
	__le32 *opc;

	rpc_msg_init(&m, RQF_SEQ_QUERY.req, RQF_SEQ_QUERY.nr_req);
	pack(test, &RQF_SEQ_QUERY, &m, &buf);
	m.msg->lm_repsize = cpu_to_le32(248);
	m.msg->lm_flags = cpu_to_le32(3);
	body = rpc_body(&m);
	body->pb_handle.cookie = cpu_to_le64(0x1111222233334444ULL);
	body->pb_conn_cnt = cpu_to_le32(1);
	body->pb_timeout = cpu_to_le32(6);
	opc = rpc_field(&m, RF_SEQ_OPC);
	*opc = cpu_to_le32(SEQ_ALLOC_META);
	KUNIT_EXPECT_EQ(test, 264, m.len);
	KUNIT_EXPECT_EQ(test, 0x6f17082d, zlib_crc(buf.data, m.len));
	rpc_buf_free(&buf);
}

static void malformed(struct kunit *test)
{
	struct lustre_msg_v2 *msg;
	struct rpc_buf buf;
	struct rpc_msg m, r;

	make_ping(test, &m, &buf);
	msg = m.msg;
	rpc_msg_init(&r, RQF_OBD_PING.req, RQF_OBD_PING.nr_req);
	KUNIT_EXPECT_EQ(test, 0, rpc_msg_parse(&r, msg, 224));
	KUNIT_EXPECT_EQ(test, 0, rpc_msg_parse(&r, msg, 230));
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 223));
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 11));
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 0));
	msg->lm_bufcount = 0;
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_bufcount = cpu_to_le32(33);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_bufcount = cpu_to_le32(1);
	msg->lm_buflens[0] = cpu_to_le32(1024001);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_buflens[0] = cpu_to_le32(151);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_buflens[0] = cpu_to_le32(152);
	KUNIT_EXPECT_EQ(test, 0, rpc_msg_parse(&r, msg, 192));
	msg->lm_buflens[0] = cpu_to_le32(184);
	msg->lm_magic = cpu_to_le32(LUSTRE_MSG_MAGIC_V1);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_magic = cpu_to_le32(LUSTRE_MSG_MAGIC_V2_SWABBED);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	msg->lm_magic = cpu_to_le32(LUSTRE_MSG_MAGIC_V2);
	rpc_body(&m)->pb_version = cpu_to_le32(0x00010002);
	KUNIT_EXPECT_NE(test, 0, rpc_msg_parse(&r, msg, 224));
	rpc_buf_free(&buf);
}

static void strings(struct kunit *test)
{
	static const struct {
		char text[8];
		u32 len;
		bool ok;
	} v[] = {
		{ "abc", 4, true }, { "abc", 5, false }, { "abc", 3, false }, { "", 1, true },
		{ "ab\0c", 5, false }, { "", 0, false },
	};
	struct rpc_buf buf;
	struct rpc_msg m, r;
	int i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		rpc_msg_init(&m, RQF_MDS_GETATTR_NAME.req, RQF_MDS_GETATTR_NAME.nr_req);
		rpc_set_size(&m, RF_NAME, v[i].len);
		pack(test, &RQF_MDS_GETATTR_NAME, &m, &buf);
		if (v[i].len)
			memcpy(rpc_field(&m, RF_NAME), v[i].text, v[i].len);
		rpc_msg_init(&r, RQF_MDS_GETATTR_NAME.req, RQF_MDS_GETATTR_NAME.nr_req);
		KUNIT_ASSERT_EQ(test, 0, rpc_msg_parse(&r, buf.data, m.len));
		KUNIT_EXPECT_EQ(test, v[i].ok, !!rpc_string(&r, RF_NAME));
		KUNIT_EXPECT_EQ(test, v[i].ok, !!rpc_field(&r, RF_NAME));
		rpc_buf_free(&buf);
	}
}

static void shrink(struct kunit *test)
{
	struct rpc_buf buf;
	struct rpc_msg m;
	u8 *lvb;

	rpc_msg_init(&m, RQF_INTENT_GETXATTR.rep, RQF_INTENT_GETXATTR.nr_rep);
	rpc_set_size(&m, RF_EADATA, 1000);
	rpc_set_size(&m, RF_EAVALS, 21);
	memset(&buf, 0, sizeof(buf));
	KUNIT_ASSERT_EQ(test, 0, rpc_msg_pack(&m, &buf, true, GFP_KERNEL));
	memset(rpc_field(&m, RF_EADATA), 0xaa, 1000);
	memset(rpc_field(&m, RF_EAVALS), 0xbb, 21);
	rpc_shrink(&m, RF_EADATA, 13);
	KUNIT_EXPECT_EQ(test, 13, rpc_field_size(&m, RF_EADATA));
	KUNIT_EXPECT_EQ(test, 21, rpc_field_size(&m, RF_EAVALS));
	lvb = rpc_field(&m, RF_EAVALS);
	KUNIT_EXPECT_EQ(test, 0xbb, lvb[0]);
	KUNIT_EXPECT_EQ(test, 0xbb, lvb[20]);
	KUNIT_EXPECT_EQ(test, (int)m.len, rpc_msg_check(m.msg, m.len));
	KUNIT_EXPECT_NE(test, (int)m.len, rpc_msg_check(m.msg, m.len - 1));
	rpc_buf_free(&buf);
}

/* What every format packs is a good message, and all its mandatory fields are there. */
static void formats(struct kunit *test)
{
	struct rpc_buf buf;
	struct rpc_msg m, r;
	unsigned int i, j;

	for (i = 0; i < rpc_nr_formats; i++) {
		const struct rpc_format *fmt = rpc_formats[i];

		rpc_msg_init(&m, fmt->req, fmt->nr_req);
		for (j = 1; j < fmt->nr_req; j++)
			if (rpc_fields[RF_ID(fmt->req[j])].flags & RFF_VAR)
				rpc_set_size(&m, RF_ID(fmt->req[j]),
					     rpc_fields[RF_ID(fmt->req[j])].size ?: 8);
		pack(test, fmt, &m, &buf);
		rpc_msg_init(&r, fmt->req, fmt->nr_req);
		KUNIT_EXPECT_EQ_MSG(test, 0, rpc_msg_parse(&r, buf.data, m.len), "%s", fmt->name);
		KUNIT_EXPECT_EQ_MSG(test, 0, rpc_msg_mandatory(&r, fmt->nr_min), "%s", fmt->name);
		rpc_buf_free(&buf);
	}
}

static void early_reply(struct kunit *test)
{
	struct ptlrpc_body *body = kunit_kzalloc(test, sizeof(*body), GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, 0xafe3b049, rpc_early_cksum(body, 184));
	KUNIT_EXPECT_EQ(test, 0x340bc6d9, rpc_early_cksum("123456789", 9));
	body->pb_type = cpu_to_le32(4713);
	body->pb_version = cpu_to_le32(3);
	body->pb_opc = cpu_to_le32(36);
	body->pb_timeout = cpu_to_le32(35);
	body->pb_service_time = cpu_to_le32(30);
	KUNIT_EXPECT_EQ(test, 0x897328bc, rpc_early_cksum(body, 184));
}

static void xids(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0x6553f10000000ULL, rpc_first_xid(1700000000, 0));
	KUNIT_EXPECT_EQ(test, 1ULL << 61, rpc_first_xid(0, 0));
	KUNIT_EXPECT_EQ(test, 0ULL, rpc_first_xid(0, ~0ULL) & 63);
}

static void bulk_windows(struct kunit *test)
{
	unsigned int count;
	u64 base;

	rpc_bulk_window(0x1003, 4, &base, &count);
	KUNIT_EXPECT_EQ(test, 0x1000ULL, base);
	KUNIT_EXPECT_EQ(test, 4, count);
	rpc_bulk_window(0x1000, 4, &base, &count);
	KUNIT_EXPECT_EQ(test, 1, count);
	rpc_bulk_window(0x1005, 1, &base, &count);
	KUNIT_EXPECT_EQ(test, 0x1005ULL, base);
	KUNIT_EXPECT_EQ(test, 1, count);
}

/* Both sides must cut at the same bytes, however the memory lies. */
static void bulk_cuts(struct kunit *test)
{
	struct bio_vec *bv = kunit_kcalloc(test, 1024, sizeof(*bv), GFP_KERNEL);
	struct page *page = virt_to_page(bv);
	struct rpc_bulk_set *set;
	struct rpc_bulk b = { .bvec = bv };
	int i;

	for (i = 0; i < 1024; i++)
		bv[i] = (struct bio_vec){ page, PAGE_SIZE, 0 };
	b.nr = 1024;
	b.len = 4 << 20;
	KUNIT_EXPECT_EQ(test, 4, rpc_bulk_count_md(&b));
	b.len = (1 << 20) + 1;
	KUNIT_EXPECT_EQ(test, 2, rpc_bulk_count_md(&b));
	b.len = 0;
	KUNIT_EXPECT_EQ(test, 1, rpc_bulk_count_md(&b));
	/* the first page begins late: 256 fragments are less than 1 MiB */
	bv[0].bv_offset = 100;
	bv[0].bv_len = PAGE_SIZE - 100;
	set = rpc_bulk_split(bv, 257, (1 << 20) - 100 + PAGE_SIZE, 4, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, 2, set->nr);
	KUNIT_EXPECT_EQ(test, (1 << 20) - 100, set->md[0].md.length);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, set->md[1].md.length);
	rpc_bulk_set_free(set);
	/* one fragment of several pages is cut as if it were single pages */
	bv[0] = (struct bio_vec){ page, 3 << 20, 0 };
	set = rpc_bulk_split(bv, 1, 3 << 20, 4, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, 3, set->nr);
	KUNIT_EXPECT_EQ(test, 1 << 20, set->md[1].md.length);
	KUNIT_EXPECT_EQ(test, 1 << 20, set->md[1].md.bvec[0].bv_offset);
	KUNIT_EXPECT_EQ(test, 1, set->md[1].md.nr_bvec);
	rpc_bulk_set_free(set);
	KUNIT_EXPECT_TRUE(test, IS_ERR(rpc_bulk_split(bv, 1, 3 << 20, 2, GFP_KERNEL)));
}

static void timeouts(struct kunit *test)
{
	static const u32 est[][2] = { { 1, 6 }, { 5, 11 }, { 10, 17 }, { 17, 26 }, { 30, 42 },
				      { 100, 130 } };
	static const u32 back[][2] = { { 5, 1 }, { 10, 4 }, { 11, 4 }, { 17, 9 }, { 30, 20 },
				       { 100, 76 } };
	struct rpc_at at;
	int i;

	for (i = 0; i < ARRAY_SIZE(est); i++)
		KUNIT_EXPECT_EQ(test, est[i][1], rpc_at_est2timeout(est[i][0]));
	for (i = 0; i < ARRAY_SIZE(back); i++)
		KUNIT_EXPECT_EQ(test, back[i][1], rpc_at_timeout2est(back[i][0]));
	rpc_at_init(&at, 5);
	KUNIT_EXPECT_EQ(test, 5, rpc_at_estimate(&at));
	rpc_at_sample(&at, 30);
	rpc_at_sample(&at, 3);
	KUNIT_EXPECT_EQ(test, 30, rpc_at_estimate(&at));
	rpc_at_sample(&at, 100000);
	KUNIT_EXPECT_EQ(test, 600, rpc_at_estimate(&at));
	at.start -= 450;	/* three bins later it still counts, a fourth later not */
	KUNIT_EXPECT_EQ(test, 600, rpc_at_estimate(&at));
	rpc_at_sample(&at, 7);
	at.start -= 150;
	KUNIT_EXPECT_EQ(test, 7, rpc_at_estimate(&at));
}

static void errors(struct kunit *test)
{
	static const int same[] = { 0, 5, 301, -1, -524, -521, -528, -115, -107 };
	/* also what tells the VFS to wait, or to call again */
	static const int eio[] = { -41, -58, -132, -511, -600, INT_MIN, -512, -513, -516, -529, -521, -528 };
	int i;

	for (i = 0; i < ARRAY_SIZE(same); i++)
		KUNIT_EXPECT_EQ(test, same[i], rpc_status_to_wire(same[i]));
	for (i = 0; i < ARRAY_SIZE(eio); i++)
		KUNIT_EXPECT_EQ(test, -EIO, rpc_status_from_wire(eio[i]));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, rpc_status_from_wire(-ENOTSUPP));
	KUNIT_EXPECT_EQ(test, 301, rpc_status_from_wire(301));
}

static void fids(struct kunit *test)
{
	static const struct {
		struct lu_fid fid;
		u64 ino;
	} inos[] = {
		{ { 0x200000007ULL, 1 }, 144115188193296385ULL },
		{ { 0x200000400ULL, 1 }, 144115205255725057ULL },
		{ { 0x240000400ULL, 7 }, 162129603765207047ULL },
		{ { 25001, 1077 }, 25001 },
	};
	static const struct {
		struct lu_fid fid;
		int sane;
	} sane[] = {
		{ { 0x200000007ULL, 1, 0 }, 1 }, { { 0x200000400ULL, 1, 1 }, 0 },
		{ { 0, 1, 0 }, 0 }, { { 11, 1, 0 }, 1 }, { { 12, 1, 0 }, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(inos); i++)
		KUNIT_EXPECT_EQ(test, inos[i].ino, fid_to_ino(&inos[i].fid));
	for (i = 0; i < ARRAY_SIZE(sane); i++)
		KUNIT_EXPECT_EQ(test, sane[i].sane, !!fid_is_sane(&sane[i].fid));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sizes),
	KUNIT_CASE(ping),
	KUNIT_CASE(connect),
	KUNIT_CASE(seq_query),
	KUNIT_CASE(malformed),
	KUNIT_CASE(strings),
	KUNIT_CASE(shrink),
	KUNIT_CASE(formats),
	KUNIT_CASE(early_reply),
	KUNIT_CASE(xids),
	KUNIT_CASE(bulk_windows),
	KUNIT_CASE(bulk_cuts),
	KUNIT_CASE(timeouts),
	KUNIT_CASE(errors),
	KUNIT_CASE(fids),
	{}
};

static struct kunit_suite suite = {
	.name		= "rpc_message",
	.test_cases	= cases,
};
kunit_test_suite(suite);

MODULE_DESCRIPTION("Tests of RPC messages");
MODULE_LICENSE("GPL");
