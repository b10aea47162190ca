// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of an inode and their DLM locks: binding, extent locks of an I/O, blocking and glimpse
 * callbacks, sizes (chapter 05, B10; chapter 03, 10 and 15).
 */
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "inode_time.h"
#include "kernel/client/data.h"

/* --- objects --- */

static void cl_obj_release(struct kref *ref)
{
	struct cl_obj *obj = container_of(ref, struct cl_obj, ref);

	/* callbacks find the object under RCU and take a reference only while there is one */
	ldlm_ns_clear_data(obj->osc->ns, &obj->res, obj);
	kfree_rcu(obj, rcu);
}

void cl_obj_put(struct cl_obj *obj)
{
	kref_put(&obj->ref, cl_obj_release);
}

struct inode *cl_obj_inode(struct cl_obj *obj)
{
	struct inode *inode = NULL;

	spin_lock(&obj->lock);
	if (obj->inode)
		inode = igrab(obj->inode);
	spin_unlock(&obj->lock);
	return inode;
}

/* The object of a lock in a callback, with a reference; NULL when nobody uses it any more. */
static struct cl_obj *lock_obj(struct ldlm_lock *lock)
{
	struct cl_obj *obj;

	rcu_read_lock();
	obj = READ_ONCE(lock->data);
	if (obj && !kref_get_unless_zero(&obj->ref))
		obj = NULL;
	rcu_read_unlock();
	return obj;
}

static void stripe_res(const struct layout_stripe *s, struct ldlm_res_id *res)
{
	/* legacy ids: {id, 0}; FIDs: {sequence, oid | ver << 32}: the same two words as in the EA */
	*res = (struct ldlm_res_id){ .name = { s->oi_id, s->oi_seq } };
}

/* The part on the MDT: it is named by the file's FID, and has its resource */
static void stripe_of_mdt(struct layout_stripe *s, const struct lu_fid *fid)
{
	s->oi_id = fid->f_seq;
	s->oi_seq = fid->f_oid | (u64)fid->f_ver << 32;
}

static struct cl_obj *obj_new(struct inode *inode, struct cl_osc *osc, const struct layout_stripe *s)
{
	struct cl_obj *obj = kzalloc(sizeof(*obj), GFP_NOFS);

	if (!obj)
		return NULL;
	kref_init(&obj->ref);
	spin_lock_init(&obj->lock);
	obj->osc = osc;
	obj->inode = inode;
	obj->oi_id = s->oi_id;
	obj->oi_seq = s->oi_seq;
	obj->last_dirty = ~0UL;
	stripe_res(s, &obj->res);
	return obj;
}

static struct cl_obj *obj_find(struct cl_inode *ci, const struct cl_osc *osc, const struct layout_stripe *s)
{
	struct cl_obj *obj, *found = NULL;

	spin_lock(&ci->lock);
	list_for_each_entry(obj, &ci->objs, link) {
		if (obj->osc != osc || obj->oi_id != s->oi_id || obj->oi_seq != s->oi_seq)
			continue;
		kref_get(&obj->ref);
		found = obj;
		break;
	}
	spin_unlock(&ci->lock);
	return found;
}

static void layout_unbind(struct layout *lo)
{
	struct layout_comp *c;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		if (c->stripe[i].obj)
			cl_obj_put(c->stripe[i].obj);
		c->stripe[i].obj = NULL;
	}
}

