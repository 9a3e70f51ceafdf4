// SPDX-License-Identifier: MIT
// What a boot loader told the kernel, copied out of its structures: nothing here points into memory that the frame
// allocator may give away, but for the initrd, which the caller reserves.
#pragma once

#include "base/span.h"
#include "base/static_vector.h"
#include "base/string_view.h"
#include "mm/memory_range.h"
#include "mm/physical_window.h"

#include <expected>
#include <optional>

namespace kernel {

struct BootInfo {
    static constexpr std::size_t kMaximumUsable = 64, kMaximumReserved = 128, kCommandLineSize = 256;

    base::StaticVector<MemoryRange, kMaximumUsable> usable;
    /// Every range of the memory map that is not usable: where two overlap, this one wins.
    base::StaticVector<MemoryRange, kMaximumReserved> reserved;
    /// The first boot module; size 0 when there is none.  Loaders put it high: it may lie beyond what is mapped at
    /// boot.
    MemoryRange initrd;
    char command_line[kCommandLineSize] = {};

    /// True when `name` is a word of the command line.
    bool has_option(base::StringView name) const;
    /// The text after "name=", or an empty view.  The first such word counts.
    base::StringView option_value(base::StringView name) const;
    /// The decimal number after "name=", or nothing: also when what stands there is no number below 2^64.
    std::optional<std::uint64_t> option_number(base::StringView name) const;
};

/// A malformed boot structure: what is wrong with it, for the console.
using BootResult = std::expected<void, const char*>;

/// Copies the NUL-terminated string at `address` into `info`.  Fails when it does not end within `longest` bytes and
/// the window, or does not fit.
BootResult read_command_line(const PhysicalWindow& memory, arch::PhysAddr address, std::uint64_t longest,
                             BootInfo& info);

/// Files one range of a memory map.  Fails when the list it belongs to is full.
BootResult add_memory_range(BootInfo& info, arch::PhysAddr begin, std::uint64_t size, bool usable);

/// Fails when the module would reach beyond the end of the address space.
BootResult set_initrd(BootInfo& info, arch::PhysAddr begin, std::uint64_t size);

} // namespace kernel
