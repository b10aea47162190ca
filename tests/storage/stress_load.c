// SPDX-License-Identifier: GPL-2.0
/* The load: random operations, each one transaction with its slot and log entry. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "stress.h"

struct stress_commit {
	struct ldiskfs_commit_cb	cb;
	struct stress_thread		*thread;
	u64				transno;
};

static struct task_struct *reporter;

static u32 rnd(struct stress_thread *t)
{
	t->random = t->random * 1664525 + 1013904223;
	return t->random >> 8;
}

/* --- set up --- */

static struct ldiskfs_object *make_dir(struct ldiskfs_object *dir, const char *name,
				       const struct lu_fid *fid)
{
	struct ldiskfs_attr attr = { .mode = S_IFDIR | 0755 };
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct ldiskfs_object *obj = ldiskfs_lookup(dir, &q);
	struct ldiskfs_tx *tx;
	int err;

	if (obj != ERR_PTR(-ENOENT))
		return obj;
	tx = ldiskfs_tx_alloc(stress_dev);
	if (!tx)
		return ERR_PTR(-ENOMEM);
	err = ldiskfs_declare_create(tx, dir, &attr);
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return ERR_PTR(err);
	}
	obj = ldiskfs_create(tx, dir, &q, fid, &attr);
	ldiskfs_tx_stop(tx, false);
	return obj;
}

static int attach_thread(struct stress_thread *t)
{
	struct ldiskfs_object *home;
	unsigned int i;
	char path[32];
	int err = 0;

	snprintf(path, sizeof(path), "/stress/%u", t->nr);
	home = ldiskfs_mkpath(stress_dev, path, S_IFDIR | 0755);
	if (IS_ERR(home))
		return PTR_ERR(home);
	for (i = 0; i <= STRESS_DIRS && !err; i++) {
		struct lu_fid fid = { .f_seq = FID_SEQ_NORMAL + t->nr, .f_oid = 0x10000 + i };

		snprintf(path, sizeof(path), i == STRESS_DIRS ? "L" : "d%u", i);
		t->dirs[i] = make_dir(home, path, &fid);
		err = PTR_ERR_OR_ZERO(t->dirs[i]);
	}
	ldiskfs_object_put(home);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/stress/%u/log", t->nr);
	t->log = ldiskfs_mkpath(stress_dev, path, S_IFREG | 0600);
	if (IS_ERR(t->log))
		return PTR_ERR(t->log);
	return ldiskfs_rec_read(stress_slots, t->nr * sizeof(t->slot), &t->slot, sizeof(t->slot));
}

int stress_attach(void)
{
	unsigned int i;
	int err = 0;

	memset(stress_threads, 0, sizeof(stress_threads));
	stress_slots = ldiskfs_rec_open(stress_dev, "slots", 8192);
	if (IS_ERR(stress_slots)) {
		err = PTR_ERR(stress_slots);
		stress_slots = NULL;
	}
	for (i = 0; i < STRESS_THREADS && !err; i++) {
		stress_threads[i].nr = i;
		err = attach_thread(&stress_threads[i]);
	}
	return err;
}

void stress_detach(void)
{
	unsigned int i, j;

	for (i = 0; i < STRESS_THREADS; i++) {
		for (j = 0; j <= STRESS_DIRS; j++)
			ldiskfs_object_put(stress_threads[i].dirs[j]);
		ldiskfs_object_put(stress_threads[i].log);
	}
	memset(stress_threads, 0, sizeof(stress_threads));
	ldiskfs_rec_close(stress_slots);
	stress_slots = NULL;
}

/* --- one transaction --- */

static void committed(struct ldiskfs_commit_cb *cb, int error)
{
	struct stress_commit *commit = container_of(cb, struct stress_commit, cb);

	if (!error && commit->transno > commit->thread->committed)
		WRITE_ONCE(commit->thread->committed, commit->transno);
	kfree(commit);
}

