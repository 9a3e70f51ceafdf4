// SPDX-License-Identifier: GPL-2.0-or-later
// What a model function returns when the CPU would raise an exception: the exception, and which rule asked for it.
#pragma once

#include "arch/exception.h"
#include "model/reason.h"

#include <cstdint>
#include <optional>

namespace ringcheck::model {

struct Fault {
    std::uint8_t vector = 0;                         ///< 0..31
    std::optional<std::uint32_t> error_code;         ///< present exactly for the vectors that push one
    std::optional<std::uint64_t> cr2;                ///< the faulting linear address; only with #PF
    Reason reason{};                                 ///< the rule that failed
    std::optional<std::uint64_t> dr6 = std::nullopt; ///< the DR6 bits that tell the cause; only with #DB

    constexpr bool operator==(const Fault&) const = default;
};

/// An exception without an error code.
constexpr Fault raise(arch::Vector vector, Reason reason)
{
    return {static_cast<std::uint8_t>(vector), std::nullopt, std::nullopt, reason};
}

/// An exception with an error code: 0, or the selector that the CPU blames.
constexpr Fault raise(arch::Vector vector, Reason reason, std::uint32_t error_code)
{
    return {static_cast<std::uint8_t>(vector), error_code, std::nullopt, reason};
}

/// No exception: the model does not know what the CPU would do.  See outside_the_model().
constexpr Fault no_answer(Reason reason)
{
    return {0, std::nullopt, std::nullopt, reason};
}

} // namespace ringcheck::model
