#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tidy_test.sh: tidy.sh checks a file once, and again whenever anything that goes into it has changed; it never takes a
# file that failed, or that it knows too little of, for one that has passed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tests" "$work/kernel" "$work/build"
cp -r "$(dirname "${BASH_SOURCE[0]}")" "$work/tests/style"
cd "$work"
git init -q .

echo "Checks: '-*,readability-braces-around-statements'
WarningsAsErrors: '*'
HeaderFilterRegex: '/kernel/'" >.clang-tidy
echo 'inline int half(int number) { return number / 2; }' >kernel/half.h
echo '#include "half.h"
int quarter(int number) { return half(half(number)); }' >kernel/quarter.cpp
echo 'int one() { return 1; }' >kernel/one.cpp
command="clang++-19 -c $work/kernel/NAME.cpp -o NAME.cpp.o"
{
    echo "rule compile
  command = \$compiler -MD -MF \$out.d -c \$in -o \$out
  depfile = \$out.d
  deps = gcc
compiler = clang++-19"
    for name in one quarter; do
        echo "build $name.cpp.o: compile $work/kernel/$name.cpp"
    done
} >build/build.ninja
database() { # OPTION of quarter.cpp
    echo "["
    echo "{ \"directory\": \"$work/build\","
    echo "  \"command\": \"${command//NAME/quarter} $1\","
    echo "  \"file\": \"$work/kernel/quarter.cpp\" },"
    echo "{ \"directory\": \"$work/build\","
    echo "  \"command\": \"${command//NAME/one}\","
    echo "  \"file\": \"$work/kernel/one.cpp\" }"
    echo "]"
}
database -O1 >build/compile_commands.json

build() {
    ninja -C build >log 2>&1 || { cat log; exit 1; }
}

# expect RESULT COUNT WHEN: tidy.sh ends with RESULT (ok or fails), having checked COUNT files.
expect() {
    local result=ok
    tests/style/tidy.sh build >out 2>&1 || result=fails
    if [[ $result != "$1" ]] || { [[ $result == ok ]] && ! grep -q "^2 files are tidy, $2 of them were checked now" out; }; then
        cat out
        echo "FAIL: $3: $result instead of $1 with $2 checked"
        exit 1
    fi
}

expect ok 2 "nothing is built, so nothing is known"
expect ok 2 "still nothing is built"
build
expect ok 2 "the first time"
expect ok 0 "nothing changed"
touch kernel/half.h kernel/one.cpp
build
expect ok 0 "only times changed"
echo '// More.' >>kernel/half.h
build
expect ok 1 "a header of one file changed"
expect ok 0 "nothing changed since"
database -O2 >build/compile_commands.json
expect ok 1 "the command line of one file changed"
echo "# More." >>.clang-tidy
expect ok 2 "the checks changed"
expect ok 0 "nothing changed since"
sleep 0.01
echo '// More.' >>kernel/one.cpp
expect ok 1 "a source is newer than its object"
expect ok 1 "a source is still newer than its object"
build
expect ok 1 "it is built now"
echo 'inline int sign(int number) { if (number < 0) return -1; return 1; }' >>kernel/half.h
build
expect fails 1 "a header is not tidy"
grep -q "half.h:3:.*braces" out || { cat out; echo "FAIL: the complaint is not about the header"; exit 1; }
expect fails 1 "it still is not"
echo "tidy.sh checks again what changed"
