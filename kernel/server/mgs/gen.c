// SPDX-License-Identifier: GPL-2.0
/*
 * The sections of configuration logs (chapter 06, section 8). When they are written
 * and where to is register.c's.
 */
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include "kernel/server/mgs/gen.h"

#define NAME_MAX_LEN	(MTI_NAME_MAXLEN + 32)	/* of a device made from target names */

/* Defaults for striping that a stock 2.15 MGS hands out */
#define STRIPE_COUNT	1
#define STRIPE_SIZE	(1U << 20)
#define QOS_MAXAGE	5

static void put_rec(struct mgs_gen *g, const struct cfg_rec *rec)
{
	int rc;

	if (g->error)
		return;
	if (g->nr == MGS_SECTION_RECS) {
		g->error = -ENOSPC;
		return;
	}
	rc = cfg_rec_encode(rec, g->buf + g->used, sizeof(g->buf) - g->used);
	if (rc < 0) {
		g->error = rc;
		return;
	}
	g->recs[g->nr++] = (const void *)(g->buf + g->used);
	g->used += rc;
}

static void put_marker(struct mgs_gen *g, u32 flags)
{
	struct cfg_marker m = {
		.cm_step = cpu_to_le32(*g->step),
		.cm_flags = cpu_to_le32(flags),
		.cm_vers = cpu_to_le32(g->version),
		.cm_createtime = cpu_to_le64(g->now),
	};
	struct cfg_rec rec = { .command = LCFG_MARKER, .nr = 2 };

	if (strscpy(m.cm_tgtname, g->target, sizeof(m.cm_tgtname)) < 0 ||
	    strscpy(m.cm_comment, g->comment, sizeof(m.cm_comment)) < 0) {
		g->error = -ENAMETOOLONG;
		return;
	}
	rec.buf[1] = (const char *)&m;
	rec.len[1] = sizeof(m);
	put_rec(g, &rec);
}

void mgs_gen_begin(struct mgs_gen *g, const char *target, const char *comment)
{
	g->error = 0;
	g->nr = 0;
	g->used = 0;
	g->target = target;
	g->comment = comment;
	++*g->step;
	put_marker(g, CM_START);
}

void mgs_gen_rec(struct mgs_gen *g, u32 command, u32 num, unsigned int nr, ...)
{
	struct cfg_rec rec = { .command = command, .num = num };
	unsigned int i;
	va_list args;

	va_start(args, nr);
	for (i = 0; i < nr; i++)
		cfg_rec_set(&rec, i, va_arg(args, const char *));
	va_end(args);
	put_rec(g, &rec);
}

int mgs_gen_end(struct mgs_gen *g, const char *log)
{
	put_marker(g, CM_END);
	if (g->error)
		return g->error;
	return g->append(g->ctx, log, g->recs, g->nr);
}

/* --- pieces of sections --- */

/* A record with a descriptor in buffer 1 */
static void setup_binary(struct mgs_gen *g, const char *device, const void *desc, size_t len)
{
	struct cfg_rec rec = { .command = LCFG_SETUP };

	cfg_rec_set(&rec, 0, device);
	rec.buf[1] = desc;
	rec.len[1] = len;
	rec.nr = 2;
	put_rec(g, &rec);
}

static int lov_setup(struct mgs_gen *g, const char *log, const char *lov)
{
	struct lov_desc desc = {
		.ld_magic = cpu_to_le32(LOV_DESC_MAGIC),
		.ld_default_stripe_count = cpu_to_le32(STRIPE_COUNT),
		.ld_pattern = cpu_to_le32(LOV_PATTERN_RAID0),
		.ld_default_stripe_size = cpu_to_le64(STRIPE_SIZE),
		.ld_default_stripe_offset = cpu_to_le64(~0ULL),
		.ld_qos_maxage = cpu_to_le32(QOS_MAXAGE),
	};

	snprintf(desc.ld_uuid, sizeof(desc.ld_uuid), "%.34s_UUID", lov);
	mgs_gen_begin(g, lov, "lov setup");
	mgs_gen_rec(g, LCFG_ATTACH, 0, 3, lov, "lov", desc.ld_uuid);
	setup_binary(g, lov, &desc, sizeof(desc));
	return mgs_gen_end(g, log);
}

static int lmv_setup(struct mgs_gen *g, const char *log, const char *lmv)
{
	struct lmv_desc desc = {};

	snprintf(desc.ld_uuid, sizeof(desc.ld_uuid), "%.34s_UUID", lmv);
	mgs_gen_begin(g, lmv, "lmv setup");
	mgs_gen_rec(g, LCFG_ATTACH, 0, 3, lmv, "lmv", desc.ld_uuid);
	setup_binary(g, lmv, &desc, sizeof(desc));
	return mgs_gen_end(g, log);
}

