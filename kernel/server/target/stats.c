// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics and parameters that all targets with clients have: counters in all, by client
 * NID and by job, space, exports (chapter 07, section 6).
 *
 * Lock order: clients_mutex > the parameter tree > jobs_mutex. Jobs are looked up under RCU.
 */
#include <linux/ctype.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include "internal.h"

#define JOBS_MAX	1024	/* remembered at a time; beyond that those go that are idle */
#define JOB_HASH_BITS	7
#define JOB_IDLE	600	/* seconds without a request until a job is forgotten */

struct target_job {
	struct hlist_node	hash;
	struct list_head	link;
	char			id[RPC_JOBID_SIZE];
	time64_t		last;
	struct stats		*stats;
};

/* Clients with one NID */
struct target_client {
	struct list_head	link;
	lnet_nid_t		nid;
	unsigned int		users;
	struct stats		*stats;
	struct stats		*locks;
	struct target		*tgt;
	struct param_dir	*dir;
};

/* What a target counts. @jobs_mutex protects changes of the jobs. */
struct target_counters {
	const char		*type;
	const struct stat_desc	*desc;
	unsigned int		nr;
	struct stats		*all;
	struct mutex		clients_mutex;
	struct list_head	clients;
	struct mutex		jobs_mutex;
	struct list_head	jobs;
	unsigned int		nr_jobs;
	unsigned int		job_idle;
	DECLARE_HASHTABLE(job_hash, JOB_HASH_BITS);
	struct stats		*osd_stats;
	struct param_dir	*dir, *file, *space, *osd, *osd_space;
};

/* --- jobs --- */

static u32 job_key(const char *id)
{
	return jhash(id, strlen(id), 0);
}

static struct target_job *job_find(struct target_counters *tc, const char *id)
{
	struct target_job *job;

	hash_for_each_possible_rcu(tc->job_hash, job, hash, job_key(id))
		if (!strcmp(job->id, id))
			return job;
	return NULL;
}

/* Take jobs out: @id, or all without one, or those idle for longer than @idle */
static void jobs_forget(struct target_counters *tc, const char *id, time64_t idle)
{
	time64_t before = ktime_get_seconds() - idle;
	struct target_job *job, *n;
	LIST_HEAD(gone);

	lockdep_assert_held(&tc->jobs_mutex);
	list_for_each_entry_safe(job, n, &tc->jobs, link) {
		if (id ? strcmp(job->id, id) : READ_ONCE(job->last) > before)
			continue;
		hash_del_rcu(&job->hash);
		list_move(&job->link, &gone);
		tc->nr_jobs--;
	}
	if (list_empty(&gone))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(job, n, &gone, link) {
		stats_free(job->stats);
		kfree(job);
	}
}

static void job_add(struct target_counters *tc, const char *id)
{
	struct target_job *job;

	mutex_lock(&tc->jobs_mutex);
	if (job_find(tc, id))
		goto out;
	jobs_forget(tc, NULL, READ_ONCE(tc->job_idle) ?: S64_MAX / 2);
	if (tc->nr_jobs >= JOBS_MAX)
		jobs_forget(tc, NULL, 1);
	if (tc->nr_jobs >= JOBS_MAX)
		goto out;
	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		goto out;
	job->stats = stats_alloc(tc->desc, tc->nr);
	if (!job->stats) {
		kfree(job);
		goto out;
	}
	strscpy(job->id, id, sizeof(job->id));
	job->last = ktime_get_seconds();
	list_add_tail(&job->link, &tc->jobs);
	hash_add_rcu(tc->job_hash, &job->hash, job_key(id));
	tc->nr_jobs++;
out:
	mutex_unlock(&tc->jobs_mutex);
}

static bool job_count(struct target_counters *tc, const char *id, unsigned int idx, u64 value)
{
	struct target_job *job;

	rcu_read_lock();
	job = job_find(tc, id);
	if (job) {
		WRITE_ONCE(job->last, ktime_get_seconds());
		stats_add(job->stats, idx, value);
	}
	rcu_read_unlock();
	return job;
}

