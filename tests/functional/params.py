# SPDX-License-Identifier: GPL-2.0
"""Parameters and statistics: what monitoring reads is there and has the stock shape, counters
count, good values are taken and bad ones refused; get_param, list_param and set_param."""

import re

import yaml

from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
KERNELS = ("6.12",)

NUMBER = r"\d+\n?"
COUNTERS = re.compile(r"""snapshot_time +\d+\.\d{9} secs\.nsecs
start_time +\d+\.\d{9} secs\.nsecs
elapsed_time +\d+\.\d{9} secs\.nsecs(
\S+ +\d+ samples \[\w+(/s)?\]( \d+ \d+ \d+( \d+)?)?)*""")
JOBS = re.compile(r"""job_stats:\n?(- job_id: {10}\S+
  snapshot_time: {3}\d+\.\d{9} secs\.nsecs
  start_time: {6}\d+\.\d{9} secs\.nsecs
  elapsed_time: {4}\d+\.\d{9} secs\.nsecs
(  (?=.{17}\{)\w+: +\{ samples: +\d+, unit: +\w+, min: +\d+, max: +\d+, sum: +\d+, sumsq: +\d+ \}\n?)+)*""")

TIMES = r"(snapshot|start|elapsed)_time: +\d+\.\d{9} secs\.nsecs\n" * 3
CACHED = re.compile(r"used_mb: \d+\nbusy_cnt: \d+\nreclaim: \d+")
RPC_STATS = re.compile(TIMES + r"""read RPCs in flight:  \d+
write RPCs in flight: \d+
pending write pages:  \d+
pending read pages:   \d+
""" + "".join(rf"""
 +read +write
{head} +rpcs   % cum % \|       rpcs   % cum %
(\d+:\t\t[ \d]{{10}} [ \d]{{3}} [ \d]{{3}}   \| [ \d]{{10}} [ \d]{{3}} [ \d]{{3}}\n?)+""" for head in ("pages per rpc", "rpcs in flight", "offset")))

NAMESPACE = ("lock_count lock_unused_count resource_count lru_size lru_max_age contended_locks contention_seconds "
             "ctime_age_limit early_lock_cancel lock_timeouts max_nolock_bytes max_parallel_ast").split()

