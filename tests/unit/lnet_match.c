// SPDX-License-Identifier: GPL-2.0
/*
 * Memory descriptors as their users see them, by messages of a node to itself
 * (chapter 01, section 4 and checks 23 to 26).
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "lnet/lnet.h"

#define PORTAL	57
#define LAZY	58
#define BITS	0x1234567890abcdefULL
#define MAX_EV	16

/* A descriptor over plain memory that keeps its events */
struct box {
	struct lnet_md		md;
	struct bio_vec		bv;
	u8			*mem;
	struct lnet_event	ev[MAX_EV];
	int			nr;
	struct completion	unlinked;
};

static lnet_nid_t self;

static void box_event(const struct lnet_event *ev)
{
	struct box *b = container_of(ev->md, struct box, md);

	if (b->nr < MAX_EV)
		b->ev[b->nr] = *ev;
	b->nr++;
	if (ev->unlinked)
		complete(&b->unlinked);
}

static struct box *box_new(struct kunit *test, u32 len, unsigned int options, int threshold)
{
	struct box *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->mem = kunit_kzalloc(test, max(len, 1U), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b->mem);
	bvec_set_virt(&b->bv, b->mem, len);
	b->md.bvec = &b->bv;
	b->md.nr_bvec = 1;
	b->md.length = len;
	b->md.threshold = threshold;
	b->md.options = options;
	b->md.event = box_event;
	init_completion(&b->unlinked);
	return b;
}

static struct box *attached(struct kunit *test, u32 len, unsigned int options, int threshold,
			    u32 max_size)
{
	struct box *b = box_new(test, len, options, threshold);

	b->md.max_size = max_size;
	KUNIT_ASSERT_EQ(test, lnet_md_attach(&b->md, PORTAL, LNET_NID_ANY, BITS, 0), 0);
	return b;
}

/* Send @len bytes that count up from @first to ourselves */
static struct box *put(struct kunit *test, u32 portal, u64 bits, u32 len, u8 first, u32 offset,
		       bool ack)
{
	struct box *b = box_new(test, len, 0, ack ? 2 : 1);
	u32 i;

	for (i = 0; i < len; i++)
		b->mem[i] = first + i;
	KUNIT_ASSERT_EQ(test, lnet_put_md(&b->md, LNET_NID_ANY, self, portal, bits, offset,
					  0xfeedULL, ack), 0);
	return b;
}

static void finish(struct kunit *test, struct box *b)
{
	lnet_md_unlink(&b->md);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&b->unlinked, 10 * HZ));
}

static void expect_ack(struct kunit *test, struct box *b, u32 mlength)
{
	int i, acks = 0;

	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&b->unlinked, 10 * HZ));
	KUNIT_EXPECT_EQ(test, b->nr, 2);
	for (i = 0; i < b->nr; i++) {
		KUNIT_EXPECT_EQ(test, b->ev[i].status, 0);
		if (b->ev[i].type == LNET_EVENT_ACK) {
			KUNIT_EXPECT_EQ(test, b->ev[i].mlength, mlength);
			acks++;
		}
	}
	KUNIT_EXPECT_EQ(test, acks, 1);
}

static void put_arrives_with_its_event(struct kunit *test)
{
	struct box *sink = attached(test, 100, LNET_MD_OP_PUT, 1, 0);
	struct box *src = put(test, PORTAL, BITS, 100, 7, 0, true);
	const struct lnet_event *ev = &sink->ev[0];

	expect_ack(test, src, 100);
	KUNIT_ASSERT_EQ(test, sink->nr, 1);
	KUNIT_EXPECT_EQ(test, ev->type, LNET_EVENT_PUT);
	KUNIT_EXPECT_EQ(test, ev->status, 0);
	KUNIT_EXPECT_EQ(test, ev->match_bits, BITS);
	KUNIT_EXPECT_EQ(test, ev->hdr_data, 0xfeedULL);
	KUNIT_EXPECT_EQ(test, ev->portal, PORTAL);
	KUNIT_EXPECT_EQ(test, ev->peer, self);
	KUNIT_EXPECT_EQ(test, ev->self, self);
	KUNIT_EXPECT_EQ(test, ev->offset, 0);
	KUNIT_EXPECT_EQ(test, ev->rlength, 100);
	KUNIT_EXPECT_EQ(test, ev->mlength, 100);
	KUNIT_EXPECT_TRUE(test, ev->unlinked);
	KUNIT_EXPECT_MEMEQ(test, sink->mem, src->mem, 100);
}

