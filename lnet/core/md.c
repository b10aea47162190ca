// SPDX-License-Identifier: GPL-2.0
/*
 * Memory descriptors: their lifetime, the handles peers answer to, and the
 * delivery of events one at a time. Which descriptor a message meets is in match.c.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "core.h"

#define MD_LIVE		BIT(0)	/* attached or bound */
#define MD_DELIVERING	BIT(1)	/* a thread is in the event callback */
#define MD_UNLINKING	BIT(2)	/* takes no new operation */

/* Descriptors that are not attached, by cookie */
#define MD_HASH_BITS	8

struct md_bucket {
	spinlock_t		lock;
	struct list_head	mds;
} ____cacheline_aligned_in_smp;

static struct md_bucket md_buckets[1 << MD_HASH_BITS];
static atomic64_t next_cookie = ATOMIC64_INIT(1);
static struct kmem_cache *msg_cache;

/* Answers to an earlier boot of this node do not carry this (chapter 01, section 3) */
u64 lnet_interface_cookie;

static void md_timeout_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(md_timeout_dwork, md_timeout_work);

static struct md_bucket *md_bucket(u64 cookie)
{
	return &md_buckets[hash_64(cookie, MD_HASH_BITS)];
}

void lnet_md_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(md_buckets); i++) {
		spin_lock_init(&md_buckets[i].lock);
		INIT_LIST_HEAD(&md_buckets[i].mds);
	}
	lnet_interface_cookie = ktime_get_real_ns();
}

int lnet_msg_cache_init(void)
{
	msg_cache = KMEM_CACHE(lnet_msg, 0);
	return msg_cache ? 0 : -ENOMEM;
}

void lnet_msg_cache_exit(void)
{
	kmem_cache_destroy(msg_cache);
}

struct lnet_msg *lnet_msg_alloc(void)
{
	struct lnet_msg *msg = kmem_cache_zalloc(msg_cache, GFP_NOFS);
	int n, max;

	if (!msg)
		return NULL;
	INIT_LIST_HEAD(&msg->list);
	n = atomic_inc_return(&lnet_msgs);
	max = atomic_read(&lnet_msgs_max);
	if (n > max)
		atomic_cmpxchg(&lnet_msgs_max, max, n);
	return msg;
}

void lnet_msg_free(struct lnet_msg *msg)
{
	if (msg->lp)
		lnet_peer_ni_put(msg->lp);
	kvfree(msg->buf);
	kmem_cache_free(msg_cache, msg);
	atomic_dec(&lnet_msgs);
}

/* Is this something LNet can work with? */
int lnet_md_check(const struct lnet_md *md)
{
	size_t bytes = 0;
	unsigned int i;

	if (!md->event || md->nr_bvec > LNET_MAX_BVEC || (md->length && !md->bvec) ||
	    (md->threshold <= 0 && md->threshold != LNET_MD_UNLIMITED))
		return -EINVAL;
	for (i = 0; i < md->nr_bvec; i++)
		bytes += md->bvec[i].bv_len;
	return bytes < md->length ? -EINVAL : 0;
}

/* Begin a descriptor's life under @lock, which outlives it */
void lnet_md_start(struct lnet_md *md, spinlock_t *lock)
{
	INIT_LIST_HEAD(&md->link);
	INIT_LIST_HEAD(&md->done);
	md->offset = 0;
	md->busy = 0;
	md->deadline = 0;
	md->state = MD_LIVE;
	md->lock = lock;
}

/* Nothing more may begin: used up or unlinked */
bool lnet_md_dead(const struct lnet_md *md)
{
	return !md->threshold || (md->state & MD_UNLINKING) ||
	       (md->max_size && md->length - md->offset < md->max_size);
}

/* Begin one operation; the caller holds md->lock and found the descriptor alive */
void lnet_md_use(struct lnet_md *md)
{
	lockdep_assert_held(md->lock);
	md->busy++;
	if (md->threshold > 0)
		md->threshold--;
	if (lnet_md_dead(md))
		list_del_init(&md->link);
}

