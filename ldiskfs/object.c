// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: an inode with its FID, version and, once data is read or written, an
 * open file. Objects that nobody uses stay cached for a while. How a FID leads to
 * an inode number is in fidindex.c.
 */
#include <linux/exportfs.h>
#include <linux/file.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/vfs.h"
#include "ldiskfs/internal.h"

/* Freeing the blocks of a file larger than this is left to a worker. */
#define EVICT_INLINE	(16UL << 20 >> 9)

static struct kmem_cache *object_cache;

int __init ldiskfs_object_init(void)
{
	object_cache = KMEM_CACHE(ldiskfs_object, SLAB_RECLAIM_ACCOUNT);
	return object_cache ? 0 : -ENOMEM;
}

void ldiskfs_object_exit(void)
{
	kmem_cache_destroy(object_cache);
}

/* --- files --- */

struct file *ldiskfs_open_dentry(struct ldiskfs_dev *dev, struct dentry *dentry, int flags)
{
	struct path path = { .mnt = dev->mnt, .dentry = dentry };

	return dentry_open(&path, flags | O_LARGEFILE | O_NOATIME, current_cred());
}

/* Kernel threads close at once: their deferred closes would hold up an unmount. */
void ldiskfs_close_file(struct file *file)
{
	if (current->flags & PF_KTHREAD)
		__fput_sync(file);
	else
		fput(file);
}

/* The object's file, opened for reading and writing when first needed. */
struct file *ldiskfs_object_file(struct ldiskfs_object *obj)
{
	struct file *file = smp_load_acquire(&obj->file), *old;

	if (file)
		return file;
	file = ldiskfs_open_dentry(obj->dev, obj->dentry, obj->dev->rdonly ? O_RDONLY : O_RDWR);
	if (IS_ERR(file))
		return file;
	/* times come from clients: writes do not set those of our own clock */
	file->f_mode |= FMODE_NOCMTIME;
	old = cmpxchg(&obj->file, NULL, file);
	if (!old)
		return file;
	ldiskfs_close_file(file);
	return old;
}

/* --- life --- */

struct ldiskfs_object *ldiskfs_object_alloc(struct ldiskfs_dev *dev)
{
	struct ldiskfs_object *obj = kmem_cache_zalloc(object_cache, GFP_NOFS);

	if (!obj)
		return NULL;
	obj->dev = dev;
	obj->refs = 1;
	INIT_LIST_HEAD(&obj->lru);
	return obj;
}

static void object_release(struct ldiskfs_object *obj)
{
	if (obj->file)
		ldiskfs_close_file(obj->file);
	dput(obj->dentry);
	kmem_cache_free(object_cache, obj);
}

static void doomed_work(struct work_struct *work)
{
	struct ldiskfs_dev *dev = container_of(work, struct ldiskfs_dev, doomed_work);
	struct ldiskfs_object *obj, *next;

	llist_for_each_entry_safe(obj, next, llist_del_all(&dev->doomed), doomed) {
		object_release(obj);
		cond_resched();
	}
}

/*
 * The last reference to an inode without names frees its blocks: in transactions
 * of its own, so never inside one of ours, and not in the way of a reply if there
 * are many. A crash before leaves it on ext4's orphan list.
 */
void ldiskfs_object_free(struct ldiskfs_object *obj)
{
	bool later = obj->file && !(current->flags & PF_KTHREAD);

	if (obj->dead)
		later |= journal_current_handle() || obj_inode(obj)->i_blocks > EVICT_INLINE;
	if (later) {
		if (llist_add(&obj->doomed, &obj->dev->doomed))
			queue_work(obj->dev->wq, &obj->dev->doomed_work);
		return;
	}
	object_release(obj);
}

/* A referenced object of the cache. Called with the lock of dev->objects held. */
static struct ldiskfs_object *cache_get(struct ldiskfs_dev *dev, u64 ino)
{
	struct ldiskfs_object *obj = xa_load(&dev->objects, ino);

	if (obj && obj->refs++ == 0) {
		list_del_init(&obj->lru);
		dev->lru_nr--;
	}
	return obj;
}

/*
 * Put a new object into the cache; takes over the reference to @dentry. Return:
 * @obj, or the object that was there already for the same inode (@obj is gone then).
 */
struct ldiskfs_object *ldiskfs_object_insert(struct ldiskfs_object *obj, struct dentry *dentry)
{
	struct ldiskfs_dev *dev = obj->dev;
	u64 ino = d_inode(dentry)->i_ino;
	struct ldiskfs_object *old;
	int err;

