// SPDX-License-Identifier: MIT
// What an instruction reads and writes, by the instructions' pages in SDM 2.
#include "machine/data_access.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>

namespace ringcheck {

void PrintTo(const DataAccess& access, std::ostream* out)
{
    *out << std::hex << access.address << "+" << std::dec << access.bytes << (access.read ? " read" : "")
         << (access.write ? " write" : "") << (access.stack ? " stack" : "")
         << (access.aligned_by_rule ? " by-rule" : "") << " type " << static_cast<int>(access.type) << " alignment "
         << access.alignment;
}

namespace {

using model::DataType;
using model::Gpr;
using support::GuestCode;

constexpr std::uint64_t kRip = 0x1000, kRsp = 0x7000, kRbp = 0x6000, kRax = 0x5001, kRsi = 0x4000, kRdi = 0x3000;

model::CpuState long_mode()
{
    model::CpuState state;
    state.efer = 1u << 10;
    state.cs.attributes = 1u << 21;
    state.rip = kRip;
    state[Gpr::Rsp] = kRsp;
    state[Gpr::Rbp] = kRbp;
    state[Gpr::Rax] = kRax;
    state[Gpr::Rsi] = kRsi;
    state[Gpr::Rdi] = kRdi;
    state[Gpr::Rbx] = 0x40;
    state[Gpr::Rdx] = static_cast<std::uint64_t>(-65);
    state.fs.base = 0x10'0000;
    state.gs.base = 0x20'0000;
    state.ds.base = 0xbad'0000; // counts for nothing
    return state;
}

enum Way : unsigned { kRead = 1, kWrite = 2, kBoth = 3, kStack = 4, kByRule = 8 };

DataAccess access(std::uint64_t address, std::uint32_t bytes, unsigned way, DataType type, unsigned alignment)
{
    return {address, bytes,    (way & kRead) != 0, (way & kWrite) != 0, (way & kStack) != 0, (way & kByRule) != 0,
            type,    alignment};
}

DataAccess byte(std::uint64_t address, unsigned way)
{
    return access(address, 1, way, DataType::Byte, 1);
}
DataAccess word(std::uint64_t address, unsigned way)
{
    return access(address, 2, way, DataType::Word, 2);
}
DataAccess dword(std::uint64_t address, unsigned way)
{
    return access(address, 4, way, DataType::Doubleword, 4);
}
DataAccess qword(std::uint64_t address, unsigned way)
{
    return access(address, 8, way, DataType::Quadword, 8);
}

struct Case {
    const char* text;
    const GuestCode& code;
    std::vector<DataAccess> expected;
};

void check(const std::vector<Case>& cases, const model::CpuState& state)
{
    for (const auto& [text, code, expected] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(data_accesses(state, code.bytes()), expected);
    }
}

GUEST_CODE(load, "mov (%rax), %rbx");
GUEST_CODE(store, "mov %ebx, 4(%rax,%rbx,2)");
GUEST_CODE(relative, "mov 0x10(%rip), %al");
GUEST_CODE(by_fs, "incw %fs:8");
GUEST_CODE(by_gs, "cmp %rbx, %gs:(%rbp)");
GUEST_CODE(on_stack, "add %rbx, -8(%rbp)");
GUEST_CODE(short_address, "mov (%ebx,%edx), %eax");
GUEST_CODE(exchange, "xchg %rbx, (%rax)");
GUEST_CODE(compare_exchange, "lock cmpxchg %ebx, (%rax)");
GUEST_CODE(compare_exchange_16, "cmpxchg16b (%rax)");
GUEST_CODE(no_access, "lea (%rax), %rbx");
GUEST_CODE(no_access_either, "prefetcht0 (%rax)");
GUEST_CODE(invalidate, "invlpg (%rax)");

TEST(DataAccess, FollowsTheMemoryOperand)
{
    check(
        {
            {"mov load", load, {qword(kRax, kRead)}},
            {"mov store", store, {dword(kRax + 4 + 0x80, kWrite)}},
            {"rip-relative", relative, {byte(kRip + 6 + 0x10, kRead)}},
            {"fs", by_fs, {word(0x10'0008, kBoth)}},
            {"gs, not the stack", by_gs, {qword(0x20'0000 + kRbp, kRead)}},
            {"rbp", on_stack, {qword(kRbp - 8, kBoth | kStack)}},
            {"address size", short_address, {dword(0xffff'ffff, kRead)}},
            {"xchg", exchange, {qword(kRax, kBoth)}},
            {"cmpxchg", compare_exchange, {dword(kRax, kBoth)}},
            {"cmpxchg16b", compare_exchange_16, {access(kRax, 16, kBoth | kByRule, DataType::DoubleQuadword, 16)}},
            {"lea", no_access, {}},
            {"prefetch", no_access_either, {}},
            {"invlpg", invalidate, {}},
        },
        long_mode());
}

GUEST_CODE(bit_far_below, "bts %rdx, (%rax)");
GUEST_CODE(bit_above, "bt %ebx, (%rax)");
GUEST_CODE(bit_by_number, "btr $3, (%rax)");

TEST(DataAccess, FindsTheWordOfABitString)
{
    check(
        {
            {"bit -65 of quadwords", bit_far_below, {access(kRax - 16, 8, kBoth, DataType::BitString, 4)}},
            {"bit 64 of doublewords", bit_above, {access(kRax + 8, 4, kRead, DataType::BitString, 4)}},
            {"bit 3", bit_by_number, {dword(kRax, kBoth)}},
        },
        long_mode());
}

GUEST_CODE(push_register, "push %rax");
GUEST_CODE(push_memory, "push (%rax)");
GUEST_CODE(push_word, "pushw $1");
GUEST_CODE(pop_memory, "pop 8(%rsp)");
GUEST_CODE(push_flags, "pushfq");
GUEST_CODE(call_near, "call . + 64");
GUEST_CODE(call_memory, "call *(%rax)");
GUEST_CODE(return_near, "ret");
GUEST_CODE(return_far, "lretq");
GUEST_CODE(interrupt_return, "iretq");
GUEST_CODE(enter_1, "enter $32, $2");
GUEST_CODE(leave, "leave");
GUEST_CODE(jump_far, "ljmpl *(%rax)");

TEST(DataAccess, AddsTheStackThatNoOperandNames)
{
    const auto pop = [](unsigned index) { return qword(kRsp + 8 * index, kRead | kStack); };
    check(
        {
            {"push", push_register, {qword(kRsp - 8, kWrite | kStack)}},
            {"push m", push_memory, {qword(kRax, kRead), qword(kRsp - 8, kWrite | kStack)}},
            {"pushw", push_word, {word(kRsp - 2, kWrite | kStack)}},
            {"pop m", pop_memory, {pop(0), qword(kRsp + 16, kWrite | kStack)}},
            {"pushf", push_flags, {qword(kRsp - 8, kWrite | kStack)}},
            {"call", call_near, {qword(kRsp - 8, kWrite | kStack)}},
            {"call m", call_memory, {qword(kRax, kRead), qword(kRsp - 8, kWrite | kStack)}},
            {"ret", return_near, {pop(0)}},
            {"far ret", return_far, {pop(0), pop(1)}},
            {"iret", interrupt_return, {pop(0), pop(1), pop(2), pop(3), pop(4)}},
            {"enter",
             enter_1,
             {qword(kRsp - 8, kWrite | kStack), qword(kRbp - 8, kRead | kStack), qword(kRsp - 16, kWrite | kStack),
              qword(kRsp - 24, kWrite | kStack)}},
            {"leave", leave, {qword(kRbp, kRead | kStack)}},
            {"far jmp", jump_far, {access(kRax, 6, kRead, DataType::FarPointer, 4)}},
        },
        long_mode());
}

GUEST_CODE(move_string, "movsl");
GUEST_CODE(move_string_fs, "movsb %fs:(%rsi), (%rdi)");
GUEST_CODE(repeated_string, "rep stosq");
GUEST_CODE(compare_string, "cmpsw");
GUEST_CODE(translate, "xlat");
GUEST_CODE(in_string, "insl");
GUEST_CODE(out_string, "outsw");

TEST(DataAccess, SeesOneIterationOfAString)
{
    model::CpuState state = long_mode();
    state[Gpr::Rcx] = 2;
    check(
        {
            {"movs", move_string, {dword(kRsi, kRead), dword(kRdi, kWrite)}},
            {"movs fs", move_string_fs, {byte(0x10'0000 + kRsi, kRead), byte(kRdi, kWrite)}},
            {"rep stos", repeated_string, {qword(kRdi, kWrite)}},
            {"cmps", compare_string, {word(kRsi, kRead), word(kRdi, kRead)}},
            {"xlat", translate, {byte(0x41, kRead)}},
            {"ins", in_string, {dword(kRdi, kWrite)}},
            {"outs", out_string, {word(kRsi, kRead)}},
        },
        state);
    state[Gpr::Rcx] = 0;
    check({{"rep stos of nothing", repeated_string, {}}}, state);
}

GUEST_CODE(aligned_load, "movaps (%rax), %xmm0");
GUEST_CODE(aligned_store, "movdqa %xmm0, (%rax)");
GUEST_CODE(unaligned_store, "movups %xmm0, (%rax)");
GUEST_CODE(packed, "paddd (%rax), %xmm0");
GUEST_CODE(scalar, "movsd (%rax), %xmm0");
GUEST_CODE(scalar_store, "movss %xmm0, (%rax)");
GUEST_CODE(save_state, "fxsave (%rax)");
GUEST_CODE(restore_state, "fxrstor64 (%rax)");
GUEST_CODE(save_environment, "fnstenv (%rax)");
GUEST_CODE(restore_fpu, "frstor (%rax)");
GUEST_CODE(store_float, "fstpl (%rax)");
GUEST_CODE(load_long_float, "fldt (%rax)");
GUEST_CODE(store_control, "fnstcw (%rax)");
GUEST_CODE(masked_move, "maskmovdqu %xmm1, %xmm0");
GUEST_CODE(store_table, "sgdt (%rax)");
GUEST_CODE(load_segment, "mov (%rax), %ds");
GUEST_CODE(load_far, "rex64 lss (%rax), %rbx");

TEST(DataAccess, KnowsWhatCapstoneDoesNot)
{
    check(
        {
            {"movaps", aligned_load, {access(kRax, 16, kRead | kByRule, DataType::DoubleQuadword, 16)}},
            {"movdqa", aligned_store, {access(kRax, 16, kWrite | kByRule, DataType::DoubleQuadword, 16)}},
            {"movups", unaligned_store, {access(kRax, 16, kWrite, DataType::Byte, 1)}},
            {"paddd", packed, {access(kRax, 16, kRead | kByRule, DataType::DoubleQuadword, 16)}},
            {"movsd", scalar, {qword(kRax, kRead)}},
            {"movss", scalar_store, {dword(kRax, kWrite)}},
            {"fxsave", save_state, {access(kRax, 512, kWrite | kByRule, DataType::Byte, 1)}},
            {"fxrstor", restore_state, {access(kRax, 512, kRead | kByRule, DataType::Byte, 1)}},
            {"fnstenv", save_environment, {access(kRax, 28, kWrite, DataType::FpuEnvironment, 4)}},
            {"frstor", restore_fpu, {access(kRax, 108, kRead, DataType::FpuEnvironment, 4)}},
            {"fstp", store_float, {qword(kRax, kWrite)}},
            {"fldt", load_long_float, {access(kRax, 10, kRead, DataType::DoubleExtendedPrecision, 8)}},
            {"fnstcw", store_control, {word(kRax, kWrite)}},
            {"maskmovdqu", masked_move, {access(kRdi, 16, kWrite, DataType::Byte, 1)}},
            {"sgdt", store_table, {access(kRax, 10, kWrite, DataType::TableRegisterImage, 4)}},
            {"mov sreg", load_segment, {word(kRax, kRead)}},
            {"lss", load_far, {access(kRax, 10, kRead, DataType::FarPointer, 8)}},
        },
        long_mode());
}

GUEST_CODE(undefined, ".byte 0x0f, 0x0b, 0x06");
GUEST_CODE(bad, ".byte 0x06");

TEST(DataAccess, IsEmptyForWhatIsNoInstruction)
{
    check({{"ud2", undefined, {}}, {"push es in 64-bit mode", bad, {}}}, long_mode());
    EXPECT_TRUE(data_accesses(long_mode(), {}).empty());
}

/// mov eax, [rbx + displacement]
std::array<std::byte, 6> load_from(std::int32_t displacement)
{
    std::array<std::byte, 6> code{std::byte{0x8b}, std::byte{0x83}};
    std::memcpy(code.data() + 2, &displacement, sizeof displacement);
    return code;
}

// What is known of bytes that were met before is not taken for others.
TEST(DataAccess, IsThatOfEachOfTwentyThousandInstructionsWheneverTheyComeAgain)
{
    const model::CpuState state = long_mode();
    constexpr std::int32_t kMany = 20'000;
    constexpr int kHigh = 15; // they differ in their last bytes alone
    for (int round = 0; round != 4; ++round) {
        for (std::int32_t i = 0; i != kMany; ++i) {
            const std::int32_t displacement = round % 2 == 0 ? i : i << kHigh;
            const auto code = load_from(displacement);
            for (int again = 0; again != 2; ++again) {
                const auto found = data_accesses(state, code);
                ASSERT_EQ(found.size(), 1u);
                ASSERT_EQ(found[0].address, state[Gpr::Rbx] + static_cast<std::uint64_t>(displacement));
            }
            ASSERT_TRUE(data_accesses(state, std::span(code).first(4)).empty()) << "cut off";
        }
    }
}

GUEST_CODE(short_push, ".byte 0x50");              // push %eax
GUEST_CODE(short_load, ".byte 0x8b, 0x18");        // mov (%eax), %ebx
GUEST_CODE(short_frame, ".byte 0x89, 0x5d, 0x00"); // mov %ebx, (%ebp)

TEST(DataAccess, AddsSegmentBasesOutside64BitMode)
{
    model::CpuState state = long_mode();
    state.cs.attributes = 1u << 22;
    state.ss = {.base = 0x100, .attributes = 1u << 22};
    state.ds.base = 0xffff'f000;
    check(
        {
            {"push", short_push, {dword(kRsp - 4 + 0x100, kWrite | kStack)}},
            {"load", short_load, {dword(kRax - 0x1000, kRead)}},
            {"store", short_frame, {dword(kRbp + 0x100, kWrite | kStack)}},
        },
        state);
}

} // namespace
} // namespace ringcheck
