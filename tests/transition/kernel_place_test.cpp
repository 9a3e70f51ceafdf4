// SPDX-License-Identifier: MIT
// Property: the kernel runs at another place for each seed, the same for the same one, and where it was linked when the
// boot options ask for that; where it was linked nothing is left, neither code to jump to nor an address of it.
#include "layout/panic_record.h"
#include "mm/image_place.h"
#include "transition/user_code.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

namespace support {
namespace {

using testing::HasSubstr;

BootedKernel booted(const std::string& command_line)
{
    return BootedKernel{{"run hello", "poweroff"}, machine_from_environment(), command_line};
}

std::uint64_t linked(const BootedKernel& kernel, const std::string& name)
{
    return kernel.symbol(name).value - kernel.distance;
}

TEST(KernelPlace, IsAnotherOneForEachSeedAndTheSameForOne)
{
    std::set<std::uint64_t> distances;
    const std::vector<std::string> seeds{"seed=1", "seed=2", "seed=3", "noaslr seed=4"};
    for (const std::string& seed : seeds) {
        const std::uint64_t distance = booted(seed).distance;
        EXPECT_EQ(booted(seed).distance, distance) << seed;
        EXPECT_EQ(distance % kernel::ImagePlaces::kStep, 0u);
        EXPECT_GE(distance, layout::kImageSize);
        distances.insert(distance);
    }
    EXPECT_EQ(distances.size(), seeds.size());
    EXPECT_NE(booted("").distance, 0u);
}

TEST(KernelPlace, IsWhereItWasLinkedWithNokaslr)
{
    for (const char* const command_line : {"nokaslr", "nokaslr seed=1"}) {
        BootedKernel kernel = booted(command_line);
        EXPECT_EQ(kernel.distance, 0u);
        kernel.run_to_ring3();
        EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    }
}

/// Each place is another set of rewritten words: a forgotten one shows wherever its code runs.
TEST(KernelPlace, RunsProgramsWhereverItIs)
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        BootedKernel kernel = booted(fmt::format("seed={}", seed));
        EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff) << kernel.machine->console();
        EXPECT_THAT(kernel.machine->console(), HasSubstr("Hello from user space! (Ring 3)")) << "seed " << seed;
    }
}

TEST(KernelPlace, NothingIsLeftWhereTheKernelWasLinked)
{
    UserCode program({0x0f, 0x05, 0xeb, 0xfe}); // syscall; jmp to itself
    program.run_to("syscall_dispatch");
    const std::uint64_t begin = layout::kKernelImage.value;
    model::CpuState state = program.state();
    for (std::uint64_t page = begin; page < begin + layout::kImageSize; page += arch::kPageSize) {
        ASSERT_FALSE(program.machine->read_virtual_u64(state, arch::VirtAddr{page})) << std::hex << page;
    }
    for (const char* const part : {"text_begin", "rodata_begin", "sealed_begin", "per_cpu"}) {
        EXPECT_TRUE(program.machine->read_virtual_u64(state, program.symbol(part))) << part;
    }
    state.rip = linked(program, "landmark_panic");
    program.set(state);
    const ringcheck::RunEnd end = program.run_to_end();
    EXPECT_EQ(end.value, layout::kExitPanic) << end.text;
    EXPECT_THAT(program.machine->console(),
                HasSubstr(fmt::format("#PF execute of {:#x} at {:#x} (error 0x10: not present, kernel)", state.rip,
                                      state.rip)));
    EXPECT_THAT(program.machine->console(),
                HasSubstr(fmt::format("Kernel offset: {:#x} from 0xffffffff80000000", program.distance)));
}

/// By the memory itself: whatever the list of relocations has forgotten is still there as it was linked.
TEST(KernelPlace, NoWordHoldsAnAddressOfTheFirstPlace)
{
    BootedKernel kernel = booted("");
    kernel.run_to_ring3();
    const model::CpuState state = kernel.machine->state();
    const std::uint64_t first = linked(kernel, "text_begin"), last = linked(kernel, "data_end");
    const auto words_of = [&](const char* begin, const char* end) {
        unsigned moved = 0;
        for (arch::VirtAddr at = kernel.symbol(begin); at < kernel.symbol(end); at += sizeof(std::uint64_t)) {
            const auto word = kernel.machine->read_virtual_u64(state, at); // guard pages hold none
            EXPECT_FALSE(word && *word >= first && *word < last) << kernel.describe(at.value) << ": " << *word;
            moved += word && *word >= first + kernel.distance && *word < last + kernel.distance;
        }
        return moved;
    };
    EXPECT_GT(words_of("rodata_begin", "rodata_end"), 500u);
    EXPECT_GT(words_of("data_begin", "data_end"), 50u);
}

} // namespace
} // namespace support
