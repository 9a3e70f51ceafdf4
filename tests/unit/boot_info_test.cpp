// SPDX-License-Identifier: MIT
// Boot information of both protocols: a known machine, every truncation, hostile counts, addresses and sizes.
// Physical memory is an exact heap buffer, so that AddressSanitizer sees a read outside the window.
#include "arch/multiboot2.h"
#include "arch/pvh.h"
#include "boot/boot_info.h"
#include "boot/multiboot2_boot_info.h"
#include "boot/pvh_boot_info.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

using arch::PhysAddr;
using kernel::BootInfo;
using kernel::BootResult;

using Memory = std::vector<std::uint8_t>;
using Reader = BootResult (*)(const kernel::PhysicalWindow&, PhysAddr, BootInfo&);

/// The physical address of the memory's first byte: not 0, so that an offset is not taken for an address.
constexpr std::uint64_t kBase = 0x9000;

struct Outcome {
    BootResult result;
    BootInfo info;
};

Outcome read(Reader reader, const Memory& memory, std::uint64_t address = kBase)
{
    const fake::ExactBytes copy(memory);
    const kernel::PhysicalWindow window(arch::VirtAddr{reinterpret_cast<std::uint64_t>(copy.bytes().data())},
                                        PhysAddr{kBase}, PhysAddr{kBase + memory.size()});
    Outcome outcome;
    outcome.result = reader(window, PhysAddr{address}, outcome.info);
    return outcome;
}

template <typename T> void append(Memory& memory, const T& value)
{
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&value);
    memory.insert(memory.end(), bytes, bytes + sizeof value);
}

void append(Memory& memory, const std::string& text)
{
    memory.insert(memory.end(), text.c_str(), text.c_str() + text.size() + 1);
}

template <typename T> void put(Memory& memory, std::size_t offset, T value)
{
    std::memcpy(memory.data() + offset, &value, sizeof value);
}

// ---- PVH: start info, memory map, module list and command line, one after the other, nothing behind.

constexpr std::size_t kPvhMap = sizeof(arch::pvh::StartInfo), kPvhRanges = 3;
constexpr std::size_t kPvhModules = kPvhMap + kPvhRanges * sizeof(arch::pvh::MemoryRange);
constexpr std::size_t kPvhCommandLine = kPvhModules + 2 * sizeof(arch::pvh::Module);

