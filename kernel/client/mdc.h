/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metadata side of the client, shared by its files and by nobody else: replies of the MDT,
 * intents, requests.
 */
#ifndef SHEEN_CLIENT_MDC_H
#define SHEEN_CLIENT_MDC_H

#include "compat/client.h"
#include "kernel/client/client.h"
#include "kernel/client/dirpage.h"

/* Modes under which an inode-bits lock lets us use what it protects */
#define CL_MD_MODES	(LDLM_CR | LDLM_CW | LDLM_PR | LDLM_PW)

#define CL_ACL_SMALL	260	/* reply room for an ACL (chapter 04, 1.7) */
#define CL_XATTR_ROOM	2500	/* reply room for all xattrs (chapter 04, 5.5) */
#define CL_DOM_ROOM	8192	/* reply room for data of an open (chapter 05, A9) */

/**
 * struct cl_reply - checked view of a reply with an mdt_body; points into the request
 * @md, @md_size: MDT_MD, as long as mbo_eadatasize says
 * @data, @data_len: what an open has read of the part on the MDT, from its beginning
 * @lock: that came along, in use; NULL
 */
struct cl_reply {
	const struct mdt_body	*body;
	u64			valid;
	struct lu_fid		fid;
	const void		*md;
	u32			md_size;
	const void		*acl;
	u32			acl_size;
	const void		*data;
	u32			data_len;
	struct ldlm_lock	*lock;
};

/** cl_reply_parse() - Return: 0 or -EPROTO */
int cl_reply_parse(struct cl_mdc *mdc, struct rpc_request *req, struct cl_reply *r);

static inline void fid_to_wire(struct wire_fid *w, const struct lu_fid *f)
{
	w->f_seq = cpu_to_le64(f->f_seq);
	w->f_oid = cpu_to_le32(f->f_oid);
	w->f_ver = cpu_to_le32(f->f_ver);
}

static inline void fid_from_wire(struct lu_fid *f, const struct wire_fid *w)
{
	f->f_seq = le64_to_cpu(w->f_seq);
	f->f_oid = le32_to_cpu(w->f_oid);
	f->f_ver = le32_to_cpu(w->f_ver);
}

/* --- enqueue.c --- */

/**
 * struct cl_intent - one intent enqueue
 * @op: IT_*
 * @dir: parent directory; NULL for by-FID requests
 * @name: entry of @dir; NULL by FID
 * @fid: of the object: by FID; the new one's for IT_CREAT; 0 if not known
 * @inode: the object if we have its inode (locks to cancel early)
 * @bits, @mode: lock asked for; set by cl_intent_run() unless given
 * @open_flags: MDS_OPEN_*, @create_mode: with its type
 * @ea, @ea_size: user layout of an open, with MDS_OPEN_HAS_EA
 * @layout: intent of IT_LAYOUT
 *
 * Results, until cl_intent_done(): @lock is granted and in use, or NULL; @lock_bits what it protects;
 * @disp the disposition; @reply (not for IT_LAYOUT, where RF_LVB of @req is the layout).
 */
struct cl_intent {
	u64			op;
	struct inode		*dir;
	const struct qstr	*name;
	struct lu_fid		fid;
	struct inode		*inode;
	u64			bits;
	u32			mode;
	u64			open_flags;
	umode_t			create_mode;
	const void		*ea;
	u32			ea_size;
	struct layout_intent	layout;
	u32			acl_room;

	struct rpc_request	*req;
	struct ldlm_enqueue	enq;
	struct ldlm_lock	*lock;
	u32			lock_mode;
	u64			lock_bits;
	u32			disp;
	struct cl_reply		reply;
};

/**
 * cl_intent_run() - send it and wait: 1 RPC
 * Return: 0 (look at @disp), the error of the highest phase that was executed, or of the RPC.
 * After an error @reply may be valid (@reply.body); cl_intent_done() is needed in any case.
 */
int cl_intent_run(struct cl_fs *fs, struct cl_intent *it);
/** cl_intent_start() - the same without waiting; @done in process context with the result */
int cl_intent_start(struct cl_fs *fs, struct cl_intent *it,
		    void (*done)(void *arg, int rc), void *arg);
void cl_intent_done(struct cl_intent *it);

extern const struct ldlm_lock_ops cl_mdc_lock_ops;

/**
 * cl_lock_held() - do we hold an inode-bits lock that covers all of @bits? 0 RPCs
 * Sets the hints CI_*_VALID while it can be sure. Context: no spinlock.
 */
bool cl_lock_held(struct inode *inode, u64 bits);

/* --- mdc.c --- */

