// SPDX-License-Identifier: GPL-2.0
/*
 * Services (chapter 02, sections 3, 4 and 6): request portals with their buffers and
 * threads, what is checked of a request before a handler sees it, replies, early replies.
 *
 * Cost of a request: the thread that reads the socket checks and queues it, one service
 * thread does the work and writes the reply. Order of locks: service > export > request.
 */
#include <linux/kthread.h>
#include <linux/slab.h>
#include "kernel/config/config.h"
#include "kernel/rpc/internal.h"

#define SVC_MIN_POSTED		2
#define SVC_MAX_BUFFERS		64

static struct kmem_cache *svcreq_cache;
static struct workqueue_struct *svc_wq;
static LIST_HEAD(services);
static DEFINE_MUTEX(services_mutex);
static const struct rpc_op *common_ops;
static unsigned int nr_common_ops;
static const u8 body_only[] = { RF_BODY };

void rpc_set_common_ops(const struct rpc_op *ops, unsigned int nr)
{
	common_ops = ops;
	nr_common_ops = nr;
}

/* --- request buffers --- */

static void rqbuf_put(struct rpc_rqbuf *rb);
static void rqbuf_event(const struct lnet_event *ev);

static int rqbuf_post(struct rpc_rqbuf *rb)
{
	struct rpc_service *svc = rb->svc;
	int rc;

	memset(&rb->md, 0, sizeof(rb->md));
	rb->md.bvec = rb->buf.bv;
	rb->md.nr_bvec = rb->buf.nr;
	rb->md.length = rb->buf.size;
	rb->md.max_size = svc->args.max_size;
	rb->md.threshold = LNET_MD_UNLIMITED;
	rb->md.options = LNET_MD_OP_PUT;
	rb->md.event = rqbuf_event;
	atomic_set(&rb->users, 1);
	spin_lock_bh(&svc->lock);
	svc->nr_posted++;
	spin_unlock_bh(&svc->lock);
	rc = lnet_md_attach(&rb->md, svc->args.req_portal, LNET_NID_ANY, 0, ~0ULL);
	if (rc) {
		spin_lock_bh(&svc->lock);
		svc->nr_posted--;
		list_add(&rb->link, &svc->idle_buffers);
		spin_unlock_bh(&svc->lock);
	} else if (READ_ONCE(svc->stopping)) {
		lnet_md_unlink(&rb->md);
	}
	return rc;
}

static void rqbuf_get(struct rpc_rqbuf *rb)
{
	atomic_inc(&rb->users);
}

/* The last request in it is done: post it again. */
static void rqbuf_put(struct rpc_rqbuf *rb)
{
	struct rpc_service *svc = rb->svc;

	if (!rb || !atomic_dec_and_test(&rb->users))
		return;
	spin_lock_bh(&svc->lock);
	if (svc->stopping) {
		list_add(&rb->link, &svc->idle_buffers);
		wake_up_all(&svc->drained);
		spin_unlock_bh(&svc->lock);
		return;
	}
	spin_unlock_bh(&svc->lock);
	if (rqbuf_post(rb))
		pr_warn_ratelimited("%s: cannot post a request buffer\n", svc->args.name);
}

static int rqbuf_add(struct rpc_service *svc)
{
	struct rpc_rqbuf *rb = kzalloc(sizeof(*rb), GFP_KERNEL);
	int rc;

	if (!rb)
		return -ENOMEM;
	rb->svc = svc;
	rc = rpc_buf_alloc(&rb->buf, svc->buf_size, GFP_KERNEL);
	if (rc) {
		kfree(rb);
		return rc;
	}
	spin_lock_bh(&svc->lock);
	svc->nr_buffers++;
	list_add_tail(&rb->all, &svc->all_buffers);
	spin_unlock_bh(&svc->lock);
	return rqbuf_post(rb);
}

/* --- requests arrive --- */

static void svcreq_free(struct work_struct *work)
{
	struct rpc_svcreq_impl *impl = container_of(work, struct rpc_svcreq_impl, work);
	struct rpc_service *svc = impl->req.svc;

	rpc_buf_free(&impl->copy);
	rpc_buf_free(&impl->rp_buf);
	spin_lock_bh(&svc->lock);
	svc->nr_reqs--;
	wake_up_all(&svc->drained);
	spin_unlock_bh(&svc->lock);
	kmem_cache_free(svcreq_cache, impl);
}

static void svcreq_release(struct kref *ref)
{
	struct rpc_svcreq_impl *impl = container_of(ref, struct rpc_svcreq_impl, ref);

	/* the last event comes in the thread that reads the socket: no vfree() there */
	if (impl->rp_buf.data && impl->rp_buf.bv != &impl->rp_buf.one) {
		INIT_WORK(&impl->work, svcreq_free);
		queue_work(svc_wq, &impl->work);
	} else {
		svcreq_free(&impl->work);
	}
}

