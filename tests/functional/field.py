# SPDX-License-Identifier: GPL-2.0
"""The commands of README.md, and mount options."""

import os
import re

from cluster import TOP

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
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


def test_readme_commands_work(c):
    out = c.c1.out("set -e\nmkdir -p /mnt/lustrefs\n" + c.client_commands, timeout=300)
    assert re.search(r"^lustrefs-MDT0000_UUID .*\[MDT:0\]$", out, re.M), out
    assert re.search(r"^lustrefs-OST0000_UUID .*\[OST:0\]$", out, re.M), out
    c.c1.run("umount /mnt/lustrefs && lustre_rmmod && ! lsmod | grep '^lnet'", timeout=300)


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
