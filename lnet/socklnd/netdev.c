// SPDX-License-Identifier: GPL-2.0
/*
 * The devices below the interfaces: choosing one, its address and speed, and what
 * happens to it later. Namespaces are compared before anything else, since numbers
 * and names of devices repeat in each of them (chapter 01, 12.1 and 12.2).
 */
#include <linux/ethtool.h>
#include <linux/inetdevice.h>
#include <linux/log2.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include "socklnd.h"

static const struct in_ifaddr *first_address(const struct net_device *dev)
{
	struct in_device *in = __in_dev_get_rtnl(dev);
	const struct in_ifaddr *ifa;

	if (!in)
		return NULL;
	in_dev_for_each_ifa_rtnl(ifa, in)
		if (!(ifa->ifa_flags & IFA_F_SECONDARY))
			return ifa;
	return NULL;
}

/* Connections of each bulk type that the link's speed is worth (chapter 01, 6.3) */
unsigned int ksock_conns_of_speed(u32 mbps)
{
	if (mbps == (u32)SPEED_UNKNOWN || mbps < 1000)
		return 1;
	return ilog2(mbps / 1000) / 2 + 1;
}

static void use_device(struct ksock_ni *kn, struct net_device *dev, const struct in_ifaddr *ifa)
{
	struct ethtool_link_ksettings ks = {};
	struct lnet_ni *ni = kn->ni;

	strscpy(ni->ifname, dev->name, sizeof(ni->ifname));
	ni->ifindex = dev->ifindex;
	ni->nid = LNET_MKNID(ni->net, be32_to_cpu(ifa->ifa_local));
	if (ni->tunables.conns_per_peer > 0)
		return;
	if (__ethtool_get_link_ksettings(dev, &ks))
		ks.base.speed = SPEED_UNKNOWN;
	ni->tunables.conns_per_peer = ksock_conns_of_speed(ks.base.speed);
}

/* Fill in device, address and connections of kn->ni, by name or the first that is usable */
int ksock_find_device(struct ksock_ni *kn)
{
	struct lnet_ni *ni = kn->ni;
	const struct in_ifaddr *ifa;
	struct net_device *dev;
	int err = -ENODEV;

	rtnl_lock();
	if (*ni->ifname) {
		dev = __dev_get_by_name(ni->netns, ni->ifname);
		ifa = dev ? first_address(dev) : NULL;
		if (dev && !(dev->flags & IFF_UP))
			err = -ENETDOWN;
		else if (dev && !ifa)
			err = -EADDRNOTAVAIL;
		else if (dev)
			err = 0;
	} else {
		for_each_netdev(ni->netns, dev) {
			if (!(dev->flags & IFF_UP) || (dev->flags & IFF_LOOPBACK))
				continue;
			ifa = first_address(dev);
			if (ifa) {
				err = 0;
				break;
			}
		}
	}
	if (!err)
		use_device(kn, dev, ifa);
	rtnl_unlock();
	return err;
}

static bool device_down(const struct net_device *dev)
{
	return !(dev->flags & IFF_UP) || !netif_oper_up(dev);
}

static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct ksock_ni *kn;
	bool down;

	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		down = device_down(dev);
		break;
	case NETDEV_UNREGISTER:
		down = true;
		break;
	default:
		return NOTIFY_DONE;
	}
	spin_lock_bh(&ksock_nis_lock);
	list_for_each_entry(kn, &ksock_nis, link)
		if (net_eq(kn->ni->netns, dev_net(dev)) && kn->ni->ifindex == dev->ifindex)
			lnet_ni_set_down(kn->ni, down);
	spin_unlock_bh(&ksock_nis_lock);
	return NOTIFY_DONE;
}

static int inetaddr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->ifa_dev->dev;
	struct ksock_ni *kn;

	if (event != NETDEV_UP && event != NETDEV_DOWN)
		return NOTIFY_DONE;
	spin_lock_bh(&ksock_nis_lock);
	list_for_each_entry(kn, &ksock_nis, link)
		if (net_eq(kn->ni->netns, dev_net(dev)) && kn->ni->ifindex == dev->ifindex &&
		    LNET_NID_ADDR(kn->ni->nid) == be32_to_cpu(ifa->ifa_local))
			lnet_ni_set_down(kn->ni, event == NETDEV_DOWN || device_down(dev));
	spin_unlock_bh(&ksock_nis_lock);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = { .notifier_call = netdev_event };
static struct notifier_block inetaddr_notifier = { .notifier_call = inetaddr_event };

int ksock_netdev_init(void)
{
	int err = register_netdevice_notifier(&netdev_notifier);

	if (err)
		return err;
	err = register_inetaddr_notifier(&inetaddr_notifier);
	if (err)
		unregister_netdevice_notifier(&netdev_notifier);
	return err;
}

void ksock_netdev_exit(void)
{
	unregister_inetaddr_notifier(&inetaddr_notifier);
	unregister_netdevice_notifier(&netdev_notifier);
}
