// SPDX-License-Identifier: GPL-2.0-or-later
// How structures of Linux x86-64 lie in memory, for the calls that a kernel with Linux's ABI begins with.
// [clock_gettime(2), gettimeofday(2), sched_setscheduler(2), getrusage(2), stat(2), readv(2), poll(2), pipe(2),
// wait(2)]
#pragma once

#include "trace/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ringcheck {

/// How a field's number is written in a trace.
enum class FieldKind : std::uint8_t {
    Signed,
    Unsigned,
    Bits,    ///< in hexadecimal
    Address, ///< by its name, where it has one
    Pid,     ///< by its distance from the traced process
};

struct FieldLayout {
    std::string_view name;
    FieldKind kind{};
    std::uint8_t offset = 0, bytes = 0;

    /// The field's number out of the structure's bytes, with its sign.
    std::uint64_t read(std::span<const std::byte> structure) const;
    /// The upper bytes of `number` that do not fit are dropped.
    void write(std::span<std::byte> structure, std::uint64_t number) const;
};

struct StructureLayout {
    std::string_view name; ///< of a structure or a type in C
    std::span<const FieldLayout> fields;
    std::size_t bytes = 0;
};

/// The structure that has these fields, all of them in their order; nullptr: none does.
const StructureLayout* find_layout(const Structure& structure);

/// Those that there are, for a person.
std::span<const StructureLayout> all_layouts();

} // namespace ringcheck
