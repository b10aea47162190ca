// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of objects: getattr, setattr, statfs (chapter 05, B9, B12, B15), and what is stored with
 * a change of their data.
 */
#include <linux/fs.h>
#include <linux/statfs.h>
#include <linux/xattr.h>
#include "inode_time.h"
#include "ost.h"

/* ost_request_fid() - object of a request; Return: 0 or -EPROTO */
int ost_request_fid(struct rpc_svcreq *req, const struct obdo *oa, struct lu_fid *fid)
{
	if (!oa || !(le64_to_cpu(oa->o_valid) & OBD_MD_FLID))
		return -EPROTO;
	ost_id_to_fid(&oa->o_oi, ost_of(req)->tgt->index, fid);
	if (fid_is_idif(fid) ? !fid_idif_id(fid) : (fid->f_seq < FID_SEQ_NORMAL || !fid->f_oid))
		return -EPROTO;
	return 0;
}

/* uid and gid: always by SETATTR, else once: the mode bits of a new object say what is unset. */
static void owner_to_iattr(const struct obdo *oa, const struct inode *inode, bool always, struct iattr *ia)
{
	u64 valid = le64_to_cpu(oa->o_valid);
	umode_t mode = inode->i_mode;

	if ((valid & OBD_MD_FLUID) && (always || (mode & S_ISUID))) {
		ia->ia_uid = make_kuid(&init_user_ns, le32_to_cpu(oa->o_uid));
		ia->ia_valid |= ATTR_UID;
		mode &= ~S_ISUID;
	}
	if ((valid & OBD_MD_FLGID) && (always || (mode & S_ISGID))) {
		ia->ia_gid = make_kgid(&init_user_ns, le32_to_cpu(oa->o_gid));
		ia->ia_valid |= ATTR_GID;
		mode &= ~S_ISGID;
	}
	if (!always)
		mode &= ~S_ISVTX;
	if (mode != inode->i_mode) {
		ia->ia_mode = mode;
		ia->ia_valid |= ATTR_MODE;
	}
}

static bool parent_to_ff(const struct obdo *oa, struct filter_fid *ff)
{
	u64 valid = le64_to_cpu(oa->o_valid);

	if (!(valid & OBD_MD_FLFID))
		return false;
	memset(ff, 0, sizeof(*ff));
	ff->ff_parent.f_seq = oa->o_parent_seq;
	ff->ff_parent.f_oid = oa->o_parent_oid;
	ff->ff_parent.f_ver = oa->o_stripe_idx;
	if (valid & OBD_MD_FLOSTLAYOUT) {
		ff->ff_stripe_size = oa->o_layout.ol_stripe_size;
		ff->ff_stripe_count = oa->o_layout.ol_stripe_count;
		ff->ff_pfl_start = oa->o_layout.ol_comp_start;
		ff->ff_pfl_end = oa->o_layout.ol_comp_end;
		ff->ff_pfl_id = oa->o_layout.ol_comp_id;
	}
	if (valid & OBD_MD_LAYOUT_VERSION)
		ff->ff_layout_version = oa->o_layout_version;
	return true;
}

static void set_times(const struct obdo *oa, struct iattr *ia)
{
	u64 valid = le64_to_cpu(oa->o_valid);

	if (valid & OBD_MD_FLATIME) {
		ia->ia_atime.tv_sec = le64_to_cpu(oa->o_atime);
		ia->ia_valid |= ATTR_ATIME | ATTR_ATIME_SET;
	}
	if (valid & OBD_MD_FLMTIME) {
		ia->ia_mtime.tv_sec = le64_to_cpu(oa->o_mtime);
		ia->ia_valid |= ATTR_MTIME | ATTR_MTIME_SET;
	}
	if (valid & OBD_MD_FLCTIME) {
		ia->ia_ctime.tv_sec = le64_to_cpu(oa->o_ctime);
		ia->ia_valid |= ATTR_CTIME;
	}
}

