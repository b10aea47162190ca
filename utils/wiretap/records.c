// SPDX-License-Identifier: GPL-2.0
/*
 * Records inside buffers and bulks: layouts, ACLs, extended attributes, logs, directory
 * pages, tables of NIDs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "wiretap.h"
#include "wire/config.h"
#include "wire/layout.h"
#include "wire/llog.h"
#include "wire/md.h"

/* --- layouts --- */

static uint32_t plain_layout(struct wt *w, uint32_t off, uint32_t len, bool objects)
{
	uint32_t magic = wt_peek(w, off, 4) & ~LOV_MAGIC_DEFINED;
	const struct wt_struct *t = magic == LOV_MAGIC_V1 ? &wt_lov_mds_md_v1 : &wt_lov_mds_md_v3;
	uint32_t pattern = wt_peek(w, off + 4, 4), count = wt_peek(w, off + 28, 2), i, at = t->size;

	wt_table(w, t, off);
	if (len < t->size || pattern & LOV_PATTERN_F_RELEASED)
		return t->size;
	/* a component without objects has room for them, which stock servers do not clear */
	if (!objects && len > at) {
		wt_put(w, "stale", off + at, len - at, K_RAW, NULL);
		return len;
	}
	/* defaults and requests name a count without objects */
	for (i = 0; i < count && len - at >= 24; i++, at += 24) {
		if (wt_zero(w, off + at, 24))
			break;
		wt_open(w, "lmm_objects[%u]", i);
		wt_table(w, &wt_lov_ost_data_v1, off + at);
		wt_close(w);
	}
	return at;
}

static uint32_t comp_layout(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t count = wt_peek(w, off + 14, 2), size = wt_peek(w, off + 4, 4), i, e, at, n, used;
	uint32_t lim = w->lim;

	wt_table(w, &wt_lov_comp_md_v1, off);
	if (len < 32 || size > len || size < 32 + 48 * count) {
		wt_error(w, "lcm_size %u of %u bytes, %u components", size, len, count);
		return len;
	}
	for (i = 0; i < count; i++) {
		e = off + 32 + 48 * i;
		at = wt_peek(w, e + 24, 4);
		n = wt_peek(w, e + 28, 4);
		wt_open(w, "lcm_entries[%u]", i);
		wt_table(w, &wt_lov_comp_entry, e);
		if (at > size || n > size - at || n < 32 || at < 32 + 48 * count) {
			wt_error(w, "layout of %u bytes at %u is outside", n, at);
		} else {
			w->lim = off + at + n;
			used = plain_layout(w, off + at, n,
					    wt_peek(w, e + 4, 4) & LCME_FL_INIT);
			if (used < n)
				wt_pad(w, off + at + used, n - used);
			w->lim = lim;
		}
		wt_close(w);
	}
	return size;
}

static uint32_t dir_layout(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t count = wt_peek(w, off + 4, 4), i, at = 56;

	wt_table(w, &wt_lmv_mds_md_v1, off);
	for (i = 0; i < count && len >= at + 16; i++, at += 16)
		wt_put_nth(w, "lmv_stripe_fids", i, off + at, 16, K_FID, NULL);
	return at;
}

static uint32_t user_dir_layout(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t count = wt_peek(w, off + 4, 4), i, at = 48;

	wt_table(w, &wt_lmv_user_md, off);
	if (wt_peek(w, off, 4) != LMV_USER_MAGIC_SPECIFIC)
		return at;
	for (i = 0; i < count && len >= at + 24; i++, at += 24) {
		wt_open(w, "lum_objects[%u]", i);
		wt_table(w, &wt_lmv_user_mds_data, off + at);
		wt_close(w);
	}
	return at;
}

