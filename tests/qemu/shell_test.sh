#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# shell_test.sh: `aethel boot --shell` on a pseudo-terminal, as a person sees it: a prompt in two seconds, commands, ^C,
# and the end by `exit`. The shell is the initrd's, or else busybox.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIPPED: there is no QEMU here"; exit 77; }
command -v script >/dev/null || { echo "SKIPPED: there is no script(1) here"; exit 77; }
with=()
if ! cpio --quiet -t <"$AETHEL_BUILD_DIR/initrd.cpio" | grep -qx shell; then
    [[ -x /bin/busybox ]] || { echo "SKIPPED: the initrd has no shell, and there is no busybox here"; exit 77; }
    with=(--with /bin/busybox)
fi

work=$(mktemp -d)
machine=''
clean_up() {
    [[ -z $machine ]] || kill "$machine" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
mkfifo "$work/keys"
exec {keys}<>"$work/keys"
script -qefc "stty rows 30 columns 100; $root/aethel boot --shell ${with[*]}" /dev/null <"$work/keys" >"$work/screen" &
machine=$!

fail() {
    printf 'FAIL: %s; the screen:\n' "$1"
    cat -v "$work/screen"
    exit 1
}

# Waits until the screen holds $1 behind what was waited for before, carriage returns apart; $2: tenths of a second.
shown=0
wait_for() {
    local left=$2 text before
    while :; do
        text=$(tr -d '\0\r' <"$work/screen" && echo .)
        text=${text:shown}
        if [[ $text == *"$1"* ]]; then
            before=${text%%"$1"*}
            shown=$((shown + ${#before} + ${#1}))
            return
        fi
        ((left-- > 0)) || fail "no $(printf %q "$1")"
        sleep 0.1
    done
}
type_keys() {
    printf '%s' "$1" >&"$keys"
}

# The command that was typed has the terminal.
started() {
    wait_for $'\n' 50
    sleep 0.5
}

began=${EPOCHREALTIME/./}
wait_for '# ' 100
echo "a prompt after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
type_keys $'echo one $((1 + 1)) three\r'
wait_for $'\none 2 three\n' 50
wait_for '# ' 50
type_keys $'cat\r'
started
type_keys $'typed\r'
wait_for $'typed\ntyped\n' 50
type_keys $'\x03'
wait_for '# ' 50
type_keys $'cat\r'
started
type_keys $'\x1a'
wait_for '# ' 50
type_keys $'jobs\r'
wait_for 'topped' 50
wait_for '# ' 50
type_keys $'fg\r'
started
type_keys $'again\r'
wait_for $'again\nagain\n' 50
type_keys $'\x04'
wait_for '# ' 50
type_keys $'exit\r'
status=0
wait "$machine" || status=$?
machine=''
[[ $status -eq 0 ]] || fail "the machine ended with $status"
echo "pass: a shell in ring 3"
