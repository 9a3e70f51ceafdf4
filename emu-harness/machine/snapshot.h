// SPDX-License-Identifier: GPL-2.0-or-later
// A machine's whole state at one moment: RAM, CPU, devices, clock, console, and what is still to be typed.
// Not part of it: the observer, watched addresses and stops, which belong to whoever looks on, and everything that the
// engine only remembers (translations, TLB).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace ringcheck {

class SnapshotFile;

/// Of use to each machine of the same configuration; a machine puts back quickest what it took itself.
class Snapshot {
public:
    ~Snapshot();
    Snapshot(Snapshot&&) noexcept;
    Snapshot& operator=(Snapshot&&) noexcept;

    /// Machine::instruction_count() then.
    std::uint64_t instruction_count() const;

    /// Adds it to `file`: architectural state alone, which no change of the engine touches.
    void save_to(SnapshotFile& file) const;
    /// Fails with one line: a section is missing, or says what no machine can be in; the host has no memory.
    static std::expected<Snapshot, std::string> load_from(const SnapshotFile& file);

private:
    friend class Machine;
    struct Parts;
    explicit Snapshot(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace ringcheck
