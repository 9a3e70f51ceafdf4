#!/usr/bin/env -S fish --no-config
# SPDX-License-Identifier: MIT
# complete_in.fish LINES: prints each line of the file LINES, a tab, and what fish offers for its last word by
# ./_ringcheck.
set -x HOME (pwd)
source ./_ringcheck
while read -l line
    printf '%s\t%s\n' $line (complete -C $line | string replace -r '\t.*' '' | string join ' ')
end <$argv[1]
