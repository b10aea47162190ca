// SPDX-License-Identifier: GPL-2.0
/*
 * Messages on their way in: every header field is checked here before anything is
 * done with it (chapter 01, section 3), and each message ends in its descriptor's
 * event, in an answer, or dropped.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "core.h"

void lnet_drop(struct lnet_ni *ni, struct lnet_peer_ni *lp, u32 type, u32 bytes)
{
	if (ni)
		atomic64_inc(&ni->stats.dropped[type]);
	if (lp)
		atomic64_inc(&lp->stats.dropped[type]);
	atomic64_inc(&lnet_drop_count);
	atomic64_add(bytes, &lnet_drop_bytes);
}

/* Free a message that came in and lead nowhere */
static int drop(struct lnet_ni *ni, struct lnet_msg *msg, u32 bytes)
{
	lnet_drop(ni, msg->lp, msg->type, bytes);
	lnet_msg_free(msg);
	return 0;
}

static bool handle_none(const struct lnet_wire_handle *wh)
{
	return wh->wh_interface == cpu_to_le64(LNET_WIRE_COOKIE_NONE) &&
	       wh->wh_object == cpu_to_le64(LNET_WIRE_COOKIE_NONE);
}

static void sink_buf(struct lnet_msg *msg)
{
	msg->vec.iov_base = msg->buf;
	msg->vec.iov_len = msg->len;
	iov_iter_kvec(&msg->iter, ITER_DEST, &msg->vec, 1, msg->len);
}

/* Receive into plain memory: a push, or a PUT that no descriptor wants yet */
static int receive_aside(struct lnet_ni *ni, struct lnet_msg *msg, u32 len, u32 payload,
			 struct lnet_msg **msgp)
{
	msg->buf = kvmalloc(max(len, 1U), GFP_NOFS | __GFP_NOWARN);
	if (!msg->buf)
		return drop(ni, msg, payload);
	msg->len = len;
	sink_buf(msg);
	*msgp = msg;
	return 0;
}

static int parse_put(struct lnet_ni *ni, const struct lnet_wire_put *put, u32 payload,
		     struct lnet_msg *msg, struct lnet_msg **msgp)
{
	msg->ack = !handle_none(&put->ack_wmd);
	msg->wmd = put->ack_wmd;
	msg->ev.type = LNET_EVENT_PUT;
	msg->ev.match_bits = le64_to_cpu(put->match_bits);
	msg->ev.hdr_data = put->hdr_data;
	msg->ev.portal = le32_to_cpu(put->ptl_index);
	msg->ev.offset = le32_to_cpu(put->offset);
	msg->ev.rlength = payload;

	if (msg->ev.portal == LNET_PORTAL_RESERVED) {
		if (msg->ev.match_bits != LNET_PING_MATCHBITS)
			return drop(ni, msg, payload);
		return receive_aside(ni, msg, min_t(u32, payload,
					LNET_PING_INFO_SIZE(LNET_PING_MAX_NIS)), payload, msgp);
	}
	switch (lnet_match(msg)) {
	case LNET_MATCHED:
		lnet_md_sink(msg);
		*msgp = msg;
		return 0;
	case LNET_DELAYED:
		return receive_aside(ni, msg, payload, payload, msgp);
	default:
		return drop(ni, msg, payload);
	}
}

/* Turn the GET in @msg into its REPLY and send it */
static void send_reply(struct lnet_msg *msg, const struct lnet_wire_handle *wmd)
{
	msg->type = LNET_MSG_REPLY;
	msg->hdr.msg.reply.dst_wmd = *wmd;
	lnet_reply(msg, lnet_nid_is_local(msg->next_hop) ? lnet_ni_lo() :
		   lnet_ni_find(msg->ev.self));
}

