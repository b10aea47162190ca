// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive timeouts (chapter 02, section 6): estimates from samples, and the arithmetic
 * between an estimate and a timeout. Who takes samples: request.c and service.c.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include "kernel/rpc/internal.h"

#define RPC_AT_BIN_SECONDS	150

unsigned int rpc_timeout = 100;

void rpc_at_init(struct rpc_at *at, unsigned int initial)
{
	spin_lock_init(&at->lock);
	at->initial = initial;
	memset(at->bin, 0, sizeof(at->bin));
	at->start = ktime_get_seconds();
}

static void at_turn(struct rpc_at *at)
{
	time64_t now = ktime_get_seconds();
	int i;

	lockdep_assert_held(&at->lock);
	if (now - at->start >= RPC_AT_BINS * RPC_AT_BIN_SECONDS) {
		/* nothing for so long that only the latest estimate remains */
		unsigned int last = max3(at->bin[0], at->bin[1], max(at->bin[2], at->bin[3]));

		memset(at->bin, 0, sizeof(at->bin));
		at->bin[RPC_AT_BINS - 1] = last;
		at->start = now;
	}
	while (now - at->start >= RPC_AT_BIN_SECONDS) {
		for (i = RPC_AT_BINS - 1; i > 0; i--)
			at->bin[i] = at->bin[i - 1];
		at->bin[0] = 0;
		at->start += RPC_AT_BIN_SECONDS;
	}
}

/* rpc_at_sample() - Context: any. @seconds above 600 count as 600 */
void rpc_at_sample(struct rpc_at *at, unsigned int seconds)
{
	spin_lock_bh(&at->lock);
	at_turn(at);
	at->bin[0] = max(at->bin[0], min(seconds, RPC_AT_MAX));
	spin_unlock_bh(&at->lock);
}

/* rpc_at_estimate() - highest sample of the last 600 s; the initial value without any */
unsigned int rpc_at_estimate(struct rpc_at *at)
{
	unsigned int est;
	int i;

	spin_lock_bh(&at->lock);
	at_turn(at);
	for (est = 0, i = 0; i < RPC_AT_BINS; i++)
		est = max(est, at->bin[i]);
	spin_unlock_bh(&at->lock);
	return est ?: at->initial;
}

unsigned int rpc_at_est2timeout(unsigned int est)
{
	return est + est / 4 + 5;
}

unsigned int rpc_at_timeout2est(unsigned int timeout)
{
	return max(timeout * 4 / 5, 5U) - 4;
}
