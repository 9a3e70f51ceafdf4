// SPDX-License-Identifier: MIT
// What a Vessel has asked for, signal by signal.  A Vessel that has asked for nothing needs no memory for it.
#pragma once

#include "mm/frame_allocator.h"
#include "process/signal_set.h"

namespace kernel {

class SignalActions {
public:
    SignalActions() = default;
    SignalActions(const SignalActions&) = delete;
    SignalActions& operator=(const SignalActions&) = delete;

    /// By default: kDefault, without flags.
    uapi::SignalAction get(uapi::Signal signal) const
    {
        return table_ == nullptr ? uapi::SignalAction{} : table_[index(signal)];
    }
    /// ENOMEM: it is the first one, and there is no frame.
    base::Result<void> set(FrameAllocator& frames, uapi::Signal signal, const uapi::SignalAction& action);
    /// The signal does again what it does by default.
    void reset(uapi::Signal signal);
    /// For a new program: what had a handler is as at first, what is ignored stays so.  [execve(2) "Effect on process
    /// attributes"]
    void forget_handlers();
    /// Into those of a child, which has asked for nothing yet.  ENOMEM.
    base::Result<void> copy_to(FrameAllocator& frames, SignalActions& child) const;
    void destroy(FrameAllocator& frames);

    /// Nothing happens when it comes: the program says so, or it does nothing by default and nothing else was asked
    /// for.
    bool ignores(uapi::Signal signal) const
    {
        const std::uint64_t handler = table_ == nullptr ? 0 : table_[index(signal)].handler;
        return handler == uapi::signal_handler::kIgnore ||
               (handler == uapi::signal_handler::kDefault &&
                (uapi::default_action(signal) == uapi::DefaultAction::Ignore ||
                 uapi::default_action(signal) == uapi::DefaultAction::Continue));
    }
    bool has_handler(uapi::Signal signal) const
    {
        return table_ != nullptr && table_[index(signal)].handler > uapi::signal_handler::kIgnore;
    }

private:
    static std::size_t index(uapi::Signal signal) { return static_cast<std::size_t>(signal) - 1; }
    base::Result<void> need_table(FrameAllocator& frames);

    uapi::SignalAction* table_ = nullptr; ///< kLastSignal of them
    arch::PhysAddr frame_;
};

} // namespace kernel
