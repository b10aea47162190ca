/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of lnetctl: tables of commands, and YAML on stdout and stderr in the shapes
 * of chapter 01, 11.3.
 */
#ifndef SHEEN_UTILS_LNETCTL_H
#define SHEEN_UTILS_LNETCTL_H

#include <stdbool.h>
#include "lib/lnet_nl.h"

/* Results that are no errno */
#define RC_BAD_PARAM		(-1)
#define RC_MISSING_PARAM	(-2)
#define RC_OUT_OF_RANGE		(-3)
#define RC_GENERIC		(-5)
#define RC_NO_MATCH		(-6)

struct verb {
	const char *object;	/* "net" of "net add"; NULL for a command of one word */
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
};

extern const struct verb net_verbs[];
extern const struct verb peer_verbs[];
extern const struct verb global_verbs[];
extern const struct verb import_verbs[];

/*
 * Run a command: @argv[0] is the verb, @object what stands before it, or NULL.
 * Return: its result.
 */
int run_verb(const char *object, int argc, char **argv);

/*
 * Report a failure as YAML on stderr: ACTION: - OBJECT: errno, descr.
 * Return: @rc.
 */
int fail(const char *action, const char *object, int rc, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Messages by type under a head, such as "sent_stats:" */
void print_types(int indent, const char *head, const __u64 *counts);

/* Parts of "export" */
int show_nets(const char *net, int detail, bool backup);
int show_peers(const char *nid, int detail);
int show_global(void);

#endif