static void job_print_id(struct seq_file *m, const char *id)
{
	const char *p;

	for (p = id; *p && (isalnum(*p) || strchr(".@-_", *p)); p++)
		;
	if (!*p) {
		seq_puts(m, id);
		return;
	}
	seq_putc(m, '"');
	for (p = id; *p; p++) {
		if (isalnum(*p) || strchr(".@-_", *p))
			seq_putc(m, *p);
		else
			seq_printf(m, "\\x%02X", (u8)*p);
	}
	seq_putc(m, '"');
}

static int job_stats_show(struct seq_file *m, void *data)
{
	struct target_counters *tc = ((struct target *)data)->counters;
	struct target_job *job;

	seq_puts(m, "job_stats:\n");
	mutex_lock(&tc->jobs_mutex);
	list_for_each_entry(job, &tc->jobs, link) {
		seq_puts(m, "- job_id:          ");
		job_print_id(m, job->id);
		seq_putc(m, '\n');
		stats_show_map(m, job->stats);
	}
	mutex_unlock(&tc->jobs_mutex);
	return 0;
}

/* A job that is to be forgotten, or "clear": all of them */
static int job_stats_store(void *data, const char *val)
{
	struct target_counters *tc = ((struct target *)data)->counters;

	mutex_lock(&tc->jobs_mutex);
	jobs_forget(tc, strcmp(val, "clear") ? val : NULL, 0);
	mutex_unlock(&tc->jobs_mutex);
	return 0;
}

static int job_cleanup_interval_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(((struct target *)data)->counters->job_idle));
	return 0;
}

/* Seconds; 0: jobs stay */
static int job_cleanup_interval_store(void *data, const char *val)
{
	return kstrtouint(val, 0, &((struct target *)data)->counters->job_idle);
}

/* --- counting --- */

enum { LOCK_ENQUEUE, LOCK_CONVERT, LOCK_CANCEL, NR_LOCK_STATS };

/* exports.NID.ldlm_stats */
static const struct stat_desc lock_desc[NR_LOCK_STATS] = {
	[LOCK_ENQUEUE]	= { "ldlm_enqueue", "reqs" },
	[LOCK_CONVERT]	= { "ldlm_convert", "reqs" },
	[LOCK_CANCEL]	= { "ldlm_cancel", "reqs" },
};

void target_count_lock(struct rpc_svcreq *req)
{
	const struct target_export *te = target_export(req->exp);

	if (te && te->client && req->opc >= LDLM_ENQUEUE && req->opc <= LDLM_CANCEL)
		stats_inc(te->client->locks, req->opc - LDLM_ENQUEUE);
}
static_assert(LDLM_CONVERT - LDLM_ENQUEUE == LOCK_CONVERT && LDLM_CANCEL - LDLM_ENQUEUE == LOCK_CANCEL);

static const struct stat_desc osd_desc[TARGET_NR_OSD_STATS] = {
	[TARGET_OSD_GET_PAGE]	= { "get_page", "usecs", true, true },
};

void target_osd_stat(struct target *tgt, enum target_osd_stat idx, u64 value)
{
	stats_add(tgt->counters->osd_stats, idx, value);
}

void target_stat(struct rpc_svcreq *req, unsigned int idx, u64 value)
{
	struct target_counters *tc = target_of(req)->counters;
	const struct target_export *te = target_export(req->exp);
	const char *id = "";

	stats_add(tc->all, idx, value);
	if (te->client)
		stats_add(te->client->stats, idx, value);
	if (le32_to_cpu(req->rq.msg->lm_buflens[0]) >= sizeof(struct ptlrpc_body))
		id = rpc_body(&req->rq)->pb_jobid;
	if (*id && !job_count(tc, id, idx, value)) {
		job_add(tc, id);
		job_count(tc, id, idx, value);
	}
}
EXPORT_SYMBOL_GPL(target_stat);

