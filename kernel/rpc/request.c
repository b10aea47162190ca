// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of ours (chapter 02, sections 4 and 7): XIDs, sending, replies, early
 * replies, resending, timeouts. The state of the connection is import.c's, replay is
 * recover.c's, messages themselves are message.c's.
 *
 * Cost of an RPC: the caller writes the request to the socket, the thread that reads the
 * socket places the reply and wakes the caller. No other thread takes part in rpc_call().
 */
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "kernel/config/config.h"
#include "kernel/rpc/internal.h"

static struct kmem_cache *request_cache;
struct workqueue_struct *rpc_done_wq;
static atomic64_t last_xid;

struct full_request {
	struct rpc_request	req;
	struct rpc_request_impl	impl;
};

u64 rpc_next_xid(void)
{
	return atomic64_add_return(RPC_XID_STEP, &last_xid);
}
EXPORT_SYMBOL_GPL(rpc_next_xid);

/* --- life --- */

static void request_free(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;

	rpc_buf_free(&impl->rq_buf);
	rpc_buf_free(&impl->rp_buf);
	rpc_request_put(impl->replayed);
	rpc_import_put(req->imp);
	kmem_cache_free(request_cache, container_of(req, struct full_request, req));
}

static void request_free_work(struct work_struct *work)
{
	request_free(container_of(work, struct rpc_request_impl, work)->req);
}

static void request_release(struct kref *ref)
{
	struct rpc_request *req = container_of(ref, struct rpc_request, ref);
	struct rpc_request_impl *impl = req->impl;

	/* big buffers cannot be freed in the thread that reads the socket */
	if (impl->rq_buf.bv != &impl->rq_buf.one || impl->rp_buf.bv != &impl->rp_buf.one) {
		INIT_WORK(&impl->work, request_free_work);
		queue_work(rpc_done_wq, &impl->work);
	} else {
		request_free(req);
	}
}

struct rpc_request *rpc_request_get(struct rpc_request *req)
{
	kref_get(&req->ref);
	return req;
}
EXPORT_SYMBOL_GPL(rpc_request_get);

void rpc_request_put(struct rpc_request *req)
{
	if (req)
		kref_put(&req->ref, request_release);
}
EXPORT_SYMBOL_GPL(rpc_request_put);

static void request_work(struct work_struct *work);

struct rpc_request *rpc_request_alloc(struct rpc_import *imp, const struct rpc_format *fmt)
{
	struct full_request *full = kmem_cache_zalloc(request_cache, GFP_NOFS);
	struct rpc_request_impl *impl;
	struct rpc_request *req;

	if (!full)
		return NULL;
	req = &full->req;
	impl = &full->impl;
	kref_init(&req->ref);
	req->imp = rpc_import_get(imp);
	req->fmt = fmt;
	req->impl = impl;
	req->req_portal = imp->impl->req_portal;
	req->rep_portal = imp->impl->rep_portal;
	rpc_msg_init(&req->rq, fmt->req, fmt->nr_req);
	rpc_msg_init(&req->rp, fmt->rep, fmt->nr_rep);
	impl->req = req;
	impl->rq_buf.bv = &impl->rq_buf.one;
	impl->rp_buf.bv = &impl->rp_buf.one;
	INIT_LIST_HEAD(&impl->link);
	INIT_LIST_HEAD(&impl->replay_link);
	INIT_WORK(&impl->work, request_work);
	init_waitqueue_head(&impl->waitq);
	spin_lock_init(&impl->lock);
	return req;
}
EXPORT_SYMBOL_GPL(rpc_request_alloc);

int rpc_request_pack(struct rpc_request *req)
{
	struct ptlrpc_body *body;
	int rc;

	if (req->rq.msg)
		return -EALREADY;
	rc = rpc_msg_pack(&req->rq, &req->impl->rq_buf, false, GFP_NOFS);
	if (rc)
		return rc;
	body = rpc_body(&req->rq);
	body->pb_type = cpu_to_le32(PTL_RPC_MSG_REQUEST);
	body->pb_opc = cpu_to_le32(req->fmt->opc);
	body->pb_version = cpu_to_le32(rpc_opc_version(req->fmt->opc) | PTLRPC_MSG_VERSION);
	return 0;
}
EXPORT_SYMBOL_GPL(rpc_request_pack);

/* rpc_request_clone() - the same message once more, for replay. Context: may sleep */
struct rpc_request *rpc_request_clone(struct rpc_request *req)
{
	struct rpc_request *copy = rpc_request_alloc(req->imp, req->fmt);

