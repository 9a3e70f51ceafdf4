#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# complete_in.bash LINES: prints each line of the file LINES, a tab, and what bash offers for its last word by
# ./_ringcheck.
set -eu
source ./_ringcheck
[[ $(complete -p ringcheck) == *"-F _ringcheck"* ]]
while IFS= read -r line; do
    read -ra COMP_WORDS <<<"$line"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _ringcheck
    printf '%s\t%s\n' "$line" "${COMPREPLY[*]}"
done <"$1"
