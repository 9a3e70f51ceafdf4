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

namespace open_flag {
inline constexpr std::uint32_t kAccess = 3; ///< mask of the three that follow
inline constexpr std::uint32_t kReadOnly = 0, kWriteOnly = 1, kReadWrite = 2;
inline constexpr std::uint32_t kCreate = 0100, kExclusive = 0200, kTruncate = 01000, kAppend = 02000, kNonblock = 04000,
                               kLargeFile = 0100000, kDirectory = 0200000, kCloseOnExec = 02000000;
} // namespace open_flag

enum class Seek : std::uint32_t { Set, Current, End };

/// Commands to fcntl(2).
enum class FileControl : std::uint32_t {
    Duplicate = 0,
    GetDescriptorFlags = 1,
    SetDescriptorFlags = 2,
    GetStatusFlags = 3,
    SetStatusFlags = 4,
    DuplicateCloseOnExec = 1030,
    SetPipeSize = 1031,
    GetPipeSize = 1032,
};
/// FD_CLOEXEC, the only descriptor flag.
inline constexpr std::uint32_t kDescriptorCloseOnExec = 1;

namespace file_mode {
inline constexpr std::uint32_t kFifo = 0010000, kCharacterDevice = 0020000, kDirectory = 0040000, kRegular = 0100000,
                               kSymbolicLink = 0120000;
inline constexpr std::uint32_t kType = 0170000;      ///< mask of those
inline constexpr std::uint32_t kPermissions = 07777; ///< mask
inline constexpr std::uint32_t kExecute = 0111;      ///< mask: owner, group, others
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

/// struct stat
struct Stat {
    std::uint64_t device;
    std::uint64_t inode;
    std::uint64_t links;
    std::uint32_t mode; ///< type and permissions
    std::uint32_t user;
    std::uint32_t group;
    std::uint32_t padding;
    std::uint64_t device_number; ///< of a device file
    std::int64_t size;           ///< bytes
    std::int64_t block_size;     ///< bytes that are good to read at once
    std::int64_t blocks;         ///< of 512 bytes
    TimeSpec accessed;
    TimeSpec modified; ///< its contents
    TimeSpec changed;  ///< its contents, or what is known of it
    std::int64_t unused[3];
};
static_assert(sizeof(Stat) == 144);

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