	if (!copy)
		return NULL;
	if (rpc_buf_alloc(&copy->impl->rq_buf, req->rq.len, GFP_NOFS)) {
		rpc_request_put(copy);
		return NULL;
	}
	memcpy(copy->impl->rq_buf.data, req->rq.msg, req->rq.len);
	copy->rq.msg = copy->impl->rq_buf.data;
	copy->rq.len = req->rq.len;
	memcpy(copy->rp.size, req->rp.size, sizeof(req->rp.size));
	copy->req_portal = req->req_portal;
	copy->rep_portal = req->rep_portal;
	copy->xid = req->xid;
	copy->impl->mbits = req->impl->mbits;
	copy->impl->match_bits = req->impl->match_bits;
	copy->impl->replaying = true;
	return copy;
}

/*
 * rpc_request_adopt() - the reply to a replay becomes the reply of the request itself
 * @copy: what rpc_request_clone() made; keeps the former reply alive for its readers
 */
void rpc_request_adopt(struct rpc_request *req, struct rpc_request *copy)
{
	struct rpc_request *former = req->impl->replayed;

	swap(req->rp, copy->rp);
	req->impl->replayed = rpc_request_get(copy);
	rpc_request_put(former);
	if (req->replay_fixup)
		req->replay_fixup(req);
}

/* --- outcome: who looks at it --- */

static bool request_ready(const struct rpc_request_impl *impl)
{
	lockdep_assert_held(&impl->lock);
	return impl->phase != RPC_PHASE_DONE && !impl->owned && !impl->reply_posted &&
	       !impl->bulk_posted && (impl->replied || impl->aborted);
}

static void request_check(struct rpc_request_impl *impl)
{
	lockdep_assert_held(&impl->lock);
	if (request_ready(impl) && !impl->sync)
		queue_work(impl->req->flags & RPC_REQ_CONNECTING ? rpc_import_wq : rpc_done_wq,
			   &impl->work);
	wake_up(&impl->waitq);
}

/* Give up ownership; whatever happened meanwhile is looked at now. */
static void request_disown(struct rpc_request_impl *impl)
{
	bool reply, bulk;

	spin_lock_bh(&impl->lock);
	impl->owned = false;
	reply = impl->aborted && impl->reply_posted;
	bulk = impl->aborted && impl->bulk_posted;
	/* keeps the request for the two calls below */
	rpc_request_get(impl->req);
	request_check(impl);
	spin_unlock_bh(&impl->lock);
	if (reply)
		lnet_md_unlink(&impl->reply_md);
	if (bulk)
		rpc_bulk_unlink(impl->bulk);
	rpc_request_put(impl->req);
}

/* --- events --- */

static void request_early(struct rpc_request_impl *impl)
{
	struct rpc_import *imp = impl->req->imp;
	struct rpc_msg m = { .fields = impl->req->fmt->rep, .nr = 1 };
	u64 copy[RPC_EARLY_SIZE / sizeof(u64)];
	struct ptlrpc_body *body;
	u32 timeout;

	/* another early reply may be overwriting it */
	memcpy(copy, impl->rp_buf.data, sizeof(copy));
	if (rpc_msg_parse(&m, copy, sizeof(copy)))
		return;
	body = rpc_body(&m);
	if (le32_to_cpu(m.msg->lm_cksum) != rpc_early_cksum(body, le32_to_cpu(m.msg->lm_buflens[0])))
		return;
	timeout = min(le32_to_cpu(body->pb_timeout), RPC_AT_LIMIT);
	if (!timeout)
		return;
	rpc_at_sample(rpc_import_at(imp, impl->req->req_portal), timeout);
	WRITE_ONCE(impl->deadline, impl->sent_at + timeout + rpc_at_estimate(&imp->impl->net));
}

/* No bulk comes with an error. Only when nobody can write to the buffer any more */
static bool reply_failed(const struct rpc_request_impl *impl)
{
	struct rpc_msg m = { .fields = impl->req->fmt->rep, .nr = 1 };

	return impl->rp_offset != (impl->at ? RPC_REPLY_OFFSET : 0) ||
	       rpc_msg_parse(&m, impl->rp_buf.data + impl->rp_offset, impl->rp_len) ||
	       (int)le32_to_cpu(rpc_body(&m)->pb_status) < 0;
}

static void request_reply_event(const struct lnet_event *ev)
{
	struct rpc_request_impl *impl = container_of(ev->md, struct rpc_request_impl, reply_md);
	struct rpc_request *req = impl->req;
	bool final = false, failed_bulk = false;

	if (ev->type == LNET_EVENT_PUT && !ev->status) {
		if (ev->offset == 0 && impl->at) {
			if (ev->mlength >= RPC_EARLY_SIZE)
				request_early(impl);
		} else {
			final = true;
		}
	}
	spin_lock_bh(&impl->lock);
	if (final && !impl->replied) {
		impl->replied = true;
		impl->rp_offset = ev->offset;
		impl->rp_len = ev->mlength;
		impl->rp_full = ev->rlength;
	}
	if (ev->unlinked) {
		impl->reply_posted = false;
		failed_bulk = impl->bulk_posted && impl->replied && reply_failed(impl);
	}
	request_check(impl);
	spin_unlock_bh(&impl->lock);

	if (failed_bulk)
		rpc_bulk_unlink(impl->bulk);
	if (final && !ev->unlinked)
		lnet_md_unlink(ev->md);
	if (ev->unlinked)
		rpc_request_put(req);
}

