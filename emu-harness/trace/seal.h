// SPDX-License-Identifier: GPL-2.0-or-later
// The seal that a trace may end in: a CRC-8 of each line before it, and a hash of them all.  What a trace asks a kernel
// for, and what its comments say, no answer of the kernel's can show to be changed; the seal does, and says where.  It
// finds slips, not malice: whoever means to change a trace seals it again.
#pragma once

#include "trace/text_lines.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringcheck {

/// What each line of a seal begins with; no other line of a trace does.
inline constexpr std::string_view kSealWord = "seal";

/// The text up to its seal; all of it when it has none.
std::string_view without_seal(std::string_view text);
inline bool is_sealed(std::string_view text)
{
    return without_seal(text).size() != text.size();
}

/// The text, less its seal when it has one, and a seal that fits it.
/// @param text  lines that each have their end
std::string with_seal(std::string_view text);

/// The first line that is not the one that was sealed, or the line of the seal that is not the one that was written;
/// nullopt: the seal fits, or there is none.  One changed character of the text, its ends of lines aside, is always
/// found, at its line: a CRC-8 finds each error of at most 8 bits in a row.
std::optional<ParseError> find_broken_seal(std::string_view text);

} // namespace ringcheck
