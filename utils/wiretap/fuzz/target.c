// SPDX-License-Identifier: GPL-2.0
/* libFuzzer target: a capture file of any content. Built by 'make -C utils fuzz-wiretap'. */
#include <stdlib.h>
#include <string.h>
#include "../wiretap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	/* as if so many errors had been shown that no more are */
	struct wt w = { .file = "fuzz", .json = true, .reported = ~0UL >> 1 };
	struct lnet_state *s = lnet_new();

	if (!null)
		null = fopen("/dev/null", "w");
	w.out = null;
	w.rpc = rpc_new();
	w.enc = malloc(WT_MAX_MESSAGE);
	w.cov = malloc(WT_MAX_MESSAGE);
	if (null && s && w.rpc && w.enc && w.cov)
		pcap_run(&w, s, data, size);
	free(w.enc);
	free(w.cov);
	rpc_free(w.rpc);
	lnet_free(s);
	return 0;
}
