#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# qemu_test.sh KERNELS GUEST: the same kernel in QEMU writes the same to its console.
set -euo pipefail
kernel=$1/$2.elf guest=$2
expected=$(cd "$(dirname "$0")" && pwd)/$guest/console.txt
qemu=${AETHEL_QEMU:-qemu-system-x86_64}
if ! command -v "$qemu" > /dev/null; then
    echo "SKIP: there is no $qemu; $guest.elf was not run in QEMU" >&2
    exit 77
fi
console=$(mktemp)
trap 'rm -f "$console"' EXIT

status=0
timeout 60 "$qemu" -machine pc -cpu max -m 64M -kernel "$kernel" -display none -no-reboot -monitor none -parallel none \
    -device isa-debug-exit,iobase=0xf4,iosize=4 -serial "file:$console" || status=$?
case $guest in
int80) good=85 ;; # the port's value 0x2a, doubled and one more
long_boot) good=33 ;;
*) good=0 ;;      # powered off
esac
tr -d '\r' < "$console" | diff "$expected" -
if [ "$status" -ne "$good" ]; then
    echo "$guest: QEMU ended with $status instead of $good" >&2
    exit 1
fi
