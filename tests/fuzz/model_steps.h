// SPDX-License-Identifier: MIT
// Everything that the model can be asked, one question a step, each with the properties that are its own.
#pragma once

#include "fuzz/model_guest_source.h"
#include "fuzz/model_validity.h"
#include "model/event_delivery.h"
#include "model/fault.h"

#include <expected>
#include <optional>

namespace fuzz {

/// A guest that a step changes.
struct Subject {
    ringcheck::model::ModelGuest guest;
    ringcheck::model::CpuState state;
    ringcheck::model::Vendor vendor{};
    Allowances allowances; ///< of `state`
    bool closely = false;  ///< ask each question twice and compare all of RAM, which takes most of the time
};

/// The state after the step that `source` chooses; or the exception, which the caller delivers.
std::expected<ringcheck::model::CpuState, ringcheck::model::Fault> take_step(Subject& subject, GuestSource& source);

/// Delivers `event`, checks how, and returns the state at the handler; nullopt when there is none.
std::optional<ringcheck::model::CpuState> take_event(Subject& subject, const ringcheck::model::Event& event);

} // namespace fuzz
