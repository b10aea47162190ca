// SPDX-License-Identifier: GPL-2.0
/*
 * ptlrpc.ko: the rooms kernel/rpc, kernel/ldlm, kernel/llog and kernel/config start here,
 * from the bottom to the top.
 */
#include <linux/module.h>
#include "kernel/config/config.h"
#include "kernel/ldlm/ldlm.h"
#include "kernel/rpc/rpc.h"

static int __init ptlrpc_init(void)
{
	int rc = lnet_get();

	if (rc)
		return rc;
	rc = rpc_init();
	if (rc)
		goto lnet;
	rpc_set_common_ops(ldlm_target_ops, ldlm_nr_target_ops);
	rc = ldlm_init();
	if (rc)
		goto rpc;
	rc = config_init();
	if (rc)
		goto ldlm;
	return 0;
ldlm:
	ldlm_exit();
rpc:
	rpc_exit();
lnet:
	lnet_put();
	return rc;
}

static void __exit ptlrpc_exit(void)
{
	config_exit();
	ldlm_exit();
	rpc_exit();
	lnet_put();
}

module_init(ptlrpc_init);
module_exit(ptlrpc_exit);

MODULE_DESCRIPTION("RPC, lock manager and configuration of the Lustre file system");
MODULE_LICENSE("GPL");
/* names that scripts load (chapter 08, 11.1); what they stand for is here or comes with the mount */
MODULE_ALIAS("libcfs");
MODULE_ALIAS("obdclass");
MODULE_ALIAS("fld");
MODULE_ALIAS("fid");
MODULE_ALIAS("mgc");
