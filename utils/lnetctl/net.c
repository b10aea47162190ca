// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl lnet and lnetctl net: the network as a whole, and its interfaces.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lnetctl/lnetctl.h"

static int lnet_configure(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ NULL }
	};
	struct nl_msg *msg = lnet_nl_new(LNET_CMD_CONFIGURE);
	int c, err;

	while ((c = getopt_long(argc, argv, "a", options, NULL)) >= 0) {
		if (c != 'a')
			return RC_BAD_PARAM;
		if (msg)
			nla_put_flag(msg, LNET_ATTR_LOAD);
	}
	err = lnet_nl_do(msg, NULL, NULL);
	return err ? fail("configure", "lnet", err, "\"LNet configure error: %s\"",
			  strerror(-err)) : 0;
}

static int lnet_unconfigure(int argc, char **argv)
{
	int err = lnet_nl_do(lnet_nl_new(LNET_CMD_UNCONFIGURE), NULL, NULL);

	return err ? fail("unconfigure", "lnet", err, "\"LNet unconfigure error: %s\"",
			  strerror(-err)) : 0;
}

struct net_args {
	const char *net;
	const char *ifs;
	struct lnet_uapi_tunables tun;
};

/* Options of add and del. Return: 0 or a result. */
static int parse_net(int argc, char **argv, const char *action, struct net_args *a)
{
	static const struct option options[] = {
		{ "net", required_argument, NULL, 'n' },
		{ "if", required_argument, NULL, 'i' },
		{ "peer-timeout", required_argument, NULL, 't' },
		{ "peer-credits", required_argument, NULL, 'c' },
		{ "peer-buffer-credits", required_argument, NULL, 'b' },
		{ "credits", required_argument, NULL, 'r' },
		{ "cpt", required_argument, NULL, 's' },
		{ "conns-per-peer", required_argument, NULL, 'm' },
		{ NULL }
	};
	int c;

	*a = (struct net_args) { .tun = { -1, -1, -1, -1, -1 } };
	while ((c = getopt_long(argc, argv, "n:i:t:c:b:r:s:m:", options, NULL)) >= 0) {
		long v = optarg ? strtol(optarg, NULL, 0) : 0;

		switch (c) {
		case 'n': a->net = optarg; break;
		case 'i': a->ifs = optarg; break;
		case 't': a->tun.peer_timeout = v; break;
		case 'c': a->tun.peer_credits = v; break;
		case 'b': a->tun.peer_buffer_credits = v; break;
		case 'r': a->tun.credits = v; break;
		case 'm': a->tun.conns_per_peer = v; break;
		case 's': break;	/* CPUs are the kernel's business */
		default: return RC_BAD_PARAM;
		}
	}
	if (!a->net)
		return fail(action, "net", RC_MISSING_PARAM, "\"mandatory parameter 'net' not specified.\"");
	return 0;
}

/* One command for each interface of a comma separated list */
static int for_interfaces(int cmd, const struct net_args *a)
{
	char *ifs = a->ifs ? strdup(a->ifs) : NULL, *rest = ifs;
	int err = 0;

	do {
		struct nl_msg *msg = lnet_nl_new(cmd);
		const char *name = strsep(&rest, ",");

		if (msg) {
			nla_put_string(msg, LNET_ATTR_NET, a->net);
			if (name)
				nla_put_string(msg, LNET_ATTR_IFNAME, name);
			if (cmd == LNET_CMD_NET_ADD)
				nla_put(msg, LNET_ATTR_TUNABLES, sizeof(a->tun), &a->tun);
		}
		err = lnet_nl_do(msg, NULL, NULL);
	} while (!err && rest);
	free(ifs);
	return err;
}

static int net_add(int argc, char **argv)
{
	struct net_args a;
	int err = parse_net(argc, argv, "add", &a);

	if (err)
		return err;
	if (!a.ifs)
		return fail("add", "net", RC_MISSING_PARAM, "\"mandatory parameter 'if' not specified.\"");
	err = for_interfaces(LNET_CMD_NET_ADD, &a);
	return err ? fail("add", "net", err, "\"cannot add network: %s\"", strerror(-err)) : 0;
}

static int net_del(int argc, char **argv)
{
	struct net_args a;
	int err = parse_net(argc, argv, "del", &a);

	if (err)
		return err;
	err = for_interfaces(LNET_CMD_NET_DEL, &a);
	return err ? fail("del", "net", err, "\"cannot del network: %s\"", strerror(-err)) : 0;
}

struct shown {
	const char *only;	/* this net */
	int detail;
	bool backup;
	bool begun;
	char net[64];		/* whose list is being printed */
};

