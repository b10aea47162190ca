// SPDX-License-Identifier: GPL-2.0
/*
 * Grants, the client's part: every dirty page is paid for with space that the OST promised
 * (chapter 05, B11). Without grant a page is written at once.
 */
#include "kernel/client/data.h"

#define GRANT_MAX_UNDIRTY	0x6fffffffULL

bool cl_grant_reserve(struct cl_osc *osc, bool extent, u64 *got)
{
	u64 want = PAGE_SIZE + (extent ? osc->grant_tax : 0);
	bool ok;

	spin_lock(&osc->grant_lock);
	ok = osc->grant_avail >= want;
	if (ok) {
		osc->grant_avail -= want;
		osc->grant_reserved += want;
	}
	spin_unlock(&osc->grant_lock);
	*got = ok ? want : 0;
	return ok;
}

int cl_grant_reserve_wait(struct cl_osc *osc, bool extent, u64 *got)
{
	return wait_event_killable(osc->grant_waitq, cl_grant_reserve(osc, extent, got) || !atomic_read(&osc->writing));
}

void cl_grant_return(struct cl_osc *osc, u64 got)
{
	spin_lock(&osc->grant_lock);
	osc->grant_reserved -= got;
	osc->grant_avail += got;
	spin_unlock(&osc->grant_lock);
}

void cl_grant_dirty(struct cl_osc *osc, u64 got)
{
	spin_lock(&osc->grant_lock);
	osc->grant_reserved -= got;
	osc->grant_dirty += got;
	osc->dirty_bytes += PAGE_SIZE;
	spin_unlock(&osc->grant_lock);
}

void cl_grant_undirty(struct cl_osc *osc, u32 pages, bool granted)
{
	u64 lost = 0;

	spin_lock(&osc->grant_lock);
	osc->dirty_bytes -= (u64)pages * PAGE_SIZE;
	if (granted) {
		lost = min(osc->grant_dirty, (u64)pages * PAGE_SIZE);
		osc->grant_dirty -= lost;
		osc->grant_lost += lost;
	}
	/* the tax of extents that were never written: the last page gives it back */
	if (!osc->dirty_bytes) {
		osc->grant_lost += osc->grant_dirty;
		osc->grant_dirty = 0;
	}
	spin_unlock(&osc->grant_lock);
	wake_up_all(&osc->grant_waitq);
}

void cl_grant_sent(struct cl_osc *osc, struct cl_brw *brw)
{
	u64 used = (u64)brw->pages * PAGE_SIZE + (u64)brw->nr_nb * osc->grant_tax;

	spin_lock(&osc->grant_lock);
	/* extents may have been cut otherwise than they were paid for: settle with what is left */
	if (brw->pages) {
		u64 paid = min(used, osc->grant_dirty);
		u64 more = min(used - paid, osc->grant_avail);

		osc->grant_dirty -= paid;
		osc->grant_avail -= more;
		brw->granted = paid + more;
		osc->grant_sent += brw->granted;
	}
	spin_unlock(&osc->grant_lock);
}

void cl_grant_answered(struct cl_osc *osc, struct cl_brw *brw)
{
	spin_lock(&osc->grant_lock);
	osc->grant_sent -= brw->granted;
	brw->granted = 0;
	spin_unlock(&osc->grant_lock);
}

void cl_grant_fill(struct cl_osc *osc, struct cl_brw *brw, struct obdo *oa)
{
	u64 undirty, dirty;

	oa->o_valid |= cpu_to_le64(OBD_MD_FLGRANT | OBD_MD_FLBLOCKS);
	spin_lock(&osc->grant_lock);
	dirty = osc->grant_dirty + brw->granted;
	undirty = max_t(u64, (u64)osc->brw_size * (osc->rpcs.max + 1), osc->dirty_max);
	undirty += div_u64(undirty, max_t(u32, osc->grant_extent, PAGE_SIZE)) * osc->grant_tax;
	oa->o_dirty = cpu_to_le64(dirty);
	oa->o_undirty = cpu_to_le32(min(undirty, GRANT_MAX_UNDIRTY));
	oa->o_grant = cpu_to_le64(osc->grant_avail + osc->grant_reserved);
	oa->o_dropped = cpu_to_le32(min_t(u64, osc->grant_lost, INT_MAX));
	osc->grant_lost -= le32_to_cpu(oa->o_dropped);
	spin_unlock(&osc->grant_lock);
	if (brw->write)
		oa->o_grant_used = cpu_to_le64(brw->granted);
}

void cl_grant_reply(struct cl_osc *osc, const struct obdo *oa)
{
	if (!(le64_to_cpu(oa->o_valid) & OBD_MD_FLGRANT))
		return;
	spin_lock(&osc->grant_lock);
	osc->grant_avail += le64_to_cpu(oa->o_grant);
	spin_unlock(&osc->grant_lock);
}

int cl_grant_wait(struct cl_osc *osc)
{
	return wait_event_killable(osc->grant_waitq, READ_ONCE(osc->dirty_bytes) < osc->dirty_max ||
				   !atomic_read(&osc->writing));
}
