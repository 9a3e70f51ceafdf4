#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run_conformance.sh VENDOR KERNEL LOG: runs the conformance kernel in QEMU, on a CPU of VENDOR (intel or amd), and
# writes what it sent to COM1 to LOG.
# Exit status: 0 LOG is written, 1 QEMU ended otherwise, 77 there is no QEMU here.
#
# environment
#   AETHEL_QEMU         the QEMU to run (default qemu-system-x86_64)
set -euo pipefail

vendor=$1 kernel=$2 log=$3
qemu=${AETHEL_QEMU:-qemu-system-x86_64}
# What QEMU lets through and does not survive: differences.txt says what is right.
readonly fatal=(
    cr0-pg-off-r0 cr0-pe-off-r0 cr3-bit-40-r0 cr3-bit-51-r0 cr4-pae-off-r0 cr4-reserved-bit-15-r0 cr4-reserved-bit-31-r0
    cr4-bit-63-r0 lgdt-non-canonical-r0 lidt-non-canonical-r0
)
# As ringcheck's two CPUs.
# shellcheck disable=SC2054  # the commas are QEMU's
declare -rA cpus=(
    [intel]=max,vendor=GenuineIntel,-sep,-monitor,-pcid,-xsave,-la57,-pku,phys-bits=40
    [amd]=EPYC,-sep,-monitor,-xsave,umip=on,phys-bits=40
)

command -v "$qemu" >/dev/null || exit 77
status=0
timeout 120 "$qemu" -accel tcg -cpu "${cpus[$vendor]}" -m 64 -display none -no-reboot -nic none -monitor none \
    -device isa-debug-exit,iobase=0xf4,iosize=0x04 -serial "file:$log" -kernel "$kernel" -append "${fatal[*]}" \
    2> >(grep -v "TCG doesn't support requested feature" >&2) || status=$?
# A triple fault resets the machine, on which QEMU ends with 0 here.
((status == 0)) || { echo "FAIL: QEMU ended with $status, not by a reset"; exit 1; }
