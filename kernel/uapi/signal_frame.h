// SPDX-License-Identifier: MIT
// What a signal's handler finds on its stack, byte for byte as on Linux x86-64.
// [Linux uapi asm-generic/siginfo.h, asm/sigcontext.h, asm-generic/ucontext.h; arch/x86/include/asm/sigframe.h]
#pragma once

#include <cstddef>
#include <cstdint>

namespace uapi {

/// sigaltstack(2)'s stack_t.
struct AlternateStack {
    std::uint64_t base;
    std::int32_t flags; ///< of alternate_stack
    std::uint32_t padding;
    std::uint64_t size; ///< bytes
};
static_assert(sizeof(AlternateStack) == 24);

namespace alternate_stack {
inline constexpr std::uint32_t kOnStack = 1, kDisable = 2;
inline constexpr std::uint32_t kAutoDisarm = 1u << 31;
inline constexpr std::uint64_t kMinimumSize = 2048; ///< MINSIGSTKSZ
} // namespace alternate_stack

inline constexpr AlternateStack kNoAlternateStack{
    .base = 0, .flags = static_cast<std::int32_t>(alternate_stack::kDisable), .padding = 0, .size = 0};

/// siginfo_t: three numbers, then what depends on why the signal was sent.
struct SigInfo {
    std::int32_t number, error, code;
    std::int32_t padding;
    std::uint64_t words[14];

    // In words, by kind.  A fault: the address.  kill(2): pid and uid.  rt_sigqueueinfo(2): those, then the value.
    // SIGCHLD: pid and uid, status, then two times in clock ticks.
};
static_assert(sizeof(SigInfo) == 128 && offsetof(SigInfo, words) == 16);

/// The registers.  fs and gs are not restored; ss is, where kStrictRestoreSs is set.
struct SigContext {
    std::uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
    std::uint16_t cs, gs, fs, ss;
    std::uint64_t error_code, vector, old_mask, cr2;
    std::uint64_t floats; ///< address of an FXSAVE image, or 0
    std::uint64_t reserved[8];
};
static_assert(sizeof(SigContext) == 256 && offsetof(SigContext, floats) == 184);

struct UserContext {
    std::uint64_t flags; ///< of user_context
    std::uint64_t link;
    AlternateStack stack;
    SigContext registers;
    std::uint64_t mask; ///< signals that are blocked when the handler has returned
};
static_assert(sizeof(UserContext) == 304 && offsetof(UserContext, registers) == 40 &&
              offsetof(UserContext, mask) == 296);

namespace user_context {
inline constexpr std::uint64_t kExtendedFloats = 1, kSsSaved = 2, kStrictRestoreSs = 4;
} // namespace user_context

/// At RSP when the handler begins.
struct SignalFrame {
    std::uint64_t return_address; ///< SA_RESTORER's
    UserContext context;
    SigInfo info;
};
static_assert(sizeof(SignalFrame) == 440);

/// The bytes of an FXSAVE image that the CPU leaves to software say what follows it.
struct FloatFrameInfo {
    std::uint32_t magic;         ///< kFloatMagic when an XSAVE image begins here
    std::uint32_t extended_size; ///< bytes of all of it, with kFloatEndMagic at its end
    std::uint64_t components;    ///< XCR0's bits that are in it
    std::uint32_t size;          ///< bytes of the XSAVE image
    std::uint32_t padding[7];
};
static_assert(sizeof(FloatFrameInfo) == 48);
inline constexpr std::size_t kFloatFrameInfoOffset = 464, kFxsaveSize = 512;
inline constexpr std::uint32_t kFloatMagic = 0x4650'5853, kFloatEndMagic = 0x4650'5845;

} // namespace uapi
