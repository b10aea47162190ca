// SPDX-License-Identifier: GPL-2.0
/*
 * Targets of a mount: what the configuration log says becomes connections, and what happens to
 * those (chapters 06, 9 and 02, 9 to 11).
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "kernel/client/mdc.h"

#define CL_CONNECT_TIMEOUT_S	60	/* of the MDT at mount, before we give up */

struct cl_osc *cl_osc_get_index(struct cl_fs *fs, u32 index)
{
	return xa_load(&fs->oscs, index);
}

/*
 * With lruresize unused locks are kept as long as there is memory for them, a small part of it;
 * the server asks for those that others want. Without it ldlm's own limit holds.
 */
static void set_lru(struct cl_fs *fs, struct ldlm_namespace *ns)
{
	if (fs->opt.flags & CL_OPT_LRURESIZE)
		ldlm_ns_set_lru(ns, clamp_t(unsigned long, totalram_pages() / 16, 1000, 100000), 0);
}

/* --- what we ask for (chapter 02, 9 and 10) --- */

static void mdc_ocd(struct cl_mdc *mdc, struct obd_connect_data *ocd)
{
	struct cl_fs *fs = mdc->fs;
	u64 flags = OBD_CONNECT_VERSION | OBD_CONNECT_ACL | OBD_CONNECT_LARGE_ACL | OBD_CONNECT_IBITS |
		    OBD_CONNECT_ATTRFID | OBD_CONNECT_NODEVOH | OBD_CONNECT_BRW_SIZE |
		    OBD_CONNECT_CANCELSET | OBD_CONNECT_AT | OBD_CONNECT_FID | OBD_CONNECT_VBR |
		    OBD_CONNECT_LOV_V3 | OBD_CONNECT_MAX_EASIZE | OBD_CONNECT_FULL20 |
		    OBD_CONNECT_LAYOUTLOCK | OBD_CONNECT_64BITHASH | OBD_CONNECT_JOBSTATS |
		    OBD_CONNECT_UMASK | OBD_CONNECT_EINPROGRESS | OBD_CONNECT_LVB_TYPE |
		    OBD_CONNECT_FLOCK_DEAD | OBD_CONNECT_DISP_STRIPE | OBD_CONNECT_OPEN_BY_FID |
		    OBD_CONNECT_MULTIMODRPCS | OBD_CONNECT_SUBTREE | OBD_CONNECT_BULK_MBITS |
		    OBD_CONNECT_FLAGS2;

	if (fs->opt.flags & CL_OPT_USER_XATTR)
		flags |= OBD_CONNECT_XATTR;
	if (fs->opt.flags & CL_OPT_LRURESIZE)
		flags |= OBD_CONNECT_LRU_RESIZE;
	if (!(fs->opt.flags & CL_OPT_ALWAYS_PING))
		flags |= OBD_CONNECT_PINGLESS;
	if (sb_rdonly(fs->sb))
		flags |= OBD_CONNECT_RDONLY;
	ocd->ocd_connect_flags = cpu_to_le64(flags);
	ocd->ocd_connect_flags2 = cpu_to_le64(OBD_CONNECT2_SUM_STATFS | OBD_CONNECT2_OVERSTRIPING |
					      OBD_CONNECT2_LSOM | OBD_CONNECT2_LOCK_CONVERT |
					      OBD_CONNECT2_DOM_LVB);
	ocd->ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	ocd->ocd_ibits_known = cpu_to_le64(MDS_INODELOCK_FULL);
	cl_osc_ocd(&mdc->data, ocd);
}

static void osc_ocd(struct cl_osc *osc, struct obd_connect_data *ocd)
{
	u64 flags = OBD_CONNECT_VERSION | OBD_CONNECT_REQPORTAL | OBD_CONNECT_CANCELSET |
		    OBD_CONNECT_AT | OBD_CONNECT_FID | OBD_CONNECT_VBR | OBD_CONNECT_FULL20 |
		    OBD_CONNECT_LAYOUTLOCK | OBD_CONNECT_64BITHASH | OBD_CONNECT_MAXBYTES |
		    OBD_CONNECT_JOBSTATS | OBD_CONNECT_EINPROGRESS | OBD_CONNECT_LVB_TYPE |
		    OBD_CONNECT_SRVLOCK | OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2;

	if (osc->fs->opt.flags & CL_OPT_LRURESIZE)
		flags |= OBD_CONNECT_LRU_RESIZE;
	if (!(osc->fs->opt.flags & CL_OPT_ALWAYS_PING))
		flags |= OBD_CONNECT_PINGLESS;
	ocd->ocd_connect_flags = cpu_to_le64(flags);
	ocd->ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	cl_osc_ocd(osc, ocd);
}