# What an exporter asks of servers, and what each answer looks like
SERVER = {
    "mds": {
        "memused": NUMBER, "memused_max": NUMBER, "lnet_memused": NUMBER, "health_check": "healthy\n?",
        "version": r"2\.15\.8", "mdt.*.exports.*.uuid": r"(\S+\n?)+", "mdt.*.md_stats": COUNTERS,
        "mdt.*MDT*.num_exports": NUMBER, "mdt.*MDT*.exports.*.{stats,ldlm_stats}": COUNTERS,
        "mdt.*MDT*.exports.*.reply_data": r"(\S+:\n    reply_cnt: \d+\n?)+", "osd-*.*MDT*.stats": COUNTERS,
        "mdt.*MDT*.recovery_status": r"status: [A-Z_]+.*",
        "mdt.*.job_stats": JOBS, "mds.MDS.{mdt,mdt_readpage,mdt_io,mdt_out,mdt_fld,mdt_seqs,mdt_seqm}.stats": COUNTERS,
        "mgs.*.mgs.stats": COUNTERS, "mgs.*.mgs.{threads_max,threads_min,threads_started}": NUMBER,
        "mgs.*.num_exports": NUMBER, "mgs.*.live.*": r"fsname: .*", "mgs.MGS.filesystems": "sheen",
        "osp.*.{active,max_create_count}": NUMBER,
        "osd-*.*MDT*.{filesfree,filestotal,kbytesavail,kbytesfree,kbytestotal,blocksize}": NUMBER, "osd-*.*MDT*.fstype": "ldiskfs",
        "ldlm.namespaces.mdt-*.{%s}" % ",".join(NAMESPACE): NUMBER, "ldlm.services.{ldlm_canceld,ldlm_cbd}.stats": COUNTERS,
        "mdd.*.changelog_users": r"current_index: \d+\nID +index \(idle\) mask\n?",
    },
    "oss": {
        "obdfilter.*OST*.stats": COUNTERS, "obdfilter.*OST*.{num_exports,tot_dirty,tot_granted,tot_pending}": NUMBER,
        "obdfilter.*OST*.exports.*.{stats,ldlm_stats}": COUNTERS, "osd-*.*OST*.stats": COUNTERS, "obdfilter.*OST*.recovery_status": r"status: [A-Z_]+.*",
        "obdfilter.*OST*.job_stats": JOBS, "ost.OSS.{ost,ost_io,ost_create,ost_out,ost_seq}.stats": COUNTERS,
        "osd-*.*OST*.{filesfree,filestotal,kbytesavail,kbytesfree,kbytestotal}": NUMBER, "osd-*.*OST*.fstype": "ldiskfs",
        "osd-*.*OST*.brw_stats": r"snapshot_time: .*", "obdfilter.*OST*.brw_stats": r"snapshot_time: .*",
        "ldlm.namespaces.filter-*.{%s}" % ",".join(NAMESPACE): NUMBER, "ldlm.services.{ldlm_canceld,ldlm_cbd}.stats": COUNTERS,
        "obdfilter.*OST*.{filesfree,filestotal,kbytesavail,kbytesfree,kbytestotal}": NUMBER,
    },
    "c1": {
        "llite.*.stats": COUNTERS, "osc.*.stats": COUNTERS, "mdc.*.stats": COUNTERS,
        "{osc,mdc,mgc}.*.import": r"import:\n.*", "{osc,mdc,mgc}.*.state": r"current_state: FULL\nstate_history:\n( - \[ \d+, \w+ \]\n?)+",
        "{osc,mdc}.*.{active,max_dirty_mb,max_rpcs_in_flight,max_pages_per_rpc,cur_grant_bytes,cur_dirty_bytes,"
        "cur_dirty_grant_bytes,cur_lost_grant_bytes,checksums,short_io_bytes,resend_count}": NUMBER,
        "{osc,mdc}.*.{blocksize,kbytestotal,kbytesfree,kbytesavail,filestotal,filesfree}": NUMBER,
        "{osc,mdc}.*.checksum_type": r"(\w+ |\[\w+\] )+", "{osc,mdc}.*.timeouts": r"(network   |portal \d+ ) : cur +\d+\n?.*",
        "{osc,mdc}.*.rpc_stats": RPC_STATS, "{osc.*.osc_stats,mdc.*.mdc_stats}":
        TIMES + r"lockless_write_bytes\t\t\d+\nlockless_read_bytes\t\t\d+", "{osc.*.osc_cached_mb,mdc.*.mdc_cached_mb}": CACHED,
        "llite.*.read_ahead_stats": COUNTERS, "llite.*.{extents_stats,extents_stats_per_process}": r"disabled .*",
        "llite.*.{blocksize,kbytestotal,kbytesfree,kbytesavail,filestotal,filesfree,statahead_max,maxbytes,max_read_ahead_per_file_mb}": NUMBER,
        "llite.*.fstype": "lustre", "llite.*.client_type": "local client", "lov.*.target_obd": r"0: sheen-OST0000_UUID ACTIVE\n?",
        "ldlm.namespaces.*.{lock_count,lock_unused_count,resource_count,lru_size,lru_max_age}": NUMBER,
        "{osc.*.ost_conn_uuid,mdc.*.mds_conn_uuid,mgc.*.mgs_conn_uuid}": r"10\.0\.0\.\d@tcp",
        "timeout": "100", "{at_min,at_max,at_history,at_extra,at_early_margin}": NUMBER, "jobid_var": r"\w+", "jobid_name": r".*",
        "pinger": "on", "devices": r"( *\d+ UP \S+ \S+ \S+ \d+\n?)+", "mgc.*.ir_state": r"imperative_recovery: .*",
    },
}


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()


def teardown(c):
    c.fs.down()


