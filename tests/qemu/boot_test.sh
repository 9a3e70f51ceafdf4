#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# boot_test.sh [BOOT OPTION]...: the machine boots in QEMU, says hello from ring 3 once, and powers itself off.
# Boots what AETHEL_BUILD_DIR holds. Exit status: 0 pass, 1 fail, 77 skipped because there is no QEMU.
set -euo pipefail

readonly hello='Hello from user space! (Ring 3)'
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIP: THERE IS NO QEMU HERE, NOTHING WAS BOOTED"; exit 77; }
: "${AETHEL_BUILD_DIR:?is the build folder to boot from}"

status=0
log=$("$root/aethel" boot --timeout 60 "$@" --type "test-user" --type "poweroff") || status=$?
count=$(grep -cxF "$hello" <<<"$log" || true)

if ((status != 0 || count != 1)); then
    printf '%s\n' "$log" "FAIL: boot $* ended with $status (expected 0); lines \"$hello\": $count (expected 1)"
    exit 1
fi
