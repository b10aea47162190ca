// SPDX-License-Identifier: GPL-2.0
/*
 * The index: FID -> inode number and generation, and inode number -> FID and
 * version, both changed in the transaction that changes the inode.
 *
 * One record file, "fidindex", is a pool of blocks in groups of 256. The first
 * block of a group is a table that says what the others hold: 512 records of one
 * sequence of FIDs, or 128 records by inode number. The tables are read at mount;
 * a lookup is two xarray loads and one buffer. Dense sequences cost 8 bytes an
 * object, a sparse one a block wherever it has any. Blocks are never given back.
 * The pool grows ahead of need, outside of transactions.
 */
#include <linux/buffer_head.h>
#include <linux/slab.h>
#include "ldiskfs/internal.h"

#define POOL_NAME	"fidindex"
#define GROUP_BITS	8
#define GROUP		(1U << GROUP_BITS)
#define GROW_MAX	(16384U)		/* blocks at once */
#define POOL_LOW	64			/* unreserved blocks; less, and a worker grows the pool */
#define FID_BITS	9			/* records of a block, log2 */
#define INO_BITS	7

static_assert(BITS_PER_LONG == 64);	/* sequences are indices of an xarray */
static_assert((sizeof(struct ldiskfs_fidrec) << FID_BITS) == LDISKFS_BLOCK);
static_assert((sizeof(struct ldiskfs_inorec) << INO_BITS) == LDISKFS_BLOCK);
static_assert((sizeof(struct ldiskfs_chunk) << GROUP_BITS) == LDISKFS_BLOCK);

/* The blocks of one sequence: number of the chunk -> block of the pool. */
struct seq_index {
	struct xarray chunks;
};

static u32 pool_blocks(struct ldiskfs_dev *dev)
{
	return ldiskfs_rec_size(dev->pool) >> LDISKFS_BLOCK_BITS;
}

/* Blocks from @dev->pool_next on that are not tables; pool_lock held. */
static u32 pool_free(struct ldiskfs_dev *dev)
{
	u32 total = pool_blocks(dev), next = dev->pool_next;

	if (next >= total)
		return 0;
	return total - next - ((total >> GROUP_BITS) - ((next + GROUP - 1) >> GROUP_BITS));
}

static int pool_grow(struct ldiskfs_dev *dev, u32 seen)
{
	u32 step = round_up(clamp(seen / 4, GROUP, GROW_MAX), GROUP);

	return ldiskfs_rec_grow(dev->pool, (u64)(seen + step) << LDISKFS_BLOCK_BITS);
}

static void pool_work(struct work_struct *work)
{
	struct ldiskfs_dev *dev = container_of(work, struct ldiskfs_dev, pool_work);
	u32 seen = pool_blocks(dev);
	bool low;

	mutex_lock(&dev->pool_lock);
	low = pool_free(dev) < dev->pool_reserved + POOL_LOW;
	mutex_unlock(&dev->pool_lock);
	/* A failure is met by the transaction that finds no room. */
	if (low)
		pool_grow(dev, seen);
}

/* Promise @chunks blocks to a transaction, before it takes locks. */
int ldiskfs_index_reserve(struct ldiskfs_dev *dev, unsigned int chunks)
{
	u32 free, seen;
	int err;

	if (!chunks)
		return 0;
	for (;;) {
		mutex_lock(&dev->pool_lock);
		seen = pool_blocks(dev);
		free = pool_free(dev);
		if (free >= dev->pool_reserved + chunks)
			break;
		mutex_unlock(&dev->pool_lock);
		err = pool_grow(dev, seen);
		if (err)
			return err;
	}
	dev->pool_reserved += chunks;
	if (free < dev->pool_reserved + POOL_LOW)
		queue_work(dev->wq, &dev->pool_work);
	mutex_unlock(&dev->pool_lock);
	return 0;
}

void ldiskfs_index_unreserve(struct ldiskfs_dev *dev, unsigned int chunks)
{
	if (!chunks)
		return;
	mutex_lock(&dev->pool_lock);
	dev->pool_reserved -= chunks;
	mutex_unlock(&dev->pool_lock);
}

