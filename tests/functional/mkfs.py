# SPDX-License-Identifier: GPL-2.0
"""mkfs.lustre, tunefs.lustre and mount.lustre: texts, checks, exit codes, what is on the disk.
Nothing is mounted, so one kernel is enough."""

import struct

NODES = 1
DISKS = ["256M"]
KERNELS = ("6.12",)

DEV = "/dev/vda"
# with a service node, and without: there nobody need look whether another node has the disk, which takes 11 s
OST = f"mkfs.lustre --ost --fsname=testfs --index=10 --mgsnode=10.0.0.1@tcp --mgsnode=10.0.0.2 " \
      f"--servicenode=10.0.0.3 --reformat {DEV}"
OST_ALONE = OST.replace("--servicenode=10.0.0.3", "")


def fails(c, cmd, status, text=""):
    r = c.n1.run(cmd, check=False)
    assert r.status == status, f"{cmd}: exit {r.status}, not {status}\n{r.out}{r.err}"
    assert text in r.err, r.err


def clean(c):
    c.n1.run(f"e2fsck -fn {DEV}")


def mountdata(c):
    c.n1.run(f"debugfs -R 'dump CONFIGS/mountdata /tmp/ldd' {DEV}")
    text = c.n1.out("base64 -w0 /tmp/ldd")
    import base64
    return base64.b64decode(text)


def test_dry_run_prints_and_writes_nothing(c):
    out = c.n1.out(f"mkfs.lustre --mgs --mdt --fsname=testfs --index=0 --dryrun {DEV}")
    assert "Target:     testfs:MDT0000\n" in out
    assert "Flags:      0x65\n              (MDT MGS first_time update )\n" in out
    assert "Persistent mount opts: user_xattr,errors=remount-ro\n" in out
    assert out.endswith("exiting before disk write.")
    assert c.n1.run(f"blkid {DEV}", check=False).status == 2


def test_wrong_options_are_refused(c):
    fails(c, f"mkfs.lustre --ost --index=1 --fsname=testfs --dryrun {DEV}", 22, "Must specify --mgsnode")
    fails(c, f"mkfs.lustre --ost --mgs --fsname=testfs --dryrun {DEV}", 22, "exclusive")
    fails(c, f"mkfs.lustre --fsname=testfs --dryrun {DEV}", 22, "Must set target type")
    fails(c, f"mkfs.lustre --mgs --mdt --fsname=ninechars --dryrun {DEV}", 1, "filesystem name")
    fails(c, f"mkfs.lustre --mgs --mdt --fsname=bad/name --dryrun {DEV}", 1)
    fails(c, f"mkfs.lustre --mgs --index=0 --dryrun {DEV}", 22, "index")
    fails(c, f"mkfs.lustre --mgs --mdt --index=65535 --fsname=testfs --dryrun {DEV}", 34)
    fails(c, f"mkfs.lustre --ost --index=1 --fsname=testfs --mgsnode=127.0.0.1 --dryrun {DEV}", 22, "NID")
    fails(c, f"mkfs.lustre --ost --index=1 --fsname=testfs --mgsnode=10.0.0.1@tcp --param lov.stripecount=2 --dryrun {DEV}", 22, "for the MDT")
    fails(c, "mkfs.lustre --ost --version", 22)
    assert c.n1.out("mkfs.lustre -V x").startswith("mkfs.lustre ")


def test_target_is_described_on_its_disk(c):
    out = c.n1.out(OST, timeout=120)
    assert "Target:     testfs:OST000a\nIndex:      10\n" in out
    assert "Flags:      0x1062\n              (OST first_time update no_primnode )\n" in out
    assert "Parameters: mgsnode=10.0.0.1@tcp:10.0.0.2@tcp failover.node=10.0.0.3@tcp\n" in out
    clean(c)
    assert c.n1.out(f"blkid -s LABEL -o value {DEV}") == "testfs:OST000a"
    assert {"mmp", "quota", "project"} <= set(c.n1.out(f"dumpe2fs -h {DEV} 2>/dev/null | grep features").split())
    data = mountdata(c)
    assert len(data) == 12288
    assert struct.unpack_from("<I12xIIII", data) == (0x1dd00001, 1, 0x1062, 10, 1)
    assert data[32:39] == b"testfs\0" and data[96:111] == b"testfs:OST000a\0"
    assert data[4096:4117] == b",errors=remount-ro\0\0\0"
    assert data[8192:].startswith(b" mgsnode=10.0.0.1@tcp:10.0.0.2@tcp failover.node=10.0.0.3@tcp\0")


def test_formatted_target_is_not_overwritten(c):
    fails(c, OST.replace("--reformat", ""), 1, "previously formatted")
    c.n1.run(OST, timeout=120)
    clean(c)


def test_tunefs_shows_before_and_after(c):
    out = c.n1.out(f"tunefs.lustre --dryrun {DEV}")
    assert out.startswith("checking for existing Lustre data: found\n\n   Read previous values:\nTarget:     testfs-OST000a\n")
    assert "   Permanent disk data:\nTarget:     testfs:OST000a\n" in out
    assert out.endswith("exiting before disk write.")


