// SPDX-License-Identifier: GPL-2.0-or-later
// Which interrupt a local APIC gives to its CPU: requests, what is in service, and the priorities between them.
// [SDM 3A "Interrupt, Task, and Processor Priority", "Interrupt Acceptance for Fixed Interrupts",
// "Signaling Interrupt Servicing Completion"]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <tuple>

namespace ringcheck {

/// One bit for each of the 256 vectors, as in IRR, ISR and TMR.
class VectorSet {
public:
    void insert(std::uint8_t vector) { words_[vector / 32] |= 1u << vector % 32; }
    void erase(std::uint8_t vector) { words_[vector / 32] &= ~(1u << vector % 32); }
    bool contains(std::uint8_t vector) const { return (words_[vector / 32] >> vector % 32 & 1) != 0; }
    std::optional<std::uint8_t> highest() const;
    /// @param index  0..7: vectors 32 * index on
    std::uint32_t word(unsigned index) const { return words_[index]; }

    constexpr bool operator==(const VectorSet&) const = default;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.words_); }

private:
    std::array<std::uint32_t, 8> words_{};
};

class ApicPriority {
public:
    void request(std::uint8_t vector, bool level);
    /// The request that the CPU is to take now: the highest one, if its class is above the processor's priority class.
    std::optional<std::uint8_t> deliverable() const;
    /// The CPU takes `vector`, which deliverable() gave.
    void take(std::uint8_t vector);
    /// Ends the highest interrupt in service.
    /// @return  its vector when it was level-triggered: I/O APICs are to be told
    std::optional<std::uint8_t> end_of_interrupt();

    std::uint8_t task_priority() const { return task_priority_; }
    void set_task_priority(std::uint8_t priority) { task_priority_ = priority; }
    /// PPR: the task's priority or that of the interrupt in service, whichever has the higher class.
    std::uint8_t processor_priority() const;

    const VectorSet& requested() const { return requested_; }
    const VectorSet& in_service() const { return in_service_; }
    const VectorSet& level_triggered() const { return level_; }

    constexpr bool operator==(const ApicPriority&) const = default;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.requested_, self.in_service_, self.level_, self.task_priority_);
    }

private:
    VectorSet requested_, in_service_, level_;
    std::uint8_t task_priority_ = 0;
};

} // namespace ringcheck
