# SPDX-License-Identifier: GPL-2.0
"""The life of a configuration: an MGS of its own, targets that come, rest and go on without it, --writeconf."""

import re

NODES = ["mgs", "mds", "oss", "c1"]
DISKS = {"mgs": ["64M"], "mds": ["384M"], "oss": ["192M", "192M", "192M"]}
KERNELS = ("6.12",)

MNT = "/mnt/life"


def mgsnode(c):
    return f"--mgsnode={c.mgs.ip}@tcp"


def disk(c, index):
    return c.oss.disks[index]


def mount_target(node, device, where, options="rw"):
    node.run(f"mkdir -p /mnt/{where} && mount -t lustre -o {options} {device} /mnt/{where}", timeout=300)


def start_targets(c, osts=(0, 1)):
    mount_target(c.mds, "/dev/vda", "mdt")
    for i in osts:
        mount_target(c.oss, disk(c, i), f"ost{i}")


def stop_targets(c, osts=(0, 1)):
    for i in osts:
        c.oss.run(f"umount /mnt/ost{i}", timeout=300)
    c.mds.run("umount /mnt/mdt", timeout=300)


def mount_client(c):
    c.c1.run(f"mkdir -p {MNT} && mount -t lustre {c.mgs.ip}@tcp:/life {MNT}", timeout=300)


def umount_client(c):
    c.c1.run(f"umount {MNT}", timeout=300)


def param(node, name):
    return f"[ \"$(lctl get_param -n '{name}')\" = "


def setup(c):
    c.mgs.run("mkfs.lustre --mgs /dev/vda && mkdir -p /mnt/mgs && mount -t lustre /dev/vda /mnt/mgs", timeout=300)
    c.mds.run(f"mkfs.lustre --fsname=life --mdt --index=0 {mgsnode(c)} /dev/vda", timeout=300)
    for i in (0, 1):
        c.oss.run(f"mkfs.lustre --fsname=life --ost --index={i} {mgsnode(c)} {disk(c, i)}", timeout=300)
    start_targets(c)
    mount_client(c)
    c.c1.run(f"cd {MNT} && for i in 0 1; do lfs setstripe -c 1 -i $i f$i && seq 200000 > f$i; done && "
             f"lfs setstripe -c 2 both && seq 400000 > both && sync", timeout=120)
    c.sums = sums(c)


def sums(c):
    return c.c1.out(f"cd {MNT} && md5sum f0 f1 both", timeout=120)


def teardown(c):
    umount_client(c)
    stop_targets(c, (0, 1, 2))
    c.mgs.run("umount /mnt/mgs", timeout=300)


def test_mgs_alone_serves_the_file_system(c):
    assert "life-MDT0000\nlife-OST0000\nlife-OST0001" in c.mgs.out("lctl get_param -n mgs.MGS.live.life")
    assert c.mgs.out("blkid -p -s LABEL -o value /dev/vda") == "MGS"
    assert "mgs" in c.mgs.out("lctl dl") and "mdt" not in c.mgs.out("lctl dl")


def test_wrong_mounts_say_why(c):
    def fails(node, cmd, text):
        r = node.run(cmd, check=False, timeout=300)
        assert r.status and text in r.err, f"{cmd}: {r.status}\n{r.out}{r.err}"
    c.oss.run("mkdir -p /mnt/wrong")
    fails(c.oss, f"mount -t lustre {disk(c, 0)} /mnt/ost0", "already mounted")
    fails(c.oss, f"mount -t lustre {disk(c, 0)} /mnt/wrong", "in use")
    fails(c.oss, f"mount -t lustre {disk(c, 2)} /mnt/wrong", "has not been formatted with mkfs.lustre")
    c.oss.run(f"mkfs.ext4 -q -F {disk(c, 2)}", timeout=120)
    fails(c.oss, f"mount -t lustre {disk(c, 2)} /mnt/wrong", "has not been formatted with mkfs.lustre")
    fails(c.oss, "mount -t lustre /dev/nosuch /mnt/wrong", "No such file or directory")
    fails(c.oss, f"mkfs.lustre --reformat --fsname=life --ost --index=0 {mgsnode(c)} {disk(c, 0)}", "is mounted")
    fails(c.oss, f"tunefs.lustre --writeconf {disk(c, 0)}", "is mounted")
    assert sums(c) == c.sums


