// SPDX-License-Identifier: GPL-2.0
/*
 * Connect data as text: what two nodes agreed on (chapter 02, section 10; chapter 07, 6.6 and 6.7).
 * And features turned off, so that a node is like one of another version.
 */
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include "kernel/rpc/internal.h"

/* Stock's names of the bits of both words, in order; NULL: nobody uses it */
static const char *const names[2][64] = { {
	"read_only", "lov_index", "connect_from_mds", "write_grant", "server_lock", "version",
	"request_portal", "acl", "xattr", "large_acl", NULL, "initial_transno",
	"inode_bit_locks", "barrier", "getattr_by_fid", "no_oh_for_devices", NULL, NULL,
	"max_byte_per_rpc", NULL, NULL, NULL, "early_lock_cancel", NULL,
	"adaptive_timeouts", "lru_resize", "mds_mds_connection", NULL, NULL, "alt_checksum_algorithm",
	"fid_is_enabled", "version_recovery", "pools", "grant_shrink", "skip_orphan", "large_ea",
	"full20", "layout_lock", "64bithash", "object_max_bytes", "imp_recov", "jobstats",
	"umask", "einprogress", "grant_param", NULL, "lvb_type", NULL,
	"lightweight_conn", "short_io", "pingless", "flock_deadlock", "disp_stripe", "open_by_fid",
	"lfsck", NULL, NULL, "multi_mod_rpcs", "dir_stripe", "subtree",
	NULL, "bulk_mbits", NULL, "second_flags",
}, {
	"file_secctx", "lockaheadv2", "dir_migrate", "sum_statfs", "overstriping", "flr",
	NULL, "lock_convert", "archive_id_array", "increasing_xid", "selinux_policy", "lsom",
	"pcc", "crush", "async_discard", "client_encryption", NULL, "getattr_pfid",
	"lseek", "dom_lvb", "reply_mbits", NULL, "batch_rpc", "pccro",
	NULL, NULL, "atomic_open_lock", "name_encryption",
} };

static void show_names(struct seq_file *m, u64 flags, const char *const *name, bool *first)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		if (!(flags & BIT_ULL(i)))
			continue;
		seq_puts(m, *first ? " " : ", ");
		if (name[i])
			seq_puts(m, name[i]);
		else
			seq_printf(m, "bit_%u", i);
		*first = false;
	}
}

/**
 * rpc_connect_data_show() - connect_flags and connect_data of an import or export
 * @m: gets YAML, indented by 4
 * @ocd: what was granted
 *
 * Context: any.
 */
void rpc_connect_data_show(struct seq_file *m, const struct obd_connect_data *ocd)
{
	u64 flags = le64_to_cpu(ocd->ocd_connect_flags);
	u64 flags2 = flags & OBD_CONNECT_FLAGS2 ? le64_to_cpu(ocd->ocd_connect_flags2) : 0;
	u32 version = le32_to_cpu(ocd->ocd_version);
	bool first = true;

	seq_puts(m, "    connect_flags: [");
	show_names(m, flags, names[0], &first);
	show_names(m, flags2, names[1], &first);
	seq_printf(m, " ]\n    connect_data:\n       flags: 0x%llx\n", flags);
	if (flags2)
		seq_printf(m, "       flags2: 0x%llx\n", flags2);
	seq_printf(m, "       instance: %u\n", le32_to_cpu(ocd->ocd_instance));
	if (flags & OBD_CONNECT_VERSION)
		seq_printf(m, "       target_version: %u.%u.%u.%u\n", version >> 24, version >> 16 & 0xff,
			   version >> 8 & 0xff, version & 0xff);
	if (flags & OBD_CONNECT_GRANT)
		seq_printf(m, "       initial_grant: %u\n", le32_to_cpu(ocd->ocd_grant));
	if (flags & OBD_CONNECT_INDEX)
		seq_printf(m, "       target_index: %u\n", le32_to_cpu(ocd->ocd_index));
	if (flags & OBD_CONNECT_BRW_SIZE)
		seq_printf(m, "       max_brw_size: %u\n", le32_to_cpu(ocd->ocd_brw_size));
	if (flags & OBD_CONNECT_IBITS)
		seq_printf(m, "       ibits_known: 0x%llx\n", le64_to_cpu(ocd->ocd_ibits_known));
	if (flags & OBD_CONNECT_GRANT_PARAM)
		seq_printf(m, "       grant_block_size: %u\n       grant_inode_size: %u\n"
			   "       grant_max_extent_size: %u\n       grant_extent_tax: %u\n",
			   1 << (ocd->ocd_grant_blkbits & 31), 1 << (ocd->ocd_grant_inobits & 31),
			   le32_to_cpu(ocd->ocd_grant_max_blks) << (ocd->ocd_grant_blkbits & 31),
			   le16_to_cpu(ocd->ocd_grant_tax_kb) << 10);
	if (flags & OBD_CONNECT_CKSUM)
		seq_printf(m, "       cksum_types: 0x%x\n", le32_to_cpu(ocd->ocd_cksum_types));
	if (flags & OBD_CONNECT_MAX_EASIZE)
		seq_printf(m, "       max_easize: %u\n", le32_to_cpu(ocd->ocd_max_easize));
	if (flags & OBD_CONNECT_MAXBYTES)
		seq_printf(m, "       max_object_bytes: %llu\n", le64_to_cpu(ocd->ocd_maxbytes));
	if (flags & OBD_CONNECT_MULTIMODRPCS)
		seq_printf(m, "       max_mod_rpcs: %u\n", le16_to_cpu(ocd->ocd_maxmodrpcs));
}
EXPORT_SYMBOL_GPL(rpc_connect_data_show);

static unsigned long long flags_off, flags2_off;
module_param_named(connect_flags_off, flags_off, ullong, 0644);
MODULE_PARM_DESC(connect_flags_off, "connect flags that this node neither asks for nor grants");
module_param_named(connect_flags2_off, flags2_off, ullong, 0644);
MODULE_PARM_DESC(connect_flags2_off, "the same of the second word");

/* rpc_connect_mask() - take out of connect data what is turned off on this node */
void rpc_connect_mask(struct obd_connect_data *ocd)
{
	ocd->ocd_connect_flags &= ~cpu_to_le64(READ_ONCE(flags_off));
	ocd->ocd_connect_flags2 &= ~cpu_to_le64(READ_ONCE(flags2_off));
	if (!(ocd->ocd_connect_flags & cpu_to_le64(OBD_CONNECT_FLAGS2)))
		ocd->ocd_connect_flags2 = 0;
}
