// SPDX-License-Identifier: GPL-2.0
/*
 * The open intent (chapter 04, 6): by name or by FID, with or without creation. Cost: create and
 * open is one transaction, open of an existing file one that only numbers it. The layout of a
 * file is made together with it, or by the first open for write.
 */
#include <linux/slab.h>
#include <linux/xattr.h>
#include "mdt.h"

/*
 * struct open - one open on its way
 * @of: MDS_OPEN_* flags
 * @dir: parent, NULL for opens by FID; @plock: its lock
 * @obj: the file; @created: by this request; @lock: for the client
 * @r: what the reply will hold
 */
struct open {
	struct mdt		*mdt;
	struct rpc_svcreq	*req;
	const struct mdt_rec_create *rec;
	struct mdt_cred		cred;
	u64			of;
	bool			creat;
	bool			no_lock;
	bool			created;
	bool			mdexcl;		/* EX LAYOUT is held here: no lock for the client */
	struct lu_fid		fid;
	struct ldiskfs_object	*dir;
	struct ldlm_lock	*plock;
	struct ldiskfs_object	*obj;
	struct ldlm_lock	*lock;
	struct mdt_open		*mo;
	u32			disp;
	struct mdt_reply	r;
	struct lod_layout	layout;
	bool			has_layout;	/* @layout is prepared */
};

static bool by_fid(const struct open *o)
{
	return !o->dir;
}

static bool wants_layout(const struct open *o)
{
	return (o->of & MDS_FMODE_WRITE) && !(o->of & MDS_OPEN_DELAY_CREATE);
}

/* --- layout --- */

/* The default of a directory: a composite one is for those who ask for nothing, and taken whole. */
static int layout_default(struct open *o, struct ldiskfs_object *dir, struct lov_want *want, struct mdt_ea *ea)
{
	struct lov_want dflt;
	int rc = mdt_ea_read(dir, XATTR_NAME_LOV, ea);

	if (rc || !ea->size || lov_want_parse(ea->buf, ea->size, &dflt))
		return rc;
	if (!dflt.comp)
		lov_want_merge(want, &dflt);
	else if (lov_want_is_delete(want))
		*want = dflt;
	return 0;
}

/* What the request, the parent's and the root's default say, in this order (chapter 05, A5). */
static int layout_want(struct open *o, struct ldiskfs_object *dir, struct lov_want *want, struct mdt_ea *ea)
{
	int rc = 0;

	memset(want, 0, sizeof(*want));
	want->offset = LOV_ANY_OST;
	if (o->of & MDS_OPEN_HAS_EA) {
		u32 size = rpc_field_size(&o->req->rq, RF_EADATA);
		const void *lum = size ? rpc_field(&o->req->rq, RF_EADATA) : NULL;

		rc = lum ? lov_want_parse(lum, size, want) : -EPROTO;
		if (!rc)
			rc = lod_check(o->mdt, want);
		if (rc)
			return rc;
	}
	if (dir && dir != o->mdt->root)
		rc = layout_default(o, dir, want, ea);
	if (!rc && !want->comp && (!want->stripe_count || !want->stripe_size || !want->pool[0] || want->offset == LOV_ANY_OST))
		rc = layout_default(o, o->mdt->root, want, ea);
	return rc;
}

/* Whose default a file takes: of an open by FID the parent that it names, or else the first in the link EA. */
static struct ldiskfs_object *default_dir(struct open *o)
{
	struct ldiskfs_object *dir;
	struct lu_fid fid;
	struct mdt_ea ea;
	const char *name;
	u32 len;
	int size;

	if (o->dir)
		return ldiskfs_object_get(o->dir);
	mdt_fid(&fid, &o->rec->fid1);
	dir = mdt_find(o->mdt, &fid);
	if (!IS_ERR(dir) && S_ISDIR(ldiskfs_inode(dir)->i_mode))
		return dir;
	ldiskfs_object_put(dir);
	dir = NULL;
	mdt_ea_init(&ea);
	size = mdt_ea_read(o->obj, XATTR_NAME_LINK, &ea) ?: linkea_check(ea.buf, ea.size);
	if (size > 0 && linkea_get(ea.buf, size, 0, &fid, &name, &len))
		dir = mdt_find(o->mdt, &fid);
	mdt_ea_free(&ea);
	return IS_ERR(dir) ? NULL : dir;
}

