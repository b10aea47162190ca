// SPDX-License-Identifier: GPL-2.0
/* What must be true between any two transactions, and so after any crash. */
#include <linux/slab.h>
#include <linux/xattr.h>
#include "stress.h"

#define bad(fmt, ...) do { pr_err("stress: BAD: " fmt "\n", ##__VA_ARGS__); faults++; } while (0)

static unsigned int faults;

struct count {
	struct stress_thread	*t;
	u64			names;
	u64			last;
};

/* Every name leads to its FID. */
static bool count_name(void *arg, const char *name, int len, u64 hash, const struct lu_fid *fid,
		       unsigned int d_type)
{
	struct count *count = arg;
	struct stress_name expected;
	struct lu_fid want;

	if (hash < count->last)
		bad("readdir goes back");
	count->last = hash;
	if (name[0] == '.')
		return true;
	want = stress_fid(count->t->nr, fid->f_oid);
	stress_name(&expected, fid->f_oid);
	if (!fid_eq(&want, fid) || expected.q.len != len || memcmp(expected.text, name, len))
		bad("thread %u: name %.*s is of " DFID, count->t->nr, len, name, PFID(fid));
	count->names++;
	return true;
}

static u64 count_names(struct stress_thread *t, struct ldiskfs_object *dir)
{
	struct count count = { .t = t };
	int err = ldiskfs_readdir(dir, 0, count_name, &count);

	if (err)
		bad("readdir: %d", err);
	return count.names;
}

static bool names(struct ldiskfs_object *dir, u32 oid, struct ldiskfs_object *obj)
{
	struct stress_name name;
	struct ldiskfs_object *found = ldiskfs_lookup(dir, stress_name(&name, oid));
	bool same = found == obj;

	ldiskfs_object_put(found);
	return same;
}

static bool data_name(u32 oid, struct ldiskfs_object *obj)
{
	struct ldiskfs_object *found;
	char path[64];
	bool same;

	snprintf(path, sizeof(path), "/O/%llx/d%u/%u", ldiskfs_fid(obj)->f_seq, oid % 32, oid);
	found = ldiskfs_path(stress_dev, path);
	same = found == obj;
	ldiskfs_object_put(found);
	return same;
}

static void check_state(struct stress_thread *t, u32 oid, struct ldiskfs_object *obj,
			const struct stress_state *state, const char *value, ssize_t n)
{
	struct inode *inode = ldiskfs_inode(obj);
	bool second;
	ssize_t i;

	if (state->oid != oid || state->transno > t->slot.transno || state->type != stress_type_of(oid))
		bad("thread %u: object %x has the state of %x, transno %llu", t->nr, oid, state->oid,
		    state->transno);
	for (i = sizeof(*state); i < n; i++) {
		if ((u8)value[i] != state->fill) {
			bad("thread %u: object %x: attribute differs at %zd", t->nr, oid, i);
			break;
		}
	}
	if (ldiskfs_version(obj) != state->transno)
		bad("thread %u: object %x: version %llu, state %llu", t->nr, oid,
		    ldiskfs_version(obj), state->transno);
	if (state->type == STRESS_DATA) {
		if (!data_name(oid, obj))
			bad("thread %u: data object %x is not where it should be", t->nr, oid);
		return;
	}
	if (!names(t->dirs[state->dir % STRESS_DIRS], oid, obj))
		bad("thread %u: object %x has no name in d%u", t->nr, oid, state->dir);
	second = names(t->dirs[STRESS_DIRS], oid, obj);
	if (!S_ISDIR(inode->i_mode) && inode->i_nlink != 1 + second)
		bad("thread %u: object %x has %u links", t->nr, oid, inode->i_nlink);
	if (inode->i_uid.val != 1000 + oid % 3)
		bad("thread %u: object %x belongs to %u", t->nr, oid, inode->i_uid.val);
}

/* Return: 1 if the object exists. */
static int check_object(struct stress_thread *t, u32 oid, char *value, u64 *inodes)
{
	struct lu_fid fid = stress_fid(t->nr, oid);
	struct ldiskfs_object *obj = ldiskfs_find(stress_dev, &fid);
	struct stress_state state;
	ssize_t n;

	if (obj == ERR_PTR(-ENOENT))
		return 0;
	if (IS_ERR(obj)) {
		bad("thread %u: object %x: %ld", t->nr, oid, PTR_ERR(obj));
		return 0;
	}
	n = ldiskfs_getxattr(obj, STRESS_STATE, value, XATTR_SIZE_MAX);
	if (n < (ssize_t)sizeof(state)) {
		bad("thread %u: object %x has no state: %zd", t->nr, oid, n);
	} else {
		memcpy(&state, value, sizeof(state));
		check_state(t, oid, obj, &state, value, n);
	}
	if (stress_type_of(oid) != STRESS_DATA)
		(*inodes)++;
	ldiskfs_object_put(obj);
	return 1;
}

static void check_log(struct stress_thread *t)
{
	struct stress_entry entry;
	u64 size = i_size_read(ldiskfs_inode(t->log));

	if (size != t->slot.transno * sizeof(entry)) {
		bad("thread %u: log of %llu bytes, transno %llu", t->nr, size, t->slot.transno);
		return;
	}
	if (size && (ldiskfs_log_read(t->log, size - sizeof(entry), &entry, sizeof(entry)) != sizeof(entry) ||
		     entry.transno != t->slot.transno))
		bad("thread %u: last log entry", t->nr);
}

static void check_thread(struct stress_thread *t, char *value)
{
	u64 live = 0, xor = 0, named = 0, found = 0;
	unsigned int i;
	u32 oid;

	if (ldiskfs_rec_read(stress_slots, t->nr * sizeof(t->slot), &t->slot, sizeof(t->slot)))
		bad("slot %u", t->nr);
	for (oid = 0; oid < STRESS_OIDS; oid++) {
		if (!check_object(t, oid, value, &named))
			continue;
		live++;
		xor ^= stress_hash(oid);
	}
	for (i = 0; i < STRESS_DIRS; i++)
		found += count_names(t, t->dirs[i]);
	count_names(t, t->dirs[STRESS_DIRS]);
	if (live != t->slot.live || xor != t->slot.xor || t->slot.creates - t->slot.unlinks != live)
		bad("thread %u: %llu objects, the slot says %llu", t->nr, live, t->slot.live);
	if (found != named)
		bad("thread %u: %llu names, %llu objects that should have one", t->nr, found, named);
	check_log(t);
	pr_notice("stress: thread %u: transno %llu live %llu\n", t->nr, t->slot.transno, live);
}

int stress_check(void)
{
	char *value = kvmalloc(XATTR_SIZE_MAX, GFP_KERNEL);
	unsigned int i;

	if (!value)
		return -ENOMEM;
	faults = 0;
	for (i = 0; i < STRESS_THREADS; i++)
		check_thread(&stress_threads[i], value);
	kvfree(value);
	pr_notice("stress: checked: %u faults\n", faults);
	return faults ? -EUCLEAN : 0;
}
