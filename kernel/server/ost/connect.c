// SPDX-License-Identifier: GPL-2.0
/*
 * What an OST and a client agree on (chapter 05, B17; chapter 02, section 10).
 */
#include "kernel/rpc/cksum.h"
#include "ost.h"

#define OST_FLAGS \
	(OBD_CONNECT_INDEX | OBD_CONNECT_MDS | OBD_CONNECT_GRANT | \
	 OBD_CONNECT_SRVLOCK | OBD_CONNECT_VERSION | OBD_CONNECT_REQPORTAL | OBD_CONNECT_BRW_SIZE | \
	 OBD_CONNECT_CANCELSET | OBD_CONNECT_AT | OBD_CONNECT_CKSUM | \
	 OBD_CONNECT_FID | OBD_CONNECT_VBR | OBD_CONNECT_GRANT_SHRINK | OBD_CONNECT_SKIP_ORPHAN | \
	 OBD_CONNECT_MAX_EASIZE | OBD_CONNECT_FULL20 | OBD_CONNECT_LAYOUTLOCK | OBD_CONNECT_64BITHASH | \
	 OBD_CONNECT_MAXBYTES | OBD_CONNECT_JOBSTATS | OBD_CONNECT_EINPROGRESS | \
	 OBD_CONNECT_GRANT_PARAM | OBD_CONNECT_LVB_TYPE | OBD_CONNECT_LIGHTWEIGHT | \
	 OBD_CONNECT_SHORTIO | OBD_CONNECT_LFSCK | OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2)
#define OST_FLAGS2 \
	(OBD_CONNECT2_INC_XID | OBD_CONNECT2_LSEEK | OBD_CONNECT2_REP_MBITS)

#define OST_MAXBYTES	0xffffffff000ULL	/* ext4 with 4 KiB blocks */

int ost_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	struct target *tgt = exp->tgt->private;
	struct ost *ost = tgt->private;
	u64 flags = le64_to_cpu(ocd->ocd_connect_flags) & OST_FLAGS;
	u64 flags2 = 0;
	u32 size, types;

	if ((flags & OBD_CONNECT_SKIP_ORPHAN) && !(flags & OBD_CONNECT_MDS))
		return -EPROTO;
	if ((flags & OBD_CONNECT_INDEX) && le32_to_cpu(ocd->ocd_index) != tgt->index)
		return -EBADF;
	if (flags & OBD_CONNECT_FLAGS2)
		flags2 = le64_to_cpu(ocd->ocd_connect_flags2) & OST_FLAGS2;
	if (flags & OBD_CONNECT_BRW_SIZE) {
		size = min(le32_to_cpu(ocd->ocd_brw_size), OST_BRW_SIZE);
		/* bulks are counted in MiB, in powers of two */
		if (size < LNET_MTU)
			return -EPROTO;
		ocd->ocd_brw_size = cpu_to_le32(rounddown_pow_of_two(size));
	}
	if (flags & OBD_CONNECT_CKSUM) {
		types = le32_to_cpu(ocd->ocd_cksum_types) & BULK_CKSUM_TYPES;
		if (!types)
			return -EPROTO;
		ocd->ocd_cksum_types = cpu_to_le32(types);
	}
	if (flags & OBD_CONNECT_MAXBYTES)
		ocd->ocd_maxbytes = cpu_to_le64(OST_MAXBYTES);
	ocd->ocd_connect_flags = cpu_to_le64(flags);
	ocd->ocd_connect_flags2 = cpu_to_le64(flags2);
	ocd->ocd_version = cpu_to_le32(LUSTRE_VERSION_CODE);
	ocd->ocd_instance = cpu_to_le32(tgt->instance);
	ost_export(exp)->mds = flags & OBD_CONNECT_MDS;
	data_grant_connect(&ost->data, exp, ocd, &flags, reconnect);
	ocd->ocd_connect_flags = cpu_to_le64(flags);
	return 0;
}

void ost_disconnect(struct rpc_export *exp)
{
	struct target *tgt = exp->tgt->private;
	struct ost *ost = tgt->private;

	data_grant_discard(&ost->data, data_export(exp));
}
