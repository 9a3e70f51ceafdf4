// SPDX-License-Identifier: GPL-2.0-or-later
// The 64-bit names of the general-purpose registers, in encoding order.
#pragma once

#include <array>
#include <string_view>

namespace ringcheck {

inline constexpr std::array<std::string_view, 16> kGprNames{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                                            "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

} // namespace ringcheck
