// SPDX-License-Identifier: MIT
#include "process/signal_actions.h"

namespace kernel {

using uapi::SignalAction;

base::Result<void> SignalActions::need_table(FrameAllocator& frames)
{
    static_assert(uapi::kLastSignal * sizeof(SignalAction) <= arch::kPageSize);
    if (table_ == nullptr) {
        frame_ = TRY(frames.allocate());
        table_ = frames.window().at<SignalAction>(frame_);
        __builtin_memset(table_, 0, uapi::kLastSignal * sizeof(SignalAction));
    }
    return {};
}

base::Result<void> SignalActions::set(FrameAllocator& frames, uapi::Signal signal, const SignalAction& action)
{
    TRY(need_table(frames));
    table_[index(signal)] = action;
    return {};
}

void SignalActions::reset(uapi::Signal signal)
{
    if (table_ != nullptr) {
        table_[index(signal)] = {};
    }
}

void SignalActions::forget_handlers()
{
    for (std::size_t i = 0; table_ != nullptr && i < uapi::kLastSignal; ++i) {
        const bool ignored = table_[i].handler == uapi::signal_handler::kIgnore;
        table_[i] = {};
        table_[i].handler = ignored ? uapi::signal_handler::kIgnore : uapi::signal_handler::kDefault;
    }
}

base::Result<void> SignalActions::copy_to(FrameAllocator& frames, SignalActions& child) const
{
    if (table_ != nullptr) {
        TRY(child.need_table(frames));
        __builtin_memcpy(child.table_, table_, uapi::kLastSignal * sizeof(SignalAction));
    }
    return {};
}

void SignalActions::destroy(FrameAllocator& frames)
{
    if (table_ != nullptr) {
        frames.free(frame_);
        table_ = nullptr;
    }
}

} // namespace kernel