int cl_mdc_call(struct cl_mdc *mdc, struct rpc_request *req);
void cl_body_cred(struct mdt_body *b, const struct inode *group);
void cl_rec_cred(struct mdt_rec_head *h, u32 op, const struct inode *g1, const struct inode *g2);

int cl_mds_get_root(struct cl_fs *fs, struct lu_fid *root);
/** cl_mds_getattr() - MDS_GETATTR by FID; on success the caller puts *@reqp */
int cl_mds_getattr(struct cl_fs *fs, const struct lu_fid *fid, u64 valid, u32 ea_room,
		   struct rpc_request **reqp, struct cl_reply *r);
int cl_mds_statfs(struct cl_fs *fs, struct obd_statfs *st, bool sum);
/** cl_mds_readpage() - @pages: room; Return: pages filled or errno */
int cl_mds_readpage(struct inode *dir, u64 cookie, struct page **pages, unsigned int nr);
/** cl_mds_getxattr() - one xattr (@name), or the list (NULL). @size 0: only its length */
ssize_t cl_mds_getxattr(struct inode *inode, const char *name, void *buf, size_t size);
int cl_mds_fid2path(struct cl_fs *fs, struct getinfo_fid2path *gf, u32 pathlen);
int cl_mds_set_rdonly(struct cl_fs *fs, bool rdonly);
/** cl_mds_sync_all() - MDS_SYNC of the whole device: 1 RPC */
int cl_mds_sync_all(struct cl_fs *fs);
void cl_mds_close(struct cl_open *open, struct inode *inode);

/* --- reint.c: each 1 RPC, with the conflicting locks of ours cancelled inside it --- */

/**
 * struct cl_new - what CREATE makes
 * @mode: with its type; @target: of a symlink; @ea: lmv_user_md of a directory
 */
struct cl_new {
	umode_t		mode;
	dev_t		rdev;
	const char	*target;
};

int cl_reint_create(struct inode *dir, const struct qstr *name, const struct cl_new *n,
		    struct rpc_request **reqp, struct cl_reply *r);
int cl_reint_unlink(struct inode *dir, const struct qstr *name, struct inode *victim);
int cl_reint_link(struct inode *inode, struct inode *dir, const struct qstr *name);
int cl_reint_rename(struct inode *src_dir, const struct qstr *src_name, struct inode *src,
		    struct inode *dir, const struct qstr *name, struct inode *victim);
/** cl_reint_setattr() - @valid MDS_ATTR_*; @ea: directory default layout, then @valid is 0 */
int cl_reint_setattr(struct inode *inode, u64 valid, const struct iattr *attr, u32 bias,
		     u32 attr_flags, const void *ea, u32 ea_size);
int cl_reint_setxattr(struct inode *inode, const char *name, const void *value, size_t size,
		      int flags, bool remove, u64 bits);

/* --- seq.c --- */
int cl_fid_alloc(struct cl_fs *fs, struct lu_fid *fid);

/* --- inode.c --- */

/**
 * cl_iget() - inode of a reply, made or updated from it
 * @bits: of the lock in use that came with the reply, 0 without
 * Return: referenced inode, ERR_PTR
 */
struct inode *cl_iget(struct cl_fs *fs, const struct cl_reply *r, u64 bits);
/** cl_inode_update() - attributes, ACL and layout of a reply into an inode we have */
int cl_inode_update(struct inode *inode, const struct cl_reply *r, u64 bits);
/** cl_ilookup() - cached inode of a FID or NULL */
struct inode *cl_ilookup(struct super_block *sb, const struct lu_fid *fid);
struct inode *cl_alloc_inode(struct super_block *sb);
void cl_free_inode(struct inode *inode);
int cl_drop_inode(struct inode *inode);
void cl_evict_inode(struct inode *inode);
int cl_inode_cache_init(void);
void cl_inode_cache_fini(void);
/** cl_inode_lost() - bits of ours were lost: what they protected is no longer valid */
void cl_inode_lost(struct inode *inode, u64 bits);

/* --- layout_lock.c --- */
/** cl_layout_set() - EA of a reply under a LAYOUT lock in use becomes the file's layout (@size 0: none) */
int cl_layout_set(struct inode *inode, const void *ea, u32 size);

/* --- acl.c --- */
void cl_acl_set_cached(struct inode *inode, const struct cl_reply *r);
struct posix_acl *cl_get_inode_acl(struct inode *inode, int type, bool rcu);
COMPAT_SET_ACL_DECLARE(cl_set_acl);

