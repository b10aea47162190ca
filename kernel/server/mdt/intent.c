// SPDX-License-Identifier: GPL-2.0
/*
 * Intents (chapter 03, 11; chapter 04, 5): an operation and the lock that lets the client cache
 * its result, in one RPC. Here: lookup, getattr, layout; open is in open.c, getxattr in xattr.c.
 * The errno of the operation travels in lock_policy_res2, the status tells about the lock.
 */
#include <linux/xattr.h>
#include "inode_time.h"
#include "mdt.h"

#define LOOKUP_UPDATE_AGE	10	/* seconds without a change after which a lookup gets UPDATE too */
#define ENOTSUPP_WIRE		524

int mdt_intent_reply(struct rpc_svcreq *req, struct ldlm_lock **lockp, struct ldlm_lock *lock,
		     u32 disp, int rc)
{
	struct ldlm_reply *rep = rpc_field(&req->rp, RF_DLM_REP);
	int rc2;

	/* these make the client reconnect and must not look like results (5.2) */
	if (rc == -ENOTCONN || rc == -ENODEV || rc == -EOVERFLOW) {
		mdt_unlock(lock);
		return rc;
	}
	rep->lock_policy_res1 = cpu_to_le64(disp);
	rep->lock_policy_res2 = cpu_to_le64((s64)rc);
	if (!lock)
		return ELDLM_LOCK_ABORTED;
	rc2 = ldlm_srv_to_client(req, lock);
	if (rc2) {
		ldlm_srv_unlock(lock);
		return rc2;
	}
	*lockp = lock;
	return 0;
}

/* --- lookup, getattr --- */

struct getattr_it {
	struct mdt		*mdt;
	struct rpc_svcreq	*req;
	const struct mdt_body	*body;
	struct ldiskfs_object	*obj;
	struct ldlm_lock	*lock;
	u32			disp;
	bool			lookup;		/* IT_LOOKUP */
	bool			no_lock;
};

static int lock_child(struct getattr_it *g)
{
	struct inode *inode = ldiskfs_inode(g->obj);
	u64 bits = MDS_INODELOCK_PERM, try = 0;

	if (g->no_lock)
		return 0;
	if (!(le64_to_cpu(g->body->mbo_valid) & OBD_MD_FLCROSSREF))
		bits |= MDS_INODELOCK_LOOKUP;
	if (!g->lookup || inode_get_ctime(inode).tv_sec + LOOKUP_UPDATE_AGE < ktime_get_real_seconds())
		bits |= MDS_INODELOCK_UPDATE;
	if (S_ISREG(inode->i_mode) && (rpc_export_flags(g->req->exp) & OBD_CONNECT_LAYOUTLOCK))
		try = MDS_INODELOCK_LAYOUT;
	if (mdt_has_dom(g->obj))
		try |= MDS_INODELOCK_DOM;
	return mdt_lock(g->mdt, ldiskfs_fid(g->obj), LDLM_PR, bits, try, &g->lock);
}

static int getattr_by_fid(struct getattr_it *g, const struct lu_fid *fid1)
{
	struct lu_fid fid;
	int rc;

	mdt_fid(&fid, &g->body->mbo_fid2);
	if (fid_is_zero(&fid) || (le64_to_cpu(g->body->mbo_valid) & OBD_MD_FLCROSSREF))
		fid = *fid1;
	g->disp |= DISP_LOOKUP_EXECD;
	g->obj = mdt_find(g->mdt, &fid);
	if (IS_ERR(g->obj)) {
		rc = PTR_ERR(g->obj);
		g->obj = NULL;
		g->disp |= DISP_LOOKUP_NEG;
		return rc;
	}
	g->disp |= DISP_LOOKUP_POS;
	rc = lock_child(g);
	if (!rc && !ldiskfs_inode(g->obj)->i_nlink)
		rc = -ENOENT;	/* while we waited */
	return rc;
}

static int getattr_by_name(struct getattr_it *g, const struct lu_fid *parent, const struct qstr *name)
{
	struct ldiskfs_object *dir = mdt_find(g->mdt, parent);
	struct ldlm_lock *plock = NULL;
	struct mdt_cred cred;
	int rc = 0;

	if (IS_ERR(dir))
		return PTR_ERR(dir) == -ENOENT ? -ESTALE : PTR_ERR(dir);
	mdt_cred_body(g->req, &cred, g->body);
	if (!g->no_lock)
		rc = mdt_lock(g->mdt, parent, LDLM_PR, MDS_INODELOCK_UPDATE, 0, &plock);
	if (rc)
		goto out;
	g->disp |= DISP_LOOKUP_EXECD;
	rc = mdt_permission(&cred, ldiskfs_inode(dir), MAY_EXEC);
	if (rc)
		goto unlock;
	g->obj = mdt_lookup(dir, name);
	if (IS_ERR(g->obj)) {
		rc = PTR_ERR(g->obj);
		g->obj = NULL;
		if (rc == -ENOENT) {
			g->disp |= DISP_LOOKUP_NEG;
			rc = 0;	/* success: it does not exist */
		}
		goto unlock;
	}
	g->disp |= DISP_LOOKUP_POS;
	/* "." is the locked parent itself, ".." above it: a writer between two readers would stop them for ever */
	if (mdt_name_is_dot(name)) {
		mdt_unlock(plock);
		plock = NULL;
	}
	rc = lock_child(g);
unlock:
	mdt_unlock(plock);
out:
	ldiskfs_object_put(dir);
	return rc;
}

