// SPDX-License-Identifier: GPL-2.0
/*
 * Page cache: reading ahead, write-back gathered to the negotiated bulk size, what happens to
 * dirty folios. Everything here runs under extent locks that somebody else took (see data.h).
 */
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/writeback.h>
#include "pagecache.h"
#include "kernel/client/data.h"

/* --- reading --- */

static void read_done(struct cl_brw *brw, int rc)
{
	u32 got = rc < 0 ? 0 : rc;
	unsigned int i;

	for (i = 0; i < brw->nr; i++) {
		struct folio *folio = page_folio(brw->bv[i].bv_page);
		u32 n = min_t(u32, got, PAGE_SIZE);

		/* past the end of the object: a hole of the file, or its end */
		if (rc >= 0 && n < PAGE_SIZE)
			folio_zero_segment(folio, n, PAGE_SIZE);
		got -= n;
		if (rc >= 0)
			folio_mark_uptodate(folio);
		folio_unlock(folio);
	}
}

/* Where page @index of the file is; false: nowhere, it reads as zeros. */
static bool page_object(struct layout *lo, pgoff_t index, struct cl_obj **obj, u64 *pos)
{
	u64 file = (u64)index << PAGE_SHIFT;
	struct layout_comp *c = lo ? layout_comp_at(lo, file) : NULL;
	u32 stripe;

	if (!c || !c->init)
		return false;
	stripe = layout_offset(c, file, pos);
	*obj = c->stripe[stripe].obj;
	return *obj;
}

static void zero_folio(struct folio *folio)
{
	folio_zero_segment(folio, 0, folio_size(folio));
	folio_mark_uptodate(folio);
	folio_unlock(folio);
}

static u32 read_flags(void)
{
	return OBD_BRW_READ | OBD_BRW_SYNC | (capable(CAP_SYS_RESOURCE) ? OBD_BRW_SYS_RESOURCE : 0);
}

/* Only what a lock of ours covers may be cached; anything else is read when it is asked for. */
static struct cl_brw *readahead_begin(struct cl_obj *obj, u64 pos)
{
	struct cl_brw *brw = cl_brw_alloc(obj, false, cl_osc_pages(obj->osc));

	if (!brw)
		return NULL;
	brw->done = read_done;
	if (cl_obj_match(obj, pos, pos + PAGE_SIZE - 1, LDLM_PR | LDLM_PW, &brw->held))
		return brw;
	cl_brw_free(brw);
	return NULL;
}

static void cl_readahead(struct readahead_control *rac)
{
	struct inode *inode = rac->mapping->host;
	struct layout *lo = cl_layout_current(inode);
	struct cl_brw *brw = NULL;
	struct folio *folio;

	while ((folio = readahead_folio(rac)) != NULL) {
		struct cl_obj *obj;
		u64 pos;

		if (!page_object(lo, folio->index, &obj, &pos)) {
			zero_folio(folio);
			continue;
		}
		if (brw && (brw->obj != obj || !cl_brw_fits(brw, pos, PAGE_SIZE) ||
			    pos + PAGE_SIZE - 1 > cl_obj_lock_end(obj, brw->held.lock))) {
			cl_brw_send(brw);
			brw = NULL;
		}
		if (!brw)
			brw = readahead_begin(obj, pos);
		if (!brw) {
			stats_inc(cl_fs(inode->i_sb)->ra_stats, CL_RA_NO_LOCK);
			folio_unlock(folio);
			continue;
		}
		cl_brw_add(brw, pos, folio_page(folio, 0), 0, PAGE_SIZE, read_flags());
	}
	if (brw)
		cl_brw_send(brw);
	layout_put(lo);
}

u64 cl_cached_pages(struct inode *inode, pgoff_t first, pgoff_t last, const struct cl_osc *osc)
{
	struct layout *lo = osc ? cl_layout_current(inode) : NULL;
	XA_STATE(xas, &inode->i_mapping->i_pages, first);
	struct folio *folio;
	struct cl_obj *obj;
	u64 pos, nr = 0;

	rcu_read_lock();
	xas_for_each(&xas, folio, last) {
		if (!xas_retry(&xas, folio) && !xa_is_value(folio))
			nr += !osc || (page_object(lo, xas.xa_index, &obj, &pos) && obj->osc == osc);
		if (need_resched()) {
			xas_pause(&xas);
			rcu_read_unlock();
			cond_resched();
			rcu_read_lock();
		}
	}
	rcu_read_unlock();
	layout_put(lo);
	return nr;
}

/* The caller of a page fault or a read holds the lock. */
static int cl_read_folio(struct file *file, struct folio *folio)
{
	struct inode *inode = folio->mapping->host;
	struct layout *lo = cl_layout_current(inode);
	struct cl_obj *obj;
	struct cl_brw *brw;
	int rc = 0;
	u64 pos;

	if (!page_object(lo, folio->index, &obj, &pos)) {
		zero_folio(folio);
		goto out;
	}
	brw = cl_brw_alloc(obj, false, 1);
	if (!brw) {
		folio_unlock(folio);
		rc = -ENOMEM;
		goto out;
	}
	brw->done = read_done;
	cl_brw_add(brw, pos, folio_page(folio, 0), 0, PAGE_SIZE, read_flags());
	cl_brw_send(brw);
out:
	layout_put(lo);
	return rc;
}

