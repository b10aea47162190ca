// SPDX-License-Identifier: GPL-2.0
/*
 * Which OSTs a new file gets (chapter 05, A5): round robin over those that can take it,
 * weighted by free space when they differ much, or what the user asked for.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include "mdt.h"

#define LOD_TICK	(5 * HZ)
#define LOD_WAIT	(20 * HZ)	/* for an object of an OST that works */
#define LOD_WAIT_CONNECT (5 * HZ)	/* for an OST that is not connected */
#define LOD_QOS_SPREAD	17		/* percent of free space that OSTs may differ before weighting */
#define LOD_OBJIDS_SIZE	16384U

int lod_check(struct mdt *mdt, const struct lov_want *w)
{
	unsigned int i;

	if (w->pool[0])
		return -EINVAL;		/* no pool is defined */
	if (w->offset != LOV_ANY_OST && !xa_load(&mdt->lod.osts, w->offset))
		return -EINVAL;
	for (i = 0; i < w->nr_list; i++)
		if (!xa_load(&mdt->lod.osts, le32_to_cpu(w->list[i].l_ost_idx)))
			return -EINVAL;
	return 0;
}

static u64 osp_free_bytes(struct osp *osp)
{
	u64 n = 0;

	spin_lock(&osp->lock);
	if (osp->statfs_valid)
		n = le64_to_cpu(osp->statfs.os_bavail) * le32_to_cpu(osp->statfs.os_bsize);
	spin_unlock(&osp->lock);
	return n;
}

/* The OST that a file begins with: the rotor's, or by weight when free space differs much. */
static u32 lod_first(struct lod *lod)
{
	u64 total = 0, lo = U64_MAX, hi = 0, pick;
	struct osp *osp;
	unsigned long idx;
	u32 start;

	spin_lock(&lod->lock);
	start = lod->rotor++;
	spin_unlock(&lod->lock);
	xa_for_each(&lod->osts, idx, osp) {
		u64 n;

		if (!osp_usable(osp))
			continue;
		n = osp_free_bytes(osp) >> 20;
		total += n;
		lo = min(lo, n);
		hi = max(hi, n);
	}
	if (!total || (hi - lo) * 100 <= hi * LOD_QOS_SPREAD)
		return start;
	pick = ((u64)get_random_u32() << 32 | get_random_u32()) % total;
	xa_for_each(&lod->osts, idx, osp) {
		u64 n;

		if (!osp_usable(osp))
			continue;
		n = osp_free_bytes(osp) >> 20;
		if (pick < n)
			return idx;
		pick -= n;
	}
	return start;
}

static struct osp *lod_nth(struct lod *lod, u32 n)
{
	unsigned long idx;
	struct osp *osp;

	xa_for_each(&lod->osts, idx, osp)
		if (!n--)
			return osp;
	return NULL;
}

static int lod_take(struct lod_layout *l, struct osp *osp, unsigned long timeout)
{
	u64 id;
	int rc = osp_alloc(osp, timeout, &id);

	if (rc)
		return rc;
	l->objs[l->nr].id = id;
	l->objs[l->nr].seq = 0;
	l->objs[l->nr].ost = osp->index;
	l->nr++;
	return 0;
}

static bool lod_has(const struct lod_layout *l, u32 ost)
{
	u32 i;

	for (i = 0; i < l->nr; i++)
		if (l->objs[i].ost == ost)
			return true;
	return false;
}

/*
 * One round over all OSTs from the position @first on. With @wait: for those that are making
 * objects; and for one that is connecting as long as there is none at all.
 */
static int lod_round(struct lod *lod, struct lod_layout *l, u32 first, u32 want, bool wait)
{
	u32 i, nr = lod->nr;
	int rc, err = -EIO;

	for (i = 0; i < nr && l->nr < want; i++) {
		struct osp *osp = lod_nth(lod, (first + i) % nr);
		unsigned long timeout = 0;

		if (!osp || lod_has(l, osp->index) || osp->inactive)
			continue;
		if (wait)
			timeout = osp_usable(osp) ? LOD_WAIT : l->nr ? 0 : LOD_WAIT_CONNECT;
		rc = lod_take(l, osp, timeout);
		if (rc == -ENOSPC || (rc == -EAGAIN && err != -ENOSPC))
			err = rc;
	}
	return l->nr ? 0 : err;
}

static u32 lod_position(struct lod *lod, u32 index)
{
	unsigned long idx;
	struct osp *osp;
	u32 n = 0;

	xa_for_each(&lod->osts, idx, osp) {
		if (idx == index)
			return n;
		n++;
	}
	return 0;
}