/* Event context, under the set's lock. */
static void request_bulk_idle(struct rpc_bulk_set *set)
{
	struct rpc_request_impl *impl = set->owner;

	spin_lock_bh(&impl->lock);
	impl->bulk_posted = false;
	request_check(impl);
	spin_unlock_bh(&impl->lock);
}

/* A message on its way, and the connection it was sent over */
struct request_tx {
	struct rpc_tx	tx;
	u32		gen;
};

static void request_sent(struct rpc_tx *tx, int status, bool acked)
{
	struct request_tx *rtx = container_of(tx, struct request_tx, tx);
	struct rpc_request *req = tx->owner;
	struct rpc_request_impl *impl = req->impl;

	/* not of an attempt before the last one */
	if (status && rtx->gen == READ_ONCE(impl->conn_gen)) {
		/* the peer is out of reach: as good as a timeout, but now */
		WRITE_ONCE(impl->deadline, 0);
		mod_delayed_work(rpc_import_wq, &req->imp->impl->expire, 0);
	}
	kfree(rtx);
	rpc_request_put(req);
}

/* --- sending --- */

static void request_assign_xid(struct rpc_request *req, bool retry)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	bool rep_mbits = rpc_import_flags2(imp) & OBD_CONNECT2_REP_MBITS;
	bool bulk_mbits = rpc_import_flags(imp) & OBD_CONNECT_BULK_MBITS;
	unsigned int md = req->bulk ? rpc_bulk_count_md(req->bulk) : 1;
	u64 fresh;

	lockdep_assert_held(&imp->lock);
	if (impl->replaying)
		return;
	if (req->flags & RPC_REQ_CONNECTING && req->fmt->opc == imp->impl->connect_op)
		rep_mbits = bulk_mbits = false;
	fresh = rpc_next_xid();
	if (retry && bulk_mbits && (req->bulk || rep_mbits)) {
		/* the XID stays, what it is answered on changes (chapter 02, 4.5) */
		impl->mbits = fresh + md - 1;
	} else if (!retry || (req->bulk && !bulk_mbits)) {
		req->xid = bulk_mbits || !req->bulk ? fresh : fresh + md - 1;
		impl->mbits = rep_mbits || (req->bulk && bulk_mbits) ? fresh + md - 1 : 0;
		list_move_tail(&impl->link, &imp->impl->sending);
	}
	impl->match_bits = rep_mbits ? impl->mbits : req->xid;
}

static u32 request_timeout(struct rpc_request *req)
{
	if (req->flags & RPC_REQ_CONNECTING && req->fmt->opc == req->imp->impl->connect_op)
		return max(RPC_CONNECT_TIMEOUT, rpc_timeout / 20);
	if (!READ_ONCE(rpc_at_max))
		return rpc_timeout;
	return rpc_at_est2timeout(max(rpc_at_estimate(rpc_import_at(req->imp, req->req_portal)),
				      READ_ONCE(rpc_at_min)));
}

static void request_fill(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl, *first;
	struct rpc_import *imp = req->imp;
	struct rpc_import_impl *ii = imp->impl;
	struct ptlrpc_body *body = rpc_body(&req->rq);
	struct lustre_msg_v2 *msg = req->rq.msg;
	bool connect = req->fmt->opc == ii->connect_op;
	u32 flags = le32_to_cpu(body->pb_flags), timeout = request_timeout(req);
	u64 last = req->xid - 1;

	if (impl->resent)
		flags |= MSG_RESENT;
	if (imp->state == RPC_IMP_REPLAY_LOCKS)
		flags |= MSG_REQ_REPLAY_DONE;
	msg->lm_secflvr = cpu_to_le32(ii->sec_part << RPC_SEC_PART_SHIFT);
	msg->lm_repsize = cpu_to_le32(impl->repsize);
	body->pb_status = cpu_to_le32(task_pid_nr(current));
	body->pb_tag = cpu_to_le16(ii->multislot ? impl->slot : 0);
	body->pb_flags = cpu_to_le32(flags);
	body->pb_timeout = cpu_to_le32(timeout);
	body->pb_mbits = cpu_to_le64(impl->mbits);

	spin_lock(&imp->lock);
	first = list_first_entry_or_null(&ii->sending, struct rpc_request_impl, link);
	if (first && !impl->replaying)
		last = min(last, first->req->xid - 1);
	if (connect || req->fmt->opc == ii->connect_op + 1)
		last = 0;
	body->pb_last_xid = cpu_to_le64(last);
	body->pb_handle.cookie = cpu_to_le64(ii->remote);
	body->pb_conn_cnt = cpu_to_le32(ii->conn_cnt);
	msg->lm_flags = cpu_to_le32(connect ? 0 : ii->msg_flags);
	impl->conn_gen = ii->conn_gen;
	ii->next_ping = ktime_get_seconds() +
			(list_empty(&ii->replay) ? RPC_PING_INTERVAL : RPC_PING_COMMIT);
	spin_unlock(&imp->lock);

	impl->at = le32_to_cpu(msg->lm_flags) & MSGHDR_AT_SUPPORT;
	impl->due = 0;
	impl->sent_at = ktime_get_seconds();
	WRITE_ONCE(impl->deadline, impl->sent_at + timeout +
		   (connect ? ii->latency : rpc_at_estimate(&ii->net)));
}

