/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page cache: filemap_get_folios_tag(), since 6.3.
 */
#ifndef SHEEN_COMPAT_PAGECACHE_H
#define SHEEN_COMPAT_PAGECACHE_H

#include <linux/pagemap.h>
#ifdef HAVE_FOLIO_BATCH_H
#include <linux/folio_batch.h>
#else
#include <linux/pagevec.h>
#endif

#ifndef HAVE_FILEMAP_GET_FOLIOS_TAG
static inline unsigned int filemap_get_folios_tag(struct address_space *mapping, pgoff_t *start,
						  pgoff_t end, xa_mark_t tag, struct folio_batch *fbatch)
{
	struct pagevec pvec;
	unsigned int i, nr;

	pagevec_init(&pvec);
	nr = pagevec_lookup_range_tag(&pvec, mapping, start, end, tag);
	for (i = 0; i < nr; i++)
		folio_batch_add(fbatch, page_folio(pvec.pages[i]));
	return nr;
}
#endif

#endif
