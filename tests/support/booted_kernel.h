// SPDX-License-Identifier: MIT
// The kernel's own object code under ringcheck: a machine that has booted to the shell and runs what it is told.
// The image under test is AETHEL_KERNEL when that is set, so that a mutated kernel can be put through the same tests.
#pragma once

#include "layout/address_map.h"
#include "layout/trap_frame.h"
#include "machine/machine.h"
#include "model/page_walk.h"

#include <cstdlib>
#include <cstring>
#include <expected>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace support {

namespace model = ringcheck::model;

/// Collects every transition of a run.
class TransitionRecorder final : public ringcheck::Observer {
public:
    void on_transition(const ringcheck::Transition& transition) override { all.push_back(transition); }
    std::vector<ringcheck::Transition> all;
};

inline std::string path_from_environment(const char* variable, const char* fallback)
{
    const char* const value = std::getenv(variable);
    return value != nullptr ? value : fallback;
}

inline std::vector<std::byte> read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error(path + ": cannot be read");
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
    return {begin, begin + text.size()};
}

template <typename T> T value_or_throw(std::expected<T, std::string> result)
{
    if (!result) {
        throw std::runtime_error(result.error());
    }
    return *std::move(result);
}

/// The machine that a test runs on when it names none: an AMD CPU when AETHEL_VENDOR says "amd".
inline ringcheck::MachineConfig machine_from_environment()
{
    const bool amd = path_from_environment("AETHEL_VENDOR", "intel") == "amd";
    return {.vendor = amd ? model::Vendor::Amd : model::Vendor::Intel};
}

class BootedKernel {
public:
    /// @param lines  what is typed at the shell's prompts, one line each
    explicit BootedKernel(std::vector<std::string> lines,
                          const ringcheck::MachineConfig& config = machine_from_environment(),
                          const std::string& command_line = "")
        : kernel(
              value_or_throw(ringcheck::ElfImage::load(path_from_environment("AETHEL_KERNEL", AETHEL_DEFAULT_KERNEL)))),
          machine(value_or_throw(ringcheck::Machine::create(config)))
    {
        const std::vector<std::byte> initrd = read_file(path_from_environment("AETHEL_INITRD", AETHEL_DEFAULT_INITRD));
        const auto loaded = machine->load_pvh(kernel, initrd, command_line);
        if (!loaded) {
            throw std::runtime_error(loaded.error());
        }
        look_ahead();
        machine->set_console_script({"eldarin> ", std::move(lines)});
        machine->set_observer(&recorder);
    }

    /// Where it is in memory from the kernel's move on.
    arch::VirtAddr symbol(const std::string& name) const
    {
        const auto address = kernel.symbol(name);
        if (!address) {
            throw std::runtime_error("the kernel has no symbol " + name);
        }
        return arch::VirtAddr{*address + (*address >= layout::kKernelImage.value ? distance : 0)};
    }
    /// "syscall_entry+0x12", for failures.
    std::string describe(std::uint64_t address) const { return kernel.describe(address - distance); }

    /// Runs until `address` is about to execute.
    void run_to(arch::VirtAddr address)
    {
        machine->clear_stops();
        machine->stop_at(address);
        const ringcheck::RunEnd end = machine->run({.instructions = kLimit});
        machine->clear_stops();
        if (end.kind != ringcheck::EndKind::WatchedAddress) {
            throw std::runtime_error("the kernel did not get to " + describe(address.value) + ": " + end.text + "\n" +
                                     machine->console());
        }
    }
    void run_to(const std::string& name) { run_to(symbol(name)); }

    /// Runs to the first instruction of the first program, in ring 3.
    void run_to_ring3()
    {
        run_to("enter_user");
        while (machine->state().cpl != 3) {
            const ringcheck::RunEnd end = machine->run({.instructions = machine->instruction_count() + 1});
            if (end.kind != ringcheck::EndKind::InstructionLimit) {
                throw std::runtime_error("the kernel did not get to ring 3: " + end.text);
            }
        }
    }

    /// Runs to the machine's own end.
    ringcheck::RunEnd run_to_end() { return machine->run({.instructions = kLimit}); }

    /// The frame that RDI points to: what an entry passes to the function it calls.
    layout::TrapFrame frame_in_rdi()
    {
        const model::CpuState state = machine->state();
        const std::vector<std::byte> bytes =
            machine->read_virtual(state, arch::VirtAddr{state[model::Gpr::Rdi]}, sizeof(layout::TrapFrame));
        if (bytes.size() != sizeof(layout::TrapFrame)) {
            throw std::runtime_error("RDI does not point to a trap frame");
        }
        layout::TrapFrame frame{};
        std::memcpy(&frame, bytes.data(), sizeof frame);
        return frame;
    }

    /// The 8-byte word at a virtual address that must be mapped.
    std::uint64_t word_at(arch::VirtAddr address)
    {
        const auto word = machine->read_virtual_u64(machine->state(), address);
        if (!word) {
            throw std::runtime_error("nothing is mapped at " + std::to_string(address.value));
        }
        return *word;
    }
    /// Stores there, whatever the page's rights are: what a bug, or another part of the kernel, would have stored.
    void set_word(arch::VirtAddr address, std::uint64_t value)
    {
        const auto place = model::walk(machine->state(), machine->memory(), address.value,
                                       {.user = address < layout::kUserEnd}); // SMAP is not in the way
        if (!place || !machine->memory().write_u64(place->address, value)) {
            throw std::runtime_error("nothing is mapped at " + std::to_string(address.value));
        }
    }

    ringcheck::ElfImage kernel;
    std::unique_ptr<ringcheck::Machine> machine;
    TransitionRecorder recorder;
    std::uint64_t distance = 0; ///< from where the kernel was linked to where it runs

private:
    /// Learns where the kernel will be, and goes back to the beginning: the same boot goes to the same place.
    void look_ahead()
    {
        const ringcheck::Snapshot reset = value_or_throw(machine->snapshot());
        run_to("landmark_kernel_moves");
        distance = machine->state()[model::Gpr::Rdi];
        if (const auto back = machine->restore(reset); !back) {
            throw std::runtime_error(back.error());
        }
    }

    /// More than any test needs; a kernel that hangs ends here.
    static constexpr std::uint64_t kLimit = 60'000'000;
};

} // namespace support
