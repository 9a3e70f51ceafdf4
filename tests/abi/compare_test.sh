#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# compare_test.sh: what compare.awk says of command lines that do the same, that do not, that one of the two did not come
# to the end of, and that are known to differ; and what driver.c says of quotes, statuses, files and a limit of time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
lost=0

complain() {
    echo "$1" >&2
    lost=1
}

# record COMMAND LINE...: as the driver writes it.
record() {
    printf 'abi: begin 1\nabi: command %s\n' "$1"
    shift
    printf 'abi: %s\n' "$@" 'end 1'
}

# expect STATUS TEXT: compare.awk's exit status, and what it prints.
expect() {
    local status=0
    awk -f "$here/compare.awk" commands linux aethelos >out || status=$?
    if [[ $status -ne $1 ]] || ! grep -qF -- "$2" out; then
        complain "exit status $status, not $1 with '$2': $(cat out)"
    fi
}

printf '%s\n' '# class first' 'true' '# class second' 'false' >commands
{ record true 'status 0'; record false 'status 1' 'out| x'; } >linux
{ record true 'status 0' | sed 's/$/\r/'; echo 'the kernel says'; record false 'status 1' 'out| x'; } >aethelos
expect 0 '2 of 2 command lines do the same'
expect 0 'second             1 of   1'
sed -i 's/out| x/out| y/' aethelos
expect 1 'FAIL  false'
expect 1 '1 of 2 command lines do the same'
sed -i 's/^abi: out| y/x/' aethelos
expect 1 '      AethelOS  (nothing more)'
printf 'abi: begin 2\nabi: command false\n' >last
record true 'status 0' | cat - last >aethelos
expect 1 '      AethelOS  ended while it ran'
record true 'status 0' >aethelos
expect 1 '      AethelOS  did not run it'
sed -i 's/^false/~ false/' commands
expect 0 'known false'
cp linux aethelos
expect 0 'is the same now: take its ~ away'

# What abi.sh does when there is nothing to compare: the programs are those of a folder that is said to be complete.
abi() {
    local status=0
    "$here/abi.sh" "$here/../.." "$work/built" --list "$work/list" "${@:3}" >out 2>&1 || status=$?
    if [[ $status -ne $1 ]] || ! grep -qxF -- "$2" out; then
        complain "abi.sh: exit status $status, not $1 with '$2': $(cat out)"
    fi
}
mkdir -p built/abi/programs/bin
touch built/abi/programs/complete
printf '%s\n' '# class all' 'busybox true' >list
abi 2 "abi: no command line has 'class' in it" --only class

skip() {
    echo "SKIPPED: $1" >&2
    [[ $lost -ne 0 ]] || exit 77
    exit "$lost"
}
command -v musl-gcc >/dev/null || skip "the driver cannot be built without musl-gcc"
abi 77 'abi: SKIPPED: there is no command line left to run' --only busybox
[[ $("$here/on_linux.sh" "$work" true 2>&1; echo $?) != *77 ]] || skip "no namespaces to run the driver in"

# On this Linux, without a root of its own: what the driver needs of / is its own folder.
mkdir -p tree/abi tree/bin
musl-gcc -static -O2 -o tree/abi/driver "$here/driver.c"
cat >words.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        printf("[%s]", argv[i]);
    }
    fflush(stdout);
    if (argc == 1) {
        pause();
    }
    FILE* const file = fopen("made", "w");
    fputs("\\ \001", file);
    return symlink("made", "link") == 0 && argc == 2 ? 3 : (abort(), 0);
}
END
musl-gcc -static -o tree/bin/words words.c
printf '%s\n' "words 'a b'c\$'\\n\\x41\\''" 'words a b' 'words' 'words "' "words 'open" >tree/abi/commands
"$here/on_linux.sh" "$work/tree" /abi/driver /abi/commands 1 >driver.out || complain "the driver failed: $?"
for text in 'out| [a bc' "out| A']\\" 'status 3' 'file made mode 644 size 3 links 1' 'in| \\ \x01\' 'link link to made' \
    'status killed by 6' 'status did not end in 1 s' 'this is no command line' 'done 5'; do
    grep -qxF -- "abi: $text" driver.out || complain "the driver does not say '$text': $(cat driver.out)"
done
exit "$lost"
