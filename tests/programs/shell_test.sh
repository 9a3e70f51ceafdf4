#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shell_test.sh CASES SHELL: each case of the file CASES does in SHELL what it does in dash: the same standard output, the
# same status, and something on standard error where dash has something.  In a case, `sh` is the shell that runs it.
# Cases stand between lines that begin with ---- and give the next one's name.
set -euo pipefail
cases=$1
shell=$2
oracle=$(command -v dash) || {
    echo "SKIPPED: no dash to compare with; to have it: apt-get install dash"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run SHELL NAME: runs $work/case in a folder of its own; output, errors, status in $work/NAME.*
run() {
    mkdir -p "$work/$2/sub" "$work/$2.bin"
    ln -sf "$1" "$work/$2.bin/sh"
    printf 'alpha\n' >"$work/$2/a.txt"
    printf 'beta\n' >"$work/$2/b.txt"
    printf 'gamma\n' >"$work/$2/sub/c.txt"
    local status=0
    (cd "$work/$2" && env -i PATH="$work/$2.bin:$PATH" HOME=/ LC_ALL=C timeout 20 "$1" "$work/case" \
        </dev/null >"$work/$2.output" 2>"$work/$2.errors") || status=$?
    echo "$status" >"$work/$2.status"
    [ -s "$work/$2.errors" ] && echo some >"$work/$2.has" || echo none >"$work/$2.has"
    rm -rf "${work:?}/$2"
}

count=0 failed=0
name=first
judge() {
    [ -s "$work/case" ] || return 0
    count=$((count + 1))
    run "$oracle" expected
    run "$shell" actual
    local kind
    for kind in output status has; do
        if ! cmp -s "$work/expected.$kind" "$work/actual.$kind"; then
            echo "$name: the $kind differs from dash's"
            diff -U 100 "$work/expected.$kind" "$work/actual.$kind" | tail -n +3 | head -n 20 || true
            head -n 5 "$work/actual.errors"
            failed=$((failed + 1))
            break
        fi
    done
    : >"$work/case"
}
: >"$work/case"
while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line == ----* ]]; then
        judge
        name=${line#---- # }
    else
        printf '%s\n' "$line" >>"$work/case"
    fi
done <"$cases"
judge

# expect STATUS OUTPUT ERRORS COMMANDS: what dash does otherwise, or says in other words.
expect() {
    local status=0
    printf '%s\n' "$4" >"$work/case"
    (cd "$work" && timeout 20 "$shell" case </dev/null >output 2>errors) || status=$?
    if [[ $status != "$1" || $(<"$work/output") != "$2" || $(<"$work/errors") != "$3" ]]; then
        echo "$4: status $status, output '$(<"$work/output")', errors '$(<"$work/errors")'"
        failed=$((failed + 1))
    fi
}
ln -sf "$shell" "$work/sh"
expect 0 'first
got data line
last' '' 'printf "echo first\nread x\ndata line\necho got \$x\necho last\n" | ./sh'
expect 0 'a b' '' 'echo $((echo a); (echo b))'
# $((, of which it is known at its end that it was no arithmetic, within others: read in a time that grows with the text.
nested() {
    local begins ends
    begins=$(printf "%$1s" '') ends=$begins
    printf '%s' "${begins// /\$((echo }" 1 "${ends// /); true)}"
}
expect 0 1 '' "echo $(nested 200)"
expect 0 '1 2' '' $'alias e=echo\n'"echo \$((e $(nested 40)); e 2)"
expect 2 '' 'case:1: syntax error: fi is unexpected' "echo $(f=$(nested 40); echo "${f/1/\$(fi)}")"
expect 2 '' 'case:1: syntax error: expansions are nested too deep' "echo $(nested 20000)"
expect 0 "it's 'x'" '' "x=\"it's 'x'\"; eval \"\$(export x; export -p | grep '^export x=')\"; echo \"\$x\""
expect 2 '' 'case:3: syntax error: fi is unexpected' $':\n\nfi'
expect 2 '' 'case:2: syntax error: the end of the text is unexpected' 'while :'
expect 2 '' 'case:1: syntax error: a double quote is not closed' 'echo "a'
expect 127 '' 'case:2: nonexistent: not found' $'\nnonexistent'
expect 2 '' 'case:1: x: this parameter is not set' 'set -u; echo $x'
expect 2 '' 'case:1: x: not today' 'echo ${x?not today}'
expect 2 '' 'case:1: r: is read only' 'readonly r=1; r=2; echo never'
expect 2 '' 'case:1: arithmetic expression: division by zero: 1/0' 'echo $((1/0))'
expect 1 '' 'case:1: test: x: this is no number' 'test x -eq 1 || exit 1'
# What is nested without end is refused, not followed off the stack.
deep=$(printf '%100000s' '')
expect 2 '' 'case:1: syntax error: commands are nested too deep' "${deep// /( }"
expect 2 '' 'case:1: commands are nested too deep' 'f() { f; }; f; echo never'
expect 0 'deep' '' "(echo \$((${deep// /-}1))) 2>&1 | grep -q 'nested too deep' && echo deep"

echo "$count cases, $failed differ"
[ "$count" -ge 150 ] && [ "$failed" -eq 0 ]
