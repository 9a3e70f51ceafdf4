// SPDX-License-Identifier: MIT
#include "cpu/float_frame.h"

#include "arch/control_registers.h"

namespace kernel {
namespace {

constexpr std::size_t kMxcsrOffset = 24, kX87Registers = 32, kXmmRegisters = 160, kXmmEnd = 416,
                      kHeaderOffset = FloatState::kLegacySize,
                      kAvxOffset = FloatState::kLegacySize + FloatState::kHeaderSize;

template <typename T> T get(const std::uint8_t* bytes, std::size_t offset)
{
    T value;
    __builtin_memcpy(&value, bytes + offset, sizeof value);
    return value;
}
template <typename T> void put(std::uint8_t* bytes, std::size_t offset, T value)
{
    __builtin_memcpy(bytes + offset, &value, sizeof value);
}

std::size_t image_size()
{
    return kAvxOffset + ((float_components() & arch::xcr0::kAvx) != 0 ? FloatState::kAvxSize : 0);
}

/// Registers that are in their initial state need not be in an image: they are put there.
void spell_out(FloatFrame& frame, std::uint64_t components)
{
    const FloatState initial = FloatState::initial();
    if ((components & arch::xcr0::kX87) == 0) {
        __builtin_memcpy(frame.bytes, initial.bytes, kMxcsrOffset);
        __builtin_memset(frame.bytes + kX87Registers, 0, kXmmRegisters - kX87Registers);
    }
    if ((components & arch::xcr0::kSse) == 0) {
        __builtin_memset(frame.bytes + kXmmRegisters, 0, kXmmEnd - kXmmRegisters);
    }
    if ((components & arch::xcr0::kAvx) == 0) {
        __builtin_memset(frame.bytes + kAvxOffset, 0, FloatState::kAvxSize);
    }
    put<std::uint64_t>(frame.bytes, kHeaderOffset, components | arch::xcr0::kX87 | arch::xcr0::kSse);
}

bool header_is_good(const FloatFrame& frame)
{
    std::uint64_t rest = 0; // XCOMP_BV, and bytes that are reserved
    for (std::size_t at = kHeaderOffset + 8; at < kAvxOffset; at += 8) {
        rest |= get<std::uint64_t>(frame.bytes, at);
    }
    return rest == 0 && (get<std::uint64_t>(frame.bytes, kHeaderOffset) & ~std::uint64_t{float_components()}) == 0;
}

} // namespace

std::size_t FloatFrame::size()
{
    return float_components() == 0 ? FloatState::kLegacySize : image_size() + sizeof uapi::kFloatEndMagic;
}

void FloatFrame::fill(FloatFrame& frame, const FloatState& state)
{
    __builtin_memcpy(frame.bytes, state.bytes, sizeof state.bytes);
    uapi::FloatFrameInfo info{};
    if (float_components() != 0) {
        spell_out(frame, get<std::uint64_t>(state.bytes, kHeaderOffset) & float_components());
        info.magic = uapi::kFloatMagic;
        info.extended_size = static_cast<std::uint32_t>(size());
        info.components = float_components();
        info.size = static_cast<std::uint32_t>(image_size());
        put(frame.bytes, image_size(), uapi::kFloatEndMagic);
    }
    put(frame.bytes, uapi::kFloatFrameInfoOffset, info);
}

bool FloatFrame::take(const FloatFrame& frame, std::size_t size, FloatState& state)
{
    const auto info = get<uapi::FloatFrameInfo>(frame.bytes, uapi::kFloatFrameInfoOffset);
    const bool extended = float_components() != 0 && size == FloatFrame::size() && info.magic == uapi::kFloatMagic &&
                          info.extended_size == size && info.size == image_size() &&
                          get<std::uint32_t>(frame.bytes, image_size()) == uapi::kFloatEndMagic;
    if ((get<std::uint32_t>(frame.bytes, kMxcsrOffset) & ~mxcsr_mask()) != 0 || (extended && !header_is_good(frame))) {
        return false;
    }
    const std::size_t taken = extended ? image_size() : uapi::kFloatFrameInfoOffset;
    __builtin_memset(state.bytes, 0, sizeof state.bytes);
    __builtin_memcpy(state.bytes, frame.bytes, taken);
    __builtin_memset(state.bytes + uapi::kFloatFrameInfoOffset, 0, sizeof info);
    if (!extended) {
        put<std::uint64_t>(state.bytes, kHeaderOffset,
                           float_components() == 0 ? 0 : arch::xcr0::kX87 | arch::xcr0::kSse);
    }
    return true;
}

} // namespace kernel
