// SPDX-License-Identifier: GPL-2.0
/*
 * Intents: metadata operations that come back with a lock (chapter 04, 5 and 6; chapter 03, 11),
 * and what happens when such a lock goes. What the operations mean is in namei.c, open.c,
 * layout_lock.c, xattr.c.
 */
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/fs_struct.h>
#include <linux/slab.h>
#include "kernel/client/mdc.h"

static bool elc_allowed(const struct cl_mdc *mdc)
{
	return rpc_import_flags(mdc->imp) & OBD_CONNECT_CANCELSET;
}

/* Locks of ours that the request would make the server call back (chapter 03, 10) */
static void intent_collect(struct cl_mdc *mdc, const struct cl_intent *it, struct list_head *elc)
{
	struct ldlm_res_id res;

	if (!elc_allowed(mdc))
		return;
	if ((it->op & IT_CREAT) && it->dir) {
		res = ldlm_res_fid(&CL_I(it->dir)->fid);
		ldlm_elc_collect(mdc->ns, &res, LDLM_EX, MDS_INODELOCK_UPDATE, elc);
	}
	if (it->op == IT_LAYOUT && it->mode == LDLM_EX) {
		res = ldlm_res_fid(&it->fid);
		ldlm_elc_collect(mdc->ns, &res, LDLM_EX, MDS_INODELOCK_LAYOUT, elc);
	}
}

static u32 md_room(const struct cl_mdc *mdc)
{
	return READ_ONCE(mdc->md_default) ?: READ_ONCE(mdc->md_max);
}

static const struct rpc_format *intent_format(const struct cl_intent *it)
{
	if (it->op & IT_OPEN)
		return &RQF_INTENT_OPEN;
	if (it->op == IT_GETXATTR)
		return &RQF_INTENT_GETXATTR;
	if (it->op == IT_LAYOUT)
		return &RQF_INTENT_LAYOUT;
	return &RQF_INTENT_GETATTR;
}

/* Sizes of the buffers that vary */
static void intent_sizes(struct cl_mdc *mdc, struct cl_intent *it, struct rpc_request *req)
{
	u32 name = it->name ? it->name->len + 1 : 1;

	if (it->op & IT_OPEN) {
		rpc_set_size(&req->rq, RF_NAME, name);
		/* without a layout of the user's: room for the one of the reply, for a replay */
		if (!(it->open_flags & MDS_OPEN_DELAY_CREATE))
			rpc_set_size(&req->rq, RF_EADATA, max(it->ea_size, READ_ONCE(mdc->md_max)));
		/* The format ends with buffers that are there, empty */
		rpc_set_size(&req->rq, RF_ENCCTX, 0);
		rpc_set_size(&req->rp, RF_MDT_MD, READ_ONCE(mdc->md_max));
		rpc_set_size(&req->rp, RF_ACL, max_t(u32, it->acl_room, CL_ACL_SMALL));
		if ((it->open_flags & (MDS_FMODE_READ | MDS_OPEN_TRUNC | MDS_OPEN_EXCL)) == MDS_FMODE_READ)
			rpc_set_size(&req->rp, RF_NIOBUF_INLINE, sizeof(struct niobuf_remote) + CL_DOM_ROOM);
	} else if (it->op == IT_GETXATTR) {
		rpc_set_size(&req->rq, RF_SELINUX, 0);
		rpc_set_size(&req->rp, RF_EADATA, CL_XATTR_ROOM);
		rpc_set_size(&req->rp, RF_EAVALS, CL_XATTR_ROOM);
		rpc_set_size(&req->rp, RF_EAVALS_LENS, CL_XATTR_ROOM);
	} else if (it->op == IT_LAYOUT) {
		rpc_set_size(&req->rq, RF_EADATA, 0);
		rpc_set_size(&req->rp, RF_LVB, md_room(mdc));
	} else {
		rpc_set_size(&req->rq, RF_NAME, name);
		rpc_set_size(&req->rp, RF_MDT_MD, md_room(mdc));
		rpc_set_size(&req->rp, RF_ACL, max_t(u32, it->acl_room, CL_ACL_SMALL));
		rpc_set_size(&req->rp, RF_DEFAULT_MDT_MD, sizeof(struct lmv_user_md));
		rpc_set_size(&req->rp, RF_ENCCTX, md_room(mdc));
	}
}

