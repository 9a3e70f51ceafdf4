// SPDX-License-Identifier: MIT
// The decoder of memory operands against Capstone's: every ModRM and SIB byte with every prefix that counts.
#include "machine/data_access.h"
#include "machine/operand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using namespace ringcheck;
using model::CpuState;

CpuState every_register_different()
{
    CpuState state;
    state.efer = 1u << 10;
    state.cs.attributes = 1u << 21;
    state.rip = 0xffff'8000'1234'5678;
    for (unsigned index = 0; index < state.gpr.size(); ++index) {
        state.gpr[index] = 0x0123'4567'89ab'cdef * (index + 1);
    }
    state.fs.base = 0x7000'0000'0000;
    state.gs.base = 0xffff'a000'0000'0000;
    return state;
}

TEST(Operand, IsWhereCapstoneFindsIt)
{
    const CpuState state = every_register_different();
    const std::vector<std::vector<unsigned>> prefixes = {{},           {0x67}, {0x64},      {0x65},
                                                         {0x64, 0x2e}, {0x3e}, {0x65, 0x67}};
    std::size_t compared = 0;
    for (const auto& prefix : prefixes) {
        for (const unsigned rex : {0x00u, 0x41u, 0x42u, 0x43u, 0x4fu}) {
            for (unsigned modrm = 0; modrm < 0xc0; ++modrm) {
                if ((modrm & 0x38) != 0) {
                    continue; // every reg field names the same operand
                }
                const bool has_sib = (modrm & 7) == 4;
                for (unsigned sib = 0; sib < (has_sib ? 0x100u : 1u); ++sib) {
                    std::vector<unsigned> bytes = prefix;
                    if (rex != 0) {
                        bytes.push_back(rex);
                    }
                    bytes.insert(bytes.end(), {0x8e, modrm | 0x18}); // MOV DS, m16
                    if (has_sib) {
                        bytes.push_back(sib);
                    }
                    bytes.insert(bytes.end(), {0x9c, 0x78, 0x56, 0xf4});
                    std::vector<std::byte> code(bytes.size());
                    std::ranges::transform(bytes, code.begin(), [](unsigned byte) { return std::byte(byte); });

                    const Instruction instruction = classify(code, true);
                    ASSERT_EQ(instruction.kind, InstructionKind::MoveToSegment);
                    const LinearOperand operand = linear_operand(instruction, state);
                    const auto accesses = data_accesses(state, code);
                    ASSERT_EQ(accesses.size(), 1u);
                    // Capstone lets a null prefix behind FS's replace it; the CPU does not.  [SDM 1 "Segmentation in
                    // 64-Bit Mode"]
                    const bool replaced = prefix.size() == 2 && prefix[1] == 0x2e;
                    ASSERT_EQ(operand.address, accesses[0].address + (replaced ? state.fs.base : 0))
                        << std::hex << "modrm " << modrm << " sib " << sib << " rex " << rex;
                    const bool named = !prefix.empty() && (prefix[0] == 0x64 || prefix[0] == 0x65);
                    const bool null_named = !prefix.empty() && prefix[0] == 0x3e;
                    if (!named && !null_named) {
                        ASSERT_EQ(operand.reference == model::Reference::Stack, accesses[0].stack)
                            << std::hex << "modrm " << modrm << " sib " << sib << " rex " << rex;
                    }
                    ++compared;
                }
            }
        }
    }
    EXPECT_GT(compared, 25'000u);
}

} // namespace
