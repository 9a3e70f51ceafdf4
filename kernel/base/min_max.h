// SPDX-License-Identifier: MIT
// The smaller and the larger of two values.  <algorithm> needs long double in libstdc++ 12, which the kernel's target
// does not have.
#pragma once

namespace base {

template <typename T> constexpr T min(T a, T b)
{
    return b < a ? b : a;
}
template <typename T> constexpr T max(T a, T b)
{
    return a < b ? b : a;
}

} // namespace base
