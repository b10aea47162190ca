// SPDX-License-Identifier: GPL-2.0
/*
 * OST_READ and OST_WRITE (chapter 05, B3 to B8). The pages of a bulk go from the socket to the
 * disk and back without a copy. RPC: one; copies: none where the client's I/O is page aligned.
 */
#include <linux/slab.h>
#include "kernel/rpc/cksum.h"
#include "data.h"

#define SOFT_SYNCS	16	/* so many wishes for a commit bring one (B8) */

/*
 * struct data_io - one READ or WRITE under way
 * @nb, @nr_nb: the niobufs, checked: ascending, not overlapping
 * @len: bytes in all
 * @first, @last: first and last byte
 * @bv, @nr_bv: page pieces of the niobufs in order, each within a page of the object
 */
struct data_io {
	const struct obdo		*oa;
	const struct niobuf_remote	*nb;
	unsigned int			nr_nb;
	struct lu_fid			fid;
	u64				len;
	u64				first, last;
	unsigned int			max_md;
	bool				short_io;
	bool				srvlock;
	bool				async;
	bool				soft_sync;
	struct ldlm_lock		*lock;
	struct ldiskfs_object		*obj;
	struct bio_vec			*bv;
	unsigned int			nr_bv;
};

static u64 nb_pos(const struct niobuf_remote *nb)
{
	return le64_to_cpu(nb->rnb_offset);
}

static u32 nb_len(const struct niobuf_remote *nb)
{
	return le32_to_cpu(nb->rnb_len);
}

/* Check the ranges: every byte of these structures came from a peer. */
static int check_niobufs(struct data_io *io, u32 brw_size, u64 maxbytes)
{
	u64 end = 0;
	unsigned int i, srvlocks = 0;

	io->async = true;
	for (i = 0; i < io->nr_nb; i++) {
		const struct niobuf_remote *nb = &io->nb[i];
		u32 flags = le32_to_cpu(nb->rnb_flags);

		if (!nb_len(nb) || nb_pos(nb) < end || nb_pos(nb) > maxbytes ||
		    nb_len(nb) > maxbytes - nb_pos(nb))
			return -EPROTO;
		end = nb_pos(nb) + nb_len(nb);
		io->len += nb_len(nb);
		if (io->len > brw_size)
			return -EPROTO;
		/* only the first may begin, only the last may end, inside a page */
		if ((i && (nb_pos(nb) & 4095)) || (i + 1 < io->nr_nb && (end & 4095)))
			return -EPROTO;
		srvlocks += !!(flags & OBD_BRW_SRVLOCK);
		if (!(flags & OBD_BRW_ASYNC))
			io->async = false;
		io->soft_sync |= flags & OBD_BRW_SOFT_SYNC;
	}
	if (srvlocks && srvlocks != io->nr_nb)
		return -EFAULT;
	io->srvlock = srvlocks;
	io->first = nb_pos(&io->nb[0]);
	io->last = end - 1;
	return 0;
}

static int io_parse(struct rpc_svcreq *req, struct data_io *io)
{
	const struct obd_ioobj *ioo = rpc_field(&req->rq, RF_IOOBJ);
	u32 flags;
	int rc;

	io->oa = rpc_field(&req->rq, RF_OST_BODY);
	io->nb = rpc_field(&req->rq, RF_NIOBUF);
	io->nr_nb = rpc_field_size(&req->rq, RF_NIOBUF) / sizeof(*io->nb);
	if (!ioo || !io->nb || !io->nr_nb || rpc_field_size(&req->rq, RF_IOOBJ) != sizeof(*ioo) ||
	    io->nr_nb > OST_MAX_NIOBUFS || le32_to_cpu(ioo->ioo_bufcnt) != io->nr_nb)
		return -EPROTO;
	rc = data_of(req)->ops->fid(req, io->oa, &io->fid);
	if (rc)
		return rc;
	flags = le64_to_cpu(io->oa->o_valid) & OBD_MD_FLFLAGS ? le32_to_cpu(io->oa->o_flags) : 0;
	io->short_io = flags & OBD_FL_SHORT_IO;
	io->max_md = (le32_to_cpu(ioo->ioo_max_brw) >> IOOBJ_MAX_BRW_BITS) + 1;
	if (!is_power_of_2(io->max_md))
		return -EPROTO;
	return check_niobufs(io, data_of(req)->brw_size, ldiskfs_sb(target_of(req)->dev)->s_maxbytes);
}

static void io_free(struct data_io *io)
{
	unsigned int i;

	for (i = 0; i < io->nr_bv; i++)
		__free_page(io->bv[i].bv_page);
	kvfree(io->bv);
	if (io->obj)
		ldiskfs_object_put(io->obj);
	if (io->lock)
		ldlm_srv_unlock(io->lock);
}

