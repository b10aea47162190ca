// SPDX-License-Identifier: GPL-2.0
/*
 * What is registered: read back from the logs when the MGS starts, kept in memory after.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "kernel/server/mgs/internal.h"

/* --- targets --- */

struct mgs_target *mgs_target_find(struct mgs_fs *fs, bool mdt, u32 index)
{
	struct mgs_target *t;

	list_for_each_entry(t, &fs->targets, link)
		if (t->mdt == mdt && t->index == index)
			return t;
	return NULL;
}

struct mgs_target *mgs_target_alloc(const char *fsname, bool mdt, u32 index, const struct cfg_node *nodes, unsigned int nr)
{
	struct mgs_target *t = kvzalloc(struct_size(t, nodes, nr), GFP_KERNEL);

	if (!t)
		return NULL;
	t->mdt = mdt;
	t->index = index;
	t->nr_nodes = nr;
	memcpy(t->nodes, nodes, nr * sizeof(*nodes));
	snprintf(t->svname, sizeof(t->svname), "%s-%s%04x", fsname, mdt ? "MDT" : "OST", index);
	return t;
}

/* --- file systems --- */

static int live_show(struct seq_file *m, void *data)
{
	struct mgs_fs *fs = data;
	struct mgs_target *t;

	mutex_lock(&fs->mgs->mutex);
	seq_printf(m, "fsname: %s\nflags: 0x20     gen: %u\n", fs->name, fs->step);
	list_for_each_entry(t, &fs->targets, link)
		seq_printf(m, "%s\n", t->svname);
	mutex_unlock(&fs->mgs->mutex);
	seq_puts(m, "\nSecure RPC Config Rules:\n\nimperative_recovery_state:\n    state: disabled\n");
	return 0;
}

static void revoke_work(struct work_struct *work)
{
	struct mgs_fs *fs = container_of(work, struct mgs_fs, revoke);
	int rc = ldlm_srv_revoke(fs->mgs->ns, &fs->res, LDLM_PLAIN, LDLM_EX);

	if (rc)
		pr_warn("MGS: cannot revoke the configuration lock of %s: %d\n", fs->name, rc);
}

void mgs_revoke(struct mgs_fs *fs)
{
	schedule_work(&fs->revoke);
}

static struct mgs_fs *fs_alloc(struct mgs *mgs, const char *name)
{
	struct mgs_fs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
	char log[32];

	if (!fs)
		return NULL;
	fs->mgs = mgs;
	fs->step = 1;
	INIT_LIST_HEAD(&fs->targets);
	INIT_WORK(&fs->revoke, revoke_work);
	strscpy(fs->name, name, sizeof(fs->name));
	snprintf(log, sizeof(log), strcmp(name, "params") ? "%s-client" : "%s", name);
	if (cfg_lock_res(log, &fs->res)) {
		kfree(fs);
		return NULL;
	}
	fs->live_params[0] = (struct param){ .name = fs->name, .show = live_show };
	fs->live = param_dir_add("mgs", "MGS/live", fs->live_params, fs);
	if (IS_ERR(fs->live))
		fs->live = NULL;
	return fs;
}

void mgs_fs_reset(struct mgs_fs *fs)
{
	struct mgs_target *t, *next;

	list_for_each_entry_safe(t, next, &fs->targets, link)
		kvfree(t);
	INIT_LIST_HEAD(&fs->targets);
	fs->step = 1;
	fs->has_client = false;
}

void mgs_fs_free(struct mgs_fs *fs)
{
	/* not under mgs->mutex: live_show() takes it */
	param_dir_del(fs->live);
	cancel_work_sync(&fs->revoke);
	mgs_fs_reset(fs);
	kfree(fs);
}

struct mgs_fs *mgs_fs_get(struct mgs *mgs, const char *name, bool create)
{
	struct mgs_fs *fs;

	list_for_each_entry(fs, &mgs->fs, link)
		if (!strcmp(fs->name, name))
			return fs;
	if (!create)
		return ERR_PTR(-ENOENT);
	fs = fs_alloc(mgs, name);
	if (!fs)
		return ERR_PTR(-ENOMEM);
	list_add_tail(&fs->link, &mgs->fs);
	return fs;
}

