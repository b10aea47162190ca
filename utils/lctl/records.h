/* SPDX-License-Identifier: GPL-2.0 */
/* Printing configuration records as llog_print does. */
#ifndef SHEEN_UTILS_LCTL_RECORDS_H
#define SHEEN_UTILS_LCTL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "wire/llog.h"

/**
 * struct record_printer - state over the chunks of one log
 * @start, @end: indices to print
 * @raw: markers and what they switch off too
 */
struct record_printer {
	uint32_t		start, end;
	bool			raw;
	const struct llog_log_hdr *hdr;
	bool			inside, skip;
};

void print_records(struct record_printer *p, const void *chunk, size_t len);

#endif
