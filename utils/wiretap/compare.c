// SPDX-License-Identifier: GPL-2.0
/*
 * Two conversations side by side. Messages are recorded as lists of named values while they
 * are decoded. What belongs to one exchange (an RPC with its bulk transfer, reply and ACKs)
 * is one unit; units are put in conversations by the roles of the two nodes and the target;
 * conversations are aligned, and the values of units that stand side by side compared.
 *
 * Values that no two runs have in common (handles, times, transaction numbers) are reduced
 * to what can be compared; identifiers of objects must map onto each other one to one.
 */
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "wiretap.h"

#define MAX_UNITS	20000		/* of a conversation: the alignment is quadratic */
#define DAY		86400

struct value {
	const char	*path;
	const char	*text;
	uint32_t	hash;
	uint8_t		kind;
};

enum part { P_REQUEST, P_BULK, P_EARLY, P_REPLY, P_ACK, P_LNET, P_NR };
static const char *const part_names[P_NR] = { "request", "bulk", "early", "reply", "ack", "lnet" };

struct msg {
	unsigned long	frame;
	unsigned long	unit;
	double		time;
	enum part	part;
	const char	*src, *dst;
	struct value	*v;
	unsigned int	nr, room;
};

struct unit {
	struct msg	**m;
	unsigned int	nr, room;
	const char	*conv;		/* NULL: none that can be compared */
	const char	*label;
	struct unit	*mate;
};

/* A remote target as one node addresses it */
struct import {
	const char	*client, *server, *handle, *service;
	unsigned int	nth;
	bool		named;
};

struct cmp_side {
	struct msg	*msg;
	unsigned long	nr, room;
	struct unit	*unit;
	unsigned long	nr_units;
	struct import	*import;
	unsigned int	nr_imports;
	unsigned long	next_lnet;	/* units of LNet's own messages, from the top of the numbers */
	struct msg	*cur;
	char		**label;
	unsigned long	nr_labels, label_room;
};

struct row {
	char		*col[6];	/* scenario, message, field, difference, chapter, reason */
	unsigned int	line;
	bool		hit, asked;
};

/* Values that correspond */
struct pair {
	const char	*a, *b;
};

/* One difference, and how often it was met */
struct report {
	char		*text;
	unsigned long	frame[2], times;
};

struct cmp {
	struct report	*report;
	size_t		nr_reports, report_room;
	struct row	*row;
	unsigned int	nr_rows;
	struct pair	*pair;
	size_t		nr_pairs, room;
	const char	*table, *scenario;
	unsigned long	exchanges, allowed, refused;
	unsigned int	runs;
};

static void *need(void *p)
{
	if (!p) {
		fprintf(stderr, "wiretap: out of memory\n");
		exit(1);
	}
	return p;
}

static void *grow(void *p, size_t nr, unsigned long room, size_t size)
{
	return nr < room ? p : need(realloc(p, (room ? 2 * room : 64) * size));
}

/* --- recording --- */

struct cmp_side *cmp_side_new(void)
{
	return need(calloc(1, sizeof(struct cmp_side)));
}

void cmp_side_free(struct cmp_side *s)
{
	unsigned long i, k;

	if (!s)
		return;
	for (i = 0; i < s->nr; i++) {
		for (k = 0; k < s->msg[i].nr; k++) {
			free((char *)s->msg[i].v[k].path);
			free((char *)s->msg[i].v[k].text);
		}
		free(s->msg[i].v);
	}
	for (i = 0; i < s->nr_units; i++) {
		free(s->unit[i].m);
		free((char *)s->unit[i].conv);
	}
	for (i = 0; i < s->nr_labels; i++)
		free(s->label[i]);
	free(s->label);
	free(s->unit);
	free(s->msg);
	free(s->import);
	free(s);
}

void cmp_begin(struct wt *w)
{
	struct cmp_side *s = w->side;

	s->msg = grow(s->msg, s->nr, s->room, sizeof(*s->msg));
	if (s->nr == s->room)
		s->room = s->room ? 2 * s->room : 64;
	s->cur = &s->msg[s->nr++];
	*s->cur = (struct msg){ .frame = w->frame, .time = w->time };
	w->unit = 0;
}

static uint32_t hash_of(const char *s)
{
	uint32_t h = 2166136261U;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619U;
	return h;
}

/* Indices as '.n': brackets are for patterns */
static char *path_of(struct wt *w, const char *name)
{
	char path[WT_DEPTH * 41 + 64], *p;
	unsigned int i;
	size_t at = 0;

	for (i = 0; i < w->depth; i++)
		at += snprintf(path + at, sizeof(path) - at, "%s.", w->path[i]);
	snprintf(path + at, sizeof(path) - at, "%s", name);
	for (p = path, at = 0; *p; p++) {
		if (*p == '[')
			*p = '.';
		if (*p != ']' && !(*p == '.' && (!at || path[at - 1] == '.')))
			path[at++] = *p;
	}
	path[at] = 0;
	return need(strdup(path));
}

