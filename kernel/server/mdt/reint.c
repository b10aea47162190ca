// SPDX-License-Identifier: GPL-2.0
/*
 * MDS_REINT (chapter 04, 7): what all modifying requests share: the record, early cancels,
 * replies of resent requests, versions and times of the objects that a transaction changes.
 */
#include "inode_time.h"
#include "mdt.h"

static const struct {
	const struct rpc_format	*fmt;
	int			(*handler)(struct rpc_svcreq *req);
} reint_ops[] = {
	[REINT_SETATTR]	= { &RQF_MDS_REINT_SETATTR,	mdt_reint_setattr },
	[REINT_CREATE]	= { &RQF_MDS_REINT_CREATE,	mdt_reint_create },
	[REINT_LINK]	= { &RQF_MDS_REINT_LINK,	mdt_reint_link },
	[REINT_UNLINK]	= { &RQF_MDS_REINT_UNLINK,	mdt_reint_unlink },
	[REINT_RENAME]	= { &RQF_MDS_REINT_RENAME,	mdt_reint_rename },
	[REINT_SETXATTR] = { &RQF_MDS_REINT_SETXATTR,	mdt_reint_setxattr },
};

/* --- resent requests that had been executed --- */

/* Attributes of the object that the request was about, as it is now; none if it is gone. */
static void rebuild_attr(struct rpc_svcreq *req, const struct wire_fid *wire)
{
	struct mdt_body *body = rpc_field(&req->rp, RF_MDT_BODY);
	struct ldiskfs_object *obj;
	struct lu_fid fid;

	mdt_fid(&fid, wire);
	obj = mdt_find(mdt_of(req), &fid);
	if (IS_ERR(obj))
		return;
	if (body)
		mdt_reint_attr(mdt_of(req), body, obj);
	ldiskfs_object_put(obj);
}

static int rebuild(struct rpc_svcreq *req, const union mdt_rec *rec, u32 op)
{
	int rc = rpc_reply_pack(req);

	if (rc)
		return rc;
	switch (op) {
	case REINT_SETATTR:
		rebuild_attr(req, &rec->setattr.fid);
		break;
	case REINT_CREATE:
		rebuild_attr(req, &rec->create.fid2);
		break;
	case REINT_UNLINK:
		rebuild_attr(req, &rec->unlink.fid2);
		break;
	default:
		break;
	}
	return req->saved_result;
}

int mdt_reint(struct rpc_svcreq *req)
{
	const union mdt_rec *rec = rpc_field(&req->rq, RF_REC_REINT);
	u32 op;
	int rc;

	if (!rec)
		return -EPROTO;
	op = le32_to_cpu(rec->head.opcode);
	if (op >= ARRAY_SIZE(reint_ops) || !reint_ops[op].handler)
		return op > REINT_RESYNC || !op || op == REINT_OPEN ? -EPROTO : -EOPNOTSUPP;
	rpc_svc_set_format(req, reint_ops[op].fmt);
	if (op == REINT_CREATE && S_ISLNK(le32_to_cpu(rec->create.mode)))
		rpc_svc_set_format(req, &RQF_MDS_REINT_SYMLINK);
	if (!req->replay)
		ldlm_srv_cancel_elc(req, 0);
	if (req->reconstruct)
		return rebuild(req, rec, op);
	rc = reint_ops[op].handler(req);
	/* a failed operation has all its buffers; a malformed request gets none */
	if (!req->rp.msg && rc != -EPROTO) {
		int rc2 = rpc_reply_pack(req);

		rc = rc2 ?: rc;
	}
	return rc;
}

/* --- versions --- */

static bool versions_wanted(const struct rpc_svcreq *req)
{
	return rpc_export_flags(req->exp) & OBD_CONNECT_VBR;
}

void mdt_version(struct rpc_svcreq *req, unsigned int slot, struct ldiskfs_object *obj)
{
	if (versions_wanted(req))
		req->versions[slot] = obj ? ldiskfs_version(obj) : 1;
}

int mdt_tx_stop(struct mdt *mdt, struct rpc_svcreq *req, struct ldiskfs_tx *tx, int rc, u64 data,
		struct ldiskfs_object *a, struct ldiskfs_object *b, struct ldiskfs_object *c)
{
	struct ldiskfs_object *objs[3] = { a, b, c };
	unsigned int i;

	if (rc >= 0 && req) {
		u64 transno = target_tx_transno(mdt->tgt, req);

		for (i = 0; i < ARRAY_SIZE(objs) && rc >= 0; i++)
			if (objs[i])
				rc = ldiskfs_set_version(tx, objs[i], transno) ?: rc;
	}
	return target_tx_stop(mdt->tgt, req, tx, rc, data);
}

/* --- times --- */

struct timespec64 mdt_time(struct mdt *mdt, s64 sec)
{
	const struct super_block *sb = ldiskfs_sb(mdt->dev);

	return (struct timespec64){ .tv_sec = clamp_t(s64, sec, sb->s_time_min, sb->s_time_max) };
}

void mdt_times_get(struct mdt_times *t, struct ldiskfs_object *obj)
{
	struct inode *inode = ldiskfs_inode(obj);

	t->mtime = inode_get_mtime(inode).tv_sec;
	t->ctime = inode_get_ctime(inode).tv_sec;
}

static const struct iattr touch_attr = { .ia_valid = ATTR_MTIME | ATTR_CTIME };

int mdt_declare_touch(struct ldiskfs_tx *tx, struct ldiskfs_object *obj)
{
	return ldiskfs_declare_setattr(tx, obj, &touch_attr);
}

int mdt_touch(struct ldiskfs_tx *tx, struct ldiskfs_object *obj, s64 time, const struct mdt_times *old,
	      bool both)
{
	struct inode *inode = ldiskfs_inode(obj);
	const struct super_block *sb = inode->i_sb;
	s64 ctime, mtime;
	struct iattr ia = { .ia_valid = ATTR_CTIME };

	time = clamp_t(s64, time, sb->s_time_min, sb->s_time_max);
	ctime = max(old->ctime, time);
	mtime = both ? max(old->mtime, time) : old->mtime;
	/* the protocol knows only seconds: nothing to do when the storage's clock agrees */
	if (inode_get_ctime(inode).tv_sec == ctime && inode_get_mtime(inode).tv_sec == mtime)
		return 0;
	ia.ia_ctime.tv_sec = ctime;
	if (inode_get_mtime(inode).tv_sec != mtime) {
		ia.ia_valid |= ATTR_MTIME;
		ia.ia_mtime.tv_sec = mtime;
	}
	return ldiskfs_setattr(tx, obj, &ia);
}
