// SPDX-License-Identifier: GPL-2.0-or-later
// Guest memory as the watchers read it: an interface, so that rules and recorder can be tested without a machine.
#pragma once

#include "arch/address.h"
#include "machine/machine.h"
#include "model/cpu_state.h"
#include "model/physical_memory.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

class GuestMemory {
public:
    virtual ~GuestMemory() = default;
    /// `bytes` bytes through `state`'s page tables with supervisor rights; short when a page is missing.
    virtual std::vector<std::byte> read(const model::CpuState& state, arch::VirtAddr address, std::size_t bytes) = 0;
    virtual model::PhysicalMemory physical() = 0;

    virtual std::optional<std::uint64_t> read_u64(const model::CpuState& state, arch::VirtAddr address);
    /// The characters before the first NUL, at most `limit`; nullopt when memory ends before both.
    std::optional<std::string> read_text(const model::CpuState& state, arch::VirtAddr address, std::size_t limit);
};

/// The memory of a running machine.
class MachineMemory final : public GuestMemory {
public:
    explicit MachineMemory(Machine& machine) : machine_(machine) {}
    std::vector<std::byte> read(const model::CpuState& state, arch::VirtAddr address, std::size_t bytes) override
    {
        return machine_.read_virtual(state, address, bytes);
    }
    /// Quicker than read(), for the words that are looked at on each crossing.
    std::optional<std::uint64_t> read_u64(const model::CpuState& state, arch::VirtAddr address) override;
    model::PhysicalMemory physical() override { return machine_.memory(); }

private:
    Machine& machine_;
};

} // namespace ringcheck
