// SPDX-License-Identifier: GPL-2.0
/*
 * Imports: our end of a connection to one target (chapter 02, sections 9 to 11). Connects,
 * reconnects over all NIDs of the target, evaluates connect replies, tells the owner.
 * What is replayed and resent then is in recover.c.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "kernel/rpc/internal.h"

#define CONNECT_LATENCY_STEP	5	/* seconds more per failed attempt */
#define CONNECT_LATENCY_MAX	50
#define CONNECT_PAUSE_MAX	5
#define DISCONNECT_TIMEOUT	5

struct workqueue_struct *rpc_import_wq;
static LIST_HEAD(imports);
static DEFINE_SPINLOCK(imports_lock);

static const char *const state_names[] = {
	[RPC_IMP_CLOSED]	= "CLOSED",
	[RPC_IMP_NEW]		= "NEW",
	[RPC_IMP_DISCON]	= "DISCONN",
	[RPC_IMP_CONNECTING]	= "CONNECTING",
	[RPC_IMP_REPLAY]	= "REPLAY",
	[RPC_IMP_REPLAY_LOCKS]	= "REPLAY_LOCKS",
	[RPC_IMP_REPLAY_WAIT]	= "REPLAY_WAIT",
	[RPC_IMP_RECOVER]	= "RECOVER",
	[RPC_IMP_FULL]		= "FULL",
	[RPC_IMP_EVICTED]	= "EVICTED",
	[RPC_IMP_IDLE]		= "IDLE",
};

const char *rpc_import_state_name(enum rpc_import_state s)
{
	return s < ARRAY_SIZE(state_names) && state_names[s] ? state_names[s] : "<UNKNOWN>";
}
EXPORT_SYMBOL_GPL(rpc_import_state_name);

/* imp->lock is held, or nobody knows the import yet */
static void set_state(struct rpc_import *imp, enum rpc_import_state state)
{
	struct rpc_import_impl *ii = imp->impl;

	WRITE_ONCE(imp->state, state);
	ii->history[ii->nr_history].when = ktime_get_real_seconds();
	ii->history[ii->nr_history].state = state;
	ii->nr_history = (ii->nr_history + 1) % RPC_IMP_HISTORY;
}

enum rpc_import_state rpc_import_state(const struct rpc_import *imp)
{
	return READ_ONCE(imp->state);
}
EXPORT_SYMBOL_GPL(rpc_import_state);

/* --- life --- */

static bool import_handle_get(struct rpc_handle *h)
{
	return kref_get_unless_zero(&container_of(h, struct rpc_import, handle)->ref);
}

static const struct rpc_handle_type import_handle_type = {
	.name	= "import",
	.get	= import_handle_get,
};

struct full_import {
	struct rcu_head		rcu;	/* kfree_rcu() wants it near the beginning */
	struct rpc_import	imp;
	struct rpc_import_impl	impl;
};

static void import_free(struct work_struct *work)
{
	struct rpc_import_impl *ii = container_of(work, struct rpc_import_impl, free);
	struct full_import *full = container_of(ii, struct full_import, impl);

	rpc_handle_del(&ii->imp->handle);
	cancel_delayed_work_sync(&ii->work);
	cancel_delayed_work_sync(&ii->expire);
	kfree_rcu(full, rcu);
}

static void import_release(struct kref *ref)
{
	struct rpc_import *imp = container_of(ref, struct rpc_import, ref);

	spin_lock(&imports_lock);
	list_del_init(&imp->impl->link);
	spin_unlock(&imports_lock);
	/* the last reference may go in the thread that reads the socket */
	queue_work(rpc_import_wq, &imp->impl->free);
}

struct rpc_import *rpc_import_get(struct rpc_import *imp)
{
	kref_get(&imp->ref);
	return imp;
}
EXPORT_SYMBOL_GPL(rpc_import_get);

void rpc_import_put(struct rpc_import *imp)
{
	if (imp)
		kref_put(&imp->ref, import_release);
}
EXPORT_SYMBOL_GPL(rpc_import_put);

struct rpc_import *rpc_import_find(u64 cookie)
{
	struct rpc_handle *h = rpc_handle_find(cookie, &import_handle_type);

	return h ? container_of(h, struct rpc_import, handle) : NULL;
}
EXPORT_SYMBOL_GPL(rpc_import_find);

static void import_work(struct work_struct *work);

static struct rpc_import *import_alloc(const char *name)
{
	struct full_import *full = kzalloc(sizeof(*full), GFP_KERNEL);
	struct rpc_import_impl *ii;
	struct rpc_import *imp;
	int i;

