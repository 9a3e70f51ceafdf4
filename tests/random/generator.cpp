// SPDX-License-Identifier: MIT
#include "random/generator.h"

#include "random/arguments.h"
#include "uapi/syscalls.h"

namespace random_attack {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Whole instructions of which nothing is random.
const Bytes kInstructions[] = {
    {0x0f, 0x05},       // syscall
    {0x0f, 0x34},       // sysenter
    {0x0f, 0x07},       // sysret
    {0x48, 0x0f, 0x07}, // sysretq
    {0x0f, 0x35},       // sysexit
    {0xcc},             // int3
    {0xf1},             // icebp
    {0xcf},             // iret
    {0x48, 0xcf},       // iretq
    {0xcb},             // lret
    {0x48, 0xcb},       // lretq
    {0xc3},             // ret
    {0x0f, 0x01, 0xf8}, // swapgs
    {0xfa},             // cli
    {0xfb},             // sti
    {0xf4},             // hlt
    {0x9d},             // popfq
    {0x9c},             // pushfq
    {0xfd},             // std
    {0xfc},             // cld
    {0x0f, 0xa1},       // pop fs
    {0x0f, 0xa9},       // pop gs
    {0x0f, 0x30},       // wrmsr
    {0x0f, 0x32},       // rdmsr
    {0x0f, 0x33},       // rdpmc
    {0x0f, 0x31},       // rdtsc
    {0x0f, 0x01, 0xf9}, // rdtscp
    {0x0f, 0x01, 0xd0}, // xgetbv
    {0x0f, 0x01, 0xd1}, // xsetbv
    {0x0f, 0x01, 0xc8}, // monitor
    {0x0f, 0x01, 0xc9}, // mwait
    {0x0f, 0x06},       // clts
    {0x0f, 0x08},       // invd
    {0x0f, 0x09},       // wbinvd
    {0x0f, 0xa2},       // cpuid
    {0xec},             // in al, dx
    {0xee},             // out dx, al
    {0x6c},             // insb
    {0xf3, 0x6e},       // rep outsb
    {0xf3, 0xa4},       // rep movsb
    {0xf3, 0x48, 0xab}, // rep stosq
    {0xf3, 0xa6},       // repe cmpsb
    {0x0f, 0x0b},       // ud2
    {0xdb, 0xe3},       // fninit
    {0x9b},             // fwait
    {0x0f, 0x77},       // emms
    {0xc9},             // leave
    {0x48, 0x87, 0xe0}, // xchg rsp, rax
    {0x48, 0x89, 0xc4}, // mov rsp, rax
};

/// Begins of instructions, whose ModRM byte and what follows it is random.
const Bytes kBegins[] = {
    {0x8e},                   // mov sreg, r/m
    {0x8c},                   // mov r/m, sreg
    {0x0f, 0x00},             // sldt str lldt ltr verr verw
    {0x0f, 0x01},             // sgdt sidt lgdt lidt smsw lmsw invlpg ...
    {0x0f, 0x20},             // mov r, cr
    {0x0f, 0x22},             // mov cr, r
    {0x0f, 0x21},             // mov r, dr
    {0x0f, 0x23},             // mov dr, r
    {0x0f, 0xae},             // fxsave fxrstor ldmxcsr stmxcsr xsave xrstor fences
    {0x48, 0x0f, 0xae},       // the same, 64 bits
    {0xf3, 0x48, 0x0f, 0xae}, // rdfsbase rdgsbase wrfsbase wrgsbase
    {0x0f, 0xc7},             // cmpxchg8b xrstors rdrand
    {0x0f, 0x02},             // lar
    {0x0f, 0x03},             // lsl
    {0x0f, 0xb2},             // lss
    {0x48, 0x0f, 0xb4},       // lfs
    {0xff},                   // inc dec call jmp, far ones too, push
    {0x48, 0xff},
    {0x8f},                   // pop r/m
    {0x48, 0x8b},             // mov r, r/m
    {0x48, 0x89},             // mov r/m, r
    {0x48, 0x8d},             // lea
    {0x48, 0xf7},             // test not neg mul div idiv
    {0xf0, 0x48, 0x0f, 0xc1}, // lock xadd
    {0x0f, 0x28},             // movaps
    {0x66, 0x0f, 0x6f},       // movdqa
    {0x0f, 0x5e},             // divps
    {0x0f, 0x18},             // prefetch
    {0xd9},                   // fldenv fldcw fnstenv ...
    {0xdd},                   // frstor fnsave ...
    {0xc5, 0xf8, 0x28},       // vmovaps
    {0xc4, 0xe2, 0x7d, 0x18}, // vbroadcastss
};

void append(Bytes& code, const Bytes& more)
{
    code.insert(code.end(), more.begin(), more.end());
}

void append_immediate(Bytes& code, std::uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i != bytes; ++i) {
        code.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    }
}

/// MOV r64, imm64, or what is shorter and loads the same.  @param reg  in encoding order
void append_load(Bytes& code, unsigned reg, std::uint64_t value)
{
    const auto low = static_cast<std::uint8_t>(0xb8 + reg % 8);
    if (value <= 0xffff'ffff) { // MOV r32, imm32 clears the upper half
        if (reg >= 8) {
            code.push_back(0x41);
        }
        code.push_back(low);
        append_immediate(code, value, 4);
        return;
    }
    append(code, {static_cast<std::uint8_t>(reg >= 8 ? 0x49 : 0x48), low});
    append_immediate(code, value, sizeof value);
}

