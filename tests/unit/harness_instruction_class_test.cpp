// SPDX-License-Identifier: MIT
// The classifier against encodings from the manuals' opcode tables.
#include "engine/instruction_class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace {

using ringcheck::classify;
using ringcheck::Instruction;
using Kind = ringcheck::InstructionKind;

std::vector<std::byte> bytes(std::initializer_list<int> values)
{
    std::vector<std::byte> result;
    for (const int value : values) {
        result.push_back(static_cast<std::byte>(value));
    }
    return result;
}

struct Case {
    const char* text;
    std::vector<std::byte> code;
    Kind kind;
    unsigned length; ///< 0: left to the engine
};

const std::vector<Case> kCases = {
    {"syscall", bytes({0x0f, 0x05}), Kind::Syscall, 2},
    {"sysretq", bytes({0x48, 0x0f, 0x07}), Kind::Sysret, 3},
    {"iretq", bytes({0x48, 0xcf}), Kind::Iret, 2},
    {"iretd", bytes({0xcf}), Kind::Iret, 1},
    {"int 0x80", bytes({0xcd, 0x80}), Kind::IntN, 2},
    {"int3", bytes({0xcc}), Kind::Int3, 1},
    {"int1", bytes({0xf1}), Kind::Icebp, 1},
    {"into, which 64-bit mode has not", bytes({0xce}), Kind::Plain, 0},
    {"swapgs", bytes({0x0f, 0x01, 0xf8}), Kind::Swapgs, 3},
    {"wrgsbase rax", bytes({0xf3, 0x48, 0x0f, 0xae, 0xd8}), Kind::WriteGsBase, 5},
    {"wrfsbase r9d", bytes({0xf3, 0x41, 0x0f, 0xae, 0xd1}), Kind::WriteFsBase, 5},
    {"rdgsbase rax", bytes({0xf3, 0x48, 0x0f, 0xae, 0xc8}), Kind::Plain, 0},
    {"ldmxcsr (rax)", bytes({0x0f, 0xae, 0x10}), Kind::LoadFloatControl, 3},
    {"mfence", bytes({0x0f, 0xae, 0xf0}), Kind::Plain, 0},
    {"rdtscp", bytes({0x0f, 0x01, 0xf9}), Kind::Rdtscp, 3},
    {"monitor", bytes({0x0f, 0x01, 0xc8}), Kind::Monitor, 3},
    {"vmcall", bytes({0x0f, 0x01, 0xc1}), Kind::Undefined, 3},
    {"vmrun", bytes({0x0f, 0x01, 0xd8}), Kind::Undefined, 3},
    {"rdpkru", bytes({0x0f, 0x01, 0xee}), Kind::ReadProtectionKeys, 3},
    {"xgetbv", bytes({0x0f, 0x01, 0xd0}), Kind::ReadExtendedControl, 3},
    {"xsetbv", bytes({0x0f, 0x01, 0xd1}), Kind::WriteExtendedControl, 3},
    {"stac", bytes({0x0f, 0x01, 0xcb}), Kind::Plain, 0},
    {"smsw eax", bytes({0x0f, 0x01, 0xe0}), Kind::StoreSystem, 3},
    {"sgdt (rax)", bytes({0x0f, 0x01, 0x00}), Kind::StoreSystem, 3},
    {"lgdt (rax)", bytes({0x0f, 0x01, 0x10}), Kind::LoadTable, 3},
    {"lidt (r8)", bytes({0x41, 0x0f, 0x01, 0x18}), Kind::LoadTable, 4},
    {"lgdt 8(rax,rbx)", bytes({0x0f, 0x01, 0x54, 0x18, 8}), Kind::LoadTable, 5},
    {"lgdt 8(rip)", bytes({0x0f, 0x01, 0x15, 8, 0, 0, 0}), Kind::LoadTable, 7},
    {"lmsw ax", bytes({0x0f, 0x01, 0xf0}), Kind::LoadMachineStatus, 3},
    {"invlpg (rax)", bytes({0x0f, 0x01, 0x38}), Kind::InvalidatePage, 3},
    {"str eax", bytes({0x0f, 0x00, 0xc8}), Kind::StoreSystem, 3},
    {"ltr ax", bytes({0x0f, 0x00, 0xd8}), Kind::LoadSelector, 3},
    {"verr ax", bytes({0x0f, 0x00, 0xe0}), Kind::Plain, 0},
    {"mov cr3, rax", bytes({0x0f, 0x22, 0xd8}), Kind::MoveToControl, 3},
    {"mov rax, cr8", bytes({0x44, 0x0f, 0x20, 0xc0}), Kind::MoveFromControl, 4},
    {"mov dr7, rax", bytes({0x0f, 0x23, 0xf8}), Kind::MoveToDebug, 3},
    {"mov rax, dr6", bytes({0x0f, 0x21, 0xf0}), Kind::MoveFromDebug, 3},
    {"wrmsr", bytes({0x0f, 0x30}), Kind::Wrmsr, 2},
    {"rdmsr", bytes({0x0f, 0x32}), Kind::Rdmsr, 2},
    {"cpuid", bytes({0x0f, 0xa2}), Kind::Cpuid, 2},
    {"rdtsc", bytes({0x0f, 0x31}), Kind::Rdtsc, 2},
    {"rdrand rax", bytes({0x48, 0x0f, 0xc7, 0xf0}), Kind::Rdrand, 4},
    {"rdseed eax", bytes({0x0f, 0xc7, 0xf8}), Kind::Rdseed, 3},
    {"rdpid rax", bytes({0xf3, 0x0f, 0xc7, 0xf8}), Kind::Undefined, 4},
    {"fxrstor64 (rsi)", bytes({0x48, 0x0f, 0xae, 0x0e}), Kind::LoadFloatControl, 4},
    {"stmxcsr (rsp)", bytes({0x0f, 0xae, 0x1c, 0x24}), Kind::Plain, 0},
    {"rdgsbase eax", bytes({0xf3, 0x0f, 0xae, 0xc8}), Kind::Plain, 0},
    {"cmpxchg16b (rsi)", bytes({0x48, 0x0f, 0xc7, 0x0e}), Kind::Plain, 0},
    {"hlt", bytes({0xf4}), Kind::Hlt, 1},
    {"in al, 0x60", bytes({0xe4, 0x60}), Kind::In, 2},
    {"in eax, dx", bytes({0xed}), Kind::In, 1},
    {"out dx, ax", bytes({0x66, 0xef}), Kind::Out, 2},
    {"rep insb", bytes({0xf3, 0x6c}), Kind::InString, 2},
    {"outsd", bytes({0x6f}), Kind::OutString, 1},
    {"sti", bytes({0xfb}), Kind::EnableInterrupts, 1},
    {"popfq", bytes({0x9d}), Kind::PopFlags, 1},
    {"cli", bytes({0xfa}), Kind::Plain, 0},
    {"lretq", bytes({0x48, 0xcb}), Kind::FarReturn, 2},
    {"lret 8", bytes({0xca, 8, 0}), Kind::FarReturn, 3},
    {"ljmp *(rax)", bytes({0xff, 0x28}), Kind::FarJump, 2},
    {"lcall *(rax)", bytes({0xff, 0x18}), Kind::FarCall, 2},
    {"lss eax, (rbx)", bytes({0x0f, 0xb2, 0x03}), Kind::LoadFarPointer, 3},
    {"mov ds, eax", bytes({0x8e, 0xd8}), Kind::MoveToSegment, 2},
    {"pop gs", bytes({0x0f, 0xa9}), Kind::PopSegment, 2},
    {"rdpmc", bytes({0x0f, 0x33}), Kind::ReadCounter, 2},
    {"invpcid rax, (rbx)", bytes({0x66, 0x0f, 0x38, 0x82, 0x03}), Kind::InvalidatePcid, 5},
    {"movaps xmm0, (rax)", bytes({0x0f, 0x28, 0x00}), Kind::AlignedOperand, 3},
    {"shufps xmm0, (rax), 1", bytes({0x0f, 0xc6, 0x00, 1}), Kind::AlignedOperand, 4},
    {"movups xmm0, (rax)", bytes({0x0f, 0x10, 0x00}), Kind::Plain, 0},
    {"movaps xmm0, xmm0", bytes({0x0f, 0x28, 0xc0}), Kind::Plain, 0},
    {"jmp *rax", bytes({0xff, 0xe0}), Kind::Plain, 0},
    {"nop", bytes({0x90}), Kind::Plain, 0},
    {"mov eax, imm with 0f 05 inside", bytes({0xb8, 0x0f, 0x05, 0, 0}), Kind::Plain, 0},
};

