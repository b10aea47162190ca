// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: space promised to clients so that cached writes cannot fail (chapter 05, B11).
 */
#include <linux/statfs.h>
#include "data.h"

#define GRANT_MAX_UNDIRTY	0x6fffffffULL
#define GRANT_RESERVE_SHIFT	6	/* a 64th of the disk is never promised */

/* Bytes nobody was promised; -errno counts as nothing left. */
static u64 grant_left(struct data_target *dt)
{
	struct kstatfs st;
	u64 avail, promised;

	if (ldiskfs_statfs(dt->tgt->dev, &st))
		return 0;
	avail = st.f_bavail * st.f_bsize;
	avail -= min(avail, (st.f_blocks * st.f_bsize) >> GRANT_RESERVE_SHIFT);
	spin_lock(&dt->grant_lock);
	promised = dt->tot_granted + dt->tot_pending;
	spin_unlock(&dt->grant_lock);
	return avail > promised ? round_down(avail - promised, 1ULL << DATA_BLOCK_BITS) : 0;
}

/* What a client holds and has room for is counted in bulks of the largest size. */
static u64 grant_chunk(const struct data_target *dt)
{
	return 2ULL * (dt->brw_size + (DATA_TAX_KB << 10));
}

/*
 * (Re)connect: set what the client holds. @conservative: a client that already holds something gets no
 * more than it says. Return: the total that the client now has.
 */
static u64 grant_set(struct data_target *dt, struct data_export *de, u64 want, bool conservative)
{
	u64 left, grant;

	data_grant_discard(dt, de);
	left = grant_left(dt);
	grant = conservative ? want : min(want, grant_chunk(dt));
	grant = min(grant, left);
	spin_lock(&dt->grant_lock);
	de->granted = grant;
	dt->tot_granted += grant;
	spin_unlock(&dt->grant_lock);
	return grant;
}

void data_grant_connect(struct data_target *dt, struct rpc_export *exp, struct obd_connect_data *ocd,
			u64 *flags, bool reconnect)
{
	if (!(*flags & OBD_CONNECT_GRANT)) {
		ocd->ocd_grant = 0;
		return;
	}
	if (*flags & OBD_CONNECT_GRANT_PARAM) {
		ocd->ocd_grant_blkbits = DATA_BLOCK_BITS;
		ocd->ocd_grant_inobits = DATA_INODE_BITS;
		ocd->ocd_grant_tax_kb = cpu_to_le16(DATA_TAX_KB);
		ocd->ocd_grant_max_blks = cpu_to_le32(DATA_MAX_EXTENT_BLOCKS);
	}
	ocd->ocd_grant = cpu_to_le32(grant_set(dt, data_export(exp), le32_to_cpu(ocd->ocd_grant), reconnect));
}
EXPORT_SYMBOL_GPL(data_grant_connect);

void data_grant_discard(struct data_target *dt, struct data_export *de)
{
	spin_lock(&dt->grant_lock);
	dt->tot_granted -= de->granted;
	dt->tot_dirty -= de->dirty;
	de->granted = 0;
	de->dirty = 0;
	spin_unlock(&dt->grant_lock);
}
EXPORT_SYMBOL_GPL(data_grant_discard);

static bool grants_apply(struct rpc_svcreq *req, const struct obdo *oa)
{
	u64 valid = le64_to_cpu(oa->o_valid);

	return (rpc_export_flags(req->exp) & OBD_CONNECT_GRANT) &&
	       (valid & OBD_MD_FLGRANT) && (valid & OBD_MD_FLBLOCKS) && !req->resent && !req->replay;
}

bool data_grant_incoming(struct rpc_svcreq *req, const struct obdo *oa)
{
	struct data_export *de = data_export(req->exp);
	struct data_target *dt = data_of(req);
	u64 dropped, dirty;

	if (!grants_apply(req, oa))
		return false;
	dropped = le32_to_cpu(oa->o_dropped);
	dirty = min(le64_to_cpu(oa->o_dirty), GRANT_MAX_UNDIRTY);
	spin_lock(&dt->grant_lock);
	if (dropped <= de->granted) {
		de->granted -= dropped;
		dt->tot_granted -= dropped;
	}
	dt->tot_dirty -= de->dirty;
	de->dirty = dirty;
	dt->tot_dirty += dirty;
	spin_unlock(&dt->grant_lock);
	return true;
}

