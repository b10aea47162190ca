// SPDX-License-Identifier: GPL-2.0
/*
 * Logs on a target's disk, in CONFIGS, and the requests that read them (chapter 06, 6).
 * The format of headers and records is kernel/llog's, what they hold is the MGS's.
 *
 * Logs change rarely: one lock for all of them. Files are written inside transactions,
 * so that a section is in the log with its header or not at all.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "kernel/config/config.h"
#include "kernel/llog/llog.h"
#include "kernel/server/target/internal.h"
#include "kernel/server/target/target.h"
#include "wire/config.h"

#define LOG_PATH_MAX	(sizeof("/" MOUNT_CONFIGS_DIR "/") + MTI_NAME_MAXLEN)
#define CONFIG_UUID	"config_uuid"

struct llog_store {
	struct target		*tgt;
	struct ldiskfs_object	*obj;
};

static DECLARE_RWSEM(logs_sem);

static int log_path(const char *name, char path[LOG_PATH_MAX])
{
	if (!*name || *name == '.' || strchr(name, '/') || strlen(name) >= MTI_NAME_MAXLEN)
		return -EINVAL;
	snprintf(path, LOG_PATH_MAX, "/" MOUNT_CONFIGS_DIR "/%s", name);
	return 0;
}

/* --- one log; logs_sem is held --- */

static u64 log_size(const struct llog_store *log)
{
	return i_size_read(ldiskfs_inode(log->obj));
}

static int log_read(const struct llog_store *log, u64 pos, void *buf, size_t len)
{
	ssize_t got = ldiskfs_log_read(log->obj, pos, buf, len);

	if (got < 0)
		return got;
	return got == len ? 0 : -EIO;
}

static int read_header(const struct llog_store *log, struct llog_log_hdr *hdr)
{
	int rc = log_read(log, 0, hdr, sizeof(*hdr));

	return rc ? rc : llog_header_check(hdr);
}

/* One change of a log: a header, or a header and what follows the last record */
static int write_log(const struct llog_store *log, const struct llog_log_hdr *hdr, u64 pos,
		     const void *data, size_t len)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(log->tgt->dev);
	int rc, rc2;

	if (!tx)
		return -ENOMEM;
	rc = hdr ? ldiskfs_declare_log_write(tx, log->obj, 0, sizeof(*hdr)) : 0;
	if (!rc && len)
		rc = ldiskfs_declare_log_write(tx, log->obj, pos, len);
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	if (hdr)
		rc = ldiskfs_log_write(tx, log->obj, 0, hdr, sizeof(*hdr));
	if (!rc && len)
		rc = ldiskfs_log_write(tx, log->obj, pos, data, len);
	rc2 = ldiskfs_tx_stop(tx, false);
	return rc ? rc : rc2;
}

static int make_header(const struct llog_store *log)
{
	struct llog_log_hdr *hdr = kvmalloc(sizeof(*hdr), GFP_NOFS);
	int rc;

	if (!hdr)
		return -ENOMEM;
	llog_header_init(hdr, LLOG_F_IS_PLAIN, ktime_get_real_seconds());
	rc = write_log(log, hdr, 0, NULL, 0);
	kvfree(hdr);
	return rc;
}

/* A file without a header is one whose making was cut short: it is not there yet. */
static int open_object(struct llog_store *log, const char *path, bool create)
{
	int rc = 0;

	log->obj = ldiskfs_path(log->tgt->dev, path);
	if (IS_ERR(log->obj) && PTR_ERR(log->obj) == -ENOENT && create)
		log->obj = ldiskfs_mkpath(log->tgt->dev, path, S_IFREG | 0644);
	if (IS_ERR(log->obj))
		return PTR_ERR(log->obj);
	if (log_size(log) < LLOG_CHUNK_SIZE)
		rc = create ? make_header(log) : -ENOENT;
	if (rc)
		ldiskfs_object_put(log->obj);
	return rc;
}

struct llog_store *llog_store_open(struct target *tgt, const char *name, bool create)
{
	char path[LOG_PATH_MAX];
	struct llog_store *log;
	int rc = log_path(name, path);

