// SPDX-License-Identifier: MIT
#include "posix/glyph.h"

#include "posix/memory.h"

#include <wchar.h>

namespace posix {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

/// Bytes that a character with this first byte has; 0 when no character begins so.  [RFC 3629 "UTF-8 definition"]
size_t length_by_first_byte(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return 3;
    }
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/// The length of the character at `at`, and its number; 0 when the bytes are none: cut short, overlong, a surrogate.
size_t decode(View text, size_t at, char32_t& code)
{
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const size_t length = length_by_first_byte(byte(0));
    if (length == 0 || text.size() - at < length) {
        return 0;
    }
    code = length == 1 ? byte(0) : byte(0) & (0x7fU >> length);
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (byte(i) & 0x3fU);
    }
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < kLeast[length] || code > 0x10ffff || surrogate ? 0 : length;
}

} // namespace

Glyph glyph_at(View text, size_t at)
{
    Glyph glyph;
    char32_t code = 0;
    const size_t length = decode(text, at, code);
    const auto first = static_cast<unsigned char>(text[at]);
    if (length == 1 && (code < 0x20 || code == 0x7f)) {
        glyph.columns = 2;
        glyph.shown_size = 2;
        glyph.shown[0] = '^';
        glyph.shown[1] = static_cast<char>(code ^ 0x40);
        return glyph;
    }
    const int width = length == 0 ? -1 : wcwidth(static_cast<wchar_t>(code));
    if (width < 0) {
        glyph.columns = 4;
        glyph.shown_size = 4;
        glyph.shown[0] = '<';
        glyph.shown[1] = kHexDigits[first >> 4];
        glyph.shown[2] = kHexDigits[first & 15];
        glyph.shown[3] = '>';
        return glyph;
    }
    glyph.size = length;
    glyph.columns = static_cast<unsigned>(width);
    glyph.shown_size = length;
    memcpy(glyph.shown, text.data() + at, length);
    return glyph;
}

size_t glyph_before(View text, size_t at)
{
    for (size_t back = smaller(at, size_t{4}); back > 1; --back) {
        if (glyph_at(text.first(at), at - back).size == back) {
            return at - back;
        }
    }
    return at - 1;
}

size_t columns_of(View text)
{
    size_t columns = 0;
    for (size_t at = 0; at < text.size();) {
        const Glyph glyph = glyph_at(text, at);
        columns += glyph.columns;
        at += glyph.size;
    }
    return columns;
}

} // namespace posix
