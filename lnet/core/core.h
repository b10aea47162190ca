/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of lnet.ko: what its files share.
 *
 * Lock order: lnet_config_mutex > portal or descriptor lock (never two) >
 * lnet_peer_lock. Interfaces are read under RCU. No lock is held while an event
 * callback or a driver runs.
 */
#ifndef SHEEN_LNET_CORE_H
#define SHEEN_LNET_CORE_H

#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "lnd.h"

/* --- module.c --- */
extern struct mutex lnet_config_mutex;
extern struct workqueue_struct *lnet_wq;
extern struct workqueue_struct *lnet_discovery_wq;
int lnet_configure(bool load);
int lnet_unconfigure(void);
bool lnet_is_up(void);

/* --- params.c --- */
extern char *lnet_param_networks;
extern char *lnet_param_ip2nets;
extern char *lnet_param_routes;
extern unsigned int lnet_param_discovery_disabled;

/* A number that can be read and set by name (lnetctl set, global show) */
struct lnet_param {
	const char *name;
	unsigned int *value;
	unsigned int min, max;
};
extern const struct lnet_param lnet_globals[];
extern const unsigned int lnet_nr_globals;
int lnet_param_set(const char *name, unsigned int value);
void lnet_params_refresh(void);
void lnet_params_warn(void);

/* --- config.c --- */
int lnet_config_networks(const char *networks, const char *ip2nets);

/* --- nid.c --- */
int lnet_net_parse(const char *str, u32 *net);
char *lnet_net_str(u32 net, char *buf);
const char *lnet_net_type_name(u32 type);

/* --- ni.c --- */
#define LNET_MAX_NIS 16	/* entries of the smallest ping answer, with 0@lo */

extern struct list_head lnet_nis;	/* 0@lo first, nets together */
int lnet_ni_add(u32 net, const char *ifname, const struct lnet_tunables *tun,
		struct net *netns);
int lnet_ni_del(u32 net, const char *ifname);
void lnet_ni_del_all(void);
struct lnet_ni *lnet_ni_find(lnet_nid_t nid);
struct lnet_ni *lnet_ni_select(u32 net, lnet_nid_t self);
struct lnet_ni *lnet_ni_lo(void);
bool lnet_net_is_up(u32 net);
void lnet_ni_put(struct lnet_ni *ni);
u32 lnet_ni_seq(void);
void lnet_stats_reset(void);

extern atomic64_t lnet_drop_count;
extern atomic64_t lnet_drop_bytes;
extern atomic64_t lnet_sent_bytes;
extern atomic64_t lnet_recv_bytes;
extern atomic64_t lnet_error_count;
extern atomic64_t lnet_response_timeouts;
extern atomic_t lnet_msgs;
extern atomic_t lnet_msgs_max;

/* --- peer.c --- */
#define LNET_MAX_PEERS 65536	/* bound on what strangers can make us remember */

enum lnet_peer_state {
	LNET_PEER_NEW,		/* its NIDs were never asked for */
	LNET_PEER_DISCOVERING,	/* messages wait */
	LNET_PEER_KNOWN,
};

/**
 * struct lnet_peer - another node
 * @nis: its NIDs; the first one is the primary
 * @locked: the primary NID was chosen by our upper layers, keep it
 * @pending: messages that wait for discovery
 * @features: of its ping data
 * @seq: of its ping data
 * @seen_seq: the sequence number of our own ping data that it has
 */
struct lnet_peer {
	struct list_head	link;
	struct list_head	nis;
	lnet_nid_t		primary;
	bool			locked;
	enum lnet_peer_state	state;
	struct list_head	pending;
	u32			features;
	u32			seq;
	u32			seen_seq;
	refcount_t		refs;
	struct work_struct	work;
	struct rcu_head		rcu;
};