void rpc_svcreq_get(struct rpc_svcreq_impl *impl)
{
	kref_get(&impl->ref);
}

void rpc_svcreq_put(struct rpc_svcreq_impl *impl)
{
	kref_put(&impl->ref, svcreq_release);
}

/* Let go of everything but the reply, and of the request itself. */
static void svcreq_done(struct rpc_svcreq_impl *impl)
{
	struct rpc_svcreq *req = &impl->req;
	struct rpc_service *svc = req->svc;

	spin_lock_bh(&svc->lock);
	list_del_init(&impl->active);
	spin_unlock_bh(&svc->lock);
	if (req->exp) {
		spin_lock_bh(&req->exp->lock);
		list_del_init(&impl->exp_link);
		spin_unlock_bh(&req->exp->lock);
		rpc_export_put(req->exp);
	}
	rpc_import_put(req->imp);
	rqbuf_put(impl->rqbuf);
	rpc_svcreq_put(impl);
}

static bool opc_is_connect(u32 opc)
{
	return opc == MGS_CONNECT || opc == MDS_CONNECT || opc == OST_CONNECT;
}

static bool opc_is_disconnect(u32 opc)
{
	return opc == MGS_DISCONNECT || opc == MDS_DISCONNECT || opc == OST_DISCONNECT;
}

static bool opc_is_urgent(u32 opc)
{
	return opc_is_connect(opc) || opc == OBD_PING || opc == LDLM_CANCEL || opc == LDLM_CONVERT;
}

static bool opc_is_bulk(u32 opc)
{
	return opc == OST_READ || opc == OST_WRITE || opc == MDS_READPAGE ||
	       opc == MGS_CONFIG_READ || opc == OBD_IDX_READ || opc == OUT_UPDATE;
}

static struct rpc_svcreq_impl *svcreq_alloc(struct rpc_rqbuf *rb, const struct lnet_event *ev)
{
	struct rpc_service *svc = rb->svc;
	struct rpc_svcreq_impl *impl;
	struct rpc_svcreq *req;

	impl = kmem_cache_zalloc(svcreq_cache, GFP_NOWAIT | __GFP_NOWARN);
	if (!impl)
		return NULL;
	req = &impl->req;
	kref_init(&impl->ref);
	INIT_LIST_HEAD(&impl->link);
	INIT_LIST_HEAD(&impl->active);
	INIT_LIST_HEAD(&impl->exp_link);
	INIT_LIST_HEAD(&impl->ack_link);
	INIT_WORK(&impl->work, svcreq_free);
	spin_lock_init(&impl->lock);
	init_waitqueue_head(&impl->waitq);
	rpc_msg_init(&req->rq, body_only, 1);
	rpc_msg_init(&req->rp, body_only, 1);
	req->svc = svc;
	req->impl = impl;
	req->xid = ev->match_bits;
	req->peer = ev->peer;
	req->self = ev->self;
	req->arrival = ktime_get();
	impl->peer_ni = ev->peer_ni;
	impl->rqbuf = rb;
	rqbuf_get(rb);
	spin_lock_bh(&svc->lock);
	svc->nr_reqs++;
	spin_unlock_bh(&svc->lock);
	return impl;
}

/* Only a peer that sends odd lengths gets here; it must not hurt the others of the buffer. */
static void *svcreq_align(struct rpc_svcreq_impl *impl, void *data, u32 len)
{
	if (IS_ALIGNED((unsigned long)data, 8))
		return data;
	if (rpc_buf_alloc(&impl->copy, len, GFP_NOWAIT | __GFP_NOWARN))
		return NULL;
	return memcpy(impl->copy.data, data, len);
}

/* What can be seen of the message alone. Return: false: no reply (chapter 02, 1.1 and 1.6). */
static bool svcreq_parse(struct rpc_svcreq_impl *impl, void *data, u32 len)
{
	struct rpc_svcreq *req = &impl->req;
	struct ptlrpc_body *body;
	u32 timeout, flags;

	if (!data || rpc_msg_parse(&req->rq, data, len))
		return false;
	body = rpc_body(&req->rq);
	flags = le32_to_cpu(body->pb_flags);
	timeout = le32_to_cpu(body->pb_timeout);
	impl->at = le32_to_cpu(req->rq.msg->lm_flags) & MSGHDR_AT_SUPPORT;
	if (le32_to_cpu(body->pb_type) != PTL_RPC_MSG_REQUEST || (impl->at && !timeout))
		return false;
	/* the job id is the client's text: make it end */
	if (le32_to_cpu(req->rq.msg->lm_buflens[0]) >= sizeof(*body))
		body->pb_jobid[RPC_JOBID_SIZE - 1] = 0;
	req->opc = le32_to_cpu(body->pb_opc);
	req->resent = flags & MSG_RESENT;
	req->replay = flags & MSG_REPLAY;
	impl->urgent = opc_is_urgent(req->opc);
	impl->bulk_op = opc_is_bulk(req->opc);
	impl->conn_cnt = le32_to_cpu(body->pb_conn_cnt);
	impl->mbits = le64_to_cpu(body->pb_mbits);
	req->deadline = ktime_add(req->arrival, ktime_set(impl->at ? min(timeout, RPC_AT_LIMIT) :
							  rpc_timeout, 0));
	return true;
}

