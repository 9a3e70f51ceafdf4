// SPDX-License-Identifier: GPL-2.0-or-later
// What arguments and results of calls can be in a trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ringcheck {

/// A whole number, written in decimal.
struct Integer {
    bool negative = false; ///< never with magnitude 0
    std::uint64_t magnitude = 0;
    bool operator==(const Integer&) const = default;
};

/// An address without a name, written in hexadecimal.
struct RawAddress {
    std::uint64_t value = 0;
    bool operator==(const RawAddress&) const = default;
};

/// A symbol or a named address, "main", "main+0x12", "USER_STACK_TOP-0x8".
struct NamedAddress {
    std::string name;        ///< is_symbol_name; is_word where it is an argument
    std::int64_t offset = 0; ///< bytes
    bool operator==(const NamedAddress&) const = default;
};

/// The bytes that a pointer points to.
struct Buffer {
    std::string bytes; ///< at most kBufferLimit
    bool cut = false;  ///< there were more
    bool operator==(const Buffer&) const = default;
};
inline constexpr std::size_t kBufferLimit = 256;

/// What may be anything, "*".  In what is written by hand; nothing is recorded so.
struct Anything {
    bool operator==(const Anything&) const = default;
};
/// A number or an address of which only this is known: wherever the name stands in a trace, it is the same one; "$map",
/// "$map+0x1000".  By hand, likewise.
struct Captured {
    std::string name;        ///< is_word
    std::int64_t offset = 0; ///< from the captured one
    bool operator==(const Captured&) const = default;
};

/// One field of a structure.
struct StructureField {
    using Value = std::variant<Integer, RawAddress, NamedAddress, Anything, Captured>;
    std::string name; ///< is_word, with more of them behind dots: "ru_utime.tv_sec"
    Value value;
    bool operator==(const StructureField&) const = default;
};
/// What a pointer points to, field by field, as a structure of C has them: "{tv_sec=1, tv_nsec=0}".  In injected
/// traces.
struct Structure {
    std::vector<StructureField> fields; ///< not empty
    bool operator==(const Structure&) const = default;
};
/// Constants joined by OR, "PROT_READ|PROT_WRITE".  In injected traces; one alone is a NamedAddress.
struct Flags {
    std::vector<std::string> names; ///< is_word; two or more
    bool operator==(const Flags&) const = default;
};

using Address = std::variant<RawAddress, NamedAddress>;
using Argument = std::variant<Integer, RawAddress, NamedAddress, Buffer, Anything, Captured, Structure, Flags>;

} // namespace ringcheck
