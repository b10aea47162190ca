// SPDX-License-Identifier: GPL-2.0
/*
 * RPC messages: framing, format, pairing of requests and replies, and the buffers.
 * Records that are more than one structure are decoded in records.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "wiretap.h"
#include "wire/config.h"
#include "wire/formats.h"
#include "wire/layout.h"
#include "wire/ldlm.h"
#include "wire/md.h"
#include "wire/ost.h"

#define NR_REQUESTS	8192
#define BULK_PER_RPC	128

#define BATCH_HEADER_MAGIC	0xbadf0001U
#define BATCH_REQUEST_MAGIC	0xbade0001U
#define BATCH_REPLY_MAGIC	0x00ad0001U
#define BATCH_BUFFER		4096U

/* MDS_BATCH of 2.16 and later, which the modules do not speak; its messages have no body */
static const __u8 batch_req[] = { RF_BODY, RF_OUT_HEADER, RF_OUT_UPDATE };
static const __u8 batch_rep[] = { RF_BODY, RF_OUT_REPLY };
static const struct rpc_format batch = {
	.name = "MDS_BATCH", .opc = MDS_BATCH, .nr_min = 2,
	.req = batch_req, .nr_req = sizeof(batch_req), .rep = batch_rep, .nr_rep = sizeof(batch_rep),
};
static const __u8 sub_req[] = { RF_DLM_REQ, RF_INTENT, RF_MDT_BODY, RF_CAPA1, RF_NAME };
static const __u8 sub_rep[] = { RF_DLM_REP, RF_MDT_BODY, RF_MDT_MD, RF_ACL, RF_CAPA1, RF_SECCTX,
				RF_DEFAULT_MDT_MD, RF_ENCCTX };
static const struct rpc_format batch_getattr = {
	.name = "MDS_BATCH_GETATTR", .opc = MDS_BATCH, .nr_min = 3,
	.req = sub_req, .nr_req = sizeof(sub_req), .rep = sub_rep, .nr_rep = sizeof(sub_rep),
};

/* What later messages need to know of a request */
struct request {
	uint64_t	client, server;
	uint64_t	xid, mbits;
	uint64_t	valid;		/* of the mdt_body */
	uint16_t	opc;
	uint8_t		cfg_type;
	bool		at;
	uint32_t	lock_type;
	unsigned long	unit;
	const struct rpc_format *fmt;
	char		name[64];	/* extended attribute, key */
};

struct wt_rpc {
	struct request	req[NR_REQUESTS];
	unsigned int	next;
	unsigned long	units;
};

/* The message at hand */
struct message {
	struct request	*r;
	bool		reply;
	bool		sub;		/* within a batch */
	uint32_t	at, len;
	uint32_t	nr;
	uint32_t	off[RPC_MAX_BUFS], size[RPC_MAX_BUFS];
	const struct rpc_format *fmt;
};

struct wt_rpc *rpc_new(void)
{
	return calloc(1, sizeof(struct wt_rpc));
}

void rpc_free(struct wt_rpc *r)
{
	free(r);
}

/* As new */
void rpc_reset(struct wt_rpc *r)
{
	unsigned int used = r->next < NR_REQUESTS ? r->next : NR_REQUESTS;

	memset(r->req, 0, used * sizeof(r->req[0]));
	r->next = 0;
	r->units = 0;
}

static struct request *find_request(struct wt *w, uint64_t client, uint64_t server, uint64_t bits)
{
	struct request *r;
	unsigned int i;

	for (i = 1; i <= NR_REQUESTS; i++) {
		r = &w->rpc->req[(w->rpc->next - i) % NR_REQUESTS];
		if (!r->client)
			return NULL;
		if (r->client == client && r->server == server &&
		    (r->mbits == bits || r->xid == bits))
			return r;
	}
	return NULL;
}

static bool has_bulk(uint16_t opc)
{
	return opc == OST_READ || opc == OST_WRITE || opc == MDS_READPAGE || opc == MDS_BATCH ||
		opc == MGS_CONFIG_READ || opc == OBD_IDX_READ || opc == OUT_UPDATE ||
		opc == MGS_TARGET_REG;
}

/* Match bits of a bulk are the request's or up to as many below as it has descriptors */
struct rpc_bulk rpc_bulk_of(struct wt *w, uint64_t client, uint64_t server, uint64_t bits)
{
	struct rpc_bulk b = { 0 };
	struct request *r;
	uint64_t last, nearest = BULK_PER_RPC;
	unsigned int i;

	for (i = 1; i <= NR_REQUESTS; i++) {
		r = &w->rpc->req[(w->rpc->next - i) % NR_REQUESTS];
		if (!r->client)
			break;
		last = r->mbits ? r->mbits : r->xid;
		if (r->client != client || r->server != server || !has_bulk(r->opc) ||
		    bits > last || last - bits >= nearest)
			continue;
		nearest = last - bits;
		b.known = true;
		b.opc = r->opc;
		b.unit = r->unit;
		b.cfg_type = r->cfg_type;
	}
	return b;
}

