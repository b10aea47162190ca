# SPDX-License-Identifier: GPL-2.0
"""What an operation of a warm client costs: its requests, by opcode, are counted and may not
become more. The numbers are those of the design: a row of its table is a test here."""

import contextlib
import json

from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss": ["2G", "2G"]}
KERNELS = ("6.12",)

# Runs in the node: one process, so that nothing of a shell or of Python's start is counted.
RUN = r"""
import ctypes, glob, json, mmap, os, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def counts():
    total = {}
    for path in glob.glob("/sys/kernel/debug/lustre/[mo][ds]c/*/stats"):
        target = path.split("/")[-3]
        for line in open(path):
            word = line.split()
            if len(word) > 2 and word[2] == "samples" and not word[0].startswith(("obd_ping", "req_")) \
                    and not word[0].endswith("_bytes"):
                name = target + " " + word[0]
                total[name] = total.get(name, 0) + int(word[1])
    return total

def settled():
    # closes and cancels are not waited for
    end = time.monotonic() + 60
    while any("inflight: 0\n" not in open(path).read()
              for path in glob.glob("/sys/kernel/debug/lustre/[mo][ds]c/*/import")):
        assert time.monotonic() < end, "requests without an end"
        time.sleep(0.01)

def opened(name, flags=os.O_RDONLY):
    return os.open(name, flags, 0o644)

os.chdir(sys.argv[1])
names = ["f%03d" % i for i in range(10)]
exec(sys.argv[2])
settled()
before = counts()
exec(sys.argv[3])
settled()
after = counts()
exec(sys.argv[4])
print(json.dumps({k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k, 0)}))
"""


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()
    for n in c.fs.clients:
        n.write("/tmp/run.py", RUN)
    c.number = 0


def cost(c, what, first="", last="", node=None, where=None):
    """Requests of one client while it does what, after it did first."""
    n = node or c.c1
    where = where or fresh(c)
    r = n.run(f"python3 /tmp/run.py {where} '{first}' '{what}' '{last}'", 300)
    return json.loads(r.out)


def fresh(c, options=""):
    """A new directory, known to client 1."""
    c.number += 1
    where = f"{c.fs.mnt}/d{c.number}"
    c.c1.run(f"mkdir {where} && {options or 'true'} && stat {where}".replace("DIR", where))
    return where


@contextlib.contextmanager
def cold(c, where=None, files=10, data=""):
    """Files that client 1 made, on client 2, which knows the directory only."""
    where = where or fresh(c)
    c.c1.run(f"cd {where} && for i in $(seq 0 {files - 1}); do printf '%s' '{data}' > $(printf f%03d $i); done; sync", 300)
    c.c2.run(f"stat {where}")
    yield where


def within(got, **allowed):
    """No request but those of allowed ('mdc_mds_close=3': up to three), none more often."""
    allowed = {k.replace("_", " ", 1): v for k, v in allowed.items()}
    over = {k: v for k, v in got.items() if v > allowed.get(k, 0)}
    assert not over, f"more than the design allows: {over}; all: {got}; allowed: {allowed}"


def test_open_and_close_cost_one_request_each(c):
    with cold(c) as where:
        got = cost(c, "for f in names: os.close(opened(f))", node=c.c2, where=where)
    within(got, mdc_ldlm_ibits_enqueue=10, mdc_mds_close=10)


def test_create_and_close_cost_one_request_each(c):
    got = cost(c, "for f in names: os.close(opened(f, os.O_CREAT | os.O_WRONLY))",
               first="for f in (\"one\", \"two\"): os.close(opened(f, os.O_CREAT | os.O_WRONLY))")
    within(got, mdc_ldlm_ibits_enqueue=10, mdc_mds_close=10)


def test_stat_costs_one_request_and_one_for_each_object(c):
    with cold(c, fresh(c, "lfs setstripe -c 2 DIR"), data="text") as where:
        got = cost(c, "for f in names: os.stat(f)", node=c.c2, where=where)
    within(got, mdc_ldlm_ibits_enqueue=10, osc_ldlm_glimpse_enqueue=20)


def test_a_listing_costs_one_page_and_one_request_for_each_file_and_object(c):
    with cold(c, files=100, data="text") as where:
        got = cost(c, "for f in os.listdir(\".\"): os.stat(f)", node=c.c2, where=where)
    # and a lock under which the directory's pages stay
    within(got, mdc_ldlm_ibits_enqueue=101, osc_ldlm_glimpse_enqueue=100, mdc_mds_readpage=1)