int cl_obj_bind(struct inode *inode, struct layout *lo)
{
	struct cl_inode *ci = CL_I(inode);
	struct layout_comp *c;
	u32 i;

	lo->unbind = layout_unbind;
	layout_for_each_stripe(lo, c, i) {
		struct layout_stripe *s = &c->stripe[i];
		struct cl_osc *osc;
		struct cl_obj *obj;

		if (s->hole)
			continue;
		if (c->mdt) {
			osc = &cl_fs(inode->i_sb)->mdc->data;
			stripe_of_mdt(s, &ci->fid);
		} else {
			osc = cl_osc_get_index(cl_fs(inode->i_sb), s->ost_idx);
		}
		if (!osc)
			return -EINVAL;
		obj = obj_find(ci, osc, s);
		if (!obj) {
			obj = obj_new(inode, osc, s);
			if (!obj)
				return -ENOMEM;
			spin_lock(&ci->lock);
			kref_get(&obj->ref);	/* the list's */
			list_add_tail(&obj->link, &ci->objs);
			spin_unlock(&ci->lock);
		}
		obj->stripe = i;
		obj->ol.ol_stripe_size = cpu_to_le32(c->stripe_size);
		obj->ol.ol_stripe_count = cpu_to_le32(c->mdt ? 0 : c->stripe_count);
		obj->ol.ol_comp_start = cpu_to_le64(lo->composite ? c->start : 0);
		obj->ol.ol_comp_end = cpu_to_le64(lo->composite ? c->end : 0);
		obj->ol.ol_comp_id = cpu_to_le32(c->id);
		s->obj = obj;
	}
	return 0;
}

void cl_data_evict_inode(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);
	struct cl_obj *obj, *next;
	LIST_HEAD(objs);

	spin_lock(&ci->lock);
	list_splice_init(&ci->objs, &objs);
	spin_unlock(&ci->lock);
	list_for_each_entry_safe(obj, next, &objs, link) {
		spin_lock(&obj->lock);
		obj->inode = NULL;
		spin_unlock(&obj->lock);
		list_del_init(&obj->link);
		cl_obj_drop_locks(obj);
		cl_obj_put(obj);
	}
}

void cl_obj_grew(struct cl_obj *obj, u64 end)
{
	spin_lock(&obj->lock);
	obj->kms = max(obj->kms, end);
	spin_unlock(&obj->lock);
}

/* Under ci->lock, or a cl_size_merge() that has not seen it yet would take it back */
void cl_file_grew(struct inode *inode, struct cl_obj *obj, u64 end, loff_t size)
{
	struct cl_inode *ci = CL_I(inode);

	spin_lock(&ci->lock);
	cl_obj_grew(obj, end);
	if (size > i_size_read(inode))
		i_size_write(inode, size);
	spin_unlock(&ci->lock);
}

void cl_obj_set_size(struct cl_obj *obj, u64 size, bool locked)
{
	spin_lock(&obj->lock);
	obj->size = locked ? size : max(obj->size, size);
	if (locked)
		obj->kms = size;
	obj->gen++;
	spin_unlock(&obj->lock);
}

u64 cl_obj_size(struct cl_obj *obj)
{
	u64 size;

	spin_lock(&obj->lock);
	size = max(obj->size, obj->kms);
	spin_unlock(&obj->lock);
	return size;
}

bool cl_dom_dirty(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);
	struct cl_obj *obj;
	bool dirty = false;

	spin_lock(&ci->lock);
	list_for_each_entry(obj, &ci->objs, link)
		dirty |= obj->osc->mdt && atomic_read(&obj->nr_dirty);
	spin_unlock(&ci->lock);
	return dirty;
}

/* --- value blocks --- */

/* What a lock of @obj says of it; of the part on the MDT all or nothing is locked */
static u32 lock_type(const struct cl_obj *obj)
{
	return obj->osc->mdt ? LDLM_IBITS : LDLM_EXTENT;
}

static union ldlm_policy lock_policy(const struct cl_obj *obj, u64 start, u64 end)
{
	if (obj->osc->mdt)
		return (union ldlm_policy){ .ibits = { .bits = MDS_INODELOCK_DOM } };
	return (union ldlm_policy){ .extent = { .start = start, .end = end } };
}

/*
 * An LVB from the server: it knows all but what we have not written yet. Times go back only when
 * somebody sets them, and then we have no lock: as long as there is another one they may be those of data
 * that is still to be written.
 * @lock: that it came with; NULL: a glimpse without one, begun at @gen
 */
