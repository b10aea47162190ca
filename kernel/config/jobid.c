// SPDX-License-Identifier: GPL-2.0
/*
 * Job ids: what requests tell servers about who caused them (chapter 08, 12.1:
 * jobid_var, jobid_name).
 */
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>
#include <linux/utsname.h>
#include "kernel/config/config.h"
#include "kernel/config/internal.h"

#define JOBID_VAR_MAX	32
#define ENVIRON_MAX	(64 * 1024)	/* how far an environment is searched */

static DEFINE_SPINLOCK(jobid_lock);
static char jobid_var[JOBID_VAR_MAX] = "disable";
static char jobid_name[RPC_JOBID_SIZE] = "%e.%u";

/* --- name codes --- */

static int put_code(char code, char *buf, size_t size)
{
	switch (code) {
	case 'e':
		return scnprintf(buf, size, "%s", current->comm);
	case 'g':
		return scnprintf(buf, size, "%u", from_kgid(&init_user_ns, current_fsgid()));
	case 'h':
		return scnprintf(buf, size, "%s", init_utsname()->nodename);
	case 'H':
		return scnprintf(buf, size, "%.*s", (int)strcspn(init_utsname()->nodename, "."),
				 init_utsname()->nodename);
	case 'p':
		return scnprintf(buf, size, "%u", current->tgid);
	case 'u':
		return scnprintf(buf, size, "%u", from_kuid(&init_user_ns, current_fsuid()));
	default:
		return 0;
	}
}

/* Expand @format; @job is what %j stands for */
static void expand(const char *format, const char *job, char buf[RPC_JOBID_SIZE])
{
	size_t at = 0;

	for (; *format && at < RPC_JOBID_SIZE - 1; format++) {
		if (*format != '%' || !format[1])
			buf[at++] = *format;
		else if (*++format == 'j')
			at += scnprintf(buf + at, RPC_JOBID_SIZE - at, "%s", job);
		else
			at += put_code(*format, buf + at, RPC_JOBID_SIZE - at);
	}
	buf[at] = '\0';
}

/* --- environment of the current process --- */

/* Value of variable @name; empty if it has none or the process is a kernel thread */
static void environ_value(const char *name, char buf[RPC_JOBID_SIZE])
{
	size_t len = strlen(name), n;
	unsigned long at, end;
	struct mm_struct *mm = current->mm;
	char text[JOBID_VAR_MAX + RPC_JOBID_SIZE + 1];
	char *value;
	long got;

	buf[0] = '\0';
	if (!mm)
		return;
	spin_lock(&mm->arg_lock);
	at = mm->env_start;
	end = min(mm->env_end, mm->env_start + ENVIRON_MAX);
	spin_unlock(&mm->arg_lock);
	for (; at < end; at += n) {
		got = strncpy_from_user(text, (const char __user *)at, min_t(size_t, sizeof(text) - 1, end - at));
		if (got < 0)
			return;
		text[got] = '\0';
		if (!strncmp(text, name, len) && text[len] == '=') {
			value = text + len + 1;
			strscpy(buf, value, RPC_JOBID_SIZE);
			return;
		}
		got = strnlen_user((const char __user *)at, end - at + 1);
		if (got <= 0)
			return;
		n = got;
	}
}

void jobid_get(char buf[RPC_JOBID_SIZE])
{
	char var[JOBID_VAR_MAX], format[RPC_JOBID_SIZE], job[RPC_JOBID_SIZE];

	if (data_race(jobid_var[0] == 'd') && !strcmp(jobid_var, "disable")) {
		buf[0] = '\0';
		return;
	}
	spin_lock(&jobid_lock);
	strscpy(var, jobid_var, sizeof(var));
	strscpy(format, jobid_name, sizeof(format));
	spin_unlock(&jobid_lock);

	if (!strcmp(var, "nodelocal")) {
		expand(format, "", buf);
		return;
	}
	if (!strcmp(var, "procname_uid")) {
		expand("%e.%u", "", buf);
		return;
	}
	environ_value(var, job);
	if (strstr(format, "%j"))
		expand(format, job, buf);
	else if (job[0])
		strscpy(buf, job, RPC_JOBID_SIZE);
	else
		expand(format, "", buf);
}
EXPORT_SYMBOL_GPL(jobid_get);

/* --- parameters --- */

int jobid_var_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", jobid_var);
	return 0;
}

int jobid_var_store(void *data, const char *val)
{
	if (!*val || strlen(val) >= sizeof(jobid_var))
		return -EINVAL;
	if (!strcmp(val, "session"))
		return -EOPNOTSUPP;
	spin_lock(&jobid_lock);
	strscpy(jobid_var, val, sizeof(jobid_var));
	spin_unlock(&jobid_lock);
	return 0;
}

int jobid_name_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", jobid_name);
	return 0;
}

int jobid_name_store(void *data, const char *val)
{
	const char *p;

	if (!*val || strlen(val) >= sizeof(jobid_name))
		return -EINVAL;
	for (p = val; (p = strchr(p, '%')); p += 2)
		if (!p[1] || !strchr("eghHjpu", p[1]))
			return -EINVAL;
	spin_lock(&jobid_lock);
	strscpy(jobid_name, val, sizeof(jobid_name));
	spin_unlock(&jobid_lock);
	return 0;
}
