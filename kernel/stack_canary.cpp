// SPDX-License-Identifier: MIT
#include "stack_canary.h"

#include "base/random.h"
#include "base/sealed.h"
#include "panic.h"

#include <cstdint>

/// Read by every protected function, under the compiler's name for it.  Until the generator is seeded, anything but 0.
SEALED std::uint64_t stack_canary asm("__stack_chk_guard") = 0x7dd1'5eed'0ca9'a200;

extern "C" [[noreturn]] void canary_overwritten() asm("__stack_chk_fail");

void canary_overwritten()
{
    kernel::panic("a stack canary was overwritten");
}

namespace kernel {

[[gnu::no_stack_protector]] void choose_stack_canary()
{
    constexpr std::uint64_t kTerminator = 0xff;
    stack_canary = base::random.next() & ~kTerminator;
}

} // namespace kernel
