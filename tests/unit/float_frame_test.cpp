// SPDX-License-Identifier: MIT
// FPU registers in a signal's frame: all of them are spelled out, come back as they were, and whatever a program makes
// of the frame is refused or can be loaded.
// [SDM 1 "XSAVE Area", "Operation of XRSTOR"; Linux arch/x86/include/uapi/asm/sigcontext.h _fpx_sw_bytes]
#include "arch/control_registers.h"
#include "cpu/float_frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace {

constexpr std::uint32_t kX87Sse = arch::xcr0::kX87 | arch::xcr0::kSse, kWithAvx = kX87Sse | arch::xcr0::kAvx;
constexpr std::uint32_t kMxcsrMask = 0xffff;
constexpr std::size_t kMxcsr = 24, kXmm = 160, kInfo = uapi::kFloatFrameInfoOffset, kHeader = 512, kAvx = 576,
                      kEnd = 832;

std::uint32_t components = kWithAvx; ///< of the CPU that there is not

} // namespace

namespace kernel {

std::uint32_t float_components()
{
    return components;
}

std::uint32_t mxcsr_mask()
{
    return kMxcsrMask;
}

FloatState FloatState::initial()
{
    FloatState state{};
    state.bytes[0] = 0x7f;
    state.bytes[1] = 0x03;
    state.bytes[kMxcsr] = 0x80;
    state.bytes[kMxcsr + 1] = 0x1f;
    return state;
}

} // namespace kernel

