/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module that works ldiskfs hard and checks what is left after a power cut. It is
 * told what to do by writing lines to debugfs; results are in the kernel's log.
 *
 * Each thread has a sequence of FIDs, directories d0..d7 and L in /stress/<thread>,
 * a slot in the record file "slots" and a journaled file "log". Every operation is
 * one transaction that also updates slot and log: whatever the crash, they agree.
 */
#ifndef SHEEN_TESTS_STRESS_H
#define SHEEN_TESTS_STRESS_H

#include <linux/types.h>
#include "ldiskfs/ldiskfs.h"

#define STRESS_THREADS	2
#define STRESS_OIDS	1500
#define STRESS_DIRS	8
#define STRESS_STATE	"trusted.state"
#define STRESS_SPLIT	1	/* negative control: two transactions where one belongs */

enum stress_type { STRESS_FILE, STRESS_DIR, STRESS_LINKED, STRESS_DATA };

/* What an object says of itself, in STRESS_STATE; the rest of the value is @fill. */
struct stress_state {
	u64	transno;
	u32	oid;
	u16	dir;
	u8	type;
	u8	fill;
};

struct stress_slot {
	u64	transno;
	u64	creates;
	u64	unlinks;
	u64	live;
	u64	xor;
	u8	pad[88];
};

static_assert(sizeof(struct stress_slot) == 128);

struct stress_entry {
	u64	transno;
	u32	op;
	u32	oid;
	u8	pad[48];
};

static_assert(sizeof(struct stress_entry) == 64);

struct stress_thread {
	unsigned int		nr;
	unsigned int		flags;
	u32			random;
	u64			ops;
	u64			committed;	/* highest transno reported */
	struct stress_slot	slot;
	struct ldiskfs_object	*dirs[STRESS_DIRS + 1];	/* the last is L */
	struct ldiskfs_object	*log;
	struct task_struct	*task;
};

extern struct ldiskfs_dev *stress_dev;
extern struct ldiskfs_rec *stress_slots;
extern struct stress_thread stress_threads[STRESS_THREADS];

static inline u64 stress_hash(u32 oid)
{
	return (oid + 1) * 0x9e3779b97f4a7c15ULL;
}

static inline enum stress_type stress_type_of(u32 oid)
{
	switch (oid % 16) {
	case 0:
		return STRESS_DIR;
	case 1:
		return STRESS_LINKED;
	case 2:
	case 3:
		return STRESS_DATA;
	default:
		return STRESS_FILE;
	}
}

/* Data objects have IDIF sequences of their own. */
static inline struct lu_fid stress_fid(unsigned int thread, u32 oid)
{
	u64 seq = stress_type_of(oid) == STRESS_DATA ? FID_SEQ_IDIF_MIN + ((u64)thread << 16) :
						       FID_SEQ_NORMAL + thread;

	return (struct lu_fid){ .f_seq = seq, .f_oid = oid };
}

/* "%x" of an object id, as a name */
struct stress_name {
	struct qstr	q;
	char		text[12];
};

static inline const struct qstr *stress_name(struct stress_name *name, u32 oid)
{
	name->q.name = name->text;
	name->q.len = snprintf(name->text, sizeof(name->text), "%x", oid);
	return &name->q;
}

/* stress_load.c */
int stress_attach(void);
void stress_detach(void);
int stress_start(unsigned int flags);
int stress_stop(void);

/* stress_check.c */
int stress_check(void);

/* stress_api.c */
int stress_api(void);
int stress_stale_before(void);
int stress_stale_after(void);

#endif
