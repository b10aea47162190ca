// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes and texts of LNet against the vectors of chapter 01, section 14. What needs
 * a network is in lnet_match.c.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "lnet/core/core.h"

/* What is compiled here once more must not be exported twice. */
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym)

/* The files under test are compiled here; these stand for what they need of others. */
unsigned int lnet_param_discovery_disabled;
LIST_HEAD(lnet_nis);
u32 lnet_ni_seq(void)
{
	return 1;
}

int lnet_ni_add(u32 net, const char *ifname, const struct lnet_tunables *tun, struct net *netns)
{
	return -EOPNOTSUPP;
}

#include "lnet/core/nid.c"
#include "lnet/core/ping.c"
#include "lnet/core/config.c"

#include "lnet/socklnd/socklnd.h"
LIST_HEAD(ksock_nis);
DEFINE_SPINLOCK(ksock_nis_lock);

#include "lnet/socklnd/hello.c"
#include "lnet/socklnd/netdev.c"

#define NID_A 0x000200000a090001ULL	/* 10.9.0.1@tcp */
#define NID_B 0x000200000a090002ULL	/* 10.9.0.2@tcp */

static void nid_from_text(struct kunit *test)
{
	static const struct {
		const char *text;
		lnet_nid_t nid;
	} good[] = {
		{ "10.9.0.2@tcp", NID_B },
		{ "10.9.0.2@tcp0", NID_B },
		{ "10.9.0.2", NID_B },
		{ "10.1.2.3@tcp1", 0x000200010a010203ULL },
		{ "192.168.7.9@o2ib4", 0x00050004c0a80709ULL },
		{ "0@lo", 0x0009000000000000ULL },
		{ "17@kfi2", 0x0010000200000011ULL },
		{ "0x1f@gni", 0x000d00000000001fULL },
	};
	static const char *const bad[] = {
		"", "@tcp", "10.9.0@tcp", "10.9.0.256@tcp", "10.9.0.2@tcp70000", "0@lo1", "1@lo",
		"10.9.0.2@nonet", "10.9.0.2@", "10.9.0.2@tcp1x", "10.9.0.2 @tcp", "x@tcp",
		"10.9.0.2@tcp-1",
	};
	lnet_nid_t nid;
	int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_EXPECT_EQ_MSG(test, lnet_nid_parse(good[i].text, &nid), 0, "%s",
				    good[i].text);
		KUNIT_EXPECT_EQ_MSG(test, nid, good[i].nid, "%s", good[i].text);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, lnet_nid_parse(bad[i], &nid), -EINVAL, "%s", bad[i]);
}

static void nid_to_text(struct kunit *test)
{
	char buf[LNET_NIDSTR_SIZE];

	KUNIT_EXPECT_STREQ(test, lnet_nid_str(NID_B, buf), "10.9.0.2@tcp");
	KUNIT_EXPECT_STREQ(test, lnet_nid_str(0x000200010a010203ULL, buf), "10.1.2.3@tcp1");
	KUNIT_EXPECT_STREQ(test, lnet_nid_str(0x0009000000000000ULL, buf), "0@lo");
	KUNIT_EXPECT_STREQ(test, lnet_nid_str(0x0010000200000011ULL, buf), "17@kfi2");
	KUNIT_EXPECT_STREQ(test, lnet_nid_str(LNET_NID_ANY, buf), "<?>");
	KUNIT_EXPECT_STREQ(test, lnet_nid_str(0x00630005000000ffULL, buf), "ff@<99:5>");
}

static void address_patterns(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, address_matches("10.1.2.[3-5]", 0x0a010204));
	KUNIT_EXPECT_FALSE(test, address_matches("10.1.2.[3-5]", 0x0a010206));
	KUNIT_EXPECT_TRUE(test, address_matches("10.1.2.[0-10/5]", 0x0a01020a));
	KUNIT_EXPECT_FALSE(test, address_matches("10.1.2.[0-10/5]", 0x0a010204));
	KUNIT_EXPECT_TRUE(test, address_matches("*.1.[1,2].*", 0x0a0102ff));
	KUNIT_EXPECT_FALSE(test, address_matches("10.1.2", 0x0a010203));
	KUNIT_EXPECT_FALSE(test, address_matches("10.1.2.3.4", 0x0a010203));
}