static bool target_has(const struct mgs_target *t, lnet_nid_t nid)
{
	unsigned int n, i;

	for (n = 0; n < t->nr_nodes; n++)
		for (i = 0; i < t->nodes[n].nr; i++)
			if (t->nodes[n].nid[i] == nid)
				return true;
	return false;
}

/* Logs of those who connect to the target: of clients, and of the MDTs */
static int log_failover(struct mgs_fs *fs, const struct mgs_target *t, const struct cfg_node *node)
{
	struct mgs_gen *g = mgs_gen_start(fs);
	char log[32], device[MTI_NAME_MAXLEN];
	struct mgs_target *m;
	int rc;

	snprintf(log, sizeof(log), "%s-client", fs->name);
	snprintf(device, sizeof(device), "%.16s-%s", t->svname, t->mdt ? "mdc" : "osc");
	rc = mgs_gen_add_failnid(g, log, device, t, node);
	list_for_each_entry(m, &fs->targets, link) {
		if (rc || !m->mdt || m == t)
			continue;
		snprintf(device, sizeof(device), "%.16s-%s-MDT%04x", t->svname, t->mdt ? "osp" : "osc", m->index);
		rc = mgs_gen_add_failnid(g, m->svname, device, t, node);
	}
	return rc;
}

int mgs_target_failover(struct mgs_fs *fs, struct mgs_target *t, const struct cfg_node *nodes, unsigned int nr)
{
	struct mgs_target *more;
	unsigned int n;
	int rc;

	for (n = 0; n < nr; n++) {
		if (target_has(t, nodes[n].nid[0]))
			continue;
		if (t->nr_nodes == CFG_MAX_NODES)
			return -E2BIG;
		rc = log_failover(fs, t, &nodes[n]);
		if (rc)
			return rc;
		more = kvmalloc(struct_size(more, nodes, t->nr_nodes + 1), GFP_KERNEL);
		if (!more)
			return -ENOMEM;
		memcpy(more, t, struct_size(t, nodes, t->nr_nodes));
		more->nodes[more->nr_nodes++] = nodes[n];
		list_replace(&t->link, &more->link);
		kvfree(t);
		t = more;
	}
	return 0;
}

/* --- logs --- */

bool mgs_log_exists(struct mgs *mgs, const char *name)
{
	struct llog_store *log = llog_store_open(mgs->tgt, name, false);
	struct llog_log_hdr *hdr;
	bool used = false;

	if (IS_ERR(log))
		return false;
	hdr = kvmalloc(sizeof(*hdr), GFP_KERNEL);
	if (hdr && !llog_store_header(log, hdr))
		used = llog_last_index(hdr) > 0;
	kvfree(hdr);
	llog_store_close(log);
	return used;
}

/* Logs of this file system only: another one's name may begin with ours and a dash */
static bool log_is_of(const char *name, const char *fsname)
{
	size_t len = cfg_fsname_len(name);

	return len == strlen(fsname) && name[len] == '-' && !strncmp(name, fsname, len);
}

int mgs_fs_erase(struct mgs_fs *fs)
{
	struct llog_name *n;
	LIST_HEAD(names);
	int rc = llog_store_names(fs->mgs->tgt, fs->name, &names);

	list_for_each_entry(n, &names, link)
		if (!rc && log_is_of(n->name, fs->name))
			rc = llog_store_erase(fs->mgs->tgt, n->name, false);
	llog_store_names_free(&names);
	return rc;
}

static int append_section(void *ctx, const char *name, const struct llog_rec_hdr *const *recs, unsigned int nr)
{
	struct mgs_fs *fs = ctx;
	struct llog_store *log = llog_store_open(fs->mgs->tgt, name, true);
	int rc;

	if (IS_ERR(log))
		return PTR_ERR(log);
	rc = llog_store_append(log, recs, nr);
	llog_store_close(log);
	if (rc)
		pr_err("MGS: cannot write to log %s: %d\n", name, rc);
	return rc;
}

struct mgs_gen *mgs_gen_start(struct mgs_fs *fs)
{
	struct mgs_gen *g = fs->mgs->gen;

	g->fsname = fs->name;
	g->step = &fs->step;
	g->version = SHEEN_OCD_VERSION;
	g->now = ktime_get_real_seconds();
	g->append = append_section;
	g->ctx = fs;
	return g;
}

int mgs_sync(struct mgs *mgs)
{
	return ldiskfs_sync(mgs->tgt->dev);
}

