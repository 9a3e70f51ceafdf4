// SPDX-License-Identifier: MIT
// Hostile (catalogue M03): executes what is data, and writes what is code.
// expect stack: killed by SIGSEGV: #PF execute
// expect data: killed by SIGSEGV: #PF execute
// expect bss: killed by SIGSEGV: #PF execute
// expect rodata: killed by SIGSEGV: #PF execute
// expect write_text: killed by SIGSEGV: #PF write
// expect write_rodata: killed by SIGSEGV: #PF write
// expect map_both: exited with status 0
// expect make_both: exited with status 0
#include "lib/cases.h"
#include "lib/linux.h"

namespace {

constexpr std::uint8_t kReturn = 0xc3;
std::uint8_t data = kReturn, bss;
constexpr std::uint8_t kRodata = kReturn;

int execute(const std::uint8_t* code)
{
    reinterpret_cast<void (*)()>(reinterpret_cast<std::uint64_t>(code))();
    return user::broke("data was executed\n");
}

int write(const void* address)
{
    asm volatile("movb $0xc3, (%0)" : : "r"(address) : "memory");
    return user::broke("read-only memory was written\n");
}

int stack()
{
    volatile std::uint8_t code = kReturn;
    return execute(const_cast<const std::uint8_t*>(&code));
}

int map_both()
{
    using namespace linux_abi;
    const std::int64_t at =
        user::raw_call(kMmap, 0, 4096, kProtRead | kProtWrite | kProtExec, kPrivate | kAnonymous, ~std::uint64_t{0}, 0);
    if (at == kNoSuchCall) {
        return user::not_here("needs mmap\n");
    }
    return is_error(at) ? user::kSurvived : user::broke("a page is both writable and executable\n");
}

int make_both()
{
    using namespace linux_abi;
    const auto page = reinterpret_cast<std::uint64_t>(&data) & ~std::uint64_t{0xfff};
    const std::int64_t result = user::raw_call(kMprotect, page, 4096, kProtRead | kProtWrite | kProtExec);
    if (result == kNoSuchCall) {
        return user::not_here("needs mprotect\n");
    }
    return is_error(result) ? user::kSurvived : user::broke("a page is both writable and executable\n");
}

constexpr user::Case kCases[] = {{"stack", stack},
                                 {"data", [] { return execute(&data); }},
                                 {"bss", [] { return execute(&bss); }},
                                 {"rodata", [] { return execute(&kRodata); }},
                                 {"write_text", [] { return write(reinterpret_cast<const void*>(&stack)); }},
                                 {"write_rodata", [] { return write(&kRodata); }},
                                 {"map_both", map_both},
                                 {"make_both", make_both}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
