// SPDX-License-Identifier: GPL-2.0-or-later
// What a model function returns when the CPU would raise an exception: the exception, and which rule asked for it.
#pragma once

#include "model/reason.h"

#include <cstdint>
#include <optional>

namespace ringcheck::model {

struct Fault {
    std::uint8_t vector = 0;                 ///< 0..31
    std::optional<std::uint32_t> error_code; ///< present exactly for the vectors that push one
    std::optional<std::uint64_t> cr2;        ///< the faulting linear address; only with #PF
    Reason reason{};                         ///< the rule that failed

    constexpr bool operator==(const Fault&) const = default;
};

} // namespace ringcheck::model
