// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of configuration logs: the state machine of chapter 06, section 9.
 * Records go in, one call of struct cfg_ops per finished section comes out.
 * Where the records come from is mgc.c's.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/umh.h>
#include "kernel/config/config.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/llog/llog.h"

/* Far above what one file system can have: bounds what a log makes us keep */
#define READER_MAX_UUIDS	65536
#define READER_MAX_DEVICES	131072

/* ADD_UUID: the name of a node and its NIDs */
struct reader_uuid {
	struct list_head	link;
	struct cfg_node		node;
	char			name[];
};

enum device_kind { DEVICE_MDT = 1, DEVICE_OST };

/* A connection to a target that the log sets up */
struct reader_device {
	struct list_head	link;
	enum device_kind	kind;
	bool			known;		/* ADD_MDC or LOV_ADD_OBD seen */
	bool			dirty;		/* changed by this section */
	bool			inactive;
	u32			index;
	unsigned int		nr_nodes;
	struct reader_uuid	*nodes[CFG_MAX_NODES];
	char			uuid[MTI_NAME_MAXLEN];
	char			name[MTI_NAME_MAXLEN];
};

struct cfg_reader {
	const struct cfg_ops	*ops;
	void			*data;
	char			*exclude;
	bool			inside;		/* between START and END */
	bool			skip;
	bool			excluded;
	bool			has_profile;
	unsigned int		nr_uuids, nr_devices;
	struct list_head	uuids;
	struct list_head	devices;
	struct cfg_target	*target;	/* scratch */
};

struct cfg_reader *cfg_reader_create(const char *exclude, const struct cfg_ops *ops, void *data)
{
	struct cfg_reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	INIT_LIST_HEAD(&r->uuids);
	INIT_LIST_HEAD(&r->devices);
	r->ops = ops;
	r->data = data;
	r->target = kvzalloc(sizeof(*r->target), GFP_KERNEL);
	if (exclude)
		r->exclude = kstrdup(exclude, GFP_KERNEL);
	if (!r->target || (exclude && !r->exclude)) {
		cfg_reader_free(r);
		return NULL;
	}
	return r;
}
EXPORT_SYMBOL_GPL(cfg_reader_create);

void cfg_reader_free(struct cfg_reader *r)
{
	struct reader_device *d, *dnext;
	struct reader_uuid *u, *unext;

	if (!r)
		return;
	list_for_each_entry_safe(d, dnext, &r->devices, link)
		kfree(d);
	list_for_each_entry_safe(u, unext, &r->uuids, link)
		kfree(u);
	kvfree(r->target);
	kfree(r->exclude);
	kfree(r);
}
EXPORT_SYMBOL_GPL(cfg_reader_free);

bool cfg_reader_has_profile(const struct cfg_reader *r)
{
	return r->has_profile;
}
EXPORT_SYMBOL_GPL(cfg_reader_has_profile);

/* --- nodes --- */

static struct reader_uuid *find_uuid(struct cfg_reader *r, const char *name, bool create)
{
	size_t size = strlen(name) + 1;
	struct reader_uuid *u;

	list_for_each_entry(u, &r->uuids, link)
		if (!strcmp(u->name, name))
			return u;
	if (!create || r->nr_uuids == READER_MAX_UUIDS)
		return NULL;
	u = kzalloc(struct_size(u, name, size), GFP_KERNEL);
	if (!u)
		return NULL;
	memcpy(u->name, name, size);
	list_add_tail(&u->link, &r->uuids);
	r->nr_uuids++;
	return u;
}

static int rec_add_uuid(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *name = cfg_rec_string(rec, 1);
	const char *text = cfg_rec_string(rec, 2);
	lnet_nid_t nid = rec->nid;
	struct reader_uuid *u;

	if (!name)
		return -EINVAL;
	if (!nid && (!text || lnet_nid_parse(text, &nid))) {
		pr_warn("config: node %s has an address that this version does not know\n", name);
		return 0;
	}
	u = find_uuid(r, name, true);
	if (!u)
		return -ENOMEM;
	if (!cfg_node_add(&u->node, nid))
		pr_warn("config: node %s has more than %u NIDs\n", name, CFG_MAX_NIDS);
	return 0;
}

/* Stock logs always name a node before they use it; its name is a NID anyway. */
static struct reader_uuid *node_of(struct cfg_reader *r, const char *name)
{
	struct reader_uuid *u = find_uuid(r, name, false);
	lnet_nid_t nid;