static __u64 total(const __u64 *c)
{
	return c[0] + c[1] + c[2] + c[3] + c[4];
}

static void print_counters(const struct lnet_uapi_counters *c, int detail, int health)
{
	printf("          statistics:\n"
	       "              send_count: %llu\n"
	       "              recv_count: %llu\n"
	       "              drop_count: %llu\n",
	       total(c->sent), total(c->received), total(c->dropped));
	if (detail < 2)
		return;
	print_types(10, "sent_stats", c->sent);
	print_types(10, "received_stats", c->received);
	print_types(10, "dropped_stats", c->dropped);
	printf("          health stats:\n"
	       "              fatal_error: %d\n"
	       "              health value: %d\n"
	       "              interrupts: 0\n"
	       "              dropped: 0\n"
	       "              aborted: 0\n"
	       "              no route: 0\n"
	       "              timeouts: 0\n"
	       "              error: 0\n"
	       "              ping_count: 0\n"
	       "              next_ping: 0\n", health ? 0 : 1, health);
}

static void print_ni(struct nlattr **attrs, void *arg)
{
	const char *net = nla_get_string(attrs[LNET_ATTR_NET]);
	const char *ifname = nla_get_string(attrs[LNET_ATTR_IFNAME]);
	const struct lnet_uapi_tunables *t = nla_data(attrs[LNET_ATTR_TUNABLES]);
	const struct lnet_uapi_credits *cr = nla_data(attrs[LNET_ATTR_CREDITS]);
	struct shown *s = arg;
	bool lo = !strcmp(net, "lo");

	if ((s->only && strcmp(s->only, net)) || (s->backup && lo))
		return;
	if (!s->begun)
		printf("net:\n");
	s->begun = true;
	if (strcmp(s->net, net)) {
		printf("    - net type: %s\n      local NI(s):\n", net);
		snprintf(s->net, sizeof(s->net), "%s", net);
	}
	if (s->backup)
		printf("        - interfaces:\n              0: %s\n", ifname);
	else
		printf("        - nid: %s\n          status: %s\n",
		       nla_get_string(attrs[LNET_ATTR_NID]),
		       nla_get_u8(attrs[LNET_ATTR_UP]) ? "up" : "down");
	if (*ifname && !s->backup)
		printf("          interfaces:\n              0: %s\n", ifname);
	if (!s->detail)
		return;
	if (!s->backup)
		print_counters(nla_data(attrs[LNET_ATTR_COUNTERS]), s->detail, cr->health);
	printf("          tunables:\n"
	       "              peer_timeout: %d\n"
	       "              peer_credits: %d\n"
	       "              peer_buffer_credits: %d\n"
	       "              credits: %d\n",
	       t->peer_timeout, t->peer_credits, t->peer_buffer_credits, t->credits);
	if (!lo)
		printf("          lnd tunables:\n              conns_per_peer: %d\n",
		       t->conns_per_peer);
	if (!s->backup)
		printf("          dev cpt: 0\n");
	printf("          CPT: \"[0]\"\n");
	if (s->detail > 3 && !s->backup)
		printf("          udsp info:\n");
}

int show_nets(const char *net, int detail, bool backup)
{
	struct shown s = { .only = net, .detail = detail, .backup = backup };
	int err = lnet_nl_dump(lnet_nl_new(LNET_CMD_NET_GET), print_ni, &s);

	if (!err && net && !s.begun)
		err = -ENOENT;
	return err ? fail("show", "net", err, "\"cannot get networks: %s\"", strerror(-err)) : 0;
}

static int net_show(int argc, char **argv)
{
	static const struct option options[] = {
		{ "net", required_argument, NULL, 'n' },
		{ "verbose", optional_argument, NULL, 'v' },
		{ NULL }
	};
	const char *net = NULL;
	int c, detail = 0;

	while ((c = getopt_long(argc, argv, "n:v::", options, NULL)) >= 0) {
		switch (c) {
		case 'n':
			net = optarg;
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
	return show_nets(net, detail, false);
}

const struct verb net_verbs[] = {
	{ "lnet", "configure", lnet_configure, "configure [--all]" },
	{ "lnet", "unconfigure", lnet_unconfigure, "unconfigure" },
	{ "net", "add", net_add, "add --net NET --if IF[,IF] [--peer-timeout N] [--peer-credits N] "
	  "[--peer-buffer-credits N] [--credits N] [--conns-per-peer N]" },
	{ "net", "del", net_del, "del --net NET [--if IF]" },
	{ "net", "show", net_show, "show [--net NET] [-v [LEVEL]]" },
	{ NULL }
};
