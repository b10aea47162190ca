// SPDX-License-Identifier: GPL-2.0
/*
 * Reading directories. Pages of 4096 bytes as the MDT packs them (dirpage.c) are cached in the
 * directory's mapping while an UPDATE lock is held; positions are name hashes (chapter 04, 8).
 *
 * A page is kept at the index DIR_INDEX(hash_start), which runs backwards, so that the page that
 * holds a hash is the first one at or after the index of that hash.
 */
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

#define DIR_INDEX(hash)	((pgoff_t)(LLONG_MAX - (hash)))
#define DIR_EOF		LLONG_MAX
#define DIR_MAX_PAGES	256	/* of one READPAGE: 1 MiB */

static const struct lu_dirpage *dirpage(const struct folio *folio)
{
	return folio_address(folio);
}

/* --- the cache --- */

static struct folio *find_page(struct inode *dir, u64 hash)
{
	pgoff_t index = DIR_INDEX(hash);
	struct folio *folio = NULL;
	struct folio_batch batch;

	folio_batch_init(&batch);
	if (!filemap_get_folios(dir->i_mapping, &index, DIR_INDEX(0), &batch))
		return NULL;
	if (folio_test_uptodate(batch.folios[0]) &&
	    hash < le64_to_cpu(dirpage(batch.folios[0])->ldp_hash_end)) {
		folio = batch.folios[0];
		folio_get(folio);
	}
	folio_batch_release(&batch);
	return folio;
}

void cl_dir_invalidate(struct inode *dir)
{
	truncate_inode_pages(dir->i_mapping, 0);
}

/* A guess of how many pages are left: entries are larger on the wire than in ext4 */
static unsigned int pages_wanted(struct inode *dir)
{
	u64 nr = (i_size_read(dir) >> LU_PAGE_SHIFT) * 2 + 2;

	return min_t(u64, nr, DIR_MAX_PAGES);
}

/* Check what arrived and put it into the cache; Return: the page that begins at @cookie */
static struct folio *add_dirpages(struct inode *dir, u64 cookie, struct page **pages, unsigned int nr)
{
	struct folio *first = NULL;
	unsigned int i;
	int rc;

	for (i = 0; i < nr; i++) {
		struct folio *folio = page_folio(pages[i]);

		rc = cl_dirpage_check(dirpage(folio), cookie);
		if (rc) {
			if (first)
				break;	/* the next reader asks for it and sees the error */
			pr_warn_ratelimited("lustre: %s: malformed page of directory " DFID "\n",
					    cl_fs(dir->i_sb)->mdc->name, PFID(&CL_I(dir)->fid));
			return ERR_PTR(rc);
		}
		if (!first) {
			first = folio;
			folio_get(first);
		}
		if (!filemap_add_folio(dir->i_mapping, folio, DIR_INDEX(cookie),
				       mapping_gfp_constraint(dir->i_mapping, GFP_KERNEL))) {
			folio_mark_uptodate(folio);
			folio_unlock(folio);
		}
		cookie = le64_to_cpu(dirpage(folio)->ldp_hash_end);
		if (cookie == MDS_DIR_END_OFF)
			break;
	}
	return first;
}

/* MDS_READPAGE: 1 RPC, as many pages as it brings are cached. The UPDATE lock is in use */
static struct folio *read_pages(struct inode *dir, u64 cookie)
{
	unsigned int i, n, nr = pages_wanted(dir);
	struct page **pages;
	struct folio *folio;
	int got;

	pages = kvcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return ERR_PTR(-ENOMEM);
	for (n = 0; n < nr; n++) {
		pages[n] = alloc_page(GFP_KERNEL);
		if (!pages[n])
			break;
	}
	got = n ? cl_mds_readpage(dir, cookie, pages, n) : -ENOMEM;
	if (got < 0)
		folio = ERR_PTR(got);
	else
		folio = add_dirpages(dir, cookie, pages, got);
	for (i = 0; i < n; i++)
		put_page(pages[i]);
	kvfree(pages);
	return folio;
}

/* An UPDATE lock in use: 0 RPCs, or 1 plain enqueue */
static struct ldlm_lock *update_lock(struct inode *dir, u32 *mode)
{
	struct cl_mdc *mdc = cl_fs(dir->i_sb)->mdc;
	struct ldlm_enqueue e = {
		.res		= ldlm_res_fid(&CL_I(dir)->fid),
		.type		= LDLM_IBITS,
		.mode		= LDLM_PR,
		.policy.ibits.bits = MDS_INODELOCK_UPDATE,
		.ops		= &cl_mdc_lock_ops,
	};
	struct ldlm_lock *lock;
	int rc;

