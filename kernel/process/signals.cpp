// SPDX-License-Identifier: MIT
// What signals do as long as no program can ask for anything but the default.  [signal(7)]
#include "process/harbor.h"

namespace kernel {

void Harbor::send(Vessel& vessel, uapi::Signal signal)
{
    if (vessel.id == kShellId || vessel.state != VesselState::Running) {
        return;
    }
    if (uapi::default_action(signal) == uapi::DefaultAction::End) {
        end(vessel, wait_status_of_signal(signal));
    } else {
        vessel.note(signal); // there is no stopped state, and so nothing to continue
    }
}

bool Harbor::send_to_group(VesselId group, uapi::Signal signal)
{
    bool sent = false;
    for (Vessel* const vessel : vessels_) {
        if (vessel != nullptr && vessel->id != kShellId && vessel->group == group) {
            send(*vessel, signal);
            sent = true;
        }
    }
    return sent;
}

} // namespace kernel
