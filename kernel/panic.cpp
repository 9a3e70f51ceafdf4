// SPDX-License-Identifier: MIT
#include "panic.h"

#include "base/assert.h"
#include "base/format.h"
#include "cpu/gdt.h"
#include "cpu/registers.h"
#include "device/power.h"
#include "device/serial.h"
#include "layout/address_map.h"
#include "layout/landmarks.h"
#include "layout/panic_record.h"
#include "mm/image_place.h"
#include "symbols.h"

extern "C" {
layout::PanicRecord panic_record;
}

namespace kernel {
namespace {

using base::hex;
using base::print;

/// More calls than any path of the kernel nests; a chain that is longer is damaged.
constexpr unsigned kMaximumBacktrace = 32;

void print_place(std::uint64_t rip)
{
    const SymbolPlace place = find_symbol(arch::VirtAddr{rip});
    print(console, hex(rip), " ", place.name.empty() ? base::StringView("?") : place.name);
    if (!place.name.empty()) {
        print(console, "+", hex(place.offset));
    }
    print(console, "\n");
}

/// A frame pointer is followed only while it climbs and stays in the kernel's half, so a damaged chain cannot fault
/// far away or loop.
void print_backtrace(std::uint64_t rip, std::uint64_t frame_pointer)
{
    print(console, "Backtrace:\n  ");
    print_place(rip);
    std::uint64_t previous = layout::kKernelHalf.value;
    for (unsigned depth = 0; depth < kMaximumBacktrace; ++depth) {
        if (frame_pointer <= previous || frame_pointer % sizeof(std::uint64_t) != 0) {
            return;
        }
        const auto* const words = reinterpret_cast<const std::uint64_t*>(frame_pointer);
        previous = frame_pointer;
        frame_pointer = words[0];
        print(console, "  ");
        print_place(words[1]);
    }
}

void print_registers(const layout::TrapFrame& frame)
{
    const auto row = [](const char* a, std::uint64_t va, const char* b, std::uint64_t vb, const char* c,
                        std::uint64_t vc) {
        print(console, "  ", a, "=", hex(va, 16), " ", b, "=", hex(vb, 16), " ", c, "=", hex(vc, 16), "\n");
    };
    row("rax", frame.rax, "rbx", frame.rbx, "rcx", frame.rcx);
    row("rdx", frame.rdx, "rsi", frame.rsi, "rdi", frame.rdi);
    row("rbp", frame.rbp, "rsp", frame.rsp, "r8 ", frame.r8);
    row("r9 ", frame.r9, "r10", frame.r10, "r11", frame.r11);
    row("r12", frame.r12, "r13", frame.r13, "r14", frame.r14);
    row("r15", frame.r15, "rip", frame.rip, "flg", frame.rflags);
    row("cs ", frame.cs, "ss ", frame.ss, "err", frame.error_code);
    row("cr0", read_cr0(), "cr2", read_cr2(), "cr3", read_cr3());
    row("cr4", read_cr4(), "gs ", read_msr(arch::Msr::IA32_GS_BASE), "kgs", read_msr(arch::Msr::IA32_KERNEL_GS_BASE));
}

void fill_record(base::StringView reason, const layout::TrapFrame* frame)
{
    panic_record.magic = layout::PanicRecord::kMagic;
    panic_record.vector = frame != nullptr ? frame->vector : layout::PanicRecord::kNoVector;
    panic_record.error_code = frame != nullptr ? frame->error_code : 0;
    panic_record.rip = frame != nullptr ? frame->rip : reinterpret_cast<std::uint64_t>(__builtin_return_address(0));
    panic_record.rsp = frame != nullptr ? frame->rsp : reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
    panic_record.rflags = frame != nullptr ? frame->rflags : read_rflags();
    panic_record.cr2 = read_cr2();
    panic_record.cr3 = read_cr3();
    const std::size_t limit = sizeof panic_record.message - 1;
    for (std::size_t i = 0; i < reason.size() && i < limit; ++i) {
        panic_record.message[i] = reason[i];
    }
}

} // namespace

void panic(base::StringView reason, const layout::TrapFrame* frame)
{
    asm volatile("cli");
    if (panic_record.magic == layout::PanicRecord::kMagic) {
        power::stop_after_panic(); // the first panic is the one that counts
    }
    fill_record(reason, frame);
    print(console, "\nKERNEL PANIC: ", reason, "\n");
    print(console, "Kernel offset: ", hex(image_distance()), " from ", hex(layout::kKernelImage.value), "\n");
    if (frame != nullptr) {
        print_registers(*frame);
        print_backtrace(frame->rip, frame->rbp);
    } else {
        print_backtrace(reinterpret_cast<std::uint64_t>(__builtin_return_address(0)),
                        *static_cast<const std::uint64_t*>(__builtin_frame_address(0)));
    }
    landmark_panic();
    power::stop_after_panic();
}

} // namespace kernel

namespace base {

void assertion_failed(const char* expression, const char* file, unsigned line)
{
    print(kernel::console, "\nassertion failed: ", expression, " at ", file, ":", line, "\n");
    kernel::panic(expression);
}

} // namespace base

/// A pure virtual call is a bug; the vtables name this function.
extern "C" [[noreturn]] void __cxa_pure_virtual()
{
    kernel::panic("pure virtual function called");
}
