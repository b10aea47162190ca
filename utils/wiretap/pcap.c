// SPDX-License-Identifier: GPL-2.0
/*
 * Capture files of the classic pcap format with Ethernet frames, and the TCP streams
 * of port 988 in them: put in order, each byte once. What the streams say is lnet.c's.
 */
#include <stdlib.h>
#include <string.h>
#include "wiretap.h"
#include "wire/lnet.h"

#define MAX_STREAMS	1024
#define MAX_WINDOW	(16U << 20)	/* bytes that may wait for a lost one, over all streams */
#define MAX_SEGMENTS	16384

struct segment {
	struct segment	*next;
	uint32_t	seq;
	uint32_t	len;
	uint8_t		data[];
};

/* One direction of a connection */
struct stream {
	uint32_t	src, dst;
	uint16_t	sport, dport;
	bool		synced;		/* @next is known */
	bool		broken;
	uint32_t	next;
	struct segment	*waiting;	/* in order of seq */
	uint8_t		*buf;
	size_t		fill, room;
	struct ksock_conn conn;
};

struct reader {
	struct wt	*w;
	struct lnet_state *s;
	struct stream	streams[MAX_STREAMS];
	unsigned int	nr;
	uint32_t	window;
	uint32_t	segments;
};

static uint16_t be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static struct stream *find_stream(struct reader *r, uint32_t src, uint32_t dst, uint16_t sport,
				  uint16_t dport)
{
	struct stream *s;
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		s = &r->streams[i];
		if (s->src == src && s->dst == dst && s->sport == sport && s->dport == dport)
			return s;
	}
	if (r->nr == MAX_STREAMS) {
		wt_error(r->w, "more than %u TCP streams", MAX_STREAMS);
		return NULL;
	}
	s = &r->streams[r->nr++];
	s->src = src;
	s->dst = dst;
	s->sport = sport;
	s->dport = dport;
	return s;
}

static void drop_waiting(struct reader *r, struct stream *s)
{
	struct segment *g;

	while ((g = s->waiting)) {
		s->waiting = g->next;
		r->window -= g->len;
		r->segments--;
		free(g);
	}
}

/* What stays behind when a stream ends is a message without its end */
static void end_stream(struct reader *r, struct stream *s)
{
	if (s->waiting)
		wt_error(r->w, "TCP port %u to %u: bytes from sequence %u on are missing",
			 s->sport, s->dport, s->next);
	if (s->fill && !s->broken)
		wt_error(r->w, "TCP port %u to %u: ends within a message, %zu bytes of it",
			 s->sport, s->dport, s->fill);
	drop_waiting(r, s);
	s->fill = 0;
	s->broken = false;
	s->synced = false;
	memset(&s->conn, 0, sizeof(s->conn));
}

static void consume(struct reader *r, struct stream *s)
{
	long n;

	while (s->fill && !s->broken) {
		n = lnet_stream(r->w, r->s, &s->conn, s->buf, s->fill);
		if (n < 0) {
			wt_error(r->w, "TCP port %u to %u: no message begins here; the rest of the stream is not explained",
				 s->sport, s->dport);
			s->broken = true;
		} else if (!n) {
			return;
		} else {
			memmove(s->buf, s->buf + n, s->fill - n);
			s->fill -= n;
		}
	}
	if (s->broken)
		s->fill = 0;
}

static bool append(struct reader *r, struct stream *s, const uint8_t *p, size_t len)
{
	uint8_t *bigger;
	size_t room;

	if (s->fill + len > s->room) {
		/* consume() leaves less than one message */
		room = 2 * (s->fill + len);
		bigger = room > 4 * (size_t)WT_MAX_MESSAGE ? NULL : realloc(s->buf, room);
		if (!bigger) {
			wt_error(r->w, "TCP port %u to %u: no memory", s->sport, s->dport);
			s->broken = true;
			return false;
		}
		s->buf = bigger;
		s->room = room;
	}
	memcpy(s->buf + s->fill, p, len);
	s->fill += len;
	s->next += len;
	consume(r, s);
	return true;
}

static void keep(struct reader *r, struct stream *s, uint32_t seq, const uint8_t *p, uint32_t len)
{
	struct segment **at, *g;

	if (r->window + len > MAX_WINDOW || r->segments >= MAX_SEGMENTS) {
		wt_error(r->w, "too many bytes out of order");
		return;
	}
	for (at = &s->waiting; *at && (int32_t)((*at)->seq - seq) < 0; at = &(*at)->next)
		;
	g = malloc(sizeof(*g) + len);
	if (!g)
		return;
	g->seq = seq;
	g->len = len;
	memcpy(g->data, p, len);
	g->next = *at;
	*at = g;
	r->window += len;
	r->segments++;
}

