// SPDX-License-Identifier: GPL-2.0
/*
 * Moves data over LNet for the tests, and checks every byte of it:
 *   modprobe lnet_traffic                        keep a sink and a source that peers may use
 *   modprobe lnet_traffic peer=10.0.0.1@tcp op=put bytes=1048576 count=100 depth=8
 * The second form moves the data while it loads, fails to load if anything went wrong,
 * and says in the log how fast it was.
 */
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "lnet/lnet.h"

#define PORTAL_SINK	60
#define PORTAL_SOURCE	61
#define PORTAL_LAZY	62
#define MATCH		0x5368656eULL
#define MAX_DEPTH	64

static char *peer = "";
module_param(peer, charp, 0);
static char *op = "put";
module_param(op, charp, 0);
MODULE_PARM_DESC(op, "put, get, or lazy: puts that nobody wants at first");
static unsigned int bytes = LNET_MTU;
module_param(bytes, uint, 0);
static unsigned int count = 1;
module_param(count, uint, 0);
static unsigned int depth = 1;
module_param(depth, uint, 0);
static unsigned int skew;
module_param(skew, uint, 0);
MODULE_PARM_DESC(skew, "offset of the data in its first page");
/* Pages described to LNet */
struct region {
	struct bio_vec	bvec[LNET_MAX_BVEC];
	unsigned int	nr;
	struct lnet_md	md;
	int		status;
	bool		busy;
};

static struct region *regions[MAX_DEPTH];
static lnet_nid_t peer_nid;
static atomic_t to_start, to_end;
static DECLARE_COMPLETION(all_done);
static atomic_t lazy_seen;
static int first_error;

static u8 pattern(u32 i)
{
	return (i * 131) ^ (i >> 8) ^ 0x5a;
}

static void region_free(struct region *r)
{
	unsigned int i;

	for (i = 0; r && i < r->nr; i++)
		__free_page(r->bvec[i].bv_page);
	kvfree(r);
}

static struct region *region_alloc(u32 len, u32 offset)
{
	struct region *r = kvzalloc(sizeof(*r), GFP_KERNEL);

	while (r && len) {
		struct bio_vec *bv = &r->bvec[r->nr];

		if (r->nr == LNET_MAX_BVEC)
			goto fail;
		bv->bv_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!bv->bv_page)
			goto fail;
		bv->bv_offset = offset;
		bv->bv_len = min_t(u32, len, PAGE_SIZE - offset);
		r->md.length += bv->bv_len;
		len -= bv->bv_len;
		offset = 0;
		r->nr++;
	}
	if (r) {
		r->md.bvec = r->bvec;
		r->md.nr_bvec = r->nr;
	}
	return r;
fail:
	region_free(r);
	return NULL;
}

/* Write the pattern, or compare with it. Return: 0 or -EBADMSG. */
static int region_pattern(struct region *r, bool check, u32 len)
{
	unsigned int i, k;
	u32 at = 0;

	for (i = 0; i < r->nr; i++) {
		u8 *p = page_address(r->bvec[i].bv_page) + r->bvec[i].bv_offset;

		for (k = 0; k < r->bvec[i].bv_len && at < len; k++, at++) {
			if (!check)
				p[k] = pattern(at);
			else if (p[k] != pattern(at))
				return -EBADMSG;
		}
	}
	return 0;
}

/* --- without peer: offer memory --- */

static void offer_event(const struct lnet_event *ev)
{
	struct region *r = container_of(ev->md, struct region, md);

	if (ev->status && !first_error)
		first_error = ev->status;
	if (ev->portal == PORTAL_LAZY && ev->type == LNET_EVENT_PUT)
		atomic_inc(&lazy_seen);
	if (ev->unlinked) {
		r->busy = false;
		complete(&all_done);
	}
}

static int offer(unsigned int i, u32 portal, unsigned int options, int threshold)
{
	struct region *r = region_alloc(LNET_MTU, 0);
	int err;

	if (!r)
		return -ENOMEM;
	regions[i] = r;
	region_pattern(r, false, portal == PORTAL_SOURCE ? LNET_MTU : 0);
	r->md.options = options;
	r->md.threshold = threshold;
	r->md.event = offer_event;
	err = lnet_md_attach(&r->md, portal, LNET_NID_ANY, MATCH, 0);
	r->busy = !err;
	return err;
}

/* Written after loading: post a buffer on the lazy portal for so many puts */
static int set_wanted(const char *val, const struct kernel_param *kp)
{
	unsigned int n;
	int err = kstrtouint(val, 0, &n);

	if (err || !n || !regions[0] || regions[2])
		return err ?: -EINVAL;
	return offer(2, PORTAL_LAZY, LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET, n);
}

