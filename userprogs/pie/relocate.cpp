// SPDX-License-Identifier: MIT
// What an interpreter would do for a program that has none: adds the base to each word that holds an address.
// [psABI AMD64 "Relocation Types": R_X86_64_RELATIVE is B + A; System V gABI "Dynamic Section"]
#include "lib/elf.h"

#include <cstdint>

using namespace user::elf;

/// Runs before the relocations are done: it may use no address that is not relative to RIP.
extern "C" void relocate(std::uint64_t base, const DynamicEntry* dynamic)
{
    std::uint64_t table = 0, bytes = 0;
    for (; dynamic->tag != kDynamicNull; ++dynamic) {
        if (dynamic->tag == kDynamicRelocations) {
            table = dynamic->value;
        } else if (dynamic->tag == kDynamicRelocationsSize) {
            bytes = dynamic->value;
        }
    }
    const auto* const relocations = reinterpret_cast<const Relocation*>(base + table);
    for (std::uint64_t i = 0; i < bytes / sizeof(Relocation); ++i) {
        if (relocations[i].info == kRelative) {
            *reinterpret_cast<std::uint64_t*>(base + relocations[i].offset) = base + relocations[i].addend;
        }
    }
}
