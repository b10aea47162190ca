# SPDX-License-Identifier: GPL-2.0
"""lfs on a mounted file system: layouts, targets, identifiers."""

import re

from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G", "1G"]}
KERNELS = ("6.1", "6.12")


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()
    # the MDT connects to new OSTs in its own time
    c.c1.wait_for(f"lfs setstripe -o 0,1 {c.fs.mnt}/ready", timeout=120)


def lfs(c, args):
    return c.c1.run(f"cd {c.fs.mnt} && lfs {args}", 120).out


def status(c, args):
    """Exit status, and standard output and error together."""
    text = c.c1.out(f"cd {c.fs.mnt} && lfs {args} 2>&1; echo $?", 120).rstrip().splitlines()
    return int(text[-1]), "\n".join(text[:-1])


def test_setstripe_puts_a_file_on_both_osts(c):
    lfs(c, "setstripe -c 2 -S 4M -i 1 two")
    text = lfs(c, "getstripe two")
    assert text.startswith("two\n"
                           "lmm_stripe_count:  2\n"
                           "lmm_stripe_size:   4194304\n"
                           "lmm_pattern:       raid0\n"
                           "lmm_layout_gen:    0\n"
                           "lmm_stripe_offset: 1\n"
                           "\tobdidx\t\t objid\t\t objid\t\t group\n"), text
    objects = re.findall(r"^\t {5}(\d)\t +(\d+)\t +0x[0-9a-f]+\t +0$", text, re.M)
    assert [o[0] for o in objects] == ["1", "0"], text
    assert lfs(c, "getstripe -c two") == "2\n\n"
    assert lfs(c, "getstripe -S two") == "4194304\n\n"
    assert lfs(c, "getstripe -i two") == "1\n\n"
    assert lfs(c, "getstripe -m two") == "0\n"


def test_a_list_of_osts_is_kept_in_order(c):
    lfs(c, "setstripe -o 1,0 listed")
    assert re.findall(r"l_ost_idx: (\d)", lfs(c, "getstripe -y listed")) == ["1", "0"]


def test_a_layout_is_set_once(c):
    lfs(c, "setstripe -c 1 once")
    assert status(c, "setstripe -c 2 once") == (17, "lfs setstripe: setstripe error for 'once': stripe already set")
    assert lfs(c, "getstripe -c once") == "1\n\n"


def test_files_take_the_default_of_their_directory(c):
    c.c1.run(f"mkdir {c.fs.mnt}/dir {c.fs.mnt}/plain")
    lfs(c, "setstripe -c 2 -S 128k dir")
    assert lfs(c, "getstripe -d dir") == \
        "stripe_count:  2 stripe_size:   131072 pattern:       raid0 stripe_offset: -1\n\n"
    c.c1.run(f"cd {c.fs.mnt} && echo x >dir/new && echo x >plain/new")
    assert lfs(c, "getstripe -c dir/new plain/new") == "2\n\n1\n\n"
    assert lfs(c, "getstripe -S dir/new") == "131072\n\n"
    # what the file and its directory leave open is the root's
    lfs(c, "setstripe -i 1 .")
    lfs(c, "setstripe -c 1 -S 1m plain/placed")
    assert lfs(c, "getstripe -i plain/placed") == "1\n\n"
    # the root's default is that of directories without one
    lfs(c, "setstripe -c 2 -S 256k .")
    assert lfs(c, "getstripe -d plain").startswith("stripe_count:  2 stripe_size:   262144 ")
    c.c1.run(f"echo x > {c.fs.mnt}/plain/newer")
    assert lfs(c, "getstripe -S plain/newer") == "262144\n\n"
    lfs(c, "setstripe -d .")
    # opened by FID: what the request leaves open, and all of it for a file made without objects
    lfs(c, "setstripe -S 1M dir/part")
    assert lfs(c, "getstripe -c dir/part") == "2\n\n" and lfs(c, "getstripe -S dir/part") == "1048576\n\n"
    c.c1.run(f"cd {c.fs.mnt} && python3 -c 'import os; os.mknod(\"dir/node\")' && truncate -s 5 dir/node")
    assert lfs(c, "getstripe -c dir/node") == "2\n\n" and lfs(c, "getstripe -S dir/node") == "131072\n\n"
    lfs(c, "setstripe -d dir")
    assert lfs(c, "getstripe -d dir") == \
        "stripe_count:  1 stripe_size:   1048576 pattern:       0 stripe_offset: -1\n\n"


