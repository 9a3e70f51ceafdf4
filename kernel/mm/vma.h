// SPDX-License-Identifier: MIT
// A virtual memory area: a run of pages that a program has asked for, all of one kind and with the same rights.
#pragma once

#include "arch/address.h"
#include "mm/page_rights.h"
#include "mm/page_source.h"

#include <cstdint>

namespace kernel {

/// What a program may do with its pages.  Never both written and executed: everybody who makes one refuses that.
struct Protection {
    bool read = false;
    bool write = false;
    bool execute = false;

    /// The page tables know no page that can be written or executed but not read.
    constexpr bool accessible() const { return read || write || execute; }
    constexpr PageRights rights() const { return {.write = write, .execute = execute}; }
    constexpr bool operator==(const Protection&) const = default;
};

enum class VmaKind : std::uint8_t {
    Private,    ///< copied on write after a fork, or when its page is a file's
    Shared,     ///< the same frames in parent and child; all of them are there from the beginning
    Stack,      ///< private, and grows downwards at a fault below it
    File,       ///< private; behind the last page of the file there is nothing
    SharedFile, ///< what is written is the file's; behind the last page of the file there is nothing
    Kernel,     ///< the kernel's own frames, which nobody counts; it neither grows nor counts against a limit
};

struct Vma {
    arch::VirtAddr begin; ///< page-aligned
    arch::VirtAddr end;   ///< page-aligned, above begin
    static constexpr std::uint64_t kAll = ~std::uint64_t{0};

    PageSource* file = nullptr;    ///< whose bytes it shows; VmaSet counts the area among its views
    std::uint64_t file_offset = 0; ///< of the byte at `begin`, page-aligned
    std::uint64_t file_bytes = 0;  ///< from `begin` on; what is behind them is zero.  kAll: whatever the file has
    VmaKind kind = VmaKind::Private;
    Protection protection{};
    bool never_written = false; ///< it is shared and its file was not opened for writing, or it is the kernel's
    bool never_executed = false;

    constexpr bool contains(arch::VirtAddr address) const { return address >= begin && address < end; }
    /// Every byte is the file's.
    constexpr bool shows_file() const { return kind == VmaKind::File || kind == VmaKind::SharedFile; }
    /// The frames are others', too, and may be written all the same.
    constexpr bool shares_frames() const { return kind == VmaKind::Shared || kind == VmaKind::SharedFile; }

    /// True when this and `next` can be one: nothing of a file in them, and no difference.
    constexpr bool continues_in(const Vma& next) const
    {
        return end == next.begin && kind == next.kind && kind != VmaKind::Stack && protection == next.protection &&
               file == nullptr && next.file == nullptr;
    }

    /// The part from `at` on, which lies inside and on a page border.
    constexpr Vma tail(arch::VirtAddr at) const
    {
        Vma rest = *this;
        const std::uint64_t skipped = at - begin;
        rest.begin = at;
        if (file_bytes <= skipped) {
            rest.file = nullptr;
            rest.file_offset = 0;
            rest.file_bytes = 0;
        } else {
            rest.file_offset += skipped;
            rest.file_bytes -= file_bytes == kAll ? 0 : skipped;
        }
        return rest;
    }
    /// The part before `at`, which lies inside and on a page border.
    constexpr Vma head(arch::VirtAddr at) const
    {
        Vma rest = *this;
        rest.end = at; // the file may go on behind it: nobody looks there, unless the area grows again
        return rest;
    }
};

} // namespace kernel