static void fill_open(struct cl_fs *fs, struct cl_intent *it, struct rpc_request *req,
		      const struct lu_fid *fid1)
{
	struct mdt_rec_create *rec = rpc_field(&req->rq, RF_REC_REINT);

	cl_rec_cred(&rec->head, REINT_OPEN, it->dir ?: it->inode, it->name ? NULL : it->inode);
	fid_to_wire(&rec->fid1, fid1);
	fid_to_wire(&rec->fid2, &it->fid);
	rec->time = cpu_to_le64(ktime_get_real_seconds());
	rec->mode = cpu_to_le32(it->create_mode);
	rec->flags_l = cpu_to_le32(lower_32_bits(it->open_flags));
	rec->flags_h = cpu_to_le32(upper_32_bits(it->open_flags));
	rec->umask = cpu_to_le32(current_umask());
	if (it->ea)
		memcpy(rpc_field(&req->rq, RF_EADATA), it->ea, it->ea_size);
	req->flags |= RPC_REQ_MODIFY | RPC_REQ_KEEP_OPEN;
	req->replay_fixup = cl_open_replay_fixup;
	req->orphan = cl_open_orphan;
}

static void fill_body(struct cl_fs *fs, struct cl_intent *it, struct rpc_request *req,
		      const struct lu_fid *fid1)
{
	struct mdt_body *b = rpc_field(&req->rq, RF_MDT_BODY);

	cl_body_cred(b, it->op == IT_GETXATTR ? NULL : it->dir ?: it->inode);
	fid_to_wire(&b->mbo_fid1, fid1);
	if (it->op == IT_GETXATTR) {
		b->mbo_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLXATTR | OBD_MD_FLXATTRLS);
		b->mbo_eadatasize = cpu_to_le32(CL_XATTR_ROOM);
		return;
	}
	fid_to_wire(&b->mbo_fid2, &it->fid);
	b->mbo_valid = cpu_to_le64(OBD_MD_FLGETATTR | OBD_MD_FLEASIZE | OBD_MD_FLMODEASIZE |
				   OBD_MD_FLDIREA | OBD_MD_MEA | OBD_MD_DEFAULT_MEA |
				   OBD_MD_FLACL | OBD_MD_FLID);
	b->mbo_eadatasize = cpu_to_le32(md_room(fs->mdc));
}

/* The object that a by-FID open names as its parent: what the last lookup found it in */
static void intent_parent(const struct cl_intent *it, struct lu_fid *fid1)
{
	if (it->dir)
		*fid1 = CL_I(it->dir)->fid;
	else if ((it->op & IT_OPEN) && it->inode && !fid_is_zero(&CL_I(it->inode)->parent))
		*fid1 = CL_I(it->inode)->parent;
	else
		*fid1 = it->fid;
}

static int intent_build(struct cl_fs *fs, struct cl_intent *it)
{
	struct cl_mdc *mdc = fs->mdc;
	struct ldlm_intent *opc;
	struct rpc_request *req;
	struct lu_fid fid1;
	LIST_HEAD(elc);
	int rc;

	req = rpc_request_alloc(mdc->imp, intent_format(it));
	if (!req)
		return -ENOMEM;
	if (!it->mode)
		it->mode = it->op & IT_CREAT ? LDLM_CW : it->op == IT_GETXATTR ? LDLM_PR : LDLM_CR;
	if (!it->bits)
		it->bits = it->op & (IT_OPEN | IT_LOOKUP) ? MDS_INODELOCK_LOOKUP :
			   it->op == IT_GETXATTR ? MDS_INODELOCK_XATTR :
			   it->op == IT_LAYOUT ? MDS_INODELOCK_LAYOUT : MDS_INODELOCK_UPDATE;
	intent_parent(it, &fid1);
	intent_collect(mdc, it, &elc);
	intent_sizes(mdc, it, req);
	rpc_set_size(&req->rq, RF_DLM_REQ, ldlm_elc_size(&elc, true));
	rc = rpc_request_pack(req);
	if (rc) {
		ldlm_elc_drop(&elc);
		rpc_request_put(req);
		return rc;
	}

	opc = rpc_field(&req->rq, RF_INTENT);
	opc->opc = cpu_to_le64(it->op);
	if (it->op & IT_OPEN)
		fill_open(fs, it, req, &fid1);
	else if (it->op == IT_LAYOUT)
		memcpy(rpc_field(&req->rq, RF_LAYOUT_INTENT), &it->layout, sizeof(it->layout));
	else
		fill_body(fs, it, req, &fid1);
	if (it->name && rpc_has_field(&req->rq, RF_NAME))
		memcpy(rpc_field(&req->rq, RF_NAME), it->name->name, it->name->len);
	if (it->op == IT_LAYOUT && it->mode == LDLM_EX)
		req->flags |= RPC_REQ_MODIFY;
	ldlm_elc_pack_enqueue(req, &elc);

	it->enq = (struct ldlm_enqueue) {
		.res		= ldlm_res_fid(&fid1),
		.type		= LDLM_IBITS,
		.mode		= it->mode,
		.policy.ibits.bits = it->bits,
		.flags		= LDLM_FL_HAS_INTENT,
		.lvb_size	= it->op == IT_LAYOUT ? md_room(mdc) : 0,
		.ops		= &cl_mdc_lock_ops,
	};
	it->req = req;
	return 0;
}