static struct ldiskfs_tx *begin(struct stress_thread *t)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(stress_dev);

	if (!tx)
		return NULL;
	ldiskfs_declare_rec_write(tx, stress_slots, t->nr * sizeof(t->slot), sizeof(t->slot));
	if (ldiskfs_declare_log_write(tx, t->log, t->slot.transno * sizeof(struct stress_entry),
				      sizeof(struct stress_entry))) {
		ldiskfs_tx_free(tx);
		return NULL;
	}
	return tx;
}

/* Slot, log entry and the wish to be told belong to every operation. */
static int finish(struct stress_thread *t, struct ldiskfs_tx *tx, u32 op, u32 oid)
{
	struct stress_entry entry = { .transno = t->slot.transno, .op = op, .oid = oid };
	struct stress_commit *commit;
	int err;

	err = ldiskfs_log_write(tx, t->log, (entry.transno - 1) * sizeof(entry), &entry, sizeof(entry));
	if (!err)
		err = ldiskfs_rec_write(tx, stress_slots, t->nr * sizeof(t->slot), &t->slot,
					sizeof(t->slot));
	commit = kzalloc(sizeof(*commit), GFP_NOFS);
	if (commit) {
		commit->cb.func = committed;
		commit->thread = t;
		commit->transno = t->slot.transno;
		ldiskfs_tx_on_commit(tx, &commit->cb);
	}
	return err;
}

static size_t state_size(u32 oid, u64 transno)
{
	switch ((oid + transno) % 32) {
	case 0:
		return 20000;
	case 1:
		return 3000;
	default:
		return 64;
	}
}

static int set_state(struct stress_thread *t, struct ldiskfs_tx *tx, struct ldiskfs_object *obj,
		     struct stress_state *state)
{
	size_t size = state_size(state->oid, state->transno);
	char *value = kmalloc(size, GFP_NOFS);
	int err;

	if (!value)
		return -ENOMEM;
	state->fill = state->transno;
	memset(value, state->fill, size);
	memcpy(value, state, sizeof(*state));
	err = ldiskfs_setxattr(tx, obj, STRESS_STATE, value, size, 0);
	kfree(value);
	return err ? err : ldiskfs_set_version(tx, obj, state->transno);
}

/* --- operations --- */

/* The negative control: a crash between the two halves must be seen by the check. */
static struct ldiskfs_tx *maybe_split(struct stress_thread *t, struct ldiskfs_tx *tx,
				      struct ldiskfs_object *obj)
{
	if (!(t->flags & STRESS_SPLIT))
		return tx;
	ldiskfs_tx_stop(tx, false);
	if (!(rnd(t) & 15))
		msleep(20);
	tx = begin(t);
	if (!tx)
		return NULL;
	if (!ldiskfs_declare_setxattr(tx, obj, STRESS_STATE, 20000) && !ldiskfs_tx_start(tx))
		return tx;
	ldiskfs_tx_free(tx);
	return NULL;
}

/* A second name, in a transaction of its own: the object must be locked for it. */
static int op_link(struct stress_thread *t, u32 oid, struct ldiskfs_object *obj)
{
	struct ldiskfs_object *dir = t->dirs[STRESS_DIRS];
	struct ldiskfs_tx *tx = begin(t);
	struct stress_name name;
	int err;

	err = tx ? ldiskfs_declare_link(tx, dir, obj) : -ENOMEM;
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_link(tx, dir, stress_name(&name, oid), obj);
	if (!err) {
		t->slot.transno++;
		err = finish(t, tx, 2, oid);
	}
	ldiskfs_tx_stop(tx, false);
	return err;
}

static struct ldiskfs_tx *begin_create(struct stress_thread *t, const struct stress_state *state,
				       const struct lu_fid *fid, const struct ldiskfs_attr *attr)
{
	struct ldiskfs_tx *tx = begin(t);
	int err;

	if (!tx)
		return ERR_PTR(-ENOMEM);
	if (state->type == STRESS_DATA)
		err = ldiskfs_declare_create_data(tx, fid);
	else
		err = ldiskfs_declare_create(tx, t->dirs[state->dir], attr);
	if (!err)
		err = ldiskfs_declare_setxattr(tx, NULL, STRESS_STATE, 20000);
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (!err)
		return tx;
	ldiskfs_tx_free(tx);
	return ERR_PTR(err);
}

