// SPDX-License-Identifier: MIT
#include "base/random.h"

#include "base/chacha20.h"

namespace base {

constinit Random random;

void Random::seed(const std::uint32_t (&key)[kKeyWords])
{
    __builtin_memcpy(key_, key, sizeof key_);
}

void Random::fill(Span<std::uint8_t> bytes)
{
    constexpr std::uint32_t kNonce[3] = {};
    // The first half of block 0 is the next key; everything behind it is given out.
    ChaCha20Block block = chacha20_block(key_, 0, kNonce);
    std::uint32_t next_key[kKeyWords];
    __builtin_memcpy(next_key, block.words, sizeof next_key);
    std::size_t used = sizeof next_key;
    std::uint32_t counter = 0;
    for (std::size_t done = 0; done < bytes.size();) {
        if (used == sizeof block.words) {
            block = chacha20_block(key_, ++counter, kNonce);
            used = 0;
        }
        const std::size_t left = sizeof block.words - used;
        const std::size_t count = bytes.size() - done < left ? bytes.size() - done : left;
        __builtin_memcpy(bytes.data() + done, reinterpret_cast<const std::uint8_t*>(block.words) + used, count);
        used += count;
        done += count;
    }
    __builtin_memcpy(key_, next_key, sizeof key_);
}

std::uint64_t Random::next()
{
    std::uint8_t bytes[sizeof(std::uint64_t)];
    fill({bytes, sizeof bytes});
    std::uint64_t value = 0;
    __builtin_memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t Random::below(std::uint64_t bound)
{
    // What lies above the last whole multiple would favour small numbers.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
    std::uint64_t value = next();
    while (value >= limit) {
        value = next();
    }
    return value % bound;
}

} // namespace base
