// SPDX-License-Identifier: MIT
// The pages of the scenarios, and the page of the permission tests.  [SDM 3A "4-Level Paging and 5-Level Paging"]
#include "arch/local_apic.h"
#include "cpu/registers.h"
#include "world.h"
#include "world_parts.h"

#include <initializer_list>

extern "C" {
extern arch::PageEntry boot_pml4[arch::kTableEntries], boot_pd[arch::kTableEntries];
extern const std::uint8_t snippets_begin[], snippets_end[];
}

namespace conformance::world {

using arch::PageEntry;
using arch::PhysAddr;

namespace {

constexpr std::uint64_t kTable = PageEntry::kPresent | PageEntry::kWritable | PageEntry::kUser;
constexpr std::uint64_t kNoExecute = PageEntry::kNoExecute;
constexpr std::uint64_t kSupervisorData = PageEntry::kPresent | PageEntry::kWritable | kNoExecute;

alignas(arch::kPageSize) PageEntry tables[9][arch::kTableEntries];
alignas(arch::kPageSize) std::uint8_t frames[7][arch::kPageSize];

void map(std::uint64_t page, const void* frame, std::uint64_t flags)
{
    entry(page) = PageEntry(PhysAddr{address_of(frame)}, flags);
}

/// Hangs the chain of tables for `address` under the PML4, every right granted.
void hang_tables(std::uint64_t address, PageEntry (*chain)[arch::kTableEntries])
{
    boot_pml4[arch::table_index(address, 4)] = PageEntry(PhysAddr{address_of(chain[0])}, kTable);
    chain[0][arch::table_index(address, 3)] = PageEntry(PhysAddr{address_of(chain[1])}, kTable);
    chain[1][arch::table_index(address, 2)] = PageEntry(PhysAddr{address_of(chain[2])}, kTable);
}

} // namespace

void reset_pages()
{
    for (PageEntry& page : tables[2]) {
        page = PageEntry{};
    }
    constexpr std::uint64_t kUser = PageEntry::kPresent | PageEntry::kUser;
    for (std::uint64_t at = address_of(snippets_begin), to = kUserText; at < address_of(snippets_end);
         at += arch::kPageSize, to += arch::kPageSize) {
        map(to, reinterpret_cast<const void*>(at), kUser);
    }
    map(kUserStack, frames[0], kUser | PageEntry::kWritable | kNoExecute);
    map(kUserData, frames[1], kUser | PageEntry::kWritable | kNoExecute);
    map(kUserReadOnly, frames[2], kUser | kNoExecute);
    map(kKernelPage, frames[3], kSupervisorData);
    map(kKernelReadOnly, frames[4], PageEntry::kPresent | kNoExecute);
    constexpr std::uint64_t kBeyondPhysicalAddresses = arch::bit<51>;
    map(kReservedBit, frames[1], kUser | PageEntry::kWritable | kBeyondPhysicalAddresses);
    entry(kLocalApic) = PageEntry(PhysAddr{arch::local_apic::kDefaultBase},
                                  kUser | PageEntry::kWritable | PageEntry::kCacheDisable | kNoExecute);
    tables[5][arch::table_index(kLastUserPage, 1)] = PageEntry(PhysAddr{address_of(frames[5])}, kUser);
}

PageEntry& entry(std::uint64_t address)
{
    return tables[2][arch::table_index(address, 1)];
}

/// The same offset in a page of any size: the identity map's page of that size holds it there.
std::uint64_t probe()
{
    constexpr std::uint64_t kProbes = 0x100'0000'0000;
    return kProbes + address_of(frames[6]);
}

PageEntry& probe_entry(unsigned level)
{
    PageEntry* const table = level == arch::kTopLevel ? boot_pml4 : tables[6 + arch::kTopLevel - 1 - level];
    return table[arch::table_index(probe(), level)];
}

void set_probe(unsigned lower_level, std::uint64_t upper_flags, std::uint64_t lower_flags)
{
    for (unsigned level = arch::kTopLevel; level > lower_level; --level) {
        probe_entry(level) = PageEntry(PhysAddr{address_of(tables[6 + arch::kTopLevel - level])},
                                       level == lower_level + 1 ? upper_flags : kTable);
    }
    const std::uint64_t page = address_of(frames[6]) & ~(arch::leaf_size(lower_level) - 1);
    probe_entry(lower_level) = PageEntry(PhysAddr{page | (lower_flags & PageEntry::kFrame.mask())}, lower_flags);
}

void give_up_no_execute()
{
    for (PageEntry* const table : {boot_pd, tables[2]}) {
        for (unsigned i = 0; i != arch::kTableEntries; ++i) {
            table[i] = PageEntry(table[i].raw() & ~PageEntry::kNoExecute);
        }
    }
    kernel::write_cr3(PhysAddr{address_of(boot_pml4)});
}

void hang_page_tables()
{
    hang_tables(kPages, tables);
    hang_tables(kLastUserPage, tables + 3);
    // The last page's last bytes: SYSCALL, so that RCX becomes the first address that is not canonical.
    frames[5][arch::kPageSize - 2] = 0x0f;
    frames[5][arch::kPageSize - 1] = 0x05;
    frames[6][0] = 0xcd; // INT
    frames[6][1] = kDone;
}

} // namespace conformance::world