	if (rc)
		return ERR_PTR(rc);
	log = kmalloc(sizeof(*log), GFP_NOFS);
	if (!log)
		return ERR_PTR(-ENOMEM);
	log->tgt = tgt;
	down_write(&logs_sem);
	rc = open_object(log, path, create);
	up_write(&logs_sem);
	if (rc) {
		kfree(log);
		return ERR_PTR(rc);
	}
	return log;
}
EXPORT_SYMBOL_GPL(llog_store_open);

void llog_store_close(struct llog_store *log)
{
	ldiskfs_object_put(log->obj);
	kfree(log);
}
EXPORT_SYMBOL_GPL(llog_store_close);

int llog_store_header(struct llog_store *log, struct llog_log_hdr *hdr)
{
	int rc;

	down_read(&logs_sem);
	rc = read_header(log, hdr);
	up_read(&logs_sem);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_header);

/* Lay @recs out behind the last record */
static int lay_out(struct llog_log_hdr *hdr, u64 *end, const struct llog_rec_hdr *const *recs,
		   unsigned int nr, void *buf, size_t size)
{
	size_t used = 0;
	unsigned int i;
	int rc;

	for (i = 0; i < nr; i++) {
		rc = llog_append(hdr, end, recs[i], buf + used, size - used);
		if (rc < 0)
			return rc;
		used += rc;
	}
	if (!hdr->llh_tgtuuid[0])
		memcpy(hdr->llh_tgtuuid, CONFIG_UUID, sizeof(CONFIG_UUID));
	return used;
}

int llog_store_append(struct llog_store *log, const struct llog_rec_hdr *const *recs, unsigned int nr)
{
	struct llog_log_hdr *hdr = kvmalloc(sizeof(*hdr), GFP_NOFS);
	size_t size = 0;
	unsigned int i;
	void *buf;
	u64 pos, end;
	int rc = -ENOMEM;

	/* a pad is shorter than the record behind it and 24 bytes more */
	for (i = 0; i < nr; i++)
		size += 2 * le32_to_cpu(recs[i]->lrh_len) + LLOG_MIN_REC_SIZE;
	buf = kvmalloc(size, GFP_NOFS);
	if (!hdr || !buf)
		goto out;
	down_write(&logs_sem);
	rc = read_header(log, hdr);
	if (!rc) {
		pos = log_size(log);
		end = pos;
		rc = lay_out(hdr, &end, recs, nr, buf, size);
		if (rc > 0)
			rc = write_log(log, hdr, pos, buf, rc);
	}
	up_write(&logs_sem);
out:
	kvfree(buf);
	kvfree(hdr);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_append);

/* --- reading; logs_sem is held --- */

/* The chunk at @pos, zeroes behind its valid bytes. Return: valid bytes or error */
static int read_chunk(const struct llog_store *log, u64 pos, void *buf)
{
	u64 size = log_size(log);
	u32 len;
	int rc;

	if (pos >= size)
		return 0;
	len = min_t(u64, LLOG_CHUNK_SIZE, size - pos);
	if (len < LLOG_MIN_REC_SIZE)
		return -EIO;
	rc = log_read(log, pos, buf, len);
	if (rc)
		return rc;
	memset(buf + len, 0, LLOG_CHUNK_SIZE - len);
	return len;
}

static u32 first_index(const void *chunk)
{
	return le32_to_cpu(((const struct llog_rec_hdr *)chunk)->lrh_index);
}

static u32 last_index(const void *chunk, u32 len)
{
	const struct llog_rec_tail *tail = chunk + len - sizeof(*tail);

	return le32_to_cpu(tail->lrt_index);
}

/*
 * A position not behind record @want, if records are at least @smallest long.
 * Pads may be shorter than the smallest record, so a guess can be too far.
 */
static u64 guess_chunk(u32 want, u32 saved, u64 offset, u32 smallest)
{
	if (want > saved)
		offset += (u64)(want - saved - 1) * smallest;
	return max_t(u64, ALIGN_DOWN(offset, LLOG_CHUNK_SIZE), LLOG_CHUNK_SIZE);
}