/* The layout of a file or directory, or room for one */
void rec_layout(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t magic = wt_peek(w, off, 4), used = 0;

	switch (magic & ~LOV_MAGIC_DEFINED) {
	case 0:
		break;
	case LOV_MAGIC_V1:
	case LOV_MAGIC_V3:
	case LOV_MAGIC_SPECIFIC:
		used = plain_layout(w, off, len, true);
		break;
	case LOV_MAGIC_COMP_V1:
		used = comp_layout(w, off, len);
		break;
	case LOV_MAGIC_FOREIGN:
		wt_table(w, &wt_lov_foreign_md, off);
		if (len > 16)
			wt_put(w, "lfm_value", off + 16, len - 16, K_RAW, NULL);
		used = len;
		break;
	case LMV_MAGIC_V1:
		used = dir_layout(w, off, len);
		break;
	case LMV_USER_MAGIC:
	case LMV_USER_MAGIC_SPECIFIC:
		used = user_dir_layout(w, off, len);
		break;
	default:
		wt_error(w, "magic 0x%x of no layout", magic);
		return;
	}
	if (used < len)
		wt_pad(w, off + used, len - used);
}

/* --- extended attributes --- */

void rec_acl(struct wt *w, uint32_t off, uint32_t len)
{
	static const struct wt_name tags[] = {
		{ 1, "USER_OBJ" }, { 2, "USER" }, { 4, "GROUP_OBJ" }, { 8, "GROUP" },
		{ 0x10, "MASK" }, { 0x20, "OTHER" }, { 0, NULL }
	};
	uint32_t at;

	if (wt_zero(w, off, len)) {
		wt_pad(w, off, len);
		return;
	}
	if (len < 4 || (len - 4) % 8)
		wt_error(w, "%u bytes are no ACL", len);
	if (wt_put(w, "a_version", off, 4, K_U, NULL) != 2)
		wt_error(w, "version of no ACL");
	for (at = 4; len >= at + 8; at += 8) {
		wt_open(w, "a_entries[%u]", (at - 4) / 8);
		wt_put(w, "e_tag", off + at, 2, K_ENUM, tags);
		if (wt_put(w, "e_perm", off + at + 2, 2, K_U, NULL) > 7)
			wt_error(w, "e_perm is out of range");
		wt_put(w, "e_id", off + at + 4, 4, K_X, NULL);
		wt_close(w);
	}
}

static void link_ea(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 24, n, i = 0;

	wt_table(w, &wt_link_ea_header, off);
	if (wt_peek(w, off, 4) != LINK_EA_MAGIC)
		wt_error(w, "magic of no link attribute");
	while (len > at) {
		wt_open(w, "link[%u]", i++);
		n = wt_peek(w, off + at, 1) << 8 | wt_peek(w, off + at + 1, 1);
		if (n < 18 || n > len - at) {
			wt_error(w, "lee_reclen %u of %u", n, len - at);
			wt_close(w);
			return;
		}
		wt_put(w, "lee_reclen", off + at, 2, K_RAW, NULL);
		wt_put(w, "lee_parent_fid", off + at + 2, 16, K_FID_BE, NULL);
		if (n > 18)
			wt_put(w, "lee_name", off + at + 18, n - 18, K_STR, NULL);
		at += n;
		wt_close(w);
	}
}

/* The value of an extended attribute; those of applications are theirs */
void rec_xattr(struct wt *w, const char *name, uint32_t off, uint32_t len)
{
	if (!strncmp(name, "system.posix_acl", 16)) {
		rec_acl(w, off, len);
	} else if (!strcmp(name, XATTR_NAME_LOV) || !strcmp(name, XATTR_LUSTRE_LOV) ||
		   !strncmp(name, "lustre.", 7) || !strcmp(name, XATTR_NAME_LMV) ||
		   !strcmp(name, XATTR_NAME_DEFAULT_LMV)) {
		rec_layout(w, off, len);
	} else if (!strcmp(name, XATTR_NAME_LINK)) {
		link_ea(w, off, len);
	} else if (!strcmp(name, XATTR_NAME_LMA) && len == 24) {
		wt_table(w, &wt_lustre_mdt_attrs, off);
	} else if (!strcmp(name, XATTR_NAME_SOM) && len == 24) {
		wt_table(w, &wt_lustre_som_attrs, off);
	} else if (!strcmp(name, XATTR_NAME_HSM) && len == 24) {
		wt_put(w, "hsm_compat", off, 4, K_X, NULL);
		wt_put(w, "hsm_flags", off + 4, 4, K_X, NULL);
		wt_put(w, "hsm_arch_id", off + 8, 8, K_U, NULL);
		wt_put(w, "hsm_arch_ver", off + 16, 8, K_X, NULL);
	} else {
		wt_put(w, "value", off, len, K_RAW, NULL);
	}
}