static int getattr_find(struct getattr_it *g)
{
	struct lu_fid fid1;
	struct qstr name;
	int rc = mdt_name(&g->req->rq, RF_NAME, &name);

	mdt_fid(&fid1, &g->body->mbo_fid1);
	if (rc == -ENOENT)
		return getattr_by_fid(g, &fid1);
	return rc ?: getattr_by_name(g, &fid1, &name);
}

static int intent_getattr(struct rpc_svcreq *req, struct ldlm_lock **lockp, bool lookup, u64 flags)
{
	struct getattr_it g = {
		.mdt = mdt_of(req), .req = req, .lookup = lookup, .disp = DISP_IT_EXECD,
		.no_lock = flags & LDLM_FL_INTENT_ONLY,
	};
	struct mdt_reply r;
	u64 valid;
	int rc, rc2;

	rpc_svc_set_format(req, &RQF_INTENT_GETATTR);
	g.body = rpc_field(&req->rq, RF_MDT_BODY);
	if (!g.body)
		return -EPROTO;
	target_stat_op(req, MDT_STAT_GETATTR);
	valid = le64_to_cpu(g.body->mbo_valid);
	mdt_reply_init(&r);
	rc = getattr_find(&g);
	if (rc == -EPROTO) {
		rc2 = rc;
		goto out;
	}
	if (!rc && g.obj)
		rc = mdt_reply_prepare(req, &r, g.obj, valid, valid & OBD_MD_FLEASIZE);
	if (rc) {
		rpc_set_size(&req->rp, RF_MDT_MD, 0);
		rpc_set_size(&req->rp, RF_ACL, 0);
		mdt_unlock(g.lock);
		g.lock = NULL;
	}
	rc2 = rpc_reply_pack(req);
	if (rc2)
		goto out;
	if (!rc && g.obj) {
		mdt_reply_fill(req, &r, g.obj, valid);
		mdt_dom_body(rpc_field(&req->rp, RF_MDT_BODY), g.obj, g.lock);
	}
	rc2 = mdt_intent_reply(req, lockp, g.lock, g.disp, rc);
	g.lock = NULL;
out:
	mdt_unlock(g.lock);
	mdt_ea_free(&r.lov);
	if (g.obj)
		ldiskfs_object_put(g.obj);
	return rc2;
}

/* --- layout --- */

void mdt_lock_fid(const struct ldlm_request *dlm, struct lu_fid *fid)
{
	const __le64 *name = dlm->lock_desc.l_resource.lr_name.name;

	fid->f_seq = le64_to_cpu(name[0]);
	fid->f_oid = (u32)le64_to_cpu(name[1]);
	fid->f_ver = le64_to_cpu(name[1]) >> 32;
}

static int layout_refuse(struct rpc_svcreq *req, struct ldlm_lock **lockp, int rc)
{
	int rc2 = rpc_reply_pack(req);

	return rc2 ?: mdt_intent_reply(req, lockp, NULL, DISP_IT_EXECD, rc);
}

static int layout_store(struct rpc_svcreq *req, struct ldiskfs_object *obj, struct lod_layout *l,
			struct mdt_ea *lov)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct mdt_times old;
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setxattr(tx, obj, XATTR_NAME_LOV, lov->size);
	if (!rc)
		rc = lod_declare(mdt, tx, l);
	if (!rc)
		rc = mdt_declare_touch(tx, obj);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	mdt_times_get(&old, obj);
	rc = lod_write(mdt, tx, l);
	if (!rc)
		rc = ldiskfs_setxattr(tx, obj, XATTR_NAME_LOV, lov->buf, lov->size, XATTR_REPLACE);
	if (!rc)
		rc = mdt_touch(tx, obj, old.ctime, &old, false);
	return mdt_tx_stop(mdt, req, tx, rc, 0, obj, NULL, NULL);
}

/* Objects for the components that begin before the end of what is to be written. */
static int layout_grow(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct layout_intent *li,
		       struct mdt_ea *lov)
{
	struct lov_comp_md_v1 *comp = lov->buf;
	struct lod_layout l;
	u64 last;
	int rc;