static void obj_take_lvb(struct cl_obj *obj, const struct ost_lvb *lvb, struct ldlm_lock *lock, u32 gen)
{
	u64 size = le64_to_cpu(lvb->lvb_size), blocks = le64_to_cpu(lvb->lvb_blocks);
	time64_t mtime = le64_to_cpu(lvb->lvb_mtime), ctime = le64_to_cpu(lvb->lvb_ctime);
	u32 before = READ_ONCE(obj->gen);
	bool ours;
	u64 end;

	if ((blocks & OST_LVB_ERR_MASK) == OST_LVB_ERR_MASK)
		return;
	ours = ldlm_cli_extent_reach(obj->osc->ns, &obj->res, obj, lock, &end);
	spin_lock(&obj->lock);
	ours = ours || before != obj->gen;
	if (!lock && gen != obj->gen)
		goto unlock;
	obj->size = size;
	if (lock) {
		if (cl_obj_lock_end(obj, lock) != LDLM_EOF)
			size = min(size, cl_obj_lock_end(obj, lock) + 1);
		obj->kms = max(obj->kms, size);
		obj->gen++;
	}
	obj->blocks = blocks;
	obj->mtime = ours ? max(mtime, obj->mtime) : mtime;
	obj->ctime = ours ? max(ctime, obj->ctime) : ctime;
	obj->atime = le64_to_cpu(lvb->lvb_atime);
unlock:
	spin_unlock(&obj->lock);
	if (lock)
		ldlm_lock_lvb_seen(lock);
}

/*
 * @lock goes, its data is written: others may now cut off what only it protected (chapter 03, 15).
 * Locks count as long as they have the object; others that go may still have data to write.
 */
static void obj_shift_kms(struct cl_obj *obj, struct ldlm_lock *lock)
{
	bool any;
	u64 end;
	u32 gen;

	ldlm_lock_set_data(lock, NULL);
	do {
		gen = READ_ONCE(obj->gen);
		any = ldlm_cli_extent_reach(obj->osc->ns, &obj->res, obj, NULL, &end);
		spin_lock(&obj->lock);
		if (gen == obj->gen && end != LDLM_EOF) {
			obj->size = max(obj->size, obj->kms);
			obj->kms = any ? min(obj->kms, end + 1) : 0;
		}
		spin_unlock(&obj->lock);
	} while (gen != READ_ONCE(obj->gen));
}

void cl_size_merge(struct inode *inode)
{
	struct layout *lo = cl_layout_current(inode);
	struct cl_inode *ci = CL_I(inode);
	time64_t mtime, atime, ctime;
	struct layout_comp *c;
	u64 size = 0, blocks = 0;
	u32 i;

	if (!lo)
		return;
	mtime = ci->mds_mtime;
	atime = max(ci->mds_atime, READ_ONCE(ci->read_time));
	ctime = ci->mds_ctime;
	spin_lock(&ci->lock);
	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;

		if (!obj)
			continue;
		spin_lock(&obj->lock);
		size = max(size, layout_size(c, i, max(obj->size, obj->kms)));
		blocks += obj->blocks;
		mtime = max(mtime, obj->mtime);
		atime = max(atime, obj->atime);
		ctime = max(ctime, obj->ctime);
		spin_unlock(&obj->lock);
	}
	i_size_write(inode, size);
	ci->blocks = blocks;
	if (mtime != inode_get_mtime_sec(inode))
		inode_set_mtime(inode, mtime, 0);
	if (atime != inode_get_atime_sec(inode))
		inode_set_atime(inode, atime, 0);
	if (ctime != inode_get_ctime_sec(inode))
		inode_set_ctime(inode, ctime, 0);
	spin_unlock(&ci->lock);
	layout_put(lo);
}

/* --- taking locks --- */

bool cl_obj_match(struct cl_obj *obj, u64 start, u64 end, u32 modes, struct cl_held *held)
{
	union ldlm_policy policy = lock_policy(obj, start, end);

	/*
	 * Not one of an inode that was evicted meanwhile: what it assures was never told to this object.
	 */
	held->lock = ldlm_cli_match_data(obj->osc->ns, &obj->res, lock_type(obj), &policy, modes, obj,
					 &held->mode);
	return held->lock;
}

