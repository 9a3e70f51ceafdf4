#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# package_test.sh CMAKE COMPILER TREE BUILD_FOLDER WORK_FOLDER: what emu-harness/README.md says of find_package(ringcheck)
# is true in an empty folder: its example builds against the installed package, passes on the kernel, and fails with a
# text that names the cause on a kernel that no longer writes TSS.RSP0.
set -euo pipefail
cmake=$1 compiler=$2 tree=$3 build=$4 work=$5

source "$tree/tests/mutants/mutant_kernel.sh"
rm -rf "$work/prefix" "$work/stranger"
mkdir -p "$work/stranger"

fail() {
    echo "FAIL: $1"
    exit 1
}

# The block behind the line that names it.
# $1: the file's name
from_readme() {
    awk -v name="$1" '$0 ~ "^`" name "`:$" { wanted = 1; next }
        wanted && /^```/ { if (inside) exit; inside = 1; next }
        inside { print }' "$tree/emu-harness/README.md" >"$work/stranger/$1"
    [[ -s $work/stranger/$1 ]] || fail "emu-harness/README.md has no $1"
}

"$cmake" --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; fail "cmake --install"; }
from_readme CMakeLists.txt
from_readme kernel_tests.cpp
lines=$(cat "$work"/stranger/* | wc -l)
[[ $lines -le 25 ]] || fail "the example has $lines lines, more than 25"
cd "$work/stranger"
cp "$build/aethelos.elf" kernel.elf
cp "$build/initrd.cpio" .
env -i PATH="$PATH" "$cmake" -G Ninja -S . -B out -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_PREFIX_PATH="$work/prefix" >log 2>&1 && "$cmake" --build out >>log 2>&1 || { cat log; fail "it does not build"; }

out/kernel_tests >passed 2>&1 || { cat passed; fail "the example fails on the kernel as it is"; }
out/kernel_tests --tap >tap || fail "the example fails with --tap"
grep -qx 'TAP version 14' tap && grep -q '^ok 1 - Calls\.' tap || { cat tap; fail "that is no TAP"; }
! out/kernel_tests --no-such-option >/dev/null 2>&1 || fail "an unknown option is taken"
GTEST_TOTAL_SHARDS=2 GTEST_SHARD_INDEX=0 out/kernel_tests >shard || fail "the first shard fails"
out/kernel_tests --gtest_output=xml:report.xml >/dev/null && grep -q '<testcase name=' report.xml || fail "no JUnit report"

prefix=$work/prefix work=$build/tests/mutants # for mutant_kernel.sh
prepare_kernel
build "the unchanged kernel"
break_kernel rsp0-not-written cpu/gdt.cpp '/tss\.rsp\[0\] =/d'
cp "$work/build/aethelos.elf" kernel.elf
! out/kernel_tests >failed 2>&1 || fail "the example passes on a kernel that does not write TSS.RSP0"
for text in 'user-entry-rsp0' 'TSS.RSP0' 'to repeat it: ' '--gtest_filter=Calls' 'ringcheck run kernel.elf --from'; do
    grep -qF -- "$text" failed || { cat failed; fail "the failure does not say: $text"; }
done
[[ -s $(echo ringcheck-failures/Calls.*/snapshot) && -s $(echo ringcheck-failures/Calls.*/steps.txt) ]] ||
    fail "nothing was left of the failure"
grep -qF 'not ok 1 - Calls.' <(out/kernel_tests --tap || true) || fail "TAP does not say that it fails"
command=$(grep -oE 'ringcheck run .*' failed | head -n 1)
env -i PATH=/usr/bin:/bin bash -c "'$prefix/bin/'$command --limit 100000" >again 2>&1 || true
grep -q 'hello' again || { cat again; fail "the printed command does not run"; }
echo "the example has $lines lines, passes, and fails with a reason"
