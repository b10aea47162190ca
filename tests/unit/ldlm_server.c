// SPDX-License-Identifier: GPL-2.0
/*
 * The lock manager's server side, message in and message out: its sources are compiled
 * into this module, and the RPC layer below is replaced by doubles that record what is
 * sent. Vectors are from the checklist of chapter 03, section 17.
 */
#include <linux/export.h>
#include <linux/kthread.h>
#undef EXPORT_SYMBOL_GPL
#define EXPORT_SYMBOL_GPL(sym) extern int unit_not_exported_##sym
#include "../../kernel/rpc/formats.c"
#include "../../kernel/rpc/message.c"
#include "../../kernel/rpc/handle.c"
#include "../../kernel/ldlm/namespace.c"
#include "../../kernel/ldlm/lock.c"
#include "../../kernel/ldlm/queue.c"
#include "../../kernel/ldlm/plain.c"
#include "../../kernel/ldlm/extent.c"
#include "../../kernel/ldlm/inodebits.c"
#include "../../kernel/ldlm/flock.c"
#include "../../kernel/ldlm/server.c"
#include "../../kernel/ldlm/cancel_server.c"
#include "../../kernel/ldlm/glimpse.c"
#include "../../kernel/ldlm/ast.c"
#include "../../kernel/ldlm/waiting.c"
#include <kunit/test.h>

/* --- doubles --- */

#define MAX_SENT 128

/** struct sent - a callback that went to a client */
struct sent {
	u32			opc;
	u32			len;
	u32			lvb_len;
	u64			flags;
	u64			h0, h1;
	struct ldlm_lock_desc	desc;
};

static struct sent sent[MAX_SENT];
static unsigned int nr_sent;
static int answer_bl, answer_cp, answer_gl;
static u64 gl_size, disk_size;
static unsigned int evicted;

unsigned int rpc_timeout = 100;
const struct rpc_op ldlm_callback_ops[1];
const unsigned int ldlm_nr_callback_ops;

struct fake_request {
	struct rpc_request	req;
	struct rpc_buf		rq, rp;
};

static struct fake_request *fake(struct rpc_request *req)
{
	return container_of(req, struct fake_request, req);
}

struct rpc_request *rpc_request_alloc(struct rpc_import *imp, const struct rpc_format *fmt)
{
	struct fake_request *f = kzalloc(sizeof(*f), GFP_KERNEL);

	kref_init(&f->req.ref);
	f->req.fmt = fmt;
	rpc_msg_init(&f->req.rq, fmt->req, fmt->nr_req);
	rpc_msg_init(&f->req.rp, fmt->rep, fmt->nr_rep);
	return &f->req;
}

int rpc_request_pack(struct rpc_request *req)
{
	return rpc_msg_pack(&req->rq, &fake(req)->rq, false, GFP_KERNEL);
}

static void fake_free(struct kref *ref)
{
	struct fake_request *f = container_of(ref, struct fake_request, req.ref);

	rpc_buf_free(&f->rq);
	rpc_buf_free(&f->rp);
	kfree(f);
}

void rpc_request_put(struct rpc_request *req)
{
	kref_put(&req->ref, fake_free);
}

static void record(struct rpc_request *req)
{
	const struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct sent *s = &sent[min_t(unsigned int, nr_sent++, MAX_SENT - 1)];

	*s = (struct sent){
		.opc = req->fmt->opc,
		.len = req->rq.len,
		.lvb_len = rpc_field_size(&req->rq, RF_LVB),
		.flags = le32_to_cpu(dlm->lock_flags),
		.h0 = le64_to_cpu(dlm->lock_handle[0].cookie),
		.h1 = le64_to_cpu(dlm->lock_handle[1].cookie),
		.desc = dlm->lock_desc,
	};
}

void rpc_send(struct rpc_request *req)
{
	record(req);
	req->status = req->fmt->opc == LDLM_BL_CALLBACK ? answer_bl : answer_cp;
	req->done(req);
}

int rpc_call(struct rpc_request *req)
{
	struct ost_lvb *lvb;

	record(req);
	if (answer_gl)
		return answer_gl;
	if (rpc_msg_pack(&req->rp, &fake(req)->rp, true, GFP_KERNEL))
		return -ENOMEM;
	lvb = rpc_field(&req->rp, RF_LVB);
	lvb->lvb_size = cpu_to_le64(gl_size);
	return 0;
}

struct rpc_import *rpc_import_get(struct rpc_import *imp) { return imp; }
void rpc_import_put(struct rpc_import *imp) { }
enum rpc_import_state rpc_import_state(const struct rpc_import *imp) { return RPC_IMP_FULL; }
void ldlm_forget_work(struct work_struct *work) { }
void ldlm_ns_params_add(struct ldlm_namespace *ns) { }
void ldlm_ns_params_del(struct ldlm_namespace *ns) { }
struct rpc_service *rpc_service_get(const struct rpc_service_args *args) { return (void *)args; }
void rpc_service_put(struct rpc_service *svc) { }
struct rpc_export *rpc_export_get(struct rpc_export *exp) { kref_get(&exp->ref); return exp; }
static void export_never_freed(struct kref *ref) { WARN_ON(1); }
void rpc_export_put(struct rpc_export *exp) { kref_put(&exp->ref, export_never_freed); }
void rpc_export_evict(struct rpc_export *exp, const char *why) { evicted++; exp->failed = true; }
void ldlm_lru_work(struct work_struct *work) { }
void ldlm_cancel_work(struct work_struct *work) { }
int ldlm_cli_cancel_unused(struct ldlm_namespace *ns, const struct ldlm_res_id *id, bool local) { return 0; }

