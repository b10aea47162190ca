/* SPDX-License-Identifier: GPL-2.0 */
/* The bytes of a layout that a user asks for (chapter 05, A2 and A3). */
#ifndef SHEEN_UTILS_LAYOUT_REQUEST_H
#define SHEEN_UTILS_LAYOUT_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include "wire/layout.h"

/**
 * struct layout_want - a plain layout, or a component
 * @end: of a component; LCME_EOF
 * @pattern: LOV_PATTERN_*, 0 is the default
 * @stripe_size: bytes, 0 is the default
 * @stripe_count: 0 is the default, -1 all
 * @index: first OST, -1 any
 * @pool: "" none
 * @osts, @nr_osts: exactly these, in this order; then @stripe_count is not looked at
 */
struct layout_want {
	uint64_t	end;
	uint32_t	pattern;
	uint32_t	stripe_size;
	int		stripe_count;
	int		index;
	char		pool[LOV_MAXPOOLNAME + 1];
	unsigned int	nr_osts;
	uint32_t	osts[LOV_MAX_STRIPE_COUNT];
};

/* Each makes an allocated blob of *size bytes; NULL: errno ENOMEM, E2BIG */
void *layout_request_plain(const struct layout_want *want, size_t *size);
/* @want: components in the order of their ends; the first starts at 0 */
void *layout_request_composite(const struct layout_want *want, unsigned int nr, size_t *size);

#endif
