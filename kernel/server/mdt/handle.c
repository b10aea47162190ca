// SPDX-License-Identifier: GPL-2.0
/*
 * Open handles of clients and the objects they hold open. An object's struct mdt_inode exists
 * while it has handles; all of it changes under the obj_lock of its FID.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "mdt.h"

static const struct rhashtable_params open_params = {
	.key_len = sizeof(struct lu_fid),
	.key_offset = offsetof(struct mdt_inode, fid),
	.head_offset = offsetof(struct mdt_inode, node),
	.automatic_shrinking = true,
};

int mdt_opens_init(struct mdt *mdt)
{
	unsigned int i;
	int rc;

	for (i = 0; i < MDT_OBJ_LOCKS; i++)
		mutex_init(&mdt->obj_locks[i]);
	mutex_init(&mdt->rename_lock);
	rc = rhashtable_init(&mdt->open_objs, &open_params);
	mdt->open_objs_ready = !rc;
	return rc;
}

void mdt_opens_fini(struct mdt *mdt)
{
	if (mdt->open_objs_ready)
		rhashtable_destroy(&mdt->open_objs);
	mdt->open_objs_ready = false;
}

struct mutex *mdt_obj_lock(struct mdt *mdt, const struct lu_fid *fid)
{
	return &mdt->obj_locks[hash_64(fid->f_seq + fid->f_oid, ilog2(MDT_OBJ_LOCKS))];
}

struct mdt_inode *mdt_inode_find(struct mdt *mdt, const struct lu_fid *fid)
{
	return rhashtable_lookup(&mdt->open_objs, fid, open_params);
}

/* --- handles --- */

static bool open_get(struct rpc_handle *h)
{
	struct mdt_open *mo = container_of(h, struct mdt_open, handle);

	return kref_get_unless_zero(&mo->ref);
}

static const struct rpc_handle_type open_type = { .name = "open", .get = open_get };

static void open_free(struct kref *ref)
{
	struct mdt_open *mo = container_of(ref, struct mdt_open, ref);

	kfree(mo->spare);
	kfree_rcu(mo, rcu);
}

void mdt_open_put(struct mdt_open *mo)
{
	kref_put(&mo->ref, open_free);
}

struct mdt_open *mdt_open_alloc(struct rpc_svcreq *req, u64 flags, u64 old_cookie)
{
	struct mdt_open *mo = kzalloc(sizeof(*mo), GFP_NOFS);

	if (!mo)
		return NULL;
	mo->spare = kzalloc(sizeof(*mo->spare), GFP_NOFS);
	if (!mo->spare) {
		kfree(mo);
		return NULL;
	}
	kref_init(&mo->ref);
	INIT_LIST_HEAD(&mo->link);
	mo->exp = req->exp;
	mo->flags = flags;
	mo->old_cookie = old_cookie;
	mo->xid = req->xid;
	return mo;
}

static struct mdt_inode *inode_get(struct mdt *mdt, struct mdt_open *mo, struct ldiskfs_object *obj)
{
	struct mdt_inode *mi = mo->spare;
	int rc;

	rcu_read_lock();
	mi = mdt_inode_find(mdt, ldiskfs_fid(obj));
	rcu_read_unlock();
	if (mi)
		return mi;
	mi = mo->spare;
	mi->fid = *ldiskfs_fid(obj);
	rc = rhashtable_insert_fast(&mdt->open_objs, &mi->node, open_params);
	if (rc)
		return ERR_PTR(rc);
	mo->spare = NULL;
	mi->obj = ldiskfs_object_get(obj);
	return mi;
}

static void inode_put(struct mdt *mdt, struct mdt_inode *mi)
{
	if (mi->opens)
		return;
	if (mi->orphan)
		atomic_dec(&mdt->nr_orphans);
	rhashtable_remove_fast(&mdt->open_objs, &mi->node, open_params);
	ldiskfs_object_put(mi->obj);
	kfree_rcu(mi, rcu);
}

int mdt_open_add(struct mdt *mdt, struct mdt_open *mo, struct ldiskfs_object *obj)
{
	struct mutex *lock = mdt_obj_lock(mdt, ldiskfs_fid(obj));
	struct mdt_export *me = mdt_export(mo->exp);
	struct mdt_inode *mi;
	int rc = 0;

	lockdep_assert_held(lock);
	mi = inode_get(mdt, mo, obj);
	if (IS_ERR(mi))
		return PTR_ERR(mi);
	if (((mo->flags & MDS_FMODE_WRITE) && mi->denied) || ((mo->flags & MDS_FMODE_EXEC) && mi->writers))
		rc = -ETXTBSY;
	if (!rc)
		rc = rpc_handle_add(&mo->handle, &open_type);
	if (rc) {
		inode_put(mdt, mi);
		return rc;
	}
	mi->opens++;
	mi->writers += !!(mo->flags & MDS_FMODE_WRITE);
	mi->denied += !!(mo->flags & MDS_FMODE_EXEC);
	mo->mi = mi;
	kref_get(&mo->ref);	/* the list's */
	spin_lock(&me->open_lock);
	list_add_tail(&mo->link, &me->opens);
	spin_unlock(&me->open_lock);
	return 0;
}

