/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iov_iter: copy_folio_from_iter_atomic(), for single-page folios on kernels
 * that only have copy_page_from_iter_atomic().
 */
#ifndef SHEEN_COMPAT_UIO_H
#define SHEEN_COMPAT_UIO_H

#include <linux/mm.h>
#include <linux/uio.h>

#ifndef HAVE_COPY_FOLIO_FROM_ITER_ATOMIC
static inline size_t copy_folio_from_iter_atomic(struct folio *folio, size_t offset,
						 size_t bytes, struct iov_iter *i)
{
	return copy_page_from_iter_atomic(folio_page(folio, 0), offset, bytes, i);
}
#endif

#endif
