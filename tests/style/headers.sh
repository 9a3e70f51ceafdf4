#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# headers.sh BUILD_FOLDER ENGINE_INCLUDE: every header compiles alone, in each world that may include it.
#
# What a source of kernel, harness or tests includes first, the build has compiled alone: such a header is not compiled
# again for the world of that source, while the object is newer than both. Behind a precompiled header nothing is first.
set -euo pipefail
source "$(dirname "$0")/sources.sh"
database=$(cd "$1" && pwd)
engine_include=$2

# Ninja's list of what each object was made from names the source and then what that includes, in that order.
compiled_first() { # FOLDER
    (cd "$database" && ninja -t deps) | awk '
        /#deps/ { object = substr($1, 1, length($1) - 1); line = 0; valid = /VALID/; next }
        NF && valid { line++; if (line == 1) source = $1; if (line == 2) print object, source, $1 }' |
        (cd "$database" && while read -r object source header; do
            [[ $source == *"/$1/"*.cpp && $header == *.h && $object -nt $header && $object -nt $source ]] || continue
            echo "$header"
        done | sort -u | xargs -r realpath --relative-to="$root" --) | sort -u
}

# Those of the headers on standard input that the build has not compiled alone for a source in one of the folders.
not_compiled_first() { # FOLDER...
    grep -vxFf <(for folder; do compiled_first "$folder"; done) || true
}

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
    echo "$(printf '%s\n' "$files" | wc -l) headers compile alone ($name), besides those that a source begins with"
}

sources 'kernel/*.h' | not_compiled_first kernel | check kernel -Ikernel "${freestanding[@]}"
sources 'kernel/arch/*.h' 'kernel/layout/*.h' 'kernel/uapi/*.h' 'kernel/base/*.h' | check "kernel, hosted" -Ikernel
sources 'userprogs/*.h' | check userprogs -Iuserprogs -Ikernel -ffreestanding -D_GNU_SOURCE
sources 'emu-harness/*.h' 'tests/*.h' | not_compiled_first emu-harness tests | check harness -Ikernel -Iemu-harness -Itests -isystem "$engine_include" \
    -DAETHEL_DEFAULT_KERNEL='""' -DAETHEL_DEFAULT_INITRD='""' -DBROKEN_MISTAKE=none
