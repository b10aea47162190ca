#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# probe.sh KDIR OUT [JOBS]
#
# Compile each compat/probes/NAME.c against the kernel in KDIR, with that
# kernel's own compiler and flags, and write OUT/compat_config.h with
# "#define HAVE_NAME 1" for those that compile (after linux/fs.h). Results are kept in OUT/probe-results,
# keyed by the probe's text and the kernel's configuration, so that a second
# run costs nothing.
set -eu

kdir=$1 out=$2 jobs=${3:-$(nproc)}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out/probe-results"
work=$(cd "$out/probe-results" && pwd)

# 1. The compiler and its flags, asked from kbuild once per kernel.
key=$(cat "$here/probe.sh" "$here/probes/Kbuild" "$kdir/include/generated/autoconf.h" "$kdir/include/generated/utsrelease.h" | sha1sum | cut -c1-16)
if [ "$(cat "$work/key" 2>/dev/null)" != "$key $kdir" ]; then
	rm -rf "$work"
	mkdir -p "$work/flags"
	cp "$here/probes/Kbuild" "$work/flags/Kbuild"
	MAKEFLAGS='' MFLAGS='' make -s -C "$kdir" M="$work/flags" modules > "$work/flags.log" 2>&1 || true
	if ! [ -s "$work/flags/flags.args" ]; then
		echo "probe.sh: kbuild in $kdir does not work; it said:" >&2
		cat "$work/flags.log" >&2
		exit 1
	fi
	echo "$key $kdir" > "$work/key"
fi

# 2. Every probe whose answer is not known yet.
cat > "$work/one.sh" <<-'EOF'
	work=$1 cc=$2 result=$3 probe=$4
	if eval "$cc $(cat "$work/flags/flags.args") -include linux/fs.h -Wno-error \
	    -Werror=implicit-function-declaration -Werror=incompatible-pointer-types -Werror=int-conversion -fsyntax-only $probe" > "$result.log" 2>&1
	then echo 1; else echo 0; fi > "$result.tmp"
	mv "$result.tmp" "$result"
EOF
cc=$(cat "$work/flags/flags.cc")
config=
todo=
for probe in "$here"/probes/*.c; do
	[ -e "$probe" ] || continue
	name=$(basename "$probe" .c)
	result=$work/$name.$(sha1sum < "$probe" | cut -c1-16)
	config="$config $name:$result"
	[ -e "$result" ] || todo="$todo$result $probe
"
done
if [ -n "$todo" ]; then
	(cd "$(cat "$work/flags/flags.cwd")" && printf '%s' "$todo" | xargs -P "$jobs" -n 2 sh "$work/one.sh" "$work" "$cc")
fi

# 3. The header, touched only when an answer changed.
{
	echo "/* made by compat/probe.sh */"
	for c in $config; do
		name=$(echo "${c%%:*}" | tr a-z A-Z)
		case $(cat "${c#*:}") in
		1) echo "#define HAVE_$name 1" ;;
		*) echo "/* HAVE_$name is not defined */" ;;
		esac
	done
} > "$work/compat_config.h"
cmp -s "$work/compat_config.h" "$out/compat_config.h" 2>/dev/null || cp "$work/compat_config.h" "$out/compat_config.h"
