// SPDX-License-Identifier: MIT
// What signalfd(2) gives out, byte for byte as on Linux.  [signalfd(2) "struct signalfd_siginfo"; Linux uapi
// linux/signalfd.h]
#pragma once

#include "uapi/signal_info.h"

#include <cstddef>
#include <cstdint>

namespace uapi {

/// signalfd_siginfo.  What a signal does not tell is 0.
struct SignalFileRecord {
    std::uint32_t number;
    std::int32_t error, code;
    std::uint32_t sender, user; ///< of kill(2) and its kind, and the child
    std::int32_t descriptor;
    std::uint32_t timer, band, overrun, trap;
    std::int32_t status; ///< of a child
    std::int32_t value;  ///< the lower half of `pointer`
    std::uint64_t pointer;
    std::uint64_t user_time, system_time; ///< of a child, clock ticks
    std::uint64_t address;                ///< of a fault
    std::uint16_t address_bits, padding;
    std::int32_t call;
    std::uint64_t call_address;
    std::uint32_t architecture;
    std::uint8_t reserved[28];
};
static_assert(sizeof(SignalFileRecord) == 128 && offsetof(SignalFileRecord, pointer) == 48 &&
              offsetof(SignalFileRecord, address) == 72 && offsetof(SignalFileRecord, architecture) == 96);

constexpr SignalFileRecord record_of(const SignalInfo& info)
{
    SignalFileRecord record{};
    record.number = static_cast<std::uint32_t>(info.number);
    record.code = info.code;
    if (tells_of_child(info)) {
        record.sender = info.sender;
        record.status = info.status;
        record.user_time = static_cast<std::uint64_t>(info.time);
    } else if (info.code <= 0) {
        record.sender = info.sender;
        record.pointer = info.address;
        record.value = static_cast<std::int32_t>(static_cast<std::uint32_t>(info.address));
    } else if (info.code != signal_code::kKernel) {
        record.address = info.address;
    }
    return record;
}

} // namespace uapi
