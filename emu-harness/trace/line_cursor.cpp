// SPDX-License-Identifier: GPL-2.0-or-later
// Only the one way of writing that the printer uses is accepted, so that parser and printer are inverse.
#include "trace/line_cursor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace ringcheck {
namespace {

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

void LineCursor::fail_at(std::size_t position, std::string text)
{
    if (!error_) {
        error_ = ParseError{line_.number, static_cast<unsigned>(position + 1), std::move(text)};
    }
    position_ = line_.text.size();
}

void LineCursor::skip_blanks()
{
    while (!at_end() && is_blank(peek())) {
        ++position_;
    }
}

std::string_view LineCursor::token()
{
    last_ = position_;
    while (!at_end() && !is_blank(peek())) {
        ++position_;
    }
    const std::string_view text = line_.text.substr(last_, position_ - last_);
    skip_blanks();
    return text;
}

bool LineCursor::accept(std::string_view text)
{
    if (failed() || !line_.text.substr(position_).starts_with(text)) {
        return false;
    }
    last_ = position_;
    position_ += text.size();
    return true;
}

void LineCursor::expect(std::string_view text)
{
    if (!accept(text)) {
        fail(fmt::format("'{}' is missing here", text));
    }
}

void LineCursor::expect_end()
{
    skip_blanks();
    if (!at_end()) {
        fail("nothing more is expected on this line");
    }
}

std::string LineCursor::word(std::string_view what)
{
    last_ = position_;
    std::size_t end = position_;
    while (end < line_.text.size() && is_word(line_.text.substr(last_, end + 1 - last_))) {
        ++end;
    }
    if (end == last_) {
        fail(fmt::format("{} is missing here", what));
        return {};
    }
    position_ = end;
    return std::string(line_.text.substr(last_, end - last_));
}

std::uint64_t LineCursor::number(std::string_view what)
{
    last_ = position_;
    const std::string_view rest = line_.text.substr(position_);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, 10);
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (error == std::errc::result_out_of_range) {
        fail(fmt::format("{} does not fit 64 bits", what));
    } else if (error != std::errc{}) {
        fail(fmt::format("{} is missing here", what));
    } else if (rest[0] == '0' && length > 1) {
        fail(fmt::format("{} begins with 0", what));
    } else {
        position_ += length;
    }
    return failed() ? 0 : value;
}

std::uint64_t LineCursor::hexadecimal()
{
    expect("0x");
    const std::size_t begin = position_;
    std::uint64_t value = 0;
    while (!at_end() && hex_digit(peek()) >= 0 && position_ - begin <= 16) {
        value = value << 4 | static_cast<std::uint64_t>(hex_digit(peek()));
        ++position_;
    }
    const std::size_t length = position_ - begin;
    if (length == 0 || length > 16 || (length > 1 && line_.text[begin] == '0')) {
        position_ = begin;
        fail("an address has 1 to 16 digits of 0-9 and a-f, the first not 0");
        return 0;
    }
    return failed() ? 0 : value;
}

Address LineCursor::address()
{
    if (line_.text.substr(position_).starts_with("0x")) {
        const RawAddress raw{hexadecimal()};
        if (!at_end() && !is_blank(peek())) {
            fail("an address has 1 to 16 digits of 0-9 and a-f, the first not 0");
        }
        skip_blanks();
        return raw;
    }
    NamedAddress named = split_offset(token());
    if (!is_symbol_name(named.name)) {
        fail_at_last("a symbol or an address is missing here");
    }
    return named;
}

char LineCursor::escaped()
{
    if (at_end()) {
        fail("the string has no closing '\"'");
        return 0;
    }
    const char kind = line_.text[position_++];
    switch (kind) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '\\':
    case '"': return kind;
    default: break;
    }
    const std::string_view digits = line_.text.substr(position_, 2);
    if (kind != 'x' || digits.size() < 2 || hex_digit(digits[0]) < 0 || hex_digit(digits[1]) < 0) {
        fail_at(position_ - 2, "an escape is one of \\n \\t \\r \\\\ \\\" and \\x with two digits of 0-9 and a-f");
        return 0;
    }
    position_ += 2;
    return static_cast<char>(hex_digit(digits[0]) << 4 | hex_digit(digits[1]));
}

