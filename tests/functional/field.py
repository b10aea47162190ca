# SPDX-License-Identifier: GPL-2.0
"""Command sequences of automation, word for word: provisioning, readiness probes, fstab,
unloading, servers that die; and the commands of README.md."""

import os
import re

from cluster import TOP

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
NICS = 2
KERNELS = ("6.12",)


def readme():
    """Commands of "On real nodes", by the line that begins their block."""
    with open(os.path.join(TOP, "README.md")) as f:
        section = re.search(r"## On real nodes\n(.*?)\n## ", f.read(), re.S).group(1)
    section = section.replace("/dev/sdb", "/dev/vda").replace("demo", "lustrefs")
    return [b.replace("\n    ", "\n").strip() for b in re.findall(r"(?:^    .*\n)+", section + "\n", re.M)]


def setup(c):
    _, mds, oss, c.client_commands = readme()
    c.mds.run("set -e\n" + mds, timeout=300)
    c.oss.run("set -e\n" + oss, timeout=300)


def teardown(c):
    c.oss.run("umount /srv/ost0", timeout=300)
    c.mds.run("umount /srv/mdt0", timeout=300)


MOUNT = """set -ex
modprobe -v lnet
modprobe -v ksocklnd skip_mr_route_setup=1
lnetctl lnet configure
lnetctl net add --net tcp --if eth0
lnetctl net show --net tcp | grep interfaces
modprobe -v mgc
modprobe -v lustre
mkdir -p /AMLFS
mount -t lustre -o noatime,flock 10.0.0.1@tcp:/lustrefs /AMLFS
"""

PROBE = r"""set -e
lsmod | grep "^lnet"
lnetctl net show > /tmp/nets
[ "$(grep -c "nid:" /tmp/nets)" -ge 1 ]
nid=$(grep "nid:" /tmp/nets | grep -v "@lo" | head -n 1 | sed 's/.*nid: //')
lnetctl ping --help
timeout 10 lnetctl ping "$nid"
[ "$(grep -c "status: up" /tmp/nets)" -ge 1 ]
lnetctl net show --net tcp | grep -q "\beth0\b"
lnetctl net show | grep "net type: tcp"
lctl ping "$(lctl list_nids | head -n 1)"
"""


def test_readme_commands_work(c):
    out = c.c1.out("set -e\nmkdir -p /mnt/lustrefs\n" + c.client_commands, timeout=300)
    assert re.search(r"^lustrefs-MDT0000_UUID .*\[MDT:0\]$", out, re.M), out
    assert re.search(r"^lustrefs-OST0000_UUID .*\[OST:0\]$", out, re.M), out
    c.c1.run("umount /mnt/lustrefs && lustre_rmmod && ! lsmod | grep '^lnet'", timeout=300)


def test_modules_load_by_the_names_of_the_field(c):
    for name in "libcfs obdclass fld fid mgc llite osc mdc lov lmv mds mdd lod osp ofd osd_ldiskfs lquota".split():
        c.c1.run(f"modprobe {name}", timeout=120)
    c.c1.run("grep -q '^lnet ' /proc/modules && lustre_rmmod", timeout=300)


def test_lnet_service_configures_the_networks(c):
    with open(os.path.join(TOP, "utils/scripts/lnet.service")) as f:
        unit = f.read()
    c.c1.put(os.path.join(TOP, "utils/scripts/lnet.conf"), "/etc/lnet.conf")
    start = re.findall(r"^ExecStart=(.*)$", unit, re.M)
    assert len(start) == 3, unit
    c.c1.run("set -e\n" + "\n".join(start))                # with the conf as it is shipped: nothing more
    c.c1.run("lctl network down")
    c.c1.write("/etc/lnet.conf", "net:\n    - net type: tcp1\n      local NI(s):\n        - interfaces:\n              0: eth0\n")
    c.c1.run("set -e\n" + "\n".join(start))
    assert f"{c.c1.ip}@tcp1" in c.c1.out("lctl list_nids")
    c.c1.run(re.search(r"^ExecStop=(.*)$", unit, re.M).group(1) + " && ! grep '^lnet ' /proc/modules && rm /etc/lnet.conf", timeout=300)


def test_options_of_modprobe_d_choose_the_interface(c):
    c.c1.write("/etc/modprobe.d/lustre.conf", "options lnet networks=tcp(eth1)\n"
               "options ksocklnd skip_mr_route_setup=1 credits=512 nscheds=4\n")
    c.c1.run("modprobe lustre && lctl network up")
    assert c.c1.out("lctl list_nids") == "10.0.1.3@tcp"
    assert "credits: 512" in c.c1.out("lnetctl net show --net tcp -v")
    c.c1.run("lustre_rmmod && rm /etc/modprobe.d/lustre.conf")


def test_provisioning_mounts(c):
    out = c.c1.out(MOUNT, timeout=300)
    assert "interfaces:" in out
    c.c1.run("grep ' /AMLFS .* lustre ' /proc/self/mountinfo && echo hello > /AMLFS/hello && sync")
    assert re.search(r"^10.0.0.1@tcp:/lustrefs /AMLFS lustre rw,\S*noatime\S*flock", c.c1.read("/proc/mounts"), re.M)


def test_readiness_probe_is_satisfied(c):
    c.c1.run(PROBE)


def test_busy_modules_are_not_unloaded(c):
    assert c.c1.run("lustre_rmmod", check=False).status
    assert c.c1.out("cat /AMLFS/hello") == "hello"


def test_everything_unloads_after_the_unmount(c):
    c.c1.run("type lustre_rmmod && umount /AMLFS && lustre_rmmod && ! lsmod | grep '^lnet'", timeout=300)
    c.c1.run("lustre_rmmod")


