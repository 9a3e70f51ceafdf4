// SPDX-License-Identifier: MIT
// Hostile (catalogue M01): reads where the kernel maps all physical memory, its own and everybody's.
// The first byte is #PF (protection, user).
// expect: killed by SIGSEGV: #PF read of 0xffff800000000000
#include "lib/syscall.h"

namespace {

/// The first byte of the kernel's half.
constexpr std::uint64_t kPhysicalMap = 0xffff'8000'0000'0000;

} // namespace

int main()
{
    user::print("reading kernel memory\n");
    const auto* const kernel = reinterpret_cast<const volatile unsigned char*>(kPhysicalMap);
    const unsigned char stolen = *kernel;
    user::print("kernel memory was readable\n");
    return stolen == 0 ? 1 : 2;
}
