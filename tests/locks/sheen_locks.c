// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of kernel/ldlm over kernel/rpc: one lock server and two clients in one node, all
 * messages on the wire. Loading the module runs them; it fails to load if one fails.
 */
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include "compat/filelock.h"
#include "kernel/ldlm/ldlm.h"

#define NAME	"locks-OST0000"
#define ASK	(OBD_CONNECT_FULL20 | OBD_CONNECT_AT | OBD_CONNECT_CANCELSET | \
		 OBD_CONNECT_LVB_TYPE | OBD_CONNECT_FLOCK_DEAD | OBD_CONNECT_VERSION)

static char *nid_text = "0@lo";
module_param_named(nid, nid_text, charp, 0444);
MODULE_PARM_DESC(nid, "NID of this node");

static unsigned int failures;

#define check(cond) ({							\
	bool ok_ = (cond);						\
	if (!ok_) {							\
		failures++;						\
		pr_err("locks: BAD %s:%d: %s\n", __func__, __LINE__, #cond);	\
	}								\
	ok_; })

/* Conditions that others bring about: at most 20 s. */
#define check_soon(cond) ({						\
	int left_ = 2000;						\
	while (!(cond) && left_--)					\
		msleep(10);						\
	check(cond); })

/* --- server --- */

static struct ldlm_namespace *server_ns;
static struct rpc_service *svc;
static u64 disk_size;

static int lvb_fill(struct ldlm_lock *lock, void *buf, u32 size, bool refresh)
{
	struct ost_lvb *lvb = buf;

	lvb->lvb_size = cpu_to_le64(READ_ONCE(disk_size));
	return 0;
}

static const struct ldlm_ns_ops server_ns_ops = { .lvb_fill = lvb_fill, .glimpse_aware = true };

static int server_connect(struct rpc_export *exp, struct obd_connect_data *ocd, bool reconnect)
{
	ocd->ocd_connect_flags &= cpu_to_le64(ASK);
	return 0;
}

static const struct rpc_target_ops target_ops = {
	.connect	= server_connect,
	.disconnect	= ldlm_export_cleanup,
};

static struct rpc_target target = {
	.name		= NAME,
	.uuid		= NAME "_UUID",
	.connect_op	= OST_CONNECT,
	.ops		= &target_ops,
	.replayable	= true,
};

static int server_start(void)
{
	static const struct rpc_service_args args = {
		.name = "locks", .req_portal = OST_REQUEST_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
		.max_size = OST_REQUEST_MAX, .min_threads = 2, .max_threads = 8,
	};
	int rc;

	server_ns = ldlm_ns_create(NAME, LDLM_SERVER, &server_ns_ops, NULL, NULL);
	if (IS_ERR(server_ns))
		return PTR_ERR(server_ns);
	target.ns = server_ns;
	svc = rpc_service_get(&args);
	rc = IS_ERR(svc) ? PTR_ERR(svc) : rpc_target_register(&target);
	if (!rc)
		target.ready = true;
	return rc;
}

static void server_stop(void)
{
	rpc_target_unregister(&target);
	rpc_service_put(svc);
	ldlm_ns_destroy(server_ns);
}

/* --- clients --- */

/** struct client - with what happens to its locks */
struct client {
	const char		*uuid;
	struct rpc_import	*imp;
	struct ldlm_namespace	*ns;
	atomic_t		wanted;		/* blocking, in use */
	atomic_t		cancelled;
	atomic_t		discarded;
	u64			dirty;		/* size that the disk does not know */
};

static struct client A = { .uuid = "client-A" }, B = { .uuid = "client-B" };

static int blocking(struct ldlm_lock *lock, const struct ldlm_lock_desc *desc, bool canceling)
{
	struct client *c = lock->data;

	if (!canceling) {
		atomic_inc(&c->wanted);
		return 0;
	}
	if (lock->flags & LDLM_FL_DISCARD_DATA)
		atomic_inc(&c->discarded);
	else if (c->dirty > disk_size)
		WRITE_ONCE(disk_size, c->dirty);
	c->dirty = 0;
	atomic_inc(&c->cancelled);
	return 0;
}

static int glimpse(struct ldlm_lock *lock, struct ost_lvb *lvb)
{
	struct client *c = lock->data;

	lvb->lvb_size = cpu_to_le64(c->dirty);
	return 0;
}

