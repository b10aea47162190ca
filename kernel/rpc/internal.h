/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kernel/rpc share. Nobody else includes this.
 *
 * Lock order: import lock > request lock; service lock > export lock > request lock of
 * the server side; target lock > export lock. LNet is never called under any of them:
 * its events may come before such a call returns, and they take these locks.
 */
#ifndef SHEEN_RPC_INTERNAL_H
#define SHEEN_RPC_INTERNAL_H

#include "kernel/rpc/rpc.h"

#define RPC_SIZE_UNSET		(~0U)	/* in rpc_msg.size[] */
#define RPC_XID_STEP		64U	/* and largest number of MDs of a bulk */
#define RPC_BULK_MAX_MD		RPC_XID_STEP
#define RPC_EARLY_SIZE		RPC_REPLY_OFFSET
#define RPC_CONNECT_REPLY_OCD	320U	/* room for connect data in a reply (4.5) */

/* --- message.c --- */

/** struct rpc_buf - memory of one message; contiguous for us, fragments for LNet */
struct rpc_buf {
	void		*data;
	u32		size;
	unsigned int	nr;
	struct bio_vec	*bv;
	struct bio_vec	one;
};

int rpc_buf_alloc(struct rpc_buf *b, u32 size, gfp_t gfp);
void rpc_buf_trim(struct rpc_buf *b, u32 len);
void rpc_buf_free(struct rpc_buf *b);
void rpc_msg_init(struct rpc_msg *m, const u8 *fields, unsigned int nr);
unsigned int rpc_msg_sizes(const struct rpc_msg *m, u32 *lens, bool reply);
u32 rpc_msg_size(unsigned int nr, const u32 *lens);
int rpc_msg_check(const struct lustre_msg_v2 *msg, u32 len);
int rpc_msg_parse(struct rpc_msg *m, void *data, u32 len);
int rpc_msg_pack(struct rpc_msg *m, struct rpc_buf *buf, bool reply, gfp_t gfp);
int rpc_msg_mandatory(const struct rpc_msg *m, unsigned int nr_min);
u32 rpc_opc_version(u32 opc);
u32 rpc_early_cksum(const void *body, u32 len);
int rpc_status_to_wire(int status);

/* --- timeout.c: adaptive timeouts (chapter 02, 6) --- */

#define RPC_AT_INITIAL		5U
#define RPC_AT_LIMIT		3600U	/* whatever a peer says, nobody waits longer */
#define RPC_CONNECT_TIMEOUT	5U
#define RPC_AT_BINS		4

/** struct rpc_at - highest sample of the last rpc_at_history seconds, in bins */
struct rpc_at {
	spinlock_t	lock;
	unsigned int	initial;
	unsigned int	bin[RPC_AT_BINS];
	time64_t	start;		/* of bin[0] */
};

void rpc_at_init(struct rpc_at *at, unsigned int initial);
void rpc_at_sample(struct rpc_at *at, unsigned int seconds);
unsigned int rpc_at_estimate(struct rpc_at *at);
unsigned int rpc_at_est2timeout(unsigned int est);
unsigned int rpc_at_timeout2est(unsigned int timeout);

/* --- stats.c: operations by opcode --- */

#define RPC_STATS_SLOTS		80

/* Counted beside opcodes: what is no time of an opcode, and opcodes that are several things */
enum {
	RPC_STAT_FIRST		= 0x10000,
	RPC_STAT_WAITTIME	= RPC_STAT_FIRST,	/* us in the queue; client: until the reply */
	RPC_STAT_QDEPTH,	/* requests that waited when one came */
	RPC_STAT_ACTIVE,	/* requests worked on, or sent, when one began */
	RPC_STAT_TIMEOUT,	/* s that its client waits */
	RPC_STAT_BUFFERS,	/* request buffers that were posted when it came */
	RPC_STAT_READ_BYTES,
	RPC_STAT_WRITE_BYTES,
	RPC_STAT_GLIMPSE,
	RPC_STAT_ENQUEUE	= 0x10100,	/* + type of lock */
	RPC_STAT_REINT		= 0x10200,	/* + opcode of the reint */
};

struct rpc_op_stat {
	u32	opc;
	u64	count;
	u64	sum;
	u64	sumsq;
	u64	min, max;
};

struct rpc_stats {
	spinlock_t		lock;
	ktime_t			start;		/* wall clock */
	unsigned int		nr;
	struct rpc_op_stat	op[RPC_STATS_SLOTS];
};

void rpc_stats_init(struct rpc_stats *st);
void rpc_stats_clear(struct rpc_stats *st);
void rpc_stats_add(struct rpc_stats *st, u32 opc, s64 value);
u32 rpc_stats_opc(const struct rpc_msg *rq, u32 opc);
u64 rpc_stats_average(struct rpc_stats *st, u32 opc);
void rpc_stats_print(struct rpc_stats *st, struct seq_file *m);

