// SPDX-License-Identifier: MIT
// Rings, selectors and segment descriptors of 64-bit mode.  [SDM 3A "Segment Selectors", "Segment Descriptors"]
#pragma once

#include "arch/bits.h"

namespace arch {

/// The privilege level of code: CPL, DPL and RPL all take these values; rings 1 and 2 stay unused.
enum class Ring : std::uint8_t { Kernel = 0, User = 3 };

/// A segment selector: index into a table, table indicator, requested privilege level.
namespace selector {
inline constexpr Bits kRpl = bits<1, 0>;
inline constexpr std::uint64_t kLocalTable = bit<2>;
inline constexpr Bits kIndex = bits<15, 3>;
} // namespace selector

/// An 8-byte code or data segment descriptor.  [SDM 3A "Segment Descriptors"]
/// In 64-bit mode the CPU ignores base and limit, but SYSCALL and SYSRET load fixed values into the descriptor caches
/// and ask that the descriptors in memory say the same: base 0, limit 4 GiB, accessed.  [SDM 2B SYSCALL, SYSRET]
class SegmentDescriptor {
public:
    static constexpr Bits kType = bits<43, 40>;
    static constexpr std::uint64_t kCodeOrData = bit<44>;
    static constexpr Bits kDpl = bits<46, 45>;
    static constexpr std::uint64_t kPresent = bit<47>;
    static constexpr std::uint64_t kLong = bit<53>;
    static constexpr std::uint64_t kDefaultSize = bit<54>;
    static constexpr Bits kLimitLow = bits<15, 0>, kLimitHigh = bits<51, 48>;
    static constexpr std::uint64_t kGranularity = bit<55>; ///< the limit counts 4 KiB pages
    static constexpr std::uint64_t kAccessed = bit<40>;    ///< the CPU sets it in the table when it loads the segment

    /// The type field's bits for code and data segments.
    static constexpr std::uint64_t kTypeAccessed = 1, kTypeWritable = 2, kTypeReadable = 2, kTypeConforming = 4,
                                   kTypeCode = 8;
    /// The type values of the system descriptors that exist in 64-bit mode.
    static constexpr std::uint64_t kTypeLdt = 2, kTypeTssAvailable = 9, kTypeTssBusy = 11, kTypeCallGate = 12;

    constexpr SegmentDescriptor() = default;
    constexpr explicit SegmentDescriptor(std::uint64_t raw) : word_(raw) {}

    static constexpr SegmentDescriptor code(Ring ring)
    {
        return SegmentDescriptor{flat(kTypeCode | kTypeReadable, ring) | kLong};
    }
    static constexpr SegmentDescriptor data(Ring ring)
    {
        return SegmentDescriptor{flat(kTypeWritable, ring) | kDefaultSize};
    }

    constexpr std::uint64_t raw() const { return word_; }
    constexpr std::uint64_t type() const { return kType.get(word_); }
    constexpr std::uint64_t dpl() const { return kDpl.get(word_); }
    constexpr bool present() const { return (word_ & kPresent) != 0; }
    constexpr bool code_or_data() const { return (word_ & kCodeOrData) != 0; }
    constexpr bool is_code() const { return code_or_data() && (type() & kTypeCode) != 0; }
    constexpr bool conforming() const { return is_code() && (type() & kTypeConforming) != 0; }
    /// Loadable into DS, ES, FS and GS: data, or code that may be read.
    constexpr bool readable() const { return code_or_data() && (!is_code() || (type() & kTypeReadable) != 0); }
    constexpr bool writable_data() const { return code_or_data() && !is_code() && (type() & kTypeWritable) != 0; }
    constexpr bool long_code() const { return is_code() && (word_ & kLong) != 0; }
    constexpr bool default_size() const { return (word_ & kDefaultSize) != 0; }
    constexpr std::uint32_t base() const
    {
        return static_cast<std::uint32_t>(bits<39, 16>.get(word_) | bits<63, 56>.get(word_) << 24);
    }
    /// The limit in bytes, granularity applied.
    constexpr std::uint32_t limit() const
    {
        const std::uint64_t raw = bits<15, 0>.get(word_) | bits<51, 48>.get(word_) << 16;
        return static_cast<std::uint32_t>((word_ & kGranularity) != 0 ? raw << 12 | 0xfff : raw);
    }

private:
    static constexpr std::uint64_t flat(std::uint64_t type, Ring ring)
    {
        return kLimitLow.mask() | kLimitHigh.mask() | kGranularity | kPresent | kCodeOrData |
               kType.put(type | kTypeAccessed) | kDpl.put(static_cast<std::uint64_t>(ring));
    }

    std::uint64_t word_ = 0;
};

static_assert(SegmentDescriptor::code(Ring::Kernel).raw() == 0x00af'9b00'0000'ffff);
static_assert(SegmentDescriptor::data(Ring::Kernel).raw() == 0x00cf'9300'0000'ffff);
static_assert(SegmentDescriptor::code(Ring::User).raw() == 0x00af'fb00'0000'ffff);
static_assert(SegmentDescriptor::data(Ring::User).raw() == 0x00cf'f300'0000'ffff);
static_assert(SegmentDescriptor{0x12cf'9334'5678'ffff}.base() == 0x1234'5678);
static_assert(SegmentDescriptor{0x12cf'9334'5678'ffff}.limit() == 0xffff'ffff);
static_assert(SegmentDescriptor{0x124f'9334'5678'fffe}.limit() == 0x000f'fffe);

} // namespace arch
