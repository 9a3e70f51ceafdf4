// SPDX-License-Identifier: MIT
// Instructions that load segments and tables, through the whole machine.  The model's own tests say what each check is;
// these say that the machine asks the model, with the right operand, and that the guest sees the answer.
#include "arch/call_gate.h"
#include "arch/exception.h"
#include "support/cpu_state_matchers.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace ringcheck;
using arch::Ring;
using arch::SegmentDescriptor;
using arch::Vector;
using model::CpuState;
using model::Gpr;
using support::MachineGuest;
using Guest = MachineGuest::Guest;

constexpr std::uint64_t kOperand = MachineGuest::kData + 0x100;
constexpr std::uint64_t kUserOperand = 0x28000;

template <typename Number> void put(MachineGuest& guest, std::uint64_t address, Number number)
{
    guest.place(address, std::as_bytes(std::span(&number, 1)));
}

MachineConfig of(model::Vendor vendor)
{
    return {.ram_bytes = 8u << 20, .vendor = vendor};
}

/// Executes `count` instructions of `code` at `start.rip`.
CpuState after(MachineGuest& guest, const support::GuestCode& code, const CpuState& start, std::uint64_t count = 1)
{
    guest.place(start.rip, code);
    guest.machine->forget_code(arch::PhysAddr{start.rip}, code.bytes().size());
    guest.run(start, guest.machine->instruction_count() + count);
    EXPECT_TRUE(guest.log.unmodelled.empty()) << guest.log.unmodelled[0];
    return guest.machine->state();
}

/// `start` behind `code`, for the rest to be changed by the test.
CpuState behind(CpuState start, const support::GuestCode& code)
{
    start.rip += code.bytes().size();
    return start;
}

GUEST_CODE(load_gdt, "lgdt 0x20(%rbx,%rcx,8)");
GUEST_CODE(load_idt, "lidt -8(%rbp)");

