# SPDX-License-Identifier: GPL-2.0
"""Transactions on ext4: whatever moment the power goes, names, inodes, FIDs, attributes,
records and logs agree; and what was reported as committed is there."""

import os
import random
import re
import shutil
import subprocess
import time

import _fidcheck
import _logwrites
from cluster import Skip

NODES = 1
DISKS = ["512M", "512M", "96M"]
KERNELS = ("6.12",)
MKFS = "mke2fs -q -F -t ext4 -b 4096 -I 512 -J size=16 -O ea_inode,quota,project,large_dir,^fast_commit"
ROUNDS = {"debug": 1, "6.1": 2}         # power cuts; 6.12 has more
CONTROL = "/sys/kernel/debug/sheen_stress"


def stress(c, command, timeout=600):
    r = c.n1.run(f"echo {command} > {CONTROL}", check=False, timeout=timeout)
    bad = [l for l in c.n1.out("dmesg | grep 'stress: BAD' || true").splitlines()]
    assert r.status == 0 and not bad, "\n".join([f"{command}: {r.err}"] + bad[:20])


def attach(c, disk):
    c.n1.run("modprobe sheen_stress", timeout=180)
    stress(c, f"mount {disk}")


def detach(c):
    stress(c, "umount")
    c.n1.run("rmmod sheen_stress; rmmod ldiskfs; dmesg -C")


def transnos(c, what):
    """Last 'stress: committed A B' on the console, or transnos of the check."""
    text = c.n1.console.text()
    if what == "committed":
        found = re.findall(r"stress: committed (\d+) (\d+)", text)
        return [int(x) for x in found[-1]] if found else [0, 0]
    return [int(re.findall(rf"stress: thread {t}: transno (\d+) live", text)[-1]) for t in (0, 1)]


def cut_and_check(c, disk, seconds):
    """Load, power cut, recovery, check. Returns how many transactions were committed."""
    c.n1.wait_for("true")
    before = transnos(c, "committed")
    c.n1.run(f"echo start > {CONTROL}")
    deadline = time.monotonic() + 60
    while transnos(c, "committed") == before and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(seconds)         # the moment of the cut is the point of the test
    c.n1.kill()
    committed = transnos(c, "committed")
    c.n1.boot()
    attach(c, disk)
    stress(c, "check")
    found = transnos(c, "found")
    assert all(a <= b for a, b in zip(committed, found)), \
        f"reported committed {committed}, recovered {found}"
    return committed


def setup(c):
    c.n1.run(f"{MKFS} /dev/vda; {MKFS} /dev/vdb; {MKFS} /dev/vdc", timeout=300)


def test_interface_does_what_it_says(c):
    attach(c, "/dev/vda")
    stress(c, "api")
    detach(c)
    assert c.n1.fsck(0)


def test_device_in_use_is_refused_to_others(c):
    attach(c, "/dev/vda")
    assert c.n1.run("mount -t ext4 /dev/vda /mnt", check=False).status
    assert c.n1.run(f"{MKFS} /dev/vda", check=False).status
    detach(c)
    c.n1.run("mount -t ext4 /dev/vda /mnt && umount /mnt")


def test_unfit_file_systems_are_refused(c):
    c.n1.run("modprobe sheen_stress")
    for options in ("-O ^has_journal", "-b 4096 -O fast_commit", "-b 1024", "-b 4096 -O inline_data",
                    "-b 4096 -O ^dir_index"):
        c.n1.run(f"mke2fs -q -F -t ext4 {options} /dev/vdc")
        r = c.n1.run(f"echo mount /dev/vdc > {CONTROL}", check=False)
        assert r.status, options
    c.n1.run("dmesg | grep -q 'vdc: cannot be used: it has fast_commit'")
    c.n1.run(f"rmmod sheen_stress; {MKFS} /dev/vdc")


def test_power_cuts_leave_everything_in_agreement(c):
    attach(c, "/dev/vda")
    total = 0
    for _ in range(ROUNDS.get(c.kernel.name, 4)):
        total += sum(cut_and_check(c, "/dev/vda", random.uniform(0.3, 3)))
    detach(c)
    assert c.n1.fsck(0)
    assert total > 100, f"only {total} transactions"