static struct rpc_buf reply_buf;

int rpc_reply_pack(struct rpc_svcreq *req)
{
	rpc_buf_free(&reply_buf);
	return rpc_msg_pack(&req->rp, &reply_buf, true, GFP_KERNEL);
}

void rpc_svc_set_format(struct rpc_svcreq *req, const struct rpc_format *fmt)
{
	req->rq.fields = fmt->req;
	req->rq.nr = fmt->nr_req;
	if (!req->rp.msg)
		rpc_msg_init(&req->rp, fmt->rep, fmt->nr_rep);
}

/* --- a server with clients --- */

static struct ldlm_namespace *ns;
static struct rpc_target target;
static struct rpc_import reverse;
static struct rpc_export clients[40];
static u64 next_cookie;
static u32 reply_len;

#define A (&clients[0])
#define B (&clients[1])
#define C (&clients[2])

static int disk_lvb(struct ldlm_lock *lock, void *buf, u32 size, bool refresh)
{
	struct ost_lvb *lvb = buf;

	lvb->lvb_size = cpu_to_le64(disk_size);
	return ldlm_lock_res(lock)->name[0] == 404 ? -ENOENT : 0;
}

static const struct ldlm_ns_ops ost_ops = { .lvb_fill = disk_lvb, .glimpse_aware = true };
static const struct ldlm_ns_ops mdt_ops;

static void start_clients(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		struct rpc_export *exp = &clients[i];

		memset(exp, 0, sizeof(*exp));
		kref_init(&exp->ref);
		spin_lock_init(&exp->lock);
		INIT_LIST_HEAD(&exp->locks);
		exp->tgt = &target;
		exp->rev = &reverse;
		exp->connected = true;
		exp->ocd.ocd_connect_flags = cpu_to_le64(OBD_CONNECT_LVB_TYPE | OBD_CONNECT_FLOCK_DEAD);
	}
}

static void start(struct kunit *test, const struct ldlm_ns_ops *ops)
{
	KUNIT_ASSERT_EQ(test, ldlm_init(), 0);
	KUNIT_ASSERT_EQ(test, rpc_handles_init(), 0);
	ns = ldlm_ns_create("unit", LDLM_SERVER, ops, NULL, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ns));
	target.ns = ns;
	start_clients();
	nr_sent = 0;
	answer_bl = answer_cp = answer_gl = 0;
	gl_size = disk_size = 0;
	evicted = 0;
	next_cookie = 1000;
}

static int start_ost(struct kunit *test)
{
	start(test, &ost_ops);
	return 0;
}

static int start_mdt(struct kunit *test)
{
	start(test, &mdt_ops);
	return 0;
}

static void stop(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clients); i++)
		ldlm_export_cleanup(&clients[i]);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
	ldlm_ns_destroy(ns);
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		KUNIT_EXPECT_EQ(test, kref_read(&clients[i].ref), 1);
	ldlm_exit();
	rpc_handles_exit();
	rpc_buf_free(&reply_buf);
}

/** struct ask - an enqueue and what came of it */
struct ask {
	struct rpc_export	*exp;
	u64			obj;
	u32			type, mode;
	union ldlm_policy	p;
	u64			flags;
	u64			cookie;		/* 0: a new one */
	bool			resent;
	u64			elc;
	/* answer */
	struct ldlm_reply	rep;
	u32			lvb_len;
	u64			lvb_size;
};

static struct rpc_svcreq *request(struct rpc_export *exp, const struct rpc_format *fmt, u32 handles,
				  struct rpc_buf *buf, struct ldlm_request **dlm)
{
	static struct rpc_svcreq req;

	memset(&req, 0, sizeof(req));
	req.exp = exp;
	rpc_msg_init(&req.rq, fmt->req, fmt->nr_req);
	rpc_msg_init(&req.rp, fmt->rep, fmt->nr_rep);
	rpc_set_size(&req.rq, RF_DLM_REQ, 88 + 8 * max(handles, 2U));
	if (rpc_msg_pack(&req.rq, buf, false, GFP_KERNEL))
		return NULL;
	*dlm = rpc_field(&req.rq, RF_DLM_REQ);
	(*dlm)->lock_count = cpu_to_le32(handles);
	return &req;
}

static void ask_fill(struct ask *a, struct ldlm_request *dlm)
{
	struct ldlm_lock_desc *d = &dlm->lock_desc;
	struct ldlm_res_id id = { .name = { a->obj } };

	dlm->lock_flags = cpu_to_le32(a->flags);
	d->l_resource.lr_type = cpu_to_le32(a->type);
	ldlm_res_id_to_wire(&id, &d->l_resource.lr_name);
	d->l_req_mode = cpu_to_le32(a->mode);
	ldlm_type_ops(a->type)->to_wire(&a->p, &d->l_policy_data);
	if (a->type == LDLM_IBITS)
		d->l_policy_data.l_inodebits.other = cpu_to_le64(a->p.ibits.try_bits);
	if (!a->cookie)
		a->cookie = next_cookie++;
	dlm->lock_handle[0].cookie = cpu_to_le64(a->cookie);
	dlm->lock_handle[1].cookie = cpu_to_le64(a->elc);
}

