# SPDX-License-Identifier: GPL-2.0
"""LNet over TCP between nodes: n1 and n2 run it, n3 plays peers that do not play fair."""

import os
import re

import yaml

from cluster import each

NODES = 3
KERNELS = ("6.12",)
HERE = os.path.dirname(os.path.abspath(__file__))


def up(n):
    n.run("modprobe lnet && modprobe ksocklnd && lnetctl lnet configure && lnetctl net add --net tcp --if eth0")


def setup(c):
    each([c.n1, c.n2], up)
    c.n3.put(os.path.join(HERE, "_lnet_peer.py"), "/tmp/peer.py")


def teardown(c):
    for n in (c.n1, c.n2):
        n.run("rmmod lnet_traffic 2>/dev/null; lustre_rmmod && ! grep -q ^lnet /proc/modules")


def show(n, command):
    return yaml.safe_load(n.out(command))


def traffic(n, peer, **args):
    n.run("modprobe lnet_traffic peer=%s@tcp %s" % (peer, " ".join(f"{k}={v}" for k, v in args.items())), timeout=300)
    n.run("rmmod lnet_traffic")


def offer(n, *args):
    n.run("modprobe lnet_traffic " + " ".join(args))


def withdraw(n):
    """End an offer; what came in must be right."""
    n.run("rmmod lnet_traffic")
    return n.out("dmesg | grep 'lnet_traffic: sink' | tail -n 1")


# --- tools ---

def test_ping_prints_the_nids(c):
    assert c.n1.out("lctl ping 10.0.0.2@tcp").split() == ["12345-0@lo", "12345-10.0.0.2@tcp"]
    assert c.n2.out("lctl ping n1@tcp").split() == ["12345-0@lo", "12345-10.0.0.1@tcp"]
    assert c.n2.out("lctl ping 10.0.0.2@tcp").split() == ["12345-0@lo", "12345-10.0.0.2@tcp"]
    assert c.n2.out("lctl ping 0@lo").split() == ["12345-0@lo", "12345-10.0.0.2@tcp"]


def test_ping_of_an_absent_node_fails(c):
    r = c.n1.run("lctl ping 10.0.0.77@tcp 2", check=False)
    assert r.status and r.err.strip() == "failed to ping 10.0.0.77@tcp: Input/output error"
    r = c.n1.run("lnetctl ping --timeout 2 10.0.0.77@tcp", check=False)
    assert r.status == 255
    assert r.err == ("manage:\n    - ping:\n          errno: -1\n"
                     "          descr: failed to ping 10.0.0.77@tcp: Input/output error\n")


def test_nids_are_listed(c):
    assert c.n1.out("lctl list_nids") == "10.0.0.1@tcp"
    assert c.n1.out("lctl list_nids all").split() == ["0@lo", "10.0.0.1@tcp"]
    assert c.n1.out("lctl which_nid 10.0.0.2@o2ib 10.0.0.2@tcp 10.0.0.1@tcp") == "10.0.0.1@tcp"
    assert c.n1.out("lctl which_nid 10.0.0.2@tcp1 10.0.0.2@tcp") == "10.0.0.2@tcp"
    r = c.n1.run("lctl which_nid 10.0.0.2@tcp1", check=False)
    assert r.status and r.err.strip() == "No reachable NID"


def test_net_show_is_yaml(c):
    lo, tcp = show(c.n1, "lnetctl net show")["net"]
    assert lo == {"net type": "lo", "local NI(s)": [{"nid": "0@lo", "status": "up"}]}
    assert tcp == {"net type": "tcp", "local NI(s)": [
        {"nid": "10.0.0.1@tcp", "status": "up", "interfaces": {0: "eth0"}}]}
    ni = show(c.n1, "lnetctl net show --net tcp -v 2")["net"][0]["local NI(s)"][0]
    assert list(ni) == ["nid", "status", "interfaces", "statistics", "sent_stats", "received_stats", "dropped_stats",
                        "health stats", "tunables", "lnd tunables", "dev cpt", "CPT"]
    assert list(ni["statistics"]) == ["send_count", "recv_count", "drop_count"]
    assert list(ni["sent_stats"]) == ["put", "get", "reply", "ack", "hello"]
    assert ni["tunables"] == {"peer_timeout": 180, "peer_credits": 8, "peer_buffer_credits": 0, "credits": 256}
    assert ni["lnd tunables"] == {"conns_per_peer": 1}


def test_peers_are_shown(c):
    c.n1.run("lnetctl discover 10.0.0.2@tcp")
    assert {"nid": "10.0.0.2@tcp"} in show(c.n1, "lnetctl peer list")["peer list"]
    peer = show(c.n1, "lnetctl peer show --nid 10.0.0.2@tcp")["peer"]
    assert peer == [{"primary nid": "10.0.0.2@tcp", "Multi-Rail": True,
                     "peer ni": [{"nid": "10.0.0.2@tcp", "state": "NA"}]}]
    ni = show(c.n1, "lnetctl peer show --nid 10.0.0.2@tcp -v 2")["peer"][0]["peer ni"][0]
    assert list(ni) == ["nid", "state", "max_ni_tx_credits", "available_tx_credits", "min_tx_credits",
                        "tx_q_num_of_buf", "available_rtr_credits", "min_rtr_credits", "refcount", "statistics",
                        "sent_stats", "received_stats", "dropped_stats", "health stats"]
    assert ni["available_tx_credits"] == 8


