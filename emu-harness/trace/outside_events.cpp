// SPDX-License-Identifier: GPL-2.0-or-later
// The machine stops at an address only while an event waits for it: others come by there too.
#include "trace/outside_events.h"

namespace ringcheck {
namespace {

/// Where it is for that process; nullopt: nothing has that name.
std::optional<std::uint64_t> find_place(const Address& address, const Symbols& symbols, const Program& program)
{
    if (const auto* const raw = std::get_if<RawAddress>(&address)) {
        return raw->value;
    }
    const auto& named = std::get<NamedAddress>(address);
    const auto offset = static_cast<std::uint64_t>(named.offset);
    if (const auto symbol = symbols.address_of(named.name, program)) {
        return *symbol + offset;
    }
    const AddressLandmark* const landmark = symbols.guest().find_address(named.name);
    const auto place = landmark == nullptr ? std::nullopt : landmark->address_in(program.places);
    return place ? std::optional(*place + offset) : std::nullopt;
}

} // namespace

OutsideEvents::OutsideEvents(const Trace& trace, Machine& machine, const Symbols& symbols, Recorder& recorder)
    : machine_(machine), symbols_(symbols), recorder_(recorder)
{
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        if (const auto* const inject = std::get_if<InjectEvent>(&trace.events[i].what)) {
            lines_.push_back({i, *inject});
        }
    }
}

void OutsideEvents::on_transition(const Transition& transition)
{
    if (transition.after.cpl == 3) {
        wait_for_next();
    }
}

void OutsideEvents::wait_for_next()
{
    const bool waits = next_ < lines_.size() && recorder_.entered() && !stop_ &&
                       recorder_.trace().events.size() >= lines_[next_].events_before;
    if (!waits) {
        return;
    }
    stop_ = find_place(lines_[next_].event.at, symbols_, recorder_.process()->program);
    if (stop_) {
        machine_.stop_at(arch::VirtAddr{*stop_});
    }
}

void OutsideEvents::stopped()
{
    const model::CpuState state = machine_.state();
    if (stop_ != state.rip || !recorder_.is_in_program(state)) {
        return;
    }
    machine_.clear_stops();
    stop_.reset();
    const InjectEvent& event = lines_[next_++].event;
    machine_.inject_at(machine_.instruction_count(), event.injection);
    recorder_.came_from_outside(event);
    wait_for_next();
}

const Event* OutsideEvents::find_unknown_place(const Trace& trace, const Symbols& symbols)
{
    for (const Event& event : trace.events) {
        const auto* const inject = std::get_if<InjectEvent>(&event.what);
        if (inject == nullptr) {
            continue;
        }
        const auto* const named = std::get_if<NamedAddress>(&inject->at);
        if (named != nullptr && !symbols.address_of(named->name, trace.program) &&
            symbols.guest().find_address(named->name) == nullptr) {
            return &event;
        }
    }
    return nullptr;
}

} // namespace ringcheck
