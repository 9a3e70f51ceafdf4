// SPDX-License-Identifier: MIT
#include "eldarin/process_commands.h"

#include "eldarin/parse_number.h"
#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {
namespace {

using base::left;
using base::print;
using base::right;
using base::StringView;

StringView word(ThreadState state)
{
    switch (state) {
    case ThreadState::Ready: return "ready";
    case ThreadState::Running: return "running";
    case ThreadState::Blocked: return "blocked";
    case ThreadState::Zombie: return "zombie";
    }
    return "?";
}

/// What the thread is doing that comes nearest to running; of a Vessel that has ended, how far it has come.
StringView state_of(const Vessel& vessel)
{
    if (vessel.state != VesselState::Running) {
        return vessel.state == VesselState::Ending ? "ending" : "zombie";
    }
    ThreadState nearest = ThreadState::Blocked;
    for (const Thread* thread = vessel.threads; thread != nullptr; thread = thread->next_in_vessel) {
        if (thread->state == ThreadState::Running || nearest != ThreadState::Running) {
            nearest = thread->state == ThreadState::Blocked ? nearest : thread->state;
        }
    }
    return word(nearest);
}

/// The nice value of its newest thread, "0" or "-5", and the levels of a parasite's penalty behind it: "0+5".
struct Nice {
    char text[8] = {};
};

Nice nice_of(const Vessel& vessel)
{
    constexpr std::int32_t kMiddle = 20;
    Nice nice;
    base::BufferWriter out(nice.text, sizeof nice.text);
    const Thread* const thread = vessel.threads;
    if (thread == nullptr) {
        print(out, "-");
        return nice;
    }
    print(out, static_cast<std::int32_t>(thread->nice_level) - kMiddle);
    if (thread->level > thread->nice_level) {
        print(out, "+", thread->level - thread->nice_level);
    }
    return nice;
}

void print_row(base::Writer& out, StringView id, StringView parent, std::uint64_t threads, StringView nice,
               StringView state, const Usage& usage, std::uint64_t pages, StringView name)
{
    print(out, right(id, 7), right(parent, 8), right(threads, 8), right(nice, 6), " ", left(state, 8),
          right(usage.ticks, 8), right(usage.voluntary, 9), right(usage.involuntary, 9), right(usage.faults, 8),
          right(pages, 7), " ", name, "\n");
}

/// A number as text, for a cell that may hold a word instead.
struct Number {
    explicit Number(std::uint64_t value)
    {
        base::BufferWriter out(text, sizeof text);
        print(out, value);
    }
    char text[24] = {};
};

bool parse_signal(StringView text, std::uint32_t& signal)
{
    if (parse_number(text, signal)) {
        return signal >= 1 && signal <= uapi::kLastSignal;
    }
    constexpr StringView kPrefix = "SIG";
    const bool is_whole = text.starts_with(kPrefix);
    for (signal = 1; signal <= uapi::kLastNamedSignal; ++signal) {
        const StringView name = uapi::signal_name(signal);
        if (text == (is_whole ? name : name.drop(kPrefix.size()))) {
            return true;
        }
    }
    return false;
}

} // namespace

void print_processes(base::Writer& out)
{
    print(out, "    PID  PARENT THREADS  NICE STATE     CPU ms  YIELDED    TAKEN  FAULTS  PAGES NAME\n");
    for (unsigned i = 0; i < Harbor::kMaximumVessels; ++i) {
        const Vessel* const vessel = harbor.vessel(i);
        if (vessel == nullptr) {
            continue;
        }
        const Number id(static_cast<std::uint64_t>(vessel->id));
        const Number parent(vessel->parent == nullptr ? 0 : static_cast<std::uint64_t>(vessel->parent->id));
        print_row(out, id.text, parent.text, vessel->thread_count, nice_of(*vessel).text, state_of(*vessel),
                  usage_of(*vessel), vessel->memory.resident_pages(), vessel->name);
    }
    for (unsigned i = 0; i < Loom::kMaximumThreads; ++i) {
        const Thread* const thread = loom.thread(i);
        if (thread != nullptr && thread->vessel == nullptr) {
            print_row(out, "-", "-", 1, "-", word(thread->state), thread->usage, 0, loom.name_of(*thread));
        }
    }
}

void print_jobs(base::Writer& out)
{
    for (const Vessel* job = harbor.shell().children.front(); job != nullptr; job = job->next) {
        print(out, "[vessel ", static_cast<std::uint64_t>(job->id), " ", StringView(job->name), "] ", state_of(*job),
              ", ", usage_of(*job).ticks, " ms\n");
    }
}

void kill_process(base::Writer& out, base::Span<const StringView> arguments)
{
    std::uint32_t id = 0;
    auto signal = static_cast<std::uint32_t>(uapi::Signal::Sigterm);
    const bool whole_group = !arguments.empty() && arguments[0].starts_with("-");
    if (arguments.empty() || arguments.size() > 2 || !parse_number(arguments[0].drop(whole_group ? 1 : 0), id)) {
        print(out, "kill: which process? kill PID [SIGNAL], kill -GROUP [SIGNAL]\n");
        return;
    }
    if (arguments.size() == 2 && !parse_signal(arguments[1], signal)) {
        print(out, "kill: ", arguments[1], ": no such signal\n");
        return;
    }
    if (whole_group) {
        if (!harbor.send_to_group(VesselId{id}, static_cast<uapi::Signal>(signal))) {
            print(out, "kill: ", arguments[0], ": no such group\n");
        }
        loom.yield(); // who is to end does so now, even where the next line has been typed already
        return;
    }
    Vessel* const vessel = harbor.find(VesselId{id});
    if (vessel == nullptr || vessel->state != VesselState::Running) {
        print(out, "kill: ", arguments[0], ": no such process\n");
    } else if (vessel->id == Harbor::kShellId) {
        print(out, "kill: ", arguments[0], ": the shell itself\n");
    } else {
        harbor.send(*vessel, static_cast<uapi::Signal>(signal));
        loom.yield();
    }
}

void print_signal(base::Writer& out, std::uint32_t signal)
{
    if (signal <= uapi::kLastNamedSignal) {
        print(out, uapi::signal_name(signal));
    } else {
        print(out, "signal ", signal);
    }
}

} // namespace kernel