/* Pages for all niobufs; a piece keeps its place within the page, as direct I/O needs it. */
static int io_alloc(struct data_io *io)
{
	unsigned int i, max = 0;

	for (i = 0; i < io->nr_nb; i++)
		max += (nb_len(&io->nb[i]) + offset_in_page(nb_pos(&io->nb[i])) + PAGE_SIZE - 1) >> PAGE_SHIFT;
	io->bv = kvmalloc_array(max, sizeof(*io->bv), GFP_KERNEL);
	if (!io->bv)
		return -ENOMEM;
	for (i = 0; i < io->nr_nb; i++) {
		u64 pos = nb_pos(&io->nb[i]), end = pos + nb_len(&io->nb[i]);

		while (pos < end) {
			u32 off = offset_in_page(pos), n = min_t(u64, end - pos, PAGE_SIZE - off);
			struct page *page = alloc_page(GFP_KERNEL);

			if (!page)
				return -ENOMEM;
			bvec_set_page(&io->bv[io->nr_bv++], page, n, off);
			pos += n;
		}
	}
	return 0;
}

/* Lock for a client that has none, find the object, get pages. */
static int io_prepare(struct rpc_svcreq *req, struct data_io *io, u32 mode)
{
	ktime_t start;
	int rc;

	if (io->srvlock) {
		rc = data_of(req)->ops->lock(req, &io->fid, mode, io->first, io->last, 0, &io->lock);
		if (rc)
			return rc;
	} else if (le64_to_cpu(io->oa->o_valid) & OBD_MD_FLHANDLE) {
		ldlm_srv_refresh_timer(req->exp, io->oa->o_handle);
	}
	io->obj = data_of(req)->ops->find(req, &io->fid);
	if (IS_ERR(io->obj)) {
		rc = PTR_ERR(io->obj);
		io->obj = NULL;
		return rc;
	}
	start = ktime_get();
	rc = io_alloc(io);
	target_osd_stat(target_of(req), TARGET_OSD_GET_PAGE, ktime_us_delta(ktime_get(), start));
	return rc;
}

/* The pieces of niobuf @i begin at *@bv: step over them. */
static const struct bio_vec *skip_pieces(const struct bio_vec *bv, u32 len)
{
	while (len) {
		len -= bv->bv_len;
		bv++;
	}
	return bv;
}

static u32 io_cksum(const struct data_io *io, u32 o_flags, u64 len)
{
	const struct bio_vec *bv = io->bv;
	struct bulk_cksum c;
	unsigned int i;

	bulk_cksum_init(&c, o_flags);
	for (i = 0; i < io->nr_nb && len; i++) {
		u32 n = min_t(u64, len, nb_len(&io->nb[i]));

		bulk_cksum_add(&c, nb_pos(&io->nb[i]), bv, n);
		len -= n;
		if (len)
			bv = skip_pieces(bv, n);
	}
	return bulk_cksum_final(&c);
}

static bool wants_cksum(const struct obdo *oa)
{
	return le64_to_cpu(oa->o_valid) & OBD_MD_FLCKSUM;
}

static u32 cksum_flags(const struct obdo *oa)
{
	return le64_to_cpu(oa->o_valid) & OBD_MD_FLFLAGS ? le32_to_cpu(oa->o_flags) & OBD_FL_CKSUM_MASK : 0;
}

/* --- writing --- */

static int short_to_pages(struct rpc_svcreq *req, struct data_io *io)
{
	const void *data = rpc_field(&req->rq, RF_SHORT_IO);
	unsigned int i;

	if (!data || rpc_field_size(&req->rq, RF_SHORT_IO) != io->len)
		return -EPROTO;
	for (i = 0; i < io->nr_bv; i++) {
		memcpy_to_page(io->bv[i].bv_page, io->bv[i].bv_offset, data, io->bv[i].bv_len);
		data += io->bv[i].bv_len;
	}
	return 0;
}

/* Into brw_stats: what a request is before its I/O, and the time of that */
static ktime_t count_begin(struct data_target *dt, const struct data_io *io, bool write)
{
	struct data_brw_stats *brw = &dt->brw;
	unsigned int i, gaps = 0;

	for (i = 0; i < io->nr_nb; i++) {
		data_brw_add(brw, DATA_BRW_BYTES, write, nb_len(&io->nb[i]));
		gaps += i && nb_pos(&io->nb[i]) != nb_pos(&io->nb[i - 1]) + nb_len(&io->nb[i - 1]);
	}
	data_brw_add(brw, DATA_BRW_PAGES, write, io->nr_bv);
	data_brw_add(brw, DATA_BRW_GAPS, write, gaps);
	data_brw_add(brw, DATA_BRW_IN_FLIGHT, write, atomic_inc_return(&brw->in_flight));
	return ktime_get();
}

