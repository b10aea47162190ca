// SPDX-License-Identifier: GPL-2.0
/*
 * Messages (chapter 02, sections 1 and 8): memory, layout, parsing of what peers send,
 * and the accessors of their fields. Which fields there are is in formats.c; what they
 * mean is their users' business.
 */
#include <linux/crc32.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "kernel/rpc/internal.h"

#if ENOTCONN != 107 || EDQUOT != 122 || ECANCELED != 125 || ENODATA != 61
#error "errno of this architecture differs from the numbers on the wire (chapter 02, 7)"
#endif

/* --- memory that LNet can reach --- */

/* Small buffers come from slabs, middle ones are one compound page, big ones are mapped pages. */
#define RPC_BUF_SLAB_MAX	2048U
#define RPC_BUF_PAGES_MAX	(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

static atomic_long_t rpc_memory_now, rpc_memory_max;

static void rpc_memory_add(long bytes)
{
	long now = atomic_long_add_return(bytes, &rpc_memory_now);

	if (now > atomic_long_read(&rpc_memory_max))
		atomic_long_set(&rpc_memory_max, now);
}

u64 rpc_memory(bool max)
{
	return atomic_long_read(max ? &rpc_memory_max : &rpc_memory_now);
}

static int rpc_buf_alloc_mapped(struct rpc_buf *b, u32 size, gfp_t gfp)
{
	unsigned int nr = DIV_ROUND_UP(size, PAGE_SIZE), i;

	b->bv = kvmalloc_array(nr, sizeof(*b->bv), gfp);
	if (!b->bv)
		return -ENOMEM;
	b->data = __vmalloc(size, gfp);
	if (!b->data) {
		kvfree(b->bv);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		b->bv[i] = (struct bio_vec){
			.bv_page = vmalloc_to_page(b->data + i * PAGE_SIZE),
			.bv_len = min_t(u32, PAGE_SIZE, size - i * PAGE_SIZE),
		};
	b->nr = nr;
	rpc_memory_add(size);
	return 0;
}

/*
 * rpc_buf_alloc() - memory for one message, with its fragments
 * @b: filled
 * @size: bytes, up to 1 MiB
 * @gfp: GFP_KERNEL or GFP_NOFS; with GFP_NOWAIT only up to 32 KiB succeed
 */
int rpc_buf_alloc(struct rpc_buf *b, u32 size, gfp_t gfp)
{
	b->size = size;
	b->bv = &b->one;
	b->nr = 1;
	if (size <= RPC_BUF_SLAB_MAX) {
		b->data = kmalloc(size, gfp);
	} else if (size <= RPC_BUF_PAGES_MAX) {
		b->data = (void *)__get_free_pages(gfp | __GFP_COMP | __GFP_NOWARN |
						   __GFP_NORETRY, get_order(size));
		if (!b->data && gfpflags_allow_blocking(gfp))
			return rpc_buf_alloc_mapped(b, size, gfp);
	} else {
		if (!gfpflags_allow_blocking(gfp) || size > LNET_MTU)
			return -ENOMEM;
		return rpc_buf_alloc_mapped(b, size, gfp);
	}
	if (!b->data)
		return -ENOMEM;
	b->one = (struct bio_vec){
		.bv_page = virt_to_page(b->data),
		.bv_offset = offset_in_page(b->data),
		.bv_len = size,
	};
	rpc_memory_add(size);
	return 0;
}

/* rpc_buf_trim() - make the fragments cover the first @len bytes only */
void rpc_buf_trim(struct rpc_buf *b, u32 len)
{
	if (b->bv == &b->one) {
		b->one.bv_len = len;
		return;
	}
	b->nr = DIV_ROUND_UP(len, PAGE_SIZE);
	b->bv[b->nr - 1].bv_len = len - (b->nr - 1) * PAGE_SIZE;
}

/* rpc_buf_free() - Context: may sleep if the buffer is above 32 KiB */
void rpc_buf_free(struct rpc_buf *b)
{
	if (!b->data)
		return;
	rpc_memory_add(-(long)b->size);
	if (b->bv != &b->one) {
		vfree(b->data);
		kvfree(b->bv);
	} else if (b->size <= RPC_BUF_SLAB_MAX) {
		kfree(b->data);
	} else {
		free_pages((unsigned long)b->data, get_order(b->size));
	}
	b->data = NULL;
}

/* --- layout --- */

static u32 msg_header_size(u32 count)
{
	return round_up(sizeof(struct lustre_msg_v2) + 4 * count, 8);
}

static u32 msg_buflen(const struct lustre_msg_v2 *msg, u32 i)
{
	return le32_to_cpu(msg->lm_buflens[i]);
}

/* Message @msg was parsed or built by us, and has buffer @i */
static void *msg_buf(struct lustre_msg_v2 *msg, u32 i)
{
	u32 off = msg_header_size(le32_to_cpu(msg->lm_bufcount)), j;

	for (j = 0; j < i; j++)
		off += round_up(msg_buflen(msg, j), 8);
	return (void *)msg + off;
}

/* rpc_msg_size() - bytes of a message with these buffers */
u32 rpc_msg_size(unsigned int nr, const u32 *lens)
{
	u32 size = msg_header_size(nr);

	while (nr--)
		size += round_up(lens[nr], 8);
	return size;
}

/*
 * rpc_msg_check() - is this a message at all? (chapter 02, 1.1)
 * @msg: what arrived, 8-byte aligned
 * @len: bytes that arrived
 * Return: bytes of the message, or -EPROTO.
 */
int rpc_msg_check(const struct lustre_msg_v2 *msg, u32 len)
{
	u32 count, size, i;

	if (len < sizeof(*msg) || msg->lm_magic != cpu_to_le32(LUSTRE_MSG_MAGIC_V2))
		return -EPROTO;
	if (le32_to_cpu(msg->lm_secflvr) & RPC_FLVR_MASK)
		return -EPROTO;
	count = le32_to_cpu(msg->lm_bufcount);
	if (count < 1 || count > RPC_MAX_BUFS)
		return -EPROTO;
	size = msg_header_size(count);
	if (len < size)
		return -EPROTO;
	for (i = 0; i < count; i++) {
		u32 buflen = msg_buflen(msg, i);

		if (buflen > RPC_MAX_MSG)
			return -EPROTO;
		size += round_up(buflen, 8);
		if (size > RPC_MAX_MSG + msg_header_size(RPC_MAX_BUFS))
			return -EPROTO;
	}
	if (len < size || msg_buflen(msg, 0) < RPC_BODY_V2_SIZE)
		return -EPROTO;
	return size;
}

/* rpc_msg_parse() - check what a peer sent and make it readable through @m. Return: 0 or -EPROTO */
int rpc_msg_parse(struct rpc_msg *m, void *data, u32 len)
{
	struct ptlrpc_body *body;
	int size = rpc_msg_check(data, len);

	if (size < 0)
		return size;
	body = msg_buf(data, 0);
	if ((le32_to_cpu(body->pb_version) & ~LUSTRE_VERSION_MASK) != PTLRPC_MSG_VERSION)
		return -EPROTO;
	m->msg = data;
	m->len = size;
	m->local = false;
	return 0;
}

/* rpc_msg_init() - no sizes set, nothing packed */
void rpc_msg_init(struct rpc_msg *m, const u8 *fields, unsigned int nr)
{
	m->fields = fields;
	m->nr = nr;
	m->msg = NULL;
	m->len = 0;
	m->local = true;
	memset(m->size, 0xff, sizeof(m->size));
}

static int msg_index(const struct rpc_msg *m, enum rpc_field f)
{
	unsigned int i;

	for (i = 0; i < m->nr; i++)
		if (RF_ID(m->fields[i]) == f)
			return i;
	return -1;
}

static bool field_is_default_absent(u8 entry)
{
	return (entry & RF_OPTIONAL) || (rpc_fields[RF_ID(entry)].flags & RFF_VAR);
}

/*
 * rpc_msg_sizes() - length of every buffer of a message that is to be built
 * @lens: RPC_MAX_BUFS entries
 * @reply: a reply keeps its variable buffers at the end, a request drops those never set
 * Return: number of buffers.
 */
unsigned int rpc_msg_sizes(const struct rpc_msg *m, u32 *lens, bool reply)
{
	unsigned int i, nr = 0;

	for (i = 0; i < m->nr; i++) {
		u8 entry = m->fields[i];
		bool set = m->size[i] != RPC_SIZE_UNSET;

		if (RF_ID(entry) == RF_BODY)
			lens[i] = sizeof(struct ptlrpc_body);
		else if (set)
			lens[i] = m->size[i];
		else
			lens[i] = field_is_default_absent(entry) ? 0 : rpc_fields[RF_ID(entry)].size;
		if (set || !field_is_default_absent(entry) || (reply && !(entry & RF_OPTIONAL)))
			nr = i + 1;
	}
	return nr;
}

/* rpc_msg_pack() - lay the message out in fresh memory. Return: 0, -ENOMEM, -EMSGSIZE */
int rpc_msg_pack(struct rpc_msg *m, struct rpc_buf *buf, bool reply, gfp_t gfp)
{
	u32 lens[RPC_MAX_BUFS], i;
	unsigned int nr = rpc_msg_sizes(m, lens, reply);
	u64 total = 0;
	int rc;

	for (i = 0; i < nr; i++)
		total += round_up((u64)lens[i], 8);
	if (total > RPC_MAX_MSG)
		return -EMSGSIZE;
	m->len = rpc_msg_size(nr, lens);
	rc = rpc_buf_alloc(buf, m->len, gfp | __GFP_ZERO);
	if (rc)
		return rc;
	m->msg = buf->data;
	m->local = true;
	m->msg->lm_bufcount = cpu_to_le32(nr);
	m->msg->lm_magic = cpu_to_le32(LUSTRE_MSG_MAGIC_V2);
	for (i = 0; i < nr; i++)
		m->msg->lm_buflens[i] = cpu_to_le32(lens[i]);
	return 0;
}

/* --- accessors --- */

/* A variable string fills its buffer exactly; one of fixed length is padded with NULs. */
static bool string_is_sane(const char *s, u32 len, u16 flags)
{
	u32 n = strnlen(s, len);

	return flags & RFF_VAR ? n + 1 == len : n < len;
}

static bool field_is_sane(const struct rpc_msg *m, const struct rpc_field_desc *d,
			  const void *buf, u32 len)
{
	if (!(d->flags & RFF_VAR))
		return len >= d->size && len && (m->local || !(d->flags & RFF_STRING) ||
						 string_is_sane(buf, d->size, d->flags));
	if (!len)
		return false;
	if (d->flags & RFF_ARRAY)
		return len % d->size == 0;
	if ((d->flags & RFF_STRING) && !m->local)
		return string_is_sane(buf, len, d->flags);
	return true;
}

static void *msg_field(const struct rpc_msg *m, enum rpc_field f, u32 *len)
{
	int i = msg_index(m, f);

	if (i < 0 || !m->msg || i >= le32_to_cpu(m->msg->lm_bufcount))
		return NULL;
	*len = msg_buflen(m->msg, i);
	return msg_buf(m->msg, i);
}

void *rpc_field(const struct rpc_msg *m, enum rpc_field f)
{
	u32 len;
	void *buf = msg_field(m, f, &len);

	return buf && field_is_sane(m, &rpc_fields[f], buf, len) ? buf : NULL;
}
EXPORT_SYMBOL_GPL(rpc_field);

u32 rpc_field_size(const struct rpc_msg *m, enum rpc_field f)
{
	u32 len;

	return msg_field(m, f, &len) ? len : 0;
}
EXPORT_SYMBOL_GPL(rpc_field_size);

bool rpc_has_field(const struct rpc_msg *m, enum rpc_field f)
{
	return msg_index(m, f) >= 0;
}
EXPORT_SYMBOL_GPL(rpc_has_field);

const char *rpc_string(const struct rpc_msg *m, enum rpc_field f)
{
	u32 len;
	const char *s = msg_field(m, f, &len);

	if (!s || !len)
		return NULL;
	return string_is_sane(s, len, rpc_fields[f].flags) ? s : NULL;
}
EXPORT_SYMBOL_GPL(rpc_string);

void rpc_set_size(struct rpc_msg *m, enum rpc_field f, u32 size)
{
	int i = msg_index(m, f);

	if (!WARN_ON_ONCE(i < 0))
		m->size[i] = size;
}
EXPORT_SYMBOL_GPL(rpc_set_size);

void rpc_shrink(struct rpc_msg *m, enum rpc_field f, u32 size)
{
	int i = msg_index(m, f);
	void *next, *end;
	u32 old, cut;

	if (i < 0 || !m->msg || i >= le32_to_cpu(m->msg->lm_bufcount))
		return;
	old = msg_buflen(m->msg, i);
	if (size >= old)
		return;
	next = msg_buf(m->msg, i) + round_up(old, 8);
	end = (void *)m->msg + m->len;
	cut = round_up(old, 8) - round_up(size, 8);
	memmove(next - cut, next, end - next);
	m->msg->lm_buflens[i] = cpu_to_le32(size);
	m->len -= cut;
	/* the padding is part of the message */
	memset(msg_buf(m->msg, i) + size, 0, round_up(size, 8) - size);
}
EXPORT_SYMBOL_GPL(rpc_shrink);

struct ptlrpc_body *rpc_body(const struct rpc_msg *m)
{
	return m->msg ? msg_buf(m->msg, 0) : NULL;
}
EXPORT_SYMBOL_GPL(rpc_body);

/*
 * rpc_msg_mandatory() - are the first @nr_min buffers there and long enough?
 *
 * Context: a request that was parsed. Return: 0 or -EPROTO.
 */
int rpc_msg_mandatory(const struct rpc_msg *m, unsigned int nr_min)
{
	unsigned int i;

	if (le32_to_cpu(m->msg->lm_bufcount) < nr_min)
		return -EPROTO;
	for (i = 1; i < nr_min; i++) {
		const struct rpc_field_desc *d = &rpc_fields[RF_ID(m->fields[i])];
		u32 len = msg_buflen(m->msg, i);

		if ((m->fields[i] & RF_OPTIONAL) || !d->size)
			continue;
		if (d->flags & RFF_ARRAY ? len % d->size : len < d->size)
			return -EPROTO;
	}
	return 0;
}

/* --- details of the body --- */

/* rpc_opc_version() - pb_version of a request (chapter 02, 1.4) */
u32 rpc_opc_version(u32 opc)
{
	switch (opc) {
	case OST_CONNECT: case OST_DISCONNECT: case MDS_CONNECT: case MDS_DISCONNECT:
	case MGS_CONNECT: case MGS_DISCONNECT: case OBD_PING: case OBD_IDX_READ:
	case SEC_CTX_INIT: case SEC_CTX_INIT_CONT: case SEC_CTX_FINI:
	case LFSCK_NOTIFY: case LFSCK_QUERY:
		return LUSTRE_OBD_VERSION;
	case OST_REPLY ... OST_CREATE: case OST_DESTROY ... OST_GET_INFO:
	case OST_PUNCH ... OST_SEEK:
		return LUSTRE_OST_VERSION;
	case LDLM_ENQUEUE ... LDLM_SET_INFO:
		return LUSTRE_DLM_VERSION;
	case LLOG_ORIGIN_HANDLE_CREATE ... LLOG_ORIGIN_HANDLE_DESTROY:
		return LUSTRE_LOG_VERSION;
	case MGS_EXCEPTION ... MGS_CONFIG_READ:
		return LUSTRE_MGS_VERSION;
	default:
		return LUSTRE_MDS_VERSION;
	}
}

/* rpc_early_cksum() - CRC of an early reply's body (chapter 02, 4.4) */
u32 rpc_early_cksum(const void *body, u32 len)
{
	return crc32_le(~0U, body, len);
}

/* rpc_status_to_wire() - errors that no peer knows travel as EIO */
int rpc_status_to_wire(int status)
{
	return status < 0 && !rpc_errno_known(-status) ? -EIO : status;
}

/**
 * rpc_status_from_wire() - an error number of a peer
 * @status: as it arrived, of a reply's body or of a field in it
 *
 * Numbers from 512 on steer the kernel that uses them (a read that returns EIOCBQUEUED is a BUG, others
 * restart system calls), so no peer gets to choose them.
 * Return: an error that user space may see, or, unchanged, a number that is not negative: a result.
 */
int rpc_status_from_wire(u32 status)
{
	int rc = rpc_status_to_wire((int)status);

	if (rc == -ENOTSUPP)
		return -EOPNOTSUPP;
	return rc <= -512 ? -EIO : rc;
}
EXPORT_SYMBOL_GPL(rpc_status_from_wire);

/* rpc_first_xid() - where the counter starts at @now (chapter 02, 4.1) */
u64 rpc_first_xid(time64_t now, u64 random)
{
	/* a clock before 2004 says nothing about earlier lives of this node */
	if (now < 1072915200)
		return ((random >> 2) | 1ULL << 61) & ~((u64)RPC_XID_STEP - 1);
	return ((u64)now << 20) & ~((u64)RPC_XID_STEP - 1);
}