/* Names, each with its NUL */
void rec_names(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 0, n, i = 0;

	while (at < len) {
		n = strnlen((const char *)w->p + off + at, len - at) + 1;
		if (n > len - at)
			n = len - at;
		wt_put_nth(w, "name", i++, off + at, n, K_STR, NULL);
		at += n;
	}
}

/* --- logs --- */

static uint32_t round8(uint32_t n)
{
	return (n + 7) & ~7U;
}

static void cfg_buffer(struct wt *w, uint32_t cmd, unsigned int i, uint32_t off, uint32_t len)
{
	char name[16];

	snprintf(name, sizeof(name), "buf[%u]", i);
	if (cmd == LCFG_MARKER && i == 1 && len == 160)
		wt_put(w, "cfg_marker", off, len, K_STRUCT, &wt_cfg_marker);
	else if (cmd == LCFG_SETUP && len == 88 && wt_peek(w, off + 4, 4) == LOV_DESC_MAGIC)
		wt_put(w, "lov_desc", off, len, K_STRUCT, &wt_lov_desc);
	else if (cmd == LCFG_SETUP && len == 88)
		wt_put(w, "lmv_desc", off, len, K_STRUCT, &wt_lmv_desc);
	else
		wt_put(w, name, off, len, K_STR, NULL);
}

static void cfg_record(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t cmd = wt_peek(w, off + 4, 4), n = wt_peek(w, off + 28, 4), i, at, size;

	wt_table(w, &wt_lustre_cfg, off);
	if (len < 32 || n > LUSTRE_CFG_MAX_BUFS || len < round8(32 + 4 * n)) {
		wt_error(w, "lcfg_bufcount %u", n);
		return;
	}
	if (wt_peek(w, off, 4) != LUSTRE_CFG_VERSION)
		wt_error(w, "lcfg_version 0x%" PRIx64, wt_peek(w, off, 4));
	at = round8(32 + 4 * n);
	wt_pad(w, off + 32 + 4 * n, at - (32 + 4 * n));
	for (i = 0; i < n; i++) {
		size = wt_put_nth(w, "lcfg_buflens", i, off + 32 + 4 * i, 4, K_U, NULL);
		if (size > len - at || round8(size) > len - at) {
			wt_error(w, "lcfg_buflens[%u] %u of %u", i, size, len - at);
			return;
		}
		if (size)
			cfg_buffer(w, cmd, i, off + at, size);
		wt_pad(w, off + at + size, round8(size) - size);
		at += round8(size);
	}
	if (at != len)
		wt_error(w, "record of %u bytes, its buffers end at %u", len, at);
}

static void llog_record(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t type = wt_peek(w, off + 8, 4);

	wt_table(w, &wt_llog_rec_hdr, off);
	wt_table(w, &wt_llog_rec_tail, off + len - 8);
	if (wt_peek(w, off + len - 8, 4) != len || wt_peek(w, off + len - 4, 4) != wt_peek(w, off + 4, 4))
		wt_error(w, "tail does not repeat the header");
	if (type == OBD_CFG_REC)
		cfg_record(w, off + 16, len - 24);
	else if (type == CHANGELOG_REC)
		rec_changelog(w, off + 16, len - 24);
	else if (type == LLOG_PAD_MAGIC)
		wt_pad(w, off + 16, len - 24);
	else if (type == LLOG_LOGID_MAGIC && len == 64)
		wt_table(w, &wt_llog_logid_rec, off);
	else
		wt_error(w, "record of type 0x%x has no known form", type);
}

