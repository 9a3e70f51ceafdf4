// SPDX-License-Identifier: MIT
#include "calculator/token.h"

#include <stdlib.h>

namespace calculator {
namespace {

using posix::is_digit;
using posix::View;

constexpr uint64_t kIntegerLimit = INT64_MAX;
/// Digits of a real that are read; strtold needs them in a string of their own.
constexpr size_t kRealTextLimit = 127;

constexpr const char* kTooLarge = "this integer does not fit in 64 bits (with .0 behind it, it is a real)";

int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

size_t skip_digits(View line, size_t at)
{
    while (at < line.size() && is_digit(line[at])) {
        ++at;
    }
    return at;
}

/// The integer of `digits` in base 10 or 16.
Mistake read_integer(View digits, unsigned base, Token& token)
{
    uint64_t value = 0;
    for (const char c : digits) {
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, static_cast<uint64_t>(hex_digit(c)), &value) || value > kIntegerLimit + 1) {
            return {kTooLarge, token.position};
        }
    }
    token.is_limit_plus_1 = value == kIntegerLimit + 1;
    token.number = Number::integer(token.is_limit_plus_1 ? INT64_MIN : static_cast<int64_t>(value));
    return {};
}

Mistake read_real(View text, Token& token)
{
    char copy[kRealTextLimit + 1];
    if (text.size() > kRealTextLimit) {
        return {"this number has too many digits", token.position};
    }
    memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    const Outcome value = checked_real(strtold(copy, nullptr));
    if (!value.good()) {
        return {"this number is too large", token.position};
    }
    token.number = value.value;
    return {};
}

/// Where the exponent that begins at `at` ends; `at` itself when none is there.
size_t skip_exponent(View line, size_t at)
{
    if (at >= line.size() || (line[at] | 0x20) != 'e') {
        return at;
    }
    const size_t sign = at + 1;
    const bool has_sign = sign < line.size() && (line[sign] == '+' || line[sign] == '-');
    const size_t digits = sign + (has_sign ? 1 : 0);
    const size_t end = skip_digits(line, digits);
    return end == digits ? at : end;
}

/// The number at `token.position`, of which the text is set.
Mistake read_number(View line, Token& token)
{
    const size_t begin = token.position;
    if (line[begin] == '0' && begin + 1 < line.size() && (line[begin + 1] | 0x20) == 'x') {
        size_t end = begin + 2;
        while (end < line.size() && hex_digit(line[end]) >= 0) {
            ++end;
        }
        token.text = line.from(begin, end - begin);
        if (end == begin + 2) {
            return {"digits are expected after 0x", end};
        }
        return read_integer(token.text.from(2), 16, token);
    }
    size_t end = skip_digits(line, begin);
    bool is_real = false;
    if (end < line.size() && line[end] == '.') {
        is_real = true;
        end = skip_digits(line, end + 1);
    }
    const size_t after_exponent = skip_exponent(line, end);
    is_real = is_real || after_exponent != end;
    token.text = line.from(begin, after_exponent - begin);
    return is_real ? read_real(token.text, token) : read_integer(token.text, 10, token);
}

Mistake read_token(View line, Token& token)
{
    const size_t begin = token.position;
    const char c = line[begin];
    if (is_digit(c) || (c == '.' && begin + 1 < line.size() && is_digit(line[begin + 1]))) {
        token.kind = Token::Kind::Number;
        return read_number(line, token);
    }
    if (posix::is_name_start(c)) {
        size_t end = begin + 1;
        while (end < line.size() && posix::is_name_part(line[end])) {
            ++end;
        }
        token.kind = Token::Kind::Name;
        token.text = line.from(begin, end - begin);
        return token.text.size() > kNameLimit ? Mistake{"this name is too long", begin} : Mistake{};
    }
    token.kind = Token::Kind::Symbol;
    token.text = line.from(begin, 1);
    return View{"+-*/%^()=,;"}.contains(c) ? Mistake{} : Mistake{"this means nothing here", begin};
}

bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

} // namespace

Mistake tokenize(View line, posix::Vector<Token>& tokens)
{
    size_t at = 0;
    for (;;) {
        while (at < line.size() && is_space(line[at])) {
            ++at;
        }
        Token token;
        token.position = at;
        const bool ends = at == line.size() || line[at] == '#';
        if (!ends) {
            if (const Mistake mistake = read_token(line, token)) {
                return mistake;
            }
            at += token.text.size();
        }
        if (!tokens.try_append(token)) {
            return {describe(Fault::NoMemory), token.position};
        }
        if (ends) {
            return {};
        }
    }
}

} // namespace calculator
