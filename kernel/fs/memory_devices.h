// SPDX-License-Identifier: MIT
// The devices that need no hardware: null, zero, full, random and urandom.  [null(4), full(4), random(4)]
#pragma once

#include "fs/inode.h"

namespace kernel {

/// Numbers of a device file: major 1, and this minor.
class MemoryDevice : public Inode {
public:
    constexpr explicit MemoryDevice(std::uint64_t minor)
        : Inode({.kind = FileKind::CharacterDevice,
                 .permissions = 0666,
                 .number = kFirstNumber + minor,
                 .device = 1,
                 .device_number = uapi::device_number(1, minor)})
    {
    }

protected:
    ~MemoryDevice() = default;

private:
    static constexpr std::uint64_t kFirstNumber = std::uint64_t{1} << 32; ///< no file of tmpfs has those
};

/// Takes everything, and has nothing.
class NullDevice final : public MemoryDevice {
public:
    constexpr NullDevice() : MemoryDevice(3) {}
    base::Result<std::uint64_t> read(OpenFile&, arch::VirtAddr, std::uint64_t, std::uint64_t) override { return 0; }
    base::Result<std::uint64_t> write(OpenFile&, arch::VirtAddr, std::uint64_t count, std::uint64_t) override
    {
        return count;
    }
};

/// Has zeros without end, of which one call gives kMostAtOnce; takes everything, or, when it is full, nothing: ENOSPC.
class ZeroDevice final : public MemoryDevice {
public:
    static constexpr std::uint64_t kMostAtOnce = std::uint64_t{16} << 20;

    constexpr ZeroDevice(std::uint64_t minor, bool full) : MemoryDevice(minor), full_(full) {}
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile&, arch::VirtAddr, std::uint64_t count, std::uint64_t) override
    {
        return full_ ? base::fail(uapi::Error::Enospc) : base::Result<std::uint64_t>(count);
    }

private:
    const bool full_;
};

/// Has random numbers without end, of which one call gives kMostAtOnce; what is written to it changes nothing.
class RandomDevice final : public MemoryDevice {
public:
    static constexpr std::uint64_t kMostAtOnce = std::uint64_t{1} << 20;

    constexpr explicit RandomDevice(std::uint64_t minor) : MemoryDevice(minor) {}
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile&, arch::VirtAddr, std::uint64_t count, std::uint64_t) override
    {
        return count;
    }
};

} // namespace kernel
