// SPDX-License-Identifier: GPL-2.0
/*
 * brw_stats: what reads and writes looked like, as histograms (chapter 07, 6.3). ext4 does not
 * say how it splits an I/O, so those sections stay empty.
 */
#include <linux/log2.h>
#include <linux/ktime.h>
#include "data.h"

static const struct {
	const char	*name, *unit;
	bool		powers;		/* buckets are powers of two, else plain numbers */
} sections[DATA_BRW_SECTIONS] = {
	[DATA_BRW_PAGES]		= { "pages per bulk r/w", "rpcs", true },
	[DATA_BRW_GAPS]		= { "discontiguous pages", "rpcs" },
	[DATA_BRW_BLOCKS]	= { "discontiguous blocks", "rpcs" },
	[DATA_BRW_FRAGMENTS]	= { "disk fragmented I/Os", "ios" },
	[DATA_BRW_IN_FLIGHT]	= { "disk I/Os in flight", "ios" },
	[DATA_BRW_TIME]		= { "I/O time (1/1000s)", "ios", true },
	[DATA_BRW_BYTES]		= { "disk I/O size", "ios", true },
	[DATA_BRW_MAPS]		= { "block maps msec", "maps", true },
};

void data_brw_init(struct data_brw_stats *brw)
{
	spin_lock_init(&brw->lock);
	brw->start = ktime_get_real();
}

void data_brw_add(struct data_brw_stats *brw, enum data_brw_section section, bool write, u64 value)
{
	unsigned int i = sections[section].powers ? (value > 1 ? ilog2(value - 1) + 1 : 0) :
			 min_t(u64, value, DATA_BRW_BUCKETS);

	spin_lock(&brw->lock);
	brw->hist[section][write][min(i, DATA_BRW_BUCKETS - 1)]++;
	spin_unlock(&brw->lock);
}

static void show_time(struct seq_file *m, const char *name, ktime_t t)
{
	struct timespec64 ts = ktime_to_timespec64(t);

	seq_printf(m, "%-25s %lld.%09ld secs.nsecs\n", name, (long long)ts.tv_sec, ts.tv_nsec);
}

static void show_label(struct seq_file *m, unsigned int section, unsigned int i)
{
	static const char units[] = " KMG";

	if (!sections[section].powers)
		seq_printf(m, "%u:\t\t", i);
	else if (i < 10)
		seq_printf(m, "%u:\t\t", 1 << i);
	else
		seq_printf(m, "%u%c:\t\t", 1 << i % 10, units[i / 10]);
}

static unsigned int percent(u64 part, u64 total)
{
	return total ? div64_u64(part * 100, total) : 0;
}

static void show_section(struct seq_file *m, struct data_brw_stats *brw, unsigned int section)
{
	u64 (*h)[DATA_BRW_BUCKETS] = brw->hist[section];
	u64 total[2] = {}, sum[2] = {};
	unsigned int i;

	seq_printf(m, "\n%26s read      |     write\n", "");
	seq_printf(m, "%-22s %-5s %% cum %% |  %-11s %% cum %%\n", sections[section].name,
		   sections[section].unit, sections[section].unit);
	for (i = 0; i < DATA_BRW_BUCKETS; i++) {
		total[0] += h[0][i];
		total[1] += h[1][i];
	}
	for (i = 0; i < DATA_BRW_BUCKETS; i++) {
		sum[0] += h[0][i];
		sum[1] += h[1][i];
		if (!sum[0] && !sum[1])
			continue;
		show_label(m, section, i);
		seq_printf(m, "%10llu %3u %3u   | %4llu %3u %3u\n", h[0][i], percent(h[0][i], total[0]),
			   percent(sum[0], total[0]), h[1][i], percent(h[1][i], total[1]),
			   percent(sum[1], total[1]));
		if (sum[0] == total[0] && sum[1] == total[1])
			break;
	}
}

int data_brw_show(struct seq_file *m, struct data_brw_stats *brw)
{
	ktime_t now = ktime_get_real();
	unsigned int i;

	show_time(m, "snapshot_time:", now);
	show_time(m, "start_time:", brw->start);
	show_time(m, "elapsed_time:", ktime_sub(now, brw->start));
	spin_lock(&brw->lock);
	for (i = 0; i < DATA_BRW_SECTIONS; i++)
		show_section(m, brw, i);
	spin_unlock(&brw->lock);
	return 0;
}
EXPORT_SYMBOL_GPL(data_brw_show);

void data_brw_clear(struct data_brw_stats *brw)
{
	spin_lock(&brw->lock);
	memset(brw->hist, 0, sizeof(brw->hist));
	brw->start = ktime_get_real();
	spin_unlock(&brw->lock);
}
EXPORT_SYMBOL_GPL(data_brw_clear);
