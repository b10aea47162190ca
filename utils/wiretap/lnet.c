// SPDX-License-Identifier: GPL-2.0
/*
 * socklnd streams: acceptor request, HELLO, envelopes; LNet messages in them, ping data.
 * What PUTs on the portals of RPC services carry is rpc.c's.
 */
#include <stdlib.h>
#include <string.h>
#include "wiretap.h"
#include "wire/lnet.h"
#include "wire/rpc.h"

#define NR_GETS		1024

/* A GET whose REPLY is awaited */
struct pending_get {
	uint64_t	nid;		/* of who asked */
	uint64_t	iface, object;	/* its handle */
	uint32_t	portal;
	struct rpc_bulk	bulk;
};

struct lnet_state {
	struct pending_get	gets[NR_GETS];
	unsigned int		next;
};

struct lnet_state *lnet_new(void)
{
	return calloc(1, sizeof(struct lnet_state));
}

void lnet_free(struct lnet_state *s)
{
	free(s);
}

/* As new */
void lnet_reset(struct lnet_state *s)
{
	unsigned int used = s->next < NR_GETS ? s->next : NR_GETS;

	memset(s->gets, 0, used * sizeof(s->gets[0]));
	s->next = 0;
}

static bool is_bulk_portal(uint32_t portal)
{
	return portal == OST_BULK_PORTAL || portal == MDS_BULK_PORTAL || portal == MGS_BULK_PORTAL;
}

static void ping_info(struct wt *w, uint32_t at, uint32_t len)
{
	uint32_t i, n = wt_peek(w, at + 12, 4);

	wt_open(w, "lnet_ping_info");
	if (wt_peek(w, at, 4) != LNET_PING_MAGIC)
		wt_error(w, "pi_magic is not that of ping data");
	wt_table(w, &wt_lnet_wire_ping_info, at);
	if (n < 1 || n > LNET_PING_MAX_NIS)
		wt_error(w, "pi_nnis %u is out of range", n);
	for (i = 0; i < n && i < (len - 16) / 16; i++) {
		wt_open(w, "pi_ni[%u]", i);
		wt_table(w, &wt_lnet_wire_ni_status, at + 16 + 16 * i);
		wt_close(w);
	}
	wt_close(w);
}

static void put_message(struct wt *w, uint64_t src, uint64_t dst, uint32_t at, uint32_t len)
{
	uint32_t h = sizeof(struct ksock_wire_msg);
	uint64_t bits = wt_peek(w, h + 48, 8);
	uint32_t portal = wt_peek(w, h + 64, 4), offset = wt_peek(w, h + 68, 4);

	wt_table(w, &wt_lnet_wire_put, h + 32);
	if (portal == LNET_PORTAL_RESERVED) {
		if (bits != LNET_PING_MATCHBITS)
			wt_error(w, "match bits of no push");
		ping_info(w, at, len);
	} else if (is_bulk_portal(portal)) {
		rpc_bulk_data(w, rpc_bulk_of(w, dst, src, bits), at, len);
	} else {
		rpc_put(w, src, dst, portal, bits, offset, at, len);
	}
}

static void get_message(struct wt *w, struct lnet_state *s, uint64_t src, uint64_t dst)
{
	uint32_t h = sizeof(struct ksock_wire_msg);
	struct pending_get *g = &s->gets[s->next++ % NR_GETS];
	uint64_t bits = wt_peek(w, h + 48, 8);

	wt_table(w, &wt_lnet_wire_get, h + 32);
	wt_put(w, "unused", h + 68, 4, K_ZERO, NULL);
	memset(g, 0, sizeof(*g));
	g->nid = src;
	g->iface = wt_peek(w, h + 32, 8);
	g->object = wt_peek(w, h + 40, 8);
	g->portal = wt_peek(w, h + 56, 4);
	if (is_bulk_portal(g->portal))
		w->unit = (g->bulk = rpc_bulk_of(w, dst, src, bits)).unit;
	else if (g->portal != LNET_PORTAL_RESERVED || bits != LNET_PING_MATCHBITS)
		wt_error(w, "GET on portal %u that is neither ping nor bulk", g->portal);
}

