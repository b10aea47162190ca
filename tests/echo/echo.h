/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A target that stores nothing and a client for it: what kernel/rpc promises, tried over
 * a real network. Server: insmod with server=1. Client: target=NID, runs all tests.
 */
#ifndef SHEEN_ECHO_H
#define SHEEN_ECHO_H

#include "kernel/rpc/internal.h"

#define ECHO_NAME	"echo-OST0000"
#define ECHO_UUID	"echo-OST0000_UUID"
#define ECHO_ASK	(OBD_CONNECT_FULL20 | OBD_CONNECT_VERSION | OBD_CONNECT_FID | \
			 OBD_CONNECT_BRW_SIZE | OBD_CONNECT_AT)
#define ECHO_BRW	(4U << 20)
#define ECHO_PAGES	(ECHO_BRW / PAGE_SIZE)
#define ECHO_CALLS	200

/* of struct obd_ioobj (chapter 05), the part that matters here */
struct echo_ioobj {
	__le64 id, seq;
	__le32 max_brw, nr;
};

int echo_server_start(void);
void echo_server_stop(void);
struct rpc_import *echo_import(lnet_nid_t nid, const char *uuid, u64 flags, u64 flags2);
int echo_call(struct rpc_import *imp, const char *key, char *val, u32 size);
int echo_run(lnet_nid_t nid);
int echo_hostile(struct rpc_import *imp);

#define echo_check(cond)							\
	({									\
		bool ok__ = (cond);						\
		if (!ok__)							\
			pr_err("echo: BAD %s:%d: %s\n", __func__, __LINE__, #cond); \
		ok__ ? 0 : 1;							\
	})

#endif
