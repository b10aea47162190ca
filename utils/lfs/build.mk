programs += lfs
lfs-lib := frame parse layout_request layout_show
lfs-dir := usr/bin
files += usr/share/man/man1/lfs.1:lfs/lfs.1