/* Servers may answer with somewhat more than was announced: leave them some room. */
static u32 reply_room(u32 repsize)
{
	u32 size = repsize + RPC_REPLY_OFFSET;

	return size <= 8 * PAGE_SIZE ? roundup_pow_of_two(max(size, 1024U)) :
	       min_t(u32, round_up(size + 1024, PAGE_SIZE), LNET_MTU);
}

static int request_reply_buffer(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	u32 lens[RPC_MAX_BUFS];
	unsigned int nr;

	if (!impl->repsize) {
		nr = rpc_msg_sizes(&req->rp, lens, true);
		impl->repsize = rpc_msg_size(nr, lens);
		if (impl->repsize > RPC_MAX_MSG)
			return -EMSGSIZE;
	}
	if (impl->rp_buf.data)
		return 0;
	return rpc_buf_alloc(&impl->rp_buf, reply_room(impl->repsize), GFP_NOFS);
}

static int request_post(struct rpc_request *req, lnet_nid_t peer)
{
	struct rpc_request_impl *impl = req->impl;
	struct lnet_md *md = &impl->reply_md;
	unsigned int n;
	int rc;

	memset(md, 0, sizeof(*md));
	md->bvec = impl->rp_buf.bv;
	md->nr_bvec = impl->rp_buf.nr;
	md->length = impl->rp_buf.size;
	md->threshold = LNET_MD_UNLIMITED;
	md->options = LNET_MD_OP_PUT | LNET_MD_REMOTE_OFFSET | LNET_MD_TRUNCATE;
	md->event = request_reply_event;
	impl->reply_posted = true;
	rpc_request_get(req);
	rc = lnet_md_attach(md, req->rep_portal, peer, impl->match_bits, 0);
	if (rc) {
		impl->reply_posted = false;
		rpc_request_put(req);
		return rc;
	}
	if (!req->bulk)
		return 0;
	n = rpc_bulk_count_md(req->bulk);
	if (!impl->bulk) {
		impl->bulk = rpc_bulk_split(req->bulk->bvec, req->bulk->nr, req->bulk->len,
					    RPC_BULK_MAX_MD, GFP_NOFS);
		if (IS_ERR(impl->bulk)) {
			rc = PTR_ERR(impl->bulk);
			impl->bulk = NULL;
			return rc;
		}
		impl->bulk->idle = request_bulk_idle;
		impl->bulk->owner = impl;
	}
	impl->bulk_posted = true;
	return rpc_bulk_attach(impl->bulk, req->bulk, peer, (impl->mbits ?: req->xid) - (n - 1));
}

/*
 * Send a request that is on imp->sending, has its XID, and is owned by us. Gives up the
 * ownership. Whatever goes wrong becomes the request's outcome.
 */
static void request_transmit(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import_impl *ii = req->imp->impl;
	lnet_nid_t peer = rpc_import_nid(req->imp);
	struct request_tx *rtx;
	int rc;

	rc = request_reply_buffer(req);
	if (!rc) {
		request_fill(req);
		rc = request_post(req, peer);
	}
	if (!rc) {
		rc = -ENOMEM;
		rtx = kmalloc(sizeof(*rtx), GFP_NOFS);
		if (rtx) {
			rtx->gen = impl->conn_gen;
			rtx->tx.sent = request_sent;
			rtx->tx.owner = rpc_request_get(req);
			rc = rpc_tx_put(&rtx->tx, &impl->rq_buf, req->rq.len, LNET_NID_ANY, peer,
					req->req_portal, req->xid, 0, false);
			if (rc) {
				rpc_request_put(req);
				kfree(rtx);
			}
		}
	}
	if (rc)
		rpc_request_abort(req, rc);
	else if (!delayed_work_pending(&ii->expire))
		queue_delayed_work(rpc_import_wq, &ii->expire, HZ);
	request_disown(impl);
}

/* Take back what LNet holds and wait for it. The request is owned by us. */
static void request_unpost(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;

	if (READ_ONCE(impl->reply_posted))
		lnet_md_unlink(&impl->reply_md);
	if (READ_ONCE(impl->bulk_posted))
		rpc_bulk_unlink(impl->bulk);
	wait_event_idle(impl->waitq, !READ_ONCE(impl->reply_posted) &&
			!READ_ONCE(impl->bulk_posted));
}

