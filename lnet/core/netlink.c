// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family "lnet" (include/uapi/lnet.h): every command ends in the
 * function that module parameters use too. Commands run side by side; those that
 * change interfaces take lnet_config_mutex.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include "core.h"
#include "uapi/lnet.h"

static struct genl_family lnet_family;

static const struct nla_policy policy[__LNET_ATTR_MAX] = {
	[LNET_ATTR_LOAD]	= { .type = NLA_FLAG },
	[LNET_ATTR_NET]		= { .type = NLA_NUL_STRING, .len = LNET_NIDSTR_SIZE - 1 },
	[LNET_ATTR_IFNAME]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[LNET_ATTR_NID]		= { .type = NLA_NUL_STRING, .len = LNET_NIDSTR_SIZE - 1 },
	[LNET_ATTR_PRIMARY]	= { .type = NLA_NUL_STRING, .len = LNET_NIDSTR_SIZE - 1 },
	[LNET_ATTR_SOURCE]	= { .type = NLA_NUL_STRING, .len = LNET_NIDSTR_SIZE - 1 },
	[LNET_ATTR_TIMEOUT]	= NLA_POLICY_MIN(NLA_U32, 1),
	[LNET_ATTR_TUNABLES]	= NLA_POLICY_EXACT_LEN(sizeof(struct lnet_uapi_tunables)),
	[LNET_ATTR_NAME]	= { .type = NLA_NUL_STRING, .len = 63 },
	[LNET_ATTR_VALUE]	= { .type = NLA_U32 },
};

static int get_nid(struct genl_info *info, int attr, lnet_nid_t *nid)
{
	if (!info->attrs[attr])
		return -EINVAL;
	return lnet_nid_parse(nla_data(info->attrs[attr]), nid);
}

static int put_nid(struct sk_buff *skb, int attr, lnet_nid_t nid)
{
	char buf[LNET_NIDSTR_SIZE];

	return nla_put_string(skb, attr, lnet_nid_str(nid, buf));
}

/* Begin an answer to a command that is no dump */
static struct sk_buff *answer_new(struct genl_info *info, int cmd, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &lnet_family, 0, cmd);
	if (*hdr)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int answer_end(struct genl_info *info, struct sk_buff *skb, void *hdr, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* --- the network --- */

static int cmd_configure(struct sk_buff *skb, struct genl_info *info)
{
	return lnet_configure(info->attrs[LNET_ATTR_LOAD]);
}

static int cmd_unconfigure(struct sk_buff *skb, struct genl_info *info)
{
	return lnet_unconfigure();
}

static int get_net_attr(struct genl_info *info, u32 *net)
{
	if (!info->attrs[LNET_ATTR_NET])
		return -EINVAL;
	return lnet_net_parse(nla_data(info->attrs[LNET_ATTR_NET]), net);
}

static int cmd_net_add(struct sk_buff *skb, struct genl_info *info)
{
	struct lnet_tunables tun = { -1, -1, -1, -1, -1 };
	const char *ifname = NULL;
	u32 net;
	int err = get_net_attr(info, &net);

	if (err)
		return err;
	if (net == LNET_NET_LO)
		return -EINVAL;
	if (info->attrs[LNET_ATTR_IFNAME])
		ifname = nla_data(info->attrs[LNET_ATTR_IFNAME]);
	if (info->attrs[LNET_ATTR_TUNABLES]) {
		const struct lnet_uapi_tunables *t = nla_data(info->attrs[LNET_ATTR_TUNABLES]);

		tun.peer_timeout = t->peer_timeout;
		tun.peer_credits = t->peer_credits;
		tun.peer_buffer_credits = t->peer_buffer_credits;
		tun.credits = t->credits;
		tun.conns_per_peer = t->conns_per_peer;
	}
	mutex_lock(&lnet_config_mutex);
	err = lnet_is_up() ? lnet_ni_add(net, ifname, &tun, genl_info_net(info)) : -ENETDOWN;
	mutex_unlock(&lnet_config_mutex);
	return err;
}

static int cmd_net_del(struct sk_buff *skb, struct genl_info *info)
{
	const char *ifname = NULL;
	u32 net;
	int err = get_net_attr(info, &net);

	if (err)
		return err;
	if (info->attrs[LNET_ATTR_IFNAME])
		ifname = nla_data(info->attrs[LNET_ATTR_IFNAME]);
	mutex_lock(&lnet_config_mutex);
	err = lnet_is_up() ? lnet_ni_del(net, ifname) : -ENETDOWN;
	mutex_unlock(&lnet_config_mutex);
	return err;
}

static int put_counters(struct sk_buff *skb, const struct lnet_stats *s)
{
	struct lnet_uapi_counters c;
	int i;

	for (i = 0; i < LNET_STAT_TYPES; i++) {
		c.sent[i] = atomic64_read(&s->sent[i]);
		c.received[i] = atomic64_read(&s->received[i]);
		c.dropped[i] = atomic64_read(&s->dropped[i]);
	}
	return nla_put(skb, LNET_ATTR_COUNTERS, sizeof(c), &c);
}

static int put_ni(struct sk_buff *skb, const struct lnet_ni *ni)
{
	const struct lnet_uapi_tunables tun = {
		.peer_timeout = ni->tunables.peer_timeout,
		.peer_credits = ni->tunables.peer_credits,
		.peer_buffer_credits = ni->tunables.peer_buffer_credits,
		.credits = ni->tunables.credits,
		.conns_per_peer = ni->tunables.conns_per_peer,
	};
	const struct lnet_uapi_credits cr = {
		.max = ni->tunables.credits,
		.available = atomic_read(&ni->tx_credits),
		.min = atomic_read(&ni->min_tx_credits),
		.refcount = refcount_read(&ni->refs),
		.health = READ_ONCE(ni->down) ? 0 : 1000,
	};
	char net[LNET_NIDSTR_SIZE];

	return nla_put_string(skb, LNET_ATTR_NET, lnet_net_str(ni->net, net)) ?:
	       put_nid(skb, LNET_ATTR_NID, ni->nid) ?:
	       nla_put_string(skb, LNET_ATTR_IFNAME, ni->ifname) ?:
	       nla_put_u8(skb, LNET_ATTR_UP, !READ_ONCE(ni->down)) ?:
	       nla_put(skb, LNET_ATTR_TUNABLES, sizeof(tun), &tun) ?:
	       nla_put(skb, LNET_ATTR_CREDITS, sizeof(cr), &cr) ?:
	       put_counters(skb, &ni->stats);
}

static void *dump_begin(struct sk_buff *skb, struct netlink_callback *cb, int cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &lnet_family,
			   NLM_F_MULTI, cmd);
}

