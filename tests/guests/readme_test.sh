#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# readme_test.sh SOURCE BUILD: the walk in emu-harness/README.md, "Your own kernel", typed as it stands there.  Lines that
# begin with "$ " are commands; those behind one, up to the next or the end of the block, are in its output, "..." is not.
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$build" "$work/build"
ln -s "$source/tests" "$work/tests"
cd "$work"

commands=0
output=$work/output
: > "$output"
while IFS= read -r line; do
    case $line in
    '$ '*)
        commands=$((commands + 1))
        echo "${line#'$ '}"
        bash -c "${line#'$ '}" > "$output" 2>&1 || echo "(status $?)" >> "$output"
        ;;
    '...') ;;
    *)
        if ! grep -qF -- "$line" "$output"; then
            cat "$output" >&2
            echo "emu-harness/README.md: the last command does not print '$line'" >&2
            exit 1
        fi
        ;;
    esac
done < <(sed -n '/^## Your own kernel/,/^## /p' "$source/emu-harness/README.md" | sed -n '/^```console$/,/^```$/p' | grep -v '^```')
if [ "$commands" -lt 4 ]; then
    echo "emu-harness/README.md: only $commands commands were found in \"Your own kernel\"" >&2
    exit 1
fi