int cl_obj_lock(struct cl_obj *obj, u64 start, u64 end, u32 mode, u64 flags, struct cl_held *held)
{
	struct ost_lvb lvb;
	struct ldlm_enqueue e = {
		.res = obj->res,
		.type = lock_type(obj),
		.mode = mode,
		.policy = lock_policy(obj, round_down(start, PAGE_SIZE), end | (PAGE_SIZE - 1)),
		.flags = flags,
		.lvb_size = sizeof(lvb),
		.lvb = &lvb,
		.ops = &cl_osc_lock_ops,
		.data = obj,
	};
	int rc;

	if (cl_obj_match(obj, round_down(start, PAGE_SIZE), end | (PAGE_SIZE - 1),
			 mode == LDLM_PR ? LDLM_PR | LDLM_PW : LDLM_PW, held)) {
		WRITE_ONCE(obj->lock_handle, held->lock->remote);
		return 0;
	}
	if (obj->osc->inactive)
		return -EIO;
	memset(&lvb, 0, sizeof(lvb));
	rc = ldlm_cli_enqueue(obj->osc->imp, NULL, &e, &held->lock);
	if (rc)
		return rc < 0 ? rc : -EPROTO;
	held->mode = e.mode;
	WRITE_ONCE(obj->lock_handle, held->lock->remote);
	/* the lock's own LVB is newer when it had to wait */
	if (held->lock->lvb_len >= OST_LVB_V1_SIZE)
		memcpy(&lvb, held->lock->lvb, min_t(u32, held->lock->lvb_len, sizeof(lvb)));
	obj_take_lvb(obj, &lvb, held->lock, 0);
	return 0;
}

/* What an open has read: pages that the cache does not have yet. Those that cannot be had are read later. */
static void fill_pages(struct inode *inode, const void *data, u32 len)
{
	gfp_t gfp = mapping_gfp_constraint(inode->i_mapping, ~__GFP_FS) | __GFP_NOWARN;
	struct folio *folio;
	u32 pos, n;

	for (pos = 0; pos < len; pos += PAGE_SIZE) {
		folio = __filemap_get_folio(inode->i_mapping, pos >> PAGE_SHIFT, FGP_LOCK | FGP_CREAT, gfp);
		if (IS_ERR_OR_NULL(folio))
			return;
		if (!folio_test_uptodate(folio) && folio_order(folio) == 0) {
			n = min_t(u32, PAGE_SIZE, len - pos);
			memcpy_to_page(folio_page(folio, 0), 0, data + pos, n);
			folio_zero_segment(folio, n, PAGE_SIZE);
			folio_mark_uptodate(folio);
		}
		folio_unlock(folio);
		folio_put(folio);
	}
}

void cl_dom_adopt(struct inode *inode, struct ldlm_lock *lock, const struct mdt_body *b, const void *data, u32 len)
{
	struct layout *lo = cl_layout_current(inode);
	struct ost_lvb lvb = {
		.lvb_size = b->mbo_dom_size, .lvb_blocks = b->mbo_dom_blocks,
		.lvb_mtime = b->mbo_mtime, .lvb_atime = b->mbo_atime, .lvb_ctime = b->mbo_ctime,
	};
	struct cl_obj *obj = lo && lo->comp[0].mdt && lo->comp[0].init ? lo->comp[0].stripe[0].obj : NULL;

	if (obj && le64_to_cpu(lvb.lvb_size) <= lo->comp[0].end) {
		ldlm_lock_adopt_data(lock, obj);
		/* all of it: a page that goes on must not end in zeros */
		if (len && len == le64_to_cpu(lvb.lvb_size))
			fill_pages(inode, data, len);
		obj_take_lvb(obj, &lvb, lock, 0);
	}
	layout_put(lo);
}

