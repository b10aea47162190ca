// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent parameters and pools: which logs a setting goes to (chapter 06, section 10).
 * A setting is a section; the one that it replaces is marked, never rewritten.
 */
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "kernel/server/mgs/internal.h"

#define NAME_LEN	(MTI_NAME_MAXLEN + 32)
#define POOL_NAME_MAX	15

/* --- finding sections --- */

/* The marker in @hdr, if its section is @target's and has not been skipped */
static const struct cfg_marker *live_marker(const struct llog_rec_hdr *hdr, const char *target)
{
	const struct cfg_marker *m;
	struct cfg_rec rec;

	if (cfg_rec_decode(hdr, &rec) || rec.command != LCFG_MARKER || rec.nr < 2 || rec.len[1] != sizeof(*m))
		return NULL;
	m = (const void *)rec.buf[1];
	if (le32_to_cpu(m->cm_flags) & CM_SKIP || strncmp(m->cm_tgtname, target, sizeof(m->cm_tgtname)))
		return NULL;
	return m;
}

struct section_search {
	const char	*target, *comment;
	size_t		len;		/* of @comment that must match */
	bool		found;
};

static int find_section(const struct llog_rec_hdr *hdr, void *data)
{
	struct section_search *s = data;
	const struct cfg_marker *m = live_marker(hdr, s->target);

	if (m && !strncmp(m->cm_comment, s->comment, s->len))
		s->found = true;
	return 0;
}

/* Is there a live section (@target, @comment)? With @prefix: one whose comment begins so. Return: 1, 0 or error */
static int has_section(struct mgs_fs *fs, const char *name, const char *target, const char *comment, bool prefix)
{
	struct llog_store *log = llog_store_open(fs->mgs->tgt, name, false);
	struct section_search s = {
		.target = target, .comment = comment,
		.len = prefix ? strlen(comment) : sizeof_field(struct cfg_marker, cm_comment),
	};
	int rc;

	if (IS_ERR(log))
		return PTR_ERR(log) == -ENOENT ? 0 : PTR_ERR(log);
	rc = llog_store_process(log, find_section, &s);
	llog_store_close(log);
	return rc ?: s.found;
}

/* --- changing markers in place --- */

/* A marker to be rewritten */
struct old_marker {
	struct list_head	link;
	u32			index;
	u32			len;
	u8			rec[] __aligned(8);
};

struct marker_search {
	const char		*target, *comment;
	u32			set, clear;	/* flags */
	time64_t		canceled;	/* 0: leave */
	struct list_head	found;
};

static int find_marker(const struct llog_rec_hdr *hdr, void *data)
{
	struct marker_search *s = data;
	const struct cfg_marker *m = live_marker(hdr, s->target);
	struct old_marker *old;
	u32 flags;

	if (!m)
		return 0;
	flags = le32_to_cpu(m->cm_flags);
	if (strncmp(m->cm_comment, s->comment, sizeof(m->cm_comment)) || ((flags | s->set) & ~s->clear) == flags)
		return 0;
	old = kmalloc(struct_size(old, rec, le32_to_cpu(hdr->lrh_len)), GFP_NOFS);
	if (!old)
		return -ENOMEM;
	old->index = le32_to_cpu(hdr->lrh_index);
	old->len = le32_to_cpu(hdr->lrh_len);
	memcpy(old->rec, hdr, old->len);
	list_add_tail(&old->link, &s->found);
	return 0;
}

static int rewrite_marker(struct llog_store *log, const struct marker_search *s, struct old_marker *old)
{
	struct cfg_rec rec;
	struct cfg_marker *m;
	u32 flags;

	if (cfg_rec_decode((const struct llog_rec_hdr *)old->rec, &rec))
		return -EINVAL;
	/* inside our copy of the record */
	m = (struct cfg_marker *)(old->rec + ((const u8 *)rec.buf[1] - old->rec));
	flags = (le32_to_cpu(m->cm_flags) | s->set) & ~s->clear;
	m->cm_flags = cpu_to_le32(flags);
	if (s->canceled)
		m->cm_canceltime = cpu_to_le64(s->canceled);
	return llog_store_rewrite(log, old->index, (const struct llog_rec_hdr *)old->rec);
}

