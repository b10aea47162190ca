/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The metadata target (mdt.ko; chapter 04, chapter 03 sections 11-12, chapter 05 parts A and B13).
 * Nothing outside this directory includes this file.
 * Files: main.c connect.c params.c | cred.c squash.c attr.c ea.c | getattr.c readdir.c xattr.c fid2path.c |
 * intent.c open.c close.c dom.c | reint.c setattr.c namei.c rename.c | linkea.c layout.c dirpage.c (pure) |
 * lod.c osp.c osp_log.c
 *
 * Lock order: rename mutex (directories across directories) > ldlm parent, then child (directories
 * of a rename by FID) > mdt->obj_locks[] (of one FID) > ldiskfs transaction. mdt->lod.lock, osp->lock
 * and mdt_export.open_lock are leaves. Nothing waits for a lock of a client inside obj_locks.
 */
#ifndef SHEEN_MDT_H
#define SHEEN_MDT_H

#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include "kernel/server/target/data.h"
#include "wire/layout.h"
#include "wire/md.h"
#include "linkea.h"
#include "lod.h"

extern const struct lu_fid mdt_root_fid;

#define MDT_OBJ_LOCKS	256
#define MDT_MAX_EASIZE	65536U
#define MDT_MAX_MODRPCS	8
#define MDT_SYMLINK_MAX	4095

/* Counters of mdt.*.md_stats, in the order of mdt_stat_desc[] */
enum {
	MDT_STAT_OPEN, MDT_STAT_CLOSE, MDT_STAT_MKNOD, MDT_STAT_LINK, MDT_STAT_UNLINK, MDT_STAT_MKDIR,
	MDT_STAT_RMDIR, MDT_STAT_RENAME, MDT_STAT_GETATTR, MDT_STAT_SETATTR, MDT_STAT_GETXATTR,
	MDT_STAT_SETXATTR, MDT_STAT_STATFS, MDT_STAT_SYNC, MDT_STAT_SAMEDIR_RENAME,
	MDT_STAT_CROSSDIR_RENAME, MDT_STAT_READ_BYTES, MDT_STAT_WRITE_BYTES, MDT_STAT_PUNCH, MDT_NR_STATS
};

/** struct mdt_squash - who root of clients is; @exempt: NID list or NULL; under @lock */
struct mdt_squash {
	spinlock_t	lock;
	u32		uid, gid;
	char		*exempt;
};

/**
 * struct mdt - one metadata target
 * @root: the file system's root, [0x200000007:0x1:0x0]
 * @pending: directory of unlinked files that are still open, named by their FID
 * @open_objs: struct mdt_inode by FID: only objects with open handles
 * @obj_locks: by hash of a FID: opens, closes, last unlinks of one object exclude each other
 * @rename_lock: one rename of a directory to another directory at a time
 * @nr_orphans: unlinked objects among @open_objs
 * @max_mdsize: largest layout seen, grows
 */
struct mdt {
	struct target		*tgt;
	struct data_target	data;
	struct ldiskfs_dev	*dev;
	struct ldlm_namespace	*ns;
	struct ldiskfs_object	*root;
	struct ldiskfs_object	*pending;
	struct rhashtable	open_objs;
	struct mutex		obj_locks[MDT_OBJ_LOCKS];
	struct mutex		rename_lock;
	atomic_t		nr_orphans;
	atomic_t		max_mdsize;
	struct lod		lod;
	struct osp_log		*log;
	struct mdt_squash	squash;
	struct param_dir	*params, *mdd_params, *lod_params;
	struct cfg_device	*device;
	bool			open_objs_ready;
	bool			stopping;	/* orphans stay for recovery */
};

/** struct mdt_export - a client; @opens: its struct mdt_open, under @open_lock */
struct mdt_export {
	struct data_export	de;	/* first */
	spinlock_t		open_lock;
	struct list_head	opens;
};

static inline struct mdt_export *mdt_export(const struct rpc_export *exp)
{
	return container_of(data_export(exp), struct mdt_export, de);
}

static inline struct mdt *mdt_of(const struct rpc_svcreq *req)
{
	return target_of(req)->private;
}

