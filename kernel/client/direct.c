// SPDX-License-Identifier: GPL-2.0
/*
 * O_DIRECT: the caller's pages go straight into bulks; the server locks for us (SRVLOCK, chapter
 * 05, B3). RPCs: one per 4 MiB and object, all at once; copies: none.
 */
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include "kernel/client/data.h"

/*
 * struct direct - one direct I/O
 * @short_end: file offset up to which data was read (reads)
 */
struct direct {
	atomic_t		pending;
	struct completion	done;
	spinlock_t		lock;
	int			rc;
	bool			write;
	struct kref		ref;
};

static void direct_release(struct kref *ref)
{
	kfree(container_of(ref, struct direct, ref));
}

static void direct_done(struct cl_brw *brw, int rc)
{
	struct direct *d = brw->data;
	u32 got = rc < 0 ? 0 : rc;
	unsigned int i;

	for (i = 0; i < brw->nr; i++) {
		struct bio_vec *bv = &brw->bv[i];
		u32 n = min(got, bv->bv_len);

		if (!d->write) {
			/* the caller cuts at the end of the file; what is left is a hole */
			if (rc >= 0 && n < bv->bv_len)
				memzero_page(bv->bv_page, bv->bv_offset + n, bv->bv_len - n);
			set_page_dirty_lock(bv->bv_page);
		}
		got -= n;
		put_page(bv->bv_page);
	}
	if (d->write && rc >= 0)
		cl_obj_set_size(brw->obj, brw->end, false);
	if (rc < 0) {
		spin_lock(&d->lock);
		d->rc = d->rc ?: rc;
		spin_unlock(&d->lock);
	}
	if (atomic_dec_and_test(&d->pending))
		complete(&d->done);
	kref_put(&d->ref, direct_release);
}

/* One page piece of the caller at file offset @pos, all of it within one page of the object. */
static int add_piece(struct direct *d, struct cl_brw **brwp, struct layout *lo, u64 pos,
		     struct page *page, u32 off, u32 len)
{
	u32 flags = OBD_BRW_SRVLOCK | OBD_BRW_NOCACHE | OBD_BRW_SYNC |
		    (capable(CAP_SYS_RESOURCE) ? OBD_BRW_SYS_RESOURCE : 0) |
		    (d->write ? OBD_BRW_WRITE : OBD_BRW_READ);
	struct layout_comp *c = layout_comp_at(lo, pos);
	struct cl_brw *brw = *brwp;
	struct cl_obj *obj;
	u64 obj_pos;
	u32 stripe;

	if (!c)
		return d->write ? -ENODATA : -ENXIO;
	stripe = layout_offset(c, pos, &obj_pos);
	obj = c->init ? c->stripe[stripe].obj : NULL;
	if (!obj) {
		if (d->write)
			return -EIO;
		memzero_page(page, off, len);
		put_page(page);
		return 0;
	}
	if (brw && (brw->obj != obj || !cl_brw_fits(brw, obj_pos, len) || obj_pos != brw->end)) {
		cl_brw_send(brw);
		brw = NULL;
	}
	if (!brw) {
		brw = cl_brw_alloc(obj, d->write, cl_osc_pages(obj->osc));
		*brwp = brw;
		if (!brw)
			return -ENOMEM;
		brw->direct = true;
		brw->done = direct_done;
		brw->data = d;
		kref_get(&d->ref);
		atomic_inc(&d->pending);
	}
	cl_brw_add(brw, obj_pos, page, off, len, flags);
	*brwp = brw;
	return 0;
}

#define DIRECT_PAGES	64

static ssize_t direct_send(struct direct *d, struct layout *lo, struct iov_iter *iter, u64 pos)
{
	struct page *pages[DIRECT_PAGES];
	struct cl_brw *brw = NULL;
	u64 start = pos;
	ssize_t rc = 0;

	while (iov_iter_count(iter) && !rc) {
		size_t off, len;
		ssize_t n = iov_iter_get_pages2(iter, pages, DIRECT_PAGES * PAGE_SIZE, DIRECT_PAGES, &off);
		unsigned int i = 0;

		if (n <= 0) {
			rc = n ?: -EFAULT;
			break;
		}
		for (; n; i++, off = 0) {
			len = min_t(size_t, n, PAGE_SIZE - off);
			n -= len;
			if (rc) {
				put_page(pages[i]);
				continue;
			}
			rc = add_piece(d, &brw, lo, pos, pages[i], off, len);
			if (rc)
				put_page(pages[i]);
			else
				pos += len;
		}
	}
	if (brw)
		cl_brw_send(brw);
	return pos > start ? pos - start : rc;
}

/* Memory in whole pages, but for the length of the last piece */
static bool direct_aligned(const struct iov_iter *iter)
{
	size_t whole = round_down(iov_iter_count(iter), PAGE_SIZE);
	struct iov_iter first = *iter, last = *iter;

	iov_iter_truncate(&first, whole);
	iov_iter_advance(&last, whole);
	iov_iter_truncate(&last, 2);
	return !offset_in_page(iov_iter_alignment(&first)) && !(offset_in_page(iov_iter_alignment(&last)) & ~3);
}

/*
 * cl_direct_rw() - direct read or write; i_rwsem is held for writes
 *
 * Position and memory must be page aligned, and the length but for the last piece.
 * Return: bytes or an error.
 */
ssize_t cl_direct_rw(struct kiocb *iocb, struct iov_iter *iter, struct layout *lo)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	bool write = iov_iter_rw(iter) == WRITE;
	u64 pos = iocb->ki_pos, end;
	size_t count = iov_iter_count(iter);
	struct direct *d;
	ssize_t n, rc;

	if (offset_in_page(pos) || !direct_aligned(iter))
		return -EINVAL;
	/* our own cache gives way; others' the server calls back */
	end = pos + count - 1;
	rc = filemap_write_and_wait_range(inode->i_mapping, pos, end);
	if (!rc && write)
		rc = invalidate_inode_pages2_range(inode->i_mapping, pos >> PAGE_SHIFT, end >> PAGE_SHIFT);
	if (!rc && !write)
		rc = cl_glimpse(inode);
	if (rc)
		return rc;
	if (!write) {
		if (pos >= i_size_read(inode))
			return 0;
		/* beyond the end there is nothing to fetch */
		count = min_t(u64, count, i_size_read(inode) - pos);
		iov_iter_truncate(iter, round_up(count, PAGE_SIZE));
	}
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	kref_init(&d->ref);
	init_completion(&d->done);
	spin_lock_init(&d->lock);
	atomic_set(&d->pending, 1);
	d->write = write;
	n = direct_send(d, lo, iter, pos);
	if (!atomic_dec_and_test(&d->pending))
		wait_for_completion(&d->done);
	rc = d->rc ?: n;
	kref_put(&d->ref, direct_release);
	if (rc <= 0)
		return rc;
	rc = min_t(size_t, rc, count);
	iocb->ki_pos += rc;
	if (write && iocb->ki_pos > i_size_read(inode))
		i_size_write(inode, iocb->ki_pos);
	return rc;
}