/* The part of a segment that is new, if it follows what is there */
static bool take(struct reader *r, struct stream *s, uint32_t seq, const uint8_t *p, uint32_t len)
{
	uint32_t behind = s->next - seq;

	if ((int32_t)behind < 0)
		return false;
	if (behind < len)
		append(r, s, p + behind, len - behind);
	return true;
}

static void data_segment(struct reader *r, struct stream *s, uint32_t seq, const uint8_t *p,
			 uint32_t len)
{
	struct segment *g;

	if (!s->synced) {
		s->synced = true;
		s->next = seq;
	}
	if (!take(r, s, seq, p, len)) {
		keep(r, s, seq, p, len);
		return;
	}
	while ((g = s->waiting) && take(r, s, g->seq, g->data, g->len)) {
		s->waiting = g->next;
		r->window -= g->len;
		r->segments--;
		free(g);
	}
}

static void tcp(struct reader *r, uint32_t src, uint32_t dst, const uint8_t *p, size_t len)
{
	struct stream *s;
	unsigned int head, flags;
	uint16_t sport, dport;
	uint32_t seq;

	if (len < 20 || (p[12] >> 4) * 4U < 20 || (p[12] >> 4) * 4U > len)
		return;
	sport = be16(p);
	dport = be16(p + 2);
	if (sport != LNET_ACCEPTOR_PORT && dport != LNET_ACCEPTOR_PORT)
		return;
	s = find_stream(r, src, dst, sport, dport);
	if (!s)
		return;
	head = (p[12] >> 4) * 4;
	flags = p[13];
	seq = be32(p + 4);
	if (flags & 0x02) {		/* SYN: a repeated one changes nothing */
		if (!s->synced || s->next != seq + 1) {
			end_stream(r, s);
			s->synced = true;
			s->next = seq + 1;
			s->conn.handshake = true;
			s->conn.dialer = !(flags & 0x10);
		}
		seq++;
	}
	if (len > head)
		data_segment(r, s, seq, p + head, len - head);
	if (flags & 0x04) {		/* RST: what was under way does not count */
		drop_waiting(r, s);
		s->fill = 0;
	}
}

static void ethernet(struct reader *r, const uint8_t *p, size_t len)
{
	size_t head, total;

	if (len < 34 || be16(p + 12) != 0x0800)
		return;
	p += 14;
	len -= 14;
	head = (p[0] & 15) * 4;
	total = be16(p + 2);
	if (p[0] >> 4 != 4 || head < 20 || total < head || p[9] != 6)
		return;
	if (total > len) {
		wt_error(r->w, "frame is cut short by the capture");
		return;
	}
	if (be16(p + 6) & 0x3fff) {
		wt_error(r->w, "fragment of an IP packet");
		return;
	}
	tcp(r, be32(p + 12), be32(p + 16), p + head, total - head);
}

struct pcap_form {
	bool	swapped;
	double	unit;
};

static uint32_t file32(const struct pcap_form *f, const uint8_t *p)
{
	return f->swapped ? be32(p) : p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool pcap_head(const uint8_t *data, size_t len, struct pcap_form *f)
{
	uint32_t magic;

	if (len < 24)
		return false;
	magic = be32(data);
	f->swapped = magic == 0xa1b2c3d4 || magic == 0xa1b23c4d;
	magic = file32(f, data);
	f->unit = magic == 0xa1b23c4d ? 1e-9 : 1e-6;
	return (magic == 0xa1b2c3d4 || magic == 0xa1b23c4d) && (file32(f, data + 20) & 0xffff) == 1;
}

/**
 * pcap_run() - decode a capture
 *
 * Return: 0, or -1 if it is not a capture of Ethernet frames; what is wrong inside is counted
 */
int pcap_run(struct wt *w, struct lnet_state *s, const uint8_t *data, size_t len)
{
	struct pcap_form f;
	struct reader *r;
	uint32_t size;
	size_t at = 24;
	unsigned int i;

	if (!pcap_head(data, len, &f))
		return -1;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -1;
	r->w = w;
	r->s = s;
	while (len - at >= 16) {
		size = file32(&f, data + at + 8);
		w->time = file32(&f, data + at) + file32(&f, data + at + 4) * f.unit;
		if (!w->frame++)
			w->start = w->time;
		at += 16;
		if (size > len - at) {
			wt_error(w, "file ends within a frame");
			break;
		}
		ethernet(r, data + at, size);
		at += size;
	}
	w->depth = 0;
	for (i = 0; i < r->nr; i++) {
		end_stream(r, &r->streams[i]);
		free(r->streams[i].buf);
	}
	free(r);
	return 0;
}
