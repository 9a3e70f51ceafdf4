// SPDX-License-Identifier: MIT
// Hostile (catalogue M04): uses the null page and those above it, and asks for memory there.
// expect read: killed by SIGSEGV: #PF read of 0x0
// expect write: killed by SIGSEGV: #PF write of 0xffff
// expect run: killed by SIGSEGV: #PF execute of 0x0
// expect map: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

int read()
{
    asm volatile("movb 0, %%al" : : : "rax");
    return user::broke("page 0 was read\n");
}

int write()
{
    asm volatile("movb $0, (%0)" : : "r"(std::uint64_t{0xffff}) : "memory");
    return user::broke("a low page was written\n");
}

int run()
{
    asm volatile("jmp *%0" : : "r"(std::uint64_t{0}));
    __builtin_unreachable();
}

int map()
{
    using namespace linux_abi;
    for (const std::uint64_t address : {0x0UL, 0x1000UL, 0xf000UL}) {
        const std::int64_t at = user::raw_call(kMmap, address, 4096, kProtRead | kProtWrite,
                                               kPrivate | kAnonymous | kFixed, ~std::uint64_t{0}, 0);
        if (at == kNoSuchCall) {
            return user::not_here("needs mmap\n");
        }
        if (!is_error(at)) {
            return user::broke("a low page was mapped\n");
        }
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"read", read}, {"write", write}, {"run", run}, {"map", map}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
