// SPDX-License-Identifier: GPL-2.0
/*
 * lctl get_param, set_param, list_param: a pattern of words and dots is a path below
 * any of the trees (chapter 08, 4.1).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lctl/lctl.h"
#include "lctl/params.h"

#define NAME_WIDTH	80	/* longer ones have their value on a line of its own */

static const char * const trees[] = {
	"/sys/fs/lnet", "/sys/fs/lustre", "/sys/kernel/debug/lnet", "/sys/kernel/debug/lustre",
	"/proc/fs/lnet", "/proc/fs/lustre", "/proc/sys/lnet", "/proc/sys/lustre",
};

/* --- names and paths --- */

/* Where the address in a pattern is: dots in it stay. Return: false if there is none */
static bool find_nid(const char *pattern, const char **start, const char **end)
{
	const char *at = strchr(pattern, '@'), *p;

	if (!at)
		return false;
	p = strstr(pattern, ".exports.");
	if (p && p < at) {
		*start = p + strlen(".exports.");
	} else {
		p = !strncmp(pattern, "MGC", 3) ? pattern : strstr(pattern, ".MGC");
		if (!p || p > at)
			return false;
		*start = *p == '.' ? p + 1 : p;
	}
	*end = at + strcspn(at, ".");
	return true;
}

static void pattern_to_path(const char *pattern, char *path, size_t size)
{
	const char *start = NULL, *end = NULL, *p;
	size_t n = 0;

	find_nid(pattern, &start, &end);
	for (p = pattern; *p && n + 1 < size; p++) {
		if (*p == '\\')
			continue;
		path[n++] = *p == '.' && !(p >= start && p < end) ? '/' : *p;
	}
	path[n] = '\0';
}

/* "/sys/fs/lustre/osc/x/active" -> "osc.x.active" */
static void path_to_name(const char *path, char *name, size_t size)
{
	const char *p = strstr(path, "/lustre/");
	size_t n = 0;

	if (p)
		p += strlen("/lustre/");
	else if ((p = strstr(path, "/lnet/")))
		p += strlen("/lnet/");
	else
		p = path;
	for (; *p && n + 1 < size; p++)
		name[n++] = *p == '/' ? '.' : *p;
	name[n] = '\0';
}

static void mount_debugfs(void)
{
	static bool tried;
	struct stat st;

	if (tried || !stat("/sys/kernel/debug/lustre", &st))
		return;
	tried = true;
	if (stat("/sys/kernel/debug/lnet", &st))
		mount("none", "/sys/kernel/debug", "debugfs", 0, NULL);
}

int param_for_each(const char *pattern, void (*fn)(const char *path, const char *name, void *arg), void *arg)
{
	char path[PATH_MAX], full[2 * PATH_MAX], name[PATH_MAX];
	unsigned int i, found = 0;
	size_t k;
	glob_t g;

	mount_debugfs();
	pattern_to_path(pattern, path, sizeof(path));
	for (i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		snprintf(full, sizeof(full), "%s/%s", trees[i], path);
		if (glob(full, GLOB_BRACE, NULL, &g))
			continue;
		for (k = 0; k < g.gl_pathc; k++, found++) {
			path_to_name(g.gl_pathv[k], name, sizeof(name));
			fn(g.gl_pathv[k], name, arg);
		}
		globfree(&g);
	}
	return found;
}

char *param_read(const char *path, size_t *len)
{
	size_t size = 4096, used = 0;
	char *buf = malloc(size), *more;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	while (fd >= 0 && buf && (got = read(fd, buf + used, size - used - 1)) > 0) {
		used += got;
		if (size - used > 1)
			continue;
		more = realloc(buf, size *= 2);
		if (!more)
			break;
		buf = more;
	}
	if (fd < 0 || !buf || got < 0) {
		int err = errno;

		free(buf);
		if (fd >= 0)
			close(fd);
		errno = err;
		return NULL;
	}
	close(fd);
	buf[used] = '\0';
	*len = used;
	return buf;
}

int param_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	return rc;
}

/* --- get_param and list_param --- */

struct show {
	const char	*command;
	bool		values, names, classify, recursive, dirs_only, list;
	int		rc;
	/* names printed before, so that a directory of two trees comes once */
	char		**seen;
	size_t		nr_seen;
};

static bool seen_before(struct show *s, const char *name)
{
	char **more;
	size_t i;

	for (i = 0; i < s->nr_seen; i++)
		if (!strcmp(s->seen[i], name))
			return true;
	more = realloc(s->seen, (s->nr_seen + 1) * sizeof(*more));
	if (more) {
		s->seen = more;
		s->seen[s->nr_seen++] = strdup(name);
	}
	return false;
}