	if (!full)
		return NULL;
	imp = &full->imp;
	ii = &full->impl;
	imp->impl = ii;
	ii->imp = imp;
	kref_init(&imp->ref);
	strscpy(imp->name, name, sizeof(imp->name));
	imp->state = RPC_IMP_NEW;
	spin_lock_init(&imp->lock);
	init_waitqueue_head(&imp->waitq);
	INIT_LIST_HEAD(&ii->link);
	INIT_LIST_HEAD(&ii->delayed);
	INIT_LIST_HEAD(&ii->sending);
	INIT_LIST_HEAD(&ii->replay);
	INIT_DELAYED_WORK(&ii->work, import_work);
	INIT_DELAYED_WORK(&ii->expire, rpc_request_expire);
	INIT_WORK(&ii->free, import_free);
	ii->nr_slots = 1;
	for (i = 0; i < RPC_IMP_PORTALS; i++)
		rpc_at_init(&ii->at[i].service, RPC_AT_INITIAL);
	rpc_at_init(&ii->net, 0);
	rpc_stats_init(&ii->stats);
	return imp;
}

struct rpc_import *rpc_import_create(const struct rpc_import_args *args)
{
	struct rpc_import *imp = import_alloc(args->name);
	struct rpc_import_impl *ii;
	int rc;

	if (!imp)
		return ERR_PTR(-ENOMEM);
	ii = imp->impl;
	strscpy(imp->target_uuid, args->target_uuid, sizeof(imp->target_uuid));
	strscpy(imp->client_uuid, args->client_uuid, sizeof(imp->client_uuid));
	imp->ops = args->ops;
	imp->private = args->private;
	ii->connect_op = args->connect_op;
	ii->req_portal = args->req_portal;
	ii->rep_portal = args->rep_portal;
	ii->sec_part = args->sec_part;
	ii->replayable = args->replayable;
	ii->ask = args->ocd;
	rpc_connect_mask(&ii->ask);
	rc = rpc_handle_add(&imp->handle, &import_handle_type);
	if (rc) {
		kfree(container_of(imp, struct full_import, imp));
		return ERR_PTR(rc);
	}
	spin_lock(&imports_lock);
	list_add_tail(&ii->link, &imports);
	spin_unlock(&imports_lock);
	return imp;
}
EXPORT_SYMBOL_GPL(rpc_import_create);

int rpc_import_add_conn(struct rpc_import *imp, const lnet_nid_t *nids, unsigned int nr)
{
	struct rpc_import_impl *ii = imp->impl;
	unsigned int i, j;
	int rc = 0;

	spin_lock(&imp->lock);
	for (i = 0; i < nr; i++) {
		for (j = 0; j < ii->nr_nid && ii->nid[j] != nids[i]; j++)
			;
		if (j < ii->nr_nid)
			continue;
		if (j == RPC_IMP_MAX_NIDS) {
			rc = -ENOSPC;
			break;
		}
		ii->nid[ii->nr_nid++] = nids[i];
	}
	spin_unlock(&imp->lock);
	return rc;
}
EXPORT_SYMBOL_GPL(rpc_import_add_conn);

/* rpc_import_nid() - where requests go */
lnet_nid_t rpc_import_nid(const struct rpc_import *imp)
{
	return READ_ONCE(imp->impl->nid[imp->impl->cur_nid]);
}
EXPORT_SYMBOL_GPL(rpc_import_nid);

/* rpc_import_at() - service estimate of a request portal; the last one takes those that do not fit */
struct rpc_at *rpc_import_at(struct rpc_import *imp, u32 portal)
{
	struct rpc_import_impl *ii = imp->impl;
	int i;

	for (i = 0; i < RPC_IMP_PORTALS - 1; i++)
		if (!cmpxchg(&ii->at[i].portal, 0, portal) || ii->at[i].portal == portal)
			break;
	return &ii->at[i].service;
}

/* rpc_import_for_each() - Context: @fn may sleep, the import is referenced */
void rpc_import_for_each(void (*fn)(struct rpc_import *imp))
{
	struct rpc_import_impl *ii, *last = NULL;

	spin_lock(&imports_lock);
	list_for_each_entry(ii, &imports, link) {
		if (!kref_get_unless_zero(&ii->imp->ref))
			continue;
		spin_unlock(&imports_lock);
		if (last)
			rpc_import_put(last->imp);
		last = ii;
		fn(ii->imp);
		spin_lock(&imports_lock);
		/* disconnected meanwhile: the way on is lost, the others have their turn later */
		if (list_empty(&ii->link))
			break;
	}
	spin_unlock(&imports_lock);
	if (last)
		rpc_import_put(last->imp);
}

/* --- events and states --- */

static void import_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	if (imp->ops && imp->ops->event && !READ_ONCE(imp->impl->closing))
		imp->ops->event(imp, ev);
}

/* rpc_import_event_replay_locks() - for recover.c, inside the import's work */
void rpc_import_event_replay_locks(struct rpc_import *imp)
{
	import_event(imp, RPC_IMP_EV_REPLAY_LOCKS);
}

/*
 * rpc_import_advance() - go on in the life of a connection, unless it was lost meanwhile
 * Return: false if it was.
 */
bool rpc_import_advance(struct rpc_import *imp, enum rpc_import_state from,
			enum rpc_import_state to)
{
	bool ok;