TEST(InstructionClass, NamesEachInstructionAndItsLength)
{
    for (const Case& test : kCases) {
        SCOPED_TRACE(test.text);
        const Instruction instruction = classify(test.code, true);
        EXPECT_EQ(static_cast<int>(instruction.kind), static_cast<int>(test.kind));
        EXPECT_EQ(instruction.length, test.length);
    }
}

TEST(InstructionClass, PrefixesChangeTheLengthAndNotTheKind)
{
    for (const Case& test : kCases) {
        SCOPED_TRACE(test.text);
        std::vector<std::byte> code = test.code;
        code.insert(code.begin(), {std::byte{0x64}, std::byte{0x67}});
        const Instruction instruction = classify(code, true);
        EXPECT_EQ(static_cast<int>(instruction.kind), static_cast<int>(test.kind));
        EXPECT_EQ(instruction.length, test.length == 0 ? 0 : test.length + 2);
        EXPECT_EQ(instruction.segment_override, 0x64);
    }
}

TEST(InstructionClass, LockMakesTheModelledOnesUndefined)
{
    for (const Case& test : kCases) {
        if (test.length != 0) {
            std::vector<std::byte> code = test.code;
            code.insert(code.begin(), std::byte{0xf0});
            EXPECT_EQ(static_cast<int>(classify(code, true).kind), static_cast<int>(Kind::Undefined)) << test.text;
        }
    }
}

