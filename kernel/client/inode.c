// SPDX-License-Identifier: GPL-2.0
/*
 * Inodes: found by FID, filled from replies, forgotten when locks go; getattr, setattr and
 * permission of all types. Names are namei.c's, data is the data side's.
 */
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/posix_acl.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

/* --- life --- */

static struct kmem_cache *inode_cache;

static void cl_inode_init_once(void *obj)
{
	struct cl_inode *ci = obj;

	inode_init_once(&ci->vfs_inode);
	spin_lock_init(&ci->lock);
	mutex_init(&ci->layout_mutex);
	mutex_init(&ci->size_mutex);
	init_rwsem(&ci->xattr_sem);
	INIT_LIST_HEAD(&ci->xattrs);
	INIT_LIST_HEAD(&ci->objs);
}

int cl_inode_cache_init(void)
{
	inode_cache = kmem_cache_create("lustre_inode", sizeof(struct cl_inode), 0,
					SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT, cl_inode_init_once);
	return inode_cache ? 0 : -ENOMEM;
}

void cl_inode_cache_fini(void)
{
	rcu_barrier();	/* inodes are freed by RCU */
	kmem_cache_destroy(inode_cache);
}

struct inode *cl_alloc_inode(struct super_block *sb)
{
	struct cl_inode *ci = alloc_inode_sb(sb, inode_cache, GFP_KERNEL);

	if (!ci)
		return NULL;
	memset(&ci->fid, 0, sizeof(ci->fid));
	memset(&ci->parent, 0, sizeof(ci->parent));
	ci->flags = 0;
	ci->layout = NULL;
	ci->mds_size = 0;
	ci->mds_blocks = 0;
	ci->mds_mtime = 0;
	ci->mds_atime = 0;
	ci->mds_ctime = 0;
	ci->btime = 0;
	ci->read_time = 0;
	ci->attr_flags = 0;
	ci->projid = 0;
	ci->dir_gen = 0;
	ci->name_gen = 0;
	ci->statahead = NULL;
	ci->reader = 0;
	ci->blocks = 0;
	atomic_set(&ci->write_opens, 0);
	return &ci->vfs_inode;
}

void cl_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	kmem_cache_free(inode_cache, CL_I(inode));
}

/* A file without names whose last close was not here: who has it open reads what was written here */
int cl_drop_inode(struct inode *inode)
{
	if (inode_unhashed(inode))
		return 1;
	if (inode->i_nlink)
		return 0;
	return !(CL_I(inode)->attr_flags & LUSTRE_ORPHAN_FL && mapping_tagged(&inode->i_data, PAGECACHE_TAG_DIRTY));
}

void cl_evict_inode(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (S_ISDIR(inode->i_mode))
		cl_statahead_stop(inode);
	layout_put(ci->layout);
	ci->layout = NULL;
	if (S_ISREG(inode->i_mode))
		cl_data_evict_inode(inode);
	cl_xattr_forget(inode);
}

/* --- by FID --- */

static int inode_test(struct inode *inode, void *fid)
{
	return fid_eq(&CL_I(inode)->fid, fid);
}

static int inode_set(struct inode *inode, void *data)
{
	const struct lu_fid *fid = data;

	CL_I(inode)->fid = *fid;
	inode->i_ino = fid_to_ino(fid) ?: fid->f_oid;
	inode->i_generation = fid_is_igif(fid) ? fid->f_oid : inode->i_ino >> 32;
	return 0;
}

struct inode *cl_ilookup(struct super_block *sb, const struct lu_fid *fid)
{
	bool is_new;

	return ilookup5_nowait(sb, fid_to_ino(fid), inode_test, (void *)fid, &is_new);
}

