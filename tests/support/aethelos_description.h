// SPDX-License-Identifier: MIT
// AethelOS's description without its kernel: every symbol that the description names is taken to be at kAnySymbol.
#pragma once

#include "guest/built_in.h"
#include "guest/description_parse.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace support {

inline constexpr std::uint64_t kAnySymbol = 0xffff'ffff'8010'0000;

inline ringcheck::GuestDescription aethelos()
{
    const auto all = ringcheck::built_in_descriptions();
    const auto found = std::ranges::find(all, "aethelos.toml", &ringcheck::BuiltInDescription::file);
    if (found == all.end()) {
        throw std::runtime_error("there is no built-in aethelos.toml");
    }
    auto guest = ringcheck::parse_description(found->text, [](const std::string&) { return kAnySymbol; });
    if (!guest) {
        throw std::runtime_error(ringcheck::format_description_error("aethelos.toml", guest.error()));
    }
    return std::move(*guest);
}

} // namespace support