	spin_lock(&imp->lock);
	ok = imp->state == from && !imp->impl->closing;
	if (ok) {
		set_state(imp, to);
		if (to == RPC_IMP_FULL) {
			imp->impl->invalid = false;
			imp->impl->connect_rc = 0;
		}
	}
	spin_unlock(&imp->lock);
	wake_up_all(&imp->waitq);
	return ok;
}

/* rpc_import_kick() - let the work look what there is to do. Context: any but hard interrupt */
void rpc_import_kick(struct rpc_import *imp)
{
	spin_lock(&imp->lock);
	if (imp->state == RPC_IMP_IDLE || imp->state == RPC_IMP_NEW)
		imp->impl->want_connect = true;
	if (!imp->impl->closing)
		mod_delayed_work(rpc_import_wq, &imp->impl->work, 0);
	spin_unlock(&imp->lock);
}

/*
 * rpc_import_lost() - the connection is gone: reconnect
 * @gen: the connection that this is about; no-op if there is a newer one
 * @why: for the message
 */
void rpc_import_lost(struct rpc_import *imp, u32 gen, const char *why)
{
	struct rpc_import_impl *ii = imp->impl;
	char nid[LNET_NIDSTR_SIZE];
	bool lost = false;

	spin_lock(&imp->lock);
	switch (imp->state) {
	case RPC_IMP_REPLAY:
	case RPC_IMP_REPLAY_LOCKS:
	case RPC_IMP_REPLAY_WAIT:
	case RPC_IMP_RECOVER:
	case RPC_IMP_EVICTED:
	case RPC_IMP_FULL:
		lost = gen == ii->conn_gen && !ii->closing && !ii->reverse;
		break;
	default:
		break;
	}
	if (lost) {
		set_state(imp, RPC_IMP_DISCON);
		ii->conn_gen++;
		ii->lost = true;
		ii->want_connect = true;
		ii->next_connect = 0;
		ii->failures = 0;
		mod_delayed_work(rpc_import_wq, &ii->work, 0);
	}
	spin_unlock(&imp->lock);
	if (!lost)
		return;
	pr_warn_ratelimited("%s: connection to %s at %s was lost: %s; operations wait for it\n",
			    imp->name, imp->target_uuid,
			    lnet_nid_str(rpc_import_nid(imp), nid), why);
	wake_up_all(&imp->waitq);
}

static bool wants_abort(struct rpc_request_impl *impl, u32 flags)
{
	return (!flags || impl->req->flags & flags) && !READ_ONCE(impl->aborted) &&
	       READ_ONCE(impl->phase) != RPC_PHASE_DONE;
}

static void abort_list(struct rpc_import *imp, struct list_head *list, u32 flags, int status)
{
	struct rpc_request_impl *impl;

again:
	spin_lock(&imp->lock);
	list_for_each_entry(impl, list, link) {
		if (!wants_abort(impl, flags))
			continue;
		rpc_request_get(impl->req);
		spin_unlock(&imp->lock);
		rpc_request_abort(impl->req, status);
		rpc_request_put(impl->req);
		goto again;
	}
	spin_unlock(&imp->lock);
}

/* rpc_import_fail_requests() - everything sent or waiting ends with @status */
void rpc_import_fail_requests(struct rpc_import *imp, int status)
{
	abort_list(imp, &imp->impl->sending, 0, status);
	abort_list(imp, &imp->impl->delayed, 0, status);
}

/* --- connecting --- */

static void connect_request_done(struct rpc_request *req)
{
	rpc_import_kick(req->imp);
}

/* The first reachable NID from the current one on. */
static void import_choose_nid(struct rpc_import_impl *ii)
{
	unsigned int i, n;

	for (i = 0; i < ii->nr_nid; i++) {
		n = (ii->cur_nid + i) % ii->nr_nid;
		if (lnet_distance(ii->nid[n]) >= 0) {
			ii->cur_nid = n;
			return;
		}
	}
}

static void connect_fill(struct rpc_import *imp, struct rpc_request *req)
{
	struct rpc_import_impl *ii = imp->impl;
	struct obd_connect_data *ocd = rpc_field(&req->rq, RF_CONNECT_DATA);
	struct lustre_handle *conn = rpc_field(&req->rq, RF_CONN);
	struct ptlrpc_body *body = rpc_body(&req->rq);
	struct rpc_request_impl *first;
	u32 op_flags = 0;

	strscpy(rpc_field(&req->rq, RF_TGTUUID), imp->target_uuid, RPC_UUID_WIRE_SIZE);
	strscpy(rpc_field(&req->rq, RF_CLUUID), imp->client_uuid, RPC_UUID_WIRE_SIZE);
	conn->cookie = cpu_to_le64(imp->handle.cookie);
	/* what was granted, but asking for all of it again (chapter 02, 9) */
	*ocd = imp->ocd.ocd_connect_flags ? imp->ocd : ii->ask;
	ocd->ocd_connect_flags = ii->ask.ocd_connect_flags;
	ocd->ocd_connect_flags2 = ii->ask.ocd_connect_flags2;
	ocd->ocd_version = ii->ask.ocd_version;
	ocd->ocd_index = ii->ask.ocd_index;
	if (imp->ops && imp->ops->reconnect && imp->ocd.ocd_connect_flags)
		imp->ops->reconnect(imp, ocd);

	spin_lock(&imp->lock);
	ii->conn_cnt++;
	ii->initial = !ii->remote;
	first = list_first_entry_or_null(&ii->replay, struct rpc_request_impl, replay_link);
	if (ii->initial) {
		op_flags |= MSG_CONNECT_INITIAL;
	} else if (first) {
		op_flags |= MSG_CONNECT_TRANSNO;
		ocd->ocd_transno = cpu_to_le64(first->req->transno);
	}
	spin_unlock(&imp->lock);
	body->pb_op_flags = cpu_to_le32(op_flags);
	body->pb_service_time = cpu_to_le32(4);
}

