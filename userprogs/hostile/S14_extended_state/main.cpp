// SPDX-License-Identifier: MIT
// Hostile (catalogue S14): looks for what other threads or the kernel left in the registers that a switch forgets
// easily.
// expect: exited with status 0
#include "lib/cases.h"

namespace {

struct Cpuid {
    std::uint32_t eax, ebx, ecx, edx;
};

Cpuid cpuid(std::uint32_t leaf)
{
    Cpuid result{};
    asm volatile("cpuid" : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx) : "a"(leaf), "c"(0));
    return result;
}

constexpr std::uint32_t kOsxsave = 1 << 27, kOspke = 1 << 4, kRdtscp = 1 << 27;
constexpr std::uint64_t kX87SseAvx = 7;

} // namespace

int main()
{
    std::uint32_t low = 0, high = 0, word = 0;
    if ((cpuid(1).ecx & kOsxsave) != 0) {
        asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        if (high != 0 || (low & ~kX87SseAvx) != 0) {
            return user::broke("XCR0 enables what the kernel does not switch\n");
        }
    }
    if (cpuid(0).eax >= 7 && (cpuid(7).ecx & kOspke) != 0) {
        return user::broke("protection keys are on, and nobody switches PKRU\n");
    }
    if ((cpuid(0x8000'0001).edx & kRdtscp) != 0) {
        asm volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(word));
        if (word != 0) {
            return user::broke("TSC_AUX is not the number of the one CPU\n");
        }
    }
    return user::kSurvived;
}