static int op_create(struct stress_thread *t, u32 oid)
{
	struct stress_state state = { .oid = oid, .type = stress_type_of(oid), .dir = rnd(t) % STRESS_DIRS };
	struct ldiskfs_attr attr = {
		.mode = (state.type == STRESS_DIR ? S_IFDIR : S_IFREG) | 0640,
		.uid = KUIDT_INIT(1000 + oid % 3), .gid = KGIDT_INIT(1000),
		.mtime = { .tv_sec = 1000000 + oid },
	};
	struct lu_fid fid = stress_fid(t->nr, oid);
	struct ldiskfs_object *obj;
	struct stress_name name;
	struct ldiskfs_tx *tx;
	int err;

	tx = begin_create(t, &state, &fid, &attr);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	if (state.type == STRESS_DATA)
		obj = ldiskfs_create_data(tx, &fid, &attr);
	else
		obj = ldiskfs_create(tx, t->dirs[state.dir], stress_name(&name, oid), &fid, &attr);
	if (IS_ERR(obj)) {
		ldiskfs_tx_stop(tx, false);
		return PTR_ERR(obj);
	}
	tx = maybe_split(t, tx, obj);
	if (!tx) {
		ldiskfs_object_put(obj);
		return -EIO;
	}
	state.transno = ++t->slot.transno;
	t->slot.creates++;
	t->slot.live++;
	t->slot.xor ^= stress_hash(oid);
	err = set_state(t, tx, obj, &state);
	if (!err)
		err = finish(t, tx, 1, oid);
	ldiskfs_tx_stop(tx, false);
	if (!err && state.type == STRESS_LINKED)
		err = op_link(t, oid, obj);
	ldiskfs_object_put(obj);
	return err;
}

static int get_state(struct ldiskfs_object *obj, struct stress_state *state)
{
	char *value = kvmalloc(XATTR_SIZE_MAX, GFP_KERNEL);
	ssize_t n;

	if (!value)
		return -ENOMEM;
	n = ldiskfs_getxattr(obj, STRESS_STATE, value, XATTR_SIZE_MAX);
	if (n >= (ssize_t)sizeof(*state))
		memcpy(state, value, sizeof(*state));
	kvfree(value);
	return n < (ssize_t)sizeof(*state) ? (n < 0 ? n : -EUCLEAN) : 0;
}

static int op_unlink(struct stress_thread *t, u32 oid, struct ldiskfs_object *obj)
{
	struct ldiskfs_object *extra = t->dirs[STRESS_DIRS];
	struct stress_state state;
	struct stress_name name;
	struct ldiskfs_tx *tx;
	bool linked;
	int err;

	err = get_state(obj, &state);
	if (err)
		return err;
	linked = state.type == STRESS_LINKED && ldiskfs_inode(obj)->i_nlink == 2;
	tx = begin(t);
	if (!tx)
		return -ENOMEM;
	if (state.type == STRESS_DATA)
		err = ldiskfs_declare_destroy_data(tx, obj);
	else
		err = ldiskfs_declare_unlink(tx, t->dirs[state.dir], obj);
	if (!err && linked)
		err = ldiskfs_declare_unlink(tx, extra, obj);
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	stress_name(&name, oid);
	if (state.type == STRESS_DATA)
		err = ldiskfs_destroy_data(tx, obj);
	else
		err = ldiskfs_unlink(tx, t->dirs[state.dir], &name.q, obj);
	if (!err && linked)
		err = ldiskfs_unlink(tx, extra, &name.q, obj);
	if (!err) {
		t->slot.transno++;
		t->slot.unlinks++;
		t->slot.live--;
		t->slot.xor ^= stress_hash(oid);
		err = finish(t, tx, 3, oid);
	}
	ldiskfs_tx_stop(tx, false);
	return err;
}

