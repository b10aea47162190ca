// SPDX-License-Identifier: GPL-2.0
/*
 * OUT_UPDATE (chapter 05, B18): lists of updates of objects on another server, and
 * their results.
 */
#include <stdio.h>
#include <string.h>
#include "wiretap.h"

#define OUT_HEADER_MAGIC	0xbddf0001U
#define OUT_REQUEST_MAGIC	0xbdde0002U
#define OUT_REPLY_MAGIC		0x00bd0002U

static const struct wt_name update_types[] = {
	{ 1, "CREATE" }, { 2, "DESTROY" }, { 3, "REF_ADD" }, { 4, "REF_DEL" }, { 5, "ATTR_SET" },
	{ 6, "ATTR_GET" }, { 7, "XATTR_SET" }, { 8, "XATTR_GET" }, { 9, "INDEX_LOOKUP" },
	{ 10, "INDEX_INSERT" }, { 11, "INDEX_DELETE" }, { 12, "WRITE" }, { 13, "XATTR_DEL" },
	{ 14, "PUNCH" }, { 15, "READ" }, { 16, "NOOP" }, { 17, "XATTR_LIST" }, { 0, NULL }
};

static const struct wt_field object_update_fields[] = {
	{ "ou_type", 0, 2, K_ENUM, 1, update_types }, { "ou_params_count", 2, 2, K_U, 1, NULL },
	{ "ou_result_size", 4, 4, K_U, 1, NULL }, { "ou_flags", 8, 4, K_X, 1, NULL },
	{ "ou_padding1", 12, 4, K_ZERO, 1, NULL }, { "ou_batchid", 16, 8, K_X, 1, NULL },
	{ "ou_fid", 24, 16, K_FID, 1, NULL },
};
static const struct wt_struct object_update = { "object_update", object_update_fields, 7, 40 };

static uint32_t round8(uint32_t n)
{
	return (n + 7) & ~7U;
}

static bool is_xattr(uint32_t type)
{
	return type == 7 || type == 8 || type == 13;
}

/* One argument; of extended attributes the first is the name */
static void update_param(struct wt *w, uint32_t type, unsigned int i, const char *name,
			 uint32_t off, uint32_t len)
{
	if (len == 208 && (type == 1 || type == 5))
		wt_put(w, "attributes", off, len, K_STRUCT, &wt_obdo);
	else if (len == 16 && (type == 1 || type == 10))
		wt_put(w, "fid", off, len, K_FID, NULL);
	else if (is_xattr(type) && i == 0)
		wt_put(w, "name", off, len, K_STR, NULL);
	else if (type == 7 && i == 1)
		rec_xattr(w, name, off, len);
	else if (type == 7 && i == 2 && len == 4)
		wt_put(w, "flags", off, len, K_X, NULL);
	else if (type >= 9 && type <= 11 && i == 0)
		wt_put(w, "name", off, len, K_STR, NULL);
	else if (type == 12 && i == 0)
		wt_put(w, "data", off, len, K_RAW, NULL);
	else if (len == 8 && (type == 12 || type == 14 || type == 15))
		wt_put(w, "position_or_size", off, len, K_U, NULL);
	else if (len == 4 && type == 10)
		wt_put(w, "type", off, len, K_X, NULL);
	else
		wt_error(w, "argument %u of %u bytes has no known form", i, len);
}

static uint32_t one_update(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 40, i, n, type = wt_peek(w, off, 2), count = wt_peek(w, off + 2, 2);
	char name[64] = "";

	wt_table(w, &object_update, off);
	for (i = 0; i < count && len >= at + 8; i++) {
		wt_open(w, "param[%u]", i);
		n = wt_put(w, "oup_len", off + at, 2, K_U, NULL);
		wt_put(w, "oup_padding", off + at + 2, 2, K_ZERO, NULL);
		wt_put(w, "oup_padding2", off + at + 4, 4, K_ZERO, NULL);
		if (round8(n) > len - at - 8) {
			wt_error(w, "oup_len %u of %u", n, len - at - 8);
			wt_close(w);
			return len;
		}
		if (is_xattr(type) && !i)
			snprintf(name, sizeof(name), "%.*s", (int)n, (const char *)w->p + off + at + 8);
		if (n)
			update_param(w, type, i, name, off + at + 8, n);
		wt_pad(w, off + at + 8 + n, round8(n) - n);
		wt_close(w);
		at += 8 + round8(n);
	}
	return at;
}

