# SPDX-License-Identifier: GPL-2.0
"""The power goes at any moment: what was promised is there, and the targets agree with themselves.

SHEEN_SEED=N repeats the loads and the waits of another run.
"""

import json
import os
import random
import time

import _fidcheck
import _tree
from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["512M"], "oss": ["512M", "512M"]}
KERNELS = ("6.12",)

SEED = int(os.environ.get("SHEEN_SEED", "20"))
LOADS = 2
OPTIONS = "flock,user_xattr"


def setup(c):
    c.fidcheck = _fidcheck.build()
    c.random = random.Random(SEED)
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.fs.mount(options=OPTIONS)
    c.c1.put(_tree.__file__, "/root/_tree.py")


class Load:
    """One process of _tree.py in a directory of its own."""

    def __init__(self, c, number):
        self.c, self.seed, self.promised, self.text = c, SEED * 1000 + number, 0, b""
        self.said = ""
        self.where = f"{c.fs.mnt}/load{number}"
        c.c1.run(f"mkdir -m 777 {self.where} && sync {self.where}")
        self.process = c.c1.spawn(f"exec python3 /root/_tree.py run {self.where} {self.seed}", on_output=self.output)

    def output(self, data):
        *lines, self.text = (self.text + data).split(b"\n")
        for line in lines:
            if line.isdigit() and not self.said:
                self.promised = int(line)
            else:       # what Python says when an operation failed
                self.said += line.decode(errors="replace") + "\n"

    def check(self):
        found = json.loads(self.c.c1.out(f"python3 /root/_tree.py scan {self.where}", timeout=300))
        return _tree.check(found, self.seed, self.promised)


def run_until(loads, operations):
    deadline = time.monotonic() + 120
    while min(load.promised for load in loads) < operations:
        assert not any(load.said for load in loads), "\n".join(load.said for load in loads)
        assert time.monotonic() < deadline, f"only {[load.promised for load in loads]} operations in two minutes"
        time.sleep(0.02)


def check_disks(c):
    for node, disk in [(c.mds, 0), (c.oss, 0), (c.oss, 1)]:
        assert node.fsck(disk, also=c.fidcheck)


def cut_and_check(c, cut):
    c.count = getattr(c, "count", 0) + 1
    loads = [Load(c, LOADS * c.count + i) for i in range(LOADS)]
    run_until(loads, 150)
    time.sleep(c.random.uniform(0, 2))          # the moment is the point of the test
    assert not any(load.said for load in loads), "\n".join(load.said for load in loads)
    cut()
    c.kill()
    check_disks(c)
    c.boot()
    c.fs.start("abort_recov")
    c.fs.mount(options=OPTIONS)
    c.c1.put(_tree.__file__, "/root/_tree.py")
    for load in loads:
        assert load.check() >= load.promised > 0


def test_promises_survive_a_power_cut_of_everything(c):
    cut_and_check(c, lambda: None)


def test_promises_survive_when_the_metadata_server_goes_first(c):
    def cut():
        c.mds.kill()
        time.sleep(c.random.uniform(0, 1))
    cut_and_check(c, cut)


def test_promises_survive_when_the_object_server_goes_first(c):
    def cut():
        c.oss.kill()
        time.sleep(c.random.uniform(0, 1))
    cut_and_check(c, cut)


def test_what_was_recovered_can_be_removed(c):
    c.c1.run(f"rm -r {c.fs.mnt}/load*", timeout=300)
    c.fs.down()
    check_disks(c)


def teardown(c):
    pass
