// SPDX-License-Identifier: MIT
// MachineGuest, with everything that goes wrong in it explained.
#pragma once

#include "explain/fault_watch.h"
#include "support/machine_guest.h"
#include "watch/processes.h"
#include "watch/symbols.h"

#include <algorithm>
#include <string>
#include <vector>

namespace support {

class ExplainedGuest : public MachineGuest {
public:
    using Wish = ringcheck::FaultWatch::Wish;

    explicit ExplainedGuest(Wish wish = {Wish::Kind::LastException},
                            const ringcheck::MachineConfig& config = {.ram_bytes = 8u << 20})
        : MachineGuest(config), explainer_(symbols_, machine->memory(), config), faults(explainer_, processes_),
          relay_(log, faults)
    {
        faults.wish_for(wish);
        machine->set_observer(&relay_);
    }

    /// Runs to the end and gives the one explanation that was asked for; of a shutdown, its own.
    ringcheck::Explanation explain(const ringcheck::model::CpuState& state)
    {
        end = run(state);
        if (end.kind == ringcheck::EndKind::Shutdown) {
            return faults.shutdown().value_or(ringcheck::Explanation{});
        }
        return faults.explanations().empty() ? ringcheck::Explanation{} : faults.explanations().back();
    }

private:
    class Relay final : public ringcheck::Observer {
    public:
        Relay(EventLog& log, ringcheck::FaultWatch& faults) : log_(log), faults_(faults) {}
        void on_event(std::uint64_t count, const ringcheck::model::CpuState& before,
                      const ringcheck::model::Event& event) override
        {
            faults_.on_event(count, before, event);
        }
        void on_transition(const ringcheck::Transition& transition) override
        {
            log_.on_transition(transition);
            faults_.on_transition(transition);
        }

    private:
        EventLog& log_;
        ringcheck::FaultWatch& faults_;
    };

    ringcheck::GuestDescription description_ = ringcheck::unknown_guest();
    ringcheck::Symbols symbols_{description_, nullptr, nullptr};
    ringcheck::Processes processes_;
    ringcheck::Explainer explainer_;

public:
    ringcheck::FaultWatch faults;
    ringcheck::RunEnd end;

private:
    Relay relay_;
};

/// "PT[60].U" for each field that the rule failed on.
inline std::vector<std::string> decisive_fields(const ringcheck::Cause& cause)
{
    std::vector<std::string> names;
    for (const ringcheck::Exhibit& exhibit : cause.exhibits) {
        for (const ringcheck::Field& field : exhibit.fields) {
            if (field.decisive) {
                names.push_back(exhibit.name + "." + field.name);
            }
        }
    }
    return names;
}

/// What each remedy changes.
inline std::vector<std::string> remedy_texts(const ringcheck::Cause& cause)
{
    std::vector<std::string> texts;
    for (const ringcheck::Remedy& remedy : cause.remedies) {
        texts.push_back(remedy.text);
    }
    return texts;
}

} // namespace support