void cmp_value(struct wt *w, const char *name, const char *text)
{
	struct msg *m = w->side->cur;
	struct value *v;
	char both[64];

	m->v = grow(m->v, m->nr, m->room, sizeof(*m->v));
	if (m->nr == m->room)
		m->room = m->room ? 2 * m->room : 64;
	v = &m->v[m->nr++];
	v->path = path_of(w, name);
	/* sequence and number of a resource are one identifier: older objects have no sequence there */
	if (!strcmp(name, "lr_name[1]") && m->nr > 1) {
		snprintf(both, sizeof(both), "%s:%s", v[-1].text, text);
		text = both;
	}
	v->text = need(strdup(text));
	v->hash = hash_of(v->path) ^ 31 * hash_of(v->text);
	v->kind = w->kind;
}

static const char *find(const struct msg *m, const char *pattern)
{
	unsigned int i;

	for (i = 0; i < m->nr; i++)
		if (!fnmatch(pattern, m->v[i].path, 0))
			return m->v[i].text;
	return NULL;
}

static bool starts(const char *s, const char *with)
{
	return s && !strncmp(s, with, strlen(with));
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* An ACK or REPLY belongs to the message that left this handle */
static unsigned long unit_of_handle(struct cmp_side *s, struct msg *m, const char *what)
{
	const char *iface = find(m, "*.dst_wmd.wh_interface"), *obj = find(m, "*.dst_wmd.wh_object");
	unsigned long i, stop = s->nr > 4000 ? s->nr - 4000 : 0;
	char pi[64], po[64];

	snprintf(pi, sizeof(pi), "%s.wh_interface", what);
	snprintf(po, sizeof(po), "%s.wh_object", what);
	for (i = s->nr - 1; i-- > stop;)
		if (same(s->msg[i].src, m->dst) && same(find(&s->msg[i], po), obj) &&
		    same(find(&s->msg[i], pi), iface))
			return s->msg[i].unit;
	return 0;
}

void cmp_end(struct wt *w)
{
	struct cmp_side *s = w->side;
	struct msg *m = s->cur;

	m->src = find(m, "lnet_hdr.src_nid") ?: find(m, "hello.kshm_src_nid");
	m->dst = find(m, "lnet_hdr.dest_nid") ?: find(m, "hello.kshm_dst_nid");
	m->unit = w->unit;
	if (find(m, "PUT.request.format"))
		m->part = P_REQUEST;
	else if (find(m, "PUT.reply.format"))
		m->part = find(m, "PUT.reply.early") ? P_EARLY : P_REPLY;
	else if (find(m, "ACK.mlength"))
		m->part = P_ACK, m->unit = unit_of_handle(s, m, "PUT.ack_wmd");
	else if (find(m, "REPLY.dst_wmd.wh_object"))
		m->part = m->unit ? P_BULK : P_LNET, m->unit = m->unit ?: unit_of_handle(s, m, "GET.return_wmd");
	else
		m->part = m->unit ? P_BULK : P_LNET;
	if (m->part == P_LNET && !m->unit && m->src && m->dst)
		m->unit = ~s->next_lnet++;
}

/* --- conversations --- */

static const char *service_of(const struct msg *m)
{
	static const struct { const char *portal, *service; } t[] = {
		{ "MGS_REQUEST", "MGS" }, { "MDS_REQUEST", "MDT" }, { "MDS_IO", "MDT" },
		{ "MDS_READPAGE", "MDT" }, { "SEQ_METADATA", "MDT" }, { "SEQ_CONTROLLER", "MDT" },
		{ "FLD_REQUEST", "MDT" }, { "OST_REQUEST", "OST" }, { "OST_IO", "OST" },
		{ "OST_CREATE", "OST" }, { "SEQ_DATA", "OST" }, { "LDLM_CB_REQUEST", "callbacks" },
	};
	const char *p = find(m, "PUT.ptl_index");
	unsigned int i;

	for (i = 0; p && i < sizeof(t) / sizeof(t[0]); i++)
		if (strstr(p, t[i].portal))
			return t[i].service;
	return NULL;
}

/* "mds", "oss" or "client", and the rank of its NID among these */
static void role_of(struct cmp_side *s, const char *nid, char *out, size_t room)
{
	const char *best = "client", *kind, *seen[64], *serv;
	unsigned int nr = 0, rank = 0, k;
	unsigned long i, j;

	for (i = 0; i < s->nr; i++) {
		if (!s->msg[i].dst)
			continue;
		for (k = 0; k < nr && strcmp(seen[k], s->msg[i].dst); k++)
			;
		if (k < nr || nr == 64)
			continue;
		seen[nr++] = s->msg[i].dst;
	}
	for (k = 0; k <= nr; k++) {
		const char *n = k ? seen[k - 1] : nid;

		kind = "client";
		for (j = 0; j < s->nr; j++) {
			if (s->msg[j].part != P_REQUEST || !same(s->msg[j].dst, n))
				continue;
			serv = service_of(&s->msg[j]);
			if (same(serv, "MGS") || same(serv, "MDT"))
				kind = "mds";
			else if (same(serv, "OST") && !same(kind, "mds"))
				kind = "oss";
		}
		if (!k)
			best = kind;
		else if (same(kind, best) && strcmp(n, nid) < 0)
			rank++;
	}
	snprintf(out, room, "%s%u", best, rank);
}

static struct import *import_of(struct cmp_side *s, const struct unit *u)
{
	const struct msg *q = u->m[0], *r = NULL;
	const char *h = find(q, "*.BODY.pb_handle");
	struct import *imp;
	unsigned int i;

	for (i = 0; i < u->nr; i++)
		if (u->m[i]->part == P_REPLY)
			r = u->m[i];
	if (same(h, "0x0"))
		h = r ? find(r, "*.BODY.pb_handle") : NULL;
	for (i = 0; i < s->nr_imports; i++) {
		imp = &s->import[i];
		if (same(imp->client, q->src) && same(imp->server, q->dst) && same(imp->handle, h))
			return imp;
	}
	s->import = need(realloc(s->import, (s->nr_imports + 1) * sizeof(*imp)));
	imp = &s->import[s->nr_imports++];
	*imp = (struct import){ .client = q->src, .server = q->dst, .handle = h ?: "" };
	return imp;
}

/* Driven by timers of the sender */
static bool is_periodic(const char *label, const char *role)
{
	return same(label, "OBD_PING") || (same(label, "OST_STATFS") && !starts(role, "client"));
}

/*
 * What a request is about, to tell it from others of its kind: the format, and the name, the mode of
 * the lock and where the data is.
 */
static const char *label_of(struct cmp_side *s, const struct msg *q)
{
	const char *format = find(q, "PUT.request.format");
	const char *name = find(q, "PUT.request.NAME.text") ?: "";
	const char *mode = find(q, "PUT.request.DLM_REQ.l_req_mode");
	const char *at = find(q, "PUT.request.NIOBUF.0.rnb_offset");
	char text[200];
	size_t n;

	if (strstr(format, "REINT") || strstr(format, "CANCEL"))
		mode = NULL;	/* of early cancels */
	mode = mode && strchr(mode, ' ') ? strchr(mode, ' ') + 1 : "";
	n = snprintf(text, sizeof(text), "%s(%.80s%s%s%s%s)", format, name, *name && *mode ? " " : "", mode,
		     at ? "at " : "", at ?: "");
	if (text[n - 2] == '(')
		text[n - 2] = 0;
	s->label = grow(s->label, s->nr_labels, s->label_room, sizeof(*s->label));
	if (s->nr_labels == s->label_room)
		s->label_room = s->label_room ? 2 * s->label_room : 64;
	return s->label[s->nr_labels++] = need(strdup(text));
}

static void name_conversation(struct cmp_side *s, struct unit *u)
{
	const struct msg *q = u->m[0];
	char a[32], b[32], text[128];
	struct import *imp, *other;
	unsigned int i;

	if (!q->src || !q->dst || (q->part != P_REQUEST && q->part != P_LNET))
		return;
	role_of(s, q->src, a, sizeof(a));
	role_of(s, q->dst, b, sizeof(b));
	if (q->part == P_LNET) {
		u->label = find(q, "hello.kshm_ctype") ?: find(q, "GET.*") ? "GET" : "PUSH";
		if (find(q, "hello.kshm_ctype"))
			u->label = find(q, "acceptor.*") ? find(q, "hello.kshm_ctype") : "HELLO back";
		snprintf(text, sizeof(text), "%s>%s LNet", a, b);
		u->conv = need(strdup(text));
		return;
	}
	u->label = find(q, "PUT.request.format");
	if (is_periodic(u->label, a))
		return;
	u->label = label_of(s, q);
	if (same(service_of(q), "callbacks")) {
		snprintf(text, sizeof(text), "%s>%s callbacks", a, b);
		u->conv = need(strdup(text));
		return;
	}
	imp = import_of(s, u);
	if (!imp->named) {
		imp->named = true;
		imp->service = imp->service ?: starts(b, "oss") ? "OST" : "MDT";
		for (i = 0; i < s->nr_imports; i++) {
			other = &s->import[i];
			if (other != imp && other->named && same(other->client, imp->client) &&
			    same(other->server, imp->server) && same(other->service, imp->service))
				imp->nth++;
		}
	}
	snprintf(text, sizeof(text), "%s>%s %s%u", a, b, imp->service, imp->nth);
	u->conv = need(strdup(text));
}

static void make_units(struct cmp_side *s)
{
	unsigned long i, k;
	struct unit *u;

	for (i = 0; i < s->nr; i++) {
		struct msg *m = &s->msg[i];

		if (!m->unit)
			continue;
		/* of messages one after the other: look from the end */
		for (k = s->nr_units; k > 0; k--)
			if (s->unit[k - 1].m[0]->unit == m->unit)
				break;
		if (!k) {
			s->unit = need(realloc(s->unit, (s->nr_units + 1) * sizeof(*u)));
			s->unit[s->nr_units] = (struct unit){ 0 };
			k = ++s->nr_units;
		}
		u = &s->unit[k - 1];
		u->m = grow(u->m, u->nr, u->room, sizeof(*u->m));
		if (u->nr == u->room)
			u->room = u->room ? 2 * u->room : 64;
		u->m[u->nr++] = m;
	}
	/* cancels and pings go to portals that tell nothing about the service: others do */
	for (i = 0; i < s->nr_units; i++) {
		const char *service = service_of(s->unit[i].m[0]);

		if (s->unit[i].m[0]->part == P_REQUEST && service && strcmp(service, "callbacks"))
			import_of(s, &s->unit[i])->service = service;
	}
	for (i = 0; i < s->nr_units; i++)
		name_conversation(s, &s->unit[i]);
}

/* --- values --- */

enum class {
	C_EXACT,
	C_SKIP,
	C_SOME,		/* none, zero, or something */
	C_ID,		/* equal, or always the same counterpart */
	C_TIME,		/* the time of the run, or equal */
	C_TEXT,		/* equal but for UUIDs and addresses in it */
};

/* By the end of the path; the first that matches */
static const struct { const char *pattern; enum class class; } classes[] = {
	{ "*.pi_ni.0.ns_status", C_SKIP }, { "*_nid", C_SKIP }, { "*.ns_nid", C_SKIP }, { "*payload_length", C_SKIP },
	{ "*.lm_buflens.*", C_SKIP }, { "*.wh_interface", C_SOME }, { "*.wh_object", C_SOME },
	{ "*.match_bits", C_SOME }, { "*.hdr_data", C_SOME }, { "*incarnation", C_SOME },
	{ "ksock.ksm_zc_cookies*", C_SKIP }, { "*.pb_handle", C_SOME }, { "*.CONN.value", C_SOME },
	{ "*.lfw_owner", C_SOME }, { "*.lfw_pid", C_SKIP },
	{ "*handle*", C_SOME }, { "*cookie*", C_SOME }, { "*.pb_last_xid", C_SOME },
	{ "*.pb_mbits", C_SOME }, { "*.pb_last_committed", C_SOME }, { "*.pb_transno", C_SOME },
	{ "*.request.BODY.pb_status", C_SOME }, { "*.pb_timeout", C_SKIP }, { "*.lm_cksum", C_SOME },
	{ "*.pb_service_time", C_SKIP }, { "*.pb_slv", C_SOME }, { "*.pb_limit", C_SOME },
	{ "*.pb_pre_versions.*", C_SOME }, { "*.mbo_version", C_SOME }, { "*.ocd_transno", C_SOME },
	{ "*.ocd_instance", C_SOME }, { "*.ocd_grant", C_SOME }, { "*.o_grant", C_SOME },
	{ "*.os_blocks", C_SKIP }, { "*.os_bfree", C_SKIP }, { "*.os_bavail", C_SKIP },
	{ "*.os_files", C_SKIP }, { "*.os_ffree", C_SKIP }, { "*.os_fprecreated", C_SKIP },
	{ "*.os_granted", C_SKIP }, { "*.lr_name.0", C_SKIP }, { "*.lr_name.*", C_ID }, { "*.l_ost_idx", C_SKIP },
	{ "*.o_parent_seq", C_ID }, { "*.o_parent_oid", C_ID }, { "*stale*", C_SKIP },
	{ "*.lu_dirent.*", C_SKIP }, { "*.ldp_hash_*", C_SOME }, { "*.data", C_SKIP },
	{ "*.o_cksum", C_SOME }, { "*.mne_version", C_SOME }, { "*.mne_instance", C_SOME },
	{ "*.mcr_size", C_SOME }, { "*.lgl_ogen", C_SOME }, { "*.lsr_start", C_ID }, { "*.lsr_end", C_ID },
	{ "*.o_nlink_or_cksum", C_SOME },
	{ "*.SHORT_IO.bytes", C_SKIP }, { "*.pb_conn_cnt", C_SKIP }, { "*.pb_jobid", C_EXACT }, { "*time_ns", C_SKIP }, { "*mtime", C_TIME }, { "*atime", C_TIME },
	{ "*ctime", C_TIME }, { "*btime", C_TIME }, { "*.llh_timestamp", C_TIME },
	{ "*.cm_createtime", C_TIME }, { "*.cm_canceltime", C_TIME },
};

static enum class class_of(const struct value *v)
{
	unsigned int i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (!fnmatch(classes[i].pattern, v->path, 0))
			return classes[i].class;
	switch (v->kind) {
	case K_FID:
	case K_FID_BE:
	case K_OST_ID:
		return C_ID;
	case K_TIME:
		return C_TIME;
	case K_STR:
	case K_STR_STALE:
		return C_TEXT;
	default:
		return C_EXACT;
	}
}

static const char *const amounts[] = { "zero", "all ones", "some", "text" };

static unsigned int amount_of(const char *s)
{
	char *end;
	unsigned long long v = strtoull(s, &end, 0);

	if (end == s)
		return 3;
	return !v ? 0 : v == ~0ULL || v == 0xffffffffU ? 1 : 2;
}

static bool same_time(const struct msg *ma, const char *a, const struct msg *mb, const char *b)
{
	double ta = strtoll(a, NULL, 10), tb = strtoll(b, NULL, 10);
	bool now_a = ta > ma->time - DAY && ta < ma->time + DAY;
	bool now_b = tb > mb->time - DAY && tb < mb->time + DAY;

	return now_a && now_b ? true : same(a, b);
}

/* Objects of sequence 0, which servers before 2.16 make: those of different OSTs have equal numbers */
static bool is_old_object(const char *s)
{
	const char *end = strstr(s, ":0x0");

	return end && strtoull(*s == '[' ? s + 1 : s, NULL, 0) < 0x100000000ULL &&
	       (same(end, ":0x0") || same(end, ":0x0:0x0]"));
}

static bool corresponds(struct cmp *c, const char *a, const char *b)
{
	size_t i;

	if (same(a, b) || is_old_object(a) || is_old_object(b))
		return true;
	for (i = 0; i < c->nr_pairs; i++)
		if (same(c->pair[i].a, a) || same(c->pair[i].b, b))
			return same(c->pair[i].a, a) && same(c->pair[i].b, b);
	c->pair = grow(c->pair, c->nr_pairs, c->room, sizeof(*c->pair));
	if (c->nr_pairs == c->room)
		c->room = c->room ? 2 * c->room : 64;
	c->pair[c->nr_pairs++] = (struct pair){ a, b };
	return true;
}

/* UUIDs and kernel addresses are replaced by '#' */
static void plain_text(const char *s, char *out, size_t room)
{
	size_t n, at = 0;

	while (*s && at + 2 < room) {
		n = strspn(s, "0123456789abcdef-");
		if (n >= 16 && (n == 36 || starts(s, "ffff"))) {
			out[at++] = '#';
			s += n;
			continue;
		}
		n = n ?: 1;
		while (n-- && at + 2 < room)
			out[at++] = *s++;
	}
	out[at] = 0;
}

static bool same_text(const char *a, const char *b)
{
	char pa[256], pb[256];

	plain_text(a, pa, sizeof(pa));
	plain_text(b, pb, sizeof(pb));
	return same(pa, pb);
}

static bool same_value(struct cmp *c, const struct msg *ma, const struct value *a,
		       const struct msg *mb, const struct value *b)
{
	switch (class_of(a)) {
	case C_SKIP:
		return true;
	case C_SOME:
		return amount_of(a->text) == amount_of(b->text);
	case C_ID:
		return corresponds(c, a->text, b->text);
	case C_TIME:
		return same_time(ma, a->text, mb, b->text);
	case C_TEXT:
		return same_text(a->text, b->text);
	default:
		return same(a->text, b->text);
	}
}

/* --- differences --- */

static bool allowed(struct cmp *c, const char *message, const char *field, const char *difference)
{
	bool hit = false;
	unsigned int i;

	for (i = 0; i < c->nr_rows; i++) {
		struct row *r = &c->row[i];

		if (fnmatch(r->col[0], c->scenario, 0) || fnmatch(r->col[1], message, 0) ||
		    fnmatch(r->col[2], field, 0) || fnmatch(r->col[3], difference, 0))
			continue;
		r->hit = true;
		hit = true;
	}
	return hit;
}

static void differs(struct cmp *c, const struct unit *u, const char *part, const char *field,
		    const char *difference, const struct msg *a, const struct msg *b)
{
	char message[300], text[1024 + 300];
	size_t i;

	snprintf(message, sizeof(message), "%s %s %s", u->conv, u->label, part);
	if (allowed(c, message, field, difference)) {
		c->allowed++;
		return;
	}
	c->refused++;
	snprintf(text, sizeof(text), "%s: %s; %s; %s", c->scenario, message, field, difference);
	for (i = 0; i < c->nr_reports; i++) {
		if (same(c->report[i].text, text)) {
			c->report[i].times++;
			return;
		}
	}
	c->report = grow(c->report, c->nr_reports, c->report_room, sizeof(*c->report));
	if (c->nr_reports == c->report_room)
		c->report_room = c->report_room ? 2 * c->report_room : 64;
	c->report[c->nr_reports++] = (struct report){
		.text = need(strdup(text)), .times = 1,
		.frame = { a ? a->frame : 0, b ? b->frame : 0 },
	};
}

/* Each once, in the order in which they were met */
static void print_reports(struct cmp *c)
{
	size_t i;

	for (i = 0; i < c->nr_reports; i++) {
		struct report *r = &c->report[i];

		printf("%s (frame", r->text);
		if (r->frame[0])
			printf(" %lu of the first", r->frame[0]);
		if (r->frame[1])
			printf("%s %lu of the second", r->frame[0] ? "," : "", r->frame[1]);
		if (r->times > 1)
			printf("; %lu times", r->times);
		printf(")\n");
		free(r->text);
	}
	c->nr_reports = 0;
}

static bool has_word(const char *words, const char *w, size_t len)
{
	const char *p;

	for (p = words; p && *p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (strcspn(p, "|") == len && !strncmp(p, w, len))
			return true;
	return false;
}

/* Names that only one of two lists has */
static size_t put_words(char *out, size_t room, size_t at, const char *words, const char *others, char sign)
{
	const char *p;

	for (p = words; p && *p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
		size_t len = strcspn(p, "|");

		if (!has_word(others, p, len) && at < room)
			at += snprintf(out + at, room - at, "%s%c%.*s", at ? " " : "", sign, (int)len, p);
	}
	return at;
}

/* "old > new"; of flags those that went and came: "-OLD +NEW" */
static void describe(const struct value *a, const struct value *b, char *out, size_t room)
{
	const char *wa = a ? strchr(a->text, ' ') : NULL, *wb = b ? strchr(b->text, ' ') : NULL;
	size_t at;

	if (a && b && a->kind == K_FLAGS) {
		wa = wa ? wa + 1 : "";
		wb = wb ? wb + 1 : "";
		at = put_words(out, room, 0, wa, wb, '-');
		if (put_words(out, room, at, wb, wa, '+'))
			return;
	}
	if (a && b && class_of(a) == C_SOME) {
		snprintf(out, room, "%s > %s", amounts[amount_of(a->text)], amounts[amount_of(b->text)]);
		return;
	}
	snprintf(out, room, "%.300s > %.300s", a ? a->text : "none", b ? b->text : "none");
}

static void compare_values(struct cmp *c, const struct unit *u, const struct msg *a, const struct msg *b)
{
	static const char *const heads[] = { "PUT.request.", "PUT.reply.", "" };
	bool *seen = need(calloc(b->nr + 1, sizeof(*seen)));
	unsigned int i, j, k, next = 0;
	char diff[1000];
	const char *name;

	for (i = 0; i <= a->nr; i++) {
		const struct value *va = i < a->nr ? &a->v[i] : NULL;

		for (k = 0; va && k < b->nr; k++) {
			j = (next + k) % b->nr;
			if (!seen[j] && same(va->path, b->v[j].path))
				break;
		}
		if (va) {
			name = va->path;
			for (j = 0; !starts(name, heads[j]); j++)
				;
			name += strlen(heads[j]);
			if (k == b->nr) {
				if (class_of(va) == C_SKIP)
					continue;
				describe(va, NULL, diff, sizeof(diff));
				differs(c, u, part_names[a->part], name, diff, a, b);
				continue;
			}
			j = (next + k) % b->nr;
			seen[j] = true;
			next = (j + 1) % b->nr;
			if (same_value(c, a, va, b, &b->v[j]))
				continue;
			describe(va, &b->v[j], diff, sizeof(diff));
			differs(c, u, part_names[a->part], name, diff, a, b);
		}
	}
	for (j = 0; j < b->nr; j++) {
		if (seen[j] || class_of(&b->v[j]) == C_SKIP)
			continue;
		name = b->v[j].path;
		for (i = 0; !starts(name, heads[i]); i++)
			;
		describe(NULL, &b->v[j], diff, sizeof(diff));
		differs(c, u, part_names[b->part], name + strlen(heads[i]), diff, a, b);
	}
	free(seen);
}

static const struct msg *nth_part(const struct unit *u, enum part p, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++)
		if (u->m[i]->part == p && !n--)
			return u->m[i];
	return NULL;
}

static void compare_units(struct cmp *c, const struct unit *a, const struct unit *b)
{
	const struct msg *ma, *mb;
	unsigned int p, n;

	c->exchanges++;
	for (p = 0; p < P_NR; p++) {
		if (p == P_EARLY)
			continue;	/* of a slow server */
		for (n = 0;; n++) {
			ma = nth_part(a, p, n);
			mb = nth_part(b, p, n);
			if (!ma && !mb)
				break;
			if (ma && mb)
				compare_values(c, a, ma, mb);
			else
				differs(c, a, part_names[p], "-", ma ? "missing" : "added", ma, mb);
		}
	}
}

static bool is_root(const struct value *v)
{
	return v->kind == K_FID && starts(v->text, "[0x200000007:");
}

/* 0: no counterparts; more the more alike the requests are */
static unsigned int likeness(const struct unit *a, const struct unit *b)
{
	const struct msg *ma = a->m[0], *mb = b->m[0];
	unsigned int i, n = ma->nr < mb->nr ? ma->nr : mb->nr, equal = 0;

	if (strcmp(a->label, b->label))
		return 0;
	for (i = 0; i < n; i++) {
		equal += ma->v[i].hash == mb->v[i].hash;
		/* the one object that is the same everywhere */
		if (same(ma->v[i].path, mb->v[i].path) && is_root(&ma->v[i]) != is_root(&mb->v[i]))
			return 0;
	}
	return 1000 + 500 * equal / (n ?: 1);
}

/* The alignment with the greatest likeness in all, in order */
static void align(struct unit **a, unsigned int na, struct unit **b, unsigned int nb)
{
	uint32_t *score = need(calloc((size_t)(na + 1) * (nb + 1), sizeof(*score)));
	unsigned int i, j, like;
	size_t w = nb + 1;

	for (i = na; i-- > 0;) {
		for (j = nb; j-- > 0;) {
			uint32_t best = score[(i + 1) * w + j], s = score[i * w + j + 1];

			if (s > best)
				best = s;
			like = likeness(a[i], b[j]);
			if (like && score[(i + 1) * w + j + 1] + like > best)
				best = score[(i + 1) * w + j + 1] + like;
			score[i * w + j] = best;
		}
	}
	for (i = 0, j = 0; i < na && j < nb;) {
		like = likeness(a[i], b[j]);
		if (like && score[i * w + j] == score[(i + 1) * w + j + 1] + like) {
			a[i]->mate = b[j];
			b[j]->mate = a[i];
			i++;
			j++;
		} else if (score[i * w + j] == score[(i + 1) * w + j]) {
			i++;
		} else {
			j++;
		}
	}
	free(score);
}

static unsigned int units_of(struct cmp_side *s, const char *conv, struct unit **out)
{
	unsigned long i;
	unsigned int n = 0;

	for (i = 0; i < s->nr_units; i++)
		if (same(s->unit[i].conv, conv) && n < MAX_UNITS)
			out[n++] = &s->unit[i];
	return n;
}

static void compare_conversation(struct cmp *c, struct cmp_side *sa, struct cmp_side *sb, const char *conv)
{
	struct unit **a = need(calloc(MAX_UNITS, sizeof(*a)));
	struct unit **b = need(calloc(MAX_UNITS, sizeof(*b)));
	unsigned int na = units_of(sa, conv, a), nb = units_of(sb, conv, b), i, j, best, like, at;

	align(a, na, b, nb);
	for (i = 0; i < na; i++) {
		if (a[i]->mate) {
			compare_units(c, a[i], a[i]->mate);
			continue;
		}
		for (j = 0, best = 0, at = 0; j < nb; j++) {
			like = b[j]->mate ? 0 : likeness(a[i], b[j]);
			if (like > best) {
				best = like;
				at = j;
			}
		}
		if (!best) {
			differs(c, a[i], "exchange", "-", "missing", a[i]->m[0], NULL);
			continue;
		}
		b[at]->mate = a[i];
		differs(c, a[i], "exchange", "-", "out of order", a[i]->m[0], b[at]->m[0]);
		compare_units(c, a[i], b[at]);
	}
	for (j = 0; j < nb; j++)
		if (!b[j]->mate)
			differs(c, b[j], "exchange", "-", "added", NULL, b[j]->m[0]);
	free(a);
	free(b);
}

static bool conversation_before(struct cmp_side *s, unsigned long n, const char *conv)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		if (same(s->unit[i].conv, conv))
			return true;
	return false;
}

