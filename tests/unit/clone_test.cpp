// SPDX-License-Identifier: MIT
// Property: clone(2)'s flags ask for a process, a process that is waited for, or a thread; everything else is refused.
#include "layout/address_map.h"
#include "process/clone.h"
#include "uapi/process.h"

#include <gtest/gtest.h>

namespace kernel {
namespace {

using namespace uapi::clone_flag;

constexpr std::uint64_t kSigchld = 17;
constexpr std::uint64_t kThreadFlags = kMemory | kFileSystem | kFiles | kSignalHandlers | kThread;

base::Result<CloneKind> kind(std::uint64_t flags, std::uint64_t thread_pointer = 0)
{
    return kind_of({.flags = flags,
                    .stack = 0,
                    .parent_tid = arch::VirtAddr{},
                    .child_tid = arch::VirtAddr{},
                    .thread_pointer = thread_pointer});
}

TEST(CloneFlags, AskForAProcess)
{
    for (const std::uint64_t extra :
         {std::uint64_t{0}, kChildSetTid | kChildClearTid, kParentSetTid, kSetTls}) { // as C libraries do
        EXPECT_EQ(kind(kSigchld | extra), CloneKind::Process);
        EXPECT_EQ(kind(kSigchld | kMemory | kParentWaits | extra), CloneKind::WaitedProcess);
    }
}

TEST(CloneFlags, AskForAThread)
{
    EXPECT_EQ(kind(kThreadFlags), CloneKind::Thread);
    EXPECT_EQ(kind(0x7d0f00), CloneKind::Thread); // musl's pthread_create
    EXPECT_EQ(kind(0x3d0f00), CloneKind::Thread); // glibc's
}

TEST(CloneFlags, AreRefusedInAnyOtherCombination)
{
    constexpr std::uint64_t kNewNamespace = 0x2'0000, kTraced = 0x2000;
    for (const std::uint64_t flags :
         {std::uint64_t{0}, std::uint64_t{9}, kMemory | kSigchld, kParentWaits | kSigchld, kNewNamespace | kSigchld,
          kTraced | kSigchld, kFiles | kSigchld, kThread, kThreadFlags | kParentWaits, kThreadFlags & ~kMemory,
          kThreadFlags & ~kSignalHandlers, std::uint64_t{1} << 32 | kSigchld}) {
        EXPECT_EQ(kind(flags), std::unexpected(uapi::Error::Einval)) << std::hex << flags;
    }
}

TEST(CloneFlags, GiveNoThreadPointerOutsideUserSpace)
{
    EXPECT_EQ(kind(kThreadFlags | kSetTls, 0x7fff'ffff'e000 - 1), CloneKind::Thread);
    EXPECT_EQ(kind(kThreadFlags | kSetTls, 0x7fff'ffff'e000), std::unexpected(uapi::Error::Eperm));
    EXPECT_EQ(kind(kThreadFlags | kSetTls, ~std::uint64_t{0}), std::unexpected(uapi::Error::Eperm));
    EXPECT_EQ(kind(kThreadFlags, ~std::uint64_t{0}), CloneKind::Thread) << "not asked for";
}

TEST(CloneArguments, BecomeARequest)
{
    const auto request = request_of({.flags = kThreadFlags | kSetTls,
                                     .process_file = 0,
                                     .child_tid = 0x1000,
                                     .parent_tid = 0x2000,
                                     .exit_signal = 0,
                                     .stack = 0x7000,
                                     .stack_size = 0x800,
                                     .thread_pointer = 0x3000,
                                     .numbers = 0,
                                     .number_count = 0,
                                     .control_group = 0});
    ASSERT_TRUE(request);
    EXPECT_EQ(kind_of(*request), CloneKind::Thread);
    EXPECT_EQ(request->stack, 0x7800u);
    EXPECT_EQ(request->child_tid.value, 0x1000u);
    EXPECT_EQ(request->parent_tid.value, 0x2000u);
    EXPECT_EQ(request->thread_pointer, 0x3000u);
    EXPECT_FALSE(request->clears_handlers);
}

TEST(CloneArguments, AreRefusedWhereLinuxRefusesThem)
{
    const auto with = [](auto change) {
        uapi::CloneArguments arguments{};
        arguments.exit_signal = kSigchld;
        change(arguments);
        return request_of(arguments);
    };
    using Arguments = uapi::CloneArguments;
    EXPECT_TRUE(with([](Arguments&) {}));
    EXPECT_TRUE(with([](Arguments& a) { a.flags = kClearHandlers; })->clears_handlers);
    EXPECT_EQ(with([](Arguments& a) { a.numbers = 8, a.number_count = 1; }), base::fail(uapi::Error::Eperm));
    constexpr void (*kWrong[])(Arguments&) = {
        [](Arguments& a) { a.numbers = 8; },
        [](Arguments& a) { a.number_count = 1; },
        [](Arguments& a) { a.numbers = 8, a.number_count = 33; },
        [](Arguments& a) { a.exit_signal = 65; },
        [](Arguments& a) { a.exit_signal = std::uint64_t{1} << 32; },
        [](Arguments& a) { a.flags = kDetached; },
        [](Arguments& a) { a.flags = 17; },
        [](Arguments& a) { a.flags = kThreadFlags; },
        [](Arguments& a) { a.flags = kIntoGroup; },
        [](Arguments& a) { a.flags = std::uint64_t{1} << 34; },
        [](Arguments& a) { a.flags = kClearHandlers | kSignalHandlers; },
        [](Arguments& a) { a.stack = 0x1000; },
        [](Arguments& a) { a.stack_size = 0x1000; },
        [](Arguments& a) { a.stack = layout::kUserEnd.value - 0xfff, a.stack_size = 0x1000; },
        [](Arguments& a) { a.stack = 0x1000, a.stack_size = ~std::uint64_t{0}; },
    };
    for (const auto& change : kWrong) {
        EXPECT_EQ(with(change), base::fail(uapi::Error::Einval)) << "case " << (&change - kWrong);
    }
}

} // namespace
} // namespace kernel
