#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# run_conformance.sh VENDOR KERNEL LOG: runs the conformance kernel in Bochs, on a CPU of VENDOR (intel or amd), and
# writes what it sent to COM1 to LOG.
# Exit status: 0 LOG is written, 1 the kernel did not start, 77 there is no Bochs here.
#
# environment
#   AETHEL_BOCHS        the Bochs to run (default bochs-bin, the program itself in Debian's package)
#   AETHEL_BOCHS_SHARE  where bochs/BIOS-bochs-latest and vgabios/vgabios.bin lie (default /usr/share)
set -euo pipefail

vendor=$1 kernel=$2 log=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bochs=${AETHEL_BOCHS:-bochs-bin} share=${AETHEL_BOCHS_SHARE:-/usr/share}
# The models with the features of ringcheck's two CPUs; what they have beyond, the kernel does not switch on.
declare -rA models=([intel]=corei7_icelake_u [amd]=ryzen)

command -v "$bochs" >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/make_iso.sh" "$kernel" "$work/conformance.iso"
sed -e "s|@SHARE@|$share|; s|@WORK@|$work|; s|@LOG@|$log|; s|@MODEL@|${models[$vendor]}|" \
    "$here/bochsrc.in" >"$work/bochsrc"
echo continue >"$work/debugger"
# Bochs knows no exit status for a guest that has shut down: its messages tell.
timeout 120 "$bochs" -q -f "$work/bochsrc" -rc "$work/debugger" >"$work/output" 2>&1 </dev/null || true
[[ -s $log ]] || { cat "$work/output"; echo "FAIL: Bochs did not start the kernel"; exit 1; }
grep -q '3rd .* exception with no resolution' "$work/messages" ||
    { tail -5 "$work/messages"; echo "FAIL: Bochs did not end by a triple fault"; exit 1; }
