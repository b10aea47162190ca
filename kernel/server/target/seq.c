// SPDX-License-Identifier: GPL-2.0
/*
 * FID sequences: a server gives clients one sequence at a time out of its super range, MDT0 gives
 * servers super ranges and remembers whose they are (SEQ_QUERY, FLD_*; chapter 02, 13.3 and 13.4).
 */
#include <linux/slab.h>
#include "internal.h"

#define SEQ_RESERVE		1000	/* meta sequences marked as used at a time */
#define SEQ_SPACE_END		0xffffffffffffULL
#define FLD_MAX			4096	/* super ranges */
#define FLD_MAX_OF_TARGET	64	/* of them: a target asks for another after a thousand million sequences */

/*
 * struct seq_disk - "seq_srv" at offset 0
 * @next, @end: rest of our super range; sequences before @next may have been handed out
 * @ctl_next: MDT0: start of the next super range
 * @fld_nr: number of entries that follow at FLD_POS
 */
struct seq_disk {
	__le64	next;
	__le64	end;
	__le64	ctl_next;
	__le64	fld_nr;
};

#define FLD_POS		64
static u64 fld_pos(u64 i)
{
	return FLD_POS + i * sizeof(struct lu_seq_range);
}

static bool is_controller(const struct target *tgt)
{
	return tgt->rpc.connect_op == MDS_CONNECT && tgt->index == 0;
}

/* seq_lock held: write what is in memory, and one FLD entry, in one synchronous transaction. */
static int seqs_write(struct target *tgt, const struct seq_disk *d, const struct lu_seq_range *fld, u64 fld_idx)
{
	struct target_store *st = tgt->store;
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(tgt->dev);
	int rc, rc2;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_rec_write(tx, st->seq_file, 0, sizeof(*d));
	if (!rc && fld)
		rc = ldiskfs_declare_rec_write(tx, st->seq_file, fld_pos(fld_idx), sizeof(*fld));
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	rc = ldiskfs_rec_write(tx, st->seq_file, 0, d, sizeof(*d));
	if (!rc && fld)
		rc = ldiskfs_rec_write(tx, st->seq_file, fld_pos(fld_idx), fld, sizeof(*fld));
	rc2 = ldiskfs_tx_stop(tx, true);
	return rc ?: rc2;
}

int seqs_open(struct target *tgt)
{
	struct target_store *st = tgt->store;
	struct seq_disk d;
	int rc;

	st->seq_file = ldiskfs_rec_open(tgt->dev, "seq_srv", fld_pos(FLD_MAX));
	if (IS_ERR(st->seq_file)) {
		rc = PTR_ERR(st->seq_file);
		st->seq_file = NULL;
		return rc;
	}
	rc = ldiskfs_rec_read(st->seq_file, 0, &d, sizeof(d));
	if (rc)
		return rc;
	st->seq_next = st->seq_reserved = le64_to_cpu(d.next);
	st->seq_end = le64_to_cpu(d.end);
	return 0;
}

void seqs_close(struct target *tgt)
{
	struct target_store *st = tgt->store;

	if (st->seq_file)
		ldiskfs_rec_close(st->seq_file);
	st->seq_file = NULL;
}

/* seq_lock held. Has a target had its share of the @nr ranges? Return: 0, -ENOSPC, other errors */
static int seq_check_share(struct target *tgt, u32 index, u32 flags, u64 nr)
{
	struct lu_seq_range r;
	unsigned int had = 0;
	int rc = 0;
	u64 i;

	for (i = 0; i < nr && !rc; i++) {
		rc = ldiskfs_rec_read(tgt->store->seq_file, fld_pos(i), &r, sizeof(r));
		had += !rc && le32_to_cpu(r.lsr_index) == index && le32_to_cpu(r.lsr_flags) == flags;
	}
	return rc ?: had < FLD_MAX_OF_TARGET ? 0 : -ENOSPC;
}

/* seq_lock held. A new super range for a server, on disk before anyone hears of it. */
static int seq_give_super(struct target *tgt, u32 index, u32 flags, u64 *start, u64 *end)
{
	struct target_store *st = tgt->store;
	struct lu_seq_range r;
	struct seq_disk d;
	u64 next, nr;
	int rc;

	if (index > CFG_INDEX_MAX || (flags != LU_SEQ_RANGE_MDT && flags != LU_SEQ_RANGE_OST))
		return -EINVAL;
	rc = ldiskfs_rec_read(st->seq_file, 0, &d, sizeof(d));
	if (rc)
		return rc;
	next = le64_to_cpu(d.ctl_next) ?: FID_SEQ_NORMAL;
	nr = le64_to_cpu(d.fld_nr);
	if (nr >= FLD_MAX || next > SEQ_SPACE_END - SEQ_SUPER_WIDTH)
		return -ENOSPC;
	rc = seq_check_share(tgt, index, flags, nr);
	if (rc)
		return rc;
	*start = next;
	*end = next + SEQ_SUPER_WIDTH;
	r = (struct lu_seq_range){
		.lsr_start = cpu_to_le64(*start),
		.lsr_end = cpu_to_le64(*end),
		.lsr_index = cpu_to_le32(index),
		.lsr_flags = cpu_to_le32(flags),
	};
	d.ctl_next = cpu_to_le64(*end);
	d.fld_nr = cpu_to_le64(nr + 1);
	return seqs_write(tgt, &d, &r, nr);
}

