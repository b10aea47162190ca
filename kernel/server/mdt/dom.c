// SPDX-License-Identifier: GPL-2.0
/*
 * Data-on-MDT (chapter 05, A9): the first bytes of a file are in its inode here, under the DOM bit of
 * its inode-bits lock. Reading and writing them is kernel/server/target/data.h's; here is what an MDT's
 * objects, locks and times have of their own.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include "inode_time.h"
#include "mdt.h"

static int dom_fid(struct rpc_svcreq *req, const struct obdo *oa, struct lu_fid *fid)
{
	u64 id;

	if (!oa || !(le64_to_cpu(oa->o_valid) & OBD_MD_FLID))
		return -EPROTO;
	/* the two words are the FID of the file */
	id = le64_to_cpu(oa->o_oi.seq);
	*fid = (struct lu_fid){ .f_seq = le64_to_cpu(oa->o_oi.id), .f_oid = (u32)id, .f_ver = id >> 32 };
	return fid_is_sane(fid) && mdt_may_change(fid) && !fid_is_root(fid) ? 0 : -EPROTO;
}

/* Return: 1 if its layout says so, 0, or an error */
static int has_dom(struct ldiskfs_object *obj)
{
	struct mdt_ea lov;
	int rc;

	if (!S_ISREG(ldiskfs_inode(obj)->i_mode))
		return 0;
	mdt_ea_init(&lov);
	rc = mdt_ea_read(obj, XATTR_NAME_LOV, &lov) ?: lov_ea_has_dom(lov.buf, lov.size);
	mdt_ea_free(&lov);
	return rc;
}

bool mdt_has_dom(struct ldiskfs_object *obj)
{
	return has_dom(obj) > 0;
}

/* Only files whose layout says so have data here. */
static struct ldiskfs_object *dom_find(struct rpc_svcreq *req, const struct lu_fid *fid)
{
	struct ldiskfs_object *obj = mdt_find(mdt_of(req), fid);
	int rc;

	if (IS_ERR(obj))
		return obj;
	rc = has_dom(obj);
	if (rc > 0)
		return obj;
	ldiskfs_object_put(obj);
	return ERR_PTR(rc ?: -EINVAL);
}

static int dom_lock_fid(struct mdt *mdt, const struct lu_fid *fid, u32 mode, u64 flags, struct ldlm_lock **lock)
{
	const union ldlm_policy policy = { .ibits = { .bits = MDS_INODELOCK_DOM } };
	struct ldlm_res_id res = ldlm_res_fid(fid);

	return ldlm_srv_lock(mdt->ns, &res, LDLM_IBITS, mode, &policy, flags, lock);
}

/* One lock is for all of the data */
static int dom_lock(struct rpc_svcreq *req, const struct lu_fid *fid, u32 mode, u64 start, u64 end, u64 flags,
		    struct ldlm_lock **lock)
{
	return dom_lock_fid(mdt_of(req), fid, mode, flags, lock);
}

static int dom_store(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct obdo *oa,
		     const struct data_times *old, bool newer)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	struct iattr ia = { .ia_valid = ATTR_MTIME | ATTR_CTIME };
	struct data_times t;
	int rc;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setattr(tx, obj, &ia);
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	data_times_later(&t, obj, oa, old, newer);
	ia.ia_mtime = mdt_time(mdt, t.mtime);
	ia.ia_ctime = mdt_time(mdt, t.ctime);
	rc = ldiskfs_setattr(tx, obj, &ia);
	return mdt_tx_stop(mdt, req, tx, rc, 0, obj, NULL, NULL);
}

const struct data_ops mdt_data_ops = {
	.fid	= dom_fid,
	.find	= dom_find,
	.lock	= dom_lock,
	.store	= dom_store,
};

/*
 * mdt_dom_discard() - the file is gone: what clients still hold of its data is not worth writing
 *
 * Context: waits for their cancels; no obj_lock is held.
 */
