// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts: decoding of the LOV EA (chapter 05, A2 and A3) and stripe arithmetic (A6).
 * Fetching them is layout_lock.c, the objects behind them are the data side's.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "kernel/client/layout.h"

/* Largest number of components that we take from a peer */
#define LAYOUT_MAX_COMPS	512

static void layout_free(struct layout *lo)
{
	u32 i;

	if (lo->unbind)
		lo->unbind(lo);
	for (i = 0; i < lo->nr; i++)
		kvfree(lo->comp[i].stripe);
	kvfree(lo->ea);
	kfree(lo);
}

static void layout_release(struct kref *ref)
{
	layout_free(container_of(ref, struct layout, ref));
}

struct layout *layout_get(struct layout *lo)
{
	kref_get(&lo->ref);
	return lo;
}

void layout_put(struct layout *lo)
{
	if (lo)
		kref_put(&lo->ref, layout_release);
}

static int decode_stripes(struct layout_comp *c, const struct lov_ost_data_v1 *d)
{
	u32 i;

	c->stripe = kvcalloc(c->stripe_count, sizeof(*c->stripe), GFP_NOFS);
	if (!c->stripe)
		return -ENOMEM;
	for (i = 0; i < c->stripe_count; i++) {
		struct layout_stripe *s = &c->stripe[i];

		s->oi_id = le64_to_cpu(d[i].l_ost_oi.id);
		s->oi_seq = le64_to_cpu(d[i].l_ost_oi.seq);
		s->ost_idx = le32_to_cpu(d[i].l_ost_idx);
		if (!s->oi_id && !s->oi_seq) {
			if (!(c->pattern & LOV_PATTERN_F_HOLE))
				return -EINVAL;
			s->hole = true;
		}
	}
	c->init = true;
	return 0;
}

/* Data-on-MDT (A9): no objects in the EA; one that is as large as the component may be */
static int decode_dom(struct layout_comp *c, bool init)
{
	if (c->start || c->end > U32_MAX || c->end % LOV_MIN_STRIPE_SIZE)
		return -EINVAL;
	c->mdt = true;
	c->stripe_size = c->end;
	c->stripe_count = 1;
	c->stripe = kvcalloc(1, sizeof(*c->stripe), GFP_NOFS);
	if (!c->stripe)
		return -ENOMEM;
	c->init = init;
	return 0;
}