static void show_name(struct show *s, const char *name, const struct stat *st)
{
	const char *mark = "";

	if (S_ISDIR(st->st_mode) && seen_before(s, name))
		return;
	if (s->dirs_only && !S_ISDIR(st->st_mode))
		return;
	if (s->classify)
		mark = S_ISDIR(st->st_mode) ? "/" : S_ISLNK(st->st_mode) ? "@" : st->st_mode & S_IWUSR ? "=" : "";
	printf("%s%s\n", name, mark);
}

static void show_value(struct show *s, const char *path, const char *name)
{
	char *value, *newline;
	size_t len;

	value = param_read(path, &len);
	if (!value) {
		fprintf(stderr, "error: %s: read '%s' failed: %s\n", s->command, path, strerror(errno));
		s->rc = s->rc ? s->rc : -errno;
		return;
	}
	if (len) {
		newline = strchr(value, '\n');
		if (s->names)
			printf("%s=%s", name, (newline && newline[1]) || len + strlen(name) >= NAME_WIDTH ? "\n" : "");
		fputs(value, stdout);
		if (value[len - 1] != '\n')
			putchar('\n');
	}
	free(value);
}

static void show_one(const char *path, const char *name, void *arg);

static void show_below(struct show *s, const char *path)
{
	char below[PATH_MAX], name[PATH_MAX];
	size_t k;
	glob_t g;

	if (snprintf(below, sizeof(below), "%s/*", path) >= (int)sizeof(below) || glob(below, 0, NULL, &g))
		return;
	for (k = 0; k < g.gl_pathc; k++) {
		path_to_name(g.gl_pathv[k], name, sizeof(name));
		show_one(g.gl_pathv[k], name, s);
	}
	globfree(&g);
}

static void show_one(const char *path, const char *name, void *arg)
{
	struct show *s = arg;
	struct stat st;

	if (lstat(path, &st))
		return;
	if (s->list || !s->values)
		show_name(s, name, &st);
	else if (!S_ISDIR(st.st_mode) && (st.st_mode & 0444))
		show_value(s, path, name);
	if (S_ISDIR(st.st_mode) && s->recursive)
		show_below(s, path);
}

static int show_patterns(struct show *s, int argc, char **argv)
{
	char path[PATH_MAX];
	int i;

	for (i = 0; i < argc; i++) {
		if (param_for_each(argv[i], show_one, s))
			continue;
		pattern_to_path(argv[i], path, sizeof(path));
		fprintf(stderr, "error: %s: param_path '%s': %s\n", s->command, path, strerror(ENOENT));
		s->rc = s->rc ? s->rc : -ENOENT;
	}
	for (i = 0; i < (int)s->nr_seen; i++)
		free(s->seen[i]);
	free(s->seen);
	return s->rc;
}

static int get_param(int argc, char **argv)
{
	struct show s = { .command = "get_param", .values = true, .names = true };
	int c;

	while ((c = getopt(argc, argv, "nNFR")) != -1) {
		switch (c) {
		case 'n':
			s.names = false;
			break;
		case 'N':
			s.values = false;
			break;
		case 'F':
			s.classify = true;
			break;
		case 'R':
			s.recursive = true;
			break;
		default:
			return CMD_HELP;
		}
	}
	return optind < argc ? show_patterns(&s, argc - optind, argv + optind) : CMD_HELP;
}

static int list_param(int argc, char **argv)
{
	struct show s = { .command = "list_param", .list = true };
	int c;

	while ((c = getopt(argc, argv, "FRDnN")) != -1) {
		switch (c) {
		case 'F':
			s.classify = true;
			break;
		case 'R':
			s.recursive = true;
			break;
		case 'D':
			s.dirs_only = true;
			break;
		case 'n':
		case 'N':
			break;
		default:
			return CMD_HELP;
		}
	}
	return optind < argc ? show_patterns(&s, argc - optind, argv + optind) : CMD_HELP;
}

/* --- set_param --- */

struct set {
	const char	*value;
	bool		quiet;
	int		rc;
};

static void set_one(const char *path, const char *name, void *arg)
{
	struct set *s = arg;
	struct stat st;
	int rc;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return;
	rc = param_write(path, s->value);
	if (!rc) {
		if (!s->quiet)
			printf("%s=%s\n", name, s->value);
		return;
	}
	if (rc != -EIO)
		fprintf(stderr, "error: set_param: setting %s=%s: %s\n", path, s->value, strerror(-rc));
	s->rc = s->rc ? s->rc : rc;
}

