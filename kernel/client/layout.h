/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file's layout in host order, and the stripe arithmetic over it (chapter 05, part A).
 * Pure: no locks but the reference count, no I/O; tests/unit/client_layout.c runs it alone.
 */
#ifndef SHEEN_CLIENT_LAYOUT_H
#define SHEEN_CLIENT_LAYOUT_H

#include <linux/kref.h>
#include <linux/types.h>
#include "wire/layout.h"

struct cl_obj;

#define LAYOUT_EOF	(~0ULL)

/**
 * struct layout_stripe - one object of a component
 * @oi: as in the EA, host order: @oi_seq 0: legacy object @oi_id of MDT0's sequence; else a FID:
 *	@oi_id its sequence, @oi_seq its oid | ver << 32
 * @ost_idx: OST that has it
 * @hole: slot without an object (only with LOV_PATTERN_F_HOLE): reads zeros, writes -EIO
 * @obj: the client's object, bound by cl_obj_bind() before the layout is visible; referenced
 */
struct layout_stripe {
	u64			oi_id;
	u64			oi_seq;
	u32			ost_idx;
	bool			hole;
	struct cl_obj		*obj;
};

/**
 * struct layout_comp - one component: file bytes [@start, @end)
 * @init: has objects: @stripe is valid; else a write needs an intent first and reads give zeros
 * @mdt: its data is in the file's inode on the MDT: one stripe, whose object cl_obj_bind() names
 * @offset: of its plain layout within the EA
 */
struct layout_comp {
	u64			start;
	u64			end;
	u32			id;
	u32			flags;		/* LCME_FL_* */
	u32			pattern;	/* LOV_PATTERN_* */
	u32			stripe_size;
	u32			stripe_count;
	u16			ost_first;	/* wanted first OST of a component without objects */
	bool			init;
	bool			mdt;
	u32			offset;
	char			pool[LOV_MAXPOOLNAME + 1];
	struct layout_stripe	*stripe;
};

/**
 * struct layout - decoded layout; immutable once it is visible, but for ->obj
 * @gen: file generation
 * @composite: has components with ids; else comp[0] is the whole file
 * @released: HSM released: no objects
 * @ea, @ea_size: the EA it was decoded from
 */
struct layout {
	struct kref		ref;
	void			(*unbind)(struct layout *lo);	/* drops ->obj at the last put */
	u32			gen;
	u32			nr;
	bool			composite;
	bool			released;
	u32			ea_size;
	void			*ea;
	struct layout_comp	comp[];
};

/**
 * layout_decode() - LOV EA (file form) to struct layout
 * @ea: untrusted bytes of a peer, copied
 * Return: layout with one reference, or ERR_PTR: -EINVAL malformed or insane, -EOPNOTSUPP a kind
 * we do not read (mirrors, foreign), -ENOMEM. Context: process, GFP_NOFS
 */
struct layout *layout_decode(const void *ea, size_t size);
struct layout *layout_get(struct layout *lo);
void layout_put(struct layout *lo);

/** layout_comp_at() - component that file offset @pos falls into, NULL behind the last */
struct layout_comp *layout_comp_at(struct layout *lo, u64 pos);

/** layout_offset() - stripe of @pos and the offset within its object (A6) */
u32 layout_offset(const struct layout_comp *c, u64 pos, u64 *obj_off);
/** layout_file_offset() - the inverse; MAX_LFS_FILESIZE if no file reaches that far */
u64 layout_file_offset(const struct layout_comp *c, u32 stripe, u64 obj_off);
/** layout_chunk() - bytes from @pos that are contiguous in one object, at least 1, not beyond the component */
u64 layout_chunk(const struct layout_comp *c, u64 pos);
/**
 * layout_obj_range() - part of an object that file bytes [@start, @end] (inclusive; LAYOUT_EOF: no end) touch
 * The range is cut to the component first. Return: false if it touches nothing of this object
 */
bool layout_obj_range(const struct layout_comp *c, u32 stripe, u64 start, u64 end,
		      u64 *obj_start, u64 *obj_end);
/** layout_size() - end of the file as an object of @obj_size bytes shows it, 0 if it is empty */
u64 layout_size(const struct layout_comp *c, u32 stripe, u64 obj_size);
/** layout_obj_size() - bytes of the object when the file is truncated to @size */
u64 layout_obj_size(const struct layout_comp *c, u32 stripe, u64 size);
/** layout_needs_init() - does file range [@start, @end) touch a component without objects? */
bool layout_needs_init(const struct layout *lo, u64 start, u64 end);
/**
 * layout_max_bytes() - file bytes that can be addressed when objects may have @obj_max bytes
 * A last component without objects yet limits nothing.
 */
u64 layout_max_bytes(const struct layout *lo, u64 obj_max);

/** layout_for_each_stripe() - all objects of all components that have them; @c, @i: struct layout_comp *, u32 */
#define layout_for_each_stripe(lo, c, i)						\
	for ((c) = (lo)->comp; (c) < (lo)->comp + (lo)->nr; (c)++)			\
		for ((i) = 0; (i) < ((c)->init ? (c)->stripe_count : 0); (i)++)

#endif
