// SPDX-License-Identifier: GPL-2.0
/*
 * Regular files: read, write, mmap, llseek, fallocate. RPCs that the caller waits for: none while
 * the locks are cached, but for the data itself (architecture, section 7).
 */
#include <linux/backing-dev.h>
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <linux/writeback.h>
#include "inode_time.h"
#include "splice.h"
#include "uio.h"
#include "pagecache.h"
#include "kernel/client/data.h"

/* --- reading --- */

static void accessed(struct file *file)
{
	struct inode *inode = file_inode(file);

	file_accessed(file);
	WRITE_ONCE(CL_I(inode)->read_time, inode_get_atime_sec(inode));
}

/* The pages of a read that are in the cache or on their way to it, and those that nobody asked for yet */
static void count_pages(struct inode *inode, u64 pos, u64 end)
{
	struct stats *st = cl_fs(inode->i_sb)->ra_stats;
	u64 size = i_size_read(inode), pages, hits;
	pgoff_t first = pos >> PAGE_SHIFT, last;

	if (pos >= size)
		return;
	last = min(end, size - 1) >> PAGE_SHIFT;
	pages = last - first + 1;
	hits = min(cl_cached_pages(inode, first, last, NULL), pages);
	stats_count(st, CL_RA_HITS, hits);
	stats_count(st, CL_RA_MISSES, pages - hits);
}

static void count_io(struct inode *inode, bool write, size_t bytes, ktime_t start)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);

	stats_add(fs->stats, write ? CL_ST_WRITE_BYTES : CL_ST_READ_BYTES, bytes);
	stats_add(fs->stats, write ? CL_ST_WRITE : CL_ST_READ, ktime_us_delta(ktime_get(), start));
	cl_extents_add(fs, write, bytes);
}

static ssize_t cl_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	size_t count = iov_iter_count(to);
	ktime_t start = ktime_get();
	struct cl_locks locks;
	struct layout *lo;
	u64 end;
	ssize_t rc;

	if (!count)
		return 0;
	lo = cl_layout_get(inode);
	if (IS_ERR_OR_NULL(lo))
		return PTR_ERR_OR_ZERO(lo);
	if (iocb->ki_flags & IOCB_DIRECT) {
		rc = cl_direct_rw(iocb, to, lo);
		goto out;
	}
	end = min_t(u64, (u64)iocb->ki_pos + count, MAX_LFS_FILESIZE) - 1;
	rc = cl_lock_range(lo, iocb->ki_pos, end, LDLM_PR, 0, &locks);
	if (rc)
		goto out;
	/* other stripes may say that the file goes on */
	rc = cl_size_reaches(inode, lo, end);
	if (!rc) {
		count_pages(inode, iocb->ki_pos, end);
		rc = generic_file_read_iter(iocb, to);
	}
	cl_unlock_range(&locks);
out:
	layout_put(lo);
	if (rc > 0) {
		accessed(iocb->ki_filp);
		count_io(inode, false, rc, start);
	}
	return rc;
}

static ssize_t cl_file_splice_read(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe,
				   size_t len, unsigned int flags)
{
	/* through read_iter: the pages are only good while the lock is held */
	return copy_splice_read(in, ppos, pipe, len, flags);
}

/* --- writing --- */

/*
 * Object of the page at @pos, and the grant for it: *@got is 0 if there is none, and with @wait none
 * to be had by writing what the file has in the cache.
 */
static int write_begin_page(struct inode *inode, struct layout *lo, loff_t pos, bool wait,
			    struct cl_obj **obj, u64 *got, u64 *obj_pos)
{
	struct layout_comp *c = layout_comp_at(lo, pos);
	bool extent;
	u32 stripe;

	if (!c)
		return -ENODATA;	/* behind the last component */
	stripe = layout_offset(c, pos, obj_pos);
	*obj = c->init ? c->stripe[stripe].obj : NULL;
	if (!*obj)
		return -EIO;
	extent = READ_ONCE((*obj)->last_dirty) + 1 != pos >> PAGE_SHIFT;
	if (cl_grant_reserve((*obj)->osc, extent, got) || !wait)
		return 0;
	/* replies to writes bring more */
	filemap_fdatawrite(inode->i_mapping);
	return cl_grant_reserve_wait((*obj)->osc, extent, got);
}

