// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers and addresses as a guest description writes them in text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace ringcheck {

/// "0x1f", "31" or "1_000"; nullopt for any other text and for more than 64 bits.
std::optional<std::uint64_t> parse_number(std::string text);

/// "name+0x10" is {"name", 0x10}, "name-8" is {"name", -8} modulo 2^64, "operator-" is itself.
std::pair<std::string, std::uint64_t> split_offset(const std::string& text);

} // namespace ringcheck
