// SPDX-License-Identifier: MIT
// Alarms: a Vessel has one at most.  The earliest is known, so that a tick costs one comparison.
#include "base/min_max.h"
#include "process/harbor.h"

namespace kernel {

void Harbor::set_alarm(Vessel& vessel, std::uint64_t deadline, std::uint64_t interval)
{
    vessel.alarm = deadline;
    vessel.alarm_interval = interval;
    if (deadline != 0) {
        next_alarm_ = base::min(next_alarm_, deadline); // one that is taken back rings in vain
    }
}

void Harbor::ring_alarms(std::uint64_t now)
{
    next_alarm_ = ~std::uint64_t{0};
    for (Vessel* const vessel : vessels_) {
        if (vessel == nullptr || vessel->alarm == 0) {
            continue;
        }
        if (vessel->alarm <= now) {
            vessel->alarm = vessel->alarm_interval == 0 ? 0 : now + vessel->alarm_interval;
            send(*vessel, uapi::Signal::Sigalrm);
        }
        if (vessel->alarm != 0) {
            next_alarm_ = base::min(next_alarm_, vessel->alarm);
        }
    }
}

} // namespace kernel
