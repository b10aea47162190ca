// SPDX-License-Identifier: GPL-2.0
/*
 * lfs getstripe: walks to files and directories and fetches their layouts (chapter 08, 5.2). The
 * text is utils/lib/layout_show.c's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lfs/lfs.h"
#include "lib/layout_show.h"
#include "wire/layout.h"

/* The largest layout, and a plain one of 65535 stripes that claims more */
#define EA_ROOM	(2U << 20)

struct getstripe {
	struct layout_style	style;
	int			depth;		/* how far down; -1: all the way */
	bool			paths;		/* a line with the path first */
	bool			mdt_index;	/* -m */
	bool			no_follow;
	char			*ea;
};

/* --- fetching --- */

static int get_file_layout(const char *path, char *ea)
{
	char dir[PATH_MAX], name[PATH_MAX], *base;
	int fd, rc = 0;

	if (strlen(path) >= sizeof(dir))
		return -ENAMETOOLONG;
	strcpy(dir, path);
	strcpy(name, path);
	base = basename(name);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	memset(ea, 0, EA_ROOM);
	strcpy(ea, base);
	if (ioctl(fd, IOC_MDC_GETFILESTRIPE, ea))
		rc = -errno;
	close(fd);
	return rc;
}

/* A number in a file of lov.<device>; @fallback if there is none */
static uint64_t lov_param(const char *device, const char *name, uint64_t fallback)
{
	char path[256];
	long long v;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/fs/lustre/lov/%s/%s", device, name);
	f = fopen(path, "r");
	if (!f)
		return fallback;
	if (fscanf(f, "%lld", &v) == 1)
		fallback = v;
	fclose(f);
	return fallback;
}

/* Default of a directory, and what the file system has where that says nothing */
static int get_dir_layout(const char *path, char *ea, struct layout_style *style)
{
	char device[128];
	int fd, rc;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	memset(ea, 0, EA_ROOM);
	rc = device_name(fd, device);
	if (!rc) {
		style->count = lov_param(device, "stripecount", 1);
		style->size = lov_param(device, "stripesize", 1048576);
		rc = ioctl(fd, LL_IOC_LOV_GETSTRIPE, ea) ? -errno : 0;
	}
	close(fd);
	return rc;
}

/* --- showing --- */

static int show_mdt_index(const char *path)
{
	char dir[PATH_MAX];
	struct lu_fid fid;
	int fd, rc;

	rc = path_fid(path, &fid);
	if (rc)
		return rc;
	if (strlen(path) >= sizeof(dir))
		return -ENAMETOOLONG;
	strcpy(dir, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = ioctl(fd, LL_IOC_FID2MDTIDX, &fid);
	if (rc < 0)
		rc = -errno;
	else
		printf("%d\n", rc);
	close(fd);
	return rc < 0 ? rc : 0;
}

/* @rc: of fetching; -ENODATA is no error. Return: 0 or -errno, told */
static int show(struct getstripe *gs, const char *path, bool is_dir, int rc)
{
	if (!rc && gs->paths)
		printf("%s\n", path);
	if (rc == -ENODATA && is_dir) {
		if (gs->paths)
			printf("%s\n", path);
		layout_show_none(stdout, &gs->style);
		return 0;
	}
	if (rc == -ENODATA) {
		printf("%s has no stripe info\n", path);
		return 0;
	}
	if (!rc)
		rc = layout_show(stdout, gs->ea, EA_ROOM, &gs->style);
	if (rc == -ENOTTY)
		rc = -EOPNOTSUPP;
	return rc ? failed("getstripe", path, rc) : 0;
}

static int walk(struct getstripe *gs, const char *path, int depth, bool follow);

static int walk_dir(struct getstripe *gs, const char *path, int depth)
{
	size_t len = strlen(path);
	struct dirent *e;
	char *child;
	int rc = 0;
	DIR *d;

	d = opendir(path);
	if (!d)
		return failed("getstripe", path, -errno);
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (e->d_type != DT_REG && e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
			continue;
		if (asprintf(&child, "%s%s%s", path, len && path[len - 1] == '/' ? "" : "/", e->d_name) < 0) {
			rc = -ENOMEM;
			break;
		}
		rc = first_error(rc, walk(gs, child, depth, false));
		free(child);
	}
	closedir(d);
	return rc;
}

/* @depth: how far below @path */
static int walk(struct getstripe *gs, const char *path, int depth, bool follow)
{
	char *real = NULL;
	struct statx st;
	int rc;

	/* no more than that: to know the size every object of the file would be asked */
	if (statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st))
		return failed("getstripe", path, -errno);
	gs->style.is_dir = S_ISDIR(st.stx_mode);
	if (gs->mdt_index) {
		rc = show_mdt_index(path);
		if (rc)
			failed("getstripe", path, rc == -ENOTTY ? -EOPNOTSUPP : rc);
	} else if (S_ISDIR(st.stx_mode)) {
		rc = show(gs, path, true, get_dir_layout(path, gs->ea, &gs->style));
	} else if (S_ISREG(st.stx_mode)) {
		real = follow ? realpath(path, NULL) : NULL;
		rc = show(gs, path, false, get_file_layout(real ?: path, gs->ea));
		free(real);
	} else {
		rc = show(gs, path, false, -ENODATA);
	}
	if (S_ISDIR(st.stx_mode) && depth && rc != -EOPNOTSUPP)
		rc = first_error(rc, walk_dir(gs, path, depth < 0 ? depth : depth - 1));
	return rc;
}

