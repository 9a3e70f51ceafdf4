// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine is built of.
#pragma once

#include "engine/execution_mode.h"
#include "model/cpu_features.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace ringcheck {

struct MachineConfig {
    std::uint64_t ram_bytes = 64u << 20; ///< a multiple of 2 MiB, 8 MiB .. 1 GiB
    model::Vendor vendor = model::Vendor::Intel;
    std::optional<model::Features> features = std::nullopt; ///< nullopt: those of the vendor's CPU
    /// Written to isa-debug-exit, this value says that the guest switched itself off.
    std::uint32_t power_off_value = 0x10;
    ExecutionMode mode = ExecutionMode::Fast; ///< how it is executed; the run is the same

    model::Features offered() const { return features.value_or(model::default_features(vendor)); }
};

/// Why no machine is built like that, in one line.
std::expected<void, std::string> check(const MachineConfig& config);

} // namespace ringcheck
