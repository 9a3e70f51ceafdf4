// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's whole state at one moment, in memory: RAM, CPU, devices, clock, console, and what is still to be typed.
// Not part of it: the observer, watched addresses and stops, which belong to whoever looks on.
#pragma once

#include <cstdint>
#include <memory>

namespace ringcheck {

/// Of use to the machine that made it, and to no other.
class Snapshot {
public:
    ~Snapshot();
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) noexcept;

    /// Machine::instruction_count() then.
    std::uint64_t instruction_count() const;

private:
    friend class Machine;
    struct Parts;
    explicit Snapshot(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ringcheck