/*
 * rpc_request_abort() - let a request end with @status as soon as LNet let go of it
 *
 * Context: process, under no lock. No-op for requests that are done.
 */
void rpc_request_abort(struct rpc_request *req, int status)
{
	struct rpc_request_impl *impl = req->impl;
	bool reply, bulk;

	spin_lock_bh(&impl->lock);
	if (impl->phase == RPC_PHASE_DONE || impl->aborted) {
		spin_unlock_bh(&impl->lock);
		return;
	}
	impl->aborted = status;
	reply = impl->reply_posted;
	bulk = impl->bulk_posted;
	request_check(impl);
	spin_unlock_bh(&impl->lock);
	/* whoever transmits it right now sees it afterwards, in request_disown() */
	if (reply)
		lnet_md_unlink(&impl->reply_md);
	if (bulk)
		rpc_bulk_unlink(impl->bulk);
}

/*
 * rpc_request_resend() - send again what was sent over a former connection
 *
 * Context: process, the request is referenced. Return: false if it needs no resending.
 */
bool rpc_request_resend(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	bool go;

	spin_lock_bh(&impl->lock);
	go = impl->phase == RPC_PHASE_SENT && !impl->owned && !impl->replied && !impl->aborted;
	if (go)
		impl->owned = true;
	spin_unlock_bh(&impl->lock);
	if (!go)
		return false;
	request_unpost(req);
	if (READ_ONCE(impl->replied) || READ_ONCE(impl->aborted)) {
		request_disown(impl);
		return false;
	}
	impl->resent = true;
	spin_lock(&imp->lock);
	request_assign_xid(req, true);
	spin_unlock(&imp->lock);
	request_transmit(req);
	return true;
}

/* A request that the server asked to try later: everything about it is new but the content. */
static void request_retry(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	bool go;

	spin_lock_bh(&impl->lock);
	go = impl->phase == RPC_PHASE_SENT && !impl->owned && !impl->aborted && impl->due;
	if (go)
		impl->owned = true;
	spin_unlock_bh(&impl->lock);
	if (!go)
		return;
	impl->resent = true;
	spin_lock(&imp->lock);
	request_assign_xid(req, false);
	spin_unlock(&imp->lock);
	request_transmit(req);
}

/* --- admission: may it be sent now? --- */

/* A close may use one slot more than the others (chapter 02, 12.5). */
static bool request_take_slot(struct rpc_request *req)
{
	struct rpc_import_impl *ii = req->imp->impl;
	unsigned int nr = ii->nr_slots, slot;

	lockdep_assert_held(&req->imp->lock);
	if (!(req->flags & RPC_REQ_MODIFY) || req->impl->slot || !nr)
		return true;
	slot = find_first_zero_bit(ii->slots, nr);
	if (slot >= nr && req->fmt->opc == MDS_CLOSE && !test_bit(nr, ii->slots))
		slot = nr;
	else if (slot >= nr)
		return false;
	__set_bit(slot, ii->slots);
	req->impl->slot = slot + 1;
	return true;
}

/* Return: 0 transmit it now, 1 it waits or somebody else ends it, negative errno. */
static int request_admit(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	struct rpc_import_impl *ii = imp->impl;
	bool wait = false;

	lockdep_assert_held(&imp->lock);
	if (imp->state == RPC_IMP_CLOSED)
		return -ESHUTDOWN;
	if (!(req->flags & (RPC_REQ_CONNECTING | RPC_REQ_AST))) {
		if (ii->closing)
			return -ESHUTDOWN;
		/* nobody tries to connect any more */
		if (ii->invalid || ii->final)
			return -EIO;
		if (req->flags & RPC_REQ_UNDER_LOCK &&
		    (req->evictions != ii->evictions || imp->state == RPC_IMP_EVICTED))
			return -EIO;
		if (imp->state != RPC_IMP_FULL && imp->state != RPC_IMP_IDLE &&
		    req->flags & RPC_REQ_NO_DELAY)
			return -EAGAIN;
		wait = imp->state != RPC_IMP_FULL || !request_take_slot(req);
	}
	spin_lock_bh(&impl->lock);
	if (impl->aborted || impl->owned) {
		spin_unlock_bh(&impl->lock);
		return 1;
	}
	impl->phase = wait ? RPC_PHASE_DELAYED : RPC_PHASE_SENT;
	impl->owned = !wait;
	spin_unlock_bh(&impl->lock);
	if (wait) {
		list_add_tail(&impl->link, &ii->delayed);
		return 1;
	}
	/* XIDs grow along the list; copies for replay keep theirs */
	if (impl->replaying)
		list_add(&impl->link, &ii->sending);
	else
		list_add_tail(&impl->link, &ii->sending);
	request_assign_xid(req, false);
	return 0;
}

