// SPDX-License-Identifier: MIT
// A kernel image is put in RAM as QEMU's -kernel puts it, and its 32-bit entry finds what the PVH protocol promises.
#include "arch/pvh.h"
#include "machine/machine.h"
#include "support/elf_builder.h"
#include "support/machine_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::ElfBuilder;
using testing::HasSubstr;

constexpr std::uint64_t kRam = 16u << 20;
constexpr std::uint32_t kEntry = 0x10'0000;

/// From the 32-bit entry to 64-bit mode: tables at 0x200000, a GDT at 0x203000, then power off.
GUEST_CODE(boot_to_long_mode, R"(
.code32
    mov   %ebx, %esi
    mov   $0x200000, %edi
    movl  $0x201007, (%edi)
    movl  $0x202007, 0x1000(%edi)
    movl  $0x000083, 0x2000(%edi)
    movl  $0x200083, 0x2008(%edi)
    movl  $0x00000000, 0x3008(%edi)
    movl  $0x00209a00, 0x300c(%edi)
    movw  $0x0f, 0x3020(%edi)
    movl  $0x203000, 0x3022(%edi)
    mov   %edi, %cr3
    mov   $0x20, %eax
    mov   %eax, %cr4
    mov   $0xc0000080, %ecx
    rdmsr
    bts   $8, %eax
    wrmsr
    mov   %cr0, %eax
    bts   $31, %eax
    mov   %eax, %cr0
    lgdt  0x3020(%edi)
    call  1f
1:  pop   %eax
    add   $(2f - 1b), %eax
    mov   %eax, 0x3030(%edi)
    movw  $8, 0x3034(%edi)
    ljmp  *0x3030(%edi)
.code64
2:  movabs $0x123456789abcdef0, %r15
    mov   %esi, %ebx
    mov   $0x10, %al
    out   %al, $0xf4
)");

std::unique_ptr<Machine> new_machine()
{
    auto machine = Machine::create({.ram_bytes = kRam});
    EXPECT_TRUE(machine.has_value());
    return std::move(*machine);
}

ElfImage parse(const ElfBuilder& builder)
{
    auto image = ElfImage::parse(builder.build());
    if (!image) {
        throw std::runtime_error(image.error());
    }
    return std::move(*image);
}