std::string LineCursor::string()
{
    std::string bytes;
    const std::size_t begin = position_;
    expect("\"");
    while (!failed() && peek() != '"') {
        if (at_end()) {
            fail_at(begin, "the string has no closing '\"'");
        } else if (accept("\\")) {
            bytes += escaped();
        } else if (peek() < ' ' || peek() >= 0x7f) {
            fail("this byte must be written as \\xHH");
        } else {
            bytes += line_.text[position_++];
        }
    }
    expect("\"");
    return bytes;
}

Buffer LineCursor::buffer()
{
    const std::size_t begin = position_;
    Buffer buffer{string(), accept("...")};
    if (buffer.bytes.size() > kBufferLimit || (buffer.cut && buffer.bytes.size() < kBufferLimit)) {
        fail_at(begin, fmt::format("a string has at most {} bytes, and exactly as many before '...'; this one has {}",
                                   kBufferLimit, buffer.bytes.size()));
    }
    return buffer;
}

Integer LineCursor::integer()
{
    const std::size_t begin = position_;
    Integer integer;
    integer.negative = accept("-");
    integer.magnitude = number("a number");
    if (integer.negative && integer.magnitude == 0) {
        fail_at(begin, "zero has no sign");
    }
    last_ = begin;
    return integer;
}

NamedAddress LineCursor::named(std::string_view what)
{
    NamedAddress named{word(what), 0};
    const bool below = accept("-");
    if (below || accept("+")) {
        const std::size_t begin = position_;
        const std::uint64_t offset = hexadecimal();
        if (offset == 0 || offset > static_cast<std::uint64_t>(INT64_MAX)) {
            fail_at(begin, "an offset is between 0x1 and 0x7fffffffffffffff");
        }
        named.offset = below ? -static_cast<std::int64_t>(offset) : static_cast<std::int64_t>(offset);
    }
    return named;
}

template <typename Value> std::optional<Value> LineCursor::pattern()
{
    if (patterns_ == Patterns::Refused) {
        return std::nullopt;
    }
    if (accept("*")) {
        return Anything{};
    }
    if (accept("$")) {
        NamedAddress parts = named("a name");
        return Captured{std::move(parts.name), parts.offset};
    }
    return std::nullopt;
}

std::string LineCursor::quoted()
{
    const std::size_t begin = position_;
    Buffer text = buffer();
    if (text.cut) {
        fail_at(begin, "this string must be whole");
    }
    skip_blanks();
    return std::move(text.bytes);
}

std::string LineCursor::text()
{
    std::string bytes = string();
    skip_blanks();
    return bytes;
}

StructureField LineCursor::field()
{
    StructureField field{word("a field's name"), {}};
    while (accept(".")) {
        field.name += "." + word("a field's name");
    }
    expect("=");
    if (auto any = pattern<StructureField::Value>()) {
        field.value = *std::move(any);
    } else if (line_.text.substr(position_).starts_with("0x")) {
        field.value = RawAddress{hexadecimal()};
    } else if (peek() == '-' || (peek() >= '0' && peek() <= '9')) {
        field.value = integer();
    } else {
        field.value = named("a field's value");
    }
    return field;
}

Structure LineCursor::structure()
{
    Structure structure;
    expect("{");
    do {
        skip_blanks();
        structure.fields.push_back(field());
    } while (!failed() && accept(","));
    expect("}");
    return structure;
}

Argument LineCursor::flags(NamedAddress first)
{
    if (patterns_ != Patterns::TakenAndPlaced || first.offset != 0 || peek() != '|') {
        return first;
    }
    Flags flags{{std::move(first.name)}};
    while (accept("|")) {
        flags.names.push_back(word("a constant's name"));
    }
    return flags;
}

