// SPDX-License-Identifier: GPL-2.0
/*
 * The echo target: OST_GET_INFO says what its key asks for, OST_READ and OST_WRITE move
 * bulk to and from one buffer, OST_SETATTR counts transactions.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include "tests/echo/echo.h"

static struct rpc_service *svc;
static struct bio_vec *pages;
static u64 transno = 100, committed = 100;
static atomic_t attempts, drops, executed;

static int reply_text(struct rpc_svcreq *req, const char *text, u32 room)
{
	u32 len = max_t(u32, strlen(text) + 1, room);
	int rc;

	rpc_set_size(&req->rp, RF_VAL, len);
	rc = rpc_reply_pack(req);
	if (!rc)
		strscpy(rpc_field(&req->rp, RF_VAL), text, len);
	return rc;
}

static int get_info(struct rpc_svcreq *req)
{
	const char *key = rpc_field(&req->rq, RF_KEY);
	u32 len = rpc_field_size(&req->rq, RF_KEY);
	unsigned int n = 0;
	char text[32];

	if (!key || key[len - 1])
		return -EINVAL;
	atomic_inc(&executed);
	if (sscanf(key, "sleep:%u", &n) == 1) {
		msleep(n * 1000);
		return reply_text(req, "slept", 0);
	}
	if (sscanf(key, "big:%u", &n) == 1 && n < 100000)
		return reply_text(req, "big", n);
	if (sscanf(key, "error:%u", &n) == 1)
		return -(int)n;
	if (!strcmp(key, "later"))	/* twice, then yes */
		return atomic_inc_return(&attempts) % 3 ? -EINPROGRESS :
							  reply_text(req, "now", 0);
	if (!strcmp(key, "drop"))	/* the first of two */
		return atomic_inc_return(&drops) % 2 ? -RPC_NO_REPLY :
							  reply_text(req, "resent", 0);
	if (!strcmp(key, "forget")) {
		rpc_export_evict(req->exp, "it asked for it");
		return -ENOTCONN;
	}
	if (!strcmp(key, "executed")) {
		snprintf(text, sizeof(text), "%d", atomic_xchg(&executed, 0));
		return reply_text(req, text, 0);
	}
	if (!strcmp(key, "commit"))
		committed = transno;
	return reply_text(req, key, 0);
}

static int setattr(struct rpc_svcreq *req)
{
	int rc = rpc_reply_pack(req);

	if (!rc)
		req->transno = ++transno;
	return rc;
}

static int bulk(struct rpc_svcreq *req)
{
	struct echo_ioobj *obj = rpc_field(&req->rq, RF_IOOBJ);
	unsigned int max_md;
	u32 len, i, n;
	int rc;

	if (!obj)
		return -EPROTO;
	max_md = (le32_to_cpu(obj->max_brw) >> 16) + 1;
	len = le32_to_cpu(obj->nr);
	if (len > ECHO_BRW)
		return -EINVAL;
	for (i = 0, n = len; i < ECHO_PAGES; i++, n -= pages[i - 1].bv_len)
		pages[i].bv_len = min_t(u32, n, PAGE_SIZE);
	if (req->opc == OST_WRITE) {
		rpc_set_size(&req->rp, RF_RCS, 4);
		rc = rpc_bulk_fetch(req, OST_BULK_PORTAL, pages, ECHO_PAGES, len, max_md);
	} else {
		rc = rpc_bulk_store(req, OST_BULK_PORTAL, pages, ECHO_PAGES, len, max_md);
	}
	if (rc) {
		pr_info("echo: bulk failed: %d\n", rc);
		return -RPC_NO_REPLY;
	}
	rc = rpc_reply_pack(req);
	return rc ?: req->opc == OST_READ ? len : 0;
}

static const struct rpc_op echo_ops[] = {
	{ OST_GET_INFO, &RQF_OST_GET_INFO, LUSTRE_OST_VERSION, 0, get_info },
	{ OST_SETATTR, &RQF_OST_SETATTR, LUSTRE_OST_VERSION, RPC_OP_MODIFIES, setattr },
	{ OST_READ, &RQF_OST_READ, LUSTRE_OST_VERSION, 0, bulk },
	{ OST_WRITE, &RQF_OST_WRITE, LUSTRE_OST_VERSION, 0, bulk },
};

static int echo_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	u64 mask = ECHO_ASK | OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2 | OBD_CONNECT_RDONLY;

	ocd->ocd_connect_flags &= cpu_to_le64(mask);
	ocd->ocd_connect_flags2 &= cpu_to_le64(OBD_CONNECT2_REP_MBITS);
	ocd->ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	if (ocd->ocd_connect_flags & cpu_to_le64(OBD_CONNECT_BRW_SIZE))
		ocd->ocd_brw_size = cpu_to_le32(ECHO_BRW);
	return 0;
}

static u64 echo_committed(struct rpc_export *exp)
{
	return committed;
}

static const struct rpc_target_ops target_ops = {
	.ops		= echo_ops,
	.nr_ops		= ARRAY_SIZE(echo_ops),
	.connect	= echo_connect,
	.last_committed	= echo_committed,
};

static struct rpc_target target = {
	.name		= ECHO_NAME,
	.uuid		= ECHO_UUID,
	.connect_op	= OST_CONNECT,
	.ops		= &target_ops,
	.replayable	= true,
};

static void free_pages_all(void)
{
	int i;

	for (i = 0; pages && i < ECHO_PAGES; i++)
		if (pages[i].bv_page)
			__free_page(pages[i].bv_page);
	kvfree(pages);
}

int echo_server_start(void)
{
	static const struct rpc_service_args args = {
		.name = "echo", .req_portal = OST_REQUEST_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
		.max_size = OST_REQUEST_MAX, .min_threads = 1, .max_threads = 8,
	};
	int rc, i;

	pages = kvcalloc(ECHO_PAGES, sizeof(*pages), GFP_KERNEL);
	for (i = 0; pages && i < ECHO_PAGES; i++)
		pages[i].bv_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!pages)
		return -ENOMEM;
	rc = rpc_target_register(&target);
	if (rc)
		goto pages;
	svc = rpc_service_get(&args);
	if (IS_ERR(svc)) {
		rc = PTR_ERR(svc);
		rpc_target_unregister(&target);
		goto pages;
	}
	target.ready = true;
	return 0;
pages:
	free_pages_all();
	return rc;
}

void echo_server_stop(void)
{
	rpc_target_unregister(&target);
	rpc_service_put(svc);
	free_pages_all();
}