static uint32_t update_list(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t i, at = 8, count;

	if (wt_put(w, "ourq_magic", off, 4, K_X, NULL) != OUT_REQUEST_MAGIC)
		wt_error(w, "magic of no list of updates");
	count = wt_put(w, "ourq_count", off + 4, 2, K_U, NULL);
	wt_put(w, "ourq_padding", off + 6, 2, K_ZERO, NULL);
	for (i = 0; i < count && len >= at + 40; i++) {
		wt_open(w, "object_update[%u]", i);
		at += one_update(w, off + at, len - at);
		wt_close(w);
	}
	return at;
}

void rec_out_request(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t n = wt_peek(w, off + 8, 4), at;

	if (wt_put(w, "ouh_magic", off, 4, K_X, NULL) != OUT_HEADER_MAGIC)
		wt_error(w, "magic of no update header");
	wt_put(w, "ouh_count", off + 4, 4, K_U, NULL);
	wt_put(w, "ouh_inline_length", off + 8, 4, K_U, NULL);
	wt_put(w, "ouh_reply_size", off + 12, 4, K_U, NULL);
	if (len < 16 || n > len - 16) {
		wt_error(w, "ouh_inline_length %u of %u", n, len);
		return;
	}
	if (n) {
		at = 16 + update_list(w, off + 16, n);
		wt_pad(w, off + at, len - at);
	}
}

/* Lists that did not fit into the request, each in buffers of its own; or what a READ returns */
void rec_out_bulk(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 0, next, i = 0;

	if (wt_peek(w, off, 4) != OUT_REQUEST_MAGIC) {
		wt_put(w, "data", off, len, K_RAW, NULL);
		return;
	}
	while (len - at >= 8 && wt_peek(w, off + at, 4) == OUT_REQUEST_MAGIC) {
		wt_open(w, "updates[%u]", i++);
		at += update_list(w, off + at, len - at);
		wt_close(w);
		for (next = at; next < len && !w->p[off + next]; next++)
			;
		next = next < len ? next & ~7U : len;
		wt_pad(w, off + at, next > at ? next - at : 0);
		at = next > at ? next : at;
	}
}

/* Results carry no type: 208 bytes are attributes, others what was read */
void rec_out_reply(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t count, i, n, at, data;

	if (wt_put(w, "ourp_magic", off, 4, K_X, NULL) != OUT_REPLY_MAGIC)
		wt_error(w, "magic of no update reply");
	count = wt_put(w, "ourp_count", off + 4, 2, K_U, NULL);
	wt_put(w, "ourp_padding", off + 6, 2, K_ZERO, NULL);
	at = round8(8 + 2 * count);
	if (at > len) {
		wt_error(w, "ourp_count %u", count);
		return;
	}
	for (i = 0; i < count; i++)
		wt_put_nth(w, "ourp_lens", i, off + 8 + 2 * i, 2, K_U, NULL);
	wt_pad(w, off + 8 + 2 * count, at - 8 - 2 * count);
	for (i = 0; i < count; i++) {
		n = wt_peek(w, off + 8 + 2 * i, 2);
		data = wt_peek(w, off + at + 4, 2);
		wt_open(w, "result[%u]", i);
		if (n < 8 || n > len - at || data > n - 8) {
			wt_error(w, "result of %u bytes with %u of data, %u left", n, data, len - at);
			wt_close(w);
			return;
		}
		wt_put(w, "our_rc", off + at, 4, K_S, NULL);
		wt_put(w, "our_datalen", off + at + 4, 2, K_U, NULL);
		wt_put(w, "our_padding", off + at + 6, 2, K_ZERO, NULL);
		if (data == 208)
			wt_put(w, "attributes", off + at + 8, data, K_STRUCT, &wt_obdo);
		else if (data)
			wt_put(w, "value", off + at + 8, data, K_RAW, NULL);
		wt_pad(w, off + at + 8 + data, n - 8 - data);
		wt_close(w);
		at += n;
	}
	wt_pad(w, off + at, len - at);
}
