// SPDX-License-Identifier: GPL-2.0
/*
 * REINT_UNLINK and REINT_LINK (chapter 04, 7). Cost of an unlink: one transaction, one lookup,
 * the layout read once; the objects go later.
 */
#include "mdt.h"

/* --- unlink, rmdir --- */

static int unlink_tx(struct rpc_svcreq *req, struct ldiskfs_object *dir, const struct lu_fid *parent,
		     const struct qstr *name, struct mdt_victim *v, s64 time)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct mdt_times old;
	int rc;

	if (!tx)
		return -ENOMEM;
	if (v->mi)
		rc = ldiskfs_declare_rename(tx, dir, mdt->pending, v->obj, NULL);
	else
		rc = ldiskfs_declare_unlink(tx, dir, v->obj);
	if (!rc)
		rc = mdt_victim_declare(mdt, v, tx, parent, name);
	if (!rc)
		rc = mdt_declare_touch(tx, dir);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		osp_log_cancel(v->batch);
		return rc;
	}
	mdt_times_get(&old, dir);
	mdt_times_get(&v->old, v->obj);
	if (v->mi)
		rc = ldiskfs_rename(tx, dir, name, mdt->pending, &v->pending, v->obj, NULL);
	else
		rc = ldiskfs_unlink(tx, dir, name, v->obj);
	if (rc)
		osp_log_cancel(v->batch);
	else
		rc = mdt_victim_done(mdt, v, tx, time);
	if (!rc)
		rc = mdt_touch(tx, dir, time, &old, true);
	return mdt_tx_stop(mdt, req, tx, rc, 0, dir, v->obj, NULL);
}

static int unlink_object(struct rpc_svcreq *req, const struct mdt_rec_unlink *rec, struct ldiskfs_object *dir,
			 const struct lu_fid *parent, const struct qstr *name, struct ldiskfs_object *obj)
{
	struct mdt *mdt = mdt_of(req);
	bool want_dir = S_ISDIR(le32_to_cpu(rec->mode));
	bool is_dir = S_ISDIR(ldiskfs_inode(obj)->i_mode);
	struct mdt_victim v;
	struct mdt_cred cred;
	int rc;

	mdt_version(req, 1, obj);
	mdt_cred_rec(req, &cred, &rec->head);
	rc = mdt_may_delete(&cred, ldiskfs_inode(dir), ldiskfs_inode(obj));
	if (!rc && want_dir != is_dir)
		rc = want_dir ? -ENOTDIR : -EISDIR;
	if (!rc && !mdt_may_change(ldiskfs_fid(obj)))
		rc = -EPERM;
	if (rc)
		return rc;
	rc = mdt_victim_lock(mdt, &v, obj);
	if (rc)
		return rc;
	rc = unlink_tx(req, dir, parent, name, &v, le64_to_cpu(rec->time));
	if (!rc && !rpc_reply_pack(req))
		mdt_victim_body(mdt, rpc_field(&req->rp, RF_MDT_BODY), &v);
	mdt_victim_unlock(mdt, &v, rc);
	return rc;
}

/* The parent is locked: what the name names, its lock, and then the removal. */
static int unlink_locked(struct rpc_svcreq *req, const struct mdt_rec_unlink *rec, struct ldiskfs_object *dir,
			 const struct lu_fid *parent, const struct qstr *name)
{
	struct mdt *mdt = mdt_of(req);
	struct ldlm_lock *lock;
	struct ldiskfs_object *obj;
	int rc;

	mdt_version(req, 0, dir);
	obj = ldiskfs_lookup(dir, name);
	if (IS_ERR(obj)) {
		mdt_version(req, 1, NULL);
		return PTR_ERR(obj);
	}
	rc = mdt_lock(mdt, ldiskfs_fid(obj), LDLM_EX, MDS_INODELOCK_LOOKUP | MDS_INODELOCK_UPDATE, 0, &lock);
	if (!rc) {
		rc = unlink_object(req, rec, dir, parent, name, obj);
		mdt_unlock(lock);
	}
	ldiskfs_object_put(obj);
	return rc;
}

int mdt_reint_unlink(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	const union mdt_rec *r = rpc_field(&req->rq, RF_REC_REINT);
	const struct mdt_rec_unlink *rec = &r->unlink;
	struct ldiskfs_object *dir;
	struct ldlm_lock *lock;
	struct lu_fid parent;
	struct qstr name;
	int rc;

	rc = mdt_name(&req->rq, RF_NAME, &name);
	if (rc)
		return rc == -ENOENT ? -EPROTO : rc;
	if (mdt_name_is_dot(&name))
		return name.len == 1 ? -EINVAL : -ENOTEMPTY;
	mdt_fid(&parent, &rec->fid1);
	dir = mdt_find(mdt, &parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	target_stat_op(req, S_ISDIR(le32_to_cpu(rec->mode)) ? MDT_STAT_RMDIR : MDT_STAT_UNLINK);
	rc = mdt_lock(mdt, &parent, LDLM_PW, MDS_INODELOCK_UPDATE, 0, &lock);
	if (!rc) {
		rc = unlink_locked(req, rec, dir, &parent, &name);
		mdt_unlock(lock);
	}
	ldiskfs_object_put(dir);
	return rc;
}

/* --- link --- */

static int link_tx(struct rpc_svcreq *req, struct ldiskfs_object *dir, const struct lu_fid *parent,
		   const struct qstr *name, struct ldiskfs_object *obj, s64 time, struct mdt_ea *link)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct mdt_times old_dir, old;
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_link(tx, dir, obj);
	if (!rc)
		rc = ldiskfs_declare_setxattr(tx, obj, XATTR_NAME_LINK, link->size);
	if (!rc)
		rc = mdt_declare_touch(tx, obj);
	if (!rc)
		rc = mdt_declare_touch(tx, dir);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	mdt_times_get(&old_dir, dir);
	mdt_times_get(&old, obj);
	rc = ldiskfs_link(tx, dir, name, obj);
	/*
	 * The link EA only helps to find paths: without room for it the link is still good, and a
	 * link cannot be taken back here.
	 */
	if (!rc && ldiskfs_setxattr(tx, obj, XATTR_NAME_LINK, link->buf, link->size, 0))
		pr_warn_ratelimited("%s: no room for the link EA of " DFID "\n", mdt->tgt->svname,
				    PFID(ldiskfs_fid(obj)));
	if (!rc)
		rc = mdt_touch(tx, obj, time, &old, false);
	if (!rc)
		rc = mdt_touch(tx, dir, time, &old_dir, true);
	return mdt_tx_stop(mdt, req, tx, rc, 0, dir, obj, NULL);
}

