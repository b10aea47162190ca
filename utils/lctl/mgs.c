// SPDX-License-Identifier: GPL-2.0
/*
 * lctl conf_param, pool_*, llog_*: what is asked of the MGS on this node, through
 * /dev/lustre-mgs (include/uapi/mgs.h). Records are printed by records.c.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lctl/lctl.h"
#include "lctl/records.h"
#include "uapi/mgs.h"
#include "wire/llog.h"

#define DEVICE	"/dev/" MGS_DEVICE

static int open_mgs(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT && errno != ENODEV && errno != ENXIO)
		return -errno;
	fprintf(stderr, "This command must be run on the MGS.\n");
	return -ENODEV;
}

static int send_command(const char *text)
{
	int fd = open_mgs(), rc = 0;

	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int mgs_command(const char *text)
{
	int rc = send_command(text);

	if (rc && rc != -ENODEV)
		fprintf(stderr, "error: %.*s: %s\n", (int)strcspn(text, " "), text, strerror(-rc));
	return rc;
}

static int conf_param(int argc, char **argv)
{
	bool del = false;
	char *command;
	int c, rc;

	while ((c = getopt(argc, argv, "d")) != -1) {
		if (c != 'd')
			return CMD_HELP;
		del = true;
	}
	if (optind + 1 != argc)
		return CMD_HELP;
	if (asprintf(&command, "conf_param %s%s", del ? "-d " : "", argv[optind]) < 0)
		return -ENOMEM;
	rc = mgs_command(command);
	free(command);
	return rc;
}

/* --- pools --- */

