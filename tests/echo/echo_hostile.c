// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that no good client sends: every opcode with every kind of damage. The server
 * answers with an error or not at all, and goes on serving others.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "tests/echo/echo.h"

static atomic_t in_flight;

struct raw {
	struct lnet_md	md;
	struct bio_vec	bv;
	void		*data;
	u32		size;
};

static void raw_event(const struct lnet_event *ev)
{
	struct raw *r = container_of(ev->md, struct raw, md);

	if (!ev->unlinked)
		return;
	free_pages_exact(r->data, r->size);
	kfree(r);
	atomic_dec(&in_flight);
}

/* Sends @len bytes of @data as a request; what is answered goes nowhere. */
static void raw_send(struct rpc_import *imp, const void *data, u32 len)
{
	struct raw *r = kzalloc(sizeof(*r), GFP_KERNEL);

	r->size = max(len, 1U);
	r->data = alloc_pages_exact(r->size, GFP_KERNEL);
	memcpy(r->data, data, len);
	r->bv.bv_page = virt_to_page(r->data);
	r->bv.bv_len = r->size;
	r->md.bvec = &r->bv;
	r->md.nr_bvec = 1;
	r->md.length = len;
	r->md.threshold = 1;
	r->md.event = raw_event;
	atomic_inc(&in_flight);
	if (lnet_put_md(&r->md, LNET_NID_ANY, rpc_import_nid(imp), OST_REQUEST_PORTAL,
			rpc_next_xid(), 0, 0, false)) {
		free_pages_exact(r->data, r->size);
		kfree(r);
		atomic_dec(&in_flight);
	}
	while (atomic_read(&in_flight) > 32)
		usleep_range(100, 200);
}

/* A good request of this format, in @buf. Return: its length. */
static u32 good_message(struct rpc_import *imp, const struct rpc_format *fmt, void *buf, u32 size)
{
	struct rpc_request *req = rpc_request_alloc(imp, fmt);
	struct ptlrpc_body *body;
	u32 len = 0, i;

	for (i = 0; i < fmt->nr_req; i++)
		if (rpc_fields[RF_ID(fmt->req[i])].flags & RFF_VAR)
			rpc_set_size(&req->rq, RF_ID(fmt->req[i]),
				     max_t(u32, rpc_fields[RF_ID(fmt->req[i])].size, 8));
	if (!rpc_request_pack(req) && req->rq.len <= size) {
		body = rpc_body(&req->rq);
		body->pb_handle.cookie = cpu_to_le64(imp->impl->remote);
		body->pb_conn_cnt = cpu_to_le32(imp->impl->conn_cnt);
		body->pb_timeout = cpu_to_le32(5);
		len = req->rq.len;
		memcpy(buf, req->rq.msg, len);
	}
	rpc_request_put(req);
	return len;
}

static void damage_format(struct rpc_import *imp, const struct rpc_format *fmt, u8 *buf, u8 *bad)
{
	struct lustre_msg_v2 *msg = (void *)bad;
	u32 len = good_message(imp, fmt, buf, LNET_MTU / 2), i, n;

	if (!len || fmt->opc == OST_DISCONNECT)
		return;
	n = le32_to_cpu(((struct lustre_msg_v2 *)buf)->lm_bufcount);
	raw_send(imp, buf, len);
	/* cut off, at the end and inside the header */
	raw_send(imp, buf, len - 1);
	raw_send(imp, buf, len - 8);
	raw_send(imp, buf, 31);
	for (i = 0; i < n; i++) {
		static const u32 lens[] = { 0, 1, 7, RPC_MAX_MSG, RPC_MAX_MSG + 1, ~0U, 1U << 31 };
		u32 j;

		for (j = 0; j < ARRAY_SIZE(lens); j++) {
			memcpy(bad, buf, len);
			msg->lm_buflens[i] = cpu_to_le32(lens[j]);
			raw_send(imp, bad, len);
		}
		/* fewer buffers than the format has */
		memcpy(bad, buf, len);
		msg->lm_bufcount = cpu_to_le32(i);
		raw_send(imp, bad, len);
	}
	for (i = 0; i < 20; i++) {
		memcpy(bad, buf, len);
		bad[get_random_u32_below(len)] ^= get_random_u8();
		/* but not into a disconnect */
		if (le32_to_cpu(((struct ptlrpc_body *)(bad + round_up(32 + 4 * n, 8)))->pb_opc) ==
		    OST_DISCONNECT)
			continue;
		raw_send(imp, bad, len);
	}
}

static void damage_header(struct rpc_import *imp, u8 *buf, u8 *bad)
{
	static const u32 counts[] = { 0, 33, 0x1000, ~0U };
	static const u32 magics[] = { LUSTRE_MSG_MAGIC_V1, LUSTRE_MSG_MAGIC_V2_SWABBED, 0 };
	struct lustre_msg_v2 *msg = (void *)bad;
	u32 len = good_message(imp, &RQF_OBD_PING, buf, LNET_MTU / 2), i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		memcpy(bad, buf, len);
		msg->lm_bufcount = cpu_to_le32(counts[i]);
		raw_send(imp, bad, len);
	}
	for (i = 0; i < ARRAY_SIZE(magics); i++) {
		memcpy(bad, buf, len);
		msg->lm_magic = cpu_to_le32(magics[i]);
		raw_send(imp, bad, len);
	}
	memcpy(bad, buf, len);
	msg->lm_secflvr = cpu_to_le32(0x21001);
	raw_send(imp, bad, len);
	for (i = 0; i < 64; i++) {
		get_random_bytes(bad, len);
		raw_send(imp, bad, i * 4);
		raw_send(imp, bad, len);
	}
	/* odd lengths move those that come after */
	for (i = 1; i < 8; i++) {
		raw_send(imp, buf, len + i);
		raw_send(imp, buf, len);
	}
	memset(bad, 0, 20000);
	raw_send(imp, bad, OST_REQUEST_MAX + 1);
}

int echo_hostile(struct rpc_import *imp)
{
	u8 *buf = kvzalloc(LNET_MTU, GFP_KERNEL), *bad = kvzalloc(LNET_MTU, GFP_KERNEL);
	char val[64];
	int rc = 0;
	u32 i;

	damage_header(imp, buf, bad);
	for (i = 0; i < rpc_nr_formats; i++)
		damage_format(imp, rpc_formats[i], buf, bad);
	while (atomic_read(&in_flight))
		msleep(20);
	kvfree(buf);
	kvfree(bad);
	/* some of it looked like a replay: then we were evicted, and come back */
	echo_call(imp, "hello", val, sizeof(val));
	rc += echo_check(rpc_import_connect(imp, true, 60) == 0);
	rc += echo_check(echo_call(imp, "hello", val, sizeof(val)) == 0 && !strcmp(val, "hello"));
	return rc;
}
