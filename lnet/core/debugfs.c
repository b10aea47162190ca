// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/lnet: nis, peers, stats, as "lctl get_param" shows them
 * (chapter 01, 11.2).
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "core.h"
#include "uapi/lnet.h"

static struct dentry *dir;

static int nis_show(struct seq_file *m, void *v)
{
	struct lnet_ni *ni;
	char nid[LNET_NIDSTR_SIZE];

	seq_printf(m, "%-24s %6s %5s %4s %4s %4s %5s %5s %5s\n", "nid", "status", "alive",
		   "refs", "peer", "rtr", "max", "tx", "min");
	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		seq_printf(m, "%-24s %6s %5lu %4u %4d %4d %5d %5d %5d\n",
			   lnet_nid_str(ni->nid, nid), READ_ONCE(ni->down) ? "down" : "up",
			   ni->net == LNET_NET_LO ? 0 :
			   (jiffies - READ_ONCE(ni->last_alive)) / HZ, refcount_read(&ni->refs),
			   ni->tunables.peer_credits, ni->tunables.peer_buffer_credits,
			   ni->tunables.credits, atomic_read(&ni->tx_credits),
			   atomic_read(&ni->min_tx_credits));
	rcu_read_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nis);

static void show_peer_ni(struct seq_file *m, struct lnet_peer_ni *lp)
{
	struct lnet_ni *ni = lnet_ni_select(LNET_NID_NET(lp->nid), LNET_NID_ANY);
	int credits = ni ? ni->tunables.peer_credits : 0;
	char nid[LNET_NIDSTR_SIZE];

	if (ni)
		lnet_ni_put(ni);
	seq_printf(m, "%-24s %4u %5s %5s %5d %5d %5d %5d %5d %d\n",
		   lnet_nid_str(lp->nid, nid), refcount_read(&lp->refs), "NA", "-1", credits,
		   credits, credits, credits - atomic_read(&lp->in_flight),
		   credits - atomic_read(&lp->max_in_flight), 0);
}

static int peers_show(struct seq_file *m, void *v)
{
	struct lnet_peer_ni *lp;
	struct lnet_peer *peer;

	seq_printf(m, "%-24s %4s %5s %5s %5s %5s %5s %5s %5s %s\n", "nid", "refs", "state",
		   "last", "max", "rtr", "min", "tx", "min", "queue");
	spin_lock_bh(&lnet_peer_lock);
	list_for_each_entry(peer, &lnet_peers, link)
		list_for_each_entry(lp, &peer->nis, link)
			show_peer_ni(m, lp);
	spin_unlock_bh(&lnet_peer_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(peers);

static int stats_show(struct seq_file *m, void *v)
{
	struct lnet_uapi_stats st;

	lnet_stats_get(&st);
	seq_printf(m, "%llu %llu %llu %llu %llu 0 %llu %llu %llu 0 %llu\n", st.msgs_alloc,
		   st.msgs_max, st.errors, st.send_count, st.recv_count, st.drop_count,
		   st.send_length, st.recv_length, st.drop_length);
	return 0;
}

/* This node knows no routes and is no router */
static int routes_show(struct seq_file *m, void *v)
{
	seq_puts(m, "Routing disabled\n");
	seq_printf(m, "%-8s %4s %8s %7s %s\n", "net", "hops", "priority", "state", "router");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(routes);

static int routers_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%-4s %7s %5s %s\n", "ref", "rtr_ref", "alive", "router");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(routers);

/* Bytes of messages under way */
static int lnet_memused_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%zu\n", atomic_read(&lnet_msgs) * sizeof(struct lnet_msg));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lnet_memused);

static int stats_open(struct inode *inode, struct file *file)
{
	return single_open(file, stats_show, NULL);
}

/* Writing anything resets the counters */
static ssize_t stats_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	lnet_stats_reset();
	return len;
}

static const struct file_operations stats_fops = {
	.owner		= THIS_MODULE,
	.open		= stats_open,
	.read		= seq_read,
	.write		= stats_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

void lnet_debugfs_init(void)
{
	dir = debugfs_create_dir("lnet", NULL);
	debugfs_create_file("nis", 0444, dir, NULL, &nis_fops);
	debugfs_create_file("peers", 0444, dir, NULL, &peers_fops);
	debugfs_create_file("stats", 0644, dir, NULL, &stats_fops);
	debugfs_create_file("routes", 0444, dir, NULL, &routes_fops);
	debugfs_create_file("routers", 0444, dir, NULL, &routers_fops);
	debugfs_create_file("lnet_memused", 0444, dir, NULL, &lnet_memused_fops);
}

void lnet_debugfs_exit(void)
{
	debugfs_remove_recursive(dir);
}
