programs += mkfs.lustre
mkfs.lustre-src := mkfs
mkfs.lustre-lib := ldd nids
mkfs.lustre-pkg := ext2fs com_err
links += usr/sbin/tunefs.lustre:mkfs.lustre
