// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk (chapter 02, section 5): pages beside a request. The client attaches descriptors
 * under consecutive match bits; the server moves all the data. Both sides cut the pages
 * into descriptors by the same rule, at 1 MiB or 256 page fragments.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "kernel/rpc/internal.h"

#define RPC_BULK_TIMEOUT	100	/* seconds */

struct bulk_cut {
	unsigned int	nr_md, nr_bv;
	unsigned int	pages;		/* of the current descriptor */
	u32		bytes;
};

/*
 * Walk @len bytes of @bvec page by page. With @set the descriptors are filled, without
 * they are only counted: the caller allocates in between.
 */
static void bulk_walk(const struct bio_vec *bvec, unsigned int nr, u32 len,
		      struct rpc_bulk_set *set, struct bulk_cut *c)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < nr && len; i++) {
		u32 off = bvec[i].bv_offset, left = min(bvec[i].bv_len, len);
		bool fresh = true;

		len -= left;
		while (left) {
			u32 n = min_t(u32, left, PAGE_SIZE - offset_in_page(off));

			if (!c->nr_md || c->pages == LNET_MAX_BVEC || c->bytes + n > LNET_MTU) {
				c->nr_md++;
				c->pages = 0;
				c->bytes = 0;
				fresh = true;
				if (set)
					set->md[c->nr_md - 1].md.bvec = &set->bv[c->nr_bv];
			}
			if (fresh)
				c->nr_bv++;
			if (set) {
				struct bio_vec *bv = &set->bv[c->nr_bv - 1];
				struct lnet_md *md = &set->md[c->nr_md - 1].md;

				if (fresh) {
					*bv = (struct bio_vec){ .bv_page = bvec[i].bv_page,
								.bv_offset = off };
					md->nr_bvec++;
				}
				bv->bv_len += n;
				md->length += n;
			}
			fresh = false;
			c->pages++;
			c->bytes += n;
			off += n;
			left -= n;
		}
	}
}

/*
 * rpc_bulk_split() - cut pages into descriptors
 * @max_md: more than so many: -EPROTO
 * Return: the set, with @max_md descriptors at most; ERR_PTR(-ENOMEM), ERR_PTR(-EPROTO).
 */
struct rpc_bulk_set *rpc_bulk_split(const struct bio_vec *bvec, unsigned int nr, u32 len,
				    unsigned int max_md, gfp_t gfp)
{
	struct rpc_bulk_set *set;
	struct bulk_cut c;
	unsigned int i;

	bulk_walk(bvec, nr, len, NULL, &c);
	if (c.nr_md > max_md)
		return ERR_PTR(-EPROTO);
	/* a store fills up with empty PUTs, hence room for @max_md */
	set = kvzalloc(struct_size(set, md, max_md), gfp);
	if (!set)
		return ERR_PTR(-ENOMEM);
	set->bv = kvmalloc_array(max(c.nr_bv, 1U), sizeof(*set->bv), gfp);
	if (!set->bv) {
		kvfree(set);
		return ERR_PTR(-ENOMEM);
	}
	bulk_walk(bvec, nr, len, set, &c);
	spin_lock_init(&set->lock);
	set->nr = c.nr_md;
	for (i = 0; i < max_md; i++)
		set->md[i].set = set;
	return set;
}

/* rpc_bulk_set_free() - Context: may sleep; LNet holds none of it any more */
void rpc_bulk_set_free(struct rpc_bulk_set *set)
{
	if (!set)
		return;
	/* the last event may still be inside @idle */
	spin_lock_bh(&set->lock);
	spin_unlock_bh(&set->lock);
	kvfree(set->bv);
	kvfree(set);
}

/* rpc_bulk_count_md() - how many descriptors a bulk needs */
unsigned int rpc_bulk_count_md(const struct rpc_bulk *bulk)
{
	struct bulk_cut c;

	bulk_walk(bulk->bvec, bulk->nr, bulk->len, NULL, &c);
	return max(c.nr_md, 1U);
}

