// SPDX-License-Identifier: GPL-2.0
/*
 * Which OSTs a new file gets (chapter 05, A5): round robin over those that can take it, within a
 * pool if one is named, weighted by free space when they differ much, or what the user asked for.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include "mdt.h"

#define LOD_TICK	(5 * HZ)
#define LOD_WAIT	(20 * HZ)	/* for an object of an OST that works */
#define LOD_WAIT_CONNECT (20 * HZ)	/* for one that is not connected, when there is no other */
#define LOD_WAIT_NAMED	(5 * HZ)	/* for the one that the file is to begin with, connected or not */
#define LOD_QOS_SPREAD	17		/* percent of free space that OSTs may differ before weighting */
#define LOD_OBJIDS_SIZE	16384U

/* --- pools --- */

static struct lod_pool *pool_find(struct lod *lod, const char *name)
{
	struct lod_pool *pool;

	list_for_each_entry(pool, &lod->pools, link)
		if (!strcmp(pool->name, name))
			return pool;
	return NULL;
}

/* Is OST @index (U32_MAX: is the pool itself) there? */
static bool pool_has(struct lod *lod, const char *name, u32 index)
{
	struct lod_pool *pool;
	bool has;

	spin_lock(&lod->lock);
	pool = pool_find(lod, name);
	has = pool && (index == U32_MAX || xa_load(&pool->osts, index));
	spin_unlock(&lod->lock);
	return has;
}

static int pool_new(struct lod *lod, const char *name)
{
	struct lod_pool *pool;

	if (strlen(name) > LOV_MAXPOOLNAME)
		return -EINVAL;
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	strscpy(pool->name, name, sizeof(pool->name));
	xa_init(&pool->osts);
	spin_lock(&lod->lock);
	list_add_tail(&pool->link, &lod->pools);
	spin_unlock(&lod->lock);
	return 0;
}

static void pool_del(struct lod *lod, struct lod_pool *pool)
{
	spin_lock(&lod->lock);
	list_del(&pool->link);
	spin_unlock(&lod->lock);
	xa_destroy(&pool->osts);
	kfree(pool);
}

/* FSNAME-OSTxxxx_UUID */
static int ost_index(const char *uuid, u32 *index)
{
	const char *s = strstr(uuid, "-OST");

	return s && sscanf(s, "-OST%4x", index) == 1 ? 0 : -EINVAL;
}

int lod_pool(struct mdt *mdt, u32 command, const char *name, const char *ost_uuid)
{
	struct lod *lod = &mdt->lod;
	struct lod_pool *pool = pool_find(lod, name);
	u32 index;

	/* a log that is read again says again what is so already */
	switch (command) {
	case LCFG_POOL_NEW:
		return pool ? 0 : pool_new(lod, name);
	case LCFG_POOL_DEL:
		if (pool)
			pool_del(lod, pool);
		return 0;
	}
	if (!pool)
		return -ENOENT;
	if (ost_index(ost_uuid, &index))
		return -EINVAL;
	if (command == LCFG_POOL_ADD)
		return xa_err(xa_store(&pool->osts, index, xa_mk_value(1), GFP_KERNEL));
	xa_erase(&pool->osts, index);
	return 0;
}

/* --- choosing --- */

static int check_plain(struct lod *lod, const struct lov_want *w)
{
	unsigned int i;

	if (w->pool[0] && !pool_has(lod, w->pool, U32_MAX))
		return -EINVAL;
	if (w->offset != LOV_ANY_OST &&
	    (!xa_load(&lod->osts, w->offset) || (w->pool[0] && !pool_has(lod, w->pool, w->offset))))
		return -EINVAL;
	for (i = 0; i < w->nr_list; i++)
		if (!xa_load(&lod->osts, le32_to_cpu(w->list[i].l_ost_idx)))
			return -EINVAL;
	return 0;
}

int lod_check(struct mdt *mdt, const struct lov_want *w)
{
	struct lov_want c;
	int rc = 0;
	u32 i;

	if (!w->comp)
		return check_plain(&mdt->lod, w);
	for (i = 0; i < le16_to_cpu(w->comp->lcm_entry_count) && !rc; i++) {
		lov_want_comp(w->comp, i, &c);
		rc = c.mdt ? 0 : check_plain(&mdt->lod, &c);
	}
	return rc;
}

