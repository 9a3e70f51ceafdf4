#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lost_test.sh SOURCE_TREE WORK_FOLDER BUILD_FOLDER [all]
# Takes one protection after the other away from the kernel, and asks that the table of ./aethel attack says LOST for
# the id of who uses that, in each column where it shows, and in no other. A table that cannot say LOST proves nothing.
set -euo pipefail
tree=$1 work=$2 build=$(cd "$3" && pwd) which=${4:-short}

source "$tree/tests/mutants/mutant_kernel.sh"
prepare_kernel
build "the unchanged kernel"
mkdir -p "$work/machine/tests"
ln -sf "$work/build/aethelos.elf" "$work/machine/aethelos.elf"
ln -sf "$build/initrd.cpio" "$build/ringcheck" "$work/machine/"
ln -sf "$build/tests/transition_tests" "$work/machine/tests/"
export AETHEL_KERNEL=$work/build/aethelos.elf AETHEL_INITRD=$build/initrd.cpio

# The columns in which ID is lost with the kernel that was built last, in their order.
lost_columns() { # ID
    "$build/tests/attack/attack" "$tree" "$work/machine" "$work/machines" "$1" >"$work/table" 2>&1 || (($? == 1)) ||
        { cat "$work/table" >&2; exit 1; }
    sed -n "s/^LOST $1 \([a-z0-9-]*\): .*/\1/p" "$work/table" | tr '\n' ' ' | sed 's/ $//'
}

wrong=0 right=0 ids=()

# lost NAME FILE SED_SCRIPT ID COLUMN...: FILE, changed by SED_SCRIPT, must make ID lost in just these columns.
lost() {
    local name=$1 file=$2 script=$3 id=$4 found
    shift 4
    break_kernel "$name" "$file" "$script"
    found=$(lost_columns "$id")
    if [[ $found == "$*" ]]; then
        echo "LOST as it should be: $id by $name in $*"
        right=$((right + 1))
    else
        echo "WRONG: $id by $name is lost in '$found', not in '$*'"
        cat "$work/table"
        wrong=$((wrong + 1))
    fi
    ids+=("$id")
    mend_kernel "$file"
}

everywhere=(qemu-max qemu-qemu64 ringcheck-intel ringcheck-amd)

lost flag-mask-without-nt cpu/cpu_features.cpp \
    's/~\(arch::rflags::kVirtual8086 \|/&arch::rflags::kNestedTask |/;/static_assert\(kFlagMask/d' R11 "${everywhere[@]}"
lost umip-off cpu/cpu_features.cpp '/kUserModeInstructionPrevention/d' N08 qemu-max ringcheck-intel ringcheck-amd
lost reaper-keeps-stacks process/loom.cpp '/kernel_stacks\.free\(thread/d' S03 "${everywhere[@]}"
lost sysret-although-traced cpu/syscall_entry.S '/test    \$RFLAGS_TRAP_OR_RESUME/,/jnz/d' R01 \
    ringcheck-intel ringcheck-amd
if [[ $which == all ]]; then
    lost write-protect-off cpu/asm_offsets_gen.cpp 's/arch::cr0::kWriteProtect \|//' M02 "${everywhere[@]}"
    lost float-state-not-loaded cpu/user_state.cpp '/floats\.load\(\)/d' S06 "${everywhere[@]}"
    lost ports-open cpu/gdt.cpp '/tss\.io_map_base =/d' S13 "${everywhere[@]}"
    lost registers-swapped cpu/trap_macros.inc \
        '/PUSH_GENERAL/,/endm/{s/push    %r8$/push    %swap/;s/push    %r9$/push    %r8/;s/push    %swap/push    %r9/}' \
        R15 "${everywhere[@]}"
    lost shared-pages-written mm/user_memory_fault.cpp 's/frames\.holders\(old\) == 1/frames.holders(old) >= 1/' M06 "${everywhere[@]}"
    lost vdso-pages-writable process/vdso_pages.cpp 's/\.never_written = true/.never_written = false/' M09 "${everywhere[@]}"
    lost kill-does-not-wake process/loom.cpp '/wake\(thread, WakeReason::Killed\)/d' P02 "${everywhere[@]}"
fi

build "the unchanged kernel"
for id in "${ids[@]}"; do
    [[ -z $(lost_columns "$id") ]] || { echo "$id is lost without a change:"; cat "$work/table"; wrong=$((wrong + 1)); }
done
echo "$right ids lost as they should be, $wrong wrong"
[[ $wrong -eq 0 && $right -gt 0 ]]