static int ask(struct ask *a)
{
	struct ldlm_request *dlm;
	struct rpc_buf buf = { };
	struct rpc_svcreq *req = request(a->exp, &RQF_LDLM_ENQUEUE, a->elc ? 2 : 1, &buf, &dlm);
	struct ost_lvb *lvb;
	void *rep;
	int rc;

	ask_fill(a, dlm);
	req->resent = a->resent;
	rc = ldlm_handle_enqueue(req);
	memset(&a->rep, 0xff, sizeof(a->rep));
	rep = rpc_field(&req->rp, RF_DLM_REP);
	if (rep)
		memcpy(&a->rep, rep, sizeof(a->rep));
	a->lvb_len = rpc_field_size(&req->rp, RF_LVB);
	lvb = a->lvb_len ? rpc_field(&req->rp, RF_LVB) : NULL;
	a->lvb_size = lvb ? le64_to_cpu(lvb->lvb_size) : 0;
	reply_len = req->rp.len;
	rpc_buf_free(&buf);
	return rc;
}

static u64 flags_of(const struct ask *a) { return le32_to_cpu(a->rep.lock_flags); }
static u32 granted_of(const struct ask *a) { return le32_to_cpu(a->rep.lock_desc.l_granted_mode); }
static u32 mode_of(const struct ask *a) { return le32_to_cpu(a->rep.lock_desc.l_req_mode); }
static u64 handle_of(const struct ask *a) { return le64_to_cpu(a->rep.lock_handle.cookie); }
static u64 start_of(const struct ldlm_lock_desc *d) { return le64_to_cpu(d->l_policy_data.l_extent.start); }
static u64 end_of(const struct ldlm_lock_desc *d) { return le64_to_cpu(d->l_policy_data.l_extent.end); }
static u64 bits_of(const struct ldlm_lock_desc *d) { return le64_to_cpu(d->l_policy_data.l_inodebits.bits); }

#define EXTENT(e, m, s, t, ...) ((struct ask){ .exp = e, .obj = 0x22, .type = LDLM_EXTENT, \
	.mode = m, .p.extent = { .start = s, .end = t }, ##__VA_ARGS__ })
#define IBITS(e, m, b, t, ...) ((struct ask){ .exp = e, .obj = 7, .type = LDLM_IBITS, \
	.mode = m, .p.ibits = { .bits = b, .try_bits = t }, ##__VA_ARGS__ })
#define FLOCK(e, m, s, t, f) ((struct ask){ .exp = e, .obj = 9, .type = LDLM_FLOCK, \
	.mode = m, .p.flock = { .start = s, .end = t, .owner = 1, .pid = 77 }, .flags = f })

static int cancel(struct rpc_export *exp, const u64 *handles, unsigned int nr)
{
	struct ldlm_request *dlm;
	struct rpc_buf buf = { };
	struct rpc_svcreq *req = request(exp, &RQF_LDLM_CANCEL, nr, &buf, &dlm);
	unsigned int i;
	int rc;

	for (i = 0; i < nr; i++)
		dlm->lock_handle[i].cookie = cpu_to_le64(handles[i]);
	rc = ldlm_handle_cancel(req);
	reply_len = req->rp.len;
	rpc_buf_free(&buf);
	return rc;
}

static int cancel_one(struct rpc_export *exp, const struct ask *a)
{
	u64 h = handle_of(a);

	return cancel(exp, &h, 1);
}

static u32 convert(struct rpc_export *exp, u64 handle, u32 mode, u64 keep, struct ldlm_reply *rep)
{
	struct ldlm_request *dlm;
	struct rpc_buf buf = { };
	struct rpc_svcreq *req = request(exp, &RQF_LDLM_CONVERT, 1, &buf, &dlm);
	int rc;

	dlm->lock_handle[0].cookie = cpu_to_le64(handle);
	dlm->lock_desc.l_req_mode = dlm->lock_desc.l_granted_mode = cpu_to_le32(mode);
	dlm->lock_desc.l_policy_data.l_inodebits.bits = cpu_to_le64(keep);
	rc = ldlm_handle_convert(req);
	memcpy(rep, rpc_field(&req->rp, RF_DLM_REP), sizeof(*rep));
	reply_len = req->rp.len;
	rpc_buf_free(&buf);
	return rc;
}

/* --- modes, names, types --- */

/* 4: the matrix, and that it is symmetric */
static void modes(struct kunit *test)
{
	static const u8 masks[] = { 0x20, 0x30, 0x34, 0x38, 0x3e, 0x7f, 0x60, 0x80 };
	unsigned int i, j;

	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++)
			KUNIT_EXPECT_EQ_MSG(test, ldlm_modes_compatible(1 << i, 1 << j),
					    !!(masks[i] & 1 << j), "%x %x", 1 << i, 1 << j);
	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++)
			KUNIT_EXPECT_EQ(test, ldlm_modes_compatible(1 << i, 1 << j),
					ldlm_modes_compatible(1 << j, 1 << i));
}

