// SPDX-License-Identifier: GPL-2.0-or-later
// The chain of faults that brought the CPU down, as a person reads it.
#pragma once

#include "model/event_delivery.h"
#include "model/fault.h"

#include <string>
#include <vector>

namespace ringcheck {

/// First fault first.
std::vector<model::Fault> fault_chain(const model::Delivery& delivery);

/// "#PF(0x2), then #DF(0x0)"
std::string describe(const std::vector<model::Fault>& faults);

} // namespace ringcheck