	obj->dentry = dentry;
	do {
		/* Must not fail: what @obj stands for may be half made. */
		err = xa_reserve(&dev->objects, ino, GFP_NOFS | __GFP_NOFAIL);
		xa_lock(&dev->objects);
		old = cache_get(dev, ino);
		if (!old)
			err = xa_err(__xa_store(&dev->objects, ino, obj, GFP_NOWAIT));
		xa_unlock(&dev->objects);
	} while (!old && err);
	if (!old)
		return obj;
	ldiskfs_object_free(obj);
	return old;
}

/* What the disk says about a new object: its FID must be the same in index and inode. */
static int object_load(struct ldiskfs_object *obj, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	u32 gen = 0, found[2];
	struct lu_fid fid;
	int err;

	err = ldiskfs_inode_find(obj->dev, inode->i_ino, &obj->fid, &obj->version, &gen);
	if (!err)
		err = ldiskfs_read_lma(dentry, &fid);
	if (err)
		return err;
	if (gen != inode->i_generation) {
		obj->version = 0;
		obj->fid = (struct lu_fid){ 0 };
	}
	if (!fid_eq(&fid, &obj->fid))
		return -EUCLEAN;
	if (fid_is_zero(&fid))
		return 0;
	err = ldiskfs_index_find(obj->dev, &fid, &found[0], &found[1]);
	if (err == -ENOENT || (!err && (found[0] != inode->i_ino || found[1] != inode->i_generation)))
		return -EUCLEAN;
	return err;
}

/* Index and inode disagree: mend that, unless the inode is just being made. */
static int object_mend(struct ldiskfs_object *obj, struct dentry *dentry)
{
	struct dentry *parent = dget_parent(dentry);
	int err;

	if (parent != dentry) {
		/* who makes it holds this until all is in place */
		inode_lock_shared(d_inode(parent));
		inode_unlock_shared(d_inode(parent));
	}
	dput(parent);
	err = object_load(obj, dentry);
	if (err != -EUCLEAN)
		return err;
	err = obj->dev->rdonly ? -EUCLEAN : ldiskfs_index_mend(obj->dev, dentry);
	if (!err)
		err = object_load(obj, dentry);
	if (err)
		pr_err_ratelimited("ldiskfs: %s: inode %llu does not agree with the FID index, which has " DFID ": %d\n",
				   obj->dev->name, (u64)d_inode(dentry)->i_ino, PFID(&obj->fid), err);
	return err;
}

/* The object of a positive dentry, of which a reference is consumed. */
struct ldiskfs_object *ldiskfs_object_of(struct ldiskfs_dev *dev, struct dentry *dentry)
{
	struct ldiskfs_object *obj;
	int err;

	xa_lock(&dev->objects);
	obj = cache_get(dev, d_inode(dentry)->i_ino);
	xa_unlock(&dev->objects);
	if (obj) {
		dput(dentry);
		return obj;
	}
	obj = ldiskfs_object_alloc(dev);
	err = obj ? object_load(obj, dentry) : -ENOMEM;
	if (err == -EUCLEAN && !journal_current_handle())
		err = object_mend(obj, dentry);
	if (!err)
		return ldiskfs_object_insert(obj, dentry);
	if (obj)
		kmem_cache_free(object_cache, obj);
	dput(dentry);
	return ERR_PTR(err);
}

static struct ldiskfs_object *find_by_index(struct ldiskfs_dev *dev, const struct lu_fid *fid)
{
	struct ldiskfs_object *obj;
	struct dentry *dentry;
	u32 key[2];
	int err;

	err = ldiskfs_index_find(dev, fid, &key[0], &key[1]);
	if (err)
		return ERR_PTR(err);
	xa_lock(&dev->objects);
	obj = cache_get(dev, key[0]);
	xa_unlock(&dev->objects);
	if (!obj) {
		dentry = dev->sb->s_export_op->fh_to_dentry(dev->sb, (struct fid *)key, 2,
							    FILEID_INO32_GEN);
		if (IS_ERR_OR_NULL(dentry)) {
			/* It may be on its way out in another transaction. */
			err = PTR_ERR_OR_ZERO(dentry);
			return ERR_PTR(!err || err == -ESTALE ? -ENOENT : err);
		}
		obj = ldiskfs_object_of(dev, dentry);
		if (IS_ERR(obj))
			return obj;
	}
	if (!obj->dead && fid_eq(&obj->fid, fid))
		return obj;
	/* Destroyed, and perhaps the inode reused, since the index was read. */
	ldiskfs_object_put(obj);
	return ERR_PTR(-ENOENT);
}

/**
 * ldiskfs_find() - object of a FID
 * @dev: device
 * @fid: its FID
 *
 * A data object that the index has lost is found by its name. Context: may sleep; not inside a
 * transaction.
 * Return: object with a reference, -ENOENT, -EUCLEAN if index and inode disagree,
 * other errors of the disk.
 */