/* Change the flags of all live sections (@target, @comment). Return: number of markers or error */
static int change_markers(struct mgs_fs *fs, const char *name, struct marker_search *s)
{
	struct llog_store *log = llog_store_open(fs->mgs->tgt, name, false);
	struct old_marker *old, *next;
	int rc, nr = 0;

	if (IS_ERR(log))
		return PTR_ERR(log) == -ENOENT ? 0 : PTR_ERR(log);
	INIT_LIST_HEAD(&s->found);
	rc = llog_store_process(log, find_marker, s);
	list_for_each_entry_safe(old, next, &s->found, link) {
		if (!rc)
			rc = rewrite_marker(log, s, old);
		nr++;
		kfree(old);
	}
	llog_store_close(log);
	return rc ? rc : nr;
}

static int skip_section(struct mgs_fs *fs, const char *log, const char *target, const char *comment)
{
	struct marker_search s = {
		.target = target, .comment = comment, .set = CM_SKIP, .canceled = ktime_get_real_seconds(),
	};

	return change_markers(fs, log, &s);
}

static int exclude_section(struct mgs_fs *fs, const char *log, const char *target, const char *comment, bool exclude)
{
	struct marker_search s = { .target = target, .comment = comment };

	*(exclude ? &s.set : &s.clear) = CM_EXCLUDE;
	return change_markers(fs, log, &s);
}

/* --- one setting in one log; @value NULL removes it --- */

static int set_in_log(struct mgs_fs *fs, const char *log, const char *device, const char *key, const char *value,
		      u32 command, u32 num)
{
	struct mgs_gen *g = mgs_gen_start(fs);
	char *text = NULL;
	int rc;

	if (strlen(key) >= MTI_NAME_MAXLEN || strlen(device) >= MTI_NAME_MAXLEN)
		return -ENAMETOOLONG;
	rc = skip_section(fs, log, device, key);
	if (rc < 0 || !value)
		return min(rc, 0);
	mgs_gen_begin(g, device, key);
	if (command == LCFG_PARAM) {
		text = kasprintf(GFP_KERNEL, "%s=%s", key, value);
		if (!text)
			return -ENOMEM;
		mgs_gen_rec(g, command, num, 2, device, text);
	} else {
		mgs_gen_rec(g, command, num, 1, device);
	}
	rc = mgs_gen_end(g, log);
	kfree(text);
	return rc;
}

static int set_param(struct mgs_fs *fs, const char *log, const char *device, const char *key, const char *value)
{
	return set_in_log(fs, log, device, key, value, LCFG_PARAM, 0);
}

/* --- routing --- */

/* What a key is about, with the target it is for */
struct route {
	struct mgs_fs		*fs;
	const char		*svname;	/* or the file system's name */
	struct mgs_target	*t;		/* NULL: the whole file system */
	const char		*key, *value;
	char			client[32];	/* its log */
};

static bool key_is(const struct route *r, const char *first)
{
	size_t len = strlen(first);

	return !strncmp(r->key, first, len) && r->key[len] == '.';
}

/* In the target's own log; for the whole file system in those of all MDTs */
static int route_own(struct route *r, bool mdt)
{
	struct mgs_target *t;
	int rc = 0;

	if (r->t && r->t->mdt != mdt)
		return -EINVAL;
	if (r->t)
		return set_param(r->fs, r->svname, r->svname, r->key, r->value);
	list_for_each_entry(t, &r->fs->targets, link)
		if (!rc && t->mdt == mdt)
			rc = set_param(r->fs, t->svname, t->svname, r->key, r->value);
	return rc;
}

/* osc.active, mdc.active: the sections that add the target are marked as well */
static int route_active(struct route *r, const char *comment, const char *log)
{
	bool off = r->value && !strcmp(r->value, "0");
	int rc = exclude_section(r->fs, log, r->svname, comment, off);

	return min(rc, 0);
}

static int route_osc(struct route *r)
{
	bool active = !strcmp(r->key, "osc.active");
	char device[NAME_LEN];
	struct mgs_target *m;
	int rc;

	if (!r->t || r->t->mdt)
		return -EINVAL;
	snprintf(device, sizeof(device), "%s-osc", r->svname);
	rc = active ? route_active(r, "add osc", r->client) : 0;
	if (!rc)
		rc = set_param(r->fs, r->client, device, r->key, r->value);
	list_for_each_entry(m, &r->fs->targets, link) {
		if (rc || !m->mdt)
			continue;
		snprintf(device, sizeof(device), "%s-osc-MDT%04x", r->svname, m->index);
		rc = active ? route_active(r, "add osc", m->svname) : 0;
		if (!rc)
			rc = set_param(r->fs, m->svname, device, r->key, r->value);
	}
	return rc;
}

