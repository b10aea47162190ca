// SPDX-License-Identifier: GPL-2.0
/*
 * Counters per CPU, histograms, and the texts they are shown as (chapter 07, 6.1 to 6.3, 6.7).
 */
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/log2.h>
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

void stats_count(struct stats *st, unsigned int idx, u64 nr)
{
	this_cpu_add(st->counters[idx].count, nr);
}
EXPORT_SYMBOL_GPL(stats_count);

void stats_clear(struct stats *st)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(st->counters, cpu), 0, st->nr * sizeof(struct counter));
	st->start = ktime_get_real();
}
EXPORT_SYMBOL_GPL(stats_clear);

static void show_time(struct seq_file *m, const char *name, ktime_t t, bool colon, int indent)
{
	struct timespec64 ts = ktime_to_timespec64(t);

	seq_printf(m, "%*s%s%-*s %lld.%09ld secs.nsecs\n", indent, "", name,
		   (indent ? 18 : 25) - indent - (int)strlen(name), colon ? ":" : "",
		   (long long)ts.tv_sec, ts.tv_nsec);
}

void stats_show_times(struct seq_file *m, ktime_t start, bool colon, int indent)
{
	ktime_t now = ktime_get_real();

	show_time(m, "snapshot_time", now, colon, indent);
	show_time(m, "start_time", start, colon, indent);
	show_time(m, "elapsed_time", ktime_sub(now, start), colon, indent);
}
EXPORT_SYMBOL_GPL(stats_show_times);

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
	unsigned int i;

	stats_show_times(m, st->start, false, 0);
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
	unsigned int i;

	stats_show_times(m, st->start, true, 2);
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

/* --- histograms --- */

void stats_hist_add(struct stats_hist *h, const struct stats_hist_desc *desc, bool write, u64 value)
{
	u64 i = value;

	switch (desc->scale) {
	case STATS_PLAIN:
		break;
	case STATS_POWERS:
	case STATS_BYTES:
		i = value > 1 ? ilog2(value - 1) + 1 : 0;
		break;
	case STATS_OFFSETS:
		i = fls64(value);
		break;
	case STATS_RANGES:
		i = fls64(value >> 12);
		break;
	}
	h->n[write][min_t(u64, i, STATS_HIST_BUCKETS - 1)]++;
}
EXPORT_SYMBOL_GPL(stats_hist_add);

/* 1 << @i with the unit that keeps it short */
static void show_power(struct seq_file *m, int width, unsigned int i)
{
	static const char * const units[] = { "", "K", "M", "G", "T", "P", "E" };

	seq_printf(m, "%*u%s", width, 1 << i % 10, units[i / 10]);
}

static void show_label(struct seq_file *m, enum stats_scale scale, unsigned int i)
{
	switch (scale) {
	case STATS_PLAIN:
		seq_printf(m, "%u:\t\t", i);
		break;
	case STATS_POWERS:
		seq_printf(m, "%u:\t\t", 1U << i);
		break;
	case STATS_OFFSETS:
		seq_printf(m, "%u:\t\t", i ? 1U << (i - 1) : 0);
		break;
	case STATS_BYTES:
		show_power(m, 0, i);
		seq_puts(m, ":\t\t");
		break;
	case STATS_RANGES:
		if (i)
			show_power(m, 4, i + 11);
		else
			seq_puts(m, "   0K");
		seq_puts(m, " - ");
		show_power(m, 4, i + 12);
		seq_putc(m, ':');
		break;
	}
}

static unsigned int percent(u64 part, u64 total)
{
	return total ? div64_u64(part * 100, total) : 0;
}

void stats_hist_show(struct seq_file *m, const struct stats_hist *h, const struct stats_hist_desc *desc, bool client)
{
	int width = client ? 10 : 4;
	u64 total[2] = {}, sum[2] = {};
	unsigned int i;

	if (client)
		seq_printf(m, "\n%22sread%24swrite\n%-21s %-6s %% cum %% |       %-6s %% cum %%\n", "", "",
			   desc->name, desc->unit, desc->unit);
	else
		seq_printf(m, "\n%26s read      |     write\n%-22s %-5s %% cum %% |  %-11s %% cum %%\n", "",
			   desc->name, desc->unit, desc->unit);
	for (i = 0; i < STATS_HIST_BUCKETS; i++) {
		total[0] += h->n[0][i];
		total[1] += h->n[1][i];
	}
	for (i = 0; i < STATS_HIST_BUCKETS; i++) {
		sum[0] += h->n[0][i];
		sum[1] += h->n[1][i];
		if (!client && !sum[0] && !sum[1])
			continue;
		show_label(m, desc->scale, i);
		seq_printf(m, "%10llu %3u %3u   | %*llu %3u %3u\n",
			   h->n[0][i], percent(h->n[0][i], total[0]), percent(sum[0], total[0]),
			   width, h->n[1][i], percent(h->n[1][i], total[1]), percent(sum[1], total[1]));
		if (sum[0] == total[0] && sum[1] == total[1])
			break;
	}
}
EXPORT_SYMBOL_GPL(stats_hist_show);
