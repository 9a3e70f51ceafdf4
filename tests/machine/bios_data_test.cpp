// SPDX-License-Identifier: MIT
// What a kernel finds in a BIOS's data area, whichever way it was started.
#include "machine/boot_loader.h"
#include "machine/machine.h"
#include "support/elf_builder.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

constexpr std::uint32_t kLoad = 0x10'0000;

std::uint64_t word(Machine& machine, std::uint64_t address, unsigned bytes)
{
    std::uint64_t value = 0;
    std::memcpy(&value, machine.memory().at(arch::PhysAddr{address}, bytes), bytes);
    return value;
}

/// @param low  where the kernel has 16 bytes of its own, 0: nowhere
std::unique_ptr<Machine> boot(std::uint64_t low)
{
    const std::vector<std::byte> code(64), own(16, std::byte{0x55});
    support::ElfBuilder builder;
    builder.pvh_entry(kLoad).segment(kLoad, kLoad, code, code.size());
    if (low != 0) {
        builder.segment(low, low, own, own.size());
    }
    const auto image = ElfImage::parse(builder.build());
    auto machine = Machine::create({.ram_bytes = 8u << 20});
    EXPECT_TRUE(image && machine && (*machine)->load(*image, {}));
    return std::move(*machine);
}

TEST(BiosData, TellsWhereTheExtendedAreaIsAndWhatLiesBelow)
{
    const auto machine = boot(0);
    const std::uint64_t extended = word(*machine, 0x40e, 2) << 4;
    EXPECT_EQ(extended, 0x9'fc00u);
    EXPECT_EQ(word(*machine, 0x413, 2), 639u) << "KiB";
    EXPECT_EQ(word(*machine, extended, 1), 1u) << "its size in KiB";
    for (std::uint64_t at = extended + 8; at < 0xa'0000; at += 8) {
        ASSERT_EQ(word(*machine, at, 8), 0u) << "nobody finds a root pointer here";
    }
}

TEST(BiosData, LeavesAKernelWhatIsItsOwn)
{
    const auto machine = boot(0x408);
    EXPECT_EQ(word(*machine, 0x40e, 2), 0x5555u);
    EXPECT_EQ(word(*machine, 0x413, 2), 0x5555u);
}

} // namespace
