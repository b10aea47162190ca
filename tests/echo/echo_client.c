// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of connections, requests and bulk against the echo target.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "tests/echo/echo.h"

static atomic_t events[8];

static void echo_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	atomic_inc(&events[ev]);
}

static const struct rpc_import_ops echo_import_ops = { .event = echo_event };

struct rpc_import *echo_import(lnet_nid_t nid, const char *uuid, u64 flags, u64 flags2)
{
	struct rpc_import_args args = {
		.name = ECHO_NAME "-osc", .target_uuid = ECHO_UUID, .client_uuid = uuid,
		.connect_op = OST_CONNECT,
		.req_portal = OST_REQUEST_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
		.replayable = true, .ops = &echo_import_ops,
	};
	struct rpc_import *imp;
	int i;

	for (i = 0; i < ARRAY_SIZE(events); i++)
		atomic_set(&events[i], 0);
	args.ocd.ocd_connect_flags = cpu_to_le64(flags);
	args.ocd.ocd_connect_flags2 = cpu_to_le64(flags2);
	args.ocd.ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	args.ocd.ocd_brw_size = cpu_to_le32(ECHO_BRW);
	imp = rpc_import_create(&args);
	if (!IS_ERR(imp))
		rpc_import_add_conn(imp, &nid, 1);
	return imp;
}

/* OST_GET_INFO: Return: status, and the value in @val. */
int echo_call(struct rpc_import *imp, const char *key, char *val, u32 size)
{
	struct rpc_request *req = rpc_request_alloc(imp, &RQF_OST_GET_INFO);
	const char *got;
	int rc;

	if (!req)
		return -ENOMEM;
	rpc_set_size(&req->rq, RF_KEY, strlen(key) + 1);
	rpc_set_size(&req->rp, RF_VAL, size);
	rc = rpc_request_pack(req);
	if (!rc) {
		strcpy(rpc_field(&req->rq, RF_KEY), key);
		rc = rpc_call(req);
	}
	if (rc >= 0) {
		got = rpc_field(&req->rp, RF_VAL);
		if (got)
			strscpy(val, got, size);
		else
			rc = -EPROTO;
	}
	rpc_request_put(req);
	return rc;
}

static int test_calls(struct rpc_import *imp)
{
	char val[64];
	int bad = 0;

	bad += echo_check(echo_call(imp, "hello", val, sizeof(val)) == 0 && !strcmp(val, "hello"));
	bad += echo_check(echo_call(imp, "error:22", val, sizeof(val)) == -EINVAL);
	bad += echo_check(echo_call(imp, "error:28", val, sizeof(val)) == -ENOSPC);
	bad += echo_check(echo_call(imp, "error:600", val, sizeof(val)) == -EIO);
	bad += echo_check(echo_call(imp, "error:524", val, sizeof(val)) == -EOPNOTSUPP);
	/* needs a bigger buffer, so it is asked for twice */
	bad += echo_check(echo_call(imp, "big:5000", val, sizeof(val)) == 0 &&
			  !strcmp(val, "big"));
	bad += echo_check(echo_call(imp, "big:70000", val, sizeof(val)) == 0);
	bad += echo_check(echo_call(imp, "later", val, sizeof(val)) == 0 && !strcmp(val, "now"));
	return bad;
}

static int test_speed(struct rpc_import *imp)
{
	ktime_t start = ktime_get();
	char val[64];
	int i, bad = 0;

	for (i = 0; i < ECHO_CALLS && !bad; i++)
		bad += echo_check(echo_call(imp, "hello", val, sizeof(val)) == 0);
	pr_info("echo: %d calls in %lld us\n", i, ktime_us_delta(ktime_get(), start));
	return bad;
}

static void async_done(struct rpc_request *req)
{
	atomic_t *left = req->data;

	if (req->status)
		pr_err("echo: BAD async: %d\n", req->status);
	atomic_dec(left);
}

static int test_async(struct rpc_import *imp)
{
	struct rpc_request *req;
	static atomic_t left;
	int i, n = 200;

	atomic_set(&left, n);
	for (i = 0; i < n; i++) {
		req = rpc_request_alloc(imp, &RQF_OBD_PING);
		req->done = async_done;
		req->data = &left;
		if (rpc_request_pack(req))
			return 1;
		rpc_send(req);
		rpc_request_put(req);
	}
	for (i = 0; i < 300 && atomic_read(&left); i++)
		msleep(100);
	return echo_check(!atomic_read(&left));
}