static int set_pattern(const char *pattern, const char *value, bool quiet)
{
	struct set s = { .value = value, .quiet = quiet };
	char path[PATH_MAX];

	if (param_for_each(pattern, set_one, &s))
		return s.rc;
	pattern_to_path(pattern, path, sizeof(path));
	fprintf(stderr, "error: set_param: param_path '%s': %s\n", path, strerror(ENOENT));
	return -ENOENT;
}

static int set_permanent(const char *pair, bool del)
{
	char *command;
	int rc;

	if (asprintf(&command, "set_param %s%s", del ? "-d " : "", pair) < 0)
		return -ENOMEM;
	rc = mgs_command(command);
	free(command);
	return rc;
}

/* "key: value" of a line that llog_print wrote; Return: false if the key is not there */
static bool yaml_value(const char *line, const char *key, char *out, size_t size)
{
	char pattern[64];
	const char *p;

	snprintf(pattern, sizeof(pattern), " %s: ", key);
	p = strstr(line, pattern);
	if (!p)
		return false;
	p += strlen(pattern);
	snprintf(out, size, "%.*s", (int)strcspn(p, ",}\n"), p);
	out[strcspn(out, " ")] = '\0';
	return true;
}

static int set_from_line(const char *line)
{
	char event[32], device[128], param[256], value[1024], *command;
	bool conf;
	int rc;

	if (!yaml_value(line, "event", event, sizeof(event)))
		return 0;
	conf = !strcmp(event, "conf_param");
	if ((!conf && strcmp(event, "set_param")) || !yaml_value(line, "parameter", param, sizeof(param)) ||
	    !yaml_value(line, "value", value, sizeof(value)) ||
	    (conf && !yaml_value(line, "device", device, sizeof(device))))
		return 0;
	rc = conf ? asprintf(&command, "conf_param %s.%s=%s", device, param, value) :
		    asprintf(&command, "set_param %s=%s", param, value);
	if (rc < 0)
		return -ENOMEM;
	rc = mgs_command(command);
	free(command);
	return rc;
}

static int set_from_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int rc = 0, rc2;

	if (!f) {
		fprintf(stderr, "error: set_param: %s: %s\n", path, strerror(errno));
		return -errno;
	}
	while (getline(&line, &size, f) > 0) {
		rc2 = set_from_line(line);
		rc = rc ? rc : rc2;
	}
	free(line);
	fclose(f);
	return rc;
}

static int no_value(const char *key)
{
	fprintf(stderr, "error: set_param: setting %s: no value\n", key);
	return -EINVAL;
}

static int set_param(int argc, char **argv)
{
	bool quiet = false, permanent = false, del = false, file = false;
	int c, i, rc = 0, rc2;

	while ((c = getopt(argc, argv, "nPdF")) != -1) {
		switch (c) {
		case 'n':
			quiet = true;
			break;
		case 'P':
			permanent = true;
			break;
		case 'd':
			del = true;
			break;
		case 'F':
			file = true;
			break;
		default:
			return CMD_HELP;
		}
	}
	if (optind == argc || (del && !permanent))
		return CMD_HELP;
	for (i = optind; i < argc; i++) {
		char *key = argv[i], *value = strchr(key, '=');

		if (file) {
			rc2 = set_from_file(key);
		} else if (permanent) {
			rc2 = value || del ? set_permanent(key, del) : no_value(key);
		} else if (value) {
			*value++ = '\0';
			rc2 = set_pattern(key, value, quiet);
		} else if (i + 1 < argc) {
			rc2 = set_pattern(key, argv[++i], quiet);
		} else {
			rc2 = no_value(key);
		}
		rc = rc ? rc : rc2;
	}
	return rc;
}

const struct command param_commands[] = {
	{ "get_param", get_param,
	  "usage: get_param [-n|-N|-F|-R] PATTERN...\n"
	  "print parameters and their values; -n values only, -N names only, -F mark names, -R recursive\n" },
	{ "list_param", list_param,
	  "usage: list_param [-F|-R|-D] PATTERN...\n"
	  "print names of parameters; -F mark them, -R recursive, -D directories only\n" },
	{ "set_param", set_param,
	  "usage: set_param [-n] PATTERN=VALUE...\n"
	  "       set_param -P [-d] KEY=VALUE...   (on the MGS) for all nodes, permanently; -d: no more\n"
	  "       set_param -F FILE                (on the MGS) what llog_print wrote\n" },
	{ }
};