/**
 * cmp_run() - compare two recordings
 * @scenario: by which rows of the table are chosen
 *
 * Return: true if every difference is allowed
 */
bool cmp_run(struct cmp *c, const char *scenario, struct cmp_side *a, struct cmp_side *b)
{
	unsigned long i, before = c->refused, exchanges = c->exchanges, ok = c->allowed;
	unsigned int k;

	c->scenario = scenario;
	c->runs++;
	c->nr_pairs = 0;
	for (k = 0; k < c->nr_rows; k++)
		c->row[k].asked |= !fnmatch(c->row[k].col[0], scenario, 0);
	make_units(a);
	make_units(b);
	for (i = 0; i < a->nr_units; i++)
		if (a->unit[i].conv && !conversation_before(a, i, a->unit[i].conv))
			compare_conversation(c, a, b, a->unit[i].conv);
	for (i = 0; i < b->nr_units; i++)
		if (b->unit[i].conv && !b->unit[i].mate && !conversation_before(a, a->nr_units, b->unit[i].conv))
			differs(c, &b->unit[i], "exchange", "-", "added", NULL, b->unit[i].m[0]);
	print_reports(c);
	printf("%s: %lu exchanges compared, %lu differences allowed, %lu not\n", scenario,
	       c->exchanges - exchanges, c->allowed - ok, c->refused - before);
	return c->refused == before;
}

