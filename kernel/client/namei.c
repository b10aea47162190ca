// SPDX-License-Identifier: GPL-2.0
/*
 * Names: lookup, revalidation of dentries under locks, open by name, and everything that makes,
 * moves or removes an entry. Each is one round trip; the requests are in enqueue.c and reint.c.
 */
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

/* --- dentries --- */

/*
 * d_time says since when the dentry is known to be right: of a negative one it is dir_gen of the
 * directory, else name_gen of the inode. A LOOKUP lock that came with a request by FID says nothing
 * about names, so it does not bring those back that went with an earlier one.
 */
#define DENTRY_INVALID	(~0UL)		/* nothing protects it */

/* What d_time is to be of a name that an intent found; the lock that it brought, if any, is in use */
static unsigned long found_since(const struct inode *inode, const struct cl_intent *it)
{
	return it->lock_bits & MDS_INODELOCK_LOOKUP ? READ_ONCE(CL_I(inode)->name_gen) : DENTRY_INVALID;
}

/* The same of a name that is missing, taken before the question is sent */
static unsigned long missing_since(struct inode *dir)
{
	unsigned long gen = READ_ONCE(CL_I(dir)->dir_gen);

	return cl_lock_held(dir, MDS_INODELOCK_UPDATE) ? gen : DENTRY_INVALID;
}

static bool name_valid(struct inode *inode, const struct dentry *dentry, bool rcu)
{
	struct cl_inode *ci = CL_I(inode);

	if (READ_ONCE(dentry->d_time) != READ_ONCE(ci->name_gen))
		return false;
	if (test_bit(CI_LOOKUP_VALID, &ci->flags))
		return true;
	return !rcu && cl_lock_held(inode, MDS_INODELOCK_LOOKUP) &&
	       READ_ONCE(dentry->d_time) == READ_ONCE(ci->name_gen);
}

static int cl_d_init(struct dentry *dentry)
{
	dentry->d_time = DENTRY_INVALID;
	return 0;
}

/*
 * A missing name stays missing while nobody else may change the directory: as long as the UPDATE
 * lock that was held when we asked is held.
 */
static bool negative_valid(struct inode *dir, const struct dentry *dentry, bool rcu)
{
	struct cl_inode *ci = CL_I(dir);

	if (dentry->d_time == DENTRY_INVALID || dentry->d_time != (unsigned long)READ_ONCE(ci->dir_gen))
		return false;
	if (test_bit(CI_UPDATE_VALID, &ci->flags))
		return true;
	return !rcu && cl_lock_held(dir, MDS_INODELOCK_UPDATE) &&
	       dentry->d_time == (unsigned long)READ_ONCE(ci->dir_gen);
}

/*
 * Directories on the way to something else need no UPDATE lock, which every create in them would
 * take away again, and with it the other bits
 */
static u64 lookup_op(unsigned int flags)
{
	return flags & LOOKUP_PARENT ? IT_LOOKUP : IT_GETATTR;
}

/* Is the name still this object? 1 RPC; takes the locks anew */
static int revalidate_by_name(struct inode *dir, const struct qstr *name, struct dentry *dentry,
			      struct inode *inode, unsigned int flags)
{
	struct cl_intent it = { .op = lookup_op(flags), .dir = dir, .name = name };
	struct inode *ahead;
	unsigned long gen;
	int rc;

	ahead = cl_statahead_lookup(dir, name, &gen);
	if (ahead) {
		if (ahead == inode)
			WRITE_ONCE(dentry->d_time, gen);
		iput(ahead);
		return ahead == inode;
	}
	rc = cl_intent_run(cl_fs(dir->i_sb), &it);
	if (!rc && it.reply.body && fid_eq(&it.reply.fid, &CL_I(inode)->fid) &&
	    !(it.reply.valid & OBD_MD_MDS)) {
		rc = cl_inode_update(inode, &it.reply, it.lock_bits) ? 0 : 1;
		WRITE_ONCE(dentry->d_time, found_since(inode, &it));
	} else if (rc == -ENOENT || rc == -ESTALE)
		rc = 0;
	cl_intent_done(&it);
	return rc;
}

/*
 * 0 RPCs while a LOOKUP lock on the inode (or for a missing name an UPDATE lock on the directory)
 * is held, which an RCU walk sees as a flag; else 1, or none where the open that follows asks
 * by name anyway.
 */
