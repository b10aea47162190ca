# SPDX-License-Identifier: GPL-2.0
"""Virtual nodes: QEMU machines on a bridge in a network namespace of their own.

    with Cluster(kernel="6.12", nodes=2, disks=["4G"]) as c:
        c.boot()
        c.n1.run("ping -c1 n2")

Every process and file of a cluster belongs to one directory, so that any
number of clusters runs at once. A guard process removes all of it when the
process that made the cluster goes away, unless it was told to keep it.
"""

import contextlib
import ctypes
import functools
import json
import mmap
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from . import images, kernels
from .agent import Agent, CommandFailed, NodeDied, Result
from .cache import TOP, Failure, say, sh
from .console import Console

ARGS = ("console=ttyS0 loglevel=7 panic=-1 mitigations=off nokaslr audit=0 init_on_alloc=0 tsc=reliable "
        "no_timer_check nowatchdog random.trust_cpu=on net.ifnames=0 no5lvl printk.devkmsg=on "
        "rcupdate.rcu_cpu_stall_timeout=120")

GUARD = r"""
echo ready
read -r word
[ "$word" = keep ] && exec sleep infinity
for f in "$1"/*.pid; do
	[ -e "$f" ] && kill -9 "$(cat "$f")" 2>/dev/null
done
[ "$word" = leave ] || rm -rf "$1"
"""


