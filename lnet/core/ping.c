// SPDX-License-Identifier: GPL-2.0
/*
 * Ping data: ours, its check when it is another node's, asking for it and pushing
 * it (chapter 01, section 7). When that is done is in discovery.c.
 */
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "core.h"

/* Fill in this node's ping data of at most @max entries. Return: its bytes. */
size_t lnet_ping_info(struct lnet_wire_ping_info *pi, unsigned int max)
{
	u32 features = LNET_PING_FEAT_NI_STATUS | LNET_PING_FEAT_RTE_DISABLED |
		       LNET_PING_FEAT_MULTI_RAIL;
	struct lnet_ni *ni;
	unsigned int n = 0;

	if (!lnet_param_discovery_disabled)
		features |= LNET_PING_FEAT_DISCOVERY;
	memset(pi, 0, LNET_PING_INFO_SIZE(max));
	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link) {
		if (n == max)
			break;
		pi->pi_ni[n].ns_nid = cpu_to_le64(ni->nid);
		pi->pi_ni[n].ns_status = cpu_to_le32(READ_ONCE(ni->down) ?
					LNET_NI_STATUS_DOWN : LNET_NI_STATUS_UP);
		n++;
	}
	rcu_read_unlock();
	pi->pi_ni[0].ns_status = cpu_to_le32(lnet_ni_seq());
	pi->pi_magic = cpu_to_le32(LNET_PING_MAGIC);
	pi->pi_features = cpu_to_le32(features);
	pi->pi_pid = cpu_to_le32(LNET_PID_LUSTRE);
	pi->pi_nnis = cpu_to_le32(n);
	return LNET_PING_INFO_SIZE(n);
}

/**
 * lnet_ping_check() - is this ping data of another node?
 * @pi: what came
 * @size: bytes received; entries beyond them are ignored later
 *
 * Return: 0 or -EPROTO.
 */
int lnet_ping_check(const struct lnet_wire_ping_info *pi, size_t size)
{
	u32 nnis;

	if (size < LNET_PING_INFO_SIZE(1) || pi->pi_magic != cpu_to_le32(LNET_PING_MAGIC))
		return -EPROTO;
	nnis = le32_to_cpu(pi->pi_nnis);
	if (!(le32_to_cpu(pi->pi_features) & LNET_PING_FEAT_NI_STATUS) || !nnis || nnis > 4096 ||
	    le64_to_cpu(pi->pi_ni[0].ns_nid) != LNET_NID_LO)
		return -EPROTO;
	return 0;
}

/* One exchange on portal 0, shared by the thread that waits and the events */
struct exchange {
	struct lnet_md		md;
	struct bio_vec		bv;
	struct page		*page;
	struct completion	over;
	refcount_t		refs;
	int			status;
	u32			length;
};

static void exchange_put(struct exchange *x)
{
	if (refcount_dec_and_test(&x->refs)) {
		__free_page(x->page);
		kfree(x);
	}
}

static void exchange_event(const struct lnet_event *ev)
{
	struct exchange *x = container_of(ev->md, struct exchange, md);

	if (ev->status && !x->status)
		x->status = ev->status;
	if (ev->type == LNET_EVENT_REPLY)
		x->length = ev->mlength;
	if (!ev->unlinked)
		return;
	if (ev->type == LNET_EVENT_UNLINK && !x->status)
		x->status = -ETIMEDOUT;
	complete(&x->over);
	exchange_put(x);
}

static struct exchange *exchange_alloc(u32 length)
{
	struct exchange *x = kzalloc(sizeof(*x), GFP_KERNEL);

	if (!x)
		return NULL;
	x->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!x->page) {
		kfree(x);
		return NULL;
	}
	x->bv.bv_page = x->page;
	x->bv.bv_len = length;
	x->md.bvec = &x->bv;
	x->md.nr_bvec = 1;
	x->md.length = length;
	x->md.threshold = 2;
	x->md.options = LNET_MD_TRUNCATE;
	x->md.event = exchange_event;
	init_completion(&x->over);
	refcount_set(&x->refs, 2);
	return x;
}

static int exchange_wait(struct exchange *x, unsigned int timeout_ms)
{
	if (!wait_for_completion_timeout(&x->over, msecs_to_jiffies(timeout_ms))) {
		lnet_md_unlink(&x->md);
		if (!try_wait_for_completion(&x->over))
			return -ETIMEDOUT;
	}
	return x->status;
}

/**
 * lnet_ping() - ask a node for its ping data
 * @nid: any NID of it
 * @self: NID to ask from, or LNET_NID_ANY
 * @timeout_ms: how long to wait
 * @max: entries to ask for, at most LNET_PING_MAX_NIS
 * @pi: LNET_PING_INFO_SIZE(@max) bytes; checked on return
 * @size: set to the bytes in it
 *
 * Context: sleeps up to @timeout_ms. Return: 0, -ETIMEDOUT, -EPROTO, errors of sending.
 */
int lnet_ping(lnet_nid_t nid, lnet_nid_t self, unsigned int timeout_ms, unsigned int max,
	      struct lnet_wire_ping_info *pi, size_t *size)
{
	struct exchange *x;
	int err;

	BUILD_BUG_ON(LNET_PING_INFO_SIZE(LNET_PING_MAX_NIS) > PAGE_SIZE);
	x = exchange_alloc(LNET_PING_INFO_SIZE(max));
	if (!x)
		return -ENOMEM;
	err = lnet_get_md(&x->md, self, nid, LNET_PORTAL_RESERVED, LNET_PING_MATCHBITS, 0);
	if (err)
		exchange_put(x);
	else
		err = exchange_wait(x, timeout_ms);
	if (!err) {
		*size = x->length;
		memcpy(pi, page_address(x->page), x->length);
		err = lnet_ping_check(pi, x->length);
	}
	exchange_put(x);
	return err;
}

/**
 * lnet_push() - give a node our ping data
 * @nid: any NID of it
 * @timeout_ms: how long to wait for its ACK; 0: send and do not wait
 *
 * Context: sleeps up to @timeout_ms.
 * Return: 0, -ETIMEDOUT (no ACK), errors of sending.
 */
int lnet_push(lnet_nid_t nid, unsigned int timeout_ms)
{
	struct lnet_wire_ping_info *pi;
	struct exchange *x;
	int err;

	x = exchange_alloc(0);
	if (!x)
		return -ENOMEM;
	pi = page_address(x->page);
	x->bv.bv_len = lnet_ping_info(pi, LNET_MAX_NIS);
	x->md.length = x->bv.bv_len;
	err = lnet_put_md(&x->md, LNET_NID_ANY, nid, LNET_PORTAL_RESERVED,
			  LNET_PING_MATCHBITS, 0, 0, true);
	if (err)
		exchange_put(x);
	else if (timeout_ms)
		err = exchange_wait(x, timeout_ms);
	exchange_put(x);
	return err;
}
