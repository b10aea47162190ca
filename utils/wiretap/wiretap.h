/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wiretap: what its files share. Bytes of a capture are hostile: all of them are read
 * through the functions of decode.c, which check every access against the buffer.
 */
#ifndef SHEEN_WIRETAP_H
#define SHEEN_WIRETAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/types.h>
#include "wire/formats.h"

/* --- decode.c: the message at hand, its output, its re-encoding --- */

enum wt_kind {
	K_NOTE,		/* not of the wire: what wiretap says about it */
	K_U,		/* unsigned */
	K_S,		/* signed */
	K_X,		/* hexadecimal */
	K_OCT,
	K_TIME,		/* seconds of the epoch */
	K_FLAGS,	/* aux: names of bits; others are an error */
	K_ENUM,		/* aux: names of values; others are an error */
	K_ZERO,		/* padding; other values are an error */
	K_FID,		/* 16 bytes */
	K_FID_BE,
	K_OST_ID,	/* 16 bytes */
	K_NID,		/* 8 bytes */
	K_STR,		/* text, padded with NULs */
	K_STR_STALE,	/* text, a NUL, and what the sender left behind it */
	K_RAW,		/* bytes without a structure of ours */
	K_STRUCT,	/* aux: struct wt_struct */
};

struct wt_name {
	uint64_t	value;
	const char	*name;
};

struct wt_field {
	const char	*name;
	uint16_t	off;
	uint16_t	width;	/* of one */
	uint8_t		kind;
	uint16_t	count;	/* more than 1: an array */
	const void	*aux;
};

struct wt_struct {
	const char		*name;
	const struct wt_field	*fields;
	uint16_t		nr;
	uint16_t		size;
};

#define WT_MAX_MESSAGE	(24 + 72 + (1U << 20))
#define WT_DEPTH	24

struct wt_rpc;
struct cmp_side;
struct cmp;

/**
 * struct wt - state of one run over one file
 * @p, @len: message at hand
 * @lim: end of the buffer at hand; nothing behind it is read
 * @enc: what the decoded values encode to
 * @cov: bytes that a value explains
 */
struct wt {
	FILE		*out;
	const char	*file;
	bool		json;
	bool		quiet;
	unsigned long	errors;
	unsigned long	reported;
	unsigned long	messages;
	unsigned long	rpcs;
	unsigned long	frame;
	double		time;
	double		start;

	const uint8_t	*p;
	uint32_t	len;
	uint32_t	lim;
	uint8_t		*enc;
	uint8_t		*cov;

	char		path[WT_DEPTH][40];
	bool		more[WT_DEPTH];
	unsigned int	depth;

	struct wt_rpc	*rpc;

	/* of --compare */
	struct cmp_side	*side;
	enum wt_kind	kind;		/* of the value at hand */
	unsigned long	unit;		/* the RPC that the message belongs to */
};

