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

/**
 * llog_remote_process() - read a log over an import, from record @from on (remote.c)
 * @last: last index the log had
 * Context: sleeps, killable. Return: 0, -ENOENT no such log, result of @fn, ...
 */
int llog_remote_process(struct rpc_import *imp, const char *name, u32 from, u32 *last,
			llog_rec_fn fn, void *data);

/* lustre_cfg records (cfg_rec.c; chapter 06, section 7) */

/** struct cfg_rec - a decoded record: strings point into the record, NUL-terminated or NULL */
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
/** cfg_rec_encode() - build a complete llog record (index left 0) for writers. Return: its size, or -ENOSPC */
int cfg_rec_encode(const struct cfg_rec *in, void *buf, size_t size);

#endif
