// SPDX-License-Identifier: MIT
// The calls of signal_calls.h that send.
#include "cpu/user_copy.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "trap/signal_calls.h"
#include "uapi/signal_frame.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
using uapi::SignalInfo;

namespace {

/// Signals are an int in C; 0 is one to ask with.
Result<std::uint32_t> checked(std::uint64_t word)
{
    const auto signal = static_cast<std::uint32_t>(word);
    return signal <= uapi::kLastSignal ? Result<std::uint32_t>(signal) : fail(Error::Einval);
}

/// What the receiver of a signal that the caller sends is told.
SignalInfo by_caller(std::uint32_t signal, std::int32_t code)
{
    return {.number = static_cast<uapi::Signal>(signal),
            .code = code,
            .sender = static_cast<std::uint32_t>(loom.current().vessel->id)};
}

/// @param to  a Vessel or a thread
template <typename To> Result<std::uint64_t> send(To& to, const SignalInfo& info)
{
    TRY(harbor.send(to, info));
    return 0;
}

/// To all but the shell's and the caller's own.  ESRCH: to nobody.
Result<std::uint64_t> send_to_others(const SignalInfo& info)
{
    bool sent = false;
    for (unsigned i = 0; i < Harbor::kMaximumVessels; ++i) {
        Vessel* const vessel = harbor.vessel(i);
        if (vessel != nullptr && vessel->id != Harbor::kShellId && vessel != loom.current().vessel) {
            static_cast<void>(harbor.send(*vessel, info));
            sent = true;
        }
    }
    return sent ? Result<std::uint64_t>(0) : fail(Error::Esrch);
}

/// @param vessel  whose thread it is; 0: anybody's
Result<Thread*> find_thread(std::uint64_t vessel, std::uint64_t number)
{
    const auto id = static_cast<std::int32_t>(number);
    if (id <= 0) {
        return fail(Error::Einval);
    }
    Thread* const thread = loom.find(ThreadId{static_cast<std::uint64_t>(id)});
    const bool is_meant = thread != nullptr && thread->state != ThreadState::Zombie && thread->vessel != nullptr &&
                          (vessel == 0 || static_cast<std::uint64_t>(thread->vessel->id) == vessel);
    return is_meant ? Result<Thread*>(thread) : fail(Error::Esrch);
}

/// @param own  it is for the caller's own Vessel
Result<SignalInfo> read_info(VirtAddr from, std::uint32_t signal, bool own)
{
    const auto user = TRY(read_user<uapi::SigInfo>(from));
    if (!own && (user.code >= 0 || user.code == uapi::signal_code::kThread)) {
        return fail(Error::Eperm);
    }
    return SignalInfo{.number = static_cast<uapi::Signal>(signal),
                      .code = user.code,
                      .address = user.words[user.code > 0 ? 0 : 1], // si_addr, si_value
                      .sender = static_cast<std::uint32_t>(user.words[0]),
                      .status = static_cast<std::int32_t>(user.words[1]),
                      .time = static_cast<std::int64_t>(user.words[2])};
}

} // namespace

Result<std::uint64_t> kill(std::uint64_t target, std::uint64_t signal)
{
    const SignalInfo info = by_caller(TRY(checked(signal)), uapi::signal_code::kUser);
    const auto number = static_cast<std::int32_t>(target);
    if (number > 0) {
        return send(*TRY(harbor.find_by_number(target)), info);
    }
    if (number == -1) {
        return send_to_others(info);
    }
    const auto named = std::uint64_t{0} - static_cast<std::uint64_t>(std::int64_t{number});
    const VesselId group = number == 0 ? loom.current().vessel->group : VesselId{named};
    return harbor.send_to_group(group, info) ? Result<std::uint64_t>(0) : fail(Error::Esrch);
}

Result<std::uint64_t> tkill(std::uint64_t thread, std::uint64_t signal)
{
    const SignalInfo info = by_caller(TRY(checked(signal)), uapi::signal_code::kThread);
    return send(*TRY(find_thread(0, thread)), info);
}

Result<std::uint64_t> tgkill(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal)
{
    const auto number = static_cast<std::int32_t>(vessel);
    if (number <= 0) {
        return fail(Error::Einval);
    }
    const std::uint32_t wanted = TRY(checked(signal));
    Thread& found = *TRY(find_thread(static_cast<std::uint64_t>(number), thread));
    return send(found, by_caller(wanted, uapi::signal_code::kThread));
}

Result<std::uint64_t> rt_sigqueueinfo(std::uint64_t vessel, std::uint64_t signal, VirtAddr info)
{
    const bool own = static_cast<std::uint32_t>(vessel) == static_cast<std::uint64_t>(loom.current().vessel->id);
    const SignalInfo queued = TRY(read_info(info, static_cast<std::uint32_t>(signal), own));
    static_cast<void>(TRY(checked(signal)));
    return send(*TRY(harbor.find_by_number(vessel)), queued);
}

Result<std::uint64_t> rt_tgsigqueueinfo(std::uint64_t vessel, std::uint64_t thread, std::uint64_t signal, VirtAddr info)
{
    const auto number = static_cast<std::int32_t>(vessel);
    if (number <= 0) {
        return fail(Error::Einval);
    }
    const bool own = static_cast<std::uint64_t>(number) == static_cast<std::uint64_t>(loom.current().vessel->id);
    const SignalInfo queued = TRY(read_info(info, static_cast<std::uint32_t>(signal), own));
    static_cast<void>(TRY(checked(signal)));
    return send(*TRY(find_thread(static_cast<std::uint64_t>(number), thread)), queued);
}

} // namespace kernel
