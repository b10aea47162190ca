/* SPDX-License-Identifier: GPL-2.0 */
/* Words of command lines: sizes, lists of targets, FIDs. No messages, no files. */
#ifndef SHEEN_UTILS_PARSE_H
#define SHEEN_UTILS_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include "wire/fid.h"

/* parse_number() - a whole decimal or 0x number from @min to @max. Return: 0 or -EINVAL */
int parse_number(const char *s, long long min, long long max, long long *value);
/*
 * parse_size() - number with an optional unit k M G T P E of powers of 1024
 * @unit: set to whether there was a unit; may be NULL
 * Return: 0, -EINVAL, -ERANGE if it does not fit
 */
int parse_size(const char *s, uint64_t *size, bool *unit);
/*
 * parse_stripe_bytes() - stripe sizes and ends of components: a bare number below 4096 is KiB
 * Return: 0; -EINVAL also if not a multiple of 64 KiB
 */
int parse_stripe_bytes(const char *s, uint64_t *size);
/* parse_list() - "0,2-4,7" into at most @max numbers. Return: how many, or -EINVAL */
int parse_list(const char *s, uint32_t *list, unsigned int max);
/* parse_fid() - with or without brackets. Return: 0 or -EINVAL */
int parse_fid(const char *s, struct lu_fid *fid);

#endif
