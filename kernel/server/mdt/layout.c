// SPDX-License-Identifier: GPL-2.0
/*
 * Layouts as bytes (chapter 05, A1-A5): parsing what users ask for, packing the LOV EA
 * of a file, walking the objects of one. No locks, no storage, no OSTs.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>
#include "layout.h"

static u32 blob_head(u32 magic)
{
	return magic == LOV_MAGIC_V1 ? sizeof(struct lov_mds_md_v1) : sizeof(struct lov_mds_md_v3);
}

static bool pool_ok(const char *pool)
{
	return strnlen(pool, LOV_MAXPOOLNAME + 1) <= LOV_MAXPOOLNAME;
}

u32 lov_user_size(const void *buf, u32 size)
{
	const struct lov_mds_md_v1 *v1 = buf;
	const struct lov_comp_md_v1 *comp = buf;
	u32 need;

	if (size < sizeof(*v1))
		return 0;
	switch (le32_to_cpu(v1->lmm_magic)) {
	case LOV_MAGIC_V1:
		need = sizeof(struct lov_mds_md_v1);
		break;
	case LOV_MAGIC_V3:
		need = sizeof(struct lov_mds_md_v3);
		break;
	case LOV_MAGIC_SPECIFIC:
		need = lov_mds_md_size(le16_to_cpu(v1->lmm_stripe_count), LOV_MAGIC_V3);
		break;
	case LOV_MAGIC_COMP_V1:
		need = le32_to_cpu(comp->lcm_size);
		break;
	default:
		return 0;
	}
	return need <= size ? need : 0;
}

static void want_init(struct lov_want *w)
{
	memset(w, 0, sizeof(*w));
	w->offset = LOV_ANY_OST;
}

static int plain_parse(const void *buf, u32 size, struct lov_want *w)
{
	const struct lov_mds_md_v1 *v1 = buf;
	const struct lov_mds_md_v3 *v3 = buf;
	u32 magic, pattern;

	want_init(w);
	if (size < sizeof(*v1))
		return -EINVAL;
	magic = le32_to_cpu(v1->lmm_magic);
	if (magic == LOV_MAGIC_FOREIGN || magic == LOV_MAGIC_SEL)
		return -EOPNOTSUPP;
	if (magic == LOV_MAGIC_COMP_V1 || !lov_user_size(buf, size))
		return -EINVAL;
	pattern = le32_to_cpu(v1->lmm_pattern);
	w->mdt = pattern == LOV_PATTERN_MDT;
	if (pattern != LOV_PATTERN_NONE && pattern != LOV_PATTERN_RAID0 && !w->mdt)
		return pattern & (LOV_PATTERN_OVERSTRIPING | LOV_PATTERN_FOREIGN) ?
			-EOPNOTSUPP : -EINVAL;
	w->stripe_size = le32_to_cpu(v1->lmm_stripe_size);
	w->stripe_count = le16_to_cpu(v1->lmm_stripe_count);
	w->offset = le16_to_cpu(v1->lmm_layout_gen);
	if (w->stripe_size % LOV_MIN_STRIPE_SIZE)
		return -EINVAL;
	if (w->stripe_count != LOV_ALL_STRIPES && w->stripe_count > LOV_MAX_STRIPE_COUNT)
		return -EINVAL;
	if (magic == LOV_MAGIC_V1)
		return 0;
	if (!pool_ok(v3->lmm_pool_name))
		return -EINVAL;
	/* words that mean no pool (A1) */
	if (strcmp(v3->lmm_pool_name, "ignore") && strcmp(v3->lmm_pool_name, "inherit") &&
	    strcmp(v3->lmm_pool_name, "none"))
		strscpy(w->pool, v3->lmm_pool_name, sizeof(w->pool));
	if (magic == LOV_MAGIC_SPECIFIC) {
		if (!w->stripe_count || w->stripe_count > LOV_MAX_STRIPE_COUNT)
			return -EINVAL;
		w->nr_list = w->stripe_count;
		w->list = v3->lmm_objects;
	}
	return 0;
}

/* The first part of a file may be on the MDT (A9); its size says nothing else than its end. */
static int dom_check(u32 i, u64 end, const struct lov_want *w)
{
	if (i || end > LOV_MAX_DOM_SIZE || w->stripe_count > 1 || w->nr_list || w->pool[0] ||
	    (w->stripe_size && w->stripe_size != end))
		return -EINVAL;
	return 0;
}

