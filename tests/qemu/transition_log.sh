#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# transition_log.sh PROGRAM[,ARGUMENT]... [CPU]: boots the kernel in QEMU, runs the program, and prints each transition
# between the rings, each entry by a vector and each change of CR3, in order, one a line:
#
#   KIND FROM>TO ADDRESS        "SYSCALL 3>0 ffffffff80103c04", "vector_14 0>0 ...", "MOV_CR3 0>0 ..."
#
# from the first entry to ring 3 on, and "end" in the last line. FROM and TO are privilege levels, ADDRESS is the
# instruction that comes next.
# QEMU tells them by executing one instruction at a time and saying which (-singlestep -d exec); time is counted in
# instructions (-icount), so that the same boot has the same log. `transition_log.sh --of-ringcheck PROGRAM` prints the
# same of ringcheck.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${AETHEL_BUILD_DIR:?is the build folder to boot from}"
kernel=$AETHEL_BUILD_DIR/aethelos.elf
# The same addresses in both machines, and no random number of theirs.
options() { echo "seed=1 noaslr nokaslr run=$1"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

of_ringcheck() {
    "$AETHEL_BUILD_DIR/ringcheck" run "$kernel" --append "$(options "$1")" --json |
        awk -v machine=ringcheck -f "$here/transition_log.awk"
}

of_qemu() {
    mkfifo "$work/instructions"
    llvm-objdump-19 --disassemble --no-show-raw-insn "$kernel" > "$work/kernel"
    awk -v machine=qemu -v kernel="$work/kernel" -f "$here/transition_log.awk" "$work/instructions" &
    # Of the kernel's and the programs' instructions: the firmware executes millions of its own before them.
    "${AETHEL_QEMU:-qemu-system-x86_64}" -accel tcg -cpu "$2" -m 64M -display none -no-reboot -nic none -monitor none \
        -serial null -device isa-debug-exit,iobase=0xf4,iosize=0x04 -icount shift=0,sleep=off \
        -kernel "$kernel" -initrd "$AETHEL_BUILD_DIR/initrd.cpio" -append "$(options "$1")" \
        -singlestep -d exec,nochain -D "$work/instructions" \
        -dfilter 0xffffffff80000000..0xffffffffffffffff,0x400000..0x7fffff,0x10000000000..0x7fffffffffff ||
        [[ $? -eq 33 ]] # what the kernel's power-off makes of it
    wait
}

if [[ $1 == --of-ringcheck ]]; then
    of_ringcheck "$2"
else
    of_qemu "$1" "${2:-max}"
fi
