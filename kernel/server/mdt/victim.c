// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that lose a name (chapter 04, 6.4 and 7): the last name of a closed object destroys it
 * and lets its data objects be destroyed; that of an open one moves it to PENDING until the last
 * close, or the next start.
 */
#include <linux/slab.h>
#include "mdt.h"

static void pending_name(struct mdt_victim *v)
{
	v->pending.len = snprintf(v->pending_name, sizeof(v->pending_name), "%llx:%x:%x",
				  (unsigned long long)v->fid.f_seq, v->fid.f_oid, v->fid.f_ver);
	v->pending.name = (const unsigned char *)v->pending_name;
}

static bool count_entry(void *ctx, const char *name, int len, u64 hash, const struct lu_fid *fid,
			unsigned int d_type)
{
	bool *empty = ctx;

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	*empty = false;
	return false;
}

int mdt_dir_empty(struct ldiskfs_object *dir)
{
	bool empty = true;
	int rc = ldiskfs_readdir(dir, 0, count_entry, &empty);

	return rc ?: empty ? 0 : -ENOTEMPTY;
}

int mdt_victim_lock(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_object *obj)
{
	struct inode *inode = ldiskfs_inode(obj);
	int rc = 0;

	memset(v, 0, offsetof(struct mdt_victim, link));
	mdt_ea_init(&v->link);
	v->obj = obj;
	v->fid = *ldiskfs_fid(obj);
	v->lock = mdt_obj_lock(mdt, &v->fid);
	mutex_lock(v->lock);
	v->last = S_ISDIR(inode->i_mode) || inode->i_nlink <= 1;
	rcu_read_lock();
	v->mi = v->last ? mdt_inode_find(mdt, &v->fid) : NULL;	/* stays while its obj_lock is held */
	rcu_read_unlock();
	if (v->mi) {
		pending_name(v);
		/* the storage does not look into a directory that only moves */
		if (S_ISDIR(inode->i_mode))
			rc = mdt_dir_empty(obj);
	}
	if (rc)
		mutex_unlock(v->lock);
	return rc;
}

void mdt_victim_unlock(struct mdt *mdt, struct mdt_victim *v, int rc)
{
	if (!rc && v->mi && !v->mi->orphan) {
		WRITE_ONCE(v->mi->orphan, true);
		atomic_inc(&mdt->nr_orphans);
	}
	mdt_ea_free(&v->link);
	mutex_unlock(v->lock);
	if (!rc && v->dom)
		mdt_dom_discard(mdt, &v->fid);
}

static int declare_link_less(struct mdt_victim *v, struct ldiskfs_tx *tx, const struct lu_fid *dir,
			     const struct qstr *name)
{
	int rc = mdt_ea_read(v->obj, XATTR_NAME_LINK, &v->link);

	if (rc)
		return rc;
	rc = linkea_check(v->link.buf, v->link.size);
	if (rc > 0)
		rc = linkea_del(v->link.buf, rc, dir, name->name, name->len);
	/* not there (too many names for it, or damaged): leave it as it is */
	v->link.size = max(rc, 0);
	if (!v->link.size)
		return 0;
	return ldiskfs_declare_setxattr(tx, v->obj, XATTR_NAME_LINK, v->link.size);
}

static int declare_data(struct mdt *mdt, struct osp_batch **batch, struct ldiskfs_tx *tx,
			struct ldiskfs_object *obj, bool *dom)
{
	struct mdt_ea lov;
	int rc;

	if (!S_ISREG(ldiskfs_inode(obj)->i_mode))
		return 0;
	mdt_ea_init(&lov);
	rc = mdt_ea_read(obj, XATTR_NAME_LOV, &lov);
	if (!rc)
		*batch = osp_log_prepare(mdt, tx, lov.buf, lov.size, OSP_OP_DESTROY, 0, 0);
	*dom = !rc && lov_ea_has_dom(lov.buf, lov.size);
	mdt_ea_free(&lov);
	if (IS_ERR(*batch)) {
		rc = PTR_ERR(*batch);
		*batch = NULL;
	}
	return rc;
}