/* --- what happens to connections --- */

static void mdc_connected(struct cl_mdc *mdc)
{
	const struct obd_connect_data *ocd = &mdc->imp->ocd;
	unsigned int mod = le16_to_cpu(ocd->ocd_maxmodrpcs);

	cl_osc_connected(&mdc->data);
	if (!mdc->md_max)
		mdc->md_max = max_t(u32, lov_mds_md_size(4, LOV_MAGIC_V1), 128);
	pr_debug("lustre: %s: connected, flags %llx, %u modifying RPCs\n", mdc->name,
		 le64_to_cpu(ocd->ocd_connect_flags), mod);
}

/* Evicted: what the MDT gave us is gone, and so are its open handles and our sequence */
static void mdc_invalidate(struct cl_mdc *mdc)
{
	struct cl_fs *fs = mdc->fs;

	cl_osc_invalidate(&mdc->data);
	mutex_lock(&fs->seq_lock);
	fs->fids_left = 0;
	mutex_unlock(&fs->seq_lock);
}

static void mdc_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	struct cl_mdc *mdc = imp->private;

	switch (ev) {
	case RPC_IMP_EV_CONNECTED:
		mdc_connected(mdc);
		break;
	case RPC_IMP_EV_INVALIDATE:
		mdc_invalidate(mdc);
		break;
	case RPC_IMP_EV_REPLAY_LOCKS:
		ldlm_ns_replay_locks(mdc->ns);
		break;
	case RPC_IMP_EV_ACTIVE:
	case RPC_IMP_EV_DISCON:
		break;
	}
}

static void osc_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	struct cl_osc *osc = imp->private;

	switch (ev) {
	case RPC_IMP_EV_CONNECTED:
		cl_osc_connected(osc);
		break;
	case RPC_IMP_EV_INVALIDATE:
		cl_osc_invalidate(osc);
		break;
	case RPC_IMP_EV_REPLAY_LOCKS:
		ldlm_ns_replay_locks(osc->ns);
		break;
	case RPC_IMP_EV_ACTIVE:
	case RPC_IMP_EV_DISCON:
		break;
	}
}

static void mdc_reconnect(struct rpc_import *imp, struct obd_connect_data *ocd)
{
	struct cl_mdc *mdc = imp->private;

	cl_osc_reconnect(&mdc->data, ocd);
}

static void osc_reconnect(struct rpc_import *imp, struct obd_connect_data *ocd)
{
	cl_osc_reconnect(imp->private, ocd);
}

static const struct rpc_import_ops mdc_import_ops = { .event = mdc_event, .reconnect = mdc_reconnect };
static const struct rpc_import_ops osc_import_ops = { .event = osc_event, .reconnect = osc_reconnect };

static int add_nodes(struct rpc_import *imp, const struct cfg_target *t)
{
	unsigned int i;
	int rc;

	for (i = 0; i < t->nr_nodes; i++) {
		rc = rpc_import_add_conn(imp, t->nodes[i].nid, t->nodes[i].nr);
		if (rc && rc != -EEXIST)
			return rc;
	}
	return 0;
}

/* --- MDT --- */

static void mdc_free(struct cl_mdc *mdc, bool force)
{
	cl_target_params_del(&mdc->data);
	if (mdc->ns)
		ldlm_ns_destroy(mdc->ns);
	if (mdc->imp) {
		rpc_import_disconnect(mdc->imp, force);
		rpc_import_put(mdc->imp);
	}
	cl_osc_io_fini(&mdc->data);
	kfree(mdc);
}

static const struct ldlm_ns_ops mdc_ns_ops;

/* The data side of an MDC: what an OSC has, on the MDC's connection */
static int mdc_data_init(struct cl_mdc *mdc)
{
	struct cl_osc *data = &mdc->data;

	data->fs = mdc->fs;
	data->index = mdc->index;
	data->mdt = true;
	strscpy(data->name, mdc->name, sizeof(data->name));
	cl_limit_init(&data->rpcs, 8);
	return cl_osc_io_init(data);
}