static bool pool_name_ok(const char *full)
{
	static const char * const reserved[] = { "none", "inherit", "ignore" };
	const char *pool = strchr(full, '.'), *c;
	size_t i;

	if (!pool || pool == full || !pool[1] || strlen(pool + 1) > 15)
		return false;
	for (c = ++pool; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (!strcmp(pool, reserved[i]))
			return false;
	return true;
}

static int pool_command(const char *word, const char *pool, const char *ost, const char *done)
{
	char *command;
	int rc;

	if (asprintf(&command, "%s %s%s%s", word, pool, ost ? " " : "", ost ? ost : "") < 0)
		return -ENOMEM;
	rc = send_command(command);
	free(command);
	if (!rc)
		fprintf(stderr, done, ost ? ost : pool, pool);
	else if (rc != -ENODEV)
		fprintf(stderr, "%s %s: %s\n", word, ost ? ost : pool, strerror(-rc));
	return rc;
}

static int bad_range(const char *text)
{
	fprintf(stderr, "%s: not a list of OSTs such as OST[0,2-4]\n", text);
	return -EINVAL;
}

/* "OST[0-3/2,f]" and the like: one call for each. Return: the first error */
static int for_each_ost(const char *fs, size_t fslen, const char *text, int (*fn)(const char *uuid, void *arg), void *arg)
{
	const char *open = strchr(text, '['), *p;
	char prefix[128], uuid[192];
	int rc = 0, rc2;

	/* "OST0001" is short for "testfs-OST0001" */
	prefix[0] = '\0';
	if (!strncmp(text, "OST", 3))
		snprintf(prefix, sizeof(prefix), "%.*s-", (int)fslen, fs);
	if (!open) {
		size_t len = strlen(text);

		snprintf(uuid, sizeof(uuid), "%s%s%s", prefix, text,
			 len > 5 && !strcmp(text + len - 5, "_UUID") ? "" : "_UUID");
		return fn(uuid, arg);
	}
	for (p = open + 1; *p && *p != ']'; p += *p == ',') {
		char *end;
		unsigned long first = strtoul(p, &end, 16), last = first, step = 1;

		if (end == p)
			return bad_range(text);
		if (*end == '-')
			last = strtoul(end + 1, &end, 16);
		if (*end == '/')
			step = strtoul(end + 1, &end, 16);
		if ((*end != ',' && *end != ']') || !step || last > 0xffff)
			return bad_range(text);
		for (; first <= last; first += step) {
			snprintf(uuid, sizeof(uuid), "%s%.*s%04lx_UUID", prefix, (int)(open - text), text, first);
			rc2 = fn(uuid, arg);
			rc = rc ? rc : rc2;
		}
		p = end;
	}
	return rc;
}

struct pool_member {
	const char	*word, *pool, *done;
};

static int change_member(const char *uuid, void *arg)
{
	struct pool_member *m = arg;

	return pool_command(m->word, m->pool, uuid, m->done);
}

static int pool_members(int argc, char **argv, const char *word, const char *done)
{
	struct pool_member m = { .word = word, .done = done };
	int i, rc = 0, rc2;

	if (argc < 3 || !pool_name_ok(argv[1]))
		return CMD_HELP;
	m.pool = argv[1];
	for (i = 2; i < argc; i++) {
		rc2 = for_each_ost(argv[1], strcspn(argv[1], "."), argv[i], change_member, &m);
		rc = rc ? rc : rc2;
	}
	return rc;
}

static int pool_new(int argc, char **argv)
{
	return argc == 2 && pool_name_ok(argv[1]) ? pool_command("pool_new", argv[1], NULL, "Pool %s created\n") : CMD_HELP;
}

static int pool_destroy(int argc, char **argv)
{
	return argc == 2 && pool_name_ok(argv[1]) ? pool_command("pool_del", argv[1], NULL, "Pool %s destroyed\n") : CMD_HELP;
}

static int pool_add(int argc, char **argv)
{
	return pool_members(argc, argv, "pool_add", "OST %s added to pool %s\n");
}

static int pool_remove(int argc, char **argv)
{
	return pool_members(argc, argv, "pool_rem", "OST %s removed from pool %s\n");
}

/* --- logs --- */

/* A piece of a log. Return: bytes or -errno */
static int read_piece(int fd, const char *name, uint64_t offset, void *buf, uint32_t len)
{
	struct mgs_ioc_read arg = { .offset = offset, .buf = (uintptr_t)buf, .len = len };
	int rc;

	snprintf(arg.name, sizeof(arg.name), "%s", name);
	rc = ioctl(fd, MGS_IOC_READ, &arg);
	return rc < 0 ? -errno : rc;
}

static int log_error(const char *command, const char *name, int rc)
{
	fprintf(stderr, "error: %s: %s: %s\n", command, name, strerror(-rc));
	return rc;
}

static int llog_print(int argc, char **argv)
{
	static const struct option options[] = {
		{ "start", required_argument, NULL, 's' },
		{ "end", required_argument, NULL, 'e' },
		{ "raw", no_argument, NULL, 'r' },
		{ }
	};
	static char chunk[LLOG_CHUNK_SIZE] __attribute__((aligned(8)));
	static struct llog_log_hdr hdr;
	struct record_printer p = { .start = 1, .end = UINT32_MAX, .hdr = &hdr };
	uint64_t offset = LLOG_CHUNK_SIZE;
	int fd, rc, c;

	while ((c = getopt_long(argc, argv, "s:e:r", options, NULL)) != -1) {
		if (c == 's')
			p.start = strtoul(optarg, NULL, 0);
		else if (c == 'e')
			p.end = strtoul(optarg, NULL, 0);
		else if (c == 'r')
			p.raw = true;
		else
			return CMD_HELP;
	}
	if (optind + 1 != argc)
		return CMD_HELP;
	fd = open_mgs();
	if (fd < 0)
		return fd;
	rc = read_piece(fd, argv[optind], 0, &hdr, sizeof(hdr));
	while (rc > 0) {
		rc = read_piece(fd, argv[optind], offset, chunk, sizeof(chunk));
		if (rc > 0)
			print_records(&p, chunk, rc);
		offset += LLOG_CHUNK_SIZE;
	}
	close(fd);
	return rc < 0 ? log_error(argv[0], argv[optind], rc) : 0;
}

static int llog_info(int argc, char **argv)
{
	static struct llog_log_hdr hdr;
	int fd, rc;

	if (argc != 2)
		return CMD_HELP;
	fd = open_mgs();
	if (fd < 0)
		return fd;
	rc = read_piece(fd, argv[1], 0, &hdr, sizeof(hdr));
	close(fd);
	if (rc < 0)
		return log_error(argv[0], argv[1], rc);
	printf("flags:            %x (%s)\n", le32toh(hdr.llh_flags),
	       le32toh(hdr.llh_flags) & LLOG_F_IS_CAT ? "cat" : "plain");
	printf("records_count:    %u\n", le32toh(hdr.llh_count));
	printf("last_index:       %u\n", le32toh(hdr.llh_tail.lrt_index));
	return 0;
}

static int llog_catlist(int argc, char **argv)
{
	static char names[256 * 1024];
	char *rest = names, *name;
	int fd, rc;

	if (argc != 1)
		return CMD_HELP;
	fd = open_mgs();
	if (fd < 0)
		return fd;
	rc = read_piece(fd, "", 0, names, sizeof(names) - 1);
	close(fd);
	if (rc < 0)
		return log_error(argv[0], "logs", rc);
	while ((name = strsep(&rest, "\n")))
		if (*name)
			printf("config_log: %s\n", name);
	return 0;
}

const struct command mgs_commands[] = {
	{ "conf_param", conf_param,
	  "usage: conf_param [-d] TARGET.KEY=VALUE\nset a permanent parameter of a target or file system (on the MGS); -d: no more\n" },
	{ "pool_new", pool_new, "usage: pool_new FSNAME.POOL\nmake a pool of OSTs (on the MGS)\n" },
	{ "pool_add", pool_add, "usage: pool_add FSNAME.POOL OST...\nput OSTs into a pool (on the MGS)\n" },
	{ "pool_remove", pool_remove, "usage: pool_remove FSNAME.POOL OST...\ntake OSTs out of a pool (on the MGS)\n" },
	{ "pool_destroy", pool_destroy, "usage: pool_destroy FSNAME.POOL\nremove an empty pool (on the MGS)\n" },
	{ "llog_print", llog_print,
	  "usage: llog_print [--start N] [--end N] [--raw] LOG\nprint the records of a configuration log (on the MGS)\n" },
	{ "llog_info", llog_info, "usage: llog_info LOG\nprint the header of a configuration log (on the MGS)\n" },
	{ "llog_catlist", llog_catlist, "usage: llog_catlist\nlist the configuration logs (on the MGS)\n" },
	{ }
};
