// SPDX-License-Identifier: GPL-2.0
/* copy_folio_from_iter_atomic(): newer kernels have only it, older ones only the page variant. */
#include <linux/mm.h>
#include <linux/uio.h>

size_t probe(struct folio *folio, struct iov_iter *i);
size_t probe(struct folio *folio, struct iov_iter *i)
{
	return copy_folio_from_iter_atomic(folio, 0, 1, i);
}
