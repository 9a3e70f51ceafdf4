#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# calculator_test.sh CALCULATOR: the program on the machine that builds: arguments, a pipe, its status, its errors, and bc
# for a second opinion on reals, where there is one.
set -euo pipefail
calculator=$1
failed=0

# expect STATUS STDOUT STDERR COMMAND...
expect() {
    local status=$1 output=$2 errors=$3 actual=0
    shift 3
    local actual_output actual_errors
    actual_errors=$(mktemp)
    actual_output=$("$@" 2>"$actual_errors") || actual=$?
    if [[ $actual != "$status" || $actual_output != "$output" || $(<"$actual_errors") != "$errors" ]]; then
        echo "$*: status $actual (not $status), output '$actual_output' (not '$output'), errors '$(<"$actual_errors")'" >&2
        failed=1
    fi
    rm -f "$actual_errors"
}
fed() { # TEXT: a pipe that holds it
    printf "$1" | "$calculator"
}

expect 0 $'3\n6' '' "$calculator" '1+2' 'ans*2'
expect 0 $'3\n4' '' fed '1+2\n\n# note\nans+1'
expect 1 $'3\n4' $'calculator: line 2:\n1+\n  ^ a value is missing at the end' fed '1+2\n1+\nans+1\n'
expect 1 '' $'calculator: line 1:\n\t\xc3\xa4 + 1\n\t^ this means nothing here' fed '\t\xc3\xa4 + 1\n'
expect 1 '' $'calculator: line 1:\n\n^ this line is too long' bash -c 'head -c 70000 /dev/zero | tr "\\0" 1 | "$0"' "$calculator"
if [[ -w /dev/full ]]; then
    expect 2 '' '' bash -c '"$0" 1 >/dev/full' "$calculator"
fi
expect 1 '' 'calculator: standard input cannot be read' bash -c '"$0" </' "$calculator"

if command -v bc >/dev/null; then
    # e(l(2)*0.3) is 2^0.3; 12 digits of both.
    for pair in 'sqrt(2)=sqrt(2)' 'sin(1)=s(1)' 'cos(2.5)=c(2.5)' 'atan(0.3)=a(0.3)' 'ln(7)=l(7)' 'exp(1.5)=e(1.5)' \
        '2^0.3=e(l(2)*0.3)' '1/3+2/7=1/3+2/7' '22/7*355/113=22/7*355/113' '1.1^10=1.1^10'; do
        ours=$("$calculator" "(${pair%%=*})*10^12;int(ans)" | tail -n 1)
        theirs=$(echo "scale=30; t=(${pair#*=})*10^12; scale=0; t/1" | bc -l)
        if ((ours - theirs > 1 || theirs - ours > 1)); then
            echo "${pair%%=*} is $ours * 10^-12, bc has $theirs" >&2
            failed=1
        fi
    done
else
    echo "no bc: not compared with it"
fi
exit "$failed"