static void batch_bulk(struct wt *w, uint32_t off, uint32_t len);

void rpc_bulk_data(struct wt *w, struct rpc_bulk b, uint32_t at, uint32_t len)
{
	if (!b.known) {
		wt_error(w, "bulk of an RPC that was not seen");
		return;
	}
	w->unit = b.unit;
	wt_open(w, "bulk");
	wt_note(w, "of", "%s", wt_name_of(wt_opcodes, b.opc) ?: "?");
	if (!len)
		wt_note(w, "empty", "yes");
	else if (b.opc == OST_READ || b.opc == OST_WRITE)
		wt_put(w, "data", at, len, K_RAW, NULL);
	else if (b.opc == MDS_READPAGE)
		rec_dirpages(w, at, len);
	else if (b.opc == MGS_CONFIG_READ && b.cfg_type == MGS_CFG_T_RECOVER)
		rec_nidtbl(w, at, len);
	else if (b.opc == MGS_CONFIG_READ && b.cfg_type == MGS_CFG_T_NODEMAP)
		rec_nodemap_pages(w, at, len);
	else if (b.opc == OBD_IDX_READ)
		rec_name_index_pages(w, at, len);
	else if (b.opc == OUT_UPDATE)
		rec_out_bulk(w, at, len);
	else if (b.opc == MDS_BATCH)
		batch_bulk(w, at, len);
	else
		wt_error(w, "bulk of %s has no known form", wt_name_of(wt_opcodes, b.opc) ?: "?");
	wt_close(w);
}

/* --- formats --- */

/* Of any buffer, also one behind that at hand: parse_header() has checked them all */
static uint64_t get(struct wt *w, struct message *m, unsigned int i, uint32_t off, unsigned int width)
{
	uint32_t lim = w->lim;
	uint64_t v;

	if (i >= m->nr || m->size[i] < width || off > m->size[i] - width)
		return 0;
	w->lim = w->len;
	v = wt_peek(w, m->off[i] + off, width);
	w->lim = lim;
	return v;
}

static uint32_t get32(struct wt *w, struct message *m, unsigned int i, uint32_t off)
{
	return get(w, m, i, off, 4);
}

static uint64_t get64(struct wt *w, struct message *m, unsigned int i, uint32_t off)
{
	return get(w, m, i, off, 8);
}

static void copy_name(struct wt *w, struct message *m, unsigned int i, char *out, size_t room)
{
	size_t n = i < m->nr ? m->size[i] : 0;

	if (n >= room)
		n = room - 1;
	memset(out, 0, room);
	memcpy(out, w->p + m->off[i], n);
}

static const struct rpc_format *intent_format(struct wt *w, struct message *m)
{
	uint64_t it;

	if (m->nr < 3)
		return &RQF_LDLM_ENQUEUE_LVB;
	it = get64(w, m, 2, 0);
	if (it & IT_OPEN)
		return &RQF_INTENT_OPEN;
	if (it & IT_CREAT)
		return &RQF_INTENT_CREATE;
	if (it & (IT_GETATTR | IT_LOOKUP))
		return &RQF_INTENT_GETATTR;
	if (it & IT_GETXATTR)
		return &RQF_INTENT_GETXATTR;
	if (it & IT_LAYOUT)
		return &RQF_INTENT_LAYOUT;
	if (it & (IT_QUOTA_DQACQ | IT_QUOTA_CONN))
		return &RQF_INTENT_QUOTA;
	return &RQF_INTENT_BASIC;
}

static const struct rpc_format *reint_format(struct wt *w, struct message *m)
{
	switch (get32(w, m, 1, 0)) {
	case REINT_SETATTR:
		return &RQF_MDS_REINT_SETATTR;
	case REINT_CREATE:
		return (get32(w, m, 1, 112) & 0170000) == 0120000 ? &RQF_MDS_REINT_SYMLINK :
			&RQF_MDS_REINT_CREATE;
	case REINT_LINK:
		return &RQF_MDS_REINT_LINK;
	case REINT_UNLINK:
	case REINT_RMENTRY:
		return &RQF_MDS_REINT_UNLINK;
	case REINT_RENAME:
		return &RQF_MDS_REINT_RENAME;
	case REINT_OPEN:
		return &RQF_MDS_REINT_OPEN;
	case REINT_SETXATTR:
		return &RQF_MDS_REINT_SETXATTR;
	case REINT_MIGRATE:
		return &RQF_MDS_REINT_MIGRATE;
	case REINT_RESYNC:
		return &RQF_MDS_REINT_RESYNC;
	default:
		return &RQF_MDS_REINT;
	}
}

