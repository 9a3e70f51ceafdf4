#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run_mutants.sh SOURCE_TREE WORK_FOLDER TRANSITION_TESTS INITRD [N]
# Breaks the kernel on purpose, one place at a time, and asks that the named test sees it.  A test that a mutant
# survives proves nothing about that place.  N: takes each Nth mutant only.
set -euo pipefail
tree=$1 work=$2 tests=$3 initrd=$4 every=${5:-1}

source "$tree/tests/mutants/mutant_kernel.sh"
prepare_kernel

# 0 when TEST passes on the kernel that was built last.
passes() { # TEST
    AETHEL_KERNEL="$work/build/aethelos.elf" AETHEL_INITRD="$initrd" timeout 100 "$tests" --gtest_filter="$1" \
        --gtest_brief=1 >"$work/log" 2>&1
}

caught=0
survived=0
known=0
declare -A asked # the tests that were to fail

# mutant NAME FILE SED_SCRIPT TEST: FILE, changed by SED_SCRIPT, must make TEST fail.
mutant() {
    local name=$1 file=$2 script=$3 test=$4
    known=$((known + 1))
    [[ $((known % every)) -eq 0 ]] || return 0
    asked[$test]=yes
    break_kernel "$name" "$file" "$script"
    if passes "$test"; then
        echo "SURVIVED  $name: $test passes"
        survived=$((survived + 1))
    elif ! grep -q "FAILED TEST\|FAILED  \]" "$work/log"; then
        echo "$name: $test did not run:" >&2
        tail -n 5 "$work/log" >&2
        exit 1
    else
        echo "caught    $name by $test"
        caught=$((caught + 1))
    fi
    mend_kernel "$file"
}

build "the unchanged kernel"
source "$tree/tests/mutants/mutants.sh"
build "the unchanged kernel"

# What a mutant must fail, the kernel itself must pass.
for test in "${!asked[@]}"; do
    if ! passes "$test"; then
        echo "$test fails on the unchanged kernel" >&2
        exit 1
    fi
done

echo "$caught caught, $survived survived, of $known that there are"
[ "$survived" -eq 0 ] && [ "$caught" -gt 0 ]