namespace {

using kernel::FloatState;
namespace float_frame = kernel::float_frame;

template <typename T> T get(const std::uint8_t* bytes, std::size_t offset)
{
    T value;
    std::memcpy(&value, bytes + offset, sizeof value);
    return value;
}
template <typename T> void put(std::uint8_t* bytes, std::size_t offset, T value)
{
    std::memcpy(bytes + offset, &value, sizeof value);
}

/// Every register another one, and all of them there.
FloatState full_state()
{
    FloatState state{};
    std::mt19937 random(1);
    for (std::uint8_t& byte : state.bytes) {
        byte = static_cast<std::uint8_t>(random());
    }
    put<std::uint32_t>(state.bytes, kMxcsr, 0x1fa5);
    std::memset(state.bytes + kInfo, 0, sizeof(uapi::FloatFrameInfo));
    std::memset(state.bytes + kHeader, 0, FloatState::kHeaderSize);
    put<std::uint64_t>(state.bytes, kHeader, kWithAvx);
    return state;
}

arch::VirtAddr address_of(const std::uint8_t* bytes)
{
    return arch::VirtAddr{reinterpret_cast<std::uint64_t>(bytes)};
}

std::vector<std::uint8_t> written(const FloatState& state)
{
    std::vector<std::uint8_t> frame(float_frame::size());
    EXPECT_TRUE(float_frame::copy_out(address_of(frame.data()), state));
    return frame;
}

class FloatFrame : public ::testing::Test {
protected:
    ~FloatFrame() override { components = kWithAvx; }
};

TEST_F(FloatFrame, IsAsLargeAsTheCpusImage)
{
    EXPECT_EQ(float_frame::size(), kEnd + 4);
    components = kX87Sse;
    EXPECT_EQ(float_frame::size(), kAvx + 4);
    components = 0;
    EXPECT_EQ(float_frame::size(), kHeader);
}

TEST_F(FloatFrame, SaysWhatIsInIt)
{
    for (const std::uint32_t some : {kX87Sse, kWithAvx}) {
        components = some;
        const std::vector<std::uint8_t> frame = written(full_state());
        const auto info = get<uapi::FloatFrameInfo>(frame.data(), kInfo);
        EXPECT_EQ(info.magic, uapi::kFloatMagic);
        EXPECT_EQ(info.extended_size, frame.size());
        EXPECT_EQ(info.size, frame.size() - 4);
        EXPECT_EQ(info.components, some);
        EXPECT_EQ(get<std::uint32_t>(frame.data(), frame.size() - 4), uapi::kFloatEndMagic);
        EXPECT_EQ(get<std::uint64_t>(frame.data(), kHeader), some);
    }
    components = 0;
    EXPECT_EQ(get<std::uint32_t>(written(full_state()).data(), kInfo), 0u);
}

TEST_F(FloatFrame, ComesBackAsItWas)
{
    const FloatState state = full_state();
    const std::vector<std::uint8_t> frame = written(state);
    FloatState back{};
    ASSERT_TRUE(float_frame::copy_in(back, address_of(frame.data())));
    EXPECT_EQ(std::memcmp(back.bytes, state.bytes, sizeof state.bytes), 0);
}

/// XSAVEOPT leaves out what is in its initial state, and something else stands there.
TEST_F(FloatFrame, SpellsOutWhatIsInItsInitialState)
{
    for (std::uint32_t present = 0; present < 8; ++present) {
        SCOPED_TRACE(present);
        FloatState state = full_state();
        put<std::uint64_t>(state.bytes, kHeader, present);
        const std::vector<std::uint8_t> frame = written(state);
        const FloatState initial = FloatState::initial();
        const bool x87 = (present & arch::xcr0::kX87) != 0, sse = (present & arch::xcr0::kSse) != 0,
                   avx = (present & arch::xcr0::kAvx) != 0;
        EXPECT_EQ(std::memcmp(frame.data(), (x87 ? state : initial).bytes, kMxcsr), 0) << "control words";
        EXPECT_EQ(std::memcmp(frame.data() + 32, (x87 ? state : initial).bytes + 32, kXmm - 32), 0) << "x87 stack";
        EXPECT_EQ(std::memcmp(frame.data() + kXmm, (sse ? state : initial).bytes + kXmm, 256), 0) << "XMM";
        EXPECT_EQ(std::memcmp(frame.data() + kAvx, (avx ? state : initial).bytes + kAvx, 256), 0) << "YMM";
        EXPECT_EQ(get<std::uint32_t>(frame.data(), kMxcsr), 0x1fa5u) << "MXCSR is there in any case";
    }
}

TEST_F(FloatFrame, IsRefusedWhereTheCpuWouldRefuseIt)
{
    const std::vector<std::uint8_t> good = written(full_state());
    const auto refused = [&good](std::size_t offset, std::uint8_t bit) {
        std::vector<std::uint8_t> frame = good;
        frame[offset] = static_cast<std::uint8_t>(frame[offset] | 1u << bit);
        FloatState state{};
        return !float_frame::copy_in(state, address_of(frame.data()));
    };
    for (std::uint8_t bit = 0; bit < 8; ++bit) {
        EXPECT_TRUE(refused(kMxcsr + 2, bit) && refused(kMxcsr + 3, bit)) << "reserved bits of MXCSR";
        for (std::size_t offset = kHeader + 1; offset < kAvx; ++offset) {
            EXPECT_TRUE(refused(offset, bit)) << "the header's byte " << offset - kHeader;
        }
        EXPECT_EQ(refused(kHeader, bit), bit > 2) << "component " << bit;
    }
}

/// What is no frame of the longer kind counts as far as FXSAVE's image goes, and the rest becomes initial.
TEST_F(FloatFrame, IsAShortOneWhereItsMarksAreWrong)
{
    const FloatState full = full_state();
    const std::vector<std::uint8_t> good = written(full);
    for (const std::size_t mark : {kInfo, kInfo + 4, kInfo + 16, kEnd}) {
        std::vector<std::uint8_t> frame = good;
        frame[mark] ^= 1;
        put<std::uint64_t>(frame.data(), kHeader + 8, ~std::uint64_t{0}); // nobody looks at it then
        FloatState state = full;
        ASSERT_TRUE(float_frame::copy_in(state, address_of(frame.data()))) << mark;
        EXPECT_EQ(std::memcmp(state.bytes, full.bytes, kInfo), 0);
        EXPECT_EQ(get<std::uint64_t>(state.bytes, kHeader), kX87Sse) << "without AVX";
        EXPECT_EQ(get<std::uint64_t>(state.bytes, kHeader + 8), 0u);
        frame[kMxcsr + 3] = 1;
        EXPECT_FALSE(float_frame::copy_in(state, address_of(frame.data()))) << "MXCSR is looked at all the same";
    }
}

/// Each bit of a frame, by itself: what is taken can be loaded.
TEST_F(FloatFrame, CanBeLoadedWhateverBitOfItIsChanged)
{
    const std::vector<std::uint8_t> good = written(full_state());
    unsigned taken = 0;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::vector<std::uint8_t> frame = good;
        frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ 1u << bit % 8);
        FloatState state = full_state();
        if (!float_frame::copy_in(state, address_of(frame.data()))) {
            continue;
        }
        ++taken;
        ASSERT_EQ(get<std::uint32_t>(state.bytes, kMxcsr) & ~kMxcsrMask, 0u) << bit;
        ASSERT_EQ(get<std::uint64_t>(state.bytes, kHeader) & ~std::uint64_t{kWithAvx}, 0u) << bit;
        for (std::size_t offset = kHeader + 8; offset < kAvx; ++offset) {
            ASSERT_EQ(state.bytes[offset], 0) << bit;
        }
        for (std::size_t offset = kInfo; offset < kHeader; ++offset) {
            ASSERT_EQ(state.bytes[offset], 0) << "what was the frame's mark stays behind, bit " << bit;
        }
    }
    EXPECT_GT(taken, good.size() * 8 * 9 / 10);
}

TEST_F(FloatFrame, IsRefusedOutsideTheProgramsMemory)
{
    FloatState state = full_state();
    for (const std::uint64_t place : {std::uint64_t{0}, std::uint64_t{8}, std::uint64_t{1} << 47, ~std::uint64_t{0}}) {
        EXPECT_FALSE(float_frame::copy_out(arch::VirtAddr{place}, state));
        EXPECT_FALSE(float_frame::copy_in(state, arch::VirtAddr{place}));
    }
    components = 0;
    EXPECT_FALSE(float_frame::copy_out(arch::VirtAddr{8}, state));
    EXPECT_FALSE(float_frame::copy_in(state, arch::VirtAddr{8}));
}

} // namespace