/* Does the page need its old content before @from..@to of it is overwritten? */
static int write_fill_page(struct inode *inode, struct folio *folio, struct cl_obj *obj, u64 obj_pos,
			   size_t off, size_t len)
{
	if (folio_test_uptodate(folio) || (!off && len == PAGE_SIZE))
		return 0;
	if (round_down(obj_pos, PAGE_SIZE) >= READ_ONCE(obj->kms)) {
		folio_zero_segments(folio, 0, off, off + len, PAGE_SIZE);
		folio_mark_uptodate(folio);
		return 0;
	}
	return cl_read_folio_sync(inode, folio);
}

static struct folio *grab_folio(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio = __filemap_get_folio(mapping, index,
		FGP_LOCK | FGP_WRITE | FGP_CREAT | FGP_STABLE, mapping_gfp_mask(mapping));

	return IS_ERR_OR_NULL(folio) ? NULL : folio;
}

/* Copy into one page of the cache; @unpaid is set if no grant was left for it. Return: bytes, or an error. */
static ssize_t write_page(struct kiocb *iocb, struct iov_iter *from, struct layout *lo, bool *unpaid)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct address_space *mapping = inode->i_mapping;
	loff_t pos = iocb->ki_pos;
	size_t off = offset_in_page(pos), len = min_t(size_t, PAGE_SIZE - off, iov_iter_count(from)), n;
	struct folio *folio;
	struct cl_obj *obj;
	u64 got, obj_pos;
	int rc;

	if (fault_in_iov_iter_readable(from, len) == len)
		return -EFAULT;
	rc = write_begin_page(inode, lo, pos, !*unpaid, &obj, &got, &obj_pos);
	if (rc)
		return rc;
	folio = grab_folio(mapping, pos >> PAGE_SHIFT);
	if (!folio) {
		cl_grant_return(obj->osc, got);
		return -ENOMEM;
	}
	rc = write_fill_page(inode, folio, obj, obj_pos, off, len);
	if (rc) {
		cl_grant_return(obj->osc, got);
		goto unlock;
	}
	n = copy_folio_from_iter_atomic(folio, off, len, from);
	flush_dcache_folio(folio);
	if (n < len && !folio_test_uptodate(folio)) {
		/* a fault in the middle of a page whose rest is unknown: once more */
		iov_iter_revert(from, n);
		n = 0;
	}
	if (!n) {
		cl_grant_return(obj->osc, got);
		goto unlock;
	}
	folio_mark_uptodate(folio);
	if (!cl_folio_dirty(inode, folio, obj, got))
		cl_grant_return(obj->osc, got);
	else if (!got)
		*unpaid = true;
	cl_file_grew(inode, obj, obj_pos + n, pos + n);
	folio_unlock(folio);
	folio_put(folio);
	iocb->ki_pos += n;
	return n;
unlock:
	folio_unlock(folio);
	folio_put(folio);
	return rc;
}

/*
 * Write what no grant pays for, from @sent on, and wait: it must be on the OST before the caller
 * believes that there is room. If there is none, @iocb goes back to @sent and @unpaid stays.
 */
static int write_unpaid(struct kiocb *iocb, loff_t sent, bool *unpaid)
{
	int rc = filemap_write_and_wait_range(iocb->ki_filp->f_mapping, sent, iocb->ki_pos - 1);

	if (rc)
		iocb->ki_pos = sent;
	else
		*unpaid = false;
	return rc;
}

/* Bytes of the file that fill one bulk for each object of @c. */
static u64 write_chunk(const struct layout_comp *c)
{
	u64 bulk = LNET_MTU;

	if (c->init && c->stripe[0].obj)
		bulk = (u64)cl_osc_pages(c->stripe[0].obj->osc) << PAGE_SHIFT;
	return c->stripe_size < bulk ? bulk * c->stripe_count : bulk;
}

/* Keep the OSTs busy: whole bulks go out while the caller goes on, however small its writes are. */
static int write_behind(struct kiocb *iocb, struct layout *lo, loff_t *sent, bool *unpaid)
{
	loff_t pos = iocb->ki_pos;
	struct layout_comp *c = layout_comp_at(lo, pos - 1);
	u64 obj_pos, chunk, part;
	u32 stripe;
	int rc;

	if (!c || !c->init || (pos & ~PAGE_MASK))
		return 0;
	chunk = write_chunk(c);
	div64_u64_rem(pos, chunk, &part);
	if (part)
		return 0;
	if (*unpaid) {
		rc = write_unpaid(iocb, *sent, unpaid);
		if (rc)
			return rc;
	} else {
		filemap_fdatawrite_range(iocb->ki_filp->f_mapping, pos - chunk, pos - 1);
	}
	*sent = pos;
	stripe = layout_offset(c, pos - 1, &obj_pos);
	if (!c->stripe[stripe].obj)
		return 0;
	return cl_grant_wait(c->stripe[stripe].obj->osc);
}

