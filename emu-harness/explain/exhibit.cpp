// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/exhibit.h"

#include "arch/control_registers.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

Field* Exhibit::find(const std::string& wanted)
{
    const auto found = std::ranges::find(fields, wanted, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

Field field(const char* name, arch::Bits bits, std::uint64_t word, Place place)
{
    constexpr unsigned kMostBitsTried = 4;
    const std::uint64_t value = bits.get(word);
    const bool narrow = bits.high - bits.low < kMostBitsTried;
    return {name,  value < 10 ? fmt::format("{}", value) : fmt::format("{:#x}", value),
            false, bits,
            place, narrow ? Variation::Values : Variation::None};
}

Field flag(const char* name, std::uint64_t mask, std::uint64_t word, Place place)
{
    const auto position = static_cast<unsigned>(__builtin_ctzll(mask));
    return field(name, {position, position}, word, place);
}

Field address_field(const char* name, std::uint64_t address, Place place)
{
    return {name, fmt::format("{:#x}", address), false, {63, 0}, place, Variation::UpperBits};
}

std::optional<arch::PhysAddr> locate(const model::CpuState& state, const model::PhysicalMemory& memory,
                                     std::uint64_t address)
{
    model::CpuState looking = state;
    looking.cr4 &= ~arch::cr4::kSmap; // a refusal is shown elsewhere: here only the place is wanted
    const auto page = walk(looking, memory, address, {model::AccessKind::Read, false, false});
    if (!page || !memory.contains(page->address, sizeof(std::uint64_t))) {
        return std::nullopt;
    }
    return page->address;
}

Exhibit control_register(const char* name, std::uint64_t model::CpuState::* which, const model::CpuState& state,
                         std::vector<Field> fields)
{
    for (Field& one : fields) {
        one.place = which;
    }
    return {name, "", fmt::format("{:#x}", state.*which), std::move(fields)};
}

} // namespace ringcheck
