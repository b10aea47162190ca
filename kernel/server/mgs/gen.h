/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing configuration logs as a stock 2.15 MGS does (chapter 06, section 8). Pure:
 * sections go to a callback; nothing here knows of storage or locks.
 */
#ifndef SHEEN_MGS_GEN_H
#define SHEEN_MGS_GEN_H

#include "kernel/config/config.h"
#include "kernel/llog/llog.h"

#define MGS_SECTION_RECS	640	/* a target with all its nodes and NIDs */
#define MGS_SECTION_BYTES	(96 * 1024)

/**
 * struct mgs_target - a registered MDT or OST
 * @link: in mgs_fs.targets, MDTs and OSTs by order of registration
 * @failout: failover.mode=failout
 * @nodes: the first is where it registered from
 */
struct mgs_target {
	struct list_head	link;
	bool			mdt;
	bool			failout;
	u32			index;
	unsigned int		nr_nodes;
	char			svname[MTI_NAME_MAXLEN];
	struct cfg_node		nodes[];
};

/**
 * struct mgs_gen - state of a writer
 * @fsname: file system
 * @step: its counter of sections: the last one used
 * @version: version code for markers; @now: seconds, for markers
 * @append: all records of one section, complete but for their indices
 * @ctx: for @append
 *
 * The rest is the section under construction; errors are kept until it ends.
 */
struct mgs_gen {
	const char		*fsname;
	u32			*step;
	u32			version;
	time64_t		now;
	int			(*append)(void *ctx, const char *log,
					  const struct llog_rec_hdr *const *recs, unsigned int nr);
	void			*ctx;

	int			error;
	unsigned int		nr;
	size_t			used;
	const char		*target, *comment;
	const struct llog_rec_hdr *recs[MGS_SECTION_RECS];
	u8			buf[MGS_SECTION_BYTES] __aligned(8);
};

/** mgs_gen_begin() - a section: START marker. The strings must live until mgs_gen_end() */
void mgs_gen_begin(struct mgs_gen *g, const char *target, const char *comment);
/** mgs_gen_rec() - a record with @nr texts, each may be NULL */
void mgs_gen_rec(struct mgs_gen *g, u32 command, u32 num, unsigned int nr, ...);
/** mgs_gen_end() - END marker, and the section goes to @log. Return: 0 or the first error */
int mgs_gen_end(struct mgs_gen *g, const char *log);

/** mgs_gen_client() - the sections that begin the client log */
int mgs_gen_client(struct mgs_gen *g);
/**
 * mgs_gen_own_log() - the log of @t itself
 * @targets: all others of the file system; @t may be among them
 */
int mgs_gen_own_log(struct mgs_gen *g, const struct mgs_target *t, const struct list_head *targets);
/** mgs_gen_add_target() - @t in the logs of the others: clients and MDTs; in stock order */
int mgs_gen_add_target(struct mgs_gen *g, const struct mgs_target *t, const struct list_head *targets, bool has_client);
/** mgs_gen_add_failnid() - one more failover node of @t for a connection @device in @log */
int mgs_gen_add_failnid(struct mgs_gen *g, const char *log, const char *device, const struct mgs_target *t,
			const struct cfg_node *node);

#endif