	lock = ldlm_cli_match(mdc->ns, &e.res, LDLM_IBITS, &e.policy, LDLM_PR | LDLM_PW, mode);
	if (lock)
		return lock;
	rc = cl_limit_get(&mdc->rpcs, false);
	if (rc)
		return ERR_PTR(rc);
	rc = ldlm_cli_enqueue(mdc->imp, NULL, &e, &lock);
	cl_limit_put(&mdc->rpcs);
	if (rc)
		return ERR_PTR(rc < 0 ? rc : -EPROTO);
	*mode = e.mode;
	return lock;
}

struct folio *cl_dir_page(struct inode *dir, u64 hash)
{
	struct ldlm_lock *lock;
	struct folio *folio;
	u32 mode;

	lock = update_lock(dir, &mode);
	if (IS_ERR(lock))
		return ERR_CAST(lock);
	folio = find_page(dir, hash);
	if (!folio)
		folio = read_pages(dir, hash);
	ldlm_lock_release(lock, mode);
	return folio;
}

/* --- the file --- */

static bool short_hashes(const struct file *file)
{
	return cl_fs(file_inode(file)->i_sb)->opt.flags & CL_OPT_32BITAPI ||
	       file->f_mode & FMODE_32BITHASH || (!(file->f_mode & FMODE_64BITHASH) && compat_in_32bit());
}

static loff_t hash_to_pos(const struct file *file, u64 hash)
{
	return short_hashes(file) ? hash >> 32 : hash;
}

static u64 pos_to_hash(const struct file *file, loff_t pos)
{
	return short_hashes(file) ? (u64)pos << 32 : pos;
}

/* Entries of one page from @hash on; Return: false if the caller's buffer is full */
static bool emit_page(struct file *file, struct dir_context *ctx, const struct lu_dirpage *dp, u64 hash)
{
	const struct lu_dirent *pos;
	struct cl_dirent de;
	bool more;

	for (more = cl_dirpage_first(dp, &pos, &de); more; more = cl_dirpage_next(&pos, &de)) {
		if (de.hash < hash || !de.namelen)
			continue;
		ctx->pos = hash_to_pos(file, de.hash);
		if (!dir_emit(ctx, de.name, de.namelen, fid_to_ino(&de.fid), fs_umode_to_dtype(de.type)))
			return false;
	}
	return true;
}

/* 1 RPC per up to 256 pages, none for cached ones; one more if no UPDATE lock is held */
static int cl_readdir(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);
	struct cl_inode *ci = CL_I(dir);
	struct folio *folio;
	bool more;
	u64 hash;

	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_READDIR);
	if (ctx->pos == DIR_EOF || (short_hashes(file) && ctx->pos == DIR_EOF >> 32))
		return 0;
	hash = pos_to_hash(file, ctx->pos);
	if (!hash)
		WRITE_ONCE(ci->reader, current->tgid);
	while (hash != MDS_DIR_END_OFF) {
		folio = cl_dir_page(dir, hash);
		if (IS_ERR(folio))
			return PTR_ERR(folio);
		more = emit_page(file, ctx, dirpage(folio), hash);
		hash = le64_to_cpu(dirpage(folio)->ldp_hash_end);
		folio_put(folio);
		if (!more)
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		if (hash != MDS_DIR_END_OFF)
			ctx->pos = hash_to_pos(file, hash);
	}
	ctx->pos = short_hashes(file) ? DIR_EOF >> 32 : DIR_EOF;
	return 0;
}

static loff_t cl_dir_llseek(struct file *file, loff_t offset, int whence)
{
	return generic_file_llseek_size(file, offset, whence, DIR_EOF, DIR_EOF);
}

static int cl_dir_open(struct inode *dir, struct file *file)
{
	stats_inc(cl_fs(dir->i_sb)->stats, CL_ST_OPEN);
	return 0;
}

static int cl_dir_release(struct inode *dir, struct file *file)
{
	if (cmpxchg(&CL_I(dir)->reader, current->tgid, 0) == current->tgid)
		cl_statahead_stop(dir);
	return 0;
}

static int cl_dir_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	return cl_mds_sync(file_inode(file));
}

const struct file_operations cl_dir_fops = {
	.open		= cl_dir_open,
	.release	= cl_dir_release,
	.read		= generic_read_dir,
	.iterate_shared	= cl_readdir,
	.llseek		= cl_dir_llseek,
	.fsync		= cl_dir_fsync,
	.unlocked_ioctl	= cl_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.lock		= cl_file_lock,
	.flock		= cl_file_flock,
};

/* Pages are only ever read, and never by the VM */
const struct address_space_operations cl_dir_aops = {
	.dirty_folio	= noop_dirty_folio,
};