/* The same request is being worked on: it answers to where the client listens now. */
static bool svcreq_is_duplicate(struct rpc_svcreq_impl *impl)
{
	struct rpc_export *exp = impl->req.exp;
	struct rpc_svcreq_impl *old;
	bool found = false;

	lockdep_assert_held(&exp->lock);
	/* a bulk was aborted with the connection it ran over: do it again */
	if (!impl->req.resent || impl->bulk_op)
		return false;
	list_for_each_entry(old, &exp->requests, exp_link) {
		if (old->req.xid != impl->req.xid)
			continue;
		spin_lock(&old->lock);
		if (!old->replied) {
			found = true;
			old->mbits = impl->mbits;
			old->peer_ni = impl->peer_ni;
			old->at = impl->at;
			old->req.self = impl->req.self;
			old->req.deadline = impl->req.deadline;
		}
		spin_unlock(&old->lock);
	}
	return found;
}

/* Find whom it is for. Return: false: no reply. */
static bool svcreq_address(struct rpc_svcreq_impl *impl)
{
	struct rpc_svcreq *req = &impl->req;
	struct ptlrpc_body *body = rpc_body(&req->rq);
	u64 cookie = le64_to_cpu(body->pb_handle.cookie);
	struct rpc_export *exp;
	bool keep;

	if (opc_is_connect(req->opc))
		return true;
	if (req->svc->args.ops) {
		req->imp = rpc_import_find(cookie);
		return true;
	}
	exp = rpc_export_find(cookie);
	if (!exp)
		return true;
	spin_lock_bh(&exp->lock);
	req->exp = exp;
	keep = impl->conn_cnt >= exp->conn_cnt && !svcreq_is_duplicate(impl);
	if (keep) {
		exp->last_request = ktime_get_seconds();
		list_add_tail(&impl->exp_link, &exp->requests);
	}
	spin_unlock_bh(&exp->lock);
	return keep;
}

/*
 * Requests wait and every thread works: one more. Asked whenever a request comes or is taken, so that
 * a burst of requests that wait for each other gets as many threads as it needs.
 */
static void svc_want_thread(struct rpc_service *svc)
{
	lockdep_assert_held(&svc->lock);
	if (svc->nr_queued && svc->nr_working == svc->nr_threads && !svc->stopping &&
	    svc->nr_threads < svc->args.max_threads)
		queue_work(svc_wq, &svc->grow);
}

static void svc_queue(struct rpc_svcreq_impl *impl)
{
	struct rpc_service *svc = impl->req.svc;

	spin_lock_bh(&svc->lock);
	rpc_stats_add(&svc->stats, RPC_STAT_QDEPTH, svc->nr_queued++);
	rpc_stats_add(&svc->stats, RPC_STAT_BUFFERS, svc->nr_posted);
	list_add_tail(&impl->link, impl->urgent ? &svc->urgent : &svc->queue);
	if (impl->at) {
		if (list_empty(&svc->active))
			queue_delayed_work(svc_wq, &svc->early, HZ);
		list_add_tail(&impl->active, &svc->active);
	}
	svc_want_thread(svc);
	spin_unlock_bh(&svc->lock);
	wake_up(&svc->waitq);
}

static void svc_request_in(struct rpc_rqbuf *rb, const struct lnet_event *ev)
{
	char nid[LNET_NIDSTR_SIZE];
	struct rpc_svcreq_impl *impl;
	void *data = rb->buf.data + ev->offset;

	impl = svcreq_alloc(rb, ev);
	if (!impl) {
		pr_warn_ratelimited("%s: no memory for a request of %s, dropped\n",
				    rb->svc->args.name, lnet_nid_str(ev->peer_ni, nid));
		return;
	}
	if (!svcreq_parse(impl, svcreq_align(impl, data, ev->mlength), ev->mlength)) {
		pr_warn_ratelimited("%s: dropped a malformed request of %u bytes from %s\n",
				    rb->svc->args.name, ev->mlength,
				    lnet_nid_str(ev->peer_ni, nid));
		svcreq_done(impl);
		return;
	}
	if (!svcreq_address(impl))
		svcreq_done(impl);
	else
		svc_queue(impl);
}

static void rqbuf_event(const struct lnet_event *ev)
{
	struct rpc_rqbuf *rb = container_of(ev->md, struct rpc_rqbuf, md);
	struct rpc_service *svc = rb->svc;

	if (ev->type == LNET_EVENT_PUT && !ev->status)
		svc_request_in(rb, ev);
	if (!ev->unlinked)
		return;
	spin_lock_bh(&svc->lock);
	if (--svc->nr_posted < SVC_MIN_POSTED && svc->nr_buffers < SVC_MAX_BUFFERS &&
	    !svc->stopping)
		queue_work(svc_wq, &svc->grow);
	spin_unlock_bh(&svc->lock);
	rqbuf_put(rb);
}

