#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# conformance_test.sh ORACLE BUILD_FOLDER: the conformance kernel does the same in ringcheck and in ORACLE (bochs or
# qemu), but for the differences that differences.txt explains.
# Exit status: 0 pass, 1 fail, 77 skipped because ORACLE is not here.
#
# environment
#   AETHEL_QEMU         the QEMU to run (default qemu-system-x86_64)
#   AETHEL_BOCHS        the Bochs to run (default bochs-bin, the program itself in Debian's package)
#   AETHEL_BOCHS_SHARE  where bochs/BIOS-bochs-latest and vgabios/vgabios.bin lie (default /usr/share)
set -euo pipefail

oracle=$1 build=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly oracle build here
# What QEMU lets through and does not survive: differences.txt says what is right.
readonly fatal_in_qemu=(
    cr0-pg-off-r0 cr0-pe-off-r0 cr3-bit-40-r0 cr3-bit-51-r0 cr4-pae-off-r0 cr4-reserved-bit-15-r0 cr4-reserved-bit-31-r0
    cr4-bit-63-r0 lgdt-non-canonical-r0 lidt-non-canonical-r0
)
readonly kernel=$build/conformance.elf

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "SKIP: THERE IS NO ${1^^} HERE, NOTHING WAS COMPARED WITH IT"
    exit 77
}

in_qemu() {
    local qemu=${AETHEL_QEMU:-qemu-system-x86_64} status=0
    command -v "$qemu" >/dev/null || skip QEMU
    timeout 60 "$qemu" -accel tcg -cpu "$(<"$here/qemu.cpu")" -m 64 -display none -no-reboot -nic none -monitor none \
        -device isa-debug-exit,iobase=0xf4,iosize=0x04 -serial "file:$1" -kernel "$kernel" -append "${fatal_in_qemu[*]}" || status=$?
    # 2 * 0x10 + 1: the kernel switched itself off.
    ((status == 33)) || { echo "FAIL: QEMU ended with $status"; exit 1; }
}

in_bochs() {
    local bochs=${AETHEL_BOCHS:-bochs-bin} share=${AETHEL_BOCHS_SHARE:-/usr/share}
    command -v "$bochs" >/dev/null || skip BOCHS
    "$here/make_iso.sh" "$kernel" "$work/conformance.iso"
    sed -e "s|@SHARE@|$share|; s|@WORK@|$work|; s|@LOG@|$1|" "$here/bochsrc.in" >"$work/bochsrc"
    echo continue >"$work/debugger"
    # Bochs knows no exit status for a guest that switched itself off: the log's last line tells.
    timeout 60 "$bochs" -q -f "$work/bochsrc" -rc "$work/debugger" >"$work/output" 2>&1 </dev/null || true
    [[ -s $1 ]] || { cat "$work/output"; echo "FAIL: Bochs did not start the kernel"; exit 1; }
}

case $oracle in
    qemu | bochs) "in_$oracle" "$work/$oracle.log" ;;
    *) echo "conformance_test.sh: there is no oracle $oracle" >&2; exit 2 ;;
esac
"$build/conformance_in_ringcheck" "$kernel" >"$work/ringcheck.log"
"$build/conformance_compare" "$work/ringcheck.log" "$work/$oracle.log" "$oracle" "$here/differences.txt"
