// SPDX-License-Identifier: GPL-2.0
/* Mount options: which are flags of mount(2), which are ours, which go to the kernel (chapter 08, 3.1). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include "mount/mount.h"

#define RETRY_MAX	99

static const struct {
	const char	*word;
	unsigned long	set, clear;
} flag_words[] = {
	{ "ro", MS_RDONLY, 0 },			{ "rw", 0, MS_RDONLY },
	{ "sync", MS_SYNCHRONOUS, 0 },		{ "async", 0, MS_SYNCHRONOUS },
	{ "nosuid", MS_NOSUID, 0 },		{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },		{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },		{ "exec", 0, MS_NOEXEC },
	{ "noatime", MS_NOATIME, 0 },		{ "atime", 0, MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME, 0 },	{ "diratime", 0, MS_NODIRATIME },
	{ "relatime", MS_RELATIME, 0 },		{ "norelatime", 0, MS_RELATIME },
	{ "strictatime", MS_STRICTATIME, 0 },	{ "nostrictatime", 0, MS_STRICTATIME },
	{ "remount", MS_REMOUNT, 0 },		{ "lazytime", MS_LAZYTIME, 0 },
	{ "defaults", 0, 0 },			{ "auto", 0, 0 },	{ "noauto", 0, 0 },
	{ "user", 0, 0 },			{ "nouser", 0, 0 },	{ "users", 0, 0 },
	{ "owner", 0, 0 },			{ "noowner", 0, 0 },	{ "loop", 0, 0 },
	{ "_netdev", 0, 0 },			{ "nofail", 0, 0 },	{ "acl", 0, 0 },
	{ "noacl", 0, 0 },
};

void add_data(struct mount_request *m, const char *format, ...)
{
	size_t used = strlen(m->data);
	va_list args;

	if (used && used < sizeof(m->data) - 1)
		m->data[used++] = ',';
	va_start(args, format);
	vsnprintf(m->data + used, sizeof(m->data) - used, format, args);
	va_end(args);
}

static bool is_flag(struct mount_request *m, const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++) {
		if (strcmp(word, flag_words[i].word))
			continue;
		m->flags = (m->flags | flag_words[i].set) & ~flag_words[i].clear;
		return true;
	}
	return false;
}

static bool has_prefix(const char *word, const char *prefix)
{
	return !strncmp(word, prefix, strlen(prefix));
}

/* Words that this program takes. Return: 1 taken, 0 not ours, or -errno */
static int take_word(struct mount_request *m, const char *word)
{
	static const char * const ignored[] = {
		"x-", "comment=", "context=", "fscontext=", "defcontext=", "rootcontext=", "max_sectors_kb=",
		"md_stripe_cache_size=", "mgsname=",
	};
	char *end;
	size_t i;

	if (has_prefix(word, "retry=")) {
		m->retry = strtoul(word + 6, &end, 10);
		return *end || m->retry > RETRY_MAX ? -EINVAL : 1;
	}
	if (!strcmp(word, "force")) {
		m->force = true;
		return 1;
	}
	if (!strcmp(word, "nosvc")) {
		m->nosvc = true;
		return 0;
	}
	if (has_prefix(word, "skpath=")) {
		fprintf(stderr, "%s: shared keys are not supported\n", progname);
		return -EOPNOTSUPP;
	}
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (has_prefix(word, ignored[i]))
			return 1;
	return 0;
}

int parse_options(struct mount_request *m, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int rc = 0;

	if (!copy)
		return ENOMEM;
	while (!rc && (word = strsep(&rest, ","))) {
		if (!*word || is_flag(m, word))
			continue;
		rc = take_word(m, word);
		if (rc < 0) {
			fprintf(stderr, "%s: bad option '%s'\n", progname, word);
			break;
		}
		if (!rc)
			add_data(m, "%s", word);
		rc = 0;
	}
	free(copy);
	if (!(m->flags & (MS_NOATIME | MS_RELATIME)))
		m->flags |= MS_STRICTATIME;
	return -rc;
}