/* Return: block of the pool, 0 if there is none (block 0 is a table). */
static u32 chunk_find(struct ldiskfs_dev *dev, u64 seq, u32 nr)
{
	struct seq_index *index = xa_load(&dev->index, seq);
	void *entry = index ? xa_load(&index->chunks, nr) : NULL;

	return entry ? xa_to_value(entry) : 0;
}

static int chunk_remember(struct ldiskfs_dev *dev, u64 seq, u32 nr, u32 block, gfp_t gfp)
{
	struct seq_index *index = xa_load(&dev->index, seq);
	int err;

	if (!index) {
		index = kzalloc(sizeof(*index), gfp);
		if (!index)
			return -ENOMEM;
		xa_init(&index->chunks);
		err = xa_err(xa_store(&dev->index, seq, index, gfp));
		if (err) {
			kfree(index);
			return err;
		}
	}
	return xa_err(xa_store(&index->chunks, nr, xa_mk_value(block), gfp));
}

/* The block for a record, taken from the pool if need be. */
static int chunk_make(struct ldiskfs_tx *tx, u64 seq, u32 nr, u32 *block)
{
	struct ldiskfs_dev *dev = tx->dev;
	struct ldiskfs_chunk chunk = {
		.seq = cpu_to_le64(seq), .nr = cpu_to_le32(nr), .used = cpu_to_le32(1),
	};
	int err = 0;
	u32 next;

	*block = chunk_find(dev, seq, nr);
	if (*block)
		return 0;
	mutex_lock(&dev->pool_lock);
	*block = chunk_find(dev, seq, nr);
	if (*block)
		goto out;
	next = dev->pool_next;
	if (!(next & (GROUP - 1)))
		next++;
	if (next >= pool_blocks(dev) || WARN_ON_ONCE(!tx->chunks)) {
		err = -ENOSPC;
		goto out;
	}
	err = ldiskfs_rec_write(tx, dev->pool,
				((u64)round_down(next, GROUP) << LDISKFS_BLOCK_BITS) +
				(next & (GROUP - 1)) * sizeof(chunk), &chunk, sizeof(chunk));
	if (err)
		goto out;
	/* Should this fail the block is lost, no more: the next mount finds it. */
	dev->pool_next = next + 1;
	tx->chunks--;
	dev->pool_reserved--;
	err = chunk_remember(dev, seq, nr, next, GFP_NOFS);
	*block = next;
out:
	mutex_unlock(&dev->pool_lock);
	return err;
}

/* Two halves of a FID record are read and written at once: readers take no lock. */
static int fidrec_write(struct ldiskfs_tx *tx, u32 block, unsigned int slot, u32 ino, u32 gen)
{
	union {
		struct ldiskfs_fidrec rec;
		u64 word;
	} new = { .rec = { .ino = cpu_to_le32(ino), .gen = cpu_to_le32(gen) } };
	struct buffer_head *bh = ldiskfs_rec_bread(tx->dev->pool, block);
	int err;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	err = jbd2_journal_get_write_access(tx->handle, bh);
	if (!err) {
		WRITE_ONCE(((u64 *)bh->b_data)[slot], new.word);
		err = jbd2_journal_dirty_metadata(tx->handle, bh);
	}
	brelse(bh);
	return err;
}

static bool fid_indexable(const struct lu_fid *fid)
{
	return fid->f_seq < LDISKFS_SEQ_INODES;
}

/* Where a FID is. Return: 0, -ENOENT, -EIO. */
int ldiskfs_index_find(struct ldiskfs_dev *dev, const struct lu_fid *fid, u32 *ino, u32 *gen)
{
	unsigned int slot = fid->f_oid & ((1U << FID_BITS) - 1);
	union {
		struct ldiskfs_fidrec rec;
		u64 word;
	} found;
	struct buffer_head *bh;
	u32 block;

	if (!fid_indexable(fid))
		return -ENOENT;
	block = chunk_find(dev, fid->f_seq, fid->f_oid >> FID_BITS);
	if (!block)
		return -ENOENT;
	bh = ldiskfs_rec_bread(dev->pool, block);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	found.word = READ_ONCE(((u64 *)bh->b_data)[slot]);
	brelse(bh);
	*ino = le32_to_cpu(found.rec.ino);
	*gen = le32_to_cpu(found.rec.gen);
	return *ino ? 0 : -ENOENT;
}