/* One NID of another node; all fields but statistics under lnet_peer_lock */
struct lnet_peer_ni {
	struct rhash_head	hash;
	struct list_head	link;
	lnet_nid_t		nid;
	struct lnet_peer	*peer;
	lnet_nid_t		primary;
	refcount_t		refs;
	struct rcu_head		rcu;
	struct lnet_stats	stats;
	atomic_t		in_flight;
	atomic_t		max_in_flight;
	atomic_t		health;
};

extern spinlock_t lnet_peer_lock;
extern struct list_head lnet_peers;
int lnet_peers_init(void);
void lnet_peers_exit(void);
void lnet_peers_clear(void);
struct lnet_peer_ni *lnet_peer_ni_get(lnet_nid_t nid, bool create);
void lnet_peer_ni_put(struct lnet_peer_ni *lp);
void lnet_peer_put(struct lnet_peer *peer);
int lnet_peer_add(lnet_nid_t primary, lnet_nid_t nid);
int lnet_peer_del(lnet_nid_t primary, lnet_nid_t nid);
int lnet_peer_update(lnet_nid_t from, const struct lnet_wire_ping_info *pi, size_t size);
lnet_nid_t lnet_peer_reachable(lnet_nid_t nid);

/* --- md.c --- */
extern u64 lnet_interface_cookie;
void lnet_md_init(void);
int lnet_md_bind(struct lnet_md *md);
struct lnet_md *lnet_md_answer(const struct lnet_wire_handle *wh, u32 rlength,
			       enum lnet_event_type answer, u32 *mlength);
void lnet_md_start(struct lnet_md *md, spinlock_t *lock);
bool lnet_md_dead(const struct lnet_md *md);
void lnet_md_use(struct lnet_md *md);
void lnet_md_kill(struct lnet_md *md);
void lnet_md_done(struct lnet_msg *msg);
void lnet_md_expect(struct lnet_md *md, enum lnet_event_type answer);
void lnet_md_sink(struct lnet_msg *msg);
int lnet_md_check(const struct lnet_md *md);
struct lnet_msg *lnet_msg_alloc(void);
void lnet_msg_free(struct lnet_msg *msg);
int lnet_msg_cache_init(void);
void lnet_msg_cache_exit(void);
void lnet_md_timeouts(bool on);

/* --- match.c --- */
enum lnet_match { LNET_MATCHED, LNET_DROPPED, LNET_DELAYED };
int lnet_portals_init(void);
void lnet_portals_exit(void);
enum lnet_match lnet_match(struct lnet_msg *msg);
enum lnet_match lnet_match_or_delay(struct lnet_msg *msg);

/* --- parse.c --- */
void lnet_drop(struct lnet_ni *ni, struct lnet_peer_ni *lp, u32 type, u32 bytes);
void lnet_put_arrived(struct lnet_msg *msg);

/* --- send.c --- */
void lnet_send(struct lnet_msg *msg);
void lnet_post(struct lnet_msg *msg);
void lnet_reply(struct lnet_msg *msg, struct lnet_ni *ni);
void lnet_send_ack(const struct lnet_msg *put, u32 mlength);
extern const struct lnet_lnd lnet_lo_lnd;

/* --- ping.c --- */
size_t lnet_ping_info(struct lnet_wire_ping_info *pi, unsigned int max);
int lnet_ping_check(const struct lnet_wire_ping_info *pi, size_t size);
int lnet_ping(lnet_nid_t nid, lnet_nid_t self, unsigned int timeout_ms, unsigned int max,
	      struct lnet_wire_ping_info *pi, size_t *size);
int lnet_push(lnet_nid_t nid, unsigned int timeout_ms);

/* --- discovery.c --- */
bool lnet_discovery_hold(struct lnet_msg *msg, struct lnet_peer_ni *lp);
void lnet_discover_work(struct work_struct *work);
int lnet_discover(lnet_nid_t nid);
void lnet_push_all(void);

/* --- netlink.c, debugfs.c --- */
struct lnet_uapi_stats;
void lnet_stats_get(struct lnet_uapi_stats *st);
int lnet_netlink_init(void);
void lnet_netlink_exit(void);
void lnet_debugfs_init(void);
void lnet_debugfs_exit(void);

#endif
