// SPDX-License-Identifier: MIT
// Any valid state, any tables, any instructions and events: the model never crashes, each state that it leads to is
// valid, and each exception is one that a CPU can raise.
#include "arch/address.h"
#include "fuzz/model_faults.h"
#include "fuzz/model_steps.h"
#include "fuzz/require.h"

#include <cstdint>
#include <fuzzer/FuzzedDataProvider.h>

namespace {

using namespace ringcheck::model;
using fuzz::require;

/// The state after an exception of the instruction at `subject.state.rip`.
std::optional<CpuState> deliver_fault(fuzz::Subject& subject, const Fault& fault)
{
    fuzz::check_fault(fault, false);
    return outside_the_model(fault.reason) ? std::nullopt
                                           : fuzz::take_event(subject, to_event(fault, subject.state.rip));
}

/// One instruction, or what its fetch raises where an AMD's SYSRET has led.
std::optional<CpuState> next_state(fuzz::Subject& subject, fuzz::GuestSource& source)
{
    if (subject.state.in_64_bit_mode() && !arch::is_canonical(subject.state.rip)) {
        return deliver_fault(subject, raise(arch::Vector::GeneralProtection, Reason::AddressNonCanonical, 0));
    }
    const auto after = fuzz::take_step(subject, source);
    return after ? std::optional(*after) : deliver_fault(subject, after.error());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr unsigned kMostSteps = 8;
    FuzzedDataProvider provider(data, size);
    fuzz::GuestSource source(provider);
    static fuzz::Subject subject;
    subject.state = source.choose_state(subject.guest);
    subject.closely = source.below(4) == 0;
    subject.vendor = source.coin() ? Vendor::Intel : Vendor::Amd;
    subject.allowances = {.null_stack_with_any_rpl = subject.vendor == Vendor::Amd};
    require(fuzz::broken_rule(subject.state, source.features(), subject.allowances) == nullptr,
            "the first state is valid");
    for (unsigned step = 0; step != kMostSteps && !source.exhausted(); ++step) {
        const auto after = next_state(subject, source);
        if (!after) {
            return 0;
        }
        subject.state = *after;
        if (const char* const broken = fuzz::broken_rule(subject.state, source.features(), subject.allowances)) {
            require(false, broken);
        }
    }
    return 0;
}
