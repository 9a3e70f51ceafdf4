// SPDX-License-Identifier: MIT
#include "cpu/float_frame.h"

#include "arch/control_registers.h"
#include "cpu/user_copy.h"

namespace kernel {

using arch::VirtAddr;

namespace {

constexpr std::size_t kMxcsrOffset = 24, kX87Registers = 32, kXmmRegisters = 160, kXmmEnd = 416,
                      kHeaderOffset = FloatState::kLegacySize,
                      kAvxOffset = FloatState::kLegacySize + FloatState::kHeaderSize,
                      kInfoOffset = uapi::kFloatFrameInfoOffset;

template <typename T> T get(const FloatState& state, std::size_t offset)
{
    T value;
    __builtin_memcpy(&value, state.bytes + offset, sizeof value);
    return value;
}
template <typename T> void put(FloatState& state, std::size_t offset, T value)
{
    __builtin_memcpy(state.bytes + offset, &value, sizeof value);
}

/// XSAVE's, without the word that ends the frame.
std::size_t image_size()
{
    return kAvxOffset + ((float_components() & arch::xcr0::kAvx) != 0 ? FloatState::kAvxSize : 0);
}

bool write(VirtAddr to, const void* from, std::size_t size)
{
    return copy_to_user(to, {static_cast<const std::uint8_t*>(from), size}) == size;
}

/// Registers that are in their initial state need not be in an image: they are put there.
void spell_out(FloatState& state)
{
    const std::uint64_t components = get<std::uint64_t>(state, kHeaderOffset) & float_components();
    const FloatState initial = FloatState::initial();
    if ((components & arch::xcr0::kX87) == 0) {
        __builtin_memcpy(state.bytes, initial.bytes, kMxcsrOffset);
        __builtin_memset(state.bytes + kX87Registers, 0, kXmmRegisters - kX87Registers);
    }
    if ((components & arch::xcr0::kSse) == 0) {
        __builtin_memset(state.bytes + kXmmRegisters, 0, kXmmEnd - kXmmRegisters);
    }
    if ((components & arch::xcr0::kAvx) == 0) {
        __builtin_memset(state.bytes + kAvxOffset, 0, FloatState::kAvxSize);
    }
    put<std::uint64_t>(state, kHeaderOffset, components | arch::xcr0::kX87 | arch::xcr0::kSse);
}

bool copy_out_extended(VirtAddr to, FloatState state)
{
    spell_out(state);
    const uapi::FloatFrameInfo info{.magic = uapi::kFloatMagic,
                                    .extended_size = static_cast<std::uint32_t>(float_frame::size()),
                                    .components = float_components(),
                                    .size = static_cast<std::uint32_t>(image_size()),
                                    .padding = {}};
    put(state, kInfoOffset, info);
    return write(to, state.bytes, image_size()) &&
           write(to + image_size(), &uapi::kFloatEndMagic, sizeof uapi::kFloatEndMagic);
}

bool header_is_good(const FloatState& state)
{
    std::uint64_t rest = 0; // XCOMP_BV, and bytes that are reserved
    for (std::size_t at = kHeaderOffset + sizeof rest; at < kAvxOffset; at += sizeof rest) {
        rest |= get<std::uint64_t>(state, at);
    }
    return rest == 0 && (get<std::uint64_t>(state, kHeaderOffset) & ~std::uint64_t{float_components()}) == 0;
}

/// The frame is of the longer kind, and all of it is in `state`.
bool read_extended(FloatState& state, VirtAddr from)
{
    if (float_components() == 0 || copy_from_user({state.bytes, image_size()}, from) < image_size()) {
        return false;
    }
    const auto info = get<uapi::FloatFrameInfo>(state, kInfoOffset);
    if (info.magic != uapi::kFloatMagic || info.extended_size != float_frame::size() || info.size != image_size()) {
        return false;
    }
    const auto end = read_user<std::uint32_t>(from + image_size());
    return end && *end == uapi::kFloatEndMagic;
}

} // namespace

std::size_t float_frame::size()
{
    return float_components() == 0 ? FloatState::kLegacySize : image_size() + sizeof uapi::kFloatEndMagic;
}

bool float_frame::copy_out(VirtAddr to, const FloatState& state)
{
    if (float_components() != 0) {
        return copy_out_extended(to, state);
    }
    const uapi::FloatFrameInfo none{};
    return write(to, state.bytes, kInfoOffset) && write(to + kInfoOffset, &none, sizeof none);
}

bool float_frame::copy_in(FloatState& state, VirtAddr from)
{
    const bool extended = read_extended(state, from);
    if (!extended) {
        if (copy_from_user({state.bytes, FloatState::kLegacySize}, from) < FloatState::kLegacySize) {
            return false;
        }
        __builtin_memset(state.bytes + kHeaderOffset, 0, FloatState::kHeaderSize);
        if (float_components() != 0) {
            put<std::uint64_t>(state, kHeaderOffset, arch::xcr0::kX87 | arch::xcr0::kSse);
        }
    }
    put(state, kInfoOffset, uapi::FloatFrameInfo{});
    return (get<std::uint32_t>(state, kMxcsrOffset) & ~mxcsr_mask()) == 0 && (!extended || header_is_good(state));
}

} // namespace kernel
