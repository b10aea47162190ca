// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies: random 64-bit numbers by which peers name our imports, exports, locks and
 * open files. Found under RCU; what they name is refcounted by its owner.
 */
#include <linux/random.h>
#include "kernel/rpc/internal.h"

static struct rhashtable handles;

static const struct rhashtable_params handle_params = {
	.key_len		= sizeof(u64),
	.key_offset		= offsetof(struct rpc_handle, cookie),
	.head_offset		= offsetof(struct rpc_handle, node),
	.automatic_shrinking	= true,
};

int rpc_handle_add(struct rpc_handle *h, const struct rpc_handle_type *type)
{
	int rc;

	h->type = type;
	do {
		do {
			h->cookie = get_random_u64();
		} while (!h->cookie);
		rc = rhashtable_lookup_insert_fast(&handles, &h->node, handle_params);
	} while (rc == -EEXIST);
	if (rc)
		h->cookie = 0;
	return rc;
}
EXPORT_SYMBOL_GPL(rpc_handle_add);

void rpc_handle_del(struct rpc_handle *h)
{
	if (h->cookie)
		rhashtable_remove_fast(&handles, &h->node, handle_params);
}
EXPORT_SYMBOL_GPL(rpc_handle_del);

struct rpc_handle *rpc_handle_find(u64 cookie, const struct rpc_handle_type *type)
{
	struct rpc_handle *h;

	rcu_read_lock();
	h = rhashtable_lookup(&handles, &cookie, handle_params);
	if (h && (h->type != type || !type->get(h)))
		h = NULL;
	rcu_read_unlock();
	return h;
}
EXPORT_SYMBOL_GPL(rpc_handle_find);

int rpc_handles_init(void)
{
	return rhashtable_init(&handles, &handle_params);
}

void rpc_handles_exit(void)
{
	rhashtable_destroy(&handles);
}