static int route_mdc(struct route *r)
{
	char device[NAME_LEN];
	int rc = 0;

	if (!r->t || !r->t->mdt)
		return -EINVAL;
	if (!strcmp(r->key, "mdc.active")) {
		if (!r->t->index)
			return -EPERM;
		rc = route_active(r, "add mdc", r->client);
	}
	snprintf(device, sizeof(device), "%s-mdc", r->svname);
	return rc ? rc : set_param(r->fs, r->client, device, r->key, r->value);
}

static int route_lov(struct route *r)
{
	char device[NAME_LEN];
	int rc;

	if (!r->t || !r->t->mdt)
		return -EINVAL;
	snprintf(device, sizeof(device), "%s-mdtlov", r->svname);
	rc = set_param(r->fs, r->svname, device, r->key, r->value);
	snprintf(device, sizeof(device), "%s-clilov", r->fs->name);
	return rc ? rc : set_param(r->fs, r->client, device, r->key, r->value);
}

/* In the logs of all targets, and with @client of the clients */
static int route_everywhere(struct route *r, bool client, u32 command, u32 num)
{
	struct mgs_target *t;
	int rc = 0;

	if (client)
		rc = set_in_log(r->fs, r->client, r->fs->name, r->key, r->value, command, num);
	list_for_each_entry(t, &r->fs->targets, link)
		if (!rc)
			rc = set_in_log(r->fs, t->svname, r->fs->name, r->key, r->value, command, num);
	return rc;
}

static int route_sys(struct route *r)
{
	u32 command = LCFG_PARAM, num = 0;

	if (!strcmp(r->key, "sys.timeout"))
		command = LCFG_SET_TIMEOUT;
	else if (!strcmp(r->key, "sys.ldlm_timeout"))
		command = LCFG_SET_LDLM_TIMEOUT;
	if (r->value && strcmp(r->key, "sys.jobid_var") && kstrtou32(r->value, 10, &num))
		return -EINVAL;
	return route_everywhere(r, true, command, num);
}

static int route_failover(struct route *r)
{
	struct cfg_node *nodes;
	int rc;

	if (!r->t || !r->value)
		return -EINVAL;	/* nodes come one by one and stay until --writeconf */
	nodes = kvcalloc(CFG_MAX_NODES, sizeof(*nodes), GFP_KERNEL);
	if (!nodes)
		return -ENOMEM;
	rc = cfg_parse_nodes(r->value, nodes, CFG_MAX_NODES);
	if (rc > 0)
		rc = mgs_target_failover(r->fs, r->t, nodes, rc);
	kvfree(nodes);
	return rc;
}

static int route(struct route *r)
{
	char device[NAME_LEN];

	if (!strcmp(r->key, "failover.node"))
		return route_failover(r);
	if (key_is(r, "llite")) {
		if (strstr(r->key, "root_squash") || strstr(r->key, "nosquash_nids"))
			return -EINVAL;	/* only the MDT decides that */
		snprintf(device, sizeof(device), "%s-client", r->fs->name);
		return set_param(r->fs, r->client, device, r->key, r->value);
	}
	if (key_is(r, "osc"))
		return route_osc(r);
	if (key_is(r, "mdc"))
		return route_mdc(r);
	if (key_is(r, "lov"))
		return route_lov(r);
	if (key_is(r, "ost") || key_is(r, "obdfilter"))
		return route_own(r, false);
	if (key_is(r, "mdt") || key_is(r, "mdd") || key_is(r, "lod"))
		return route_own(r, true);
	if (key_is(r, "osd"))
		return route_own(r, r->t ? r->t->mdt : true);
	if (key_is(r, "sys"))
		return route_sys(r);
	if (key_is(r, "quota"))
		return route_everywhere(r, false, LCFG_PARAM, 0);
	if (key_is(r, "srpc"))
		return -EOPNOTSUPP;
	return -EINVAL;
}