/* Ask MDT0 over our LWP. */
static int seq_ask_super(struct target *tgt, u64 *start, u64 *end)
{
	struct rpc_import *imp = tgt->store->controller;
	const struct lu_seq_range *out;
	struct lu_seq_range *in;
	struct rpc_request *req;
	int rc;

	if (!imp || rpc_import_state(imp) != RPC_IMP_FULL)
		return -EINPROGRESS;
	req = rpc_request_alloc(imp, &RQF_SEQ_QUERY);
	if (!req)
		return -ENOMEM;
	req->req_portal = SEQ_CONTROLLER_PORTAL;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	*(__le32 *)rpc_field(&req->rq, RF_SEQ_OPC) = cpu_to_le32(SEQ_ALLOC_SUPER);
	in = rpc_field(&req->rq, RF_SEQ_RANGE);
	in->lsr_index = cpu_to_le32(tgt->index);
	in->lsr_flags = cpu_to_le32(tgt->rpc.connect_op == OST_CONNECT ? LU_SEQ_RANGE_OST : LU_SEQ_RANGE_MDT);
	rc = rpc_call(req);
	if (rc)
		goto out;
	out = rpc_field(&req->rp, RF_SEQ_RANGE);
	if (!out || le64_to_cpu(out->lsr_start) < FID_SEQ_NORMAL ||
	    le64_to_cpu(out->lsr_end) <= le64_to_cpu(out->lsr_start) ||
	    le64_to_cpu(out->lsr_end) > SEQ_SPACE_END) {
		rc = -EPROTO;
		goto out;
	}
	*start = le64_to_cpu(out->lsr_start);
	*end = le64_to_cpu(out->lsr_end);
out:
	rpc_request_put(req);
	return rc;
}

/* seq_lock held. One sequence out of our range; a new range when it is used up. */
static int seq_give_meta(struct target *tgt, u64 *seq)
{
	struct target_store *st = tgt->store;
	struct seq_disk d;
	u64 start, end;
	int rc;

	if (st->seq_next >= st->seq_end) {
		if (is_controller(tgt))
			rc = seq_give_super(tgt, 0, LU_SEQ_RANGE_MDT, &start, &end);
		else
			rc = seq_ask_super(tgt, &start, &end);
		if (rc)
			return rc;
		st->seq_next = st->seq_reserved = start;
		st->seq_end = end;
	}
	if (st->seq_next >= st->seq_reserved) {
		rc = ldiskfs_rec_read(st->seq_file, 0, &d, sizeof(d));
		if (rc)
			return rc;
		end = min(st->seq_next + SEQ_RESERVE, st->seq_end);
		d.next = cpu_to_le64(end);
		d.end = cpu_to_le64(st->seq_end);
		rc = seqs_write(tgt, &d, NULL, 0);
		if (rc)
			return rc;
		st->seq_reserved = end;
	}
	*seq = st->seq_next++;
	return 0;
}

int target_seq_alloc(struct target *tgt, u64 *seq)
{
	int rc;

	mutex_lock(&tgt->store->seq_lock);
	rc = seq_give_meta(tgt, seq);
	mutex_unlock(&tgt->store->seq_lock);
	return rc;
}
EXPORT_SYMBOL_GPL(target_seq_alloc);

