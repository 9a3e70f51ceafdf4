// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/page_walk.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

namespace {

using arch::PageEntry;

/// Bits that must be 0 in a present entry of `level`.  [SDM 3A "Use of CR3 with 4-Level Paging" and the tables after
/// it]
std::uint64_t reserved_bits(unsigned level, PageEntry entry, bool no_execute_enabled)
{
    std::uint64_t reserved = arch::bits<51, kPhysicalAddressBits>.mask();
    if (!no_execute_enabled) {
        reserved |= PageEntry::kNoExecute;
    }
    if (level == 4) {
        reserved |= PageEntry::kPageSize;
    } else if (level == 3 && entry.has(PageEntry::kPageSize)) {
        reserved |= arch::bits<29, 13>.mask();
    } else if (level == 2 && entry.has(PageEntry::kPageSize)) {
        reserved |= arch::bits<20, 13>.mask();
    }
    return reserved;
}

/// True when PKRU denies `access` to a page with protection key `key`.  [SDM 3A "Protection Keys"]
bool key_denies(const CpuState& state, const Translation& page, Access access)
{
    const bool applies = (state.cr4 & arch::cr4::kProtectionKeys) != 0 && page.user && access.kind != AccessKind::Fetch;
    if (!applies) {
        return false;
    }
    const bool access_disabled = (state.pkru >> 2 * page.protection_key & 1) != 0;
    const bool write_disabled = (state.pkru >> (2 * page.protection_key + 1) & 1) != 0;
    const bool writes_count = access.user || (state.cr0 & arch::cr0::kWriteProtect) != 0;
    return access_disabled || (write_disabled && access.kind == AccessKind::Write && writes_count);
}

Fault page_fault(const CpuState& state, std::uint64_t address, Access access, Reason reason)
{
    namespace code = arch::page_fault;
    std::uint32_t error = 0;
    error |= reason != Reason::PageNotPresent ? code::kProtection : 0;
    error |= reason == Reason::PageReservedBit ? code::kReserved : 0;
    error |= access.kind == AccessKind::Write ? code::kWrite : 0;
    error |= access.user ? code::kUser : 0;
    const bool tells_fetches = (state.efer & arch::efer::kNoExecuteEnable) != 0 || (state.cr4 & arch::cr4::kSmep) != 0;
    error |= access.kind == AccessKind::Fetch && tells_fetches ? code::kFetch : 0;
    return {static_cast<std::uint8_t>(arch::Vector::PageFault), error, address, reason};
}

/// [SDM 3A "Determination of Access Rights"]
Reason refusal(const CpuState& state, const Translation& page, Access access)
{
    const bool fetch = access.kind == AccessKind::Fetch;
    const bool write = access.kind == AccessKind::Write;

    if (access.user) {
        if (!page.user) {
            return Reason::PageSupervisorOnly;
        }
        if (write && !page.writable) {
            return Reason::PageUserWriteToReadOnly;
        }
    } else {
        if (fetch && page.user && (state.cr4 & arch::cr4::kSmep) != 0) {
            return Reason::PageSmep;
        }
        if (!fetch && page.user && (state.cr4 & arch::cr4::kSmap) != 0) {
            const bool lifted = !access.implicit_supervisor && (state.rflags & arch::rflags::kAlignmentCheck) != 0;
            if (!lifted) {
                return Reason::PageSmap;
            }
        }
        if (write && !page.writable && (state.cr0 & arch::cr0::kWriteProtect) != 0) {
            return Reason::PageSupervisorWriteToReadOnly;
        }
    }
    if (fetch && !page.executable) {
        return Reason::PageNoExecute;
    }
    return key_denies(state, page, access) ? Reason::PageProtectionKey : Reason::None;
}

} // namespace

std::expected<Translation, Fault> walk(const CpuState& state, const PhysicalMemory& memory, std::uint64_t address,
                                       Access access, WalkTrace* trace)
{
    if (trace != nullptr) {
        trace->clear();
    }
    if ((state.cr0 & arch::cr0::kPaging) == 0) {
        return Translation{arch::PhysAddr{address & 0xffff'ffff}, arch::kPageSize, true, true, true, 0};
    }
    if ((state.efer & arch::efer::kLongModeActive) == 0) {
        return std::unexpected(no_answer(Reason::PagingModeUnmodelled));
    }
    if (!arch::is_canonical(address)) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::AddressNonCanonical, 0));
    }

    const bool no_execute_enabled = (state.efer & arch::efer::kNoExecuteEnable) != 0;
    Translation page{{}, 0, true, true, true, 0};
    arch::PhysAddr table{state.cr3 & arch::cr3::kTable.mask()};
    for (unsigned level = arch::kTopLevel;; --level) {
        const arch::PhysAddr entry_address = table + sizeof(PageEntry) * arch::table_index(address, level);
        const auto word = memory.read_u64(entry_address);
        if (!word) {
            return std::unexpected(no_answer(Reason::PageTableOutsideRam));
        }
        const PageEntry entry{*word};
        if (trace != nullptr) {
            trace->add({level, entry_address, entry});
        }
        if (!entry.has(PageEntry::kPresent)) {
            return std::unexpected(page_fault(state, address, access, Reason::PageNotPresent));
        }
        if (entry.has(reserved_bits(level, entry, no_execute_enabled))) {
            return std::unexpected(page_fault(state, address, access, Reason::PageReservedBit));
        }
        page.writable &= entry.has(PageEntry::kWritable);
        page.user &= entry.has(PageEntry::kUser);
        page.executable &= !entry.has(PageEntry::kNoExecute);

        if (level == 1 || entry.has(PageEntry::kPageSize)) {
            page.page_size = arch::leaf_size(level);
            page.protection_key = static_cast<std::uint8_t>(PageEntry::kProtectionKey.get(entry.raw()));
            const std::uint64_t offset = page.page_size - 1;
            page.address = arch::PhysAddr{(entry.frame().value & ~offset) | (address & offset)};
            break;
        }
        table = entry.frame();
    }

    if (const Reason reason = refusal(state, page, access); reason != Reason::None) {
        Fault fault = page_fault(state, address, access, reason);
        // Told whenever the key denies the access, also when another right had denied it first.
        *fault.error_code |= key_denies(state, page, access) ? arch::page_fault::kProtectionKey : 0;
        return std::unexpected(fault);
    }
    return page;
}

void mark_used(const PhysicalMemory& memory, const WalkTrace& trace, AccessKind kind)
{
    const auto steps = trace.steps();
    for (const WalkStep& step : steps) {
        const bool leaf = &step == &steps.back();
        const std::uint64_t used =
            PageEntry::kAccessed | (leaf && kind == AccessKind::Write ? PageEntry::kDirty : std::uint64_t{0});
        // Read again: one frame may serve as tables of two levels, and an earlier step has then changed this entry.
        const std::uint64_t word = memory.read_u64(step.entry_address).value_or(step.entry.raw());
        if ((word & used) != used) {
            memory.write_u64(step.entry_address, word | used);
        }
    }
}

} // namespace ringcheck::model
