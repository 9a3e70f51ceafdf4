#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# job_control_test.sh: what the keys ^Z and ^C do in QEMU, with userprogs/jobs in a shell's place. $@ goes to boot.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v "${AETHEL_QEMU:-qemu-system-x86_64}" >/dev/null || { echo "SKIPPED: there is no QEMU here"; exit 77; }

output=$("$root/aethel" boot "$@" --timeout 60 --type "run jobs" --type abc --type $'\x1a' --type line --type $'\x03' --type slots \
    --type poweroff </dev/null)
for expected in 'eldarin> ^Z' 'eldarin> ^C' 'every job was as it should be' '[vessel 2 jobs] exited with status 0' \
    'processes      1 of'; do
    [[ $output == *"$expected"* ]] || { printf 'FAIL: no %q in\n%s\n' "$expected" "$output"; exit 1; }
done
echo "pass: job control by keys"