/* Longer than the first timeout of 11 s: early replies keep it alive. */
static int test_early(struct rpc_import *imp)
{
	u32 gen = imp->impl->conn_gen;
	char val[64];
	int bad = 0;

	bad += echo_check(echo_call(imp, "sleep:20", val, sizeof(val)) == 0);
	bad += echo_check(imp->impl->conn_gen == gen);
	return bad;
}

static int test_resend(struct rpc_import *imp)
{
	u32 gen = imp->impl->conn_gen;
	u64 remote = imp->impl->remote;
	char val[64];
	int bad = 0;

	atomic_set(&events[RPC_IMP_EV_INVALIDATE], 0);
	bad += echo_check(echo_call(imp, "drop", val, sizeof(val)) == 0 && !strcmp(val, "resent"));
	bad += echo_check(imp->impl->conn_gen == gen + 1);
	bad += echo_check(imp->impl->remote == remote);
	bad += echo_check(!atomic_read(&events[RPC_IMP_EV_INVALIDATE]));
	return bad;
}

static int test_evict(struct rpc_import *imp)
{
	u64 remote = imp->impl->remote;
	char val[64];
	int bad = 0;

	atomic_set(&events[RPC_IMP_EV_INVALIDATE], 0);
	bad += echo_check(echo_call(imp, "forget", val, sizeof(val)) == -EIO);
	bad += echo_check(rpc_import_connect(imp, true, 20) == 0);
	bad += echo_check(echo_call(imp, "hello", val, sizeof(val)) == 0);
	bad += echo_check(atomic_read(&events[RPC_IMP_EV_INVALIDATE]) == 1);
	bad += echo_check(imp->impl->remote != remote);
	return bad;
}

static unsigned int replay_length(struct rpc_import *imp)
{
	struct list_head *pos;
	unsigned int n = 0;

	spin_lock(&imp->lock);
	list_for_each(pos, &imp->impl->replay)
		n++;
	spin_unlock(&imp->lock);
	return n;
}

/* Requests with a transaction are kept until it is committed. */
static int test_transno(struct rpc_import *imp)
{
	struct rpc_request *req;
	char val[64];
	int i, bad = 0;

	echo_call(imp, "commit", val, sizeof(val));
	bad += echo_check(replay_length(imp) == 0);
	for (i = 0; i < 5; i++) {
		req = rpc_request_alloc(imp, &RQF_OST_SETATTR);
		bad += echo_check(!rpc_request_pack(req) && !rpc_call(req) && req->transno);
		rpc_request_put(req);
	}
	bad += echo_check(replay_length(imp) == 5);
	echo_call(imp, "commit", val, sizeof(val));
	bad += echo_check(replay_length(imp) == 0);
	return bad;
}

static int do_bulk(struct rpc_import *imp, struct bio_vec *bv, unsigned int nr, u32 len,
		   u32 ask, bool write, u32 *moved)
{
	struct rpc_request *req = rpc_request_alloc(imp, write ? &RQF_OST_WRITE : &RQF_OST_READ);
	struct rpc_bulk b = { bv, nr, len, OST_BULK_PORTAL, write, 0 };
	struct echo_ioobj *obj;
	int rc;

	rpc_set_size(&req->rq, RF_IOOBJ, sizeof(*obj));
	rpc_set_size(&req->rq, RF_NIOBUF, 16);
	if (write)
		rpc_set_size(&req->rp, RF_RCS, 4);
	req->bulk = &b;
	rc = rpc_request_pack(req);
	if (!rc) {
		obj = rpc_field(&req->rq, RF_IOOBJ);
		obj->max_brw = cpu_to_le32(3 << 16);
		obj->nr = cpu_to_le32(ask);
		rc = rpc_call(req);
	}
	*moved = b.moved;
	rpc_request_put(req);
	return rc;
}

