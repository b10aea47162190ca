// SPDX-License-Identifier: GPL-2.0
/*
 * Text of NIDs and nets (chapter 01, 2.1 and 2.2). Lists of NID ranges are not here.
 */
#include <linux/export.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "core.h"

struct net_type {
	u32		type;
	const char	*name;
	bool		ip;	/* addresses are IPv4, else numbers */
};

static const struct net_type net_types[] = {
	{ LNET_NET_TYPE_TCP,  "tcp",  true },
	{ LNET_NET_TYPE_O2IB, "o2ib", true },
	{ LNET_NET_TYPE_LO,   "lo",   false },
	{ LNET_NET_TYPE_GNI,  "gni",  false },
	{ LNET_NET_TYPE_GIP,  "gip",  true },
	{ LNET_NET_TYPE_PTLF, "ptlf", false },
	{ LNET_NET_TYPE_KFI,  "kfi",  false },
};

static const struct net_type *find_type(u32 type)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(net_types); i++)
		if (net_types[i].type == type)
			return &net_types[i];
	return NULL;
}

const char *lnet_net_type_name(u32 type)
{
	const struct net_type *t = find_type(type);

	return t ? t->name : NULL;
}

/* Read "tcp" or "tcp1"; "lo" takes no number */
int lnet_net_parse(const char *str, u32 *net)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(net_types); i++) {
		const struct net_type *t = &net_types[i];
		size_t len = strlen(t->name);
		u16 num = 0;

		if (strncmp(str, t->name, len))
			continue;
		str += len;
		if (*str && (t->type == LNET_NET_TYPE_LO || !isdigit(*str) ||
			     kstrtou16(str, 10, &num)))
			return -EINVAL;
		*net = LNET_MKNET(t->type, num);
		return 0;
	}
	return -EINVAL;
}

char *lnet_net_str(u32 net, char *buf)
{
	const char *name = lnet_net_type_name(LNET_NET_TYPE(net));

	if (!name)
		snprintf(buf, LNET_NIDSTR_SIZE, "<%u:%u>", LNET_NET_TYPE(net),
			 LNET_NET_NUM(net));
	else if (LNET_NET_NUM(net))
		snprintf(buf, LNET_NIDSTR_SIZE, "%s%u", name, LNET_NET_NUM(net));
	else
		strscpy(buf, name, LNET_NIDSTR_SIZE);
	return buf;
}
EXPORT_SYMBOL_GPL(lnet_net_str);

static int parse_address(const struct net_type *t, const char *str, size_t len, u32 *addr)
{
	char num[16];
	const char *end;
	__be32 ip;

	if (t->ip) {
		if (!in4_pton(str, len, (u8 *)&ip, -1, &end) || end != str + len)
			return -EINVAL;
		*addr = be32_to_cpu(ip);
		return 0;
	}
	if (len >= sizeof(num))
		return -EINVAL;
	memcpy(num, str, len);
	num[len] = 0;
	if (!isdigit(num[0]) || kstrtou32(num, 0, addr))
		return -EINVAL;
	return t->type == LNET_NET_TYPE_LO && *addr ? -EINVAL : 0;
}

int lnet_nid_parse(const char *str, lnet_nid_t *nid)
{
	const char *at = strchr(str, '@');
	u32 net = LNET_MKNET(LNET_NET_TYPE_TCP, 0);
	u32 addr;
	int err;

	if (at) {
		err = lnet_net_parse(at + 1, &net);
		if (err)
			return err;
	}
	err = parse_address(find_type(LNET_NET_TYPE(net)), str,
			    at ? at - str : strlen(str), &addr);
	if (err)
		return err;
	*nid = LNET_MKNID(net, addr);
	return 0;
}
EXPORT_SYMBOL_GPL(lnet_nid_parse);

char *lnet_nid_str(lnet_nid_t nid, char *buf)
{
	const struct net_type *t = find_type(LNET_NET_TYPE(LNET_NID_NET(nid)));
	char net[LNET_NIDSTR_SIZE];
	u32 addr = LNET_NID_ADDR(nid);

	if (nid == LNET_NID_ANY)
		return strcpy(buf, "<?>");
	if (!t) {
		snprintf(buf, LNET_NIDSTR_SIZE, "%x@<%u:%u>", addr,
			 LNET_NET_TYPE(LNET_NID_NET(nid)), LNET_NET_NUM(LNET_NID_NET(nid)));
		return buf;
	}
	lnet_net_str(LNET_NID_NET(nid), net);
	if (t->ip)
		snprintf(buf, LNET_NIDSTR_SIZE, "%u.%u.%u.%u@%.32s", addr >> 24,
			 (addr >> 16) & 0xff, (addr >> 8) & 0xff, addr & 0xff, net);
	else
		snprintf(buf, LNET_NIDSTR_SIZE, "%u@%.32s", addr, net);
	return buf;
}
EXPORT_SYMBOL_GPL(lnet_nid_str);
