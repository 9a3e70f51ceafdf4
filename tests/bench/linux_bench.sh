#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# linux_bench.sh BUILD_FOLDER: instructions per operation, counted by the same ringbench in the same QEMU on AethelOS and on
# Debian's Linux kernel, as it is and tuned.  The kernel is downloaded by apt and unpacked, never installed; what it counts
# is kept for as long as neither it nor ringbench is another.
# Exit status: 0 each row reaches what it must, 1 one does not, or is not there, 6 QEMU failed, 77 skipped, aloud.
set -euo pipefail

readonly built=$1 skipped=77
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root folder=$built/bench
# shellcheck source=tests/bench/icount_machine.sh
source "$root/tests/bench/icount_machine.sh"
# What costs time in each system call or at each exception and can be had without, and addresses that are always the same.
readonly plain='console=ttyS0 quiet panic=-1'
readonly tuned="$plain mitigations=off init_on_alloc=0 audit=0 lsm= norandmaps nokaslr randomize_kstack_offset=off"

skip() {
    echo "bench: SKIPPED: $1" >&2
    exit "$skipped"
}

# Prints the path of Debian's kernel.
linux_kernel() {
    local package
    if ! compgen -G "$folder/linux/boot/vmlinuz-*" >/dev/null; then
        command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
        package=$(apt-cache show linux-image-cloud-amd64 2>/dev/null |
            sed -n 's/^Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
        [[ -n $package ]] || return 1
        (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$package" && dpkg-deb -x "$package"_*.deb linux) \
            >>"$folder/apt.log" 2>&1 || return 1
        rm -f "$folder/$package"_*.deb
    fi
    echo "$folder"/linux/boot/vmlinuz-*
}

# A root of busybox, which has the kernel make its device files, and ringbench, which ends as the first process.
pack_root() {
    local tree=$folder/root
    rm -rf "$tree"
    mkdir -p "$tree/bin" "$tree/dev" "$tree/tmp"
    cp "$1" "$tree/bin/busybox"
    cp "$built/userprogs/ringbench" "$built/userprogs/ringtiny" "$tree/bin"
    printf '%s\n' '#!/bin/busybox sh' '/bin/busybox mount -t devtmpfs dev /dev' 'exec /bin/ringbench' >"$tree/init"
    chmod 755 "$tree/init"
    find "$tree" -exec touch -h -d @0 {} +
    (cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible --owner=0:0) >"$folder/root.cpio"
}

# ringbench_on_linux KERNEL COMMAND_LINE: prints the path of its console.
ringbench_on_linux() {
    local key console
    key=$({ echo "$2"; "$qemu" --version; cat "$folder/root.cpio"; stat -c '%n %s' "$1"; } | sha256sum | cut -c 1-16)
    console=$folder/linux-$key
    if ! grep -q '^# end' "$console" 2>/dev/null; then
        timeout 900 "${icount_machine[@]}" -kernel "$1" -initrd "$folder/root.cpio" -append "$2" </dev/null \
            >"$console.partial" 2>&1 || true
        tr -d '\r' <"$console.partial" >"$console"
        grep -q '^# end' "$console" || { tail -n 20 "$console" >&2; exit "$qemu_failed"; }
    fi
    echo "$console"
}

require_qemu
mkdir -p "$folder" "$built/abi/programs"
"$root/tests/abi/programs.sh" "$built/abi/programs" || true
busybox=$built/abi/programs/bin/busybox
[[ -x $busybox ]] || skip "there is no busybox for Linux's first process"
kernel=$(linux_kernel) || skip "apt cannot download Debian's kernel, linux-image-cloud-amd64"
pack_root "$busybox"
default_console=$(ringbench_on_linux "$kernel" "$plain")
tuned_console=$(ringbench_on_linux "$kernel" "$tuned")
ringbench_on_aethelos "$root" "$built" "$folder/aethelos"
echo "Linux is ${kernel##*/vmlinuz-}"
awk -f "$root/tests/bench/linux_bench.awk" "$root/userprogs/bench/budgets.txt" "$folder/aethelos" "$default_console" \
    "$tuned_console"
