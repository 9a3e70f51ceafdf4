// SPDX-License-Identifier: GPL-2.0-or-later
// A seal is "seal     5b 3c ..." for each kSumsInALine lines, then "sealed   0123456789abcdef".
#include "trace/seal.h"

#include "machine/content_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ringcheck {
namespace {

using Lines = std::vector<std::string_view>; ///< without their ends

constexpr std::size_t kSumsInALine = 32;
constexpr std::string_view kSumsBegin = "seal     ", kHashBegins = "sealed   ";

/// x^8 + x^2 + x + 1, the polynomial of I.432.1; the first byte of the register is not 0, so that an empty line has a
/// sum of its own.
constexpr std::array<std::uint8_t, 256> crc_table()
{
    std::array<std::uint8_t, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte) {
        unsigned sum = byte;
        for (unsigned bit = 0; bit < 8; ++bit) {
            sum = (sum & 0x80) != 0 ? (sum << 1) ^ 0x107 : sum << 1;
        }
        table[byte] = static_cast<std::uint8_t>(sum);
    }
    return table;
}

unsigned sum_of(std::string_view line)
{
    static constexpr std::array<std::uint8_t, 256> kTable = crc_table();
    static_assert(kTable[1] == 0x07 && kTable[2] == 0x0e && kTable[0x80] == 0x89);
    unsigned sum = 0xff;
    for (const char c : line) {
        sum = kTable[sum ^ static_cast<std::uint8_t>(c)];
    }
    return sum;
}

Lines cut(std::string_view text)
{
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// A seal's lines for these.
std::vector<std::string> seal_of(std::span<const std::string_view> lines)
{
    std::vector<std::string> seal;
    std::string all;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i % kSumsInALine == 0) {
            seal.emplace_back(kSumsBegin);
        }
        seal.back() += fmt::format("{}{:02x}", i % kSumsInALine == 0 ? "" : " ", sum_of(lines[i]));
        all += fmt::format("{}\n", lines[i]);
    }
    seal.push_back(fmt::format("{}{}", kHashBegins, hash_of(std::as_bytes(std::span(all))).text()));
    return seal;
}

/// How many lines a text of so many has before its seal.
std::size_t sealed_lines(std::size_t all)
{
    std::size_t lines = all - std::min<std::size_t>(all, 1);
    while (lines > 0 && lines + (lines + kSumsInALine - 1) / kSumsInALine + 1 > all) {
        --lines;
    }
    return lines;
}

ParseError in_seal(std::size_t index)
{
    return {static_cast<unsigned>(index + 1), 1, "the seal is not the one that was written for the lines before it"};
}

/// The only line that keeps `seal` from being the one of the lines before it; nullopt: it is another number of lines.
std::optional<std::size_t> only_wrong_line(const Lines& lines, std::size_t before)
{
    const std::vector<std::string> right = seal_of(std::span(lines).first(before));
    std::optional<std::size_t> wrong;
    for (std::size_t i = 0; i < right.size(); ++i) {
        if (right.size() != lines.size() - before || (wrong && right[i] != lines[before + i])) {
            return std::nullopt;
        }
        wrong = right[i] != lines[before + i] ? before + i : wrong;
    }
    return wrong;
}

/// The sums as they stand in a seal: two characters each.
Lines sums_in(std::span<const std::string_view> seal)
{
    Lines sums;
    for (const std::string_view line : seal) {
        for (std::size_t at = kSumsBegin.size(); line.starts_with(kSumsBegin) && at < line.size(); at += 3) {
            sums.push_back(line.substr(at, 2));
        }
    }
    return sums;
}

/// The first line that has another sum than the seal's, or none there.
std::optional<ParseError> wrong_line(std::span<const std::string_view> lines, std::span<const std::string_view> sums)
{
    const std::size_t both = std::min(lines.size(), sums.size());
    for (std::size_t i = 0; i < both; ++i) {
        if (sums[i] != fmt::format("{:02x}", sum_of(lines[i]))) {
            return ParseError{static_cast<unsigned>(i + 1), 1, "this line is not the one that was sealed"};
        }
    }
    if (lines.size() > both) {
        return ParseError{static_cast<unsigned>(both + 1), 1, "this line was not there when the trace was sealed"};
    }
    if (sums.size() > both) {
        return ParseError{static_cast<unsigned>(std::max<std::size_t>(both, 1)), 1,
                          fmt::format("{} sealed lines are missing behind this one", sums.size() - both)};
    }
    return std::nullopt;
}

} // namespace

std::string_view without_seal(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size() && !text.substr(at).starts_with(kSealWord)) {
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    }
    return text.substr(0, at);
}

std::string with_seal(std::string_view text)
{
    std::string sealed(without_seal(text));
    for (const std::string& line : seal_of(cut(sealed))) {
        sealed += line + "\n";
    }
    return sealed;
}

std::optional<ParseError> find_broken_seal(std::string_view text)
{
    if (!is_sealed(text) || with_seal(text) == text) {
        return std::nullopt;
    }
    const Lines lines = cut(text);
    const std::size_t before = cut(without_seal(text)).size();
    // A line of the seal alone, be it one that does not look like one any more.
    for (const std::size_t count : {before, sealed_lines(lines.size())}) {
        if (const auto wrong = only_wrong_line(lines, count)) {
            return in_seal(*wrong);
        }
    }
    const std::vector<std::string> right = seal_of(std::span(lines).first(before));
    const Lines sums = sums_in(std::span(lines).subspan(before));
    if (lines.back() != right.back() && !sums.empty()) {
        if (auto wrong = wrong_line(std::span(lines).first(before), sums)) {
            return wrong;
        }
    }
    std::size_t same = 0;
    while (same < right.size() && before + same + 1 < lines.size() && right[same] == lines[before + same]) {
        ++same;
    }
    return in_seal(before + same);
}

} // namespace ringcheck
