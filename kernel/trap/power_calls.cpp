// SPDX-License-Identifier: MIT
#include "trap/power_calls.h"

#include "device/power.h"
#include "uapi/reboot.h"

namespace kernel {
namespace {

bool is_magic(std::uint64_t magic, std::uint64_t magic2)
{
    for (const std::uint32_t one : uapi::kRebootMagic2) {
        if (static_cast<std::uint32_t>(magic) == uapi::kRebootMagic && static_cast<std::uint32_t>(magic2) == one) {
            return true;
        }
    }
    return false;
}

} // namespace

base::Result<std::uint64_t> reboot(std::uint64_t magic, std::uint64_t magic2, std::uint64_t command)
{
    if (!is_magic(magic, magic2)) {
        return base::fail(uapi::Error::Einval);
    }
    switch (static_cast<uapi::RebootCommand>(static_cast<std::uint32_t>(command))) {
    case uapi::RebootCommand::ControlAltDelOff:
    case uapi::RebootCommand::ControlAltDelOn: return 0; // there is no keyboard that has these keys
    case uapi::RebootCommand::Restart: power::reboot();
    case uapi::RebootCommand::PowerOff:
    case uapi::RebootCommand::Halt: power::off();
    }
    return base::fail(uapi::Error::Einval);
}

} // namespace kernel
