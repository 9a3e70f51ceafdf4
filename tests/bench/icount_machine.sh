# SPDX-License-Identifier: MIT
# Sourced: QEMU where one tick of the TSC is one instruction, so that a difference of two is an exact count, the same on
# every host.  qemu64 clears pages by STOSQ, where `max` has kernels use STOSB, each byte of which counts.

readonly qemu=${AETHEL_QEMU:-qemu-system-x86_64} qemu_failed=6
# shellcheck disable=SC2034 # for who sources this
readonly icount_machine=("$qemu" -accel tcg -M pc -m 256 -smp 1 -cpu qemu64 -icount "shift=0,sleep=off" -display none
    -no-reboot -nic none -device "isa-debug-exit,iobase=0xf4,iosize=0x04" -monitor none -serial stdio)

require_qemu() {
    command -v "$qemu" >/dev/null || { echo "bench: there is no $qemu here" >&2; exit "$qemu_failed"; }
}

# ringbench_on_aethelos ROOT BUILD_FOLDER OUTPUT: the console of a boot that runs it.  Addresses are the fixed ones (noaslr):
# how many page tables an operation touches depends on where things lie, and QEMU's random numbers are others in each run.
ringbench_on_aethelos() {
    "$1/tests/qemu/console_driver.sh" --prompt 'eldarin> ' --timeout 240 --type "run ringbench" --type poweroff -- \
        "${icount_machine[@]}" -kernel "$2/aethelos.elf" -initrd "$2/initrd.cpio" -append noaslr >"$3" ||
        { cat "$3"; exit "$qemu_failed"; }
}
