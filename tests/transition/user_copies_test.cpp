// SPDX-License-Identifier: MIT
// Property: the kernel reads what a pointer of a call points to once, so that nobody can change it between a check and
// its use; and what it writes to a program's memory is only what it meant to: nothing of memory that nobody has
// written to.  The programs are those that call much.
#include "arch/paging.h"
#include "layout/address_map.h"
#include "machine/data_access.h"
#include "support/booted_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace support {
namespace {

using ringcheck::TransitionKind;

const std::vector<std::string> kPrograms = {"run hello",    "run processes",         "run threads",
                                            "run sleepers", "run M06_copy_on_write", "run U08_strings_and_vectors",
                                            "poweroff"};

/// How often each byte of user memory was read within one call.
class CallReads final : public ringcheck::Observer {
public:
    explicit CallReads(BootedKernel& kernel) : kernel_(kernel) {}

    bool wants_instructions() const override { return true; }

    void on_transition(const ringcheck::Transition& transition) override
    {
        if (transition.kind == TransitionKind::Syscall) {
            number_ = transition.before[model::Gpr::Rax];
            seen_.clear();
            last_.clear();
        }
    }

    /// What faults is made again, and has read nothing yet.
    void on_event(std::uint64_t, const model::CpuState& before, const model::Event&) override
    {
        for (const std::uint64_t byte : before.cpl == 0 ? last_ : std::vector<std::uint64_t>{}) {
            seen_.erase(byte);
        }
    }

    void on_instruction(std::uint64_t, const model::CpuState& state) override
    {
        last_.clear();
        if (state.cpl != 0 || (state.rflags & kAlignmentCheck) == 0) {
            return; // without AC, SMAP lets ring 0 read nothing of a program's
        }
        constexpr std::size_t kLongestInstruction = 15;
        const auto code = kernel_.machine->read_virtual(state, arch::VirtAddr{state.rip}, kLongestInstruction);
        for (const ringcheck::DataAccess& access : ringcheck::data_accesses(state, code)) {
            if (!access.read || access.address >= layout::kUserEnd.value) {
                continue;
            }
            for (std::uint64_t byte = access.address; byte < access.address + access.bytes; ++byte) {
                ++reads;
                last_.push_back(byte);
                if (!seen_.insert(byte).second) {
                    twice.insert(number_);
                }
            }
        }
    }

    std::uint64_t reads = 0;
    std::set<std::uint64_t> twice; ///< numbers of the calls

private:
    static constexpr std::uint64_t kAlignmentCheck = 1 << 18;
    BootedKernel& kernel_;
    std::uint64_t number_ = 0;
    std::set<std::uint64_t> seen_;    ///< bytes that this call has read
    std::vector<std::uint64_t> last_; ///< by the last instruction, which may still fault
};

TEST(UserCopies, ReadNoByteTwice)
{
    ringcheck::MachineConfig config = machine_from_environment();
    config.mode = ringcheck::ExecutionMode::Step;
    BootedKernel kernel{kPrograms, config};
    CallReads reads(kernel);
    kernel.machine->set_observer(&reads);
    const ringcheck::RunEnd end = kernel.machine->run({.instructions = 200'000'000});
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text;
    EXPECT_GT(reads.reads, 300u);
    for (const std::uint64_t number : reads.twice) {
        ADD_FAILURE() << "call " << number << " reads some byte twice";
    }
}

/// RAM after power-on holds anything: here a pattern, wherever nothing has been loaded.  Stacks, tables and pages of
/// the kernel's are made of it.
constexpr std::uint64_t kPattern = 0xa5a5'a5a5'a5a5'a5a5;
constexpr std::byte kPatternByte{0xa5};

/// Fills what is free: pages of zeros in the lower memory, which the kernel uses first, and behind the image, whose own
/// zeros the loader made.
void fill_free_memory(BootedKernel& kernel)
{
    constexpr std::uint64_t kLowerBegin = arch::kPageSize, kLowerEnd = 0x9'f000, kBehindTheImage = 4 << 20;
    const std::uint64_t bytes = kernel.machine->config().ram_bytes;
    std::byte* const ram = kernel.machine->memory().at(arch::PhysAddr{0}, bytes);
    for (std::uint64_t at = kLowerBegin; at < bytes; at += arch::kPageSize) {
        const bool maybe_free = at < kLowerEnd || at >= kBehindTheImage;
        const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
        if (maybe_free && std::all_of(ram + at, ram + at + arch::kPageSize, is_zero)) {
            std::fill_n(ram + at, arch::kPageSize, kPatternByte);
        }
    }
}

/// Looks through all of a program's memory and registers whenever the kernel returns to it.
class Leaks final : public ringcheck::Observer {
public:
    explicit Leaks(BootedKernel& kernel) : kernel_(kernel) {}

    void on_transition(const ringcheck::Transition& transition) override
    {
        if (transition.after.cpl != 3 || transition.before.cpl == 3) {
            return;
        }
        ++looks;
        for (const std::uint64_t word : transition.after.gpr) {
            leaks += word == kPattern ? 1 : 0;
        }
        look_below(transition.after.cr3 & ~(arch::kPageSize - 1), arch::kTopLevel);
    }

    unsigned looks = 0, pages = 0, leaks = 0;

private:
    void look_below(std::uint64_t table, unsigned level)
    {
        const model::PhysicalMemory memory = kernel_.machine->memory();
        for (unsigned i = 0; i < arch::kTableEntries; ++i) {
            const arch::PageEntry entry{memory.read_u64(arch::PhysAddr{table + 8 * i}).value_or(0)};
            if (!entry.has(arch::PageEntry::kPresent) || !entry.has(arch::PageEntry::kUser)) {
                continue;
            }
            if (level > 1) {
                look_below(entry.frame().value, level - 1);
                continue;
            }
            ++pages;
            const std::byte* const page = memory.at(entry.frame(), arch::kPageSize);
            for (std::uint64_t at = 0; at < arch::kPageSize; at += sizeof(std::uint32_t)) {
                std::uint32_t word = 0;
                std::memcpy(&word, page + at, sizeof word);
                leaks += word == static_cast<std::uint32_t>(kPattern) ? 1 : 0;
            }
        }
    }

    BootedKernel& kernel_;
};

TEST(UserCopies, LeakNothingThatNobodyWrote)
{
    BootedKernel kernel(kPrograms, machine_from_environment());
    fill_free_memory(kernel);
    Leaks leaks(kernel);
    kernel.machine->set_observer(&leaks);
    const ringcheck::RunEnd end = kernel.machine->run({.instructions = 200'000'000});
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text << kernel.machine->console();
    EXPECT_GT(leaks.looks, 200u);
    EXPECT_GT(leaks.pages, 500u);
    EXPECT_EQ(leaks.leaks, 0u) << "words of memory that nobody has written to";
}

} // namespace
} // namespace support