/* Operations of a new inode by its type */
static int inode_set_ops(struct inode *inode, const struct mdt_body *b)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &cl_file_iops;
		inode->i_fop = &cl_file_fops;
		inode->i_mapping->a_ops = &cl_aops;
		cl_data_init_inode(CL_I(inode));
		return 0;
	case S_IFDIR:
		inode->i_op = &cl_dir_iops;
		inode->i_fop = &cl_dir_fops;
		inode->i_mapping->a_ops = &cl_dir_aops;
		return 0;
	case S_IFLNK:
		inode->i_op = &cl_symlink_iops;
		inode_nohighmem(inode);
		return 0;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		inode->i_op = &cl_special_iops;
		init_special_inode(inode, inode->i_mode, old_decode_dev(le32_to_cpu(b->mbo_rdev)));
		return 0;
	default:
		return -EPROTO;
	}
}

struct inode *cl_iget(struct cl_fs *fs, const struct cl_reply *r, u64 bits)
{
	struct inode *inode;
	int rc;

	if (r->valid & OBD_MD_MDS)
		return ERR_PTR(-EREMOTE);
	if (!(r->valid & OBD_MD_FLID) || !fid_is_sane(&r->fid) ||
	    (r->valid & (OBD_MD_FLTYPE | OBD_MD_FLMODE)) != (OBD_MD_FLTYPE | OBD_MD_FLMODE))
		return ERR_PTR(-EPROTO);
	inode = iget5_locked(fs->sb, fid_to_ino(&r->fid), inode_test, inode_set, (void *)&r->fid);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode_state_read_once(inode) & I_NEW)) {
		rc = cl_inode_update(inode, r, bits);
		if (rc) {
			iput(inode);
			return ERR_PTR(rc);
		}
		return inode;
	}
	inode->i_mode = le32_to_cpu(r->body->mbo_mode);
	rc = inode_set_ops(inode, r->body);
	if (!rc)
		rc = cl_inode_update(inode, r, bits);
	if (rc) {
		iget_failed(inode);
		return ERR_PTR(rc);
	}
	unlock_new_inode(inode);
	return inode;
}

/* --- attributes of replies --- */

static void update_flags(struct inode *inode, u32 fl)
{
	unsigned int s = 0;

	CL_I(inode)->attr_flags = fl;
	if (fl & LUSTRE_SYNC_FL)
		s |= S_SYNC;
	if (fl & LUSTRE_NOATIME_FL)
		s |= S_NOATIME;
	if (fl & LUSTRE_APPEND_FL)
		s |= S_APPEND;
	if (fl & LUSTRE_IMMUTABLE_FL)
		s |= S_IMMUTABLE;
	if (fl & LUSTRE_DIRSYNC_FL)
		s |= S_DIRSYNC;
	inode_set_flags(inode, s, S_SYNC | S_NOATIME | S_APPEND | S_IMMUTABLE | S_DIRSYNC);
}

static void update_times(struct inode *inode, const struct cl_reply *r)
{
	struct cl_inode *ci = CL_I(inode);
	const struct mdt_body *b = r->body;

	if (r->valid & OBD_MD_FLMTIME)
		ci->mds_mtime = (s64)le64_to_cpu(b->mbo_mtime);
	if (r->valid & OBD_MD_FLATIME) {
		if (ci->mds_atime != (s64)le64_to_cpu(b->mbo_atime))
			ci->read_time = 0;
		ci->mds_atime = (s64)le64_to_cpu(b->mbo_atime);
	}
	if (r->valid & OBD_MD_FLCTIME)
		ci->mds_ctime = (s64)le64_to_cpu(b->mbo_ctime);
	if (r->valid & OBD_MD_FLBTIME)
		ci->btime = (s64)le64_to_cpu(b->mbo_btime);
	if (S_ISREG(inode->i_mode))
		return;	/* merged with the objects' by cl_size_merge() */
	inode_set_mtime(inode, ci->mds_mtime, 0);
	inode_set_atime(inode, ci->mds_atime, 0);
	inode_set_ctime(inode, ci->mds_ctime, 0);
}

