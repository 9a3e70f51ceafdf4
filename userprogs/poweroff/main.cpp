// SPDX-License-Identifier: MIT
// Switches the machine off.
#include "lib/syscall.h"
#include "uapi/reboot.h"

int main()
{
    user::system_call(uapi::Syscall::Reboot, uapi::kRebootMagic, uapi::kRebootMagic2[0],
                      static_cast<std::uint64_t>(uapi::RebootCommand::PowerOff));
    return 1;
}
