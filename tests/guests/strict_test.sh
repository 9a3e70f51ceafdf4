#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# strict_test.sh RINGCHECK KERNELS: run, replay and check with --strict hold a kernel to the rules that look at each
# instruction: one whose description calls memory read-only that the kernel writes to passes without it alone.
set -euo pipefail
ringcheck=$1 kernel=$2/int80.elf
folder=$(cd "$(dirname "$0")" && pwd)/int80
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "int80: $1" >&2
    exit 1
}

# ends STATUS COMMAND ARGUMENT...: a run by the wrong description, its output in $work/out.
ends() {
    local wanted=$1 command=$2 status=0
    shift 2
    "$ringcheck" "$command" "$kernel" --guest "$work/wrong.toml" "$@" > "$work/out" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] || { cat "$work/out" >&2; fail "$command $*: status $status instead of $wanted"; }
}

says() {
    grep -qE -- "$1" "$work/out" || { cat "$work/out" >&2; fail "nothing says '$1'"; }
}

sed 's/"rodata_end"/"image_end"/' "$folder/int80.toml" > "$work/wrong.toml"
cmp -s "$folder/int80.toml" "$work/wrong.toml" && fail "the description is not wrong"
"$ringcheck" check "$kernel" --guest "$folder/int80.toml" --strict > "$work/out" || fail "the right description breaks a rule"

ends 0 run
ends 1 run --strict
says 'rule no-read-only-store violated'
ends 0 replay "$folder/alpha.trace"
ends 1 replay "$folder/alpha.trace" --strict
says "FAIL  $folder/alpha.trace  breaks a rule"
says 'rule no-read-only-store violated'
ends 0 check
says 'skip  rules  no-read-only-store +needs a look at each instruction: --strict'
ends 1 check --strict
says 'FAIL  rules  no-read-only-store +violated in boot'
