// SPDX-License-Identifier: GPL-2.0
/*
 * Messages on their way out: PUT, GET and the answers ACK and REPLY; which of our
 * interfaces and which NID of the peer they use; the way inside the node.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include "core.h"

static void fill_handle(struct lnet_wire_handle *wh, const struct lnet_md *md)
{
	wh->wh_interface = cpu_to_le64(md ? lnet_interface_cookie : LNET_WIRE_COOKIE_NONE);
	wh->wh_object = cpu_to_le64(md ? md->cookie : LNET_WIRE_COOKIE_NONE);
}

static void count_sent(struct lnet_msg *msg)
{
	atomic64_inc(&msg->ni->stats.sent[msg->type]);
	atomic64_add(msg->len, &lnet_sent_bytes);
	if (msg->lp) {
		int n = atomic_inc_return(&msg->lp->in_flight);

		atomic64_inc(&msg->lp->stats.sent[msg->type]);
		if (n > atomic_read(&msg->lp->max_in_flight))
			atomic_set(&msg->lp->max_in_flight, n);
	}
}

/* Hand a message to the driver of @ni; takes the reference to @ni */
static void to_driver(struct lnet_msg *msg, struct lnet_ni *ni, lnet_nid_t src, lnet_nid_t dst)
{
	int credits = atomic_dec_return(&ni->tx_credits);

	if (credits < atomic_read(&ni->min_tx_credits))
		atomic_set(&ni->min_tx_credits, credits);
	msg->ni = ni;
	msg->ev.self = src;
	msg->ev.peer_ni = dst;
	msg->hdr.dest_nid = cpu_to_le64(dst);
	msg->hdr.src_nid = cpu_to_le64(src);
	msg->hdr.dest_pid = cpu_to_le32(LNET_PID_LUSTRE);
	msg->hdr.src_pid = cpu_to_le32(LNET_PID_LUSTRE);
	msg->hdr.type = cpu_to_le32(msg->type);
	msg->hdr.payload_length = cpu_to_le32(msg->type == LNET_MSG_GET ? 0 : msg->len);
	if (msg->type == LNET_MSG_GET)
		msg->len = 0;
	count_sent(msg);
	ni->lnd->send(ni, msg);
}

/* Send a PUT or GET whose peer is known, or fail it */
void lnet_post(struct lnet_msg *msg)
{
	lnet_nid_t dst = lnet_peer_reachable(msg->ev.peer_ni);
	struct lnet_ni *ni = NULL;

	if (dst != LNET_NID_ANY)
		ni = lnet_ni_select(LNET_NID_NET(dst), msg->ev.self);
	if (!ni) {
		lnet_send_done(msg, -EHOSTUNREACH);
		return;
	}
	if (msg->lp && msg->lp->nid != dst) {
		lnet_peer_ni_put(msg->lp);
		msg->lp = lnet_peer_ni_get(dst, false);
	}
	msg->next_hop = dst;
	to_driver(msg, ni, ni->nid, dst);
}

/* Send a PUT or GET to msg->ev.peer_ni, by the inside of the node or by a driver */
void lnet_send(struct lnet_msg *msg)
{
	lnet_nid_t nid = msg->ev.peer_ni;

	if (lnet_nid_is_local(nid)) {
		struct lnet_ni *lo = lnet_ni_lo();
		lnet_nid_t self = msg->ev.self == LNET_NID_ANY ? nid : msg->ev.self;

		if (!lo) {
			lnet_send_done(msg, -ENETDOWN);
			return;
		}
		msg->next_hop = nid;
		to_driver(msg, lo, self, nid);
		return;
	}
	msg->lp = lnet_peer_ni_get(nid, true);
	if (!msg->lp)
		lnet_send_done(msg, -ENOMEM);
	else if (!lnet_discovery_hold(msg, msg->lp))
		lnet_post(msg);
}

/*
 * Send an ACK or REPLY the way its cause came: from the NID that the cause named,
 * to the node it came from, over the same next hop (chapter 01, section 3).
 */
void lnet_reply(struct lnet_msg *msg, struct lnet_ni *ni)
{
	if (!ni) {
		lnet_send_done(msg, -ENETDOWN);
		return;
	}
	to_driver(msg, ni, msg->ev.self, msg->ev.peer_ni);
}

void lnet_send_ack(const struct lnet_msg *put, u32 mlength)
{
	struct lnet_msg *msg = lnet_msg_alloc();

	if (!msg) {
		atomic64_inc(&lnet_error_count);
		return;
	}
	msg->type = LNET_MSG_ACK;
	msg->ev = put->ev;
	msg->next_hop = put->next_hop;
	msg->lp = put->lp;
	if (msg->lp)
		refcount_inc(&msg->lp->refs);
	msg->hdr.msg.ack.dst_wmd = put->wmd;
	msg->hdr.msg.ack.match_bits = cpu_to_le64(put->ev.match_bits);
	msg->hdr.msg.ack.mlength = cpu_to_le32(mlength);
	lnet_reply(msg, lnet_nid_is_local(put->next_hop) ? lnet_ni_lo() :
		   lnet_ni_find(put->ev.self));
}