/* --- tx: one PUT of a message (tx.c) --- */

/**
 * struct rpc_tx - a message on its way; freed by its last event
 * @sent: called when LNet has let go of the memory, in event context
 */
struct rpc_tx {
	struct lnet_md	md;
	struct bio_vec	bv;
	void		(*sent)(struct rpc_tx *tx, int status, bool acked);
	void		*owner;
	int		status;
	bool		acked;
};

int rpc_tx_put(struct rpc_tx *tx, const struct rpc_buf *buf, u32 len, lnet_nid_t self,
	       lnet_nid_t peer, u32 portal, u64 match_bits, u32 offset, bool ack);

/* --- bulk.c --- */

struct rpc_bulk_set;

struct rpc_bulk_md {
	struct lnet_md		md;
	struct rpc_bulk_set	*set;
	u32			moved;
};

/**
 * struct rpc_bulk_set - the MDs of one bulk, on either side
 * @left: MDs that LNet still holds
 * @moved: bytes that were moved
 * @status: first error of any of them
 * @idle: called in event context, under @lock, when @left reaches 0
 */
struct rpc_bulk_set {
	spinlock_t		lock;
	unsigned int		nr;
	unsigned int		left;
	u32			moved;
	int			status;
	void			(*idle)(struct rpc_bulk_set *set);
	void			*owner;
	struct bio_vec		*bv;
	struct rpc_bulk_md	md[];
};

struct rpc_bulk_set *rpc_bulk_split(const struct bio_vec *bvec, unsigned int nr, u32 len,
				    unsigned int max_md, gfp_t gfp);
void rpc_bulk_set_free(struct rpc_bulk_set *set);
int rpc_bulk_attach(struct rpc_bulk_set *set, const struct rpc_bulk *bulk, lnet_nid_t peer,
		    u64 base);
void rpc_bulk_unlink(struct rpc_bulk_set *set);
u32 rpc_bulk_moved(const struct rpc_bulk_set *set);
unsigned int rpc_bulk_count_md(const struct rpc_bulk *bulk);
void rpc_bulk_window(u64 mbits, unsigned int max_md, u64 *base, unsigned int *count);

/* --- request.c --- */

enum rpc_phase {
	RPC_PHASE_NEW,
	RPC_PHASE_DELAYED,	/* waits for the import or for a slot */
	RPC_PHASE_SENT,		/* on imp->sending */
	RPC_PHASE_DONE,
};

/**
 * struct rpc_request_impl - the inner half of a request
 * @link: imp->delayed or sending; under the import's lock
 * @replay_link: imp->replay; under the import's lock
 * @due: a request that the server asked to retry: when, in seconds; else 0
 * @conn_gen: the connection it was sent over
 * @lock: protects everything from @sync on
 * @sync: the caller of rpc_call() processes the outcome, else a work does
 * @owned: somebody transmits it or processes its outcome: hands off
 * @aborted: has to end with this status
 * @reply_md: where the reply lands; LNet has it while @reply_posted
 *
 * Events only set fields here. When there is an outcome and LNet holds nothing of the
 * request any more, one context takes it (@owned) and finishes it or sends it again.
 */
struct rpc_request_impl {
	struct rpc_request	*req;
	struct list_head	link;
	struct list_head	replay_link;
	struct work_struct	work;
	wait_queue_head_t	waitq;
	bool			resent;		/* goes out with MSG_RESENT */
	bool			replaying;	/* a copy that recover.c sends */
	bool			replay_kept;	/* the replay list has a reference */
	bool			at;		/* lm_flags had AT_SUPPORT */
	u16			slot;		/* modify slot + 1 */
	u64			mbits;
	u64			match_bits;	/* of the reply */
	u64			close_transno;
	__le64			pre_versions[4];
	u32			conn_gen;
	u32			repsize;	/* lm_repsize */
	unsigned int		retries;
	struct rpc_request	*replayed;	/* owns the memory of @req->rp, if it was replayed */
	time64_t		due;
	time64_t		sent_at, deadline;
	ktime_t			start;
	struct rpc_buf		rq_buf, rp_buf;

	spinlock_t		lock;
	enum rpc_phase		phase;
	bool			sync;
	bool			owned;
	int			aborted;
	struct lnet_md		reply_md;
	bool			reply_posted;
	bool			replied;
	u32			rp_offset, rp_len, rp_full;
	struct rpc_bulk_set	*bulk;
	bool			bulk_posted;
};