def test_tunefs_changes_a_registered_target(c):
    c.n1.run(OST_ALONE, timeout=120)
    # what registration does
    c.n1.run(f"tune2fs -L testfs-OST000a {DEV}")
    fails(c, f"tunefs.lustre --fsname=other {DEV}", 1)
    fails(c, f"tunefs.lustre --index=3 {DEV}", 1)
    out = c.n1.out(f"tunefs.lustre --writeconf {DEV}")
    assert "Target:     testfs=OST000a\n" in out
    assert c.n1.out(f"blkid -s LABEL -o value {DEV}") == "testfs=OST000a"
    c.n1.run(f"tunefs.lustre --erase-params --mgsnode=10.0.0.9 --param ost.x=1 --param ost.x=2 {DEV}")
    assert "Parameters: mgsnode=10.0.0.9@tcp ost.x=2\n" in c.n1.out(f"tunefs.lustre --dryrun {DEV}")
    clean(c)


def test_common_options_are_taken(c):
    base = "--ost --fsname=testfs --mgsnode=10.0.0.1@tcp --backfstype=ldiskfs --reformat"
    out = c.n1.out(f"mkfs.lustre {base} --index=0x1f --failnode=10.0.0.4@tcp:10.0.0.5@tcp --comment=hello "
                   f"--mkfsoptions='-N 5000 -E stride=16 -O ^huge_file' --param ost.a=1 {DEV}", timeout=120)
    assert "Target:     testfs:OST001f\nIndex:      31\n" in out and "Comment: hello\n" in out
    assert "failover.node=10.0.0.4@tcp:10.0.0.5@tcp ost.a=1\n" in out
    assert "-N 5000" in out and "stride=16" in out
    clean(c)
    out = c.n1.out(f"dumpe2fs -h {DEV} 2>&1")
    assert 4900 < int(out.split("Inode count:")[1].split()[0]) < 5200 and "huge_file" not in out
    assert c.n1.out(f"mkfs.lustre {base} --index=1 --quiet {DEV}", timeout=120) == ""
    fails(c, f"mkfs.lustre {base.replace('ldiskfs', 'zfs')} --index=1 {DEV}", 22, "backend")
    fails(c, f"mkfs.lustre {base} --index=1 --failnode=10.0.0.4 --servicenode=10.0.0.5 {DEV}", 1, "exclude")


def test_file_is_formatted_with_the_size_that_is_asked_for(c):
    mkfs = "mkfs.lustre --ost --fsname=testfs --index=2 --mgsnode=10.0.0.1@tcp"
    fails(c, f"mkfs.lustre --ost --fsname=testfs --index=2 --mgsnode=10.0.0.1@tcp /root/image", 22, "--device-size")
    c.n1.run(f"modprobe loop && {mkfs} --device-size=65536 /root/image && [ $(stat -c %s /root/image) = 67108864 ] && "
             "e2fsck -fn /root/image && losetup /dev/loop0 /root/image", timeout=120)
    assert "testfs:OST0002" in c.n1.out("tunefs.lustre --dryrun /dev/loop0")
    fails(c, f"{mkfs} --device-size=16000 --reformat /dev/loop0", 22, "32MB")
    c.n1.run("losetup -d /dev/loop0 && rm /root/image")


def test_crashed_target_is_not_changed_before_its_journal_is(c):
    """What is written now would be overwritten by the journal later."""
    c.n1.run(OST_ALONE, timeout=120)
    c.n1.run(f"debugfs -w -R 'feature needs_recovery' {DEV}")
    fails(c, f"tunefs.lustre --writeconf {DEV}", 117, "journal")
    c.n1.run(f"debugfs -w -R 'feature -needs_recovery' {DEV}")
    clean(c)


def test_foreign_disk_is_told(c):
    c.n1.run(f"mkfs.ext4 -q -F {DEV}", timeout=120)
    fails(c, f"tunefs.lustre --dryrun {DEV}", 19)
    r = c.n1.run(f"mount.lustre {DEV} /mnt", check=False)
    assert r.status == 19 and "mkfs.lustre" in r.err


def test_mount_passes_options_on(c):
    def data(cmd):
        return c.n1.out(f"mount.lustre -f -v {cmd} /mnt").split("mounting device ")[1]
    assert data("-o rw,flock,user_xattr,_netdev,noatime,retry=2 10.0.0.1@tcp:/testfs/dir") == \
        "10.0.0.1@tcp:/testfs/dir at /mnt, flags=0x400 options=flock,user_xattr,device=10.0.0.1@tcp:/testfs/dir"
    assert data("10.0.0.1,10.1.0.1@o2ib:10.0.0.2:/testfs").startswith(
        "10.0.0.1@tcp,10.1.0.1@o2ib:10.0.0.2@tcp:/testfs at /mnt, flags=0x1000000 ")
    fails(c, "mount.lustre -f nosuchhost.invalid:/testfs /mnt", 22, "Can't parse NID 'nosuchhost.invalid'")
    fails(c, "mount.lustre -f 10.0.0.1:/testfs /nosuchdir", 2, "cannot resolve")
