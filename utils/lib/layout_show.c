// SPDX-License-Identifier: GPL-2.0
/*
 * A layout as text. The bytes may be anything: nothing is read before its size was looked at.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <asm/byteorder.h>
#include "lib/layout_show.h"
#include "wire/fid.h"
#include "wire/layout.h"
#include "wire/ost.h"

#define BARE_FID "0x%llx:0x%x:0x%x"

struct plain {
	const struct lov_mds_md_v1	*md;
	const struct lov_ost_data_v1	*objects;
	const char			*pool;
	uint32_t			magic, pattern;
	unsigned int			count;
	unsigned int			nr_objects;
	bool				init;	/* has objects, or will never have any */
};

static bool wants(const struct layout_style *st, unsigned int what)
{
	return !st->what || st->what & what;
}

/* One value alone? */
static bool bare(const struct layout_style *st)
{
	return st->what && !(st->what & (st->what - 1)) && st->what != LAYOUT_OBJECTS;
}

/* "key:" padded to @width and the value; or, of a single value, just that */
static void __attribute__((format(printf, 6, 7)))
field(FILE *out, const struct layout_style *st, int indent, int width, const char *key, const char *fmt, ...)
{
	va_list ap;

	if (!bare(st))
		fprintf(out, "%*s%s:%*s", indent, "", key, (int)(width - strlen(key) - 1), "");
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
}

#define lmm(key, fmt, ...) field(out, st, indent, 19, key, fmt, __VA_ARGS__)

static const char *pattern_name(uint32_t pattern)
{
	if (pattern & LOV_PATTERN_F_RELEASED)
		return "released";
	switch (pattern & ~LOV_PATTERN_F_MASK) {
	case LOV_PATTERN_NONE:
	case LOV_PATTERN_RAID0:
		return "raid0";
	case LOV_PATTERN_MDT:
		return "mdt";
	case LOV_PATTERN_RAID0 | LOV_PATTERN_OVERSTRIPING:
		return "raid0,overstriped";
	default:
		return "unknown";
	}
}

/* --- plain layouts --- */

/* @init: its objects are there, as far as the layout is of a file */
static int plain_get(const void *ea, size_t size, bool init, struct plain *p)
{
	const struct lov_mds_md_v1 *md = ea;
	size_t head;

	if (size < sizeof(*md))
		return -EINVAL;
	memset(p, 0, sizeof(*p));
	p->md = md;
	p->magic = __le32_to_cpu(md->lmm_magic);
	p->pattern = __le32_to_cpu(md->lmm_pattern);
	p->count = __le16_to_cpu(md->lmm_stripe_count);
	p->init = init;
	if (p->magic != LOV_MAGIC_V1 && p->magic != LOV_MAGIC_V3 && p->magic != LOV_MAGIC_SPECIFIC)
		return -EINVAL;
	head = lov_mds_md_size(0, p->magic == LOV_MAGIC_V1 ? LOV_MAGIC_V1 : LOV_MAGIC_V3);
	if (size < head)
		return -EINVAL;
	if (p->magic != LOV_MAGIC_V1 && ((const struct lov_mds_md_v3 *)ea)->lmm_pool_name[0])
		p->pool = ((const struct lov_mds_md_v3 *)ea)->lmm_pool_name;
	p->objects = (const void *)((const char *)ea + head);
	if (!init || p->pattern & (LOV_PATTERN_F_RELEASED | LOV_PATTERN_MDT))
		return 0;
	p->nr_objects = p->count;
	return (size - head) / sizeof(*p->objects) < p->nr_objects ? -EINVAL : 0;
}

static long long plain_count(const struct plain *p, const struct layout_style *st)
{
	if (p->count == LOV_ALL_STRIPES)
		return -1;
	if (st->is_dir && !p->count && !st->raw && !(p->pattern & LOV_PATTERN_MDT))
		return st->count;
	return p->count;
}

static unsigned long long plain_stripe_size(const struct plain *p, const struct layout_style *st)
{
	uint32_t size = __le32_to_cpu(p->md->lmm_stripe_size);

	return st->is_dir && !size && !st->raw ? st->size : size;
}

