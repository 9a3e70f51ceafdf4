#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# iso_test.sh: as boot_test.sh, from the ISO image by BIOS.
exec "$(dirname "${BASH_SOURCE[0]}")/boot_test.sh" --iso
