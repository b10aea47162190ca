# SPDX-License-Identifier: GPL-2.0
"""The kernels that Sheen is built for and tested on.

Distribution kernels are fetched as .debs and unpacked aside in the cache;
the debug kernel is built from the distribution's source package. Nothing is
installed on the host. Booting them is cluster.py's business.
"""

import glob
import os
import re
import shutil
import subprocess
import time

from .cache import Failure, cache_dir, digest, locked, say, sh

MIRROR = os.environ.get("SHEEN_MIRROR", "http://deb.debian.org/debian")
SECURITY = os.environ.get("SHEEN_MIRROR_SECURITY", "http://deb.debian.org/debian-security")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# suite: apt sources. A suite never sees another's packages, nor the host's.
SUITES = {
    "bookworm": [f"{MIRROR} bookworm main", f"{MIRROR} bookworm-updates main",
                 f"{SECURITY} bookworm-security main"],
    "trixie": [f"{MIRROR} trixie main", f"{MIRROR} trixie-backports main",
               f"{SECURITY} trixie-security main"],
}

# kernel: (suite, regular expression of the image's package name)
KERNELS = {
    "6.1": ("bookworm", r"linux-image-6\.1\.[0-9]+-[0-9]+-amd64"),
    "6.12": ("bookworm", r"linux-image-6\.12\.[0-9]+\+deb12-amd64"),
    "7.2": ("trixie", r"linux-image-7\.2\.[0-9]+\+deb13-amd64"),
}
DEBUG_SOURCE = "linux-source-6.12"
NAMES = list(KERNELS) + ["debug"]


class Apt:
    """An apt of one suite, with state of its own."""

    def __init__(self, suite):
        self.suite = suite
        self.root = cache_dir("apt", suite)
        for d in ("lists/partial", "archives/partial"):
            os.makedirs(os.path.join(self.root, d), exist_ok=True)
        self.sources = os.path.join(self.root, "sources.list")
        self.status = os.path.join(self.root, "status")
        open(self.status, "a").close()
        text = "".join(f"deb [signed-by={KEYRING}] {s}\n" for s in SUITES[suite])
        if not os.path.exists(self.sources) or open(self.sources).read() != text:
            with open(self.sources, "w") as f:
                f.write(text)
            self.stamp(0)
        if not os.path.exists(KEYRING):
            raise Failure("package debian-archive-keyring is missing; run packaging/dependencies")

    def stamp(self, when=None):
        path = os.path.join(self.root, "updated")
        if when is None:
            return os.path.getmtime(path) if os.path.exists(path) else 0
        open(path, "w").close()
        os.utime(path, (when, when))
        return when

    def run(self, tool, *args, cwd=None):
        opts = {"Dir::State": self.root, "Dir::State::lists": self.root + "/lists",
                "Dir::State::status": self.status, "Dir::Cache": self.root,
                "Dir::Cache::archives": self.root + "/archives",
                "Dir::Etc::sourcelist": self.sources, "Dir::Etc::sourceparts": "/dev/null",
                "Dir::Etc::preferences": "/dev/null", "Dir::Etc::preferencesparts": "/dev/null",
                "APT::Architecture": "amd64", "APT::Sandbox::User": "root",
                "Acquire::Retries": "3", "Acquire::Languages": "none"}
        cmd = [tool, "-q"] + [f"-o{k}={v}" for k, v in opts.items()] + list(args)
        return sh(cmd, what=f"{tool} {' '.join(args)} ({self.suite})", cwd=cwd)

    def update(self, max_age=24 * 3600):
        if time.time() - self.stamp() > max_age:
            say(f"package lists of {self.suite}")
            self.run("apt-get", "update")
            self.stamp(time.time())

    def newest(self, pattern):
        """Name of the newest package whose name matches."""
        names = [n for n in self.run("apt-cache", "pkgnames", "linux-").split()
                 if re.fullmatch(pattern, n)]
        names = [n for n in names if "Filename:" in self.run("apt-cache", "show", n)]
        if not names:
            raise Failure(f"no package matches {pattern} in {self.suite}")
        return max(names, key=lambda n: [int(x) for x in re.findall(r"\d+", n)])

    def depends(self, name):
        text = self.run("apt-cache", "show", "--no-all-versions", name)
        m = re.search(r"^Depends: (.*)$", text, re.M)
        return [d.split("|")[0].split("(")[0].split(":")[0].strip()
                for d in m.group(1).split(",")] if m else []

    def download(self, names, where):
        os.makedirs(where, exist_ok=True)
        self.run("apt-get", "download", *names, cwd=where)
        return sorted(glob.glob(os.path.join(where, "*.deb")))