static const struct rpc_format *get_info_format(struct wt *w, struct message *m)
{
	char key[16];

	copy_name(w, m, 1, key, sizeof(key));
	if (!strcmp(key, "fiemap"))
		return &RQF_OST_GET_INFO_FIEMAP;
	if (!strcmp(key, KEY_LAST_ID))
		return &RQF_OST_GET_INFO_LAST_ID;
	if (!strcmp(key, KEY_LAST_FID))
		return &RQF_OST_GET_INFO_LAST_FID;
	return &RQF_OST_GET_INFO;
}

static const struct rpc_format *request_format(struct wt *w, struct message *m, uint32_t opc)
{
	char key[16];
	unsigned int i;

	switch (opc) {
	case MDS_BATCH:
		return &batch;
	case LDLM_ENQUEUE:
		return get32(w, m, 1, 0) & LDLM_FL_HAS_INTENT ? intent_format(w, m) :
			&RQF_LDLM_ENQUEUE_LVB;
	case MDS_REINT:
		return reint_format(w, m);
	case MDS_CLOSE:
		return m->nr > 4 ? &RQF_MDS_CLOSE_INTENT : &RQF_MDS_CLOSE;
	case MDS_STATFS:
		return m->nr > 1 ? &RQF_MDS_STATFS_SUM : &RQF_MDS_STATFS;
	case OST_GET_INFO:
		return get_info_format(w, m);
	case OST_SET_INFO:
		copy_name(w, m, 1, key, sizeof(key));
		return strcmp(key, KEY_GRANT_SHRINK) ? &RQF_OST_SET_INFO :
			&RQF_OST_SET_INFO_GRANT_SHRINK;
	}
	for (i = 0; i < rpc_nr_formats; i++)
		if (rpc_formats[i]->opc == opc)
			return rpc_formats[i];
	return NULL;
}

/* --- buffers --- */

static void surplus(struct wt *w, uint32_t off, uint32_t used, uint32_t len)
{
	if (len > used)
		wt_pad(w, off + used, len - used);
}

static void whole(struct wt *w, const struct wt_struct *t, uint32_t off, uint32_t len)
{
	wt_table(w, t, off);
	surplus(w, off, t->size, len);
}

static void elements(struct wt *w, const struct wt_struct *t, uint32_t off, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len / t->size; i++) {
		wt_open(w, "[%u]", i);
		wt_table(w, t, off + i * t->size);
		wt_close(w);
	}
}

static void numbers(struct wt *w, const char *name, uint32_t off, uint32_t len, unsigned int width,
		    enum wt_kind kind)
{
	uint32_t i;

	for (i = 0; i < len / width; i++)
		wt_put_nth(w, name, i, off + i * width, width, kind, NULL);
}

/* Up to the first empty one */
static void ranges(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 0;

	for (; len - at >= 24 && !wt_zero(w, off + at, 24); at += 24)
		wt_put_nth(w, "range", at / 24, off + at, 24, K_STRUCT, &wt_lu_seq_range);
	wt_pad(w, off + at, len - at);
}

static void lock_policy(struct wt *w, uint32_t type, uint32_t off)
{
	wt_open(w, "l_policy_data");
	if (type == LDLM_EXTENT)
		wt_table(w, &wt_ldlm_extent_desc, off);
	else if (type == LDLM_FLOCK)
		wt_table(w, &wt_ldlm_flock_desc, off);
	else if (type == LDLM_IBITS)
		wt_table(w, &wt_ldlm_ibits_desc, off);
	else
		wt_put(w, "none", off, 32, type == LDLM_PLAIN ? K_RAW : K_ZERO, NULL);
	wt_close(w);
}

/* A CONVERT has the policy of inode bits, but no type and name */
static uint32_t lock_type(struct wt *w, struct message *m, uint32_t off)
{
	uint32_t type = wt_peek(w, off + 8, 4);

	return !type && m->fmt == &RQF_LDLM_CONVERT ? LDLM_IBITS : type;
}

static void dlm_request(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	uint32_t type = lock_type(w, m, off), count = wt_peek(w, off + 4, 4);

	if (len < LDLM_REQUEST_MIN) {
		wt_error(w, "%u bytes are no ldlm_request", len);
		return;
	}
	if (!m->reply && m->r && m->fmt && RF_ID(m->fmt->req[1]) == RF_DLM_REQ)
		m->r->lock_type = type;
	wt_table(w, &wt_ldlm_request, off);
	lock_policy(w, type, off + 56);
	if (count > (len - 88) / 8)
		wt_error(w, "lock_count %u, room for %u", count, (len - 88) / 8);
	numbers(w, "lock_handle", off + 88, len - 88, 8, K_X);
}

static void dlm_reply(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	wt_table(w, &wt_ldlm_reply, off);
	if (len >= 112)
		lock_policy(w, lock_type(w, m, off), off + 56);
	surplus(w, off, 112, len);
}

