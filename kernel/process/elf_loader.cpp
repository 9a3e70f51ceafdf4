// SPDX-License-Identifier: MIT
#include "process/elf_loader.h"

#include "base/assert.h"

namespace kernel {

using namespace arch::elf;
using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// True when `count` bytes from `offset` on lie inside; cannot overflow.
bool contains(const PageSource& file, std::uint64_t offset, std::uint64_t count)
{
    const std::uint64_t size = file.file_size();
    return offset <= size && count <= size - offset;
}

/// A copy of the structure at `offset`, which may be at any alignment.  The caller has checked that it is inside.
template <typename T> T read(const PageSource& file, std::uint64_t offset)
{
    T value{};
    file.peek(offset, {reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
}

bool is_program(const Header& header)
{
    return __builtin_memcmp(header.ident, kMagic, sizeof kMagic) == 0 && header.ident[kIdentClass] == kClass64 &&
           header.ident[kIdentData] == kLittleEndian && header.ident[kIdentVersion] == kCurrentVersion &&
           (header.type == kTypeExecutable || header.type == kTypeShared) && header.machine == kMachineX86_64 &&
           header.version == kCurrentVersion && header.header_size == sizeof(Header);
}

/// The program header table lies in the file and has a size that the kernel accepts.
bool has_program_headers(const Header& header, const PageSource& file)
{
    return header.program_header_size == sizeof(ProgramHeader) &&
           header.program_header_count <= ElfPlan::kMaximumProgramHeaders &&
           contains(file, header.program_header_offset, header.program_header_count * sizeof(ProgramHeader));
}

/// "p_vaddr should equal p_offset, modulo p_align", and modulo the page size too.  Alignments 0 and 1 ask for nothing.
bool is_aligned(const ProgramHeader& segment)
{
    const std::uint64_t alignment = segment.alignment > kPageSize ? segment.alignment : kPageSize;
    const bool power_of_two = (segment.alignment & (segment.alignment - 1)) == 0;
    return power_of_two && ((segment.virtual_address - segment.offset) & (alignment - 1)) == 0;
}

ProgramHeader program_header(const Header& header, unsigned index, const PageSource& file)
{
    return read<ProgramHeader>(file, header.program_header_offset + index * sizeof(ProgramHeader));
}

/// The greatest alignment that a segment asks for, at least a page.  Not yet known to be a power of two.
std::uint64_t alignment_of(const Header& header, const PageSource& file)
{
    std::uint64_t greatest = kPageSize;
    for (unsigned i = 0; i < header.program_header_count; ++i) {
        const ProgramHeader segment = program_header(header, i, file);
        if (segment.type == kSegmentLoad && segment.alignment > greatest) {
            greatest = segment.alignment;
        }
    }
    return greatest;
}

/// The addresses that a file may name, and what is added to them.
struct Placement {
    std::uint64_t begin, end;
    std::uint64_t bias;
};

/// Where the memory image of the last segment ends, or beyond all that is allowed.
std::uint64_t extent_of(const Header& header, const PageSource& file)
{
    std::uint64_t extent = 0;
    for (unsigned i = 0; i < header.program_header_count; ++i) {
        const ProgramHeader segment = program_header(header, i, file);
        std::uint64_t end = 0;
        if (segment.type != kSegmentLoad) {
            continue;
        }
        if (__builtin_add_overflow(segment.virtual_address, segment.memory_size, &end) || end > layout::kUserPieReach) {
            return layout::kUserPieReach;
        }
        extent = end > extent ? end : extent;
    }
    return (extent + kPageSize - 1) & ~(kPageSize - 1);
}

/// Where a position-independent file goes whose base is not told: so that it ends below `top`.
VirtAddr base_below(const Header& header, const PageSource& file, VirtAddr top)
{
    return top - extent_of(header, file);
}

/// An executable's addresses are those of its memory; a position-independent file's begin at 0.
Result<Placement> placement_of(const Header& header, std::uint64_t alignment, VirtAddr base)
{
    if (header.type == kTypeExecutable) {
        return Placement{layout::kUserBegin.value, ElfPlan::kProgramEnd.value, 0};
    }
    if (alignment > ElfPlan::kMaximumAlignment) {
        return fail(Error::Enoexec);
    }
    ASSERT(base >= layout::kUserPieBase && base.page_aligned());
    return Placement{0, layout::kUserPieReach, base.value & ~(alignment - 1)};
}

/// The memory image lies where a program may be; written so that no sum can overflow.
bool is_placed(const ProgramHeader& segment, const Placement& placement)
{
    return segment.virtual_address >= placement.begin && segment.virtual_address <= placement.end &&
           segment.memory_size <= placement.end - segment.virtual_address;
}

/// The rights that the page tables can give: readable always, and never both writable and executable.
bool has_possible_rights(const ProgramHeader& segment)
{
    constexpr std::uint32_t kBoth = kSegmentWritable | kSegmentExecutable;
    return (segment.flags & kSegmentReadable) != 0 && (segment.flags & kBoth) != kBoth;
}

bool is_loadable(const ProgramHeader& segment, const PageSource& file, const Placement& placement)
{
    return segment.file_size <= segment.memory_size && contains(file, segment.offset, segment.file_size) &&
           is_aligned(segment) && is_placed(segment, placement) && has_possible_rights(segment);
}

ElfSegment to_segment(const ProgramHeader& header, const Placement& placement)
{
    return {VirtAddr{placement.bias + header.virtual_address},
            header.memory_size,
            header.offset,
            header.file_size,
            {.read = true,
             .write = (header.flags & kSegmentWritable) != 0,
             .execute = (header.flags & kSegmentExecutable) != 0}};
}

/// Adds a checked PT_LOAD.  Segments must ascend, as the gABI asks, and share no page: then none overlap.
Result<void> add_segment(ElfPlan& plan, const ElfSegment& segment)
{
    if (!plan.segments.empty() && segment.address < plan.segments[plan.segments.size() - 1].end().page_ceiling()) {
        return fail(Error::Enoexec);
    }
    if (!plan.segments.push_back(segment)) {
        return fail(Error::Enoexec);
    }
    return {};
}

/// Where the whole program header table is in memory, when one segment's file part holds it.
void locate_program_headers(ElfPlan& plan, const Header& header)
{
    const std::uint64_t size = header.program_header_count * sizeof(ProgramHeader);
    for (const ElfSegment& segment : plan.segments) {
        if (header.program_header_offset >= segment.file_offset) {
            const std::uint64_t distance = header.program_header_offset - segment.file_offset;
            if (distance <= segment.file_size && size <= segment.file_size - distance) {
                plan.program_headers = segment.address + distance;
                plan.program_header_count = header.program_header_count;
                return;
            }
        }
    }
}

bool entry_is_executable(const ElfPlan& plan)
{
    for (const ElfSegment& segment : plan.segments) {
        if (plan.entry >= segment.address && plan.entry < segment.end()) {
            return segment.protection.execute;
        }
    }
    return false;
}

std::uint64_t memory_of(const ElfPlan& plan)
{
    std::uint64_t bytes = 0;
    for (const ElfSegment& segment : plan.segments) {
        bytes += segment.end().page_ceiling() - segment.address.page_floor();
    }
    return bytes;
}

/// The file's header, which has been checked, as the table that it leads to.
Result<Header> read_header(const PageSource& file)
{
    if (!contains(file, 0, sizeof(Header))) {
        return fail(Error::Enoexec);
    }
    const auto header = read<Header>(file, 0);
    return is_program(header) && has_program_headers(header, file) ? Result<Header>(header) : fail(Error::Enoexec);
}

Result<ElfPlan> make_plan(const PageSource& file, const Header& header, VirtAddr base)
{
    const Placement placement = TRY(placement_of(header, alignment_of(header, file), base));
    ElfPlan plan;
    plan.bias = placement.bias;
    plan.entry = VirtAddr{placement.bias + header.entry}; // may wrap: then no segment holds it
    for (unsigned i = 0; i < header.program_header_count; ++i) {
        const ProgramHeader segment = program_header(header, i, file);
        if (segment.type != kSegmentLoad) {
            continue;
        }
        if (!is_loadable(segment, file, placement)) {
            return fail(Error::Enoexec);
        }
        if (segment.memory_size != 0) {
            TRY(add_segment(plan, to_segment(segment, placement)));
        }
    }
    if (!entry_is_executable(plan)) { // also when there is no segment at all
        return fail(Error::Enoexec);
    }
    if (memory_of(plan) > ElfPlan::kMaximumMemory) {
        return fail(Error::Enomem);
    }
    locate_program_headers(plan, header);
    return plan;
}

} // namespace

Result<ElfPlan> plan_elf(const PageSource& file, VirtAddr base)
{
    ASSERT(base + layout::kUserPieReach <= ElfPlan::kProgramEnd);
    const Header header = TRY(read_header(file));
    return make_plan(file, header, base);
}

Result<ElfPlan> plan_interpreter(const PageSource& file, VirtAddr top)
{
    if (!contains(file, 0, sizeof(Header))) {
        return fail(Error::Eio);
    }
    const Result<Header> header = read_header(file);
    if (!header) {
        return fail(Error::Elibbad);
    }
    Result<ElfPlan> result = make_plan(file, *header, base_below(*header, file, top));
    return result || result.error() == Error::Enomem ? result : fail(Error::Elibbad);
}

Result<bool> read_interpreter(const PageSource& file, base::Span<char> path)
{
    const Result<Header> header = read_header(file);
    for (unsigned i = 0; header && i < header->program_header_count; ++i) {
        const ProgramHeader segment = program_header(*header, i, file);
        if (segment.type != kSegmentInterpreter) {
            continue;
        }
        // [Linux fs/binfmt_elf.c load_elf_binary]
        if (segment.file_size < 2 || segment.file_size > path.size()) {
            return fail(Error::Enoexec);
        }
        if (!contains(file, segment.offset, segment.file_size)) {
            return fail(Error::Eio);
        }
        file.peek(segment.offset, {reinterpret_cast<std::uint8_t*>(path.data()), segment.file_size});
        return path[segment.file_size - 1] == 0 ? Result<bool>(true) : fail(Error::Enoexec);
    }
    return false;
}

Result<void> load_elf(const ElfPlan& plan, PageSource& file, UserMemory& memory)
{
    for (const ElfSegment& segment : plan.segments) {
        const std::uint64_t lead = segment.address.page_offset(); // the file has the same, modulo the page size
        const bool has_bytes = segment.file_size != 0;
        TRY(memory.add_area({.begin = segment.address.page_floor(),
                             .end = segment.end().page_ceiling(),
                             .file = has_bytes ? &file : nullptr,
                             .file_offset = has_bytes ? segment.file_offset - lead : 0,
                             .file_bytes = has_bytes ? lead + segment.file_size : 0,
                             .protection = segment.protection}));
    }
    static_cast<void>(TRY(memory.populate(plan.entry.page_floor(), {.fetch = true})));
    return {};
}

} // namespace kernel
