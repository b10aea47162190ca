// SPDX-License-Identifier: GPL-2.0
/*
 * The MGC: this node's connection to an MGS, registration of targets, and the logs
 * that are followed under their locks (chapter 06, 3, 4, 11). What records mean is
 * cfg_log.c's.
 *
 * Lock order: mgc_mutex; cfg_follow.reading > cfg_follow.apply > mgc.lock. An owner who
 * stops following takes apply, never reading, so that it does not wait for the MGS.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>
#include "kernel/config/config.h"
#include "kernel/config/internal.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/llog/llog.h"

/* A lost lock is asked for again after 5 s and up to 5 more, so that nodes do not come all at once */
#define REQUEUE_MIN_S		5
#define REQUEUE_SPREAD_S	5

/* First wait for the MGS: of a mount, and of a registration */
#define MGC_CONNECT_S		50
#define MGC_CONNECT_COPY_S	1
#define MGC_REGISTER_S		10
#define MGC_REGISTER_LONG_S	60

struct mgc {
	struct list_head	link;
	struct kref		ref;
	lnet_nid_t		first;
	struct rpc_import	*imp;
	struct ldlm_namespace	*ns;
	struct param_dir	*params;
	struct cfg_device	*device;
	spinlock_t		lock;		/* follows, and lost and cookie of each */
	struct list_head	follows;
	struct delayed_work	requeue;
	char			name[64];
	char			uuid[RPC_UUID_SIZE];
};

/* A log that is kept current */
struct cfg_follow {
	struct list_head	link;		/* in mgc->follows */
	struct kref		ref;		/* the owner's, and one while it is read */
	struct mgc		*mgc;
	u64			cookie;		/* of our lock on the log, 0 without */
	bool			lost;		/* the lock is gone: somebody changed the log */
	bool			own;		/* the MGC follows it by itself */
	struct mutex		reading;	/* one at a time; protects last */
	u32			last;		/* record that was applied */
	struct mutex		apply;		/* held while a record is applied */
	bool			stopped;	/* no call of the ops any more */
	bool			first;		/* errors end the first reading */
	struct cfg_reader	*reader;
	const struct cfg_copy	*copy;		/* NULL: none is kept */
	struct ldlm_res_id	res;
	char			name[MTI_NAME_MAXLEN];
};

static DEFINE_MUTEX(mgc_mutex);		/* mgc_list, and making and unmaking its members */
static LIST_HEAD(mgc_list);
static struct workqueue_struct *mgc_wq;

static const struct cfg_ops no_ops;

static void follow_free(struct kref *ref)
{
	struct cfg_follow *f = container_of(ref, struct cfg_follow, ref);

	cfg_reader_free(f->reader);
	mutex_destroy(&f->reading);
	mutex_destroy(&f->apply);
	kfree(f);
}

static void requeue_later(struct mgc *mgc)
{
	queue_delayed_work(mgc_wq, &mgc->requeue,
			   msecs_to_jiffies(REQUEUE_MIN_S * 1000 + get_random_u32() % (REQUEUE_SPREAD_S * 1000)));
}

/*
 * Thousands of clients must not come at once, so they wait a little. Servers are few, and a new OST
 * is of no use before the MDT knows it: a target's own log is read without delay.
 */
static bool is_target_log(const struct cfg_follow *f)
{
	const char *dash = strrchr(f->name, '-');

	return dash && (str_has_prefix(dash, "-MDT") || str_has_prefix(dash, "-OST"));
}

/* --- the locks of logs --- */

static int config_lock_blocking(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling)
{
	struct mgc *mgc = ldlm_ns_private(lock->ns);
	struct cfg_follow *f;
	bool found = false, now = false;

	if (!canceling)
		return 0;
	spin_lock(&mgc->lock);
	list_for_each_entry(f, &mgc->follows, link) {
		if (f->cookie != lock->handle.cookie)
			continue;
		f->cookie = 0;
		f->lost = true;
		found = true;
		now = is_target_log(f);
	}
	spin_unlock(&mgc->lock);
	if (now)
		mod_delayed_work(mgc_wq, &mgc->requeue, 0);
	else if (found)
		requeue_later(mgc);
	return 0;
}