int mdt_victim_declare(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_tx *tx,
		       const struct lu_fid *dir, const struct qstr *name)
{
	int rc = mdt_declare_touch(tx, v->obj);

	if (rc || v->mi)
		return rc;
	if (!v->last)
		return declare_link_less(v, tx, dir, name);
	return declare_data(mdt, &v->batch, tx, v->obj, &v->dom);
}

int mdt_victim_done(struct mdt *mdt, struct mdt_victim *v, struct ldiskfs_tx *tx, s64 time)
{
	struct osp_batch *batch = v->batch;
	int rc = 0;

	v->batch = NULL;
	if (v->link.size)
		rc = ldiskfs_setxattr(tx, v->obj, XATTR_NAME_LINK, v->link.buf, v->link.size, 0);
	if (!rc)
		rc = osp_log_write(tx, batch);
	else
		osp_log_cancel(batch);
	if (!rc && (!v->last || v->mi))
		rc = mdt_touch(tx, v->obj, time, &v->old, false);
	return rc;
}

void mdt_victim_body(struct mdt *mdt, struct mdt_body *body, const struct mdt_victim *v)
{
	mdt_reint_attr(mdt, body, v->obj);
	if (!v->last)
		return;
	body->mbo_nlink = 0;
	/* what is open still can be asked for */
	if (v->mi)
		body->mbo_flags |= cpu_to_le32(LUSTRE_ORPHAN_FL);
	else
		body->mbo_flags &= cpu_to_le32(~LUSTRE_ORPHAN_FL);
}

/* --- PENDING --- */

int mdt_destroy_orphan(struct mdt *mdt, struct rpc_svcreq *req, struct ldiskfs_object *obj)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct osp_batch *batch = NULL;
	struct mdt_victim *v;
	int rc;

	if (!tx)
		return -ENOMEM;
	v = kzalloc(sizeof(*v), GFP_NOFS);
	if (!v) {
		ldiskfs_tx_free(tx);
		return -ENOMEM;
	}
	v->fid = *ldiskfs_fid(obj);
	pending_name(v);
	rc = ldiskfs_declare_unlink(tx, mdt->pending, obj);
	if (!rc)
		rc = declare_data(mdt, &batch, tx, obj, &v->dom);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		osp_log_cancel(batch);
		goto out;
	}
	rc = ldiskfs_unlink(tx, mdt->pending, &v->pending, obj);
	if (!rc)
		rc = osp_log_write(tx, batch);
	else
		osp_log_cancel(batch);
	rc = target_tx_stop(mdt->tgt, req, tx, rc, 0);
out:
	kfree(v);
	return rc;
}

/* One entry of PENDING at a time: it cannot be removed while it is being read. */
struct pending_entry {
	struct lu_fid	fid;
	bool		found;
};

static bool pending_first(void *ctx, const char *name, int len, u64 hash, const struct lu_fid *fid,
			  unsigned int d_type)
{
	struct pending_entry *e = ctx;

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	if (fid_is_zero(fid))
		return true;
	e->fid = *fid;
	e->found = true;
	return false;
}

int mdt_pending_clean(struct mdt *mdt)
{
	unsigned int nr = 0;
	int rc;

	for (;;) {
		struct pending_entry e = { .found = false };
		struct ldiskfs_object *obj;

		rc = ldiskfs_readdir(mdt->pending, 0, pending_first, &e);
		if (rc || !e.found)
			break;
		obj = ldiskfs_find(mdt->dev, &e.fid);
		if (IS_ERR(obj)) {
			rc = PTR_ERR(obj);
			break;
		}
		rc = mdt_destroy_orphan(mdt, NULL, obj);
		ldiskfs_object_put(obj);
		if (rc)
			break;
		nr++;
	}
	if (nr)
		pr_info("%s: %u files that were removed while open are gone\n", mdt->tgt->svname, nr);
	if (rc)
		pr_warn("%s: cannot clean up removed files: %d\n", mdt->tgt->svname, rc);
	return rc == -ENOENT ? 0 : rc;
}