/**
 * struct mdt_inode - an object that somebody has open
 * @opens, @writers, @denied: handles, of them for write, of them for execution
 * @orphan: it has no name any more: the last close destroys it
 * All under the obj_lock of its FID.
 */
struct mdt_inode {
	struct rhash_head	node;
	struct lu_fid		fid;
	struct ldiskfs_object	*obj;
	unsigned int		opens, writers, denied;
	bool			orphan;
	struct rcu_head		rcu;
};

/**
 * struct mdt_open - open handle of a client
 * @old_cookie: the handle a replayed open had before
 * @xid: of the open, to recognise a resend
 */
struct mdt_open {
	struct rpc_handle	handle;
	struct kref		ref;
	struct list_head	link;
	struct rpc_export	*exp;
	struct mdt_inode	*mi;
	struct mdt_inode	*spare;		/* memory for @mi of the first opener */
	u64			flags;
	u64			old_cookie;
	u64			xid;
	struct rcu_head		rcu;
};

/* --- credentials and permissions (cred.c) --- */

/** struct mdt_cred - whom a request acts for; @caps: CAP_* as a bit mask */
struct mdt_cred {
	u32	fsuid, fsgid;
	u32	suppgid[2];
	u32	caps;
};

void mdt_cred_body(struct rpc_svcreq *req, struct mdt_cred *c, const struct mdt_body *b);
void mdt_cred_rec(struct rpc_svcreq *req, struct mdt_cred *c, const struct mdt_rec_head *h);
/** mdt_squash() - whom root of this client acts for (squash.c) */
void mdt_squash(struct rpc_svcreq *req, struct mdt_cred *c);
int mdt_squash_show(struct seq_file *m, void *data);
int mdt_squash_store(void *data, const char *val);
int mdt_nosquash_show(struct seq_file *m, void *data);
int mdt_nosquash_store(void *data, const char *val);
bool mdt_cred_in_group(const struct mdt_cred *c, u32 gid);
static inline bool mdt_capable(const struct mdt_cred *c, unsigned int cap)
{
	return c->caps & (1U << cap);
}
bool mdt_cred_owner(const struct mdt_cred *c, struct inode *inode);
/** mdt_permission() - @mask: MAY_READ, MAY_WRITE, MAY_EXEC; -EACCES */
int mdt_permission(const struct mdt_cred *c, struct inode *inode, int mask);
/** mdt_may_create(), mdt_may_delete() - change of a directory; @victim for sticky directories */
int mdt_may_create(struct mdt *mdt, const struct mdt_cred *c, struct ldiskfs_object *dir);
int mdt_may_delete(const struct mdt_cred *c, struct inode *dir, struct inode *victim);

/* --- attributes (attr.c) --- */

/** struct mdt_ea - value of an extended attribute; @buf points to @small or is allocated */
struct mdt_ea {
	void	*buf;
	u32	size;
	u32	room;
	u8	small[320];
};
static inline void mdt_ea_init(struct mdt_ea *ea)
{
	ea->buf = ea->small;
	ea->size = 0;
	ea->room = sizeof(ea->small);
}
void mdt_ea_free(struct mdt_ea *ea);
int mdt_ea_room(struct mdt_ea *ea, u32 size);
/** mdt_ea_read() - @ea->size 0 if there is none; Return: 0 or error */
int mdt_ea_read(struct ldiskfs_object *obj, const char *name, struct mdt_ea *ea);

/** mdt_body_attr() - all attributes that do not need an EA; body is zero before */
void mdt_body_attr(struct mdt *mdt, struct mdt_body *body, struct ldiskfs_object *obj);
/** mdt_body_size() - size bits of an object in getattr replies; @has_lov: for regular files */
void mdt_body_size(struct mdt_body *body, struct ldiskfs_object *obj, bool has_lov);
/** mdt_reint_attr() - what replies of modifying requests hold */
void mdt_reint_attr(struct mdt *mdt, struct mdt_body *body, struct ldiskfs_object *obj);
u32 mdt_body_flags(struct inode *inode);
/** mdt_acl_size() - bytes of the access ACL as xattr value, 0: none; error */
int mdt_acl_size(struct inode *inode);
int mdt_acl_pack(struct inode *inode, void *buf, u32 size);
void mdt_note_mdsize(struct mdt *mdt, u32 size);

