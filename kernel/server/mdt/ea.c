// SPDX-License-Identifier: GPL-2.0
/* Values of extended attributes, small ones without an allocation. */
#include <linux/slab.h>
#include "mdt.h"

void mdt_ea_free(struct mdt_ea *ea)
{
	if (ea->buf != ea->small)
		kvfree(ea->buf);
	mdt_ea_init(ea);
}

int mdt_ea_room(struct mdt_ea *ea, u32 size)
{
	void *buf;

	if (size <= ea->room)
		return 0;
	if (size > MDT_MAX_EASIZE)
		return -ERANGE;
	buf = kvmalloc(size, GFP_NOFS);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, ea->buf, ea->size);
	if (ea->buf != ea->small)
		kvfree(ea->buf);
	ea->buf = buf;
	ea->room = size;
	return 0;
}

int mdt_ea_read(struct ldiskfs_object *obj, const char *name, struct mdt_ea *ea)
{
	ssize_t n;
	int rc, tries = 3;

	ea->size = 0;
	do {
		n = ldiskfs_getxattr(obj, name, ea->buf, ea->room);
		if (n != -ERANGE)
			break;
		n = ldiskfs_getxattr(obj, name, NULL, 0);
		if (n < 0)
			break;
		rc = mdt_ea_room(ea, n);
		if (rc)
			return rc;
		n = -ERANGE;
	} while (--tries);
	if (n == -ENODATA)
		return 0;
	if (n < 0)
		return n;
	ea->size = n;
	return 0;
}