def get(node, pattern):
    """Values by name."""
    out = node.out(f"for i in $(lctl get_param -N '{pattern}'); do echo \"@ $i\"; lctl get_param -n $i; done")
    return {name: text.rstrip("\n") for name, _, text in (p.partition("\n") for p in re.split(r"^@ ", out, flags=re.M)[1:])}


def counters(node, pattern):
    """Samples by counter, of all files that match."""
    found = {}
    for text in get(node, pattern).values():
        for name, n in re.findall(r"^(\S+) +(\d+) samples", text, re.M):
            found[name] = found.get(name, 0) + int(n)
    return found


def grown(node, pattern, before):
    now = counters(node, pattern)
    return {k: v - before.get(k, 0) for k, v in now.items() if v != before.get(k, 0)}


def test_what_exporters_read_is_there_and_has_its_shape(c):
    c.c1.run(f"lctl set_param jobid_var=procname_uid; cd {c.fs.mnt} && mkdir shape && echo x > shape/f && sync && cat shape/f && lctl set_param jobid_var=disable")
    wrong = []
    for node, patterns in SERVER.items():
        for pattern, shape in patterns.items():
            found = get(c[node], pattern)
            wrong += [(node, name, text) for name, text in found.items()
                      if not re.fullmatch(shape, text, 0 if hasattr(shape, "flags") else re.S)]
            if not found:
                wrong.append((node, pattern, "absent"))
    assert not wrong, wrong
    assert len(get(c.mds, "ldlm.namespaces.mdt-sheen-MDT0000_UUID.*")) == len(NAMESPACE)


def test_one_command_with_unknown_patterns_prints_the_others(c):
    r = c.mds.run("lctl get_param mdt.*.job_stats nosuch.*.stats 'qmt.*.{dt,md}-*.glb-usr' mgs.*.live.*", check=False)
    assert r.status == 2 and "mdt.sheen-MDT0000.job_stats=" in r.out and "mgs.MGS.live.sheen=" in r.out
    assert "error: get_param: param_path 'nosuch/*/stats': No such file or directory" in r.err


def test_imports_are_yaml(c):
    for name, text in get(c.c1, "{osc,mdc,mgc}.*.import").items():
        imp = yaml.safe_load(text)["import"]
        assert imp["state"] == "FULL" and imp["connection"]["current_connection"].endswith("@tcp"), name
        assert "version" in imp["connect_flags"] and "full20" in imp["connect_flags"]
        assert set(imp["rpcs"]) == {"inflight", "unregistering", "timeouts", "avg_waittime"}
    export, = get(c.oss, "obdfilter.*.exports.10.0.0.3@tcp.export").values()
    (client,) = yaml.safe_load(export).values()
    assert client["name"] == "sheen-OST0000" and client["client"] == "10.0.0.3@tcp"
    uuid, = get(c.c1, "llite.*.uuid").values()
    assert uuid in get(c.oss, "obdfilter.*.exports.10.0.0.3@tcp.uuid")["obdfilter.sheen-OST0000.exports.10.0.0.3@tcp.uuid"]


def test_metadata_counters_count_operations(c):
    before = counters(c.mds, "mdt.*.md_stats")
    mine = counters(c.mds, "mdt.*.exports.10.0.0.3@tcp.stats")
    llite = counters(c.c1, "llite.*.stats")
    c.c1.run(f"""cd {c.fs.mnt} && mkdir m m/d && for i in 1 2 3 4 5; do mknod m/p$i p; done && ln m/p1 m/l
        ln -s p1 m/s; mv m/p2 m/r && mv m/p3 m/d/p3 && rm m/p4 m/l && rmdir m/d 2>/dev/null; rm m/d/p3 && rmdir m/d""")
    for found in (grown(c.mds, "mdt.*.md_stats", before), grown(c.mds, "mdt.*.exports.10.0.0.3@tcp.stats", mine)):
        assert {k: found.get(k) for k in ("mkdir", "mknod", "link", "rename", "samedir_rename", "crossdir_rename", "unlink")} == \
            {"mkdir": 2, "mknod": 6, "link": 1, "rename": 2, "samedir_rename": 1, "crossdir_rename": 1, "unlink": 3}, found
        assert found["rmdir"] in (1, 2), found
    found = grown(c.c1, "llite.*.stats", llite)
    assert (found["mkdir"], found["mknod"], found["link"], found["symlink"], found["rename"], found["unlink"]) == (2, 5, 1, 1, 2, 3)


