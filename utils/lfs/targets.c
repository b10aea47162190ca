// SPDX-License-Identifier: GPL-2.0
/*
 * lfs df, osts, mdts: what the targets of a file system are and hold (chapter 08, 5.4).
 */
#include <asm/byteorder.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lfs/lfs.h"
#include "wire/ost.h"

#define MAX_INDEX	0xffffU
#define OS_STATE_NONROT	0x200U

/* One target. Return: 0, or -errno: -EAGAIN no target has that index, -ENODATA inactive, -ENODEV the end */
static int target_statfs(int fd, uint32_t type, uint32_t index, struct obd_statfs *st, char uuid[OBD_UUID_SIZE + 1])
{
	struct obd_ioctl_data data = {
		.ioc_version = 0x00010004,
		.ioc_len = sizeof(data) + 16,
		.ioc_inllen1 = sizeof(type),
		.ioc_inlbuf1 = (uintptr_t)&type,
		.ioc_inllen2 = sizeof(index),
		.ioc_inlbuf2 = (uintptr_t)&index,
		.ioc_plen1 = sizeof(*st),
		.ioc_pbuf1 = (uintptr_t)st,
		.ioc_plen2 = OBD_UUID_SIZE,
		.ioc_pbuf2 = (uintptr_t)uuid,
	};
	/* the same values once more behind the head, where stock's packer puts them */
	struct {
		struct obd_ioctl_data	data;
		uint32_t		type, pad1, index, pad2;
	} buf = { data, type, 0, index, 0 };

	memset(uuid, 0, OBD_UUID_SIZE + 1);
	memset(st, 0, sizeof(*st));
	return ioctl(fd, IOC_OBD_STATFS, &buf) ? -errno : 0;
}

/* --- osts, mdts --- */

static int show_targets(const struct mount *m, void *arg)
{
	bool mdts = *(bool *)arg;
	uint32_t type = (mdts ? LL_STATFS_LMV : LL_STATFS_LOV) | LL_STATFS_NODELAY, i;
	char uuid[OBD_UUID_SIZE + 1];
	struct obd_statfs st;
	int fd, rc;

	fd = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(mdts ? "mdts" : "osts", m->dir, -errno);
	printf("%s:\n", mdts ? "MDTS" : "OBDS");
	for (i = 0; i < MAX_INDEX; i++) {
		rc = target_statfs(fd, type, i, &st, uuid);
		if (rc == -ENODEV || rc == -ENOTTY || rc == -EINVAL)
			break;
		/* one that does not answer is still one of them */
		if (rc != -EAGAIN || uuid[0])
			printf("%u: %s %s\n", i, uuid, rc == -ENODATA ? "INACTIVE" : "ACTIVE");
	}
	close(fd);
	return rc == -ENODEV || i == MAX_INDEX ? 0 : failed(mdts ? "mdts" : "osts", m->dir, rc);
}

static int targets(int argc, char **argv)
{
	bool mdts = !strcmp(argv[0], "mdts");

	if (getopt(argc, argv, "") != -1)
		return CMD_HELP;
	return for_mounts(argv + optind, argv[0], show_targets, &mdts);
}

/* --- df --- */

struct df {
	bool	inodes, lazy, verbose;
	int	unit;		/* 0: as they are; 1024, 1000: with a letter */
	int	fd;
	const struct mount *m;
	/* sums: KiB of OSTs, inodes of MDTs, objects free on OSTs */
	uint64_t blocks, bfree, bavail, files, ffree, ost_ffree;
	unsigned int osts;
};

/* In units of 1 KiB, or inodes */
static void amount(const struct df *df, uint64_t n, char text[32])
{
	const char *letters = df->unit == 1000 ? "kMGTPE" : "KMGTPE";
	double v = df->inodes ? n : n * 1024.0;

	if (!df->unit || v < df->unit) {
		snprintf(text, 32, "%llu", (unsigned long long)(df->unit ? (uint64_t)v : n));
		return;
	}
	for (v /= df->unit; v >= df->unit && letters[1]; letters++)
		v /= df->unit;
	snprintf(text, 32, "%8.1f%c", v, *letters);
}

/* @used of @used + @left in percent, rounded up */
static unsigned int percent(uint64_t used, uint64_t left)
{
	return used + left ? (100 * used + used + left - 1) / (used + left) : 0;
}

static void df_line(const struct df *df, const char *name, uint64_t total, uint64_t used, uint64_t left,
		    const char *where)
{
	char t[32], u[32], l[32], p[16];

	amount(df, total, t);
	amount(df, used, u);
	amount(df, left, l);
	snprintf(p, sizeof(p), "%u%%", percent(used, left));
	printf("%-20s %11s %11s %11s %4s %-s", name, t, u, l, p, where);
}

static void df_state(const struct df *df, uint32_t state)
{
	static const struct { uint32_t bit; char letter; bool verbose; } names[] = {
		{ OS_STATE_DEGRADED, 'D' }, { OS_STATE_READONLY, 'R' }, { OS_STATE_NOPRECREATE, 'N' },
		{ OS_STATE_ENOSPC, 'S' }, { OS_STATE_ENOINO, 'I' }, { OS_STATE_NONROT, 'f', true },
	};
	const char *sep = " ";
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(state & names[i].bit) || (names[i].verbose && !df->verbose))
			continue;
		printf("%s%c", sep, names[i].letter);
		sep = "";
	}
	putchar('\n');
}

