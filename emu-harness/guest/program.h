// SPDX-License-Identifier: GPL-2.0-or-later
// A program as it stands in one process's memory: a kernel may put each run of it, and the parts of its memory,
// somewhere else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

namespace ringcheck {

/// The addresses that a process's `places` landmark gave, in the order of the kernel's words; 0: there is no such
/// place.
struct Places {
    static constexpr std::size_t kMost = 6;
    std::array<std::uint64_t, kMost> words{};

    bool operator==(const Places&) const = default;
    auto saved_fields(this auto& self) { return std::tie(self.words); }
};

struct Program {
    Program() = default;
    /// One whose memory has no places of its own, and which stands where its file says.
    Program(std::string its_name) : name(std::move(its_name)) {}
    Program(const char* its_name) : name(its_name) {}
    Program(std::string its_name, const Places& its_places, std::uint64_t its_base)
        : name(std::move(its_name)), places(its_places), base(its_base)
    {
    }

    std::string name; ///< of its file; "": none is known
    Places places;
    std::uint64_t base = 0; ///< what was added to each address in its file

    bool operator==(const Program&) const = default;
    auto saved_fields(this auto& self) { return std::tie(self.name, self.places, self.base); }
};

} // namespace ringcheck
