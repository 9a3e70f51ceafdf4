#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# strace_test.sh RINGCHECK KERNEL: each program of which there is a log of Linux's does the same on AethelOS, but for what
# differences.txt lists, and that does differ.
set -euo pipefail
ringcheck=$1 kernel=$2
logs=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAIL: $1"
    exit 1
}

listed=$(grep -v '^#' "$logs/differences.txt" | cut -d ' ' -f 1)
same=() others=()
for log in "$logs"/*.strace; do
    name=$(basename "$log" .strace)
    "$ringcheck" import "$kernel" "$log" --program "$name" -o "$name.trace" 2>"$name.left-out" ||
        { cat "$name.left-out"; fail "$name.strace is not taken"; }
    if [[ $'\n'$listed$'\n' == *$'\n'"$name"$'\n'* ]]; then
        others+=("$name.trace")
    else
        # Of the first process nothing has no place in a trace but where it begins, and signals.
        ! grep -vE ': left out: (what comes before|another process|a signal:|said by strace)' "$name.left-out" ||
            fail "that was left out"
        same+=("$name.trace")
    fi
done
[[ ${#same[@]} -ge 20 && ${#others[@]} -eq $(wc -w <<<"$listed") ]] || fail "differences.txt lists a program without a log"

"$ringcheck" replay "$kernel" "${same[@]}" >out 2>&1 || { grep -v '^pass' out; fail "these do something else on Linux"; }
for trace in "${others[@]}"; do
    ! "$ringcheck" replay "$kernel" "$trace" >out 2>&1 || fail "${trace%.trace} does the same by now: take it off differences.txt"
    grep -q 'error: .*the recording' out || { cat out; fail "${trace%.trace} fails otherwise"; }
done
echo "${#same[@]} programs do the same as on Linux, ${#others[@]} differ for a reason"
