// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/content_hash.h"

#include <fmt/format.h>

#include <cstring>
#include <xxhash.h>

namespace ringcheck {

std::string ContentHash::text() const
{
    std::string digits;
    for (std::size_t i = 0; i < sizeof bytes / 2; ++i) {
        digits += fmt::format("{:02x}", bytes[i]);
    }
    return digits;
}

ContentHash hash_of(std::span<const std::byte> bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    ContentHash hash;
    static_assert(sizeof hash.bytes == sizeof canonical.digest);
    std::memcpy(hash.bytes, canonical.digest, sizeof hash.bytes);
    return hash;
}

} // namespace ringcheck