static void request_start(struct rpc_request *req)
{
	struct rpc_import *imp = req->imp;
	int rc;

	req->impl->start = ktime_get();
	rpc_request_get(req);
	atomic_inc(&imp->impl->nr_requests);
	if (!req->rq.msg) {
		rpc_request_abort(req, -EINVAL);
		return;
	}
	if (!(req->flags & RPC_REQ_AST) && !req->impl->replaying) {
		/* it may look at user memory, and we may be inside a page fault */
		pagefault_disable();
		jobid_get(rpc_body(&req->rq)->pb_jobid);
		pagefault_enable();
	}
	spin_lock(&imp->lock);
	rc = request_admit(req);
	spin_unlock(&imp->lock);
	if (!rc)
		request_transmit(req);
	else if (rc < 0)
		rpc_request_abort(req, rc);
	else if (READ_ONCE(imp->state) == RPC_IMP_IDLE)
		rpc_import_kick(imp);
}

/* The first one that waits and need not any more, taken off the list, with a reference. */
static struct rpc_request *admissible(struct rpc_import *imp)
{
	struct rpc_request_impl *impl;

	lockdep_assert_held(&imp->lock);
	if (imp->state != RPC_IMP_FULL)
		return NULL;
	list_for_each_entry(impl, &imp->impl->delayed, link) {
		if (request_take_slot(impl->req)) {
			list_del_init(&impl->link);
			return rpc_request_get(impl->req);
		}
	}
	return NULL;
}

/* rpc_request_admit_waiting() - a slot is free, or the import is FULL. Context: may sleep */
void rpc_request_admit_waiting(struct rpc_import *imp)
{
	struct rpc_request *req;
	int rc;

	if (list_empty_careful(&imp->impl->delayed))
		return;
	for (;;) {
		spin_lock(&imp->lock);
		req = admissible(imp);
		rc = req ? request_admit(req) : 0;
		spin_unlock(&imp->lock);
		if (!req)
			return;
		if (!rc)
			request_transmit(req);
		else if (rc < 0)
			rpc_request_abort(req, rc);
		rpc_request_put(req);
	}
}

/* --- the end --- */

static void request_count(struct rpc_request *req)
{
	struct rpc_stats *st = &req->imp->impl->stats;
	s64 us = ktime_us_delta(ktime_get(), req->impl->start);

	rpc_stats_add(st, RPC_STAT_WAITTIME, us);
	rpc_stats_add(st, rpc_stats_opc(&req->rq, req->fmt->opc), us);
	if (req->bulk && req->bulk->moved)
		rpc_stats_add(st, req->bulk->write ? RPC_STAT_WRITE_BYTES : RPC_STAT_READ_BYTES,
			      req->bulk->moved);
}

static void request_finish(struct rpc_request *req, int status)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	bool slot_free, sync;

	if (impl->bulk) {
		req->bulk->moved = rpc_bulk_moved(impl->bulk);
		if (status >= 0 && impl->bulk->status)
			status = -EIO;
		rpc_bulk_set_free(impl->bulk);
		impl->bulk = NULL;
	}
	if (req->xid)
		request_count(req);
	spin_lock(&imp->lock);
	list_del_init(&impl->link);
	slot_free = impl->slot;
	if (slot_free)
		__clear_bit(impl->slot - 1, imp->impl->slots);
	req->status = status;
	spin_unlock(&imp->lock);

	sync = impl->sync;
	spin_lock_bh(&impl->lock);
	smp_store_release(&impl->phase, RPC_PHASE_DONE);
	wake_up_all(&impl->waitq);
	spin_unlock_bh(&impl->lock);
	if (slot_free)
		rpc_request_admit_waiting(imp);
	if (req->done && !sync)
		req->done(req);
	if (atomic_dec_and_test(&imp->impl->nr_requests))
		wake_up(&imp->waitq);
	rpc_request_put(req);
}

/* The reply did not fit: make room and ask again for the same answer. */
static bool request_enlarge(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	u64 full = (u64)impl->rp_offset + impl->rp_full;

	if (req->flags & RPC_REQ_NO_RESEND || full > LNET_MTU || impl->retries++ > 3)
		return false;
	rpc_buf_free(&impl->rp_buf);
	impl->repsize = max_t(u32, impl->repsize, impl->rp_full);
	impl->replied = false;
	impl->resent = true;
	if (imp->state == RPC_IMP_FULL || impl->replaying) {
		spin_lock(&imp->lock);
		request_assign_xid(req, true);
		spin_unlock(&imp->lock);
		request_transmit(req);
	} else {
		request_disown(impl);
	}
	return true;
}

/* Is the status of a good reply more than 0? Bytes moved; what became of a lock */
static bool opc_has_result(u32 opc)
{
	return opc == OST_READ || opc == OST_WRITE || (opc >= LDLM_ENQUEUE && opc <= LDLM_SET_INFO);
}

