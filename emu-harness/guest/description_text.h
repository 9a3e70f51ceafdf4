// SPDX-License-Identifier: GPL-2.0-or-later
// What the TOML library cannot take: texts for which its code has no end or no meaning, refused before it sees them.
// It goes one call deeper for each level of a dotted key, without a limit; and it takes letters beyond ASCII, where it
// looks for a blank, for something that cannot be.
#pragma once

#include "guest/description_error.h"

#include <optional>
#include <string_view>

namespace ringcheck {

/// Dots outside of comments and of texts in quotes, in all of a description.
inline constexpr unsigned kMostDots = 2000;

/// The first thing to refuse: more dots than kMostDots, or a character that is not ASCII anywhere but in a comment or
/// in a text of one line.
std::optional<DescriptionError> find_hostile_text(std::string_view text);

} // namespace ringcheck