/* --- clients --- */

/* Where the exports of a NID are printed */
struct client_print {
	struct seq_file			*m;
	const struct target_client	*cl;
};

static bool is_of(const struct rpc_export *exp, const struct target_client *cl)
{
	return exp->connected && target_export(exp) && target_export(exp)->client == cl;
}

static int print_uuid(struct rpc_export *exp, void *data)
{
	const struct client_print *p = data;

	if (is_of(exp, p->cl))
		seq_printf(p->m, "%.40s\n", exp->uuid);
	return 0;
}

static int print_export(struct rpc_export *exp, void *data)
{
	const struct client_print *p = data;
	char nid[LNET_NIDSTR_SIZE];

	if (!is_of(exp, p->cl))
		return 0;
	seq_printf(p->m, "%.40s:\n    name: %s\n    client: %s\n", exp->uuid, p->cl->tgt->svname,
		   lnet_nid_str(exp->peer, nid));
	rpc_connect_data_show(p->m, &exp->ocd);
	seq_printf(p->m, "    export_flags: [ %s ]\n", exp->failed ? "failed" : "");
	return 0;
}

static int print_opens(struct rpc_export *exp, void *data)
{
	const struct client_print *p = data;

	if (is_of(exp, p->cl))
		p->cl->tgt->type->show_opens(p->m, exp);
	return 0;
}

/* How many replies are kept in case that the client asks again */
static int print_replies(struct rpc_export *exp, void *data)
{
	const struct client_print *p = data;
	struct target_export *te;

	if (!is_of(exp, p->cl))
		return 0;
	te = target_export(exp);
	spin_lock(&te->lock);
	seq_printf(p->m, "%.40s:\n    reply_cnt: %zu\n", exp->uuid, list_count_nodes(&te->replies));
	spin_unlock(&te->lock);
	return 0;
}

static int for_exports(struct seq_file *m, struct target_client *cl,
		       int (*print)(struct rpc_export *exp, void *data))
{
	struct client_print p = { .m = m, .cl = cl };

	rpc_target_for_each_export(&cl->tgt->rpc, print, &p);
	return 0;
}

static int uuid_show(struct seq_file *m, void *data)
{
	return for_exports(m, data, print_uuid);
}

static int export_show(struct seq_file *m, void *data)
{
	return for_exports(m, data, print_export);
}

static int open_files_show(struct seq_file *m, void *data)
{
	return for_exports(m, data, print_opens);
}

static int reply_data_show(struct seq_file *m, void *data)
{
	return for_exports(m, data, print_replies);
}

static int ldlm_stats_show(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct target_client *)data)->locks);
}

static int ldlm_stats_store(void *data, const char *val)
{
	stats_clear(((struct target_client *)data)->locks);
	return 0;
}

static int client_stats_show(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct target_client *)data)->stats);
}

static int client_stats_store(void *data, const char *val)
{
	stats_clear(((struct target_client *)data)->stats);
	return 0;
}

#define MDT_CLIENT_PARAMS	2	/* the first ones, which only MDTs have */

static const struct param client_params[] = {
	{ .name = "open_files", .show = open_files_show },
	{ .name = "reply_data", .show = reply_data_show },
	{ .name = "uuid", .show = uuid_show },
	{ .name = "export", .show = export_show },
	{ .name = "stats", .show = client_stats_show, .store = client_stats_store },
	{ .name = "ldlm_stats", .show = ldlm_stats_show, .store = ldlm_stats_store },
	{ }
};

static void client_free(struct target_client *cl)
{
	stats_free(cl->stats);
	stats_free(cl->locks);
	kfree(cl);
}

static struct target_client *client_new(struct target *tgt, lnet_nid_t nid)
{
	struct target_counters *tc = tgt->counters;
	struct target_client *cl = kzalloc(sizeof(*cl), GFP_KERNEL);
	char name[2 * LNET_NIDSTR_SIZE + 16], text[LNET_NIDSTR_SIZE];

