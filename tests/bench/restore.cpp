// SPDX-License-Identifier: MIT
// A machine of 64 MiB, all of it in use, goes back to its snapshot after the guest has written to 100 pages.  What the
// restore leaves to be done when the guest touches its pages again counts as part of it.
#include "bench/bench_guest.h"
#include "bench/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace bench {
namespace {

using namespace ringcheck;
using support::MachineGuest;

// Writes one word to each page of RAM from RDI on.
GUEST_CODE(touch_pages, R"(
1:  mov   %rcx, (%rdi)
    add   $4096, %rdi
    dec   %rcx
    jnz   1b
    hlt
)");

} // namespace

void restore_snapshot(Row& row)
{
    constexpr std::uint64_t kRam = 64u << 20, kFirst = 0x40'0000, kMapped = 0x20'0000, kPages = 100;
    constexpr std::uint64_t kWritableNoExecute = std::uint64_t{1} << 63 | 0xe3;
    constexpr unsigned kRounds = 300;
    MachineGuest guest({.ram_bytes = kRam});
    const auto memory = guest.machine->memory();
    for (std::uint64_t page = MachineGuest::Guest::kRamBytes; page < kRam; page += arch::kPageSize) {
        memory.write_u64(arch::PhysAddr{page}, page);
    }
    guest.guest.set_word(MachineGuest::Guest::kDirectory + 8, kFirst | kWritableNoExecute); // 2 MiB at kMapped
    guest.place(MachineGuest::kKernelText, touch_pages);
    model::CpuState state = guest.ring_0();
    state[model::Gpr::Rdi] = kMapped;
    state[model::Gpr::Rcx] = kPages;
    guest.load(state);
    const auto snapshot = guest.machine->snapshot();
    if (!snapshot) {
        row.beside = snapshot.error();
        return;
    }
    std::vector<double> restoring, after_it, without;
    for (unsigned round = 0; round < kRounds; ++round) {
        after_it.push_back(seconds([&] { guest.machine->run(); }));
        guest.machine->set_state(state);
        without.push_back(seconds([&] { guest.machine->run(); }));
        restoring.push_back(seconds([&] { (void)guest.machine->restore(*snapshot); }));
    }
    const double restore = std::ranges::min(restoring) * 1e6, run = std::ranges::min(after_it) * 1e6,
                 same_run = std::ranges::min(without) * 1e6;
    row.value = restore + run - same_run;
    row.beside = fmt::format("best of {}: restore {:.0f}, the run after it {:.0f} rather than {:.0f}", kRounds, restore,
                             run, same_run);
}

} // namespace bench