TEST(SegmentInstruction, LgdtAndLidtReadTheirOperandAndChangeNothingElse)
{
    MachineGuest guest;
    CpuState start = guest.ring_0();
    start[Gpr::Rbx] = kOperand;
    start[Gpr::Rcx] = 3;
    start[Gpr::Rbp] = kOperand + 8;
    put<std::uint16_t>(guest, kOperand + 0x20 + 24, 0x3f);
    put<std::uint64_t>(guest, kOperand + 0x20 + 26, 0xffff'8000'0000'1000);
    put<std::uint16_t>(guest, kOperand, 0x1ff);
    put<std::uint64_t>(guest, kOperand + 2, 0x1234'5678);

    CpuState expected = behind(start, load_gdt);
    expected.gdtr = {0xffff'8000'0000'1000, 0x3f};
    EXPECT_TRUE(same_state(after(guest, load_gdt, start), expected));
    expected = behind(start, load_idt);
    expected.idtr = {0x1234'5678, 0x1ff};
    EXPECT_TRUE(same_state(after(guest, load_idt, start), expected));
}

GUEST_CODE(load_task, "ltrw 0x38100");
GUEST_CODE(load_local_table, "lldt %ax");

TEST(SegmentInstruction, LtrMarksTheTssBusyAndLldtLoadsATable)
{
    MachineGuest guest;
    const auto tss = arch::TssDescriptor::available(Guest::kTss, sizeof(arch::Tss) - 1);
    guest.guest.set_descriptor(Guest::kSpare, tss.low);
    guest.guest.set_descriptor(Guest::kSpare2, tss.high);
    put<std::uint16_t>(guest, kOperand, Guest::kSpare);
    const CpuState loaded = after(guest, load_task, guest.ring_0());
    EXPECT_EQ(loaded.tr.selector, Guest::kSpare);
    EXPECT_EQ(loaded.tr.base, Guest::kTss);
    EXPECT_EQ(guest.word(Guest::kGdt + Guest::kSpare), tss.low | SegmentDescriptor::kType.put(2)); // busy

    constexpr std::uint64_t kLdt = SegmentDescriptor::kType.put(SegmentDescriptor::kTypeLdt) |
                                   SegmentDescriptor::kPresent | std::uint64_t{Guest::kLdt} << 16 | 0x1f;
    guest.guest.set_descriptor(Guest::kSpare, kLdt);
    guest.guest.set_descriptor(Guest::kSpare2, 0);
    CpuState start = guest.ring_0();
    start[Gpr::Rax] = 0xffff'0000 | Guest::kSpare;
    EXPECT_EQ(after(guest, load_local_table, start).ldtr.base, Guest::kLdt);
    start[Gpr::Rax] = 0;
    EXPECT_EQ(after(guest, load_local_table, start).ldtr, model::SegmentRegister{});
}

GUEST_CODE(load_stack_segment, R"(
    mov   %ax, %ss
    nop
)");

TEST(SegmentInstruction, MovSsHoldsEventsBackForOneInstruction)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        CpuState start = guest.ring_0();
        start[Gpr::Rax] = Guest::kKernelData;
        CpuState expected = start;
        expected.rip += 2;
        expected.interrupt_shadow = expected.mov_ss_shadow = true;
        EXPECT_TRUE(same_state(after(guest, load_stack_segment, start), expected));
        expected.rip += 1;
        expected.interrupt_shadow = expected.mov_ss_shadow = false;
        EXPECT_TRUE(same_state(after(guest, load_stack_segment, start, 2), expected));
    }
}

GUEST_CODE(load_data_segment, "mov 0x28000, %ds");
GUEST_CODE(pop_fs, "pop %fs");
GUEST_CODE(pop_gs_word, "popw %gs");

TEST(SegmentInstruction, LoadsOfDataSegmentsReadMemoryWithTheProgramsRights)
{
    MachineGuest guest;
    CpuState start = guest.ring_3();
    put<std::uint16_t>(guest, kUserOperand, Guest::kUserData);
    CpuState expected = behind(start, load_data_segment);
    expected.ds = guest.guest.loaded(Guest::kUserData);
    EXPECT_TRUE(same_state(after(guest, load_data_segment, start), expected));

    start[Gpr::Rsp] = kUserOperand;
    expected = behind(start, pop_fs);
    expected.fs = guest.guest.loaded(Guest::kUserData);
    expected[Gpr::Rsp] += 8;
    EXPECT_TRUE(same_state(after(guest, pop_fs, start), expected));
    expected = behind(start, pop_gs_word);
    expected.gs = guest.guest.loaded(Guest::kUserData);
    expected[Gpr::Rsp] += 2;
    EXPECT_TRUE(same_state(after(guest, pop_gs_word, start), expected));
}

GUEST_CODE(load_far_stack, "rex64 lss (%rbx), %r9");

TEST(SegmentInstruction, LssReadsSixteenToSixtyFourOnIntelAlone)
{
    constexpr std::uint64_t kOffset = 0xffff'8000'0000'0000 | Guest::kKernelData;
    for (const model::Vendor vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
        MachineGuest guest(of(vendor));
        CpuState start = guest.ring_0();
        start[Gpr::Rbx] = kOperand;
        put<std::uint64_t>(guest, kOperand, kOffset);
        put<std::uint16_t>(guest, kOperand + 8, Guest::kKernelData);
        const bool intel = vendor == model::Vendor::Intel;
        put<std::uint16_t>(guest, kOperand + 4, intel ? 0 : Guest::kKernelData);
        CpuState expected = behind(start, load_far_stack);
        expected[Gpr::R9] = intel ? kOffset & ~0xffff'0000'0000u : std::uint64_t{Guest::kKernelData};
        EXPECT_TRUE(same_state(after(guest, load_far_stack, start), expected));
    }
}

GUEST_CODE(far_jump, "ljmpl *(%rbx)");
GUEST_CODE(far_call, "lcalll *(%rbx)");
GUEST_CODE(far_return, "lretq $16");

TEST(SegmentInstruction, FarTransfersWithinTheRingAreNoTransition)
{
    MachineGuest guest;
    CpuState start = guest.ring_0();
    start[Gpr::Rbx] = kOperand;
    put<std::uint32_t>(guest, kOperand, MachineGuest::kSyscallText);
    put<std::uint16_t>(guest, kOperand + 4, Guest::kKernelCode);

    CpuState expected = start;
    expected.rip = MachineGuest::kSyscallText;
    EXPECT_TRUE(same_state(after(guest, far_jump, start), expected));

    const CpuState called = after(guest, far_call, start);
    expected[Gpr::Rsp] -= 8;
    EXPECT_TRUE(same_state(called, expected));
    EXPECT_EQ(guest.word(expected[Gpr::Rsp]), behind(start, far_call).rip | std::uint64_t{Guest::kKernelCode} << 32);

    put<std::uint64_t>(guest, start[Gpr::Rsp], MachineGuest::kSyscallText);
    put<std::uint64_t>(guest, start[Gpr::Rsp] + 8, Guest::kKernelCode);
    expected[Gpr::Rsp] = start[Gpr::Rsp] + 32;
    EXPECT_TRUE(same_state(after(guest, far_return, start), expected));
    EXPECT_TRUE(guest.log.transitions.empty());
}

GUEST_CODE(through_gate_and_back, R"(
    lcalll *(%rbx)
    ud2
)");
GUEST_CODE(return_outward, "lretq");

TEST(SegmentInstruction, ACallGateEntersRing0AndFarRetLeavesIt)
{
    for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
        MachineGuest guest({.ram_bytes = 8u << 20, .mode = mode});
        const auto gate = arch::CallGate::to(MachineGuest::kSyscallText, Guest::kKernelCode, Ring::User);
        guest.guest.set_descriptor(Guest::kSpare, gate.low);
        guest.guest.set_descriptor(Guest::kSpare2, gate.high);
        guest.place(MachineGuest::kSyscallText, return_outward);
        put<std::uint32_t>(guest, kUserOperand, 0xdead);
        put<std::uint16_t>(guest, kUserOperand + 4, Guest::kSpare | 3);
        CpuState start = guest.ring_3();
        start[Gpr::Rbx] = kUserOperand;
        after(guest, through_gate_and_back, start, 3);

        ASSERT_EQ(guest.log.kinds(),
                  (std::vector{TransitionKind::FarTransfer, TransitionKind::FarTransfer, TransitionKind::Exception}));
        const CpuState& inside = guest.log.transitions[0].after;
        EXPECT_EQ(inside.cpl, 0);
        EXPECT_EQ(inside.rip, MachineGuest::kSyscallText);
        EXPECT_EQ(inside[Gpr::Rsp], Guest::kRsp0 - 32);
        EXPECT_EQ(inside.ss, model::SegmentRegister{});
        CpuState expected = start;
        expected.rip += 2;
        EXPECT_TRUE(same_state(guest.log.transitions[1].after, expected));
        EXPECT_EQ(guest.log.transitions[2].count, 2u);
    }
}

GUEST_CODE(mov_ss_ax, "mov %ax, %ss");
GUEST_CODE(mov_ds_ax, "mov %ax, %ds");
GUEST_CODE(mov_cs_ax, ".byte 0x8e, 0xc8");
GUEST_CODE(mov_none_ax, ".byte 0x8e, 0xf0");
GUEST_CODE(ltr_ax, "ltr %ax");
GUEST_CODE(lldt_ax, "lldt %ax");
GUEST_CODE(far_jump_long, "rex64 ljmp *(%rbx)");
GUEST_CODE(far_return_0, "lretq");
GUEST_CODE(load_unmapped, "lgdt 0x3c000");
GUEST_CODE(load_stack_non_canonical, "lidt (%rbp)");
GUEST_CODE(load_lss_register, ".byte 0x0f, 0xb2, 0xc0");
GUEST_CODE(lock_mov, ".byte 0xf0, 0x8e, 0xd8");

struct Refused {
    const char* name;
    const support::GuestCode& code;
    std::uint64_t rax; ///< also the selector of the far pointer at RBX
    Vector vector;
    std::optional<std::uint32_t> error_code;
    std::uint64_t descriptor = 0; ///< in the first spare slot
};

TEST(SegmentInstruction, FaultsLeaveTheStateAsItWas)
{
    const std::uint64_t absent_data = SegmentDescriptor::data(Ring::Kernel).raw() & ~SegmentDescriptor::kPresent;
    const std::uint64_t absent_code = SegmentDescriptor::code(Ring::Kernel).raw() & ~SegmentDescriptor::kPresent;
    const std::uint64_t user_code = SegmentDescriptor::code(Ring::User).raw();
    const Refused cases[] = {
        {"mov ss, ring 3's", mov_ss_ax, Guest::kUserData, Vector::GeneralProtection, Guest::kUserData & ~3u},
        {"mov ss, null of ring 3", mov_ss_ax, 3, Vector::GeneralProtection, 0},
        {"mov ss, absent", mov_ss_ax, Guest::kSpare, Vector::StackFault, Guest::kSpare, absent_data},
        {"mov ds, absent", mov_ds_ax, Guest::kSpare, Vector::SegmentNotPresent, Guest::kSpare, absent_data},
        {"mov ds, beyond", mov_ds_ax, 0x100, Vector::GeneralProtection, 0x100},
        {"mov ds, a tss", mov_ds_ax, Guest::kTssSelector, Vector::GeneralProtection, Guest::kTssSelector},
        {"mov cs", mov_cs_ax, Guest::kKernelCode, Vector::InvalidOpcode, std::nullopt},
        {"mov to no segment", mov_none_ax, Guest::kKernelData, Vector::InvalidOpcode, std::nullopt},
        {"lock mov ds", lock_mov, Guest::kKernelData, Vector::InvalidOpcode, std::nullopt},
        {"ltr, null", ltr_ax, 0, Vector::GeneralProtection, 0},
        {"ltr, data", ltr_ax, Guest::kKernelData, Vector::GeneralProtection, Guest::kKernelData},
        {"lldt, data", lldt_ax, Guest::kKernelData, Vector::GeneralProtection, Guest::kKernelData},
        {"far jmp, null", far_jump_long, 0, Vector::GeneralProtection, 0},
        {"far jmp, data", far_jump_long, Guest::kKernelData, Vector::GeneralProtection, Guest::kKernelData},
        {"far jmp, ring 3's", far_jump_long, Guest::kSpare, Vector::GeneralProtection, Guest::kSpare, user_code},
        {"far jmp, absent", far_jump_long, Guest::kSpare, Vector::SegmentNotPresent, Guest::kSpare, absent_code},
        {"far jmp, non-canonical", far_jump_long, Guest::kKernelCode, Vector::GeneralProtection, 0},
        {"far ret, non-canonical", far_return_0, Guest::kKernelCode, Vector::GeneralProtection, 0},
        {"lgdt, absent page", load_unmapped, 0, Vector::PageFault, 0},
        {"lidt, non-canonical stack", load_stack_non_canonical, 0, Vector::StackFault, 0},
        {"lss of a register", load_lss_register, 0, Vector::InvalidOpcode, std::nullopt},
    };
    for (const Refused& refused : cases) {
        SCOPED_TRACE(refused.name);
        MachineGuest guest;
        guest.guest.set_descriptor(Guest::kSpare, refused.descriptor);
        CpuState start = guest.ring_0();
        start[Gpr::Rax] = refused.rax;
        start[Gpr::Rbx] = kOperand;
        start[Gpr::Rbp] = 0x8000'0000'0000;
        put<std::uint64_t>(guest, kOperand, 0x8000'0000'0000);
        put<std::uint16_t>(guest, kOperand + 8, static_cast<std::uint16_t>(refused.rax));
        put<std::uint64_t>(guest, start[Gpr::Rsp], 0x8000'0000'0000);
        put<std::uint64_t>(guest, start[Gpr::Rsp] + 8, refused.rax);
        after(guest, refused.code, start);
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        const Transition& fault = guest.log.transitions[0];
        EXPECT_EQ(fault.vector, static_cast<std::uint8_t>(refused.vector));
        EXPECT_EQ(fault.error_code, refused.error_code);
        EXPECT_EQ(fault.count, 0u);
        EXPECT_TRUE(same_state(fault.before, start));
    }
}

TEST(SegmentInstruction, PrivilegedLoadsAreRefusedBeforeTheirOperandIsRead)
{
    for (const support::GuestCode* const code : {&load_unmapped, &ltr_ax, &lldt_ax}) {
        MachineGuest guest;
        CpuState start = guest.ring_3();
        start[Gpr::Rax] = 0;
        after(guest, *code, start);
        ASSERT_EQ(guest.log.transitions.size(), 1u);
        EXPECT_EQ(guest.log.transitions[0].vector, static_cast<std::uint8_t>(Vector::GeneralProtection));
        EXPECT_EQ(guest.log.transitions[0].error_code, 0u);
    }
}

} // namespace