/* First OST: of the objects, or the one that was asked for */
static int plain_index(const struct plain *p)
{
	uint16_t want = __le16_to_cpu(p->md->lmm_layout_gen);

	if (p->nr_objects)
		return __le32_to_cpu(p->objects[0].l_ost_idx);
	if (p->init || p->pattern & LOV_PATTERN_MDT)
		return 0;
	return want == LOV_ANY_OST ? -1 : want;
}

static void show_heads(FILE *out, const struct plain *p, const struct layout_style *st, int indent)
{
	struct lu_fid fid = {
		.f_seq = __le64_to_cpu(p->md->lmm_oi.seq),
		.f_oid = __le64_to_cpu(p->md->lmm_oi.id),
	};

	if (st->verbose && !st->what) {
		lmm("lmm_magic", "0x%08X", p->magic);
		lmm("lmm_seq", "%#llx", (unsigned long long)fid.f_seq);
		lmm("lmm_object_id", "%#x", fid.f_oid);
	}
	if (st->what & LAYOUT_FID || (st->verbose && !st->what))
		lmm("lmm_fid", "%s" BARE_FID "%s", st->yaml ? "" : "[", PFID(&fid), st->yaml ? "" : "]");
}

static void show_values(FILE *out, const struct plain *p, const struct layout_style *st, int indent)
{
	show_heads(out, p, st, indent);
	if (wants(st, LAYOUT_COUNT))
		lmm("lmm_stripe_count", "%lld", plain_count(p, st));
	if (wants(st, LAYOUT_SIZE))
		lmm("lmm_stripe_size", "%llu", plain_stripe_size(p, st));
	if (wants(st, LAYOUT_PATTERN))
		lmm("lmm_pattern", "%s", pattern_name(p->pattern));
	if (wants(st, LAYOUT_GEN))
		lmm("lmm_layout_gen", "%u", p->init ? __le16_to_cpu(p->md->lmm_layout_gen) : 0);
	if (wants(st, LAYOUT_INDEX))
		lmm("lmm_stripe_offset", "%d", plain_index(p));
	if (p->pool && wants(st, LAYOUT_POOL))
		lmm("lmm_pool", "%.*s", LOV_MAXPOOLNAME, p->pool);
}

/* The table below a plain file */
static void show_table(FILE *out, const struct plain *p)
{
	unsigned int i;

	if (!p->nr_objects) {
		fputc('\n', out);
		return;
	}
	fprintf(out, "\tobdidx\t\t objid\t\t objid\t\t group\n");
	for (i = 0; i < p->nr_objects; i++) {
		const struct lov_ost_data_v1 *o = &p->objects[i];
		unsigned long long id = __le64_to_cpu(o->l_ost_oi.id), seq = 0;

		if (o->l_ost_oi.seq) {
			struct lu_fid fid;

			ost_id_to_fid(&o->l_ost_oi, 0, &fid);
			id = fid_is_idif(&fid) ? fid_idif_id(&fid) : fid.f_oid;
			seq = fid_is_idif(&fid) ? 0 : fid.f_seq;
		}
		fprintf(out, "\t%6u\t%14llu\t%#13llx\t", __le32_to_cpu(o->l_ost_idx), id, id);
		fprintf(out, seq <= FID_SEQ_IGIF_MIN ? "%14llu\n" : "%#14llx\n", seq);
	}
	fputc('\n', out);
}

/* Objects by FID: of components, and of everything in YAML. @indent: of the key */
static void show_objects(FILE *out, const struct plain *p, const struct layout_style *st, int indent)
{
	struct lu_fid fid;
	unsigned int i;

	if (!p->nr_objects)
		return;
	fprintf(out, "%*slmm_objects:\n", indent, "");
	for (i = 0; i < p->nr_objects; i++) {
		uint32_t idx = __le32_to_cpu(p->objects[i].l_ost_idx);

		ost_id_to_fid(&p->objects[i].l_ost_oi, idx, &fid);
		if (st->yaml)
			fprintf(out, "      - l_ost_idx: %u\n        l_fid:     " BARE_FID "\n", idx, PFID(&fid));
		else
			fprintf(out, "      - %u: { l_ost_idx: %u, l_fid: " DFID " }\n", i, idx, PFID(&fid));
	}
}

