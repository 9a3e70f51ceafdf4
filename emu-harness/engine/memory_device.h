// SPDX-License-Identifier: GPL-2.0-or-later
// What a device offers that answers at physical addresses.
#pragma once

#include <cstdint>

namespace ringcheck {

class MemoryDevice {
public:
    virtual ~MemoryDevice() = default;

    /// @param offset  from the device's first address
    /// @param bytes   1, 2, 4 or 8
    virtual std::uint64_t read(std::uint32_t offset, unsigned bytes) = 0;
    virtual void write(std::uint32_t offset, unsigned bytes, std::uint64_t value) = 0;
};

} // namespace ringcheck
