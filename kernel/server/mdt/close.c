// SPDX-License-Identifier: GPL-2.0
/*
 * MDS_CLOSE (chapter 04, 6.4): the handle goes; times and lazy sizes that the client saw last
 * are kept if they are news; the last close of a removed object destroys it. No lock of the
 * lock manager is taken here: these threads must never wait for clients.
 */
#include "inode_time.h"
#include "mdt.h"

#define ATIME_DIFF	60	/* seconds that atime must be behind to be worth a write */

/* struct close_attr - what a close changes; @som only with @set_som */
struct close_attr {
	struct iattr		ia;
	struct lustre_som_attrs	som;
	bool			set_som;
};

static void close_times(struct mdt *mdt, struct close_attr *a, const struct mdt_rec_setattr *rec,
			struct inode *inode)
{
	u64 valid = le64_to_cpu(rec->valid);
	struct timespec64 t;

	/*
	 * Only a later ctime says that the client changed the file after what we have: mtime alone
	 * may be older than a utimes() that set it back.
	 */
	t = mdt_time(mdt, le64_to_cpu(rec->ctime));
	if ((valid & MDS_ATTR_CTIME) && t.tv_sec > inode_get_ctime(inode).tv_sec) {
		a->ia.ia_valid |= ATTR_CTIME;
		a->ia.ia_ctime = t;
		t = mdt_time(mdt, le64_to_cpu(rec->mtime));
		if ((valid & MDS_ATTR_MTIME) && t.tv_sec > inode_get_mtime(inode).tv_sec) {
			a->ia.ia_valid |= ATTR_MTIME;
			a->ia.ia_mtime = t;
		}
	}
	t = mdt_time(mdt, le64_to_cpu(rec->atime));
	if ((valid & MDS_ATTR_ATIME) && t.tv_sec > inode_get_atime(inode).tv_sec + ATIME_DIFF) {
		a->ia.ia_valid |= ATTR_ATIME;
		a->ia.ia_atime = t;
	}
}

/*
 * Size hints of one who wrote, if they differ from what is stored. A client tells a size with every
 * close: that of one who wrote nothing may be old, or not known at all, and one who wrote may not have
 * asked what other stripes hold. Files become smaller by setattr only.
 */
static void close_som(struct close_attr *a, const struct mdt_rec_setattr *rec, struct mdt_open *mo)
{
	u64 valid = le64_to_cpu(rec->valid), size = le64_to_cpu(rec->size);
	struct ldiskfs_object *obj = mo->mi->obj;
	struct lustre_som_attrs old;
	bool has;

	if (!(valid & (MDS_ATTR_LSIZE | MDS_ATTR_SIZE)) || !(mo->flags & MDS_FMODE_WRITE) ||
	    !(rec->bias & cpu_to_le32(MDS_DATA_MODIFIED)) || !S_ISREG(ldiskfs_inode(obj)->i_mode))
		return;
	has = ldiskfs_getxattr(obj, XATTR_NAME_SOM, &old, sizeof(old)) == sizeof(old);
	if (has ? old.lsa_size == rec->size && old.lsa_blocks == rec->blocks : !size)
		return;
	if (has && size < le64_to_cpu(old.lsa_size))
		return;
	a->set_som = true;
	a->som.lsa_valid = cpu_to_le16(SOM_FL_LAZY);
	a->som.lsa_size = rec->size;
	a->som.lsa_blocks = rec->blocks;
}

static int close_tx(struct rpc_svcreq *req, struct ldiskfs_object *obj, struct close_attr *a)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(mdt->dev);
	int rc;

	if (!tx)
		return -ENOMEM;
	/* setting an EA moves ctime, which is not wanted */
	if (a->set_som && !(a->ia.ia_valid & ATTR_CTIME)) {
		a->ia.ia_valid |= ATTR_CTIME;
		a->ia.ia_ctime = inode_get_ctime(ldiskfs_inode(obj));
	}
	rc = ldiskfs_declare_setattr(tx, obj, &a->ia);
	if (!rc && a->set_som)
		rc = ldiskfs_declare_setxattr(tx, obj, XATTR_NAME_SOM, sizeof(a->som));
	if (!rc)
		rc = target_tx_start(mdt->tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	if (a->set_som)
		rc = ldiskfs_setxattr(tx, obj, XATTR_NAME_SOM, &a->som, sizeof(a->som), 0);
	if (!rc)
		rc = ldiskfs_setattr(tx, obj, &a->ia);
	return target_tx_stop(mdt->tgt, req, tx, rc, 0);
}

static int close_handle(struct rpc_svcreq *req, struct mdt_open *mo, const struct mdt_rec_setattr *rec)
{
	struct mdt *mdt = mdt_of(req);
	struct ldiskfs_object *obj = ldiskfs_object_get(mo->mi->obj);
	struct mutex *lock = mdt_obj_lock(mdt, &mo->mi->fid);
	struct close_attr a = { .set_som = false };
	int rc;

	mutex_lock(lock);
	if (!mo->mi->orphan) {
		if (target_times_newer(req, &mo->mi->fid, false))
			close_times(mdt, &a, rec, ldiskfs_inode(obj));
		close_som(&a, rec, mo);
	}
	if (mdt_open_del(mdt, mo))
		rc = mdt_destroy_orphan(mdt, req, obj);
	else if (a.ia.ia_valid || a.set_som)
		rc = close_tx(req, obj, &a);
	else
		rc = target_empty_tx(mdt->tgt, req, 0, 0);
	mutex_unlock(lock);
	ldiskfs_object_put(obj);
	return rc;
}

int mdt_close(struct rpc_svcreq *req)
{
	const struct mdt_ioepoch *ioepoch = rpc_field(&req->rq, RF_IOEPOCH);
	const union mdt_rec *rec = rpc_field(&req->rq, RF_REC_REINT);
	struct mdt_open *mo;
	int rc;

	if (!ioepoch || !rec)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	if (req->reconstruct)
		return req->saved_result;
	target_stat_op(req, MDT_STAT_CLOSE);
	mo = mdt_open_find(req, le64_to_cpu(ioepoch->mio_handle));
	if (!mo)
		return -ESTALE;
	/* what close intents want (chapter 07) is not done, and the reply does not say it was */
	rc = mdt_open_take(mo) ? close_handle(req, mo, &rec->setattr) : -ESTALE;
	mdt_open_put(mo);
	return rc;
}