def test_data_counters_count_bytes(c):
    stats = "obdfilter.sheen-OST0000.stats"

    def total(name):
        line = re.search(rf"^{name} +(\d+) samples \[bytes\] \d+ \d+ (\d+)", c.oss.out(f"lctl get_param -n {stats}"), re.M)
        return int(line.group(2)) if line else 0

    wrote, read = total("write_bytes"), total("read_bytes")
    rpcs = counters(c.oss, "ost.OSS.ost_io.stats")
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/data bs=1M count=16 oflag=direct && dd if={c.fs.mnt}/data of=/dev/null bs=1M iflag=direct", 300)
    assert total("write_bytes") - wrote == 16 << 20 and total("read_bytes") - read == 16 << 20
    found = grown(c.oss, "ost.OSS.ost_io.stats", rpcs)
    assert found["ost_write"] == 16 and found["ost_read"] == 16
    assert found["req_waittime"] == found["req_active"] == found["req_qdepth"] == found["reqbuf_avail"] >= 32
    assert found["read_bytes"] == 16 and found["write_bytes"] == 16


def rows(text, section):
    """{label: (reads, writes)} of one histogram."""
    part = text[text.index(section):].partition("\n\n")[0]
    return {label.strip(): (int(r), int(w)) for label, r, w in
            re.findall(r"^ *(\S.*?):\s+(\d+) +\d+ +\d+ +\| +(\d+) +\d+ +\d+$", part, re.M) if r + w != "00"}


def test_bulk_rpcs_are_counted_by_size_number_and_offset(c):
    def stats():
        return c.c1.out("lctl get_param -n osc.*.rpc_stats")

    c.c1.run(f"""set -e; lctl set_param osc.*.rpc_stats=0 osc.*.osc_stats=0
        dd if=/dev/zero of={c.fs.mnt}/rpcs bs=1M count=3 oflag=direct; dd if={c.fs.mnt}/rpcs of=/dev/null bs=64k skip=32 count=1 iflag=direct""", 300)
    text = stats()
    assert rows(text, "pages per rpc") == {"16": (1, 0), "256": (0, 3)}
    assert rows(text, "rpcs in flight") == {"1": (1, 3)}
    assert rows(text, "offset") == {"0": (0, 1), "256": (0, 1), "512": (1, 1)}
    lockless = c.c1.out("lctl get_param -n osc.*.osc_stats")
    assert f"lockless_write_bytes\t\t{3 << 20}\nlockless_read_bytes\t\t{64 << 10}" in lockless, lockless
    c.c1.run("lctl set_param osc.*.rpc_stats=0 osc.*.osc_stats=0")
    assert not rows(stats(), "pages per rpc") and "lockless_write_bytes\t\t0\n" in c.c1.out("lctl get_param -n osc.*.osc_stats")


def test_rpcs_are_as_large_as_max_pages_per_rpc(c):
    for value, pages, count in (("64", "64", 4), ("1M", "256", 1), ("100", "128", 3)):
        c.c1.run(f"""set -e; lctl set_param osc.*.max_pages_per_rpc={value} osc.*.rpc_stats=0
            dd if=/dev/urandom of={c.fs.mnt}/sized bs=1M count=1 && sync
            sum=$(md5sum < {c.fs.mnt}/sized); lctl set_param ldlm.namespaces.*.lru_size=clear; [ "$sum" = "$(md5sum < {c.fs.mnt}/sized)" ]""", 300)
        text = c.c1.out("lctl get_param -n osc.*.rpc_stats")
        assert sum(w for _, w in rows(text, "pages per rpc").values()) == count and pages in rows(text, "pages per rpc"), (value, text)
    c.c1.run("lctl set_param osc.*.max_pages_per_rpc=4M")
    assert c.c1.out("lctl get_param -n osc.*.max_pages_per_rpc") == "1024"