/* The reply came: what does it say? */
static int intent_result(struct cl_fs *fs, struct cl_intent *it, int rc)
{
	const struct ldlm_reply *rep;
	struct ldlm_res_id want;
	int err;

	if (rc < 0)
		return rc;
	rep = rpc_field(&it->req->rp, RF_DLM_REP);
	if (!rep)
		return -EPROTO;
	it->disp = le64_to_cpu(rep->lock_policy_res1);
	err = rpc_status_from_wire(lower_32_bits(le64_to_cpu(rep->lock_policy_res2)));
	if (it->lock) {
		it->lock_mode = it->enq.mode;
		it->lock_bits = it->lock->policy.ibits.bits;
	}
	if (err > 0)
		err = -EPROTO;

	if (it->op == IT_LAYOUT)
		return err;
	if (err && !(it->disp & (DISP_LOOKUP_POS | DISP_OPEN_CREATE)))
		return err;
	if (it->disp & DISP_LOOKUP_NEG && !(it->disp & DISP_OPEN_CREATE))
		return err;
	rc = cl_reply_parse(fs->mdc, it->req, &it->reply);
	if (rc)
		return err ?: rc;
	if (it->lock && it->op != IT_GETXATTR) {
		want = ldlm_res_fid(&it->reply.fid);
		if (!ldlm_res_eq(ldlm_lock_res(it->lock), &want)) {
			pr_warn_ratelimited("lustre: %s: reply names " DFID ", its lock something else\n",
					    fs->mdc->name, PFID(&it->reply.fid));
			return -EPROTO;
		}
		if (it->lock_bits & MDS_INODELOCK_DOM && !(it->reply.valid & OBD_MD_DOM_SIZE))
			return -EPROTO;
		it->reply.lock = it->lock;
	}
	return err;
}

int cl_intent_run(struct cl_fs *fs, struct cl_intent *it)
{
	struct cl_mdc *mdc = fs->mdc;
	unsigned int delay = 0;
	int rc;

again:
	rc = intent_build(fs, it);
	if (rc)
		return rc;
	rc = cl_limit_get(&mdc->rpcs, false);
	if (rc)
		return rc;
	rc = ldlm_cli_enqueue(mdc->imp, it->req, &it->enq, &it->lock);
	cl_limit_put(&mdc->rpcs);
	rc = intent_result(fs, it, rc);

	if (rc == -ERANGE && it->op != IT_GETXATTR && !it->acl_room) {
		/* an ACL over the small reserve (chapter 04, 1.7) */
		cl_intent_done(it);
		it->acl_room = min_t(u32, le32_to_cpu(mdc->imp->ocd.ocd_max_easize), LOV_MAX_EASIZE);
		if (it->acl_room > CL_ACL_SMALL)
			goto again;
	}
	if (rc == -EINPROGRESS) {
		cl_intent_done(it);
		delay = min(delay + 1, 10U);
		if (schedule_timeout_killable(delay * HZ))
			return -EINTR;
		goto again;
	}
	return rc;
}