static const struct rpc_format *connect_format(u32 connect_op, bool connect)
{
	switch (connect_op) {
	case MGS_CONNECT:
		return connect ? &RQF_MGS_CONNECT : &RQF_MGS_DISCONNECT;
	case MDS_CONNECT:
		return connect ? &RQF_MDS_CONNECT : &RQF_MDS_DISCONNECT;
	default:
		return connect ? &RQF_OST_CONNECT : &RQF_OST_DISCONNECT;
	}
}

static int import_send_connect(struct rpc_import *imp)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request *req;
	int rc;

	if (!ii->nr_nid)
		return -EHOSTUNREACH;
	import_choose_nid(ii);
	req = rpc_request_alloc(imp, connect_format(ii->connect_op, true));
	if (!req)
		return -ENOMEM;
	req->flags = RPC_REQ_CONNECTING | RPC_REQ_NO_RESEND;
	req->done = connect_request_done;
	rpc_set_size(&req->rq, RF_CONNECT_DATA, sizeof(struct obd_connect_data));
	rpc_set_size(&req->rq, RF_SELINUX, 0);
	rpc_set_size(&req->rp, RF_CONNECT_DATA, RPC_CONNECT_REPLY_OCD);
	rc = rpc_request_pack(req);
	if (rc) {
		rpc_request_put(req);
		return rc;
	}
	connect_fill(imp, req);
	spin_lock(&imp->lock);
	if (ii->closing) {
		spin_unlock(&imp->lock);
		rpc_request_put(req);
		return -ESHUTDOWN;
	}
	set_state(imp, RPC_IMP_CONNECTING);
	ii->connecting = req;
	spin_unlock(&imp->lock);
	rpc_send(req);
	return 0;
}

/* Chapter 02, 11.2, 4. */
static void import_connect_failed(struct rpc_import *imp, int rc)
{
	struct rpc_import_impl *ii = imp->impl;
	char nid[LNET_NIDSTR_SIZE];
	unsigned int pause;
	bool first;

	lnet_nid_str(rpc_import_nid(imp), nid);
	spin_lock(&imp->lock);
	first = ii->connect_rc != rc;
	ii->connect_rc = rc;
	ii->failures++;
	pause = min_t(unsigned int, ii->failures, CONNECT_PAUSE_MAX);
	switch (rc) {
	case -EACCES:
	case -EBADE:
	case -EPROTO:
		ii->final = true;
		ii->want_connect = false;
		break;
	case -EALREADY:
		pause = CONNECT_PAUSE_MAX;
		break;
	case -EBUSY:
	case -EAGAIN:
		break;
	default:
		if (ii->nr_nid)
			ii->cur_nid = (ii->cur_nid + 1) % ii->nr_nid;
		if (ii->failures % max(ii->nr_nid, 1U))
			pause = 0;
		break;
	}
	ii->latency = min(ii->latency + CONNECT_LATENCY_STEP, CONNECT_LATENCY_MAX);
	ii->next_connect = ktime_get_seconds() + pause;
	if (!ii->closing)
		set_state(imp, RPC_IMP_DISCON);
	spin_unlock(&imp->lock);
	if (ii->final)
		pr_err("%s: %s at %s refused the connection for good: %d%s\n", imp->name,
		       imp->target_uuid, nid, rc,
		       rc == -EBADE ? " (a connect flag is missing that it requires)" : "");
	else if (first)
		pr_info("%s: cannot connect to %s at %s: %d; trying on\n", imp->name,
			imp->target_uuid, nid, rc);
	if (ii->final)
		rpc_import_fail_requests(imp, rc);
	wake_up_all(&imp->waitq);
}

