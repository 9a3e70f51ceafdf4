// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/fault_chain.h"

#include "arch/exception.h"

#include <fmt/format.h>

namespace ringcheck {

using model::Event;
using model::Fault;

std::vector<Fault> fault_chain(const model::Delivery& delivery)
{
    std::vector<Fault> faults;
    for (const model::DeliveryAttempt& attempt : delivery.attempts()) {
        const Event& event = attempt.event;
        const bool is_last_failure =
            !faults.empty() && faults.back().vector == event.vector && faults.back().error_code == event.error_code;
        if (event.origin == Event::Origin::Exception && !is_last_failure) {
            faults.push_back({event.vector, event.error_code, event.cr2, model::Reason::InstructionRule});
        }
        if (attempt.failed) {
            faults.push_back(*attempt.failed);
        }
    }
    return faults;
}

std::string describe(const std::vector<Fault>& faults)
{
    std::string text;
    for (const Fault& fault : faults) {
        text += text.empty() ? "" : ", then ";
        text += arch::mnemonic(fault.vector);
        text += fault.error_code ? fmt::format("({:#x})", *fault.error_code) : "";
    }
    return text;
}

} // namespace ringcheck
