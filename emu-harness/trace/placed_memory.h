// SPDX-License-Identifier: GPL-2.0-or-later
// The memory that an injected trace names: made by the kernel under test, through its own calls, and brought in by
// accesses in ring 3; then filled, and watched for what calls change in it.
// Each piece lies between two pages that may not be touched, so that nothing else comes to lie beside it.
#pragma once

#include "trace/stub.h"
#include "trace/trace.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

class PlacedMemory {
public:
    struct Area {
        std::string name;
        std::uint64_t address = 0;
        std::size_t bytes = 0;
        std::uint64_t pages = 0;      ///< the address of the first page that it lies in
        std::vector<std::byte> known; ///< what those pages hold
    };
    /// What a call has changed.
    struct Change {
        std::string name;
        bool outside = false;   ///< of the memory, in a page that it lies in
        std::int64_t first = 0; ///< the first changed byte, from the memory's first
    };

    PlacedMemory(Stub& stub, GuestMemory& memory, const SyscallConvention& convention)
        : stub_(stub), memory_(memory), convention_(convention)
    {
    }

    /// Fails with one line.
    std::expected<void, std::string> place(const std::string& name, MemoryPlace place,
                                           std::span<const std::byte> contents);
    /// nullptr: there is none of that name.
    const Area* find(const std::string& name) const;
    /// What differs from what was there the last time, in the order of place().
    std::vector<Change> changes();
    /// What is there now; the process itself brings in what is not.  Fails with one line.
    std::expected<std::vector<std::byte>, std::string> read(const std::string& name);
    /// Other contents for memory that is readable and writable.
    void write(const std::string& name, std::span<const std::byte> contents);

private:
    std::expected<std::uint64_t, std::string> call(const std::string& name, std::vector<std::uint64_t> arguments);
    std::expected<void, std::string> map(Area& area, MemoryPlace place);
    std::expected<void, std::string> restrict(const Area& area, MemoryPlace place);
    void place_on_stack(Area& area);
    std::expected<void, std::string> touch(const Area& area, Stub::Access access);
    void store(const Area& area, std::span<const std::byte> contents);

    Stub& stub_;
    GuestMemory& memory_;
    const SyscallConvention& convention_;
    std::vector<Area> areas_;
    std::uint64_t stack_ = 0; ///< what is on the stack lies above it; 0: nothing is
};

} // namespace ringcheck
