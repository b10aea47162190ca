// SPDX-License-Identifier: GPL-2.0
/* address_space_operations.write_begin() gives a page: before 6.12; a folio since. */
#include <linux/fs.h>

static_assert(__same_type(((struct address_space_operations *)0)->write_begin,
			  (int (*)(struct file *, struct address_space *, loff_t,
				   unsigned int, struct page **, void **))0));
