// SPDX-License-Identifier: MIT
// Hostile: reads the first byte of the kernel's half that is mapped in every address space, the kernel image.
// Expected: #PF (present, user) on that byte; killed by SIGSEGV; the kernel goes on.
#include "lib/syscall.h"

namespace {

/// The first page of the image: 1 MiB above -2 GiB.
constexpr std::uint64_t kKernelImage = 0xffff'ffff'8010'0000;

} // namespace

int main()
{
    user::print("reading kernel memory\n");
    const auto* const kernel = reinterpret_cast<const volatile unsigned char*>(kKernelImage);
    const unsigned char stolen = *kernel;
    user::print("kernel memory was readable\n");
    return stolen == 0 ? 1 : 2;
}