def test_data_of_each_checksum_type_is_accepted(c):
    types = c.c1.out("lctl get_param -n osc.*.checksum_type").replace("[", "").replace("]", "").split()
    assert {"adler", "crc32", "crc32c"} <= set(types)
    for kind in types:
        c.c1.run(f"lctl set_param osc.*.checksum_type={kind}")
        assert f"[{kind}]" in c.c1.out("lctl get_param -n osc.*.checksum_type").split()
        c.c1.run(f"""cd {c.fs.mnt}; dd if=/dev/urandom of=sum bs=100k count=3 oflag=direct && sum=$(md5sum < sum) &&
            lctl set_param ldlm.namespaces.*.lru_size=clear && [ "$sum" = "$(md5sum < sum)" ]""", 300)
    r = c.c1.run("lctl set_param osc.*.checksum_type=md5", check=False)
    assert r.status == 22 and f"[{types[-1]}]" in c.c1.out("lctl get_param -n osc.*.checksum_type").split()
    assert not c.c1.run("dmesg | grep 'checksum of'", check=False).out


def test_dirty_and_cached_pages_are_seen(c):
    def value(name):
        return c.c1.out(f"lctl get_param -n osc.*.{name}")

    def cached():
        return yaml.safe_load(value("osc_cached_mb"))

    c.c1.run("sync; lctl set_param ldlm.namespaces.*.lru_size=clear")
    c.c1.wait_for("lctl get_param -n osc.*.osc_cached_mb | grep -qx 'used_mb: 0'")
    before = cached()
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/dirty bs=40k count=1")
    assert int(value("cur_dirty_bytes")) == 40 << 10 and int(value("cur_dirty_grant_bytes")) >= 40 << 10
    assert "pending write pages:  10\n" in value("rpc_stats") and cached()["busy_cnt"] == 10
    c.c1.run("sync")
    assert value("cur_dirty_bytes") == "0" and "pending write pages:  0\n" in value("rpc_stats")
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/dirty bs=1M count=8 && sync", 300)
    assert cached() == {"used_mb": before["used_mb"] + 8, "busy_cnt": 0, "reclaim": 0}
    c.c1.run("lctl set_param ldlm.namespaces.*.lru_size=clear")
    c.c1.wait_for("lctl get_param -n osc.*.osc_cached_mb | grep -qx 'used_mb: 0'")


def test_read_ahead_is_counted_in_pages(c):
    c.c1.run(f"""dd if=/dev/zero of={c.fs.mnt}/ahead bs=1M count=8 && sync && lctl set_param ldlm.namespaces.*.lru_size=clear
        lctl set_param llite.*.read_ahead_stats=0 && dd if={c.fs.mnt}/ahead of=/dev/null bs=16k""", 300)
    found = counters(c.c1, "llite.*.read_ahead_stats")
    assert found["hits"] + found["misses"] == 2048 and found["hits"] > found["misses"] > 0, found
    c.c1.run(f"lctl set_param llite.*.read_ahead_stats=0; dd if={c.fs.mnt}/ahead of=/dev/null bs=1M")
    assert counters(c.c1, "llite.*.read_ahead_stats") == {"hits": 2048}
    # random reads of a file opened without read-ahead bring just themselves
    c.c1.run(f"""lctl set_param ldlm.namespaces.*.lru_size=clear llite.*.max_read_ahead_per_file_mb=0 llite.*.read_ahead_stats=0
        for i in 9 70 500 3; do dd if={c.fs.mnt}/ahead of=/dev/null bs=4k skip=$i count=1; done; lctl set_param llite.*.max_read_ahead_per_file_mb=4""")
    assert counters(c.c1, "llite.*.read_ahead_stats") == {"misses": 4}


