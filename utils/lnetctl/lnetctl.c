// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl: find the command, report failures. Commands are in net.c, peer.c,
 * global.c and import.c.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lnetctl/lnetctl.h"

static const struct verb *const tables[] = {
	net_verbs, peer_verbs, global_verbs, import_verbs, NULL
};

int fail(const char *action, const char *object, int rc, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s:\n    - %s:\n          errno: %d\n          descr: ", action, object, rc);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return rc;
}

void print_types(int indent, const char *head, const __u64 *c)
{
	/* in the kernel's order: ack, put, get, reply, hello */
	printf("%*s%s:\n", indent, "", head);
	printf("%*sput: %llu\n", indent + 4, "", c[1]);
	printf("%*sget: %llu\n", indent + 4, "", c[2]);
	printf("%*sreply: %llu\n", indent + 4, "", c[3]);
	printf("%*sack: %llu\n", indent + 4, "", c[0]);
	printf("%*shello: %llu\n", indent + 4, "", c[4]);
}

static void print_usage(FILE *f, const struct verb *v)
{
	fprintf(f, "  lnetctl %s%s%s\n", v->object ?: "", v->object ? " " : "", v->usage);
}

/* How to use one kind of object, or everything */
static void usage(FILE *f, const char *object)
{
	const struct verb *const *t, *v;

	fprintf(f, "usage:\n");
	for (t = tables; *t; t++)
		for (v = *t; v->name; v++)
			if (!object || (v->object && !strcmp(v->object, object)))
				print_usage(f, v);
}

static const struct verb *find(const char *object, const char *name)
{
	const struct verb *const *t, *v;

	for (t = tables; *t; t++)
		for (v = *t; v->name; v++)
			if (!strcmp(v->name, name) && !v->object == !object &&
			    (!object || !strcmp(v->object, object)))
				return v;
	return NULL;
}

static bool is_object(const char *word)
{
	const struct verb *const *t, *v;

	for (t = tables; *t; t++)
		for (v = *t; v->name; v++)
			if (v->object && !strcmp(v->object, word))
				return true;
	return false;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

int run_verb(const char *object, int argc, char **argv)
{
	const struct verb *v = find(object, argv[0]);

	if (!v)
		return RC_BAD_PARAM;
	if (argc > 1 && is_help(argv[1])) {
		printf("usage:\n");
		print_usage(stdout, v);
		return 0;
	}
	optind = 0;
	return v->run(argc, argv);
}

int main(int argc, char **argv)
{
	const char *object = NULL;

	if (argc < 2) {
		usage(stderr, NULL);
		return RC_MISSING_PARAM & 0xff;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("lnetctl 2.15.8\n");
		return 0;
	}
	if (is_help(argv[1])) {
		usage(stdout, NULL);
		return 0;
	}
	if (is_object(argv[1])) {
		object = argv[1];
		if (argc > 2 && is_help(argv[2])) {
			usage(stdout, object);
			return 0;
		}
		argc--;
		argv++;
	}
	if (argc > 1 && find(object, argv[1]))
		return run_verb(object, argc - 1, argv + 1) & 0xff;
	fprintf(stderr, "lnetctl: no such command\n");
	usage(stderr, object);
	return RC_BAD_PARAM & 0xff;
}