static void bulk_md_event(const struct lnet_event *ev)
{
	struct rpc_bulk_md *bmd = container_of(ev->md, struct rpc_bulk_md, md);
	struct rpc_bulk_set *set = bmd->set;

	spin_lock_bh(&set->lock);
	if (ev->status && !set->status)
		set->status = ev->status;
	/* what counts: our memory was filled, or the peer has it */
	if (!ev->status && ev->type != LNET_EVENT_SEND && ev->type != LNET_EVENT_UNLINK) {
		bmd->moved += ev->mlength;
		set->moved += ev->mlength;
	}
	if (ev->unlinked && !--set->left)
		set->idle(set);
	spin_unlock_bh(&set->lock);
}

/*
 * rpc_bulk_attach() - client: let the server reach the pages
 * @base: match bits of the first descriptor
 *
 * Context: may sleep. Return: 0, or an error; @set->idle is called once all are gone in
 * either case, also when this fails after the first one.
 */
int rpc_bulk_attach(struct rpc_bulk_set *set, const struct rpc_bulk *bulk, lnet_nid_t peer,
		    u64 base)
{
	unsigned int i;
	int rc = 0;

	set->left = set->nr + 1;
	set->moved = 0;
	set->status = 0;
	for (i = 0; i < set->nr && !rc; i++) {
		struct lnet_md *md = &set->md[i].md;

		set->md[i].moved = 0;
		md->threshold = 1;
		md->options = bulk->write ? LNET_MD_OP_GET : LNET_MD_OP_PUT | LNET_MD_TRUNCATE;
		md->event = bulk_md_event;
		rc = lnet_md_attach(md, bulk->portal, peer, base + i, 0);
	}
	spin_lock_bh(&set->lock);
	if (rc)
		set->left -= set->nr - i + 1;
	if (!--set->left)
		set->idle(set);
	spin_unlock_bh(&set->lock);
	if (rc) {
		while (--i)
			lnet_md_unlink(&set->md[i - 1].md);
	}
	return rc;
}

/* rpc_bulk_moved() - bytes from the first one on; behind a gap nothing counts, for what is in it is not the peer's */
u32 rpc_bulk_moved(const struct rpc_bulk_set *set)
{
	u32 moved = 0;
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		moved += set->md[i].moved;
		if (set->md[i].moved < set->md[i].md.length)
			break;
	}
	return moved;
}

/* rpc_bulk_unlink() - take all pages back; @set->idle comes when they are ours again */
void rpc_bulk_unlink(struct rpc_bulk_set *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		lnet_md_unlink(&set->md[i].md);
}

/*
 * rpc_bulk_window() - which match bits a client has attached (chapter 02, 5.4)
 * @mbits: the last ones, from the request
 * @max_md: descriptors announced
 */
void rpc_bulk_window(u64 mbits, unsigned int max_md, u64 *base, unsigned int *count)
{
	*base = mbits & ~((u64)max_md - 1);
	*count = mbits - *base + 1;
}

static void bulk_wake_server(struct rpc_bulk_set *set)
{
	struct rpc_svcreq_impl *impl = set->owner;

	wake_up(&impl->waitq);
}

static bool bulk_is_idle(struct rpc_bulk_set *set)
{
	bool idle;

	spin_lock_bh(&set->lock);
	idle = !set->left;
	spin_unlock_bh(&set->lock);
	return idle;
}

/* The client reconnected or was evicted: nobody waits for this data any more. */
static bool bulk_is_stale(struct rpc_svcreq *req)
{
	return READ_ONCE(req->exp->failed) || !READ_ONCE(req->exp->connected) ||
	       READ_ONCE(req->exp->conn_cnt) > svc_impl(req)->conn_cnt;
}

