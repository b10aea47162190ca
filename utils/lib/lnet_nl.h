/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to lnet.ko by generic netlink (include/uapi/lnet.h).
 */
#ifndef SHEEN_UTILS_LNET_NL_H
#define SHEEN_UTILS_LNET_NL_H

#include <netlink/genl/genl.h>
#include "uapi/lnet.h"

/* Called with the attributes of each answer, indexed by enum lnet_attr */
typedef void (*lnet_nl_answer)(struct nlattr **attrs, void *arg);

/* A request; attributes are added with nla_put_*(). NULL: no memory. */
struct nl_msg *lnet_nl_new(int cmd);

/*
 * Send a request, wait for all its answers, free it. A dump if @answer is for
 * LNET_CMD_*_GET of lists. Return: 0 or -errno; -ENOENT: lnet.ko is not loaded.
 */
int lnet_nl_do(struct nl_msg *msg, lnet_nl_answer answer, void *arg);
int lnet_nl_dump(struct nl_msg *msg, lnet_nl_answer answer, void *arg);

#endif
