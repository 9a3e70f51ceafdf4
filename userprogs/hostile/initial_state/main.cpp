// SPDX-License-Identifier: MIT
// Hostile (catalogue S10, S06): looks for what the kernel or an earlier program left in the CPU, then leaves marks of
// its own for the next one to find.
// Every register is architecturally clean, however often it runs.
// expect: exited with status 0
// expect again: exited with status 0
#include "lib/syscall.h"

extern "C" {
extern const std::uint64_t initial_registers[16]; ///< rax rbx rcx rdx rsi rdi rbp r8..r15 rflags
extern const std::uint8_t initial_fxsave[512];
extern const std::uint16_t initial_selectors[4];
}

namespace {

/// What RFLAGS reads in a new program: IF and the bit that is always 1.
constexpr std::uint64_t kInitialFlags = 0x202;
constexpr unsigned kGeneralRegisters = 15;

// Offsets and defaults of the FXSAVE image.  [SDM 1 "FXSAVE Area"; psABI AMD64 "Initial Stack and Register State"]
constexpr unsigned kControlWord = 0, kTagWord = 4, kMxcsr = 24, kRegistersBegin = 32, kRegistersEnd = 416;
constexpr std::uint16_t kDefaultControlWord = 0x37f;
constexpr std::uint32_t kDefaultMxcsr = 0x1f80;

template <typename T> T field(unsigned offset)
{
    T value;
    __builtin_memcpy(&value, initial_fxsave + offset, sizeof value);
    return value;
}

bool general_registers_clean()
{
    for (unsigned i = 0; i < kGeneralRegisters; ++i) {
        if (initial_registers[i] != 0) {
            return false;
        }
    }
    return initial_registers[kGeneralRegisters] == kInitialFlags;
}

bool float_registers_clean()
{
    for (unsigned i = kRegistersBegin; i < kRegistersEnd; ++i) {
        if (initial_fxsave[i] != 0) {
            return false;
        }
    }
    return field<std::uint16_t>(kControlWord) == kDefaultControlWord && field<std::uint8_t>(kTagWord) == 0 &&
           field<std::uint32_t>(kMxcsr) == kDefaultMxcsr;
}

bool selectors_clean()
{
    return initial_selectors[0] == 0 && initial_selectors[1] == 0 && initial_selectors[2] == 0 &&
           initial_selectors[3] == 0;
}

/// The kernel has switched AVX on.  [SDM 1 "Detection of AVX Instructions"]
bool has_avx()
{
    constexpr std::uint32_t kOsXsave = 1u << 27, kAvx = 1u << 28, kSseAndAvx = 6;
    std::uint32_t eax = 1, ebx = 0, ecx = 0, edx = 0;
    asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if ((ecx & (kOsXsave | kAvx)) != (kOsXsave | kAvx)) {
        return false;
    }
    asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return (eax & kSseAndAvx) == kSseAndAvx;
}

/// The upper halves of YMM0..YMM15, which compiled code here does not touch.
bool upper_halves_clean()
{
    constexpr unsigned kRegisters = 16;
    alignas(16) std::uint64_t halves[kRegisters][2];
    asm volatile("vextractf128 $1, %%ymm0, 0(%0); vextractf128 $1, %%ymm1, 16(%0); vextractf128 $1, %%ymm2, 32(%0)\n"
                 "vextractf128 $1, %%ymm3, 48(%0); vextractf128 $1, %%ymm4, 64(%0); vextractf128 $1, %%ymm5, 80(%0)\n"
                 "vextractf128 $1, %%ymm6, 96(%0); vextractf128 $1, %%ymm7, 112(%0); vextractf128 $1, %%ymm8, 128(%0)\n"
                 "vextractf128 $1, %%ymm9, 144(%0); vextractf128 $1, %%ymm10, 160(%0)\n"
                 "vextractf128 $1, %%ymm11, 176(%0); vextractf128 $1, %%ymm12, 192(%0)\n"
                 "vextractf128 $1, %%ymm13, 208(%0); vextractf128 $1, %%ymm14, 224(%0)\n"
                 "vextractf128 $1, %%ymm15, 240(%0)"
                 :
                 : "r"(halves)
                 : "memory");
    for (const auto& half : halves) {
        if ((half[0] | half[1]) != 0) {
            return false;
        }
    }
    return true;
}

/// Marks that the next program must not find.
void leave_marks()
{
    if (has_avx()) {
        asm volatile("vpcmpeqd %xmm1, %xmm1, %xmm1; vinsertf128 $1, %xmm1, %ymm1, %ymm2; vmovaps %ymm2, %ymm14");
    }
    constexpr std::uint16_t kUserData = 0x1b;
    constexpr std::uint32_t kRoundToZero = 0x7f80;
    asm volatile("pcmpeqd %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm7; movdqa %%xmm0, %%xmm15; fld1; fldpi\n"
                 "ldmxcsr %0; mov %1, %%ds; mov %1, %%es; mov %1, %%fs; mov %1, %%gs"
                 :
                 : "m"(kRoundToZero), "r"(kUserData));
}

} // namespace

int main()
{
    if (!general_registers_clean()) {
        user::print("general registers: not clean\n");
        return 1;
    }
    if (!float_registers_clean()) {
        user::print("x87 and SSE registers: not clean\n");
        return 2;
    }
    if (!selectors_clean()) {
        user::print("segment registers: not clean\n");
        return 3;
    }
    if (has_avx() && !upper_halves_clean()) {
        user::print("AVX registers: not clean\n");
        return 4;
    }
    leave_marks();
    user::print("every register was clean\n");
    return 0;
}
