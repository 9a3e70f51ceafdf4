// SPDX-License-Identifier: MIT
#include "base/chacha20.h"

namespace base {
namespace {

constexpr std::uint32_t rotate_left(std::uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d)
{
    a += b;
    d = rotate_left(d ^ a, 16);
    c += d;
    b = rotate_left(b ^ c, 12);
    a += b;
    d = rotate_left(d ^ a, 8);
    c += d;
    b = rotate_left(b ^ c, 7);
}

} // namespace

ChaCha20Block chacha20_block(const std::uint32_t (&key)[8], std::uint32_t counter, const std::uint32_t (&nonce)[3])
{
    constexpr unsigned kDoubleRounds = 10;
    const ChaCha20Block begin{{0x6170'7865, 0x3320'646e, 0x7962'2d32, 0x6b20'6574, // "expand 32-byte k"
                               key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7], counter, nonce[0],
                               nonce[1], nonce[2]}};
    ChaCha20Block block = begin;
    std::uint32_t(&w)[16] = block.words;
    for (unsigned round = 0; round < kDoubleRounds; ++round) {
        quarter_round(w[0], w[4], w[8], w[12]);
        quarter_round(w[1], w[5], w[9], w[13]);
        quarter_round(w[2], w[6], w[10], w[14]);
        quarter_round(w[3], w[7], w[11], w[15]);
        quarter_round(w[0], w[5], w[10], w[15]);
        quarter_round(w[1], w[6], w[11], w[12]);
        quarter_round(w[2], w[7], w[8], w[13]);
        quarter_round(w[3], w[4], w[9], w[14]);
    }
    for (unsigned i = 0; i < 16; ++i) {
        w[i] += begin.words[i];
    }
    return block;
}

} // namespace base