static int locks_add(struct cl_locks *locks, unsigned int max, struct cl_held held)
{
	if (locks->nr == CL_LOCKS_INLINE && locks->held == locks->few) {
		struct cl_held *more = kvmalloc_array(max, sizeof(*more), GFP_KERNEL);

		if (!more)
			return -ENOMEM;
		memcpy(more, locks->few, sizeof(locks->few));
		locks->held = more;
	}
	locks->held[locks->nr++] = held;
	return 0;
}

static unsigned int layout_objects(struct layout *lo)
{
	struct layout_comp *c;
	unsigned int n = 0;

	for (c = lo->comp; c < lo->comp + lo->nr; c++)
		n += c->init ? c->stripe_count : 0;
	return n;
}

int cl_lock_range(struct layout *lo, u64 start, u64 end, u32 mode, u64 flags, struct cl_locks *locks)
{
	struct layout_comp *c;
	u64 from, to;

	u32 i;
	int rc;

	locks->nr = 0;
	locks->held = locks->few;
	layout_for_each_stripe(lo, c, i) {
		struct cl_held held;

		if (!c->stripe[i].obj || !layout_obj_range(c, i, start, end, &from, &to))
			continue;
		rc = cl_obj_lock(c->stripe[i].obj, from, to, mode, flags, &held);
		if (rc)
			goto fail;
		rc = locks_add(locks, layout_objects(lo), held);
		if (rc) {
			ldlm_lock_release(held.lock, held.mode);
			goto fail;
		}
	}
	return 0;
fail:
	cl_unlock_range(locks);
	return rc;
}

void cl_unlock_range(struct cl_locks *locks)
{
	while (locks->nr) {
		locks->nr--;
		ldlm_lock_release(locks->held[locks->nr].lock, locks->held[locks->nr].mode);
	}
	if (locks->held != locks->few)
		kvfree(locks->held);
	locks->held = locks->few;
}

/* --- losing locks --- */

/* Position of the first page at or after @pos that is cached, U64_MAX if there is none */
static u64 next_cached(struct inode *inode, u64 pos)
{
	unsigned long index = pos >> PAGE_SHIFT;

	return xa_find(&inode->i_data.i_pages, &index, ULONG_MAX, XA_PRESENT) ?
		max(pos, (u64)index << PAGE_SHIFT) : U64_MAX;
}

/*
 * Call @fn for each run of file bytes with cached pages that object bytes [start, end] of @obj stand for.
 * Locks reach to the end of all files: it goes from page to page, not from stripe to stripe.
 */
static int for_each_file_range(struct layout *lo, struct cl_obj *obj, u64 start, u64 end,
			       int (*fn)(struct inode *inode, loff_t from, loff_t to, void *data),
			       struct inode *inode, void *data)
{
	struct layout_comp *c;
	int rc = 0, rc2;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		u64 pos = max(start, layout_obj_size(c, i, c->start));

		if (c->stripe[i].obj != obj)
			continue;
		if (c->stripe_count == 1 && c->start == 0 && c->end == LAYOUT_EOF)
			return fn(inode, start, end > LLONG_MAX ? LLONG_MAX : end, data);
		while (pos <= end) {
			u64 file = layout_file_offset(c, i, pos), cached = next_cached(inode, file), n;

			if (cached >= min_t(u64, c->end, MAX_LFS_FILESIZE))
				break;
			n = c->stripe_size - pos % c->stripe_size;
			if (cached - file >= n) {
				pos = max(pos + n, layout_obj_size(c, i, cached));
				continue;
			}
			if (end - pos < n - 1)
				n = end - pos + 1;
			rc2 = fn(inode, file, file + n - 1, data);
			rc = rc ?: rc2;
			pos += n;
		}
	}
	return rc;
}

static int write_range(struct inode *inode, loff_t from, loff_t to, void *data)
{
	return filemap_fdatawrite_range(inode->i_mapping, from, to);
}

static int wait_range(struct inode *inode, loff_t from, loff_t to, void *data)
{
	return filemap_fdatawait_range(inode->i_mapping, from, to);
}