static int next_block(const struct llog_store *log, u32 smallest, u32 want, u32 *saved, u64 *offset, void *buf)
{
	u64 start = min_t(u64, *offset, log_size(log));
	u64 pos = guess_chunk(want, *saved, start, smallest);
	bool guessed = smallest > LLOG_MIN_REC_SIZE;
	u32 known = *saved;
	int len;

	for (;;) {
		len = read_chunk(log, pos, buf);
		if (len < 0)
			return len;
		if (guessed && (!len || first_index(buf) > want)) {
			guessed = false;
			pos = guess_chunk(want, known, start, LLOG_MIN_REC_SIZE);
			continue;
		}
		if (!len)
			return -EIO;	/* past the end: the reader knows from where it is */
		*saved = last_index(buf, len);
		pos += len;
		*offset = pos;
		if (*saved >= want)
			return 0;
		pos = ALIGN(pos, LLOG_CHUNK_SIZE);
	}
}

int llog_store_next_block(struct llog_store *log, u32 want, u32 *saved, u64 *offset, void *buf)
{
	struct llog_log_hdr *hdr = kvmalloc(sizeof(*hdr), GFP_NOFS);
	u32 smallest;
	int rc;

	if (!hdr)
		return -ENOMEM;
	memset(buf, 0, LLOG_CHUNK_SIZE);
	down_read(&logs_sem);
	rc = read_header(log, hdr);
	if (!rc) {
		smallest = max_t(u32, le32_to_cpu(hdr->llh_size), LLOG_MIN_REC_SIZE);
		rc = next_block(log, smallest, want, saved, offset, buf);
	}
	up_read(&logs_sem);
	kvfree(hdr);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_next_block);

int llog_store_process(struct llog_store *log, llog_rec_fn fn, void *data)
{
	struct llog_log_hdr *hdr = kvmalloc(sizeof(*hdr), GFP_NOFS);
	void *chunk = kvmalloc(LLOG_CHUNK_SIZE, GFP_NOFS);
	u64 pos = LLOG_CHUNK_SIZE;
	u32 last = 0;
	int rc = -ENOMEM, len;

	if (!hdr || !chunk)
		goto out;
	down_read(&logs_sem);
	rc = read_header(log, hdr);
	for (; !rc; pos += len) {
		len = read_chunk(log, pos, chunk);
		if (len <= 0) {
			rc = len;
			break;
		}
		rc = llog_walk_chunk(chunk, len, hdr, 1, &last, fn, data);
	}
	up_read(&logs_sem);
out:
	kvfree(chunk);
	kvfree(hdr);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_process);

/* --- copies of another node's logs --- */

/* Chunk by chunk, the header last: without it a log is not there */
static int write_image(const struct llog_store *log, const void *image, size_t size)
{
	size_t pos, len;
	int rc = 0;

	for (pos = LLOG_CHUNK_SIZE; pos < size && !rc; pos += len) {
		len = min_t(size_t, size - pos, LLOG_CHUNK_SIZE);
		rc = write_log(log, NULL, pos, image + pos, len);
	}
	return rc ? rc : write_log(log, NULL, 0, image, LLOG_CHUNK_SIZE);
}

/* @from becomes @to, whatever that was */
static int replace_log(struct target *tgt, struct ldiskfs_object *obj, const char *from, const char *to)
{
	struct qstr old = QSTR_INIT(from, strlen(from)), new = QSTR_INIT(to, strlen(to));
	struct ldiskfs_object *dir, *victim = NULL;
	struct ldiskfs_tx *tx;
	int rc, rc2;

	dir = ldiskfs_path(tgt->dev, "/" MOUNT_CONFIGS_DIR);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	victim = ldiskfs_lookup(dir, &new);
	rc = PTR_ERR_OR_ZERO(victim);
	if (rc == -ENOENT)
		victim = NULL;
	else if (rc)
		goto out;
	tx = ldiskfs_tx_alloc(tgt->dev);
	rc = tx ? ldiskfs_declare_rename(tx, dir, dir, obj, victim) : -ENOMEM;
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		goto out;
	}
	rc = ldiskfs_rename(tx, dir, &old, dir, &new, obj, victim);
	rc2 = ldiskfs_tx_stop(tx, false);
	rc = rc ? rc : rc2;
out:
	ldiskfs_object_put(victim);
	ldiskfs_object_put(dir);
	return rc;
}

