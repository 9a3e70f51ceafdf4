// SPDX-License-Identifier: MIT
// What every fault and every delivery of the model keeps, by the manuals alone.
#pragma once

#include "model/event_delivery.h"
#include "model/fault.h"

namespace fuzz {

/// Ends the target unless `fault` is one that a CPU can raise for its reason: vector, error code, CR2 and DR6.
/// @param of_delivery  it was raised on the way to a handler
void check_fault(const ringcheck::model::Fault& fault, bool of_delivery);

/// Ends the target unless `delivery` is one that `event` can lead to from `state`.
void check_delivery(const ringcheck::model::CpuState& state, const ringcheck::model::Event& event,
                    const ringcheck::model::Delivery& delivery);

} // namespace fuzz
