// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of operations by opcode, kept per import and per service, and their text
 * as stock nodes print it (chapter 07, 6.1: count, unit, min, max, sum, sum of squares).
 */
#include <linux/seq_file.h>
#include "kernel/config/config.h"
#include "kernel/rpc/internal.h"
#include "wire/ldlm.h"
#include "wire/md.h"

void rpc_stats_init(struct rpc_stats *st)
{
	unsigned int i;

	spin_lock_init(&st->lock);
	st->start = ktime_get_real();
	/* these come first, whenever they are first counted */
	for (st->nr = 0; st->nr <= RPC_STAT_WRITE_BYTES - RPC_STAT_FIRST; st->nr++)
		st->op[st->nr] = (struct rpc_op_stat){ .opc = RPC_STAT_FIRST + st->nr };
	for (i = st->nr; i < RPC_STATS_SLOTS; i++)
		st->op[i] = (struct rpc_op_stat){};
}

/* rpc_stats_clear() - forget what was counted */
void rpc_stats_clear(struct rpc_stats *st)
{
	unsigned int i;

	spin_lock_bh(&st->lock);
	for (i = 0; i < st->nr; i++)
		st->op[i] = (struct rpc_op_stat){ .opc = st->op[i].opc };
	st->start = ktime_get_real();
	spin_unlock_bh(&st->lock);
}

/*
 * rpc_stats_add() - one operation took @value microseconds, or one RPC_STAT_* was @value;
 * opcodes beyond the table are not counted
 */
void rpc_stats_add(struct rpc_stats *st, u32 opc, s64 value)
{
	struct rpc_op_stat *op;
	u64 t = max_t(s64, value, 0);
	unsigned int i;

	spin_lock_bh(&st->lock);
	for (i = 0; i < st->nr && st->op[i].opc != opc; i++)
		;
	op = &st->op[i];
	if (i == st->nr) {
		if (i == RPC_STATS_SLOTS)
			goto out;
		st->nr++;
		op->opc = opc;
	}
	if (!op->count++)
		op->min = t;
	op->sum += t;
	op->sumsq += t * t;
	op->min = min(op->min, t);
	op->max = max(op->max, t);
out:
	spin_unlock_bh(&st->lock);
}

static const struct {
	u32		opc;
	const char	*name;
	const char	*unit;		/* NULL: usecs */
} opc_names[] = {
	{ RPC_STAT_WAITTIME, "req_waittime" }, { RPC_STAT_QDEPTH, "req_qdepth", "reqs" },
	{ RPC_STAT_ACTIVE, "req_active", "reqs" }, { RPC_STAT_TIMEOUT, "req_timeout", "secs" },
	{ RPC_STAT_BUFFERS, "reqbuf_avail", "bufs" },
	{ RPC_STAT_READ_BYTES, "read_bytes", "bytes" }, { RPC_STAT_WRITE_BYTES, "write_bytes", "bytes" },
	{ RPC_STAT_ENQUEUE + LDLM_PLAIN, "ldlm_plain_enqueue" },
	{ RPC_STAT_ENQUEUE + LDLM_EXTENT, "ldlm_extent_enqueue" },
	{ RPC_STAT_ENQUEUE + LDLM_FLOCK, "ldlm_flock_enqueue" },
	{ RPC_STAT_ENQUEUE + LDLM_IBITS, "ldlm_ibits_enqueue" },
	{ RPC_STAT_GLIMPSE, "ldlm_glimpse_enqueue" },
	{ RPC_STAT_REINT + REINT_SETATTR, "mds_reint_setattr" },
	{ RPC_STAT_REINT + REINT_CREATE, "mds_reint_create" },
	{ RPC_STAT_REINT + REINT_LINK, "mds_reint_link" },
	{ RPC_STAT_REINT + REINT_UNLINK, "mds_reint_unlink" },
	{ RPC_STAT_REINT + REINT_RENAME, "mds_reint_rename" },
	{ RPC_STAT_REINT + REINT_OPEN, "mds_reint_open" },
	{ RPC_STAT_REINT + REINT_SETXATTR, "mds_reint_setxattr" },
	{ OST_GETATTR, "ost_getattr" }, { OST_SETATTR, "ost_setattr" },
	{ OST_READ, "ost_read" }, { OST_WRITE, "ost_write" },
	{ OST_CREATE, "ost_create" }, { OST_DESTROY, "ost_destroy" },
	{ OST_GET_INFO, "ost_get_info" }, { OST_CONNECT, "ost_connect" },
	{ OST_DISCONNECT, "ost_disconnect" }, { OST_PUNCH, "ost_punch" },
	{ OST_STATFS, "ost_statfs" }, { OST_SYNC, "ost_sync" },
	{ OST_SET_INFO, "ost_set_info" }, { OST_QUOTACTL, "ost_quotactl" },
	{ OST_LADVISE, "ost_ladvise" }, { OST_FALLOCATE, "ost_fallocate" },
	{ OST_SEEK, "ost_seek" },
	{ MDS_GETATTR, "mds_getattr" }, { MDS_GETATTR_NAME, "mds_getattr_lock" },
	{ MDS_CLOSE, "mds_close" }, { MDS_REINT, "mds_reint" },
	{ MDS_READPAGE, "mds_readpage" }, { MDS_CONNECT, "mds_connect" },
	{ MDS_DISCONNECT, "mds_disconnect" }, { MDS_GET_ROOT, "mds_get_root" },
	{ MDS_STATFS, "mds_statfs" }, { MDS_SYNC, "mds_sync" },
	{ MDS_SET_INFO, "mds_set_info" }, { MDS_QUOTACTL, "mds_quotactl" },
	{ MDS_GETXATTR, "mds_getxattr" }, { MDS_GET_INFO, "mds_get_info" },
	{ MDS_HSM_STATE_GET, "mds_hsm_state_get" }, { MDS_HSM_STATE_SET, "mds_hsm_state_set" },
	{ MDS_HSM_ACTION, "mds_hsm_action" }, { MDS_HSM_PROGRESS, "mds_hsm_progress" },
	{ MDS_HSM_REQUEST, "mds_hsm_request" }, { MDS_HSM_CT_REGISTER, "mds_hsm_ct_register" },
	{ MDS_HSM_CT_UNREGISTER, "mds_hsm_ct_unregister" },
	{ MDS_SWAP_LAYOUTS, "mds_swap_layouts" }, { MDS_RMFID, "mds_rmfid" },
	{ LDLM_ENQUEUE, "ldlm_enqueue" }, { LDLM_CONVERT, "ldlm_convert" },
	{ LDLM_CANCEL, "ldlm_cancel" }, { LDLM_BL_CALLBACK, "ldlm_bl_callback" },
	{ LDLM_CP_CALLBACK, "ldlm_cp_callback" }, { LDLM_GL_CALLBACK, "ldlm_gl_callback" },
	{ LDLM_SET_INFO, "ldlm_set_info" },
	{ MGS_CONNECT, "mgs_connect" }, { MGS_DISCONNECT, "mgs_disconnect" },
	{ MGS_TARGET_REG, "mgs_target_reg" }, { MGS_SET_INFO, "mgs_set_info" },
	{ MGS_CONFIG_READ, "mgs_config_read" },
	{ OBD_PING, "obd_ping" }, { OBD_IDX_READ, "dt_index_read" },
	{ LLOG_ORIGIN_HANDLE_CREATE, "llog_origin_handle_open" },
	{ LLOG_ORIGIN_HANDLE_NEXT_BLOCK, "llog_origin_handle_next_block" },
	{ LLOG_ORIGIN_HANDLE_READ_HEADER, "llog_origin_handle_read_header" },
	{ LLOG_ORIGIN_HANDLE_PREV_BLOCK, "llog_origin_handle_prev_block" },
	{ QUOTA_DQACQ, "quota_acquire" }, { SEQ_QUERY, "seq_query" },
	{ FLD_QUERY, "fld_query" }, { FLD_READ, "fld_read" }, { OUT_UPDATE, "out_update" },
};

