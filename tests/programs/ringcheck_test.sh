#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ringcheck_test.sh RINGCHECK KERNEL INITRD: the calculator, the editor and the shell on AethelOS, under ringcheck's rules,
# with what a person types written down.  What they write and how they end is looked for in what ringcheck records; the
# calls between, which another C library would make otherwise, are not held.
set -euo pipefail
ringcheck=$1 kernel=$2 initrd=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# records NAME OPTION...: what the program does, in $work/trace.
records() {
    local name=$1
    shift
    if ! "$ringcheck" record "$kernel" --initrd "$initrd" --program "$name" "$@" >"$work/trace" 2>"$work/errors"; then
        echo "$name: ringcheck fails: $(head -n 5 "$work/errors")"
        failed=1
    fi
}
# holds LINE...: each is a line of the trace, in this order.
holds() {
    local line number=0 found
    for line; do
        found=$(tail -n +$((number + 1)) "$work/trace" | grep -n -m 1 -E -- "$line" | cut -d : -f 1 || true)
        if [[ -z $found ]]; then
            echo "there is no '$line' behind line $number of:"
            tail -n 40 "$work/trace"
            failed=1
            return
        fi
        number=$((number + found))
    done
}

records calculator --input $'1+2*3\n' --input $'x = 2^62\n' --input $'x * 2\n' --input $'quit\n'
holds 'write\(1, "7\\n", 2\) = 2' 'write\(1, "4611686018427387904\\n"' 'write\(2, ".*the result is out of range' '^exit +status 1$'

printf 'old\nlines\n' >"$work/note"
records editor --argument note --file "note=$work/note" --input $'new \e[B\e[F!\es\eq'
holds 'read\([0-9]+, .*\) = 10$' 'write\([0-9]+, "new old\\nlines!' 'fsync\(' 'rename\("/\.note\.new[0-9]+", "/note"\) = 0' '^exit +status 0$'

cat >"$work/script" <<'EOF'
x=$(calculator 6*7 | cat)
echo "x is $x"
f() { return 3; }
f || echo "status $?"
for f in etc/mot*; do echo "$f"; done >list
while read line; do echo "read $line"; done <list
cat <<END >copy
here $((x - 2))
END
read line <copy; echo "$line"
nosuch
exit 4
EOF
records shell --argument script --file "script=$work/script"
holds 'write\(1, "x is 42\\n"' 'write\(1, "status 3\\n"' 'write\(1, "read etc/motd\\n"' 'write\(1, "here 40\\n"' '^exit +status 4$'
exit "$failed"
