// SPDX-License-Identifier: GPL-2.0-or-later
// The memory operand of far CALL and JMP and of LSS, LFS and LGS: an offset, and behind it a selector.
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/memory_access.h"
#include "model/operand_size.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <expected>

namespace ringcheck::model {

struct FarPointer {
    std::uint64_t offset = 0; ///< zero-extended
    std::uint16_t selector = 0;

    constexpr bool operator==(const FarPointer&) const = default;
};

/// The operand size that a far pointer really has.  AMD has no m16:64 form: there REX.W leaves the offset at 32 bits.
/// [SDM 2A CALL, JMP, LDS/LES/LFS/LGS/LSS; APM 3 CALL (Far), JMP (Far), LFS]  That AMD ignores REX.W rather than
/// refusing it is not said there.
constexpr OperandSize far_operand_size(OperandSize size, Vendor vendor)
{
    return size == OperandSize::Bits64 && vendor == Vendor::Amd ? OperandSize::Bits32 : size;
}

/// Reads m16:16, m16:32 or m16:64 at linear `address`.
/// @param reference  Stack when the operand is addressed through RSP or RBP
/// @return  or the fault of the read: #GP(0)/#SS(0), #PF
inline std::expected<FarPointer, Fault> read_far_pointer(const CpuState& state, const PhysicalMemory& memory,
                                                         std::uint64_t address, OperandSize size,
                                                         Reference reference = Reference::Data)
{
    const auto offset_bytes = static_cast<std::size_t>(size);
    std::array<std::byte, sizeof(std::uint64_t) + sizeof(std::uint16_t)> bytes{};
    const auto operand = std::span{bytes}.first(offset_bytes + sizeof(std::uint16_t));
    const auto access = by_program(state, AccessKind::Read);
    if (const auto done = read_linear(state, memory, address, operand, access, reference); !done) {
        return std::unexpected(done.error());
    }
    FarPointer pointer;
    std::memcpy(&pointer.offset, bytes.data(), offset_bytes);
    std::memcpy(&pointer.selector, bytes.data() + offset_bytes, sizeof pointer.selector);
    return pointer;
}

} // namespace ringcheck::model