static int dump_nets(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lnet_ni *ni;
	long n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link) {
		void *hdr;

		if (n++ < cb->args[0])
			continue;
		hdr = dump_begin(skb, cb, LNET_CMD_NET_GET);
		if (!hdr)
			break;
		if (put_ni(skb, ni)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = n;
	}
	rcu_read_unlock();
	return skb->len;
}

/* --- peers --- */

static int cmd_peer_add(struct sk_buff *skb, struct genl_info *info)
{
	lnet_nid_t primary, nid;
	int err = get_nid(info, LNET_ATTR_PRIMARY, &primary) ?: get_nid(info, LNET_ATTR_NID, &nid);

	if (err)
		return err;
	return lnet_is_up() ? lnet_peer_add(primary, nid) : -ENETDOWN;
}

static int cmd_peer_del(struct sk_buff *skb, struct genl_info *info)
{
	lnet_nid_t primary, nid;
	int err = get_nid(info, LNET_ATTR_PRIMARY, &primary) ?: get_nid(info, LNET_ATTR_NID, &nid);

	return err ?: lnet_peer_del(primary, nid);
}

static int put_peer_ni(struct sk_buff *skb, const struct lnet_peer *peer,
		       const struct lnet_peer_ni *lp)
{
	struct lnet_ni *ni = lnet_ni_select(LNET_NID_NET(lp->nid), LNET_NID_ANY);
	struct lnet_uapi_credits cr = {
		.max = ni ? ni->tunables.peer_credits : 0,
		.refcount = refcount_read(&lp->refs),
		.health = atomic_read(&lp->health),
		.multi_rail = !!(peer->features & LNET_PING_FEAT_MULTI_RAIL),
	};

	cr.available = cr.max - atomic_read(&lp->in_flight);
	cr.min = cr.max - atomic_read(&lp->max_in_flight);
	if (ni)
		lnet_ni_put(ni);
	return put_nid(skb, LNET_ATTR_PRIMARY, peer->primary) ?:
	       put_nid(skb, LNET_ATTR_NID, lp->nid) ?:
	       nla_put(skb, LNET_ATTR_CREDITS, sizeof(cr), &cr) ?:
	       nla_put_u32(skb, LNET_ATTR_FEATURES, peer->features) ?:
	       put_counters(skb, &lp->stats);
}

