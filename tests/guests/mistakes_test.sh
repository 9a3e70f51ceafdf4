#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# mistakes_test.sh RINGCHECK KERNELS GUEST: each wrong build of the kernel is told by a rule or the explainer, in the words
# of the description.
set -euo pipefail
ringcheck=$1 kernels=$2 guest=$3
folder=$(cd "$(dirname "$0")" && pwd)/$guest
output=$(mktemp)
trap 'rm -f "$output"' EXIT

cpu=intel
# says KERNEL TEXT...: a run of KERNEL with that CPU ends with 1 and says every TEXT.
says() {
    local kernel=$1 status=0
    shift
    "$ringcheck" run "$kernels/$kernel.elf" --guest "$folder/$guest.toml" --cpu $cpu --limit 20000000 > "$output" 2>&1 || status=$?
    if [ "$status" -ne 1 ]; then
        echo "$kernel: status $status instead of 1" >&2
        exit 1
    fi
    for text in "$@"; do
        if ! grep -qF -- "$text" "$output"; then
            cat "$output" >&2
            echo "$kernel: nothing says '$text'" >&2
            exit 1
        fi
    done
}

case $guest in
int80)
    says int80_stale_rsp0 'rule user-entry-rsp0 violated' 'TSS.RSP0 kstack 0, per-CPU slot kstack 1'
    says int80_wrong_gate 'rule kernel-entry-point violated' 'actual    spurious_entry' 'timer_entry'
    ;;
apic)
    says apic_no_swapgs 'rule kernel-gs-at-dispatch violated' 'IA32_KERNEL_GS_BASE 0xffffffff80' 'on_interrupt'
    for cpu in intel amd; do # an APIC of MSRs, and one that is a page in memory
        says apic_no_swapgs 'rule kernel-gs-at-dispatch violated' 'SWAPGS was left out on this entry' 'next_thread'
    done
    cpu=intel
    says apic_lost_register 'rule syscall-preserves-registers violated' 'actual    rsi 0x0'
    ;;
esac
