/* SPDX-License-Identifier: GPL-2.0 */
/* trusted.link (chapter 04, 9.4): the names of an object. Pure: no locks, no storage. */
#ifndef SHEEN_MDT_LINKEA_H
#define SHEEN_MDT_LINKEA_H

#include <linux/types.h>
#include "wire/md.h"

/** linkea_check() - is this a well-formed link EA? Return: its size in use, 0 for none, -EINVAL */
int linkea_check(const void *buf, u32 size);

/**
 * linkea_add() - one more name
 * @size: in use, 0 begins a new EA; @room: of @buf
 * Return: new size; a name that does not fit into LINK_EA_MAX is left out and @now noted.
 */
int linkea_add(void *buf, u32 size, u32 room, const struct lu_fid *parent, const char *name, u32 len, u32 now);

/** linkea_del() - a name less. Return: new size (the bare header when none is left), -ENOENT */
int linkea_del(void *buf, u32 size, const struct lu_fid *parent, const char *name, u32 len);

/**
 * linkea_get() - the name number @idx
 * @name: points into @buf, @len bytes without a NUL
 * Return: true if there is one
 */
bool linkea_get(const void *buf, u32 size, unsigned int idx, struct lu_fid *parent,
		const char **name, u32 *len);

#define LINKEA_ONE(len)	(sizeof(struct link_ea_header) + sizeof(struct link_ea_entry) + (len))

#endif
