#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# on_linux.sh TREE COMMAND...: runs COMMAND on this machine's Linux with a copy of TREE for its root, in namespaces of its
# own: what it sees of the machine is what a bare one has, and what it does is gone afterwards.
# Exit status: COMMAND's; 77 when namespaces are not to be had here.
set -euo pipefail

readonly tree=$1
shift

# Runs inside.  $1: an empty folder; $2: the tree; the rest: the command.
inside='
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
cp -a "$2/." "$1"
mkdir -p "$1/dev" "$1/proc" "$1/tmp"
for device in null zero full random urandom tty; do
    : >"$1/dev/$device"
    mount --bind "/dev/$device" "$1/dev/$device"
done
ln -s /proc/self/fd "$1/dev/fd"
mount -t proc proc "$1/proc" 2>/dev/null || mount --rbind /proc "$1/proc"
root=$1
shift 2
ulimit -c 0
ulimit -n 1024
exec chroot "$root" "$@"
'
as_root=()
[[ $EUID -eq 0 ]] || as_root=(--user --map-root-user)
unshare "${as_root[@]}" --mount --pid --fork true 2>/dev/null || {
    echo "abi: SKIPPED: this machine gives no namespaces to run the command lines of Linux in" >&2
    exit 77
}
folder=$(mktemp -d)
trap 'rmdir "$folder"' EXIT
# A child of the first process of the namespace: signals are for it as for any other.
unshare "${as_root[@]}" --mount --pid --fork sh -c "( $inside )" sh "$folder" "$tree" "$@" </dev/null