static void reint_record(struct wt *w, uint32_t off, uint32_t len)
{
	switch (wt_peek(w, off, 4)) {
	case REINT_SETATTR:
		whole(w, &wt_mdt_rec_setattr, off, len);
		break;
	case REINT_CREATE:
	case REINT_OPEN:
		whole(w, &wt_mdt_rec_create, off, len);
		break;
	case REINT_LINK:
		whole(w, &wt_mdt_rec_link, off, len);
		break;
	case REINT_UNLINK:
	case REINT_RMENTRY:
		whole(w, &wt_mdt_rec_unlink, off, len);
		break;
	case REINT_RENAME:
	case REINT_MIGRATE:
		whole(w, &wt_mdt_rec_rename, off, len);
		break;
	case REINT_SETXATTR:
		whole(w, &wt_mdt_rec_setxattr, off, len);
		break;
	case REINT_RESYNC:
		whole(w, &wt_mdt_rec_resync, off, len);
		break;
	default:
		wt_error(w, "opcode %" PRIu64 " of no reint record", wt_peek(w, off, 4));
	}
}

static void lvb(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	uint32_t magic = wt_peek(w, off, 4);
	uint32_t type = m->r ? m->r->lock_type : 0;

	if (!m->reply)
		type = get32(w, m, 1, 8);
	if ((magic & 0xff00ffffU) == (LOV_MAGIC_V1 & 0xff00ffffU) && type != LDLM_EXTENT)
		rec_layout(w, off, len);
	else if (len == OST_LVB_SIZE)
		wt_table(w, &wt_ost_lvb, off);
	else if (len == OST_LVB_V1_SIZE && type == LDLM_PLAIN)
		wt_table(w, &wt_lquota_lvb, off);
	else if (len == OST_LVB_V1_SIZE)
		wt_table(w, &wt_ost_lvb_v1, off);
	else
		wt_error(w, "%u bytes are no lock value", len);
}

static void mdt_md(struct wt *w, struct message *m, unsigned int i, uint32_t off, uint32_t len)
{
	unsigned int body = m->fmt->rep[1] == RF_DLM_REP ? 2 : 1;	/* of messages in a batch 1 too */

	if (get64(w, m, body, 40) & OBD_MD_LINKNAME)
		wt_put(w, "linkname", off, len, K_STR, NULL);
	else
		rec_layout(w, off, len);
}

/* By what the request was about */
static void eadata(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	if (m->fmt->opc == LLOG_ORIGIN_HANDLE_NEXT_BLOCK ||
	    m->fmt->opc == LLOG_ORIGIN_HANDLE_PREV_BLOCK) {
		rec_llog_block(w, off, len);
	} else if (m->fmt == &RQF_MDS_GETXATTR && m->reply) {
		if (m->r && m->r->valid & OBD_MD_FLXATTRLS)
			rec_names(w, off, len);
		else
			rec_xattr(w, m->r ? m->r->name : "", off, len);
	} else if (m->fmt == &RQF_INTENT_GETXATTR) {
		rec_names(w, off, len);
	} else if (m->fmt == &RQF_MDS_REINT_SETXATTR) {
		rec_xattr(w, m->r ? m->r->name : "", off, len);
	} else {
		rec_layout(w, off, len);
	}
}

/* Values of all extended attributes, one after the other: by names and lengths of their buffers */
static void eavals(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	uint32_t names = 5, lens = 7, at = 0, name_at = 0, i, n, size;
	char name[64];
	const char *p;

	if (m->nr < 8)
		return;
	for (i = 0; 4 * i + 4 <= m->size[lens]; i++) {
		size = get32(w, m, lens, 4 * i);
		p = (const char *)w->p + m->off[names] + name_at;
		n = strnlen(p, m->size[names] - name_at);
		if (size > len - at || n >= m->size[names] - name_at) {
			wt_error(w, "names, values and lengths disagree");
			return;
		}
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		wt_open(w, "%s", name);
		if (size)
			rec_xattr(w, name, off + at, size);
		wt_close(w);
		at += size;
		name_at += n + 1;
	}
}

static void close_intent(struct wt *w, struct message *m, uint32_t off)
{
	uint32_t bias = get32(w, m, 2, 120);

	wt_table(w, &wt_close_data, off);
	if (bias & MDS_CLOSE_RESYNC_DONE) {
		wt_put(w, "resync_count", off + 32, 4, K_U, NULL);
		numbers(w, "resync_ids_inline", off + 36, 60, 4, K_X);
	} else if (bias & MDS_CLOSE_LAYOUT_SPLIT) {
		wt_put(w, "cd_mirror_id", off + 32, 2, K_U, NULL);
		wt_pad(w, off + 34, 62);
	} else if (bias & MDS_PCC_ATTACH) {
		wt_put(w, "cd_archive_id", off + 32, 4, K_U, NULL);
		wt_pad(w, off + 36, 60);
	} else {
		wt_pad(w, off + 32, 64);
	}
}

