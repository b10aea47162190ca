// SPDX-License-Identifier: GPL-2.0
/*
 * trusted.link (chapter 04, 9.4): packing and searching. Entries are big-endian and
 * unaligned, the header is little-endian. No locks, no storage.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "unaligned.h"
#include "linkea.h"

#define LEE_HEAD	sizeof(struct link_ea_entry)

static u32 entry_len(const struct link_ea_entry *e)
{
	return get_unaligned_be16(e->lee_reclen);
}

static bool entry_is(const struct link_ea_entry *e, const struct lu_fid *parent, const char *name, u32 len)
{
	return entry_len(e) == LEE_HEAD + len &&
	       get_unaligned_be64(e->lee_parent_fid) == parent->f_seq &&
	       get_unaligned_be32(e->lee_parent_fid + 8) == parent->f_oid &&
	       get_unaligned_be32(e->lee_parent_fid + 12) == parent->f_ver &&
	       !memcmp(e->lee_name, name, len);
}

int linkea_check(const void *buf, u32 size)
{
	const struct link_ea_header *h = buf;
	u32 pos = sizeof(*h), nr;
	u64 used;

	if (!size)
		return 0;
	if (size < sizeof(*h) || le32_to_cpu(h->leh_magic) != LINK_EA_MAGIC)
		return -EINVAL;
	used = le64_to_cpu(h->leh_len);
	if (used > size || used < sizeof(*h))
		return -EINVAL;
	for (nr = le32_to_cpu(h->leh_reccount); nr; nr--) {
		u32 len;

		if (pos + LEE_HEAD > used)
			return -EINVAL;
		len = entry_len(buf + pos);
		if (len <= LEE_HEAD || len > LEE_HEAD + MDS_NAME_MAX || pos + len > used)
			return -EINVAL;
		pos += len;
	}
	return pos == used ? used : -EINVAL;
}

static void header_set(struct link_ea_header *h, u32 nr, u32 size)
{
	h->leh_reccount = cpu_to_le32(nr);
	h->leh_len = cpu_to_le64(size);
}

int linkea_add(void *buf, u32 size, u32 room, const struct lu_fid *parent, const char *name, u32 len, u32 now)
{
	struct link_ea_header *h = buf;
	struct link_ea_entry *e;

	if (!size) {
		if (room < sizeof(*h))
			return -ENOSPC;
		memset(h, 0, sizeof(*h));
		h->leh_magic = cpu_to_le32(LINK_EA_MAGIC);
		size = sizeof(*h);
		header_set(h, 0, size);
	}
	room = min_t(u32, room, LINK_EA_MAX);
	if (size + LEE_HEAD + len > room) {
		h->leh_overflow_time = cpu_to_le32(now ?: 1);
		return size;
	}
	e = buf + size;
	put_unaligned_be16(LEE_HEAD + len, e->lee_reclen);
	put_unaligned_be64(parent->f_seq, e->lee_parent_fid);
	put_unaligned_be32(parent->f_oid, e->lee_parent_fid + 8);
	put_unaligned_be32(parent->f_ver, e->lee_parent_fid + 12);
	memcpy(e->lee_name, name, len);
	size += LEE_HEAD + len;
	header_set(h, le32_to_cpu(h->leh_reccount) + 1, size);
	return size;
}

int linkea_del(void *buf, u32 size, const struct lu_fid *parent, const char *name, u32 len)
{
	struct link_ea_header *h = buf;
	u32 pos = sizeof(*h);

	while (pos < size) {
		struct link_ea_entry *e = buf + pos;
		u32 n = entry_len(e);

		if (entry_is(e, parent, name, len)) {
			memmove(e, buf + pos + n, size - pos - n);
			size -= n;
			header_set(h, le32_to_cpu(h->leh_reccount) - 1, size);
			return size;
		}
		pos += n;
	}
	return -ENOENT;
}

bool linkea_get(const void *buf, u32 size, unsigned int idx, struct lu_fid *parent,
		const char **name, u32 *len)
{
	u32 pos = sizeof(struct link_ea_header);

	for (; pos < size; idx--) {
		const struct link_ea_entry *e = buf + pos;

		if (!idx) {
			parent->f_seq = get_unaligned_be64(e->lee_parent_fid);
			parent->f_oid = get_unaligned_be32(e->lee_parent_fid + 8);
			parent->f_ver = get_unaligned_be32(e->lee_parent_fid + 12);
			*name = e->lee_name;
			*len = entry_len(e) - LEE_HEAD;
			return true;
		}
		pos += entry_len(e);
	}
	return false;
}
