// SPDX-License-Identifier: GPL-2.0
/*
 * reply_data: one saved reply per client and modify slot, so that a resent request is
 * answered from memory and not executed twice (chapter 02, 12.5).
 */
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"
#include "lastrcvd.h"

#define REPLY_MAX_SLOTS	(TARGET_MAX_CLIENTS * 2)
#define REPLY_GROW	4096	/* slots the file grows by */
#define CLOSE_TAG	U16_MAX	/* of closes that come without a tag */

/*
 * struct target_reply - the last change of one tag of a client
 * @link: in target_export.replies, under its lock
 * @slot: record in reply_data, -1 when the client has no record of its own
 */
struct target_reply {
	struct list_head	link;
	u64			xid;
	u64			transno;
	u64			data;
	u64			versions[4];
	int			result;
	int			slot;
	u16			tag;
};

static u64 reply_pos(int slot)
{
	return sizeof(struct lsd_reply_header) + (u64)slot * sizeof(struct lsd_reply_data);
}

/*
 * replydata_open() - open or make the file, learn the highest transno in it, start it empty
 *
 * Must follow lastrcvd_open(): records of an earlier run only matter for their transno.
 */
int replydata_open(struct target *tgt)
{
	struct target_store *st = tgt->store;
	struct lsd_reply_header head = {
		.lrh_magic = cpu_to_le32(LRH_MAGIC),
		.lrh_header_size = cpu_to_le32(sizeof(struct lsd_reply_header)),
		.lrh_reply_size = cpu_to_le32(sizeof(struct lsd_reply_data)),
	};
	struct lsd_reply_data lrd;
	struct ldiskfs_tx *tx;
	u64 pos, end, epoch;
	int rc, rc2;

	st->replies = vzalloc(BITS_TO_LONGS(REPLY_MAX_SLOTS) * sizeof(long));
	if (!st->replies)
		return -ENOMEM;
	st->reply_data = ldiskfs_rec_open(tgt->dev, "reply_data", reply_pos(REPLY_GROW));
	if (IS_ERR(st->reply_data)) {
		rc = PTR_ERR(st->reply_data);
		st->reply_data = NULL;
		goto fail;
	}
	end = ldiskfs_rec_size(st->reply_data);
	epoch = st->last_transno >> 32;
	for (pos = reply_pos(0); pos + sizeof(lrd) <= end; pos += sizeof(lrd)) {
		rc = ldiskfs_rec_read(st->reply_data, pos, &lrd, sizeof(lrd));
		if (rc)
			goto fail;
		epoch = max(epoch, (le64_to_cpu(lrd.lrd_transno) >> 32) + 1);
	}
	st->last_transno = max(st->last_transno, epoch << 32);
	st->last_committed = st->last_transno;

	tx = ldiskfs_tx_alloc(tgt->dev);
	if (!tx) {
		rc = -ENOMEM;
		goto fail;
	}
	rc = ldiskfs_declare_rec_write(tx, st->reply_data, 0, sizeof(head));
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		goto fail;
	}
	rc = ldiskfs_rec_write(tx, st->reply_data, 0, &head, sizeof(head));
	rc2 = ldiskfs_tx_stop(tx, false);
	rc = rc ?: rc2;
	if (!rc)
		return 0;
fail:
	replydata_close(tgt);
	return rc;
}

void replydata_close(struct target *tgt)
{
	struct target_store *st = tgt->store;

	if (st->reply_data)
		ldiskfs_rec_close(st->reply_data);
	st->reply_data = NULL;
	vfree(st->replies);
	st->replies = NULL;
}

static struct target_reply *reply_of_tag(struct target_export *te, u16 tag)
{
	struct target_reply *r;

	list_for_each_entry(r, &te->replies, link)
		if (r->tag == tag)
			return r;
	return NULL;
}

static int reply_slot_get(struct target *tgt)
{
	struct target_store *st = tgt->store;
	int slot, rc = 0;

	spin_lock(&st->lock);
	slot = find_first_zero_bit(st->replies, REPLY_MAX_SLOTS);
	if (slot < REPLY_MAX_SLOTS)
		__set_bit(slot, st->replies);
	spin_unlock(&st->lock);
	if (slot >= REPLY_MAX_SLOTS)
		return -EUSERS;
	mutex_lock(&st->grow);
	if (reply_pos(slot + 1) > ldiskfs_rec_size(st->reply_data))
		rc = ldiskfs_rec_grow(st->reply_data, reply_pos(slot + REPLY_GROW));
	mutex_unlock(&st->grow);
	if (!rc)
		return slot;
	spin_lock(&st->lock);
	__clear_bit(slot, st->replies);
	spin_unlock(&st->lock);
	return rc;
}

