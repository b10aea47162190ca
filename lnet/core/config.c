// SPDX-License-Identifier: GPL-2.0
/*
 * The module parameters "networks" and "ip2nets" (chapter 01, 11.1): text to
 * interfaces.
 */
#include <linux/ctype.h>
#include <linux/inetdevice.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core.h"

/* Bring up a net on each interface of a list such as "eth0,eth1[0]", or on the first */
static int add_interfaces(u32 net, char *ifs)
{
	struct net *netns = current->nsproxy->net_ns;
	char *name;
	int err;

	if (!ifs)
		return lnet_ni_add(net, NULL, NULL, netns);
	while ((name = strsep(&ifs, ","))) {
		char *cpts = strchr(name, '[');

		if (cpts)
			*cpts = 0;	/* which CPUs serve it is not ours to say */
		name = strim(name);
		err = lnet_ni_add(net, name, NULL, netns);
		if (err)
			return err;
	}
	return 0;
}

/* Cut one "net[(if,...)][cpts]" off the front; commas inside brackets do not end it */
static char *next_item(char **str, char separator)
{
	char *item = *str, *p;
	int depth = 0;

	if (!item)
		return NULL;
	for (p = item; *p; p++) {
		if (*p == '(' || *p == '[')
			depth++;
		else if (*p == ')' || *p == ']')
			depth--;
		else if (*p == separator && !depth)
			break;
	}
	*str = *p ? p + 1 : NULL;
	*p = 0;
	return strim(item);
}

/* "tcp0(eth0,eth1)[0,1]" */
static int add_net(char *item)
{
	char *ifs = strchr(item, '('), *end;
	u32 net;
	int err;

	if (ifs) {
		end = strchr(ifs, ')');
		if (!end)
			return -EINVAL;
		*end = 0;
		*ifs++ = 0;
	} else {
		end = strchr(item, '[');
		if (end)
			*end = 0;
	}
	err = lnet_net_parse(strim(item), &net);
	if (err)
		return err;
	if (net == LNET_NET_LO)
		return 0;
	return add_interfaces(net, ifs);
}

static int add_networks(char *str)
{
	char *item;
	int err;

	while ((item = next_item(&str, ','))) {
		if (!*item)
			continue;
		err = add_net(item);
		if (err) {
			pr_err("lnet: cannot bring up network '%s': error %d\n", item, err);
			return err;
		}
	}
	return 0;
}

/* One part of an address pattern: number, *, or [lo-hi/stride,...] */
static bool octet_matches(const char *pat, size_t len, unsigned int v)
{
	char buf[64], *p = buf, *item;

	if (len == 1 && *pat == '*')
		return true;
	if (len >= sizeof(buf) || !len)
		return false;
	memcpy(buf, pat, len);
	buf[len] = 0;
	if (*p == '[') {
		if (buf[len - 1] != ']')
			return false;
		buf[len - 1] = 0;
		p++;
	}
	while ((item = strsep(&p, ","))) {
		unsigned int lo, hi, stride;
		int n = sscanf(item, "%u-%u/%u", &lo, &hi, &stride);

		if (n < 1)
			return false;
		if (n == 1)
			hi = lo;
		if (n < 3 || !stride)
			stride = 1;
		if (v >= lo && v <= hi && (v - lo) % stride == 0)
			return true;
	}
	return false;
}

static bool address_matches(const char *pat, u32 addr)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8) {
		size_t len = 0;
		bool inside = false;

		while (pat[len] && (inside || pat[len] != '.')) {
			inside = pat[len] == '[' || (inside && pat[len] != ']');
			len++;
		}
		if (!octet_matches(pat, len, (addr >> shift) & 0xff))
			return false;
		pat += len;
		if (shift && *pat++ != '.')
			return false;
	}
	return !*pat;
}

/* Does any address of this node's namespace match any of the blank separated patterns? */
static bool node_matches(char *patterns)
{
	struct net *netns = current->nsproxy->net_ns;
	struct net_device *dev;
	bool found = false;
	char *pat;

	while (!found && (pat = strsep(&patterns, " \t"))) {
		if (!*pat)
			continue;
		rtnl_lock();
		for_each_netdev(netns, dev) {
			struct in_device *in = __in_dev_get_rtnl(dev);
			const struct in_ifaddr *ifa;

			if (!in || (dev->flags & IFF_LOOPBACK))
				continue;
			in_dev_for_each_ifa_rtnl(ifa, in)
				found |= address_matches(pat, be32_to_cpu(ifa->ifa_local));
		}
		rtnl_unlock();
	}
	return found;
}

/* "net[(if)] pattern ...; ...": the first statement that matches, for each net */
static int add_ip2nets(char *str)
{
	char *item, *comment;
	u32 done[LNET_MAX_NIS];
	unsigned int nr = 0, i;

	while ((item = next_item(&str, ';'))) {
		char *patterns, *end;
		u32 net;
		int err;

		comment = strchr(item, '#');
		if (comment)
			*comment = 0;
		end = strchr(item, ')');
		patterns = strpbrk(end ? end : item, " \t");
		if (!patterns)
			continue;
		*patterns++ = 0;
		end = strchr(item, '(');
		if (end)
			*end = 0;
		err = lnet_net_parse(item, &net);
		if (end)
			*end = '(';
		if (err)
			return err;
		for (i = 0; i < nr && done[i] != net; i++)
			;
		if (i < nr || nr == ARRAY_SIZE(done) || !node_matches(patterns))
			continue;
		done[nr++] = net;
		err = add_net(item);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Bring up what the parameters name; both empty: tcp on the first usable interface.
 * lnet_config_mutex held.
 */
int lnet_config_networks(const char *networks, const char *ip2nets)
{
	char *str;
	int err;

	if (*networks && *ip2nets) {
		pr_err("lnet: 'networks' and 'ip2nets' exclude each other\n");
		return -EINVAL;
	}
	str = kstrdup(*ip2nets ? ip2nets : *networks ? networks : "tcp", GFP_KERNEL);
	if (!str)
		return -ENOMEM;
	strreplace(str, '\n', *ip2nets ? ';' : ',');
	err = *ip2nets ? add_ip2nets(str) : add_networks(str);
	kfree(str);
	return err;
}