static void update_size(struct inode *inode, const struct cl_reply *r)
{
	struct cl_inode *ci = CL_I(inode);
	const u64 both = OBD_MD_FLSIZE | OBD_MD_FLBLOCKS;

	if (r->valid & (both | OBD_MD_FLLAZYSIZE)) {
		ci->mds_size = min_t(u64, le64_to_cpu(r->body->mbo_size), MAX_LFS_FILESIZE);
		ci->mds_blocks = le64_to_cpu(r->body->mbo_blocks);
	}
	if (!S_ISREG(inode->i_mode)) {
		if (r->valid & OBD_MD_FLSIZE)
			i_size_write(inode, ci->mds_size);
		if (r->valid & OBD_MD_FLBLOCKS)
			inode->i_blocks = ci->mds_blocks;
	} else if ((r->valid & both) == both) {
		set_bit(CI_SIZE_MDT, &ci->flags);
	} else if (r->valid & OBD_MD_FLEASIZE) {
		clear_bit(CI_SIZE_MDT, &ci->flags);
	}
}

/* What a regular file shows: of MDT and objects, or of the MDT alone while there are none */
static void merge(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);

	cl_size_merge(inode);
	spin_lock(&ci->lock);
	if (!ci->layout) {
		inode_set_mtime(inode, ci->mds_mtime, 0);
		inode_set_atime(inode, max(ci->mds_atime, ci->read_time), 0);
		inode_set_ctime(inode, ci->mds_ctime, 0);
		if (test_bit(CI_SIZE_MDT, &ci->flags))
			i_size_write(inode, ci->mds_size);
		ci->blocks = ci->mds_blocks;
	}
	spin_unlock(&ci->lock);
}

/* Under ci->lock */
static void update_owner(struct inode *inode, const struct cl_reply *r)
{
	const struct mdt_body *b = r->body;

	if (r->valid & OBD_MD_FLMODE)
		inode->i_mode = (inode->i_mode & S_IFMT) | (le32_to_cpu(b->mbo_mode) & ~S_IFMT);
	if (r->valid & OBD_MD_FLUID)
		inode->i_uid = make_kuid(&init_user_ns, le32_to_cpu(b->mbo_uid));
	if (r->valid & OBD_MD_FLGID)
		inode->i_gid = make_kgid(&init_user_ns, le32_to_cpu(b->mbo_gid));
}

/* Under ci->lock */
static void update_others(struct inode *inode, const struct cl_reply *r)
{
	const struct mdt_body *b = r->body;

	if (r->valid & OBD_MD_FLPROJID)
		CL_I(inode)->projid = le32_to_cpu(b->mbo_projid);
	if (r->valid & OBD_MD_FLNLINK)
		set_nlink(inode, le32_to_cpu(b->mbo_nlink));
	update_times(inode, r);
	update_size(inode, r);
	if (r->valid & OBD_MD_FLFLAGS)
		update_flags(inode, le32_to_cpu(b->mbo_flags));
}

/*
 * What a lock of ours assures is not overwritten by a reply that came without that lock: replies
 * overtake each other, and the change that such a reply tells of took all locks before.
 */
static void update_attrs(struct inode *inode, const struct cl_reply *r, u64 bits)
{
	struct cl_inode *ci = CL_I(inode);

	spin_lock(&ci->lock);
	if (bits & MDS_INODELOCK_PERM || !test_bit(CI_PERM_VALID, &ci->flags))
		update_owner(inode, r);
	if (bits & MDS_INODELOCK_UPDATE || !test_bit(CI_UPDATE_VALID, &ci->flags))
		update_others(inode, r);
	if (bits & MDS_INODELOCK_PERM)
		set_bit(CI_PERM_VALID, &ci->flags);
	if (bits & MDS_INODELOCK_UPDATE)
		set_bit(CI_UPDATE_VALID, &ci->flags);
	spin_unlock(&ci->lock);
}