	if (!cl)
		return NULL;
	cl->nid = nid;
	cl->tgt = tgt;
	cl->stats = stats_alloc(tc->desc, tc->nr);
	cl->locks = stats_alloc(lock_desc, NR_LOCK_STATS);
	if (!cl->stats || !cl->locks) {
		client_free(cl);
		return NULL;
	}
	snprintf(name, sizeof(name), "%s/exports/%s", tgt->svname, lnet_nid_str(nid, text));
	cl->dir = param_dir_add(tc->type, name, client_params + (tgt->type->show_opens ? 0 : MDT_CLIENT_PARAMS), cl);
	list_add_tail(&cl->link, &tc->clients);
	return cl;
}

/* A client has connected, from now on it is counted. Without memory it is not. */
void target_client_join(struct target *tgt, struct target_export *te)
{
	struct target_counters *tc = tgt->counters;
	struct target_client *cl;

	if (!tc || te->client)
		return;
	mutex_lock(&tc->clients_mutex);
	list_for_each_entry(cl, &tc->clients, link)
		if (cl->nid == te->exp->peer)
			goto found;
	cl = client_new(tgt, te->exp->peer);
found:
	if (cl)
		cl->users++;
	te->client = cl;
	mutex_unlock(&tc->clients_mutex);
}

void target_client_leave(struct target *tgt, struct target_export *te)
{
	struct target_counters *tc = tgt->counters;
	struct target_client *cl = te->client;

	if (!cl)
		return;
	mutex_lock(&tc->clients_mutex);
	te->client = NULL;
	if (!--cl->users) {
		list_del(&cl->link);
		param_dir_del(cl->dir);
		client_free(cl);
	}
	mutex_unlock(&tc->clients_mutex);
}

/* --- of the target --- */

#define SPACE_PARAM(name, value)					\
static int name##_show(struct seq_file *m, void *data)			\
{									\
	struct kstatfs st;						\
	int rc = ldiskfs_statfs(((struct target *)data)->dev, &st);	\
									\
	if (!rc)							\
		seq_printf(m, "%llu\n", (u64)(value));			\
	return rc;							\
}
SPACE_PARAM(blocksize, st.f_bsize)
SPACE_PARAM(kbytestotal, (st.f_blocks * st.f_bsize) >> 10)
SPACE_PARAM(kbytesfree, (st.f_bfree * st.f_bsize) >> 10)
SPACE_PARAM(kbytesavail, (st.f_bavail * st.f_bsize) >> 10)
SPACE_PARAM(filestotal, st.f_files)
SPACE_PARAM(filesfree, st.f_ffree)

static int fstype_show(struct seq_file *m, void *data)
{
	seq_puts(m, "ldiskfs\n");
	return 0;
}

static int instance_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct target *)data)->instance);
	return 0;
}

static int count_export(struct rpc_export *exp, void *data)
{
	*(unsigned int *)data += exp->connected;
	return 0;
}

static int num_exports_show(struct seq_file *m, void *data)
{
	unsigned int nr = 0;

	rpc_target_for_each_export(&((struct target *)data)->rpc, count_export, &nr);
	seq_printf(m, "%u\n", nr);
	return 0;
}

static int all_show(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct target *)data)->counters->all);
}

static int all_store(void *data, const char *val)
{
	stats_clear(((struct target *)data)->counters->all);
	return 0;
}

/* Clients are evicted when a target restarts and connect anew: it never recovers */
static int recovery_status_show(struct seq_file *m, void *data)
{
	seq_puts(m, "status: INACTIVE\n");
	return 0;
}

static const struct param target_params[] = {
	{ .name = "recovery_status", .show = recovery_status_show },
	{ .name = "instance", .show = instance_show, .value = true },
	{ .name = "num_exports", .show = num_exports_show, .value = true },
	{ .name = "job_stats", .show = job_stats_show, .store = job_stats_store },
	{ .name = "job_cleanup_interval", .show = job_cleanup_interval_show,
	  .store = job_cleanup_interval_store, .value = true },
	{ }
};

