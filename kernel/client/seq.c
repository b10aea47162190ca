// SPDX-License-Identifier: GPL-2.0
/*
 * FIDs for new objects: one sequence at a time from the MDT (chapter 02, 13.3). A sequence lasts
 * for SEQ_CLIENT_OIDS objects, so that this costs no round trip for nearly all creates.
 */
#include "kernel/client/mdc.h"

/* SEQ_QUERY: 1 RPC */
static int seq_query(struct cl_fs *fs, u64 *seq)
{
	struct lu_seq_range *range;
	struct rpc_request *req;
	__le32 *opc;
	int rc;

	req = rpc_request_alloc(fs->mdc->imp, &RQF_SEQ_QUERY);
	if (!req)
		return -ENOMEM;
	req->req_portal = SEQ_METADATA_PORTAL;
	rc = rpc_request_pack(req);
	if (rc)
		goto out;
	opc = rpc_field(&req->rq, RF_SEQ_OPC);
	*opc = cpu_to_le32(SEQ_ALLOC_META);
	range = rpc_field(&req->rq, RF_SEQ_RANGE);
	range->lsr_index = cpu_to_le32(fs->mdc->index);
	range->lsr_flags = cpu_to_le32(LU_SEQ_RANGE_MDT);
	rc = cl_mdc_call(fs->mdc, req);
	if (rc)
		goto out;
	range = rpc_field(&req->rp, RF_SEQ_RANGE);
	if (!range) {
		rc = -EPROTO;
		goto out;
	}
	*seq = le64_to_cpu(range->lsr_start);
	if (*seq < FID_SEQ_NORMAL || *seq >= le64_to_cpu(range->lsr_end))
		rc = -EPROTO;
out:
	rpc_request_put(req);
	return rc;
}

int cl_fid_alloc(struct cl_fs *fs, struct lu_fid *fid)
{
	u64 seq;
	int rc = 0;

	mutex_lock(&fs->seq_lock);
	if (!fs->fids_left) {
		rc = seq_query(fs, &seq);
		if (!rc) {
			fs->next_fid = (struct lu_fid) { .f_seq = seq, .f_oid = 1 };
			fs->fids_left = SEQ_CLIENT_OIDS;
		}
	}
	if (!rc) {
		*fid = fs->next_fid;
		fs->next_fid.f_oid++;
		fs->fids_left--;
	}
	mutex_unlock(&fs->seq_lock);
	return rc;
}
