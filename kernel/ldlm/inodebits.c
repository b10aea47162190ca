// SPDX-License-Identifier: GPL-2.0
/*
 * Inode-bits locks: each bit protects one aspect of a metadata object. Bits may be
 * tried: those are granted if free, and never waited for.
 */
#include "kernel/ldlm/internal.h"

static bool ldlm_ibits_mode_conflict(const struct ldlm_lock *held, const struct ldlm_lock *want)
{
	if (held->req_mode == LDLM_GROUP && want->req_mode == LDLM_GROUP)
		return held->policy.ibits.gid != want->policy.ibits.gid;
	return !ldlm_modes_compatible(held->req_mode, want->req_mode);
}

static bool ldlm_ibits_conflict(const struct ldlm_lock *held, const struct ldlm_lock *want)
{
	return held->policy.ibits.bits & want->policy.ibits.bits &&
	       ldlm_ibits_mode_conflict(held, want);
}

static u64 ldlm_ibits_taken(const struct list_head *queue, const struct ldlm_lock *want)
{
	const struct ldlm_lock *held;
	u64 taken = 0;

	list_for_each_entry(held, queue, res_link)
		if (held != want && ldlm_ibits_mode_conflict(held, want))
			taken |= held->policy.ibits.bits;
	return taken;
}

/* What is tried joins what is asked where it is free, and is forgotten where it is not. */
static int ldlm_ibits_adjust(struct ldlm_lock *want)
{
	u64 taken;

	if (!want->policy.ibits.try_bits)
		return 0;
	taken = ldlm_ibits_taken(&want->res->granted, want) |
		ldlm_ibits_taken(&want->res->waiting, want);
	/* bits that have to be waited for: try again when their turn has come */
	if (want->policy.ibits.bits & taken)
		return 0;
	want->policy.ibits.bits |= want->policy.ibits.try_bits & ~taken;
	want->policy.ibits.try_bits = 0;
	return want->policy.ibits.bits ? 0 : ELDLM_LOCK_ABORTED;
}

static bool ldlm_ibits_covers(const union ldlm_policy *held, const union ldlm_policy *want)
{
	return (held->ibits.bits & want->ibits.bits) == want->ibits.bits;
}

static void ldlm_ibits_to_wire(const union ldlm_policy *p, union ldlm_policy_desc *d)
{
	d->l_inodebits.bits = cpu_to_le64(p->ibits.bits);
	d->l_inodebits.li_gid = cpu_to_le64(p->ibits.gid);
}

static void ldlm_ibits_from_wire(union ldlm_policy *p, const union ldlm_policy_desc *d)
{
	p->ibits.bits = le64_to_cpu(d->l_inodebits.bits);
	p->ibits.gid = le64_to_cpu(d->l_inodebits.li_gid);
}

const struct ldlm_type_ops ldlm_ibits_ops = {
	.conflict	= ldlm_ibits_conflict,
	.adjust		= ldlm_ibits_adjust,
	.covers		= ldlm_ibits_covers,
	.to_wire	= ldlm_ibits_to_wire,
	.from_wire	= ldlm_ibits_from_wire,
};