void mdt_dom_discard(struct mdt *mdt, const struct lu_fid *fid)
{
	struct ldlm_lock *lock;

	if (!dom_lock_fid(mdt, fid, LDLM_PW, LDLM_FL_AST_DISCARD_DATA, &lock))
		ldlm_srv_unlock(lock);
}

/*
 * mdt_dom_glimpse() - a client wants to know the size of the data, and gets the lock if it is free: an
 * enqueue of DOM with HAS_INTENT and no intent (chapter 03, 11). Cost: one RPC to a writer, if there is one.
 */
int mdt_dom_glimpse(struct rpc_svcreq *req, struct ldlm_lock **lockp)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct mdt *mdt = mdt_of(req);
	struct ldlm_lock *lock = NULL;
	struct ldlm_res_id res;
	struct ost_lvb lvb;
	struct lu_fid fid;
	struct ldiskfs_object *obj;
	int rc;

	if (!dlm)
		return -EPROTO;
	mdt_lock_fid(dlm, &fid);
	obj = mdt_find(mdt, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	rc = mdt_lock(mdt, &fid, LDLM_PR, 0, MDS_INODELOCK_DOM, &lock);
	if (!rc) {
		data_fill_lvb(&lvb, ldiskfs_inode(obj));
	} else if (rc == ELDLM_LOCK_ABORTED) {
		res = ldlm_res_fid(&fid);
		rc = ldlm_srv_glimpse(mdt->ns, &res, LDLM_IBITS, &lvb);
	}
	if (!rc) {
		rpc_set_size(&req->rp, RF_LVB, sizeof(lvb));
		rc = rpc_reply_pack(req);
	}
	if (rc) {
		mdt_unlock(lock);
	} else {
		memcpy(rpc_field(&req->rp, RF_LVB), &lvb, sizeof(lvb));
		rc = mdt_intent_reply(req, lockp, lock, 0, 0);
	}
	ldiskfs_object_put(obj);
	return rc;
}

/* --- opens: the data comes along --- */

#define DOM_INLINE_MAX	65536

void mdt_dom_body(struct mdt_body *body, struct ldiskfs_object *obj, const struct ldlm_lock *lock)
{
	struct inode *inode = ldiskfs_inode(obj);

	if (!lock || !(mdt_lock_bits(lock) & MDS_INODELOCK_DOM))
		return;
	body->mbo_dom_size = cpu_to_le64(i_size_read(inode));
	body->mbo_dom_blocks = cpu_to_le64(inode->i_blocks);
	body->mbo_valid |= cpu_to_le64(OBD_MD_DOM_SIZE);
}

void mdt_dom_inline(struct rpc_svcreq *req, struct ldiskfs_object *obj)
{
	u64 size = i_size_read(ldiskfs_inode(obj));

	if (size && size <= min_t(u32, rpc_reply_room(req), DOM_INLINE_MAX))
		rpc_set_size(&req->rp, RF_NIOBUF_INLINE, sizeof(struct niobuf_remote) + size);
}

void mdt_dom_read(struct rpc_svcreq *req, struct ldiskfs_object *obj)
{
	u32 len = rpc_field_size(&req->rp, RF_NIOBUF_INLINE) - sizeof(struct niobuf_remote), done = 0, n;
	struct niobuf_remote *nb = rpc_field(&req->rp, RF_NIOBUF_INLINE);
	struct bio_vec bv = { .bv_page = alloc_page(GFP_NOFS) };
	void *to = nb + 1;

	while (bv.bv_page && done < len) {
		n = min_t(u32, len - done, PAGE_SIZE);
		bv.bv_len = n;
		if (ldiskfs_read(obj, done, &bv, 1, n) != n)
			break;
		memcpy_from_page(to + done, bv.bv_page, 0, n);
		done += n;
	}
	if (bv.bv_page)
		__free_page(bv.bv_page);
	/* it can be read later */
	if (done < len) {
		rpc_shrink(&req->rp, RF_NIOBUF_INLINE, sizeof(*nb));
		done = 0;
	}
	nb = rpc_field(&req->rp, RF_NIOBUF_INLINE);
	nb->rnb_len = cpu_to_le32(done);
}