static inline void mdt_fid(struct lu_fid *to, const struct wire_fid *from)
{
	to->f_seq = le64_to_cpu(from->f_seq);
	to->f_oid = le32_to_cpu(from->f_oid);
	to->f_ver = le32_to_cpu(from->f_ver);
}

static inline void mdt_fid_pack(struct wire_fid *to, const struct lu_fid *from)
{
	to->f_seq = cpu_to_le64(from->f_seq);
	to->f_oid = cpu_to_le32(from->f_oid);
	to->f_ver = cpu_to_le32(from->f_ver);
}

/** mdt_find() - object that a client names; -EINVAL insane FID, -ENOENT */
struct ldiskfs_object *mdt_find(struct mdt *mdt, const struct lu_fid *fid);
/** mdt_is_dead() - has it lost its last name? (it may be in PENDING) */
bool mdt_is_dead(struct mdt *mdt, struct ldiskfs_object *obj);
/** mdt_may_change() - is this FID an ordinary object (or the root) that clients may change? */
bool mdt_may_change(const struct lu_fid *fid);

/* --- locks --- */

/** mdt_lock() - server-local inode-bits lock; @try bits only if free */
int mdt_lock(struct mdt *mdt, const struct lu_fid *fid, u32 mode, u64 bits, u64 try,
	     struct ldlm_lock **lock);
static inline void mdt_unlock(struct ldlm_lock *lock)
{
	if (lock)
		ldlm_srv_unlock(lock);
}

/* --- names --- */

/** mdt_name() - @q from field @f; Return: 0, -ENOENT if there is none, -EPROTO, -ENAMETOOLONG, -EINVAL */
int mdt_name(const struct rpc_msg *m, enum rpc_field f, struct qstr *q);
bool mdt_name_is_dot(const struct qstr *q);
/** mdt_lookup() - also "." and ".." (file handles of NFS); the root is its own parent */
struct ldiskfs_object *mdt_lookup(struct ldiskfs_object *dir, const struct qstr *name);

/* --- transactions --- */

/** mdt_version() - version before the change, for the reply; NULL: no such object, its version is 1 */
void mdt_version(struct rpc_svcreq *req, unsigned int slot, struct ldiskfs_object *obj);
/** mdt_tx_stop() - target_tx_stop(); @a, @b, @c: objects that were changed, may be NULL */
int mdt_tx_stop(struct mdt *mdt, struct rpc_svcreq *req, struct ldiskfs_tx *tx, int rc, u64 data,
		struct ldiskfs_object *a, struct ldiskfs_object *b, struct ldiskfs_object *c);

/** struct mdt_times - times of an object before the storage below set its own clock's */
struct mdt_times {
	s64	mtime, ctime;
};
void mdt_times_get(struct mdt_times *t, struct ldiskfs_object *obj);
/** mdt_touch() - the request's time as mtime and ctime (@both) or as ctime, unless older than @old */
int mdt_declare_touch(struct ldiskfs_tx *tx, struct ldiskfs_object *obj);
int mdt_touch(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, s64 time, const struct mdt_times *old,
	      bool both);
/** mdt_time() - a client's seconds within what the storage can keep */
struct timespec64 mdt_time(struct mdt *mdt, s64 sec);

/* --- new objects (create.c) --- */

/**
 * struct mdt_new - an object to be made, and where
 * @lov: layout of the new file, or default layout of the new directory; NULL: none
 */
struct mdt_new {
	struct ldiskfs_object	*dir;
	struct qstr		name;
	struct lu_fid		fid;
	struct ldiskfs_attr	attr;
	s64			time;
	const void		*lov;
	u32			lov_size;
};
/** mdt_new_init() - from a record: mode, owner, times after umask, ACL and setgid of the directory */
int mdt_new_init(struct mdt *mdt, struct rpc_svcreq *req, struct mdt_new *n, const struct mdt_cred *cred,
		 const struct mdt_rec_create *rec, struct ldiskfs_object *dir, const struct qstr *name);
int mdt_new_declare(struct mdt *mdt, struct ldiskfs_tx *tx, struct mdt_new *n);
/** mdt_new_create() - inside the transaction: the object with its name, link EA and layout; all or nothing */
struct ldiskfs_object *mdt_new_create(struct mdt *mdt, struct ldiskfs_tx *tx, struct mdt_new *n);

