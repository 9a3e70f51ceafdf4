#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# console_driver.sh --prompt TEXT --timeout SECONDS [--type LINE]... -- COMMAND [ARGUMENT]...
#
# Runs COMMAND, a machine whose serial console is its stdin and stdout, as a person would: each LINE is typed when a
# line of the console is exactly TEXT so far. The console goes to stdout without its carriage returns. COMMAND's own
# exit status is read as kernel/device's exit port (isa-debug-exit) makes QEMU end: port value v gives 2 * v + 1.
#
# Exit status:
#   0  the machine powered itself off after the last line, or reset itself when the last line was "reboot"
#   2  bad command line
#   3  the machine ended otherwise: before all lines were typed, by an unasked reset, or it is back at the prompt
#      after the last line and so does not mean to end
#   4  the kernel panicked
#   5  timeout
#   6  COMMAND failed: it could not start, or ended by a status or signal of its own
set -euo pipefail
export LC_ALL=C  # a console is bytes

readonly status_power_off=33 status_panic=35 status_reset=0

say() {
    echo "console_driver: $1" >&2
}

prompt='' timeout='' lines=()
while [[ $# -gt 0 && $1 != -- ]]; do
    [[ $# -ge 2 ]] || { say "$1 needs a value"; exit 2; }
    case $1 in
        --prompt) prompt=$2 ;;
        --timeout) timeout=$2 ;;
        --type) lines+=("$2") ;;
        *) say "unknown option $1"; exit 2 ;;
    esac
    shift 2
done
[[ $# -ge 2 ]] || { say "no command after --"; exit 2; }
[[ -n $prompt && $timeout =~ ^[1-9][0-9]{0,5}$ ]] || { say "--prompt and --timeout (whole seconds) are needed"; exit 2; }
shift

pipes=$(mktemp -d)
machine=''
clean_up() {
    [[ -z $machine ]] || kill -KILL "$machine" 2>/dev/null || true
    rm -rf "$pipes"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Named pipes rather than a coprocess: bash forgets a coprocess's descriptors the moment it ends, last words unread.
# The keyboard is opened for both directions so that neither side waits for the other to open it, nor sees it end.
mkfifo "$pipes/keyboard" "$pipes/screen"
exec {keyboard}<>"$pipes/keyboard"
"$@" <"$pipes/keyboard" >"$pipes/screen" {keyboard}>&- &
machine=$!
exec {screen}<"$pipes/screen"

typed=0          # how many of the lines
current=''       # the console's unfinished line
verdict=''       # why we stopped listening before the machine ended
overdue=timeout  # the verdict once the deadline is over

deadline=$((${EPOCHREALTIME/./} + timeout * 1000000))  # EPOCHREALTIME without its point counts microseconds

# Sets `left`, the seconds until the deadline; false when it is over.
time_left() {
    local microseconds=$((deadline - ${EPOCHREALTIME/./}))
    ((microseconds > 0)) || return 1
    printf -v left '%d.%06d' $((microseconds / 1000000)) $((microseconds % 1000000))
}

# Types the next line. With none left the machine has a second to end: recent QEMUs let the guest run on for a
# moment after it has asked for power-off.
at_prompt() {
    if ((typed == ${#lines[@]})); then
        local soon=$((${EPOCHREALTIME/./} + 1000000))
        deadline=$((deadline < soon ? deadline : soon))
        overdue=still_running
        return
    fi
    printf '%s\r' "${lines[typed]}" >&"$keyboard"
    typed=$((typed + 1))
}

# Up to the next character that is the prompt's last: only there can a prompt end. Byte by byte, bash would take as long
# as the machine, and so it would if it asked for the time at each word.
last=${prompt: -1} text='' status=0
for ((words = 0; status == 0; ++words)); do
    if ((words % 64 == 0)) || [[ $current == "$prompt" ]]; then
        time_left || { verdict=$overdue; break; }
    fi
    IFS= read -r -d "$last" -t "$left" -u "$screen" text || status=$?
    ((status != 0)) || text+=$last
    current+=${text//$'\r'/}
    if [[ $current == *$'\n'* ]]; then
        printf '%s\n' "${current%$'\n'*}"
        current=${current##*$'\n'}
    fi
    [[ $current != "$prompt" || $status -ne 0 ]] || at_prompt
done
((status <= 128)) || verdict=$overdue
[[ -z $current ]] || printf '%s\n' "$current"

# bash would say "Killed" on stderr when it collects a process that was.
status=0
{
    [[ -z $verdict ]] || kill -KILL "$machine" || true
    wait "$machine" || status=$?
} 2>/dev/null
machine=''

progress="$typed of ${#lines[@]} lines typed"
case $verdict in
    timeout) say "timeout after $timeout s, $progress"; exit 5 ;;
    still_running) say "the machine is back at its prompt after the last line; type poweroff to end it"; exit 3 ;;
esac
if ((status == status_panic)); then
    say "the kernel panicked, $progress"
    exit 4
elif ((status != status_power_off && status != status_reset)); then
    say "$1 failed with status $status, $progress"
    exit 6
elif ((typed < ${#lines[@]})); then
    say "the machine ended early, $progress"
    exit 3
elif ((status == status_reset)) && [[ ${#lines[@]} -eq 0 || ${lines[-1]} != reboot ]]; then
    say "the machine reset itself unasked (a triple fault does that)"
    exit 3
fi
