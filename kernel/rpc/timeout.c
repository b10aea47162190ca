// SPDX-License-Identifier: GPL-2.0
/*
 * Adaptive timeouts (chapter 02, section 6): estimates from samples, and the arithmetic
 * between an estimate and a timeout. Who takes samples: request.c and service.c.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include "kernel/rpc/internal.h"

unsigned int rpc_timeout = 100;
unsigned int rpc_at_min = 5;
unsigned int rpc_at_max = 600;
unsigned int rpc_at_history = 600;
unsigned int rpc_at_early_margin = 5;
unsigned int rpc_at_extra = 30;

module_param_named(at_min, rpc_at_min, uint, 0644);
MODULE_PARM_DESC(at_min, "shortest estimate of adaptive timeouts (s)");
module_param_named(at_max, rpc_at_max, uint, 0644);
MODULE_PARM_DESC(at_max, "longest estimate of adaptive timeouts (s); 0: fixed timeouts");
module_param_named(at_history, rpc_at_history, uint, 0644);
MODULE_PARM_DESC(at_history, "how long a slow answer is remembered (s)");
module_param_named(at_early_margin, rpc_at_early_margin, uint, 0644);
MODULE_PARM_DESC(at_early_margin, "how long before a deadline an early reply is sent (s)");
module_param_named(at_extra, rpc_at_extra, uint, 0644);
MODULE_PARM_DESC(at_extra, "how much more time an early reply asks for (s)");

static unsigned int at_bin_seconds(void)
{
	return max(READ_ONCE(rpc_at_history) / RPC_AT_BINS, 1U);
}

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
	unsigned int width = at_bin_seconds();
	int i;

	lockdep_assert_held(&at->lock);
	if (now - at->start >= (time64_t)RPC_AT_BINS * width) {
		/* nothing for so long that only the latest estimate remains */
		unsigned int last = max3(at->bin[0], at->bin[1], max(at->bin[2], at->bin[3]));

		memset(at->bin, 0, sizeof(at->bin));
		at->bin[RPC_AT_BINS - 1] = last;
		at->start = now;
	}
	while (now - at->start >= width) {
		for (i = RPC_AT_BINS - 1; i > 0; i--)
			at->bin[i] = at->bin[i - 1];
		at->bin[0] = 0;
		at->start += width;
	}
}

/* rpc_at_sample() - Context: any. @seconds above rpc_at_max count as that */
void rpc_at_sample(struct rpc_at *at, unsigned int seconds)
{
	spin_lock_bh(&at->lock);
	at_turn(at);
	at->bin[0] = max(at->bin[0], min(seconds, READ_ONCE(rpc_at_max)));
	spin_unlock_bh(&at->lock);
}

/* rpc_at_estimate() - highest sample of late; the initial value without any */
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
