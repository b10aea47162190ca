// SPDX-License-Identifier: GPL-2.0
/*
 * Objects come and go: LAST_ID per sequence, precreation for MDTs, orphan cleanup, destroy
 * (chapter 05, B13; GET_INFO: B14).
 */
#include <linux/slab.h>
#include "ost.h"

/* struct last_id_disk - one slot of "last_ids" */
struct last_id_disk {
	__le64	seq;
	__le64	last_id;
};

static u64 slot_pos(unsigned int slot)
{
	return (u64)slot * sizeof(struct last_id_disk);
}

static struct ost_seq *seq_new(struct ost *ost, u64 fid_seq, u64 last_id)
{
	struct ost_seq *seq;

	if (ost->nr_seqs == OST_MAX_SEQS)
		return ERR_PTR(-ENOSPC);
	seq = kzalloc(sizeof(*seq), GFP_KERNEL);
	if (!seq)
		return ERR_PTR(-ENOMEM);
	mutex_init(&seq->lock);
	seq->fid_seq = fid_seq;
	seq->last_id = last_id;
	seq->slot = ost->nr_seqs;
	ost->seqs[ost->nr_seqs++] = seq;
	return seq;
}

int ost_seqs_open(struct ost *ost)
{
	struct last_id_disk d;
	unsigned int i;
	int rc;

	ost->last_ids = ldiskfs_rec_open(ost->tgt->dev, "last_ids", slot_pos(OST_MAX_SEQS));
	if (IS_ERR(ost->last_ids)) {
		rc = PTR_ERR(ost->last_ids);
		ost->last_ids = NULL;
		return rc;
	}
	for (i = 0; i < OST_MAX_SEQS; i++) {
		struct ost_seq *seq;

		rc = ldiskfs_rec_read(ost->last_ids, slot_pos(i), &d, sizeof(d));
		if (rc)
			return rc;
		if (!d.seq)
			return 0;
		seq = seq_new(ost, le64_to_cpu(d.seq), le64_to_cpu(d.last_id));
		if (IS_ERR(seq))
			return PTR_ERR(seq);
	}
	return 0;
}

void ost_seqs_close(struct ost *ost)
{
	while (ost->nr_seqs)
		kfree(ost->seqs[--ost->nr_seqs]);
	if (ost->last_ids)
		ldiskfs_rec_close(ost->last_ids);
	ost->last_ids = NULL;
}

/* The sequence that an id belongs to; legacy ids of one MDT share one, whatever their high bits. */
static struct ost_seq *seq_find(struct ost *ost, const struct lu_fid *fid, bool create)
{
	u64 fid_seq = fid_is_idif(fid) ? fid->f_seq & ~0xffffULL : fid->f_seq;
	struct ost_seq *seq = ERR_PTR(-ENOENT);
	unsigned int i;

	mutex_lock(&ost->seqs_lock);
	for (i = 0; i < ost->nr_seqs; i++)
		if (ost->seqs[i]->fid_seq == fid_seq)
			break;
	if (i < ost->nr_seqs)
		seq = ost->seqs[i];
	else if (create)
		seq = seq_new(ost, fid_seq, 0);
	mutex_unlock(&ost->seqs_lock);
	return seq;
}

static u64 fid_id(const struct lu_fid *fid)
{
	return fid_is_idif(fid) ? fid_idif_id(fid) : fid->f_oid;
}

static void id_fid(const struct ost_seq *seq, u64 id, struct lu_fid *fid)
{
	fid->f_seq = seq->fid_seq;
	if (seq->fid_seq <= FID_SEQ_IDIF_MAX)
		fid->f_seq |= id >> 32 & 0xffff;
	fid->f_oid = id;
	fid->f_ver = 0;
}

/* One new object and the new LAST_ID, together. */
static int create_one(struct ost *ost, struct ost_seq *seq, u64 id)
{
	static const struct ldiskfs_attr attr = { .mode = OST_NEW_OBJECT_MODE };
	struct last_id_disk d = { .seq = cpu_to_le64(seq->fid_seq), .last_id = cpu_to_le64(id) };
	struct ldiskfs_object *obj;
	struct ldiskfs_tx *tx;
	struct lu_fid fid;
	int rc, rc2;

	id_fid(seq, id, &fid);
	tx = ldiskfs_tx_alloc(ost->tgt->dev);
	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_create_data(tx, &fid);
	if (!rc)
		rc = ldiskfs_declare_rec_write(tx, ost->last_ids, slot_pos(seq->slot), sizeof(d));
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	obj = ldiskfs_create_data(tx, &fid, &attr);
	rc = PTR_ERR_OR_ZERO(obj);
	if (rc == -EEXIST)
		rc = 0;	/* made before a crash that lost nothing but our count */
	else if (!rc)
		ldiskfs_object_put(obj);
	if (!rc)
		rc = ldiskfs_rec_write(tx, ost->last_ids, slot_pos(seq->slot), &d, sizeof(d));
	rc2 = ldiskfs_tx_stop(tx, false);
	rc = rc ?: rc2;
	if (!rc)
		seq->last_id = id;
	return rc;
}

