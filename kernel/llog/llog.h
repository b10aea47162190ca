/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Record logs (chapter 06, section 6): walking and building them in memory.
 * Where they are kept is the caller's: kernel/server/target/llog_store.c on disk,
 * remote.c over LLOG_* RPCs.
 */
#ifndef SHEEN_LLOG_H
#define SHEEN_LLOG_H

#include "kernel/rpc/rpc.h"
#include "wire/llog.h"

/**
 * typedef llog_rec_fn - one live record
 * @rec: header, body and tail, checked: lengths and tail agree
 * Return: 0 to go on, anything else ends the walk with that result.
 */
typedef int (*llog_rec_fn)(const struct llog_rec_hdr *rec, void *data);

/**
 * llog_walk_chunk() - the records of one 8192-byte chunk
 * @bitmap: of the header, to skip dead records; @from: first index wanted; @last: set to the last index seen
 * Return: 0, -EINVAL for a malformed chunk (said once), or the result of @fn.
 */
int llog_walk_chunk(const void *chunk, u32 len, const struct llog_log_hdr *hdr, u32 from,
		    u32 *last, llog_rec_fn fn, void *data);

/** llog_header_init() - header of an empty log; @flags LLOG_F_*, @now seconds */
void llog_header_init(struct llog_log_hdr *hdr, u32 flags, time64_t now);
/** llog_header_check() - Return: 0, or -EINVAL for what is no log header of ours */
int llog_header_check(const struct llog_log_hdr *hdr);
/** llog_last_index() - of the last record ever written */
static inline u32 llog_last_index(const struct llog_log_hdr *hdr)
{
	return le32_to_cpu(hdr->llh_tail.lrt_index);
}

/**
 * llog_append() - place a record behind the others, with a pad before it where it would cross a chunk
 * @hdr: updated: bitmap, counts, last index
 * @offset: end of the log; moves on
 * @rec: complete but for index and tail index
 * @out: @size bytes; pad and record are written there
 *
 * Touches no storage. Return: bytes written to @out, -EINVAL for a bad length, -ENOSPC when all
 * indices are used or @out is too small.
 */
int llog_append(struct llog_log_hdr *hdr, u64 *offset, const struct llog_rec_hdr *rec, void *out, size_t size);
/** an append needs at most this much room more than its records */
#define LLOG_MAX_PAD	LLOG_CHUNK_SIZE

/**
 * llog_remote_process() - read a log over an import, from record @from on (remote.c)
 * @last: last index the log had
 * Context: sleeps, killable. Return: 0, -ENOENT no such log, result of @fn, ...
 */
int llog_remote_process(struct rpc_import *imp, const char *name, u32 from, u32 *last,
			llog_rec_fn fn, void *data);

#define LLOG_IMAGE_MAX	(64UL << 20)

/**
 * llog_remote_read() - a whole log over an import, as it is in its file, dead records too
 * @image: set to what kvfree() frees; @size: its bytes
 * Context: sleeps, killable. Return: 0, -ENOENT no such log, -EFBIG more than LLOG_IMAGE_MAX, ...
 */
int llog_remote_read(struct rpc_import *imp, const char *name, void **image, size_t *size);

/* lustre_cfg records (cfg_rec.c; chapter 06, section 7) */

/**
 * struct cfg_rec - a decoded record
 * @buf: point into the record, NULL where empty or missing. What cfg_rec_string() hands out is
 *	text; other buffers are binary (descriptors, markers)
 */
struct cfg_rec {
	u32		command;
	u32		num;
	u64		nid;
	u32		nr;
	const char	*buf[8];
	u32		len[8];
};

/** cfg_rec_decode() - Return: 0 or -EINVAL with a message */
int cfg_rec_decode(const struct llog_rec_hdr *rec, struct cfg_rec *out);
/** cfg_rec_string() - buffer @i if it is a NUL-terminated text, else NULL */
const char *cfg_rec_string(const struct cfg_rec *rec, unsigned int i);
/** cfg_rec_set() - buffer @i of a record to be written: text with its NUL */
void cfg_rec_set(struct cfg_rec *rec, unsigned int i, const char *text);
/** cfg_rec_encode() - build a complete llog record (index left 0) for writers. Return: its size, or -ENOSPC */
int cfg_rec_encode(const struct cfg_rec *in, void *buf, size_t size);

#define CFG_REC_MAX	LLOG_CHUNK_SIZE

#endif