/* Extents follow each other, each blob is in its place and asks for something possible (A3). */
static int comp_parse(const struct lov_comp_md_v1 *comp, u32 size)
{
	u32 total, head, n, i, rest;
	u64 at = 0;

	if (size < sizeof(*comp))
		return -EINVAL;
	total = le32_to_cpu(comp->lcm_size);
	n = le16_to_cpu(comp->lcm_entry_count);
	head = sizeof(*comp) + n * sizeof(struct lov_comp_entry);
	if (!n || n > LOV_MAX_COMPS || total > size || head > total)
		return -EINVAL;
	if (comp->lcm_mirror_count || comp->lcm_flags)
		return -EOPNOTSUPP;
	for (i = 0; i < n; i++) {
		const struct lov_comp_entry *e = &comp->lcm_entries[i];
		u32 off = le32_to_cpu(e->lcme_offset), len = le32_to_cpu(e->lcme_size);
		u32 flags = le32_to_cpu(e->lcme_flags);
		u64 end = le64_to_cpu(e->e_end);
		struct lov_want w;
		int rc;

		if (flags & LCME_FL_EXTENSION)
			return -EOPNOTSUPP;
		if (flags & ~(LCME_FL_PREF_RD | LCME_FL_PREF_WR))
			return -EINVAL;
		if (le64_to_cpu(e->e_start) != at || end <= at || (end != LCME_EOF && end % LOV_MIN_STRIPE_SIZE))
			return -EINVAL;
		if (off % 8 || off < head || off > total || len > total - off)
			return -EINVAL;
		rc = plain_parse((const void *)comp + off, len, &w);
		if (rc)
			return rc;
		if (w.mdt && dom_check(i, end, &w))
			return -EINVAL;
		rest = 0;
		if (end != LCME_EOF && w.stripe_size)
			div_u64_rem(end, w.stripe_size, &rest);
		if (rest)
			return -EINVAL;
		at = end;
	}
	return 0;
}

int lov_want_parse(const void *buf, u32 size, struct lov_want *w)
{
	if (size < sizeof(__le32) || !lov_ea_is_comp(buf)) {
		int rc = plain_parse(buf, size, w);

		return rc ?: w->mdt ? -EINVAL : 0;
	}
	want_init(w);
	w->comp = buf;
	return comp_parse(buf, size);
}

bool lov_want_is_delete(const struct lov_want *w)
{
	return !w->comp && !w->stripe_size && !w->stripe_count && w->offset == LOV_ANY_OST && !w->pool[0];
}

void lov_want_comp(const struct lov_comp_md_v1 *comp, u32 i, struct lov_want *w)
{
	u32 off = le32_to_cpu(comp->lcm_entries[i].lcme_offset), len = le32_to_cpu(comp->lcm_entries[i].lcme_size);
	const struct lov_mds_md_v3 *md = (const void *)comp + off;
	const struct lov_ost_data_v1 *slot;

	plain_parse(md, len, w);
	/* a component of a file has slots: the list that was asked for, or one that says nothing */
	slot = (const void *)md + blob_head(le32_to_cpu(md->lmm_magic));
	if (!w->mdt && !w->nr_list && w->stripe_count && w->stripe_count <= LOV_MAX_STRIPE_COUNT &&
	    lov_mds_md_size(w->stripe_count, le32_to_cpu(md->lmm_magic)) <= len &&
	    slot->l_ost_idx != cpu_to_le32(U32_MAX)) {
		w->nr_list = w->stripe_count;
		w->list = slot;
	}
}

void lov_want_merge(struct lov_want *w, const struct lov_want *dflt)
{
	if (w->comp)
		return;
	if (!w->stripe_size)
		w->stripe_size = dflt->stripe_size;
	if (!w->stripe_count)
		w->stripe_count = dflt->stripe_count;
	if (w->offset == LOV_ANY_OST)
		w->offset = dflt->offset;
	if (!w->pool[0])
		memcpy(w->pool, dflt->pool, sizeof(w->pool));
}

