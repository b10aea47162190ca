// SPDX-License-Identifier: GPL-2.0
/*
 * brw_stats: what reads and writes looked like, as histograms (chapter 07, 6.3). ext4 does not
 * say how it splits an I/O, so those sections stay empty.
 */
#include "data.h"

static const struct stats_hist_desc sections[DATA_BRW_SECTIONS] = {
	[DATA_BRW_PAGES]	= { "pages per bulk r/w", "rpcs", STATS_BYTES },
	[DATA_BRW_GAPS]		= { "discontiguous pages", "rpcs" },
	[DATA_BRW_BLOCKS]	= { "discontiguous blocks", "rpcs" },
	[DATA_BRW_FRAGMENTS]	= { "disk fragmented I/Os", "ios" },
	[DATA_BRW_IN_FLIGHT]	= { "disk I/Os in flight", "ios" },
	[DATA_BRW_TIME]		= { "I/O time (1/1000s)", "ios", STATS_BYTES },
	[DATA_BRW_BYTES]	= { "disk I/O size", "ios", STATS_BYTES },
	[DATA_BRW_MAPS]		= { "block maps msec", "maps", STATS_BYTES },
};

void data_brw_init(struct data_brw_stats *brw)
{
	spin_lock_init(&brw->lock);
	brw->start = ktime_get_real();
}

void data_brw_add(struct data_brw_stats *brw, enum data_brw_section section, bool write, u64 value)
{
	spin_lock(&brw->lock);
	stats_hist_add(&brw->hist[section], &sections[section], write, value);
	spin_unlock(&brw->lock);
}

int data_brw_show(struct seq_file *m, struct data_brw_stats *brw)
{
	unsigned int i;

	stats_show_times(m, brw->start, true, 0);
	spin_lock(&brw->lock);
	for (i = 0; i < DATA_BRW_SECTIONS; i++)
		stats_hist_show(m, &brw->hist[i], &sections[i], false);
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