/* --- replies --- */

static bool status_is_plain(int status)
{
	switch (status) {
	case -ENOSPC:
	case -EACCES:
	case -EPERM:
	case -ENOENT:
	case -EINPROGRESS:
	case -EDQUOT:
		return true;
	default:
		return status >= 0;
	}
}

static u64 reply_match_bits(struct rpc_svcreq_impl *impl)
{
	struct rpc_svcreq *req = &impl->req;
	u64 flags2 = 0;

	lockdep_assert_held(&impl->lock);
	if (req->exp && !opc_is_connect(req->opc))
		flags2 = rpc_export_flags2(req->exp);
	else if (req->imp)
		flags2 = rpc_import_flags2(req->imp);
	return flags2 & OBD_CONNECT2_REP_MBITS && impl->mbits ? impl->mbits : req->xid;
}

/* What clients should count on; 0 leaves it to them. */
static unsigned int svc_estimate(struct rpc_service *svc)
{
	return READ_ONCE(rpc_at_max) ? max(rpc_at_estimate(&svc->at), READ_ONCE(rpc_at_min)) : 0;
}

static void reply_fill(struct rpc_svcreq *req, int status, bool plain)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);
	struct ptlrpc_body *body = rpc_body(&req->rp);
	s64 seconds = div_s64(ktime_ms_delta(ktime_get(), req->arrival) + 999, 1000);
	int i;

	body->pb_type = cpu_to_le32(plain ? PTL_RPC_MSG_REPLY : PTL_RPC_MSG_ERR);
	body->pb_version = cpu_to_le32(PTLRPC_MSG_VERSION);
	body->pb_opc = cpu_to_le32(req->opc);
	body->pb_status = cpu_to_le32(rpc_status_to_wire(status));
	body->pb_timeout = cpu_to_le32(plain ? svc_estimate(req->svc) : 0);
	body->pb_service_time = cpu_to_le32(max_t(s64, seconds, 1));
	body->pb_handle.cookie = cpu_to_le64(impl->handle);
	body->pb_op_flags = cpu_to_le32(impl->op_flags);
	if (!plain || !req->exp)
		return;
	if (req->exp->tgt->ops->last_committed) {
		u64 committed = req->exp->tgt->ops->last_committed(req->exp);

		body->pb_last_committed = cpu_to_le64(committed);
		rpc_export_committed(req->exp, committed);
	}
	if (status < 0)
		return;
	body->pb_transno = cpu_to_le64(req->transno);
	if (rpc_export_flags(req->exp) & OBD_CONNECT_VBR)
		for (i = 0; i < 4; i++)
			body->pb_pre_versions[i] = cpu_to_le64(req->versions[i]);
}

static void ack_work(struct work_struct *work)
{
	rpc_ack_run(container_of(work, struct rpc_svcreq_impl, work));
}

/* rpc_ack_run() - taken off exp->acks by the caller. Context: may sleep */
void rpc_ack_run(struct rpc_svcreq_impl *impl)
{
	impl->ack_fn(impl->ack_data);
	rpc_export_put(impl->ack_exp);
	rpc_svcreq_put(impl);
}

static void reply_sent(struct rpc_tx *tx, int status, bool acked)
{
	struct rpc_svcreq_impl *impl = tx->owner;
	bool run = false;

	if (impl->ack_fn) {
		spin_lock_bh(&impl->ack_exp->lock);
		run = acked && !list_empty(&impl->ack_link);
		if (run)
			list_del_init(&impl->ack_link);
		else
			impl->ack_failed = true;
		spin_unlock_bh(&impl->ack_exp->lock);
	}
	if (run) {
		INIT_WORK(&impl->work, ack_work);
		queue_work(svc_wq, &impl->work);
	}
	rpc_svcreq_put(impl);
}

static void svc_reply(struct rpc_svcreq *req, int status)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);
	bool packed = req->rp.msg;
	lnet_nid_t self, peer;
	u64 match_bits;
	u32 offset;
	int rc;

	if (!packed) {
		rpc_msg_init(&req->rp, body_only, 1);
		if (rpc_msg_pack(&req->rp, &impl->rp_buf, true, GFP_NOFS))
			return;
	}
	reply_fill(req, status, packed || status_is_plain(status));
	rpc_buf_trim(&impl->rp_buf, req->rp.len);

	spin_lock_bh(&impl->lock);
	impl->replied = true;
	match_bits = reply_match_bits(impl);
	self = req->self;
	peer = impl->peer_ni;
	offset = impl->at ? RPC_REPLY_OFFSET : 0;
	spin_unlock_bh(&impl->lock);

	impl->tx.sent = reply_sent;
	impl->tx.owner = impl;
	rpc_svcreq_get(impl);
	rc = rpc_tx_put(&impl->tx, &impl->rp_buf, req->rp.len, self, peer,
			req->svc->args.rep_portal, match_bits, offset, impl->ack_fn);
	if (rc)
		reply_sent(&impl->tx, rc, false);
}