static void count_end(struct data_target *dt, bool write, ktime_t start)
{
	atomic_dec(&dt->brw.in_flight);
	data_brw_add(&dt->brw, DATA_BRW_TIME, write, ktime_ms_delta(ktime_get(), start));
}

static int write_pages(struct data_io *io, __le32 *rcs)
{
	const struct bio_vec *bv = io->bv;
	unsigned int i;
	int result = 0;

	for (i = 0; i < io->nr_nb; i++) {
		const struct bio_vec *next = skip_pieces(bv, nb_len(&io->nb[i]));
		ssize_t n = ldiskfs_write(io->obj, nb_pos(&io->nb[i]), bv, next - bv, nb_len(&io->nb[i]));
		int rc = n == nb_len(&io->nb[i]) ? 0 : n < 0 ? n : -EIO;

		rcs[i] = cpu_to_le32(rc);
		result = result ?: rc;
		bv = next;
	}
	return result;
}

/*
 * Does a write need no new blocks? Preallocated blocks look like a hole, but then the object has
 * blocks for all of its size.
 */
static bool io_overwrites(struct data_io *io)
{
	struct inode *inode = ldiskfs_inode(io->obj);
	u64 size = round_up(i_size_read(inode), 1 << DATA_BLOCK_BITS);
	unsigned int i;

	if (io->last >= size)
		return false;
	if ((u64)inode->i_blocks << 9 >= size)
		return true;
	for (i = 0; i < io->nr_nb; i++) {
		loff_t hole = ldiskfs_seek(io->obj, nb_pos(&io->nb[i]), SEEK_HOLE);

		if (hole < 0 || round_up(hole, 1 << DATA_BLOCK_BITS) < nb_pos(&io->nb[i]) + nb_len(&io->nb[i]))
			return false;
	}
	return true;
}

#define WRITE_VALID \
	(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS | OBD_MD_FLMODE | OBD_MD_FLTYPE | OBD_MD_FLCTIME | OBD_MD_FLUID | \
	 OBD_MD_FLGID | OBD_MD_FLPROJID | OBD_MD_FLFLAGS | OBD_MD_FLUSRQUOTA | OBD_MD_FLGRPQUOTA | \
	 OBD_MD_FLPRJQUOTA)

static void write_reply(struct rpc_svcreq *req, struct data_io *io, u32 cksum)
{
	struct obdo *out = rpc_field(&req->rp, RF_OST_BODY);
	u64 valid = le64_to_cpu(io->oa->o_valid);
	u32 flags = valid & OBD_MD_FLFLAGS ? le32_to_cpu(io->oa->o_flags) : 0;

	*out = *io->oa;
	valid = (valid | WRITE_VALID) & ~(OBD_MD_FLMTIME | OBD_MD_FLATIME | OBD_MD_FLBLKSZ);
	if (req->resent || req->replay)
		valid &= ~OBD_MD_FLGRANT;
	else
		out->o_grant = cpu_to_le64(valid & OBD_MD_FLGRANT ? data_grant_more(req, io->oa) : 0);
	data_fill_attrs(out, ldiskfs_inode(io->obj), valid);
	out->o_flags = cpu_to_le32(flags);
	if (wants_cksum(io->oa))
		out->o_cksum = cpu_to_le32(cksum);
}

static int do_write(struct rpc_svcreq *req, struct data_io *io)
{
	ktime_t start;
	__le32 *rcs;
	u64 paid = 0;
	u32 cksum = 0;
	int rc, space;
	unsigned int i;

	rpc_set_size(&req->rp, RF_RCS, io->nr_nb * sizeof(*rcs));
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	rc = io_prepare(req, io, LDLM_PW);
	if (rc)
		return rc;
	if (io->short_io)
		rc = short_to_pages(req, io);
	else
		rc = rpc_bulk_fetch(req, OST_BULK_PORTAL, io->bv, io->nr_bv, io->len, io->max_md);
	if (rc)
		return io->short_io ? rc : -RPC_NO_REPLY;
	if (wants_cksum(io->oa))
		cksum = io_cksum(io, cksum_flags(io->oa), io->len);
	space = data_grant_write(req, io->oa, io->nb, io->nr_nb, &paid);
	rcs = rpc_field(&req->rp, RF_RCS);
	if (!space || io_overwrites(io)) {
		start = count_begin(data_of(req), io, true);
		rc = write_pages(io, rcs);
		count_end(data_of(req), true, start);
	} else {
		rc = space;
		for (i = 0; i < io->nr_nb; i++)
			rcs[i] = cpu_to_le32(rc);
	}
	if (!space)
		data_grant_done(req, paid);
	if (!rc)
		rc = data_of(req)->ops->store(req, io->obj, io->oa, NULL,
					      target_times_newer(req, &io->fid, false));
	if (!rc && !io->async)
		rc = target_sync(target_of(req));
	else if (io->soft_sync && !(atomic_inc_return(&data_of(req)->soft_syncs) % SOFT_SYNCS))
		ldiskfs_commit_async(target_of(req)->dev);
	if (rc)
		return rc;
	write_reply(req, io, cksum);
	data_stat_op(req, DATA_STAT_WRITE);
	data_stat(req, DATA_STAT_WRITE_BYTES, io->len);
	return 0;
}