/* @unpaid is left true if the cache holds what the OSTs have no room for */
static ssize_t buffered_write(struct kiocb *iocb, struct iov_iter *from, struct layout *lo, bool *unpaid)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	loff_t start = iocb->ki_pos, sent = start;
	ssize_t rc = 0;

	while (iov_iter_count(from)) {
		rc = write_page(iocb, from, lo, unpaid);
		if (rc < 0)
			break;
		rc = write_behind(iocb, lo, &sent, unpaid);
		if (rc < 0)
			break;
		balance_dirty_pages_ratelimited(inode->i_mapping);
		if (fatal_signal_pending(current)) {
			rc = -EINTR;
			break;
		}
		cond_resched();
	}
	if (*unpaid && iocb->ki_pos > sent)
		rc = write_unpaid(iocb, sent, unpaid) ?: rc;
	return iocb->ki_pos > start ? iocb->ki_pos - start : rc;
}

/*
 * The times that go with new data; the objects carry them to the OSTs. They never go back, for
 * another client whose clock is ahead may have written before.
 */
static void touch(struct inode *inode, struct layout *lo, u64 start, u64 end)
{
	struct timespec64 now = current_time(inode);
	struct layout_comp *c;
	u64 from, to;
	u32 i;

	if (inode_get_mtime_sec(inode) < now.tv_sec)
		inode_set_mtime_to_ts(inode, now);
	if (inode_get_ctime_sec(inode) < now.tv_sec)
		inode_set_ctime_to_ts(inode, now);
	layout_for_each_stripe(lo, c, i) {
		struct cl_obj *obj = c->stripe[i].obj;

		if (!obj || !layout_obj_range(c, i, start, end, &from, &to))
			continue;
		spin_lock(&obj->lock);
		obj->mtime = max(obj->mtime, now.tv_sec);
		obj->ctime = max(obj->ctime, now.tv_sec);
		spin_unlock(&obj->lock);
	}
	set_bit(CI_DATA_MODIFIED, &CL_I(inode)->flags);
}

static void forget_objects(struct layout *lo)
{
	struct layout_comp *c;
	u32 i;

	layout_for_each_stripe(lo, c, i)
		if (c->stripe[i].obj)
			cl_obj_drop_locks(c->stripe[i].obj);
}

/* Nothing that no object can take gets into the cache. Return: 0, or -EFBIG if nothing is left of @from */
static int write_limit(struct kiocb *iocb, struct iov_iter *from, const struct layout *lo)
{
	u64 max = cl_max_bytes(lo);

	/* behind the end of the last component there is nothing, which is another error */
	if (lo->comp[lo->nr - 1].end != LAYOUT_EOF)
		return 0;
	if (iocb->ki_pos >= max)
		return -EFBIG;
	iov_iter_truncate(from, max - iocb->ki_pos);
	return 0;
}

/* Position and length are final, i_rwsem is held: take the locks and write. */
static ssize_t write_locked(struct kiocb *iocb, struct iov_iter *from, bool append)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct cl_locks locks;
	bool unpaid = false;
	struct layout *lo;
	u64 start, end;
	ssize_t rc;

	start = append ? 0 : iocb->ki_pos;
	end = append ? LAYOUT_EOF : iocb->ki_pos + iov_iter_count(from) - 1;
	lo = cl_layout_write(inode, start, append ? LAYOUT_EOF : end + 1, false);
	if (IS_ERR(lo))
		return PTR_ERR(lo);
	if (!lo)
		return -EIO;
	if (!append) {
		rc = write_limit(iocb, from, lo);
		if (rc)
			goto out;
	}
	if ((iocb->ki_flags & IOCB_DIRECT) && !append) {
		rc = cl_direct_rw(iocb, from, lo);
		if (rc > 0)
			touch(inode, lo, start, end);
		goto out;
	}
	rc = cl_lock_range(lo, start, end, LDLM_PW, 0, &locks);
	if (rc)
		goto out;
	/* of the objects that are locked: whoever needs the size of the others asks */
	cl_size_merge(inode);
	if (append) {
		iocb->ki_pos = i_size_read(inode);
		rc = write_limit(iocb, from, lo);
		if (rc)
			goto unlock;
	}
	touch(inode, lo, iocb->ki_pos, iocb->ki_pos + iov_iter_count(from) - 1);
	rc = buffered_write(iocb, from, lo, &unpaid);
