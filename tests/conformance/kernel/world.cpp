// SPDX-License-Identifier: MIT
#include "world.h"

#include "arch/call_gate.h"
#include "arch/control_registers.h"
#include "cpu/registers.h"
#include "landing.h"
#include "trap.h"

#include <initializer_list>

extern "C" {
extern arch::PageEntry boot_pml4[arch::kTableEntries], boot_pd[arch::kTableEntries];
extern const std::uint8_t snippets_begin[], snippets_end[];
}

namespace conformance::world {

using arch::PageEntry;
using arch::PhysAddr;
using arch::Ring;
using arch::SegmentDescriptor;

std::uint64_t gdt[kGdtWords];
alignas(16) arch::IdtGate idt[256];
arch::Tss tss;

namespace {

constexpr std::uint64_t kTable = PageEntry::kPresent | PageEntry::kWritable | PageEntry::kUser;
constexpr std::uint64_t kNoExecute = PageEntry::kNoExecute;
constexpr std::uint64_t kSupervisorData = PageEntry::kPresent | PageEntry::kWritable | kNoExecute;

alignas(arch::kPageSize) PageEntry tables[9][arch::kTableEntries];
alignas(arch::kPageSize) std::uint8_t stacks[5][kStackBytes];
alignas(arch::kPageSize) std::uint8_t frames[7][arch::kPageSize];
std::uint64_t ldt[2];
arch::Tss other_tss;

/// The operand of LGDT and LIDT.  [SDM 2A LGDT/LIDT]
struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

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
    tables[5][arch::table_index(kLastUserPage, 1)] = PageEntry(PhysAddr{address_of(frames[5])}, kUser);
}

std::uint64_t without(SegmentDescriptor descriptor, std::uint64_t bits)
{
    return descriptor.raw() & ~bits;
}

/// A code segment for compatibility mode: L clear, D set.
std::uint64_t compatibility_code(Ring ring)
{
    return without(SegmentDescriptor::code(ring), SegmentDescriptor::kLong) | SegmentDescriptor::kDefaultSize;
}

std::uint64_t ring1(SegmentDescriptor descriptor)
{
    return descriptor.raw() | SegmentDescriptor::kDpl.put(1);
}

void put_pair(std::uint16_t selector, std::uint64_t low, std::uint64_t high)
{
    gdt[selector / 8] = low;
    gdt[selector / 8 + 1] = high;
}

void put_system(std::uint16_t selector, std::uint64_t type, const void* base, std::uint32_t limit,
                std::uint64_t present)
{
    auto descriptor = arch::TssDescriptor::available(address_of(base), limit);
    constexpr std::uint64_t kReplaced = SegmentDescriptor::kType.mask() | SegmentDescriptor::kPresent;
    descriptor.low = (descriptor.low & ~kReplaced) | SegmentDescriptor::kType.put(type) | present;
    put_pair(selector, descriptor.low, descriptor.high);
}

void put_gate(std::uint16_t selector, Ring dpl, std::uint64_t present)
{
    const auto gate = arch::CallGate::to(landing::kernel(), selector::kKernelCode, dpl);
    put_pair(selector, (gate.low & ~SegmentDescriptor::kPresent) | present, gate.high);
}

void reset_gdt()
{
    namespace s = selector;
    constexpr std::uint64_t kPresent = SegmentDescriptor::kPresent, kAbsentBit = 0;
    constexpr std::uint64_t kWritableBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeWritable);
    constexpr std::uint64_t kReadableBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeReadable);
    constexpr std::uint64_t kConformingBit = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeConforming);
    const auto kernel_code = SegmentDescriptor::code(Ring::Kernel), kernel_data = SegmentDescriptor::data(Ring::Kernel);
    const auto user_code = SegmentDescriptor::code(Ring::User), user_data = SegmentDescriptor::data(Ring::User);
    const auto put = [](std::uint16_t at, std::uint64_t word) { gdt[at / 8] = word; };
    put(0, 0);
    put(s::kKernelCode, kernel_code.raw());
    put(s::kKernelData, kernel_data.raw());
    put(s::kUserData, user_data.raw());
    put(s::kUserCode, user_code.raw());
    put(s::kAbsentKernelCode, without(kernel_code, kPresent));
    put(s::kAbsentKernelData, without(kernel_data, kPresent));
    put(s::kAbsentUserCode, without(user_code, kPresent));
    put(s::kAbsentUserData, without(user_data, kPresent));
    put(s::kReadOnlyUserData, without(user_data, kWritableBit));
    put(s::kUserCode32, compatibility_code(Ring::User));
    put(s::kKernelCode32, compatibility_code(Ring::Kernel));
    put(s::kConformingCode, kernel_code.raw() | kConformingBit);
    put(s::kExecuteOnlyCode, without(kernel_code, kReadableBit));
    put(s::kLongAndDefaultCode, user_code.raw() | SegmentDescriptor::kDefaultSize);
    put(s::kReadOnlyKernelData, without(kernel_data, kWritableBit));
    put(s::kRing1Code, ring1(kernel_code));
    put(s::kRing1Data, ring1(kernel_data));
    put_system(s::kTss, SegmentDescriptor::kTypeTssAvailable, &tss, sizeof tss - 1, kPresent);
    put_system(s::kOtherTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kPresent);
    put_system(s::kSpareTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kPresent);
    put_system(s::kAbsentTss, SegmentDescriptor::kTypeTssAvailable, &other_tss, sizeof other_tss - 1, kAbsentBit);
    put_system(s::kLdt, SegmentDescriptor::kTypeLdt, ldt, sizeof ldt - 1, kPresent);
    put_system(s::kAbsentLdt, SegmentDescriptor::kTypeLdt, ldt, sizeof ldt - 1, kAbsentBit);
    put_gate(s::kGate, Ring::User, kPresent);
    put_gate(s::kAbsentGate, Ring::User, kAbsentBit);
    put_gate(s::kKernelGate, Ring::Kernel, kPresent);
    ldt[0] = user_data.raw();
    ldt[1] = user_code.raw();
}