bool mdt_open_take(struct mdt_open *mo)
{
	struct mdt_export *me = mdt_export(mo->exp);
	bool mine;

	spin_lock(&me->open_lock);
	mine = !list_empty(&mo->link);
	list_del_init(&mo->link);
	spin_unlock(&me->open_lock);
	if (mine)
		rpc_handle_del(&mo->handle);
	return mine;
}

bool mdt_open_del(struct mdt *mdt, struct mdt_open *mo)
{
	struct mdt_inode *mi = mo->mi;
	bool last;

	lockdep_assert_held(mdt_obj_lock(mdt, &mi->fid));
	mi->opens--;
	mi->writers -= !!(mo->flags & MDS_FMODE_WRITE);
	mi->denied -= !!(mo->flags & MDS_FMODE_EXEC);
	last = !mi->opens && mi->orphan;
	inode_put(mdt, mi);
	mo->mi = NULL;
	mdt_open_put(mo);	/* the list's */
	return last;
}

struct mdt_open *mdt_open_find(struct rpc_svcreq *req, u64 cookie)
{
	struct rpc_handle *h = rpc_handle_find(cookie, &open_type);
	struct mdt_export *me = mdt_export(req->exp);
	struct mdt_open *mo;

	if (h) {
		mo = container_of(h, struct mdt_open, handle);
		if (mo->exp == req->exp)
			return mo;
		mdt_open_put(mo);	/* of another client */
		return NULL;
	}
	if (!req->replay)
		return NULL;
	/* a replayed close knows the handle that the open had before the restart */
	spin_lock(&me->open_lock);
	list_for_each_entry(mo, &me->opens, link)
		if (mo->old_cookie == cookie) {
			kref_get(&mo->ref);
			spin_unlock(&me->open_lock);
			return mo;
		}
	spin_unlock(&me->open_lock);
	return NULL;
}

struct mdt_open *mdt_open_find_xid(struct rpc_svcreq *req, struct ldiskfs_object **obj)
{
	struct mdt_export *me = mdt_export(req->exp);
	struct mdt_open *mo;

	spin_lock(&me->open_lock);
	list_for_each_entry_reverse(mo, &me->opens, link)
		if (mo->xid == req->xid) {
			/* on the list: not closed, so it holds its object */
			kref_get(&mo->ref);
			*obj = ldiskfs_object_get(mo->mi->obj);
			spin_unlock(&me->open_lock);
			return mo;
		}
	spin_unlock(&me->open_lock);
	return NULL;
}

void mdt_show_opens(struct seq_file *m, struct rpc_export *exp)
{
	struct mdt_export *me = mdt_export(exp);
	struct mdt_open *mo;

	spin_lock(&me->open_lock);
	list_for_each_entry(mo, &me->opens, link)
		seq_printf(m, DFID "\n", PFID(&mo->mi->fid));
	spin_unlock(&me->open_lock);
}

void mdt_export_close_all(struct mdt *mdt, struct rpc_export *exp)
{
	struct mdt_export *me = mdt_export(exp);
	struct mdt_open *mo;

	for (;;) {
		struct ldiskfs_object *obj;
		struct mutex *lock;

		spin_lock(&me->open_lock);
		mo = list_first_entry_or_null(&me->opens, struct mdt_open, link);
		if (mo)
			kref_get(&mo->ref);
		spin_unlock(&me->open_lock);
		if (!mo)
			return;
		if (mdt_open_take(mo)) {
			obj = ldiskfs_object_get(mo->mi->obj);
			lock = mdt_obj_lock(mdt, &mo->mi->fid);
			mutex_lock(lock);
			/* a target that stops leaves orphans to the next start */
			if (mdt_open_del(mdt, mo) && !mdt->stopping &&
			    mdt_destroy_orphan(mdt, NULL, obj))
				pr_warn("%s: removed file " DFID " stays until the next start\n",
					mdt->tgt->svname, PFID(ldiskfs_fid(obj)));
			mutex_unlock(lock);
			ldiskfs_object_put(obj);
		}
		mdt_open_put(mo);
	}
}
