// SPDX-License-Identifier: GPL-2.0
/*
 * Requests about the data of an object that move none: punch, sync, fallocate, seek (chapter 05, B9, B15),
 * and giving grants back.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include "inode_time.h"
#include "data.h"

void data_fill_attrs(struct obdo *oa, struct inode *inode, u64 valid)
{
	oa->o_size = cpu_to_le64(i_size_read(inode));
	oa->o_blocks = cpu_to_le64(inode->i_blocks);
	oa->o_mode = cpu_to_le32(inode->i_mode);
	oa->o_uid = cpu_to_le32(i_uid_read(inode));
	oa->o_gid = cpu_to_le32(i_gid_read(inode));
	oa->o_ctime = cpu_to_le64(inode_get_ctime_sec(inode));
	if (valid & OBD_MD_FLMTIME)
		oa->o_mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	if (valid & OBD_MD_FLATIME)
		oa->o_atime = cpu_to_le64(inode_get_atime_sec(inode));
	oa->o_valid = cpu_to_le64(valid);
}
EXPORT_SYMBOL_GPL(data_fill_attrs);

void data_fill_lvb(struct ost_lvb *lvb, struct inode *inode)
{
	memset(lvb, 0, sizeof(*lvb));
	lvb->lvb_size = cpu_to_le64(i_size_read(inode));
	lvb->lvb_mtime = cpu_to_le64(inode_get_mtime_sec(inode));
	lvb->lvb_atime = cpu_to_le64(inode_get_atime_sec(inode));
	lvb->lvb_ctime = cpu_to_le64(inode_get_ctime_sec(inode));
	lvb->lvb_blocks = cpu_to_le64(inode->i_blocks);
}
EXPORT_SYMBOL_GPL(data_fill_lvb);

void data_times_get(struct data_times *t, struct ldiskfs_object *obj)
{
	t->mtime = inode_get_mtime_sec(ldiskfs_inode(obj));
	t->ctime = inode_get_ctime_sec(ldiskfs_inode(obj));
}

void data_times_later(struct data_times *t, struct ldiskfs_object *obj, const struct obdo *oa,
		      const struct data_times *old, bool newer)
{
	u64 valid = newer ? le64_to_cpu(oa->o_valid) : 0;

	if (old)
		*t = *old;
	else
		data_times_get(t, obj);
	if (valid & OBD_MD_FLMTIME)
		t->mtime = max(t->mtime, (s64)le64_to_cpu(oa->o_mtime));
	if (valid & OBD_MD_FLCTIME)
		t->ctime = max(t->ctime, (s64)le64_to_cpu(oa->o_ctime));
}
EXPORT_SYMBOL_GPL(data_times_later);

static bool wants_srvlock(const struct obdo *oa)
{
	return (le64_to_cpu(oa->o_valid) & OBD_MD_FLFLAGS) && (le32_to_cpu(oa->o_flags) & OBD_FL_SRVLOCK);
}

/* The object of a request, with a reference. */
static struct ldiskfs_object *request_object(struct rpc_svcreq *req, const struct obdo *oa, struct lu_fid *fid)
{
	int rc = data_of(req)->ops->fid(req, oa, fid);

	return rc ? ERR_PTR(rc) : data_of(req)->ops->find(req, fid);
}

int data_punch(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ldlm_lock *lock = NULL;
	struct ldiskfs_object *obj;
	struct data_times old;
	struct obdo *out;
	struct lu_fid fid;
	u64 valid, size;
	int rc;

	rc = data_of(req)->ops->fid(req, oa, &fid);
	if (rc)
		return rc;
	valid = le64_to_cpu(oa->o_valid);
	size = le64_to_cpu(oa->o_size);
	if (!(valid & OBD_MD_FLSIZE) || !(valid & OBD_MD_FLBLOCKS) ||
	    le64_to_cpu(oa->o_blocks) != OST_OBJECT_EOF)
		return -EPROTO;
	if (size > ldiskfs_sb(target_of(req)->dev)->s_maxbytes)
		return -EFBIG;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	if (wants_srvlock(oa)) {
		rc = data_of(req)->ops->lock(req, &fid, LDLM_PW, size, LDLM_EOF, size ? 0 : LDLM_FL_AST_DISCARD_DATA, &lock);
		if (rc)
			return rc;
	} else if (valid & OBD_MD_FLHANDLE) {
		ldlm_srv_refresh_timer(req->exp, oa->o_handle);
	}
	obj = data_of(req)->ops->find(req, &fid);
	if (IS_ERR(obj)) {
		rc = PTR_ERR(obj);
		goto unlock;
	}
	data_times_get(&old, obj);
	rc = ldiskfs_truncate(obj, size);
	if (!rc)
		rc = data_of(req)->ops->store(req, obj, oa, &old, target_times_newer(req, &fid, true));
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_oi = oa->o_oi;
	out->o_blocks = cpu_to_le64(ldiskfs_inode(obj)->i_blocks);
	out->o_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLBLOCKS);
	ldiskfs_object_put(obj);
	data_stat_op(req, DATA_STAT_PUNCH);
unlock:
	if (lock)
		ldlm_srv_unlock(lock);
	return rc;
}
EXPORT_SYMBOL_GPL(data_punch);

