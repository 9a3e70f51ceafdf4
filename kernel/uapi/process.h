// SPDX-License-Identifier: MIT
// Numbers and structures of Linux x86-64 for processes: clone(2), wait4(2), sched_setscheduler(2), getpriority(2),
// kill(2).
#pragma once

#include "uapi/time.h"

namespace uapi {

/// clone(2)'s flags; the low byte is the signal that the child's end sends.
namespace clone_flag {
inline constexpr std::uint64_t kExitSignal = 0xff;
inline constexpr std::uint64_t kMemory = 0x100;                ///< CLONE_VM
inline constexpr std::uint64_t kFileSystem = 0x200;            ///< CLONE_FS
inline constexpr std::uint64_t kFiles = 0x400;                 ///< CLONE_FILES
inline constexpr std::uint64_t kSignalHandlers = 0x800;        ///< CLONE_SIGHAND
inline constexpr std::uint64_t kParentWaits = 0x4000;          ///< CLONE_VFORK
inline constexpr std::uint64_t kThread = 0x1'0000;             ///< CLONE_THREAD
inline constexpr std::uint64_t kSemaphores = 0x4'0000;         ///< CLONE_SYSVSEM
inline constexpr std::uint64_t kSetTls = 0x8'0000;             ///< CLONE_SETTLS
inline constexpr std::uint64_t kParentSetTid = 0x10'0000;      ///< CLONE_PARENT_SETTID
inline constexpr std::uint64_t kChildClearTid = 0x20'0000;     ///< CLONE_CHILD_CLEARTID
inline constexpr std::uint64_t kDetached = 0x40'0000;          ///< CLONE_DETACHED: ignored, as Linux does
inline constexpr std::uint64_t kChildSetTid = 0x100'0000;      ///< CLONE_CHILD_SETTID
inline constexpr std::uint64_t kClearHandlers = 0x1'0000'0000; ///< CLONE_CLEAR_SIGHAND, of clone3(2) alone
inline constexpr std::uint64_t kIntoGroup = 0x2'0000'0000;     ///< CLONE_INTO_CGROUP, likewise
} // namespace clone_flag

/// clone3(2)'s argument, of which a caller knows the first 64, 80 or 88 bytes.  [Linux uapi linux/sched.h]
struct CloneArguments {
    std::uint64_t flags, process_file, child_tid, parent_tid, exit_signal, stack, stack_size, thread_pointer;
    std::uint64_t numbers, number_count; ///< set_tid
    std::uint64_t control_group;

    static constexpr std::uint64_t kFirstSize = 64;
    static constexpr std::uint64_t kMostNumbers = 32; ///< MAX_PID_NS_LEVEL
};
static_assert(sizeof(CloneArguments) == 88);

/// set_robust_list(2)'s list of the locks that a thread has: a ring through `next`.  [Linux uapi linux/futex.h]
struct RobustList {
    std::uint64_t next;       ///< address of the first entry's next; bit 0 is not part of it
    std::uint64_t word;       ///< bytes from an entry to its futex
    std::uint64_t unfinished; ///< an entry that is about to be put in or taken out; 0: none
};
static_assert(sizeof(RobustList) == 24);

/// wait4(2)'s options.
namespace wait_option {
inline constexpr std::uint32_t kNoHang = 1, kStopped = 2, kExited = 4, kContinued = 8, kNoWait = 0x100'0000,
                               kNoThread = 0x2000'0000, kAll = 0x4000'0000;
} // namespace wait_option

/// struct rusage.  [getrusage(2)]
struct ResourceUsage {
    TimeValue user_time, system_time;
    std::int64_t maximum_resident, shared_memory, unshared_data, unshared_stack;
    std::int64_t minor_faults, major_faults, swaps, blocks_in, blocks_out, messages_sent, messages_received, signals;
    std::int64_t voluntary_switches, involuntary_switches;
};
static_assert(sizeof(ResourceUsage) == 144);

/// getpriority(2)'s kinds of targets.
inline constexpr std::uint32_t kPriorityProcess = 0, kPriorityGroup = 1, kPriorityUser = 2;

/// sched_setscheduler(2)'s policies.
namespace policy {
inline constexpr std::uint32_t kOther = 0, kFifo = 1, kRoundRobin = 2, kBatch = 3, kIdle = 5;
} // namespace policy

} // namespace uapi