static void inline_data(struct wt *w, uint32_t off, uint32_t len)
{
	wt_table(w, &wt_niobuf_remote, off);
	if (len > 16)
		wt_put(w, "data", off + 16, len - 16, K_RAW, NULL);
}

/* The path follows; a server returns the buffer that it was given, with what it held */
static void fid2path(struct wt *w, uint32_t off, uint32_t len)
{
	wt_put(w, "gf_fid", off, 16, K_FID, NULL);
	wt_put(w, "gf_recno", off + 16, 8, K_U, NULL);
	wt_put(w, "gf_linkno", off + 24, 4, K_U, NULL);
	wt_put(w, "gf_pathlen", off + 28, 4, K_U, NULL);
	if (len > 32)
		wt_put(w, "gf_path", off + 32, len - 32, K_STR_STALE, NULL);
}

/* A word, and for fid2path its argument behind 16 bytes */
static void info_key(struct wt *w, uint32_t off, uint32_t len)
{
	if (len >= 48 && !memcmp(w->p + off, "fid2path", 9)) {
		wt_put(w, "text", off, 16, K_STR, NULL);
		fid2path(w, off + 16, len - 16);
	} else {
		wt_put(w, "text", off, len, K_STR, NULL);
	}
}

static void info_value(struct wt *w, struct message *m, uint32_t off, uint32_t len)
{
	const char *key = m->r ? m->r->name : "";

	if (!strcmp(key, "fid2path") && len >= 32) {
		fid2path(w, off, len);
	} else if (!strcmp(key, "hsm_send")) {
		rec_hsm_actions(w, off, len);
	} else if (!strcmp(key, "changelog_clear")) {
		wt_put(w, "cs_recno", off, 8, K_U, NULL);
		wt_put(w, "cs_id", off + 8, 4, K_U, NULL);
	} else if (!strcmp(key, "max_ea_size") || !strcmp(key, "read-only") ||
		   !strcmp(key, "default_ea_size")) {
		numbers(w, "value", off, len, 4, K_U);
	} else {
		wt_error(w, "value of key '%s' has no known form", key);
	}
}

#define II_MAGIC	0x3d37cc37U
#define II_OF_NAMES	0x17	/* ii_flags of the index of a directory, the one kind that was captured */

static void index_info(struct wt *w, uint32_t off, uint32_t len)
{
	if (wt_put(w, "ii_magic", off, 4, K_X, NULL) != II_MAGIC)
		wt_error(w, "magic of no idx_info");
	if (wt_put(w, "ii_flags", off + 4, 4, K_X, NULL) != II_OF_NAMES)
		wt_error(w, "ii_flags of no known index");
	wt_put(w, "ii_count", off + 8, 2, K_U, NULL);
	wt_put(w, "ii_pad0", off + 10, 2, K_ZERO, NULL);
	wt_put(w, "ii_attrs", off + 12, 4, K_X, NULL);
	wt_put(w, "ii_fid", off + 16, 16, K_FID, NULL);
	wt_put(w, "ii_version", off + 32, 8, K_X, NULL);
	wt_put(w, "ii_hash_start", off + 40, 8, K_X, NULL);
	wt_put(w, "ii_hash_end", off + 48, 8, K_X, NULL);
	wt_put(w, "ii_keysize", off + 56, 2, K_U, NULL);
	wt_put(w, "ii_recsize", off + 58, 2, K_U, NULL);
	wt_put(w, "ii_pad1", off + 60, 20, K_ZERO, NULL);
	surplus(w, off, 80, len);
}

static void fixed_field(struct wt *w, enum rpc_field f, uint32_t off, uint32_t len)
{
	static const struct {
		enum rpc_field f;
		const struct wt_struct *t;
	} tables[] = {
		{ RF_CONNECT_DATA, &wt_obd_connect_data }, { RF_MDT_BODY, &wt_mdt_body },
		{ RF_IOEPOCH, &wt_mdt_ioepoch }, { RF_LAYOUT_INTENT, &wt_layout_intent },
		{ RF_GL_DESC, &wt_ldlm_gl_lquota_desc }, { RF_OST_BODY, &wt_obdo },
		{ RF_STATFS, &wt_obd_statfs }, { RF_MTI, &wt_mgs_target_info },
		{ RF_MGS_CONFIG_BODY, &wt_mgs_config_body }, { RF_MGS_CONFIG_RES, &wt_mgs_config_res },
		{ RF_LLOGD_BODY, &wt_llogd_body }, { RF_LLOG_HDR, &wt_llog_log_hdr },
		{ RF_SEQ_RANGE, &wt_lu_seq_range }, { RF_FLD_RANGE, &wt_lu_seq_range },
	};
	static const struct {
		enum rpc_field f;
		uint8_t width, kind;
	} values[] = {
		{ RF_CONN, 8, K_X }, { RF_INTENT, 8, K_X }, { RF_FID, 16, K_FID },
		{ RF_OBD_ID, 8, K_U }, { RF_VALLEN, 4, K_U }, { RF_SEQ_OPC, 4, K_U },
		{ RF_FLD_OPC, 4, K_U },
	};
	unsigned int i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].f == f) {
			whole(w, tables[i].t, off, len);
			return;
		}
	}
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].f == f) {
			wt_put(w, "value", off, values[i].width, values[i].kind, NULL);
			surplus(w, off, values[i].width, len);
			return;
		}
	}
	wt_error(w, "%s: no known form", rpc_fields[f].name);
}