static int cl_d_revalidate(struct inode *dir, const struct qstr *name, struct dentry *dentry,
			   unsigned int flags)
{
	struct inode *inode = d_inode_rcu(dentry);

	if (flags & LOOKUP_RCU) {
		if (!inode)
			return negative_valid(dir, dentry, true) ? 1 : -ECHILD;
		return name_valid(inode, dentry, true) ? 1 : -ECHILD;
	}
	if (!inode)
		return negative_valid(dir, dentry, false);
	if (name_valid(inode, dentry, false))
		return 1;
	if (flags & LOOKUP_OPEN && S_ISREG(inode->i_mode) && !d_mountpoint(dentry))
		return 0;
	return revalidate_by_name(dir, name, dentry, inode, flags);
}

/* Unlinked files go at once, and so does their memory */
static int cl_d_delete(const struct dentry *dentry)
{
	const struct inode *inode = d_inode(dentry);

	return inode && !S_ISDIR(inode->i_mode) &&
	       !test_bit(CI_LOOKUP_VALID, &CL_I(inode)->flags) && !inode->i_nlink;
}

COMPAT_D_REVALIDATE(cl_d_revalidate)

const struct dentry_operations cl_dentry_ops = {
	.d_revalidate	= COMPAT_D_REVALIDATE_OP(cl_d_revalidate),
	.d_delete	= cl_d_delete,
	.d_init		= cl_d_init,
};

/*
 * @gen: for d_time. A directory that another client moved leaves its dentry behind in its former
 * parent. The VFS moves that one only if it gets all locks at once, which it never does below a
 * rename() of our own. Nobody needs it: then it goes.
 */
static struct dentry *splice(struct inode *inode, struct dentry *dentry, unsigned long gen)
{
	struct dentry *alias, *old;

	/* before others can find it; a directory may have a dentry already */
	WRITE_ONCE(dentry->d_time, gen);
	if (!inode)
		return d_splice_alias(NULL, dentry);
	ihold(inode);
	alias = d_splice_alias(inode, dentry);
	if (alias == ERR_PTR(-ESTALE)) {
		old = d_find_any_alias(inode);
		if (old)
			d_invalidate(old);
		dput(old);
		ihold(inode);
		alias = d_splice_alias(inode, dentry);
	}
	iput(inode);
	if (!IS_ERR_OR_NULL(alias))
		WRITE_ONCE(alias->d_time, gen);
	return alias;
}

/* The result of a lookup intent becomes the dentry; @missing: missing_since() of the directory */
static struct dentry *lookup_result(struct inode *dir, struct dentry *dentry, struct cl_intent *it,
				    unsigned long missing)
{
	struct inode *inode;

	if (!it->reply.body)
		return splice(NULL, dentry, missing);
	inode = cl_iget(cl_fs(dir->i_sb), &it->reply, it->lock_bits);
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	CL_I(inode)->parent = CL_I(dir)->fid;
	return splice(inode, dentry, found_since(inode, it));
}

/*
 * May a lookup be skipped because the operation that follows finds out by itself? Not if it would
 * then fail here for lack of permission where an existing name must win with -EEXIST.
 */
static bool skip_lookup(struct inode *dir, unsigned int flags)
{
	const unsigned int excl = LOOKUP_CREATE | LOOKUP_EXCL;

	return (flags & excl) == excl && !(flags & (LOOKUP_RENAME_TARGET | LOOKUP_OPEN)) &&
	       !sb_rdonly(dir->i_sb) &&
	       !inode_permission(&nop_mnt_idmap, dir, MAY_WRITE | MAY_EXEC);
}

/* 1 RPC; none before an exclusive create, or when statahead has asked already */
static struct dentry *cl_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct cl_intent it = { .op = lookup_op(flags), .dir = dir, .name = &dentry->d_name };
	unsigned long missing, gen;
	struct inode *inode;
	struct dentry *res;
	int rc;

	if (dentry->d_name.len > MDS_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (skip_lookup(dir, flags))
		return NULL;
	inode = cl_statahead_lookup(dir, &dentry->d_name, &gen);
	if (inode) {
		CL_I(inode)->parent = CL_I(dir)->fid;
		return splice(inode, dentry, gen);
	}
	missing = missing_since(dir);
	rc = cl_intent_run(cl_fs(dir->i_sb), &it);
	res = rc && rc != -ENOENT ? ERR_PTR(rc) : lookup_result(dir, dentry, &it, missing);
	cl_intent_done(&it);
	return res;
}

/* --- open by name --- */

