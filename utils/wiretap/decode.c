// SPDX-License-Identifier: GPL-2.0
/*
 * Values of the message at hand: read, checked, printed, and encoded again from what
 * was read. Which values there are is told by the tables and the other files.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "wiretap.h"

#define MAX_REPORTS	200

const char *wt_name_of(const struct wt_name *names, uint64_t value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

static void put_json_text(FILE *out, const char *s, size_t len)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

void wt_error(struct wt *w, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	unsigned int i;

	w->errors++;
	if (w->reported == MAX_REPORTS)
		fprintf(stderr, "%s: more errors are counted, not shown\n", w->file);
	if (w->reported++ >= MAX_REPORTS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: frame %lu: ", w->file, w->frame);
	for (i = 0; i < w->depth; i++)
		fprintf(stderr, "%s%s", w->path[i], i + 1 < w->depth ? "." : ": ");
	fprintf(stderr, "%s\n", text);
}

/* A separator in JSON, indentation in text, then the name */
static void put_name(struct wt *w, const char *name)
{
	if (w->json) {
		if (w->more[w->depth])
			fputc(',', w->out);
		w->more[w->depth] = true;
		put_json_text(w->out, name, strlen(name));
		fputc(':', w->out);
	} else {
		fprintf(w->out, "%*s%s", 2 * (int)w->depth, "", name);
	}
}

void wt_open(struct wt *w, const char *fmt, ...)
{
	char name[sizeof(w->path[0])];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (w->depth + 1 >= WT_DEPTH) {
		fprintf(stderr, "wiretap: records nested too deeply\n");
		abort();
	}
	if (!w->quiet) {
		put_name(w, name);
		fputc(w->json ? '{' : '\n', w->out);
	}
	strcpy(w->path[w->depth++], name);
	w->more[w->depth] = false;
}

void wt_close(struct wt *w)
{
	w->depth--;
	if (!w->quiet && w->json)
		fputc('}', w->out);
}

void wt_note(struct wt *w, const char *name, const char *fmt, ...)
{
	char text[1100];
	va_list ap;

	if (w->quiet && !w->side)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (w->side)
		cmp_value(w, name, text);
	if (w->quiet)
		return;
	put_name(w, name);
	if (w->json)
		put_json_text(w->out, text, strlen(text));
	else
		fprintf(w->out, " %s\n", text);
}

/* Starts an object of its own in the output: one message */
void wt_begin(struct wt *w, const uint8_t *p, uint32_t len)
{
	w->p = p;
	w->len = len;
	w->lim = len;
	memset(w->enc, 0, len);
	memset(w->cov, 0, len);
	w->depth = 0;
	w->more[0] = false;
	w->messages++;
	if (w->side)
		cmp_begin(w);
	if (w->quiet)
		return;
	if (w->json)
		fprintf(w->out, "{\"time\":%.6f,\"frame\":%lu", w->time, w->frame);
	else
		fprintf(w->out, "%.6f frame %lu\n", w->time - w->start, w->frame);
	w->more[0] = true;
}

static void check_covered(struct wt *w)
{
	uint32_t i, from;

	for (i = 0; i < w->len; i++) {
		if (w->cov[i])
			continue;
		for (from = i; i < w->len && !w->cov[i]; i++)
			;
		wt_error(w, "%u bytes at offset %u of the message are not explained", i - from, from);
	}
	for (i = 0; i < w->len; i++) {
		if (w->cov[i] && w->enc[i] != w->p[i]) {
			wt_error(w, "byte at offset %u of the message is %02x, encodes to %02x",
				 i, w->p[i], w->enc[i]);
			break;
		}
	}
}

void wt_end(struct wt *w)
{
	while (w->depth)
		wt_close(w);
	check_covered(w);
	if (w->side)
		cmp_end(w);
	if (!w->quiet)
		fputs(w->json ? "}\n" : "\n", w->out);
}

bool wt_has(struct wt *w, uint32_t off, uint32_t len)
{
	return off <= w->lim && len <= w->lim - off;
}

uint64_t wt_peek(struct wt *w, uint32_t off, unsigned int width)
{
	uint64_t v = 0;
	unsigned int i;

	if (!wt_has(w, off, width))
		return 0;
	for (i = 0; i < width; i++)
		v |= (uint64_t)w->p[off + i] << (8 * i);
	return v;
}

bool wt_zero(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t i;

	if (!wt_has(w, off, len))
		return false;
	for (i = 0; i < len; i++)
		if (w->p[off + i])
			return false;
	return true;
}

static void encode_int(struct wt *w, uint32_t off, uint32_t width, uint64_t v)
{
	uint32_t i;

	for (i = 0; i < width; i++)
		w->enc[off + i] = v >> (8 * i);
}

