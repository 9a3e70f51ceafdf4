#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every source names its licence in its first two lines: GPL-2.0-or-later in emu-harness/, which links Unicorn, else MIT.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

files=$(sources '*.c' '*.cpp' '*.h' '*.S' '*.awk' '*.inc' '*.ld' '*.cmake' '*CMakeLists.txt' '*.sh' aethel .ci/run)
refuse_empty "$files" licences
wrong=0
while IFS= read -r file; do
    case $file in
    emu-harness/*) licence=GPL-2.0-or-later ;;
    *) licence=MIT ;;
    esac
    if ! head -n 2 "$file" | grep -q "SPDX-License-Identifier: $licence"; then
        echo "$file: the first two lines do not say 'SPDX-License-Identifier: $licence'" >&2
        wrong=$((wrong + 1))
    fi
done <<<"$files"
for licence in MIT GPL-2.0-or-later; do
    if [ ! -s "LICENSES/$licence.txt" ]; then
        echo "LICENSES/$licence.txt: missing" >&2
        wrong=$((wrong + 1))
    fi
done
[ "$wrong" -eq 0 ]
echo "$(printf '%s\n' "$files" | wc -l) files name their licence"
