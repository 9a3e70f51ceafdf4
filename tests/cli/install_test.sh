#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# install_test.sh CMAKE BUILD_FOLDER KERNEL INITRD: `cmake --install` puts the program and what belongs to it where
# shells and man look for them, below a prefix and below DESTDIR; a second one changes nothing; and the installed program
# needs nothing of the tree.
set -euo pipefail
cmake=$1 build=$2 kernel=$3 initrd=$4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$kernel" "$work/aethelos.elf"
cp "$initrd" "$work/initrd.cpio"
cd "$work"

fail() {
    echo "FAIL: $1"
    exit 1
}

# install WHERE ARGUMENT...: what is installed below WHERE afterwards, sorted and without the headers, is in `installed`.
install() {
    local where=$1
    shift
    "$cmake" --install "$build" "$@" >log 2>&1 || { cat log; fail "cmake --install $* failed"; }
    (cd "$where" && find . -type f -o -type l) | grep -v '^\./include/ringcheck/.*\.h$' | LC_ALL=C sort >installed
}

cat >expected <<'EOF'
./bin/ringcheck
./lib/cmake/ringcheck/ringcheckConfig.cmake
./lib/libringcheck.a
./share/bash-completion/completions/ringcheck
./share/fish/vendor_completions.d/ringcheck.fish
./share/man/man1/ringcheck.1
./share/ringcheck/tap_main.cpp
./share/zsh/site-functions/_ringcheck
EOF
install prefix --prefix "$work/prefix" --strip
diff expected installed || fail "< is what ought to be installed, > what was"
find prefix -type f -exec sha256sum {} + | LC_ALL=C sort >first
install prefix --prefix "$work/prefix" --strip
diff expected installed || fail "a second installation leaves something behind"
find prefix -type f -exec sha256sum {} + | LC_ALL=C sort >second
diff first second || fail "a second installation differs from the first"
DESTDIR=$work/destdir install destdir/opt/ringcheck --prefix /opt/ringcheck
diff expected installed || fail "DESTDIR: < is what ought to be installed, > what was"

program=$work/prefix/bin/ringcheck
[[ -x $program ]] || fail "the program cannot be executed"
! find prefix -perm /022 | grep . || fail "others may write to these"
for pair in manual:share/man/man1/ringcheck.1 "completion bash:share/bash-completion/completions/ringcheck" \
    "completion zsh:share/zsh/site-functions/_ringcheck" "completion fish:share/fish/vendor_completions.d/ringcheck.fish"; do
    "$program" ${pair%%:*} >now
    cmp now "prefix/${pair#*:}" || fail "${pair#*:} is not what the program prints for ${pair%%:*}"
done
! grep -rlF -- "$build" prefix || fail "these name the folder that they were built in"

# As somebody who has the program alone: no variable of ours, another folder, the kernel beside it.
alone() {
    env -i PATH=/usr/bin:/bin "$program" "$@"
}
alone run aethelos.elf --program hello >out || fail "hello does not run: $(tail -n 5 out)"
grep -qF "Hello from user space! (Ring 3)" out || fail "hello says nothing"
grep -qF "eldarin> run hello" out || fail "the built-in description does not recognise AethelOS"
grep -qE "IRETQ +0→3 +iretq_to_user → hello:_start" out || fail "the transitions have no names"
alone describe aethelos.elf >described || fail "describe fails"
alone run aethelos.elf --guest described --prompt 'eldarin> ' --type poweroff >out 2>&1 ||
    fail "a kernel does not run by its own description: $(tail -n 5 out)"
echo "$(wc -l <expected) files are installed, and run"
