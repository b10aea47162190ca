// SPDX-License-Identifier: GPL-2.0
/*
 * Records of HSM, quota and changelogs (chapter 07), and lists of NIDs: structures that
 * have no header in include/wire, so their tables are here.
 */
#include <inttypes.h>
#include <string.h>
#include "wiretap.h"
#include "wire/config.h"

#define FIELD(n, o, w, k)	{ n, o, w, K_##k, 1, NULL }
#define NAMED(n, o, w, k, aux)	{ n, o, w, K_##k, 1, aux }
#define TABLE(s, bytes)							\
	static const struct wt_struct s = { #s, s##_fields,		\
		sizeof(s##_fields) / sizeof(s##_fields[0]), bytes }

/* --- HSM --- */

static const struct wt_name hsm_states[] = {
	{ 1, "EXISTS" }, { 2, "DIRTY" }, { 4, "RELEASED" }, { 8, "ARCHIVED" }, { 0x10, "NORELEASE" },
	{ 0x20, "NOARCHIVE" }, { 0x40, "LOST" }, { 0x80, "PCCRW" }, { 0x100, "PCCRO" }, { 0, NULL }
};
static const struct wt_name user_actions[] = {
	{ 0, "none" }, { 1, "NONE" }, { 10, "ARCHIVE" }, { 11, "RESTORE" }, { 12, "RELEASE" },
	{ 13, "REMOVE" }, { 14, "CANCEL" }, { 0, NULL }
};
static const struct wt_name agent_actions[] = {
	{ 10, "NONE" }, { 20, "ARCHIVE" }, { 21, "RESTORE" }, { 22, "REMOVE" }, { 23, "CANCEL" },
	{ 0, NULL }
};
static const struct wt_name request_flags[] = {
	{ 1, "FORCE_ACTION" }, { 2, "GHOST_COPY" }, { 4, "BLOCKING" }, { 0, NULL }
};
static const struct wt_name progress_flags[] = { { 1, "COMPLETED" }, { 2, "RETRY" }, { 0, NULL } };
static const struct wt_name set_valid[] = {
	{ 1, "SETMASK" }, { 2, "CLEARMASK" }, { 4, "ARCHIVE_ID" }, { 0, NULL }
};

static const struct wt_field hsm_user_state_fields[] = {
	NAMED("hus_states", 0, 4, FLAGS, hsm_states), FIELD("hus_archive_id", 4, 4, U),
	FIELD("hus_in_progress_state", 8, 4, U), FIELD("hus_in_progress_action", 12, 4, U),
	FIELD("hus_location.offset", 16, 8, X), FIELD("hus_location.length", 24, 8, X),
};
TABLE(hsm_user_state, 32);
static const struct wt_field hsm_state_set_fields[] = {
	NAMED("hss_valid", 0, 4, FLAGS, set_valid), FIELD("hss_archive_id", 4, 4, U),
	NAMED("hss_setmask", 8, 8, FLAGS, hsm_states),
	NAMED("hss_clearmask", 16, 8, FLAGS, hsm_states),
};
TABLE(hsm_state_set, 24);
static const struct wt_field hsm_current_action_fields[] = {
	FIELD("hca_state", 0, 4, U), NAMED("hca_action", 4, 4, ENUM, user_actions),
	FIELD("hca_location.offset", 8, 8, X), FIELD("hca_location.length", 16, 8, X),
};
TABLE(hsm_current_action, 24);
static const struct wt_field hsm_request_fields[] = {
	NAMED("hr_action", 0, 4, ENUM, user_actions), FIELD("hr_archive_id", 4, 4, U),
	NAMED("hr_flags", 8, 8, FLAGS, request_flags), FIELD("hr_itemcount", 16, 4, U),
	FIELD("hr_data_len", 20, 4, U),
};
TABLE(hsm_request, 24);
static const struct wt_field hsm_user_item_fields[] = {
	FIELD("hui_fid", 0, 16, FID), FIELD("hui_extent.offset", 16, 8, X),
	FIELD("hui_extent.length", 24, 8, X),
};
TABLE(hsm_user_item, 32);
static const struct wt_field hsm_progress_kernel_fields[] = {
	FIELD("hpk_fid", 0, 16, FID), FIELD("hpk_cookie", 16, 8, X),
	FIELD("hpk_extent.offset", 24, 8, X), FIELD("hpk_extent.length", 32, 8, X),
	NAMED("hpk_flags", 40, 2, FLAGS, progress_flags), FIELD("hpk_errval", 42, 2, U),
	FIELD("hpk_padding1", 44, 4, ZERO), FIELD("hpk_data_version", 48, 8, X),
	FIELD("hpk_padding2", 56, 8, ZERO),
};
TABLE(hsm_progress_kernel, 64);

static const struct wt_field hsm_action_item_fields[] = {
	FIELD("hai_len", 0, 4, U), NAMED("hai_action", 4, 4, ENUM, agent_actions),
	FIELD("hai_fid", 8, 16, FID), FIELD("hai_dfid", 24, 16, FID),
	FIELD("hai_extent.offset", 40, 8, X), FIELD("hai_extent.length", 48, 8, X),
	FIELD("hai_cookie", 56, 8, X), FIELD("hai_gid", 64, 8, U),
};
TABLE(hsm_action_item, 72);
static const struct wt_field hsm_action_list_fields[] = {
	FIELD("hal_version", 0, 4, U), FIELD("hal_count", 4, 4, U), FIELD("hal_compound_id", 8, 8, U),
	NAMED("hal_flags", 16, 8, FLAGS, request_flags), FIELD("hal_archive_id", 24, 4, U),
	FIELD("padding1", 28, 4, ZERO),
};
TABLE(hsm_action_list, 32);
static const struct wt_field kuc_hdr_fields[] = {
	FIELD("kuc_magic", 0, 2, X), FIELD("kuc_transport", 2, 1, U), FIELD("kuc_flags", 3, 1, X),
	FIELD("kuc_msgtype", 4, 2, U), FIELD("kuc_msglen", 6, 2, U),
};
TABLE(kuc_hdr, 8);

void rec_hsm(struct wt *w, enum rpc_field f, uint32_t off, uint32_t len)
{
	uint32_t i;

	switch (f) {
	case RF_HSM_USER_STATE:
		wt_table(w, &hsm_user_state, off);
		break;
	case RF_HSM_STATE_SET:
		wt_table(w, &hsm_state_set, off);
		break;
	case RF_HSM_ACTION:
		wt_table(w, &hsm_current_action, off);
		break;
	case RF_HSM_REQUEST:
		wt_table(w, &hsm_request, off);
		break;
	case RF_HSM_PROGRESS:
		wt_table(w, &hsm_progress_kernel, off);
		break;
	case RF_HSM_ITEMS:
		for (i = 0; i < len / 32; i++) {
			wt_open(w, "[%u]", i);
			wt_table(w, &hsm_user_item, off + 32 * i);
			wt_close(w);
		}
		break;
	default:
		wt_put(w, "data", off, len, K_RAW, NULL);
	}
}

/* A list of actions for a copytool, behind the header of the device that hands it on */
void rec_hsm_actions(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t at = 40, n, i = 0;

	wt_table(w, &kuc_hdr, off);
	wt_table(w, &hsm_action_list, off + 8);
	if (len < at)
		return;
	n = strnlen((const char *)w->p + off + at, len - at) + 1;
	n = (n + 7) & ~7U;
	if (n > len - at)
		n = len - at;
	if (n)
		wt_put(w, "hal_fsname", off + at, n, K_STR, NULL);
	for (at += n; len - at >= 72; at += n) {
		wt_open(w, "hsm_action_item[%u]", i++);
		n = wt_peek(w, off + at, 4);
		wt_table(w, &hsm_action_item, off + at);
		if (n < 72 || n > len - at) {
			wt_error(w, "hai_len %u of %u", n, len - at);
			wt_close(w);
			return;
		}
		if (n > 72)
			wt_put(w, "hai_data", off + at + 72, n - 72, K_RAW, NULL);
		wt_close(w);
		n = (n + 7) & ~7U;
		if (n > len - at)
			n = len - at;
	}
}

/* --- quota --- */

static const struct wt_name quota_types[] = { { 0, "USER" }, { 1, "GROUP" }, { 2, "PROJECT" }, { 0, NULL } };
static const struct wt_field obd_quotactl_fields[] = {
	FIELD("qc_cmd", 0, 4, X), NAMED("qc_type", 4, 4, ENUM, quota_types), FIELD("qc_id", 8, 4, U),
	FIELD("qc_stat", 12, 4, U), FIELD("dqi_bgrace", 16, 8, U), FIELD("dqi_igrace", 24, 8, U),
	FIELD("dqi_flags", 32, 4, X), FIELD("dqi_valid", 36, 4, X),
	FIELD("dqb_bhardlimit", 40, 8, U), FIELD("dqb_bsoftlimit", 48, 8, U),
	FIELD("dqb_curspace", 56, 8, U), FIELD("dqb_ihardlimit", 64, 8, U),
	FIELD("dqb_isoftlimit", 72, 8, U), FIELD("dqb_curinodes", 80, 8, U),
	FIELD("dqb_btime", 88, 8, X), FIELD("dqb_itime", 96, 8, X), FIELD("dqb_valid", 104, 4, X),
	FIELD("dqb_padding", 108, 4, ZERO),
};
TABLE(obd_quotactl, 112);

static const struct wt_name quota_flags[] = {
	{ 1, "ACQ" }, { 2, "PREACQ" }, { 4, "REL" }, { 8, "REPORT" }, { 0, NULL }
};
static const struct wt_field quota_body_fields[] = {
	FIELD("qb_fid", 0, 16, FID), FIELD("qb_id", 16, 16, FID),
	NAMED("qb_flags", 32, 4, FLAGS, quota_flags), FIELD("qb_padding", 36, 4, ZERO),
	FIELD("qb_count", 40, 8, U), FIELD("qb_usage", 48, 8, U), FIELD("qb_slv_ver", 56, 8, U),
	FIELD("qb_lockh", 64, 8, X), FIELD("qb_glb_lockh", 72, 8, X), FIELD("qb_padding1", 80, 32, RAW),
};
TABLE(quota_body, 112);

void rec_quota(struct wt *w, enum rpc_field f, uint32_t off, uint32_t len)
{
	if (f == RF_QUOTA_BODY) {
		wt_table(w, &quota_body, off);
	} else {
		wt_table(w, &obd_quotactl, off);
		if (len > 112)
			wt_put(w, "qc_poolname", off + 112, len - 112, K_STR, NULL);
	}
}

/* --- registration --- */

void rec_nidlist(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t i, n = wt_peek(w, off + 4, 4);

	wt_put(w, "mtn_flags", off, 4, K_X, NULL);
	wt_put(w, "mtn_nids", off + 4, 4, K_U, NULL);
	if (len > 8 && (len - 8) / MTN_NIDSTR_SIZE != n)
		wt_error(w, "%u NIDs in %u bytes", n, len);
	for (i = 0; i < n && len >= 8 + (i + 1) * MTN_NIDSTR_SIZE; i++)
		wt_put_nth(w, "mtn_inline_list", i, off + 8 + i * MTN_NIDSTR_SIZE, MTN_NIDSTR_SIZE, K_STR, NULL);
}

/* --- changelogs --- */

static const struct wt_name changelog_types[] = {
	{ 0, "MARK" }, { 1, "CREAT" }, { 2, "MKDIR" }, { 3, "HLINK" }, { 4, "SLINK" }, { 5, "MKNOD" },
	{ 6, "UNLNK" }, { 7, "RMDIR" }, { 8, "RENME" }, { 9, "RNMTO" }, { 10, "OPEN" },
	{ 11, "CLOSE" }, { 12, "LYOUT" }, { 13, "TRUNC" }, { 14, "SATTR" }, { 15, "XATTR" },
	{ 16, "HSM" }, { 17, "MTIME" }, { 18, "CTIME" }, { 19, "ATIME" }, { 20, "MIGRT" },
	{ 21, "FLRW" }, { 22, "RESYNC" }, { 23, "GXATR" }, { 24, "NOPEN" }, { 0, NULL }
};
#define CLF_RENAME		0x2000
#define CLF_JOBID		0x4000
#define CLF_EXTRA_FLAGS		0x8000
#define CLFE_UIDGID		0x1
#define CLFE_NID		0x2
#define CLFE_OPEN		0x4
#define CLFE_XATTR		0x8
#define CLFE_NID_BE		0x10
static const struct wt_name extra_flags[] = {
	{ CLFE_UIDGID, "UIDGID" }, { CLFE_NID, "NID" }, { CLFE_OPEN, "OPEN" },
	{ CLFE_XATTR, "XATTR" }, { CLFE_NID_BE, "NID_BE" }, { 0, NULL }
};
static const struct wt_field changelog_rec_fields[] = {
	FIELD("cr_namelen", 0, 2, U), FIELD("cr_flags", 2, 2, X),
	NAMED("cr_type", 4, 4, ENUM, changelog_types), FIELD("cr_index", 8, 8, U),
	FIELD("cr_prev", 16, 8, U), FIELD("cr_time", 24, 8, U), FIELD("cr_tfid", 32, 16, FID),
	FIELD("cr_pfid", 48, 16, FID),
};
TABLE(changelog_rec, 64);

static uint32_t changelog_extra(struct wt *w, uint32_t off, uint32_t at)
{
	uint64_t extra = wt_put(w, "cr_extra_flags", off + at, 8, K_FLAGS, extra_flags);

	at += 8;
	if (extra & CLFE_UIDGID) {
		wt_put(w, "cr_uid", off + at, 8, K_U, NULL);
		wt_put(w, "cr_gid", off + at + 8, 8, K_U, NULL);
		at += 16;
	}
	if (extra & CLFE_NID_BE) {
		wt_put(w, "cr_nid_be", off + at, 24, K_RAW, NULL);
		at += 24;
	} else if (extra & CLFE_NID) {
		wt_put(w, "cr_nid", off + at, 8, K_NID, NULL);
		wt_put(w, "extend", off + at + 8, 16, K_ZERO, NULL);
		at += 24;
	}
	if (extra & CLFE_OPEN) {
		wt_put(w, "cr_openflags", off + at, 4, K_X, NULL);
		at += 4;
	}
	if (extra & CLFE_XATTR) {
		wt_put(w, "cr_xattr", off + at, 256, K_STR, NULL);
		at += 256;
	}
	return at;
}

/* Body of a CHANGELOG_REC */
void rec_changelog(struct wt *w, uint32_t off, uint32_t len)
{
	uint32_t namelen = wt_peek(w, off, 2), flags = wt_peek(w, off + 2, 2), at = 64, n;

	wt_table(w, &changelog_rec, off);
	if (flags & CLF_RENAME) {
		wt_put(w, "cr_sfid", off + at, 16, K_FID, NULL);
		wt_put(w, "cr_spfid", off + at + 16, 16, K_FID, NULL);
		at += 32;
	}
	if (flags & CLF_JOBID) {
		wt_put(w, "cr_jobid", off + at, 32, K_STR, NULL);
		at += 32;
	}
	if (flags & CLF_EXTRA_FLAGS)
		at = changelog_extra(w, off, at);
	if (at + namelen > len) {
		wt_error(w, "cr_namelen %u at %u of %u", namelen, at, len);
		return;
	}
	n = strnlen((const char *)w->p + off + at, namelen);
	if (n)
		wt_put(w, "cr_name", off + at, n, K_STR, NULL);
	if (n < namelen) {
		wt_put(w, "nul", off + at + n, 1, K_ZERO, NULL);
		if (n + 1 < namelen)
			wt_put(w, "cr_sname", off + at + n + 1, namelen - n - 1, K_STR, NULL);
	}
	at += namelen;
	/* a record may have been longer before it was stored: servers do not clear the rest */
	if (len > at)
		wt_put(w, "stale", off + at, len - at, K_RAW, NULL);
}
