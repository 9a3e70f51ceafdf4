// SPDX-License-Identifier: MIT
// Property: each program's stack, mmap area, heap, vDSO and, when it may stand anywhere, itself are where the kernel
// says to whoever watches; somewhere else for each program and each seed, the same for the same seed, and fixed when
// the boot options ask for that.
#include "layout/process_places.h"
#include "support/booted_kernel.h"

#include <gmock/gmock.h>

#include <cstring>
#include <set>

namespace {

using layout::ProcessPlaces;
namespace model = ringcheck::model;
using model::Gpr;
using support::BootedKernel;

/// What landmark_process_started is given for the next program.
ProcessPlaces next_places(BootedKernel& kernel)
{
    kernel.run_to("landmark_process_started");
    const model::CpuState state = kernel.machine->state();
    const auto bytes = kernel.machine->read_virtual(state, arch::VirtAddr{state[Gpr::Rcx]}, sizeof(ProcessPlaces));
    if (bytes.size() != sizeof(ProcessPlaces)) {
        throw std::runtime_error("RCX does not point to places");
    }
    ProcessPlaces places;
    std::memcpy(&places, bytes.data(), sizeof places);
    return places;
}

ProcessPlaces places_of_pie(const std::string& command_line)
{
    BootedKernel kernel{{"run pie", "poweroff"}, support::machine_from_environment(), command_line};
    return next_places(kernel);
}

std::vector<std::uint64_t> words(const ProcessPlaces& places)
{
    return {places.stack_top, places.map_top, places.heap, places.program_base, places.vdso};
}

TEST(AddressLayout, IsAnotherOneForEachSeedAndTheSameForOne)
{
    std::set<std::uint64_t> stacks, maps, heaps, bases, distances;
    const std::vector<std::string> seeds{"seed=1", "seed=2", "seed=3"};
    for (const std::string& seed : seeds) {
        const ProcessPlaces places = places_of_pie(seed);
        EXPECT_EQ(words(places_of_pie(seed)), words(places)) << seed;
        stacks.insert(places.stack_top);
        maps.insert(places.map_top);
        heaps.insert(places.heap - places.program_base);
        bases.insert(places.program_base);
        distances.insert(places.vdso - places.stack_top);
        EXPECT_LE(places.stack_top, layout::kUserStackTop.value);
        EXPECT_LE(places.map_top, layout::kUserMapTop.value);
        EXPECT_GE(places.program_base, layout::kUserPieBase.value);
        EXPECT_LT(places.program_base + layout::kUserPieReach, layout::kUserProgramEnd.value);
        EXPECT_GT(places.heap, places.program_base);
    }
    for (const auto* const one : {&stacks, &maps, &heaps, &bases, &distances}) {
        EXPECT_EQ(one->size(), seeds.size()) << "a part that does not move";
    }
}

TEST(AddressLayout, IsAnotherOneForEachProgram)
{
    BootedKernel kernel{{"run pie", "run pie", "poweroff"}, support::machine_from_environment(), "seed=1"};
    const std::vector<std::uint64_t> first = words(next_places(kernel)), second = words(next_places(kernel));
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_NE(first[i], second[i]) << "word " << i;
    }
}

TEST(AddressLayout, IsTheFixedOneWithNoaslr)
{
    for (const char* const command_line : {"noaslr", "noaslr seed=1"}) {
        const ProcessPlaces places = places_of_pie(command_line);
        EXPECT_EQ(places.stack_top, layout::kUserStackTop.value);
        EXPECT_EQ(places.map_top, layout::kUserMapTop.value);
        EXPECT_EQ(places.program_base, layout::kUserPieBase.value);
        EXPECT_EQ(places.vdso, (layout::kUserStackTop + layout::kUserVdsoDistance).value);
    }
}

TEST(AddressLayout, IsWhereTheProgramThenIs)
{
    BootedKernel kernel{{"run pie", "poweroff"}, support::machine_from_environment(), "seed=7"};
    const ProcessPlaces places = next_places(kernel);
    kernel.run_to_ring3();
    const model::CpuState state = kernel.machine->state();
    EXPECT_EQ(arch::VirtAddr{state[Gpr::Rsp]}.page_ceiling().value, places.stack_top);
    EXPECT_LT(state.rip - places.program_base, 0x10'000u);
    EXPECT_EQ(kernel.run_to_end().kind, ringcheck::EndKind::PowerOff);
    EXPECT_THAT(kernel.machine->console(),
                testing::HasSubstr("every address that I hold is where the kernel has put me"));
}

TEST(AddressLayout, LeavesAnExecutableWhereItsFileSays)
{
    BootedKernel kernel{{"run hello", "poweroff"}};
    EXPECT_EQ(next_places(kernel).program_base, 0u);
    kernel.run_to_ring3();
    EXPECT_LT(kernel.machine->state().rip, 0x50'0000u);
}

TEST(AddressLayout, IsTheParentsForAChild)
{
    BootedKernel kernel{{"run processes", "poweroff"}};
    const ProcessPlaces parent = next_places(kernel);
    kernel.run_to("landmark_process_forked");
    const model::CpuState state = kernel.machine->state();
    const auto bytes = kernel.machine->read_virtual(state, arch::VirtAddr{state[Gpr::Rcx]}, sizeof(ProcessPlaces));
    ProcessPlaces child;
    ASSERT_EQ(bytes.size(), sizeof child);
    std::memcpy(&child, bytes.data(), sizeof child);
    EXPECT_EQ(words(child), words(parent));
}

} // namespace