	if (!S_ISREG(ldiskfs_inode(obj)->i_mode))
		return -EINVAL;
	/* plain layouts are complete from the start */
	if (!lov->size || !lov_ea_is_comp(comp) || req->reconstruct)
		return 0;
	if (lov_ea_check(comp, lov->size) < 0)
		return -EIO;
	last = le64_to_cpu(comp->lcm_entries[le16_to_cpu(comp->lcm_entry_count) - 1].e_end);
	if (le64_to_cpu(li->li_start) >= last || le64_to_cpu(li->li_start) >= le64_to_cpu(li->li_end))
		return -EINVAL;
	rc = lod_grow(mdt_of(req), le64_to_cpu(li->li_end), &l, lov);
	if (!rc && l.nr) {
		comp = lov->buf;
		le32_add_cpu(&comp->lcm_layout_gen, 1);
		rc = layout_store(req, obj, &l, lov);
		if (rc)
			lod_abort(mdt_of(req), &l);
		mdt_note_mdsize(mdt_of(req), lov->size);
	}
	lod_free(&l);
	return rc;
}

/* The client gets the lock that kept all others out, weakened, with the layout as it is then. */
static int layout_write(struct rpc_svcreq *req, struct ldlm_lock **lockp, struct ldiskfs_object *obj,
			const struct layout_intent *li, u64 flags)
{
	u64 bits = MDS_INODELOCK_LAYOUT;
	struct ldlm_lock *lock = NULL;
	struct mdt_ea lov;
	int rc = 0, rc2;

	if (rpc_export_flags(req->exp) & OBD_CONNECT_RDONLY)
		return layout_refuse(req, lockp, -EROFS);
	if (le32_to_cpu(li->li_opc) == LAYOUT_INTENT_WRITE)
		bits |= MDS_INODELOCK_UPDATE;
	mdt_ea_init(&lov);
	if (!(flags & LDLM_FL_INTENT_ONLY))
		rc = mdt_lock(mdt_of(req), ldiskfs_fid(obj), LDLM_EX, bits, 0, &lock);
	if (!rc)
		rc = mdt_ea_read(obj, XATTR_NAME_LOV, &lov);
	if (!rc)
		rc = layout_grow(req, obj, li, &lov);
	if (rc) {
		mdt_unlock(lock);
		lock = NULL;
	} else if (lock) {
		ldlm_srv_downgrade(lock, LDLM_CR);
	}
	rpc_set_size(&req->rp, RF_LVB, lock && !rc ? lov.size : 0);
	rc2 = rpc_reply_pack(req);
	if (rc2) {
		mdt_unlock(lock);
	} else {
		if (lock && !rc && lov.size)
			memcpy(rpc_field(&req->rp, RF_LVB), lov.buf, lov.size);
		rc2 = mdt_intent_reply(req, lockp, lock, DISP_IT_EXECD, rc);
	}
	mdt_ea_free(&lov);
	return rc2;
}

static int intent_layout(struct rpc_svcreq *req, struct ldlm_lock **lockp, u64 flags)
{
	const struct layout_intent *li;
	const struct ldlm_request *dlm;
	struct ldiskfs_object *obj;
	struct lu_fid fid;
	int rc;

	rpc_svc_set_format(req, &RQF_INTENT_LAYOUT);
	li = rpc_field(&req->rq, RF_LAYOUT_INTENT);
	dlm = rpc_field(&req->rq, RF_DLM_REQ);
	if (!li || !dlm)
		return -EPROTO;
	mdt_lock_fid(dlm, &fid);
	obj = mdt_find(mdt_of(req), &fid);
	if (IS_ERR(obj))
		return layout_refuse(req, lockp, PTR_ERR(obj));
	switch (le32_to_cpu(li->li_opc)) {
	case LAYOUT_INTENT_ACCESS:
		rc = 0;	/* a lock as any other: the lock manager queues it and adds the layout */
		break;
	case LAYOUT_INTENT_WRITE:
	case LAYOUT_INTENT_TRUNC:
		rc = layout_write(req, lockp, obj, li, flags);
		break;
	case LAYOUT_INTENT_READ:
	case LAYOUT_INTENT_GLIMPSE:
	case LAYOUT_INTENT_RELEASE:
	case LAYOUT_INTENT_RESTORE:
		rc = layout_refuse(req, lockp, -ENOTSUPP_WIRE);
		break;
	default:
		rc = layout_refuse(req, lockp, -EINVAL);
		break;
	}
	ldiskfs_object_put(obj);
	return rc;
}

int mdt_intent(struct rpc_svcreq *req, struct ldlm_lock **lockp, u64 flags)
{
	const struct ldlm_intent *it = rpc_field(&req->rq, RF_INTENT);

	if (!it)
		return mdt_dom_glimpse(req, lockp);
	switch (le64_to_cpu(it->opc)) {
	case IT_OPEN:
	case IT_OPEN | IT_CREAT:
		return mdt_intent_open(req, lockp, flags);
	case IT_GETATTR:
		return intent_getattr(req, lockp, false, flags);
	case IT_LOOKUP:
		return intent_getattr(req, lockp, true, flags);
	case IT_GETXATTR:
		return mdt_intent_getxattr(req, lockp);
	case IT_LAYOUT:
		return intent_layout(req, lockp, flags);
	case IT_QUOTA_DQACQ:
	case IT_QUOTA_CONN:
	case IT_GLIMPSE:
	case IT_BRW:
		return -EOPNOTSUPP;
	default:
		return -EPROTO;
	}
}