int rpc_reply_pack(struct rpc_svcreq *req)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);

	if (req->rp.msg) {
		rpc_buf_free(&impl->rp_buf);
		req->rp.msg = NULL;
	}
	return rpc_msg_pack(&req->rp, &impl->rp_buf, true, GFP_NOFS);
}
EXPORT_SYMBOL_GPL(rpc_reply_pack);

u32 rpc_reply_room(const struct rpc_svcreq *req)
{
	u32 room = min_t(u32, le32_to_cpu(req->rq.msg->lm_repsize), RPC_MAX_MSG), lens[RPC_MAX_BUFS], size;
	unsigned int nr = rpc_msg_sizes(&req->rp, lens, true);

	size = rpc_msg_size(nr, lens);
	return room > size ? round_down(room - size, 8) : 0;
}
EXPORT_SYMBOL_GPL(rpc_reply_room);

void rpc_svc_set_format(struct rpc_svcreq *req, const struct rpc_format *fmt)
{
	req->rq.fields = fmt->req;
	req->rq.nr = fmt->nr_req;
	if (!req->rp.msg)
		rpc_msg_init(&req->rp, fmt->rep, fmt->nr_rep);
}
EXPORT_SYMBOL_GPL(rpc_svc_set_format);

void rpc_svc_reply_now(struct rpc_svcreq *req, int status)
{
	if (!svc_impl(req)->replied)
		svc_reply(req, status);
}
EXPORT_SYMBOL_GPL(rpc_svc_reply_now);

int rpc_svc_on_ack(struct rpc_svcreq *req, void (*fn)(void *data), void *data)
{
	struct rpc_svcreq_impl *impl = svc_impl(req);
	struct rpc_export *exp = req->exp;
	int rc = 0;

	spin_lock_bh(&exp->lock);
	if (exp->failed || impl->ack_fn) {
		rc = -ENOTCONN;
	} else {
		impl->ack_fn = fn;
		impl->ack_data = data;
		impl->ack_exp = rpc_export_get(exp);
		rpc_svcreq_get(impl);
		list_add_tail(&impl->ack_link, &exp->acks);
	}
	spin_unlock_bh(&exp->lock);
	return rc;
}
EXPORT_SYMBOL_GPL(rpc_svc_on_ack);

/* --- early replies (chapter 02, 4.4) --- */

struct early_reply {
	struct rpc_tx	tx;
	struct rpc_buf	buf;
};

static void early_sent(struct rpc_tx *tx, int status, bool acked)
{
	struct early_reply *e = tx->owner;

	rpc_buf_free(&e->buf);
	kfree(e);
}

static void early_send(struct rpc_svcreq_impl *impl)
{
	struct rpc_svcreq *req = &impl->req;
	struct early_reply *e = kzalloc(sizeof(*e), GFP_NOFS);
	s64 elapsed = ktime_ms_delta(ktime_get(), req->arrival) / 1000;
	struct ptlrpc_body *body;
	struct rpc_msg m;
	lnet_nid_t self, peer;
	u64 match_bits;
	u32 timeout;

	timeout = elapsed + max(READ_ONCE(rpc_at_extra), 1U) + READ_ONCE(rpc_at_early_margin);
	spin_lock_bh(&impl->lock);
	req->deadline = ktime_add(req->arrival, ktime_set(timeout, 0));
	match_bits = reply_match_bits(impl);
	self = req->self;
	peer = impl->peer_ni;
	spin_unlock_bh(&impl->lock);

	if (!e)
		return;
	rpc_msg_init(&m, body_only, 1);
	if (rpc_msg_pack(&m, &e->buf, true, GFP_NOFS)) {
		kfree(e);
		return;
	}
	body = rpc_body(&m);
	body->pb_type = cpu_to_le32(PTL_RPC_MSG_REPLY);
	body->pb_version = cpu_to_le32(PTLRPC_MSG_VERSION);
	body->pb_opc = cpu_to_le32(req->opc);
	body->pb_timeout = cpu_to_le32(timeout);
	body->pb_service_time = cpu_to_le32(elapsed + 1);
	m.msg->lm_cksum = cpu_to_le32(rpc_early_cksum(body, sizeof(*body)));
	e->tx.sent = early_sent;
	e->tx.owner = e;
	if (rpc_tx_put(&e->tx, &e->buf, m.len, self, peer, req->svc->args.rep_portal, match_bits,
		       0, false))
		early_sent(&e->tx, -EIO, false);
}