int rpc_request_init(void);
void rpc_request_exit(void);
void rpc_request_abort(struct rpc_request *req, int status);
bool rpc_request_resend(struct rpc_request *req);
struct rpc_request *rpc_request_clone(struct rpc_request *req);
void rpc_request_adopt(struct rpc_request *req, struct rpc_request *copy);
u64 rpc_first_xid(time64_t now, u64 random);
void rpc_request_expire(struct work_struct *work);
void rpc_request_admit_waiting(struct rpc_import *imp);
extern struct workqueue_struct *rpc_done_wq;

/* --- connect_data.c --- */

void rpc_connect_mask(struct obd_connect_data *ocd);

/* --- import.c --- */

#define RPC_IMP_MAX_NIDS	32
#define RPC_IMP_MAX_SLOTS	7	/* what a client uses of ocd_maxmodrpcs */
#define RPC_IMP_PORTALS		8
#define RPC_IMP_HISTORY		16	/* states that *.state shows */

/**
 * struct rpc_import_impl - the inner half of an import
 *
 * @work is the only context that changes connections and calls ops->event(): it never
 * runs twice at a time. Everything else tells it what to do by flags under imp->lock.
 */
struct rpc_import_impl {
	struct rpc_import	*imp;
	struct list_head	link;		/* all imports, for the pinger */
	bool			reverse;	/* of an export */
	u32			connect_op;
	u32			req_portal, rep_portal;
	u32			sec_part;
	bool			replayable;
	struct obd_connect_data	ask;

	/* addresses, in the order to try them */
	lnet_nid_t		nid[RPC_IMP_MAX_NIDS];
	unsigned int		nr_nid, cur_nid;

	u64			remote;		/* pb_handle */
	u32			conn_cnt;
	u32			conn_gen;	/* counts lost connections */
	u32			evictions;
	u32			msg_flags;	/* lm_flags of requests */
	bool			server_replayable;

	/* what the work has to do */
	struct delayed_work	work;
	bool			want_connect;
	time64_t		next_connect;
	bool			lost;		/* EV_DISCON is due */
	bool			invalid;	/* rpc_import_invalidate() */
	bool			closing;
	bool			final;		/* connect_rc will not change by trying again */
	int			connect_rc;
	struct rpc_request	*connecting;
	bool			initial;	/* it was sent with MSG_CONNECT_INITIAL */
	struct work_struct	free;
	unsigned int		failures;	/* connect attempts in a row */
	unsigned int		latency;	/* grows with them, seconds */
	bool			replay_failed_version;
	time64_t		next_ping;
	time64_t		connected_at;

	/* requests; under imp->lock */
	struct list_head	delayed;	/* not FULL, or no slot */
	struct list_head	sending;	/* by XID */
	atomic_t		nr_requests;	/* begun, and @done not returned yet */
	struct list_head	replay;		/* by transno */
	u64			last_committed;
	unsigned int		nr_slots;	/* closes have one more */
	bool			multislot;	/* slots go out as pb_tag */
	DECLARE_BITMAP(slots, RPC_IMP_MAX_SLOTS + 1);
	struct delayed_work	expire;

	/* estimates */
	struct {
		u32		portal;
		struct rpc_at	service;
	}			at[RPC_IMP_PORTALS];
	struct rpc_at		net;
	struct rpc_stats	stats;
	unsigned int		timeouts;	/* requests whose reply never came */

	/* the last states, a ring; under imp->lock */
	struct {
		time64_t		when;	/* wall clock */
		enum rpc_import_state	state;
	}			history[RPC_IMP_HISTORY];
	unsigned int		nr_history;
};

int rpc_imports_init(void);
void rpc_imports_exit(void);
extern struct workqueue_struct *rpc_import_wq;
struct rpc_import *rpc_import_create_reverse(struct rpc_export *exp, u64 cookie, lnet_nid_t peer);
void rpc_import_update_reverse(struct rpc_import *imp, struct rpc_export *exp, u64 cookie,
			       lnet_nid_t peer);
bool rpc_import_advance(struct rpc_import *imp, enum rpc_import_state from,
			enum rpc_import_state to);
void rpc_import_event_replay_locks(struct rpc_import *imp);
void rpc_import_lost(struct rpc_import *imp, u32 gen, const char *why);
void rpc_import_kick(struct rpc_import *imp);
void rpc_import_fail_requests(struct rpc_import *imp, int status);
struct rpc_at *rpc_import_at(struct rpc_import *imp, u32 portal);
void rpc_import_for_each(void (*fn)(struct rpc_import *imp));

static inline u64 rpc_import_flags2(const struct rpc_import *imp)
{
	return le64_to_cpu(imp->ocd.ocd_connect_flags2);
}

/* --- recover.c --- */

int rpc_import_replay(struct rpc_import *imp);
void rpc_import_resend(struct rpc_import *imp);
void rpc_replay_keep(struct rpc_request *req);
void rpc_replay_prune(struct rpc_import *imp, u64 last_committed);
void rpc_replay_drop_all(struct rpc_import *imp);

