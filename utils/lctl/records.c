// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration records as text (chapter 08, 4.7).
 */
#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include "lctl/records.h"
#include "wire/config.h"
#include "wire/lnet.h"

#define ROUND8(x)	(((x) + 7) & ~7U)

struct record {
	uint32_t	index, command, num, flags, nr;
	uint64_t	nid;
	const char	*buf[LUSTRE_CFG_MAX_BUFS];
	uint32_t	len[LUSTRE_CFG_MAX_BUFS];
};

static bool decode(const struct llog_rec_hdr *hdr, struct record *r)
{
	const struct lustre_cfg *cfg = (const void *)(hdr + 1);
	uint32_t room = le32toh(hdr->lrh_len) - LLOG_MIN_REC_SIZE, at, i;

	memset(r, 0, sizeof(*r));
	if (le32toh(hdr->lrh_type) != OBD_CFG_REC || room < sizeof(*cfg))
		return false;
	r->index = le32toh(hdr->lrh_index);
	r->command = le32toh(cfg->lcfg_command);
	r->num = le32toh(cfg->lcfg_num);
	r->flags = le32toh(cfg->lcfg_flags);
	r->nid = le64toh(cfg->lcfg_nid);
	r->nr = le32toh(cfg->lcfg_bufcount);
	at = ROUND8(sizeof(*cfg) + 4 * r->nr);
	if (r->nr >= LUSTRE_CFG_MAX_BUFS || at > room)
		return false;
	for (i = 0; i < r->nr; i++) {
		r->len[i] = le32toh(cfg->lcfg_buflens[i]);
		if (r->len[i] > room - at)
			return false;
		if (r->len[i])
			r->buf[i] = (const char *)cfg + at;
		at += ROUND8(r->len[i]);
	}
	return true;
}

/* Names of the buffers of a command, from buffer 1 on */
static const struct event {
	uint32_t	command;
	const char	*name;
	const char	*keys[6];
} events[] = {
	{ LCFG_ATTACH, "attach", { "type", "UUID" } },
	{ LCFG_DETACH, "detach", {} },
	{ LCFG_SETUP, "setup", { "UUID", "node", "options", "failout" } },
	{ LCFG_CLEANUP, "cleanup", {} },
	{ LCFG_ADD_UUID, "add_uuid", { "node" } },
	{ LCFG_DEL_UUID, "del_uuid", { "node" } },
	{ LCFG_MOUNTOPT, "new_profile", { "name", "lov", "lmv" } },
	{ LCFG_DEL_MOUNTOPT, "del_profile", { "name" } },
	{ LCFG_SET_TIMEOUT, "set_timeout", {} },
	{ LCFG_SET_LDLM_TIMEOUT, "set_ldlm_timeout", {} },
	{ LCFG_ADD_CONN, "add_conn", { "node" } },
	{ LCFG_DEL_CONN, "del_conn", { "node" } },
	{ LCFG_LOV_ADD_OBD, "add_osc", { "ost", "index", "gen", "UUID" } },
	{ LCFG_LOV_ADD_INA, "add_osc_inactive", { "ost", "index", "gen", "UUID" } },
	{ LCFG_LOV_DEL_OBD, "del_osc", { "ost", "index", "gen", "UUID" } },
	{ LCFG_ADD_MDC, "add_mdc", { "mdt", "index", "gen", "UUID" } },
	{ LCFG_DEL_MDC, "del_mdc", { "mdt", "index", "gen", "UUID" } },
	{ LCFG_SPTLRPC_CONF, "security", { "parameter" } },
	{ LCFG_POOL_NEW, "new_pool", { "fsname", "pool" } },
	{ LCFG_POOL_ADD, "add_pool", { "fsname", "pool", "ost" } },
	{ LCFG_POOL_REM, "remove_pool", { "fsname", "pool", "ost" } },
	{ LCFG_POOL_DEL, "del_pool", { "fsname", "pool" } },
};

static bool is_text(const struct record *r, uint32_t i)
{
	const char *c;

	if (!r->len[i] || strnlen(r->buf[i], r->len[i]) + 1 != r->len[i])
		return false;
	for (c = r->buf[i]; *c; c++)
		if (*c < ' ')
			return false;
	return true;
}