/* A request whose client is about to give up, with references to what early_send() needs. */
static struct rpc_svcreq_impl *early_next(struct rpc_service *svc)
{
	ktime_t soon = ktime_add(ktime_get(), ktime_set(READ_ONCE(rpc_at_early_margin), 0));
	ktime_t longest = ktime_sub(ktime_get(), ktime_set(READ_ONCE(rpc_at_max), 0));
	struct rpc_svcreq_impl *impl;

	spin_lock_bh(&svc->lock);
	list_for_each_entry(impl, &svc->active, active) {
		if (ktime_before(impl->req.deadline, soon) && !READ_ONCE(impl->replied) &&
		    ktime_after(impl->req.deadline, ktime_get()) &&
		    ktime_after(impl->req.arrival, longest)) {
			rpc_svcreq_get(impl);
			if (impl->req.exp)
				rpc_export_get(impl->req.exp);
			if (impl->req.imp)
				rpc_import_get(impl->req.imp);
			spin_unlock_bh(&svc->lock);
			return impl;
		}
	}
	if (!list_empty(&svc->active))
		queue_delayed_work(svc_wq, &svc->early, HZ);
	spin_unlock_bh(&svc->lock);
	return NULL;
}

static void early_work(struct work_struct *work)
{
	struct rpc_service *svc = container_of(to_delayed_work(work), struct rpc_service, early);
	struct rpc_svcreq_impl *impl;

	while ((impl = early_next(svc))) {
		struct rpc_export *exp = impl->req.exp;
		struct rpc_import *imp = impl->req.imp;

		early_send(impl);
		rpc_export_put(exp);
		rpc_import_put(imp);
		rpc_svcreq_put(impl);
	}
}

/* --- dispatch --- */

static const struct rpc_op *find_op(const struct rpc_op *ops, unsigned int nr, u32 opc)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (ops[i].opc == opc)
			return &ops[i];
	return NULL;
}

static int svc_check_version(struct rpc_svcreq *req, u32 version)
{
	u32 v = le32_to_cpu(rpc_body(&req->rq)->pb_version);

	return (v & LUSTRE_VERSION_MASK) == version ? 0 : -EINVAL;
}

/* Replay that nobody asked for, and XIDs out of order (chapter 02, 12.4 and 12.5). */
static int svc_check_client(struct rpc_svcreq *req)
{
	struct ptlrpc_body *body = rpc_body(&req->rq);
	u32 flags = le32_to_cpu(body->pb_flags);
	struct rpc_export *exp = req->exp;
	u64 last = le64_to_cpu(body->pb_last_xid);
	int rc = 0;

	if (flags & (MSG_REPLAY | MSG_REQ_REPLAY_DONE) || body->pb_transno) {
		rpc_export_evict(exp, "it replays although nothing is being recovered");
		return -ENODEV;
	}
	spin_lock_bh(&exp->lock);
	if (exp->last_xid && req->xid <= exp->last_xid)
		rc = -EPROTO;
	else if (last < req->xid)
		exp->last_xid = max(exp->last_xid, last);
	spin_unlock_bh(&exp->lock);
	return rc;
}

static int svc_run(struct rpc_svcreq *req, const struct rpc_op *op)
{
	int rc;

	if (!op)
		return -ENOTSUPP;
	req->op = op;
	rc = svc_check_version(req, op->version);
	if (rc)
		return rc;
	rpc_svc_set_format(req, op->fmt);
	rc = rpc_msg_mandatory(&req->rq, op->fmt->nr_min);
	if (rc)
		return rc;
	if (req->exp) {
		if (op->flags & RPC_OP_MODIFIES && rpc_export_flags(req->exp) & OBD_CONNECT_RDONLY)
			return -EROFS;
		if ((req->resent || req->replay) && req->exp->tgt->ops->resent)
			req->reconstruct = req->exp->tgt->ops->resent(req);
	}
	return op->handler(req);
}

static int svc_run_export(struct rpc_svcreq *req)
{
	const struct rpc_target_ops *ops = req->exp->tgt->ops;
	const struct rpc_op *op;
	int rc;

	if (READ_ONCE(req->exp->failed) || !READ_ONCE(req->exp->connected))
		return -ENOTCONN;
	rc = svc_check_client(req);
	if (rc)
		return rc;
	if (req->opc == OBD_PING || opc_is_disconnect(req->opc)) {
		rc = svc_check_version(req, LUSTRE_OBD_VERSION);
		if (rc || req->opc == OBD_PING)
			return rc;
		if (req->opc != req->exp->tgt->connect_op + 1)
			return -ENOTSUPP;
		return rpc_disconnect_handle(req);
	}
	op = find_op(ops->ops, ops->nr_ops, req->opc);
	rc = svc_run(req, op ?: find_op(common_ops, nr_common_ops, req->opc));
	if (ops->served)
		ops->served(req);
	return rc;
}