static int dump_peer(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct lnet_peer *peer, long *n)
{
	const struct lnet_peer_ni *lp;

	list_for_each_entry(lp, &peer->nis, link) {
		void *hdr;

		if ((*n)++ < cb->args[0])
			continue;
		hdr = dump_begin(skb, cb, LNET_CMD_PEER_GET);
		if (!hdr)
			return -EMSGSIZE;
		if (put_peer_ni(skb, peer, lp)) {
			genlmsg_cancel(skb, hdr);
			return -EMSGSIZE;
		}
		genlmsg_end(skb, hdr);
		cb->args[0] = *n;
	}
	return 0;
}

static int dump_peers(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lnet_peer *peer;
	long n = 0;

	spin_lock_bh(&lnet_peer_lock);
	list_for_each_entry(peer, &lnet_peers, link)
		if (dump_peer(skb, cb, peer, &n))
			break;
	spin_unlock_bh(&lnet_peer_lock);
	return skb->len;
}

static int put_ping(struct sk_buff *skb, const struct lnet_wire_ping_info *pi, size_t size,
		    lnet_nid_t primary)
{
	unsigned int nnis = min_t(size_t, le32_to_cpu(pi->pi_nnis),
				  (size - sizeof(*pi)) / sizeof(pi->pi_ni[0]));
	struct nlattr *nest;
	unsigned int i;

	if (put_nid(skb, LNET_ATTR_PRIMARY, primary) ||
	    nla_put_u32(skb, LNET_ATTR_FEATURES, le32_to_cpu(pi->pi_features)))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, LNET_ATTR_NIDS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < nnis; i++)
		if (put_nid(skb, LNET_ATTR_NID, le64_to_cpu(pi->pi_ni[i].ns_nid)))
			break;	/* more than a message holds: show what fits */
	nla_nest_end(skb, nest);
	return 0;
}

static int cmd_ping(struct sk_buff *skb, struct genl_info *info)
{
	lnet_nid_t nid, source = LNET_NID_ANY;
	struct lnet_wire_ping_info *pi;
	unsigned int timeout_ms = 1000;
	size_t size;
	void *hdr;
	int err = get_nid(info, LNET_ATTR_NID, &nid);

	if (!err && info->attrs[LNET_ATTR_SOURCE])
		err = get_nid(info, LNET_ATTR_SOURCE, &source);
	if (err)
		return err;
	if (info->attrs[LNET_ATTR_TIMEOUT])
		timeout_ms = min(nla_get_u32(info->attrs[LNET_ATTR_TIMEOUT]), 300000U);
	pi = kzalloc(LNET_PING_INFO_SIZE(LNET_PING_MAX_NIS), GFP_KERNEL);
	if (!pi)
		return -ENOMEM;
	if (info->genlhdr->cmd == LNET_CMD_DISCOVER)
		err = lnet_discover(nid);
	if (!err)
		err = lnet_ping(nid, source, timeout_ms, LNET_PING_MAX_NIS, pi, &size);
	if (!err) {
		skb = answer_new(info, info->genlhdr->cmd, &hdr);
		err = skb ? answer_end(info, skb, hdr,
				       put_ping(skb, pi, size, lnet_primary_nid(nid))) : -ENOMEM;
	}
	kfree(pi);
	return err;
}

static int cmd_distance(struct sk_buff *skb, struct genl_info *info)
{
	lnet_nid_t nid;
	void *hdr;
	int err = get_nid(info, LNET_ATTR_NID, &nid), dist;

	if (err)
		return err;
	dist = lnet_distance(nid);
	if (dist < 0)
		return dist;
	skb = answer_new(info, LNET_CMD_DISTANCE, &hdr);
	if (!skb)
		return -ENOMEM;
	return answer_end(info, skb, hdr, nla_put_u32(skb, LNET_ATTR_VALUE, dist));
}

/* --- numbers --- */

static void sum(const struct lnet_stats *s, u64 *sent, u64 *received)
{
	int i;

	for (i = 0; i < LNET_STAT_TYPES; i++) {
		*sent += atomic64_read(&s->sent[i]);
		*received += atomic64_read(&s->received[i]);
	}
}