static void longer_data_is_cut_when_allowed(struct kunit *test)
{
	struct box *sink = attached(test, 60, LNET_MD_OP_PUT | LNET_MD_TRUNCATE, 1, 0);
	struct box *src = put(test, PORTAL, BITS, 100, 0, 0, true);

	expect_ack(test, src, 60);
	KUNIT_ASSERT_EQ(test, sink->nr, 1);
	KUNIT_EXPECT_EQ(test, sink->ev[0].rlength, 100);
	KUNIT_EXPECT_EQ(test, sink->ev[0].mlength, 60);
}

static void longer_data_is_dropped_otherwise(struct kunit *test)
{
	struct box *sink = attached(test, 60, LNET_MD_OP_PUT, 1, 0);
	struct box *src = put(test, PORTAL, BITS, 100, 0, 0, true);

	KUNIT_EXPECT_EQ(test, src->nr, 1);
	KUNIT_EXPECT_EQ(test, src->ev[0].type, LNET_EVENT_SEND);
	KUNIT_EXPECT_EQ(test, sink->nr, 0);
	finish(test, src);
	finish(test, sink);
	KUNIT_EXPECT_EQ(test, sink->ev[0].type, LNET_EVENT_UNLINK);
}

static void buffer_takes_messages_while_the_largest_fits(struct kunit *test)
{
	struct box *sink = attached(test, 1000, LNET_MD_OP_PUT, LNET_MD_UNLIMITED, 400);

	put(test, PORTAL, BITS, 400, 1, 0, false);
	KUNIT_ASSERT_EQ(test, sink->nr, 1);
	KUNIT_EXPECT_FALSE(test, sink->ev[0].unlinked);
	put(test, PORTAL, BITS, 400, 2, 0, false);
	KUNIT_ASSERT_EQ(test, sink->nr, 2);
	KUNIT_EXPECT_EQ(test, sink->ev[0].offset, 0);
	KUNIT_EXPECT_EQ(test, sink->ev[1].offset, 400);
	KUNIT_EXPECT_TRUE(test, sink->ev[1].unlinked);
	KUNIT_EXPECT_EQ(test, sink->mem[0], 1);
	KUNIT_EXPECT_EQ(test, sink->mem[400], 2);
}

static void threshold_counts_operations(struct kunit *test)
{
	struct box *one = attached(test, 10, LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET, 2, 0);
	struct box *two = attached(test, 10, LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET, 1, 0);
	int i;

	for (i = 0; i < 4; i++)
		put(test, PORTAL, BITS, 10, i, 0, false);
	/* equal bits: in the order of attachment; the fourth found nothing */
	KUNIT_EXPECT_EQ(test, one->nr, 2);
	KUNIT_EXPECT_TRUE(test, one->ev[1].unlinked);
	KUNIT_EXPECT_EQ(test, two->nr, 1);
	KUNIT_EXPECT_TRUE(test, two->ev[0].unlinked);
	KUNIT_EXPECT_EQ(test, two->mem[0], 2);
}

static void wildcards_keep_their_place_in_the_order(struct kunit *test)
{
	struct box *wild = box_new(test, 10, LNET_MD_OP_PUT, 1);
	struct box *exact;

	KUNIT_ASSERT_EQ(test, lnet_md_attach(&wild->md, PORTAL, LNET_NID_ANY, 0, ~0ULL), 0);
	exact = attached(test, 10, LNET_MD_OP_PUT, 1, 0);
	put(test, PORTAL, BITS, 10, 0, 0, false);
	KUNIT_EXPECT_EQ(test, wild->nr, 1);
	KUNIT_EXPECT_EQ(test, exact->nr, 0);
	put(test, PORTAL, BITS, 10, 0, 0, false);
	KUNIT_EXPECT_EQ(test, exact->nr, 1);
}

static void other_bits_peers_and_operations_do_not_match(struct kunit *test)
{
	struct box *get_only = attached(test, 10, LNET_MD_OP_GET, 1, 0);
	struct box *stranger = box_new(test, 10, LNET_MD_OP_PUT, 1);

	KUNIT_ASSERT_EQ(test, lnet_md_attach(&stranger->md, PORTAL,
					     LNET_MKNID(LNET_NID_NET(self), 0x0afefefe), BITS, 0), 0);
	put(test, PORTAL, BITS, 10, 0, 0, false);
	put(test, PORTAL, BITS + 1, 10, 0, 0, false);
	KUNIT_EXPECT_EQ(test, get_only->nr, 0);
	KUNIT_EXPECT_EQ(test, stranger->nr, 0);
	finish(test, get_only);
	finish(test, stranger);
}