/* 30: what makes no sense is answered with an error */
static void malformed(struct kunit *test)
{
	struct ask a = IBITS(A, LDLM_PR, 0, 0);

	KUNIT_EXPECT_EQ(test, ask(&a), -EPROTO);
	a = IBITS(A, 3, 1, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), -EFAULT);
	a = IBITS(A, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), -EFAULT);
	a = IBITS(A, LDLM_COS, 1, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), -EFAULT);
	a = IBITS(A, LDLM_GROUP, 3, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), -EPROTO);
	a = IBITS(A, LDLM_PR, 1, 0);
	a.type = 9;
	KUNIT_EXPECT_EQ(test, ask(&a), -EFAULT);
	a = FLOCK(A, LDLM_PW, 10, 5, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), -EINVAL);
	/* replay of locks outside recovery would be a way around conflicts */
	a = IBITS(A, LDLM_EX, 1, 0, .flags = LDLM_FL_REPLAY | LDLM_FL_BLOCK_GRANTED);
	KUNIT_EXPECT_EQ(test, ask(&a), -EPROTO);
	/* a resource has one type */
	a = IBITS(A, LDLM_PR, 1, 0);
	KUNIT_EXPECT_EQ(test, ask(&a), 0);
	a.type = LDLM_PLAIN;
	a.cookie = 0;
	KUNIT_EXPECT_EQ(test, ask(&a), -EINVAL);
}

/* --- extents --- */

static void take(struct kunit *test, struct rpc_export *exp, u32 mode, u64 s, u64 e)
{
	struct ask a = EXTENT(exp, mode, s, e, .flags = LDLM_FL_NO_EXPANSION);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, granted_of(&a), mode);
}

static void expect_extent(struct kunit *test, struct ask a, u64 s, u64 e)
{
	bool changed = s != a.p.extent.start || e != a.p.extent.end;

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&a), changed ? LDLM_FL_LOCK_CHANGED : 0ULL);
	KUNIT_EXPECT_EQ(test, granted_of(&a), a.mode);
	KUNIT_EXPECT_EQ(test, start_of(&a.rep.lock_desc), s);
	KUNIT_EXPECT_EQ(test, end_of(&a.rep.lock_desc), e);
}

/* 5, 9: all of the object for who is alone */
static void extent_alone(struct kunit *test)
{
	expect_extent(test, EXTENT(A, LDLM_PW, 0, 0xfff), 0, LDLM_EOF);
	KUNIT_EXPECT_EQ(test, reply_len, 400);
}

static void extent_whole(struct kunit *test)
{
	expect_extent(test, EXTENT(A, LDLM_PW, 0, LDLM_EOF), 0, LDLM_EOF);
}

static void extent_no_lvb_type(struct kunit *test)
{
	A->ocd.ocd_connect_flags = 0;
	expect_extent(test, EXTENT(A, LDLM_PW, 0, 0xfff), 0, LDLM_EOF);
	KUNIT_EXPECT_EQ(test, reply_len, 384);
}

/* 10: the gap between others */
static void extent_gap(struct kunit *test)
{
	take(test, B, LDLM_PW, 0, 0xfffff);
	take(test, C, LDLM_PW, 0x400000, LDLM_EOF);
	expect_extent(test, EXTENT(A, LDLM_PW, 0x200000, 0x200fff), 0x100000, 0x3fffff);
}

/* 11: as aligned as what was asked */
static void extent_aligned(struct kunit *test)
{
	take(test, B, LDLM_PW, 0, 0x28fff);
	take(test, C, LDLM_PW, 0x55000, LDLM_EOF);
	expect_extent(test, EXTENT(A, LDLM_PW, 0x30000, 0x3ffff), 0x30000, 0x4ffff);
}

static void extent_unaligned(struct kunit *test)
{
	take(test, B, LDLM_PW, 201, LDLM_EOF);
	expect_extent(test, EXTENT(A, LDLM_PW, 0, 99), 0, 99);
}

/* 12: some others: not downwards; many: pieces, for writers */
static void extent_many(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		take(test, &clients[1 + i], LDLM_PW, i * 0x10000ULL, i * 0x10000ULL + 0xfff);
	expect_extent(test, EXTENT(A, LDLM_PW, 0x200000, 0x200fff), 0x200000, LDLM_EOF);
}

static void extent_very_many(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 33; i++)
		take(test, &clients[1 + i], LDLM_PW, i * 0x10000ULL, i * 0x10000ULL + 0xfff);
	expect_extent(test, EXTENT(A, LDLM_PW, 0x10000000, 0x10000fff), 0x10000000, 0x11ffffff);
}

static void extent_very_many_readers(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 33; i++)
		take(test, &clients[1 + i], LDLM_PW, i * 0x10000ULL, i * 0x10000ULL + 0xfff);
	expect_extent(test, EXTENT(A, LDLM_PR, 0x10000000, 0x10000fff), 0x10000000, LDLM_EOF);
}

/* 13, 15.1: blocked, recalled, granted, with the messages that belong to it */
static void extent_conflict(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, 0xfff), b = EXTENT(B, LDLM_PW, 0x100000, 0x100fff);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&b), LDLM_FL_BLOCK_GRANTED | LDLM_FL_NO_TIMEOUT);
	KUNIT_EXPECT_EQ(test, granted_of(&b), 0);
	KUNIT_EXPECT_EQ(test, b.lvb_len, 56);
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, sent[0].opc, LDLM_BL_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[0].len, 328);
	KUNIT_EXPECT_EQ(test, sent[0].h0, a.cookie);
	KUNIT_EXPECT_EQ(test, sent[0].h1, handle_of(&a));
	KUNIT_EXPECT_EQ(test, sent[0].flags, 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(sent[0].desc.l_req_mode), LDLM_PW);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(sent[0].desc.l_granted_mode), 0);
	disk_size = 4096;
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 2);
	KUNIT_EXPECT_EQ(test, sent[1].opc, LDLM_CP_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[1].len, 392);
	KUNIT_EXPECT_EQ(test, sent[1].h0, b.cookie);
	KUNIT_EXPECT_EQ(test, sent[1].h1, handle_of(&b));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(sent[1].desc.l_granted_mode), LDLM_PW);
	KUNIT_EXPECT_EQ(test, start_of(&sent[1].desc), 0);
	KUNIT_EXPECT_EQ(test, end_of(&sent[1].desc), LDLM_EOF);
}

