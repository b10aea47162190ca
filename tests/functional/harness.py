# SPDX-License-Identifier: GPL-2.0
"""The virtual nodes themselves: what the other tests rely on."""

import os

from cluster import Failure, Skip, expect_failure

NODES = 2
DISKS = ["256M"]
KERNELS = ("6.1", "6.12", "7.2")


def test_node_runs_the_kernel_it_should(c):
    for n in c.nodes:
        assert n.out("uname -r") == c.kernel.release
        assert n.out("hostname") == n.name


def test_exit_status_and_both_outputs_come_back(c):
    r = c.n1.run("echo a; echo b >&2; exit 7", check=False)
    assert (r.status, r.out, r.err) == (7, "a\n", "b\n")
    assert c.n1.run("kill -9 $$", check=False).status == 128 + 9
    assert c.n1.run("cat", stdin=b"x" * 100000).out == "x" * 100000


def test_command_that_takes_too_long_is_killed(c):
    with expect_failure("not done after 1 s"):
        c.n1.run("sleep 1000", timeout=1)
    assert c.n1.run("pgrep -x sleep", check=False).status == 1


def test_nodes_reach_each_other(c):
    c.n1.run("ping -c 3 -i 0.2 n2")


def test_cut_cable_stops_traffic_until_healed(c):
    c.n2.cut()
    assert c.n1.run("ping -c 1 -W 1 n2", check=False).status == 1
    c.n2.heal()
    c.n1.wait_for("ping -c 1 -W 1 n2")


def test_socket_of_the_test_reaches_a_node(c):
    p = c.n1.spawn("exec socat -u TCP-LISTEN:4242 -")
    c.n1.wait_for("ss -ltn | grep -q :4242")
    with c.socket() as s:
        s.connect((c.n1.ip, 4242))
        s.sendall(b"raw bytes")
    assert p.wait().out == "raw bytes"


def test_partition_separates_groups(c):
    c.partition([c.n1], [c.n2])
    assert c.n1.run("ping -c 1 -W 1 n2", check=False).status == 1
    c.heal()
    c.n1.wait_for("ping -c 1 -W 1 n2")


def test_capture_shows_the_wire(c):
    path = c.path("ping.pcap")
    c.start_capture(path)
    c.n1.run("ping -c 1 -s 1000 -p 53686565 n2")
    c.stop_capture(path)
    with open(path, "rb") as f:
        assert f.read().count(b"Shee" * 200) == 2


def test_power_cut_keeps_what_a_disk_acknowledged(c):
    c.n1.run("modprobe -q ext4; mkfs.ext4 -q /dev/vda && mount /dev/vda /mnt && echo kept > /mnt/f && sync /mnt/f")
    c.n1.run("head -c 1M /dev/urandom > /mnt/unsynced")
    c.n1.reboot()
    assert c.n1.fsck(0)
    c.n1.run("modprobe -q ext4; mount /dev/vda /mnt")
    assert c.n1.read("/mnt/f") == "kept\n"
    c.n1.run("umount /mnt")
    assert c.n1.fsck(0)


def test_damaged_disk_is_noticed(c):
    c.n2.run("mkfs.ext4 -q /dev/vda && debugfs -w -R 'clri <2>' /dev/vda && blockdev --flushbufs /dev/vda")
    with expect_failure("e2fsck"):
        c.n2.fsck(0)
    c.n2.run("wipefs -qa /dev/vda")


def provoke(c, what):
    """The kernel's complaint about a provoked mistake, as the harness reports it."""
    c.n1.run(f"modprobe sheen_provoke what={what}", check=False)
    try:
        c.check_consoles()
    except Failure as e:
        return str(e)
    return ""


def test_warning_on_a_console_is_noticed(c):
    assert "provoke_init" in provoke(c, "warn")


# The kernel stops checking lock order after an overrun: so this one comes first.
def test_lock_order_inversion_is_noticed(c):
    if c.kernel.name != "debug":
        raise Skip("needs lockdep")
    assert "possible circular locking dependency" in provoke(c, "order")


def test_memory_overrun_is_noticed(c):
    if c.kernel.name != "debug":
        raise Skip("needs KASAN")
    assert "slab-out-of-bounds" in provoke(c, "overrun")


def test_sleep_in_atomic_context_is_noticed(c):
    if c.kernel.name != "debug":
        raise Skip("needs DEBUG_ATOMIC_SLEEP")
    assert "sleeping function called from invalid context" in provoke(c, "sleep")


def test_leak_is_noticed(c):
    if c.kernel.name != "debug":
        raise Skip("needs kmemleak")
    assert "leaked" not in provoke(c, "leak")
    with expect_failure("leaked memory"):
        c.n1.kmemleak()
    c.n1.console.complaints()
    c.n1.run("echo clear > /sys/kernel/debug/kmemleak")


def test_dead_node_fails_the_command_that_ran_on_it(c):
    p = c.n2.spawn("sleep 1000")
    c.n2.kill()
    with expect_failure("went away"):
        p.wait(10)
    c.n2.boot()
    assert not os.path.exists(c.path("n2.disk1"))
