// SPDX-License-Identifier: GPL-2.0
/* filemap_get_folios_tag(): since 6.3; pagevec_lookup_range_tag() before. */
#include <linux/pagemap.h>

unsigned int probe(struct address_space *mapping, pgoff_t *start, struct folio_batch *fbatch);
unsigned int probe(struct address_space *mapping, pgoff_t *start, struct folio_batch *fbatch)
{
	return filemap_get_folios_tag(mapping, start, -1, PAGECACHE_TAG_DIRTY, fbatch);
}