static u64 niobuf_need(const struct niobuf_remote *nb)
{
	u64 start = le64_to_cpu(nb->rnb_offset), end = start + le32_to_cpu(nb->rnb_len);
	u64 mask = (1ULL << DATA_BLOCK_BITS) - 1;

	return ((end + mask) & ~mask) - (start & ~mask) + (DATA_TAX_KB << 10);
}

/*
 * Bytes nobody was promised, if they are fewer than @need: after what was removed lately is free
 * for good. Not every time, or a full disk would be busy with commits.
 */
static u64 grant_left_for(struct data_target *dt, u64 need)
{
	unsigned long last = READ_ONCE(dt->space_sync);
	u64 left = grant_left(dt);

	if (left >= need || (last && time_before(jiffies, last + HZ)))
		return left;
	WRITE_ONCE(dt->space_sync, jiffies | 1);
	ldiskfs_sync(dt->tgt->dev);
	return grant_left(dt);
}

bool data_grant_fits(struct data_target *dt, u64 bytes)
{
	return grant_left_for(dt, bytes) >= bytes;
}
EXPORT_SYMBOL_GPL(data_grant_fits);

int data_grant_write(struct rpc_svcreq *req, const struct obdo *oa, const struct niobuf_remote *nb,
		     unsigned int nr, u64 *used)
{
	struct data_export *de = data_export(req->exp);
	struct data_target *dt = data_of(req);
	u64 need = 0, have, paid, left = 0;
	bool from_grant;
	unsigned int i;

	*used = 0;
	if (req->resent || req->replay)
		return 0;
	if (data_grant_incoming(req, oa) && rpc_export_flags(req->exp) & OBD_CONNECT_GRANT_PARAM)
		need = le64_to_cpu(oa->o_grant_used);
	from_grant = need;
	for (i = 0; i < nr && !from_grant; i++)
		from_grant = le32_to_cpu(nb[i].rnb_flags) & OBD_BRW_FROM_GRANT;
	if (!need)
		for (i = 0; i < nr; i++)
			need += niobuf_need(&nb[i]);
	/* a client cannot use more than one RPC can carry */
	need = min_t(u64, need, 2 * grant_chunk(dt));
	have = from_grant ? READ_ONCE(de->granted) : 0;
	if (need > have)
		left = grant_left_for(dt, need - have);
	spin_lock(&dt->grant_lock);
	paid = from_grant ? min(need, de->granted) : 0;
	de->granted -= paid;
	dt->tot_granted -= paid;
	de->dirty -= min(de->dirty, paid);
	dt->tot_dirty -= min(dt->tot_dirty, paid);
	if (need - paid > left) {
		spin_unlock(&dt->grant_lock);
		return -ENOSPC;
	}
	de->pending += need;
	dt->tot_pending += need;
	spin_unlock(&dt->grant_lock);
	*used = need;
	return 0;
}

void data_grant_done(struct rpc_svcreq *req, u64 used)
{
	struct data_export *de = data_export(req->exp);
	struct data_target *dt = data_of(req);

	spin_lock(&dt->grant_lock);
	de->pending -= used;
	dt->tot_pending -= used;
	spin_unlock(&dt->grant_lock);
}

u64 data_grant_more(struct rpc_svcreq *req, const struct obdo *oa)
{
	struct data_export *de = data_export(req->exp);
	struct data_target *dt = data_of(req);
	u64 have = le64_to_cpu(oa->o_grant);
	u64 want = min_t(u64, le32_to_cpu(oa->o_undirty), GRANT_MAX_UNDIRTY);
	u64 more = 0, left;

	if (have >= want)
		return 0;
	left = grant_left(dt);
	spin_lock(&dt->grant_lock);
	if (have < de->granted + grant_chunk(dt) && de->granted < want + grant_chunk(dt)) {
		more = round_up(min(want - have, left / 8), 1ULL << DATA_BLOCK_BITS);
		more = min3(more, grant_chunk(dt), want + grant_chunk(dt) - de->granted);
		de->granted += more;
		dt->tot_granted += more;
	}
	spin_unlock(&dt->grant_lock);
	return more;
}

void data_target_init(struct target *tgt, struct data_target *dt)
{
	spin_lock_init(&dt->grant_lock);
	data_brw_init(&dt->brw);
	dt->tgt = tgt;
	tgt->data = dt;
}
EXPORT_SYMBOL_GPL(data_target_init);
