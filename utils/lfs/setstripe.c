// SPDX-License-Identifier: GPL-2.0
/*
 * lfs setstripe: files with a given layout, defaults of directories (chapter 08, 5.1). The bytes
 * that are asked for come from utils/lib/layout_request.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "lfs/lfs.h"
#include "lib/layout_request.h"
#include "lib/parse.h"

#define MAX_COMPONENTS	512
#define MAX_DOM_SIZE	(1ULL << 30)

struct setstripe {
	struct layout_want	*want;		/* components; one if it is a plain layout */
	unsigned int		nr;		/* of components that have their end; 0: plain */
	bool			given;		/* any option of the layout since the last -E */
	bool			delete;
	mode_t			mode;
};

/* --- options --- */

static int invalid(const char *what, const char *value)
{
	fprintf(stderr, "lfs setstripe setstripe: invalid %s '%s'\n", what, value);
	return CMD_HELP;
}

/* -E: the options that follow belong to a new component, which starts as the last one was */
static int new_component(struct setstripe *s, const char *value)
{
	struct layout_want *w;
	uint64_t end;

	if (!strcmp(value, "-1") || !strcasecmp(value, "EOF"))
		end = LCME_EOF;
	else if (parse_stripe_bytes(value, &end) || !end)
		return invalid("component end", value);
	if (!s->nr && s->given) {
		fprintf(stderr, "lfs setstripe: options of a component follow its -E\n");
		return CMD_HELP;
	}
	if (s->nr && end <= s->want[s->nr - 1].end)
		return invalid("component end", value);
	if (s->nr == MAX_COMPONENTS)
		return invalid("number of components", value);
	w = realloc(s->want, (s->nr + 1) * sizeof(*w));
	if (!w)
		return -ENOMEM;
	s->want = w;
	w += s->nr;
	if (s->nr) {
		*w = w[-1];
		if (w->pattern & LOV_PATTERN_MDT) {
			w->pattern = 0;
			w->stripe_size = 0;
		}
		/* exact targets are of the component they were given for */
		w->nr_osts = 0;
	}
	w->end = end;
	s->nr++;
	return 0;
}

static int set_count(struct layout_want *w, const char *value, bool overstripe)
{
	long long n;

	if (parse_number(value, -1, LOV_MAX_STRIPE_COUNT, &n))
		return invalid("stripe count", value);
	w->stripe_count = n;
	if (overstripe)
		w->pattern = LOV_PATTERN_RAID0 | LOV_PATTERN_OVERSTRIPING;
	else if (!w->nr_osts)
		w->pattern = 0;
	return 0;
}

static int set_size(struct layout_want *w, const char *value)
{
	uint64_t size;

	if (parse_stripe_bytes(value, &size) || size > UINT32_MAX - (LOV_MIN_STRIPE_SIZE - 1))
		return invalid("stripe size", value);
	w->stripe_size = size;
	return 0;
}

static int set_index(struct layout_want *w, const char *value)
{
	long long n;

	if (parse_number(value, -1, LOV_ANY_OST - 1, &n))
		return invalid("stripe offset", value);
	w->index = n;
	return 0;
}

static int set_osts(struct layout_want *w, const char *value)
{
	unsigned int i, k;
	int n = parse_list(value, w->osts, LOV_MAX_STRIPE_COUNT);

	if (n <= 0)
		return invalid("OST list", value);
	w->nr_osts = n;
	w->pattern = 0;
	for (i = 0; i < w->nr_osts; i++)
		for (k = 0; k < i; k++)
			if (w->osts[i] == w->osts[k])
				w->pattern = LOV_PATTERN_RAID0 | LOV_PATTERN_OVERSTRIPING;
	return 0;
}

static int set_pool(struct layout_want *w, const char *value)
{
	const char *pool = strchr(value, '.') ? strchr(value, '.') + 1 : value;

	if (!strcmp(pool, "none") || !strcmp(pool, "inherit"))
		pool = "";
	if (strlen(pool) > LOV_MAXPOOLNAME)
		return invalid("pool name", value);
	memset(w->pool, 0, sizeof(w->pool));
	memcpy(w->pool, pool, strlen(pool));
	return 0;
}

static int set_pattern(const struct setstripe *s, struct layout_want *w, const char *value)
{
	if (!strcmp(value, "raid0")) {
		w->pattern = 0;
		return 0;
	}
	if (strcmp(value, "mdt") || s->nr != 1 || w->end > MAX_DOM_SIZE)
		return invalid("layout", value);
	w->pattern = LOV_PATTERN_MDT;
	w->stripe_count = 0;
	w->stripe_size = w->end;
	return 0;
}

