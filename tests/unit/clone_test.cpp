// SPDX-License-Identifier: MIT
// Property: clone(2)'s flags ask for a process, a process that is waited for, or a thread; everything else is refused.
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

} // namespace
} // namespace kernel