static void remote_offset_is_checked(struct kunit *test)
{
	struct box *sink = attached(test, 100, LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET |
				    LNET_MD_TRUNCATE, LNET_MD_UNLIMITED, 0);

	put(test, PORTAL, BITS, 10, 3, 90, false);
	KUNIT_ASSERT_EQ(test, sink->nr, 1);
	KUNIT_EXPECT_EQ(test, sink->ev[0].offset, 90);
	KUNIT_EXPECT_EQ(test, sink->mem[90], 3);
	put(test, PORTAL, BITS, 10, 0, 101, false);
	put(test, PORTAL, BITS, 10, 0, 0xfffffff0, false);
	KUNIT_EXPECT_EQ(test, sink->nr, 1);
	put(test, PORTAL, BITS, 10, 0, 95, false);
	KUNIT_ASSERT_EQ(test, sink->nr, 2);
	KUNIT_EXPECT_EQ(test, sink->ev[1].mlength, 5);
	finish(test, sink);
}

static void no_ack_means_none(struct kunit *test)
{
	struct box *sink = attached(test, 10, LNET_MD_OP_PUT | LNET_MD_NO_ACK, 1, 0);
	struct box *src = put(test, PORTAL, BITS, 10, 0, 0, true);

	KUNIT_EXPECT_EQ(test, sink->nr, 1);
	KUNIT_EXPECT_EQ(test, src->nr, 1);
	finish(test, src);
}

static void get_fetches(struct kunit *test)
{
	struct box *src = attached(test, 200, LNET_MD_OP_GET | LNET_MD_REMOTE_OFFSET, 1, 0);
	struct box *sink = box_new(test, 50, 0, 2);
	int i, replies = 0;

	memset(src->mem, 0x77, 200);
	KUNIT_ASSERT_EQ(test, lnet_get_md(&sink->md, LNET_NID_ANY, self, PORTAL, BITS, 150), 0);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&sink->unlinked, 10 * HZ));
	for (i = 0; i < sink->nr && i < MAX_EV; i++) {
		if (sink->ev[i].type != LNET_EVENT_REPLY)
			continue;
		replies++;
		KUNIT_EXPECT_EQ(test, sink->ev[i].mlength, 50);
	}
	KUNIT_EXPECT_EQ(test, replies, 1);
	KUNIT_ASSERT_EQ(test, src->nr, 1);
	KUNIT_EXPECT_EQ(test, src->ev[0].type, LNET_EVENT_GET);
	KUNIT_EXPECT_EQ(test, src->ev[0].offset, 150);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(sink->mem, 0x77, 50));
}

static void lazy_portal_keeps_a_put(struct kunit *test)
{
	struct box *src, *sink = box_new(test, 100, LNET_MD_OP_PUT, 1);

	lnet_set_lazy_portal(LAZY, true);
	src = put(test, LAZY, BITS, 100, 9, 0, true);
	KUNIT_EXPECT_EQ(test, src->nr, 1);
	KUNIT_ASSERT_EQ(test, lnet_md_attach(&sink->md, LAZY, LNET_NID_ANY, BITS, 0), 0);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&sink->unlinked, 10 * HZ));
	expect_ack(test, src, 100);
	KUNIT_EXPECT_MEMEQ(test, sink->mem, src->mem, 100);

	src = put(test, LAZY, BITS, 10, 0, 0, false);
	lnet_set_lazy_portal(LAZY, false);	/* drops what waits */
	sink = box_new(test, 100, LNET_MD_OP_PUT, 1);
	KUNIT_ASSERT_EQ(test, lnet_md_attach(&sink->md, LAZY, LNET_NID_ANY, BITS, 0), 0);
	finish(test, sink);
	KUNIT_EXPECT_EQ(test, sink->ev[0].type, LNET_EVENT_UNLINK);
}

