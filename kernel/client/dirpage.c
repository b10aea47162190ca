// SPDX-License-Identifier: GPL-2.0
/*
 * Directory pages as they come from the MDT (chapter 04, 8): checked once, then walked.
 * Pure; tests/unit/client_dirpage.c runs it alone. Reading them is dir.c.
 */
#include <linux/fs.h>
#include <linux/string.h>
#include "kernel/client/dirpage.h"

static const struct lu_dirent *first(const struct lu_dirpage *dp)
{
	if (le32_to_cpu(dp->ldp_flags) & LDF_EMPTY)
		return NULL;
	return (const void *)dp->ldp_entries;
}

static const struct lu_dirent *next(const struct lu_dirent *ent)
{
	u16 reclen = le16_to_cpu(ent->lde_reclen);

	return reclen ? (const void *)ent + reclen : NULL;
}

static int check_entry(const struct lu_dirent *ent, size_t room, u64 low)
{
	u16 namelen, reclen;
	u32 attrs;
	size_t size;

	if (room < sizeof(*ent))
		return -EIO;
	namelen = le16_to_cpu(ent->lde_namelen);
	reclen = le16_to_cpu(ent->lde_reclen);
	attrs = le32_to_cpu(ent->lde_attrs);
	if (namelen > MDS_NAME_MAX)
		return -EIO;
	size = lu_dirent_size(namelen, attrs);
	if (size > room || (reclen && (reclen < size || reclen % 8 || reclen > room)))
		return -EIO;
	if (le64_to_cpu(ent->lde_hash) < low || le64_to_cpu(ent->lde_hash) > MDS_DIR_HASH_MAX)
		return -EIO;
	if (memchr(ent->lde_name, '/', namelen) || memchr(ent->lde_name, 0, namelen))
		return -EIO;
	return 0;
}

int cl_dirpage_check(const struct lu_dirpage *dp, u64 cookie)
{
	const struct lu_dirent *ent;
	u64 start = le64_to_cpu(dp->ldp_hash_start), end = le64_to_cpu(dp->ldp_hash_end);
	u64 low = start;

	if (start != cookie || (end != MDS_DIR_END_OFF && (end <= start || end > MDS_DIR_HASH_MAX)))
		return -EIO;
	for (ent = first(dp); ent; ent = next(ent)) {
		int rc = check_entry(ent, (const void *)dp + LU_PAGE_SIZE - (const void *)ent, low);

		if (rc)
			return rc;
		low = le64_to_cpu(ent->lde_hash);
	}
	return 0;
}

static bool decode(const struct lu_dirent *ent, struct cl_dirent *de)
{
	u32 attrs;

	if (!ent)
		return false;
	attrs = le32_to_cpu(ent->lde_attrs);
	de->hash = le64_to_cpu(ent->lde_hash);
	de->fid.f_seq = le64_to_cpu(ent->lde_fid.f_seq);
	de->fid.f_oid = le32_to_cpu(ent->lde_fid.f_oid);
	de->fid.f_ver = le32_to_cpu(ent->lde_fid.f_ver);
	de->name = ent->lde_name;
	de->namelen = le16_to_cpu(ent->lde_namelen);
	de->type = 0;
	if (attrs & LUDA_TYPE)
		de->type = le16_to_cpu(*(const __le16 *)((const void *)ent +
							 lu_dirent_type_off(de->namelen))) & S_IFMT;
	return true;
}

bool cl_dirpage_first(const struct lu_dirpage *dp, const struct lu_dirent **pos, struct cl_dirent *de)
{
	*pos = first(dp);
	return decode(*pos, de);
}

bool cl_dirpage_next(const struct lu_dirent **pos, struct cl_dirent *de)
{
	*pos = next(*pos);
	return decode(*pos, de);
}
