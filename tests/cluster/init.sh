#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# First program of a node, in its initramfs: stacks the read-only images
# (recognised by the serial numbers of their disks) under a tmpfs, sets up the
# network, and becomes the agent.

/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys

while read -r m; do
	insmod "/modules/$m.ko" 2>/dev/null
done < /modules.list

arg() {
	for w in $(cat /proc/cmdline); do
		case $w in "$1"=*) echo "${w#*=}" ;; esac
	done
}

disk() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		for d in /sys/block/vd*; do
			if [ "$(cat "$d/serial" 2>/dev/null)" = "$1" ]; then
				echo "/dev/${d##*/}"
				return 0
			fi
		done
		sleep 0.1
	done
	return 1
}

lower=
for image in $(arg sheen.images | tr , ' '); do
	mkdir -p "/layer/$image"
	mount -t squashfs -o ro "$(disk "$image")" "/layer/$image" || exec sh
	lower=$lower${lower:+:}/layer/$image
done
mkdir -p /rw /new
mount -t tmpfs -o mode=755,size=80% tmpfs /rw
mkdir /rw/up /rw/work
mount -t overlay -o "lowerdir=$lower,upperdir=/rw/up,workdir=/rw/work" root /new || exec sh

hostname "$(arg sheen.name)"
ip link set lo up
n=0
for address in $(arg sheen.ip | tr , ' '); do
	ip link set "eth$n" up
	ip addr add "$address" dev "eth$n"
	n=$((n + 1))
done
echo "$(arg sheen.name)" > /new/etc/hostname
{
	echo "127.0.0.1 localhost"
	i=1
	for name in $(arg sheen.nodes | tr , ' '); do
		echo "10.0.0.$i $name"
		i=$((i + 1))
	done
} > /new/etc/hosts

for d in proc sys dev; do
	mount --move /$d /new/$d
done
mount -t tmpfs -o mode=755 run /new/run
mount -t tmpfs -o mode=1777 tmp /new/tmp
mkdir -p /new/dev/pts /new/dev/shm /new/dev/disk/by-id /new/run/lock /new/run/rpcbind
mount -t devpts devpts /new/dev/pts
mount -t tmpfs shm /new/dev/shm
mount -t debugfs debugfs /new/sys/kernel/debug
mount -t tracefs tracefs /new/sys/kernel/tracing 2>/dev/null
ln -s /proc/self/fd /new/dev/fd
ln -s /proc/self/mounts /new/etc/mtab 2>/dev/null
for d in /new/sys/block/vd*; do
	ln -s "/dev/${d##*/}" "/new/dev/disk/by-id/$(cat "$d/serial")"
done
echo 1 > /new/proc/sys/kernel/sysrq
echo 1 > /new/proc/sys/kernel/panic_on_oops

for p in /new/sys/class/virtio-ports/vport*; do
	[ "$(cat "$p/name" 2>/dev/null)" = agent ] && port=/dev/${p##*/}
done
cp /agent /new/run/agent
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=xterm LANG=C.UTF-8
exec switch_root /new /run/agent "$port"