static void put_number(struct wt *w, const char *name, const char *fmt, uint64_t v)
{
	char text[32];

	if (w->side) {
		snprintf(text, sizeof(text), fmt, v);
		cmp_value(w, name, text);
	}
	if (w->quiet)
		return;
	put_name(w, name);
	if (!w->json)
		fputc(' ', w->out);
	fprintf(w->out, fmt, v);
	if (!w->json)
		fputc('\n', w->out);
}

static void put_flags(struct wt *w, const char *name, uint64_t v, const struct wt_name *n)
{
	char text[1024];
	size_t at = 0;
	uint64_t left = v;

	text[0] = 0;
	for (; n->name; n++) {
		/* a name may be of several bits: the most specific stands first */
		if (!n->value || (left & n->value) != n->value)
			continue;
		left &= ~n->value;
		if (at < sizeof(text))
			at += snprintf(text + at, sizeof(text) - at, "%s%s", at ? "|" : "", n->name);
	}
	if (left)
		wt_error(w, "%s: unknown flags 0x%" PRIx64 " in 0x%" PRIx64, name, left, v);
	wt_note(w, name, "0x%" PRIx64 "%s%s", v, *text ? " " : "", text);
}

static void put_enum(struct wt *w, const char *name, uint64_t v, const struct wt_name *n)
{
	const char *s = wt_name_of(n, v);

	if (!s)
		wt_error(w, "%s: unknown value 0x%" PRIx64, name, v);
	wt_note(w, name, "%" PRIu64 " %s", v, s ? s : "?");
}

static uint64_t put_int(struct wt *w, const char *name, uint32_t off, uint32_t width,
			enum wt_kind kind, const void *aux)
{
	uint64_t v = wt_peek(w, off, width);
	int64_t s = width < 8 ? (int64_t)(v << (64 - 8 * width)) >> (64 - 8 * width) : (int64_t)v;

	encode_int(w, off, width, v);
	switch (kind) {
	case K_S:
	case K_TIME:
		put_number(w, name, "%" PRId64, s);
		break;
	case K_FLAGS:
		put_flags(w, name, v, aux);
		break;
	case K_ENUM:
		put_enum(w, name, v, aux);
		break;
	case K_OCT:
		wt_note(w, name, "0%" PRIo64, v);
		break;
	case K_X:
		wt_note(w, name, "0x%" PRIx64, v);
		break;
	default:
		put_number(w, name, "%" PRIu64, v);
		break;
	}
	return v;
}

static void put_fid(struct wt *w, const char *name, uint32_t off)
{
	uint64_t seq = wt_peek(w, off, 8), oid = wt_peek(w, off + 8, 4), ver = wt_peek(w, off + 12, 4);

	encode_int(w, off, 8, seq);
	encode_int(w, off + 8, 4, oid);
	encode_int(w, off + 12, 4, ver);
	wt_note(w, name, "[0x%" PRIx64 ":0x%" PRIx64 ":0x%" PRIx64 "]", seq, oid, ver);
}

static uint64_t peek_be(struct wt *w, uint32_t off, unsigned int width)
{
	uint64_t v = 0;

	while (width--)
		v = v << 8 | w->p[off++];
	return v;
}

static void put_fid_be(struct wt *w, const char *name, uint32_t off)
{
	uint64_t seq = peek_be(w, off, 8), oid = peek_be(w, off + 8, 4), ver = peek_be(w, off + 12, 4);
	int i;

	for (i = 0; i < 8; i++)
		w->enc[off + i] = seq >> (56 - 8 * i);
	for (i = 0; i < 4; i++) {
		w->enc[off + 8 + i] = oid >> (24 - 8 * i);
		w->enc[off + 12 + i] = ver >> (24 - 8 * i);
	}
	wt_note(w, name, "[0x%" PRIx64 ":0x%" PRIx64 ":0x%" PRIx64 "]", seq, oid, ver);
}

static void put_nid(struct wt *w, const char *name, uint32_t off)
{
	uint64_t nid = wt_peek(w, off, 8);
	unsigned int type = nid >> 48, num = nid >> 32 & 0xffff;
	const char *net = type == 2 ? "tcp" : type == 5 ? "o2ib" : type == 9 ? "lo" : NULL;

	encode_int(w, off, 8, nid);
	if (!nid)
		wt_note(w, name, "0");
	else if (!net)
		wt_note(w, name, "0x%" PRIx64, nid);
	else if (type == 9)
		wt_note(w, name, "0@lo");
	else if (num)
		wt_note(w, name, "%u.%u.%u.%u@%s%u", (unsigned int)(nid >> 24 & 255),
			(unsigned int)(nid >> 16 & 255), (unsigned int)(nid >> 8 & 255),
			(unsigned int)(nid & 255), net, num);
	else
		wt_note(w, name, "%u.%u.%u.%u@%s", (unsigned int)(nid >> 24 & 255),
			(unsigned int)(nid >> 16 & 255), (unsigned int)(nid >> 8 & 255),
			(unsigned int)(nid & 255), net);
}

