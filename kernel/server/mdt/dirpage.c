// SPDX-License-Identifier: GPL-2.0
/*
 * Directory pages (chapter 04, 8): entries with their hashes into pages of 4096 bytes
 * whose ends chain to the next page's start. No locks, no storage.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "dirpage.h"

static int page_begin(struct dirpack *dp, u64 start)
{
	dp->page = dp->next_page(dp, dp->nr);
	if (!dp->page)
		return -ENOMEM;
	dp->nr++;
	dp->page->ldp_hash_start = cpu_to_le64(start);
	dp->pos = sizeof(*dp->page);
	dp->last = NULL;
	return 0;
}

static void page_end(struct dirpack *dp, u64 hash_end)
{
	if (!dp->last)
		dp->page->ldp_flags |= cpu_to_le32(LDF_EMPTY);
	else
		dp->last->lde_reclen = 0;
	if (dp->last && dp->last_hash == hash_end)
		dp->page->ldp_flags |= cpu_to_le32(LDF_COLLIDE);
	dp->page->ldp_hash_end = cpu_to_le64(hash_end);
}

int dirpack_start(struct dirpack *dp, u64 start)
{
	dp->nr = 0;
	dp->error = 0;
	return page_begin(dp, start);
}

bool dirpack_add(struct dirpack *dp, const char *name, unsigned int len, u64 hash,
		 const struct lu_fid *fid, u16 type)
{
	unsigned int size = lu_dirent_size(len, dp->attrs);
	struct lu_dirent *de;

	if (dp->pos + size > LU_PAGE_SIZE) {
		page_end(dp, hash);
		/* without another page the reader comes back with this cookie */
		if (page_begin(dp, hash)) {
			dp->page = NULL;
			return false;
		}
	}
	de = (void *)dp->page + dp->pos;
	de->lde_fid.f_seq = cpu_to_le64(fid->f_seq);
	de->lde_fid.f_oid = cpu_to_le32(fid->f_oid);
	de->lde_fid.f_ver = cpu_to_le32(fid->f_ver);
	de->lde_hash = cpu_to_le64(hash);
	de->lde_reclen = cpu_to_le16(size);
	de->lde_namelen = cpu_to_le16(len);
	de->lde_attrs = cpu_to_le32(dp->attrs);
	memcpy(de->lde_name, name, len);
	if (dp->attrs & LUDA_TYPE) {
		__le16 *t = (void *)de + lu_dirent_type_off(len);

		*t = cpu_to_le16(type);
	}
	dp->pos += size;
	dp->last = de;
	dp->last_hash = hash;
	return true;
}

void dirpack_finish(struct dirpack *dp, bool end)
{
	if (!dp->page)
		return;
	if (end)
		page_end(dp, MDS_DIR_END_OFF);
}