def test_sizes_of_reads_and_writes_are_counted_once_asked_for(c):
    c.c1.run(f"""set -e; cd {c.fs.mnt}; lctl set_param llite.*.extents_stats=1
        dd if=/dev/zero of=sizes bs=4k count=3; dd if=/dev/zero of=sizes bs=1000 count=2; dd if=sizes of=/dev/null bs=1M""")
    text = c.c1.out("lctl get_param -n llite.*.extents_stats")
    assert re.match(TIMES, text) and rows(text, "extents ") == {"4K -    8K": (0, 3), "0K -    4K": (1, 2)}, text
    text = c.c1.out("lctl get_param -n llite.*.extents_stats_per_process")
    parts = re.split(r"^PID: \d+$", text, flags=re.M)[1:]
    assert [rows(p, "extents ") for p in parts] == [{"4K -    8K": (0, 3)}, {"0K -    4K": (0, 2)}, {"0K -    4K": (1, 0)}], text
    c.c1.run("lctl set_param llite.*.extents_stats=0")
    assert c.c1.out("lctl get_param -n llite.*.extents_stats").startswith("disabled ")


def test_exports_show_locks_open_files_and_replies(c):
    at = "exports.10.0.0.3@tcp"
    before = counters(c.oss, f"obdfilter.*.{at}.ldlm_stats")
    fid = c.c1.out(f"cd {c.fs.mnt}; echo x > opened; lfs path2fid opened")
    c.c1.run(f"(exec 5< {c.fs.mnt}/opened; echo $BASHPID > /tmp/opener; exec sleep 600) > /dev/null 2>&1 &")
    c.mds.wait_for(f"lctl get_param -n mdt.*.{at}.open_files | grep -qxF '{fid}'")
    c.c1.run("kill $(cat /tmp/opener)")
    c.mds.wait_for(f"! lctl get_param -n mdt.*.{at}.open_files | grep -qxF '{fid}'")
    c.c1.run("sync; lctl set_param ldlm.namespaces.*.lru_size=clear")
    c.oss.wait_for("[ $(lctl get_param -n 'ldlm.namespaces.filter-*.lock_count') = 0 ]")
    found = grown(c.oss, f"obdfilter.*.{at}.ldlm_stats", before)
    assert found["ldlm_enqueue"] >= 1 and found["ldlm_cancel"] >= 1, found
    c.c1.run(f"mkdir {c.fs.mnt}/replied")
    uuid, = get(c.c1, "llite.*.uuid").values()
    replies = yaml.safe_load(c.mds.out(f"lctl get_param -n mdt.*.{at}.reply_data"))
    assert replies[uuid]["reply_cnt"] >= 1, replies


def test_targets_tell_what_pages_cost(c):
    before = counters(c.oss, "osd-*.*.stats")
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/pages bs=1M count=2 oflag=direct", 300)
    assert grown(c.oss, "osd-*.*.stats", before) == {"get_page": 2}


def test_brw_stats_are_histograms(c):
    c.oss.run("lctl set_param osd-ldiskfs.*OST*.brw_stats=clear")
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/hist bs=1M count=8 oflag=direct && dd if=/dev/zero of={c.fs.mnt}/hist bs=64k count=2 oflag=direct", 300)
    text = c.oss.out("lctl get_param -n osd-ldiskfs.*OST*.brw_stats")
    sections = text.split("\n\n")
    assert re.fullmatch(r"(snapshot|start|elapsed)_time: +\d+\.\d{9} secs\.nsecs(\n(snapshot|start|elapsed)_time: +\d+\.\d{9} secs\.nsecs){2}", sections[0])
    assert [s.split("\n")[1][:22].strip() for s in sections[1:]] == [
        "pages per bulk r/w", "discontiguous pages", "discontiguous blocks", "disk fragmented I/Os",
        "disk I/Os in flight", "I/O time (1/1000s)", "disk I/O size", "block maps msec"]
    head = sections[1].split("\n")
    assert head[0] == " " * 27 + "read      |     write" and head[1] == "pages per bulk r/w     rpcs  % cum % |  rpcs        % cum %"
    assert re.fullmatch(r"16:\t\t +0 +0 +0   \| +2 +20 +20", head[2]) and re.fullmatch(r"256:\t\t +0 +0 +0   \| +8 +80 100", head[-1]), head
    assert re.search(r"^1M:\t\t", sections[7], re.M) and re.search(r"^64K:\t\t", sections[7], re.M), sections[7]


