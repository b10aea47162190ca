scripts += usr/sbin/lustre_rmmod:scripts/lustre_rmmod
files += usr/lib/systemd/system/lnet.service:scripts/lnet.service
files += etc/lnet.conf:scripts/lnet.conf