/*
 * rpc_stats_opc() - what a request is counted as: enqueues by the type of lock, reints by
 * what they do, the rest by opcode
 */
u32 rpc_stats_opc(const struct rpc_msg *rq, u32 opc)
{
	const struct ldlm_request *dlm;
	const __le32 *reint;
	u32 type;

	if (opc == LDLM_ENQUEUE && (dlm = rpc_field(rq, RF_DLM_REQ))) {
		type = le32_to_cpu(dlm->lock_desc.l_resource.lr_type);
		if (type == LDLM_EXTENT && le32_to_cpu(dlm->lock_flags) & LDLM_FL_HAS_INTENT)
			return RPC_STAT_GLIMPSE;
		if (type >= LDLM_PLAIN && type <= LDLM_IBITS)
			return RPC_STAT_ENQUEUE + type;
	} else if (opc == MDS_REINT && (reint = rpc_field(rq, RF_REC_REINT))) {
		type = le32_to_cpu(*reint);
		if (type >= REINT_SETATTR && type <= REINT_SETXATTR)
			return RPC_STAT_REINT + type;
	}
	return opc;
}

/* rpc_stats_average() - 0 without samples */
u64 rpc_stats_average(struct rpc_stats *st, u32 opc)
{
	u64 average = 0;
	unsigned int i;

	spin_lock_bh(&st->lock);
	for (i = 0; i < st->nr; i++)
		if (st->op[i].opc == opc && st->op[i].count)
			average = div64_u64(st->op[i].sum, st->op[i].count);
	spin_unlock_bh(&st->lock);
	return average;
}

static int opc_find(u32 opc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opc_names); i++)
		if (opc_names[i].opc == opc)
			return i;
	return -ENOENT;
}

/* rpc_opc_name() - stock's name of an opcode in statistics */
const char *rpc_opc_name(u32 opc)
{
	int i = opc_find(opc);

	return i < 0 ? "unknown" : opc_names[i].name;
}
EXPORT_SYMBOL_GPL(rpc_opc_name);

/* rpc_stats_print() - Context: may sleep */
void rpc_stats_print(struct rpc_stats *st, struct seq_file *m)
{
	unsigned int i, nr;

	stats_show_times(m, st->start, false, 0);
	spin_lock_bh(&st->lock);
	nr = st->nr;
	spin_unlock_bh(&st->lock);
	for (i = 0; i < nr; i++) {
		struct rpc_op_stat op;
		int k;

		spin_lock_bh(&st->lock);
		op = st->op[i];
		spin_unlock_bh(&st->lock);
		if (!op.count)
			continue;
		k = opc_find(op.opc);
		seq_printf(m, "%-25s %llu samples [%s] %llu %llu %llu %llu\n", rpc_opc_name(op.opc),
			   op.count, k >= 0 && opc_names[k].unit ? opc_names[k].unit : "usecs",
			   op.min, op.max, op.sum, op.sumsq);
	}
}