ElfImage kernel(std::span<const std::byte> code)
{
    return parse(ElfBuilder().pvh_entry(kEntry).segment(0xffff'ffff'8010'0000, kEntry, code, code.size() + 0x100));
}

template <typename Structure> Structure read(Machine& machine, std::uint64_t address)
{
    Structure value{};
    std::memcpy(&value, machine.memory().at(arch::PhysAddr{address}, sizeof value), sizeof value);
    return value;
}

TEST(PvhStart, TheEntryStateIsTheProtocols)
{
    const auto machine = new_machine();
    // What was in RAM before must not show through in the BSS.
    std::memset(machine->memory().at(arch::PhysAddr{kEntry}, 0x1000), 0xee, 0x1000);
    const std::vector<std::byte> initrd(5000, std::byte{0x5a});
    const auto code = boot_to_long_mode.bytes();
    ASSERT_TRUE(machine->load_pvh(kernel(code), initrd, "console=com1").has_value());

    const model::CpuState state = machine->state();
    EXPECT_EQ(state.rip, kEntry);
    EXPECT_EQ(state.cr0, 0x11u);
    EXPECT_EQ(state.cr4, 0u);
    EXPECT_EQ(state.efer, 0u);
    EXPECT_EQ(state.rflags, 2u);
    EXPECT_EQ(state.cpl, 0);
    EXPECT_EQ(state.cs.limit, 0xffff'ffffu);
    EXPECT_EQ(state.ds.limit, 0xffff'ffffu);
    EXPECT_FALSE(state.in_64_bit_mode());

    const auto info = read<arch::pvh::StartInfo>(*machine, state[Gpr::Rbx]);
    EXPECT_EQ(info.magic, arch::pvh::kStartMagic);
    EXPECT_EQ(info.version, 1u);
    ASSERT_EQ(info.module_count, 1u);
    const auto module = read<arch::pvh::Module>(*machine, info.modules);
    EXPECT_EQ(module.size, initrd.size());
    EXPECT_EQ(module.address, (kRam - initrd.size()) & ~std::uint64_t{4095});
    EXPECT_EQ(std::memcmp(machine->memory().at(arch::PhysAddr{module.address}, module.size), initrd.data(), 5000), 0);
    ASSERT_EQ(info.memory_map_count, 2u);
    const auto high = read<arch::pvh::MemoryRange>(*machine, info.memory_map + sizeof(arch::pvh::MemoryRange));
    EXPECT_EQ(high.address, 0x10'0000u);
    EXPECT_EQ(high.address + high.size, kRam);
    EXPECT_EQ(high.type, arch::pvh::kMemoryUsable);
    EXPECT_STREQ(reinterpret_cast<const char*>(machine->memory().at(arch::PhysAddr{info.command_line}, 13)),
                 "console=com1");
    EXPECT_EQ(read<std::uint8_t>(*machine, kEntry), static_cast<std::uint8_t>(code[0]));
    EXPECT_EQ(read<std::uint8_t>(*machine, kEntry + code.size()), 0u);
    EXPECT_EQ(read<std::uint8_t>(*machine, kEntry + code.size() + 0xff), 0u);
}

TEST(PvhStart, TheGuestGetsToLongModeByItself)
{
    const auto machine = new_machine();
    support::EventLog log;
    machine->set_observer(&log);
    ASSERT_TRUE(machine->load_pvh(kernel(boot_to_long_mode.bytes()), {}, "").has_value());
    model::CpuState start = machine->state();
    const std::uint64_t start_info = start[Gpr::Rbx];
    start[Gpr::Rsp] = 0x30'0000;
    machine->set_state(start);
    const RunEnd end = machine->run({.instructions = 1000});
    EXPECT_EQ(end.kind, EndKind::PowerOff) << end.text;
    const model::CpuState state = machine->state();
    EXPECT_TRUE(state.in_64_bit_mode());
    EXPECT_EQ(state[Gpr::R15], 0x1234'5678'9abc'def0u);
    EXPECT_EQ(state[Gpr::Rbx], start_info);
    EXPECT_TRUE(log.unmodelled.empty());
}

TEST(PvhStart, StartStructuresKeepClearOfLowSegments)
{
    const auto machine = new_machine();
    const std::vector<std::byte> low(0x3000, std::byte{0x11});
    const auto code = boot_to_long_mode.bytes();
    const ElfImage image = parse(
        ElfBuilder().pvh_entry(kEntry).segment(0x1000, 0x1000, low, low.size()).segment(kEntry, kEntry, code, 4096));
    ASSERT_TRUE(machine->load_pvh(image, {}, "x").has_value());
    EXPECT_GE(machine->state()[Gpr::Rbx], 0x4000u);
    EXPECT_EQ(read<std::uint64_t>(*machine, 0x3ff8), 0x1111'1111'1111'1111u);
}

TEST(PvhStart, RefusesWhatDoesNotFitInOneLine)
{
    const auto error = [](const ElfImage& image, std::size_t initrd_size) {
        const auto machine = new_machine();
        const std::vector<std::byte> initrd(initrd_size);
        const auto loaded = machine->load_pvh(image, initrd, "");
        return loaded ? "no error" : loaded.error();
    };
    const auto code = boot_to_long_mode.bytes();
    EXPECT_THAT(error(parse(ElfBuilder().segment(0, kEntry, code, code.size())), 0), HasSubstr("no PVH note"));
    EXPECT_THAT(error(parse(ElfBuilder().pvh_entry(kEntry).segment(0, kRam - 1, code, code.size())), 0),
                HasSubstr("does not fit in 16 MiB"));
    EXPECT_THAT(error(parse(ElfBuilder().pvh_entry(kEntry).segment(0, ~std::uint64_t{0} - 8, code, 4096)), 0),
                HasSubstr("does not fit in 16 MiB"));
    EXPECT_THAT(error(kernel(code), kRam - 0x10'0000), HasSubstr("do not fit"));
    EXPECT_THAT(error(kernel(code), kRam + 1), HasSubstr("do not fit"));
}

} // namespace
