// SPDX-License-Identifier: GPL-2.0
/*
 * REINT_RENAME (chapter 04, 7). Renames across directories run one at a time, so that who is
 * whose ancestor does not change meanwhile: ancestors are locked first, and a directory cannot
 * move below itself. All other requests lock only from parent to child.
 */
#include "mdt.h"

#define DEPTH_MAX	4096

struct rename {
	struct mdt		*mdt;
	struct rpc_svcreq	*req;
	const struct mdt_rec_rename *rec;
	struct mdt_cred		cred;
	struct lu_fid		sfid, tfid;
	struct ldiskfs_object	*sdir, *tdir;
	struct qstr		sname, tname;
	struct ldiskfs_object	*obj;		/* what is renamed */
	struct ldiskfs_object	*old;		/* what the new name names, or NULL */
	struct mdt_ea		link;
};

/* Is @anc @dir or above it? Return: 1, 0, error */
static int is_above(struct ldiskfs_object *anc, struct ldiskfs_object *dir)
{
	struct ldiskfs_object *o = ldiskfs_object_get(dir), *up;
	unsigned int depth;

	for (depth = 0; depth < DEPTH_MAX; depth++) {
		bool root = fid_is_root(ldiskfs_fid(o));

		if (fid_eq(ldiskfs_fid(o), ldiskfs_fid(anc))) {
			ldiskfs_object_put(o);
			return 1;
		}
		if (root || fid_is_zero(ldiskfs_fid(o))) {
			ldiskfs_object_put(o);
			return 0;
		}
		up = ldiskfs_parent(o);
		ldiskfs_object_put(o);
		if (IS_ERR(up))
			return PTR_ERR(up);
		o = up;
	}
	ldiskfs_object_put(o);
	return -ELOOP;
}

static int lock_dirs(struct rename *r, struct ldlm_lock **a, struct ldlm_lock **b)
{
	const struct lu_fid *first = &r->sfid, *second = &r->tfid;
	int rc, above;

	if (r->sdir != r->tdir) {
		above = is_above(r->tdir, r->sdir);
		if (above < 0)
			return above;
		if (!above) {
			above = is_above(r->sdir, r->tdir);
			if (above < 0)
				return above;
			above = !above && memcmp(&r->tfid, &r->sfid, sizeof(r->tfid)) < 0;
		}
		if (above)
			swap(first, second);
	}
	rc = mdt_lock(r->mdt, first, LDLM_PW, MDS_INODELOCK_UPDATE, 0, a);
	if (!rc && r->sdir != r->tdir)
		rc = mdt_lock(r->mdt, second, LDLM_PW, MDS_INODELOCK_UPDATE, 0, b);
	return rc;
}

static int may_rename(struct rename *r)
{
	struct inode *inode = ldiskfs_inode(r->obj);
	int rc;

	rc = mdt_may_delete(&r->cred, ldiskfs_inode(r->sdir), inode);
	if (!rc && r->old)
		rc = mdt_may_delete(&r->cred, ldiskfs_inode(r->tdir), ldiskfs_inode(r->old));
	if (!rc)
		rc = mdt_may_create(r->mdt, &r->cred, r->tdir);
	/* its ".." changes */
	if (!rc && S_ISDIR(inode->i_mode) && r->sdir != r->tdir)
		rc = mdt_permission(&r->cred, inode, MAY_WRITE);
	if (rc)
		return rc;
	if (!mdt_may_change(ldiskfs_fid(r->obj)) || fid_is_root(ldiskfs_fid(r->obj)))
		return -EPERM;
	if (!r->old)
		return 0;
	if (S_ISDIR(inode->i_mode) && !S_ISDIR(ldiskfs_inode(r->old)->i_mode))
		return -ENOTDIR;
	if (!S_ISDIR(inode->i_mode) && S_ISDIR(ldiskfs_inode(r->old)->i_mode))
		return -EISDIR;
	return 0;
}

/* The link EA of the object under its new name. */
static int new_link(struct rename *r)
{
	int rc = mdt_ea_read(r->obj, XATTR_NAME_LINK, &r->link);

	if (rc)
		return rc;
	rc = linkea_check(r->link.buf, r->link.size);
	if (rc > 0) {
		int n = linkea_del(r->link.buf, rc, &r->sfid, r->sname.name, r->sname.len);

		if (n > 0)
			rc = n;
	}
	r->link.size = max(rc, 0);
	rc = mdt_ea_room(&r->link, max_t(u32, r->link.size, sizeof(struct link_ea_header)) +
			 sizeof(struct link_ea_entry) + r->tname.len);
	if (rc)
		return rc;
	rc = linkea_add(r->link.buf, r->link.size, r->link.room, &r->tfid, r->tname.name, r->tname.len,
			le64_to_cpu(r->rec->time));
	if (rc < 0)
		return rc;
	r->link.size = rc;
	return 0;
}

