// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel complain on purpose, so that the tests can show that they
 * would notice: modprobe sheen_provoke what=warn. Never stays loaded.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "warn, leak, overrun, sleep or order");

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

static void provoke_leak(void)
{
	void **p = kmalloc(4000, GFP_KERNEL);

	/* the only pointer goes out of scope */
	pr_info("leaked %zu bytes\n", p ? ksize(p) : 0);
}

static void provoke_overrun(void)
{
	char *p = kmalloc(13, GFP_KERNEL);
	size_t at = 13;

	if (!p)
		return;
	OPTIMIZER_HIDE_VAR(at);
	p[at] = 1;
	kfree(p);
}

static void provoke_sleep(void)
{
	spin_lock(&lock_a);
	might_sleep();
	spin_unlock(&lock_a);
}

static void provoke_order(void)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);

	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	spin_unlock(&lock_b);
}

static int __init provoke_init(void)
{
	if (!strcmp(what, "warn"))
		WARN_ON(1);
	else if (!strcmp(what, "leak"))
		provoke_leak();
	else if (!strcmp(what, "overrun"))
		provoke_overrun();
	else if (!strcmp(what, "sleep"))
		provoke_sleep();
	else if (!strcmp(what, "order"))
		provoke_order();
	else
		return -EINVAL;
	return -EAGAIN;
}
module_init(provoke_init);

MODULE_DESCRIPTION("Provokes kernel complaints for the tests");
MODULE_LICENSE("GPL");