def test_jobs_are_counted(c):
    c.mds.run("lctl set_param mdt.*.job_stats=clear")
    c.oss.run("lctl set_param obdfilter.*.job_stats=clear")
    assert c.mds.out("lctl get_param -n mdt.*.job_stats") == "job_stats:"
    c.c1.run(f"""set -e; lctl set_param jobid_var=JOB
        JOB=one sh -c 'cd {c.fs.mnt} && mkdir j1 j2 j3 && dd if=/dev/zero of=j bs=1M count=2 oflag=direct'
        JOB='a b/c' sh -c 'mkdir {c.fs.mnt}/j4'
        lctl set_param jobid_var=disable""", 300)
    jobs = {j["job_id"]: j for j in yaml.safe_load(c.mds.out("lctl get_param -n mdt.*.job_stats"))["job_stats"]}
    assert {j: n["mkdir"]["samples"] for j, n in jobs.items()} == {"one": 3, "a b/c": 1}
    assert jobs["one"]["rmdir"] == {"samples": 0, "unit": "usecs", "min": 0, "max": 0, "sum": 0, "sumsq": 0}
    assert r'job_id:          "a\x20b\x2Fc"' in c.mds.out("lctl get_param -n mdt.*.job_stats")
    job, = yaml.safe_load(c.oss.out("lctl get_param -n obdfilter.*.job_stats"))["job_stats"]
    assert job["write_bytes"]["sum"] == 2 << 20 and job["write_bytes"]["samples"] == 2
    c.mds.run("lctl set_param mdt.*.job_stats=one")
    assert [j["job_id"] for j in yaml.safe_load(c.mds.out("lctl get_param -n mdt.*.job_stats"))["job_stats"]] == ["a b/c"]


def test_counters_are_cleared(c):
    for node, pattern in ((c.mds, "mdt.*.md_stats"), (c.oss, "obdfilter.*.stats"), (c.c1, "llite.*.stats"), (c.c1, "osc.*.stats"),
                          (c.oss, "ost.OSS.ost_io.stats")):
        c.c1.run(f"cd {c.fs.mnt}; touch clear; echo x > clear; sync")
        assert counters(node, pattern)
        node.run(f"lctl set_param '{pattern}' 0")
        left = counters(node, pattern)
        assert not left.get("open") and not left.get("write_bytes"), left