def states_of(node, what):
    """What a connection went through, from the first on."""
    return re.findall(r"^ - \[ \d+, (\w+) \]$", node.out(f"lctl get_param -n '{what}.state'"), re.M)


def test_second_target_of_a_name_is_refused_on_the_same_node(c):
    c.oss.run(f"mkfs.lustre --reformat --fsname=life --ost --index=0 {mgsnode(c)} {disk(c, 2)}", timeout=300)
    r = c.oss.run(f"mount -t lustre {disk(c, 2)} /mnt/wrong", check=False, timeout=300)
    assert r.status and "in use" in r.err, r.err
    assert sums(c) == c.sums


def test_new_ost_is_used_by_mounted_clients(c):
    c.oss.run(f"mkfs.lustre --reformat --fsname=life --ost --index=2 {mgsnode(c)} {disk(c, 2)}", timeout=300)
    mount_target(c.oss, disk(c, 2), "ost2")
    c.c1.wait_for(f"lfs df {MNT} | grep -q OST:2", timeout=60)
    c.c1.wait_for(f"lfs setstripe -c 1 -i 2 {MNT}/f2 || {{ rm -f {MNT}/f2; false; }}", timeout=60)
    c.c1.run(f"seq 100000 > {MNT}/f2 && sync {MNT}/f2 && seq 100000 | cmp - {MNT}/f2 && "
             f"[ $(lfs getstripe -i {MNT}/f2) = 2 ]", timeout=120)
    # both heard of it while it started, and neither had to try again
    for states in (states_of(c.mds, "osp.life-OST0002-osc-MDT0000"), states_of(c.c1, "osc.life-OST0002-osc-*")):
        assert states.count("CONNECTING") == 1 and "DISCONN" not in states and states[-1] == "FULL", states


def new_files_avoid(c, index):
    c.c1.run(f"cd {MNT} && mkdir a && for i in $(seq 8); do lfs setstripe -c 1 a/$i; done", timeout=120)
    used = c.c1.out(f"for i in $(seq 8); do lfs getstripe -i {MNT}/a/$i; done").split()
    c.c1.run(f"rm -r {MNT}/a", timeout=120)
    assert len(used) == 8 and str(index) not in used, used


def wait_active(c, value):
    c.c1.wait_for(param(c.c1, "osc.life-OST0001-osc-*.active") + f"{value} ]", timeout=200)
    c.mds.wait_for(param(c.mds, "osp.life-OST0001-osc-MDT0000.active") + f"{value} ]", timeout=200)


def test_deactivated_ost_rests_until_it_is_activated(c):
    c.mgs.run("lctl conf_param life-OST0001.osc.active=0")
    wait_active(c, 0)
    new_files_avoid(c, 1)
    c.c1.run("echo 3 > /proc/sys/vm/drop_caches")
    assert c.c1.run(f"cat {MNT}/f1", check=False, timeout=60).status
    c.c1.run(f"md5sum {MNT}/f0")
    umount_client(c)
    mount_client(c)
    assert c.c1.out("lctl get_param -n 'osc.life-OST0001-osc-*.active'") == "0"
    c.mgs.run("lctl conf_param life-OST0001.osc.active=1")
    wait_active(c, 1)
    assert sums(c) == c.sums