	if (u)
		return u;
	if (lnet_nid_parse(name, &nid))
		return NULL;
	u = find_uuid(r, name, true);
	if (u)
		cfg_node_add(&u->node, nid);
	return u;
}

/* --- devices --- */

static struct reader_device *find_device(struct cfg_reader *r, const char *name)
{
	struct reader_device *d;

	list_for_each_entry_reverse(d, &r->devices, link)
		if (!strcmp(d->name, name))
			return d;
	return NULL;
}

static struct reader_device *find_target(struct cfg_reader *r, enum device_kind kind, const char *uuid)
{
	struct reader_device *d;

	list_for_each_entry_reverse(d, &r->devices, link)
		if (d->kind == kind && !strcmp(d->uuid, uuid))
			return d;
	return NULL;
}

static int attach_device(struct cfg_reader *r, const char *name, enum device_kind kind)
{
	struct reader_device *d = find_device(r, name);

	if (!d) {
		if (strlen(name) >= sizeof(d->name) || r->nr_devices == READER_MAX_DEVICES)
			return -EINVAL;
		d = kzalloc(sizeof(*d), GFP_KERNEL);
		if (!d)
			return -ENOMEM;
		strscpy(d->name, name, sizeof(d->name));
		list_add_tail(&d->link, &r->devices);
		r->nr_devices++;
	}
	d->kind = kind;
	return 0;
}

static int rec_attach(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *name = cfg_rec_string(rec, 0);
	const char *type = cfg_rec_string(rec, 1);

	if (!name || !type)
		return -EINVAL;
	if (!strcmp(type, "mdc") || !strcmp(type, "osp"))
		return attach_device(r, name, DEVICE_MDT);
	if (!strcmp(type, "osc"))
		return attach_device(r, name, DEVICE_OST);
	if (!strcmp(type, "lov") || !strcmp(type, "lmv") || !strcmp(type, "mdt") || !strcmp(type, "obdfilter"))
		return 0;
	pr_err("config: %s has the unknown type %s\n", name, type);
	return -ENODEV;
}

static int setup_connection(struct cfg_reader *r, struct reader_device *d, const struct cfg_rec *rec)
{
	const char *uuid = cfg_rec_string(rec, 1);
	const char *node = cfg_rec_string(rec, 2);
	struct reader_uuid *u = node ? node_of(r, node) : NULL;

	if (!uuid || strlen(uuid) >= sizeof(d->uuid) || !u)
		return -EINVAL;
	strscpy(d->uuid, uuid, sizeof(d->uuid));
	d->nodes[0] = u;
	d->nr_nodes = 1;
	d->dirty = true;
	return 0;
}

/* SETUP of what is not a connection: its name and arguments tell what it is */
static int setup_other(struct cfg_reader *r, const char *name, const struct cfg_rec *rec)
{
	const char *tail = name + cfg_fsname_len(name);
	const char *arg = cfg_rec_string(rec, 2);
	u32 index;

	if (rec->nr > 1 && rec->len[1] == sizeof(struct lov_desc)) {
		const struct lov_desc *desc = (const void *)rec->buf[1];

		if (desc->ld_magic != cpu_to_le32(LOV_DESC_MAGIC) || !r->ops->lov_desc)
			return 0;		/* an lmv_desc, or nobody cares */
		return r->ops->lov_desc(r->data, desc);
	}
	if (!r->ops->setup_target)
		return 0;
	if (!strncmp(tail, "-MDT", 4) && arg && !kstrtou32(arg, 10, &index))
		return r->ops->setup_target(r->data, name, index);
	if (!strncmp(tail, "-OST", 4) && !kstrtou32(tail + 4, 16, &index))
		return r->ops->setup_target(r->data, name, index);
	return -EINVAL;
}

static int rec_setup(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *name = cfg_rec_string(rec, 0);
	struct reader_device *d;

	if (!name)
		return -EINVAL;
	d = find_device(r, name);
	return d ? setup_connection(r, d, rec) : setup_other(r, name, rec);
}

static int rec_add_conn(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *name = cfg_rec_string(rec, 0);
	const char *node = cfg_rec_string(rec, 1);
	struct reader_device *d = name ? find_device(r, name) : NULL;
	struct reader_uuid *u = node ? node_of(r, node) : NULL;
	unsigned int i;

	if (!d || !u)
		return -EINVAL;
	for (i = 0; i < d->nr_nodes; i++)
		if (d->nodes[i] == u)
			return 0;
	if (d->nr_nodes == CFG_MAX_NODES) {
		pr_warn("config: %s has more than %u nodes\n", name, CFG_MAX_NODES);
		return 0;
	}
	d->nodes[d->nr_nodes++] = u;
	d->dirty = true;
	return 0;
}

