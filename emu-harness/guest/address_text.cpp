// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/address_text.h"

#include <algorithm>
#include <charconv>

namespace ringcheck {

std::optional<std::uint64_t> parse_number(std::string text)
{
    std::erase(text, '_');
    const bool hexadecimal = text.starts_with("0x");
    const char* const begin = text.data() + (hexadecimal ? 2 : 0);
    const char* const end = text.data() + text.size();
    std::uint64_t value = 0;
    const auto [rest, error] = std::from_chars(begin, end, value, hexadecimal ? 16 : 10);
    return begin != end && rest == end && error == std::errc{} ? std::optional(value) : std::nullopt;
}

std::pair<std::string, std::uint64_t> split_offset(const std::string& text)
{
    const std::size_t sign = text.find_last_of("+-");
    if (sign != std::string::npos && sign != 0) {
        std::string offset = text.substr(sign + 1);
        offset.erase(0, offset.find_first_not_of(' '));
        if (const auto number = parse_number(offset)) {
            const std::size_t end = text.find_last_not_of(' ', sign - 1);
            return {text.substr(0, end + 1), text[sign] == '+' ? *number : 0 - *number};
        }
    }
    return {text, 0};
}

} // namespace ringcheck
