// SPDX-License-Identifier: MIT
// The machine around a scenario: tables, stacks, pages.  reset() makes it the same before each scenario, whatever the
// one before has spoilt; a scenario's setup spoils it on purpose.
#pragma once

#include "arch/idt_gate.h"
#include "arch/paging.h"
#include "arch/tss.h"

#include <cstdint>

namespace conformance::world {

/// The GDT, in selector order.  SYSCALL and SYSRET dictate the first five.  [SDM 2B SYSCALL, SYSRET]
namespace selector {
inline constexpr std::uint16_t kKernelCode = 0x08, kKernelData = 0x10, kUserData = 0x18, kUserCode = 0x20, kTss = 0x28,
                               kLdt = 0x38, kAbsentKernelCode = 0x48, kAbsentKernelData = 0x50, kAbsentUserCode = 0x58,
                               kAbsentUserData = 0x60, kReadOnlyUserData = 0x68, kUserCode32 = 0x70,
                               kKernelCode32 = 0x78, kConformingCode = 0x80, kExecuteOnlyCode = 0x88,
                               kLongAndDefaultCode = 0x90, kReadOnlyKernelData = 0x98, kRing1Code = 0xa0,
                               kRing1Data = 0xa8, kGate = 0xb0, kAbsentGate = 0xc0, kKernelGate = 0xd0,
                               kOtherTss = 0xe0, kAbsentTss = 0xf0, kAbsentLdt = 0x100, kSpareTss = 0x110,
                               kBeyondGdt = 0x120;
/// In the LDT, which holds a user data and a user code segment.
inline constexpr std::uint16_t kLdtUserData = 0x4, kLdtUserCode = 0xc, kBeyondLdt = 0x14;
} // namespace selector

inline constexpr unsigned kGdtWords = selector::kBeyondGdt / 8;
extern std::uint64_t gdt[kGdtWords];
extern arch::IdtGate idt[256];
extern arch::Tss& tss;

/// INT kDone ends a scenario that nothing else has ended; its gate is open to ring 3.
inline constexpr unsigned kDone = 0x40;

/// Pages for scenarios, in one page table at 512 GiB, and the last page that a user may have.
inline constexpr std::uint64_t kPages = 0x80'0000'0000;
inline constexpr std::uint64_t kUserText = kPages;                  ///< the snippets, for ring 3
inline constexpr std::uint64_t kUserStack = kPages + 0x1'0000;      ///< user, writable
inline constexpr std::uint64_t kUserData = kPages + 0x1'2000;       ///< user, writable
inline constexpr std::uint64_t kUserReadOnly = kPages + 0x1'4000;   ///< user, read-only
inline constexpr std::uint64_t kKernelPage = kPages + 0x1'6000;     ///< supervisor, writable
inline constexpr std::uint64_t kKernelReadOnly = kPages + 0x1'8000; ///< supervisor, read-only
inline constexpr std::uint64_t kReservedBit = kPages + 0x1'a000;    ///< its entry has a reserved bit set
inline constexpr std::uint64_t kAbsent = kPages + 0x1'c000;         ///< not present
inline constexpr std::uint64_t kLocalApic = kPages + 0x1'e000;      ///< user, writable: its registers
inline constexpr std::uint64_t kLastUserPage = 0x7fff'ffff'f000;    ///< user text; ends in SYSCALL
inline constexpr std::uint64_t kNonCanonical = 0x8000'0000'0000;
inline constexpr std::uint64_t kStackBytes = arch::kPageSize;

/// Tops of the stacks.  [SDM 3A "Interrupt Stack Table"]
std::uint64_t kernel_stack(); ///< a ring 0 scenario's own
std::uint64_t rsp0();
std::uint64_t ist(unsigned index); ///< 1..3
inline constexpr std::uint64_t user_stack()
{
    return kUserStack + kStackBytes;
}

/// The page-table entry of a page in kPages.  A scenario's setup may change it: the page has not been used yet.
arch::PageEntry& entry(std::uint64_t address);

/// The I/O permission bitmap behind the TSS: covers the ports below kIoBitmapPorts, and the byte of ones after it.
inline constexpr unsigned kIoBitmapPorts = 0x400;
/// Lets ring 3 at the `count` ports from `first` on and at no other.
void open_ports(unsigned first, unsigned count);

/// Loads TR again with a limit of `limit` bytes beyond the first.
void set_tss_limit(std::uint32_t limit);

/// The page of the permission tests; it begins with INT kDone.  Of the entries that map it set_probe() writes the one
/// in `lower_level`, which holds the page, and the one above; the others grant every right.
std::uint64_t probe();
void set_probe(unsigned lower_level, std::uint64_t upper_flags, std::uint64_t lower_flags);
arch::PageEntry& probe_entry(unsigned level);
/// Clears NX in every entry, for good: reset() sets it again in the pages of scenarios only.
void give_up_no_execute();

/// Loads IDTR with `idt` and a limit of `limit` bytes beyond the first.
void load_idt(std::uint16_t limit);

/// Once, before the first reset().
void initialise();
void reset();

} // namespace conformance::world