int data_sync(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct target *tgt = target_of(req);
	struct ldiskfs_object *obj;
	struct obdo *out;
	struct lu_fid fid;
	int rc;

	if (!oa)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	data_stat_op(req, DATA_STAT_SYNC);
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_oi = oa->o_oi;
	if (!oa->o_oi.id && !oa->o_oi.seq)
		return target_sync(tgt);
	obj = request_object(req, oa, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (ldiskfs_version(obj) > target_last_committed(tgt))
		rc = target_sync(tgt);
	if (!rc)
		data_fill_attrs(out, ldiskfs_inode(obj),
			       OBD_MD_FLID | OBD_MD_FLGROUP | OBD_MD_FLTYPE | OBD_MD_FLMODE | OBD_MD_FLSIZE |
			       OBD_MD_FLBLOCKS | OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME);
	ldiskfs_object_put(obj);
	return rc;
}
EXPORT_SYMBOL_GPL(data_sync);

int data_fallocate(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ldlm_lock *lock = NULL;
	struct ldiskfs_object *obj;
	struct data_times old;
	u64 valid, start, end, need, have;
	struct obdo *out;
	struct lu_fid fid;
	u32 mode;
	int rc;

	rc = data_of(req)->ops->fid(req, oa, &fid);
	if (rc)
		return rc;
	valid = le64_to_cpu(oa->o_valid);
	start = le64_to_cpu(oa->o_size);
	end = le64_to_cpu(oa->o_blocks);
	mode = le32_to_cpu(oa->o_nlink);
	if (!(valid & OBD_MD_FLSIZE) || !(valid & OBD_MD_FLBLOCKS))
		return -EPROTO;
	if (start >= end || end > ldiskfs_sb(target_of(req)->dev)->s_maxbytes)
		return -EINVAL;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	if (wants_srvlock(oa)) {
		rc = data_of(req)->ops->lock(req, &fid, LDLM_PW, start, end - 1, 0, &lock);
		if (rc)
			return rc;
	}
	obj = data_of(req)->ops->find(req, &fid);
	if (IS_ERR(obj)) {
		rc = PTR_ERR(obj);
		goto unlock;
	}
	data_times_get(&old, obj);
	/*
	 * Not out of what others were promised. Of the blocks that the object has, those are part of the range
	 * that find no place before or behind it.
	 */
	have = (u64)ldiskfs_inode(obj)->i_blocks << 9;
	have -= min(have, start);
	have -= min(have, max_t(u64, i_size_read(ldiskfs_inode(obj)), end) - end);
	need = end - start - min(end - start, have);
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && !data_grant_fits(data_of(req), need))
		rc = -ENOSPC;
	else
		rc = ldiskfs_fallocate(obj, mode, start, end - start);
	if (!rc)
		rc = data_of(req)->ops->store(req, obj, oa, &old, false);
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_oi = oa->o_oi;
	if (!rc)
		data_fill_attrs(out, ldiskfs_inode(obj),
			       OBD_MD_FLID | OBD_MD_FLTYPE | OBD_MD_FLMODE | OBD_MD_FLSIZE | OBD_MD_FLBLOCKS |
			       OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME);
	ldiskfs_object_put(obj);
	data_stat_op(req, DATA_STAT_PREALLOC);
unlock:
	if (lock)
		ldlm_srv_unlock(lock);
	return rc;
}
EXPORT_SYMBOL_GPL(data_fallocate);

int data_seek(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ldiskfs_object *obj;
	struct ldlm_lock *lock;
	struct obdo *out;
	struct lu_fid fid;
	s64 pos;
	u32 whence;
	int rc;

	rc = data_of(req)->ops->fid(req, oa, &fid);
	if (rc)
		return rc;
	pos = le64_to_cpu(oa->o_size);
	whence = le32_to_cpu(oa->o_mode);
	if (pos < 0 || (whence != SEEK_DATA && whence != SEEK_HOLE))
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	/* what clients hold back in their caches is data too */
	rc = data_of(req)->ops->lock(req, &fid, LDLM_PR, pos, LDLM_EOF, 0, &lock);
	if (rc)
		return rc;
	obj = data_of(req)->ops->find(req, &fid);
	if (IS_ERR(obj)) {
		rc = PTR_ERR(obj);
		goto unlock;
	}
	out = rpc_field(&req->rp, RF_OST_BODY);
	out->o_valid = oa->o_valid;
	out->o_oi = oa->o_oi;
	out->o_size = cpu_to_le64(ldiskfs_seek(obj, pos, whence));
	ldiskfs_object_put(obj);
unlock:
	ldlm_srv_unlock(lock);
	return rc;
}
EXPORT_SYMBOL_GPL(data_seek);

static int set_info_grant_shrink(struct rpc_svcreq *req)
{
	const struct obdo *oa;
	int rc;

	rpc_svc_set_format(req, &RQF_OST_SET_INFO_GRANT_SHRINK);
	oa = rpc_field(&req->rq, RF_OST_BODY);
	if (!oa)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	data_grant_incoming(req, oa);
	/* refused: the client takes back what it offered; grants end with the connection */
	memcpy(rpc_field(&req->rp, RF_OST_BODY), oa, sizeof(*oa));
	return 0;
}

int data_set_info(struct rpc_svcreq *req)
{
	const char *key = rpc_field(&req->rq, RF_KEY);
	u32 len = rpc_field_size(&req->rq, RF_KEY);

	data_stat_op(req, DATA_STAT_SET_INFO);
	if (!key)
		return -EPROTO;
	if (len >= strlen(KEY_GRANT_SHRINK) && !memcmp(key, KEY_GRANT_SHRINK, strlen(KEY_GRANT_SHRINK)))
		return set_info_grant_shrink(req);
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(data_set_info);
