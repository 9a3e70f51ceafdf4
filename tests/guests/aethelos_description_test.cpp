// SPDX-License-Identifier: MIT
// AethelOS's description says what the kernel's own headers say.
#include "arch/paging.h"
#include "layout/address_map.h"
#include "layout/panic_record.h"
#include "layout/per_cpu.h"
#include "layout/process_places.h"
#include "layout/selectors.h"
#include "support/aethelos_description.h"
#include "uapi/errno.h"
#include "uapi/signals.h"
#include "uapi/syscalls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>

namespace {

using namespace ringcheck;
using support::aethelos;

ArgumentKind kind_of(uapi::Arg argument)
{
    switch (argument) {
    case uapi::Arg::None:
    case uapi::Arg::Int:
    case uapi::Arg::Fd:
    case uapi::Arg::Status: break;
    case uapi::Arg::Pid: return ArgumentKind::Pid;
    case uapi::Arg::Address: return ArgumentKind::Address;
    case uapi::Arg::BytesIn: return ArgumentKind::BytesIn;
    case uapi::Arg::Text: return ArgumentKind::Text;
    case uapi::Arg::Size: return ArgumentKind::Size;
    }
    return ArgumentKind::Integer;
}

ResultKind kind_of(uapi::Returns result)
{
    return result == uapi::Returns::Pid       ? ResultKind::Pid
           : result == uapi::Returns::Address ? ResultKind::Address
                                              : ResultKind::Number;
}

TEST(AethelosDescription, ListsTheSystemCallsOfTheKernel)
{
    const SyscallConvention convention = aethelos().syscalls;
    EXPECT_EQ(convention.calls.size(), std::size(uapi::kSyscalls));
    for (const uapi::SyscallSpec& spec : uapi::kSyscalls) {
        SyscallDescription expected{static_cast<std::uint64_t>(spec.number),
                                    spec.name,
                                    {},
                                    spec.returns != uapi::Returns::Never,
                                    spec.returns == uapi::Returns::Elsewhere,
                                    spec.number == uapi::Syscall::ArchPrctl,
                                    kind_of(spec.returns)};
        for (const uapi::Arg argument : spec.arguments) {
            if (argument != uapi::Arg::None) {
                expected.arguments.push_back(kind_of(argument));
            }
        }
        const SyscallDescription* const actual = convention.find(expected.number);
        ASSERT_NE(actual, nullptr) << spec.name;
        EXPECT_EQ(*actual, expected) << spec.name;
    }
    EXPECT_TRUE(convention.is_error(0 - std::uint64_t{4095}));
    EXPECT_FALSE(convention.is_error(0 - std::uint64_t{4096}));
}

TEST(AethelosDescription, NamesTheErrorsAndSignalsOfTheKernel)
{
    std::map<std::uint64_t, std::string> errors, signals;
    for (std::uint64_t number = 0; number <= 0xff; ++number) {
        if (*uapi::error_name(number) != '\0') {
            errors[number] = uapi::error_name(number);
        }
        if (*uapi::signal_name(number) != '\0') {
            signals[number] = uapi::signal_name(number);
        }
    }
    EXPECT_EQ(aethelos().errors.all(), errors);
    EXPECT_EQ(aethelos().signals.all(), signals);
}

TEST(AethelosDescription, KnowsTheKernelsLayout)
{
    const GuestDescription guest = aethelos();
    EXPECT_EQ(guest.user_code_selector, layout::kUserCode);
    EXPECT_EQ(guest.user_data_selector, layout::kUserData);
    EXPECT_EQ(guest.per_cpu_self_offset, offsetof(layout::PerCpu, self));
    EXPECT_EQ(guest.kernel_stack_slot, (PerCpuWord{offsetof(layout::PerCpu, kernel_rsp), true}));
    EXPECT_EQ(guest.current_thread, (PerCpuWord{offsetof(layout::PerCpu, current_thread), true}));
    EXPECT_EQ(guest.kernel_stacks,
              (StackRegion{layout::kKernelStacks.value, layout::kKernelStacks.value + arch::leaf_size(arch::kTopLevel),
                           layout::kKernelStackStride, layout::kKernelStackSize}));
    EXPECT_EQ(guest.user_range, (AddressRange{layout::kUserBegin.value, layout::kUserEnd.value - 1}));
    EXPECT_EQ(guest.kernel_range, (AddressRange{layout::kKernelHalf.value, ~std::uint64_t{0}}));
    ASSERT_TRUE(guest.panic);
    EXPECT_EQ(guest.panic->message, support::kAnySymbol + offsetof(layout::PanicRecord, message));
}

/// The word of Places at that byte of layout::ProcessPlaces.
constexpr std::size_t place(std::size_t offset)
{
    return offset / sizeof(std::uint64_t);
}

TEST(AethelosDescription, NamesTheAddressesOfTheKernelsMap)
{
    constexpr std::uint64_t kCanonicalEnd = std::uint64_t{1} << 47, kUserEnd = layout::kUserEnd.value;
    constexpr std::uint64_t kStackReach = layout::kUserStackLimit + layout::kUserStackGuard;
    const std::vector<AddressLandmark> expected{
        {"NULL", 0, 0, layout::kUserBegin.value},
        {"USER_STACK_TOP", 0, kStackReach, arch::kPageSize, place(offsetof(layout::ProcessPlaces, stack_top))},
        {"USER_MAP_TOP", 0, std::uint64_t{1} << 40, arch::kPageSize, place(offsetof(layout::ProcessPlaces, map_top))},
        {"USER_HEAP", 0, 0, 64 << 20, place(offsetof(layout::ProcessPlaces, heap))},
        {"PROGRAM_BASE", 0, 0, layout::kUserPieReach, place(offsetof(layout::ProcessPlaces, program_base))},
        {"VDSO", 0, arch::kPageSize, arch::kPageSize, place(offsetof(layout::ProcessPlaces, vdso))},
        {"USER_END", kUserEnd, 0, kCanonicalEnd - kUserEnd},
        {"NON_CANONICAL", kCanonicalEnd, 0, layout::kKernelHalf.value - kCanonicalEnd},
        {"PHYSICAL_MAP", layout::kPhysicalMap.value, 0, layout::kPhysicalMapSize},
        {"KERNEL_STACKS", layout::kKernelStacks.value, 0, arch::leaf_size(arch::kTopLevel)},
        {"KERNEL_BASE", layout::kKernelImage.value, 0, 0 - layout::kKernelImage.value},
    };
    EXPECT_EQ(aethelos().addresses, expected);
    EXPECT_EQ(aethelos().program_base, place(offsetof(layout::ProcessPlaces, program_base)));
    EXPECT_EQ(aethelos().place_count() * sizeof(std::uint64_t), sizeof(layout::ProcessPlaces));
}

TEST(AethelosDescription, AsksTheKernelForItsLandmarks)
{
    std::vector<std::string> asked;
    const auto guest = parse_description(built_in_descriptions().front().text, [&asked](const std::string& name) {
        asked.push_back(name);
        return support::kAnySymbol;
    });
    ASSERT_TRUE(guest) << guest.error().text;
    EXPECT_THAT(
        asked, testing::IsSupersetOf({"landmark_process_started", "landmark_process_ended", "landmark_panic",
                                      "panic_record", "syscall_dispatch", "exception_dispatch", "interrupt_dispatch"}));
}

} // namespace