enum {
	OPT_MODE = 256, OPT_COMP_ADD, OPT_COMP_DEL, OPT_COMP_SET, OPT_COMP_FLAGS, OPT_COPY, OPT_FLAGS, OPT_FOREIGN,
};

static const struct option options[] = {
	{ "stripe-count", required_argument, NULL, 'c' },
	{ "stripe_count", required_argument, NULL, 'c' },
	{ "overstripe-count", required_argument, NULL, 'C' },
	{ "overstripe_count", required_argument, NULL, 'C' },
	{ "stripe-size", required_argument, NULL, 'S' },
	{ "stripe_size", required_argument, NULL, 'S' },
	{ "stripe-index", required_argument, NULL, 'i' },
	{ "stripe_index", required_argument, NULL, 'i' },
	{ "ost", required_argument, NULL, 'o' },
	{ "ost-list", required_argument, NULL, 'o' },
	{ "ost_list", required_argument, NULL, 'o' },
	{ "pool", required_argument, NULL, 'p' },
	{ "layout", required_argument, NULL, 'L' },
	{ "component-end", required_argument, NULL, 'E' },
	{ "component_end", required_argument, NULL, 'E' },
	{ "delete", no_argument, NULL, 'd' },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "help", no_argument, NULL, 'h' },
	/* of stock, not here */
	{ "ext-size", required_argument, NULL, 'z' },
	{ "extension-size", required_argument, NULL, 'z' },
	{ "mirror-count", optional_argument, NULL, 'N' },
	{ "mirror_count", optional_argument, NULL, 'N' },
	{ "component-id", required_argument, NULL, 'I' },
	{ "yaml", required_argument, NULL, 'y' },
	{ "xattr", required_argument, NULL, 'x' },
	{ "component-add", no_argument, NULL, OPT_COMP_ADD },
	{ "component-del", no_argument, NULL, OPT_COMP_DEL },
	{ "component-set", no_argument, NULL, OPT_COMP_SET },
	{ "comp-flags", required_argument, NULL, OPT_COMP_FLAGS },
	{ "component-flags", required_argument, NULL, OPT_COMP_FLAGS },
	{ "copy", required_argument, NULL, OPT_COPY },
	{ "flags", required_argument, NULL, OPT_FLAGS },
	{ "foreign", optional_argument, NULL, OPT_FOREIGN },
	{ }
};

/* One option. Return: 0, CMD_HELP, -errno */
static int set_option(struct setstripe *s, int c, int nth)
{
	struct layout_want *w = &s->want[s->nr ? s->nr - 1 : 0];
	char *end;

	switch (c) {
	case 'E':
		return new_component(s, optarg);
	case 'd':
		s->delete = true;
		return 0;
	case OPT_MODE:
		s->mode = strtoul(optarg, &end, 8);
		return *end || s->mode > 07777 ? invalid("mode", optarg) : 0;
	case 'z': case 'N': case 'I': case 'y': case 'x':
	case OPT_COMP_ADD ... OPT_FOREIGN:
		return not_supported("setstripe", nth < 0 ? (char []){ '-', c, 0 } : options[nth].name);
	}
	s->given = true;
	switch (c) {
	case 'c':
	case 'C':
		return set_count(w, optarg, c == 'C');
	case 'S':
		return set_size(w, optarg);
	case 'i':
		return set_index(w, optarg);
	case 'o':
		return set_osts(w, optarg);
	case 'p':
		return set_pool(w, optarg);
	case 'L':
		return set_pattern(s, w, optarg);
	default:
		return CMD_HELP;
	}
}

/* What only shows when all options are known */
static int check_options(struct setstripe *s)
{
	unsigned int i, k, n = s->nr ? s->nr : 1;

	if (s->delete && (s->given || s->nr)) {
		fprintf(stderr, "lfs setstripe: -d goes with no other option\n");
		return CMD_HELP;
	}
	for (i = 0; i < n; i++) {
		struct layout_want *w = &s->want[i];

		if (s->nr && w->end != LCME_EOF && w->stripe_size && w->end % w->stripe_size) {
			fprintf(stderr, "lfs setstripe: component end %llu is no multiple of stripe size %u\n",
				(unsigned long long)w->end, w->stripe_size);
			return -EINVAL;
		}
		if (!w->nr_osts)
			continue;
		if (w->stripe_count > 0 && (unsigned int)w->stripe_count != w->nr_osts) {
			fprintf(stderr, "lfs setstripe: stripe count %d, but %u OSTs\n", w->stripe_count, w->nr_osts);
			return CMD_HELP;
		}
		for (k = 0; k < w->nr_osts && w->index >= 0 && w->osts[k] != (uint32_t)w->index; k++)
			;
		if (k == w->nr_osts) {
			fprintf(stderr, "lfs setstripe: OST %d is not one of those of -o\n", w->index);
			return CMD_HELP;
		}
		if (w->index < 0)
			w->index = w->osts[0];
	}
	return 0;
}

