// SPDX-License-Identifier: GPL-2.0
/*
 * Portals: which attached descriptor an incoming PUT or GET meets, and the lazy
 * ones that keep a PUT until somebody wants it (chapter 01, section 4).
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/slab.h>
#include "core.h"

#define PORTAL_HASH_BITS	5
#define PORTAL_MAX_DELAYED	(32U << 20)	/* payload bytes that wait at one portal */

/*
 * struct lnet_portal - descriptors and waiting messages of one portal
 * @exact: descriptors without ignore bits, by match bits
 * @wild: the others
 * @serial: order of attachment
 * @delayed: PUTs that met nothing; @delayed_bytes in all
 * @work: offers them to what was attached since
 */
struct lnet_portal {
	spinlock_t		lock;
	struct list_head	exact[1 << PORTAL_HASH_BITS];
	struct list_head	wild;
	u64			serial;
	bool			lazy;
	struct list_head	delayed;
	size_t			delayed_bytes;
	struct work_struct	work;
};

static struct lnet_portal *portals;

static struct list_head *exact_list(struct lnet_portal *p, u64 match_bits)
{
	return &p->exact[hash_64(match_bits, PORTAL_HASH_BITS)];
}

int lnet_md_attach(struct lnet_md *md, u32 portal, lnet_nid_t from,
		   u64 match_bits, u64 ignore_bits)
{
	struct lnet_portal *p;
	int err;

	if (portal == LNET_PORTAL_RESERVED || portal >= LNET_PORTALS)
		return -EINVAL;
	err = lnet_md_check(md);
	if (err)
		return err;
	if (!lnet_is_up())
		return -ENETDOWN;
	p = &portals[portal];
	lnet_md_start(md, &p->lock);
	md->cookie = 0;
	md->portal = portal;
	md->from = from;
	md->match_bits = match_bits;
	md->ignore_bits = ignore_bits;

	spin_lock_bh(&p->lock);
	md->serial = p->serial++;
	list_add_tail(&md->link, ignore_bits ? &p->wild : exact_list(p, match_bits));
	if (!list_empty(&p->delayed))
		queue_work(lnet_wq, &p->work);
	spin_unlock_bh(&p->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(lnet_md_attach);

static bool md_wants(const struct lnet_md *md, const struct lnet_msg *msg)
{
	unsigned int op = msg->type == LNET_MSG_PUT ? LNET_MD_OP_PUT : LNET_MD_OP_GET;

	if (!(md->options & op) || ((md->match_bits ^ msg->ev.match_bits) & ~md->ignore_bits))
		return false;
	if (md->from == LNET_NID_ANY || md->from == msg->ev.peer ||
	    md->from == msg->ev.peer_ni)
		return true;
	return lnet_primary_nid(md->from) == msg->ev.peer;
}

static struct lnet_md *find_md(struct lnet_portal *p, const struct lnet_msg *msg)
{
	struct lnet_md *exact = NULL, *md;

	list_for_each_entry(md, exact_list(p, msg->ev.match_bits), link) {
		if (md_wants(md, msg)) {
			exact = md;
			break;
		}
	}
	list_for_each_entry(md, &p->wild, link) {
		if (exact && exact->serial < md->serial)
			break;
		if (md_wants(md, msg))
			return md;
	}
	return exact;
}

/* Begin the operation of @msg on @md, or say that the data does not fit */
static enum lnet_match take_md(struct lnet_md *md, struct lnet_msg *msg)
{
	bool remote = md->options & LNET_MD_REMOTE_OFFSET;
	u32 offset = remote ? msg->ev.offset : md->offset;
	u32 room;

	if (offset > md->length)
		return LNET_DROPPED;
	room = md->length - offset;
	if (md->max_size)
		room = min(room, md->max_size);
	if (msg->ev.rlength > room && !(md->options & LNET_MD_TRUNCATE))
		return LNET_DROPPED;

	msg->md = md;
	msg->offset = offset;
	msg->len = min(msg->ev.rlength, room);
	msg->ev.offset = offset;
	msg->ev.mlength = msg->len;
	if (!remote)
		md->offset = offset + msg->len;
	if (md->options & LNET_MD_NO_ACK)
		msg->ack = false;
	lnet_md_use(md);
	return LNET_MATCHED;
}

/* Find the descriptor that @msg (its ev is filled) meets and begin its operation */
enum lnet_match lnet_match(struct lnet_msg *msg)
{
	enum lnet_match res = LNET_DROPPED;
	struct lnet_portal *p;
	struct lnet_md *md;

	if (msg->ev.portal >= LNET_PORTALS)
		return LNET_DROPPED;
	p = &portals[msg->ev.portal];
	spin_lock_bh(&p->lock);
	md = find_md(p, msg);
	if (md)
		res = take_md(md, msg);
	else if (msg->type == LNET_MSG_PUT && p->lazy &&
		 p->delayed_bytes + msg->ev.rlength <= PORTAL_MAX_DELAYED)
		res = LNET_DELAYED;
	spin_unlock_bh(&p->lock);
	return res;
}

/* Again, for a PUT that lnet_match() delayed and whose payload is in msg->buf now */
enum lnet_match lnet_match_or_delay(struct lnet_msg *msg)
{
	struct lnet_portal *p = &portals[msg->ev.portal];
	enum lnet_match res = LNET_DROPPED;
	struct lnet_md *md;

	spin_lock_bh(&p->lock);
	md = find_md(p, msg);
	if (md) {
		res = take_md(md, msg);
	} else if (p->lazy && p->delayed_bytes + msg->ev.rlength <= PORTAL_MAX_DELAYED) {
		list_add_tail(&msg->list, &p->delayed);
		p->delayed_bytes += msg->ev.rlength + sizeof(*msg);
		res = LNET_DELAYED;
	}
	spin_unlock_bh(&p->lock);
	return res;
}

static void portal_work(struct work_struct *work)
{
	struct lnet_portal *p = container_of(work, struct lnet_portal, work);
	struct lnet_msg *msg, *n;
	LIST_HEAD(matched);
	LIST_HEAD(dropped);

	spin_lock_bh(&p->lock);
	list_for_each_entry_safe(msg, n, &p->delayed, list) {
		struct lnet_md *md = find_md(p, msg);
		u32 bytes = msg->ev.rlength + sizeof(*msg);

		if (!md)
			continue;
		p->delayed_bytes -= bytes;
		if (take_md(md, msg) == LNET_MATCHED)
			list_move_tail(&msg->list, &matched);
		else
			list_move_tail(&msg->list, &dropped);
	}
	spin_unlock_bh(&p->lock);

	list_for_each_entry_safe(msg, n, &dropped, list) {
		list_del_init(&msg->list);
		lnet_drop(NULL, msg->lp, msg->type, msg->ev.rlength);
		lnet_msg_free(msg);
	}
	list_for_each_entry_safe(msg, n, &matched, list) {
		list_del_init(&msg->list);
		lnet_put_arrived(msg);
	}
}

static void drop_delayed(struct lnet_portal *p, bool lazy)
{
	struct lnet_msg *msg, *n;
	LIST_HEAD(list);

	spin_lock_bh(&p->lock);
	p->lazy = lazy;
	list_splice_init(&p->delayed, &list);
	p->delayed_bytes = 0;
	spin_unlock_bh(&p->lock);
	list_for_each_entry_safe(msg, n, &list, list) {
		list_del_init(&msg->list);
		lnet_drop(NULL, msg->lp, msg->type, msg->ev.rlength);
		lnet_msg_free(msg);
	}
}

void lnet_set_lazy_portal(u32 portal, bool lazy)
{
	struct lnet_portal *p;

	if (portal == LNET_PORTAL_RESERVED || portal >= LNET_PORTALS)
		return;
	p = &portals[portal];
	if (lazy) {
		spin_lock_bh(&p->lock);
		p->lazy = true;
		spin_unlock_bh(&p->lock);
	} else {
		drop_delayed(p, false);
	}
}
EXPORT_SYMBOL_GPL(lnet_set_lazy_portal);

int lnet_portals_init(void)
{
	unsigned int i, j;

	portals = kvcalloc(LNET_PORTALS, sizeof(*portals), GFP_KERNEL);
	if (!portals)
		return -ENOMEM;
	for (i = 0; i < LNET_PORTALS; i++) {
		struct lnet_portal *p = &portals[i];

		spin_lock_init(&p->lock);
		for (j = 0; j < ARRAY_SIZE(p->exact); j++)
			INIT_LIST_HEAD(&p->exact[j]);
		INIT_LIST_HEAD(&p->wild);
		INIT_LIST_HEAD(&p->delayed);
		INIT_WORK(&p->work, portal_work);
	}
	return 0;
}

/* The network is down: nothing attaches any more and no message comes in */
void lnet_portals_exit(void)
{
	unsigned int i;

	for (i = 0; i < LNET_PORTALS; i++) {
		cancel_work_sync(&portals[i].work);
		drop_delayed(&portals[i], false);
	}
	kvfree(portals);
}