/* Only what was asked for may be granted, and in amounts that work (chapter 02, 11.2). */
static int connect_check(struct rpc_import *imp, struct obd_connect_data *ocd)
{
	struct rpc_import_impl *ii = imp->impl;
	u64 ask = le64_to_cpu(ii->ask.ocd_connect_flags) | OBD_CONNECT_RDONLY;	/* before a remount */
	u64 ask2 = le64_to_cpu(ii->ask.ocd_connect_flags2);
	u64 got = le64_to_cpu(ocd->ocd_connect_flags);
	u64 got2 = le64_to_cpu(ocd->ocd_connect_flags2);
	u32 brw = le32_to_cpu(ocd->ocd_brw_size);

	if ((got & ~ask) || (got2 & ~ask2)) {
		pr_err("%s: %s granted what was not asked for: %#llx of %#llx, %#llx of %#llx\n",
		       imp->name, imp->target_uuid, got, ask, got2, ask2);
		return -EPROTO;
	}
	if (!(got & OBD_CONNECT_FLAGS2) && got2)
		return -EPROTO;
	if (got & OBD_CONNECT_BRW_SIZE && brw < PAGE_SIZE) {
		pr_err("%s: %s granted a bulk size of %u bytes\n", imp->name, imp->target_uuid,
		       brw);
		return -EPROTO;
	}
	if (got & OBD_CONNECT_CKSUM && !(le32_to_cpu(ocd->ocd_cksum_types) & 0xf7))
		return -EPROTO;
	if (got & OBD_CONNECT_MULTIMODRPCS && !ocd->ocd_maxmodrpcs)
		return -EPROTO;
	return 0;
}

static void connect_adopt(struct rpc_import *imp, const struct obd_connect_data *ocd,
			  const struct ptlrpc_body *body)
{
	struct rpc_import_impl *ii = imp->impl;
	u64 flags = le64_to_cpu(ocd->ocd_connect_flags);

	spin_lock(&imp->lock);
	imp->ocd = *ocd;
	ii->remote = le64_to_cpu(body->pb_handle.cookie);
	ii->msg_flags = MSGHDR_CKSUM_INCOMPAT18 |
			(flags & OBD_CONNECT_AT ? MSGHDR_AT_SUPPORT : 0);
	ii->multislot = flags & OBD_CONNECT_MULTIMODRPCS;
	ii->nr_slots = ii->multislot ? min_t(u32, le16_to_cpu(ocd->ocd_maxmodrpcs),
					     RPC_IMP_MAX_SLOTS) : 1;
	ii->server_replayable = le32_to_cpu(body->pb_op_flags) & MSG_CONNECT_REPLAYABLE;
	ii->connect_rc = 0;
	ii->failures = 0;
	ii->latency = 0;
	ii->want_connect = false;
	ii->connected_at = ktime_get_real_seconds();
	spin_unlock(&imp->lock);
}

/* What the server's answer means for what we have (chapter 02, 11.2, 3). */
static enum rpc_import_state connect_verdict(const struct rpc_import *imp, u32 op_flags,
					     u64 old_remote)
{
	const struct rpc_import_impl *ii = imp->impl;
	bool recovering = op_flags & MSG_CONNECT_RECOVERING;

	if (ii->initial)
		return recovering ? RPC_IMP_REPLAY_LOCKS : RPC_IMP_FULL;
	if (op_flags & MSG_CONNECT_RECONNECT) {
		if (recovering)
			return RPC_IMP_REPLAY;
		return ii->remote == old_remote ? RPC_IMP_RECOVER : RPC_IMP_EVICTED;
	}
	if (recovering)
		return RPC_IMP_REPLAY;
	return rpc_import_flags(imp) & OBD_CONNECT_LIGHTWEIGHT ? RPC_IMP_RECOVER : RPC_IMP_EVICTED;
}

static void import_evicted(struct rpc_import *imp)
{
	char nid[LNET_NIDSTR_SIZE];

	pr_err("%s: %s at %s has evicted us: unfinished operations, locks and cached data are lost\n",
	       imp->name, imp->target_uuid, lnet_nid_str(rpc_import_nid(imp), nid));
	spin_lock(&imp->lock);
	imp->impl->evictions++;
	spin_unlock(&imp->lock);
	rpc_replay_drop_all(imp);
	rpc_import_fail_requests(imp, -EIO);
	import_event(imp, RPC_IMP_EV_INVALIDATE);
}

u32 rpc_import_evictions(struct rpc_import *imp)
{
	return READ_ONCE(imp->impl->evictions);
}
EXPORT_SYMBOL_GPL(rpc_import_evictions);

/* Bring the import from a fresh connection to FULL. Runs in the import's work. */
static void import_recover(struct rpc_import *imp, enum rpc_import_state verdict)
{
	struct rpc_import_impl *ii = imp->impl;
	enum rpc_import_state start = verdict == RPC_IMP_FULL ? RPC_IMP_RECOVER : verdict;
	u32 gen = ii->conn_gen;
	int rc;

	if (!rpc_import_advance(imp, RPC_IMP_CONNECTING, start))
		return;
	import_event(imp, RPC_IMP_EV_CONNECTED);
	if (start == RPC_IMP_EVICTED) {
		import_evicted(imp);
		if (!rpc_import_advance(imp, RPC_IMP_EVICTED, RPC_IMP_RECOVER))
			return;
	} else if (start != RPC_IMP_RECOVER) {
		rc = rpc_import_replay(imp);
		if (rc) {
			rpc_import_lost(imp, gen, "replay failed");
			return;
		}
	}
	rpc_import_resend(imp);
	if (!rpc_import_advance(imp, RPC_IMP_RECOVER, RPC_IMP_FULL))
		return;
	rpc_request_admit_waiting(imp);
	import_event(imp, RPC_IMP_EV_ACTIVE);
}

