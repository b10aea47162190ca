// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of the top of the tree (chapter 08, 12.1), and the start of this room.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/seq_file.h>
#include "kernel/config/config.h"
#include "kernel/config/internal.h"

#define TIMEOUT_MAX	3600	/* seconds; beyond that nobody waits */

/* The protocol level, as tools ask for it */
static int version_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u.%u.%u\n", SHEEN_OCD_VERSION >> 24, SHEEN_OCD_VERSION >> 16 & 0xff,
		   SHEEN_OCD_VERSION >> 8 & 0xff);
	return 0;
}

static int pinger_show(struct seq_file *m, void *data)
{
	seq_puts(m, "on\n");
	return 0;
}

static atomic_t unhealthy;

void cfg_unhealthy(bool bad)
{
	atomic_add(bad ? 1 : -1, &unhealthy);
}
EXPORT_SYMBOL_GPL(cfg_unhealthy);

static int health_show(struct seq_file *m, void *data)
{
	seq_puts(m, atomic_read(&unhealthy) ? "NOT HEALTHY\n" : "healthy\n");
	return 0;
}

static int uint_show(struct seq_file *m, unsigned int value)
{
	seq_printf(m, "%u\n", value);
	return 0;
}

static int seconds_store(const char *val, unsigned int *where, unsigned int least)
{
	unsigned int value;
	int rc = kstrtouint(val, 10, &value);

	if (rc)
		return rc;
	if (value < least || value > TIMEOUT_MAX)
		return -ERANGE;
	WRITE_ONCE(*where, value);
	return 0;
}

#define SECONDS(name, var, least)							\
static int name##_show(struct seq_file *m, void *data)					\
{											\
	return uint_show(m, READ_ONCE(var));						\
}											\
											\
static int name##_store(void *data, const char *val)					\
{											\
	return seconds_store(val, &(var), least);					\
}

SECONDS(timeout, rpc_timeout, 1)
SECONDS(at_min, rpc_at_min, 0)
SECONDS(at_max, rpc_at_max, 0)
SECONDS(at_history, rpc_at_history, 1)
SECONDS(at_early_margin, rpc_at_early_margin, 1)
SECONDS(at_extra, rpc_at_extra, 1)

#define SECONDS_PARAM(n) { .name = #n, .show = n##_show, .store = n##_store, .value = true }

/* What messages have; caches of files belong to the kernel, which counts them itself */
static int memused_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", rpc_memory(false));
	return 0;
}

static int memused_max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%llu\n", rpc_memory(true));
	return 0;
}

static const struct param top_params[] = {
	{ .name = "version", .show = version_show, .value = true },
	{ .name = "pinger", .show = pinger_show, .value = true },
	{ .name = "health_check", .show = health_show, .value = true },
	SECONDS_PARAM(timeout),
	SECONDS_PARAM(at_min),
	SECONDS_PARAM(at_max),
	SECONDS_PARAM(at_history),
	SECONDS_PARAM(at_early_margin),
	SECONDS_PARAM(at_extra),
	{ .name = "memused", .show = memused_show, .value = true },
	{ .name = "memused_max", .show = memused_max_show, .value = true },
	{ .name = "jobid_var", .show = jobid_var_show, .store = jobid_var_store, .value = true },
	{ .name = "jobid_name", .show = jobid_name_show, .store = jobid_name_store, .value = true },
	{ .name = "devices", .show = devices_show },
	{ }
};

static struct param_dir *top;

int config_init(void)
{
	int rc = params_init();

	if (rc)
		return rc;
	top = param_dir_add(NULL, NULL, top_params, NULL);
	rc = PTR_ERR_OR_ZERO(top);
	if (rc)
		goto params;
	rc = mgc_init();
	if (!rc)
		return 0;
	param_dir_del(top);
params:
	params_exit();
	return rc;
}

void config_exit(void)
{
	mgc_exit();
	param_dir_del(top);
	params_exit();
}