void wt_error(struct wt *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void wt_begin(struct wt *w, const uint8_t *p, uint32_t len);
void wt_end(struct wt *w);
void wt_open(struct wt *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void wt_close(struct wt *w);
void wt_note(struct wt *w, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool wt_has(struct wt *w, uint32_t off, uint32_t len);
uint64_t wt_peek(struct wt *w, uint32_t off, unsigned int width);
bool wt_zero(struct wt *w, uint32_t off, uint32_t len);
uint64_t wt_put(struct wt *w, const char *name, uint32_t off, uint32_t width, enum wt_kind kind,
		const void *aux);
uint64_t wt_put_nth(struct wt *w, const char *name, uint32_t nth, uint32_t off, uint32_t width,
		    enum wt_kind kind, const void *aux);
void wt_table(struct wt *w, const struct wt_struct *t, uint32_t off);
void wt_pad(struct wt *w, uint32_t off, uint32_t len);

/* --- tables.c: the structures of include/wire --- */

#define WT_STRUCTS(X)							\
	X(ksock_wire_msg) X(ksock_wire_hello) X(lnet_wire_acceptor)	\
	X(lnet_wire_hdr) X(lnet_wire_ack) X(lnet_wire_put)		\
	X(lnet_wire_get) X(lnet_wire_reply)				\
	X(lnet_wire_ping_info) X(lnet_wire_ni_status)			\
	X(lustre_msg_v2) X(lustre_msg_sub) X(ptlrpc_body) X(obd_connect_data)		\
	X(lu_seq_range) X(mdt_body) X(mdt_ioepoch) X(close_data)	\
	X(mdt_rec_setattr) X(mdt_rec_create) X(mdt_rec_link)		\
	X(mdt_rec_unlink) X(mdt_rec_rename) X(mdt_rec_setxattr)		\
	X(mdt_rec_resync) X(ldlm_request) X(ldlm_reply)			\
	X(ldlm_extent_desc) X(ldlm_flock_desc) X(ldlm_ibits_desc)	\
	X(layout_intent) X(ldlm_gl_lquota_desc) X(ost_lvb)		\
	X(ost_lvb_v1) X(lquota_lvb) X(obdo) X(obd_ioobj)		\
	X(niobuf_remote) X(obd_statfs) X(mgs_target_info)		\
	X(mgs_config_body) X(mgs_config_res) X(mgs_nidtbl_entry)	\
	X(llogd_body) X(llog_log_hdr) X(llog_rec_hdr)			\
	X(llog_rec_tail) X(llog_logid_rec) X(lustre_cfg)		\
	X(cfg_marker) X(lov_desc) X(lmv_desc)				\
	X(lov_mds_md_v1) X(lov_mds_md_v3) X(lov_ost_data_v1)		\
	X(lov_comp_md_v1) X(lov_comp_entry) X(lov_foreign_md)		\
	X(lmv_mds_md_v1) X(lmv_user_md) X(lmv_user_mds_data)		\
	X(lu_dirpage) X(lu_dirent) X(lustre_mdt_attrs)			\
	X(lustre_som_attrs) X(link_ea_header)

#define WT_DECLARE(n) extern const struct wt_struct wt_##n;
WT_STRUCTS(WT_DECLARE)
#undef WT_DECLARE

extern const struct wt_name wt_opcodes[], wt_portals[], wt_reint_ops[], wt_open_flags[];
const char *wt_name_of(const struct wt_name *names, uint64_t value);

/* --- records.c: what buffers hold that is more than one structure --- */

void rec_layout(struct wt *w, uint32_t off, uint32_t len);
void rec_acl(struct wt *w, uint32_t off, uint32_t len);
void rec_xattr(struct wt *w, const char *name, uint32_t off, uint32_t len);
void rec_names(struct wt *w, uint32_t off, uint32_t len);
void rec_llog_block(struct wt *w, uint32_t off, uint32_t len);
void rec_dirpages(struct wt *w, uint32_t off, uint32_t len);
void rec_nidtbl(struct wt *w, uint32_t off, uint32_t len);
void rec_nodemap_pages(struct wt *w, uint32_t off, uint32_t len);
void rec_name_index_pages(struct wt *w, uint32_t off, uint32_t len);

/* --- services.c: HSM, quota, changelogs, registration --- */

void rec_hsm(struct wt *w, enum rpc_field f, uint32_t off, uint32_t len);
void rec_hsm_actions(struct wt *w, uint32_t off, uint32_t len);
void rec_quota(struct wt *w, enum rpc_field f, uint32_t off, uint32_t len);
void rec_nidlist(struct wt *w, uint32_t off, uint32_t len);
void rec_changelog(struct wt *w, uint32_t off, uint32_t len);

/* --- update.c: OUT_UPDATE --- */

void rec_out_request(struct wt *w, uint32_t off, uint32_t len);
void rec_out_bulk(struct wt *w, uint32_t off, uint32_t len);
void rec_out_reply(struct wt *w, uint32_t off, uint32_t len);

/* --- rpc.c --- */

/* A transfer that follows from a request */
struct rpc_bulk {
	uint16_t	opc;
	uint8_t		cfg_type;	/* of MGS_CONFIG_READ */
	bool		known;
	unsigned long	unit;
};

struct wt_rpc *rpc_new(void);
void rpc_free(struct wt_rpc *r);
void rpc_reset(struct wt_rpc *r);
void rpc_put(struct wt *w, uint64_t src, uint64_t dst, uint32_t portal, uint64_t bits,
	     uint32_t offset, uint32_t at, uint32_t len);
struct rpc_bulk rpc_bulk_of(struct wt *w, uint64_t client, uint64_t server, uint64_t bits);
void rpc_bulk_data(struct wt *w, struct rpc_bulk b, uint32_t at, uint32_t len);

/* --- lnet.c --- */

struct ksock_conn {
	bool		handshake;	/* seen from its SYN */
	bool		dialer;		/* this end opened the connection */
	unsigned int	stage;
};

struct lnet_state;
struct lnet_state *lnet_new(void);
void lnet_free(struct lnet_state *s);
void lnet_reset(struct lnet_state *s);
/* Takes messages from the front of a stream; returns the bytes taken, -1 if it is none of ours */
long lnet_stream(struct wt *w, struct lnet_state *s, struct ksock_conn *c, const uint8_t *p,
		 size_t len);

/* --- compare.c --- */

struct cmp_side *cmp_side_new(void);
void cmp_side_free(struct cmp_side *s);
void cmp_begin(struct wt *w);
void cmp_value(struct wt *w, const char *name, const char *text);
void cmp_end(struct wt *w);
struct cmp *cmp_new(const char *table);
bool cmp_run(struct cmp *c, const char *scenario, struct cmp_side *a, struct cmp_side *b);
bool cmp_unused(struct cmp *c);
void cmp_free(struct cmp *c);

/* --- pcap.c --- */

int pcap_run(struct wt *w, struct lnet_state *s, const uint8_t *data, size_t len);

#endif