/* --- options --- */

enum {
	OPT_START = 256, OPT_FLAGS, OPT_COUNT, OPT_NO_FOLLOW, OPT_MIRROR_INDEX, OPT_MIRROR_ID,
};

static const struct option options[] = {
	{ "stripe-count", no_argument, NULL, 'c' },
	{ "stripe_count", no_argument, NULL, 'c' },
	{ "stripe-size", no_argument, NULL, 'S' },
	{ "stripe_size", no_argument, NULL, 'S' },
	{ "stripe-index", no_argument, NULL, 'i' },
	{ "stripe_index", no_argument, NULL, 'i' },
	{ "pool", no_argument, NULL, 'p' },
	{ "layout", no_argument, NULL, 'L' },
	{ "generation", no_argument, NULL, 'g' },
	{ "fid", no_argument, NULL, 'F' },
	{ "mdt", no_argument, NULL, 'm' },
	{ "mdt-index", no_argument, NULL, 'm' },
	{ "mdt_index", no_argument, NULL, 'm' },
	{ "mirror-count", no_argument, NULL, 'N' },
	{ "mirror_count", no_argument, NULL, 'N' },
	{ "component-id", optional_argument, NULL, 'I' },
	{ "component_id", optional_argument, NULL, 'I' },
	{ "component-end", optional_argument, NULL, 'E' },
	{ "component_end", optional_argument, NULL, 'E' },
	{ "component-start", optional_argument, NULL, OPT_START },
	{ "component_start", optional_argument, NULL, OPT_START },
	{ "component-flags", optional_argument, NULL, OPT_FLAGS },
	{ "component_flags", optional_argument, NULL, OPT_FLAGS },
	{ "component-count", no_argument, NULL, OPT_COUNT },
	{ "component_count", no_argument, NULL, OPT_COUNT },
	{ "directory", no_argument, NULL, 'd' },
	{ "recursive", no_argument, NULL, 'r' },
	{ "raw", no_argument, NULL, 'R' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "yaml", no_argument, NULL, 'y' },
	{ "no-follow", no_argument, NULL, OPT_NO_FOLLOW },
	{ "help", no_argument, NULL, 'h' },
	/* of stock, not here */
	{ "obd", required_argument, NULL, 'O' },
	{ "ost", required_argument, NULL, 'O' },
	{ "ext-size", no_argument, NULL, 'z' },
	{ "extension-size", no_argument, NULL, 'z' },
	{ "mirror-index", required_argument, NULL, OPT_MIRROR_INDEX },
	{ "mirror-id", required_argument, NULL, OPT_MIRROR_ID },
	{ }
};