static const struct ldlm_lock_ops config_lock_ops = {
	.blocking = config_lock_blocking,
};

static const struct ldlm_ns_ops config_ns_ops;

/* --- reading --- */

static int follow_record(const struct llog_rec_hdr *rec, void *data)
{
	struct cfg_follow *f = data;
	int rc = -ESHUTDOWN;

	mutex_lock(&f->apply);
	if (!f->stopped) {
		rc = cfg_reader_record(rec, f->reader);
		f->last = le32_to_cpu(rec->lrh_index);
		if (rc && !f->first) {
			pr_warn("%s: %s: record %u was not applied: %d\n", f->mgc->name, f->name, f->last, rc);
			rc = 0;
		}
	}
	mutex_unlock(&f->apply);
	return rc;
}

/* The lock on the log is held: it does not change meanwhile */
static void follow_save(struct cfg_follow *f)
{
	void *image;
	size_t size;
	int rc;

	if (!f->copy)
		return;
	rc = llog_remote_read(f->mgc->imp, f->name, &image, &size);
	if (!rc) {
		mutex_lock(&f->apply);
		/* once it is stopped, the owner's disk may be gone */
		if (!f->stopped)
			rc = f->copy->ops->save(f->copy->data, f->name, image, size);
		mutex_unlock(&f->apply);
		kvfree(image);
	}
	if (rc)
		pr_warn("%s: no copy of %s was kept: %d\n", f->mgc->name, f->name, rc);
}

static int follow_read_locked(struct cfg_follow *f)
{
	struct ldlm_enqueue e = {
		.res = f->res,
		.type = LDLM_PLAIN,
		.mode = LDLM_CR,
		.ops = &config_lock_ops,
	};
	struct ldlm_lock *lock = NULL;
	struct mgc *mgc = f->mgc;
	u32 last = f->last;
	int rc;

	rc = ldlm_cli_enqueue(mgc->imp, NULL, &e, &lock);
	if (rc)
		return rc < 0 ? rc : -EIO;
	spin_lock(&mgc->lock);
	f->cookie = lock->handle.cookie;
	f->lost = false;
	spin_unlock(&mgc->lock);

	rc = llog_remote_process(mgc->imp, f->name, last + 1, &last, follow_record, f);
	if (!rc) {
		f->last = last;
		follow_save(f);
	}
	ldlm_lock_release(lock, LDLM_CR);
	return rc;
}

/* Take the lock, read what is new, keep the lock cached */
static int follow_read(struct cfg_follow *f)
{
	int rc;

	if (mutex_lock_killable(&f->reading))
		return -EINTR;
	rc = follow_read_locked(f);
	mutex_unlock(&f->reading);
	return rc;
}

/* Give up the cached lock without being told that the log has changed */
static void follow_unlock(struct cfg_follow *f)
{
	struct ldlm_lock *lock;
	u64 cookie;

	spin_lock(&f->mgc->lock);
	cookie = f->cookie;
	f->cookie = 0;
	spin_unlock(&f->mgc->lock);
	lock = cookie ? ldlm_handle_to_lock(cookie) : NULL;
	if (lock) {
		ldlm_cli_cancel(lock, true);
		ldlm_lock_put(lock);
	}
}

/* From its beginning, for somebody who has come since */
static int follow_read_again(struct cfg_follow *f)
{
	int rc;

	if (mutex_lock_killable(&f->reading))
		return -EINTR;
	follow_unlock(f);
	f->last = 0;
	rc = follow_read_locked(f);
	mutex_unlock(&f->reading);
	return rc;
}

static struct cfg_follow *next_lost(struct mgc *mgc)
{
	struct cfg_follow *f;

	spin_lock(&mgc->lock);
	list_for_each_entry(f, &mgc->follows, link) {
		if (f->lost) {
			f->lost = false;
			kref_get(&f->ref);
			spin_unlock(&mgc->lock);
			return f;
		}
	}
	spin_unlock(&mgc->lock);
	return NULL;
}

static void set_lost(struct mgc *mgc, struct cfg_follow *f)
{
	spin_lock(&mgc->lock);
	f->lost = true;
	spin_unlock(&mgc->lock);
}

