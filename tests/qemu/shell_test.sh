#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# shell_test.sh: `aethel boot --shell` on a pseudo-terminal, as a person sees it: a prompt, commands, ^C and ^Z, and the
# end by `exit`; and, where this machine has a static busybox, its shell and its vi.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIPPED: there is no QEMU here"; exit 77; }
command -v script >/dev/null || { echo "SKIPPED: there is no script(1) here"; exit 77; }
work=$(mktemp -d)
machine=''
clean_up() {
    [[ -z $machine ]] || kill "$machine" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
: >"$work/screen"
mkfifo "$work/keys"
exec {keys}<>"$work/keys"
script -qefc "stty rows 30 columns 100; $root/aethel boot --shell" /dev/null <"$work/keys" >"$work/screen" &
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
type_keys $'cat <<end | calculator\r'
wait_for '> ' 50
type_keys $'2 * (3 + 4)\r'
wait_for '> ' 50
type_keys $'end\r'
wait_for $'\n14\n' 50
wait_for '# ' 50

skipped=''
if grep -q 'no static busybox' "$work/screen"; then
    skipped=', SKIPPED: its busybox, there is no static one here'
else
    type_keys $'busybox sh\r'
    started
    type_keys $'for i in 1 2 3; do echo "line $i"; done | tac > /tmp/lines; wc -l /tmp/lines\r'
    wait_for $'\n3 /tmp/lines\n' 50
    type_keys $'sleep 100\r'
    started
    type_keys $'\x1a'
    wait_for 'topped' 50
    type_keys $'fg\r'
    started
    type_keys $'\x03'
    wait_for '# ' 50
    type_keys $'echo "it is $?"\r'
    wait_for $'\nit is 130\n' 50
    type_keys $'vi /tmp/lines\r'
    wait_for 'line 3' 50
    wait_for '1/3' 50
    type_keys $'Gofourth\x1b'
    wait_for '- /tmp/lines [Modified] 4/4' 50 # what follows the escape at once would be taken for a key's sequence
    type_keys $':wq\r'
    wait_for '# ' 50
    type_keys $'tail -n 2 /tmp/lines; exit\r'
    wait_for $'\nline 1\nfourth\n' 50
    wait_for '# ' 50
fi
type_keys $'exit\r'
status=0
wait "$machine" || status=$?
machine=''
[[ $status -eq 0 ]] || fail "the machine ended with $status"
echo "pass: a shell in ring 3$skipped"
