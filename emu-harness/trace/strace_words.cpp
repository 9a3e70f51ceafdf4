// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/strace_words.h"

#include "trace/linux_constants.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {
namespace {

enum class Set : std::uint8_t {
    Flags, ///< bits, joined by '|'
    One,   ///< one value of several
    Open,  ///< the access, then bits
};

struct Row {
    std::string_view call;
    std::size_t index;
    std::string_view prefix; ///< of the constants' names
    Set set;
};

constexpr Row kRows[] = {
    {"open", 1, "O_", Set::Open},
    {"openat", 2, "O_", Set::Open},
    {"openat", 0, "AT_", Set::One},
    {"dup3", 2, "O_", Set::Flags},
    {"lseek", 2, "SEEK_", Set::One},
    {"fcntl", 1, "F_", Set::One},
    {"mmap", 2, "PROT_", Set::Flags},
    {"mmap", 3, "MAP_", Set::Flags},
    {"mprotect", 2, "PROT_", Set::Flags},
    {"mremap", 3, "MREMAP_", Set::Flags},
    {"madvise", 2, "MADV_", Set::One},
    {"wait4", 2, "W", Set::Flags},
    {"kill", 1, "SIG", Set::One},
    {"tkill", 1, "SIG", Set::One},
    {"tgkill", 2, "SIG", Set::One},
    {"arch_prctl", 0, "ARCH_", Set::One},
    {"futex", 1, "FUTEX_", Set::One},
    {"getpriority", 0, "PRIO_", Set::One},
    {"setpriority", 0, "PRIO_", Set::One},
    {"sched_setscheduler", 1, "SCHED_", Set::One},
    {"clock_gettime", 0, "CLOCK_", Set::One},
    {"clock_getres", 0, "CLOCK_", Set::One},
    {"clock_nanosleep", 0, "CLOCK_", Set::One},
    {"clock_nanosleep", 1, "TIMER_", Set::Flags},
    {"getrandom", 2, "GRND_", Set::Flags},
};

std::optional<std::string> one_word(std::string_view prefix, std::uint64_t value)
{
    for (const LinuxConstant& constant : linux_constants()) {
        if (constant.name.starts_with(prefix) && constant.value == value) {
            return std::string(constant.name);
        }
    }
    return std::nullopt;
}

/// Each bit by its name, what is left as a number.  @param words  what comes before them
std::string flag_words(std::string_view prefix, std::uint64_t value, std::string words)
{
    const auto add = [&words](std::string_view word) {
        words += words.empty() ? "" : "|";
        words += word;
    };
    for (const LinuxConstant& constant : linux_constants()) {
        if (constant.name.starts_with(prefix) && constant.value != 0 && (value & constant.value) == constant.value) {
            add(constant.name);
            value &= ~constant.value;
        }
    }
    if (value != 0) {
        add(fmt::format("{:#x}", value));
    }
    return words;
}

std::optional<std::string> open_words(std::uint64_t value)
{
    constexpr std::uint64_t kAccess = 3;
    const auto access = one_word("O_", value & kAccess);
    return access ? std::optional(flag_words("O_", value & ~kAccess, *access)) : std::nullopt;
}

} // namespace

std::optional<std::string> strace_word(std::string_view call, std::size_t index, std::uint64_t value)
{
    const auto* const row =
        std::ranges::find_if(kRows, [&](const Row& one) { return one.call == call && one.index == index; });
    if (row == std::end(kRows)) {
        return std::nullopt;
    }
    switch (row->set) {
    case Set::One: return one_word(row->prefix, value);
    case Set::Open: return open_words(value);
    case Set::Flags: break;
    }
    // 0 has a name in some sets, PROT_NONE.
    return value == 0 ? one_word(row->prefix, value) : std::optional(flag_words(row->prefix, value, ""));
}

} // namespace ringcheck
