// SPDX-License-Identifier: MIT
// Flags of getrandom(2) as Linux has them.  [Linux uapi linux/random.h]
#pragma once

#include <cstdint>

namespace uapi {

inline constexpr std::uint32_t kRandomNonblock = 1, kRandomRandom = 2, kRandomInsecure = 4;

} // namespace uapi
