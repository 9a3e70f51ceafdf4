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
    const model::Features features = config.offered();
    if (!features.apic && (features.x2apic || features.tsc_deadline)) {
        return std::unexpected("a CPU with x2apic or tsc-deadline has an apic: take these away with it");
    }
    if (features.virtual_interrupts || features.xsave) {
        return std::unexpected("the engine has neither virtual interrupts nor XSAVE");
    }
    return {};
}

} // namespace ringcheck
