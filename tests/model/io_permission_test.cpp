// SPDX-License-Identifier: MIT
// Ports in ring 3: IOPL, then the TSS's bit map.  [SDM 1 "I/O Permission Bit Map"]
#include "model/io_permission.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint16_t kMapBase = 0x80;

class IoPermission : public testing::Test {
protected:
    IoPermission()
    {
        const std::uint16_t base = kMapBase;
        std::memcpy(guest.memory().at(arch::PhysAddr{ModelGuest::kTss + offsetof(arch::Tss, io_map_base)}, 2), &base,
                    2);
        state.tr.limit = kMapBase + 32; // 256 ports and the byte behind them
    }
    Reason refused(std::uint16_t port, unsigned size)
    {
        const auto allowed = check_io(state, guest.memory(), port, size);
        if (!allowed) {
            EXPECT_EQ(allowed.error(), exception(13, allowed.error().reason, 0));
        }
        return allowed ? Reason::None : allowed.error().reason;
    }

    ModelGuest guest;
    CpuState state = guest.ring_3();
};

TEST_F(IoPermission, IsGivenByIoplWithoutAMap)
{
    state.tr = {};
    for (std::uint8_t cpl = 0; cpl != 4; ++cpl) {
        for (std::uint64_t iopl = 0; iopl != 4; ++iopl) {
            state.cpl = cpl;
            state.rflags = 2 | iopl << 12;
            EXPECT_EQ(refused(0x3f8, 1), cpl <= iopl ? Reason::None : Reason::IoTssUnusable);
        }
    }
}

TEST_F(IoPermission, NeedsEveryBitOfTheAccessClear)
{
    for (unsigned closed = 0; closed != 64; ++closed) {
        guest.set_word(ModelGuest::kTss + kMapBase, std::uint64_t{1} << closed);
        for (unsigned port = 0; port != 64; ++port) {
            for (const unsigned size : {1u, 2u, 4u}) {
                const bool hits = port <= closed && closed < port + size;
                EXPECT_EQ(refused(static_cast<std::uint16_t>(port), size), hits ? Reason::IoBitmapDenies : Reason::None)
                    << "bit " << closed << ", port " << port << ", size " << size;
            }
        }
    }
}

TEST_F(IoPermission, NeedsBothBytesWithinTheLimit)
{
    EXPECT_EQ(refused(255, 1), Reason::None);
    EXPECT_EQ(refused(256, 1), Reason::IoBitmapBeyondLimit);
    EXPECT_EQ(refused(0xffff, 4), Reason::IoBitmapBeyondLimit);
    state.tr.limit = kMapBase + 31;
    EXPECT_EQ(refused(255, 1), Reason::IoBitmapBeyondLimit) << "its byte is there, the one behind it is not";
    EXPECT_EQ(refused(247, 1), Reason::None);
}

TEST_F(IoPermission, IsRefusedByATssWithoutAMap)
{
    state.tr.limit = sizeof(arch::Tss) - 1; // and the base beyond it
    EXPECT_EQ(refused(0, 1), Reason::IoBitmapBeyondLimit);
    state.tr.limit = offsetof(arch::Tss, io_map_base);
    EXPECT_EQ(refused(0, 1), Reason::IoTssUnusable);
    state.tr = {.selector = 0, .base = ModelGuest::kTss, .limit = 0xffff, .attributes = 0};
    EXPECT_EQ(refused(0, 1), Reason::IoTssUnusable) << "TR was never loaded";
}

TEST_F(IoPermission, ReadsTheMapAsTheCpu)
{
    EXPECT_EQ(refused(0, 1), Reason::None) << "although the page is a supervisor page and CPL is 3";
    state.tr.base = 0x40'0000;
    EXPECT_EQ(fault_of(check_io(state, guest.memory(), 0, 1)), page_fault_at(0x40'0066, Reason::PageNotPresent, 0));
}

TEST_F(IoPermission, FaultsOnAMapThatIsNotThere)
{
    guest.unmap(ModelGuest::kTss + 0x1000);
    guest.set_word(ModelGuest::kTss + offsetof(arch::Tss, io_map_base), 0x1000);
    state.tr.base = ModelGuest::kTss;
    state.tr.limit = 0x2000;
    EXPECT_EQ(fault_of(check_io(state, guest.memory(), 0, 1)),
              page_fault_at(ModelGuest::kTss + 0x1000, Reason::PageNotPresent, 0));
}

} // namespace
} // namespace ringcheck::model