void lnet_send_done(struct lnet_msg *msg, int status)
{
	struct lnet_ni *ni = msg->ni;

	if (status)
		atomic64_inc(&lnet_error_count);
	if (ni) {
		atomic_inc(&ni->tx_credits);
		if (msg->lp) {
			atomic_dec(&msg->lp->in_flight);
			atomic_set(&msg->lp->health, status ? max(0, atomic_read(&msg->lp->health) - 100) :
				   min(1000, atomic_read(&msg->lp->health) + 100));
		}
		msg->ni = NULL;
		lnet_ni_put(ni);
	}
	if (!msg->md) {
		lnet_msg_free(msg);
		return;
	}
	if (status && msg->type != LNET_MSG_REPLY)
		lnet_md_kill(msg->md);
	msg->ev.status = status;
	lnet_md_done(msg);
}
EXPORT_SYMBOL_GPL(lnet_send_done);

/* What PUT and GET have in common: a message bound to its descriptor */
static struct lnet_msg *start(struct lnet_md *md, enum lnet_msg_type type, lnet_nid_t self,
			      lnet_nid_t peer, u32 portal, u64 match_bits)
{
	struct lnet_msg *msg;
	int err;

	if (md->length > LNET_MTU || portal >= LNET_PORTALS || peer == LNET_NID_ANY)
		return ERR_PTR(-EINVAL);
	if (!lnet_is_up())
		return ERR_PTR(-ENETDOWN);
	msg = lnet_msg_alloc();
	if (!msg)
		return ERR_PTR(-ENOMEM);
	md->from = peer;
	md->match_bits = match_bits;
	md->portal = portal;
	err = lnet_md_bind(md);
	if (err) {
		lnet_msg_free(msg);
		return ERR_PTR(err);
	}
	msg->type = type;
	msg->md = md;
	msg->len = md->length;
	msg->ev.type = LNET_EVENT_SEND;
	msg->ev.peer = lnet_primary_nid(peer);
	msg->ev.peer_ni = peer;
	msg->ev.self = self;
	msg->ev.match_bits = match_bits;
	msg->ev.portal = portal;
	msg->ev.rlength = md->length;
	msg->ev.mlength = md->length;
	return msg;
}

int lnet_put_md(struct lnet_md *md, lnet_nid_t self, lnet_nid_t peer, u32 portal,
		u64 match_bits, u32 offset, u64 hdr_data, bool ack)
{
	struct lnet_msg *msg = start(md, LNET_MSG_PUT, self, peer, portal, match_bits);
	struct lnet_wire_put *put;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	msg->ev.hdr_data = hdr_data;
	put = &msg->hdr.msg.put;
	fill_handle(&put->ack_wmd, ack ? md : NULL);
	put->match_bits = cpu_to_le64(match_bits);
	put->hdr_data = hdr_data;
	put->ptl_index = cpu_to_le32(portal);
	put->offset = cpu_to_le32(offset);
	if (ack)
		lnet_md_expect(md, LNET_EVENT_ACK);
	lnet_send(msg);
	return 0;
}
EXPORT_SYMBOL_GPL(lnet_put_md);

int lnet_get_md(struct lnet_md *md, lnet_nid_t self, lnet_nid_t peer, u32 portal,
		u64 match_bits, u32 offset)
{
	struct lnet_msg *msg = start(md, LNET_MSG_GET, self, peer, portal, match_bits);
	struct lnet_wire_get *get;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	get = &msg->hdr.msg.get;
	fill_handle(&get->return_wmd, md);
	get->match_bits = cpu_to_le64(match_bits);
	get->ptl_index = cpu_to_le32(portal);
	get->src_offset = cpu_to_le32(offset);
	get->sink_length = cpu_to_le32(md->length);
	lnet_md_expect(md, LNET_EVENT_REPLY);
	lnet_send(msg);
	return 0;
}
EXPORT_SYMBOL_GPL(lnet_get_md);

/* --- the way inside the node --- */

static int lo_startup(struct lnet_ni *ni)
{
	ni->nid = LNET_NID_LO;
	ni->tunables = (struct lnet_tunables) {};
	return 0;
}

static void lo_shutdown(struct lnet_ni *ni)
{
}

/* Copy the payload of @msg to where @dst wants it */
static int lo_copy(struct lnet_msg *msg, struct iov_iter *dst)
{
	struct iov_iter src;

	lnet_msg_source(msg, &src);
	while (iov_iter_count(dst)) {
		struct bio_vec bv;
		size_t n;

		if (msg->buf)
			return copy_to_iter(msg->buf, iov_iter_count(dst), dst) ? 0 : -EFAULT;
		bv = bvec_iter_bvec(src.bvec, ((struct bvec_iter) {
				.bi_size = iov_iter_count(&src),
				.bi_bvec_done = src.iov_offset }));
		n = copy_page_to_iter(bv.bv_page, bv.bv_offset,
				      min_t(size_t, bv.bv_len, iov_iter_count(dst)), dst);
		if (!n)
			return -EFAULT;
		iov_iter_advance(&src, n);
	}
	return 0;
}

static void lo_send(struct lnet_ni *ni, struct lnet_msg *msg)
{
	struct lnet_msg *rx;
	int err = lnet_parse(ni, &msg->hdr, le64_to_cpu(msg->hdr.src_nid), &rx);

	if (!err && rx)
		lnet_recv_done(rx, lo_copy(msg, &rx->iter));
	lnet_send_done(msg, err);
}

const struct lnet_lnd lnet_lo_lnd = {
	.type		= LNET_NET_TYPE_LO,
	.name		= "lo",
	.startup	= lo_startup,
	.shutdown	= lo_shutdown,
	.send		= lo_send,
};
