// SPDX-License-Identifier: GPL-2.0
/*
 * Extent locks: ranges of bytes of a data object, and group locks on all of it.
 * A server grants more than was asked where nobody is hurt (section 8).
 */
#include "kernel/ldlm/internal.h"

#define LDLM_FEW_CONFLICTS	4	/* with more, no growth downwards */
#define LDLM_MANY_CONFLICTS	32	/* with more, writers get no more than ... */
#define LDLM_MANY_GROWTH	33554431ULL
#define LDLM_ALIGN		4096ULL

static bool ldlm_overlap(const union ldlm_policy *a, u64 start, u64 end)
{
	return a->extent.start <= end && start <= a->extent.end;
}

/* Who belongs to the group that has the object does not wait behind another group. */
static bool ldlm_group_has_it(const struct ldlm_lock *want)
{
	const struct ldlm_lock *held = list_first_entry_or_null(&want->res->granted,
								struct ldlm_lock, res_link);

	return held && held->granted_mode == LDLM_GROUP &&
	       held->policy.extent.gid == want->policy.extent.gid;
}

static bool ldlm_extent_conflict(const struct ldlm_lock *held, const struct ldlm_lock *want)
{
	/* group locks are queued in front */
	if (want->req_mode == LDLM_GROUP && !ldlm_is_granted(held) &&
	    (held->req_mode != LDLM_GROUP || ldlm_group_has_it(want)))
		return false;
	if (held->req_mode == LDLM_GROUP && want->req_mode == LDLM_GROUP)
		return held->policy.extent.gid != want->policy.extent.gid;
	return !ldlm_modes_compatible(held->req_mode, want->req_mode) &&
	       ldlm_overlap(&held->policy, want->req_extent.start, want->req_extent.end);
}

static bool ldlm_extent_covers(const union ldlm_policy *held, const union ldlm_policy *want)
{
	return held->extent.start <= want->extent.start && held->extent.end >= want->extent.end &&
	       held->extent.gid == want->extent.gid;
}

/* Where many compete, a writer gets a piece of bounded size. */
static void ldlm_extent_limit(const struct ldlm_lock *want, unsigned int conflicts, u64 *end)
{
	u64 start = want->req_extent.start;

	if (conflicts <= LDLM_MANY_CONFLICTS || !(want->req_mode & (LDLM_PW | LDLM_CW)) ||
	    want->req_extent.end - start >= LDLM_MANY_GROWTH)
		return;
	if (start + LDLM_MANY_GROWTH > start)
		*end = min(*end, start + LDLM_MANY_GROWTH);
}

static void ldlm_extent_gap(const struct ldlm_lock *want, u64 *start, u64 *end)
{
	const struct ldlm_lock *held;
	unsigned int conflicts = 0;

	list_for_each_entry(held, &want->res->granted, res_link) {
		if (ldlm_modes_compatible(held->req_mode, want->req_mode))
			continue;
		conflicts++;
		if (held->policy.extent.end < want->req_extent.start)
			*start = max(*start, held->policy.extent.end + 1);
		else if (held->policy.extent.start > want->req_extent.end)
			*end = min(*end, held->policy.extent.start - 1);
	}
	if (conflicts > LDLM_FEW_CONFLICTS)
		*start = want->req_extent.start;
	ldlm_extent_limit(want, conflicts, end);
}

/* Leave room for those who wait. */
static void ldlm_extent_spare_waiters(const struct ldlm_lock *want, u64 *start, u64 *end)
{
	const struct ldlm_lock *w;
	unsigned int conflicts = 0;

	list_for_each_entry(w, &want->res->waiting, res_link) {
		if (w == want || (ldlm_modes_compatible(w->req_mode, want->req_mode) &&
				  w->exp != want->exp))
			continue;
		if (++conflicts > LDLM_FEW_CONFLICTS)
			*start = want->req_extent.start;
		if (!ldlm_overlap(&w->policy, *start, *end) ||
		    ldlm_overlap(&w->policy, want->req_extent.start, want->req_extent.end))
			continue;
		if (w->policy.extent.end < want->req_extent.start)
			*start = w->policy.extent.end + 1;
		else
			*end = w->policy.extent.start - 1;
	}
	ldlm_extent_limit(want, conflicts, end);
}

/* The largest power of two that the asked borders are multiples of. */
static void ldlm_extent_align(const struct ldlm_lock *want, u64 *start, u64 *end)
{
	u64 borders = (want->req_extent.end + 1) | want->req_extent.start;
	u64 align = LDLM_ALIGN;

	if (borders && !(borders & (align - 1)))
		align = borders & -borders;
	if (*start <= -align)
		*start = min(round_up(*start, align), want->req_extent.start);
	if (*end == LDLM_EOF)
		return;
	*end = round_down(*end + 1, align);
	*end = *end ? max(*end - 1, want->req_extent.end) : want->req_extent.end;
}

static void ldlm_extent_expand(struct ldlm_lock *want)
{
	u64 start = 0, end = LDLM_EOF;

	if (!want->exp || want->flags & LDLM_FL_NO_EXPANSION || want->req_mode == LDLM_GROUP)
		return;
	if (want->req_extent.start == 0 && want->req_extent.end == LDLM_EOF)
		return;
	ldlm_extent_gap(want, &start, &end);
	ldlm_extent_spare_waiters(want, &start, &end);
	if (start || end != LDLM_EOF)
		ldlm_extent_align(want, &start, &end);
	want->policy.extent.start = start;
	want->policy.extent.end = end;
}

static void ldlm_extent_to_wire(const union ldlm_policy *p, union ldlm_policy_desc *d)
{
	d->l_extent.start = cpu_to_le64(p->extent.start);
	d->l_extent.end = cpu_to_le64(p->extent.end);
	d->l_extent.gid = cpu_to_le64(p->extent.gid);
}

static void ldlm_extent_from_wire(union ldlm_policy *p, const union ldlm_policy_desc *d)
{
	p->extent.start = le64_to_cpu(d->l_extent.start);
	p->extent.end = le64_to_cpu(d->l_extent.end);
	p->extent.gid = le64_to_cpu(d->l_extent.gid);
}

const struct ldlm_type_ops ldlm_extent_ops = {
	.conflict	= ldlm_extent_conflict,
	.expand		= ldlm_extent_expand,
	.covers		= ldlm_extent_covers,
	.to_wire	= ldlm_extent_to_wire,
	.from_wire	= ldlm_extent_from_wire,
};