/* --- what is done with them --- */

/* @blob: for a composite layout through the xattr, as the ioctl of directories only takes plain ones */
static int set_layout(int fd, bool composite, bool is_dir, void *blob, size_t size)
{
	/* setting the xattr of a file that has a layout does nothing, and says nothing */
	if (!composite)
		return ioctl(fd, LL_IOC_LOV_SETSTRIPE, blob) ? -errno : 0;
	if (!is_dir && fgetxattr(fd, "lustre.lov", NULL, 0) > 0)
		return -EEXIST;
	return fsetxattr(fd, "lustre.lov", blob, size, 0) ? -errno : 0;
}

static int setstripe_dir(const char *path, const struct setstripe *s, const void *blob, size_t size, void *scratch)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	memcpy(scratch, blob, size);
	rc = set_layout(fd, s->nr, true, scratch, size);
	close(fd);
	return rc;
}

static int setstripe_file(const char *path, const struct setstripe *s, const void *blob, size_t size, void *scratch)
{
	const int flags = O_WRONLY | O_CLOEXEC | O_LOV_DELAY_CREATE;
	bool created = true;
	int fd, rc;

	if (s->delete)
		return -ENOTDIR;
	fd = open(path, flags | O_CREAT | O_EXCL, s->mode);
	if (fd < 0 && errno == EEXIST) {
		created = false;
		fd = open(path, flags);
	}
	if (fd < 0)
		return -errno;
	/* the kernel answers into it */
	memcpy(scratch, blob, size);
	rc = set_layout(fd, s->nr, false, scratch, size);
	close(fd);
	if (rc && created)
		unlink(path);
	return rc;
}

static int setstripe_all(const struct setstripe *s, char **paths)
{
	void *blob, *scratch = malloc(LOV_MAX_EASIZE);
	int rc = 0, err;
	struct stat st;
	size_t size;

	blob = s->nr ? layout_request_composite(s->want, s->nr, &size) : layout_request_plain(s->want, &size);
	if (!blob || !scratch) {
		rc = failed("setstripe", "layout", -errno);
		free(blob);
		free(scratch);
		return rc;
	}
	for (; *paths; paths++) {
		if (!stat(*paths, &st) && S_ISDIR(st.st_mode))
			err = setstripe_dir(*paths, s, blob, size, scratch);
		else
			err = setstripe_file(*paths, s, blob, size, scratch);
		if (err == -ENOTTY)
			err = -EOPNOTSUPP;
		if (err)
			fprintf(stderr, "lfs setstripe: setstripe error for '%s': %s\n", *paths,
				err == -EEXIST ? "stripe already set" : strerror(-err));
		rc = first_error(rc, err);
	}
	free(blob);
	free(scratch);
	return rc;
}

static int setstripe(int argc, char **argv)
{
	struct setstripe s = { .mode = 0666 };
	int c, rc = 0, nth;

	s.want = calloc(1, sizeof(*s.want));
	if (!s.want)
		return -ENOMEM;
	s.want->index = -1;
	while (!rc) {
		nth = -1;
		c = getopt_long(argc, argv, "c:C:S:i:o:p:L:E:dhz:N::I:y:x:", options, &nth);
		if (c == -1)
			break;
		rc = set_option(&s, c, nth);
	}
	if (!rc && optind >= argc)
		rc = CMD_HELP;
	if (!rc)
		rc = check_options(&s);
	if (!rc)
		rc = setstripe_all(&s, argv + optind);
	free(s.want);
	return rc;
}

const struct command setstripe_commands[] = {
	{ "setstripe", setstripe, "create files with a layout, or set the default layout of directories\n"
	  "usage: setstripe [--stripe-count|-c COUNT | --overstripe-count|-C COUNT] [--stripe-size|-S SIZE]\n"
	  "                 [--stripe-index|-i OST] [--ost|-o OST,OST-OST...] [--pool|-p POOL] [--mode MODE]\n"
	  "                 FILE|DIRECTORY...\n"
	  "       setstripe --component-end|-E END [--layout|-L raid0|mdt] [option...] [-E END ...]\n"
	  "                 FILE|DIRECTORY...\n"
	  "       setstripe --delete|-d DIRECTORY..." },
	{ }
};