def sh(*cmd):
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert p.returncode == 0, f"{cmd}: {p.returncode}\n{p.stdout[-3000:]}"


def recorded_load(c, image):
    """A load on vda with every write recorded on vdb; the state before it is put into an image."""
    c.n1.run(f"{MKFS} /dev/vda && blockdev --flushbufs /dev/vda && modprobe dm-log-writes && "
             "wipefs -qa /dev/vdb && "
             "DM_DISABLE_UDEV=1 dmsetup create log --table \"0 $(blockdev --getsz /dev/vda) log-writes /dev/vda /dev/vdb\"")
    sh("cp", "--sparse=always", c.n1.files[0], image)
    before = transnos(c, "committed")
    attach(c, "/dev/dm-0")
    c.n1.run(f"echo start > {CONTROL}")
    deadline = time.monotonic() + 60
    while sum(transnos(c, "committed")) - sum(before) < 300 and time.monotonic() < deadline:
        time.sleep(0.1)
    stress(c, "stop")
    detach(c)
    c.n1.run("DM_DISABLE_UDEV=1 dmsetup remove log && blockdev --flushbufs /dev/vda && blockdev --flushbufs /dev/vdb")


def test_every_flush_leaves_a_consistent_file_system(c):
    """Also with a write cache that forgets: what a disk has after each flush, replayed from a record."""
    fidcheck = _fidcheck.build()
    image = os.path.join(c.dir, "replay")
    copy = image + ".copy"
    recorded_load(c, image)
    total = _logwrites.count_flushes(c.n1.files[1])
    assert total > 20, total
    wanted = random.sample(range(1, total + 1), 16) + [total]
    mounted = 0
    for number in _logwrites.states(c.n1.files[1], image, wanted):
        sh("cp", "--sparse=always", image, copy)
        sh("e2fsck", "-E", "journal_only", "-y", copy)
        sh("e2fsck", "-fn", copy)
        if b"fidindex" not in subprocess.run(["debugfs", "-R", "ls /", copy], stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, check=True).stdout.split():
            continue        # before the first mount was done
        sh(fidcheck, copy)
        if number in sorted(wanted)[-3:]:       # the module reads it too, and replays the journal itself
            shutil.copyfile(image, c.n1.files[0])
            c.n1.run("blockdev --flushbufs /dev/vda")
            attach(c, "/dev/vda")
            stress(c, "check")
            detach(c)
            mounted += 1
    assert mounted
    c.n1.run("wipefs -qa /dev/vdb; rmmod dm-log-writes")
    os.unlink(image)
    os.unlink(copy)


def test_check_notices_a_transaction_torn_in_two(c):
    """Negative control: the same load with the handle stopped half way."""
    if c.kernel.name != "6.12":
        raise Skip("it is the check that is checked: one kernel is enough")
    c.n1.run(f"{MKFS} /dev/vdb")
    attach(c, "/dev/vdb")
    for _ in range(6):
        c.n1.run(f"echo start split > {CONTROL}")
        time.sleep(random.uniform(1.5, 3))
        c.n1.kill()
        c.n1.boot()
        attach(c, "/dev/vdb")
        if c.n1.run(f"echo check > {CONTROL}", check=False).status:
            break
    else:
        raise AssertionError("six torn runs, and nothing was noticed")
    c.n1.run(f"dmesg -C; echo umount > {CONTROL}; rmmod sheen_stress")
    assert c.n1.fsck(1)


def test_replay_does_not_bring_back_freed_journaled_blocks(c):
    attach(c, "/dev/vdc")
    stress(c, "stale-before")
    c.n1.reboot()
    attach(c, "/dev/vdc")
    stress(c, "stale-after")
    detach(c)
    assert c.n1.fsck(2)


def test_writers_survive_a_tiny_dirty_limit(c):
    c.n1.run(f"{MKFS} /dev/vdb; sysctl -q vm.dirty_bytes=131072 vm.dirty_background_bytes=65536")
    attach(c, "/dev/vdb")
    c.n1.run(f"echo start > {CONTROL}")
    time.sleep(4)
    stress(c, "stop")
    stress(c, "check")
    detach(c)
    c.n1.run("sysctl -q vm.dirty_ratio=20 vm.dirty_background_ratio=10")
