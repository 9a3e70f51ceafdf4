// SPDX-License-Identifier: MIT
// `Vessel`, the process: its memory, the thread that runs in it, and how it ended.
#pragma once

#include "base/string_view.h"
#include "mm/user_memory.h"
#include "process/thread.h"
#include "uapi/signals.h"

#include <cstdint>

namespace kernel {

enum class VesselId : std::uint64_t {};

enum class VesselState : std::uint8_t {
    Free,    ///< the slot is nobody's
    Running, ///< its thread exists
    Zombie,  ///< it has ended; its wait status waits to be collected
};

/// How a Vessel ended, as wait(2) encodes it.
enum class WaitStatus : std::uint32_t {};

constexpr WaitStatus wait_status_of_exit(std::uint64_t status)
{
    return WaitStatus{static_cast<std::uint32_t>(status & 0xff) << 8};
}
constexpr WaitStatus wait_status_of_signal(uapi::Signal signal)
{
    return WaitStatus{static_cast<std::uint32_t>(signal)};
}
/// The signal that killed it, 0 when it exited.
constexpr std::uint32_t killing_signal(WaitStatus status)
{
    return static_cast<std::uint32_t>(status) & 0x7f;
}
/// The exit status; meaningful when it was not killed.
constexpr std::uint32_t exit_status(WaitStatus status)
{
    return static_cast<std::uint32_t>(status) >> 8 & 0xff;
}

struct Vessel {
    static constexpr std::size_t kNameSize = 32;

    VesselId id{};
    VesselState state = VesselState::Free;
    char name[kNameSize] = {}; ///< NUL-terminated
    UserMemory memory;
    Thread* thread = nullptr;
    WaitStatus wait_status{};
};

} // namespace kernel
