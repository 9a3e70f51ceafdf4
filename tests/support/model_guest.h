// SPDX-License-Identifier: MIT
// A guest small enough to read: a quarter of a megabyte of RAM, identity-mapped by one page table, with a GDT, an IDT
// and a TSS. Tests break one thing in it at a time.
#pragma once

#include "arch/control_registers.h"
#include "arch/idt_gate.h"
#include "arch/msr.h"
#include "arch/paging.h"
#include "arch/segment.h"
#include "arch/tss.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstring>
#include <vector>

namespace ringcheck::model {

class ModelGuest {
public:
    static constexpr std::uint64_t kRamBytes = 256 << 10;
    static constexpr std::uint64_t kPml4 = 0x1000, kPdpt = 0x2000, kDirectory = 0x3000, kTable = 0x4000;
    static constexpr std::uint64_t kGdt = 0x5000, kLdt = 0x5800, kIdt = 0x6000, kTss = 0x7000;
    static constexpr std::uint64_t kRsp0 = 0x10000, kIst1 = 0x12000, kIst7 = 0x14000;
    static constexpr std::uint64_t kKernelStack = 0x16000, kUserStack = 0x22000; ///< tops; user pages: 0x20000..0x2ffff
    static constexpr std::uint64_t kHandlers = 0xffff'ffff'8010'0000; ///< vector n enters at kHandlers + 16 * n
    static constexpr std::uint16_t kKernelCode = 0x08, kKernelData = 0x10, kUserData = 0x1b, kUserCode = 0x23,
                                   kTssSelector = 0x28, kSpare = 0x38, kSpare2 = 0x40;
    static constexpr std::uint16_t kGdtLimit = 0x47; ///< the two spare slots are the last ones
    static constexpr std::uint64_t kUserFrom = 0x20000, kUserTo = 0x30000;

    ModelGuest() : ram_(kRamBytes) { build(); }

    PhysicalMemory memory() { return PhysicalMemory{ram_}; }
    const std::vector<std::byte>& ram() const { return ram_; }

    std::uint64_t word(std::uint64_t address) const
    {
        std::uint64_t value = 0;
        std::memcpy(&value, ram_.data() + address, sizeof value);
        return value;
    }
    void set_word(std::uint64_t address, std::uint64_t value)
    {
        std::memcpy(ram_.data() + address, &value, sizeof value);
    }

    /// The page-table entry of an address in RAM.
    std::uint64_t page_entry(std::uint64_t address) const { return word(kTable + address / arch::kPageSize * 8); }
    void set_page_entry(std::uint64_t address, std::uint64_t entry)
    {
        set_word(kTable + address / arch::kPageSize * 8, entry);
    }
    void unmap(std::uint64_t address) { set_page_entry(address, 0); }

    void set_descriptor(std::uint16_t selector, std::uint64_t raw) { set_word(kGdt + (selector & ~7u), raw); }
    std::uint64_t descriptor(std::uint16_t selector) const { return word(kGdt + (selector & ~7u)); }

    arch::IdtGate gate(unsigned vector) const { return {word(kIdt + 16ull * vector), word(kIdt + 16ull * vector + 8)}; }
    void set_gate(unsigned vector, arch::IdtGate gate)
    {
        set_word(kIdt + 16ull * vector, gate.low);
        set_word(kIdt + 16ull * vector + 8, gate.high);
    }
    static arch::IdtGate interrupt_gate(unsigned vector, unsigned ist = 0, arch::Ring dpl = arch::Ring::Kernel)
    {
        return arch::IdtGate::interrupt(kHandlers + 16ull * vector, kKernelCode, ist, dpl);
    }
    void set_tss_stack(std::size_t offset_bytes, std::uint64_t rsp) { set_word(kTss + offset_bytes, rsp); }

