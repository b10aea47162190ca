# SPDX-License-Identifier: GPL-2.0
"""The MGS: registration, logs, permanent parameters."""

NODES = 1
DISKS = ["1G", "512M"]
KERNELS = ("6.1", "6.12")

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


def client(c, where="/mnt/client", mgs=""):
    c.n1.run(f"mkdir -p {where} && mount -t lustre {c.n1.ip}@tcp{mgs}:/demo {where}", timeout=300)


def everywhere(c, param, value):
    c.n1.wait_for(f"[ \"$(lctl get_param -n '{param}' | sort -u)\" = {value} ]", timeout=120)


def test_default_striping_reaches_the_mdt_and_clients(c):
    client(c)
    c.n1.run("lctl conf_param demo-MDT0000.lov.stripesize=4M; lctl conf_param demo-MDT0000.lov.stripecount=-1")
    for where in ("lod.demo-MDT0000-mdtlov", "lov.demo-clilov-*"):
        everywhere(c, f"{where}.stripesize", 4194304)
        everywhere(c, f"{where}.stripecount", -1)
    c.n1.run("touch /mnt/client/f")
    assert c.n1.out("lfs getstripe -S /mnt/client/f") == "4194304"
    assert "4194304" in c.n1.out("lfs getstripe -d /mnt/client")
    c.n1.run("lctl set_param -P 'lod.demo-*.stripesize=2M'")
    everywhere(c, "lod.demo-MDT0000-mdtlov.stripesize", 2097152)
    c.n1.run("touch /mnt/client/g")
    assert c.n1.out("lfs getstripe -S /mnt/client/g") == "2097152"
    assert c.n1.run("lctl set_param lod.demo-MDT0000-mdtlov.stripesize=1000", check=False).status
    c.n1.run("lctl set_param -P -d 'lod.demo-*.stripesize'; rm /mnt/client/[fg]; umount /mnt/client")
    c.n1.run("for k in stripesize stripecount; do lctl conf_param -d demo-MDT0000.lov.$k; done")


def test_permanent_parameters_reach_mounts_that_come_later(c):
    c.n1.run("lctl set_param -P 'llite.demo-*.statahead_max=17'")
    client(c)
    client(c, "/mnt/client2")
    assert c.n1.out("lctl get_param -n 'llite.demo-*.statahead_max'").split() == ["17", "17"]
    c.n1.run("umount /mnt/client /mnt/client2")
    client(c)
    assert c.n1.out("lctl get_param -n 'llite.demo-*.statahead_max'") == "17"
    c.n1.run("lctl set_param -P -d 'llite.demo-*.statahead_max'; umount /mnt/client")
    client(c)
    assert c.n1.out("lctl get_param -n 'llite.demo-*.statahead_max'") != "17"
    c.n1.run("umount /mnt/client")


def test_later_mount_may_know_more_nodes_of_the_mgs(c):
    client(c)
    assert "10.0.0.9@tcp" not in c.n1.out("lctl get_param 'mgc.*.import'")
    client(c, "/mnt/client2", ":10.0.0.9@tcp")
    assert "10.0.0.9@tcp" in c.n1.out("lctl get_param 'mgc.*.import'")
    c.n1.run("umount /mnt/client /mnt/client2")


def test_timeouts_reach_every_node(c):
    c.n1.run("lctl conf_param demo.sys.timeout=150; lctl conf_param demo.sys.ldlm_timeout=30")
    everywhere(c, "timeout", 150)
    c.n1.run("lctl conf_param demo.sys.timeout=100")
    everywhere(c, "timeout", 100)
    c.n1.run("lctl conf_param -d demo.sys.timeout; lctl conf_param -d demo.sys.ldlm_timeout")
    assert "timeout" not in print_log(c, "demo-client")


def test_settings_are_applied_without_complaints(c):
    """Those for clients, which are in the logs of MDTs too, included."""
    assert c.n1.run("dmesg | grep -E 'config: .* not set|of the configuration:|was not applied'", check=False).status


def test_failover_node_can_be_added(c):
    c.n1.run("lctl conf_param demo-OST0000.failover.node=10.0.0.9@tcp")
    raw = print_log(c, "demo-client", "--raw")
    assert "add_conn, device: demo-OST0000-osc, node: 10.0.0.9@tcp" in raw, raw
    assert "add_conn, device: demo-OST0000-osc-MDT0000, node: 10.0.0.9@tcp" in print_log(c, "demo-MDT0000")
    c.n1.run("lctl conf_param demo-OST0000.failover.node=10.0.0.9@tcp")
    assert print_log(c, "demo-client", "--raw") == raw
    client(c)
    assert "10.0.0.9@tcp" in c.n1.out("lctl get_param 'osc.demo-OST0000-osc-*.import'")
    c.n1.run("umount /mnt/client")
    assert c.n1.run("lctl conf_param demo-OST0000.failover.node=nonsense", check=False).status == 22


def test_pool_is_in_the_logs(c):
    c.n1.run("lctl pool_new demo.fast; lctl pool_add demo.fast OST0000")
    for log in ("demo-client", "demo-MDT0000"):
        assert "fsname: demo, pool: fast, ost: demo-OST0000_UUID" in print_log(c, log)
    for wrong, status in (("pool_new demo.fast", 17), ("pool_add demo.fast OST0000", 17), ("pool_destroy demo.fast", 39),
                          ("pool_add demo.fast OST0009", 2), ("pool_add demo.slow OST0000", 2),
                          ("pool_destroy demo.slow", 2)):
        r = c.n1.run(f"lctl {wrong}", check=False)
        assert r.status == status, f"{wrong}: {r.status}: {r.err}"
    c.n1.run("lctl pool_remove demo.fast demo-OST0000 && lctl pool_destroy demo.fast")
    assert c.n1.run("lctl pool_remove demo.fast OST0000", check=False).status == 2
    c.n1.run("lctl pool_new demo.fast && lctl pool_destroy demo.fast")


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


def test_target_registers_only_its_networks(c):
    c.n1.run("lnetctl net add --net tcp1 --if eth0")
    c.n1.run("modprobe loop && truncate -s 200M /root/ost1 && losetup /dev/loop0 /root/ost1 && mkdir -p /mnt/ost1")
    make = f"mkfs.lustre --reformat --fsname=demo --ost --index=1 --mgsnode={c.n1.ip}@tcp"
    c.n1.run(f"{make} --network=tcp7 /dev/loop0", timeout=300)
    r = c.n1.run("mount -t lustre /dev/loop0 /mnt/ost1", check=False, timeout=300)
    assert "unreachable" in r.err, r.err
    c.n1.run(f"{make} --network=tcp1,tcp2 /dev/loop0", timeout=300)
    mount(c, "/dev/loop0", "/mnt/ost1")
    out = [line for line in print_log(c, "demo-client").splitlines() if "OST0001" in line]
    assert f"{c.n1.ip}@tcp1" in str(out) and f"{c.n1.ip}@tcp," not in str(out), out
    c.n1.run("umount /mnt/ost1 && losetup -d /dev/loop0 && rm /root/ost1", timeout=300)