static void import_connect_done(struct rpc_import *imp, struct rpc_request *req)
{
	struct rpc_import_impl *ii = imp->impl;
	struct obd_connect_data ocd = {};
	struct ptlrpc_body *body;
	u64 old_remote = ii->remote;
	char nid[LNET_NIDSTR_SIZE];
	void *data;
	int rc = req->status;

	if (rc > 0)
		rc = -EPROTO;
	data = rc ? NULL : rpc_field(&req->rp, RF_CONNECT_DATA);
	if (!rc && !data)
		rc = -EPROTO;
	if (!rc) {
		memcpy(&ocd, data, min_t(u32, sizeof(ocd),
					 rpc_field_size(&req->rp, RF_CONNECT_DATA)));
		rc = connect_check(imp, &ocd);
	}
	body = rc ? NULL : rpc_body(&req->rp);
	if (!rc && !body->pb_handle.cookie)
		rc = -ENOTCONN;
	if (rc) {
		import_connect_failed(imp, rc);
		return;
	}
	connect_adopt(imp, &ocd, body);
	if (ii->conn_cnt > 1)
		pr_info("%s: connected to %s at %s again\n", imp->name, imp->target_uuid,
			lnet_nid_str(rpc_import_nid(imp), nid));
	import_recover(imp, connect_verdict(imp, le32_to_cpu(body->pb_op_flags), old_remote));
}

/* One thing that has to be done, or NULL/false when nothing is left. */
static bool import_step(struct rpc_import *imp)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request *req;
	time64_t now = ktime_get_seconds();
	int rc;

	spin_lock(&imp->lock);
	if (ii->closing)
		goto idle;
	if (ii->lost) {
		ii->lost = false;
		spin_unlock(&imp->lock);
		abort_list(imp, &ii->sending, RPC_REQ_NO_DELAY, -EAGAIN);
		import_event(imp, RPC_IMP_EV_DISCON);
		return true;
	}
	req = ii->connecting;
	if (req) {
		if (READ_ONCE(req->impl->phase) != RPC_PHASE_DONE)
			goto idle;
		ii->connecting = NULL;
		spin_unlock(&imp->lock);
		import_connect_done(imp, req);
		rpc_request_put(req);
		return true;
	}
	if (!ii->want_connect)
		goto idle;
	if (now < ii->next_connect) {
		mod_delayed_work(rpc_import_wq, &ii->work, (ii->next_connect - now) * HZ);
		goto idle;
	}
	spin_unlock(&imp->lock);
	rc = import_send_connect(imp);
	if (rc && rc != -ESHUTDOWN)
		import_connect_failed(imp, rc);
	return true;
idle:
	spin_unlock(&imp->lock);
	return false;
}

static void import_work(struct work_struct *work)
{
	struct rpc_import_impl *ii = container_of(to_delayed_work(work), struct rpc_import_impl,
						  work);

	while (import_step(ii->imp))
		;
}

static bool import_settled(struct rpc_import *imp)
{
	return READ_ONCE(imp->state) == RPC_IMP_FULL || READ_ONCE(imp->impl->final) ||
	       READ_ONCE(imp->impl->closing);
}

int rpc_import_connect(struct rpc_import *imp, bool wait, unsigned int timeout_s)
{
	struct rpc_import_impl *ii = imp->impl;
	long left;

	spin_lock(&imp->lock);
	if (ii->closing) {
		spin_unlock(&imp->lock);
		return -ESHUTDOWN;
	}
	if (imp->state != RPC_IMP_FULL) {
		ii->want_connect = true;
		ii->final = false;
		mod_delayed_work(rpc_import_wq, &ii->work, 0);
	}
	spin_unlock(&imp->lock);
	if (!wait)
		return 0;
	left = wait_event_killable_timeout(imp->waitq, import_settled(imp), timeout_s * HZ);
	if (left < 0)
		return -EINTR;
	if (READ_ONCE(imp->state) == RPC_IMP_FULL)
		return 0;
	if (READ_ONCE(ii->closing))
		return -ESHUTDOWN;
	return READ_ONCE(ii->connect_rc) ?: -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(rpc_import_connect);

/* Tell the server, but do not wait for it longer than 5 s. */
static void import_send_disconnect(struct rpc_import *imp)
{
	struct rpc_request *req;

	req = rpc_request_alloc(imp, connect_format(imp->impl->connect_op, false));
	if (!req)
		return;
	req->flags = RPC_REQ_CONNECTING | RPC_REQ_NO_RESEND | RPC_REQ_UNINTERRUPTIBLE;
	if (!rpc_request_pack(req)) {
		rpc_send(req);
		if (!wait_event_idle_timeout(req->impl->waitq,
					     READ_ONCE(req->impl->phase) == RPC_PHASE_DONE,
					     DISCONNECT_TIMEOUT * HZ)) {
			rpc_request_abort(req, -ETIMEDOUT);
			rpc_wait(req);
		}
	}
	rpc_request_put(req);
}

void rpc_import_disconnect(struct rpc_import *imp, bool force)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request *connecting;
	bool polite;

	spin_lock(&imp->lock);
	if (ii->closing) {
		spin_unlock(&imp->lock);
		return;
	}
	ii->closing = true;
	polite = imp->state == RPC_IMP_FULL && !force && !ii->reverse;
	spin_unlock(&imp->lock);

	rpc_import_fail_requests(imp, -ESHUTDOWN);
	cancel_delayed_work_sync(&ii->work);
	if (polite)
		import_send_disconnect(imp);
	spin_lock(&imp->lock);
	set_state(imp, RPC_IMP_CLOSED);
	connecting = ii->connecting;
	ii->connecting = NULL;
	spin_unlock(&imp->lock);
	rpc_import_fail_requests(imp, -ESHUTDOWN);
	rpc_request_put(connecting);
	rpc_replay_drop_all(imp);
	wake_up_all(&imp->waitq);
	if (ii->reverse)	/* we may be called from the end of one of them */
		return;
	wait_event_idle(imp->waitq, !atomic_read(&ii->nr_requests));
	cancel_delayed_work_sync(&ii->expire);
	spin_lock(&imports_lock);
	list_del_init(&ii->link);
	spin_unlock(&imports_lock);
}
EXPORT_SYMBOL_GPL(rpc_import_disconnect);