void reset_idt()
{
    for (unsigned vector = 0; vector != 256; ++vector) {
        const bool open = vector == kDone || vector == 3 || vector == 4;
        idt[vector] =
            arch::IdtGate::interrupt(trap_stubs[vector], selector::kKernelCode, 0, open ? Ring::User : Ring::Kernel);
    }
}

void reset_tss()
{
    tss = arch::Tss{};
    tss.rsp[0] = rsp0();
    for (unsigned index = 1; index <= 3; ++index) {
        tss.ist[index - 1] = ist(index);
    }
    // #DF must be deliverable whatever a scenario does to the other stacks.
    constexpr unsigned kDoubleFault = 8;
    idt[kDoubleFault] = arch::IdtGate::interrupt(trap_stubs[kDoubleFault], selector::kKernelCode, 1, Ring::Kernel);
    tss.io_map_base = sizeof tss; // beyond the limit: no port is allowed in ring 3
}

void reset_registers()
{
    namespace cr0 = arch::cr0;
    namespace cr4 = arch::cr4;
    namespace efer = arch::efer;
    asm volatile("mov %0, %%cr0"
                 :
                 : "r"(cr0::kProtectionEnable | cr0::kMonitorCoprocessor | cr0::kExtensionType | cr0::kNumericError |
                       cr0::kWriteProtect | cr0::kPaging));
    kernel::write_cr4(cr4::kPhysicalAddressExtension | cr4::kOsFxsr | cr4::kFsGsBase | cr4::kDebuggingExtensions);
    kernel::write_msr(arch::Msr::IA32_EFER, efer::kSyscallEnable | efer::kLongModeEnable | efer::kNoExecuteEnable);
    kernel::write_cr3(PhysAddr{address_of(boot_pml4)});
    kernel::write_msr(arch::Msr::IA32_STAR, arch::star::kSyscallBase.put(selector::kKernelCode) |
                                                arch::star::kSysretBase.put(selector::kKernelData | 3));
    kernel::write_msr(arch::Msr::IA32_LSTAR, reinterpret_cast<std::uint64_t>(&syscall_stub));
    kernel::write_msr(arch::Msr::IA32_FMASK, 0x700); // TF, IF, DF
    const TablePointer gdt_pointer{sizeof gdt - 1, address_of(gdt)};
    load_idt(sizeof idt - 1);
    asm volatile("lgdt %0" : : "m"(gdt_pointer) : "memory");
    asm volatile("ltr %0\n lldt %1" : : "r"(selector::kTss), "r"(selector::kLdt) : "memory");
    asm volatile("mov %0, %%ds\n mov %0, %%es\n mov %0, %%fs\n mov %0, %%gs" : : "r"(std::uint32_t{0}));
    asm volatile("mov %0, %%ss" : : "r"(std::uint32_t{selector::kKernelData}));
    kernel::write_msr(arch::Msr::IA32_FS_BASE, 0);
    kernel::write_msr(arch::Msr::IA32_GS_BASE, 0);
    kernel::write_msr(arch::Msr::IA32_KERNEL_GS_BASE, 0);
    kernel::write_dr7(kernel::kNoBreakpoints);
    kernel::write_dr6(kernel::kNoDebugEvents);
}

} // namespace

std::uint64_t kernel_stack()
{
    return address_of(stacks[0]) + kStackBytes;
}

std::uint64_t rsp0()
{
    return address_of(stacks[1]) + kStackBytes;
}

std::uint64_t ist(unsigned index)
{
    return address_of(stacks[1 + index]) + kStackBytes;
}

PageEntry& entry(std::uint64_t address)
{
    return tables[2][arch::table_index(address, 1)];
}

void shorten_tss(std::uint32_t limit)
{
    put_system(selector::kTss, SegmentDescriptor::kTypeTssAvailable, &tss, limit, SegmentDescriptor::kPresent);
    asm volatile("ltr %0" : : "r"(selector::kTss) : "memory");
}

void set_probe(std::uint64_t directory_flags, std::uint64_t table_flags)
{
    tables[7][arch::table_index(kProbe, 2)] = PageEntry(PhysAddr{address_of(tables[8])}, directory_flags);
    tables[8][arch::table_index(kProbe, 1)] = PageEntry(PhysAddr{address_of(frames[6])}, table_flags);
}

PageEntry probe_directory_entry()
{
    return tables[7][arch::table_index(kProbe, 2)];
}

PageEntry probe_table_entry()
{
    return tables[8][arch::table_index(kProbe, 1)];
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

void load_idt(std::uint16_t limit)
{
    const TablePointer pointer{limit, address_of(idt)};
    asm volatile("lidt %0" : : "m"(pointer) : "memory");
}

void initialise()
{
    hang_tables(kPages, tables);
    hang_tables(kLastUserPage, tables + 3);
    // The last page's last bytes: SYSCALL, so that RCX becomes the first address that is not canonical.
    frames[5][arch::kPageSize - 2] = 0x0f;
    frames[5][arch::kPageSize - 1] = 0x05;
    hang_tables(kProbe, tables + 6);
    frames[6][0] = 0xcd; // INT
    frames[6][1] = kDone;
}

void reset()
{
    reset_pages();
    reset_gdt();
    reset_idt();
    reset_tss();
    reset_registers();
}

} // namespace conformance::world
