// SPDX-License-Identifier: GPL-2.0
/*
 * fcntl() and flock() of a mounted file system: the server decides, the kernel's own
 * list follows (section 16). What is granted is kept by the rules of flock.c, so that it
 * can be replayed.
 */
#include <linux/once.h>
#include <linux/random.h>
#include "compat/filelock.h"
#include "kernel/ldlm/internal.h"

#define LDLM_FLOCK_MAX_PID	0x7fffffffU

/* Owners are addresses of ours; they only have to differ, so nobody else gets to see them. */
static u64 ldlm_flock_owner(const struct file_lock *fl)
{
	static u64 secret;

	get_random_once(&secret, sizeof(secret));
	return (u64)(unsigned long)FLC(fl, owner) ^ secret;
}

static int ldlm_flock_mode(const struct file_lock *fl, u32 *mode)
{
	switch (FLC(fl, type)) {
	case F_RDLCK:
		*mode = LDLM_PR;
		return 0;
	case F_WRLCK:
		*mode = LDLM_PW;
		return 0;
	case F_UNLCK:
		*mode = LDLM_NL;
		return 0;
	default:
		return -EINVAL;
	}
}

/* What to ask for; flags as stock clients send them */
static int ldlm_flock_request(const struct lu_fid *fid, int cmd, const struct file_lock *fl,
			      struct ldlm_enqueue *e)
{
	bool bsd = FLC(fl, flags) & FL_FLOCK;

	memset(e, 0, sizeof(*e));
	e->res = ldlm_res_fid(fid);
	e->res.name[3] = LDLM_RES_FLOCK;
	e->type = LDLM_FLOCK;
	e->policy.flock.start = fl->fl_start;
	e->policy.flock.end = fl->fl_end;
	e->policy.flock.owner = ldlm_flock_owner(fl);
	e->policy.flock.pid = FLC(fl, pid);
	switch (cmd) {
	case F_GETLK:
		e->flags = LDLM_FL_TEST_LOCK;
		break;
	case F_SETLK:
		e->flags = bsd && FLC(fl, type) == F_UNLCK ? 0 : LDLM_FL_BLOCK_NOWAIT;
		break;
	case F_SETLKW:
		break;
	default:
		return -EINVAL;
	}
	return ldlm_flock_mode(fl, &e->mode);
}

/* A waiter gives up, unless it got it in the meantime. The server learns when it grants it. */
static int ldlm_flock_give_up(struct ldlm_lock *lock, int rc)
{
	struct ldlm_resource *res = ldlm_lock_res_lock(lock);
	bool granted = ldlm_is_granted(lock) && !(lock->flags & LDLM_L_FAILED);

	spin_unlock(&res->lock);
	if (granted)
		return 0;
	ldlm_cli_drop(lock, LDLM_L_FAILED);
	return rc;
}

static int ldlm_flock_enqueue(struct rpc_import *imp, struct ldlm_enqueue *e);

/* The server gave the lock to a process that was killed: nobody else would ever give it back. */
static void ldlm_flock_orphan(struct rpc_request *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct ldlm_enqueue e = { .type = LDLM_FLOCK, .mode = LDLM_NL };

	if (req->status)
		return;
	ldlm_res_id_from_wire(&e.res, &dlm->lock_desc.l_resource.lr_name);
	ldlm_type_ops(LDLM_FLOCK)->from_wire(&e.policy, &dlm->lock_desc.l_policy_data);
	ldlm_flock_enqueue(req->imp, &e);
}

/* The server's part. F_GETLK: @e is the answer. */
static int ldlm_flock_enqueue(struct rpc_import *imp, struct ldlm_enqueue *e)
{
	bool unlock = e->mode == LDLM_NL;
	struct rpc_request *req = NULL;
	struct ldlm_resource *res;
	struct ldlm_lock *lock;
	int rc;

	lock = ldlm_enqueue_prepare(imp, &req, e);
	if (IS_ERR(lock))
		return PTR_ERR(lock);
	ldlm_lock_get(lock);
	req->flags |= RPC_REQ_MODIFY | (unlock ? RPC_REQ_UNINTERRUPTIBLE : 0);
	if (!(e->flags & LDLM_FL_TEST_LOCK))
		req->orphan = ldlm_flock_orphan;
	rc = ldlm_enqueue_reply(lock, req, e, rpc_call(req));
	rpc_request_put(req);
	if (rc)
		goto out;
	if (e->flags & LDLM_FL_BLOCKED_MASK) {
		rc = ldlm_wait_granted(lock, e->flags);
		if (rc)
			rc = ldlm_flock_give_up(lock, rc);
		if (rc)
			goto out;
	}
	if (lock->flags & LDLM_FL_TEST_LOCK || unlock) {
		e->mode = lock->req_mode;
		e->policy = lock->policy;
		ldlm_cli_drop(lock, 0);
		goto out;
	}
	res = ldlm_lock_res_lock(lock);
	lock->users = 0;	/* it is no cache: it ends by an unlock */
	spin_unlock(&res->lock);
out:
	ldlm_lock_put(lock);
	return rc;
}

static void ldlm_flock_answer(const struct ldlm_enqueue *e, struct file_lock *fl)
{
	FLC(fl, type) = e->mode == LDLM_PR ? F_RDLCK : e->mode == LDLM_NL ? F_UNLCK : F_WRLCK;
	if (e->mode == LDLM_NL)
		return;
	fl->fl_start = e->policy.flock.start;
	fl->fl_end = min_t(u64, e->policy.flock.end, OFFSET_MAX);
	FLC(fl, pid) = e->policy.flock.pid & LDLM_FLOCK_MAX_PID;
}

static int ldlm_flock_undo(struct rpc_import *imp, struct ldlm_enqueue *e, int rc)
{
	e->mode = LDLM_NL;
	e->flags = 0;
	ldlm_flock_enqueue(imp, e);
	return rc;
}

/**
 * ldlm_cli_flock() - the lock and flock operations of a file of a mounted file system
 * @imp: connection to the file's MDT
 * @fid: the file
 * @file: open file
 * @cmd: F_GETLK, F_SETLK, F_SETLKW
 * @fl: POSIX or BSD lock; F_GETLK: the answer, too
 *
 * Context: sleeps; interruptible while it waits for others. One RPC.
 * Return: 0, -EAGAIN, -EDEADLK, -EINTR, -EINVAL, other negative errno.
 */
int ldlm_cli_flock(struct rpc_import *imp, const struct lu_fid *fid, struct file *file,
		   int cmd, struct file_lock *fl)
{
	struct ldlm_enqueue e;
	int rc;

	rc = ldlm_flock_request(fid, cmd, fl, &e);
	if (rc)
		return rc;
	/* gone here before the server gives it to somebody else on this node */
	if (e.mode == LDLM_NL && cmd != F_GETLK) {
		rc = locks_lock_file_wait(file, fl);
		return rc < 0 ? rc : ldlm_flock_enqueue(imp, &e);
	}
	rc = ldlm_flock_enqueue(imp, &e);
	if (rc)
		return rc;
	if (cmd == F_GETLK) {
		ldlm_flock_answer(&e, fl);
		return 0;
	}
	rc = locks_lock_file_wait(file, fl);
	return rc < 0 ? ldlm_flock_undo(imp, &e, rc) : rc;
}
EXPORT_SYMBOL_GPL(ldlm_cli_flock);
