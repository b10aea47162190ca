// SPDX-License-Identifier: GPL-2.0
/*
 * The client's half of recovery (chapter 02, 12.3): which requests are kept for replay
 * and how long, replaying them in the order of their transactions, resending what was in
 * flight. When that happens is import.c's decision.
 */
#include "kernel/rpc/internal.h"

/* --- the replay list --- */

static bool replay_is_over(const struct rpc_request_impl *impl, u64 last_committed)
{
	if (impl->req->transno > last_committed)
		return false;
	/* an open that is still open can be replayed for ever */
	if (!(impl->req->flags & RPC_REQ_KEEP_OPEN))
		return true;
	return impl->close_transno && impl->close_transno <= last_committed;
}

/*
 * rpc_replay_keep() - a reply with a transno came: remember the request
 *
 * Requests with bulk are not kept, the pages are the caller's.
 */
void rpc_replay_keep(struct rpc_request *req)
{
	struct rpc_request_impl *impl = req->impl, *pos;
	struct rpc_import *imp = req->imp;
	struct rpc_import_impl *ii = imp->impl;

	if (!ii->replayable || !ii->server_replayable || req->bulk)
		return;
	if (req->replay_fixup)
		req->replay_fixup(req);
	spin_lock(&imp->lock);
	if (!impl->replay_kept && !replay_is_over(impl, ii->last_committed)) {
		/* replies come nearly in order: look from the end */
		list_for_each_entry_reverse(pos, &ii->replay, replay_link)
			if (pos->req->transno < req->transno)
				break;
		list_add(&impl->replay_link, &pos->replay_link);
		impl->replay_kept = true;
		rpc_request_get(req);
	}
	spin_unlock(&imp->lock);
}

static void replay_release(struct list_head *list)
{
	struct rpc_request_impl *impl, *next;

	list_for_each_entry_safe(impl, next, list, replay_link) {
		list_del_init(&impl->replay_link);
		rpc_request_put(impl->req);
	}
}

/* rpc_replay_prune() - the server has everything up to @last_committed on disk */
void rpc_replay_prune(struct rpc_import *imp, u64 last_committed)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request_impl *impl, *next;
	LIST_HEAD(over);

	if (!last_committed || last_committed == READ_ONCE(ii->last_committed))
		return;
	spin_lock(&imp->lock);
	if (last_committed > ii->last_committed) {
		ii->last_committed = last_committed;
		list_for_each_entry_safe(impl, next, &ii->replay, replay_link) {
			if (impl->req->transno > last_committed)
				break;
			if (replay_is_over(impl, last_committed)) {
				impl->replay_kept = false;
				list_move_tail(&impl->replay_link, &over);
			}
		}
	}
	spin_unlock(&imp->lock);
	replay_release(&over);
}

/* rpc_replay_drop_all() - eviction or the end: nothing will be replayed */
void rpc_replay_drop_all(struct rpc_import *imp)
{
	struct rpc_request_impl *impl;
	LIST_HEAD(over);

	spin_lock(&imp->lock);
	list_for_each_entry(impl, &imp->impl->replay, replay_link)
		impl->replay_kept = false;
	list_splice_init(&imp->impl->replay, &over);
	imp->impl->last_committed = 0;
	spin_unlock(&imp->lock);
	replay_release(&over);
}

void rpc_request_release_open(struct rpc_request *req, u64 close_transno)
{
	struct rpc_import *imp = req->imp;
	bool drop;

	spin_lock(&imp->lock);
	/* a close without a transaction has nothing to wait for */
	req->impl->close_transno = close_transno ?: req->transno;
	drop = req->impl->replay_kept && replay_is_over(req->impl, imp->impl->last_committed);
	if (drop) {
		req->impl->replay_kept = false;
		list_del_init(&req->impl->replay_link);
	}
	spin_unlock(&imp->lock);
	if (drop)
		rpc_request_put(req);
}
EXPORT_SYMBOL_GPL(rpc_request_release_open);

/* --- replay --- */