unlock:
	cl_unlock_range(&locks);
	/* what is cached beyond what could be stored, and sizes that count it, go with the locks */
	if (unpaid)
		forget_objects(lo);
out:
	layout_put(lo);
	return rc;
}

static ssize_t cl_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	bool append = iocb->ki_flags & IOCB_APPEND;
	ktime_t start = ktime_get();
	ssize_t rc;

	inode_lock(inode);
	if (append)
		iocb->ki_pos = i_size_read(inode);
	rc = generic_write_checks(iocb, from);
	if (rc > 0)
		rc = file_remove_privs(file) ?: rc;
	if (rc > 0)
		rc = write_locked(iocb, from, append);
	inode_unlock(inode);
	if (rc > 0) {
		count_io(inode, true, rc, start);
		rc = generic_write_sync(iocb, rc);
	}
	return rc;
}

/* --- mmap --- */

static vm_fault_t cl_fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	u64 pos = (u64)vmf->pgoff << PAGE_SHIFT;
	struct cl_locks locks;
	struct layout *lo;
	vm_fault_t ret;
	int rc = 0;

	lo = cl_layout_get(inode);
	if (IS_ERR(lo))
		return vmf_error(PTR_ERR(lo));
	if (!lo)
		return VM_FAULT_SIGBUS;
	rc = cl_lock_range(lo, pos, pos + PAGE_SIZE - 1, LDLM_PR, 0, &locks);
	if (rc) {
		layout_put(lo);
		return vmf_error(rc);
	}
	rc = cl_size_reaches(inode, lo, pos);
	/* the page comes back locked: a cancel of the lock waits until it is mapped, then unmaps it */
	ret = rc ? vmf_error(rc) : filemap_fault(vmf);
	cl_unlock_range(&locks);
	layout_put(lo);
	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_PAGE_FAULT);
	return ret;
}

static vm_fault_t mkwrite_locked(struct inode *inode, struct folio *folio, struct layout *lo)
{
	u64 pos = folio_pos(folio), got, obj_pos;
	struct cl_obj *obj;
	int rc;

	/* without grant too: it cannot be written from here, write-back will tell of ENOSPC */
	rc = write_begin_page(inode, lo, pos, false, &obj, &got, &obj_pos);
	if (rc)
		return vmf_error(rc);
	folio_lock(folio);
	if (folio->mapping != inode->i_mapping || pos >= i_size_read(inode)) {
		folio_unlock(folio);
		cl_grant_return(obj->osc, got);
		return VM_FAULT_NOPAGE;
	}
	folio_wait_writeback(folio);
	if (!cl_folio_dirty(inode, folio, obj, got))
		cl_grant_return(obj->osc, got);
	cl_obj_grew(obj, obj_pos + min_t(u64, PAGE_SIZE, i_size_read(inode) - pos));
	return VM_FAULT_LOCKED;
}

static vm_fault_t cl_page_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct folio *folio = page_folio(vmf->page);
	u64 pos = (u64)vmf->pgoff << PAGE_SHIFT;
	struct cl_locks locks;
	struct layout *lo;
	vm_fault_t ret;
	int rc;

	sb_start_pagefault(inode->i_sb);
	lo = cl_layout_write(inode, pos, pos + PAGE_SIZE, false);
	if (IS_ERR_OR_NULL(lo)) {
		ret = lo ? vmf_error(PTR_ERR(lo)) : VM_FAULT_SIGBUS;
		goto out;
	}
	rc = cl_lock_range(lo, pos, pos + PAGE_SIZE - 1, LDLM_PW, 0, &locks);
	if (rc) {
		ret = vmf_error(rc);
	} else {
		touch(inode, lo, pos, pos + PAGE_SIZE - 1);
		ret = mkwrite_locked(inode, folio, lo);
		cl_unlock_range(&locks);
	}
	layout_put(lo);
	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_PAGE_MKWRITE);
