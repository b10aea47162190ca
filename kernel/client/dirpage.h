/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking of directory pages; pure, see dirpage.c.
 */
#ifndef SHEEN_CLIENT_DIRPAGE_H
#define SHEEN_CLIENT_DIRPAGE_H

#include <linux/types.h>
#include "wire/md.h"

/**
 * struct cl_dirent - one entry, decoded
 * @name: in the page, not terminated; @namelen 0: not an entry, to be skipped
 * @type: S_IFMT bits, 0 unknown
 */
struct cl_dirent {
	u64		hash;
	struct lu_fid	fid;
	const char	*name;
	u16		namelen;
	u16		type;
};

/** cl_dirpage_check() - does the page begin at @cookie, and is every entry whole and in order? Return: 0 or -EIO */
int cl_dirpage_check(const struct lu_dirpage *dp, u64 cookie);
/** cl_dirpage_first(), cl_dirpage_next() - entries of a page that passed; false at its end */
bool cl_dirpage_first(const struct lu_dirpage *dp, const struct lu_dirent **pos, struct cl_dirent *de);
bool cl_dirpage_next(const struct lu_dirent **pos, struct cl_dirent *de);

#endif