static const struct ldlm_lock_ops lock_ops = { .blocking = blocking, .glimpse = glimpse };

static bool cheap(struct ldlm_lock *lock)
{
	return true;
}

static const struct ldlm_ns_ops client_ns_ops = { .cancel_weight = cheap };

static void client_event(struct rpc_import *imp, enum rpc_import_event ev)
{
	struct client *c = imp->private;

	if (ev == RPC_IMP_EV_INVALIDATE && c->ns)
		ldlm_ns_invalidate(c->ns);
}

static const struct rpc_import_ops import_ops = { .event = client_event };

static int client_start(struct client *c, lnet_nid_t nid)
{
	struct rpc_import_args args = {
		.name = c->uuid, .target_uuid = NAME "_UUID", .client_uuid = c->uuid,
		.connect_op = OST_CONNECT,
		.req_portal = OST_REQUEST_PORTAL, .rep_portal = OSC_REPLY_PORTAL,
		.replayable = true, .ops = &import_ops, .private = c,
	};

	args.ocd.ocd_connect_flags = cpu_to_le64(ASK);
	args.ocd.ocd_version = cpu_to_le32(SHEEN_OCD_VERSION);
	c->imp = rpc_import_create(&args);
	if (IS_ERR(c->imp))
		return PTR_ERR(c->imp);
	rpc_import_add_conn(c->imp, &nid, 1);
	c->ns = ldlm_ns_create(c->uuid, LDLM_CLIENT, &client_ns_ops, c, c->imp);
	if (IS_ERR(c->ns))
		return PTR_ERR(c->ns);
	return rpc_import_connect(c->imp, true, 30);
}

static void client_stop(struct client *c)
{
	ldlm_ns_destroy(c->ns);
	rpc_import_disconnect(c->imp, false);
	rpc_import_put(c->imp);
}

static struct ldlm_enqueue want(struct client *c, u64 obj, u32 mode, u64 start, u64 end)
{
	return (struct ldlm_enqueue){
		.res = { .name = { obj } }, .type = LDLM_EXTENT, .mode = mode,
		.policy.extent = { .start = start, .end = end },
		.lvb_size = OST_LVB_SIZE, .ops = &lock_ops, .data = c,
	};
}

static struct ldlm_lock *take(struct client *c, u64 obj, u32 mode, u64 start, u64 end)
{
	struct ldlm_enqueue e = want(c, obj, mode, start, end);
	struct ldlm_lock *lock;

	if (!check(ldlm_cli_enqueue(c->imp, NULL, &e, &lock) == 0))
		return NULL;
	return lock;
}

static struct ldlm_lock *match(struct client *c, u64 obj, u32 modes, u64 start, u64 end)
{
	const union ldlm_policy p = { .extent = { .start = start, .end = end } };
	const struct ldlm_res_id id = { .name = { obj } };
	u32 mode;

	return ldlm_cli_match(c->ns, &id, LDLM_EXTENT, &p, modes, &mode);
}

/* --- tests --- */

static void test_match(void)
{
	struct ldlm_lock *lock = take(&A, 1, LDLM_PW, 0, 0xfff), *same;

	if (!lock)
		return;
	check(lock->policy.extent.start == 0 && lock->policy.extent.end == LDLM_EOF);
	check(lock->lvb_len == OST_LVB_SIZE);
	same = match(&A, 1, LDLM_PW | LDLM_PR, 0x5000, 0x5fff);
	check(same == lock);
	check(!match(&A, 1, LDLM_PR, 0, 1));
	check(!match(&B, 1, LDLM_PW, 0, 1));
	ldlm_lock_release(lock, LDLM_PW);
	if (same)
		ldlm_lock_release(same, LDLM_PW);
	check(ldlm_ns_lru_count(A.ns) == 1);
}

/* What A has written and not sent, B sees */
static void test_glimpse(void)
{
	struct ldlm_enqueue e = want(&B, 1, LDLM_PR, 0, LDLM_EOF);
	struct ost_lvb lvb = { };
	struct ldlm_lock *lock;

	A.dirty = 5;
	e.flags = LDLM_FL_HAS_INTENT;
	e.lvb = &lvb;
	check(ldlm_cli_enqueue(B.imp, NULL, &e, &lock) == ELDLM_LOCK_ABORTED);
	check(!lock && le64_to_cpu(lvb.lvb_size) == 5);
	/* nothing is in the way: the lock comes with it */
	e = want(&B, 2, LDLM_PR, 0, LDLM_EOF);
	e.flags = LDLM_FL_HAS_INTENT;
	check(ldlm_cli_enqueue(B.imp, NULL, &e, &lock) == 0);
	if (lock)
		ldlm_lock_release(lock, e.mode);
}

