# SPDX-License-Identifier: GPL-2.0
"""Watch a node's console for anything that a healthy kernel does not say."""

import os
import re

BAD = re.compile("|".join((
    r"\bBUG[:!]", r"kernel BUG", r"\bOops\b", r"WARNING: ", r"general protection", r"Kernel panic",
    r"Unable to handle", r"KASAN", r"UBSAN", r"KCSAN", r"kmemleak: \d+ new", r"ODEBUG",
    r"INFO: (task|rcu|possible|suspicious|lockdep|trying|inconsistent|recovery)", r"possible (circular|recursive|irq) ",
    r"suspicious RCU", r"inconsistent lock state", r"bad unlock balance", r"held lock freed", r"lock held when returning",
    r"[Ii]nvalid wait context", r"MAX_\w+ too low", r"scheduling while atomic", r"sleeping function called",
    r"refcount_t:", r"list_(add|del) (corruption|double)", r"soft lockup", r"hard LOCKUP", r"rcu.*self-detected stall",
    r"blocked for more than", r"Objects remaining", r"unregister_netdevice: waiting", r"segfault at",
    r"EXT4-fs error", r"EXT4-fs \(.*\): (error|WARNING)", r"JBD2: .*(rror|detected)", r"Out of memory: Killed", r"page allocation failure",
    r"disagrees about version of symbol", r"Unknown symbol", r"double fault", r"stack guard page", r"bad page state",
)))
# Said by healthy kernels of the matrix.
HARMLESS = re.compile(r"out-of-tree module|taints kernel|Spectre|module verification failed|"
                      r"EXT4-fs error count since last fsck|rcu_tasks|KernelAddressSanitizer initialized")
KTAP = re.compile(r"^\s*(#|ok |not ok )")
STAMP = re.compile(r"^\[\s*\d+\.\d+\]( ?\[[ T0-9]+\])? ?")


class Console:
    def __init__(self, name, path):
        self.name, self.path = name, path
        self.at = 0
        self.expected = []
        open(path, "a").close()

    def text(self):
        with open(self.path, errors="replace") as f:
            return f.read()

    def size(self):
        return os.path.getsize(self.path)

    def complaints(self):
        """What was said since the last call that should not be: a list of text blocks."""
        with open(self.path, "rb") as f:
            f.seek(self.at)
            data = f.read()
        end = data.rfind(b"\n") + 1
        self.at += end
        lines = data[:end].decode(errors="replace").replace("\r", "").splitlines()
        found, skip = [], 0
        for i, line in enumerate(lines):
            if i < skip or not BAD.search(line) or HARMLESS.search(line) or KTAP.match(STAMP.sub("", line)):
                continue
            if any(re.search(e, line) for e in self.expected):
                skip = i + 40
                continue
            found.append(f"{self.name}: console:\n" + "\n".join("    " + l for l in lines[max(0, i - 3):i + 60]))
            skip = i + 60
        return found
