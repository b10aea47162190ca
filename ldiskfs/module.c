// SPDX-License-Identifier: GPL-2.0
/*
 * ldiskfs.ko: transactional objects by FID on the kernel's own ext4.
 */
#include <linux/module.h>
#include "ldiskfs/internal.h"

static int __init ldiskfs_init(void)
{
	int err;

	err = ldiskfs_mount_init();
	if (err)
		return err;
	err = ldiskfs_object_init();
	if (err)
		ldiskfs_mount_exit();
	return err;
}

static void __exit ldiskfs_exit(void)
{
	ldiskfs_object_exit();
	ldiskfs_mount_exit();
}

module_init(ldiskfs_init);
module_exit(ldiskfs_exit);

MODULE_DESCRIPTION("Transactional object storage on ext4");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: ext4 quota_v2");
