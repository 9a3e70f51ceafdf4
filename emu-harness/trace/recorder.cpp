// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/recorder.h"

#include <algorithm>

namespace ringcheck {

Recorder::Recorder(std::string program, GuestMemory& memory, const Symbols& symbols)
    : memory_(memory), symbols_(symbols)
{
    trace_.program = std::move(program);
}

bool Recorder::complete() const
{
    return own_ && own_->ended() &&
           std::ranges::all_of(children_, [](const auto& child) { return child.second.stream.ended(); });
}

Trace Recorder::whole_trace() const
{
    Trace whole = trace_;
    whole.setting.children = follows_children_;
    whole.setting.switches = processes_ != nullptr;
    for (const auto& [number, child] : children_) {
        whole.events.push_back({ChildEvent{static_cast<std::int64_t>(number - trace_.process)}, 0});
        whole.events.insert(whole.events.end(), child.events.begin(), child.events.end());
    }
    return whole;
}

void Recorder::on_process_started(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (!own_ && process.program.name == trace_.program) {
        own_.emplace(process, process.id, trace_.events, memory_, symbols_);
        trace_.places = process.program.places;
        trace_.process = process.id;
    }
}

void Recorder::on_process_forked(std::uint64_t, const Process& process, const model::CpuState& state)
{
    const bool is_descendant =
        own_ && (own_->is_loaded(state) || std::ranges::any_of(children_, [&](const auto& child) {
                     return child.second.stream.is_loaded(state);
                 }));
    if (follows_children_ && is_descendant) {
        children_.try_emplace(process.id, process, trace_.process, memory_, symbols_);
    }
}

NamedAddress Recorder::name_tables(const model::CpuState& state) const
{
    if (own_->is_loaded(state)) {
        return {"PID", 0};
    }
    for (const auto& [number, child] : children_) {
        if (child.stream.is_loaded(state)) {
            return {"PID", static_cast<std::int64_t>(number - trace_.process)};
        }
    }
    return {processes_->with_cr3(state.cr3) != nullptr ? "other" : "kernel", 0};
}

void Recorder::switched(const Transition& transition)
{
    if (own_ && own_->entered() && own_->is_loaded(transition.before)) {
        own_->append(SwitchEvent{name_tables(transition.after)});
    }
    for (auto& [number, child] : children_) {
        if (child.stream.is_loaded(transition.before)) {
            child.stream.append(SwitchEvent{name_tables(transition.after)});
        }
    }
}

void Recorder::on_transition(const Transition& transition)
{
    if (processes_ != nullptr && transition.kind == TransitionKind::AddressSpace) {
        switched(transition);
    }
    if (own_) {
        own_->on_transition(transition, true);
    }
    for (auto& [number, child] : children_) {
        child.stream.on_transition(transition, false); // it goes on where its parent is
    }
}

void Recorder::on_process_executed(std::uint64_t, const Process& old, const Process& process,
                                   const model::CpuState& state)
{
    if (own_ && !own_->ended() && old.id == own_->process().id) {
        return own_->execute(process, state);
    }
    const auto child = children_.find(old.id);
    if (child != children_.end() && !child->second.stream.ended()) {
        child->second.stream.execute(process, state);
    }
}

template <typename Visit> void Recorder::each_stream(Visit visit)
{
    if (own_) {
        visit(*own_);
    }
    for (auto& [number, child] : children_) {
        visit(child.stream);
    }
}

void Recorder::on_signal_delivered(const DeliveredSignal& signal, const model::CpuState& state)
{
    each_stream([&](ProcessStream& stream) { stream.signal_delivered(signal, state); });
}

void Recorder::on_call_restarts(const model::CpuState& state)
{
    each_stream([&](ProcessStream& stream) { stream.call_restarts(state); });
}

void Recorder::on_process_ended(std::uint64_t, const Process& process, const model::CpuState&)
{
    if (own_ && !own_->ended() && process.id == own_->process().id) {
        return own_->end(process.wait_status);
    }
    const auto child = children_.find(process.id);
    if (child != children_.end() && !child->second.stream.ended()) {
        child->second.stream.end(process.wait_status);
    }
}

} // namespace ringcheck
