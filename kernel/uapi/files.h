// SPDX-License-Identifier: MIT
// Numbers and structures of the file calls as Linux x86-64 has them.
// [open(2), fcntl(2), lseek(2), stat(2), readv(2); Linux uapi asm-generic/fcntl.h, arch/x86/include/uapi/asm/stat.h]
#pragma once

#include "uapi/time.h"

#include <cstdint>

namespace uapi {

/// File descriptors that every program starts with.
inline constexpr std::uint64_t kStandardInput = 0, kStandardOutput = 1, kStandardError = 2;

/// In the place of a directory's descriptor: the current directory.
inline constexpr std::int32_t kAtCurrentDirectory = -100;

/// Flags of the calls whose names end in "at".
namespace at_flag {
inline constexpr std::uint32_t kNoFollow = 0x100; ///< a symbolic link itself, not what it leads to
inline constexpr std::uint32_t kRemoveDirectory = 0x200, kEffectiveAccess = 0x200;
inline constexpr std::uint32_t kFollow = 0x400; ///< the other way round, for linkat
inline constexpr std::uint32_t kNoAutomount = 0x800;
inline constexpr std::uint32_t kEmptyPath = 0x1000; ///< an empty path is the descriptor's own file
inline constexpr std::uint32_t kSyncType = 0x6000;  ///< mask; for statx
} // namespace at_flag

namespace open_flag {
inline constexpr std::uint32_t kAccess = 3; ///< mask of the three that follow
inline constexpr std::uint32_t kReadOnly = 0, kWriteOnly = 1, kReadWrite = 2;
inline constexpr std::uint32_t kCreate = 0100, kExclusive = 0200, kTruncate = 01000, kAppend = 02000, kNonblock = 04000,
                               kSync = 04010000, kAsync = 020000, kDirect = 040000, kLargeFile = 0100000,
                               kDirectory = 0200000, kNoFollow = 0400000, kNoAccessTime = 01000000,
                               kCloseOnExec = 02000000, kPath = 010000000,
                               kTemporary = 020000000; ///< O_TMPFILE, beside kDirectory
} // namespace open_flag

enum class Seek : std::uint32_t { Set, Current, End, Data, Hole };

/// Commands to fcntl(2).
enum class FileControl : std::uint32_t {
    Duplicate = 0,
    GetDescriptorFlags = 1,
    SetDescriptorFlags = 2,
    GetStatusFlags = 3,
    SetStatusFlags = 4,
    GetLock = 5,
    SetLock = 6,
    SetLockWait = 7,
    DuplicateCloseOnExec = 1030,
    SetPipeSize = 1031,
    GetPipeSize = 1032,
};
/// struct flock.
struct FileLockRequest {
    std::int16_t type; ///< of lock_type
    std::int16_t origin;
    std::int32_t padding;
    std::int64_t start;
    std::int64_t length; ///< 0: to the end, however far that will be
    std::int32_t process;
    std::int32_t padding_behind;
};
static_assert(sizeof(FileLockRequest) == 32);
namespace lock_type {
inline constexpr std::int16_t kRead = 0, kWrite = 1, kNone = 2;
} // namespace lock_type
/// flock(2)'s operations; the last one beside one of the others.
namespace flock_operation {
inline constexpr std::uint32_t kShared = 1, kExclusive = 2, kUnlock = 8, kNonblock = 4;
} // namespace flock_operation
/// FD_CLOEXEC, the only descriptor flag.
inline constexpr std::uint32_t kDescriptorCloseOnExec = 1;

namespace file_mode {
inline constexpr std::uint32_t kFifo = 0010000, kCharacterDevice = 0020000, kDirectory = 0040000, kRegular = 0100000,
                               kSymbolicLink = 0120000;
inline constexpr std::uint32_t kType = 0170000;      ///< mask of those
inline constexpr std::uint32_t kPermissions = 07777; ///< mask
inline constexpr std::uint32_t kExecute = 0111;      ///< mask: owner, group, others
inline constexpr std::uint32_t kSetUser = 04000, kSetGroup = 02000, kSticky = 01000;
} // namespace file_mode

/// A device file's number, as makedev(3) makes it of numbers below 4096 and 256.
constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor)
{
    return major << 8 | minor;
}

/// What poll(2) tells of a file.
namespace poll_event {
inline constexpr std::uint32_t kIn = 0x1, kPriority = 0x2, kOut = 0x4, kError = 0x8, kHangUp = 0x10, kInvalid = 0x20,
                               kReadNormal = 0x40, kWriteNormal = 0x100;
} // namespace poll_event

/// access(2).
inline constexpr std::uint32_t kAccessRead = 4, kAccessWrite = 2, kAccessExecute = 1;

/// renameat2(2).
inline constexpr std::uint32_t kRenameNoReplace = 1;

/// fallocate(2).
inline constexpr std::uint32_t kAllocateKeepSize = 1;

/// In the place of nanoseconds: the time now, and the time that stands there already.  [utimensat(2)]
inline constexpr std::int64_t kTimeNow = 0x3fff'ffff, kTimeOmit = 0x3fff'fffe;

/// struct iovec: a piece of memory that a call reads or fills.
struct IoVector {
    std::uint64_t base;
    std::uint64_t length; ///< bytes
};
/// How many of them one call takes.  [readv(2) "IOV_MAX"]
inline constexpr std::uint32_t kMaximumIoVectors = 1024;

/// What one call transfers at most.  [write(2) "NOTES"]
inline constexpr std::uint64_t kMaximumTransfer = 0x7fff'f000;

} // namespace uapi
