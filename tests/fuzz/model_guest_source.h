// SPDX-License-Identifier: MIT
// A guest out of the fuzzer's bytes: any descriptors, gates, page tables and stack, and a CPU in any state that
// broken_rule() calls valid.
#pragma once

#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/vendor.h"
#include "support/model_guest.h"

#include <cstdint>
#include <fuzzer/FuzzedDataProvider.h>

namespace fuzz {

class GuestSource {
public:
    explicit GuestSource(FuzzedDataProvider& data) : data_(data) {}

    /// Damages the guest's tables and chooses the CPU's state.
    ringcheck::model::CpuState choose_state(ringcheck::model::ModelGuest& guest);
    /// What a return takes from the stack.
    enum class Frame : std::uint8_t { Iret, FarReturn };
    /// Writes one, of any operand size and now and then with a mistake, where the stack pointer points.
    void fill_stack(ringcheck::model::ModelGuest& guest, const ringcheck::model::CpuState& state, Frame frame);

    const ringcheck::model::Features& features() const { return features_; }

    /// In RAM, at an edge of the canonical halves, in the kernel's half, or anywhere.
    std::uint64_t address();
    std::uint64_t canonical_address();
    /// Of a descriptor in the GDT or LDT, rarely beyond.
    std::uint16_t selector();
    std::uint64_t flags();
    std::uint64_t word() { return data_.ConsumeIntegral<std::uint64_t>(); }
    std::uint64_t below(std::uint64_t limit) { return data_.ConsumeIntegralInRange<std::uint64_t>(0, limit - 1); }
    bool coin() { return data_.ConsumeBool(); }
    bool exhausted() const { return data_.remaining_bytes() == 0; }

private:
    void choose_features();
    void damage_descriptors(ringcheck::model::ModelGuest& guest);
    void damage_gates(ringcheck::model::ModelGuest& guest);
    void damage_pages(ringcheck::model::ModelGuest& guest);
    void damage_tss(ringcheck::model::ModelGuest& guest);
    void choose_segments(const ringcheck::model::ModelGuest& guest, ringcheck::model::CpuState& state);
    void choose_registers(ringcheck::model::CpuState& state);

    FuzzedDataProvider& data_;
    ringcheck::model::Features features_;
};

} // namespace fuzz
