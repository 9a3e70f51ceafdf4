// SPDX-License-Identifier: GPL-2.0-or-later
// Linear to physical: the 4-level walk, the access rights, and the #PF error code.
// [SDM 3A "4-Level Paging and 5-Level Paging", "Access Rights", "Protection Keys", "Page-Fault Exceptions"]
#pragma once

#include "arch/paging.h"
#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <array>
#include <cstdint>
#include <expected>
#include <span>

namespace ringcheck::model {

/// MAXPHYADDR of the modelled CPU, as CPUID leaf 0x80000008 must report it.
inline constexpr unsigned kPhysicalAddressBits = 40;

enum class AccessKind : std::uint8_t { Read, Write, Fetch };

/// What is done to a page, and with whose rights.
struct Access {
    AccessKind kind = AccessKind::Read;
    bool user = false; ///< a user-mode access: CPL 3, and not one that the CPU makes to a system table
    /// The CPU's own access to the GDT, LDT, IDT or TSS: supervisor at any CPL, and RFLAGS.AC does not lift SMAP.
    bool implicit_supervisor = false;
};

/// A load, store or fetch by the code that runs: user-mode at CPL 3, supervisor below.
constexpr Access by_program(const CpuState& state, AccessKind kind)
{
    return {kind, state.cpl == 3, false};
}

/// The CPU's own access to a system table.
constexpr Access by_cpu(AccessKind kind)
{
    return {kind, false, true};
}

struct Translation {
    arch::PhysAddr address;      ///< of the byte asked for
    std::uint64_t page_size = 0; ///< 4 KiB, 2 MiB or 1 GiB
    /// The AND over all levels; a page may be refused although its bit is set (SMEP, SMAP) or allowed although it is
    /// clear (a supervisor write with CR0.WP = 0).
    bool writable = false, user = false, executable = false;
    std::uint8_t protection_key = 0; ///< of the leaf; it counts with CR4.PKE = 1 and for user pages only

    constexpr bool operator==(const Translation&) const = default;
};

struct WalkStep {
    unsigned level = 0; ///< 4 PML4 .. 1 page table
    arch::PhysAddr entry_address;
    arch::PageEntry entry;
};

/// The entries that a walk read, from the top; the last one is the leaf, or the one that ended the walk.
class WalkTrace {
public:
    std::span<const WalkStep> steps() const { return {steps_.data(), count_}; }
    void clear() { count_ = 0; }
    void add(const WalkStep& step) { steps_[count_++] = step; }

private:
    std::array<WalkStep, arch::kTopLevel> steps_;
    std::size_t count_ = 0;
};

/// Translates `address` for `access`, as the CPU would with no TLB.  Changes nothing: see mark_used().
/// With CR0.PG = 0 the low 32 bits of the address are the physical address and every right is granted.
/// @param trace  receives the entries read, also when the walk fails; may be nullptr
/// @return  or, in this order, #GP(0) AddressNonCanonical (a stack access turns it into #SS(0)); then per level from
///          the top #PF with PageNotPresent or PageReservedBit; then #PF for the rights of the whole path;
///          outside the model: PagingModeUnmodelled (paging without long mode), PageTableOutsideRam.
std::expected<Translation, Fault> walk(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                       Access access, WalkTrace* trace = nullptr);

/// Sets the accessed flag of every entry of a walk that succeeded, and the dirty flag of its leaf after a write.
/// [SDM 3A "Accessed and Dirty Flags"]
void mark_used(const PhysicalMemory& memory, const WalkTrace& trace, AccessKind kind);

} // namespace ringcheck::model