static int drop_range(struct inode *inode, loff_t from, loff_t to, void *data)
{
	/* pages may be mapped; dirty ones can only be left where discarding was asked for */
	unmap_mapping_range(inode->i_mapping, from, to == LLONG_MAX ? 0 : to - from + 1, 0);
	truncate_inode_pages_range(inode->i_mapping, from, to);
	return 0;
}

static void lose_range(struct inode *inode, struct cl_obj *obj, struct ldlm_lock *lock, u64 flags)
{
	bool discard = flags & (LDLM_FL_DISCARD_DATA | LDLM_L_FAILED);
	u64 start = obj->osc->mdt ? 0 : lock->policy.extent.start, end = cl_obj_lock_end(obj, lock);
	struct layout *lo = cl_layout_current(inode);
	struct cl_held other;

	if (!lo)
		return;
	if (!inode->i_mapping->nrpages)
		goto out;
	if (lock->granted_mode == LDLM_PW && !discard) {
		WRITE_ONCE(obj->lock_handle, lock->remote);
		for_each_file_range(lo, obj, start, end, write_range, inode, NULL);
		for_each_file_range(lo, obj, start, end, wait_range, inode, NULL);
	}
	if ((flags & LDLM_L_FAILED) && atomic_read(&obj->nr_dirty))
		mapping_set_error(inode->i_mapping, -EIO);
	/* what another lock of ours covers may stay */
	if (!discard && cl_obj_match(obj, start, end, LDLM_PR | LDLM_PW, &other)) {
		ldlm_lock_release(other.lock, other.mode);
		goto out;
	}
	for_each_file_range(lo, obj, start, end, drop_range, inode, NULL);
out:
	layout_put(lo);
}

bool cl_obj_lost(struct ldlm_lock *lock)
{
	struct cl_obj *obj = lock_obj(lock);
	struct inode *inode;

	if (!obj)
		return true;
	inode = cl_obj_inode(obj);
	if (inode) {
		lose_range(inode, obj, lock, READ_ONCE(lock->flags));
		obj_shift_kms(obj, lock);
		iput(inode);
	}
	cl_obj_put(obj);
	return inode;
}

static int cl_extent_blocking(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling)
{
	if (canceling)
		cl_obj_lost(lock);
	return 0;
}

int cl_obj_glimpse(struct ldlm_lock *lock, struct ost_lvb *lvb)
{
	struct cl_obj *obj = lock_obj(lock);

	if (!obj)
		return -ELDLM_NO_LOCK_DATA;
	spin_lock(&obj->lock);
	lvb->lvb_size = cpu_to_le64(obj->kms);
	/* unwritten data on an object without blocks: tell that there will be some */
	lvb->lvb_blocks = cpu_to_le64(obj->blocks ?: !!atomic_read(&obj->nr_dirty));
	lvb->lvb_mtime = cpu_to_le64(obj->mtime);
	lvb->lvb_atime = cpu_to_le64(obj->atime);
	lvb->lvb_ctime = cpu_to_le64(obj->ctime);
	spin_unlock(&obj->lock);
	cl_obj_put(obj);
	return 0;
}

const struct ldlm_lock_ops cl_osc_lock_ops = {
	.blocking	= cl_extent_blocking,
	.glimpse	= cl_obj_glimpse,
};

/* LRU and early cancels first take locks that cost no I/O. */
static bool cl_extent_cheap(struct ldlm_lock *lock)
{
	struct cl_obj *obj = lock_obj(lock);
	bool cheap = true;

	if (obj) {
		cheap = !atomic_read(&obj->nr_dirty);
		cl_obj_put(obj);
	}
	return cheap;
}

const struct ldlm_ns_ops cl_osc_ns_ops = {
	.cancel_weight	= cl_extent_cheap,
};

/*
 * cl_obj_drop_locks() - the inode goes: with it goes what we know of the object beyond its locks, so
 * they go too
 */
void cl_obj_drop_locks(struct cl_obj *obj)
{
	ldlm_cli_forget(obj->osc->ns, &obj->res, obj);
}

/* --- glimpse --- */