static void head_pack(struct lov_mds_md_v3 *md, const struct lov_want *w)
{
	memset(md, 0, w->pool[0] ? sizeof(struct lov_mds_md_v3) : sizeof(struct lov_mds_md_v1));
	md->lmm_magic = cpu_to_le32(w->pool[0] ? LOV_MAGIC_V3 : LOV_MAGIC_V1);
	md->lmm_pattern = cpu_to_le32(w->mdt ? LOV_PATTERN_MDT : LOV_PATTERN_RAID0);
	md->lmm_stripe_size = cpu_to_le32(w->stripe_size);
	md->lmm_stripe_count = cpu_to_le16(w->stripe_count);
	if (w->pool[0])
		memcpy(md->lmm_pool_name, w->pool, sizeof(w->pool));
}

u32 lov_want_pack(const struct lov_want *w, void *buf)
{
	struct lov_mds_md_v3 *md = buf;

	head_pack(md, w);
	md->lmm_layout_gen = cpu_to_le16(w->offset);
	return blob_head(le32_to_cpu(md->lmm_magic));
}

u32 lov_ea_size(const struct lov_want *w, u32 n)
{
	return lov_mds_md_size(n, w->pool[0] ? LOV_MAGIC_V3 : LOV_MAGIC_V1);
}

static void objs_pack(struct lov_ost_data_v1 *o, const struct lov_object *objs, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++, o++) {
		o->l_ost_oi.id = cpu_to_le64(objs[i].id);
		o->l_ost_oi.seq = cpu_to_le64(objs[i].seq);
		o->l_ost_gen = 0;
		o->l_ost_idx = cpu_to_le32(objs[i].ost);
	}
}

void lov_ea_pack(void *buf, const struct lov_want *w, const struct lu_fid *fid,
		 const struct lov_object *objs, u32 n)
{
	struct lov_mds_md_v3 *md = buf;

	head_pack(md, w);
	md->lmm_stripe_count = cpu_to_le16(n);
	md->lmm_oi.id = cpu_to_le64(fid->f_oid);
	md->lmm_oi.seq = cpu_to_le64(fid->f_seq);
	objs_pack(buf + lov_mds_md_size(0, le32_to_cpu(md->lmm_magic)), objs, n);
}

/* A stripe size for a component that ends at @end and names none */
static u32 comp_stripe_size(u64 end, u32 dflt)
{
	u32 rest;

	if (end == LCME_EOF)
		return dflt;
	div_u64_rem(end, dflt, &rest);
	return rest ? 1U << __ffs64(end) : dflt;
}

/* One component without objects at @md: the list of OSTs that was asked for, or a slot that says nothing */
static void comp_pack_blob(struct lov_mds_md_v1 *md, u32 size, const struct lov_want *w, const struct lu_fid *fid)
{
	struct lov_ost_data_v1 *slot;
	u32 k;

	memset(md, 0, size);
	slot = (void *)md + lov_want_pack(w, md);
	md->lmm_oi.id = cpu_to_le64(fid->f_oid);
	md->lmm_oi.seq = cpu_to_le64(fid->f_seq);
	if (w->mdt) {
		md->lmm_layout_gen = 0;
		return;
	}
	slot->l_ost_idx = cpu_to_le32(U32_MAX);
	for (k = 0; k < w->nr_list; k++)
		slot[k].l_ost_idx = w->list[k].l_ost_idx;
}

u32 lov_comp_pack(void *buf, const struct lov_comp_md_v1 *comp, const struct lov_want *dflt,
		  const struct lu_fid *fid)
{
	u32 n = le16_to_cpu(comp->lcm_entry_count), i;
	u32 at = sizeof(*comp) + n * sizeof(struct lov_comp_entry);
	struct lov_comp_md_v1 *to = buf;

	if (buf)
		memset(buf, 0, at);
	for (i = 0; i < n; i++) {
		const struct lov_comp_entry *e = &comp->lcm_entries[i];
		struct lov_want w;
		u32 size;

		lov_want_comp(comp, i, &w);
		size = lov_ea_size(&w, w.mdt ? 0 : w.nr_list ?: 1);
		if (w.mdt) {
			w.stripe_size = le64_to_cpu(e->e_end);
			w.stripe_count = 0;
		}
		if (buf) {
			if (!w.stripe_size)
				w.stripe_size = comp_stripe_size(le64_to_cpu(e->e_end), dflt->stripe_size);
			if (!w.stripe_count && !w.mdt)
				w.stripe_count = dflt->stripe_count;
			to->lcm_entries[i].lcme_id = cpu_to_le32(i + 1);
			to->lcm_entries[i].lcme_flags = e->lcme_flags | cpu_to_le32(w.mdt ? LCME_FL_INIT : 0);
			to->lcm_entries[i].e_start = e->e_start;
			to->lcm_entries[i].e_end = e->e_end;
			to->lcm_entries[i].lcme_offset = cpu_to_le32(at);
			to->lcm_entries[i].lcme_size = cpu_to_le32(size);
			comp_pack_blob(buf + at, size, &w, fid);
		}
		at += size;
	}
	if (buf) {
		to->lcm_magic = cpu_to_le32(LOV_MAGIC_COMP_V1);
		to->lcm_size = cpu_to_le32(at);
		/* each id that was given is a change */
		to->lcm_layout_gen = cpu_to_le32(n);
		to->lcm_entry_count = cpu_to_le16(n);
	}
	return at;
}