struct intent_async {
	struct cl_fs		*fs;
	struct cl_intent	*it;
	void			(*done)(void *arg, int rc);
	void			*arg;
};

static void intent_async_done(void *arg, struct ldlm_lock *lock, int rc)
{
	struct intent_async *a = arg;

	a->it->lock = lock;
	a->done(a->arg, intent_result(a->fs, a->it, rc));
	kfree(a);
}

int cl_intent_start(struct cl_fs *fs, struct cl_intent *it,
		    void (*done)(void *arg, int rc), void *arg)
{
	struct intent_async *a = kmalloc(sizeof(*a), GFP_NOFS);
	int rc;

	if (!a)
		return -ENOMEM;
	*a = (struct intent_async) { .fs = fs, .it = it, .done = done, .arg = arg };
	rc = intent_build(fs, it);
	if (!rc)
		rc = ldlm_cli_enqueue_async(fs->mdc->imp, it->req, &it->enq, intent_async_done, a);
	if (rc)
		kfree(a);
	return rc;
}

void cl_intent_done(struct cl_intent *it)
{
	if (it->lock)
		ldlm_lock_release(it->lock, it->lock_mode);
	if (it->req)
		rpc_request_put(it->req);
	it->lock = NULL;
	it->req = NULL;
	it->disp = 0;
	memset(&it->reply, 0, sizeof(it->reply));
}

/* --- locks that we have --- */

static struct ldlm_lock *match(struct cl_fs *fs, const struct ldlm_res_id *res, u64 bits, u32 *mode)
{
	union ldlm_policy policy = { .ibits.bits = bits };

	return ldlm_cli_match(fs->mdc->ns, res, LDLM_IBITS, &policy, CL_MD_MODES, mode);
}

bool cl_lock_held(struct inode *inode, u64 bits)
{
	struct ldlm_res_id res = ldlm_res_fid(&CL_I(inode)->fid);
	struct ldlm_lock *lock;
	u32 mode;

	lock = match(cl_fs(inode->i_sb), &res, bits, &mode);
	if (!lock)
		return false;
	if (lock->policy.ibits.bits & MDS_INODELOCK_LOOKUP)
		set_bit(CI_LOOKUP_VALID, &CL_I(inode)->flags);
	ldlm_lock_release(lock, mode);
	return true;
}

/* Bits of a lock that goes which no other lock of ours covers */
static u64 bits_lost(struct cl_fs *fs, const struct ldlm_res_id *res, u64 bits)
{
	struct ldlm_lock *other;
	u64 left = bits;
	u32 mode;
	int i;

	for (i = 0; i < MDS_INODELOCK_NUMBITS; i++) {
		if (!(left & BIT_ULL(i)))
			continue;
		other = match(fs, res, BIT_ULL(i), &mode);
		if (!other)
			continue;
		left &= ~other->policy.ibits.bits;
		ldlm_lock_release(other, mode);
	}
	return left;
}

static void cl_mdc_lost(struct ldlm_lock *lock, u64 bits)
{
	const struct ldlm_res_id *res = ldlm_lock_res(lock);
	struct cl_fs *fs = ldlm_ns_private(lock->ns);
	struct lu_fid fid = {
		.f_seq = res->name[0],
		.f_oid = lower_32_bits(res->name[1]),
		.f_ver = upper_32_bits(res->name[1]),
	};
	struct inode *inode;
	u64 lost;

	/* an inode that is being evicted gives up its locks itself, and cannot be looked up there */
	if (bits & MDS_INODELOCK_DOM && !cl_obj_lost(lock))
		return;
	bits &= ~MDS_INODELOCK_DOM;
	inode = bits ? cl_ilookup(fs->sb, &fid) : NULL;
	if (!inode)
		return;
	lost = bits_lost(fs, res, bits);
	if (lost)
		cl_inode_lost(inode, lost);
	iput(inode);
}

static int cl_mdc_blocking(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling)
{
	if (canceling)
		cl_mdc_lost(lock, lock->policy.ibits.bits);
	return 0;
}

const struct ldlm_lock_ops cl_mdc_lock_ops = {
	.blocking	= cl_mdc_blocking,
	.convert	= cl_mdc_lost,
	.glimpse	= cl_obj_glimpse,
};
