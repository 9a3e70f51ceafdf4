// SPDX-License-Identifier: GPL-2.0-or-later
// Each value is checked where it is read, so that the message can point at it.
#include "guest/toml_table.h"

#include "guest/address_text.h"
#include "guest/register_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace ringcheck {
namespace {

constexpr std::size_t kLongestText = 4096; // bytes

const char* kind_of(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::none: return "nothing";
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or a time";
    }
    return "something else";
}

/// One line whatever the description's quoted keys and texts hold.
std::string printable(std::string_view text)
{
    std::string line;
    for (const char c : text) {
        const bool control = static_cast<unsigned char>(c) < ' ' || c == 0x7f;
        line += control ? fmt::format("\\x{:02x}", c) : std::string(1, c);
    }
    return line;
}

} // namespace

void TomlReading::refuse(const toml::source_region& place, std::string_view text)
{
    if (!error) {
        error = {std::max<std::size_t>(place.begin.line, 1), std::max<std::size_t>(place.begin.column, 1),
                 printable(text)};
    }
}

const toml::node* TomlTable::take(std::string_view key)
{
    asked_.emplace(key);
    return reading_.error ? nullptr : table_.get(key);
}

std::nullopt_t TomlTable::wrong(const toml::node& node, const std::string& what, const std::string& expected)
{
    reading_.refuse(node.source(), fmt::format("{} must be {}, not {}", what, expected, kind_of(node)));
    return std::nullopt;
}

void TomlTable::refuse(std::string_view key, const std::string& text)
{
    const toml::node* const node = table_.get(key);
    reading_.refuse(node == nullptr ? table_.source() : node->source(), text);
}

void TomlTable::require(std::string_view key)
{
    if (!table_.contains(key)) {
        reading_.refuse(table_.source(), fmt::format("{} needs a key '{}'", name_, key));
    }
}

void TomlTable::finish()
{
    // The table's own order is that of the alphabet; what stands first in the text is met first.
    std::vector<const toml::key*> unknown;
    for (const auto& [key, value] : table_) {
        if (!asked_.contains(key.str())) {
            unknown.push_back(&key);
        }
    }
    const auto place = [](const toml::key* key) {
        return std::tuple(key->source().begin.line, key->source().begin.column);
    };
    if (!unknown.empty()) {
        const toml::key& first = **std::ranges::min_element(unknown, {}, place);
        reading_.refuse(first.source(), fmt::format("there is no key '{}' in {}; it may have {}", first.str(), name_,
                                                    fmt::join(asked_, ", ")));
    }
}

std::vector<std::string> TomlTable::keys() const
{
    std::vector<std::string> names;
    for (const auto& [key, value] : table_) {
        names.emplace_back(key.str());
    }
    return names;
}

std::optional<TomlTable> TomlTable::table(std::string_view key)
{
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_table()) {
        return wrong(*node, called(key), "a table");
    }
    const std::string outer = name_.starts_with('[') ? name_.substr(1, name_.size() - 2) + "." : "";
    return TomlTable(*node->as_table(), fmt::format("[{}{}]", outer, key), reading_);
}

std::vector<TomlTable> TomlTable::tables(std::string_view key)
{
    const toml::node* const node = take(key);
    const toml::array* const array = node == nullptr ? nullptr : array_of(*node, called(key), "tables");
    std::vector<TomlTable> all;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        const toml::node& element = *array->get(i);
        if (!element.is_table()) {
            wrong(element, called(key), "an array of tables");
            return {};
        }
        all.emplace_back(*element.as_table(), fmt::format("[[{}]]", key), reading_);
    }
    return all;
}

const toml::array* TomlTable::array_of(const toml::node& node, const std::string& what, const char* of)
{
    if (!node.is_array()) {
        wrong(node, what, fmt::format("an array of {}", of));
    }
    return node.as_array();
}

