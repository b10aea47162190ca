// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: space promised to clients so that cached writes cannot fail (chapter 05, B11).
 */
#include <linux/statfs.h>
#include "ost.h"

#define GRANT_MAX_UNDIRTY	0x6fffffffULL
#define GRANT_RESERVE_SHIFT	6	/* a 64th of the disk is never promised */

/* Bytes nobody was promised; -errno counts as nothing left. */
static u64 grant_left(struct ost *ost)
{
	struct kstatfs st;
	u64 avail, promised;

	if (ldiskfs_statfs(ost->tgt->dev, &st))
		return 0;
	avail = st.f_bavail * st.f_bsize;
	avail -= min(avail, (st.f_blocks * st.f_bsize) >> GRANT_RESERVE_SHIFT);
	spin_lock(&ost->grant_lock);
	promised = ost->tot_granted + ost->tot_pending;
	spin_unlock(&ost->grant_lock);
	return avail > promised ? round_down(avail - promised, 1ULL << OST_BLOCK_BITS) : 0;
}

/*
 * ost_grant_connect() - (re)connect: set what the client holds
 * @want: ocd_grant
 * @conservative: a client that already holds something gets no more than it says
 *
 * Return: the total that the client now has.
 */
u64 ost_grant_connect(struct ost *ost, struct ost_export *oe, u64 want, bool conservative)
{
	u64 left, grant;

	ost_grant_discard(ost, oe);
	left = grant_left(ost);
	grant = conservative ? want : min_t(u64, want, OST_GRANT_CHUNK);
	grant = min(grant, left);
	spin_lock(&ost->grant_lock);
	oe->granted = grant;
	ost->tot_granted += grant;
	spin_unlock(&ost->grant_lock);
	return grant;
}

void ost_grant_discard(struct ost *ost, struct ost_export *oe)
{
	spin_lock(&ost->grant_lock);
	ost->tot_granted -= oe->granted;
	ost->tot_dirty -= oe->dirty;
	oe->granted = 0;
	oe->dirty = 0;
	spin_unlock(&ost->grant_lock);
}

static bool grants_apply(struct rpc_svcreq *req, const struct obdo *oa)
{
	u64 valid = le64_to_cpu(oa->o_valid);

	return (rpc_export_flags(req->exp) & OBD_CONNECT_GRANT) &&
	       (valid & OBD_MD_FLGRANT) && (valid & OBD_MD_FLBLOCKS) && !req->resent && !req->replay;
}

/*
 * ost_grant_incoming() - what a READ or WRITE says of the client's side
 * Return: true if grants are accounted for this request at all.
 */
bool ost_grant_incoming(struct rpc_svcreq *req, const struct obdo *oa)
{
	struct ost_export *oe = ost_export(req->exp);
	struct ost *ost = ost_of(req);
	u64 dropped, dirty;

	if (!grants_apply(req, oa))
		return false;
	dropped = le32_to_cpu(oa->o_dropped);
	dirty = min(le64_to_cpu(oa->o_dirty), GRANT_MAX_UNDIRTY);
	spin_lock(&ost->grant_lock);
	if (dropped <= oe->granted) {
		oe->granted -= dropped;
		ost->tot_granted -= dropped;
	}
	ost->tot_dirty -= oe->dirty;
	oe->dirty = dirty;
	ost->tot_dirty += dirty;
	spin_unlock(&ost->grant_lock);
	return true;
}

static u64 niobuf_need(const struct niobuf_remote *nb)
{
	u64 start = le64_to_cpu(nb->rnb_offset), end = start + le32_to_cpu(nb->rnb_len);
	u64 mask = (1ULL << OST_BLOCK_BITS) - 1;

	return ((end + mask) & ~mask) - (start & ~mask) + (OST_TAX_KB << 10);
}

/*
 * Bytes nobody was promised, if they are fewer than @need: after what was removed lately is free
 * for good. Not every time, or a full disk would be busy with commits.
 */