MemoryPlace LineCursor::memory_place()
{
    const auto* const found = std::ranges::find(kMemoryPlaces, token());
    if (found == std::end(kMemoryPlaces)) {
        fail_at_last(fmt::format("a place is one of {}, not this", fmt::join(kMemoryPlaces, ", ")));
        return {};
    }
    return static_cast<MemoryPlace>(found - std::begin(kMemoryPlaces));
}

MemoryEvent LineCursor::memory()
{
    MemoryEvent event{word("a name"), {}, {}};
    skip_blanks();
    event.place = memory_place();
    const bool is_filled = event.place != MemoryPlace::Unmapped && event.place != MemoryPlace::Untouched;
    if (is_filled && peek() == '"') {
        event.contents = Buffer{quoted(), false};
    } else if (is_filled && peek() == '{') {
        patterns_ = Patterns::Refused; // what is to be put there must be said
        event.contents = structure();
    } else {
        const std::uint64_t bytes =
            number(is_filled ? "a number of bytes, a string or a structure" : "a number of bytes");
        if (bytes == 0 || bytes > kMemoryLimit) {
            fail_at_last(fmt::format("memory has 1 to {} bytes", kMemoryLimit));
        }
        event.contents = Integer{false, bytes};
    }
    if (const auto* const bytes = std::get_if<Buffer>(&event.contents); bytes != nullptr && bytes->bytes.empty()) {
        fail_at_last(fmt::format("memory has 1 to {} bytes", kMemoryLimit));
    }
    expect_end();
    return event;
}

HoldsEvent LineCursor::holds()
{
    HoldsEvent event{word("a name"), {}};
    skip_blanks();
    if (accept("*")) {
        event.contents = Anything{};
    } else if (peek() == '{') {
        event.contents = structure();
    } else if (peek() == '"') {
        event.contents = buffer();
    } else {
        fail("a string, a structure or '*' is missing here");
    }
    expect_end();
    return event;
}

Argument LineCursor::argument()
{
    last_ = position_;
    if (auto any = pattern<Argument>()) {
        return *std::move(any);
    }
    const std::string_view rest = line_.text.substr(position_);
    if (rest.starts_with('"')) {
        return buffer();
    }
    if (rest.starts_with("0x")) {
        return RawAddress{hexadecimal()};
    }
    if (!rest.empty() && (rest[0] == '-' || (rest[0] >= '0' && rest[0] <= '9'))) {
        return integer();
    }
    if (patterns_ == Patterns::TakenAndPlaced && rest.starts_with('{')) {
        return structure();
    }
    return flags(named("an argument"));
}

SyscallResult LineCursor::result()
{
    skip_blanks();
    if (at_end()) {
        return NoResult{};
    }
    expect("=");
    skip_blanks();
    if (accept("?")) {
        return UnknownResult{};
    }
    if (auto any = pattern<SyscallResult>()) {
        return *std::move(any);
    }
    if (accept("-1")) {
        skip_blanks();
        return ErrorResult{word("the error's name, as in '= -1 EFAULT',")};
    }
    if (line_.text.substr(position_).starts_with("0x")) {
        return RawAddress{hexadecimal()};
    }
    constexpr std::string_view kWhat = "a result: a number, an address, '-1 NAME' or '?',";
    if (!at_end() && (peek() < '0' || peek() > '9')) {
        return named(kWhat);
    }
    return Integer{false, number(kWhat)};
}

SyscallEvent LineCursor::syscall()
{
    SyscallEvent event = call();
    event.result = result();
    expect_end();
    return event;
}

SyscallEvent LineCursor::call()
{
    SyscallEvent event;
    event.name = word("a system call");
    expect("(");
    if (!accept(")")) {
        do {
            skip_blanks();
            event.arguments.push_back(argument());
        } while (!failed() && accept(","));
        expect(")");
    }
    return event;
}

} // namespace ringcheck