static int bulk_start(struct rpc_svcreq *req, struct rpc_bulk_set *set, u32 portal, u64 base,
		      bool fetch)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);
	unsigned int i, left;
	bool failed = false;
	int rc = 0;

	set->left = set->nr + 1;
	for (i = 0; i < set->nr && !failed; i++) {
		struct lnet_md *md = &set->md[i].md;

		md->threshold = 2;
		md->event = bulk_md_event;
		if (!md->bvec)
			md->bvec = set->bv;	/* of an empty PUT: never looked at */
		if (fetch)
			rc = lnet_get_md(md, req->self, impl->peer_ni, portal, base + i, 0);
		else
			rc = lnet_put_md(md, req->self, impl->peer_ni, portal, base + i, 0, 0,
					 true);
		failed = rc;
	}
	left = set->nr - i + failed;	/* those that have no events to come */
	spin_lock_bh(&set->lock);
	if (rc && !set->status)
		set->status = rc;
	set->left -= left + 1;
	spin_unlock_bh(&set->lock);
	return rc;
}

static int bulk_move(struct rpc_svcreq *req, u32 portal, struct bio_vec *bvec, unsigned int nr,
		     u32 len, unsigned int max_md, bool fetch)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);
	struct ptlrpc_body *body = rpc_body(&req->rq);
	struct rpc_bulk_set *set;
	unsigned int count;
	time64_t until;
	u64 mbits, base;
	int rc;

	if (!max_md || max_md > RPC_BULK_MAX_MD || !is_power_of_2(max_md))
		return -EPROTO;
	mbits = rpc_export_flags(req->exp) & OBD_CONNECT_BULK_MBITS && body->pb_mbits ?
		le64_to_cpu(body->pb_mbits) : req->xid;
	rpc_bulk_window(mbits, max_md, &base, &count);
	set = rpc_bulk_split(bvec, nr, len, count, GFP_NOFS);
	if (IS_ERR(set))
		return PTR_ERR(set);
	if (fetch && set->nr != count) {
		rpc_bulk_set_free(set);
		return -EPROTO;
	}
	set->nr = count;
	set->idle = bulk_wake_server;
	set->owner = impl;

	rc = bulk_start(req, set, portal, base, fetch);
	until = ktime_get_seconds() + RPC_BULK_TIMEOUT;
	while (!rc && !bulk_is_idle(set)) {
		if (bulk_is_stale(req))
			rc = -ENOTCONN;
		else if (ktime_get_seconds() >= until || ktime_after(ktime_get(), req->deadline))
			rc = -ETIMEDOUT;
		else
			wait_event_idle_timeout(impl->waitq, bulk_is_idle(set) || bulk_is_stale(req),
						HZ);
	}
	if (rc)
		rpc_bulk_unlink(set);
	/* LNet lets go of the pages at once, or when its own timeout ends the transfer */
	wait_event_idle(impl->waitq, bulk_is_idle(set));
	if (!rc)
		rc = set->status;
	if (!rc && set->moved != len)
		rc = -EPROTO;
	rpc_bulk_set_free(set);
	return rc;
}

int rpc_bulk_fetch(struct rpc_svcreq *req, u32 portal, struct bio_vec *bvec, unsigned int nr,
		   u32 len, unsigned int max_md)
{
	rpc_stats_add(&req->svc->stats, RPC_STAT_WRITE_BYTES, len);
	return bulk_move(req, portal, bvec, nr, len, max_md, true);
}
EXPORT_SYMBOL_GPL(rpc_bulk_fetch);

int rpc_bulk_store(struct rpc_svcreq *req, u32 portal, struct bio_vec *bvec, unsigned int nr,
		   u32 len, unsigned int max_md)
{
	rpc_stats_add(&req->svc->stats, RPC_STAT_READ_BYTES, len);
	return bulk_move(req, portal, bvec, nr, len, max_md, false);
}
EXPORT_SYMBOL_GPL(rpc_bulk_store);