/* The handle of an open that nobody will use */
static void give_back(struct cl_intent *it, struct inode *inode)
{
	struct cl_open *open;

	if (!(it->disp & DISP_OPEN_OPEN) || !it->reply.body || !it->reply.body->mbo_handle)
		return;
	open = cl_open_make(inode, it, FMODE_READ);
	if (open)
		cl_mds_close(open, inode);
}

/* A file was created here and now: what we know of it without asking */
static void created(struct file *file, struct inode *inode, const struct cl_intent *it)
{
	file->f_mode |= FMODE_CREATED;
	/* no capabilities to strip at a write, as long as the lock is ours */
	if (it->lock_bits & MDS_INODELOCK_UPDATE && !(inode->i_mode & (S_ISUID | S_ISGID)))
		inode_set_flags(inode, S_NOSEC, S_NOSEC);
}

static int open_result(struct inode *dir, struct dentry *dentry, struct file *file,
		       struct cl_intent *it, unsigned long missing)
{
	struct cl_open *open;
	struct dentry *alias;
	struct inode *inode;
	int rc;

	if (!d_unhashed(dentry))
		d_drop(dentry);
	alias = lookup_result(dir, dentry, it, missing);
	if (IS_ERR(alias))
		return PTR_ERR(alias);
	inode = d_inode(alias ?: dentry);
	if (!inode)
		return finish_no_open(file, alias);
	if (!(it->disp & DISP_OPEN_OPEN) || !S_ISREG(inode->i_mode)) {
		/* symlink, device or directory: the VFS goes on with it */
		give_back(it, inode);
		return finish_no_open(file, alias);
	}
	if (!it->reply.body->mbo_handle) {
		rc = -EPROTO;
		goto out;
	}
	open = cl_open_make(inode, it, file->f_mode);
	if (!open) {
		rc = -ENOMEM;
		goto out;
	}
	rc = cl_file_setup(inode, file, open);
	if (rc) {
		cl_mds_close(open, inode);
		goto out;
	}
	if (it->disp & DISP_OPEN_CREATE)
		created(file, inode, it);
	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_OPEN);
	rc = finish_open(file, alias ?: dentry, cl_open_finish);
	if (rc) {
		/* not opened: there will be no release */
		if (file->private_data)
			cl_file_release(inode, file);
		file->private_data = NULL;
	}
out:
	dput(alias);
	return rc;
}

/* Without opening it, for the VFS to go on with; Return: as ->lookup() */
static struct dentry *lookup_for_open(struct inode *dir, struct dentry *dentry)
{
	return d_in_lookup(dentry) ? cl_lookup(dir, dentry, 0) : NULL;
}

/* Look up, create and open: 1 RPC for all of it; 2 more if the MDT denied it */
static int cl_atomic_open(struct inode *dir, struct dentry *dentry, struct file *file,
			  unsigned int flags, umode_t mode)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct cl_intent it = {
		.op = IT_OPEN,
		.dir = dir,
		.name = &dentry->d_name,
		.open_flags = cl_open_flags(flags, file->f_mode),
		.create_mode = S_IFREG,
	};
	unsigned long missing;
	struct dentry *alias;
	bool denied;
	int rc;

	if (dentry->d_name.len > MDS_NAME_MAX)
		return -ENAMETOOLONG;
	if (flags & O_DIRECTORY) {
		/* directories are not opened on the MDT */
		alias = lookup_for_open(dir, dentry);
		return IS_ERR(alias) ? PTR_ERR(alias) : finish_no_open(file, alias);
	}
	if (flags & O_CREAT) {
		stats_inc(fs->stats, CL_ST_CREATE);
		it.op |= IT_CREAT;
		it.create_mode = S_IFREG | (mode & 07777);
		rc = cl_fid_alloc(fs, &it.fid);
		if (rc)
			return rc;
	}
	missing = missing_since(dir);
	rc = cl_intent_run(fs, &it);
	if (rc == -ENOENT && !(flags & O_CREAT) && it.disp & DISP_LOOKUP_NEG)
		rc = 0;
	denied = rc == -EACCES;
	if (!rc)
		rc = open_result(dir, dentry, file, &it, missing);
	cl_intent_done(&it);
	if (!denied)
		return rc;
	/* the MDT may not know which of the caller's groups count for the file: once more by its FID */
	alias = lookup_for_open(dir, dentry);
	if (IS_ERR(alias))
		return PTR_ERR(alias);
	if (d_really_is_negative(alias ?: dentry)) {
		dput(alias);
		return -EACCES;
	}
	return finish_no_open(file, alias);
}

/* --- new names --- */