/* A new file takes the place of the old copy when it is complete. */
static int save_copy(void *data, const char *name, const void *image, size_t size)
{
	struct llog_store log = { .tgt = data };
	char path[LOG_PATH_MAX + 1], *temporary;
	int rc;

	rc = log_path(name, path);
	if (rc)
		return rc;
	temporary = strrchr(path, '/') + 1;
	strcat(path, "T");
	rc = ldiskfs_rmpath(log.tgt->dev, path);
	if (rc && rc != -ENOENT)
		return rc;
	log.obj = ldiskfs_mkpath(log.tgt->dev, path, S_IFREG | 0644);
	if (IS_ERR(log.obj))
		return PTR_ERR(log.obj);
	rc = write_image(&log, image, size);
	if (!rc) {
		down_write(&logs_sem);
		rc = replace_log(log.tgt, log.obj, temporary, name);
		up_write(&logs_sem);
	}
	ldiskfs_object_put(log.obj);
	return rc;
}

static int process_copy(void *data, const char *name, llog_rec_fn fn, void *arg)
{
	struct llog_store *log = llog_store_open(data, name, false);
	int rc;

	if (IS_ERR(log))
		return PTR_ERR(log);
	rc = llog_store_process(log, fn, arg);
	llog_store_close(log);
	return rc;
}

const struct cfg_copy_ops llog_copy_ops = {
	.save		= save_copy,
	.process	= process_copy,
};

/* Where record @index of the chunk is; -1: not in it */
static int offset_in_chunk(const void *chunk, int len, u32 index)
{
	const struct llog_rec_hdr *rec;
	int at;

	for (at = 0; at + LLOG_MIN_REC_SIZE <= len; at += le32_to_cpu(rec->lrh_len)) {
		rec = chunk + at;
		if (le32_to_cpu(rec->lrh_index) == index)
			return at;
		if (le32_to_cpu(rec->lrh_len) < LLOG_MIN_REC_SIZE)
			break;
	}
	return -1;
}

static int rewrite(const struct llog_store *log, u32 index, const struct llog_rec_hdr *rec, void *chunk)
{
	u32 saved = 0, len = le32_to_cpu(rec->lrh_len);
	u64 end = LLOG_CHUNK_SIZE, start;
	struct llog_rec_hdr *old;
	struct llog_rec_tail *tail;
	int rc, at;

	rc = next_block(log, LLOG_MIN_REC_SIZE, index, &saved, &end, chunk);
	if (rc)
		return rc;
	start = ALIGN_DOWN(end - 1, LLOG_CHUNK_SIZE);
	at = offset_in_chunk(chunk, end - start, index);
	if (at < 0)
		return -ENOENT;
	old = chunk + at;
	if (le32_to_cpu(old->lrh_len) != len || old->lrh_type != rec->lrh_type)
		return -EINVAL;
	memcpy(old, rec, len);
	old->lrh_index = cpu_to_le32(index);
	tail = chunk + at + len - sizeof(*tail);
	tail->lrt_len = old->lrh_len;
	tail->lrt_index = old->lrh_index;
	return write_log(log, NULL, start + at, old, len);
}

int llog_store_rewrite(struct llog_store *log, u32 index, const struct llog_rec_hdr *rec)
{
	void *chunk = kvzalloc(LLOG_CHUNK_SIZE, GFP_NOFS);
	int rc;

	if (!chunk)
		return -ENOMEM;
	down_write(&logs_sem);
	rc = rewrite(log, index, rec, chunk);
	up_write(&logs_sem);
	kvfree(chunk);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_rewrite);

/* --- names --- */

struct name_list {
	const char	*prefix;
	struct list_head *names;
	int		error;
};

static bool add_name(void *ctx, const char *name, int len, u64 hash, const struct lu_fid *fid, unsigned int d_type)
{
	struct name_list *l = ctx;
	size_t n = strlen(l->prefix);
	struct llog_name *entry;

	if (len >= MTI_NAME_MAXLEN || len < n || *name == '.' || strncmp(name, l->prefix, n))
		return true;
	entry = kzalloc(sizeof(*entry), GFP_NOFS);
	if (!entry) {
		l->error = -ENOMEM;
		return false;
	}
	memcpy(entry->name, name, len);
	list_add_tail(&entry->link, l->names);
	return true;
}