def test_globals_are_shown_and_set(c):
    assert list(show(c.n1, "lnetctl global show")["global"]) == [
        "numa_range", "max_interfaces", "discovery", "drop_asym_route", "retry_count", "transaction_timeout",
        "health_sensitivity", "recovery_interval", "router_sensitivity", "lnd_timeout", "response_tracking",
        "recovery_limit"]
    assert show(c.n1, "lnetctl global show")["global"]["lnd_timeout"] == 16
    c.n1.run("lnetctl set transaction_timeout 10")
    assert show(c.n1, "lnetctl global show")["global"]["lnd_timeout"] == 3
    c.n1.run("lnetctl set transaction_timeout 50")
    assert c.n1.run("lnetctl set retry_count 100", check=False).status == 253
    assert c.n1.run("lnetctl set no_such_thing 1", check=False).status == 255


def test_statistics_count_and_reset(c):
    c.n1.run("lnetctl stats reset && lctl ping 10.0.0.2@tcp")
    stats = show(c.n1, "lnetctl stats show")["statistics"]
    assert stats["send_count"] >= 1 and stats["recv_length"] >= 48 and stats["msgs_alloc"] == 0
    assert len(c.n1.out("cat /sys/kernel/debug/lnet/stats").split()) == 11
    assert c.n1.out("head -n 1 /sys/kernel/debug/lnet/nis").split() == "nid status alive refs peer rtr max tx min".split()
    assert c.n1.out("head -n 1 /sys/kernel/debug/lnet/peers").split() == \
        "nid refs state last max rtr min tx min queue".split()


def test_export_is_one_document(c):
    doc = show(c.n1, "lnetctl export")
    assert list(doc)[:2] == ["net", "routing"] and "peer" in doc and "global" in doc
    backup = show(c.n1, "lnetctl export --backup")
    assert [n["net type"] for n in backup["net"]] == ["tcp"]
    assert "nid" not in backup["net"][0]["local NI(s)"][0]


def test_errors_are_yaml(c):
    r = c.n1.run("lnetctl net add --net tcp3 --if nodev0", check=False)
    assert r.status == 256 - 19
    assert yaml.safe_load(r.err) == {"add": [{"net": {"errno": -19, "descr": "cannot add network: No such device"}}]}
    r = c.n1.run("lnetctl net add --net tcp --if eth0", check=False)
    assert r.status == 256 - 17
    assert c.n1.run("lctl nosuchcommand", check=False).status == 1
    assert c.n1.run("lctl ping", check=False).status == 4


def test_second_net_on_the_same_interface(c):
    for n in (c.n1, c.n2):
        n.run("lnetctl net add --net tcp1 --if eth0 --conns-per-peer 3")
    assert c.n1.out("lctl ping 10.0.0.2@tcp1").split()[1:] == ["12345-10.0.0.2@tcp", "12345-10.0.0.2@tcp1"]
    # both NIDs are one node once it has been discovered
    c.n1.run("lnetctl discover 10.0.0.2@tcp")
    assert show(c.n1, "lnetctl peer show --nid 10.0.0.2@tcp1")["peer"][0]["primary nid"] == "10.0.0.2@tcp"
    for n in (c.n1, c.n2):
        n.run("lnetctl net del --net tcp1")
    assert c.n1.out("lctl list_nids") == "10.0.0.1@tcp"
    assert c.n1.run("lctl ping 10.0.0.2@tcp1", check=False).status


# --- data ---

def test_data_arrives_intact(c):
    offer(c.n2)
    for args in (dict(op="put", bytes=1, count=20), dict(op="put", bytes=927, count=50, depth=4),
                 dict(op="put", bytes=928, count=50, depth=4), dict(op="put", bytes=16383, count=20, depth=2),
                 dict(op="put", bytes=16384, count=20, depth=2), dict(op="put", count=20, depth=8),
                 dict(op="put", bytes=1000001, skew=123, count=10, depth=4),
                 dict(op="get", bytes=1, count=20), dict(op="get", bytes=100000, skew=4000, count=20, depth=8),
                 dict(op="get", count=20, depth=8), dict(op="put", bytes=100, count=500, depth=64)):
        traffic(c.n1, "10.0.0.2", **args)
    assert "matches" in withdraw(c.n2)


def test_lazy_portal_waits_for_a_buffer(c):
    offer(c.n2)     # makes the portal lazy, posts nothing
    p = c.n1.spawn("modprobe lnet_traffic peer=10.0.0.2@tcp op=lazy bytes=3000 count=5 depth=5")
    c.n2.wait_for("[ $(lnetctl net show --net tcp -v 2 | awk '/received_stats/ {f=1} f && /put:/ {print $2; exit}') -ge 5 ]")
    # the connection is not blocked meanwhile
    c.n2.run("lctl ping 10.0.0.1@tcp")
    c.n1.run("lctl ping 10.0.0.2@tcp")
    c.n2.run("echo 5 > /sys/module/lnet_traffic/parameters/wanted")
    p.wait(timeout=60)
    c.n1.run("rmmod lnet_traffic")
    assert "5 lazy, status 0" in withdraw(c.n2)