/* A plain layout of @size bytes; @c has its extent; @objects: it must have them */
static int decode_plain(struct layout_comp *c, const void *ea, size_t size, bool objects, u16 *gen)
{
	const struct lov_mds_md_v1 *v1 = ea;
	const struct lov_mds_md_v3 *v3 = ea;
	const struct lov_ost_data_v1 *d;
	size_t head;

	if (size < sizeof(*v1))
		return -EINVAL;
	switch (le32_to_cpu(v1->lmm_magic)) {
	case LOV_MAGIC_V1:
		head = sizeof(*v1);
		d = v1->lmm_objects;
		break;
	case LOV_MAGIC_V3:
		head = sizeof(*v3);
		if (size < head)
			return -EINVAL;
		d = v3->lmm_objects;
		memcpy(c->pool, v3->lmm_pool_name, LOV_MAXPOOLNAME);
		break;
	case LOV_MAGIC_FOREIGN:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}

	c->pattern = le32_to_cpu(v1->lmm_pattern);
	c->stripe_size = le32_to_cpu(v1->lmm_stripe_size);
	c->stripe_count = le16_to_cpu(v1->lmm_stripe_count);
	*gen = le16_to_cpu(v1->lmm_layout_gen);
	c->ost_first = *gen;

	switch (c->pattern & ~LOV_PATTERN_F_MASK) {
	case LOV_PATTERN_RAID0:
	case LOV_PATTERN_RAID0 | LOV_PATTERN_OVERSTRIPING:
		break;
	case LOV_PATTERN_MDT:
		return decode_dom(c, objects);
	case LOV_PATTERN_FOREIGN:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	if (!c->stripe_size || c->stripe_size % LOV_MIN_STRIPE_SIZE)
		return -EINVAL;
	if (!objects || (c->pattern & LOV_PATTERN_F_RELEASED))
		return 0;
	if (!c->stripe_count || c->stripe_count > LOV_MAX_STRIPE_COUNT ||
	    size < head + c->stripe_count * sizeof(*d))
		return -EINVAL;
	return decode_stripes(c, d);
}

static int decode_composite(struct layout *lo, const struct lov_comp_md_v1 *md, size_t size)
{
	size_t left = size - struct_size(md, lcm_entries, lo->nr);
	u64 at = 0;
	u32 i;

	for (i = 0; i < lo->nr; i++) {
		const struct lov_comp_entry *e = &md->lcm_entries[i];
		u32 off = le32_to_cpu(e->lcme_offset), len = le32_to_cpu(e->lcme_size);
		struct layout_comp *c = &lo->comp[i];
		u16 gen;
		int rc;

		c->start = le64_to_cpu(e->e_start);
		c->end = le64_to_cpu(e->e_end);
		c->id = le32_to_cpu(e->lcme_id);
		c->flags = le32_to_cpu(e->lcme_flags);
		c->offset = off;
		if (c->start != at || c->end <= c->start || off > size || len > size - off || off % 8)
			return -EINVAL;
		/* no page belongs to two of them, nor bytes of the EA, which would be decoded many times */
		if ((c->end != LAYOUT_EOF && c->end % LOV_MIN_STRIPE_SIZE) || len > left)
			return -EINVAL;
		left -= len;
		at = c->end;
		if (c->flags & LCME_FL_EXTENSION) {
			if (c->flags & LCME_FL_INIT)
				return -EINVAL;
		}
		rc = decode_plain(c, lo->ea + off, len, c->flags & LCME_FL_INIT, &gen);
		if (rc)
			return rc;
	}
	return 0;
}

struct layout *layout_decode(const void *ea, size_t size)
{
	const struct lov_comp_md_v1 *md = ea;
	struct layout *lo;
	u32 nr = 1;
	int rc;

	if (size < sizeof(struct lov_mds_md_v1) || size > LOV_MAX_EASIZE)
		return ERR_PTR(-EINVAL);
	if (md->lcm_magic == cpu_to_le32(LOV_MAGIC_COMP_V1)) {
		nr = le16_to_cpu(md->lcm_entry_count);
		if (le32_to_cpu(md->lcm_size) > size || !nr || nr > LAYOUT_MAX_COMPS ||
		    struct_size(md, lcm_entries, nr) > le32_to_cpu(md->lcm_size))
			return ERR_PTR(-EINVAL);
		if (md->lcm_mirror_count)
			return ERR_PTR(-EOPNOTSUPP);
		size = le32_to_cpu(md->lcm_size);
	}

	lo = kzalloc(struct_size(lo, comp, nr), GFP_NOFS);
	if (!lo)
		return ERR_PTR(-ENOMEM);
	kref_init(&lo->ref);
	lo->nr = nr;
	lo->ea_size = size;
	lo->ea = kvmalloc(size, GFP_NOFS);
	if (!lo->ea) {
		rc = -ENOMEM;
		goto fail;
	}
	memcpy(lo->ea, ea, size);

	if (md->lcm_magic == cpu_to_le32(LOV_MAGIC_COMP_V1)) {
		lo->composite = true;
		lo->gen = le32_to_cpu(md->lcm_layout_gen) & 0x7fffffff;
		rc = decode_composite(lo, lo->ea, size);
	} else {
		u16 gen = 0;

		lo->comp[0].end = LAYOUT_EOF;
		rc = decode_plain(&lo->comp[0], lo->ea, size, true, &gen);
		lo->gen = gen;
	}
	if (rc)
		goto fail;
	lo->released = lo->comp[0].pattern & LOV_PATTERN_F_RELEASED;
	return lo;
fail:
	layout_free(lo);
	return ERR_PTR(rc);
}

struct layout_comp *layout_comp_at(struct layout *lo, u64 pos)
{
	u32 i;

	for (i = 0; i < lo->nr; i++)
		if (pos < lo->comp[i].end)
			return &lo->comp[i];
	return NULL;
}

u32 layout_offset(const struct layout_comp *c, u64 pos, u64 *obj_off)
{
	u32 in_stripe, k;
	u64 row;

	/* pos = (row * count + k) * size + in_stripe; offsets do not restart with a component */
	row = div_u64_rem(pos, c->stripe_size, &in_stripe);
	row = div_u64_rem(row, c->stripe_count, &k);
	*obj_off = row * c->stripe_size + in_stripe;
	return k;
}

u64 layout_file_offset(const struct layout_comp *c, u32 stripe, u64 obj_off)
{
	u32 in_stripe;
	u64 row = div_u64_rem(obj_off, c->stripe_size, &in_stripe), pos;

	if (check_mul_overflow(row, (u64)c->stripe_count, &pos) || check_add_overflow(pos, (u64)stripe, &pos) ||
	    check_mul_overflow(pos, (u64)c->stripe_size, &pos) || check_add_overflow(pos, (u64)in_stripe, &pos))
		return MAX_LFS_FILESIZE;
	return min_t(u64, pos, MAX_LFS_FILESIZE);
}

u64 layout_chunk(const struct layout_comp *c, u64 pos)
{
	u64 left = c->end - pos;
	u32 in_stripe;

	if (c->stripe_count == 1)
		return left;
	div_u64_rem(pos, c->stripe_size, &in_stripe);
	return min_t(u64, left, c->stripe_size - in_stripe);
}

u64 layout_obj_size(const struct layout_comp *c, u32 stripe, u64 size)
{
	u64 row_bytes = (u64)c->stripe_size * c->stripe_count;
	u64 before = (u64)stripe * c->stripe_size;
	u64 row, in_row;

	row = div64_u64_rem(size, row_bytes, &in_row);
	if (in_row < before)
		return row * c->stripe_size;
	return row * c->stripe_size + min_t(u64, in_row - before, c->stripe_size);
}

bool layout_obj_range(const struct layout_comp *c, u32 stripe, u64 start, u64 end,
		      u64 *obj_start, u64 *obj_end)
{
	u64 last;

	start = max(start, c->start);
	if (start >= c->end || end < start)
		return false;
	/* The first byte of the object at or after start is how much of it lies before start */
	*obj_start = layout_obj_size(c, stripe, start);
	last = c->end == LAYOUT_EOF ? LAYOUT_EOF : c->end - 1;
	end = min(end, last);
	if (end == LAYOUT_EOF) {
		*obj_end = LAYOUT_EOF;
		return true;
	}
	/* and what lies before end + 1, less one byte, is the last */
	*obj_end = layout_obj_size(c, stripe, end + 1) - 1;
	return *obj_end + 1 > *obj_start;
}

u64 layout_size(const struct layout_comp *c, u32 stripe, u64 obj_size)
{
	if (!obj_size)
		return 0;
	if (c->mdt)
		return min(obj_size, c->end);
	return min_t(u64, layout_file_offset(c, stripe, obj_size - 1) + 1, MAX_LFS_FILESIZE);
}

bool layout_needs_init(const struct layout *lo, u64 start, u64 end)
{
	u32 i;

	for (i = 0; i < lo->nr; i++) {
		const struct layout_comp *c = &lo->comp[i];

		if (c->start < end && start < c->end && !c->init)
			return true;
	}
	return false;
}

u64 layout_max_bytes(const struct layout *lo, u64 obj_max)
{
	const struct layout_comp *c = &lo->comp[lo->nr - 1];

	if (c->end != LAYOUT_EOF)
		return c->end;
	/* the first object is the first that gets too large: offsets do not restart with a component */
	return c->init ? layout_size(c, 0, obj_max) : MAX_LFS_FILESIZE;
}