/* Read again every log whose lock was lost. Without a connection: when it is back. */
static void requeue_work(struct work_struct *work)
{
	struct mgc *mgc = container_of(work, struct mgc, requeue.work);
	struct cfg_follow *f;
	int rc = 0;

	while (!rc && rpc_import_state(mgc->imp) == RPC_IMP_FULL && (f = next_lost(mgc))) {
		rc = follow_read(f);
		if (rc == -ENOENT || rc == -ESHUTDOWN)
			rc = 0;
		if (rc) {
			pr_warn("%s: cannot read %s: %d\n", mgc->name, f->name, rc);
			set_lost(mgc, f);
			requeue_later(mgc);
		}
		kref_put(&f->ref, follow_free);
	}
}

/* --- the connection --- */

static void mgc_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	struct mgc *mgc = imp->private;
	struct cfg_follow *f;

	switch (ev) {
	case RPC_IMP_EV_INVALIDATE:
		ldlm_ns_invalidate(mgc->ns);
		spin_lock(&mgc->lock);
		list_for_each_entry(f, &mgc->follows, link) {
			f->cookie = 0;
			f->lost = true;
		}
		spin_unlock(&mgc->lock);
		requeue_later(mgc);
		break;
	case RPC_IMP_EV_ACTIVE:
		requeue_later(mgc);
		break;
	default:
		break;
	}
}

static const struct rpc_import_ops mgc_import_ops = {
	.event = mgc_event,
};

static int import_show(struct seq_file *m, void *data)
{
	return rpc_import_show(((struct mgc *)data)->imp, m);
}

static int state_show(struct seq_file *m, void *data)
{
	return rpc_import_show_state(((struct mgc *)data)->imp, m);
}

static int conn_uuid_show(struct seq_file *m, void *data)
{
	char nid[LNET_NIDSTR_SIZE];

	seq_printf(m, "%s\n", lnet_nid_str(rpc_import_nid(((struct mgc *)data)->imp), nid));
	return 0;
}

static int server_uuid_show(struct seq_file *m, void *data)
{
	struct rpc_import *imp = ((struct mgc *)data)->imp;

	seq_printf(m, "%s\t%s\n", imp->target_uuid, rpc_import_state_name(rpc_import_state(imp)));
	return 0;
}

static int uuid_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", ((struct mgc *)data)->uuid);
	return 0;
}

static int ir_state_show(struct seq_file *m, void *data)
{
	seq_puts(m, "imperative_recovery: DISABLED\nclient_state:\n");
	return 0;
}

static const struct param mgc_params[] = {
	{ .name = "import", .show = import_show },
	{ .name = "state", .show = state_show },
	{ .name = "mgs_conn_uuid", .show = conn_uuid_show, .value = true },
	{ .name = "mgs_server_uuid", .show = server_uuid_show },
	{ .name = "ir_state", .show = ir_state_show },
	{ .name = "uuid", .show = uuid_show, .value = true },
	{ }
};

/* What a stock 2.15 MGC asks for, but for what we do not do: IMP_RECOV, BARRIER */
static struct rpc_import *mgc_import_create(struct mgc *mgc)
{
	struct rpc_import_args args = {
		.name = mgc->name,
		.target_uuid = "MGS",
		.client_uuid = mgc->uuid,
		.connect_op = MGS_CONNECT,
		.req_portal = MGS_REQUEST_PORTAL,
		.rep_portal = MGC_REPLY_PORTAL,
		.sec_part = RPC_SEC_MGC,
		.ops = &mgc_import_ops,
		.private = mgc,
	};

	args.ocd.ocd_connect_flags = cpu_to_le64(OBD_CONNECT_VERSION | OBD_CONNECT_AT | OBD_CONNECT_FULL20 |
						 OBD_CONNECT_LVB_TYPE | OBD_CONNECT_BULK_MBITS |
						 OBD_CONNECT_FLAGS2);
	args.ocd.ocd_connect_flags2 = cpu_to_le64(OBD_CONNECT2_REP_MBITS);
	args.ocd.ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	return rpc_import_create(&args);
}