static void ping_get_header(struct kunit *test)
{
	static const u8 bytes[] = {
		0x02, 0x00, 0x09, 0x0a, 0x00, 0x00, 0x02, 0x00, 0x01, 0x00, 0x09, 0x0a, 0x00, 0x00,
		0x02, 0x00, 0x39, 0x30, 0x00, 0x00, 0x39, 0x30, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x05, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x01, 0x00, 0x00,
	};
	struct lnet_wire_hdr hdr = {
		.dest_nid = cpu_to_le64(NID_B),
		.src_nid = cpu_to_le64(NID_A),
		.dest_pid = cpu_to_le32(LNET_PID_LUSTRE),
		.src_pid = cpu_to_le32(LNET_PID_LUSTRE),
		.type = cpu_to_le32(LNET_MSG_GET),
		.msg.get.return_wmd.wh_interface = cpu_to_le64(0x1122334455667788ULL),
		.msg.get.return_wmd.wh_object = cpu_to_le64(5),
		.msg.get.match_bits = cpu_to_le64(LNET_PING_MATCHBITS),
		.msg.get.sink_length = cpu_to_le32(LNET_PING_INFO_SIZE(16)),
	};

	KUNIT_EXPECT_MEMEQ(test, &hdr, bytes, sizeof(bytes));
}

static void acceptor_request(struct kunit *test)
{
	static const u8 bytes[] = {
		0x00, 0x71, 0xce, 0xac, 0x01, 0x00, 0x00, 0x00,
		0x02, 0x00, 0x09, 0x0a, 0x00, 0x00, 0x02, 0x00,
	};
	const struct lnet_wire_acceptor acr = {
		.acr_magic = cpu_to_le32(LNET_ACCEPTOR_MAGIC),
		.acr_version = cpu_to_le32(LNET_ACCEPTOR_VERSION),
		.acr_nid = cpu_to_le64(NID_B),
	};

	KUNIT_EXPECT_MEMEQ(test, &acr, bytes, sizeof(bytes));
}

static void hello_bytes(struct kunit *test)
{
	static const u8 bytes[] = {
		0x63, 0x69, 0x72, 0x45, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x09, 0x0a, 0x00, 0x00,
		0x02, 0x00, 0x02, 0x00, 0x09, 0x0a, 0x00, 0x00, 0x02, 0x00, 0x39, 0x30, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x06, 0xf5, 0xe4, 0xd3, 0xc2, 0xb1, 0xa3, 0x17, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	struct ksock_hello hello = {};
	struct ksock_wire_hello wire;

	ksock_hello_encode(&wire, NID_A, NID_B, 0x17a3b1c2d3e4f506ULL, KSOCK_CONN_CONTROL);
	KUNIT_ASSERT_EQ(test, sizeof(wire), sizeof(bytes));
	KUNIT_EXPECT_MEMEQ(test, &wire, bytes, sizeof(bytes));

	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), 0);
	KUNIT_EXPECT_EQ(test, hello.src_nid, NID_A);
	KUNIT_EXPECT_EQ(test, hello.dst_nid, NID_B);
	KUNIT_EXPECT_EQ(test, hello.src_pid, LNET_PID_LUSTRE);
	KUNIT_EXPECT_EQ(test, hello.incarnation, 0x17a3b1c2d3e4f506ULL);
	KUNIT_EXPECT_EQ(test, hello.ctype, KSOCK_CONN_CONTROL);
}

static void hello_refused(struct kunit *test)
{
	struct ksock_hello hello;
	struct ksock_wire_hello wire;

	ksock_hello_encode(&wire, NID_A, NID_B, 1, KSOCK_CONN_NONE);
	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), 0);
	KUNIT_EXPECT_EQ(test, hello.ctype, KSOCK_CONN_NONE);
	wire.kshm_nips = cpu_to_le32(2);
	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), 2);
	wire.kshm_nips = cpu_to_le32(17);
	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), -EPROTO);
	wire.kshm_version = cpu_to_le32(4);
	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, hello.version, 4);
	wire.kshm_magic = cpu_to_le32(swab32(LNET_PROTO_MAGIC));
	KUNIT_EXPECT_EQ(test, ksock_hello_decode(&wire, &hello), -EPROTO);
}