int llog_store_names(struct target *tgt, const char *prefix, struct list_head *names)
{
	struct name_list l = { .prefix = prefix, .names = names };
	struct ldiskfs_object *dir = ldiskfs_path(tgt->dev, "/" MOUNT_CONFIGS_DIR);
	int rc;

	if (IS_ERR(dir))
		return PTR_ERR(dir);
	rc = ldiskfs_readdir(dir, 0, add_name, &l);
	ldiskfs_object_put(dir);
	return rc ? rc : l.error;
}
EXPORT_SYMBOL_GPL(llog_store_names);

void llog_store_names_free(struct list_head *names)
{
	struct llog_name *n, *next;

	list_for_each_entry_safe(n, next, names, link)
		kfree(n);
	INIT_LIST_HEAD(names);
}
EXPORT_SYMBOL_GPL(llog_store_names_free);

static int erase_one(struct target *tgt, const char *name)
{
	char path[LOG_PATH_MAX];
	int rc = log_path(name, path);

	if (rc)
		return rc;
	down_write(&logs_sem);
	rc = ldiskfs_rmpath(tgt->dev, path);
	up_write(&logs_sem);
	return rc == -ENOENT ? 0 : rc;
}

int llog_store_erase(struct target *tgt, const char *name, bool prefix)
{
	struct llog_name *n;
	LIST_HEAD(names);
	int rc;

	if (!prefix)
		return erase_one(tgt, name);
	rc = llog_store_names(tgt, name, &names);
	list_for_each_entry(n, &names, link)
		if (!rc)
			rc = erase_one(tgt, n->name);
	llog_store_names_free(&names);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_erase);

/* --- requests --- */

/*
 * Readers name a log by an id that means nothing to them. It says what the name is, so
 * that no table is needed: the file system in lgl_id, the rest in lgl_ogen.
 */
#define LOGID_KIND_SHIFT	16
enum { LOGID_WHOLE, LOGID_MDT, LOGID_OST, LOGID_OTHER };
static const char * const other_logs[] = { "client", "sptlrpc", "cliir", "mdtir", "nodemap", "barrier" };

static int logid_of_name(const char *name, struct llog_logid *id)
{
	const char *dash = strrchr(name, '-');
	size_t len = dash ? dash - name : strlen(name), i;
	u32 kind = LOGID_WHOLE, index = 0;
	u64 text = 0;

	if (!len || len > sizeof(text))
		return -ENOENT;
	for (i = 0; i < len; i++)
		text |= (u64)(u8)name[i] << (8 * i);
	if (dash && strlen(dash) == 8 && (!strncmp(dash, "-MDT", 4) || !strncmp(dash, "-OST", 4)) &&
	    !kstrtou32(dash + 4, 16, &index)) {
		kind = dash[1] == 'M' ? LOGID_MDT : LOGID_OST;
	} else if (dash) {
		kind = LOGID_OTHER;
		while (index < ARRAY_SIZE(other_logs) && strcmp(dash + 1, other_logs[index]))
			index++;
		if (index == ARRAY_SIZE(other_logs))
			return -ENOENT;
	}
	id->lgl_id = cpu_to_le64(text);
	id->lgl_seq = cpu_to_le64(FID_SEQ_LLOG_NAME);
	id->lgl_ogen = cpu_to_le32(kind << LOGID_KIND_SHIFT | index);
	return 0;
}

static int name_of_logid(const struct llog_logid *id, char name[MTI_NAME_MAXLEN])
{
	u32 kind = le32_to_cpu(id->lgl_ogen) >> LOGID_KIND_SHIFT;
	u32 index = le32_to_cpu(id->lgl_ogen) & (BIT(LOGID_KIND_SHIFT) - 1);
	char text[sizeof(u64) + 1] = {};
	u64 packed = le64_to_cpu(id->lgl_id);
	unsigned int i;

	for (i = 0; i < sizeof(u64); i++)
		text[i] = packed >> (8 * i);
	if (id->lgl_seq != cpu_to_le64(FID_SEQ_LLOG_NAME))
		return -ENOENT;
	switch (kind) {
	case LOGID_WHOLE:
		strscpy(name, text, MTI_NAME_MAXLEN);
		return 0;
	case LOGID_MDT:
	case LOGID_OST:
		snprintf(name, MTI_NAME_MAXLEN, "%s-%s%04x", text, kind == LOGID_MDT ? "MDT" : "OST", index);
		return 0;
	case LOGID_OTHER:
		if (index >= ARRAY_SIZE(other_logs))
			return -ENOENT;
		snprintf(name, MTI_NAME_MAXLEN, "%s-%s", text, other_logs[index]);
		return 0;
	default:
		return -ENOENT;
	}
}

