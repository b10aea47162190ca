// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters and statistics of a service, e.g. ost.OSS.ost_io.* (chapter 08, 12.5).
 */
#include <linux/minmax.h>
#include "kernel/config/config.h"
#include "kernel/rpc/internal.h"

static int stats_param_show(struct seq_file *m, void *data)
{
	rpc_stats_print(&((struct rpc_service *)data)->stats, m);
	return 0;
}

static int stats_param_store(void *data, const char *val)
{
	rpc_stats_clear(&((struct rpc_service *)data)->stats);
	return 0;
}

static int threads_min_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", max(((struct rpc_service *)data)->args.min_threads, 1U));
	return 0;
}

static int threads_max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ((struct rpc_service *)data)->args.max_threads);
	return 0;
}

static int threads_started_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(((struct rpc_service *)data)->nr_threads));
	return 0;
}

static int timeouts_show(struct seq_file *m, void *data)
{
	struct rpc_service *svc = data;

	seq_printf(m, "service : cur %3u\n", rpc_at_estimate(&svc->at));
	return 0;
}

static const struct param service_params[] = {
	{ .name = "threads_min", .show = threads_min_show, .value = true },
	{ .name = "threads_max", .show = threads_max_show, .value = true },
	{ .name = "threads_started", .show = threads_started_show, .value = true },
	{ .name = "stats", .show = stats_param_show, .store = stats_param_store },
	{ .name = "timeouts", .show = timeouts_show },
	{ }
};

/* rpc_service_params_add() - without its parameters a service works as well */
void rpc_service_params_add(struct rpc_service *svc)
{
	if (svc->args.params)
		svc->params = param_dir_add(svc->args.params, NULL, service_params, svc);
}
