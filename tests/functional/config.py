# SPDX-License-Identifier: GPL-2.0
"""The MGS: registration, logs, permanent parameters."""

NODES = 1
DISKS = ["1G", "512M"]
KERNELS = ("6.12",)

MDT, OST = "/dev/vda", "/dev/vdb"


def mount(c, disk, where):
    c.n1.run(f"mkdir -p {where}; mount -t lustre {disk} {where}", timeout=300)


def setup(c):
    c.n1.run(f"mkfs.lustre --fsname=demo --mgs --mdt --index=0 {MDT}", timeout=300)
    c.n1.run(f"mkfs.lustre --fsname=demo --ost --index=0 --mgsnode={c.n1.ip}@tcp {OST}", timeout=300)
    mount(c, MDT, "/mnt/mdt")
    mount(c, OST, "/mnt/ost")


def teardown(c):
    c.n1.run("umount /mnt/ost; umount /mnt/mdt", timeout=300)
    for disk in (MDT, OST):
        c.n1.run(f"e2fsck -fn {disk}", timeout=300)


def print_log(c, log, options=""):
    return c.n1.out(f"lctl llog_print {options} {log}")


def test_registered_targets_are_in_the_client_log(c):
    out = print_log(c, "demo-client")
    assert "event: new_profile, name: demo-client, lov: demo-clilov, lmv: demo-clilmv" in out
    assert "device: demo-clilmv, mdt: demo-MDT0000_UUID, index: 0, gen: 1, UUID: demo-MDT0000-mdc_UUID" in out
    assert "device: demo-clilov, ost: demo-OST0000_UUID, index: 0, gen: 1" in out
    assert "demo-MDT0000\ndemo-OST0000" in c.n1.out("lctl get_param -n mgs.MGS.live.demo")


def test_labels_say_that_targets_are_registered(c):
    for disk, label in ((MDT, "demo-MDT0000"), (OST, "demo-OST0000")):
        assert c.n1.out(f"blkid -p -s LABEL -o value {disk}") == label


def test_conf_param_replaces_the_older_setting(c):
    c.n1.run("lctl conf_param demo-OST0000.osc.max_dirty_mb=64")
    c.n1.run("lctl conf_param demo-OST0000.osc.max_dirty_mb=128")
    out = print_log(c, "demo-client")
    assert "event: conf_param, device: demo-OST0000-osc, parameter: osc.max_dirty_mb, value: 128" in out
    assert "value: 64" not in out
    assert "value: 64" in print_log(c, "demo-client", "--raw")
    assert "demo-OST0000-osc-MDT0000, parameter: osc.max_dirty_mb, value: 128" in print_log(c, "demo-MDT0000")
    c.n1.run("lctl conf_param -d demo-OST0000.osc.max_dirty_mb")
    assert "max_dirty_mb" not in print_log(c, "demo-client")


def test_wrong_settings_are_refused(c):
    assert c.n1.run("lctl conf_param demo-OST0009.osc.max_dirty_mb=1", check=False).status == 2
    assert c.n1.run("lctl conf_param demo-OST0000.nonsense.x=1", check=False).status == 22
    assert c.n1.run("lctl conf_param demo-MDT0000.mdc.active=0", check=False).status == 1
    assert c.n1.run("lctl conf_param demo.llite.root_squash=1:1", check=False).status == 22


def test_permanent_parameter_reaches_this_node(c):
    c.n1.run("lctl set_param -P jobid_var=nodelocal")
    assert "event: set_param, device: general, parameter: jobid_var, value: nodelocal" in print_log(c, "params")
    c.n1.wait_for("lctl get_param -n jobid_var | grep -q nodelocal", timeout=60)
    c.n1.run("lctl set_param -P -d jobid_var")
    assert print_log(c, "params") == ""


def test_pool_is_in_the_logs(c):
    c.n1.run("lctl pool_new demo.fast; lctl pool_add demo.fast OST0000")
    for log in ("demo-client", "demo-MDT0000"):
        assert "fsname: demo, pool: fast, ost: demo-OST0000_UUID" in print_log(c, log)
    c.n1.run("lctl pool_remove demo.fast demo-OST0000; lctl pool_destroy demo.fast")


def test_registration_is_known_after_a_restart(c):
    before = print_log(c, "demo-client", "--raw")
    c.n1.run("umount /mnt/ost; umount /mnt/mdt", timeout=300)
    mount(c, MDT, "/mnt/mdt")
    mount(c, OST, "/mnt/ost")
    assert print_log(c, "demo-client", "--raw") == before


def test_index_that_is_taken_is_refused(c):
    c.n1.run("umount /mnt/ost", timeout=300)
    c.n1.run(f"tune2fs -L demo:OST0000 {OST}")
    r = c.n1.run(f"mount -t lustre {OST} /mnt/ost", check=False, timeout=300)
    assert "already in use" in r.err, r.err
    c.n1.run(f"tune2fs -L demo-OST0000 {OST}")
    mount(c, OST, "/mnt/ost")
