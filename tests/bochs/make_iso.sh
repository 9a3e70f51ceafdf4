#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_iso.sh KERNEL OUTPUT: a GRUB image that boots KERNEL through Multiboot2, by BIOS.
set -euo pipefail

kernel=$1 output=$2
work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/boot/grub"
cp "$kernel" "$work/root/boot/conformance.elf"
cat >"$work/root/boot/grub/grub.cfg" <<'CFG'
set timeout=0
menuentry "conformance" {
    multiboot2 /boot/conformance.elf
}
CFG
modules="normal multiboot2 part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan
    part_sun part_sunpc"
if ! grub-mkrescue --output="$output" --directory=/usr/lib/grub/i386-pc --install-modules="$modules" \
    --fonts= --themes= --locales= "$work/root" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    exit 1
fi