/* Let a failed operation be the last one: its answer will never come */
void lnet_md_kill(struct lnet_md *md)
{
	spin_lock_bh(md->lock);
	md->state |= MD_UNLINKING;
	list_del_init(&md->link);
	spin_unlock_bh(md->lock);
}

/* Give a descriptor that is not attached a handle, and begin its first operation */
int lnet_md_bind(struct lnet_md *md)
{
	struct md_bucket *b;
	int err = lnet_md_check(md);

	if (err)
		return err;
	md->cookie = atomic64_add_return(2, &next_cookie);
	b = md_bucket(md->cookie);
	lnet_md_start(md, &b->lock);
	spin_lock_bh(&b->lock);
	list_add_tail(&md->link, &b->mds);
	lnet_md_use(md);
	spin_unlock_bh(&b->lock);
	return 0;
}

/* An ACK or REPLY is due in time, or the descriptor's user hears -ETIMEDOUT */
void lnet_md_expect(struct lnet_md *md, enum lnet_event_type answer)
{
	spin_lock_bh(md->lock);
	md->answer = answer;
	md->deadline = (jiffies + lnet_transaction_timeout() * HZ) | 1;	/* 0: nothing due */
	spin_unlock_bh(md->lock);
}

/*
 * Find the descriptor that an ACK or REPLY names and begin an operation on it.
 * NULL: from another life, not ours, nothing due, or too small for @rlength.
 */
struct lnet_md *lnet_md_answer(const struct lnet_wire_handle *wh, u32 rlength,
			       enum lnet_event_type answer, u32 *mlength)
{
	u64 cookie = le64_to_cpu(wh->wh_object);
	struct md_bucket *b = md_bucket(cookie);
	struct lnet_md *md;

	if (le64_to_cpu(wh->wh_interface) != lnet_interface_cookie)
		return NULL;
	spin_lock_bh(&b->lock);
	list_for_each_entry(md, &b->mds, link) {
		if (md->cookie != cookie)
			continue;
		if (!md->deadline || md->answer != answer)
			break;
		if (rlength > md->length && !(md->options & LNET_MD_TRUNCATE))
			break;
		*mlength = min(rlength, md->length);
		md->deadline = 0;
		lnet_md_use(md);
		spin_unlock_bh(&b->lock);
		return md;
	}
	spin_unlock_bh(&b->lock);
	return NULL;
}

/*
 * Deliver what is done, one event at a time, in the thread that finds nobody else
 * at it. The event that empties a dead descriptor is the last one: after it the
 * descriptor belongs to its user again and is not looked at. md->lock is held and
 * MD_DELIVERING set on entry; returns without the lock.
 */
static void md_deliver(struct lnet_md *md)
	__releases(md->lock)
{
	spinlock_t *lock = md->lock;
	lnet_event_fn event = md->event;
	struct lnet_event ev;
	struct lnet_msg *msg;

	for (;;) {
		msg = list_first_entry_or_null(&md->done, struct lnet_msg, list);
		if (msg) {
			list_del_init(&msg->list);
			md->busy--;
			ev = msg->ev;
			ev.md = md;
		} else if (!md->busy && lnet_md_dead(md)) {
			ev = (struct lnet_event) { .type = LNET_EVENT_UNLINK, .md = md };
		} else {
			md->state &= ~MD_DELIVERING;
			spin_unlock_bh(lock);
			return;
		}
		ev.unlinked = !md->busy && lnet_md_dead(md);
		if (ev.unlinked)
			md->state = 0;
		spin_unlock_bh(lock);

		if (msg)
			lnet_msg_free(msg);
		event(&ev);
		if (ev.unlinked)
			return;
		spin_lock_bh(lock);
	}
}

/* An operation is over: tell the user of msg->md about msg->ev. Takes the message. */
void lnet_md_done(struct lnet_msg *msg)
{
	struct lnet_md *md = msg->md;
	spinlock_t *lock = md->lock;

	spin_lock_bh(lock);
	list_add_tail(&msg->list, &md->done);
	if (md->state & MD_DELIVERING) {
		spin_unlock_bh(lock);
		return;
	}
	md->state |= MD_DELIVERING;
	md_deliver(md);
}

