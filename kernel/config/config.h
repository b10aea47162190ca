/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration (chapter 06): the MGC (this node's connection to an MGS), configuration
 * logs turned into calls, parameters and statistics trees. Part of ptlrpc.ko.
 * Files: mgc.c cfg_log.c cfg_node.c | params.c stats.c device.c top.c jobid.c
 */
#ifndef SHEEN_CONFIG_H
#define SHEEN_CONFIG_H

#include <linux/seq_file.h>
#include "kernel/rpc/rpc.h"
#include "wire/config.h"

struct mgc;
struct cfg_follow;

#define CFG_MAX_NIDS	32	/* of one node */
#define CFG_MAX_NODES	16	/* failover nodes of one target */

/** struct cfg_node - one node: all NIDs lead to the same machine */
struct cfg_node {
	unsigned int	nr;
	lnet_nid_t	nid[CFG_MAX_NIDS];
};

/** cfg_parse_nodes() - "nid[,nid][:nid...]"; Return: number of nodes or -EINVAL */
int cfg_parse_nodes(const char *str, struct cfg_node *nodes, unsigned int max);

/** cfg_node_add() - one more NID, unless it is there; false when the node is full */
bool cfg_node_add(struct cfg_node *node, lnet_nid_t nid);
/** cfg_fsname_len() - how much of a target's or log's name is the file system: all of it without separator */
size_t cfg_fsname_len(const char *name);
struct ldlm_res_id;
/** cfg_lock_res() - resource of the lock of a log (chapter 06, 4). Return: 0 or -EINVAL: name too long */
int cfg_lock_res(const char *log, struct ldlm_res_id *res);

/* --- mgc.c --- */

/** mgc_get() - connect to an MGS (shared by all mounts with the same first NID); does not wait */
struct mgc *mgc_get(const struct cfg_node *nodes, unsigned int nr);
void mgc_put(struct mgc *mgc);
struct rpc_import *mgc_import(struct mgc *mgc);
/** mgc_target_register() - MGS_TARGET_REG; @mti is request and reply (4544 bytes, host code uses le*_to_cpu) */
int mgc_target_register(struct mgc *mgc, struct mgs_target_info *mti);

/**
 * struct cfg_target - what a section "add mdc", "add osc", "add osp" says
 * @index: MDT or OST index; @uuid: testfs-OST0003_UUID; @device: name in the log (not instanced)
 * @inactive: EXCLUDE, exclude= or osc.active=0
 */
struct cfg_target {
	u32		index;
	const char	*uuid;
	const char	*device;
	unsigned int	nr_nodes;
	struct cfg_node	nodes[CFG_MAX_NODES];
	bool		inactive;
};

/**
 * struct cfg_ops - what a reader of a log is told, in log order; any may be NULL
 * @profile: MOUNTOPT seen
 * @add_mdt, @add_ost: a target exists (again: an already known index only updates its nodes)
 * @setup_target: "add mdt"/"add ost": the reader's own target is to be set up
 * @lov_desc: "lov setup": defaults for striping
 * @param: PARAM record: device name as in the log, key and value of one key=value
 * @pool: POOL_* commands
 * A nonzero return of a required command (0x1000 bit) ends the first reading with that error.
 * All are called from one thread at a time, process context, may sleep.
 */
struct cfg_ops {
	int	(*profile)(void *data, const char *profile, const char *dt, const char *md);
	int	(*add_mdt)(void *data, const struct cfg_target *t);
	int	(*add_ost)(void *data, const struct cfg_target *t);
	int	(*setup_target)(void *data, const char *svname, u32 index);
	int	(*lov_desc)(void *data, const struct lov_desc *desc);
	int	(*param)(void *data, const char *device, const char *key, const char *value);
	int	(*pool)(void *data, u32 command, const char *pool, const char *ost_uuid);
};

/* --- cfg_log.c: records turned into calls, for readers that have the log at hand --- */

struct llog_rec_hdr;
struct cfg_reader;
/** cfg_reader_create() - @exclude as for cfg_follow_start(). Return: reader or NULL */
struct cfg_reader *cfg_reader_create(const char *exclude, const struct cfg_ops *ops, void *data);
/** cfg_reader_record() - the next record, an llog_rec_fn. Sections are told when they end */
int cfg_reader_record(const struct llog_rec_hdr *rec, void *reader);
bool cfg_reader_has_profile(const struct cfg_reader *r);
void cfg_reader_free(struct cfg_reader *r);

/* --- mgc.c again: following a log --- */

/**
 * struct cfg_copy_ops - how a server keeps copies of its logs, to start while the MGS is down
 * @save: keep @image, the whole file of @log, as its copy
 * @process: the records of the copy. Return: 0, -ENOENT there is none, result of @fn, ...
 */
struct cfg_copy_ops {
	int	(*save)(void *data, const char *log, const void *image, size_t size);
	int	(*process)(void *data, const char *log, int (*fn)(const struct llog_rec_hdr *rec, void *arg), void *arg);
};
/** struct cfg_copy - copies of one target */
struct cfg_copy {
	const struct cfg_copy_ops	*ops;
	void				*data;
};

/**
 * cfg_follow_start() - take the config lock of a log, read it, apply it, keep it current
 * @name: testfs-client, testfs-OST0000, testfs-MDT0000, params (by itself: every mgc follows it)
 * @exclude: colon-separated targets that are to be inactive, or NULL
 * @copy: copies are kept there, and read if the MGS is down; NULL: there is no life without the MGS
 *
 * Returns after the first reading was applied; later changes come by @ops from a work item.
 * Return: handle or ERR_PTR: -ENOENT no such log, -EINVAL malformed or no profile...
 */
struct cfg_follow *cfg_follow_start(struct mgc *mgc, const char *name, const char *exclude,
				    const struct cfg_copy *copy, const struct cfg_ops *ops, void *data);
/** cfg_follow_stop() - no call of ops after return */
void cfg_follow_stop(struct cfg_follow *f);

/* --- params.c: /sys/fs/lustre and /sys/kernel/debug/lustre with the stock names --- */

/**
 * struct param - one file: e.g. max_dirty_mb
 * @show: writes the text, with its newline. NULL: write-only
 * @store: NUL-terminated text without trailing newline. Return: 0 or errno. NULL: read-only.
 *	Must not add or remove directories
 * @value: a single value, never near a page: goes to sysfs, readable by everyone; else
 *	to debugfs (statistics, tables)
 */
struct param {
	const char	*name;
	int		(*show)(struct seq_file *m, void *data);
	int		(*store)(void *data, const char *val);
	bool		value;
};

struct param_dir;
/**
 * param_dir_add() - directory <type>/<device> (device NULL: <type> itself; type NULL: the top) with files
 * @type, @device: may hold '/': "ldlm/namespaces", "testfs-MDT0000/exports/10.0.0.3@tcp"
 * @params: ends with a NULL name
 *
 * Several callers may add to one directory. Return: handle or ERR_PTR
 */
struct param_dir *param_dir_add(const char *type, const char *device, const struct param *params, void *data);
void param_dir_del(struct param_dir *dir);
/** param_set() - PARAM records: apply key=value to <type>/<device>; -ENOENT if nobody has it */
int param_set(const char *type, const char *device, const char *key, const char *value);
/** param_stripesize() - "4M" as a stripe size in bytes. Return: 0, -EINVAL no number, -ERANGE none that layouts can have */
int param_stripesize(const char *text, u32 *size);

/* --- jobid.c --- */

/** jobid_get() - what pb_jobid of a request of the current process says, by jobid_var; @buf 32 bytes, empty when disabled */
void jobid_get(char buf[RPC_JOBID_SIZE]);

/* --- stats.c: counters in the text format of chapter 07, section 6 --- */

/** struct stat_desc - one line: name and units ("usecs", "bytes", "reqs"); @sum: has min max sum (sumsq with @sq) */
struct stat_desc {
	const char	*name;
	const char	*unit;
	bool		sum;
	bool		sq;
};
struct stats;
struct stats *stats_alloc(const struct stat_desc *desc, unsigned int nr);
void stats_free(struct stats *st);
/** stats_add() - any context; per CPU */
void stats_add(struct stats *st, unsigned int idx, u64 value);
static inline void stats_inc(struct stats *st, unsigned int idx) { stats_add(st, idx, 1); }
/** stats_count() - @nr at a time of a counter without sums */
void stats_count(struct stats *st, unsigned int idx, u64 nr);
int stats_show(struct seq_file *m, struct stats *st);
/** stats_show_map() - all counters, also those at 0, as lines of a YAML map (chapter 07, 6.2) */
int stats_show_map(struct seq_file *m, struct stats *st);
void stats_clear(struct stats *st);
/** stats_show_times() - the head of such a text: now, since @start (wall clock), and how long that is */
void stats_show_times(struct seq_file *m, ktime_t start, bool colon, int indent);

#define STATS_HIST_BUCKETS	32

/* What a bucket of a histogram holds, and how its row is labelled */
enum stats_scale {
	STATS_PLAIN,	/* the number */
	STATS_POWERS,	/* up to 2^n: 1, 2, 4... 1024 */
	STATS_BYTES,	/* the same: 1, 2, 4... 1K */
	STATS_OFFSETS,	/* from 2^n on: 0, 1, 2, 4... */
	STATS_RANGES,	/* of bytes: 0K - 4K, 4K - 8K... */
};

struct stats_hist_desc {
	const char		*name, *unit;
	enum stats_scale	scale;
};

/** struct stats_hist - [is it a write][bucket]; the caller locks */
struct stats_hist {
	u64	n[2][STATS_HIST_BUCKETS];
};

void stats_hist_add(struct stats_hist *h, const struct stats_hist_desc *desc, bool write, u64 value);
/** stats_hist_show() - as a section of a text, with its head; @client: as clients write it, not targets */
void stats_hist_show(struct seq_file *m, const struct stats_hist *h, const struct stats_hist_desc *desc, bool client);

/* --- device.c: the lines of 'lctl dl' --- */

struct cfg_device;
/**
 * cfg_device_add() - a line of the parameter "devices"
 * @type: as stock calls it: mgc, lov, lmv, mdc, osc, mgs, mdt, obdfilter, osp, lwp, ...
 * @imp: shows IN when it is not usable; may be NULL
 * Return: handle or ERR_PTR(-ENOMEM)
 */
struct cfg_device *cfg_device_add(const char *type, const char *name, const char *uuid, struct rpc_import *imp);
void cfg_device_del(struct cfg_device *dev);
/** cfg_unhealthy() - health_check says NOT HEALTHY from a true to its false (a device whose storage failed) */
void cfg_unhealthy(bool bad);

int config_init(void);
void config_exit(void);

#endif
