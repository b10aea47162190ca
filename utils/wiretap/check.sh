#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# TAP: captures of stock nodes are explained to the last byte; broken ones are refused,
# without a crash. $1 is wiretap built with the address and undefined-behaviour sanitizers.
wiretap=$1
captures=$(dirname "$0")/../../tests/captures
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

result() {	# status, name
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

for f in "$captures"/*.pcap "$captures"/*.pcap.xz; do
	case $f in
	*.xz) xz -dc "$f" ;;
	*) cat "$f" ;;
	esac | "$wiretap" --check - >"$tmp/out" 2>&1
	result $? "every byte of $(basename "$f") is explained"
	sed 's/^/# /' "$tmp/out"
done

"$wiretap" --json "$captures/b1_mount.pcap" | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
sys.exit(not any("MGS_CONNECT" in str(line) for line in lines))'
result $? "--json of a mount is JSON and has an MGS_CONNECT"

# The file ends with a message: cut short, there is something that cannot be explained
size=$(wc -c <"$captures/c1_create.pcap")
head -c $((size / 2)) "$captures/c1_create.pcap" >"$tmp/half.pcap"
"$wiretap" --check "$tmp/half.pcap" >"$tmp/out" 2>&1
[ $? = 1 ]
result $? "a capture cut in half is refused"

echo nothing >"$tmp/text"
"$wiretap" --check "$tmp/text" >"$tmp/out" 2>&1
[ $? = 1 ]
result $? "a file that is no capture is refused"

# Two stock clients of different versions
old=$captures/b2_15_b1_mount.pcap
new=$captures/b1_mount.pcap
"$wiretap" --compare "$old" "$old" >"$tmp/out" 2>&1
result $? "a conversation is the same as itself"

"$wiretap" --compare "$old" "$new" >"$tmp/out" 2>&1
[ $? = 1 ] && grep -q 'MGS_CONNECT request; CONNECT_DATA.ocd_connect_flags2; .*+LARGE_NID' "$tmp/out" &&
	grep -q 'LLOG_NEXT_BLOCK exchange; -; missing' "$tmp/out" &&
	! grep -q 'CONNECT request; .*\(pb_handle\|CLUUID\|pb_last_xid\)' "$tmp/out"
result $? "--compare reports flags and missing messages, not handles, UUIDs and xids"

cat >"$tmp/table" <<'END'
# all of it
b2_15_b1_mount; *; *; *; 1; any
END
"$wiretap" --compare --table "$tmp/table" "$old" "$new" >"$tmp/out" 2>&1 && grep -q ' 0 not$' "$tmp/out"
result $? "--table allows differences"

echo 'b2_15_b1_mount; *MGS_CONNECT*; *; +NO_SUCH_FLAG; 1; never' >>"$tmp/table"
"$wiretap" --compare --table "$tmp/table" "$old" "$new" >"$tmp/out" 2>&1
[ $? = 1 ] && grep -q 'line 3 matches nothing' "$tmp/out"
result $? "a row of the table that matches nothing is reported"

echo 'b2_15_b1_mount; *MGS_CONNECT*' >"$tmp/table"
"$wiretap" --compare --table "$tmp/table" "$old" "$new" >"$tmp/out" 2>&1
[ $? = 1 ] && grep -q 'line 1: six columns' "$tmp/out"
result $? "a table without reasons is refused"

# Mutations: 0 and 1 are answers, anything else is a crash or a report of a sanitizer
python3 - "$captures" "$tmp" <<'END'
import os, random, sys
random.seed(988)
for name in sorted(os.listdir(sys.argv[1])):
    if not name.endswith(".pcap"):
        continue
    data = open(os.path.join(sys.argv[1], name), "rb").read()
    for i in range(5):
        out = bytearray(data)
        for _ in range(random.choice((1, 8, 64, 512))):
            out[random.randrange(24, len(out))] = random.choice((0, 1, 0x7f, 0x80, 0xff, random.randrange(256)))
        open("%s/m%d-%s" % (sys.argv[2], i, name), "wb").write(out)
END
crashed=0
for f in "$tmp"/m*.pcap; do
	timeout 60 "$wiretap" --json "$f" >/dev/null 2>"$tmp/out"
	case $? in
	0 | 1) ;;
	*)
		crashed=1
		sed 's/^/# /' "$tmp/out" | tail -20
		;;
	esac
done
result $crashed "mutated captures do not crash it"

make -s -C "$(dirname "$0")/.." fuzz-wiretap OUT="$tmp/fuzz" >"$tmp/out" 2>&1
rc=$?
grep -q '^stat::number_of_executed_units: *[0-9]\{7\}$' "$tmp/out" || rc=1
[ $rc = 0 ] || tail -40 "$tmp/out" | sed 's/^/# /'
result $rc "a million mutated exchanges neither crash nor stop it"

echo "1..$n"
exit $failed