static int reply_status(const struct rpc_request *req, const struct ptlrpc_body *body)
{
	int status = rpc_status_from_wire(le32_to_cpu(body->pb_status));

	switch (le32_to_cpu(body->pb_type)) {
	case PTL_RPC_MSG_REPLY:
		return status > 0 && !opc_has_result(req->fmt->opc) ? -EPROTO : status;
	case PTL_RPC_MSG_ERR:
		return status < 0 ? status : -EINVAL;
	default:
		return -EPROTO;
	}
}

static void reply_learn(struct rpc_request *req, const struct ptlrpc_body *body)
{
	struct rpc_import_impl *ii = req->imp->impl;
	u32 timeout = le32_to_cpu(body->pb_timeout);
	s64 net = ktime_get_seconds() - req->impl->sent_at + 1 -
		  le32_to_cpu(body->pb_service_time);

	if (timeout && !(req->flags & RPC_REQ_AST))
		rpc_at_sample(rpc_import_at(req->imp, req->req_portal), timeout);
	rpc_at_sample(&ii->net, clamp_t(s64, net, 0, RPC_AT_LIMIT));
}

/*
 * The reply is in memory. Return: true if the request ended or goes its way again, false
 * if @status is its result.
 */
static bool request_reply(struct rpc_request *req, int *status)
{
	struct rpc_request_impl *impl = req->impl;
	u32 want = impl->at ? RPC_REPLY_OFFSET : 0;
	struct ptlrpc_body *body;
	bool ours = req->flags & (RPC_REQ_CONNECTING | RPC_REQ_AST | RPC_REQ_NO_RESEND);
	bool lost;

	if (impl->rp_full > impl->rp_len && impl->rp_offset == want) {
		*status = -EOVERFLOW;
		return request_enlarge(req);
	}
	*status = -EPROTO;
	if (impl->rp_offset != want ||
	    rpc_msg_parse(&req->rp, impl->rp_buf.data + want, impl->rp_len))
		return false;
	body = rpc_body(&req->rp);
	*status = reply_status(req, body);
	reply_learn(req, body);

	lost = *status == -ENOTCONN || *status == -ENODEV;
	/* it fails, but whoever sends nothing else must get a new connection too */
	if (lost && (req->flags & (RPC_REQ_CONNECTING | RPC_REQ_AST | RPC_REQ_NO_RESEND)) == RPC_REQ_NO_RESEND)
		rpc_import_lost(req->imp, impl->conn_gen, "the server does not know us any more");
	if (lost && !ours) {
		req->rp.msg = NULL;
		impl->replied = false;
		WRITE_ONCE(impl->deadline, 0);
		rpc_import_lost(req->imp, impl->conn_gen, "the server does not know us any more");
		request_disown(impl);
		return true;
	}
	if (*status == -EINPROGRESS && !ours) {
		req->rp.msg = NULL;
		impl->replied = false;
		impl->due = ktime_get_seconds() +
			    min(++impl->retries, rpc_at_est2timeout(RPC_AT_INITIAL));
		request_disown(impl);
		return true;
	}
	if (!(req->flags & RPC_REQ_AST))
		rpc_replay_prune(req->imp, le64_to_cpu(body->pb_last_committed));
	req->transno = le64_to_cpu(body->pb_transno);
	if (req->transno && !impl->replaying) {
		memcpy(impl->pre_versions, body->pb_pre_versions, sizeof(impl->pre_versions));
		rpc_replay_keep(req);
	}
	return false;
}

/* Look at the outcome, if there is one and nobody else does. */
static void request_process(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	int status;
	bool go;

	spin_lock_bh(&impl->lock);
	go = request_ready(impl);
	if (go)
		impl->owned = true;
	spin_unlock_bh(&impl->lock);
	if (!go)
		return;
	if (impl->aborted)
		status = impl->aborted;
	else if (request_reply(req, &status))
		return;
	request_finish(req, status);
}

static void request_work(struct work_struct *work)
{
	request_process(container_of(work, struct rpc_request_impl, work)->req);
}

/* --- callers --- */

static bool request_is_done(const struct rpc_request_impl *impl)
{
	return smp_load_acquire(&impl->phase) == RPC_PHASE_DONE;
}

static bool request_needs_us(struct rpc_request_impl *impl)
{
	bool yes;

	spin_lock_bh(&impl->lock);
	yes = impl->phase == RPC_PHASE_DONE || request_ready(impl);
	spin_unlock_bh(&impl->lock);
	return yes;
}

/* The caller was killed. Pages are taken back; a bare message goes on without it. */
static bool request_detach(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;

	if (req->bulk || READ_ONCE(impl->phase) != RPC_PHASE_SENT) {
		rpc_request_abort(req, -EINTR);
		return false;
	}
	spin_lock_bh(&impl->lock);
	if (impl->phase == RPC_PHASE_DONE || impl->owned) {
		spin_unlock_bh(&impl->lock);
		rpc_request_abort(req, -EINTR);
		return false;
	}
	impl->sync = false;
	req->done = req->orphan;
	request_check(impl);
	spin_unlock_bh(&impl->lock);
	return true;
}