static void unlinking_an_idle_descriptor_is_immediate(struct kunit *test)
{
	struct box *b = attached(test, 10, LNET_MD_OP_PUT, 1, 0);

	lnet_md_unlink(&b->md);
	KUNIT_ASSERT_EQ(test, b->nr, 1);
	KUNIT_EXPECT_EQ(test, b->ev[0].type, LNET_EVENT_UNLINK);
	KUNIT_EXPECT_TRUE(test, b->ev[0].unlinked);
	lnet_md_unlink(&b->md);
	KUNIT_EXPECT_EQ(test, b->nr, 1);
}

static void nonsense_is_refused(struct kunit *test)
{
	struct box *b = box_new(test, 10, LNET_MD_OP_PUT, 1);

	KUNIT_EXPECT_EQ(test, lnet_md_attach(&b->md, 0, LNET_NID_ANY, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, lnet_md_attach(&b->md, 64, LNET_NID_ANY, 0, 0), -EINVAL);
	b->md.length = 11;	/* more than the memory */
	KUNIT_EXPECT_EQ(test, lnet_md_attach(&b->md, PORTAL, LNET_NID_ANY, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, lnet_put_md(&b->md, LNET_NID_ANY, self, PORTAL, 0, 0, 0, false),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, b->nr, 0);
}

static void unreachable_net_fails_by_event(struct kunit *test)
{
	struct box *b = box_new(test, 10, 0, 2);
	lnet_nid_t nid;

	KUNIT_ASSERT_EQ(test, lnet_nid_parse("10.0.0.1@o2ib7", &nid), 0);
	KUNIT_EXPECT_EQ(test, lnet_distance(nid), -EHOSTUNREACH);
	KUNIT_ASSERT_EQ(test, lnet_put_md(&b->md, LNET_NID_ANY, nid, PORTAL, 0, 0, 0, true), 0);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&b->unlinked, 10 * HZ));
	KUNIT_ASSERT_EQ(test, b->nr, 1);
	KUNIT_EXPECT_EQ(test, b->ev[0].type, LNET_EVENT_SEND);
	KUNIT_EXPECT_EQ(test, b->ev[0].status, -EHOSTUNREACH);
	KUNIT_EXPECT_TRUE(test, b->ev[0].unlinked);
}

static void own_ping_is_cut_to_the_room(struct kunit *test)
{
	struct box *b = box_new(test, 32, LNET_MD_TRUNCATE, 2);
	struct lnet_wire_ping_info *pi = (void *)b->mem;

	KUNIT_ASSERT_EQ(test, lnet_get_md(&b->md, LNET_NID_ANY, LNET_NID_LO, LNET_PORTAL_RESERVED,
					  LNET_PING_MATCHBITS, 0), 0);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&b->unlinked, 10 * HZ));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(pi->pi_magic), LNET_PING_MAGIC);
	KUNIT_EXPECT_GE(test, le32_to_cpu(pi->pi_nnis), 2);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(pi->pi_ni[0].ns_nid), LNET_NID_LO);
}

static int init_suite(struct kunit_suite *suite)
{
	int err = lnet_get();

	if (err)
		return err;
	if (lnet_local_nids(&self, 1) == 1)
		return 0;
	lnet_put();
	return -ENODEV;
}

static void exit_suite(struct kunit_suite *suite)
{
	lnet_put();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(put_arrives_with_its_event),
	KUNIT_CASE(longer_data_is_cut_when_allowed),
	KUNIT_CASE(longer_data_is_dropped_otherwise),
	KUNIT_CASE(buffer_takes_messages_while_the_largest_fits),
	KUNIT_CASE(threshold_counts_operations),
	KUNIT_CASE(wildcards_keep_their_place_in_the_order),
	KUNIT_CASE(other_bits_peers_and_operations_do_not_match),
	KUNIT_CASE(remote_offset_is_checked),
	KUNIT_CASE(no_ack_means_none),
	KUNIT_CASE(get_fetches),
	KUNIT_CASE(lazy_portal_keeps_a_put),
	KUNIT_CASE(unlinking_an_idle_descriptor_is_immediate),
	KUNIT_CASE(nonsense_is_refused),
	KUNIT_CASE(unreachable_net_fails_by_event),
	KUNIT_CASE(own_ping_is_cut_to_the_room),
	{}
};

static struct kunit_suite suite = {
	.name = "lnet_match",
	.suite_init = init_suite,
	.suite_exit = exit_suite,
	.test_cases = cases,
};
kunit_test_suite(suite);
MODULE_DESCRIPTION("Tests of LNet's memory descriptors");
MODULE_LICENSE("GPL");
