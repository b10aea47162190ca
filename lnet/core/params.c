// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters of lnet.ko (chapter 01, 11.1) and the numbers that can be set
 * while it runs. Parameters that are not here have no counterpart; the kernel
 * ignores them with a line in its log, so modprobe files of other versions load.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include "core.h"

char *lnet_param_networks = "";
module_param_named(networks, lnet_param_networks, charp, 0444);
MODULE_PARM_DESC(networks, "local networks: net[(interface,...)],...");

char *lnet_param_ip2nets = "";
module_param_named(ip2nets, lnet_param_ip2nets, charp, 0444);
MODULE_PARM_DESC(ip2nets, "local networks by address: net[(interface)] pattern; ...");

char *lnet_param_routes = "";
module_param_named(routes, lnet_param_routes, charp, 0444);
MODULE_PARM_DESC(routes, "routes to other networks (not supported)");

static char *forwarding = "";
module_param(forwarding, charp, 0444);
MODULE_PARM_DESC(forwarding, "enabled|disabled; this node does not forward");

static char *accept = "secure";
module_param(accept, charp, 0444);
MODULE_PARM_DESC(accept, "accept connections from: secure (ports below 1024), all, none");

static unsigned int accept_port = LNET_ACCEPTOR_PORT;
module_param(accept_port, uint, 0444);
MODULE_PARM_DESC(accept_port, "TCP port of the acceptor, also of peers");

static unsigned int accept_backlog = 127;
module_param(accept_backlog, uint, 0444);
MODULE_PARM_DESC(accept_backlog, "connections that wait to be accepted");

static unsigned int accept_timeout = 5;
module_param(accept_timeout, uint, 0644);
MODULE_PARM_DESC(accept_timeout, "seconds a new connection may take to say who it is");

unsigned int lnet_param_discovery_disabled;
module_param_named(lnet_peer_discovery_disabled, lnet_param_discovery_disabled, uint, 0444);
MODULE_PARM_DESC(lnet_peer_discovery_disabled, "1: do not exchange NID lists by pushes");

static unsigned int interfaces_max = 200;
module_param_named(lnet_interfaces_max, interfaces_max, uint, 0444);
MODULE_PARM_DESC(lnet_interfaces_max, "shown by lnetctl");

static unsigned int transaction_timeout = 50;
module_param_named(lnet_transaction_timeout, transaction_timeout, uint, 0444);
MODULE_PARM_DESC(lnet_transaction_timeout, "seconds within which an ACK or REPLY must come");

static unsigned int retry_count = 2;
module_param_named(lnet_retry_count, retry_count, uint, 0444);
MODULE_PARM_DESC(lnet_retry_count, "divides the transaction timeout into that of drivers");

static unsigned int health_sensitivity = 100;
module_param_named(lnet_health_sensitivity, health_sensitivity, uint, 0444);
static unsigned int recovery_interval = 1;
module_param_named(lnet_recovery_interval, recovery_interval, uint, 0444);
static unsigned int recovery_limit;
module_param_named(lnet_recovery_limit, recovery_limit, uint, 0444);
static unsigned int response_tracking = 3;
module_param_named(lnet_response_tracking, response_tracking, uint, 0444);
static unsigned int drop_asym_route;
module_param_named(lnet_drop_asym_route, drop_asym_route, uint, 0444);
static unsigned int numa_range;
module_param_named(lnet_numa_range, numa_range, uint, 0444);
static unsigned int router_sensitivity = 100;
module_param_named(router_sensitivity_percentage, router_sensitivity, uint, 0444);

/* Order and names of "lnetctl global show" (chapter 01, 11.3) */
static unsigned int discovery_shown = 1;
static unsigned int lnd_timeout_shown;

const struct lnet_param lnet_globals[] = {
	{ "numa_range",		 &numa_range,		0, UINT_MAX },
	{ "max_interfaces",	 &interfaces_max,	1, 200 },
	{ "discovery",		 &discovery_shown,	0, 1 },
	{ "drop_asym_route",	 &drop_asym_route,	0, 1 },
	{ "retry_count",	 &retry_count,		0, 5 },
	{ "transaction_timeout", &transaction_timeout,	1, 3600 },
	{ "health_sensitivity",	 &health_sensitivity,	0, 1000 },
	{ "recovery_interval",	 &recovery_interval,	1, 3600 },
	{ "router_sensitivity",	 &router_sensitivity,	0, 100 },
	{ "lnd_timeout",	 &lnd_timeout_shown,	1, 0 },	/* follows from others */
	{ "response_tracking",	 &response_tracking,	0, 3 },
	{ "recovery_limit",	 &recovery_limit,	0, UINT_MAX },
};
const unsigned int lnet_nr_globals = ARRAY_SIZE(lnet_globals);

/* Bring the numbers that follow from others up to date before they are shown */
void lnet_params_refresh(void)
{
	discovery_shown = !lnet_param_discovery_disabled;
	lnd_timeout_shown = lnet_lnd_timeout();
}

int lnet_param_set(const char *name, unsigned int value)
{
	unsigned int i;

	for (i = 0; i < lnet_nr_globals; i++) {
		const struct lnet_param *p = &lnet_globals[i];

		if (strcmp(p->name, name))
			continue;
		if (value < p->min || value > p->max)
			return -ERANGE;
		WRITE_ONCE(*p->value, value);
		lnet_param_discovery_disabled = !discovery_shown;
		return 0;
	}
	return -ENOENT;
}

unsigned int lnet_transaction_timeout(void)
{
	return clamp(READ_ONCE(transaction_timeout), 1U, 3600U);
}
EXPORT_SYMBOL_GPL(lnet_transaction_timeout);

unsigned int lnet_lnd_timeout(void)
{
	unsigned int retries = min(READ_ONCE(retry_count), 5U);

	return max(1U, (lnet_transaction_timeout() - 1) / (retries + 1));
}
EXPORT_SYMBOL_GPL(lnet_lnd_timeout);

enum lnet_accept lnet_accept_mode(void)
{
	if (!strcmp(accept, "all"))
		return LNET_ACCEPT_ALL;
	if (!strcmp(accept, "none"))
		return LNET_ACCEPT_NONE;
	return LNET_ACCEPT_SECURE;
}
EXPORT_SYMBOL_GPL(lnet_accept_mode);

unsigned int lnet_accept_port(void)
{
	return accept_port;
}
EXPORT_SYMBOL_GPL(lnet_accept_port);

unsigned int lnet_accept_backlog(void)
{
	return accept_backlog;
}
EXPORT_SYMBOL_GPL(lnet_accept_backlog);

unsigned int lnet_accept_timeout(void)
{
	return clamp(READ_ONCE(accept_timeout), 1U, 60U);
}
EXPORT_SYMBOL_GPL(lnet_accept_timeout);

/* Say what was asked for by parameters and is not built */
void lnet_params_warn(void)
{
	if (*lnet_param_routes)
		pr_warn("lnet: routes are not supported; the parameter is ignored\n");
	if (!strcmp(forwarding, "enabled"))
		pr_warn("lnet: forwarding is not supported; the parameter is ignored\n");
}