/* 14: first come, first served: a reader waits behind a writer that waits */
static void extent_fifo(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PR, 0, LDLM_EOF), b = EXTENT(B, LDLM_PW, 0, LDLM_EOF),
		   c = EXTENT(C, LDLM_PR, 0, LDLM_EOF);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	KUNIT_EXPECT_TRUE(test, flags_of(&c) & LDLM_FL_BLOCK_GRANTED);
	/* one recall per conflict; the writer learns with its grant that somebody waits */
	KUNIT_EXPECT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 2);
	KUNIT_EXPECT_EQ(test, sent[1].h0, b.cookie);
	KUNIT_EXPECT_EQ(test, sent[1].flags, LDLM_FL_AST_SENT);
	KUNIT_EXPECT_EQ(test, cancel_one(B, &b), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 3);
	KUNIT_EXPECT_EQ(test, sent[2].h0, c.cookie);
}

/* 18: a client that knows nothing of its lock loses it, and nobody is evicted */
static void extent_unknown(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, LDLM_EOF), b = EXTENT(B, LDLM_PW, 0, LDLM_EOF);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	answer_bl = -EINVAL;
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_TRUE(test, flags_of(&b) & LDLM_FL_BLOCK_GRANTED);
	KUNIT_EXPECT_EQ(test, granted_of(&b), LDLM_PW);	/* the CP AST was faster than the reply */
	KUNIT_EXPECT_EQ(test, nr_sent, 2);
	KUNIT_EXPECT_EQ(test, evicted, 0);
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), ELDLM_ESTALE);
}

static void extent_unknown_waiter(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, LDLM_EOF), b = EXTENT(B, LDLM_PW, 0, LDLM_EOF),
		   c = EXTENT(C, LDLM_PR, 0, LDLM_EOF);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	answer_cp = -EINVAL;
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	/* told B, which did not know; then C, the same */
	KUNIT_EXPECT_EQ(test, nr_sent, 3);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
	KUNIT_EXPECT_EQ(test, evicted, 0);
}

static void extent_lost_connection(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, LDLM_EOF), b = EXTENT(B, LDLM_PW, 0, LDLM_EOF);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	answer_bl = -ENOTCONN;
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, evicted, 1);
	ldlm_export_cleanup(A);
	KUNIT_EXPECT_EQ(test, sent[nr_sent - 1].opc, LDLM_CP_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[nr_sent - 1].h0, b.cookie);
	/* nothing more is granted to who is gone */
	a.cookie = 0;
	KUNIT_EXPECT_EQ(test, ask(&a), -ENOTCONN);
}

/* 15.3: the holder need not write what is being cut off */
static void extent_discard(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PR, 0, LDLM_EOF),
		   b = EXTENT(B, LDLM_PW, 0, LDLM_EOF, .flags = LDLM_FL_AST_DISCARD_DATA);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&b), 0x80020002ULL);
	KUNIT_EXPECT_EQ(test, sent[0].flags, LDLM_FL_DISCARD_DATA);
}

static void extent_group(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_GROUP, 0, LDLM_EOF), b = EXTENT(B, LDLM_GROUP, 0, LDLM_EOF),
		   c = EXTENT(C, LDLM_PR, 0, LDLM_EOF), other;

	a.p.extent.gid = b.p.extent.gid = 5;
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	KUNIT_EXPECT_TRUE(test, flags_of(&c) & LDLM_FL_BLOCK_GRANTED);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);	/* groups are not recalled */
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&b), LDLM_GROUP);
	other = EXTENT(C, LDLM_GROUP, 0, LDLM_EOF, .flags = LDLM_FL_BLOCK_NOWAIT);
	other.p.extent.gid = 6;
	KUNIT_EXPECT_EQ(test, ask(&other), -EAGAIN);
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
	KUNIT_EXPECT_EQ(test, cancel_one(B, &b), 0);
	KUNIT_EXPECT_EQ(test, nr_sent, 1);
	other.p.extent.gid = 0;
	KUNIT_EXPECT_EQ(test, ask(&other), -EINVAL);
}

/* 24: a resent enqueue gets the same lock again */
static void extent_resent(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, 0xfff), again;

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	again = a;
	again.resent = true;
	KUNIT_ASSERT_EQ(test, ask(&again), 0);
	KUNIT_EXPECT_EQ(test, handle_of(&again), handle_of(&a));
	KUNIT_EXPECT_EQ(test, flags_of(&again), LDLM_FL_LOCK_CHANGED);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 1);
}

/* 20: cancels of several, of none, of others' */
static void cancels(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PR, 0, LDLM_EOF), b = a;
	u64 h[3];

	b.obj = 0x23;
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	h[0] = handle_of(&a);
	h[1] = 12345;
	h[2] = handle_of(&b);
	KUNIT_EXPECT_EQ(test, cancel(B, h, 3), ELDLM_ESTALE);
	KUNIT_EXPECT_EQ(test, cancel(A, h, 3), 0);
	KUNIT_EXPECT_EQ(test, reply_len, 224);
	KUNIT_EXPECT_EQ(test, cancel(A, h, 3), ELDLM_ESTALE);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
}