static int answer_ping(struct lnet_ni *ni, struct lnet_msg *msg,
		       const struct lnet_wire_handle *wmd)
{
	size_t size;

	msg->buf = kvmalloc(LNET_PING_INFO_SIZE(LNET_MAX_NIS), GFP_NOFS);
	if (!msg->buf)
		return drop(ni, msg, 0);
	size = lnet_ping_info((void *)msg->buf, LNET_MAX_NIS);
	if (msg->ev.offset > size)
		return drop(ni, msg, 0);
	size -= msg->ev.offset;
	memmove(msg->buf, msg->buf + msg->ev.offset, size);
	msg->len = min_t(u32, msg->ev.rlength, size);
	if (msg->lp && !msg->ev.offset && msg->len == size) {
		spin_lock_bh(&lnet_peer_lock);
		if (msg->lp->peer)
			msg->lp->peer->seen_seq = lnet_ni_seq();
		spin_unlock_bh(&lnet_peer_lock);
	}
	send_reply(msg, wmd);
	return 0;
}

static int parse_get(struct lnet_ni *ni, const struct lnet_wire_get *get, struct lnet_msg *msg)
{
	msg->ev.type = LNET_EVENT_GET;
	msg->ev.match_bits = le64_to_cpu(get->match_bits);
	msg->ev.portal = le32_to_cpu(get->ptl_index);
	msg->ev.offset = le32_to_cpu(get->src_offset);
	msg->ev.rlength = le32_to_cpu(get->sink_length);

	if (msg->ev.portal == LNET_PORTAL_RESERVED) {
		if (msg->ev.match_bits != LNET_PING_MATCHBITS)
			return drop(ni, msg, 0);
		return answer_ping(ni, msg, &get->return_wmd);
	}
	if (msg->ev.rlength > LNET_MAX_PAYLOAD || lnet_match(msg) != LNET_MATCHED)
		return drop(ni, msg, 0);
	send_reply(msg, &get->return_wmd);
	return 0;
}

static int parse_reply(struct lnet_ni *ni, const struct lnet_wire_reply *reply, u32 payload,
		       struct lnet_msg *msg, struct lnet_msg **msgp)
{
	msg->md = lnet_md_answer(&reply->dst_wmd, payload, LNET_EVENT_REPLY, &msg->len);
	if (!msg->md)
		return drop(ni, msg, payload);
	msg->ev.type = LNET_EVENT_REPLY;
	msg->ev.match_bits = msg->md->match_bits;
	msg->ev.portal = msg->md->portal;
	msg->ev.rlength = payload;
	msg->ev.mlength = msg->len;
	lnet_md_sink(msg);
	*msgp = msg;
	return 0;
}

static int parse_ack(struct lnet_ni *ni, const struct lnet_wire_ack *ack, struct lnet_msg *msg)
{
	u32 mlength;

	msg->md = lnet_md_answer(&ack->dst_wmd, 0, LNET_EVENT_ACK, &mlength);
	if (!msg->md)
		return drop(ni, msg, 0);
	msg->ev.type = LNET_EVENT_ACK;
	msg->ev.match_bits = le64_to_cpu(ack->match_bits);
	msg->ev.portal = msg->md->portal;
	msg->ev.rlength = msg->md->length;
	msg->ev.mlength = min(le32_to_cpu(ack->mlength), msg->md->length);
	lnet_md_done(msg);
	return 0;
}

/* Sizes that end the connection when wrong */
static bool sizes_ok(u32 type, u32 payload)
{
	switch (type) {
	case LNET_MSG_ACK:
	case LNET_MSG_GET:
		return !payload;
	case LNET_MSG_PUT:
	case LNET_MSG_REPLY:
		return payload <= LNET_MAX_PAYLOAD;
	default:
		return false;
	}
}

/*
 * The record of the sender. Unknown ones are remembered when they are at the other
 * end of the connection or behind a router, not when a neighbour makes up another.
 */
static struct lnet_peer_ni *sender(struct lnet_ni *ni, lnet_nid_t src, lnet_nid_t from)
{
	if (ni->net == LNET_NET_LO)
		return NULL;
	return lnet_peer_ni_get(src, src == from || LNET_NID_NET(src) != ni->net);
}