std::optional<std::string> TomlTable::text_of(const toml::node& node, const std::string& what)
{
    if (!node.is_string()) {
        return wrong(node, what, "text");
    }
    const std::string& text = node.as_string()->get();
    const bool printable = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (!printable || text.size() > kLongestText) {
        reading_.refuse(node.source(), printable ? fmt::format("{} is longer than {} bytes", what, kLongestText)
                                                 : fmt::format("{} must be one line of printable characters", what));
        return std::nullopt;
    }
    return text;
}

std::optional<std::uint64_t> TomlTable::number_of(const toml::node& node, const std::string& what,
                                                  std::uint64_t greatest)
{
    std::optional<std::uint64_t> value;
    std::string shown;
    if (const auto* const integer = node.as_integer()) {
        shown = fmt::format("{}", integer->get());
        value = integer->get() >= 0 ? std::optional(static_cast<std::uint64_t>(integer->get())) : std::nullopt;
    } else if (node.is_string()) {
        shown = node.as_string()->get();
        value = parse_number(shown);
        if (!value) {
            reading_.refuse(node.source(),
                            fmt::format("{} must be a number, or text like \"0xffff800000000000\"", what));
            return std::nullopt;
        }
    } else {
        return wrong(node, what, "a whole number");
    }
    if (!value || *value > greatest) {
        reading_.refuse(node.source(), fmt::format("{} must be from 0 to {:#x}, not {}", what, greatest, shown));
        return std::nullopt;
    }
    return value;
}

std::optional<std::uint64_t> TomlTable::address_of(const toml::node& node, const std::string& what)
{
    if (!node.is_string()) {
        return node.is_integer() ? number_of(node, what, ~std::uint64_t{0})
                                 : wrong(node, what, "an address, a symbol or a symbol with an offset");
    }
    const auto text = text_of(node, what);
    if (!text) {
        return std::nullopt;
    }
    const auto [base, offset] = split_offset(*text);
    std::optional<std::uint64_t> address = parse_number(base);
    if (!address && reading_.symbols) {
        address = reading_.symbols(base);
    }
    if (!address) {
        reading_.refuse(node.source(), fmt::format("the kernel has no symbol '{}', for {}", base, what));
        return std::nullopt;
    }
    return *address + offset;
}

std::optional<AddressRange> TomlTable::range_of(const toml::node& node, const std::string& what)
{
    const toml::array* const pair = node.as_array();
    if (pair == nullptr || pair->size() != 2) {
        reading_.refuse(node.source(), fmt::format("{} must be two addresses, [first, end]", what));
        return std::nullopt;
    }
    const auto begin = address_of(*pair->get(0), what), end = address_of(*pair->get(1), what);
    if (!begin || !end) {
        return std::nullopt;
    }
    if (*end - 1 < *begin) { // an end of 0 wraps to the last address
        reading_.refuse(node.source(), fmt::format("{} ends at {:#x}, before it begins at {:#x}", what, *end, *begin));
        return std::nullopt;
    }
    return AddressRange{*begin, *end - 1};
}

std::optional<std::size_t> TomlTable::word_of(const toml::node& node, const std::string& what,
                                              const std::vector<std::string_view>& words)
{
    if (!node.is_string()) {
        return wrong(node, what, "text");
    }
    const std::string& text = node.as_string()->get();
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) {
        reading_.refuse(node.source(), fmt::format("{} is '{}'; it may be {}", what, text, fmt::join(words, ", ")));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - words.begin());
}

std::optional<model::Gpr> TomlTable::gpr_of(const toml::node& node, const std::string& what)
{
    const std::vector<std::string_view> names(kGprNames.begin(), kGprNames.end());
    const auto index = word_of(node, what, names);
    return index ? std::optional(static_cast<model::Gpr>(*index)) : std::nullopt;
}

std::optional<std::string> TomlTable::text(std::string_view key)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : text_of(*node, called(key));
}