/* A lock given up inside the request that conflicts with it */
static void early_cancel(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PR, 0, LDLM_EOF), b = EXTENT(A, LDLM_PW, 0, LDLM_EOF);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	b.elc = handle_of(&a);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&b), LDLM_PW);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
}

static void no_object(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PR, 0, LDLM_EOF);

	a.obj = 404;
	KUNIT_EXPECT_EQ(test, ask(&a), -ENOENT);
	a.flags = LDLM_FL_HAS_INTENT;
	a.cookie = 0;
	KUNIT_EXPECT_EQ(test, ask(&a), -ENOENT);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
}

/* 26, 27: glimpses */
static void glimpse(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, 0xfff),
		   g = EXTENT(B, LDLM_PR, 0, LDLM_EOF, .flags = LDLM_FL_HAS_INTENT);

	KUNIT_ASSERT_EQ(test, ask(&g), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&g), 0x1000ULL);
	KUNIT_EXPECT_EQ(test, granted_of(&g), LDLM_PR);
	KUNIT_EXPECT_EQ(test, cancel_one(B, &g), 0);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	g.cookie = 0;
	gl_size = 5;
	KUNIT_EXPECT_EQ(test, ask(&g), ELDLM_LOCK_ABORTED);
	KUNIT_EXPECT_EQ(test, g.lvb_len, 56);
	KUNIT_EXPECT_EQ(test, g.lvb_size, 5);
	KUNIT_EXPECT_EQ(test, handle_of(&g), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, sent[0].opc, LDLM_GL_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[0].h0, a.cookie);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 1);

	g.cookie = 0;
	answer_gl = -ELDLM_NO_LOCK_DATA;
	disk_size = 3;
	KUNIT_EXPECT_EQ(test, ask(&g), ELDLM_LOCK_ABORTED);
	KUNIT_EXPECT_EQ(test, g.lvb_size, 3);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 1);

	g.cookie = 0;
	g.flags = 0x41010;
	KUNIT_EXPECT_EQ(test, ask(&g), ELDLM_LOCK_ABORTED);
	KUNIT_EXPECT_EQ(test, nr_sent, 2);

	g.cookie = 0;
	g.flags = LDLM_FL_HAS_INTENT;
	answer_gl = -EINVAL;
	KUNIT_EXPECT_EQ(test, ask(&g), ELDLM_LOCK_ABORTED);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
	KUNIT_EXPECT_EQ(test, evicted, 0);
}

/* The server's own locks: a writer that waits for a client */
static int local_writer(void *arg)
{
	const union ldlm_policy all = { .extent = { .end = LDLM_EOF } };
	const struct ldlm_res_id id = { .name = { 0x22 } };
	struct ldlm_lock *lock;
	int rc;

	rc = ldlm_srv_lock(ns, &id, LDLM_EXTENT, LDLM_PW, &all, 0, &lock);
	if (!rc)
		ldlm_srv_unlock(lock);
	complete(arg);
	return rc;
}

/* 33 */
static void local_waits(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, LDLM_EOF);
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *t;

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	t = kthread_run(local_writer, &done, "ldlm_unit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(t));
	while (!READ_ONCE(nr_sent))
		cond_resched();
	KUNIT_EXPECT_FALSE(test, completion_done(&done));
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&done, 10 * HZ), 0UL);
}

/* 25: replayed locks are put where they were */
static void replayed(struct kunit *test)
{
	struct ask a = EXTENT(A, LDLM_PW, 0, 0xfff, .flags = LDLM_FL_REPLAY | LDLM_FL_BLOCK_GRANTED),
		   b = EXTENT(B, LDLM_PW, 0, 0xfff, .flags = LDLM_FL_REPLAY | LDLM_FL_BLOCK_WAIT);

	ldlm_srv_recovery(ns, true);
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&a), 0x102ULL);
	KUNIT_EXPECT_EQ(test, granted_of(&a), LDLM_PW);
	KUNIT_EXPECT_EQ(test, end_of(&a.rep.lock_desc), 0xfff);
	KUNIT_EXPECT_EQ(test, a.lvb_len, 0);
	KUNIT_EXPECT_NE(test, handle_of(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&b), 0x108ULL);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
	ldlm_srv_recovery(ns, false);
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, sent[0].opc, LDLM_BL_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[0].h0, a.cookie);
}

/* --- inode bits --- */

/* 15: bits wait by themselves */
static void ibits_independent(struct kunit *test)
{
	struct ask a = IBITS(A, LDLM_PR, 2, 0), b = IBITS(B, LDLM_EX, 2, 0), c = IBITS(C, LDLM_CR, 1, 0),
		   d = IBITS(C, LDLM_PR, 2, 0);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, reply_len, 344);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&b), LDLM_FL_BLOCK_GRANTED);	/* 13: no NO_TIMEOUT */
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&c), LDLM_CR);
	KUNIT_ASSERT_EQ(test, ask(&d), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&d), 0);
	/* 17 */
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(sent[0].desc.l_policy_data.l_inodebits.other), 2);
	KUNIT_EXPECT_EQ(test, sent[0].h0, a.cookie);
	KUNIT_EXPECT_EQ(test, cancel_one(A, &a), 0);
	KUNIT_EXPECT_EQ(test, sent[1].len, 336);
}