/* A chunk: records, then zeros */
void rec_llog_block(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 0, n, i = 0, lim = w->lim;

	while (len - at >= LLOG_MIN_REC_SIZE) {
		n = wt_peek(w, off + at, 4);
		if (!n)
			break;
		wt_open(w, "record[%u]", i++);
		if (n < LLOG_MIN_REC_SIZE || n % 8 || n > len - at) {
			wt_error(w, "lrh_len %u of %u", n, len - at);
			wt_close(w);
			return;
		}
		w->lim = off + at + n;
		if (n == LLOG_CHUNK_SIZE && wt_peek(w, off + at + 8, 4) == LLOG_HDR_MAGIC)
			wt_table(w, &wt_llog_log_hdr, off + at);
		else
			llog_record(w, off + at, n);
		w->lim = lim;
		wt_close(w);
		at += n;
	}
	wt_pad(w, off + at, len - at);
}

/* --- bulks --- */

static uint32_t dir_entry(struct wt *w, uint32_t off, uint32_t room)
{
	uint32_t reclen = wt_peek(w, off + 24, 2), namelen = wt_peek(w, off + 26, 2);
	uint32_t attrs = wt_peek(w, off + 28, 4), used, size;

	size = lu_dirent_size(namelen, attrs);
	wt_table(w, &wt_lu_dirent, off);
	if (room < 32 || (reclen && reclen < size) || reclen > room || size > room) {
		wt_error(w, "lde_reclen %u, lde_namelen %u, %u bytes left", reclen, namelen, room);
		return room;
	}
	if (namelen)
		wt_put(w, "lde_name", off + 32, namelen, K_STR, NULL);
	used = 32 + namelen;
	if (attrs & LUDA_TYPE) {
		if (lu_dirent_type_off(namelen) > used)
			wt_put(w, "nul", off + used, lu_dirent_type_off(namelen) - used, K_RAW, NULL);
		wt_put(w, "lde_type", off + lu_dirent_type_off(namelen), 2, K_OCT, NULL);
		used = lu_dirent_type_off(namelen) + 2;
	}
	/* servers do not clear what is behind */
	if (reclen > used)
		wt_put(w, "stale", off + used, reclen - used, K_RAW, NULL);
	return reclen ? reclen : used;
}

static void dir_page(struct wt *w, uint32_t off)
{
	uint32_t at = 24, reclen, i = 0;
	bool empty = wt_peek(w, off + 16, 4) & LDF_EMPTY;

	wt_table(w, &wt_lu_dirpage, off);
	while (!empty && at + 32 <= LU_PAGE_SIZE) {
		wt_open(w, "lu_dirent[%u]", i++);
		reclen = wt_peek(w, off + at + 24, 2);
		at += dir_entry(w, off + at, LU_PAGE_SIZE - at);
		wt_close(w);
		if (!reclen)
			break;
	}
	if (at < LU_PAGE_SIZE)
		wt_put(w, "stale", off + at, LU_PAGE_SIZE - at, K_RAW, NULL);
}

void rec_dirpages(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t i;

	if (len % LU_PAGE_SIZE)
		wt_error(w, "%u bytes are no directory pages", len);
	for (i = 0; i < len / LU_PAGE_SIZE; i++) {
		wt_open(w, "lu_dirpage[%u]", i);
		dir_page(w, off + i * LU_PAGE_SIZE);
		wt_close(w);
	}
}

#define LU_IDXPAGE_MAGIC	0x8a6d6b6cU

/* One page of an index of names. Behind the pages that ii_count of the reply tells there is nothing. */
static void name_index_page(struct wt *w, uint32_t off)
{
	uint32_t at = 16, i, n;

	wt_put(w, "lip_magic", off, 4, K_X, NULL);
	wt_put(w, "lip_flags", off + 4, 2, K_X, NULL);
	n = wt_put(w, "lip_nr", off + 6, 2, K_U, NULL);
	wt_put(w, "lip_pad0", off + 8, 8, K_ZERO, NULL);
	for (i = 0; i < n && at + 32 <= LU_PAGE_SIZE; i++) {
		wt_open(w, "lu_dirent[%u]", i);
		if (wt_peek(w, off + at + 24, 2) < 32)
			wt_error(w, "lde_reclen of no entry of an index");
		at += dir_entry(w, off + at, LU_PAGE_SIZE - at);
		wt_close(w);
	}
	if (i < n)
		wt_error(w, "lip_nr %u", n);
	if (at < LU_PAGE_SIZE)
		wt_put(w, "stale", off + at, LU_PAGE_SIZE - at, K_RAW, NULL);
}