/* Undo mgc_start() as far as it came */
static void mgc_stop(struct mgc *mgc)
{
	bool up = mgc->imp && rpc_import_state(mgc->imp) == RPC_IMP_FULL;

	if (mgc->device)
		cfg_device_del(mgc->device);
	if (mgc->params)
		param_dir_del(mgc->params);
	if (mgc->imp) {
		cancel_delayed_work(&mgc->requeue);
		/* a reading in progress must not make us wait for the MGS */
		if (!up || (work_busy(&mgc->requeue.work) & WORK_BUSY_RUNNING))
			rpc_import_invalidate(mgc->imp);
		cancel_delayed_work_sync(&mgc->requeue);
		rpc_import_disconnect(mgc->imp, !up);
	}
	if (mgc->ns)
		ldlm_ns_destroy(mgc->ns);
	/* what the last events queued */
	cancel_delayed_work_sync(&mgc->requeue);
	if (mgc->imp)
		rpc_import_put(mgc->imp);
	kfree(mgc);
}

static int add_nodes(struct mgc *mgc, const struct cfg_node *nodes, unsigned int nr)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < nr && !rc; i++)
		rc = rpc_import_add_conn(mgc->imp, nodes[i].nid, nodes[i].nr);
	return rc;
}

static int mgc_start(struct mgc *mgc, const struct cfg_node *nodes, unsigned int nr)
{
	struct rpc_import *imp = mgc_import_create(mgc);
	struct ldlm_namespace *ns;
	int rc;

	if (IS_ERR_OR_NULL(imp))
		return imp ? PTR_ERR(imp) : -ENOMEM;
	mgc->imp = imp;
	rc = add_nodes(mgc, nodes, nr);
	if (rc)
		return rc;
	ns = ldlm_ns_create(mgc->name, LDLM_CLIENT, &config_ns_ops, mgc, imp);
	if (IS_ERR_OR_NULL(ns))
		return ns ? PTR_ERR(ns) : -ENOMEM;
	mgc->ns = ns;
	mgc->params = param_dir_add("mgc", mgc->name, mgc_params, mgc);
	if (IS_ERR(mgc->params)) {
		rc = PTR_ERR(mgc->params);
		mgc->params = NULL;
		return rc;
	}
	mgc->device = cfg_device_add("mgc", mgc->name, mgc->uuid, imp);
	if (IS_ERR(mgc->device)) {
		rc = PTR_ERR(mgc->device);
		mgc->device = NULL;
		return rc;
	}
	return rpc_import_connect(imp, false, 0);
}

static struct mgc *mgc_new(const struct cfg_node *nodes, unsigned int nr)
{
	struct mgc *mgc = kzalloc(sizeof(*mgc), GFP_KERNEL);
	char nid[LNET_NIDSTR_SIZE];
	uuid_t uuid;
	int rc;

	if (!mgc)
		return ERR_PTR(-ENOMEM);
	kref_init(&mgc->ref);
	spin_lock_init(&mgc->lock);
	INIT_LIST_HEAD(&mgc->follows);
	INIT_DELAYED_WORK(&mgc->requeue, requeue_work);
	mgc->first = nodes[0].nid[0];
	snprintf(mgc->name, sizeof(mgc->name), "MGC%s", lnet_nid_str(mgc->first, nid));
	uuid_gen(&uuid);
	snprintf(mgc->uuid, sizeof(mgc->uuid), "%pUb", &uuid);
	rc = mgc_start(mgc, nodes, nr);
	if (rc) {
		mgc_stop(mgc);
		return ERR_PTR(rc);
	}
	return mgc;
}

struct mgc *mgc_get(const struct cfg_node *nodes, unsigned int nr)
{
	struct mgc *mgc;
	int rc;

