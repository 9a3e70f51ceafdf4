// SPDX-License-Identifier: MIT
// A virtual memory area: a run of pages that a program has asked for, all of one kind and with the same rights.
#pragma once

#include "arch/address.h"
#include "base/span.h"
#include "mm/page_rights.h"

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
    Private, ///< copied on write after a fork
    Shared,  ///< the same frames in parent and child; all of them are there from the beginning
    Stack,   ///< private, and grows downwards at a fault below it
    File,    ///< private; behind the last page of the file there is nothing
};

struct Vma {
    arch::VirtAddr begin; ///< page-aligned
    arch::VirtAddr end;   ///< page-aligned, above begin
    /// What stands in it from begin + lead on; everything else is zero.
    base::Bytes file{}; // NOLINT(readability-redundant-member-init): the compiler asks for it
    std::uint16_t lead = 0;
    VmaKind kind = VmaKind::Private;
    Protection protection{};

    constexpr bool contains(arch::VirtAddr address) const { return address >= begin && address < end; }

    /// True when this and `next` can be one: nothing of a file in them, and no difference.
    constexpr bool continues_in(const Vma& next) const
    {
        return end == next.begin && kind == next.kind && kind != VmaKind::Stack && protection == next.protection &&
               file.empty() && next.file.empty();
    }

    /// The part from `at` on, which lies inside and on a page border.
    constexpr Vma tail(arch::VirtAddr at) const
    {
        Vma rest = *this;
        const std::uint64_t skipped = at - begin;
        const std::uint64_t in_file = skipped < lead ? 0 : skipped - lead;
        rest.begin = at;
        rest.lead = 0; // less than a page, so that only a first page has one
        rest.file = in_file < file.size() ? file.subspan(in_file, file.size() - in_file) : base::Bytes{};
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