TEST(InstructionClass, TooFewBytesAreLeftToTheEngine)
{
    for (const Case& test : kCases) {
        for (std::size_t size = 0; size < test.length; ++size) {
            const auto part = std::span(test.code).first(size);
            const Instruction instruction = classify(part, true);
            // A prefix cut off before its opcode, or an opcode before its operand byte, names nothing.
            EXPECT_EQ(static_cast<int>(instruction.kind), static_cast<int>(Kind::Plain)) << test.text << " " << size;
        }
    }
    std::vector<std::byte> too_long(14, std::byte{0x66});
    too_long.insert(too_long.end(), {std::byte{0x0f}, std::byte{0x05}});
    EXPECT_EQ(static_cast<int>(classify(too_long, true).kind), static_cast<int>(Kind::Plain));
}

TEST(InstructionClass, OnlyARexRightBeforeTheOpcodeCounts)
{
    EXPECT_TRUE(classify(bytes({0x48, 0xcf}), true).rex_w());
    EXPECT_FALSE(classify(bytes({0x48, 0x66, 0xcf}), true).rex_w());
    EXPECT_TRUE(classify(bytes({0x66, 0x48, 0xcf}), true).rex_w());
    EXPECT_TRUE(classify(bytes({0x41, 0x48, 0xcf}), true).rex_w());
    const Instruction move = classify(bytes({0x45, 0x0f, 0x22, 0xc1}), true); // mov %r9, %cr8
    EXPECT_EQ(move.rm(), 9u);
    EXPECT_EQ(move.reg(), 8u);
}

TEST(InstructionClass, OutsideLongCodeThereIsNoRex)
{
    EXPECT_EQ(classify(bytes({0x48, 0xcf}), false).kind, Kind::Plain) << "dec eax";
    EXPECT_EQ(classify(bytes({0xea, 0, 0, 0, 0, 8, 0}), false).kind, Kind::FarTransfer);
    EXPECT_EQ(classify(bytes({0xce}), false).kind, Kind::IntO);
}

TEST(InstructionClass, KnowsWhichInstructionsCanFollowThemselves)
{
    for (const auto& code : {bytes({0xeb, 0xfe}), bytes({0x75, 0xfe}), bytes({0x0f, 0x84, 0, 0, 0, 0}),
                             bytes({0xf3, 0xaa}), bytes({0xc3}), bytes({0xff, 0xe0}), bytes({0xe2, 0xfe})}) {
        EXPECT_TRUE(classify(code, true).may_follow_itself());
    }
    for (const auto& code : {bytes({0x90}), bytes({0xaa}), bytes({0xc6, 0x07, 0x90}), bytes({0x0f, 0xa4, 0xc0, 1}),
                             bytes({0x48, 0x89, 0x07})}) {
        EXPECT_FALSE(classify(code, true).may_follow_itself());
    }
}

} // namespace
