/* SPDX-License-Identifier: GPL-2.0 */
/* Packing of directory pages (chapter 04, 8). Pure: no locks, no storage. */
#ifndef SHEEN_MDT_DIRPAGE_H
#define SHEEN_MDT_DIRPAGE_H

#include <linux/types.h>
#include "wire/md.h"

/**
 * struct dirpack - directory pages that are being filled
 * @next_page: zeroed memory of LU_PAGE_SIZE for the page number @idx, NULL when there is no more
 * @attrs: LUDA_* of every entry
 * @nr: pages begun
 */
struct dirpack {
	void		*(*next_page)(struct dirpack *dp, unsigned int idx);
	u32		attrs;
	unsigned int	nr;
	int		error;
	/* private */
	struct lu_dirpage *page;
	struct lu_dirent *last;
	unsigned int	pos;
	u64		last_hash;
};

/** dirpack_start() - first page, which begins at the cookie @start. Return: 0, -ENOMEM */
int dirpack_start(struct dirpack *dp, u64 start);
/** dirpack_add() - Return: false: does not fit, the pages end before this entry */
bool dirpack_add(struct dirpack *dp, const char *name, unsigned int len, u64 hash,
		 const struct lu_fid *fid, u16 type);
/** dirpack_finish() - the last page; @end: the directory ends here */
void dirpack_finish(struct dirpack *dp, bool end);

#endif
