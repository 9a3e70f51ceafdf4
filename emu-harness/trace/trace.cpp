// SPDX-License-Identifier: GPL-2.0-or-later
// The alphabets of names.
#include "trace/trace.h"

#include <algorithm>
#include <charconv>

namespace ringcheck {
namespace {

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

bool is_program_name(std::string_view name)
{
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_word(std::string_view name)
{
    return !name.empty() && is_letter(name[0]) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_symbol_name(std::string_view name)
{
    return is_program_name(name) && !is_digit(name[0]) && name[0] != '"' && name[0] != '-' &&
           split_offset(name).name.size() == name.size();
}

NamedAddress split_offset(std::string_view text)
{
    const std::size_t sign = text.find_last_of("+-");
    if (sign == std::string_view::npos || sign == 0 || !text.substr(sign + 1).starts_with("0x")) {
        return {std::string(text), 0};
    }
    const std::string_view digits = text.substr(sign + 3);
    std::int64_t offset = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset, 16);
    const bool canonical = !digits.empty() && digits[0] != '0' && digits[0] != '-' &&
                           std::ranges::none_of(digits, [](char c) { return c >= 'A' && c <= 'F'; });
    if (!canonical || error != std::errc{} || end != digits.data() + digits.size()) {
        return {std::string(text), 0};
    }
    return {std::string(text.substr(0, sign)), text[sign] == '-' ? -offset : offset};
}

Trace without_children(Trace trace)
{
    const auto first = std::ranges::find_if(
        trace.events, [](const Event& event) { return std::holds_alternative<ChildEvent>(event.what); });
    trace.events.erase(first, trace.events.end());
    trace.setting.children = trace.setting.switches = false;
    return trace;
}

Trace as_logged(Trace trace)
{
    std::erase_if(trace.events, [](const Event& event) {
        return std::holds_alternative<InjectEvent>(event.what) || std::holds_alternative<SwitchEvent>(event.what);
    });
    trace.setting.switches = false;
    return trace;
}

} // namespace ringcheck
