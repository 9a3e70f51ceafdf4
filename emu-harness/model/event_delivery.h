// SPDX-License-Identifier: GPL-2.0-or-later
// Delivery of an event through a 64-bit IDT, with everything that can go wrong on the way: #DF and shutdown included.
// Outside long mode there is one answer, that of an IDT which ends before the vector.
// [SDM 2A INT n/INTO/INT3/INT1 "Operation"; SDM 3A "Exception and Interrupt Handling in 64-bit Mode"]
#pragma once

#include "model/cpu_state.h"
#include "model/fault.h"
#include "model/physical_memory.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace ringcheck::model {

struct Event {
    enum class Origin : std::uint8_t {
        Exception,          ///< the CPU found it: a fault, a trap or an abort
        Software,           ///< INT n, INT3, INTO: the gate's DPL must allow it
        PrivilegedSoftware, ///< INT1 (ICEBP): a #DB for which the gate's DPL does not count
        External,           ///< a maskable interrupt from the interrupt controller
        Nmi,
    };

    Origin origin = Origin::Exception;
    std::uint8_t vector = 0;
    std::optional<std::uint32_t> error_code; ///< only of an Exception that pushes one
    std::optional<std::uint64_t> cr2;        ///< only of #PF
    /// What is pushed as RIP: the instruction itself for a fault, the next one for a trap, an interrupt or INT n.
    std::uint64_t return_rip = 0;
    /// Of the INT instruction, for the two software origins: a fault in the delivery is charged to it.
    std::uint64_t instruction_rip = 0;
    /// It came between two iterations of a repeated string instruction: RF is pushed as 1.
    bool between_iterations = false;
    std::optional<std::uint64_t> dr6 =
        std::nullopt; ///< only of #DB: the DR6 bits that tell the cause; nullopt leaves DR6 alone

    constexpr bool operator==(const Event&) const = default;
};

/// The event that a fault becomes.
/// @param rip  of the instruction that faulted
constexpr Event to_event(const Fault& fault, std::uint64_t rip)
{
    return {Event::Origin::Exception, fault.vector, fault.error_code, fault.cr2, rip, rip, false, fault.dr6};
}

/// What a second exception makes of a first one that was being delivered.
enum class Combination : std::uint8_t {
    Serial,      ///< the second is delivered in the first one's place
    DoubleFault, ///< #DF is delivered
    Shutdown,    ///< the CPU stops: a triple fault
};

/// [SDM 3A "Interrupt 8—Double Fault Exception (#DF)"]
/// @param first         the event that was being delivered; benign unless the CPU raised it itself
/// @param second_vector the exception that its delivery raised
Combination combine(const Event& first, std::uint8_t second_vector);

/// One event on its way through the IDT.
struct DeliveryAttempt {
    Event event;
    std::optional<Fault> failed; ///< why the handler was not entered; nullopt for the attempt that succeeded
};

/// Longest chain: a benign event, a contributory fault, a page fault, #DF.
inline constexpr std::size_t kMaximumAttempts = 4;

/// Has at least one attempt when deliver() returns it.
class Delivery {
public:
    /// The CPU at the handler's first instruction; nullopt: shutdown, or outside the model (see `unmodelled`).
    std::optional<CpuState> state;

    /// First event first; the last one is the one that was delivered, or the one that brought the CPU down.
    std::span<const DeliveryAttempt> attempts() const { return {attempts_.data(), count_}; }
    /// The last attempt failed for a reason outside the model: the run must end by that name.
    bool unmodelled() const;
    bool shutdown() const { return !state && !unmodelled(); }
    void add(const DeliveryAttempt& attempt) { attempts_[count_++] = attempt; }

private:
    std::array<DeliveryAttempt, kMaximumAttempts> attempts_;
    std::size_t count_ = 0;
};

/// Delivers `event` from `state`, whose RIP does not matter: Event::return_rip is pushed.  Writes the stack frame,
/// the accessed bits and nothing else.  A maskable interrupt is delivered whatever RFLAGS.IF says: the caller decides.
Delivery deliver(const CpuState& state, const PhysicalMemory& memory, const Event& event);

} // namespace ringcheck::model
