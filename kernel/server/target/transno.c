// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions of requests: a number for each change, given inside its storage
 * transaction together with the client's record and saved reply (chapter 02, 12.1).
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include "internal.h"

struct target_commit {
	struct ldiskfs_commit_cb cb;
	struct target		*tgt;
	struct rpc_export	*exp;
	u64			transno;
};

static void target_committed(struct ldiskfs_commit_cb *cb, int error)
{
	struct target_commit *c = container_of(cb, struct target_commit, cb);
	struct target_store *st = c->tgt->store;

	if (!error) {
		spin_lock(&st->lock);
		st->last_committed = max(st->last_committed, c->transno);
		spin_unlock(&st->lock);
		if (c->exp) {
			struct target_export *te = target_export(c->exp);

			spin_lock(&te->lock);
			te->last_committed = max(te->last_committed, c->transno);
			te->durable = true;
			spin_unlock(&te->lock);
		}
	}
	if (c->exp)
		rpc_export_put(c->exp);
	if (atomic_dec_and_test(&st->pending))
		wake_up_all(&st->idle);
	kfree(c);
}

int target_tx_start(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx)
{
	struct target_export *te = req ? target_export(req->exp) : NULL;
	int rc;

	rc = lastrcvd_declare(tgt, te, tx);
	if (!rc && req)
		rc = replydata_declare(tgt, req, tx);
	return rc ?: ldiskfs_tx_start(tx);
}
EXPORT_SYMBOL_GPL(target_tx_start);

static u64 next_transno(struct target_store *st)
{
	u64 transno;

	spin_lock(&st->lock);
	transno = ++st->last_transno;
	spin_unlock(&st->lock);
	return transno;
}

u64 target_tx_transno(struct target *tgt, struct rpc_svcreq *req)
{
	if (!req->transno)
		req->transno = next_transno(tgt->store);
	return req->transno;
}
EXPORT_SYMBOL_GPL(target_tx_transno);

/* Give the transaction its number and write it down, all inside the handle. */
static int target_number(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx,
			 int result, u64 data)
{
	struct target_export *te = req ? target_export(req->exp) : NULL;
	struct target_store *st = tgt->store;
	struct target_commit *c;
	u64 transno;
	int rc = 0;

	/* small; a change that is already made cannot be called off for want of it */
	c = kzalloc(sizeof(*c), GFP_NOFS | __GFP_NOFAIL);
	if (te)
		mutex_lock(&te->record);
	transno = req ? target_tx_transno(tgt, req) : next_transno(st);
	/* a thread that got its number earlier may come later */
	if (!te || transno > te->last_transno)
		rc = lastrcvd_update(tgt, te, tx, transno, req ? req->xid : 0, result, data);
	if (te)
		te->last_transno = max(te->last_transno, transno);
	if (!rc && req)
		rc = replydata_update(tgt, req, tx, transno, result, data);
	if (te)
		mutex_unlock(&te->record);
	c->cb.func = target_committed;
	c->tgt = tgt;
	c->exp = te ? rpc_export_get(te->exp) : NULL;
	c->transno = transno;
	atomic_inc(&st->pending);
	ldiskfs_tx_on_commit(tx, &c->cb);
	return rc;
}

int target_tx_stop(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx, int rc, u64 data)
{
	struct target_export *te = req ? target_export(req->exp) : NULL;
	bool sync = false;
	int rc2 = 0, rc3;

	if (rc >= 0) {
		rc2 = target_number(tgt, req, tx, rc, data);
		/*
		 * A client whose record may be lost in a crash could not replay; and
		 * LIGHTWEIGHT ones never do (chapter 02, 12.1).
		 */
		sync = te && !te->durable;
	}
	rc3 = ldiskfs_tx_stop(tx, sync);
	if (rc >= 0)
		rc = rc2 ?: rc3 ?: rc;
	if (rc < 0 && req)
		req->transno = 0;
	return rc;
}
EXPORT_SYMBOL_GPL(target_tx_stop);

int target_empty_tx(struct target *tgt, struct rpc_svcreq *req, int rc, u64 data)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(tgt->dev);
	int rc2;

	if (!tx)
		return -ENOMEM;
	rc2 = target_tx_start(tgt, req, tx);
	if (rc2) {
		ldiskfs_tx_free(tx);
		return rc2;
	}
	return target_tx_stop(tgt, req, tx, rc, data);
}
EXPORT_SYMBOL_GPL(target_empty_tx);

u64 target_last_committed(struct target *tgt)
{
	struct target_store *st = tgt->store;
	u64 transno;

	spin_lock(&st->lock);
	transno = st->last_committed;
	spin_unlock(&st->lock);
	return transno;
}
EXPORT_SYMBOL_GPL(target_last_committed);

int target_sync(struct target *tgt)
{
	return ldiskfs_sync(tgt->dev);
}
EXPORT_SYMBOL_GPL(target_sync);

/* Requests of one client may overtake each other; their XIDs say in which order it meant them. */
bool target_times_newer(struct rpc_svcreq *req, const struct lu_fid *fid, bool set)
{
	struct target_store *st = target_of(req)->store;
	u64 cookie = req->exp->handle.cookie;
	struct target_times *t = &st->times[hash_64(cookie ^ fid->f_seq ^ fid->f_oid, ilog2(TARGET_TIMES))];
	bool newer = true;

	spin_lock(&st->times_lock);
	if (t->exp_cookie == cookie && fid_eq(&t->fid, fid))
		newer = req->xid >= t->xid;
	if (set && newer)
		*t = (struct target_times){ .exp_cookie = cookie, .fid = *fid, .xid = req->xid };
	spin_unlock(&st->times_lock);
	return newer;
}
EXPORT_SYMBOL_GPL(target_times_newer);