struct sync_read {
	struct completion	done;
	int			rc;
};

static void sync_read_done(struct cl_brw *brw, int rc)
{
	struct sync_read *s = brw->data;
	struct folio *folio = page_folio(brw->bv[0].bv_page);

	if (rc >= 0) {
		if (rc < PAGE_SIZE)
			folio_zero_segment(folio, rc, PAGE_SIZE);
		folio_mark_uptodate(folio);
	}
	s->rc = rc < 0 ? rc : 0;
	complete(&s->done);
}

int cl_read_folio_sync(struct inode *inode, struct folio *folio)
{
	struct layout *lo = cl_layout_current(inode);
	struct sync_read s = { .rc = 0 };
	struct cl_obj *obj;
	struct cl_brw *brw;
	u64 pos;

	if (!page_object(lo, folio->index, &obj, &pos)) {
		folio_zero_segment(folio, 0, folio_size(folio));
		folio_mark_uptodate(folio);
		goto out;
	}
	/* past what exists of the object there is nothing to fetch */
	if (pos >= READ_ONCE(obj->kms)) {
		folio_zero_segment(folio, 0, folio_size(folio));
		folio_mark_uptodate(folio);
		goto out;
	}
	brw = cl_brw_alloc(obj, false, 1);
	if (!brw) {
		s.rc = -ENOMEM;
		goto out;
	}
	init_completion(&s.done);
	brw->done = sync_read_done;
	brw->data = &s;
	cl_brw_add(brw, pos, folio_page(folio, 0), 0, PAGE_SIZE, read_flags());
	cl_brw_send(brw);
	wait_for_completion(&s.done);
out:
	layout_put(lo);
	return s.rc;
}

/* --- dirty folios --- */

bool cl_folio_dirty(struct inode *inode, struct folio *folio, struct cl_obj *obj, u64 got)
{
	bool fresh = !folio_test_private(folio);

	if (fresh) {
		folio_attach_private(folio, (void *)((unsigned long)obj | (got ? 0 : CL_NO_GRANT)));
		atomic_inc(&obj->nr_dirty);
		cl_grant_dirty(obj->osc, got);
		WRITE_ONCE(obj->last_dirty, folio->index);
	}
	filemap_dirty_folio(inode->i_mapping, folio);
	return fresh;
}

/* The folio leaves the dirty state: to be written (@written), or dropped. Return: had it grant? */
static bool folio_undirty(struct folio *folio, bool written)
{
	struct cl_obj *obj = cl_folio_obj(folio);
	bool granted = !((unsigned long)folio->private & CL_NO_GRANT);

	folio_detach_private(folio);
	if (!written) {
		cl_grant_undirty(obj->osc, 1, granted);
		atomic_dec(&obj->nr_dirty);
	}
	return granted;
}

static void cl_invalidate_folio(struct folio *folio, size_t offset, size_t length)
{
	if (folio_test_private(folio) && !offset && length == folio_size(folio))
		folio_undirty(folio, false);
}

static bool cl_release_folio(struct folio *folio, gfp_t gfp)
{
	return !folio_test_private(folio);
}

/* --- writing back --- */

static void write_done(struct cl_brw *brw, int rc)
{
	struct cl_obj *obj = brw->obj;
	struct address_space *mapping = NULL;
	unsigned int i;

	for (i = 0; i < brw->nr; i++) {
		struct folio *folio = page_folio(brw->bv[i].bv_page);

		mapping = folio->mapping;
		if (rc && mapping)
			mapping_set_error(mapping, rc);
		atomic_dec(&obj->nr_dirty);
		folio_end_writeback(folio);
	}
	atomic_dec(&obj->osc->writing);
	cl_grant_undirty(obj->osc, brw->nr, false);
}

/*
 * struct wb - one run over an inode's dirty pages
 * @brw: bulk being filled for each object, most recent first
 */
struct wb {
	struct inode		*inode;
	struct layout		*lo;
	struct writeback_control *wbc;
	struct cl_brw		*brw[16];
	int			rc;
};

static void wb_send(struct cl_brw **slot)
{
	struct cl_brw *brw = *slot;

	*slot = NULL;
	atomic_inc(&brw->obj->osc->writing);
	cl_brw_send(brw);
}

static struct cl_brw **wb_slot(struct wb *wb, struct cl_obj *obj)
{
	struct cl_brw **empty = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wb->brw); i++) {
		if (wb->brw[i] && wb->brw[i]->obj == obj)
			return &wb->brw[i];
		if (!wb->brw[i])
			empty = &wb->brw[i];
	}
	if (empty)
		return empty;
	wb_send(&wb->brw[obj->stripe % ARRAY_SIZE(wb->brw)]);
	return &wb->brw[obj->stripe % ARRAY_SIZE(wb->brw)];
}

