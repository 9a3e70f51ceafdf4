#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# kernel_bench.sh BUILD_FOLDER: instructions per operation of the kernel, counted by userprogs/bench/ringbench in QEMU and
# in ringcheck, beside Linux and xv6; then the null system call, instruction by instruction.
# Exit status: 0 all well, 1 a call that exists costs more than it may, or QEMU and ringcheck count differently,
# 6 there is no QEMU or it failed.
set -euo pipefail

readonly built=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root lost=1
# shellcheck source=tests/bench/icount_machine.sh
source "$root/tests/bench/icount_machine.sh"
# qemu64 is AMD's and has no SMAP, so ringcheck's CPU is to be like it: the kernel clears x87 pointers at a switch for the
# one, and executes STAC and CLAC around each copy for the other.
readonly lines=(--type "run ringbench" --type poweroff)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
require_qemu

ringbench_on_aethelos "$root" "$built" "$work/qemu"
"$built/ringcheck" run "$built/aethelos.elf" --cpu amd,-smap --no-rules --ram 256M --limit 4000000000 --append noaslr "${lines[@]}" \
    >"$work/ringcheck" ||
    { cat "$work/ringcheck"; exit "$lost"; }

status=0
awk -f "$root/tests/bench/kernel_bench.awk" \
    "$root/userprogs/bench/budgets.txt" "$work/qemu" "$work/ringcheck" || status=$?

# The first call of the row is not yet what the others are: the code that it runs has not run before.
call=op_getpid hits=5
grep -q '^getpid [0-9]' "$work/ringcheck" || call=op_bogus
echo
echo "the null system call, from the user's instruction before SYSCALL to the one behind it ($call)"
"$built/ringcheck" step "$built/aethelos.elf" --program ringbench --at "ringbench:$call" --hits "$hits" --count 400 |
    awk 'done { next }
         /====/ { sub(/^ +[0-9]+ +/, ""); print "      " $0; next }
         !/^ +[0-9]+ +[03] / { next }
         { print sprintf("%5d ", ++shown) substr($0, 12) }
         $2 == 0 { entered = 1 }
         entered && $2 == 3 { done = 1 }'
exit "$status"
