/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts as bytes (chapter 05, A1-A5): requests, defaults, the LOV EA of a file. Pure. */
#ifndef SHEEN_MDT_LAYOUT_H
#define SHEEN_MDT_LAYOUT_H

#include <linux/types.h>
#include "wire/layout.h"

#define LOV_MAX_COMPS	512
#define LOV_MAX_DOM_SIZE	(1U << 30)

/**
 * struct lov_want - what a request or a directory default asks for
 * @mdt: a component of Data-on-MDT: has no objects, its size is its end
 * @comp: it is composite: the request itself, checked; all else is unused
 * @stripe_size: 0: default
 * @stripe_count: 0: default, LOV_ALL_STRIPES: all OSTs
 * @offset: first OST or LOV_ANY_OST
 * @pool: "" for none
 * @nr_list, @list: OSTs by index (SPECIFIC), points into the parsed buffer
 */
struct lov_want {
	const struct lov_comp_md_v1 *comp;
	bool	mdt;
	u32	stripe_size;
	u16	stripe_count;
	u16	offset;
	char	pool[LOV_MAXPOOLNAME + 1];
	u16	nr_list;
	const struct lov_ost_data_v1 *list;
};

/** struct lov_object - one stripe of a file: OST index and object id (legacy form if @seq is 0) */
struct lov_object {
	u64	id;
	u64	seq;
	u32	ost;
};

/**
 * lov_want_parse() - a lov_user_md; longer buffers (zero padding) are fine
 * Return: 0, -EINVAL, -EOPNOTSUPP for mirrored, self-extending and foreign layouts.
 */
int lov_want_parse(const void *buf, u32 size, struct lov_want *w);
/** lov_want_is_delete() - the request that removes a default layout */
bool lov_want_is_delete(const struct lov_want *w);
/** lov_user_size() - bytes of a lov_user_md in use, 0 if it is malformed */
u32 lov_user_size(const void *buf, u32 size);
/** lov_want_comp() - component @i of a checked composite request, or one without objects of a file */
void lov_want_comp(const struct lov_comp_md_v1 *comp, u32 i, struct lov_want *w);
/** lov_want_merge() - fill what @w leaves open from @dflt; composite requests stay as they are */
void lov_want_merge(struct lov_want *w, const struct lov_want *dflt);
/** lov_want_pack() - as lov_user_md v1 or v3 into @buf (48 bytes). Return: bytes */
u32 lov_want_pack(const struct lov_want *w, void *buf);

/** lov_ea_size() - bytes of the plain layout of @n stripes that @w leads to */
u32 lov_ea_size(const struct lov_want *w, u32 n);
/** lov_ea_pack() - the LOV EA of a new file; legacy object ids of MDT0 */
void lov_ea_pack(void *buf, const struct lov_want *w, const struct lu_fid *fid,
		 const struct lov_object *objs, u32 n);
/**
 * lov_comp_pack() - the composite LOV EA of a new file, no component has objects yet
 * @buf: NULL: only tell the size; @dflt: for counts and sizes that @comp leaves open
 * Return: bytes
 */
u32 lov_comp_pack(void *buf, const struct lov_comp_md_v1 *comp, const struct lov_want *dflt,
		  const struct lu_fid *fid);
/** lov_comp_init() - give component @i of a composite EA its objects; @buf has room. Return: bytes */
u32 lov_comp_init(void *buf, u32 i, const struct lov_object *objs, u32 n);
/** lov_comp_grows() - has component @i no objects, and does it begin before @end? */
bool lov_comp_grows(const struct lov_comp_md_v1 *comp, u32 i, u64 end);
static inline bool lov_ea_is_comp(const void *buf)
{
	return *(const __le32 *)buf == cpu_to_le32(LOV_MAGIC_COMP_V1);
}
/**
 * lov_ea_check() - is this a well-formed LOV EA of a file (plain or composite)?
 * Return: bytes in use (padding behind it is allowed), -EINVAL
 */
int lov_ea_check(const void *buf, u32 size);
/** lov_ea_objects() - number of objects; with @objs up to @max of them. The EA has been checked */
u32 lov_ea_objects(const void *buf, u32 size, struct lov_object *objs, u32 max);
/** lov_ea_has_dom() - does the file have a part on the MDT? @size 0: no layout */
bool lov_ea_has_dom(const void *buf, u32 size);
/** lov_ea_adopt() - a checked EA that came in a replayed open becomes that of @fid again */
void lov_ea_adopt(void *buf, u32 size, const struct lu_fid *fid);

#endif
