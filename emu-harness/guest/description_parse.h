// SPDX-License-Identifier: GPL-2.0-or-later
// A guest description from its TOML text; ../README.md lists the keys.
// Invariant: the result depends on the text and the symbols alone.
#pragma once

#include "guest/description_error.h"
#include "guest/guest_description.h"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// The address of a kernel's symbol, nullopt when there is none of that name.
using SymbolLookup = std::function<std::optional<std::uint64_t>(const std::string& name)>;

/// Errors: text that is no TOML, an unknown key, a wrong type, an impossible value, a symbol that `symbols` does not
/// know; of several the first that is met.
std::expected<GuestDescription, DescriptionError> parse_description(std::string_view text, const SymbolLookup& symbols);

/// The symbols by which a kernel shows that `text` describes it, [recognise] symbols; empty when it names none.
std::vector<std::string> recognised_by(std::string_view text);

} // namespace ringcheck