def closure(apt, names):
    """names and the linux-* packages that they need, recursively."""
    todo, done = list(names), []
    while todo:
        n = todo.pop()
        if n in done:
            continue
        done.append(n)
        todo += [d for d in apt.depends(n)
                 if re.match(r"linux-(headers|kbuild|image|modules|binary|base)-\d", d)]
    return done


class Kernel:
    """A kernel unpacked in the cache. kdir: for kbuild. vmlinuz, modules: to boot."""

    def __init__(self, name):
        if name not in NAMES:
            raise Failure(f"unknown kernel '{name}'; there are: {' '.join(NAMES)}")
        self.name = name
        self.suite = KERNELS[name][0] if name in KERNELS else "bookworm"
        link = cache_dir("kernels", name)
        if name == "debug":
            self.root = debug_kernel()
        else:
            if not os.path.exists(os.path.join(link, "release")):
                fetch(name)
            self.root = os.path.realpath(link)
        with open(os.path.join(self.root, "release")) as f:
            self.release = f.read().strip()
        if name == "debug":
            self.kdir = os.path.join(self.root, "source")
            self.vmlinuz = os.path.join(self.kdir, "arch/x86/boot/bzImage")
            self.modules = None
        else:
            self.kdir = os.path.join(self.root, "usr/src/linux-headers-" + self.release)
            self.vmlinuz = next((p for p in (os.path.join(self.root, "boot/vmlinuz-" + self.release),
                                 os.path.join(self.root, "usr/lib/modules", self.release, "vmlinuz"))
                                 if os.path.exists(p)), None)
            found = [d for d in (os.path.join(self.root, p, "lib/modules", self.release)
                                 for p in ("usr", "")) if os.path.isdir(os.path.join(d, "kernel"))]
            self.modules = found[0] if found else None

    def native(self):
        """Can this host's compiler and libc build for the kernel as it is?"""
        fixdep = os.path.join(self.kdir, "scripts/basic/fixdep")
        p = subprocess.run([fixdep], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if "not found" in p.stderr or p.returncode == 127:
            return False
        variables = os.path.join(self.kdir, ".kernelvariables")
        if os.path.exists(variables):
            m = re.search(r"gcc-\d+", open(variables).read())
            return not m or shutil.which(m.group(0)) is not None
        return True

    def wrap(self, cmd, cwd):
        """cmd to run a compile for this kernel, inside a chroot if the host's tools do not fit."""
        if self.native():
            return cmd
        root = toolchain(self.suite)
        script = ('set -e; root=$1; cwd=$2; shift 2; mount --make-rprivate / 2>/dev/null || :\n'
                  'mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"; mount -t tmpfs tmpfs "$root/tmp"\n'
                  'for d in "$CACHE" "$cwd"; do mkdir -p "$root$d"; mount --rbind "$d" "$root$d"; done\n'
                  'exec chroot "$root" /bin/sh -c \'cd "$0" && exec "$@"\' "$cwd" "$@"')
        return ["env", "CACHE=" + cache_dir(""), "LC_ALL=C", "unshare", "-m", "--propagation", "unchanged", "sh", "-c", script, "sh", root, cwd] + cmd


def fetch(name):
    """Download and unpack the newest packages of one kernel."""
    suite, pattern = KERNELS[name]
    with locked("kernel-" + name):
        link = cache_dir("kernels", name)
        apt = Apt(suite)
        apt.update()
        image = apt.newest(pattern)
        release = image[len("linux-image-"):]
        root = cache_dir("kernels", release)
        if not os.path.exists(os.path.join(root, "release")):
            say(f"kernel {name}: fetching {release}")
            tmp = root + ".new"
            shutil.rmtree(tmp, ignore_errors=True)
            names = closure(apt, [image, "linux-headers-" + release])
            for deb in apt.download(names, tmp + "/debs"):
                sh(["dpkg-deb", "-x", deb, tmp])
            shutil.rmtree(tmp + "/debs")
            shutil.rmtree(tmp + "/usr/lib/debug", ignore_errors=True)
            # the header packages name each other by absolute path
            for mk in glob.glob(tmp + "/usr/src/linux-headers-*/Makefile"):
                text = open(mk).read()
                if len(text) < 1000:
                    with open(mk, "w") as f:
                        f.write(text.replace("/usr/src/", root + "/usr/src/"))
            with open(os.path.join(tmp, "release"), "w") as f:
                f.write(release + "\n")
            shutil.rmtree(root, ignore_errors=True)
            os.rename(tmp, root)
        if os.path.lexists(link):
            os.unlink(link)
        os.symlink(release, link)


TOOLCHAIN = {"bookworm": "gcc-12,make,libelf1,libssl3,zlib1g,kmod,python3-minimal,perl,pahole,sparse",
             "trixie": "gcc-14,make,libelf1t64,libssl3t64,zlib1g,kmod,python3-minimal,perl,pahole,sparse"}


def toolchain(suite):
    """A small chroot of a suite, used for nothing but compiling."""
    packages = TOOLCHAIN[suite]
    root = cache_dir("toolchain", f"{suite}-{digest(packages)}")
    if not os.path.exists(root + "/done"):
        with locked("toolchain-" + suite):
            if not os.path.exists(root + "/done"):
                say(f"compiler of {suite}: making a chroot in {root}")
                shutil.rmtree(root, ignore_errors=True)
                sh(["debootstrap", "--variant=minbase", "--include=" + packages,
                    "--keyring=" + KEYRING, suite, root, MIRROR],
                   what="debootstrap " + suite, log=cache_dir("toolchain", suite + ".log"))
                sh(["chroot", root, "apt-get", "clean"])
                open(root + "/done", "w").close()
    return root


def debug_kernel():
    """Build (once per source version and configuration) the debug kernel; return its root."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "debug.config"), "rb") as f:
        config = f.read()
    link = cache_dir("kernels", "debug-source")
    if not os.path.exists(os.path.join(link, "release")):
        with locked("debug-source"):
            apt = Apt("bookworm")
            apt.update()
            text = apt.run("apt-cache", "show", "--no-all-versions", DEBUG_SOURCE)
            version = re.search(r"^Version: (\S+)", text, re.M).group(1)
            where = cache_dir("kernels", "source-" + version)
            if not os.path.exists(where + "/release"):
                say(f"debug kernel: fetching {DEBUG_SOURCE} {version}")
                shutil.rmtree(where, ignore_errors=True)
                deb = apt.download([DEBUG_SOURCE], where + "/debs")[0]
                sh(["dpkg-deb", "-x", deb, where])
                shutil.rmtree(where + "/debs")
                with open(where + "/release", "w") as f:
                    f.write(version + "\n")
            if os.path.lexists(link):
                os.unlink(link)
            os.symlink(os.path.basename(where), link)
    version = open(link + "/release").read().strip()
    root = cache_dir("kernels", f"debug-{version}-{digest(config)}")
    if os.path.exists(root + "/release"):
        return root
    with locked("debug-kernel"):
        if os.path.exists(root + "/release"):
            return root
        say(f"debug kernel: building {version} (about 10 CPU minutes, once; log {root}/build.log)")
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root)
        log = root + "/build.log"
        tree = root + "/source"
        tarball = glob.glob(link + "/usr/src/*.tar.xz")[0]
        os.makedirs(tree)
        sh(["tar", "xf", tarball, "-C", tree, "--strip-components=1"])
        make = ["make", "-C", tree, f"-j{os.cpu_count()}"]
        sh(make + ["tinyconfig"], log=log)
        sh([tree + "/scripts/kconfig/merge_config.sh", "-m", "-O", tree, tree + "/.config",
            os.path.join(here, "debug.config")], log=log, cwd=tree)
        sh(make + ["olddefconfig"], log=log)
        check_config(tree + "/.config", config.decode())
        sh(["nice"] + make + ["bzImage", "modules"], what="building the debug kernel", log=log)
        finish_debug(root)
    return root


def check_config(path, wanted):
    """Refuse a configuration that silently lost an option of the fragment."""
    have = set(open(path).read().splitlines())
    lost = [l for l in wanted.splitlines() if l.startswith("CONFIG_") and l not in have]
    if lost:
        raise Failure(f"debug.config asks for options that this source does not take: {' '.join(lost)}")


def finish_debug(root):
    """Drop what module builds and boots do not need; mark the build as complete."""
    tree = root + "/source"
    sh(["find", tree, "-name", "*.o", "-not", "-path", "*/scripts/*", "-not", "-path", "*/tools/*", "-delete"])
    shutil.rmtree(tree + "/Documentation", ignore_errors=True)
    with open(tree + "/include/config/kernel.release") as f:
        release = f.read().strip()
    with open(root + "/release", "w") as f:
        f.write(release + "\n")
