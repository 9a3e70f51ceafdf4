#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# transition_test.sh CPU [PROGRAM]...: in QEMU each program crosses the rings and changes the page tables at the same
# addresses, for the same reasons and in the same order as in ringcheck. Without a PROGRAM: those of traces/ that are
# given nothing.
# Exit status: 0 pass, 1 fail, 77 skipped because there is no QEMU.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIP: THERE IS NO QEMU HERE, NO TRANSITION WAS COMPARED"; exit 77; }

cpu=$1
shift
programs=("$@")
[[ $# -gt 0 ]] || mapfile -t programs < <(
    grep -LE '^(environment|file|input) ' "$here"/../../traces/*.trace | xargs sed -n 's/^program *\([^ ]*\)$/\1/p')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
for program in "${programs[@]}"; do
    "$here/transition_log.sh" "$program" "$cpu" > "$work/qemu"
    "$here/transition_log.sh" --of-ringcheck "$program" > "$work/ringcheck"
    if ! grep -q ' 0>3 ' "$work/qemu"; then
        echo "FAIL  $program: nothing entered ring 3 in QEMU"
        status=1
    elif difference=$(diff "$work/qemu" "$work/ringcheck"); then
        echo "pass  $program: $(wc -l < "$work/qemu") transitions, $(grep -c MOV_CR3 "$work/qemu" || true) changes of page tables"
    else
        echo "FAIL  $program: QEMU (<) and ringcheck (>) differ; the first lines of diff:"
        head -8 <<< "$difference"
        status=1
    fi
done
exit $status
