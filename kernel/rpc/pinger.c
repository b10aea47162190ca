// SPDX-License-Identifier: GPL-2.0
/*
 * Pings (chapter 02, 11.3): every import that was quiet too long says that it lives, and
 * so learns what the server has committed. Servers' evictor is in target.c.
 */
#include "kernel/rpc/internal.h"

static void ping_import(struct rpc_import *imp)
{
	struct rpc_import_impl *ii = imp->impl;
	struct rpc_request *req;
	bool due;

	spin_lock(&imp->lock);
	due = imp->state == RPC_IMP_FULL && ktime_get_seconds() >= ii->next_ping;
	spin_unlock(&imp->lock);
	if (!due)
		return;
	req = rpc_request_alloc(imp, &RQF_OBD_PING);
	if (!req)
		return;
	req->flags = RPC_REQ_NO_DELAY;
	if (!rpc_request_pack(req))
		rpc_send(req);
	rpc_request_put(req);
}

static void pinger(struct work_struct *work)
{
	rpc_import_for_each(ping_import);
	queue_delayed_work(rpc_import_wq, to_delayed_work(work), HZ);
}

static DECLARE_DELAYED_WORK(pinger_work, pinger);

int rpc_pinger_init(void)
{
	queue_delayed_work(rpc_import_wq, &pinger_work, HZ);
	return 0;
}

void rpc_pinger_exit(void)
{
	cancel_delayed_work_sync(&pinger_work);
}