/* A replayed open brings the layout that the first one made. */
static int layout_replayed(struct open *o, const struct lu_fid *fid)
{
	u32 size = rpc_field_size(&o->req->rq, RF_EADATA);
	void *ea = size ? rpc_field(&o->req->rq, RF_EADATA) : NULL;
	int rc = ea ? lov_ea_check(ea, size) : 0;

	if (rc <= 0)
		return 0;	/* only room for the reply */
	rc = mdt_ea_room(&o->r.lov, rc);
	if (rc)
		return rc;
	o->r.lov.size = lov_ea_check(ea, size);
	memcpy(o->r.lov.buf, ea, o->r.lov.size);
	lov_ea_adopt(o->r.lov.buf, o->r.lov.size, fid);
	return 0;
}

static int layout_prepare(struct open *o, const struct lu_fid *fid)
{
	struct ldiskfs_object *dir;
	struct lov_want want;
	struct mdt_ea ea;
	int rc;

	o->r.lov.size = 0;
	if (o->req->replay) {
		rc = layout_replayed(o, fid);
		if (rc || o->r.lov.size)
			return rc;
	}
	mdt_ea_init(&ea);
	dir = default_dir(o);
	rc = layout_want(o, dir, &want, &ea);
	ldiskfs_object_put(dir);
	if (!rc)
		rc = lod_prepare(o->mdt, &want, fid, &o->layout, &o->r.lov);
	mdt_ea_free(&ea);
	if (rc)
		lod_free(&o->layout);
	else
		o->has_layout = true;
	return rc;
}

static void layout_done(struct open *o, int rc)
{
	if (!o->has_layout)
		return;
	if (rc)
		lod_abort(o->mdt, &o->layout);
	lod_free(&o->layout);
	o->has_layout = false;
}

/* --- creation --- */

static int create_tx(struct open *o, struct mdt_new *n)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(o->mdt->dev);
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = mdt_new_declare(o->mdt, tx, n);
	if (!rc && o->has_layout)
		rc = lod_declare(o->mdt, tx, &o->layout);
	if (!rc)
		rc = target_tx_start(o->mdt->tgt, o->req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	if (o->has_layout)
		rc = lod_write(o->mdt, tx, &o->layout);
	if (!rc) {
		o->obj = mdt_new_create(o->mdt, tx, n);
		if (IS_ERR(o->obj)) {
			rc = PTR_ERR(o->obj);
			o->obj = NULL;
		}
	}
	if (!rc) {
		rc = mdt_open_add(o->mdt, o->mo, o->obj);
		if (rc)
			ldiskfs_create_undo(tx, n->dir, &n->name, o->obj);
	}
	if (!rc)
		o->disp |= DISP_OPEN_OPEN;
	rc = mdt_tx_stop(o->mdt, o->req, tx, rc, o->disp, n->dir, o->obj, NULL);
	if (rc && (o->disp & DISP_OPEN_OPEN)) {
		/* the storage failed: the file may be there after a restart, or not */
		o->disp &= ~DISP_OPEN_OPEN;
		if (mdt_open_take(o->mo))
			mdt_open_del(o->mdt, o->mo);
	}
	return rc;
}

