#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every C and C++ file is as clang-format would write it.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

files=$(sources '*.c' '*.cpp' '*.h')
refuse_empty "$files" format
printf '%s\n' "$files" | xargs clang-format-19 --dry-run -Werror
echo "$(printf '%s\n' "$files" | wc -l) files are formatted"
