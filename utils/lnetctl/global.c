// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl global, set, stats and export: numbers of the whole node.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lnetctl/lnetctl.h"

static void print_param(struct nlattr **attrs, void *arg)
{
	printf("    %s: %u\n", nla_get_string(attrs[LNET_ATTR_NAME]),
	       nla_get_u32(attrs[LNET_ATTR_VALUE]));
}

int show_global(void)
{
	int err;

	printf("global:\n");
	err = lnet_nl_dump(lnet_nl_new(LNET_CMD_PARAM_GET), print_param, NULL);
	return err ? fail("show", "global", err, "\"cannot get global parameters: %s\"",
			  strerror(-err)) : 0;
}

static int global_show(int argc, char **argv)
{
	return show_global();
}

static int set(int argc, char **argv)
{
	struct nl_msg *msg;
	char *end;
	unsigned long value;
	int err;

	if (argc != 3)
		return fail("set", "global", RC_MISSING_PARAM, "\"usage: lnetctl set KEY VALUE\"");
	value = strtoul(argv[2], &end, 0);
	if (*end || end == argv[2])
		return fail("set", argv[1], RC_BAD_PARAM, "\"cannot parse value '%s'\"", argv[2]);
	msg = lnet_nl_new(LNET_CMD_PARAM_SET);
	if (msg) {
		nla_put_string(msg, LNET_ATTR_NAME, argv[1]);
		nla_put_u32(msg, LNET_ATTR_VALUE, value);
	}
	err = lnet_nl_do(msg, NULL, NULL);
	if (err == -ERANGE)
		err = RC_OUT_OF_RANGE;
	else if (err == -ENOENT)
		err = RC_BAD_PARAM;
	return err ? fail("set", argv[1], err, "\"cannot set %s to %lu\"", argv[1], value) : 0;
}

static void print_stats(struct nlattr **attrs, void *arg)
{
	/* those that nothing here counts stay 0 */
	static const char *const none[] = {
		"local_interrupt_count", "local_dropped_count", "local_aborted_count",
		"local_no_route_count", "local_timeout_count", "local_error_count",
		"remote_dropped_count", "remote_error_count", "remote_timeout_count",
		"network_timeout_count",
	};
	const struct lnet_uapi_stats *s = nla_data(attrs[LNET_ATTR_STATS]);
	size_t i;

	printf("statistics:\n"
	       "    msgs_alloc: %llu\n"
	       "    msgs_max: %llu\n"
	       "    rst_alloc: 0\n"
	       "    errors: %llu\n"
	       "    send_count: %llu\n"
	       "    resend_count: 0\n"
	       "    response_timeout_count: %llu\n", s->msgs_alloc, s->msgs_max, s->errors,
	       s->send_count, s->response_timeout_count);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		printf("    %s: 0\n", none[i]);
	printf("    recv_count: %llu\n"
	       "    route_count: 0\n"
	       "    drop_count: %llu\n"
	       "    send_length: %llu\n"
	       "    recv_length: %llu\n"
	       "    route_length: 0\n"
	       "    drop_length: %llu\n", s->recv_count, s->drop_count, s->send_length,
	       s->recv_length, s->drop_length);
}

static int stats_show(int argc, char **argv)
{
	int err = lnet_nl_do(lnet_nl_new(LNET_CMD_STATS_GET), print_stats, NULL);

	return err ? fail("show", "statistics", err, "\"cannot get statistics: %s\"",
			  strerror(-err)) : 0;
}

static int stats_reset(int argc, char **argv)
{
	int err = lnet_nl_do(lnet_nl_new(LNET_CMD_STATS_RESET), NULL, NULL);

	return err ? fail("reset", "statistics", err, "\"cannot reset statistics: %s\"",
			  strerror(-err)) : 0;
}

/* Routing is not supported: a node that does not forward */
static void print_routing(bool backup)
{
	if (backup)
		printf("routing:\n    enable: 0\n");
	else
		printf("routing:\n    - enable: 0\n");
}

static int routing_show(int argc, char **argv)
{
	print_routing(false);
	return 0;
}

static int export(int argc, char **argv)
{
	static const struct option options[] = {
		{ "backup", no_argument, NULL, 'b' },
		{ NULL }
	};
	bool backup = false;
	int c, rc;

	while ((c = getopt_long(argc, argv, "b", options, NULL)) >= 0) {
		if (c != 'b')
			return RC_BAD_PARAM;
		backup = true;
	}
	if (optind < argc && !freopen(argv[optind], "w", stdout))
		return fail("export", "file", -errno, "\"%s: %s\"", argv[optind], strerror(errno));
	rc = show_nets(NULL, backup ? 1 : 2, backup);
	print_routing(backup);
	rc = show_peers(NULL, backup ? 0 : 2) ?: rc;
	return show_global() ?: rc;
}

const struct verb global_verbs[] = {
	{ "global", "show", global_show, "show" },
	{ "stats", "show", stats_show, "show" },
	{ "stats", "reset", stats_reset, "reset" },
	{ "routing", "show", routing_show, "show" },
	{ NULL, "set", set, "set KEY VALUE" },
	{ NULL, "export", export, "export [--backup] [FILE]" },
	{ NULL }
};