struct glimpse {
	atomic_t		pending;
	struct completion	done;
	struct kref		ref;
	int			rc;
	bool			ahead;
	unsigned int		nr;
	struct glimpse_obj {
		struct glimpse	*g;
		struct cl_obj	*obj;
		u32		gen;
		struct ost_lvb	lvb;
	} objs[];
};

static void glimpse_release(struct kref *ref)
{
	struct glimpse *g = container_of(ref, struct glimpse, ref);
	unsigned int i;

	for (i = 0; i < g->nr; i++)
		cl_obj_put(g->objs[i].obj);
	kvfree(g);
}

/* What the answer to a glimpse says. Return: 0 or a negative errno */
static int glimpse_answer(struct cl_obj *obj, struct ldlm_lock *lock, const struct ost_lvb *lvb, u32 gen, int rc)
{
	if (rc >= 0)
		obj_take_lvb(obj, lvb, lock, gen);
	if (lock)
		ldlm_lock_release(lock, lock->granted_mode);
	/* -ENOENT: removed meanwhile, or lost: as an empty object */
	return rc == -ENOENT ? 0 : min(rc, 0);
}

/* An MDT that cannot answer with a value block gives the lock that brings one, after waiting for it */
static u64 glimpse_flags(const struct cl_obj *obj)
{
	return !obj->osc->mdt || le64_to_cpu(obj->osc->imp->ocd.ocd_connect_flags2) & OBD_CONNECT2_DOM_LVB ?
		LDLM_FL_HAS_INTENT : 0;
}

static struct ldlm_enqueue glimpse_enqueue(struct cl_obj *obj, struct ost_lvb *lvb)
{
	return (struct ldlm_enqueue) {
		.res = obj->res,
		.type = lock_type(obj),
		.mode = LDLM_PR,
		.policy = lock_policy(obj, 0, LDLM_EOF),
		.flags = glimpse_flags(obj),
		.lvb_size = sizeof(*lvb),
		.lvb = lvb,
		.ops = &cl_osc_lock_ops,
		.data = obj,
	};
}

static bool size_known(struct cl_obj *obj)
{
	struct cl_held held;

	if (!cl_obj_match(obj, 0, LDLM_EOF, LDLM_PR | LDLM_PW, &held))
		return false;
	ldlm_lock_release(held.lock, held.mode);
	return true;
}

static void glimpse_one_done(void *arg, struct ldlm_lock *lock, int rc)
{
	struct glimpse_obj *o = arg;
	struct glimpse *g = o->g;

	rc = glimpse_answer(o->obj, lock, &o->lvb, o->gen, rc);
	if (rc)
		WRITE_ONCE(g->rc, rc);
	if (g->ahead && atomic_dec_and_test(&o->obj->ahead))
		wake_up_var(&o->obj->ahead);
	if (atomic_dec_and_test(&g->pending))
		complete(&g->done);
	kref_put(&g->ref, glimpse_release);
}

static int glimpse_one(struct glimpse *g, struct glimpse_obj *o)
{
	struct ldlm_enqueue e = glimpse_enqueue(o->obj, &o->lvb);

	o->g = g;
	o->gen = READ_ONCE(o->obj->gen);
	if (g->ahead)
		atomic_inc(&o->obj->ahead);
	kref_get(&g->ref);
	atomic_inc(&g->pending);
	return ldlm_cli_enqueue_async(o->obj->osc->imp, NULL, &e, glimpse_one_done, o);
}

/* Ask for all objects that no lock of ours tells about; @ahead: nobody waits. Return: NULL if none, ERR_PTR. */
static struct glimpse *glimpse_start(struct inode *inode, struct layout *lo, bool ahead)
{
	struct layout_comp *c;
	struct glimpse *g = NULL;
	unsigned int max = layout_objects(lo);
	int rc;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;

