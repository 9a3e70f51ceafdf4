#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# completion_test.sh SHELL RINGCHECK: SHELL itself, bash, zsh or fish, completes command lines by the script that
# ringcheck prints for it, and neither loading it nor any option makes it complain.
# Exit status: 0 pass, 1 fail, 77 skipped because there is no SHELL.
set -euo pipefail
shell=$1 ringcheck=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v "$shell" >/dev/null || { echo "SKIP: THERE IS NO $shell HERE, NOTHING WAS COMPLETED IN IT"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch unique.elf other.elf
"$ringcheck" completion "$shell" >_ringcheck

# The command lines to complete, and behind a tab what the last word becomes; "" when nothing is offered.
cat >cases <<EOF
ringcheck expl	explain
ringcheck run --no-r	--no-rules
ringcheck run kernel --progress n	never
ringcheck run uniq	unique.elf
ringcheck replay kernel uniq	unique.elf
ringcheck run kernel --initrd uniq	unique.elf
ringcheck run kernel --ram uniq	
ringcheck completion f	fish
ringcheck rules uniq	
EOF
# Each option with a value, followed by what none of them offers anything for.
"$ringcheck" manual --json | tr '{' '\n' | awk '
    match($0, /"value":"[^"]+"/) && match($0, /"names":\["[^"]+"/) { option[++options] = substr($0, RSTART + 10, RLENGTH - 11) }
    match($0, /"command"/) { next }
    END { for (i = 1; i <= options; i++) seen[option[i]] = 1; for (name in seen) print name }' >options
for command in run record replay compare explain step check describe; do
    "$ringcheck" "$command" --help | grep -oE -- '--[a-z-]+' | sort -u | grep -xFf options |
        sed "s/.*/ringcheck $command & nosuch\t/"
done >>cases
[[ $(wc -l <cases) -ge 90 ]] || { echo "FAIL: only $(wc -l <cases) cases were made"; exit 1; }

cut -f 1 cases >lines
"$here/complete_in.$shell" lines >offered 2>complaints || { cat complaints; echo "FAIL: $shell ended with $?"; exit 1; }
[[ ! -s complaints ]] || { cat complaints; echo "FAIL: $shell complained"; exit 1; }
diff cases offered || { echo "FAIL: < is what $shell ought to offer, > what it does"; exit 1; }
echo "$shell completes $(wc -l <cases) command lines"
