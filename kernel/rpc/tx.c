// SPDX-License-Identifier: GPL-2.0
/*
 * One PUT of a message, request or reply. The transmission owns its descriptor, so that
 * a message can be sent again while LNet still holds an earlier attempt.
 */
#include "kernel/rpc/internal.h"

static void rpc_tx_event(const struct lnet_event *ev)
{
	struct rpc_tx *tx = container_of(ev->md, struct rpc_tx, md);

	if (ev->status)
		tx->status = ev->status;
	else if (ev->type == LNET_EVENT_ACK)
		tx->acked = true;
	if (ev->unlinked)
		tx->sent(tx, tx->status, tx->acked);
}

/*
 * rpc_tx_put() - send @len bytes of @buf
 * @tx: @sent and @owner are set; valid until @sent is called
 * @ack: @sent also waits for the peer's ACK
 *
 * Context: may sleep. Return: 0, or a negative errno and @sent is not called.
 */
int rpc_tx_put(struct rpc_tx *tx, const struct rpc_buf *buf, u32 len, lnet_nid_t self,
	       lnet_nid_t peer, u32 portal, u64 match_bits, u32 offset, bool ack)
{
	memset(&tx->md, 0, sizeof(tx->md));
	tx->status = 0;
	tx->acked = false;
	if (buf->nr == 1) {
		tx->bv = buf->bv[0];
		tx->bv.bv_len = len;
		tx->md.bvec = &tx->bv;
	} else {
		tx->md.bvec = buf->bv;
	}
	tx->md.nr_bvec = buf->nr;
	tx->md.length = len;
	tx->md.threshold = ack ? 2 : 1;
	tx->md.event = rpc_tx_event;
	return lnet_put_md(&tx->md, self, peer, portal, match_bits, offset, 0, ack);
}
