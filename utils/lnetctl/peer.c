// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl peer, ping and discover: other nodes.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lnetctl/lnetctl.h"

#define FEATURE_MULTI_RAIL 0x08

static int change_peer(int argc, char **argv, int cmd, const char *action)
{
	static const struct option options[] = {
		{ "prim_nid", required_argument, NULL, 'k' },
		{ "nid", required_argument, NULL, 'n' },
		{ "non_mr", no_argument, NULL, 'm' },
		{ "lock_prim", no_argument, NULL, 'l' },
		{ NULL }
	};
	const char *primary = NULL;
	char *nids = NULL, *rest;
	int c, err = 0;

	while ((c = getopt_long(argc, argv, "k:n:ml", options, NULL)) >= 0) {
		switch (c) {
		case 'k': primary = optarg; break;
		case 'n': nids = optarg; break;
		case 'm': case 'l': break;
		default: return RC_BAD_PARAM;
		}
	}
	if (!primary)
		primary = nids ? strsep(&nids, ",") : NULL;
	if (!primary)
		return fail(action, "peer_ni", RC_MISSING_PARAM,
			    "\"--prim_nid or --nid must be specified\"");
	rest = nids;
	do {
		const char *nid = rest ? strsep(&rest, ",") : primary;
		struct nl_msg *msg = lnet_nl_new(cmd);

		if (msg) {
			nla_put_string(msg, LNET_ATTR_PRIMARY, primary);
			nla_put_string(msg, LNET_ATTR_NID, nid);
		}
		err = lnet_nl_do(msg, NULL, NULL);
	} while (!err && rest);
	return err ? fail(action, "peer_ni", err, "\"cannot %s peer ni: %s\"", action,
			  strerror(-err)) : 0;
}

static int peer_add(int argc, char **argv)
{
	return change_peer(argc, argv, LNET_CMD_PEER_ADD, "add");
}

static int peer_del(int argc, char **argv)
{
	return change_peer(argc, argv, LNET_CMD_PEER_DEL, "del");
}

struct shown {
	const char *only;
	int detail;
	bool begun;
	char primary[64];
};

static __u64 total(const __u64 *c)
{
	return c[0] + c[1] + c[2] + c[3] + c[4];
}

static void print_details(const struct lnet_uapi_credits *cr, const struct lnet_uapi_counters *c,
			  int detail)
{
	printf("          max_ni_tx_credits: %d\n"
	       "          available_tx_credits: %d\n"
	       "          min_tx_credits: %d\n"
	       "          tx_q_num_of_buf: 0\n"
	       "          available_rtr_credits: %d\n"
	       "          min_rtr_credits: %d\n"
	       "          refcount: %d\n"
	       "          statistics:\n"
	       "              send_count: %llu\n"
	       "              recv_count: %llu\n"
	       "              drop_count: %llu\n",
	       cr->max, cr->available, cr->min, cr->max, cr->max, cr->refcount,
	       total(c->sent), total(c->received), total(c->dropped));
	if (detail < 2)
		return;
	print_types(10, "sent_stats", c->sent);
	print_types(10, "received_stats", c->received);
	print_types(10, "dropped_stats", c->dropped);
	printf("          health stats:\n"
	       "              health value: %d\n"
	       "              dropped: 0\n"
	       "              timeout: 0\n"
	       "              error: 0\n"
	       "              network timeout: 0\n"
	       "              ping_count: 0\n"
	       "              next_ping: 0\n", cr->health);
}

static void print_peer(struct nlattr **attrs, void *arg)
{
	const char *primary = nla_get_string(attrs[LNET_ATTR_PRIMARY]);
	const char *nid = nla_get_string(attrs[LNET_ATTR_NID]);
	const struct lnet_uapi_credits *cr = nla_data(attrs[LNET_ATTR_CREDITS]);
	struct shown *s = arg;

	if (s->only && strcmp(s->only, nid) && strcmp(s->only, primary))
		return;
	if (!s->begun)
		printf("peer:\n");
	s->begun = true;
	if (strcmp(s->primary, primary)) {
		printf("    - primary nid: %s\n      Multi-Rail: %s\n", primary,
		       cr->multi_rail ? "True" : "False");
		if (s->detail > 2)
			printf("      peer state: 0\n");
		printf("      peer ni:\n");
		snprintf(s->primary, sizeof(s->primary), "%s", primary);
	}
	printf("        - nid: %s\n          state: NA\n", nid);
	if (s->detail)
		print_details(cr, nla_data(attrs[LNET_ATTR_COUNTERS]), s->detail);
}

int show_peers(const char *nid, int detail)
{
	struct shown s = { .only = nid, .detail = detail };
	int err = lnet_nl_dump(lnet_nl_new(LNET_CMD_PEER_GET), print_peer, &s);

	if (!err && nid && !s.begun)
		err = -ENOENT;
	return err ? fail("show", "peer", err, "\"cannot get peer information: %s\"",
			  strerror(-err)) : 0;
}