static int check_context(const struct llogd_body *body)
{
	u32 ctxt = le32_to_cpu(body->lgd_ctxt_idx);

	if (ctxt >= LLOG_CTXT_MAX)
		return -EPROTO;
	return ctxt == LLOG_CTXT_CONFIG ? 0 : -ENODEV;
}

/* The log that a request names by its id */
static struct llog_store *open_by_id(struct rpc_svcreq *req, const struct llogd_body *body)
{
	char name[MTI_NAME_MAXLEN];
	struct llog_store *log;
	int rc = check_context(body);

	if (rc)
		return ERR_PTR(rc);
	rc = name_of_logid(&body->lgd_logid, name);
	log = rc ? ERR_PTR(rc) : llog_store_open(target_of(req), name, false);
	return PTR_ERR_OR_ZERO(log) == -ENOENT || PTR_ERR_OR_ZERO(log) == -EINVAL ? ERR_PTR(-ESTALE) : log;
}

int llog_store_handle_create(struct rpc_svcreq *req)
{
	const struct llogd_body *body = rpc_field(&req->rq, RF_LLOGD_BODY);
	const char *name = rpc_string(&req->rq, RF_NAME);
	char by_id[MTI_NAME_MAXLEN];
	struct llogd_body *reply;
	struct llog_store *log;
	struct llog_logid id;
	int rc = rpc_reply_pack(req);

	if (rc)
		return rc;
	rc = check_context(body);
	if (rc)
		return rc;
	if (body->lgd_logid.lgl_id) {
		rc = name_of_logid(&body->lgd_logid, by_id);
		name = by_id;
	} else if (!name || !*name) {
		rc = -EINVAL;
	}
	if (!rc)
		rc = logid_of_name(name, &id);
	if (rc)
		return rc;
	log = llog_store_open(target_of(req), name, false);
	if (IS_ERR(log))
		return PTR_ERR(log);
	llog_store_close(log);
	reply = rpc_field(&req->rp, RF_LLOGD_BODY);
	reply->lgd_logid = id;
	return 0;
}
EXPORT_SYMBOL_GPL(llog_store_handle_create);

int llog_store_handle_read_header(struct rpc_svcreq *req)
{
	const struct llogd_body *body = rpc_field(&req->rq, RF_LLOGD_BODY);
	struct llog_store *log;
	int rc = rpc_reply_pack(req);

	if (rc)
		return rc;
	log = open_by_id(req, body);
	if (IS_ERR(log))
		return PTR_ERR(log);
	rc = llog_store_header(log, rpc_field(&req->rp, RF_LLOG_HDR));
	llog_store_close(log);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_handle_read_header);

int llog_store_handle_next_block(struct rpc_svcreq *req)
{
	const struct llogd_body *body = rpc_field(&req->rq, RF_LLOGD_BODY);
	struct llogd_body *reply;
	struct llog_store *log;
	u32 saved = le32_to_cpu(body->lgd_saved_index);
	u64 offset = le64_to_cpu(body->lgd_cur_offset);
	int rc;

	rpc_set_size(&req->rp, RF_EADATA, LLOG_CHUNK_SIZE);
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	reply = rpc_field(&req->rp, RF_LLOGD_BODY);
	*reply = *body;
	if ((le32_to_cpu(body->lgd_llh_flags) & (LLOG_F_IS_PLAIN | LLOG_F_IS_CAT)) != LLOG_F_IS_PLAIN)
		return -EINVAL;
	log = open_by_id(req, body);
	if (IS_ERR(log))
		return PTR_ERR(log);
	rc = llog_store_next_block(log, le32_to_cpu(body->lgd_index), &saved, &offset,
				   rpc_field(&req->rp, RF_EADATA));
	llog_store_close(log);
	reply->lgd_saved_index = cpu_to_le32(saved);
	reply->lgd_cur_offset = cpu_to_le64(offset);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_store_handle_next_block);
