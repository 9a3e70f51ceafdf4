// SPDX-License-Identifier: MIT
// Guest memory for tests without a machine: bytes by virtual address, the same in every address space, and a separate
// RAM for page tables.
#pragma once

#include "watch/guest_memory.h"

#include <cstring>
#include <map>
#include <string_view>

namespace support {

class FakeGuestMemory final : public ringcheck::GuestMemory {
public:
    std::vector<std::byte> read(const ringcheck::model::CpuState&, arch::VirtAddr address, std::size_t bytes) override
    {
        std::vector<std::byte> result;
        for (auto at = bytes_.find(address.value); at != bytes_.end() && result.size() < bytes;) {
            result.push_back(at->second);
            at = bytes_.find(address.value + result.size());
        }
        return result;
    }
    ringcheck::model::PhysicalMemory physical() override { return ringcheck::model::PhysicalMemory(ram_); }

    void put_u64(std::uint64_t address, std::uint64_t value)
    {
        for (unsigned i = 0; i < 8; ++i) {
            bytes_[address + i] = static_cast<std::byte>(value >> (8 * i));
        }
    }
    void put_text(std::uint64_t address, std::string_view text)
    {
        for (const char c : text) {
            bytes_[address++] = static_cast<std::byte>(c);
        }
    }
    void put_physical_u64(std::uint64_t address, std::uint64_t value)
    {
        std::memcpy(ram_.data() + address, &value, sizeof value);
    }

private:
    std::map<std::uint64_t, std::byte> bytes_;
    std::vector<std::byte> ram_ = std::vector<std::byte>(64 * 1024);
};

} // namespace support