/* A's lock is not in use: it is flushed and gives way */
static void test_conflict(void)
{
	int before = atomic_read(&A.cancelled);
	struct ldlm_lock *lock = take(&B, 1, LDLM_PW, 0x100000, 0x100fff);
	const struct ost_lvb *lvb;

	if (!lock)
		return;
	check(atomic_read(&A.cancelled) == before + 1);
	check(!match(&A, 1, LDLM_PW, 0, 0));
	lvb = lock->lvb;
	check(lvb && le64_to_cpu(lvb->lvb_size) == 5);
	check(lock->policy.extent.start == 0 && lock->policy.extent.end == LDLM_EOF);
	ldlm_lock_release(lock, LDLM_PW);
}

struct waiter {
	struct completion	done;
	struct ldlm_lock	*lock;
	int			rc;
};

static void async_done(void *arg, struct ldlm_lock *lock, int rc)
{
	struct waiter *w = arg;

	w->lock = lock;
	w->rc = rc;
	complete(&w->done);
}

/* B's lock is in use: A waits until it is released */
static void test_wait(void)
{
	struct ldlm_enqueue e = want(&A, 1, LDLM_PR, 0, 0xfff);
	struct ldlm_lock *lock = match(&B, 1, LDLM_PW, 0, 0);
	int wanted = atomic_read(&B.wanted);
	struct waiter w;

	init_completion(&w.done);
	if (!check(lock) || !check(ldlm_cli_enqueue_async(A.imp, NULL, &e, async_done, &w) == 0))
		return;
	check_soon(atomic_read(&B.wanted) > wanted);
	check(!completion_done(&w.done));
	check(!match(&B, 1, LDLM_PW, 0, 0));	/* none for new users */
	ldlm_lock_release(lock, LDLM_PW);
	check(wait_for_completion_timeout(&w.done, 20 * HZ) && w.rc == 0 && w.lock);
	if (w.lock)
		ldlm_lock_release(w.lock, w.lock->granted_mode);
}

static void test_local(void)
{
	const union ldlm_policy all = { .extent = { .end = LDLM_EOF } };
	const struct ldlm_res_id id = { .name = { 1 } };
	int before = atomic_read(&A.discarded);
	struct ldlm_lock *lock;

	check(match(&A, 1, LDLM_PR, 0, 0xfff) != NULL);
	lock = match(&A, 1, LDLM_PR, 0, 0xfff);
	if (lock) {
		ldlm_lock_release(lock, LDLM_PR);
		ldlm_lock_release(lock, LDLM_PR);
	}
	check(ldlm_srv_lock(server_ns, &id, LDLM_EXTENT, LDLM_PW, &all,
			    LDLM_FL_AST_DISCARD_DATA, &lock) == 0);
	check(atomic_read(&A.discarded) == before + 1);
	ldlm_srv_unlock(lock);
}

static void test_lru(void)
{
	struct ldlm_lock *lock;
	u64 i;

	ldlm_ns_set_lru(A.ns, 5, 0);
	for (i = 100; i < 140; i++) {
		lock = take(&A, i, LDLM_PR, 0, LDLM_EOF);
		if (lock)
			ldlm_lock_release(lock, LDLM_PR);
	}
	check_soon(ldlm_ns_lru_count(A.ns) <= 5);
	check_soon(ldlm_ns_lock_count(A.ns) <= 5);
	ldlm_ns_set_lru(A.ns, 0, 0);
}

