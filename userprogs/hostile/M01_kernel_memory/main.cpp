// SPDX-License-Identifier: MIT
// Hostile (catalogue M01): reads, writes and executes the kernel's half.
// expect read_map: killed by SIGSEGV: #PF read of 0xffff
// expect write_map: killed by SIGSEGV: #PF write of 0xffff
// expect read_stack: killed by SIGSEGV: #PF read of 0xffff
// expect write_stack: killed by SIGSEGV: #PF write of 0xffff
// expect read_image: killed by SIGSEGV: #PF read of 0xffff
// expect write_image: killed by SIGSEGV: #PF write of 0xffff
// expect run_image: killed by SIGSEGV: #PF execute of 0xffff
// expect run_map: killed by SIGSEGV: #PF execute of 0xffff
// expect read_last: killed by SIGSEGV: #PF read of 0xffff
// expect read_between: killed by SIGSEGV: #PF read of 0xffff
// expect prefetch: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"

namespace {

using namespace hostile;

template <std::uint64_t address> int read()
{
    asm volatile("movb (%0), %%al" : : "r"(address) : "rax");
    return user::broke("kernel memory was read\n");
}

template <std::uint64_t address> int write()
{
    asm volatile("movb $0, (%0)" : : "r"(address) : "memory");
    return user::broke("kernel memory was written\n");
}

template <std::uint64_t address> int execute()
{
    asm volatile("jmp *%0" : : "r"(address));
    __builtin_unreachable();
}

/// A prefetch never faults, and must not bring anything either.
int prefetch()
{
    for (const std::uint64_t address : kBad) {
        asm volatile("prefetcht0 (%0); prefetchnta (%0)" : : "r"(address));
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {
    {"read_map", read<kPhysicalMap>},
    {"write_map", write<kPhysicalMap + 0x1000>},
    {"read_stack", read<kKernelStacks + 0x4000>},
    {"write_stack", write<kKernelStacks + 0x4ff8>},
    {"read_image", read<kKernelImage>},
    {"write_image", write<kKernelImage>},
    {"run_image", execute<kKernelImage>},
    {"run_map", execute<kPhysicalMap>},
    {"read_last", read<kLastByte>},
    {"read_between", read<kKernelStacks + (kKernelImage - kKernelStacks) / 2>},
    {"prefetch", prefetch},
};

} // namespace

int main()
{
    return user::run_case(kCases);
}
