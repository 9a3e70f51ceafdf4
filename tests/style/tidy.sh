#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tidy.sh BUILD_FOLDER: every translation unit of kernel, programs and harness passes the checks of .clang-tidy.
set -euo pipefail
source "$(dirname "$0")/sources.sh"
database=$1

files=$(sources 'kernel/*.cpp' 'userprogs/*.cpp' 'emu-harness/*.cpp')
refuse_empty "$files" tidy
printf '%s\n' "$files" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p "$database" --quiet
echo "$(printf '%s\n' "$files" | wc -l) files are tidy"