static int lod_choose(struct mdt *mdt, struct lod_layout *l, u32 count)
{
	struct lod *lod = &mdt->lod;
	u32 first, i;
	int rc;

	if (l->want.nr_list) {
		for (i = 0; i < l->want.nr_list; i++) {
			struct osp *osp = xa_load(&lod->osts, le32_to_cpu(l->want.list[i].l_ost_idx));

			rc = osp ? lod_take(l, osp, LOD_WAIT) : -EINVAL;
			if (rc)
				return rc;
		}
		return 0;
	}
	if (l->want.offset != LOV_ANY_OST)
		first = lod_position(lod, l->want.offset);
	else
		first = lod_first(lod) % max(lod->nr, 1U);
	/* without waiting first: an OST that is slow to create does not hold up the others */
	rc = lod_round(lod, l, first, count, false);
	if (l->nr < count)
		rc = lod_round(lod, l, first, count, true);
	return rc == -EAGAIN ? -EIO : rc;
}

int lod_prepare(struct mdt *mdt, const struct lov_want *want, const struct lu_fid *fid, struct lod_layout *l)
{
	struct lod *lod = &mdt->lod;
	u32 count;
	int rc;

	l->nr = 0;
	l->objs = l->objs_small;
	l->ea = l->ea_small;
	l->want = *want;
	lov_want_merge(&l->want, &lod->dflt);
	if (!l->want.stripe_size)
		l->want.stripe_size = 1 << 20;
	rc = lod_check(mdt, &l->want);
	if (rc)
		return rc;
	count = l->want.nr_list ?: l->want.stripe_count ?: 1;
	if (!l->want.nr_list)
		count = min3(count, lod->nr, LOV_MAX_STRIPE_COUNT);
	if (!count)
		return -EIO;
	if (count > LOD_INLINE) {
		l->objs = kvmalloc_array(count, sizeof(*l->objs), GFP_NOFS);
		l->ea = kvzalloc(lov_ea_size(&l->want, count), GFP_NOFS);
	}
	if (!l->objs || !l->ea) {
		lod_free(l);
		return -ENOMEM;
	}
	rc = lod_choose(mdt, l, count);
	if (rc) {
		lod_abort(mdt, l);
		lod_free(l);
		return rc;
	}
	l->ea_size = lov_ea_size(&l->want, l->nr);
	lov_ea_pack(l->ea, &l->want, fid, l->objs, l->nr);
	return 0;
}

void lod_free(struct lod_layout *l)
{
	if (l->objs != l->objs_small)
		kvfree(l->objs);
	if (l->ea != l->ea_small)
		kvfree(l->ea);
	l->objs = NULL;
	l->ea = NULL;
}

void lod_abort(struct mdt *mdt, struct lod_layout *l)
{
	u32 i;

	for (i = 0; i < l->nr; i++) {
		struct osp *osp = xa_load(&mdt->lod.osts, l->objs[i].ost);

		if (osp)
			osp_log_destroy(osp, l->objs[i].id);
	}
	l->nr = 0;
}

int lod_declare(struct mdt *mdt, struct ldiskfs_tx *tx, struct lod_layout *l)
{
	u32 i;
	int rc = 0;

	for (i = 0; i < l->nr && !rc; i++)
		rc = ldiskfs_declare_rec_write(tx, mdt->lod.objids, l->objs[i].ost * sizeof(__le64),
					       sizeof(__le64));
	return rc;
}

int lod_write(struct mdt *mdt, struct ldiskfs_tx *tx, struct lod_layout *l)
{
	u32 i;
	int rc = 0;

	for (i = 0; i < l->nr && !rc; i++) {
		struct osp *osp = xa_load(&mdt->lod.osts, l->objs[i].ost);
		__le64 used;

		/* other files may have taken later ids meanwhile: never go back */
		spin_lock(&osp->lock);
		used = cpu_to_le64(osp->used);
		spin_unlock(&osp->lock);
		rc = ldiskfs_rec_write(tx, mdt->lod.objids, l->objs[i].ost * sizeof(used), &used, sizeof(used));
	}
	return rc;
}

