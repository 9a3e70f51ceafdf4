// SPDX-License-Identifier: GPL-2.0-or-later
// The names that strace prints in the place of numbers, for the calls that a kernel with Linux's ABI begins with.
// [Linux uapi asm-generic/mman-common.h, linux/sched.h, linux/futex.h, linux/wait.h, linux/time.h, asm/prctl.h,
// asm-generic/fcntl.h; signal(7)]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ringcheck {

struct LinuxConstant {
    std::string_view name;
    std::uint64_t value = 0;
};
/// All of them; those of one set, "PROT_", in the order of strace.
std::span<const LinuxConstant> linux_constants();

/// "PROT_READ" is 1; nullopt for a name that is not known here.
std::optional<std::uint64_t> linux_constant(std::string_view name);

} // namespace ringcheck