void rpc_import_invalidate(struct rpc_import *imp)
{
	u32 gen;

	spin_lock(&imp->lock);
	imp->impl->invalid = true;
	gen = imp->impl->conn_gen;
	spin_unlock(&imp->lock);
	rpc_import_fail_requests(imp, -EIO);
	rpc_import_lost(imp, gen, "it was deactivated");
}
EXPORT_SYMBOL_GPL(rpc_import_invalidate);

void rpc_import_reconnect(struct rpc_import *imp)
{
	rpc_import_lost(imp, READ_ONCE(imp->impl->conn_gen), "it is to be made anew");
}
EXPORT_SYMBOL_GPL(rpc_import_reconnect);

/* --- reverse imports: a server's way to its client --- */

/* rpc_import_update_reverse() - the client reconnected, perhaps from elsewhere */
void rpc_import_update_reverse(struct rpc_import *imp, struct rpc_export *exp, u64 cookie,
			       lnet_nid_t peer)
{
	struct rpc_import_impl *ii = imp->impl;

	spin_lock(&imp->lock);
	ii->nid[0] = peer;
	ii->nr_nid = 1;
	ii->remote = cookie;
	imp->ocd = exp->ocd;
	ii->msg_flags = MSGHDR_CKSUM_INCOMPAT18 |
			(rpc_export_flags(exp) & OBD_CONNECT_AT ? MSGHDR_AT_SUPPORT : 0);
	spin_unlock(&imp->lock);
}

/* rpc_import_create_reverse() - for ASTs to the client of @exp. Return: NULL without memory */
struct rpc_import *rpc_import_create_reverse(struct rpc_export *exp, u64 cookie, lnet_nid_t peer)
{
	struct rpc_import *imp = import_alloc(exp->tgt->name);

	if (!imp)
		return NULL;
	strscpy(imp->target_uuid, exp->uuid, sizeof(imp->target_uuid));
	imp->impl->reverse = true;
	imp->impl->req_portal = LDLM_CB_REQUEST_PORTAL;
	imp->impl->rep_portal = LDLM_CB_REPLY_PORTAL;
	imp->state = RPC_IMP_FULL;
	rpc_import_update_reverse(imp, exp, cookie, peer);
	return imp;
}

void rpc_import_ask_rdonly(struct rpc_import *imp, bool rdonly)
{
	const __le64 bit = cpu_to_le64(OBD_CONNECT_RDONLY);
	struct obd_connect_data *ask = &imp->impl->ask;

	spin_lock(&imp->lock);
	ask->ocd_connect_flags = (ask->ocd_connect_flags & ~bit) | (rdonly ? bit : 0);
	rpc_connect_mask(ask);
	imp->ocd.ocd_connect_flags = (imp->ocd.ocd_connect_flags & ~bit) | (ask->ocd_connect_flags & bit);
	spin_unlock(&imp->lock);
}
EXPORT_SYMBOL_GPL(rpc_import_ask_rdonly);

/* --- what users see --- */

static void show_averages(struct seq_file *m, struct rpc_stats *st, const char *what, u32 bytes, u32 opc)
{
	u64 size = rpc_stats_average(st, bytes), us = rpc_stats_average(st, opc);

	if (!size || !us)
		return;
	seq_printf(m, "    %s_data_averages:\n       bytes_per_rpc: %llu\n       usecs_per_rpc: %llu\n"
		   "       MB_per_sec: %llu.%02llu\n", what, size, us, div64_u64(size, us),
		   div64_u64(size * 100, us) % 100);
}

