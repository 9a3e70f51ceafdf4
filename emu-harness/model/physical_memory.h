// SPDX-License-Identifier: GPL-2.0-or-later
// Guest RAM as the model sees it: bytes from physical address 0 on, owned by somebody else.
#pragma once

#include "arch/address.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace ringcheck::model {

class PhysicalMemory {
public:
    explicit PhysicalMemory(std::span<std::byte> ram) : ram_(ram) {}

    std::uint64_t size_bytes() const { return ram_.size(); }
    bool contains(arch::PhysAddr address, std::uint64_t bytes) const
    {
        return address.value <= ram_.size() && bytes <= ram_.size() - address.value;
    }
    /// The host address of `bytes` guest bytes, or nullptr when they are not all RAM.
    std::byte* at(arch::PhysAddr address, std::uint64_t bytes) const
    {
        return contains(address, bytes) ? ram_.data() + address.value : nullptr;
    }
    std::optional<std::uint64_t> read_u64(arch::PhysAddr address) const
    {
        const std::byte* const host = at(address, sizeof(std::uint64_t));
        if (host == nullptr) {
            return std::nullopt;
        }
        std::uint64_t value = 0;
        std::memcpy(&value, host, sizeof value);
        return value;
    }
    /// False when the address is not RAM; nothing is written then.
    bool write_u64(arch::PhysAddr address, std::uint64_t value) const
    {
        std::byte* const host = at(address, sizeof value);
        if (host == nullptr) {
            return false;
        }
        std::memcpy(host, &value, sizeof value);
        return true;
    }

private:
    std::span<std::byte> ram_;
};

} // namespace ringcheck::model
