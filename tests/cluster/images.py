# SPDX-License-Identifier: GPL-2.0
"""What a node boots from: the root image (a small Debian), a kernel's modules,
an initramfs, and our own modules and tools. The first three are made once and
kept in the cache; ours are made anew in a second or two.
"""

import glob
import gzip
import lzma
import os
import re
import shutil
import stat

from . import kernels
from .cache import TOP, Failure, cache_dir, digest, locked, say, sh

HERE = os.path.dirname(os.path.abspath(__file__))

PACKAGES = """
acl attr bc busybox-static diffutils dmsetup e2fsprogs ethtool file fio iproute2 iputils-ping
keyutils kmod less libext2fs2 libkeyutils1 libmount1 libnl-3-200 libnl-genl-3-200 libyaml-0-2
mount netbase nfs-common nfs-kernel-server procps psmisc python3 python3-yaml quota rsync
socat strace tar tcpdump time util-linux util-linux-extra xz-utils
""".split()

# Uncompressed: the host's page cache holds it, and a node spends nothing to read it.
SQUASH = ["-quiet", "-no-progress", "-noappend", "-comp", "zstd", "-noI", "-noD", "-noF", "-noX", "-all-root"]

# Modules of distribution kernels that nodes may use; what they depend on comes along.
MODULES = """
virtio_pci virtio_blk virtio_net virtio_console virtio-rng squashfs overlay
ext4 jbd2 quota_v2 quota_tree loop dm-mod dm-flakey dm-log-writes dm-delay dm-snapshot dm-thin-pool
nfs nfsv3 nfsv4 nfsd lockd rpcsec_gss_krb5 auth_rpcgss nfs_acl nfs_layout_flexfiles xfs btrfs
veth dummy bridge 8021q sch_netem sch_tbf act_mirred cls_u32 tcp_diag inet_diag unix_diag af_packet_diag
crc32_generic crc32c_generic crc32c_intel crc32-pclmul crc32_pclmul crc-t10dif crct10dif_generic libcrc32c
adler32 md5 sha1_generic sha256_generic sha512_generic hmac aes_generic aesni_intel cbc ctr cts
algif_hash crc64 crc64-rocksoft
ib_core ib_uverbs rdma_cm rdma_ucm rdma_rxe siw nvme null_blk brd scsi_debug zram
lkdtm fuse configfs softdog kunit
""".split()

# Loaded by the initramfs, in this order (with what they depend on).
EARLY = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "virtio-rng", "squashfs", "overlay"]


def root_image():
    """A minimal Debian with what tests need; made once."""
    mirror = kernels.MIRROR
    path = cache_dir("images", f"root-{digest('bookworm', *PACKAGES, *SQUASH)}.img")
    if os.path.exists(path):
        return path
    with locked("root-image"):
        if os.path.exists(path):
            return path
        say("root image: making it (once, a minute or two)")
        tree = path + ".tree"
        shutil.rmtree(tree, ignore_errors=True)
        sh(["debootstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES),
            "--keyring=" + kernels.KEYRING, "bookworm", tree, mirror],
           what="debootstrap", log=cache_dir("images", "root.log"))
        for junk in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man",
                     "usr/share/locale", "usr/share/info", "var/log"):
            shutil.rmtree(os.path.join(tree, junk), ignore_errors=True)
            os.makedirs(os.path.join(tree, junk), exist_ok=True)
        for name in ("lib/modules", "mnt", "new", "root"):
            os.makedirs(os.path.join(tree, name), exist_ok=True)
        with open(tree + "/root/.bashrc", "w") as f:
            f.write("PS1='\\h:\\w# '\nalias ll='ls -la'\n")
        squash(tree, path)
        shutil.rmtree(tree)
    return path


def squash(tree, path):
    tmp = path + ".tmp"
    if os.path.exists(tmp):
        os.unlink(tmp)
    sh(["mksquashfs", tree, tmp] + SQUASH, what="mksquashfs")
    os.rename(tmp, path)


def usr_links(tree):
    """Start a layer: a plain /lib in it would hide the link to usr/lib of the root image."""
    for d in ("lib", "bin", "sbin"):
        os.makedirs(os.path.join(tree, "usr", d))
        os.symlink("usr/" + d, os.path.join(tree, d))


def canonical(name):
    return name.replace("-", "_")