void lnet_md_unlink(struct lnet_md *md)
{
	spinlock_t *lock = md->lock;

	if (!lock)
		return;
	spin_lock_bh(lock);
	if (!(md->state & MD_LIVE) || (md->state & MD_UNLINKING)) {
		spin_unlock_bh(lock);
		return;
	}
	md->state |= MD_UNLINKING;
	list_del_init(&md->link);
	if (md->busy || (md->state & MD_DELIVERING)) {
		spin_unlock_bh(lock);
		return;
	}
	md->state |= MD_DELIVERING;
	md_deliver(md);
}
EXPORT_SYMBOL_GPL(lnet_md_unlink);

/* Aim msg->iter at the place in its descriptor where the payload goes */
void lnet_md_sink(struct lnet_msg *msg)
{
	struct lnet_md *md = msg->md;

	iov_iter_bvec(&msg->iter, ITER_DEST, md->bvec, md->nr_bvec, md->length);
	iov_iter_advance(&msg->iter, msg->offset);
	iov_iter_truncate(&msg->iter, msg->len);
}

void lnet_msg_source(struct lnet_msg *msg, struct iov_iter *iter)
{
	struct lnet_md *md = msg->md;

	if (msg->buf) {
		msg->vec.iov_base = msg->buf;
		msg->vec.iov_len = msg->len;
		iov_iter_kvec(iter, ITER_SOURCE, &msg->vec, 1, msg->len);
		return;
	}
	if (!msg->len) {
		iov_iter_kvec(iter, ITER_SOURCE, NULL, 0, 0);
		return;
	}
	iov_iter_bvec(iter, ITER_SOURCE, md->bvec, md->nr_bvec, md->length);
	iov_iter_advance(iter, msg->offset);
	iov_iter_truncate(iter, msg->len);
}
EXPORT_SYMBOL_GPL(lnet_msg_source);

/* Move what waited too long in one bucket to @late, one operation begun on each */
static void md_collect_late(struct md_bucket *b, struct list_head *late)
{
	struct lnet_md *md, *n;

	spin_lock_bh(&b->lock);
	list_for_each_entry_safe(md, n, &b->mds, link) {
		struct lnet_msg *msg;

		if (!md->deadline || time_before(jiffies, md->deadline))
			continue;
		msg = kmem_cache_zalloc(msg_cache, GFP_ATOMIC);
		if (!msg)
			break;	/* the next round finds it */
		atomic_inc(&lnet_msgs);
		msg->md = md;
		msg->ev.status = -ETIMEDOUT;
		msg->ev.type = md->answer;
		msg->ev.match_bits = md->match_bits;
		msg->ev.peer = md->from;
		msg->ev.peer_ni = md->from;
		msg->ev.portal = md->portal;
		md->state |= MD_UNLINKING;
		md->busy++;
		list_del_init(&md->link);
		list_add_tail(&msg->list, late);
	}
	spin_unlock_bh(&b->lock);
}

static void md_timeout_work(struct work_struct *work)
{
	struct lnet_msg *msg, *n;
	LIST_HEAD(late);
	int i;

	for (i = 0; i < ARRAY_SIZE(md_buckets); i++)
		md_collect_late(&md_buckets[i], &late);
	list_for_each_entry_safe(msg, n, &late, list) {
		list_del_init(&msg->list);
		atomic64_inc(&lnet_response_timeouts);
		lnet_md_done(msg);
	}
	lnet_md_timeouts(true);
}

/* Answers are looked for every half timeout (chapter 01, section 8) */
void lnet_md_timeouts(bool on)
{
	if (on)
		queue_delayed_work(lnet_wq, &md_timeout_dwork,
				   max(1U, lnet_transaction_timeout() / 2) * HZ);
	else
		cancel_delayed_work_sync(&md_timeout_dwork);
}
