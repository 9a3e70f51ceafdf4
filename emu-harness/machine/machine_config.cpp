// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/machine_config.h"

#include <fmt/format.h>

namespace ringcheck {

std::expected<void, std::string> check(const MachineConfig& config)
{
    constexpr std::uint64_t kSmallest = 8u << 20, kLargest = 1u << 30, kGranule = 2u << 20;
    if (config.ram_bytes < kSmallest || config.ram_bytes > kLargest || config.ram_bytes % kGranule != 0) {
        return std::unexpected(
            fmt::format("{} bytes of RAM: a machine has 8 MiB to 1 GiB, in steps of 2 MiB", config.ram_bytes));
    }
    if (config.vendor > model::Vendor::Amd) {
        return std::unexpected("the CPU's vendor is neither Intel nor AMD");
    }
    return {};
}

} // namespace ringcheck