static void batch_request(struct wt *w, uint32_t off, uint32_t len);
static void batch_messages(struct wt *w, uint32_t off, uint32_t len, uint32_t magic);

static void one_field(struct wt *w, struct message *m, enum rpc_field f, unsigned int i)
{
	uint32_t off = m->off[i], len = m->size[i];

	switch (f) {
	case RF_BODY:
		wt_table(w, &wt_ptlrpc_body, off);
		break;
	case RF_TGTUUID: case RF_CLUUID: case RF_SELINUX: case RF_NAME: case RF_SYMTGT:
	case RF_SECCTX_NAME: case RF_MGS_SEND_PARAM:
		wt_put(w, "text", off, len, K_STR, NULL);
		break;
	case RF_KEY:
		info_key(w, off, len);
		break;
	case RF_SECCTX: case RF_ENCCTX: case RF_SHORT_IO:
		wt_put(w, "bytes", off, len, K_RAW, NULL);
		break;
	case RF_REC_REINT:
		reint_record(w, off, len);
		break;
	case RF_DLM_REQ:
		dlm_request(w, m, off, len);
		break;
	case RF_DLM_REP:
		dlm_reply(w, m, off, len);
		break;
	case RF_LVB:
		lvb(w, m, off, len);
		break;
	case RF_MDT_MD:
		mdt_md(w, m, i, off, len);
		break;
	case RF_DEFAULT_MDT_MD:
		rec_layout(w, off, len);
		break;
	case RF_ACL:
		rec_acl(w, off, len);
		break;
	case RF_EADATA:
		eadata(w, m, off, len);
		break;
	case RF_EAVALS:
		eavals(w, m, off, len);
		break;
	case RF_EAVALS_LENS: case RF_RCS: case RF_U32: case RF_HSM_ARCHIVE_IDS:
		numbers(w, "value", off, len, 4, f == RF_RCS ? K_S : K_U);
		break;
	case RF_SWAP_LAYOUTS:
		numbers(w, "flags", off, len, 8, K_X);
		break;
	case RF_FIDS:
		numbers(w, "fid", off, len, 16, K_FID);
		break;
	case RF_CLOSE_DATA:
		close_intent(w, m, off);
		break;
	case RF_IOOBJ:
		elements(w, &wt_obd_ioobj, off, len);
		break;
	case RF_NIOBUF:
		elements(w, &wt_niobuf_remote, off, len);
		break;
	case RF_NIOBUF_INLINE:
		inline_data(w, off, len);
		break;
	case RF_VAL:
		info_value(w, m, off, len);
		break;
	case RF_HSM_USER_STATE: case RF_HSM_STATE_SET: case RF_HSM_ACTION: case RF_HSM_REQUEST:
	case RF_HSM_ITEMS: case RF_HSM_DATA: case RF_HSM_PROGRESS:
		rec_hsm(w, f, off, len);
		break;
	case RF_QUOTACTL: case RF_QUOTA_BODY:
		rec_quota(w, f, off, len);
		break;
	case RF_NIDLIST:
		rec_nidlist(w, off, len);
		break;
	case RF_OUT_HEADER:
		if (m->fmt == &batch)
			batch_request(w, off, len);
		else
			rec_out_request(w, off, len);
		break;
	case RF_OUT_UPDATE:
		numbers(w, "oub_size", off, len, 8, K_U);
		break;
	case RF_OUT_REPLY:
		if (m->fmt == &batch)
			batch_messages(w, off, len, BATCH_REPLY_MAGIC);
		else
			rec_out_reply(w, off, len);
		break;
	case RF_IDX_INFO:
		index_info(w, off, len);
		break;
	case RF_FLD_DATA:
		ranges(w, off, len);
		break;
	default:
		fixed_field(w, f, off, len);
	}
}

static void check_size(struct wt *w, struct message *m, enum rpc_field f, uint32_t len)
{
	const struct rpc_field_desc *d = &rpc_fields[f];

	if (d->flags & RFF_ARRAY) {
		if (len % d->size)
			wt_error(w, "%u bytes are no array of %u", len, d->size);
	} else if (len < d->size) {
		wt_error(w, "%u bytes, expected %u", len, d->size);
	}
}

/*
 * Between buffers. Stock servers do not clear what is behind the names and values of
 * extended attributes when they shrink these buffers of a reply.
 */
