// SPDX-License-Identifier: GPL-2.0-or-later
// One table of a TOML text, read key by key with the types and limits that the reader asks for.
// Invariant: of all that is wrong the first that is met is kept; after it every answer is empty.
#pragma once

#include "guest/description_parse.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace ringcheck {

/// What all tables of one text share.
struct TomlReading {
    SymbolLookup symbols;
    std::optional<DescriptionError> error;

    /// Keeps the error when it is the first; control characters in `text` are written as \xHH.
    void refuse(const toml::source_region& place, std::string_view text);
};

class TomlTable {
public:
    /// @param name  as messages call it: "[run]"
    TomlTable(const toml::table& table, std::string name, TomlReading& reading)
        : table_(table), name_(std::move(name)), reading_(reading)
    {
    }

    /// The table of that key, or nullopt when there is none.
    std::optional<TomlTable> table(std::string_view key);
    /// The tables of an array of tables; empty when there is none.
    std::vector<TomlTable> tables(std::string_view key);

    /// One line of text without control characters, at most 4096 bytes.
    std::optional<std::string> text(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    std::optional<bool> boolean(std::string_view key);
    /// A whole number from 0 to `greatest`, or text that is one: TOML's own numbers end at 2^63.
    std::optional<std::uint64_t> number(std::string_view key, std::uint64_t greatest = ~std::uint64_t{0});
    /// A number, a symbol of the kernel, or either with "+0x10" or "-8" behind it.
    std::optional<std::uint64_t> address(std::string_view key);
    std::vector<std::uint64_t> addresses(std::string_view key);
    /// [begin, end], the end not included; an end of 0 is that of all addresses.
    std::optional<AddressRange> range(std::string_view key);
    std::vector<AddressRange> ranges(std::string_view key);
    /// A general-purpose register by its 64-bit name.
    std::optional<model::Gpr> gpr(std::string_view key);
    std::optional<std::vector<model::Gpr>> gprs(std::string_view key, std::size_t most);
    /// The position of a text in `words`.
    std::optional<std::size_t> word(std::string_view key, const std::vector<std::string_view>& words);
    std::optional<std::vector<std::size_t>> words(std::string_view key, const std::vector<std::string_view>& words,
                                                  std::size_t most);
    /// Two signed numbers, the first not above the second.
    std::optional<std::pair<std::int64_t, std::int64_t>> limits(std::string_view key);
    bool has(std::string_view key) const { return table_.contains(key); }
    bool is_text(std::string_view key) const { return table_.get(key) != nullptr && table_.get(key)->is_string(); }

    /// Every key, for a table whose keys are names that the guest chooses.
    std::vector<std::string> keys() const;
    /// Refuses a table that lacks `key`.
    void require(std::string_view key);
    /// Refuses the value of `key`, or the table when it has no such key.
    void refuse(std::string_view key, const std::string& text);
    /// Refuses the first key that was never asked for.  Call it last.
    void finish();

private:
    const toml::node* take(std::string_view key);
    std::optional<std::string> text_of(const toml::node& node, const std::string& what);
    std::optional<std::uint64_t> number_of(const toml::node& node, const std::string& what, std::uint64_t greatest);
    std::optional<std::uint64_t> address_of(const toml::node& node, const std::string& what);
    std::optional<AddressRange> range_of(const toml::node& node, const std::string& what);
    std::optional<model::Gpr> gpr_of(const toml::node& node, const std::string& what);
    std::optional<std::size_t> word_of(const toml::node& node, const std::string& what,
                                       const std::vector<std::string_view>& words);
    const toml::array* array_of(const toml::node& node, const std::string& what, const char* of);
    /// Refuses a value of another type; says what it must be and what it is.
    std::nullopt_t wrong(const toml::node& node, const std::string& what, const std::string& expected);
    std::string called(std::string_view key) const { return std::string(key) + " in " + name_; }

    const toml::table& table_;
    std::string name_;
    TomlReading& reading_;
    std::set<std::string, std::less<>> asked_;
};

} // namespace ringcheck
