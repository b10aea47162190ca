// SPDX-License-Identifier: GPL-2.0
/*
 * What I/O looks like, as texts with the stock names (chapter 07, 6.4 and 6.7): RPCs of bulk data,
 * osc.NAME.rpc_stats and osc_stats; sizes of reads and writes, llite.NAME.extents_stats.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include "kernel/client/data.h"

/* --- RPCs of one OST, or of the data side of an MDT --- */

static const struct stats_hist_desc rpc_hist[CL_RPC_HISTS] = {
	[CL_RPC_PAGES]	= { "pages per rpc", "rpcs", STATS_POWERS },
	[CL_RPC_FLIGHT]	= { "rpcs in flight", "rpcs", STATS_PLAIN },
	[CL_RPC_OFFSET]	= { "offset", "rpcs", STATS_OFFSETS },
};

void cl_rpc_stats_init(struct cl_rpc_stats *st)
{
	spin_lock_init(&st->lock);
	st->start = ktime_get_real();
	st->lockless_start = st->start;
}

void cl_rpc_wait(struct cl_brw *brw)
{
	struct cl_rpc_stats *st = &brw->obj->osc->rpc_stats;

	spin_lock(&st->lock);
	st->waiting[brw->write] += brw->nr;
	spin_unlock(&st->lock);
}

void cl_rpc_begin(struct cl_brw *brw)
{
	struct cl_rpc_stats *st = &brw->obj->osc->rpc_stats;
	bool write = brw->write;

	spin_lock(&st->lock);
	st->waiting[write] -= brw->nr;
	st->in_flight[write]++;
	if (write && !brw->direct)
		st->dirty_sent += brw->nr;
	stats_hist_add(&st->hist[CL_RPC_PAGES], &rpc_hist[CL_RPC_PAGES], write, brw->nr);
	stats_hist_add(&st->hist[CL_RPC_FLIGHT], &rpc_hist[CL_RPC_FLIGHT], write, st->in_flight[write]);
	stats_hist_add(&st->hist[CL_RPC_OFFSET], &rpc_hist[CL_RPC_OFFSET], write, brw->start >> PAGE_SHIFT);
	spin_unlock(&st->lock);
}

void cl_rpc_end(struct cl_brw *brw, int rc)
{
	struct cl_rpc_stats *st = &brw->obj->osc->rpc_stats;
	bool write = brw->write;

	spin_lock(&st->lock);
	st->in_flight[write]--;
	if (write && !brw->direct)
		st->dirty_sent -= brw->nr;
	if (brw->direct && rc >= 0)
		st->lockless[write] += write ? brw->len : rc;
	spin_unlock(&st->lock);
}

int cl_rpc_stats_show(struct seq_file *m, struct cl_osc *osc)
{
	struct cl_rpc_stats *st = &osc->rpc_stats;
	u64 dirty = READ_ONCE(osc->dirty_bytes) >> PAGE_SHIFT;
	unsigned int i;

	stats_show_times(m, st->start, true, 0);
	spin_lock(&st->lock);
	/* a page that was written is dirty a moment longer than its RPC is in flight */
	seq_printf(m, "read RPCs in flight:  %u\nwrite RPCs in flight: %u\n", st->in_flight[0], st->in_flight[1]);
	seq_printf(m, "pending write pages:  %llu\npending read pages:   %lu\n",
		   dirty - min(dirty, st->dirty_sent), st->waiting[0]);
	for (i = 0; i < CL_RPC_HISTS; i++)
		stats_hist_show(m, &st->hist[i], &rpc_hist[i], true);
	spin_unlock(&st->lock);
	return 0;
}

void cl_rpc_stats_clear(struct cl_osc *osc)
{
	struct cl_rpc_stats *st = &osc->rpc_stats;

	spin_lock(&st->lock);
	memset(st->hist, 0, sizeof(st->hist));
	st->start = ktime_get_real();
	spin_unlock(&st->lock);
}

int cl_lockless_show(struct seq_file *m, struct cl_osc *osc)
{
	struct cl_rpc_stats *st = &osc->rpc_stats;

	stats_show_times(m, st->lockless_start, true, 0);
	spin_lock(&st->lock);
	seq_printf(m, "lockless_write_bytes\t\t%llu\nlockless_read_bytes\t\t%llu\n", st->lockless[1], st->lockless[0]);
	spin_unlock(&st->lock);
	return 0;
}