/* A locked folio, clean for I/O: put it into a bulk. */
static int wb_add(struct wb *wb, struct folio *folio)
{
	u32 len, flags = OBD_BRW_ASYNC | OBD_BRW_SYS_RESOURCE;
	struct cl_brw **slot;
	struct cl_obj *obj;
	bool granted;
	u64 pos, kms;

	if (!page_object(wb->lo, folio->index, &obj, &pos))
		return -EIO;
	/* the object ends here, or more of it than this page holds: i_size may lag behind */
	kms = READ_ONCE(obj->kms);
	if (pos >= kms) {
		/* truncated while we looked */
		folio_undirty(folio, false);
		return 1;
	}
	len = min_t(u64, PAGE_SIZE, kms - pos);
	/* what a mapping left behind the end is not part of the file, and will not be when that grows */
	if (len < PAGE_SIZE)
		folio_zero_segment(folio, len, PAGE_SIZE);
	slot = wb_slot(wb, obj);
	if (*slot && !cl_brw_fits(*slot, pos, len))
		wb_send(slot);
	if (!*slot) {
		*slot = cl_brw_alloc(obj, true, cl_osc_pages(obj->osc));
		if (!*slot)
			return -ENOMEM;
		(*slot)->done = write_done;
	}
	granted = folio_undirty(folio, true);
	if (granted) {
		flags |= OBD_BRW_FROM_GRANT;
		(*slot)->pages++;
	} else {
		flags = (flags & ~OBD_BRW_ASYNC) | OBD_BRW_SYNC;
	}
	folio_start_writeback(folio);
	cl_brw_add(*slot, pos, folio_page(folio, 0), 0, len, flags);
	return 0;
}

static void wb_folio(struct wb *wb, struct folio *folio)
{
	int rc;

	folio_lock(folio);
	if (folio->mapping != wb->inode->i_mapping || !folio_test_dirty(folio))
		goto unlock;
	if (folio_test_writeback(folio)) {
		if (wb->wbc->sync_mode == WB_SYNC_NONE)
			goto unlock;
		folio_wait_writeback(folio);
	}
	if (!folio_clear_dirty_for_io(folio))
		goto unlock;
	rc = wb_add(wb, folio);
	if (rc < 0) {
		folio_redirty_for_writepage(wb->wbc, folio);
		wb->rc = wb->rc ?: rc;
	}
	wb->wbc->nr_to_write--;
unlock:
	folio_unlock(folio);
}

static int cl_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	struct wb wb = { .inode = mapping->host, .wbc = wbc };
	pgoff_t index = wbc->range_cyclic ? 0 : wbc->range_start >> PAGE_SHIFT;
	pgoff_t end = wbc->range_cyclic ? -1 : wbc->range_end >> PAGE_SHIFT;
	xa_mark_t tag = PAGECACHE_TAG_DIRTY;
	struct folio_batch batch;
	unsigned int i, nr;

	wb.lo = cl_layout_current(wb.inode);
	folio_batch_init(&batch);
	if (wbc->sync_mode == WB_SYNC_ALL) {
		tag_pages_for_writeback(mapping, index, end);
		tag = PAGECACHE_TAG_TOWRITE;
	}
	while (index <= end && (nr = filemap_get_folios_tag(mapping, &index, end, tag, &batch))) {
		for (i = 0; i < nr; i++)
			wb_folio(&wb, batch.folios[i]);
		folio_batch_release(&batch);
		cond_resched();
		if (wbc->sync_mode == WB_SYNC_NONE && wbc->nr_to_write <= 0)
			break;
	}
	for (i = 0; i < ARRAY_SIZE(wb.brw); i++)
		if (wb.brw[i])
			wb_send(&wb.brw[i]);
	layout_put(wb.lo);
	return wb.rc;
}

const struct address_space_operations cl_aops = {
	.read_folio		= cl_read_folio,
	.readahead		= cl_readahead,
	.writepages		= cl_writepages,
	.dirty_folio		= filemap_dirty_folio,
	.invalidate_folio	= cl_invalidate_folio,
	.release_folio		= cl_release_folio,
	.migrate_folio		= filemap_migrate_folio,
};

int cl_data_flush(struct inode *inode)
{
	return filemap_write_and_wait(inode->i_mapping);
}

void cl_data_init_inode(struct cl_inode *ci)
{
	INIT_LIST_HEAD(&ci->objs);
	atomic_set(&ci->write_opens, 0);
	mutex_init(&ci->size_mutex);
	ci->blocks = 0;
}

int cl_data_init(void)
{
	return cl_brw_init();
}

void cl_data_fini(void)
{
	/* locks of objects that are gone are freed by RCU */
	rcu_barrier();
	cl_brw_fini();
}