	if (!nr || !nodes[0].nr)
		return ERR_PTR(-EINVAL);
	mutex_lock(&mgc_mutex);
	list_for_each_entry(mgc, &mgc_list, link) {
		if (mgc->first == nodes[0].nid[0]) {
			/* who comes later may know more nodes where the MGS can be */
			rc = add_nodes(mgc, nodes, nr);
			if (rc)
				mgc = ERR_PTR(rc);
			else
				kref_get(&mgc->ref);
			goto out;
		}
	}
	mgc = mgc_new(nodes, nr);
	if (!IS_ERR(mgc))
		list_add_tail(&mgc->link, &mgc_list);
out:
	mutex_unlock(&mgc_mutex);
	return mgc;
}
EXPORT_SYMBOL_GPL(mgc_get);

static void mgc_release(struct kref *ref)
{
	struct mgc *mgc = container_of(ref, struct mgc, ref);
	struct cfg_follow *f, *next;

	list_del(&mgc->link);
	mutex_unlock(&mgc_mutex);

	/* Only those that the MGC follows by itself are left. */
	list_for_each_entry_safe(f, next, &mgc->follows, link)
		cfg_follow_stop(f);
	mgc_stop(mgc);
}

void mgc_put(struct mgc *mgc)
{
	kref_put_mutex(&mgc->ref, mgc_release, &mgc_mutex);
}
EXPORT_SYMBOL_GPL(mgc_put);

struct rpc_import *mgc_import(struct mgc *mgc)
{
	return mgc->imp;
}
EXPORT_SYMBOL_GPL(mgc_import);

/* --- registration --- */

static int register_once(struct mgc *mgc, struct mgs_target_info *mti)
{
	struct mgs_target_info *buf;
	struct rpc_request *req;
	int rc;

	req = rpc_request_alloc(mgc->imp, &RQF_MGS_TARGET_REG);
	if (!req)
		return -ENOMEM;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	buf = rpc_field(&req->rq, RF_MTI);
	*buf = *mti;
	rc = rpc_call(req);
	buf = rpc_field(&req->rp, RF_MTI);
	if (buf)
		*mti = *buf;
	else if (!rc)
		rc = -EPROTO;
out:
	rpc_request_put(req);
	return rc;
}

int mgc_target_register(struct mgc *mgc, struct mgs_target_info *mti)
{
	bool must = le32_to_cpu(mti->mti_flags) &
		    (LDD_F_NEED_INDEX | LDD_F_UPDATE | LDD_F_WRITECONF | LDD_F_VIRGIN);
	int rc;

	rc = rpc_import_connect(mgc->imp, true, must ? MGC_REGISTER_LONG_S : MGC_REGISTER_S);
	if (rc)
		return rc;
	return register_once(mgc, mti);
}
EXPORT_SYMBOL_GPL(mgc_target_register);

/* --- following --- */

static struct cfg_follow *follow_new(struct mgc *mgc, const char *name, const char *exclude,
				     const struct cfg_copy *copy, const struct cfg_ops *ops, void *data)
{
	struct cfg_follow *f = kzalloc(sizeof(*f), GFP_KERNEL);
	int rc = -ENOMEM;

	if (!f)
		return ERR_PTR(rc);
	kref_init(&f->ref);
	mutex_init(&f->reading);
	mutex_init(&f->apply);
	f->mgc = mgc;
	f->first = true;
	f->copy = copy;
	f->reader = cfg_reader_create(exclude, ops, data);
	if (!f->reader)
		goto fail;
	rc = -EINVAL;
	if (strscpy(f->name, name, sizeof(f->name)) < 0 || cfg_lock_res(name, &f->res))
		goto fail;
	spin_lock(&mgc->lock);
	list_add_tail(&f->link, &mgc->follows);
	spin_unlock(&mgc->lock);
	return f;
fail:
	kref_put(&f->ref, follow_free);
	return ERR_PTR(rc);
}

/*
 * A log that the MGC follows by itself, once; it stays until the MGC goes. With @again what is in it
 * already is applied again: the caller has devices that it did not meet before. It may be missing, and
 * a failure only postpones it.
 */
