# SPDX-License-Identifier: GPL-2.0
"""The lock manager over RPC: a lock server and two clients in one node (tests/locks)."""

NODES = 1
KERNELS = ("6.1", "6.12")


def run(c, nid):
    c.n1.run("dmesg -C")
    r = c.n1.run(f"modprobe sheen_locks nid={nid}", check=False, timeout=300)
    text = c.n1.out("dmesg | grep 'locks: '")
    assert r.status == 0 and "BAD" not in text and "test 11 done" in text, text
    c.n1.run("modprobe -r sheen_locks")


def setup(c):
    c.n1.run("modprobe lnet networks='tcp(eth0)'")


def test_locks_over_tcp(c):
    run(c, f"{c.n1.ip}@tcp")


def test_locks_over_loopback(c):
    run(c, "0@lo")