/* --- pinger.c --- */

#define RPC_PING_INTERVAL	max(rpc_timeout / 4, 1U)
#define RPC_PING_COMMIT		7U

int rpc_pinger_init(void);
void rpc_pinger_exit(void);

/* --- service.c --- */

/** struct rpc_rqbuf - posted memory in which several requests land */
struct rpc_rqbuf {
	struct lnet_md		md;
	struct rpc_service	*svc;
	struct rpc_buf		buf;
	struct list_head	link;		/* svc->idle_buffers */
	struct list_head	all;		/* svc->all_buffers */
	atomic_t		users;		/* requests in it, and 1 while posted */
};

/**
 * struct rpc_svcreq_impl - the inner half of a request that a service works on
 * @link: svc->queue or svc->urgent; under the service's lock
 * @active: svc->active: what may need an early reply; under the service's lock
 * @exp_link: exp->requests; under the export's lock
 * @ack_link: exp->acks: what is to be done when the reply was acknowledged (4.6); being on
 *	it is a reference, and a reference to @ack_exp
 * @timeout: seconds the client waits in total, grows by early replies
 * @lock: protects where the reply goes (req.self too), req.deadline and @replied
 */
struct rpc_svcreq_impl {
	struct rpc_svcreq	req;
	struct kref		ref;
	struct list_head	link;
	struct list_head	active;
	struct list_head	exp_link;
	struct rpc_rqbuf	*rqbuf;
	struct rpc_buf		copy;		/* of an unaligned request */
	struct rpc_buf		rp_buf;
	bool			urgent;
	bool			at;
	bool			bulk_op;
	u32			conn_cnt;
	u64			handle;		/* in the reply of a connect */
	u32			op_flags;	/* likewise */
	struct rpc_tx		tx;
	struct work_struct	work;		/* frees, or runs @ack_fn */

	struct list_head	ack_link;
	struct rpc_export	*ack_exp;
	void			(*ack_fn)(void *data);
	void			*ack_data;
	bool			ack_failed;	/* none came: wait for the commit */

	spinlock_t		lock;
	lnet_nid_t		peer_ni;
	u64			mbits;
	bool			replied;
	wait_queue_head_t	waitq;		/* bulk */
};

#define svc_impl(r)	((r)->impl)

/**
 * struct rpc_service - one request portal of this node
 * @lock: protects all lists and counters
 * @nr_working: threads that handle a request; @nr_normal: of them, those not urgent
 * @nr_reqs: requests that somebody still holds
 */
struct rpc_service {
	struct list_head	link;
	unsigned int		users;
	struct rpc_service_args	args;
	u32			buf_size;
	spinlock_t		lock;
	struct list_head	idle_buffers, all_buffers;
	unsigned int		nr_buffers, nr_posted;
	struct list_head	queue, urgent, active;
	wait_queue_head_t	waitq;
	unsigned int		nr_threads, nr_working, nr_normal, nr_queued;
	bool			stopping;
	struct task_struct	**threads;
	struct work_struct	grow;		/* one more thread, more buffers */
	struct delayed_work	early;
	struct rpc_at		at;
	struct rpc_stats	stats;
	struct param_dir	*params;
	wait_queue_head_t	drained;
	unsigned int		nr_reqs;
};

int rpc_services_init(void);
void rpc_services_exit(void);
void rpc_service_params_add(struct rpc_service *svc);
void rpc_svcreq_get(struct rpc_svcreq_impl *impl);
void rpc_svcreq_put(struct rpc_svcreq_impl *impl);
void rpc_ack_run(struct rpc_svcreq_impl *impl);

/* --- export.c: clients of our targets --- */

struct rpc_export *rpc_export_find(u64 cookie);
struct rpc_export *rpc_export_create(struct rpc_target *tgt, const char *uuid);
struct rpc_export *rpc_export_by_uuid(struct rpc_target *tgt, const char *uuid);
void rpc_export_close(struct rpc_export *exp);
void rpc_export_wake_bulks(struct rpc_export *exp);
void rpc_export_committed(struct rpc_export *exp, u64 last_committed);
int rpc_exports_init(void);
void rpc_exports_exit(void);

/* --- target.c: connects and disconnects --- */

int rpc_connect_handle(struct rpc_svcreq *req);
int rpc_disconnect_handle(struct rpc_svcreq *req);
struct rpc_target *rpc_target_find(const char *uuid);
void rpc_target_done(struct rpc_target *tgt);
int rpc_targets_init(void);
void rpc_targets_exit(void);

/* --- handle.c --- */

int rpc_handles_init(void);
void rpc_handles_exit(void);

#endif