/* --- reading back --- */

static int load_target(struct mgs_fs *fs, bool mdt, const struct cfg_target *c)
{
	struct mgs_target *t = mgs_target_find(fs, mdt, c->index), *new;

	new = mgs_target_alloc(fs->name, mdt, c->index, c->nodes, c->nr_nodes);
	if (!new)
		return -ENOMEM;
	if (t) {
		list_replace(&t->link, &new->link);
		kvfree(t);
	} else {
		list_add_tail(&new->link, &fs->targets);
	}
	return 0;
}

static int load_mdt(void *data, const struct cfg_target *c)
{
	return load_target(data, true, c);
}

static int load_ost(void *data, const struct cfg_target *c)
{
	return load_target(data, false, c);
}

static int load_param(void *data, const char *device, const char *key, const char *value)
{
	return 0;
}

static const struct cfg_ops load_ops = {
	.add_mdt = load_mdt,
	.add_ost = load_ost,
	.param = load_param,
};

struct load {
	struct mgs_fs		*fs;
	struct cfg_reader	*reader;	/* of the client log; NULL: only look for steps */
};

static int load_record(const struct llog_rec_hdr *hdr, void *data)
{
	struct load *l = data;
	struct cfg_rec rec;

	if (cfg_rec_decode(hdr, &rec))
		return 0;
	if (rec.command == LCFG_MARKER && rec.nr > 1 && rec.len[1] == sizeof(struct cfg_marker)) {
		const struct cfg_marker *m = (const void *)rec.buf[1];

		l->fs->step = max(l->fs->step, le32_to_cpu(m->cm_step));
	}
	/* global settings are for those who follow the log, not for the MGS that reads it back */
	if (!l->reader || rec.command == LCFG_SET_TIMEOUT || rec.command == LCFG_SET_LDLM_TIMEOUT ||
	    rec.command == LCFG_PARAM || rec.command == LCFG_SET_PARAM)
		return 0;
	return cfg_reader_record(hdr, l->reader);
}

static int load_log(struct mgs_fs *fs, const char *name, bool client)
{
	struct load l = { .fs = fs };
	struct llog_store *log = llog_store_open(fs->mgs->tgt, name, false);
	int rc;

	if (IS_ERR(log))
		return PTR_ERR(log) == -ENOENT ? 0 : PTR_ERR(log);
	if (client) {
		l.reader = cfg_reader_create(NULL, &load_ops, fs);
		if (!l.reader) {
			llog_store_close(log);
			return -ENOMEM;
		}
	}
	rc = llog_store_process(log, load_record, &l);
	cfg_reader_free(l.reader);
	llog_store_close(log);
	if (rc)
		pr_err("MGS: log %s is damaged: %d\n", name, rc);
	return rc;
}

static int load_name(struct mgs *mgs, const char *name)
{
	size_t len = cfg_fsname_len(name);
	char fsname[CFG_FSNAME_MAX + 1];
	struct mgs_fs *fs;
	bool client;

	if (!len || len > CFG_FSNAME_MAX || name[len] != '-')
		return 0;
	client = !strcmp(name + len, "-client");
	if (!client && strncmp(name + len, "-MDT", 4) && strncmp(name + len, "-OST", 4))
		return 0;
	memcpy(fsname, name, len);
	fsname[len] = '\0';
	fs = mgs_fs_get(mgs, fsname, true);
	if (IS_ERR(fs))
		return PTR_ERR(fs);
	if (client)
		fs->has_client = mgs_log_exists(mgs, name);
	return load_log(fs, name, client);
}

int mgs_load(struct mgs *mgs)
{
	struct llog_store *log;
	struct llog_name *n;
	LIST_HEAD(names);
	int rc;

	mgs->params = fs_alloc(mgs, "params");
	if (!mgs->params)
		return -ENOMEM;
	log = llog_store_open(mgs->tgt, "params", true);
	if (IS_ERR(log))
		return PTR_ERR(log);
	llog_store_close(log);
	rc = load_log(mgs->params, "params", false);
	if (!rc)
		rc = llog_store_names(mgs->tgt, "", &names);
	list_for_each_entry(n, &names, link)
		if (!rc)
			rc = load_name(mgs, n->name);
	llog_store_names_free(&names);
	return rc;
}