/* The first bytes stand for all */
static void record_raw(struct wt *w, const char *name, uint32_t off, uint32_t width)
{
	char text[160];
	uint32_t i, at;

	at = snprintf(text, sizeof(text), "%u bytes ", width);
	for (i = 0; i < width && i < 64; i++)
		at += snprintf(text + at, sizeof(text) - at, "%02x", w->p[off + i]);
	cmp_value(w, name, text);
}

static void put_raw(struct wt *w, const char *name, uint32_t off, uint32_t width)
{
	uint32_t i, shown = width > 64 && !w->json ? 64 : width;

	memcpy(w->enc + off, w->p + off, width);
	if (w->side)
		record_raw(w, name, off, width);
	if (w->quiet)
		return;
	put_name(w, name);
	fputs(w->json ? "\"" : " ", w->out);
	for (i = 0; i < shown; i++)
		fprintf(w->out, "%02x", w->p[off + i]);
	if (w->json)
		fputc('"', w->out);
	else if (shown < width)
		fprintf(w->out, "... %u bytes\n", width);
	else
		fputc('\n', w->out);
}

static void put_text(struct wt *w, const char *name, uint32_t off, uint32_t width, bool stale)
{
	const char *s = (const char *)w->p + off;
	size_t n = strnlen(s, width);
	char label[48];

	memcpy(w->enc + off, s, n);
	if (w->side) {
		char text[300];

		snprintf(text, sizeof(text), "%.*s", (int)n, s);
		cmp_value(w, name, text);
	}
	if (!w->quiet) {
		put_name(w, name);
		if (!w->json)
			fputc(' ', w->out);
		put_json_text(w->out, s, n);
		if (!w->json)
			fputc('\n', w->out);
	}
	if (n == width || wt_zero(w, off + n, width - n))
		return;
	if (stale) {
		snprintf(label, sizeof(label), "%.36s(stale)", name);
		put_raw(w, label, off + n, width - n);
	} else {
		wt_error(w, "%s: bytes behind the NUL", name);
	}
}

static uint64_t put(struct wt *w, const char *name, uint32_t off, uint32_t width, enum wt_kind kind,
		    const void *aux)
{
	if (!wt_has(w, off, width)) {
		wt_error(w, "%s: cut off, %u bytes at offset %u of %u", name, width, off, w->lim);
		return 0;
	}
	memset(w->cov + off, 1, width);
	switch (kind) {
	case K_FID:
	case K_OST_ID:
		put_fid(w, name, off);
		return 0;
	case K_FID_BE:
		put_fid_be(w, name, off);
		return 0;
	case K_NID:
		put_nid(w, name, off);
		return wt_peek(w, off, 8);
	case K_STR:
	case K_STR_STALE:
		put_text(w, name, off, width, kind == K_STR_STALE);
		return 0;
	case K_RAW:
		put_raw(w, name, off, width);
		return 0;
	case K_ZERO:
		if (!wt_zero(w, off, width)) {
			wt_error(w, "%s: padding at offset %u is not zero", name, off);
			put_raw(w, name, off, width);
		}
		return 0;
	case K_STRUCT:
		wt_open(w, "%s", name);
		wt_table(w, aux, off);
		wt_close(w);
		return 0;
	default:
		return put_int(w, name, off, width, kind, aux);
	}
}

/**
 * wt_put() - one value
 *
 * Return: the number, of kinds that are one; 0 of others and when it is not all there
 */
uint64_t wt_put(struct wt *w, const char *name, uint32_t off, uint32_t width, enum wt_kind kind,
		const void *aux)
{
	uint64_t v;

	w->kind = kind;
	v = put(w, name, off, width, kind, aux);
	w->kind = K_NOTE;
	return v;
}

/* One of several */
uint64_t wt_put_nth(struct wt *w, const char *name, uint32_t nth, uint32_t off, uint32_t width,
		    enum wt_kind kind, const void *aux)
{
	char label[48];

	snprintf(label, sizeof(label), "%s[%u]", name, nth);
	return wt_put(w, label, off, width, kind, aux);
}

void wt_table(struct wt *w, const struct wt_struct *t, uint32_t off)
{
	const struct wt_field *f;
	unsigned int i, k;

	if (!wt_has(w, off, t->size)) {
		wt_error(w, "%s: %u bytes at offset %u of %u: cut off", t->name, t->size, off, w->lim);
		return;
	}
	for (i = 0; i < t->nr; i++) {
		f = &t->fields[i];
		if (f->count <= 1) {
			wt_put(w, f->name, off + f->off, f->width, f->kind, f->aux);
			continue;
		}
		for (k = 0; k < f->count; k++)
			wt_put_nth(w, f->name, k, off + f->off + k * f->width, f->width, f->kind,
				   f->aux);
	}
}

void wt_pad(struct wt *w, uint32_t off, uint32_t len)
{
	if (len)
		wt_put(w, "pad", off, len, K_ZERO, NULL);
}
