// SPDX-License-Identifier: MIT
// The tokens of a C++ source, without comments, literals' insides and preprocessor lines.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace sweep {

struct Token {
    std::size_t begin = 0; ///< as byte of the source
    std::string_view text; ///< part of the source
    std::size_t end() const { return begin + text.size(); }
};

/// @param source  outlives the tokens
std::vector<Token> tokens(std::string_view source);

} // namespace sweep