/* ADD_UUID for each NID of a node; all have the first one's text as their name */
static void add_node(struct mgs_gen *g, const struct cfg_node *node, const char *name)
{
	unsigned int i;

	for (i = 0; i < node->nr; i++) {
		struct cfg_rec rec = { .command = LCFG_ADD_UUID, .nid = node->nid[i] };

		cfg_rec_set(&rec, 0, NULL);
		cfg_rec_set(&rec, 1, name);
		put_rec(g, &rec);
	}
}

/* The device of a connection to @t: primary node, failover nodes */
static void connection(struct mgs_gen *g, const struct mgs_target *t, const char *device, const char *type,
		       const char *owner_uuid)
{
	char node[LNET_NIDSTR_SIZE], uuid[NAME_MAX_LEN];
	unsigned int i;

	snprintf(uuid, sizeof(uuid), "%s_UUID", t->svname);
	lnet_nid_str(t->nodes[0].nid[0], node);
	add_node(g, &t->nodes[0], node);
	mgs_gen_rec(g, LCFG_ATTACH, 0, 3, device, type, owner_uuid);
	mgs_gen_rec(g, LCFG_SETUP, 0, 3, device, uuid, node);
	for (i = 1; i < t->nr_nodes; i++) {
		lnet_nid_str(t->nodes[i].nid[0], node);
		add_node(g, &t->nodes[i], node);
		mgs_gen_rec(g, LCFG_ADD_CONN, 0, 2, device, node);
	}
}

static int add_mdc(struct mgs_gen *g, const struct mgs_target *t)
{
	char log[NAME_MAX_LEN], lmv[NAME_MAX_LEN], lmv_uuid[NAME_MAX_LEN], device[NAME_MAX_LEN];
	char uuid[NAME_MAX_LEN], mdc_uuid[NAME_MAX_LEN], index[12];

	snprintf(log, sizeof(log), "%s-client", g->fsname);
	snprintf(lmv, sizeof(lmv), "%s-clilmv", g->fsname);
	snprintf(lmv_uuid, sizeof(lmv_uuid), "%s-clilmv_UUID", g->fsname);
	snprintf(device, sizeof(device), "%s-mdc", t->svname);
	snprintf(uuid, sizeof(uuid), "%s_UUID", t->svname);
	snprintf(mdc_uuid, sizeof(mdc_uuid), "%s-mdc_UUID", t->svname);
	snprintf(index, sizeof(index), "%u", t->index);

	mgs_gen_begin(g, t->svname, "add mdc");
	connection(g, t, device, "mdc", lmv_uuid);
	mgs_gen_rec(g, LCFG_ADD_MDC, 0, 5, lmv, uuid, index, "1", mdc_uuid);
	return mgs_gen_end(g, log);
}

/* An OST for whoever has @lov: clients (@suffix empty) or an MDT (@suffix -MDTxxxx) */
static int add_osc(struct mgs_gen *g, const struct mgs_target *t, const char *log, const char *lov,
		   const char *suffix, const char *comment)
{
	char lov_uuid[NAME_MAX_LEN], device[NAME_MAX_LEN], uuid[NAME_MAX_LEN], index[12];

	snprintf(lov_uuid, sizeof(lov_uuid), "%s_UUID", lov);
	snprintf(device, sizeof(device), "%s-osc%s", t->svname, suffix);
	snprintf(uuid, sizeof(uuid), "%s_UUID", t->svname);
	snprintf(index, sizeof(index), "%u", t->index);

	mgs_gen_begin(g, t->svname, comment);
	connection(g, t, device, "osc", lov_uuid);
	mgs_gen_rec(g, LCFG_LOV_ADD_OBD, 0, 4, lov, uuid, index, "1");
	return mgs_gen_end(g, log);
}

static int add_osc_client(struct mgs_gen *g, const struct mgs_target *t)
{
	char log[NAME_MAX_LEN], lov[NAME_MAX_LEN];

	snprintf(log, sizeof(log), "%s-client", g->fsname);
	snprintf(lov, sizeof(lov), "%s-clilov", g->fsname);
	return add_osc(g, t, log, lov, "", "add osc");
}

static int add_osc_mdt(struct mgs_gen *g, const struct mgs_target *ost, const struct mgs_target *mdt,
		       const char *comment)
{
	char lov[NAME_MAX_LEN], suffix[16];

	snprintf(lov, sizeof(lov), "%s-mdtlov", mdt->svname);
	snprintf(suffix, sizeof(suffix), "-MDT%04x", mdt->index);
	return add_osc(g, ost, mdt->svname, lov, suffix, comment);
}