static int declare(struct rename *r, struct ldiskfs_tx *tx, struct mdt_victim *v)
{
	bool aside = v && v->mi;
	int rc = 0;

	if (aside)
		rc = ldiskfs_declare_rename(tx, r->tdir, r->mdt->pending, r->old, NULL);
	if (!rc)
		rc = ldiskfs_declare_rename(tx, r->sdir, r->tdir, r->obj, aside ? NULL : r->old);
	if (!rc && v)
		rc = mdt_victim_declare(r->mdt, v, tx, &r->tfid, &r->tname);
	if (!rc)
		rc = ldiskfs_declare_setxattr(tx, r->obj, XATTR_NAME_LINK, r->link.size);
	if (!rc)
		rc = mdt_declare_touch(tx, r->obj);
	if (!rc)
		rc = mdt_declare_touch(tx, r->sdir);
	if (!rc && r->tdir != r->sdir)
		rc = mdt_declare_touch(tx, r->tdir);
	return rc;
}

static int apply(struct rename *r, struct ldiskfs_tx *tx, struct mdt_victim *v)
{
	s64 time = le64_to_cpu(r->rec->time);
	struct mdt_times old_s, old_t, old_o;
	bool aside = v && v->mi, moved;
	int rc = 0;

	mdt_times_get(&old_s, r->sdir);
	mdt_times_get(&old_t, r->tdir);
	mdt_times_get(&old_o, r->obj);
	if (v)
		mdt_times_get(&v->old, v->obj);
	if (aside)
		rc = ldiskfs_rename(tx, r->tdir, &r->tname, r->mdt->pending, &v->pending, r->old, NULL);
	moved = aside && !rc;
	if (!rc)
		rc = ldiskfs_rename(tx, r->sdir, &r->sname, r->tdir, &r->tname, r->obj, aside ? NULL : r->old);
	if (rc) {
		/* the transaction goes on to the disk: the victim must not stay aside */
		if (moved && ldiskfs_rename(tx, r->mdt->pending, &v->pending, r->tdir, &r->tname, r->old, NULL))
			pr_err("%s: victim " DFID " of a rename that failed (%d) lost its name\n", r->mdt->tgt->svname,
			       PFID(ldiskfs_fid(r->old)), rc);
		if (v)
			osp_log_cancel(v->batch);
		return rc;
	}
	if (v)
		rc = mdt_victim_done(r->mdt, v, tx, time);
	/* only helps to find paths, see link_tx() */
	if (!rc && ldiskfs_setxattr(tx, r->obj, XATTR_NAME_LINK, r->link.buf, r->link.size, 0))
		pr_warn_ratelimited("%s: no room for the link EA of " DFID "\n", r->mdt->tgt->svname,
				    PFID(ldiskfs_fid(r->obj)));
	if (!rc)
		rc = mdt_touch(tx, r->obj, time, &old_o, false);
	if (!rc)
		rc = mdt_touch(tx, r->sdir, time, &old_s, true);
	if (!rc && r->tdir != r->sdir)
		rc = mdt_touch(tx, r->tdir, time, &old_t, true);
	return rc;
}

static int rename_tx(struct rename *r, struct mdt_victim *v)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(r->mdt->dev);
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = declare(r, tx, v);
	if (!rc)
		rc = target_tx_start(r->mdt->tgt, r->req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		if (v)
			osp_log_cancel(v->batch);
		return rc;
	}
	rc = apply(r, tx, v);
	return mdt_tx_stop(r->mdt, r->req, tx, rc, 0, r->sdir, r->tdir == r->sdir ? NULL : r->tdir, r->obj);
}

static int rename_over(struct rename *r)
{
	struct mdt_victim v;
	int rc;

	rc = mdt_victim_lock(r->mdt, &v, r->old);
	if (rc)
		return rc;
	rc = rename_tx(r, &v);
	if (!rc && !rpc_reply_pack(r->req))
		mdt_victim_body(r->mdt, rpc_field(&r->req->rp, RF_MDT_BODY), &v);
	mdt_victim_unlock(r->mdt, &v, rc);
	return rc;
}

/* Both directories and both objects are locked. */
static int rename_locked(struct rename *r)
{
	int rc = may_rename(r);

	if (rc)
		return rc;
	mdt_ea_init(&r->link);
	rc = new_link(r);
	if (!rc)
		rc = r->old ? rename_over(r) : rename_tx(r, NULL);
	mdt_ea_free(&r->link);
	return rc;
}

