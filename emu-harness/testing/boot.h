// SPDX-License-Identifier: GPL-2.0-or-later
// Which kernel a test binary is about, and where its tests begin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringcheck::testing {

/// Two that are equal are booted once in a process.
struct Boot {
    std::string kernel;             ///< the ELF file
    std::string description;        ///< a TOML file; "": the built-in one that recognises the kernel, else none
    std::string initrd;             ///< "": initrd.cpio beside the kernel, if it is there
    std::string command_line;       ///< the kernel's
    std::string cpu = "intel";      ///< as `ringcheck run --cpu` takes it: "amd", "intel,-smap"
    std::uint64_t ram_mib = 64;     ///< a multiple of 2 from 8 to 1024
    std::vector<std::string> typed; ///< lines that are typed at the console's prompts, before `until` and after it
    /// The tests begin before the first instruction of this function of the kernel's; "": at the kernel's entry.
    std::string until;

    auto operator<=>(const Boot&) const = default;
};

} // namespace ringcheck::testing
