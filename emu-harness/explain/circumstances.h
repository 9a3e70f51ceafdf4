// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that a sentence about a likely mistake may depend on, and the questions that several of them ask.
#pragma once

#include "arch/segment.h"
#include "explain/evidence.h"
#include "explain/history.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"
#include "model/vendor.h"
#include "watch/symbols.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ringcheck {

struct Circumstances {
    const model::CpuState& state;
    const model::PhysicalMemory& memory; ///< journaled: the caller takes back what was written
    model::Vendor vendor;
    const Symbols& symbols;
    const Program& program; ///< whose page tables are loaded, or none
    const History& history;
    const InstructionAt& instruction;
    const model::Fault& fault;
    const Evidence& evidence;
    const model::Event* delivering = nullptr; ///< the event whose delivery failed; nullptr: the instruction failed
};

/// Bit 63 is set.
constexpr bool upper_half(std::uint64_t address)
{
    return address >> 63 != 0;
}

/// Whether some translation, of whatever rights, exists for `address`.
bool is_mapped(const Circumstances& at, std::uint64_t address);
/// The kernel's, not a program's: in the upper half, or mapped for ring 0 alone, or not mapped and in its ELF file.
bool is_kernel_address(const Circumstances& at, std::uint64_t address);
/// "0x40000037 (user_write+0x7)": an address of code of `cpl`.
std::string code_address(const Circumstances& at, std::uint64_t address, unsigned cpl);
/// "0x143000 (kernel_stack)": an address of data.
std::string data_address(const Circumstances& at, std::uint64_t address);
/// The selector, with RPL 0, of the first descriptor within the GDT's limit that `fits`.
std::optional<std::uint16_t> find_descriptor(const Circumstances& at,
                                             const std::function<bool(arch::SegmentDescriptor)>& fits);
/// The descriptor of `selector` in memory, even when it lies beyond the GDT's limit.
arch::SegmentDescriptor descriptor_in_memory(const Circumstances& at, std::uint64_t selector);
/// The PML4 of other page tables in RAM that map the kernel as CR3's do, and `address` for ring 3.
std::optional<std::uint64_t> other_tables_with(const Circumstances& at, std::uint64_t address, model::AccessKind kind);
/// A PML4 in RAM that maps the code at RIP, and of which some entry points to the table in CR3: that is none itself.
std::optional<std::uint64_t> tables_that_contain_cr3(const Circumstances& at);
/// Where `address` leads by the page tables; nullopt when nowhere.
std::optional<std::uint64_t> physical_address(const Circumstances& at, std::uint64_t address);
/// The bytes that are mapped without a gap from `address` upwards, at most 64 KiB.
std::uint64_t mapped_bytes_above(const Circumstances& at, std::uint64_t address);

} // namespace ringcheck