static const struct param mdt_file[] = {
	{ .name = "md_stats", .show = all_show, .store = all_store },
	{ }
};

static const struct param ost_file[] = {
	{ .name = "stats", .show = all_show, .store = all_store },
	{ }
};

static int osd_stats_show(struct seq_file *m, void *data)
{
	return stats_show(m, ((struct target *)data)->counters->osd_stats);
}

static int osd_stats_store(void *data, const char *val)
{
	stats_clear(((struct target *)data)->counters->osd_stats);
	return 0;
}

static const struct param osd_params[] = {
	{ .name = "stats", .show = osd_stats_show, .store = osd_stats_store },
	{ }
};

/* of osd-ldiskfs.*, and of obdfilter.* too */
static const struct param space_params[] = {
	{ .name = "blocksize", .show = blocksize_show, .value = true },
	{ .name = "fstype", .show = fstype_show, .value = true },
	{ .name = "kbytestotal", .show = kbytestotal_show, .value = true },
	{ .name = "kbytesfree", .show = kbytesfree_show, .value = true },
	{ .name = "kbytesavail", .show = kbytesavail_show, .value = true },
	{ .name = "filestotal", .show = filestotal_show, .value = true },
	{ .name = "filesfree", .show = filesfree_show, .value = true },
	{ }
};

int target_counters_start(struct target *tgt, const struct stat_desc *desc, unsigned int nr)
{
	struct target_counters *tc = kzalloc(sizeof(*tc), GFP_KERNEL);
	bool mdt = !strcmp(tgt->type->name, "mdt");

	if (!tc)
		return -ENOMEM;
	tc->type = mdt ? "mdt" : "obdfilter";
	tc->desc = desc;
	tc->nr = nr;
	tc->job_idle = JOB_IDLE;
	mutex_init(&tc->clients_mutex);
	mutex_init(&tc->jobs_mutex);
	INIT_LIST_HEAD(&tc->clients);
	INIT_LIST_HEAD(&tc->jobs);
	hash_init(tc->job_hash);
	tc->all = stats_alloc(desc, nr);
	tc->osd_stats = stats_alloc(osd_desc, TARGET_NR_OSD_STATS);
	tgt->counters = tc;
	if (!tc->all || !tc->osd_stats)
		return -ENOMEM;
	tc->dir = param_dir_add(tc->type, tgt->svname, target_params, tgt);
	tc->file = param_dir_add(tc->type, tgt->svname, mdt ? mdt_file : ost_file, tgt);
	if (!mdt)
		tc->space = param_dir_add(tc->type, tgt->svname, space_params, tgt);
	tc->osd = param_dir_add("osd-ldiskfs", tgt->svname, osd_params, tgt);
	tc->osd_space = param_dir_add("osd-ldiskfs", tgt->svname, space_params, tgt);
	return PTR_ERR_OR_ZERO(tc->dir) ?: PTR_ERR_OR_ZERO(tc->file) ?: PTR_ERR_OR_ZERO(tc->space) ?:
	       PTR_ERR_OR_ZERO(tc->osd) ?: PTR_ERR_OR_ZERO(tc->osd_space);
}
EXPORT_SYMBOL_GPL(target_counters_start);

void target_counters_stop(struct target *tgt)
{
	struct target_counters *tc = tgt->counters;

	if (!tc)
		return;
	param_dir_del(tc->osd_space);
	param_dir_del(tc->osd);
	param_dir_del(tc->space);
	param_dir_del(tc->file);
	param_dir_del(tc->dir);
	mutex_lock(&tc->jobs_mutex);
	jobs_forget(tc, NULL, S64_MIN / 2);
	mutex_unlock(&tc->jobs_mutex);
	stats_free(tc->osd_stats);
	stats_free(tc->all);
	tgt->counters = NULL;
	kfree(tc);
}
EXPORT_SYMBOL_GPL(target_counters_stop);