static void test_elc(void)
{
	struct ldlm_lock *lock = take(&A, 200, LDLM_PR, 0, LDLM_EOF);
	struct ldlm_enqueue e = want(&A, 200, LDLM_PW, 0, LDLM_EOF);
	unsigned int before = ldlm_ns_lock_count(server_ns);
	int wanted = atomic_read(&A.wanted);
	struct rpc_request *req;
	LIST_HEAD(list);

	if (!lock)
		return;
	ldlm_lock_release(lock, LDLM_PR);
	ldlm_elc_collect(A.ns, &e.res, LDLM_EX, 0, &list);
	check(!list_empty(&list));
	req = rpc_request_alloc(A.imp, &RQF_LDLM_ENQUEUE_LVB);
	rpc_set_size(&req->rq, RF_DLM_REQ, ldlm_elc_size(&list, true));
	check(rpc_request_pack(req) == 0);
	ldlm_elc_pack_enqueue(req, &list);
	check(list_empty(&list));
	check(ldlm_cli_enqueue(A.imp, req, &e, &lock) == 0);
	rpc_request_put(req);
	check(ldlm_ns_lock_count(server_ns) == before);
	check(atomic_read(&A.wanted) == wanted);
	if (lock)
		ldlm_lock_release(lock, LDLM_PW);
}

static void test_cancel(void)
{
	struct ldlm_lock *lock = take(&A, 300, LDLM_PR, 0, LDLM_EOF);
	const struct ldlm_res_id id = { .name = { 300 } };

	if (!lock)
		return;
	check(ldlm_cli_cancel(lock, false) == -EBUSY);
	ldlm_lock_release(lock, LDLM_PR);
	check_soon(!match(&A, 300, LDLM_PR, 0, 0));
	lock = take(&A, 300, LDLM_PR, 0, LDLM_EOF);
	if (lock)
		ldlm_lock_release(lock, LDLM_PR);
	check(ldlm_cli_cancel_unused(A.ns, &id, false) == 0);
	check(!match(&A, 300, LDLM_PR, 0, 0));
	check(ldlm_cli_cancel_unused(A.ns, NULL, false) == 0);
	check(ldlm_cli_cancel_unused(B.ns, NULL, false) == 0);
	check_soon(ldlm_ns_lock_count(A.ns) == 0);
	check_soon(ldlm_ns_lock_count(server_ns) == 0);
}

/* --- flocks --- */

static const struct lu_fid fid = { .f_seq = FID_SEQ_NORMAL, .f_oid = 1 };
static struct file *files[2];

static int flock_do(struct client *c, int cmd, int type, loff_t start, loff_t end, struct file_lock *fl)
{
	struct file *file = files[c == &B];

	locks_init_lock(fl);
	FLC(fl, file) = file;
	FLC(fl, owner) = (fl_owner_t)c;
	FLC(fl, pid) = c == &B ? 2222 : 1111;
	FLC(fl, type) = type;
	FLC(fl, flags) = FL_POSIX | (cmd == F_SETLKW ? FL_SLEEP : 0);
	fl->fl_start = start;
	fl->fl_end = end;
	return ldlm_cli_flock(c->imp, &fid, file, cmd, fl);
}

static int flock_waiter(void *arg)
{
	struct waiter *w = arg;
	struct file_lock fl;

	w->rc = flock_do(&B, F_SETLKW, F_WRLCK, 0, 99, &fl);
	complete(&w->done);
	return 0;
}

static void flock_run(void)
{
	struct file_lock fl;
	struct waiter w;

	init_completion(&w.done);
	check(flock_do(&A, F_SETLK, F_WRLCK, 0, 99, &fl) == 0);
	check(flock_do(&B, F_SETLK, F_RDLCK, 50, 59, &fl) == -EAGAIN);
	check(flock_do(&B, F_GETLK, F_RDLCK, 50, 59, &fl) == 0);
	check(FLC(&fl, type) == F_WRLCK && fl.fl_start == 0 && fl.fl_end == 99 && FLC(&fl, pid) == 1111);
	check(flock_do(&A, F_SETLK, F_UNLCK, 40, 59, &fl) == 0);
	check(flock_do(&B, F_GETLK, F_RDLCK, 50, 59, &fl) == 0 && FLC(&fl, type) == F_UNLCK);
	check(flock_do(&B, F_SETLK, F_RDLCK, 50, 59, &fl) == 0);
	check(ldlm_ns_lock_count(A.ns) == 2);
	check(!IS_ERR(kthread_run(flock_waiter, &w, "locks_flock")));
	check_soon(ldlm_ns_lock_count(server_ns) == 4);
	check(!completion_done(&w.done));
	check(flock_do(&A, F_SETLK, F_UNLCK, 0, OFFSET_MAX, &fl) == 0);
	check(wait_for_completion_timeout(&w.done, 20 * HZ) && w.rc == 0);
	check(ldlm_ns_lock_count(B.ns) == 1);
	check(flock_do(&B, F_SETLK, F_UNLCK, 0, OFFSET_MAX, &fl) == 0);
	check_soon(ldlm_ns_lock_count(server_ns) == 0);
	check(ldlm_ns_lock_count(A.ns) == 0 && ldlm_ns_lock_count(B.ns) == 0);
}