struct ldiskfs_object *ldiskfs_find(struct ldiskfs_dev *dev, const struct lu_fid *fid)
{
	struct ldiskfs_object *obj = find_by_index(dev, fid);

	if (obj != ERR_PTR(-ENOENT) || journal_current_handle())
		return obj;
	return ldiskfs_data_by_name(dev, fid);
}
EXPORT_SYMBOL_GPL(ldiskfs_find);

/**
 * ldiskfs_object_get() - one more reference
 * @obj: object
 */
struct ldiskfs_object *ldiskfs_object_get(struct ldiskfs_object *obj)
{
	xa_lock(&obj->dev->objects);
	WARN_ON_ONCE(!obj->refs);
	obj->refs++;
	xa_unlock(&obj->dev->objects);
	return obj;
}
EXPORT_SYMBOL_GPL(ldiskfs_object_get);

/**
 * ldiskfs_object_put() - give a reference back
 * @obj: object, NULL or an error pointer are ignored
 *
 * The last one of an object without names frees its space, now or soon.
 * Context: may sleep.
 */
void ldiskfs_object_put(struct ldiskfs_object *obj)
{
	struct ldiskfs_dev *dev;

	if (IS_ERR_OR_NULL(obj))
		return;
	dev = obj->dev;
	xa_lock(&dev->objects);
	if (--obj->refs) {
		xa_unlock(&dev->objects);
		return;
	}
	if (!obj->dead) {
		list_add_tail(&obj->lru, &dev->lru);
		if (++dev->lru_nr <= LDISKFS_CACHE) {
			xa_unlock(&dev->objects);
			return;
		}
		obj = list_first_entry(&dev->lru, struct ldiskfs_object, lru);
		list_del_init(&obj->lru);
		dev->lru_nr--;
	}
	__xa_erase(&dev->objects, obj_inode(obj)->i_ino);
	xa_unlock(&dev->objects);
	ldiskfs_object_free(obj);
}
EXPORT_SYMBOL_GPL(ldiskfs_object_put);

/**
 * ldiskfs_inode() - inode of an object, for reading attributes
 * @obj: object
 */
struct inode *ldiskfs_inode(struct ldiskfs_object *obj)
{
	return obj_inode(obj);
}
EXPORT_SYMBOL_GPL(ldiskfs_inode);

/**
 * ldiskfs_fid() - FID of an object
 * @obj: object
 * Return: the FID it was created with, zero for files made by path.
 */
const struct lu_fid *ldiskfs_fid(struct ldiskfs_object *obj)
{
	return &obj->fid;
}
EXPORT_SYMBOL_GPL(ldiskfs_fid);

/**
 * ldiskfs_version() - transno of the last change
 * @obj: object
 */
u64 ldiskfs_version(struct ldiskfs_object *obj)
{
	return READ_ONCE(obj->version);
}
EXPORT_SYMBOL_GPL(ldiskfs_version);

/**
 * ldiskfs_set_version() - set the transno of the last change
 * @tx: started transaction that declared a change of @obj, or created it
 * @obj: object
 * @version: transno
 *
 * Objects without FID, or removed in @tx, have none: nothing happens.
 * Return: 0 or an error of the journal.
 */
int ldiskfs_set_version(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, u64 version)
{
	struct inode *inode = obj_inode(obj);
	int err;

	if (obj->dead || fid_is_zero(&obj->fid))
		return 0;
	err = ldiskfs_inode_set(tx, inode->i_ino, inode->i_generation, &obj->fid, version);
	if (!err)
		WRITE_ONCE(obj->version, version);
	return err;
}
EXPORT_SYMBOL_GPL(ldiskfs_set_version);

/* --- with the device --- */

void ldiskfs_object_dev_init(struct ldiskfs_dev *dev)
{
	xa_init(&dev->objects);
	INIT_LIST_HEAD(&dev->lru);
	init_llist_head(&dev->doomed);
	INIT_WORK(&dev->doomed_work, doomed_work);
}

/* Before unmounting, in a kernel thread; nobody else uses the device any more. */
void ldiskfs_object_drop_all(struct ldiskfs_dev *dev)
{
	struct ldiskfs_object *obj;
	unsigned long ino;

	xa_for_each(&dev->objects, ino, obj) {
		if (obj->refs)
			pr_err("ldiskfs: %s: inode %lu is still in use at unmount\n", dev->name, ino);
		xa_erase(&dev->objects, ino);
		object_release(obj);
	}
	xa_destroy(&dev->objects);
	flush_work(&dev->doomed_work);
	flush_delayed_fput();
}