/* A close may travel beside the one change that a client without tags has under way */
static u16 request_tag(const struct rpc_svcreq *req)
{
	u16 tag = le16_to_cpu(rpc_body(&req->rq)->pb_tag);

	return tag || req->opc != MDS_CLOSE ? tag : CLOSE_TAG;
}

/* Changes of file data may be made twice, and have no tag: their replies are not kept */
static bool keeps_reply(struct target *tgt, const struct rpc_svcreq *req)
{
	return tgt->store->reply_data && target_export(req->exp)->slot >= 0 &&
	       le32_to_cpu(rpc_body(&req->rq)->pb_opc) >= MDS_GETATTR;
}

/* The entry of a request's tag, made at its first use. */
static struct target_reply *reply_get(struct target *tgt, struct target_export *te, u16 tag)
{
	struct target_reply *r, *old;

	spin_lock(&te->lock);
	r = reply_of_tag(te, tag);
	spin_unlock(&te->lock);
	if (r)
		return r;
	r = kzalloc(sizeof(*r), GFP_NOFS);
	if (!r)
		return ERR_PTR(-ENOMEM);
	r->tag = tag;
	r->slot = reply_slot_get(tgt);
	if (r->slot < 0) {
		int rc = r->slot;

		kfree(r);
		return ERR_PTR(rc);
	}
	spin_lock(&te->lock);
	old = reply_of_tag(te, tag);
	if (!old)
		list_add(&r->link, &te->replies);
	spin_unlock(&te->lock);
	if (!old)
		return r;
	spin_lock(&tgt->store->lock);
	__clear_bit(r->slot, tgt->store->replies);
	spin_unlock(&tgt->store->lock);
	kfree(r);
	return old;
}

int replydata_declare(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx)
{
	struct target_export *te = target_export(req->exp);
	u16 tag = request_tag(req);
	struct target_reply *r;

	if (!keeps_reply(tgt, req))
		return 0;
	/* maxmodrpcs and one more for closes; a client that invents tags gets no more memory */
	if (tag > TARGET_MAX_TAGS + 1 && tag != CLOSE_TAG)
		return -EPROTO;
	r = reply_get(tgt, te, tag);
	if (IS_ERR(r))
		return PTR_ERR(r);
	return ldiskfs_declare_rec_write(tx, tgt->store->reply_data, reply_pos(r->slot),
					 sizeof(struct lsd_reply_data));
}

/* replydata_update() - save what a resend of @req will be told; inside its transaction */
int replydata_update(struct target *tgt, struct rpc_svcreq *req, struct ldiskfs_tx *tx,
		     u64 transno, int result, u64 data)
{
	struct target_export *te = target_export(req->exp);
	struct lsd_reply_data lrd = {
		.lrd_transno = cpu_to_le64(transno),
		.lrd_xid = cpu_to_le64(req->xid),
		.lrd_data = cpu_to_le64(data),
		.lrd_result = cpu_to_le32(result),
	};
	struct target_reply *r;
	u64 pos;

	if (!keeps_reply(tgt, req))
		return 0;
	spin_lock(&te->lock);
	r = reply_of_tag(te, request_tag(req));
	r->xid = req->xid;
	r->transno = transno;
	r->result = result;
	r->data = data;
	memcpy(r->versions, req->versions, sizeof(r->versions));
	pos = reply_pos(r->slot);
	spin_unlock(&te->lock);
	return ldiskfs_rec_write(tx, tgt->store->reply_data, pos, &lrd, sizeof(lrd));
}

/* replydata_find() - rpc_target_ops.resent: was this request executed before? */
bool replydata_find(struct rpc_svcreq *req)
{
	struct target_export *te = target_export(req->exp);
	struct target_reply *r;
	bool found = false;

	spin_lock(&te->lock);
	list_for_each_entry(r, &te->replies, link) {
		if (r->xid != req->xid)
			continue;
		req->reconstruct = true;
		req->saved_result = r->result;
		req->saved_data = r->data;
		req->transno = r->transno;
		memcpy(req->versions, r->versions, sizeof(r->versions));
		found = true;
		break;
	}
	spin_unlock(&te->lock);
	return found;
}

/* replydata_free() - the client is gone */
void replydata_free(struct target *tgt, struct target_export *te)
{
	struct target_reply *r, *next;

	list_for_each_entry_safe(r, next, &te->replies, link) {
		list_del(&r->link);
		spin_lock(&tgt->store->lock);
		__clear_bit(r->slot, tgt->store->replies);
		spin_unlock(&tgt->store->lock);
		kfree(r);
	}
}