static u64 grant_left_for(struct ost *ost, u64 need)
{
	unsigned long last = READ_ONCE(ost->space_sync);
	u64 left = grant_left(ost);

	if (left >= need || (last && time_before(jiffies, last + HZ)))
		return left;
	WRITE_ONCE(ost->space_sync, jiffies | 1);
	ldiskfs_sync(ost->tgt->dev);
	return grant_left(ost);
}

/* ost_grant_fits() - may somebody without a grant take this much? */
bool ost_grant_fits(struct ost *ost, u64 bytes)
{
	return grant_left_for(ost, bytes) >= bytes;
}

/*
 * ost_grant_write() - pay for a write out of the client's grant or out of free space
 * @used: what was taken, for ost_grant_done()
 *
 * Return: 0, or -ENOSPC when there is neither. Free space that others were promised is not for
 * this write then, only blocks that the object has.
 */
int ost_grant_write(struct rpc_svcreq *req, const struct obdo *oa, const struct niobuf_remote *nb,
		    unsigned int nr, u64 *used)
{
	struct ost_export *oe = ost_export(req->exp);
	struct ost *ost = ost_of(req);
	u64 need = 0, have, paid, left = 0;
	bool from_grant;
	unsigned int i;

	*used = 0;
	if (req->resent || req->replay)
		return 0;
	if (ost_grant_incoming(req, oa) && rpc_export_flags(req->exp) & OBD_CONNECT_GRANT_PARAM)
		need = le64_to_cpu(oa->o_grant_used);
	from_grant = need;
	for (i = 0; i < nr && !from_grant; i++)
		from_grant = le32_to_cpu(nb[i].rnb_flags) & OBD_BRW_FROM_GRANT;
	if (!need)
		for (i = 0; i < nr; i++)
			need += niobuf_need(&nb[i]);
	/* a client cannot use more than one RPC can carry */
	need = min_t(u64, need, 2 * OST_GRANT_CHUNK);
	have = from_grant ? READ_ONCE(oe->granted) : 0;
	if (need > have)
		left = grant_left_for(ost, need - have);
	spin_lock(&ost->grant_lock);
	paid = from_grant ? min(need, oe->granted) : 0;
	oe->granted -= paid;
	ost->tot_granted -= paid;
	oe->dirty -= min(oe->dirty, paid);
	ost->tot_dirty -= min(ost->tot_dirty, paid);
	if (need - paid > left) {
		spin_unlock(&ost->grant_lock);
		return -ENOSPC;
	}
	oe->pending += need;
	ost->tot_pending += need;
	spin_unlock(&ost->grant_lock);
	*used = need;
	return 0;
}

/* ost_grant_done() - the blocks are allocated: statfs counts them from now on */
void ost_grant_done(struct rpc_svcreq *req, u64 used)
{
	struct ost_export *oe = ost_export(req->exp);
	struct ost *ost = ost_of(req);

	spin_lock(&ost->grant_lock);
	oe->pending -= used;
	ost->tot_pending -= used;
	spin_unlock(&ost->grant_lock);
}

/* ost_grant_more() - additional grant for the reply of a write */
u64 ost_grant_more(struct rpc_svcreq *req, const struct obdo *oa)
{
	struct ost_export *oe = ost_export(req->exp);
	struct ost *ost = ost_of(req);
	u64 have = le64_to_cpu(oa->o_grant);
	u64 want = min_t(u64, le32_to_cpu(oa->o_undirty), GRANT_MAX_UNDIRTY);
	u64 more = 0, left;

	if (have >= want)
		return 0;
	left = grant_left(ost);
	spin_lock(&ost->grant_lock);
	if (have < oe->granted + OST_GRANT_CHUNK && oe->granted < want + OST_GRANT_CHUNK) {
		more = round_up(min(want - have, left / 8), 1ULL << OST_BLOCK_BITS);
		more = min3(more, (u64)OST_GRANT_CHUNK, want + OST_GRANT_CHUNK - oe->granted);
		oe->granted += more;
		ost->tot_granted += more;
	}
	spin_unlock(&ost->grant_lock);
	return more;
}
