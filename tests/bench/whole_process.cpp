// SPDX-License-Identifier: MIT
// The program as a person types it, from its start to its exit.
#include "bench/gdbstub.h"
#include "bench/measurements.h"
#include "bench/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace bench {
namespace {

constexpr unsigned kRounds = 20;

void time_process(Row& row, const std::vector<std::string>& command, double unit_seconds)
{
    if (const auto time = best_time_of(command, kRounds)) {
        row.value = *time / unit_seconds;
        row.beside = fmt::format("best of {}", kRounds);
    } else {
        row.beside = fmt::format("{} {} failed", command[0], command[1]);
    }
}

} // namespace

void start_to_kernel_entry(Row& row, const Files& files)
{
    time_process(row, {files.ringcheck, "run", files.kernel, "--initrd", files.initrd, "--stop-at", "1"}, 1e-3);
}

void boot_hello_power_off(Row& row, const Files& files)
{
    time_process(row, {files.ringcheck, "run", files.kernel, "--initrd", files.initrd, "--program", "hello"}, 1);
}

void golden_traces(Row& row, const Files& files)
{
    const std::vector<std::string> replay{files.ringcheck, "replay", files.kernel, "--initrd", files.initrd};
    std::vector<std::string> traces;
    for (const auto& entry : std::filesystem::directory_iterator(files.traces)) {
        if (entry.path().extension() == ".trace") {
            traces.push_back(entry.path().string());
        }
    }
    std::ranges::sort(traces);
    std::vector<std::string> command = replay;
    command.insert(command.end(), traces.begin(), traces.end());
    time_process(row, command, 1);
    row.beside += fmt::format("; {} traces", traces.size());
}

void long_boot(Row& row, const Files& files)
{
    constexpr unsigned kBoots = 3;
    constexpr std::uint64_t kInstructions = 1'000'000'000; // of 100 rounds' 1.4 G
    const auto time = best_time_of({files.ringcheck, "run", files.long_boot, "--guest", files.long_boot_description,
                                    "--append", "100", "--stop-at", std::to_string(kInstructions)},
                                   kBoots);
    if (!time) {
        row.beside = fmt::format("{} run {} failed", files.ringcheck, files.long_boot);
        return;
    }
    row.value = *time;
    row.beside =
        fmt::format("best of {}: {:.0f} M instructions/s", kBoots, static_cast<double>(kInstructions) / *time / 1e6);
}

void steps_beside_gdbstub(Row& row, const Files& files)
{
    constexpr unsigned kFew = 1'000, kMore = 1'000'000, kStepRounds = 7;
    const auto time_steps = [&files](unsigned count) {
        return best_time_of({files.ringcheck, "step", files.kernel, "--initrd", files.initrd, "--program", "counter",
                             "--at", "#0", "--count", std::to_string(count)},
                            kStepRounds);
    };
    const auto few = time_steps(kFew), more = time_steps(kFew + kMore);
    if (few && more) {
        row.value = kMore / (*more - *few) / 1e6;
    }
    if (const auto qemu = step_in_qemu(files.kernel.c_str())) {
        row.beside = fmt::format("QEMU's gdbstub {:.1f} k steps/s, {:.1f} k with registers",
                                 qemu->steps_per_second / 1e3, qemu->steps_with_registers_per_second / 1e3);
    } else {
        row.beside = "QEMU is not here to compare with";
    }
}

} // namespace bench
