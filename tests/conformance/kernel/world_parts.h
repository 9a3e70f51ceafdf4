// SPDX-License-Identifier: MIT
// The parts that world.cpp puts together.
#pragma once

#include <cstdint>

namespace conformance::world {

/// Once: hangs the tables of the scenarios' pages under the PML4.
void hang_page_tables();
/// The pages' entries as world.h says they are.
void reset_pages();
/// Fills GDT, LDT, IDT and TSS, and loads GDTR, IDTR, TR and LDTR.
void reset_descriptors();

inline std::uint64_t address_of(const void* object)
{
    return reinterpret_cast<std::uint64_t>(object);
}

} // namespace conformance::world