static int open_create(struct open *o, const struct qstr *name)
{
	struct mdt_new n;
	struct mutex *lock;
	int rc;

	mdt_version(o->req, 1, NULL);
	o->disp |= DISP_OPEN_CREATE;
	rc = mdt_may_create(o->mdt, &o->cred, o->dir);
	if (!rc)
		rc = mdt_new_init(o->mdt, o->req, &n, &o->cred, o->rec, o->dir, name);
	if (!rc && !S_ISREG(n.attr.mode))
		rc = -EPROTO;
	if (rc)
		return rc;
	if (wants_layout(o)) {
		rc = layout_prepare(o, &n.fid);
		if (rc)
			goto out;
		n.lov = o->r.lov.buf;
		n.lov_size = o->r.lov.size;
	} else if (rpc_export_flags(o->req->exp) & OBD_CONNECT_DISP_STRIPE) {
		o->disp |= DISP_OPEN_STRIPE;
	}
	o->mo = mdt_open_alloc(o->req, o->of, le64_to_cpu(o->rec->old_handle));
	if (!o->mo) {
		rc = -ENOMEM;
		goto out;
	}
	lock = mdt_obj_lock(o->mdt, &n.fid);
	mutex_lock(lock);
	rc = create_tx(o, &n);
	mutex_unlock(lock);
out:
	layout_done(o, rc);
	o->created = !rc;
	o->r.lov_known = true;
	o->r.has_lov = o->r.lov.size;
	o->r.fresh = true;
	mdt_note_mdsize(o->mdt, o->r.lov.size);
	return rc;
}

/* --- opening what exists --- */

static int may_open(struct open *o)
{
	struct inode *inode = ldiskfs_inode(o->obj);
	int mask = 0, rc;

	if (o->of & MDS_FMODE_READ)
		mask |= MAY_READ;
	if (o->of & (MDS_FMODE_WRITE | MDS_OPEN_TRUNC))
		mask |= MAY_WRITE;
	if (o->of & MDS_FMODE_EXEC)
		mask |= MAY_EXEC;
	if ((mask & MAY_WRITE) && IS_IMMUTABLE(inode))
		return -EACCES;
	if (IS_APPEND(inode) && (((o->of & MDS_FMODE_WRITE) && !(o->of & MDS_OPEN_APPEND)) ||
				 (o->of & MDS_OPEN_TRUNC)))
		return -EPERM;
	if ((o->of & MDS_OPEN_OWNEROVERRIDE) && i_uid_read(inode) == o->cred.fsuid)
		return 0;
	rc = mdt_permission(&o->cred, inode, mask);
	if (rc == -EACCES)
		o->disp |= DISP_OPEN_DENY;
	return rc;
}

static int check_type(struct open *o)
{
	umode_t mode = ldiskfs_inode(o->obj)->i_mode;

	if (S_ISDIR(mode) && (o->creat || (o->of & MDS_FMODE_WRITE)))
		return -EISDIR;
	if (!S_ISDIR(mode) && (o->of & MDS_OPEN_DIRECTORY))
		return -ENOTDIR;
	return 0;
}

/* Symlinks and device nodes are not opened here: the client does with the attributes. */
static bool without_handle(struct open *o)
{
	umode_t mode = ldiskfs_inode(o->obj)->i_mode;

	if (S_ISLNK(mode))
		return true;
	return !S_ISREG(mode) && !S_ISDIR(mode) && (rpc_export_flags(o->req->exp) & OBD_CONNECT_NODEVOH);
}

/* The first open for write of a file without layout. Its own lock makes it exclusive. */
static int make_layout(struct open *o, struct ldlm_lock **ex)
{
	const struct lu_fid *fid = ldiskfs_fid(o->obj);
	int rc;

	rc = mdt_lock(o->mdt, fid, LDLM_EX, MDS_INODELOCK_LAYOUT, 0, ex);
	if (rc)
		return rc;
	o->mdexcl = true;
	rc = mdt_ea_read(o->obj, XATTR_NAME_LOV, &o->r.lov);
	if (rc || o->r.lov.size) {
		/* somebody was faster */
		return rc ?: (o->of & MDS_OPEN_HAS_EA) ? -EEXIST : 0;
	}
	return layout_prepare(o, fid);
}

