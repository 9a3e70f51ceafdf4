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

log=$(mktemp)
trap 'rm -f "$log"' EXIT

lines=()
for trace in "$root"/traces/*.trace; do
    lines+=(--type "run $(sed -n '/^program /{s/^program *//;s/"//g;p}' "$trace")")
done
"$root/aethel" boot --timeout 60 --trace "$log" "$@" "${lines[@]}" --type "poweroff"
"$AETHEL_BUILD_DIR/ringcheck" compare "$AETHEL_BUILD_DIR/aethelos.elf" --log "$log" "$root"/traces/*.trace
