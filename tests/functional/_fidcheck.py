# SPDX-License-Identifier: GPL-2.0
"""tests/storage/fidcheck.c: does the FID index of an image agree with its files?"""

import os
import subprocess

from cluster import TOP


def build():
    """Compile it for the host. Returns its path, for Node.fsck(also=...)."""
    program = os.path.join(TOP, "build", "fidcheck")
    os.makedirs(os.path.dirname(program), exist_ok=True)
    subprocess.run(["cc", "-Wall", "-O1", "-o", program, os.path.join(TOP, "tests/storage/fidcheck.c"),
                    "-lext2fs", "-lcom_err"], check=True)
    return program