@functools.cache
def tsc_khz():
    """Frequency of the time stamp counter, which the emulator passes on to its guests. One that measures
    it itself while the host is busy may be wrong by a factor, and all its timeouts with it."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))      # rdtsc; shl rdx, 32; or rax, rdx; ret
    rdtsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(code)))

    def now():
        """The pair that was read with the least between."""
        reads = []
        for _ in range(100):
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
            ticks = rdtsc()
            after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
            reads.append((after - before, (before + after) // 2, ticks))
        return min(reads)[1:]

    t0, c0 = now()
    time.sleep(0.2)
    t1, c1 = now()
    return (c1 - c0) * 10**6 // (t1 - t0)


def parse_size(text):
    m = re.fullmatch(r"(\d+)([KMGT]?)", str(text))
    if not m:
        raise Failure(f"'{text}' is not a size such as 4G")
    return int(m.group(1)) << {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[m.group(2)]


class Node:
    """One machine. Disks (paths inside the node) are /dev/vda, /dev/vdb, ... in order."""

    def __init__(self, cluster, index, name, disks, smp, mem):
        self.cluster, self.index, self.name = cluster, index, name
        self.smp, self.mem = smp, mem
        self.ip = f"10.0.0.{index}"
        self.ips = [f"10.0.{n}.{index}" for n in range(cluster.nics)]
        self.disks = [f"/dev/vd{chr(ord('a') + i)}" for i in range(len(disks))]
        self.files = [cluster.path(f"{name}.disk{i}") for i in range(len(disks))]
        for path, size in zip(self.files, disks):
            if not os.path.exists(path):
                with open(path, "w") as f:
                    f.truncate(parse_size(size))
        self.console = Console(name, cluster.path(name + ".console"))
        self.agent = None
        self.qemu = None
        self.extra_args = ""

    def __repr__(self):
        return self.name

    # power

    def command(self):
        c = self.cluster
        append = [ARGS, f"tsc_early_khz={tsc_khz()}", f"sheen.name={self.name}",
                  "sheen.images=" + ",".join(n for n, _ in c.images),
                  "sheen.ip=" + ",".join(ip + "/24" for ip in self.ips),
                  "sheen.nodes=" + ",".join(n.name for n in c.nodes), c.args, self.extra_args]
        cmd = ["nsenter", "-t", str(c.guard_pid), "-n", "qemu-system-x86_64", "-name", self.name,
               "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "q35"]
        if c.accel == "kvm":
            cmd += ["-accel", "kvm", "-cpu", "host"]
        else:
            cmd += ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max"]
        cmd += ["-smp", str(self.smp), "-m", str(self.mem),
                "-kernel", c.kernel.vmlinuz, "-initrd", images.initramfs(c.kernel), "-append", " ".join(append),
                "-chardev", f"file,id=con,path={self.console.path},append=on", "-serial", "chardev:con",
                "-monitor", f"unix:{c.path(self.name + '.mon')},server=on,wait=off",
                "-gdb", f"unix:{c.path(self.name + '.gdb')},server=on,wait=off",
                "-device", "virtio-rng-pci",
                "-device", "virtio-serial-pci,ioeventfd=off",
                "-chardev", f"socket,id=agent,path={c.path(self.name + '.agent')},server=on,wait=off",
                "-device", "virtserialport,chardev=agent,name=agent",
                "-chardev", f"socket,id=guest,path={c.path(self.name + '.guest')},server=on,wait=off",
                "-device", "virtserialport,chardev=guest,name=guest"]
        # Flushes need not reach the host's disk: a power cut kills QEMU, never the host's page cache.
        for i, path in enumerate(self.files):
            cmd += ["-drive", f"if=none,id=disk{i},file={path},format=raw,cache=unsafe,discard=unmap,aio=threads",
                    "-device", f"virtio-blk-pci,drive=disk{i},serial=disk{i},ioeventfd=off"]
        for name, path in c.images:
            cmd += ["-drive", f"if=none,id={name},file={path},format=raw,readonly=on,file.locking=off,aio=threads",
                    "-device", f"virtio-blk-pci,drive={name},serial={name},ioeventfd=off"]
        for n in range(c.nics):
            cmd += ["-netdev", f"tap,id=net{n},ifname={self.tap(n)},script=no,downscript=no,vhost=off",
                    "-device", f"virtio-net-pci,netdev=net{n},mac=52:54:00:00:{n:02x}:{self.index:02x},"
                               f"ioeventfd=off,host_mtu={c.mtu}"]
        return cmd

    def tap(self, n):
        return f"t{n}n{self.index}"

    def start(self):
        """Switch the power on; does not wait."""
        if self.running():
            raise Failure(f"{self.name} is running already")
        for end in ("mon", "gdb", "agent", "guest"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.cluster.path(f"{self.name}.{end}"))
        self.booted_at = self.console.size()
        with open(self.cluster.path(self.name + ".qemu"), "ab") as log:
            self.qemu = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         start_new_session=True)
        with open(self.cluster.path(self.name + ".pid"), "w") as f:
            f.write(str(self.qemu.pid))
        self.agent = Agent(self.name, self.cluster.path(self.name + ".agent"))

    def wait_boot(self, timeout=120):
        """Wait until it takes commands. Software emulation on a busy host crashes a booting kernel now
        and then, long before a module of ours is loaded: it may try three times.
        """
        for attempt in (1, 2, 3):
            try:
                return self.agent.connect(self.running, timeout)
            except NodeDied as e:
                with open(self.cluster.path(self.name + ".qemu"), errors="replace") as f:
                    tail = f.read()[-1000:] + "\n".join(self.console.text().splitlines()[-30:])
                if attempt == 3:
                    raise NodeDied(f"{e}\n{tail}") from None
                say(f"{self.name}: {e}; starting it again")
            self.kill()
            os.truncate(self.console.path, self.booted_at)
            self.start()

    def boot(self, timeout=120):
        self.start()
        self.wait_boot(timeout)

    def running(self):
        return self.qemu is not None and self.qemu.poll() is None

    def kill(self):
        """Cut the power: nothing is flushed. The disks keep what they acknowledged."""
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()
        self.forget()

    power_off = kill

    def forget(self):
        if self.agent:
            self.agent.close()
            self.agent = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.cluster.path(self.name + ".pid"))

    def shutdown(self, timeout=60):
        """Unmount what is mounted from test disks and networks, then power off."""
        self.run("sync; umount -a -t lustre,nfs,nfs4,ext4 || exit 1; sync; "
                 "(sleep 0.2; echo o > /proc/sysrq-trigger) > /dev/null 2>&1 &", timeout=timeout)
        self.wait_off(timeout)

    def wait_off(self, timeout=60):
        try:
            self.qemu.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name}: still on after {timeout} s") from None
        self.forget()

    def reboot(self, timeout=120):
        """Power off without warning and on again, same disks."""
        self.kill()
        self.boot(timeout)

    # commands

    def spawn(self, cmd, stdin=None, on_output=None):
        """Start a bash command line, do not wait: a Process."""
        if not self.agent:
            raise NodeDied(f"{self.name} is off")
        return self.agent.start(cmd, stdin=stdin, on_output=on_output)

    def run(self, cmd, timeout=60, check=True, stdin=None):
        """Run a bash command line: Result(status, out, err). check: failure raises."""
        if self.cluster.trace:
            say(f"{self.name}# {cmd}")
        return self.spawn(cmd, stdin).wait(timeout, check)

    def out(self, cmd, timeout=60):
        """The output of a command that must succeed, without the last newline."""
        return self.run(cmd, timeout).out.rstrip("\n")

    def wait_for(self, cmd, timeout=30, interval=0.2):
        """Repeat cmd until it succeeds; CommandFailed after timeout seconds."""
        end = time.monotonic() + timeout
        while True:
            r = self.run(cmd, timeout=timeout + 10, check=False)
            if r.status == 0:
                return r
            if time.monotonic() > end:
                raise CommandFailed(f"{self.name}: not true after {timeout} s: {cmd}\n{r.out}{r.err}")
            time.sleep(interval)

    def open_for_others(self):
        """Start an agent for 'run --attach' of other processes."""
        self.spawn("for p in /sys/class/virtio-ports/vport*; do [ $(cat $p/name) = guest ] && "
                   "exec /run/agent /dev/${p##*/}; done")

    def put(self, source, target, mode=None):
        """Copy a file of the host into the node."""
        mode = mode or oct(os.stat(source).st_mode & 0o777)[2:]
        with open(source, "rb") as f:
            self.spawn(f"cat > {shlex.quote(target)} && chmod {mode} {shlex.quote(target)}", stdin=f).wait(600)

    def write(self, target, text, mode="644"):
        """Make a file in the node."""
        data = text if isinstance(text, bytes) else text.encode()
        self.spawn(f"cat > {shlex.quote(target)} && chmod {mode} {shlex.quote(target)}", stdin=data).wait(600)

    def get(self, source, target):
        """Copy a file of the node to the host."""
        with open(target, "wb") as f:
            self.spawn(f"cat {shlex.quote(source)}", on_output=f.write).wait(600)

    def read(self, source):
        return self.run(f"cat {shlex.quote(source)}").out

    # network

    def cut(self):
        """Pull the cable: no frame in or out until heal()."""
        for n in range(self.cluster.nics):
            self.cluster.net("ip", "link", "set", self.tap(n), "nomaster")

    def heal(self):
        for n in range(self.cluster.nics):
            self.cluster.net("ip", "link", "set", self.tap(n), "master", f"br{n}")

    def link(self, up, nic=0):
        """Take the carrier away from a network interface or give it back."""
        self.monitor(f"set_link net{nic} {'on' if up else 'off'}")

    def monitor(self, line):
        """One command to QEMU's monitor; returns what it says."""
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(10)
        s.connect(self.cluster.path(self.name + ".mon"))
        text = b""
        with s:
            while not text.endswith(b"(qemu) "):
                text += s.recv(65536)
            s.sendall(line.encode() + b"\n")
            text = b""
            while not text.endswith(b"(qemu) "):
                text += s.recv(65536)
        return text.decode(errors="replace").partition("\n")[2].rpartition("(qemu)")[0]

    # checks

    def kmemleak(self):
        """Scan for leaked memory (debug kernel); raise if there is any."""
        if self.cluster.kernel.name != "debug":
            return
        # a block counts once two scans, some seconds apart, found nothing that points to it
        self.run("echo scan > /sys/kernel/debug/kmemleak; sleep 5.5; echo scan > /sys/kernel/debug/kmemleak", timeout=300)
        text = self.read("/sys/kernel/debug/kmemleak")
        if text.strip():
            raise Failure(f"{self.name}: leaked memory:\n{text}")

    def fsck(self, disk=0, replay=None, also=None):
        """e2fsck of a disk, which must not be in use. After a power cut (replay) on a copy, journal first.

        also: a program of the host that judges the same image by its exit status.
        """
        path = self.files[disk]
        with open(path, "rb") as f:
            f.seek(1024 + 56)
            if f.read(2) != b"\x53\xef":
                return False
            f.seek(1024 + 0x60)
            needs = bool(int.from_bytes(f.read(4), "little") & 4)
        if self.running():
            self.run(f"blockdev --flushbufs {self.disks[disk]}")
        replay = needs if replay is None else replay
        copy = None
        if replay:
            copy = path + ".fsck"
            sh(["cp", "--sparse=always", "--reflink=auto", path, copy])
            p = subprocess.run(["e2fsck", "-E", "journal_only", "-y", copy], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
            path = copy
        p = subprocess.run(["e2fsck", "-fn", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, errors="replace")
        if not p.returncode and also:
            p = subprocess.run([also, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if copy:
            os.unlink(copy)
        if p.returncode:
            raise Failure(f"{self.name}: {p.args[0]} of disk {disk}: exit status {p.returncode}\n{p.stdout[-4000:]}")
        return True


class Cluster:
    """kernel: 6.1 6.12 7.2 debug. nodes: a number or a list of names. disks: sizes, for every
    node, or a dict name -> sizes. smp, mem (MiB), nics, mtu: of every node. args: for the kernel's
    command line. ours: with Sheen's modules and tools (built already).
    """

    def __init__(self, kernel="6.12", nodes=2, disks=(), smp=1, mem=None, nics=1, mtu=1500,
                 args="", ours=True, trace=False, directory=None):
        self.kernel = kernels.Kernel(kernel) if isinstance(kernel, str) else kernel
        self.nics, self.mtu, self.args, self.trace = nics, mtu, args, trace
        self.accel = os.environ.get("SHEEN_ACCEL", "tcg")
        self.dir = directory or tempfile.mkdtemp(prefix="sheen-", dir=os.environ.get("SHEEN_TMP", "/tmp"))
        self.guard = None
        self.kept = self.leave = False
        self.captures = {}
        mem = mem or default_memory(self.kernel.name)
        names = [f"n{i + 1}" for i in range(nodes)] if isinstance(nodes, int) else list(nodes)
        check_host(len(names) * mem, self.dir)
        self.images = []
        if ours:
            self.images.append(("ours", images.ours(self.kernel, self.dir)))
        base = images.module_tree(self.kernel)[1]
        if base:
            self.images.append(("modules", base))
        self.images.append(("root", images.root_image()))
        self.nodes = []
        for i, name in enumerate(names):
            sizes = disks.get(name, ()) if isinstance(disks, dict) else disks
            node = Node(self, i + 1, name, sizes, smp, mem)
            self.nodes.append(node)
            setattr(self, name.replace("-", "_"), node)

    def path(self, name):
        return os.path.join(self.dir, name)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def __getitem__(self, key):
        return next(n for n in self.nodes if n.name == key or n.index - 1 == key)

    # life

    def start_network(self):
        self.guard = subprocess.Popen(["unshare", "-n", "sh", "-c", GUARD, "sh", self.dir], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        if self.guard.stdout.readline() != b"ready\n":
            raise Failure("cannot make a network namespace; run as root")
        self.guard_pid = self.guard.pid
        try:
            self.net("ip", "link", "set", "lo", "up")
            for n in range(self.nics):
                self.net("ip", "link", "add", f"br{n}", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
                self.net("ip", "link", "set", f"br{n}", "mtu", str(self.mtu))
                self.net("ip", "addr", "add", f"10.0.{n}.254/24", "dev", f"br{n}")
                for node in self.nodes:
                    tap = node.tap(n)
                    self.net("ip", "tuntap", "add", "dev", tap, "mode", "tap", "vnet_hdr")
                    self.net("ip", "link", "set", tap, "mtu", str(self.mtu), "master", f"br{n}", "up")
                self.net("ip", "link", "set", f"br{n}", "up")
        except Failure as e:
            raise Failure(f"cannot make the nodes' network (needs root, /dev/net/tun and the bridge module): {e}") from None

    def net(self, *cmd):
        """Run a command of the host inside the network of the nodes."""
        return sh(["nsenter", "-t", str(self.guard_pid), "-n"] + list(cmd))

    def socket(self, *args):
        """A socket of this process in the network of the nodes, as host 10.0.0.254: to talk raw to a node."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{self.guard_pid}/ns/net") as theirs:
            if libc.setns(theirs.fileno(), 0x40000000):
                raise Failure(f"setns: {os.strerror(ctypes.get_errno())}")
            try:
                return socket.socket(*args)
            finally:
                libc.setns(ours.fileno(), 0x40000000)

    def boot(self, nodes=None, timeout=180):
        """Start nodes (all that are off), wait until they take commands."""
        if not self.guard:
            self.start_network()
        nodes = [n for n in (nodes or self.nodes) if not n.running()]
        for n in nodes:
            n.start()
        each(nodes, lambda n: n.wait_boot(timeout))
        self.save()

    def shutdown(self, nodes=None):
        each([n for n in (nodes or self.nodes) if n.running()], lambda n: n.shutdown())

    def kill(self):
        """The power goes off everywhere at once."""
        for n in self.nodes:
            if n.running():
                n.qemu.send_signal(signal.SIGKILL)
        for n in self.nodes:
            n.kill()

    def save(self):
        with open(self.path("cluster.json"), "w") as f:
            json.dump({"kernel": self.kernel.name, "guard": self.guard_pid, "nics": self.nics, "mtu": self.mtu,
                       "nodes": [{"name": n.name, "disks": len(n.disks), "smp": n.smp, "mem": n.mem,
                                  "pid": n.qemu.pid if n.running() else None} for n in self.nodes]}, f)

    def keep(self):
        """Leave the nodes running when this process ends."""
        self.kept = True
        self.guard.stdin.write(b"keep\n")
        self.guard.stdin.close()

    def close(self):
        if self.kept:
            return
        for name in list(self.captures):
            self.stop_capture(name)
        self.kill()
        if self.guard:
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.write(b"leave\n" if self.leave else b"remove\n")
                self.guard.stdin.close()
            self.guard.wait()
            self.guard = None
        elif not self.leave:
            shutil.rmtree(self.dir, ignore_errors=True)

    # network

    def start_capture(self, path, nic=0, what=""):
        """Record the wire into a pcap file."""
        if not shutil.which("tcpdump"):
            raise Failure("tcpdump is missing; run packaging/dependencies")
        p = subprocess.Popen(["nsenter", "-t", str(self.guard_pid), "-n", "tcpdump", "-Z", "root", "-i", f"br{nic}", "-U", "--immediate-mode",
                              "-s", "0", "-B", "32768", "-w", path] + what.split(),
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while True:
            line = p.stderr.readline()
            if b"listening" in line:
                break
            if not line:
                raise Failure(f"tcpdump did not start on br{nic}")
        threading.Thread(target=p.stderr.read, daemon=True).start()
        self.captures[path] = p

    def stop_capture(self, path):
        p = self.captures.pop(path)
        self.flush_capture(path, p)
        p.send_signal(signal.SIGINT)
        p.wait()

    def flush_capture(self, path, process, timeout=60):
        """Wait until what was on the wire is in the file: until a datagram that is sent now is there."""
        mark = os.urandom(16)
        with contextlib.closing(self.socket(socket.AF_INET, socket.SOCK_DGRAM)) as s:
            s.sendto(mark, (self.nodes[0].ip, 988))
        end = time.monotonic() + timeout
        while process.poll() is None and time.monotonic() < end:
            with open(path, "rb") as f:
                f.seek(max(0, os.path.getsize(path) - 65536))
                if mark in f.read():
                    return
            time.sleep(0.02)
        raise Failure(f"{path}: what was sent last is not in the capture")

    def partition(self, *groups):
        """Nodes of different groups no longer hear each other, until heal()."""
        for g, nodes in enumerate(groups):
            for n in range(self.nics):
                bridge = f"br{n}p{g}"
                self.net("sh", "-c", f"ip link show {bridge} >/dev/null 2>&1 || "
                         f"ip link add {bridge} type bridge forward_delay 0 mcast_snooping 0; "
                         f"ip link set {bridge} mtu {self.mtu} up")
                for node in nodes:
                    self.net("ip", "link", "set", node.tap(n), "master", bridge)

    def heal(self):
        for node in self.nodes:
            node.heal()

    # checks

    def check_consoles(self):
        """Raise if a console said what a healthy kernel does not say."""
        found = [text for n in self.nodes for text in n.console.complaints()]
        if found:
            raise Failure("\n".join(found))

    def fsck(self):
        """e2fsck -fn of every ext4 on disks of nodes; those must be off, or not use them. Returns how many."""
        return sum(n.fsck(i) for n in self.nodes for i in range(len(n.disks)))


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


@contextlib.contextmanager
def expect_failure(text):
    """The body must raise a Failure that says text."""
    try:
        yield
    except Failure as e:
        if text not in str(e):
            raise
    else:
        raise Failure(f"did not fail with '{text}'")


def each(items, function):
    """Call function for all items at once; raise the first failure."""
    failures = []

    def one(item):
        try:
            function(item)
        except Exception as e:      # pylint: disable=broad-except
            failures.append(e)
    threads = [threading.Thread(target=one, args=(i,)) for i in items]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]


def default_memory(kernel):
    """MiB of a node."""
    return 2000 if kernel == "debug" else 1400


def available_memory():
    """MiB that the host could give to nodes."""
    with open("/proc/meminfo") as f:
        return int(re.search(r"MemAvailable:\s+(\d+)", f.read()).group(1)) // 1024


def check_host(mem, directory):
    if os.geteuid() != 0:
        raise Failure("virtual nodes need root (network namespace, taps)")
    if not shutil.which("qemu-system-x86_64"):
        raise Failure("qemu-system-x86 is missing; run packaging/dependencies")
    free = available_memory()
    if free < mem:
        raise Failure(f"the nodes need {mem} MiB of memory, {free} MiB are available; use fewer or smaller nodes")
    free = shutil.disk_usage(directory).free >> 20
    if free < 2048:
        raise Failure(f"{directory}: only {free} MiB of disk are free; SHEEN_TMP names another directory for disks of nodes")


__all__ = ["Cluster", "CommandFailed", "Failure", "Node", "NodeDied", "Result", "Skip", "TOP", "each", "expect_failure"]
