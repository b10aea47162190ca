// SPDX-License-Identifier: GPL-2.0
/* address_space_operations.write_begin() takes a kiocb: since 6.17; a file before. */
#include <linux/fs.h>

static_assert(__same_type(((struct address_space_operations *)0)->write_begin,
			  (int (*)(const struct kiocb *, struct address_space *, loff_t,
				   unsigned int, struct folio **, void **))0));
