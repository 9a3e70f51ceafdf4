#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run_test.sh RINGCHECK KERNELS GUEST: the kernel's console, transitions, rules and traces, on both CPUs and in both modes.
set -euo pipefail
ringcheck=$1 kernel=$2/$3.elf guest=$3
folder=$(cd "$(dirname "$0")" && pwd)/$guest
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$guest: $1" >&2
    exit 1
}

# total KIND FILE: how often the summary counts that kind of transition.
total() {
    grep '"type":"summary"' "$2" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}

for cpu in intel amd; do
    for mode in fast step; do
        log=$work/$cpu.$mode
        option=()
        [ "$mode" = fast ] || option=(--step)
        "$ringcheck" run "$kernel" --guest "$folder/$guest.toml" --cpu $cpu "${option[@]}" --all --json > "$log" \
            || { tail -n 3 "$log" >&2; fail "run with --cpu $cpu in $mode mode failed"; }
    done
    cmp "$work/$cpu.fast" "$work/$cpu.step" || fail "the modes differ with --cpu $cpu"
done

log=$work/intel.fast
"$ringcheck" run "$kernel" --guest "$folder/$guest.toml" | sed '/^transitions$/,$d' | sed '$d' > "$work/console"
diff "$folder/console.txt" "$work/console" || fail "another console"
"$ringcheck" run "$kernel" --guest "$folder/$guest.toml" --cpu amd | sed '/^transitions$/,$d' | sed '$d' \
    | diff "$folder/console.txt" - || fail "another console with --cpu amd"

# The timer came from ring 3, every crossing inwards has one outwards but the last, and all calls are where they are made.
interrupts=$(total interrupt "$log")
[ "$interrupts" -ge 3 ] && [ "$interrupts" -le 20 ] || fail "$interrupts interrupts"
inwards=$(grep -c '"from":{"cpl":3.*"to":{"cpl":0' "$log")
outwards=$(grep -c '"from":{"cpl":0.*"to":{"cpl":3' "$log")
[ "$inwards" -eq "$outwards" ] || fail "$inwards crossings into the kernel, $outwards out of it"
case $guest in
int80)
    [ "$(total 'INT n' "$log")" -eq 13 ] && [ "$(total SYSCALL "$log")" -eq 0 ] || fail "calls were not made by INT n"
    [ "$(total SYSRETQ "$log")" -eq 0 ] && [ "$(total SWAPGS "$log")" -eq 0 ] || fail "SYSRET or SWAPGS in $log"
    grep -q '"kind":"interrupt","vector":32.*timer_entry' "$log" || fail "no timer interrupt"
    traces="alpha beta"
    ;;
apic)
    [ "$(total SYSCALL "$log")" -eq 21 ] && [ "$(total 'INT n' "$log")" -eq 0 ] || fail "calls were not made by SYSCALL"
    [ "$(total SWAPGS "$log")" -eq $((inwards + outwards)) ] || fail "SWAPGS is not done once at each crossing"
    grep -q '"kind":"interrupt","vector":64.*timer_entry' "$log" || fail "no timer interrupt"
    traces=turns
    ;;
esac

# Calls in the words of the description, and the trace made from them holds.
for program in $traces; do
    trace=$folder/$program.trace
    "$ringcheck" record "$kernel" --guest "$folder/$guest.toml" --program "$program" -o "$work/$program.trace"
    diff "$trace" "$work/$program.trace" || fail "$program does something else than its trace"
    for cpu in intel amd; do
        "$ringcheck" replay "$kernel" --guest "$folder/$guest.toml" --cpu $cpu "$trace" > "$work/replay" \
            || { cat "$work/replay" >&2; fail "$trace does not hold with --cpu $cpu"; }
    done
done

# Calls that no program makes, on both CPUs.
for cpu in intel amd; do
    "$ringcheck" replay "$kernel" --guest "$folder/$guest.toml" --cpu $cpu "$folder/injected.trace" > "$work/replay" \
        || { cat "$work/replay" >&2; fail "$folder/injected.trace does not hold with --cpu $cpu"; }
done

# Without a description: the log with the kernel's names, no programs, and a word on why there is no trace.
"$ringcheck" run "$kernel" > "$work/bare" 2>&1 && status=0 || status=$?
case $guest in
int80) [ "$status" -eq 1 ] && grep -q 'end: debug exit with value 0x2a' "$work/bare" || fail "another end without --guest" ;;
apic) [ "$status" -eq 0 ] || fail "status $status without --guest" ;;
esac
grep -q '3→0 .* → timer_entry' "$work/bare" || fail "no names without --guest"
"$ringcheck" record "$kernel" --program x > "$work/bare" 2>&1 && fail "recorded without a description"
grep -q 'error: no description says where this kernel starts its programs' "$work/bare" || fail "$(cat "$work/bare")"
"$ringcheck" explain "$kernel" --at "$(sed -n 's/.*"count":\([0-9]*\).*"kind":"interrupt".*/\1/p' "$log" | head -n 1)" \
    > "$work/bare" || fail "explain failed without --guest"
grep -q 'timer_entry' "$work/bare" || fail "explain does not name the handler"
