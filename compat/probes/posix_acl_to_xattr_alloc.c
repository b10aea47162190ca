// SPDX-License-Identifier: GPL-2.0
/* posix_acl_to_xattr() allocates the value: since 7.0; filled a buffer before. */
#include <linux/posix_acl_xattr.h>

static_assert(__same_type(posix_acl_to_xattr(NULL, NULL, NULL, 0), (void *)0));