/* --- dir.c --- */
extern const struct file_operations cl_dir_fops;
extern const struct address_space_operations cl_dir_aops;
/** cl_dir_invalidate() - UPDATE lock is gone: forget the pages */
void cl_dir_invalidate(struct inode *dir);
/** cl_dir_page() - page that holds @hash, referenced, uptodate and checked; from the cache or 1 RPC. ERR_PTR */
struct folio *cl_dir_page(struct inode *dir, u64 hash);

/* --- statahead.c --- */
/**
 * cl_statahead_lookup() - inode of a name that was asked for ahead, referenced; NULL: ask
 * @gen: set to its name_gen while the LOOKUP lock that came with the answer was in use
 */
struct inode *cl_statahead_lookup(struct inode *dir, const struct qstr *name, unsigned long *gen);
void cl_statahead_stop(struct inode *dir);

/* --- namei.c --- */
extern const struct inode_operations cl_dir_iops;
extern const struct inode_operations cl_special_iops;
extern const struct dentry_operations cl_dentry_ops;

/* --- symlink.c --- */
extern const struct inode_operations cl_symlink_iops;

/* --- inode.c: operations that several tables share --- */
int cl_getattr(struct mnt_idmap *idmap, const struct path *path, struct kstat *stat, u32 mask,
	       unsigned int flags);
int cl_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr);
int cl_permission(struct mnt_idmap *idmap, struct inode *inode, int mask);

/* --- xattr.c --- */
extern const struct xattr_handler * const cl_xattr_handlers[];
ssize_t cl_listxattr(struct dentry *dentry, char *buf, size_t size);
void cl_xattr_forget(struct inode *inode);
/** cl_dir_default_layout() - layout of new files in a directory, in user form; @size 0: its length. -ENODATA: none. 1 RPC */
ssize_t cl_dir_default_layout(struct cl_fs *fs, const struct lu_fid *dir, void *buf, size_t size);
int cl_dir_set_default(struct inode *dir, const void *lum, size_t size);

/* --- open.c --- */
/** cl_open_make() - handle of a successful open intent; takes over its request */
struct cl_open *cl_open_make(struct inode *inode, struct cl_intent *it, fmode_t mode);
u64 cl_open_flags(unsigned int flags, fmode_t mode);
/** cl_open_replay_fixup() - rpc_request.replay_fixup of opens */
void cl_open_replay_fixup(struct rpc_request *req);
/** cl_open_orphan() - rpc_request.orphan of opens */
void cl_open_orphan(struct rpc_request *req);
/** cl_open_free() - the handle is gone; @transno of its close, 0 if it was not closed */
void cl_open_free(struct cl_open *open, u64 transno);
/** cl_open_finish() - finish_open() callback of atomic_open: private_data is the cl_open */
int cl_open_finish(struct inode *inode, struct file *file);
/** cl_file_setup() - private_data of an open file; takes over @open when it succeeds */
int cl_file_setup(struct inode *inode, struct file *file, struct cl_open *open);
/** cl_open_ea() - open by FID with a user layout, and close (setstripe): 2 RPCs */
int cl_open_ea(struct inode *inode, const void *ea, u32 size);

/* --- export.c --- */
extern const struct export_operations cl_export_ops;

/* --- ioctl.c --- */
int cl_fileattr_get(struct dentry *dentry, struct file_kattr *fa);
int cl_fileattr_set(struct mnt_idmap *idmap, struct dentry *dentry, struct file_kattr *fa);

/* --- config.c --- */
/** cl_config_start() - read the log, make the targets, follow changes */
int cl_config_start(struct cl_fs *fs);
/** cl_mdc_connect() - wait for the MDT; -EBADE: it cannot serve us */
int cl_mdc_connect(struct cl_fs *fs);
void cl_osc_connect_all(struct cl_fs *fs);
/** cl_targets_free() - disconnect from all; no inode exists any more */
void cl_targets_free(struct cl_fs *fs);

/* --- options.c --- */
int cl_init_fs_context(struct fs_context *fc);
int cl_show_options(struct seq_file *m, struct dentry *root);
void cl_options_free(struct cl_options *o);

/* --- super.c --- */
int cl_fill_super(struct super_block *sb, struct fs_context *fc);

/* --- params.c --- */
bool cl_stats_alloc(struct cl_fs *fs);
void cl_stats_free(struct cl_fs *fs);
int cl_params_add(struct cl_fs *fs);
void cl_params_del(struct cl_fs *fs);
/** cl_target_params_add() - osc.NAME.*, or mdc.NAME.* for the data side of an MDC */
int cl_target_params_add(struct cl_osc *osc);
void cl_target_params_del(struct cl_osc *osc);

#endif