def test_values_are_set_and_bad_ones_refused(c):
    for node, name, good, bad in (
            (c.c1, "timeout", ("100", "200"), ("0", "-1", "x", "99999")), (c.c1, "at_min", ("5", "0"), ("x", "-1")),
            (c.c1, "at_max", ("600", "0"), ("-1", "x")), (c.c1, "at_history", ("600", "100"), ("0", "y")),
            (c.c1, "at_extra", ("30", "10"), ("0", "z")), (c.c1, "at_early_margin", ("5", "7"), ("0", "z")),
            (c.c1, "osc.*.max_rpcs_in_flight", ("8", "16"), ("0", "257", "x")), (c.c1, "mdc.*.max_rpcs_in_flight", ("8", "16"), ("0", "257", "x")),
            (c.c1, "osc.*.checksums", ("1", "0"), ("z",)), (c.c1, "{osc,mdc}.*.max_dirty_mb", ("64", "32"), ("x", "-5", "0", "4096")),
            (c.c1, "osc.*.max_pages_per_rpc", ("1024", "17"), ("0", "1025", "8M", "x")), (c.c1, "mdc.*.max_pages_per_rpc", ("256", "3"), ("257",)),
            (c.c1, "{osc,mdc}.*.resend_count", ("10", "4"), ("x", "-1")), (c.c1, "mdc.*.checksums", ("1", "0"), ("z",)),
            (c.c1, "llite.*.max_read_ahead_per_file_mb", ("4", "0"), ("257", "-1", "x")),
            (c.c1, "llite.*.statahead_max", ("32", "0"), ("99999", "x")), (c.c1, "llite.*.lazystatfs", ("1", "0"), ("q",)),
            (c.c1, "ldlm.namespaces.*-osc-*.lru_size", ("200", "500"), ("x", "-1")),
            (c.c1, "ldlm.namespaces.*-osc-*.lru_max_age", ("3900000", "60000"), ("0", "x")),
            (c.mds, "mdt.*.job_cleanup_interval", ("600", "0"), ("x", "-1"))):
        for value in good:
            out = node.out(f"lctl set_param '{name}={value}' && lctl get_param -n '{name}'").split("\n")
            assert set(out[len(out) // 2:]) == {value}, (name, value, out)
        for value in bad:
            r = node.run(f"! lctl set_param '{name}={value}' && lctl get_param -n '{name}'", check=False)
            assert r.status == 0 and "error: set_param: setting" in r.err, (name, value)
            assert set(r.out.split()) == {good[-1]}, (name, value, r.out)
        node.run(f"lctl set_param '{name}={good[0]}'")


def test_lru_clear_drops_unused_locks(c):
    c.c1.run(f"cd {c.fs.mnt} && echo locked > unused && cat unused")
    assert int(get(c.c1, "ldlm.namespaces.sheen-OST0000-osc-*.lock_count").popitem()[1]) > 0
    c.c1.run("lctl set_param ldlm.namespaces.*.lru_size=clear")
    c.c1.wait_for("[ $(lctl get_param -n 'ldlm.namespaces.sheen-OST0000-osc-*.lock_count') = 0 ]")
    c.oss.wait_for("[ $(lctl get_param -n 'ldlm.namespaces.filter-*.lock_count') = 0 ]")


def test_names_patterns_and_options(c):
    n = c.c1
    assert n.out("lctl get_param version") == "version=2.15.8" and n.out("lctl get_param -n version") == "2.15.8"
    assert n.out("lctl get_param -N osc.*.active") == n.out("lctl list_param osc.*.active") == n.out("lctl list_param osc/*/active").replace("/", ".")
    osc = n.out("lctl list_param osc.*")
    assert re.fullmatch(r"osc\.sheen-OST0000-osc-[0-9a-f]{16}", osc)
    assert n.out("lctl list_param -F osc.*") == osc + "/" and n.out("lctl list_param -D osc.*") == osc
    assert f"{osc}.max_dirty_mb=" in n.out("lctl list_param -F osc.*.*").split()
    everything = n.out("lctl list_param -R '*'").split()
    assert osc + ".active" in everything and "version" in everything and "nis" in everything
    assert n.out("lctl get_param -R osc.*").count(osc) > 5
    assert n.out("lctl set_param osc.*.max_dirty_mb=64") == f"{osc}.max_dirty_mb=64"
    assert n.out("lctl set_param -n osc.*.max_dirty_mb=64") == "" and n.out("lctl set_param osc.*.max_dirty_mb 64") == f"{osc}.max_dirty_mb=64"
    r = n.run("lctl get_param nosuch.x version", check=False)
    assert (r.status, r.out, r.err) == (2, "version=2.15.8\n", "error: get_param: param_path 'nosuch/x': No such file or directory\n")
    r = n.run("lctl set_param nosuch.x=1", check=False)
    assert (r.status, r.err) == (2, "error: set_param: param_path 'nosuch/x': No such file or directory\n")
    r = n.run("lctl set_param osc.x", check=False)
    assert (r.status, r.err) == (22, "error: set_param: setting osc.x: no value\n")
    assert "UP mgc MGC10.0.0.1@tcp" in n.out("lctl dl") and n.out("lctl dl") == n.out("lctl device_list")
    assert re.search(r" UP osc sheen-OST0000-osc-\S+ \S+ \d+ 10\.0\.0\.2@tcp$", n.out("lctl dl -t"), re.M)
