// SPDX-License-Identifier: GPL-2.0
/* linux/folio_batch.h: newer kernels have folio batches there, older ones in linux/pagevec.h. */
#include <linux/folio_batch.h>
