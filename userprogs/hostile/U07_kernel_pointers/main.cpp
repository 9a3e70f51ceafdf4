// SPDX-License-Identifier: MIT
// Hostile (catalogue U07): looks for addresses of the kernel in all that it is given: its first stack with the
// auxiliary vector, what lies below it, registers behind a call.
// expect: exited with status 0
#include "lib/cases.h"
#include "lib/flags.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"
#include "lib/registers.h"

namespace {

/// A pointer into the kernel's half; -1, a number of old, and errors are none.
bool suspicious(std::uint64_t word)
{
    return word >= hostile::kPhysicalMap && word < hostile::kLastByte - 0xffff;
}

bool found_between(const std::uint64_t* begin, const std::uint64_t* end)
{
    for (; begin != end; ++begin) {
        if (suspicious(*begin)) {
            return true;
        }
    }
    return false;
}

} // namespace

int main()
{
    const auto* const start = user::arguments.after_count() - 1;
    constexpr std::uint64_t kPage = 4096, kBelow = 4 * kPage;
    const auto top = (reinterpret_cast<std::uint64_t>(start) | (kPage - 1)) + 1;
    if (found_between(reinterpret_cast<const std::uint64_t*>(start - kBelow / 8),
                      reinterpret_cast<const std::uint64_t*>(top))) {
        return user::broke("the stack holds an address of the kernel\n");
    }
    const user::Registers nothing{
        .general = {flags::kUnknownCall}, .vector = {}, .mxcsr = 0x1f80, .control_word = 0x37f, .padding = 0};
    user::Registers after{};
    hold_registers_over_syscall(&nothing, &after);
    after.general[user::Registers::Rax] = 0;
    const auto* const words = reinterpret_cast<const std::uint64_t*>(&after);
    return found_between(words, words + sizeof after / sizeof *words)
               ? user::broke("a register holds an address of the kernel\n")
               : user::kSurvived;
}
