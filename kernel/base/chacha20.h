// SPDX-License-Identifier: MIT
// ChaCha20's block function.  [RFC 8439 "The ChaCha20 Block Function"]
#pragma once

#include <cstdint>

namespace base {

struct ChaCha20Block {
    std::uint32_t words[16]; ///< little endian, as the RFC's "serialized block" has them
};

/// The block of the key stream at `counter`.
ChaCha20Block chacha20_block(const std::uint32_t (&key)[8], std::uint32_t counter, const std::uint32_t (&nonce)[3]);

} // namespace base