int cl_inode_update(struct inode *inode, const struct cl_reply *r, u64 bits)
{
	const struct mdt_body *b = r->body;
	int rc = 0;

	if (r->valid & OBD_MD_FLTYPE && (le32_to_cpu(b->mbo_mode) ^ inode->i_mode) & S_IFMT)
		return -ESTALE;
	update_attrs(inode, r, bits);
	if (bits & MDS_INODELOCK_PERM)
		cl_acl_set_cached(inode, r);
	if (S_ISREG(inode->i_mode)) {
		/* an EA that did not fit into the reply is fetched when it is needed */
		if (bits & MDS_INODELOCK_LAYOUT && (r->md || !(r->valid & OBD_MD_FLEASIZE)))
			rc = cl_layout_set(inode, r->md, r->md_size);
		if (bits & MDS_INODELOCK_DOM && r->lock)
			cl_dom_adopt(inode, r->lock, b, r->data, r->data_len);
		merge(inode);
	}
	if (bits & MDS_INODELOCK_LOOKUP)
		set_bit(CI_LOOKUP_VALID, &CL_I(inode)->flags);
	return rc;
}

void cl_inode_lost(struct inode *inode, u64 bits)
{
	struct cl_inode *ci = CL_I(inode);

	if (bits & MDS_INODELOCK_LAYOUT)
		clear_bit(CI_LAYOUT_VALID, &ci->flags);
	if (bits & MDS_INODELOCK_UPDATE) {
		clear_bit(CI_UPDATE_VALID, &ci->flags);
		inode_set_flags(inode, 0, S_NOSEC);
		if (S_ISDIR(inode->i_mode)) {
			spin_lock(&ci->lock);
			ci->dir_gen++;
			spin_unlock(&ci->lock);
			cl_dir_invalidate(inode);
		}
	}
	if (bits & MDS_INODELOCK_PERM) {
		clear_bit(CI_PERM_VALID, &ci->flags);
		forget_all_cached_acls(inode);
	}
	if (bits & MDS_INODELOCK_XATTR)
		cl_xattr_forget(inode);
	if (bits & MDS_INODELOCK_LOOKUP) {
		clear_bit(CI_LOOKUP_VALID, &ci->flags);
		spin_lock(&ci->lock);
		ci->name_gen++;
		spin_unlock(&ci->lock);
		if (!S_ISDIR(inode->i_mode))
			d_prune_aliases(inode);
	}
}

/* --- operations --- */

/*
 * Until the callback of a lock has cleared the flag nobody else changes what it protects. That we
 * hold a lock is not enough: the attributes that came with it may be on their way into the inode,
 * and the lock of a readdir brings none.
 */
static bool attrs_valid(const struct cl_inode *ci, u64 bits)
{
	return (!(bits & MDS_INODELOCK_UPDATE) || test_bit(CI_UPDATE_VALID, &ci->flags)) &&
	       (!(bits & MDS_INODELOCK_PERM) || test_bit(CI_PERM_VALID, &ci->flags));
}

/*
 * One intent by FID unless all of @bits are under locks of ours: 0 or 1 RPC. Where UPDATE is not
 * needed a LOOKUP intent brings a lock that changes in a directory, ours too, do not take away.
 */
static int revalidate(struct inode *inode, u64 bits)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct cl_intent it = {
		.op = bits & MDS_INODELOCK_UPDATE ? IT_GETATTR : IT_LOOKUP,
		.fid = CL_I(inode)->fid,
		.inode = inode,
	};
	int rc;

	/* a directory that was removed here is gone: what it was is all there is to know */
	if (IS_DEADDIR(inode) || attrs_valid(CL_I(inode), bits))
		return 0;
	rc = cl_intent_run(fs, &it);
	if (!rc && !it.reply.body)
		rc = -ESTALE;
	if (!rc && !fid_eq(&it.reply.fid, &CL_I(inode)->fid))
		rc = -EPROTO;
	if (!rc)
		rc = cl_inode_update(inode, &it.reply, it.lock_bits);
	cl_intent_done(&it);
	return rc == -ENOENT ? -ESTALE : rc;
}

int cl_attr_revalidate(struct inode *inode)
{
	return revalidate(inode, MDS_INODELOCK_UPDATE | MDS_INODELOCK_PERM);
}

