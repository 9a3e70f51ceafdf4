#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# headers.sh GENERATED ENGINE_INCLUDE: every header compiles alone, in each world that may include it.
set -euo pipefail
source "$(dirname "$0")/sources.sh"
engine_include=$1

warnings=(-std=c++23 -Wall -Wextra -Wconversion -Wshadow -Werror -Wno-pragma-once-outside-header -fsyntax-only -x c++)
freestanding=(-ffreestanding -fno-exceptions -fno-rtti -fno-pic -mno-red-zone -mgeneral-regs-only -mcmodel=kernel
    -fno-threadsafe-statics)

check() { # NAME FLAGS... ; headers on standard input
    local name=$1
    shift
    local files
    files=$(cat)
    refuse_empty "$files" "headers ($name)"
    printf '%s\n' "$files" | xargs -P "$(nproc)" -n 1 clang++-19 "${warnings[@]}" "$@"
    echo "$(printf '%s\n' "$files" | wc -l) headers compile alone ($name)"
}

sources 'kernel/*.h' | check kernel -Ikernel "${freestanding[@]}"
sources 'kernel/arch/*.h' 'kernel/layout/*.h' 'kernel/uapi/*.h' 'kernel/base/*.h' | check "kernel, hosted" -Ikernel
sources 'userprogs/*.h' | check userprogs -Iuserprogs -Ikernel -ffreestanding
sources 'emu-harness/*.h' 'tests/*.h' | check harness -Ikernel -Iemu-harness -Itests -isystem "$engine_include" \
    -DAETHEL_DEFAULT_KERNEL='""' -DAETHEL_DEFAULT_INITRD='""' -DBROKEN_MISTAKE=none