/* Shapes that must not even be locked: the tree would get a loop or lose a branch. */
static int check_tree(struct rename *r)
{
	int rc;

	if (r->old && (fid_eq(ldiskfs_fid(r->old), &r->sfid) || fid_eq(ldiskfs_fid(r->old), &r->tfid)))
		return -ENOTEMPTY;
	if (r->sdir == r->tdir || !S_ISDIR(ldiskfs_inode(r->obj)->i_mode))
		return 0;
	rc = is_above(r->obj, r->tdir);
	if (rc)
		return rc < 0 ? rc : -EINVAL;
	if (r->old && S_ISDIR(ldiskfs_inode(r->old)->i_mode)) {
		rc = is_above(r->old, r->sdir);
		if (rc)
			return rc < 0 ? rc : -ENOTEMPTY;
	}
	return 0;
}

static int lookup_both(struct rename *r)
{
	mdt_version(r->req, 0, r->sdir);
	mdt_version(r->req, 1, r->tdir);
	r->obj = ldiskfs_lookup(r->sdir, &r->sname);
	if (IS_ERR(r->obj)) {
		mdt_version(r->req, 2, NULL);
		return PTR_ERR(r->obj);
	}
	mdt_version(r->req, 2, r->obj);
	r->old = ldiskfs_lookup(r->tdir, &r->tname);
	if (IS_ERR(r->old)) {
		int rc = PTR_ERR(r->old);

		r->old = NULL;
		if (rc != -ENOENT)
			return rc;
	}
	mdt_version(r->req, 3, r->old);
	return 0;
}

static int rename_objects(struct rename *r)
{
	struct ldlm_lock *lock = NULL, *vlock = NULL;
	int rc;

	rc = lookup_both(r);
	/* two names of one object: nothing changes */
	if (!rc && r->old == r->obj)
		goto out;
	if (!rc)
		rc = check_tree(r);
	if (!rc)
		rc = mdt_lock(r->mdt, ldiskfs_fid(r->obj), LDLM_EX, MDS_INODELOCK_LOOKUP | MDS_INODELOCK_XATTR,
			      0, &lock);
	if (!rc && r->old)
		rc = mdt_lock(r->mdt, ldiskfs_fid(r->old), LDLM_EX,
			      MDS_INODELOCK_LOOKUP | MDS_INODELOCK_UPDATE, 0, &vlock);
	if (!rc)
		rc = rename_locked(r);
	mdt_unlock(vlock);
	mdt_unlock(lock);
out:
	if (!IS_ERR_OR_NULL(r->obj))
		ldiskfs_object_put(r->obj);
	if (r->old)
		ldiskfs_object_put(r->old);
	return rc;
}

static int rename_dirs(struct rename *r)
{
	struct ldlm_lock *a = NULL, *b = NULL;
	bool across = r->sdir != r->tdir;
	int rc;

	if (across)
		mutex_lock(&r->mdt->rename_lock);
	rc = lock_dirs(r, &a, &b);
	if (!rc)
		rc = rename_objects(r);
	mdt_unlock(b);
	mdt_unlock(a);
	if (across)
		mutex_unlock(&r->mdt->rename_lock);
	return rc;
}

int mdt_reint_rename(struct rpc_svcreq *req)
{
	const union mdt_rec *rec = rpc_field(&req->rq, RF_REC_REINT);
	struct rename r = { .mdt = mdt_of(req), .req = req, .rec = &rec->rename };
	int rc;

	rc = mdt_name(&req->rq, RF_NAME, &r.sname);
	if (!rc)
		rc = mdt_name(&req->rq, RF_SYMTGT, &r.tname);
	if (rc)
		return rc == -ENOENT ? -EPROTO : rc;
	if (mdt_name_is_dot(&r.sname) || mdt_name_is_dot(&r.tname))
		return -EBUSY;
	mdt_fid(&r.sfid, &r.rec->fid1);
	mdt_fid(&r.tfid, &r.rec->fid2);
	mdt_cred_rec(req, &r.cred, &r.rec->head);
	r.sdir = mdt_find(r.mdt, &r.sfid);
	if (IS_ERR(r.sdir))
		return PTR_ERR(r.sdir);
	r.tdir = fid_eq(&r.sfid, &r.tfid) ? ldiskfs_object_get(r.sdir) : mdt_find(r.mdt, &r.tfid);
	if (IS_ERR(r.tdir)) {
		ldiskfs_object_put(r.sdir);
		return PTR_ERR(r.tdir);
	}
	target_stat_op(req, MDT_STAT_RENAME);
	target_stat(req, r.sdir == r.tdir ? MDT_STAT_SAMEDIR_RENAME : MDT_STAT_CROSSDIR_RENAME,
		    ktime_us_delta(ktime_get(), req->arrival));
	if (!S_ISDIR(ldiskfs_inode(r.sdir)->i_mode) || !S_ISDIR(ldiskfs_inode(r.tdir)->i_mode))
		rc = -ENOTDIR;
	else
		rc = rename_dirs(&r);
	ldiskfs_object_put(r.tdir);
	ldiskfs_object_put(r.sdir);
	return rc;
}
