#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# trace_test.sh [BOOT OPTION]...: each program of traces/ does in QEMU what its trace says, by the log that the kernel
# writes on its second serial port. So the machine and ringcheck, which replays the same traces, are shown to agree.
# Exit status: 0 pass, 1 fail, 77 skipped because there is no QEMU.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIP: THERE IS NO QEMU HERE, NO TRACE WAS COMPARED"; exit 77; }
: "${AETHEL_BUILD_DIR:?is the build folder to boot from}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log

# The strings of the lines that begin with $1, without their quotes.
strings() {
    sed -n "/^$1 /{s/^$1 *\"//;s/\"\$//;p}" "$2"
}

lines=()
cp "$AETHEL_BUILD_DIR/initrd.cpio" "$work/initrd.cpio"
mkdir "$work/files"
for trace in "$root"/traces/*.trace; do
    line=$(strings environment "$trace" | tr '\n' ' ')$(sed -n '/^program /{s/^program *//;s/"//g;p}' "$trace")
    printf -v keys '%b' "$(strings input "$trace" | tr -d '\n')"
    keys=${keys//$'\n'/$'\r'}
    lines+=(--type "run $line${keys:+$'\r'${keys%$'\r'}}")
    while IFS= read -r file; do
        name=${file%%\" \"*}
        [[ ! -e $work/files/$name ]] || { echo "two traces bring a file $name"; exit 1; }
        mkdir -p "$(dirname "$work/files/$name")"
        printf '%b' "${file#*\" \"}" >"$work/files/$name"
        (cd "$work/files" && cpio --quiet --append -o -H newc -F "$work/initrd.cpio" <<<"$name")
    done < <(strings file "$trace")
done
"$root/aethel" boot --timeout 60 --trace "$log" --initrd "$work/initrd.cpio" "$@" "${lines[@]}" --type "poweroff"
"$AETHEL_BUILD_DIR/ringcheck" compare "$AETHEL_BUILD_DIR/aethelos.elf" --log "$log" "$root"/traces/*.trace
