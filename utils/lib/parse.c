// SPDX-License-Identifier: GPL-2.0
/*
 * Words of command lines: sizes, lists of targets, FIDs. What is done with them is the caller's.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/parse.h"
#include "wire/layout.h"

int parse_number(const char *s, long long min, long long max, long long *value)
{
	long long v;
	char *end;

	errno = 0;
	v = strtoll(s, &end, 0);
	if (errno || end == s || *end || v < min || v > max)
		return -EINVAL;
	*value = v;
	return 0;
}

int parse_size(const char *s, uint64_t *size, bool *unit)
{
	static const char units[] = "kmgtpe";
	unsigned long long v;
	const char *u;
	int shift = 0;
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, 0);
	if (errno)
		return -ERANGE;
	if (*end) {
		u = strchr(units, tolower((unsigned char)*end));
		if (!u || end[1])
			return -EINVAL;
		shift = 10 * (u - units + 1);
	}
	if (v > UINT64_MAX >> shift)
		return -ERANGE;
	if (unit)
		*unit = shift;
	*size = v << shift;
	return 0;
}

int parse_stripe_bytes(const char *s, uint64_t *size)
{
	bool unit;
	int rc = parse_size(s, size, &unit);

	if (rc)
		return rc;
	if (!unit && *size < 4096)
		*size *= 1024;
	return *size % LOV_MIN_STRIPE_SIZE ? -EINVAL : 0;
}

int parse_list(const char *s, uint32_t *list, unsigned int max)
{
	unsigned long first, last;
	unsigned int n = 0;
	char *end;

	for (;; s = end + 1) {
		if (!isdigit((unsigned char)*s))
			return -EINVAL;
		first = last = strtoul(s, &end, 0);
		if (*end == '-') {
			s = end + 1;
			if (!isdigit((unsigned char)*s))
				return -EINVAL;
			last = strtoul(s, &end, 0);
		}
		if (last < first || last >= LOV_ANY_OST || last - first >= max - n)
			return -EINVAL;
		while (first <= last)
			list[n++] = first++;
		if (!*end)
			return n;
		if (*end != ',')
			return -EINVAL;
	}
}

/* A number of a FID that ends with @after */
static const char *fid_part(const char *s, char after, unsigned long long max, unsigned long long *v)
{
	char *end;

	if (!isxdigit((unsigned char)*s))
		return NULL;
	errno = 0;
	*v = strtoull(s, &end, 0);
	return errno || *v > max || *end != after ? NULL : end + 1;
}

int parse_fid(const char *s, struct lu_fid *fid)
{
	unsigned long long seq, oid, ver;
	bool bracket = *s == '[';

	s = fid_part(s + bracket, ':', UINT64_MAX, &seq);
	if (s)
		s = fid_part(s, ':', UINT32_MAX, &oid);
	if (s)
		s = fid_part(s, bracket ? ']' : '\0', UINT32_MAX, &ver);
	if (!s || (bracket && *s))
		return -EINVAL;
	fid->f_seq = seq;
	fid->f_oid = oid;
	fid->f_ver = ver;
	return 0;
}