/* 16: what is only tried is not waited for */
static void ibits_try(struct kunit *test)
{
	struct ask a = IBITS(A, LDLM_EX, 8, 0), b = IBITS(B, LDLM_PR, 0x13, 8), c = IBITS(C, LDLM_PR, 0x13, 0x28),
		   d = IBITS(C, LDLM_PR, 0, 8);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&b), LDLM_PR);
	KUNIT_EXPECT_EQ(test, bits_of(&b.rep.lock_desc), 0x13);
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&c), LDLM_FL_LOCK_CHANGED);
	KUNIT_EXPECT_EQ(test, bits_of(&c.rep.lock_desc), 0x33);
	KUNIT_EXPECT_EQ(test, ask(&d), ELDLM_LOCK_ABORTED);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
}

/* 23 */
static void ibits_convert(struct kunit *test)
{
	struct ask a = IBITS(A, LDLM_PR, 0x53, 0), b = IBITS(B, LDLM_EX, 0x40, 0), c = IBITS(C, LDLM_EX, 2, 0);
	struct ldlm_reply rep;

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, convert(A, handle_of(&a), LDLM_PW, 0x13, &rep), -EPROTO);
	KUNIT_EXPECT_EQ(test, convert(A, 99, LDLM_PR, 0x13, &rep), ELDLM_NO_LOCK_DATA);
	KUNIT_EXPECT_EQ(test, convert(B, handle_of(&a), LDLM_PR, 0x13, &rep), ELDLM_NO_LOCK_DATA);
	KUNIT_EXPECT_EQ(test, convert(A, handle_of(&a), LDLM_PR, 0x13, &rep), 0);
	KUNIT_EXPECT_EQ(test, reply_len, 336);
	KUNIT_EXPECT_EQ(test, bits_of(&rep.lock_desc), 0x13);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(rep.lock_handle.cookie), a.cookie);
	KUNIT_EXPECT_EQ(test, nr_sent, 2);	/* B has it */
	KUNIT_ASSERT_EQ(test, ask(&c), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 3);
	KUNIT_EXPECT_EQ(test, sent[2].h0, a.cookie);
}

static void ibits_local(struct kunit *test)
{
	const struct ldlm_res_id id = { .name = { 7 } };
	union ldlm_policy p = { .ibits = { .bits = 2 } };
	struct ask a = IBITS(A, LDLM_PR, 3, 0);
	struct ldlm_lock *lock;

	KUNIT_ASSERT_EQ(test, ldlm_srv_lock(ns, &id, LDLM_IBITS, LDLM_PW, &p, 0, &lock), 0);
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&a), 0);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
	ldlm_srv_unlock(lock);
	KUNIT_EXPECT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, ldlm_srv_lock(ns, &id, LDLM_IBITS, LDLM_EX, &p,
					    LDLM_FL_BLOCK_NOWAIT, &lock), -EAGAIN);
	KUNIT_EXPECT_EQ(test, nr_sent, 1);
	p.ibits.bits = 0;
	p.ibits.try_bits = 1;
	KUNIT_EXPECT_EQ(test, ldlm_srv_lock(ns, &id, LDLM_IBITS, LDLM_EX, &p, 0, &lock),
			ELDLM_LOCK_ABORTED);
}

static void plain_revoke(struct kunit *test)
{
	const struct ldlm_res_id id = { .name = { 3 } };
	struct ask a = { .exp = A, .obj = 3, .type = LDLM_PLAIN, .mode = LDLM_CR }, b = a;

	b.exp = B;
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, ldlm_srv_revoke(ns, &id, LDLM_PLAIN, LDLM_EX), 0);
	KUNIT_EXPECT_EQ(test, nr_sent, 2);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 2);
	/* whoever comes now does not wait */
	a.exp = C;
	a.cookie = 0;
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&a), LDLM_CR);
}

/* --- flocks --- */

/* 28: pieces, and what another owner is told of them */
static void flock_pieces(struct kunit *test)
{
	struct ask a = FLOCK(A, LDLM_PW, 0, 99, 0), u = FLOCK(A, LDLM_NL, 40, 59, 0),
		   t = FLOCK(B, LDLM_PW, 50, 50, LDLM_FL_TEST_LOCK);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&a), 0);
	KUNIT_EXPECT_EQ(test, a.lvb_len, 0);
	KUNIT_ASSERT_EQ(test, ask(&u), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&u), LDLM_NL);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 2);
	KUNIT_ASSERT_EQ(test, ask(&t), 0);
	KUNIT_EXPECT_EQ(test, mode_of(&t), LDLM_NL);
	KUNIT_EXPECT_EQ(test, flags_of(&t), 0x80001ULL);
	t = FLOCK(B, LDLM_PW, 0, 0, LDLM_FL_TEST_LOCK);
	KUNIT_ASSERT_EQ(test, ask(&t), 0);
	KUNIT_EXPECT_EQ(test, mode_of(&t), LDLM_PW);
	KUNIT_EXPECT_EQ(test, start_of(&t.rep.lock_desc), 0);
	KUNIT_EXPECT_EQ(test, end_of(&t.rep.lock_desc), 39);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t.rep.lock_desc.l_policy_data.l_flock.lfw_pid), 77);
	/* the hole closes: one lock again */
	a = FLOCK(A, LDLM_PW, 40, 59, 0);
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, start_of(&a.rep.lock_desc), 40);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 1);
	/* another mode in the middle: three */
	a = FLOCK(A, LDLM_PR, 10, 19, 0);
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 3);
	u = FLOCK(A, LDLM_NL, 0, LDLM_EOF >> 1, 0);
	KUNIT_ASSERT_EQ(test, ask(&u), 0);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 0);
}

