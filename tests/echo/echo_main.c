// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters and the order of start and stop.
 */
#include <linux/module.h>
#include "tests/echo/echo.h"

static bool server;
module_param(server, bool, 0444);
MODULE_PARM_DESC(server, "serve the echo target");

static char *target = "";
module_param(target, charp, 0444);
MODULE_PARM_DESC(target, "NID of an echo target: run the tests against it");

static int __init echo_init(void)
{
	lnet_nid_t nid;
	int rc = 0;

	if (server)
		rc = echo_server_start();
	if (!rc && *target) {
		rc = lnet_nid_parse(target, &nid);
		if (!rc)
			rc = echo_run(nid);
		if (rc && server)
			echo_server_stop();
	}
	return rc;
}

static void __exit echo_exit(void)
{
	if (server)
		echo_server_stop();
}

module_init(echo_init);
module_exit(echo_exit);

MODULE_DESCRIPTION("Echo target and client: tests of kernel/rpc");
MODULE_LICENSE("GPL");