int rpc_import_show(struct rpc_import *imp, struct seq_file *m)
{
	struct rpc_import_impl *ii = imp->impl;
	const struct obd_connect_data *ocd = &imp->ocd;
	struct rpc_request_impl *impl;
	char nid[LNET_NIDSTR_SIZE];
	unsigned int i, inflight = 0;

	spin_lock(&imp->lock);
	list_for_each_entry(impl, &ii->sending, link)
		inflight++;
	spin_unlock(&imp->lock);
	seq_printf(m, "import:\n    name: %s\n    target: %s\n    state: %s\n", imp->name,
		   imp->target_uuid, rpc_import_state_name(imp->state));
	rpc_connect_data_show(m, ocd);
	seq_printf(m, "    import_flags: [ %s%spingable%s ]\n", ii->invalid ? "invalid, " : "",
		   ii->replayable && ii->server_replayable ? "replayable, " : "",
		   ii->conn_cnt ? ", connect_tried" : "");
	seq_puts(m, "    connection:\n       failover_nids: [");
	for (i = 0; i < ii->nr_nid; i++)
		seq_printf(m, "%s %s", i ? "," : "", lnet_nid_str(ii->nid[i], nid));
	seq_printf(m, " ]\n       current_connection: %s\n",
		   ii->nr_nid ? lnet_nid_str(rpc_import_nid(imp), nid) : "<none>");
	seq_printf(m, "       connection_attempts: %u\n       generation: %u\n", ii->conn_cnt,
		   ii->conn_gen + 1);
	seq_printf(m, "       in-progress_invalidations: %u\n",
		   imp->state == RPC_IMP_EVICTED);
	seq_printf(m, "    rpcs:\n       inflight: %u\n       unregistering: 0\n       timeouts: %u\n"
		   "       avg_waittime: %llu usecs\n", inflight, ii->timeouts,
		   rpc_stats_average(&ii->stats, RPC_STAT_WAITTIME));
	seq_puts(m, "    service_estimates:\n");
	seq_printf(m, "       services: %u sec\n       network: %u sec\n",
		   rpc_at_estimate(rpc_import_at(imp, ii->req_portal)), rpc_at_estimate(&ii->net));
	seq_printf(m, "    transactions:\n       last_replay: 0\n       peer_committed: %llu\n"
		   "       last_checked: %llu\n", ii->last_committed, ii->last_committed);
	show_averages(m, &ii->stats, "read", RPC_STAT_READ_BYTES, OST_READ);
	show_averages(m, &ii->stats, "write", RPC_STAT_WRITE_BYTES, OST_WRITE);
	return 0;
}
EXPORT_SYMBOL_GPL(rpc_import_show);

/* Where it is, and how it came there */
int rpc_import_show_state(struct rpc_import *imp, struct seq_file *m)
{
	struct rpc_import_impl *ii = imp->impl;
	unsigned int i;

	spin_lock(&imp->lock);
	seq_printf(m, "current_state: %s\nstate_history:\n", rpc_import_state_name(imp->state));
	for (i = 0; i < RPC_IMP_HISTORY; i++) {
		unsigned int k = (ii->nr_history + i) % RPC_IMP_HISTORY;

		if (ii->history[k].state)
			seq_printf(m, " - [ %lld, %s ]\n", ii->history[k].when,
				   rpc_import_state_name(ii->history[k].state));
	}
	spin_unlock(&imp->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(rpc_import_show_state);

/* What is waited for an answer at most, as it was learnt */
int rpc_import_show_timeouts(struct rpc_import *imp, struct seq_file *m)
{
	struct rpc_import_impl *ii = imp->impl;
	unsigned int i;

	seq_printf(m, "network    : cur %3u\n", rpc_at_estimate(&ii->net));
	for (i = 0; i < RPC_IMP_PORTALS && ii->at[i].portal; i++)
		seq_printf(m, "portal %-3u : cur %3u\n", ii->at[i].portal, rpc_at_estimate(&ii->at[i].service));
	return 0;
}
EXPORT_SYMBOL_GPL(rpc_import_show_timeouts);

void rpc_import_clear_stats(struct rpc_import *imp)
{
	rpc_stats_clear(&imp->impl->stats);
}
EXPORT_SYMBOL_GPL(rpc_import_clear_stats);

/* rpc_import_show_stats() - operations by opcode, as stock's stats files of an import */
void rpc_import_show_stats(struct rpc_import *imp, struct seq_file *m)
{
	rpc_stats_print(&imp->impl->stats, m);
}
EXPORT_SYMBOL_GPL(rpc_import_show_stats);

int rpc_imports_init(void)
{
	rpc_import_wq = alloc_workqueue("rpc_import", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return rpc_import_wq ? 0 : -ENOMEM;
}

void rpc_imports_exit(void)
{
	/* imports are freed by a work, and their memory after a grace period */
	destroy_workqueue(rpc_import_wq);
	rcu_barrier();
}
