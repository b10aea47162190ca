// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration records: a lustre_cfg inside an llog record, decoded and encoded
 * (chapter 06, section 7). What the commands mean is kernel/config's.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>
#include "kernel/llog/llog.h"
#include "wire/config.h"

static int cfg_rec_bad(const struct llog_rec_hdr *rec, const char *what)
{
	pr_err_ratelimited("llog: configuration record %u: %s\n", le32_to_cpu(rec->lrh_index), what);
	return -EINVAL;
}

int cfg_rec_decode(const struct llog_rec_hdr *rec, struct cfg_rec *out)
{
	const struct lustre_cfg *cfg = (const void *)(rec + 1);
	u32 room = le32_to_cpu(rec->lrh_len) - LLOG_MIN_REC_SIZE;
	u32 at, i;

	memset(out, 0, sizeof(*out));
	if (rec->lrh_type != cpu_to_le32(OBD_CFG_REC))
		return cfg_rec_bad(rec, "not of the configuration type");
	if (room < sizeof(*cfg))
		return cfg_rec_bad(rec, "too short");
	if (cfg->lcfg_version != cpu_to_le32(LUSTRE_CFG_VERSION))
		return cfg_rec_bad(rec, "unknown version or byte order");
	out->nr = le32_to_cpu(cfg->lcfg_bufcount);
	if (out->nr >= LUSTRE_CFG_MAX_BUFS)
		return cfg_rec_bad(rec, "too many buffers");
	at = ALIGN(sizeof(*cfg) + 4 * out->nr, 8);
	if (at > room)
		return cfg_rec_bad(rec, "too short");
	for (i = 0; i < out->nr; i++) {
		u32 len = le32_to_cpu(cfg->lcfg_buflens[i]);

		if (len > room - at || ALIGN(len, 8) > room - at)
			return cfg_rec_bad(rec, "buffer beyond the end");
		out->len[i] = len;
		out->buf[i] = len ? (const char *)cfg + at : NULL;
		at += ALIGN(len, 8);
	}
	if (at != room)
		return cfg_rec_bad(rec, "lengths do not add up");
	out->command = le32_to_cpu(cfg->lcfg_command);
	out->num = le32_to_cpu(cfg->lcfg_num);
	out->nid = le64_to_cpu(cfg->lcfg_nid);
	return 0;
}
EXPORT_SYMBOL_GPL(cfg_rec_decode);

const char *cfg_rec_string(const struct cfg_rec *rec, unsigned int i)
{
	if (i >= rec->nr || !rec->len[i] || strnlen(rec->buf[i], rec->len[i]) == rec->len[i])
		return NULL;
	return rec->buf[i];
}
EXPORT_SYMBOL_GPL(cfg_rec_string);

void cfg_rec_set(struct cfg_rec *rec, unsigned int i, const char *text)
{
	rec->buf[i] = text;
	rec->len[i] = text ? strlen(text) + 1 : 0;
	rec->nr = max(rec->nr, i + 1);
}
EXPORT_SYMBOL_GPL(cfg_rec_set);

int cfg_rec_encode(const struct cfg_rec *in, void *buf, size_t size)
{
	struct llog_rec_hdr *rec = buf;
	struct lustre_cfg *cfg = (void *)(rec + 1);
	struct llog_rec_tail *tail;
	size_t at = ALIGN(sizeof(*cfg) + 4 * in->nr, 8);
	size_t len = at + LLOG_MIN_REC_SIZE;
	u32 i;

	for (i = 0; i < in->nr; i++)
		len += ALIGN((size_t)in->len[i], 8);
	if (len > min_t(size_t, size, LLOG_CHUNK_SIZE))
		return -ENOSPC;

	memset(buf, 0, len);
	rec->lrh_len = cpu_to_le32(len);
	rec->lrh_type = cpu_to_le32(OBD_CFG_REC);
	cfg->lcfg_version = cpu_to_le32(LUSTRE_CFG_VERSION);
	cfg->lcfg_command = cpu_to_le32(in->command);
	cfg->lcfg_num = cpu_to_le32(in->num);
	cfg->lcfg_nid = cpu_to_le64(in->nid);
	cfg->lcfg_bufcount = cpu_to_le32(in->nr);
	for (i = 0; i < in->nr; i++) {
		cfg->lcfg_buflens[i] = cpu_to_le32(in->len[i]);
		if (in->len[i])
			memcpy((char *)cfg + at, in->buf[i], in->len[i]);
		at += ALIGN(in->len[i], 8);
	}
	tail = buf + len - sizeof(*tail);
	tail->lrt_len = rec->lrh_len;
	return len;
}
EXPORT_SYMBOL_GPL(cfg_rec_encode);
