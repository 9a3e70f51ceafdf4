// SPDX-License-Identifier: MIT
// Makes a program out of an ELF64 file in two steps: a plan, which is pure and in which every number of the file has
// been checked, and its execution, which can then fail only for want of memory.
// [System V gABI "ELF Header", "Program Header", "Program Loading"]
#pragma once

#include "arch/address.h"
#include "arch/elf.h"
#include "base/result.h"
#include "base/static_vector.h"
#include "layout/address_map.h"
#include "mm/user_memory.h"

namespace kernel {

/// One PT_LOAD.  Its pages are [address.page_floor(), end().page_ceiling()), shared with no other segment.
struct ElfSegment {
    arch::VirtAddr address;
    std::uint64_t memory_size = 0; ///< bytes, at least 1; beyond file_size they are zero
    std::uint64_t file_offset = 0;
    std::uint64_t file_size = 0;
    Protection protection;

    constexpr arch::VirtAddr end() const { return address + memory_size; }
};

struct ElfPlan {
    static constexpr std::size_t kMaximumSegments = 16;
    static constexpr unsigned kMaximumProgramHeaders = 64;
    static constexpr std::uint64_t kMaximumMemory = 64 * 1024 * 1024;
    static constexpr arch::VirtAddr kProgramEnd = layout::kUserProgramEnd;
    /// The greatest alignment that a position-independent program may ask for: a large page.
    static constexpr std::uint64_t kMaximumAlignment = 2 * 1024 * 1024;

    /// Added to each address in the file: 0 for ET_EXEC.  All that follows has it.
    std::uint64_t bias = 0;
    arch::VirtAddr entry;
    base::StaticVector<ElfSegment, kMaximumSegments> segments; ///< ascending
    arch::VirtAddr program_headers;         ///< where a segment holds the whole table, for AT_PHDR; else 0
    std::uint16_t program_header_count = 0; ///< for AT_PHNUM; 0 when program_headers is 0

    /// The page border behind the last segment.
    arch::VirtAddr end() const { return segments[segments.size() - 1].end().page_ceiling(); }
};

/// Checks `file` and says what to load from it: an executable at its own addresses (ET_EXEC), or a position-independent
/// one (ET_DYN), which relocates itself or has an interpreter that does.
/// @param base  where the latter goes, rounded down to its alignment: from kUserPieBase on, and kUserPieReach below
///              kProgramEnd, so that whether a file can be loaded does not depend on it
/// @return ENOEXEC  neither of the two for x86-64, or malformed in any way
///         ENOMEM   well-formed, but larger than kMaximumMemory
base::Result<ElfPlan> plan_elf(const PageSource& file, arch::VirtAddr base);

/// The same for a program's interpreter, ET_EXEC or ET_DYN; one that asks for another is not given it, as on Linux.
/// @param top  page-aligned; a position-independent one ends there or below
/// @return EIO      shorter than an ELF header
///         ELIBBAD  not for x86-64, or malformed in any way
///         ENOMEM   as above
base::Result<ElfPlan> plan_interpreter(const PageSource& file, arch::VirtAddr top);

/// The path that the first PT_INTERP of a program names, with a NUL behind it.
/// @return false: it names none, or the file is none that plan_elf would take.  ENOEXEC: not a path, or one that is
/// longer
///         than `path`.  EIO: it is not in the file.
base::Result<bool> read_interpreter(const PageSource& file, base::Span<char> path);

/// Gives `memory`, where these addresses are free, the areas of `plan`, which plan_elf made of the same `file`, and
/// brings in the page of the first instruction; all others come from `file` when they are touched.  As on Linux, what
/// stands in the file before a segment stands before it in its first page.
/// @return ENOMEM.  EEXIST: something is there; the caller then destroys `memory`
base::Result<void> load_elf(const ElfPlan& plan, PageSource& file, UserMemory& memory);

} // namespace kernel