/* Record where a FID is; @ino 0: nowhere any more. */
int ldiskfs_index_set(struct ldiskfs_tx *tx, const struct lu_fid *fid, u32 ino, u32 gen)
{
	u32 block;
	int err;

	if (!fid_indexable(fid))
		return -EINVAL;
	err = chunk_make(tx, fid->f_seq, fid->f_oid >> FID_BITS, &block);
	if (err)
		return err;
	return fidrec_write(tx, block, fid->f_oid & ((1U << FID_BITS) - 1), ino, gen);
}

/* What is recorded for an inode: zeros if nothing. Return: 0, -EIO. */
int ldiskfs_inode_find(struct ldiskfs_dev *dev, u64 ino, struct lu_fid *fid, u64 *version, u32 *gen)
{
	u32 block = chunk_find(dev, LDISKFS_SEQ_INODES, ino >> INO_BITS);
	struct ldiskfs_inorec rec;
	int err;

	*fid = (struct lu_fid){ 0 };
	*version = 0;
	*gen = 0;
	if (!block)
		return 0;
	err = ldiskfs_rec_read(dev->pool, ((u64)block << LDISKFS_BLOCK_BITS) +
			       (ino & ((1U << INO_BITS) - 1)) * sizeof(rec), &rec, sizeof(rec));
	if (err)
		return err;
	fid->f_seq = le64_to_cpu(rec.fid.f_seq);
	fid->f_oid = le32_to_cpu(rec.fid.f_oid);
	fid->f_ver = le32_to_cpu(rec.fid.f_ver);
	*version = le64_to_cpu(rec.version);
	*gen = le32_to_cpu(rec.gen);
	return 0;
}

int ldiskfs_inode_set(struct ldiskfs_tx *tx, u64 ino, u32 gen, const struct lu_fid *fid, u64 version)
{
	struct ldiskfs_inorec rec = {
		.fid.f_seq = cpu_to_le64(fid->f_seq),
		.fid.f_oid = cpu_to_le32(fid->f_oid),
		.fid.f_ver = cpu_to_le32(fid->f_ver),
		.version = cpu_to_le64(version),
		.gen = cpu_to_le32(gen),
	};
	u32 block;
	int err;

	err = chunk_make(tx, LDISKFS_SEQ_INODES, ino >> INO_BITS, &block);
	if (err)
		return err;
	return ldiskfs_rec_write(tx, tx->dev->pool, ((u64)block << LDISKFS_BLOCK_BITS) +
				 (ino & ((1U << INO_BITS) - 1)) * sizeof(rec), &rec, sizeof(rec));
}

static int read_table(struct ldiskfs_dev *dev, u32 group)
{
	struct buffer_head *bh = ldiskfs_rec_bread(dev->pool, (u64)group << GROUP_BITS);
	struct ldiskfs_chunk *table;
	unsigned int i;
	int err = 0;

	if (IS_ERR(bh))
		return PTR_ERR(bh);
	table = (struct ldiskfs_chunk *)bh->b_data;
	for (i = 1; i < GROUP && !err; i++) {
		if (!table[i].used)
			continue;
		dev->pool_next = (group << GROUP_BITS) + i + 1;
		err = chunk_remember(dev, le64_to_cpu(table[i].seq), le32_to_cpu(table[i].nr),
				     (group << GROUP_BITS) + i, GFP_KERNEL);
	}
	brelse(bh);
	return err;
}