static int add_mdt(void *data, const struct cfg_target *t)
{
	struct cl_fs *fs = data;
	struct rpc_import_args args = {
		.target_uuid	= t->uuid,
		.client_uuid	= fs->uuid,
		.connect_op	= MDS_CONNECT,
		.req_portal	= MDS_REQUEST_PORTAL,
		.rep_portal	= MDC_REPLY_PORTAL,
		.sec_part	= RPC_SEC_CLI,
		.replayable	= true,
		.ops		= &mdc_import_ops,
	};
	struct cl_mdc *mdc;
	int rc = -ENOMEM;

	if (fs->mdc && t->index == fs->mdc->index)
		return add_nodes(fs->mdc->imp, t);
	if (t->index) {
		pr_warn("lustre: %s: MDT%04x is not used: only MDT0000 is supported\n",
			fs->opt.fsname, t->index);
		return 0;
	}
	mdc = kzalloc(sizeof(*mdc), GFP_KERNEL);
	if (!mdc)
		return -ENOMEM;
	mdc->fs = fs;
	mdc->index = t->index;
	snprintf(mdc->name, sizeof(mdc->name), "%s-%s", t->device, fs->instance);
	cl_limit_init(&mdc->rpcs, 8);
	args.name = mdc->name;
	args.private = mdc;
	rc = mdc_data_init(mdc);
	if (rc)
		goto fail;
	mdc_ocd(mdc, &args.ocd);
	mdc->imp = rpc_import_create(&args);
	if (IS_ERR_OR_NULL(mdc->imp)) {
		rc = mdc->imp ? PTR_ERR(mdc->imp) : -ENOMEM;
		mdc->imp = NULL;
		goto fail;
	}
	mdc->data.imp = mdc->imp;
	mdc->ns = ldlm_ns_create(mdc->name, LDLM_CLIENT, &mdc_ns_ops, fs, mdc->imp);
	if (IS_ERR_OR_NULL(mdc->ns)) {
		rc = mdc->ns ? PTR_ERR(mdc->ns) : -ENOMEM;
		mdc->ns = NULL;
		goto fail;
	}
	mdc->data.ns = mdc->ns;
	set_lru(fs, mdc->ns);
	rc = add_nodes(mdc->imp, t);
	if (!rc)
		rc = cl_target_params_add(&mdc->data);
	if (rc)
		goto fail;
	fs->mdc = mdc;
	return 0;
fail:
	mdc_free(mdc, true);
	return rc;
}

int cl_mdc_connect(struct cl_fs *fs)
{
	const u64 need = OBD_CONNECT_FID | OBD_CONNECT_ATTRFID | OBD_CONNECT_FULL20;
	struct cl_mdc *mdc = fs->mdc;
	int rc;

	rc = rpc_import_connect(mdc->imp, true, CL_CONNECT_TIMEOUT_S);
	if (rc)
		return rc;
	if ((rpc_import_flags(mdc->imp) & need) != need) {
		pr_err("lustre: %s: the server lacks connect flags %#llx that we require\n", mdc->name,
		       need & ~rpc_import_flags(mdc->imp));
		return -EBADE;
	}
	return 0;
}

/* --- OSTs --- */

static void osc_free(struct cl_osc *osc, bool force)
{
	cl_target_params_del(osc);
	if (osc->ns)
		ldlm_ns_destroy(osc->ns);
	if (osc->imp) {
		rpc_import_disconnect(osc->imp, force);
		rpc_import_put(osc->imp);
	}
	cl_osc_io_fini(osc);
	kfree(osc);
}

static int osc_start(struct cl_osc *osc, const struct cfg_target *t)
{
	struct cl_fs *fs = osc->fs;
	struct rpc_import_args args = {
		.name		= osc->name,
		.target_uuid	= t->uuid,
		.client_uuid	= fs->uuid,
		.connect_op	= OST_CONNECT,
		.req_portal	= OST_REQUEST_PORTAL,
		.rep_portal	= OSC_REPLY_PORTAL,
		.sec_part	= RPC_SEC_CLI,
		.replayable	= true,
		.ops		= &osc_import_ops,
		.private	= osc,
	};
	int rc;

	osc_ocd(osc, &args.ocd);
	osc->imp = rpc_import_create(&args);
	if (IS_ERR_OR_NULL(osc->imp)) {
		rc = osc->imp ? PTR_ERR(osc->imp) : -ENOMEM;
		osc->imp = NULL;
		return rc;
	}
	osc->ns = ldlm_ns_create(osc->name, LDLM_CLIENT, &cl_osc_ns_ops, osc, osc->imp);
	if (IS_ERR_OR_NULL(osc->ns)) {
		rc = osc->ns ? PTR_ERR(osc->ns) : -ENOMEM;
		osc->ns = NULL;
		return rc;
	}
	set_lru(fs, osc->ns);
	rc = add_nodes(osc->imp, t);
	return rc ?: cl_target_params_add(osc);
}