/* ADD_MDC, LOV_ADD_OBD, LOV_ADD_INA and their opposites: the target has an index */
static int rec_add_target(struct cfg_reader *r, const struct cfg_rec *rec, enum device_kind kind, bool inactive)
{
	const char *uuid = cfg_rec_string(rec, 1);
	const char *index = cfg_rec_string(rec, 2);
	struct reader_device *d = uuid ? find_target(r, kind, uuid) : NULL;

	if (!d || !index || kstrtou32(index, 10, &d->index) || d->index > CFG_INDEX_MAX)
		return -EINVAL;
	d->known = true;
	d->inactive = inactive || r->excluded;
	d->dirty = true;
	return 0;
}

/* --- other records --- */

static int rec_mountopt(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *profile = cfg_rec_string(rec, 1);
	unsigned int i;

	for (i = 1; i < rec->nr && i < 4; i++)
		if (rec->len[i] && (!cfg_rec_string(rec, i) || strlen(rec->buf[i]) + 1 != rec->len[i]))
			return -EINVAL;
	if (!profile)
		return -EINVAL;
	r->has_profile = true;
	return r->ops->profile ? r->ops->profile(r->data, profile, cfg_rec_string(rec, 2),
						 cfg_rec_string(rec, 3)) : 0;
}

static int set_global(const char *name, const char *value)
{
	int rc = param_set(NULL, NULL, name, value);

	if (rc)
		pr_warn("config: parameter %s=%s not set: %d\n", name, value, rc);
	return 0;
}

static int set_global_num(const char *name, u32 num)
{
	char value[12];

	snprintf(value, sizeof(value), "%u", num);
	return set_global(name, value);
}

static int rec_param(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *device = cfg_rec_string(rec, 0);
	unsigned int i;

	for (i = 1; i < rec->nr; i++) {
		const char *text = cfg_rec_string(rec, i);
		const char *value = text ? strchr(text, '=') : NULL;
		char *key;
		int rc = 0;

		if (!value)
			return -EINVAL;
		key = kmemdup_nul(text, value++ - text, GFP_KERNEL);
		if (!key)
			return -ENOMEM;
		if (!strncmp(key, "sys.", 4))
			set_global(key + 4, value);
		else if (!device)
			rc = -EINVAL;
		else if (r->ops->param && r->ops->param(r->data, device, key, value))
			pr_warn("config: %s: parameter %s=%s not set\n", device, key, value);
		kfree(key);
		if (rc)
			return rc;
	}
	return 0;
}

