#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# long_boot_test.sh RINGCHECK KERNELS: 27 M instructions of mixed work end with the same count, log, console and state in
# both modes, and pass by the same states, down to the last byte of RAM.
set -euo pipefail
ringcheck=$1 kernel=$2/long_boot.elf
folder=$(cd "$(dirname "$0")" && pwd)/long_boot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "long_boot: $1" >&2
    exit 1
}

# In clearing memory, in the checksum, between two system calls, in a handler, in the second round.
counts="400001 5000000 11666666 12000013 25380261 26000000"
for mode in fast step; do
    options=()
    [ $mode = fast ] || options=(--step)
    for count in $counts; do
        options+=(--save-at "$count:$work/$mode.$count.snap")
    done
    "$ringcheck" run "$kernel" --guest "$folder/long_boot.toml" --all --json "${options[@]}" > "$work/$mode" \
        || { tail -n 3 "$work/$mode" >&2; fail "the run in $mode mode failed"; }
done
cmp "$work/fast" "$work/step" || fail "the modes differ"
for count in $counts; do
    cmp "$work/fast.$count.snap" "$work/step.$count.snap" || fail "the states after $count instructions differ"
done
instructions=$(sed -n 's/.*"type":"summary","instructions":\([0-9]*\).*/\1/p' "$work/fast")
((instructions > 26000000 && instructions < 32000000)) || fail "it is no longer what it was: $instructions instructions"
grep -q '"SYSCALL":4002' "$work/fast" || fail "not every system call was seen"

"$ringcheck" run "$kernel" --guest "$folder/long_boot.toml" | sed '/^transitions$/,$d' | sed '$d' \
    | diff "$folder/console.txt" - || fail "another console"
# More rounds, from the command line.
"$ringcheck" run "$kernel" --guest "$folder/long_boot.toml" --append 1 --json | grep -q '"SYSCALL":2001' \
    || fail "the command line does not count the rounds"
