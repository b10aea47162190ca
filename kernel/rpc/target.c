// SPDX-License-Identifier: GPL-2.0
/*
 * Targets and how clients get to them (chapter 02, section 11): connect and disconnect
 * requests, in the order of checks that clients rely on, and the evictor of clients that
 * fell silent. What is negotiated is the target's own business (ops->connect).
 */
#include "kernel/rpc/internal.h"

#define CONNECT_DATA_MAX	1536

static LIST_HEAD(targets);
static DEFINE_SPINLOCK(targets_lock);

int rpc_target_register(struct rpc_target *tgt)
{
	struct rpc_target *t;

	spin_lock_init(&tgt->lock);
	init_waitqueue_head(&tgt->idle);
	INIT_LIST_HEAD(&tgt->exports);
	tgt->nr_exports = 0;
	tgt->nr_users = 0;
	spin_lock(&targets_lock);
	list_for_each_entry(t, &targets, link) {
		if (!strcmp(t->uuid, tgt->uuid)) {
			spin_unlock(&targets_lock);
			return -EEXIST;
		}
	}
	list_add_tail(&tgt->link, &targets);
	spin_unlock(&targets_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(rpc_target_register);

void rpc_target_ready(struct rpc_target *tgt)
{
	WRITE_ONCE(tgt->ready, true);
	wake_up_all(&tgt->idle);
}
EXPORT_SYMBOL_GPL(rpc_target_ready);

static int close_export(struct rpc_export *exp, void *data)
{
	rpc_export_close(exp);
	return 0;
}

static bool target_is_idle(struct rpc_target *tgt)
{
	bool idle;

	spin_lock(&tgt->lock);
	idle = !tgt->nr_exports && !tgt->nr_users;
	spin_unlock(&tgt->lock);
	return idle;
}

void rpc_target_unregister(struct rpc_target *tgt)
{
	WRITE_ONCE(tgt->ready, false);
	spin_lock(&targets_lock);
	list_del(&tgt->link);
	spin_unlock(&targets_lock);
	while (!target_is_idle(tgt)) {
		/* again: a connect that was in progress may have made one more */
		rpc_target_for_each_export(tgt, close_export, NULL);
		wait_event_idle_timeout(tgt->idle, target_is_idle(tgt), HZ);
	}
}
EXPORT_SYMBOL_GPL(rpc_target_unregister);

/* rpc_target_find() - by UUID or by name; the target stays until rpc_target_done() */
struct rpc_target *rpc_target_find(const char *uuid)
{
	struct rpc_target *tgt;

	spin_lock(&targets_lock);
	list_for_each_entry(tgt, &targets, link) {
		if (strcmp(tgt->uuid, uuid) && strcmp(tgt->name, uuid))
			continue;
		spin_lock(&tgt->lock);
		tgt->nr_users++;
		spin_unlock(&tgt->lock);
		spin_unlock(&targets_lock);
		return tgt;
	}
	spin_unlock(&targets_lock);
	return NULL;
}

void rpc_target_done(struct rpc_target *tgt)
{
	spin_lock(&tgt->lock);
	tgt->nr_users--;
	wake_up_all(&tgt->idle);
	spin_unlock(&tgt->lock);
}

bool rpc_target_exists(const char *uuid)
{
	struct rpc_target *tgt = rpc_target_find(uuid);

	if (tgt)
		rpc_target_done(tgt);
	return tgt;
}
EXPORT_SYMBOL_GPL(rpc_target_exists);

/* --- connect --- */

/*
 * struct connect - a connect request, taken apart
 * @cookie: the client's, for our ASTs
 * @old: export that the client had or has
 */
struct connect {
	struct rpc_svcreq	*req;
	struct rpc_target	*tgt;
	const char		*uuid;
	u64			cookie;
	u32			conn_cnt;
	u32			op_flags;
	bool			initial;
	struct obd_connect_data	ocd;
	struct rpc_export	*exp;
	bool			reconnect;
	bool			created;
};

/* Servers come back under the same UUID after a restart. */
static bool is_server(const struct connect *c)
{
	return le64_to_cpu(c->ocd.ocd_connect_flags) &
	       (OBD_CONNECT_MDS | OBD_CONNECT_MDS_MDS | OBD_CONNECT_LIGHTWEIGHT);
}

/* Steps 4 to 6 of chapter 02, 11.1. */
static int connect_parse(struct connect *c)
{
	struct rpc_svcreq *req = c->req;
	struct ptlrpc_body *body = rpc_body(&req->rq);
	u32 len = rpc_field_size(&req->rq, RF_CONNECT_DATA);
	const struct lustre_handle *conn;
	const void *data;

	c->uuid = rpc_string(&req->rq, RF_CLUUID);
	if (!c->uuid || !*c->uuid)
		return -EINVAL;
	conn = rpc_field(&req->rq, RF_CONN);
	data = rpc_field(&req->rq, RF_CONNECT_DATA);
	if (!conn || !data || len > CONNECT_DATA_MAX)
		return -EPROTO;
	memcpy(&c->ocd, data, min_t(u32, len, sizeof(c->ocd)));
	c->cookie = le64_to_cpu(conn->cookie);
	c->conn_cnt = le32_to_cpu(body->pb_conn_cnt);
	c->op_flags = le32_to_cpu(body->pb_op_flags);
	c->initial = c->op_flags & MSG_CONNECT_INITIAL;
	if (!(le64_to_cpu(c->ocd.ocd_connect_flags) & OBD_CONNECT_FULL20) ||
	    c->op_flags & MSG_CONNECT_LIBCLIENT)
		return -EPROTO;
	/* without the flag there is no second word */
	if (!(le64_to_cpu(c->ocd.ocd_connect_flags) & OBD_CONNECT_FLAGS2))
		c->ocd.ocd_connect_flags2 = 0;
	return 0;
}

/* The client of a lost life of this UUID: away with it. */
static int connect_replace(struct connect *c)
{
	rpc_export_close(c->exp);
	rpc_export_put(c->exp);
	c->exp = NULL;
	return 0;
}

/* Steps 8 to 11 and 13: what a known client may do. c->exp->connecting is ours. */
static int connect_known(struct connect *c)
{
	struct rpc_export *exp = c->exp;

	if (!exp->connected)
		return c->initial && c->conn_cnt == 1 ? connect_replace(c) : 0;
	if (c->initial && is_server(c))
		return connect_replace(c);
	if (c->initial && exp->peer != c->req->peer)
		return -EALREADY;
	if (exp->remote_cookie != c->cookie)
		return -EALREADY;
	c->reconnect = true;
	return 0;
}

/* Step 12: the handle of somebody else, under a new name. */
static int connect_stranger(struct connect *c)
{
	u64 cookie = le64_to_cpu(rpc_body(&c->req->rq)->pb_handle.cookie);
	struct rpc_export *exp = cookie ? rpc_export_find(cookie) : NULL;
	bool busy = exp && exp->tgt == c->tgt && strcmp(exp->uuid, c->uuid);

	rpc_export_put(exp);
	return busy ? -EBUSY : 0;
}

static int connect_find(struct connect *c)
{
	bool busy;
	int rc;

	c->exp = rpc_export_by_uuid(c->tgt, c->uuid);
	if (!c->exp)
		return connect_stranger(c);
	spin_lock_bh(&c->exp->lock);
	busy = c->exp->connecting || c->exp->failed;
	if (!busy)
		c->exp->connecting = true;
	spin_unlock_bh(&c->exp->lock);
	if (busy) {
		rpc_export_put(c->exp);
		c->exp = NULL;
		return -EALREADY;
	}
	rc = connect_known(c);
	/* step 17, before anything of the export is changed */
	if (!rc && c->exp && c->conn_cnt <= c->exp->conn_cnt)
		rc = -EALREADY;
	return rc;
}

/* Step 16, what every target of a kind refuses. */
static int connect_check(const struct connect *c)
{
	u64 flags = le64_to_cpu(c->ocd.ocd_connect_flags);

	if (c->tgt->connect_op == MDS_CONNECT && !(flags & OBD_CONNECT_FID))
		return -EBADE;
	if (flags & OBD_CONNECT_BRW_SIZE && !c->ocd.ocd_brw_size)
		return -EPROTO;
	if (flags & OBD_CONNECT_SKIP_ORPHAN && !(flags & OBD_CONNECT_MDS))
		return -EPROTO;
	return 0;
}

/* Nobody is granted what he did not ask for. */
static int connect_negotiate(struct connect *c)
{
	u64 asked, asked2, flags;
	int rc;

	rpc_connect_mask(&c->ocd);
	asked = le64_to_cpu(c->ocd.ocd_connect_flags);
	asked2 = le64_to_cpu(c->ocd.ocd_connect_flags2);
	rc = connect_check(c);
	if (rc)
		return rc;
	/* of a new client the target may want to know where it is */
	if (!c->exp->peer)
		c->exp->peer = c->req->peer;
	rc = c->tgt->ops->connect(c->exp, &c->ocd, c->reconnect);
	if (rc)
		return rc;
	flags = le64_to_cpu(c->ocd.ocd_connect_flags) & asked;
	asked2 &= le64_to_cpu(c->ocd.ocd_connect_flags2);
	c->ocd.ocd_connect_flags = cpu_to_le64(flags);
	c->ocd.ocd_connect_flags2 = cpu_to_le64(flags & OBD_CONNECT_FLAGS2 ? asked2 : 0);
	return 0;
}

/* The way to the client, for ASTs. */
static int connect_reverse(struct connect *c)
{
	struct rpc_export *exp = c->exp;
	lnet_nid_t nid = svc_impl(c->req)->peer_ni;
	struct rpc_import *rev;

	if (exp->rev) {
		rpc_import_update_reverse(exp->rev, exp, c->cookie, nid);
		return 0;
	}
	rev = rpc_import_create_reverse(exp, c->cookie, nid);
	if (!rev)
		return -ENOMEM;
	spin_lock_bh(&exp->lock);
	exp->rev = rev;
	spin_unlock_bh(&exp->lock);
	return 0;
}

static int connect_accept(struct connect *c)
{
	struct rpc_export *exp = c->exp;
	struct rpc_svcreq_impl *impl = svc_impl(c->req);
	bool failed;
	int rc;

	spin_lock_bh(&exp->lock);
	failed = exp->failed;
	exp->ocd = c->ocd;
	exp->peer = c->req->peer;
	exp->remote_cookie = c->cookie;
	exp->last_xid = 0;
	exp->last_request = ktime_get_seconds();
	WRITE_ONCE(exp->conn_cnt, c->conn_cnt);
	spin_unlock_bh(&exp->lock);
	if (failed)
		return -ENODEV;
	rc = connect_reverse(c);
	if (rc)
		return rc;
	spin_lock_bh(&exp->lock);
	exp->connected = !exp->failed;
	spin_unlock_bh(&exp->lock);
	rpc_export_wake_bulks(exp);

	impl->handle = exp->handle.cookie;
	if (c->tgt->replayable)
		impl->op_flags |= MSG_CONNECT_REPLAYABLE;
	/* a stock MGS says so whenever it is not the first attempt */
	if (c->reconnect || (c->tgt->connect_op == MGS_CONNECT && c->conn_cnt > 1))
		impl->op_flags |= MSG_CONNECT_RECONNECT;
	return 0;
}

#define CONNECTS_WAITING	2	/* each keeps a thread of a service that other targets use too */
#define CONNECT_WAIT_S		3

/*
 * Clients hear of a new target from the MGS while it still starts. So that the MDT need not try
 * again later, the first of them wait.
 */
static bool target_await(struct rpc_target *tgt)
{
	if (READ_ONCE(tgt->ready))
		return true;
	if (atomic_inc_return(&tgt->nr_waiting) <= CONNECTS_WAITING)
		wait_event_idle_timeout(tgt->idle, READ_ONCE(tgt->ready), CONNECT_WAIT_S * HZ);
	atomic_dec(&tgt->nr_waiting);
	return READ_ONCE(tgt->ready);
}

static int connect_target(struct connect *c)
{
	struct obd_connect_data *ocd;
	char nid[LNET_NIDSTR_SIZE];
	int rc;

	if (!target_await(c->tgt))
		return -EAGAIN;
	rc = connect_parse(c);
	if (rc)
		return rc;
	rc = connect_find(c);
	if (!rc && !c->exp) {
		c->exp = rpc_export_create(c->tgt, c->uuid);
		if (IS_ERR(c->exp)) {
			rc = PTR_ERR(c->exp);
			c->exp = NULL;
			return rc;
		}
		c->created = true;
		c->exp->connecting = true;
	}
	if (!rc)
		rc = connect_negotiate(c);
	if (!rc)
		rc = connect_accept(c);
	if (!rc)
		rc = rpc_reply_pack(c->req);
	if (!rc) {
		ocd = rpc_field(&c->req->rp, RF_CONNECT_DATA);
		*ocd = c->ocd;
		c->req->exp = rpc_export_get(c->exp);
		if (c->created)
			pr_debug("%s: client %s at %s connected\n", c->tgt->name, c->uuid,
				 lnet_nid_str(c->req->peer, nid));
	} else if (c->created) {
		rpc_export_close(c->exp);
	}
	return rc;
}

/* rpc_connect_handle() - MGS_CONNECT, MDS_CONNECT, OST_CONNECT. Context: service thread */
int rpc_connect_handle(struct rpc_svcreq *req)
{
	struct connect c = { .req = req };
	const char *uuid = rpc_string(&req->rq, RF_TGTUUID);
	int rc;

	if (!uuid)
		return -EINVAL;
	c.tgt = rpc_target_find(uuid);
	if (!c.tgt)
		return -ENODEV;
	if (c.tgt->connect_op != req->opc) {
		rpc_target_done(c.tgt);
		return -ENODEV;
	}
	rpc_set_size(&req->rp, RF_CONNECT_DATA, sizeof(struct obd_connect_data));
	rc = connect_target(&c);
	if (c.exp) {
		spin_lock_bh(&c.exp->lock);
		c.exp->connecting = false;
		spin_unlock_bh(&c.exp->lock);
		rpc_export_put(c.exp);
	}
	rpc_target_done(c.tgt);
	return rc;
}

/* rpc_disconnect_handle() - the client leaves; whatever it held is dropped before the reply */
int rpc_disconnect_handle(struct rpc_svcreq *req)
{
	rpc_export_close(req->exp);
	return 0;
}

/* --- clients that fell silent (chapter 02, 11.3) --- */

static time64_t evict_silence(void)
{
	return rpc_timeout * 3 / 2 + rpc_timeout * 3 / 4;
}

static int evict_if_silent(struct rpc_export *exp, void *data)
{
	time64_t silent = ktime_get_seconds() - READ_ONCE(exp->last_request);
	u64 flags = rpc_export_flags(exp);

	if (READ_ONCE(exp->connected) && silent > evict_silence() &&
	    !(flags & (OBD_CONNECT_MDS | OBD_CONNECT_MDS_MDS | OBD_CONNECT_PINGLESS)) &&
	    list_empty_careful(&exp->requests))
		rpc_export_evict(exp, "it has not been heard of");
	return 0;
}

static void evictor(struct work_struct *work)
{
	struct rpc_target *tgt, *last = NULL;

	spin_lock(&targets_lock);
	list_for_each_entry(tgt, &targets, link) {
		spin_lock(&tgt->lock);
		tgt->nr_users++;
		spin_unlock(&tgt->lock);
		spin_unlock(&targets_lock);
		if (last)
			rpc_target_done(last);
		last = tgt;
		rpc_target_for_each_export(tgt, evict_if_silent, NULL);
		spin_lock(&targets_lock);
		/* unregistered meanwhile: the others have their turn next time */
		if (!READ_ONCE(tgt->ready))
			break;
	}
	spin_unlock(&targets_lock);
	if (last)
		rpc_target_done(last);
	queue_delayed_work(rpc_import_wq, to_delayed_work(work), RPC_PING_INTERVAL * HZ);
}

static DECLARE_DELAYED_WORK(evictor_work, evictor);

int rpc_targets_init(void)
{
	queue_delayed_work(rpc_import_wq, &evictor_work, RPC_PING_INTERVAL * HZ);
	return 0;
}

void rpc_targets_exit(void)
{
	cancel_delayed_work_sync(&evictor_work);
}
