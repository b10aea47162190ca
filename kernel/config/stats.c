// SPDX-License-Identifier: GPL-2.0
/*
 * Counters per CPU and the text they are shown as (chapter 07, 6.1).
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include "kernel/config/config.h"

struct counter {
	u64	count;
	u64	sum;
	u64	sumsq;
	u64	min;	/* stored as its complement, so that zeroed memory is "none yet" */
	u64	max;
};

struct stats {
	const struct stat_desc	*desc;
	unsigned int		nr;
	ktime_t			start;	/* wall clock */
	struct counter __percpu	*counters;
};

struct stats *stats_alloc(const struct stat_desc *desc, unsigned int nr)
{
	struct stats *st = kzalloc(sizeof(*st), GFP_KERNEL);

	if (!st)
		return NULL;
	st->desc = desc;
	st->nr = nr;
	st->start = ktime_get_real();
	st->counters = __alloc_percpu(nr * sizeof(struct counter), __alignof__(struct counter));
	if (!st->counters) {
		kfree(st);
		return NULL;
	}
	return st;
}
EXPORT_SYMBOL_GPL(stats_alloc);

void stats_free(struct stats *st)
{
	if (!st)
		return;
	free_percpu(st->counters);
	kfree(st);
}
EXPORT_SYMBOL_GPL(stats_free);

void stats_add(struct stats *st, unsigned int idx, u64 value)
{
	struct counter __percpu *c = &st->counters[idx];

	/* Each step is safe by itself; a change of CPU in between moves only a part of it. */
	this_cpu_inc(c->count);
	if (!st->desc[idx].sum)
		return;
	this_cpu_add(c->sum, value);
	if (st->desc[idx].sq)
		this_cpu_add(c->sumsq, value * value);
	if (~value > this_cpu_read(c->min))
		this_cpu_write(c->min, ~value);
	if (value > this_cpu_read(c->max))
		this_cpu_write(c->max, value);
}
EXPORT_SYMBOL_GPL(stats_add);

void stats_clear(struct stats *st)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(st->counters, cpu), 0, st->nr * sizeof(struct counter));
	st->start = ktime_get_real();
}
EXPORT_SYMBOL_GPL(stats_clear);

static void show_time(struct seq_file *m, int width, const char *name, ktime_t t)
{
	struct timespec64 ts = ktime_to_timespec64(t);

	seq_printf(m, "%-*s %lld.%09ld secs.nsecs\n", width, name, (long long)ts.tv_sec, ts.tv_nsec);
}

static void show_counter(struct seq_file *m, const struct stat_desc *d, const struct counter *c)
{
	seq_printf(m, "%-25s %llu samples [%s]", d->name, c->count, d->unit);
	if (d->sum)
		seq_printf(m, " %llu %llu %llu", ~c->min, c->max, c->sum);
	if (d->sum && d->sq)
		seq_printf(m, " %llu", c->sumsq);
	seq_putc(m, '\n');
}

/* One counter over all CPUs */
static struct counter sum_up(const struct stats *st, unsigned int idx)
{
	struct counter sum = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct counter *c = per_cpu_ptr(&st->counters[idx], cpu);

		sum.count += c->count;
		sum.sum += c->sum;
		sum.sumsq += c->sumsq;
		sum.min = max(sum.min, c->min);
		sum.max = max(sum.max, c->max);
	}
	return sum;
}

int stats_show(struct seq_file *m, struct stats *st)
{
	ktime_t now = ktime_get_real();
	unsigned int i;

	show_time(m, 25, "snapshot_time", now);
	show_time(m, 25, "start_time", st->start);
	show_time(m, 25, "elapsed_time", ktime_sub(now, st->start));
	for (i = 0; i < st->nr; i++) {
		struct counter sum = sum_up(st, i);

		if (sum.count)
			show_counter(m, &st->desc[i], &sum);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(stats_show);

int stats_show_map(struct seq_file *m, struct stats *st)
{
	ktime_t now = ktime_get_real();
	unsigned int i;

	show_time(m, 18, "  snapshot_time:", now);
	show_time(m, 18, "  start_time:", st->start);
	show_time(m, 18, "  elapsed_time:", ktime_sub(now, st->start));
	for (i = 0; i < st->nr; i++) {
		struct counter sum = sum_up(st, i);
		char key[32];

		snprintf(key, sizeof(key), "%s:", st->desc[i].name);
		seq_printf(m, "  %-16s { samples: %11llu, unit: %5s, min: %8llu, max: %8llu, sum: %16llu, sumsq: %18llu }\n",
			   key, sum.count, st->desc[i].unit, sum.count && st->desc[i].sum ? ~sum.min : 0,
			   sum.max, sum.sum, sum.sumsq);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(stats_show_map);