out:
	sb_end_pagefault(inode->i_sb);
	return ret;
}

static const struct vm_operations_struct cl_vm_ops = {
	.fault		= cl_fault,
	.page_mkwrite	= cl_page_mkwrite,
};

static int cl_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	accessed(file);
	vma->vm_ops = &cl_vm_ops;
	stats_inc(cl_fs(file_inode(file)->i_sb)->stats, CL_ST_MMAP);
	return 0;
}

/* --- seek, fallocate, flush --- */

static loff_t seek_data(struct file *file, loff_t pos, int whence)
{
	struct inode *inode = file_inode(file);
	struct layout *lo;
	loff_t size, at;
	int rc;

	/* what is only in our cache is data too */
	rc = filemap_write_and_wait(inode->i_mapping);
	if (!rc)
		rc = cl_glimpse(inode);
	if (rc)
		return rc;
	size = i_size_read(inode);
	if (pos < 0 || pos >= size)
		return -ENXIO;
	lo = cl_layout_get(inode);
	if (IS_ERR(lo))
		return PTR_ERR(lo);
	at = lo ? cl_seek_objs(lo, pos, whence, size) : whence == SEEK_HOLE ? pos : -ENXIO;
	layout_put(lo);
	return at < 0 ? at : vfs_setpos(file, at, inode->i_sb->s_maxbytes);
}

static loff_t cl_file_llseek(struct file *file, loff_t pos, int whence)
{
	struct inode *inode = file_inode(file);
	int rc;

	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_SEEK);
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_data(file, pos, whence);
	if (whence == SEEK_END) {
		rc = cl_glimpse(inode);
		if (rc)
			return rc;
	}
	return generic_file_llseek(file, pos, whence);
}

static long cl_file_fallocate(struct file *file, int mode, loff_t pos, loff_t len)
{
	struct inode *inode = file_inode(file);
	loff_t end = pos + len;
	struct cl_locks locks;
	struct layout *lo;
	long rc;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	rc = inode_newsize_ok(inode, end);
	if (!rc)
		rc = file_remove_privs(file);
	if (rc)
		goto unlock;
	lo = cl_layout_write(inode, pos, end, false);
	if (IS_ERR_OR_NULL(lo)) {
		rc = lo ? PTR_ERR(lo) : -EIO;
		goto unlock;
	}
	rc = end > cl_max_bytes(lo) ? -EFBIG : cl_lock_range(lo, pos, end - 1, LDLM_PW, 0, &locks);
	if (rc)
		goto put;
	/* nobody reads back what is going to be a hole */
	filemap_invalidate_lock(inode->i_mapping);
	rc = filemap_write_and_wait_range(inode->i_mapping, pos, end - 1);
	if (!rc && (mode & FALLOC_FL_PUNCH_HOLE))
		truncate_pagecache_range(inode, pos, end - 1);
	if (!rc)
		rc = cl_fallocate_objs(inode, lo, mode, pos, end - 1);
	filemap_invalidate_unlock(inode->i_mapping);
	if (!rc) {
		touch(inode, lo, pos, end - 1);
		if (!(mode & FALLOC_FL_KEEP_SIZE) && end > i_size_read(inode))
			i_size_write(inode, end);
	}
	cl_unlock_range(&locks);
put:
	layout_put(lo);
unlock:
	inode_unlock(inode);
	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_FALLOCATE);
	return rc;
}

/* close(2) tells of errors of what was written; the data itself may stay dirty under its lock. */
static int cl_file_flush(struct file *file, fl_owner_t id)
{
	return file->f_mode & FMODE_WRITE ? filemap_check_wb_err(file->f_mapping, file->f_wb_err) : 0;
}

const struct file_operations cl_file_fops = {
	.open		= cl_file_open,
	.release	= cl_file_release,
	.read_iter	= cl_file_read_iter,
	.write_iter	= cl_file_write_iter,
	.splice_read	= cl_file_splice_read,
	.splice_write	= iter_file_splice_write,
	.mmap		= cl_file_mmap,
	.llseek		= cl_file_llseek,
	.fsync		= cl_fsync,
	.fallocate	= cl_file_fallocate,
	.flush		= cl_file_flush,
	.lock		= cl_file_lock,
	.flock		= cl_file_flock,
	.unlocked_ioctl	= cl_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};