void rec_name_index_pages(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at;

	for (at = 0; at < len; at += LU_PAGE_SIZE) {
		if (wt_peek(w, off + at, 4) != LU_IDXPAGE_MAGIC || len - at < LU_PAGE_SIZE) {
			wt_put(w, "stale", off + at, len - at, K_RAW, NULL);
			if (!at)
				wt_error(w, "magic of no index page");
			return;
		}
		wt_open(w, "lu_idxpage[%u]", at / LU_PAGE_SIZE);
		name_index_page(w, off + at);
		wt_close(w);
	}
}

/* Targets and where they run, of MGS_CONFIG_READ */
void rec_nidtbl(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 0, n, i, count, width, entry = 0;

	while (len - at >= 24) {
		wt_open(w, "mgs_nidtbl_entry[%u]", entry++);
		n = wt_peek(w, off + at + 16, 4);
		width = wt_peek(w, off + at + 22, 1);
		count = wt_peek(w, off + at + 23, 1);
		wt_table(w, &wt_mgs_nidtbl_entry, off + at);
		if ((width != 8 && width != 20) || n < 24 + width * count || n > len - at) {
			wt_error(w, "mne_length %u, %u NIDs of %u bytes, %u left", n, count, width, len - at);
			wt_close(w);
			return;
		}
		for (i = 0; i < count; i++)
			wt_put_nth(w, "mne_nids", i, off + at + 24 + i * width, width,
			       width == 8 ? K_NID : K_RAW, NULL);
		wt_pad(w, off + at + 24 + width * count, n - 24 - width * count);
		wt_close(w);
		at += n;
	}
}


static void nodemap_record(struct wt *w, uint32_t off)
{
	uint32_t type = wt_peek(w, off, 4) >> 28;

	wt_put(w, "nk_id", off, 4, K_X, NULL);
	wt_put(w, "nk_unused", off + 4, 4, K_X, NULL);
	if (type == 1) {
		wt_put(w, "name", off + 8, 17, K_STR, NULL);
		wt_put(w, "flags", off + 25, 1, K_X, NULL);
		wt_put(w, "flags2", off + 26, 1, K_X, NULL);
		wt_put(w, "pad", off + 27, 1, K_ZERO, NULL);
		wt_put(w, "squash_projid", off + 28, 4, K_U, NULL);
		wt_put(w, "squash_uid", off + 32, 4, K_U, NULL);
		wt_put(w, "squash_gid", off + 36, 4, K_U, NULL);
	} else if (type == 2) {
		wt_put(w, "start_nid", off + 8, 8, K_NID, NULL);
		wt_put(w, "end_nid", off + 16, 8, K_NID, NULL);
		wt_pad(w, off + 24, 16);
	} else if (type == 15) {
		wt_put(w, "active", off + 8, 1, K_U, NULL);
		wt_pad(w, off + 9, 31);
	} else {
		wt_put(w, "fs_id", off + 8, 4, K_U, NULL);
		wt_pad(w, off + 12, 28);
	}
}

/* Pages of the nodemap index */
void rec_nodemap_pages(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t page, i, n, at;

	for (page = 0; page < len / 4096; page++) {
		at = off + 4096 * page;
		wt_open(w, "lu_idxpage[%u]", page);
		if (wt_put(w, "lip_magic", at, 4, K_X, NULL) != LU_IDXPAGE_MAGIC)
			wt_error(w, "magic of no index page");
		wt_put(w, "lip_flags", at + 4, 2, K_X, NULL);
		n = wt_put(w, "lip_nr", at + 6, 2, K_U, NULL);
		wt_put(w, "lip_pad0", at + 8, 8, K_ZERO, NULL);
		for (i = 0; i < n && i < (4096 - 16) / 40; i++) {
			wt_open(w, "entry[%u]", i);
			nodemap_record(w, at + 16 + 40 * i);
			wt_close(w);
		}
		if (n > (4096 - 16) / 40)
			wt_error(w, "lip_nr %u", n);
		else
			wt_put(w, "stale", at + 16 + 40 * n, 4096 - 16 - 40 * n, K_RAW, NULL);
		wt_close(w);
	}
}
