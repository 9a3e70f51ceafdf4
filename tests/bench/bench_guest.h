// SPDX-License-Identifier: MIT
// The guest that the loops run in.  Its pages are writable or executable, never both: the rules ask for it, and the
// engine is slow at storing where code may be.
#pragma once

#include "support/machine_guest.h"

namespace bench {

inline support::MachineGuest make_guest(ringcheck::ExecutionMode mode)
{
    using Guest = support::MachineGuest;
    constexpr std::uint64_t kNoExecute = std::uint64_t{1} << 63;
    Guest guest({.ram_bytes = 8u << 20, .mode = mode});
    for (std::uint64_t page = 0; page != Guest::Guest::kRamBytes; page += arch::kPageSize) {
        const bool code = page == Guest::kUserText || page == Guest::kKernelText || page == Guest::kSyscallText ||
                          page == Guest::kHandlerText;
        const std::uint64_t entry = guest.guest.page_entry(page);
        if (page != Guest::kUnmapped) {
            guest.guest.set_page_entry(page, code ? entry & ~arch::PageEntry::kWritable : entry | kNoExecute);
        }
    }
    return guest;
}

} // namespace bench
