// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of operations by opcode, kept per import and per service, and their text
 * as stock nodes print it (count, unit, min, max, sum, sum of squares).
 */
#include <linux/seq_file.h>
#include "kernel/rpc/internal.h"

void rpc_stats_init(struct rpc_stats *st)
{
	spin_lock_init(&st->lock);
	st->start = ktime_get_real_seconds();
	st->nr = 0;
}

/* rpc_stats_add() - one operation took @us microseconds; opcodes beyond the table are not counted */
void rpc_stats_add(struct rpc_stats *st, u32 opc, s64 us)
{
	struct rpc_op_stat *op;
	u64 t = max_t(s64, us, 0);
	unsigned int i;

	spin_lock_bh(&st->lock);
	for (i = 0; i < st->nr && st->op[i].opc != opc; i++)
		;
	op = &st->op[i];
	if (i == st->nr) {
		if (i == RPC_STATS_SLOTS)
			goto out;
		st->nr++;
		*op = (struct rpc_op_stat){ .opc = opc, .min = t };
	}
	op->count++;
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
} opc_names[] = {
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

/* rpc_opc_name() - stock's name of an opcode in statistics */
const char *rpc_opc_name(u32 opc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opc_names); i++)
		if (opc_names[i].opc == opc)
			return opc_names[i].name;
	return "unknown";
}
EXPORT_SYMBOL_GPL(rpc_opc_name);

/* rpc_stats_print() - Context: may sleep */
void rpc_stats_print(struct rpc_stats *st, struct seq_file *m)
{
	struct timespec64 now;
	unsigned int i, nr;

	ktime_get_real_ts64(&now);
	seq_printf(m, "%-25s %lld.%09ld secs.nsecs\n", "snapshot_time", now.tv_sec, now.tv_nsec);
	spin_lock_bh(&st->lock);
	nr = st->nr;
	spin_unlock_bh(&st->lock);
	for (i = 0; i < nr; i++) {
		struct rpc_op_stat op;

		spin_lock_bh(&st->lock);
		op = st->op[i];
		spin_unlock_bh(&st->lock);
		seq_printf(m, "%-25s %llu samples [usecs] %llu %llu %llu %llu\n",
			   rpc_opc_name(op.opc), op.count, op.min, op.max, op.sum, op.sumsq);
	}
}
