#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kernel_place_test.sh [BOOT OPTION]...: where the kernel is in QEMU, by the base of its IDT in QEMU's own log: somewhere
# else in each boot, at the same place for the same seed, and where it was linked with nokaslr.
# Exit status: 0 pass, 1 fail, 77 skipped because there is no QEMU.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
machine=${AETHEL_QEMU:-qemu-system-x86_64}

command -v "$machine" >/dev/null || { echo "SKIP: THERE IS NO QEMU HERE, NOTHING WAS BOOTED"; exit 77; }
: "${AETHEL_BUILD_DIR:?is the build folder to boot from}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\nexec "%s" "$@" -d int -D "%s/log"\n' "$machine" "$work" >"$work/qemu"
chmod +x "$work/qemu"

# idt_base BOOT OPTION...: of the last event that QEMU has delivered, after a program has run.
idt_base() {
    AETHEL_QEMU=$work/qemu "$root/aethel" boot --timeout 60 "$@" --type "run hello" --type "poweroff" >"$work/console"
    grep -qxF 'Hello from user space! (Ring 3)' "$work/console"
    sed -n 's/^IDT= *\([0-9a-f]\{16\}\) .*/\1/p' "$work/log" | tail -n 1
}

fail() {
    echo "FAIL: $1"
    exit 1
}

linked=$(idt_base "$@" --append nokaslr)
[[ $linked =~ ^ffffffff80[1-7] ]] || fail "with nokaslr the IDT is at $linked, not in the first 8 MiB"
places=()
for seed in 1 1 2; do
    place=$(idt_base "$@" --append "seed=$seed")
    distance=$((0x$place - 0x$linked))
    ((distance >= 8 << 20 && distance < 1 << 30 && distance % (2 << 20) == 0)) || fail "seed=$seed moves by $distance"
    places+=("$place")
done
[[ ${places[0]} == "${places[1]}" ]] || fail "one seed gives two places: ${places[*]}"
[[ ${places[0]} != "${places[2]}" ]] || fail "two seeds give one place: ${places[*]}"

# One place in 505: three boots are all alike once in 255,025 times.
places=()
for _ in 1 2 3; do
    places+=("$(idt_base "$@")")
done
[[ ${places[0]} != "${places[1]}" || ${places[1]} != "${places[2]}" ]] || fail "it is always at ${places[0]}"
echo "linked at $linked, seen at ${places[*]}"