def module_tree(kernel):
    """The wanted modules of a distribution kernel, unpacked: a directory with lib/modules in it.

    Returns (directory, image), or (None, None) for a kernel that has none.
    """
    if not kernel.modules:
        return None, None
    base = cache_dir("images", f"modules-{kernel.release}-{digest(2, *MODULES)}")
    if os.path.exists(base + ".img"):
        return base, base + ".img"
    with locked("modules-" + kernel.release):
        if os.path.exists(base + ".img"):
            return base, base + ".img"
        say(f"modules of {kernel.release}: selecting")
        shutil.rmtree(base, ignore_errors=True)
        usr_links(base)
        if not os.path.exists(kernel.modules + "/modules.dep"):
            top = kernel.modules[:-len("/lib/modules/" + kernel.release)]
            sh(["depmod", "-b", top, kernel.release])
        depends, paths = {}, {}
        with open(kernel.modules + "/modules.dep") as f:
            for line in f:
                mod, deps = line.split(":", 1)
                depends[mod] = deps.split()
                paths[canonical(re.sub(r"\.ko.*", "", os.path.basename(mod)))] = mod
        wanted = []
        for name in MODULES:
            mod = paths.get(canonical(name))
            if mod:
                wanted += [mod] + depends[mod]
        out = os.path.join(base, "lib/modules", kernel.release)
        for mod in sorted(set(wanted)):
            to = os.path.join(out, re.sub(r"\.ko\..*", ".ko", mod))
            os.makedirs(os.path.dirname(to), exist_ok=True)
            frm = os.path.join(kernel.modules, mod)
            if mod.endswith(".xz"):
                with open(to, "wb") as f:
                    f.write(lzma.open(frm).read())
            elif mod.endswith(".zst"):
                sh(["zstd", "-q", "-d", frm, "-o", to])
            else:
                shutil.copy(frm, to)
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            if os.path.exists(os.path.join(kernel.modules, name)):
                shutil.copy(os.path.join(kernel.modules, name), out)
        sh(["depmod", "-b", base, kernel.release])
        squash(base, base + ".img")
    return base, base + ".img"


def cpio_entry(name, mode, data=b""):
    head = "070701" + "".join("%08x" % v for v in (
        0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
    out = head.encode() + name.encode() + b"\0"
    out += b"\0" * (-len(out) % 4) + data
    return out + b"\0" * (-len(out) % 4)


def initramfs(kernel):
    """Busybox, the agent, and the modules that find the images."""
    base, _ = module_tree(kernel)
    sources = [os.path.join(HERE, f) for f in ("agent.c", "init.sh", "images.py")]
    path = cache_dir("images", "initramfs-%s-%s.gz" % (
        kernel.release, digest(*(open(s, "rb").read() for s in sources), base)))
    if os.path.exists(path):
        return path
    with locked("initramfs"):
        agent = path + ".agent"
        sh(["gcc", "-O2", "-Wall", "-static", "-o", agent, sources[0]], what="compiling the agent")
        busybox = next((b for b in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(b)), None)
        if not busybox:
            raise Failure("busybox-static is missing; run packaging/dependencies")
        names, early = [], []
        if base:
            where = os.path.join(base, "lib/modules", kernel.release)
            depends, paths = {}, {}
            with open(where + "/modules.dep") as f:
                for line in f:
                    mod, deps = line.split(":", 1)
                    depends[mod] = deps.split()
                    paths[canonical(os.path.basename(mod)[:-3])] = mod
            for name in EARLY:
                mod = paths.get(canonical(name))
                for m in (list(reversed(depends[mod])) + [mod]) if mod else []:
                    if m not in early:
                        early.append(m)
        out = b""
        for d in ("bin", "dev", "proc", "sys", "modules", "layer"):
            out += cpio_entry(d, stat.S_IFDIR | 0o755)
        files = [("init", sources[1]), ("agent", agent), ("bin/busybox", busybox)]
        for m in early:
            name = os.path.basename(m)[:-3]
            names.append(name)
            files.append((f"modules/{name}.ko", os.path.join(where, m)))
        for name, frm in files:
            with open(frm, "rb") as f:
                out += cpio_entry(name, stat.S_IFREG | 0o755, f.read())
        out += cpio_entry("modules.list", stat.S_IFREG | 0o644, "".join(n + "\n" for n in names).encode())
        out += cpio_entry("TRAILER!!!", 0)
        with open(path + ".tmp", "wb") as f:
            f.write(gzip.compress(out, 1))
        os.unlink(agent)
        os.rename(path + ".tmp", path)
    return path


def ours(kernel, where, build=None):
    """Our modules and tools for kernel, as an image in the directory where."""
    build = build or os.path.join(TOP, "build")
    base, _ = module_tree(kernel)
    stage = os.path.join(where, "ours")
    shutil.rmtree(stage, ignore_errors=True)
    usr_links(stage)
    lib = os.path.join(stage, "lib/modules", kernel.release)
    os.makedirs(lib + "/updates")
    if base:
        theirs = os.path.join(base, "lib/modules", kernel.release)
        for name in os.listdir(theirs):
            frm = os.path.join(theirs, name)
            if os.path.isdir(frm):
                shutil.copytree(frm, os.path.join(lib, name), copy_function=os.link if
                                os.stat(frm).st_dev == os.stat(lib).st_dev else shutil.copy)
            elif not os.path.exists(os.path.join(lib, name)):
                shutil.copy(frm, lib)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        if not base:
            frm = os.path.join(kernel.kdir, name)
            if os.path.exists(frm):
                shutil.copy(frm, lib)
    for ko in glob.glob(os.path.join(build, kernel.name, "src", "**", "*.ko"), recursive=True):
        sh(["strip", "--strip-debug", "-o", os.path.join(lib, "updates", os.path.basename(ko)), ko])
    sh(["depmod", "-b", stage, kernel.release])
    shutil.rmtree(os.path.join(lib, "kernel"), ignore_errors=True)
    if os.path.isdir(os.path.join(build, "tools/root")):
        sh(["rsync", "-a", "--keep-dirlinks", os.path.join(build, "tools/root") + "/", stage])
    path = os.path.join(where, "ours.img")
    squash(stage, path)
    shutil.rmtree(stage)
    return path