/* --- the table --- */

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t\n");
	for (end = s + strlen(s); end > s && strchr(" \t\n", end[-1]); end--)
		;
	*end = 0;
	return s;
}

/**
 * cmp_new() - start comparing
 * @table: file of allowed differences: one a line, six columns between semicolons; or NULL
 *
 * Return: NULL if the table cannot be read
 */
struct cmp *cmp_new(const char *table)
{
	struct cmp *c = need(calloc(1, sizeof(*c)));
	char *line = NULL, *s, *p;
	unsigned int n = 0, i;
	size_t room = 0;
	FILE *f;

	c->table = table;
	if (!table)
		return c;
	f = fopen(table, "r");
	if (!f) {
		fprintf(stderr, "wiretap: %s: %s\n", table, strerror(errno));
		goto bad;
	}
	while (getline(&line, &room, f) >= 0) {
		struct row *r;

		n++;
		s = trim(line);
		if (!*s || *s == '#')
			continue;
		c->row = need(realloc(c->row, (c->nr_rows + 1) * sizeof(*r)));
		r = &c->row[c->nr_rows++];
		*r = (struct row){ .line = n };
		s = need(strdup(s));
		for (i = 0; i < 6; i++) {
			r->col[i] = s;
			p = i < 5 ? strchr(s, ';') : NULL;
			if (i < 5 && !p)
				break;
			if (p)
				*p++ = 0;
			r->col[i] = trim(r->col[i]);
			if (p)
				s = p;
		}
		if (i < 6 || !*r->col[5]) {
			fprintf(stderr, "wiretap: %s: line %u: six columns between semicolons are needed\n",
				table, n);
			fclose(f);
			goto bad;
		}
	}
	free(line);
	fclose(f);
	return c;
bad:
	free(line);
	cmp_free(c);
	return NULL;
}

/*
 * Rows of scenarios that were compared, and that matched nothing. What a pattern of scenarios is for
 * need not be in one of them; what is a matter of time ("at times ...") need not happen.
 */
bool cmp_unused(struct cmp *c)
{
	unsigned int i, n = 0;

	for (i = 0; i < c->nr_rows; i++) {
		if (!c->row[i].asked || c->row[i].hit || starts(c->row[i].col[5], "at times") ||
		    (c->runs < 2 && strpbrk(c->row[i].col[0], "*?[")))
			continue;
		printf("%s: line %u matches nothing: %s; %s; %s; %s\n", c->table, c->row[i].line,
		       c->row[i].col[0], c->row[i].col[1], c->row[i].col[2], c->row[i].col[3]);
		n++;
	}
	return n;
}

void cmp_free(struct cmp *c)
{
	unsigned int i;

	if (!c)
		return;
	for (i = 0; i < c->nr_rows; i++)
		free(c->row[i].col[0]);
	free(c->row);
	free(c->pair);
	free(c->report);
	free(c);
}