static void connection_types_invert(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ksock_inverse(1), 1);
	KUNIT_EXPECT_EQ(test, ksock_inverse(2), 3);
	KUNIT_EXPECT_EQ(test, ksock_inverse(3), 2);
	KUNIT_EXPECT_EQ(test, ksock_inverse(0), 0);
	KUNIT_EXPECT_EQ(test, ksock_inverse(4), KSOCK_CONN_NONE);
	KUNIT_EXPECT_EQ(test, ksock_inverse(-1), KSOCK_CONN_NONE);
}

static void connections_of_speed(struct kunit *test)
{
	static const u32 vectors[][2] = {
		{ 100, 1 }, { 1000, 1 }, { 10000, 2 }, { 25000, 3 }, { 40000, 3 }, { 50000, 3 },
		{ 100000, 4 }, { 200000, 4 }, { 400000, 5 }, { SPEED_UNKNOWN, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(vectors); i++)
		KUNIT_EXPECT_EQ_MSG(test, ksock_conns_of_speed(vectors[i][0]), vectors[i][1],
				    "%d Mb/s", vectors[i][0]);
}

/* Ping data of 10.9.0.2@tcp, as it would be sent */
static size_t ping_data(struct kunit *test, struct lnet_wire_ping_info **pi)
{
	struct lnet_ni *lo = kunit_kzalloc(test, sizeof(*lo), GFP_KERNEL);
	struct lnet_ni *ni = kunit_kzalloc(test, sizeof(*ni), GFP_KERNEL);
	size_t size;

	*pi = kunit_kzalloc(test, LNET_PING_INFO_SIZE(16), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, lo && ni && *pi);
	lo->nid = LNET_NID_LO;
	ni->nid = NID_B;
	list_add_tail(&lo->link, &lnet_nis);
	list_add_tail(&ni->link, &lnet_nis);
	size = lnet_ping_info(*pi, 16);
	INIT_LIST_HEAD(&lnet_nis);
	return size;
}

static void ping_bytes(struct kunit *test)
{
	static const u8 bytes[] = {
		0x67, 0x6e, 0x69, 0x70, 0x1e, 0x00, 0x00, 0x00, 0x39, 0x30, 0x00, 0x00, 0x02, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x00, 0x01, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x09, 0x0a, 0x00, 0x00, 0x02, 0x00, 0xde, 0xc0,
		0xaa, 0x15, 0x00, 0x00, 0x00, 0x00,
	};
	struct lnet_wire_ping_info *pi;

	KUNIT_ASSERT_EQ(test, ping_data(test, &pi), sizeof(bytes));
	KUNIT_EXPECT_MEMEQ(test, pi, bytes, sizeof(bytes));
}

static void ping_checked(struct kunit *test)
{
	struct lnet_wire_ping_info *pi;
	size_t size = ping_data(test, &pi);

	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), 0);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, 32), 0);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, 31), -EPROTO);

	pi->pi_features |= cpu_to_le32(LNET_PING_FEAT_LARGE_ADDR);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), 0);
	pi->pi_features = cpu_to_le32(LNET_PING_FEAT_MULTI_RAIL);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), -EPROTO);

	ping_data(test, &pi);
	pi->pi_nnis = 0;
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), -EPROTO);
	pi->pi_nnis = cpu_to_le32(0xffffffff);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), -EPROTO);

	ping_data(test, &pi);
	pi->pi_ni[0].ns_nid = cpu_to_le64(NID_A);
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), -EPROTO);

	ping_data(test, &pi);
	pi->pi_magic = cpu_to_le32(swab32(LNET_PING_MAGIC));
	KUNIT_EXPECT_EQ(test, lnet_ping_check(pi, size), -EPROTO);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nid_from_text),
	KUNIT_CASE(nid_to_text),
	KUNIT_CASE(address_patterns),
	KUNIT_CASE(ping_get_header),
	KUNIT_CASE(acceptor_request),
	KUNIT_CASE(hello_bytes),
	KUNIT_CASE(hello_refused),
	KUNIT_CASE(connection_types_invert),
	KUNIT_CASE(connections_of_speed),
	KUNIT_CASE(ping_bytes),
	KUNIT_CASE(ping_checked),
	{}
};

static struct kunit_suite suite = {
	.name = "lnet_wire",
	.test_cases = cases,
};
kunit_test_suite(suite);
MODULE_DESCRIPTION("Tests of LNet's bytes and texts");
MODULE_LICENSE("GPL");