    /// A segment register that holds the GDT's descriptor of `selector`.
    SegmentRegister loaded(std::uint16_t selector) const
    {
        const arch::SegmentDescriptor held{descriptor(selector)};
        return {selector, held.base(), held.limit(), static_cast<std::uint32_t>(held.raw() >> 32) & 0x00f0'ff00};
    }

    /// Ring 0, interrupts on, every general register different.
    CpuState ring_0() const
    {
        CpuState state = common();
        state.cs = loaded(kKernelCode);
        state.ss = loaded(kKernelData);
        state[Gpr::Rsp] = kKernelStack - 0x100;
        state.rip = 0xffff'ffff'8000'1234;
        return state;
    }
    /// Ring 3 with null data segments, as a 64-bit program has them.
    CpuState ring_3() const
    {
        CpuState state = common();
        state.cpl = 3;
        state.cs = loaded(kUserCode);
        state.ss = loaded(kUserData);
        state[Gpr::Rsp] = kUserStack - 0x100;
        state.rip = 0x20123;
        return state;
    }

private:
    CpuState common() const
    {
        CpuState state;
        for (unsigned i = 0; i != state.gpr.size(); ++i) {
            state.gpr[i] = 0x1111'1111'1111'1111u * i + 0x77;
        }
        state.rflags = arch::rflags::kAlwaysOne | arch::rflags::kInterrupt | arch::rflags::kCarry;
        state.fs.base = 0x2'5000;
        state.gs.base = 0x2'6000;
        state.tr = {kTssSelector, kTss, sizeof(arch::Tss) - 1, 0x8b00};
        state.gdtr = {kGdt, kGdtLimit};
        state.idtr = {kIdt, 0xfff};
        state.cr0 =
            arch::cr0::kPaging | arch::cr0::kWriteProtect | arch::cr0::kProtectionEnable | arch::cr0::kExtensionType;
        state.cr2 = 0xc2c2;
        state.cr3 = kPml4;
        state.cr4 = arch::cr4::kPhysicalAddressExtension | arch::cr4::kSmep | arch::cr4::kSmap;
        state.efer = arch::efer::kSyscallEnable | arch::efer::kLongModeEnable | arch::efer::kLongModeActive |
                     arch::efer::kNoExecuteEnable;
        state.star = arch::star::kSyscallBase.put(kKernelCode) | arch::star::kSysretBase.put(kKernelData | 3);
        state.lstar = 0xffff'ffff'8000'0100;
        state.cstar = 0xffff'ffff'8000'0200;
        state.fmask = arch::rflags::kInterrupt | arch::rflags::kTrap | arch::rflags::kDirection |
                      arch::rflags::kNestedTask | arch::rflags::kAlignmentCheck;
        state.kernel_gs_base = 0xffff'ffff'8020'0000;
        return state;
    }

    void build()
    {
        using arch::PageEntry;
        constexpr std::uint64_t kAll = PageEntry::kPresent | PageEntry::kWritable | PageEntry::kUser;
        constexpr std::uint64_t kUsed = PageEntry::kAccessed | PageEntry::kDirty;
        set_word(kPml4, kPdpt | kAll | PageEntry::kAccessed);
        set_word(kPdpt, kDirectory | kAll | PageEntry::kAccessed);
        set_word(kDirectory, kTable | kAll | PageEntry::kAccessed);
        for (std::uint64_t address = 0; address != kRamBytes; address += arch::kPageSize) {
            const bool user = address >= kUserFrom && address < kUserTo;
            set_page_entry(address, address | PageEntry::kPresent | PageEntry::kWritable | kUsed |
                                        (user ? PageEntry::kUser : 0));
        }
        using arch::Ring;
        using arch::SegmentDescriptor;
        set_descriptor(kKernelCode, SegmentDescriptor::code(Ring::Kernel).raw() | SegmentDescriptor::kAccessed);
        set_descriptor(kKernelData, SegmentDescriptor::data(Ring::Kernel).raw() | SegmentDescriptor::kAccessed);
        set_descriptor(kUserData, SegmentDescriptor::data(Ring::User).raw() | SegmentDescriptor::kAccessed);
        set_descriptor(kUserCode, SegmentDescriptor::code(Ring::User).raw() | SegmentDescriptor::kAccessed);
        const auto tss = arch::TssDescriptor::available(kTss, sizeof(arch::Tss) - 1);
        set_descriptor(kTssSelector, tss.low);
        set_descriptor(kTssSelector + 8, tss.high);
        for (unsigned vector = 0; vector != 256; ++vector) {
            set_gate(vector, interrupt_gate(vector));
        }
        set_tss_stack(offsetof(arch::Tss, rsp), kRsp0);
        set_tss_stack(offsetof(arch::Tss, ist), kIst1);
        set_tss_stack(offsetof(arch::Tss, ist) + std::size_t{6} * 8, kIst7);
    }

    std::vector<std::byte> ram_;
};

} // namespace ringcheck::model
