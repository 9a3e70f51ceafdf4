#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# moving_test.sh RINGCHECK KERNELS: a kernel that moves at boot keeps its names, source lines, stops and snapshots by
# kernel_moves, and what points to where it was has no name.
set -euo pipefail
ringcheck=$1 kernel=$2/moving.elf
guest=$(cd "$(dirname "$0")" && pwd)/moving/moving.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "moving: $1" >&2
    exit 1
}
# shows FILE PATTERN: a line of FILE is like PATTERN.
shows() {
    grep -q -- "$2" "$1" || { cat "$1" >&2; fail "$1 lacks '$2'"; }
}
# Ends by a triple fault, and so with status 1.
run() {
    "$ringcheck" run "$kernel" "$@" >"$work/out" 2>&1 && fail "run $* ends well"
    return 0
}

for mode in fast step; do
    options=()
    [ $mode = fast ] || options=(--step)
    run --guest "$guest" "${options[@]}" --save-at "tell:$work/tell.snap" --save-at "moved_start:$work/moved.snap" \
        --save-at "about_to_move:$work/about.snap" --save-at "linked_start:$work/linked.snap"
    mv out "$mode"
    shows $mode '^moved$'
    shows $mode '^  rip       0xffffffff801[0-9a-f]* (0xffffffff801' # where linked_start was: nothing is there
    shows $mode '^  mistake   linked_start was linked there, and the kernel has moved by 0x600000: an address that was'
    # The rest of the run is the same, and names what it named, wherever it goes on from.
    for from in linked about moved tell; do
        run --guest "$guest" "${options[@]}" --from "$work/$from.snap"
        for file in "$mode" out; do
            sed -n '/^  end:/,/^  mistake/p' "$file" >"$file.end"
        done
        diff "$mode.end" out.end >&2 || fail "from $from it ends otherwise"
    done
done

# Each place by its name, before and after the move, and wherever it is then.
for place in linked_start moved_start tell tell+0x5; do
    "$ringcheck" step "$kernel" --guest "$guest" --at $place --count 1 >steps
    shows steps "  $place  "
done
shows steps 'moving/boot.S:[0-9]'
"$ringcheck" step "$kernel" --guest "$guest" --at about_to_move --count 1 >steps
shows steps ' retq '
"$ringcheck" step "$kernel" --guest "$guest" --at tell --hits 2 >steps 2>&1 && fail "tell is reached twice"

# Without the landmark it stands where its file says: nothing behind the move has a name.
"$ringcheck" step "$kernel" --at tell --count 1 >steps 2>&1 && fail "tell is reached where it was linked"
shows steps 'tell was not reached'
