// SPDX-License-Identifier: MIT
// Privileged instructions, for every CPL and IOPL, with and without the control bit that opens or closes them.
#include "model/privilege.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

TEST(PrivilegedInstruction, DependsOnCplIoplAndItsControlBit)
{
    ModelGuest guest;
    for (std::uint8_t cpl = 0; cpl != 4; ++cpl) {
        for (std::uint64_t iopl = 0; iopl != 4; ++iopl) {
            for (const std::uint64_t cr4 : {0x0ull, 0x4ull, 0x100ull, 0x800ull, 0x904ull}) { // TSD, PCE, UMIP
                CpuState state = guest.ring_0();
                state.cpl = cpl;
                state.rflags = 2 | iopl << 12;
                state.cr4 = cr4;
                const auto refused = [&](PrivilegeRule rule) {
                    const auto allowed = check_privilege(state, rule);
                    if (allowed) {
                        return Reason::None;
                    }
                    EXPECT_EQ(allowed.error(), exception(13, allowed.error().reason, 0));
                    return allowed.error().reason;
                };
                const auto expected = [](bool broken, Reason reason) { return broken ? reason : Reason::None; };
                const bool outer = cpl > 0;
                EXPECT_EQ(refused(PrivilegeRule::Ring0), expected(outer, Reason::InstructionNotRing0));
                EXPECT_EQ(refused(PrivilegeRule::Iopl), expected(cpl > iopl, Reason::InstructionIopl));
                EXPECT_EQ(refused(PrivilegeRule::Tsd), expected(outer && (cr4 & 0x4) != 0, Reason::InstructionTsd));
                EXPECT_EQ(refused(PrivilegeRule::Pce), expected(outer && (cr4 & 0x100) == 0, Reason::InstructionPce));
                EXPECT_EQ(refused(PrivilegeRule::Umip), expected(outer && (cr4 & 0x800) != 0, Reason::InstructionUmip));
            }
        }
    }
}

} // namespace
} // namespace ringcheck::model
