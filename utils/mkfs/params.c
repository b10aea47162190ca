// SPDX-License-Identifier: GPL-2.0
/* The list of parameters in the disk data: each has a blank before it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "mkfs/target.h"

#define PARAMS_MAX	4096

/* Where " key=" is, NULL if it is not */
static char *find(const char *params, const char *key)
{
	size_t len = strlen(key);
	const char *p;

	for (p = strchr(params, ' '); p; p = strchr(p + 1, ' '))
		if (!strncmp(p + 1, key, len) && p[1 + len] == '=')
			return (char *)p;
	return NULL;
}

bool param_has(const char params[4096], const char *key)
{
	return find(params, key);
}

int param_add(char params[4096], const char *key, const char *value)
{
	size_t used = strlen(params);

	if (used + strlen(key) + strlen(value) + 3 > PARAMS_MAX)
		return -E2BIG;
	snprintf(params + used, PARAMS_MAX - used, " %s=%s", key, value);
	return 0;
}

int param_join(char params[4096], const char *key, const char *value)
{
	char *at = find(params, key), tail[PARAMS_MAX];
	size_t end;

	if (!at)
		return param_add(params, key, value);
	end = at - params + 1 + strcspn(at + 1, " ");
	snprintf(tail, sizeof(tail), "%s", params + end);
	if (end + strlen(value) + strlen(tail) + 2 > PARAMS_MAX)
		return -E2BIG;
	snprintf(params + end, PARAMS_MAX - end, ":%s%s", value, tail);
	return 0;
}

bool param_remove(char params[4096], const char *key)
{
	bool removed = false;
	char *at;

	while ((at = find(params, key))) {
		char *end = at + 1 + strcspn(at + 1, " ");

		memmove(at, end, strlen(end) + 1);
		removed = true;
	}
	return removed;
}