static void show_file(FILE *out, const struct plain *p, const struct layout_style *st)
{
	show_values(out, p, st, 0);
	if (!wants(st, LAYOUT_OBJECTS)) {
		fputc('\n', out);
	} else if (st->yaml) {
		show_objects(out, p, st, 0);
		fputc('\n', out);
	} else {
		show_table(out, p);
	}
}

/* A default: all in one line */
static void dir_line(FILE *out, const struct layout_style *st, long long count, unsigned long long size,
		     const char *pattern, int index, const char *pool)
{
	const char *sep = "";

#define item(what, key, width, fmt, ...) do {				\
		if (!wants(st, what))					\
			break;						\
		if (bare(st))						\
			fprintf(out, fmt, __VA_ARGS__);			\
		else							\
			fprintf(out, "%s%-" #width "s" fmt, sep, key ":", __VA_ARGS__); \
		sep = " ";						\
	} while (0)
	if (st->verbose && !st->what)
		fprintf(out, "(Default) ");
	item(LAYOUT_COUNT, "stripe_count", 15, "%lld", count);
	item(LAYOUT_SIZE, "stripe_size", 15, "%llu", size);
	item(LAYOUT_PATTERN, "pattern", 15, "%s", pattern);
	item(LAYOUT_INDEX, "stripe_offset", 15, "%d", index);
	if (pool)
		item(LAYOUT_POOL, "pool", 15, "%.*s", LOV_MAXPOOLNAME, pool);
#undef item
	fputs("\n\n", out);
}

void layout_show_none(FILE *out, const struct layout_style *st)
{
	dir_line(out, st, st->raw ? 0 : st->count, st->raw ? 0 : st->size, "0", st->raw ? 0 : -1, NULL);
}

/* --- composite layouts --- */

static int comp_get(const struct lov_comp_md_v1 *comp, size_t size, unsigned int i, bool is_dir, struct plain *p)
{
	const struct lov_comp_entry *e = &comp->lcm_entries[i];
	uint32_t off = __le32_to_cpu(e->lcme_offset), len = __le32_to_cpu(e->lcme_size);

	if (off % 8 || off > size || len > size - off)
		return -EINVAL;
	return plain_get((const char *)comp + off, len, !is_dir && __le32_to_cpu(e->lcme_flags) & LCME_FL_INIT, p);
}

static void show_flags(FILE *out, uint32_t flags)
{
	static const struct { uint32_t bit; const char *name; } names[] = {
		{ LCME_FL_INIT, "init" }, { LCME_FL_STALE, "stale" },
		{ LCME_FL_PREF_RD | LCME_FL_PREF_WR, "prefer" }, { LCME_FL_OFFLINE, "offline" },
		{ LCME_FL_NOSYNC, "nosync" }, { LCME_FL_EXTENSION, "extension" },
	};
	const char *sep = "";
	unsigned int i;

	if (!flags)
		fputc('0', out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & names[i].bit))
			continue;
		fprintf(out, "%s%s", sep, names[i].name);
		flags &= ~names[i].bit;
		sep = ",";
	}
	if (flags)
		fprintf(out, "%s%#x", sep, flags);
	fputc('\n', out);
}

/* LCME_EOF has a name */
static void show_offset(FILE *out, uint64_t v)
{
	if (v == LCME_EOF)
		fputs("EOF\n", out);
	else
		fprintf(out, "%llu\n", (unsigned long long)v);
}

