#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# conformance_test.sh ORACLE VENDOR BUILD_FOLDER: the conformance kernel does the same in ringcheck and in ORACLE (bochs
# or qemu), on a CPU of VENDOR (intel or amd), but for the differences that differences.txt explains.
# Exit status: 0 pass, 1 fail, 77 skipped because ORACLE is not here.
set -euo pipefail

oracle=$1 vendor=$2 build=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly oracle vendor build here kernel=$build/conformance.elf

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status=0
"$here/../$oracle/run_conformance.sh" "$vendor" "$kernel" "$work/$oracle.log" || status=$?
if ((status == 77)); then
    echo "SKIP: THERE IS NO ${oracle^^} HERE, NOTHING WAS COMPARED WITH IT"
fi
((status == 0)) || exit "$status"
"$build/conformance_in_ringcheck" "$vendor" "$kernel" >"$work/ringcheck.log"
"$build/conformance_compare" "$work/ringcheck.log" "$work/$oracle.log" "$oracle-$vendor" "$here/differences.txt"
