// SPDX-License-Identifier: MIT
// Which instructions need an aligned operand, against Capstone on the whole opcode maps, and what becomes of them.
#include "arch/control_registers.h"
#include "arch/exception.h"
#include "engine/instruction_class.h"
#include "machine/data_access.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using namespace ringcheck;
using model::CpuState;
using model::Gpr;
using support::MachineGuest;

TEST(AlignedOperand, IsKnownForEveryOpcode)
{
    CpuState state;
    state.efer = 1u << 10;
    state.cs.attributes = 1u << 21;
    unsigned aligned = 0;
    for (const std::vector<unsigned>& map : {std::vector<unsigned>{0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}) {
        for (const unsigned prefix : {0u, 0x66u, 0xf2u, 0xf3u}) {
            for (unsigned opcode = 0; opcode != 0x100; ++opcode) {
                std::vector<unsigned> bytes;
                if (prefix != 0) {
                    bytes.push_back(prefix);
                }
                bytes.insert(bytes.end(), map.begin(), map.end());
                bytes.insert(bytes.end(), {opcode, 0x43, 0x10, 0x00}); // 0x10(%rbx), perhaps an immediate
                std::vector<std::byte> code(bytes.size());
                std::ranges::transform(bytes, code.begin(), [](unsigned byte) { return std::byte(byte); });

                const auto accesses = data_accesses(state, code);
                constexpr unsigned kSavesState = 0xae, kExchanges = 0xc7; // the engine looks at these itself
                // The machine's CPUID offers neither AES nor SHA nor CLMUL.
                const bool absent = map.size() == 2 && ((map[1] == 0x38 && opcode >= 0xc0) ||
                                                        (map[1] == 0x3a && (opcode == 0x44 || opcode >= 0xc0)));
                const bool expected = accesses.size() == 1 && accesses[0].aligned_by_rule && !absent &&
                                      !(map.size() == 1 && (opcode == kSavesState || opcode == kExchanges));
                EXPECT_EQ(classify(code, true).kind == InstructionKind::AlignedOperand, expected)
                    << std::hex << "prefix " << prefix << " map " << map.back() << " opcode " << opcode;
                aligned += expected ? 1 : 0;
            }
        }
    }
    EXPECT_GT(aligned, 150u);
}

GUEST_CODE(aligned_loop, R"(
    mov   $200, %ecx
1:  movaps (%rbx), %xmm0
    addps 16(%rbx), %xmm0
    movaps %xmm0, %gs:(%rax)
    dec   %ecx
    jnz   1b
    movdqa -1(%rbx,%rcx,4), %xmm1
)");

TEST(AlignedOperand, FaultsWhenItIsMisalignedAndPassesOtherwise)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        guest.place(MachineGuest::kUserText, aligned_loop);
        CpuState start = guest.ring_3();
        start.cr4 |= arch::cr4::kOsFxsr;
        start[Gpr::Rbx] = 0x28000;
        start.gs.base = 0x28003;
        start[Gpr::Rax] = 0x10d;
        guest.run(start, 100'000);
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        const Transition& fault = guest.log.transitions[0];
        EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(arch::Vector::GeneralProtection));
        EXPECT_EQ(fault.error_code, 0u);
        EXPECT_EQ(fault.count, 1u + 200 * 5);
        EXPECT_EQ(fault.before.rip, MachineGuest::kUserText + aligned_loop.bytes().size() - 6);
    }
}

GUEST_CODE(misaligned_pushed_base, "movaps 4(%rsp), %xmm0");

TEST(AlignedOperand, IsNotLookedAtWithoutSse)
{
    const std::pair<std::uint64_t, arch::Vector> cases[] = {
        {arch::cr0::kEmulation, arch::Vector::InvalidOpcode},
        {arch::cr0::kTaskSwitched, arch::Vector::DeviceNotAvailable},
        {0, arch::Vector::GeneralProtection}};
    for (const auto& [cr0, vector] : cases) {
        MachineGuest guest;
        guest.place(MachineGuest::kUserText, misaligned_pushed_base);
        CpuState start = guest.ring_3();
        start.cr0 |= cr0;
        start.cr4 |= arch::cr4::kOsFxsr;
        guest.run(start, 1);
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        EXPECT_EQ(guest.log.transitions[0].vector, static_cast<std::uint8_t>(vector));
    }
}

} // namespace
