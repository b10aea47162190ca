// SPDX-License-Identifier: GPL-2.0
/*
 * Talking to lnet.ko by generic netlink.
 */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include "lib/lnet_nl.h"

struct request {
	lnet_nl_answer answer;
	void *arg;
	int err;
	int done;
};

static struct nl_sock *sock;
static int family;

static int connect_kernel(void)
{
	if (sock)
		return 0;
	sock = nl_socket_alloc();
	if (!sock)
		return -ENOMEM;
	if (genl_connect(sock)) {
		nl_socket_free(sock);
		sock = NULL;
		return -EIO;
	}
	family = genl_ctrl_resolve(sock, LNET_GENL_NAME);
	if (family < 0 && !system("/sbin/modprobe lnet 2>/dev/null"))
		family = genl_ctrl_resolve(sock, LNET_GENL_NAME);
	if (family < 0) {
		nl_socket_free(sock);
		sock = NULL;
		return -ENOENT;
	}
	return 0;
}

struct nl_msg *lnet_nl_new(int cmd)
{
	struct nl_msg *msg;

	if (connect_kernel())
		family = 0;	/* lnet_nl_do() says so */
	msg = nlmsg_alloc();
	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0, cmd,
				LNET_GENL_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[LNET_ATTR_MAX + 1];
	struct request *rq = arg;

	if (rq->answer && !genlmsg_parse(nlmsg_hdr(msg), 0, attrs, LNET_ATTR_MAX, NULL))
		rq->answer(attrs, rq->arg);
	return NL_OK;
}

static int on_finish(struct nl_msg *msg, void *arg)
{
	struct request *rq = arg;

	rq->done = 1;
	return NL_SKIP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct request *rq = arg;

	rq->done = 1;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	struct request *rq = arg;

	rq->err = e->error;
	rq->done = 1;
	return NL_STOP;
}

static int transact(struct nl_msg *msg, int flags, lnet_nl_answer answer, void *arg)
{
	struct request rq = { .answer = answer, .arg = arg };
	struct nl_cb *cb;
	int err = connect_kernel();

	if (!msg)
		return -ENOMEM;
	if (err)
		goto free_msg;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb) {
		err = -ENOMEM;
		goto free_msg;
	}
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &rq);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &rq);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &rq);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &rq);
	nlmsg_hdr(msg)->nlmsg_flags |= flags | NLM_F_ACK;
	err = nl_send_auto(sock, msg) < 0 ? -EIO : 0;
	while (!err && !rq.done)
		if (nl_recvmsgs(sock, cb) < 0 && !rq.done)
			err = -EIO;
	if (!err)
		err = rq.err;
	nl_cb_put(cb);
free_msg:
	nlmsg_free(msg);
	return err;
}

int lnet_nl_do(struct nl_msg *msg, lnet_nl_answer answer, void *arg)
{
	return transact(msg, 0, answer, arg);
}

int lnet_nl_dump(struct nl_msg *msg, lnet_nl_answer answer, void *arg)
{
	return transact(msg, NLM_F_DUMP, answer, arg);
}