void lnet_stats_get(struct lnet_uapi_stats *st)
{
	struct lnet_ni *ni;

	memset(st, 0, sizeof(*st));
	rcu_read_lock();
	list_for_each_entry_rcu(ni, &lnet_nis, link)
		sum(&ni->stats, &st->send_count, &st->recv_count);
	rcu_read_unlock();
	st->msgs_alloc = atomic_read(&lnet_msgs);
	st->msgs_max = atomic_read(&lnet_msgs_max);
	st->errors = atomic64_read(&lnet_error_count);
	st->drop_count = atomic64_read(&lnet_drop_count);
	st->send_length = atomic64_read(&lnet_sent_bytes);
	st->recv_length = atomic64_read(&lnet_recv_bytes);
	st->drop_length = atomic64_read(&lnet_drop_bytes);
	st->response_timeout_count = atomic64_read(&lnet_response_timeouts);
}

static int cmd_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lnet_uapi_stats st;
	void *hdr;

	skb = answer_new(info, LNET_CMD_STATS_GET, &hdr);
	if (!skb)
		return -ENOMEM;
	lnet_stats_get(&st);
	return answer_end(info, skb, hdr, nla_put(skb, LNET_ATTR_STATS, sizeof(st), &st));
}

static int cmd_stats_reset(struct sk_buff *skb, struct genl_info *info)
{
	lnet_stats_reset();
	return 0;
}

static int dump_params(struct sk_buff *skb, struct netlink_callback *cb)
{
	lnet_params_refresh();
	for (; cb->args[0] < lnet_nr_globals; cb->args[0]++) {
		const struct lnet_param *p = &lnet_globals[cb->args[0]];
		void *hdr = dump_begin(skb, cb, LNET_CMD_PARAM_GET);

		if (!hdr)
			break;
		if (nla_put_string(skb, LNET_ATTR_NAME, p->name) ||
		    nla_put_u32(skb, LNET_ATTR_VALUE, *p->value)) {
			genlmsg_cancel(skb, hdr);
			break;
		}
		genlmsg_end(skb, hdr);
	}
	return skb->len;
}

static int cmd_param_set(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[LNET_ATTR_NAME] || !info->attrs[LNET_ATTR_VALUE])
		return -EINVAL;
	return lnet_param_set(nla_data(info->attrs[LNET_ATTR_NAME]),
			      nla_get_u32(info->attrs[LNET_ATTR_VALUE]));
}

static const struct genl_ops ops[] = {
	{ .cmd = LNET_CMD_CONFIGURE,	.flags = GENL_ADMIN_PERM, .doit = cmd_configure },
	{ .cmd = LNET_CMD_UNCONFIGURE,	.flags = GENL_ADMIN_PERM, .doit = cmd_unconfigure },
	{ .cmd = LNET_CMD_NET_ADD,	.flags = GENL_ADMIN_PERM, .doit = cmd_net_add },
	{ .cmd = LNET_CMD_NET_DEL,	.flags = GENL_ADMIN_PERM, .doit = cmd_net_del },
	{ .cmd = LNET_CMD_NET_GET,	.dumpit = dump_nets },
	{ .cmd = LNET_CMD_PEER_ADD,	.flags = GENL_ADMIN_PERM, .doit = cmd_peer_add },
	{ .cmd = LNET_CMD_PEER_DEL,	.flags = GENL_ADMIN_PERM, .doit = cmd_peer_del },
	{ .cmd = LNET_CMD_PEER_GET,	.dumpit = dump_peers },
	{ .cmd = LNET_CMD_PING,		.flags = GENL_ADMIN_PERM, .doit = cmd_ping },
	{ .cmd = LNET_CMD_DISCOVER,	.flags = GENL_ADMIN_PERM, .doit = cmd_ping },
	{ .cmd = LNET_CMD_STATS_GET,	.doit = cmd_stats_get },
	{ .cmd = LNET_CMD_STATS_RESET,	.flags = GENL_ADMIN_PERM, .doit = cmd_stats_reset },
	{ .cmd = LNET_CMD_PARAM_GET,	.dumpit = dump_params },
	{ .cmd = LNET_CMD_PARAM_SET,	.flags = GENL_ADMIN_PERM, .doit = cmd_param_set },
	{ .cmd = LNET_CMD_DISTANCE,	.doit = cmd_distance },
};

static struct genl_family lnet_family __ro_after_init = {
	.name		= LNET_GENL_NAME,
	.version	= LNET_GENL_VERSION,
	.maxattr	= LNET_ATTR_MAX,
	.policy		= policy,
	.module		= THIS_MODULE,
	.ops		= ops,
	.n_ops		= ARRAY_SIZE(ops),
	.resv_start_op	= __LNET_CMD_MAX,
	.netnsok	= true,
	.parallel_ops	= true,
};

int lnet_netlink_init(void)
{
	return genl_register_family(&lnet_family);
}

void lnet_netlink_exit(void)
{
	genl_unregister_family(&lnet_family);
}
