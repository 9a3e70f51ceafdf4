// SPDX-License-Identifier: MIT
// The order in which the kernel comes up.
#include "arch/pit8254.h"
#include "arch/uart16550.h"
#include "base/format.h"
#include "base/random.h"
#include "base/sealed.h"
#include "boot/multiboot2_boot_info.h"
#include "boot/pvh_boot_info.h"
#include "cpu/cpu_features.h"
#include "cpu/entropy.h"
#include "cpu/float_state.h"
#include "cpu/gdt.h"
#include "cpu/idt.h"
#include "device/interrupt_controller.h"
#include "device/serial.h"
#include "device/timer.h"
#include "eldarin/eldarin.h"
#include "fs/devfs.h"
#include "fs/initrd.h"
#include "fs/terminal.h"
#include "fs/tmpfs.h"
#include "mm/kernel_memory.h"
#include "mm/kernel_stacks.h"
#include "panic.h"
#include "process/address_layout.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"
#include "stack_canary.h"

namespace kernel {
namespace {

SEALED constinit BootInfo boot_info;
constinit Serial log_port{arch::uart16550::kCom2};

void read_boot_info(bool from_pvh, arch::PhysAddr address)
{
    const BootResult result = from_pvh ? read_pvh_boot_info(boot_window(), address, boot_info)
                                       : read_multiboot2_boot_info(boot_window(), address, boot_info);
    if (!result) {
        base::print(console, "boot information: ", result.error(), "\n");
        panic("the boot loader's information cannot be used");
    }
}

base::Bytes find_initrd()
{
    const MemoryRange& range = boot_info.initrd;
    if (range.size == 0) {
        base::print(console, "no initrd: there are no programs to run\n");
        return {};
    }
    if (!frame_allocator.window().covers(range.begin, range.size)) {
        panic("the initrd lies outside the memory map");
    }
    return {frame_allocator.window().at<const std::uint8_t>(range.begin), range.size};
}

/// Afterwards paths lead somewhere.
void fill_root(base::Bytes initrd)
{
    if (!tmpfs::initialise(frame_allocator, base::random.next())) {
        panic("not enough memory for a root");
    }
    if (initrd.empty()) {
        return;
    }
    if (const base::Result<void> filled = fill_from_archive(tmpfs::root(), initrd); !filled) {
        base::print(console, "initrd: ", uapi::error_name(static_cast<std::uint64_t>(filled.error())),
                    ": not all of it can be used\n");
    }
}

void fill_dev()
{
    if (!make_devices(tmpfs::root())) {
        panic("not enough memory for devices");
    }
}

/// What whoever boots the machine knows of the window that shows the console.
void set_terminal_size()
{
    constexpr std::uint64_t kLargest = 1000;
    const std::uint64_t rows = boot_info.option_number("rows").value_or(0),
                        columns = boot_info.option_number("columns").value_or(0);
    if (rows - 1 < kLargest && columns - 1 < kLargest) {
        terminal.set_size(static_cast<std::uint16_t>(rows), static_cast<std::uint16_t>(columns));
    }
}

void start_devices()
{
    interrupt_controller::initialise();
    terminal.receive(); // what was typed before there was an interrupt for it
    console.enable_receive_interrupt();
    interrupt_controller::unmask(arch::uart16550::kCom1Irq);
    timer::start();
    interrupt_controller::unmask(arch::pit8254::kIrq);
}

} // namespace
} // namespace kernel

/// Called by boot.S on the boot stack, interrupts off, under the final page tables.  It changes the canary.
extern "C" [[gnu::no_stack_protector]] void kernel_main(std::uint64_t from_pvh, std::uint64_t boot_information)
{
    using namespace kernel;
    console.initialise();
    load_gdt();
    load_idt();
    const CpuFeatures features = detect_cpu_features();
    enable_cpu_features(features);
    enable_float_state(features);
    load_syscall_msrs();

    base::print(console, "AethelOS\n");
    read_boot_info(from_pvh != 0, arch::PhysAddr{boot_information});
    const EntropySource entropy = seed_random(features, boot_info.option_number("seed"));
    choose_stack_canary();
    if (!initialise_memory(boot_info) || !KernelStacks::initialise()) {
        panic("not enough memory for the kernel's tables");
    }
    base::print(console, "memory: ", frame_allocator.free_frames() / 256, " MiB free\n");
    fill_root(find_initrd());
    fill_dev();

    harbor.start(loom.start(kernel_table(), ThreadId{1}, &reap));
    set_terminal_size();
    start_devices();
    const bool has_log_port = log_port.initialise();
    if (boot_info.has_option("trace") && has_log_port) {
        syscall_log.start(log_port);
    }
    if (!boot_info.has_option("noaslr")) {
        randomise_addresses();
    }
    if (const std::optional<std::uint64_t> n = boot_info.option_number("fail-frame")) {
        frame_allocator.fail_allocation(*n);
    }
    seal_kernel_data();
    run_eldarin({.features = features,
                 .entropy = entropy,
                 .log = has_log_port ? &log_port : nullptr,
                 .program = boot_info.option_value("run")});
}