static int open_tx(struct open *o)
{
	struct ldiskfs_tx *tx;
	int rc;

	if (!o->has_layout)
		return target_empty_tx(o->mdt->tgt, o->req, 0, o->disp);
	tx = ldiskfs_tx_alloc(o->mdt->dev);
	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setxattr(tx, o->obj, XATTR_NAME_LOV, o->r.lov.size);
	if (!rc)
		rc = lod_declare(o->mdt, tx, &o->layout);
	if (!rc)
		rc = mdt_declare_touch(tx, o->obj);
	if (!rc)
		rc = target_tx_start(o->mdt->tgt, o->req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	rc = lod_write(o->mdt, tx, &o->layout);
	if (!rc) {
		struct mdt_times old;

		mdt_times_get(&old, o->obj);
		rc = ldiskfs_setxattr(tx, o->obj, XATTR_NAME_LOV, o->r.lov.buf, o->r.lov.size, XATTR_CREATE);
		if (!rc)
			rc = mdt_touch(tx, o->obj, old.ctime, &old, false);
	}
	return mdt_tx_stop(o->mdt, o->req, tx, rc, o->disp, o->obj, NULL, NULL);
}

static int open_handle(struct open *o)
{
	struct mutex *lock = mdt_obj_lock(o->mdt, ldiskfs_fid(o->obj));
	int rc;

	o->mo = mdt_open_alloc(o->req, o->of, le64_to_cpu(o->rec->old_handle));
	if (!o->mo)
		return -ENOMEM;
	mutex_lock(lock);
	/* without a name and closed by everybody: it is gone */
	rc = ldiskfs_inode(o->obj)->i_nlink ? mdt_open_add(o->mdt, o->mo, o->obj) : -ENOENT;
	if (!rc) {
		o->disp |= DISP_OPEN_OPEN;
		rc = open_tx(o);
		if (rc) {
			o->disp &= ~DISP_OPEN_OPEN;
			if (mdt_open_take(o->mo) && mdt_open_del(o->mdt, o->mo))
				mdt_destroy_orphan(o->mdt, NULL, o->obj);
		}
	}
	mutex_unlock(lock);
	return rc;
}

static int open_existing(struct open *o)
{
	struct ldlm_lock *ex = NULL;
	int rc;

	mdt_version(o->req, 1, o->obj);
	o->disp |= DISP_LOOKUP_POS;
	if (o->creat && (o->of & MDS_OPEN_EXCL) && !by_fid(o))
		return -EEXIST;
	/* even if a directory is wanted: it may be a symlink to one */
	if (without_handle(o))
		return 0;
	rc = check_type(o) ?: may_open(o);
	if (rc)
		return rc;
	if (S_ISREG(ldiskfs_inode(o->obj)->i_mode)) {
		rc = mdt_ea_read(o->obj, XATTR_NAME_LOV, &o->r.lov);
		if (!rc && o->r.lov.size && (o->of & MDS_OPEN_HAS_EA) && by_fid(o))
			rc = -EEXIST;
		if (!rc && !o->r.lov.size) {
			if (rpc_export_flags(o->req->exp) & OBD_CONNECT_DISP_STRIPE)
				o->disp |= DISP_OPEN_STRIPE;
			if (wants_layout(o))
				rc = make_layout(o, &ex);
		}
		o->r.lov_known = true;
		o->r.has_lov = o->r.lov.size;
		mdt_note_mdsize(o->mdt, o->r.lov.size);
	}
	if (!rc)
		rc = open_handle(o);
	layout_done(o, rc);
	mdt_unlock(ex);
	return rc;
}

/* --- finding --- */

static int find_by_fid(struct open *o)
{
	mdt_fid(&o->fid, &o->rec->fid2);
	o->disp |= DISP_LOOKUP_EXECD;
	o->obj = mdt_find(o->mdt, &o->fid);
	if (!IS_ERR(o->obj))
		return open_existing(o);
	o->disp |= DISP_LOOKUP_NEG;
	return PTR_ERR(o->obj);
}

static int find_by_name(struct open *o, const struct qstr *name)
{
	struct lu_fid parent;
	int rc;

	mdt_fid(&parent, &o->rec->fid1);
	o->dir = mdt_find(o->mdt, &parent);
	if (IS_ERR(o->dir)) {
		rc = PTR_ERR(o->dir);
		o->dir = NULL;
		return rc == -ENOENT ? -ESTALE : rc;
	}
	/* an open that is replayed runs before the locks are back */
	if (!o->no_lock) {
		rc = mdt_lock(o->mdt, &parent, o->creat ? LDLM_PW : LDLM_PR, MDS_INODELOCK_UPDATE, 0,
			      &o->plock);
		if (rc)
			return rc;
	}
	mdt_version(o->req, 0, o->dir);
	o->disp |= DISP_LOOKUP_EXECD;
	rc = mdt_permission(&o->cred, ldiskfs_inode(o->dir), MAY_EXEC);
	if (rc)
		return rc;
	o->obj = mdt_lookup(o->dir, name);
	if (!IS_ERR(o->obj))
		return open_existing(o);
	if (PTR_ERR(o->obj) != -ENOENT)
		return PTR_ERR(o->obj);
	o->obj = NULL;
	o->disp |= DISP_LOOKUP_NEG;
	/* a missing name is a result, not an error */
	return o->creat ? open_create(o, name) : 0;
}

static int check_flags(const struct open *o)
{
	if (!o->of)
		return -EPROTO;
	if (o->of & (MDS_OPEN_JOIN_FILE | MDS_OPEN_LEASE | MDS_OPEN_VOLATILE | MDS_OPEN_RELEASE |
		     MDS_OPEN_RESYNC | MDS_OPEN_PCC))
		return -EOPNOTSUPP;
	if ((rpc_export_flags(o->req->exp) & OBD_CONNECT_RDONLY) &&
	    (o->creat || (o->of & (MDS_FMODE_WRITE | MDS_OPEN_TRUNC))))
		return -EROFS;
	return 0;
}

/* --- the client's lock --- */

/* A lock that is not to be had does not fail the open. */
static void lock_open(struct open *o)
{
	const struct lu_fid *fid = ldiskfs_fid(o->obj);
	bool reg = S_ISREG(ldiskfs_inode(o->obj)->i_mode);
	u64 bits = 0, try = 0;
	u32 mode = LDLM_PR;

	if (o->no_lock || o->mdexcl || !(o->disp & DISP_OPEN_OPEN))
		return;
	if (o->of & MDS_OPEN_LOCK) {
		bits = MDS_INODELOCK_LOOKUP | MDS_INODELOCK_OPEN;
		mode = o->of & MDS_FMODE_WRITE ? LDLM_CW : o->of & MDS_FMODE_EXEC ? LDLM_PR : LDLM_CR;
		if (reg)
			try = MDS_INODELOCK_LAYOUT;
	} else if (reg) {
		try = MDS_INODELOCK_LOOKUP | MDS_INODELOCK_UPDATE | MDS_INODELOCK_PERM | MDS_INODELOCK_LAYOUT;
	}
	/* the data is next */
	if (reg && !bits && lov_ea_has_dom(o->r.lov.buf, o->r.lov.size)) {
		try |= MDS_INODELOCK_DOM;
		if (o->of & MDS_FMODE_WRITE)
			mode = LDLM_PW;
	}
	if (!(rpc_export_flags(o->req->exp) & OBD_CONNECT_LAYOUTLOCK))
		try &= ~MDS_INODELOCK_LAYOUT;
	if (!bits && !(try & (MDS_INODELOCK_LAYOUT | MDS_INODELOCK_DOM)))
		return;
	if (mdt_lock(o->mdt, fid, mode, bits, try, &o->lock) || !o->lock)
		return;
	if (o->of & MDS_OPEN_LOCK) {
		o->disp |= DISP_OPEN_LOCK;
	} else if (!(mdt_lock_bits(o->lock) & (MDS_INODELOCK_LAYOUT | MDS_INODELOCK_DOM))) {
		/* nothing in it that a later open would save */
		mdt_unlock(o->lock);
		o->lock = NULL;
	}
}

/* --- reply --- */

static int open_reply(struct open *o, struct ldlm_lock **lockp, int rc)
{
	u64 valid = OBD_MD_FLACL | (by_fid(o) ? 0 : OBD_MD_FLMODEASIZE);
	struct mdt_body *body;
	bool data;
	int rc2 = 0;

	/* the body tells which file it was in failures too */
	if (o->obj)
		rc2 = mdt_reply_prepare(o->req, &o->r, o->obj, valid, true);
	if (rc2) {
		o->r.acl_size = 0;
		rpc_set_size(&o->req->rp, RF_ACL, 0);
	}
	rpc_set_size(&o->req->rp, RF_MDT_MD, o->obj && !rc && !o->req->replay ? o->r.lov.size : 0);
	data = !rc && !rc2 && mdt_lock_bits(o->lock) & MDS_INODELOCK_DOM &&
	       (o->of & (MDS_FMODE_READ | MDS_OPEN_TRUNC)) == MDS_FMODE_READ;
	if (data)
		mdt_dom_inline(o->req, o->obj);
	rc2 = rpc_reply_pack(o->req);
	if (rc2)
		return rc2;
	if (o->obj) {
		u32 ea = o->r.lov.size;

		if (rc || o->req->replay)
			o->r.lov.size = 0;
		mdt_reply_fill(o->req, &o->r, o->obj, valid);
		body = rpc_field(&o->req->rp, RF_MDT_BODY);
		if (!rc && o->req->replay)
			body->mbo_eadatasize = cpu_to_le32(ea);
		mdt_dom_body(body, o->obj, o->lock);
		if (o->disp & DISP_OPEN_OPEN)
			body->mbo_handle = cpu_to_le64(o->mo->handle.cookie);
		if (data)
			mdt_dom_read(o->req, o->obj);
	}
	if (rc) {
		mdt_unlock(o->lock);
		o->lock = NULL;
	}
	rc2 = mdt_intent_reply(o->req, lockp, o->lock, o->disp, rc);
	o->lock = NULL;
	return rc2;
}

/* Executed before, the reply was lost: the same handle and disposition again. */
static int open_rebuild(struct open *o)
{
	o->disp = o->req->saved_data;
	o->mo = mdt_open_find_xid(o->req, &o->obj);
	if (o->mo)
		return o->req->saved_result;
	o->disp &= ~DISP_OPEN_OPEN;
	o->req->transno = 0;
	return -ESTALE;
}

int mdt_intent_open(struct rpc_svcreq *req, struct ldlm_lock **lockp, u64 flags)
{
	const struct ldlm_intent *it;
	const union mdt_rec *rec;
	struct open *o;
	struct qstr name;
	int rc;

	rpc_svc_set_format(req, &RQF_INTENT_OPEN);
	it = rpc_field(&req->rq, RF_INTENT);
	rec = rpc_field(&req->rq, RF_REC_REINT);
	if (!it || !rec || le32_to_cpu(rec->head.opcode) != REINT_OPEN)
		return -EPROTO;
	o = kzalloc(sizeof(*o), GFP_NOFS);
	if (!o)
		return -ENOMEM;
	o->mdt = mdt_of(req);
	o->req = req;
	o->rec = &rec->create;
	o->of = le32_to_cpu(o->rec->flags_l) | (u64)le32_to_cpu(o->rec->flags_h) << 32;
	o->creat = (o->of & MDS_OPEN_CREAT) && (le64_to_cpu(it->opc) & IT_CREAT);
	o->no_lock = flags & LDLM_FL_INTENT_ONLY;
	o->disp = DISP_IT_EXECD;
	mdt_cred_rec(req, &o->cred, &rec->head);
	mdt_reply_init(&o->r);
	target_stat_op(req, MDT_STAT_OPEN);
	rc = check_flags(o);
	if (!rc)
		rc = mdt_name(&req->rq, RF_NAME, &name);
	if (req->reconstruct)
		rc = open_rebuild(o);
	else if (rc == -ENOENT || (!rc && (o->of & MDS_OPEN_BY_FID)))
		rc = find_by_fid(o);
	else if (!rc)
		rc = find_by_name(o, &name);
	if (IS_ERR(o->obj))
		o->obj = NULL;
	if (!rc && o->obj)
		lock_open(o);
	mdt_unlock(o->plock);
	rc = open_reply(o, lockp, rc);
	mdt_unlock(o->lock);
	if (o->mo)
		mdt_open_put(o->mo);
	if (o->obj)
		ldiskfs_object_put(o->obj);
	if (o->dir)
		ldiskfs_object_put(o->dir);
	mdt_ea_free(&o->r.lov);
	kfree(o);
	return rc;
}
