scripts += usr/sbin/lustre_rmmod:scripts/lustre_rmmod
