// SPDX-License-Identifier: MIT
// The one result idiom: a value or an error number, passed up with TRY.
#pragma once

#include "uapi/errno.h"

#include <expected>
#include <utility>

namespace base {

template <typename T> using Result = std::expected<T, uapi::Error>;

/// `return base::fail(uapi::Error::Enomem);`
constexpr std::unexpected<uapi::Error> fail(uapi::Error error)
{
    return std::unexpected(error);
}

} // namespace base

/// The value of a Result; on an error, returns that error from the enclosing function.  Never nest it.
/// A GNU statement expression: the only statement macro of the project.
#define TRY(expression)                                                                                                \
    __extension__({                                                                                                    \
        auto try_result_ = (expression);                                                                               \
        if (!try_result_) {                                                                                            \
            return std::unexpected(try_result_.error());                                                               \
        }                                                                                                              \
        *std::move(try_result_);                                                                                       \
    })
