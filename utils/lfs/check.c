// SPDX-License-Identifier: GPL-2.0
/*
 * lfs check: do the servers answer? (chapter 08, 5.4)
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lfs/lfs.h"

#define TREES "{/sys/fs/lustre,/sys/kernel/debug/lustre}"

/* State that the import last had: the last word of "UUID\tFULL" */
static int import_state(const char *kind, const char *name)
{
	char path[512], line[256] = "";
	int rc = -ENOENT;
	glob_t g;
	FILE *f;

	snprintf(path, sizeof(path), TREES "/%s/%s/*_server_uuid", kind, name);
	if (glob(path, GLOB_BRACE, NULL, &g))
		return -ENOENT;
	f = fopen(g.gl_pathv[0], "r");
	globfree(&g);
	if (!f)
		return -errno;
	if (fgets(line, sizeof(line), f))
		rc = strstr(line, "\tDEACTIVATED") ? -ENODATA : strstr(line, "\tFULL") || strstr(line, "\tIDLE") ? 0 : -ENOTCONN;
	fclose(f);
	return rc;
}

/* Have a message sent and answered, where the kernel offers that */
static int ping(const char *kind, const char *name)
{
	char path[512];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "/sys/fs/lustre/%s/%s/ping", kind, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? import_state(kind, name) : -errno;
	if (write(fd, "1", 1) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* @instance: only the devices of this mount; NULL: all */
static int check_kind(const char *kind, const char *instance)
{
	char pattern[128];
	const char *name;
	int rc = 0, err;
	size_t i, k;
	glob_t g;

	snprintf(pattern, sizeof(pattern), TREES "/%s/*", kind);
	if (glob(pattern, GLOB_BRACE, NULL, &g))
		return 0;
	for (i = 0; i < g.gl_pathc; i++) {
		name = strrchr(g.gl_pathv[i], '/') + 1;
		/* a device may be in both trees */
		for (k = 0; k < i && strcmp(strrchr(g.gl_pathv[k], '/') + 1, name); k++)
			;
		if (k < i || (instance && !strstr(name, instance)))
			continue;
		err = ping(kind, name);
		if (!err)
			printf("%s active.\n", name);
		else if (err == -ENODATA || err == -ESHUTDOWN)
			printf("%s inactive.\n", name);
		else
			rc = first_error(rc, failed("check", name, err));
	}
	globfree(&g);
	return rc;
}

static int check_mount(const struct mount *m, void *arg)
{
	const char *const *kinds = arg, *inst;
	char name[128];
	int fd, rc;

	fd = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed("check", m->dir, -errno);
	rc = device_name(fd, name);
	close(fd);
	if (rc)
		return failed("check", m->dir, rc);
	inst = strrchr(name, '-');
	for (; *kinds; kinds++)
		rc = first_error(rc, check_kind(*kinds, strcmp(*kinds, "mgc") ? inst : NULL));
	return rc;
}

static int check(int argc, char **argv)
{
	static const struct {
		const char *word;
		const char *kinds[4];
	} words[] = {
		{ "mds", { "mdc" } },
		{ "mdts", { "mdc" } },
		{ "osts", { "osc" } },
		{ "mgts", { "mgc" } },
		{ "servers", { "mdc", "osc" } },
		{ "all", { "mgc", "mdc", "osc" } },
	};
	unsigned int i;

	if (getopt(argc, argv, "") != -1 || optind >= argc)
		return CMD_HELP;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(argv[optind], words[i].word))
			return for_mounts(argv + optind + 1, argv[0], check_mount, (void *)words[i].kinds);
	return CMD_HELP;
}

const struct command check_commands[] = {
	{ "check", check, "ask servers whether they are there\n"
	  "usage: check mds|mdts|osts|mgts|all|servers [PATH...]" },
	{ }
};
