// SPDX-License-Identifier: GPL-2.0-or-later
// The words that strace prints for numbers: which set of constants an argument is of depends on its call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringcheck {

/// "PROT_READ|PROT_WRITE" for argument 2 of mmap when it is 3.
/// @param index  of the argument, from 0
/// @return nullopt: the number itself is what strace prints
std::optional<std::string> strace_word(std::string_view call, std::size_t index, std::uint64_t value);

} // namespace ringcheck
