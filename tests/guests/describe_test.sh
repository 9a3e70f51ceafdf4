#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# describe_test.sh RINGCHECK KERNELS AETHELOS: what 'ringcheck describe' writes can be used as it is, also with every
# comment's key made one where the kernel has what it takes; and a wrong description is refused in one line.
set -euo pipefail
ringcheck=$1 kernels=$2 aethelos=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$1" >&2
    exit 1
}

expect() { # FILE TEXT
    grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "$1: no '$2'"; }
}

for kernel in "$kernels/int80.elf" "$kernels/apic.elf" "$aethelos"; do
    draft=$work/$(basename "$kernel").toml
    "$ringcheck" describe "$kernel" > "$draft"
    "$ringcheck" run "$kernel" --guest "$draft" --limit 20000000 > "$work/out" 2>&1 && status=0 || status=$?
    [ "$status" -ne 2 ] || { cat "$work/out" >&2; fail "$draft is refused"; }
    grep -q 'violated' "$work/out" && { cat "$work/out" >&2; fail "$draft makes a right kernel break a rule"; }
done
expect "$work/int80.elf.toml" 'dispatch = ["trap_dispatch"]'
expect "$work/int80.elf.toml" 'instruction = "int 0x80"'
expect "$work/int80.elf.toml" '# range = ["kernel_stacks", "kernel_stacks+0x4000"]'
expect "$work/apic.elf.toml" '"on_interrupt"'
expect "$work/apic.elf.toml" '"on_system_call"'
expect "$work/apic.elf.toml" 'instruction = "syscall"'
expect "$work/apic.elf.toml" '# block = "boot_cpu"'
expect "$work/aethelos.elf.toml" '"syscall_dispatch"'

# refuses TEXT MESSAGE: a description that says TEXT.
refuses() {
    local status=0
    printf '%s\n' "$1" > "$work/bad.toml"
    "$ringcheck" run "$kernels/apic.elf" --guest "$work/bad.toml" > "$work/out" 2>&1 || status=$?
    [ "$status" -eq 2 ] && [ "$(wc -l < "$work/out")" -eq 1 ] || { cat "$work/out" >&2; fail "'$1': status $status"; }
    expect "$work/out" "$2"
}
refuses 'promt = "> "' "$work/bad.toml:1:1: error: there is no key 'promt'"
refuses 'name = 3' "$work/bad.toml:1:8: error: name in the description must be text, not a whole number"
refuses '[landmarks]
dispatch = ["on_interupt"]' "$work/bad.toml:2:13: error: the kernel has no symbol 'on_interupt'"
refuses '[rules]
ignore = ["no-such-rule"]' "there is no rule 'no-such-rule'"
refuses 'name = "' "$work/bad.toml:1:"
"$ringcheck" run "$kernels/apic.elf" --guest "$work/none.toml" > "$work/out" 2>&1 && fail 'a missing file is accepted'
expect "$work/out" "$work/none.toml: No such file or directory"
