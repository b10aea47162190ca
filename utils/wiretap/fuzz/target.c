// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: a capture file, or what is inside of one: messages of a connection. State
 * is made once and cleared, as most of the time would go into making it.
 */
#include <stdlib.h>
#include <string.h>
#include "../wiretap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stream(struct wt *w, struct lnet_state *s, const uint8_t *data, size_t size)
{
	/* a stream in the middle of its life, or from its beginning if it begins with a HELLO */
	struct ksock_conn c = {
		.handshake = size && data[0] != 0xc0 && data[0] != 0xc1,
		.dialer = size && data[0] == 0x00,
	};
	long n;

	do {
		n = lnet_stream(w, s, &c, data, size);
		if (n > 0) {
			data += n;
			size -= n;
		}
	} while (n > 0 && size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lnet_state *s;
	static struct wt_rpc *rpc;
	static uint8_t *enc, *cov;
	static FILE *null;

	if (!null) {
		null = fopen("/dev/null", "w");
		s = lnet_new();
		rpc = rpc_new();
		enc = malloc(WT_MAX_MESSAGE);
		cov = malloc(WT_MAX_MESSAGE);
		if (!null || !s || !rpc || !enc || !cov)
			abort();
	}
	/* as if so many errors had been shown that no more are; printing takes most of the time */
	struct wt w = { .file = "fuzz", .json = true, .quiet = size % 16, .reported = ~0UL >> 1,
			.out = null, .rpc = rpc, .enc = enc, .cov = cov };

	lnet_reset(s);
	rpc_reset(rpc);
	if (pcap_run(&w, s, data, size))
		stream(&w, s, data, size);
	return 0;
}