/* --- removal (victim.c) --- */

/**
 * struct mdt_victim - an object that loses a name (unlink, rename over it)
 * @last: it is the last name
 * @mi: it is open: it becomes an orphan and goes to PENDING
 * @dom: its data here goes with it
 * @batch: its data objects are destroyed after the commit
 * @link: link EA without the name, size 0: leave it
 */
struct mdt_victim {
	struct ldiskfs_object	*obj;
	struct lu_fid		fid;
	struct mutex		*lock;
	bool			last;
	bool			dom;
	struct mdt_inode	*mi;
	struct osp_batch	*batch;
	struct mdt_times	old;
	struct mdt_ea		link;
	struct qstr		pending;
	char			pending_name[48];
};
/** mdt_victim_lock() - take its obj_lock, decide what will happen; mdt_victim_unlock() ends it */
int mdt_victim_lock(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_object *obj);
void mdt_victim_unlock(struct mdt *mdt, struct mdt_victim *v, int rc);
/** mdt_victim_declare() - all but the removal of the name @name from @dir itself */
int mdt_victim_declare(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_tx *tx,
		       const struct lu_fid *dir, const struct qstr *name);
/** mdt_victim_done() - inside the transaction, after the name is gone */
int mdt_victim_done(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_tx *tx, s64 time);
/** mdt_victim_body() - attributes for the reply, after mdt_victim_unlock() */
void mdt_victim_body(struct mdt *mdt, struct mdt_body *body, const struct mdt_victim *v);
/** mdt_destroy_orphan() - an object of PENDING goes; its obj_lock is held, or nobody can open it yet */
int mdt_destroy_orphan(struct mdt *mdt, struct rpc_svcreq *req, struct ldiskfs_object *obj);
/** mdt_pending_clean() - at start: destroy what a crash left in PENDING */
int mdt_pending_clean(struct mdt *mdt);
/** mdt_dir_empty() - 0, -ENOTEMPTY */
int mdt_dir_empty(struct ldiskfs_object *dir);

/* --- open handles (handle.c) --- */

struct mutex *mdt_obj_lock(struct mdt *mdt, const struct lu_fid *fid);
/** mdt_inode_find() - under RCU; stays while the obj_lock of @fid is held */
struct mdt_inode *mdt_inode_find(struct mdt *mdt, const struct lu_fid *fid);
/** mdt_open_alloc() - a handle that is not known yet; mdt_open_put() drops it */
struct mdt_open *mdt_open_alloc(struct rpc_svcreq *req, u64 flags, u64 old_cookie);
void mdt_open_put(struct mdt_open *mo);
/** mdt_open_add() - @obj is open by @mo from now on; obj_lock is held. -ETXTBSY */
int mdt_open_add(struct mdt *mdt, struct mdt_open *mo, struct ldiskfs_object *obj);
/** mdt_open_del() - @mo is closed; obj_lock is held. Return: true: it was the last one of an orphan */
bool mdt_open_del(struct mdt *mdt, struct mdt_open *mo);
/** mdt_open_find() - handle of this client, with a reference; NULL */
struct mdt_open *mdt_open_find(struct rpc_svcreq *req, u64 cookie);
/** mdt_open_find_xid() - handle that the request made when it came first, and its object, both referenced */
struct mdt_open *mdt_open_find_xid(struct rpc_svcreq *req, struct ldiskfs_object **obj);
/** mdt_open_take() - who may close it? true once */
bool mdt_open_take(struct mdt_open *mo);
/** mdt_show_opens() - for exports.NID.open_files */
void mdt_show_opens(struct seq_file *m, struct rpc_export *exp);
void mdt_export_close_all(struct mdt *mdt, struct rpc_export *exp);
int mdt_opens_init(struct mdt *mdt);
void mdt_opens_fini(struct mdt *mdt);

/* --- handlers --- */

