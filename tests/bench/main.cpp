// SPDX-License-Identifier: MIT
// harness_bench RINGCHECK KERNEL INITRD TRACES LONG_BOOT LONG_BOOT_TOML [NAME]: prints how fast the harness is beside
// what it is built on and beside the usual alternatives, all in one run.  NAME: only rows that have this in their name.
// Exit status 1: a row misses what it must reach.
#include "bench/measurements.h"

#include <fmt/format.h>

#include <functional>
#include <iterator>

namespace {

using bench::Better;
using bench::Row;

struct Measurement {
    Row row;
    std::function<void(Row&)> measure;
};

std::string wanted(const std::optional<double>& value)
{
    return value ? fmt::format("{:g}", *value) : "";
}

std::string_view verdict(const Row& row)
{
    if (!row.must) {
        return "";
    }
    return row.reaches(*row.aim) ? "aim reached" : row.reaches(*row.must) ? "must reached" : "MISSED";
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 7 || argc > 8) {
        fmt::print(stderr, "usage: harness_bench RINGCHECK KERNEL INITRD TRACES LONG_BOOT LONG_BOOT_TOML [NAME]\n");
        return 2;
    }
    const bench::Files files{argv[1], argv[2], argv[3], argv[4], argv[5], argv[6]};
    const std::string_view name = argc == 8 ? argv[7] : "";
    const auto of_engine = "of Unicorn alone";
    const Measurement measurements[] = {
        {{.name = "fast, compute code (1 load, 1 store of 8)", .unit = of_engine, .must = 0.7, .aim = 0.85},
         bench::compute_beside_the_engine},
        {{.name = "fast, calls and returns (2 each of 8)", .unit = of_engine}, bench::calls_beside_the_engine},
        {{.name = "fast, REP STOSB, iterations", .unit = of_engine}, bench::string_stores_beside_the_engine},
        {{.name = "fast, SYSCALL round trips of 28 instructions", .unit = "M/s", .must = 0.67, .aim = 1.5},
         bench::syscall_round_trips},
        {{.name = "fast, INT 0x80 delivered and IRETQ", .unit = "M/s", .must = 0.3, .aim = 1},
         bench::events_and_returns},
        {{.name = "ringcheck step, every instruction with all that changes",
          .unit = "M instructions/s",
          .must = 1,
          .aim = 5},
         [&](Row& row) { bench::steps_beside_gdbstub(row, files); }},
        {{.name = "process start to kernel entry, and exit", .unit = "ms", .must = 9, .aim = 2, .better = Better::Less},
         [&](Row& row) { bench::start_to_kernel_entry(row, files); }},
        {{.name = "boot, hello and power-off, whole process",
          .unit = "s",
          .must = 0.3,
          .aim = 0.1,
          .better = Better::Less},
         [&](Row& row) { bench::boot_hello_power_off(row, files); }},
        {{.name = "restore 64 MiB with 100 pages written, ready to run",
          .unit = "us",
          .must = 200,
          .aim = 80,
          .better = Better::Less},
         bench::restore_snapshot},
        {{.name = "one instruction back, 3 M instructions into a boot",
          .unit = "ms",
          .must = 10,
          .aim = 1,
          .better = Better::Less},
         [&](Row& row) { bench::step_back(row, files); }},
        {{.name = "all golden traces", .unit = "s", .must = 2, .aim = 0.5, .better = Better::Less},
         [&](Row& row) { bench::golden_traces(row, files); }},
        {{.name = "a boot of 1 G instructions, all rules, whole process",
          .unit = "s",
          .must = 60,
          .aim = 5,
          .better = Better::Less},
         [&](Row& row) { bench::long_boot(row, files); }},
    };
    fmt::print("{:<58} {:>8}  {:<17} {:>5} {:>5}  {:<13} {}\n", "what", "measured", "", "must", "aim", "", "beside it");
    unsigned asked = 0, reached = 0;
    for (const Measurement& measurement : measurements) {
        Row row = measurement.row;
        if (row.name.find(name) == std::string_view::npos) {
            continue;
        }
        measurement.measure(row);
        fmt::print("{:<58} {:>8.3g}  {:<17} {:>5} {:>5}  {:<13} {}\n", row.name, row.value, row.unit, wanted(row.must),
                   wanted(row.aim), verdict(row), row.beside);
        std::fflush(stdout);
        asked += row.must.has_value();
        reached += row.must && row.reaches(*row.must);
    }
    fmt::print("{} of {} rows reach what they must\n", reached, asked);
    return reached == asked ? 0 : 1;
}
