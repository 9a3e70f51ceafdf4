#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# make_iso.sh KERNEL INITRD OUTPUT: a GRUB image that boots KERNEL through Multiboot2, by BIOS and by UEFI.
#
# OUTPUT appears by one rename: a failed or interrupted run leaves the former one.
set -euo pipefail

[[ $# -eq 3 ]] || { echo "usage: make_iso.sh KERNEL INITRD OUTPUT" >&2; exit 2; }
kernel=$1 initrd=$2 output=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# grub-mkrescue leaves out a firmware whose modules are absent, without a word.
for firmware in i386-pc x86_64-efi; do
    [[ -d /usr/lib/grub/$firmware ]] || { echo "make_iso.sh: GRUB's $firmware modules are missing" >&2; exit 1; }
done

work=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/boot/grub"
cp "$kernel" "$work/root/boot/aethelos.elf"
cp "$initrd" "$work/root/boot/initrd.cpio"
cp "$here/grub.cfg" "$work/root/boot/grub/grub.cfg"

# Only what grub.cfg uses and what GRUB's UEFI start-up asks for by itself; fonts, themes and translations would make
# the image several times as large.
modules="normal multiboot2 serial all_video part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_gpt
    part_msdos part_plan part_sun part_sunpc"
if ! grub-mkrescue --output="$work/iso" --install-modules="$modules" \
    --fonts= --themes= --locales= "$work/root" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    echo "make_iso.sh: grub-mkrescue failed" >&2
    exit 1
fi
mv "$work/iso" "$output"