def test_cut_cable_delays_and_does_not_lose(c):
    offer(c.n2)
    traffic(c.n1, "10.0.0.2", op="put", count=1)
    p = c.n1.spawn("modprobe lnet_traffic peer=10.0.0.2@tcp op=put bytes=65536 count=400 depth=4")
    c.n2.cut()
    c.n1.run("sleep 2")
    c.n2.heal()
    p.wait(timeout=120)
    c.n1.run("rmmod lnet_traffic")
    assert "matches" in withdraw(c.n2)


def test_node_is_reached_again_after_a_power_cut(c):
    c.n1.run("lctl ping 10.0.0.2@tcp")
    c.n2.reboot()
    up(c.n2)
    c.n1.wait_for("lctl ping 10.0.0.2@tcp", timeout=30)
    c.n2.wait_for("lctl ping 10.0.0.1@tcp", timeout=30)
    offer(c.n2)
    traffic(c.n1, "10.0.0.2", op="put", count=5, depth=2)
    assert "matches" in withdraw(c.n2)


def test_silent_peer_is_given_up(c):
    c.n1.run("lnetctl set transaction_timeout 7")       # LND timeout: 2 s
    c.n2.run("lctl ping 10.0.0.1@tcp")
    offer(c.n2)
    traffic(c.n1, "10.0.0.2", op="put", count=1)
    c.n2.cut()
    r = c.n1.run("modprobe lnet_traffic peer=10.0.0.2@tcp op=put count=20 depth=8", check=False, timeout=100)
    assert r.status
    c.n2.heal()
    c.n1.run("lnetctl set transaction_timeout 50")
    c.n1.wait_for("lctl ping 10.0.0.2@tcp", timeout=90)
    withdraw(c.n2)


# --- configuration ---

def test_network_goes_down_and_up(c):
    offer(c.n1)
    r = c.n1.run("lctl network down", check=False)
    assert r.status and r.err.strip() == "LNET busy"
    withdraw(c.n1)
    assert c.n1.out("lctl network down") == "LNET ready to unload"
    c.n1.run("lustre_rmmod")
    c.n1.run("modprobe lnet networks='tcp0(eth0)[0],tcp7(eth0)' no_such_option=1")
    assert c.n1.out("lctl network up") == "LNET configured"
    assert c.n1.out("lctl list_nids").split() == ["10.0.0.1@tcp", "10.0.0.1@tcp7"]
    c.n1.run("lctl network down; lustre_rmmod")
    c.n1.run("modprobe lnet ip2nets='tcp5 192.168.*.*; tcp6(eth0) 10.0.0.[1-2]'")
    c.n1.run("lctl network up")
    assert c.n1.out("lctl list_nids") == "10.0.0.1@tcp6"
    c.n1.run("lctl network down; lustre_rmmod")
    up(c.n1)
    c.n1.wait_for("lctl ping 10.0.0.2@tcp", timeout=30)


def state(n):
    return show(n, "lnetctl net show --net tcp")["net"][0]["local NI(s)"][0]["status"]


def test_events_in_other_namespaces_are_ignored(c):
    c.n1.run("""ip netns add other
        ip -n other link add eth0 index $(cat /sys/class/net/eth0/ifindex) type dummy
        ip -n other addr add 10.0.0.1/24 dev eth0; ip -n other link set eth0 up
        ip -n other link set eth0 down; ip -n other addr del 10.0.0.1/24 dev eth0; ip netns del other""")
    assert state(c.n1) == "up"
    c.n1.run("ip addr add 10.0.0.99/24 dev eth0; ip addr del 10.0.0.99/24 dev eth0")
    assert state(c.n1) == "up"
    c.n1.run("lctl ping 10.0.0.2@tcp")


def test_lost_carrier_takes_the_interface_down(c):
    c.n1.link(False)
    c.n1.wait_for("lnetctl net show --net tcp | grep -q 'status: down'", timeout=10)
    c.n1.link(True)
    c.n1.wait_for("lnetctl net show --net tcp | grep -q 'status: up'", timeout=10)
    c.n1.wait_for("lctl ping 10.0.0.2@tcp", timeout=30)


# --- peers that do not play fair ---

def unfair(case):
    def test(c):
        before = int(c.n1.out("awk '/MemAvailable/ {print $2}' /proc/meminfo"))
        assert c.n3.out("python3 /tmp/peer.py 10.0.0.1 " + case, timeout=200) == "ok"
        c.n1.wait_for("lctl ping 10.0.0.2@tcp", timeout=10)
        assert int(c.n1.out("awk '/MemAvailable/ {print $2}' /proc/meminfo")) > before - 64 * 1024
    return test


with open(os.path.join(HERE, "_lnet_peer.py")) as f:
    for name in re.findall(r"^def case_(\w+)", f.read(), re.M):
        globals()["test_peer_" + name] = unfair(name)
