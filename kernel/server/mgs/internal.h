/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MGS: what its files share. One MGS per node.
 * Files: mgs.c (service) | register.c params.c (changes) | fsdb.c (what is registered) |
 * gen.c (contents of logs) | control.c (/dev/lustre-mgs)
 *
 * Lock order: mgs.mutex, which every change of logs holds, > ldiskfs's. Locks of clients are
 * revoked from a work item without it.
 */
#ifndef SHEEN_MGS_INTERNAL_H
#define SHEEN_MGS_INTERNAL_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include "kernel/server/mgs/gen.h"
#include "kernel/server/target/target.h"

struct mgs;

/**
 * struct mgs_fs - a file system, or the log "params" (no targets, its own counter)
 * @step: last marker step used
 * @has_client: its client log has been begun
 * @revoke: takes the config lock away from everybody who follows the logs
 */
struct mgs_fs {
	struct list_head	link;
	struct mgs		*mgs;
	u32			step;
	bool			has_client;
	struct list_head	targets;
	struct ldlm_res_id	res;
	struct work_struct	revoke;
	struct param_dir	*live;
	struct param		live_params[2];
	char			name[16];
};

/** struct mgs - the MGS of this node */
struct mgs {
	struct target		*tgt;
	struct ldlm_namespace	*ns;
	struct mutex		mutex;
	struct list_head	fs;
	struct mgs_fs		*params;
	struct mgs_gen		*gen;		/* scratch, under mutex */
	struct param_dir	*dir;
	struct cfg_device	*device;
};

/* fsdb.c; under mgs->mutex */
struct mgs_fs *mgs_fs_get(struct mgs *mgs, const char *name, bool create);
/* forget all targets; the logs are erased */
void mgs_fs_reset(struct mgs_fs *fs);
void mgs_fs_free(struct mgs_fs *fs);
int mgs_load(struct mgs *mgs);
struct mgs_target *mgs_target_find(struct mgs_fs *fs, bool mdt, u32 index);
struct mgs_target *mgs_target_alloc(const char *fsname, bool mdt, u32 index, const struct cfg_node *nodes, unsigned int nr);
/* @t gets further nodes, those of @nodes that it does not have, in all logs; frees @t if there are any */
int mgs_target_failover(struct mgs_fs *fs, struct mgs_target *t, const struct cfg_node *nodes, unsigned int nr);
bool mgs_log_exists(struct mgs *mgs, const char *name);
int mgs_fs_erase(struct mgs_fs *fs);
struct mgs_gen *mgs_gen_start(struct mgs_fs *fs);
void mgs_revoke(struct mgs_fs *fs);
int mgs_sync(struct mgs *mgs);

/* register.c */
int mgs_target_reg(struct rpc_svcreq *req);

/* params.c; under mgs->mutex */
int mgs_target_param(struct mgs_fs *fs, const char *target, const char *key, const char *value);
int mgs_command(struct mgs *mgs, char *text);

/* control.c */
int mgs_control_init(struct mgs *mgs);
void mgs_control_exit(void);

static inline struct mgs *mgs_of(const struct rpc_svcreq *req)
{
	return target_of(req)->private;
}

#endif
