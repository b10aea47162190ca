# SPDX-License-Identifier: GPL-2.0
"""The harness's end of the command agent (agent.c has the frame format)."""

import collections
import itertools
import os
import socket
import struct
import threading
import time

from .cache import Failure

HEAD = struct.Struct("<2sBBII")
PAYLOAD = 16384


class NodeDied(Failure):
    """The node stopped (or was stopped) while a command ran on it."""


class CommandFailed(Failure):
    """A command had a non-zero exit status, or took longer than it may."""


class Result(collections.namedtuple("Result", "status out err")):
    """What a command left: status (128 + signal if killed), out, err (text)."""


class Process:
    """A command that runs on a node."""

    def __init__(self, agent, ident, cmd):
        self.agent, self.id, self.cmd = agent, ident, cmd
        self.started = time.monotonic()
        self.parts = {"O": [], "e": []}
        self.status = None
        self.done = threading.Event()
        self.on_output = None

    def text(self, which):
        return b"".join(self.parts[which]).decode(errors="replace")

    @property
    def out(self):
        return self.text("O")

    @property
    def err(self):
        return self.text("e")

    def kill(self, signal=9):
        """Signal the command and its children."""
        self.agent.send("K", self.id, struct.pack("<I", signal))

    def running(self):
        return not self.done.is_set()

    def wait(self, timeout=60, check=True):
        """Wait for the end; CommandFailed after timeout seconds or (check) on failure."""
        if not self.done.wait(timeout):
            self.kill()
            self.done.wait(10)
            raise CommandFailed(f"{self.agent.name}: not done after {timeout} s: {self.cmd}\n{self.tail()}")
        if self.status is None:
            raise NodeDied(f"{self.agent.name}: the node went away during: {self.cmd}\n{self.tail()}")
        if check and self.status:
            raise CommandFailed(f"{self.agent.name}: exit status {self.status}: {self.cmd}\n{self.tail()}")
        return Result(self.status, self.out, self.err)

    def tail(self):
        lines = (self.out + self.err).splitlines()
        return "\n".join("    " + l for l in lines[-30:])


class Agent:
    def __init__(self, name, path):
        self.name, self.path = name, path
        self.ids = itertools.count(int.from_bytes(os.urandom(2), "little") << 12)
        self.jobs = {}
        self.lock = threading.Lock()
        self.sock = None
        self.synced = threading.Event()
        self.nonce = os.urandom(8)

    def connect(self, alive, timeout):
        """Connect and wait until the node answers. alive() tells whether it still can."""
        end = time.monotonic() + timeout
        while self.sock is None:
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(self.path)
                self.sock = s
            except (FileNotFoundError, ConnectionRefusedError):
                s.close()
                if not alive() or time.monotonic() > end:
                    raise NodeDied(f"{self.name}: QEMU did not start")
                time.sleep(0.02)
        threading.Thread(target=self.reader, daemon=True).start()
        self.sock.sendall(b"\0" * (PAYLOAD + HEAD.size))
        while not self.synced.is_set():
            self.send("Y", 0, self.nonce)
            if self.synced.wait(0.5 if alive() else 0):
                break
            if not alive():
                raise NodeDied(f"{self.name}: stopped while booting")
            if time.monotonic() > end:
                raise NodeDied(f"{self.name}: no answer {timeout} s after the start")

    def send(self, kind, ident, data=b""):
        with self.lock:
            try:
                self.sock.sendall(HEAD.pack(b"Sh", ord(kind), 0, ident, len(data)) + data)
            except OSError:
                pass        # the reader notices, and tells those who wait

    def reader(self):
        buf = bytearray()
        while True:
            try:
                data = self.sock.recv(1 << 18)
            except OSError:
                data = b""
            if not data:
                break
            buf += data
            at = 0
            while len(buf) - at >= HEAD.size:
                magic, kind, _, ident, length = HEAD.unpack_from(buf, at)
                if magic != b"Sh" or length > PAYLOAD:
                    at += 1
                    continue
                if len(buf) - at < HEAD.size + length:
                    break
                self.handle(chr(kind), ident, bytes(buf[at + HEAD.size:at + HEAD.size + length]))
                at += HEAD.size + length
            del buf[:at]
        for job in list(self.jobs.values()):
            job.done.set()

    def handle(self, kind, ident, data):
        if kind == "y":
            if data == self.nonce:
                self.synced.set()
            return
        job = self.jobs.get(ident)
        if not job:
            return
        if kind in "Oe":
            if job.on_output:
                job.on_output(data)
            else:
                job.parts[kind].append(data)
        elif kind == "X":
            status, = struct.unpack("<I", data)
            job.status = 128 + status - 0x100 if status >= 0x100 else status
            del self.jobs[ident]
            job.done.set()

    def start(self, cmd, stdin=None, tty=False, on_output=None, hold_stdin=False):
        """Start cmd (a bash command line); stdin: bytes or a binary file."""
        job = Process(self, next(self.ids) & 0xffffffff, cmd)
        job.on_output = on_output
        data = cmd.encode()
        if len(data) > PAYLOAD:
            raise Failure(f"command is longer than {PAYLOAD} bytes; put it into a file")
        self.jobs[job.id] = job
        self.send("P" if tty else "R", job.id, data)
        if isinstance(stdin, (bytes, bytearray)):
            for i in range(0, len(stdin), PAYLOAD):
                self.send("I", job.id, stdin[i:i + PAYLOAD])
        elif stdin is not None:
            while chunk := stdin.read(PAYLOAD):
                self.send("I", job.id, chunk)
        if not hold_stdin:
            self.send("E", job.id)
        return job

    def close(self):
        if self.sock:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()
