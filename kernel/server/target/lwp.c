// SPDX-License-Identifier: GPL-2.0
/*
 * LWP, the light weight proxy: a target's own connection to MDT0, learned from the client log
 * (chapter 06, 11.2 step 4). It carries SEQ_QUERY for super ranges.
 */
#include <linux/slab.h>
#include "internal.h"

struct target_lwp {
	struct target		*tgt;
	struct cfg_follow	*follow;
	struct rpc_import	*imp;
};

static void lwp_event(struct rpc_import *imp, enum rpc_import_event ev)
{
}

static const struct rpc_import_ops lwp_import_ops = {
	.event = lwp_event,
};

#define LWP_FLAGS	(OBD_CONNECT_VERSION | OBD_CONNECT_INDEX | OBD_CONNECT_FID | OBD_CONNECT_AT | \
			 OBD_CONNECT_LRU_RESIZE | OBD_CONNECT_FULL20 | OBD_CONNECT_LVB_TYPE | \
			 OBD_CONNECT_LIGHTWEIGHT | OBD_CONNECT_LFSCK | OBD_CONNECT_BULK_MBITS)

static int lwp_add_mdt(void *data, const struct cfg_target *t)
{
	struct target_lwp *lwp = data;
	struct target *tgt = lwp->tgt;
	bool ost = tgt->rpc.connect_op == OST_CONNECT;
	char name[64], uuid[RPC_UUID_SIZE];
	struct rpc_import_args args = {
		.name = name,
		.target_uuid = t->uuid,
		.client_uuid = uuid,
		.connect_op = MDS_CONNECT,
		.req_portal = MDS_REQUEST_PORTAL,
		.rep_portal = MDC_REPLY_PORTAL,
		.sec_part = ost ? RPC_SEC_OST : RPC_SEC_MDT,
		.ops = &lwp_import_ops,
		.private = lwp,
	};
	struct rpc_import *imp;
	unsigned int i;
	int rc;

	if (t->index != 0 || lwp->imp)
		return 0;
	snprintf(name, sizeof(name), "%s-MDT0000-lwp-%s%04x", tgt->fsname, ost ? "OST" : "MDT", tgt->index);
	if (snprintf(uuid, sizeof(uuid), "%s_UUID", name) >= sizeof(uuid))
		return -EINVAL;
	args.ocd.ocd_connect_flags = cpu_to_le64(LWP_FLAGS | (ost ? 0 : OBD_CONNECT_MDS_MDS));
	args.ocd.ocd_version = cpu_to_le32(LUSTRE_VERSION_CODE);
	args.ocd.ocd_index = cpu_to_le32(tgt->index);
	imp = rpc_import_create(&args);
	if (IS_ERR(imp))
		return PTR_ERR(imp);
	for (i = 0; i < t->nr_nodes; i++) {
		rc = rpc_import_add_conn(imp, t->nodes[i].nid, t->nodes[i].nr);
		if (rc)
			goto fail;
	}
	rc = rpc_import_connect(imp, false, 0);
	if (rc)
		goto fail;
	lwp->imp = imp;
	mutex_lock(&tgt->store->seq_lock);
	tgt->store->controller = imp;
	mutex_unlock(&tgt->store->seq_lock);
	return 0;
fail:
	rpc_import_put(imp);
	return rc;
}

static const struct cfg_ops lwp_cfg_ops = {
	.add_mdt = lwp_add_mdt,
};

/*
 * target_lwp_start() - connect to MDT0 as soon as the client log names it
 *
 * Return: handle, or ERR_PTR. MDT0 itself needs none: NULL.
 */
struct target_lwp *target_lwp_start(struct target *tgt)
{
	struct target_lwp *lwp;
	char log[32];
	int rc;

	if (tgt->rpc.connect_op == MGS_CONNECT || (tgt->rpc.connect_op == MDS_CONNECT && tgt->index == 0))
		return NULL;
	lwp = kzalloc(sizeof(*lwp), GFP_KERNEL);
	if (!lwp)
		return ERR_PTR(-ENOMEM);
	lwp->tgt = tgt;
	snprintf(log, sizeof(log), "%s-client", tgt->fsname);
	lwp->follow = cfg_follow_start(tgt->mgc, log, NULL, tgt->copy, &lwp_cfg_ops, lwp);
	if (!IS_ERR(lwp->follow))
		return lwp;
	rc = PTR_ERR(lwp->follow);
	kfree(lwp);
	return ERR_PTR(rc);
}

/* target_lwp_stop() - before target_offline() */
void target_lwp_stop(struct target_lwp *lwp)
{
	if (IS_ERR_OR_NULL(lwp))
		return;
	cfg_follow_stop(lwp->follow);
	if (lwp->imp) {
		rpc_import_disconnect(lwp->imp, false);
		mutex_lock(&lwp->tgt->store->seq_lock);
		lwp->tgt->store->controller = NULL;
		mutex_unlock(&lwp->tgt->store->seq_lock);
		rpc_import_put(lwp->imp);
	}
	kfree(lwp);
}
