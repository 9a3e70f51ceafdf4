// SPDX-License-Identifier: MIT
#include "trap/signal_calls.h"

#include "process/harbor.h"
#include "process/loom.h"

namespace kernel {
namespace {

/// Signals are an int in C; 0 is one to ask with.
base::Result<std::uint64_t> checked(std::uint64_t word)
{
    const auto signal = static_cast<std::uint32_t>(word);
    if (signal > uapi::kLastSignal) {
        return base::fail(uapi::Error::Einval);
    }
    return signal;
}

void send(Vessel& vessel, std::uint64_t signal)
{
    if (signal != 0) {
        harbor.send(vessel, static_cast<uapi::Signal>(signal));
    }
}

/// Sends to each Vessel that `wanted` accepts.  ESRCH: to nobody.
template <typename Wanted> base::Result<std::uint64_t> send_to_all(std::uint64_t signal, Wanted wanted)
{
    bool sent = false;
    for (unsigned i = 0; i < Harbor::kMaximumVessels; ++i) {
        Vessel* const vessel = harbor.vessel(i);
        if (vessel != nullptr && vessel->id != Harbor::kShellId && wanted(*vessel)) {
            send(*vessel, signal);
            sent = true;
        }
    }
    if (!sent) {
        return base::fail(uapi::Error::Esrch);
    }
    return 0;
}

base::Result<std::uint64_t> send_to_thread(const VesselId* vessel, std::uint64_t thread, std::uint64_t signal)
{
    const auto number = static_cast<std::int32_t>(thread);
    if (number <= 0) {
        return base::fail(uapi::Error::Einval);
    }
    const std::uint64_t checked_signal = TRY(checked(signal));
    const Thread* const found = loom.find(ThreadId{static_cast<std::uint64_t>(number)});
    if (found == nullptr || found->state == ThreadState::Zombie ||
        (vessel != nullptr && found->vessel->id != *vessel)) {
        return base::fail(uapi::Error::Esrch);
    }
    send(*found->vessel, checked_signal);
    return 0;
}

} // namespace

base::Result<std::uint64_t> kill(std::uint64_t target, std::uint64_t signal)
{
    const std::uint64_t checked_signal = TRY(checked(signal));
    const auto number = static_cast<std::int32_t>(target);
    const Vessel& self = *loom.current().vessel;
    if (number > 0) {
        Vessel* const vessel = harbor.find(VesselId{static_cast<std::uint64_t>(number)});
        if (vessel == nullptr) {
            return base::fail(uapi::Error::Esrch);
        }
        send(*vessel, checked_signal);
        return 0;
    }
    if (number == -1) {
        return send_to_all(checked_signal, [&self](const Vessel& vessel) { return &vessel != &self; });
    }
    const auto named = std::uint64_t{0} - static_cast<std::uint64_t>(std::int64_t{number});
    const VesselId group = number == 0 ? self.group : VesselId{named};
    return send_to_all(checked_signal, [group](const Vessel& vessel) { return vessel.group == group; });
}

base::Result<std::uint64_t> tkill(std::uint64_t thread, std::uint64_t signal)
{
    return send_to_thread(nullptr, thread, signal);
}

base::Result<std::uint64_t> tgkill(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal)
{
    const auto number = static_cast<std::int32_t>(vessel);
    if (number <= 0) {
        return base::fail(uapi::Error::Einval);
    }
    const VesselId id{static_cast<std::uint64_t>(number)};
    return send_to_thread(&id, thread, signal);
}

} // namespace kernel