int rpc_call(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;
	bool killable = !(req->flags & RPC_REQ_UNINTERRUPTIBLE);

	impl->sync = true;
	request_start(req);
	while (!request_is_done(impl)) {
		if (!killable) {
			wait_event_idle(impl->waitq, request_needs_us(impl));
		} else if (wait_event_killable(impl->waitq, request_needs_us(impl))) {
			if (request_detach(req))
				return -EINTR;
			killable = false;
		}
		request_process(req);
	}
	return req->status;
}
EXPORT_SYMBOL_GPL(rpc_call);

void rpc_send(struct rpc_request *req)
{
	req->impl->sync = false;
	request_start(req);
}
EXPORT_SYMBOL_GPL(rpc_send);

int rpc_wait(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl;

	if (req->flags & RPC_REQ_UNINTERRUPTIBLE)
		wait_event_idle(impl->waitq, request_is_done(impl));
	else if (wait_event_killable(impl->waitq, request_is_done(impl)))
		return -EINTR;
	return req->status;
}
EXPORT_SYMBOL_GPL(rpc_wait);

/* --- time --- */

enum expiry { EXPIRY_NONE, EXPIRY_ABORT, EXPIRY_LOST, EXPIRY_RESEND, EXPIRY_RETRY };

static enum expiry request_expiry(struct rpc_request *req, time64_t now)
{
	struct rpc_request_impl *impl = req->impl;
	struct rpc_import *imp = req->imp;
	enum expiry e = EXPIRY_NONE;

	lockdep_assert_held(&imp->lock);
	spin_lock_bh(&impl->lock);
	if (impl->owned || impl->aborted || impl->phase != RPC_PHASE_SENT)
		goto out;
	if (impl->due) {
		if (now >= impl->due && imp->state == RPC_IMP_FULL)
			e = EXPIRY_RETRY;
	} else if (now >= READ_ONCE(impl->deadline)) {
		if (impl->replied)	/* but its bulk never came */
			e = impl->bulk_posted ? EXPIRY_ABORT : EXPIRY_NONE;
		else if (req->flags & (RPC_REQ_NO_RESEND | RPC_REQ_CONNECTING | RPC_REQ_AST))
			e = EXPIRY_ABORT;
		else if (impl->conn_gen == imp->impl->conn_gen)
			e = EXPIRY_LOST;
		else if (imp->state == RPC_IMP_FULL)
			e = EXPIRY_RESEND;
	}
out:
	spin_unlock_bh(&impl->lock);
	return e;
}

/* rpc_request_expire() - once a second while requests of an import are on their way */
void rpc_request_expire(struct work_struct *work)
{
	struct rpc_import_impl *ii = container_of(to_delayed_work(work), struct rpc_import_impl,
						  expire);
	struct rpc_import *imp = ii->imp;
	time64_t now = ktime_get_seconds();
	struct rpc_request_impl *impl;
	enum expiry e;
	u32 gen;

again:
	spin_lock(&imp->lock);
	list_for_each_entry(impl, &ii->sending, link) {
		e = request_expiry(impl->req, now);
		if (e == EXPIRY_NONE)
			continue;
		gen = impl->conn_gen;
		ii->timeouts += e == EXPIRY_ABORT || e == EXPIRY_LOST;
		rpc_request_get(impl->req);
		spin_unlock(&imp->lock);
		if (e == EXPIRY_ABORT) {
			rpc_request_abort(impl->req, -ETIMEDOUT);
		} else if (e == EXPIRY_LOST) {
			/* looked at again when there is a new connection, or in a second */
			WRITE_ONCE(impl->deadline, now + 1);
			rpc_import_lost(imp, gen, "a request timed out");
		} else if (e == EXPIRY_RESEND) {
			rpc_request_resend(impl->req);
		} else {
			request_retry(impl->req);
		}
		rpc_request_put(impl->req);
		goto again;
	}
	if (!list_empty(&ii->sending))
		queue_delayed_work(rpc_import_wq, &ii->expire, HZ);
	spin_unlock(&imp->lock);
}

int rpc_request_init(void)
{
	atomic64_set(&last_xid, rpc_first_xid(ktime_get_real_seconds(), get_random_u64()));
	request_cache = KMEM_CACHE(full_request, SLAB_RECLAIM_ACCOUNT);
	if (!request_cache)
		return -ENOMEM;
	rpc_done_wq = alloc_workqueue("rpc_done", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!rpc_done_wq) {
		kmem_cache_destroy(request_cache);
		return -ENOMEM;
	}
	return 0;
}

void rpc_request_exit(void)
{
	destroy_workqueue(rpc_done_wq);
	kmem_cache_destroy(request_cache);
}
