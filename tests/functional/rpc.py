# SPDX-License-Identifier: GPL-2.0
"""RPC: calls, bulk, resending, eviction, early replies and damaged messages, against a
target that stores nothing (tests/echo)."""

KERNELS = ("6.12",)
NODES = 2


def setup(c):
    c.n1.run("modprobe sheen_echo server=1")


def test_echo_target_keeps_what_rpc_promises(c):
    r = c.n2.run("modprobe sheen_echo target=10.0.0.1@tcp", check=False, timeout=600)
    said = c.n2.out("dmesg | grep echo: || true")
    print(said)
    assert r.status == 0 and "echo: PASSED" in said, said


def test_modules_can_be_unloaded_after_use(c):
    c.n2.run("rmmod sheen_echo ptlrpc")
    c.n1.run("rmmod sheen_echo ptlrpc")