static void pads(struct wt *w, struct message *m)
{
	bool stale = m->reply && m->fmt == &RQF_INTENT_GETXATTR;
	uint32_t i, n, at;

	for (i = 0; i < m->nr; i++) {
		at = m->off[i] + m->size[i];
		n = -m->size[i] & 7;
		if (stale && (i == 5 || i == 6) && !wt_zero(w, at, n))
			wt_put(w, "stale", at, n, K_RAW, NULL);
		else
			wt_pad(w, at, n);
	}
}

static void buffers(struct wt *w, struct message *m)
{
	const __u8 *list = m->reply ? m->fmt->rep : m->fmt->req;
	unsigned int nr = m->reply ? m->fmt->nr_rep : m->fmt->nr_req, i;
	uint32_t lim = w->lim;
	enum rpc_field f;

	/* 2.16 and later append an empty one here */
	if (m->reply && m->nr == nr + 1 && !m->size[nr] &&
	    (m->fmt == &RQF_MDS_QUOTACTL || m->fmt == &RQF_OST_QUOTACTL))
		wt_note(w, "extra", "one empty buffer");
	else if (m->nr > nr)
		wt_error(w, "%u buffers, %s has %u", m->nr, m->fmt->name, nr);
	if (!m->reply && m->nr < m->fmt->nr_min)
		wt_error(w, "%u buffers, %s needs %u", m->nr, m->fmt->name, m->fmt->nr_min);
	for (i = 0; i < m->nr && i < nr; i++) {
		f = RF_ID(list[i]);
		wt_open(w, "%s", rpc_fields[f].name);
		w->lim = m->off[i] + m->size[i];
		wt_note(w, "length", "%u", m->size[i]);
		if (m->size[i]) {
			check_size(w, m, f, m->size[i]);
			one_field(w, m, f, i);
		}
		w->lim = lim;
		wt_close(w);
	}
}

/* --- framing --- */

static bool parse_header(struct wt *w, struct message *m)
{
	uint64_t need;
	uint32_t i, off;
	char name[24];

	if (m->len < 40 || wt_peek(w, m->at + 8, 4) != LUSTRE_MSG_MAGIC_V2) {
		wt_error(w, "no RPC message begins here");
		return false;
	}
	wt_open(w, "lustre_msg_v2");
	if (m->sub)
		wt_table(w, &wt_lustre_msg_sub, m->at);
	else
		wt_table(w, &wt_lustre_msg_v2, m->at);
	m->nr = wt_peek(w, m->at, 4);
	need = ((32 + 4 * (uint64_t)m->nr) + 7) & ~7ULL;
	if (!m->nr || m->nr > RPC_MAX_BUFS || need > m->len) {
		wt_error(w, "lm_bufcount %u", m->nr);
		wt_close(w);
		return false;
	}
	for (i = 0; i < m->nr; i++) {
		snprintf(name, sizeof(name), "lm_buflens[%u]", i);
		m->size[i] = wt_put(w, name, m->at + 32 + 4 * i, 4, K_U, NULL);
		m->off[i] = m->at + need;
		need += ((uint64_t)m->size[i] + 7) & ~7ULL;
		if (need > m->len) {
			wt_error(w, "buffer %u of %u bytes: message has %u", i, m->size[i], m->len);
			wt_close(w);
			return false;
		}
	}
	off = m->at + 32 + 4 * m->nr;
	if (m->nr & 1)
		wt_pad(w, off, 4);
	if (m->sub) {
		m->len = need;
		wt_close(w);
		return true;
	}
	if (need != m->len)
		wt_error(w, "message of %u bytes, its buffers end at %" PRIu64, m->len, need);
	wt_close(w);
	if (m->size[0] < RPC_BODY_V2_SIZE)
		wt_error(w, "body of %u bytes", m->size[0]);
	return m->size[0] >= sizeof(struct ptlrpc_body);
}

static void batch_messages(struct wt *w, uint32_t off, uint32_t len, uint32_t magic)
{
	uint32_t count, i, at = 8;

	wt_open(w, "batch");
	if (wt_put(w, "magic", off, 4, K_X, NULL) != magic)
		wt_error(w, "magic of no batch");
	count = wt_put(w, "count", off + 4, 4, K_U, NULL);
	for (i = 0; i < count; i++) {
		struct message m = {
			.at = off + at, .len = len > at ? len - at : 0, .sub = true,
			.reply = magic == BATCH_REPLY_MAGIC, .fmt = &batch_getattr,
		};

		wt_open(w, "message[%u]", i);
		if (!parse_header(w, &m)) {
			wt_close(w);
			wt_close(w);
			return;
		}
		buffers(w, &m);
		pads(w, &m);
		wt_close(w);
		at += m.len;
	}
	/* the rest of a buffer; of a failed batch with what was begun */
	if (at < len && !count)
		wt_put(w, "stale", off + at, len - at, K_RAW, NULL);
	else if (at < len)
		wt_pad(w, off + at, len - at);
	wt_close(w);
}