std::vector<std::string> TomlTable::texts(std::string_view key)
{
    const toml::node* const node = take(key);
    const toml::array* const array = node == nullptr ? nullptr : array_of(*node, called(key), "texts");
    std::vector<std::string> all;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (auto one = text_of(*array->get(i), called(key))) {
            all.push_back(std::move(*one));
        }
    }
    return all;
}

std::optional<bool> TomlTable::boolean(std::string_view key)
{
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_boolean()) {
        return wrong(*node, called(key), "true or false");
    }
    return node->as_boolean()->get();
}

std::optional<std::uint64_t> TomlTable::number(std::string_view key, std::uint64_t greatest)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : number_of(*node, called(key), greatest);
}

std::optional<std::uint64_t> TomlTable::address(std::string_view key)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : address_of(*node, called(key));
}

std::vector<std::uint64_t> TomlTable::addresses(std::string_view key)
{
    const toml::node* const node = take(key);
    const toml::array* const array = node == nullptr ? nullptr : array_of(*node, called(key), "symbols");
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (const auto address = address_of(*array->get(i), called(key))) {
            all.push_back(*address);
        }
    }
    return all;
}

std::optional<AddressRange> TomlTable::range(std::string_view key)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : range_of(*node, called(key));
}

std::vector<AddressRange> TomlTable::ranges(std::string_view key)
{
    const toml::node* const node = take(key);
    const toml::array* const array = node == nullptr ? nullptr : array_of(*node, called(key), "ranges");
    std::vector<AddressRange> all;
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (const auto one = range_of(*array->get(i), called(key))) {
            all.push_back(*one);
        }
    }
    return all;
}

std::optional<model::Gpr> TomlTable::gpr(std::string_view key)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : gpr_of(*node, called(key));
}

std::optional<std::size_t> TomlTable::word(std::string_view key, const std::vector<std::string_view>& words)
{
    const toml::node* const node = take(key);
    return node == nullptr ? std::nullopt : word_of(*node, called(key), words);
}

std::optional<std::vector<std::size_t>> TomlTable::words(std::string_view key,
                                                         const std::vector<std::string_view>& words, std::size_t most)
{
    const toml::node* const node = take(key);
    const toml::array* const array = node == nullptr ? nullptr : array_of(*node, called(key), "words");
    if (array == nullptr) {
        return std::nullopt;
    }
    if (array->size() > most) {
        reading_.refuse(node->source(),
                        fmt::format("{} has {} words; it may have {}", called(key), array->size(), most));
        return std::nullopt;
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < array->size(); ++i) {
        if (const auto one = word_of(*array->get(i), called(key), words)) {
            all.push_back(*one);
        }
    }
    return all;
}

std::optional<std::vector<model::Gpr>> TomlTable::gprs(std::string_view key, std::size_t most)
{
    const auto indices = words(key, {kGprNames.begin(), kGprNames.end()}, most);
    if (!indices) {
        return std::nullopt;
    }
    std::vector<model::Gpr> all;
    std::ranges::transform(*indices, std::back_inserter(all), [](std::size_t i) { return static_cast<model::Gpr>(i); });
    return all;
}

std::optional<std::pair<std::int64_t, std::int64_t>> TomlTable::limits(std::string_view key)
{
    const toml::node* const node = take(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const toml::array* const pair = node->as_array();
    const auto* const first = pair != nullptr && pair->size() == 2 ? pair->get(0)->as_integer() : nullptr;
    const auto* const last = pair != nullptr && pair->size() == 2 ? pair->get(1)->as_integer() : nullptr;
    if (first == nullptr || last == nullptr) {
        reading_.refuse(node->source(), fmt::format("{} must be two whole numbers, [first, last]", called(key)));
        return std::nullopt;
    }
    if (first->get() > last->get()) {
        reading_.refuse(node->source(),
                        fmt::format("{} ends at {}, before it begins at {}", called(key), last->get(), first->get()));
        return std::nullopt;
    }
    return std::pair(first->get(), last->get());
}

} // namespace ringcheck
