// SPDX-License-Identifier: GPL-2.0
/*
 * Connects and disconnects of clients (chapter 02, 10 and 11): what is granted of what they ask
 * for; what goes with them.
 */
#include "mdt.h"

/* What an MDT of ours does, of chapter 02, section 10 */
#define MDT_CONNECT_FLAGS \
	(OBD_CONNECT_RDONLY | OBD_CONNECT_VERSION | OBD_CONNECT_ACL | OBD_CONNECT_XATTR | \
	 OBD_CONNECT_LARGE_ACL | OBD_CONNECT_IBITS | OBD_CONNECT_ATTRFID | OBD_CONNECT_NODEVOH | \
	 OBD_CONNECT_BRW_SIZE | OBD_CONNECT_CANCELSET | OBD_CONNECT_AT | OBD_CONNECT_MDS_MDS | \
	 OBD_CONNECT_CKSUM | OBD_CONNECT_FID | OBD_CONNECT_VBR | OBD_CONNECT_LOV_V3 | \
	 OBD_CONNECT_MAX_EASIZE | OBD_CONNECT_FULL20 | OBD_CONNECT_LAYOUTLOCK | \
	 OBD_CONNECT_64BITHASH | OBD_CONNECT_JOBSTATS | OBD_CONNECT_UMASK | OBD_CONNECT_EINPROGRESS | \
	 OBD_CONNECT_LVB_TYPE | OBD_CONNECT_LIGHTWEIGHT | OBD_CONNECT_FLOCK_DEAD | \
	 OBD_CONNECT_DISP_STRIPE | OBD_CONNECT_OPEN_BY_FID | OBD_CONNECT_MULTIMODRPCS | \
	 OBD_CONNECT_SUBTREE | OBD_CONNECT_BULK_MBITS | OBD_CONNECT_FLAGS2 | \
	 OBD_CONNECT_GRANT | OBD_CONNECT_GRANT_PARAM | OBD_CONNECT_GRANT_SHRINK | \
	 OBD_CONNECT_SRVLOCK | OBD_CONNECT_SHORTIO)

#define MDT_CONNECT_FLAGS2 \
	(OBD_CONNECT2_SUM_STATFS | OBD_CONNECT2_LOCK_CONVERT | OBD_CONNECT2_INC_XID | \
	 OBD_CONNECT2_LSOM | OBD_CONNECT2_GETATTR_PFID | OBD_CONNECT2_REP_MBITS | \
	 OBD_CONNECT2_ATOMIC_OPEN_LOCK | OBD_CONNECT2_LSEEK | OBD_CONNECT2_DOM_LVB)

#define MDT_CKSUM_TYPES	(OBD_CKSUM_ADLER | OBD_CKSUM_CRC32 | OBD_CKSUM_CRC32C)

int mdt_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	struct target *tgt = exp->tgt->private;
	struct mdt_export *me = mdt_export(exp);
	struct mdt *mdt = tgt->private;
	u64 asked = le64_to_cpu(ocd->ocd_connect_flags), flags = asked & MDT_CONNECT_FLAGS;
	u32 brw = le32_to_cpu(ocd->ocd_brw_size);
	struct obd_connect_data reply = { 0 };

	if (!me->opens.next) {
		spin_lock_init(&me->open_lock);
		INIT_LIST_HEAD(&me->opens);
	}
	if (!(flags & OBD_CONNECT_FID))
		return -EBADE;
	if ((flags & OBD_CONNECT_BRW_SIZE) && !brw)
		return -EPROTO;
	if (flags & OBD_CONNECT_CKSUM) {
		u32 types = le32_to_cpu(ocd->ocd_cksum_types) & MDT_CKSUM_TYPES;

		if (!types)
			return -EPROTO;
		reply.ocd_cksum_types = cpu_to_le32(types);
	}
	reply.ocd_grant = ocd->ocd_grant;
	data_grant_connect(&mdt->data, exp, &reply, &flags, reconnect);
	reply.ocd_connect_flags = cpu_to_le64(flags);
	reply.ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	if (flags & OBD_CONNECT_BRW_SIZE)
		reply.ocd_brw_size = cpu_to_le32(min(brw, MDT_BRW_SIZE));
	if (flags & OBD_CONNECT_IBITS)
		reply.ocd_ibits_known = cpu_to_le64(le64_to_cpu(ocd->ocd_ibits_known) & MDS_INODELOCK_FULL);
	if (flags & OBD_CONNECT_MAX_EASIZE)
		reply.ocd_max_easize = cpu_to_le32(MDT_MAX_EASIZE);
	if (flags & OBD_CONNECT_MULTIMODRPCS)
		reply.ocd_maxmodrpcs = cpu_to_le16(MDT_MAX_MODRPCS);
	if (flags & OBD_CONNECT_FLAGS2)
		reply.ocd_connect_flags2 =
			cpu_to_le64(le64_to_cpu(ocd->ocd_connect_flags2) & MDT_CONNECT_FLAGS2);
	reply.ocd_instance = cpu_to_le32(tgt->instance);
	*ocd = reply;
	return 0;
}

void mdt_disconnect(struct rpc_export *exp)
{
	struct target *tgt = exp->tgt->private;
	struct mdt_export *me = mdt_export(exp);
	struct mdt *mdt = tgt->private;

	if (me->opens.next)
		mdt_export_close_all(mdt, exp);
	data_grant_discard(&mdt->data, &me->de);
}
