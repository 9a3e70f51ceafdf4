// SPDX-License-Identifier: GPL-2.0-or-later
// Prints explanations: aligned text for people, one JSON object for machines.
#pragma once

#include "explain/explanation.h"
#include "explain/source_lines.h"

#include <functional>
#include <string>
#include <string_view>

namespace ringcheck {

/// Puts a colour around what the rule failed on, or returns it as it is.
using Emphasis = std::function<std::string(std::string_view)>;

/// Several lines, each ending in '\n'.  What stands in [brackets] is what the rule failed on.  A fault in the delivery
/// of another stands under it, one step further in.
std::string explanation_text(const Explanation& explanation, const SourceLines& lines, const Emphasis& emphasis);

/// {"schema":"ringcheck/1","type":"explanation",...} without a line end.  Addresses and words are strings, since JSON's
/// numbers do not hold 64 bits.
std::string explanation_json(const Explanation& explanation, const SourceLines& lines);

} // namespace ringcheck