static int link_add_name(struct ldiskfs_object *obj, const struct lu_fid *parent, const struct qstr *name,
			 s64 time, struct mdt_ea *link)
{
	int rc = mdt_ea_read(obj, XATTR_NAME_LINK, link);

	if (rc)
		return rc;
	rc = linkea_check(link->buf, link->size);
	link->size = max(rc, 0);
	rc = mdt_ea_room(link, max_t(u32, link->size, sizeof(struct link_ea_header)) +
			 sizeof(struct link_ea_entry) + name->len);
	if (rc)
		return rc;
	rc = linkea_add(link->buf, link->size, link->room, parent, name->name, name->len, time);
	if (rc < 0)
		return rc;
	link->size = rc;
	return 0;
}

static int link_locked(struct rpc_svcreq *req, const struct mdt_rec_link *rec, struct ldiskfs_object *dir,
		       const struct lu_fid *parent, const struct qstr *name, struct ldiskfs_object *obj)
{
	struct mdt *mdt = mdt_of(req);
	struct inode *inode = ldiskfs_inode(obj);
	struct mutex *lock = mdt_obj_lock(mdt, ldiskfs_fid(obj));
	struct ldiskfs_object *old;
	struct mdt_cred cred;
	struct mdt_ea link;
	int rc;

	mdt_version(req, 0, dir);
	mdt_version(req, 1, obj);
	old = ldiskfs_lookup(dir, name);
	if (!IS_ERR(old)) {
		mdt_version(req, 2, old);
		ldiskfs_object_put(old);
		return -EEXIST;
	}
	if (PTR_ERR(old) != -ENOENT)
		return PTR_ERR(old);
	mdt_version(req, 2, NULL);
	mdt_cred_rec(req, &cred, &rec->head);
	rc = mdt_may_create(mdt, &cred, dir);
	if (rc)
		return rc;
	if (S_ISDIR(inode->i_mode) || IS_IMMUTABLE(inode) || IS_APPEND(inode))
		return -EPERM;
	mdt_ea_init(&link);
	rc = link_add_name(obj, parent, name, le64_to_cpu(rec->time), &link);
	if (!rc) {
		/* an open file without a name does not get one again */
		mutex_lock(lock);
		rc = mdt_is_dead(mdt, obj) ? -ENOENT :
			link_tx(req, dir, parent, name, obj, le64_to_cpu(rec->time), &link);
		mutex_unlock(lock);
	}
	mdt_ea_free(&link);
	return rc;
}

int mdt_reint_link(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	const union mdt_rec *r = rpc_field(&req->rq, RF_REC_REINT);
	const struct mdt_rec_link *rec = &r->link;
	struct ldlm_lock *dlock = NULL, *lock = NULL;
	struct ldiskfs_object *dir, *obj;
	struct lu_fid fid, parent;
	struct qstr name;
	int rc;

	rc = mdt_name(&req->rq, RF_NAME, &name);
	if (rc)
		return rc == -ENOENT ? -EPROTO : rc;
	if (mdt_name_is_dot(&name))
		return -EEXIST;
	mdt_fid(&fid, &rec->fid1);
	mdt_fid(&parent, &rec->fid2);
	if (fid_eq(&fid, &parent))
		return -EPERM;
	if (!mdt_may_change(&fid))
		return -EPERM;
	dir = mdt_find(mdt, &parent);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	obj = mdt_find(mdt, &fid);
	if (IS_ERR(obj)) {
		ldiskfs_object_put(dir);
		return PTR_ERR(obj);
	}
	target_stat_op(req, MDT_STAT_LINK);
	if (!S_ISDIR(ldiskfs_inode(dir)->i_mode))
		rc = -ENOTDIR;
	if (!rc && S_ISDIR(ldiskfs_inode(obj)->i_mode))
		rc = -EPERM;
	if (!rc)
		rc = mdt_lock(mdt, &parent, LDLM_PW, MDS_INODELOCK_UPDATE, 0, &dlock);
	if (!rc)
		rc = mdt_lock(mdt, &fid, LDLM_EX, MDS_INODELOCK_UPDATE | MDS_INODELOCK_XATTR, 0, &lock);
	if (!rc)
		rc = link_locked(req, rec, dir, &parent, &name, obj);
	mdt_unlock(lock);
	mdt_unlock(dlock);
	ldiskfs_object_put(obj);
	ldiskfs_object_put(dir);
	return rc;
}