int lnet_parse(struct lnet_ni *ni, const struct lnet_wire_hdr *hdr, lnet_nid_t from,
	       struct lnet_msg **msgp)
{
	lnet_nid_t dest = le64_to_cpu(hdr->dest_nid);
	lnet_nid_t src = le64_to_cpu(hdr->src_nid);
	u32 payload = le32_to_cpu(hdr->payload_length);
	u32 type = le32_to_cpu(hdr->type);
	struct lnet_msg *msg;

	*msgp = NULL;
	if (!sizes_ok(type, payload))
		return -EPROTO;
	WRITE_ONCE(ni->last_alive, jiffies);
	if (ni->net != LNET_NET_LO) {
		if (dest != ni->nid && (LNET_NID_NET(dest) == ni->net || lnet_nid_is_local(dest)))
			return -EPROTO;
		if (dest != ni->nid || src == LNET_NID_ANY || lnet_nid_is_local(src)) {
			lnet_drop(ni, NULL, type, payload);
			return 0;
		}
	}
	msg = lnet_msg_alloc();
	if (!msg) {
		lnet_drop(ni, NULL, type, payload);
		return 0;
	}
	msg->type = type;
	msg->next_hop = from;
	msg->lp = sender(ni, src, from);
	msg->ev.peer = msg->lp ? READ_ONCE(msg->lp->primary) : src;
	msg->ev.peer_ni = src;
	msg->ev.self = dest;
	atomic64_inc(&ni->stats.received[type]);
	atomic64_add(payload, &lnet_recv_bytes);
	if (msg->lp)
		atomic64_inc(&msg->lp->stats.received[type]);

	switch (type) {
	case LNET_MSG_PUT:
		return parse_put(ni, &hdr->msg.put, payload, msg, msgp);
	case LNET_MSG_GET:
		return parse_get(ni, &hdr->msg.get, msg);
	case LNET_MSG_REPLY:
		return parse_reply(ni, &hdr->msg.reply, payload, msg, msgp);
	default:
		return parse_ack(ni, &hdr->msg.ack, msg);
	}
}
EXPORT_SYMBOL_GPL(lnet_parse);

/* A PUT that waited in msg->buf has met its descriptor */
void lnet_put_arrived(struct lnet_msg *msg)
{
	lnet_md_sink(msg);
	if (msg->len && copy_to_iter(msg->buf, msg->len, &msg->iter) != msg->len)
		msg->ev.status = -EFAULT;
	else if (msg->ack)
		lnet_send_ack(msg, msg->ev.mlength);
	lnet_md_done(msg);
}

/* Ping data that its owner sent unasked */
static void push_arrived(struct lnet_msg *msg)
{
	int err = lnet_ping_check((void *)msg->buf, msg->len);

	if (err) {
		char nid[LNET_NIDSTR_SIZE];

		pr_warn_ratelimited("lnet: %s pushed ping data that is malformed\n",
				    lnet_nid_str(msg->ev.peer_ni, nid));
	} else {
		lnet_peer_update(msg->ev.peer_ni, (void *)msg->buf, msg->len);
	}
	if (msg->ack)
		lnet_send_ack(msg, msg->len);
	lnet_msg_free(msg);
}

static void aside_arrived(struct lnet_msg *msg)
{
	switch (lnet_match_or_delay(msg)) {
	case LNET_MATCHED:
		lnet_put_arrived(msg);
		break;
	case LNET_DROPPED:
		drop(NULL, msg, msg->ev.rlength);
		break;
	case LNET_DELAYED:
		break;
	}
}

void lnet_recv_done(struct lnet_msg *msg, int status)
{
	if (msg->md) {
		msg->ev.status = status;
		if (status)
			msg->ev.mlength = 0;
		else if (msg->type == LNET_MSG_PUT && msg->ack)
			lnet_send_ack(msg, msg->ev.mlength);
		lnet_md_done(msg);
	} else if (status) {
		drop(NULL, msg, msg->ev.rlength);
	} else if (msg->ev.portal == LNET_PORTAL_RESERVED) {
		push_arrived(msg);
	} else {
		aside_arrived(msg);
	}
}
EXPORT_SYMBOL_GPL(lnet_recv_done);