static void reply_message(struct wt *w, struct lnet_state *s, uint64_t dst, uint32_t at,
			  uint32_t len)
{
	uint32_t h = sizeof(struct ksock_wire_msg), i;
	uint64_t iface = wt_peek(w, h + 32, 8), object = wt_peek(w, h + 40, 8);
	struct pending_get *g;

	wt_table(w, &wt_lnet_wire_reply, h + 32);
	wt_put(w, "unused", h + 48, 24, K_ZERO, NULL);
	for (i = 0; i < NR_GETS; i++) {
		g = &s->gets[(s->next - 1 - i) % NR_GETS];
		if (!g->nid || g->nid != dst || g->iface != iface || g->object != object)
			continue;
		if (g->portal == LNET_PORTAL_RESERVED)
			ping_info(w, at, len);
		else
			rpc_bulk_data(w, g->bulk, at, len);
		return;
	}
	wt_error(w, "REPLY to a GET that was not seen");
}

static void lnet_message(struct wt *w, struct lnet_state *s, uint32_t len)
{
	uint32_t h = sizeof(struct ksock_wire_msg), at = h + sizeof(struct lnet_wire_hdr);
	uint64_t dst = wt_peek(w, h, 8), src = wt_peek(w, h + 8, 8);
	uint32_t type = wt_peek(w, h + 24, 4);

	wt_open(w, "lnet_hdr");
	wt_table(w, &wt_lnet_wire_hdr, h);
	wt_close(w);
	switch (type) {
	case LNET_MSG_ACK:
		wt_open(w, "ACK");
		wt_table(w, &wt_lnet_wire_ack, h + 32);
		wt_put(w, "unused", h + 60, 12, K_ZERO, NULL);
		break;
	case LNET_MSG_PUT:
		wt_open(w, "PUT");
		put_message(w, src, dst, at, len);
		break;
	case LNET_MSG_GET:
		wt_open(w, "GET");
		get_message(w, s, src, dst);
		break;
	case LNET_MSG_REPLY:
		wt_open(w, "REPLY");
		reply_message(w, s, dst, at, len);
		break;
	default:
		return;
	}
	wt_close(w);
	if (len && (type == LNET_MSG_ACK || type == LNET_MSG_GET))
		wt_error(w, "payload in an ACK or GET");
}

static long hello(struct wt *w, struct ksock_conn *c, const uint8_t *p, size_t len)
{
	uint32_t skip = c->dialer ? sizeof(struct lnet_wire_acceptor) : 0;
	uint32_t nips;

	if (len < skip + sizeof(struct ksock_wire_hello))
		return 0;
	wt_begin(w, p, skip + sizeof(struct ksock_wire_hello));
	if (skip) {
		wt_open(w, "acceptor");
		if (wt_peek(w, 0, 4) != LNET_ACCEPTOR_MAGIC || wt_peek(w, 4, 4) != LNET_ACCEPTOR_VERSION)
			wt_error(w, "magic or version of no acceptor request");
		wt_table(w, &wt_lnet_wire_acceptor, 0);
		wt_close(w);
	}
	wt_open(w, "hello");
	if (wt_peek(w, skip, 4) != LNET_PROTO_MAGIC || wt_peek(w, skip + 4, 4) != KSOCK_PROTO_V3)
		wt_error(w, "magic or version of no HELLO of version 3");
	wt_table(w, &wt_ksock_wire_hello, skip);
	nips = wt_peek(w, skip + 52, 4);
	if (nips)
		wt_error(w, "HELLO with %u addresses behind it", nips);
	wt_close(w);
	wt_end(w);
	c->handshake = false;
	return nips ? -1 : (long)(skip + sizeof(struct ksock_wire_hello));
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

long lnet_stream(struct wt *w, struct lnet_state *s, struct ksock_conn *c, const uint8_t *p,
		 size_t len)
{
	uint32_t payload = 0, head = sizeof(struct ksock_wire_msg), type;

	w->depth = 0;
	if (c->handshake)
		return hello(w, c, p, len);
	if (len < head)
		return 0;
	type = le32(p);
	if (type != KSOCK_MSG_NOOP && type != KSOCK_MSG_LNET)
		return -1;
	if (type == KSOCK_MSG_LNET) {
		head += sizeof(struct lnet_wire_hdr);
		if (len < head)
			return 0;
		payload = le32(p + 24 + 28);
		if (payload > LNET_MAX_PAYLOAD || le32(p + 24 + 24) > LNET_MSG_REPLY)
			return -1;
		if (len < head + payload)
			return 0;
	}
	wt_begin(w, p, head + payload);
	wt_open(w, "ksock");
	wt_table(w, &wt_ksock_wire_msg, 0);
	wt_close(w);
	if (type == KSOCK_MSG_LNET)
		lnet_message(w, s, payload);
	wt_end(w);
	return head + payload;
}