static void df_target(struct df *df, bool mdt, uint32_t index, const char *uuid, const struct obd_statfs *st)
{
	uint64_t kib = __le32_to_cpu(st->os_bsize) / 1024.0 * __le64_to_cpu(st->os_blocks);
	double per_block = __le32_to_cpu(st->os_bsize) / 1024.0;
	uint64_t bfree = per_block * __le64_to_cpu(st->os_bfree), bavail = per_block * __le64_to_cpu(st->os_bavail);
	uint64_t files = __le64_to_cpu(st->os_files), ffree = __le64_to_cpu(st->os_ffree);
	char where[PATH_MAX + 32];

	snprintf(where, sizeof(where), "%s[%s:%u]", df->m->dir, mdt ? "MDT" : "OST", index);
	if (df->inodes)
		df_line(df, uuid, files, files - ffree, ffree, where);
	else
		df_line(df, uuid, kib, kib - bfree, bavail, where);
	df_state(df, __le32_to_cpu(st->os_state));
	if (mdt) {
		df->files += files;
		df->ffree += ffree;
	} else {
		df->blocks += kib;
		df->bfree += bfree;
		df->bavail += bavail;
		df->ost_ffree += ffree;
		df->osts++;
	}
}

/* All targets of a kind. Return: the first error */
static int df_targets(struct df *df, bool mdt)
{
	uint32_t type = (mdt ? LL_STATFS_LMV : LL_STATFS_LOV) | (df->lazy ? LL_STATFS_NODELAY : 0), i;
	char uuid[OBD_UUID_SIZE + 1];
	struct obd_statfs st;
	int rc, first = 0;

	for (i = 0; i < MAX_INDEX; i++) {
		rc = target_statfs(df->fd, type, i, &st, uuid);
		if (rc == -ENODEV)
			break;
		if (!rc) {
			df_target(df, mdt, i, uuid, &st);
		} else if (rc == -ENODATA) {
			if (df->verbose)
				printf("%-20s: inactive device\n", uuid);
		} else if (rc != -EAGAIN || uuid[0]) {
			printf("%-20s: %s\n", uuid, strerror(-rc));
			first = first_error(first, rc);
			if (!uuid[0])
				break;
		}
	}
	return first;
}

static int df_mount(const struct mount *m, void *arg)
{
	struct df df = *(struct df *)arg;
	uint64_t used;
	int rc;

	df.m = m;
	df.fd = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (df.fd < 0)
		return failed("df", m->dir, -errno);
	printf("%-20s %11s %11s %11s %4s %-s\n", "UUID", df.inodes ? "Inodes" : df.unit ? "bytes" : "1K-blocks",
	       df.inodes ? "IUsed" : "Used", df.inodes ? "IFree" : "Available", df.inodes ? "IUse%" : "Use%",
	       "Mounted on");
	rc = df_targets(&df, true);
	rc = first_error(rc, df_targets(&df, false));
	close(df.fd);
	putchar('\n');
	if (df.inodes) {
		/* every file needs an object, too */
		used = df.files - df.ffree;
		if (df.osts && df.ost_ffree < df.ffree)
			df.ffree = df.ost_ffree;
		df_line(&df, "filesystem_summary:", used + df.ffree, used, df.ffree, m->dir);
	} else {
		df_line(&df, "filesystem_summary:", df.blocks, df.blocks - df.bfree, df.bavail, m->dir);
	}
	puts("\n");
	return rc;
}

static int df_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "inodes", no_argument, NULL, 'i' },
		{ "human-readable", no_argument, NULL, 'h' },
		{ "si", no_argument, NULL, 'H' },
		{ "lazy", no_argument, NULL, 'l' },
		{ "pool", required_argument, NULL, 'p' },
		{ "verbose", no_argument, NULL, 'v' },
		{ }
	};
	struct df df = {};
	int c;

	while ((c = getopt_long(argc, argv, "ihHlp:v", options, NULL)) != -1) {
		switch (c) {
		case 'i':
			df.inodes = true;
			break;
		case 'h':
			df.unit = 1024;
			break;
		case 'H':
			df.unit = 1000;
			break;
		case 'l':
			df.lazy = true;
			break;
		case 'v':
			df.verbose = true;
			break;
		case 'p':
			return not_supported(argv[0], "--pool");
		default:
			return CMD_HELP;
		}
	}
	return for_mounts(argv + optind, argv[0], df_mount, &df);
}

const struct command target_commands[] = {
	{ "df", df_command, "show space and inodes of each target and of the file system\n"
	  "usage: df [--inodes|-i] [--human-readable|-h] [--si|-H] [--lazy|-l] [--verbose|-v] [PATH...]" },
	{ "osts", targets, "list the OSTs of a file system\n"
	  "usage: osts [PATH...]" },
	{ "mdts", targets, "list the MDTs of a file system\n"
	  "usage: mdts [PATH...]" },
	{ }
};