/* seq->lock held. Create up to @want; stopping early is success if anything was made. */
static int create_upto(struct ost *ost, struct ost_seq *seq, u64 want)
{
	ktime_t stop = ktime_add_ms(ktime_get(), 50 * MSEC_PER_SEC);
	u64 first = seq->last_id;
	int rc = 0;

	while (seq->last_id < want && !rc && ktime_before(ktime_get(), stop)) {
		rc = create_one(ost, seq, seq->last_id + 1);
		cond_resched();
	}
	return seq->last_id > first ? 0 : rc;
}

static int destroy_object(struct rpc_svcreq *req, const struct lu_fid *fid, bool number)
{
	struct target *tgt = target_of(req);
	struct ldiskfs_object *obj;
	struct ldlm_lock *lock;
	struct ldiskfs_tx *tx;
	int rc;

	obj = ldiskfs_find(tgt->dev, fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	/* clients drop what they cached of it, unwritten data too */
	rc = ost_lock(req, fid, LDLM_PW, 0, LDLM_EOF, LDLM_FL_AST_DISCARD_DATA, &lock);
	if (rc)
		goto out;
	tx = ldiskfs_tx_alloc(tgt->dev);
	rc = tx ? 0 : -ENOMEM;
	if (rc)
		goto unlock;
	rc = ldiskfs_declare_destroy_data(tx, obj);
	if (!rc)
		rc = number ? target_tx_start(tgt, req, tx) : ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		goto unlock;
	}
	rc = ldiskfs_destroy_data(tx, obj);
	if (number) {
		rc = target_tx_stop(tgt, req, tx, rc, 0);
	} else {
		int rc2 = ldiskfs_tx_stop(tx, false);

		rc = rc ?: rc2;
	}
unlock:
	ldlm_srv_unlock(lock);
out:
	ldiskfs_object_put(obj);
	return rc;
}

/* seq->lock held. Objects that the MDT never used: ids above @used. */
static int destroy_orphans(struct rpc_svcreq *req, struct ost_seq *seq, u64 used)
{
	struct lu_fid fid;
	u64 id;
	int rc;

	for (id = seq->last_id; id > used; id--) {
		id_fid(seq, id, &fid);
		rc = destroy_object(req, &fid, false);
		if (rc && rc != -ENOENT)
			return rc;
		cond_resched();
	}
	return 0;
}

static int lower_last_id(struct ost *ost, struct ost_seq *seq, u64 id)
{
	struct last_id_disk d = { .seq = cpu_to_le64(seq->fid_seq), .last_id = cpu_to_le64(id) };
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(ost->tgt->dev);
	int rc, rc2;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_rec_write(tx, ost->last_ids, slot_pos(seq->slot), sizeof(d));
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	rc = ldiskfs_rec_write(tx, ost->last_ids, slot_pos(seq->slot), &d, sizeof(d));
	rc2 = ldiskfs_tx_stop(tx, false);
	rc = rc ?: rc2;
	if (!rc)
		seq->last_id = id;
	return rc;
}

/* seq->lock held. Return: the id to answer, or an error. */
static s64 orphan_cleanup(struct rpc_svcreq *req, struct ost_seq *seq, u64 used)
{
	bool skip = rpc_export_flags(req->exp) & OBD_CONNECT_SKIP_ORPHAN;
	s64 diff = used - seq->last_id;
	int rc = 0;

	if (diff > OST_MAX_GAP)
		return -EINVAL;
	if (diff > 0)
		rc = create_upto(ost_of(req), seq, used);
	else if (diff < -OST_MAX_PRECREATE)
		return seq->last_id + 1;
	else if (diff < 0)
		rc = destroy_orphans(req, seq, used);
	if (!rc && diff < 0 && !skip)
		rc = lower_last_id(ost_of(req), seq, used);
	return rc ?: seq->last_id;
}

static s64 precreate(struct rpc_svcreq *req, struct ost_seq *seq, u64 want)
{
	struct ost *ost = ost_of(req);
	s64 diff = want - seq->last_id;
	int rc;

	if (diff <= -OST_MAX_PRECREATE)
		return -EINVAL;
	if (diff <= 0)
		return diff ? seq->last_id + 1 : seq->last_id;
	if (diff > OST_MAX_GAP) {
		rc = lower_last_id(ost, seq, want - OST_MAX_PRECREATE / 2);
		if (rc)
			return rc;
	}
	rc = create_upto(ost, seq, want);
	target_stat_op(req, OST_STAT_CREATE);
	return rc ?: seq->last_id;
}

