#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kernel_text.sh KERNEL: what the kernel's machine code must not hold.
#   - A vector or x87 register as an operand: the kernel does not save the program's before (catalogue S11).
#   - A SWAPGS that some way leads around, with a load by GS behind it that could run ahead (catalogue G09,
#     CVE-2019-1125): what follows is LFENCE, the return to ring 3, the SYSCALL entry's store, or the move to GS of
#     load_user_gs, whose second SWAPGS is no business of this check.
set -euo pipefail
kernel=$1
objdump=$(command -v llvm-objdump-19 || command -v llvm-objdump)

"$objdump" -d --no-show-raw-insn "$kernel" | awk '
    !/^[0-9a-f]+: / { next }
    { sub(/^[0-9a-f]+:[ \t]+/, ""); gsub(/[ \t]+/, " "); count++ }
    /%([xyz]?mm[0-9]+|st)/ { print "a register that belongs to the program: " $0; wrong = 1 }
    before == "swapgs" && earlier !~ /, %gs$/ {
        swaps++
        if ($0 !~ /^(lfence|iretq|sysretq)/ && $0 !~ /^movq %rsp, %gs:/ && $0 !~ /^mov[lw] .*, %gs$/) {
            print "SWAPGS is followed by: " $0
            wrong = 1
        }
    }
    { earlier = before; before = $0; sub(/ +$/, "", before) }
    END {
        if (count < 10000 || swaps < 6) { print "only " count " instructions and " swaps " SWAPGS: nothing was checked"; exit 1 }
        if (!wrong) print count " instructions, " swaps " SWAPGS: all well"
        exit wrong
    }'