/* 32-bit inode number (chapter 08, 9) */
static u32 fid_to_ino32(const struct lu_fid *f)
{
	u64 s = f->f_seq - 0x200000000ULL;
	u32 ino;

	if (fid_is_igif(f))
		return f->f_seq;
	ino = (u32)((s & 0xfffff) << 12) + (u32)((s >> 8) & 0xfffff000) +
	      (u32)((s >> 32) & 0xffffff00) + (f->f_oid & 0xff000fff) + ((f->f_oid & 0xfff000) << 8);
	return ino ?: f->f_oid;
}

/*
 * Round trips: none under an UPDATE|PERM lock, else 1 to the MDT; and for regular files a
 * glimpse of all objects in parallel unless extent locks cover them.
 */
int cl_getattr(struct mnt_idmap *idmap, const struct path *path, struct kstat *stat, u32 mask,
	       unsigned int flags)
{
	const u32 from_objects = STATX_SIZE | STATX_BLOCKS | STATX_MTIME | STATX_CTIME | STATX_ATIME;
	struct inode *inode = d_inode(path->dentry);
	struct cl_inode *ci = CL_I(inode);
	struct cl_fs *fs = cl_fs(inode->i_sb);
	int rc;

	stats_inc(fs->stats, CL_ST_GETATTR);
	if (!(flags & AT_STATX_DONT_SYNC)) {
		rc = cl_attr_revalidate(inode);
		if (!rc && S_ISREG(inode->i_mode) && mask & from_objects)
			rc = cl_glimpse(inode);
		if (rc)
			return rc;
	}
	generic_fillattr(idmap, mask, inode, stat);
	if (fs->opt.flags & CL_OPT_32BITAPI || compat_in_32bit())
		stat->ino = fid_to_ino32(&ci->fid);
	if (S_ISREG(inode->i_mode)) {
		stat->blksize = 1U << CL_BLKSIZE_BITS;
		/* archivers take 0 blocks for a file of nothing but holes */
		stat->blocks = ci->blocks ?: !mapping_empty(inode->i_mapping);
	}
	if (ci->btime) {
		stat->btime.tv_sec = ci->btime;
		stat->btime.tv_nsec = 0;
		stat->result_mask |= STATX_BTIME;
	}
	stat->attributes_mask |= STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
	if (ci->attr_flags & LUSTRE_IMMUTABLE_FL)
		stat->attributes |= STATX_ATTR_IMMUTABLE;
	if (ci->attr_flags & LUSTRE_APPEND_FL)
		stat->attributes |= STATX_ATTR_APPEND;
	return 0;
}

/* What the VFS asks for, as the MDT wants it: times are always ours (chapter 04, 2.2) */
static u64 setattr_valid(const struct iattr *attr)
{
	u64 valid = 0;

	/* of a write or a chown: the MDT knows the mode better, and who may ask for that */
	if (attr->ia_valid & ATTR_KILL_SUID)
		valid |= MDS_ATTR_KILL_SUID;
	if (attr->ia_valid & ATTR_KILL_SGID)
		valid |= MDS_ATTR_KILL_SGID;
	if (attr->ia_valid & ATTR_MODE && !(attr->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)))
		valid |= MDS_ATTR_MODE;
	if (attr->ia_valid & ATTR_UID)
		valid |= MDS_ATTR_UID;
	if (attr->ia_valid & ATTR_GID)
		valid |= MDS_ATTR_GID;
	if (attr->ia_valid & ATTR_ATIME)
		valid |= MDS_ATTR_ATIME | MDS_ATTR_ATIME_SET;
	if (attr->ia_valid & ATTR_MTIME)
		valid |= MDS_ATTR_MTIME | MDS_ATTR_MTIME_SET;
	if (attr->ia_valid & ATTR_CTIME)
		valid |= MDS_ATTR_CTIME | MDS_ATTR_CTIME_SET;
	if (attr->ia_valid & ATTR_FORCE)
		valid |= MDS_ATTR_FORCE;
	if (attr->ia_valid & ATTR_SIZE) {
		valid |= MDS_ATTR_SIZE | MDS_ATTR_OVERRIDE;
		if (attr->ia_valid & ATTR_OPEN)
			valid |= MDS_ATTR_FROM_OPEN;
	}
	return valid;
}