int mgs_target_param(struct mgs_fs *fs, const char *target, const char *key, const char *value)
{
	struct route r = { .fs = fs, .svname = target, .key = key, .value = value };
	struct mgs_target *t;

	snprintf(r.client, sizeof(r.client), "%s-client", fs->name);
	if (strcmp(target, fs->name)) {
		list_for_each_entry(t, &fs->targets, link)
			if (!strcmp(t->svname, target))
				r.t = t;
		if (!r.t)
			return -ENOENT;
	}
	return route(&r);
}

/* --- commands of lctl --- */

/* The file system that a target, pool or file system name belongs to */
static struct mgs_fs *fs_of(struct mgs *mgs, const char *name)
{
	char fsname[CFG_FSNAME_MAX + 1];
	size_t len = strlen(name);
	struct mgs_fs *fs;

	if (len <= CFG_FSNAME_MAX) {
		fs = mgs_fs_get(mgs, name, false);
		if (!IS_ERR(fs))
			return fs;
	}
	len = cfg_fsname_len(name);
	if (!len || len > CFG_FSNAME_MAX)
		return ERR_PTR(-ENOENT);
	memcpy(fsname, name, len);
	fsname[len] = '\0';
	return mgs_fs_get(mgs, fsname, false);
}

/* Cut "KEY=VALUE" in two. Return: value, NULL without */
static char *cut_value(char *text)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	return value;
}

static int conf_param(struct mgs *mgs, char *text, bool del)
{
	char *value = cut_value(text);
	char *key = strchr(text, '.');
	struct mgs_fs *fs;
	int rc;

	if (!key || (!del && !value))
		return -EINVAL;
	*key++ = '\0';
	if (del || !*value)
		value = NULL;
	fs = fs_of(mgs, text);
	if (IS_ERR(fs))
		return PTR_ERR(fs);
	rc = mgs_target_param(fs, text, key, value);
	mgs_revoke(fs);
	return rc;
}

/* The name that a parameter's section carries: the file system that its key is about */
static const char *param_owner(struct mgs *mgs, const char *key)
{
	const char *second = strchr(key, '.');
	struct mgs_fs *fs;

	if (second)
		list_for_each_entry(fs, &mgs->fs, link)
			if (strnstr(second + 1, fs->name, strcspn(second + 1, ".")))
				return fs->name;
	return "general";
}

static int set_param_permanent(struct mgs *mgs, char *key, bool del)
{
	char *value = cut_value(key);
	struct mgs_gen *g = mgs_gen_start(mgs->params);
	const char *owner = param_owner(mgs, key);
	char *text;
	int rc;

	if (!del && !value)
		return -EINVAL;
	if (strlen(key) >= MTI_NAME_MAXLEN)
		return -ENAMETOOLONG;
	rc = skip_section(mgs->params, "params", owner, key);
	if (rc == 0 && del)
		rc = -ENOENT;
	if (rc >= 0 && !del) {
		text = kasprintf(GFP_KERNEL, "%s=%s", key, value);
		if (!text)
			return -ENOMEM;
		mgs_gen_begin(g, owner, key);
		mgs_gen_rec(g, LCFG_SET_PARAM, 0, 3, owner, text, "lctl");
		rc = mgs_gen_end(g, "params");
		kfree(text);
	}
	mgs_revoke(mgs->params);
	return min(rc, 0);
}

/* --- pools --- */

static const struct pool_command {
	const char	*word;
	u32		command;
	const char	*verb;		/* in the comment of the marker */
	const char	*undoes;	/* verb of the section that it ends */
	bool		member;
} pool_commands[] = {
	{ "pool_new", LCFG_POOL_NEW, "new", NULL, false },
	{ "pool_add", LCFG_POOL_ADD, "add", NULL, true },
	{ "pool_rem", LCFG_POOL_REM, "rem", "add", true },
	{ "pool_del", LCFG_POOL_DEL, "del", "new", false },
};

static int pool_in_log(struct mgs_fs *fs, const struct pool_command *c, const char *log, const char *lov,
		       const char *pool, const char *ost)
{
	struct mgs_gen *g = mgs_gen_start(fs);
	char comment[NAME_LEN];
	int rc = 0;

	if (c->undoes) {
		snprintf(comment, sizeof(comment), "%s %s.%s%s%s", c->undoes, fs->name, pool, ost ? "." : "", ost ?: "");
		rc = skip_section(fs, log, lov, comment);
		if (rc == 0)
			rc = -ENOENT;
	}
	if (rc < 0)
		return rc;
	snprintf(comment, sizeof(comment), "%s %s.%s%s%s", c->verb, fs->name, pool, ost ? "." : "", ost ?: "");
	mgs_gen_begin(g, lov, comment);
	if (ost)
		mgs_gen_rec(g, c->command, 0, 4, lov, fs->name, pool, ost);
	else
		mgs_gen_rec(g, c->command, 0, 3, lov, fs->name, pool);
	return mgs_gen_end(g, log);
}