void cl_lockless_clear(struct cl_osc *osc)
{
	struct cl_rpc_stats *st = &osc->rpc_stats;

	spin_lock(&st->lock);
	memset(st->lockless, 0, sizeof(st->lockless));
	st->lockless_start = ktime_get_real();
	spin_unlock(&st->lock);
}

/* Pages of all files that come from @osc: looks at each, for administrators who ask */
int cl_cached_show(struct seq_file *m, struct cl_osc *osc)
{
	struct super_block *sb = osc->fs->sb;
	struct inode *inode, *last = NULL;
	u64 pages = 0;

	/* an unmount takes the inodes away, and this file when it is done with them */
	if (!down_read_trylock(&sb->s_umount))
		return -EBUSY;
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		if (!S_ISREG(inode->i_mode) || !READ_ONCE(inode->i_mapping->nrpages) || !igrab(inode))
			continue;
		spin_unlock(&sb->s_inode_list_lock);
		iput(last);
		last = inode;
		pages += cl_cached_pages(inode, 0, ULONG_MAX, osc);
		cond_resched();
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	iput(last);
	up_read(&sb->s_umount);
	/* what is cached goes when the kernel needs memory: nothing here reclaims */
	seq_printf(m, "used_mb: %llu\nbusy_cnt: %llu\nreclaim: 0\n", pages >> (20 - PAGE_SHIFT),
		   READ_ONCE(osc->dirty_bytes) >> PAGE_SHIFT);
	return 0;
}

/* --- reads and writes of a mount, once somebody asks for it --- */

static const struct stats_hist_desc extents_hist = { "extents", "calls", STATS_RANGES };

void cl_extents_add(struct cl_fs *fs, bool write, size_t bytes)
{
	struct cl_extents *ext = READ_ONCE(fs->extents);
	struct cl_process *p;

	if (!ext || !READ_ONCE(ext->on))
		return;
	spin_lock(&ext->lock);
	stats_hist_add(&ext->all, &extents_hist, write, bytes);
	for (p = ext->process; p < ext->process + CL_PROCESSES; p++)
		if (p->pid == current->tgid)
			goto found;
	/* in place of the one that came first */
	p = &ext->process[ext->next++ % CL_PROCESSES];
	memset(p, 0, sizeof(*p));
	p->pid = current->tgid;
found:
	stats_hist_add(&p->hist, &extents_hist, write, bytes);
	spin_unlock(&ext->lock);
}

static int extents_show(struct seq_file *m, struct cl_fs *fs, bool processes)
{
	struct cl_extents *ext = READ_ONCE(fs->extents);
	unsigned int i;

	if (!ext || !ext->on) {
		seq_puts(m, "disabled (writing to this file enables it)\n");
		return 0;
	}
	stats_show_times(m, ext->start, true, 0);
	spin_lock(&ext->lock);
	if (!processes)
		stats_hist_show(m, &ext->all, &extents_hist, true);
	for (i = 0; processes && i < CL_PROCESSES; i++) {
		if (!ext->process[i].pid)
			continue;
		seq_printf(m, "\nPID: %d", ext->process[i].pid);
		stats_hist_show(m, &ext->process[i].hist, &extents_hist, true);
	}
	spin_unlock(&ext->lock);
	return 0;
}

int cl_extents_show(struct seq_file *m, void *data)
{
	return extents_show(m, data, false);
}

int cl_extents_process_show(struct seq_file *m, void *data)
{
	return extents_show(m, data, true);
}

/* "0" or "disabled" ends it, anything else begins anew */
int cl_extents_store(void *data, const char *val)
{
	struct cl_extents *ext, *new;
	struct cl_fs *fs = data;

	if (!READ_ONCE(fs->extents)) {
		new = kzalloc(sizeof(*new), GFP_KERNEL);
		if (!new)
			return -ENOMEM;
		spin_lock_init(&new->lock);
		if (cmpxchg(&fs->extents, NULL, new))
			kfree(new);
	}
	ext = fs->extents;
	spin_lock(&ext->lock);
	memset(&ext->all, 0, sizeof(ext->all));
	memset(ext->process, 0, sizeof(ext->process));
	ext->start = ktime_get_real();
	WRITE_ONCE(ext->on, strcmp(val, "0") && strcmp(val, "disabled"));
	spin_unlock(&ext->lock);
	return 0;
}
