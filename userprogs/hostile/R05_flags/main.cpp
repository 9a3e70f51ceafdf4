// SPDX-License-Identifier: MIT
// Hostile (catalogue R05): asks POPF for the flags that belong to the kernel, looks whether it got one, and uses it.
// expect: killed by SIGSEGV: #GP
#include "lib/cases.h"
#include "lib/flags.h"

namespace {

constexpr std::uint64_t kForbidden =
    flags::kIoPrivilege | flags::kVirtual8086 | flags::kVirtualInterrupt | flags::kVirtualInterruptPending;

bool ordinary(std::uint64_t value)
{
    return (value & kForbidden) == 0 && (value & flags::kInterrupt) != 0;
}

} // namespace

int main()
{
    const std::uint64_t usual = flags::read();
    flags::write((usual | kForbidden) & ~flags::kInterrupt);
    if (!ordinary(flags::read())) {
        return user::broke("a flag of the kernel's was granted\n");
    }
    if (!ordinary(flags::call_with(kForbidden).flags)) {
        return user::broke("a flag of the kernel's was granted across a call\n");
    }
    asm volatile("cli");
    return user::broke("interrupts are off\n");
}
