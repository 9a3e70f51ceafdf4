// SPDX-License-Identifier: GPL-2.0-or-later
// Words and texts out of guest memory.
#include "watch/guest_memory.h"

#include "watch/address_lookup.h"

#include <algorithm>
#include <cstring>

namespace ringcheck {

std::optional<std::uint64_t> GuestMemory::read_u64(const model::CpuState& state, arch::VirtAddr address)
{
    std::uint64_t value = 0;
    const std::vector<std::byte> bytes = read(state, address, sizeof value);
    if (bytes.size() != sizeof value) {
        return std::nullopt;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::optional<std::string> GuestMemory::read_text(const model::CpuState& state, arch::VirtAddr address,
                                                  std::size_t limit)
{
    const std::vector<std::byte> bytes = read(state, address, limit);
    const auto end = std::ranges::find(bytes, std::byte{0});
    if (end == bytes.end() && bytes.size() < limit) {
        return std::nullopt;
    }
    std::string text;
    std::transform(bytes.begin(), end, std::back_inserter(text),
                   [](std::byte byte) { return static_cast<char>(byte); });
    return text;
}

std::optional<std::uint64_t> MachineMemory::read_u64(const model::CpuState& state, arch::VirtAddr address)
{
    if (address.page_offset() > arch::kPageSize - sizeof(std::uint64_t)) {
        return GuestMemory::read_u64(state, address);
    }
    const model::PhysicalMemory memory = physical();
    const auto found = lookup(memory, state, address);
    return found ? memory.read_u64(found->address) : std::nullopt;
}

} // namespace ringcheck