static bool ost_known(const struct mgs_fs *fs, const char *uuid)
{
	const struct mgs_target *t;
	size_t len;

	list_for_each_entry(t, &fs->targets, link) {
		len = strlen(t->svname);
		if (!t->mdt && !strncmp(uuid, t->svname, len) && !strcmp(uuid + len, "_UUID"))
			return true;
	}
	return false;
}

/* Can the command be done? The log of clients says what there is. */
static int pool_check(struct mgs_fs *fs, const struct pool_command *c, const char *log, const char *lov,
		      const char *pool, const char *ost)
{
	char comment[NAME_LEN];
	int rc;

	snprintf(comment, sizeof(comment), "new %s.%s", fs->name, pool);
	rc = has_section(fs, log, lov, comment, false);
	if (rc < 0)
		return rc;
	if (c->command == LCFG_POOL_NEW)
		return rc ? -EEXIST : 0;
	if (!rc)
		return -ENOENT;
	snprintf(comment, sizeof(comment), "add %s.%s.%s", fs->name, pool, ost ?: "");
	rc = has_section(fs, log, lov, comment, !ost);
	if (rc < 0)
		return rc;
	if (c->command == LCFG_POOL_DEL)
		return rc ? -ENOTEMPTY : 0;
	if (c->command == LCFG_POOL_REM)
		return rc ? 0 : -ENOENT;
	if (rc)
		return -EEXIST;
	return ost_known(fs, ost) ? 0 : -ENOENT;
}

static int pool_change(struct mgs *mgs, const struct pool_command *c, char *name, const char *ost)
{
	char *pool = strchr(name, '.');
	char log[NAME_LEN], lov[NAME_LEN];
	struct mgs_target *t;
	struct mgs_fs *fs;
	int rc;

	if (!pool || c->member != !!ost)
		return -EINVAL;
	*pool++ = '\0';
	if (!*pool || strlen(pool) > POOL_NAME_MAX)
		return -EINVAL;
	fs = mgs_fs_get(mgs, name, false);
	if (IS_ERR(fs))
		return PTR_ERR(fs);
	snprintf(log, sizeof(log), "%s-client", fs->name);
	snprintf(lov, sizeof(lov), "%s-clilov", fs->name);
	rc = pool_check(fs, c, log, lov, pool, ost);
	if (rc)
		return rc;
	rc = pool_in_log(fs, c, log, lov, pool, ost);
	list_for_each_entry(t, &fs->targets, link) {
		if (rc || !t->mdt)
			continue;
		snprintf(lov, sizeof(lov), "%s-mdtlov", t->svname);
		rc = pool_in_log(fs, c, t->svname, lov, pool, ost);
	}
	mgs_revoke(fs);
	return rc;
}

static int run_command(struct mgs *mgs, const char *word, char *rest)
{
	bool del = !strncmp(rest, "-d ", 3);
	unsigned int i;
	char *arg;

	if (!strcmp(word, "conf_param"))
		return conf_param(mgs, rest + (del ? 3 : 0), del);
	if (!strcmp(word, "set_param"))
		return set_param_permanent(mgs, rest + (del ? 3 : 0), del);
	arg = strsep(&rest, " ");
	for (i = 0; i < ARRAY_SIZE(pool_commands); i++)
		if (!strcmp(word, pool_commands[i].word))
			return pool_change(mgs, &pool_commands[i], arg, rest);
	return -EOPNOTSUPP;
}

int mgs_command(struct mgs *mgs, char *text)
{
	char *word = strsep(&text, " ");
	int rc;

	if (!text || !*text)
		return -EINVAL;
	mutex_lock(&mgs->mutex);
	rc = run_command(mgs, word, text);
	if (!rc)
		rc = mgs_sync(mgs);
	mutex_unlock(&mgs->mutex);
	return rc;
}