def test_permanent_set_param_deactivates_on_every_node(c):
    c.mgs.run("lctl set_param -P osc.life-OST0001*.active=0; lctl set_param -P osp.life-OST0001*.active=0")
    wait_active(c, 0)
    new_files_avoid(c, 1)
    c.mgs.run("lctl set_param -P osc.life-OST0001*.active=1; lctl set_param -P osp.life-OST0001*.active=1")
    wait_active(c, 1)
    c.mgs.run("lctl set_param -P -d osc.life-OST0001*.active; lctl set_param -P -d osp.life-OST0001*.active")
    assert sums(c) == c.sums


def test_targets_start_without_the_mgs_and_follow_it_again(c):
    stop_all = (0, 1, 2)
    umount_client(c)
    stop_targets(c, stop_all)
    c.mgs.run("umount /mnt/mgs", timeout=300)
    start_targets(c, stop_all)
    assert "life-OST0001-osc-MDT0000" in c.mds.out("lctl dl")
    mount_target(c.mgs, "/dev/vda", "mgs")
    mount_client(c)
    assert sums(c) == c.sums
    c.c1.run(f"echo new > {MNT}/new && sync {MNT}/new && rm {MNT}/new")
    c.mgs.run("lctl conf_param life-OST0001.osc.active=0")
    wait_active(c, 0)
    c.mgs.run("lctl conf_param life-OST0001.osc.active=1")
    wait_active(c, 1)


def test_writeconf_makes_new_logs_and_keeps_the_data(c):
    c.mgs.run("lctl conf_param life-OST0000.osc.max_dirty_mb=7")
    assert "value: 7" in c.mgs.out("lctl llog_print life-client")
    umount_client(c)
    stop_targets(c, (0, 1, 2))
    for node, device in [(c.mds, "/dev/vda")] + [(c.oss, disk(c, i)) for i in range(3)]:
        assert "writeconf" in node.out(f"tunefs.lustre --writeconf {device}")
    start_targets(c, (0, 1, 2))
    out = c.mgs.out("lctl llog_print life-client")
    assert "value: 7" not in out and "OST0001_UUID, index: 1" in out and "OST0002_UUID, index: 2" in out
    assert c.oss.out(f"blkid -p -s LABEL -o value {disk(c, 0)}") == "life-OST0000"
    mount_client(c)
    assert sums(c) == c.sums
    c.c1.run(f"cd {MNT} && lfs setstripe -c 3 three && seq 300000 > three && sync three && rm three", timeout=120)


def test_target_of_a_mounted_file_system_moves_to_other_parameters(c):
    """tunefs.lustre: a parameter added to a registered target reaches the logs when it starts."""
    c.oss.run(f"umount /mnt/ost2 && tunefs.lustre --param obdfilter.brw_size=4 {disk(c, 2)}", timeout=300)
    mount_target(c.oss, disk(c, 2), "ost2")
    assert "brw_size" in c.mgs.out("lctl llog_print life-OST0002")


def test_combined_disk_can_start_its_mgs_alone(c):
    """-o nosvc starts the MGS of a combined disk and nothing else; its MDT can still register later."""
    c.oss.run("modprobe loop && truncate -s 200M /root/combined && losetup /dev/loop0 /root/combined && "
              "mkfs.lustre --fsname=other --mgs --mdt --index=0 /dev/loop0 && mkdir -p /mnt/other && "
              "mount -t lustre -o nosvc /dev/loop0 /mnt/other", timeout=300)
    dl = c.oss.out("lctl dl")
    assert " mgs " in dl and " mdt " not in dl, dl
    assert "other:MDT0000" in c.oss.out("umount /mnt/other && blkid -p -s LABEL -o value /dev/loop0", timeout=300)
    mount_target(c.oss, "/dev/loop0", "other")
    assert " mdt other-MDT0000 " in c.oss.out("lctl dl")
    assert c.oss.out("blkid -p -s LABEL -o value /dev/loop0") == "other-MDT0000"
    c.oss.run("umount /mnt/other && losetup -d /dev/loop0 && rm /root/combined", timeout=300)