static void print_nid(uint64_t nid)
{
	struct in_addr in = { htonl(LNET_NID_ADDR(nid)) };
	uint32_t net = LNET_NID_NET(nid);
	const char *type = LNET_NET_TYPE(net) == LNET_NET_TYPE_O2IB ? "o2ib" : "tcp";

	printf(", nid: %s@%s", inet_ntoa(in), type);
	if (LNET_NET_NUM(net))
		printf("%u", LNET_NET_NUM(net));
	printf("(0x%llx)", (unsigned long long)nid);
}

/* PARAM and SET_PARAM hold "key=value" */
static void print_param(const struct record *r)
{
	const char *text = is_text(r, 1) ? r->buf[1] : "", *eq = strchr(text, '=');

	printf(", parameter: %.*s, value: %s", eq ? (int)(eq - text) : (int)strlen(text), text, eq ? eq + 1 : "");
}

static void print_marker(const struct record *r)
{
	const struct cfg_marker *m = (const void *)r->buf[1];

	if (r->nr < 2 || r->len[1] != sizeof(*m))
		return;
	printf(", marker: %u, flags: 0x%02x, version: %u.%u.%u.%u, target: %.64s, comment: %.64s",
	       le32toh(m->cm_step), le32toh(m->cm_flags), le32toh(m->cm_vers) >> 24, le32toh(m->cm_vers) >> 16 & 255,
	       le32toh(m->cm_vers) >> 8 & 255, le32toh(m->cm_vers) & 255, m->cm_tgtname, m->cm_comment);
}

static const struct event *event_of(const struct record *r)
{
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].command == r->command)
			return &events[i];
	return NULL;
}

static void print_buffers(const struct record *r, const struct event *e)
{
	uint32_t i;

	for (i = 1; i < r->nr; i++) {
		if (!is_text(r, i))
			continue;
		if (e && i - 1 < 6 && e->keys[i - 1])
			printf(", %s: %s", e->keys[i - 1], r->buf[i]);
		else
			printf(", %u: %s", i, r->buf[i]);
	}
}

static void print_one(const struct record *r)
{
	bool param = r->command == LCFG_PARAM || r->command == LCFG_SET_PARAM;
	const struct event *e = event_of(r);

	printf("- { index: %u, event: ", r->index);
	if (param)
		printf("%s", r->command == LCFG_PARAM ? "conf_param" : "set_param");
	else if (r->command == LCFG_MARKER)
		printf("marker");
	else if (e)
		printf("%s", e->name);
	else
		printf("0x%x", r->command);
	if (r->flags)
		printf(", flags: 0x%x", r->flags);
	if (r->num)
		printf(", num: 0x%x", r->num);
	if (r->nid)
		print_nid(r->nid);
	if (r->nr && is_text(r, 0))
		printf(", device: %s", r->buf[0]);
	if (param)
		print_param(r);
	else if (r->command == LCFG_MARKER)
		print_marker(r);
	else
		print_buffers(r, e);
	printf(" }\n");
}

/* Sections that are switched off and records outside of sections count only for --raw */
static bool wanted(struct record_printer *p, const struct record *r)
{
	bool show = p->raw || (p->inside && !p->skip && r->command != LCFG_MARKER);

	if (r->command == LCFG_MARKER && r->nr > 1 && r->len[1] == sizeof(struct cfg_marker)) {
		uint32_t flags = le32toh(((const struct cfg_marker *)r->buf[1])->cm_flags);

		p->inside = flags & CM_START;
		p->skip = flags & CM_SKIP;
	}
	return show && r->index >= p->start && r->index <= p->end;
}

void print_records(struct record_printer *p, const void *chunk, size_t len)
{
	const struct llog_rec_hdr *hdr;
	struct record r;
	size_t at;

	for (at = 0; at + LLOG_MIN_REC_SIZE <= len; at += le32toh(hdr->lrh_len)) {
		uint32_t index;

		hdr = (const void *)((const char *)chunk + at);
		index = le32toh(hdr->lrh_index);
		if (le32toh(hdr->lrh_len) < LLOG_MIN_REC_SIZE || le32toh(hdr->lrh_len) > len - at || index >= LLOG_BITMAP_BITS)
			return;
		if (p->hdr->llh_bitmap[index / 8] & 1 << index % 8 && decode(hdr, &r) && wanted(p, &r))
			print_one(&r);
	}
}