static const struct kernel_param_ops wanted_ops = { .set = set_wanted };
module_param_cb(wanted, &wanted_ops, NULL, 0200);

static int offer_all(void)
{
	int err = offer(0, PORTAL_SINK, LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET,
			LNET_MD_UNLIMITED);

	if (!err)
		err = offer(1, PORTAL_SOURCE, LNET_MD_OP_GET | LNET_MD_REMOTE_OFFSET,
			    LNET_MD_UNLIMITED);
	lnet_set_lazy_portal(PORTAL_LAZY, true);
	return err;
}

static void withdraw_all(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!regions[i] || !regions[i]->busy)
			continue;
		lnet_md_unlink(&regions[i]->md);
		while (READ_ONCE(regions[i]->busy))
			wait_for_completion_timeout(&all_done, HZ);
	}
	lnet_set_lazy_portal(PORTAL_LAZY, false);
	if (regions[0])
		pr_info("lnet_traffic: sink %s, %d lazy, status %d\n",
			region_pattern(regions[0], true, bytes) ? "differs" : "matches",
			atomic_read(&lazy_seen), first_error);
}

/* --- with peer: move data --- */

static void move_event(const struct lnet_event *ev);

/* Start one more operation with a region whose last one is over. Return: false: none left. */
static bool start(struct region *r)
{
	bool get = !strcmp(op, "get"), lazy = !strcmp(op, "lazy");
	int err;

	if (atomic_dec_return(&to_start) < 0)
		return false;
	r->md.threshold = 2;
	r->md.options = 0;
	r->md.event = move_event;
	if (get)
		err = lnet_get_md(&r->md, LNET_NID_ANY, peer_nid, PORTAL_SOURCE, MATCH, 0);
	else
		err = lnet_put_md(&r->md, LNET_NID_ANY, peer_nid,
				  lazy ? PORTAL_LAZY : PORTAL_SINK, MATCH, 0, 0, true);
	if (err) {
		first_error = err;
		if (atomic_dec_and_test(&to_end))
			complete(&all_done);
	}
	return true;
}

static void move_event(const struct lnet_event *ev)
{
	struct region *r = container_of(ev->md, struct region, md);

	if (ev->status && !first_error)
		first_error = ev->status;
	if (!ev->status && ev->type != LNET_EVENT_SEND && ev->mlength != bytes)
		first_error = -EMSGSIZE;
	if (!ev->unlinked)
		return;
	start(r);
	if (atomic_dec_and_test(&to_end))
		complete(&all_done);
}

static int move_all(void)
{
	u64 begin, us;
	unsigned int i;

	depth = clamp(depth, 1U, (unsigned int)MAX_DEPTH);
	for (i = 0; i < depth; i++) {
		regions[i] = region_alloc(bytes, skew);
		if (!regions[i])
			return -ENOMEM;
		if (strcmp(op, "get"))
			region_pattern(regions[i], false, bytes);
	}
	atomic_set(&to_start, count);
	atomic_set(&to_end, count);
	begin = ktime_get_ns();
	for (i = 0; i < depth; i++)
		start(regions[i]);
	while (!wait_for_completion_timeout(&all_done, 60 * HZ))
		pr_info("lnet_traffic: %d operations still not done\n", atomic_read(&to_end));
	us = max_t(u64, (ktime_get_ns() - begin) / 1000, 1);
	for (i = 0; !first_error && i < min(depth, count); i++)
		first_error = region_pattern(regions[i], true, bytes);
	pr_info("lnet_traffic: %s %u x %u bytes, depth %u: %llu us, %llu/s, %llu MB/s, status %d\n",
		op, count, bytes, depth, us, (u64)count * 1000000 / us,
		(u64)count * bytes / us, first_error);
	return first_error;
}

static void free_all(void)
{
	unsigned int i;

	for (i = 0; i < MAX_DEPTH; i++)
		region_free(regions[i]);
	lnet_put();
}

static int __init traffic_init(void)
{
	int err = lnet_get();

	if (err)
		return err;
	if (*peer)
		err = lnet_nid_parse(peer, &peer_nid) ?: move_all();
	else
		err = offer_all();
	if (err) {
		if (!*peer)
			withdraw_all();
		free_all();
	}
	return err;
}

static void __exit traffic_exit(void)
{
	if (!*peer)
		withdraw_all();
	free_all();
}

module_init(traffic_init);
module_exit(traffic_exit);
MODULE_DESCRIPTION("Moves data over LNet for the tests");
MODULE_LICENSE("GPL");