/* One request again, with the transno it had. Context: the import's work. */
static int replay_one(struct rpc_request *orig)
{
	struct rpc_import *imp = orig->imp;
	struct rpc_request *req = rpc_request_clone(orig);
	struct ptlrpc_body *body;
	int rc;

	if (!req)
		return -ENOMEM;
	if (READ_ONCE(imp->impl->closing)) {
		rpc_request_put(req);
		return -ESHUTDOWN;
	}
	req->flags = RPC_REQ_CONNECTING | RPC_REQ_NO_RESEND | RPC_REQ_UNINTERRUPTIBLE;
	body = rpc_body(&req->rq);
	body->pb_transno = cpu_to_le64(orig->transno);
	body->pb_flags = cpu_to_le32((le32_to_cpu(body->pb_flags) & ~MSG_RESENT) | MSG_REPLAY);
	memcpy(body->pb_pre_versions, orig->impl->pre_versions, sizeof(body->pb_pre_versions));
	rc = rpc_call(req);
	if (rc == -EOVERFLOW) {
		imp->impl->replay_failed_version = true;
		rc = 0;
	} else if (rc >= 0 || req->rp.msg) {
		if (req->transno && req->transno != orig->transno)
			pr_err("%s: %s replayed transaction %llu as %llu\n", imp->name,
			       imp->target_uuid, orig->transno, req->transno);
		if (rc >= 0)
			rpc_request_adopt(orig, req);
		if (rc < 0 && rc != -ENOTCONN && rc != -ENODEV) {
			pr_err("%s: replay of transaction %llu failed: %d\n", imp->name,
			       orig->transno, rc);
			rc = 0;
		}
	}
	rpc_request_put(req);
	return rc < 0 ? rc : 0;
}

/* The kept request with the lowest transno above @after, referenced. */
static struct rpc_request *replay_next(struct rpc_import *imp, u64 after)
{
	struct rpc_request_impl *impl;
	struct rpc_request *req = NULL;

	spin_lock(&imp->lock);
	list_for_each_entry(impl, &imp->impl->replay, replay_link) {
		if (impl->req->transno > after) {
			req = rpc_request_get(impl->req);
			break;
		}
	}
	spin_unlock(&imp->lock);
	return req;
}

/* Its answer comes when the server has recovered. */
static int replay_final_ping(struct rpc_import *imp)
{
	struct rpc_request *req = rpc_request_alloc(imp, &RQF_OBD_PING);
	int rc;

	if (!req)
		return -ENOMEM;
	req->flags = RPC_REQ_CONNECTING | RPC_REQ_NO_RESEND | RPC_REQ_UNINTERRUPTIBLE;
	rc = rpc_request_pack(req);
	if (!rc) {
		rpc_body(&req->rq)->pb_flags = cpu_to_le32(MSG_REQ_REPLAY_DONE |
							   MSG_LOCK_REPLAY_DONE);
		rc = rpc_call(req);
	}
	rpc_request_put(req);
	return rc;
}

/*
 * rpc_import_replay() - the server recovers: replay transactions and locks
 *
 * Context: the import's work; the state is REPLAY, or REPLAY_LOCKS when there is nothing
 * but locks. It is RECOVER after success. Return: 0, or an error that needs a reconnect.
 */
int rpc_import_replay(struct rpc_import *imp)
{
	struct rpc_request *req;
	u64 after = 0;
	int rc;

	if (READ_ONCE(imp->state) == RPC_IMP_REPLAY) {
		while ((req = replay_next(imp, after))) {
			after = req->transno;
			rc = replay_one(req);
			rpc_request_put(req);
			if (rc)
				return rc;
		}
		if (!rpc_import_advance(imp, RPC_IMP_REPLAY, RPC_IMP_REPLAY_LOCKS))
			return -ENOTCONN;
	}
	rpc_import_event_replay_locks(imp);
	if (!rpc_import_advance(imp, RPC_IMP_REPLAY_LOCKS, RPC_IMP_REPLAY_WAIT))
		return -ENOTCONN;
	rc = replay_final_ping(imp);
	if (rc)
		return rc;
	return rpc_import_advance(imp, RPC_IMP_REPLAY_WAIT, RPC_IMP_RECOVER) ? 0 : -ENOTCONN;
}

/* --- resending --- */

static bool needs_resend(const struct rpc_request_impl *impl, u32 gen)
{
	return impl->conn_gen != gen && !impl->due && !impl->aborted &&
	       !(impl->req->flags & (RPC_REQ_CONNECTING | RPC_REQ_AST | RPC_REQ_NO_RESEND));
}

/* rpc_import_resend() - everything in flight goes out again, oldest first */
void rpc_import_resend(struct rpc_import *imp)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request_impl *impl;
	struct rpc_request *req;
	u32 gen = ii->conn_gen;
	u64 after = 0;

	do {
		req = NULL;
		spin_lock(&imp->lock);
		list_for_each_entry(impl, &ii->sending, link) {
			if (impl->req->xid > after && needs_resend(impl, gen)) {
				req = rpc_request_get(impl->req);
				break;
			}
		}
		spin_unlock(&imp->lock);
		if (req) {
			after = req->xid;
			rpc_request_resend(req);
			rpc_request_put(req);
		}
	} while (req);
}