def test_getstripe_descends(c):
    c.c1.run(f"cd {c.fs.mnt} && mkdir -p deep/er && echo x >deep/one && echo x >deep/er/two")
    assert "deep/one\n" in lfs(c, "getstripe deep") and "deep/er/two\n" not in lfs(c, "getstripe deep")
    assert "deep/er/two\n" in lfs(c, "getstripe -r deep")


def test_df_adds_up(c):
    lines = lfs(c, "df .").splitlines()
    assert lines[0] == "UUID                   1K-blocks        Used   Available Use% Mounted on", lines[0]
    rows = {l.split()[0]: l.split()[1:] for l in lines[1:] if l}
    osts = [f"{c.fs.name}-OST{i:04x}_UUID" for i in range(2)]
    assert list(rows) == [f"{c.fs.name}-MDT0000_UUID"] + osts + ["filesystem_summary:"], lines
    assert rows[osts[1]][4] == f"{c.fs.mnt}[OST:1]", lines
    for column in range(3):
        assert sum(int(rows[o][column]) for o in osts) == int(rows["filesystem_summary:"][column]), lines
    assert re.search(r"^filesystem_summary: +[\d.]+[MG] ", lfs(c, "df -h ."), re.M)
    assert lfs(c, "df -i .").startswith("UUID                      Inodes       IUsed       IFree IUse% Mounted on\n")


def test_targets_are_listed(c):
    assert lfs(c, "osts .") == f"OBDS:\n0: {c.fs.name}-OST0000_UUID ACTIVE\n1: {c.fs.name}-OST0001_UUID ACTIVE\n"
    assert lfs(c, "mdts .") == f"MDTS:\n0: {c.fs.name}-MDT0000_UUID ACTIVE\n"


def test_servers_answer(c):
    lines = lfs(c, "check servers").splitlines()
    assert len(lines) == 3 and all(l.endswith(" active.") for l in lines), lines


def test_getname(c):
    assert re.fullmatch(rf"{c.fs.name}-[0-9a-f]+ {c.fs.mnt}\n", lfs(c, "getname ."))


def test_paths_and_fids_translate_both_ways(c):
    c.c1.run(f"cd {c.fs.mnt} && mkdir -p a/b && echo x >a/b/f && ln a/b/f link && ln -s a sym")
    fid = lfs(c, "path2fid a/b/f").strip()
    assert re.fullmatch(r"\[0x[0-9a-f]+:0x[0-9a-f]+:0x0\]", fid), fid
    assert sorted(lfs(c, f"fid2path {c.fs.mnt} '{fid}'").split()) == [f"{c.fs.mnt}/a/b/f", f"{c.fs.mnt}/link"]
    assert sorted(lfs(c, f"fid2path {c.fs.name} {fid[1:-1]}").split()) == ["a/b/f", "link"]
    assert sorted(lfs(c, f"fid2path a/b '{fid}'").split()) == [f"{c.fs.mnt}/a/b/f", f"{c.fs.mnt}/link"]
    assert lfs(c, "path2fid a sym").count("\n") == 2
    assert lfs(c, "path2fid .").strip() == "[0x200000007:0x1:0x0]"
    assert lfs(c, f"fid2path {c.fs.mnt} '[0x200000007:0x1:0x0]'") == f"{c.fs.mnt}//\n"
    gone = "[0x200000401:0xfffff:0x0]"
    assert status(c, f"fid2path {c.fs.mnt} '{gone}'") == \
        (2, f"lfs fid2path: cannot find {c.fs.mnt} {gone}: No such file or directory")


def test_errors_have_their_exit_status(c):
    assert status(c, "nosuch")[0] == 1
    assert status(c, "setstripe -c 1")[0] == 4
    assert status(c, "setstripe -S 100 bad")[1].startswith("lfs setstripe setstripe: invalid stripe size '100'")
    assert status(c, "path2fid nofile")[0] == 2
    assert status(c, "df /tmp") == (95, "df:/tmp Not a Lustre filesystem")
    assert status(c, "quota .") == (95, "lfs quota: not supported")
    assert status(c, "setstripe -o 7 bad")[0] == 22
    assert c.c1.run(f"test -e {c.fs.mnt}/bad", check=False).status, "a file without its layout stayed behind"


def teardown(c):
    c.fs.down()
