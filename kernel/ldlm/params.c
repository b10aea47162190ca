// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of a namespace, ldlm.namespaces.NAME.* (chapter 08, 12.4).
 */
#include <linux/kstrtox.h>
#include "kernel/config/config.h"
#include "kernel/ldlm/internal.h"

static int lock_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ldlm_ns_lock_count(data));
	return 0;
}

static int lock_unused_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", ldlm_ns_lru_count(data));
	return 0;
}

static int resource_count_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", atomic_read(&((struct ldlm_namespace *)data)->nr_resources));
	return 0;
}

static int lock_timeouts_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", atomic_read(&((struct ldlm_namespace *)data)->nr_timeouts));
	return 0;
}

static int lru_size_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(((struct ldlm_namespace *)data)->lru_max));
	return 0;
}

/* "clear": cancel what is unused; a number: keep so many, 0: as many as the default */
static int lru_size_store(void *data, const char *val)
{
	struct ldlm_namespace *ns = data;
	unsigned int n;
	int rc;

	if (ns->side == LDLM_SERVER)
		return -EOPNOTSUPP;
	if (!strcmp(val, "clear")) {
		ldlm_cli_cancel_unused(ns, NULL, rpc_import_state(ns->imp) != RPC_IMP_FULL);
		return 0;
	}
	rc = kstrtouint(val, 0, &n);
	if (rc)
		return rc;
	ldlm_ns_set_lru(ns, n, READ_ONCE(ns->lru_age));
	mod_delayed_work(ldlm_wq, &ns->lru_work, 0);
	return 0;
}

static int lru_max_age_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", READ_ONCE(((struct ldlm_namespace *)data)->lru_age) * 1000ULL);
	return 0;
}

/* In milliseconds */
static int lru_max_age_store(void *data, const char *val)
{
	struct ldlm_namespace *ns = data;
	unsigned long long ms;
	int rc = kstrtoull(val, 0, &ms);

	if (rc)
		return rc;
	if (ms < 1000 || ms > 1000ULL * INT_MAX / HZ)
		return -ERANGE;
	WRITE_ONCE(ns->lru_age, ms / 1000);
	mod_delayed_work(ldlm_wq, &ns->lru_work, 0);
	return 0;
}

/* Unused locks that may be cancelled early are always cancelled early */
static int early_lock_cancel_show(struct seq_file *m, void *data)
{
	seq_puts(m, "1\n");
	return 0;
}

static int max_parallel_ast_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", LDLM_ASTS_IN_FLIGHT);
	return 0;
}

/* Contention is not measured: no lock is refused for it, nothing is done without locks */
static int none_show(struct seq_file *m, void *data)
{
	seq_puts(m, "0\n");
	return 0;
}

static const struct param client_params[] = {
	{ .name = "lock_count", .show = lock_count_show, .value = true },
	{ .name = "lock_unused_count", .show = lock_unused_count_show, .value = true },
	{ .name = "resource_count", .show = resource_count_show, .value = true },
	{ .name = "lru_size", .show = lru_size_show, .store = lru_size_store, .value = true },
	{ .name = "lru_max_age", .show = lru_max_age_show, .store = lru_max_age_store, .value = true },
	{ .name = "early_lock_cancel", .show = early_lock_cancel_show, .value = true },
	{ }
};

static const struct param server_params[] = {
	{ .name = "lock_count", .show = lock_count_show, .value = true },
	{ .name = "lock_unused_count", .show = lock_unused_count_show, .value = true },
	{ .name = "resource_count", .show = resource_count_show, .value = true },
	{ .name = "lru_size", .show = none_show, .value = true },
	{ .name = "lru_max_age", .show = lru_max_age_show, .value = true },
	{ .name = "early_lock_cancel", .show = none_show, .value = true },
	{ .name = "lock_timeouts", .show = lock_timeouts_show, .value = true },
	{ .name = "max_parallel_ast", .show = max_parallel_ast_show, .value = true },
	{ .name = "contended_locks", .show = none_show, .value = true },
	{ .name = "contention_seconds", .show = none_show, .value = true },
	{ .name = "ctime_age_limit", .show = none_show, .value = true },
	{ .name = "max_nolock_bytes", .show = none_show, .value = true },
	{ }
};

/* Without them a namespace works as well */
void ldlm_ns_params_add(struct ldlm_namespace *ns)
{
	ns->params = param_dir_add("ldlm/namespaces", ns->name,
				   ns->side == LDLM_SERVER ? server_params : client_params, ns);
}

void ldlm_ns_params_del(struct ldlm_namespace *ns)
{
	param_dir_del(ns->params);
}
