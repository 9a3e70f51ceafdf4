// SPDX-License-Identifier: GPL-2.0-or-later
// Brings the events of a trace's inject lines to the program, each where its line says.
#pragma once

#include "machine/machine.h"
#include "trace/recorder.h"
#include "watch/guest_watch.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ringcheck {

class OutsideEvents final : public GuestObserver {
public:
    /// All must outlive this object, and it must be told behind the recorder.  It sets the machine's stops.
    OutsideEvents(const Trace& trace, Machine& machine, const Symbols& symbols, Recorder& recorder);

    void on_transition(const Transition& transition) override;
    /// The machine has stopped at an address: the event comes now, or it was somebody else who came there.
    void stopped();

    /// The first of the trace's inject lines whose address means nothing for its program; nullptr: there is none.
    static const Event* find_unknown_place(const Trace& trace, const Symbols& symbols);

private:
    struct Line {
        std::size_t events_before = 0;
        InjectEvent event;
    };
    /// Stops at the next line's address, once what stands before it has happened.
    void wait_for_next();

    Machine& machine_;
    const Symbols& symbols_;
    Recorder& recorder_;
    std::vector<Line> lines_;
    std::size_t next_ = 0;
    std::optional<std::uint64_t> stop_; ///< where the machine stops for the next line
};

} // namespace ringcheck
