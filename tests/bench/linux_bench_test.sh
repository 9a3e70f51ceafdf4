#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# linux_bench_test.sh: what linux_bench.awk says of rows that reach their aim, their must, neither, or are not there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
lost=0

printf '%s\n' '# head' 'one 10 8 - 5 3' 'two 20 20 - 9 4' >budgets
printf '%s\n' 'one 12 10' 'two 16 16' '# end' >linux
printf '%s\n' 'one 10 10' 'two 16 16' '# end' >tuned

# expect STATUS TEXT AETHELOS_LINE...: its exit status, and what is printed, as an extended regular expression.
expect() {
    local status=0 wanted=$1 text=$2
    shift 2
    printf '%s\r\n' 'eldarin> run ringbench' "$@" >aethelos
    awk -f "$here/linux_bench.awk" budgets aethelos linux tuned >out || status=$?
    if [[ $status -ne $wanted ]] || ! grep -qE "$text" out; then
        echo "exit status $status, not $wanted with '$text': $(cat out)" >&2
        lost=1
    fi
}

expect 0 '^one  *3  *12  *10  *0\.30  *5  *3  aim reached$' 'one 3 3' 'two 9 9' '# end'
expect 0 '^two .* must reached$' 'one 3 3' 'two 9 9' '# end'
expect 0 '^2 rows: 1 at their aim, 0 above what they must reach, 2 cheaper' 'one 3 3' 'two 9 9' '# end'
expect 1 '^two .* MISSED$' 'one 3 3' 'two 10 9' '# end'
expect 1 '^two .* MISSING: errno 38$' 'one 3 3' 'two n/a 38' '# end'
expect 1 '^two .* MISSING$' 'one 3 3' '# end'
expect 1 'did not come to its end on AethelOS' 'one 3 3' 'two 9 9'
exit "$lost"