static int svc_dispatch(struct rpc_svcreq *req)
{
	const struct rpc_service_args *args = &req->svc->args;

	if (opc_is_connect(req->opc)) {
		if (args->ops)
			return -ENOTSUPP;
		if (svc_check_version(req, LUSTRE_OBD_VERSION))
			return -EINVAL;
		rpc_svc_set_format(req, &RQF_OST_CONNECT);
		return rpc_connect_handle(req);
	}
	if (args->ops)
		return req->imp ? svc_run(req, find_op(args->ops, args->nr_ops, req->opc)) :
				  -ENOTCONN;
	return req->exp ? svc_run_export(req) : -ENOTCONN;
}

static void svc_handle(struct rpc_svcreq_impl *impl)
{
	struct rpc_svcreq *req = &impl->req;
	struct rpc_service *svc = req->svc;
	char nid[LNET_NIDSTR_SIZE];
	s64 us;
	int rc;

	rpc_stats_add(&svc->stats, RPC_STAT_WAITTIME, ktime_us_delta(ktime_get(), req->arrival));
	rpc_stats_add(&svc->stats, RPC_STAT_TIMEOUT,
		      ktime_divns(ktime_sub(req->deadline, req->arrival), NSEC_PER_SEC));
	if (ktime_after(ktime_get(), req->deadline)) {
		pr_warn_ratelimited("%s: dropped a request (opcode %u) of %s that waited too long\n",
				    svc->args.name, req->opc, lnet_nid_str(req->peer, nid));
	} else {
		rc = svc_dispatch(req);
		if (rc != -RPC_NO_REPLY && !impl->replied)
			svc_reply(req, rc);
		us = ktime_us_delta(ktime_get(), req->arrival);
		rpc_stats_add(&svc->stats, rpc_stats_opc(&req->rq, req->opc), us);
		if (!req->resent && !req->replay)
			rpc_at_sample(&svc->at, div_s64(us + 999999, 1000000));
	}
	/* no reply went out: nobody will acknowledge it */
	if (impl->ack_fn && !impl->replied) {
		rpc_svcreq_get(impl);
		reply_sent(&impl->tx, -ENOTCONN, false);
	}
	svcreq_done(impl);
}

/* --- threads --- */

/*
 * One request to work on. The last thread of a service that cannot grow is kept for
 * urgent requests: the others may all wait for what those bring.
 */
static bool svc_take(struct rpc_service *svc, struct rpc_svcreq_impl **impl)
{
	bool normal = false;

	spin_lock_bh(&svc->lock);
	*impl = list_first_entry_or_null(&svc->urgent, struct rpc_svcreq_impl, link);
	if (!*impl && (svc->args.max_threads == 1 || svc->nr_normal < svc->args.max_threads - 1)) {
		*impl = list_first_entry_or_null(&svc->queue, struct rpc_svcreq_impl, link);
		normal = *impl;
	}
	if (*impl) {
		list_del_init(&(*impl)->link);
		svc->nr_queued--;
		rpc_stats_add(&svc->stats, RPC_STAT_ACTIVE, svc->nr_working++);
		svc->nr_normal += normal;
		(*impl)->urgent = !normal;
		svc_want_thread(svc);
	}
	spin_unlock_bh(&svc->lock);
	return *impl;
}

static int svc_thread(void *arg)
{
	struct rpc_service *svc = arg;
	struct rpc_svcreq_impl *impl;
	bool normal;

	while (!kthread_should_stop()) {
		wait_event_idle_exclusive(svc->waitq, svc_take(svc, &impl) ||
					  kthread_should_stop());
		if (!impl)
			continue;
		normal = !impl->urgent;
		svc_handle(impl);
		spin_lock_bh(&svc->lock);
		svc->nr_working--;
		svc->nr_normal -= normal;
		spin_unlock_bh(&svc->lock);
	}
	return 0;
}

static int svc_add_thread(struct rpc_service *svc)
{
	struct task_struct *t;
	unsigned int n = svc->nr_threads;

	t = kthread_create(svc_thread, svc, "%s_%02u", svc->args.name, n);
	if (IS_ERR(t))
		return PTR_ERR(t);
	svc->threads[n] = t;
	spin_lock_bh(&svc->lock);
	svc->nr_threads++;
	spin_unlock_bh(&svc->lock);
	wake_up_process(t);
	return 0;
}

static void svc_grow(struct work_struct *work)
{
	struct rpc_service *svc = container_of(work, struct rpc_service, grow);
	bool thread, buffer;

	spin_lock_bh(&svc->lock);
	thread = !svc->stopping && svc->nr_working == svc->nr_threads &&
		 svc->nr_threads < svc->args.max_threads &&
		 (!list_empty(&svc->queue) || !list_empty(&svc->urgent));
	buffer = !svc->stopping && svc->nr_posted < SVC_MIN_POSTED &&
		 svc->nr_buffers < SVC_MAX_BUFFERS;
	spin_unlock_bh(&svc->lock);
	if (thread)
		svc_add_thread(svc);
	if (buffer)
		rqbuf_add(svc);
}

/* --- start and stop --- */