Memory pvh(const std::string& command_line = "quiet run=hello log")
{
    Memory memory;
    append(memory, arch::pvh::StartInfo{arch::pvh::kStartMagic, 1, 0, 2, kBase + kPvhModules, kBase + kPvhCommandLine,
                                        0, kBase + kPvhMap, kPvhRanges, 0});
    append(memory, arch::pvh::MemoryRange{0, 0x9'fc00, 1, 0});
    append(memory, arch::pvh::MemoryRange{0xf'0000, 0x1'0000, 2, 0});
    append(memory, arch::pvh::MemoryRange{0x1'0000'0000, 0x4000'0000, 1, 0});
    append(memory, arch::pvh::Module{0x7fe'0000, 0x1234, 0, 0});
    append(memory, arch::pvh::Module{0x1, 0x1, 0, 0});
    append(memory, command_line);
    return memory;
}

TEST(PvhBootInfo, TellsTheMemoryTheInitrdAndTheCommandLine)
{
    const auto [result, info] = read(kernel::read_pvh_boot_info, pvh());
    ASSERT_TRUE(result) << result.error();
    ASSERT_EQ(info.usable.size(), 2u);
    EXPECT_EQ(info.usable[0].begin, PhysAddr{0});
    EXPECT_EQ(info.usable[0].size, 0x9'fc00u);
    EXPECT_EQ(info.usable[1].begin, PhysAddr{0x1'0000'0000});
    EXPECT_EQ(info.usable[1].end(), PhysAddr{0x1'4000'0000});
    ASSERT_EQ(info.reserved.size(), 1u);
    EXPECT_EQ(info.reserved[0].begin, PhysAddr{0xf'0000});
    EXPECT_EQ(info.initrd.begin, PhysAddr{0x7fe'0000});
    EXPECT_EQ(info.initrd.size, 0x1234u);
    EXPECT_STREQ(info.command_line, "quiet run=hello log");
}

TEST(PvhBootInfo, MayHaveNeitherModuleNorCommandLine)
{
    Memory memory = pvh();
    put(memory, offsetof(arch::pvh::StartInfo, module_count), std::uint32_t{0});
    put(memory, offsetof(arch::pvh::StartInfo, command_line), std::uint64_t{0});
    memory.resize(kPvhModules);
    const auto [result, info] = read(kernel::read_pvh_boot_info, memory);
    ASSERT_TRUE(result) << result.error();
    EXPECT_EQ(info.initrd.size, 0u);
    EXPECT_STREQ(info.command_line, "");
}

TEST(PvhBootInfo, IsAnErrorAtEveryTruncation)
{
    const Memory whole = pvh();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(
            read(kernel::read_pvh_boot_info, Memory(whole.begin(), whole.begin() + static_cast<long>(size))).result)
            << size;
    }
}

TEST(PvhBootInfo, RefusesHostileFields)
{
    using arch::pvh::StartInfo;
    const auto refused = [](auto value, std::size_t offset) {
        Memory memory = pvh();
        put(memory, offset, value);
        return !read(kernel::read_pvh_boot_info, memory).result;
    };
    EXPECT_TRUE(refused(std::uint32_t{0}, offsetof(StartInfo, magic)));
    EXPECT_TRUE(refused(arch::pvh::kStartMagic ^ 1, offsetof(StartInfo, magic)));
    EXPECT_TRUE(refused(std::uint32_t{0}, offsetof(StartInfo, version)));
    for (const std::uint32_t count : {7u, 0x100u, 0x7fff'ffffu, 0xffff'ffffu}) {
        EXPECT_TRUE(refused(count, offsetof(StartInfo, memory_map_count))) << count;
    }
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{1}, kBase - 1, kBase + 0x200, ~std::uint64_t{0},
                                        std::uint64_t{0} - 24, std::uint64_t{0} - 48, std::uint64_t{1} << 47}) {
        EXPECT_TRUE(refused(address, offsetof(StartInfo, memory_map))) << std::hex << address;
        EXPECT_TRUE(refused(address, offsetof(StartInfo, modules))) << std::hex << address;
        EXPECT_TRUE(address == 0 || refused(address, offsetof(StartInfo, command_line))) << std::hex << address;
    }
    EXPECT_TRUE(refused(~std::uint64_t{0}, kPvhModules + offsetof(arch::pvh::Module, size)));
    for (const std::uint64_t address : {std::uint64_t{0}, kBase - 1, kBase + 0x1000, ~std::uint64_t{0}}) {
        EXPECT_FALSE(read(kernel::read_pvh_boot_info, pvh(), address).result) << std::hex << address;
    }
}

TEST(PvhBootInfo, RefusesMoreRangesThanItHoldsAndSkipsEmptyOnes)
{
    const auto with_ranges = [](std::uint32_t count, std::uint64_t size, std::uint32_t type) {
        Memory memory;
        append(memory, arch::pvh::StartInfo{arch::pvh::kStartMagic, 1, 0, 0, 0, 0, 0, kBase + kPvhMap, count, 0});
        for (std::uint32_t i = 0; i < count; ++i) {
            append(memory, arch::pvh::MemoryRange{i * 0x1000, size, type, 0});
        }
        return read(kernel::read_pvh_boot_info, memory);
    };
    EXPECT_TRUE(with_ranges(BootInfo::kMaximumUsable, 1, 1).result);
    EXPECT_FALSE(with_ranges(BootInfo::kMaximumUsable + 1, 1, 1).result);
    EXPECT_TRUE(with_ranges(BootInfo::kMaximumReserved, 1, 7).result);
    EXPECT_FALSE(with_ranges(BootInfo::kMaximumReserved + 1, 1, 0).result);
    const auto empty = with_ranges(1000, 0, 1);
    EXPECT_TRUE(empty.result);
    EXPECT_TRUE(empty.info.usable.empty());
}

TEST(PvhBootInfo, AcceptsTheLongestCommandLineAndNoLongerOne)
{
    const std::string longest(BootInfo::kCommandLineSize - 1, 'x');
    const auto [result, info] = read(kernel::read_pvh_boot_info, pvh(longest));
    ASSERT_TRUE(result);
    EXPECT_EQ(longest, info.command_line);
    EXPECT_FALSE(read(kernel::read_pvh_boot_info, pvh(longest + "x")).result);
}

// ---- Multiboot2: the information header and its tags.

void append_tag(Memory& memory, std::uint32_t type, const Memory& contents)
{
    append(memory,
           arch::multiboot2::Tag{type, static_cast<std::uint32_t>(sizeof(arch::multiboot2::Tag) + contents.size())});
    memory.insert(memory.end(), contents.begin(), contents.end());
    memory.resize((memory.size() + 7) / 8 * 8);
}

Memory map_contents(std::uint32_t entry_size = 24)
{
    Memory contents;
    append(contents, entry_size);
    append(contents, std::uint32_t{0});
    for (const auto& entry : {arch::multiboot2::MemoryMapEntry{0, 0x9'fc00, 1, 0},
                              {0xf'0000, 0x1'0000, 2, 0},
                              {0x10'0000, 0x7f0'0000, 1, 0}}) {
        append(contents, entry);
        contents.resize(contents.size() + entry_size - 24);
    }
    return contents;
}

Memory module_contents(std::uint32_t start, std::uint32_t end)
{
    Memory contents;
    append(contents, start);
    append(contents, end);
    append(contents, std::string("initrd"));
    return contents;
}

Memory text_contents(const std::string& text)
{
    Memory contents;
    append(contents, text);
    return contents;
}

template <typename... Tags> Memory information(const Tags&... tags)
{
    Memory memory(8);
    (append_tag(memory, tags.first, tags.second), ...);
    append_tag(memory, arch::multiboot2::kTagEnd, {});
    put(memory, 0, static_cast<std::uint32_t>(memory.size()));
    return memory;
}

using Tag = std::pair<std::uint32_t, Memory>;
constexpr std::uint32_t kCommandLineTag = 1, kLoaderNameTag = 2, kModuleTag = 3, kMapTag = 6;

Memory multiboot2()
{
    return information(Tag{kCommandLineTag, text_contents("log run=hello")}, Tag{kLoaderNameTag, text_contents("GRUB")},
                       Tag{kModuleTag, module_contents(0x20'0000, 0x20'1234)}, Tag{kMapTag, map_contents()},
                       Tag{kModuleTag, module_contents(1, 2)});
}

Outcome read_multiboot2(const Memory& memory)
{
    return read(kernel::read_multiboot2_boot_info, memory);
}

TEST(MultibootBootInfo, TellsTheMemoryTheFirstModuleAndTheCommandLine)
{
    const auto [result, info] = read_multiboot2(multiboot2());
    ASSERT_TRUE(result) << result.error();
    ASSERT_EQ(info.usable.size(), 2u);
    EXPECT_EQ(info.usable[0].size, 0x9'fc00u);
    EXPECT_EQ(info.usable[1].begin, PhysAddr{0x10'0000});
    EXPECT_EQ(info.usable[1].size, 0x7f0'0000u);
    ASSERT_EQ(info.reserved.size(), 1u);
    EXPECT_EQ(info.initrd.begin, PhysAddr{0x20'0000});
    EXPECT_EQ(info.initrd.size, 0x1234u);
    EXPECT_STREQ(info.command_line, "log run=hello");
}

TEST(MultibootBootInfo, StepsByTheEntrySizeOfTheMap)
{
    const auto [result, info] = read_multiboot2(information(Tag{kMapTag, map_contents(40)}));
    ASSERT_TRUE(result);
    ASSERT_EQ(info.usable.size(), 2u);
    EXPECT_EQ(info.usable[1].begin, PhysAddr{0x10'0000});
}

TEST(MultibootBootInfo, IsAnErrorAtEveryTruncation)
{
    const Memory whole = multiboot2();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Memory cut(whole.begin(), whole.begin() + static_cast<long>(size));
        EXPECT_FALSE(read_multiboot2(cut).result) << size;
        if (size >= 4) {
            put(cut, 0, static_cast<std::uint32_t>(size)); // the header says so too
            EXPECT_FALSE(read_multiboot2(cut).result) << size;
        }
    }
}

TEST(MultibootBootInfo, RefusesHostileSizes)
{
    const Memory whole = multiboot2();
    for (const std::uint32_t total : {0u, 7u, 8u, 0x7fff'ffffu, 0xffff'ffffu}) {
        Memory memory = whole;
        put(memory, 0, total);
        EXPECT_FALSE(read_multiboot2(memory).result) << total;
    }
    for (const std::uint32_t size : {0u, 1u, 7u, 0x1000u, 0x7fff'ffffu, 0xffff'fff9u, 0xffff'ffffu}) {
        Memory memory = whole;
        put(memory, 8 + 4, size);
        EXPECT_FALSE(read_multiboot2(memory).result) << size;
    }
    for (const std::uint32_t entry_size : {0u, 1u, 23u}) {
        Memory contents = map_contents();
        put(contents, 0, entry_size);
        EXPECT_FALSE(read_multiboot2(information(Tag{kMapTag, contents})).result) << entry_size;
    }
    Memory contents = map_contents();
    put(contents, 0, 0xffff'ffffu);
    EXPECT_EQ(read_multiboot2(information(Tag{kMapTag, contents})).info.usable.size(), 1u);
    EXPECT_FALSE(read_multiboot2(information(Tag{kMapTag, Memory(4)})).result);
    EXPECT_FALSE(read_multiboot2(information(Tag{kModuleTag, Memory(4)})).result);
    EXPECT_FALSE(read_multiboot2(information(Tag{kModuleTag, module_contents(2, 1)})).result);
    EXPECT_FALSE(read_multiboot2(information(Tag{kCommandLineTag, Memory{'a', 'b', 'c'}})).result) << "no NUL";
    EXPECT_FALSE(read_multiboot2(information(Tag{kCommandLineTag, Memory{}})).result);
}

TEST(MultibootBootInfo, SurvivesRandomDamage)
{
    std::mt19937_64 random(4);
    const Memory whole = multiboot2();
    unsigned refused = 0;
    for (unsigned round = 0; round < 10'000; ++round) {
        Memory memory = whole;
        for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
            memory[random() % memory.size()] ^= static_cast<std::uint8_t>(1 << random() % 8);
        }
        refused += read_multiboot2(memory).result ? 0 : 1;
    }
    EXPECT_GT(refused, 1'000u);
}

// ---- The command line's words.

BootInfo with_command_line(const char* line)
{
    BootInfo info;
    std::strcpy(info.command_line, line);
    return info;
}

TEST(CommandLine, HasTheOptionsThatAreWordsOfIt)
{
    const BootInfo info = with_command_line("  quiet  run=hello logs");
    EXPECT_TRUE(info.has_option("quiet"));
    EXPECT_TRUE(info.has_option("logs"));
    for (const char* absent : {"log", "logss", "run", "hello", "uiet", "="}) {
        EXPECT_FALSE(info.has_option(absent)) << absent;
    }
    EXPECT_FALSE(BootInfo{}.has_option("quiet"));
}

TEST(CommandLine, GivesAnOptionsValue)
{
    const BootInfo info = with_command_line("rerun=no run=hello run=second empty= a=b=c run");
    EXPECT_TRUE(info.option_value("run") == "hello");
    EXPECT_TRUE(info.option_value("rerun") == "no");
    EXPECT_TRUE(info.option_value("empty").empty());
    EXPECT_TRUE(info.option_value("a") == "b=c");
    EXPECT_TRUE(info.option_value("ru").empty());
    EXPECT_TRUE(info.option_value("runs").empty());
    EXPECT_TRUE(BootInfo{}.option_value("run").empty());
}

TEST(CommandLine, ReadsNumbers)
{
    const BootInfo info = with_command_line("n=42 zero=0 big=18446744073709551615 over=18446744073709551616 "
                                            "huge=99999999999999999999 sign=-1 hex=0x10 empty= tail=1x");
    EXPECT_EQ(info.option_number("n"), 42u);
    EXPECT_EQ(info.option_number("zero"), 0u);
    EXPECT_EQ(info.option_number("big"), ~std::uint64_t{0});
    for (const char* refused : {"over", "huge", "sign", "hex", "empty", "tail", "absent"}) {
        EXPECT_FALSE(info.option_number(refused)) << refused;
    }
}

} // namespace