/* The reply of a CREATE becomes the dentry's inode; no lock came with it */
static int instantiate(struct inode *dir, struct dentry *dentry, umode_t mode, const struct cl_reply *r)
{
	struct inode *inode = cl_iget(cl_fs(dir->i_sb), r, 0);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	/* something else, or an MDT that hands out FIDs twice: a directory has but one name */
	if ((inode->i_mode ^ mode) & S_IFMT || (S_ISDIR(mode) && !hlist_empty(&inode->i_dentry))) {
		iput(inode);
		return -EPROTO;
	}
	CL_I(inode)->parent = CL_I(dir)->fid;
	WRITE_ONCE(dentry->d_time, DENTRY_INVALID);
	d_instantiate(dentry, inode);
	if (d_unhashed(dentry))
		d_rehash(dentry);
	return 0;
}

static int create(struct inode *dir, struct dentry *dentry, const struct cl_new *n)
{
	struct rpc_request *req;
	struct cl_reply r;
	int rc;

	rc = cl_reint_create(dir, &dentry->d_name, n, &req, &r);
	if (rc)
		return rc;
	rc = instantiate(dir, dentry, n->mode, &r);
	rpc_request_put(req);
	return rc;
}

/* Files that are made without being opened (NFS, mknod): 1 RPC */
static int cl_create(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		     umode_t mode, bool excl)
{
	struct cl_new n = { .mode = S_IFREG | (mode & 07777) };

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_CREATE);
	return create(dir, dentry, &n);
}

static int cl_mknod(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		    umode_t mode, dev_t rdev)
{
	struct cl_new n = { .mode = mode, .rdev = rdev };

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_MKNOD);
	if (rdev && !old_valid_dev(rdev))
		return -EINVAL;
	return create(dir, dentry, &n);
}

static int cl_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		      const char *target)
{
	struct cl_new n = { .mode = S_IFLNK | 0777, .target = target };

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_SYMLINK);
	return create(dir, dentry, &n);
}

static struct dentry *cl_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
			       umode_t mode)
{
	struct cl_new n = { .mode = S_IFDIR | (mode & 07777) };

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_MKDIR);
	return ERR_PTR(create(dir, dentry, &n));
}
COMPAT_MKDIR(cl_mkdir)

/* 1 RPC */
static int cl_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(old);
	int rc;

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_LINK);
	rc = cl_reint_link(inode, dir, &dentry->d_name);
	if (rc)
		return rc;
	ihold(inode);
	WRITE_ONCE(dentry->d_time, DENTRY_INVALID);
	d_instantiate(dentry, inode);
	if (d_unhashed(dentry))
		d_rehash(dentry);
	return 0;
}

/* --- names that go --- */

/* 1 RPC; the reply brings the new link count */
static int cl_unlink(struct inode *dir, struct dentry *dentry)
{
	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_UNLINK);
	return cl_reint_unlink(dir, &dentry->d_name, d_inode(dentry));
}

static int cl_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int rc;

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_RMDIR);
	rc = cl_reint_unlink(dir, &dentry->d_name, inode);
	if (!rc)
		clear_nlink(inode);
	return rc;
}

/* 1 RPC. The protocol has no way to tell the MDT about flags: they are refused, as by stock clients */
static int cl_rename(struct mnt_idmap *idmap, struct inode *src_dir, struct dentry *src,
		     struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct inode *inode = d_inode(src), *victim = d_inode(dentry);
	int rc;

	if (flags)
		return -EINVAL;
	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_RENAME);
	rc = cl_reint_rename(src_dir, &src->d_name, inode, dir, &dentry->d_name, victim);
	if (rc)
		return rc;
	if (victim && S_ISDIR(victim->i_mode))
		clear_nlink(victim);
	CL_I(inode)->parent = CL_I(dir)->fid;
	return 0;
}

const struct inode_operations cl_dir_iops = {
	.lookup		= cl_lookup,
	.atomic_open	= cl_atomic_open,
	.create		= cl_create,
	.mknod		= cl_mknod,
	.symlink	= cl_symlink,
	.mkdir		= COMPAT_MKDIR_OP(cl_mkdir),
	.link		= cl_link,
	.unlink		= cl_unlink,
	.rmdir		= cl_rmdir,
	.rename		= cl_rename,
	.permission	= cl_permission,
	.getattr	= cl_getattr,
	.setattr	= cl_setattr,
	.listxattr	= cl_listxattr,
	COMPAT_ACL_IOPS(cl_get_inode_acl, cl_set_acl)
	.fileattr_get	= cl_fileattr_get,
	.fileattr_set	= cl_fileattr_set,
};