/* 1 RPC to the MDT; size and times of files with objects: one more per object, in parallel */
int cl_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct cl_fs *fs = cl_fs(inode->i_sb);
	bool size = attr->ia_valid & ATTR_SIZE, times;
	struct iattr full = *attr;
	u32 bias = 0;
	int rc;

	stats_inc(fs->stats, size ? CL_ST_TRUNC : CL_ST_SETATTR);
	rc = setattr_prepare(idmap, dentry, &full);
	if (rc)
		return rc;
	if (size) {
		full.ia_valid |= ATTR_MTIME | ATTR_CTIME;
		if (!(attr->ia_valid & ATTR_MTIME))
			full.ia_mtime = current_time(inode);
		if (!(attr->ia_valid & ATTR_CTIME))
			full.ia_ctime = current_time(inode);
		bias = MDS_DATA_MODIFIED;
	}
	if (attr->ia_valid & ATTR_ATIME)
		CL_I(inode)->read_time = 0;
	/* the newest time of all counts: turned back it must be everywhere */
	times = attr->ia_valid & (ATTR_ATIME_SET | ATTR_MTIME_SET) ||
		(attr->ia_valid & ATTR_MTIME && attr->ia_mtime.tv_sec < inode_get_mtime_sec(inode)) ||
		(attr->ia_valid & ATTR_ATIME && attr->ia_atime.tv_sec < inode_get_atime_sec(inode));
	if (size && S_ISREG(inode->i_mode))
		rc = cl_setattr_size_prepare(inode, full.ia_size);
	if (!rc && times && S_ISREG(inode->i_mode))
		rc = cl_dom_flush(inode);
	if (!rc)
		rc = cl_reint_setattr(inode, setattr_valid(&full), &full, bias, 0, NULL, 0);
	/*
	 * The MDT took the times for those of a late request: the clock of who changed the file last is ahead
	 * of ours. One more RPC, with that one's time.
	 */
	if (!rc && !size && full.ia_valid & (ATTR_ATIME | ATTR_MTIME) &&
	    full.ia_ctime.tv_sec < CL_I(inode)->mds_ctime) {
		full.ia_ctime.tv_sec = CL_I(inode)->mds_ctime;
		rc = cl_reint_setattr(inode, setattr_valid(&full), &full, bias, 0, NULL, 0);
	}
	if (rc || !S_ISREG(inode->i_mode))
		return rc;
	if (size) {
		rc = cl_setattr_size(inode, full.ia_size, &full);
	} else if (times) {
		rc = cl_setattr_times(inode, &full);
		merge(inode);	/* the close brings these times to the MDT */
	}
	return rc;
}

/* 0 RPCs under a PERM lock, else 1 */
int cl_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	int rc;

	if (!test_bit(CI_PERM_VALID, &CL_I(inode)->flags)) {
		if (mask & MAY_NOT_BLOCK)
			return -ECHILD;
		rc = revalidate(inode, MDS_INODELOCK_PERM);
		if (rc)
			return rc;
	}
	return generic_permission(idmap, inode, mask);
}

const struct inode_operations cl_file_iops = {
	.permission	= cl_permission,
	.getattr	= cl_getattr,
	.setattr	= cl_setattr,
	.listxattr	= cl_listxattr,
	COMPAT_ACL_IOPS(cl_get_inode_acl, cl_set_acl)
	.fileattr_get	= cl_fileattr_get,
	.fileattr_set	= cl_fileattr_set,
};

const struct inode_operations cl_special_iops = {
	.permission	= cl_permission,
	.getattr	= cl_getattr,
	.setattr	= cl_setattr,
	.listxattr	= cl_listxattr,
	COMPAT_ACL_IOPS(cl_get_inode_acl, cl_set_acl)
	.fileattr_get	= cl_fileattr_get,
	.fileattr_set	= cl_fileattr_set,
};
