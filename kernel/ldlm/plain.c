// SPDX-License-Identifier: GPL-2.0
/*
 * Plain locks: nothing but modes. Of the MGS's logs and of quota.
 */
#include "kernel/ldlm/internal.h"

static bool ldlm_plain_conflict(const struct ldlm_lock *held, const struct ldlm_lock *want)
{
	return !ldlm_modes_compatible(held->req_mode, want->req_mode);
}

static bool ldlm_plain_covers(const union ldlm_policy *held, const union ldlm_policy *want)
{
	return true;
}

static void ldlm_plain_to_wire(const union ldlm_policy *p, union ldlm_policy_desc *d)
{
}

static void ldlm_plain_from_wire(union ldlm_policy *p, const union ldlm_policy_desc *d)
{
}

const struct ldlm_type_ops ldlm_plain_ops = {
	.conflict	= ldlm_plain_conflict,
	.covers		= ldlm_plain_covers,
	.to_wire	= ldlm_plain_to_wire,
	.from_wire	= ldlm_plain_from_wire,
};