/* At mount, or later when the configuration grows */
static int add_ost(void *data, const struct cfg_target *t)
{
	struct cl_fs *fs = data;
	struct cl_osc *osc;
	int rc;

	osc = cl_osc_get_index(fs, t->index);
	if (osc)
		return add_nodes(osc->imp, t);
	osc = kzalloc(sizeof(*osc), GFP_KERNEL);
	if (!osc)
		return -ENOMEM;
	osc->fs = fs;
	osc->index = t->index;
	osc->inactive = t->inactive;
	strscpy(osc->uuid, t->uuid, sizeof(osc->uuid));
	snprintf(osc->name, sizeof(osc->name), "%s-%s", t->device, fs->instance);
	cl_limit_init(&osc->rpcs, 8);
	rc = cl_osc_io_init(osc);
	if (rc) {
		kfree(osc);
		return rc;
	}
	rc = osc_start(osc, t);
	if (!rc)
		rc = xa_insert(&fs->oscs, osc->index, osc, GFP_KERNEL);
	if (rc) {
		osc_free(osc, true);
		return rc;
	}
	fs->nr_osts = max(fs->nr_osts, osc->index + 1);
	if (fs->connected && !osc->inactive)
		rpc_import_connect(osc->imp, false, 0);
	return 0;
}

/* Nobody waits for an OST at mount: I/O to one that is away waits when it comes to it */
void cl_osc_connect_all(struct cl_fs *fs)
{
	unsigned long index;
	struct cl_osc *osc;

	fs->connected = true;
	xa_for_each(&fs->oscs, index, osc)
		if (!osc->inactive)
			rpc_import_connect(osc->imp, false, 0);
}

void cl_targets_free(struct cl_fs *fs)
{
	unsigned long index;
	struct cl_osc *osc;

	xa_for_each(&fs->oscs, index, osc) {
		xa_erase(&fs->oscs, index);
		osc_free(osc, fs->force);
	}
	if (fs->mdc)
		mdc_free(fs->mdc, fs->force);
	fs->mdc = NULL;
}

/* --- the rest of the log --- */

static int lov_desc(void *data, const struct lov_desc *desc)
{
	struct cl_fs *fs = data;
	u32 size = le64_to_cpu(desc->ld_default_stripe_size);

	if (size && !(size % LOV_MIN_STRIPE_SIZE))
		fs->stripe_size = size;
	fs->stripe_count = le32_to_cpu(desc->ld_default_stripe_count);
	fs->stripe_offset = le64_to_cpu(desc->ld_default_stripe_offset);
	return 0;
}

void cl_osc_set_active(struct cl_osc *osc, bool active)
{
	osc->inactive = !active;
	if (!active)
		rpc_import_invalidate(osc->imp);
	else if (osc->fs->connected)
		rpc_import_connect(osc->imp, false, 0);
}

/*
 * key is type.parameter, device as in the log: testfs-OST0001-osc, testfs-MDT0000-mdc, or for the
 * mount testfs-client or testfs-llite; ours carry the instance
 */
static int param(void *data, const char *device, const char *key, const char *value)
{
	const char *name = strchr(key, '.'), *dev = device;
	struct cl_fs *fs = data;
	unsigned long index;
	struct cl_osc *osc;
	char type[16], full[80];
	int rc;

	if (!name || name - key >= sizeof(type))
		return 0;	/* of another reader */
	memcpy(type, key, name - key);
	type[name - key] = 0;
	name++;
	if (!strcmp(type, "llite")) {
		dev = fs->opt.fsname;
	} else if (strcmp(type, "osc") && strcmp(type, "mdc") && strcmp(type, "lov")) {
		return 0;
	}
	snprintf(full, sizeof(full), "%s-%s", dev, fs->instance);
	if (!strcmp(type, "osc") && !strcmp(name, "active")) {
		xa_for_each(&fs->oscs, index, osc)
			if (!strcmp(osc->name, full))
				cl_osc_set_active(osc, strcmp(value, "0"));
		return 0;
	}
	rc = param_set(type, full, name, value);
	if (rc)
		pr_warn("lustre: %s: parameter %s=%s of the configuration: %d\n", full, key, value, rc);
	return 0;	/* a parameter we do not have is no reason not to mount */
}

static int profile(void *data, const char *name, const char *dt, const char *md)
{
	return 0;
}

static const struct cfg_ops cfg_ops = {
	.profile	= profile,
	.add_mdt	= add_mdt,
	.add_ost	= add_ost,
	.lov_desc	= lov_desc,
	.param		= param,
};

int cl_config_start(struct cl_fs *fs)
{
	char log[CL_FSNAME_MAX + 8];
	struct cfg_follow *f;

	snprintf(log, sizeof(log), "%s-client", fs->opt.fsname);
	f = cfg_follow_start(fs->mgc, log, fs->opt.exclude, NULL, &cfg_ops, fs);
	if (IS_ERR(f)) {
		if (PTR_ERR(f) == -ENOENT)
			pr_err("lustre: the MGS knows no file system '%s'\n", fs->opt.fsname);
		return PTR_ERR(f);
	}
	fs->follow = f;
	return 0;
}
