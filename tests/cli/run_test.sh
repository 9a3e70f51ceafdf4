#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run_test.sh ROOT BUILD_FOLDER: `./aethel run` passes with the traces as they are, and ends with 1 and the place when one
# character of one of them is another, also where the trace can no longer be read.
set -euo pipefail

readonly root=$1
export AETHEL_BUILD_DIR=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$root/aethel" "$work/aethel"
mkdir -p "$work/traces/hostile" "$work/traces/injected"
cp "$root"/traces/hostile/G0*.trace "$work/traces/hostile"
cp "$root"/traces/injected/*.trace "$work/traces/injected"
cp "$root/traces/hello.trace" "$work/traces"
lost=0

# $1: the exit status; $2: what stderr has
expect() {
    local status=0
    "$work/aethel" run >"$work/out" 2>"$work/err" || status=$?
    if [[ $status -ne $1 || (-n $2 && -z $(grep -E -- "$2" "$work/err")) ]]; then
        echo "exit status $status, not $1 with '$2': $(tail -n 20 "$work/out" "$work/err")" >&2
        lost=1
    fi
}

# changed FILE LINE SCRIPT PLACE: sed's SCRIPT changes LINE of FILE, which is reported by the name up to its line.
changed() {
    cp "$work/$1" "$work/kept"
    sed -i "$2$3" "$work/$1"
    ! cmp -s "$work/kept" "$work/$1" || { echo "$1 was not changed" >&2; lost=1; }
    expect 1 "^$1:$2:.*error: "
    mv "$work/kept" "$work/$1"
}

expect 0 ''
changed traces/injected/write.trace 5 's/./#/2'
changed traces/injected/write.trace 2 's/./x/1'
changed traces/hello.trace 5 's/(0)/(1)/'
exit "$lost"
