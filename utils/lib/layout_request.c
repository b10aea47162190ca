// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of a layout that a user asks for. Which values make sense together is the caller's
 * business, and the MDT's.
 */
#include <asm/byteorder.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/layout_request.h"

static uint32_t plain_magic(const struct layout_want *w)
{
	if (w->nr_osts)
		return LOV_MAGIC_SPECIFIC;
	return w->pool[0] ? LOV_MAGIC_V3 : LOV_MAGIC_V1;
}

static size_t plain_size(const struct layout_want *w)
{
	if (plain_magic(w) == LOV_MAGIC_V1)
		return sizeof(struct lov_mds_md_v1);
	return lov_mds_md_size(w->nr_osts, LOV_MAGIC_V3);
}

static void fill_plain(const struct layout_want *w, struct lov_mds_md_v3 *v3)
{
	uint32_t magic = plain_magic(w);
	unsigned int i;

	v3->lmm_magic = __cpu_to_le32(magic);
	v3->lmm_pattern = __cpu_to_le32(w->pattern ? w->pattern : LOV_PATTERN_RAID0);
	v3->lmm_stripe_size = __cpu_to_le32(w->stripe_size);
	v3->lmm_stripe_count = __cpu_to_le16(w->nr_osts ? w->nr_osts : (uint16_t)w->stripe_count);
	v3->lmm_layout_gen = __cpu_to_le16((uint16_t)w->index);
	if (magic == LOV_MAGIC_V1)
		return;
	memcpy(v3->lmm_pool_name, w->pool, sizeof(w->pool));
	for (i = 0; i < w->nr_osts; i++)
		v3->lmm_objects[i].l_ost_idx = __cpu_to_le32(w->osts[i]);
}

void *layout_request_plain(const struct layout_want *want, size_t *size)
{
	void *blob;

	*size = plain_size(want);
	blob = calloc(1, *size);
	if (blob)
		fill_plain(want, blob);
	return blob;
}

void *layout_request_composite(const struct layout_want *want, unsigned int nr, size_t *size)
{
	size_t at = sizeof(struct lov_comp_md_v1) + nr * sizeof(struct lov_comp_entry);
	struct lov_comp_md_v1 *comp;
	unsigned int i;

	*size = at;
	for (i = 0; i < nr; i++)
		*size += plain_size(&want[i]);
	if (*size > LOV_MAX_EASIZE) {
		errno = E2BIG;
		return NULL;
	}
	comp = calloc(1, *size);
	if (!comp)
		return NULL;
	comp->lcm_magic = __cpu_to_le32(LOV_MAGIC_COMP_V1);
	comp->lcm_size = __cpu_to_le32(*size);
	comp->lcm_entry_count = __cpu_to_le16(nr);
	for (i = 0; i < nr; i++) {
		struct lov_comp_entry *e = &comp->lcm_entries[i];

		e->e_start = __cpu_to_le64(i ? want[i - 1].end : 0);
		e->e_end = __cpu_to_le64(want[i].end);
		e->lcme_offset = __cpu_to_le32(at);
		e->lcme_size = __cpu_to_le32(plain_size(&want[i]));
		fill_plain(&want[i], (void *)((char *)comp + at));
		at += plain_size(&want[i]);
	}
	return comp;
}
