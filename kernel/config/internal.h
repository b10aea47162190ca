/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of kernel/config share, for top.c, which starts them and has the top directory. */
#ifndef SHEEN_CONFIG_INTERNAL_H
#define SHEEN_CONFIG_INTERNAL_H

int mgc_init(void);
void mgc_exit(void);
int params_init(void);
void params_exit(void);
struct seq_file;
int devices_show(struct seq_file *m, void *data);
int jobid_var_show(struct seq_file *m, void *data);
int jobid_var_store(void *data, const char *val);
int jobid_name_show(struct seq_file *m, void *data);
int jobid_name_store(void *data, const char *val);

#endif