/* set_param -P: wildcards are resolved on this node, by lctl */
static int rec_set_param(const struct cfg_rec *rec)
{
	const char *text = cfg_rec_string(rec, 1);
	const char *value = text ? strchr(text, '=') : NULL;
	char *argv[] = { "/usr/sbin/lctl", "set_param", NULL, NULL };
	char *envp[] = { "HOME=/", "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	char *copy;
	int rc;

	if (!value)
		return -EINVAL;
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (!memchr(text, '.', value - text)) {
		copy[value - text] = '\0';
		set_global(copy, value + 1);
	} else {
		argv[2] = copy;
		rc = call_usermodehelper(argv[0], argv, envp, UMH_WAIT_EXEC);
		if (rc < 0)
			pr_warn("config: cannot run lctl to set %s: %d\n", text, rc);
	}
	kfree(copy);
	return 0;
}

static int rec_pool(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const char *pool = cfg_rec_string(rec, 2);
	const char *ost = cfg_rec_string(rec, 3);
	bool member = rec->command == LCFG_POOL_ADD || rec->command == LCFG_POOL_REM;

	if (!pool || (member && !ost))
		return -EINVAL;
	return r->ops->pool ? r->ops->pool(r->data, rec->command, pool, ost) : 0;
}

/* --- sections --- */

static bool is_excluded(const struct cfg_reader *r, const char *target)
{
	const char *p = r->exclude;
	size_t len = strlen(target);

	while (p && *p) {
		size_t n = strcspn(p, ":,");

		if (n == len && !strncmp(p, target, len))
			return true;
		p += n;
		p += *p ? 1 : 0;
	}
	return false;
}

static int tell_target(struct cfg_reader *r, struct reader_device *d)
{
	int (*add)(void *data, const struct cfg_target *t) =
		d->kind == DEVICE_MDT ? r->ops->add_mdt : r->ops->add_ost;
	struct cfg_target *t = r->target;
	unsigned int i;

	if (!add)
		return 0;
	t->index = d->index;
	t->uuid = d->uuid;
	t->device = d->name;
	t->inactive = d->inactive;
	t->nr_nodes = d->nr_nodes;
	for (i = 0; i < d->nr_nodes; i++)
		t->nodes[i] = d->nodes[i]->node;
	return add(r->data, t);
}

static int end_section(struct cfg_reader *r)
{
	struct reader_device *d;
	int rc = 0;

	list_for_each_entry(d, &r->devices, link) {
		if (!d->dirty || !d->known)
			continue;
		d->dirty = false;
		rc = tell_target(r, d);
		if (rc)
			break;
	}
	r->inside = false;
	r->skip = false;
	r->excluded = false;
	return rc;
}

static int rec_marker(struct cfg_reader *r, const struct cfg_rec *rec)
{
	const struct cfg_marker *m;
	char target[MTI_NAME_MAXLEN];
	u32 flags;

	if (rec->nr < 2 || rec->len[1] != sizeof(*m))
		return -EINVAL;
	m = (const void *)rec->buf[1];
	flags = le32_to_cpu(m->cm_flags);
	if (flags & CM_END)
		return end_section(r);
	if (!(flags & CM_START))
		return 0;
	memcpy(target, m->cm_tgtname, sizeof(target));
	target[sizeof(target) - 1] = '\0';
	r->inside = true;
	r->skip = flags & CM_SKIP;
	r->excluded = (flags & CM_EXCLUDE) || is_excluded(r, target);
	return 0;
}

static int apply(struct cfg_reader *r, const struct cfg_rec *rec)
{
	switch (rec->command) {
	case LCFG_ATTACH:
		return rec_attach(r, rec);
	case LCFG_SETUP:
		return rec_setup(r, rec);
	case LCFG_ADD_UUID:
		return rec_add_uuid(r, rec);
	case LCFG_ADD_CONN:
		return rec_add_conn(r, rec);
	case LCFG_ADD_MDC:
		return rec_add_target(r, rec, DEVICE_MDT, false);
	case LCFG_LOV_ADD_OBD:
		return rec_add_target(r, rec, DEVICE_OST, false);
	case LCFG_LOV_ADD_INA:
	case LCFG_LOV_DEL_OBD:
		return rec_add_target(r, rec, DEVICE_OST, true);
	case LCFG_DEL_MDC:
		return rec_add_target(r, rec, DEVICE_MDT, true);
	case LCFG_MOUNTOPT:
		return rec_mountopt(r, rec);
	case LCFG_PARAM:
		return rec_param(r, rec);
	case LCFG_SET_PARAM:
		return rec_set_param(rec);
	case LCFG_SET_TIMEOUT:
		return set_global_num("timeout", rec->num);
	case LCFG_SET_LDLM_TIMEOUT:
		return 0;	/* estimates take its place on nodes with adaptive timeouts: ours have no other */
	case LCFG_POOL_NEW:
	case LCFG_POOL_ADD:
	case LCFG_POOL_REM:
	case LCFG_POOL_DEL:
		return rec_pool(r, rec);
	case LCFG_DEL_MOUNTOPT:
	case LCFG_DEL_UUID:
	case LCFG_DEL_CONN:
	case LCFG_CLEANUP:
	case LCFG_DETACH:
	case LCFG_PRE_CLEANUP:
	case LCFG_LOG_START:
	case LCFG_LOG_END:
		return 0;	/* devices go with their mount, not by the log */
	default:
		return -EOPNOTSUPP;
	}
}

int cfg_reader_record(const struct llog_rec_hdr *hdr, void *reader)
{
	struct cfg_reader *r = reader;
	struct cfg_rec rec;
	int rc;

	rc = cfg_rec_decode(hdr, &rec);
	if (rc)
		return r->skip ? 0 : rc;
	if (rec.command == LCFG_MARKER)
		return rec_marker(r, &rec);
	if (!r->inside || r->skip)
		return 0;
	rc = apply(r, &rec);
	if (!rc)
		return 0;
	if (rec.command & LCFG_REQUIRED) {
		pr_err("config: record %u, command %#x failed: %d\n", le32_to_cpu(hdr->lrh_index), rec.command, rc);
		return rc;
	}
	pr_warn("config: record %u, command %#x ignored: %d\n", le32_to_cpu(hdr->lrh_index), rec.command, rc);
	return 0;
}
EXPORT_SYMBOL_GPL(cfg_reader_record);
