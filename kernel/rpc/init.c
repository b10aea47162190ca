// SPDX-License-Identifier: GPL-2.0
/*
 * Start and stop of this room, in order. The module as a whole is in module.c.
 */
#include "kernel/rpc/internal.h"

int rpc_init(void)
{
	int rc = rpc_handles_init();

	if (rc)
		return rc;
	rc = rpc_imports_init();
	if (rc)
		goto handles;
	rc = rpc_request_init();
	if (rc)
		goto imports;
	rc = rpc_exports_init();
	if (rc)
		goto requests;
	rc = rpc_services_init();
	if (rc)
		goto exports;
	rpc_targets_init();
	rpc_pinger_init();
	return 0;
exports:
	rpc_exports_exit();
requests:
	rpc_request_exit();
imports:
	rpc_imports_exit();
handles:
	rpc_handles_exit();
	return rc;
}

void rpc_exit(void)
{
	rpc_pinger_exit();
	rpc_targets_exit();
	rpc_services_exit();
	rpc_exports_exit();
	rpc_request_exit();
	rpc_imports_exit();
	rpc_handles_exit();
}
