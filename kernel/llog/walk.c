// SPDX-License-Identifier: GPL-2.0
/*
 * The format of a log in memory: its header, walking the records of a chunk, and
 * where an appended record goes (chapter 06, 6.1). Nothing here reads or writes storage.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/string.h>
#include "kernel/llog/llog.h"

static bool bitmap_test(const struct llog_log_hdr *hdr, u32 index)
{
	return hdr->llh_bitmap[index / 8] & (1U << (index % 8));
}

void llog_header_init(struct llog_log_hdr *hdr, u32 flags, time64_t now)
{
	memset(hdr, 0, sizeof(*hdr));
	hdr->llh_hdr.lrh_len = cpu_to_le32(LLOG_CHUNK_SIZE);
	hdr->llh_hdr.lrh_type = cpu_to_le32(LLOG_HDR_MAGIC);
	hdr->llh_timestamp = cpu_to_le64(now);
	hdr->llh_count = cpu_to_le32(1);
	hdr->llh_bitmap_offset = cpu_to_le32(LLOG_BITMAP_OFFSET);
	hdr->llh_flags = cpu_to_le32(flags);
	hdr->llh_bitmap[0] = 1;
	hdr->llh_tail.lrt_len = cpu_to_le32(LLOG_CHUNK_SIZE);
}
EXPORT_SYMBOL_GPL(llog_header_init);

int llog_header_check(const struct llog_log_hdr *hdr)
{
	if (hdr->llh_hdr.lrh_type != cpu_to_le32(LLOG_HDR_MAGIC)) {
		if (hdr->llh_hdr.lrh_type == cpu_to_le32(swab32(LLOG_HDR_MAGIC)))
			pr_err_ratelimited("llog: log was written by a host of the other byte order\n");
		return -EINVAL;
	}
	if (hdr->llh_hdr.lrh_len != cpu_to_le32(LLOG_CHUNK_SIZE) ||
	    hdr->llh_bitmap_offset != cpu_to_le32(LLOG_BITMAP_OFFSET) ||
	    llog_last_index(hdr) >= LLOG_BITMAP_BITS)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(llog_header_check);

/* The record at @p, if it and its tail are sound and end within @left bytes */
static const struct llog_rec_hdr *checked_rec(const void *p, u32 left)
{
	const struct llog_rec_hdr *rec = p;
	const struct llog_rec_tail *tail;
	u32 len;

	if (left < LLOG_MIN_REC_SIZE)
		return NULL;
	len = le32_to_cpu(rec->lrh_len);
	if (len < LLOG_MIN_REC_SIZE || len > left || len % 8 ||
	    (le32_to_cpu(rec->lrh_type) & LLOG_OP_MASK) != LLOG_OP_MAGIC ||
	    le32_to_cpu(rec->lrh_index) >= LLOG_BITMAP_BITS)
		return NULL;
	tail = p + len - sizeof(*tail);
	if (tail->lrt_len != rec->lrh_len || tail->lrt_index != rec->lrh_index)
		return NULL;
	return rec;
}

int llog_walk_chunk(const void *chunk, u32 len, const struct llog_log_hdr *hdr, u32 from,
		    u32 *last, llog_rec_fn fn, void *data)
{
	const struct llog_rec_hdr *rec;
	u32 at, index;
	int rc;

	for (at = 0; at < len; at += le32_to_cpu(rec->lrh_len)) {
		rec = checked_rec(chunk + at, len - at);
		if (!rec) {
			pr_err_ratelimited("llog: malformed record at byte %u of a chunk, after record %u\n",
					   at, *last);
			return -EINVAL;
		}
		index = le32_to_cpu(rec->lrh_index);
		*last = index;
		if (index < from || rec->lrh_type == cpu_to_le32(LLOG_PAD_MAGIC) ||
		    !bitmap_test(hdr, index))
			continue;
		rc = fn(rec, data);
		if (rc)
			return rc;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(llog_walk_chunk);

static void put_rec(void *out, u32 len, u32 index, u32 type, u32 id)
{
	struct llog_rec_hdr *hdr = out;
	struct llog_rec_tail *tail = out + len - sizeof(*tail);

	hdr->lrh_len = cpu_to_le32(len);
	hdr->lrh_index = cpu_to_le32(index);
	hdr->lrh_type = cpu_to_le32(type);
	hdr->lrh_id = cpu_to_le32(id);
	tail->lrt_len = hdr->lrh_len;
	tail->lrt_index = hdr->lrh_index;
}

int llog_append(struct llog_log_hdr *hdr, u64 *offset, const struct llog_rec_hdr *rec, void *out, size_t size)
{
	u32 len = le32_to_cpu(rec->lrh_len);
	u32 left = LLOG_CHUNK_SIZE - (u32)(*offset % LLOG_CHUNK_SIZE);
	u32 index = llog_last_index(hdr);
	u32 pad = left != len && left < len + LLOG_MIN_REC_SIZE ? left : 0;
	u32 smallest = le32_to_cpu(hdr->llh_size);

	if (len < LLOG_MIN_REC_SIZE || len > LLOG_CHUNK_SIZE || len % 8)
		return -EINVAL;
	if (pad + len > size || index + 2 >= LLOG_BITMAP_BITS)
		return -ENOSPC;

	if (pad) {
		memset(out, 0, pad);
		put_rec(out, pad, ++index, LLOG_PAD_MAGIC, 0);
		out += pad;
	}
	memcpy(out, rec, len);
	put_rec(out, len, ++index, le32_to_cpu(rec->lrh_type), le32_to_cpu(rec->lrh_id));

	hdr->llh_bitmap[index / 8] |= 1U << (index % 8);
	le32_add_cpu(&hdr->llh_count, 1);
	hdr->llh_tail.lrt_index = cpu_to_le32(index);
	if (!smallest || len < smallest)
		hdr->llh_size = cpu_to_le32(len);
	*offset += pad + len;
	return pad + len;
}
EXPORT_SYMBOL_GPL(llog_append);
