#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# driver_test.sh: `aethel boot --type` ends with the documented status for each way a machine can end, types a line
# only at the prompt, and passes the console on unharmed. The machines are small scripts in QEMU's place.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AETHEL_BUILD_DIR=$work AETHEL_QEMU=$work/machine
touch "$work/aethelos.elf" "$work/initrd.cpio"
failures=0

# $1: what the machine does, in bash. `prompt` shows the prompt, `typed` waits for a line and echoes it.
machine_that() {
    cat >"$work/machine" <<EOF
#!/usr/bin/env bash
prompt() { printf 'eldarin> '; }
typed() { IFS= read -r -d \$'\r' line; printf '%s\r\n' "\$line"; }
$1
EOF
    chmod +x "$work/machine"
}

# $1: what is tested, $2: the expected exit status, $3: the expected stdout; the rest goes to aethel.
expect() {
    local what=$1 expected_status=$2 expected_output=$3 status=0 output
    shift 3
    output=$("$root/aethel" "$@" 2>"$work/stderr" </dev/null) || status=$?
    if [[ $status -ne $expected_status || $output != "$expected_output" ]]; then
        failures=$((failures + 1))
        printf 'FAIL: %s\n  status: expected %s, got %s\n' "$what" "$expected_status" "$status"
        printf '  output: expected %q\n          got      %q\n  stderr: %s\n' "$expected_output" "$output" "$(<"$work/stderr")"
    fi
}

machine_that "printf 'banner\r\n'; prompt; typed; printf 'output of %s\r\n\r\n' \"\$line\"; prompt; typed; exit 33"
expect "each line is typed at a prompt and the console is passed on" \
    0 $'banner\neldarin> help\noutput of help\n\neldarin> poweroff' boot --type help --type poweroff

# shellcheck disable=SC2016  # the dollar sign is the test
quoting=' a  \b "$c" *'
machine_that "prompt; typed; printf '<%s>\r\nunfinished' \"\$line\"; exit 33"
expect "a line is typed as it stands, and an unfinished last line is not lost" \
    0 "eldarin> $quoting"$'\n'"<$quoting>"$'\nunfinished' boot --type "$quoting"

machine_that "printf 'not eldarin> '; read -r -t 0.3 -N1 && exit 33; exit 34"
expect "the prompt's text inside a line is not the prompt" 6 'not eldarin> ' boot --type poweroff

machine_that "prompt; printf 'a job ends\\r\\n'; typed; prompt; printf 'and one'; typed; exit 33"
expect "a prompt that something follows at once is a prompt" \
    0 $'eldarin> a job ends\nps\neldarin> and onepoweroff' boot --timeout 5 --type ps --type poweroff

machine_that "exec sleep 60"
expect "a silent machine ends by the timeout" 5 '' boot --timeout 1 --type poweroff

machine_that "prompt; typed; exec sleep 60"
expect "a machine that hangs after the last line ends by the timeout" 5 'eldarin> poweroff' boot --timeout 1 --type poweroff

machine_that "prompt; typed; while :; do printf 'again\r\n' || exit; done"
"$root/aethel" boot --timeout 1 --type poweroff >/dev/null 2>&1 </dev/null && status=0 || status=$?
[[ $status -eq 5 ]] || { echo "FAIL: a chatty machine: status expected 5, got $status"; failures=$((failures + 1)); }

machine_that "prompt; typed; exit 33"
expect "powering off before all lines are typed is an early end" \
    3 'eldarin> poweroff' boot --type poweroff --type help

machine_that "prompt; typed; prompt; exec sleep 60"
expect "the prompt after the last line is not an end" 3 $'eldarin> help\neldarin> ' boot --type help

machine_that "prompt; typed; prompt; sleep 0.2; exit 33"
expect "a machine may run on for a moment after it has asked for power-off" \
    0 $'eldarin> poweroff\neldarin> ' boot --type poweroff

machine_that "prompt; typed; exit 0"
expect "an unasked reset is not an end" 3 'eldarin> test-user' boot --type test-user
expect "a reset is the end that reboot asks for" 0 'eldarin> reboot' boot --type reboot

machine_that "prompt; typed; printf 'panic: last words\r\n'; exit 35"
expect "a panic has its own status" 4 $'eldarin> test-user\npanic: last words' boot --type test-user --type poweroff

machine_that "echo 'no such CPU' >&2; exit 1"
expect "a QEMU that cannot start has its own status" 6 '' boot --type poweroff

machine_that "printf 'last words\r\n'; kill -SEGV \$\$"
expect "a QEMU that crashes has the same" 6 'last words' boot --type poweroff

machine_that "printf '%s\n' \"\$@\" | grep -xA1 -e -append -e -m -e -cpu; exit 33"
expect "options reach QEMU" 3 $'-cpu\nqemu64\n-m\n96M\n--\n-append\ntrace quiet' \
    boot --cpu qemu64 --memory 96M --trace "$work/log" --append quiet --type poweroff

rm "$work/initrd.cpio"
expect "a missing initrd is said" 1 '' boot --type poweroff
rm "$work/machine"
touch "$work/initrd.cpio"
expect "a missing QEMU is said" 6 '' boot --type poweroff

expect "an unknown command is refused" 2 '' sail
expect "an unknown boot option is refused" 2 '' boot --fast
expect "an option without its value is refused" 2 '' boot --type
expect "a timeout that is no number is refused" 2 '' boot --type poweroff --timeout soon
expect "a timeout without --type is refused" 2 '' boot --timeout 5
expect "an icount that QEMU does not know is refused" 2 '' boot --type poweroff --icount 11
expect "a log from an image is refused" 2 '' boot --iso --trace "$work/log" --type poweroff
expect "a boot without terminal or --type is refused" 2 '' boot
expect "an argument to clean is refused" 2 '' clean everything

((failures == 0))
