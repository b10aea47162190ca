// SPDX-License-Identifier: GPL-2.0
/*
 * lustre_tgt.ko: the register of target types (mgs.ko, mdt.ko, ost.ko) and module entry.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "internal.h"

static DEFINE_MUTEX(types_lock);
static struct target_type *types[4];

int target_type_register(struct target_type *type)
{
	int i, rc = -ENOSPC;

	mutex_lock(&types_lock);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i])
			continue;
		types[i] = type;
		rc = 0;
		break;
	}
	mutex_unlock(&types_lock);
	return rc;
}
EXPORT_SYMBOL_GPL(target_type_register);

void target_type_unregister(struct target_type *type)
{
	int i;

	mutex_lock(&types_lock);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i] == type)
			types[i] = NULL;
	mutex_unlock(&types_lock);
}
EXPORT_SYMBOL_GPL(target_type_unregister);

static struct target_type *type_find(const char *name)
{
	struct target_type *type = NULL;
	int i;

	mutex_lock(&types_lock);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i] && !strcmp(types[i]->name, name) && try_module_get(types[i]->owner))
			type = types[i];
	mutex_unlock(&types_lock);
	return type;
}

/* target_type_get() - the type of this name, its module loaded and held; NULL if there is none */
struct target_type *target_type_get(const char *name)
{
	struct target_type *type = type_find(name);

	if (!type && !request_module("%s", name))
		type = type_find(name);
	return type;
}

void target_type_put(struct target_type *type)
{
	module_put(type->owner);
}

static int __init lustre_tgt_init(void)
{
	return register_filesystem(&lustre_tgt_fs_type);
}

static void __exit lustre_tgt_exit(void)
{
	unregister_filesystem(&lustre_tgt_fs_type);
}

module_init(lustre_tgt_init);
module_exit(lustre_tgt_exit);

MODULE_DESCRIPTION("Lustre targets: mounting, client records, sequences");
MODULE_LICENSE("GPL");
MODULE_ALIAS_FS("lustre_tgt");
MODULE_ALIAS("osd_ldiskfs");
MODULE_ALIAS("lquota");