static void test_flock(void)
{
	static const char *const names[] = { "/tmp/locks-a", "/tmp/locks-b" };
	int i;

	for (i = 0; i < 2; i++) {
		files[i] = filp_open(names[i], O_CREAT | O_RDWR, 0600);
		if (!check(!IS_ERR(files[i])))
			return;
	}
	flock_run();
	for (i = 0; i < 2; i++)
		fput(files[i]);
}

/* --- eviction --- */

static int evict_b(struct rpc_export *exp, void *data)
{
	if (!strcmp(exp->uuid, B.uuid))
		rpc_export_evict(exp, "the test wants it");
	return 0;
}

static void test_evict(void)
{
	struct ldlm_lock *used = take(&B, 400, LDLM_PW, 0, LDLM_EOF), *unused = take(&B, 401, LDLM_PW, 0, LDLM_EOF);
	struct ldlm_enqueue e = want(&B, 402, LDLM_PR, 0, LDLM_EOF);
	int before = atomic_read(&B.discarded);
	struct ldlm_lock *lock;

	if (!used || !unused)
		return;
	ldlm_lock_release(unused, LDLM_PW);
	rpc_target_for_each_export(&target, evict_b, NULL);
	check(ldlm_ns_lock_count(server_ns) == 0);
	/* it learns of it when it asks for something: that fails, the next succeeds */
	check(ldlm_cli_enqueue(B.imp, NULL, &e, &lock) < 0);
	lock = take(&B, 402, LDLM_PR, 0, LDLM_EOF);
	if (lock)
		ldlm_lock_release(lock, LDLM_PR);
	check_soon(atomic_read(&B.discarded) == before + 1);
	check(used->flags & LDLM_L_FAILED);
	check(!match(&B, 400, LDLM_PW, 0, 0));
	ldlm_lock_release(used, LDLM_PW);
	check_soon(atomic_read(&B.discarded) == before + 2);
}

/* --- cost --- */

static void test_cost(void)
{
	struct ldlm_lock *lock = take(&A, 500, LDLM_PR, 0, LDLM_EOF);
	ktime_t start;
	int i;

	if (!lock)
		return;
	start = ktime_get();
	for (i = 0; i < 10000; i++)
		ldlm_lock_release(match(&A, 500, LDLM_PR, 0, 1), LDLM_PR);
	pr_info("locks: match and release: %lld ns\n", ktime_to_ns(ktime_sub(ktime_get(), start)) / 10000);
	ldlm_lock_release(lock, LDLM_PR);
	start = ktime_get();
	for (i = 0; i < 200; i++) {
		lock = take(i & 1 ? &A : &B, 500, LDLM_PW, 0, LDLM_EOF);
		if (lock)
			ldlm_lock_release(lock, LDLM_PW);
	}
	pr_info("locks: a lock that changes hands: %lld us\n",
		ktime_us_delta(ktime_get(), start) / 200);
}

static int run(void)
{
	static void (*const tests[])(void) = {
		test_match, test_glimpse, test_conflict, test_wait, test_local, test_lru,
		test_elc, test_cancel, test_flock, test_evict, test_cost,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		tests[i]();
		pr_info("locks: test %u done, %u failures\n", i + 1, failures);
	}
	return failures ? -EIO : 0;
}

static int __init locks_init(void)
{
	lnet_nid_t nid;
	int rc;

	rc = lnet_nid_parse(nid_text, &nid);
	if (!rc)
		rc = server_start();
	if (rc)
		return rc;
	if (check(client_start(&A, nid) == 0) && check(client_start(&B, nid) == 0))
		rc = run();
	client_stop(&A);
	client_stop(&B);
	server_stop();
	return failures ? -EIO : rc;
}

static void __exit locks_exit(void)
{
}

module_init(locks_init);
module_exit(locks_exit);

MODULE_DESCRIPTION("Lock server and clients: tests of kernel/ldlm");
MODULE_LICENSE("GPL");
