# SPDX-License-Identifier: GPL-2.0
"""A file system on the nodes of a cluster, made with the real tools.

Roles come from the names of nodes: the first one called mds* has the MGS and MDT 0
on its first disk, its other disks and every disk of each oss* are OSTs, each c* is a client.
"""

from .cluster import each


class FileSystem:
    def __init__(self, c, name="sheen"):
        self.c, self.name = c, name
        self.mds = next(n for n in c.nodes if n.name.startswith("mds"))
        self.oss = [n for n in c.nodes if n.name.startswith("oss")]
        self.clients = [n for n in c.nodes if n.name.startswith("c")]
        self.osts = [(self.mds, d) for d in self.mds.disks[1:]] + [(n, d) for n in self.oss for d in n.disks]
        self.mgs_nid = self.mds.ip + "@tcp"
        self.mnt = "/mnt/" + name

    def format(self, *options):
        """mkfs.lustre of every target."""
        opts = " ".join((f"--fsname={self.name}",) + options)
        self.mds.run(f"mkfs.lustre {opts} --mgs --mdt --index=0 {self.mds.disks[0]}", timeout=300)
        for i, (n, disk) in enumerate(self.osts):
            n.run(f"mkfs.lustre {opts} --ost --index={i} --mgsnode={self.mgs_nid} {disk}", timeout=300)

    def start_mdt(self, options="rw"):
        self.mds.run(f"mkdir -p /mnt/mdt0 && mount -t lustre -o {options} {self.mds.disks[0]} /mnt/mdt0", timeout=300)

    def start_ost(self, index, options="rw"):
        n, disk = self.osts[index]
        n.run(f"mkdir -p /mnt/ost{index} && mount -t lustre -o {options} {disk} /mnt/ost{index}", timeout=300)

    def start(self, options="rw"):
        """Mount every target."""
        self.start_mdt(options)
        for i in range(len(self.osts)):
            self.start_ost(i, options)

    def mount(self, nodes=None, options="flock"):
        """Mount on clients (all), at the same time."""
        each(nodes or self.clients, lambda n: n.run(
            f"mkdir -p {self.mnt} && mount -t lustre -o {options} {self.mgs_nid}:/{self.name} {self.mnt}", timeout=300))

    def umount(self, nodes=None):
        each(nodes or self.clients, lambda n: n.run(f"umount {self.mnt}", timeout=300))

    def stop(self):
        """Unmount every target, the MDT last."""
        for i, (n, _) in enumerate(self.osts):
            n.run(f"umount /mnt/ost{i}", timeout=300)
        self.mds.run("umount /mnt/mdt0", timeout=300)

    def up(self, *options):
        """Format, start, mount."""
        self.format(*options)
        self.start()
        self.mount()

    def down(self):
        """Unmount all; the disks are then in the state that e2fsck must like."""
        self.umount()
        self.stop()
