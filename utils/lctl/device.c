// SPDX-License-Identifier: GPL-2.0
/*
 * lctl dl, device, activate, deactivate: devices by number or name (chapter 08, 4.2).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lctl/lctl.h"
#include "lctl/params.h"

/* A line of the parameter "devices" */
struct device {
	unsigned int	nr;
	char		status[4], type[16], name[64], uuid[64];
};

static struct device current;
static bool selected;

static void take_path(const char *path, const char *name, void *arg)
{
	char *out = arg;

	if (!*out)
		snprintf(out, 4096, "%s", path);
}

/* The first file that matches, read */
static char *read_first(const char *pattern)
{
	char path[4096] = "";
	size_t len;

	param_for_each(pattern, take_path, path);
	if (!*path) {
		errno = ENOENT;
		return NULL;
	}
	return param_read(path, &len);
}

static bool parse_line(const char *line, struct device *d)
{
	return sscanf(line, "%u %3s %15s %63s %63s", &d->nr, d->status, d->type, d->name, d->uuid) == 5;
}

static bool matches(const struct device *d, const char *name)
{
	char *end;
	unsigned long nr = strtoul(name, &end, 10);

	if (*name && !*end)
		return d->nr == nr;
	if (*name == '%' || *name == '$')
		name++;
	return !strcmp(d->name, name);
}

int device_select(const char *name)
{
	char *text = read_first("devices"), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		if (parse_line(line, &current) && matches(&current, name)) {
			selected = true;
			free(text);
			return 0;
		}
	}
	free(text);
	/* a device of the MGS need not exist to be asked about */
	if (!strcmp(name, "MGS")) {
		snprintf(current.name, sizeof(current.name), "MGS");
		selected = true;
		return 0;
	}
	fprintf(stderr, "No device found for name %s: %s\n", name, strerror(ENOENT));
	return -ENOENT;
}

static void print_connection(const struct device *d)
{
	static const char * const files[] = { "ost_conn_uuid", "mds_conn_uuid", "mgs_conn_uuid", "conn_uuid" };
	char pattern[256], *text;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(pattern, sizeof(pattern), "%s.%s.%s", d->type, d->name, files[i]);
		text = read_first(pattern);
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		printf(" %s", text);
		free(text);
		return;
	}
}

static int device_list(int argc, char **argv)
{
	bool nids = argc > 1 && !strcmp(argv[1], "-t");
	char *text, *rest, *line;
	struct device d;

	if (argc > 2 || (argc == 2 && !nids))
		return CMD_HELP;
	text = rest = read_first("devices");
	if (!text)
		return errno == ENOENT ? 0 : -errno;	/* nothing is loaded: no devices */
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		printf("%s", line);
		if (nids && parse_line(line, &d) && (!strcmp(d.type, "osc") || !strcmp(d.type, "mdc") || !strcmp(d.type, "mgc")))
			print_connection(&d);
		putchar('\n');
	}
	free(text);
	return 0;
}

static int device(int argc, char **argv)
{
	if (argc > 2)
		return CMD_HELP;
	if (argc == 2)
		return device_select(argv[1]);
	if (!selected) {
		fprintf(stderr, "no current device\n");
		return -ENODEV;
	}
	printf("current device is %u - %s\n", current.nr, current.name);
	return 0;
}

static void write_active(const char *path, const char *name, void *arg)
{
	int *rc = arg, err = param_write(path, *rc > 0 ? "1" : "0");

	if (err)
		*rc = err;
}

static int set_active(const char *command, bool on)
{
	char pattern[128];
	int rc = on ? 1 : 0;

	if (!selected) {
		fprintf(stderr, "error: %s: no device: use --device\n", command);
		return -ENODEV;
	}
	snprintf(pattern, sizeof(pattern), "%s.%s.active", current.type, current.name);
	if (!param_for_each(pattern, write_active, &rc))
		rc = -EOPNOTSUPP;
	if (rc < 0)
		fprintf(stderr, "error: %s: %s\n", command, strerror(-rc));
	return rc < 0 ? rc : 0;
}

static int activate(int argc, char **argv)
{
	return argc > 1 ? CMD_HELP : set_active(argv[0], true);
}

static int deactivate(int argc, char **argv)
{
	return argc > 1 ? CMD_HELP : set_active(argv[0], false);
}

static int build_version(int argc, char **argv)
{
	char *text = read_first("version");

	printf("Lustre version: %.*s\n", text ? (int)strcspn(text, "\n") : 32, text ? text : TOOL_VERSION);
	free(text);
	return 0;
}

const struct command device_commands[] = {
	{ "dl", device_list, "usage: dl [-t]\nlist all devices; -t with the NID that each is connected to\n" },
	{ "device_list", device_list, "usage: device_list [-t]\nlist all devices; -t with the NID that each is connected to\n" },
	{ "device", device, "usage: device [NUMBER|NAME]\nchoose a device for the commands that follow, or show it\n" },
	{ "activate", activate, "usage: --device NAME activate\nuse a target again\n" },
	{ "deactivate", deactivate, "usage: --device NAME deactivate\ndo not use a target\n" },
	{ "lustre_build_version", build_version, "usage: lustre_build_version\nprint the version\n" },
	{ }
};
