// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of the connections to OSTs, osp.FSNAME-OSTxxxx-osc-MDTxxxx.* (chapter 08, 12.5).
 */
#include "mdt.h"

static int active_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", !((struct osp *)data)->inactive);
	return 0;
}

static int active_store(void *data, const char *val)
{
	bool active;
	int rc = kstrtobool(val, &active);

	if (!rc)
		osp_set_active(data, active);
	return rc;
}

static int max_create_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", OSP_MAX_PRECREATE);
	return 0;
}

static int create_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(((struct osp *)data)->count));
	return 0;
}

/* The next object to be used, and the last one that exists */
static int prealloc_next_id_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", READ_ONCE(((struct osp *)data)->used) + 1);
	return 0;
}

static int prealloc_last_id_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", READ_ONCE(((struct osp *)data)->created));
	return 0;
}

static int prealloc_status_show(struct seq_file *m, void *data)
{
	struct osp *osp = data;

	seq_printf(m, "%d\n", osp->full ? -ENOSPC : osp_usable(osp) ? 0 : -ENOTCONN);
	return 0;
}

static int import_show(struct seq_file *m, void *data)
{
	return rpc_import_show(((struct osp *)data)->imp, m);
}

static int state_show(struct seq_file *m, void *data)
{
	return rpc_import_show_state(((struct osp *)data)->imp, m);
}

const struct param osp_params[] = {
	{ .name = "active", .show = active_show, .store = active_store, .value = true },
	{ .name = "max_create_count", .show = max_create_count_show, .value = true },
	{ .name = "create_count", .show = create_count_show, .value = true },
	{ .name = "prealloc_next_id", .show = prealloc_next_id_show, .value = true },
	{ .name = "prealloc_last_id", .show = prealloc_last_id_show, .value = true },
	{ .name = "prealloc_status", .show = prealloc_status_show, .value = true },
	{ .name = "import", .show = import_show },
	{ .name = "state", .show = state_show },
	{ }
};
