# SPDX-License-Identifier: GPL-2.0
"""Cables, nodes and clients that fail while others work: nothing acknowledged is lost, nobody
waits for ever, and who lost something is told."""

from cluster import each
from cluster.lustre import FileSystem

NODES = ["mds", "oss1", "oss2", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss1": ["1G"], "oss2": ["1G"]}
KERNELS = ("6.12",)
MEM = 900

TIMEOUT = 16        # pings every 4 s; the silent are evicted after 36 s, who keeps a lock after 24 s


def tune(n):
    n.run(f"modprobe ptlrpc && lctl set_param timeout={TIMEOUT} at_history=20 &&"
          " echo 5 > /sys/module/ptlrpc/parameters/ldlm_enqueue_min")


def setup(c):
    c.fs = FileSystem(c)
    c.fs.format()
    each(c.nodes, tune)
    c.fs.start()
    c.fs.mount()
    c.c1.run(f"cd {c.fs.mnt} && mkdir one two && lfs setstripe -c 1 -i 0 one && lfs setstripe -c 1 -i 1 two")


def forget(*nodes):
    """What the kernel said until now is no concern of the next test."""
    each(nodes, lambda n: n.run("dmesg -C"))


def said(n, text):
    return n.run(f"dmesg | grep -q '{text}'", check=False).status == 0


def evictions(c):
    return [n.name for n in (c.mds, c.oss1, c.oss2) if said(n, "evicting client")]


def disconnected(n, what):
    return f"lctl get_param -n {what}.*.import | grep -q 'state: *\\(DISCONN\\|CONNECTING\\)'"


def usable(c, n, timeout=300):
    """Both kinds of servers answer this client, data arrives on both OSTs."""
    n.wait_for(f"cd {c.fs.mnt} && for d in one two; do echo {n.name} > $d/usable && sync $d/usable && rm $d/usable || exit 1; done",
               timeout)


# --- parameters ---

def test_timeouts_are_parameters(c):
    for name, value in (("at_min", 5), ("at_max", 600), ("at_early_margin", 5), ("at_extra", 30)):
        assert c.c1.out(f"lctl get_param -n {name}") == str(value)
        c.c1.run(f"lctl set_param {name}={value + 1} && [ $(lctl get_param -n {name}) = {value + 1} ] && lctl set_param {name}={value}")
    assert c.c1.out("cat /sys/module/ptlrpc/parameters/at_history") == "20"
    for bad in ("timeout=0", "timeout=-1", "at_history=0", "at_max=99999", "at_min=x"):
        assert c.c1.run(f"lctl set_param {bad}", check=False).status, bad
    assert c.c1.out("lctl get_param -n timeout") == str(TIMEOUT)


# --- wires ---

def test_short_cut_delays_and_loses_nothing(c):
    forget(*c.nodes)
    data = c.c1.spawn(f"cd {c.fs.mnt} && for d in one two; do head -c 8M /dev/urandom | tee $d/cut > /tmp/$d.cut && sync $d/cut || exit 1; done")
    names = c.c1.spawn(f"cd {c.fs.mnt} && for i in $(seq 100); do mkdir cut$i && mv cut$i tuc$i && rmdir tuc$i || exit 1; done")
    for _ in range(3):
        c.c1.cut()
        c.c2.run("sleep 2")
        c.c1.heal()
        c.c2.run("sleep 1")
    data.wait(timeout=300)
    names.wait(timeout=300)
    c.c2.run(f"cd {c.fs.mnt} && sync && md5sum one/cut two/cut && ! ls -d cut* tuc* 2>/dev/null")
    assert c.c2.out(f"cat {c.fs.mnt}/one/cut {c.fs.mnt}/two/cut | md5sum") == c.c1.out("cat /tmp/one.cut /tmp/two.cut | md5sum")
    assert not evictions(c)


def test_lost_connection_is_made_again(c):
    """Cut until the client has noticed: requests are sent again, and executed once."""
    forget(*c.nodes)
    c.c1.run(f"mkdir {c.fs.mnt}/again")
    c.c1.cut()
    p = c.c1.spawn(f"cd {c.fs.mnt}/again && mkdir a && mkdir b && mv a c && ln -s x l && echo data > f && sync f")
    c.c1.wait_for(disconnected(c.c1, "mdc"), timeout=60)
    c.c1.heal()
    p.wait(timeout=300)
    assert c.c2.out(f"cd {c.fs.mnt}/again && ls && cat f").split() == ["b", "c", "f", "l", "data"]
    assert said(c.c1, "was lost") and said(c.c1, "again")
    assert not evictions(c)


def test_lossy_wire_loses_nothing(c):
    forget(*c.nodes)
    for n in (c.c1, c.oss1, c.mds):
        n.run("tc qdisc add dev eth0 root netem loss 2%")
    c.c1.run(f"cd {c.fs.mnt} && mkdir lossy && for i in $(seq 50); do echo $i > lossy/$i || exit 1; done; "
             "head -c 4M /dev/urandom | tee one/lossy > /tmp/lossy && sync one/lossy", 600)
    assert c.c2.out(f"cd {c.fs.mnt} && cat lossy/* | wc -w && md5sum < one/lossy", 600).split()[:2] == \
        ["50", c.c1.out("md5sum < /tmp/lossy").split()[0]]
    for n in (c.c1, c.oss1, c.mds):
        n.run("tc qdisc del dev eth0 root")
    assert not evictions(c)


# --- clients ---

def test_waiting_for_a_dead_client_ends_in_its_eviction(c):
    """The MDT waits for the lock of a client that does not answer: others get early replies and wait."""
    c.c1.run(f"mkdir {c.fs.mnt}/held && ls -l {c.fs.mnt}/held && echo mine > {c.fs.mnt}/one/held && ls {c.fs.mnt}/held")
    forget(*c.nodes)
    c.c1.kill()
    c.c2.run(f"touch {c.fs.mnt}/held/by-c2 && cat {c.fs.mnt}/one/held", 300)
    assert said(c.mds, "evicting client")
    assert not said(c.c2, "was lost"), "the client that waited lost its patience"
    # where nobody waits for it, its silence is noticed
    c.oss2.wait_for("dmesg | grep -q 'evicting client.*not been heard of'", timeout=200)
    c.c1.boot()
    tune(c.c1)
    c.fs.mount([c.c1])
    usable(c, c.c1)


def test_evicted_client_is_told_once_and_goes_on(c):
    f = f"{c.fs.mnt}/one/evicted"
    forget(*c.nodes)
    # the lock and the space are there when the cable goes: what is written then stays dirty
    p = c.c1.spawn(f"""exec 3>>{f} && echo before >&3 && sync {f} && touch /tmp/ready
        while [ ! -e /tmp/cut ]; do sleep 0.2; done; echo lost >&3 && touch /tmp/dirty
        while [ ! -e /tmp/healed ]; do sleep 0.2; done
        sync {f}; echo first $?; sync {f}; echo second $?; echo after >&3 && sync {f}; echo third $?""")
    c.c1.wait_for("[ -e /tmp/ready ]", timeout=60)
    c.c1.cut()
    c.c1.run("touch /tmp/cut")
    c.c1.wait_for("[ -e /tmp/dirty ]", timeout=60)
    assert c.c2.out(f"cat {f}", 300) == "before"
    assert said(c.oss1, "evicting client")
    c.c1.heal()
    c.c1.wait_for("dmesg | grep -q 'has evicted us'", timeout=120)
    c.c1.run("touch /tmp/healed")
    out = p.wait(timeout=300).out.split()
    assert out[:2] == ["first", "1"], out       # the data is gone: fsync says so
    assert out[2:] == ["second", "0", "third", "0"], out
    assert c.c2.out(f"cat {f}", 300).split() == ["before", "after"]
    usable(c, c.c1)


def test_a_process_killed_inside_an_open_or_a_lock_leaves_nothing_on_the_mdt(c):
    f = f"{c.fs.mnt}/killed"
    c.c1.run(f"touch {f}")
    for what in ("open(path)", "fcntl.flock(f, fcntl.LOCK_EX)"):
        c.c1.run("rm -f /tmp/pid /tmp/go")
        p = c.c1.spawn(f"""exec python3 -c "
import fcntl, os, time
path = '{f}'
f = open(path)
print(os.getpid(), file=open('/tmp/pid.new', 'w'))
os.rename('/tmp/pid.new', '/tmp/pid')
while not os.path.exists('/tmp/go'): time.sleep(.1)
{what}
" """)
        c.c1.wait_for("[ -s /tmp/pid ]", timeout=60)
        c.c1.cut()
        c.c1.run("touch /tmp/go")
        c.c1.wait_for("grep -q rpc_call /proc/$(cat /tmp/pid)/stack", timeout=60)
        c.c1.run("kill -9 $(cat /tmp/pid)")
        p.wait(timeout=60, check=False)
        c.c1.heal()
        c.c2.wait_for(f"flock -n {f} true", timeout=120)
        c.mds.wait_for("[ -z \"$(lctl get_param -n mdt.*.exports.*.open_files)\" ]", timeout=120)


def teardown(c):
    c.fs.down()