static int op_rename(struct stress_thread *t, u32 oid, struct ldiskfs_object *obj)
{
	struct iattr ia = { .ia_valid = ATTR_MODE | ATTR_CTIME };
	unsigned int to = rnd(t) % STRESS_DIRS;
	struct stress_state state;
	struct stress_name name;
	struct ldiskfs_tx *tx;
	int err;

	err = get_state(obj, &state);
	if (err)
		return err;
	tx = begin(t);
	if (!tx)
		return -ENOMEM;
	if (state.type == STRESS_DATA)
		to = state.dir;
	if (to != state.dir)
		err = ldiskfs_declare_rename(tx, t->dirs[state.dir], t->dirs[to], obj, NULL);
	if (!err)
		err = ldiskfs_declare_setattr(tx, obj, &ia);
	if (!err)
		err = ldiskfs_declare_setxattr(tx, obj, STRESS_STATE, 20000);
	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	stress_name(&name, oid);
	if (to != state.dir)
		err = ldiskfs_rename(tx, t->dirs[state.dir], &name.q, t->dirs[to], &name.q, obj, NULL);
	if (!err) {
		state.transno = ++t->slot.transno;
		state.dir = to;
		err = set_state(t, tx, obj, &state);
		ia.ia_mode = state.transno & 0777;
		ia.ia_ctime.tv_sec = state.transno;
	}
	if (!err)
		err = ldiskfs_setattr(tx, obj, &ia);
	if (!err)
		err = finish(t, tx, 4, oid);
	ldiskfs_tx_stop(tx, false);
	return err;
}

/* --- threads --- */

static int one(struct stress_thread *t)
{
	u32 oid = rnd(t) % STRESS_OIDS;
	struct lu_fid fid = stress_fid(t->nr, oid);
	struct ldiskfs_object *obj = ldiskfs_find(stress_dev, &fid);
	int err;

	if (obj == ERR_PTR(-ENOENT)) {
		err = op_create(t, oid);
	} else if (IS_ERR(obj)) {
		err = PTR_ERR(obj);
	} else {
		err = rnd(t) % 100 < 55 ? op_unlink(t, oid, obj) : op_rename(t, oid, obj);
		ldiskfs_object_put(obj);
	}
	if (!(rnd(t) % 200))
		ldiskfs_commit_async(stress_dev);
	if (err)
		pr_err("stress: BAD: thread %u, object %x: %d\n", t->nr, oid, err);
	return err;
}

static int load(void *arg)
{
	struct stress_thread *t = arg;
	int err = 0;

	while (!kthread_should_stop()) {
		if (!err)
			err = one(t);
		else
			schedule_timeout_interruptible(HZ / 10);
		t->ops++;
		cond_resched();
	}
	return err;
}

/* The log reaches the host at once: what it says is committed must be there after the cut. */
static int report(void *arg)
{
	while (!kthread_should_stop()) {
		schedule_timeout_interruptible(HZ / 10);
		pr_notice("stress: committed %llu %llu\n", READ_ONCE(stress_threads[0].committed),
			  READ_ONCE(stress_threads[1].committed));
	}
	return 0;
}

int stress_start(unsigned int flags)
{
	unsigned int i;

	if (reporter)
		return -EBUSY;
	for (i = 0; i < STRESS_THREADS; i++) {
		stress_threads[i].flags = flags;
		stress_threads[i].random = get_random_u32();
		stress_threads[i].task = kthread_run(load, &stress_threads[i], "stress-%u", i);
	}
	reporter = kthread_run(report, NULL, "stress-report");
	return 0;
}

int stress_stop(void)
{
	unsigned int i;
	int err = 0, ret;

	if (!reporter)
		return 0;
	for (i = 0; i < STRESS_THREADS; i++) {
		ret = kthread_stop(stress_threads[i].task);
		err = err ? err : ret;
		pr_notice("stress: thread %u: %llu operations, transno %llu\n", i,
			  stress_threads[i].ops, stress_threads[i].slot.transno);
	}
	kthread_stop(reporter);
	reporter = NULL;
	return err;
}