u32 lov_comp_init(void *buf, u32 i, const struct lov_object *objs, u32 n)
{
	struct lov_comp_md_v1 *comp = buf;
	struct lov_comp_entry *e = &comp->lcm_entries[i];
	u32 off = le32_to_cpu(e->lcme_offset), old = le32_to_cpu(e->lcme_size);
	u32 total = le32_to_cpu(comp->lcm_size), size, k;
	struct lov_mds_md_v1 *md = buf + off;

	size = lov_mds_md_size(n, le32_to_cpu(md->lmm_magic));
	memmove(buf + off + size, buf + off + old, total - off - old);
	for (k = 0; k < le16_to_cpu(comp->lcm_entry_count); k++) {
		u32 o = le32_to_cpu(comp->lcm_entries[k].lcme_offset);

		if (o > off)
			comp->lcm_entries[k].lcme_offset = cpu_to_le32(o - old + size);
	}
	e->lcme_size = cpu_to_le32(size);
	e->lcme_flags |= cpu_to_le32(LCME_FL_INIT);
	md->lmm_layout_gen = 0;
	md->lmm_stripe_count = cpu_to_le16(n);
	objs_pack(buf + off + lov_mds_md_size(0, le32_to_cpu(md->lmm_magic)), objs, n);
	comp->lcm_size = cpu_to_le32(total - old + size);
	return total - old + size;
}

bool lov_comp_grows(const struct lov_comp_md_v1 *comp, u32 i, u64 end)
{
	const struct lov_comp_entry *e = &comp->lcm_entries[i];

	return !(le32_to_cpu(e->lcme_flags) & LCME_FL_INIT) && le64_to_cpu(e->e_start) < end;
}

/* Bytes of a plain layout, with its objects if it has them; negative if malformed */
static int plain_check(const void *buf, u32 size, bool objects)
{
	const struct lov_mds_md_v3 *md = buf;
	u32 magic, need, n;

	if (size < sizeof(struct lov_mds_md_v1))
		return -EINVAL;
	magic = le32_to_cpu(md->lmm_magic) & ~LOV_MAGIC_DEFINED;
	if (magic != LOV_MAGIC_V1 && magic != LOV_MAGIC_V3)
		return -EINVAL;
	if (size < blob_head(magic))
		return -EINVAL;
	if (magic == LOV_MAGIC_V3 && !pool_ok(md->lmm_pool_name))
		return -EINVAL;
	if (!objects)
		return blob_head(magic);
	n = le16_to_cpu(md->lmm_stripe_count);
	if (n > LOV_MAX_STRIPE_COUNT)
		return -EINVAL;
	need = lov_mds_md_size(n, magic);
	if (need > size || !md->lmm_stripe_size || le32_to_cpu(md->lmm_stripe_size) % LOV_MIN_STRIPE_SIZE)
		return -EINVAL;
	return need;
}

static bool entry_has_objects(const struct lov_comp_entry *e)
{
	return le32_to_cpu(e->lcme_flags) & LCME_FL_INIT;
}

static int comp_check(const struct lov_comp_md_v1 *comp, u32 size)
{
	u32 total, i, n;

	if (size < sizeof(*comp))
		return -EINVAL;
	total = le32_to_cpu(comp->lcm_size);
	n = le16_to_cpu(comp->lcm_entry_count);
	if (total > size || !n || total < sizeof(*comp) + n * sizeof(struct lov_comp_entry))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		const struct lov_comp_entry *e = &comp->lcm_entries[i];
		u32 off = le32_to_cpu(e->lcme_offset), len = le32_to_cpu(e->lcme_size);
		const struct lov_mds_md_v1 *md = (const void *)comp + off;
		bool objects;

		if (off % 8 || off > total || len > total - off || len < sizeof(*md))
			return -EINVAL;
		objects = entry_has_objects(e) && !(le32_to_cpu(md->lmm_pattern) & LOV_PATTERN_MDT);
		if (plain_check(md, len, objects) < 0)
			return -EINVAL;
	}
	return total;
}