		if (!obj || size_known(obj))
			continue;
		if (!g) {
			g = kvzalloc(struct_size(g, objs, max), GFP_NOFS);
			if (!g)
				return ERR_PTR(-ENOMEM);
			kref_init(&g->ref);
			init_completion(&g->done);
			atomic_set(&g->pending, 1);
			g->ahead = ahead;
		}
		if (obj->osc->inactive) {
			g->rc = -EIO;
			continue;
		}
		kref_get(&obj->ref);
		g->objs[g->nr].obj = obj;
		rc = glimpse_one(g, &g->objs[g->nr++]);
		if (rc < 0)
			glimpse_one_done(&g->objs[g->nr - 1], NULL, rc);
	}
	return g;
}

/* The object of a file that has just one, as most have */
static struct cl_obj *only_object(const struct layout *lo)
{
	return lo->nr == 1 && lo->comp->init && lo->comp->stripe_count == 1 ? lo->comp->stripe[0].obj : NULL;
}

/* The waiter itself reads the answer: no thread in between */
static int glimpse_only(struct cl_obj *obj)
{
	struct ldlm_lock *lock = NULL;
	struct ost_lvb lvb = {};
	struct ldlm_enqueue e = glimpse_enqueue(obj, &lvb);
	u32 gen = READ_ONCE(obj->gen);
	int rc;

	if (size_known(obj))
		return 0;
	if (obj->osc->inactive)
		return -EIO;
	rc = ldlm_cli_enqueue(obj->osc->imp, NULL, &e, &lock);
	return glimpse_answer(obj, lock, &lvb, gen, rc);
}

static int glimpse_all(struct inode *inode, struct layout *lo)
{
	struct glimpse *g = glimpse_start(inode, lo, false);
	int rc = 0;

	if (IS_ERR_OR_NULL(g))
		return PTR_ERR_OR_ZERO(g);
	if (!atomic_dec_and_test(&g->pending))
		rc = wait_for_completion_killable(&g->done);
	rc = rc ?: READ_ONCE(g->rc);
	kref_put(&g->ref, glimpse_release);
	return rc;
}

/* What statahead has asked for need not be asked again: mostly it comes with a lock */
static int glimpse_wait_ahead(struct layout *lo)
{
	struct layout_comp *c;
	int rc = 0;
	u32 i;

	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;

		if (!rc && obj && atomic_read(&obj->ahead))
			rc = wait_var_event_killable(&obj->ahead, !atomic_read(&obj->ahead));
	}
	return rc;
}

static int glimpse_layout(struct inode *inode, struct layout *lo)
{
	struct cl_obj *obj = only_object(lo);
	int rc;

	rc = glimpse_wait_ahead(lo);
	if (!rc)
		rc = obj ? glimpse_only(obj) : glimpse_all(inode, lo);
	if (!rc)
		cl_size_merge(inode);
	return rc;
}

int cl_glimpse(struct inode *inode)
{
	struct layout *lo = cl_layout_get(inode);
	int rc;

	if (IS_ERR_OR_NULL(lo))
		return PTR_ERR_OR_ZERO(lo);
	rc = glimpse_layout(inode, lo);
	layout_put(lo);
	return rc;
}

/*
 * The layout is not asked for again: the lock that is in use may be on data and layout, and who wants
 * the latter waits for us.
 */
int cl_size_reaches(struct inode *inode, struct layout *lo, u64 end)
{
	struct layout_comp *c;
	u64 known = 0;
	u32 i;

	layout_for_each_stripe(lo, c, i)
		if (c->stripe[i].obj)
			known = max(known, layout_size(c, i, READ_ONCE(c->stripe[i].obj->kms)));
	if (end >= known)
		return glimpse_layout(inode, lo);
	cl_size_merge(inode);
	return 0;
}

void cl_glimpse_ahead(struct inode *inode)
{
	struct layout *lo = cl_layout_get(inode);
	struct glimpse *g;

	if (IS_ERR_OR_NULL(lo))
		return;
	g = glimpse_start(inode, lo, true);
	layout_put(lo);
	if (IS_ERR_OR_NULL(g))
		return;
	if (atomic_dec_and_test(&g->pending))
		complete(&g->done);
	kref_put(&g->ref, glimpse_release);
}
