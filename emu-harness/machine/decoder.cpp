// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/decoder.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace ringcheck {
namespace {

constexpr unsigned kPlaceBits = 12; ///< a kernel's call and a program's loop fit
constexpr std::uint32_t kDefaultBig = 1 << 22;

} // namespace

Decoder::Decoder(cs_mode mode) : known_(std::size_t{1} << kPlaceBits)
{
    if (cs_open(CS_ARCH_X86, mode, &handle_) == CS_ERR_OK) {
        cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    }
}

Decoder::~Decoder()
{
    cs_close(&handle_);
}

Decoder& Decoder::of(const model::CpuState& state)
{
    thread_local Decoder wide(CS_MODE_64), half(CS_MODE_32), narrow(CS_MODE_16);
    return state.in_64_bit_mode() ? wide : (state.cs.attributes & kDefaultBig) != 0 ? half : narrow;
}

std::size_t Decoder::place_of(const Code& code)
{
    constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15; // 2^64 by the golden ratio: it spreads what differs a little
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(code);
    return ((words[0] * kOdd) ^ words[1]) * kOdd >> (64 - kPlaceBits);
}

const cs_insn* Decoder::decode(std::span<const std::byte> code)
{
    const std::size_t length = std::min(code.size(), kLongestInstruction);
    if (handle_ == 0 || length == 0) {
        return nullptr;
    }
    Code key{};
    std::ranges::copy(code.first(length), key.begin());
    key.back() = static_cast<std::byte>(length);
    Known& known = known_[place_of(key)];
    if (known.code != key) {
        if (!known.instruction) {
            known.instruction.reset(cs_malloc(handle_));
        }
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(key.data());
        std::size_t left = length;
        std::uint64_t address = 0;
        known.decoded = known.instruction && cs_disasm_iter(handle_, &bytes, &left, &address, known.instruction.get());
        known.code = key;
    }
    return known.decoded ? known.instruction.get() : nullptr;
}

} // namespace ringcheck
