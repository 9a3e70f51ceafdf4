# SPDX-License-Identifier: MIT
#
# Sourced by the tests of the program with RINGCHECK KERNEL INITRD as their arguments: a folder of their own with copies
# of the two files, to work in, and what is expected of a run.
ringcheck=$1 kernel=$2 initrd=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
traces=$here/../../traces

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$kernel" "$work/aethelos.elf"
cp "$initrd" "$work/initrd.cpio"
cd "$work"
failures=0

complain() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# expect STATUS ARGUMENT...: runs ringcheck with its outputs in out and err.
expect() {
    local wanted=$1 status=0
    shift
    "$ringcheck" "$@" >out 2>err </dev/null || status=$?
    [[ $status -eq $wanted ]] || complain "ringcheck $*: exit status $status, expected $wanted: $(head -n 3 err)"
}

# refused TEXT ARGUMENT...: exit status 2, nothing on stdout, and one line on stderr that has TEXT.
refused() {
    local text=$1
    shift
    expect 2 "$@"
    [[ ! -s out ]] || complain "ringcheck $*: there is output: $(head -n 1 out)"
    [[ $(wc -l <err) -eq 1 ]] || complain "ringcheck $*: not one line but $(wc -l <err)"
    grep -qF -- "$text" err || complain "ringcheck $*: '$(cat err)' does not say '$text'"
}

# Ends the test.
conclude() {
    [[ $failures -eq 0 ]] || exit 1
    echo "all as expected"
}