static void follow_own(struct mgc *mgc, const char *name, bool again)
{
	struct cfg_follow *f, *have = NULL;
	int rc = -ENOTCONN;

	mutex_lock(&mgc_mutex);
	spin_lock(&mgc->lock);
	list_for_each_entry(f, &mgc->follows, link)
		if (f->own && !strcmp(f->name, name))
			have = f;
	spin_unlock(&mgc->lock);
	f = have ?: follow_new(mgc, name, NULL, NULL, &no_ops, NULL);
	if (!have && !IS_ERR(f)) {
		f->own = true;
		f->first = false;
	}
	mutex_unlock(&mgc_mutex);
	if (IS_ERR(f) || (have && !again))
		return;
	if (rpc_import_state(mgc->imp) == RPC_IMP_FULL)
		rc = have ? follow_read_again(f) : follow_read(f);
	if (rc && rc != -ENOENT) {
		if (rc != -ENOTCONN)
			pr_warn("%s: cannot read %s: %d\n", mgc->name, name, rc);
		set_lost(mgc, f);
		requeue_later(mgc);
	}
}

/* The MGS is down: do with what we know, and read what is new when it is back */
static int follow_copy(struct cfg_follow *f)
{
	struct mgc *mgc = f->mgc;
	int rc;

	if (mutex_lock_killable(&f->reading))
		return -EINTR;
	rc = f->copy->ops->process(f->copy->data, f->name, follow_record, f);
	mutex_unlock(&f->reading);
	if (rc) {
		pr_err("%s: the MGS does not answer, and there is no good copy of %s: %d\n", mgc->name, f->name, rc);
		return rc;
	}
	pr_warn("%s: the MGS does not answer, starting with the copy of %s\n", mgc->name, f->name);
	set_lost(mgc, f);
	requeue_later(mgc);
	return 0;
}

static int follow_first(struct cfg_follow *f, const struct cfg_ops *ops)
{
	bool up = rpc_import_state(f->mgc->imp) == RPC_IMP_FULL;
	int rc = up || !f->copy ? follow_read(f) : follow_copy(f);

	if (rc)
		return rc;
	/* a client cannot do without knowing what its devices are */
	if (ops->profile && !cfg_reader_has_profile(f->reader))
		return -EINVAL;
	mutex_lock(&f->apply);
	f->first = false;
	mutex_unlock(&f->apply);
	return 0;
}

struct cfg_follow *cfg_follow_start(struct mgc *mgc, const char *name, const char *exclude,
				    const struct cfg_copy *copy, const struct cfg_ops *ops, void *data)
{
	char sptlrpc[MTI_NAME_MAXLEN];
	struct cfg_follow *f;
	int rc;

	/* who has copies has waited in mgc_target_register() already */
	rc = rpc_import_connect(mgc->imp, true, copy ? MGC_CONNECT_COPY_S : MGC_CONNECT_S);
	if (rc && (!copy || rc == -EINTR || rc == -ERESTARTSYS))
		return ERR_PTR(rc == -EINTR || rc == -ERESTARTSYS ? rc : -EIO);
	if (strchr(name, '-')) {
		snprintf(sptlrpc, sizeof(sptlrpc), "%.*s-sptlrpc", (int)cfg_fsname_len(name), name);
		follow_own(mgc, sptlrpc, false);
	}
	f = follow_new(mgc, name, exclude, copy, ops, data);
	if (IS_ERR(f))
		return f;
	rc = follow_first(f, ops);
	if (rc) {
		cfg_follow_stop(f);
		return ERR_PTR(rc);
	}
	/* not for the connection to MDT0 that a target has beside its own log */
	follow_own(mgc, "params", ops->profile || is_target_log(f));
	return f;
}
EXPORT_SYMBOL_GPL(cfg_follow_start);

void cfg_follow_stop(struct cfg_follow *f)
{
	struct mgc *mgc = f->mgc;

	mutex_lock(&f->apply);
	f->stopped = true;
	mutex_unlock(&f->apply);

	spin_lock(&mgc->lock);
	list_del(&f->link);
	spin_unlock(&mgc->lock);
	follow_unlock(f);
	kref_put(&f->ref, follow_free);
}
EXPORT_SYMBOL_GPL(cfg_follow_stop);

int mgc_init(void)
{
	mgc_wq = alloc_workqueue("mgc", WQ_UNBOUND, 0);
	return mgc_wq ? 0 : -ENOMEM;
}

void mgc_exit(void)
{
	destroy_workqueue(mgc_wq);
}
