#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# abi.sh ROOT BUILD_FOLDER [--short] [--ringcheck] [--cpu MODEL] [--only TEXT] [--list FILE]: runs the command lines of
# commands.txt on this machine's Linux and on AethelOS, all in one boot of QEMU, and compares status, output and files.
#   --short      each fourth command line
#   --ringcheck  in ringcheck, under its rules, instead of QEMU
#   --cpu MODEL  QEMU's CPU model (default max)
#   --only TEXT  those that have TEXT in them
#   --list FILE  those of FILE
# What was run and said stays in BUILD_FOLDER/abi.
# Exit status: 0 all the same, 1 something differs, 2 bad command line, 6 QEMU failed, 77 skipped, aloud.
set -euo pipefail

readonly root=$1 built=$2
shift 2
readonly here=$root/tests/abi folder=$built/abi
readonly qemu=${AETHEL_QEMU:-qemu-system-x86_64} qemu_failed=6 skipped=77
readonly seconds_each=${ABI_SECONDS_EACH:-20} seconds_all=${ABI_SECONDS:-900} # in a machine that is not the fastest
readonly powered_off=33 # what QEMU ends with when the kernel switches off
# Applets of busybox that scripts call by their names.
readonly applets=(
    sh cat grep sed awk sort wc md5sum sha256sum tr seq uniq head tail cut ls cp mv rm mkdir rmdir ln touch chmod df dd
    od hexdump find xargs tar gzip gunzip bunzip2 bzip2 xz cmp diff tee paste nl stat readlink truncate
    mktemp yes sleep kill ps free uptime date timeout mkfifo time env basename true
)

short='' ringcheck='' cpu=max only='' list=$here/commands.txt
while [[ $# -gt 0 ]]; do
    case $1 in
        --short) short=yes; shift ;;
        --ringcheck) ringcheck=yes; shift ;;
        --cpu | --only | --list)
            [[ $# -ge 2 ]] || { echo "abi: $1 needs a value" >&2; exit 2; }
            case $1 in
                --cpu) cpu=$2 ;;
                --only) only=$2 ;;
                --list) list=$2 ;;
            esac
            shift 2
            ;;
        *) echo "abi: there is no option $1" >&2; exit 2 ;;
    esac
done

if [[ -n $only ]] && ! grep -vE '^(#|$)' "$list" | grep -qF -- "$only"; then
    echo "abi: no command line has '$only' in it" >&2
    exit 2
fi
command -v musl-gcc >/dev/null || { echo "abi: SKIPPED: there is no musl-gcc to build the driver with" >&2; exit "$skipped"; }
mkdir -p "$folder/programs"
"$here/programs.sh" "$folder/programs"

# The command lines that can be run here, each once; what is left out is told.
choose_commands() {
    local line name word number=0
    local missing=()
    for name in busybox bash lua sqlite3 mksh-klibc mksh-musl mksh-diet klibc-sh zsh sash tini catatonit gnu-ls dash; do
        [[ -x $folder/programs/bin/$name ]] || missing+=("$name")
    done
    [[ ${#missing[@]} -eq 0 ]] || echo "abi: SKIPPED: the command lines of ${missing[*]}" >&2
    while IFS= read -r line; do
        if [[ -z $line || $line == '#'* ]]; then
            echo "$line"
            continue
        fi
        for word in "${missing[@]}"; do
            [[ " ${line//[\'\"~]/ } " != *" $word "* ]] || continue 2
        done
        [[ -z $only || $line == *"$only"* ]] || continue
        ((++number))
        [[ -z $short || $((number % 4)) -eq 1 ]] || continue
        echo "$line"
    done <"$list"
}

choose_commands >"$folder/commands"
grep -qvE '^(#|$)' "$folder/commands" || {
    echo "abi: SKIPPED: there is no command line left to run" >&2
    exit "$skipped"
}

tree=$folder/tree
rm -rf "$tree"
mkdir -p "$tree/abi" "$tree/bin" "$tree/lib" "$tree/dev" "$tree/etc" "$tree/proc" "$tree/tmp"
echo 'root:x:0:0:root:/:/bin/sh' >"$tree/etc/passwd"
echo 'root:x:0:' >"$tree/etc/group"

cp "$folder"/programs/bin/* "$tree/bin"
cp -r "$folder"/programs/lib/. "$tree/lib" 2>/dev/null || true
cp -r "$folder/programs/lib64" "$tree" 2>/dev/null || true
cp -r "$here/in" "$tree/abi"
musl-gcc -static -O2 -Wall -Wextra -Werror -o "$tree/abi/driver" "$here/driver.c"
{
    printf "link /bin/%s busybox\n" "${applets[@]}"
    sed 's/^~ *//' "$folder/commands"
} >"$tree/abi/commands"
chmod -R go-w "$tree"
find "$tree" -exec touch -h -d @0 {} +

"$here/on_linux.sh" "$tree" /abi/driver /abi/commands "$seconds_each" >"$folder/linux" 2>"$folder/linux.err" || {
    status=$?
    cat "$folder/linux.err" >&2
    exit "$status"
}

(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort | sed 's|^\./||' |
    cpio --quiet -o -H newc --reproducible --owner=0:0) >"$folder/initrd.cpio"
# The kernel runs one program and switches off.
run="run=abi/driver,/abi/commands,$seconds_each"
if [[ -n $ringcheck ]]; then
    machine=RINGCHECK status=0
    "$built/ringcheck" run "$built/aethelos.elf" --initrd "$folder/initrd.cpio" --ram 256M --limit 200000000000 --append "$run" \
        >"$folder/aethelos" 2>"$folder/aethelos.err" || status=$?
    sed -n '/^summary$/,$p' "$folder/aethelos"
else
    command -v "$qemu" >/dev/null || { echo "abi: there is no $qemu here" >&2; exit "$qemu_failed"; }
    machine="QEMU, -cpu $cpu" status=0
    timeout "$seconds_all" "$qemu" -accel tcg -cpu "$cpu" -m 256 -display none -no-reboot -nic none -monitor none \
        -serial stdio -device "isa-debug-exit,iobase=0xf4,iosize=0x04" -kernel "$built/aethelos.elf" \
        -initrd "$folder/initrd.cpio" -append "$run" </dev/null >"$folder/aethelos" 2>"$folder/aethelos.err" || status=$?
    [[ $status -ne $powered_off ]] || status=0
fi
echo "AethelOS in $machine"
awk -f "$here/compare.awk" "$folder/commands" "$folder/linux" "$folder/aethelos" || exit 1
if [[ $status -ne 0 ]]; then
    cat "$folder/aethelos.err" >&2
    tail -n 20 "$folder/aethelos"
    exit "$status"
fi