def test_statahead_asks_once_for_each_file_and_object(c):
    # without data: where another client may have more of it, what was asked for ahead is not news
    with cold(c, fresh(c, "lfs setstripe -c 2 DIR"), files=100) as where:
        got = cost(c, "for e in entries: os.stat(e.name)", first="entries = os.scandir(\".\")", last="entries.close()",
                   node=c.c2, where=where)
    within(got, mdc_ldlm_ibits_enqueue=101, osc_ldlm_glimpse_enqueue=200, mdc_mds_readpage=1)


def test_unlink_costs_one_request(c):
    got = cost(c, "for f in names: os.unlink(f)",
               first="for f in names: os.close(opened(f, os.O_CREAT | os.O_WRONLY))")
    within(got, mdc_mds_reint_unlink=10)


def test_unlink_of_files_with_data_gives_up_their_locks_together(c):
    got = cost(c, "for f in names: os.unlink(f)",
               first="for f in names: fd = opened(f, os.O_CREAT | os.O_WRONLY); os.write(fd, b\"text\"); os.fsync(fd); os.close(fd)")
    within(got, mdc_mds_reint_unlink=10, osc_ldlm_cancel=4)


def test_unlink_of_files_that_another_client_made_costs_one_request_beyond_the_lookup(c):
    with cold(c) as where:
        got = cost(c, "for f in names: os.unlink(f)", node=c.c2, where=where)
    # and one for the lock on the directory, which the first change of it took away
    within(got, mdc_mds_reint_unlink=10, mdc_ldlm_ibits_enqueue=11)


def test_rename_costs_one_request(c):
    got = cost(c, "for f in names: os.rename(f, f + \"new\")",
               first="for f in names: os.close(opened(f, os.O_CREAT | os.O_WRONLY))")
    within(got, mdc_mds_reint_rename=10, mdc_ldlm_ibits_enqueue=10)


def test_mkdir_costs_one_request(c):
    within(cost(c, "for f in names: os.mkdir(f)", first="os.mkdir(\"first\")"), mdc_mds_reint_create=10, mdc_ldlm_ibits_enqueue=1)


def test_chmod_costs_one_request(c):
    got = cost(c, "for f in names: os.chmod(f, 0o600)",
               first="for f in names: os.close(opened(f, os.O_CREAT | os.O_WRONLY))")
    within(got, mdc_mds_reint_setattr=10)


def test_buffered_writes_cost_one_request_for_4_mib_and_less_than_that_nothing_until_fsync(c):
    first = ("fd = opened(\"f\", os.O_CREAT | os.O_WRONLY); os.write(fd, b\"x\"); os.fsync(fd); "
             "data = bytes(1 << 20)")
    write = "os.lseek(fd, 0, 0); [os.write(fd, data) for i in range({})]"
    where = fresh(c)
    within(cost(c, write.format(3), first=first, where=where))
    within(cost(c, write.format(8), first=first, where=where), osc_ost_write=2)
    within(cost(c, write.format(8) + "; os.fsync(fd)", first=first, where=where), osc_ost_write=2, osc_ost_sync=1, mdc_mds_sync=1)


def test_sequential_read_costs_one_request_for_4_mib(c):
    where = fresh(c)
    c.c1.run(f"dd if=/dev/zero of={where}/f bs=1M count=32 conv=fsync")
    c.c2.run(f"stat {where}")
    got = cost(c, "while os.read(fd, 1 << 20): pass", first="fd = opened(\"f\")", node=c.c2, where=where)
    # read-ahead begins with less than a whole request
    within(got, osc_ldlm_extent_enqueue=1, osc_ost_read=10)


def test_direct_io_of_4_mib_costs_one_request(c):
    first = ("fd = opened(\"f\", os.O_CREAT | os.O_RDWR | os.O_DIRECT); data = mmap.mmap(-1, 4 << 20); "
             "os.pwrite(fd, data, 0)")
    got = cost(c, "os.pwrite(fd, data, 0)", first=first)
    within(got, osc_ost_write=1, osc_ldlm_extent_enqueue=1)
    got = cost(c, "os.preadv(fd, [data], 0)", first=first)
    within(got, osc_ost_read=1, osc_ldlm_glimpse_enqueue=1)


def test_what_is_under_a_lock_costs_nothing(c):
    first = ("fd = opened(\"f\", os.O_CREAT | os.O_RDWR); os.write(fd, b\"text\"); os.fsync(fd); os.stat(\"f\"); os.listdir(\".\")")
    got = cost(c, "[(os.stat(\"f\"), os.fstat(fd), os.pread(fd, 4, 0), os.access(\"f\", os.R_OK)) for i in range(10)]", first=first)
    within(got)


def teardown(c):
    c.fs.down()
