// SPDX-License-Identifier: MIT
// Codes of arch_prctl(2) as Linux x86-64 has them.  [Linux uapi asm/prctl.h]
#pragma once

#include <cstdint>

namespace uapi {

inline constexpr std::uint32_t kArchSetGs = 0x1001, kArchSetFs = 0x1002, kArchGetFs = 0x1003, kArchGetGs = 0x1004;

} // namespace uapi