static int test_bulk_of(struct rpc_import *imp, struct bio_vec *bv, u32 len)
{
	unsigned int nr = DIV_ROUND_UP(len, PAGE_SIZE), i;
	u32 moved;
	int bad = 0;

	for (i = 0; i < nr; i++) {
		bv[i].bv_len = min_t(u32, PAGE_SIZE, len - i * PAGE_SIZE);
		memset(page_address(bv[i].bv_page), i * 7 + len, PAGE_SIZE);
	}
	bad += echo_check(do_bulk(imp, bv, nr, len, len, true, &moved) == 0 && moved == len);
	for (i = 0; i < nr; i++)
		memset(page_address(bv[i].bv_page), 0, PAGE_SIZE);
	bad += echo_check(do_bulk(imp, bv, nr, len, len, false, &moved) == len && moved == len);
	for (i = 0; i < nr && !bad; i++)
		bad += echo_check(!memchr_inv(page_address(bv[i].bv_page), (i * 7 + len) & 0xff,
					      bv[i].bv_len));
	return bad;
}

static int test_bulk(struct rpc_import *imp)
{
	static const u32 sizes[] = { 1, 100, PAGE_SIZE, 10000, 1 << 20, (1 << 20) + 1, 3 << 20,
				     ECHO_BRW };
	struct bio_vec *bv = kvcalloc(ECHO_PAGES, sizeof(*bv), GFP_KERNEL);
	u32 moved;
	int i, bad = 0;

	for (i = 0; i < ECHO_PAGES; i++)
		bv[i].bv_page = alloc_page(GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		bad += test_bulk_of(imp, bv, sizes[i]);
	/* a short read: the server fills up with empty PUTs */
	for (i = 0; i < ECHO_PAGES; i++)
		bv[i].bv_len = PAGE_SIZE;
	bad += echo_check(do_bulk(imp, bv, ECHO_PAGES, ECHO_BRW, 100, false, &moved) == 100 &&
			  moved == 100);
	bad += echo_check(do_bulk(imp, bv, ECHO_PAGES, ECHO_BRW, 0, false, &moved) == 0);
	for (i = 0; i < ECHO_PAGES; i++)
		__free_page(bv[i].bv_page);
	kvfree(bv);
	return bad;
}

static int refused(lnet_nid_t nid, u64 flags, int want)
{
	struct rpc_import *imp = echo_import(nid, "refused-client", flags, 0);
	int rc = rpc_import_connect(imp, true, 4);

	rpc_import_disconnect(imp, true);
	rpc_import_put(imp);
	return echo_check(rc == want);
}

static int report(const char *name, int bad)
{
	pr_info("echo: %s %s\n", bad ? "not ok" : "ok", name);
	return bad;
}

static int run_all(lnet_nid_t nid, const char *what, u64 flags, u64 flags2, bool all)
{
	struct rpc_import *imp = echo_import(nid, "echo-client", flags, flags2);
	int bad = 0;

	pr_info("echo: with %s\n", what);
	if (IS_ERR(imp))
		return 1;
	bad += report("connect", echo_check(rpc_import_connect(imp, true, 60) == 0));
	if (!bad) {
		bad += report("calls", test_calls(imp));
		bad += report("async", test_async(imp));
		bad += report("bulk", test_bulk(imp));
		bad += report("transno", test_transno(imp));
	}
	if (!bad && all) {
		bad += report("speed", test_speed(imp));
		bad += report("resend", test_resend(imp));
		bad += report("evict", test_evict(imp));
		bad += report("hostile", echo_hostile(imp));
	}
	if (!bad && flags & OBD_CONNECT_AT)
		bad += report("early", test_early(imp));
	rpc_import_disconnect(imp, false);
	rpc_import_put(imp);
	return bad;
}

int echo_run(lnet_nid_t nid)
{
	u64 mbits = OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2;
	int bad = 0;

	bad += run_all(nid, "the usual flags", ECHO_ASK | OBD_CONNECT_BULK_MBITS, 0, true);
	bad += run_all(nid, "REP_MBITS", ECHO_ASK | mbits, OBD_CONNECT2_REP_MBITS, true);
	bad += run_all(nid, "neither AT nor MBITS", ECHO_ASK & ~OBD_CONNECT_AT, 0, false);
	bad += report("refusal", refused(nid, ECHO_ASK & ~OBD_CONNECT_FULL20, -EPROTO));
	pr_info("echo: %s\n", bad ? "FAILED" : "PASSED");
	return bad ? -EIO : 0;
}