bool lod_statfs(struct mdt *mdt, struct obd_statfs *sum)
{
	u64 blocks = 0, bfree = 0, bavail = 0, ffree = 0;
	u32 bsize = le32_to_cpu(sum->os_bsize);
	unsigned long idx;
	struct osp *osp;
	bool any = false;
	u32 stripes;

	xa_for_each(&mdt->lod.osts, idx, osp) {
		u32 mult;

		spin_lock(&osp->lock);
		if (osp->statfs_valid && !osp->inactive) {
			mult = le32_to_cpu(osp->statfs.os_bsize);
			blocks += le64_to_cpu(osp->statfs.os_blocks) * mult / bsize;
			bfree += le64_to_cpu(osp->statfs.os_bfree) * mult / bsize;
			bavail += le64_to_cpu(osp->statfs.os_bavail) * mult / bsize;
			ffree += le64_to_cpu(osp->statfs.os_ffree);
			any = true;
		}
		spin_unlock(&osp->lock);
	}
	if (!any)
		return false;
	sum->os_blocks = cpu_to_le64(blocks);
	sum->os_bfree = cpu_to_le64(bfree);
	sum->os_bavail = cpu_to_le64(bavail);
	/* inodes: as many files as objects suffice for */
	stripes = max_t(u32, 1, min_t(u32, mdt->lod.dflt.stripe_count, mdt->lod.nr));
	ffree /= stripes;
	if (ffree < le64_to_cpu(sum->os_ffree)) {
		u64 used = le64_to_cpu(sum->os_files) - le64_to_cpu(sum->os_ffree);

		sum->os_ffree = cpu_to_le64(ffree);
		sum->os_files = cpu_to_le64(used + ffree);
	}
	return true;
}

/* --- configuration --- */

static void lod_tick(struct work_struct *work)
{
	struct lod *lod = container_of(to_delayed_work(work), struct lod, tick);
	unsigned long idx;
	struct osp *osp;

	xa_for_each(&lod->osts, idx, osp)
		osp_tick(osp);
	queue_delayed_work(lod->wq, &lod->tick, LOD_TICK);
}

int lod_add_ost(struct mdt *mdt, const struct cfg_target *t)
{
	struct lod *lod = &mdt->lod;
	u64 pos = (u64)t->index * sizeof(__le64);
	struct osp *osp;
	__le64 used;
	int rc;

	if (t->index >= LOV_ALL_STRIPES - 31)
		return -EINVAL;
	osp = xa_load(&lod->osts, t->index);
	if (osp)
		return osp_add_nodes(osp, t);
	if (pos + sizeof(used) > ldiskfs_rec_size(lod->objids)) {
		rc = ldiskfs_rec_grow(lod->objids, roundup(pos + sizeof(used), LOD_OBJIDS_SIZE));
		if (rc)
			return rc;
	}
	rc = ldiskfs_rec_read(lod->objids, pos, &used, sizeof(used));
	if (rc)
		return rc;
	osp = osp_start(mdt, t, le64_to_cpu(used));
	if (IS_ERR(osp))
		return PTR_ERR(osp);
	rc = xa_err(xa_store(&lod->osts, t->index, osp, GFP_KERNEL));
	if (rc) {
		osp_stop(osp);
		osp_free(osp);
		return rc;
	}
	spin_lock(&lod->lock);
	lod->nr++;
	spin_unlock(&lod->lock);
	osp_log_attach(osp);
	return 0;
}

void lod_set_desc(struct mdt *mdt, u64 stripe_size, u32 stripe_count)
{
	if (stripe_size && stripe_size <= U32_MAX && !(stripe_size % LOV_MIN_STRIPE_SIZE))
		mdt->lod.dflt.stripe_size = stripe_size;
	if (stripe_count == U32_MAX)
		stripe_count = LOV_ALL_STRIPES;
	if (stripe_count && stripe_count <= LOV_ALL_STRIPES)
		mdt->lod.dflt.stripe_count = stripe_count;
}

int lod_start(struct mdt *mdt)
{
	struct lod *lod = &mdt->lod;

	xa_init(&lod->osts);
	spin_lock_init(&lod->lock);
	lod->dflt.stripe_size = 1 << 20;
	lod->dflt.stripe_count = 1;
	lod->dflt.offset = LOV_ANY_OST;
	INIT_DELAYED_WORK(&lod->tick, lod_tick);
	lod->objids = ldiskfs_rec_open(mdt->dev, "lov_objid", LOD_OBJIDS_SIZE);
	if (IS_ERR(lod->objids)) {
		int rc = PTR_ERR(lod->objids);

		lod->objids = NULL;
		return rc;
	}
	lod->wq = alloc_workqueue("mdt_osp", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!lod->wq)
		return -ENOMEM;
	queue_delayed_work(lod->wq, &lod->tick, LOD_TICK);
	return 0;
}

void lod_stop(struct mdt *mdt)
{
	struct lod *lod = &mdt->lod;
	unsigned long idx;
	struct osp *osp;

	if (lod->wq) {
		cancel_delayed_work_sync(&lod->tick);
		xa_for_each(&lod->osts, idx, osp)
			osp_stop(osp);
		destroy_workqueue(lod->wq);
		lod->wq = NULL;
	}
	xa_for_each(&lod->osts, idx, osp)
		osp_free(osp);
	xa_destroy(&lod->osts);
	if (lod->objids)
		ldiskfs_rec_close(lod->objids);
	lod->objids = NULL;
}
