// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl: find the command, report failures. Commands are in net.c, peer.c and
 * global.c.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lnetctl/lnetctl.h"

static const struct verb *const tables[] = { net_verbs, peer_verbs, global_verbs, NULL };

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

static void usage(const char *object)
{
	const struct verb *const *t, *v;

	fprintf(stderr, "usage:\n");
	for (t = tables; *t; t++)
		for (v = *t; v->name; v++)
			if (!object || (v->object && !strcmp(v->object, object)))
				fprintf(stderr, "  lnetctl %s%s%s\n", v->object ?: "",
					v->object ? " " : "", v->usage);
}

int main(int argc, char **argv)
{
	const struct verb *const *t, *v;
	const char *object = NULL;

	if (argc < 2) {
		usage(NULL);
		return RC_MISSING_PARAM & 0xff;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("lnetctl 2.15.8\n");
		return 0;
	}
	for (t = tables; *t; t++) {
		for (v = *t; v->name; v++) {
			int skip = v->object ? 2 : 1;

			if (strcmp(argv[1], v->object ?: v->name))
				continue;
			object = v->object;
			if (v->object && (argc < 3 || strcmp(argv[2], v->name)))
				continue;
			optind = 1;
			return v->run(argc - skip, argv + skip) & 0xff;
		}
	}
	if (strcmp(argv[1], "help") && strcmp(argv[1], "--help"))
		fprintf(stderr, "lnetctl: no such command\n");
	usage(object);
	return RC_BAD_PARAM & 0xff;
}