/* MDT @other in the log of @mdt */
static int add_osp(struct mgs_gen *g, const struct mgs_target *other, const struct mgs_target *mdt)
{
	char lov[NAME_MAX_LEN], lov_uuid[NAME_MAX_LEN], device[NAME_MAX_LEN], uuid[NAME_MAX_LEN], index[12];

	snprintf(lov, sizeof(lov), "%s-mdtlov", mdt->svname);
	snprintf(lov_uuid, sizeof(lov_uuid), "%s-mdtlov_UUID", mdt->svname);
	snprintf(device, sizeof(device), "%s-osp-MDT%04x", other->svname, mdt->index);
	snprintf(uuid, sizeof(uuid), "%s_UUID", other->svname);
	snprintf(index, sizeof(index), "%u", other->index);

	mgs_gen_begin(g, other->svname, "add osp");
	connection(g, other, device, "osp", lov_uuid);
	mgs_gen_rec(g, LCFG_ADD_MDC, 0, 4, lov, uuid, index, "1");
	return mgs_gen_end(g, mdt->svname);
}

/* --- logs --- */

int mgs_gen_client(struct mgs_gen *g)
{
	char log[NAME_MAX_LEN], lov[NAME_MAX_LEN], lmv[NAME_MAX_LEN];
	int rc;

	snprintf(log, sizeof(log), "%s-client", g->fsname);
	snprintf(lov, sizeof(lov), "%s-clilov", g->fsname);
	snprintf(lmv, sizeof(lmv), "%s-clilmv", g->fsname);
	rc = lov_setup(g, log, lov);
	if (!rc)
		rc = lmv_setup(g, log, lmv);
	if (rc)
		return rc;
	mgs_gen_begin(g, log, "mount opts");
	mgs_gen_rec(g, LCFG_MOUNTOPT, 0, 4, NULL, log, lov, lmv);
	return mgs_gen_end(g, log);
}

static int own_ost(struct mgs_gen *g, const struct mgs_target *t)
{
	char uuid[NAME_MAX_LEN];

	snprintf(uuid, sizeof(uuid), "%s_UUID", t->svname);
	mgs_gen_begin(g, t->svname, "add ost");
	mgs_gen_rec(g, LCFG_ATTACH, 0, 3, t->svname, "obdfilter", uuid);
	mgs_gen_rec(g, LCFG_SETUP, 0, 4, t->svname, "dev", "type", t->failout ? "n" : "f");
	return mgs_gen_end(g, t->svname);
}

static int own_mdt(struct mgs_gen *g, const struct mgs_target *t)
{
	char lov[NAME_MAX_LEN], uuid[NAME_MAX_LEN], index[12];
	int rc;

	snprintf(lov, sizeof(lov), "%s-mdtlov", t->svname);
	snprintf(uuid, sizeof(uuid), "%s_UUID", t->svname);
	snprintf(index, sizeof(index), "%u", t->index);
	rc = lov_setup(g, t->svname, lov);
	if (rc)
		return rc;
	mgs_gen_begin(g, t->svname, "add mdt");
	mgs_gen_rec(g, LCFG_ATTACH, 0, 3, t->svname, "mdt", uuid);
	mgs_gen_rec(g, LCFG_MOUNTOPT, 0, 3, NULL, t->svname, lov);
	mgs_gen_rec(g, LCFG_SETUP, 0, 5, t->svname, uuid, index, lov, t->failout ? "n" : "f");
	return mgs_gen_end(g, t->svname);
}

int mgs_gen_own_log(struct mgs_gen *g, const struct mgs_target *t, const struct list_head *targets)
{
	const struct mgs_target *o;
	int rc;

	if (!t->mdt)
		return own_ost(g, t);
	rc = own_mdt(g, t);
	list_for_each_entry(o, targets, link)
		if (!rc && o->mdt && o->index != t->index)
			rc = add_osp(g, o, t);
	list_for_each_entry(o, targets, link)
		if (!rc && !o->mdt)
			rc = add_osc_mdt(g, o, t, "add osc(copied)");
	return rc;
}

int mgs_gen_add_target(struct mgs_gen *g, const struct mgs_target *t, const struct list_head *targets, bool has_client)
{
	const struct mgs_target *o;
	int rc = 0;

	if (!t->mdt)
		list_for_each_entry(o, targets, link)
			if (!rc && o->mdt)
				rc = add_osc_mdt(g, t, o, "add osc");
	if (!rc && !has_client)
		rc = mgs_gen_client(g);
	if (!rc)
		rc = t->mdt ? add_mdc(g, t) : add_osc_client(g, t);
	if (t->mdt)
		list_for_each_entry(o, targets, link)
			if (!rc && o->mdt && o->index != t->index)
				rc = add_osp(g, t, o);
	return rc;
}

int mgs_gen_add_failnid(struct mgs_gen *g, const char *log, const char *device, const struct mgs_target *t,
			const struct cfg_node *node)
{
	char name[LNET_NIDSTR_SIZE];

	lnet_nid_str(node->nid[0], name);
	mgs_gen_begin(g, t->svname, "add failnid");
	add_node(g, node, name);
	mgs_gen_rec(g, LCFG_ADD_CONN, 0, 2, device, name);
	return mgs_gen_end(g, log);
}