static bool svc_is_drained(struct rpc_service *svc)
{
	struct list_head *pos;
	unsigned int idle = 0;
	bool yes;

	spin_lock_bh(&svc->lock);
	list_for_each(pos, &svc->idle_buffers)
		idle++;
	yes = !svc->nr_reqs && idle == svc->nr_buffers;
	spin_unlock_bh(&svc->lock);
	return yes;
}

/*
 * Buffers are unlinked, then what had arrived is worked off. Those with requests in them
 * come to the idle list when the last of these is done.
 */
static void svc_stop(struct rpc_service *svc)
{
	struct rpc_rqbuf *rb, *next;
	unsigned int i;

	lnet_set_lazy_portal(svc->args.req_portal, false);
	spin_lock_bh(&svc->lock);
	svc->stopping = true;
	spin_unlock_bh(&svc->lock);
	cancel_work_sync(&svc->grow);
	list_for_each_entry(rb, &svc->all_buffers, all)
		if (atomic_read(&rb->users))
			lnet_md_unlink(&rb->md);
	wait_event_idle(svc->drained, svc_is_drained(svc));
	for (i = 0; i < svc->nr_threads; i++)
		kthread_stop(svc->threads[i]);
	cancel_delayed_work_sync(&svc->early);
	list_for_each_entry_safe(rb, next, &svc->all_buffers, all) {
		rpc_buf_free(&rb->buf);
		kfree(rb);
	}
	kfree(svc->threads);
	kfree(svc);
}

static struct rpc_service *svc_alloc(const struct rpc_service_args *args)
{
	struct rpc_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL);

	if (!svc)
		return NULL;
	svc->args = *args;
	svc->args.max_threads = max(args->max_threads, max(args->min_threads, 1U));
	svc->threads = kcalloc(svc->args.max_threads, sizeof(*svc->threads), GFP_KERNEL);
	if (!svc->threads) {
		kfree(svc);
		return NULL;
	}
	svc->users = 1;
	svc->buf_size = min_t(u32, round_up(args->max_size + max(args->max_size, 65536U),
					    PAGE_SIZE), LNET_MTU);
	spin_lock_init(&svc->lock);
	INIT_LIST_HEAD(&svc->idle_buffers);
	INIT_LIST_HEAD(&svc->all_buffers);
	INIT_LIST_HEAD(&svc->queue);
	INIT_LIST_HEAD(&svc->urgent);
	INIT_LIST_HEAD(&svc->active);
	init_waitqueue_head(&svc->waitq);
	init_waitqueue_head(&svc->drained);
	INIT_WORK(&svc->grow, svc_grow);
	INIT_DELAYED_WORK(&svc->early, early_work);
	rpc_at_init(&svc->at, RPC_AT_INITIAL);
	rpc_stats_init(&svc->stats);
	return svc;
}

static struct rpc_service *svc_start(const struct rpc_service_args *args)
{
	struct rpc_service *svc = svc_alloc(args);
	unsigned int i;
	int rc = 0;

	if (!svc)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < max(args->min_threads, 1U) && !rc; i++)
		rc = svc_add_thread(svc);
	lnet_set_lazy_portal(args->req_portal, true);
	for (i = 0; i < SVC_MIN_POSTED && !rc; i++)
		rc = rqbuf_add(svc);
	if (rc) {
		svc_stop(svc);
		return ERR_PTR(rc);
	}
	return svc;
}

struct rpc_service *rpc_service_get(const struct rpc_service_args *args)
{
	struct rpc_service *svc;

	mutex_lock(&services_mutex);
	list_for_each_entry(svc, &services, link) {
		if (svc->args.req_portal != args->req_portal)
			continue;
		if (svc->args.ops == args->ops)
			svc->users++;
		else
			svc = ERR_PTR(-EBUSY);
		goto out;
	}
	svc = svc_start(args);
	if (!IS_ERR(svc)) {
		list_add_tail(&svc->link, &services);
		rpc_service_params_add(svc);
	}
out:
	mutex_unlock(&services_mutex);
	return svc;
}
EXPORT_SYMBOL_GPL(rpc_service_get);

void rpc_service_put(struct rpc_service *svc)
{
	if (IS_ERR_OR_NULL(svc))
		return;
	mutex_lock(&services_mutex);
	if (!--svc->users) {
		list_del(&svc->link);
		param_dir_del(svc->params);
		svc_stop(svc);
	}
	mutex_unlock(&services_mutex);
}
EXPORT_SYMBOL_GPL(rpc_service_put);

int rpc_services_init(void)
{
	svcreq_cache = KMEM_CACHE(rpc_svcreq_impl, 0);
	if (!svcreq_cache)
		return -ENOMEM;
	svc_wq = alloc_workqueue("rpc_svc", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!svc_wq) {
		kmem_cache_destroy(svcreq_cache);
		return -ENOMEM;
	}
	return 0;
}

void rpc_services_exit(void)
{
	destroy_workqueue(svc_wq);
	kmem_cache_destroy(svcreq_cache);
}
