// SPDX-License-Identifier: MIT
// What the kernel tells of files and file systems, as Linux x86-64 has it.
// [stat(2), statx(2), statfs(2), getdents(2); Linux uapi asm/stat.h, linux/stat.h, asm-generic/statfs.h]
#pragma once

#include "uapi/time.h"

#include <cstdint>

namespace uapi {

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

/// struct statx_timestamp
struct StatxTime {
    std::int64_t seconds;
    std::uint32_t nanoseconds;
    std::int32_t reserved;
};

/// struct statx
struct Statx {
    std::uint32_t mask; ///< which of the members below mean something
    std::uint32_t block_size;
    std::uint64_t attributes;
    std::uint32_t links;
    std::uint32_t user;
    std::uint32_t group;
    std::uint16_t mode;
    std::uint16_t spare;
    std::uint64_t inode;
    std::uint64_t size;
    std::uint64_t blocks; ///< of 512 bytes
    std::uint64_t attributes_mask;
    StatxTime accessed;
    StatxTime created;
    StatxTime changed;
    StatxTime modified;
    std::uint32_t device_number_major, device_number_minor;
    std::uint32_t device_major, device_minor;
    std::uint64_t spares[14];
};
static_assert(sizeof(Statx) == 256);
/// STATX_BASIC_STATS: all of struct stat; and a bit that no caller may set.
inline constexpr std::uint32_t kStatxBasic = 0x7ff, kStatxReserved = 0x8000'0000;

/// struct statfs
struct StatFs {
    std::int64_t type; ///< a magic number
    std::int64_t block_size;
    std::uint64_t blocks;
    std::uint64_t free_blocks;
    std::uint64_t available_blocks; ///< for users without rights
    std::uint64_t files;
    std::uint64_t free_files;
    std::int32_t id[2];
    std::int64_t name_length; ///< of a component, at most
    std::int64_t fragment_size;
    std::int64_t flags;
    std::int64_t spares[4];
};
static_assert(sizeof(StatFs) == 120);
/// [Linux uapi linux/magic.h]
inline constexpr std::int64_t kTmpfsMagic = 0x0102'1994, kProcfsMagic = 0x9fa0, kPipefsMagic = 0x5049'5045;

/// The head of a struct linux_dirent64; the name and its NUL follow at once.
struct [[gnu::packed]] DirectoryEntry {
    std::uint64_t inode;
    std::int64_t next;    ///< where the directory goes on behind it
    std::uint16_t length; ///< bytes of all, a multiple of 8
    std::uint8_t type;
};
static_assert(sizeof(DirectoryEntry) == 19);

} // namespace uapi
