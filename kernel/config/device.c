// SPDX-License-Identifier: GPL-2.0
/*
 * The list of devices that 'lctl dl' prints (chapter 08, 4.2): one line for each
 * thing that stock calls a device, kept by whoever owns it.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "kernel/config/config.h"
#include "kernel/config/internal.h"

struct cfg_device {
	struct list_head	link;
	unsigned int		nr;	/* stays while the device lives */
	struct rpc_import	*imp;
	char			type[16];
	char			name[64];
	char			uuid[64];
};

static DEFINE_MUTEX(devices_mutex);
static LIST_HEAD(devices);	/* by number */

struct cfg_device *cfg_device_add(const char *type, const char *name, const char *uuid, struct rpc_import *imp)
{
	struct cfg_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL), *d;
	struct list_head *before = &devices;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	strscpy(dev->type, type, sizeof(dev->type));
	strscpy(dev->name, name, sizeof(dev->name));
	strscpy(dev->uuid, uuid, sizeof(dev->uuid));
	if (imp)
		dev->imp = rpc_import_get(imp);

	mutex_lock(&devices_mutex);
	list_for_each_entry(d, &devices, link) {
		if (d->nr != dev->nr) {
			before = &d->link;
			break;
		}
		dev->nr++;
	}
	list_add_tail(&dev->link, before);
	mutex_unlock(&devices_mutex);
	return dev;
}
EXPORT_SYMBOL_GPL(cfg_device_add);

void cfg_device_del(struct cfg_device *dev)
{
	if (IS_ERR_OR_NULL(dev))
		return;
	mutex_lock(&devices_mutex);
	list_del(&dev->link);
	mutex_unlock(&devices_mutex);
	if (dev->imp)
		rpc_import_put(dev->imp);
	kfree(dev);
}
EXPORT_SYMBOL_GPL(cfg_device_del);

static const char *device_status(const struct cfg_device *d)
{
	return d->imp && rpc_import_state(d->imp) == RPC_IMP_CLOSED ? "IN" : "UP";
}

int devices_show(struct seq_file *m, void *data)
{
	struct cfg_device *d;

	mutex_lock(&devices_mutex);
	list_for_each_entry(d, &devices, link)
		seq_printf(m, "%3u %s %s %s %s %u\n", d->nr, device_status(d), d->type, d->name, d->uuid,
			   d->imp ? kref_read(&d->imp->ref) : 1);
	mutex_unlock(&devices_mutex);
	return 0;
}
