// SPDX-License-Identifier: MIT
#include "log.h"

#include "arch/debug_registers.h"
#include "arch/rflags.h"
#include "arch/uart16550.h"
#include "cpu/port_io.h"
#include "cpu/registers.h"
#include "landing.h"
#include "world.h"

namespace conformance {
namespace {

namespace uart = arch::uart16550;

class Com1 final : public base::Writer {
public:
    void write(base::StringView text) override
    {
        for (const char byte : text) {
            while ((kernel::in8(uart::kCom1 + uart::kLineStatus) & uart::kTransmitterHoldingEmpty) == 0) {
            }
            kernel::out8(uart::kCom1 + uart::kData, static_cast<std::uint8_t>(byte));
        }
    }
};

/// An address by what it belongs to: within `bytes` of `anchor`, above it or, for a stack, below.
struct Place {
    const char* name;
    std::uint64_t anchor;
    std::uint64_t bytes;
    bool downwards;
};

void put_offset(base::Writer& out, const Place& place, std::uint64_t address)
{
    if (address == place.anchor) {
        base::print(out, place.name);
    } else if (place.downwards) {
        base::print(out, place.name, '-', base::hex(place.anchor - address));
    } else {
        base::print(out, place.name, '+', base::hex(address - place.anchor));
    }
}

/// The names that hold in every scenario, and the scenario's own code.
void put_address(base::Writer& out, const Scenario& scenario, std::uint64_t address)
{
    const std::uint64_t code_bytes = static_cast<std::uint64_t>(scenario.code.end - scenario.code.begin);
    const Place places[] = {
        {"code", scenario.code.in_kernel(), code_bytes, false},
        {"usercode", scenario.code.in_user(), code_bytes, false},
        {"syscallentry", reinterpret_cast<std::uint64_t>(&syscall_stub), 32, false},
        {"landing", landing::kernel(), 2, false},
        {"userlanding", landing::user(), 2, false},
        {"stack", world::kernel_stack(), world::kStackBytes - 1, true},
        {"rsp0", world::rsp0(), world::kStackBytes - 1, true},
        {"ist1", world::ist(1), world::kStackBytes - 1, true},
        {"ist2", world::ist(2), world::kStackBytes - 1, true},
        {"ist3", world::ist(3), world::kStackBytes - 1, true},
        {"userstack", world::user_stack(), world::kStackBytes - 1, true},
        {"userdata", world::kUserData, arch::kPageSize - 1, false},
        {"userreadonly", world::kUserReadOnly, arch::kPageSize - 1, false},
        {"kernelpage", world::kKernelPage, arch::kPageSize - 1, false},
        {"kernelreadonly", world::kKernelReadOnly, arch::kPageSize - 1, false},
        {"reservedbit", world::kReservedBit, arch::kPageSize - 1, false},
        {"absent", world::kAbsent, arch::kPageSize - 1, false},
        {"noncanonical", world::kNonCanonical, 0x100, false},
        {"belownoncanonical", world::kNonCanonical, 0x100, true},
    };
    for (const Place& place : places) {
        const std::uint64_t distance = place.downwards ? place.anchor - address : address - place.anchor;
        if (distance <= place.bytes) {
            return put_offset(out, place, address);
        }
    }
    base::print(out, base::hex(address));
}

std::uint64_t visible_flags(const Scenario& scenario, std::uint64_t rflags)
{
    constexpr std::uint64_t kVisible = arch::rflags::kDefined | arch::rflags::kAlwaysOne;
    return rflags & (scenario.arithmetic_flags_undefined ? kVisible & ~arch::rflags::kArithmetic : kVisible);
}

} // namespace

base::Writer& console()
{
    static constinit Com1 com1;
    return com1;
}

void initialise_console()
{
    using kernel::out8;
    out8(uart::kCom1 + uart::kInterruptEnable, 0);
    out8(uart::kCom1 + uart::kLineControl, uart::kDivisorLatch);
    out8(uart::kCom1 + uart::kData, 1); // divisor 1: 115200 baud
    out8(uart::kCom1 + uart::kInterruptEnable, 0);
    out8(uart::kCom1 + uart::kLineControl, uart::kEightBits);
    out8(uart::kCom1 + uart::kFifoControl, uart::kFifoEnable | uart::kFifoClearReceive | uart::kFifoClearTransmit);
}

void log_line(const Name& name, const Scenario& scenario, const Observation& seen)
{
    using base::hex;
    base::Writer& out = console();
    const auto number = [&](const char* field, std::uint64_t value) { base::print(out, ' ', field, '=', hex(value)); };
    const auto number_if = [&](const char* field, std::uint64_t value, std::uint64_t usual) {
        if (value != usual) {
            number(field, value);
        }
    };
    const auto address = [&](const char* field, std::uint64_t value) {
        base::print(out, ' ', field, '=');
        put_address(out, scenario, value);
    };
    base::print(out, name.text());
    if (seen.syscall) {
        base::print(out, " vector=syscall");
    } else {
        number("vector", seen.vector);
    }
    if (seen.has_error_code) {
        number("error", seen.error_code);
    } else {
        base::print(out, " error=none");
    }
    address("rip", seen.frame.rip);
    number("cs", seen.frame.cs);
    number("ss", seen.frame.ss);
    number("rflags", visible_flags(scenario, seen.frame.rflags));
    address("rsp", seen.frame.rsp);
    if (!seen.syscall) {
        address("frame", seen.frame_top);
    }
    number("entryflags", visible_flags(scenario, seen.entry_rflags));
    if (seen.cr2 != kUntouchedCr2) {
        address("cr2", seen.cr2);
    }
    number_if("dr6", seen.dr6, arch::dr6::kAlwaysOne);
    number_if("ds", seen.ds, 0);
    number_if("es", seen.es, 0);
    number_if("fs", seen.fs, 0);
    number_if("gs", seen.gs, 0);
    number_if("fsbase", seen.fs_base, 0);
    number_if("gsbase", seen.gs_base, 0);
    number_if("kernelgsbase", seen.kernel_gs_base, 0);
    address("rax", seen.registers.rax);
    address("rbx", seen.registers.rbx);
    address("rcx", seen.registers.rcx);
    address("rdx", seen.registers.rdx);
    address("rsi", seen.registers.rsi);
    address("rdi", seen.registers.rdi);
    number("r11", seen.registers.r11);
    base::print(out, '\n');
}

} // namespace conformance