/// MOV r64, R12.
void append_copy_of_r12(Bytes& code, unsigned reg)
{
    append(code, {static_cast<std::uint8_t>(reg >= 8 ? 0x4d : 0x4c), 0x89, static_cast<std::uint8_t>(0xe0 + reg % 8)});
}

void append_instruction(Bytes& code, Dice& dice, const Places& places)
{
    constexpr unsigned kRegisters = 16;
    switch (dice.below(12)) {
    case 0: append(code, {0x0f, 0x05}); break; // syscall
    case 1:
    case 2: append(code, dice.of(kInstructions)); break;
    case 3:
    case 4:
        append(code, dice.of(kBegins));
        append_immediate(code, dice.word(), static_cast<unsigned>(1 + dice.below(6)));
        break;
    case 5:
    case 6:
    case 9:
    case 10: append_load(code, static_cast<unsigned>(dice.below(kRegisters)), random_word(dice, places)); break;
    case 7: append(code, {0xcd, dice.byte()}); break; // int n
    case 8:                                           // push imm32, and half of the time popfq
        code.push_back(0x68);
        append_immediate(code, dice.word(), 4);
        if (dice.once_in(2)) {
            code.push_back(0x9d);
        }
        break;
    default: append_immediate(code, dice.word(), static_cast<unsigned>(1 + dice.below(8))); break;
    }
}

/// A number that is mostly a call's.  Calls that end the program come seldom, or none behind them would be made.
/// @param spec  one of the calls
std::uint64_t random_number(Dice& dice, const uapi::SyscallSpec& spec)
{
    constexpr std::uint64_t kLinuxKnows = 470, kSeldom = 20;
    const auto known = static_cast<std::uint64_t>(spec.number);
    switch (dice.below(8)) {
    case 0: return dice.word();
    case 1: return known | dice.word() << 32;
    case 2: break;
    default:
        if (spec.returns != uapi::Returns::Never || dice.once_in(kSeldom)) {
            return known;
        }
    }
    const std::uint64_t any = dice.below(kLinuxKnows);
    const uapi::SyscallSpec* const found = uapi::find_syscall(any);
    return found == nullptr || found->returns != uapi::Returns::Never ? any : ~any;
}

} // namespace

std::uint64_t random_word(Dice& dice, const Places& places)
{
    constexpr std::uint64_t kNonCanonical = std::uint64_t{1} << 47;
    constexpr std::uint64_t kEdges[] = {0,
                                        1,
                                        0xfff,
                                        0x1000,
                                        0xffff,
                                        0x7fff'ffff,
                                        0x8000'0000,
                                        0xffff'ffff,
                                        kNonCanonical - 4096,
                                        kNonCanonical - 1,
                                        kNonCanonical,
                                        0xffff'7fff'ffff'ffff,
                                        0xffff'8000'0000'0000,
                                        0xffff'c000'0000'4ff8,
                                        0xffff'ffff'8010'0000,
                                        0xffff'ffff'ff60'0000,
                                        0x7fff'ffff'ffff'ffff,
                                        std::uint64_t{1} << 63,
                                        ~std::uint64_t{0} - 4095,
                                        ~std::uint64_t{0}};
    switch (dice.below(8)) {
    case 0: return dice.below(64);
    case 1: return dice.word();
    case 2: return dice.of(kEdges) + dice.below(17) - 8;
    case 3: return dice.of(kEdges);
    case 4: return places.text + dice.below(places.text_end - places.text);
    case 5: return places.stack - dice.below(0x400);
    case 6: return (places.data + dice.below(places.data_end - places.data)) & ~std::uint64_t{0xfff};
    default: return places.data + dice.below(places.data_end - places.data + 16);
    }
}

Bytes random_code(Dice& dice, const Places& places)
{
    Bytes code;
    const std::uint64_t instructions = 3 + dice.below(12);
    for (std::uint64_t i = 0; i != instructions; ++i) {
        append_instruction(code, dice, places);
    }
    code.resize(std::min(code.size(), kCodeBytes - 2));
    append(code, {0x0f, 0x0b});
    return code;
}

Bytes random_calls(Dice& dice, const Places& places)
{
    constexpr unsigned kArguments[] = {7, 6, 2, 10, 8, 9}; // rdi rsi rdx r10 r8 r9
    static_assert(std::size(kArguments) == uapi::kMaximumArguments);
    Bytes code;
    for (unsigned call = 0; call != kCallsOfACase; ++call) {
        const uapi::SyscallSpec& spec = dice.of(uapi::kSyscalls);
        append_load(code, 0, random_number(dice, spec));
        for (unsigned i = 0; i != uapi::kMaximumArguments; ++i) {
            if (spec.arguments[i] == uapi::Arg::Address && dice.once_in(5)) {
                append_copy_of_r12(code, kArguments[i]);
            } else {
                const bool sensible = !dice.once_in(4);
                append_load(code, kArguments[i],
                            sensible ? sensible_argument(dice, places, spec, i) : random_word(dice, places));
            }
        }
        append(code, {0x0f, 0x05});
        if (dice.once_in(4)) {
            append(code, {0x49, 0x89, 0xc4}); // mov r12, rax: a later call may be about what this one gave
        }
    }
    append(code, {0x0f, 0x0b});
    return code;
}

} // namespace random_attack
