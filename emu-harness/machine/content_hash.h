// SPDX-License-Identifier: GPL-2.0-or-later
// Tells contents apart: XXH3's hash of 128 bits in its canonical byte order.  It finds damage, not malice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>

namespace ringcheck {

struct ContentHash {
    std::uint8_t bytes[16] = {};

    bool operator==(const ContentHash&) const = default;
    auto saved_fields(this auto& self) { return std::tie(self.bytes); }
    /// The first half, in hexadecimal digits.
    std::string text() const;
};

ContentHash hash_of(std::span<const std::byte> bytes);

} // namespace ringcheck