static void batch_request(struct wt *w, uint32_t off, uint32_t len)
{
	if (wt_put(w, "magic", off, 4, K_X, NULL) != BATCH_HEADER_MAGIC)
		wt_error(w, "magic of no batch");
	wt_put(w, "buffers", off + 4, 4, K_U, NULL);
	wt_put(w, "inline_length", off + 8, 4, K_U, NULL);
	wt_put(w, "reply_size", off + 12, 4, K_U, NULL);
	wt_put(w, "messages", off + 16, 4, K_U, NULL);
	wt_put(w, "pad", off + 20, 4, K_ZERO, NULL);
	if (len > 24)
		batch_messages(w, off + 24, len - 24, BATCH_REQUEST_MAGIC);
}

static void batch_bulk(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < BATCH_BUFFER ? len - at : BATCH_BUFFER;
		wt_open(w, "buffer[%u]", at / BATCH_BUFFER);
		batch_messages(w, off + at, n, BATCH_REQUEST_MAGIC);
		wt_close(w);
	}
}

static void begin_request(struct wt *w, struct message *m, uint64_t src, uint64_t dst, uint64_t bits)
{
	struct request *r = &w->rpc->req[w->rpc->next++ % NR_REQUESTS];

	memset(r, 0, sizeof(*r));
	r->client = src;
	r->server = dst;
	r->xid = bits;
	r->mbits = get64(w, m, 0, 120);
	r->opc = get32(w, m, 0, 16);
	r->at = wt_peek(w, m->at + 20, 4) & MSGHDR_AT_SUPPORT;
	r->fmt = m->fmt;
	r->unit = w->unit = ++w->rpc->units;
	m->r = r;
	if (r->opc == MGS_CONFIG_READ)
		r->cfg_type = get32(w, m, 1, 72);
	if (r->opc == MDS_GETXATTR) {
		r->valid = get64(w, m, 1, 40);
		copy_name(w, m, 3, r->name, sizeof(r->name));
	} else if (m->fmt == &RQF_MDS_REINT_SETXATTR) {
		copy_name(w, m, 3, r->name, sizeof(r->name));
	} else if (m->nr > 1 && m->fmt && m->fmt->nr_req > 1 && m->fmt->req[1] == RF_KEY) {
		copy_name(w, m, 1, r->name, sizeof(r->name));
	}
}

static bool is_reply_portal(uint32_t portal)
{
	return portal == OSC_REPLY_PORTAL || portal == MDC_REPLY_PORTAL ||
		portal == LDLM_CB_REPLY_PORTAL || portal == LDLM_CANCEL_REPLY_PORTAL ||
		portal == MGC_REPLY_PORTAL || portal == MGS_REPLY_PORTAL;
}

static void reply_format(struct wt *w, struct message *m, uint32_t opc, uint32_t offset)
{
	if (!m->r)
		wt_error(w, "reply to a request that was not seen");
	else if (m->r->opc != opc)
		wt_error(w, "reply is of opcode %u, request of %u", opc, m->r->opc);
	else if (offset != 0 && offset != RPC_REPLY_OFFSET)
		wt_error(w, "reply at offset %u", offset);
	else
		m->fmt = m->r->fmt;
	if (!m->fmt)
		m->fmt = request_format(w, m, opc);
	if (m->r && m->r->at && !offset)
		wt_note(w, "early", "yes");
}

/**
 * rpc_put() - PUT on a portal of requests or replies
 * @at, @len: the payload within the message at hand
 */
void rpc_put(struct wt *w, uint64_t src, uint64_t dst, uint32_t portal, uint64_t bits,
	     uint32_t offset, uint32_t at, uint32_t len)
{
	struct message m = { .at = at, .len = len, .reply = is_reply_portal(portal) };
	uint32_t opc, type;

	w->rpcs++;
	wt_open(w, "%s", m.reply ? "reply" : "request");
	if (!parse_header(w, &m)) {
		wt_close(w);
		return;
	}
	opc = get32(w, &m, 0, 16);
	type = get32(w, &m, 0, 8);
	if (m.reply != (type != PTL_RPC_MSG_REQUEST))
		wt_error(w, "pb_type %u on portal %u", type, portal);
	if (m.reply) {
		m.r = find_request(w, dst, src, bits);
		w->unit = m.r ? m.r->unit : 0;
		reply_format(w, &m, opc, offset);
	} else {
		m.fmt = request_format(w, &m, opc);
		begin_request(w, &m, src, dst, bits);
	}
	if (!m.fmt) {
		wt_error(w, "opcode %u has no format", opc);
	} else {
		wt_note(w, "format", "%s", m.fmt->name);
		buffers(w, &m);
	}
	pads(w, &m);
	wt_close(w);
}