def test_fstab_mounts_after_the_network(c):
    c.c1.write("/etc/fstab", "10.0.0.1@tcp:/lustrefs /AMLFS lustre noatime,flock,_netdev,nofail,x-systemd.automount 0 0\n")
    c.c1.run("mount -a -O no_netdev && ! grep -q AMLFS /proc/mounts")
    c.c1.run("mount -a", timeout=300)
    assert c.c1.out("cat /AMLFS/hello") == "hello"
    c.c1.run("mount -a && [ $(grep -c ' /AMLFS ' /proc/mounts) = 1 ]", timeout=300)
    c.c1.run("umount -a -t lustre && mount /AMLFS && umount /AMLFS", timeout=300)
    c.c1.run("mount --no-mtab -t lustre -o noatime,flock 10.0.0.1@tcp:/lustrefs /AMLFS && umount /AMLFS", timeout=300)


def mounted(c):
    """Options as /proc/mounts has them."""
    return re.search(r"^10.0.0.1@tcp:/lustrefs\S* /mnt/m lustre (\S+)", c.c1.read("/proc/mounts"), re.M).group(1)


def mount(c, options, source="10.0.0.1@tcp:/lustrefs", check=True):
    return c.c1.run(f"mkdir -p /mnt/m && mount -t lustre {'-o ' + options if options else ''} {source} /mnt/m", 300, check)


def test_mount_options_are_obeyed_and_shown(c):
    mount(c, "")
    assert mounted(c) == "rw,checksum,flock,nouser_xattr,lruresize,lazystatfs,nouser_fid2path,verbose,noencrypt"
    r = c.c1.run("mkdir -p /mnt/m/some/where && echo x > /mnt/m/opt && setfattr -n user.x -v y /mnt/m/opt", check=False)
    assert "not supported" in r.err, r.err
    c.c1.run("echo below > /mnt/m/some/where/file && umount /mnt/m")

    mount(c, "user_xattr,noflock,nochecksum,noatime,nosuid,nodev,retry=1,_netdev,user_fid2path")
    assert mounted(c) == "rw,nosuid,nodev,noatime,nochecksum,noflock,user_xattr,lruresize,lazystatfs,user_fid2path,verbose,noencrypt"
    c.c1.run("setfattr -n user.x -v y /mnt/m/opt && ! flock -n /mnt/m/opt true")
    assert c.c1.out("getfattr --only-values -n user.x /mnt/m/opt") == "y"
    c.c1.run("umount /mnt/m")

    r = mount(c, "mgssec=gssnull", check=False)
    assert r.status == 22 and "mgssec" in c.c1.out("dmesg | tail -n 3"), r.err
    mount(c, "encrypt,mgssec=null")
    assert ",noencrypt" in mounted(c)
    c.c1.run("umount /mnt/m")

    mount(c, "localflock")
    assert ",localflock," in mounted(c)
    c.c1.run("flock -n /mnt/m/opt true && ! flock -n /mnt/m/opt flock -n /mnt/m/opt true && umount /mnt/m")

    mount(c, "flock", "10.0.0.1@tcp:/lustrefs/some/where")
    assert c.c1.out("cat /mnt/m/file") == "below"
    c.c1.run("umount /mnt/m")


def read_only(c):
    """Does the MDT know the client as a reader only?"""
    return "read_only" in c.mds.out("lctl get_param -n mdt.*.exports.10.0.0.3@tcp.export")


def test_mount_becomes_writable_and_read_only_by_remount(c):
    mount(c, "ro")
    assert mounted(c).startswith("ro,") and read_only(c)
    assert "Read-only" in c.c1.run("touch /mnt/m/new", check=False).err
    c.c1.run("mount -o remount,rw /mnt/m && echo new > /mnt/m/new && mkdir /mnt/m/newdir && sync")
    assert mounted(c).startswith("rw,") and not read_only(c)
    r = c.c1.run("exec 5> /mnt/m/busy; mount -o remount,ro /mnt/m", check=False)
    assert r.status and "busy" in r.err and not read_only(c), r.err
    c.c1.run("mount -o remount,ro /mnt/m && [ $(cat /mnt/m/new) = new ] && ! rm /mnt/m/new")
    assert mounted(c).startswith("ro,") and read_only(c)
    c.c1.run("umount /mnt/m")


def test_mount_says_what_is_wrong(c):
    r = mount(c, "nonsense", check=False)
    assert r.status == 22 and "nonsense" in r.err + c.c1.out("dmesg | tail -5"), r.err
    r = mount(c, "", "10.0.0.1@tcp:/nosuch", check=False)
    assert r.status == 2 and "nosuch" in r.err, r.err
    assert mount(c, "", "10.0.0.1@tcp:/lustrefs/no/such/dir", check=False).status == 2
    r = mount(c, "", "no.such.host@tcp:/x", check=False)
    assert r.status and "no.such.host" in r.err, r.err
    assert c.c1.run("grep /mnt/m /proc/mounts", check=False).status


def test_forced_unmount_does_not_wait_for_dead_servers(c):
    c.c1.run("mount /AMLFS && head -c 1M /dev/zero > /AMLFS/dirty", timeout=300)
    c.oss.cut()
    c.mds.cut()
    c.c1.run("timeout 100 umount -f /AMLFS", timeout=300)
    c.c1.run("! grep -q AMLFS /proc/mounts && lustre_rmmod", timeout=300)
    c.heal()
    c.c1.run("mount /AMLFS && cat /AMLFS/hello && umount /AMLFS && lustre_rmmod", timeout=300)