int ost_create(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ost *ost = ost_of(req);
	struct obdo *out;
	struct ost_seq *seq;
	struct lu_fid fid;
	u64 valid;
	u32 flags;
	s64 id;
	int rc;

	if (!oa)
		return -EPROTO;
	if (!ost_export(req->exp)->mds)
		return -EPERM;
	valid = le64_to_cpu(oa->o_valid);
	flags = valid & OBD_MD_FLFLAGS ? le32_to_cpu(oa->o_flags) : 0;
	ost_id_to_fid(&oa->o_oi, ost->tgt->index, &fid);
	if (!fid_is_idif(&fid) && fid.f_seq < FID_SEQ_NORMAL)
		return -EPROTO;
	if (flags & OBD_FL_RECREATE_OBJS)
		return -EINVAL;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	seq = seq_find(ost, &fid, true);
	if (IS_ERR(seq))
		return PTR_ERR(seq);
	mutex_lock(&seq->lock);
	if (flags & OBD_FL_DELORPHAN)
		id = orphan_cleanup(req, seq, fid_id(&fid));
	else
		id = precreate(req, seq, fid_id(&fid));
	mutex_unlock(&seq->lock);
	/* an MDT asserts that creating has no number of its own */
	req->transno = 0;
	if (id < 0)
		return id;
	out = rpc_field(&req->rp, RF_OST_BODY);
	id_fid(seq, id, &fid);
	fid_to_ost_id(&fid, &out->o_oi);
	out->o_valid = cpu_to_le64(OBD_MD_FLID | OBD_MD_FLGROUP);
	return 0;
}

int ost_destroy(struct rpc_svcreq *req)
{
	const struct obdo *oa = rpc_field(&req->rq, RF_OST_BODY);
	struct ost *ost = ost_of(req);
	struct obdo *out;
	struct lu_fid fid;
	u32 count = 1;
	int rc, result = 0;

	if (!oa)
		return -EPROTO;
	ost_id_to_fid(&oa->o_oi, ost->tgt->index, &fid);
	if (!fid_is_sane(&fid) || !fid_id(&fid))
		return -EPROTO;
	if (le64_to_cpu(oa->o_valid) & OBD_MD_FLOBJCOUNT)
		count = le32_to_cpu(oa->o_misc);
	if (!count || count > OST_MAX_PRECREATE || fid.f_oid + count < fid.f_oid)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	ldlm_srv_cancel_elc(req, 0);
	for (; count; count--, fid.f_oid++) {
		rc = destroy_object(req, &fid, true);
		result = result ?: rc;
		if (rc && rc != -ENOENT)
			break;
	}
	if (result)
		req->transno = 0;
	out = rpc_field(&req->rp, RF_OST_BODY);
	fid_to_ost_id(&fid, &out->o_oi);
	target_stat_op(req, OST_STAT_DESTROY);
	return result;
}

static int get_last_fid(struct rpc_svcreq *req)
{
	const struct wire_fid *in;
	struct ost *ost = ost_of(req);
	struct wire_fid *out;
	struct ost_seq *seq;
	struct lu_fid fid;
	u64 last = 0;
	int rc;

	rpc_svc_set_format(req, &RQF_OST_GET_INFO_LAST_FID);
	in = rpc_field(&req->rq, RF_FID);
	if (!in)
		return -EPROTO;
	fid.f_seq = le64_to_cpu(in->f_seq);
	fid.f_oid = le32_to_cpu(in->f_oid);
	fid.f_ver = 0;
	if (!fid_is_idif(&fid) && fid.f_seq < FID_SEQ_NORMAL)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	seq = seq_find(ost, &fid, false);
	if (!IS_ERR(seq)) {
		mutex_lock(&seq->lock);
		last = seq->last_id;
		mutex_unlock(&seq->lock);
		id_fid(seq, last, &fid);
	}
	out = rpc_field(&req->rp, RF_FID);
	out->f_seq = cpu_to_le64(fid.f_seq);
	out->f_oid = cpu_to_le32((u32)last);
	out->f_ver = 0;
	return 0;
}

int ost_get_info(struct rpc_svcreq *req)
{
	const char *key = rpc_field(&req->rq, RF_KEY);
	u32 len = rpc_field_size(&req->rq, RF_KEY);

	target_stat_op(req, OST_STAT_GET_INFO);
	if (!key)
		return -EPROTO;
	if (len >= strlen(KEY_LAST_FID) && !memcmp(key, KEY_LAST_FID, strlen(KEY_LAST_FID)))
		return get_last_fid(req);
	return -EOPNOTSUPP;
}