/* 15.4: refusal, wait, and the grant by an unlock */
static void flock_wait(struct kunit *test)
{
	struct ask a = FLOCK(A, LDLM_PW, 0, 99, 0), b = FLOCK(B, LDLM_PW, 50, 149, LDLM_FL_BLOCK_NOWAIT),
		   u = FLOCK(A, LDLM_NL, 0, 99, 0);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, ask(&b), -EAGAIN);
	KUNIT_EXPECT_EQ(test, reply_len, 344);
	KUNIT_EXPECT_EQ(test, handle_of(&b), 0);
	b = FLOCK(B, LDLM_PW, 50, 149, 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&b), LDLM_FL_BLOCK_GRANTED);
	KUNIT_EXPECT_EQ(test, nr_sent, 0);
	KUNIT_ASSERT_EQ(test, ask(&u), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, sent[0].opc, LDLM_CP_CALLBACK);
	KUNIT_EXPECT_EQ(test, sent[0].h0, b.cookie);
	KUNIT_EXPECT_EQ(test, start_of(&sent[0].desc), 50);
	KUNIT_EXPECT_EQ(test, sent[0].lvb_len, 0);
}

/* 29: at once */
static void flock_deadlock(struct kunit *test)
{
	struct ask a = FLOCK(A, LDLM_PW, 0, 9, 0), b = FLOCK(B, LDLM_PW, 10, 19, 0);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	a = FLOCK(A, LDLM_PW, 10, 19, 0);
	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&a), LDLM_FL_BLOCK_GRANTED);
	b = FLOCK(B, LDLM_PW, 0, 9, 0);
	KUNIT_EXPECT_EQ(test, ask(&b), -EDEADLK);
}

/* Shared, and a change to exclusive that waits for the other one */
static void flock_upgrade(struct kunit *test)
{
	struct ask a = FLOCK(A, LDLM_PR, 0, 99, 0), b = FLOCK(B, LDLM_PR, 0, 99, 0), w = FLOCK(A, LDLM_PW, 0, 99, 0),
		   u = FLOCK(B, LDLM_NL, 0, 99, 0);

	KUNIT_ASSERT_EQ(test, ask(&a), 0);
	KUNIT_ASSERT_EQ(test, ask(&b), 0);
	KUNIT_EXPECT_EQ(test, granted_of(&b), LDLM_PR);
	KUNIT_ASSERT_EQ(test, ask(&w), 0);
	KUNIT_EXPECT_EQ(test, flags_of(&w), LDLM_FL_BLOCK_GRANTED);
	KUNIT_ASSERT_EQ(test, ask(&u), 0);
	KUNIT_ASSERT_EQ(test, nr_sent, 1);
	KUNIT_EXPECT_EQ(test, sent[0].h0, w.cookie);
	KUNIT_EXPECT_EQ(test, ldlm_ns_lock_count(ns), 1);
}

static struct kunit_case ost_cases[] = {
	KUNIT_CASE(modes),
	KUNIT_CASE(extent_alone),
	KUNIT_CASE(extent_whole),
	KUNIT_CASE(extent_no_lvb_type),
	KUNIT_CASE(extent_gap),
	KUNIT_CASE(extent_aligned),
	KUNIT_CASE(extent_unaligned),
	KUNIT_CASE(extent_many),
	KUNIT_CASE(extent_very_many),
	KUNIT_CASE(extent_very_many_readers),
	KUNIT_CASE(extent_conflict),
	KUNIT_CASE(extent_fifo),
	KUNIT_CASE(extent_unknown),
	KUNIT_CASE(extent_unknown_waiter),
	KUNIT_CASE(extent_lost_connection),
	KUNIT_CASE(extent_discard),
	KUNIT_CASE(extent_group),
	KUNIT_CASE(extent_resent),
	KUNIT_CASE(cancels),
	KUNIT_CASE(early_cancel),
	KUNIT_CASE(no_object),
	KUNIT_CASE(glimpse),
	KUNIT_CASE(local_waits),
	KUNIT_CASE(replayed),
	{}
};

static struct kunit_case mdt_cases[] = {
	KUNIT_CASE(malformed),
	KUNIT_CASE(ibits_independent),
	KUNIT_CASE(ibits_try),
	KUNIT_CASE(ibits_convert),
	KUNIT_CASE(ibits_local),
	KUNIT_CASE(plain_revoke),
	KUNIT_CASE(flock_pieces),
	KUNIT_CASE(flock_wait),
	KUNIT_CASE(flock_deadlock),
	KUNIT_CASE(flock_upgrade),
	{}
};

static struct kunit_suite ost_suite = {
	.name = "ldlm_data",
	.init = start_ost,
	.exit = stop,
	.test_cases = ost_cases,
};

static struct kunit_suite mdt_suite = {
	.name = "ldlm_metadata",
	.init = start_mdt,
	.exit = stop,
	.test_cases = mdt_cases,
};

kunit_test_suites(&ost_suite, &mdt_suite);
MODULE_DESCRIPTION("Unit tests of the lock manager's server side");
MODULE_LICENSE("GPL");