int data_write(struct rpc_svcreq *req)
{
	struct data_io io = {};
	int rc = io_parse(req, &io);

	if (!rc)
		rc = do_write(req, &io);
	io_free(&io);
	return rc;
}
EXPORT_SYMBOL_GPL(data_write);

/* --- reading --- */

/*
 * Fill the pages; bytes past the end of the object in its last page are zeros and are sent, later
 * pages are not (B4). Return: bytes to send or an error.
 */
static s64 read_pages(struct data_io *io)
{
	const struct bio_vec *bv = io->bv;
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < io->nr_nb; i++) {
		u32 len = nb_len(&io->nb[i]);
		const struct bio_vec *next = skip_pieces(bv, len);
		ssize_t n = ldiskfs_read(io->obj, nb_pos(&io->nb[i]), bv, next - bv, len);
		u32 got, left;

		if (n < 0)
			return n;
		for (got = 0, left = n; left; bv++) {
			u32 part = min(left, bv->bv_len);

			if (part < bv->bv_len)
				memzero_page(bv->bv_page, bv->bv_offset + part, bv->bv_len - part);
			left -= part;
			got += bv->bv_len;
		}
		total += got;
		if (got < len)
			break;
		bv = next;
	}
	return total;
}

static int pages_to_short(struct rpc_svcreq *req, struct data_io *io, u32 len)
{
	void *data;
	unsigned int i;

	rpc_shrink(&req->rp, RF_SHORT_IO, len);
	data = rpc_field(&req->rp, RF_SHORT_IO);
	for (i = 0; len; i++) {
		u32 n = min(len, io->bv[i].bv_len);

		memcpy_from_page(data, io->bv[i].bv_page, io->bv[i].bv_offset, n);
		data += n;
		len -= n;
	}
	return 0;
}

static void read_reply(struct rpc_svcreq *req, struct data_io *io, bool grants, u32 cksum)
{
	struct obdo *out = rpc_field(&req->rp, RF_OST_BODY);
	u64 valid = 0;

	*out = *io->oa;
	out->o_grant = 0;	/* or the client would add its own once more */
	out->o_flags = 0;
	if (grants)
		valid |= OBD_MD_FLGRANT;
	if (wants_cksum(io->oa)) {
		valid |= OBD_MD_FLCKSUM | OBD_MD_FLFLAGS;
		out->o_flags = cpu_to_le32(cksum_flags(io->oa) ?: OBD_FL_CKSUM_ADLER);
		out->o_cksum = cpu_to_le32(cksum);
	}
	out->o_valid = cpu_to_le64(valid);
}

static int do_read(struct rpc_svcreq *req, struct data_io *io)
{
	bool grants, norpc;
	ktime_t start;
	u32 cksum = 0;
	s64 len;
	int rc;

	rpc_set_size(&req->rp, RF_SHORT_IO, io->short_io ? io->len : 0);
	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	rc = io_prepare(req, io, LDLM_PR);
	if (rc)
		return rc;
	grants = data_grant_incoming(req, io->oa);
	norpc = (le64_to_cpu(io->oa->o_valid) & OBD_MD_FLFLAGS) &&
		(le32_to_cpu(io->oa->o_flags) & OBD_FL_NORPC);
	start = count_begin(data_of(req), io, false);
	len = norpc ? 0 : read_pages(io);
	count_end(data_of(req), false, start);
	if (len < 0)
		return len;
	if (wants_cksum(io->oa))
		cksum = io_cksum(io, cksum_flags(io->oa), len);
	if (io->short_io)
		rc = pages_to_short(req, io, len);
	else
		rc = rpc_bulk_store(req, OST_BULK_PORTAL, io->bv, io->nr_bv, len, io->max_md);
	if (rc)
		return io->short_io ? rc : -RPC_NO_REPLY;
	read_reply(req, io, grants, cksum);
	data_stat_op(req, DATA_STAT_READ);
	data_stat(req, DATA_STAT_READ_BYTES, len);
	return len;
}

int data_read(struct rpc_svcreq *req)
{
	struct data_io io = {};
	int rc = io_parse(req, &io);

	if (!rc)
		rc = do_read(req, &io);
	io_free(&io);
	return rc;
}
EXPORT_SYMBOL_GPL(data_read);