static void show_entry(FILE *out, const struct lov_comp_entry *e, const struct layout_style *st, const char *dash)
{
	uint32_t id = __le32_to_cpu(e->lcme_id), flags = __le32_to_cpu(e->lcme_flags);
	time_t stamp = __le64_to_cpu(e->lcme_timestamp);

	fprintf(out, "  %slcme_id:             %u\n", dash, id);
	fprintf(out, "    lcme_mirror_id:      %u\n", id >> 16 & 0x7fff);
	fprintf(out, "    lcme_flags:          ");
	show_flags(out, flags);
	if (flags & LCME_FL_NOSYNC)
		fprintf(out, "    lcme_timestamp:      '%.24s'\n", ctime(&stamp) ?: "?");
	fprintf(out, "    lcme_extent.e_start: ");
	show_offset(out, __le64_to_cpu(e->e_start));
	fprintf(out, "    lcme_extent.e_end:   ");
	show_offset(out, __le64_to_cpu(e->e_end));
	if (st->verbose && !st->yaml) {
		fprintf(out, "    lcme_offset:         %u\n", __le32_to_cpu(e->lcme_offset));
		fprintf(out, "    lcme_size:           %u\n", __le32_to_cpu(e->lcme_size));
	}
	if (st->verbose || st->yaml)
		fprintf(out, "    sub_layout:\n");
}

static void show_component(FILE *out, const struct lov_comp_entry *e, const struct plain *p,
			   const struct layout_style *st)
{
	const int indent = 6;

	show_heads(out, p, st, indent);
	if (__le32_to_cpu(e->lcme_flags) & LCME_FL_EXTENSION) {
		lmm("lmm_stripe_count", "%d", 0);
		lmm("lmm_extension_size", "%llu", plain_stripe_size(p, st));
	} else {
		lmm("lmm_stripe_count", "%lld", plain_count(p, st));
		lmm("lmm_stripe_size", "%llu", plain_stripe_size(p, st));
	}
	lmm("lmm_pattern", "%s", pattern_name(p->pattern));
	lmm("lmm_layout_gen", "%u", p->init ? __le16_to_cpu(p->md->lmm_layout_gen) : 0);
	lmm("lmm_stripe_offset", "%d", plain_index(p));
	if (p->pool)
		lmm("lmm_pool", "%.*s", LOV_MAXPOOLNAME, p->pool);
	show_objects(out, p, st, indent);
	fputc('\n', out);
}

static void show_comp_head(FILE *out, const struct lov_comp_md_v1 *comp, const struct layout_style *st)
{
	static const char * const states[] = { "0", "ro", "wp", "sp" };
	const int indent = 2;

	if (st->verbose && !st->yaml) {
		fprintf(out, "composite_header:\n");
		lmm("lcm_magic", "0x%08X", __le32_to_cpu(comp->lcm_magic));
		lmm("lcm_size", "%u", __le32_to_cpu(comp->lcm_size));
		lmm("lcm_flags", "%s", states[__le16_to_cpu(comp->lcm_flags) & 3]);
	}
	lmm("lcm_layout_gen", "%u", __le32_to_cpu(comp->lcm_layout_gen));
	lmm("lcm_mirror_count", "%u", __le16_to_cpu(comp->lcm_mirror_count) + 1);
	lmm("lcm_entry_count", "%u", __le16_to_cpu(comp->lcm_entry_count));
	if (st->verbose && !st->yaml)
		fprintf(out, "components:\n");
}

