// SPDX-License-Identifier: GPL-2.0
/*
 * lctl network, list_nids, ping, which_nid (chapter 01, 11.2).
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lctl/lctl.h"
#include "lib/lnet_nl.h"

/* Host names may stand before the '@' of a NID; the kernel knows only addresses */
static const char *resolve(const char *nid, char *buf, size_t size)
{
	const struct addrinfo hints = { .ai_family = AF_INET };
	const char *at = strchr(nid, '@');
	char host[256], addr[INET_ADDRSTRLEN];
	struct addrinfo *ai;

	if (!((*nid >= 'a' && *nid <= 'z') || (*nid >= 'A' && *nid <= 'Z')))
		return nid;
	snprintf(host, sizeof(host), "%.*s", at ? (int)(at - nid) : (int)strlen(nid), nid);
	if (getaddrinfo(host, NULL, &hints, &ai))
		return nid;
	inet_ntop(AF_INET, &((struct sockaddr_in *)ai->ai_addr)->sin_addr, addr, sizeof(addr));
	freeaddrinfo(ai);
	snprintf(buf, size, "%s%s", addr, at ? at : "");
	return buf;
}

static int network_up(void)
{
	struct nl_msg *msg = lnet_nl_new(LNET_CMD_CONFIGURE);
	int err;

	if (msg)
		nla_put_flag(msg, LNET_ATTR_LOAD);
	err = lnet_nl_do(msg, NULL, NULL);
	if (err)
		fprintf(stderr, "LNET configure error %d: %s\n", -err, strerror(-err));
	else
		printf("LNET configured\n");
	return err;
}

static int network_down(void)
{
	int err;

	if (access("/sys/module/lnet", F_OK)) {
		printf("LNET is currently not loaded.\n");
		return 0;
	}
	err = lnet_nl_do(lnet_nl_new(LNET_CMD_UNCONFIGURE), NULL, NULL);

	if (err == -EBUSY)
		fprintf(stderr, "LNET busy\n");
	else if (err)
		fprintf(stderr, "LNET unconfigure error %d: %s\n", -err, strerror(-err));
	else
		printf("LNET ready to unload\n");
	return err;
}

static int cmd_network(int argc, char **argv)
{
	if (argc != 2)
		return CMD_HELP;
	if (!strcmp(argv[1], "up") || !strcmp(argv[1], "configure"))
		return network_up();
	if (!strcmp(argv[1], "down") || !strcmp(argv[1], "unconfigure"))
		return network_down();
	return CMD_HELP;
}

static void show_nid(struct nlattr **attrs, void *arg)
{
	const char *nid = nla_get_string(attrs[LNET_ATTR_NID]);
	const int *all = arg;

	if (*all || strcmp(nid, "0@lo"))
		printf("%s\n", nid);
}

static int cmd_list_nids(int argc, char **argv)
{
	int all = argc == 2 && !strcmp(argv[1], "all");
	int err;

	if (argc > 2 || (argc == 2 && !all))
		return CMD_HELP;
	err = lnet_nl_dump(lnet_nl_new(LNET_CMD_NET_GET), show_nid, &all);
	if (err)
		fprintf(stderr, "IOC_LIBCFS_GET_NI error %d: %s\n", -err, strerror(-err));
	return err;
}

static void show_ping(struct nlattr **attrs, void *arg)
{
	struct nlattr *nid;
	int rem;

	if (!attrs[LNET_ATTR_NIDS])
		return;
	nla_for_each_nested(nid, attrs[LNET_ATTR_NIDS], rem)
		printf("12345-%s\n", nla_get_string(nid));
}

static int cmd_ping(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 1;
	char buf[300];
	struct nl_msg *msg;
	int err;

	if (argc < 2 || argc > 3 || seconds <= 0)
		return CMD_HELP;
	msg = lnet_nl_new(LNET_CMD_PING);
	if (msg) {
		nla_put_string(msg, LNET_ATTR_NID, resolve(argv[1], buf, sizeof(buf)));
		nla_put_u32(msg, LNET_ATTR_TIMEOUT, seconds * 1000);
	}
	err = lnet_nl_do(msg, show_ping, NULL);
	if (!err)
		return 0;
	if (err != -EINVAL && err != -ENETDOWN && err != -EPERM && err != -ENOENT)
		err = -EIO;	/* however it failed, the peer did not answer */
	fprintf(stderr, "failed to ping %s: %s\n", argv[1], strerror(-err));
	return err;
}

static void take_distance(struct nlattr **attrs, void *arg)
{
	*(unsigned int *)arg = nla_get_u32(attrs[LNET_ATTR_VALUE]);
}

static int cmd_which_nid(int argc, char **argv)
{
	const char *best = NULL;
	unsigned int best_distance = ~0U;
	int i;

	if (argc < 2)
		return CMD_HELP;
	for (i = 1; i < argc; i++) {
		struct nl_msg *msg = lnet_nl_new(LNET_CMD_DISTANCE);
		unsigned int distance = ~0U;
		char buf[300];

		if (msg)
			nla_put_string(msg, LNET_ATTR_NID, resolve(argv[i], buf, sizeof(buf)));
		if (lnet_nl_do(msg, take_distance, &distance) || distance >= best_distance)
			continue;
		best = argv[i];
		best_distance = distance;
	}
	if (!best) {
		fprintf(stderr, "No reachable NID\n");
		return -EHOSTUNREACH;
	}
	printf("%s\n", best);
	return 0;
}

const struct command network_commands[] = {
	{ "network", cmd_network, "bring LNet up or down\n"
	  "usage: network up|down|configure|unconfigure" },
	{ "list_nids", cmd_list_nids, "show the NIDs of this node\n"
	  "usage: list_nids [all]" },
	{ "ping", cmd_ping, "ask a node for its NIDs\n"
	  "usage: ping NID [SECONDS]" },
	{ "which_nid", cmd_which_nid, "show the nearest of some NIDs\n"
	  "usage: which_nid NID..." },
	{ NULL }
};