/* The first entry of the first table names the inode of the index: a copy of it is none. */
static int read_owner(struct ldiskfs_dev *dev, struct ldiskfs_chunk *want, bool *same)
{
	struct ldiskfs_object *obj = ldiskfs_path(dev, "/" POOL_NAME);
	struct ldiskfs_chunk have;
	int err;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	want->seq = cpu_to_le64(LDISKFS_SEQ_OWNER);
	want->nr = cpu_to_le32(obj_inode(obj)->i_ino);
	want->used = cpu_to_le32(obj_inode(obj)->i_generation);
	ldiskfs_object_put(obj);
	err = ldiskfs_rec_read(dev->pool, 0, &have, sizeof(have));
	*same = !err && !memcmp(&have, want, sizeof(have));
	return err;
}

static int write_owner(struct ldiskfs_dev *dev, const struct ldiskfs_chunk *owner)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(dev);
	int err, err2;

	err = tx ? ldiskfs_declare_rec_write(tx, dev->pool, 0, sizeof(*owner)) : -ENOMEM;
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_rec_write(tx, dev->pool, 0, owner, sizeof(*owner));
	err2 = ldiskfs_tx_stop(tx, true);
	return err ? err : err2;
}

static int pool_open(struct ldiskfs_dev *dev)
{
	int err = 0;

	dev->pool = ldiskfs_rec_open(dev, POOL_NAME, (u64)GROUP << LDISKFS_BLOCK_BITS);
	if (IS_ERR(dev->pool)) {
		err = PTR_ERR(dev->pool);
		dev->pool = NULL;
	}
	return err;
}

/* An index of other files: begin an empty one, to be filled by ldiskfs_index_settle(). */
static int pool_renew(struct ldiskfs_dev *dev)
{
	char path[32] = "/" POOL_NAME;
	unsigned int i;
	int err;

	ldiskfs_rec_close(dev->pool);
	dev->pool = NULL;
	/* the first segment last: while it is there, the others are found */
	for (i = 1; ; i++) {
		snprintf(path, sizeof(path), "/" POOL_NAME ".%u", i);
		err = ldiskfs_rmpath(dev, path);
		if (err)
			break;
	}
	if (err == -ENOENT)
		err = ldiskfs_rmpath(dev, "/" POOL_NAME);
	return err ? err : pool_open(dev);
}

/**
 * ldiskfs_index_settle() - make the index anew if it is not that of these files
 * @dev: device whose index is open
 *
 * Context: may sleep long. Return: 0 or an error.
 */
int ldiskfs_index_settle(struct ldiskfs_dev *dev)
{
	struct ldiskfs_chunk owner;
	bool same;
	int err;

	if (!dev->pool || dev->rdonly)
		return 0;
	err = read_owner(dev, &owner, &same);
	if (err || same)
		return err;
	err = ldiskfs_scrub(dev);
	return err ? err : write_owner(dev, &owner);
}

int ldiskfs_index_open(struct ldiskfs_dev *dev)
{
	struct ldiskfs_chunk owner;
	bool same = true;
	u32 group;
	int err;

	mutex_init(&dev->pool_lock);
	INIT_WORK(&dev->pool_work, pool_work);
	xa_init(&dev->index);
	dev->pool_next = 1;
	err = pool_open(dev);
	if (!err && !dev->rdonly) {
		err = read_owner(dev, &owner, &same);
		if (!err && !same)
			err = pool_renew(dev);
	}
	if (err)
		return dev->rdonly && err == -ENOENT ? 0 : err;
	for (group = 0; group < pool_blocks(dev) >> GROUP_BITS; group++) {
		err = read_table(dev, group);
		if (err) {
			pr_err("ldiskfs: %s: cannot read the FID index: %d\n", dev->name, err);
			return err;
		}
	}
	return 0;
}

void ldiskfs_index_close(struct ldiskfs_dev *dev)
{
	struct seq_index *index;
	unsigned long seq;

	cancel_work_sync(&dev->pool_work);
	xa_for_each(&dev->index, seq, index) {
		xa_destroy(&index->chunks);
		kfree(index);
	}
	xa_destroy(&dev->index);
	ldiskfs_rec_close(dev->pool);
	dev->pool = NULL;
}
