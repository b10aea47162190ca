programs += mount.lustre
mount.lustre-src := mount
mount.lustre-lib := ldd nids
mount.lustre-pkg := mount ext2fs com_err
mount.lustre-dir := sbin
links += sbin/mount.lustre_tgt:mount.lustre