int mdt_get_root(struct rpc_svcreq *req);
int mdt_statfs(struct rpc_svcreq *req);
int mdt_sync(struct rpc_svcreq *req);
int mdt_getattr(struct rpc_svcreq *req);
int mdt_getattr_name(struct rpc_svcreq *req);
int mdt_readpage(struct rpc_svcreq *req);
int mdt_getxattr(struct rpc_svcreq *req);
int mdt_get_info(struct rpc_svcreq *req);
int mdt_set_info(struct rpc_svcreq *req);
int mdt_quotactl(struct rpc_svcreq *req);
int mdt_not_supported(struct rpc_svcreq *req);
int mdt_close(struct rpc_svcreq *req);
int mdt_reint(struct rpc_svcreq *req);

int mdt_reint_setattr(struct rpc_svcreq *req);
int mdt_reint_create(struct rpc_svcreq *req);
int mdt_reint_link(struct rpc_svcreq *req);
int mdt_reint_unlink(struct rpc_svcreq *req);
int mdt_reint_rename(struct rpc_svcreq *req);
int mdt_reint_setxattr(struct rpc_svcreq *req);

/* --- Data-on-MDT (dom.c) --- */

#define MDT_BRW_SIZE	(1U << 20)

extern const struct data_ops mdt_data_ops;
void mdt_dom_discard(struct mdt *mdt, const struct lu_fid *fid);
int mdt_dom_glimpse(struct rpc_svcreq *req, struct ldlm_lock **lockp);
/** mdt_has_dom() - is a part of the file here? */
bool mdt_has_dom(struct ldiskfs_object *obj);
/** mdt_dom_body() - size of the part here, for a client that gets @lock on it */
void mdt_dom_body(struct mdt_body *body, struct ldiskfs_object *obj, const struct ldlm_lock *lock);
/** mdt_dom_inline() - before the reply of an open is packed: all of the part here comes along, if there is room */
void mdt_dom_inline(struct rpc_svcreq *req, struct ldiskfs_object *obj);
/** mdt_dom_read() - into the packed reply */
void mdt_dom_read(struct rpc_svcreq *req, struct ldiskfs_object *obj);

/* --- intents (intent.c); the operation's errno goes into *@res2 --- */

int mdt_intent(struct rpc_svcreq *req, struct ldlm_lock **lockp, u64 flags);
int mdt_intent_open(struct rpc_svcreq *req, struct ldlm_lock **lockp, u64 flags);
int mdt_intent_getxattr(struct rpc_svcreq *req, struct ldlm_lock **lockp);
/** mdt_intent_reply() - fill RF_DLM_REP, hand @lock (may be NULL) to the client; the intent's return value */
int mdt_intent_reply(struct rpc_svcreq *req, struct ldlm_lock **lockp, struct ldlm_lock *lock,
		     u32 disp, int rc);
/** mdt_lock_fid() - the object whose lock is asked for */
void mdt_lock_fid(const struct ldlm_request *dlm, struct lu_fid *fid);
/** mdt_lock_bits() - what a lock covers, 0 for NULL */
static inline u64 mdt_lock_bits(const struct ldlm_lock *lock)
{
	return lock ? lock->policy.ibits.bits : 0;
}

/**
 * struct mdt_reply - attributes, layout and ACL of an object on their way into a reply
 * @lov: layout to send, size 0: none; @has_lov: the file has one; @lov_known: both are set already
 * @fresh: just made: there are no size hints
 * @acl_size: 0 none
 */
struct mdt_reply {
	struct mdt_ea	lov;
	u32		acl_size;
	bool		has_lov;
	bool		lov_known;
	bool		fresh;
};
void mdt_reply_init(struct mdt_reply *r);
/** mdt_reply_prepare() - read what @valid asks for and set the reply's sizes; before rpc_reply_pack() */
int mdt_reply_prepare(struct rpc_svcreq *req, struct mdt_reply *r, struct ldiskfs_object *obj,
		      u64 valid, bool send_lov);
/** mdt_reply_fill() - after it */
void mdt_reply_fill(struct rpc_svcreq *req, struct mdt_reply *r, struct ldiskfs_object *obj, u64 valid);

/* --- connect (connect.c), parameters (params.c) --- */

int mdt_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect);
void mdt_disconnect(struct rpc_export *exp);
int mdt_params_start(struct mdt *mdt);
void mdt_params_stop(struct mdt *mdt);
int mdt_cfg_param(void *data, const char *device, const char *key, const char *value);
#endif