static void later_times(struct ldiskfs_object *obj, const struct obdo *oa, const struct data_times *old, bool newer,
			struct iattr *ia)
{
	struct data_times t;

	data_times_later(&t, obj, oa, old, newer);
	ia->ia_valid |= ATTR_MTIME | ATTR_CTIME;
	ia->ia_mtime.tv_sec = t.mtime;
	ia->ia_ctime.tv_sec = t.ctime;
	if (newer && (le64_to_cpu(oa->o_valid) & OBD_MD_FLATIME) &&
	    (s64)le64_to_cpu(oa->o_atime) > inode_get_atime_sec(ldiskfs_inode(obj))) {
		ia->ia_valid |= ATTR_ATIME;
		ia->ia_atime.tv_sec = le64_to_cpu(oa->o_atime);
	}
}

/*
 * ost_store_attrs() - the transaction of a request: times, owner, whose object it is
 * @newer: times of @oa are to be stored
 * @setattr: times may go back, owner even if it was set before
 * @old: see struct data_ops
 *
 * Also the transaction that gives a WRITE its number after its data went to disk.
 */
int ost_store_attrs(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct obdo *oa,
		    const struct data_times *old, bool newer, bool setattr)
{
	struct target *tgt = target_of(req);
	struct inode *inode = ldiskfs_inode(obj);
	bool fresh = inode->i_mode & (S_ISUID | S_ISGID);
	struct iattr ia = {};
	struct filter_fid ff;
	struct ldiskfs_tx *tx;
	bool parent;
	int rc;

	if (setattr && newer)
		set_times(oa, &ia);
	owner_to_iattr(oa, inode, setattr, &ia);
	parent = fresh && parent_to_ff(oa, &ff);

	tx = ldiskfs_tx_alloc(tgt->dev);
	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_setattr(tx, obj, &ia);
	if (!rc && parent)
		rc = ldiskfs_declare_setxattr(tx, obj, XATTR_NAME_FID, sizeof(ff));
	if (!rc)
		rc = target_tx_start(tgt, req, tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	if (!setattr)
		later_times(obj, oa, old, newer, &ia);
	if (ia.ia_valid)
		rc = ldiskfs_setattr(tx, obj, &ia);
	if (!rc && parent)
		rc = ldiskfs_setxattr(tx, obj, XATTR_NAME_FID, &ff, sizeof(ff), 0);
	if (!rc)
		rc = ldiskfs_set_version(tx, obj, target_tx_transno(tgt, req));
	return target_tx_stop(tgt, req, tx, rc, 0);
}

static int store_data(struct rpc_svcreq *req, struct ldiskfs_object *obj, const struct obdo *oa,
		      const struct data_times *old, bool newer)
{
	return ost_store_attrs(req, obj, oa, old, newer, false);
}

static struct ldiskfs_object *find_object(struct rpc_svcreq *req, const struct lu_fid *fid)
{
	return ldiskfs_find(target_of(req)->dev, fid);
}

const struct data_ops ost_data_ops = {
	.fid	= ost_request_fid,
	.find	= find_object,
	.lock	= ost_lock,
	.store	= store_data,
};

int ost_getattr(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ldlm_lock *lock = NULL;
	struct ldiskfs_object *obj;
	struct obdo *out;
	struct lu_fid fid;
	u64 valid;
	u32 flags;
	int rc;

	rc = ost_request_fid(req, oa, &fid);
	if (!rc)
		rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	valid = le64_to_cpu(oa->o_valid);
	flags = valid & OBD_MD_FLFLAGS ? le32_to_cpu(oa->o_flags) : 0;
	if (flags & OBD_FL_SRVLOCK) {
		rc = ost_lock(req, &fid, flags & OBD_FL_FLUSH ? LDLM_PW : LDLM_PR, 0, LDLM_EOF, 0, &lock);
		if (rc)
			return rc;
	}
	obj = find_object(req, &fid);
	if (IS_ERR(obj)) {
		rc = PTR_ERR(obj);
		goto unlock;
	}
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_oi = oa->o_oi;
	data_fill_attrs(out, ldiskfs_inode(obj),
			OBD_MD_FLID | OBD_MD_FLGROUP | OBD_MD_FLTYPE | OBD_MD_FLMODE | OBD_MD_FLSIZE |
			OBD_MD_FLBLOCKS | OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME | OBD_MD_FLUID |
			OBD_MD_FLGID | OBD_MD_FLPROJID | OBD_MD_FLDATAVERSION | OBD_MD_FLFLAGS);
	out->o_flags = cpu_to_le32(OBD_FL_FLUSH);
	out->o_data_version = cpu_to_le64(ldiskfs_version(obj));
	ldiskfs_object_put(obj);
	target_stat_op(req, OST_STAT_GETATTR);
unlock:
	if (lock)
		ldlm_srv_unlock(lock);
	return rc;
}

int ost_setattr(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ldiskfs_object *obj;
	struct obdo *out;
	struct lu_fid fid;
	u64 valid;
	bool times;
	int rc;

	rc = ost_request_fid(req, oa, &fid);
	if (rc)
		return rc;
	valid = le64_to_cpu(oa->o_valid);
	if ((valid & OBD_MD_FLSIZE) && le64_to_cpu(oa->o_size) != OST_OBJECT_EOF)
		return -EPERM;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	obj = find_object(req, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	times = valid & (OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME);
	if (times)
		times = target_times_newer(req, &fid, true);
	rc = ost_store_attrs(req, obj, oa, NULL, times, true);
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_oi = oa->o_oi;
	if (!rc)
		data_fill_attrs(out, ldiskfs_inode(obj),
				OBD_MD_FLID | OBD_MD_FLGROUP | OBD_MD_FLTYPE | OBD_MD_FLMODE | OBD_MD_FLSIZE |
				OBD_MD_FLBLOCKS | OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME |
				OBD_MD_FLUID | OBD_MD_FLGID | OBD_MD_FLPROJID);
	ldiskfs_object_put(obj);
	target_stat_op(req, OST_STAT_SETATTR);
	return rc;
}

int ost_statfs(struct rpc_svcreq *req)
{
	struct ost *ost = ost_of(req);
	u64 promised, avail;
	struct obd_statfs *out;
	struct kstatfs st;
	int rc;

	rc = rpc_reply_pack(req);
	if (!rc)
		rc = ldiskfs_statfs(ost->tgt->dev, &st);
	if (rc)
		return rc;
	spin_lock(&ost->data.grant_lock);
	promised = ost->data.tot_dirty + ost->data.tot_pending;
	spin_unlock(&ost->data.grant_lock);
	avail = st.f_bavail;
	avail -= min(avail, div_u64(promised, st.f_bsize));
	out = rpc_field(&req->rp, RF_STATFS);
	memset(out, 0, sizeof(*out));
	out->os_type = cpu_to_le64(st.f_type);
	out->os_blocks = cpu_to_le64(st.f_blocks);
	out->os_bfree = cpu_to_le64(st.f_bfree);
	out->os_bavail = cpu_to_le64(avail);
	out->os_files = cpu_to_le64(st.f_files);
	out->os_ffree = cpu_to_le64(st.f_ffree);
	out->os_bsize = cpu_to_le32(st.f_bsize);
	out->os_namelen = cpu_to_le32(st.f_namelen);
	out->os_maxbytes = cpu_to_le64(ldiskfs_sb(ost->tgt->dev)->s_maxbytes);
	if (ldiskfs_error(ost->tgt->dev))
		out->os_state = cpu_to_le32(OS_STATE_READONLY);
	target_stat_op(req, OST_STAT_STATFS);
	return 0;
}

int ost_quotactl(struct rpc_svcreq *req)
{
	return -EOPNOTSUPP;
}
