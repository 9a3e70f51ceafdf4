// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU in the words of the command line: "intel", "amd,-smap,+rdseed", as QEMU's -cpu has them.
#pragma once

#include "model/cpu_features.h"
#include "model/vendor.h"

#include <expected>
#include <string>
#include <string_view>

namespace ringcheck {

struct CpuChoice {
    model::Vendor vendor{};
    model::Features features; ///< can be had
};

/// @param text  VENDOR, and behind it any of ,+FEATURE ,-FEATURE ,FEATURE=on ,FEATURE=off, the last one winning
/// Fails with one line: there is no such vendor or feature, no CPU has it, every CPU has it, or it needs another.
std::expected<CpuChoice, std::string> parse_cpu(std::string_view text);

/// The shortest text that parse_cpu() makes this of.
std::string cpu_option(model::Vendor vendor, const model::Features& features);

/// A table of all features and of who has them, with what comes with each.
std::string cpu_help();
/// Their names alone, in one line.
std::string cpu_feature_names();

} // namespace ringcheck