/* Values of it, of the last component that has objects or else of the last one */
static int show_comp_values(FILE *out, const struct lov_comp_md_v1 *comp, size_t size, const struct layout_style *st)
{
	unsigned int nr = __le16_to_cpu(comp->lcm_entry_count), i = nr;
	const struct lov_comp_entry *e;
	struct plain p;
	int rc;

	while (i && !(__le32_to_cpu(comp->lcm_entries[i - 1].lcme_flags) & LCME_FL_INIT))
		i--;
	i = i ? i - 1 : nr - 1;
	e = &comp->lcm_entries[i];
	rc = comp_get(comp, size, i, st->is_dir, &p);
	if (rc)
		return rc;
	if (st->what & LAYOUT_MIRRORS)
		field(out, st, 2, 19, "lcm_mirror_count", "%u", __le16_to_cpu(comp->lcm_mirror_count) + 1);
	if (st->what & LAYOUT_COMP_COUNT)
		field(out, st, 2, 19, "lcm_entry_count", "%u", nr);
	if (st->what & LAYOUT_COMP_ID)
		field(out, st, 4, 21, "lcme_id", "%u", __le32_to_cpu(e->lcme_id));
	if (st->what & LAYOUT_COMP_FLAGS) {
		fputs(bare(st) ? "" : "    lcme_flags:          ", out);
		show_flags(out, __le32_to_cpu(e->lcme_flags));
	}
	if (st->what & LAYOUT_COMP_START) {
		fputs(bare(st) ? "" : "    lcme_extent.e_start: ", out);
		show_offset(out, __le64_to_cpu(e->e_start));
	}
	if (st->what & LAYOUT_COMP_END) {
		fputs(bare(st) ? "" : "    lcme_extent.e_end:   ", out);
		show_offset(out, __le64_to_cpu(e->e_end));
	}
	show_values(out, &p, st, 6);
	if (st->what & LAYOUT_OBJECTS)
		show_objects(out, &p, st, 6);
	fputc('\n', out);
	return 0;
}

static int show_composite(FILE *out, const struct lov_comp_md_v1 *comp, size_t size, const struct layout_style *st)
{
	struct plain p;
	unsigned int i, nr;
	int rc;

	if (size < sizeof(*comp) || __le32_to_cpu(comp->lcm_size) > size)
		return -EINVAL;
	size = __le32_to_cpu(comp->lcm_size);
	nr = __le16_to_cpu(comp->lcm_entry_count);
	if (!nr || size < sizeof(*comp) || (size - sizeof(*comp)) / sizeof(comp->lcm_entries[0]) < nr)
		return -EINVAL;
	if (st->what)
		return show_comp_values(out, comp, size, st);
	show_comp_head(out, comp, st);
	for (i = 0; i < nr; i++) {
		rc = comp_get(comp, size, i, st->is_dir, &p);
		if (rc)
			return rc;
		if (st->yaml)
			fprintf(out, "  component%u:\n", i);
		show_entry(out, &comp->lcm_entries[i], st, st->verbose && !st->yaml ? "- " : "  ");
		show_component(out, &comp->lcm_entries[i], &p, st);
	}
	return 0;
}

static int show_foreign(FILE *out, const struct lov_foreign_md *lfm, size_t size)
{
	uint32_t len;

	if (size < sizeof(*lfm))
		return -EINVAL;
	len = __le32_to_cpu(lfm->lfm_length);
	if (len > size - sizeof(*lfm))
		return -EINVAL;
	fprintf(out, "lfm_magic:         0x%08X\n", __le32_to_cpu(lfm->lfm_magic));
	fprintf(out, "lfm_length:        %u\n", len);
	fprintf(out, "lfm_type:          0x%08X\n", __le32_to_cpu(lfm->lfm_type));
	fprintf(out, "lfm_flags:         0x%08X\n", __le32_to_cpu(lfm->lfm_flags));
	fprintf(out, "lfm_value:     '%.*s'\n\n", (int)len, lfm->lfm_value);
	return 0;
}

int layout_show(FILE *out, const void *ea, size_t size, const struct layout_style *st)
{
	uint32_t magic;
	struct plain p;
	int rc;

	if (size < sizeof(__le32))
		return -EINVAL;
	magic = __le32_to_cpu(*(const __le32 *)ea);
	if (magic == LOV_MAGIC_COMP_V1 || magic == LOV_MAGIC_SEL)
		return show_composite(out, ea, size, st);
	if (magic == LOV_MAGIC_FOREIGN)
		return show_foreign(out, ea, size);
	rc = plain_get(ea, size, !st->is_dir, &p);
	if (rc)
		return rc;
	if (st->is_dir && !(st->what & ~(LAYOUT_COUNT | LAYOUT_SIZE | LAYOUT_PATTERN | LAYOUT_INDEX | LAYOUT_POOL)))
		dir_line(out, st, plain_count(&p, st), plain_stripe_size(&p, st), pattern_name(p.pattern),
			 plain_index(&p), p.pool);
	else
		show_file(out, &p, st);
	return 0;
}
