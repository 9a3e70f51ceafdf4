#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tidy.sh BUILD_FOLDER [PATTERN]...: every translation unit of kernel, programs and harness, or each that matches a
# PATTERN, passes the checks of .clang-tidy.
#
# Most of the time goes into other people's headers, so a file that has passed is not checked again while nothing that
# goes into it changes: the file and every header that the build has seen it include, its command lines, .clang-tidy,
# clang-tidy itself.  Their hash is the name of an empty file in BUILD_FOLDER/tidy.  Which headers those are is known for
# what is built and not newer than its objects; anything else is checked each time.
set -euo pipefail
source "$(dirname "$0")/sources.sh"
database=$(cd "$1" && pwd)
shift
[[ $# -gt 0 ]] || set -- 'kernel/*.cpp' 'userprogs/*.cpp' 'emu-harness/*.cpp'

files=$(sources "$@")
refuse_empty "$files" tidy
passed=$database/tidy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$passed" "$work/inputs"

# Ninja's list of what each object was made from, the source first, with absolute names: "OBJECT SOURCE FILE".
(cd "$database" && ninja -t deps) | awk -v build="$database" '
    function absolute(path,   base) {
        if (path ~ /^\//) return path
        base = build
        while (sub(/^\.\.\//, "", path)) sub(/\/[^\/]*$/, "", base)
        return base "/" path
    }
    /#deps/ { object = absolute(substr($1, 1, length($1) - 1)); source = ""; valid = /VALID/; next }
    NF && valid { file = absolute($1); if (source == "") source = file; print object, source, file }' >"$work/made_from"
cut -d ' ' -f 3 "$work/made_from" | sort -u | xargs -d '\n' sha256sum >"$work/hashes" 2>/dev/null || true
{
    clang-tidy-19 --version
    sources '.clang-tidy' '*/.clang-tidy' | xargs sha256sum
} >"$work/general"

# inputs/NUMBER: what goes into the file on that line of `files`, when it is known.
printf '%s\n' "$files" >"$work/files"
cut -d ' ' -f 1,2 "$work/made_from" | sort -u | while read -r object source; do
    [[ $object -nt $source ]] || echo "$source"
done >"$work/newer"
awk -v root="$root" -v inputs="$work/inputs" '
    FILENAME ~ /\/hashes$/ { hash[$2] = $1; next }
    FILENAME ~ /\/newer$/ { newer[$1]; next }
    FILENAME ~ /\/files$/ { wanted[root "/" $1] = inputs "/" FNR; next }
    FILENAME ~ /\/made_from$/ { if ($2 in wanted && !($2 in newer)) { known[$2]; print $3, hash[$3] >wanted[$2] } next }
    /"command": / { command = $0; next }
    /"file": / { split($0, part, "\""); if (part[4] in known) print command >wanted[part[4]] }
' "$work/hashes" "$work/newer" "$work/files" "$work/made_from" "$database/compile_commands.json"

# check FILE [KEY]: passes FILE, and notes that it did.
check() {
    clang-tidy-19 -p "$database" --quiet "$1" || return 1
    [[ -z ${2:-} ]] || : >"$passed/$2"
}
export -f check
export database passed

number=0
while IFS= read -r file; do
    number=$((number + 1)) key=''
    if [[ -e $work/inputs/$number ]]; then
        key=$(sort -u "$work/inputs/$number" "$work/general" | sha256sum | cut -d ' ' -f 1)
    fi
    if [[ -n $key && -e $passed/$key ]]; then
        touch "$passed/$key"
    else
        echo "$file${key:+ $key}"
    fi
done <"$work/files" >"$work/unchecked"
find "$passed" -type f -mtime +30 -delete
xargs -r -P "$(nproc)" -L 1 bash -c 'check "$@"' check <"$work/unchecked"
echo "$(wc -l <"$work/files") files are tidy, $(wc -l <"$work/unchecked") of them were checked now"