static int peer_show(int argc, char **argv)
{
	static const struct option options[] = {
		{ "nid", required_argument, NULL, 'n' },
		{ "verbose", optional_argument, NULL, 'v' },
		{ NULL }
	};
	const char *nid = NULL;
	int c, detail = 0;

	while ((c = getopt_long(argc, argv, "n:v::", options, NULL)) >= 0) {
		switch (c) {
		case 'n':
			nid = optarg;
			break;
		case 'v':
			if (!optarg && optind < argc && *argv[optind] != '-')
				optarg = argv[optind++];
			detail = optarg ? atoi(optarg) : 1;
			break;
		default:
			return RC_BAD_PARAM;
		}
	}
	return show_peers(nid, detail);
}

static void list_peer(struct nlattr **attrs, void *arg)
{
	const char *nid = nla_get_string(attrs[LNET_ATTR_NID]);
	bool *begun = arg;

	if (strcmp(nid, nla_get_string(attrs[LNET_ATTR_PRIMARY])))
		return;
	if (!*begun)
		printf("peer list:\n");
	*begun = true;
	printf("    - nid: %s\n", nid);
}

static int peer_list(int argc, char **argv)
{
	bool begun = false;
	int err = lnet_nl_dump(lnet_nl_new(LNET_CMD_PEER_GET), list_peer, &begun);

	return err ? fail("list", "peer", err, "\"cannot get peer list: %s\"", strerror(-err)) : 0;
}

static void print_ping(struct nlattr **attrs, void *arg)
{
	struct nlattr *nid;
	int rem;

	printf("    - primary nid: %s\n      Multi-Rail: %s\n      peer ni:\n",
	       nla_get_string(attrs[LNET_ATTR_PRIMARY]),
	       nla_get_u32(attrs[LNET_ATTR_FEATURES]) & FEATURE_MULTI_RAIL ? "True" : "False");
	if (!attrs[LNET_ATTR_NIDS])
		return;
	nla_for_each_nested(nid, attrs[LNET_ATTR_NIDS], rem)
		if (strcmp(nla_get_string(nid), "0@lo"))
			printf("        - nid: %s\n", nla_get_string(nid));
}

static int ping_one(int cmd, const char *head, const char *nid, const char *source,
		    unsigned int timeout_ms)
{
	struct nl_msg *msg = lnet_nl_new(cmd);
	int err;

	if (msg) {
		nla_put_string(msg, LNET_ATTR_NID, nid);
		nla_put_u32(msg, LNET_ATTR_TIMEOUT, timeout_ms);
		if (source)
			nla_put_string(msg, LNET_ATTR_SOURCE, source);
	}
	err = lnet_nl_do(msg, print_ping, NULL);
	if (!err)
		return 0;
	if (err != -EINVAL && err != -ENETDOWN && err != -EPERM && err != -ENOENT)
		err = -EIO;
	return fail("manage", head, -1, "failed to %s %s: %s", head, nid, strerror(-err));
}

static int ping(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "source", required_argument, NULL, 's' },
		{ "force", no_argument, NULL, 'f' },
		{ NULL }
	};
	bool discover = !strcmp(argv[0], "discover");
	const char *source = NULL;
	double timeout = 1;
	int c, i, rc = 0;

	while ((c = getopt_long(argc, argv, "t:s:f", options, NULL)) >= 0) {
		switch (c) {
		case 't': timeout = atof(optarg); break;
		case 's': source = optarg; break;
		case 'f': break;
		default: return RC_BAD_PARAM;
		}
	}
	if (optind >= argc)
		return fail("manage", argv[0], RC_MISSING_PARAM, "\"missing NID\"");
	if (timeout <= 0 || timeout > 300)
		return fail("manage", argv[0], RC_OUT_OF_RANGE, "\"timeout out of range\"");
	printf("%s:\n", argv[0]);
	for (i = optind; i < argc; i++) {
		char *rest = argv[i], *nid;

		while ((nid = strsep(&rest, ","))) {
			fflush(stdout);
			rc = (*nid ? ping_one(discover ? LNET_CMD_DISCOVER : LNET_CMD_PING, argv[0],
					      nid, source, timeout * 1000) : 0) ?: rc;
		}
	}
	return rc;
}

const struct verb peer_verbs[] = {
	{ "peer", "add", peer_add, "add --prim_nid NID [--nid NID,...]" },
	{ "peer", "del", peer_del, "del --prim_nid NID [--nid NID,...]" },
	{ "peer", "show", peer_show, "show [--nid NID] [-v [LEVEL]]" },
	{ "peer", "list", peer_list, "list" },
	{ NULL, "ping", ping, "ping [--timeout SECONDS] [--source NID] NID,..." },
	{ NULL, "discover", ping, "discover [--force] NID,..." },
	{ NULL }
};
