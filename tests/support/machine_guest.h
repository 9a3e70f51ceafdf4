// SPDX-License-Identifier: MIT
// ModelGuest's memory inside a whole machine, with code that stands beside the test that runs it.
#pragma once

#include "machine/machine.h"
#include "support/model_guest.h"

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Assembles `text` (AT&T syntax) into read-only data and names it.  It runs wherever it is placed, so it must not
/// depend on its own address.
#define GUEST_CODE(name, text)                                                                                         \
    asm(".pushsection .rodata.guest, \"a\"\n" #name "_begin:\n" text "\n" #name "_end:\n.popsection");                 \
    extern "C" const std::byte name##_begin[], name##_end[]; /* NOLINT(readability-identifier-naming) */               \
    static const support::GuestCode name                                                                               \
    {                                                                                                                  \
        name##_begin, name##_end                                                                                       \
    }

namespace support {

struct GuestCode {
    const std::byte *begin, *end;
    std::span<const std::byte> bytes() const { return {begin, end}; }
};

/// Remembers everything a machine tells.
class EventLog final : public ringcheck::Observer {
public:
    void on_transition(const ringcheck::Transition& transition) override { transitions.push_back(transition); }
    void on_address(std::uint64_t count, const ringcheck::model::CpuState& state) override
    {
        addresses.emplace_back(count, state.rip);
    }
    void on_unmodelled(std::uint64_t, std::string_view what) override { unmodelled.emplace_back(what); }

    std::vector<ringcheck::TransitionKind> kinds() const
    {
        std::vector<ringcheck::TransitionKind> all;
        for (const ringcheck::Transition& transition : transitions) {
            all.push_back(transition.kind);
        }
        return all;
    }

    std::vector<ringcheck::Transition> transitions;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> addresses; ///< count, RIP
    std::vector<std::string> unmodelled;
};

class MachineGuest {
public:
    using Guest = ringcheck::model::ModelGuest;
    static constexpr std::uint64_t kKernelText = 0x30000; ///< ring 0 code starts here
    static constexpr std::uint64_t kSyscallText = 0x31000;
    static constexpr std::uint64_t kHandlerText = 0x32000; ///< vector n enters at kHandlerText + 16 * n
    static constexpr std::uint64_t kUserText = 0x20000;
    static constexpr std::uint64_t kData = 0x38000; ///< supervisor, writable
    static constexpr std::uint64_t kUnmapped = 0x3c000;
    static constexpr std::uint8_t kPowerOff = 0x10;

    explicit MachineGuest(const ringcheck::MachineConfig& config = {.ram_bytes = 8u << 20})
    {
        auto created = ringcheck::Machine::create(config);
        if (!created) {
            throw std::runtime_error(created.error());
        }
        machine = std::move(*created);
        machine->set_observer(&log);
        for (unsigned vector = 0; vector != 256; ++vector) {
            set_gate(vector);
            place(handler(vector), kHalt); // a handler that a test does not expect stops the machine
        }
        guest.unmap(kUnmapped);
        // The I/O map lies beyond the TSS: ring 3 may use no port.
        guest.set_word(Guest::kTss + offsetof(arch::Tss, io_map_base) - 6, std::uint64_t{sizeof(arch::Tss)} << 48);
    }

    static constexpr std::uint64_t handler(unsigned vector) { return kHandlerText + std::uint64_t{16} * vector; }

    void set_gate(unsigned vector, unsigned ist = 0, arch::Ring dpl = arch::Ring::Kernel)
    {
        guest.set_gate(vector, arch::IdtGate::interrupt(handler(vector), Guest::kKernelCode, ist, dpl));
    }

    void place(std::uint64_t address, std::span<const std::byte> code)
    {
        for (std::size_t i = 0; i < code.size(); i += 8) {
            std::uint64_t word = guest.word(address + i);
            std::memcpy(&word, code.data() + i, std::min<std::size_t>(8, code.size() - i));
            guest.set_word(address + i, word);
        }
    }
    void place(std::uint64_t address, const GuestCode& code) { place(address, code.bytes()); }

    /// Ring 0 at kKernelText, interrupts off.
    ringcheck::model::CpuState ring_0() const
    {
        ringcheck::model::CpuState state = guest.ring_0();
        state.rip = kKernelText;
        return common(state);
    }
    /// Ring 3 at kUserText, interrupts off.
    ringcheck::model::CpuState ring_3() const
    {
        ringcheck::model::CpuState state = guest.ring_3();
        state.rip = kUserText;
        return common(state);
    }

    /// Puts what was built into the machine.
    void load(const ringcheck::model::CpuState& state)
    {
        const auto memory = machine->memory();
        std::memcpy(memory.at(arch::PhysAddr{0}, Guest::kRamBytes), guest.ram().data(), Guest::kRamBytes);
        machine->set_state(state);
    }
    ringcheck::RunEnd run(const ringcheck::model::CpuState& state, std::uint64_t instructions = 1'000'000)
    {
        load(state);
        return machine->run({.instructions = instructions});
    }

    std::uint64_t word(std::uint64_t address) const
    {
        return machine->memory().read_u64(arch::PhysAddr{address}).value_or(0);
    }

    Guest guest;
    std::unique_ptr<ringcheck::Machine> machine;
    EventLog log;

private:
    static constexpr std::byte kHalt[] = {std::byte{0xf4}};
    static ringcheck::model::CpuState common(ringcheck::model::CpuState state)
    {
        state.rflags = arch::rflags::kAlwaysOne;
        state.lstar = kSyscallText;
        state.cr4 &= ~arch::cr4::kSmep; // kept out of the way of tests that are not about it
        return state;
    }
};

} // namespace support
