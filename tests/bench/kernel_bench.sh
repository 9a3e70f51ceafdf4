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
readonly root qemu=${AETHEL_QEMU:-qemu-system-x86_64}
readonly lost=1 qemu_failed=6
# One tick of the TSC per instruction in both: QEMU's icount asks for it, ringcheck's clock is made so.  qemu64 is AMD's
# and has no SMAP, so ringcheck's CPU is to be like it: the kernel clears x87 pointers at a switch for the one, and
# executes STAC and CLAC around each copy for the other.  Addresses are the fixed ones (noaslr): how many page tables an
# operation touches depends on where things lie, and QEMU's random numbers are others in each run.
readonly machine=("$qemu" -accel tcg -M pc -m 256 -smp 1 -cpu qemu64 -icount "shift=0,sleep=off" -display none -no-reboot
    -nic none -device "isa-debug-exit,iobase=0xf4,iosize=0x04" -monitor none -serial stdio
    -kernel "$built/aethelos.elf" -initrd "$built/initrd.cpio" -append noaslr)
readonly lines=(--type "run ringbench" --type poweroff)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "$qemu" >/dev/null || { echo "kernel_bench: there is no $qemu here" >&2; exit "$qemu_failed"; }

"$root/tests/qemu/console_driver.sh" --prompt 'eldarin> ' --timeout 120 "${lines[@]}" -- "${machine[@]}" >"$work/qemu" ||
    { cat "$work/qemu"; exit "$qemu_failed"; }
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