/** struct lod_set - the OSTs that a layout may use, by index */
struct lod_set {
	u32		nr;
	struct osp	*osp[];
};

/* Who is not deactivated, and in the pool. A pool that is gone since a default named it: all OSTs. */
static struct lod_set *lod_set(struct lod *lod, const char *pool)
{
	u32 max = READ_ONCE(lod->nr);
	struct lod_set *set = kvmalloc(struct_size(set, osp, max), GFP_NOFS);
	bool all = !pool[0] || !pool_has(lod, pool, U32_MAX);
	unsigned long idx;
	struct osp *osp;

	if (!set)
		return NULL;
	set->nr = 0;
	xa_for_each(&lod->osts, idx, osp) {
		if (set->nr == max)
			break;
		if (!osp->inactive && (all || pool_has(lod, pool, idx)))
			set->osp[set->nr++] = osp;
	}
	return set;
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

/* Position of the OST that a file begins with: the rotor's, or by weight when free space differs much. */
static u32 lod_first(struct lod *lod, const struct lod_set *set)
{
	u64 total = 0, lo = U64_MAX, hi = 0, pick, n;
	u32 start, i;

	spin_lock(&lod->lock);
	start = lod->rotor++ % set->nr;
	spin_unlock(&lod->lock);
	for (i = 0; i < set->nr; i++) {
		if (!osp_usable(set->osp[i]))
			continue;
		n = osp_free_bytes(set->osp[i]) >> 20;
		total += n;
		lo = min(lo, n);
		hi = max(hi, n);
	}
	if (!total || (hi - lo) * 100 <= hi * LOD_QOS_SPREAD)
		return start;
	pick = ((u64)get_random_u32() << 32 | get_random_u32()) % total;
	for (i = 0; i < set->nr; i++) {
		if (!osp_usable(set->osp[i]))
			continue;
		n = osp_free_bytes(set->osp[i]) >> 20;
		if (pick < n)
			return i;
		pick -= n;
	}
	return start;
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

	for (i = l->first; i < l->nr; i++)
		if (l->objs[i].ost == ost)
			return true;
	return false;
}

/*
 * One round over @set from the position @first on, up to @want objects. With @wait: for OSTs that are
 * making objects; and for one that is connecting as long as there is none at all.
 */
static int lod_round(const struct lod_set *set, struct lod_layout *l, u32 first, u32 want, bool wait)
{
	int rc, err = -EIO;
	u32 i;

	for (i = 0; i < set->nr && l->nr - l->first < want; i++) {
		struct osp *osp = set->osp[(first + i) % set->nr];
		unsigned long timeout = 0;

		if (lod_has(l, osp->index))
			continue;
		if (wait)
			timeout = osp_usable(osp) ? LOD_WAIT : l->nr > l->first ? 0 : LOD_WAIT_CONNECT;
		rc = lod_take(l, osp, timeout);
		if (rc == -ENOSPC || (rc == -EAGAIN && err != -ENOSPC))
			err = rc;
	}
	return l->nr > l->first ? 0 : err;
}

static u32 lod_position(const struct lod_set *set, u32 index)
{
	u32 i;

	for (i = 0; i < set->nr; i++)
		if (set->osp[i]->index == index)
			return i;
	return 0;
}

static int lod_take_list(struct lod *lod, struct lod_layout *l)
{
	u32 i;

	for (i = 0; i < l->want.nr_list; i++) {
		struct osp *osp = xa_load(&lod->osts, le32_to_cpu(l->want.list[i].l_ost_idx));
		int rc = osp ? lod_take(l, osp, LOD_WAIT) : -EINVAL;

		if (rc)
			return rc;
	}
	return 0;
}

static int lod_room(struct lod_layout *l, u32 count)
{
	struct lov_object *objs;

	if (l->nr + count <= l->max)
		return 0;
	objs = kvmalloc_array(l->nr + count, sizeof(*objs), GFP_NOFS);
	if (!objs)
		return -ENOMEM;
	memcpy(objs, l->objs, l->nr * sizeof(*objs));
	if (l->objs != l->objs_small)
		kvfree(l->objs);
	l->objs = objs;
	l->max = l->nr + count;
	return 0;
}

/* Objects for @l->want, behind those that @l has already; at most @max of them */
static int lod_choose(struct lod *lod, struct lod_layout *l, u64 max)
{
	struct lod_set *set = lod_set(lod, l->want.pool);
	u32 count = l->want.stripe_count ?: 1, first;
	int rc = -EIO;

	if (!set)
		return -ENOMEM;
	count = l->want.nr_list ?: min_t(u64, min3(count, set->nr, LOV_MAX_STRIPE_COUNT), max);
	l->first = l->nr;
	if (count)
		rc = lod_room(l, count);
	if (rc)
		goto out;
	if (l->want.nr_list) {
		rc = lod_take_list(lod, l);
	} else {
		if (l->want.offset != LOV_ANY_OST) {
			first = lod_position(set, l->want.offset);
			lod_take(l, set->osp[first], LOD_WAIT_NAMED);
		} else {
			first = lod_first(lod, set);
		}
		/* without waiting first: an OST that is slow to create does not hold up the others */
		rc = lod_round(set, l, first, count, false);
		if (l->nr - l->first < count)
			rc = lod_round(set, l, first, count, true);
	}
out:
	kvfree(set);
	return rc == -EAGAIN ? -EIO : rc;
}

static void lod_init(struct lod_layout *l)
{
	l->nr = 0;
	l->first = 0;
	l->max = LOD_INLINE;
	l->objs = l->objs_small;
}

int lod_grow(struct mdt *mdt, u64 end, struct lod_layout *l, struct mdt_ea *ea)
{
	struct lov_comp_md_v1 *comp = ea->buf;
	int rc = 0;
	u32 i;

	lod_init(l);
	for (i = 0; i < le16_to_cpu(comp->lcm_entry_count) && !rc; i++) {
		const struct lov_comp_entry *e = &comp->lcm_entries[i];
		u64 max = LOV_MAX_STRIPE_COUNT, to = le64_to_cpu(e->e_end);

		if (!lov_comp_grows(comp, i, end))
			continue;
		lov_want_comp(comp, i, &l->want);
		if (!l->want.stripe_size) {
			rc = -EINVAL;
			break;
		}
		/* no more objects than a finite component has stripes */
		if (to != LCME_EOF)
			max = DIV64_U64_ROUND_UP(to - le64_to_cpu(e->e_start), l->want.stripe_size);
		rc = lod_choose(&mdt->lod, l, max);
		if (!rc)
			rc = mdt_ea_room(ea, ea->size + lov_mds_md_size(l->nr - l->first, LOV_MAGIC_V3));
		if (rc)
			break;
		comp = ea->buf;
		ea->size = lov_comp_init(comp, i, l->objs + l->first, l->nr - l->first);
	}
	if (rc)
		lod_abort(mdt, l);
	return rc;
}

static int prepare_plain(struct mdt *mdt, const struct lu_fid *fid, struct lod_layout *l, struct mdt_ea *ea)
{
	int rc;

	lov_want_merge(&l->want, &mdt->lod.dflt);
	rc = lod_choose(&mdt->lod, l, LOV_MAX_STRIPE_COUNT);
	if (!rc)
		rc = mdt_ea_room(ea, lov_ea_size(&l->want, l->nr));
	if (rc) {
		lod_abort(mdt, l);
		return rc;
	}
	ea->size = lov_ea_size(&l->want, l->nr);
	lov_ea_pack(ea->buf, &l->want, fid, l->objs, l->nr);
	return 0;
}

int lod_prepare(struct mdt *mdt, const struct lov_want *want, const struct lu_fid *fid, struct lod_layout *l,
		struct mdt_ea *ea)
{
	int rc;

	lod_init(l);
	ea->size = 0;
	l->want = *want;
	if (!want->comp)
		return prepare_plain(mdt, fid, l, ea);
	rc = mdt_ea_room(ea, lov_comp_pack(NULL, want->comp, &mdt->lod.dflt, fid));
	if (rc)
		return rc;
	ea->size = lov_comp_pack(ea->buf, want->comp, &mdt->lod.dflt, fid);
	return lod_grow(mdt, 1, l, ea);
}

void lod_free(struct lod_layout *l)
{
	if (l->objs != l->objs_small)
		kvfree(l->objs);
	l->objs = l->objs_small;
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
	INIT_LIST_HEAD(&lod->pools);
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
	struct lod_pool *pool, *next;
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
	list_for_each_entry_safe(pool, next, &lod->pools, link)
		pool_del(lod, pool);
	if (lod->objids)
		ldiskfs_rec_close(lod->objids);
	lod->objids = NULL;
}
