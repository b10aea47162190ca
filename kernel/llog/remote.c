// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a log that another node keeps, by LLOG_* requests (chapter 06, 6.2).
 * A log that fits one chunk costs CREATE, READ_HEADER and one NEXT_BLOCK.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "kernel/llog/llog.h"
#include "wire/md.h"

/* A log while it is read */
struct remote_log {
	struct rpc_import	*imp;
	struct llog_logid	id;	/* what CREATE said */
	struct llog_log_hdr	*hdr;	/* as it was when the reading began */
	u32			saved;	/* position reached */
	u64			offset;
	void			*chunk;	/* last block read */
};

static int remote_open(struct remote_log *log, const char *name)
{
	size_t len = strlen(name) + 1;
	struct rpc_request *req;
	struct llogd_body *body;
	struct mdt_body *cred;
	int rc = -ENOMEM;

	req = rpc_request_alloc(log->imp, &RQF_LLOG_CREATE);
	if (!req)
		return rc;
	rpc_set_size(&req->rq, RF_NAME, len);
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	memcpy(rpc_field(&req->rq, RF_NAME), name, len);
	cred = rpc_field(&req->rq, RF_MDT_BODY);
	cred->mbo_capability = cpu_to_le32(~0U);
	cred->mbo_suppgid = cpu_to_le32(MDS_NO_GID);
	rc = rpc_call(req);
	if (rc)
		goto out;
	body = rpc_field(&req->rp, RF_LLOGD_BODY);
	if (body)
		log->id = body->lgd_logid;
	else
		rc = -EPROTO;
out:
	rpc_request_put(req);
	return rc;
}

static int remote_header(struct remote_log *log)
{
	struct rpc_request *req;
	struct llogd_body *body;
	struct llog_log_hdr *hdr;
	int rc = -ENOMEM;

	req = rpc_request_alloc(log->imp, &RQF_LLOG_READ_HEADER);
	if (!req)
		return rc;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	body = rpc_field(&req->rq, RF_LLOGD_BODY);
	body->lgd_logid = log->id;
	body->lgd_llh_flags = cpu_to_le32(LLOG_F_IS_PLAIN);
	rc = rpc_call(req);
	if (rc)
		goto out;
	hdr = rpc_field(&req->rp, RF_LLOG_HDR);
	if (hdr) {
		memcpy(log->hdr, hdr, sizeof(*hdr));
		rc = llog_header_check(log->hdr);
	} else {
		rc = -EPROTO;
	}
out:
	rpc_request_put(req);
	return rc;
}

/* Read the chunk that holds record @want; *@len is how much of it is filled */
static int remote_block(struct remote_log *log, u32 want, u32 *len)
{
	struct rpc_request *req;
	struct llogd_body *body;
	void *data;
	u64 end;
	int rc = -ENOMEM;

	req = rpc_request_alloc(log->imp, &RQF_LLOG_NEXT_BLOCK);
	if (!req)
		return rc;
	rpc_set_size(&req->rp, RF_EADATA, LLOG_CHUNK_SIZE);
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	body = rpc_field(&req->rq, RF_LLOGD_BODY);
	body->lgd_logid = log->id;
	body->lgd_llh_flags = log->hdr->llh_flags;
	body->lgd_index = cpu_to_le32(want);
	body->lgd_saved_index = cpu_to_le32(log->saved);
	body->lgd_len = cpu_to_le32(LLOG_CHUNK_SIZE);
	body->lgd_cur_offset = cpu_to_le64(log->offset);
	rc = rpc_call(req);
	if (rc)
		goto out;

	rc = -EPROTO;
	body = rpc_field(&req->rp, RF_LLOGD_BODY);
	data = rpc_field(&req->rp, RF_EADATA);
	if (!body || !data || rpc_field_size(&req->rp, RF_EADATA) != LLOG_CHUNK_SIZE)
		goto out;
	end = le64_to_cpu(body->lgd_cur_offset);
	log->saved = le32_to_cpu(body->lgd_saved_index);
	if (end <= LLOG_CHUNK_SIZE || log->saved < want)
		goto out;
	log->offset = end;
	*len = end % LLOG_CHUNK_SIZE ?: LLOG_CHUNK_SIZE;
	memcpy(log->chunk, data, *len);
	rc = 0;
out:
	rpc_request_put(req);
	return rc;
}

static void remote_close(struct remote_log *log)
{
	kvfree(log->hdr);
	kvfree(log->chunk);
}

/* Find the log and read its header; remote_close() it, whatever this returns */
static int remote_start(struct remote_log *log, struct rpc_import *imp, const char *name)
{
	int rc;

	*log = (struct remote_log){ .imp = imp, .offset = LLOG_CHUNK_SIZE };
	log->hdr = kvmalloc(LLOG_CHUNK_SIZE, GFP_NOFS);
	log->chunk = kvmalloc(LLOG_CHUNK_SIZE, GFP_NOFS);
	if (!log->hdr || !log->chunk)
		return -ENOMEM;
	rc = remote_open(log, name);
	return rc ? rc : remote_header(log);
}

int llog_remote_process(struct rpc_import *imp, const char *name, u32 from, u32 *last,
			llog_rec_fn fn, void *data)
{
	u32 index = max(from, 1U), end, len;
	struct remote_log log;
	int rc;

	rc = remote_start(&log, imp, name);
	if (rc)
		goto out;
	end = llog_last_index(log.hdr);

	/* Records that came after the header was read have clear bits: they come next time. */
	while (!rc) {
		index = find_next_bit_le(log.hdr->llh_bitmap, end + 1, index);
		if (index > end)
			break;
		rc = remote_block(&log, index, &len);
		if (!rc)
			rc = llog_walk_chunk(log.chunk, len, log.hdr, index, &index, fn, data);
		if (!rc && index < log.saved)
			rc = -EPROTO;
		index = log.saved + 1;
	}
	if (!rc)
		*last = end;
out:
	remote_close(&log);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_remote_process);

/* Room for @size bytes of an image that has @used. Return: the image, NULL without memory */
static void *image_grow(void *image, size_t used, size_t *room, size_t size)
{
	void *larger;

	if (size <= *room)
		return image;
	*room = roundup_pow_of_two(size);
	larger = kvzalloc(*room, GFP_NOFS);
	if (larger)
		memcpy(larger, image, used);
	kvfree(image);
	return larger;
}

int llog_remote_read(struct rpc_import *imp, const char *name, void **image, size_t *size)
{
	size_t room = 2 * LLOG_CHUNK_SIZE, used = LLOG_CHUNK_SIZE;
	void *buf = kvzalloc(room, GFP_NOFS);
	struct remote_log log;
	u32 len;
	int rc;

	rc = remote_start(&log, imp, name);
	while (!rc && buf && log.saved < llog_last_index(log.hdr)) {
		rc = remote_block(&log, log.saved + 1, &len);
		if (!rc && log.offset > LLOG_IMAGE_MAX)
			rc = -EFBIG;
		if (rc)
			break;
		buf = image_grow(buf, used, &room, log.offset);
		if (buf)
			memcpy(buf + log.offset - len, log.chunk, len);
		used = log.offset;
	}
	if (!rc && !buf)
		rc = -ENOMEM;
	if (!rc) {
		memcpy(buf, log.hdr, sizeof(*log.hdr));
		*image = buf;
		*size = used;
	} else {
		kvfree(buf);
	}
	remote_close(&log);
	return rc;
}
EXPORT_SYMBOL_GPL(llog_remote_read);