int target_seq_query(struct rpc_svcreq *req)
{
	const __le32 *opc = rpc_field(&req->rq, RF_SEQ_OPC);
	const struct lu_seq_range *in = rpc_field(&req->rq, RF_SEQ_RANGE);
	struct target *tgt = target_of(req);
	struct lu_seq_range *out;
	u64 start, end;
	int rc;

	if (!opc || !in)
		return -EPROTO;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	mutex_lock(&tgt->store->seq_lock);
	switch (le32_to_cpu(*opc)) {
	case SEQ_ALLOC_SUPER:
		/* whole ranges are for servers: over their light-weight connections, or between MDTs */
		if (!is_controller(tgt))
			rc = -EOPNOTSUPP;
		else if (!(rpc_export_flags(req->exp) & (OBD_CONNECT_LIGHTWEIGHT | OBD_CONNECT_MDS_MDS)))
			rc = -EPERM;
		else
			rc = seq_give_super(tgt, le32_to_cpu(in->lsr_index), le32_to_cpu(in->lsr_flags),
					    &start, &end);
		break;
	case SEQ_ALLOC_META:
		rc = seq_give_meta(tgt, &start);
		end = start + 1;
		break;
	default:
		rc = -EINVAL;
	}
	mutex_unlock(&tgt->store->seq_lock);
	if (rc)
		return rc;
	out = rpc_field(&req->rp, RF_SEQ_RANGE);
	out->lsr_start = cpu_to_le64(start);
	out->lsr_end = cpu_to_le64(end);
	out->lsr_index = in->lsr_index;
	out->lsr_flags = in->lsr_flags;
	return 0;
}
EXPORT_SYMBOL_GPL(target_seq_query);

static int fld_find(struct target *tgt, u64 seq, u32 flags, struct lu_seq_range *r)
{
	struct target_store *st = tgt->store;
	struct seq_disk d;
	u64 i, nr;
	int rc;

	mutex_lock(&st->seq_lock);
	rc = ldiskfs_rec_read(st->seq_file, 0, &d, sizeof(d));
	nr = rc ? 0 : min_t(u64, le64_to_cpu(d.fld_nr), FLD_MAX);
	for (i = 0; i < nr; i++) {
		rc = ldiskfs_rec_read(st->seq_file, fld_pos(i), r, sizeof(*r));
		if (rc)
			break;
		if (seq >= le64_to_cpu(r->lsr_start) && seq < le64_to_cpu(r->lsr_end) &&
		    (flags == LU_SEQ_RANGE_ANY || flags == le32_to_cpu(r->lsr_flags)))
			break;
	}
	if (!rc && i == nr)
		rc = -ENOENT;
	mutex_unlock(&st->seq_lock);
	return rc;
}

int target_fld_query(struct rpc_svcreq *req)
{
	const __le32 *opc = rpc_field(&req->rq, RF_FLD_OPC);
	const struct lu_seq_range *in = rpc_field(&req->rq, RF_FLD_RANGE);
	struct lu_seq_range r;
	int rc;

	if (!opc || !in)
		return -EPROTO;
	if (le32_to_cpu(*opc) != FLD_LOOKUP)
		return -EINVAL;
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	rc = fld_find(target_of(req), le64_to_cpu(in->lsr_start), le32_to_cpu(in->lsr_flags), &r);
	if (!rc)
		memcpy(rpc_field(&req->rp, RF_FLD_RANGE), &r, sizeof(r));
	return rc;
}
EXPORT_SYMBOL_GPL(target_fld_query);

#define FLD_READ_SIZE	4096
#define FLD_READ_MAX	((FLD_READ_SIZE - 8) / sizeof(struct lu_seq_range))

/* target_fld_read() - the table from a sequence on: count, then ranges; -EAGAIN: more follow */
int target_fld_read(struct rpc_svcreq *req)
{
	const struct lu_seq_range *in = rpc_field(&req->rq, RF_FLD_RANGE);
	struct target *tgt = target_of(req);
	struct lu_seq_range *out, r;
	struct seq_disk d;
	u32 count = 0;
	__le32 *head;
	u64 i, nr;
	int rc;

	if (!in)
		return -EPROTO;
	rpc_set_size(&req->rp, RF_FLD_DATA, FLD_READ_SIZE);
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	head = rpc_field(&req->rp, RF_FLD_DATA);
	memset(head, 0, FLD_READ_SIZE);
	out = (struct lu_seq_range *)(head + 2);
	mutex_lock(&tgt->store->seq_lock);
	rc = ldiskfs_rec_read(tgt->store->seq_file, 0, &d, sizeof(d));
	nr = rc ? 0 : min_t(u64, le64_to_cpu(d.fld_nr), FLD_MAX);
	for (i = 0; i < nr && !rc; i++) {
		rc = ldiskfs_rec_read(tgt->store->seq_file, fld_pos(i), &r, sizeof(r));
		if (rc || le64_to_cpu(r.lsr_start) < le64_to_cpu(in->lsr_start) ||
		    r.lsr_index != in->lsr_index)
			continue;
		if (count == FLD_READ_MAX)
			rc = -EAGAIN;
		else
			out[count++] = r;
	}
	mutex_unlock(&tgt->store->seq_lock);
	head[0] = cpu_to_le32(count);
	return rc;
}
EXPORT_SYMBOL_GPL(target_fld_read);
