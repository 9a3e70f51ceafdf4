// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/descriptor_table.h"

#include "model/memory_access.h"

#include <array>
#include <optional>
#include <span>

namespace ringcheck::model {

namespace {

using arch::SegmentDescriptor;

/// GDTR or LDTR, as `selector` says; an LDTR that holds nothing has no limit that any descriptor is within.
struct Table {
    std::uint64_t base = 0;
    std::uint64_t size_bytes = 0;
};

Table table_of(const CpuState& state, std::uint16_t selector)
{
    if ((selector & arch::selector::kLocalTable) == 0) {
        return {state.gdtr.base, state.gdtr.limit + 1ull};
    }
    return state.ldtr.present() ? Table{state.ldtr.base, state.ldtr.limit + 1ull} : Table{};
}

std::uint64_t offset_of(std::uint16_t selector)
{
    return selector & ~7u;
}

/// The linear address of the first of `bytes` bytes of a descriptor; nullopt when they are not all in its table.
std::optional<std::uint64_t> find(const CpuState& state, std::uint16_t selector, std::size_t bytes)
{
    const Table table = table_of(state, selector);
    if (offset_of(selector) + bytes > table.size_bytes) {
        return std::nullopt;
    }
    return table.base + offset_of(selector);
}

SegmentRegister cached(std::uint16_t selector, SegmentDescriptor descriptor)
{
    return {selector, descriptor.base(), descriptor.limit(),
            static_cast<std::uint32_t>(descriptor.raw() >> 32) & 0x00f0'ff00u};
}

SegmentDescriptor flat(std::uint64_t type, unsigned dpl, std::uint64_t size)
{
    return SegmentDescriptor{arch::bits<15, 0>.put(0xffff) | arch::bits<51, 48>.put(0xf) |
                             SegmentDescriptor::kType.put(type | SegmentDescriptor::kTypeAccessed) |
                             SegmentDescriptor::kCodeOrData | SegmentDescriptor::kDpl.put(dpl) |
                             SegmentDescriptor::kPresent | SegmentDescriptor::kGranularity | size};
}

} // namespace

std::expected<std::optional<SegmentDescriptor>, Fault>
read_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector)
{
    const auto address = find(state, selector, sizeof(SegmentDescriptor));
    if (!address) {
        return std::nullopt;
    }
    const auto word = read_word<std::uint64_t>(state, memory, *address, by_cpu(AccessKind::Read));
    if (!word) {
        return std::unexpected(word.error());
    }
    return SegmentDescriptor{*word};
}

std::expected<std::optional<SystemDescriptor>, Fault>
read_system_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector)
{
    const auto address = find(state, selector, sizeof(SystemDescriptor));
    if (!address) {
        return std::nullopt;
    }
    const auto words = read_word<std::array<std::uint64_t, 2>>(state, memory, *address, by_cpu(AccessKind::Read));
    if (!words) {
        return std::unexpected(words.error());
    }
    return SystemDescriptor{SegmentDescriptor{(*words)[0]}, (*words)[1]};
}

std::expected<void, Fault> write_descriptor(const CpuState& state, const PhysicalMemory& memory, std::uint16_t selector,
                                            std::uint64_t word)
{
    return write_linear(state, memory, table_of(state, selector).base + offset_of(selector),
                        std::as_bytes(std::span{&word, 1}), by_cpu(AccessKind::Write), Reference::Data);
}

SegmentRegister load_system_segment(std::uint16_t selector, const SystemDescriptor& descriptor)
{
    SegmentRegister loaded = cached(selector, descriptor.low);
    loaded.base = descriptor.base();
    return loaded;
}

std::expected<SegmentRegister, Fault> load_segment(const CpuState& state, const PhysicalMemory& memory,
                                                   std::uint16_t selector, SegmentDescriptor descriptor)
{
    if ((descriptor.raw() & SegmentDescriptor::kAccessed) == 0) {
        descriptor = SegmentDescriptor{descriptor.raw() | SegmentDescriptor::kAccessed};
        if (const auto written = write_descriptor(state, memory, selector, descriptor.raw()); !written) {
            return std::unexpected(written.error());
        }
    }
    return cached(selector, descriptor);
}

SegmentRegister flat_code(std::uint16_t selector, unsigned dpl, bool long_mode)
{
    return cached(selector, flat(SegmentDescriptor::kTypeCode | SegmentDescriptor::kTypeReadable, dpl,
                                 long_mode ? SegmentDescriptor::kLong : SegmentDescriptor::kDefaultSize));
}

SegmentRegister flat_stack(std::uint16_t selector, unsigned dpl)
{
    return cached(selector, flat(SegmentDescriptor::kTypeWritable, dpl, SegmentDescriptor::kDefaultSize));
}

void drop_segments_too_privileged_for(CpuState& state, unsigned new_cpl)
{
    for (SegmentRegister* const segment : {&state.es, &state.fs, &state.gs, &state.ds}) {
        const SegmentDescriptor held{static_cast<std::uint64_t>(segment->attributes) << 32};
        if (!is_null(segment->selector) && !held.conforming() && segment->dpl() < new_cpl) {
            segment->selector = 0;
            segment->attributes = 0;
        }
    }
}

} // namespace ringcheck::model