int lov_ea_check(const void *buf, u32 size)
{
	u32 magic;

	if (size < sizeof(struct lov_mds_md_v1))
		return -EINVAL;
	magic = le32_to_cpu(*(const __le32 *)buf) & ~LOV_MAGIC_DEFINED;
	if (magic == LOV_MAGIC_COMP_V1 || magic == LOV_MAGIC_SEL)
		return comp_check(buf, size);
	return plain_check(buf, size, true);
}

static u32 plain_objects(const struct lov_mds_md_v1 *md, struct lov_object *objs, u32 max)
{
	u32 magic = le32_to_cpu(md->lmm_magic) & ~LOV_MAGIC_DEFINED;
	u32 pattern = le32_to_cpu(md->lmm_pattern);
	const struct lov_ost_data_v1 *o;
	u32 i, n, k = 0;

	if (pattern & (LOV_PATTERN_F_RELEASED | LOV_PATTERN_MDT))
		return 0;
	o = (const void *)md + lov_mds_md_size(0, magic);
	n = le16_to_cpu(md->lmm_stripe_count);
	for (i = 0; i < n; i++, o++) {
		if (!o->l_ost_oi.id && !o->l_ost_oi.seq)
			continue;	/* a hole */
		if (objs && k < max) {
			objs[k].id = le64_to_cpu(o->l_ost_oi.id);
			objs[k].seq = le64_to_cpu(o->l_ost_oi.seq);
			objs[k].ost = le32_to_cpu(o->l_ost_idx);
		}
		k++;
	}
	return k;
}

u32 lov_ea_objects(const void *buf, u32 size, struct lov_object *objs, u32 max)
{
	u32 magic = le32_to_cpu(*(const __le32 *)buf) & ~LOV_MAGIC_DEFINED;
	const struct lov_comp_md_v1 *comp = buf;
	u32 i, k = 0;

	if (magic != LOV_MAGIC_COMP_V1 && magic != LOV_MAGIC_SEL)
		return plain_objects(buf, objs, max);
	for (i = 0; i < le16_to_cpu(comp->lcm_entry_count); i++) {
		const struct lov_comp_entry *e = &comp->lcm_entries[i];

		if (entry_has_objects(e))
			k += plain_objects(buf + le32_to_cpu(e->lcme_offset), objs ? objs + min(k, max) : NULL,
					   max - min(k, max));
	}
	return k;
}

bool lov_ea_has_dom(const void *buf, u32 size)
{
	const struct lov_comp_md_v1 *comp = buf;
	const struct lov_mds_md_v1 *md;

	if (size < sizeof(__le32) || !lov_ea_is_comp(buf) || lov_ea_check(buf, size) < 0)
		return false;
	md = buf + le32_to_cpu(comp->lcm_entries[0].lcme_offset);
	return le32_to_cpu(md->lmm_pattern) & LOV_PATTERN_MDT;
}

void lov_ea_adopt(void *buf, u32 size, const struct lu_fid *fid)
{
	struct lov_mds_md_v1 *md = buf;
	struct lov_comp_md_v1 *comp = buf;
	u32 magic = le32_to_cpu(md->lmm_magic) & ~LOV_MAGIC_DEFINED;
	u32 i, n = 1;

	md->lmm_magic = cpu_to_le32(magic);
	if (magic == LOV_MAGIC_COMP_V1)
		n = le16_to_cpu(comp->lcm_entry_count);
	for (i = 0; i < n; i++) {
		if (magic == LOV_MAGIC_COMP_V1) {
			if (!entry_has_objects(&comp->lcm_entries[i]))
				continue;
			md = buf + le32_to_cpu(comp->lcm_entries[i].lcme_offset);
			md->lmm_magic &= cpu_to_le32(~LOV_MAGIC_DEFINED);
		}
		md->lmm_oi.id = cpu_to_le64(fid->f_oid);
		md->lmm_oi.seq = cpu_to_le64(fid->f_seq);
		md->lmm_layout_gen = 0;
	}
}