static unsigned int value_of(int c)
{
	switch (c) {
	case 'c':
		return LAYOUT_COUNT;
	case 'S':
		return LAYOUT_SIZE;
	case 'i':
		return LAYOUT_INDEX;
	case 'p':
		return LAYOUT_POOL;
	case 'L':
		return LAYOUT_PATTERN;
	case 'g':
		return LAYOUT_GEN;
	case 'F':
		return LAYOUT_FID;
	case 'N':
		return LAYOUT_MIRRORS;
	case 'I':
		return LAYOUT_COMP_ID;
	case 'E':
		return LAYOUT_COMP_END;
	case OPT_START:
		return LAYOUT_COMP_START;
	case OPT_FLAGS:
		return LAYOUT_COMP_FLAGS;
	case OPT_COUNT:
		return LAYOUT_COMP_COUNT;
	default:
		return 0;
	}
}

static int set_option(struct getstripe *gs, int c, bool *recursive, bool *no_descend)
{
	if (value_of(c)) {
		if (optarg)
			return not_supported("getstripe", "filter of components");
		gs->style.what |= value_of(c);
		return 0;
	}
	switch (c) {
	case 'm':
		gs->mdt_index = true;
		return 0;
	case 'd':
		*no_descend = true;
		return 0;
	case 'r':
		*recursive = true;
		return 0;
	case 'R':
		gs->style.raw = true;
		return 0;
	case 'q':
		gs->style.what |= LAYOUT_OBJECTS;
		return 0;
	case 'v':
		gs->style.verbose = true;
		return 0;
	case 'y':
		gs->style.yaml = true;
		return 0;
	case OPT_NO_FOLLOW:
		gs->no_follow = true;
		return 0;
	case 'O':
		return not_supported("getstripe", "--obd");
	case 'z':
		return not_supported("getstripe", "--extension-size");
	case OPT_MIRROR_INDEX:
		return not_supported("getstripe", "--mirror-index");
	case OPT_MIRROR_ID:
		return not_supported("getstripe", "--mirror-id");
	default:
		return CMD_HELP;
	}
}

static int getstripe(int argc, char **argv)
{
	bool recursive = false, no_descend = false;
	struct getstripe gs = {};
	int c, i, rc = 0;

	while ((c = getopt_long(argc, argv, "cSipLgFmNI::E::drRqvyhO:z", options, NULL)) != -1) {
		rc = set_option(&gs, c, &recursive, &no_descend);
		if (rc)
			return rc;
	}
	if (optind >= argc)
		return CMD_HELP;
	gs.depth = recursive ? -1 : no_descend || gs.mdt_index || gs.style.what & ~LAYOUT_OBJECTS ? 0 : 1;
	gs.paths = gs.depth && !gs.style.yaml;
	gs.ea = malloc(EA_ROOM);
	if (!gs.ea)
		return -ENOMEM;
	for (i = optind; i < argc; i++)
		rc = first_error(rc, walk(&gs, argv[i], gs.depth, !gs.no_follow));
	free(gs.ea);
	return rc;
}

const struct command getstripe_commands[] = {
	{ "getstripe", getstripe, "show the layout of files and the default layout of directories\n"
	  "usage: getstripe [--directory|-d | --recursive|-r] [--verbose|-v] [--yaml|-y] [--quiet|-q] [--raw|-R]\n"
	  "                 [--stripe-count|-c] [--stripe-size|-S] [--stripe-index|-i] [--pool|-p] [--layout|-L]\n"
	  "                 [--generation|-g] [--fid|-F] [--mdt|-m] [--mirror-count|-N] [--component-id|-I]\n"
	  "                 [--component-start] [--component-end|-E] [--component-flags] [--component-count]\n"
	  "                 [--no-follow] PATH..." },
	{ }
};
